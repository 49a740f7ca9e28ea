"""The claims of a set of notes: what each formula says, judged step by step."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from .defining.opening import Notes
from .defining.shelf import Shelf
from .judging.deciding import Court, digits
from .judging.judge import Judge
from .judging.meanings import defined_before, is_another_meaning
from .judging.mending import Mender
from .judging.verdicts import Judgement
from .meaning.chains import Part
from .meaning.syntax import Key
from .report import Claim, Kind, Step, Verdict

__all__ = ["Progress", "all_claims", "digits_for", "judge_of"]

Progress: TypeAlias = Callable[[int, int], object]

_GRAVITY = {"wrong": 3, "not understood": 2, "ambiguous": 1, "right": 0}


def judge_of(notes: Notes, seen: Iterable[Key] = ()) -> Judge:
    """A judge who knows what these notes define, and which names were seen before them."""
    shelf = Shelf(notes.book, notes.chains, notes.nodes)
    return Judge(shelf, {**shelf.defining, **notes.defining}, notes.stating, seen)


def digits_for(notes: Notes) -> Any:
    """The digits that are needed to decide on the formulas of these notes."""
    return digits(Court(notes.book, notes.nodes).exact)


def all_claims(
    notes: Notes, judge: Judge, mender: Mender | None, progress: Progress | None, some: slice = slice(None)
) -> list[Claim]:
    """The claims of all formulas, or some. Without a mender wrong ones are only said to be wrong."""
    claims: list[Claim] = []
    formulas = notes.document.formulas[some]
    for number, (formula, found) in enumerate(zip(formulas, notes.parts[some], strict=True)):
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
    steps = [
        (_settled(judgement, part, formula, judge, mender), part)
        for found, part in judged
        for judgement in found
    ]
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
        more["step"] = _shown(worst.left, worst.link, document)
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
        first = defined_before(worst, part.chain, judge.book)
        if first is not None and (
            "repair" not in remedy or is_another_meaning(worst, part.chain, first, judge)
        ):
            judge.wrong.remove(worst)
            reason = f"it was defined otherwise in line {first.line}"
            claim = span.claim(formula, worst.kind, "not understood", reason=reason, steps=more["steps"])
            judge.evidence.remember(claim, replace(worst, verdict="not understood"), judge.book)
            return claim
        more |= remedy
    claim = span.claim(formula, worst.kind, worst.verdict, **more)
    judge.evidence.remember(claim, worst, judge.book)
    return claim


def _settled(
    judgement: Judgement, part: Part, formula: Any, judge: Judge, mender: Mender | None
) -> Judgement:
    """A definition that contradicts what its name implies is a mistake if a small change mends it."""
    if not judgement.implied:
        return judgement
    court = judgement.court or judge.shelf.court(part.chain)
    mended = mender is not None and mender.repair(judgement, part.chain, court, formula.latex) is not None
    return judge.settled(judgement, mended)


_SIGNS = {"<-": r"\leftarrow", "->": r"\to", "approx": r"\approx", "propto": r"\propto"}
"""How a step that fails is shown, where it is not written with `=`."""


def _shown(left: Any, right: Any, document: Any) -> str:
    sign, text = _SIGNS.get(right.relation, "="), _source(right, document)
    if re.match(r"(\\math\w+\s*\{)?[-+]\s*\}?\s*=", text):  # w -= a
        sign = ""
    return f"{_source(left, document)} {sign} {text}".replace("  ", " ").strip()


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
