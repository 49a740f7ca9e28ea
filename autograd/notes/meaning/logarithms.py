r"""Logarithms to another base: `\log_2 x`, and `\log x` where the notes divide by `\ln 10`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .chains import Chain, rewrite
from .syntax import Apply, Key, Node, Number, Quotient, mapped, walk

__all__ = ["spell_out_logarithms"]

_COMMON = ("2", "10")


def spell_out_logarithms(chains: Sequence[Chain]) -> int:
    r"""Write logarithms to other bases with natural ones; the base of a bare `\log`, 0 if it is natural.

    A bare one is to base 10 in notes that have `\ln 10` below a fraction bar, as in `\frac{1}{a \ln 10}`, and
    nowhere a `\log_{10}`, which would set the bare one apart.
    """
    nodes = [x for chain in chains for node in chain.nodes if node is not None for x in walk(node)]
    calls = [x for x in nodes if isinstance(x, Apply)]
    based = any(_base(x) for x in calls)
    divided = {base for x in nodes if isinstance(x, Quotient) for base in _natural_of(x.under)}
    bare = divided.pop() if len(divided) == 1 and not based else ""
    if based or (bare and any(x.name.key == Key("log") for x in calls)):
        rewrite(chains, lambda node: _spelled_out(node, bare))
        return int(bare or 0)
    return 0


def _natural_of(under: Node) -> set[str]:
    """The common bases of which the natural logarithm stands in a denominator."""
    return {
        argument.text
        for x in walk(under)
        if isinstance(x, Apply) and x.name.key == Key("ln") and len(x.arguments) == 1
        for argument in x.arguments
        if isinstance(argument, Number) and argument.text in _COMMON
    }


def _base(node: Apply) -> str:
    """The number below a logarithm."""
    key = node.name.key
    if key.base != "log" or any(index.letter for index in key.below):
        return ""
    return "".join(str(index.number) for index in key.below)  # a 10 is read as two indices


def _spelled_out(node: Node, bare: str) -> Node:
    node = mapped(node, lambda part: _spelled_out(part, bare))
    if not isinstance(node, Apply) or len(node.arguments) != 1 or node.name.primes:
        return node
    base = _base(node) or (bare if node.name.key == Key("log") else "")
    if not base:
        return node
    name = replace(node.name, key=Key("ln"))
    below = Apply(node.end, node.end, name, (Number(node.end, node.end, base),))
    return Quotient(node.start, node.end, replace(node, name=name), below)
