"""The paths from the result to a parameter, and many alike folded into one with an index.

In a network of two hidden layers of 16, sixteen paths lead to a weight of the first; they differ in one
unit, so they are written once, for unit j, and summed over j.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..expr import Expr, substitute, symbol, walk

if TYPE_CHECKING:
    from .symbolic import Symbolic

__all__ = ["Fold", "Path", "fold_paths"]

_LETTERS = "jkmnpqrs"


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


def fold_paths(model: Symbolic, parameter: str, most: int) -> Fold:
    """All paths, up to `most`; above that one with indices, or the first few where they are not alike."""
    edges = _edges(model, parameter)
    if parameter == model.result or parameter not in edges:
        return Fold([], {})
    count = _count(edges, model.result, parameter)
    if count > most and (folded := _folded(model, edges, parameter, count)) is not None:
        return folded
    paths = []
    for names in _paths(edges, model.result, parameter):
        paths.append(Path(names))
        if len(paths) == most:
            break
    local = {
        (of, by): model.local_derivatives(of)[by]
        for path in paths
        for of, by in zip(path.names, path.names[1:], strict=False)
    }
    return Fold(paths, local, count - len(paths))


def _edges(model: Symbolic, parameter: str) -> dict[str, list[str]]:
    """For every name between the result and the parameter, those it is computed from that lead there."""
    leading = model.dependent_on([parameter])
    edges: dict[str, list[str]] = {}
    waiting = [model.result]
    while waiting:
        name = waiting.pop()
        if name in edges or name not in leading:
            continue
        edges[name] = []
        if name != parameter:
            edges[name] = [by for by in model.local_derivatives(name) if by in leading]
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
    ways = {parameter: 1}
    for name in reversed(_order(edges, result)):
        ways.setdefault(name, sum(ways.get(by, 0) for by in edges[name]))
    return ways[result]


def _paths(edges: dict[str, list[str]], result: str, parameter: str) -> Iterator[tuple[str, ...]]:
    path = [result]
    stack = [iter(edges[result])]
    while stack:
        name = next(stack[-1], None)
        if name is None:
            stack.pop()
            path.pop()
        elif name == parameter:
            yield (*path, name)
        else:
            path.append(name)
            stack.append(iter(edges[name]))


# ---------------------------------------------------------------------------------------------- folding


def _folded(model: Symbolic, edges: dict[str, list[str]], parameter: str, count: int) -> Fold | None:
    """One path with indices that stands for all, if they only differ in the numbers of units."""
    stations = _stations(edges, model.result)
    if stations[-1] != [parameter]:
        return None
    letters: list[str] = []
    sums: list[tuple[str, int]] = []
    total = 1
    unused = iter(_LETTERS)
    for place, names in enumerate(stations):
        if len(names) == 1:
            letters.append("")
        elif place and _one_to_one(edges, stations[place - 1], names):
            letters.append(letters[-1])  # an activation: unit j of one is unit j of the other
        else:
            letter = next(unused, None)
            if letter is None:
                return None
            letters.append(letter)
            sums.append((letter, len(names)))
            total *= len(names)
    if total != count:
        return None
    general = [_general(names, letter) for names, letter in zip(stations, letters, strict=True)]
    local: dict[tuple[str, str], Expr] = {}
    for place in range(len(stations) - 1):
        template = _general_local(model, edges, stations[place : place + 2], letters[place : place + 2])
        if template is None:
            return None
        local[general[place], general[place + 1]] = template
    return Fold([Path(tuple(general), tuple(sums))], local)


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


def _varying(names: Sequence[str]) -> tuple[str, list[str], str]:
    """What names begin with in common, what differs, and what they end with: O2, [1, 2], nothing."""
    start = os.path.commonprefix(list(names))
    rest = [name[len(start) :] for name in names]
    end = os.path.commonprefix([r[::-1] for r in rest])[::-1]
    return start, [r[: len(r) - len(end)] for r in rest], end


def _general(names: Sequence[str], letter: str) -> str:
    if len(names) == 1:
        return names[0]
    start, _, end = _varying(names)
    return start + letter + end


def _general_local(
    model: Symbolic, edges: dict[str, list[str]], stations: Sequence[Sequence[str]], letters: Sequence[str]
) -> Expr | None:
    """The derivative of any name of one station by any of the next, with the letters for their numbers."""
    above, below = stations
    linked = letters[0] == letters[1] != ""
    pairs = list(zip(above, below, strict=True)) if linked else [(a, b) for a in above for b in below]
    if any(b not in edges[a] for a, b in pairs):
        return None
    table = {pair: model.local_derivatives(pair[0])[pair[1]] for pair in pairs}
    first = table[pairs[0]]
    shape = walk([first])
    written: dict[Expr, dict[tuple[str, str], str]] = {node: {} for node in shape if node.name is not None}
    for pair, other in table.items():
        nodes = walk([other])
        if [(n.op, n.number) for n in nodes] != [(n.op, n.number) for n in shape]:
            return None
        for node, its in zip(shape, nodes, strict=True):
            if node in written:
                written[node][pair] = its.name or ""
    numbers = _numbers(above, below, letters)
    replacements = {}
    for node, names in written.items():
        general = _general_name(names, numbers)
        if general is None:
            return None
        replacements[node] = symbol(general)
    return substitute([first], replacements)[0]


def _numbers(above: Sequence[str], below: Sequence[str], letters: Sequence[str]) -> dict[str, dict[str, str]]:
    """For each letter, the number it stands for in each name of its station."""
    found: dict[str, dict[str, str]] = {}
    for station, letter in zip((above, below), letters, strict=True):
        if letter:
            _, numbers, _ = _varying(station)
            found.setdefault(letter, {}).update(zip(station, (n.strip(",") for n in numbers), strict=True))
    return found


def _general_name(written: Mapping[tuple[str, str], str], numbers: dict[str, dict[str, str]]) -> str | None:
    """A name that follows the numbers of the stations, such as w3_kj; None if it does not follow them.

    The letters are put where the first name and the one that differs in that number alone part; then
    the result, with every pair's numbers put back, must give every pair's name.
    """
    (first_pair, first), *others = written.items()
    if all(name == first for _, name in others):
        return first
    places: list[tuple[int, int, str]] = []
    for letter, by_name in numbers.items():

        def number(pair: tuple[str, str], by_name: dict[str, str] = by_name) -> str:
            return by_name.get(pair[0], by_name.get(pair[1], ""))

        def same_otherwise(pair: tuple[str, str], letter: str = letter) -> bool:
            return all(
                by.get(pair[0], by.get(pair[1])) == by.get(first_pair[0], by.get(first_pair[1]))
                for other, by in numbers.items()
                if other != letter
            )

        names = [
            first,
            *(name for pair, name in others if number(pair) != number(first_pair) and same_otherwise(pair)),
        ]
        if len(set(names)) > 1:
            start, differing, _ = _varying(names)
            places.append((len(start), len(differing[0]), letter))
    general = first
    for start, length, letter in sorted(places, reverse=True):
        general = general[:start] + letter + general[start + length :]
    for pair, name in written.items():
        filled = general
        for letter, by_name in numbers.items():
            filled = filled.replace(letter, by_name.get(pair[0], by_name.get(pair[1], "")))
        if filled.replace(",", "") != name.replace(",", ""):
            return None
    return general
