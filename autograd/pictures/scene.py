"""What there is to show of a computation graph, whatever it is shown on: nodes, edges, neurons, layers.

A graph of many Values is folded first, see `folding`. Nothing recurses, and all orders are those of the
graph, so equal graphs give equal pictures.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import SettingError
from ..expr import Expr, constant, symbol
from ..names import printable
from ..notation import latex, text
from ..numbers import Number, shown
from ..ops import Op
from ..value import Value
from .folding import Graph, bands, in_order, layer_numbers, layers, neurons, read_by, units_of

__all__ = ["FOLDS", "Cluster", "Edge", "Node", "Scene", "layers_of", "printable", "scene", "sign_of"]

FOLDS = ("none", "neurons", "layers", "auto")

MANY, VERY_MANY = 60, 400
"""From so many Values on, `auto` folds to neurons, and to layers."""
MAX_UNFOLDED = 2_000
"""The most Values that are drawn one by one."""
MAX_TANGLE = 150_000
"""A graph whose edges reach further is not drawn Value by Value: `dot` would take seconds, then minutes."""
MAX_NEURONS, MAX_LAYERS = 300, 60
"""The most nodes of a folded picture; a graph that has more is folded further."""
MAX_NUMBERS = 4
"""A dot product of more plain numbers shows them as one node."""
MAX_FORMULA = 200
"""A unit of more operations is shown without its formula."""


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
        return self.nodes[int(id[1:])] if self.nodes[-1].id == f"n{len(self.nodes) - 1}" else self._search(id)

    def _search(self, id: str) -> Node:
        return next(node for node in self.nodes if node.id == id)


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


def sign_of(op: Op, operands: Iterable[Any] = ()) -> str:
    """How an operation is called in a picture: by its sign, or else by its name.

    >>> from autograd import OPS
    >>> [sign_of(OPS[name]) for name in ("add", "mul", "tanh", "dot")]
    ['+', '*', 'tanh', 'dot']
    """
    sign = re.sub(r"\{[^}]*\}|[(), ]", "", op.text) or op.name
    own = [x for place, x in enumerate(operands) if (op.name, place) in _IN_THE_SIGN and type(x) is not Value]
    return sign + "".join(map(shown, own)) if sign == "^" else " ".join([sign, *map(shown, own)])


_IN_THE_SIGN = {("power", 1), ("leaky_relu", 1)}
"""Plain numbers that are shown as part of the operation, such as the exponent in ^2."""


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
        found = _unfolded(graph)
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
        if wanted == "auto" and size <= VERY_MANY and _tangle(unfolded := _unfolded(graph)) <= MAX_TANGLE:
            return unfolded  # folded, one node would stand for everything
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
    found = _quotient(graph, parts, fold, units)
    shown_nodes = f"{size:,} Values, {how}: {len(found.nodes)} nodes"
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


# ----------------------------------------------------------------------------------- one node for each Value


def _unfolded(graph: Graph) -> Scene:
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
            if ends[place] or (x.op is not None and (x.op.name, place) in _IN_THE_SIGN):
                continue
            key = ((*names, "" if as_one else place)) if together else None
            label = _listed(names) if as_one else shown(y)
            ends[place] = constant_node(None if as_one else y, label, key, None if together else home.get(x))
        name = graph.name(x)
        sign = sign_of(x.op, x.operands) if x.op is not None else ""
        label = symbols[x] if x is graph.root or not sign else sign
        if name is not None:
            label = printable(name)
        formula, tex = _formula(_local(x, symbols)) if x.op is not None else ("", "")
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


def _local(x: Value, symbols: Mapping[Value, str]) -> Expr:
    """An operation on the symbols of its operands."""
    return _apply(x, lambda y: symbol(symbols[y]))


def _apply(x: Value, of: Callable[[Value], Expr]) -> Expr:
    assert x.op is not None
    return x.op(*[of(y) if isinstance(y, Value) else constant(y) for y in x.operands])  # type: ignore[no-any-return]


def _formula(expr: Expr) -> tuple[str, str]:
    return text(expr), latex(expr)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _listed(names: Iterable[str], most: int = 3) -> str:
    names = [*names]
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])}, ..., {names[-1]}"


def _clusters(graph: Graph, units: dict[Value, Value]) -> tuple[list[Cluster], dict[Value, str]]:
    """Frames around neurons, and around layers of at least two; and the innermost frame of each Value."""
    members: dict[Value, list[Value]] = {}
    for x in graph.order:
        members.setdefault(units[x], []).append(x)
    framed = [u for u, inside in members.items() if len(inside) > 2 and graph.name(u) is not None]
    framed.sort(key=graph.place.__getitem__)
    layers: dict[Hashable, list[Value]] = {}
    for u in framed:
        read = read_by(graph, members[u], units)
        plain = [shown(y) for x in members[u] for y in x.operands if not isinstance(y, Value)]
        layers.setdefault(frozenset(read) if read else tuple(plain), []).append(u)
    numbers = layer_numbers(graph, units, framed)
    clusters: list[Cluster] = []
    home: dict[Value, str] = {}
    for inside in layers.values():
        parent = None
        if len(inside) > 1:
            parent = f"layer{len(clusters)}"
            clusters.append(Cluster(parent, "layer", f"layer {numbers[inside[0]]}"))
        for u in inside:
            id = f"neuron{len(clusters)}"
            clusters.append(Cluster(id, "neuron", printable(graph.name(u) or ""), parent))
            home.update(dict.fromkeys(members[u], id))
    return clusters, home


# ------------------------------------------------------------------------------------- one node for each part


def _quotient(graph: Graph, parts: dict[Value, Value], fold: str, units: dict[Value, Value]) -> Scene:
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
    symbols = graph.symbols() if len(graph.order) <= 10 * MAX_UNFOLDED else {}
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
        sign = _listed(signs, 4)
        label = _listed(names) if names else sign or _many(len(inside), kind)
        if kind == "result" and not names:
            label = symbols.get(graph.root, "L")
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
            exprs[x] = _apply(x, lambda y: exprs[y] if y in exprs else symbol(symbols[y]))
    return _formula(exprs[out])


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
            _listed(found[0]) if len(found) == 1 else f"{len(found):,} rows of {len(found[0])} numbers",
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
    layers: dict[Hashable, list[Value]] = {}
    for head in neurons:
        inside = members[head]
        read = read_by(graph, inside, parts)
        plain = [shown(y) for x in inside for y in x.operands if not isinstance(y, Value)]
        layers.setdefault(frozenset(read) if read else tuple(plain), []).append(head)
    numbers = layer_numbers(graph, parts, neurons)
    clusters: list[Cluster] = []
    home: dict[Value, str] = {}
    for inside in layers.values():
        if len(inside) > 1:
            id = f"layer{len(clusters)}"
            clusters.append(Cluster(id, "layer", f"layer {numbers[inside[0]]}"))
            home.update(dict.fromkeys(inside, id))
    return clusters, home


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
    said = f"{gone:,} of {len(found.nodes):,} nodes are more than {_many(until, 'edge')} away from the result"
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
