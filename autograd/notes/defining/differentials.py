r"""Differentials: `df = a^T dX b`, `d(XY) = (dX)Y + X dY`, `dL = (y - t)^T dy`.

In another notation `dX` is the gradient by X. There a slope is computed from slopes that come after it; a
differential is computed from those of what goes into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..meaning.chains import Chain
from ..meaning.closure import closure
from ..meaning.syntax import (
    Derivative,
    Differential,
    Index,
    Key,
    Name,
    Node,
    Product,
    direction_of,
    mapped,
    names_in,
    walk,
)

__all__ = ["tell_differentials", "with_differentials"]

_Goes = dict[str, set[str]]


def tell_differentials(chains: Sequence[Chain]) -> None:
    """Say of which formulas differentials are taken, and in which directions."""
    if not any(map(_differentials_in, chains)):
        return
    goes_into = _dependencies(chains)
    for chain in chains:
        head = chain.head
        of = None if head is None else _differentiated(head)
        varied = dict.fromkeys(
            _variable(x).key for x in _differentials_in(chain, 1) if isinstance(x, Name)
        )  # fmt: skip
        if of is None or not varied or len(chain.links) < 2:
            continue
        own, bases = {_letter(name.key) for name in names_in(of)}, set(map(_letter, varied))
        reached = _reached(goes_into, own)
        if isinstance(of, Name):
            reached -= own
        if not bases <= reached or (isinstance(of, Name) and own & _reached(goes_into, bases)):
            continue  # or they go round in layers
        first = [k for k in varied if not (_reached(goes_into, {_letter(k)}) - {_letter(k)}) & bases]
        by = tuple(Name(0, 0, key) for key in first)
        for link in chain.links:
            if link.node is not None:
                link.node = with_differentials(link.node, by)


def _differentials_in(chain: Chain, first: int = 0) -> list[Node]:
    """The names dx, and the d of d(x y), on the sides of a chain."""
    sides = (node for node in chain.nodes[first:] if node is not None)
    return [x for node in sides for x in walk(node) if _differentiated(x) is not None]


def _differentiated(node: Node) -> Node | None:
    """X of `dX`, X Y of `d(X Y)`."""
    if isinstance(node, Name) and node.key.base.startswith("d ") and not node.primes:
        return _variable(node)
    if isinstance(node, Product) and isinstance(node.factors[0], Name) and not node.signs[0]:
        key = node.factors[0].key
        return node.factors[1] if key.base == "d" and not key.below and not key.above else None
    return None


def _variable(node: Name) -> Name:
    return replace(node, key=node.key._replace(base=node.key.base.removeprefix("d ")))


def with_differentials(node: Node, by: tuple[Name, ...]) -> Node:
    """A side with its differentials as such, in the directions of these names."""
    of = _differentiated(node)
    if of is None:
        return mapped(node, lambda x: with_differentials(x, by))
    if isinstance(node, Product) and len(node.factors) > 2:
        d = Differential(node.start, of.end, of, by)
        rest = tuple(with_differentials(x, by) for x in node.factors[2:])
        return replace(node, factors=(d, *rest), signs=node.signs[1:])
    if isinstance(of, Name) and any(of.key == name.key for name in by):
        return replace(of, key=direction_of(of.key))
    return Differential(node.start, node.end, of, by)


def _dependencies(chains: Sequence[Chain]) -> _Goes:
    """Which letters go into which, as the notes write it."""
    found: _Goes = {}
    for chain in chains:
        head = chain.head
        if isinstance(head, Name) and not head.key.base.startswith("d "):
            sides = [node for node in chain.nodes[1:] if node is not None]
            if not any(isinstance(x, Derivative) for side in sides for x in walk(side)):
                found.setdefault(_letter(head.key), set()).update(
                    _letter(n.key) for s in sides for n in _plain(s)
                )
    return found


def _letter(key: Key) -> str:
    """The letter of a name, with its label: the a_r and the a_z of two gates are two."""
    return " ".join([key.base, *(index.letter for index in key.below if len(index.letter) > 1)])


def _plain(node: Node) -> Iterator[Name]:
    """The names in it but those of slopes, and of where a recursion begins: h_0."""
    names = (name for name in names_in(node) if not name.key.base.startswith("d "))
    return (name for name in names if Index("", 0) not in name.key.below + name.key.above)


def _reached(goes_into: _Goes, bases: set[str]) -> set[str]:
    """The letters that these are computed from, and themselves."""
    return closure(bases, lambda base: goes_into.get(base, ()))
