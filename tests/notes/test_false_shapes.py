"""Shapes that the program took wrongly accuse nobody."""

import pytest

from autograd import check_notes

from .marked import assert_as_marked

EXAMPLE = r"""
$$z^1 = W^1 x + b^1, \quad a^1 = \text{ReLU}(z^1)$$

$$z^2 = W^2 a^1 + b^2, \quad a^2 = \sigma(z^2)$$

$$x = \begin{bmatrix} 1 \\ 2 \end{bmatrix}$$

$$W^1 = \begin{bmatrix} 1 & 3 \\ -2 & 4 \\ 5 & -6 \end{bmatrix}$$

$$b^1 = \begin{bmatrix} 1 \\ 0 \\ -1 \end{bmatrix}$$

$$z^1 = W^1 x + b^1 = \begin{bmatrix} 8 \\ 6 \\ -8 \end{bmatrix}$$
"""


def test_more_numbers_than_the_shape_that_was_taken() -> None:
    assert [claim for claim in check_notes(EXAMPLE).claims if claim.verdict == "wrong"] == []


def test_a_star_in_a_forward_pass_may_be_a_convolution() -> None:
    notes = r"$a^l = \sigma(z^l)$, $z^l = W^l a^{l-1} + b^l$."
    notes += r" Convolution: $$a^l = \sigma(z^l) = \sigma(a^{l-1} * W^l + b^l)$$"
    assert [claim for claim in check_notes(notes).claims if claim.verdict == "wrong"] == []


TWO_LAYERS = r"""
    R | z_1 = W_1 x + b_1
    R | h = f(z_1)
    R | q = W_2 h + b_2
    R | L = \frac12 (q - t)^2
    R | \frac{\partial L}{\partial W_2} = (q - t) h^T
    R | \frac{\partial L}{\partial h} = W_2^T (q - t)
    R | \frac{\partial L}{\partial W_1} = (W_2^T (q - t) \odot f'(z_1)) x^T
    WN | \frac{\partial L}{\partial W_1} = (W_2^T (q + t) \odot f'(z_1)) x^T
    WN | \frac{\partial L}{\partial W_1} = W_2^T (q - t) x^T
"""


@pytest.mark.parametrize("said", ["", r"$x \in \mathbb{R}^n$", r"$x \in \mathbb{R}^d$"])
def test_squares_of_outputs_without_the_sign_of_a_norm(said: str) -> None:
    assert_as_marked(said + "\n" + TWO_LAYERS)


def test_letters_that_name_two_layers() -> None:
    assert_as_marked(TWO_LAYERS.replace("_1", "_h").replace("_2", "_o"))


def test_what_a_loss_is_a_function_of() -> None:
    assert_as_marked(TWO_LAYERS.replace("R | L =", "R | L = L(q, t)\nR | L =", 1))
