r"""What notes only give a number for, where they say of another unit how such a thing is worked out.

After `out_h = \frac{1}{1 + e^{-net_h}} = 0.59` comes "and in the same way out_o = 0.75".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from ...value import Value
from ..judging.rounding import agreement, literal
from ..meaning.chains import Chain
from ..meaning.errors import NotUnderstood
from ..meaning.evaluating import Scope, evaluate
from ..meaning.spelling import latex_of
from ..meaning.syntax import Key, Name, Node, Sum, mapped, quantities_in
from ..meaning.world import World
from .book import Book, Definition

__all__ = ["define_alike", "define_terms"]

_Number = tuple[Fraction, Fraction]
"""A number, and half a unit of its last digit."""


def define_alike(book: Book, chains: Sequence[Chain]) -> None:
    """Define what is to another quantity as one that is defined is to its own, if the numbers say so too."""
    numbers = dict(_numbers(chains))
    functions = [(d, of) for d in book.exact.values() if (of := _function_of_one(d)) is not None]
    for key in numbers:
        if book.is_defined(key):
            continue
        for definition, of in functions:
            other = _moved(key, definition.key, of)
            if other is None or other not in numbers:
                continue
            body = _put_in(definition.body, of, other)
            if _is_worth(book, body, other, numbers[other], numbers[key]):
                book.define(Definition(key, body, 0, "convention"))
                mine, theirs = latex_of(key), latex_of(definition.key)
                book.announce(f"${mine}$ is worked out as ${theirs}$ is, which its number bears out")
                break
    for key in numbers:
        if not book.is_defined(key):
            _define_as_sibling(book, key)


def _define_as_sibling(book: Book, key: Key) -> None:
    """E_2 = 0.02 is of p_2 and t_2 what E_1 is of p_1 and t_1, if the notes have all of these."""
    for definition in [*book.exact.values()]:
        other = definition.key
        apart = [(a, b) for a, b in zip(_pieces(other), _pieces(key), strict=False) if a != b]
        if other.base != key.base or _shape(other) != _shape(key) or len(apart) != 1:
            continue
        ((theirs, mine),) = apart
        moved: dict[Key, Key] = {}
        for name in quantities_in(definition.body):
            below, above = (
                [mine if i == theirs else i for i in row] for row in (name.key.below, name.key.above)
            )
            moved[name.key] = name.key._replace(below=tuple(below), above=tuple(above))
        if moved and all(new != old and new in book.mentioned for old, new in moved.items()):
            body = definition.body
            for old, new in moved.items():
                body = _put_in(body, old, new)
            book.define(Definition(key, body, 0, "convention"))
            book.announce(f"${latex_of(key)}$ is worked out as ${latex_of(other)}$ is")
            return


def define_terms(book: Book) -> None:
    """E_1 and E_2 are the terms of a loss E that has two, where the notes have no others of that letter."""
    loss = book.definition(book.loss) if book.loss is not None else None
    if loss is None or not isinstance(loss[0].body, Sum) or set(loss[0].body.signs) != {1}:
        return
    whole, terms = loss[0].key, loss[0].body.terms
    parts = {
        (*re.findall(r"^\D*", str(key.below[0])), int(number[0])): key
        for key in book.mentioned
        if key.base == whole.base and len(key.below) == 1 and not (key.above or key.tag or whole.below)
        and (number := re.findall(r"\d+$", str(key.below[0])))
    }  # fmt: skip
    numbers = sorted(number for _, number in parts)
    if numbers != list(range(1, len(terms) + 1)) or len({letter for letter, _ in parts}) > 1:
        return
    if any(book.is_defined(key) for key in parts.values()):
        return
    for (_, number), key in sorted(parts.items()):
        book.define(Definition(key, terms[number - 1], 0, "convention"))
        book.announce(f"${latex_of(key)}$ is term {number} of ${latex_of(whole)}$")


def _numbers(chains: Sequence[Chain]) -> Iterator[tuple[Key, _Number]]:
    """The names that the notes set equal to a number with a decimal point."""
    for chain in chains:
        last = chain.nodes[-1]
        found = literal(last) if last is not None and len(chain.nodes) > 1 else None
        if isinstance(chain.head, Name) and found is not None and found[1]:
            yield chain.head.key, found


def _function_of_one(definition: Definition) -> Key | None:
    """The one quantity that something is worked out from."""
    keys = {name.key for name in quantities_in(definition.body)}
    return keys.pop() if len(keys) == 1 and not isinstance(definition.body, Name) else None


def _moved(key: Key, defined: Key, of: Key) -> Key | None:
    """The name that is to `key` as `of` is to `defined`: net_o for out_o, as net_h is for out_h."""
    if not _shape(key) == _shape(defined) == _shape(of) or defined == of:
        return None
    moved: list[Any] = []
    for mine, theirs, goal in zip(_pieces(key), _pieces(defined), _pieces(of), strict=True):
        if theirs != goal and theirs != mine:
            return None
        moved.append(mine if theirs == goal else goal)
    base, *indices = moved
    below = len(key.below)
    return key._replace(base=base, below=tuple(indices[:below]), above=tuple(indices[below:]))


def _pieces(key: Key) -> list[Any]:
    return [key.base, *key.below, *key.above]


def _shape(key: Key) -> tuple[int, int, str]:
    return len(key.below), len(key.above), key.tag


def _put_in(node: Node, old: Key, new: Key) -> Node:
    if isinstance(node, Name) and node.key == old:
        return Name(node.start, node.end, new)
    return mapped(node, lambda x: _put_in(x, old, new))


def _is_worth(book: Book, body: Node, of: Key, value: _Number, shown: _Number) -> bool:
    """Whether it comes to the number that is shown, from the one that is shown of what goes in."""
    inner = Value(float(value[0]))
    world = World(book, lambda key, row: inner)
    world.hold(of, None, inner)
    try:
        worth = evaluate(body, Scope(world, {}, None))
    except (NotUnderstood, ArithmeticError, ValueError):
        return False
    return agreement(worth, shown[0], shown[1], [(inner, value[1])]) in ("exact", "rounded")
