"""The five notes, typed up in `demos/notes`: their formulas are those of the inventory, as are the verdicts.

The inventory was made by hand from the notes themselves. Its formulas are compared with the typed ones as
they stand, but for the damage of typing and scanning, which is undone here once more, entry by entry.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from autograd.notes.checking import check_notes
from autograd.notes.report import Claim

INVENTORY = json.loads((Path(__file__).parent / "inventory.json").read_text("utf-8"))
NOTES = Path(__file__).parents[2] / "demos" / "notes"
NAMES = {
    "000": "000_batches.md",
    "001": "001_abstract_activation.md",
    "002": "002_row_by_row.md",
    "003": "003_random_rows.md",
    "004": "004_neuron_and_softmax.md",
}

BARE_NAME = re.compile(r"[A-Za-z]+\d?|\\hat\{?y\}?|\\eta|O_\{21\}")
"""What the words around the formulas put between dollars: a letter, never a claim."""


DISAGREEMENTS = {  # where the checker's verdict is not that of the inventory, and why the checker is right
    "002 L52": (
        "not understood",
        "Two slips at once, the sign and the sum over rows, so that no small change leads to the loss of the "
        "line before; the report says what it should be as it is read, and leaves it at that.",
    ),
    "002 L160": (
        "right",
        "The inventory has `ambiguous`, as the bracket is not o_11 where underlines were read as /sigma. "
        "The typed note has the underlines, and the derivative is 1 in either case.",
    ),
    "004 L86": (
        "not understood",
        "dJ/dy = a - y has nothing in common with the derivative of J by y, which nobody wants; dJ/dz is "
        "meant. The report says what it should be as it is written, and leaves it at that.",
    ),
    "004 L99": (
        "not understood",
        "Delta w / Delta x is defined nowhere, so there is nothing to hold the numbers against; the "
        "arithmetic alone is right.",
    ),
    "004 L134": (
        "right",
        "The only J and a that the note writes down are those of the neuron, and for them it holds. That "
        "another loss is meant for several classes is said in words.",
    ),
    "004 L136": ("right", "As L134: it holds for the J and the a that are written down."),
    "004 L148": (
        "no claim",
        "An example of a shape k x d. That it is the one for the x of three entries in L140 is nowhere said.",
    ),
    "004 L161": (
        "no claim",
        "A new weight without a name: there are no two sides to compare.",
    ),
}


def place(entry: dict[str, Any]) -> str:
    return f"{entry['seed'][:3]} L{entry['line']}"


def entries(note: str) -> list[dict[str, Any]]:
    return [entry for entry in INVENTORY if entry["seed"].startswith(note)]


def formulas(note: str) -> list[tuple[int, str]]:
    """The formulas of a typed note and where they begin, found without the project's own reader."""
    text = (NOTES / NAMES[note]).read_text("utf-8")
    front = text.index("\n---\n", 4) if text.startswith("---\n") else 0
    found = re.finditer(r"\$\$(?P<shown>.+?)\$\$|\$(?P<inline>[^$\n]+)\$", text)
    places = [(m.start(m.lastgroup or 0), m[m.lastgroup or 0]) for m in found if m.start() > front]
    return [(start, latex) for start, latex in places if not BARE_NAME.fullmatch(latex)]


def without_damage(entry: dict[str, Any]) -> str:
    """The LaTeX of an entry without the damage that the tables at the end of the typed notes list."""
    latex: str = entry["latex"]
    repairs = entry.get("ocr_repairs", [])
    if any(" is an OCR'd {" in repair for repair in repairs):
        latex = re.sub(r"\\(delta|zeta)(?=\()", r"\\{", latex)
        latex = re.sub(r"(\(\\hat\{y\}_2 - y_2\)(\^2)?)", r"\1\\}", latex)
    if entry["seed"].startswith("000"):
        latex = re.sub(r"\^2(_\{\\text)", r"^2{}\1", latex)
        latex = re.sub(r"(\d\d)_(new|old)\}", r"\1_{\\text{\2}}}", latex)
    for repair, old, new in [
        ("missing d in numerator", r"\frac{[", r"\frac{d["),
        ("0_{} is an OCR'd O", r"0_{", r"O_{"),
        ("0_{11} is an OCR'd o_{11}", r"0_{", r"o_{"),
        ("0_{12} is an OCR'd o_{12}", r"0_{", r"o_{"),
        ("\\gamma is an OCR'd y", r"\gamma", "y"),
        ("n is an OCR'd \\eta", "- n ", r"- \eta "),
        ("w_{o12} is an OCR'd w_{old}", "{w_{o12}}", r"{w_{\text{old}}}"),
        ("w_{o12} is an OCR'd w_{old}", r"\partial w_{o12}", r"\partial w_{\text{old}}"),
        ("b_{o12} is an OCR'd b_{old}", "b_{o12}", r"b_{\text{old}}"),
        ("trailing prime is a stray mark", "'", ""),
        (r"\frac{..}{\partial w_0}_{old} -> \partial w_{old}", r"w_0}_{\text{old}}", r"w_{\text{old}}}"),
        (r"\frac{..}{\partial b_0}_{old} -> \partial b_{old}", r"b_0}_{\text{old}}", r"b_{\text{old}}}"),
        (r"\frac{..}{\sigma} is an OCR'd underline", r"\frac{w", "w"),
        (r"\frac{..}{\sigma} is an OCR'd underline", r"}{\sigma}", ""),
        ("q is an OCR'd a", "{q}", "{a}"),
        ("q is an OCR'd a", " q(", " a("),
    ]:
        if repair in repairs:
            latex = latex.replace(old, new)
    return latex


@pytest.mark.parametrize("note", NAMES)
def test_formulas_are_those_of_the_inventory(note):
    assert [latex for _, latex in formulas(note)] == [without_damage(entry) for entry in entries(note)]


def test_all_are_there():
    assert sum(len(formulas(note)) for note in NAMES) == len(INVENTORY) == 243


@pytest.fixture(scope="module")
def judged() -> dict[str, list[tuple[dict[str, Any], list[Claim]]]]:
    """Every entry of a note with what the checker made of it: a claim, or one for each of its equations."""
    found = {}
    for note, name in NAMES.items():
        claims = check_notes(NOTES / name).claims
        own = [[c for c in claims if at <= c.offset < at + len(latex)] for at, latex in formulas(note)]
        found[note] = list(zip(entries(note), own, strict=True))
    return found


def verdict_of(claims: list[Claim]) -> str:
    """The worst verdict among the parts of a formula."""
    if all(claim.kind == "mention" for claim in claims):
        return "no claim"
    said = {claim.verdict for claim in claims}
    return next(v for v in ("wrong", "not understood", "ambiguous", "right") if v in said)


def by_hand(entry: dict[str, Any]) -> str:
    return "no claim" if entry.get("no_claim") else str(entry["verdict"])


PLACES = [(note, index) for note in NAMES for index, _ in enumerate(entries(note))]


@pytest.mark.parametrize(
    ("note", "index"), PLACES, ids=[f"{place(entries(n)[i])}-{i}".replace(" ", "-") for n, i in PLACES]
)
def test_verdict(note, index, judged):
    entry, claims = judged[note][index]
    expected, _ = DISAGREEMENTS.get(place(entry), (by_hand(entry), ""))
    assert claims
    assert verdict_of(claims) == expected, [(claim.latex, claim.reason or claim.step) for claim in claims]


def test_nearly_everything_is_understood(judged):
    verdicts = [verdict_of(claims) for pairs in judged.values() for _, claims in pairs]
    assert verdicts.count("not understood") <= 0.05 * len(verdicts)


def test_disagreements_are_argued_from_the_notes():
    assert set(DISAGREEMENTS) <= {place(entry) for entry in INVENTORY}
    assert all(reason for _, reason in DISAGREEMENTS.values())
