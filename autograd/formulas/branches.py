"""Simplification of `where`: conditions that stand beside each other are written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..expr import Expr, constant
from ..functions import where
from ..ops import OPS
from .algebra import Factors, Product, Rational, Terms, add_term, ratio

if TYPE_CHECKING:
    from .simplifying import Simplifier

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


def one_where(simplifier: Simplifier, terms: Terms) -> Terms:
    """where(c, a, 0) x + where(c, 0, b) x is where(c, a, b) x, where that is shorter.

    >>> from autograd.expr import symbols
    >>> from autograd.formulas.simplifying import simplify
    >>> c, a, b, x = symbols("c a b x")
    >>> simplify(2 * where(c > 0, a, 0) * x + 2 * where(c > 0, 0, b) * x)
    2 where(c > 0, a, b) x
    """
    by_condition: dict[Expr, list[_Choice]] = {}
    for key, product in terms.items():
        base = next((x for x, e in product.factors.items() if e == 1 and _is_where(x)), None)
        if base is not None:
            by_condition.setdefault(base.operands[0], []).append(_Choice(key, product, base))
    for choices in by_condition.values():
        bases = {choice.base for choice in choices}
        if len(bases) > 1 and all(any(x.operands[side] is not _ZERO for x in bases) for side in (1, 2)):
            merged = _merged(simplifier, choices)
            if merged is not None:
                used = [choice.key for choice in choices]
                rest = {key: product for key, product in terms.items() if key not in used}
                return one_where(simplifier, add_term(rest, *merged))
    return terms


class _Choice(NamedTuple):
    """A product in a sum that has a `where`, its base, among its factors."""

    key: frozenset[tuple[Expr, Rational]]
    product: Product
    base: Expr


def _merged(simplifier: Simplifier, choices: list[_Choice]) -> Product | None:
    """One `where` for products with the same condition, beside what all of them share; None if longer."""
    first = choices[0]
    coefficients = {choice.product.coefficient for choice in choices}
    coefficient = coefficients.pop() if len(coefficients) == 1 else 1
    shared = {
        x: e
        for x, e in first.product.factors.items()
        if all(choice.product.factors.get(x) == e for choice in choices)
    }

    def branch(side: int) -> Expr:
        total = []
        for _, (c, factors), base in choices:
            rest = [(x, e) for x, e in factors.items() if x not in shared and x is not base]
            product = simplifier.multiplied([(base.operands[side], 1), *rest], ratio(c, coefficient))
            total.append((simplifier.product(product), 1))
        return simplifier.sum(simplifier.collected(total))

    whole = where(first.base.operands[0], branch(1), branch(2))
    factors = {
        whole if x is first.base else x: e
        for x, e in first.product.factors.items()
        if x in shared or x is first.base
    }
    before = sum(simplifier.length(simplifier.product(choice.product)) for choice in choices)
    after = simplifier.length(simplifier.product(Product(coefficient, factors)))
    return Product(coefficient, factors) if after < before else None
