"""The engines compared on scalars, and a thread on which the recursive ones can run.

`ours` is this project's; `reference` is the plain scalar Value that people write after reading microgpt;
`micrograd` is the one on PyPI.
"""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Reference:
    """A number, what it was computed from, and the local derivative by each of those: tuples and slots."""

    __slots__ = ("children", "data", "grad", "local_gradients")

    def __init__(
        self, data: Any, children: tuple[Any, ...] = (), local_gradients: tuple[Any, ...] = ()
    ) -> None:
        self.data = data
        self.grad = 0
        self.children = children
        self.local_gradients = local_gradients

    def __add__(self, other: Any) -> Reference:
        other = other if isinstance(other, Reference) else Reference(other)
        return Reference(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other: Any) -> Reference:
        other = other if isinstance(other, Reference) else Reference(other)
        return Reference(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float) -> Reference:
        return Reference(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def exp(self) -> Reference:
        e = math.exp(self.data)
        return Reference(e, (self,), (e,))

    def log(self) -> Reference:
        return Reference(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> Reference:
        return Reference(max(0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self) -> Reference:
        return self * -1

    def __sub__(self, other: Any) -> Reference:
        return self + (-other)

    def __truediv__(self, other: Any) -> Reference:
        return self * other**-1

    def __radd__(self, other: float) -> Reference:
        return self + other

    def __rmul__(self, other: float) -> Reference:
        return self * other

    def __rsub__(self, other: float) -> Reference:
        return (-self) + other

    def __rtruediv__(self, other: float) -> Reference:
        return self**-1 * other

    def backward(self) -> None:
        order = []
        visited = set()

        def visit(node: Reference) -> None:
            if node not in visited:
                visited.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1
        for node in reversed(order):
            for child, local in zip(node.children, node.local_gradients):  # noqa: B905 - as people write it
                child.grad += local * node.grad


def ours() -> type:
    """This project's Value."""
    from autograd import Value

    return Value


def reference() -> type:
    """The plain Value above."""
    return Reference


def micrograd() -> type:
    """The Value of the micrograd package, with an exp and a log written the way it writes its relu."""
    from micrograd.engine import Value

    def exp(self: Any) -> Any:
        out = Value(math.exp(self.data), (self,), "exp")

        def _backward() -> None:
            self.grad += out.data * out.grad

        out._backward = _backward
        return out

    def log(self: Any) -> Any:
        out = Value(math.log(self.data), (self,), "log")

        def _backward() -> None:
            self.grad += out.grad / self.data

        out._backward = _backward
        return out

    Value.exp, Value.log = exp, log
    return Value  # type: ignore[no-any-return]


ENGINES: dict[str, Callable[[], type]] = {"ours": ours, "reference": reference, "micrograd": micrograd}


def nodes(root: Any) -> int:
    """How many operations an engine recorded below `root`: the nodes that were computed."""

    def operands(node: Any) -> tuple[Any, ...]:
        if hasattr(node, "operands"):
            return tuple(x for x in node.operands if hasattr(x, "data"))
        return node.children if hasattr(node, "children") else tuple(node._prev)  # type: ignore[no-any-return]

    seen = {id(root)}
    computed, waiting = 0, [root]
    while waiting:
        below = operands(waiting.pop())
        computed += bool(below)
        for x in below:
            if id(x) not in seen:
                seen.add(id(x))
                waiting.append(x)
    return computed


def with_deep_recursion(function: Callable[[], T]) -> T:
    """Call `function` on a thread with a stack of 512 MiB and room for a million nested calls."""
    outcome: list[Any] = []

    def call() -> None:
        try:
            outcome.extend((True, function()))
        except BaseException as error:
            outcome.extend((False, error))

    limit, size = sys.getrecursionlimit(), threading.stack_size(512 * 1024 * 1024)
    sys.setrecursionlimit(1_000_000)
    try:
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    worked, result = outcome
    if not worked:
        raise result
    return result  # type: ignore[no-any-return]
