"""A second look at what seems wrong: read by what stands near it.

Slides, cheat sheets and chapters give the same letters a new meaning in every frame, item and section.
Whoever reads on takes what was said last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .reading.documents import Document

__all__ = ["windows"]


def windows(document: Document, offset: int) -> Iterator[Document]:
    """The document up to a formula, and no more of it than its paragraph, the one before too, its section."""
    formulas = document.formulas
    place = next(i for i, formula in enumerate(formulas) if formula.start <= offset <= formula.end)
    begins = []
    first = place
    for paragraphs in (1, 2):
        while first and _joined(document, first):
            first -= 1
        begins.append(first)
        first = max(0, first - 1) if paragraphs == 1 else first
    section = place
    while section and formulas[section - 1].heading == formulas[place].heading:
        section -= 1
    begins.append(section)
    seen = {0} if place + 1 == len(formulas) else set()
    for begin in begins:
        if begin not in seen:
            seen.add(begin)
            yield replace(document, formulas=formulas[begin : place + 1])


def _joined(document: Document, place: int) -> bool:
    """Whether a formula stands in the same paragraph as the one before it."""
    earlier, formula = document.formulas[place - 1], document.formulas[place]
    return "\n\n" not in document.text[earlier.outer_end : formula.outer_start]
