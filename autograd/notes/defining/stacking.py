r"""The examples of a sum, stacked: X has the x^{(i)} for rows, beside it y and \hat y are vectors of them.

`J = \frac1m \sum_i (w^T x^{(i)} - y^{(i)})^2` is of one example after the other; its gradient is as often
written for all at once, `\frac2m X^T (X w - y)`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from ..meaning.chains import Chain, rewrite
from ..meaning.syntax import (
    Apply,
    Index,
    Key,
    Name,
    Node,
    Product,
    SumOver,
    Table,
    Transposed,
    mapped,
    names_in,
    walk,
)
from ..meaning.vocabulary import LOSSES
from .book import COUNTS, ROWS, UNITS, Book, Definition

__all__ = ["stack_examples"]

_PARAMETERS = {"w", "W", "theta", "Theta", "beta", "b"}


def stack_examples(book: Book, chains: Sequence[Chain]) -> bool:
    """Say of X, and of what stands beside it, that it is that of all examples; whether there is such."""
    nodes = [node for chain in chains for node in chain.nodes if node is not None]
    heads = {c.head.key for c in chains if isinstance(c.head, Name) and len(c.nodes) > 1}
    slots = _numbered(nodes)
    if not slots or Key("X") in heads or "X" in book.shapes or not _is_vector(nodes):
        return False
    slots.setdefault("x", "above" if "above" in slots.values() else "below")
    meant = [
        c for c in chains if any(n.key == Key("X") for x in c.nodes if x is not None for n in names_in(x))
    ]
    lies = _has_examples_in_columns([node for c in meant for node in c.nodes if node is not None])
    if not meant or lies is None:
        return False
    called = {Key(x.name.key.base) for node in nodes for x in walk(node) if isinstance(x, Apply)}
    said_of_one = {c.head.key for c in chains if c not in meant and isinstance(c.head, Name)}
    own = {c.head.key for c in meant if isinstance(c.head, Name) and len(c.nodes) > 1} - called - said_of_one
    upright = {key.base for key in own if slots.get(key.base) == "above"}  # \hat y^{(i)} of \hat y = X w
    if upright:
        rewrite(chains, lambda x: _with_entries(x, upright))
    for base in upright:
        book.sizes[base, "below", 0] = book.sizes.get((base, "above", 0), ROWS)
    all_of = {Key(base): Key(f"all {base}") for base in slots if base != "x"}
    both = {key for key in heads & called if key.base not in LOSSES}
    all_of |= {key: Key(f"all {key.base}") for key in both}  # h = X w, beside h(x) = w^T x
    all_of |= {Key(k.base.upper()): v for k, v in all_of.items() if Key(k.base.upper()) not in heads}
    all_of = {key: v for key, v in all_of.items() if key not in own}
    all_of[Key("X")] = Key("all x")
    for chain in meant:
        for link in chain.links:
            if link.node is not None:
                link.node = _renamed(link.node, all_of)
    rows = book.sizes.get(("x", slots["x"], 0), ROWS)
    for base, slot in slots.items():
        names = [[_example(Key(base), slot, i)] for i in range(1, rows + 1)]
        if base == "x":
            units = book.sizes.get(("x", "below", int(slot == "below")), UNITS)
            names = [[_entry(name, j) for j in range(1, units + 1)] for (name,) in names]
        table = Table(0, 0, tuple(tuple(Name(0, 0, key) for key in line) for line in names))
        body: Node = Apply(0, 0, Name(0, 0, Key("stacked")), (table, Name(0, 0, Key(base))))
        body = Transposed(0, 0, body) if lies else body
        book.define(Definition(Key(f"all {base}"), body, 0, "convention"))
    return True


def _numbered(nodes: Sequence[Node]) -> dict[str, str]:
    """The letters that have the index of an example, and whether it stands below or above."""
    sums = [x for node in nodes for x in walk(node) if isinstance(x, SumOver) and x.name == "sum"]
    letters = {x.index for x in sums if isinstance(x.high, Name) and x.high.key.base in COUNTS}
    keys = [name.key for node in nodes for name in names_in(node)]
    letters -= {i.letter for key in keys for i in key.below + key.above if i.number}  # x_{k-1}: layers
    found: dict[str, str] = {}
    for key in keys:
        if key.base in _PARAMETERS or key.base in LOSSES:
            continue
        if len(key.above) == 1 and key.above[0] in map(Index, letters):
            found.setdefault(key.base, "above")
        elif key.below and not key.above and key.below[0] in map(Index, letters):
            found.setdefault(key.base, "below")
    return found


def _has_examples_in_columns(nodes: Sequence[Node]) -> bool | None:
    r"""Whether it is w^T X, X (\hat y - y), and not X w, X^T (\hat y - y); None where it is not clear."""
    found = set()
    for product in _products(nodes):
        if sum(name.key == Key("X") for name in names_in(product)) > 1:
            continue  # X^T X
        for place, factor in enumerate(product.factors):
            turned = isinstance(factor, Transposed)
            x = factor.body if isinstance(factor, Transposed) else factor
            if not isinstance(x, Name) or x.key != Key("X"):
                continue
            after = product.factors[place + 1] if place + 1 < len(product.factors) else None
            before = product.factors[place - 1] if place else None
            if after is not None:
                found.add(turned == _is_parameter(after))
            elif before is not None and _is_parameter(before):
                found.add(not turned)
    return found.pop() if len(found) == 1 else None


def _is_vector(nodes: Sequence[Node]) -> bool:
    """Whether an example has several entries: there is w^T x, or x_{ij}."""
    for a, b in (pair for product in _products(nodes) for pair in itertools.pairwise(product.factors)):
        if isinstance(a, Transposed) and isinstance(a.body, Name) and isinstance(b, Name):
            bases = {a.body.key.base, b.key.base}
            if "x" in bases and bases & _PARAMETERS:
                return True
    keys = [name.key for node in nodes for name in names_in(node) if name.key.base == "x"]
    return any(len(key.below) + len(key.above) == 2 for key in keys)


def _products(nodes: Sequence[Node]) -> Iterator[Product]:
    return (x for node in nodes for x in walk(node) if isinstance(x, Product))


def _is_parameter(node: Node) -> bool:
    node = node.body if isinstance(node, Transposed) else node
    return isinstance(node, Name) and node.key.base in _PARAMETERS


def _example(key: Key, slot: str, number: int) -> Key:
    index = (Index("", number),)
    return key._replace(above=index) if slot == "above" else key._replace(below=index)


def _entry(key: Key, number: int) -> Key:
    return key._replace(below=(*key.below, Index("", number)))


def _with_entries(node: Node, bases: Set[str]) -> Node:
    """A side in which the examples of these vectors are entries."""
    if isinstance(node, Name) and node.key.base in bases and not node.key.below:
        return replace(node, key=node.key._replace(below=node.key.above, above=()))
    return mapped(node, lambda x: _with_entries(x, bases))


def _renamed(node: Node, names: Mapping[Key, Key]) -> Node:
    if isinstance(node, Name):
        return replace(node, key=names.get(node.key, node.key))
    return mapped(node, lambda x: _renamed(x, names))
