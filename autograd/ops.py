"""The table of primitives: the only file that knows calculus.

Each line is an operation: its value, its local derivatives, and how it is written. The functions are
generic over the number they get, so one line gives the number on an edge of the graph, the formula
(when the operands are symbols), the compiled code (those symbols, lowered), the exact value (on
Fractions) and the second derivative (when the operands are Values). 0 and 1 are written as integers,
so that exact numbers stay exact.

Derivatives stand in the form that keeps its digits: 1 - tanh(x)^2 has none left at x = 20. Where people
write another form, that one stands beside it as `shown`, and the tests prove the two equal.

Sources: any table of derivatives; for what happens at the kinks, the README's table.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from fractions import Fraction
from keyword import iskeyword
from string import Formatter
from typing import Any

from . import functions as f
from .errors import NameClashError, SettingError, ShapeError
from .functions import (
    abs,
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atanh,
    cos,
    cosh,
    erf,
    exp,
    expm1,
    half,
    leaky_relu,
    log,
    log1p,
    maximum,
    minimum,
    power,
    relu,
    sigmoid,
    sin,
    sinh,
    softmax,
    softplus,
    sqrt,
    tan,
    tanh,
    where,
)
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
    pi_like,
    real_part,
    to_float,
)

__all__ = ["OPS", "Op", "primitive"]

ANY = (-math.inf, math.inf)
POSITIVE = (0.0, math.inf)
UNIT = (-1.0, 1.0)

SMALLEST, LARGEST = sys.float_info.min, sys.float_info.max
"""Between them floats have all their digits; below they are subnormal."""

EVEN = 2.0**53
"""From here on all floats are even numbers."""

Rule = Callable[..., Sequence[Any]]
"""Takes the operands and the result; gives the local derivative by each operand."""


class Op:
    """One primitive: a row of the table.

    name          the key in `OPS`
    value         takes the operands, gives the result
    derivatives   takes the operands and the result, gives one local derivative per operand
    text, tex     how it is written: `{0}`, `{1}` are the operands, `{*}` all of them, separated by commas
    precedence    1 sums, 2 products, 3 powers, 9 function calls and other things that need no brackets
    binds         the precedence an operand needs to stand without brackets, one for each
    shown         the derivatives as people write them, where that form differs
    linear        the local derivatives do not depend on the operands
    selects       a derivative of 0 means that the operand was not taken and gets no gradient at all
    domain        the interval on which the value is a real number, for each operand; all numbers if not given
    """

    __slots__ = (
        "binds", "derivatives", "domain", "linear", "name", "precedence", "selects", "shown", "tex", "text", "value",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        value: Callable[..., Number],
        derivatives: Rule,
        text: str,
        tex: str = "",
        *,
        precedence: int = 9,
        binds: tuple[int, ...] = (0,),
        shown: Rule | None = None,
        linear: bool = False,
        selects: bool = False,
        domain: tuple[tuple[float, float], ...] | None = None,
    ) -> None:
        self.name, self.value, self.derivatives = name, value, derivatives
        self.text, self.tex, self.precedence, self.binds = text, tex or text, precedence, binds
        self.shown, self.linear, self.selects = shown, linear, selects
        self.domain = domain or (ANY,) * len(binds)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __call__(self, *operands: Any) -> Any:
        """Apply the primitive: recorded where an operand is a Value or a symbol, else computed."""
        for x in operands:
            if is_recorder(x):
                return x._apply(self.name, operands)
        numbers = [checked(x) for x in operands]
        like = next((x for x in numbers if not isinstance(x, (int, Fraction))), None)
        if like is not None and not self.selects:
            numbers = [constant_like(x, like) for x in numbers]
        return self.evaluate(numbers)

    def evaluate(self, operands: Sequence[Number]) -> Number:
        """The value, by IEEE 754's rules where Python would raise.

        >>> OPS["div"].evaluate([1.0, 0.0])
        inf
        """
        out = real_part(_ieee(self.value, *operands))
        return constant_like(out, operands[-1] if operands else 0.0)

    def slopes(self, operands: Sequence[Number], out: Number) -> Sequence[Number]:
        """The local derivative by each operand, where the result is `out`; all nan where that is nan.

        >>> OPS["mul"].slopes([2.0, 3.0], 6.0)
        (3.0, 2.0)
        """
        if is_nan(out) and not self.selects:
            return (out,) * len(operands)
        as_people_write = textbook.get() or library_of(out) == "sympy"
        rule = self.shown if self.shown and as_people_write else self.derivatives
        slopes = _ieee(rule, *operands, out)
        if is_nan(out):  # of the branch taken, as the other gets no gradient
            return tuple(slope and out for slope in slopes)
        return tuple(map(real_part, slopes))


def _ieee(function: Callable[..., Any], *numbers: Number) -> Any:
    """`function(*numbers)`, dividing and overflowing by IEEE 754's rules where Python would raise."""
    try:
        return function(*numbers)
    except (ZeroDivisionError, OverflowError):
        return function(*(Ieee(to_float(x)) for x in numbers))


# ---------------------------------------------------------------------------- derivatives that need care


def quotient_slopes(a: Number, b: Number, out: Number) -> Sequence[Number]:
    """1 / b and -a / b^2, as -out / b; a quotient that is subnormal has lost digits and is scaled up."""
    if type(out) is not float:
        return 1 / unrounded(b), -out / b
    if -SMALLEST < out < SMALLEST and out:
        return 1 / b, -(a * 2.0**100 / b / b) * 2.0**-100
    return 1 / b, -out / b


def unrounded(x: Number) -> Number:
    """An int as a Fraction: beside symbols, 1 / 3 must not turn into 0.333..."""
    return Fraction(x) if type(x) is int else x


def bell(x: Number) -> Number:
    """The derivative of the sigmoid; its other form rounds less, but has a kink when differentiated again."""
    return f.bell(x) if isinstance(x, float) else sigmoid(x) * sigmoid(-x)


def cauchy(x: Number) -> Number:
    """1 / (1 + x^2), where x^2 may overflow."""
    if isinstance(x, float):
        h = math.hypot(1.0, x)
        return 1 / h / h
    return 1 / (1 + x * x)


def root_cauchy(x: Number) -> Number:
    """1 / sqrt(1 + x^2), where x^2 may overflow."""
    if isinstance(x, float):
        return 1 / math.hypot(1.0, x)
    slope = 1 / sqrt(1 + x * x)
    return where(abs(x) < 2.0**500, slope, 1 / abs(x)) if is_pending(x) else slope


def gaussian(x: Number) -> Number:
    """exp(-x^2). Rounding x^2 costs up to 350 ulp, so the rounding error is put back."""
    if not isinstance(x, float) or not abs(x) < 30:
        return exp(-(x * x))
    high = float(round(x * 2**20)) / 2**20  # few enough bits that high * high is exact
    return exp(-high * high) * exp((high - x) * (high + x))


def power_slope(x: Number, n: Number) -> Number:
    """n x^(n-1), the derivative of x^n by x; 0 for n = 0, also at x = 0.

    Where n - 1 is no float, its rounding error would grow by log(x): floats take n x^n / x there. A
    power beyond the range in which floats have all their digits is taken in two halves.
    """
    if type(x) is float and type(n) in (float, int):
        exact = (n - 1.0) + 1.0 == n != n - 1.0
        m = n - 1.0 if exact else n
        x_to_m = power(x, m)
        if SMALLEST <= math.fabs(x_to_m) <= LARGEST:
            return n * x_to_m if exact else n * x_to_m / x
        if x and x - x == 0:
            half = power(abs(x), m / 2)
            slope = n * half * (half if x > 0 or m % 2 != 1 else -half)
            return slope if exact else slope / x
    if is_pending(n):
        slope = n * power(x, n - 1)
        # so large an n is even, and n - 1 odd, which as a float is not
        odd = where(x < x - x, -slope, slope)
        slope = where(abs(n) < EVEN, slope, where(abs(n - 1) < EVEN, slope, odd))
        # where 1 / x is infinite, x^n / x need not be
        by_x = n * power(x, n) / x
        finite = where(x < 0, by_x, where(x > 0, by_x, slope))
        slope = where(abs(x) < SMALLEST, where(n < 0.5, finite, slope), slope)
        return where(n < 0, slope, where(n > 0, slope, 0 * n))
    if innermost(n) == 0 and (not is_recorder(n) or innermost(x) == 0):
        return 0 * n
    return n * power(x, n - 1)


def power_growth(x: Number, n: Number, out: Number) -> Number:
    """x^n log(x), the derivative of x^n by n; at x = 0 it is 0 for n >= 0 and -inf below.

    Where x^n has lost digits, or overflowed, it is taken in two halves.
    """
    if is_pending(x):
        slope = out * log(x)
        return where(x < 0, slope, where(x > 0, slope, where(n >= 0, 0, -math.inf)))
    if innermost(x) == 0:
        return where(n >= 0, 0, -math.inf)
    if type(out) is float and x - x == 0 and not SMALLEST <= out <= LARGEST:
        half = power(x, n / 2)
        return half * log(x) * half
    return out * log(x)


def sign(x: Number) -> Number:
    """1 above 0, -1 below, 0 at 0."""
    return where(x > 0, 1, where(x < 0, -1, 0))


def first_wins(a: Number, b: Number) -> Number:
    """1 where a > b, 0 where a < b, a half where they tie."""
    return where(a > b, 1, where(a < b, 0, half(a)))


def chosen(index: Number, size: int) -> Sequence[Number]:
    """1 at an index, 0 everywhere else."""
    return [where(index < k, 0, where(index > k, 0, 1)) for k in range(size)]


# ------------------------------------------------------------------------------------------- the table

OPS: dict[str, Op] = {}
"""Every primitive by name."""

textbook: ContextVar[bool] = ContextVar("textbook", default=False)
"""Whether derivatives are to be read: then they take the form that people write."""


def _row(name: str, value: Callable[..., Number], derivatives: Rule, *notation: str, **more: Any) -> None:
    if name in OPS:
        raise NameClashError(f"there is a primitive named {name!r} already; give yours another name")
    OPS[name] = Op(name, value, derivatives, *notation, **more)


# fmt: off
_row("add", operator.add, lambda a, b, out: (1, 1), "{0} + {1}", precedence=1, binds=(1, 1), linear=True)
_row("sub", operator.sub, lambda a, b, out: (1, -1), "{0} - {1}", precedence=1, binds=(1, 2), linear=True)
_row("mul", operator.mul, lambda a, b, out: (b, a), "{0} * {1}", r"{0} \cdot {1}", precedence=2, binds=(2, 2))
_row("div", operator.truediv, quotient_slopes, "{0} / {1}", r"\frac{{{0}}}{{{1}}}", precedence=2, binds=(2, 3),
     shown=lambda a, b, out: (1 / unrounded(b), -a / (b * b)))
_row("neg", operator.neg, lambda a, out: (-1,), "-{0}", precedence=1, binds=(2,), linear=True)

_row("power", power, lambda a, n, out: (power_slope(a, n), None),
     "{0}^{1}", r"{0}^{{{1}}}", precedence=3, binds=(4, 4), domain=(POSITIVE, ANY))
_row("general_power", power, lambda a, b, out: (power_slope(a, b), power_growth(a, b, out)),
     "{0}^{1}", r"{0}^{{{1}}}", precedence=3, binds=(4, 4), domain=(POSITIVE, ANY))

_row("exp", exp, lambda a, out: (out,), "exp({0})", r"e^{{{0}}}")
_row("expm1", expm1, lambda a, out: (exp(a),), "expm1({0})", r"\left(e^{{{0}}} - 1\right)",
     shown=lambda a, out: (out + 1,))
_row("log", log, lambda a, out: (1 / a,), "log({0})", r"\log\left({0}\right)", domain=(POSITIVE,))
_row("log1p", log1p, lambda a, out: (1 / (1 + a),), "log1p({0})", r"\log\left(1 + {0}\right)", binds=(1,),
     domain=((-1.0, math.inf),))
_row("sqrt", sqrt, lambda a, out: (1 / (2 * out),), "sqrt({0})", r"\sqrt{{{0}}}", domain=(POSITIVE,))

_row("sin", sin, lambda a, out: (cos(a),), "sin({0})", r"\sin\left({0}\right)")
_row("cos", cos, lambda a, out: (-sin(a),), "cos({0})", r"\cos\left({0}\right)")
_row("tan", tan, lambda a, out: (1 + out * out,), "tan({0})", r"\tan\left({0}\right)",
     shown=lambda a, out: (1 / cos(a)**2,))
_row("asin", asin, lambda a, out: (1 / sqrt((1 - a) * (1 + a)),), "asin({0})", r"\arcsin\left({0}\right)",
     shown=lambda a, out: (1 / sqrt(1 - a**2),), domain=(UNIT,))
_row("acos", acos, lambda a, out: (-1 / sqrt((1 - a) * (1 + a)),), "acos({0})", r"\arccos\left({0}\right)",
     shown=lambda a, out: (-1 / sqrt(1 - a**2),), domain=(UNIT,))
_row("atan", atan, lambda a, out: (cauchy(a),), "atan({0})", r"\arctan\left({0}\right)",
     shown=lambda a, out: (1 / (1 + a**2),))

_row("sinh", sinh, lambda a, out: (cosh(a),), "sinh({0})", r"\sinh\left({0}\right)")
_row("cosh", cosh, lambda a, out: (sinh(a),), "cosh({0})", r"\cosh\left({0}\right)")
_row("tanh", tanh, lambda a, out: (4 * bell(2 * a),), "tanh({0})", r"\tanh\left({0}\right)",
     shown=lambda a, out: (1 - out**2,))
_row("asinh", asinh, lambda a, out: (root_cauchy(a),), "asinh({0})", r"\operatorname{{arsinh}}\left({0}\right)",
     shown=lambda a, out: (1 / sqrt(a**2 + 1),))
_row("acosh", acosh, lambda a, out: (1 / (sqrt(a - 1) * sqrt(a + 1)),),
     "acosh({0})", r"\operatorname{{arcosh}}\left({0}\right)",
     shown=lambda a, out: (1 / sqrt(a**2 - 1),), domain=((1.0, math.inf),))
_row("atanh", atanh, lambda a, out: (1 / ((1 - a) * (1 + a)),),
     "atanh({0})", r"\operatorname{{artanh}}\left({0}\right)",
     shown=lambda a, out: (1 / (1 - a**2),), domain=(UNIT,))

_row("erf", erf, lambda a, out: (2 / sqrt(pi_like(a)) * gaussian(a),),
     "erf({0})", r"\operatorname{{erf}}\left({0}\right)")
_row("sigmoid", sigmoid, lambda a, out: (bell(a),), "sigmoid({0})", r"\sigma\left({0}\right)",
     shown=lambda a, out: (out * (1 - out),))
_row("softplus", softplus, lambda a, out: (sigmoid(a),),
     "softplus({0})", r"\operatorname{{softplus}}\left({0}\right)")

_row("relu", relu, lambda a, out: (where(a > 0, 1, 0),), "relu({0})", r"\operatorname{{ReLU}}\left({0}\right)")
_row("leaky_relu", leaky_relu, lambda a, slope, out: (where(a > 0, 1, slope), where(a > 0, 0, a)),
     "leaky_relu({0}, {1})", r"\operatorname{{LeakyReLU}}_{{{1}}}\left({0}\right)", binds=(0, 0))
_row("abs", abs, lambda a, out: (sign(a),), "abs({0})", r"\left|{0}\right|")
_row("maximum", maximum, lambda a, b, out: (first_wins(a, b), first_wins(b, a)),
     "max({0}, {1})", r"\max\left({0}, {1}\right)", binds=(0, 0))
_row("minimum", minimum, lambda a, b, out: (first_wins(b, a), first_wins(a, b)),
     "min({0}, {1})", r"\min\left({0}, {1}\right)", binds=(0, 0))
_row("where", where, lambda c, a, b, out: (0, where(c, 1, 0), where(c, 0, 1)), "where({0}, {1}, {2})",
     r"\begin{{cases}} {1} & \text{{if }} {0} \\ {2} & \text{{otherwise}} \end{{cases}}",
     binds=(0, 0, 0), selects=True)

_row("sum", lambda *a: f.sum(a), lambda *a: (1,) * (len(a) - 1), "{*+}", precedence=1, binds=(1,), linear=True)
_row("dot", lambda *ab: f.dot(ab[: len(ab) // 2], ab[len(ab) // 2 :]),
     lambda *ab: (*ab[len(ab) // 2 : -1], *ab[: len(ab) // 2]), "{*dot}", precedence=1, binds=(2,))
_row("logsumexp", lambda *a: f.logsumexp(a), lambda *a: softmax(a[:-1]),
     "logsumexp({*})", r"\operatorname{{logsumexp}}\left({*}\right)")

_row("take", lambda i, *t: t[f.place_in(t, i)], lambda i, *t: (0, *chosen(i, len(t) - 1)), "take({*})",
     r"\operatorname{{take}}\left({*}\right)", selects=True)
_row("largest", lambda *a: f.largest(a), lambda *a: (0,) * (len(a) - 1), "max({*})", r"\max\left({*}\right)")

# Conditions on symbols, for `where`: no gradient flows through them.
_row("less", operator.lt, lambda a, b, out: (0, 0), "{0} < {1}", precedence=0, binds=(1, 1))
_row("less_equal", operator.le, lambda a, b, out: (0, 0), "{0} <= {1}", r"{0} \le {1}", precedence=0, binds=(1, 1))
# fmt: on


def primitive(
    name: str,
    value: Callable[..., Number],
    derivatives: Rule,
    *,
    text: str | None = None,
    tex: str | None = None,
    shown: Rule | None = None,
) -> Op:
    r"""Add a primitive of your own to the table and return the function that applies it.

    `value` takes the operands; `derivatives` takes the operands and the result and returns a tuple with
    one local derivative per operand. Write both with plain arithmetic and the functions of `autograd`,
    and they work on every kind of number; divisions by 0 and overflows then follow IEEE 754. `text` and
    `tex` say how it is written: `{0}` is the first operand, `{*}` all of them with commas between; they
    come without brackets, so write those that are needed, and double the braces that LaTeX needs, as in
    `\frac{{{0}}}{{2}}`. `shown` is the derivative as people write it, where that differs.

    Raises `NameClashError` for a name that is taken and `SettingError` for one that is no identifier or
    for a notation with other braces; using it raises `ShapeError` where the derivatives are too few or
    too many.

    >>> from autograd import Value, primitive
    >>> square = primitive("square", lambda x: x * x, lambda x, out: (2 * x,), tex=r"\left({0}\right)^2")
    >>> x = Value(3.0)
    >>> square(x).backward()
    >>> x.grad
    6.0
    """
    if not name.rstrip("'").isidentifier() or iskeyword(name):
        raise SettingError(f"{name!r} cannot name a primitive: use letters, digits and _, such as 'swish'")
    text = text or f"{name}({{*}})"
    tex = tex or r"\operatorname{{" + name.replace("_", r"\_") + r"}}\left({*}\right)"
    for template in (text, tex):
        _check_notation(name, template)
    _row(name, value, _kept_to(name, derivatives), text, tex, shown=shown and _kept_to(name, shown))
    return OPS[name]


def _kept_to(name: str, rule: Rule) -> Rule:
    """The rule, which says so where it does not give real numbers, one for each operand."""

    def derivatives(*operands_and_out: Any) -> Sequence[Any]:
        slopes: Any = rule(*operands_and_out)
        if not isinstance(slopes, Sequence) or len(slopes) != len(operands_and_out) - 1:
            raise ShapeError(
                f"the derivatives of {name!r} must be a tuple with one entry for each of its "
                f"{len(operands_and_out) - 1} operands; got {slopes!r}"
            )
        return tuple(map(real_part, slopes))

    return derivatives


def _check_notation(name: str, template: str) -> None:
    try:
        fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
    except ValueError:  # a brace without its other half
        fields = [template]
    if not all(field.isdecimal() or field == "*" for field in fields):
        raise SettingError(
            f"{name!r} is written with {template!r}, but only operands may stand in braces: {{0}}, {{1}}, ..., "
            r"or {*} for all of them; double the braces that LaTeX needs, as in \frac{{{0}}}{{2}}"
        )
