"""tanh, its slope, softplus and powers as plain arithmetic, for many rows: 1 to 4 ns, not 13 to 22.

They are right to a few ulp, but do not have the bits of the C library. Imported only to compile the kernels.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from typing import Any

from .exponentials import C2, C3, C4, C5, ROUND, N, entry, reduced
from .vectors import bits_of, double, float_of_bits, fma, table

__all__ = ["bell", "power", "softplus", "tanh"]


def _logarithms() -> list[float]:
    """For each i about N / (i + 1/2), as exactly as this goes, and -log of it in two numbers."""
    entries = []
    with localcontext(prec=40):
        for i in range(N):
            inverse = round(2**10 / (1 + (i + 0.5) / N)) / 2**10 if i > 0 else 1.0  # log(1) is exactly 0
            exact = -Decimal(inverse).ln()
            high = round(float(exact) * 2**42) / 2**42  # so few digits that sums with it are exact
            entries += [inverse, high, float(exact - Decimal(high))]
    return entries


logarithm = table("logarithms", _logarithms())

LOG2 = round(math.log(2) * 2**42) / 2**42


def _rest_of_log2() -> float:
    with localcontext(prec=40):
        return float(Decimal(2).ln() - Decimal(LOG2))


LOG2_REST = _rest_of_log2()


def log(x: Any) -> Any:
    """log x in two numbers, for a normal positive x."""
    bits = bits_of(x)
    at = 3 * ((bits >> 45) & (N - 1))
    exponent = ((bits >> 52) - 1023) * 1.0
    r = fma(float_of_bits((bits & ((1 << 52) - 1)) | (1023 << 52)), logarithm(at), -1.0)
    whole = fma(exponent, LOG2, logarithm(at + 1))
    first = whole + r
    half = -0.5 * r
    square = half * r
    high = first + square
    rest = fma(r, fma(r, fma(r, fma(r, fma(r, -1 / 8, 1 / 7), -1 / 6), 1 / 5), -1 / 4), 1 / 3)
    low = (whole - first + r) + (first - high + square) + fma(half, r, -square)
    return high, low + fma(exponent, LOG2_REST, logarithm(at + 2)) + r * r * r * rest


def power(x: Any, n: Any) -> Any:
    """x^n = e^(n log x), for a normal positive x and results far from 0 and inf."""
    n = double(n)
    high, low = log(double(x))
    y = n * high
    k, r = reduced(y)
    r += fma(n, high, -y) + n * low
    at = 2 * (k & (N - 1))
    square = r * r
    tail = fma(square * square, fma(r, C5, C4), fma(square, fma(r, C3, C2), entry(at) + r))
    root = float_of_bits((((k << 13) >> 20) + 1023) << 52) * entry(at + 1)
    return fma(root, tail, root)


F5, F6, F7, F8, F9, F10, F11, F12, F13 = (1 / math.factorial(n) for n in range(5, 14))


def falling(y: float) -> Any:
    """e^-|y|, and the same less 1. Without a table, as nothing needs its bits, and a division follows."""
    y = -math.fabs(y)
    y = -746.0 if y < -746.0 else y
    shifted = fma(y, 1 / math.log(2), ROUND)
    k = shifted - ROUND
    r = fma(k, -LOG2_REST, fma(k, -LOG2, y))
    p = fma(r, fma(r, fma(r, fma(r, F13, F12), F11), F10), F9)
    p = fma(r, fma(r, fma(r, fma(r, p, F8), F7), F6), F5)
    p = r * fma(r, fma(r, fma(r, fma(r, p, 1 / 24), 1 / 6), 1 / 2), 1.0)
    exponent = (bits_of(shifted) << 13) >> 13
    half = exponent >> 1
    scale, more = float_of_bits((half + 1023) << 52), float_of_bits((exponent - half + 1023) << 52)
    return fma(scale, p, scale) * more, fma(scale * more, p, scale * more - 1.0)


def tanh(x: Any) -> Any:
    """(1 - e^-2|x|) / (1 + e^-2|x|), with the sign of x."""
    x = double(x)
    e, less_one = falling(2.0 * x)
    return math.copysign(less_one / (1.0 + e), x)


def bell(x: Any) -> Any:
    """sigmoid(x) sigmoid(-x)."""
    e, _ = falling(double(x))
    return e / fma(e, 2.0 + e, 1.0)


def softplus(x: Any) -> Any:
    """log(1 + e^x)."""
    x = double(x)
    e, _ = falling(x)
    whole = 1.0 + e
    high, low = log(whole)
    return (0.0 if x <= 0.0 else x) + (high + (low + (e - (whole - 1.0)) / whole))
