"""Many paths alike folded into one with an index.

In a network of two hidden layers of 16, sixteen paths lead to a weight of the first; they differ in one
unit, so they are written once, for unit j, and summed over j.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple

from ..expr import Expr, constant
from .generalising import general_expression, readable
from .paths import VERY_MANY, Edges, by_distance
from .writing import Index

if TYPE_CHECKING:
    from .model import Symbolic

__all__ = ["Path", "Station", "folded_path", "general_derivative", "general_derivatives", "stations_to"]

_LETTERS = "jkmnpqrs"


class Path(NamedTuple):
    """Names from the result on, and the sums over indices that stand before the product along them."""

    names: tuple[str, ...]
    sums: tuple[Index, ...] = ()


class Station(NamedTuple):
    """The names at one distance from the result.

    general   the only name, or one for all of them, with a letter for their number; empty where they are
              not alike
    letter    stands for their number; empty where there is a single one, or they are not alike
    numbers   the number in each name, as it is written
    """

    names: list[str]
    general: str = ""
    letter: str = ""
    numbers: Mapping[str, str] = {}

    @property
    def counted(self) -> Index:
        """The letter, and from where to where it counts."""
        numbers = [int(number) for number in self.numbers.values()]
        return Index(self.letter, numbers[0], numbers[-1])

    def number_of(self, name: str) -> dict[str, str]:
        """What the letter stands for in one of the names."""
        return {self.letter: self.numbers[name]} if self.letter else {}


def stations_to(model: Symbolic, edges: Edges, few: int) -> list[Station]:
    """The names by their distance from the result; only for more than a few at one the name is general."""
    unused = iter(_LETTERS)
    found: list[Station] = []
    place = {name: i for i, name in enumerate(model.definitions)}
    for names in by_distance(edges, model.result, place):
        if len(names) <= few:
            found.append(Station(names, names[0]) if len(names) == 1 else Station(names))
        elif found and _one_to_one(edges, found[-1].names, names):
            # an activation: unit j of one is unit j of the other
            found.append(_series(names, found[-1].letter, model))
        else:
            found.append(_series(names, next(unused, ""), model))
    return found


def _one_to_one(edges: Edges, above: Sequence[str], below: Sequence[str]) -> bool:
    return len(above) == len(below) and all(edges[a] == [b] for a, b in zip(above, below, strict=True))


def folded_path(model: Symbolic, edges: Edges, count: int) -> tuple[Path, dict[tuple[str, str], Expr]] | None:
    """One path with indices for all of so many, and its local derivatives; None where they are not alike."""
    stations = stations_to(model, edges, few=1)
    sums = [
        station.counted
        for above, station in pairwise(stations)
        if station.letter and station.letter != above.letter
    ]
    total = math.prod(index.last - index.first + 1 for index in sums)
    if not all(station.general for station in stations) or min(total, VERY_MANY) != count:
        return None
    local: dict[tuple[str, str], Expr] = {}
    for above, below in pairwise(stations):
        template = general_derivative(model, edges, above, below)
        if template is None:
            return None
        local[above.general, below.general] = template
    return Path(tuple(station.general for station in stations), tuple(sums)), local


def _series(names: list[str], letter: str, model: Symbolic) -> Station:
    """Names alike but for a number that counts from 0 or 1 have a general name; others have none."""
    start = _common_start(names)
    rest = [name[len(start) :] for name in names]
    end = _common_start([r[::-1] for r in rest])[::-1]
    numbers = [r[: len(r) - len(end)].strip(",") for r in rest]
    general = readable(start, letter) + end
    counted = [[str(i + first) for i in range(len(names))] for first in (0, 1)]
    if not letter or general in model.names or numbers not in counted:
        return Station(names)
    model.stand_for(general, names)
    return Station(names, general, letter, dict(zip(names, numbers, strict=True)))


def _common_start(names: Sequence[str]) -> str:
    first, last = min(names), max(names)
    return first[: next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]


def general_derivative(model: Symbolic, edges: Edges, above: Station, below: Station) -> Expr | None:
    """The derivative of any name of one station by any of the next, with the letters for their numbers."""
    if above.letter and above.letter == below.letter:
        pairs = list(zip(above.names, below.names, strict=True))
    else:
        pairs = list(product(above.names, below.names))
    return _general(model, edges, pairs, [above.number_of(a) | below.number_of(b) for a, b in pairs])


def general_derivatives(
    model: Symbolic, edges: Edges, above: Station, below: Station
) -> tuple[Station, Expr, Expr] | None:
    """The derivatives of a layer by one of as many units, each by its own and by any other, as in softmax.

    The first is between units of the same number, for which there is a station above with the letter below.
    """
    if not (above.letter and below.letter) or len(above.names) != len(below.names):
        return None
    same = list(zip(above.names, below.names, strict=True))
    own = _general(model, edges, same, [below.number_of(b) for _, b in same])
    found = []
    numbered = list(product(enumerate(above.names), enumerate(below.names)))
    for earlier in True, False:  # a product may be written one way for pairs in order, the other for the rest
        pairs = [(a, b) for (i, a), (j, b) in numbered if i != j and (i < j) is earlier]
        numbers = [above.number_of(a) | below.number_of(b) for a, b in pairs]
        found.append(_general(model, edges, pairs, numbers))
    other, swapped = found
    turned = _series(above.names, below.letter, model)
    if own is None or other is None or swapped is None or not turned.letter:
        return None
    return (turned, own, other) if model.simplifier.simplify(other - swapped) is constant(0) else None


def _general(
    model: Symbolic, edges: Edges, pairs: Sequence[tuple[str, str]], numbers: Sequence[Mapping[str, str]]
) -> Expr | None:
    if any(b not in edges[a] for a, b in pairs):
        return None
    return general_expression(model, [model.local_derivatives(a, [b])[b] for a, b in pairs], numbers)
