r"""The shapes that notes state: `w = (1, d)`, `x \in \mathbb{R}^d`, a vector written out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from ..meaning.chains import Chain
from ..meaning.syntax import Key, Name, Node, Quotient, Shape, Sum, SumOver, Transposed, names_in, walk
from ..meaning.syntax import Number as NumberNode
from ..meaning.syntax import Table as TableNode
from ..reading.layout import Accented, Bracketed, Mark, Number, Operator, Row, Scripted, Symbol
from .book import COUNTS, ROWS, UNITS, Book, shape_name

__all__ = ["stated_shapes"]

U, N = UNITS, ROWS


def stated_shapes(book: Book, chains: Sequence[Chain]) -> dict[int, set[int]]:
    """Enter the shapes that are stated; returns the sides that say so, by the place of their chain."""
    says: dict[int, set[int]] = {}
    stated = [s for chain in chains for node in chain.nodes if isinstance(node, Shape) for s in node.sizes]
    with_letters = not all(map(_is_literal, stated))  # x = (d, 1): then a = (1, 1) is a shape too
    classes = set(_numbered_by_class(chains))
    seen: set[Key] = set()
    twice: set[Key] = set()
    for number, chain in enumerate(chains):
        if number:
            seen |= {n.key for node in chains[number - 1].nodes if node is not None for n in names_in(node)}
        for place, link in enumerate(chain.links):
            if place == 0:
                continue
            before = chain.links[place - 1].node
            if not isinstance(before, Name):
                continue
            shape = _membership(link.side.row) if link.relation == "in" else None
            if link.relation == "in" and shape is None:
                continue  # \tau \in (0, 1) is between these
            if isinstance(link.node, Shape) and not with_letters and before.key.base.islower():
                rows_of = tuple((x,) for x in link.node.sizes)
                link.node = TableNode(link.node.start, link.node.end, rows_of)  # x = (1, 2)
            if isinstance(link.node, Shape):
                shape = link.node.sizes
            if shape is not None:
                sizes = tuple(_size(book, s) for s in shape)
                rows, columns = (sizes[0], 1) if len(sizes) == 1 else sizes[:2]
                if columns == 1 and before.key.base in classes and not _is_literal(shape[0]):
                    rows = book.sizes.get((before.key.base, "below", 0), rows)
                if not book.is_defined(before.key):
                    _enter(book, before.key, (rows, columns))
                if book.shapes.get(str(before.key), (rows, columns)) != (rows, columns):
                    twice.add(before.key)
                says.setdefault(chain.place, set()).update({place - 1, place})
                for name in _listed_before(chains, chain):  # Q, K, V \in R^{n x d}
                    if not book.is_defined(name.key):
                        book.shapes.setdefault(shape_name(name.key), (rows, columns))
            elif isinstance(link.node, Name) and link.node.key.base in ("scalar", "vector", "matrix"):
                says.setdefault(chain.place, set()).update({place - 1, place})
            table = _vector(link.node)
            if table is not None and not book.is_defined(before.key):
                entries = [cell for line in table.rows for cell in line]
                if place == 1 and len(entries) > 1 and all(map(_is_literal, entries)):
                    if before.key in seen:
                        continue  # an example of what is no vector elsewhere
                    _enter(book, before.key, (len(table.rows), len(table.rows[0])))
                    continue  # x = (1, 2, 3)
                if all(
                    isinstance(x, Name) and x.key.base == before.key.base and x.key.below for x in entries
                ):
                    rows, columns = len(table.rows), len(table.rows[0])
                    if isinstance(link.node, Transposed):
                        rows, columns = columns, rows
                    book.shapes.setdefault(shape_name(before.key), (rows, columns))
                    says.setdefault(chain.place, set()).update({place - 1, place})
    for key in twice:  # R^{n x m} in a general rule, R^{H x D} in the network: what fits is found out
        book.shapes.pop(str(key), None)
        book.shapes.pop(shape_name(key), None)
    return says


def _enter(book: Book, key: Key, shape: tuple[int, int]) -> None:
    """Enter a shape; W^{(2)} has another than W^{(1)}, and W^{(l)} has that of all."""
    if not any(index.number and not index.letter for index in key.above):
        book.shapes.setdefault(shape_name(key), shape)
    book.shapes.setdefault(str(key), shape)


def _listed_before(chains: Sequence[Chain], chain: Chain) -> Iterator[Name]:
    """The names before the comma that a statement stands behind."""
    for other in reversed(chains[: chain.place]):
        alone = len(other.links) == 1 and other.links[0].formula == chain.links[0].formula
        if not alone or not isinstance(other.head, Name):
            return
        yield other.head


def _numbered_by_class(chains: Sequence[Chain]) -> Iterator[str]:
    r"""The letters of what a softmax is taken of, by entries: z \in R^K has as many as there are z_k."""
    for node in (node for chain in chains for node in chain.nodes if node is not None):
        for x in walk(node):
            if isinstance(x, Quotient) and isinstance(x.under, SumOver):
                yield from (name.key.base for name in names_in(x.under.body) if name.key.below)


def _is_literal(node: Node) -> bool:
    inner = node.terms[0] if isinstance(node, Sum) and len(node.terms) == 1 else node
    return isinstance(inner, NumberNode)


def _vector(node: Node | None) -> TableNode | None:
    inner = node.body if isinstance(node, Transposed) else node
    return inner if isinstance(inner, TableNode) else None


def _membership(row: Row) -> tuple[Any, ...] | None:
    r"""d and k of \mathbb{R}^{d \times k}; V and d of \mathbb{R}^{|V| \times d}."""
    mark: Mark | None = row[0] if row else None
    if not (isinstance(mark, Scripted) and isinstance(mark.base, Symbol) and mark.base.name == "R"):
        return None
    times = [place for place, m in enumerate(mark.above) if isinstance(m, Operator) and m.name == "*"]
    found = [mark.above[i + 1 : j] for i, j in itertools.pairwise([-1, *times, len(mark.above)])]
    sizes = [_counted(size) for size in found]
    said = all(len(size) == 1 and isinstance(size[0], (Number, Symbol, Scripted, Accented)) for size in sizes)
    return tuple(size[0] for size in sizes[:2]) if said else None


def _counted(size: Sequence[Mark]) -> Sequence[Mark]:
    """What is counted in |V|, which is how many there are; the same where nothing is."""
    mark = size[0] if len(size) == 1 else None
    return mark.inside if isinstance(mark, Bracketed) and mark.opening == "|" else size


def _size(book: Book, size: Any) -> int:
    text = getattr(size, "text", None)
    if text is not None and text.isdigit():
        return min(int(text[:4]), 6)
    if isinstance(size, Name):
        return _number_of(book, size.key.base)
    if isinstance(size, NumberNode):
        return min(int(size.text[:4]), 6)
    letter = getattr(size, "name", "")
    return _number_of(book, letter)


def _number_of(book: Book, letter: str) -> int:
    """How many a letter stands for: that many examples, unless a sum over them goes up to another letter."""
    others = any(book.sizes.get(("symbol", count)) == N for count in COUNTS if count != letter)
    usual = N if letter in COUNTS and not others else U
    return int(book.sizes.get(("symbol", letter), usual))
