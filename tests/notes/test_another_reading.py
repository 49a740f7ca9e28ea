"""Notes read once more: what is passed over makes no difference to what is judged."""

from pathlib import Path

import pytest

from autograd.notes.another_reading import AnotherReading, says_nothing_to_others
from autograd.notes.checking import _checked
from autograd.notes.defining.opening import opened
from autograd.notes.reading.documents import read
from autograd.notes.rereading import Rereading

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "name",
    [
        "demos/notes/004_neuron_and_softmax.md",
        "tests/notes/corpus/numbers_only.md",
        "tests/notes/corpus/matrix_form.md",
        "tests/notes/corpus/nielsen_delta.md",
        "tests/notes/corpus/spanish.md",
    ],
)
def test_a_claim_is_judged_as_if_no_formula_were_passed_over(name: str) -> None:
    report, judge, notes = _checked(read(ROOT / name), None)
    again = Rereading(notes, judge, report.claims)
    again.settled()
    passed = compared = 0
    for (begin, end, without), reading in again._read.items():
        document = reading.notes.document
        whole = AnotherReading(document, without, seen=reading._seen).whole
        passed += len(reading._passed)
        for claim in report.claims:
            if claim.verdict != "right" and begin <= again.notes.document.place_of(claim.offset) < end:
                compared += 1
                alike = reading.fit_for(claim).claim(claim) == whole.claim(claim)
                assert alike, claim.latex  # the whole claims take an hour to print
    assert passed
    assert compared


@pytest.mark.parametrize(
    ("latex", "nothing"),
    [
        (r"$z = w x + b$", True),
        (r"$z = w x + b = 3$", False),
        (r"$x = 2$", False),
        (r"$dz = a - y$", False),
        (r"$x = \begin{pmatrix} 1 \\ 2 \end{pmatrix}$", False),
    ],
)
def test_what_others_may_depend_on_is_not_passed_over(latex: str, nothing: bool) -> None:
    (parts,) = opened(read(latex)).parts
    assert says_nothing_to_others(parts) is nothing


def test_what_goes_on_in_the_next_display_is_not_passed_over() -> None:
    first, second = opened(read("$$z = w x + b$$\n$$= b + w x$$")).parts
    assert not says_nothing_to_others(first)
    assert not says_nothing_to_others(second)
