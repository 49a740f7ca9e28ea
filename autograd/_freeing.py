"""Freeing deep graphs on Python 3.13.

Dropping the last node of a chain drops the one before, and so on. CPython has a guard against running
out of stack there, which in 3.13 counts to 10,000 nested calls: more than a thread with a small stack
can hold. On 3.13 a node therefore hands its operands to a list that is emptied in a loop.
"""

from __future__ import annotations

from typing import Any

__all__ = ["free"]

_orphans: list[Any] = []
_emptying = False


def free(node: Any) -> None:
    """What `Value.__del__` is on Python 3.13."""
    global _emptying
    try:
        _orphans.append(node._a)
        _orphans.append(node._b)
    except AttributeError:  # never finished: it was given something that is not a number
        return
    node._a = node._b = None
    if not _emptying:
        _emptying = True
        try:
            while _orphans:
                _orphans.pop()
        finally:
            _emptying = False
