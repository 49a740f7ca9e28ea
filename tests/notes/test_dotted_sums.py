"""Sums of which not all terms are written."""

from __future__ import annotations

import pytest

from autograd import check_notes
from autograd.notes.reading.parsing import parse


def verdicts(notes: str) -> list[str]:
    return [claim.verdict for claim in check_notes(notes, file="notes.md").claims]


@pytest.mark.parametrize(
    ("dotted", "whole", "slip"),
    [
        (r"v_1 x_1 + v_2 x_2 + \dots + v_n x_n + c", r"\sum_{j=1}^n v_j x_j + c", r"\sum_{j=1}^n v_j + c"),
        (r"v_0x_0 + v_1x_1 + ... + v_{m-1}x_{m-1}", r"\sum_{j=0}^{m-1} v_j x_j", r"\sum_{j=1}^{m-1} v_j x_j"),
        (r"c + v_1 x_1 + \cdots + v_n x_n", r"c + \sum_{j=1}^n v_j x_j", r"\sum_{j=1}^n v_j x_j"),
        (r"u_{11} x_1 + \ldots + u_{1n} x_n", r"\sum_{j=1}^n u_{1j} x_j", r"\sum_{j=1}^n u_{j1} x_j"),
        (
            r"\frac{1}{m} ((t_1 - q_1)^2 + (t_2 - q_2)^2 + \dots + (t_m - q_m)^2)",
            r"\frac{1}{m} \sum_{j=1}^m (t_j - q_j)^2",
            r"\frac{1}{m} \sum_{j=1}^m (t_j + q_j)^2",
        ),
        (r"-t_1 \log q_1 - \dots - t_m \log q_m", r"-\sum_j t_j \log q_j", r"-\sum_j t_j q_j"),
    ],
)
def test_terms_that_dots_run_through(dotted: str, whole: str, slip: str) -> None:
    assert verdicts(f"$$s = {dotted} = {whole}$$") == ["right"]
    assert verdicts(f"$$s = {dotted} = {slip}$$") != ["right"]


def test_a_slip_is_put_right_in_letters_of_the_notes() -> None:
    slopes = [r"$$\frac{\partial z}{\partial w_i} = x_i$$", r"$$\frac{\partial z}{\partial w_i} = w_i$$"]
    notes = "\n\n".join([r"$$z = w_1 x_1 + w_2 x_2 + \dots + w_n x_n + b$$", *slopes])
    claim = check_notes(notes, file="notes.md").claims[-1]
    assert claim.verdict == "wrong"
    assert claim.repair is not None
    assert claim.repair.replacement == "x_i"


@pytest.mark.parametrize(
    "row", [r"a_1 + b_2 + \dots + a_n", r"a_1 - a_2 + \dots + a_n", r"a_1 + a_2 + \dots"]
)
def test_other_dots_stay(row: str) -> None:
    (line,) = parse(row).lines
    assert any(getattr(mark, "name", "") == "dots" for mark in line)
