r"""Powers that look like other things: `v^T` of a number, where T counts steps; `\sigma^4` by `\sigma^2`."""

from __future__ import annotations

from collections.abc import Sequence

from .chains import Chain, gives_a_value, rewrite
from .syntax import (
    Derivative,
    Index,
    Key,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Transposed,
    mapped,
    names_in,
)

__all__ = ["tell_powers"]


def tell_powers(chains: Sequence[Chain]) -> None:
    """Take `v^T` for a power where the notes give v as a number, and have T as one, or as an index: h_T."""
    names = [n.key for chain in chains for node in chain.nodes if node is not None for n in names_in(node)]
    _tell_variances(chains, set(names))
    numbers = {chain.head.key for chain in chains if gives_a_value(chain) and isinstance(chain.head, Name)}
    if not any(key == _STEPS or _STEPS.base in key.letters for key in names):
        return

    def change(node: Node) -> Node:
        if isinstance(node, Transposed) and isinstance(node.body, Name) and node.body.key in numbers:
            steps = Name(node.body.end, node.end, _STEPS)
            return Power(node.start, node.end, node.body, steps)
        return mapped(node, change)

    rewrite(chains, change)


def _tell_variances(chains: Sequence[Chain], names: set[Key]) -> None:
    r"""Make powers of the quantity \sigma^2 of the \sigma^4 and \sigma^3 beside it, and of \sigma."""
    squares = {key for key in names if key.base in ("sigma", "tau") and key.above == _SQUARE}
    variances = {s for s in squares if any(s._replace(above=(Index("", n),)) in names for n in (3, 4))}
    if not variances:
        return

    def change(node: Node) -> Node:
        by = node.variable if isinstance(node, Derivative) else None
        if isinstance(by, Name) and by.key._replace(above=_SQUARE) in variances and not by.key.above:
            square = Name(by.start, by.end, by.key._replace(above=_SQUARE))
            slope = Derivative(node.start, node.end, change(node.output), square)  # type: ignore[attr-defined]
            return Product(node.start, node.end, (Number(0, 0, "2"), change(by), slope), ("", ""))
        if not isinstance(node, Name) or node.key._replace(above=_SQUARE) not in variances or node.primes:
            return mapped(node, change)
        match node.key.above:
            case (Index(letter="", number=power),) if power > 2:
                pass
            case ():
                power = 1
            case _:
                return node
        square = Name(node.start, node.end, node.key._replace(above=_SQUARE))
        half = Quotient(0, 0, Number(0, 0, str(power)), Number(0, 0, "2"))
        return Power(node.start, node.end, square, half)

    rewrite(chains, change)


_STEPS = Key("T")
_SQUARE = (Index("", 2),)
