"""The graph of named quantities, walked from the result back: its edges, distances and paths."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Symbolic

__all__ = ["Edges", "by_distance", "count_paths", "edges_to", "paths_to"]

Edges = Mapping[str, Sequence[str]]
"""For each name those that it is computed from."""

VERY_MANY = 10**12
"""Paths are not counted further: their number can double at every step."""


def edges_to(model: Symbolic, wanted: Collection[str]) -> Edges:
    """The edges on all ways from the result to the names wanted; empty where there is none.

    The names wanted come first among those that a quantity is computed from, then the others in the order
    of their definitions.
    """
    place = {name: i for i, name in enumerate(model.definitions)} | dict.fromkeys(wanted, -1)
    leading = model.dependent_on(list(wanted))
    edges: dict[str, list[str]] = {}
    waiting = [model.result] if model.result in leading else []
    while waiting:
        name = waiting.pop()
        if name not in edges:
            found = model.local_derivatives(name, leading) if name in model.definitions else ()
            edges[name] = sorted(found, key=lambda x: place.get(x, -1))
            waiting += edges[name]
    return edges


def _order(edges: Edges, result: str) -> list[str]:
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


def by_distance(edges: Edges, result: str, place: Mapping[str, int]) -> list[list[str]]:
    """The names by how many steps from the result they are at most, those of one distance by their place."""
    distance = {result: 0}
    for name in _order(edges, result):
        for by in edges[name]:
            distance[by] = max(distance.get(by, 0), distance[name] + 1)
    stations: list[list[str]] = [[] for _ in range(max(distance.values()) + 1)]
    for name in sorted(distance, key=lambda x: place.get(x, -1)):
        stations[distance[name]].append(name)
    return stations


def count_paths(edges: Edges, result: str, wanted: str) -> int:
    """How many paths there are, up to very many."""
    ways: dict[str, int] = {}
    for name in reversed(_order(edges, result)):
        ways[name] = 1 if name == wanted else min(VERY_MANY, sum(ways[by] for by in edges[name]))
    return ways[result]


def paths_to(edges: Edges, result: str, wanted: str) -> Iterator[tuple[str, ...]]:
    """All paths from the result, as the names along them."""
    path = [result]
    branches = [iter(edges[result])]
    while branches:
        name = next(branches[-1], None)
        if name is None:
            branches.pop()
            path.pop()
        elif name == wanted:
            yield (*path, name)
        else:
            path.append(name)
            branches.append(iter(edges[name]))
