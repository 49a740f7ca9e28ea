"""Products in formulas: of numbers, of tables as matrices or entry by entry, of derivatives in a chain."""

from __future__ import annotations

import functools
import operator
from dataclasses import replace
from typing import Any

from .errors import NotUnderstood
from .evaluating import LITERAL, RULES, Reading, Scope, evaluate, plus
from .syntax import ONES, Derivative, Name, Node, Number, Placeholder, Product, Transposed, same_form
from .tables import Jacobian, Table, diagonal_of, entries, shape_of

__all__ = ["diagonal", "mixes", "shaped", "times"]


def _product(node: Product, scope: Scope) -> Any:
    factors = node.factors
    if any(isinstance(f, Placeholder) for f in factors):
        raise NotUnderstood("it breaks off in a product", node.start, node.end)
    differentials = [f for f in factors if isinstance(f, Derivative)]
    if scope.reading.over_rows and scope.world.book.rows and len(differentials) > 1:
        rows = range(1, scope.world.book.rows + 1)
        inner = scope.within(reading=replace(scope.reading, over_rows=False))
        in_rows = [_plain_product(node, inner.within(row=row)) for row in rows]
        return functools.reduce(plus, in_rows)
    return _plain_product(node, scope)


def _plain_product(node: Product, scope: Scope) -> Any:
    if scope.reading.tight and mixes(node):
        return _plain_product(_tight(node), scope)
    if any(_is_nothing(factor, scope) for factor in node.factors[-1:]):
        return 0
    total: Any = None
    sign = ""
    place = 0
    factors, signs = node.factors, node.signs
    summed = False
    while place < len(factors):
        run = _telescoping(factors, place)
        if run > 1 and not any(s == "odot" for s in signs[place : place + run - 1]):
            value = _chain(factors[place : place + run], scope)
        else:
            run = 1
            value = evaluate(factors[place], scope)
        if _is_ones(factors[place]) and isinstance(total, Table):
            value = Table.column([1] * total.shape[1])  # A 1: the sums of the rows
        elif summed and isinstance(value, Table):
            value = Table([[1] * value.shape[0]]).times(value)  # 1^T A: those of the columns
        summed = isinstance(factors[place], Transposed) and _is_ones(factors[place].body)  # type: ignore[attr-defined]
        if sign == "*" and scope.world.book.by_entries and shape_of(total) == shape_of(value):
            sign = "odot"
        if sign == "otimes" and "vec" in scope.world.book.called:
            sign = "kron"
        total = value if total is None else times(total, value, sign, scope.reading)
        place += run
        sign = signs[place - 1] if place - 1 < len(signs) else ""
    return total


def _is_nothing(factor: Node, scope: Scope) -> bool:
    """Whether it is 0, also as what is said of the vector h_0: then W h_0 has no shape of its own."""
    factor = factor.body if isinstance(factor, Transposed) else factor
    if isinstance(factor, Name) and factor.key.below and not factor.primes:
        found = scope.world.book.exact.get(factor.key)
        factor = found.body if found is not None else factor
    return isinstance(factor, Number) and factor.text == "0"


def mixes(product: Product) -> bool:
    """Whether matrices and entries are multiplied in one product, without brackets."""
    return "odot" in product.signs and set(product.signs) != {"odot"}


def _tight(node: Product) -> Product:
    """A product in which what is multiplied entry by entry is a factor of its own."""
    runs, signs = [[node.factors[0]]], []
    for sign, factor in zip(node.signs, node.factors[1:], strict=True):
        if sign == "odot":
            runs[-1].append(factor)
        else:
            runs.append([factor])
            signs.append(sign)
    inner = [
        run[0]
        if len(run) == 1
        else Product(run[0].start, run[-1].end, tuple(run), ("odot",) * (len(run) - 1))
        for run in runs
    ]
    return replace(node, factors=tuple(inner), signs=tuple(signs))


def _is_ones(node: Node) -> bool:
    return isinstance(node, Name) and node.key == ONES


def shaped(items: list[Any], shape: tuple[int, int]) -> Any:
    """Items as a table of this shape; one by itself as a number."""
    rows, columns = shape
    if shape == (1, 1):
        return items[0]
    return Table([items[i * columns : (i + 1) * columns] for i in range(rows)])


def times(a: Any, b: Any, sign: str, reading: Reading = LITERAL) -> Any:
    """The product of two values: of numbers, of tables as matrices, or entry by entry."""
    if not isinstance(a, Table):
        return b.each(lambda x: a * x) if isinstance(b, Table) else a * b
    if not isinstance(b, Table):
        return a.each(lambda x: x * b)
    if sign == "odot":
        a, b = diagonal(a), diagonal(b)
        beside = a.shape != b.shape and a.shape == b.T.shape and 1 in a.shape
        return a.with_(b.T if beside else b, operator.mul)  # u^T \circ f'(z)
    if reading.elementwise and a.shape == b.shape and (1 in a.shape or not isinstance(a, Jacobian)):
        return a.with_(b, operator.mul)
    if sign == "kron":
        return Table([[x * y for x in line for y in other] for line in a.rows for other in b.rows])
    if sign == "otimes" and a.shape[1] == b.shape[1] == 1:
        return a.times(b.T)  # the outer product of two vectors
    if sign == "otimes" and a.shape == b.shape:
        return a.with_(b, operator.mul)
    if isinstance(b, Jacobian) and 1 not in b.by and type(a) is Table and sorted(a.shape) == [1, b.shape[0]]:
        return shaped(entries(Table([entries(a)]).times(b)), b.by)  # delta dz/dW has the shape of W
    if a.shape[1] != b.shape[0]:
        if sign == "*" and a.shape == b.shape and 1 not in a.shape:
            return a.with_(b, operator.mul)  # as in code
        if sign == "*" and a.shape == b.shape and a.shape[1] == 1:
            return a.T.times(b)  # the scalar product of two vectors
        if isinstance(b, Jacobian) and a.shape[1] == 1 and a.shape[0] == b.shape[0]:
            return Table(a.T.rows).times(b)
    return a.times(b)


def diagonal(x: Table) -> Table:
    """A Jacobian of a function taken entry by entry, as the vector of its derivatives."""
    found = diagonal_of(x) if isinstance(x, Jacobian) else None
    return x if found is None else found


def _telescoping(factors: tuple[Node, ...], place: int) -> int:
    """How many derivatives from here on form a chain, the variable of each the output of the next."""
    run = 0
    while place + run < len(factors):
        factor = factors[place + run]
        if not isinstance(factor, Derivative) or factor.order != 1:
            break
        if run and not same_form(factors[place + run - 1].variable, factor.output):  # type: ignore[attr-defined]
            break
        run += 1
    return run


def _chain(factors: tuple[Node, ...], scope: Scope) -> Any:
    """The chain rule: where quantities have several entries, it is summed over them."""
    values = [evaluate(f, scope) for f in factors]
    if not any(isinstance(v, Table) for v in values):
        return functools.reduce(operator.mul, values)
    outputs = [evaluate(f.output, scope) for f in factors]  # type: ignore[attr-defined]
    variables = [evaluate(f.variable, scope) for f in factors]  # type: ignore[attr-defined]
    total: Any = None
    for value, output, variable in zip(values, outputs, variables, strict=True):
        m, n = len(entries(output)), len(entries(variable))
        flat = entries(value)
        if isinstance(value, Jacobian):
            matrix = Table(value.rows)
        else:
            matrix = Table([flat[i * n : (i + 1) * n] for i in range(m)])
        total = matrix if total is None else total.times(matrix) if isinstance(total, Table) else matrix.each(
            functools.partial(operator.mul, total)
        )  # fmt: skip
    first, last = shape_of(outputs[0]), shape_of(variables[-1])
    items = entries(total)
    if first == (1, 1):
        return shaped(items, last)
    if last == (1, 1):
        return shaped(items, first)
    return Jacobian(total.rows if isinstance(total, Table) else [[total]], first, last)


RULES[Product] = _product
