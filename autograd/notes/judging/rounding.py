"""Numbers to the digits they show: which of them are rounded, and how far off a result may be for it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Literal

from ...graph import gradients
from ...value import Value
from ..meaning.errors import NotUnderstood
from ..meaning.evaluating import exact, half_unit
from ..meaning.syntax import Node, Number, Sum, names_in, walk
from ..meaning.syntax import Table as TableNode
from ..meaning.tables import plain

__all__ = [
    "FARTHEST",
    "Rounded",
    "agreement",
    "has_many_digits",
    "literal",
    "moves_far",
    "shown_unit",
    "uncertain",
]

Rounded = tuple[Value, Fraction]
"""A number that was rounded, and half a unit of its last digit."""

FEWEST_DIGITS = 3
"""A number of fewer digits is exact, unless it is known to be rounded: 0.1 is no 0.13."""


NEARLY = 1e-6
"""A decimal that is no farther from a whole number than this is said to be that number."""

FARTHEST = 0.02
"""So much of a number may be lost by rounding on the way."""


def agreement(
    x: Any, y: Any, shown: Fraction | None, rounded: Sequence[Rounded], slack: float = 0.0
) -> Literal["exact", "rounded", "cut off"] | None:
    """How a number is the other to the digits shown, if at all, roundings on the way allowed for."""
    a, b = float(plain(x)), float(plain(y))
    if not (math.isfinite(a) and math.isfinite(b)):
        raise NotUnderstood("it has no value")
    error = abs(a - b)
    half = float(shown or 0)
    small = 1e-9 * max(1.0, abs(a), abs(b))
    if error <= half + small:
        return "exact" if error <= small else "rounded"
    if shown is None and a != round(a) and b == round(b) and error <= NEARLY * abs(b):
        return "rounded"  # 0.5 / (0.25 + 10^{-8}) = 2
    slack += _slack(x, rounded) + _slack(y, rounded)
    if error <= half + slack * 1.01 + small:
        return "rounded"
    return "cut off" if error < 2 * half - small and abs(b) <= abs(a) else None


def _slack(x: Any, rounded: Sequence[Rounded]) -> float:
    """How far what was rounded on the way may move a number."""
    if not isinstance(x, Value):
        return 0.0
    slopes = gradients(x)
    return sum(abs(float(plain(slopes[v]))) * float(u) for v, u in rounded if v in slopes)


def moves_far(x: Any, rounded: Sequence[Rounded]) -> bool:
    """Whether roundings would change a number so much that nobody reckons with them: (1.01 - 0.99) / 0.02."""
    return isinstance(x, Value) and _slack(x, rounded) > FARTHEST * abs(float(plain(x)))


def uncertain(
    literals: Iterable[Rounded], known: Iterable[float], results: Iterable[float], put_in: bool = False
) -> list[Rounded]:
    """Those of the decimals in a formula that may be rounded.

    known     numbers that are exact: given, or on the other side as well
    results   numbers that lines before have come to by rounding
    put_in    whether the formula has just got these numbers in place of its names
    """
    known, results = set(known), set(results)

    def is_rounded(value: float, half: float) -> bool:
        if value in results:
            return True
        return value not in known and (put_in or has_many_digits(Fraction(value), Fraction(half)))

    return [(v, u) for v, u in literals if is_rounded(abs(float(v.data)), float(u))]


def has_many_digits(value: Fraction, half: Fraction) -> bool:
    """Whether a number has so many digits that it may be rounded; `half` is half a unit of the last."""
    return bool(abs(value) >= 2 * half * 10 ** (FEWEST_DIGITS - 1))


def literal(node: Node) -> tuple[Fraction, Fraction] | None:
    """The number that a side is, and half a unit of its last digit; None for what is no bare number."""
    sign = 1
    while isinstance(node, Sum) and len(node.terms) == 1:
        sign *= node.signs[0]
        node = node.terms[0]
    if (
        isinstance(node, Number)
        and len(node.text) < 400
        and abs(int(node.text.lower().partition("e")[2] or 0)) < 1000
    ):
        return sign * Fraction(exact(node.text)), half_unit(node.text) if "." in node.text else Fraction(0)
    return None


def shown_unit(node: Node) -> Fraction | None:
    """Half a unit of the last digit shown by a bare number, or of those in a vector."""
    found = [half_unit(x.text) for x in walk(node) if isinstance(x, Number) and "." in x.text]
    if literal(node) is not None:
        return found[0] if found else None
    vector = isinstance(node, TableNode) and not any(True for _ in names_in(node))
    return max(found) if found and vector else None
