"""The functions of the engine, on every kind of number: `autograd.tanh`, `autograd.where`, ...

Given a Value they record a node of the graph; given a plain number they compute. Floats behave as
IEEE 754 says and never raise: `exp(1000)` is inf, `log(0)` is -inf, `log(-1)` is nan. A nan is never
swallowed: `relu(nan)` and `maximum(nan, 1)` are nan.

What each function *is* stands here; its derivative stands in `ops`.
"""

from __future__ import annotations

import functools
import math
import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, overload

from .errors import ShapeError, TableIndexError
from .numbers import (
    Ieee,
    Number,
    checked,
    constant_like,
    innermost,
    is_nan,
    is_pending,
    is_recorder,
    library_of,
    raise_to,
    real_part,
    to_float,
)

if TYPE_CHECKING:
    from .value import Value

__all__ = [
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cos",
    "cosh",
    "dot",
    "erf",
    "exp",
    "expm1",
    "leaky_relu",
    "log",
    "log1p",
    "logsumexp",
    "maximum",
    "mean",
    "minimum",
    "power",
    "relu",
    "sigmoid",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "sum",
    "take",
    "tan",
    "tanh",
    "where",
]


_PLAIN = (float, int)
"""What is computed with at once, without asking what kind of number it is."""


class Elementary(Protocol):
    """A function of one number."""

    __name__: str
    __wrapped__: Callable[[float], float]

    @overload
    def __call__(self, x: float, /) -> float: ...
    @overload
    def __call__(self, x: Value, /) -> Value: ...
    @overload
    def __call__(self, x: object, /) -> Any: ...


def elementary(
    formula: Callable[[Any], Any] | None = None,
) -> Callable[[Callable[[float], float]], Elementary]:
    """Extend a function of floats to every kind of number.

    Values and symbols record the primitive of the same name; mpmath and SymPy use their own function of
    that name, or `formula` where they have none; every other number is computed with as a float. Where
    Python's `math` raises ValueError (outside the domain) or OverflowError, the answer is nan or inf.
    """

    def decorate(on_float: Callable[[float], float]) -> Elementary:
        name = on_float.__name__

        @functools.wraps(on_float)
        def function(x: Any) -> Any:
            if type(x) is float:
                try:
                    return on_float(x)
                except ValueError:
                    return math.nan
                except OverflowError:
                    return math.inf
            if is_recorder(x):
                return x._apply(name, (x,))
            (x,) = _numbers(x)
            if library_of(x) in ("mpmath", "sympy"):
                own: Any = getattr(
                    x.context if library_of(x) == "mpmath" else sys.modules["sympy"], name, formula
                )
                return real_part(own(x))
            y = function(to_float(x))
            return Ieee(y) if type(x) is Ieee else y

        return function

    return decorate


@elementary()
def exp(x: float) -> float:
    """e to the power x; inf above 709.78.

    >>> exp(0.0), exp(1000.0)
    (1.0, inf)
    """
    return math.exp(x)


@elementary(lambda x: exp(x) - 1)
def expm1(x: float) -> float:
    """e^x - 1, without losing digits near 0.

    >>> expm1(1e-20)
    1e-20
    """
    return math.expm1(x)


@elementary()
def log(x: float) -> float:
    """The natural logarithm; -inf at 0, nan below.

    >>> log(1.0), log(0.0), log(-1.0)
    (0.0, -inf, nan)
    """
    return math.log(x) if x else -math.inf


@elementary(lambda x: log(1 + x))
def log1p(x: float) -> float:
    """log(1 + x), without losing digits near 0; -inf at -1, nan below.

    >>> log1p(1e-20), log1p(-1.0)
    (1e-20, -inf)
    """
    return math.log1p(x) if x != -1 else -math.inf


@elementary()
def sqrt(x: float) -> float:
    """The square root; nan below 0.

    >>> sqrt(9.0), sqrt(-1.0)
    (3.0, nan)
    """
    return math.sqrt(x)


@elementary()
def sin(x: float) -> float:
    """The sine of an angle in radians; nan at infinity.

    >>> sin(0.0)
    0.0
    """
    return math.sin(x)


@elementary()
def cos(x: float) -> float:
    """The cosine of an angle in radians; nan at infinity.

    >>> cos(0.0)
    1.0
    """
    return math.cos(x)


@elementary()
def tan(x: float) -> float:
    """The tangent of an angle in radians; nan at infinity.

    >>> tan(0.0)
    0.0
    """
    return math.tan(x)


@elementary()
def asin(x: float) -> float:
    """The angle in [-pi/2, pi/2] whose sine is x; nan outside [-1, 1].

    >>> asin(0.0), asin(2.0)
    (0.0, nan)
    """
    return math.asin(x)


@elementary()
def acos(x: float) -> float:
    """The angle in [0, pi] whose cosine is x; nan outside [-1, 1].

    >>> acos(1.0)
    0.0
    """
    return math.acos(x)


@elementary()
def atan(x: float) -> float:
    """The angle in (-pi/2, pi/2) whose tangent is x.

    >>> atan(0.0)
    0.0
    """
    return math.atan(x)


@elementary()
def sinh(x: float) -> float:
    """The hyperbolic sine.

    >>> sinh(0.0), sinh(-1000.0)
    (0.0, -inf)
    """
    return math.sinh(x) if math.fabs(x) < 710.475860073944 else x * math.inf


@elementary()
def cosh(x: float) -> float:
    """The hyperbolic cosine.

    >>> cosh(0.0)
    1.0
    """
    return math.cosh(x)


@elementary()
def tanh(x: float) -> float:
    """The hyperbolic tangent.

    >>> tanh(0.0), tanh(1000.0)
    (0.0, 1.0)
    """
    return math.tanh(x)


@elementary()
def asinh(x: float) -> float:
    """The number whose hyperbolic sine is x.

    >>> asinh(0.0)
    0.0
    """
    return math.asinh(x)


@elementary()
def acosh(x: float) -> float:
    """The number >= 0 whose hyperbolic cosine is x; nan below 1.

    >>> acosh(1.0), acosh(0.5)
    (0.0, nan)
    """
    return math.acosh(x)


@elementary()
def atanh(x: float) -> float:
    """The number whose hyperbolic tangent is x; infinite at -1 and 1, nan beyond.

    >>> atanh(0.0), atanh(-1.0), atanh(2.0)
    (0.0, -inf, nan)
    """
    return math.atanh(x) if x * x != 1 else math.copysign(math.inf, x)


@elementary()
def erf(x: float) -> float:
    """The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.

    >>> erf(0.0), erf(10.0)
    (0.0, 1.0)
    """
    return math.erf(x)


@elementary(lambda x: 1 / (1 + exp(-x)))
def sigmoid(x: float) -> float:
    """1 / (1 + e^-x), from 0 to 1; keeps its digits at both ends.

    >>> sigmoid(0.0), sigmoid(-1000.0), sigmoid(1000.0)
    (0.5, 0.0, 1.0)
    """
    e = math.exp(-math.fabs(x))
    return (1.0 if x >= 0 else e) / (1 + e)


def bell(x: float) -> float:
    """sigmoid(x) sigmoid(-x), for a float: the derivative of the sigmoid, in which less is rounded.

    >>> bell(0.0), bell(1000.0)
    (0.25, 0.0)
    """
    e = math.exp(-math.fabs(x))
    return e / (1 + e * (2 + e))


@elementary(lambda x: log1p(exp(x)))
def softplus(x: float) -> float:
    """log(1 + e^x), the smooth form of relu; never overflows.

    >>> softplus(1000.0), softplus(-1000.0)
    (1000.0, 0.0)
    """
    return (x if x > 0 else 0.0) + math.log1p(math.exp(-math.fabs(x)))


def _record_or_none(name: str, *operands: Any) -> Any:
    """What recording the primitive gives, or None where no operand records."""
    for x in operands:
        if is_recorder(x):
            return x._apply(name, operands)
    return None


def _numbers(*operands: Any) -> list[Number]:
    """The operands, those of NumPy as Python has them. Raises `NumberError` for what is not a number."""
    return [checked(x) for x in operands]


def _sympy(*operands: Any) -> Any:
    """The sympy module if one of the operands is an expression of it."""
    return next((sys.modules["sympy"] for x in operands if library_of(x) == "sympy"), None)


def relu(x: Any) -> Any:
    """x where positive, else 0; relu(nan) is nan. Its derivative at 0 is 0.

    >>> relu(2.0), relu(-2.0)
    (2.0, 0.0)
    """
    if type(x) is float:
        return 0.0 if x <= 0 else x
    out = _record_or_none("relu", x)
    if out is not None:
        return out
    x = checked(x)
    return maximum(x, constant_like(0, x))


def leaky_relu(x: Any, slope: Any = 0.01) -> Any:
    """x where positive, else `slope` times x. Its derivative at 0 is `slope`.

    >>> leaky_relu(2.0), leaky_relu(-2.0)
    (2.0, -0.02)
    """
    out = _record_or_none("leaky_relu", x, slope)
    if out is not None:
        return out
    x, slope = _numbers(x, slope)
    return x if is_nan(x) else where(x > 0, x, slope * x)


def abs(x: Any) -> Any:
    """The absolute value. Its derivative at 0 is 0.

    >>> abs(-2.0)
    2.0
    """
    if type(x) is float:
        return math.fabs(x)
    out = _record_or_none("abs", x)
    return checked(x).__abs__() if out is None else out


def maximum(a: Any, b: Any) -> Any:
    """The larger of two numbers; nan if either is. Of two equal ones each gets half the gradient.

    >>> maximum(1.0, 2.0), maximum(float("nan"), 2.0)
    (2.0, nan)
    """
    if type(a) is type(b) is float:
        return a if a > b else a + b if a != a else b
    out = _record_or_none("maximum", a, b)
    if out is not None:
        return out
    a, b = _numbers(a, b)
    if is_nan(a) or is_nan(b):
        return a + b
    if sympy := _sympy(a, b):
        return sympy.Max(a, b)
    return a if a > b else b


def minimum(a: Any, b: Any) -> Any:
    """The smaller of two numbers; nan if either is. Of two equal ones each gets half the gradient.

    >>> minimum(1.0, 2.0)
    1.0
    """
    out = _record_or_none("minimum", a, b)
    if out is not None:
        return out
    a, b = _numbers(a, b)
    if is_nan(a) or is_nan(b):
        return a + b
    if sympy := _sympy(a, b):
        return sympy.Min(a, b)
    return a if a < b else b


def where(condition: Any, a: Any, b: Any) -> Any:
    """`a` where the condition holds, else `b`. The one not taken gets no gradient, not even 0 times inf.

    A condition is what Python's `if` takes, or a comparison of symbols.

    >>> where(3 > 2, 1.0, -1.0)
    1.0
    """
    if type(condition) is not bool or type(a) not in _PLAIN or type(b) not in _PLAIN:
        out = _record_or_none("where", condition, a, b)
        if out is not None:
            return out
        a, b = _numbers(a, b)
        if (sympy := _sympy(condition)) and condition not in (True, False):
            return sympy.Piecewise((a, condition), (b, True))
    return a if condition else b


def take(table: Sequence[Any], index: Any) -> Any:
    """The entry of a table at an index, counted from 0: for embeddings and for targets.

    Where the entries are lists, so is the result. It is what `table[index]` gives, and the index may also be
    an input of a function that is traced. Only the entry taken gets a gradient.

    Raises `TableIndexError` (an IndexError) for an index that is not a whole number from 0 to the length of
    the table, and `ShapeError` for an empty table or entries of different lengths.

    >>> take([1.0, 2.0, 4.0], 2), take([[1.0, 2.0], [3.0, 4.0]], 0)
    (4.0, [1.0, 2.0])
    """
    table = list(table)
    if not table:
        raise ShapeError("there is nothing to take from an empty table")
    if not is_recorder(index):
        return table[place_in(table, checked(index))]
    if isinstance(table[0], (list, tuple)):
        if any(not isinstance(entry, (list, tuple)) or len(entry) != len(table[0]) for entry in table):
            raise ShapeError("the entries of the table are lists of different lengths")
        return [take(column, index) for column in zip(*table, strict=True)]
    return index._apply("take", (index, *table))


def place_in(table: Sequence[Any], index: Any) -> int:
    """An index, if it is one of this table."""
    if not (0 <= index < len(table) and index % 1 == 0):
        raise TableIndexError(index, len(table))
    return int(index)


def power(base: Any, exponent: Any) -> Any:
    """base^exponent, never complex: (-2)^0.5 is nan. x^0 is 1, also at 0; 0^-1 is inf; nan stays nan.

    >>> power(2.0, 3), power(-2.0, 0.5), power(0.0, 0), power(0.0, -1)
    (8.0, nan, 1.0, inf)
    """
    if type(base) is not float or type(exponent) not in _PLAIN:
        if is_recorder(exponent):  # not base**exponent: a Fraction would make a float of itself
            return exponent._apply("general_power", (base, exponent))
        if is_recorder(base):
            return base**exponent
        base, exponent = _numbers(base, exponent)
    try:
        out = base**exponent
    except (ZeroDivisionError, OverflowError):
        return raise_to(to_float(base), to_float(exponent))
    if out == 1 and (is_nan(base) or is_nan(exponent)):
        return base + exponent  # IEEE has nan^0 = 1; here a nan is never swallowed
    return real_part(out)


def sum(values: Iterable[Any]) -> Any:
    """The sum of the values, from left to right, as one node; 0 of none.

    >>> sum([1.0, 2.0, 3.0])
    6.0
    """
    values = tuple(values)
    out = _record_or_none("sum", *values)
    return _total(_numbers(*values)) if out is None else out


def _total(values: Sequence[Number]) -> Number:
    # The builtin compensates its rounding since Python 3.12; results must not depend on the version.
    return functools.reduce(operator.add, values) if values else 0


def dot(a: Iterable[Any], b: Iterable[Any]) -> Any:
    """The sum of the products a_i b_i, as one node; 0 of none.

    Raises `ShapeError` where one is longer than the other.

    >>> dot([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    a, b = tuple(a), tuple(b)
    if len(a) != len(b):
        raise ShapeError(f"dot of {len(a)} numbers with {len(b)}: the two must be equally long")
    out = _record_or_none("dot", *a, *b)
    return _total(list(map(operator.mul, _numbers(*a), _numbers(*b)))) if out is None else out


def logsumexp(values: Iterable[Any]) -> Any:
    """log(e^x1 + e^x2 + ...), as one node, without overflow; -inf of none.

    Right to a few units in the last place of the result or the largest value, whichever is larger.

    >>> logsumexp([1000.0, 1000.0]), logsumexp([0.0, -40.0])
    (1000.6931471805599, 4.248354255291589e-18)
    """
    values = tuple(values)
    out = _record_or_none("logsumexp", *values)
    if out is not None:
        return out
    if not values:
        return -math.inf
    rest = _numbers(*values)
    if _sympy(*rest):
        return log(_total([exp(x) for x in rest]))
    top = largest(rest)
    if is_nan(top) or top in (math.inf, -math.inf):
        return top
    rest.remove(top)
    return top + log1p(_precise_total([_exp_of_difference(x, top) for x in rest]))


def mean(values: Iterable[Any]) -> Any:
    """The sum of the values over their number.

    Raises `ShapeError` for none.

    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    values = tuple(values)
    if not values:
        raise ShapeError("the mean of no numbers is not defined")
    return sum(values) / len(values)


def softmax(values: Iterable[Any]) -> list[Any]:
    """e^x_i / (e^x_1 + ... + e^x_n) for every i: positive numbers that add up to 1.

    The largest number is taken off first, as a constant, so that nothing overflows.
    Raises `ShapeError` for none.

    >>> softmax([0.0, 0.0]), softmax([1000.0, -1000.0])
    ([0.5, 0.5], [1.0, 0.0])
    """
    values = tuple(values)
    if not values:
        raise ShapeError("the softmax of no numbers is not defined")
    top = largest(values)
    exponentials = [_exp_of_difference(x, top) for x in values]
    total = _precise_total(exponentials)
    return [e / total for e in exponentials]


def _exp_of_difference(x: Any, y: Any) -> Any:
    """e^(x - y). Rounding the difference would cost up to 350 ulp, so floats get the rounding error back."""
    if not is_recorder(y) and not y:
        return exp(x)
    difference = x - y
    if type(difference) is not float or not difference > -746:
        return exp(difference)
    moved = difference - x
    lost = (x - (difference - moved)) - (y + moved)
    return exp(difference) * (1 + lost)


def _precise_total(values: Sequence[Any]) -> Any:
    """The sum, rounded only once where all are floats."""
    return math.fsum(values) if all(type(x) is float for x in values) else sum(values)


def largest(values: Sequence[Any]) -> Any:
    """The largest of the numbers, without its history; 0 where they are symbols, which have no order.

    It is what exponentials are shifted by, so its derivative cancels. Of numbers that are not known yet,
    while `jit` traces a function, it is a primitive without a derivative.
    """
    if any(map(is_pending, values)):
        return _record_or_none("largest", *values)
    values = [innermost(x) for x in values]
    if any(is_recorder(x) or library_of(x) == "sympy" for x in values):
        return 0
    return functools.reduce(maximum, values)


def half(x: Number) -> Number:
    """One half, exactly, of the kind that goes with `x`."""
    return 0.5 if isinstance(x, float) else Fraction(1, 2)
