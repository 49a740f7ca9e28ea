r"""Backpropagation in matrices as it is summed up, without a loss: dZ = A - Y, dW = 1/m dZ A^T."""

import pytest

from autograd import check_notes

from .marked import assert_as_marked

FORWARD = r"""
    R | Z^{[1]} = W^{[1]} X + b^{[1]}
    R | A^{[1]} = %s(Z^{[1]})
    R | Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}
    R | A^{[2]} = %s(Z^{[2]})
"""


@pytest.mark.parametrize(("hidden", "last"), [("g", r"\sigma"), (r"\tanh", r"\text{softmax}")])
def test_the_loss_is_one_that_has_the_slope_which_is_said(hidden: str, last: str) -> None:
    assert_as_marked(
        FORWARD % (hidden, last)
        + r"""
        R | dZ^{[2]} = A^{[2]} - Y
        R | dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}
        R | db^{[2]} = \frac{1}{m} np.sum(dZ^{[2]}, axis=1, keepdims=True)
        R | dZ^{[1]} = W^{[2]T} dZ^{[2]} * A^{[1]\prime}
        R | dW^{[1]} = \frac{1}{m} dZ^{[1]} X^T
        R | db^{[1]} = \frac{1}{m} \sum dZ^{[1]}
        """.replace(r"A^{[1]\prime}", r"g'(Z^{[1]})" if hidden == "g" else r"(1 - (A^{[1]})^2)")
    )


def test_slips_beside_a_slope_that_is_said_are_found() -> None:
    assert_as_marked(
        FORWARD % ("g", r"\sigma")
        + r"""
        R | dZ^{[2]} = A^{[2]} - Y
        W | dW^{[2]} = dZ^{[2]} A^{[1]T}
        R | dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}
        NW | db^{[2]} = \sum dZ^{[2]}
        W | dZ^{[1]} = W^{[2]} dZ^{[2]} * g'(Z^{[1]})
        NW | dW^{[1]} = \frac{1}{m} X dZ^{[1]T}
        """
    )


def test_a_slope_of_the_wrong_sign_is_found() -> None:
    notes = (
        FORWARD % ("g", r"\sigma")
        + r"""
        W | dZ^{[2]} = Y - A^{[2]}
        R | dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}
    """
    )
    assert_as_marked(notes)


def test_any_layer_without_a_loss() -> None:
    assert_as_marked(r"""
        R | Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}
        R | A^{[l]} = g^{[l]}(Z^{[l]})
        R | dZ^{[l]} = dA^{[l]} * g^{[l]'}(Z^{[l]})
        R | dW^{[l]} = \frac1m dZ^{[l]} A^{[l-1]T}
        R | db^{[l]} = \frac1m \sum_{i=1}^m dZ^{[l](i)}
        R | dA^{[l-1]} = W^{[l]T} dZ^{[l]}
    """)
    assert_as_marked(r"""
        R | Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}
        R | A^{[l]} = g^{[l]}(Z^{[l]})
        R | dZ^{[l]} = dA^{[l]} * g^{[l]'}(Z^{[l]})
        R | dW^{[l]} = \frac1m dZ^{[l]} A^{[l-1]T}
        NW | db^{[l]} = \sum_{i=1}^m dZ^{[l](i)}
        W | dA^{[l-1]} = W^{[l]} dZ^{[l]}
    """)


def test_sums_without_an_index_are_over_what_is_added() -> None:
    assert_as_marked(r"""
        R | z = \sum w_i x_i + b
        R | L = \frac12 (z - y)^2
        R | \frac{∂L}{∂w_i} = (z - y) x_i
        NW | \frac{∂L}{∂w_i} = (z - y) w_i
    """)
    assert_as_marked(r"""
        R | \mu = \frac{1}{m} \sum_i x_i
        R | u_i = x_i - \mu
        R | y_i = \gamma u_i + \beta
        R | \frac{∂L}{∂\gamma} = \sum \frac{∂L}{∂y_i} u_i
        R | \frac{∂L}{∂\beta} = \sum \frac{∂L}{∂y_i}
        NW | \frac{∂L}{∂\gamma} = \sum \frac{∂L}{∂y_i} x_i
        NW | \frac{∂L}{∂\beta} = \frac{∂L}{∂y_i}
    """)


def test_a_loss_summed_over_all_entries_of_a_matrix() -> None:
    assert_as_marked(r"""
        R | Z = X W + b
        R | A = \sigma(Z)
        R | J = -\frac1m \sum Y \log A + (1 - Y) \log(1 - A)
        R | dZ = A - Y
        R | dW = \frac1m X^T dZ
        R | db = \frac1m \sum dZ
        NW | dW = \frac1m X^T A
        NW | db = \sum dZ
    """)


def test_a_minus_before_a_sum_is_before_all_that_it_covers() -> None:
    notes = r"$a_i = \sigma(w x_i)$, $L = -\frac1m \sum_{i=1}^m y_i \log a_i + (1 - y_i) \log(1 - a_i)$, "
    claims = check_notes(notes + r"$\frac{∂L}{∂w} = \frac1m \sum_{i=1}^m (a_i - y_i) x_i$").claims
    assert claims[-1].verdict == "right"
    claims = check_notes(notes + r"$\frac{∂L}{∂w} = \frac1m \sum_{i=1}^m (y_i - a_i) x_i$").claims
    assert claims[-1].verdict == "wrong"


@pytest.mark.parametrize("square", ["A^{[1]2}", "A^{[1]^2}", "(A^{[1]})^2", "(A^{[1]2})"])
def test_a_square_behind_the_number_of_a_layer(square: str) -> None:
    assert_as_marked(
        FORWARD % (r"\tanh", r"\sigma")
        + rf"""
        R | dZ^{{[2]}} = A^{{[2]}} - Y
        R | dZ^{{[1]}} = W^{{[2]T}} dZ^{{[2]}} * (1 - {square})
        NW | dZ^{{[1]}} = W^{{[2]T}} dZ^{{[2]}} * (1 - A^{{[1]}})
        """
    )


@pytest.mark.parametrize("word", ["rowsum", r"\text{rowsum}", "rowSum"])
def test_sums_of_rows_by_their_name(word: str) -> None:
    assert_as_marked(rf"""
        R | P = \text{{softmax}}(S), O = P V
        R | dP = dO V^T
        R | dS = P \odot (dP - {word}(dP \odot P))
        NW | dS = P \odot (dP - {word}(dP))
    """)


def test_the_root_of_a_variance() -> None:
    notes = r"""
        R | \mu = \frac1D \sum_{i=1}^D x_i
        R | \sigma^2 = \frac1D \sum_{i=1}^D (x_i - \mu)^2
        R | u_i = \frac{x_i - \mu}{\sigma}
        R | y_i = \gamma_i u_i + \beta_i
        %s | \frac{∂L}{∂x_i} = \frac1\sigma (\frac{∂L}{∂u_i} - \frac1D \sum_j \frac{∂L}{∂u_j} %s
            \frac{u_i}D \sum_j \frac{∂L}{∂u_j} u_j)
    """.replace("\n            ", " ")
    assert_as_marked(notes % ("R", "-"))
    assert_as_marked(notes % ("W", "+"))
