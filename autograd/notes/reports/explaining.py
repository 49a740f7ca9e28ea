"""One verdict explained: each step of the formula with its values, and the derivation it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import SettingError
from ..report import Claim, Report
from .shorthand import written_out
from .telling import account, both, claims_nothing, lines_in_words, number, where
from .terminal import STYLES, Page

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["at_line", "explain"]


def at_line(report: Report, line: int, cell: int | None = None) -> list[Claim]:
    """The claims of a line, of a notebook that of a cell. Raises `SettingError` where there is none.

    A formula over several lines is found by each of them.
    """
    claims = [claim for claim in report.claims if not claims_nothing(claim)]
    if cell is not None:
        claims = [claim for claim in claims if claim.file == f"{report.file}:cell {cell}"]
    place = f"{report.file}, line {line}" if cell is None else f"{report.file}, cell {cell}, line {line}"
    if not claims:
        raise SettingError(f"{place}: there is no claim anywhere in it")
    found = [c for c in claims if c.line <= line <= c.line + c.latex.count("\n")]
    if not found:
        near = sorted({claim.line for claim in claims}, key=lambda other: abs(other - line))[:4]
        raise SettingError(f"{place}: there is no claim; the nearest are in {lines_in_words(near)}")
    return found


def explain(report: Report, claim: Claim, console: Console) -> None:
    """Print why a claim has its verdict."""
    derivation = _derivation(report, claim)
    [claim] = written_out(replace(report, claims=(claim,))).claims
    page = Page(console)
    sign, style = STYLES[claim.verdict]
    page.line(f"{report.file}, {where(claim, report)}", "bold")
    page.formula_rows("  ", claim.latex)
    page.line(f"\n{sign + ' ' if page.unicode else ''}{claim.verdict}", style)
    for line in account(claim):
        if line.label not in ("for example", "should be", "fails at"):
            page.told(line)
    if claim.counterexample:
        at = ", ".join(f"${name}$ = {number(x)}" for name, x in claim.counterexample.at.items())
        page.line("\nWith these numbers" if at else "\nIn numbers", "bold")
        if at:
            page.hanging("  ", page.words(at))
    if claim.steps:
        page.line("\nStep by step", "bold")
        for step in claim.steps:
            _step(page, step.left, step.relation, step.right, step.verdict == "wrong")
            values = step.left_value, step.right_value
            if None in values and step.verdict == "wrong" and claim.counterexample:
                values = claim.counterexample.left, claim.counterexample.right
            if None not in values:
                left, right = both(*values)
                page.hanging("      ", f"the left side is {left}, the right side {right}")
    if claim.expected:
        page.line("\nWhat should stand there", "bold")
        page.formula_rows("  ", claim.expected)
    if derivation:
        page.line("\nThe chain rule, from what the notes define", "bold")
        for left, right in derivation:
            page.hanging("  ", f"{page.formula(left)} = {page.formula(right)}".strip())


def _step(page: Page, left: str, relation: str, right: str, fails: bool) -> None:
    mark = ("✗" if page.unicode else "x") if fails else ("✓" if page.unicode else " ")
    said = f"{page.formula(left)} {relation} {page.formula(right)}"
    page.hanging(f"  {mark} ", said + ("   <- fails" if fails else ""), "bold red" if fails else "")


def _derivation(report: Report, claim: Claim) -> Sequence[tuple[str, str]]:
    from .deriving import derivation_of

    return derivation_of(report, claim)
