"""The report as Markdown, for an issue, a merge request or the notes' own repository."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..report import Claim, Report
from .shorthand import written_out
from .telling import Line, account, claims_nothing, conclusion, consequences, count, where

__all__ = ["as_markdown"]


def as_markdown(reports: Sequence[Report]) -> str:
    """A table of the counts, then for each file what is wrong and what was not understood.

    >>> print(as_markdown([]))
    # Notes checked
    <BLANKLINE>
    There is no claim to check.
    <BLANKLINE>
    """
    parts = ["# Notes checked", conclusion(count(reports))]
    if reports:
        rows = [
            "| notes | claims | right | wrong | ambiguous | not understood |",
            "|---|--:|--:|--:|--:|--:|",
        ]
        for report in reports:
            n = count([report])
            numbers = " | ".join(
                f"{x:,}" for x in (n.claims, n.right, n.wrong, n.ambiguous, n.not_understood)
            )
            rows.append(f"| {_escaped(report.file)} | {numbers} |")
        parts.append("\n".join(rows))
    for report in reports:
        parts += _of_a_file(report)
    return "\n\n".join(parts) + "\n"


def _of_a_file(report: Report) -> list[str]:
    report = written_out(report)
    follow = consequences(report)
    consequent = {id(claim) for claims in follow.values() for claim in claims}
    parts = []
    for verdict in ("wrong", "ambiguous", "not understood"):
        for i, claim in enumerate(report.claims):
            if claim.verdict == verdict and not claims_nothing(claim) and id(claim) not in consequent:
                parts += _claim(report, claim, follow.get(i, []))
    if report.conventions:
        listed = "\n".join(f"- {_words(convention)}" for convention in report.conventions)
        parts += [f"Read with these conventions:\n\n{listed}"]
    return [f"## {_escaped(report.file)}", *parts] if parts else []


def _claim(report: Report, claim: Claim, follow: Sequence[Claim]) -> list[str]:
    told = "\n".join(f"- **{line.label}:** {_told(line)}" for line in account(claim, follow))
    return [
        f"### {where(claim, report).capitalize()}: {claim.verdict}",
        _displayed(claim.latex),
        *([told] if told else []),
    ]


def _told(line: Line) -> str:
    return _inline(line.text) if line.is_formula else _words(line.text)


def _words(text: str) -> str:
    """A sentence whose formulas stay formulas, and whose words stay words."""
    pieces = text.split("$")
    if len(pieces) % 2 == 0:
        return _escaped(text)
    return "".join(_inline(piece) if i % 2 else _escaped(piece) for i, piece in enumerate(pieces))


def _inline(latex: str) -> str:
    line = " ".join(latex.split())
    return f"${line}$" if _is_safe(line) else _code(line)


def _displayed(latex: str) -> str:
    lines = [line.strip() for line in latex.splitlines() if line.strip()]
    return "$$\n" + "\n".join(lines) + "\n$$" if _is_safe(latex) else _code(" ".join(lines))


def _is_safe(latex: str) -> bool:
    """Whether it cannot end the formula that it stands in."""
    return "$" not in latex and bool(latex.strip()) and not latex.rstrip().endswith("\\")


def _code(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}"


def _escaped(text: str) -> str:
    """Words in which nothing is markup."""
    return re.sub(r"([\\`*_{}\[\]<>|#$~!&])", r"\\\1", re.sub(r"\s+", " ", text))
