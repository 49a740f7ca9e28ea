"""Differentials, traces and forms, of vectors and matrices whose sizes are not said."""

import pytest

from autograd import check_notes
from tests.notes.marked import assert_as_marked

NOTES = {
    "a form of two vectors": r"""
R | f = a^T X b
R | df = a^T dX\, b = \mathrm{tr}(a^T dX\, b) = \mathrm{tr}(b a^T dX)
W | df = \mathrm{tr}(a b^T dX)
R | \frac{\partial f}{\partial X} = a b^T
W | \frac{\partial f}{\partial X} = b a^T
R | \frac{\partial f}{\partial b} = X^T a
W | \frac{\partial f}{\partial b} = X a
""",
    "rules": r"""
R | d(XY) = (dX)Y + X\,dY
NW | d(XY) = (dX)Y + Y\,dX
R | d(X^T) = (dX)^T
R | d\,\mathrm{tr}(X) = \mathrm{tr}(dX)
R | d(X + Y) = dX + dY
R | d(x^T A x) = x^T(A + A^T)\,dx
""",
    "the identity matrix": r"""
R | J = \frac12 \|X w - y\|^2 + \frac\lambda2 \|w\|^2
R | \nabla_w J = (X^T X + \lambda I) w - X^T y
W | \nabla_w J = (X^T X - \lambda I) w - X^T y
R | f = \frac12 \mathrm{tr}((W^T W - I)^T (W^T W - I))
R | \frac{\partial f}{\partial W} = 2 W (W^T W - I)
W | \frac{\partial f}{\partial W} = W (W^T W - I)
""",
    "a current, which is no matrix": r"""
R | P = I^2 R
R | \frac{dP}{dI} = 2 I R
W | \frac{dP}{dI} = I R
""",
    "a quadratic form": r"""
R | q = x^T A x
R | dq = x^T(A + A^T)dx
NW | dq = x^T A\,dx
R | \nabla_x q = (A + A^T) x
W | \nabla_x q = (A - A^T) x
""",
    "derivatives of traces": r"""
R | \frac{\partial}{\partial X}\mathrm{tr}(A X) = A^T
W | \frac{\partial}{\partial X}\mathrm{tr}(A X) = A
R | \frac{\partial}{\partial X}\mathrm{tr}(X^T X) = 2X
R | \frac{\partial}{\partial X}\mathrm{tr}(A X B) = A^T B^T
R | \frac{\partial (a^T X b)}{\partial X} = a b^T
W | \frac{\partial (a^T X b)}{\partial X} = b a^T
""",
    "a layer": r"""
R | y = W x + b
R | L = \frac12 (y - t)^T (y - t)
R | dL = (y - t)^T dy = (y - t)^T (dW\, x + W dx + db)
R | dy = dW\, x + W dx + db
W | dy = dW\, x - W dx + db
W | \frac{\partial L}{\partial W} = x (y - t)^T
R | \frac{\partial L}{\partial W} = (y - t) x^T
""",
    "a batch in columns": r"""
R | Z = WX + b\mathbf{1}^\top
R | A = \sigma(Z)
R | L = \frac{1}{2}\|A - Y\|_F^2
R | \Delta = (A-Y)\odot\sigma'(Z)
R | dZ = dW\, X + db\,\mathbf{1}^\top
R | dL = \operatorname{tr}(\Delta^\top dW X) + \operatorname{tr}(\Delta^\top db \mathbf{1}^\top)
W | dL = \operatorname{tr}(\Delta^\top dW X) - \operatorname{tr}(\Delta^\top db \mathbf{1}^\top)
R | \frac{\partial L}{\partial W} = \Delta X^\top
W | \frac{\partial L}{\partial W} = X \Delta^\top
R | \frac{\partial L}{\partial b} = \Delta\mathbf{1}
""",
    "steps with a number for the rate": r"""
R | z = W x + b
R | L = \frac12 \|z - y\|^2
R | \delta = z - y
R | W \leftarrow W - 0.1\, \delta x^T
W | W \leftarrow W + 0.1\, \delta x^T
W | W \leftarrow W - 0.1\, x \delta^T
R | b \leftarrow b - 0.1 \delta
""",
    "columns below each other": r"""
R | Z = WX
R | \operatorname{vec}(Z) = (X^\top\otimes I)\operatorname{vec}(W)
R | \operatorname{vec}(Z) = (I\otimes W)\operatorname{vec}(X)
NW | \operatorname{vec}(Z) = (W\otimes I)\operatorname{vec}(X)
R | \frac{\partial\operatorname{vec}(Z)}{\partial\operatorname{vec}(W)} = X^\top\otimes I
W | \frac{\partial\operatorname{vec}(Z)}{\partial\operatorname{vec}(W)} = X\otimes I
R | \frac{\partial\operatorname{vec}(Z)}{\partial\operatorname{vec}(X)} = I\otimes W
""",
    "a small letter beside its capital": r"""
R | Z = WX
R | \frac{\partial}{\partial x} x^\top A x = (A + A^\top)x
W | \frac{\partial}{\partial x} x^\top A x = (A - A^\top)x
""",
    "a product named inside another": r"""
R | \hat x = D E x
R | \ell = \frac12 \|\hat x - x\|^2
R | h = E x
R | \frac{\partial \ell}{\partial h} = D^\top (\hat x - x)
W | \frac{\partial \ell}{\partial h} = D (\hat x - x)
""",
    "denominator layout": r"""
R | z = Wx + b
R | L = \frac12\|z - y\|^2
A | \frac{\partial z}{\partial x} = W^T
NW | \frac{\partial z}{\partial x} = 2 W^T
A | \frac{\partial L}{\partial x} = \frac{\partial z}{\partial x}\frac{\partial L}{\partial z}
""",
    "numerator layout": r"""
R | z = Wx + b
R | a = V z
R | \frac{\partial z}{\partial x} = W
A | \frac{\partial a}{\partial z} = V^T
""",
    "both layouts": r"""
In numerator layout:
R | \frac{\partial Ax}{\partial x} = A
In denominator layout:
A | \frac{\partial Ax}{\partial x} = A^T
NW | \frac{\partial Ax}{\partial x} = -A^T
""",
    "a slope that is given a name in words": r"""
R | Z = X W
R | L = \frac12 \|Z - Y\|_F^2
R | \frac{\partial L}{\partial Z} = Z - Y
Call it $G$. Then
R | \frac{\partial L}{\partial W} = X^\top G
W | \frac{\partial L}{\partial W} = -X^\top G
R | \frac{\partial L}{\partial X} = G W^\top
""",
    "Hessians": r"""
$X\in\mathbb{R}^{n\times d}$
R | J(w) = \frac{1}{2}\|Xw - y\|_2^2
R | \nabla^2_w J = X^\top X
W | \nabla^2_w J = 2 X^\top X
R | \frac{\partial^2 J}{\partial w\, \partial w^\top} = X^\top X
W | \frac{\partial^2 J}{\partial w\, \partial w^\top} = X X^\top
""",
    "losses with a weight in their name": r"""
R | J(w) = \frac{1}{2}\|Xw - y\|_2^2
R | J_\lambda(w) = \frac{1}{2}\|Xw-y\|^2 + \frac{\lambda}{2}\|w\|^2
R | \nabla J_\lambda(w) = X^\top(Xw-y) + \lambda w
W | \nabla J_\lambda(w) = X^\top(Xw-y) + 2\lambda w
R | \nabla J(w) = X^\top(Xw-y)
""",
    "a diagonal whose entries are listed": r"""
$X\in\mathbb{R}^{n\times d}$, $S = \operatorname{diag}(s_1,\dots,s_n)$
R | J(w) = \frac12 (Xw-y)^\top S (Xw-y)
R | \nabla J(w) = X^\top S (Xw - y)
NW | \nabla J(w) = S X^\top (Xw - y)
W | \nabla J(w) = -X^\top S (Xw - y)
""",
    "rows and columns taken for each other": r"""
$X\in\mathbb{R}^{n\times d}$
R | J(w) = \frac{1}{2}\|Xw - y\|_2^2
W | \frac{\partial J}{\partial w_j} = \sum_{i=1}^n \Big(\sum_k X_{ik}w_k - y_i\Big) X_{ji}
R | \nabla_w J = X^\top (Xw - y)
""",
    "functions of one number": r"""
R | u = x^2
R | v = \sin x
R | d(uv) = u\,dv + v\,du
W | d(uv) = u\,dv - v\,du
R | du = 2x\,dx
W | du = x\,dx
""",
    "gradients that are written alike": r"""
R | z = w x + b
R | a = \sigma(z)
R | L = (a - y)^2
R | da = 2 (a - y)
R | dz = da\, a (1 - a)
R | dw = dz\, x
W | dw = dz\, w
""",
}  # fmt: skip


@pytest.mark.parametrize("title", NOTES)
def test_formulas(title):
    assert_as_marked(NOTES[title])


def test_what_stands_in_a_norm_beside_a_vector_is_a_matrix_whatever_its_letter():
    for matrix, vector in ((r"\Phi", "w"), (r"\Psi", r"\xi"), ("F", "u"), ("X", r"\beta")):
        loss = rf"$V = \frac12\|y-{matrix} {vector}\|^2$. "
        right = rf"$\frac{{\partial V}}{{\partial {vector}}} = -{matrix}^T(y-{matrix} {vector})$"
        assert check_notes(loss + right).claims[-1].verdict == "right"
        assert check_notes(loss + right.replace("^T", "")).claims[-1].verdict == "wrong"


ROWS = r"$s = u^Th$, $h = f(z)$, $z = Wx+b$. "


def test_an_error_signal_that_lies():
    r"""Derivatives by vectors are rows in some notes: with \delta = u^T \circ f'(z), dW is \delta^T x^T."""
    signal = r"$\delta = \frac{\partial s}{\partial h}\frac{\partial h}{\partial z} = u^T\circ f'(z)$. "
    slopes = (
        r"$\frac{\partial s}{\partial W} = \delta\frac{\partial z}{\partial W}$, "
        r"$\frac{\partial s}{\partial W} = \delta^Tx^T$, $\frac{\partial s}{\partial x} = \delta W$"
    )
    assert {claim.verdict for claim in check_notes(ROWS + signal + slopes).claims} == {"right"}
    judged = check_notes(ROWS + signal.replace("f'", "f") + slopes).claims
    assert [claim.verdict for claim in judged] == ["right"] * 3 + ["wrong"] + ["right"] * 3
    upright = r"$\frac{\partial s}{\partial b} = u\circ f'(z)$, "
    turned = r"$\frac{\partial s}{\partial W} = (u\circ f'(z))^Tx^T$"
    assert check_notes(ROWS + upright + turned).claims[-1].verdict == "wrong"


def test_a_product_in_whatever_order_fits():
    """As d2l writes the chain rule."""
    notes = r"$W\in\mathbb R^{3\times2}$. $h = \phi(z)$, $o = Wh$, $L = l(o, y)$. "
    chain = r"\text{prod}\left(\frac{\partial L}{\partial o},\frac{\partial o}{\partial h}\right)"
    right = rf"$\frac{{\partial L}}{{\partial h}} = {chain} = W^\top\frac{{\partial L}}{{\partial o}}$"
    assert check_notes(notes + right).claims[-1].verdict == "right"
    assert check_notes(notes + right.replace(r"W^\top", "W")).claims[-1].verdict == "wrong"


def test_chains_of_jacobians_go_either_way() -> None:
    net = r"""
        R | z = W x + b, \quad a = \sigma(z)
        R | L = \frac12\|a-y\|^2
    """
    from_the_right = r"""
        MARK | \frac{\partial L}{\partial x} = \frac{\partial z}{\partial x}\frac{\partial L}{\partial z}
    """
    from_the_left = r"""
        R | \frac{\partial L}{\partial x} = \frac{\partial L}{\partial z}\frac{\partial z}{\partial x}
    """
    assert_as_marked(net + from_the_right.replace("MARK", "R"))
    assert_as_marked(net + from_the_left + from_the_right.replace("MARK", "A"))
