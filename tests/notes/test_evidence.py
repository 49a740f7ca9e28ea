"""An accusation needs evidence that the notes were read as they are meant."""

import re

import pytest

from autograd import check_notes

FORWARD = r"""
$z_1 = w_1 x + b_1$, $a_1 = \sigma(z_1)$,
$z_2 = w_2 a_1 + b_2$, $a_2 = \sigma(z_2)$, $L = \frac12 (a_2 - y)^2$
"""
LAYERS = r"""
$z_j = \sum_{i=1}^n w_{ji} x_i$, $a_j = \sigma(z_j)$, $L = \frac12 \sum_{j=1}^m (a_j - y_j)^2$
"""


def last(text):
    return check_notes(text, file="a.md").claims[-1]


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        ("a small change", FORWARD + r"$\frac{\partial L}{\partial w_2} = (a_2 - y) a_2 (1 + a_2) a_1$"),
        ("numbers alone", r"$E = 0.5 \cdot 0.25 = 0.225$"),
        ("single numbers", FORWARD + r"$\frac{\partial L}{\partial w_2} = w_2 + x + y$"),
        ("a slope at any number", r"$\sigma'(t) = 3 t - \sigma(t)$"),
        ("a factor is missing", LAYERS + r"$\frac{\partial L}{\partial z_j} = (a_j - y_j)$"),
        (
            "another is right",
            LAYERS
            + r"$\frac{\partial L}{\partial x_1} = x_1 + y_1$, "
            + r"$\frac{\partial L}{\partial x_i} = \sum_j (a_j - y_j) a_j (1 - a_j) w_{ji}$"
            + "\n\n"
            + r"$\frac{\partial L}{\partial x_2} = x_1 + y_1$",
        ),
        (
            "the side before is right",
            LAYERS + r"$\frac{\partial L}{\partial z_j} = (a_j - y_j) a_j (1 - a_j) = x_1 + y_j$",
        ),
    ],
)
def test_with_evidence_it_is_wrong(evidence, text):
    assert last(text).verdict == "wrong", last(text).reason


def test_without_it_is_not_understood_and_says_how_it_is_read():
    claim = last(
        LAYERS + r"$\delta_j = (a_j - y_j) a_j (1 - a_j)$, $\frac{\partial L}{\partial w_{21}} = x_2 y_1 + 3$"
    )
    assert claim.verdict == "not understood"
    assert re.match(r"as it is read here it does not hold, where \$.*\$ should stand, and no", claim.reason)
    assert claim.counterexample is claim.expected is claim.step is None


def test_a_repair_is_enough():
    claim = last(LAYERS + r"$\frac{\partial L}{\partial w_{ji}} = (a_j - y_j) a_j (1 - a_j) x_j$")
    assert claim.verdict == "wrong"
    assert claim.repair.says == "replace $x_j$ by $x_i$"
