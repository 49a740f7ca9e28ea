"""The graph with one node for each Value, and a frame around each neuron and each layer."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from ..expr import symbol
from ..names import printable
from ..numbers import shown
from ..value import Value
from .folding import Graph, numbered_layers, units_of
from .nodes import IN_THE_SIGN, Cluster, Edge, Node, Scene, applied, in_text_and_latex, listed, sign_of

__all__ = ["unfolded"]

MAX_NUMBERS = 4
"""A dot product of more plain numbers shows them as one node."""


def unfolded(graph: Graph) -> Scene:
    """The scene whose nodes are the Values, and the plain numbers they were computed with."""
    symbols = graph.symbols()
    units = units_of(graph)
    clusters, home = _clusters(graph, units)
    nodes: list[Node] = []
    edges: list[Edge] = []
    ids: dict[Value, str] = {}
    numbers: dict[Hashable, str] = {}  # the node of a number that several dot products of one layer use

    def constant_node(value: Any, label: str, key: Hashable, inside: str | None) -> str:
        if key is not None and key in numbers:
            return numbers[key]
        id = f"n{len(nodes)}"
        nodes.append(Node(id, "constant", label, label, value=value, cluster=inside))
        if key is not None:
            numbers[key] = id
        return id

    for x in graph.order:
        ends = [ids[y] if isinstance(y, Value) else "" for y in x.operands]
        plain = [y for y in x.operands if not isinstance(y, Value)]
        together = x.op is not None and x.op.name == "dot" and len(plain) > 1
        names = tuple(map(shown, plain))
        as_one = together and len(plain) > MAX_NUMBERS
        for place, y in enumerate(x.operands):
            if ends[place] or (x.op is not None and (x.op.name, place) in IN_THE_SIGN):
                continue
            key = ((*names, "" if as_one else place)) if together else None
            label = listed(names) if as_one else shown(y)
            ends[place] = constant_node(None if as_one else y, label, key, None if together else home.get(x))
        name = graph.name(x)
        sign = sign_of(x.op, x.operands) if x.op is not None else ""
        label = symbols[x] if x is graph.root or not sign else sign
        if name is not None:
            label = printable(name)
        formula, tex = (
            in_text_and_latex(applied(x, lambda y: symbol(symbols[y]))) if x.op is not None else ("", "")
        )
        id = ids[x] = f"n{len(nodes)}"
        nodes.append(
            Node(
                id,
                graph.kind(x),
                label,
                symbols[x],
                sign,
                x.data,
                graph.gradient(x),
                formula,
                tex,
                (x,),
                operations=int(x.op is not None),
                parameters=int(graph.kind(x) == "parameter"),
                cluster=home.get(x),
            )
        )
        seen: set[str] = set()
        for tail, slope in zip(ends, x.local_derivatives, strict=True):
            if not tail or (slope is None and tail in seen):
                continue
            seen.add(tail)
            handed = slope * x.grad if slope is not None and graph.done else None
            edges.append(Edge(tail, id, slope, handed))
    used = {node.cluster for node in nodes}
    used |= {c.parent for c in clusters if c.id in used}
    return Scene(
        tuple(nodes),
        tuple(edges),
        tuple(c for c in clusters if c.id in used),
        id,
        "none",
        len(graph.order),
        homes=ids,
    )


def _clusters(graph: Graph, units: dict[Value, Value]) -> tuple[list[Cluster], dict[Value, str]]:
    """Frames around neurons, and around layers of at least two; and the innermost frame of each Value."""
    members: dict[Value, list[Value]] = {}
    for x in graph.order:
        members.setdefault(units[x], []).append(x)
    framed = [u for u, inside in members.items() if len(inside) > 2 and graph.name(u) is not None]
    framed.sort(key=graph.place.__getitem__)
    clusters: list[Cluster] = []
    home: dict[Value, str] = {}
    for number, inside in numbered_layers(graph, units, members, framed):
        parent = None
        if len(inside) > 1:
            parent = f"layer{len(clusters)}"
            clusters.append(Cluster(parent, "layer", f"layer {number}"))
        for u in inside:
            id = f"neuron{len(clusters)}"
            clusters.append(Cluster(id, "neuron", printable(graph.name(u) or ""), parent))
            home.update(dict.fromkeys(members[u], id))
    return clusters, home
