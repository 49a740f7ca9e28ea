"""How programs lie in memory: what those who write the tape and the kernels who read it have to agree on."""

from __future__ import annotations

__all__ = [
    "ACTIONS",
    "ALONG",
    "CODES",
    "COLUMNS",
    "DIFFERENCE",
    "FIELDS",
    "GENERAL",
    "HEAD",
    "NAMES",
    "ROLLED",
    "SHORT",
    "SINGLE",
    "STOP",
    "STRIP",
    "SUMS",
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

SHORT = 4
"""Terms up to which there is an instruction for each shape of a sum."""

_SHAPES = [(terms - products, products) for terms in range(2, SHORT + 1) for products in range(terms + 1)]
SUMS = {shape: len(NAMES) + i for i, shape in enumerate([(0, 1), *_SHAPES])}
"""Instructions for short sums, by the number of plain terms they begin with and that of products then."""

DIFFERENCE = len(NAMES) + len(SUMS)
"""The instruction for a - b."""

TILES, ALONG, COLUMNS, GENERAL, ROLLED, STOP, SINGLE = range(DIFFERENCE + 1, DIFFERENCE + 8)
"""How a group runs on one row: sums side by side; sums one after the other; with operands that are ranges or
the same for all; with an index for each operand. These are instructions, and so is the end of a stage. Or one
by one, with an instruction for each operation; what repeats among these may be rolled up into a loop."""

HEAD = 5
"""Integers at the beginning of a group in the stream: how it runs, its first result, its kind, the number of
operations and the operands of each; for tiles their number and for `scatter` the size of the table stand in
the place of the number of operations. An operation by itself has the first two: the instruction, which is its
kind unless it is a short sum, and the result. A loop has in these places: that it is one, the number of
turns, how many integers a turn reads, and in two halves where its machine code is."""

ACTIONS = PREPARE, RUN_ROWS, FINISH, EVALUATE = 0, 1, 2, 3
"""What `kernels.enter` can be asked to do."""
