"""Slopes of functions with a kink, which are one number on each side of it."""

from __future__ import annotations

from fractions import Fraction

from ...functional import derivative
from ..meaning.known_functions import KNOWN
from ..meaning.spelling import latex_of
from ..meaning.syntax import Apply, Name, Node
from ..meaning.tables import as_value, plain
from .rounding import literal

__all__ = ["side_of_kink"]


def side_of_kink(slope: Node, number: Node) -> str | None:
    """On which side of 0 a slope is a number all over: `z > 0` for ReLU'(z) = 1."""
    value = literal(number)
    if value is None or not isinstance(slope, Apply) or slope.name.primes != 1 or len(slope.arguments) != 1:
        return None
    argument, function = slope.arguments[0], KNOWN.get(slope.name.key.base)
    if not isinstance(argument, Name) or function is None:
        return None
    of = derivative(function, 1)
    found = {
        sign: {plain(of(as_value(Fraction(x)))) for x in points}
        for sign, points in ((">", (1, 5)), ("<", (-1, -5)))
    }
    sides = [sign for sign, values in found.items() if values == {value[0]}]
    return f"${latex_of(argument.key)} {sides[0]} 0$" if len(sides) == 1 else None
