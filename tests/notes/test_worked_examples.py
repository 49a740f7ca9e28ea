"""Examples with numbers as people work them out, in which formulas and figures take turns."""

from __future__ import annotations

import pytest

from autograd import check_notes


def verdicts(notes: str) -> list[str]:
    return [claim.verdict for claim in check_notes(notes, file="notes.md").claims]


GIVEN = "$w = 0.4$, $x = 2$, $v = 0.5$\n\n$n_1 = w x$\n\n$h_1 = \\sigma(n_1) = 0.68997$\n\n$n_2 = v h_1$\n\n"


@pytest.mark.parametrize(("value", "verdict"), [("0.58540", "right"), ("0.59539", "wrong")])
def test_a_function_said_of_one_number_is_that_of_another(value: str, verdict: str) -> None:
    notes = (
        GIVEN + rf"$h_2 = \sigma(n_2) = {value}$" + "\n\n" + r"$h_2 = \sigma(n_2) = \frac{1}{1 + e^{-n_2}}$"
    )
    *rest, of_value, restated = verdicts(notes)
    assert set(rest) == {"right"}
    assert (of_value, restated) == (verdict, "right")


@pytest.mark.parametrize(("slope", "verdict"), [("q_1 - t_1", "right"), ("t_1 - q_1", "wrong")])
def test_an_error_worked_out_of_numbers_depends_on_what_they_are_of(slope: str, verdict: str) -> None:
    notes = (
        r"$t_1 = 0.25$, $q_1 = \sigma(z_1) = 0.68997$. $E = \frac12 \sum_k (q_k - t_k)^2$, "
        r"$E_{o1} = \frac12 (0.68997 - 0.25)^2 = 0.096787$, $E_{total} = E_{o1} + E_{o2}$. "
        rf"$\frac{{\partial E_{{total}}}}{{\partial q_1}} = {slope}$"
    )
    assert verdicts(notes)[-1] == verdict


MAZUR = (
    "$p_{o1} = \\sigma(n_{o1}) = 0.68997$, $p_{o2} = 0.58540$\n\n"
    "$E_{o1} = \\frac12 (t_{o1} - p_{o1})^2 = 0.0968$, $E_{o2} = 0.0036$\n\n"
    "$E_{total} = E_{o1} + E_{o2} = 0.0968 + 0.0036 = 0.1004$\n\n"
)


@pytest.mark.parametrize(
    ("second", "verdict"), [("t_{o2} - p_{o2}", "right"), ("t_{o1} - p_{o1}", "not understood")]
)
def test_the_error_of_the_second_output_is_as_that_of_the_first(second: str, verdict: str) -> None:
    assert (
        verdicts(MAZUR + rf"$E_{{total}} = \frac12 (t_{{o1}} - p_{{o1}})^2 + \frac12 ({second})^2$")[-1]
        == verdict
    )


@pytest.mark.parametrize(
    ("power", "verdict"), [("(2 - 1)", "right"), ("(3 - 1)", "wrong"), ("{(2-1)}", "right")]
)
def test_a_power_that_is_worked_out(power: str, verdict: str) -> None:
    notes = rf"$c = w_5^2 + b$, $\frac{{\partial c}}{{\partial w_5}} = 2 * w_5^{{{power}}} + 0$"
    assert verdicts(notes)[-1] == verdict


TERMS = "$p_1 = \\sigma(u h)$, $E_1 = \\frac12 (t_1 - p_1)^2$, $E_2 = 0.0036$, $E = E_1 + E_2$\n\n"


@pytest.mark.parametrize(("sign", "verdict"), [("+", "right"), ("-", "not understood")])
def test_an_error_of_which_only_the_number_is_said_depends_on_something(sign: str, verdict: str) -> None:
    one, other = (rf"\frac{{\partial {E}}}{{\partial h}}" for E in ("E_1", "E_2"))
    assert verdicts(TERMS + rf"$\frac{{\partial E}}{{\partial h}} = {one} {sign} {other}$")[-1] == verdict


ONE = (
    "$z=wx+b$, $h=\\tanh(z)$, $E=\\frac12(h-t)^2$. $x=%s$, $w=0.5$, $b=0.1$, $t=1$.\n\n"
    "$d=\\frac{\\partial E}{\\partial z}$\n\n"
)


@pytest.mark.parametrize(("x", "verdict"), [("1", "right"), ("2", "wrong")])
def test_a_factor_of_1_is_left_out_behind_where_it_stands(x: str, verdict: str) -> None:
    assert verdicts(ONE % x + r"$\frac{\partial E}{\partial w}=d x=d$")[-1] == verdict


HOT = "$p_i=\\frac{e^{z_i}}{\\sum_j e^{z_j}}$, $z=[2,1,0.1]$, $y=[1,0,0]$\n\n"


@pytest.mark.parametrize(("entry", "verdict"), [("1", "right"), ("2", "not understood")])
def test_a_sum_over_the_classes_is_that_of_the_one_that_is_1(entry: str, verdict: str) -> None:
    assert verdicts(HOT + rf"$L=-\sum_i y_i\log p_i=-\log p_{entry}$")[-1] == verdict


@pytest.mark.parametrize(("last", "verdict"), [("0.099", "right"), ("0.199", "wrong")])
def test_a_vector_of_numbers_is_judged_entry_by_entry(last: str, verdict: str) -> None:
    notes = (
        HOT + r"$L=-\sum_i y_i\log p_i$. " + rf"$\frac{{\partial L}}{{\partial z}}=[-0.341, 0.242, {last}]$"
    )
    assert verdicts(notes)[-1] == verdict


@pytest.mark.parametrize(("second", "verdict"), [("1.1", "right"), ("1.2", "wrong")])
def test_two_whole_numbers_that_are_transposed_are_a_vector(second: str, verdict: str) -> None:
    notes = r"$W = \begin{pmatrix}0.1 & 0.2\\ 0.3 & 0.4\end{pmatrix}$, $x=(1, 2)^T$. $z = Wx = (0.5, %s)^T$"
    assert verdicts(notes % second)[-1] == verdict


@pytest.mark.parametrize(("value", "verdict"), [("-0.1179", "right"), ("-0.1189", "wrong")])
def test_a_value_worked_out_of_what_is_not_said_may_be_rounded(value: str, verdict: str) -> None:
    notes = rf"$z = w a$, $h = \tanh z$. Forward: $z = -0.1184$, $h = {value}$"  # of -0.11843
    assert verdicts(notes)[-1] == verdict


@pytest.mark.parametrize(("entry", "verdict"), [("0.5", "right"), ("0.55", "wrong")])
def test_a_step_of_a_matrix_is_from_the_values_before_that_of_a_vector(entry: str, verdict: str) -> None:
    notes = (
        r"$W = \begin{pmatrix}0.5 & 1\\ 1 & 1\end{pmatrix}$, $v = \begin{pmatrix}1\\ 2\end{pmatrix}$, "
        r"$x = \begin{pmatrix}1\\ 0\end{pmatrix}$, $\eta = 0.1$. $h = Wx$, $y = v^T h$, $E = \frac12 y^2$. "
        r"$v \leftarrow v - \eta\frac{\partial E}{\partial v} = \begin{pmatrix}0.875\\ 1.75\end{pmatrix}$. "
        r"$W \leftarrow W - \eta\frac{\partial E}{\partial W} = "
        r"\begin{pmatrix}0.25 & 1\\ ENTRY & 1\end{pmatrix}$."
    )
    assert verdicts(notes.replace("ENTRY", entry))[-1] == verdict


@pytest.mark.parametrize(("last", "verdict"), [("5.0667", "right"), ("4.0667", "wrong")])
def test_all_predictions_after_a_step_in_one_list(last: str, verdict: str) -> None:
    notes = (
        r"$x = (1,2,3)$, $y = (2,3,5)$, $q_i = w x_i + b$, $w=1$, $b=0$. "
        r"$J = \frac13\sum_{i=1}^3(q_i - y_i)^2$. "
        r"$w \leftarrow w - 0.1\frac{\partial J}{\partial w} = 1.6$, "
        r"$b \leftarrow b - 0.1\frac{\partial J}{\partial b} = 0.2667$. "
    )
    assert verdicts(notes + f"$q = (1.8667, 3.4667, {last})$")[-1] == verdict
