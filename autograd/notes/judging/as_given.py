"""Formulas of worked examples that leave out what the numbers of the example make 0 or 1 of."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction

from ..defining.book import bound
from ..defining.definitions import is_numeric
from ..meaning.chains import Chain
from ..meaning.errors import NotUnderstood
from ..meaning.syntax import Index, Key, Name, Node, quantities_in
from ..meaning.tables import plain
from .deciding import Court
from .figures import Figures
from .known_values import FOUND
from .rounding import literal
from .verdicts import Judgement

__all__ = ["holds_as_given"]

MOST_ENTRIES = 12


def holds_as_given(judgement: Judgement, chain: Chain, court: Court, figures: Figures) -> bool:
    """Whether it holds for the numbers that its sentence or the example gives, which it has put in."""
    node, head = judgement.link.node, judgement.head
    if node is None or head is None or is_numeric(node):
        return False
    found = {c.head.key: literal(c.nodes[1]) for c in chain.given if isinstance(c.head, Name)}  # type: ignore[arg-type]
    given = {k: number[0] for k, number in found.items() if number and not court.book.is_defined(k)}
    given = given or _left_out(judgement, chain, court, figures)
    if not given or any(name.key in given for name in quantities_in(node)):
        return False
    try:
        return court.at(given).difference(head, node) is None
    except NotUnderstood:
        return False


def _left_out(judgement: Judgement, chain: Chain, court: Court, figures: Figures) -> dict[Key, Fraction]:
    r"""The 0 or 1 of names left out: E = -\ln p = 0.28, where y = 1, and \delta x = \delta, where x = 1."""
    node, before = judgement.link.node, _formula_before(judgement, chain, court)
    if before is None or node is None:
        return {}
    left_out = {name.key for name in quantities_in(before)} - {name.key for name in quantities_in(node)}
    values: dict[Key, Fraction] = {}
    world = figures.known.world(FOUND)
    for key in (one for name in left_out for one in _ones(name) if not court.book.is_defined(one)):
        with contextlib.suppress(NotUnderstood):
            value = plain(world.quantity(key))
            if value in (0, 1):
                in_column = key._replace(below=(*key.below, Index("", 1)))  # y_1 of the vector y
                values[key] = values[in_column] = Fraction(value)
    return values


def _formula_before(judgement: Judgement, chain: Chain, court: Court) -> Node | None:
    """The side before; of a name that is worked out, its formula."""
    head, last = judgement.head, chain.nodes[-1]
    definition = court.book.definition(head.key) if isinstance(head, Name) else None
    is_worked_out = last is not None and literal(last) is not None
    if definition is not None and is_worked_out and judgement.kind in ("loss", "forward"):
        return definition[0].body
    return judgement.left.node if judgement.left not in (None, chain.links[0]) else None


def _ones(key: Key) -> Iterator[Key]:
    """A name, or those that it stands for: y_1, y_2 of y_i."""
    if len(key.letters) != 1:
        yield key
        return
    (letter,) = key.letters
    for number in range(1, MOST_ENTRIES + 1):
        yield bound(key, {letter: number}, {})
