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
