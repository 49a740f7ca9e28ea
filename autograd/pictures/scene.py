"""What there is to show of a computation graph, whatever it is shown on: nodes, edges, neurons, layers.

A graph of many Values is folded first, see `folding`. Nothing recurses, and all orders are those of the
graph, so equal graphs give equal pictures.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..errors import SettingError
from ..value import Value
from .folding import Graph, bands, in_order, layers, neurons, units_of
from .nodes import Scene, many
from .quotient import quotient
from .unfolded import unfolded

__all__ = ["FOLDS", "layers_of", "scene"]

FOLDS = ("none", "neurons", "layers", "auto")

MANY, VERY_MANY = 60, 400
"""From so many Values on, `auto` folds to neurons, and to layers."""
MAX_UNFOLDED = 2_000
"""The most Values that are drawn one by one."""
MAX_TANGLE = 150_000
"""A graph whose edges reach further is not drawn Value by Value: `dot` would take seconds, then minutes."""
MAX_NEURONS, MAX_LAYERS = 300, 60
"""The most nodes of a folded picture; a graph that has more is folded further."""


def scene(
    root: Value,
    *,
    fold: str = "auto",
    until: int | None = None,
    highlight: Value | str | None = None,
    names: Mapping[str, Any] | None = None,
    parameters: bool = False,
) -> Scene:
    """Find what there is to show of the graph below `root`.

    fold       "none": each Value; "neurons" or "layers": what belongs together as one node; "auto": neurons
               above 60 Values, layers above 400. A graph that is too large for what was asked is folded
               further, and `left_out` says so
    until      only what is at most so many edges away from the result
    highlight  a parameter, or its name: all its paths to the result are marked
    names      names for Values that have none, such as `locals()`; lists of Values are numbered from 0
    parameters whether neurons leave their parameters as nodes of their own

    Raises `SettingError` for an option with a value it cannot have, `GraphError` for a graph with a cycle.

    >>> x = Value(3.0, "x")
    >>> found = scene((x * 2 + 1).tanh())
    >>> [node.label for node in found.nodes]
    ['x', '2', '*', '1', '+', 'L']
    >>> found.edges[0].local
    2
    """
    if fold not in FOLDS:
        near = difflib.get_close_matches(str(fold), FOLDS, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise SettingError(f"fold={fold!r}: {hint}It is one of {', '.join(FOLDS)}")
    if until is not None and (type(until) is not int or until < 0):
        raise SettingError(f"until={until!r}: it is a number of edges from the result, such as 3")
    graph = Graph(root, names or {})
    marked = graph.find(highlight) if highlight is not None else None
    found = _folded(graph, fold, parameters)
    if marked is not None:
        found = _highlighted(found, found.homes[marked])
    return found if until is None else _within(found, until)


# ------------------------------------------------------------------------------------------- what to fold


def _folded(graph: Graph, fold: str, parameters: bool) -> Scene:
    """The scene, folded as was asked for or, where that would be too much to read, further."""
    size = len(graph.order)
    wanted = fold
    if fold == "auto":
        fold = "none" if size <= MANY else "neurons" if size <= VERY_MANY else "layers"
    why = ""
    if fold == "none" and size > MAX_UNFOLDED:
        why = f"{size:,} Values are too many to draw one by one (the most is {MAX_UNFOLDED:,})"
        fold = "neurons" if size <= 10 * MAX_UNFOLDED else "layers"
    if fold == "none":
        found = unfolded(graph)
        if _tangle(found) <= MAX_TANGLE:
            return found
        why = f"{size:,} Values whose edges reach so far would make an unreadable picture"
        fold = "neurons"
    units = units_of(graph)
    if fold == "neurons":
        parts = neurons(graph, units, parameters)
        n_parts = len({parts[x] for x in graph.order if x.op is not None})
        if n_parts > MAX_NEURONS:
            why = why or f"{n_parts:,} neurons are too many to draw (the most is {MAX_NEURONS})"
            fold = "layers"
    if fold == "layers":
        parts = layers(graph, units)
    computed = {parts[x] for x in graph.order if x.op is not None}
    if len(computed) < 3 and not any(graph.name(x) for x in computed if x is not graph.root):
        if wanted == "auto" and size <= VERY_MANY and _tangle(each := unfolded(graph)) <= MAX_TANGLE:
            return each  # folded, one node would stand for everything
        fold = "bands" if sum(x.op is not None for x in graph.order) > MANY else fold
    if len(computed) > MAX_LAYERS and fold == "layers":
        why = why or f"{len(computed):,} layers are too many to draw (the most is {MAX_LAYERS})"
        fold = "bands"
    if fold == "bands":
        parts = bands(graph)
    how = {
        "neurons": "folded to neurons",
        "layers": "folded to layers",
        "bands": "cut into runs of operations, from the inputs to the result",
    }[fold]
    found = quotient(graph, parts, fold, units)
    shown_nodes = f"{many(size, 'Value')}, {how}: {many(len(found.nodes), 'node')}"
    return replace(found, left_out=f"{why}: {shown_nodes}" if why else shown_nodes)


def _tangle(found: Scene) -> int:
    """How far edges reach beyond the next node, in all, times the length of the longest path.

    A layout takes time and space for each node an edge goes past.
    """
    height: dict[str, int] = {}
    for edge in reversed(found.edges):
        height[edge.tail] = max(height.get(edge.tail, 0), height.get(edge.head, 0) + 1)
    reach = sum(height[edge.tail] - height.get(edge.head, 0) - 1 for edge in found.edges)
    return reach * max(height.values(), default=0)


# ------------------------------------------------------------------------------------------- less, and marked


def _highlighted(found: Scene, source: str) -> Scene:
    """The scene with all paths from a node to the result marked."""
    reached = {source}
    edges = []
    for edge in found.edges:  # by head, in topological order, so what leads to a tail was seen before
        on_path = edge.tail in reached and (edge.local is not None or found.fold != "none")
        edges.append(replace(edge, highlighted=on_path))
        if on_path:
            reached.add(edge.head)
    nodes = [replace(node, highlighted=node.id in reached) for node in found.nodes]
    return replace(found, nodes=tuple(nodes), edges=tuple(edges))


def _within(found: Scene, until: int) -> Scene:
    """The nodes that are at most so many edges away from the result."""
    tails: dict[str, list[str]] = {}
    for edge in found.edges:
        tails.setdefault(edge.head, []).append(edge.tail)
    kept = {found.root}
    border = [found.root]
    for _ in range(until):
        border = [*dict.fromkeys(t for head in border for t in tails.get(head, ()) if t not in kept)]
        kept.update(border)
    gone = len(found.nodes) - len(kept)
    if not gone:
        return found
    nodes = tuple(
        replace(node, more=sum(t not in kept for t in dict.fromkeys(tails.get(node.id, ()))))
        for node in found.nodes
        if node.id in kept
    )
    used = {node.cluster for node in nodes}
    used |= {c.parent for c in found.clusters if c.id in used}
    said = f"{gone:,} of {len(found.nodes):,} nodes are more than {many(until, 'edge')} away from the result"
    said += " and not shown"
    return replace(
        found,
        nodes=nodes,
        edges=tuple(e for e in found.edges if e.head in kept and e.tail in kept),
        clusters=tuple(c for c in found.clusters if c.id in used),
        left_out=f"{found.left_out}; {said}" if found.left_out else said,
        homes={x: id for x, id in found.homes.items() if id in kept},
    )


# --------------------------------------------------------------------------------------------- for the plots


def layers_of(root: Value, names: Mapping[str, Any]) -> list[tuple[str, list[Value], list[Value]]]:
    """The layers that have parameters, from the inputs on: name, parameters, outputs of all rows."""
    graph = Graph(root, names)
    units = units_of(graph)
    parts = layers(graph, units)
    parameters: dict[Value, list[Value]] = {}
    outputs: dict[Value, list[Value]] = {}
    for x in graph.order:
        if graph.kind(x) == "parameter":
            parameters.setdefault(parts[x], []).append(x)
        elif units[x] is x and x.op is not None:
            outputs.setdefault(parts[x], []).append(x)
    found = [part for part in in_order(graph, parts) if part in parameters and part in outputs]
    return [(f"layer {i}", parameters[part], outputs[part]) for i, part in enumerate(found, 1)]
