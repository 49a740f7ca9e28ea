"""What a formula may lack as a whole: a factor, a slope, a sum, a mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..defining.book import Book
from ..meaning.spelling import latex_of
from ..meaning.syntax import Apply, Key, Name, Node, Number, Power, Product, Quotient, Sum, SumOver, walk

__all__ = ["HALF", "TWO", "Factor", "factors", "is_summed", "sums"]

ONE, TWO = Number(0, 0, "1"), Number(0, 0, "2")
HALF = Quotient(0, 0, ONE, TWO)

_IN_LATEX = {"tanh", "sin", "cos", "tan", "sinh", "cosh", "arctan"}
"""Functions that have a command of their own."""


class Factor(NamedTuple):
    """What a product may lack, as it is written, and how likely it is to be forgotten: 0 the likeliest.

    first   whether it is written in front, as numbers are
    sign    "odot" for what is multiplied entry by entry
    """

    node: Node
    text: str
    rank: int
    first: bool = False
    sign: str = ""


def factors(book: Book, names: Sequence[Key], spelled: Callable[[Key], str]) -> Iterator[Factor]:
    """What a product may lack; names are those that may stand in it."""
    for key in names:
        if not key.tag and not key.base.startswith(("d ", "Delta ")) and key != book.loss:
            yield Factor(Name(0, 0, key), spelled(key), 2)
            yield Factor(Quotient(0, 0, ONE, Name(0, 0, key)), rf"\frac{{1}}{{{spelled(key)}}}", 3, True)
    slopes = [*_primed(book, names, spelled), *_slopes(book, names, spelled)]
    yield from slopes
    if book.shapes:
        yield from (slope._replace(sign="odot") for slope in slopes)
    yield Factor(TWO, "2", 1, first=True)
    yield Factor(HALF, r"\frac{1}{2}", 2, first=True)
    for size in book.sizes:
        if isinstance(size, tuple) and len(size) == 2 and size[0] == "symbol":
            key = Key(str(size[1]))
            yield Factor(Quotient(0, 0, ONE, Name(0, 0, key)), rf"\frac{{1}}{{{spelled(key)}}}", 1, True)
            yield Factor(Name(0, 0, key), spelled(key), 2, first=True)


def _primed(book: Book, names: Sequence[Key], spelled: Callable[[Key], str]) -> Iterator[Factor]:
    """f'(z) for every f(z) that defines something, of a z that may stand here."""
    definitions = book.definitions()
    seen: set[str] = set()
    for d in definitions:
        if not (
            isinstance(d.body, Apply) and len(d.body.arguments) == 1 and isinstance(d.body.arguments[0], Name)
        ):
            continue
        function, argument = d.body.name, d.body.arguments[0]
        known = function.key.base in ("exp", "log", "ln", "loss of", "softmax", "Softmax")
        if argument.key not in names or known or function.primes:
            continue
        base = function.key.base
        called = rf"\{base}" if base in _IN_LATEX else latex_of(function.key)
        text = f"{called}'({spelled(argument.key)})"
        if text not in seen:
            seen.add(text)
            yield Factor(Apply(0, 0, replace(function, primes=1), (Name(0, 0, argument.key),)), text, 0)


def _slopes(book: Book, names: Sequence[Key], spelled: Callable[[Key], str]) -> Iterator[Factor]:
    """a (1 - a) and the like, for what is computed from something."""
    for key in names:
        if book.is_defined(key):
            text, name = spelled(key), Name(0, 0, key)
            raised = f"({text})^2" if "^" in text else f"{text}^2"
            rest = Sum(0, 0, (ONE, name), (1, -1))
            of_a_vector = bool(book.shapes) and not key.below
            whole = Product(0, 0, (name, rest), ("odot" if of_a_vector else "",))
            between = r" \odot " if of_a_vector else " "
            yield Factor(whole, f"{text}{between}(1 - {text})", 2)
            yield Factor(rest, f"(1 - {text})", 2)
            yield Factor(Sum(0, 0, (ONE, Power(0, 0, name, TWO)), (1, -1)), f"(1 - {raised})", 2)


def sums(node: Node, letters: Sequence[str], book: Book) -> Iterator[tuple[Node, str]]:
    """The sum over an index letter that nothing in it is summed over, and the mean."""
    for letter in letters:
        total = SumOver(node.start, node.end, "sum", letter, None, None, node)
        yield total, rf"\sum_{letter} "
        for size in book.sizes:
            if isinstance(size, tuple) and len(size) == 2 and size[0] == "symbol":
                count = Name(0, 0, Key(str(size[1])))
                mean = Product(0, 0, (Quotient(0, 0, ONE, count), total), ("",))
                yield mean, rf"\frac{{1}}{{{size[1]}}} \sum_{letter} "


def is_summed(head: Node, book: Book) -> bool:
    """Whether a sum sign stands in anything that a left side is computed from."""
    reached = book.reached(head)
    templates = [d for found in book.templates.values() for d in found]
    slots = {(key.base, len(key.below), len(key.above)) for key in reached}
    bodies = [book.exact[key].body for key in reached if key in book.exact]
    bodies += [d.body for d in templates if (d.key.base, len(d.key.below), len(d.key.above)) in slots]
    return any(isinstance(x, SumOver) for body in bodies for x in walk(body))
