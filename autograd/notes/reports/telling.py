"""What a report tells of its claims, before it is text, Markdown or a page: one wording for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from ...numbers import shown
from ..report import Claim, Report

__all__ = [
    "Counts",
    "Line",
    "account",
    "both",
    "claims_nothing",
    "conclusion",
    "consequences",
    "count",
    "lines_in_words",
    "number",
    "where",
]


class Counts(NamedTuple):
    """How many claims have each verdict; formulas that claim nothing, such as a lone `w`, stand apart."""

    right: int = 0
    wrong: int = 0
    ambiguous: int = 0
    not_understood: int = 0
    mentions: int = 0

    @property
    def claims(self) -> int:
        """All that can be right or wrong."""
        return self.right + self.wrong + self.ambiguous + self.not_understood


class Line(NamedTuple):
    """Something told of a claim: under a label, a formula in LaTeX or words with formulas in dollars."""

    label: str
    text: str
    is_formula: bool = False


def claims_nothing(claim: Claim) -> bool:
    """Whether a formula only mentions something; one that could not be read may have claimed anything."""
    return claim.kind == "mention" and claim.verdict == "right"


def count(reports: Iterable[Report]) -> Counts:
    """The counts of some reports together."""
    found = dict.fromkeys(Counts._fields, 0)
    for report in reports:
        for claim in report.claims:
            found["mentions" if claims_nothing(claim) else claim.verdict.replace(" ", "_")] += 1
    return Counts(**found)


def consequences(report: Report) -> dict[int, list[Claim]]:
    """The wrong claims that only follow from another one, by their cause: its place among the claims."""
    last: dict[int, int] = {}  # the latest wrong claim of a line; lines of a notebook count in each cell
    causes: dict[int, int] = {}
    found: dict[int, list[Claim]] = {}
    for i, claim in enumerate(report.claims):
        if claim.verdict != "wrong":
            continue
        if claim.follows_from in last:
            cause = last[claim.follows_from]
            causes[i] = causes.get(cause, cause)
            found.setdefault(causes[i], []).append(claim)
        last[claim.line] = i
    return found


def where(claim: Claim, report: Report) -> str:
    """The line of a claim, in a notebook with its cell: "line 12", "cell 3, line 2"."""
    cell = claim.file.removeprefix(report.file).removeprefix(":")
    return f"{cell}, line {claim.line}" if cell and cell != claim.file else f"line {claim.line}"


def account(claim: Claim, follow: Sequence[Claim] = ()) -> list[Line]:
    """What there is to say of a claim; `follow` are the wrong ones that are only its consequences."""
    told = []
    if claim.reason:
        told.append(Line("note" if claim.verdict == "right" else "why", claim.reason))
    if claim.step and not _is_all(claim.step, claim.latex):
        told.append(Line("fails at", claim.step, is_formula=True))
    if claim.expected:
        told.append(Line("should be", claim.expected, is_formula=True))
    if claim.repair:
        told.append(Line("repair", claim.repair.says))
    if claim.reading:
        told.append(Line("holds if", claim.reading))
    if claim.counterexample:
        told.append(Line("for example", _example(claim)))
    if claim.follows_from is not None and claim.verdict == "wrong":
        told.append(Line("follows", f"from line {claim.follows_from}"))
    if follow:
        one = len({c.line for c in follow}) == 1
        told.append(
            Line(
                "also",
                f"{lines_in_words(c.line for c in follow)} only {'follows' if one else 'follow'} from this",
            )
        )
    return told


def _is_all(step: str, latex: str) -> bool:
    """Whether the step is the whole formula, but for a word before it."""
    step, latex = "".join(step.split()), "".join(latex.split())
    return step in latex and not re.search("[=≈]|approx|equiv", latex.replace(step, "", 1))


def _example(claim: Claim) -> str:
    example = claim.counterexample
    assert example is not None
    in_sight = f"{claim.step} {claim.latex}"
    names = sorted(example.at, key=lambda name: name not in in_sight)  # what one sees comes first
    shown = [f"${name}$ = {number(example.at[name])}" for name in names[:_NUMBERS]]
    if len(names) > _NUMBERS:
        shown.append(f"... ({len(names) - _NUMBERS} more)")
    left, right = both(example.left, example.right)
    return (
        f"{'with ' + ', '.join(shown) + ' ' if shown else ''}the left side is {left}, the right side {right}"
    )


def lines_in_words(lines: Iterable[int], most: int = 12) -> str:
    """Line numbers as one says them; of more than `most` the first.

    >>> lines_in_words([12]), lines_in_words([12, 14, 15, 12]), lines_in_words(range(1, 10), most=3)
    ('line 12', 'lines 12, 14 and 15', 'lines 1, 2, 3 and 6 more')
    """
    texts = [str(line) for line in sorted(set(lines))]
    if len(texts) == 1:
        return f"line {texts[0]}"
    if len(texts) > most:
        texts = [*texts[:most], f"{len(texts) - most:,} more"]
    return f"lines {', '.join(texts[:-1])} and {texts[-1]}"


def conclusion(counts: Counts) -> str:
    """The outcome in a sentence.

    >>> conclusion(Counts(right=40, wrong=1, not_understood=2))
    '1 of 43 claims is wrong, 2 were not understood.'
    >>> conclusion(Counts(right=7, not_understood=9))
    '7 of 16 claims hold, 9 were not understood; none was found wrong.'
    >>> conclusion(Counts(right=3)), conclusion(Counts())
    ('All 3 claims hold.', 'There is no claim to check.')
    """
    if not counts.claims:
        return "There is no claim to check."
    if counts.right == counts.claims:
        return "The only claim holds." if counts.right == 1 else f"All {counts.right:,} claims hold."
    parts = []
    if counts.ambiguous:
        parts.append(f"{counts.ambiguous:,} {_is(counts.ambiguous)} ambiguous")
    if counts.not_understood:
        parts.append(
            f"{counts.not_understood:,} {'was' if counts.not_understood == 1 else 'were'} not understood"
        )
    rest = ", ".join(parts)
    whole = f"{counts.claims:,} claim{'s' * (counts.claims != 1)}"
    if counts.wrong:
        return f"{counts.wrong:,} of {whole} {_is(counts.wrong)} wrong{', ' + rest if rest else ''}."
    if counts.right:
        return f"{counts.right:,} of {whole} hold{'s' * (counts.right == 1)}, {rest}; none was found wrong."
    return f"Of {whole} {rest}; none was found wrong."


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


_NUMBERS = 8  # of a counterexample that are told; `--explain` and the JSON have all


def number(x: Any, digits: int = 6) -> str:
    """A number of a counterexample, or a list of them, for reading.

    >>> number(Fraction(3, 7)), number(Fraction(138, 625)), number([[1, 2], [3, 0.5]])
    ('3/7', '0.2208', '[1, 2; 3, 0.5]')
    """
    if isinstance(x, Mapping):
        return ", ".join(f"{name} = {number(value, digits)}" for name, value in x.items())
    if isinstance(x, (list, tuple)):
        nested = any(isinstance(row, (list, tuple)) for row in x)
        cells = [number(row, digits) for row in x]
        return f"[{'; '.join(cell[1:-1] for cell in cells) if nested else ', '.join(cells)}]"
    if isinstance(x, float) or (isinstance(x, Fraction) and _is_long(x)):
        try:
            return f"{float(x) + 0.0:.{digits}g}"
        except OverflowError:  # a fraction beyond all floats
            pass
    text = shown(x)
    return text if len(text) <= 40 else f"{text[:18]}...{text[-18:]}"


def _is_long(x: Fraction) -> bool:
    """Whether a fraction is easier to read as a decimal: 31/50 is 0.62."""
    return x.denominator > 8 and (len(str(x)) > 9 or 10**9 % x.denominator == 0)


def both(left: Any, right: Any) -> tuple[str, str]:
    """Two numbers that differ, in as many digits as it takes to see it.

    >>> both(1.0, 1.0000001)
    ('1', '1.0000001')
    """
    for digits in (6, 9, 12, 15, 17):
        texts = number(left, digits), number(right, digits)
        if texts[0] != texts[1]:
            break
    return texts
