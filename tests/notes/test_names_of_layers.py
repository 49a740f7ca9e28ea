r"""What names say of a network in layers: costs of one example, units from 0, each layer's own activation."""

import pytest

from autograd import check_notes

from .marked import assert_as_marked


def test_a_cost_that_is_said_to_depend_on_the_outputs():
    assert_as_marked(
        r"""
        R | C = \frac1n \sum_x C_x
        R | z^l = w^l a^{l-1} + b^l
        R | a^l = \sigma(z^l)
        R | C_x = C(a^L)
        R | C_x = \frac12 \|y - a^L\|^2 = \frac12 \sum_j (y_j - a^L_j)^2
        R | \delta^L = \nabla_{a^L} C \odot \sigma'(z^L)
        R | \delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)
        W | \delta^l = (w^{l+1} \delta^{l+1}) \odot \sigma'(z^l)
        R | \partial C / \partial w^l_{jk} = a^{l-1}_k \delta^l_j
        W | \partial C / \partial w^l_{jk} = a^l_k \delta^l_j
        """
    )


def test_a_softmax_behind_layers_has_as_many_units_as_they():
    assert_as_marked(
        r"""
        R | z^l = w^l a^{l-1} + b^l
        R | a^l = \tanh(z^l)
        R | a^L_j = \frac{e^{z^L_j}}{\sum_k e^{z^L_k}}
        R | C = -\sum_j y_j \ln a^L_j
        The targets are one-hot.
        R | \frac{\partial C}{\partial z^L} = a^L - y
        W | \frac{\partial C}{\partial z^L} = y - a^L
        R | \frac{\partial C}{\partial w^L_{jk}} = a^{L-1}_k (a^L_j - y_j)
        W | \frac{\partial C}{\partial w^L_{jk}} = a^{L-1}_j (a^L_k - y_k)
        """
    )


def test_units_from_0_to_n_less_1_where_n_is_another_name_of_their_number():
    assert_as_marked(
        r"""
        R | w_{i,j}^{(L)} \in \mathbb{R}
        R | n = n_{L-1}
        R | z_i^{(L)} = \sum_{j=0}^{n-1} w_{i,j}^{(L)} a_j^{(L-1)} + b_i^{(L)}
        R | a_i^{(L)} = \sigma(z_i^{(L)})
        R | C_x = \sum_{i=0}^{n_L-1} (a_i^{(L)} - y_i)^2
        R | \frac{\partial C_x}{\partial w_{i,j}^{(L)}} = 2 (a_i^{(L)} - y_i) \sigma'(z_i^{(L)}) a_j^{(L-1)}
        W | \frac{\partial C_x}{\partial w_{i,j}^{(L)}} = 2 (a_i^{(L)} - y_i) \sigma'(z_i^{(L)}) a_i^{(L-1)}
        R | \frac{\partial C_x}{\partial a_j^{(L-1)}} = \sum_{i=0}^{n_L-1} \frac{dC_x}{dz_i^{(L)}} w_{ij}^L
        """
    )


@pytest.mark.parametrize(
    ("slope", "right"), [("f_l'(u_j^l)", True), ("f_{l-1}'(u_j^l)", False), ("f_l(u_j^l)", False)]
)
def test_each_layer_has_an_activation_of_its_own(slope, right):
    notes = r"$u_j^l = \sum_i w_{ij}^l y_i^{l-1}$, $y_j^l = f_l(u_j^l)$. "
    claim = check_notes(notes + rf"$\frac{{\partial y_j^l}}{{\partial u_j^l}} = {slope}$").claims[-1]
    assert (claim.verdict == "right") is right


def test_what_a_name_is_an_element_of_is_not_what_it_is():
    notes = r"Let $b \in \mathbb{R}$ and $w \in \mathbb{R}$. $z = w x + b$. $\frac{\partial z}{\partial w} = "
    assert [check_notes(notes + end).claims[-1].verdict for end in ("x$", "w$")] == ["right", "wrong"]


def test_the_index_of_a_weight_numbers_no_rows():
    assert_as_marked(
        r"""
        R | z_i^l = \sum_j w_{ij}^l a_j^{l-1}
        R | a_i^l = \sigma(z_i^l)
        R | C = \frac12 \sum_i (a_i^L - y_i)^2
        R | Z^l = W^l A^{l-1}
        R | A_i^l = \sigma(Z_i^l)
        R | \delta_i^l = \frac{\partial C}{\partial z_i^l}
        R | \frac{\partial C}{\partial a_j^{L-1}} = \sum_i \delta_i^L w_{ij}^L
        W | \frac{\partial C}{\partial a_j^{L-1}} = \sum_i \delta_i^L w_{ji}^L
        """
    )


def test_a_row_of_what_comes_out_is_no_second_output():
    assert_as_marked(
        r"""
        R | y_i = \gamma \cdot \hat{x}_i + \beta
        where $\gamma, \beta \in \mathbb{R}^{1 \times D}$ are parameters.
        R | Y = \gamma \odot \hat{X} + \beta
        We are given $\frac{\partial J}{\partial Y} \in \mathbb{R}^{N \times D}$.
        R | \frac{\partial J}{\partial \gamma} = \sum_i \frac{\partial J}{\partial y_i} \odot \hat{x}_i
        W | \frac{\partial J}{\partial \gamma} = \sum_i \frac{\partial J}{\partial y_i}
        R | \frac{\partial J}{\partial \beta} = \sum_i \frac{\partial J}{\partial y_i}
        """
    )


def test_functions_that_are_told_apart_by_a_letter_for_what_they_make():
    assert_as_marked(
        r"""
        R | s_t = f_s(s_{t-1}, x_t)
        R | y_t = f_o(s_t)
        R | s_t = f_s(V x_t + W s_{t-1})
        R | z_t = V x_t + W s_{t-1}
        R | s_t = f_s(z_t)
        R | \frac{\partial s_t}{\partial s_{t-1}} = W f_s'(z_t)
        W | \frac{\partial s_t}{\partial s_{t-1}} = V f_s'(z_t)
        NW | \frac{\partial s_t}{\partial s_{t-1}} = W f_o'(z_t)
        """
    )


def test_the_last_layer_is_numbered_by_how_many_there_are():
    assert_as_marked(
        r"""
        R | z_i^{(l+1)} = \sum_{j=1}^{s_l} W^{(l)}_{ij} a_j^{(l)} + b^{(l)}_i
        R | a^{(l)}_i = f(z^{(l)}_i)
        R | h_{W,b}(x) = a^{(n_l)} = f(z^{(n_l)})
        R | J(W,b;x,y) = \frac{1}{2} \|h_{W,b}(x) - y\|^2
        R | \delta_i^{(l)} = \frac{\partial J}{\partial z_i^{(l)}}
        R | \delta^{(n_l)}_i = -(y_i - a^{(n_l)}_i) f'(z^{(n_l)}_i)
        W | \delta^{(n_l)}_i = (y_i - a^{(n_l)}_i) f'(z^{(n_l)}_i)
        R | \delta^{(l)}_i = ( \sum_{j=1}^{s_{l+1}} W^{(l)}_{ji} \delta^{(l+1)}_j ) f'(z^{(l)}_i)
        W | \delta^{(l)}_i = ( \sum_{j=1}^{s_{l+1}} W^{(l)}_{ij} \delta^{(l+1)}_j ) f'(z^{(l)}_i)
        R | \delta^{(n_l-1)}_i = ( \sum_{j} W^{(n_l-1)}_{ji} \delta^{(n_l)}_j ) f'(z^{(n_l-1)}_i)
        W | \delta^{(n_l-1)}_i = ( \sum_{j} W^{(n_l)}_{ji} \delta^{(n_l)}_j ) f'(z^{(n_l-1)}_i)
        R | \frac{\partial}{\partial W_{ij}^{(l)}} J(W,b;x,y) = a^{(l)}_j \delta_i^{(l+1)}
        W | \frac{\partial}{\partial W_{ij}^{(l)}} J(W,b;x,y) = a^{(l)}_i \delta_j^{(l+1)}
        """
    )


def test_units_of_layers_with_an_index_of_the_pattern():
    assert_as_marked(
        r"""
        R | E_p = \frac12 \sum_j (t_{pj} - o_{pj})^2
        R | net_{pj} = \sum_i w_{ji} o_{pi}
        R | o_{pj} = f_j(net_{pj})
        R | \partial net_{pj}/\partial w_{ji} = \frac{\partial}{\partial w_{ji}}\sum_k w_{jk} o_{pk} = o_{pi}
        W | \partial net_{pj}/\partial w_{ji} = \frac{\partial}{\partial w_{ji}}\sum_k w_{jk} o_{pk} = o_{pj}
        R | \delta_{pj} = -\frac{\partial E_p}{\partial net_{pj}}
        R | \delta_{pj} = (t_{pj} - o_{pj}) f'_j(net_{pj})
        W | \delta_{pj} = (t_{pj} - o_{pj}) f_j(net_{pj})
        """
    )


def test_one_layer_and_then_two_with_the_same_letters():
    assert_as_marked(
        r"""
        # One layer
        R | y_k = \sum_i w_{ki} x_i
        R | E_n = \frac12 \sum_k (y_k - t_k)^2

        # Any network
        R | a_j = \sum_i w_{ji} z_i
        R | z_j = h(a_j)
        R | \delta_j = \frac{\partial E_n}{\partial a_j}
        R | \frac{\partial a_j}{\partial w_{ji}} = z_i

        # Two layers, with linear outputs
        R | y_k = a_k
        R | E_n = \frac12 \sum_{k=1}^K (y_k - t_k)^2
        R | a_j = \sum_{i=0}^D w_{ji}^{(1)} x_i
        RA | z_j = \tanh(a_j)
        R | y_k = \sum_{j=0}^M w_{kj}^{(2)} z_j
        R | \delta_k = y_k - t_k
        R | \delta_j = (1 - z_j^2) \sum_{k=1}^K w_{kj}^{(2)} \delta_k
        W | \delta_j = (1 - z_j) \sum_{k=1}^K w_{kj}^{(2)} \delta_k
        R | \frac{\partial E_n}{\partial w_{ji}^{(1)}} = \delta_j x_i
        """
    )


def test_activations_by_entries_and_then_as_vectors_of_a_weighted_input():
    assert_as_marked(
        r"""
        R | a^l_j = \sigma(\sum_k w^l_{jk} a^{l-1}_k + b^l_j)
        R | a^l = \sigma(w^l a^{l-1} + b^l)
        R | z^l = w^l a^{l-1} + b^l
        R | C = \frac12 \sum_j (y_j - a^L_j)^2
        R | \delta^l_j = \frac{\partial C}{\partial z^l_j}
        R | \delta^L = (a^L - y) \odot \sigma'(z^L)
        R | \delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)
        W | \delta^l = ((w^l)^T \delta^{l+1}) \odot \sigma'(z^l)
        """
    )


@pytest.mark.parametrize(
    ("mark", "formula"),
    [
        ("R", r"(\Theta^{(2)})^T \delta^{(3)} .* g'(z^{(2)})"),
        ("W", r"(\Theta^{(2)})^T \delta^{(3)} .* g'(z^{(3)})"),
        ("W", r"\Theta^{(2)} \delta^{(3)} .* g'(z^{(2)})"),
    ],
)
def test_error_signals_of_one_example_of_a_mean_that_is_regularised(mark, formula):
    """The letter i counts the examples, and further on the units."""
    assert_as_marked(
        r"""
        R | J = -\frac1m \sum_{i=1}^m \sum_{k=1}^K [y_k^{(i)} \log(h_\Theta(x^{(i)}))_k
            + (1 - y_k^{(i)}) \log(1 - (h_\Theta(x^{(i)}))_k)]
            + \frac{\lambda}{2m} \sum_{l=1}^{L-1} \sum_{i=1}^{s_l} \sum_{j=1}^{s_{l+1}} (\Theta_{j,i}^{(l)})^2
        R | a^{(1)} = x
        R | z^{(2)} = \Theta^{(1)} a^{(1)}
        R | a^{(2)} = g(z^{(2)})
        R | z^{(3)} = \Theta^{(2)} a^{(2)}
        R | a^{(3)} = h_\Theta(x) = g(z^{(3)})
        R | g(z) = \frac{1}{1 + e^{-z}}
        R | \delta^{(3)} = a^{(3)} - y
        MARK | \delta^{(2)} = FORMULA
        """.replace("\n            +", " +")
        .replace("MARK", mark)
        .replace("FORMULA", formula)
    )
