r"""Weight decay that the loss has not, and batches of short notes: `dW2 = 1/m dZ2 A1^T + \lambda/m W2`."""

import pytest

from .marked import assert_as_marked

NET = r"""
        R | Z_1 = W_1 X + b_1
        R | A_1 = \tanh(Z_1)
        R | Z_2 = W_2 A_1 + b_2
        R | A_2 = \sigma(Z_2)
        R | J = -\frac{1}{m}\sum_{i=1}^m \left(y^{(i)}\log a_2^{(i)} + (1-y^{(i)})\log(1-a_2^{(i)})\right)
"""


def test_columns_of_the_matrices_of_a_layer_below() -> None:
    assert_as_marked(
        NET
        + r"""
        R | dZ_2 = A_2 - Y
        R | dW_2 = \frac{1}{m} dZ_2 A_1^T
        R | db_2 = \frac{1}{m} \texttt{np.sum}(dZ_2, \texttt{axis=1, keepdims=True})
        R | dZ_1 = W_2^T dZ_2 * (1 - A_1^2)
        W | dW_1 = \frac{1}{m} dZ_1 A_1^T
    """
    )


def test_a_slope_without_the_share_of_one_example_has_the_other_sign() -> None:
    assert_as_marked(
        NET
        + r"""
        W | dZ_2 = Y - A_2
        R | dW_2 = \frac{1}{m} dZ_2 A_1^T
    """
    )


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        (r"dW_1 = \frac{1}{m} dZ_1 X^T + \frac{\lambda}{m} W_1", "R"),
        (r"W_1 := W_1 - \alpha (dW_1 + \frac{\lambda}{m} W_1)", "R"),
        (r"W_1 := W_1 - \alpha dW_1 - \alpha\lambda W_1", "R"),
        (r"dW_1 = \frac{1}{m} dZ_1 X^T - \frac{\lambda}{m} W_1", "N"),
        (r"dW_2 = \frac{1}{m} dZ_2 A_1^T + \lambda b_2", "N"),
    ],
)
def test_the_penalty_is_a_multiple_of_the_parameter(step: str, verdict: str) -> None:
    assert_as_marked(
        NET
        + rf"""
        R | dZ_2 = A_2 - Y
        R | dW_2 = \frac{{1}}{{m}} dZ_2 A_1^T
        R | dZ_1 = W_2^T dZ_2 * (1 - A_1^2)
        R | dW_1 = \frac{{1}}{{m}} dZ_1 X^T
        {verdict} | {step}
    """
    )


def test_the_slope_of_a_mean_of_losses_that_are_not_said() -> None:
    assert_as_marked(r"""
        R | z = wx + b
        R | C_0 = (\sigma(z) - y)^2
        R | C = \frac1n \sum_{k=0}^{n-1} C_k
        R | \frac{\partial C}{\partial w} = \frac1n \sum_{k=0}^{n-1} \frac{\partial C_k}{\partial w}
        N | \frac{\partial C}{\partial w} = \sum_{k=0}^{n-1} \frac{\partial C_k}{\partial w}
    """)


def test_a_minus_is_missing_in_one_of_the_cases() -> None:
    assert_as_marked(r"""
        R | p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}
        W | \frac{\partial p_i}{\partial z_j} = \begin{cases} p_i (1-p_i) & i=j\\ p_i p_j & i\neq j\end{cases}
    """)


def test_a_loss_that_is_the_mean_of_two_examples() -> None:
    assert_as_marked(r"""
        R | z^{(i)} = w_1x_1^{(i)} + w_2x_2^{(i)} + b, \quad a^{(i)} = \sigma(z^{(i)})
        R | J = -\frac{1}{2}\sum_{i=1}^{2}\left[y^{(i)}\log a^{(i)} + (1-y^{(i)})\log(1-a^{(i)})\right]
        R | dz^{(1)} = a^{(1)} - y^{(1)}, \quad dz^{(2)} = a^{(2)} - y^{(2)}
        R | dw_1 = \frac12\left(x_1^{(1)}dz^{(1)} + x_1^{(2)}dz^{(2)}\right)
        W | dw_2 = x_2^{(1)}dz^{(1)} + x_2^{(2)}dz^{(2)}
    """)
