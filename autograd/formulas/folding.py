"""The paths from the result to a parameter, and many alike folded into one with an index.

In a network of two hidden layers of 16, sixteen paths lead to a weight of the first; they differ in one
unit, so they are written once, for unit j, and summed over j.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING, Any, NamedTuple

from ..expr import Expr, substitute, symbol, walk

if TYPE_CHECKING:
    from .model import Symbolic

__all__ = ["Fold", "Path", "fold_paths"]

_LETTERS = "jkmnpqrs"

_VERY_MANY = 10**12
"""Paths are not counted further: their number can double at every step."""

_MOST_TEMPLATES = 500
"""No more ways than this are tried to see a name as one of a series."""


class Path(NamedTuple):
    """Names from the result to the parameter, and the sums over indices that stand before their product."""

    names: tuple[str, ...]
    sums: tuple[tuple[str, int], ...] = ()


class Fold(NamedTuple):
    """What a derivation shows of the paths.

    paths    those it shows
    local    the derivative of one name on a path by the next
    more     how many paths are left out
    """

    paths: list[Path]
    local: Mapping[tuple[str, str], Expr]
    more: int = 0


class Station(NamedTuple):
    """The names at one distance from the result.

    letter    stands for their number; empty where there is a single one
    general   the name with the letter in it
    numbers   the number in each name, as it is written
    """

    names: list[str]
    letter: str
    general: str
    numbers: dict[str, str]

    def number_of(self, name: str) -> dict[str, str]:
        """What the letter stands for in one of the names."""
        return {self.letter: self.numbers[name]} if self.letter else {}


def fold_paths(model: Symbolic, parameter: str, most: int) -> Fold:
    """All paths, up to `most`; above that one with indices, or the first few where they are not alike."""
    edges = _edges(model, parameter)
    if parameter == model.result or parameter not in edges:
        return Fold([], {})
    count = _count(edges, model.result, parameter)
    if count > most and (folded := _folded(model, edges, parameter, count)) is not None:
        return folded
    paths = [Path(names) for names in islice(_paths(edges, model.result, parameter), most)]
    steps = [step for path in paths for step in pairwise(path.names)]
    local = {(of, by): model.local_derivatives(of, [by])[by] for of, by in steps}
    return Fold(paths, local, count - len(paths))


def _edges(model: Symbolic, parameter: str) -> dict[str, list[str]]:
    """For every name between the result and the parameter, those it is computed from that lead there."""
    leading = model.dependent_on([parameter])
    edges: dict[str, list[str]] = {}
    waiting = [model.result]
    while waiting:
        name = waiting.pop()
        if name in leading and name not in edges:
            edges[name] = [] if name == parameter else list(model.local_derivatives(name, leading))
            waiting += edges[name]
    return edges


def _order(edges: dict[str, list[str]], result: str) -> list[str]:
    """The names from the result on, each before those it is computed from."""
    order: list[str] = []
    done: set[str] = set()
    stack = [(result, False)]
    while stack:
        name, finished = stack.pop()
        if finished:
            order.append(name)
        elif name not in done:
            done.add(name)
            stack.append((name, True))
            stack += [(by, False) for by in edges[name]]
    return order[::-1]


def _count(edges: dict[str, list[str]], result: str, parameter: str) -> int:
    """How many paths there are."""
    ways = {parameter: 1}
    for name in reversed(_order(edges, result)):
        ways.setdefault(name, min(_VERY_MANY, sum(ways[by] for by in edges[name])))
    return ways[result]


def _paths(edges: dict[str, list[str]], result: str, parameter: str) -> Iterator[tuple[str, ...]]:
    path = [result]
    branches = [iter(edges[result])]
    while branches:
        name = next(branches[-1], None)
        if name is None:
            branches.pop()
            path.pop()
        elif name == parameter:
            yield (*path, name)
        else:
            path.append(name)
            branches.append(iter(edges[name]))


# ---------------------------------------------------------------------------------------------- folding


def _folded(model: Symbolic, edges: dict[str, list[str]], parameter: str, count: int) -> Fold | None:
    """One path with indices that stands for all, if they only differ in the numbers of units."""
    unused = iter(_LETTERS)
    sums: list[tuple[str, int]] = []
    stations: list[Station] = []
    total = 1
    for names in _stations(edges, model.result):
        above = stations[-1] if stations else None
        if len(names) > 1 and above is not None and _one_to_one(edges, above.names, names):
            letter = above.letter  # an activation: unit j of one is unit j of the other
        elif len(names) > 1:
            letter = next(unused, "")
            sums.append((letter, len(names)))
            total *= len(names)
        else:
            letter = ""
        station = _station(names, letter, model.names)
        if station is None:
            return None
        stations.append(station)
    if min(total, _VERY_MANY) != count or stations[-1].names != [parameter]:
        return None
    local: dict[tuple[str, str], Expr] = {}
    for above, below in pairwise(stations):
        template = _general_derivative(model, edges, above, below)
        if template is None:
            return None
        local[above.general, below.general] = template
    return Fold([Path(tuple(station.general for station in stations), tuple(sums))], local)


def _one_to_one(edges: dict[str, list[str]], above: Sequence[str], below: Sequence[str]) -> bool:
    return len(above) == len(below) and all(edges[a] == [b] for a, b in zip(above, below, strict=True))


def _stations(edges: dict[str, list[str]], result: str) -> list[list[str]]:
    """The names at each distance from the result, in the order of the definitions."""
    distance = {result: 0}
    for name in _order(edges, result):
        for by in edges[name]:
            distance[by] = max(distance.get(by, 0), distance[name] + 1)
    stations: list[list[str]] = [[] for _ in range(max(distance.values()) + 1)]
    for name, steps in distance.items():
        stations[steps].append(name)
    return stations


def _station(names: list[str], letter: str, taken: set[str]) -> Station | None:
    """Names that are alike but for a number, which counts from 1; None if they are not."""
    if len(names) == 1:
        return Station(names, "", names[0], {})
    start = _common_start(names)
    rest = [name[len(start) :] for name in names]
    end = _common_start([r[::-1] for r in rest])[::-1]
    numbers = [r[: len(r) - len(end)].strip(",") for r in rest]
    general = _readable(start, letter) + end
    if not letter or general in taken or numbers != [str(i + 1) for i in range(len(names))]:
        return None
    return Station(names, letter, general, dict(zip(names, numbers, strict=True)))


def _common_start(names: Sequence[str]) -> str:
    first, last = min(names), max(names)
    return first[: next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]


def _readable(start: str, letter: str) -> str:
    """A name going on with a letter that is an index: O2j, but y_j."""
    return f"{start}_{letter}" if start.isalpha() else start + letter


def _general_derivative(
    model: Symbolic, edges: dict[str, list[str]], above: Station, below: Station
) -> Expr | None:
    """The derivative of any name of one station by any of the next, with the letters for their numbers."""
    if above.letter and above.letter == below.letter:
        pairs = list(zip(above.names, below.names, strict=True))
    else:
        pairs = list(product(above.names, below.names))
    if any(b not in edges[a] for a, b in pairs):
        return None
    walks = [walk([model.local_derivatives(a, [b])[b]]) for a, b in pairs]
    first = walks[0]
    if any(_shape(other) != _shape(first) for other in walks):
        return None
    numbers = [above.number_of(a) | below.number_of(b) for a, b in pairs]
    replacements = {}
    for nodes in zip(*walks, strict=True):
        if nodes[0].name is not None:
            general = _general_name([node.name or "" for node in nodes], numbers)
            if general is None:
                return None
            replacements[nodes[0]] = symbol(general)
    return substitute([first[-1]], replacements)[0]


def _shape(nodes: Sequence[Expr]) -> list[tuple[Any, ...]]:
    """What there is in a walk, apart from names."""
    places = {node: place for place, node in enumerate(nodes)}
    return [(node.op, node.number, *(places[x] for x in node.operands)) for node in nodes]


def _general_name(names: Sequence[str], numbers: Sequence[Mapping[str, str]]) -> str | None:
    """The name with letters for the numbers that it follows, such as w3_kj; None if it follows none.

    numbers   for each name, what the letters stand for in it

    >>> _general_name(["w1_11", "w1_21", "w1_12", "w1_22"], [
    ...     {"j": "1", "k": "1"}, {"j": "1", "k": "2"}, {"j": "2", "k": "1"}, {"j": "2", "k": "2"}])
    'w1_kj'
    """
    if len(set(names)) == 1:
        return names[0]
    if "{" in names[0] or "}" in names[0]:
        return None
    plain = [name.replace(",", "") for name in names]
    for template in islice(_templates(plain[0], numbers[0]), _MOST_TEMPLATES):
        if all(template.format(**number) == name for name, number in zip(plain, numbers, strict=True)):
            start, _, rest = template.partition("{")
            return _readable(start, rest[0]) + rest[2:].format(**{letter: letter for letter in numbers[0]})
    return None


def _templates(name: str, numbers: Mapping[str, str]) -> Iterator[str]:
    """All ways to put letters in the place of their numbers in a name, such as w1_{k}{j}."""
    stack = [("", name)]
    while stack:
        done, rest = stack.pop()
        if not rest:
            yield done
            continue
        stack.append((done + rest[0], rest[1:]))
        for letter, number in numbers.items():
            if rest.startswith(number):
                stack.append((f"{done}{{{letter}}}", rest[len(number) :]))
