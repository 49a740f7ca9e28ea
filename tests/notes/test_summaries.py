"""Summaries: the general equations of backpropagation by themselves, as books and courses write them."""

import pytest

from autograd.notes.checking import check_notes

from .marked import assert_as_marked

COLUMNS = r"""
R | \delta^{(l)} = \left( (W^{(l+1)})^T \delta^{(l+1)} \right) \odot f'(z^{(l)})
R | \frac{∂L}{∂W^{(l)}} = \delta^{(l)} (a^{(l-1)})^T, \qquad \frac{∂L}{∂b^{(l)}} = \delta^{(l)}
"""
ROWS = r"""
R | \delta_l = \delta_{l+1} W_{l+1}^\top \odot \phi'(z_l)
R | \frac{∂L}{∂W_l} = h_{l-1}^\top \delta_l, \quad \frac{∂L}{∂b_l} = \delta_l
"""
FOUR_EQUATIONS = r"""
R | \delta^L = \nabla_a C \odot \sigma'(z^L)
R | \delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)
R | \frac{∂C}{∂b^l_j} = \delta^l_j
R | \frac{∂C}{∂w^l_{jk}} = a^{l-1}_k \delta^l_j
"""
SHORT_SLOPES = r"""
R | dz^{[l]} = da^{[l]} * g'(z^{[l]})
R | dW^{[l]} = dz^{[l]} a^{[l-1]T}
R | db^{[l]} = dz^{[l]}
R | da^{[l-1]} = W^{[l]T} dz^{[l]}
"""
A_BATCH = r"""
R | dZ^{[l]} = dA^{[l]} * g'(Z^{[l]})
R | dW^{[l]} = \frac1m dZ^{[l]} A^{[l-1]T}
R | db^{[l]} = \frac1m \sum_{i=1}^m dZ^{[l](i)}
R | dA^{[l-1]} = W^{[l]T} dZ^{[l]}
"""
SUMMARIES = {
    COLUMNS: [(r"(W^{(l+1)})^T", r"W^{(l+1)}"), ("(a^{(l-1)})^T", "(a^{(l)})^T")],
    ROWS: [(r"W_{l+1}^\top", "W_{l+1}"), (r"h_{l-1}^\top", r"h_l^\top"), (r" \odot \phi'(z_l)", "")],
    FOUR_EQUATIONS: [(r"((w^{l+1})^T", "(w^{l+1}"), ("a^{l-1}_k", "a^l_k")],
    SHORT_SLOPES: [("a^{[l-1]T}", "a^{[l]T}"), ("W^{[l]T}", "W^{[l]}"), (" * g'(z^{[l]})", "")],
    A_BATCH: [("A^{[l-1]T}", "A^{[l]T}"), ("W^{[l]T}", "W^{[l]}"), (" * g'(Z^{[l]})", "")],
}  # fmt: skip
SAID = {
    "": list(SUMMARIES),
    r"R | z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}, a^{(l)} = f(z^{(l)})": [COLUMNS],
    r"R | z_l = h_{l-1} W_l + b_l, h_l = \phi(z_l)": [ROWS],
    r"R | z^l = w^l a^{l-1} + b^l, a^l = \sigma(z^l)": [FOUR_EQUATIONS],
    r"R | z^{[l]} = W^{[l]} a^{[l-1]} + b^{[l]}, a^{[l]} = g(z^{[l]})": [SHORT_SLOPES],
    r"R | Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}, A^{[l]} = g(Z^{[l]})": [A_BATCH],
    r"""
R | Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}, A^{[l]} = g(Z^{[l]})
R | J = -\frac1m \sum_{i=1}^m (y^{(i)} \log a^{[L](i)} + (1 - y^{(i)}) \log(1 - a^{[L](i)}))
""": [A_BATCH],
}


@pytest.mark.parametrize(("said", "summary"), [(s, x) for s, found in SAID.items() for x in found])
def test_a_summary_is_right_and_a_slip_in_it_is_found(said: str, summary: str) -> None:
    """Whether or not it is said what a layer computes, and what the loss is."""
    assert_as_marked(said + summary)
    for right, wrong in SUMMARIES[summary]:
        assert summary.count(right) == 1
        if not said and "'(" in right:
            continue  # then nothing speaks of an activation
        before, _, after = summary.partition(right)
        lines, _, line = before.rpartition("R | ")
        assert_as_marked(f"{said}{lines}W | {line}{wrong}{after}")


def test_it_is_said_what_layers_were_taken_to_compute() -> None:
    formulas = (line.partition(" | ")[2] for line in COLUMNS.strip().splitlines())
    report = check_notes("\n\n".join(f"$${formula}$$" for formula in formulas))
    assert (
        "layers are computed as usual: $z^{l} = W^{l} a^{l-1} + b^{l}$ and $a^{l} = f(z^{l})$"
        in report.conventions
    )


def test_what_is_0_on_both_sides_is_not_right() -> None:
    """Where a loss does not depend on what a short slope is by, the formula says nothing."""
    assert_as_marked(r"""
        R | z^{[l]} = W^{[l]} a^{[l-1]}, a^{[l]} = g(z^{[l]}), L = (u - y)^2
        N | dz^{[l]} = W^{[l+1]T} dz^{[l+1]}
    """)


NUMBERS_FIRST = r"""
R | z_1 = w_1 x + b_1 = 0.5 \cdot 2 + 0.1 = 1.1
R | a_1 = \sigma(z_1)
R | z_2 = w_2 a_1 + b_2, a_2 = \sigma(z_2), L = \frac12 (a_2 - y)^2
R | \frac{∂L}{∂w_2} = (a_2 - y) \sigma'(z_2) a_1
In general
"""


def test_general_formulas_after_a_network_in_numbers_are_read_by_themselves() -> None:
    of_two_layers = r"""
        R | z^{(1)} = W^{(1)} x, a^{(1)} = f(z^{(1)})
        R | z^{(2)} = W^{(2)} a^{(1)}, L = \frac12 \|z^{(2)} - y\|^2
    """
    for network in (NUMBERS_FIRST, of_two_layers):
        assert_as_marked(network + COLUMNS)
        assert_as_marked(network + COLUMNS.replace("R |", "W |", 1).replace("(W^{(l+1)})^T", "W^{(l+1)}"))


def test_the_classes_of_a_vector_are_as_many_as_its_entries() -> None:
    assert_as_marked(r"""
        R | p_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}
        R | L = -\sum_k t_k \ln p_k
        R | \mathbf z = W \mathbf x + \mathbf b
        R | \nabla_{\mathbf z} L = \mathbf p - \mathbf t
        W | \nabla_{\mathbf b} L = \mathbf t - \mathbf p
        R | \nabla_W L = (\mathbf p - \mathbf t) \mathbf x^\top
        R | \nabla_{\mathbf x} L = W^\top (\mathbf p - \mathbf t)
    """)
