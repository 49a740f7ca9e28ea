"""Which names may be vectors and matrices, and the shapes that each may have, by the letters people use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..meaning.syntax import (
    Apply,
    Entry,
    Key,
    Name,
    Node,
    Product,
    Shape,
    Transposed,
    names_in,
    quantities_in,
    walk,
)
from ..meaning.syntax import Table as TableNode
from .book import ROWS, UNITS, Book, shape_name

__all__ = ["Size", "candidates", "evidence", "unknown_shapes"]

Size = tuple[int, int]

U, N = UNITS, ROWS
_WEIGHTS = set("WUVPQKE") | {"Theta"}
_DATA = set("XZAHYDSGOT")
_VECTORS = set("xhazyotspguvqdrfce") | {"hat y", "delta", "phi", "mu", "theta"}


def candidates(base: str, forced: bool) -> list[Size]:
    """The shapes that a name may have, the likeliest first."""
    base = base.rstrip("^_")
    stem = base.split(" ")[-1].rstrip("'")
    if stem in _WEIGHTS:
        shapes = [(U, U), (1, U), (U, 1)]
    elif stem in _DATA:
        shapes = [(U, N), (N, U), (U, 1), (1, N), (U, U)]
    elif stem == "w":
        shapes = [(U, 1), (1, U), (U, U)]
    elif stem in ("b", "c", "b0"):
        return [(U, 1), (1, U)] if forced else [(1, 1), (U, 1), (1, U)]
    elif stem in ("B",):
        shapes = [(U, 1), (1, U), (U, U)]
    elif stem in _VECTORS or base in _VECTORS:
        return [(U, 1), (1, U), (N, 1)] if forced else [(U, 1), (1, U), (1, 1), (N, 1)]
    else:
        shapes = []
    return shapes if forced and shapes else [*shapes, (1, 1)]


def evidence(nodes: Iterable[Node]) -> tuple[bool, set[str]]:
    """Whether the notes are about vectors, and which names surely are none of one entry."""
    nodes = list(nodes)
    found, forced = _has_matrices(nodes), set()
    for node in nodes:
        for x in walk(node):
            if isinstance(x, Transposed):
                found = True
                if isinstance(x.body, Name) and not x.body.key.below:
                    forced.add(shape_name(x.body.key))
            elif (
                (isinstance(x, Product) and "odot" in x.signs)
                or isinstance(x, Shape)
                or (isinstance(x, TableNode) and x is not node)  # by itself it may be a gradient
            ):
                found = True
            elif isinstance(x, Apply) and x.name.key.base in ("norm", "inner", "softmax", "Softmax", "diag"):
                found = True
                for name in names_in(x):
                    if not name.key.below and x.name.key.base != "diag":
                        forced.add(shape_name(name.key))
            elif isinstance(x, Apply) and x.name.key.base == "tr":
                found = True
                forced |= {shape_name(n.key) for n in names_in(x) if n.key.base.isupper() and not n.key.below}
            elif isinstance(x, Entry):
                found = True
            elif isinstance(x, Product) and (last := _end_of_form(x)) is not None:
                forced.add(shape_name(last.key))
    return found, forced


def _has_matrices(nodes: Sequence[Node]) -> bool:
    """Whether entries stand somewhere of what is a matrix or a vector elsewhere.

    That is W_{kj}, where W h is a product; or z_k^{(2)}, where z^{(2)} is W^{(2)} h.
    """
    names = [name.key for node in nodes for name in quantities_in(node)]
    entries = {
        (key.base, len(key.below), key.above)
        for key in names
        if key.below and all(len(index.letter) == 1 for index in key.below)
    }
    bare = {key for key in names if not key.below}
    layered = any((key.base, 1, key.above) in entries for key in bare if key.above and key.base.islower())
    for node in nodes:
        for x in walk(node):
            for f in x.factors if isinstance(x, Product) else ():
                key = f.key if isinstance(f, Name) else Key("")
                has_entries = (key.base, 2, key.above) in entries or (layered and bool(key.above))
                if key.base.isupper() and not key.below and has_entries:
                    return True
    return False


def _end_of_form(product: Product) -> Name | None:
    """The vector b of `a^T X b`."""
    last = product.factors[-1]
    if not isinstance(last, Name) or last.key.below or len(last.key.base) > 1 or not last.key.base.islower():
        return None
    for factor in product.factors[:-1]:
        if (
            isinstance(factor, Transposed)
            and isinstance(factor.body, Name)
            and factor.body.key.base.islower()
        ):
            return last
    return None


def unknown_shapes(book: Book, nodes: Sequence[Node]) -> list[str]:
    """Letters that stand without an index somewhere and are not defined."""
    counts: dict[str, int] = {}
    layered = _layered_below(nodes)
    indexed: set[str] = set()
    for node in nodes:
        for name in quantities_in(node):
            key = name.key
            base = key.base
            if key.below and len(key.below[0].letter) <= 1:
                indexed.add(base)
            if (
                (key.below and shape_name(key) not in layered)
                or key.tag == "new"
                or base in book.rates
                or shape_name(key) in book.shapes
                or str(key) in book.shapes
            ):
                continue
            if not key.above and (base, "above", 0) in book.sequences:
                continue  # the last layer is meant
            if (base, 1, len(key.above)) in book.indexed or (base, 2, len(key.above)) in book.indexed:
                continue
            if any(i.number < 0 for i in key.above) and (base, "above", 0) in book.sequences:
                counts[shape_name(key)] = counts.get(shape_name(key), 0) + 1  # a^0 is where it begins
                continue
            if (
                book.is_defined(key)
                or book.is_defined(key._replace(tag=""))
                or base.startswith(("d ", "Delta "))
            ):
                continue
            if ("symbol", base) in book.sizes or any(b == base and not n for b, n, _ in book.templates):
                continue
            counts[shape_name(key)] = counts.get(shape_name(key), 0) + 1
    return sorted((b for b in counts if len(candidates(b, False)) > 1), key=lambda b: -counts[b])[:9]


def _layered_below(nodes: Sequence[Node]) -> set[str]:
    """Names whose lower index is the number of a layer: capitals, and what is transposed: W_1, a_1^T."""
    found, entries = set(), set()
    for node in nodes:
        for x in walk(node):
            if isinstance(x, Transposed) and isinstance(x.body, Name) and len(x.body.key.below) == 1:
                found.add(shape_name(x.body.key))
            elif isinstance(x, Name) and len(x.key.below) == 1:
                if len(x.key.below[0].letter) == 1 and x.key.below[0].letter not in "lL":
                    entries.add(shape_name(x.key))
                elif x.key.base in _WEIGHTS:
                    found.add(shape_name(x.key))
    if not any(
        isinstance(x, (Transposed, Entry))
        or (isinstance(x, Product) and "odot" in x.signs)
        or (isinstance(x, Apply) and x.name.key.base in ("norm", "softmax"))
        for n in nodes
        for x in walk(n)
    ):
        return set()
    if found:
        found |= {
            shape_name(x.key)
            for n in nodes
            for x in walk(n)
            if isinstance(x, Name) and len(x.key.below) == 1 and x.key.base in _VECTORS | {"b"}
        }
    return found - entries
