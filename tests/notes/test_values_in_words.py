"""Values that stand beside names, in lists and tables: a worked example is judged with them."""

import pytest

from autograd.notes.checking import check_notes

FORMULA = r"$$z = w_1 a_1 + w_2 a_2 + b = 0.7 \times 0.52 - 0.5 \times 0.43 = 0.149$$"  # b = 0 is left out
VALUES = {"w_1": "0.7", "w_2": "-0.5", "a_1": "0.52", "a_2": "0.43", "b": "0"}


def verdict(given: str) -> str:
    return check_notes(f"{given}\n\n{FORMULA}\n", file="note.md").claims[-1].verdict


@pytest.mark.parametrize(
    "line",
    ["- ${}$ = {}", "- ${}$: {}", "* ${}$ is {}.", "${}$ = **{}**,", "| ${}$ | {} |", "| ${}$ | ${}$ |"],
)
def test_a_value_beside_a_name_is_given(line: str) -> None:
    given = [line.format(name, value) for name, value in VALUES.items()]
    if "|" in line:
        given = ["| parameter | value |", "|---|---|", *given]
    assert verdict("\n".join(given)) == "right"
    assert verdict("\n".join(given).replace("0.43", "0.44")) == "wrong"


def test_a_table_may_have_the_names_above() -> None:
    names = " | ".join(f"${name}$" for name in VALUES)
    table = f"| {names} |\n|:-:|---|---|---|---|\n| {' | '.join(VALUES.values())} |"
    assert verdict(table) == "right"
    assert verdict(table.replace("0.43", "0.44")) == "wrong"


@pytest.mark.parametrize(
    "row", ["| $b$ | 0 | 1 |", "| $b$ | 0 |\n| $b$ | 1 |", "| $b$ | 0 epochs |", "| $b$ | low |"]
)
def test_what_may_be_data_gives_no_value(row: str) -> None:
    given = [f"| ${name}$ | {value} |" for name, value in VALUES.items() if name != "b"]
    assert verdict("\n".join(["| parameter | value |", "|---|---|", *given, row])) == "ambiguous"


def test_one_value_may_be_of_several_names() -> None:
    note = "$w_1, w_2$ = 0.5\n\n$$z = w_1 + w_2 + 1 = 2$$\n"
    assert [claim.verdict for claim in check_notes(note, file="note.md").claims][-1] == "right"


def test_a_slope_with_a_kink_is_a_number_on_one_side_of_it() -> None:
    note = r"$h = \text{ReLU}(z)$; where it is on, $\text{ReLU}'(z) = 1$, else $\text{ReLU}'(z) = 0$."
    readings = [claim.reading for claim in check_notes(note).claims if claim.verdict == "ambiguous"]
    assert readings == ["$z > 0$", "$z < 0$"]


GRAPH = "Let $q = x + y$ and $f = qz$.\n\n$\\frac{df}{dx} = %s$\n"


@pytest.mark.parametrize("given", ["with x = -2, y = 5 and z = -4.", "`x = -2`, `y = 5`, `z = -4`"])
def test_values_may_stand_among_the_words(given: str) -> None:
    judged = [check_notes(f"{given}\n\n{GRAPH % slope}", file="note.md").claims[-1] for slope in ("-4", "3")]
    assert [claim.verdict for claim in judged] == ["right", "wrong"]


@pytest.mark.parametrize(("value", "verdict"), [("0.4", "right"), ("0.3", "wrong")])
def test_a_small_digit_below_is_an_index(value: str, verdict: str) -> None:
    notes = f"Take x₁ = 0.5, w₁ = 0.8, h₁ = −1.\n\n$z = w_1 x_1$ is small.\n\n$z = {value}$"
    assert check_notes(notes, file="note.md").claims[-1].verdict == verdict


@pytest.mark.parametrize(
    "given", ["for z = 1, 2, 3", "from z = -4 to z = 4", "where z = -4x", "```\nz = -4\n```", "z = 10%"]
)
def test_what_is_no_value_gives_none(given: str) -> None:
    claim = check_notes(f"{given}\n\n{GRAPH % '-4'}", file="note.md").claims[-1]
    assert claim.verdict == "not understood"
