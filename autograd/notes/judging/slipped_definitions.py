"""Definitions that look like slips: said otherwise further down, or what another name is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..defining.book import Definition
from ..defining.definitions import is_numeric
from ..defining.shelf import Shelf
from ..defining.unknown_terms import is_loss_letter
from ..defining.updates import RATES
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    Derivative,
    Name,
    Node,
    Number,
    Power,
    Product,
    Sum,
    SumOver,
    names_in,
    parts,
    same_form,
    walk,
)
from .deciding import free_letters

__all__ = ["slip_before", "slip_in_definition"]


def slip_in_definition(head: Name, body: Node, place: int, shelf: Shelf) -> str | None:
    """Why what a name is said to be may be a slip, of which the notes themselves bear witness; else None.

    One loss after another may be spoken of under the same letter.
    """
    if head.key == shelf.book.loss or is_loss_letter(head.key):
        return None
    letters = {i.letter for i in head.key.below if len(i.letter) == 1}
    loose = sorted(set(free_letters(body)) & {x.index for x in walk(body) if isinstance(x, SumOver)})
    if len(letters) == 1 and loose and not letters & set(free_letters(body)):  # p_k = e^{z_j} / sum_j e^{z_j}
        return f"${loose[0]}$ also stands outside of the sum over it, where ${min(letters)}$ may be meant"
    said = shelf.versions(head.key)
    if len(said) > 1 and said[0].place == place and (slip := slip_before(said[0], said[1], shelf)):
        return slip
    if isinstance(body, Name) or is_numeric(body):
        return None
    is_something_else = len(said) > 1 or head.key.base in RATES or _stands_in_one_before(head, place, shelf)
    for other in shelf.book.exact.values() if is_something_else else ():
        if other.key != head.key and other.place != place and same_form(other.body, body):
            return f"this is what ${latex_of(other.key)}$ is; ${latex_of(head.key)}$ is something else"
    return None


def slip_before(first: Definition, second: Definition, shelf: Shelf) -> str | None:
    """Why the first of two meanings of a name may be a slip, where the second is borne out; else None."""
    lent = isinstance(first.body, Derivative)  # A = dL/dw_1, and then A = dL/dw_2
    if lent or not _is_one_change(first.body, second.body) or shelf.is_borne_out(first, second):
        return None
    return f"line {second.line} has it otherwise, and what follows holds with that"


def _stands_in_one_before(head: Name, place: int, shelf: Shelf) -> bool:
    """Whether something was computed from a name before it was said what it is."""
    before: Iterator[Definition] = (d for d in shelf.book.exact.values() if 0 <= d.place < place)
    return any(name.key == head.key for d in before for name in names_in(d.body))


def _is_one_change(a: Node, b: Node) -> bool:
    """Whether two formulas differ in one thing: a name, a number, a sign, a term, a factor, an exponent."""
    return _changes(a, b) == 1


def _changes(a: Node, b: Node) -> int:
    """In how many things two formulas differ; 2 stands for two or more."""
    if same_form(a, b):
        return 0
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Power) and same_form(one.base, other):
            return 1
        if isinstance(one, (Sum, Product)) and _has_one_more(_pieces(one), _pieces(other, type(one))):
            return 1
    mine, theirs = _pieces(a), _pieces(b)
    if type(a) is not type(b) or len(mine) != len(theirs):
        return 2
    if not mine:
        return 1 if isinstance(a, (Name, Number)) else 2
    found = sum(sign != its for (sign, _), (its, _) in zip(mine, theirs, strict=True))
    found += sum(_changes(x, y) for (_, x), (_, y) in zip(mine, theirs, strict=True))
    return min(found, 2) if found else 1


def _pieces(node: Node, whole: type[Node] | None = None) -> list[tuple[object, Node]]:
    """What a formula is made of, with the signs; itself, if it is to be a part of another kind."""
    if whole is not None and not isinstance(node, whole):
        return [(1 if whole is Sum else "", node)]
    signs: Sequence[object] = node.signs if isinstance(node, Sum) else ()
    inner = parts(node)
    return [(signs[i] if i < len(signs) else "", part) for i, part in enumerate(inner)]


def _has_one_more(more: list[tuple[object, Node]], fewer: list[tuple[object, Node]]) -> bool:
    """Whether one list is another and one piece more."""
    if len(more) != len(fewer) + 1:
        return False
    without = (more[:i] + more[i + 1 :] for i in range(len(more)))
    return any(
        all(s == t and same_form(x, y) for (s, x), (t, y) in zip(rest, fewer, strict=True))
        for rest in without
    )
