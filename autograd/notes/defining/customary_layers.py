r"""Layers that notes never write down, as everybody computes them alike.

Summaries give only the way back, `\delta^l = (W^{l+1})^T \delta^{l+1} \odot f'(z^l)`, and the gradients. That
`z^l` is `W^l a^{l-1} + b^l`, and `a^l` is `f(z^l)`, goes without saying.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..meaning.chains import Chain
from ..meaning.spelling import latex_of
from ..meaning.syntax import Apply, Key, Name, Node, Product, Sum, Transposed, walk
from .book import COUNTS, ROWS, UNITS, Book, Definition, shape_name

__all__ = ["define_customary_layers"]

_WEIGHTS = ("W", "w", "Theta", "theta", "Omega")
_BIASES = ("b", "B")
_ACTIVATIONS = ("a", "h", "A", "H", "o", "O", "y", "x", "z")


def define_customary_layers(book: Book, chains: Sequence[Chain]) -> None:
    """Define what a layer computes, where the notes take the slope of its activation and say no more."""
    nodes = [node for chain in chains for node in chain.nodes if node is not None]
    slopes = {found for node in nodes for found in _slopes(node)}
    if len(slopes) != 1:
        return
    ((function, z),) = slopes
    weights, biases, outputs = (_like(book, z, bases) for bases in (_WEIGHTS, _BIASES, _ACTIVATIONS))
    weights_first = {found for node in nodes for found in _weights_first(node, weights)}
    if not len(weights) == len(outputs) == len(weights_first) == 1 or len(biases) > 1:
        return
    if {key.base for key in (z, *weights, *biases, *outputs)} & {*book.bases()}:
        return
    (from_the_left,) = weights_first
    factors = [weights[0], _layer_before(outputs[0])][:: 1 if from_the_left else -1]
    product: Node = Product(0, 0, tuple(map(_name, factors)), ("",))
    total = Sum(0, 0, (product, *map(_name, biases)), (1, 1)) if biases else product
    book.define(Definition(z, total, 0, "convention"))
    book.define(Definition(outputs[0], Apply(0, 0, _name(Key(function)), (_name(z),)), 0, "convention"))
    if book.vectors:
        for key in (*biases, *outputs):
            examples = ROWS if key.base.isupper() and any(("symbol", m) in book.sizes for m in COUNTS) else 1
            shape = (UNITS, examples) if from_the_left else (examples, UNITS)
            book.shapes.setdefault(shape_name(key), shape)
    inside = " + ".join([" ".join(map(latex_of, factors)), *map(latex_of, biases)])
    activation = rf"{latex_of(Key(function))}({latex_of(z)})"
    output = latex_of(outputs[0])
    book.announce(f"layers are computed as usual: ${latex_of(z)} = {inside}$ and ${output} = {activation}$")


def _slopes(node: Node) -> Iterator[tuple[str, Key]]:
    """The activations whose slopes are taken in any layer: f and z of `f'(z^l)`."""
    for x in walk(node):
        if isinstance(x, Apply) and x.name.primes == 1 and len(x.arguments) == 1:
            of = x.arguments[0]
            if isinstance(of, Name) and len(indices := of.key.below + of.key.above) == 1:
                letter, step = indices[0]
                if len(letter) == 1 and letter.islower() and not step:
                    yield x.name.key.base, of.key


def _like(book: Book, key: Key, bases: Sequence[str]) -> list[Key]:
    """The names with these letters that have a layer where that key has it; also w of w_{jk}, b of db."""
    letters = {
        other.base.removeprefix("d ")
        for other in book.mentioned
        if not other.tag and len(other.above) == len(key.above) and len(other.below) >= len(key.below)
    }
    return [key._replace(base=base) for base in sorted(letters.intersection(bases) - {key.base})]


def _weights_first(node: Node, weights: Sequence[Key]) -> Iterator[bool]:
    r"""Whether weights stand left of what they are multiplied by: `W^T \delta`, and not `\delta W^T`."""
    for x in walk(node):
        for (a, b), sign in zip(pairwise(x.factors), x.signs, strict=False) if isinstance(x, Product) else ():
            which = [_base(factor) in {key.base for key in weights} for factor in (a, b)]
            if sign == "" and which[0] != which[1] and "" not in map(_base, (a, b)):
                yield which[0]


def _base(factor: Node) -> str:
    """The letter of a factor that is a name, transposed or not."""
    name = factor.body if isinstance(factor, Transposed) else factor
    return name.key.base if isinstance(name, Name) else ""


def _name(key: Key) -> Name:
    return Name(0, 0, key)


def _layer_before(key: Key) -> Key:
    below, above = (tuple(i._replace(number=-1) for i in indices) for indices in (key.below, key.above))
    return key._replace(below=below, above=above)
