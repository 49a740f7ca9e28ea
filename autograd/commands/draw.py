"""`chalkgrad draw`: the picture of a graph, for a network given on the line or a function in a file."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import click

from ..errors import SettingError
from ..value import Value
from .derive import LOSSES, PROBABILITIES, _assignments, _layers, _sizes
from .options import about, number, one_of, quoted, whole_number
from .user_file import function_in_file, running

__all__ = ["draw"]

MAX_SEED = 999_999_999


@click.command(short_help="Draw a computation graph.")
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option("--layers", metavar="N,N,...", help="Inputs, units of each hidden layer, outputs: 2,2,1.")
@click.option(
    "--activation", metavar="NAME[,NAME...]",
    help="Of the hidden layers: linear (as it is if left out), relu, leaky_relu, sigmoid, softmax or tanh.",
)  # fmt: skip
@click.option("--output", metavar="NAME", help="Activation of the last layer; left out, what the loss takes.")
@click.option("--loss", metavar="NAME", help=f"One of {', '.join(LOSSES)}. The first if left out.")
@click.option("--names", metavar="layered|numbered", help="w1_21, b11, x1, y, or W1, b1, X1, Y.")
@click.option("--seed", metavar="N", default="1", help="Of the random weights; 1 if left out.")
@click.option(
    "--function", metavar="FILE:NAME",
    help="Instead of a network, a function in a Python file of yours, which is executed.",
)  # fmt: skip
@click.option(
    "--size", "sizes", metavar="NAME=N", multiple=True,
    help="With --function: the argument NAME is a list of N Values. May be repeated.",
)  # fmt: skip
@click.option(
    "--at", metavar="NAME=NUMBER,...", multiple=True,
    help="Numbers for inputs and parameters: x1=1,x2=2,y=3. Inputs are 1 if left out.",
)  # fmt: skip
@click.option("--no-backward", is_flag=True, help="Leave the gradients out: do not call backward().")
@click.option("--fold", metavar="WORD", default="auto", help="none, neurons, layers, or auto.")
@click.option("--direction", metavar="WORD", default="auto", help="LR, RL, TB, BT, or auto.")
@click.option(
    "--show", metavar="WORD,...", default="values,gradients,locals",
    help="values, gradients, locals (derivatives on edges), formulas. The first three if left out.",
)  # fmt: skip
@click.option("--until", metavar="N", help="Only what is at most N edges away from the result.")
@click.option("--highlight", metavar="NAME", help="Mark all paths from this parameter to the result.")
@click.option("--precision", metavar="N", default="4", help="Significant digits; 4 if left out.")
@click.option("--theme", metavar="light|dark", default="light", help="Light if left out.")
def draw(
    files: tuple[str, ...],
    layers: str | None,
    activation: str | None,
    output: str | None,
    loss: str | None,
    names: str | None,
    seed: str,
    function: str | None,
    sizes: tuple[str, ...],
    at: tuple[str, ...],
    no_backward: bool,
    fold: str,
    direction: str,
    show: str,
    until: str | None,
    highlight: str | None,
    precision: str,
    theme: str,
) -> None:
    """Draw a computation graph to each FILE: .svg, .png, .pdf, .dot, .txt, or .html, a page that walks through it.

    Without a FILE the tree of the graph is printed.

    \b
      chalkgrad draw --layers 2,2,1
      chalkgrad draw --layers 2,2,1 --at x1=8,x2=7,y=4.5 --highlight w1_11 net.svg net.html
      chalkgrad draw --layers 2,16,16,1 --activation tanh --fold neurons net.png

    Any function of your own. In loss.py, Values in and one Value out; the file is executed, so give only one
    you trust:

    \b
      chalkgrad draw --function loss.py:loss --size x=3 --at x1=2 loss.svg
    """  # noqa: D301 - click knows a paragraph not to be wrapped by its backspace
    from ..pictures.diagram import DIRECTIONS, SHOWN, THEMES
    from ..pictures.diagram import draw as diagram
    from ..pictures.scene import FOLDS
    from ..pictures.tree import tree

    one_of("--fold", fold, FOLDS)
    one_of("--theme", theme, THEMES)
    one_of("--direction", direction, DIRECTIONS)
    parts = [one_of("--show", word, SHOWN) for word in show.split(",")]
    digits = whole_number("--precision", precision, 17)
    depth = None if until is None else whole_number("--until", until, 1_000_000)
    numbers = {}
    for name, words in _assignments(at).items():
        if len(words) != 1:
            raise SettingError(f"--at {quoted(name)}: {len(words)} numbers given, and it takes one")
        numbers[name] = number(f"--at {name}", words[0])
    if function is None:
        if sizes:
            raise SettingError(f"--size: {quoted(sizes[0])} belongs to --function; a network has --layers")
        compute, lengths = _network(layers, activation, output, loss, names, seed)
        arguments = _arguments(compute, lengths, numbers)
        root = compute(*arguments)
    else:
        network = {
            "--layers": layers, "--activation": activation, "--output": output, "--loss": loss, "--names": names,
        }  # fmt: skip
        for option, text in network.items():
            if text is not None:
                raise SettingError(f"{option}: {quoted(text)} is for a network, and --function gives none")
        compute = function_in_file("--function", function)
        with running("--function", function.rpartition(":")[0]):
            arguments = _arguments(compute, _sizes(sizes), numbers)
            root = compute(*arguments)
        if not isinstance(root, Value):
            raise SettingError(f"--function {quoted(function)}: it gave {root!r:.60}, and no Value")
    root = _at(root, numbers, lambda: compute(*arguments))
    if not no_backward:
        root.backward()
    if not files:
        click.echo(str(tree(root, fold=fold, depth=depth, precision=digits)))
        return
    with about("--highlight") if highlight is not None else about("--fold"):
        picture = diagram(
            root, direction=direction, show=parts, fold=fold, until=depth, highlight=highlight, precision=digits, theme=theme
        )  # fmt: skip
    for file in files:
        picture.save(file)


def _network(
    layers: str | None,
    activation: str | None,
    output: str | None,
    loss: str | None,
    names: str | None,
    seed: str,
) -> tuple[Callable[..., Any], dict[str, int]]:
    """The loss of a network as a function of its inputs and the target; and how many there are of each."""
    from nn import MLP, losses
    from nn.activations import ACTIVATIONS
    from nn.naming import SCHEMES

    loss = one_of("--loss", loss or LOSSES[0], LOSSES)
    names = one_of("--names", names or "layered", SCHEMES)
    sizes = _layers(layers)
    if sizes[-1] == 1 and loss.startswith("cross_entropy"):
        raise SettingError(f"--layers {layers}: {loss} compares classes, and there is only one output")
    hidden: Any = [one_of("--activation", word, ACTIVATIONS) for word in (activation or "linear").split(",")]
    last = one_of("--output", output or PROBABILITIES.get(loss, "linear"), ACTIVATIONS)
    with about("--activation"):
        net = MLP(
            sizes[0], sizes[1:], hidden[0] if len(hidden) == 1 else hidden, last,
            seed=whole_number("--seed", seed, MAX_SEED), names=names,
        )  # fmt: skip
    error = getattr(losses, loss)
    if names == "numbered":
        lengths = {"X": sizes[0]} | ({} if sizes[-1] == 1 else {"Y": sizes[-1]})
        return lambda X, Y: error(net(X), Y), lengths
    lengths = {"x": sizes[0]} | ({} if sizes[-1] == 1 else {"y": sizes[-1]})
    return lambda x, y: error(net(x), y), lengths


def _arguments(function: Callable[..., Any], sizes: dict[str, int], numbers: dict[str, float]) -> list[Any]:
    """Values for the arguments that have no default: lists, numbered from 1, where a size is given."""
    found: list[Any] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is not parameter.empty:
            continue
        name = parameter.name
        own = [f"{name}{i + 1}" for i in range(sizes[name])] if name in sizes else [name]
        values = [Value(numbers.get(n, 1.0), n) for n in own]
        found.append(values if name in sizes else values[0])
    return found


def _at(root: Value, numbers: dict[str, float], compute: Callable[[], Any]) -> Value:
    """The result again, with numbers for parameters by name."""
    from ..graph import leaves

    named = {x.name: x for x in leaves(root)}
    for name, x in numbers.items():
        if name not in named:
            known = ", ".join(str(n) for n in list(named)[:20] if n is not None)
            raise SettingError(f"--at: nothing is named {quoted(name)}; there are {known}")
        named[name].data = x
    return compute() if numbers else root  # type: ignore[no-any-return]
