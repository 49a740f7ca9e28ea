"""`chalkgrad derive`: the chain rule written out, for a network given on the line or a function in a file."""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from ..errors import SettingError
from .loss_options import GivenLoss, loss_options
from .options import about, assignments, number, one_of, quoted, whole_number
from .written import FORMATS, write

if TYPE_CHECKING:
    from ..formulas import Symbolic

__all__ = ["derive"]

MAX_ROWS = 100_000
MAX_NUMBERS = 1_000
"""The most gradients that are worked out at once."""


@click.command(short_help="Write out the derivation of a gradient.")
@loss_options
@click.option(
    "--wrt", metavar="NAME", multiple=True,
    help="Differentiate with respect to this weight, bias, unit or input. May be repeated. Left out, the "
    "whole backward pass is written.",
)  # fmt: skip
@click.option("--rows", metavar="N", help="Add the loss up over a batch of N rows.")
@click.option("--reduce", metavar="sum|mean", help="With --rows: the sum of the rows, or their mean.")
@click.option(
    "--learning-rate", metavar="NAME|NUMBER", default="eta",
    help="In the updates at the end: a symbol (eta if left out), or a number.",
)  # fmt: skip
@click.option(
    "--at", metavar="NAME=NUMBER,...", multiple=True,
    help="Numbers to carry the derivation through to: for every input, x1=1,x2=2,y=3, and for parameters if "
    "you like (else weights are 1 and biases 0). With --rows 2 an input takes two numbers: x1=1,4. An "
    "activation f takes a function: f=tanh.",
)  # fmt: skip
@click.option("--format", "format_", metavar="|".join(FORMATS), default="text", help="Text if left out.")
def derive(
    given: GivenLoss,
    wrt: tuple[str, ...],
    rows: str | None,
    reduce: str | None,
    learning_rate: str,
    at: tuple[str, ...],
    format_: str,
) -> None:
    """Write out the derivation of a gradient: the chain rule, its factors, the result, the update.

    One weight of a network of two layers, for a single row, then for a batch of two:

    \b
      chalkgrad derive --layers 2,2,1 --wrt w1_11
      chalkgrad derive --layers 2,2,1 --wrt w1_11 --rows 2

    All weights, with an activation f of which nothing is known, as Markdown to paste into notes:

    \b
      chalkgrad derive --layers 2,2,1 --activation f --names numbered \\
          --loss half_squared_error --format markdown > notes.md

    A sigmoid neuron, whose fractions cancel; and with numbers, down to the new weight:

    \b
      chalkgrad derive --layers 2,1 --loss binary_cross_entropy --wrt w1_11
      chalkgrad derive --layers 2,1 --wrt w1_11 --at x1=1,x2=2,y=5 --learning-rate 0.1

    Any function of your own. In loss.py, numbers in and one number out, built of Values with names
    (`w = Value(2.0, "w")`); the file is executed, so give only one you trust:

    \b
      chalkgrad derive --function loss.py:loss --size x=3 --wrt w
    """  # noqa: D301 - click knows a paragraph not to be wrapped by its backspace
    one_of("--format", format_, FORMATS)
    rate = _learning_rate(learning_rate)
    n_rows = None if rows is None else whole_number("--rows", rows, MAX_ROWS)
    if reduce is not None and n_rows is None:
        raise SettingError(f"--reduce: {quoted(reduce)} needs --rows, such as --rows 2")
    how = one_of("--reduce", reduce or "sum", ("sum", "mean"))
    function, lengths = given.load(init="ones")
    from ..formulas import symbolic

    with given.running():
        model = symbolic(function, sizes=lengths, rows=n_rows, reduce=how)
    for name in wrt:
        with about("--wrt"):
            model.known(name)
        if at and _is_by_row(name, model):
            raise SettingError(f"--wrt: {name} is another number in each row; with --at leave out --rows")
    point = _point(at, model) if at else None
    for letter in given.letters:
        if point is not None and letter not in point:
            raise SettingError(f"--at: say which function {letter} is, such as {letter}=tanh")
    if at and not wrt and len(model.parameters) > MAX_NUMBERS:
        many = f"{len(model.parameters):,} gradients; at most {MAX_NUMBERS:,} are worked out"
        raise SettingError(f"--at: there are {many}, so say by --wrt which are wanted")
    with about("--at") if at else nullcontext():
        write(format_, model, list(dict.fromkeys(wrt)), point, rate)


def _learning_rate(text: str) -> float | str:
    """A number above 0, or the symbol for one."""
    if re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,30}", text) and text.lower() not in ("nan", "inf", "infinity"):
        return text
    rate = number("--learning-rate", text)
    if rate <= 0:
        raise SettingError(f"--learning-rate {text}: it must be greater than 0, or a symbol such as eta")
    return rate


def _point(texts: tuple[str, ...], model: Symbolic) -> dict[str, Any]:
    """Read the numbers for names; in a batch one for each row, but a single one for parameters."""
    from nn.activations import ACTIVATIONS

    functions = {name: f for name, f in ACTIVATIONS.items() if name != "softmax"}  # it takes many numbers
    point: dict[str, Any] = {}
    for name, words in assignments("--at", texts).items():
        option = f"--at {name}"
        if name not in model.names and words[0] in functions:
            point[name] = functions[words[0]]
            continue
        with about("--at"):
            model.known(name)
        numbers = [number(option, word) for word in words]
        wanted = model.rows or 1 if _is_by_row(name, model) else 1
        if len(numbers) != wanted:
            raise SettingError(
                f"{option}: {len(numbers)} given, and it takes {wanted}"
                + (", one for each row" if wanted > 1 else "; for a batch, say --rows" * (model.rows is None))
            )
        point[name] = numbers if _is_by_row(name, model) else numbers[0]
    return point


def _is_by_row(name: str, model: Symbolic) -> bool:
    """Whether a name stands for another number in each row of a batch."""
    return model.rows is not None and name in model.row_names - {model.result}
