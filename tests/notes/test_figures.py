"""Lines of numbers: what is exact, what is rounded, and what only follows from an earlier slip."""

from __future__ import annotations

import pytest

from autograd.notes.checking import check_notes

from .marked import assert_as_marked

NEURON = [
    "x_1 = 2.0", "w_1 = -3.0", "b = 6.88", "n = x_1 w_1 + b = 0.88", r"o = \tanh(n) = 0.7064",
    r"\frac{do}{dn} = 1 - o^2 = 0.5",
]  # fmt: skip
SQUARE = ["x = 2", "w = 0.373", "a = z^2", "L = 3 a"]


def claims(*lines):
    return check_notes("\n\n".join(f"$${line}$$" for line in lines)).claims


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"w_2 = 0.8 - 0.1 \cdot 1.6 = 0.64", "right"),
        (r"w_2 = 0.8 - 0.1 \cdot 1.6 = 0.66", "wrong"),
        (r"w_2 = 0.8 - 0.1 \cdot 1.6 = 0.8 - 0.18 = 0.62", "wrong"),
        (r"v = 0.9 \cdot 2 + 1.6 = 3.6", "wrong"),
        (r"p = 0.4 \cdot 0.593269992 + 0.45 \cdot 0.596884378 + 0.6 = 1.105905967", "right"),
        (r"p = 0.4 \cdot 0.593269992 + 0.45 \cdot 0.596884378 + 0.6 = 1.105905976", "wrong"),
        (r"q = 0.741 \cdot 0.187 = 0.1385", "right"),  # of 0.74136507 and 0.186815602, which are nowhere
        (r"q = 0.74 \cdot 0.19 = 0.14 \approx 0.1", "right"),
    ],
)
def test_short_numbers_are_exact_and_long_ones_may_be_rounded(line, verdict):
    assert claims(line)[0].verdict == verdict


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\frac{do}{dw_1} = x_1 \cdot 0.5 = 1.0", "right"),
        (r"\frac{do}{dx_1} = w_1 \cdot 0.5 = -1.5", "right"),
        (r"\frac{do}{dw_1} = w_1 \cdot 0.5 = -1.5", "wrong"),
        (r"\frac{do}{dw_1} = x_1 \cdot 0.6 = 1.2", "wrong"),
    ],
)
def test_numbers_among_symbols_are_judged_at_the_values_of_the_notes(line, verdict):
    assert claims(*NEURON, line)[-1].verdict == verdict


def test_without_the_values_numbers_among_symbols_are_not_understood():
    found = claims(*NEURON[3:5], NEURON[5], r"\frac{do}{dw_1} = x_1 \cdot 0.5")
    assert found[-1].verdict == "not understood"


def test_digits_that_are_cut_off_are_said_to_be_and_what_follows_is_right():
    found = claims(*SQUARE, "z = w x = 0.74", r"a = 0.74^2 = 0.5476", r"\frac{dL}{dw} = 6 z x = 8.88")
    assert [claim.verdict for claim in found[4:]] == ["ambiguous", "right", "right"]
    assert "cut off" in found[4].reading


def test_what_follows_from_a_wrong_digit_is_said_to():
    found = claims(
        *SQUARE, "z = w x = 0.78", "a = z^2 = 0.6084", r"\frac{dL}{dw} = 6 z x = 9.36",
        r"w \leftarrow w - 0.1 \cdot 9.36 = -0.563", r"\frac{dL}{dw} = 6 z x = 7.11",
    )  # fmt: skip
    assert [claim.verdict for claim in found[4:]] == ["wrong"] * 5
    assert [claim.follows_from for claim in found[4:]] == [None, 9, 9, 9, None]


def test_a_result_is_no_less_exact_for_having_a_decimal_point():
    right, wrong = r"\frac{m}{\sqrt{s}} = \frac{0.2}{\sqrt{0.04}} = 1", r"\frac{m}{\sqrt{s}} = 0.9"
    found = claims("g = 2", r"m = 0.1 g = 0.2", r"s = 0.01 g^2 = 0.04", right, wrong)
    assert [claim.verdict for claim in found[-2:]] == ["right", "wrong"]


def test_a_step_in_numbers_goes_down():
    found = claims(
        "x = 1", "w = 0.5", "y = 1", r"\eta = 0.5", "L = (w x - y)^2", r"\frac{dL}{dw} = 2 (w x - y) x = -1",
        r"w_{new} = 0.5 + 0.5 \cdot (-1) = 0", r"w_{new} = 0.5 - 0.5 \cdot (-1) = 1",
    )  # fmt: skip
    assert [claim.verdict for claim in found[-2:]] == ["wrong", "right"]


def test_a_step_uses_the_rate_that_is_given_though_it_is_not_spelled():
    found = claims(
        "u = 1", r"\eta = 0.1", "s = 2 u = 2", "J = 3 s = 6", r"\frac{dJ}{du} = 6",
        r"u^{new} = 1 - 0.6 = 0.4", r"u^{new} = 1 - 6 = -5",
    )  # fmt: skip
    assert [claim.verdict for claim in found[-2:]] == ["right", "wrong"]


def test_after_a_step_the_values_are_the_new_ones():
    found = claims(
        "z = w x + b", "x = 1.5", "w = 0.8", "b = -0.2", "L = (z - 2)^2", r"z = 0.8 \cdot 1.5 - 0.2 = 1.0",
        r"\frac{dL}{dw} = 2 (1.0 - 2) 1.5 = -3", r"w \leftarrow 0.8 - 0.1 \cdot (-3) = 1.1",
        r"b \leftarrow -0.2 - 0.1 \cdot (-2) = 0", r"z = 1.1 \cdot 1.5 - 0 = 1.65",
        "L = (1.65 - 2)^2 = 0.1225",
        r"w \leftarrow 1.1 - 0.1 \cdot (-1.05) = 1.205", r"w \leftarrow 1.1 + 0.1 \cdot (-1.05) = 0.995",
    )  # fmt: skip
    assert [claim.verdict for claim in found] == ["right"] * 12 + ["wrong"]


def test_numbers_given_for_computed_names_are_taken_as_they_are():
    given = ["Q = (y - d)^2", "y = v h", r"h = \sigma(x)", "y = 0.8", "d = 1", "v = 0.5", "h = 0.6", "x = 2"]
    right, wrong = (
        rf"\frac{{\partial Q}}{{\partial v}} = 2 \cdot (0.8 - 1) \cdot {h}"
        for h in ("0.6 = -0.24", "0.5 = -0.2")
    )
    assert [claim.verdict for claim in claims(*given, right, wrong)[-2:]] == ["right", "wrong"]


def test_a_second_pass_is_worked_out_with_what_the_parameters_became() -> None:
    notes = r"""
        $x = 2$, $w = 0.5$, $b = 0.1$, $z = w x + b$, $z = 1.1 > 0$
        R | w' = 0.5 - 0.1 \times 1.356 = 0.364
        R | b' = 0.1 - 0.1 \times 0.678 = 0.032
        R | z = 0.364 \times 2.0 + 0.032 = 0.760
    """
    assert_as_marked(notes)
    assert_as_marked(notes.replace("R | z = 0.364", "W | z = 0.464").replace("0.760", "0.960"))


def test_a_decimal_that_is_all_but_a_whole_number() -> None:
    assert_as_marked(r"""
        R | r = 0.5 / (0.25 + 10^{-8}) = 2
        W | r = 0.5 / (0.25 + 10^{-2}) = 2
        W | 7 \cdot 14285715 = 100000000
    """)


def test_a_number_for_a_loss_without_a_formula() -> None:
    assert_as_marked(r"""
        $\hat y = w x$, $w = 0.5$, $x = 2$
        R | L = -\tfrac12 (\ln 0.55 + \ln 0.27) = 0.9536
        W | L = -\tfrac12 (\ln 0.55 + \ln 0.27) = 0.4536
        R | \frac{\partial L}{\partial w} = \tfrac12 (-0.45 + 0.73) = 0.14
        W | \frac{\partial L}{\partial w} = \tfrac12 (-0.45 + 0.73) = 0.28
    """)


def test_targets_that_a_loss_in_numbers_has_put_in() -> None:
    assert_as_marked(r"""
        $z = \begin{pmatrix} 0 \\ 0 \end{pmatrix}$, $y = \begin{pmatrix} 1 \\ 0 \end{pmatrix}$
        R | p = \mathrm{softmax}(z) = \begin{pmatrix} 0.5 \\ 0.5 \end{pmatrix}
        R | L = -\log p_1
        A | \frac{\partial L}{\partial z} = p - y = \begin{pmatrix} -0.5 \\ 0.5 \end{pmatrix}
        N | \frac{\partial L}{\partial z} = y - p
    """)


def test_matrices_of_numbers() -> None:
    notes = r"""
        R | X = \begin{bmatrix} 1 & 2 \\ 0 & -1 \end{bmatrix}
        R | W_1 = \begin{bmatrix} 1 & -1 \\ 2 & 0 \end{bmatrix}
        $b_1 = \begin{bmatrix} 1 & 1\end{bmatrix}$, $w = \begin{bmatrix} 1 \\ -2\end{bmatrix}$,
        $y = \begin{bmatrix} 5 \\ 0 \end{bmatrix}$
        R | Z = XW_1 + b_1 = \begin{bmatrix} 6 & 0 \\ -1 & 1\end{bmatrix}
        R | H = \max(0, Z) = \begin{bmatrix} 6 & 0 \\ 0 & 1\end{bmatrix}
        R | \hat y = Hw = \begin{bmatrix} 6 \\ -2\end{bmatrix}
        R | L = \frac12\|\hat y - y\|^2 = 2.5
        R | \frac{\partial L}{\partial w} = H^T(\hat y - y) = \begin{bmatrix} 6 \\ -2\end{bmatrix}
        R | \frac{\partial L}{\partial Z} = (\hat y - y)w^T \odot \begin{bmatrix} 1 & 0\\ 0 & 1\end{bmatrix}
        R | \frac{\partial L}{\partial b_1} = \begin{bmatrix} 1 & 4\end{bmatrix}
    """
    assert_as_marked(notes)
    for claimed in (r"\max", "^T(", r"\odot", "b_1}"):
        right = next(line for line in notes.splitlines() if claimed in line)
        rest = right.replace("R |", "W |").split(r"\end")[0][:-1]  # without its last digit
        assert_as_marked(notes.replace(right, rest + r"7\end{bmatrix}"))


def test_after_a_step_the_old_matrix_is_still_known() -> None:
    assert_as_marked(r"""
        $W = \begin{pmatrix} 1 & 2 \\ 0 & 1 \end{pmatrix}$, $b = \begin{pmatrix} 1 \\ 0 \end{pmatrix}$,
        $x = \begin{pmatrix} 1 \\ 1 \end{pmatrix}$, $y = \begin{pmatrix} 2 \\ 2 \end{pmatrix}$
        R | z = W x + b = \begin{pmatrix} 4 \\ 1 \end{pmatrix}
        R | L = \frac12 \|z - y\|^2 = 2.5
        R | \delta = z - y = \begin{pmatrix} 2 \\ -1 \end{pmatrix}
        R | W \leftarrow W - 0.1\, \delta x^T = \begin{pmatrix} 0.8 & 1.8 \\ 0.1 & 1.1 \end{pmatrix}
        R | b \leftarrow b - 0.1\, \delta = \begin{pmatrix} 0.8 \\ 0.1 \end{pmatrix}
        R | z = W x + b = \begin{pmatrix} 3.4 \\ 1.3 \end{pmatrix}
        W | z = W x + b = \begin{pmatrix} 3.4 \\ 1.6 \end{pmatrix}
    """)
