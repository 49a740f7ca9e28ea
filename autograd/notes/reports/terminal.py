"""The report in the terminal: what is wrong and what to write there, formula by formula."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..report import Claim, Report, Verdict
from .shorthand import written_out
from .telling import Line, account, claims_nothing, conclusion, consequences, count, lines_in_words, where
from .unicode_math import printable, readable, readable_words, shortened

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

__all__ = ["STYLES", "Page", "as_text", "print_report", "print_reports", "print_table"]

STYLES: dict[Verdict, tuple[str, str]] = {
    "right": ("✓", "green"),
    "wrong": ("✗", "bold red"),
    "ambiguous": ("~", "yellow"),
    "not understood": ("?", "cyan"),
}
"""The sign and the colour of each verdict; its word always stands beside them."""

_MOST = 10  # reasons why something is ambiguous or was not understood, unless all is asked for
_EXAMPLES = 3  # of the formulas with one such reason
_LINES = 12  # of which the numbers are told for the rest
_ROWS = 6  # of a formula; a longer one is cut in its middle
_LABEL = 13


def print_reports(reports: Sequence[Report], console: Console, *, everything: bool = False) -> None:
    """Print what was found in each file, and of several a table at the end."""
    for place, report in enumerate(reports):
        if place:
            console.print()
        print_report(report, console, everything=everything)
    if len(reports) > 1:
        console.print()
        print_table(reports, console)
        console.print(f"\n{conclusion(count(reports))}", markup=False)


def print_report(report: Report, console: Console, *, everything: bool = False) -> None:
    """Print what was found in a file: first what is wrong; with `everything` each claim, in order."""
    page = Page(console)
    report = written_out(report)
    page.line(report.file, "bold")
    follow = consequences(report)
    consequent = {id(claim) for claims in follow.values() for claim in claims}
    claims = [(i, claim) for i, claim in enumerate(report.claims) if not claims_nothing(claim)]
    if everything:
        for i, claim in claims:
            page.claim(report, claim, follow.get(i, []))
    else:
        for i, claim in claims:
            if claim.verdict == "wrong" and id(claim) not in consequent:
                page.claim(report, claim, follow.get(i, []))
        page.together(report, "ambiguous")
        page.together(report, "not understood")
    if report.conventions:
        page.line("\nRead with these conventions:" if page.written else "Read with these conventions:", "dim")
        for convention in report.conventions:
            page.hanging("  - ", page.words(convention), "dim")
    page.line(("\n" if page.written or report.conventions else "") + conclusion(count([report])), "bold")


def print_table(reports: Sequence[Report], console: Console) -> None:
    """Print how many claims of each file are right, wrong, ambiguous, not understood."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    page = Page(console)
    names = _short([report.file for report in reports])
    if console.width < 68:
        for report, name in zip(reports, names, strict=True):
            page.hanging("", f"{name}: {conclusion(count([report]))}")
        return
    grid = Table(box=box.SIMPLE_HEAD if page.unicode else box.ASCII2, show_footer=len(reports) > 1)
    rows = [count([report]) for report in reports]
    total = count(reports)
    grid.add_column("notes", "all", overflow="fold", vertical="bottom")
    grid.add_column("claims", f"{total.claims:,}", justify="right")
    for verdict, (_, style) in STYLES.items():
        n = getattr(total, verdict.replace(" ", "_"))
        grid.add_column(
            verdict.replace(" ", "\n"), f"{n:,}" if n else "-", justify="right", style=style if n else ""
        )
    for name, row in zip(names, rows, strict=True):
        numbers = (row.claims, row.right, row.wrong, row.ambiguous, row.not_understood)
        grid.add_row(Text(page.plain(name)), *(f"{n:,}" if n else "-" for n in numbers))
    console.print(grid)


def _short(files: Sequence[str]) -> list[str]:
    """The names without the folders that all are in."""
    folders = {folder for file in files if (folder := os.path.dirname(file))}
    try:
        common = os.path.commonpath(folders) if len(files) > 1 and folders else ""
    except ValueError:  # some from the root, some not
        common = ""
    inside = common + os.sep
    return [file.removeprefix(inside) if common else file for file in files]


def as_text(reports: Sequence[Report], *, everything: bool = False) -> str:
    """The report without colours, each formula on one line, as a file or a message takes it."""
    from io import StringIO

    from rich.console import Console

    stream = StringIO()
    console = Console(file=stream, width=100, color_system=None, force_terminal=False, highlight=False)
    print_reports(reports, console, everything=everything)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


class Page:
    """A console to which blocks are written with their indent, in letters that it has."""

    def __init__(self, console: Console) -> None:
        self.console = console
        # a StringIO has no encoding and takes everything
        self.unicode = (getattr(console.file, "encoding", None) or "utf-8").lower().startswith("utf")
        self.written = 0

    def plain(self, text: str) -> str:
        """Text with nothing that a terminal obeys, nor letters it lacks."""
        text = printable(text)
        return text if self.unicode else text.encode("ascii", "backslashreplace").decode()

    def formula(self, latex: str) -> str:
        """A formula in Unicode; where the terminal has only ASCII, the LaTeX itself."""
        return readable(latex) if self.unicode else self.plain(" ".join(latex.split()))

    def words(self, text: str) -> str:
        """A sentence with its formulas."""
        return readable_words(text) if self.unicode else self.plain(text.replace("$", ""))

    def line(self, text: str, style: str = "") -> None:
        """One line, which the terminal may fold."""
        from rich.text import Text

        self.console.print(Text(self.plain(text), style), soft_wrap=True)

    def claim(self, report: Report, claim: Claim, follow: Sequence[Claim]) -> None:
        """A claim: where it is, its verdict, the formula, and what there is to say."""
        from rich.text import Text

        sign, style = STYLES[claim.verdict]
        place, mark = where(claim, report) + "  ", f"{sign} " if self.unicode else ""
        if claim.verdict == "right":  # on one line, lest there is little else to see
            formula = self.formula(claim.latex).replace("\n", " ; ")
            self.hanging(Text.assemble((place, "bold"), (f"{mark}right  ", style)), formula)
        else:
            head = Text.assemble((f"\n{place}", "bold"), (mark + claim.verdict, style))
            self.console.print(head, soft_wrap=True)
            self.formula_rows("  ", claim.latex)
        for line in account(claim, follow):
            self.told(line)
        self.written += 1

    def together(self, report: Report, verdict: Verdict) -> None:
        """Claims of a verdict by the reason for it: one undeclared name can be in many formulas."""
        sign, style = STYLES[verdict]
        groups: dict[tuple[Line, ...], list[Claim]] = {}
        for claim in report.having(verdict):
            if not claims_nothing(claim):
                groups.setdefault(tuple(account(claim)), []).append(claim)
        for told, claims in list(groups.items())[:_MOST]:
            if len(claims) == 1:
                self.claim(report, claims[0], [])
                continue
            mark = f"{sign} " if self.unicode else ""
            self.line(f"\n{mark}{len(claims):,} {verdict}", style)
            for line in told:
                self.told(line)
            shown = claims if len(claims) == _EXAMPLES + 1 else claims[:_EXAMPLES]
            for claim in shown:
                self.hanging(
                    f"    {where(claim, report):{_LABEL}}", self.formula(claim.latex).replace("\n", " ; ")
                )
            if rest := claims[len(shown) :]:
                few = len(rest) <= _LINES and ":cell" not in rest[0].file
                more = lines_in_words(claim.line for claim in rest) if few else f"{len(rest):,} more"
                self.hanging("    ", f"... and {more}", "dim")
            self.written += 1
        if len(groups) > _MOST:
            left = sum(len(claims) for claims in list(groups.values())[_MOST:])
            self.line(f"\n... and {left:,} more {verdict}; --all shows them", "dim")

    def formula_rows(self, first: str, latex: str) -> None:
        """A formula, the rows of an `aligned` on lines of their own."""
        for row in self.formula(latex).split("\n"):
            self.hanging(first, row)

    def told(self, line: Line) -> None:
        """A line of an account, under its label."""
        said = self.formula(line.text) if line.is_formula else self.words(line.text)
        strong = "bold" if line.label in ("should be", "repair") else ""
        self.hanging(f"    {line.label:{_LABEL}}", said.replace("\n", " ; "), strong)

    def hanging(self, first: str | Text, text: str, style: str = "") -> None:
        """A paragraph whose later lines stand under its first; cut in the middle where it is very long."""
        from rich.text import Text

        first = Text(first, "dim") if isinstance(first, str) else first
        width = max(self.console.width - len(first), 20)
        text = shortened(text, width * _ROWS)
        lines: Iterator[Text] | list[Text] = [Text(text, style)]
        if self.console.is_terminal:
            lines = iter(Text(text, style).wrap(self.console, width))
        for place, line in enumerate(lines):
            line.rstrip()
            before = first if place == 0 else " " * len(first)
            self.console.print(Text.assemble(before, line), soft_wrap=True)
