"""Notes to formulas: Markdown, LaTeX files and notebooks, each formula with its exact place.

    Document -> Formula -> lines of marks (see `layout`)

Prose in any language is passed over; what stands next to a formula is kept with it. Nothing that is read is
run, and no other file is opened.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import FileAccessError, FileFormatError, MissingPackageError
from .decimal_commas import has_decimal_commas
from .delta_slopes import has_delta_slopes
from .front_matter import split as split_front_matter
from .latex_files import looks_like_latex, places_in_latex
from .layout import Row
from .macros import PACKAGES, Macros, take_definitions
from .notebooks import Cell, markdown_cells
from .parsing import Parsed, Problem, parse
from .places import LINE_END, Place, Positions

__all__ = ["MOST_CHARACTERS", "Document", "Formula", "read"]

MOST_CHARACTERS = 5_000_000
"""Notes of more characters than this are refused."""

LONGEST_LINE = 500_000
"""So are notes with a line of more characters than this."""

MOST_BYTES = 100_000_000
"""So are files of more bytes; notebooks carry pictures."""

MARKDOWN = frozenset(["", ".md", ".markdown", ".mkd", ".mdown", ".mdx", ".qmd", ".rmd", ".txt", ".text"])
LATEX = frozenset([".tex", ".latex", ".ltx"])
NOTEBOOK = frozenset([".ipynb"])


@dataclass(frozen=True, slots=True)
class Formula:
    r"""A formula of the notes.

    file, line, column       where its LaTeX begins, counted from 1, in a notebook within the cell
    start, end               its characters in the text of the document, without delimiters
    outer_start, outer_end   the same with delimiters: dollars, brackets, the fence of a code block
    latex                    its source; marks of quotations between its lines are blanked out
    display                  whether it stands on lines of its own
    before, after, heading   the words next to it, and the heading it stands under
    lines                    what is typeset, line by line
    problems                 what could not be read; positions count in `latex`
    tags                     what \tag and \label call it
    """

    file: str
    line: int
    column: int
    start: int
    end: int
    outer_start: int
    outer_end: int
    latex: str = field(repr=True)
    display: bool
    before: str
    after: str
    heading: str
    lines: tuple[Row, ...] = field(repr=False)
    problems: tuple[Problem, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def offset(self) -> int:
        """Where `latex` begins in the text of the document."""
        return self.start

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, in the file, of a character of `latex`."""
        breaks = [found.end() for found in LINE_END.finditer(self.latex, 0, offset)]
        if not breaks:
            return self.line, self.column + offset
        return self.line + len(breaks), offset - breaks[-1] + 1


@dataclass(frozen=True, slots=True)
class Document:
    """Notes that were read.

    file                the name they go by
    text                the whole text, as it stands in the file; of a notebook, its Markdown cells
    front_matter        the YAML they begin with, and `front_matter_line` where that begins
    formulas            in the order of the text
    cells               the Markdown cells of a notebook
    """

    file: str
    text: str = field(repr=False)
    formulas: tuple[Formula, ...]
    front_matter: str = ""
    front_matter_line: int = 1
    cells: tuple[Cell, ...] = ()

    def place_of(self, offset: int) -> int:
        """Which of the formulas stands at an offset of the text."""
        return bisect_right(self.formulas, offset, key=lambda formula: formula.start) - 1


def read(source: str | os.PathLike[str], *, file: str | None = None) -> Document:
    """Read notes: a file, by its path, or a text.

    A string is a path if it is one line that ends like a file of notes or names a file there is; `file` gives
    a text a name, whose ending says what it is, and makes sure it is taken as one.

    Raises FileAccessError for a file that cannot be read, FileFormatError for one that is not what it claims
    to be, with its line, and MissingPackageError without markdown-it-py.

    >>> [formula.latex for formula in read("The loss $L$ costs $5, or $6.").formulas]
    ['L']
    """
    if file is None and not (isinstance(source, str) and _is_text(source)):
        path = Path(source)
        file = os.fspath(source)
        return _read(_contents(path, file), file, path.suffix.lower())
    text = os.fspath(source)
    name = file if file is not None else "<text>"
    suffix = Path(name).suffix.lower()
    if suffix not in LATEX | NOTEBOOK:
        suffix = ".tex" if looks_like_latex(text) else ".md"
    return _read(text, name, suffix)


def _is_text(source: str) -> bool:
    """Whether a string is notes themselves rather than the name of a file."""
    if "\n" in source or "\r" in source or len(source) > 4096 or "\0" in source:
        return True
    if Path(source).suffix.lower() in (MARKDOWN | LATEX | NOTEBOOK) - {""}:
        return False
    try:
        return not Path(source).exists()
    except OSError:
        return True


def _contents(path: Path, file: str) -> str:
    """The text of a file."""
    if path.suffix.lower() not in MARKDOWN | LATEX | NOTEBOOK:
        known = ", ".join(sorted((MARKDOWN | LATEX | NOTEBOOK) - {""}))
        raise FileFormatError(f"{file}: {path.suffix} is not a format of notes; these are: {known}")
    try:
        if path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "not a regular file"
            raise FileAccessError(f"{file}: {kind}; give the files of notes in it")
        with path.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise FileAccessError(f"{file}: no such file; check the name") from None
    except (OSError, ValueError) as error:
        raise FileAccessError(
            f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from None
    if len(data) > MOST_BYTES:
        raise FileFormatError(f"{file}: files of over {MOST_BYTES // 1_000_000} MB are not read")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FileFormatError(f"{file}: UTF-16 text; save it as UTF-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileFormatError(
            f"{file}:{line}: byte {data[error.start]:#04x} at offset {error.start} is not UTF-8; "
            "save the file as UTF-8"
        ) from None


def _read(text: str, file: str, suffix: str) -> Document:
    cells: tuple[Cell, ...] = ()
    if suffix in NOTEBOOK:
        text, cells = markdown_cells(text, file)
    if len(text) > MOST_CHARACTERS:
        raise FileFormatError(f"{file}: notes of over {MOST_CHARACTERS:,} characters are not read")
    if "\0" in text:
        line = len(LINE_END.findall(text, 0, text.index("\0"))) + 1
        raise FileFormatError(f"{file}:{line}: a NUL byte at character {text.index(chr(0))}; this is no text")
    longest = max(map(len, text.splitlines()), default=0)
    if longest > LONGEST_LINE:
        raise FileFormatError(f"{file}: a line of {longest:,} characters; over {LONGEST_LINE:,} are not read")
    collected = _Collected(text)
    if suffix in LATEX:
        matter, _ = split_front_matter(text, latex=True)
        collected.add(file, places_in_latex(text), Positions(text))
    elif suffix in NOTEBOOK:
        matter = ""
        for cell in cells:
            words = text[cell.start : cell.end]
            first, skip = split_front_matter(words) if cell is cells[0] else ("", 0)
            matter = matter or first
            places = _in_markdown(text, cell.start + skip, cell.end)
            collected.add(f"{file}:cell {cell.number}", places, Positions(words, cell.start))
    else:
        matter, begin = split_front_matter(text)
        collected.add(
            file, _in_markdown(text, begin or text.startswith("\ufeff"), len(text)), Positions(text)
        )
    return Document(file, text, tuple(collected.formulas), matter, 2, cells)


def _in_markdown(text: str, start: int, end: int) -> list[Place]:
    try:
        from .markdown import places_in_markdown

        return places_in_markdown(text, start, end)
    except ImportError:
        raise MissingPackageError(
            "reading notes needs markdown-it-py: pip install 'chalkgrad[notes]'"
        ) from None


class _Collected:
    """The formulas of a text, laid out with the macros it defines; each LaTeX is parsed once."""

    def __init__(self, text: str) -> None:
        self.formulas: list[Formula] = []
        self._text = text
        self._macros: Macros = dict(PACKAGES)
        self._commas = has_decimal_commas(text)
        self._parsed: dict[str, Parsed] = {}
        take_definitions(text, self._macros)
        if has_delta_slopes(text):
            take_definitions(r"\renewcommand{\delta}{\partial}", self._macros)

    def add(self, file: str, places: Iterable[Place], position: Positions) -> None:
        """Add the formulas at some places."""
        for place in places:
            latex = self._text[place.start : place.end]
            for first, last in reversed(place.blanks):
                blank = re.sub(r"[^\r\n]", " ", self._text[first:last])
                latex = latex[: first - place.start] + blank + latex[last - place.start :]
            laid = self._laid(latex, place.problem)
            self.formulas.append(
                Formula(
                    file,
                    *position(place.start),
                    **{name: getattr(place, name) for name in _SHARED},
                    latex=latex,
                    lines=laid.lines,
                    problems=laid.problems,
                    tags=laid.tags,
                )
            )

    def _laid(self, latex: str, problem: str) -> Parsed:
        if problem:
            return Parsed((), (Problem(0, len(latex), problem),))
        if latex not in self._parsed:
            self._parsed[latex] = parse(latex, self._macros, self._commas)
        return self._parsed[latex]


_SHARED = ("start", "end", "outer_start", "outer_end", "display", "before", "after", "heading")
"""What a formula has from its place."""
