"""Where formulas stand in a text, and the words around them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .signs import ENVIRONMENTS, TEXTS

__all__ = ["LINE_END", "MATH_ENVIRONMENTS", "Piece", "Place", "Positions", "body_end", "surrounded"]

LINE_END = re.compile(r"\r\n?|\n")

MATH_ENVIRONMENTS = "|".join(
    sorted(set(ENVIRONMENTS) - {"center", "tabular", "subequations"}, key=len, reverse=True)
)
"""Environments that hold a formula wherever they stand."""

_TEXT = "|".join(sorted(TEXTS, key=len, reverse=True))
_WORDS = rf"\\(?:{_TEXT})\s*\{{(?:[^{{}}$\\]|\\.|\$[^$]{{0,300}}\$|\{{[^{{}}$]*\}}){{0,300}}+\}}"
_BODY = re.compile(rf"(?:{_WORDS}|\\.|[^$\\])*+", re.DOTALL)
_BODY_WITH_COMMENTS = re.compile(rf"(?:{_WORDS}|\\.|%[^\n]*|[^$\\%])*+", re.DOTALL)


def body_end(text: str, start: int, comments: bool = False) -> int:
    r"""Where the next dollar stands that is not escaped and not inside a \text, or the end of the text."""
    found = (_BODY_WITH_COMMENTS if comments else _BODY).match(text, start)
    return found.end() if found else len(text)


@dataclass(frozen=True, slots=True)
class Place:
    """A formula's place: its LaTeX from `start` to `end`, with delimiters from `outer_start` to `outer_end`.

    blanks            what stands between but is no part of it, such as the `> ` of a quotation
    display           whether it stands on lines of its own
    before, after     the words next to it, if they are next to it
    heading           the heading it stands under
    problem           why it cannot be read, if even its place is in doubt
    """

    start: int
    end: int
    outer_start: int
    outer_end: int
    display: bool
    blanks: tuple[tuple[int, int], ...] = ()
    before: str = ""
    after: str = ""
    heading: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words between formulas; `heading` for those of one, `first` for the first of a paragraph."""

    words: str
    heading: bool = False
    first: bool = False


class Positions:
    """Lines and columns of a text, both from 1; a byte-order mark takes no column.

    The text begins at the offset `base` of whatever the offsets count in.
    """

    def __init__(self, text: str, base: int = 0) -> None:
        self._base = base
        self._starts = [0, *(found.end() for found in LINE_END.finditer(text))]
        self._bom = text.startswith("\ufeff")

    def __call__(self, offset: int) -> tuple[int, int]:
        """Line and column of a character."""
        offset -= self._base
        line = bisect_right(self._starts, offset)
        column = offset - self._starts[line - 1] + 1
        return line, max(1, column - (line == 1 and self._bom))


def surrounded(parts: Iterable[Piece | Place]) -> list[Place]:
    """The places among the parts of a text, with the words next to each."""
    sequence = list(parts)
    heading = ""
    places: list[Place] = []
    for k, part in enumerate(sequence):
        if isinstance(part, Piece):
            if part.heading and part.words:
                heading = part.words
            continue
        places.append(
            replace(part, before=_words(sequence, k, -1), after=_words(sequence, k, +1), heading=heading)
        )
    return places


def _words(sequence: Sequence[Piece | Place], k: int, step: int) -> str:
    j = k + step
    words = ""
    while 0 <= j < len(sequence):
        part = sequence[j]
        if isinstance(part, Place) or part.heading:
            break
        if part.words:
            words = part.words
            break
        j += step
    return words[-200:] if step < 0 else words[:200]
