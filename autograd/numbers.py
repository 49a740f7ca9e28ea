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
import operator
import reprlib
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .errors import NumberError, NumberRangeError

__all__ = [
    "Ieee",
    "as_number",
    "checked",
    "constant_like",
    "divide",
    "innermost",
    "is_nan",
    "is_number",
    "is_pending",
    "is_recorder",
    "library_of",
    "pi_like",
    "raise_to",
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
    # SymPy's f(x), of a function known by name only, has a class of its own without a module.
    module = type(x).__module__ or type(x).__base__.__module__
    return module.partition(".")[0]


def is_recorder(x: object) -> bool:
    """Whether operations on `x` are recorded (Values, symbols) rather than computed."""
    return hasattr(x, "_apply")


def is_pending(x: object) -> bool:
    """Whether `x` is a number that is not known yet, as while `jit` traces a function."""
    return hasattr(innermost(x), "is_placeholder")


def is_number(x: object) -> bool:
    """Whether `x` is a number of a supported kind.

    >>> is_number(2), is_number("2"), is_number(2j)
    (True, False, False)
    """
    if type(x) is float or type(x) is int or is_recorder(x):
        return True
    library = library_of(x)
    if library == "mpmath":
        return hasattr(x, "_mpf_")
    if library == "sympy":
        return hasattr(x, "free_symbols") and not hasattr(x, "shape")
    return isinstance(_without_shape(x), numbers.Real)


def _without_shape(x: Any) -> Any:
    """What an array of no dimensions holds, and a NumPy scalar such as `numpy.True_`; else `x` itself."""
    return x.item() if getattr(x, "shape", None) == () and hasattr(x, "item") else x


def as_number(x: Any) -> Number:
    """`x` as a leaf of the graph holds it: floats for Python's and NumPy's reals, the rest as they are.

    An array of no dimensions counts as the number it holds. Raises `NumberError` for anything that is
    not a real number and `NumberRangeError` for an integer too large for a float.

    >>> as_number(3), as_number(True), as_number(Fraction(1, 3))
    (3.0, 1.0, Fraction(1, 3))
    >>> as_number("3")
    Traceback (most recent call last):
    autograd.errors.NumberError: '3' (str) is not a real number; convert it first, for example float('3')
    """
    x = checked(x)
    return _as_float(x) if isinstance(x, (int, float)) else x


def checked(x: Any) -> Number:
    """`x` as an int, a float, a Fraction or a number of another kind; what is of NumPy, as Python has it.

    Raises `NumberError` for anything that is not a real number.

    >>> checked(True), checked(2.5)
    (1, 2.5)
    """
    if type(x) is float or type(x) is int or type(x) is Fraction:
        return x
    if not is_number(x):
        raise NumberError(_not_a_number(x))
    if isinstance(x, Fraction) or is_recorder(x) or library_of(x) in ("mpmath", "sympy") or type(x) is Ieee:
        return x
    x = _without_shape(x)
    return int(x) if isinstance(x, numbers.Integral) else float(x)


def _as_float(x: float | Fraction) -> float:
    try:
        return float(x)
    except OverflowError:
        digits = int(int(x).bit_length() * math.log10(2)) + 1
        raise NumberRangeError(
            f"a number of about {digits} digits is too large for a float; "
            "use fractions.Fraction to keep it exact"
        ) from None


def _not_a_number(x: object) -> str:
    text = ascii(x if len(x) <= 30 else x[:27] + "...") if isinstance(x, str) else reprlib.repr(x)
    what = f"{text} ({type(x).__name__}) is not a real number"
    if isinstance(x, str):
        return f"{what}; convert it first, for example float({text})"
    if isinstance(x, Decimal):
        return f"{what} of a supported kind; write float(x), or fractions.Fraction(x) to keep it exact"
    if isinstance(x, numbers.Complex):
        return f"{what}; complex numbers are not supported, take .real or abs() first"
    if isinstance(x, (list, tuple)) or hasattr(x, "__array__"):
        return f"{what}; a Value holds one number, so make one per entry: [Value(v) for v in ...]"
    return what


def constant_like(x: Any, like: Number) -> Number:
    """The plain number `x`, ready for an operation with `like`, so that exact numbers stay exact.

    An int next to a Fraction becomes a Fraction (1 / 3 must not turn into 0.333...); what meets a Value is
    made for the number in it.

    >>> constant_like(2, 0.5), constant_like(2, Fraction(1, 2))
    (2.0, Fraction(2, 1))
    """
    x, like = checked(x), innermost(like)
    if not isinstance(x, (int, Fraction)):
        return x
    if isinstance(like, float):
        return _as_float(x)
    if isinstance(like, Fraction):
        return x if type(x) is Fraction else Fraction(x)
    if library_of(like) == "mpmath":
        return like.context.mpf(x.numerator) / x.denominator
    if library_of(like) == "sympy":
        return sys.modules["sympy"].Rational(x.numerator, x.denominator)
    return x


def to_float(x: Any) -> float:
    """`x` as a float; what is too large becomes an infinity.

    >>> to_float(Fraction(1, 4)), to_float(10**400)
    (0.25, inf)
    """
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def innermost(x: Number) -> Number:
    """The plain number in a Value that may hold another Value; any other number itself."""
    while is_recorder(x) and hasattr(x, "data"):
        x = x.data
    return x


def is_nan(x: Number) -> bool:
    """Whether a number of any kind is nan; a symbol is not.

    >>> is_nan(float("nan")), is_nan(Fraction(1, 3))
    (True, False)
    """
    if type(x) is float:
        return x != x
    if type(x) is Fraction:
        return False
    x = innermost(x)
    if library_of(x) == "sympy":
        return x is sys.modules["sympy"].nan
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
    if library_of(x) == "mpmath" and not is_number(x):
        return x.context.nan
    return x


def pi_like(x: Number) -> Number:
    """The constant pi, to the digits that numbers of the kind of `x` have."""
    x = innermost(x)
    if library_of(x) == "mpmath":
        return +x.context.pi
    return sys.modules["sympy"].pi if library_of(x) == "sympy" else math.pi


def divide(x: float, y: float) -> float:
    """x / y as IEEE 754 has it, where Python raises.

    >>> divide(-1.0, 0.0), divide(0.0, 0.0)
    (-inf, nan)
    """
    try:
        return x / y
    except ZeroDivisionError:
        return math.nan if x == 0 or x != x else math.copysign(math.inf, x) * math.copysign(1.0, y)


def raise_to(x: float, n: float) -> float:
    """x to the power n as IEEE 754 has it, where Python raises or answers with a complex number.

    >>> raise_to(-0.0, -1.0), raise_to(1e200, 2.0), raise_to(-2.0, 0.5)
    (-inf, inf, nan)
    """
    try:
        y = x**n
    except (ZeroDivisionError, OverflowError):
        if x < 0 and n % 1:
            return math.nan
        return math.copysign(math.inf, x) if abs(n) % 2 == 1 else math.inf
    return y if type(y) is float else math.nan


def _staying(operation: Callable[..., float]) -> Any:
    def method(self: Ieee, *other: float) -> Ieee:
        return Ieee(operation(float(self), *map(to_float, other)))

    return method


class Ieee(float):
    """A float that divides and overflows as IEEE 754 says, where Python raises: 1/0 is inf, 0/0 is nan.

    The rules in the table are written in plain arithmetic. When one raises on ordinary floats it is run
    again on these.

    >>> 1 / Ieee(0.0), -2 / (3 * Ieee(0.0)), Ieee(1e200) ** 2
    (inf, -inf, inf)
    """

    __neg__ = _staying(operator.neg)
    __abs__ = _staying(operator.abs)
    __add__ = __radd__ = _staying(operator.add)
    __sub__ = _staying(operator.sub)
    __rsub__ = _staying(lambda y, x: x - y)
    __mul__ = __rmul__ = _staying(operator.mul)
    __truediv__ = _staying(divide)
    __rtruediv__ = _staying(lambda y, x: divide(x, y))
    __pow__ = _staying(raise_to)
    __rpow__ = _staying(lambda n, x: raise_to(x, n))
