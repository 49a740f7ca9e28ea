"""The names that may belong in a formula instead of one of its own.

What is right there is made of what its quantities are computed from, and of what is defined by these: a delta
stands for a derivative. A name that nothing connects with the formula cannot mend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..defining.book import Book
from ..meaning.closure import closure
from ..meaning.syntax import Key, quantities_in

__all__ = ["Neighbours"]


class Neighbours:
    """Which names of a book are connected."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._below: dict[Key, set[Key]] = {}
        self._alike: dict[tuple[str, int, int], set[Key]] = {}
        self._around: dict[Key, set[Key]] = {}
        for d in book.definitions():
            self._below.setdefault(d.key, set()).update(name.key for name in quantities_in(d.body))
            self._alike.setdefault(_slot(d.key), set()).add(d.key)

    def among(self, keys: Iterable[Key], own: set[Key]) -> list[Key]:
        """Those of the names that are connected with a formula's own, which come first."""
        reached = closure(own, self._from)
        slots = {_slot(key) for key in reached if key.letters}
        found = [
            key
            for key in keys
            if key in reached or _slot(key) in slots or not self._nearest(key).isdisjoint(reached)
        ]
        return sorted(found, key=lambda key: key not in own)

    def _nearest(self, key: Key) -> set[Key]:
        """What stands in the definition of a name, and other names of the same."""
        if key not in self._around:
            self._around[key] = {*self._below.get(key, ()), *self._other_names(key)}
        return self._around[key]

    def _from(self, key: Key) -> Iterator[Key]:
        """What a name is computed from, and other names of the same."""
        if key in self.book.exact:
            yield from self._below[key]
        elif key.letters or _slot(key) in self.book.templates:
            for other in self._alike.get(_slot(key), ()):
                yield from self._below[other]
        yield from self._other_names(key)

    def _other_names(self, key: Key) -> Iterator[Key]:
        """Without the index of a row or an entry, without new and old, without a hat or a d."""
        if key.tag:
            yield key._replace(tag="")
        for whole in (key._replace(below=()), key._replace(above=())):
            if whole in self.book.exact or key.base in self.book.row_slots or self.book.shape(whole):
                yield whole
        first, _, rest = key.base.partition(" ")
        if rest:
            yield key._replace(base=rest)
            if first == "d" and self.book.loss is not None:
                yield self.book.loss
        base = self.book.row_bases.get(key.base) or self.book.lookalikes.get(key.base)
        if base is not None:
            yield key._replace(base=base)


def _slot(key: Key) -> tuple[str, int, int]:
    return key.base, len(key.below), len(key.above)
