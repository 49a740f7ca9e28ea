"""A scalar autograd engine: every gradient derived by hand can be checked symbol by symbol.

>>> from autograd import Value
>>> x = Value(2.0, "x")
>>> y = (x * 3 + 1) ** 2
>>> y.backward()
>>> x.grad
42.0
"""

from ._install_guard import check as _check

_check()

from .anomaly import detect_anomaly
from .errors import ChalkgradError
from .functional import derivative, grad, gradcheck, hessian, jacobian, value_and_grad
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
    dot,
    erf,
    exp,
    expm1,
    leaky_relu,
    log,
    log1p,
    logsumexp,
    maximum,
    mean,
    minimum,
    power,
    relu,
    sigmoid,
    sin,
    sinh,
    softmax,
    softplus,
    sqrt,
    sum,
    tan,
    tanh,
    where,
)
from .graph import Step, leaves, paths, topological_order
from .ops import OPS, Op, primitive
from .value import Value

__all__ = [
    "OPS",
    "ChalkgradError",
    "Op",
    "Step",
    "Value",
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cos",
    "cosh",
    "derivative",
    "detect_anomaly",
    "dot",
    "erf",
    "exp",
    "expm1",
    "grad",
    "gradcheck",
    "hessian",
    "jacobian",
    "leaky_relu",
    "leaves",
    "log",
    "log1p",
    "logsumexp",
    "maximum",
    "mean",
    "minimum",
    "paths",
    "power",
    "primitive",
    "relu",
    "sigmoid",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "sum",
    "tan",
    "tanh",
    "topological_order",
    "value_and_grad",
    "where",
]
