r"""What a definition has to say by what it is called: the error signal of a layer, a corrected average.

`\delta_j = o_j (1 - o_j) \sum_k w_{jk} \delta_k` looks like a definition. But where the notes have an error
signal of the layer after, which is the slope of the loss by `net_k`, it says what the slope by `net_j` is.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..defining.book import Book, Definition
from ..defining.one_example import loss_of_one
from ..meaning.errors import NotUnderstood
from ..meaning.syntax import Apply, Derivative, Key, Name, Node, Sum, names_in, walk
from .deciding import Court

__all__ = ["Implied"]


class Implied:
    """What names imply, by the book of a court; remembered, as notes have many formulas of one kind."""

    def __init__(self, court: Court) -> None:
        self.court, self.book = court, court.book
        self._signals: list[tuple[str, int]] | None = None
        self._loss = self.book.loss

    def meanings(self, head: Name) -> Iterator[Node]:
        """What a definition may have to say, the likeliest first; nothing where it may say anything."""
        if head.key.base == "delta" and not head.primes and not head.key.tag:
            yield from self._error_signals(head)

    def _error_signals(self, head: Name) -> Iterator[Node]:
        """The slopes of the loss by what another error signal is the slope by, in its layer."""
        inside = sorted(_inside(self.book))
        for base, sign in self._kinds_of_signals():
            # where the last layer is linear, y = W h + b, its signal tells no slope by z from one by h
            for other in [base] if base in inside else [*inside, base]:
                of = head.key._replace(base=other)
                if self._loss is not None and self.book.is_defined(of):
                    yield _slope(self._loss, of, sign)

    def _kinds_of_signals(self) -> list[tuple[str, int]]:
        """By which quantities the error signals are slopes that come from no other, and with which sign."""
        if self._signals is None:
            self._signals = [] if self._loss is None else self._found_signals(self._loss)
            if not self._signals and self._loss is not None:
                self._loss = loss_of_one(self.book, self._loss)
                self._signals = [] if self._loss is None else self._found_signals(self._loss)
        return self._signals

    def _found_signals(self, loss: Key) -> list[tuple[str, int]]:
        found = []
        for signal in _first_signals(self.book):
            for base in _beside(self.book, signal.key):
                for sign in (1, -1):
                    slope = _slope(loss, signal.key._replace(base=base), sign)
                    try:
                        if self.court.difference(Name(0, 0, signal.key), slope) is None:
                            found.append((base, sign))
                            break
                    except NotUnderstood:
                        break
        return found


def _slope(loss: Key, by: Key, sign: int) -> Node:
    slope = Derivative(0, 0, Name(0, 0, loss), Name(0, 0, by))
    return slope if sign > 0 else Sum(0, 0, (slope,), (-1,))


def _first_signals(book: Book) -> Iterator[Definition]:
    """The error signals that are computed from no other, as those of the last layer."""
    for d in book.definitions():
        if (
            d.key.base == "delta" and (d.key.below or d.key.above) and not d.key.tag
            and not isinstance(d.body, Derivative)
            and not any(name.key.base == "delta" for name in names_in(d.body))
        ):  # fmt: skip
            yield d


def _beside(book: Book, key: Key) -> list[str]:
    """The letters of what is computed in the layer of a name: first what a function is taken of."""
    slot = len(key.below), len(key.above)
    found = {
        d.key.base: None
        for d in book.definitions()
        if (len(d.key.below), len(d.key.above)) == slot and d.key.base != key.base
        and not d.key.tag and not book.is_derivative(d.key) and book.is_defined(key._replace(base=d.key.base))
    }  # fmt: skip
    inside = _inside(book)
    return sorted(found, key=lambda base: (base not in inside, base))


def _inside(book: Book) -> set[str]:
    """The letters of what functions are taken of."""
    return {
        x.arguments[0].key.base
        for d in book.definitions()
        for x in walk(d.body)
        if isinstance(x, Apply) and len(x.arguments) == 1 and isinstance(x.arguments[0], Name)
    }
