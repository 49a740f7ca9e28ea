"""Names that are typed letter by letter: which runs of letters are words, and no products."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

from ..reading.layout import Fraction, Operator, Row, Scripted, Symbol
from .rows import are_close, order_of

__all__ = ["equals", "letters_before", "named_twice", "word_by_parts"]

_PARTS = (
    "hat", "pred", "loss", "net", "out", "dot", "err", "grad", "cost", "sum", "inp", "true", "logit", "prob",
    "mean", "var", "bias", "diff", "act", "sig", "new", "old", "target", "score",
)  # fmt: skip


def equals(line: Row) -> int | None:
    """Where the first sign of equality stands."""
    return next((p for p, mark in enumerate(line) if isinstance(mark, Operator) and mark.name == "="), None)


def word_by_parts(left: Row) -> str:
    """The letters of a left side that make a word, as in `yhat = W2 h`, and no product; or none."""
    letters = [m for m in left if isinstance(m, Symbol) and len(m.name) == 1 and not m.style]
    if len(letters) < 3 or len(letters) < len(left):
        return ""
    word = "".join(mark.name for mark in letters)
    close = all(a.end == b.start for a, b in itertools.pairwise(letters))
    return word if close and (any(part in word for part in _PARTS) or _looks_like_one(word)) else ""


def _looks_like_one(letters: str) -> bool:
    """Whether letters may be a word that nobody has listed, as in `Odds = P / (1 - P)`."""
    vowels = sum(letter in "aeiouy" for letter in letters.lower())
    slope = letters[0] == letters[2:3] == "d"  # da db
    return len(letters) > 3 and letters[1:].islower() and 0 < vowels < len(letters) and not slope


def named_twice(lines: Sequence[Row], rows: Callable[[Row], Iterable[Row]]) -> set[str]:
    r"""Letters that are a whole left side and differentiated by: `ho_1 = f(h_1)`, \partial ho_1 below."""
    defined = {_word_in(line[:place]) for line in lines for place in [equals(line)] if place is not None}
    fractions = [m for line in lines for row in rows(line) for m in row if isinstance(m, Fraction)]
    words = {_word_in(x.under[1:]) for x in fractions if order_of(x.under) == ("partial", 1)}
    outputs = {_word_in(x.over[1:]) for x in fractions if order_of(x.over) in (("partial", 1), ("d", 1))}
    words |= {word for word in outputs if word.isupper()}  # KL of \partial KL
    return {word for word in words & defined if len(word) > 1}


def _word_in(row: Row) -> str:
    """The letters that a row is made of, without blanks and only the last with scripts; or none."""
    *rest, last = row or (None,)
    bare = [*rest, last.base if isinstance(last, Scripted) else last]
    if not all(isinstance(m, Symbol) and len(m.name) == 1 and m.name.isascii() and not m.style for m in bare):
        return ""
    return "".join(m.name for m in bare if isinstance(m, Symbol)) if are_close(row) else ""


def letters_before(row: Row, place: int, are: Callable[[str], bool]) -> str:
    """The letters close before a place of a row, as long as they are such."""
    first = place
    while first and isinstance(mark := row[first - 1], Symbol) and len(mark.name) == 1 and not mark.style:
        if not are(mark.name) or not are_close(row[first - 1 : first + 1]):
            break
        first -= 1
    return "".join(mark.name for mark in row[first:place] if isinstance(mark, Symbol))
