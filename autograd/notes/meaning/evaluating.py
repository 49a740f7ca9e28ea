"""What a formula is worth in a world: its tree evaluated, in one reading or another.

A reading settles what notation leaves open. The literal one takes everything as it stands; the others are
those that people have in mind when they leave something out, and a claim that needs one is `ambiguous`.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ... import functions as engine
from ...errors import ChalkgradError
from ...value import Value
from ..defining.book import bound
from .errors import Misfit, NotUnderstood
from .syntax import (
    ONES,
    Apply,
    At,
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
    Transposed,
    names_in,
    same_form,
    walk,
)  # fmt: skip
from .syntax import Table as TableNode
from .tables import Jacobian, ShapeMismatch, Table, as_value, entries, plain
from .world import World

__all__ = ["LITERAL", "Reading", "Scope", "evaluate", "evaluate_once"]

LARGEST_EXPONENT = 1000


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take what a formula leaves open.

    over_rows    a sum over rows gives its row to all it covers; products of derivatives are summed over rows
    local        a derivative of a quantity by what its definition names is the direct one only
    elementwise  a product of two vectors is taken entry by entry
    distinct     different index letters stand for different numbers
    tight        entries are multiplied before matrices are: A (b ⊙ c) for A b ⊙ c
    turned       slopes of vectors by vectors have a row for each input, and are multiplied the first first
    says         the reading in words
    """

    over_rows: bool = False
    local: bool = False
    elementwise: bool = False
    distinct: bool = False
    tight: bool = False
    turned: bool = False
    says: str = ""


LITERAL = Reading()

NUMBER_OF_ROWS = Key("number of rows")
"""A name that no notes have."""


@dataclass(slots=True)  # frozen, it would take three times as long to make
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
        new = Scope(
            self.world, self.bindings, self.row, self.reading,
            self.substitutes, self.cut, self.literals, self.bare,
        )  # fmt: skip
        for name, value in changes.items():
            setattr(new, name, value)
        return new

    def of_indices(self) -> Scope:
        """The same where the t of p_t is a number, as it is in 1[k = t], and not a quantity."""
        sizes = self.world.book.sizes
        fixed = {letter: sizes["index", letter] for letter in self.world.book.fixed}
        return self.within(bindings={**fixed, **self.bindings}) if fixed else self

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


def evaluate_once(node: Node, scope: Scope) -> Any:
    """The same, worked out once in a world for all places where its index letters have the same numbers."""
    if scope.substitutes or scope.cut is not None or scope.literals is not None:
        return evaluate(node, scope)
    bindings = scope.bindings
    letters = scope.world.letters(node) if bindings else ()
    numbers = tuple([(letter, bindings[letter]) for letter in letters if letter in bindings])
    place = id(node), numbers, scope.row, scope.reading, scope.bare
    return scope.world.once(place, node, lambda: evaluate(node, scope))


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


@functools.lru_cache(maxsize=1000)
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
        size = scope.world.how_many(key.base)
        if size is not None:
            return size
    if key.base == "pi" and not key.below and not book.is_defined(key):
        return Fraction(math.pi)
    return scope.quantity(key)


def _sum(node: Sum, scope: Scope) -> Any:
    total: Any = None
    values = [evaluate(term, scope) for term in node.terms]
    lying = {value.shape for value in values if isinstance(value, Table) and value.shape[0] == 1}
    for term, sign, value in zip(node.terms, node.signs, values, strict=True):
        if isinstance(value, Jacobian):
            value = value.T.T
        elif (
            lying
            and isinstance(value, Table)
            and value.shape[::-1] in lying
            and _only_has_entries(term, scope)
        ):
            value = value.T
        if total is None:
            total = value if sign > 0 else -value
        else:
            total = plus(total, value if sign > 0 else -value)
    return total


def _only_has_entries(term: Node, scope: Scope) -> bool:
    """Whether a term is the targets y, of which there is nothing but y_1, y_2, ...: they may lie, too."""
    book = scope.world.book
    if not isinstance(term, Name) or term.key.base not in book.targets or term.key.below:
        return False
    return book.shape(term.key) is None and not book.is_defined(term.key)


def plus(a: Any, b: Any) -> Any:
    """A sum of two values; a number is added to every entry of a table."""
    if isinstance(b, Table) and not isinstance(a, Table):
        return b + a
    return a + b


def _quotient(node: Quotient, scope: Scope) -> Any:
    over, under = evaluate(node.over, scope), evaluate(node.under, scope)
    if isinstance(under, Table):
        if isinstance(over, Table):
            return over.with_(under, _divided)
        return under.each(lambda x: _divided(over, x))
    if isinstance(over, Table):
        return over.each(lambda x: _divided(x, under))
    return _divided(over, under)


def _divided(a: Any, b: Any) -> Any:
    if type(a) is int and type(b) is int:
        return Fraction(a, b)
    if isinstance(plain(a), Fraction) and not isinstance(plain(b), (int, Fraction)):
        return a * (1 / b)  # a Fraction takes no mpf under it
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
    table = evaluate_once(node.body, scope)  # of h(x)_k all entries are asked for, one after the other
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
        fresh = (
            number.each(lambda x: as_value(plain(x)))
            if isinstance(number, Table)
            else as_value(plain(number))
        )
        world.hold_entry(key, scope.row, fresh)
    return evaluate(node.body, scope.within(world=world))


def _fresh(x: Any) -> Any:
    """The same numbers, exactly, as variables of their own."""
    return x.each(_fresh) if isinstance(x, Table) else as_value(plain(x))


def _placeholder(node: Placeholder, scope: Scope) -> Any:
    raise NotUnderstood("something is missing here", node.start, node.end)


RULES: dict[type, Callable[[Any, Scope], Any]] = {
    Number: _number, Name: _name, Sum: _sum, Quotient: _quotient, Power: _power,
    Transposed: _transposed, Entry: _entry, At: _at, TableNode: _table,
    Placeholder: _placeholder,
}  # fmt: skip
"""How each kind of node is evaluated; the other modules that `rules` lists add their own."""
