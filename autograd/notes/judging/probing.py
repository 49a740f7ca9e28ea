"""What would have to stand at each place of a wrong formula for the whole to be right, at one point.

From the value that the whole should have follows what each term and each factor of it should be worth. An
edit that mends the formula everywhere gives its own place that value here: so most edits are ruled out
by evaluating nothing but what they put in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..meaning.errors import NotUnderstood
from ..meaning.evaluating import Scope, evaluate
from ..meaning.syntax import Node, Product, Quotient, Sum, parts, with_child
from ..meaning.tables import Table
from .deciding import same
from .repairs import Edit

__all__ = ["Probe"]


class Probe:
    """A side of a claim at a point; the value it should have there is that of the other side."""

    def __init__(self, side: Node, other: Node, scope: Scope) -> None:
        self.side, self.scope = side, replace(scope, known={})
        self._above: dict[int, Node] = {}
        self._wanted: dict[int, Any] = {}
        self._enter(side)
        self._want(side, evaluate(other, scope))

    def _enter(self, node: Node) -> None:
        for part in parts(node):
            self._above[id(part)] = node
            self._enter(part)

    def _want(self, node: Node, value: Any) -> None:
        """Note what a part should be worth, and what that says of its own parts."""
        self._wanted[id(node)] = value
        if isinstance(value, Table):
            return
        match node:
            case Sum(terms=terms, signs=signs):
                values = self._numbers(terms)
                if values is not None:
                    total = sum(sign * x for sign, x in zip(signs, values, strict=True))
                    for term, sign, x in zip(terms, signs, values, strict=True):
                        self._want(term, x + sign * (value - total))
            case Product(factors=factors):
                values = self._numbers(factors)
                for place, factor in enumerate(factors if values is not None else ()):
                    others: Any = 1
                    for x in (*values[:place], *values[place + 1 :]):  # type: ignore[index]
                        others = others * x
                    if others:
                        self._want(factor, value / others)
            case Quotient(over=over, under=under):
                values = self._numbers((over, under))
                if values is not None:
                    self._want(over, value * values[1])
                    if value:
                        self._want(under, values[0] / value)

    def _numbers(self, nodes: tuple[Node, ...]) -> list[Any] | None:
        """Their values, if all are single numbers."""
        try:
            values = [evaluate(node, self.scope) for node in nodes]
        except (NotUnderstood, TypeError):
            return None
        return None if any(isinstance(x, Table) for x in values) else values

    def allows(self, edit: Edit) -> bool:
        """Whether the side is right at this point with an edit."""
        old, new = edit.old, edit.new
        while id(old) not in self._wanted:  # of the smallest part around it of which the value is known
            above = self._above[id(old)]
            old, new = above, with_child(above, old, new)
        try:
            return same(self._wanted[id(old)], evaluate(new, self.scope))
        except (NotUnderstood, TypeError):
            return False
