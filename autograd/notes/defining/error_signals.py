r"""Slopes of any layer, where notes never say that they are: the error signal `\delta^l`, and `dZ^{[l]}`.

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
from ..meaning.syntax import Apply, Derivative, Key, Name, Node, names_in
from .book import Book, Definition

__all__ = ["name_error_signals", "take_short_slopes"]

_SIGNAL = "delta"


def name_error_signals(book: Book, chains: Sequence[Chain], defining: MutableMapping[int, set[int]]) -> None:
    """Define the error signals of layers as slopes of the loss, and let what is said of them be claims."""
    said = [d for d in book.definitions() if d.key.base == _SIGNAL]
    if book.loss is None or any(slope_in(d.body) for d in said):
        return
    loss = Name(0, 0, book.loss)
    reached = {key.base for key in book.reached(loss)}
    slopes = {z: Derivative(0, 0, loss, Name(0, 0, z)) for z in _preactivations(book) if z.base in reached}
    if not any(
        key.base == _SIGNAL and _layer(key) and _alike(key, z) for key in book.mentioned for z in slopes
    ):
        return
    if not _are_gradients(book, chains) and not _bear_out(book, said, slopes):
        return
    for d in said:
        book.remove(d)
        defining.pop(d.place, None)
    for z, slope in slopes.items():
        book.define(Definition(z._replace(base=_SIGNAL), slope, 0, "convention"))


def take_short_slopes(book: Book, defining: MutableMapping[int, set[int]]) -> None:
    """Let what is said of dZ^{[l]} be claims, since it is the slope of the loss by Z^{[l]}."""
    if book.loss is None:
        return
    for d in book.definitions():
        if d.key.base.startswith("d ") and d.key.above and _layer(d.key):
            book.remove(d)
            defining.pop(d.place, None)


def _layer(key: Key) -> str:
    """The letter of the layer that a name is in, if it stands for any."""
    letters = [i.letter for i in key.above or key.below]
    return letters[0] if len(letters) == 1 and len(letters[0]) == 1 and not letters[0].isupper() else ""


def _alike(key: Key, z: Key) -> bool:
    """Whether a name has its layer where z has it."""
    return len(key.above) == len(z.above) and (bool(z.above) or len(key.below) == len(z.below))


def _preactivations(book: Book) -> list[Key]:
    """What the activation of a layer is a function of: z^l of a^l = f(z^l), or z^1 and z^2."""
    arguments = (
        d.body.arguments[0].key
        for d in book.definitions()
        if isinstance(d.body, Apply) and len(d.body.arguments) == 1
        and isinstance(d.body.arguments[0], Name) and not book.is_derivative(d.key)
    )  # fmt: skip
    return [z for z in dict.fromkeys(arguments) if _is_in_a_layer(book, z) and book.is_defined(z)]


def _is_in_a_layer(book: Book, key: Key) -> bool:
    """Whether its one upper index is a layer, or its one lower index, by what goes into it: h_{l-1}."""
    body = book.body(key)
    back = body is not None and any(i.letter and i.number < 0 for n in names_in(body) for i in n.key.below)
    return len(key.above) == 1 or (len(key.below) == 1 and not key.above and back)


def _are_gradients(book: Book, chains: Sequence[Chain]) -> bool:
    """Whether an error signal is said to be the slope of the loss by the bias of its layer."""
    for chain in chains:
        head, last = chain.head, chain.nodes[-1]
        if isinstance(head, Derivative) and isinstance(last, Name) and last.key.base == _SIGNAL:
            of = head.variable
            if isinstance(of, Name) and of.key.base.startswith("b"):
                indices = last.key.above or last.key.below
                if indices and indices == (of.key.above or of.key.below):
                    return True
    return False


def _bear_out(book: Book, said: Sequence[Definition], slopes: MutableMapping[Key, Derivative]) -> bool:
    """Whether what the notes say of the last layer is the slope."""
    court = Court(book, [d.body for d in said])
    return any(_agree(court, d, slope) for d in said for slope in _of_same_form(d.key, slopes))


def _of_same_form(key: Key, slopes: MutableMapping[Key, Derivative]) -> Iterator[Node]:
    for z, slope in slopes.items():
        if _alike(key, z) and (len(z.below) == len(key.below) or not z.below):
            of = Name(0, 0, z._replace(below=key.below, above=key.above))
            yield Derivative(0, 0, slope.output, of)


def _agree(court: Court, signal: Definition, slope: Node) -> bool:
    if _layer(signal.key):
        return False  # the recursion
    try:
        return court.difference(Name(0, 0, signal.key), slope) is None
    except NotUnderstood:
        return False
