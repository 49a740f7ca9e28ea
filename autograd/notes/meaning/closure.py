"""What is reached step by step: names from names, by what they are computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

__all__ = ["closure"]

T = TypeVar("T")


def closure(start: Iterable[T], onward: Callable[[T], Iterable[T]]) -> set[T]:
    """All that is reached from some things, themselves included.

    >>> sorted(closure([6], lambda n: [n // 2] if n else []))
    [0, 1, 3, 6]
    """
    found: set[T] = set()
    stack = list(start)
    while stack:
        x = stack.pop()
        if x not in found:
            found.add(x)
            stack += onward(x)
    return found
