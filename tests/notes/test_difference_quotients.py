"""Gradient checking, and what a slope says of a function that is only named."""

from __future__ import annotations

import pytest

from autograd import check_notes


def verdicts(notes: str) -> list[str]:
    return [claim.verdict for claim in check_notes(notes, file="notes.md").claims]


COST = r"$J(\Theta) = -\frac{1}{m} \sum_{i=1}^m \sum_{k=1}^K y_k^{(i)} \log(h_\Theta(x^{(i)}))_k$." + "\n\n"


@pytest.mark.parametrize(
    ("quotient", "verdict"),
    [
        (r"\frac{J(\theta + \epsilon) - J(\theta - \epsilon)}{2 \epsilon}", "right"),
        (r"\frac{J(\theta + \epsilon) - J(\theta)}{\epsilon}", "right"),
        (r"\frac{J(\theta + \epsilon) - J(\theta - \epsilon)}{\epsilon}", "not understood"),
        (r"\frac{J(\theta + \epsilon) + J(\theta - \epsilon)}{2 \epsilon}", "not understood"),
    ],
)
def test_a_difference_quotient_is_right_of_any_cost(quotient: str, verdict: str) -> None:
    assert verdicts(COST + rf"$\frac{{d}}{{d\theta}} J(\theta) \approx {quotient}$")[-1] == verdict


@pytest.mark.parametrize("slope", ["a (1 - a)", "g(z) (1 - g(z))"])
def test_a_slope_says_which_function_is_named(slope: str) -> None:
    report = check_notes(rf"$z = w x + b$, $a = g(z)$. Then $g'(z) = {slope}$.", file="notes.md")
    assert report.claims[-1].verdict == "ambiguous"
    assert "sigmoid" in (report.claims[-1].reading or "")
    assert verdicts(r"$z = w x + b$, $a = g(z)$. Then $g'(z) = a (2 - a)$.")[-1] == "not understood"


@pytest.mark.parametrize(
    ("limit", "verdict"),
    [
        (r"\lim_{h \to 0} \frac{f(x + h) - f(x)}{h}", "right"),
        (r"\lim_{h \to 0} \frac{f(x + h) - f(x)}{2 h}", "not understood"),
        (r"\lim_{h \to 0} \frac{(x + h)^2 + 3 (x + h) - x^2 - 3 x}{h}", "right"),
        (r"\lim_{h \to 0} \frac{(x + h)^2 + 3 (x + h) - x^2 + 3 x}{h}", "not understood"),
        (r"\lim\limits_{\Delta x \to 0} (2 x + 3 + \Delta x)", "right"),
        (r"\lim_{\Delta x \to 0} (2 x + 2 + \Delta x)", "not understood"),
    ],
)
def test_a_derivative_is_a_limit(limit: str, verdict: str) -> None:
    assert verdicts(rf"$f(x) = x^2 + 3 x$. $f'(x) = {limit}$")[-1] == verdict


@pytest.mark.parametrize(("moved", "verdict"), [("a + h, b", "right"), ("a, b + h", "not understood")])
def test_a_derivative_of_any_function_is_a_limit(moved: str, verdict: str) -> None:
    limit = rf"\lim_{{h \to 0}} \frac{{g({moved}) - g(a, b)}}{{h}}"
    assert verdicts(rf"$\frac{{\partial g}}{{\partial a}} = {limit}$")[-1] == verdict
