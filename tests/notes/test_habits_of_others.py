r"""Habits of lecturers and students: sets, intervals, cases in running text, counts with a value, gates.

Each note has formulas that are right, and the mistakes that people make in them.
"""

import pytest

from autograd.notes.checking import check_notes

from .marked import assert_as_marked

NOTES = {
    "bars in prose": r"""
        R | O = A V
        Write $\bar Z$ for $\partial \mathcal L/\partial Z$; $\bar O$ is given.
        R | \bar V = A^\top \bar O
        R | \bar A = \bar O V^\top
    """,
    "bars in prose, a transpose forgotten": r"""
        R | O = A V
        Write $\bar Z$ for $\partial \mathcal L/\partial Z$; $\bar O$ is given.
        W | \bar V = A \bar O
        R | \bar A = \bar O V^\top
    """,
    "a letter with the name of what a slope is by": r"""
        R | G_M = \partial\ell/\partial M
        R | Y = W X + b
        R | A = \phi(Y)
        R | G_W = G_Y X^T
        R | G_Y = \phi'(Y) \odot G_A
        W | G_W = X^T G_Y
    """,
    "bars before another loss": r"""
        # Blocks
        Let $u = W_1 x$, $v = \phi(u)$, $y = x + W_2 v$ and $\bar y = \partial C/\partial y$.
        R | \bar v = W_2^\top \bar y
        R | \bar u = \phi'(u) \odot \bar v
        W | \bar u = \phi(u) \odot \bar v
        # Decay
        R | C = C_0 + \frac{\lambda}{2 n} \sum_w w^2
    """,
    "an upstream gradient, and a loss further down": r"""
        # One layer
        With $X \in \mathbb{R}^{B \times D}$, $W \in \mathbb{R}^{M \times D}$, $b \in \mathbb{R}^M$
        R | G = \frac{\partial L}{\partial Y}
        R | Y = X W^\top + \mathbf{1} b^\top
        R | Y_{nm} = \sum_d X_{nd} W_{md} + b_m
        R | \frac{\partial L}{\partial X_{nd}} = \sum_m G_{nm} W_{md}
        R | \frac{\partial L}{\partial W} = G^\top X
        W | \frac{\partial L}{\partial X_{nd}} = \sum_m G_{nm} W_{dm}
        # Two
        R | L = \frac{1}{2} \lVert O - T \rVert^2
    """,
    "a set that has no name is no definition": r"""
        $E \in \mathbb{R}^{(V+1)\times d}$
        R | e = E^\top q
        R | J = \|e - t\|^2
        R | \frac{\partial J}{\partial E} = q \left(\frac{\partial J}{\partial e}\right)^\top
    """,
    "as many rows as words": r"""
        $E \in \mathbb{R}^{|V|\times d}$
        R | e = E^\top q
        R | J = \|e - t\|^2
        R | \frac{\partial J}{\partial E} = q \left(\frac{\partial J}{\partial e}\right)^\top
        W | \frac{\partial J}{\partial E} = \frac{\partial J}{\partial e} q^\top
    """,
    "gates with the letters of indices": r"""
        R | n = \tanh(W_n x + b_n)
        R | z = \sigma(W_z x + U_z h_0 + b_z)
        R | h = (1 - z) * n + z * h_0
        With $dh = \partial L / \partial h$ given, $a_n = W_n x + b_n$ and $a_z = W_z x + U_z h_0 + b_z$:
        R | dn = dh * (1 - z)
        R | dz = dh * (h_0 - n)
        R | da_n = dn * (1 - n^2)
        R | da_z = dz * z * (1 - z)
        W | da_z = dz * z * (1 + z)
        R | dW_n = da_n\, x^T, \quad dW_z = da_z\, x^T
    """,
}


@pytest.mark.parametrize("title", NOTES)
def test_formulas(title: str) -> None:
    assert_as_marked(NOTES[title])


def verdicts(note: str) -> list[str]:
    return [claim.verdict for claim in check_notes(note, file="note.md").claims if claim.kind != "mention"]


@pytest.mark.parametrize(("slope", "verdict"), [("1 - \\tau", "right"), ("-\\tau", "wrong")])
def test_cases_in_running_text(slope: str, verdict: str) -> None:
    r"""An interval says no shape, and "and for u > 0" begins a case; \tau stands for any number."""
    note = (
        r"With $\tau\in(0,1)$, $u = y - f$: "
        r"$\ell = \max(\tau u, (\tau - 1) u)$ and for $u > 0$, $\frac{\partial \ell}"
        r"{\partial f} = -\tau$; for $u < 0$, $\frac{\partial \ell}{\partial f} = SLOPE$."
    )
    assert verdicts(note.replace("SLOPE", slope))[-2:] == ["right", verdict]


def test_otherwise_is_the_other_case() -> None:
    note = (
        r"$f = \max(2 u, -3 u)$. When $u > 0$ we have $\frac{df}{du} = 2$, otherwise $\frac{df}{du} = SLOPE$."
    )
    assert verdicts(note.replace("SLOPE", "-3"))[-1] == "right"
    assert verdicts(note.replace("SLOPE", "3"))[-1] == "wrong"


@pytest.mark.parametrize(("value", "verdict"), [("0.01", "right"), ("0.02", "wrong")])
def test_a_count_may_have_a_value(value: str, verdict: str) -> None:
    """The N of a sum is any number, until the notes say which."""
    note = r"$L = \frac1N \sum_{n=1}^{N} (y_n - t_n)^2$. With $N = 100$: $\frac{1}{N} = VALUE$."
    assert verdicts(note.replace("VALUE", value))[-1] == verdict


@pytest.mark.parametrize(("value", "verdict"), [("0.1216", "right"), ("0.1351", "wrong")])
def test_the_power_of_a_number_is_no_transpose(value: str, verdict: str) -> None:
    note = rf"With $w = 0.9$ and $T = 20$ steps the factor is $w^T \approx {value}$."
    assert verdicts(note)[-1] == verdict


LOSSES = r"""
1. Hinge: $\ell = \max(0, 1 - y f)$, $\frac{\partial \ell}{\partial f} = -y\,\mathbb{1}[y f < 1]$.
2. Squared hinge: $\ell = \max(0, 1 - yf)^2$, $\frac{\partial \ell}{\partial f} = -2 y \max(0, 1 - y f)$.
3. Log-cosh: $\ell = \log\cosh(f - y)$, $\frac{\partial \ell}{\partial f} = \tanh(f - y)$.
4. Exponential: $\ell = e^{-yf}$, $\frac{\partial\ell}{\partial f} = -y e^{-yf}$.
"""


@pytest.mark.parametrize(("right", "wrong"), [("-2 y", "-y"), (r"\tanh(f", r"\cosh(f"), ("-y e", "y e")])
def test_a_mistake_about_one_of_several_meanings(right: str, wrong: str) -> None:
    assert set(verdicts(LOSSES)) == {"right"}
    assert verdicts(LOSSES.replace(right, wrong)).count("wrong") == 1


CIRCUITS = r"""
## One
$f(x,y) = 2 (x y + 3)$ at $x=3$, $y=-4$. With $p = xy = -12$ and $s = p + 3 = -9$, $f = 2 s = -18$.

$\frac{\partial f}{\partial x} = 2 y = FIRST$

## Two
$q = w_0 x_0 + b$ and $f = \sigma(q) = \frac{1}{1 + e^{-q}}$, where $w_0 = 1.5$, $x_0 = -2$, $b = 2.5$.

$q = -3 + 2.5 = -0.5$ and $f \approx 0.3775$. $\frac{df}{dq} = f(1 - f) \approx 0.235$

## Three
$f(x) = x^3$ at $x = 2$: $f'(2) = 12$.
"""


def test_numbers_of_what_is_something_else_under_another_heading() -> None:
    assert "wrong" not in verdicts(CIRCUITS.replace("FIRST", "-8"))
    assert verdicts(CIRCUITS.replace("FIRST", "6")).count("wrong") == 1


WORDS = r"""
    R | P(o \mid c) = \hat y_o = \frac{\exp(u_o^\top v_c)}{\sum_w \exp(u_w^\top v_c)}
    R | J = -\log P(o \mid c) = -u_o^\top v_c + \log \sum_w \exp(u_w^\top v_c)
    R | \frac{\partial J}{\partial u_w} = \begin{cases} (\hat y_w - 1)\, v_c & w = o\\ \hat y_w\, v_c & w \ne o \end{cases}
    W | \frac{\partial J}{\partial u_w} = \begin{cases} (\hat y_w - 1)\, v_c & w = o\\ \hat y_w\, u_w & w \ne o \end{cases}
"""  # noqa: E501


def test_vectors_that_all_have_an_index() -> None:
    assert_as_marked(WORDS)


def test_a_slope_of_any_number_beside_vectors_of_that_letter() -> None:
    assert_as_marked(r"""
        R | L = \|\sigma(W x + b) - t\|^2
        R | \sigma(x) = \frac{1}{1+e^{-x}}
        R | \frac{d\sigma}{dx} = \sigma(x)(1-\sigma(x))
        R | \frac{d}{dx}\sigma(x) = \sigma(x)(1-\sigma(x))
        W | \frac{\partial \sigma(x)}{\partial x} = \sigma(x)(1+\sigma(x))
        R | \frac{d \tanh(x)}{dx} = 1 - \tanh^2(x)
    """)


def test_the_error_of_one_example_of_which_only_the_sum_is_said() -> None:
    assert_as_marked(r"""
        R | a_j = \sum_i w_{ji} z_i , \qquad z_j = h(a_j)
        R | E(\mathbf{w}) = \sum_{n=1}^{N} E_n(\mathbf{w})
        R | \delta_j \equiv \frac{\partial E_n}{\partial a_j}
        R | \frac{\partial E_n}{\partial w_{ji}} = \delta_j z_i
        R | \delta_j = h'(a_j) \sum_k w_{kj} \delta_k
        W | \delta_j = h(a_j) \sum_k w_{kj} \delta_k
    """)


@pytest.mark.parametrize(("gram", "verdict"), [("X^T X", "right"), ("X X^T", "not understood")])
def test_a_product_that_cannot_be_formed_defines_nothing(gram: str, verdict: str) -> None:
    note = r"$X \in \mathbb{R}^{N\times d}$, $y \in \mathbb{R}^N$, $w^\star = (GRAM)^{-1} X^T y$."
    assert verdicts(note.replace("GRAM", gram))[-1] == verdict


def test_the_class_of_an_example_as_an_index():
    assert_as_marked(
        r"""
        R | f = W x_i
        R | p_k = \frac{e^{f_k}}{\sum_j e^{f_j}}
        R | L_i = -\log(p_{y_i})
        R | L = \frac1N \sum_i L_i
        R | \frac{\partial L_i}{\partial f_k} = p_k - \mathbb{1}(y_i = k)
        W | \frac{\partial L_i}{\partial f_k} = p_k + \mathbb{1}(y_i = k)
        R | \frac{\partial L_i}{\partial f_{y_i}} = p_{y_i} - 1
        """
    )
    assert_as_marked(
        r"""
        R | L_i = \sum_{j \neq y_i} \max(0, w_j^T x_i - w_{y_i}^T x_i + \Delta)
        R | \nabla_{w_{y_i}} L_i = -(\sum_{j \neq y_i} \mathbb{1}(w_j^T x_i - w_{y_i}^T x_i + \Delta > 0)) x_i
        W | \nabla_{w_{y_i}} L_i = (\sum_{j \neq y_i} \mathbb{1}(w_j^T x_i - w_{y_i}^T x_i + \Delta > 0)) x_i
        For the others, $j \neq y_i$:
        R | \nabla_{w_j} L_i = \mathbb{1}(w_j^T x_i - w_{y_i}^T x_i + \Delta > 0) x_i
        """
    )


def test_a_letter_of_a_class_and_elsewhere_of_a_number():
    assert_as_marked(
        r"""
        R | L = -\log p_y
        R | p_k = \frac{e^{f_k}}{\sum_j e^{f_j}}
        # Gates
        R | q = x + y
        R | x = -2, \quad y = 5
        R | q = 3
        """
    )


@pytest.mark.parametrize(
    ("loss", "slope"), [(r"\frac{1}{N}\sum_{i=1}^N", r"\frac1N(P - Y)"), (r"\sum_i", "(P - Y)")]
)
def test_a_softmax_of_the_entries_of_a_matrix_of_examples_in_rows(loss: str, slope: str) -> None:
    assert_as_marked(rf"""
        R | H = \max(0, X W_1 + b_1)
        R | S = H W_2 + b_2
        R | P_{{ik}} = \frac{{e^{{S_{{ik}}}}}}{{\sum_j e^{{S_{{ij}}}}}}
        R | L = -{loss}\sum_k Y_{{ik}}\log P_{{ik}}
        R | dS = {slope}
        R | dW_2 = H^T dS
        R | dH = dS W_2^T
        R | db_2 = \mathbf{{1}}^T dS
        W | dW_2 = dS H^T
    """)
