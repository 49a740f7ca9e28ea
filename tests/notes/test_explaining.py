"""`--explain`: the derivation behind a verdict is that of the notes, in their own symbols."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from autograd.errors import SettingError
from autograd.notes.checking import check_notes
from autograd.notes.report import Report
from autograd.notes.reports.deriving import derivation_of
from autograd.notes.reports.explaining import at_line, explain
from autograd.notes.reports.unicode_math import readable

NEURON = r"Let $z = w x + b$, $a = \sigma(z)$ and $L = \frac12 (y - a)^2$." "\n\n"
SLOPE = r"\frac{\partial L}{\partial "
SHARED = r"Let $u = p q$, $v = u + p$ and $L = u v$." "\n\n"


def derived(text: str) -> list[str]:
    """The lines of the derivation of the last claim."""
    report = check_notes(text, file="a.md")
    return [
        f"{readable(left)} = {readable(right)}" for left, right in derivation_of(report, report.claims[-1])
    ]


def explained(report: Report, line: int) -> str:
    stream = StringIO()
    for claim in at_line(report, line):
        explain(report, claim, Console(file=stream, width=100, highlight=False))
    return stream.getvalue()


@pytest.mark.parametrize(
    "claim",
    [
        r"$\frac{\partial L}{\partial w} = (a - y) x$",
        r"$$\begin{align} \frac{\partial L}{\partial w} &= (a - y) a (1 - a) x \end{align}$$",
        r"$\delta = \frac{\partial L}{\partial w}$, so $\delta = (a - y) a x$",
    ],
)
def test_the_chain_rule_and_each_of_its_factors(claim: str) -> None:
    assert derived(NEURON + claim) == [
        "∂L/∂w = ∂L/∂a · ∂a/∂z · ∂z/∂w",
        "∂L/∂a = a - y",
        "∂a/∂z = a (1 - a)",
        "∂z/∂w = x",
        "∂L/∂w = (a - y) a (1 - a) x",
    ]


def test_several_paths_are_added() -> None:
    lines = derived(SHARED + r"$\frac{dL}{dp} = 1$")
    assert lines[0] == "∂L/∂p = ∂L/∂u · ∂u/∂p + ∂L/∂v · ∂v/∂u · ∂u/∂p + ∂L/∂v · ∂v/∂p"
    assert set(lines[1:-1]) == {"∂L/∂u = v", "∂L/∂v = u", "∂v/∂u = 1", "∂v/∂p = 1", "∂u/∂p = q"}
    assert lines[-1].startswith("∂L/∂p = ")


def test_a_function_that_is_only_named_keeps_its_prime() -> None:
    text = r"$s = w x$, $h = f(s)$, $L = (h - t)^2$, $\frac{\partial L}{\partial x} = 2 (h - t) f'(s)$"
    assert "∂h/∂s = f′(s)" in derived(text)


@pytest.mark.parametrize("claim", ["$2 + 2 = 5$", r"$\frac{\partial L}{\partial nosuch} = 1$", "$L = 3$"])
def test_where_there_is_no_derivative_there_is_no_derivation(claim: str) -> None:
    assert derived(NEURON + claim) == []


def test_a_wrong_step_is_marked_with_both_values() -> None:
    chain = rf"$${SLOPE}w}} = {SLOPE}a}} \frac{{\partial a}}{{\partial w}} = (a - y) x$$"
    text = explained(check_notes(NEURON + chain, file="a.md"), 3)
    assert text.startswith("a.md, line 3\n")
    assert "  ✓ ∂L/∂w = ∂L/∂a ∂a/∂w\n" in text
    assert "  ✗ ∂L/∂a ∂a/∂w = (a - y) x   <- fails\n      the left side is " in text
    assert "The chain rule, from what the notes define\n  ∂L/∂w = ∂L/∂a · ∂a/∂z · ∂z/∂w\n" in text


def test_a_formula_of_several_lines_is_found_by_each() -> None:
    report = check_notes(NEURON + "$$\n\\frac{\\partial L}{\\partial a}\n= a - y\n$$\n", file="a.md")
    assert [at_line(report, line)[0].latex.split() for line in (4, 5)] == [
        [r"\frac{\partial", r"L}{\partial", "a}", "=", "a", "-", "y"]
    ] * 2
    with pytest.raises(
        SettingError, match=r"a\.md, line 9: there is no claim; the nearest are in lines 1 and 3"
    ):
        at_line(report, 9)
    with pytest.raises(SettingError, match="there is no claim anywhere in it"):
        at_line(check_notes("words\n", file="a.md"), 1)
