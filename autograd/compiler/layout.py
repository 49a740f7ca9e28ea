"""How programs lie in memory: what those who write the tape and the kernels who read it have to agree on."""

from __future__ import annotations

__all__ = [
    "ACTIONS",
    "ALONG",
    "CODES",
    "COLUMNS",
    "FIELDS",
    "GENERAL",
    "HEAD",
    "NAMES",
    "SINGLE",
    "STRIP",
    "TILES",
]

NAMES = [
    "dot", "over_rows", "scatter", "take", "logsumexp", "largest", "div", "power", "exp", "expm1", "log",
    "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh",
    "atanh", "erf", "sigmoid", "softplus", "relu", "leaky_relu", "abs", "maximum", "minimum", "where",
    "less", "less_equal", "equal", "bell", "mul", "part", "constant", "input", "parameter",
]  # fmt: skip
CODES = {name: code for code, name in enumerate(NAMES)}
"""The number of each kind of operation. Products run as sums of one; the last four do not run at all."""

FIELDS = 7
"""Integers for each group in the table of those that blocks of rows run: its kind; how many operations or
tiles there are; operands of each, or pairs of a square tile; where the first result goes; where the operands
or tiles are; 1 for a run, for square tiles, for sums that are to be exact; and how many results each has."""

STRIP = 256
"""Numbers of a run that are computed at a time, about."""

GENERAL, TILES, ALONG, SINGLE, COLUMNS = range(5)
"""How a group runs on one row: with an index for each operand; sums side by side; sums one after the other;
as one operation; with operands that are ranges or the same for all."""

HEAD = 4
"""Integers at the beginning of each group in the stream: kind + 64 * mode, number of operations, first
result, and operands of each; for tiles their number and for `scatter` the size of the table come second."""

ACTIONS = PREPARE, RUN_ROWS, FINISH, EVALUATE = 0, 1, 2, 3
"""What `kernels.enter` can be asked to do."""
