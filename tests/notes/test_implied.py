"""Definitions that contradict what their names imply, and those that are free to say what they like."""

import pytest

from tests.notes.marked import assert_as_marked

TWO_LAYERS = r"""
R | net_j = \sum_i w_{ij} x_i
R | o_j = \sigma(net_j)
R | net_k = \sum_j w_{jk} o_j
R | o_k = \sigma(net_k)
R | E = \frac{1}{2} \sum_k (t_k - o_k)^2
R | \delta_k = (t_k - o_k) o_k (1 - o_k)
"""
VECTORS = r"""
R | z_1 = W_1 x
R | a_1 = \tanh(z_1)
R | z_2 = W_2 a_1
R | L = \frac12 \|z_2 - t\|^2
R | \delta_2 = z_2 - t
"""
MEMORY = r"""
R | g_t = \nabla_\theta J(\theta_{t-1})
R | v_t = \gamma v_{t-1} + \eta g_t
R | m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t
"""
LINEAR_OUTPUT = r"""
R | z^{(1)} = W^{(1)} x + b^{(1)}
R | a^{(1)} = \tanh(z^{(1)})
R | a^{(2)} = W^{(2)} a^{(1)} + b^{(2)}
R | L = \frac12 \|a^{(2)} - y\|^2
R | \delta^{(2)} = a^{(2)} - y
"""
NOTES = {
    "after a linear output a signal is a slope by z": LINEAR_OUTPUT
    + r"""
R | \delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot (1 - (a^{(1)})^2)
R | \frac{\partial L}{\partial W^{(1)}} = \delta^{(1)} x^T
""",
    "or one by the output of a layer": LINEAR_OUTPUT
    + r"""
R | \delta^{(1)} = (W^{(2)})^T \delta^{(2)}
R | \frac{\partial L}{\partial b^{(1)}} = \delta^{(1)} \odot (1 - (a^{(1)})^2)
W | \frac{\partial L}{\partial b^{(1)}} = \delta^{(1)}
""",
    "but not one that is neither": LINEAR_OUTPUT
    + r"""
W | \delta^{(1)} = W^{(2)} \delta^{(2)} \odot (1 - (a^{(1)})^2)
""",
    "an error signal with its sum": TWO_LAYERS
    + r"""
R | \delta_j = o_j (1 - o_j) \sum_k \delta_k w_{jk}
R | \frac{\partial E}{\partial w_{ij}} = -\delta_j x_i
""",
    "one without, and what follows from it is right": TWO_LAYERS
    + r"""
W | \delta_j = o_j (1 - o_j) \delta_k w_{jk}
R | \frac{\partial E}{\partial w_{ij}} = -\delta_j x_i
""",
    "a matrix that is not transposed": VECTORS
    + r"""
W | \delta_1 = W_2 \delta_2 \odot (1 - a_1^2)
R | \frac{\partial L}{\partial W_1} = \delta_1 x^T
""",
    "an error signal of the activation, as the output is its own": VECTORS
    + r"""
R | a_2 = z_2
R | \delta_1 = W_2^T \delta_2
R | \frac{\partial L}{\partial W_1} = (\delta_1 \odot (1 - a_1^2)) x^T
""",
    "a step along an average": MEMORY + r"R | \theta_t = \theta_{t-1} - v_t",
    "a step uphill": MEMORY + r"W | \theta_t = \theta_{t-1} + v_t",
    "an average that goes downhill itself": r"""
R | v_{t+1} = \mu v_t - \epsilon \nabla_\theta J(\theta_t)
R | \theta_{t+1} = \theta_t + v_{t+1}
""",
    "a corrected average": MEMORY + r"R | \hat m_t = \frac{m_t}{1 - \beta_1^t}",
    "one that is always corrected alike": MEMORY + r"W | \hat m_t = \frac{m_t}{1 - \beta_1}",
    "a matrix that is no small letter": r"""
R | \hat y = m x + b
R | J(m, b) = \frac{1}{N} \sum_{i=1}^N (y_i - (m x_i + b))^2
# Normal equations
NR | \hat y = X \theta
NR | J = \frac{1}{N} \|X \theta - y\|^2
NW | \nabla_\theta J = \frac{2}{N} X (X \theta - y)
""",
}


@pytest.mark.parametrize("title", NOTES)
def test_formulas(title):
    assert_as_marked(NOTES[title])
