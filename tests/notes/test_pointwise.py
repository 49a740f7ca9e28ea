"""Functions without their arguments, and functions with a number of their own."""

import pytest

from autograd import check_notes


def verdicts(notes: str) -> list[str]:
    return [claim.verdict for claim in check_notes(notes).claims]


@pytest.mark.parametrize(
    ("function", "slope", "wrong"),
    [
        (r"\tanh", "1-a^2", "a(1-a)"),
        (r"\sigma", "a(1-a)", "1-a^2"),
        (r"\mathrm{ReLU}", r"\mathbb 1[z>0]", "a"),
        (r"\exp", "a", "1/a"),
    ],
)
def test_a_letter_is_said_to_be_a_known_function(function: str, slope: str, wrong: str) -> None:
    notes = rf"$a = g(z)$, $z = wx$, $g = {function}$. "
    assert verdicts(notes + rf"$\frac{{da}}{{dw}} = ({slope})x$.") == ["right"] * 4
    assert verdicts(notes + rf"$\frac{{da}}{{dw}} = ({wrong})x$.")[-1] == "wrong"


def test_it_holds_from_there_on() -> None:
    notes = r"If $g(z)=1/(1+e^{-z})$ then $g'(z)=g(z)(1-g(z))$." "\n\n" r"If $g=\tanh$ then $g'(z)=1-g(z)^2$."
    assert verdicts(notes) == ["right"] * 4
    assert verdicts(notes.replace("1-g(z)^2", "g(z)(1-g(z))"))[-1] == "wrong"
    assert verdicts(r"We write $\sigma=\tanh$. $a=\sigma(wx)$, $\frac{da}{dw}=(1-a^2)x$.") == ["right"] * 3
    assert verdicts(r"$g(\cdot)=\tanh(\cdot)$, $a=g(wx)$, $\frac{da}{dw}=(1-a^2)x$.") == ["right"] * 3


@pytest.mark.parametrize(
    "right",
    [
        r"\tanh' = 1 - \tanh^2", r"\sigma' = \sigma(1-\sigma)", r"\sigma'(z) = \sigma(1-\sigma)",
        r"\ln' = 1/x",
        r"(fg)' = f'g + fg'", r"\left(\frac uv\right)' = \frac{u'v-uv'}{v^2}", r"(cf)' = cf'",
        r"(f\circ g)' = (f'\circ g)g'", r"(f\circ g)'(x) = f'(g(x))g'(x)", r"(x^n)' = nx^{n-1}",
    ],
)  # fmt: skip
def test_what_is_said_of_functions(right: str) -> None:
    assert verdicts(f"${right}$") == ["right"]


@pytest.mark.parametrize(
    ("wrong", "repair"),
    [
        (r"\sigma' = \sigma(1+\sigma)", "replace $+$ by $-$ in front of $\\sigma$"),
        (r"(fg)' = f'g' + fg'", "replace $g'$ by $g$"),
        (r"(uv)' = u'v - uv'", "replace $-$ by $+$ in front of $uv'$"),
    ],
)
def test_a_slip_in_it_is_mended(wrong: str, repair: str) -> None:
    (claim,) = check_notes(f"${wrong}$").claims
    assert (claim.verdict, claim.repair and claim.repair.says) == ("wrong", repair)


def test_a_prime_that_transposes_is_no_derivative() -> None:
    for notes in ("(AB)' = B'A'", "(ab)' = b'a'", r"S = (y-x\beta)'(y-x\beta)", "b = (X'X)^{-1}X'y"):
        assert "wrong" not in verdicts(f"${notes}$")


def test_functions_with_numbers_are_different_ones() -> None:
    assert verdicts("$f_1(x) = x^2$, $f_2(x) = x^3$, $f_1'(x) = 2x$, $f_2'(x) = 3x^2$") == ["right"] * 4
    assert verdicts("$f_1(x) = x^2$, $f_2(x) = x^3$, $f_2'(x) = 2x$")[-1] == "wrong"
    notes = r"$f^{(1)}(x) = x^2$, $f^{(2)}(x) = x^3$, $y = f^{(2)}(f^{(1)}(x))$, $\frac{dy}{dx} = 6x^5$"
    assert verdicts(notes) == ["right"] * 4
    assert verdicts("$f_1(x) = x^2$, $f_2(x) = x^3$, $f(x) = f_2(f_1(x))$, $f'(x) = 6x^5$") == ["right"] * 4
    assert (
        verdicts(r"$h_\theta(x) = \theta x$, $J = (h(x)-y)^2$, $\frac{dJ}{d\theta} = 2(h(x)-y)x$")[-1]
        == "right"
    )
