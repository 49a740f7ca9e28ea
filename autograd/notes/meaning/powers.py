r"""The power `v^T` of a single number, where T counts steps: a number is not transposed."""

from __future__ import annotations

from collections.abc import Sequence

from .chains import Chain, gives_a_value, rewrite
from .syntax import Key, Name, Node, Power, Transposed, mapped, names_in

__all__ = ["tell_powers"]


def tell_powers(chains: Sequence[Chain]) -> None:
    """Take `v^T` for a power where the notes give v as a number, and have T as one, or as an index: h_T."""
    numbers = {chain.head.key for chain in chains if gives_a_value(chain) and isinstance(chain.head, Name)}
    names = [n.key for chain in chains for node in chain.nodes if node is not None for n in names_in(node)]
    if not any(key == _STEPS or _STEPS.base in key.letters for key in names):
        return

    def change(node: Node) -> Node:
        if isinstance(node, Transposed) and isinstance(node.body, Name) and node.body.key in numbers:
            steps = Name(node.body.end, node.end, _STEPS)
            return Power(node.start, node.end, node.body, steps)
        return mapped(node, change)

    rewrite(chains, change)


_STEPS = Key("T")
