"""Definitions of which the notes themselves bear witness that they are slips are not called right."""

from __future__ import annotations

import pytest

from autograd import check_notes

NET = r"""
$$z = w x + v u + b$$

$$a = \tanh(z)$$

$$L = \frac12 (y - a)^2$$

$$\frac{\partial L}{\partial a} = a - y$$

## Backward

$$z = w x + v u + b$$

$$\frac{\partial z}{\partial w} = x, \quad \frac{\partial z}{\partial v} = u$$

$$\frac{\partial z}{\partial b} = 1$$

$$w \leftarrow w - \eta \frac{\partial L}{\partial w}$$
"""
FIRST = "$$z = w x + v u + b$$"


def verdict(text: str, begin: str) -> tuple[str, str | None]:
    """The verdict on the first claim that begins so, and why."""
    return next((c.verdict, c.reason) for c in check_notes(text).claims if c.latex.startswith(begin))


def spoilt(formula: str, nth: int = 1) -> str:
    """The notes with another formula in place of one of those for z."""
    parts = NET.split(FIRST)
    return FIRST.join(parts[:nth]) + f"$${formula}$$" + FIRST.join(parts[nth:])


def test_the_notes_as_they_are_hold():
    assert {claim.verdict for claim in check_notes(NET).claims} == {"right"}


@pytest.mark.parametrize(
    "slip",
    ["z = w x - v u + b", "z = w + v u + b", "z = w x + v u", "z = w^2 x + v u + b", "z = w y + v u + b"],
)
def test_what_is_said_otherwise_further_down(slip):
    found, reason = verdict(spoilt(slip), slip)
    assert found == "not understood"
    assert "line 12 has it otherwise" in reason


def test_a_first_meaning_that_is_borne_out_is_none():
    slope = "\n\n$$\\frac{\\partial z}{\\partial v} = -u$$"
    text = spoilt("z = w x - v u + b").replace("$$a =", slope + "\n\n$$a =")
    assert verdict(text, "z = w x - v u + b")[0] == "right"


@pytest.mark.parametrize(
    ("slip", "nth", "is_else"), [(r"\eta = w x + v u + b", 2, r"\eta"), ("w = w_0 x + b_0", 1, None)]
)
def test_what_another_name_is(slip, nth, is_else):
    found, reason = verdict(spoilt(slip, nth), slip)
    if is_else is None:
        assert found == "right"
    else:
        assert (found, reason) == ("not understood", f"this is what $z$ is; ${is_else}$ is something else")


def test_one_loss_after_another_is_no_slip():
    text = r"$L = (y - a)^2$, $L = \frac12 (y - a)^2$, $\frac{\partial L}{\partial a} = a - y$"
    assert verdict(text, "L = (y")[0] == "right"


@pytest.mark.parametrize(
    "slope", [r"\frac{\partial w}{\partial b} = 1", r"\frac{\partial x}{\partial w} = 2"]
)
def test_no_number_is_given_for_the_slope_of_an_input_by_another(slope):
    text = rf"$z = w x + b$, ${slope}$"
    assert verdict(text, slope)[0] == "not understood"


def test_a_slope_from_outside_is_given():
    text = r"$z = w x + b$, $\frac{\partial L}{\partial z} = 3$, $\frac{\partial L}{\partial b} = 3$"
    assert [claim.verdict for claim in check_notes(text).claims] == ["right", "right", "right"]


def test_a_name_from_before_stands_for_no_part_of_a_formula():
    text = r"""
$y = w a + b$, $L = (t - y)^2$, $w \leftarrow w - \eta \frac{\partial L}{\partial w}$

## Again

$$\frac{\partial y}{\partial w} = \frac{\partial (w a + b)}{\partial w} = \eta$$
"""
    assert verdict(text, r"\frac{\partial y}{\partial w}")[0] == "wrong"


def test_an_index_that_is_also_summed_over():
    softmax = r"$$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$"
    assert verdict(softmax, "p_k")[0] == "right"
    found, reason = verdict(softmax.replace("{z_k}", "{z_j}"), "p_k")
    assert found == "not understood"
    assert "where $k$ may be meant" in reason
