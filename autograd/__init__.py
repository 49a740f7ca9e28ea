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

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
    take,
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
    "check_notes",
    "cos",
    "cosh",
    "derivative",
    "detect_anomaly",
    "dot",
    "draw",
    "erf",
    "exp",
    "expm1",
    "grad",
    "gradcheck",
    "hessian",
    "jacobian",
    "jit",
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
    "take",
    "tan",
    "tanh",
    "topological_order",
    "tree",
    "value_and_grad",
    "walk",
    "where",
]

if TYPE_CHECKING:
    from .compiler.face import jit
    from .notes.checking import check_notes
    from .pictures.diagram import draw
    from .pictures.explorer import walk
    from .pictures.tree import tree

_ROOMS = {
    "check_notes": ".notes.checking",
    "draw": ".pictures.diagram",
    "jit": ".compiler.face",
    "tree": ".pictures.tree",
    "walk": ".pictures.explorer",
}


def __getattr__(name: str) -> Any:
    # These rooms are loaded when first asked for: they need more than the standard library.
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
