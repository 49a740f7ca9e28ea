"""A section with a network of its own, and no word of its loss, is read by what it says."""

from __future__ import annotations

import pytest

from autograd import check_notes

SUMMARY = r"""
For one example: $z = w^T x + b$, $a = \sigma(z)$, $\mathcal{L}(a, y) = -(y \log a + (1 - y) \log(1 - a))$.

Over all: $J(w, b) = \frac1m \sum_{i=1}^m \mathcal{L}(a^{(i)}, y^{(i)})$

## In matrices

$Z = w^T X + b$, $A = \sigma(Z)$, $dZ = A - Y$, $dw = \frac{1}{m} X dZ^T$

## A hidden layer

$Z^{[1]} = W^{[1]} X + b^{[1]}$, $A^{[1]} = g^{[1]}(Z^{[1]})$, $Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}$

$A^{[2]} = g^{[2]}(Z^{[2]}) = \sigma(Z^{[2]})$

$dZ^{[2]} = A^{[2]} - Y$

$dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}$

$dZ^{[1]} = W^{[2]T} dZ^{[2]} * g^{[1]\prime}(Z^{[1]})$

$dW^{[1]} = \frac{1}{m} dZ^{[1]} X^T$
"""


def test_all_of_it_holds():
    claims = check_notes(SUMMARY).claims
    assert {claim.verdict for claim in claims} == {"right"}
    assert "it is read by what its section says" in {claim.reason for claim in claims}


@pytest.mark.parametrize(
    ("right", "slip"),
    [
        ("dZ = A - Y", "dZ = Y - A"),
        ("A^{[2]} - Y", "Y - A^{[2]}"),
        ("dZ^{[2]} A^{[1]T}", "dZ^{[2]} A^{[2]T}"),
        ("W^{[2]T} dZ^{[2]}", "W^{[2]} dZ^{[2]}"),
        (r"* g^{[1]\prime}(Z^{[1]})", "* g^{[1]}(Z^{[1]})"),
    ],
)
def test_a_slip_in_it_is_found(right, slip):
    accused = [c for c in check_notes(SUMMARY.replace(right, slip)).claims if c.verdict == "wrong"]
    assert [slip in claim.latex for claim in accused] == [True]


def test_what_leaves_out_the_mean_is_not_called_right():
    claims = check_notes(SUMMARY.replace(r"\frac{1}{m} X dZ^T", "X dZ^T")).claims
    assert [claim.verdict for claim in claims if claim.latex == "dw = X dZ^T"] == ["not understood"]


@pytest.mark.parametrize("slip", [r"v \frac{\partial L}{\partial w}", r"\eta \frac{\partial v}{\partial w}"])
def test_a_step_is_held_against_the_loss_of_the_notes(slip):
    text = rf"""
$p = w x + v$, $L = (p - y)^2$

## Steps

$$w \leftarrow w - {slip}$$

$$v \leftarrow v - \eta \frac{{\partial L}}{{\partial v}}$$
"""
    assert check_notes(text).claims[2].verdict != "right"
