"""The sides of lines of numbers: lists of them, and numbers that stand for the names of a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ..meaning.chains import Chain
from ..meaning.evaluating import exact
from ..meaning.syntax import Index, Key, Name, Node, Number, Shape, Sum, parts, walk
from ..meaning.syntax import Table as TableNode
from ..meaning.tables import Table, plain
from .rounding import literal

__all__ = ["by_entries", "listed", "place_of", "plain_numbers", "says_all", "values_put_in"]


def listed(node: Node | None) -> Sequence[Node]:
    """What stands between the commas of a list in brackets."""
    match node:
        case Shape(sizes=items):
            return items
        case TableNode(rows=rows) if all(len(row) == 1 for row in rows):
            return [row[0] for row in rows]
    return ()


def plain_numbers(x: Any) -> Any:
    """A value without the graph that it comes from."""
    return x.each(plain) if isinstance(x, Table) else plain(x)


def place_of(chain: Chain, node: Node) -> int:
    """Which side of a chain it is; 2 also for an arithmetic that goes on to a number."""
    place = next((p for p, link in enumerate(chain.links) if link.node is node), 0)
    return 2 if place == 1 and len(chain.links) > 2 and literal(node) is None else place


def values_put_in(formula: Node, numbers: Node) -> dict[Key, Fraction] | None:
    """The values that make numbers of a formula, where these are written like it: 3 + 4 of a + b."""
    values: dict[Key, Fraction] = {}
    stack = [(formula, numbers)]
    while stack:
        a, b = stack.pop()
        if isinstance(a, Name) and not a.primes:
            number = literal(b)
            if number is None or values.setdefault(a.key, number[0]) != number[0]:
                return None
        elif type(a) is not type(b):
            return None
        elif isinstance(a, Number):
            if exact(a.text) != exact(b.text):  # type: ignore[attr-defined]
                return None
        else:
            one, other = list(parts(a)), list(parts(b))
            if len(one) != len(other) or (isinstance(a, Sum) and a.signs != b.signs):  # type: ignore[attr-defined]
                return None
            stack += zip(one, other, strict=True)
    return values


def says_all(node: Node) -> bool:
    """Whether no number in it may be rounded."""
    return not any(isinstance(x, Number) and "." in x.text for x in walk(node))


def by_entries(vector: Name, numbers: Node) -> Node | None:
    """The vector of y_1, y_2, ... of a y for which there is one of numbers."""
    if not isinstance(numbers, TableNode) or len(numbers.rows[0]) > 1:
        return None
    keys = [
        vector.key._replace(below=(*vector.key.below, Index("", place)))
        for place in range(1, len(numbers.rows) + 1)
    ]
    return replace(numbers, rows=tuple((replace(vector, key=key),) for key in keys))
