r"""Pre-activations that the notes only name: \hat f_t of f_t = \sigma(W x_t + b), or z of h = \tanh(W x + b).

Of what is in the brackets one takes derivatives, under the letter of the gate with an accent or a usual one,
which may have that of the gate for an index: a^f_t.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..meaning.chains import Chain
from ..meaning.syntax import LABEL, Apply, Derivative, Key, Name, Product, Sum, parts
from ..meaning.vocabulary import LOSSES
from .book import Book, Definition

__all__ = ["name_preactivations"]

_ACCENTS = ("hat", "tilde", "bar", "overline", "check")
_USUAL = ("z", "a", "s", "u", "net")
_ACTIVATIONS = {"sigma", "tanh", "sigmoid", "relu", "ReLU", "phi", "f", "g", "softmax", "logistic"}


def name_preactivations(book: Book, chains: Sequence[Chain]) -> None:
    r"""Define what has the letter of one quantity that is an activation of a sum.

    It stands nowhere but in derivatives by it: a \hat y that anything is computed from is a target.
    """
    for key, outputs in _only_in_slopes(chains).items():
        accent, _, letter = key.base.partition(" ")
        if key.tag or book.is_defined(key):
            continue
        if accent in _ACCENTS:
            found = list(_activations(book, key, letter))
        elif key.base in _USUAL and len(outputs) == 1:
            found = list(_activations(book, key, *outputs))
        elif key.base in _USUAL:
            labelled = ((rest, d) for rest, gate in _labels(key) for d in _activations(book, rest, gate))
            found = [
                d for rest, d in labelled if (d[0].key.below, d[0].key.above) == (rest.below, rest.above)
            ]
        else:
            continue
        if len(found) == 1:
            ((definition, called),) = found
            alike = _slots(definition.key) == _slots(key)
            own = definition.key._replace(base=key.base) if alike else key
            book.define(Definition(own, called.arguments[0], 0, "notation", definition.place))
            book.remove(definition)
            book.define(replace(definition, body=replace(called, arguments=(Name(0, 0, own),))))


def _only_in_slopes(chains: Sequence[Chain]) -> dict[Key, set[str]]:
    """The names that are nowhere but in derivatives, by them or of them; the letters of what is by them."""
    by: dict[Key, set[str]] = {}
    others: set[str] = set()
    for chain in chains:
        for node in chain.nodes:
            mentioned = len(chain.nodes) == 1 and isinstance(node, Name)
            stack = [] if node is None or mentioned else [node]
            while stack:
                x = stack.pop()
                if isinstance(x, Derivative) and isinstance(x.variable, Name):
                    outputs = by.setdefault(x.variable.key, set())
                    if not isinstance(x.output, Name):
                        stack.append(x.output)
                    elif x.output.key.base not in LOSSES and len(_indices(x)) == 1:
                        outputs.add(x.output.key.base)
                    if isinstance(x.output, Name) and x.output.key.base not in _USUAL:
                        others.add(x.output.key.base)
                elif isinstance(x, Name) and x.key.base.startswith("d "):
                    by.setdefault(x.key._replace(base=x.key.base[2:]), set())
                elif isinstance(x, Name):
                    others.add(x.key.base)
                else:
                    stack += parts(x)
    return {key: outputs for key, outputs in by.items() if key.base not in others}


def _indices(slope: Derivative) -> set[tuple[object, object]]:
    """The indices of what is differentiated, and of by what."""
    return {(x.key.below, x.key.above) for x in (slope.output, slope.variable) if isinstance(x, Name)}


def _activations(book: Book, key: Key, letter: str) -> Iterator[tuple[Definition, Apply]]:
    """What is an activation of a sum, and has this letter with or without another accent."""
    slots = _slots(key)
    exact = (d for k, d in book.exact.items() if _slots(k) == slots)
    templates = (d for (_, *n), found in book.templates.items() if tuple(n) == slots for d in found)
    for d in (*exact, *templates):
        if d.key.base.rpartition(" ")[2] == letter and d.key.base != key.base and _is_alike(d.key, key):
            body = d.body
            if not isinstance(body, Apply) or body.name.key.base not in _ACTIVATIONS:
                continue
            if len(body.arguments) == 1 and isinstance(body.arguments[0], (Sum, Product)):
                yield d, body


def _slots(key: Key) -> tuple[int, int]:
    return len(key.below), len(key.above)


def _labels(key: Key) -> Iterator[tuple[Key, str]]:
    """The gate that one of its indices names, and what is left without it: a_t and z of a^z_t."""
    for place, index in enumerate(key.below):
        yield key._replace(below=key.below[:place] + key.below[place + 1 :]), index.letter.removesuffix(LABEL)
    for place, index in enumerate(key.above):
        yield key._replace(above=key.above[:place] + key.above[place + 1 :]), index.letter.removesuffix(LABEL)


def _is_alike(defined: Key, key: Key) -> bool:
    """Whether an index of the one is the same as of the other, or a letter, which stands for any."""
    pairs = zip(defined.below + defined.above, key.below + key.above, strict=True)
    return all(a == b or (a.letter and not a.letter.isupper()) for a, b in pairs)
