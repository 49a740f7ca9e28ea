"""The options that say which loss is meant: of a network given on the line, or a function in a file."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from typing import Any, NamedTuple

import click

from ..errors import SettingError
from .options import one_of, quoted, whole_number
from .user_file import function_in_file, running

__all__ = ["LOSSES", "GivenLoss", "loss_options"]

MAX_PARAMETERS = 5_000
"""The most weights and biases of a network whose formulas or graph are shown: far more than anyone reads."""
MAX_LAYERS = 100
MAX_SIZE = 100_000

LOSSES = (
    "squared_error", "half_squared_error", "binary_cross_entropy", "binary_cross_entropy_with_logit",
    "cross_entropy", "cross_entropy_from_probabilities", "hinge",
)  # fmt: skip
"""Those of nn.losses; the names stand here so that the help need not load them."""
PROBABILITIES = {"binary_cross_entropy": "sigmoid", "cross_entropy_from_probabilities": "softmax"}
"""Losses of probabilities, with the output that makes them."""
LOGITS = {"binary_cross_entropy_with_logit": "sigmoid", "cross_entropy": "softmax"}
"""Losses that apply this activation themselves."""


class GivenLoss(NamedTuple):
    """What stands after the options, as it was typed."""

    layers: str | None
    activation: str | None
    output: str | None
    loss: str | None
    names: str | None
    function: str | None
    sizes: tuple[str, ...]

    @property
    def letters(self) -> list[str]:
        """The activations that are letters: functions that are not known."""
        words = [*(self.activation or "").split(","), self.output or ""]
        return [word for word in words if _is_letter(word)]

    def load(self, **settings: Any) -> tuple[Callable[..., Any], dict[str, int]]:
        """Give the loss as a function of one row, and the lengths of those of its arguments that are lists.

        `settings` are for MLP: `init`, `seed`. Raises SettingError for what does not fit together.
        """
        if self.function is None:
            if self.sizes:
                raise SettingError(
                    f"--size: {quoted(self.sizes[0])} belongs to --function; a network has --layers"
                )
            return self._of_network(settings)
        for option in ("layers", "activation", "output", "loss", "names"):
            if (text := getattr(self, option)) is not None:
                raise SettingError(f"--{option}: {quoted(text)} is for a network, and --function gives none")
        lengths = _lengths(self.sizes)
        return function_in_file("--function", self.function), lengths

    def running(self) -> AbstractContextManager[None]:
        """Stand around every call of the function that `load` gave, which may be a user's."""
        if self.function is None:
            return nullcontext()
        return running("--function", self.function.rpartition(":")[0])

    def _of_network(self, settings: dict[str, Any]) -> tuple[Callable[..., Any], dict[str, int]]:
        from nn import MLP, losses
        from nn.naming import SCHEMES

        loss = one_of("--loss", self.loss or LOSSES[0], LOSSES)
        names = one_of("--names", self.names or "layered", SCHEMES)
        sizes = _layers(self.layers)
        if self.output is not None and self.output == LOGITS.get(loss):
            other = next(loss for loss, makes in PROBABILITIES.items() if makes == self.output)
            raise SettingError(
                f"--output: {loss} applies {self.output} itself; leave --output out, or take --loss {other}"
            )
        if sizes[-1] == 1 and loss.startswith("cross_entropy"):
            raise SettingError(
                f"--layers {self.layers}: {loss} compares classes, and there is only one output"
            )
        hidden = _hidden_activations(self.activation, len(sizes) - 2)
        output = _activation("--output", self.output or PROBABILITIES.get(loss, "linear"))
        net = MLP(sizes[0], sizes[1:], hidden, output, names=names, **settings)
        error = getattr(losses, loss)
        # notes that number their weights write capitals throughout
        inputs, target = ("X", "Y") if names == "numbered" else ("x", "y")
        lengths = {inputs: sizes[0]} | ({target: sizes[-1]} if sizes[-1] > 1 else {})
        if names == "numbered":
            return lambda X, Y: error(net(X), Y), lengths
        return lambda x, y: error(net(x), y), lengths


def loss_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command, which gets them together, as the argument `given`."""

    @click.option("--layers", metavar="N,N,...", help="Inputs, units of each hidden layer, outputs: 2,2,1.")
    @click.option(
        "--activation", metavar="NAME[,NAME...]",
        help="Of the hidden layers: linear (as it is if left out), relu, leaky_relu, sigmoid, softmax or "
        "tanh; or a letter, such as f, for one that is not known, whose derivative is f'. With commas, one a "
        "layer.",
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
    @functools.wraps(command)
    def with_loss(**options: Any) -> None:
        given = GivenLoss(*[options.pop(name) for name in GivenLoss._fields])
        command(given=given, **options)

    return with_loss


def _layers(text: str | None) -> list[int]:
    """Inputs, then the units of each layer."""
    if text is None:
        raise SettingError("--layers is needed, such as --layers 2,2,1, or --function; --help has examples")
    option = f"--layers {text[:40]}"
    sizes = [whole_number(option, part, MAX_SIZE) for part in text.split(",")]
    if len(sizes) < 2:
        raise SettingError(f"{option}: give the inputs, then the units of each layer, such as 2,2,1")
    if len(sizes) - 1 > MAX_LAYERS:
        raise SettingError(f"{option}: {len(sizes) - 1:,} layers; at most {MAX_LAYERS} are shown")
    if (count := sum((before + 1) * units for before, units in pairwise(sizes))) > MAX_PARAMETERS:
        raise SettingError(f"{option}: {count:,} weights and biases; at most {MAX_PARAMETERS:,} are shown")
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

    if _is_letter(name):
        from ..formulas import abstract

        return abstract(name)
    return one_of(option, name, ACTIVATIONS, ", a letter such as f")


def _is_letter(word: str) -> bool:
    """Whether it can name a function that is not known; not one of the letters that mean something else."""
    return bool(re.fullmatch("[A-Za-z]", word)) and word not in "xyXYL"


def _lengths(texts: tuple[str, ...]) -> dict[str, int]:
    """The lengths of arguments that are lists."""
    lengths = {}
    for text in texts:
        name, _, length = text.partition("=")
        if not name.isidentifier():
            raise SettingError(f"--size {quoted(text)}: write NAME=N, such as x=3")
        lengths[name] = whole_number(f"--size {name}", length, MAX_SIZE)
    return lengths
