r"""Derivatives by a subscript: `f_x = 2 x y` where `f(x, y) = x^2 y`, `L_w = 2 (w x - y) x`, `f_{xy}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..meaning.chains import Chain
from ..meaning.closure import closure
from ..meaning.syntax import Apply, Derivative, Key, Name, Node, Product, SumOver, mapped, names_in, walk

__all__ = ["spell_subscripts"]

_COUNTERS = frozenset("ijklmnt")
"""Letters that number things, where they stand below."""


def spell_subscripts(chains: Sequence[Chain]) -> None:
    """Write derivatives by a subscript as derivatives, where that is what a subscript must be.

    All subscripts of the letter have to be names of what it is computed from, and none of them numbers
    anything: C_x, of which C is the mean, is no derivative.
    """
    variables = _variables(chains)
    nodes = [node for chain in chains for node in chain.nodes if node is not None]
    counters = _COUNTERS | {x.index for node in nodes for x in walk(node) if isinstance(x, SumOver)}
    found: dict[str, set[Key]] = {}
    for node in nodes:
        for name in names_in(node):
            if name.key.below and name.key.base in variables:
                found.setdefault(name.key.base, set()).add(name.key)
    operands = {
        x.key
        for node in nodes
        for d in walk(node)
        if isinstance(d, Derivative)
        for x in (d.output, d.variable)
        if isinstance(x, Name)
    }
    of_others = {  # h_\theta(x), though h = X \theta
        x.name.key
        for node in nodes
        for x in walk(node)
        if isinstance(x, Apply)
        and any(isinstance(y, Name) and y.key not in variables.get(x.name.key.base, ()) for y in x.arguments)
    }
    by: dict[Key, list[Key]] = {}
    for base, keys in found.items():
        spelled = {key: _by(key, variables[base]) for key in keys}
        counts = any(v.base in counters for variables_of in spelled.values() for v in variables_of)
        if all(spelled.values()) and not counts and not keys & (operands | of_others):
            by |= spelled
    for chain in chains if by else ():
        for link in chain.links:
            if link.node is not None:
                link.node = _spelled(link.node, by)


def _variables(chains: Sequence[Chain]) -> dict[str, set[Key]]:
    """By a letter that is defined without an index: the arguments it has, or all that it is computed from."""
    called: dict[str, set[Key]] = {}
    bodies: dict[Key, Node] = {}
    for chain in chains:
        for place, node in enumerate(chain.nodes[:-1]):
            body = next((x for x in chain.nodes[place + 1 :] if x is not None), None)
            if isinstance(node, Apply) and node.name.key == Key(node.name.key.base) and not node.name.primes:
                arguments = {x.key for x in node.arguments if isinstance(x, Name)}
                if len(arguments) == len(node.arguments):
                    called.setdefault(node.name.key.base, set()).update(arguments)
            elif (
                isinstance(node, Name) and place == 0 and body is not None and node.key == Key(node.key.base)
            ):
                bodies.setdefault(node.key, body)
    reached = {
        key.base: set(closure([key], lambda x: [n.key for n in names_in(bodies[x])] if x in bodies else []))
        for key in bodies
    }
    found = {base: {key for key in keys if key.base != base} for base, keys in {**reached, **called}.items()}
    return {base: keys for base, keys in found.items() if not _is_made_of_its_own(base, bodies)}


def _is_made_of_its_own(base: str, bodies: Mapping[Key, Node]) -> bool:
    """C = 1/n sum_x C_x: with an index it is a part of what it is without."""
    body = bodies.get(Key(base))
    return body is not None and any(name.key.base == base for name in names_in(body))


def _by(key: Key, variables: set[Key]) -> list[Key]:
    """What a subscript says to differentiate by: one of the variables, or two of them."""
    if len(key.below) != 1 or key.above or key.tag or key.below[0].number:
        return []
    letters = key.below[0].letter
    for parts in ([letters], list(letters) if len(letters) == 2 else []):
        if parts and all(Key(x) in variables for x in parts):
            return [Key(x) for x in parts]
    return []


def _spelled(node: Node, by: Mapping[Key, list[Key]]) -> Node:
    """A formula with the derivatives in it spelled out."""
    name = node.name if isinstance(node, Apply) else node
    if not isinstance(name, Name) or name.key not in by or name.primes:
        return mapped(node, lambda x: _spelled(x, by))
    if isinstance(node, Apply) and not all(isinstance(x, Name) for x in node.arguments):
        return node  # f_x(1, 2)
    variables = tuple(Name(name.start, name.end, key) for key in by[name.key])
    output = Name(name.start, name.end, Key(name.key.base))
    if len(variables) == 1:
        return Derivative(node.start, node.end, output, variables[0])
    return Derivative(node.start, node.end, output, Product(name.start, name.end, variables, ("",)), 2)
