r"""Vectors and their entries: what is defined as a whole and entry by entry is one quantity.

`z^l = w^l a^{l-1} + b^l`, and further down `z^{l+1}_k = \sum_j w^{l+1}_{kj} a^l_j + b^{l+1}_k`: were both
entered, an entry would be computed beside the vector that it stands in, and neither would depend on the
other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..meaning.syntax import (
    ONES,
    Apply,
    Derivative,
    Key,
    Name,
    Node,
    Number,
    Product,
    Sum,
    quantities_in,
    same_form,
    walk,
)
from ..meaning.vocabulary import LOSSES
from .book import Book, Definition

__all__ = [
    "goes_by_steps",
    "has_weights",
    "is_entry_of_whole",
    "is_family",
    "multiplies_by_entries",
    "whole_of_entry",
]

_WEIGHTS = {"w", "W", "U", "V", "Theta", "theta"}


def is_family(book: Book, key: Key) -> bool:
    """Whether a name without lower index is the vector of what is defined with one."""
    if key.below or not book.vectors or key.base in LOSSES:
        return False
    return any((key.base, n, len(key.above)) in book.templates for n in (1, 2))


def goes_by_steps(body: Node | None, heads: Mapping[Key, Node | None]) -> bool:
    """Whether it is a function of a vector that is defined itself: sigma(z^l), or sigma of what z^l is."""
    if not isinstance(body, Apply) or len(body.arguments) != 1:
        return False
    argument = body.arguments[0]
    if isinstance(argument, Name):
        return argument.key in heads and not argument.key.below
    return any(said and not key.below and same_form(argument, said) for key, said in heads.items())


def whole_of_entry(book: Book, key: Key) -> Definition | None:
    """The definition of the vector, or the matrix, of which a name with lower indices is an entry."""
    if len(key.below) not in (1, 2) or key.tag:
        return None
    whole = book.exact.get(key._replace(below=()))
    if whole is not None:
        return whole
    for template in book.templates.get((key.base, 0, len(key.above)), ()):
        if template.key.tag == key.tag and any(i.letter for i in key.above):
            return template
    return None


def is_entry_of_whole(book: Book, key: Key, bodies: Sequence[Node | None]) -> bool:
    """Whether formulas for an entry say what the notes have said of the whole: the same, with indices.

    One of them has to have a weight with two indices, or what it is a function of is such an entry:
    `y_i = w x_i` is said of an example, and not of an entry.
    """
    whole = whole_of_entry(book, key)
    if not book.vectors and not any(k.base.isupper() for k in book.mentioned if len(k.below) == 2):
        return False  # w a + b is a number, and w_{jk} another example
    if whole is None or key.base in LOSSES or isinstance(whole.body, (Name, Number)):
        return False
    return any(body is not None and _is_by_entries(book, body, whole.body) for body in bodies)


def _is_by_entries(book: Book, body: Node, whole: Node) -> bool:
    if any(isinstance(x, Derivative) for node in (body, whole) for x in walk(node)):
        return False
    mine, theirs = list(quantities_in(body)), list(quantities_in(whole))
    bases = {x.key.base for x in theirs} - {ONES.base}  # b_m of 1 b^T
    if not mine or not all(x.key.below for x in mine) or {x.key.base for x in mine} != bases:
        return False
    if has_weights(body):
        return True
    if not isinstance(body, Apply) or not isinstance(whole, Apply) or body.name.key != whole.name.key:
        return False
    return any(name.base in _WEIGHTS for x in theirs for name in book.reached(x))


def has_weights(body: Node) -> bool:
    """Whether weights with two indices stand in a formula: w_{ij} of all inputs j of unit i."""
    return any(len(x.key.below) == 2 and x.key.base in _WEIGHTS for x in quantities_in(body))


def multiplies_by_entries(book: Book, nodes: Iterable[Node]) -> bool:
    """Whether `*` is the product of code: beside transposed factors, and before a slope: g'(z), 1 - a * a."""
    if not book.vectors:
        return False
    slopes = scalar = False
    for node in nodes:
        for x in walk(node):
            if isinstance(x, Product):
                for sign, left, right in zip(x.signs, x.factors, x.factors[1:], strict=False):
                    if sign == "odot":
                        return False
                    slopes |= sign == "*" and any(map(_is_slope_of_entries, (left, right)))
                    bases = [f.key.base for f in (left, right) if isinstance(f, Name)]
                    scalar |= sign == "*" and len(bases) == 2 and not _WEIGHTS.isdisjoint(bases)
    return slopes and not scalar


def _is_slope_of_entries(node: Node) -> bool:
    """g'(z) and 1 - a^2, by which a vector is only multiplied entry by entry."""
    if isinstance(node, Apply):
        return node.name.primes > 0
    return (
        isinstance(node, Sum)
        and node.signs == (1, -1)
        and isinstance(node.terms[0], Number)
        and node.terms[0].text == "1"
    )
