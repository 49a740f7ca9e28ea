"""`chalkgrad check`: what it prints and writes, its exit status, and what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from autograd.cli import main

NOTES = r"""# A neuron

One neuron: $z = w x + b$, $a = \sigma(z)$ and $L = \frac12 (y - a)^2$.

$$\frac{\partial L}{\partial a} = a - y$$

Therefore

$$\frac{\partial L}{\partial w} = (a - y) x$$

and $\frac{\partial L}{\partial b} = (a - y) a (1 - a)$.
"""
RIGHT = NOTES.replace("(a - y) x", "(a - y) a (1 - a) x")


def run(*arguments: str | Path, **more: Any) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)], **more)


def refused(*arguments: str | Path, **more: Any) -> str:
    """The one line that a mistake is answered with."""
    result = run(*arguments, **more)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    return result.stderr.removeprefix("chalkgrad: ").rstrip()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "lecture.md"
    path.write_text(NOTES, "utf-8")
    return path


@pytest.fixture
def right(tmp_path: Path) -> Path:
    path = tmp_path / "right.md"
    path.write_text(RIGHT, "utf-8")
    return path


# ------------------------------------------------------------------------------------------- the report


def test_a_wrong_formula_is_shown_and_the_status_is_1(notes: Path) -> None:
    result = run(notes)
    assert (result.exit_code, result.stderr) == (1, "")
    assert "line 9  ✗ wrong\n  ∂L/∂w = (a - y) x\n" in result.stdout
    assert "✓" not in result.stdout
    assert result.stdout.endswith("1 of 6 claims is wrong.\n")


def test_right_notes_are_one_line_and_status_0(right: Path) -> None:
    result = run(right)
    assert result.exit_code == 0
    assert result.stdout.endswith("All 6 claims hold.\n")


def test_all_shows_the_right_ones_as_well(notes: Path) -> None:
    assert "line 5  ✓ right  ∂L/∂a = a - y" in run(notes, "--all").stdout


def test_strict_is_not_content_with_what_is_not_understood(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(RIGHT + "\n$$\\frac{\\partial L}{\\partial q} = 0$$\n")
    assert run(path).exit_code == 0
    assert run(path, "--strict").exit_code == 1
    assert "not understood" in run(path).stdout


def test_a_folder_is_searched_and_a_table_ends_the_report(notes: Path, tmp_path: Path) -> None:
    inside = tmp_path / "week 2"
    inside.mkdir()
    (inside / "b.tex").write_text(r"Here $$\frac{\partial}{\partial x} x^2 = 2x$$")
    (tmp_path / "readme.md").write_text("no formula here")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "c.md").write_text("$1 = 2$")
    result = run(tmp_path)
    assert result.exit_code == 1
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["lecture.md", "6", "5", "1", "-", "-"] in rows
    assert ["week", "2/b.tex", "1", "1", "-", "-", "-"] in rows
    assert "readme" not in result.stdout
    assert "c.md" not in result.stdout


def test_standard_input(notes: Path) -> None:
    result = run("-", input=NOTES)
    assert result.exit_code == 1
    assert result.stdout.startswith("<stdin>\n")
    assert "line 9  ✗ wrong" in result.stdout


def test_json_on_standard_output(notes: Path) -> None:
    schema = json.loads(run("--schema").stdout)
    result = run(notes, "--format", "json")
    document = json.loads(result.stdout)
    jsonschema.validate(document, schema)
    assert result.exit_code == 1
    [file] = document["files"]
    assert file["file"] == str(notes)
    assert [(c["line"], c["verdict"]) for c in file["claims"] if c["verdict"] != "right"] == [(9, "wrong")]


@pytest.mark.parametrize(
    ("name", "begin"),
    [("r.json", "{"), ("r.md", "# Notes checked"), ("r.html", "<!doctype html>"), ("r", "")],
)
def test_a_report_file_is_what_its_name_says(notes: Path, tmp_path: Path, name: str, begin: str) -> None:
    place = tmp_path / name
    result = run(notes, "-o", place)
    assert result.exit_code == 1
    assert place.read_text("utf-8").startswith(begin or f"{notes}\n")
    assert "Written: " in result.stdout
    assert "wrong" in result.stdout  # in the table
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["lecture.md", name])


def test_explain_tells_of_one_line(notes: Path) -> None:
    result = run(notes, "--explain", "9")
    assert result.exit_code == 1
    assert "∂L/∂w = (a - y) x" in result.stdout
    assert "wrong" in result.stdout
    assert "∂L/∂a" not in result.stdout.partition("Step by step")[0]


# ------------------------------------------------------------------------------------------------ fixing


def test_fix_writes_a_right_copy_beside_the_notes(notes: Path) -> None:
    result = run(notes, "--fix")
    copy = notes.with_name("lecture.fixed.md")
    assert result.exit_code == 1
    assert notes.read_text("utf-8") == NOTES
    assert "Written: " in result.stdout
    assert "line 9: " in result.stdout
    assert run(copy).exit_code == 0
    changed = [
        (old, new)
        for old, new in zip(NOTES.splitlines(), copy.read_text("utf-8").splitlines(), strict=True)
        if old != new
    ]
    assert len(changed) == 1


def test_fix_never_writes_over_another_file(notes: Path) -> None:
    copy = notes.with_name("lecture.fixed.md")
    copy.write_text("mine")
    result = run(notes, "--fix")
    assert result.exit_code == 2
    assert "is there already; move it away, or say --force" in result.stderr
    assert copy.read_text() == "mine"
    assert run(notes, "--fix", "--force").exit_code == 1
    assert copy.read_text() != "mine"
    assert run(notes, "--fix").exit_code == 1  # its own work, unchanged


def test_fix_has_nothing_to_do_for_right_notes(right: Path) -> None:
    assert run(right, "--fix").exit_code == 0
    assert [path.name for path in right.parent.iterdir()] == ["right.md"]


def test_fix_of_a_notebook_keeps_the_notebook(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": NOTES.splitlines(keepends=True)},
        {"cell_type": "code", "metadata": {}, "source": ["w = 1"], "outputs": [], "execution_count": 3},
    ]
    path = tmp_path / "lecture.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    result = run(path, "--fix")
    assert "cell 1, line 9" in result.stdout
    assert "  cell 1, line 9: " in result.stdout.partition("Written")[2]
    copy = tmp_path / "lecture.fixed.ipynb"
    assert run(copy).exit_code == 0
    assert json.loads(copy.read_text("utf-8"))["cells"][1] == cells[1]


# ----------------------------------------------------------------------------------------------- refusing


def test_what_cannot_be_read_is_a_line_and_the_rest_is_checked(notes: Path, tmp_path: Path) -> None:
    (tmp_path / "latin.md").write_bytes("Größe $x$".encode("latin-1"))
    result = run(notes, tmp_path / "nosuch.md", tmp_path / "latin.md")
    assert result.exit_code == 2
    assert "line 9  ✗ wrong" in result.stdout
    lines = result.stderr.splitlines()
    assert [line.startswith("chalkgrad: ") for line in lines] == [True, True]
    assert "nosuch.md" in lines[0]
    assert "latin.md:1: byte 0xf6 at offset 2 is not UTF-8" in lines[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--format", "htlm"], "--format: 'htlm' is none of text, json, markdown, html; did you mean html?"),
        (["--explain", "x"], "--explain: 'x' is no whole number from 1 to 999,999,999"),
        (["--explain", "2"], "line 2: there is no claim; the nearest are in lines 3"),
        (["-o", "nosuch/r.html"], "cannot be written: no such file or folder"),
        (["--nosuch"], "No such option"),
    ],
)
def test_options_are_refused_in_a_line(
    notes: Path, options: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(notes.parent)
    assert message in refused("lecture.md", *options)


def test_no_file_no_notes_and_no_place(notes: Path, tmp_path: Path) -> None:
    assert refused().startswith("FILE: name the notes to check")
    (tmp_path / "empty").mkdir()
    assert "there are no notes in this folder" in refused(tmp_path / "empty")
    assert refused("-", "--fix", input="").startswith("--fix: what comes from standard input")
    assert "give one file, not 2" in refused(notes, tmp_path / "b.md", "--explain", "3")
    before = notes.read_bytes()
    assert "this is one of the notes" in refused(notes, "-o", notes)
    assert notes.read_bytes() == before


def test_without_the_packages_it_says_how_to_get_them(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "autograd.commands.check.find_spec", lambda name: None if name == "pylatexenc" else name
    )
    assert refused(notes) == "checking notes needs pylatexenc: pip install 'chalkgrad[notes]'"


def test_nothing_to_mend_by_a_single_edit(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("$2 + 2 = 4$ but $3 + 3 = 417$.")
    result = run(path, "--fix")
    assert result.exit_code == 1
    assert sorted(p.name for p in tmp_path.iterdir()) in (["a.md"], ["a.fixed.md", "a.md"])


def test_input_that_is_no_utf_8() -> None:
    result = run("-", input=b"\xff")
    assert (result.exit_code, result.stderr) == (2, "chalkgrad: <stdin>: not UTF-8 at byte 0\n")


def test_a_terminal_without_unicode_or_colour(notes: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "NO_COLOR": "1", "LC_ALL": "C"}
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", "from autograd.cli import main; main()", "check", str(notes), "--all"]
    done = subprocess.run(command, capture_output=True, cwd=root, env=environment, timeout=60)
    assert (done.returncode, done.stderr) == (1, b"")
    assert rb"\frac{\partial L}{\partial w} = (a - y) x" in done.stdout
    assert done.stdout.isascii()


# ------------------------------------------------------------------------------------------------- pytest


def test_the_pytest_helper_fails_with_the_report(notes: Path, right: Path, tmp_path: Path) -> None:
    from autograd.notes.testing import assert_notes_right

    assert_notes_right(right, strict=True)
    with pytest.raises(AssertionError, match="1 of 6 claims is wrong"):
        assert_notes_right(str(notes))


def test_pytest_collects_notes_when_asked_to(notes: Path, right: Path, tmp_path: Path) -> None:
    def outcome(*options: str) -> str:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "autograd.notes.testing",
            "-p",
            "no:cacheprovider",
            *options,
        ]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(
            command, capture_output=True, cwd=tmp_path, env=environment, text=True, timeout=120
        )
        return done.stdout

    found = outcome("--check-notes")
    assert "1 failed, 1 passed" in found
    assert "∂L/∂w = (a - y) x" in found
    assert "Traceback" not in found
    assert "no tests ran" in outcome()
