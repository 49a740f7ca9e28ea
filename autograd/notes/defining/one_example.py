r"""The index of the one example that a loss is of, left out further down: \hat y_i in L, and dL/d\hat y."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..meaning.chains import Chain, rewrite
from ..meaning.syntax import Apply, Derivative, Index, Key, Name, Node, SumOver, mapped, names_in, walk
from ..meaning.vocabulary import LOSSES

__all__ = ["leave_out_the_example"]


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
