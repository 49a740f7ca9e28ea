"""`chalkgrad derive`: the chain rule written out, for a network given on the line or a function in a file."""

from __future__ import annotations

import re
from contextlib import nullcontext
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from ..errors import SettingError
from .options import about, number, one_of, quoted, whole_number
from .user_file import function_in_file, running
from .written import FORMATS, write

if TYPE_CHECKING:
    from ..formulas import Symbolic

__all__ = ["derive"]

MAX_PARAMETERS = 5_000
"""The most weights and biases of a network whose derivation is written: far more than anyone reads."""
MAX_LAYERS = 20
MAX_ROWS = MAX_SIZE = 100_000

LOSSES = (
    "squared_error", "half_squared_error", "binary_cross_entropy", "binary_cross_entropy_with_logit",
    "cross_entropy", "cross_entropy_from_probabilities", "hinge",
)  # fmt: skip
"""Those of nn.losses; the names stand here so that the help need not load them."""
PROBABILITIES = {"binary_cross_entropy": "sigmoid", "cross_entropy_from_probabilities": "softmax"}
"""Losses of probabilities, with the output that makes them."""
LOGITS = {"binary_cross_entropy_with_logit": "sigmoid", "cross_entropy": "softmax"}
"""Losses that apply this activation themselves."""


@click.command(short_help="Write out the derivation of a gradient.")
@click.option("--layers", metavar="N,N,...", help="Inputs, units of each hidden layer, outputs: 2,2,1.")
@click.option(
    "--activation", metavar="NAME[,NAME...]",
    help="Of the hidden layers: linear (as it is if left out), relu, leaky_relu, sigmoid, softmax or tanh; "
    "or a letter, such as f, for one that is not known, whose derivative is f'. With commas, one a layer.",
)  # fmt: skip
@click.option(
    "--output", metavar="NAME",
    help="Activation of the last layer. Left out, it is what the loss takes: sigmoid for "
    "binary_cross_entropy, softmax for cross_entropy_from_probabilities, linear for the others.",
)  # fmt: skip
@click.option("--loss", metavar="NAME", help=f"One of {', '.join(LOSSES)}. The first if left out.")
@click.option(
    "--names", metavar="layered|numbered",
    help="layered: w1_21 from input 2 to unit 1 of layer 1, b11, x1, y. numbered: W1, b1, X1, Y. "
    "Layered if left out.",
)  # fmt: skip
@click.option(
    "--function", metavar="FILE:NAME",
    help="Instead of a network, a function in a Python file of yours, which is executed.",
)  # fmt: skip
@click.option(
    "--size", "sizes", metavar="NAME=N", multiple=True,
    help="With --function: the argument NAME is a list of N numbers. May be repeated.",
)  # fmt: skip
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
    layers: str | None,
    activation: str | None,
    output: str | None,
    loss: str | None,
    names: str | None,
    function: str | None,
    sizes: tuple[str, ...],
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
    batch = {"rows": n_rows, "reduce": one_of("--reduce", reduce or "sum", ("sum", "mean"))}
    network = {
        "--layers": layers, "--activation": activation, "--output": output, "--loss": loss, "--names": names,
    }  # fmt: skip
    if function is None:
        if sizes:
            raise SettingError(f"--size: {quoted(sizes[0])} belongs to --function; a network has --layers")
        model = _network_model(*network.values(), batch)
    else:
        for option, text in network.items():
            if text is not None:
                raise SettingError(f"{option}: {quoted(text)} is for a network, and --function gives none")
        model = _function_model(function, _sizes(sizes), batch)
    for name in wrt:
        with about("--wrt"):
            model.known(name)
    point = _point(at, model) if at else None
    for word in [*(activation or "").split(","), output]:
        if point is not None and word and len(word) == 1 and word not in point:
            raise SettingError(f"--at: say which function {word} is, such as {word}=tanh")
    with about("--at") if at else nullcontext():
        write(format_, model, list(dict.fromkeys(wrt)), point, rate)


# ---------------------------------------------------------------------------------------- what to derive


def _network_model(
    layers: str | None,
    activation: str | None,
    output: str | None,
    loss: str | None,
    names: str | None,
    batch: dict[str, Any],
) -> Symbolic:
    """The formulas of a network and its loss."""
    from nn import MLP, losses
    from nn.naming import SCHEMES

    from ..formulas import symbolic

    loss = one_of("--loss", loss or LOSSES[0], LOSSES)
    names = one_of("--names", names or "layered", SCHEMES)
    sizes = _layers(layers)
    if output is not None and output == LOGITS.get(loss):
        other = next(loss for loss, makes in PROBABILITIES.items() if makes == output)
        raise SettingError(
            f"--output: {loss} applies {output} itself; leave --output out, or take --loss {other}"
        )
    if sizes[-1] == 1 and loss.startswith("cross_entropy"):
        raise SettingError(f"--layers {layers}: {loss} compares classes, and there is only one output")
    hidden = _hidden_activations(activation, len(sizes) - 2)
    last = _activation("--output", output or PROBABILITIES.get(loss, "linear"))
    net = MLP(sizes[0], sizes[1:], hidden, last, init="ones", names=names)
    error = getattr(losses, loss)
    if names == "numbered":  # the notes that number their weights write capitals throughout
        lengths = {"X": sizes[0]} | ({} if sizes[-1] == 1 else {"Y": sizes[-1]})
        return symbolic(lambda X, Y: error(net(X), Y), sizes=lengths, **batch)
    lengths = {"x": sizes[0]} | ({} if sizes[-1] == 1 else {"y": sizes[-1]})
    return symbolic(lambda x, y: error(net(x), y), sizes=lengths, **batch)


def _function_model(place: str, sizes: dict[str, int], batch: dict[str, Any]) -> Symbolic:
    """The formulas of a function in a user's file."""
    from ..formulas import symbolic

    function = function_in_file("--function", place)
    with running("--function", place.rpartition(":")[0]):
        return symbolic(function, sizes=sizes, **batch)


def _layers(text: str | None) -> list[int]:
    """Inputs, then the units of each layer."""
    if text is None:
        raise SettingError("derive needs --layers, such as --layers 2,2,1, or --function; see --help")
    option = f"--layers {text[:40]}"
    sizes = [whole_number(option, part, MAX_SIZE) for part in text.split(",")]
    if len(sizes) < 2:
        raise SettingError(f"{option}: give the inputs, then the units of each layer, such as 2,2,1")
    if len(sizes) - 1 > MAX_LAYERS:
        raise SettingError(
            f"{option}: {len(sizes) - 1:,} layers; a derivation is written for at most {MAX_LAYERS}"
        )
    if (count := sum((before + 1) * units for before, units in pairwise(sizes))) > MAX_PARAMETERS:
        raise SettingError(
            f"{option}: {count:,} weights and biases; a derivation is written for at most {MAX_PARAMETERS:,}"
        )
    return sizes


def _hidden_activations(text: str | None, n_hidden: int) -> list[Any]:
    """An activation for each hidden layer."""
    words = (text or "linear").split(",")
    if text is not None and n_hidden == 0:
        raise SettingError(
            f"--activation {quoted(text)}: there is no hidden layer; the last one's is given by --output"
        )
    if len(words) not in (1, n_hidden):
        raise SettingError(
            f"--activation {quoted(text or '')}: {len(words)} of them for {n_hidden} hidden layers; "
            "give one for all, or one for each"
        )
    found = [_activation("--activation", word) for word in words]
    return found if len(found) == n_hidden else found * n_hidden


def _activation(option: str, name: str) -> Any:
    """An activation that has a name, or an abstract function, which has a letter."""
    from nn.activations import ACTIVATIONS

    if re.fullmatch("[A-Za-z]", name) and name not in "xyXYL":
        from ..formulas import abstract

        return abstract(name)
    return one_of(option, name, ACTIVATIONS, ", a letter such as f")


def _sizes(texts: tuple[str, ...]) -> dict[str, int]:
    """The lengths of arguments that are lists."""
    sizes = {}
    for text in texts:
        name, _, size = text.partition("=")
        if not name.isidentifier():
            raise SettingError(f"--size {quoted(text)}: write NAME=N, such as x=3")
        sizes[name] = whole_number(f"--size {name}", size, MAX_SIZE)
    return sizes


# ------------------------------------------------------------------------------------------- and where


def _learning_rate(text: str) -> float | str:
    """A number above 0, or the symbol for one."""
    if re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,30}", text) and text.lower() not in ("nan", "inf", "infinity"):
        return text
    rate = number("--learning-rate", text)
    if rate <= 0:
        raise SettingError(f"--learning-rate {text}: it must be greater than 0, or a symbol such as eta")
    return rate


def _point(texts: tuple[str, ...], model: Symbolic) -> dict[str, Any]:
    """Numbers by name; those of parameters are set in the model, where the update looks for them."""
    from nn.activations import ACTIVATIONS

    functions = {name: f for name, f in ACTIVATIONS.items() if name != "softmax"}  # it takes many numbers
    point: dict[str, Any] = {}
    for name, words in _assignments(texts).items():
        option = f"--at {name}"
        if name not in model.names and words[0] in functions:
            point[name] = functions[words[0]]
            continue
        with about("--at"):
            model.known(name)
        numbers = [number(option, word) for word in words]
        wanted = model.rows or 1 if name in model.inputs else 1
        if len(numbers) != wanted:
            raise SettingError(
                f"{option}: {len(numbers)} given, and it takes {wanted}"
                + (", one for each row" if wanted > 1 else "; for a batch, say --rows" * (model.rows is None))
            )
        if name in model.parameters:
            model.parameters[name].data = numbers[0]
        else:
            point[name] = numbers if model.rows and name in model.inputs else numbers[0]
    return point


def _assignments(texts: tuple[str, ...]) -> dict[str, list[str]]:
    """`x1=1,4,x2=2` as what stands after each name."""
    found: dict[str, list[str]] = {}
    for text in texts:
        name = ""
        for piece in text.split(","):
            left, equals, right = piece.partition("=")
            if equals:
                name = left.strip()
                if name in found:
                    raise SettingError(f"--at {quoted(text)}: {name} is given twice")
                found[name] = []
            if not name:
                raise SettingError(f"--at {quoted(text)}: write NAME=NUMBER, such as x1=1,x2=2,y=3")
            found[name].append((right if equals else piece).strip())
    return found
