"""The tree in the terminal."""

import io
import re
import sys

import pytest
from rich.console import Console

from autograd import Value
from autograd.errors import SettingError
from autograd.pictures import tree as module
from autograd.pictures.tree import tree
from nn import MLP, squared_error


def test_a_neuron_is_a_line_with_its_parameters_below_and_what_is_shared_at_the_foot(notes_loss):
    assert str(tree(notes_loss)).splitlines() == [
        "                value  grad  local * upstream",
        "L                 625     1",
        "├─ y                5   -50  (-50) * 1",
        "└─ yhat            30    50  50 * 1",
        "   ├─ w2_11         1   750  15 * 50",
        "   ├─ w2_21         1   750  15 * 50",
        "   ├─ O11          15    50  1 * 50",
        "   │  ├─ w1_11      1   400  8 * 50",
        "   │  ├─ w1_21      1   350  7 * 50",
        "   │  ├─ x1                  1 * 50",
        "   │  ├─ x2                  1 * 50",
        "   │  └─ b11        0    50  1 * 50",
        "   ├─ O12          15    50  1 * 50",
        "   │  ├─ w1_12      1   400  8 * 50",
        "   │  ├─ w1_22      1   350  7 * 50",
        "   │  ├─ x1                  1 * 50",
        "   │  ├─ x2                  1 * 50",
        "   │  └─ b12        0    50  1 * 50",
        "   └─ b21           0    50  1 * 50",
        "used several times:",
        "x1                  8   100",
        "x2                  7   100",
        "20 Values, folded to neurons: 16 nodes",
    ]


def test_what_is_shared_and_computed_has_its_own_tree_at_the_foot():
    x = Value(3.0, "x")
    square = x * x
    square.name = "s"
    loss = square + square * 2
    loss.backward()
    assert [line.rstrip() for line in repr(tree(loss, fold="none")).splitlines()] == [
        "           value  grad  local * upstream",
        "L +           27     1",
        "├─ s *                  1 * 1",
        "└─ *          18     1  1 * 1",
        "   ├─ s *               2 * 1",
        "   └─ 2",
        "used several times:",
        "s *            9     3",
        "├─ x                    3 * 3",
        "└─ x                    3 * 3",
        "x              3    18",
    ]


def test_each_gradient_is_the_sum_of_its_products(notes_loss):
    lines = str(tree(notes_loss, fold="none", depth=20)).splitlines()
    foot = next(i for i, line in enumerate(lines) if line.startswith("used"))
    found = [re.search(r"x1 .*?(-?\d+)\)? \* \(?(-?\d+)", line) for line in lines[:foot]]
    products = sum(int(m[1]) * int(m[2]) for m in found if m)
    (total,) = [line.split()[-1] for line in lines[foot:] if line.startswith("x1")]
    assert int(total) == products == 100


def test_a_depth_limit_says_how_much_more_there_is(notes_loss):
    assert str(tree(notes_loss, depth=1)).splitlines()[-2] == "   └─ … 5 more"
    net = MLP(2, [16, 16, 1], activation="tanh")
    text = str(tree(squared_error(net([1.0, 2.0]), 1.0)))
    assert "… 33 more" in text
    assert len(text.splitlines()) < 80


def test_several_rows_in_one_line():
    net = MLP(2, [3, 1], activation="tanh")
    loss = sum(squared_error(net([i, 1.0]), i) for i in range(3))
    loss.backward()
    text = str(tree(loss))
    assert re.search(r"yhat +3 Values", text)


def test_what_is_called_the_same_and_shared_has_a_number():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    a, b = x * y, x * y
    lines = str(tree(a + b * a * b, fold="none")).splitlines()
    foot = lines.index(next(line for line in lines if line.startswith("used several times")))
    assert [sum(f"* ({i})" in line for line in lines[:foot]) for i in (1, 2)] == [2, 2]
    assert [line[:5] for line in lines[foot:] if line.startswith("*")] == ["* (1)", "* (2)"]


def test_characters_that_fill_two_columns():
    lines = str(tree(Value(2.0, "学習率") * Value(3.0, "w"))).splitlines()
    assert lines[2] == "├─ 学習率      2     –  3 * –"
    assert lines[3] == "└─ w           3     –  2 * –"


def test_a_small_expression_is_not_folded_and_a_value_alone_is_a_line():
    assert "├─ *" in str(tree(Value(2.0, "w") * 3 + 1))
    assert str(tree(Value(2.0, "w"))).splitlines()[1].split() == ["w", "2", "–"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "no-such-encoding"])
def test_ascii_where_there_is_no_more(monkeypatch, encoding):
    class Out(io.StringIO):
        pass

    out = Out()
    monkeypatch.setattr(Out, "encoding", encoding, raising=False)
    monkeypatch.setattr(sys, "stdout", out)
    text = str(tree(Value(2.0, "w") * 3, depth=1))
    assert text.isascii()
    assert "`- 3" in text
    assert "|- w" in text


def test_colours_in_a_terminal_only(monkeypatch):
    plain = str(tree(Value(2.0, "w") * 3))
    assert "\x1b" not in plain
    monkeypatch.setattr(module, "_colours", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = str(tree(Value(2.0, "w") * 3))
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    assert "\x1b[33mw\x1b[0m" in coloured


def test_a_terminal_is_asked_for(monkeypatch):
    monkeypatch.setattr(Console, "is_terminal", True)
    assert module._colours()


@pytest.mark.parametrize(
    "label",
    [
        "a\nb", "\x1b[31mred", "\x9b31mred", "a\r\bb", "[red]x[/red]", "\u202eevil", "\u2066a\u2069",
        "a\0b", "\u2028", "x" * 1000, ":smile:",
    ],
)  # fmt: skip
def test_labels_are_text(label):
    unit = (Value(2.0, label) * 3).tanh()
    unit.name = label
    text = str(tree(unit * Value(1.0, "w"), fold="none"))
    assert len(text.splitlines()) == 7
    assert all(c.isprintable() or c == "\n" for c in text)
    if label.isprintable():
        assert label[:40] in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 0}, "depth=0"),
        ({"depth": "3"}, "depth='3'"),
        ({"precision": 99}, "precision=99"),
        ({"fold": "x"}, "fold='x'"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(SettingError, match=message):
        tree(Value(1.0) * 2, **options)
