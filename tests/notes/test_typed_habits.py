"""What people type in other ways than the books on LaTeX say, and what goes on in the next formula."""

from __future__ import annotations

import pytest

from autograd import check_notes
from autograd.notes.reports.unicode_math import readable

SETTING = "$L = \\frac12 (y - p)^2$, $p = \\sigma(z)$, $z = w x + b$.\n\n"


def verdicts(notes: str) -> list[str]:
    return [claim.verdict for claim in check_notes(notes, file="notes.md").claims]


def of_last(notes: str, setting: str = SETTING) -> str:
    return verdicts(setting + notes)[-1]


@pytest.mark.parametrize(("factor", "verdict"), [("x", "right"), ("b", "wrong")])
@pytest.mark.parametrize(
    "written",
    [
        r"\big{(} p - y \big{)} p (1 - p)",
        r"\Bigg{[} p - y \Bigg{]} p (1 - p)",
        "(p - y) p (1. - p)",
        "(p - y) . p . (1 - p) .",
        "(p - y) .* p .* (1 - p)",
    ],
)
def test_written_otherwise(written: str, factor: str, verdict: str) -> None:
    assert of_last(rf"$$\frac{{dL}}{{dw}} = {written} {factor}$$") == verdict


@pytest.mark.parametrize("mark", [r"\star", r"\circledast", "*", "**", r"\wr", r"\dagger\dagger"])
def test_a_sign_in_brackets_numbers_a_formula(mark: str) -> None:
    assert of_last(rf"$$\frac{{dL}}{{db}} = (p - y) p (1 - p) \:\: ({mark})$$") == "right"
    assert of_last(rf"$$\frac{{dL}}{{db}} = (p - y) p (2 - p) \quad ({mark})$$") == "wrong"
    assert of_last(f"By $({mark})$ it is so.") == "right"


def test_what_a_function_is_put_in_is_no_number() -> None:
    assert of_last(r"where $\phi(\cdot)$ is smooth") == "right"
    assert of_last(r"$p = \sigma(\cdot)$") == "not understood"
    assert of_last(r"$p = \sigma(\dots)$") == "not understood"
    assert of_last(r"$\frac{dL}{dz} = \sigma(\star)$") == "not understood"


@pytest.mark.parametrize("end", ["right", "wrong"])
def test_plain_tex_matrices(end: str) -> None:
    last = {"right": "7", "wrong": "8"}[end]
    product = r"\left[\matrix{1 & 2 \cr 3 & 4}\right] \left(\matrix{1\\1}\right)"
    assert of_last(rf"${product} = \pmatrix{{3 \cr {last}}}$") == end


@pytest.mark.parametrize(
    "said",
    [
        r"i_k: \text{input}",
        r"h: \text{hidden layer}, n: \text{number of units}",
        r"f: \mathbb{R}^n \to \mathbb{R}",
        r"f_\theta : x \mapsto p",
        r"W: n \times m",
        r"\text{forward pass}:",
    ],
)
def test_what_kind_of_thing_a_name_is(said: str) -> None:
    assert of_last(f"${said}$") == "right"


def test_an_operator_whose_sign_is_missing_below() -> None:
    report = check_notes(
        SETTING + r"$$\frac{\partial L}{\partial p} = \frac{\partial}{p} \frac12 (y - p)^2 = p - y$$",
        file="notes.md",
    )
    assert report.claims[-1].verdict == "wrong"
    assert "denominator" in (report.claims[-1].reason or "")


TWO = r"$L = \frac12 (y - p)^2 + \frac12 (t - q)^2$, $p = \sigma(u h)$, $q = \sigma(v h)$, $h = w x$" + "\n\n"


@pytest.mark.parametrize(("factor", "verdict"), [("v", "right"), ("u", "wrong")])
@pytest.mark.parametrize("fence", ["$", "$$"])
@pytest.mark.parametrize("second", ["+ (q - t)", "- (t - q)"])
def test_a_sum_goes_on_in_the_next_formula(second: str, fence: str, factor: str, verdict: str) -> None:
    first = r"\frac{\partial L}{\partial h} = (p - y) p (1 - p) u"
    rest = f"{second} q (1 - q) {factor}"
    assert verdicts(f"{TWO}{fence}{first}{fence}\n\n{fence}{rest}{fence}")[-2:] == [verdict, verdict]


def test_a_formula_with_a_sign_in_running_text_is_its_own() -> None:
    notes = TWO + r"$\frac{\partial L}{\partial q} = q - t$ and with a sign $- p$ too"
    assert verdicts(notes)[-2:] == ["right", "right"]


def test_cells_of_a_table_are_no_terms() -> None:
    notes = (
        TWO
        + r"""
| slope | factor |
|---|---|
| $\frac{\partial L}{\partial q} = q - t$ | $-1$ |
"""
    )
    assert verdicts(notes)[-2:] == ["right", "right"]


def test_the_variance_of_one_is_not_that_of_all() -> None:
    notes = (
        r"$a = \sum_{i=1}^n w_i x_i$, $\mathrm{Var}(a) = \mathrm{Var}(\sum_{i=1}^n w_i x_i) = "
        r"\sum_{i=1}^n \mathrm{Var}(w_i x_i)$. So we take $\mathrm{Var}(w) = \frac{1}{n}$."
    )
    assert "wrong" not in verdicts(notes)


@pytest.mark.parametrize("number", [r"& ~(2)", r"& (2a)", r"\quad (2.1)", r"\qquad\text{(2)}", "~~(2)"])
def test_a_number_behind_a_formula_is_no_factor(number: str) -> None:
    first, second = r"\frac{dL}{dp} &= %s p - y", r"\\ \frac{dL}{dz} &= (p - y) p (1 - p)"
    rows = rf"$$\begin{{aligned}} {first} {number} {second} \end{{aligned}}$$"
    assert verdicts(SETTING + rows % "")[-2:] == ["right", "right"]
    assert verdicts(SETTING + rows % "2")[-2:] == ["wrong", "right"]


def test_a_number_in_brackets_is_a_factor_otherwise() -> None:
    assert of_last(r"$\frac{dL}{dp} = \frac12 (p - y) (2)$") == "right"
    assert of_last(r"$\frac{dL}{dp} = \frac12 (p - y) \, (2)$") == "right"


UNITS = r"$L = \frac12 \sum_i (y_i - p_i)^2$, $p_i = \sigma(z_i)$." + "\n\n"


@pytest.mark.parametrize("said", ["(i = 1, 2, \\dots, n)", "(i = k)"])
def test_of_which_index_it_is_said(said: str) -> None:
    assert of_last(rf"$\frac{{\partial p_i}}{{\partial z_i}} = p_i (1 - p_i) ~~ {said}$", UNITS) == "right"
    assert of_last(rf"$\frac{{\partial p_i}}{{\partial z_i}} = p_i (2 - p_i) ~~ {said}$", UNITS) == "wrong"
    assert of_last(f"where $x_i {said}$", UNITS) == "right"


RECURRENT = (
    r"$h_t = \tanh(a_t)$, $a_t = W h_{t-1} + U x{t} + b$, $z^{(2)} = \Theta{(1)} x$, $s[t] = \sigma(u[t])$"
    + "\n\n"
)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("a_1 = W h_0 + U x_1 + b", "right"),
        (r"z^{(2)} = \Theta^{(1)} x", "right"),
        (r"\frac{\partial s[t]}{\partial u[t]} = s[t] (1 - s[t])", "right"),
        (r"\frac{\partial s[t]}{\partial u[t]} = s[t] (1 - s[t-1])", "wrong"),
    ],
)
def test_indices_without_their_sign(claim: str, verdict: str) -> None:
    assert of_last(f"${claim}$", RECURRENT) == verdict


def test_an_entry_or_a_factor_is_not_known() -> None:
    assert of_last(r"$E = -\log \hat q_1[2] = -\log(0.5)$") == "not understood"


def test_nothing_put_in_for_a_vector() -> None:
    product = r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} (0) + \begin{bmatrix} 5 \\ 6 \end{bmatrix}"
    assert of_last(rf"${product} = \begin{{bmatrix}} 5 \\ 6 \end{{bmatrix}}$") == "right"
    assert of_last(rf"${product} = \begin{{bmatrix}} 5 \\ 7 \end{{bmatrix}}$") == "wrong"


STATE = r"The state $h_t = f(h_{t-1}, x_t)$ is $h_t = \tanh(a_t)$ of $a_t = W h_{t-1} + U x_t + b$." + "\n\n"


def test_what_something_is_a_function_of_defines_nothing_where_more_is_said() -> None:
    assert set(verdicts(STATE)) == {"right"}
    assert of_last(r"$\frac{\partial h_t}{\partial a_t} = 1 - h_t^2$", STATE) == "right"
    assert of_last(r"$\frac{\partial h_t}{\partial a_t} = 1 - h_t$", STATE) == "wrong"


@pytest.mark.parametrize(("factor", "verdict"), [("x", "right"), ("b", "wrong")])
def test_a_sign_typed_twice(factor: str, verdict: str) -> None:
    assert of_last(rf"$\frac{{dL}}{{dw}} = (p - y) \times p (1 - p) \times \times {factor}$") == verdict


def test_a_sum_whose_next_term_cannot_be_read_is_not_judged() -> None:
    notes = (
        TWO
        + r"$\frac{\partial L}{\partial h} = (p - y) p (1 - p) u$"
        + "\n\n"
        + "$+ (q - t) q (1 - q) v \\foo$"
    )
    assert verdicts(notes)[-2:] == ["not understood", "not understood"]


def test_brackets_match_as_they_look() -> None:
    assert of_last(r"$\frac{dL}{dw} = ( (p - y) \left(p) (1 - p) \right) x$") == "right"
    assert of_last(r"$\frac{dL}{dw} = ( (p - y) \left(p) (1 - p) \right) b$") == "wrong"
    assert of_last(r"$\frac{dL}{dw} = ( (p - y) \left(p) (1 - p) x$") == "not understood"


def test_plain_tex_is_shown_as_it_looks() -> None:
    assert readable(r"\pmatrix{1 & 2 \cr 3 & 4} = \big{(} a \big{)}") == "[1 2; 3 4] = (a)"


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"q = 1 - 0.9 = 10\%", "right"),
        (r"q = 1 - 0.9 = 20\%", "wrong"),
        (r"\frac{24}{40} = 0.6 \; (60\%)", "right"),
        (r"\frac{24}{40} \times 100\% = 60\%", "right"),
        (r"\frac{24}{40} \times 100 = 60\%", "right"),
        (r"\frac{24}{40} \times 100 = 61\%", "wrong"),
    ],
)
def test_percents(formula: str, verdict: str) -> None:
    assert of_last(f"${formula}$", "") == verdict


@pytest.mark.parametrize(("body", "verdict"), [("(3 - y) z", "right"), ("(2 - y) z", "wrong")])
def test_a_bracket_without_what_is_differentiated_by_is_a_factor(body: str, verdict: str) -> None:
    setting = "$u = z^2 + (3 - y) z$.\n\n"
    assert (
        of_last(rf"$\frac{{du}}{{dz}} = \frac{{d}}{{dz}} z^2 + \frac{{d}}{{dz}} {body}$", setting) == verdict
    )


@pytest.mark.parametrize(("under", "verdict"), [("1 - q", "right"), ("1 + q", "wrong")])
def test_a_word_that_is_a_whole_left_side(under: str, verdict: str) -> None:
    notes = rf"$\frac{{d Risk}}{{dq}} = \frac{{1}}{{({under})^2}}$"
    assert of_last(notes, "$$Risk = \\frac{q}{1 - q}$$\n\n") == verdict
