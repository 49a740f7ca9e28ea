"""The edit that mends a wrong claim: the one that a teacher would make, written as it would be written."""

from __future__ import annotations

import pytest

from autograd.notes.checking import check_notes

NEURON = ["z = w x + b", "L = (z - t)^2"]
LAYERS = [r"h = \tanh(W_1 x + b_1)", "s = W_2 h + b_2", r"L = \frac{1}{2} \lVert s - y \rVert^2",
          r"\frac{\partial L}{\partial W_2} = (s - y) h^T"]  # fmt: skip
ROWS = [r"\hat y_i = w x_i + b", r"C = \frac{1}{n} \sum_{i=1}^n (\hat y_i - y_i)^2"]


def last(*lines):
    claim = check_notes("\n\n".join(f"$${line}$$" for line in lines)).claims[-1]
    assert claim.verdict == "wrong"
    return claim


@pytest.mark.parametrize(
    ("lines", "wrong", "expected"),
    [
        (NEURON, r"\frac{\partial L}{\partial z} = (z - t)", "2 (z - t)"),
        (NEURON, r"\frac{\partial L}{\partial z} = -1(t - z)", "-2(t - z)"),
        (NEURON, r"\frac{\partial L}{\partial z} = 4(z - t)", "2(z - t)"),
        (NEURON, r"\frac{\partial z}{\partial w} = 1", "x"),
        (NEURON, r"\frac{\partial L}{\partial b} = 2 (z - t)^2", "2 (z - t)"),
        (["y = x^3", "L = y"], r"\frac{dy}{dx} = 3 x^3", "3 x^2"),
        (["p = a^2 b", "a = 3 c"], r"\frac{dp}{da} = 2 a^2 b", "2 a b"),
        (ROWS, r"\frac{\partial C}{\partial w} = \frac{1}{n} \sum_{i=1}^n (\hat y_i - y_i) x_i",
         r"\frac{2}{n} \sum_{i=1}^n (\hat y_i - y_i) x_i"),
        (ROWS, r"\frac{\partial C}{\partial b} = 2 \sum_{i=1}^n (\hat y_i - y_i)",
         r"\frac{2}{n} \sum_{i=1}^n (\hat y_i - y_i)"),
        (ROWS, r"\frac{\partial C}{\partial b} = \frac{2}{n} (\hat y_i - y_i)",
         r"\sum_i \frac{2}{n} (\hat y_i - y_i)"),
        (LAYERS, r"\frac{\partial L}{\partial h} = W_2 (s - y)", "W_2^T (s - y)"),
        (LAYERS, r"\frac{\partial L}{\partial W_2} = h (s - y)^T", "(s - y) h^T"),
        (["y_i = \\sum_k W_{ik} x_k"], r"\frac{\partial y_i}{\partial W_{kl}} = \delta_{ik} x_k",
         r"\delta_{ik} x_{l}"),
    ],
)  # fmt: skip
def test_the_right_formula_as_it_would_be_written(lines, wrong, expected):
    claim = last(*lines, wrong)
    assert claim.expected == expected
    assert claim.repair is not None


def test_a_repair_never_says_only_what_was_asked():
    """dL/db = dL/db is right and mends nothing."""
    lines = ["a = 3 b", "c = 2 a", r"\frac{\partial c}{\partial b} = \frac{\partial c}{\partial a}"]
    assert r"\frac{\partial c}{\partial b}" not in last(*lines).expected


def test_a_family_of_deltas_is_one():
    lines = [
        "n_3 = v_1 a_1 + v_2 a_2", r"a_1 = \sigma(n_1)", r"a_2 = \sigma(n_2)", "n_1 = w_1 x", "n_2 = w_2 x",
        r"E = \frac{1}{2} (n_3 - t)^2", r"\delta_3 = \frac{\partial E}{\partial n_3} = n_3 - t",
        r"\delta_1 = \frac{\partial E}{\partial n_1} = \delta_3 v_1 a_1 (1 - a_1)",
    ]  # fmt: skip
    assert last(*lines, r"\delta_2 = \delta_3 v_1 a_2 (1 - a_2)").expected == r"\delta_3 v_2 a_2 (1 - a_2)"


def test_the_counterexample_is_at_the_numbers_of_the_notes():
    found = last(*NEURON, "x = 3", "w = 2", "b = 1", "t = 5", r"\frac{\partial L}{\partial w} = 2 (z - t)")
    assert (found.counterexample.left, found.counterexample.right) == (12, 4)
    assert found.counterexample.at["z"] == 7


def test_the_sides_of_a_counterexample_can_be_told_apart():
    lines = ["s_1 = w x_1", r"h_1 = \tanh(s_1)", "s_2 = w x_2 + 3 h_1", r"h_2 = \tanh(s_2)", "L = h_2"]
    found = last(*lines, r"\frac{\partial L}{\partial w} = (1 - h_2^2) x_2").counterexample
    assert found.left != found.right


@pytest.mark.parametrize(
    ("lines", "wrong", "expected"),
    [
        (ROWS, r"\frac{\partial C}{\partial w} = \sum_{i=1}^n (\hat y_i + y_i) x_i b",
         r"\frac{1}{n} \sum_{i=1}^{n} 2 \left(\hat y_i - y_i\right) x_i"),
        ([r"a^{(i)} = \sigma(\sum_j w_j x_j^{(i)} + b)",
          r"J = -\frac{1}{m} \sum_{i=1}^m [y^{(i)} \log a^{(i)} + (1 - y^{(i)}) \log(1 - a^{(i)})]",
          r"\frac{\partial J}{\partial b} = \frac{1}{m} \sum_{i=1}^m (a^{(i)} - y^{(i)})"],
         r"\frac{\partial J}{\partial w_j} = \sum_{i=1}^m (a^{(i)} + y^{(i)}) b",
         r"\frac{1}{m} \sum_{i=1}^{m} \left(a^{(i)} - y^{(i)}\right) x_j^{(i)}"),
    ],
)  # fmt: skip
def test_over_n_rows_the_right_formula_is_a_sum(lines, wrong, expected):
    claim = check_notes("\n\n".join(f"$${line}$$" for line in [*lines, wrong])).claims[-1]
    assert expected in (claim.expected or claim.reason)
