"""The table of the notes' gradients: its verdicts are those of the inventory, made without the engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("matplotlib")

ROOT = Path(__file__).resolve().parents[2]

MIDDLE_LINK = {("002", 168), ("002", 172), ("002", 174), ("003", 80)}
"""Chains of which only the middle is wrong; the table has their last side."""
WRITTEN_OTHERWISE = {("000", 168), ("000", 240), ("000", 260)} | {("004", line) for line in (49, 57, 63, 71)}
"""Right formulas that are not what one would write at the end: signs swapped, not yet simplified."""


class Row(NamedTuple):
    note: str
    lines: list[int]
    derivative: str
    noted: str
    own: str
    verdict: str
    slip: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("derivations")
    done = subprocess.run(
        [sys.executable, ROOT / "demos" / "derivations.py"],
        cwd=folder, capture_output=True, encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "130", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout, folder / "out"


@pytest.fixture(scope="module")
def rows(made: tuple[str, Path]) -> list[Row]:
    found = []
    note = ""
    for line in (made[1] / "derivations.md").read_text(encoding="utf-8").splitlines():
        if title := re.match(r"## Note (\d{3})", line):
            note = title[1]
        elif row := re.match(
            r"\| ([\d, ]+) \| \$(.*)\$ \| \$(.*)\$ \| \$(.*)\$ \| \*\*(\w+)\*\* (.*)\|$", line
        ):
            lines, *rest = row.groups()
            found.append(Row(note, [int(n) for n in lines.split(",")], *rest))
    return found


def test_every_verdict_is_that_of_the_inventory(rows):
    inventory = json.loads((ROOT / "tests" / "notes" / "inventory.json").read_text(encoding="utf-8"))
    verdicts = {(x["seed"][:3], x["line"]): x["verdict"] for x in inventory}
    for row in rows:
        for line in row.lines:
            expected = verdicts[row.note, line]
            if (row.note, line) in MIDDLE_LINK:
                assert expected == "wrong"
                expected = "right"
            assert (row.verdict == "wrong") == (expected == "wrong"), row


def test_every_gradient_of_the_inventory_is_there(rows):
    """Those by a parameter, of the loss, that are written out."""
    inventory = json.loads((ROOT / "tests" / "notes" / "inventory.json").read_text(encoding="utf-8"))
    there = {(row.note, line) for row in rows for line in row.lines}
    for claim in inventory:
        side = re.fullmatch(r"Eq\(Derivative\((L|J), (\w+)\), (.+)\)", claim["normalised"])
        if side and "Derivative" not in side[3]:
            assert (claim["seed"][:3], claim["line"]) in there, claim


def test_what_is_wrong_says_why_and_what_is_right_does_not(rows):
    assert len(rows) == 80
    for row in rows:
        assert (row.verdict == "wrong") == (row.slip.strip() != "" and not row.slip.startswith("if "))


def test_right_formulas_have_the_factors_of_the_notes_in_their_order(rows):
    for row in rows:
        if row.verdict != "wrong" and "z_" not in row.derivative and row.note != "004":
            otherwise = (row.note, row.lines[0]) in WRITTEN_OTHERWISE
            assert row.verdict == ("equal" if otherwise else "same"), row


def test_the_terminal_shows_the_same(made, rows):
    for verdict in ("same", "equal", "wrong"):
        shown = re.findall(rf" {verdict}(?::|\s*$)", made[0], re.MULTILINE)
        assert len(shown) == sum(row.verdict == verdict for row in rows)
    assert "-2 (y - yhat) w2_11 x_i1" in made[0]


def test_the_page_is_whole_and_needs_no_network(made, rows):
    page = (made[1] / "derivations.html").read_text(encoding="utf-8")
    assert page.count("<tr class=") == len(rows)
    assert page.count("<svg") >= 3 * len(rows)
    assert "<code>" not in page  # every formula could be drawn
    assert not re.search(r"https?:|src=|url\(|@import", page)
    for row in rows:
        assert row.slip.strip() in page.replace("&#x27;", "'")


def test_a_picture_has_the_outline_of_its_formula(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "demos"))
    from _typesetting import svg

    (outline,) = re.findall(r'<path d="([^"]*)"', svg("x"))
    assert re.fullmatch(r"(m[-\d]+ [-\d]+([ql][-\d ]+)+z)+", outline)
    assert svg(r"\left(x\right)") != svg(r"x")
    assert re.search(r'd="[^"]+', svg(r"\left(x\right)"))[0] == re.search(r'd="[^"]+', svg("(x)"))[0]
    assert (
        svg(r"\begin{aligned} x < y \end{aligned}") == r"<code>\begin{aligned} x &lt; y \end{aligned}</code>"
    )
    for name in ("_typesetting", "_printing"):
        sys.modules.pop(name)
