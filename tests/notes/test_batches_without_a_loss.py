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


def test_an_activation_by_a_letter_and_a_quantity_in_small() -> None:
    notes = r"""
        R | Z^{[1]} = W^{[1]} X + b^{[1]}
        R | A^{[1]} = g_{\text{ReLU}}(Z^{[1]})
        R | Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}
        R | A^{[2]} = g_{\text{softmax}}(Z^{[2]})
        R | dZ^{[2]} = A^{[2]} - Y
        R | dB^{[2]} = \frac{1}{m} \Sigma {dZ^{[2]}}
        %s | dZ^{[1]} = W^{[2]T} dZ^{[2]} .* g^{[1]\prime} (z^{[%s]})
        R | dW^{[1]} = \frac{1}{m} dZ^{[1]} A^{[0]T}
    """
    assert_as_marked(notes % ("R", "1"))
    assert_as_marked(notes % ("NW", "2"))


@pytest.mark.parametrize(
    ("delta", "gradient", "mark"),
    [
        (r"W^{[2]T} \delta^{[2]} \odot A^{[1]} \odot (1 - A^{[1]})", r"\frac1m \delta^{[1]} X^T", "R"),
        (r"W^{[2]T} \delta^{[2]} \odot A^{[1]} \odot (1 - A^{[1]})", r"\delta^{[1]} X^T", "W"),
        (r"W^{[2]} \delta^{[2]} \odot A^{[1]} \odot (1 - A^{[1]})", r"\frac1m \delta^{[1]} X^T", "W"),
        (r"W^{[2]T} \delta^{[2]} \odot A^{[1]}", r"\frac1m \delta^{[1]} X^T", "W"),
    ],
)
def test_error_signals_of_all_examples_without_a_loss(delta: str, gradient: str, mark: str) -> None:
    assert_as_marked(
        FORWARD % (r"\sigma", r"\sigma")
        + rf"""
        R | \delta^{{[2]}} = A^{{[2]}} - Y
        R | \delta^{{[1]}} = {delta}
        R | \frac{{∂J}}{{∂W^{{[2]}}}} = \frac1m \delta^{{[2]}} A^{{[1]T}}
        R | \frac{{∂J}}{{∂b^{{[2]}}}} = \frac1m \sum_{{i=1}}^m \delta^{{[2](i)}}
        {mark} | \frac{{∂J}}{{∂W^{{[1]}}}} = {gradient}
        """
    )


LAYERS = r"""
    R | Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}
    R | A^{[l]} = g^{[l]}(Z^{[l]})
    R | dZ^{[l]} = dA^{[l]} * g^{[l]'}(Z^{[l]})
    %s | dW^{[l]} = \frac{∂J}{∂W^{[l]}} = %s dZ^{[l]} A^{[l-1]T}
    R | db^{[l]} = \frac{∂J}{∂b^{[l]}} = \frac1m \sum_{i=1}^m dZ^{[l](i)}
    %s | dA^{[l-1]} = \frac{∂L}{∂A^{[l-1]}} = %s dZ^{[l]}
"""


@pytest.mark.parametrize(
    "slope",
    [
        r"R | dA^{[L]} = -\left(\frac{Y}{A^{[L]}} - \frac{1-Y}{1-A^{[L]}}\right)",
        r"R | dA^{[L]} = -\frac{Y}{A^{[L]}} + \frac{1-Y}{1-A^{[L]}}",
        r"W | dA^{[L]} = \frac{Y}{A^{[L]}} - \frac{1-Y}{1-A^{[L]}}",
        "",
    ],
)
def test_the_mean_of_a_loss_and_the_loss_of_each_example(slope: str) -> None:
    assert_as_marked(slope + LAYERS % ("R", r"\frac1m", "R", "W^{[l]T}"))
    assert_as_marked(slope + LAYERS % ("R", r"\frac1m", "NW", "W^{[l]}"))
    assert_as_marked(slope + LAYERS % ("NW", r"\frac2m", "R", "W^{[l]T}"))


def test_sums_of_slopes_by_the_rows_of_a_matrix() -> None:
    assert_as_marked(r"""
        R | Y = X W + b
        R | \frac{∂L}{∂W} = X^T \frac{∂L}{∂Y}
        R | \frac{∂L}{∂b} = \sum_i \frac{∂L}{∂Y_i}
        NW | \frac{∂L}{∂b} = \frac{∂L}{∂Y}
    """)


def test_a_sum_without_an_index_of_one_example_is_over_its_entries() -> None:
    assert_as_marked(r"""
        R | z = W x + b, a = \sigma(z)
        R | E = \frac12 \sum (y - a)^2
        R | \frac{∂E}{∂W} = [(a - y) \odot a \odot (1 - a)] x^T
        W | \frac{∂E}{∂W} = [(y - a) \odot a \odot (1 - a)] x^T
    """)


def test_a_mean_without_an_index_of_one_example_is_over_many() -> None:
    assert_as_marked(r"""
        R | z^l = w^l a^{l-1} + b^l, a^l = \sigma(z^l)
        R | C = -\frac1n \sum [y \ln a^L + (1-y) \ln(1 - a^L)]
        NR | \delta^L = \frac{∂C}{∂z^L} = a^L - y
        NR | \delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)
    """)


@pytest.mark.parametrize(
    ("mark", "slope"),
    [
        ("R", r"\frac{2}{m} (\hat Y - Y) \odot \sigma'(Z_2)"),
        ("R", r"(\hat Y - Y) \odot \hat Y \odot (1 - \hat Y)"),
        ("NW", r"\frac{2}{m} (\hat Y + Y) \odot \sigma'(Z_2)"),
        ("NW", r"\hat Y + Y"),
    ],
)
def test_a_slope_of_any_loss_is_0_where_the_output_is_the_target(mark: str, slope: str) -> None:
    assert_as_marked(rf"""
        R | Z_1 = W_1 X + b_1, A_1 = \sigma(Z_1)
        R | Z_2 = W_2 A_1 + b_2, \hat Y = \sigma(Z_2)
        {mark} | dZ_2 = {slope}
        R | dW_2 = dZ_2 A_1^T
        R | dZ_1 = W_2^T dZ_2 \odot \sigma'(Z_1)
        W | dW_1 = dZ_1 X
    """)
