r"""Sums over the letter that the left side has: `z_j = \sum_j w_{jk} a_k`, where k is summed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..judging.deciding import free_letters
from ..meaning.chains import Chain
from ..meaning.syntax import Name, Node, SumOver, mapped

__all__ = ["sum_over_the_other"]


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
