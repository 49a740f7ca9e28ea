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


SLIDES = r"""
# Residual block

$y = x + F(x)$, hence $\frac{dy}{dx} = 1 + F'(x)$.

# Highway

$y = t h + (1 - t) x$ with $t = \sigma(a x)$ and $h = \tanh(b x)$:

$\frac{dy}{dx} = (1 - t) + (h - x)\, t (1 - t)\, a + t\, (1 - h^2)\, b$

# A product

$f = q z$ with $q = x + y$:

$\frac{\partial f}{\partial z} = q$, $\frac{\partial f}{\partial x} = z$, $\frac{\partial f}{\partial x} = q$
"""


def test_letters_that_mean_something_else_on_the_next_slide_are_read_by_what_stands_near():
    slopes = [claim for claim in check_notes(SLIDES, file="slides.md").claims if "frac" in claim.latex]
    assert [claim.verdict for claim in slopes] == ["right"] * 4 + ["wrong"]


def test_a_second_look_does_not_make_a_definition_of_a_claim():
    """Near by nothing is said of E, and any derivative of it would do."""
    text = (
        FORWARD.replace("L =", "E =") + "\n# Gradients\n\n" + r"$\frac{\partial E}{\partial w_2} = a_2 - y$"
    )
    assert last(text).verdict == "wrong"


def test_names_that_are_nowhere_else_make_no_mistake():
    claim = last(FORWARD + r"$\frac{\partial L}{\partial w_2} = (a_2 - y) w_7 b_8 + a_9$")
    assert claim.verdict == "not understood"
    assert claim.reason == "there is no $a_{9}$, $b_{8}$, $w_{7}$ here"


def test_slopes_of_which_nothing_right_is_said_accuse_nobody():
    """What dz is could not be read: then what is made of it cannot be wrong either."""
    text = r"""$Z = W X + b$, $A = \sigma(Z)$, and over all examples

$$J = -\frac{1}{m}\sum_{i=1}^{m} \left( y^{(i)} \log a^{(i)} + (1 - y^{(i)}) \log(1 - a^{(i)}) \right)$$

For a single example, with $\mathcal{L} = -y \log a - (1 - y) \log(1 - a)$:
$dz = a - y$, $dW = dz\, x^T$, $db = dz$"""
    assert "wrong" not in {claim.verdict for claim in check_notes(text, file="a.md").claims}


def test_a_small_number_may_be_put_in_for_what_was_worked_out():
    text = r"""$u = w x$, $f = (u - 5)^2$, $w = 3$, $x = 2$, $\frac{\partial f}{\partial u} = 2 (u - 5) = 2$

$\frac{\partial f}{\partial w} = 2 x = 4$"""
    assert last(text).verdict == "ambiguous"
    assert last(text.replace("2 x = 4", "3 x = 6")).verdict == "wrong"


def test_after_a_wrong_number_the_notes_may_go_on_with_the_right_one():
    text = r"""$J = \frac{1}{6} \sum_{i=1}^{3} (w x_i + b - y_i)^2$. Start: $w = 0$, $b = 0$, $\alpha = 0.1$.

$\frac{\partial J}{\partial b} = \frac{1}{3} \left[ -2 - 3 - 5 \right] = -\frac{11}{3} \approx -3.667$

$b \leftarrow b - \alpha \frac{\partial J}{\partial b} = 0 - 0.1 \cdot (-3.333) = 0.3333$"""
    verdicts = [claim.verdict for claim in check_notes(text, file="a.md").claims]
    assert verdicts[-2:] == ["wrong", "ambiguous"]
