r"""Layers that are said to be like others: those before the last, and the first, which begins with x.

Many notes write the network down for its last layer only, `z^L = W^L a^{L-1} + b^L`, and go on to W^{L-1}. Or
they do so for any layer, and then for the first with x where a^0 would stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from ..meaning.chains import Chain
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    Apply,
    Derivative,
    Index,
    Key,
    Name,
    Node,
    mapped,
    names_in,
    replaced,
    same_form,
    walk,
)
from ..meaning.vocabulary import LOSSES
from .book import Book, Definition, bound

__all__ = ["define_inputs", "define_layers_before", "has_other_activation", "numbered_layers"]

_LAST, _ANY = "L", "l"


def define_layers_before(book: Book, chains: Sequence[Chain]) -> None:
    """Let layers of which the notes say nothing be computed as the last one, where they speak of them."""
    number = book.sizes.get(("index", _LAST))
    forward = [d for d in book.exact.values() if d.origin == "notes" and _is_last(d, number)]
    names = [name.key for d in forward for name in names_in(d.body)] + [d.key for d in forward]
    inputs = {_slot(key) for key in names if any(n < 0 for n in _offsets(key))}  # a^{L-1}
    own = {_slot(key) for key in names if _offsets(key) == {0} or key in book.exact} - inputs
    if not any(_is_before(key) and _slot(key) in own and not book.is_defined(key) for key in book.mentioned):
        return
    applied = _applied_before(chains)
    for d in forward:
        key = d.key._replace(below=_any(d.key.below, number), above=_any(d.key.above, number))
        if book.templates.get(_slot(key)):
            continue
        body = d.body
        if isinstance(body, Apply) and (body.name.key.base == "softmax" or applied - {body.name.key.base}):
            if len(applied) != 1 or _slot(key) not in inputs:
                continue  # what is at the end need not be what is between
            body = replace(body, name=replace(body.name, key=Key(min(applied))))
        book.define(replace(d, key=key, body=_renamed(body, _of_any_layer), origin="convention"))
        book.announce("the layers before are computed as layer $L$ is")


def has_other_activation(book: Book, key: Key, body: Node | None) -> bool:
    """Whether it says what the activation of one layer is, where another is that of any: a^L = z^L."""
    key = bound(key, {}, book.sizes)
    for d in book.templates.get(_slot(key), ()):
        indices = dict(zip((i.letter for i in d.key.below + d.key.above), key.below + key.above, strict=True))
        is_one = any(i.letter and not j.letter for i, j in zip(d.key.above, key.above, strict=True))
        general = d.body
        if not is_one or not isinstance(general, Apply) or len(general.arguments) != 1 or d.key.tag:
            continue
        of = general.arguments[0]
        if not isinstance(of, Name) or d.origin != "notes":
            continue
        below, above = (
            tuple(indices.get(i.letter, i) if not i.number else i for i in x) for x in of.key[1:3]
        )
        argument = of.key._replace(below=below, above=above)
        match body:
            case Name() as name if not name.primes and bound(name.key, {}, book.sizes) == argument:
                return True
            case Apply(arguments=(Name() as name,)) if bound(name.key, {}, book.sizes) == argument:
                return body.name.key.base != general.name.key.base and not body.name.primes
    return False


def numbered_layers(chains: Sequence[Chain]) -> int:
    """How many layers there are, if all are written out by number and the loss is one of the last; else 0."""
    numbers: dict[str, set[int]] = {}
    in_loss: dict[str, set[int]] = {}
    for chain in chains:
        head = chain.head
        if not isinstance(head, Name):
            continue
        if len(head.key.above) == 1 and not head.key.above[0].letter:
            numbers.setdefault(head.key.base, set()).add(head.key.above[0].number)
        elif head.key.base in LOSSES and not head.key.above:
            for name in (n for node in chain.nodes[1:] if node is not None for n in names_in(node)):
                for index in name.key.above:
                    in_loss.setdefault(name.key.base, set()).add(0 if index.letter else index.number)
    ends = {max(said) for base, said in in_loss.items() if said == {max(numbers.get(base, {0}))} != {0}}
    last = max(ends, default=0)
    complete = any(said >= set(range(1, last + 1)) for said in numbers.values())
    return last if last > 1 and len(ends) == 1 and complete else 0


def define_inputs(book: Book, chains: Sequence[Chain]) -> None:
    """Let a^0 be x, where z^1 = W^1 x + b^1 stands beside z^l = W^l a^{l-1} + b^l, or that of layer 2."""
    for body, general in [*_instances(book, chains), *_second_layers(book)]:
        pair = _only_difference(general, body)
        if pair is None:
            continue
        start, data = pair
        is_first = any(i == Index("", 0) for i in start.below + start.above)
        if is_first and not (data.below or data.above or book.is_defined(start) or book.is_defined(data)):
            book.define(Definition(start, Name(0, 0, data), 0, "convention"))
            book.announce(f"${latex_of(start)}$ is the input ${latex_of(data)}$")


def _instances(book: Book, chains: Sequence[Chain]) -> Iterator[tuple[Node, Node]]:
    """What is said of one layer, and what is said of any, with its number put in."""
    for chain in chains:
        head, body = chain.head, chain.nodes[1] if len(chain.nodes) > 1 else None
        if isinstance(head, Name) and body is not None and head.key not in book.exact:
            found = book.definition(bound(head.key, {}, book.sizes))
            if found is not None and found[1]:
                template, bindings = found
                yield body, _renamed(template.body, partial(bound, bindings=bindings, sizes=book.sizes))


def _second_layers(book: Book) -> Iterator[tuple[Node, Node]]:
    """What is said of the first layer, and what is said of the second, one layer back."""
    for key, first in list(book.exact.items()):
        if key.above == (Index("", 1),) and first.origin == "notes":
            second = book.exact.get(key._replace(above=(Index("", 2),)))
            if second is not None:
                yield first.body, _renamed(second.body, _one_back)


def _one_back(key: Key) -> Key:
    above = tuple(i if i.letter else i._replace(number=i.number - 1) for i in key.above)
    return key._replace(above=above)


def _renamed(node: Node, change: Callable[[Key], Key]) -> Node:
    """A formula with other names in it."""
    if isinstance(node, Name):
        return replace(node, key=change(node.key))
    return mapped(node, lambda x: _renamed(x, change))


def _only_difference(a: Node, b: Node) -> tuple[Key, Key] | None:
    """The names in which two formulas of one form differ, if there is one such pair."""
    mine, theirs = ([x for x in walk(node) if isinstance(x, Name)] for node in (a, b))
    if len(mine) != len(theirs):
        return None
    pairs = {(x.key, y.key) for x, y in zip(mine, theirs, strict=True) if x.key != y.key}
    if len(pairs) != 1:
        return None
    ((first, second),) = pairs
    changed = replaced(a, Name(0, 0, first), Name(0, 0, second))
    return (first, second) if changed is not None and same_form(changed, b) else None


def _is_last(d: Definition, number: int | None) -> bool:
    """Whether it says how something of the last layer is computed, in the letter L."""
    last = Index("", number or 0)
    if number is None or d.key.tag or (d.key.below + d.key.above).count(last) != 1:
        return False
    names = list(names_in(d.body))
    is_slope = d.key.base.startswith(("d ", "delta", "Delta ")) or any(
        isinstance(x, Derivative) for x in walk(d.body)
    )
    return not is_slope and bool(names) and any(_offsets(name.key) for name in names)


def _offsets(key: Key) -> set[int]:
    """How far from the last layer a name is, if that is said: -1 of a^{L-1}."""
    return {i.number for i in key.below + key.above if i.letter == _LAST}


def _is_before(key: Key) -> bool:
    return any(n < 0 for n in _offsets(key)) or any(i.letter == _ANY for i in key.below + key.above)


def _slot(key: Key) -> tuple[str, int, int]:
    return key.base, len(key.below), len(key.above)


def _applied_before(chains: Sequence[Chain]) -> set[str]:
    """The functions that are applied to something of a layer before the last: g of g'(z^{L-1})."""
    nodes = (node for chain in chains for node in chain.nodes if node is not None)
    return {
        x.name.key.base
        for node in nodes
        for x in walk(node)
        if isinstance(x, Apply) and len(x.arguments) == 1
        and isinstance(of := x.arguments[0], Name) and _is_before(of.key)
    }  # fmt: skip


def _any(indices: tuple[Index, ...], number: int | None) -> tuple[Index, ...]:
    return tuple(Index(_ANY) if i == Index("", number or 0) else i for i in indices)


def _of_any_layer(key: Key) -> Key:
    below, above = (
        tuple(i._replace(letter=_ANY) if i.letter == _LAST else i for i in x) for x in (key.below, key.above)
    )
    return key._replace(below=below, above=above)
