r"""The vectors of examples: x_i of `w^T x_i` is what others write x^{(i)}, and no entry of x."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .chains import Chain, Rewrite, rewrite
from .syntax import Key, Name, Node, Product, Transposed, mapped, names_in, walk

__all__ = ["raise_examples"]

_NUMBERING = {"i", "n", "m"}
"""Letters that number examples."""


def raise_examples(chains: Sequence[Chain]) -> list[Rewrite]:
    """Write the number of an example above, as the shapes of such names are found by that.

    Returns how that is done, for what is read later.
    """
    nodes = [node for chain in chains for node in chain.nodes if node is not None]
    bases = set(itertools.chain.from_iterable(map(_multiplied, nodes)))
    if not bases:
        return []
    keys = {name.key for node in nodes for name in names_in(node)}
    bases -= {key.base for key in keys if key.above or len(key.below) > 1}
    entries = {index.letter for key in keys if key.base.islower() for index in key.below[1:]}
    bases -= {key.base for key in keys if key.below and key.below[0].letter in entries}  # x_j of w_{ij} x_j

    def change(x: Node) -> Node:
        if isinstance(x, Name) and x.key.base in bases and _is_one(x.key):
            return replace(x, key=x.key._replace(below=(), above=x.key.below))
        return mapped(x, change)

    rewrite(chains, change)
    return [change]


def _multiplied(node: Node) -> Iterator[str]:
    """The letters of x_i in w^T x_i."""
    for x in walk(node):
        for a, b in itertools.pairwise(x.factors) if isinstance(x, Product) else ():
            if not isinstance(a, Transposed) or not isinstance(a.body, Name) or not isinstance(b, Name):
                continue
            plain = a.body.key.base.islower() and not a.body.key.letters
            if plain and b.key.base.islower() and _is_one(b.key) and b.key.below[0].letter in _NUMBERING:
                yield b.key.base


def _is_one(key: Key) -> bool:
    """Whether there is one index below and nothing above."""
    return len(key.below) == 1 and not key.above
