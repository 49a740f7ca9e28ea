r"""Between which numbers constants lie: `0 < \alpha < 1`, and so the \alpha of \max(\alpha x, x)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

from ..meaning.chains import Chain
from ..meaning.names import GREEK
from ..meaning.syntax import Apply, Name, Node, Number, Product, same_form, walk
from .book import Book

__all__ = ["find_ranges"]

_WIDE = 10
"""How far a range goes that has one end."""


def find_ranges(book: Book, chains: Sequence[Chain]) -> None:
    """Enter them in the book, of Greek letters that nothing defines, where notes do not say two things."""
    said: dict[str, set[tuple[Fraction | None, Fraction | None]]] = {}
    for chain in chains:
        lows: dict[str, Fraction] = {}
        highs: dict[str, Fraction] = {}
        for left, right in itertools.pairwise(chain.links) if chain.comparisons else ():
            relation = right.relation.rstrip("=")
            for a, b, rises in ((left.node, right.node, "<"), (right.node, left.node, ">")):
                if relation in ("<", ">") and isinstance(a, Number) and isinstance(b, Name):
                    (lows if relation == rises else highs)[b.key.base] = Fraction(a.text)
        for base in lows.keys() | highs.keys():
            said.setdefault(base, set()).add((lows.get(base), highs.get(base)))
    bodies = [f.body for found in book.functions.values() for f in found]
    for base in (base for body in [*bodies, *(d.body for d in book.exact.values())] for base in _leaks(body)):
        said.setdefault(base, {(Fraction(0), Fraction(1))})
    defined = set(book.bases())
    for base, ranges in said.items():
        if base in GREEK and base not in defined and len(ranges) == 1:
            ((low, high),) = ranges
            least = low if low is not None else (high or Fraction(0)) - _WIDE
            book.ranges[base] = least, high if high is not None else least + _WIDE


def _leaks(body: Node) -> Iterator[str]:
    r"""The letters \alpha of \max(\alpha x, x), a ReLU that leaks."""
    for x in walk(body):
        if isinstance(x, Apply) and x.name.key.base == "max" and len(x.arguments) == 2:
            for one, other in (x.arguments, x.arguments[::-1]):
                if isinstance(one, Product) and len(one.factors) == 2 and same_form(one.factors[1], other):
                    yield from (n.key.base for n in one.factors[:1] if isinstance(n, Name))
