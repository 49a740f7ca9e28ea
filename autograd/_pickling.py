"""Copying and pickling graphs of any depth.

Pickling a node through its operands would recurse once per level and overflow on deep graphs. So a node
is pickled as a place in a `_Flat`: all computed nodes below it, as flat lists. Leaves stand in a flat as
objects of their own, and a node that already stands in another flat of the same dump is referred to, so
what was shared before is shared after.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from .errors import FileFormatError
from .graph import topological_order
from .ops import OPS

if TYPE_CHECKING:
    from .value import Value

__all__ = ["deep_copy", "reduce"]

_flats: weakref.WeakValueDictionary[int, _Flat] = weakref.WeakValueDictionary()
"""The flat that holds the node of this id. Only the pickler keeps a flat alive, as long as it dumps."""


class _Flat:
    """The computed nodes below a root, operands before results."""

    __slots__ = ("__weakref__", "nodes", "positions")

    def __init__(self, root: Value) -> None:
        self.nodes = [
            node for node in topological_order(root) if node.op is not None and id(node) not in _flats
        ]
        self.positions = {id(node): place for place, node in enumerate(self.nodes)}
        for place in self.positions:
            _flats[place] = self

    def __reduce__(self) -> tuple[Any, ...]:
        rows = []
        for node in self.nodes:
            # An operand within this flat is told by its place, as (place,); anything else as itself.
            operands = tuple(
                (self.positions[id(x)],) if id(x) in self.positions else x for x in node.operands
            )
            rows.append((node.op.name, node.data, operands, node.local_derivatives, *_optional(node)))  # type: ignore[union-attr]
        return _unflatten, (rows,)


def _optional(node: Value) -> tuple[Any, Any]:
    return getattr(node, "_grad", None), node.name


def reduce(value: Value) -> tuple[Any, ...]:
    """What `pickle` needs to know about a Value."""
    if value.op is None:
        return _leaf, (value.data, value.grad, value.name)
    flat = _flats.get(id(value)) or _Flat(value)
    return _pick, (flat, flat.positions[id(value)])


def _leaf(data: Any, grad: Any, name: str | None) -> Value:
    from .value import Value

    leaf = Value(data, name)
    leaf.grad = grad
    return leaf


def _pick(nodes: list[Value], place: int) -> Value:
    return nodes[place]


def _unflatten(rows: list[tuple[Any, ...]]) -> list[Value]:
    nodes: list[Value] = []
    for op_name, data, operands, slopes, grad, name in rows:
        if op_name not in OPS:
            raise FileFormatError(
                f"this pickle uses a primitive named {op_name!r}, which is not in the table; "
                f"define it again with primitive({op_name!r}, ...) before loading"
            )
        found = tuple(nodes[x[0]] if type(x) is tuple else x for x in operands)
        nodes.append(_node(op_name, data, found, slopes, grad, name))
    return nodes


def _node(
    op_name: str, data: Any, operands: tuple[Any, ...], slopes: tuple[Any, ...], grad: Any, name: str | None
) -> Value:
    from .value import Value

    node: Value = object.__new__(Value)
    node._set_operation(OPS[op_name], data, operands, slopes)
    if grad is not None:
        node.grad = grad
    if name is not None:
        node.name = name
    return node


def deep_copy(value: Value, memo: dict[int, Any]) -> Value:
    """A copy of a Value and of everything it was computed from."""
    import copy

    for node in topological_order(value):
        if id(node) in memo:
            continue
        data = copy.deepcopy(node.data, memo)
        if node.op is None:
            memo[id(node)] = _leaf(data, node.grad, node.name)
        else:
            operands = tuple(memo.get(id(x), x) for x in node.operands)
            memo[id(node)] = _node(
                node.op.name, data, operands, node.local_derivatives, *_optional(node)
            )
    return memo[id(value)]  # type: ignore[no-any-return]
