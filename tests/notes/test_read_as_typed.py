r"""What people type, in every language: short commands, names of letters, single signs."""

from __future__ import annotations

import pytest

from autograd import check_notes

from .marked import assert_as_marked


def test_the_short_commands_of_wikis() -> None:
    assert_as_marked(r"""
        R | y = w x^2
        R | \frac{\part y}{\part x} = 2 w \sdot x
        W | \frac{\part y}{\part x} = w \sdot x
    """)


@pytest.mark.parametrize(
    "sign", [r"\sum", r"\sum_k", r"\odot", r"\frac{d}{db}", r"\frac{\partial}{\partial x}", r"\nabla_w"]
)
def test_a_sign_that_the_text_speaks_of_claims_nothing(sign: str) -> None:
    claims = check_notes(f"Here ${sign}$ is a sign, and $y = w x$.").claims
    assert [claim.verdict for claim in claims] == ["right", "right"]


def test_letters_that_are_defined_and_differentiated_by_are_one_name() -> None:
    assert_as_marked(r"""
        R | ho_1 = \tanh(h_1)
        R | o = u \cdot ho_1
        R | \frac{\partial o}{\partial ho_1} = u
        W | \frac{\partial o}{\partial h_1} = u (1 - ho_1)
        R | \frac{\partial o}{\partial h_1} = u (1 - ho_1^2)
    """)


def test_letters_that_are_only_multiplied_stay_a_product() -> None:
    assert_as_marked(r"""
        R | z = wx + b
        R | wx = z - b
        R | \frac{\partial z}{\partial x} = w
    """)


SOFTMAX = r"""
    R | a_j = \frac{e^{z_j}}{\sum_k e^{z_k}}
    R | \frac{\partial a_j}{\partial z_i} = a_i (1 - a_i), \quad i = j
    R | L = -\sum_k y_k \log a_k
"""


def test_a_case_of_equal_indices_defines_no_index() -> None:
    assert_as_marked(
        SOFTMAX
        + r"""
        R | \frac{\partial L}{\partial z_i} = -y_i (1 - a_i) - \sum_{k \neq i} y_k \frac{1}{a_k} (-a_k a_i)
        W | \frac{\partial L}{\partial z_i} = -y_i (1 - a_i) - \sum_{k \neq i} y_k (-a_k a_i)
    """
    )


def test_an_index_beside_that_of_the_true_class_is_another_one() -> None:
    assert_as_marked(r"""
        R | p_o = \frac{e^{s_o}}{\sum_k e^{s_k}}
        R | J = -\log p_o
        R | \frac{\partial p_o}{\partial s_o} = p_o (1 - p_o)
        A | \frac{\partial p_o}{\partial s_w} = -p_o p_w
        W | \frac{\partial p_o}{\partial s_w} = p_o p_w
    """)


def test_an_index_of_some_is_no_label_of_others() -> None:
    """o is bare in J(v, o, U), but x has an x_w besides: t_o is not only a name."""
    assert_as_marked(r"""
        R | J(v, o, U) = -\log(p_o)
        R | x_o = u_o v
        R | t_o = \exp(x_o)
        R | s_o = \sum_{w \in vocab} \exp(x_w)
        R | p_o = \frac{t_o}{s_o}
        AN | \frac{\partial p_o}{\partial x_w} = -p_o p_w
    """)


def test_the_same_in_other_words_is_a_step_of_descent() -> None:
    for new, old in [
        ("nuevo", "viejo"), ("neu", "alt"), ("novo", "antigo"), (r"\text{nouveau}", r"\text{ancien}"),
        (r"\text{новый}", r"\text{старый}"), ("新", "旧"),
    ]:  # fmt: skip
        before = rf"$$L = (w_1 x - y)^2$$ $$w_{{{new}}} = w_{{{old}}} "
        step = r"\eta \frac{\partial L}{\partial w_1}$$"
        assert check_notes(before + "-" + step).claims[-1].verdict == "right", new
        assert check_notes(before + "+" + step).claims[-1].verdict == "wrong", new


def test_a_vector_below_another_is_no_argument_of_a_matrix() -> None:
    notes = r"$$a = W[h, x] + b$$ $$\frac{\partial L}{\partial b} = \frac{\partial L}{\partial a}$$"
    assert [claim.verdict for claim in check_notes(notes).claims] == ["right", "right"]


def test_a_capital_sigma_with_an_index_of_what_follows_is_a_sum() -> None:
    assert_as_marked(r"""
        R | b_i = \varphi(\Sigma_j w_{ij} a_j)
        R | M = \frac{1}{n} \Sigma_{i=0}^{n-1} (t_i - b_i)^2
        R | \frac{\partial M}{\partial b_i} = -\frac{2}{n} (t_i - b_i)
        W | \frac{\partial M}{\partial b_i} = \frac{2}{n} (t_i - b_i)
        R | \frac{\partial b_i}{\partial a_j} = \varphi'(\Sigma_j w_{ij} a_j) w_{ij}
        W | \frac{\partial b_i}{\partial a_j} = \varphi'(\Sigma_j w_{ij} a_j) a_j
    """)


def test_a_matrix_named_sigma_stays_one() -> None:
    assert_as_marked(r"""
        R | q = \Sigma_i^{-1} x_i
        R | J = \frac{1}{2} x_i^T \Sigma_i x_i
        R | \frac{\partial J}{\partial \Sigma_{ij}} = \frac{1}{2} x_i x_j
    """)


def test_words_with_a_hyphen_below_a_name_are_no_difference() -> None:
    assert_as_marked(r"""
        R | L_{cross-entropy} = -\log(p)
        R | \frac{d L_{cross-entropy}}{dp} = -\frac{1}{p}
        W | \frac{d L_{cross-entropy}}{dp} = \frac{1}{p}
    """)


def test_reasons_say_names_as_they_are_written() -> None:
    (claim,) = check_notes(r"$$\frac{\partial \hat{v_i}}{\partial \mu} = -\frac{1}{\sqrt{q}}$$").claims
    assert claim.reason == r"the notes do not say how $\hat{v}_{i}$ depends on $\mu$"
    claim = check_notes(r"$$J = 3 z$$ $$\frac{dJ}{dz} = \frac{3 z}{dz}$$").claims[-1]
    assert claim.reason == "the sign $d$ is missing in the numerator"
    assert check_notes("$P(A > a)$").claims[0].reason == "probabilities of events are not checked"


def test_a_matrix_with_dots_in_it_claims_nothing() -> None:
    notes = (
        r"$a = \sigma(z)$ $$x = \begin{pmatrix} x_1 \\ \vdots \\ x_n \end{pmatrix}$$ "
        r"$$J = \frac{∂a}{∂z} = \begin{bmatrix} \sigma'(z_1) & \dots \\ \vdots & \ddots \end{bmatrix}$$"
    )
    claims = check_notes(notes).claims
    assert [(claim.verdict, claim.kind == "mention") for claim in claims] == [
        ("right", False), ("right", True), ("right", False),
    ]  # fmt: skip
