r"""A loss of which notes say no more than "some loss $L$ above it": no other name is taken for it."""

import pytest

from autograd import check_notes

from .marked import assert_as_marked

LETTERS = "CEHJQRSUPVy"


def verdict(notes: str) -> str:
    return check_notes(notes).claims[-1].verdict


@pytest.mark.parametrize("letter", LETTERS)
def test_what_lies_under_an_unsaid_loss_is_no_loss_itself(letter: str) -> None:
    before = (
        rf"Let ${letter}=wx$, and $L$ some loss depending on ${letter}$. "
        rf"Write $a=\frac{{\partial L}}{{\partial {letter}}}$. Then "
    )
    assert verdict(before + r"$\frac{\partial L}{\partial w}=xa$.") == "right"
    assert verdict(before + r"$\frac{\partial L}{\partial w}=7a$.") != "right"


def test_derivatives_of_an_unsaid_loss_are_no_loss() -> None:
    before = (
        r"$S=sQK$, $O=SV$. Some scalar $L$ sits on top of $O$. Let $G=\frac{\partial L}{\partial O}$, "
        r"$H=\frac{\partial L}{\partial S}$. Then "
    )
    assert verdict(before + "$H=2G$.") != "right"
    hidden = r"$H=\tanh(Z)$, $Z=WX$. The loss $L$ depends on $H$, $G=\frac{\partial L}{\partial H}$. "
    assert verdict(hidden + r"$\frac{\partial L}{\partial Z}=G\odot(1-H^2)$") == "right"
    assert verdict(hidden + r"$\frac{\partial L}{\partial Z}=3G$") != "right"


def test_a_cost_that_is_written_out_stays_the_loss() -> None:
    notes = (
        r"$a=wx$, $C=(a-y)^2$, $\frac{\partial C}{\partial w}=2(a-y)x$. Not $\frac{\partial E}{\partial w}$?"
    )
    assert check_notes(notes).claims[1].kind == "loss"


def test_a_chain_of_which_nothing_is_said_is_right_by_its_form() -> None:
    assert_as_marked(r"""
        R | \frac{∂L}{∂W} = \frac{∂L}{∂a}\frac{∂a}{∂z}\frac{∂z}{∂W}
        R | \frac{∂L}{∂V} = \frac{∂z}{∂V}\cdot\frac{∂a}{∂z}\cdot\frac{∂L}{∂a}
        N | \frac{∂L}{∂W} = \frac{∂L}{∂a}\frac{∂a}{∂z}\frac{∂z}{∂b}
        N | \frac{∂L}{∂W} = \frac{∂L}{∂a}\frac{∂h}{∂z}\frac{∂z}{∂W}
        N | \frac{∂L}{∂W} = 2\frac{∂L}{∂a}\frac{∂a}{∂z}\frac{∂z}{∂W}
    """)


def test_a_chain_of_which_a_link_is_said_has_to_hold_there() -> None:
    assert_as_marked(r"""
        R | z = u v, u = 2w, v = 3w
        N | \frac{∂L}{∂w} = \frac{∂L}{∂a}\frac{∂a}{∂z}\frac{∂z}{∂u}\frac{∂u}{∂w}
        R | \frac{∂L}{∂w} = \frac{∂L}{∂a}\frac{∂a}{∂z}\frac{∂z}{∂w}
    """)


def test_a_product_over_steps_is_a_link_of_the_chain() -> None:
    assert_as_marked(r"""
        R | \frac{∂L}{∂V} = \frac{∂L}{∂a_N} \cdot \prod_{k=2}^{N} \frac{∂a_k}{∂a_{k-1}} \cdot \frac{∂a_1}{∂V}
        N | \frac{∂L}{∂V} = \frac{∂L}{∂a_N} \cdot \prod_{k=1}^{N} \frac{∂a_k}{∂a_{k-1}} \cdot \frac{∂a_1}{∂V}
        R | \frac{∂E}{∂h_1} = \frac{∂E}{∂h_T} \prod_{t=1}^{T-1} \frac{∂h_{t+1}}{∂h_t}
        N | \frac{∂E}{∂h_1} = \frac{∂E}{∂h_T} \prod_{t=1}^{T} \frac{∂h_{t+1}}{∂h_t}
        R | \frac{∂E_t}{∂W} = \frac{∂E_t}{∂h_t} (\prod_{j=k+1}^{t} \frac{∂h_j}{∂h_{j-1}}) \frac{∂h_k}{∂W}
    """)


def test_the_output_that_is_written_out_is_the_prediction_whatever_its_hat() -> None:
    notes = r"""
        R | h = \sigma(W_1 x)
        R | y = W_2 h
        R | L = (\hat y - y)^2
        %s | \frac{∂L}{∂W_1} = 2(\hat y - y) W_2 h (1 - h) x
    """
    assert_as_marked(notes % "N")


def test_a_sum_of_chains_is_right_by_its_form() -> None:
    assert_as_marked(r"""
        R | \frac{∂E}{∂w} = \sum_{i=1}^2 \frac{∂E}{∂a_i} \frac{∂a_i}{∂o} \frac{∂o}{∂w}
        R | \frac{∂E}{∂w} = \frac{∂E}{∂a_1} \frac{∂a_1}{∂w} + \frac{∂E}{∂a_2} \frac{∂a_2}{∂w}
        R | \frac{∂E}{∂v} = \left(\sum_k \frac{∂E}{∂a_k} \frac{∂a_k}{∂o}\right) \frac{∂o}{∂v}
        R | \frac{∂E}{∂h_t} = \frac{∂E}{∂h_{t+1}} \frac{∂h_{t+1}}{∂h_t} + \frac{∂E}{∂o_t} \frac{∂o_t}{∂h_t}
        N | \frac{∂E}{∂w} = \sum_{i=1}^2 \frac{∂E}{∂a} \frac{∂a}{∂o} \frac{∂o}{∂w}
        N | \frac{∂E}{∂w} = \frac{∂E}{∂a_1} \frac{∂a_1}{∂w} + \frac{∂E}{∂a_1} \frac{∂a_1}{∂w}
        N | \frac{∂E}{∂w} = \frac{∂E}{∂a_1} \frac{∂a_1}{∂w} - \frac{∂E}{∂a_2} \frac{∂a_2}{∂w}
    """)


def test_a_loss_of_every_step_is_some_function_of_what_comes_out() -> None:
    assert_as_marked(r"""
        R | s_t = U x_t
        R | L = \frac{1}{T} \sum_{t=1}^T \ell(s_t, y_t)
        R | \frac{∂L}{∂s_t} = \frac{∂\ell(s_t, y_t)}{T \cdot ∂s_t}
        W | \frac{∂L}{∂s_t} = \frac{∂\ell(s_t, y_t)}{∂s_t}
        R | \frac{∂L}{∂U} = \sum_{t=1}^T \frac{∂L}{∂s_t} x_t^\top
        RA | \frac{∂L}{∂U} = \sum_{t=1}^T \text{prod}\left(\frac{∂L}{∂s_t}, \frac{∂s_t}{∂U}\right)
    """)


def test_what_is_put_in_for_a_name_says_what_it_is() -> None:
    assert_as_marked(r"""
        R | J = -y \ln(p) - (1 - y) \ln(1 - p)
        R | \frac{dJ}{dp} = -\frac{y}{p} + \frac{1 - y}{1 - p}
        R | J = -y \ln(p) - (1 - y) \ln(1 - p) = -y \ln(\sigma(z)) - (1 - y) \ln(1 - \sigma(z))
        R | \frac{dJ}{dz} = \sigma(z) - y
        W | \frac{dJ}{dz} = y - \sigma(z)
    """)


def test_what_is_added_to_a_cost_that_is_not_said() -> None:
    assert_as_marked(r"""
        R | C = C_0 + \frac{\lambda}{2n} \sum_w w^2
        R | \frac{∂C}{∂w} = \frac{∂C_0}{∂w} + \frac{\lambda}{n} w
        W | \frac{∂C}{∂w} = \frac{∂C_0}{∂w} + \frac{\lambda}{2n} w
        R | w \leftarrow (1 - \frac{\eta\lambda}{n}) w - \eta \frac{∂C_0}{∂w}
    """)
    assert_as_marked(r"""
        R | J_{reg} = J + \frac{\lambda}{2m} \sum_l \|W^{[l]}\|_F^2
        R | \frac{∂J_{reg}}{∂W^{[l]}} = \frac{∂J}{∂W^{[l]}} + \frac{\lambda}{m} W^{[l]}
        WN | \frac{∂J_{reg}}{∂W^{[l]}} = \frac{∂J}{∂W^{[l]}} + \lambda W^{[l]}
    """)


def test_what_is_inside_gets_a_name_later_and_sums_may_leave_out_their_bounds() -> None:
    assert_as_marked(r"""
        R | h_j = \tanh( \sum_{i=1}^{D} v_{ji} x_i + b_j )
        R | y_k = \sum_{j=1}^{M} w_{kj} h_j, E = \frac12 \sum_{k=1}^{K} (y_k - t_k)^2
        R | a_j = \sum_i v_{ji} x_i + b_j
        R | \frac{∂E}{∂a_j} = (1 - h_j^2) \sum_k w_{kj} (y_k - t_k)
        W | \frac{∂E}{∂a_j} = (1 - h_j) \sum_k w_{kj} (y_k - t_k)
    """)


RECURRENT = r"""
R | h_t = \tanh(W x_t + U h_{t-1} + b)
R | o_t = V h_t + c
R | \hat y_t = \mathrm{softmax}(o_t)
"""

STEPS = r"""
R | \frac{\partial L}{\partial V} = \sum_{t=1}^T \frac{\partial L_t}{\partial o_t} h_t^T
W | \frac{\partial L}{\partial V} = \sum_{t=1}^T \frac{\partial L_t}{\partial o_t} h_{t-1}^T
R | \frac{dL}{dh_t} = V^T \frac{dL_t}{do_t} + U^T \mathrm{diag}(1 - h_{t+1}^2) \frac{dL}{dh_{t+1}}
W | \frac{dL}{dh_t} = V^T \frac{dL_t}{do_t} + U \mathrm{diag}(1 - h_{t+1}^2) \frac{dL}{dh_{t+1}}
N | \frac{\partial L_t}{\partial o_t} = \hat y_t - y_t
N | \frac{\partial L}{\partial V} = \sum_t (\hat y_t - y_t) h_t^T
N | \frac{\partial L}{\partial V} = \sum_t (y_t - \hat y_t) h_t^T
"""


@pytest.mark.parametrize(
    "loss",
    [
        "R | L = \\sum_{t=1}^T L_t\nR | L_t = \\ell(\\hat y_t, y_t)",
        "R | L = \\sum_{t=1}^T L_t\nR | L_t = L_{elt}(\\hat y_t, y_t)",
        "R | L = \\sum_{t=1}^T \\ell(\\hat y_t, y_t)",
    ],
)
def test_a_loss_at_each_step_of_which_no_more_is_said(loss):
    assert_as_marked(RECURRENT + loss + STEPS)
