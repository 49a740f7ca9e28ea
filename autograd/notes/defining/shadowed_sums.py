r"""The letters of sums: k is meant in `z_j = \sum_j w_{jk} a_k`, and what is one sum has one letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..judging.deciding import free_letters
from ..meaning.chains import Chain, rewrite
from ..meaning.syntax import Name, Node, SumOver, mapped, same_form, walk

__all__ = ["sum_alike", "sum_over_the_other", "with_index"]


def sum_over_the_other(chains: Sequence[Chain]) -> None:
    """Let a sum in a definition go over the one letter that nothing binds, and not over one that is set."""
    for chain in chains:
        head = chain.head
        if not isinstance(head, Name) or head.primes or not head.key.below:
            continue
        for link in chain.links[1:]:
            if link.node is not None:
                left = free_letters(link.node) - head.key.letters
                if len(left) == 1:
                    link.node = _over(link.node, min(left), frozenset(i.letter for i in head.key.below))


def _over(node: Node, letter: str, given: frozenset[str]) -> Node:
    if not isinstance(node, SumOver):
        return mapped(node, lambda x: _over(x, letter, given))
    shadows = node.index in given and {node.index, letter} <= free_letters(node.body)
    return replace(node, index=letter) if shadows else node


def sum_alike(chains: Sequence[Chain]) -> None:
    r"""Let what is the same sum but for its letter go over the same one.

    Where letters tell layers apart, the k of `\sum_k w_{jk} o_k` is the i of `net_j = \sum_i w_{ji} o_i`,
    and not the k of the layer behind.
    """
    nodes = (node for chain in chains for node in chain.nodes if node is not None)
    sums = [x for node in nodes for x in walk(node) if isinstance(x, SumOver) and len(x.index) == 1]

    def alike(node: Node) -> Node:
        if isinstance(node, SumOver):
            for first in sums:
                renamed = with_index(node, node.index, first.index)
                if same_form(renamed, first):
                    return renamed
        return mapped(node, alike)

    rewrite(chains, alike)


def with_index(node: Node, letter: str, other: str) -> Node:
    """A formula with another index letter in the place of one."""
    if isinstance(node, Name):
        below, above = (
            tuple(i._replace(letter=other) if i.letter == letter else i for i in indices)
            for indices in (node.key.below, node.key.above)
        )
        return replace(node, key=node.key._replace(below=below, above=above))
    if isinstance(node, SumOver) and node.index == letter:
        node = replace(node, index=other)
    return mapped(node, lambda x: with_index(x, letter, other))
