"""Notes kept right by a test suite: `assert_notes_right`, and pytest items for files of notes.

In a test:

    from autograd.notes.testing import assert_notes_right

    def test_lecture():
        assert_notes_right("lectures/backpropagation.md")

Or without a test, a pytest item for each Markdown, LaTeX or notebook file that is named or found:

    pytest -p autograd.notes.testing --check-notes lectures/

In a `conftest.py`, `pytest_plugins = ["autograd.notes.testing"]` does what `-p` does.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .report import ENDINGS
from .reports.telling import count
from .reports.terminal import as_text

if TYPE_CHECKING:
    import pytest

__all__ = ["assert_notes_right"]


def assert_notes_right(path: str | os.PathLike[str], *, strict: bool = False) -> None:
    """Check notes, and fail with the report if a claim in them is wrong.

    strict   fail as well for what is ambiguous or was not understood

    Raises `AssertionError` with the report, `FileAccessError` or `FileFormatError` for a file that cannot be
    read.
    """
    __tracebackhide__ = True  # pytest then shows the caller's line
    from .checking import check_notes

    report = check_notes(Path(path))
    counts = count([report])
    if counts.wrong or (strict and counts.right < counts.claims):
        raise AssertionError(f"wrong notes\n\n{as_text([report])}")


# --------------------------------------------------------------------------------------- hooks of pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--check-notes` and `--check-notes-strict`."""
    group = parser.getgroup("chalkgrad")
    group.addoption(
        "--check-notes", action="store_true", help="check the formulas of notes that are collected"
    )
    group.addoption("--check-notes-strict", action="store_true", help="and fail for what is not understood")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take files of notes, where asked to."""
    asked = parent.config.getoption("--check-notes") or parent.config.getoption("--check-notes-strict")
    if not asked or file_path.suffix.casefold() not in ENDINGS:
        return None
    import pytest

    class Notes(pytest.File):
        def collect(self) -> Any:
            yield Formulas.from_parent(self, name="formulas")

    class Formulas(pytest.Item):
        def runtest(self) -> None:
            assert_notes_right(self.path, strict=self.config.getoption("--check-notes-strict"))

        def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
            if isinstance(excinfo.value, AssertionError):
                return str(excinfo.value)
            return super().repr_failure(excinfo, style)

        def reportinfo(self) -> tuple[Path, int, str]:
            return self.path, 0, f"notes: {self.path.name}"

    notes: pytest.Collector = Notes.from_parent(parent, path=file_path)
    return notes
