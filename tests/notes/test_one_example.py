"""A loss of one example, whose index is left out where it is differentiated."""

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
