"""`chalkgrad draw`: the picture of a graph, for a network given on the line or a function in a file."""

from __future__ import annotations

import click

from ..errors import SettingError
from ..tracing import arguments, call
from ..value import Value
from .loss_options import GivenLoss, loss_options
from .options import about, assignments, number, one_of, quoted, whole_number

__all__ = ["draw"]

MAX_SEED = 999_999_999


@click.command(short_help="Draw a computation graph.")
@click.argument("files", metavar="[FILE]...", nargs=-1)
@loss_options
@click.option("--seed", metavar="N", default="1", help="Of the random weights of a network; 1 if left out.")
@click.option(
    "--at", metavar="NAME=NUMBER,...", multiple=True,
    help="Numbers for inputs and parameters: x1=1,x2=2,y=3. Inputs are 1 if left out, and of several targets "
    "the first is 1.",
)  # fmt: skip
@click.option("--no-backward", is_flag=True, help="Leave the gradients out: do not call backward().")
@click.option("--fold", metavar="WORD", default="auto", help="none, neurons, layers, or auto.")
@click.option("--direction", metavar="WORD", default="auto", help="LR, RL, TB, BT, or auto.")
@click.option(
    "--show", metavar="WORD,...", default="values,gradients,locals",
    help="values, gradients, locals (derivatives on edges), formulas. The first three if left out.",
)  # fmt: skip
@click.option(
    "--until", metavar="N", help="Only what is at most N edges away from the result, or N lines deep."
)
@click.option("--highlight", metavar="NAME", help="Mark all paths from this parameter to the result.")
@click.option("--precision", metavar="N", default="4", help="Significant digits; 4 if left out.")
@click.option("--theme", metavar="light|dark", default="light", help="Light if left out.")
def draw(
    given: GivenLoss,
    files: tuple[str, ...],
    seed: str,
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
    """Draw a computation graph to each FILE: .svg, .png, .pdf, .dot, .txt, or .html, a page to walk through.

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
    from ..pictures import diagram, dot
    from ..pictures.scene import FOLDS
    from ..pictures.tree import tree

    one_of("--fold", fold, FOLDS)
    one_of("--theme", theme, dot.THEMES)
    one_of("--direction", direction, dot.DIRECTIONS)
    parts = [one_of("--show", word, dot.SHOWN) for word in show.split(",")]
    digits = whole_number("--precision", precision, 17)
    depth = None if until is None else whole_number("--until", until, 1_000_000)
    if highlight is not None and not files:
        raise SettingError(
            f"--highlight {quoted(highlight)}: the tree marks nothing; name a FILE, such as net.svg"
        )
    for file in files:
        diagram.ending_of(file)  # before any is written
    root = _computed(given, whole_number("--seed", seed, MAX_SEED, least=0), at)
    if not no_backward:
        root.backward()
    if not files:
        click.echo(str(tree(root, fold=fold, depth=depth, precision=digits)))
        return
    with about("--highlight"):
        picture = diagram.draw(
            root,
            direction=direction,
            show=parts,
            fold=fold,
            until=depth,
            highlight=highlight,
            precision=digits,
            theme=theme,
        )
    for file in files:
        picture.save(file)


def _computed(given: GivenLoss, seed: int, at: tuple[str, ...]) -> Value:
    """The loss at the numbers that were given."""
    for letter in given.letters:
        raise SettingError(f"--activation: {letter} has no numbers to draw; give a known one, such as tanh")
    numbers = {}
    for name, words in assignments("--at", at).items():
        if len(words) != 1:
            raise SettingError(f"--at {quoted(name)}: {len(words)} numbers given, and it takes one")
        numbers[name] = number("--at", words[0])
    function, lengths = given.load(seed=seed)
    one_class = {f"{y}{i}" for y in "yY" for i in range(2, lengths.get(y, 0) + 1)}  # targets that add up to 1
    with given.running():
        given_to = arguments(
            function, lengths, lambda name: Value(numbers.get(name, float(name not in one_class)), name)
        )
        root = call(function, given_to)
    if not isinstance(root, Value):
        raise SettingError(f"--function {quoted(given.function or '')}: it gave {root!r:.60}, and no Value")
    from ..graph import leaves

    named = {x.name: x for x in leaves(root)}
    for name, x in numbers.items():
        if name not in named:
            known = ", ".join(str(n) for n in list(named)[:20] if n is not None)
            raise SettingError(f"--at: nothing is named {quoted(name)}; there are {known}")
        named[name].data = x
    if numbers:
        with given.running():
            root = call(function, given_to)
    return root  # type: ignore[no-any-return]
