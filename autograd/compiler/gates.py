"""Gates: code that another differentiates, and that then gives the gradients of this engine.

Whoever differentiates by the chain rule alone, as JAX does, multiplies the 0 that reaches a branch not taken
with the local derivatives there, and 0 times inf is nan. So wherever such a branch takes something from
outside it there is a gate: the same number, which lets a gradient pass only where the branch is taken. It is
written as a `where` with one operand twice.

And a result that is nan makes every gradient nan: it is multiplied by a factor that is 1, or else nan.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from .code import LEAVES, Code
from .counting import ALWAYS, Chosen, Counts, condition_of, either

__all__ = ["gated"]

WITHOUT = ("less", "less_equal", "equal", "largest")
"""What no gradient flows through."""


def gated(code: Code, roots: Sequence[int], results: bool = True) -> tuple[Code, list[int]]:
    """The code with its gates, and where the roots are in it. It is added to the code that is given.

    The roots are results, whose nan makes gradients nan, unless they are said to be none.
    """
    counts = _counts(code, roots)
    places = list(range(len(code)))
    """Where each operation is once what it uses has its gates. Conditions are made of those without."""

    def through(y: int, there: Counts) -> int:
        """An operand, behind a gate if there are other cases in which it counts."""
        if there is None or counts[y] == there or code.ops[y] == "constant":
            return places[y]
        return code.add("where", (condition_of(code, there), places[y], places[y]))

    def marked(y: int) -> int:
        """A number that is nan to the gradient too."""
        if code.ops[y] == "constant":
            return y
        factor = code.emit("where", code.emit("less_equal", y, y), code.one, code.constant(math.nan))
        return code.product(y, factor)

    for x in range(len(places)):
        op, operands = code.ops[x], code.operands[x]
        if x not in counts or op in LEAVES or op in WITHOUT:
            continue
        code.place = code.at[x]
        if op in ("where", "take"):
            if op == "where" and operands[1] == operands[2]:
                places[x] = places[operands[1]]
                continue
            new = [operands[0]]
            for y, there in _handed(code, x, counts[x]):
                new.append(places[y] if counts[x] is ALWAYS else through(y, there))
        else:
            new = [through(y, there) for y, there in _handed(code, x, counts[x])]
        if op == "leaky_relu" and code.ops[operands[1]] not in LEAVES:
            # the one operand whose nan leaves no trace where it is not used, but in what it was made of
            new[1] = marked(new[1])
        if tuple(new) != operands:
            places[x] = code.add(op, tuple(new))
    ends = [places[root] for root in roots]
    return _pruned(code, [marked(x) for x in ends] if results else ends)


def _counts(code: Code, roots: Sequence[int]) -> dict[int, Counts]:
    """When each operation counts that gradients reach."""
    counts: dict[int, Counts] = dict.fromkeys(roots, ALWAYS)
    for x in range(max(roots, default=-1), -1, -1):
        if x not in counts:
            continue
        if code.ops[x] in LEAVES:
            counts[x] = ALWAYS
        elif code.ops[x] not in WITHOUT:
            for y, there in _handed(code, x, counts[x]):
                counts[y] = either(counts[y], there) if y in counts else there
    return counts


def _handed(code: Code, x: int, here: Counts) -> Iterator[tuple[int, Counts]]:
    """What an operation hands gradients to, and when."""
    if code.ops[x] not in ("where", "take"):
        yield from ((y, here) for y in code.operands[x])
        return
    choice, *entries = code.operands[x]
    for i, y in enumerate(entries):
        yield y, (Chosen(code.ops[x], choice, len(entries), 1 << i, here),)


def _pruned(code: Code, roots: Sequence[int]) -> tuple[Code, list[int]]:
    """What the roots need."""
    needed = set(roots)
    for x in range(len(code) - 1, -1, -1):
        if x in needed:
            needed.update(code.below(x))
    new = Code()
    places: dict[int, int] = {}
    for x, (op, operands) in enumerate(zip(code.ops, code.operands, strict=True)):
        if x in needed:
            new.place = code.at[x]
            if op == "constant":
                places[x] = new.constant(*operands)
            else:
                places[x] = new.add(op, operands if op in LEAVES else tuple(places[y] for y in operands))
    return new, [places[x] for x in roots]
