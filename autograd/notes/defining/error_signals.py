r"""The error signal `\delta^l` of layers, where notes never say that it is the slope of the loss by `z^l`.

Many write down only what follows from it: `\delta^L` of the last layer, the recursion, the gradients. If what
they say of the last layer, or of the biases, is what it is for this slope, they mean that, and the recursion
is a claim and no definition.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence

from ..judging.deciding import Court
from ..meaning.chains import Chain
from ..meaning.errors import NotUnderstood
from ..meaning.letters import slope_in
from ..meaning.syntax import Apply, Derivative, Key, Name, Node
from .book import Book, Definition
from .conventions import definitions_of

__all__ = ["name_error_signals"]

_SIGNAL = "delta"


def name_error_signals(book: Book, chains: Sequence[Chain], defining: MutableMapping[int, set[int]]) -> None:
    """Define the error signals of layers as slopes of the loss, and let what is said of them be claims."""
    said = [d for d in definitions_of(book) if d.key.base == _SIGNAL]
    if book.loss is None or any(slope_in(d.body) for d in said) or not _has_layers(book):
        return
    loss = Name(0, 0, book.loss)
    reached = {key.base for key in book.reached(loss)}
    slopes = {z: Derivative(0, 0, loss, Name(0, 0, z)) for z in _preactivations(book) if z.base in reached}
    if not slopes or not (_are_gradients(book, chains) or _bear_out(book, said, slopes)):
        return
    for d in said:
        book.remove(d)
        defining.pop(d.place, None)
    for z, slope in slopes.items():
        book.define(Definition(z._replace(base=_SIGNAL), slope, 0, "convention"))


def _has_layers(book: Book) -> bool:
    """Whether the notes have the error signal of any layer, by a letter."""
    return any(key.base == _SIGNAL and _layer(key) for key in book.mentioned)


def _layer(key: Key) -> str:
    """The letter of the layer that a name is in, if it stands for any."""
    letters = [i.letter for i in key.above]
    return letters[0] if len(letters) == 1 and len(letters[0]) == 1 and not letters[0].isupper() else ""


def _preactivations(book: Book) -> list[Key]:
    """What the activation of a layer is a function of: z^l of a^l = f(z^l), or z^1 and z^2."""
    arguments = (
        d.body.arguments[0].key
        for d in definitions_of(book)
        if isinstance(d.body, Apply) and len(d.body.arguments) == 1
        and isinstance(d.body.arguments[0], Name) and not book.is_derivative(d.key)
    )  # fmt: skip
    return [z for z in dict.fromkeys(arguments) if len(z.above) == 1 and book.is_defined(z)]


def _are_gradients(book: Book, chains: Sequence[Chain]) -> bool:
    """Whether an error signal is said to be the slope of the loss by the bias of its layer."""
    for chain in chains:
        head, last = chain.head, chain.nodes[-1]
        if isinstance(head, Derivative) and isinstance(last, Name) and last.key.base == _SIGNAL:
            of = head.variable
            if isinstance(of, Name) and of.key.base.startswith("b") and of.key.above == last.key.above:
                return True
    return False


def _bear_out(book: Book, said: Sequence[Definition], slopes: MutableMapping[Key, Derivative]) -> bool:
    """Whether what the notes say of the last layer is the slope."""
    court = Court(book, [d.body for d in said])
    return any(_agree(court, d, slope) for d in said for slope in _of_same_form(d.key, slopes))


def _of_same_form(key: Key, slopes: MutableMapping[Key, Derivative]) -> Iterator[Node]:
    for z, slope in slopes.items():
        if len(z.above) == len(key.above) == 1 and (len(z.below) == len(key.below) or not z.below):
            of = Name(0, 0, z._replace(below=key.below, above=key.above))
            yield Derivative(0, 0, slope.output, of)


def _agree(court: Court, signal: Definition, slope: Node) -> bool:
    if any(index.letter and _layer(signal.key) for index in signal.key.above):
        return False  # the recursion
    try:
        return court.difference(Name(0, 0, signal.key), slope) is None
    except NotUnderstood:
        return False
