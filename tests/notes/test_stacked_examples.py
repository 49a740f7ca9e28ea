r"""One example after the other, and all at once: `\sum_i (a_i - y_i) x_i` is `X^T (a - y)`."""

import pytest

from .marked import assert_as_marked

LOGISTIC = {
    "above": r"""
        R | z^{(i)} = w^T x^{(i)} + b
        R | a^{(i)} = \sigma(z^{(i)})
        R | J = -\frac1m \sum_{i=1}^m [y^{(i)} \log a^{(i)} + (1 - y^{(i)}) \log(1 - a^{(i)})]
        R | \frac{∂J}{∂w} = \frac1m \sum_{i=1}^m (a^{(i)} - y^{(i)}) x^{(i)}
    """,
    "below": r"""
        R | z_n = w^T x_n + b
        R | a_n = \sigma(z_n)
        R | J = -\frac1m \sum_{n=1}^m y_n \log a_n + (1 - y_n) \log(1 - a_n)
        R | \frac{∂J}{∂w} = \frac1m \sum_{n=1}^m (a_n - y_n) x_n
    """,
    "for any": r"""
        R | z = w^T x + b
        R | a = \sigma(z)
        R | L(a, y) = -(y \log a + (1 - y) \log(1 - a))
        R | J = \frac1m \sum_{i=1}^m L(a^{(i)}, y^{(i)})
        R | \frac{∂J}{∂b} = \frac1m \sum_{i=1}^m (a^{(i)} - y^{(i)})
    """,
}


@pytest.mark.parametrize("examples", LOGISTIC)
@pytest.mark.parametrize(
    ("mark", "gradient"),
    [
        ("R", "X^T (a - y)"),
        ("R", "X (A - Y)^T"),
        ("NW", "X^T (y - a)"),
        ("NW", "X (a - y)"),
        ("NW", "X (Y - A)^T"),
        ("NW", "m X^T (a - y)"),
    ],
)
def test_gradients_of_all_examples_at_once(examples: str, mark: str, gradient: str) -> None:
    assert_as_marked(LOGISTIC[examples] + rf"{mark} | \frac{{∂J}}{{∂w}} = \frac1m {gradient}")


def test_a_hypothesis_of_one_example_and_of_all() -> None:
    notes = r"""
        R | h_\theta(x) = \theta^T x
        R | J(\theta) = \frac{1}{2m} \sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)})^2
        R | \frac{∂J}{∂\theta_j} = \frac1m \sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)}) x_j^{(i)}
        R | J(\theta) = \frac{1}{2m} (X \theta - y)^T (X \theta - y)
        R | h = X \theta
        %s | \nabla_\theta J = %s
    """
    for right in (r"\frac1m X^T (X \theta - y)", r"\frac1m X^T (h - y)"):
        assert_as_marked(notes % ("R", right))
    for wrong in (r"\frac1m X^T (y - X \theta)", r"\frac2m X^T (h - y)", r"X^T (h - y)"):
        assert_as_marked(notes % ("NW", wrong))


def test_examples_in_columns() -> None:
    assert_as_marked(r"""
        R | Z = w^T X + b
        R | A = \sigma(Z)
        R | J = -\frac1m \sum_{i=1}^m (y^{(i)} \log a^{(i)} + (1 - y^{(i)}) \log(1 - a^{(i)}))
        R | dZ = A - Y
        R | dw = \frac1m X dZ^T
        R | db = \frac1m \sum_{i=1}^m dz^{(i)}
        NW | dw = \frac1m X dZ
        NW | db = \sum_{i=1}^m dz^{(i)}
    """)
