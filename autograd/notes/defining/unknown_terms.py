r"""Losses with a part that is only named: `\tilde J(w) = J(w) + \frac{\lambda}{2} \|w\|^2`, for any J."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..meaning.chains import Chain
from ..meaning.syntax import Apply, Derivative, Key, Name, Node, Product, Sum, mapped, walk
from ..meaning.vocabulary import LOSSES
from .book import Book, Definition
from .unknown_loss import some_function

__all__ = ["find_unknown_terms", "is_loss_letter", "tell_unknown_terms"]

Variables = dict[Key, None]


def tell_unknown_terms(chains: Sequence[Chain]) -> dict[Key, Variables]:
    """The terms of losses that are named and nowhere written out, with their variables.

    They are written without these from here on: J for J(w).
    """
    heads = [chain.head for chain in chains if len(chain.nodes) > 1]
    known = {x.name.key if isinstance(x, Apply) else x.key for x in heads if isinstance(x, (Apply, Name))}
    found: dict[Key, Variables] = {}
    for chain in chains:
        head = chain.head.name if isinstance(chain.head, Apply) else chain.head
        if isinstance(head, Name) and is_loss_letter(head.key) and len(chain.nodes) > 1:
            for name, arguments in _terms(chain.nodes[1]):
                if is_loss_letter(name.key) and name.key not in known:
                    found.setdefault(name.key, {}).update(arguments)
    for key, arguments in list(found.items()):
        letters = {argument.base for argument in arguments}
        slopes = _differentiated_by(key, chains)
        found[key] = {v: None for v in slopes if v.base in letters or not letters} or arguments
        if not found[key]:
            del found[key]
    for chain in chains if found else ():
        for link in chain.links:
            if link.node is not None:
                link.node = _without_arguments(link.node, found)
    return found


def find_unknown_terms(book: Book, terms: Mapping[Key, Variables]) -> None:
    """Make such terms some functions of their variables."""
    for number, (key, variables) in enumerate(terms.items(), 1):
        if not book.is_defined(key):
            book.define(Definition(key, some_function(number, list(variables)), 0, "convention"))


def _without_arguments(node: Node, terms: Mapping[Key, Variables]) -> Node:
    if isinstance(node, Apply) and node.name.key in terms and not node.name.primes:
        return node.name
    if isinstance(node, Product) and len(node.factors) == 2:
        name, other = node.factors
        if isinstance(name, Name) and isinstance(other, Name) and other.key in terms.get(name.key, ()):
            return name  # J (w)
    return mapped(node, lambda x: _without_arguments(x, terms))


def is_loss_letter(key: Key) -> bool:
    """Whether a name is one that losses have, with or without an accent."""
    accent, _, letter = key.base.rpartition(" ")
    return key.base in LOSSES or (bool(accent) and letter in ("J", "L", "E", "C"))


def _terms(node: Node | None) -> Iterator[tuple[Name, Variables]]:
    """The names among the terms of a sum, with the arguments in brackets behind them."""
    for term in node.terms if isinstance(node, Sum) else ():
        factors = term.factors if isinstance(term, Product) else (term,)
        for place, x in enumerate(factors):
            behind = factors[place + 1] if place + 1 < len(factors) else None
            if isinstance(x, Name) and isinstance(behind, Name) and is_loss_letter(x.key):
                yield x, {behind.key: None}  # J (w), read as a product
            elif isinstance(x, Name) and not x.primes:
                yield x, {}
            elif isinstance(x, Apply) and not x.name.primes and all(isinstance(y, Name) for y in x.arguments):
                yield x.name, {y.key: None for y in x.arguments if isinstance(y, Name)}


def _differentiated_by(key: Key, chains: Sequence[Chain]) -> Variables:
    """What the notes differentiate a name by."""
    found: Variables = {}
    for chain in chains:
        for node in chain.nodes:
            for x in walk(node) if node is not None else ():
                if isinstance(x, Derivative) and isinstance(x.variable, Name):
                    output = x.output.name if isinstance(x.output, Apply) else x.output
                    if isinstance(output, Name) and output.key == key:
                        found[x.variable.key] = None
    return found
