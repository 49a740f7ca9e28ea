"""Denominators that cancel, common factors in front, and quotients called by their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING

from ..expr import Expr, operation
from .algebra import MOST_PARTS, Factors, Product, Terms, add_term, ratio

if TYPE_CHECKING:
    from .simplifying import Simplifier

__all__ = ["cancelled", "common_factor", "named"]


def cancelled(simplifier: Simplifier, product: Product) -> Expr:
    """The product, where one of its sums has denominators that the factors beside it cancel.

    Only those are multiplied out, and only where that makes it shorter:
    -(y / a - (1 - y) / (1 - a)) a (1 - a) becomes a - y.
    """
    for base, exponent in product.factors.items():
        terms = simplifier.terms(base)
        partners = _partners(terms, product.factors) if exponent == 1 and 1 < len(terms) <= MOST_PARTS else {}
        if not partners:
            continue
        products = [
            simplifier.multiplied(chain(factors.items(), partners.items()), coefficient)
            for coefficient, factors in terms.values()
        ]
        shortest = _shortest(simplifier, [_sum(products), _multiplied_out(simplifier, products)])
        if simplifier.length(shortest) < simplifier.length(base) + sum(map(simplifier.length, partners)):
            rest = [
                (shortest if b is base else b, e) for b, e in product.factors.items() if b not in partners
            ]
            return cancelled(simplifier, simplifier.multiplied(rest, product.coefficient))
    return simplifier.product(product)


def _partners(terms: Terms, factors: Factors) -> Factors:
    """The factors beside a sum that stand in it on the other side of the fraction line."""
    inside = [(base, e) for _, inner in terms.values() for base, e in inner.items()]
    return {base: factors[base] for base, e in inside if factors.get(base, 0) * e < 0}


def _sum(products: Iterable[Product]) -> Terms:
    terms: Terms = {}
    for coefficient, factors in products:
        add_term(terms, coefficient, factors)
    return terms


def _multiplied_out(simplifier: Simplifier, products: Iterable[Product]) -> Terms:
    """The sum of products of sums, multiplied out; empty where that would be long."""
    waiting = list(products)[::-1]
    done: list[Product] = []
    while waiting:
        coefficient, factors = waiting.pop()
        found = next((b for b, e in factors.items() if e == 1 and len(simplifier.terms(b)) > 1), None)
        if found is None:
            done.append(Product(coefficient, factors))
            continue
        rest = [(b, e) for b, e in factors.items() if b is not found]
        for c, inner in reversed(simplifier.terms(found).values()):
            waiting.append(simplifier.multiplied(chain(rest, inner.items()), coefficient * c))
        if len(done) + len(waiting) > MOST_PARTS:
            return {}
    return _sum(done)


def _shortest(simplifier: Simplifier, sums: Iterable[Terms]) -> Expr:
    return min((simplifier.sum(terms) for terms in sums if terms), key=simplifier.length)


def common_factor(simplifier: Simplifier, parts: Sequence[Expr]) -> Expr:
    """The sum of the expressions, with what all its terms share in front: (y - a) (w1 + w2).

    >>> from autograd.expr import symbols
    >>> from autograd.formulas.simplifying import Simplifier
    >>> d, v, w = symbols("d v w")
    >>> common_factor(Simplifier(), [2 * d * v, -2 * d * w])
    2 d (v - w)
    """
    total = simplifier.simplify(operation("sum", *parts))
    terms = simplifier.terms(total)
    if len(terms) < 2:
        return total
    out = _shared_in_front(simplifier, terms)
    apart = _multiplied_out(simplifier, terms.values())
    if len(apart) > 1:  # -y1 (1 - a1) + y2 a1 + y3 a1, of softmax, is a1 (y1 + y2 + y3) - y1
        grouped = _grouped(simplifier, apart)
        out = min(out, grouped, key=simplifier.length)
    return simplifier.keep(out)


def _shared_in_front(simplifier: Simplifier, terms: Terms) -> Expr:
    """A sum of products with what all of them share in front."""
    products = list(terms.values())
    shared: Factors = {}
    for base, exponent in products[0].factors.items():
        side = 1 if exponent > 0 else -1
        least = min(side * factors.get(base, 0) for _, factors in products)
        if least > 0:
            shared[base] = side * least
    sizes = {c if c > 0 else -c for c, _ in products}
    coefficient = sizes.pop() if len(sizes) == 1 else 1
    if all(c < 0 for c, _ in products):
        coefficient = -coefficient
    decimals = any(base.number is not None for _, factors in products for base in factors)
    if not shared and (coefficient == 1 or decimals):  # 0.02 w - 2 e x is no 2 (0.01 w - e x)
        return simplifier.sum(terms)
    divisor = [(base, -e) for base, e in shared.items()]
    rest = [
        simplifier.multiplied(chain(factors.items(), divisor), ratio(c, coefficient))
        for c, factors in products
    ]
    return simplifier.product(
        simplifier.multiplied([*shared.items(), (simplifier.sum(_sum(rest)), 1)], coefficient)
    )


def _grouped(simplifier: Simplifier, terms: Terms) -> Expr:
    """A sum with a factor that most of its terms share in front of those; the shortest form there is."""
    uses = Counter(base for _, factors in terms.values() for base, e in factors.items() if e > 0)
    most = max(uses.values(), default=0)
    if most < 2:
        return simplifier.sum(terms)
    forms = []
    for shared in [base for base, count in uses.items() if count == most]:
        sharing = _sum(product for product in terms.values() if shared in product.factors)
        others = [product for product in terms.values() if shared not in product.factors]
        group = simplifier.factors(_shared_in_front(simplifier, sharing))
        forms.append(simplifier.sum(_sum([group, *others])))
    return min(forms, key=simplifier.length)


def named(simplifier: Simplifier, simple: Expr, quotients: Mapping[Expr, Product]) -> Expr:
    """A simple expression with names for the quotients in it, where it gets shorter: a1 a2 for e1 e2 / s^2.

    >>> from autograd.expr import symbols
    >>> from autograd.formulas.simplifying import Simplifier
    >>> a, e, s = symbols("a e s")
    >>> simplifier = Simplifier()
    >>> named(simplifier, simplifier.simplify((1 / s - e / s**2) * e), {a: Product(1, {e: 1, s: -1})})
    a (1 - a)
    """
    terms = _multiplied_out(simplifier, simplifier.terms(simple).values())
    found = [_with_names(simplifier, product, quotients) for product in terms.values()]
    if found == list(terms.values()):
        return simple
    return min(simple, common_factor(simplifier, [*map(simplifier.product, found)]), key=simplifier.length)


def _with_names(simplifier: Simplifier, product: Product, quotients: Mapping[Expr, Product]) -> Product:
    for name, (coefficient, factors) in quotients.items():
        times = min(int(Fraction(product.factors.get(base, 0)) / e) for base, e in factors.items())
        if times > 0:
            without = [(base, -e * times) for base, e in factors.items()]
            product = simplifier.multiplied(
                [*product.factors.items(), *without, (name, times)],
                product.coefficient / Fraction(coefficient) ** times,
            )
    return product
