r"""Pre-activations that the notes only name: \hat f_t of f_t = \sigma(W x_t + b).

Of what is in the brackets one takes derivatives, under the letter of the gate with an accent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..meaning.chains import Chain
from ..meaning.syntax import Apply, Derivative, Key, Name, Product, Sum, parts
from .book import Book, Definition

__all__ = ["name_preactivations"]

_ACCENTS = ("hat", "tilde", "bar", "overline", "check")
_ACTIVATIONS = {"sigma", "tanh", "sigmoid", "relu", "ReLU", "phi", "f", "g", "softmax", "logistic"}


def name_preactivations(book: Book, chains: Sequence[Chain]) -> None:
    r"""Define what has the letter of one quantity that is an activation of a sum.

    It stands nowhere but in derivatives by it: a \hat y that anything is computed from is a target.
    """
    for key in _only_by(chains):
        accent, _, letter = key.base.partition(" ")
        if accent not in _ACCENTS or key.tag or book.is_defined(key):
            continue
        found = list(_activations(book, key, letter))
        if len(found) == 1:
            ((definition, called),) = found
            own = definition.key._replace(base=key.base)
            book.define(Definition(own, called.arguments[0], 0, "notation", definition.place))
            book.remove(definition)
            book.define(replace(definition, body=replace(called, arguments=(Name(0, 0, own),))))


def _only_by(chains: Sequence[Chain]) -> list[Key]:
    """The names that nothing but derivatives are by."""
    by: dict[Key, None] = {}
    others: set[str] = set()
    for chain in chains:
        for node in chain.nodes:
            stack = [node] if node is not None else []
            while stack:
                x = stack.pop()
                if isinstance(x, Derivative) and isinstance(x.variable, Name):
                    by[x.variable.key] = None
                    stack.append(x.output)
                elif isinstance(x, Name) and x.key.base.startswith("d "):
                    by[x.key._replace(base=x.key.base[2:])] = None
                elif isinstance(x, Name):
                    others.add(x.key.base)
                else:
                    stack += parts(x)
    return [key for key in by if key.base not in others]


def _activations(book: Book, key: Key, letter: str) -> Iterator[tuple[Definition, Apply]]:
    """What is an activation of a sum, and has this letter with or without another accent."""
    slots = len(key.below), len(key.above)
    exact = (d for k, d in book.exact.items() if (len(k.below), len(k.above)) == slots)
    templates = (d for (_, *n), found in book.templates.items() if tuple(n) == slots for d in found)
    for d in (*exact, *templates):
        if d.key.base.rpartition(" ")[2] == letter and d.key.base != key.base and _is_alike(d.key, key):
            body = d.body
            if not isinstance(body, Apply) or body.name.key.base not in _ACTIVATIONS:
                continue
            if len(body.arguments) == 1 and isinstance(body.arguments[0], (Sum, Product)):
                yield d, body


def _is_alike(defined: Key, key: Key) -> bool:
    """Whether an index of the one is the same as of the other, or a letter, which stands for any."""
    pairs = zip(defined.below + defined.above, key.below + key.above, strict=True)
    return all(a == b or (a.letter and not a.letter.isupper()) for a, b in pairs)
