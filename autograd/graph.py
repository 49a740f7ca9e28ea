"""Walks over a computation graph: the topological order, the backward pass, its steps, its paths.

Nothing here recurses, so a chain of a million nodes is walked like any other. Orders depend on the graph
alone: operands from left to right, never on addresses or hashes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import GraphError
from .numbers import Number, shown

if TYPE_CHECKING:
    from .value import Value

__all__ = ["Step", "backward", "backward_steps", "labels", "leaves", "paths", "topological_order"]

_backward_lock = threading.RLock()
"""Gradients are summed in place, so one thread at a time does it."""


def _operations(root: Value) -> list[Value]:
    """The nodes below `root` that were computed, operands before results: depth first, left to right.

    Only edges with a local derivative are followed, since gradients flow along no others. It is written
    for speed: a node is on the stack while the walk is among its operands, and looked at again after.

    Raises `GraphError` for a graph with a cycle.
    """
    order: list[Value] = []
    if root.op is None:
        return order
    done: set[Value] = set()
    rest: dict[Value, Iterator[Value]] = {}  # operands still to visit, of nodes with more than two
    stack: list[Value] = []
    suspicious = 1024
    node = root
    while True:
        below = None
        if node._da is not None:
            a = node._a
            if a.op is not None and a not in done:
                below = a
        elif node._db is None:
            if node not in rest:
                rest[node] = (x for x, slope in zip(node._a, node._b, strict=True) if slope is not None)
            below = next((x for x in rest[node] if x.op is not None and x not in done), None)
        if below is None and node._db is not None:
            b = node._b
            if b.op is not None and b not in done:
                below = b
        if below is not None:
            stack.append(node)
            node = below
            if len(stack) > suspicious:  # in a cycle, the stack holds some node twice
                if len(set(stack)) < len(stack):
                    raise GraphError(f"the graph has a cycle: {node!r} is computed from itself")
                suspicious *= 2
            continue
        done.add(node)
        order.append(node)
        if not stack:
            return order
        node = stack.pop()


def backward(root: Value) -> None:
    """Add d(root)/d(leaf) to the gradient of every leaf; set that of every node in between.

    Reverse-mode automatic differentiation: from the root back, each node hands its gradient, times the
    local derivative, to each operand. In that order a node's gradient is complete before it is handed on.
    """
    with _backward_lock:
        order = _operations(root)
        for node in order:
            node._grad = 0
        one = 1.0 if type(root.data) is float else 1
        root._grad = root._grad + one if root.op is None else one
        for node in reversed(order):
            gradient = node._grad
            da = node._da
            db = node._db
            if da is not None:
                node._a._grad += da * gradient
            elif db is None:
                for x, slope in zip(node._a, node._b, strict=True):
                    if slope is not None:
                        x._grad += slope * gradient
            if db is not None:
                node._b._grad += db * gradient


def topological_order(root: Value) -> list[Value]:
    """Every Value that `root` was computed from, itself last, operands before results.

    Raises `GraphError` for a graph with a cycle.

    >>> from autograd import Value
    >>> x = Value(2.0, "x")
    >>> [node.data for node in topological_order(x * x + 1)]
    [2.0, 4.0, 5.0]
    """
    from .value import Value

    order: list[Value] = []
    done: set[Value] = set()
    on_path: set[Value] = {root}
    stack = [(root, iter(root.operands))]
    while stack:
        node, operands = stack[-1]
        for x in operands:
            if isinstance(x, Value) and x not in done:
                if x in on_path:
                    raise GraphError(f"the graph has a cycle: {x!r} is computed from itself")
                on_path.add(x)
                stack.append((x, iter(x.operands)))
                break
        else:
            stack.pop()
            on_path.discard(node)
            done.add(node)
            order.append(node)
    return order


def leaves(root: Value) -> list[Value]:
    """The Values below `root` that were not computed, in the order they are first used.

    >>> from autograd import Value
    >>> [x.name for x in leaves(Value(1.0, "a") * Value(2.0, "b"))]
    ['a', 'b']
    """
    return [node for node in topological_order(root) if node.op is None]


def labels(root: Value) -> dict[Value, str]:
    """A short name for every Value below `root`: its own, or else v1, v2, ... in order of computation.

    Two different Values that carry one name are told apart by a number, as in `w` and `w (2)`.

    >>> from autograd import Value
    >>> list(labels((Value(1.0, "a") + 1) * 2).values())
    ['a', 'v1', 'v2']
    """
    found: dict[Value, str] = {}
    taken: dict[str, int] = {}
    unnamed = 0
    for node in topological_order(root):
        label = node.name
        if label is None:
            unnamed += 1
            label = f"v{unnamed}"
        taken[label] = taken.get(label, 0) + 1
        found[node] = label if taken[label] == 1 else f"{label} ({taken[label]})"
    return found


class Step(NamedTuple):
    """One edge of the backward pass: what a node hands to one of its operands.

    node              the Value whose gradient is complete
    operand           the Value that receives
    local_derivative  of the node by the operand
    upstream          the gradient of the node
    contribution      local derivative times upstream
    before, after     the operand's gradient, before and after the contribution is added

    `str(step)` is a line of the chain rule; its columns line up from step to step.
    """

    node: Value
    operand: Value
    local_derivative: Number
    upstream: Number
    contribution: Number
    before: Number
    after: Number
    node_label: str
    operand_label: str
    root_label: str
    width: int

    def __str__(self) -> str:
        root, node, operand = self.root_label, self.node_label, self.operand_label
        rule = f"d{root}/d{node} * d{node}/d{operand}"
        rule_width = len(f"d{root}/d * d/d") + 3 * self.width
        product = f"{_bracketed(self.upstream)} * {_bracketed(self.local_derivative)} = {shown(self.contribution)}"
        line = f"d{root}/d{operand:<{self.width}} += {rule:<{rule_width}} = {product}"
        return line if self.before == 0 else f"{line}, now {shown(self.after)}"


def _bracketed(x: Number) -> str:
    text = shown(x)
    return f"({text})" if text.startswith("-") else text


def backward_steps(root: Value) -> Iterator[Step]:
    """The backward pass of `root`, one step per edge, in the order `backward()` takes them.

    It starts from gradients of zero and changes none: it shows what one `backward()` adds.

    >>> from autograd import Value
    >>> w, x = Value(2.0, "w"), Value(3.0, "x")
    >>> y = w * x + w
    >>> y.name = "y"
    >>> for step in backward_steps(y):
    ...     print(step)
    dy/dv1 += dy/dy * dy/dv1   = 1 * 1 = 1
    dy/dw  += dy/dy * dy/dw    = 1 * 1 = 1
    dy/dw  += dy/dv1 * dv1/dw  = 1 * 3 = 3, now 4
    dy/dx  += dy/dv1 * dv1/dx  = 1 * 2 = 2
    """
    names = labels(root)
    root_label = "L" if root.name is None else names[root]
    names[root] = root_label
    width = max(map(len, names.values()))
    gradients: dict[Value, Any] = {root: 1.0 if type(root.data) is float else 1}
    for node in reversed(_operations(root)):
        upstream = gradients[node]
        for operand, slope in node._edges():
            before = gradients.get(operand, 0)
            contribution = slope * upstream
            after = gradients[operand] = before + contribution
            yield Step(
                node, operand, slope, upstream, contribution, before, after,
                names[node], names[operand], root_label, width,
            )  # fmt: skip


def paths(source: Value, root: Value) -> Iterator[list[Value]]:
    """Every path along which `source` reaches `root`, each a list of nodes from source to root.

    Their number can grow exponentially with the depth, so they come one at a time.

    >>> from autograd import Value
    >>> x = Value(3.0, "x")
    >>> [len(path) for path in paths(x, x * x + x)]
    [3, 3, 2]
    """
    reaching = {source}
    for node in topological_order(root):
        if any(x in reaching for x, _ in node._edges()):
            reaching.add(node)
    if root not in reaching:
        return
    path = [root]
    stack = [node_edges(root, reaching)]
    if root is source:
        yield [source]
        return
    while stack:
        x = next(stack[-1], None)
        if x is None:
            stack.pop()
            path.pop()
        elif x is source:
            yield [source, *reversed(path)]
        else:
            path.append(x)
            stack.append(node_edges(x, reaching))


def node_edges(node: Value, allowed: set[Value]) -> Iterator[Value]:
    """The operands of `node` that are in `allowed`, once for every edge."""
    return (x for x, _ in node._edges() if x in allowed)
