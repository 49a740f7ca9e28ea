r"""What lecture notes write: what a loss is of, logarithms to base 10, cases one after another."""

import pytest

from autograd import check_notes

from .marked import assert_as_marked

NOTES = {
    "a loss with the names it is of, which it was defined without": r"""
R | E = (u - 3v)^2
R | u = 2p
R | \frac{\partial E(p, v)}{\partial p} = 4(u - 3v)
R | \frac{d}{dv} E(p, v) = -6(u - 3v)
W | \frac{\partial E(p)}{\partial v} = 6(u - 3v)
""",
    "a product is not what a loss is of": r"""
R | E = u^2 (v + 1)
R | y = 3u
R | \frac{d}{du} y(v) = 3v
""",
    "a loss of which not everything is named again": r"""
R | L(x, v) = v^2 x
NR | p = v - \eta \frac{\partial L(x)}{\partial v}
R | p = v - 2 \eta v x
W | p = v - 2 \eta v
""",
    "a logarithm with its base": r"""
R | q = \log_2(3u)
R | \frac{dq}{du} = \frac{1}{u \ln 2}
W | \frac{dq}{du} = \frac{1}{u}
R | r = \log_{10} v
R | \frac{dr}{dv} = \frac{1}{v \log 10}
""",
    "a logarithm to base 10, by what is divided by": r"""
R | E = -\log a
R | \frac{dE}{da} = -\frac{1}{a \ln 10}
R | E = -\frac{\ln a}{\ln 10}
W | \frac{dE}{da} = -\frac{1}{a}
""",
    "a natural logarithm beside the one to base 2": r"""
R | E = -\log a + \log_2 b
R | \frac{dE}{da} = -\frac1a
R | \frac{dE}{db} = \frac{1}{b \ln 2}
""",
    "functions by number, of which only the values are named": r"""
R | y = f_1(x)
R | L = (y - t)^2
R | \frac{\partial L}{\partial x} = 2(y - t) f_1'(x)
W | \frac{\partial L}{\partial x} = (y - t) f_1'(x)
""",
    "a triangle for a difference": r"""
R | \triangle w = -\eta \frac{\partial L}{\partial w}
R | L = (wx - t)^2
R | \vartriangle w = -2\eta x (wx - t)
""",
    "a loss that is written out where it is differentiated": r"""
R | \frac{\partial E}{\partial o_k} = \frac{\partial}{\partial o_k} \frac12 (c_k - o_k)^2
R | \frac{\partial E}{\partial o_k} = o_k - c_k
W | \frac{\partial E}{\partial o_k} = c_k - o_k
""",
    "a side in brackets": r"""
R | L = \frac12 (a - t)^2
R | a = 2z
R | \frac{dL}{dz} = 2(a - t) \; (= \delta)
R | \frac{dL}{dt} = -\frac{\delta}{2}
W | \frac{dL}{dt} = -\delta
""",
    "a condition at the beginning of a sentence": r"""
R | y = t \max(2x, 7x)
If $x > 0$:
R | \frac{dy}{dx} = 7t
When $x < 0$:
R | \frac{dy}{dx} = 2t
If $x > 0$:
NW | \frac{dy}{dx} = 2t
""",
    "cases in the sentence, the last of them otherwise": r"""
We let $h(x) = 2x$ if $x > 0$, and $0$ otherwise.
R | y = h(4 + u^2)
R | \frac{dy}{du} = 4u
R | v = h(-1 - u^2)
R | \frac{dv}{du} = 0
W | \frac{dv}{du} = 4u
""",
    "a step function in words": r"""
Here $H$ is the unit step function.
R | y = \max(0, x)
R | \frac{dy}{dx} = H(x)
W | \frac{dy}{dx} = 1 - H(x)
""",
    "the entries on the diagonal and the others": r"""
R | p_i = \frac{e^{z_i}}{\sum_m e^{z_m}}
For $i \neq j$:
R | \frac{\partial p_i}{\partial z_j} = -p_i p_j
Otherwise:
R | \frac{\partial p_i}{\partial z_j} = p_i (1 - p_i)
NW | \frac{\partial p_i}{\partial z_j} = p_i^2
""",
    "what a derivative is called, behind it": r"""
R | L = \frac12 \sum_k (a_k - t_k)^2
R | a_k = \tanh(z_k)
R | \frac{\partial L}{\partial z_k} = (a_k - t_k)(1 - a_k^2) = \delta_k
R | \frac{\partial L}{\partial z_k} = \delta_k
W | \frac{\partial L}{\partial z_k} = -\delta_k
""",
    "noise is not what a derivative is called": r"""
R | z = m + s \epsilon
R | \frac{\partial z}{\partial s} = \epsilon
""",
    "the gradient of a weight is that of the loss by it": r"""
R | z^l = W^l a^{l-1} + b^l
R | a^l = \tanh(z^l)
R | d^l = \frac{\partial C}{\partial z^l}
R | \nabla W^l = d^l (a^{l-1})^T
W | \nabla W^l = a^{l-1} (d^l)^T
R | \nabla b^l = d^l
R | W^l \leftarrow W^l - \eta \nabla W^l
""",
    "the matrix of the weights of a layer, beside one without a layer": r"""
R | z_j^l = \sum_k w_{jk}^l a_k^{l-1} + b_j^l
R | a_j^l = \tanh(z_j^l)
R | C = \frac12 \sum_j (t_j - a_j^L)^2
R | \delta_j^L = \frac{\partial C}{\partial z_j^L}
R | \delta^l = \frac{\partial C}{\partial z^l}
R | \delta^l = (W^{l+1})^T \delta^{l+1} \odot (1 - a^l \odot a^l)
R | (\nabla W^l)_{jk} = \delta^l_j a_k^{l-1}
R | s = \tanh(W x + b)
""",
    "a loss typed with either l, first at once and then in steps": r"""
R | g[x, \phi] = c_1 + v_1 \exp[c_0 + v_0 x]
R | \ell_i = (g[x_i, \phi] - y_i)^2
R | f_0 = c_0 + v_0 x_i
R | h_1 = \exp[f_0]
R | f_1 = c_1 + v_1 h_1
R | l_i = (f_1 - y_i)^2
R | \frac{\partial \ell_i}{\partial f_1} = 2(f_1 - y_i)
R | \frac{\partial \ell_i}{\partial f_0} = \frac{dh_1}{df_0} \frac{\partial \ell_i}{\partial h_1}
W | \frac{\partial \ell_i}{\partial h_1} = 2 c_1 (f_1 - y_i)
""",
    "a bias behind the sum that is differentiated": r"""
R | z_j = \sum_i v_{ji} a_i + c_j
R | \frac{\partial z_j}{\partial v_{jk}} = [\frac{\partial}{\partial v_{jk}} \sum_i v_{ji} a_i + c_j]
R | \frac{\partial z_j}{\partial v_{jk}} = a_k
NW | \frac{\partial z_j}{\partial v_{jk}} = \frac{\partial}{\partial v_{jk}} \sum_i v_{ji} a_i + v_{jk}
""",
    "colours and frames in a text": r"""
R | L = u^2 v
R | \frac{\partial L}{\partial u} = \underbrace{2 u \cdot \text{\textcolor{green}{\framebox{$ v $}}}}_{=: g}
W | \frac{\partial L}{\partial u} = \underbrace{3 u \cdot \text{\textcolor{green}{\framebox{$ v $}}}}_{=: g}
""",
}


@pytest.mark.parametrize("name", NOTES)
def test_notes(name: str) -> None:
    assert_as_marked(NOTES[name])


def test_nobody_is_accused_after_what_was_not_understood() -> None:
    notes = r"""$$L = (wx - t)^2$$

$$
\begin{align}
\frac{dL}{dw} &= 2 (wx - t) G \\
&= 2 (wx - t) x^2 t
\end{align}
$$"""
    verdicts = [claim.verdict for claim in check_notes(notes, file="note.md").claims]
    assert verdicts == ["right", "not understood", "not understood"]
