"""Functions that the notes write out: `f(x) = x^2`, `y = f(x) = x^2`, `h(x) = g(w x) = e^{w x}`."""

from __future__ import annotations

from ..judging.deciding import free_letters
from ..meaning.chains import Chain
from ..meaning.syntax import (
    ARGUMENT,
    Apply,
    Key,
    Name,
    Node,
    Number,
    names_in,
    quantities_in,
    replaced,
)
from ..meaning.vocabulary import FUNCTIONS, LOSSES, OF_VECTORS, Vocabulary
from .book import Book, Definition, Function

__all__ = [
    "defines_function",
    "enter_function",
    "function_behind",
    "is_new_function",
    "mentions",
    "spell_out",
]  # fmt: skip

_OF_CHANCE = {"Var", "var", "Cov", "cov", "Corr", "corr", "Std", "std", "SD"}
"""What the notes say of one random variable is not said of any other."""


def spell_out(book: Book, node: Apply, chain: Chain, place: int) -> bool:
    r"""`h(x) = g(w^T x) = \frac{1}{1 + e^{-w^T x}}` says what g is: of whatever stands in its bracket."""
    body, base = chain.nodes[place + 1], node.name.key.base
    if body is None or len(node.arguments) != 1 or isinstance(node.arguments[0], (Name, Number)):
        return False
    if (
        base in FUNCTIONS
        or base in book.functions
        or base == "sigma"
        or node.name.primes
        or node.name.key.below
    ):
        return False
    parameter = Name(0, 0, ARGUMENT)
    of_argument = replaced(body, node.arguments[0], parameter)
    inside = {name.key for name in quantities_in(node.arguments[0])}
    if of_argument is None or any(name.key != parameter.key for name in quantities_in(of_argument)):
        return False
    if not inside or any(name.key.base == base for name in names_in(body)):
        return False
    book.functions[base] = [Function((parameter.key,), of_argument, chain.line, node.name.key, chain.place)]
    return True


def function_behind(book: Book, chain: Chain, place: int, vocabulary: Vocabulary) -> set[int]:
    """`y = f(x) = x^2` says what y is, and what f is."""
    node = chain.nodes[place]
    body = chain.nodes[place + 1] if place + 1 < len(chain.nodes) else None
    if not isinstance(node, Apply) or body is None or node.name.key.base == "sigma":
        return set()  # sigma is known: what is equal to it is a claim
    if not defines_function(book, node, vocabulary):
        return set()
    if mentions(body, node.name.key) or not any(mentions(body, x.key) for x in node.arguments):  # type: ignore[attr-defined]
        return set()  # a = f(z) = h(x)
    enter_function(book, node, body, chain)
    return {place, place + 1}


def defines_function(book: Book, node: Apply, vocabulary: Vocabulary, body: Node | None = None) -> bool:
    """Whether it is f(x), of which what follows may say what f is."""
    base = node.name.key.base
    if node.name.primes or base in _OF_CHANCE or not all(isinstance(x, Name) for x in node.arguments):
        return False
    if base in FUNCTIONS and base not in ("sum",):
        return base not in book.functions and base in OF_VECTORS
    key, parameters = node.name.key, tuple(x.key for x in node.arguments)  # type: ignore[attr-defined]
    scripts = (*key.below, *key.above)
    inside = {name.key for name in names_in(body)} if body is not None else set()
    own = any(not x.letter or base in LOSSES or Key(x.letter) in inside for x in scripts)
    # f_2 is no f, the loss L_i of one example no L, and f_a(x) = a x has its own a
    return not any(
        f.parameters == parameters and f.is_called(key) and (f.indices or not own)
        for f in book.functions.get(base, ())
    )


def is_new_function(book: Book, node: Apply, vocabulary: Vocabulary) -> bool:
    """Whether a function is only named, and of names of which nothing else is computed by it."""
    base = node.name.key.base
    return (
        bool(node.name.key.below)
        and base not in book.functions
        and base not in FUNCTIONS
        and defines_function(book, node, vocabulary)
    )


def enter_function(book: Book, node: Apply, body: Node, chain: Chain) -> None:
    """Enter that f(x) is this; where f stands for a value as well, that is this, too."""
    base = node.name.key.base
    parameters = tuple(x.key for x in node.arguments)  # type: ignore[attr-defined]
    book.functions.setdefault(base, []).append(
        Function(parameters, body, chain.line, node.name.key, chain.place)
    )
    key = node.name.key
    a_value = len(parameters) > 1 or key in book.plain
    one = free_letters(body) <= key.letters  # f(s_{t-1}, x_t) is another for each t
    if (base in LOSSES or (a_value and one)) and not book.is_defined(key):
        book.define(Definition(key, body, chain.line, "notes", chain.place))


def mentions(node: Node, key: Key) -> bool:
    """Whether a name stands in a formula."""
    return any(name.key == key for name in names_in(node))
