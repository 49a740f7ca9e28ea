"""`check_notes`: read, define, judge, report."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ..adjoints import collector_paused
from .defining.opening import Notes, opened
from .defining.shelf import Shelf
from .judging.deciding import Court, digits
from .judging.evidence import Evidence, doubted, is_grounded
from .judging.judge import Judge
from .judging.mending import Mender
from .judging.verdicts import Judgement
from .meaning.chains import Part
from .reading.documents import Document, read
from .report import Claim, Kind, Report, Step, Verdict
from .rereading import windows

__all__ = ["check_notes"]

Progress: TypeAlias = Callable[[int, int], object]

MOST_SECONDS = 5.0
"""What is read again by what stands near it takes no longer in one set of notes."""

NEARBY = "it is read by what stands near it"
ANEW = "it is given another meaning here, and what follows holds with it"

_GRAVITY = {"wrong": 3, "not understood": 2, "ambiguous": 1, "right": 0}


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
    with collector_paused():
        document = read(source, file=file)
        report, judge, notes = _checked(document, progress)
        nearby = _Nearby(notes, judge.evidence)
        claims = [nearby.second_look(claim) for claim in report.claims]
        return replace(report, claims=tuple(map(nearby.given_anew, claims)))


class _Nearby:
    """Reads again, by what stands near it, what does not hold or has no meaning by all that the notes say."""

    def __init__(self, whole: Notes, evidence: Evidence) -> None:
        self.whole, self.evidence = whole, evidence
        self.until = time.monotonic() + MOST_SECONDS
        self._read: dict[tuple[int, int], tuple[Notes, Judge, dict[tuple[int, str], Claim]]] = {}
        self._anew: dict[tuple[int, str], Claim] = {}

    def second_look(self, claim: Claim) -> Claim:
        """The claim as it is judged near by, if it is right there, or if it had no meaning and has a slip."""
        asked = self.evidence.open_derivative(claim)
        if asked is None or time.monotonic() > self.until:
            return claim
        accused = None
        for window in windows(self.whole, claim.offset, asked.output):
            notes, judge, claims = self._opened(window)
            found = claims.get((claim.offset, claim.latex))
            if found is None or not is_grounded(asked, notes.book) or not judge.evidence.is_grounded(found):
                continue
            if found.verdict == "right":
                shapes = notes.book.shapes
                if any(self.whole.book.shapes.get(name) != shape for name, shape in shapes.items()):
                    alone = doubted(claim, "it holds only if what stands near it is read by itself")
                    return claim if claim.verdict == "ambiguous" else alone
                defined = notes.book.reached(asked.output)
                self._anew |= {
                    place: other for place, other in claims.items() if judge.evidence.defines(other, defined)
                }
                return replace(found, reason=NEARBY)
            if found.verdict == "wrong" and claim.verdict == "not understood" and accused is None:
                mended = self._mended(found, notes, judge)
                accused = mended if mended.repair is not None else None
        return accused or claim

    def given_anew(self, claim: Claim) -> Claim:
        """A definition that contradicts an earlier one is no mistake if what follows holds with it alone."""
        found = self._anew.get((claim.offset, claim.latex))
        if found is None or claim.verdict in ("right", "ambiguous"):
            return claim
        return replace(found, reason=ANEW)

    def _opened(self, window: tuple[int, int]) -> tuple[Notes, Judge, dict[tuple[int, str], Claim]]:
        if window not in self._read:
            document = self.whole.document
            notes = opened(replace(document, formulas=document.formulas[slice(*window)]))
            judge = _judge(notes)
            with _digits(notes):
                claims = _all_claims(notes, judge, None, None)
            self._read[window] = notes, judge, {(claim.offset, claim.latex): claim for claim in claims}
        return self._read[window]

    def _mended(self, claim: Claim, notes: Notes, judge: Judge) -> Claim:
        """The same claim with a repair, if there is one."""
        mender = Mender(notes.spellings, notes.vocabulary)
        for formula, found in zip(notes.document.formulas, notes.parts, strict=True):
            if formula.start <= claim.offset <= formula.end:
                with _digits(notes):
                    for again in _claims(formula, found, judge, mender, notes.document):
                        if again.offset == claim.offset:
                            return again
        return claim


def _judge(notes: Notes) -> Judge:
    shelf = Shelf(notes.book, notes.chains, notes.nodes)
    return Judge(shelf, {**shelf.defining, **notes.defining}, notes.stating)


def _digits(notes: Notes) -> Any:
    """The digits that are needed to decide on the formulas of these notes."""
    return digits(Court(notes.book, notes.nodes).exact)


def _checked(document: Document, progress: Progress | None) -> tuple[Report, Judge, Notes]:
    notes = opened(document)
    judge = _judge(notes)
    with _digits(notes):
        claims = judge.evidence.weighed(
            _all_claims(notes, judge, Mender(notes.spellings, notes.vocabulary), progress)
        )
    report = Report(document.file, document.text, tuple(claims), tuple(notes.book.conventions), document)
    return report, judge, notes


def _all_claims(notes: Notes, judge: Judge, mender: Mender | None, progress: Progress | None) -> list[Claim]:
    """The claims of all formulas. Without a mender wrong ones are only said to be wrong."""
    claims: list[Claim] = []
    formulas = notes.document.formulas
    for number, (formula, found) in enumerate(zip(formulas, notes.parts, strict=True)):
        try:
            claims += _claims(formula, found, judge, mender, notes.document)
        except Exception as problem:  # whatever it is, the other formulas are to be checked
            whole = Span(formula.start, formula.latex, formula.line, formula.column)
            reason = f"it could not be worked out ({type(problem).__name__})"
            claims.append(whole.claim(formula, "mention", "not understood", reason=reason))
        if progress is not None:
            progress(number + 1, len(formulas))
    return claims


def _claims(
    formula: Any, parts: Sequence[Sequence[Part]], judge: Judge, mender: Mender | None, document: Any
) -> list[Claim]:
    """One claim for a formula, or one for each of its lines where several say something."""
    whole = Span(formula.start, formula.latex, formula.line, formula.column)
    if formula.problems:
        problem = formula.problems[0]
        return [whole.claim(formula, "mention", "not understood", reason=problem.message)]
    told = [(line, found) for line, found in zip(formula.lines, parts, strict=True) if found]
    if not told:
        return [whole.claim(formula, "mention", "right")]
    sized = judge.begin([part for _, found in told for part in found])
    if len(told) == 1 or sized or sum(len(part.chain.links) > 1 for _, found in told for part in found) < 2:
        judged = [(judge.part(part), part) for _, found in told for part in found]
        return [_claim(formula, whole, judged, judge, mender, document)]
    claims = []
    for line, found in told:
        start, end = line[0].start, line[-1].end
        row, column = formula.position(start)
        span = Span(formula.start + start, formula.latex[start:end], row, column, start)
        claims.append(
            _claim(formula, span, [(judge.part(part), part) for part in found], judge, mender, document)
        )
    return claims


@dataclass(frozen=True, slots=True)
class Span:
    """What a claim is about: a formula or a line of one; `shift` is where it begins in the formula."""

    offset: int
    latex: str
    line: int
    column: int
    shift: int = 0

    def claim(self, formula: Any, kind: Kind, verdict: Verdict, **more: Any) -> Claim:
        """A claim about it."""
        return Claim(
            formula.file, self.line, self.column, self.latex, kind, verdict, offset=self.offset, **more
        )


def _claim(
    formula: Any,
    span: Span,
    judged: list[tuple[list[Judgement], Part]],
    judge: Judge,
    mender: Mender | None,
    document: Any,
) -> Claim:
    steps = [(judgement, part) for found, part in judged for judgement in found]
    if not steps:
        return span.claim(formula, "mention", "right")
    worst, part = max(steps, key=lambda step: _GRAVITY[step[0].verdict])
    more: dict[str, Any] = {
        "reason": worst.reason,
        "reading": worst.reading.says if worst.reading else None,
        "steps": tuple(_step(judgement, document) for judgement, _ in steps if judgement.left is not None),
    }
    if worst.verdict == "wrong" and mender is not None:
        assert worst.left is not None
        sign = _SIGNS.get(worst.link.relation, "=")
        more["step"] = f"{_source(worst.left, document)} {sign} {_source(worst.link, document)}".strip()
        if worst.follows is not None:
            more["follows_from"] = _line(worst.follows.link, document)
        remedy = mender.remedy(
            worst,
            part.chain,
            worst.court or judge.shelf.court(part.chain),
            formula.latex,
            span.shift,
            len(span.latex),
            judge.figures.scope(),
        )
        first = judge.defined_before(worst, part.chain)
        if first is not None and "repair" not in remedy:
            judge.wrong.remove(worst)
            reason = f"it was defined otherwise in line {first.line}"
            return span.claim(formula, worst.kind, "not understood", reason=reason, steps=more["steps"])
        more |= remedy
    claim = span.claim(formula, worst.kind, worst.verdict, **more)
    judge.evidence.remember(claim, worst, judge.book)
    return claim


_SIGNS = {"<-": r"\leftarrow", "->": r"\to", "approx": r"\approx", "propto": r"\propto"}
"""How a step that fails is shown, where it is not written with `=`."""


def _step(judgement: Judgement, document: Any) -> Step:
    assert judgement.left is not None
    return Step(
        _source(judgement.left, document), judgement.link.relation or "=", _source(judgement.link, document),
        judgement.verdict,
    )  # fmt: skip


def _line(link: Any, document: Any) -> int:
    return int(document.formulas[link.formula].position(link.side.start)[0])


def _source(link: Any, document: Any) -> str:
    return str(document.formulas[link.formula].latex[link.side.start : link.side.end]).strip()
