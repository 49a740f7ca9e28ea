"""Names that are something else further down, steps that say how far they go, one class that is meant."""

import pytest

from tests.notes.marked import assert_as_marked

NOTES = {
    "a name anew, paragraph by paragraph": r"""
R | y = x + F(x)
R | \frac{dy}{dx} = 1 + F'(x)
R | y = t h + (1 - t) x
R | t = \sigma(a x)
R | h = \tanh(b x)
R | \frac{dy}{dx} = (1 - t) + (h - x)\, t (1-t)\, a + t\, (1 - h^2)\, b
""",
    "as soon as it is clear that a name is lent, it may be lent again": r"""
R | L = \log y
R | \frac{dL}{dy} = \frac1y
R | L = y^3
R | \frac{dL}{dy} = 3y^2
R | L = \cos y
W | \frac{dL}{dy} = \sin y
""",
    "two losses that differ by a factor": r"""
R | L = (\hat y - y)^2
R | \frac{\partial L}{\partial \hat y} = 2(\hat y - y)
R | L = \frac12 (\hat y - y)^2
R | \frac{\partial L}{\partial \hat y} = \hat y - y
""",
    "a slip is no new meaning": r"""
R | z = w x + b
R | a = \sigma(z)
R | L = (a - y)^2
R | \frac{\partial L}{\partial w} = 2(a-y)a(1-a)x
W | z = w x - b
R | \frac{\partial L}{\partial b} = 2(a-y)a(1-a)
""",
    "layers told apart by their letters": r"""
R | net_j = \sum_i w_{ji} x_i
R | h_j = \sigma(net_j)
R | net_k = \sum_j w_{kj} h_j
R | o_k = \sigma(net_k)
R | E = \frac{1}{2} \sum_k (t_k - o_k)^2
R | \delta_k = -\frac{\partial E}{\partial net_k}
R | \delta_k = o_k (1 - o_k)(t_k - o_k)
R | \delta_j = h_j (1 - h_j) \sum_k w_{kj} \delta_k
W | \delta_j = h_j (1 - h_j) w_{kj} \delta_k
R | \frac{\partial E}{\partial w_{kj}} = -\delta_k h_j
W | \frac{\partial E}{\partial w_{ji}} = \delta_j x_i
""",
    "a loss with a part that is only named": r"""
R | \tilde J(w) = J(w) + \frac{\lambda}{2} \|w\|^2
R | \nabla_w \tilde J = \nabla_w J + \lambda w
W | \nabla_w \tilde J = \nabla_w J + \frac{\lambda}{2} w
R | w \leftarrow (1 - \eta \lambda) w - \eta \nabla_w J
""",
    "steps as programs write them, and the ratio of two slopes": r"""
R | C = (a - y)^2
$a = w_2 h$, $h = w_1 x$
R | w_1 \mathrel{-}= \eta \frac{dC}{dw_1}
R | w_2 -= 2 \eta (a - y) h
W | w_1 \mathrel{+}= \eta \frac{dC}{dw_1}
R | w_1 += -2 \eta (a - y) w_2 x
W | w_2 \mathrel{-=} 2 \eta (a - y)
R | \frac{dC/dw_1}{dC/dw_2} = \frac{w_2 x}{h}
W | \frac{dC/dw_1}{dC/dw_2} = \frac{w_2 x}{h^2}
""",
    "a number in the same way, and the errors of two outputs": r"""
$i = 0.05$, $w_1 = 0.55$, $w_2 = 0.4$, $w_3 = 0.5$, $t_1 = 0.01$, $t_2 = 0.99$
R | h_{in} = w_1 i = 0.0275
R | h_{out} = \frac{1}{1 + e^{-h_{in}}} = 0.5069
R | o_{1,in} = w_2 h_{out} = 0.2027
R | o_{1,out} = \frac{1}{1 + e^{-o_{1,in}}} = 0.5505
R | o_{2,in} = w_3 h_{out} = 0.2534
R | o_{2,out} = 0.5630
R | E = \frac12 (t_1 - o_{1,out})^2 + \frac12 (t_2 - o_{2,out})^2 = 0.1461 + 0.0912 = 0.2372
R | \frac{\partial E_{o2}}{\partial h_{out}} = -(t_2 - o_{2,out})\, o_{2,out} (1 - o_{2,out}) w_3 = -0.0525
W | \frac{\partial E_{o2}}{\partial h_{out}} = (t_2 - o_{2,out})\, o_{2,out} (1 - o_{2,out}) w_3
R | \frac{dE}{dh_{out}} = \frac{dE_{o1}}{dh_{out}} + \frac{dE_{o2}}{dh_{out}}
W | \frac{dE}{dh_{out}} = \frac{dE_{o1}}{dh_{out}} - \frac{dE_{o2}}{dh_{out}}
""",
    "numbers that a sentence gives behind its formula": r"""
R | z = w x + b = 0.3775
where $w = 0.55$, $x = 0.05$ and $b = 0.35$.
W | u = w v + c = 0.4775
where $v = 0.1$, $c = 0.4$.
""",
    "vectors of examples, numbered below": r"""
$\hat y_i = w^T x_i$, $p_i = \sigma(w^T x_i)$
R | R(w) = \frac1n \sum_{i=1}^n (\hat y_i - y_i)^2 + \frac\lambda2 \|w\|^2
R | \nabla R(w) = \frac2n \sum_{i=1}^n (\hat y_i - y_i) x_i + \lambda w
W | \nabla R(w) = \frac1n \sum_{i=1}^n (\hat y_i - y_i) x_i + \lambda w
R | J(w) = -\frac1n \sum_{i=1}^n \left[y_i \log p_i + (1 - y_i) \log(1 - p_i)\right]
R | \nabla J(w) = \frac1n \sum_{i=1}^n (p_i - y_i) x_i
W | \nabla J(w) = \frac1n \sum_{i=1}^n (p_i + y_i) x_i
""",
    "a function said case by case, the cases ending at 1": r"""
$f(z) = \ln(1 + e^z)$. $H(r) = \frac12 r^2$ for $|r| \le 1$ and $H(r) = |r| - \frac12$ for $|r| > 1$.
R | H'(r) = \max(-1, \min(1, r))
W | H'(r) = \max(-1, \min(2, r))
R | H(0.5) = 0.125
W | H'(r) = \begin{cases} 2r & |r| \le 1 \\ \frac{r}{|r|} & |r| > 1 \end{cases}
""",
    "how far a step goes is said by it": r"""
R | o = \sigma(w x)
R | E = (t - o)^2
R | \Delta w = -\frac{\eta}{2} \frac{\partial E}{\partial w} = \eta (t - o) o (1 - o) x
W | \Delta w = \frac{\eta}{2} \frac{\partial E}{\partial w}
""",
    "the true class": r"""
R | p_k = \frac{\exp(z_k)}{\sum_l \exp(z_l)}
R | L = -\log p_t
R | \frac{\partial L}{\partial z_t} = p_t - 1
R | \frac{\partial L}{\partial z_k} = p_k \quad (k \neq t)
W | \frac{\partial L}{\partial z_k} = p_k - 1 \quad (k \neq t)
R | \frac{\partial L}{\partial z_k} = p_k - \mathbb{1}[k = t]
W | \frac{\partial L}{\partial z_k} = p_k
""",
}  # fmt: skip


@pytest.mark.parametrize("title", NOTES)
def test_formulas(title):
    assert_as_marked(NOTES[title])


def test_bars_that_are_said_by_a_chain_or_at_its_end_are_derivatives() -> None:
    assert_as_marked(r"""
        R | L = \frac{1}{2} (y - t)^2
        R | y = \sigma(z)
        R | \frac{\partial L}{\partial y} = y - t = \overline{y}
        R | \frac{\partial y}{\partial z} = \frac{\partial \sigma}{\partial z} = \sigma'(z)
        R | \overline{z} = \frac{∂L}{∂y} \frac{∂y}{∂z} = \overline{y} \sigma'(z)
        W | \overline{z} = \overline{y} \sigma(z)
    """)
