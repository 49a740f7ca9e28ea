"""Cases in formulas, of numbers and of each entry of a table: which condition holds."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from ...numbers import is_nan
from .errors import NotUnderstood
from .evaluating import RULES, Scope, evaluate
from .syntax import Cases, Node
from .tables import Table, plain

__all__: list[str] = []


def _cases(node: Cases, scope: Scope) -> Any:
    if len(node.values) == 2 and node.conditions[0] is not None and node.conditions[1] is None:
        entry_by_entry = _of_each_entry(node, node.conditions[0], scope)
        if entry_by_entry is not None:
            return entry_by_entry
    for value, condition in zip(node.values, node.conditions, strict=True):
        holds = condition is None or _holds(condition, scope)
        if holds is None:
            return math.nan  # of what is no number no case holds
        if holds:
            return evaluate(value, scope)
    raise NotUnderstood("none of the cases holds", node.start, node.end)


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "=": operator.eq,
    "!=": operator.ne,
}  # fmt: skip


def _of_each_entry(node: Cases, condition: tuple[Node, str, Node], scope: Scope) -> Table | None:
    """1[Z > 0] of a table: for each of its entries."""
    left, relation, right = condition
    a, b = (evaluate(side, scope.of_indices()) for side in (left, right))
    if not isinstance(a, Table) or isinstance(b, Table) or relation not in _COMPARISONS:
        return None
    yes, no = (evaluate(value, scope) for value in node.values)
    if isinstance(yes, Table) and yes.shape == a.shape and not isinstance(no, Table):
        flags = a.each(lambda x: int(_COMPARISONS[relation](plain(x), plain(b))))
        return yes.with_(flags, lambda x, flag: x if flag else no)
    if isinstance(yes, Table) or isinstance(no, Table):
        return None
    return a.each(lambda x: yes if _COMPARISONS[relation](plain(x), plain(b)) else no)


def _holds(condition: tuple[Node, str, Node], scope: Scope) -> bool | None:
    left, relation, right = condition
    a, b = (plain(evaluate(side, scope.of_indices())) for side in (left, right))
    if isinstance(a, Table) or isinstance(b, Table):
        raise NotUnderstood("cases of a vector", left.start, right.end)
    if relation not in _COMPARISONS:
        raise NotUnderstood("a condition that is not understood", left.start, right.end)
    if is_nan(a) or is_nan(b):
        return None
    return bool(_COMPARISONS[relation](a, b))


RULES[Cases] = _cases
