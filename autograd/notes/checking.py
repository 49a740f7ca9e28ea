"""`check_notes`: read, define, judge, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ..adjoints import collector_paused
from .defining.opening import Notes, opened
from .defining.shelf import Shelf
from .judging.deciding import Court, digits
from .judging.evidence import Evidence, is_grounded
from .judging.judge import Judge
from .judging.mending import Mender
from .judging.verdicts import Judgement
from .meaning.chains import Part
from .meaning.syntax import Apply, Name, Node, names_in
from .reading.documents import Document, read
from .report import Claim, Kind, Report, Step, Verdict
from .rereading import windows

__all__ = ["check_notes"]

Progress: TypeAlias = Callable[[int, int], object]

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
        claims = [_second_look(claim, notes, judge.evidence) for claim in report.claims]
        return replace(report, claims=tuple(claims))


def _second_look(claim: Claim, whole: Notes, evidence: Evidence) -> Claim:
    """A claim that fails by all that the notes define may hold by what stands near it."""
    asked = evidence.accused_derivative(claim)
    if asked is None:
        return claim
    for window in windows(whole.document, claim.offset):
        if not _may_say(window, asked.output, whole):
            continue
        notes = opened(window)
        if not is_grounded(asked, notes.book):
            continue
        judge = _judge(notes)
        with digits(Court(notes.book, notes.nodes).exact):
            for found in _all_claims(notes, judge, None, None):
                if found.offset == claim.offset and judge.evidence.is_grounded(found):
                    return replace(found, reason="it is read by what stands near it")
    return claim


def _may_say(window: Document, output: Node, whole: Notes) -> bool:
    """Whether anything in a part of the notes says what a quantity is: then it is worth reading by itself."""
    bases = {name.key.base for name in names_in(output)}
    starts = {formula.start for formula in window.formulas}
    for chain in whole.chains:
        if len(chain.links) > 1 and whole.document.formulas[chain.links[0].formula].start in starts:
            for node in chain.nodes:
                name = node.name if isinstance(node, Apply) else node
                if isinstance(name, Name) and name.key.base in bases:
                    return True
    return False


def _judge(notes: Notes) -> Judge:
    shelf = Shelf(notes.book, notes.chains, notes.nodes)
    return Judge(shelf, {**shelf.defining, **notes.defining}, notes.stating)


def _checked(document: Document, progress: Progress | None) -> tuple[Report, Judge, Notes]:
    notes = opened(document)
    judge = _judge(notes)
    with digits(Court(notes.book, notes.nodes).exact):
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
        more["step"] = f"{_source(worst.left, document)} = {_source(worst.link, document)}".strip()
        if worst.follows is not None:
            more["follows_from"] = _line(worst.follows.link, document)
        remedy = mender.remedy(
            worst,
            part.chain,
            judge.shelf.court(part.chain),
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
