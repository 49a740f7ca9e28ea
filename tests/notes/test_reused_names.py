"""Notes that use a letter again for something else: nothing in them is called wrong."""

import re

import pytest

from autograd.notes.checking import check_notes
from tests.notes.corpus.scoring import CORPUS

NOTES = re.split(r"^=== ", (CORPUS / "names_reused.txt").read_text("utf-8"), flags=re.M)[1:]


@pytest.mark.parametrize("note", NOTES, ids=[note.partition("\n")[0] for note in NOTES])
def test_nothing_is_accused(note):
    report = check_notes(note.partition("\n")[2], file="note.md")
    assert report.claims
    assert [f"{claim.line}: {claim.latex}" for claim in report.having("wrong")] == []


def test_names_used_again_are_understood():
    """To accuse nothing is no art: nearly all of it is right."""
    claims = [claim for note in NOTES for claim in check_notes(note.partition("\n")[2], file="n.md").claims]
    assert sum(claim.verdict == "right" for claim in claims) / len(claims) > 0.9


def test_a_mistake_under_a_new_meaning_is_found():
    report = check_notes(
        r"Two layers: $h = \sigma(w_1 x)$, $o = w_2 h$, $L = (o - y)^2$, "
        r"$\frac{\partial L}{\partial w_1} = 2(o - y) w_2 h (1 - h) x$."
        "\n\n"
        r"With tanh: $h = \tanh(w_1 x)$, $\frac{\partial L}{\partial w_1} = 2(o - y) w_2 (1 - h^2) x$, "
        r"$\frac{\partial L}{\partial w_2} = 2(o - y) x$."
    )
    assert [claim.verdict for claim in report.claims] == ["right"] * 6 + ["wrong"]


def test_entries_may_be_of_another_vector_under_another_heading():
    notes = r"""
# Softmax
$L = -\sum_k y_k \log p_k$, $p = \mathrm{softmax}(z)$, $\frac{\partial L}{\partial z_k} = p_k - y_k$
# With a temperature
$p_i = \frac{e^{z_i/T}}{\sum_j e^{z_j/T}}$,
$\frac{\partial p_i}{\partial z_j} = \frac{1}{T} p_i (\delta_{ij} - p_j)$
"""
    assert [claim.verdict for claim in check_notes(notes, file="note.md").claims] == ["right"] * 5
    notes = notes.replace("p_k - y_k", "y_k - p_k")
    assert [claim.verdict for claim in check_notes(notes, file="note.md").claims][2] != "right"
