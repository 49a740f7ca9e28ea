"""Freeing deep graphs on Python 3.13.

Dropping the last node of a chain drops the one before, and so on. CPython has a guard against running
out of stack there, which in 3.13 counts to 10,000 nested calls: more than a thread with a small stack
can hold. On 3.13 a node therefore hands its operands to a list that is emptied in a loop.
"""

from __future__ import annotations

import sys
import threading
from typing import Any, TypeVar

__all__ = ["frees_deep_graphs"]

T = TypeVar("T")


class _Orphans(threading.local):
    """The operands of freed nodes that are still to be dropped, in this thread."""

    def __init__(self) -> None:
        self.waiting: list[Any] = []
        self.dropping = False


_orphans = _Orphans()


def frees_deep_graphs(cls: type[T], version: tuple[int, int] = sys.version_info[:2]) -> type[T]:
    """Class decorator: on 3.13, give nodes with operands in `_a` and `_b` a `__del__` that never nests."""
    if version == (3, 13):
        cls.__del__ = _free  # type: ignore[attr-defined]
    return cls


def _free(node: Any) -> None:
    waiting = _orphans.waiting
    try:
        waiting += node._a, node._b
    except AttributeError:  # never finished: it was given something that is not a number
        return
    node._a = node._b = None
    if not _orphans.dropping:
        _orphans.dropping = True
        try:
            while waiting:
                waiting.pop()
        finally:
            _orphans.dropping = False
