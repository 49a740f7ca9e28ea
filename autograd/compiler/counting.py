"""When an operation counts, in code with `where` and `take`.

What they did not choose gets no gradient: not even 0 times a local derivative that is infinite. So the
backward pass has to know, of each operation, by which choices it is reached. Mostly the answer is: always, as
when both branches of a `where` use it, or all entries of a table.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from .code import Code

__all__ = ["ALWAYS", "Chosen", "Counts", "Where", "condition_of", "either"]


class Chosen(NamedTuple):
    """Where certain alternatives of a choice are chosen, and the choice itself counts.

    op        "where" or "take"
    choice    the condition of the one, or the index of the other
    size      how many alternatives there are
    chosen    those that are meant, a bit for each
    around    when the choice counts
    """

    op: str
    choice: int
    size: int
    chosen: int
    around: Counts


class Where(NamedTuple):
    """Where a condition holds: an operation that is not 0 then."""

    condition: int


Counts: TypeAlias = "tuple[Chosen | Where, ...] | None"
"""In any of these cases; None is always."""

ALWAYS: Counts = None


def either(a: Counts, b: Counts) -> Counts:
    """In the cases of the one or of the other."""
    if a is None or b is None:
        return ALWAYS
    found: Counts = a
    for case in b:
        found = _with(found, case)
        if found is None:
            break
    return found


def _with(found: Counts, case: Chosen | Where) -> Counts:
    """One case more. Once all alternatives of a choice are there, what is left of it is when it counts."""
    if found is None or case in found:
        return found
    for i, other in enumerate(found):
        if isinstance(case, Chosen) and isinstance(other, Chosen):
            both = case._replace(chosen=case.chosen | other.chosen)
            if both != other._replace(chosen=both.chosen):
                continue  # of another choice
            rest: Counts = found[:i] + found[i + 1 :]
            if both.chosen != (1 << both.size) - 1:
                return _with(rest, both)
            return either(rest, both.around) if both.around is not None else ALWAYS
    return (*found, case)


def condition_of(code: Code, counts: tuple[Chosen | Where, ...]) -> int:
    """Write an operation that is not 0 where something counts."""
    condition, *others = [_condition_of(code, case) for case in counts]
    for other in others:
        condition = code.emit("maximum", condition, other)
    return condition


def _condition_of(code: Code, case: Chosen | Where) -> int:
    if isinstance(case, Where):
        return case.condition
    zero = code.constant(0.0)
    if case.op == "where":
        taken = (code.one, zero) if case.chosen == 1 else (zero, code.one)
        condition = code.emit("where", case.choice, *taken)
    else:
        entries = [i for i in range(case.size) if case.chosen >> i & 1]
        equal = [code.emit("equal", case.choice, code.constant(float(i))) for i in entries]
        condition = code.emit("sum", *equal)
    if case.around is None:
        return condition
    return code.emit("where", condition, condition_of(code, case.around), zero)
