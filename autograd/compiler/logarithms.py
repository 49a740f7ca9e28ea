"""log(1 + x) as plain arithmetic without a branch.

The C library branches on how large x is. A processor that guesses such a branch wrong, as it does every other
time when x is now this and now that, has to throw away all it has begun to do for the operations that follow,
and in a stream of single operations that is most of what there is to do: 60 ns instead of 5.

The algorithm is that of fdlibm (Sun Microsystems, 1993, `s_log1p.c`, where the polynomial is from too), which
glibc, musl, macOS and FreeBSD have in common: log(1 + x) is k log(2) + log(1 + f), where 1 + f lies about 1,
and log(1 + f) is a series in s = f / (2 + f). What is rounded once and what is rounded twice, compilers have
decided, here as for glibc since 2.39. So `agrees` asks whether this C library gives the same bits.
"""

from __future__ import annotations

import math
import random
from ctypes import CFUNCTYPE, addressof, c_double, c_int64, c_void_p
from typing import Any

from .arithmetic import DOUBLE, INT
from .machine_code import load, optimised
from .translation import Module
from .vectors import bits_of, double, float_of_bits, fma

__all__ = ["agrees", "log1p"]

HIGH = float.fromhex("0x1.62e42feep-1")  # log 2, to 32 bits: times k it is not rounded
LOW = float.fromhex("0x1.a39ef35793c76p-33")  # what is missing

P1 = float.fromhex("0x1.5555555555593p-1")
P2 = float.fromhex("0x1.999999997fa04p-2")
P3 = float.fromhex("0x1.2492494229359p-2")
P4 = float.fromhex("0x1.c71c51d8e78afp-3")
P5 = float.fromhex("0x1.7466496cb03dep-3")
P6 = float.fromhex("0x1.39a09d078c69fp-3")
P7 = float.fromhex("0x1.2f112df3e5244p-3")

SMALLEST, LARGEST = float.fromhex("-0x1.2bec4p-2"), float.fromhex("0x1.a827ap-2")
"""Between them, which are 1 / sqrt(2) - 1 and sqrt(2) - 1 or so, f is x itself."""
ROOT = 0x6A09E  # the first 20 bits behind the point of sqrt(2)
ONE = 0x3FF << 52
WHOLE = 2.0**53
"""From here on 1 + x is x."""


def log1p(x: Any) -> Any:
    """log(1 + x); -inf at -1 and nan below.

    All that may be needed is computed before it is chosen from, so that nothing is left to branch for.
    """
    x = double(x)
    near = (x > SMALLEST) & (x < LARGEST)
    u = 1.0 + x
    u = u if x < WHOLE else x
    bits = bits_of(u)
    above = (((bits >> 32) & 0xFFFFF) + (1 << 20) - ROOT) >> 20
    k = (bits >> 52) - 1023
    steps = 1.0 * (k + above)
    steps = 0.0 if near else steps
    lost_above, lost_below = 1.0 - (u - x), x - (u - 1.0)
    lost = lost_above if k > 0 else lost_below
    lost = 0.0 if (steps == 0) | (x >= WHOLE) else lost
    lost = lost / u
    f = float_of_bits((bits & ((1 << 52) - 1)) | (ONE - (above << 52))) - 1.0
    f = x if near else f
    half = 0.5 * f * f
    low = fma(steps, LOW, lost)
    s = f / (2.0 + f)
    z = s * s
    z2 = z * z
    z4 = z2 * z2
    series = fma(z, P1, z2 * fma(P3, z, P2))
    series = fma(z4 * z2, fma(P7, z, P6), fma(z4, fma(P5, z, P4), series))
    rest = half - ((half + series) * s + low)
    result = fma(steps, HIGH, f - rest)
    result = fma(-0.5, x * x, x) if math.fabs(x) < 2.0**-29 else result
    outside = x if x > 0 else -math.inf if x == -1 else math.nan
    return result if (x > -1) & (x < math.inf) else outside


def logarithms_of(x: Any, n: int) -> None:
    """log(1 + x) of n numbers, in the place of these."""
    for i in range(n):
        x[i] = log1p(x[i])


def agrees() -> bool:
    """Whether the C library gives the same bits."""
    draw = random.Random(1)
    numbers = [math.exp(draw.uniform(-36, 36)) for _ in range(1000)] + [
        draw.uniform(-1, 1) for _ in range(1000)
    ]
    module = Module()
    symbol = module.procedure(logarithms_of, [DOUBLE.as_pointer(), INT]).name
    _engine, (address,) = load(optimised(str(module), [symbol], level=0), [symbol])
    ours = (c_double * len(numbers))(*numbers)
    CFUNCTYPE(None, c_void_p, c_int64)(address)(addressof(ours), len(numbers))
    return list(ours) == [math.log1p(x) for x in numbers]
