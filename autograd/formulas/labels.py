"""What is left of a gradient where labels sum to 1, as those of classes do: a - y behind softmax."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..expr import Expr, constant, substitute, walk
from .writing import Written, joined, remark, written, written_name

if TYPE_CHECKING:
    from .model import Symbolic

__all__ = ["labels_sum_to_1"]


_MANY = 4
"""Of more labels than this the sum is abbreviated."""


def labels_sum_to_1(model: Symbolic, expr: Expr) -> tuple[Expr, Written] | None:
    """The expression where the sum of all labels is 1, and a remark that says so.

    Nothing in a graph says that they do, so this is written beside the gradient and not in its place. It is
    done where an output of a softmax is multiplied by the sum: a1 (y1 + y2 + y3) - y1 is a1 - y1. None where
    there is no such product.
    """
    total = _total_of_labels(model, expr)
    if total is None:
        return None
    shorter = model.simplifier.simplify(substitute([expr], {total: constant(1)})[0])
    sum_of_labels = written(model.in_row(total))
    used = {node.name for node in walk([total])}
    names = [model.name_in_row(name) for name in model.inputs if name in used]
    if len(names) > _MANY:
        first, second, *_, last = map(written_name, names)
        sum_of_labels = joined(Written(" + ", " + "), [first, second, Written("...", r"\cdots"), last])
    return shorter, remark(Written("where ", r"\text{where } ") + sum_of_labels + " = 1")


def _total_of_labels(model: Symbolic, expr: Expr) -> Expr | None:
    """A sum of all inputs of a list that an output of a softmax is multiplied by."""
    for node in walk([expr]):
        factors = model.simplifier.factors(node).factors
        if any(x.name in model.quotient_names for x in factors):
            for base in factors:
                if len(model.simplifier.terms(base)) > 1 and _is_whole_list(model, base):
                    return base
    return None


def _is_whole_list(model: Symbolic, total: Expr) -> bool:
    names = []
    for coefficient, factors in model.simplifier.terms(total).values():
        symbols = [x.name for x, exponent in factors.items() if exponent == 1 and x.name in model.inputs]
        if coefficient != 1 or len(symbols) != 1 or len(factors) != 1:
            return False
        names += symbols
    stem = re.sub(r"\d+$", "", str(names[0]))
    return set(names) == {name for name in model.inputs if re.fullmatch(re.escape(stem) + r"\d+", name)}
