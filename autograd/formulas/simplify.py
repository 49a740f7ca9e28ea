"""Small, certain simplifications that leave the shape people recognise.

Done: 0 and 1, double negation, arithmetic on constants, like factors, like terms, and the cancelling of a
denominator inside a sum by a factor beside it, where that makes the formula shorter:
-(y / a - (1 - y) / (1 - a)) a (1 - a) becomes a - y. Not done: anything that could change a value
where there was one, and multiplying out.

Coefficients are exact. A float such as 0.01, which is not the number people mean by it, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from ..expr import Expr, _apply, constant, walk

__all__ = ["common_factor", "simplify"]

Factors = dict[Expr, Fraction]
"""A product: each base with its exponent, in order of appearance."""

Terms = dict[frozenset[tuple[Expr, Fraction]], tuple[Fraction, Factors]]
"""A sum: products with their coefficients, found by their factors in any order."""

_MOST_BITS = 4096
"""No constant is raised to a power that would make it longer than this."""

_MOST_TERMS = 40
"""No product of sums with more terms than this is tried multiplied out."""


def simplify(root: Expr) -> Expr:
    """The expression in a shorter form, equal to it wherever it has a value.

    >>> from autograd.expr import symbols
    >>> y, w, x = symbols("y w x")
    >>> simplify(2 * (y - w * x) * -1 * (1 * x + 0))
    -2 (y - w x) x
    """
    done: dict[Expr, Expr] = {}
    for node in walk([root]):
        done[node] = _simplified(node, [done[x] for x in node.operands])
    return done[root]


def _simplified(node: Expr, operands: list[Expr]) -> Expr:
    """A node whose operands are simple already."""
    if node.op is None:
        return node
    match node.op.name:
        case "neg":
            return _product([(operands[0], Fraction(1))], Fraction(-1))
        case "mul":
            return _condense(_product([(x, Fraction(1)) for x in operands]))
        case "div":
            return _condense(_product([(operands[0], Fraction(1)), (operands[1], Fraction(-1))]))
        case "power":
            exponent = _coefficient(operands[1])
            if exponent is not None:
                return _product([(operands[0], exponent)])
        case "add" | "sum":
            return _condense(_sum((x, Fraction(1)) for x in operands))
        case "sub":
            return _sum(zip(operands, (Fraction(1), Fraction(-1)), strict=True))
        case "dot":
            half = len(operands) // 2
            pairs = zip(operands[:half], operands[half:], strict=True)
            return _sum((_product([(a, Fraction(1)), (b, Fraction(1))]), Fraction(1)) for a, b in pairs)
        case "where" if operands[1] is operands[2]:
            return operands[1]
    return _apply(node.op.name, *operands)  # type: ignore[no-any-return]


def _coefficient(expr: Expr) -> Fraction | None:
    """The exact number that a constant is, if it is one to compute with."""
    number = expr.number
    if isinstance(number, bool) or not isinstance(number, (int, float, Fraction)):
        return None
    if isinstance(number, float) and not abs(number) < 2**53:
        return None  # infinite, nan, or not written with all its digits
    exact = Fraction(number)
    return exact if not isinstance(number, float) or exact.denominator <= 1024 else None


def _number(value: Fraction) -> Expr:
    return constant(value.numerator if value.denominator == 1 else value)


# ----------------------------------------------------------------------------------------------- products


def _factors(expr: Expr) -> tuple[Fraction, Factors]:
    """A simple expression as a coefficient and factors."""
    if expr.op is None:
        coefficient = _coefficient(expr)
        return (coefficient, {}) if coefficient is not None else (Fraction(1), {expr: Fraction(1)})
    if expr.op.name == "neg":
        coefficient, factors = _factors(expr.operands[0])
        return -coefficient, factors
    if expr.op.name in ("mul", "div"):
        sign = 1 if expr.op.name == "mul" else -1
        left, right = (_factors(x) for x in expr.operands)
        if sign < 0 and right[0] == 0:
            return Fraction(1), {expr: Fraction(1)}  # a division by zero stays as it is
        return left[0] * right[0] ** sign, _merge(left[1], ((b, sign * e) for b, e in right[1].items()))[1]
    if expr.op.name == "power" and (exponent := _coefficient(expr.operands[1])) is not None:
        return Fraction(1), {expr.operands[0]: exponent}
    return Fraction(1), {expr: Fraction(1)}


def _merge(factors: Factors, more: Iterable[tuple[Expr, Fraction]]) -> tuple[int, Factors]:
    """Like factors together. The sign is -1 where a factor was found with its terms negated."""
    merged = dict(factors)
    sign = 1
    for base, exponent in more:
        if (
            base not in merged
            and exponent.denominator == 1
            and ((negated := _negated_among(base, merged)) is not None)
        ):
            base = negated
            sign *= -1 if exponent % 2 else 1
        merged[base] = merged.get(base, Fraction(0)) + exponent
        if merged[base] == 0:
            del merged[base]
    return sign, merged


def _negated_among(base: Expr, factors: Factors) -> Expr | None:
    """The factor that is minus `base`: a - b for b - a."""
    if not _is_sum(base):
        return None
    negated = {key: -c for key, (c, _) in _terms(base).items()}
    for other in factors:
        if _is_sum(other) and {key: c for key, (c, _) in _terms(other).items()} == negated:
            return other
    return None


def _is_sum(expr: Expr) -> bool:
    return expr.op is not None and expr.op.name in ("add", "sub")


def _product(powers: Iterable[tuple[Expr, Fraction]], coefficient: Fraction = Fraction(1)) -> Expr:
    """The product of simple expressions, each to a constant power."""
    factors: Factors = {}
    for base, exponent in powers:
        number, inner = _factors(base)
        whole = exponent.denominator == 1
        small = (
            abs(exponent) * max(number.numerator.bit_length(), number.denominator.bit_length()) < _MOST_BITS
        )
        if whole and small and not (number == 0 and exponent < 0):
            coefficient *= number ** int(exponent)
            raised: Iterable[tuple[Expr, Fraction]] = [
                (b, e * exponent) if e.denominator == 1 or exponent == 1 else (_power(b, e), exponent)
                for b, e in inner.items()
            ]
        else:
            raised = [(base, exponent)]
        sign, factors = _merge(factors, raised)
        coefficient *= sign
    return _build_product(coefficient, factors)


def _power(base: Expr, exponent: Fraction) -> Expr:
    return base if exponent == 1 else base ** (int(exponent) if exponent.denominator == 1 else exponent)


def _build_product(coefficient: Fraction, factors: Factors) -> Expr:
    if coefficient == 0:
        return constant(0)
    if coefficient == -1:
        coefficient, factors = _sign_taken_in(factors)
    above = [_power(base, e) for base, e in factors.items() if e > 0]
    below = [_power(base, -e) for base, e in factors.items() if e < 0]
    number = abs(coefficient)
    sign = -1 if coefficient < 0 else 1
    if number.numerator != 1 or (not above and sign > 0):
        above.insert(0, constant(sign * number.numerator))
        sign = 1
    elif not above:
        above.insert(0, constant(-1))
        sign = 1
    if number.denominator != 1:
        if not factors:
            return _number(coefficient)
        below.insert(0, constant(number.denominator))
    out = above[0]
    for factor in above[1:]:
        out = out * factor
    if below:
        denominator = below[0]
        for factor in below[1:]:
            denominator = denominator * factor
        out = out / denominator
    return -out if sign < 0 else out


def _sign_taken_in(factors: Factors) -> tuple[Fraction, Factors]:
    """Minus a product, with the sign in a difference that it has: -(a - b) c is (b - a) c."""
    for base, exponent in factors.items():
        if exponent == 1 and base.op is not None and base.op.name == "sub":
            a, b = base.operands
            if not _is_sum(a) and not _is_sum(b) and _coefficient(a) is None and _coefficient(b) is None:
                return Fraction(1), {b - a if x is base else x: e for x, e in factors.items()}
    return Fraction(-1), factors


# --------------------------------------------------------------------------------------------------- sums


def _terms(expr: Expr) -> Terms:
    """A simple expression as a sum of products."""
    terms: Terms = {}
    stack = [(expr, Fraction(1))]
    while stack:
        node, sign = stack.pop()
        name = node.op.name if node.op else ""
        if name in ("add", "sub"):
            a, b = node.operands
            stack.append((b, sign if name == "add" else -sign))
            stack.append((a, sign))
            if name == "sub" and _is_sum(b):  # a subtracted sum keeps its brackets
                stack.pop(-2)
                _add(terms, -sign, {b: Fraction(1)})
        else:
            coefficient, factors = _factors(node)
            _add(terms, sign * coefficient, factors)
    return terms


def _add(terms: Terms, coefficient: Fraction, factors: Factors) -> None:
    key = frozenset(factors.items())
    total = coefficient + (terms[key][0] if key in terms else 0)
    if total:
        terms[key] = total, factors
    else:
        terms.pop(key, None)


def _sum(parts: Iterable[tuple[Expr, Fraction]]) -> Expr:
    """The sum of simple expressions, each with a sign. A subtracted sum keeps its brackets."""
    terms: Terms = {}
    for expr, sign in parts:
        if sign == 1:
            for coefficient, factors in _terms(expr).values():
                _add(terms, coefficient, factors)
        else:
            coefficient, factors = _factors(expr)
            _add(terms, sign * coefficient, factors)
    return _build_sum(terms)


def _build_sum(terms: Terms) -> Expr:
    """The sum, a positive term first if there is one."""
    if not terms:
        return constant(0)
    ordered = list(terms.values())
    first = next((place for place, (c, _) in enumerate(ordered) if c > 0), 0)
    ordered.insert(0, ordered.pop(first))
    out = _build_product(*ordered[0])
    for coefficient, factors in ordered[1:]:
        term = _build_product(abs(coefficient), factors)
        out = out + term if coefficient > 0 else out - term
    return out


def common_factor(parts: Sequence[Expr]) -> Expr:
    """The sum of the expressions, with what all its terms share in front: (y - a) (w1 + w2).

    >>> from autograd.expr import symbols
    >>> d, v, w = symbols("d v w")
    >>> common_factor([2 * d * v, -2 * d * w])
    2 d (v - w)
    """
    total = constant(0) if not parts else parts[0]
    for part in parts[1:]:
        total = total + part
    total = simplify(total)
    terms = list(_terms(total).values())
    if len(terms) < 2 or not _is_sum(total):
        return total
    shared = {b: e for b, e in terms[0][1].items() if all(f.get(b) == e for _, f in terms)}
    coefficient = abs(terms[0][0])
    if any(abs(c) != coefficient for c, _ in terms):
        coefficient = Fraction(1)
    if all(c < 0 for c, _ in terms):
        coefficient = -coefficient
    if not shared and coefficient == 1:
        return total
    rest: Terms = {}
    for c, factors in terms:
        _add(rest, c / coefficient, {b: e for b, e in factors.items() if b not in shared})
    return _build_product(coefficient, {**shared, _build_sum(rest): Fraction(1)})


# ------------------------------------------------------------------------------------------- cancellation


def _condense(expr: Expr) -> Expr:
    """The expression multiplied out, where a denominator cancels and the result is shorter."""
    if not _has_quotient(expr):
        return expr
    terms = _multiplied_out(expr)
    if terms is None:
        return expr
    candidate = _build_sum(terms)
    return candidate if _length(candidate) < _length(expr) else expr


def _has_quotient(expr: Expr) -> bool:
    """Whether a term has a denominator, or a sum among its factors has one: it might cancel."""
    for _, factors in _terms(expr).values():
        for base, exponent in factors.items():
            if exponent < 0 or (
                _is_sum(base) and any(e < 0 for _, f in _terms(base).values() for e in f.values())
            ):
                return True
    return False


def _multiplied_out(expr: Expr) -> Terms | None:
    """All products of sums in an expression multiplied out, or None where that would be long.

    A sum that also stands in a denominator cancels against it first.
    """
    result: Terms = {}
    waiting = [(c, list(factors.items()), Factors()) for c, factors in _terms(expr).values()]
    while waiting:
        coefficient, factors, done = waiting.pop(0)
        while factors:
            base, exponent = factors.pop(0)
            if (
                exponent == 1
                and _is_sum(base)
                and done.get(base, 0) >= 0
                and (base, Fraction(-1)) not in factors
            ):
                for c, more in _terms(base).values():
                    sign, merged = _merge(done, [*more.items(), *factors])
                    waiting.append((coefficient * c * sign, list(merged.items()), Factors()))
                break
            sign, done = _merge(done, [(base, exponent)])
            coefficient *= sign
        else:
            _add(result, coefficient, done)
        if len(result) + len(waiting) > _MOST_TERMS:
            return None
    return result


def _length(expr: Expr) -> int:
    return len(walk([expr]))
