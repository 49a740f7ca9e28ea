r"""Functions said case by case: `f(x) = x` for `x > 0` and, in another formula, `f(x) = 0` for `x \le 0`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from ..meaning.chains import Chain
from ..meaning.syntax import Apply, Cases, Node, same_form

__all__ = ["join_cases"]

_ORDERS = {"<", ">", "<=", ">="}

_Condition = tuple[Node, str, Node]

_Case = tuple[Any, _Condition | None]

FARTHEST = 4
"""So many chains on, conditions counted, the next case is looked for."""


def join_cases(chains: Sequence[Chain]) -> None:
    """Let the first case say all of them. The others are claims, each where its condition holds."""
    _link_conditions(chains)
    joined: set[int] = set()
    for place, chain in enumerate(chains):
        condition = _condition(chain)
        if condition is None or place in joined:
            continue
        if not isinstance(chain.head, Apply) or chain.head.name.primes:
            continue
        cases: list[_Case] = [(chain.nodes[1], condition)]
        for other in range(place + 1, min(place + 1 + FARTHEST, len(chains))):
            further = _further_case(chains[other], chain.head)
            if further is not None:
                cases.append(further)
                joined.add(other)
                if further[1] is None:
                    break
        if len(cases) > 1:
            link = chain.links[1]
            values, conditions = zip(*cases, strict=True)
            link.node = Cases(link.side.start, link.side.end, values, conditions)
            chain.conditional, chain.condition = False, None


def _link_conditions(chains: Sequence[Chain]) -> None:
    """The condition of an equation may be the formula behind it."""
    for chain, behind in itertools.pairwise(chains):
        if chain.conditional and chain.condition is None and behind.comparisons:
            chain.condition = behind


def _further_case(chain: Chain, head: Node) -> _Case | None:
    """`f(x) = 0` for `x < 0`, or no more than `0` for `x < 0`; and `0` otherwise."""
    *heads, value = chain.nodes
    if value is None or len(heads) > 1 or chain.comparisons:
        return None
    if heads and (heads[0] is None or not same_form(heads[0], head)):
        return None
    condition = _condition(chain)
    return (value, condition) if condition is not None or chain.otherwise else None


def _condition(chain: Chain) -> _Condition | None:
    """What an equation, or a side by itself, is said for, where that is one order."""
    said = chain.condition
    if said is None or chain.comparisons or len(chain.nodes) > 2 or chain.nodes[-1] is None:
        return None
    if len(said.nodes) != 2 or said.links[1].relation not in _ORDERS:
        return None
    left, right = said.nodes
    return None if left is None or right is None else (left, said.links[1].relation, right)
