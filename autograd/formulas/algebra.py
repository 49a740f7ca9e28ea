"""Sums and products of expressions as dictionaries: what simplification calculates with."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ..expr import Expr, constant

__all__ = [
    "MOST_PARTS",
    "Factors",
    "Product",
    "Rational",
    "Terms",
    "add_term",
    "exact",
    "is_modest",
    "ratio",
    "to_power",
    "whole",
    "with_decimal",
]

Rational = int | Fraction

Factors = dict[Expr, Rational]
"""Bases with their exponents, in order of appearance."""


class Product(NamedTuple):
    """A coefficient and the factors after it."""

    coefficient: Rational
    factors: Factors


Terms = dict[frozenset[tuple[Expr, Rational]], Product]
"""The products in a sum, found by their factors in any order."""

MOST_PARTS = 24
"""A sum or product of more parts than this is taken as a whole by what it is in."""

MOST_BITS = 64
"""No number is calculated with that is longer than this, as powers of powers soon are."""


def exact(expr: Expr) -> Rational | None:
    """The exact number that a constant is, if it is one to compute with.

    >>> from autograd.expr import constant
    >>> exact(constant(0.25)), exact(constant(0.01))
    (Fraction(1, 4), None)
    """
    number = expr.number
    if isinstance(number, (int, Fraction)):
        return number
    if isinstance(number, float) and abs(number) < 2**53:  # it has all its digits
        fraction = Fraction(number)
        return whole(fraction) if fraction.denominator <= 1024 else None
    return None


def whole(x: Rational) -> Rational:
    """The number as an int, if it is one."""
    return x.numerator if x.denominator == 1 else x


def is_modest(number: Rational) -> bool:
    """Whether a number is short enough to calculate with."""
    return max(number.numerator.bit_length(), number.denominator.bit_length()) <= MOST_BITS


def to_power(number: Rational, exponent: Rational) -> Rational | None:
    """The power, if it is an exact number of modest size."""
    if number == 1:
        return 1
    if number == 0 and exponent > 0:
        return 0
    if exponent.denominator != 1 or (number == 0 and exponent < 0):
        return None
    if number == -1:
        return -1 if exponent % 2 else 1
    bits = max(number.numerator.bit_length(), number.denominator.bit_length())
    if number and exponent not in (1, -1) and not -MOST_BITS <= bits * exponent <= MOST_BITS:
        return None
    return whole(Fraction(number) ** exponent.numerator)


def add_term(terms: Terms, coefficient: Rational, factors: Factors) -> Terms:
    """Add a product to a sum, like ones together."""
    if coefficient:
        key = frozenset(factors.items())
        total = whole(coefficient + terms[key].coefficient) if key in terms else coefficient
        if total:
            terms[key] = Product(total, factors)
        else:
            del terms[key]
    return terms


def with_decimal(coefficient: Rational, factors: Factors) -> Product:
    """2 times 0.01 w as 0.02 w: only powers of 2, which no float is rounded by.

    >>> from autograd.expr import symbol
    >>> with_decimal(2, {constant(0.01): 1, symbol("w"): 1})
    Product(coefficient=1, factors={0.02: 1, w: 1})
    """
    size = coefficient if coefficient > 0 else -coefficient
    n, d = size.numerator, size.denominator
    decimal = next((x for x, e in factors.items() if isinstance(x.number, float) and e == 1), None)
    if decimal is None or size == 1 or n & (n - 1) or d & (d - 1) or not is_modest(coefficient):
        return Product(coefficient, factors)
    if not 1e-200 < decimal.number < 1e200:
        return Product(coefficient, factors)
    scaled = constant(decimal.number * n / d)
    if scaled in factors:
        return Product(coefficient, factors)
    sign = 1 if coefficient > 0 else -1
    return Product(sign, {scaled if x is decimal else x: e for x, e in factors.items()})


def ratio(a: Rational, b: Rational) -> Rational:
    """The exact quotient."""
    return whole(Fraction(a) / b)
