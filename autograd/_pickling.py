"""Copying and pickling graphs of any depth.

Pickling a node through its operands would recurse once per level and overflow on deep graphs. So a node
is pickled as a place in a `_Flat`: all computed nodes below it, as flat lists. Leaves stand in a flat as
objects of their own, and a node that already stands in another flat of the same dump is referred to, so
what was shared before is shared after.

Values that hold Values are kept apart by depth, a flat for each: the data and the local derivatives of a
flat are nodes of shallower ones, never the other way round. Gradients, which could lead back to where
they are kept, are set when all nodes are there.
"""

from __future__ import annotations

import copy
import threading
import weakref
from itertools import islice
from typing import Any

from .errors import FileFormatError
from .graph import nodes_below
from .ops import OPS
from .value import Value, depth_of

__all__ = ["deep_copy", "reduce"]


class _Dump(threading.local):
    """What the pickler that is at work in this thread has met."""

    def __init__(self) -> None:
        self.flats: dict[Value, weakref.ref[_Flat]] = {}  # the flat that each computed node stands in


_dump = _Dump()


class _Flat:
    """The computed nodes below a root and as deeply nested, operands before results.

    Those in other flats are left out. Only the pickler keeps it alive, as long as it dumps.
    """

    __slots__ = ("__weakref__", "places")

    def __init__(self, root: Value) -> None:
        flats, depth = _dump.flats, depth_of(root)
        below = nodes_below(root, lambda node: node in flats or depth_of(node) < depth)
        places = {node: place for place, node in enumerate(x for x in below if x.op is not None)}

        def forget(_: object) -> None:
            for node in places:
                del flats[node]

        self.places = places
        flats.update(dict.fromkeys(places, weakref.ref(self, forget)))

    def __reduce__(self) -> tuple[Any, ...]:
        ops, data, counts = [], [], []
        slopes: list[Any] = []
        operands: list[int] = []  # one in this flat is told by its place,
        others: list[Any] = []  # any other by its place in this list, inverted: ~0, ~1, ...
        for node in self.places:
            ops.append(node.op.name)  # type: ignore[union-attr] # only computed nodes are in a flat
            data.append(node.data)
            slopes += node.local_derivatives
            counts.append(len(node.operands))
            for x in node.operands:
                place = self.places.get(x)
                if place is None:
                    place = ~len(others)
                    others.append(x)
                operands.append(place)
        names = {place: node.name for node, place in self.places.items() if node.name is not None}
        columns = ops, data, slopes, counts, operands, others, names
        return _unflatten, columns, [_grad(node) for node in self.places], None, None, _set_grads


def reduce(value: Value) -> tuple[Any, ...]:
    """What `pickle` needs to know about a Value."""
    if value.op is None:
        return _leaf, (value.data, value.name), value.grad, None, None, _set_grad
    reference = _dump.flats.get(value)
    flat = (reference and reference()) or _Flat(value)
    return _pick, (flat, flat.places[value])


def deep_copy(value: Value, memo: dict[int, Any]) -> Value:
    """A copy of a Value and of everything it was computed from."""

    def copied(x: Any) -> Any:
        return x if x is None or type(x) is float else copy.deepcopy(x, memo)

    nodes = nodes_below(value, lambda node: id(node) in memo)
    for node in nodes:
        if id(node) in memo:  # since the data of another led to it
            continue
        data, slopes = copied(node.data), tuple(map(copied, node.local_derivatives))
        if node.op is None:
            memo[id(node)] = _leaf(data, node.name)
        else:
            memo[id(node)] = _node(node.op.name, data, slopes, tuple(map(copied, node.operands)), node.name)
    for node in nodes:
        _set_grad(memo[id(node)], copied(_grad(node)))
    return memo[id(value)]  # type: ignore[no-any-return]


def _grad(node: Value) -> Any:
    return getattr(node, "_grad", None)


def _set_grad(node: Value, grad: Any) -> None:
    if grad is not None:
        node.grad = grad


def _set_grads(nodes: list[Value], grads: list[Any]) -> None:
    for node, grad in zip(nodes, grads, strict=True):
        _set_grad(node, grad)


def _leaf(data: Any, name: str | None) -> Value:
    return Value(data, name)


def _pick(nodes: list[Value], place: int) -> Value:
    return nodes[place]


def _unflatten(
    ops: list[str],
    data: list[Any],
    slopes: list[Any],
    counts: list[int],
    operands: list[int],
    others: list[Any],
    names: dict[int, str],
) -> list[Value]:
    nodes: list[Value] = []
    all_slopes, places = iter(slopes), iter(operands)
    for op, number, count in zip(ops, data, counts, strict=True):
        given = tuple(nodes[place] if place >= 0 else others[~place] for place in islice(places, count))
        nodes.append(_node(op, number, tuple(islice(all_slopes, count)), given, names.get(len(nodes))))
    return nodes


def _node(op: str, data: Any, slopes: tuple[Any, ...], operands: tuple[Any, ...], name: str | None) -> Value:
    if op not in OPS:
        raise FileFormatError(
            f"this pickle uses a primitive named {op!r}, which is not in the table; "
            f"define it again with primitive({op!r}, ...) before loading"
        )
    node: Value = object.__new__(Value)
    node._set_operation(OPS[op], data, operands, slopes)
    if name is not None:
        node.name = name
    return node
