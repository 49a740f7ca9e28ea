"""The derivatives of an expression: the backward pass of `graph`, on symbols."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from .expr import Expr, constant, walk
from .functions import maximum, where
from .ops import OPS

__all__ = ["collector_paused", "derivatives"]


def derivatives(root: Expr) -> dict[str, Expr]:
    """The derivative of an expression by each of its symbols, by one backward pass over the DAG.

    The local derivatives are those of the table, in the form that people write.

    >>> from autograd.expr import symbols
    >>> x, y = symbols("x y")
    >>> derivatives(x * y)
    {'x': y, 'y': x}
    """
    with collector_paused():
        return _backward(root)


def _backward(root: Expr) -> dict[str, Expr]:
    order = walk([root])
    variable: set[Expr] = set()
    for node in order:
        if node.name is not None or any(x in variable for x in node.operands):
            variable.add(node)
    received: dict[Expr, Any] = {root: 1}
    counts: dict[Expr, Expr] = {root: _ONE}  # 1 where the node counts, 0 where `where` goes another way
    for node in reversed(order):
        if node.op is None or node not in received:
            continue
        upstream, here = received.pop(node), counts.pop(node)
        below = _branches(node, here) if node.op.selects else (here,) * len(node.operands)
        for x, slope, there in zip(node.operands, _slopes(node), below, strict=True):
            if x not in variable or slope is None or _is_zero(slope):
                continue
            contribution = upstream * (slope if here is _ONE else _guarded(slope, here))
            if x in received:  # later operations come first here; the sum should read like the formula
                received[x] = contribution + received[x]
                counts[x] = _either(there, counts[x])
            else:
                received[x], counts[x] = contribution, there
    return {node.name: constant(received.get(node, 0)) for node in order if node.name is not None}


def _is_zero(slope: Any) -> bool:
    return type(slope) is int and slope == 0


def _slopes(node: Expr) -> Sequence[Any]:
    """The local derivatives of an operation. Its constants enter as exact numbers, so that 1 / 3 stays so."""
    assert node.op is not None
    rule = node.op.shown or node.op.derivatives
    try:
        return rule(*map(_number_or_expr, node.operands), node)
    except ArithmeticError:  # x / 0, say, which stays as it is
        return rule(*node.operands, node)


def _number_or_expr(x: Expr) -> Any:
    return x if x.number is None else Fraction(x.number) if type(x.number) is int else x.number


def _branches(node: Expr, here: Expr) -> Sequence[Any]:
    """Where the operands of a `where` or a `take` count, given where it does itself."""
    condition = node.operands[0]
    if node.op is OPS["where"]:
        return None, where(condition, here, 0), where(condition, 0, here)
    return None, *(where(chosen, here, 0) for chosen in _slopes(node)[1:])


def _guarded(slope: Any, here: Expr) -> Any:
    """The local derivative where it counts, else 0: in a branch not taken it may be infinite."""
    if not isinstance(slope, Expr) or slope.op is None:
        return slope
    if here.op is OPS["where"] and here.operands[1] is _ONE:
        return where(here.operands[0], slope, 0)
    if here.op is OPS["where"] and here.operands[2] is _ONE:
        return where(here.operands[0], 0, slope)
    return where(here > 0, slope, 0)


def _either(here: Expr, there: Expr) -> Any:
    return _ONE if _ONE in (here, there) else here if here is there else maximum(here, there)


_ONE = constant(1)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Make large formulas without searching them for cycles: there are none, and it takes half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
