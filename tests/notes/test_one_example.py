"""A loss of one example, whose index is left out where it is differentiated."""

import pytest

from .marked import assert_as_marked

LOSS = r"""
    R | J(w; x_i, y_i) = -(y_i \log \hat{y}_i + (1 - y_i) \log(1 - \hat{y}_i))
    R | \hat{y} = \sigma(z)
    R | z = w^T x
"""


def test_the_index_of_the_example_may_be_left_out() -> None:
    assert_as_marked(
        LOSS
        + r"""
        R | \frac{\partial J(w; x_i, y_i)}{\partial \hat{y}} = -\frac{y}{\hat{y}} + \frac{1 - y}{1 - \hat{y}}
        R | \frac{\partial J(w; x_i, y_i)}{\partial w} = (\hat{y}_i - y_i) x_i
        W | \frac{\partial J(w; x_i, y_i)}{\partial w} = (\hat{y}_i + y_i) x_i
    """
    )


def test_the_index_of_a_class_stays() -> None:
    assert_as_marked(r"""
        R | p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}
        R | L = -\sum_i y_i \log p_i
        R | \frac{\partial L}{\partial z_i} = p_i - y_i
        W | \frac{\partial L}{\partial z_i} = p_i + y_i
    """)


def test_of_examples_and_then_of_any_one() -> None:
    assert_as_marked(r"""
        $x^{(i)} \in \mathbb{R}^n$ and $y^{(i)} \in \{0, 1\}$
        R | \hat{y}^{(i)} = \sigma(z^{(i)}), \qquad z^{(i)} = w^\top x^{(i)} + b
        R | J = -\frac1m \sum_{i=1}^m [y^{(i)} \log \hat{y}^{(i)} + (1 - y^{(i)}) \log (1 - \hat{y}^{(i)})]
        R | \ell = -[y \log \hat{y} + (1 - y) \log(1 - \hat{y})]
        R | \frac{∂\ell}{∂z} = \hat{y} - y
        W | \frac{∂\ell}{∂z} = y - \hat{y}
        R | \frac{∂\ell}{∂w_j} = (\hat{y} - y) x_j
        W | \frac{∂\ell}{∂w_j} = (\hat{y} - y) w_j
        R | \frac{∂J}{∂w_j} = \frac{1}{m} \sum_{i=1}^{m} (\hat{y}^{(i)} - y^{(i)}) x_j^{(i)}
        W | \frac{∂J}{∂w_j} = \sum_{i=1}^{m} (\hat{y}^{(i)} - y^{(i)}) x_j^{(i)}
    """)


ROWS = r"""
    R | \hat y^{(i)} = \sigma(z^{(i)}), z^{(i)} = w x^{(i)} + b
    R | L = -\sum_i [y^{(i)} \log \hat y^{(i)} + (1 - y^{(i)}) \log (1 - \hat y^{(i)})]
"""


def test_of_one_example_and_then_of_all() -> None:
    """A slope that keeps its index is of one example where the sum is said too; by itself it has lost it."""
    one = r"| \frac{∂L}{∂w} = (\hat y^{(i)} - y^{(i)}) x^{(i)}"
    total = r"R | \frac{∂L}{∂w} = \sum_i (\hat y^{(i)} - y^{(i)}) x^{(i)}"
    assert_as_marked(f"{ROWS}A {one}\n{total}")
    assert_as_marked(f"{ROWS}W {one}")
    assert_as_marked(f"{ROWS}WN {one.replace('x^{(i)}', 'w')}\n{total}")


@pytest.mark.parametrize(
    ("slope", "verdict"),
    [
        (r"\frac{\partial p_k}{\partial z_j} = p_k (\delta_{kj} - p_j)", "R"),
        (r"\frac{\partial p_k}{\partial z_j} = p_k (\delta_{kj} + p_j)", "W"),
        (r"\frac{\partial L}{\partial z_j} = p_j - y_j", "R"),
        (r"\frac{\partial L}{\partial z_j} = y_j - p_j", "W"),
        (r"\frac{\partial L}{\partial z} = p - y", "R"),
    ],
)
def test_the_layer_may_be_left_out_of_what_a_slope_is_by(slope: str, verdict: str) -> None:
    assert_as_marked(rf"""
        R | z^{{[1]}} = W^{{[1]}} x + b^{{[1]}}, \quad a^{{[1]}} = \tanh(z^{{[1]}})
        R | z^{{[2]}} = W^{{[2]}} a^{{[1]}} + b^{{[2]}}, \quad p = \mathrm{{softmax}}(z^{{[2]}})
        R | L = -\sum_k y_k \ln p_k
        where $y$ is a one-hot vector
        {verdict} | {slope}
    """)


def test_the_slopes_of_one_example_before_the_mean_of_all() -> None:
    assert_as_marked(r"""
        R | z = w_1 x_1 + w_2 x_2 + b, \quad a = \sigma(z)
        R | \mathcal{L}(a, y) = -(y\log a + (1-y)\log(1-a))
        R | dz = \frac{d\mathcal L}{dz} = a - y
        R | dw_1 = \frac{\partial\mathcal L}{\partial w_1} = x_1\,dz
        R | J = \frac{1}{m}\sum_{i=1}^m \mathcal L(a^{(i)}, y^{(i)})
        R | \frac{\partial J}{\partial w_1} = \frac1m\sum_{i=1}^m x_1^{(i)}(a^{(i)}-y^{(i)})
        W | \frac{\partial J}{\partial w_1} = \sum_{i=1}^m x_1^{(i)}(a^{(i)}-y^{(i)})
    """)
