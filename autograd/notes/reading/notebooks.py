"""Jupyter notebooks: their Markdown cells, as one text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ...errors import FileFormatError

__all__ = ["Cell", "markdown_cells"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A Markdown cell, the `number`-th of its notebook: the characters `start` to `end` of the text."""

    number: int
    start: int
    end: int


def markdown_cells(text: str, file: str) -> tuple[str, tuple[Cell, ...]]:
    """The Markdown cells of a notebook's JSON, joined by blank lines, and where each of them is.

    Raises FileFormatError for a file that is no notebook.
    """
    try:
        notebook = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise FileFormatError(f"{file}:{error.lineno}:{error.colno}: not a notebook: {error.msg}") from None
    except RecursionError:
        raise FileFormatError(f"{file}: not a notebook: its JSON is nested too deep") from None
    except ValueError as error:
        raise FileFormatError(f"{file}: not a notebook: {error}") from None
    pieces: list[str] = []
    cells: list[Cell] = []
    at = 0
    for number, cell in enumerate(_cells(notebook, file), start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "markdown":
            continue
        words = _source(cell.get("source", ""), file, number)
        pieces.append(words)
        cells.append(Cell(number, at, at + len(words)))
        at += len(words) + 2
    return "\n\n".join(pieces), tuple(cells)


def _cells(notebook: Any, file: str) -> list[Any]:
    if isinstance(notebook, dict):
        cells = notebook.get("cells")
        if cells is None and isinstance(sheets := notebook.get("worksheets"), list):  # nbformat 3
            cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells") or []]
        if isinstance(cells, list):
            return cells
    raise FileFormatError(f"{file}: not a notebook: it has no list of cells")


def _source(source: Any, file: str, number: int) -> str:
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise FileFormatError(f"{file}: not a notebook: the source of cell {number} is no text")
    return source
