"""The graph with one node for each neuron, layer or other part of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..expr import Expr, symbol
from ..names import printable
from ..numbers import shown
from ..value import Value
from .folding import Graph, in_order, numbered_layers
from .nodes import Cluster, Edge, Node, Scene, applied, in_text_and_latex, listed, many, sign_of

__all__ = ["quotient"]

MAX_FORMULA = 200
"""A unit of more operations is shown without its formula."""
MAX_NAMED = 20_000
"""In a graph of more Values, those without a name are not numbered."""


def quotient(graph: Graph, parts: dict[Value, Value], fold: str, units: dict[Value, Value]) -> Scene:
    """The scene whose nodes are the parts."""
    members: dict[Value, list[Value]] = {}
    for x in graph.order:
        members.setdefault(parts[x], []).append(x)
    heads = in_order(graph, parts)
    seen_from_outside = {graph.root: None} | {
        y: None for x in graph.order for y in graph.reads[x] if parts[y] is not parts[x]
    }
    outputs: dict[Value, list[Value]] = {head: [] for head in heads}
    for x in sorted(seen_from_outside, key=graph.place.__getitem__):
        outputs[parts[x]].append(x)
    symbols = graph.symbols() if len(graph.order) <= MAX_NAMED else {}
    data = _data_nodes(parts, graph)
    ids = {head: f"n{place + len(data)}" for place, head in enumerate(heads)}
    nodes = [Node(f"n{i}", "constant", label, label) for i, (label, _) in enumerate(data)]
    edges = [Edge(f"n{i}", ids[head]) for i, (_, into) in enumerate(data) for head in into]
    clusters, home = _frames(graph, parts, units, members) if fold == "neurons" else ([], {})
    for head in heads:
        inside, out = members[head], outputs[head]
        single = out[0] if len(out) == 1 else None
        formula, tex = _unit_formula(inside, single, symbols)
        kind = graph.kind(graph.root) if parts[graph.root] is head else graph.kind(out[0])
        operations = sum(x.op is not None for x in inside)
        signs = Counter(sign_of(x.op, x.operands) for x in inside if x.op is not None)
        names = [*dict.fromkeys(printable(name) for x in out if (name := graph.name(x)) is not None)]
        # "is not None" throughout: a Value of 0 is false
        sign = listed(signs, 4)
        label = listed(names) if names else _of_parameters(graph, sign, inside) or many(len(inside), kind)
        if kind == "result" and not names:
            label = symbols.get(graph.root, "L")
        elif single is not None and single.op is None and not names:
            label = symbols.get(single, label)
        nodes.append(
            Node(
                ids[head],
                kind,
                label,
                label if single is None else symbols.get(single, label),
                sign,
                None if single is None else single.data,
                None if single is None else graph.gradient(single),
                formula,
                tex,
                tuple(out),
                operations,
                sum(graph.kind(x) == "parameter" for x in inside),
                home.get(head),
            )
        )
        edges += _edges_into(graph, parts, ids, head, inside, outputs)
    homes = {x: ids[part] for x, part in parts.items()}
    return Scene(
        tuple(nodes),
        tuple(edges),
        tuple(clusters),
        ids[parts[graph.root]],
        fold,
        len(graph.order),
        homes=homes,
    )


def _of_parameters(graph: Graph, sign: str, inside: list[Value]) -> str:
    """What a part without a name is called: its operations, and the parameters that are folded into it."""
    names = [name for x in inside if x.op is None and (name := graph.name(x)) is not None]
    return f"{sign} of {listed(map(printable, names), 2)}" if names and sign else sign


def _edges_into(
    graph: Graph,
    parts: dict[Value, Value],
    ids: dict[Value, str],
    head: Value,
    inside: list[Value],
    outputs: dict[Value, list[Value]],
) -> list[Edge]:
    """The edges from other parts; with the derivative where both ends are a single Value.

    It is found like a gradient: backward through the part, from its output to what it reads.
    """
    count = Counter(parts[y] for x in inside for y in graph.reads[x] if parts[y] is not head)
    slopes: dict[Value, Any] = {}
    if len(outputs[head]) == 1:
        (out,) = outputs[head]
        slopes[out] = 1
        for x in reversed(inside):
            if x in slopes:
                for y, slope in x._edges():
                    slopes[y] = slopes.get(y, 0) + slope * slopes[x]
                    # a Value outside is only read, so what is added up for it is complete in the end
    found = []
    for tail, times in count.items():
        local = slopes.get(outputs[tail][0]) if len(outputs[tail]) == 1 else None
        handed = local * outputs[head][0].grad if local is not None and graph.done else None
        found.append(Edge(ids[tail], ids[head], local, handed, times))
    return found


def _unit_formula(inside: list[Value], out: Value | None, symbols: Mapping[Value, str]) -> tuple[str, str]:
    """How a part of one output is computed from what it reads."""
    if out is None or out.op is None or not symbols or len(inside) > MAX_FORMULA:
        return "", ""
    exprs: dict[Value, Expr] = {}
    for x in inside:
        if x.op is not None:
            exprs[x] = applied(x, lambda y: exprs[y] if y in exprs else symbol(symbols[y]))
    return in_text_and_latex(exprs[out])


def _data_nodes(parts: dict[Value, Value], graph: Graph) -> list[tuple[str, list[Value]]]:
    """The plain numbers that dot products read: what they are, and the parts that read them."""
    into: dict[tuple[str, ...], dict[Value, None]] = {}
    for x in graph.order:
        if x.op is not None and x.op.name == "dot":
            plain = tuple(shown(y) for y in x.operands if not isinstance(y, Value))
            if plain:
                into.setdefault(plain, {})[parts[x]] = None
    rows: dict[tuple[Value, ...], list[tuple[str, ...]]] = {}
    for plain, readers in into.items():
        rows.setdefault(tuple(readers), []).append(plain)
    return [
        (
            listed(found[0]) if len(found) == 1 else f"{len(found):,} rows of {len(found[0])} numbers",
            [*readers],
        )
        for readers, found in rows.items()
    ]


def _frames(
    graph: Graph, parts: dict[Value, Value], units: dict[Value, Value], members: dict[Value, list[Value]]
) -> tuple[list[Cluster], dict[Value, str]]:
    """Frames around the neurons of a layer, where it has at least two."""
    neurons = [
        head for head, inside in members.items() if len(inside) > 2 and graph.name(units[head]) is not None
    ]
    neurons.sort(key=graph.place.__getitem__)
    clusters: list[Cluster] = []
    home: dict[Value, str] = {}
    for number, inside in numbered_layers(graph, parts, members, neurons):
        if len(inside) > 1:
            id = f"layer{len(clusters)}"
            clusters.append(Cluster(id, "layer", f"layer {number}"))
            home.update(dict.fromkeys(inside, id))
    return clusters, home
