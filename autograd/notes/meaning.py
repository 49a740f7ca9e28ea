"""What a formula is worth in a world: its tree evaluated, in one reading or another.

A reading settles what notation leaves open. The literal one takes everything as it stands; the others are
those that people have in mind when they leave something out, and a claim that needs one is `ambiguous`.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from .. import functions as engine
from ..errors import ChalkgradError
from ..functional import derivative as derivative_of
from ..graph import gradients
from ..value import Value
from .book import bound, matched
from .grammar import Misfit, NotUnderstood
from .syntax import (
    Apply, Cases, Derivative, Index, Key, Name, Node, Number, Placeholder, Power, Product, Quotient, Sum, SumOver,
    Transposed, names_in, quantities_in, walk,
)  # fmt: skip
from .syntax import Table as TableNode
from .tables import ShapeMismatch, Table, entries, shape_of
from .world import Jacobian, World, diagonal_of, plain

__all__ = ["LITERAL", "Disconnected", "Reading", "Scope", "evaluate"]

LARGEST_EXPONENT = 1000
LARGEST_SUM = 1000


class Disconnected(NotUnderstood):
    """A derivative of something that the variable does not lead to, as far as the notes say."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take what a formula leaves open.

    over_rows    a sum over rows gives its row to all it covers, and a product of derivatives is summed over rows
    local        a derivative of a quantity by what its definition names is the direct one only
    elementwise  a product of two vectors is taken entry by entry
    distinct     different index letters stand for different numbers
    says         the reading in words
    """

    over_rows: bool = False
    local: bool = False
    elementwise: bool = False
    distinct: bool = False
    says: str = ""


LITERAL = Reading()


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a formula is evaluated: the world, numbers for index letters, the row of what has no row index.

    substitutes   values for parts of a formula, wherever these stand
    cut           names cut off from what they are computed from, filled as they are met
    literals      the decimals that are met, filled likewise
    bare          names are numbers, without the graph they come from: enough outside of derivatives
    """

    world: World
    bindings: Mapping[str, int]
    row: int | None
    reading: Reading = LITERAL
    substitutes: tuple[tuple[Node, Any], ...] = ()
    cut: dict[Key, Any] | None = None
    literals: list[tuple[Value, Fraction]] | None = None
    bare: bool = False

    def quantity(self, key: Key) -> Any:
        """The value of a name here."""
        book = self.world.book
        concrete = bound(key, self.bindings, book.sizes)
        if self.bare:
            return self.world.number(concrete, self.row)
        if self.cut is not None:
            if concrete not in self.cut:
                whole = self.world.quantity(concrete, self.row)
                self.cut[concrete] = _detached(whole)
            return self.cut[concrete]
        return self.world.quantity(concrete, self.row)


def _detached(x: Any) -> Any:
    """The same numbers, cut off from what they were computed from."""
    return x.each(lambda v: Value(plain(v))) if isinstance(x, Table) else Value(plain(x))


def evaluate(node: Node, scope: Scope) -> Any:
    """The value of a formula: a number, a Value, or a table of such. Raises `NotUnderstood`."""
    for pattern, value in scope.substitutes:
        if same_form(pattern, node):
            return value
    rule = _EVALUATE.get(type(node))
    if rule is None:
        raise NotUnderstood("a shape is no value", node.start, node.end)
    try:
        return rule(node, scope)
    except ShapeMismatch as problem:
        raise Misfit(f"the shapes could not be made out: {problem}", node.start, node.end) from None
    except (ArithmeticError, ChalkgradError, TypeError) as problem:
        raise NotUnderstood("it cannot be computed", node.start, node.end) from problem


def same_form(a: Node, b: Node) -> bool:
    """Whether two formulas are written alike."""
    if type(a) is not type(b):
        return False
    for field in a.__slots__:
        x, y = getattr(a, field), getattr(b, field)
        if not _alike(x, y):
            return False
    return True


def _alike(x: Any, y: Any) -> bool:
    if isinstance(x, Node):
        return isinstance(y, Node) and same_form(x, y)
    if type(x) is tuple and type(y) is tuple:
        return len(x) == len(y) and all(map(_alike, x, y))
    return bool(x == y)


# ------------------------------------------------------------------------------------- arithmetic


def _number(node: Number, scope: Scope) -> Any:
    number = exact(node.text)
    if scope.literals is not None and "." in node.text:
        value = Value(float(number))
        scope.literals.append((value, half_unit(node.text)))
        return value
    return number


def half_unit(text: str) -> Fraction:
    """Half a unit in the last digit that is shown."""
    mantissa, _, exponent = text.lower().partition("e")
    _, _, decimals = mantissa.partition(".")
    return Fraction(10) ** (int(exponent or 0) - len(decimals)) / 2


def exact(text: str) -> Fraction | int:
    """The number that digits say, exactly."""
    if len(text) > 400:
        raise NotUnderstood("a number of more than 400 digits")
    mantissa, _, exponent = text.lower().partition("e")
    if exponent and abs(int(exponent)) > LARGEST_EXPONENT:
        raise NotUnderstood("the number is too large")
    value = Fraction(text)
    return value.numerator if value.denominator == 1 else value


def _name(node: Name, scope: Scope) -> Any:
    book = scope.world.book
    key = node.key
    if not key.below and not key.above and not key.tag:
        if key.base in scope.bindings:
            return scope.bindings[key.base]
        size = book.sizes.get(("symbol", key.base))
        if size is not None:
            return size
    if key.base == "pi" and not key.below and not book.is_defined(key):
        return Fraction(355, 113)
    if key.base == "e" and not key.below and not book.is_defined(key):
        return engine.exp(Fraction(1)) if False else scope.quantity(key)
    return scope.quantity(key)


def _sum(node: Sum, scope: Scope) -> Any:
    total: Any = None
    for term, sign in zip(node.terms, node.signs, strict=True):
        value = evaluate(term, scope)
        if isinstance(value, Jacobian):
            value = value.T.T
        if total is None:
            total = value if sign > 0 else -value
        else:
            total = _plus(total, value if sign > 0 else -value)
    return total


def _plus(a: Any, b: Any) -> Any:
    if isinstance(b, Table) and not isinstance(a, Table):
        return b + a
    return a + b


def _product(node: Product, scope: Scope) -> Any:
    factors, signs = node.factors, node.signs
    if any(isinstance(f, Placeholder) for f in factors):
        raise NotUnderstood("it breaks off in a product", node.start, node.end)
    differentials = [f for f in factors if isinstance(f, Derivative)]
    if scope.reading.over_rows and scope.world.book.rows and len(differentials) > 1:
        rows = range(1, scope.world.book.rows + 1)
        inner = replace(scope, reading=replace(scope.reading, over_rows=False))
        in_rows = [_plain_product(node, replace(inner, row=row)) for row in rows]
        return functools.reduce(_plus, in_rows)
    return _plain_product(node, scope)


def _plain_product(node: Product, scope: Scope) -> Any:
    total: Any = None
    sign = ""
    place = 0
    factors, signs = node.factors, node.signs
    while place < len(factors):
        run = _telescoping(factors, place)
        if run > 1 and not any(s == "odot" for s in signs[place : place + run - 1]):
            value = _chain(factors[place : place + run], scope)
        else:
            run = 1
            value = evaluate(factors[place], scope)
        total = value if total is None else times(total, value, sign, scope.reading)
        place += run
        sign = signs[place - 1] if place - 1 < len(signs) else ""
    return total


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
    outputs = [_operand(f.output, scope) for f in factors]  # type: ignore[attr-defined]
    variables = [_operand(f.variable, scope) for f in factors]  # type: ignore[attr-defined]
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
        return _shaped(items, last)
    if last == (1, 1):
        return _shaped(items, first)
    return Jacobian(total.rows if isinstance(total, Table) else [[total]], first, last)


def _shaped(items: list[Any], shape: tuple[int, int]) -> Any:
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
        return diagonal(a).with_(diagonal(b), operator.mul)
    if reading.elementwise and a.shape == b.shape and (1 in a.shape or not isinstance(a, Jacobian)):
        return a.with_(b, operator.mul)
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


def _quotient(node: Quotient, scope: Scope) -> Any:
    over, under = evaluate(node.over, scope), evaluate(node.under, scope)
    if isinstance(under, Table):
        if isinstance(over, Table):
            return over.with_(under, operator.truediv)
        return under.each(lambda x: _divided(over, x))
    if isinstance(over, Table):
        return over.each(lambda x: _divided(x, under))
    return _divided(over, under)


def _divided(a: Any, b: Any) -> Any:
    if type(a) is int and type(b) is int:
        return Fraction(a, b)
    return a / b


def _power(node: Power, scope: Scope) -> Any:
    if isinstance(node.base, Apply) and node.base.name.key.base == "norm":
        inside = evaluate(node.base.arguments[0], scope)
        if _is_two(evaluate(node.exponent, scope)):
            return functools.reduce(operator.add, [x * x for x in entries(inside)])
    base, exponent = evaluate(node.base, scope), evaluate(node.exponent, scope)
    if isinstance(exponent, Table):
        raise NotUnderstood("a vector as an exponent", node.start, node.end)
    if isinstance(base, Table):
        return base.each(lambda x: _raised(x, exponent, node))
    return _raised(base, exponent, node)


def _raised(base: Any, exponent: Any, node: Node) -> Any:
    number = plain(exponent)
    if isinstance(number, (int, Fraction)) and abs(number) > LARGEST_EXPONENT:
        raise NotUnderstood("the power is too large to work out", node.start, node.end)
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        exponent = int(exponent)
    if isinstance(exponent, int) and isinstance(base, (int, Fraction)):
        size = max(abs(base.numerator), base.denominator).bit_length() * abs(exponent)
        if size > 100_000:
            raise NotUnderstood("the power is too large to work out", node.start, node.end)
        return Fraction(base) ** exponent
    if exponent == Fraction(1, 2):
        return engine.sqrt(base)
    if isinstance(exponent, Fraction):
        return engine.exp(exponent * engine.log(base)) if not isinstance(base, Value) else engine.power(base, exponent)
    return engine.power(base, exponent)


def _is_two(x: Any) -> bool:
    return plain(x) == 2


def _transposed(node: Transposed, scope: Scope) -> Any:
    inside = evaluate(node.body, scope)
    return inside.T if isinstance(inside, Table) else inside


def _table(node: TableNode, scope: Scope) -> Any:
    rows = [[evaluate(cell, scope) for cell in line] for line in node.rows]
    if len({len(line) for line in rows}) != 1:
        raise NotUnderstood("the rows of the matrix have different lengths", node.start, node.end)
    if any(isinstance(x, Table) for line in rows for x in line):
        raise NotUnderstood("a matrix of vectors", node.start, node.end)
    return Table(rows)


def _cases(node: Cases, scope: Scope) -> Any:
    for value, condition in zip(node.values, node.conditions, strict=True):
        if condition is None or _holds(condition, scope):
            return evaluate(value, scope)
    raise NotUnderstood("none of the cases holds", node.start, node.end)


def _holds(condition: tuple[Node, str, Node], scope: Scope) -> bool:
    left, relation, right = condition
    a, b = plain(evaluate(left, scope)), plain(evaluate(right, scope))
    if isinstance(a, Table) or isinstance(b, Table):
        raise NotUnderstood("cases of a vector", left.start, right.end)
    comparisons = {
        "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "=": operator.eq,
        "!=": operator.ne,
    }  # fmt: skip
    if relation not in comparisons:
        raise NotUnderstood("a condition that is not understood", left.start, right.end)
    return bool(comparisons[relation](a, b))


# ----------------------------------------------------------------------------- sums over an index


def _sum_over(node: SumOver, scope: Scope) -> Any:
    numbers = index_range(node, scope)
    total: Any = None
    letter = node.index
    book = scope.world.book
    if not letter and not book.rows:
        raise NotUnderstood("it is not said what is summed over", node.start, node.end)
    over_rows = book.rows and len(numbers) == book.rows and is_row_letter(node, scope)
    for k in numbers:
        inner = replace(scope, bindings={**scope.bindings, letter: k})
        if over_rows and (scope.reading.over_rows or not _mentions(node.body, letter)):
            inner = replace(inner, row=k)
        value = evaluate(node.body, inner)
        if total is None:
            total = value
        elif node.name == "prod":
            total = times(total, value, "*")
        else:
            total = _plus(total, value)
    if total is None:
        return 0 if node.name == "sum" else 1
    return total


def is_row_letter(node: SumOver, scope: Scope) -> bool:
    """Whether a sum goes over the rows: its letter is the row of something in it, or of nothing."""
    book = scope.world.book
    if not _mentions(node.body, node.index):
        return True
    for name in names_in(node.body):
        slot = book.row_slots.get(name.key.base)
        if slot and any(i.letter == node.index for i in name.key.below + name.key.above):
            return True
    return False


def _mentions(node: Node, letter: str) -> bool:
    return any(letter in name.key.letters or name.key.base == letter for name in names_in(node))


def index_range(node: SumOver, scope: Scope) -> Sequence[int]:
    """The numbers an index runs through: as its bounds say, else all that it can stand for."""
    low = 1 if node.low is None else _bound(node.low, scope)
    book = scope.world.book
    high = _bound(node.high, scope) if node.high is not None else None
    if high is None:
        high = letter_size(node.index, node.body, book)
    if high - low > LARGEST_SUM:
        raise NotUnderstood("the sum is too long to work out", node.start, node.end)
    numbers = range(low, high + 1)
    if node.but is None:
        return numbers
    left_out = _bound(node.but, scope)
    return [number for number in numbers if number != left_out]


def _bound(node: Node, scope: Scope) -> int:
    value = plain(evaluate(node, scope))
    if not isinstance(value, (int, Fraction)) or value != int(value):
        raise NotUnderstood("the bound of a sum is no whole number", node.start, node.end)
    return int(value)


def letter_size(letter: str, body: Node, book: Any) -> int:
    """How many values an index letter has in a formula."""
    from .book import UNITS

    sizes = [
        size
        for name in names_in(body)
        for side, indices in (("below", name.key.below), ("above", name.key.above))
        for place, index in enumerate(indices)
        if index.letter == letter and (size := book.sizes.get((name.key.base, side, place))) is not None
    ]
    return min(sizes) if sizes else int(book.sizes.get(("letter", letter), UNITS))


# ------------------------------------------------------------------------------------ derivatives


def _operand(node: Node, scope: Scope) -> Any:
    """What stands above or below in a derivative: a quantity, as a node of the graph."""
    if isinstance(node, Name):
        value = evaluate(node, scope)
        return value
    return evaluate(node, scope)


def _derivative(node: Derivative, scope: Scope) -> Any:
    if scope.bare:
        scope = replace(scope, bare=False)
    if node.order != 1:
        return _higher(node, scope)
    world = scope.world
    _check_differentiable(node.output, scope)
    if not isinstance(node.variable, (Name, Transposed)):
        return _by_expression(node, scope)
    variable_node = node.variable.body if isinstance(node.variable, Transposed) else node.variable
    if isinstance(variable_node, Name) and variable_node.key.tag == "old":
        variable_node = replace(variable_node, key=variable_node.key._replace(tag=""))
    if scope.reading.local and isinstance(node.output, Name):
        direct = _direct(node.output, variable_node, scope)
        if direct is not None:
            return direct
    if isinstance(node.output, Name) and isinstance(variable_node, Name):
        whole = _function_by_name(node.output, variable_node, scope)
        if whole is not None:
            node = replace(node, output=whole)
    output = evaluate(node.output, scope)
    variable = evaluate(variable_node, scope)
    for entry in entries(variable):
        if not isinstance(entry, Value):
            raise NotUnderstood("a derivative by a number", node.start, node.end)
    if not isinstance(node.output, Name) and not world.leads(output, variable):
        _check_known(node.output, variable_node, scope)
        return _zeros(output, variable)  # an expression that does not depend on it
    if isinstance(node.output, Name) and not world.leads(output, variable):
        _check_independent(node, scope)
    value = world.derivative(output, variable)
    if isinstance(node.variable, Transposed) and isinstance(value, Table) and not isinstance(value, Jacobian):
        value = value.T
    return value


def _function_by_name(output: Name, variable: Name, scope: Scope) -> Node | None:
    """sigma(z), where d sigma / dz is written."""
    book, base = scope.world.book, output.key.base
    if book.is_defined(output.key) or output.key.below or output.key.above or output.primes:
        return None
    if base in book.functions or base in ("sigma", "tanh", "ReLU", "relu", "exp", "log") or (base in book.called and base not in "JLECRQU"):
        return Apply(output.start, output.end, output, (variable,))
    return None


def _check_differentiable(output: Node, scope: Scope) -> None:
    """Derivatives are numbers here: they cannot be differentiated once more."""
    book = scope.world.book
    for x in walk(output):
        if isinstance(x, Derivative) or (isinstance(x, Name) and book.is_derivative(x.key)):
            raise NotUnderstood("a derivative of a derivative", output.start, output.end)


def _higher(node: Derivative, scope: Scope) -> Any:
    """A second derivative: the derivative is taken among numbers that are differentiated themselves."""
    by = [node.variable] * 2
    if isinstance(node.variable, Product) and len(node.variable.factors) == 2:
        by = [
            x.arguments[0] if isinstance(x, Apply) and x.name.key.base == "partial"
            else replace(x, key=x.key._replace(base=x.key.base.removeprefix("d "))) if isinstance(x, Name) else x
            for x in node.variable.factors
        ]  # fmt: skip
    if node.order != 2 or not all(isinstance(x, Name) for x in by):
        raise NotUnderstood("third and higher derivatives are not checked", node.start, node.end)
    _check_differentiable(node.output, scope)
    world, book = scope.world, scope.world.book
    fresh = World(book, world.draw, world.seed)
    keys = [bound(x.key, scope.bindings, book.sizes) for x in by]  # type: ignore[attr-defined]
    for key in keys:
        value = world.quantity(key, scope.row)
        if isinstance(value, Table):
            raise NotUnderstood("second derivatives by vectors are not checked", node.start, node.end)
        fresh.hold_entry(key, scope.row, Value(Value(plain(value))))
    output = evaluate(node.output, replace(scope, world=fresh))
    if isinstance(output, Table):
        raise NotUnderstood("second derivatives of vectors are not checked", node.start, node.end)
    first, second = (fresh.quantity(key, scope.row) for key in keys)
    slopes = gradients(output) if isinstance(output, Value) else {}
    if first not in slopes:
        _check_independent(replace(node, variable=by[0]), scope)
        return 0
    slope = slopes[first]
    return gradients(slope).get(second.data, 0) if isinstance(slope, Value) else 0


def _zeros(output: Any, variable: Any) -> Any:
    if isinstance(output, Table) and isinstance(variable, Table):
        n = len(entries(variable))
        return Jacobian([[0] * n for _ in entries(output)], output.shape, variable.shape)
    shaped = output if isinstance(output, Table) else variable
    return shaped.each(lambda x: 0) if isinstance(shaped, Table) else 0


def _check_known(output: Node, variable: Node, scope: Scope) -> None:
    """Whether everything in an expression is known, so that it is certain what it depends on."""
    world, book = scope.world, scope.world.book
    anchored = world.anchored_leaves() if world.anchored_leaves else set()
    base = variable.key.base if isinstance(variable, Name) and not variable.key.below else None
    for name in quantities_in(output):
        key = bound(name.key, scope.bindings, book.sizes)
        if key.base == base:
            raise Disconnected(f"whether ${_tex(key)}$ is meant by ${_tex(Key(base))}$ is not clear", output.start, output.end)
        known = key in anchored or book.is_defined(key) or key.base in book.targets or key.base in book.row_slots
        if not known and ("symbol", key.base) not in book.sizes and key.base not in scope.bindings:
            raise Disconnected(f"the notes do not say what ${_tex(key)}$ depends on", output.start, output.end)


def _check_independent(node: Derivative, scope: Scope) -> None:
    """A derivative is 0 only where it is certain that nothing leads from the variable to the output."""
    world, book = scope.world, scope.world.book
    output: Name = node.output  # type: ignore[assignment]
    key = bound(output.key, scope.bindings, book.sizes)
    variable: Any = node.variable
    by = variable.key if isinstance(variable, Name) else None
    concrete = bound(by, scope.bindings, book.sizes) if by is not None else None
    if concrete == key:
        return
    if key.base in book.targets:
        return
    anchored = world.anchored_leaves() if world.anchored_leaves else ()
    if key in anchored and key.base not in book.upstream:
        return  # what nothing is computed from does not depend on anything
    if concrete in anchored and book.is_defined(key) and key != book.loss:
        return
    raise Disconnected(
        f"the notes do not say how ${_tex(key)}$ depends on ${_tex(by) if by else '...'}$", node.start, node.end
    )


def _tex(key: Key | None) -> str:
    from .spelling import latex_of

    return latex_of(key) if key is not None else ""


def _direct(output: Name, variable: Node, scope: Scope) -> Any:
    """The derivative of a definition by a name in it, all other names held fixed."""
    book = scope.world.book
    if not isinstance(variable, Name):
        return None
    key = bound(output.key, scope.bindings, book.sizes)
    found = book.definition(key)
    if found is None:
        return None
    definition, bindings = found
    cut: dict[Key, Any] = {}
    inner = Scope(scope.world, bindings, scope.row, LITERAL, (), cut)
    value = evaluate(definition.body, inner)
    by = cut.get(bound(variable.key, scope.bindings, book.sizes))
    if by is None:
        return None
    return scope.world.derivative(value, by)


def _by_expression(node: Derivative, scope: Scope) -> Any:
    """d f(u) / d u for an expression u: what is written like u is the variable."""
    value = evaluate(node.variable, scope)
    if isinstance(value, Table):
        raise NotUnderstood("a derivative by an expression with several entries", node.start, node.end)
    fresh = Value(plain(value))
    inner = replace(scope, substitutes=((node.variable, fresh), *scope.substitutes))
    output = evaluate(node.output, inner)
    if isinstance(output, Table):
        raise NotUnderstood("a derivative by an expression with several entries", node.start, node.end)
    if not isinstance(output, Value):
        return 0
    found = gradients(output)
    if fresh not in found:
        raise NotUnderstood("a derivative by an expression that does not occur in it", node.start, node.end)
    return found[fresh]


# -------------------------------------------------------------------------------------- functions


def _apply(node: Apply, scope: Scope) -> Any:
    name, book = node.name.key.base, scope.world.book
    primes = node.name.primes
    if name == "norm":
        inside = evaluate(node.arguments[0], scope)
        return engine.sqrt(functools.reduce(operator.add, [x * x for x in entries(inside)]))
    if isinstance(node.name, Name) and name in ("sign", "sgn") and name not in book.functions:
        inside = evaluate(node.arguments[0], scope)
        return inside.each(_sign_of) if isinstance(inside, Table) else _sign_of(inside)
    if name in ("max", "min") and len(node.arguments) == 2:
        a, b = (evaluate(x, scope) for x in node.arguments)
        return _each_of(engine.maximum if name == "max" else engine.minimum, a, b)
    if name == "partial" or name == "d":
        raise NotUnderstood("a differential by itself", node.start, node.end)
    if Key(name) in book.plain and len(node.arguments) == 1 and book.is_defined(Key(name)) and not primes:
        if any(x.key == node.name.key for x in names_in(node.arguments[0])):  # a(1 - a) is a product
            return times(scope.quantity(node.name.key), evaluate(node.arguments[0], scope), "", scope.reading)
    defined = _defined_function(node, scope)
    if defined is not None:
        return defined
    if len(node.arguments) > 1:
        key = Key(name)
        if book.is_defined(key) or key == book.loss:
            return scope.quantity(node.name.key)  # L(y, a) names its arguments only
        raise NotUnderstood(f"${name}$ of several arguments is not known", node.start, node.end)
    argument = evaluate(node.arguments[0], scope)
    if name in ("softmax", "Softmax"):
        return _softmax(argument, node, primes)
    if name == "diag":
        return _diag(argument)
    if name in ("sum",):
        return functools.reduce(operator.add, entries(argument))
    if name in ("logsumexp", "LSE"):
        return engine.log(functools.reduce(operator.add, [engine.exp(x) for x in entries(argument)]))
    if name in ("tr", "LSTM", "theta", "Theta") and name in ("tr",):
        return functools.reduce(operator.add, [argument.rows[i][i] for i in range(argument.shape[0])])
    if name == "sigma" and name not in book.functions:
        if book.is_defined(Key("sigma")):
            raise NotUnderstood("sigma is a number here and a function there", node.start, node.end)
        book.announce(r"$\sigma$ is the sigmoid, $\sigma(z) = \frac{1}{1 + e^{-z}}$")
        name = "sigmoid"
    f = scope.world.function(name, primes)
    assert f is not None
    return argument.each(f) if isinstance(argument, Table) else f(argument)


def _sign_of(x: Any) -> int:
    number = plain(x)
    return (number > 0) - (number < 0)


def _each_of(f: Any, a: Any, b: Any) -> Any:
    if isinstance(a, Table):
        return a.with_(b, f)
    return b.each(lambda x: f(a, x)) if isinstance(b, Table) else f(a, b)


def _softmax(argument: Any, node: Apply, primes: int) -> Any:
    if primes:
        raise NotUnderstood("the derivative of a softmax is a matrix; say of what by what", node.start, node.end)
    if not isinstance(argument, Table):
        raise NotUnderstood("a softmax of one number", node.start, node.end)
    powers = [engine.exp(x) for x in entries(argument)]
    total = functools.reduce(operator.add, powers)
    return _shaped([p / total for p in powers], argument.shape)


def _diag(argument: Any) -> Any:
    if not isinstance(argument, Table):
        return argument
    items = entries(diagonal(argument))
    return Table([[x if i == j else 0 for j in range(len(items))] for i, x in enumerate(items)])


def _defined_function(node: Apply, scope: Scope) -> Any:
    """A function that the notes write out, at these arguments."""
    book, name = scope.world.book, node.name.key.base
    primes = node.name.primes
    for function in book.functions.get(name, ()):
        if len(function.parameters) != len(node.arguments):
            continue
        if len(node.arguments) == 1:
            found = _one_argument(function, node, scope, primes)
            if found is not None:
                return found[0]
        elif not primes:
            values = [evaluate(x, scope) for x in node.arguments]
            names = [Name(0, 0, key) for key in function.parameters]
            substitutes = tuple(zip(names, values, strict=True))
            return evaluate(function.body, replace(scope, substitutes=substitutes))
    return None


def _one_argument(function: Any, node: Apply, scope: Scope, primes: int) -> tuple[Any] | None:
    (parameter,), (argument,) = function.parameters, node.arguments
    book = scope.world.book
    if parameter.below and isinstance(argument, Name):
        # S(z_i), with other z in it: the letters of the parameter are those of the argument
        key = bound(argument.key, scope.bindings, book.sizes)
        if key == parameter:
            bindings: dict[str, int] | None = {}
        elif key.base == parameter.base and len(key.below) == len(parameter.below):
            bindings = matched(parameter._replace(above=()), key._replace(above=()))
        else:
            bindings = None
        if bindings is None:
            return None
        if primes:
            return None
        return (evaluate(function.body, replace(scope, bindings={**scope.bindings, **bindings})),)
    value = evaluate(argument, scope)
    pattern = Name(0, 0, parameter)

    def f(x: Any) -> Any:
        return evaluate(function.body, replace(scope, substitutes=((pattern, x),)))

    g = derivative_of(f, primes) if primes else f
    if not isinstance(value, Table):
        return (g(value),)
    try:
        return (f(value),) if not primes else (value.each(g),)
    except (NotUnderstood, TypeError):
        return (value.each(g),)


def _placeholder(node: Placeholder, scope: Scope) -> Any:
    raise NotUnderstood("something is missing here", node.start, node.end)


_EVALUATE: dict[type, Any] = {
    Number: _number, Name: _name, Sum: _sum, Product: _product, Quotient: _quotient, Power: _power,
    Apply: _apply, Derivative: _derivative, SumOver: _sum_over, Transposed: _transposed, Cases: _cases,
    TableNode: _table, Placeholder: _placeholder,
}  # fmt: skip
