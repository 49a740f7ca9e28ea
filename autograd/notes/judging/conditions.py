"""Conditions that an equation is said under: for x > 0. Only points that satisfy it decide."""

from __future__ import annotations

import operator
from dataclasses import dataclass

from ..meaning.chains import Chain
from ..meaning.errors import NotUnderstood
from ..meaning.evaluating import Scope, evaluate
from ..meaning.syntax import Key, Node, names_in
from ..meaning.tables import Table, plain
from .deciding import TRIES, Court, digits

__all__ = ["Condition", "condition_of"]


@dataclass(frozen=True, slots=True)
class Condition:
    """What is said of the points at which an equation holds: x > 0."""

    left: Node
    relation: str
    right: Node

    def holds(self, scope: Scope) -> bool:
        """Whether it holds there; of single numbers."""
        a, b = plain(evaluate(self.left, scope)), plain(evaluate(self.right, scope))
        if isinstance(a, Table) or isinstance(b, Table):
            raise NotUnderstood("an order of vectors")
        return bool(_COMPARE[self.relation](a, b))


_COMPARE = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "!=": operator.ne}
_COUNTS = set("ijklmntdNMKTLBDHC")
"""Letters that mostly stand for whole numbers, of which no point is one."""


def condition_of(chain: Chain, court: Court) -> Condition | None:
    """The condition a chain is said under, where points can be held against it."""
    said = chain.condition
    if said is None or len(said.nodes) != 2 or said.links[1].relation not in _COMPARE:
        return None
    left, right = said.nodes
    if left is None or right is None:
        return None
    found = Condition(left, said.links[1].relation, right)
    names = {name.key for node in (left, right) for name in names_in(node)}
    inside = [name.key for node in chain.nodes if node is not None for name in names_in(node)]
    computed = {key for node in chain.nodes if node is not None for key in court.book.reached(node)}
    if not names or names & {Key(letter) for letter in _COUNTS} or not names <= {*inside, *computed}:
        return None
    first = {letter: 1 for key in names for letter in key.letters}
    try:
        with digits(court.exact):
            holds = [found.holds(Scope(court.world(number), first, None)) for number in range(TRIES)]
    except (NotUnderstood, TypeError):
        return None
    return found if sum(holds) > 1 else None
