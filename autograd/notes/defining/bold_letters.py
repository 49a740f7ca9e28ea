r"""Vectors that notes set in bold type: `\mathbf{x}`, `\boldsymbol\delta`, and `\vec{x}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..reading.documents import Formula
from ..reading.layout import Accented, Mark, Scripted, Symbol

__all__ = ["bold_letters"]


def bold_letters(formulas: Iterable[Formula]) -> set[str]:
    """The small letters that are bold wherever they stand without a lower index, which is for entries."""
    styles: dict[str, set[bool]] = {}
    for formula in formulas:
        for name, is_bold in _letters(formula.lines, False):
            styles.setdefault(name, set()).add(is_bold)
    return {name for name, found in styles.items() if found == {True} and name[:1].islower()}


def _letters(marks: object, is_bold: bool) -> Iterator[tuple[str, bool]]:
    """The letters that are no index and have none below, and whether each is bold."""
    match marks:
        case Symbol():
            yield marks.name, is_bold or marks.style == "bold"
        case Scripted():
            if not marks.below:
                yield from _letters(marks.base, is_bold)
        case Accented():
            yield from _letters(marks.base, is_bold or marks.accent == "vec")
        case Mark():
            for field in marks.__slots__:
                yield from _letters(getattr(marks, field), is_bold)
        case tuple():
            for mark in marks:
                yield from _letters(mark, is_bold)
