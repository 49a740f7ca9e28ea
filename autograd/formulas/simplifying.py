"""Small, certain simplifications that leave the shape people recognise.

Done: 0 and 1, double negation, arithmetic on constants, like factors, like terms, and what `factoring` does
with denominators. Not done: anything that could change a value where there was one, and multiplying out.

Coefficients are exact. A float such as 0.01, which is not the number people mean by it, is left alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction

from ..expr import Expr, absorbed, constant, operation, walk
from .algebra import (
    MOST_PARTS,
    Factors,
    Product,
    Rational,
    Terms,
    add_term,
    exact,
    is_modest,
    to_power,
    whole,
    with_decimal,
)
from .branches import one_indicator, one_where, taken_branch
from .factoring import cancelled

__all__ = ["Simplifier", "simplify"]

Signature = frozenset[tuple[object, Rational]]
"""What identifies a sum: its terms in any order."""


def simplify(root: Expr) -> Expr:
    """The expression in a shorter form, equal to it wherever it has a value.

    >>> from autograd.expr import symbols
    >>> y, w, x = symbols("y w x")
    >>> simplify(2 * (y - w * x) * -1 * (1 * x + 0))
    -2 (y - w x) x
    """
    return Simplifier().simplify(root)


class Simplifier:
    """Simplifies expressions, and remembers what it has simplified.

    A simple expression is known in two ways: as the Expr, and as the sum or product it is. Chains of sums
    and of products are collected as a whole, so that long ones take time in proportion to their length.
    """

    def __init__(self) -> None:
        self._done: dict[Expr, Expr] = {}
        self._products: dict[Expr, Product] = {}
        self._sums: dict[Expr, Terms] = {}
        self._found: dict[Signature, Expr] = {}  # sums by their terms in any order
        self._negated: dict[Expr, Signature] = {}
        self._lengths: dict[Expr, float] = {}

    def simplify(self, root: Expr) -> Expr:
        """The expression in a shorter form, equal to it wherever it has a value."""
        order = walk([root], known=self._done)
        inside = absorbed(order, root, _goes_on)
        for node in order:
            if node not in inside:
                self._done[node] = self.keep(self._simplified(node, inside))
        return self._done[root]

    def keep(self, simple: Expr) -> Expr:
        """Take note that an expression is simple already."""
        self._done[simple] = simple
        return simple

    def _simplified(self, node: Expr, inside: set[Expr]) -> Expr:
        """A node whose operands are simple already, or inside it."""
        if node.op is None:
            return node
        if node.op.name in _SUMS:
            return self.sum(self.collected(self._summands(node, inside)))
        if node.op.name in _PRODUCTS:
            return cancelled(self, self.multiplied(self._multiplicands(node, inside)))
        operands = [self._done[x] for x in node.operands]
        if node.op.name in ("power", "general_power"):
            exponent = exact(operands[1])
            if exponent is not None:
                return self.product(self.multiplied([(operands[0], exponent)]))
        numbers = [Fraction(x) for x in map(exact, operands) if x is not None]
        if node.op.name in _FOLDED and len(numbers) == len(operands):
            return constant(node.op.evaluate(numbers))
        if node.op.name == "where":
            taken = taken_branch(*operands)
            return self._number_in_front(*operands) if taken is None else taken
        return operation(node.op.name, *operands)

    def _number_in_front(self, condition: Expr, a: Expr, b: Expr) -> Expr:
        """A choice between a product and 0, with the number of the product before it."""
        coefficient, factors = self.factors(a if exact(b) == 0 else b)
        if 0 in (exact(a), exact(b)) and factors and coefficient != 1:
            rest = self.product(Product(1, factors))
            choice = operation("where", condition, *((rest, b) if exact(b) == 0 else (a, rest)))
            return self.product(Product(coefficient, {choice: 1}))
        return operation("where", condition, a, b)

    # ------------------------------------------------------------------------------------------- products

    def factors(self, simple: Expr) -> Product:
        """A simple expression as a product."""
        found = self._products.get(simple)
        if found is None:
            number = exact(simple)
            if number is not None:
                found = Product(number, {})
            elif isinstance(simple.number, float) and simple.number < 0:
                found = Product(-1, {constant(-simple.number): 1})
            else:
                found = Product(1, {self._first_with_these_terms(simple): 1})
            self._products[simple] = found
        return found

    def _multiplicands(self, node: Expr, inside: set[Expr]) -> Iterator[tuple[Expr, Rational]]:
        """What is multiplied in a product, from left to right: simple expressions to the power of 1 or -1."""
        stack = [(node, 1)]
        while stack:
            x, exponent = stack.pop()
            if x is not node and x not in inside:
                yield self._done[x], exponent
            elif x.op.name == "neg":  # type: ignore[union-attr] # only operations are inside
                yield constant(-1), 1
                stack.append((x.operands[0], exponent))
            else:
                a, b = x.operands
                by = exponent if x.op.name == "mul" else -exponent  # type: ignore[union-attr]
                stack += (b, by), (a, exponent)

    def multiplied(self, powers: Iterable[tuple[Expr, Rational]], coefficient: Rational = 1) -> Product:
        """The product of a number and simple expressions, each to a constant power."""
        factors: Factors = {}
        for simple, exponent in powers:
            number, inner = self.factors(simple)
            raised = to_power(number, exponent)
            if raised is None or (inner and exponent.denominator != 1):
                raised, inner = 1, {simple: 1}
            elif len(inner) > MOST_PARTS or (exponent not in (1, -1) and len(inner) > 1):
                inner = {self.product(Product(1, inner)): 1}  # (w x)^2 keeps its brackets
            coefficient *= raised
            for base, inner_exponent in inner.items():
                coefficient *= self._multiply(factors, base, inner_exponent * exponent)
        sign, factors = self._spread(factors)
        return Product(whole(coefficient * sign), one_indicator(factors))

    def _multiply(self, factors: Factors, base: Expr, exponent: Rational) -> int:
        """Add a factor to a product, like ones together; -1 where it was found with its sign reversed."""
        sign = 1
        if base in self._sums and base not in factors and exponent.denominator == 1:
            if base not in self._negated:
                self._negated[base] = _signature(self._sums[base], -1)
            negated = self._found.get(self._negated[base])
            if negated in factors:
                base, sign = negated, -1 if exponent % 2 else 1
        total = whole(factors.get(base, 0) + exponent) if base.number != 0 else -1  # x / 0 stays undefined
        if total:
            factors[base] = total
        else:
            factors.pop(base, None)
        return sign

    def _spread(self, factors: Factors) -> tuple[int, Factors]:
        """(x y)^2 / x as x y^2: a power of a product spread over its factors, where one stands beside it."""
        for power, exponent in factors.items():
            _, inner = self.factors(power)
            if exponent.denominator == 1 and len(inner) > 1 and any(base in factors for base in inner):
                spread = {base: e for base, e in factors.items() if base is not power}
                signs = [self._multiply(spread, base, e * exponent) for base, e in inner.items()]
                if self._weight(spread) <= self._weight(factors):
                    return math.prod(signs), spread
        return 1, factors

    def _weight(self, factors: Factors) -> float:
        return sum(self.length(base) + (abs(exponent) != 1) for base, exponent in factors.items())

    def product(self, product: Product) -> Expr:
        """The expression of a product."""
        coefficient, factors = product
        if coefficient == 0 or not factors:
            return constant(coefficient)
        if coefficient == -1:
            coefficient, factors = self._sign_taken_in(factors)
        product = Product(coefficient, factors)
        coefficient, factors = with_decimal(coefficient, factors)
        # A decimal such as 0.01 goes in front.
        ordered = sorted(factors.items(), key=lambda factor: factor[0].number is None)
        above = [_power(base, e) for base, e in ordered if e > 0]
        below = [_power(base, -e) for base, e in ordered if e < 0]
        number = coefficient.numerator
        minus = number < 0 and (number == -1 or not above or bool(below) or coefficient.denominator != 1)
        if minus:
            number = -number
        if number != 1 or not above:
            above.insert(0, constant(number))
        if coefficient.denominator != 1:
            below.insert(0, constant(coefficient.denominator))
        out = _chain(above) / _chain(below) if below else _chain(above)
        out = -out if minus else out
        if out not in product.factors and all(map(is_modest, (product[0], *product.factors.values()))):
            self._products.setdefault(out, product)
        return out

    def _sign_taken_in(self, factors: Factors) -> Product:
        """Minus a product, with the sign in a difference that it has: -(a - b) c is (b - a) c."""
        for base, exponent in factors.items():
            if exponent == 1 and base.op is not None and base.op.name == "sub":
                a, b = base.operands
                if len(self.terms(base)) == 2 and exact(a) is None and exact(b) is None:
                    turned = self.sum({key: Product(-c, f) for key, (c, f) in self._sums[base].items()})
                    return Product(1, {turned if x is base else x: e for x, e in factors.items()})
        return Product(-1, factors)

    # ----------------------------------------------------------------------------------------------- sums

    def terms(self, simple: Expr) -> Terms:
        """A simple expression as a sum."""
        if simple in self._sums:
            return self._sums[simple]
        return add_term({}, *self.factors(simple))

    def _summands(self, node: Expr, inside: set[Expr]) -> Iterator[tuple[Expr, int]]:
        """What is added in a sum, from left to right: simple expressions, each with a sign."""
        stack = [(node, 1)]
        while stack:
            x, sign = stack.pop()
            if x is not node and x not in inside:
                yield self._done[x], sign
            elif x.op.name == "dot":  # type: ignore[union-attr] # only operations are inside
                half = len(x.operands) // 2
                for a, b in zip(x.operands[:half], x.operands[half:], strict=True):
                    yield self.product(self.multiplied([(self._done[a], 1), (self._done[b], 1)])), 1
            elif x.op.name == "sub":  # type: ignore[union-attr]
                stack += (x.operands[1], -1), (x.operands[0], 1)
            else:
                stack += [(operand, 1) for operand in reversed(x.operands)]

    def collected(self, summands: Iterable[tuple[Expr, int]]) -> Terms:
        """The sum of simple expressions, like terms together. What has a minus or comes twice is whole."""
        times: dict[Expr, int] = {}
        for simple, sign in summands:
            times[simple] = times.get(simple, 0) + sign
        terms: Terms = {}
        for simple, count in times.items():
            inner = self._sums.get(simple, {})
            if count == 1 and 0 < len(inner) <= MOST_PARTS:
                for coefficient, factors in inner.values():
                    add_term(terms, coefficient, factors)
            else:
                coefficient, factors = self.factors(simple)
                add_term(terms, count * coefficient, factors)
        return one_where(self, terms)

    def sum(self, terms: Terms) -> Expr:
        """The expression of a sum, a positive term first if there is one."""
        if not terms:
            return constant(0)
        ordered = list(terms.values())
        first = next((place for place, (c, _) in enumerate(ordered) if c > 0), 0)
        ordered.insert(0, ordered.pop(first))
        out = self.product(ordered[0])
        for coefficient, factors in ordered[1:]:
            term = self.product(Product(coefficient if coefficient > 0 else -coefficient, factors))
            out = out + term if coefficient > 0 else out - term
        if len(terms) > 1:
            self._sums.setdefault(out, terms)
        return out

    def _first_with_these_terms(self, simple: Expr) -> Expr:
        """Of all sums found with the same terms in any order the first, so that they are like factors."""
        terms = self._sums.get(simple)
        return simple if terms is None else self._found.setdefault(_signature(terms), simple)

    def length(self, expr: Expr) -> float:
        """How many symbols and constants it is written with."""
        for node in walk([expr], known=self._lengths):
            self._lengths[node] = 1.0 if node.op is None else sum(self._lengths[x] for x in node.operands)
        return self._lengths[expr]


_SUMS = ("add", "sum", "sub", "dot")
_PRODUCTS = ("mul", "div", "neg")
_FOLDED = ("relu", "leaky_relu", "abs", "maximum", "minimum", "less", "less_equal")
"""What is worked out on exact numbers."""


def _goes_on(user: Expr, x: Expr) -> bool:
    """Whether a sum or product is collected together with its operand."""
    if user.op is None or x.op is None:
        return False
    if user.op.name in _PRODUCTS:
        return x.op.name in _PRODUCTS
    adds = user.op.name in ("add", "sum") or (user.op.name == "sub" and x is user.operands[0])
    return adds and x.op.name in _SUMS


def _power(base: Expr, exponent: Rational) -> Expr:
    return base if exponent == 1 else base**exponent


def _chain(factors: list[Expr]) -> Expr:
    out = factors[0]
    for factor in factors[1:]:
        out = out * factor
    return out


def _signature(terms: Terms, sign: int = 1) -> Signature:
    return frozenset((key, sign * coefficient) for key, (coefficient, _) in terms.items())
