r"""Indices left out further down: of an example, \hat y_i in L and dL/d\hat y; of a layer, z_j of z^{[2]}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..meaning.chains import Chain, rewrite
from ..meaning.syntax import (
    Apply,
    Derivative,
    Index,
    Key,
    Name,
    Node,
    Product,
    Quotient,
    Sum,
    SumOver,
    mapped,
    names_in,
    walk,
)
from ..meaning.vocabulary import LOSSES
from .book import COUNTS, Book, Definition

__all__ = ["leave_out_the_example", "loss_of_one", "put_layers_back", "speak_of_one_example"]


def leave_out_the_example(chains: Sequence[Chain]) -> None:
    """Write y for y_i everywhere, where L is of y_i, its derivatives are by y, and i numbers nothing else."""
    nodes = [node for chain in chains for node in chain.nodes if node is not None]
    keys = {name.key for node in nodes for name in names_in(node)}
    summed = {x.index for node in nodes for x in walk(node) if isinstance(x, SumOver)}
    by = {
        x.variable.key
        for node in nodes
        for x in walk(node)
        if isinstance(x, Derivative) and isinstance(x.variable, Name)
    }
    for letter in sorted(_letters_of_losses(chains) - summed):
        one = (Index(letter),)
        numbered = {key.base for key in keys if key.below == one and not key.above}
        others = {key for key in keys if letter in key.letters and (key.below != one or key.above)}
        mixed = {key for key in keys if key.base in numbered and key.below and key.below != one}
        if others or mixed or not any(Key(base) in by for base in numbered):
            continue

        def change(x: Node, one: tuple[Index, ...] = one) -> Node:
            if isinstance(x, Name) and x.key.below == one:
                return replace(x, key=x.key._replace(below=()))
            return mapped(x, change)

        rewrite(chains, change)


def speak_of_one_example(chains: Sequence[Chain]) -> None:
    """Write z = w x + b for z^{(i)} = w x^{(i)} + b, where the notes go on with z; not in sums over i."""
    nodes = [node for chain in chains for node in chain.nodes if node is not None]
    keys = {name.key for node in nodes for name in names_in(node)}
    heads = {chain.head.key for chain in chains if isinstance(chain.head, Name) and len(chain.links) > 1}
    summed = {x.index for node in nodes for x in walk(node) if isinstance(x, SumOver)}
    layers = {i.letter for key in keys for i in key.below + key.above if i.number}
    for letter in sorted(summed.intersection("inmrs") - layers):
        of_one = {key: _without(key, letter) for key in heads if Index(letter) in key.above}
        if not keys.isdisjoint(of_one.values()) and heads.isdisjoint(of_one.values()):

            def change(x: Node, letter: str = letter) -> Node:
                if isinstance(x, Name):
                    return replace(x, key=_without(x.key, letter))
                return x if isinstance(x, SumOver) and x.index == letter else mapped(x, change)

            rewrite(chains, change)


def put_layers_back(chains: Sequence[Chain]) -> None:
    r"""Write z^{[2]}_j for z_j where something is differentiated by it that is computed from z^{[2]}."""
    bodies: dict[Key, Node] = {}
    for chain in chains:
        if isinstance(chain.head, Name) and len(chain.nodes) > 1 and chain.nodes[1] is not None:
            bodies.setdefault(chain.head.key, chain.nodes[1])
    layered = {key.base for key in bodies if len(key.above) == 1 and key.above[0].number > 0}
    layered -= {key.base for key in bodies if not key.above}
    for chain in chains if layered else ():
        for x in [x for node in chain.nodes if node is not None for x in walk(node)]:
            if isinstance(x, Derivative) and isinstance(x.variable, Name) and isinstance(x.output, Name):
                base = x.variable.key.base
                above = _layers_of(base, x.output.key, bodies) if base in layered else set()
                if len(above) == 1 and not x.variable.key.above:
                    layer = above.pop()

                    def change(x: Node, base: str = base, layer: tuple[Index, ...] = layer) -> Node:
                        if isinstance(x, Name) and x.key.base == base and not x.key.above:
                            return replace(x, key=x.key._replace(above=layer))
                        return mapped(x, change)

                    rewrite([chain], change)


def _layers_of(base: str, key: Key, bodies: Mapping[Key, Node], most: int = 3) -> set[tuple[Index, ...]]:
    """The layers of a letter that a quantity is computed from, the next ones."""
    body = bodies.get(key) or bodies.get(key._replace(below=()))
    names = [name.key for name in names_in(body)] if body is not None and most else []
    found = {name.above for name in names if name.base == base}
    return found or {layer for name in names for layer in _layers_of(base, name, bodies, most - 1)}


def _without(key: Key, letter: str) -> Key:
    return key._replace(above=tuple(i for i in key.above if i != Index(letter)))


def _letters_of_losses(chains: Sequence[Chain]) -> set[str]:
    """The index letters that stand in the formula of a loss, and in that of all its names."""
    found: set[str] = set()
    for chain in chains:
        head = chain.head.name if isinstance(chain.head, Apply) else chain.head
        body = chain.nodes[1] if len(chain.nodes) > 1 else None
        if isinstance(head, Name) and head.key.base in LOSSES and not head.key.below and body is not None:
            names = [name.key for name in names_in(body) if name.key.below]
            if len({key.base for key in names}) > 1 and len({key.below for key in names}) == 1:
                found |= names[0].letters
    return found


def loss_of_one(book: Book, loss: Key) -> Key | None:
    r"""What is summed in `J = \frac1m \sum_i (h(x^{(i)}) - y^{(i)})^2`, for x and y: a new name."""
    said = book.exact.get(loss)
    body = _of_one(said.body) if said is not None else None
    if body is None:
        return None
    key = Key(loss.base, (Index("one example"),))
    book.define(Definition(key, body, 0, "convention"))
    return key


def _of_one(node: Node) -> Node | None:
    """What a formula adds up for one example, without what is divided by their number; None if nothing."""
    match node:
        case SumOver(high=Name(key=Key(base=base))) if base in COUNTS:
            is_numbered = any(Index(node.index) in name.key.above for name in names_in(node.body))
            return _for_any(node.body, node.index) if is_numbered else None
        case Sum():
            found = [(_of_one(x), sign) for x, sign in zip(node.terms, node.signs, strict=True)]
            terms = [(x, sign) for x, sign in found if x is not None]
            if terms:
                return replace(node, terms=tuple(x for x, _ in terms), signs=tuple(sign for _, sign in terms))
        case Product(factors=(Quotient(over=over, under=Name(key=Key(base=base))), rest)) if base in COUNTS:
            summed = _of_one(rest)
            return summed and replace(node, factors=(over, summed))
    return None


def _for_any(node: Node, letter: str) -> Node:
    if isinstance(node, Name):
        return replace(node, key=_without(node.key, letter))
    return mapped(node, lambda x: _for_any(x, letter))
