"""Kernels of primitives: numbers that lie side by side in, numbers side by side out.

Imported only to compile the kernels. What a primitive computes is taken from `autograd.functions` wherever
that is plain arithmetic on floats. Derivatives are not known here.
"""

from __future__ import annotations

import math
from types import FunctionType, ModuleType
from typing import Any

from .. import functions
from . import exponentials, logarithms
from .layout import CODES
from .threaded import choice

__all__ = [
    *("LOOPS", "apply", "exp", "for_each", "largest", "log1p", "logsumexp", "loop_of_one", "loop_of_two"),
    *("maximum", "place_in"),
]

library = ModuleType("library")
"""`math`, with our own functions where they have the same bits."""
vars(library).update(vars(math), exp=exponentials.exp)
if logarithms.agrees():
    vars(library).update(log1p=logarithms.log1p)


def _function(name: str) -> Any:
    """A function of one number, compiled."""
    function = getattr(functions, name)
    code = getattr(function, "__wrapped__", function).__code__
    if code.co_names == ("math", name):
        return getattr(library, name)
    return FunctionType(code, vars(functions) | {"math": library})


exp = _function("exp")
log1p = _function("log1p")


def div(a: Any, b: Any) -> Any:
    """The quotient."""
    return a / b


def power(x: Any, n: Any) -> Any:
    """x^n; nan stays nan."""
    return x + n if x != x or n != n else math.pow(x, n)


def maximum(a: Any, b: Any) -> Any:
    """The larger one; nan if one is."""
    return a if a > b or a != a else b


def minimum(a: Any, b: Any) -> Any:
    """The smaller one; nan if one is."""
    return a if a < b or a != a else b


def relu(a: Any) -> Any:
    """0 below 0."""
    return 0.0 if a <= 0 else a


def leaky_relu(a: Any, slope: Any) -> Any:
    """a slope below 0; nan stays nan."""
    return a if a != a or a > 0 else slope * a


def where(condition: Any, a: Any, b: Any) -> Any:
    """One of two."""
    return a if condition != 0 else b


def less(a: Any, b: Any) -> Any:
    """1 or 0."""
    return a < b


def less_equal(a: Any, b: Any) -> Any:
    """1 or 0."""
    return a <= b


def equal(a: Any, b: Any) -> Any:
    """1 or 0."""
    return a == b


UNARY = {
    name: _function(name)
    for name in (
        *("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan"),
        *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "sigmoid", "softplus", "bell"),
    )
} | {"relu": relu, "abs": math.fabs}
BINARY = {
    "div": div, "power": power, "maximum": maximum, "minimum": minimum, "leaky_relu": leaky_relu,
    "less": less, "less_equal": less_equal, "equal": equal,
}  # fmt: skip
TERNARY = {"where": where}


def for_each(unary: Any, binary: Any, ternary: Any) -> dict[int, Any]:
    """For the number of each primitive what these three make of it, by the number of its operands."""
    made = {
        name: make(f)
        for make, all_ in ((unary, UNARY), (binary, BINARY), (ternary, TERNARY))
        for name, f in all_.items()
    }
    return {CODES[name]: f for name, f in made.items()}


def loop_of_one(f: Any) -> Any:
    """f of numbers that lie side by side."""

    def loop(a: Any, b: Any, c: Any, out: Any, n: int) -> None:
        for i in range(n):
            out[i] = f(a[i])

    return loop


def loop_of_two(f: Any) -> Any:
    """The same for two operands."""

    def loop(a: Any, b: Any, c: Any, out: Any, n: int) -> None:
        for i in range(n):
            out[i] = f(a[i], b[i])

    return loop


def _loop_of_three(f: Any) -> Any:
    def loop(a: Any, b: Any, c: Any, out: Any, n: int) -> None:
        for i in range(n):
            out[i] = f(a[i], b[i], c[i])

    return loop


LOOPS = for_each(loop_of_one, loop_of_two, _loop_of_three)
"""For the number of each primitive a function of operands that lie side by side: `loop(a, b, c, out, n)`."""

apply = choice(LOOPS)
"""`apply(op, a, b, c, out, n)`: n results of a primitive, of operands that lie side by side."""


def place_in(index: float, size: int, row: int, status: Any) -> int:
    """The index of an entry, as an integer; what is none is noted for the error and 0 taken."""
    if index >= 0 and index < size and index == math.floor(index):
        return int(index)
    if status[0] == 0:
        status[0] = 1
        status[1] = row
        status[2] = index
        status[3] = size
    return 0


def logsumexp(x: Any, n: int) -> Any:
    """log of the sum of exp(x)."""
    top = x[0]
    place = 0
    for i in range(1, n):
        if x[i] > top or x[i] != x[i]:
            top = x[i]
            place = i
    if top - top != 0:
        return top
    total = 0.0
    for i in range(n):
        if i != place:
            total += exp(x[i] - top)
    return top + log1p(total)


def largest(x: Any, n: int) -> Any:
    """The largest of some numbers; nan if one is."""
    top = x[0]
    for i in range(1, n):
        top = maximum(top, x[i])
    return top
