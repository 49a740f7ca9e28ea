r"""Activations by another name: g_{\text{ReLU}} is the ReLU, and so is g of g'(Z), where A = ReLU(Z)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..meaning.chains import Chain, rewrite
from ..meaning.known_functions import KNOWN
from ..meaning.syntax import Apply, Key, Name, Node, mapped, walk
from ..meaning.vocabulary import OF_VECTORS

__all__ = ["name_activations"]

_LETTERS = {"g", "f", "h", "sigma", "phi", "varphi", "psi"}


def name_activations(chains: Sequence[Chain]) -> None:
    """Put the function in that is meant by the letter of one."""
    rewrite(chains, _by_subscript)
    nodes = [node for chain in chains for node in chain.nodes if node is not None]
    applied = [x for node in nodes for x in walk(node) if isinstance(x, Apply)]
    used = {x.name.key.base for x in applied if not x.name.primes}
    only_primed = {x.name.key for x in applied if x.name.primes and x.name.key.base in _LETTERS - used}
    bodies = [c.nodes[1] for c in chains if isinstance(c.head, Name) and len(c.nodes) > 1]
    activations = [x for x in bodies if isinstance(x, Apply) and len(x.arguments) == 1 and not x.name.primes]
    meant: dict[tuple[Key, Node], Name] = {}
    for x in applied:
        if x.name.key in only_primed and len(x.arguments) == 1:
            found = {a.name.key: a.name for a in activations if _is_same(a.arguments[0], x.arguments[0])}
            if len(found) == 1:
                meant[x.name.key, x.arguments[0]] = next(iter(found.values()))
    if meant:
        rewrite(chains, lambda node: _with_functions(node, meant))


def _is_same(a: Node, b: Node) -> bool:
    """Whether two arguments are the same name, be it z or Z."""
    if not isinstance(a, Name) or not isinstance(b, Name):
        return False
    return a.key._replace(base=a.key.base.lower()) == b.key._replace(base=b.key.base.lower())


def _by_subscript(node: Node) -> Node:
    """The same with the functions that have a letter and the name of a known one below it."""
    node = mapped(node, _by_subscript)
    if isinstance(node, Apply) and node.name.key.base in _LETTERS and len(node.name.key.below) == 1:
        word = node.name.key.below[0].letter
        if word in KNOWN or word in OF_VECTORS:
            return replace(node, name=replace(node.name, key=Key(word)))
    return node


def _with_functions(node: Node, meant: Mapping[tuple[Key, Node], Name]) -> Node:
    node = mapped(node, lambda x: _with_functions(x, meant))
    if isinstance(node, Apply) and len(node.arguments) == 1 and node.name.primes:
        function = meant.get((node.name.key, node.arguments[0]))
        if function is not None:
            return replace(node, name=replace(node.name, key=function.key))
    return node
