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
