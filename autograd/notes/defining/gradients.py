r"""Gradients that do not say by what: `\nabla f` is by the arguments of f, in a step by what is changed.

`\nabla^2 f` is a matrix of second derivatives where it is said to be one, and elsewhere their sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..meaning.chains import Chain, rewrite
from ..meaning.syntax import (
    Apply,
    Derivative,
    Everything,
    Index,
    Key,
    Name,
    Node,
    Product,
    Shape,
    Sum,
    Table,
    mapped,
    walk,
)
from ..meaning.vocabulary import LOSSES
from .updates import update_of

__all__ = ["complete_gradients"]

_WEIGHTS = {"W", "w", "b", "theta", "Theta", "beta"}


def complete_gradients(chains: Sequence[Chain]) -> None:
    """Say what gradients are by, where the notes do."""
    parameters = _parameters(chains)
    _turn_round(chains)
    _add_layers(chains)
    _complete_jacobians(chains)
    _complete_hessians(chains, parameters)
    if (only := _only_parameter(chains)) is not None:
        parameters[""] = (only,)
    for chain in chains:
        if not any(isinstance(x, Everything) for node in chain.nodes if node is not None for x in walk(node)):
            continue
        update = update_of(chain)
        partials = next(
            (node for node in chain.nodes if isinstance(node, Table) and _is_gradient(node)), None
        )
        for link in chain.links:
            if link.node is None:
                continue
            if update is not None:
                stem = Name(0, 0, update[0])
                link.node = mapped(link.node, lambda x, by=stem: _completed(x, {}, by))  # type: ignore[misc]
            elif partials is not None and isinstance(link.node, Derivative):
                link.node = replace(partials, start=link.node.start, end=link.node.end)
            else:
                square = any(isinstance(x, Table) and len(x.rows) == len(x.rows[0]) > 1 for x in chain.nodes)
                link.node = _completed(link.node, parameters, square=square)
        if isinstance(chain.head, Table) and _is_gradient(chain.head):
            for link in chain.links[1:]:
                if isinstance(link.node, Shape):
                    rows = tuple((x,) for x in link.node.sizes)
                    link.node = Table(link.node.start, link.node.end, rows)


def _turn_round(chains: Sequence[Chain]) -> None:
    r"""`\nabla W`, where W is a weight that nothing defines, is the gradient of the loss by it."""
    nodes = [node for chain in chains for node in chain.nodes if node is not None]
    equations = [chain for chain in chains if len(chain.nodes) > 1 and update_of(chain) is None]
    heads = {chain.head.key.base for chain in equations if isinstance(chain.head, Name)}
    slopes = [
        x.output.key
        for node in nodes
        for x in walk(node)
        if isinstance(x, Derivative) and isinstance(x.output, Name)
    ]
    losses = {key for key in slopes if key.base in LOSSES and not key.below and not key.above}
    if len(losses) != 1:
        return
    (loss,) = losses

    def turned(node: Node) -> Node:
        node = mapped(node, turned)
        if not isinstance(node, Derivative) or not isinstance(node.variable, Everything) or node.order != 1:
            return node
        weight = node.output
        if not isinstance(weight, Name) or weight.key.base not in _WEIGHTS - heads:
            return node
        return replace(node, output=Name(node.start, weight.start, loss), variable=weight)

    rewrite(chains, turned)


def _add_layers(chains: Sequence[Chain]) -> None:
    r"""`\nabla_a C` in `\delta^L = \nabla_a C \odot f'(z^L)` is by a^L, where no a is without a layer."""
    nodes = [x for chain in chains for node in chain.nodes if node is not None for x in walk(node)]
    slopes = [x.variable.key for x in nodes if isinstance(x, Derivative) and isinstance(x.variable, Name)]
    names = Counter(x.key for x in nodes if isinstance(x, Name))
    bare = {
        key for key, times in Counter(slopes).items() if not key.below + key.above and names[key] == times
    }
    layered = {key.base for key in names if len(key.above) == 1}
    for chain in chains:
        head = chain.head
        if isinstance(head, Name) and len(head.key.above) == 1 and not head.key.below:
            layer = head.key.above

            def in_layer(node: Node, layer: tuple[Index, ...] = layer) -> Node:
                by = node.variable if isinstance(node, Derivative) else None
                if isinstance(by, Name) and by.key in bare and by.key.base in layered:
                    by = replace(by, key=by.key._replace(above=layer))
                    return replace(node, variable=by)  # type: ignore[call-arg]
                return mapped(node, in_layer)

            rewrite([chain], in_layer)


def _complete_jacobians(chains: Sequence[Chain]) -> None:
    """J_g, and J where there is but one such function, is the table of the derivatives of g."""
    found: dict[str, tuple[tuple[Node, ...], tuple[Node, ...]]] = {}
    for chain in chains:
        head, body = chain.head, chain.nodes[1] if len(chain.nodes) > 1 else None
        if isinstance(head, Apply) and isinstance(body, Table) and not head.name.primes:
            outputs = tuple(row[0] for row in body.rows)
            if all(isinstance(x, Name) for x in head.arguments) and all(len(row) == 1 for row in body.rows):
                found.setdefault(head.name.key.base, (head.arguments, outputs))
    for chain in chains if found else ():
        head, body = chain.head, chain.nodes[1] if len(chain.nodes) > 1 else None
        name = head.name if isinstance(head, Apply) else head
        if not isinstance(name, Name) or name.key.base != "J" or not isinstance(body, Table):
            continue
        of = str(name.key.below[0]) if len(name.key.below) == 1 else ""
        inputs, outputs = found.get(of or min(found), ((), ())) if of or len(found) == 1 else ((), ())
        if len(outputs) == len(body.rows) and len(inputs) == len(body.rows[0]):
            rows = tuple(tuple(Derivative(x.start, x.end, x, by) for by in inputs) for x in outputs)
            chain.links[0].node = Table(name.start, name.end, rows)


def _complete_hessians(chains: Sequence[Chain], parameters: Mapping[str, tuple[Node, ...]]) -> None:
    """H, a matrix with a row for every argument of the only function, is that of its second derivatives."""
    for chain in chains if len(parameters) == 1 else ():
        head, body = chain.head, chain.nodes[1] if len(chain.nodes) > 1 else None
        ((base, arguments),) = parameters.items()
        if isinstance(head, Name) and head.key.base == "H" and isinstance(body, Table) and len(arguments) > 1:
            of = Name(head.start, head.end, Key(base))
            called = head.key in (Key("H"), Key("H", (Index(base),)))
            if called and [len(row) for row in body.rows] == [len(arguments)] * len(arguments):
                second = Derivative(head.start, head.end, of, Everything(head.start, head.end), 2)
                chain.links[0].node = _hessian(second, arguments)


def _parameters(chains: Sequence[Chain]) -> dict[str, tuple[Node, ...]]:
    """The arguments of the functions that are written out: x and y where f(x, y) = ... stands."""
    found: dict[str, tuple[Node, ...]] = {}
    for chain in chains:
        for node in chain.nodes[:-1]:
            if not isinstance(node, Apply) or node.name.primes:
                continue
            if all(isinstance(x, Name) for x in node.arguments):
                found.setdefault(node.name.key.base, node.arguments)
    return found


def _only_parameter(chains: Sequence[Chain]) -> Name | None:
    """What the notes descend by, or take derivatives by, if it is one name only."""
    nodes = [x for chain in chains for node in chain.nodes if node is not None for x in walk(node)]
    found = {x.variable.key for x in nodes if isinstance(x, Derivative) and isinstance(x.variable, Name)}
    found |= {update[0] for chain in chains if (update := update_of(chain)) is not None}
    return Name(0, 0, found.pop()) if len(found) == 1 else None


def _is_gradient(table: Table) -> bool:
    """Whether a vector is one of derivatives."""
    return all(isinstance(x, Derivative) for row in table.rows for x in row)


def _completed(
    node: Node, parameters: Mapping[str, tuple[Node, ...]], by: Node | None = None, square: bool = False
) -> Node:
    if not isinstance(node, Derivative) or not isinstance(node.variable, Everything):
        return mapped(node, lambda x: _completed(x, parameters, by, square))
    output = node.output.name if isinstance(node.output, Apply) else node.output
    names: tuple[Node, ...] = (by,) if by is not None else ()
    if not names and isinstance(output, Name):
        names = parameters.get(output.key.base) or parameters.get("", ())
    if not names:
        return node
    if len(names) == 1:
        return replace(node, variable=names[0])
    if node.order == 2:
        return _hessian(node, names) if square else _laplacian(node, names)
    return Table(node.start, node.end, tuple((replace(node, variable=name),) for name in names))


def _hessian(node: Derivative, names: tuple[Node, ...]) -> Node:
    rows = tuple(tuple(_second(node, a, b) for b in names) for a in names)
    return Table(node.start, node.end, rows)


def _laplacian(node: Derivative, names: tuple[Node, ...]) -> Node:
    return Sum(node.start, node.end, tuple(_second(node, x, x) for x in names), (1,) * len(names))


def _second(node: Derivative, a: Node, b: Node) -> Node:
    return replace(node, variable=a if a is b else Product(node.start, node.end, (a, b), ("",)))
