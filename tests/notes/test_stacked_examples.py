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


def test_shapes_in_brackets_behind_a_formula() -> None:
    assert_as_marked(r"""
        R | x \in \mathbb{R}^2
        R | z^1 = W^1 x + b^1 \quad (W^1 \in \mathbb{R}^{3 \times 2})
        R | a^1 = \sigma(z^1), \quad (a^1 \in \mathbb{R}^3)
        R | z^2 = W^2 a^1 + b^2 \quad (W^2 \in \mathbb{R}^{1 \times 3})
        R | L = \frac12 (z^2 - y)^2
        R | \frac{∂L}{∂W^1} = (W^2)^T (z^2 - y) \odot a^1 \odot (1 - a^1) x^T
        W | \frac{∂L}{∂W^1} = (W^2)^T (z^2 - y) \odot a^1 x^T
        N | \sum_i p(x_i \in B) = 1
    """)


@pytest.mark.parametrize("entry", ["x_{ij}", "X_{ij}", "x_j^{(i)}"])
def test_a_vector_of_all_outputs_beside_sums_over_its_entries(entry: str) -> None:
    notes = r"""
        R | \hat y = \sigma(Xw + b)
        R | L = -\frac{1}{n}\sum_{i=1}^n [y_i \log \hat y_i + (1-y_i)\log(1-\hat y_i)]
        R | \nabla_w L = \frac1n X^T(\hat y - y)
        W | \nabla_w L = X^T(\hat y - y)
        R | \frac{\partial L}{\partial b} = \frac1n \sum_i (\hat y_i - y_i)
        W | \frac{\partial L}{\partial b} = \frac1n \sum_i (y_i - \hat y_i)
        R | \frac{\partial L}{\partial w_j} = \frac1n \sum_i (\hat y_i - y_i) ENTRY
        W | \frac{\partial L}{\partial w_j} = \sum_i (\hat y_i - y_i) ENTRY
    """.replace("ENTRY", entry)
    assert_as_marked(notes.replace("y_i", "y^{(i)}") if "^" in entry else notes)
