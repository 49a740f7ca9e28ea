"""Expressions that differ in the numbers of units only, as one with letters for the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ..expr import Expr, operation, symbol

if TYPE_CHECKING:
    from .model import Symbolic

__all__ = ["general_expression", "readable"]

_MOST_TEMPLATES = 500
"""No more ways than this are tried to see a name as one of a series."""


def general_expression(
    model: Symbolic, exprs: Sequence[Expr], numbers: Sequence[Mapping[str, str]]
) -> Expr | None:
    """The expression that all of these are, with letters for numbers in names; None if there is none.

    numbers   for each expression, what the letters stand for in it
    """
    whole = tuple(exprs)
    found: dict[tuple[Expr, ...], Expr] = {}
    stack = [whole]
    while stack:
        alike = stack[-1]
        first = alike[0]
        if alike in found:
            stack.pop()
        elif all(x is first for x in alike):
            found[alike] = first  # what is the same for all units stays as it is, such as a sum over them
        elif all(x.name is not None for x in alike):
            names = [x.name or "" for x in alike]
            general = _general_name(names, numbers)
            if general is None or general in model.names:
                return None
            model.stand_for(general, names)
            found[alike] = symbol(general)
        elif first.op is None or any(
            (x.op, len(x.operands)) != (first.op, len(first.operands)) for x in alike
        ):
            return None
        else:
            below = list(zip(*[x.operands for x in alike], strict=True))
            missing = [operands for operands in below if operands not in found]
            stack += missing
            if not missing:
                found[alike] = operation(first.op.name, *[found[operands] for operands in below])
    return found[whole]


def readable(start: str, letter: str) -> str:
    """A name going on with a letter that is an index: O2j, but y_j."""
    return f"{start}_{letter}" if start.isalpha() else start + letter


def _general_name(names: Sequence[str], numbers: Sequence[Mapping[str, str]]) -> str | None:
    """The name with letters for the numbers that it follows, such as w3_kj; None if it follows none.

    numbers   for each name, what the letters stand for in it

    >>> _general_name(["w1_11", "w1_21", "w1_12", "w1_22"], [
    ...     {"j": "1", "k": "1"}, {"j": "1", "k": "2"}, {"j": "2", "k": "1"}, {"j": "2", "k": "2"}])
    'w1_kj'
    """
    if "{" in names[0] or "}" in names[0]:
        return None
    plain = [name.replace(",", "") for name in names]
    for template in islice(_templates(plain[0], numbers[0]), _MOST_TEMPLATES):
        if all(template.format(**number) == name for name, number in zip(plain, numbers, strict=True)):
            start, _, rest = template.partition("{")
            return readable(start, rest[0]) + rest[2:].format(**{letter: letter for letter in numbers[0]})
    return None


def _templates(name: str, numbers: Mapping[str, str]) -> Iterator[str]:
    """All ways to put letters in the place of their numbers in a name, such as w1_{k}{j}."""
    stack = [("", name)]
    while stack:
        done, rest = stack.pop()
        if not rest:
            yield done
            continue
        stack.append((done + rest[0], rest[1:]))
        for letter, number in numbers.items():
            if rest.startswith(number):
                stack.append((f"{done}{{{letter}}}", rest[len(number) :]))
