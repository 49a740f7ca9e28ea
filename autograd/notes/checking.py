"""`check_notes`: read, define, judge, report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..adjoints import collector_paused
from .claiming import Progress, all_claims, digits_for, judge_of
from .defining.opening import Notes, opened
from .judging.judge import Judge
from .judging.mending import Mender
from .meaning.remembered import forget
from .reading.documents import Document, read
from .report import Report
from .rereading import Rereading

__all__ = ["check_notes"]


def check_notes(source: Any, *, file: str | None = None, progress: Progress | None = None) -> Report:
    r"""Check a derivation: every equation in notes, each step held against the graph.

    source     a path to Markdown, LaTeX or a notebook; or the text itself
    file       what a text is called in the report
    progress   called with the number of formulas judged, and of all

    Raises `FileAccessError` and `FileFormatError` for what cannot be read.

    >>> report = check_notes(r"$a = w x$, $L = (a - y)^2$, $\frac{\partial L}{\partial w} = 2 (a - y)$")
    >>> [claim.verdict for claim in report.claims]
    ['right', 'right', 'wrong']
    >>> report.claims[2].repair.says
    'multiply by $x$'
    """
    try:
        with collector_paused():
            document = read(source, file=file)
            report, judge, notes = _checked(document, progress)
            claims = Rereading(notes, judge, report.claims).settled()
            return replace(report, claims=tuple(claims), conventions=tuple(notes.book.conventions))
    finally:
        forget()


def _checked(document: Document, progress: Progress | None) -> tuple[Report, Judge, Notes]:
    notes = opened(document)
    judge = judge_of(notes)
    with digits_for(notes):
        claims = judge.evidence.weighed(
            all_claims(notes, judge, Mender(notes.spellings, notes.vocabulary), progress)
        )
    report = Report(document.file, document.text, tuple(claims), tuple(notes.book.conventions), document)
    return report, judge, notes
