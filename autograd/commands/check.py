"""`chalkgrad check`: the formulas of notes, each with a verdict, and corrected copies of the notes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import ChalkgradError, FileAccessError, FileFormatError, MissingPackageError, SettingError
from ..files import replace_file
from ..notes.report import ENDINGS
from .options import one_of, quoted, whole_number

if TYPE_CHECKING:
    from rich.console import Console

    from ..notes.report import Report
    from .side_by_side import SideBySide

__all__ = ["check"]

FORMATS = ("text", "json", "markdown", "html")
FORMAT_OF = {".json": "json", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html"}
STDIN = "-"


@click.command(short_help="Check the formulas of notes.")
@click.argument("files", metavar="FILE...", nargs=-1)
@click.option(
    "--all", "everything", is_flag=True, help="Show what is right as well, each claim in its order."
)
@click.option("--format", "format_", metavar="|".join(FORMATS), help="Text, or what -o FILE ends in.")
@click.option("-o", "--output", metavar="FILE", help="Write the report to a file.")
@click.option(
    "--fix", is_flag=True,
    help="Write a corrected copy beside each file, lecture.fixed.md beside lecture.md, with the repairs "
    "that make a wrong formula right.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="With --fix: write over an older copy.")
@click.option(
    "--explain",
    metavar="LINE",
    help="Explain the verdict on this line, step by step; in a notebook CELL:LINE.",
)
@click.option("--strict", is_flag=True, help="Status 1 also for what is ambiguous or was not understood.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of --format json.")
@click.pass_context
def check(
    context: click.Context,
    files: tuple[str, ...],
    everything: bool,
    format_: str | None,
    output: str | None,
    fix: bool,
    force: bool,
    explain: str | None,
    strict: bool,
    schema: bool,
) -> None:
    """Check every formula of notes on backpropagation: Markdown, LaTeX or Jupyter notebooks.

    A FILE may be a folder, or - for what comes in. Each formula is held against the network that the notes
    define, and a wrong one is shown with what should stand there, numbers at which it fails and, where one
    small edit would mend it, that edit.

    \b
      chalkgrad check lecture.md
      chalkgrad check notes/ -o report.html
      chalkgrad check lecture.md --explain 42
      chalkgrad check lecture.md --fix

    The exit status is 0 if nothing is wrong, 1 if something is, 2 if a file could not be read.
    """  # noqa: D301 - click knows a paragraph not to be wrapped by its backspace
    if schema:
        from ..notes.reports.json_report import SCHEMA

        click.echo(json.dumps(SCHEMA, indent=2))
        return
    chosen = _format(format_, output)
    place = None if explain is None else _place(explain)
    if not files:
        raise SettingError(
            "FILE: name the notes to check, such as lecture.md, a folder, or - for standard input"
        )
    if fix and STDIN in files:
        raise SettingError(
            "--fix: what comes from standard input has no place for a copy beside it; name a file"
        )
    _need_packages()
    paths = _paths(files)
    if place is not None and len(paths) != 1:
        raise SettingError(f"--explain {explain}: give one file, not {len(paths):,}")
    if output is not None:
        _not_among(output, paths)
    reports, unread = _checked(paths, files)
    console = _console()
    if place is not None:
        for report in reports:
            _explain(report, *place, console)
    elif reports:
        _report(reports, chosen, output, everything, console)
    if fix:
        unread += _fix(reports, force, console)
    context.exit(2 if unread else 1 if _is_bad(reports, strict) else 0)


def _format(format_: str | None, output: str | None) -> str:
    if format_ is not None:
        return one_of("--format", format_, FORMATS)
    return FORMAT_OF.get(Path(output or "").suffix.casefold(), "text")


def _place(text: str) -> tuple[int, int | None]:
    """A line, and the cell that it is in where one is given."""
    cell, colon, line = text.rpartition(":")
    place = whole_number("--explain", line, 999_999_999)
    return place, whole_number("--explain", cell, 999_999_999) if colon else None


def _need_packages() -> None:
    missing = [name for name in ("markdown_it", "yaml", "pylatexenc", "latex2mathml") if not find_spec(name)]
    if missing:
        raise MissingPackageError(f"checking notes needs {missing[0]}: pip install 'chalkgrad[notes]'")


def _is_bad(reports: Sequence[Report], strict: bool) -> bool:
    from ..notes.reports.telling import count

    counts = count(reports)
    return bool(counts.wrong or (strict and counts.right < counts.claims))


# ------------------------------------------------------------------------------------------------- reading


def _paths(files: Sequence[str]) -> list[str]:
    """The files that are named, and those in the folders that are."""
    found: dict[str, None] = {}
    for file in files:
        if file == STDIN or not os.path.isdir(file):
            found[file] = None
            continue
        inside = sorted(_inside(file))
        if not inside:
            raise FileAccessError(
                f"{quoted(file, 1000)}: there are no notes in this folder ({', '.join(ENDINGS)})"
            )
        found |= dict.fromkeys(inside)
    return list(found)


def _inside(folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.casefold().endswith(ENDINGS) and not name.startswith("."):
                yield os.path.join(place, name)


def _not_among(output: str, paths: Sequence[str]) -> None:
    for path in paths:
        if (
            path != STDIN
            and os.path.exists(output)
            and os.path.exists(path)
            and os.path.samefile(output, path)
        ):
            raise SettingError(
                f"-o {quoted(output, 1000)}: this is one of the notes; write the report to another"
            )


def _checked(paths: Sequence[str], named: Sequence[str]) -> tuple[list[Report], int]:
    """The reports of all files that can be read, and how many cannot; those are told of in a line each."""
    from ..notes.checking import check_notes

    reports, unread = [], 0
    with _side_by_side(paths) as together, _progress() as progress:  # processes first, then a thread
        whole = progress(f"{len(paths):,} files") if together else None
        for path in paths:
            try:
                if path == STDIN:
                    report = check_notes(_typed(), file="<stdin>", progress=progress(path))
                elif together:
                    report = together.report(path, whole)
                else:
                    report = check_notes(Path(path), progress=progress(Path(path).name))
            except ChalkgradError as error:
                unread += 1
                click.echo(f"chalkgrad: {' '.join(str(error).split())}", err=True)
                continue
            if report.claims or path in named:  # a folder also holds what is no derivation
                reports.append(report)
    return reports, unread


def _side_by_side(paths: Sequence[str]) -> SideBySide | nullcontext[None]:
    """What checks several files at once, if it pays."""
    if len(paths) > 1:
        from .side_by_side import SideBySide, pays

        files = [path for path in paths if path != STDIN]
        if pays(files):
            return SideBySide(files)
    return nullcontext()


def _typed() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFormatError(f"<stdin>: not UTF-8 at byte {error.start:,}") from error


@contextmanager
def _progress() -> Iterator[Callable[[str], Callable[[float, float], object] | None]]:
    """What shows how far something is, where somebody looks on; it vanishes when all is done."""
    if not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns: list[Any] = [TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()]
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def of(name: str) -> Callable[[float, float], object]:
            bar.reset(task, description=name, total=None)
            return lambda done, total: bar.update(task, description=name, completed=done, total=total)

        yield of


# ------------------------------------------------------------------------------------------------- writing


def _console() -> Console:
    from rich.console import Console

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # letters that a terminal lacks are no reason to stop
    return Console(highlight=False)


def _report(
    reports: Sequence[Report], format_: str, output: str | None, everything: bool, console: Console
) -> None:
    from ..notes.reports.terminal import as_text, print_reports, print_table

    if output is None and format_ == "text":
        print_reports(reports, console, everything=everything)
        return
    if format_ == "text":
        written = as_text(reports, everything=everything)
    elif format_ == "json":
        from ..notes.reports.json_report import as_json

        written = json.dumps(as_json(reports), indent=2, allow_nan=False) + "\n"
    elif format_ == "markdown":
        from ..notes.reports.markdown_report import as_markdown

        written = as_markdown(reports)
    else:
        from ..notes.reports.html_report import as_html

        written = as_html(reports)
    if output is None:
        click.echo(written, nl=False)
    else:
        replace_file(output, written.encode(errors="backslashreplace"))
        print_table(reports, console)
        console.print(f"Written: {output}", markup=False, soft_wrap=True)


def _explain(report: Report, line: int, cell: int | None, console: Console) -> None:
    from ..notes.reports.explaining import at_line, explain

    for place, claim in enumerate(at_line(report, line, cell)):
        if place:
            console.print()
        explain(report, claim, console)


# ------------------------------------------------------------------------------------------------- fixing


def _fix(reports: Sequence[Report], force: bool, console: Console) -> int:
    """Write the corrected copies; how many could not be written."""
    failed = 0
    for report in reports:
        if report.having("wrong"):
            try:
                _fix_one(report, force, console)
            except ChalkgradError as error:
                failed += 1
                click.echo(f"chalkgrad: --fix: {' '.join(str(error).split())}", err=True)
    return failed


def _fix_one(report: Report, force: bool, console: Console) -> None:
    from ..notes.checking import check_notes
    from ..notes.reports.fixing import fixed, in_the_file
    from ..notes.reports.telling import lines_in_words, where
    from ..notes.reports.terminal import Page

    path = Path(report.file)
    copy = path.with_name(f"{path.stem}.fixed{path.suffix}")
    name = path.name if path.suffix.casefold() != ".ipynb" else f"{path.stem}.md"
    fix = fixed(report, lambda text: check_notes(text, file=name))
    page = Page(console)
    console.print()
    if not fix.changed:
        page.line(f"{report.file}: no repair was found, so there is no corrected copy")
        return
    original = path.read_bytes().decode("utf-8")
    written = in_the_file(original, fix)
    if copy.exists() and copy.read_bytes() != written and not force:
        raise SettingError(f"{quoted(str(copy), 1000)} is there already; move it away, or say --force")
    replace_file(copy, written)
    page.line(f"Written: {copy}, with {len(fix.changed):,} repair{'s' * (len(fix.changed) != 1)}", "bold")
    for claim in fix.changed:
        if claim.repair is not None:
            page.hanging(f"  {where(claim, report)}: ", page.words(claim.repair.says))
    if fix.left:
        cells = report.document is not None and report.document.cells
        places = (
            "; ".join(dict.fromkeys(where(claim, report) for claim in fix.left))
            if cells
            else lines_in_words(claim.line for claim in fix.left)
        )
        page.line(f"  still wrong, as no single edit mends it: {places}")
