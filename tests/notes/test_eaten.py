"""What Markdown took from formulas when they were copied from a chat, or put through a formatter."""

from __future__ import annotations

import pytest

from autograd import check_notes

SETTING = "$L = \\frac12 (y - p)^2$, $p = \\sigma(z)$, $z = w x + b$.\n\n"
SCORES = "$$q*k = \\frac{e^{s_k}}{\\sum*{j=1}^{4} e^{s_j}}$$\n\n$$K = -\\sum*{k=1}^{4} t_k \\log(q_k)$$\n\n"


def of_last(notes: str) -> str:
    return check_notes(notes, file="notes.md").claims[-1].verdict


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"\frac{dL}{dw} = (p - y) , p (1 - p) , x", "right"),
        (r"\frac{dL}{dw} = (p - y) , p (1 - p) , b", "wrong"),
        (r"\frac{dL}{db} = (p - y) ; \sigma'!\left(z\right)", "right"),
        (r"\frac{dL}{db} = (p - y) ; \sigma!\left(z\right)", "wrong"),
        (r"w := w - \eta , \frac{\partial L}{\partial w}", "right"),
        (r"w := w - \eta , \frac{\partial L}{\partial b}", "wrong"),
    ],
)
def test_narrow_spaces(formula: str, verdict: str) -> None:
    assert of_last(f"{SETTING}$${formula}$$") == verdict


def test_a_comma_of_a_list_stays_one() -> None:
    assert of_last(SETTING + r"$\frac{dL}{dp} = p - y , \frac{dp}{dz} = p (1 - p)$") == "right"
    assert of_last(SETTING + r"$\frac{dL}{dp} = p - y , \quad x > 0$") == "right"


@pytest.mark.parametrize(("factor", "verdict"), [("q*i - t*i", "right"), ("t*i - q*i", "wrong")])
def test_stars_where_emphasis_was(factor: str, verdict: str) -> None:
    notes = (
        SCORES + rf"$\sum_k t_k = 1$. $$\frac{{\partial K}}{{\partial s_i}} = {factor.replace('*', '_')}$$"
    )
    assert of_last(notes) == verdict


def test_a_star_between_factors_stays_one() -> None:
    assert of_last(SETTING + r"$\frac{dL}{dw} = (p - y)*p*(1 - p)*x$") == "right"


@pytest.mark.parametrize(("second", "verdict"), [("6", "right"), ("5", "wrong")])
@pytest.mark.parametrize("ends", ["\\ ", "\\\n"])
def test_rows_that_end_in_one_backslash(ends: str, second: str, verdict: str) -> None:
    product = (
        rf"\begin{{bmatrix}} 1 & 2 {ends}0 & 2 \end{{bmatrix}} \begin{{bmatrix}} 1 {ends}3 \end{{bmatrix}}"
    )
    assert of_last(rf"$${product} = \begin{{bmatrix}} 7 {ends}{second} \end{{bmatrix}}$$") == verdict


def test_cases_whose_first_ends_in_one_backslash() -> None:
    cases = "\\begin{cases} 1 & z > 0 \\\n %s & z \\le 0 \\end{cases}"
    relu = r"$a = \max(0, z)$. $$\frac{da}{dz} = "
    assert of_last(relu + cases % "0" + "$$") == "right"
    assert of_last(relu + cases % "2" + "$$") == "wrong"
