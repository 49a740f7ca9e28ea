"""The demo of the notes checker: its table is what its JSON and the command say, and it comes last."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograd.cli import _all_demos, main

ROOT = Path(__file__).resolve().parents[2]
VERDICTS = ("claims", "right", "wrong", "ambiguous", "not_understood")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the demo prints, and the folder it writes to."""
    folder = tmp_path_factory.mktemp("your_notes")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, ROOT / "demos" / "your_notes.py"],
        cwd=folder, env=environment, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout, folder / "out"


def rows(printed: str) -> list[list[str]]:
    """The rows of the table at the end."""
    lines = printed[printed.index("Verdicts\n") :] if "Verdicts\n" in printed else printed
    found = [line.split() for line in lines.splitlines()]
    return [row for row in found if len(row) == 6 and (row[0].endswith(".md") or row[0] == "all")]


def test_the_table_counts_what_the_json_lists(made: tuple[str, Path]) -> None:
    printed, out = made
    document = json.loads((out / "your_notes.json").read_text("utf-8"))
    expected = []
    for file in document["files"]:
        verdicts = [
            c["verdict"].replace(" ", "_")
            for c in file["claims"]
            if (c["kind"], c["verdict"]) != ("mention", "right")
        ]
        numbers = [len(verdicts), *(verdicts.count(verdict) for verdict in VERDICTS[1:])]
        expected.append([file["file"], *(str(n) if n else "-" for n in numbers)])
    assert len(expected) == 5
    assert rows(printed)[:-1] == expected


def test_the_command_finds_the_same(made: tuple[str, Path]) -> None:
    result = CliRunner().invoke(main, ["check", str(ROOT / "demos" / "notes")], env={"COLUMNS": "100"})
    assert result.exit_code == 1
    assert rows(result.stdout) == rows(made[0])


def test_the_page_shows_all_five(made: tuple[str, Path]) -> None:
    page = (made[1] / "your_notes.html").read_text("utf-8")
    assert page.count("<article") == 5
    assert page.count("<math") > 243


def test_it_is_the_last_demo() -> None:
    assert _all_demos()[-1].stem == "your_notes"


def test_the_readme_has_this_table(made: tuple[str, Path]) -> None:
    printed, _ = made
    readme = (ROOT / "README.md").read_text("utf-8")
    for name, *numbers in rows(printed)[:-1]:
        cells = " | ".join([name, *(number.replace("-", "0") for number in numbers)])
        assert f"| {cells} |" in readme
