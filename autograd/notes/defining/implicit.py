r"""Functions that an equation gives: with `F(x, y) = 0`, dy/dx is `-F_x / F_y`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..meaning.chains import Chain, is_literal
from ..meaning.syntax import Apply, Derivative, Key, Name, Node, Quotient, Sum, mapped

__all__ = ["solve_implicitly"]


def solve_implicitly(chains: Sequence[Chain]) -> None:
    """Write derivatives of what only an equation gives by what that equation is made of."""
    heads = {chain.head.key for chain in chains if isinstance(chain.head, Name) and len(chain.nodes) > 1}
    found: dict[tuple[Key, Key], Key] = {}
    for chain in chains:
        if len(chain.nodes) > 1 and is_literal(chain.nodes[-1]):
            for node in chain.nodes[:-1]:
                if isinstance(node, Apply) and not node.name.primes and len(node.arguments) == 2:
                    names = [x.key for x in node.arguments if isinstance(x, Name)]
                    if len(names) == 2 and not heads & {*names}:
                        found |= {(a, b): node.name.key for a in names for b in names if a != b}
    for chain in chains if found else ():
        for link in chain.links:
            if link.node is not None:
                link.node = _solved(link.node, found)


def _solved(node: Node, equations: Mapping[tuple[Key, Key], Key]) -> Node:
    output, by = (node.output, node.variable) if isinstance(node, Derivative) else (None, None)
    if not isinstance(output, Name) or not isinstance(by, Name) or (output.key, by.key) not in equations:
        return mapped(node, lambda x: _solved(x, equations))
    of = Name(node.start, node.end, equations[output.key, by.key])
    slopes = (Derivative(node.start, node.end, of, x) for x in (by, output))
    return Sum(node.start, node.end, (Quotient(node.start, node.end, *slopes),), (-1,))
