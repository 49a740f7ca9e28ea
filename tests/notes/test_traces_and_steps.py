"""Traces, steps in time, gates, convolutions and losses of which nothing is said."""

import pytest

from autograd import check_notes
from tests.notes.marked import assert_as_marked

NOTES = {
    "an error e beside the number e": r"""
$\sigma(z) = \frac{1}{1 + e^{-z}}$, $w = 0.5$, $x = 2$, $t = 1$, $\alpha = 0.1$
R | o = \sigma(w x) = \frac{1}{1 + e^{-1}} = 0.7311
R | e = t - o = 0.2689
R | \delta = o (1 - o) e = 0.7311 \cdot 0.2689 \cdot 0.2689 = 0.0529
R | \Delta w = \alpha \, x \, \delta = 0.1 \cdot 2 \cdot 0.0529 = 0.0106
R | w = w + \Delta w = 0.5 + 0.0106 = 0.5106
W | w = w + \Delta w = 0.5 + 0.0106 = 0.5206
""",
    "an error e that is squared": r"""
$e = a - y$, $a = w x$, $L = \frac{1}{2} e^2$
R | \frac{\partial L}{\partial w} = e x
W | \frac{\partial L}{\partial w} = e^2 x
""",
    "adjoints of a trace": r"""
$(a, b) = (3, 2)$
$v_{-1} = a$, $v_0 = b$, $v_1 = v_{-1} v_0$, $v_2 = \ln v_{-1}$, $v_3 = v_1 + v_2$, $y = v_3$
$\bar{v}_i = \frac{\partial y}{\partial v_i}$
R | \bar{v}_3 = \bar{y} = 1
R | \bar{v}_{-1} = \bar{v}_1 v_0 + \bar{v}_2 / v_{-1}
W | \bar{v}_{-1} = \bar{v}_1 v_0 - \bar{v}_2 / v_{-1}
R | \bar{v}_0 = \bar{v}_1 v_{-1} = 3
W | \bar{v}_0 = \bar{v}_1 v_0
R | \bar{a} = \bar{v}_{-1}
W | \bar{b} = \bar{v}_{-1}
""",
    "the gates of an LSTM, with d for the derivatives of the loss": r"""
$i_t = \sigma(a^i_t)$, $a^i_t = W_i x_t + U_i h_{t-1} + b_i$, $f_t = \sigma(a^f_t)$,
$a^f_t = W_f x_t + U_f h_{t-1} + b_f$, $o_t = \sigma(a^o_t)$, $a^o_t = W_o x_t + U_o h_{t-1} + b_o$,
$g_t = \tanh(a^g_t)$, $a^g_t = W_g x_t + U_g h_{t-1} + b_g$,
$c_t = f_t \odot c_{t-1} + i_t \odot g_t$, $h_t = o_t \odot \tanh(c_t)$.
Let $dv = \partial L / \partial v$ for any $v$.
R | dc_t = dh_t \odot o_t \odot (1 - \tanh^2(c_t)) + dc_{t+1} \odot f_{t+1}
W | dc_t = dh_t \odot o_t \odot (1 - \tanh^2(c_t)) + dc_{t+1} \odot f_t
R | do_t = dh_t \odot \tanh(c_t)
R | da^o_t = do_t \odot o_t \odot (1 - o_t)
W | da^o_t = do_t \odot o_t \odot (1 - o_t^2)
R | da^g_t = dg_t \odot (1 - g_t^2)
R | dW_o = \sum_t da^o_t x_t^T
W | dU_f = \sum_t da^f_t h_t^T
""",
    "one step back through the gates": r"""
$f_t = \sigma(W_f x_t + U_f h_{t-1})$, $g_t = \tanh(W_g x_t + U_g h_{t-1})$,
$o_t = \sigma(W_o x_t + U_o h_{t-1})$, $c_t = f_t \odot c_{t-1} + g_t$, $h_t = o_t \odot \tanh(c_t)$.
Given $dh_t = \partial L / \partial h_t$ and $dc_t$:
R | dg_t = dc_t
R | df_t = dc_t \odot c_{t-1}
W | df_t = dc_t \odot c_t
R | dc_{t-1} = dc_t \odot f_t
""",
    "a Jacobian": r"""
$g(u, v) = (u^2 v, u + \sin v)$
R | J_g = \begin{pmatrix} 2 u v & u^2 \\ 1 & \cos v \end{pmatrix}
W | J_g = \begin{pmatrix} 2 u v & u^2 \\ 1 & \sin v \end{pmatrix}
N | J_g(u, v) = \begin{pmatrix} 2 u v & 1 \\ u^2 & \cos v \end{pmatrix}
""",
    "steps in time": r"""
R | s_t = \tanh(R s_{t-1} + Q x_t + b)
R | z_t = V s_t + c
R | p_t = \mathrm{softmax}(z_t)
R | L = \sum_{t=1}^{T} L_t, \qquad L_t = -\sum_k y_{t,k} \log p_{t,k}
R | \frac{\partial L}{\partial z_t} = p_t - y_t
R | \nabla_c L = \sum_{t=1}^{T} \frac{\partial L}{\partial z_t}
R | \nabla_b L = \sum_{t=1}^{T} \operatorname{diag}(1 - s_t^2) \frac{\partial L}{\partial s_t}
R | \nabla_R L = \sum_{t=1}^{T} \operatorname{diag}(1 - s_t^2) \frac{\partial L}{\partial s_t} s_{t-1}^\top
W | \nabla_R L = \sum_{t=1}^{T} \operatorname{diag}(1 - s_t^2) \frac{\partial L}{\partial s_t} s_t^\top
R | \nabla_V L = \sum_{t=1}^{T} \frac{\partial L}{\partial z_t} s_t^\top
W | \nabla_V L = \sum_{t=1}^{T} \frac{\partial L}{\partial z_t} s_{t-1}^\top
""",
    "gates, with delta for a derivative": r"""
$g_t = \sigma(W x_t + U h_{t-1})$, $\tilde{s}_t = \tanh(P x_t + R h_{t-1})$
$s_t = g_t \odot s_{t-1} + (1 - g_t) \odot \tilde{s}_t$, $h_t = \tanh(s_t)$
$\delta h_t = \frac{\partial E}{\partial h_t}$, $\delta s_t = \frac{\partial E}{\partial s_t}$
R | \delta s_t = \delta h_t \odot (1 - h_t^2) + \delta s_{t+1} \odot g_{t+1}
W | \delta s_t = \delta h_t \odot (1 - h_t^2) + \delta s_{t+1} \odot g_t
R | \delta g_t = \delta s_t \odot (s_{t-1} - \tilde{s}_t)
W | \delta g_t = \delta s_t \odot (s_t - \tilde{s}_t)
R | \delta \hat{g}_t = \delta g_t \odot g_t \odot (1 - g_t)
W | \delta \hat{g}_t = \delta g_t \odot g_t
R | \delta \hat{s}_t = \delta \tilde{s}_t \odot (1 - \tilde{s}_t^2)
W | \delta \hat{s}_t = \delta \tilde{s}_t \odot (1 - \tilde{s}_t)
""",
    "one step of a cell": r"""
$f_t = \sigma(W x_t + U h_{t-1})$, $c_t = f_t \odot c_{t-1}$, $h_t = \tanh(c_t)$
$\delta h_t = \frac{\partial E}{\partial h_t}$
R | \frac{\partial E}{\partial c_t} = \delta h_t \odot (1 - \tanh^2(c_t))
W | \frac{\partial E}{\partial c_t} = \delta h_t \odot (1 - \tanh(c_t))
R | \frac{\partial E}{\partial f_t} = \frac{\partial E}{\partial c_t} \odot c_{t-1}
W | \frac{\partial E}{\partial f_t} = \frac{\partial E}{\partial c_t} \odot c_t
""",
    "a convolution from 0": r"""
$y_i = \sum_{k=0}^{K-1} w_k x_{i+k} + b$
R | \frac{\partial y_i}{\partial w_k} = x_{i+k}
R | \frac{\partial L}{\partial w_k} = \sum_i \frac{\partial L}{\partial y_i} x_{i+k}
R | \frac{\partial L}{\partial x_j} = \sum_{k=0}^{K-1} \frac{\partial L}{\partial y_{j-k}} w_k
R | \frac{\partial L}{\partial b} = \sum_i \frac{\partial L}{\partial y_i}
W | \frac{\partial L}{\partial b} = \frac{\partial L}{\partial y_i}
""",
    "a convolution in two dimensions, its bounds said once": r"""
$Z_{i,j} = \sum_{m=0}^{M-1} \sum_{n=0}^{N-1} X_{i+m,j+n} K_{m,n} + b$
R | \frac{\partial L}{\partial K_{m,n}} = \sum_i \sum_j \frac{\partial L}{\partial Z_{i,j}} X_{i+m,j+n}
R | \frac{\partial L}{\partial X_{p,q}} = \sum_m \sum_n \frac{\partial L}{\partial Z_{p-m,q-n}} K_{m,n}
W | \frac{\partial L}{\partial X_{p,q}} = \sum_m \sum_n \frac{\partial L}{\partial Z_{p-m,q-n}} K_{n,m}
""",
    "error signals beside those that there are": r"""
$y_i = \sum_k w_k x_{i+k}$, $\delta_i = \frac{\partial L}{\partial y_i}$
R | \frac{\partial L}{\partial w_k} = \sum_i \delta_i x_{i+k}
R | \frac{\partial L}{\partial x_j} = \sum_k \delta_{j-k} w_k
W | \frac{\partial L}{\partial x_j} = \sum_k \delta_{j+k} w_k
""",
    "a stride": r"""
$y_i = \sum_{k=0}^{K-1} w_k x_{si+k}$, $p_i = \frac{1}{4} \sum_{a=0}^{3} y_{4i+a}$
R | \frac{\partial y_i}{\partial x_{si+k}} = w_k
W | \frac{\partial y_i}{\partial x_{si+k}} = w_i
R | \frac{\partial p_i}{\partial y_{4i+1}} = \frac{1}{4}
R | \frac{\partial L}{\partial w_k} = \sum_i \frac{\partial L}{\partial y_i} x_{s \cdot i + k}
NW | \frac{\partial L}{\partial w_k} = \sum_i \frac{\partial L}{\partial y_i} x_{i + k}
""",
    "z for z_t": r"""
$z = [h_{t-1}; x_t]$, $f_t = \sigma(W_f z + b_f)$, $g_t = \tanh(W_g z + b_g)$
$c_t = f_t \odot c_{t-1} + (1 - f_t) \odot g_t$, $h_t = \tanh(c_t)$
$dh_t = \partial L / \partial h_t$, and $\hat{f}_t$, $\hat{g}_t$ are the pre-activations.
R | dc_t = dc_{t+1} \odot f_{t+1} + dh_t \odot (1 - h_t^2)
R | df_t = dc_t \odot (c_{t-1} - g_t)
W | df_t = dc_t \odot (c_t - g_t)
R | d\hat{f}_t = df_t \odot f_t \odot (1 - f_t)
R | d\hat{g}_t = dg_t \odot (1 - g_t^2)
R | dz = W_f^T d\hat{f}_t + W_g^T d\hat{g}_t
A | dW_f = d\hat{f}_t z^T
A | db_f = d\hat{f}_t
""",
    "the cell before": r"""
$f = \sigma(W_f x + U_f h_{prev})$, $g = \tanh(W_g x + U_g h_{prev})$, $c = f \odot c_{prev} + (1 - f) \odot g$, $h = \tanh(c)$
R | \frac{\partial L}{\partial c} = \frac{\partial L}{\partial h} \odot (1 - h^2)
R | \frac{\partial L}{\partial c_{prev}} = \frac{\partial L}{\partial c} \odot f
W | \frac{\partial L}{\partial c_{prev}} = \frac{\partial L}{\partial c} \odot g
R | \frac{\partial L}{\partial f} = \frac{\partial L}{\partial c} \odot (c_{prev} - g)
W | \frac{\partial L}{\partial f} = \frac{\partial L}{\partial c} \odot (c - g)
""",  # noqa: E501
    "pre-activations with the letter of the gate": r"""
$z_t = \sigma(W_z x_t + U_z h_{t-1})$, $r_t = \sigma(W_r x_t + U_r h_{t-1})$, $\hat{h}_t = \tanh(W_h x_t + U_h (r_t \odot h_{t-1}))$
$h_t = z_t \odot h_{t-1} + (1 - z_t) \odot \hat{h}_t$. Let $a^h_t$, $a^z_t$, $a^r_t$ be the pre-activations.
R | \frac{\partial L}{\partial z_t} = \frac{\partial L}{\partial h_t} \odot (h_{t-1} - \hat{h}_t)
W | \frac{\partial L}{\partial z_t} = \frac{\partial L}{\partial h_t} \odot (\hat{h}_t - h_{t-1})
R | \frac{\partial L}{\partial a^h_t} = \frac{\partial L}{\partial \hat{h}_t} \odot (1 - \hat{h}_t^2)
R | \frac{\partial L}{\partial r_t} = (U_h^\top \frac{\partial L}{\partial a^h_t}) \odot h_{t-1}
R | \frac{\partial L}{\partial a^{(r)}_t} = \frac{\partial L}{\partial r_t} \odot r_t \odot (1 - r_t)
W | \frac{\partial L}{\partial a^z_t} = \frac{\partial L}{\partial z_t} \odot z_t \odot (1 + z_t)
""",  # noqa: E501
    "classes, one of which has a number": r"""
$\ell = -\log \frac{e^{s_1/\tau}}{\sum_j e^{s_j/\tau}}$, $q_j = \frac{e^{s_j/\tau}}{\sum_k e^{s_k/\tau}}$
R | \frac{\partial \ell}{\partial s_1} = \frac{1}{\tau} (q_1 - 1)
R | \frac{\partial \ell}{\partial s_j} = \frac{q_j}{\tau} \quad (j \neq 1)
W | \frac{\partial \ell}{\partial s_j} = q_j \quad (j \neq 1)
""",
    "negative samples": r"""
$J = -\log \sigma(u_o^\top v_c) - \sum_{k=1}^{K} \log \sigma(-u_k^\top v_c)$
R | \frac{d}{dz} \log \sigma(z) = 1 - \sigma(z)
W | \frac{d}{dz} \log \sigma(z) = 1 + \sigma(z)
R | \frac{\partial J}{\partial u_o} = (\sigma(u_o^\top v_c) - 1) v_c
W | \frac{\partial J}{\partial u_o} = \sigma(u_o^\top v_c) v_c
W | \frac{\partial J}{\partial u_k} = \sigma(-u_k^\top v_c) v_c
""",
    "a probability by the letter pi": r"""
$\pi_a = \frac{e^{z_a}}{\sum_b e^{z_b}}$, $H = -\sum_a \pi_a \log \pi_a$
R | \frac{\partial H}{\partial z_b} = -\pi_b (\log \pi_b + H)
W | \frac{\partial H}{\partial z_b} = -\pi_b (\log \pi_b + 1)
""",
    "activations with a constant, and by an intermediate": r"""
$f(x) = \max(\alpha x, x)$, $g(x) = \max(x, \beta x)$ with $0 < \beta < 1$, $m(x) = x \tanh(s)$, where $s = \log(1 + e^x)$
R | f'(x) = \begin{cases} 1 & x > 0 \\ \alpha & x < 0 \end{cases}
W | f'(x) = \begin{cases} 1 & x > 0 \\ \alpha x & x < 0 \end{cases}
R | g'(x) = \begin{cases} 1 & x > 0 \\ \beta & x < 0 \end{cases}
R | m'(x) = \tanh(s) + x (1 - \tanh^2(s)) \sigma(x)
W | m'(x) = \tanh(s) + x (1 - \tanh^2(s))
""",  # noqa: E501
    "three steps written out, from 0": r"""
$h_0 = 0$, $z_1 = U x_1 + W h_0$, $h_1 = \tanh(z_1)$, $z_2 = U x_2 + W h_1$, $h_2 = \tanh(z_2)$
$\hat{y} = V h_2$, $L = \frac{1}{2} \|\hat{y} - y\|^2$
R | \delta_2 = \frac{\partial L}{\partial h_2} \odot (1 - h_2^2)
R | \delta_1 = (W^T \delta_2) \odot (1 - h_1^2)
W | \delta_1 = (W^T \delta_2) \odot (1 - h_2^2)
R | \frac{\partial L}{\partial W} = \delta_2 h_1^T + \delta_1 h_0^T
R | \frac{\partial L}{\partial U} = \delta_2 x_2^T + \delta_1 x_1^T
W | \frac{\partial L}{\partial U} = \delta_2 x_2^T + \delta_1 x_2^T
""",
    "a product that gets a name under a function": r"""
$H = \sigma(\hat{A} X W^{(0)})$, $Z = \hat{A} H W^{(1)}$, $G = \frac{\partial L}{\partial Z}$, $S = \hat{A} X W^{(0)}$
R | \frac{\partial L}{\partial H} = \hat{A}^\top G (W^{(1)})^\top
R | \frac{\partial L}{\partial S} = \frac{\partial L}{\partial H} \odot \sigma'(S)
R | \frac{\partial L}{\partial W^{(0)}} = X^\top \hat{A}^\top \frac{\partial L}{\partial S}
W | \frac{\partial L}{\partial W^{(0)}} = X^\top \hat{A}^\top \frac{\partial L}{\partial H}
""",  # noqa: E501
    "smoothed labels": r"""
$q_k = (1 - \varepsilon) y_k + \frac{\varepsilon}{K}$, $L = -\sum_{k=1}^K q_k \log p_k$,
$p = \mathrm{softmax}(z)$
R | \frac{\partial L}{\partial z_k} = p_k - q_k
W | \frac{\partial L}{\partial z_k} = p_k - y_k
""",
    "a first step that the notes write": r"""
$x_t = \sqrt{\alpha_t} x_0 + \sqrt{1 - \alpha_t} \epsilon$ with $\epsilon \sim \mathcal{N}(0, I)$, $g = w x_t + b$, $L = (g - \epsilon)^2$
R | \frac{\partial L}{\partial w} = 2 (g - \epsilon) x_t
W | \frac{\partial L}{\partial w} = 2 (g - \epsilon) x_0
R | \frac{\partial x_t}{\partial x_0} = \sqrt{\alpha_t} I
""",  # noqa: E501
    "a product of Jacobians, in both layouts": r"""
$h_t = \tanh(a_t)$, $a_t = W x_t + U h_{t-1} + b$, $L = \frac{1}{2} \|h_T - y\|^2$, $U \in \mathbb{R}^{3 \times 3}$
R | \frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2) U
A | \frac{\partial h_t}{\partial h_{t-1}} = U^T \mathrm{diag}(1 - h_t^2)
W | \frac{\partial h_t}{\partial h_{t-1}} = U \mathrm{diag}(1 - h_t^2)
R | \frac{\partial h_t}{\partial h_k} = \prod_{i=k+1}^{t} \mathrm{diag}(1 - h_i^2) U
A | \frac{\partial h_t}{\partial h_k} = \prod_{i=k+1}^{t} U^T \mathrm{diag}(1 - h_i^2)
W | \frac{\partial h_t}{\partial h_k} = \prod_{i=k+1}^{t} \mathrm{diag}(1 - h_i) U
""",  # noqa: E501
    "a deviation, and its logarithm": r"""
$z_j = \mu_j + \sigma_j \epsilon_j$, $s_j = \log \sigma_j^2$, $\sigma_j = e^{s_j / 2}$
$D = -\frac{1}{2} \sum_j (1 + \log \sigma_j^2 - \mu_j^2 - \sigma_j^2)$
R | \frac{\partial z_j}{\partial \sigma_j} = \epsilon_j
W | \frac{\partial z_j}{\partial \sigma_j} = \sigma_j
R | \frac{\partial D}{\partial \sigma_j} = \sigma_j - \frac{1}{\sigma_j}
R | \frac{\partial D}{\partial s_j} = \frac{1}{2} (e^{s_j} - 1)
W | \frac{\partial D}{\partial s_j} = \frac{1}{2} (1 - e^{s_j})
""",
    "a layer, and nothing of the loss": r"""
$Y = X W + B$ where $X$ is $N \times D$ and $W$ is $D \times M$.
R | \frac{\partial L}{\partial X} = \frac{\partial L}{\partial Y} W^T
W | \frac{\partial L}{\partial X} = W^T \frac{\partial L}{\partial Y}
R | \frac{\partial L}{\partial W} = X^T \frac{\partial L}{\partial Y}
W | \frac{\partial L}{\partial W} = X \frac{\partial L}{\partial Y}

$s_k = \frac{\exp(a_k)}{\sum_i \exp(a_i)}$, $L = -\sum_k t_k \log s_k$
R | \frac{\partial L}{\partial a_k} = s_k - t_k
""",
    "attention": r"""
$S = \frac{Q K^\top}{\sqrt{d}}$, $P = \mathrm{softmax}(S)$, $O = P V$, row by row: $P_{ij} = \frac{e^{S_{ij}}}{\sum_k e^{S_{ik}}}$
$dO = \frac{\partial L}{\partial O}$
R | dV = P^\top dO
W | dV = P \, dO
R | dP = dO \, V^\top
R | dS_{ij} = P_{ij} \left(dP_{ij} - \sum_k P_{ik} dP_{ik}\right)
R | dQ = \frac{1}{\sqrt{d}} dS \, K
W | dQ = \frac{1}{d} dS \, K
""",  # noqa: E501
    "a mean over as many as there are": r"""
$\mu = \frac{1}{d} \sum_i x_i$, $\sigma = \sqrt{\frac{1}{d} \sum_i (x_i - \mu)^2}$, $u_i = \frac{x_i - \mu}{\sigma}$
R | \frac{\partial u_i}{\partial x_j} = \frac{1}{\sigma} \left(\delta_{ij} - \frac{1}{d} - \frac{u_i u_j}{d}\right)
W | \frac{\partial u_i}{\partial x_j} = \frac{1}{\sigma} \left(\delta_{ij} - \frac{1}{d} + \frac{u_i u_j}{d}\right)
""",  # noqa: E501
    "the normal distribution": r"""
$G(x) = x \Phi(x)$, where $\phi$ is the density.
R | G'(x) = \Phi(x) + x \phi(x)
NW | G'(x) = \Phi(x) + \phi(x)
""",
}  # fmt: skip


@pytest.mark.parametrize("title", NOTES)
def test_formulas(title):
    assert_as_marked(NOTES[title])


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        (r"\theta_t = \theta_{t-1} - \eta\frac{\hat m_t}{\sqrt{\hat v_t}+\epsilon}", "right"),
        (r"\theta_t = \theta_{t-1} - \frac{\eta}{\sqrt{\hat v_t + \epsilon}} \hat m_t", "right"),
        (r"\theta_t = \theta_{t-1} + \eta\frac{\hat m_t}{\sqrt{\hat v_t}+\epsilon}", "wrong"),
        (r"\theta_t = \theta_{t-1} - \eta\frac{\hat m_t}{\hat v_t+\epsilon}", "wrong"),
        (r"\theta_t = \theta_{t-1} - \eta\frac{\hat v_t}{\sqrt{\hat m_t}+\epsilon}", "not understood"),
    ],
)
def test_a_step_of_adam_has_one_form(step: str, verdict: str) -> None:
    notes = (
        r"$g_t = \nabla_\theta L(\theta_{t-1})$, $m_t = \beta_1 m_{t-1} + (1-\beta_1)g_t$, "
        r"$v_t = \beta_2 v_{t-1} + (1-\beta_2)g_t^2$, "
        r"$\hat m_t = \frac{m_t}{1-\beta_1^t}$, $\hat v_t = \frac{v_t}{1-\beta_2^t}$."
    )
    assert check_notes(f"{notes}\n\n${step}$", file="n.md").claims[-1].verdict == verdict


@pytest.mark.parametrize(
    ("average", "step", "verdicts"),
    [
        (r"v := \beta v + (1-\beta) \frac{dL}{dw}", r"w := w - \eta v", ["right", "right"]),
        (r"v := \beta v + (1-\beta) \frac{dL}{dw}", r"w := w + \eta v", ["right", "wrong"]),
        (r"v := 0.9 v + 0.1 dw", r"w := w - \eta v", ["right", "right"]),
        (r"v := \gamma v + \eta \nabla_w L", r"w := w - v", ["right", "right"]),
        (r"v := \beta v + (1+\beta) \frac{dL}{dw}", r"w := w - \eta v", ["not understood", "not understood"]),
    ],
)
def test_an_average_that_is_made_of_itself(average: str, step: str, verdicts: list[str]) -> None:
    notes = r"$L = (w-3)^2$, $\frac{dL}{dw} = 2(w-3)$." + f"\n\n${average}$\n\n${step}$"
    assert [claim.verdict for claim in check_notes(notes, file="n.md").claims[-2:]] == verdicts


@pytest.mark.parametrize(("mask", "verdict"), [("dH[Z \\le 0] = 0", "R"), ("dH[Z > 0] = 0", "NW")])
def test_a_slope_is_put_to_0_where_the_unit_is_off(mask: str, verdict: str) -> None:
    assert_as_marked(rf"""
        R | Z = X W_1, \quad H = \max(0, Z), \quad S = H W_2, \quad L = \frac12\|S - Y\|^2
        R | dS = S - Y
        R | dH = dS W_2^T
        R | {mask}
        {verdict} | dW_1 = X^T dH
    """)
