"""Kernels of primitives: numbers that lie side by side in, numbers side by side out.

Imported only to compile the kernels. What a primitive computes is taken from `autograd.functions` wherever
that is plain arithmetic on floats. Derivatives are not known here.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import math
from types import FunctionType
from typing import Any

from .. import functions
from . import exponentials
from .layout import CODES
from .vectors import inner

__all__ = ["apply", "largest", "logsumexp", "maximum", "place_in"]

MUL = CODES["mul"]
DIV = CODES["div"]
POWER = CODES["power"]
EXP = CODES["exp"]
EXPM1 = CODES["expm1"]
LOG = CODES["log"]
LOG1P = CODES["log1p"]
SQRT = CODES["sqrt"]
SIN = CODES["sin"]
COS = CODES["cos"]
TAN = CODES["tan"]
ASIN = CODES["asin"]
ACOS = CODES["acos"]
ATAN = CODES["atan"]
SINH = CODES["sinh"]
COSH = CODES["cosh"]
TANH = CODES["tanh"]
ASINH = CODES["asinh"]
ACOSH = CODES["acosh"]
ATANH = CODES["atanh"]
ERF = CODES["erf"]
SIGMOID = CODES["sigmoid"]
SOFTPLUS = CODES["softplus"]
RELU = CODES["relu"]
LEAKY_RELU = CODES["leaky_relu"]
ABS = CODES["abs"]
MAXIMUM = CODES["maximum"]
MINIMUM = CODES["minimum"]
WHERE = CODES["where"]
LESS = CODES["less"]
LESS_EQUAL = CODES["less_equal"]
EQUAL = CODES["equal"]
BELL = CODES["bell"]


def _function(name: str) -> Any:
    """A function of one number, compiled, with our `exp` for that of `math`: the bits are the same."""
    function = getattr(functions, name)
    code = getattr(function, "__wrapped__", function).__code__
    if code.co_names == ("math", name):
        return exponentials.exp if name == "exp" else getattr(math, name)
    return inner(FunctionType(code, vars(functions) | {"math": exponentials}))


exp = _function("exp")
expm1 = _function("expm1")
log = _function("log")
log1p = _function("log1p")
sqrt = _function("sqrt")
sin = _function("sin")
cos = _function("cos")
tan = _function("tan")
asin = _function("asin")
acos = _function("acos")
atan = _function("atan")
sinh = _function("sinh")
cosh = _function("cosh")
tanh = _function("tanh")
asinh = _function("asinh")
acosh = _function("acosh")
atanh = _function("atanh")
erf = _function("erf")
sigmoid = _function("sigmoid")
softplus = _function("softplus")
bell = _function("bell")


@inner
def power(x: Any, n: Any) -> Any:
    """x^n; nan stays nan."""
    return x + n if x != x or n != n else math.pow(x, n)


@inner
def maximum(a: Any, b: Any) -> Any:
    """The larger one; nan if one is."""
    return a if a > b or a != a else b


@inner
def minimum(a: Any, b: Any) -> Any:
    """The smaller one; nan if one is."""
    return a if a < b or a != a else b


@inner
def apply(op: int, a: Any, b: Any, c: Any, out: Any, n: int) -> None:
    """n results of a primitive, of operands that lie side by side."""
    if op == MUL:
        for i in range(n):
            out[i] = a[i] * b[i]
    elif op == DIV:
        for i in range(n):
            out[i] = a[i] / b[i]
    elif op == WHERE:
        for i in range(n):
            out[i] = b[i] if a[i] != 0 else c[i]
    elif op == LESS:
        for i in range(n):
            out[i] = a[i] < b[i]
    elif op == LESS_EQUAL:
        for i in range(n):
            out[i] = a[i] <= b[i]
    elif op == EQUAL:
        for i in range(n):
            out[i] = a[i] == b[i]
    elif op == POWER:
        for i in range(n):
            out[i] = power(a[i], b[i])
    elif op == MAXIMUM:
        for i in range(n):
            out[i] = maximum(a[i], b[i])
    elif op == MINIMUM:
        for i in range(n):
            out[i] = minimum(a[i], b[i])
    elif op == RELU:
        for i in range(n):
            out[i] = 0.0 if a[i] <= 0 else a[i]
    elif op == LEAKY_RELU:
        for i in range(n):
            out[i] = a[i] if a[i] != a[i] or a[i] > 0 else b[i] * a[i]
    elif op == ABS:
        for i in range(n):
            out[i] = math.fabs(a[i])
    elif op == EXP:
        for i in range(n):
            out[i] = exp(a[i])
    elif op == EXPM1:
        for i in range(n):
            out[i] = expm1(a[i])
    elif op == LOG:
        for i in range(n):
            out[i] = log(a[i])
    elif op == LOG1P:
        for i in range(n):
            out[i] = log1p(a[i])
    elif op == SQRT:
        for i in range(n):
            out[i] = sqrt(a[i])
    elif op == SIN:
        for i in range(n):
            out[i] = sin(a[i])
    elif op == COS:
        for i in range(n):
            out[i] = cos(a[i])
    elif op == TAN:
        for i in range(n):
            out[i] = tan(a[i])
    elif op == ASIN:
        for i in range(n):
            out[i] = asin(a[i])
    elif op == ACOS:
        for i in range(n):
            out[i] = acos(a[i])
    elif op == ATAN:
        for i in range(n):
            out[i] = atan(a[i])
    elif op == SINH:
        for i in range(n):
            out[i] = sinh(a[i])
    elif op == COSH:
        for i in range(n):
            out[i] = cosh(a[i])
    elif op == TANH:
        for i in range(n):
            out[i] = tanh(a[i])
    elif op == ASINH:
        for i in range(n):
            out[i] = asinh(a[i])
    elif op == ACOSH:
        for i in range(n):
            out[i] = acosh(a[i])
    elif op == ATANH:
        for i in range(n):
            out[i] = atanh(a[i])
    elif op == ERF:
        for i in range(n):
            out[i] = erf(a[i])
    elif op == SIGMOID:
        for i in range(n):
            out[i] = sigmoid(a[i])
    elif op == SOFTPLUS:
        for i in range(n):
            out[i] = softplus(a[i])
    elif op == BELL:
        for i in range(n):
            out[i] = bell(a[i])


@inner
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


@inner
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
    return top + math.log1p(total)


@inner
def largest(x: Any, n: int) -> Any:
    """The largest of some numbers; nan if one is."""
    top = x[0]
    for i in range(1, n):
        top = maximum(top, x[i])
    return top
