"""Names that the notes define by something that could not be read: what fails with them may be no mistake."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence

from ..meaning.chains import Chain
from ..meaning.spelling import latex_of
from ..meaning.syntax import Key, Name, Node, SumOver, names_in, walk
from ..meaning.vocabulary import rows_of
from ..reading.layout import Accented, Row, Scripted, Symbol, Text
from .book import Book

__all__ = ["find_unread", "unread_among", "why_unsure"]


def find_unread(book: Book, chains: Sequence[Chain], broken: Collection[int]) -> None:
    r"""Enter names of which only unreadable things are said: s in `s = \sum_{-m \le w \le m} e^{x_w}`.

    What was read of a formula with signs that are not known may not be all of it. `broken` are the numbers
    of such formulas.
    """
    for chain in chains:
        head, rest = chain.head, chain.links[1:]
        if not isinstance(head, Name) or head.primes or chain.comparisons:
            continue
        if not any(_has_letters(link.side.row) for link in rest):
            continue  # t = \pm 1 says which values it has
        in_part = any(link.formula in broken for link in rest)
        if in_part or (all(link.node is None for link in rest) and not book.is_defined(head.key)):
            book.unread.setdefault(head.key, chain.line)


def _has_letters(row: Row) -> bool:
    """Whether names stand in a side, and so may decide what depends on what."""
    marks = (mark.base if isinstance(mark, Scripted) else mark for part in rows_of(row) for mark in part)
    return any(isinstance(mark, (Symbol, Text, Accented)) for mark in marks)


def unread_among(book: Book, keys: Iterable[Key]) -> Key | None:
    """One of these names of which it could not be read what it is."""
    for key in keys if book.unread else ():
        for unread in book.unread:
            if key == unread or (unread.letters and _slot(key) == _slot(unread)):
                return unread
    return None


def why_unsure(book: Book, head: Node | None, node: Node | None) -> str | None:
    """Why nothing may follow from two sides that differ: a name or a set in them is not known."""
    reached = [sorted(book.reached(side)) if side is not None else [] for side in (head, node)]
    unread = unread_among(book, itertools.chain(*reached))
    if unread is not None:
        return f"line {book.unread[unread]} says what ${latex_of(unread)}$ is, and is not understood"
    for name in (*names_in(head), *names_in(node)) if head is not None and node is not None else ():
        alike = _said_of_one(book, name.key)
        if alike is not None:
            other = latex_of(book.shown(alike))
            return f"whether ${latex_of(name.key)}$ is worked out as ${other}$ is, is not said"
    sums = [x for x in walk(node) if isinstance(x, SumOver) and x.within] if node is not None else []
    if sums and not any(x.within for x in _sums_behind(book, head, reached[0])):
        return f"it is not said which ${sums[0].index}$ are in ${sums[0].within}$"
    return None


def _said_of_one(book: Book, key: Key) -> Key | None:
    """The one unit of which the notes say what it is, where a name has another index: y_o, and not y_w."""
    if not key.letters or _slot(key)[:3] in book.templates or book.is_defined(key):
        return None
    numbers = {book.sizes["index", letter] for letter in book.fixed}
    same = (k for k in book.exact if _slot(k) == _slot(key) and k != key)
    return next((k for k in same if any(i.number in numbers and not i.letter for i in k.below)), None)


def _sums_behind(book: Book, head: Node | None, reached: Sequence[Key]) -> Iterator[SumOver]:
    """The sums in a side and in what its names stand for."""
    templates = [
        d for key in reached for d in book.templates.get((key.base, len(key.below), len(key.above)), ())
    ]
    bodies = [d.body for d in (*(book.exact[key] for key in reached if key in book.exact), *templates)]
    for body in [*bodies, *([head] if head is not None else [])]:
        yield from (x for x in walk(body) if isinstance(x, SumOver))


def _slot(key: Key) -> tuple[str, int, int, str]:
    return key.base, len(key.below), len(key.above), key.tag
