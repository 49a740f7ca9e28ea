"""What is found out about formulas, once for each: they are read and walked through again and again."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["forget", "memory", "once_for_each"]

Thing = TypeVar("Thing")
Found = TypeVar("Found")

MOST = 20_000

_memories: list[dict[Any, Any]] = []


def memory() -> dict[Any, Any]:
    """A dict for what is remembered of formulas, until notes have been checked."""
    _memories.append({})
    return _memories[-1]


def forget() -> None:
    """Forget everything: what notes were made of is not to be held for ever."""
    for known in _memories:
        known.clear()


def once_for_each(find: Callable[[Thing], Found]) -> Callable[[Thing], Found]:
    """A function of a thing that never changes, which is told from others by its identity.

    Equal ones are searched anew: to compare formulas costs as much as to walk through them.

    >>> asked = []
    >>> length = once_for_each(lambda thing: asked.append(thing) or len(thing))
    >>> row = (1, 2, 3)
    >>> [length(row), length(row), asked]
    [3, 3, [(1, 2, 3)]]
    """
    known: dict[int, tuple[Thing, Found]] = memory()  # the thing is held, so that no other gets its id

    @functools.wraps(find)
    def found(thing: Thing) -> Found:
        entry = known.get(id(thing))
        if entry is not None and entry[0] is thing:
            return entry[1]
        value = find(thing)
        if len(known) >= MOST:
            known.clear()
        known[id(thing)] = thing, value
        return value

    return found
