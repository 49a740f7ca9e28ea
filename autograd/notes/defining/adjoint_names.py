r"""Names with an accent, or a label, that stand for derivatives, all of them alike.

With `\bar v_i = \partial y / \partial v_i`, `\bar x` is the derivative of y by x; with
`\dot v_i = \partial v_i / \partial x_1`, `\dot y` is that of y by x_1.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..meaning.chains import Chain
from ..meaning.syntax import LABEL, Derivative, Key, Name, Node, Product, SumOver, names_in, same_form, walk
from .book import Book, Definition

__all__ = ["name_adjoints"]


def name_adjoints(book: Book, chains: Sequence[Chain], defining: dict[int, set[int]]) -> None:
    """Enter what names with an accent stand for, where the notes say it of one of them.

    What seemed to be the definition of such a name, by its `place` in `defining`, is a claim about it.
    """
    said: dict[str, set[tuple[str, Key]]] = {}
    definitions = book.definitions()
    at_the_end = ((x.key, c.head) for c in chains for x in c.nodes[1:] if isinstance(x, Name))
    forward = {_slot(k) for d in definitions for k in (d.key, *book.reached(d.body))}
    elsewhere: set[str] = set()  # accents of slopes of a loss that is defined, if from other quantities
    for key, body in [*((d.key, _whole(d.body)) for d in definitions), *at_the_end, *_abbreviated(chains)]:
        accent, own = _taken_apart(key)
        if accent and isinstance(body, Derivative) and isinstance(body.output, Name):
            if isinstance(body.variable, Name) and body.variable.key == own:
                said.setdefault(accent, set()).add(("adjoint", body.output.key))
                if own not in book.reached(body.output):
                    elsewhere.add(accent)
            elif isinstance(body.variable, Name) and body.output.key == own:
                said.setdefault(accent, set()).add(("tangent", body.variable.key))
    if not said:
        return
    means = _means(chains)
    for key in sorted(book.mentioned, key=str):
        accent, own = _taken_apart(key)
        if len(said.get(accent, ())) != 1 or key in means or key.tag:
            continue
        families = book.templates.get((key.base, len(key.below), len(key.above)), ())
        before = book.exact.get(key) or next((d for d in families if d.key == key), None)
        if (before is None and book.is_defined(key)) or isinstance(getattr(before, "body", None), Derivative):
            continue
        ((kind, other),) = said[accent]
        output, variable = (other, own) if kind == "adjoint" else (own, other)
        known = {_slot(own), _slot(own._replace(below=()))} & forward  # S_{ij} of S = Q K^T as well
        unsaid = kind == "adjoint" and accent in elsewhere and known
        if variable == output or unsaid or variable in book.reached(Name(0, 0, output)):
            body = Derivative(0, 0, Name(0, 0, output), Name(0, 0, variable))
            if before is not None:
                book.remove(before)
                defining.pop(before.place, None)
            book.define(Definition(key, body, 0, "notation"))


def _abbreviated(chains: Sequence[Chain]) -> Iterator[tuple[Key, Node]]:
    r"""Names beside what they are short for: "write `\bar Z` for `\partial L / \partial Z`"."""
    alone = [c for c in chains if len(c.links) == 1]
    for a, b in itertools.pairwise(alone):
        if b.place == a.place + 1 and b.links[0].formula == a.links[0].formula + 1:
            for name, slope in ((a.head, b.head), (b.head, a.head)):
                if isinstance(name, Name) and isinstance(slope, Derivative):
                    yield name.key, slope


def _slot(key: Key) -> tuple[str, int, int]:
    return key.base, len(key.below), len(key.above)


def _whole(body: Node) -> Node:
    """The derivative that a chain of derivatives is: dL/dz of dL/dy dy/dz."""
    if not isinstance(body, Product) or not all(isinstance(x, Derivative) for x in body.factors):
        return body
    links = [x for x in body.factors if isinstance(x, Derivative)]
    if not all(same_form(a.variable, b.output) for a, b in itertools.pairwise(links)):
        return body
    return replace(links[0], end=body.end, variable=links[-1].variable)


def _taken_apart(key: Key) -> tuple[str, Key]:
    """The accent of a name, and the name without it; of G_M the letter G, which makes a slope of M."""
    accent, _, base = key.base.partition(" ")
    if accent in ("bar", "dot", "tilde", "hat"):
        return accent, key._replace(base=base)
    letter = key.below[0].letter.removesuffix(LABEL) if len(key.below) == 1 and not key.above else ""
    return (f"{key.base}_", Key(letter)) if letter else ("", key)


def _means(chains: Sequence[Chain]) -> set[Key]:
    r"""Names of means: `\bar x = \frac{1}{n} \sum_i x_i`."""
    return {
        chain.head.key
        for chain in chains
        if isinstance(chain.head, Name)
        for node in chain.nodes[1:2]
        if node is not None and any(isinstance(x, SumOver) for x in walk(node))
        and not any(name.key.base.startswith("bar ") for name in names_in(node))
    }  # fmt: skip
