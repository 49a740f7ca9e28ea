"""What indices say of a name: its row, the table that it is an entry of, the family that it stands for."""

from __future__ import annotations

from collections.abc import Collection

from ..defining.book import TYPED, UNITS, Book, Definition, is_constant
from .errors import Missing
from .spelling import latex_of
from .syntax import Index, Key, names_in

__all__ = [
    "check_range", "comes_from_next", "family", "is_before_the_first", "is_beyond", "is_kronecker",
    "is_out_of_range", "is_said_by_entries", "other_classes", "whole_of", "without_row",
]  # fmt: skip


def is_before_the_first(book: Book, key: Key) -> bool:
    """z^0, where z^1, z^2, ... are defined."""
    if (key.base, len(key.below), len(key.above)) not in book.templates:
        return False
    return any(
        index.number < 1 and not index.letter and (key.base, side, place) in book.sequences
        for side, indices in (("below", key.below), ("above", key.above))
        for place, index in enumerate(indices)
    )


def is_out_of_range(book: Book, key: Key) -> bool:
    """g_0 and g_{-1}, where g_1, g_2, ... are defined and are no recursion."""
    if not book.templates.get((key.base, len(key.below), len(key.above))) or key.tag or key in book.mentioned:
        return False
    return any(
        not index.letter and index.number < 1 and (key.base, side, place) not in book.sequences
        for side, indices in (("below", key.below), ("above", key.above))
        for place, index in enumerate(indices)
    )


def is_beyond(book: Book, key: Key) -> bool:
    """Whether it is one of the y_0 and y_{n+1} beside those that there are, on which nothing depends."""
    slots = [(key.base, "below", place) for place in range(len(key.below))]
    if (key.base, len(key.below), len(key.above)) not in book.templates or key in book.mentioned:
        return False
    return any(
        not index.letter and slot not in book.sequences and not 1 <= index.number <= book.sizes.get(slot, 100)
        for slot, index in zip(slots, key.below, strict=True)
    )


def comes_from_next(slope: Definition) -> bool:
    """Whether a slope is computed from that of the next step in time: dc_t of dc_{t+1}."""
    return any(
        name.key.base == slope.key.base and any(i.letter and i.number == 1 for i in name.key.below)
        for name in names_in(slope.body)
    )


def is_kronecker(book: Book, key: Key) -> bool:
    r"""Whether it is a \delta_{ij} that the notes do not define, and no \delta_{2,i} of layer 2, unit i."""
    return (
        key.base == "delta"
        and len(key.below) == 2
        and not key.above
        and "delta" not in book.defined_with(2)
        and key._replace(below=key.below[:1]) not in book.exact
        and ("delta", "below", 0) not in book.sequences
    )


def check_range(book: Book, key: Key) -> None:
    """There is no layer behind the last, and no step behind the last in time."""
    for side, indices in (("below", key.below), ("above", key.above)):
        for place, index in enumerate(indices):
            slot = (key.base, side, place)
            if slot in book.sequences and not index.letter and not 0 <= index.number <= book.sizes[slot]:
                raise Missing(key, f"there is no ${latex_of(book.shown(key))}$")


def without_row(book: Book, key: Key, slot: str) -> tuple[Key, int] | None:
    """The y and the 2 of y_2, where y alone means the y of a row."""
    indices = key.above if slot == "above" else key.below
    if not indices:
        return None
    if not _is_written_with_row(book, key, slot):
        return None
    index, rest = (indices[0], indices[1:]) if slot != "last" else (indices[-1], indices[:-1])
    if "#" in index.letter:
        index = Index("", int(index.letter.partition("#")[2]))
    if index.letter or not 1 <= index.number <= book.rows:
        return None
    inner = key._replace(above=rest) if slot == "above" else key._replace(below=rest)
    return inner._replace(base=book.row_bases.get(key.base, key.base)), index.number


def _is_written_with_row(book: Book, key: Key, slot: str) -> bool:
    """Whether a name with as many indices has a letter for its row: x_{i1} has one, and so x_1 has none."""
    for other in book.mentioned:
        if other.base != key.base or len(other.below) != len(key.below) or len(other.above) != len(key.above):
            continue
        indices = other.above if slot == "above" else other.below
        if indices[-1 if slot == "last" else 0].letter:
            return True
    return False


def whole_of(book: Book, key: Key, computing: Collection[Key]) -> tuple[Key, list[int]] | None:
    """The a and the 2 of a_2, where a is a vector or a matrix that is not being computed itself."""
    if book.shape(key) is not None:
        return None  # W_1, a matrix of its own, where another is W
    for places in range(len(key.below)):  # W_{2,ij}: the layer, and an entry of its matrix
        whole = key._replace(below=key.below[:places])
        if whole in computing or (not book.is_defined(whole) and book.shape(whole) is None):
            continue
        indices = key.below[places:]
        if not any(index.letter for index in indices) and len(indices) < 3:
            return whole, [index.number for index in indices]
    return None


def family(book: Book, key: Key, computing: Collection[Key]) -> list[list[Key]] | None:
    """The entries of a where a_1, a_2, ... are defined: a is the vector, or the matrix, of them."""
    for slots in (1, 2):
        slot = (key.base, slots, len(key.above))
        numbers_rows = book.row_slots.get(key.base, "above") != "above"  # x_1 and x_2 are of two rows
        if slot not in book.templates and (slot not in book.indexed or numbers_rows):
            continue
        if not _has_entries(book, key, slots) and _is_a_number(book, key):
            continue
        stated = str(key) in book.stated and (key.base, "below", 0) not in book.counted
        if TYPED in book.sizes or (stated and slot not in book.templates):
            continue
        if any(k.base == key.base and k.above == key.above and k.below for k in computing):
            continue
        rows = range(1, book.sizes.get((key.base, "below", 0), UNITS) + 1)
        if slots == 1:
            return [[key._replace(below=(Index("", i),))] for i in rows]
        columns = range(1, book.sizes.get((key.base, "below", 1), UNITS) + 1)
        return [[key._replace(below=(Index("", i), Index("", j))) for j in columns] for i in rows]
    return None


def _has_entries(book: Book, key: Key, slots: int) -> bool:
    """Whether the notes define its entries, in its own layer."""
    return any(
        all(
            not is_constant(theirs) or theirs == mine
            for theirs, mine in zip(d.key.above, key.above, strict=True)
        )
        for d in book.templates.get((key.base, slots, len(key.above)), ())
    )


def is_said_by_entries(book: Book, key: Key) -> bool:
    """Whether the units of this one layer are defined: a^L of a_j^L = e^{z_j^L} / ..., where a^l = f(z^l)."""
    units = book.templates.get((key.base, 1, len(key.above)), ()) if key.above and not key.below else ()
    return any(d.key.above == key.above for d in units)


def _is_a_number(book: Book, key: Key) -> bool:
    """Whether `w a + b` is about one unit, and `w_{jk}` about another network: nothing shows vectors."""
    return not book.vectors and not book.shapes and key.base.islower()


def other_classes(book: Book, key: Key) -> list[Key]:
    """Of the last of the classes, whose targets add up to 1, the others."""
    if key.base not in book.sums_to_one or len(key.below) not in (1, 2):
        return []
    place = 0 if book.examples_in_columns else len(key.below) - 1
    classes = int(book.sizes.get((key.base, "below", place), UNITS))
    if key.below[place] != Index("", classes):
        return []
    before, after = key.below[:place], key.below[place + 1 :]
    return [key._replace(below=(*before, Index("", i), *after)) for i in range(1, classes)]
