"""What a picture of a graph is made of: nodes, edges, and the frames around them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..expr import Expr, constant
from ..notation import latex, text
from ..numbers import Number, shown
from ..ops import Op
from ..value import Value

__all__ = [
    "IN_THE_SIGN",
    "Cluster",
    "Edge",
    "Node",
    "Scene",
    "applied",
    "in_text_and_latex",
    "listed",
    "many",
    "sign_of",
]


@dataclass(frozen=True, slots=True)
class Node:
    """One thing in the picture.

    id          "n0", "n1", ...: operands before what is computed from them; the same for equal graphs
    kind        "parameter", "input", "constant", "operation" or "result"
    label       its name, or the sign of the operation, or what was folded; control characters are escaped
    symbol      what formulas call it: the name, or v1, v2, ...
    sign        the operation that makes it: "+", "tanh", "^2"; "" for what was not computed
    value       the number; None where it stands for several
    gradient    None before `backward()`, for a constant, and where it stands for several
    formula     how it is computed from the nodes that lead to it, as text; "" for what was not computed
    latex       the same as LaTeX
    values      the Values seen from outside: one, or one for each unit and row; empty for a constant
    operations  how many operations it stands for
    parameters  how many parameters are folded into it
    cluster     the id of the innermost cluster it is in, if any
    more        how many of its operands `until` left out
    highlighted whether the highlighted parameter leads to it
    """

    id: str
    kind: str
    label: str
    symbol: str
    sign: str = ""
    value: Number | None = None
    gradient: Number | None = None
    formula: str = ""
    latex: str = ""
    values: tuple[Value, ...] = ()
    operations: int = 0
    parameters: int = 0
    cluster: str | None = None
    more: int = 0
    highlighted: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """`head` is computed from `tail`; both are ids.

    local         the derivative of head by tail; None where there is none, or several
    contribution  what head hands to tail in `backward()`: local times the gradient of head; None before
    count         how many edges of the graph it stands for
    highlighted   whether it is on a path from the highlighted parameter to the result
    """

    tail: str
    head: str
    local: Number | None = None
    contribution: Number | None = None
    count: int = 1
    highlighted: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """Nodes with a frame around them: a "neuron" or a "layer". `parent` is the id of the layer it is in."""

    id: str
    kind: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to show.

    nodes     in topological order, the result last
    edges     by head, in the order of its operands
    clusters  layers before the neurons in them
    root      the id of the result
    fold      what was done in the end: "none", "neurons", "layers" or "bands"
    size      how many Values the graph has
    left_out  what is not shown, in words; "" if all is
    homes     the id of the node that shows a Value, for each that is shown
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    clusters: tuple[Cluster, ...]
    root: str
    fold: str
    size: int
    left_out: str = ""
    homes: Mapping[Value, str] = field(default_factory=dict, repr=False, compare=False)

    def node(self, id: str) -> Node:
        """The node of this id."""
        return next(node for node in self.nodes if node.id == id)


def sign_of(op: Op, operands: Iterable[Any] = ()) -> str:
    """How an operation is called in a picture: by its sign, or else by its name.

    >>> from autograd import OPS
    >>> [sign_of(OPS[name]) for name in ("add", "mul", "tanh", "dot")]
    ['+', '*', 'tanh', 'dot']
    """
    sign = _bare(op)
    own = [x for place, x in enumerate(operands) if (op.name, place) in IN_THE_SIGN and type(x) is not Value]
    return sign + "".join(map(shown, own)) if sign == "^" else " ".join([sign, *map(shown, own)])


@functools.cache
def _bare(op: Op) -> str:
    return re.sub(r"\{[^}]*\}|[(), ]", "", op.text) or op.name


IN_THE_SIGN = {("power", 1), ("leaky_relu", 1)}
"""Plain numbers that are shown as part of the operation, such as the exponent in ^2."""


def applied(x: Value, of: Callable[[Value], Expr]) -> Expr:
    """The operation that made x, on what `of` gives for its operands; plain numbers rounded for reading."""
    assert x.op is not None
    numbers = [float(shown(y)) if isinstance(y, float) else y for y in x.operands]
    return x.op(*[of(y) if isinstance(y, Value) else constant(y) for y in numbers])  # type: ignore[no-any-return]


def in_text_and_latex(expr: Expr) -> tuple[str, str]:
    """An expression written in both ways."""
    return text(expr), latex(expr)


def many(count: int, noun: str) -> str:
    """A number of things, as in "3 nodes"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(names: Iterable[str], most: int = 3) -> str:
    """Names with commas, as in "O11, O12, ..., O1,16"; of lists of Values only what they are called."""
    names = [*names]
    if len(names) > most + 1:
        names = [*dict.fromkeys(re.sub(r"(\[[^\]]*\])+$", "[...]", name) for name in names)]
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])}, ..., {names[-1]}"
