"""The primitives by how many numbers they take."""

from autograd import OPS

BINARY = ["add", "sub", "mul", "div", "maximum", "minimum", "leaky_relu", "general_power"]
UNARY = [
    name
    for name, op in OPS.items()
    if len(op.binds) == 1 and name not in ("sum", "dot", "logsumexp", "take", "largest")
]  # fmt: skip
