"""e^x and tanh as plain arithmetic, so that kernels do them in vectors: 1 to 2 ns instead of 6 and 19.

`exp` is the algorithm by which glibc since 2.28, musl and others compute it (Szabolcs Nagy, ARM Optimized
Routines, `exp.c`, where its polynomial is from too): 2^(k/128) from a table, times e^r for the small rest r.
The same operations in the same order give the same bits for arguments between -512 and 512, and an ulp beside
them at most beyond. `tanh` is not what glibc does, but as good: within 3 ulp.

To functions whose exponentials these shall be, this module is what `math` is to Python: what it lacks comes
from there. Imported only to compile the kernels.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from typing import Any

from .vectors import bits_of, double, float_of_bits, fma, inner, table

__all__ = ["exp", "power", "tanh"]

N = 128
"""Entries of the table."""


def _powers() -> list[float]:
    """2^(i/N) for each i, each behind the share of itself by which it is rounded."""
    entries = []
    with localcontext(prec=40):
        for i in range(N):
            exact = Decimal(2) ** (Decimal(i) / N)
            entries += [float(exact / Decimal(float(exact)) - 1), float(exact)]
    return entries


entry = table("powers", _powers())

STEPS = N * float.fromhex("0x1.71547652b82fep0")  # N / log 2
STEP = float.fromhex("-0x1.62e42fefa0000p-8")  # -log 2 / N, to 32 bits: times k it is not rounded
REST = float.fromhex("-0x1.cf79abc9e3b39p-47")  # what is missing
ROUND = 1.5 * 2.0**52  # added to a number it leaves an integer in the lowest bits

C2 = float.fromhex("0x1.ffffffffffdbdp-2")
C3 = float.fromhex("0x1.555555555543cp-3")
C4 = float.fromhex("0x1.55555cf172b91p-5")
C5 = float.fromhex("0x1.1111167a4d017p-7")


@inner
def reduced(x: float) -> Any:
    """The integer k and the small r with x = k log(2) / N + r."""
    shifted = fma(STEPS, x, ROUND)
    k = shifted - ROUND
    return bits_of(shifted), fma(k, REST, fma(k, STEP, x))


@inner
def exp(x: Any) -> Any:
    """e^x; inf from 709.8 on and 0 from -745.2 down."""
    x = double(x)
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    k, r = reduced(x)
    at = 2 * (k & (N - 1))
    square = r * r
    tail = fma(square, fma(r, C3, C2), entry(at) + r)
    tail = fma(square * square, fma(r, C5, C4), tail)
    root = entry(at + 1)
    exponent = (k << 13) >> 20  # of k the lowest 51 bits count, and of those not the last seven
    half = exponent >> 1  # twice half of it, as the whole may be more than an exponent can be
    scale = float_of_bits((half + 1023) << 52)
    return fma(root, tail, root) * scale * float_of_bits((exponent - half + 1023) << 52)


def _logarithms() -> list[float]:
    """For each i about N / (i + 1/2), as exactly as this goes, and -log of it in two numbers."""
    entries = []
    with localcontext(prec=40):
        for i in range(N):
            inverse = round(2**10 / (1 + (i + 0.5) / N)) / 2**10
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


@inner
def power(x: Any, n: Any) -> Any:
    """x^n = e^(n log x) for positive x, the logarithm in two numbers; not for results near 0 or inf."""
    x, n = double(x), double(n)
    bits = bits_of(x)
    at = 3 * ((bits >> 45) & (N - 1))
    exponent = ((bits >> 52) - 1023) * 1.0
    r = fma(float_of_bits((bits & 0xFFFFFFFFFFFFF) | (1023 << 52)), logarithm(at), -1.0)
    whole = fma(exponent, LOG2, logarithm(at + 1))
    first = whole + r
    half = -0.5 * r
    square = half * r
    high = first + square
    series = fma(r, fma(r, fma(r, fma(r, 1 / 7, -1 / 6), 1 / 5), -1 / 4), 1 / 3)
    low = (whole - first + r) + (first - high + square) + fma(half, r, -square)
    low += fma(exponent, LOG2_REST, logarithm(at + 2)) + r * r * r * series
    y = n * high
    k, r = reduced(y)
    r += fma(n, high, -y) + n * low
    at = 2 * (k & (N - 1))
    square = r * r
    tail = fma(square * square, fma(r, C5, C4), fma(square, fma(r, C3, C2), entry(at) + r))
    root = float_of_bits((((k << 13) >> 20) + 1023) << 52) * entry(at + 1)
    return fma(root, tail, root)


@inner
def tanh(x: Any) -> Any:
    """(e^2x - 1) / (e^2x + 1)."""
    x = double(x)
    y = 2.0 * math.fabs(x)
    k, r = reduced(44.0 if y > 44.0 else y)
    at = 2 * (k & (N - 1))
    square = r * r
    tail = fma(square * square, fma(r, C5, C4), fma(square, fma(r, C3, C2), entry(at)))
    root = float_of_bits((((k << 13) >> 20) + 1023) << 52) * entry(at + 1)
    less_one = fma(root, tail, fma(root, r, root - 1.0))  # e^y - 1
    return math.copysign(less_one / (less_one + 2.0), x)


def __getattr__(name: str) -> Any:
    return getattr(math, name)
