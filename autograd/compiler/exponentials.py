"""e^x as plain arithmetic, so that kernels do it in vectors: 1 ns instead of 6.

`exp` is the algorithm by which glibc since 2.28, musl and others compute it (Szabolcs Nagy, ARM Optimized
Routines, `exp.c`, where its polynomial is from too): 2^(k/128) from a table, times e^r for the small rest r.
The same operations in the same order give the same bits for arguments between -512 and 512, and an ulp beside
them at most beyond.

To functions whose exponential this shall be, this module is what `math` is to Python: what it lacks comes
from there. Imported only to compile the kernels.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from typing import Any

from .vectors import bits_of, double, float_of_bits, fma, table

__all__ = ["exp"]

N = 128
"""Entries of the table."""


def _powers() -> list[float]:
    """2^(i/N) for each i, each behind the share of itself by which it is rounded."""
    entries = []
    with localcontext(prec=60):
        exact, step = Decimal(1), Decimal(2) ** (1 / Decimal(N))
        for _ in range(N):
            entries += [float(exact / Decimal(float(exact)) - 1), float(exact)]
            exact *= step
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


def reduced(x: float) -> Any:
    """The integer k and the small r with x = k log(2) / N + r."""
    shifted = fma(STEPS, x, ROUND)
    k = shifted - ROUND
    return bits_of(shifted), fma(k, REST, fma(k, STEP, x))


def exp(x: Any) -> Any:
    """e^x; inf from 709.8 on and 0 from -745.2 down."""
    x = double(x)
    k, r = reduced(x)
    at = 2 * (k & (N - 1))
    square = r * r
    tail = fma(square, fma(r, C3, C2), entry(at) + r)
    tail = fma(square * square, fma(r, C5, C4), tail)
    exponent = (k << 13) >> 20  # of k the lowest 51 bits count, and of those not the last seven
    half = exponent >> 1  # twice half of it, as the whole may be more than an exponent can be
    root = entry(at + 1) * float_of_bits((half + 1023) << 52)
    result = fma(root, tail, root) * float_of_bits((exponent - half + 1023) << 52)
    result = math.inf if x > 710.0 else result
    return 0.0 if x < -746.0 else result


def __getattr__(name: str) -> Any:
    return getattr(math, name)
