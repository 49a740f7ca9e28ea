"""Derivatives whose sign is typed as a delta, where no delta stands for anything else."""

import pytest

from autograd import check_notes

NEURON = r"$z = w x + b$, $\hat y = \sigma(z)$ and $L = \frac12 (y - \hat y)^2$. "


@pytest.mark.parametrize(
    ("slope", "right", "wrong"),
    [
        (r"\frac{\delta L}{\delta \hat{y}}", r"-(y - \hat{y})", r"(y - \hat{y})"),
        (r"\frac{\delta \hat{y}}{\delta z}", r"\sigma(z) (1 - \sigma(z))", r"\sigma(z) (1 + \sigma(z))"),
        (
            r"\frac{\delta L}{\delta w}",
            r"\frac{\delta L}{\delta \hat{y}} \frac{\delta \hat{y}}{\delta z} x",
            r"\frac{\delta L}{\delta \hat{y}} \frac{\delta \hat{y}}{\delta z} w",
        ),
        (r"w_{new}", r"w - \alpha \frac{\delta L}{\delta w}", r"w + \alpha \frac{\delta L}{\delta w}"),
        (
            r"\frac{\delta z}{\delta w}",
            r"\frac{\delta}{\delta w} (w x + b)",
            r"\frac{\delta}{\delta x} (w x + b)",
        ),
    ],
)
def test_a_delta_is_the_sign_of_a_derivative(slope, right, wrong):
    also = r" By the chain rule $\frac{\delta L}{\delta b} = \frac{\delta L}{\delta z}$."
    for formula, verdict in ((right, "right"), (wrong, "wrong")):
        claims = check_notes(NEURON + f"${slope} = {formula}$." + also).claims
        assert [claim.verdict for claim in claims] == ["right"] * 3 + [verdict, "right"]


def test_an_error_signal_beside_it_stays_what_it_is():
    notes = (
        r"$\delta = \frac{\partial L}{\partial z}$, $\frac{\delta}{x} = \frac{\partial L}{\partial z} / x$"
    )
    assert [claim.verdict for claim in check_notes(NEURON + notes).claims] == ["right"] * 5
