"""Networks in layers, as the books write them: each note is right, and a slip is found, and nothing else.

The slips are those that people make: a prime forgotten, weights not transposed, the layer before, a sign.
"""

from __future__ import annotations

import pytest

from autograd.notes.checking import check_notes

from .marked import assert_as_marked

VECTORS_AND_ENTRIES = r"""
$a_j^l = \sigma(\sum_k w_{jk}^l a_k^{l-1} + b_j^l)$, or $a^l = \sigma(z^l)$ with $z^l = w^l a^{l-1} + b^l$.
The cost is $C = \frac12 \|y - a^L\|^2$, and $\delta_j^l = \frac{\partial C}{\partial z_j^l}$.

$$\delta_j^L = \frac{\partial C}{\partial a_j^L} \sigma'(z_j^L)$$

$$\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)$$

$$\delta_j^L = \sum_k \frac{\partial C}{\partial a_k^L} \frac{\partial a_k^L}{\partial z_j^L}$$

$$z_k^{l+1} = \sum_j w_{kj}^{l+1} a_j^l + b_k^{l+1}$$

$$\delta_j^l = \sum_k w_{kj}^{l+1} \delta_k^{l+1} \sigma'(z_j^l)$$
"""

ENTRIES_AND_CAPITALS = r"""
$z_i^{(l)} = \sum_j w_{ij}^{(l)} a_j^{(l-1)} + b_i^{(l)}$ and $a_i^{(l)} = \sigma(z_i^{(l)})$,
with $a_j^{(0)} = x_j$. The cost is $J = \frac12 \sum_i (a_i^{(L)} - y_i)^2$. Let
$\delta_i^{(l)} = \frac{\partial J}{\partial z_i^{(l)}}$.

$$\delta_j^{(l)} = \sigma'(z_j^{(l)}) \sum_i w_{ij}^{(l+1)} \delta_i^{(l+1)}$$

$$\frac{\partial J}{\partial w_{ij}^{(l)}} = \delta_i^{(l)} a_j^{(l-1)}$$

In vectors $z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}$, $a^{(l)} = \sigma(z^{(l)})$ and

$$\delta^{(L)} = (a^{(L)} - y) \odot \sigma'(z^{(L)})$$
"""

ANOTHER_LOSS = r"""
## Quadratic cost

$z_j = \sum_k w_{jk} x_k + b_j$, $a_j = \sigma(z_j)$ and $C = \frac12 \sum_j (y_j - a_j)^2$.

$$\frac{\partial C}{\partial z_j} = (a_j - y_j) \sigma'(z_j)$$

## Cross-entropy

Take $C = -\sum_j [ y_j \ln a_j + (1 - y_j) \ln (1 - a_j) ]$ instead. Then

$$\frac{\partial C}{\partial z_j} = a_j - y_j$$

$$\frac{\partial C}{\partial w_{jk}} = (a_j - y_j) x_k$$
"""

LETTERS_OF_LAYERS = r"""
## One linear unit

$o = \sum_i w_i x_i$, $E = \frac12 (t - o)^2$

$$\frac{\partial E}{\partial w_i} = -(t - o) x_i$$

## A hidden layer

$net_j = \sum_i w_{ji} x_i$, $h_j = \sigma(net_j)$, $net_k = \sum_j w_{kj} h_j$ and $o_k = \sigma(net_k)$.
Now $E = \frac12 \sum_k (t_k - o_k)^2$, and $\delta_k = -\frac{\partial E}{\partial net_k}$.

$$\delta_j = h_j (1 - h_j) \sum_k w_{kj} \delta_k$$

$$\Delta w_{ji} = \eta \delta_j x_i$$

$$w_{ji} \leftarrow w_{ji} + \Delta w_{ji}$$

$$\frac{\partial E}{\partial w_{kj}} = -(t_k - o_k) o_k (1 - o_k) h_j$$
"""

SIGNALS_OF_TWO_LAYERS = r"""
$a_j^{(1)} = \sum_i w_{ji}^{(1)} x_i$, $z_j = h(a_j^{(1)})$, $a_k^{(2)} = \sum_j w_{kj}^{(2)} z_j$ and
$E = \frac12 \sum_k (a_k^{(2)} - t_k)^2$. Define $\delta_k = \frac{\partial E}{\partial a_k^{(2)}}$ and
$\delta_j = \frac{\partial E}{\partial a_j^{(1)}}$.

$$\delta_j = h'(a_j^{(1)}) \sum_k w_{kj}^{(2)} \delta_k$$

$$\frac{\partial E}{\partial w_{ji}^{(1)}} = \delta_j x_i, \qquad
\frac{\partial E}{\partial w_{kj}^{(2)}} = \delta_k z_j$$
"""

ONE_UNIT_THEN_MANY = r"""
$a^{(L)} = \sigma(z^{(L)})$, $z^{(L)} = w^{(L)} a^{(L-1)} + b^{(L)}$, $C_0 = (a^{(L)} - y)^2$

$$\frac{\partial C_0}{\partial a^{(L-1)}} = \frac{\partial z^{(L)}}{\partial a^{(L-1)}}
\frac{\partial a^{(L)}}{\partial z^{(L)}} \frac{\partial C_0}{\partial a^{(L)}}$$

$$\frac{\partial C_0}{\partial w^{(L)}} = a^{(L-1)} \sigma'(z^{(L)}) 2 (a^{(L)} - y)$$

With more units $z_j^{(L)} = \sum_k w_{jk}^{(L)} a_k^{(L-1)} + b_j^{(L)}$, $a_j^{(L)} = \sigma(z_j^{(L)})$ and
$C_0 = \sum_{j=0}^{n_L - 1} (a_j^{(L)} - y_j)^2$.

$$\frac{\partial C_0}{\partial a_k^{(L-1)}} =
\sum_{j=0}^{n_L - 1} w_{jk}^{(L)} \sigma'(z_j^{(L)}) 2 (a_j^{(L)} - y_j)$$
"""

UNITS_OF_LAYERS = r"""
$z_j^{(l)} = \sum_{k=1}^{n_{l-1}} w_{jk}^{(l)} a_k^{(l-1)}$, $a_j^{(l)} = \sigma(z_j^{(l)})$,
$C = \frac12 \sum_{j=1}^{n_L} (a_j^{(L)} - y_j)^2$

$$\delta_j^{(l)} = \frac{\partial C}{\partial z_j^{(l)}} =
\sigma'(z_j^{(l)}) \sum_{k=1}^{n_{l+1}} w_{kj}^{(l+1)} \delta_k^{(l+1)}$$
"""

SLOPES_OF_LAYERS = r"""
$z^{[l]} = W^{[l]} a^{[l-1]} + b^{[l]}$, $a^{[l]} = g(z^{[l]})$, $L = \frac12 \|a^{[L]} - y\|^2$

$$dW^{[l]} = dz^{[l]} a^{[l-1]T}$$

$$db^{[l]} = dz^{[l]}$$

$$da^{[l-1]} = W^{[l]T} dz^{[l]}$$

$$dz^{[l]} = (W^{[l+1]T} dz^{[l+1]}) \odot g'(z^{[l]})$$
"""

NUMBERS_FOR_ENTRIES = r"""
$t = (1, 0)$, $z^{(1)} = W^{(1)} x + b^{(1)}$, $h = \tanh(z^{(1)})$,
$z^{(2)} = W^{(2)} h + b^{(2)}$, $y = \tanh(z^{(2)})$ and $E = \frac12 \sum_k (y_k - t_k)^2$.

$$z_1^{(2)} = 0.7 \cdot (-0.3004) - 0.1 \cdot 0.4777 + 0.05 \approx -0.2081$$

$$y_1 = \tanh(-0.2081) \approx -0.2051$$

$$\delta_k^{(2)} = \frac{\partial E}{\partial z_k^{(2)}} = (y_k - t_k)(1 - y_k^2)$$

$$\delta_j^{(1)} = (1 - h_j^2) \sum_{k=1}^{2} W_{kj}^{(2)} \delta_k^{(2)}$$

$$\frac{\partial E}{\partial W_{kj}^{(2)}} = \delta_k^{(2)} h_j$$

$$\frac{\partial E}{\partial W_{ji}^{(1)}} = \delta_j^{(1)} x_i$$
"""

ONE_EXAMPLE_THEN_ALL = r"""
One example:
$z^{[1]} = W^{[1]} x + b^{[1]}$, $a^{[1]} = \tanh(z^{[1]})$, $z^{[2]} = W^{[2]} a^{[1]} + b^{[2]}$,
$a^{[2]} = \sigma(z^{[2]})$ and
$\mathcal{L}(a^{[2]}, y) = -y \log a^{[2]} - (1 - y) \log (1 - a^{[2]})$.

$$dz^{[2]} = a^{[2]} - y$$

$$dW^{[2]} = dz^{[2]} a^{[1]T}$$

$$dz^{[1]} = W^{[2]T} dz^{[2]} * (1 - a^{[1]} * a^{[1]})$$

All of them:
$Z^{[1]} = W^{[1]} X + b^{[1]}$, $A^{[1]} = \tanh(Z^{[1]})$, $Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}$,
$A^{[2]} = \sigma(Z^{[2]})$ and $J = \frac{1}{m} \sum_{i=1}^{m} \mathcal{L}(a^{[2](i)}, y^{(i)})$.

$$dZ^{[2]} = A^{[2]} - Y$$

$$dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}$$

$$dZ^{[1]} = W^{[2]T} dZ^{[2]} * (1 - A^{[1]} * A^{[1]})$$

$$dW^{[1]} = \frac{1}{m} dZ^{[1]} X^T$$
"""

ALL_EXAMPLES_THEN_ONE = r"""
$Z^{[1]} = W^{[1]} X + b^{[1]}$, $A^{[1]} = \tanh(Z^{[1]})$, $Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}$,
$A^{[2]} = \sigma(Z^{[2]})$,
$J = -\frac{1}{m} \sum_{i=1}^{m} [y^{(i)} \log a^{[2](i)} + (1 - y^{(i)}) \log(1 - a^{[2](i)})]$

For one of them $L = -[y \log a^{[2]} + (1 - y) \log(1 - a^{[2]})]$, so

$$\frac{\partial L}{\partial a^{[2]}} = -\frac{y}{a^{[2]}} + \frac{1 - y}{1 - a^{[2]}}$$

$$\frac{\partial L}{\partial W^{[2]}} = (a^{[2]} - y) a^{[1]T}$$

and for all

$$dZ^{[2]} = A^{[2]} - Y$$

$$dZ^{[1]} = W^{[2]T} dZ^{[2]} * (1 - (A^{[1]})^2)$$

$$dW^{[1]} = \frac{1}{m} dZ^{[1]} X^T$$

$$db^{[1]} = \frac{1}{m} \sum_{i=1}^{m} dZ^{[1](i)}$$
"""

A_LOSS_ONLY_NAMED = r"""
$z = W^{(1)} x$, $h = \phi(z)$, $o = W^{(2)} h$, $L = l(o, y)$,
$s = \frac{\lambda}{2} (\|W^{(1)}\|_F^2 + \|W^{(2)}\|_F^2)$ and $J = L + s$.

$$\frac{\partial J}{\partial W^{(2)}} = \frac{\partial J}{\partial o} h^\top + \lambda W^{(2)}$$

$$\frac{\partial J}{\partial h} = {W^{(2)}}^\top \frac{\partial J}{\partial o}$$

$$\frac{\partial J}{\partial z} = \frac{\partial J}{\partial h} \odot \phi'(z)$$

$$\frac{\partial J}{\partial W^{(1)}} = \frac{\partial J}{\partial z} x^\top + \lambda W^{(1)}$$
"""

NOTES = {
    A_LOSS_ONLY_NAMED: [
        (r"h^\top + \lambda W^{(2)}", r"h^\top + \lambda W^{(1)}"),
        (r"\odot \phi'(z)", r"\odot \phi(z)"),
    ],
    ONE_EXAMPLE_THEN_ALL: [
        ("= a^{[2]} - y$", "= y - a^{[2]}$"),
        ("= dz^{[2]} a^{[1]T}", "= dz^{[2]} a^{[2]T}"),
        (r"\frac{1}{m} dZ^{[2]} A^{[1]T}", "dZ^{[2]} A^{[1]T}"),
    ],
    ALL_EXAMPLES_THEN_ONE: [
        (r"-\frac{y}{a^{[2]}} +", r"-\frac{y}{a^{[2]}} -"),
        ("(1 - (A^{[1]})^2)", "(1 - A^{[1]})"),
        (r"\frac{1}{m} dZ^{[1]} X^T", "dZ^{[1]} X^T"),
    ],
    VECTORS_AND_ENTRIES: [
        (r"a_j^L} \sigma'(z_j^L)", r"a_j^L} \sigma(z_j^L)"),
        (r"((w^{l+1})^T \delta^{l+1})", r"(w^{l+1} \delta^{l+1})"),
        (r"\sum_k w_{kj}^{l+1} \delta_k", r"\sum_k w_{jk}^{l+1} \delta_k"),
    ],
    ENTRIES_AND_CAPITALS: [
        (r"\delta_i^{(l)} a_j^{(l-1)}", r"\delta_i^{(l)} a_j^{(l)}"),
        (r"\sum_i w_{ij}^{(l+1)} \delta", r"\sum_i w_{ji}^{(l+1)} \delta"),
        (r"(a^{(L)} - y) \odot", r"(y - a^{(L)}) \odot"),
    ],
    ANOTHER_LOSS: [
        ("= a_j - y_j$", "= y_j - a_j$"),
        ("(a_j - y_j) x_k", "(a_j - y_j) x_j"),
        (r"(a_j - y_j) \sigma'(z_j)", r"(a_j - y_j) \sigma(z_j)"),
    ],
    LETTERS_OF_LAYERS: [
        ("= -(t - o) x_i", "= (t - o) x_i"),
        (r"\sum_k w_{kj} \delta_k", r"w_{kj} \delta_k"),
        (r"= \eta \delta_j x_i", r"= -\eta \delta_j x_i"),
        ("o_k (1 - o_k) h_j", "o_k (1 - o_k) x_i"),
    ],
    SIGNALS_OF_TWO_LAYERS: [
        (r"h'(a_j^{(1)})", r"h(a_j^{(1)})"),
        (r"\sum_k w_{kj}^{(2)} \delta_k", r"\sum_k w_{jk}^{(2)} \delta_k"),
    ],
    ONE_UNIT_THEN_MANY: [
        (r"= a^{(L-1)} \sigma'(z^{(L)}) 2", r"= a^{(L)} \sigma'(z^{(L)}) 2"),
        (r"w_{jk}^{(L)} \sigma'(z_j^{(L)}) 2", r"w_{jk}^{(L)} \sigma(z_j^{(L)}) 2"),
    ],
    UNITS_OF_LAYERS: [(r"w_{kj}^{(l+1)} \delta", r"w_{jk}^{(l+1)} \delta")],
    SLOPES_OF_LAYERS: [
        ("dz^{[l]} a^{[l-1]T}", "dz^{[l]} a^{[l]T}"),
        (r"\odot g'(z^{[l]})", r"\odot g(z^{[l]})"),
    ],
    NUMBERS_FOR_ENTRIES: [
        ("W_{kj}^{(2)} \\delta_k^{(2)}$", "W_{jk}^{(2)} \\delta_k^{(2)}$"),
        ("(1 - y_k^2)", "(1 - y_k)"),
    ],
}


@pytest.mark.parametrize("note", NOTES)
def test_all_of_it_is_right(note: str) -> None:
    found = [(claim.latex, claim.verdict, claim.reason) for claim in check_notes(note).claims]
    assert [x for x in found if x[1] != "right"] == []


@pytest.mark.parametrize(
    ("note", "right", "wrong"), [(n, *slip) for n, slips in NOTES.items() for slip in slips]
)
def test_a_slip_is_found_and_mended(note: str, right: str, wrong: str) -> None:
    assert note.count(right) == 1
    claims = check_notes(note.replace(right, wrong)).claims
    accused = [claim for claim in claims if claim.verdict == "wrong" and not claim.follows_from]
    assert [wrong.strip("$= ") in claim.latex for claim in accused] == [True]
    assert accused[0].repair is not None


def test_derivatives_that_lie_are_not_accused_of_it() -> None:
    note = r"""
$z = Wx + b_1$, $h = \text{ReLU}(z)$, $\theta = Uh + b_2$, $\hat{y} = \text{softmax}(\theta)$,
$J = -\sum_i y_i \log \hat{y}_i$,
$\delta_1 = \frac{\partial J}{\partial \theta}$, $\delta_2 = \frac{\partial J}{\partial z}$

$$\delta_1 = (\hat{y} - y)^T$$

$$\frac{\partial J}{\partial U} = \delta_1^T h^T$$

$$\frac{\partial J}{\partial W} = \delta_2^T x^T$$

$$\frac{\partial J}{\partial x} = (\delta_2 W)^T$$
"""
    assert {claim.verdict for claim in check_notes(note).claims} <= {"right", "not understood"}


def test_a_loss_said_again_in_other_words_is_held_against_the_first() -> None:
    note = r"""
## Forward

$z = w x + b$, $a = \sigma(z)$, $L = -[y \ln a + (1 - y) \ln (1 - a)]$

## Stable

$$L = \ln(1 + e^{-z}) - y z$$
"""
    assert check_notes(note).claims[-1].verdict != "right"
    assert check_notes(note.replace("e^{-z}", "e^{z}")).claims[-1].verdict == "right"


def test_what_is_said_of_the_last_layer_holds_of_those_before() -> None:
    assert_as_marked(r"""
        R | z^{(L)} = w^{(L)} a^{(L-1)} + b^{(L)}, \quad a^{(L)} = \sigma(z^{(L)}), \quad C = (a^{(L)} - y)^2
        R | \frac{∂C}{∂a^{(L-1)}} = w^{(L)} \sigma'(z^{(L)}) 2 (a^{(L)}-y)
        R | \frac{∂C}{∂w^{(L-1)}} = \frac{∂C}{∂a^{(L-1)}} \sigma'(z^{(L-1)}) a^{(L-2)}
        W | \frac{∂C}{∂b^{(L-1)}} = \frac{∂C}{∂a^{(L-1)}} \sigma'(z^{(L)})
    """)


def test_the_layers_before_have_the_function_that_is_differentiated_there() -> None:
    notes = r"""
        R | z^L = W^L a^{L-1} + b^L
        R | a^L = \operatorname{softmax}(z^L)
        R | J = -\sum_k y_k \log a^L_k
        R | \frac{∂J}{∂z^L} = a^L - y
        R | \frac{∂J}{∂z^{L-1}} = (W^L)^T (a^L - y) \odot g'(z^{L-1})
    """
    assert_as_marked(notes)
    head = r" | \frac{∂J}{∂z^{L-1}}"
    assert_as_marked(notes.replace("(W^L)^T", "(W^{L-1})^T").replace("R" + head, "WN" + head))


def test_entries_may_be_multiplied_before_matrices() -> None:
    assert_as_marked(r"""
        $W \in \mathbb{R}^{2 \times 3}$
        R | z = V x, h = \sigma(z), u = W h, a = \sigma(u), L = \frac12 \|a - y\|^2
        R | \frac{∂L}{∂h} = W^T (a - y) \odot \sigma'(u)
        W | \frac{∂L}{∂h} = W^T (a - y) \odot \sigma'(z)
    """)
    assert_as_marked(r"""
        $W \in \mathbb{R}^{2 \times 2}$, $V \in \mathbb{R}^{2 \times 2}$
        R | z = V x, h = \sigma(z), u = W h, a = \sigma(u), L = \frac12 \|a - y\|^2
        A | \frac{∂L}{∂h} = W^T (a - y) \odot \sigma'(u)
        R | \frac{∂L}{∂z} = W^T ((a - y) \odot \sigma'(u)) \odot \sigma'(z)
    """)


ERROR_SIGNALS = r"""
R | \delta^L_j = \frac{∂C}{∂a^L_j} \sigma'(z^L_j)
R | \delta^L = \nabla_a C \odot \sigma'(z^L)
R | \delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)
R | \frac{∂C}{∂b^l_j} = \delta^l_j
R | \frac{∂C}{∂w^l_{jk}} = a^{l-1}_k \delta^l_j
"""
SAID = r"""
R | z^l = w^l a^{l-1} + b^l
R | a^l = \sigma(z^l)
"""
COST = r"R | C = \frac12 \|y - a^L\|^2"


@pytest.mark.parametrize("cost", ["", COST])
def test_error_signals_are_slopes_whether_or_not_it_is_said(cost: str) -> None:
    assert_as_marked(SAID + cost + ERROR_SIGNALS)
    slips = {
        r"R | \delta^l = ((w^{l+1})^T": r"W | \delta^l = (w^{l+1}",
        r"R | \frac{∂C}{∂w^l_{jk}} = a^{l-1}_k": r"W | \frac{∂C}{∂w^l_{jk}} = a^{l}_k",
    }
    for right, wrong in slips.items():
        assert right in ERROR_SIGNALS
        assert_as_marked(SAID + cost + ERROR_SIGNALS.replace(right, wrong))


def test_arrows_between_layers_are_a_picture() -> None:
    assert_as_marked(SAID + r"R | a^0 \to a^1 \to a^2 \to y" + "\n" + COST + ERROR_SIGNALS)


def test_the_outer_product_has_a_sign_of_its_own() -> None:
    assert_as_marked(r"""
        $W \in \mathbb{R}^{2 \times 3}$
        R | u = W h, a = \sigma(u), L = \frac12 \|a - y\|^2
        RA | \frac{∂L}{∂u} = (a - y) \otimes \sigma'(u)
        R | \frac{∂L}{∂W} = \frac{∂L}{∂u} \otimes h
        WN | \frac{∂L}{∂W} = h \otimes \frac{∂L}{∂u}
    """)


def test_the_last_layer_may_have_the_letter_of_any() -> None:
    assert_as_marked(r"""
        R | z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}
        R | a^{(l)} = \sigma(z^{(l)})
        R | C = \frac12 ||a^{(l)} - y||^2
        R | \frac{∂C}{∂b^{(l)}} = (a^{(l)} - y) \odot \sigma'(z^{(l)})
        R | z^{(l+1)} = W^{(l+1)} a^{(l)} + b^{(l+1)} = W^{(l+1)} \sigma(z^{(l)}) + b^{(l+1)}
        WN | \frac{∂C}{∂z^{(l)}} = (a^{(l)} - y) \odot z^{(l)}
    """)


def test_the_first_layer_begins_with_the_data() -> None:
    assert_as_marked(r"""
        R | z^l = W^l a^{l-1} + b^l
        R | a^l = \sigma(z^l)
        R | z^1 = W^1 x + b^1
        R | z^2 = W^2 a^1 + b^2
        R | C = \frac12 \|y - a^2\|^2
        R | \frac{∂C}{∂W^1} = (W^2)^T ((a^2 - y) \odot \sigma'(z^2)) \odot \sigma'(z^1) x^T
        W | \frac{∂C}{∂W^1} = (W^2)^T ((a^2 - y) \odot \sigma'(z^2)) \odot \sigma'(z^1) (a^1)^T
    """)


NUMBERED = r"""
R | z^1 = W^1 x + b^1
R | a^1 = \sigma(z^1)
R | z^2 = W^2 a^1 + b^2
R | a^2 = \sigma(z^2)
R | C = \frac12 \|y - a^2\|^2
R | \delta^L = (a^L - y) \odot \sigma'(z^L)
"""


def test_layers_that_are_numbered_have_a_last_and_an_input() -> None:
    assert_as_marked(
        NUMBERED
        + r"""
        R | \delta^l = ((W^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)
        R | \frac{∂C}{∂W^l} = \delta^l (a^{l-1})^T
    """
    )
    assert_as_marked(
        NUMBERED
        + r"""
        W | \delta^l = ((W^l)^T \delta^{l+1}) \odot \sigma'(z^l)
        W | \frac{∂C}{∂W^l} = \delta^l (a^l)^T
    """
    )


NETWORK = (
    r"$a_j^{[l]} = f(z_j^{[l]})$, $z^{[l]}_j = \sum_k w^{[l]}_{jk}a^{[l-1]}_k + b^{[l]}_j$, "
    r"$f(z) = \ln(1+e^z)$. The last layer is linear: $a^{[L]}_j = z^{[L]}_j$. "
    r"$C = \frac12\sum_j(a^{[L]}_j-t_j)^2$. "
)


def test_the_last_layer_has_an_activation_of_its_own():
    signal = r"$\delta^{[L]}_j := \frac{\partial C}{\partial z^{[L]}_j} = a^{[L]}_j-t_j$"
    assert {claim.verdict for claim in check_notes(NETWORK + signal).claims} == {"right"}
    assert check_notes(NETWORK + signal.replace("-t_j$", "-t_jf'(z^{[L]}_j)$")).claims[-1].verdict == "wrong"
    softmax = (
        r"$z^l = W^la^{l-1}+b^l$, $a^l = \mathrm{ReLU}(z^l)$, $a^L = \mathrm{softmax}(z^L)$, "
        r"$C = -\sum_k y_k\log a^L_k$ with one-hot $y$. $\frac{\partial C}{\partial z^L} = a^L-y$"
    )
    assert {claim.verdict for claim in check_notes(softmax).claims} == {"right"}
    assert check_notes(softmax.replace("a^L-y", "y-a^L")).claims[-1].verdict == "wrong"


def test_the_recursion_is_a_claim_where_the_last_signal_is_said_to_be_a_slope():
    signal = NETWORK + r"$\delta^{[L]}_j = \frac{\partial C}{\partial z^{[L]}_j} = a^{[L]}_j-t_j$. "
    recursion = r"$\delta^{[l]}_j = f'(z^{[l]}_j)\sum_i w^{[l+1]}_{ij}\delta^{[l+1]}_i$"
    assert check_notes(signal + recursion).claims[-1].verdict == "right"
    assert check_notes(signal + recursion.replace("{ij}", "{ji}")).claims[-1].verdict == "wrong"


def test_error_signals_of_two_layers_by_their_letters() -> None:
    notes = r"""
        R | h_j = \sigma(\sum_i w_{ij} x_i)
        R | o_k = \sigma(\sum_j v_{jk} h_j)
        R | E = \frac12 \sum_k (t_k - o_k)^2
        R | \delta_k = (o_k - t_k) o_k (1 - o_k)
        R | \frac{∂E}{∂v_{jk}} = \delta_k h_j
        R | \delta_j = h_j (1 - h_j) \sum_k v_{jk} \delta_k
        %s | \frac{∂E}{∂w_{ij}} = %s
    """
    assert_as_marked(notes % ("R", r"\delta_j x_i"))
    assert_as_marked(notes % ("NW", r"\delta_j x_j"))
    assert_as_marked(notes % ("NW", r"\delta_j h_j x_i"))
