"""Walks over a computation graph: the topological order, the backward pass, its steps, its paths.

Nothing here recurses, so a chain of a million nodes is walked like any other. Orders depend on the graph
alone: operands from left to right, never on addresses or hashes.
"""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from .errors import GraphError
from .numbers import Number, shown

if TYPE_CHECKING:
    from .value import Value

__all__ = [
    "Labels",
    "Step",
    "backward",
    "backward_steps",
    "gradients",
    "labels",
    "leaves",
    "nodes_below",
    "paths",
    "topological_order",
]

_lock = threading.RLock()
"""Nodes are marked and gradients summed in place, so one thread at a time does it."""


def _operations(root: Value, leaves: list[Value] | None = None) -> list[Value]:
    """The nodes below `root` that were computed, operands before results: depth first, left to right.

    The leaves on the way are put into the list given.

    Only edges with a local derivative are followed, since gradients flow along no others. It is written
    for speed: where the walk has been is marked on the nodes, which takes a third off the time of a set.

    Raises `GraphError` for a graph with a cycle.
    """
    order: list[Value] = []
    leaves = [] if leaves is None else leaves
    if root.op is None:
        leaves.append(root)
        return order
    done, under_way = object(), object()  # the marks of this walk, unlike those of any other
    rest: dict[Value, Iterator[Value]] = {}  # operands still to visit, of nodes with more than two
    stack: list[Value] = []
    node = root
    below: Value | None
    with _lock:
        while True:
            # Down along the first operands ...
            while True:
                if node._mark is under_way:
                    raise GraphError(f"the graph has a cycle: {node!r} is computed from itself")
                node._mark = under_way
                if node._da is None:
                    break
                below = node._a
                if below._mark is done:
                    break
                if below.op is None:
                    below._mark = done
                    leaves.append(below)
                    break
                stack.append(node)
                node = below
            # ... and up again, to a node that has another operand to go down to.
            while True:
                if node._db is not None:
                    below = node._b
                    if below._mark is not done:
                        if below.op is not None:
                            break
                        below._mark = done
                        leaves.append(below)
                elif node._da is None:
                    if node not in rest:
                        rest[node] = (x for x, _ in node._edges())
                    for below in rest[node]:
                        if below._mark is not done:
                            if below.op is not None:
                                break
                            below._mark = done
                            leaves.append(below)
                    else:
                        below = None
                    if below is not None:
                        break
                node._mark = done
                order.append(node)
                if not stack:
                    return order
                node = stack.pop()
            stack.append(node)
            node = below


def _one(root: Value) -> Number:
    """The derivative of `root` by itself."""
    return 1.0 if type(root.data) is float else 1


def backward(root: Value) -> None:
    """Add d(root)/d(leaf) to the gradient of every leaf; set that of every node in between.

    Reverse-mode automatic differentiation: from the root back, each node hands its gradient, times the
    local derivative, to each operand. In that order a node's gradient is complete before it is handed on.
    Leaves are summed from zero too, and what they had before is added last, so that a second call doubles
    them to the last bit.
    """
    with _lock:
        leaves: list[Value] = []
        order = _operations(root, leaves)
        before = [leaf._grad for leaf in leaves]
        zero = 0.0 if type(root.data) is float else 0  # what is like the contributions is added faster
        for node in order:
            node._grad = zero
        for leaf in leaves:
            leaf._grad = zero
        root._grad = _one(root)
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
        for leaf, already in zip(leaves, before, strict=True):
            leaf._grad = already + leaf._grad


def gradients(root: Value) -> dict[Value, Number]:
    """What one `backward()` of `root` adds to each Value's gradient, found without touching any.

    A Value that `root` does not depend on is not in it.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> gradients(x * x)[x]
    6.0
    """
    found: dict[Value, Number] = {root: _one(root)}
    for node in reversed(_operations(root)):
        upstream = found[node]
        da = node._da
        db = node._db
        if da is not None:
            _add(found, node._a, da, upstream)
        elif db is None:
            for x, slope in zip(node._a, node._b, strict=True):
                if slope is not None:
                    _add(found, x, slope, upstream)
        if db is not None:
            _add(found, node._b, db, upstream)
    return found


def _add(found: dict[Value, Number], x: Value, slope: Number, upstream: Number) -> None:
    """Add a contribution to the gradient of an operand, quickly where it is multiplied by 1."""
    if type(slope) is int and (slope == 1 or slope == -1):
        contribution = upstream if slope == 1 else -upstream
    elif type(upstream) is int and upstream == 1:
        contribution = slope
    else:
        contribution = slope * upstream
    before = found.get(x)
    if before is not None:
        contribution = before + contribution
    elif type(contribution) is float:
        contribution += 0.0  # -0.0 is 0.0, as where it is added to what there was
    found[x] = contribution


def topological_order(root: Value) -> list[Value]:
    """Every Value that `root` was computed from, itself last, operands before results.

    Raises `GraphError` for a graph with a cycle.

    >>> from autograd import Value
    >>> x = Value(2.0, "x")
    >>> [node.data for node in topological_order(x * x + 1)]
    [2.0, 4.0, 5.0]
    """
    return nodes_below(root, lambda node: False)


def nodes_below(root: Value, known: Callable[[Value], object]) -> list[Value]:
    """The topological order of `root`, without the nodes that are known and what is only below those."""
    from .value import Value

    order: list[Value] = []
    finished: dict[Value, bool] = {}  # False while the walk is among the node's operands
    stack = [root]
    while stack:
        node = stack[-1]
        if node in finished:  # the walk is back from its operands, or came here by another way meanwhile
            stack.pop()
            if not finished[node]:
                finished[node] = True
                order.append(node)
            continue
        finished[node] = False
        for x in reversed(node.operands):
            if isinstance(x, Value) and not known(x) and not finished.get(x):
                if x in finished:
                    raise GraphError(f"the graph has a cycle: {x!r} is computed from itself")
                stack.append(x)
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

    Two different Values that carry one name are told apart by a number, as in `w` and `w (2)`. Where somebody
    calls a Value `v1`, what has no name begins with `v2`.

    >>> from autograd import Value
    >>> list(labels((Value(1.0, "a") + 1) * 2).values())
    ['a', 'v1', 'v2']
    """
    found: dict[Value, str] = {}
    times: dict[str, int] = {}  # how often a label was asked for
    order = topological_order(root)
    own = {node.name for node in order}
    numbered = (name for i in itertools.count(1) if (name := f"v{i}") not in own)
    for node in order:
        label = next(numbered) if node.name is None else node.name
        wanted = label
        while label in times:
            times[wanted] += 1
            label = f"{wanted} ({times[wanted]})"
        times[label] = 1
        found[node] = label
    return found


class Labels:
    """The labels in the steps of one backward pass, which are only looked for when a step is printed."""

    def __init__(self, root: Value) -> None:
        self._root = root

    @functools.cached_property
    def of(self) -> dict[Value, str]:
        """The label of every node; a root without a name is called L."""
        found = labels(self._root)
        if self._root.name is None and "L" not in found.values():
            found[self._root] = "L"
        return found

    @functools.cached_property
    def root(self) -> str:
        """The label of the root."""
        return self.of[self._root]

    @functools.cached_property
    def width(self) -> int:
        """The length of the longest label."""
        return max(map(len, self.of.values()))


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
    labels: Labels

    def __str__(self) -> str:
        root, width = self.labels.root, self.labels.width
        node, operand = self.labels.of[self.node], self.labels.of[self.operand]
        rule = f"d{root}/d{node} * d{node}/d{operand}"
        rule_width = len(f"d{root}/d * d/d") + 3 * width
        product = f"{_bracketed(self.upstream)} * {_bracketed(self.local_derivative)}"
        line = f"d{root}/d{operand:<{width}} += {rule:<{rule_width}} = {product} = {shown(self.contribution)}"
        return line if self.before == 0 else f"{line}, now {shown(self.after)}"


def _bracketed(x: Number) -> str:
    """`x` as a factor."""
    text = shown(x)
    return f"({text})" if text.startswith("-") or " " in text else text


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
    names = Labels(root)
    gradients = {root: _one(root)}
    order = _operations(root)
    while order:
        node = order.pop()
        upstream = gradients.pop(node)
        for operand, slope in node._edges():
            before = gradients.get(operand, 0)
            contribution = slope * upstream
            after = gradients[operand] = before + contribution
            yield Step(node, operand, slope, upstream, contribution, before, after, names)


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

    def onward(node: Value) -> Iterator[Value]:
        return (x for x, _ in node._edges() if x in reaching)

    if source is root:
        yield [source]
    path = [root]  # from the root down to where the search is
    branches = [onward(root)]  # at each node of the path, the operands still to try
    while branches:
        x = next(branches[-1], None)
        if x is None:
            branches.pop()
            path.pop()
        elif x is source:
            yield [source, *reversed(path)]
        else:
            path.append(x)
            branches.append(onward(x))
