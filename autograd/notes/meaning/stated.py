"""What the formulas of notes state, line by line, read once as long as their letters are used in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .remembered import memory
from .statements import Statement, statements_of
from .vocabulary import Vocabulary

if TYPE_CHECKING:
    from ..reading.documents import Formula

__all__ = ["stated_in"]


def stated_in(formula: Formula, vocabulary: Vocabulary) -> list[list[Statement]]:
    """The statements in each line of a formula."""
    known = _READ.get((id(formula), vocabulary.facts))
    if known is None:
        if len(_READ) >= MOST_READ:
            _READ.clear()
        known = formula, [statements_of(line, vocabulary) for line in formula.lines]
        _READ[id(formula), vocabulary.facts] = known
    return known[1]


_READ: dict[tuple[int, tuple[frozenset[object], ...]], tuple[Formula, list[list[Statement]]]] = memory()
"""What was read, with the formula, so that no other gets its id."""

MOST_READ = 5_000
