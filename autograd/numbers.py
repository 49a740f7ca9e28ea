"""The kinds of number a `Value` can hold, and how they mix.

float        the ordinary case; ints and bools become floats (`True` counts as 1.0)
Fraction     exact for + - * /, integer powers, abs, max, min, relu, where, sum, dot;
             a transcendental function of a Fraction is a float
mpmath.mpf   any precision
sympy.Expr   formulas
Value        derivatives of derivatives
Expr         symbols, while a function is traced

Values and symbols are *recorders*: they have a method `_apply(name, operands)` that records the
primitive of that name. Everything else is computed on the spot.
"""

from __future__ import annotations

import math
import numbers
import sys
from fractions import Fraction
from typing import Any

from .errors import NumberError, NumberRangeError

__all__ = [
    "Ieee",
    "as_number",
    "constant_like",
    "is_nan",
    "is_number",
    "is_recorder",
    "library_of",
    "pi_like",
    "real_part",
    "shown",
    "to_float",
]

Number = Any
"""A number of any supported kind. Kinds are told apart when running, so the checker sees `Any`."""


def library_of(x: object) -> str:
    """The package that defines the type of `x`: `"mpmath"`, `"sympy"`, `"builtins"`, ...

    >>> library_of(1.5)
    'builtins'
    """
    return type(x).__module__.partition(".")[0]


def is_recorder(x: object) -> bool:
    """Whether operations on `x` are recorded (Values, symbols) rather than computed."""
    return hasattr(x, "_apply")


def is_number(x: object) -> bool:
    """Whether `x` is a number of a supported kind.

    >>> is_number(2), is_number("2"), is_number(2j)
    (True, False, False)
    """
    if isinstance(x, numbers.Real):
        return True
    library = library_of(x)
    if library == "mpmath":
        return hasattr(x, "_mpf_")
    if library == "sympy":
        return hasattr(x, "free_symbols") and not hasattr(x, "shape")
    return is_recorder(x)


def as_number(x: Any) -> Number:
    """`x` as a leaf of the graph holds it: floats for Python's and NumPy's reals, the rest as they are.

    Raises `NumberError` for anything that is not a real number and `NumberRangeError` for an integer
    too large for a float.

    >>> as_number(3), as_number(True), as_number(Fraction(1, 3))
    (3.0, 1.0, Fraction(1, 3))
    >>> as_number("3")
    Traceback (most recent call last):
    autograd.errors.NumberError: '3' (str) is not a real number; convert it first, for example float('3')
    """
    if type(x) is float or isinstance(x, Fraction):
        return x
    if isinstance(x, numbers.Real):
        try:
            return float(x)
        except OverflowError:
            digits = int(int(math.ceil(x)).bit_length() * math.log10(2)) + 1
            raise NumberRangeError(
                f"an integer of about {digits} digits is too large for a float; "
                "use fractions.Fraction to keep it exact"
            ) from None
    if is_number(x):
        return x
    raise NumberError(_not_a_number(x))


def _not_a_number(x: object) -> str:
    text = ascii(x) if isinstance(x, str) else repr(x)
    if len(text) > 60:
        text = text[:57] + "..."
    what = f"{text} ({type(x).__name__}) is not a real number"
    if isinstance(x, str):
        return f"{what}; convert it first, for example float({text})"
    if isinstance(x, complex):
        return f"{what}; complex numbers are not supported, take .real or abs() first"
    if isinstance(x, (list, tuple)) or hasattr(x, "__array__"):
        return f"{what}; a Value holds one number, so make one per entry: [Value(v) for v in ...]"
    return what


def constant_like(x: Any, like: Number) -> Number:
    """The plain number `x`, ready for an operation with `like`, so that exact numbers stay exact.

    An int next to a Fraction becomes a Fraction (1 / 3 must not turn into 0.333...).

    >>> constant_like(2, 0.5), constant_like(2, Fraction(1, 2))
    (2.0, Fraction(2, 1))
    """
    if type(x) is float:
        return x
    if not is_number(x):
        raise NumberError(_not_a_number(x))
    if not isinstance(x, numbers.Real) or (isinstance(x, Fraction) and not isinstance(like, float)):
        return x
    if isinstance(like, float):
        return as_number(x) if not isinstance(x, Fraction) else float(x)
    if isinstance(x, numbers.Integral):
        if isinstance(like, Fraction):
            return Fraction(int(x))
        if library_of(like) == "mpmath":
            return like.context.mpf(int(x))
        return int(x)
    return as_number(x)


def to_float(x: Any) -> float:
    """`x` as a float; what is too large becomes an infinity.

    >>> to_float(Fraction(1, 4)), to_float(10**400)
    (0.25, inf)
    """
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def is_nan(x: Number) -> bool:
    """Whether a number of any kind is nan; a symbol is not.

    >>> is_nan(float("nan")), is_nan(Fraction(1, 3))
    (True, False)
    """
    while is_recorder(x) and hasattr(x, "data"):
        x = x.data
    return not is_recorder(x) and bool(x != x)


def shown(x: Number) -> str:
    """`x` rounded for reading: six significant digits for floats, everything else in full.

    >>> shown(2.0), shown(1 / 3), shown(Fraction(1, 3)), shown(-0.0)
    ('2', '0.333333', '1/3', '0')
    """
    if isinstance(x, float):
        return f"{x + 0.0:.6g}"
    if library_of(x) == "mpmath":
        return str(x.context.nstr(x, 6))
    if hasattr(x, "data"):
        return shown(x.data)
    return str(x)


def real_part(x: Number) -> Number:
    """`x` as this project has it: nan for a complex answer, a plain float for a subclass of float."""
    if isinstance(x, float):
        return float(x)
    if isinstance(x, complex):
        return math.nan
    if type(x).__name__ == "mpc" and library_of(x) == "mpmath":
        return x.context.nan
    return x


def pi_like(x: Number) -> Number:
    """The constant pi, to the digits that numbers of the kind of `x` have."""
    library = library_of(x)
    if library == "mpmath":
        return +x.context.pi
    return sys.modules["sympy"].pi if library == "sympy" else math.pi


class Ieee(float):
    """A float that divides as IEEE 754 says, where Python raises: 1/0 is inf, 0/0 is nan.

    The rules in the table are written in plain arithmetic. When one raises on ordinary floats it is run
    again on these.

    >>> 1 / Ieee(0.0), -2 / (3 * Ieee(0.0)), 0 / Ieee(0.0)
    (inf, -inf, nan)
    """

    def __truediv__(self, other: float) -> Ieee:
        if other != 0:
            return Ieee(float.__truediv__(self, other))
        if float(self) == 0 or self != self:
            return Ieee(math.nan)
        return Ieee(math.copysign(math.inf, self) * math.copysign(1.0, other))

    def __rtruediv__(self, other: float) -> Ieee:
        return Ieee(other) / self

    def __neg__(self) -> Ieee:
        return Ieee(float.__neg__(self))

    def __add__(self, other: float) -> Ieee:
        return Ieee(float.__add__(self, other))

    def __sub__(self, other: float) -> Ieee:
        return Ieee(float.__sub__(self, other))

    def __rsub__(self, other: float) -> Ieee:
        return Ieee(float.__rsub__(self, other))

    def __mul__(self, other: float) -> Ieee:
        return Ieee(float.__mul__(self, other))

    __radd__ = __add__
    __rmul__ = __mul__
