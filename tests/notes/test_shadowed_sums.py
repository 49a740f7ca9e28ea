"""Sums over the letter that the left side has; letters that stand for one of those that are summed over."""

import pytest

from autograd import check_notes

from .marked import assert_as_marked


@pytest.mark.parametrize("letter", ["j", "k"])
def test_a_sum_over_the_letter_of_the_left_side(letter):
    assert_as_marked(
        rf"R | z_j^l = \sum_{letter} w_{{jk}}^l a_k^{{l-1}} + b_j^l"
        r"""
        R | a_j^l = g(z_j^l)
        R | C = \frac12 \sum_j (y_j - a_j^L)^2
        R | \frac{\partial C}{\partial w_{jk}^l} = \frac{\partial C}{\partial z_j^l} a_k^{l-1}
        W | \frac{\partial C}{\partial w_{jk}^l} = \frac{\partial C}{\partial z_k^l} a_j^{l-1}
        R | \frac{\partial C}{\partial z_j^l} = \sum_i \frac{dC}{dz_i^{l+1}} w_{ij}^{l+1} g'(z_j^l)
        """
    )


def test_a_slope_is_taken_as_it_is_written():
    notes = r"$z_j = \sum_k w_{jk} a_k$, $C = \frac12 \sum_j z_j^2$. $\frac{\partial C}{\partial a_k} = "
    ends = (r"\sum_j w_{jk} z_j$", r"\sum_k w_{jk} z_j$")
    assert [check_notes(notes + end).claims[-1].verdict == "right" for end in ends] == [True, False]


def test_the_word_that_is_meant_is_one_of_all_words():
    assert_as_marked(
        r"""
        R | J_1 = -u_o v + \log \sum_w \exp(u_w v)
        R | x_o = u_o v
        R | s_o = \sum_w \exp(x_w)
        R | p_o = \frac{\exp(x_o)}{s_o}
        R | J_2 = -\log p_o
        R | \frac{\partial p_o}{\partial x_o} = p_o (1 - p_o)
        W | \frac{\partial p_o}{\partial x_o} = p_o (1 + p_o)
        """
    )


def test_the_word_that_is_meant_is_none_of_those_drawn_beside_it():
    notes = r"$L = -\log \sigma(u_c^T v) - \sum_{k=1}^K \log \sigma(-u_k^T v)$. "
    notes += r"$\frac{\partial L}{\partial u_c} = "
    ends = (r"(\sigma(u_c^T v) - 1) v$", r"(\sigma(u_c^T v) + 1) v$")
    assert [check_notes(notes + end).claims[-1].verdict for end in ends] == ["right", "wrong"]
