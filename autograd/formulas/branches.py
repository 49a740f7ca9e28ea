"""Simplification of `where`: conditions that stand beside each other are written once."""

from __future__ import annotations

from ..expr import Expr, constant
from ..functions import where
from ..ops import OPS
from .algebra import Factors, Terms, add_term

__all__ = ["one_indicator", "one_where", "taken_branch"]

_ZERO, _ONE = constant(0), constant(1)


def _is_where(expr: Expr) -> bool:
    return expr.op is OPS["where"]


def taken_branch(condition: Expr, a: Expr, b: Expr) -> Expr | None:
    """The branch that `where` takes for certain, if there is one."""
    if condition.number is not None:
        return a if condition.number else b
    return a if a is b else None


def one_indicator(factors: Factors) -> Factors:
    """An indicator where(c, 1, 0) squared is itself; times where(c, s, 0) it is that.

    >>> from autograd.expr import symbols
    >>> c, s = symbols("c s")
    >>> one_indicator({where(c > 0, 1, 0): 2, where(c > 0, s, 0): 1})
    {where(c > 0, s, 0): 1}
    """
    found = [base for base, exponent in factors.items() if _is_where(base) and exponent > 0]
    if not found:
        return factors
    out = dict(factors)
    for base in found:
        condition, a, b = base.operands
        if {a, b} != {_ZERO, _ONE}:
            continue
        out[base] = 1
        for other in found:
            same_zero = other.operands[1] is _ZERO if a is _ZERO else other.operands[2] is _ZERO
            if other is not base and other.operands[0] is condition and same_zero:
                del out[base]
                break
    return out


def one_where(terms: Terms) -> Terms:
    """where(c, a, 0) + where(c, 0, b) is where(c, a, b).

    >>> from autograd.expr import symbols
    >>> c, a, b = symbols("c a b")
    >>> halves = add_term(add_term({}, 1, {where(c > 0, a, 0): 1}), 1, {where(c > 0, 0, b): 1})
    >>> [factors for _, factors in one_where(halves).values()]
    [{where(c > 0, a, b): 1}]
    """
    halves: dict[Expr, Expr] = {}  # those with a 0 on one side, by their condition
    for coefficient, factors in terms.values():
        base = next(iter(factors), None)
        if coefficient != 1 or base is None or factors != {base: 1} or not _is_where(base):
            continue
        condition, a, b = base.operands
        if (a is _ZERO) == (b is _ZERO):
            continue
        other = halves.setdefault(condition, base)
        if (a is _ZERO) != (other.operands[1] is _ZERO):
            first, second = (other, base) if a is _ZERO else (base, other)
            whole = where(condition, first.operands[1], second.operands[2])
            rest = {key: term for key, term in terms.items() if term.factors not in ({base: 1}, {other: 1})}
            return one_where(add_term(rest, 1, {whole: 1}))
    return terms
