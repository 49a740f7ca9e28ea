"""Which Values of a graph belong together: units, neurons, layers.

    a unit    a named Value with the unnamed ones and the parameters that feed nothing else; `A = f(Z)`
              belongs together even where both have names. In a graph without names, a unit is a Value that
              several others use, with all that feeds nothing else
    a neuron  a unit; those of one name, as each row of a batch makes them, are one neuron
    a layer   the units that are made of the same operations and read the same layers

Each function gives a part for every Value: the Value that its part is known by. Nothing here knows about
`nn`: names and edges tell it all.
"""

from __future__ import annotations

import difflib
import graphlib
import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from ..errors import NumberError, SettingError
from ..graph import Labels, topological_order
from ..names import printable
from ..numbers import Number, shown
from ..value import Value

__all__ = [
    "Graph",
    "bands",
    "checked_root",
    "in_order",
    "layers",
    "names_of",
    "neurons",
    "numbered_layers",
    "units_of",
]

BANDS = 12
"""Into so many pieces a graph without any structure is cut."""


def checked_root(root: Value) -> None:
    """Raise `NumberError` for what is no Value."""
    if not isinstance(root, Value):
        raise NumberError(f"a picture is of one Value, and of what it was computed from; got {root!r:.80}")


class Graph:
    """The Values below a root, their names and what each of them is."""

    def __init__(self, root: Value, names: Mapping[str, Any]) -> None:
        checked_root(root)
        self.root = root
        self.order = topological_order(root)
        self.place = {node: place for place, node in enumerate(self.order)}
        self.reads = {x: tuple(y for y in x.operands if isinstance(y, Value)) for x in self.order}
        self.done = hasattr(root, "_grad") if root.op is not None else root.grad != 0
        self.given = _given_names(names)
        self.inputs = {x for x in self.order if x.op is None and re.fullmatch(_INPUT, self.name(x) or "")}

    def name(self, x: Value) -> str | None:
        """The name of a Value, or the one it is given."""
        return self.given.get(x) if x.name is None else x.name

    def symbols(self) -> dict[Value, str]:
        """What formulas call each Value, so that it can be printed; no two are called the same."""
        return {x: printable(name) for x, name in _names_of(self.root, self.given).items()}

    def kind(self, x: Value) -> str:
        """What a Value is: "result", "operation", "input" or "parameter"."""
        if x is self.root:
            return "result"
        if x.op is not None:
            return "operation"
        return "input" if x in self.inputs else "parameter"

    def gradient(self, x: Value) -> Number | None:
        """The gradient, None before `backward()`."""
        return x.grad if self.done else None

    def find(self, wanted: Value | str) -> Value:
        """The Value to highlight."""
        if isinstance(wanted, Value):
            if wanted in self.place:
                return wanted
            raise SettingError(f"highlight={wanted!r}: the result was not computed from this Value")
        known: dict[str, Value] = {}
        for x in self.order:
            if (name := self.name(x)) is not None:
                known.setdefault(name, x)
        if wanted in known:
            return known[wanted]
        near = difflib.get_close_matches(str(wanted), known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join([*known][:20]) or 'no names'}"
        raise SettingError(f"highlight={wanted!r}: the graph has nothing of this name; {hint}")


def names_of(root: Value, names: Mapping[str, Any]) -> dict[Value, str]:
    """What each Value below a root is called: by its name, by one that is given, or v1, v2, ...

    No two are called the same, and a root without a name is L.
    """
    return _names_of(root, _given_names(names))


def _names_of(root: Value, given: Mapping[Value, str]) -> dict[Value, str]:
    found = dict(Labels(root).of)
    taken = set(found.values())
    for x, name in given.items():
        if x in found and x.name is None and name not in taken:
            found[x] = name
            taken.add(name)
    return found


_INPUT = r"(?is)(xs?|ys?|ts?|inputs?|targets?|labels?|features?)([a-z]|[\W\d_].*)?"
"""What inputs and targets are called, as in x1, X2, y, xi, x[0], y(3), y_true; others are parameters."""


def _given_names(names: Mapping[str, Any]) -> dict[Value, str]:
    """Values by the variables that hold them; elements of lists as `w[0]`, `w[0][1]`."""
    found: dict[Value, str] = {}
    seen: set[int] = set()
    pending = [(str(name), x) for name, x in reversed([*names.items()])]
    while pending:
        name, x = pending.pop()
        if isinstance(x, Value):
            found.setdefault(x, name)
        elif isinstance(x, (list, tuple)) and id(x) not in seen:
            seen.add(id(x))
            pending += [(f"{name}[{i}]", item) for i, item in reversed([*enumerate(x)])]
    return found


def units_of(graph: Graph) -> dict[Value, Value]:
    """For every Value the one that its unit is known by: the last one in it."""
    unit: dict[Value, Value] = {}
    into: dict[Value, Value | None] = {}  # the unit that all uses so far are in; None: several
    for x in reversed(graph.order):
        feeds = into.get(x)
        if feeds is None or x in graph.inputs or (x.op is not None and graph.name(x) is not None):
            unit[x] = x
        else:
            unit[x] = feeds
        # Only a named unit keeps what is used twice inside it: the result would swallow the whole graph.
        closed = unit[x] is graph.root or graph.name(unit[x]) is None
        for operand in graph.reads[x]:
            shared = operand in into and (into[operand] is not unit[x] or (closed and operand.op is not None))
            into[operand] = None if shared else unit[x]
    # A = f(Z): both have names and nothing else reads Z, or goes into A.
    reads: dict[Value, set[Value | None]] = {}
    for x in graph.order:
        for operand in graph.reads[x]:
            if unit[operand] is not unit[x]:
                reads.setdefault(unit[x], set()).add(operand)
            elif operand.op is None:
                reads.setdefault(unit[x], set()).add(None)  # a parameter of its own
    joined: dict[Value, Value] = {}
    for a in reversed(graph.order):
        only = [*reads.get(a, ())]
        if len(only) != 1 or unit[a] is not a:
            continue
        z = only[0]
        if z is None or z.op is None or graph.name(z) is None or into[z] is not a or graph.name(a) is None:
            continue
        if a is not graph.root or a.operands == (z,):  # a loss of one prediction is no activation
            joined[z] = joined.get(a, a)
    return {x: joined.get(u, u) for x, u in unit.items()}


def neurons(graph: Graph, units: dict[Value, Value], parameters: bool) -> dict[Value, Value]:
    """For every Value the first of its neuron: units of one name that share a parameter are rows of one."""
    users: dict[Value, set[Value]] = {}
    for x in graph.order:
        for operand in graph.reads[x]:
            if operand.op is None and units[operand] is operand:
                users.setdefault(operand, set()).add(units[x])
    first: dict[Hashable, Value] = {}
    same: dict[Value, Value] = {}
    for leaf in graph.order:
        for user in sorted(users.get(leaf, ()), key=graph.place.__getitem__):
            if graph.kind(leaf) == "parameter" and (name := graph.name(user)) is not None:
                same.setdefault(user, first.setdefault((leaf, name), user))
    firsts = {x: _chase(same, units[x]) for x in graph.order}
    try:
        in_order(graph, firsts)
    except graphlib.CycleError:  # one row reads what another computes
        firsts = dict(units)
    if parameters:
        return firsts | {x: x for x in graph.order if x.op is None}
    merged = len(set(firsts.values())) < len(set(units.values()))
    return _absorb_leaves(graph, firsts, lambda x: graph.name(x) if merged else x)


def _chase(same: dict[Value, Value], x: Value) -> Value:
    while same.get(x, x) is not x:
        x = same[x]
    return x


def layers(graph: Graph, units: dict[Value, Value]) -> dict[Value, Value]:
    """For every Value the first of its layer.

    Units with the same parameters, as each row of a batch and each position of a sequence makes them, are in
    one layer, and so are the steps of a recurrent one; unless layers would then read each other in a circle.
    """
    try:
        layers = _alike(graph, units, shared=True)
        in_order(graph, layers)
    except graphlib.CycleError:
        layers = _alike(graph, units, shared=False)
    return layers


def _alike(graph: Graph, units: dict[Value, Value], shared: bool) -> dict[Value, Value]:
    """For every Value the first of the units that are like its own.

    What is compared is the set of a unit's operations, not their number, so that a sum of 3 terms is like
    one of 4; the layers it reads; and its name but for numbers.
    """
    members: dict[Value, list[Value]] = {}
    for x in graph.order:
        members.setdefault(units[x], []).append(x)
    layer: dict[Value, Value] = {}
    first: dict[Hashable, Value] = {}
    for unit in sorted(members, key=graph.place.__getitem__):
        if unit.op is None:
            continue
        times = Counter(x.op for x in members[unit])
        stem = re.sub(r"[\W\d_]+", "", graph.name(unit) or "")
        read = {y for x in members[unit] for y in graph.reads[x] if y.op is not None or y in graph.inputs}
        own = {y for x in members[unit] for y in graph.reads[x] if y.op is None and y not in graph.inputs}
        layers_read = frozenset(layer.get(units[y]) for y in read if units[y] is not unit)
        keys: list[Hashable] = [unit] if unit is graph.root else [(frozenset(times), stem, layers_read)]
        if own and shared and unit is not graph.root:
            keys.append((frozenset(times.items()), stem, frozenset(own)))
        found = next((first[key] for key in reversed(keys) if key in first), unit)
        for key in keys:
            first.setdefault(key, found)
        layer[unit] = found
    parts = {x: layer.get(units[x], x) for x in graph.order}
    return _absorb_leaves(graph, parts, lambda x: x in graph.inputs)


def bands(graph: Graph) -> dict[Value, Value]:
    """For every Value the first of its band: operations at about the same distance from the leaves."""
    level: dict[Value, int] = {}
    for x in graph.order:
        level[x] = 1 + max((level[y] for y in graph.reads[x]), default=-1) if x.op is not None else 0
    top = level[graph.root] + 1
    first: dict[int, Value] = {}
    parts = {}
    for x in graph.order:
        band = BANDS if x is graph.root else level[x] * BANDS // top
        parts[x] = x if x.op is None else first.setdefault(band, x)
    return _absorb_leaves(graph, parts, lambda x: x in graph.inputs)


def _absorb_leaves(
    graph: Graph, parts: dict[Value, Value], like: Callable[[Value], Hashable]
) -> dict[Value, Value]:
    """Parameters that feed one part join it; of the leaves that stay, those that feed the same are one.

    `like` tells inputs apart that stay apart all the same.
    """
    feeds: dict[Value, dict[Value, None]] = {}
    for x in graph.order:
        for operand in graph.reads[x]:
            if operand.op is None:
                feeds.setdefault(operand, {})[parts[x]] = None
    first: dict[Hashable, Value] = {}
    for leaf, into in feeds.items():
        kind = graph.kind(leaf)
        if kind == "parameter" and len(into) == 1:
            (parts[leaf],) = into
        else:
            key = (kind, like(leaf) if kind == "input" else None, frozenset(into))
            parts[leaf] = first.setdefault(key, leaf)
    return parts


def in_order(graph: Graph, parts: dict[Value, Value]) -> list[Value]:
    """The parts by their distance from the leaves, and then as they were computed.

    Raises `graphlib.CycleError` where a part reads itself by way of others.
    """
    reads: dict[Value, dict[Value, None]] = {}
    for x in graph.order:
        mine = reads.setdefault(parts[x], {})
        mine.update((parts[y], None) for y in graph.reads[x] if parts[y] is not parts[x])
    level: dict[Value, int] = {}
    for part in graphlib.TopologicalSorter(reads).static_order():
        level[part] = max((level[y] + 1 for y in reads[part]), default=0)
    return sorted(level, key=lambda part: (level[part], graph.place[part]))


def numbered_layers(
    graph: Graph, parts: dict[Value, Value], members: Mapping[Value, list[Value]], neurons: list[Value]
) -> list[tuple[int, list[Value]]]:
    """The neurons that read the same side by side, with the number of their layer."""
    layers: dict[Hashable, list[Value]] = {}
    for neuron in neurons:
        inside = members[neuron]
        read = {y for x in inside for y in graph.reads[x] if y.op is not None or y in graph.inputs}
        others = {parts[y] for y in read} - {neuron}
        plain = (shown(y) for x in inside for y in x.operands if not isinstance(y, Value))
        layers.setdefault(frozenset(others) or tuple(plain), []).append(neuron)
    counted = set(neurons)
    number: dict[Value, int] = {}  # one more than that of the layers it reads
    for x in graph.order:
        part = parts[x]
        below = max((number.get(parts[y], 0) for y in graph.reads[x] if parts[y] is not part), default=0)
        number[part] = max(number.get(part, 0), below + (part in counted))
    return [(number[inside[0]], inside) for inside in layers.values()]
