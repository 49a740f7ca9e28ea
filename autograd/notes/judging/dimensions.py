r"""Shapes written as rows times columns: `(k \times d)(d \times n) = k \times n`."""

from __future__ import annotations

from ..defining.book import Book
from ..meaning.syntax import Name, Node, Number, Product, Sum, Transposed

__all__ = ["DimensionMismatch", "dimensions", "is_dimensions"]

_LETTERS = set("kdnmhpqlrcKDNMHPQLRCBT")

Dimensions = tuple[str, str]


class DimensionMismatch(Exception):
    """Shapes that do not go together."""


def _size(node: Node, book: Book) -> str | None:
    if isinstance(node, Number) and node.text.isdigit():
        return node.text
    if isinstance(node, Name) and not node.primes and not book.is_defined(node.key):
        key = node.key
        if key.base in _LETTERS and not key.letters:
            return str(key)
    return None


def is_dimensions(node: Node | None, book: Book) -> bool:
    """Whether a side is a shape, or shapes multiplied and added, with a letter in it."""
    if node is None:
        return False
    pair = _pair(node, book)
    if pair is not None:
        return not all(size.isdigit() for size in pair)
    if isinstance(node, Product):
        return all(is_dimensions(f, book) for f in node.factors)
    if isinstance(node, Sum):
        return all(is_dimensions(t, book) for t in node.terms)
    if isinstance(node, Transposed):
        return is_dimensions(node.body, book)
    return False


def _pair(node: Node, book: Book) -> Dimensions | None:
    if isinstance(node, Product) and len(node.factors) == 2 and node.signs[0] == "*":
        sizes = [_size(f, book) for f in node.factors]
        if sizes[0] is not None and sizes[1] is not None:
            return sizes[0], sizes[1]
    return None


def dimensions(node: Node, book: Book) -> Dimensions:
    """The shape that comes out. Raises `DimensionMismatch`."""
    pair = _pair(node, book)
    if pair is not None:
        return pair
    if isinstance(node, Transposed):
        rows, columns = dimensions(node.body, book)
        return columns, rows
    if isinstance(node, Product):
        rows, columns = dimensions(node.factors[0], book)
        for factor in node.factors[1:]:
            inner, after = dimensions(factor, book)
            if inner != columns:
                raise DimensionMismatch(f"{rows} x {columns} cannot be multiplied by {inner} x {after}")
            columns = after
        return rows, columns
    assert isinstance(node, Sum)
    shapes = [dimensions(term, book) for term in node.terms]
    for shape in shapes[1:]:
        if shape != shapes[0] and "1" not in shape:
            raise DimensionMismatch(f"{' x '.join(shapes[0])} and {' x '.join(shape)} cannot be added")
    return shapes[0]
