"""What a formula is worth in a world: its tree evaluated, in one reading or another.

A reading settles what notation leaves open. The literal one takes everything as it stands; the others are
those that people have in mind when they leave something out, and a claim that needs one is `ambiguous`.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ... import functions as engine
from ...errors import ChalkgradError
from ...value import Value
from ..defining.book import bound
from .grammar import Misfit, NotUnderstood
from .syntax import (
    ONES,
    Apply,
    At,
    Cases,
    Derivative,
    Entry,
    Key,
    Name,
    Node,
    Number,
    Placeholder,
    Power,
    Quotient,
    Sum,
    SumOver,
    Transposed,
    names_in,
    same_form,
    walk,
)  # fmt: skip
from .syntax import Table as TableNode
from .tables import ShapeMismatch, Table, entries
from .world import Jacobian, World, plain

__all__ = ["LITERAL", "Disconnected", "Reading", "Scope", "evaluate"]

LARGEST_EXPONENT = 1000
LARGEST_SUM = 1000


class Disconnected(NotUnderstood):
    """A derivative of something that the variable does not lead to, as far as the notes say."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take what a formula leaves open.

    over_rows    a sum over rows gives its row to all it covers; products of derivatives are summed over rows
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

NUMBER_OF_ROWS = Key("number of rows")
"""A name that no notes have."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a formula is evaluated: the world, numbers for index letters, the row of what has no row index.

    substitutes   values for parts of a formula, wherever these stand
    cut           names cut off from what they are computed from, filled as they are met
    literals      the decimals that are met, filled likewise
    bare          names are numbers, without the graph they come from: enough outside of derivatives
    known         what parts of formulas were worth here, where many formulas share them
    """

    world: World
    bindings: Mapping[str, int]
    row: int | None
    reading: Reading = LITERAL
    substitutes: tuple[tuple[Node, Any], ...] = ()
    cut: dict[Key, Any] | None = None
    literals: list[tuple[Value, Fraction]] | None = None
    bare: bool = False
    known: dict[int, tuple[Node, Any]] | None = None

    def within(self, **changes: Any) -> Scope:
        """The same with something changed, so that nothing is known in it yet."""
        return replace(self, known=None, **changes)

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
    if scope.known is not None:
        known = scope.known.get(id(node))
        if known is not None and known[0] is node:
            return known[1]
    rule = RULES.get(type(node))
    if rule is None:
        raise NotUnderstood("a shape is no value", node.start, node.end)
    try:
        value = rule(node, scope)
        if scope.known is not None:
            scope.known[id(node)] = node, value
        return value
    except ShapeMismatch as problem:
        raise Misfit(f"the shapes could not be made out: {problem}", node.start, node.end) from None
    except (ArithmeticError, ChalkgradError, TypeError, IndexError, ValueError) as problem:
        raise NotUnderstood("it cannot be computed", node.start, node.end) from problem


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
    _mantissa, _, exponent = text.lower().partition("e")
    if exponent and abs(int(exponent)) > LARGEST_EXPONENT:
        raise NotUnderstood("the number is too large")
    value = Fraction(text)
    return value.numerator if value.denominator == 1 else value


def _name(node: Name, scope: Scope) -> Any:
    book = scope.world.book
    key = node.key
    if key == NUMBER_OF_ROWS:
        return book.rows
    if key == ONES:
        return 1  # beside a vector a number is meant for every entry
    if not key.below and not key.above and not key.tag:
        if key.base in scope.bindings and key not in book.exact:  # delta_o, where o is the output
            return scope.bindings[key.base]
        size = book.sizes.get(("symbol", key.base))
        if size is not None:
            return size
    if key.base == "pi" and not key.below and not book.is_defined(key):
        return Fraction(math.pi)
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
            total = plus(total, value if sign > 0 else -value)
    return total


def plus(a: Any, b: Any) -> Any:
    """A sum of two values; a number is added to every entry of a table."""
    if isinstance(b, Table) and not isinstance(a, Table):
        return b + a
    return a + b


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
    number: Any = plain(exponent)
    if isinstance(number, (int, Fraction)) and abs(Fraction(number)) > LARGEST_EXPONENT:
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
        return (
            engine.exp(exponent * engine.log(base))
            if not isinstance(base, Value)
            else engine.power(base, exponent)
        )
    return engine.power(base, exponent)


def _is_two(x: Any) -> bool:
    return bool(plain(x) == 2)


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


def _entry(node: Entry, scope: Scope) -> Any:
    table = evaluate(node.body, scope)
    indices = bound(node.place.key, scope.bindings, scope.world.book.sizes).below
    numbers = [int(i.letter.partition("#")[2]) if "#" in i.letter else i.number for i in indices]
    if not isinstance(table, Table) or any(i.letter and "#" not in i.letter for i in indices):
        raise NotUnderstood("an index on what has no entries", node.start, node.end)
    rows, columns = table.shape
    if len(numbers) == 1 and 1 not in table.shape and 1 <= numbers[0] <= columns:
        return Table.column([line[numbers[0] - 1] for line in table.rows])
    if len(numbers) == 1 and 1 in table.shape:
        numbers = [numbers[0], 1] if columns == 1 else [1, numbers[0]]
    if len(numbers) != 2 or not (1 <= numbers[0] <= rows and 1 <= numbers[1] <= columns):
        raise NotUnderstood("there is no such entry", node.start, node.end)
    return table.rows[numbers[0] - 1][numbers[1] - 1]


def _at(node: At, scope: Scope) -> Any:
    """The same numbers, but for the names that get others. What these are computed from is cut off."""
    book = scope.world.book
    world = scope.world.again()
    for name, value in zip(node.names, node.values, strict=True):
        assert isinstance(name, Name)
        key = bound(name.key, scope.bindings, book.sizes)
        behind = book.reached(name) - {name.key}
        for x in walk(node.body):
            if isinstance(x, Derivative) and any(v.key in behind for v in names_in(x.variable)):
                raise NotUnderstood("a derivative behind what it is evaluated at", node.start, node.end)
        number = evaluate(value, scope)
        world.hold_entry(key, scope.row, number.each(_fresh) if isinstance(number, Table) else _fresh(number))
    return evaluate(node.body, scope.within(world=world))


def _fresh(x: Any) -> Value:
    x = plain(x)
    return Value(Fraction(x) if type(x) is int else x)


def _cases(node: Cases, scope: Scope) -> Any:
    if len(node.values) == 2 and node.conditions[0] is not None and node.conditions[1] is None:
        entry_by_entry = _of_each_entry(node, node.conditions[0], scope)
        if entry_by_entry is not None:
            return entry_by_entry
    for value, condition in zip(node.values, node.conditions, strict=True):
        if condition is None or _holds(condition, scope):
            return evaluate(value, scope)
    raise NotUnderstood("none of the cases holds", node.start, node.end)


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "=": operator.eq,
    "!=": operator.ne,
}  # fmt: skip


def _of_each_entry(node: Cases, condition: tuple[Node, str, Node], scope: Scope) -> Table | None:
    """1[Z > 0] of a table: for each of its entries."""
    left, relation, right = condition
    a, b = evaluate(left, scope), evaluate(right, scope)
    if not isinstance(a, Table) or isinstance(b, Table) or relation not in _COMPARISONS:
        return None
    yes, no = (evaluate(value, scope) for value in node.values)
    if isinstance(yes, Table) and yes.shape == a.shape and not isinstance(no, Table):
        flags = a.each(lambda x: int(_COMPARISONS[relation](plain(x), plain(b))))
        return yes.with_(flags, lambda x, flag: x if flag else no)
    if isinstance(yes, Table) or isinstance(no, Table):
        return None
    return a.each(lambda x: yes if _COMPARISONS[relation](plain(x), plain(b)) else no)


def _holds(condition: tuple[Node, str, Node], scope: Scope) -> bool:
    left, relation, right = condition
    a, b = plain(evaluate(left, scope)), plain(evaluate(right, scope))
    if isinstance(a, Table) or isinstance(b, Table):
        raise NotUnderstood("cases of a vector", left.start, right.end)
    if relation not in _COMPARISONS:
        raise NotUnderstood("a condition that is not understood", left.start, right.end)
    return bool(_COMPARISONS[relation](a, b))


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
        inner = scope.within(bindings={**scope.bindings, letter: k})
        if over_rows and (scope.reading.over_rows or not _mentions(node.body, letter)):
            inner = inner.within(row=k)
        value = evaluate(node.body, inner)
        if total is None:
            total = value
        elif node.name == "prod":
            total = total * value
        else:
            total = plus(total, value)
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
    if high is None and not node.index and book.rows:
        high = book.rows
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
    from ..defining.book import UNITS

    sizes = [
        size
        for name in names_in(body)
        for side, indices in (("below", name.key.below), ("above", name.key.above))
        for place, index in enumerate(indices)
        if index.letter == letter and (size := book.sizes.get((name.key.base, side, place))) is not None
    ]
    return min(sizes) if sizes else int(book.sizes.get(("letter", letter), UNITS))


# ------------------------------------------------------------------------------------ derivatives


# -------------------------------------------------------------------------------------- functions


def _placeholder(node: Placeholder, scope: Scope) -> Any:
    raise NotUnderstood("something is missing here", node.start, node.end)


RULES: dict[type, Callable[[Any, Scope], Any]] = {
    Number: _number, Name: _name, Sum: _sum, Quotient: _quotient, Power: _power, SumOver: _sum_over,
    Transposed: _transposed, Entry: _entry, At: _at, Cases: _cases, TableNode: _table,
    Placeholder: _placeholder,
}  # fmt: skip
"""How each kind of node is evaluated; products, derivatives and functions add their own."""
