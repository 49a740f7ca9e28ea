"""What is in the brackets of an activation, where the notes only take derivatives by it."""

from __future__ import annotations

import pytest

from autograd import check_notes


def of_last(notes: str) -> str:
    return check_notes(notes, file="notes.md").claims[-1].verdict


@pytest.mark.parametrize("letter", ["z", "a", "s", "net"])
@pytest.mark.parametrize(
    ("slope", "verdict"),
    [
        (r"\frac{\partial q}{\partial A} = q (1 - q)", "right"),
        (r"\frac{\partial q}{\partial A} = q (1 - x)", "wrong"),
        (r"\frac{\partial q}{\partial A} = q (1 - q)$, $\frac{\partial A}{\partial w} = x", "right"),
        (r"\frac{\partial q}{\partial A} = q (1 - q)$, $\frac{\partial A}{\partial w} = b", "wrong"),
    ],
)
def test_by_a_usual_letter(letter: str, slope: str, verdict: str) -> None:
    assert of_last(rf"$q = \sigma(w x + b)$, ${slope.replace('A', letter)}$") == verdict


def test_at_another_time() -> None:
    notes = r"$h_t = \tanh(W h_{t-1} + U x_t + b)$, "
    assert of_last(notes + r"$\frac{\partial h_{t+1}}{\partial a_{t+1}} = 1 - h_{t+1}^2$") == "right"
    assert of_last(notes + r"$\frac{\partial h_{t+1}}{\partial a_{t+1}} = 1 - h_t^2$") == "wrong"


@pytest.mark.parametrize(
    "notes",
    [
        r"$q = \sigma(w x + b)$, $\frac{\partial q}{\partial \theta} = q (1 - q) x$",
        r"$q_k = \sigma(w_k x + b_k)$, $\frac{\partial q_k}{\partial z_j} = 3 q_k$",
    ],
)
def test_what_may_be_something_else_is_left_alone(notes: str) -> None:
    assert of_last(notes) == "not understood"
