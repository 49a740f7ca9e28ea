r"""What lecture notes and posts write every day: each formula right, and not right with a slip in it."""

from __future__ import annotations

import pytest

from autograd import check_notes

from .marked import assert_as_marked

NETWORK = r"$$z = wx + b,\quad a = \sigma(z),\quad J = \frac12(a - y)^2$$" + "\n"
LAYERS = (
    r"$z^l = w^l a^{l-1} + b^l$, $a^l = \sigma(z^l)$, $C = \frac12 \|y - a^L\|^2$, "
    r"$\delta^l = \frac{\partial C}{\partial z^l}$" + "\n"
)
NG = r"""$$Z^{[1]} = W^{[1]}X + b^{[1]}, \quad A^{[1]} = g^{[1]}(Z^{[1]})$$
$$Z^{[2]} = W^{[2]}A^{[1]} + b^{[2]}, \quad A^{[2]} = \sigma(Z^{[2]})$$
$$J = -\frac1m\sum_{i=1}^m\left(y^{(i)}\log a^{[2](i)} + (1-y^{(i)})\log(1-a^{[2](i)})\right)$$
$$dZ^{[2]} = A^{[2]} - Y$$
"""
RIDGE = (
    r"$$\hat y_i = w^Tx_i, \quad J(w) = \frac{1}{2m}\sum_{i=1}^m(\hat y_i - y_i)^2"
    r" + \frac{\lambda}{2m}\|w\|^2$$" + "\n"
)
LOGISTIC = r"""$$h_\theta(x) = g(\theta^T x) = \frac{1}{1+e^{-\theta^T x}}$$
$$p(y\mid x;\theta) = (h_\theta(x))^y(1-h_\theta(x))^{1-y}$$
$$L(\theta) = \prod_{i=1}^m p(y^{(i)}\mid x^{(i)};\theta)$$
"""
KL = r"$$D_{KL}(p\|q) = \sum_i p_i\log\frac{p_i}{q_i}, \quad q_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$" + "\n"
TWO = r"$$f(x, y) = x^2y + y^3$$" + "\n"

RIGHT_AND_WRONG = [
    ("$L = (wx + b - y)^2$ ", r"$L_w = 2(wx + b - y)x$", r"$L_w = 2(wx + b - y)$"),
    (TWO, r"$$f_{xy} = f_{yx} = 2x$$", r"$$f_{xy} = 2y$$"),
    (TWO + "$x = \\cos t, y = \\sin t$, $z = f(x, y)$ ",
     r"$\frac{dz}{dt} = f_x\frac{dx}{dt} + f_y\frac{dy}{dt}$",
     r"$\frac{dz}{dt} = f_x\frac{dx}{dt} - f_y\frac{dy}{dt}$"),
    (TWO, r"$$\nabla^2 f = \begin{pmatrix}2y & 2x\\ 2x & 6y\end{pmatrix}$$",
     r"$$\nabla^2 f = \begin{pmatrix}2y & 2x\\ 2x & 3y\end{pmatrix}$$"),
    (TWO, r"$$H = \begin{pmatrix}2y & 2x\\ 2x & 6y\end{pmatrix}$$",
     r"$$H = \begin{pmatrix}2x & 2x\\ 2x & 6y\end{pmatrix}$$"),
    (TWO, r"$$\nabla^2 f = 8y$$", r"$$\nabla^2 f = 6y$$"),
    (r"$F(x, y) = x^2 + y^2 - 1 = 0$ ", r"$$\frac{dy}{dx} = -\frac{F_x}{F_y} = -\frac{x}{y}$$",
     r"$$\frac{dy}{dx} = -\frac{F_x}{F_y} = \frac{x}{y}$$"),
    (NG, r"$$dW^{[2]} = \frac1m dZ^{[2]}A^{[1]T}$$", r"$$dW^{[2]} = \frac1m dZ^{[2]}A^{[1]}$$"),
    (RIDGE,
     r"$$\frac{\partial J}{\partial w} = \frac1m\sum_{i=1}^m(\hat y_i - y_i)x_i + \frac{\lambda}{m} w$$",
     r"$$\frac{\partial J}{\partial w} = \frac1m\sum_{i=1}^m(\hat y_i - y_i)x_i - \frac{\lambda}{m} w$$"),
    (LOGISTIC,
     r"$$\log L = \sum_{i=1}^m y^{(i)}\log h_\theta(x^{(i)}) + (1-y^{(i)})\log(1-h_\theta(x^{(i)}))$$",
     r"$$\log L = \sum_{i=1}^m y^{(i)}\log h_\theta(x^{(i)}) - (1-y^{(i)})\log(1-h_\theta(x^{(i)}))$$"),
    (KL, r"$$\frac{\partial D_{KL}}{\partial z_i} = q_i - p_i$$",
     r"$$\frac{\partial D_{KL}}{\partial z_i} = p_i - q_i$$"),
    (r"$$\text{LSE}(z) = \log\sum_j e^{z_j}$$",
     r"$$\frac{\partial\,\text{LSE}}{\partial z_i} = \frac{e^{z_i}}{\sum_j e^{z_j}}$$",
     r"$$\frac{\partial\,\text{LSE}}{\partial z_i} = \frac{1}{\sum_j e^{z_j}}$$"),
    (NETWORK, r"$$\frac{\partial J}{\partial w} \approx \frac{J(w+\epsilon) - J(w-\epsilon)}{2\epsilon}$$",
     r"$$\frac{\partial J}{\partial w} \approx \frac{J(w+\epsilon) - J(w-\epsilon)}{\epsilon}$$"),
    (NETWORK,
     r"$$\frac{d}{d\theta}J(\theta) \approx \frac{J(\theta+\epsilon) - J(\theta-\epsilon)}{2\epsilon}$$",
     r"$$\frac{d}{d\theta}J(\theta) \approx \frac{J(\theta+\epsilon) + J(\theta-\epsilon)}{2\epsilon}$$"),
    ("", r"$$f(x+h) = f(x) + f'(x)h + \frac12f''(x)h^2 + O(h^3)$$",
     r"$$f(x+h) = f(x) + f'(x)h + f''(x)h^2 + O(h^3)$$"),
    ("", r"$$f(w + \Delta w) \approx f(w) + f'(w)\Delta w$$",
     r"$$f(w + \Delta w) \approx f(w) - f'(w)\Delta w$$"),
    (LAYERS, r"$$\delta^{x,l} = ((w^{l+1})^T \delta^{x,l+1}) \odot \sigma'(z^{x,l})$$",
     r"$$\delta^{x,l} = (w^{l+1} \delta^{x,l+1}) \odot \sigma'(z^{x,l})$$"),
    (LAYERS, r"$$b^l \rightarrow b^l - \frac{\eta}{m}\sum_x \delta^{x,l}$$",
     r"$$b^l \rightarrow b^l + \frac{\eta}{m}\sum_x \delta^{x,l}$$"),
    (r"$C_0 = (a - y)^2$, $a = w x$ ",
     r"$$\frac{\partial C}{\partial w} = \frac{1}{n}\sum_{k=0}^{n-1}\frac{\partial C_k}{\partial w}$$",
     r"$$\frac{\partial C}{\partial w} = \frac{2}{n}\sum_{k=0}^{n-1}\frac{\partial C_k}{\partial w}$$"),
    (r"$$L = \sum_{j\neq y} \max(0, s_j - s_y + \Delta)$$",
     r"$$\frac{\partial L}{\partial s_y} = -\sum_{j\neq y}\mathbb{1}(s_j - s_y + \Delta > 0)$$",
     r"$$\frac{\partial L}{\partial s_y} = \sum_{j\neq y}\mathbb{1}(s_j - s_y + \Delta > 0)$$"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "right", "wrong"), RIGHT_AND_WRONG)
def test_a_formula_is_right_and_its_twin_is_not(before: str, right: str, wrong: str) -> None:
    claims = check_notes(before + right).claims
    assert claims[-1].verdict == "right", claims[-1].reason
    assert check_notes(before + wrong).claims[-1].verdict in ("wrong", "not understood")


@pytest.mark.parametrize(
    "latex",
    [
        r"\{(x^{(i)}, y^{(i)})\}_{i=1}^m",
        r"\mathcal{D} = \{(x_1, y_1), \ldots, (x_n, y_n)\}",
        r"(1, 2), (3, 4)",
        r"\mathbf{r} = (r_1, \dots, r_n)^\top",
        r"\epsilon \sim \mathcal{N}(0, 1)",
        r"P(y = 1 \mid x) = \hat y",
    ],
)
def test_what_claims_nothing_is_no_claim_that_fails(latex: str) -> None:
    assert [claim.verdict for claim in check_notes(f"${latex}$").claims] in ([], ["right"])


def test_a_letter_with_a_label_is_no_derivative() -> None:
    notes = r"$$C = \frac{1}{n}\sum_x C_x, \quad C_x = \frac12 (y - a)^2, \quad a = wx$$"
    assert [claim.verdict for claim in check_notes(notes).claims] == ["right"]


def test_what_an_equation_gives_is_not_accused() -> None:
    notes = r"$x^2 + y^2 = 1$, so $$\frac{dy}{dx} = -\frac{x}{y}$$"
    assert check_notes(notes).claims[-1].verdict == "not understood"


def test_an_index_that_is_a_multiple_and_more_is_not_accused():
    """x_{si+a} is the x of s times i plus a, and not entry s, i + a of a matrix."""
    notes = r"$y_i = \sum_{a=0}^{r-1} k_a x_{i+a}$, $i=0,\dots,n-r$, $L = \sum_i y_i^2$. "
    slope = r"$\frac{\partial L}{\partial k_a} = \sum_i \frac{\partial L}{\partial y_i} x_{i+a}$"
    assert check_notes(notes + slope).claims[-1].verdict == "right"
    with_stride = "With stride: " + slope.replace("x_{i+a}", "x_{si+a}")
    assert check_notes(notes + with_stride).claims[-1].verdict == "not understood"


def test_a_slope_that_is_worked_out_and_set_to_zero_is_right() -> None:
    assert_as_marked(r"""
        R | J(w) = \frac12 (w x - y)^2
        R | \frac{dJ}{dw} = (w x - y) x = 0
        W | \frac{dJ}{dw} = (w x - y) = 0
        RN | \frac{dJ}{dw} = 0
    """)


def test_what_a_prediction_depends_on_is_not_guessed() -> None:
    assert_as_marked(r"""
        R | J(v) = \frac{1}{2m} \sum_{i=1}^m (\hat y^{(i)} - y^{(i)})^2 + \frac{\lambda}{2m} \sum_j v_j^2
        N | \frac{∂J}{∂v_j} = \frac1m \sum_{i=1}^m (\hat y^i - y^{(i)}) x_j^{(i)} + \frac\lambda m v_j
    """)


def test_a_vector_of_classes_has_as_many_entries_as_are_numbered() -> None:
    assert_as_marked(r"""
        R | z \in \mathbb{R}^K
        R | p_i = e^{z_i} / \sum_k e^{z_k}, L = -\sum_i y_i \log p_i
        R | \frac{∂L}{∂z_j} = p_j - y_j
        R | \frac{∂L}{∂z} = p - y
        W | \frac{∂L}{∂z} = y - p
    """)


def test_a_sum_over_a_set_that_is_only_named():
    notes = r"$o_j = \sigma(net_j)$, $E = \frac12\sum_{k\in outputs}(t_k-o_k)^2$. "
    slope = r"$\frac{\partial E}{\partial net_j} = -(t_j-o_j)o_j(1-o_j)$"
    assert check_notes(notes + slope).claims[-1].verdict == "right"
    assert check_notes(notes + slope.replace("-(", "(")).claims[-1].verdict == "wrong"


def test_the_input_of_one_example_is_no_circle():
    """Set a^{(1)} := x^{(t)}; before, a^{(1)} was x."""
    notes = r"Set $a^{(1)} := x^{(t)}$. $a^{(1)} = x$, $z^{(2)} = \Theta^{(1)}a^{(1)}$."
    assert {claim.verdict for claim in check_notes(notes).claims} == {"right"}


def test_the_loss_of_each_example_is_another_in_a_sum_of_all() -> None:
    assert_as_marked(r"""
        R | \ell(t_i, q_i) = -[t_i \ln q_i + (1 - t_i) \ln(1 - q_i)]
        R | K = \sum_{i=1}^n -[t_i \ln q_i + (1 - t_i) \ln(1 - q_i)]
        R | K = -\sum_{i=1}^n [t_i \ln q_i + (1 - t_i) \ln(1 - q_i)]
        W | K = \sum_{i=1}^n [t_i \ln q_i + (1 - t_i) \ln(1 - q_i)]
    """)


def test_an_interval_says_of_nothing_in_it_what_it_is() -> None:
    assert_as_marked(r"""
        R | [0, 1]
        R | q \in [0, 1]
        R | K = \sum_{i=1}^n -\ln q_i
        R | K = -\sum_{i=1}^n \ln q_i
        W | K = -\sum_{i=1}^n \ln (2 q_i)
    """)
