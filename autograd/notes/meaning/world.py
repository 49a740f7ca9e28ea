"""A world: one random point, and at it the value of every name of the notes.

Names that are defined are computed as the notes define them, on the engine's Values, so that the derivative
of anything by anything is one backward pass; all others are leaves and get random numbers.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import ChalkgradError
from ...functional import derivative
from ...graph import gradients
from ...value import Value
from ..defining.book import Book, is_constant
from .errors import Misfit, Missing, NoEntry, NotUnderstood, TooDeep
from .indexing import (
    check_range,
    comes_from_next,
    family,
    is_before_the_first,
    is_beyond,
    is_kronecker,
    is_out_of_range,
    is_said_by_entries,
    other_classes,
    whole_of,
    without_row,
)  # fmt: skip
from .known_functions import KNOWN, NORMAL, random_cubic
from .letters import is_of_slopes, shifted
from .spelling import latex_of
from .syntax import DIRECTION, Index, Key, Name, Node, names_in, open_letters
from .syntax import Table as Stacked
from .tables import Jacobian, Table, as_value, as_values, entries, plain

if TYPE_CHECKING:
    from .evaluating import Scope

__all__ = ["Draw", "World"]

MOST_DEPTH = 80

MOST_ONCE = 500
"""So many formulas are remembered in a world with their values."""

IDENTITY = Key("I")
"""The matrix that it is among matrices, where nothing else is said of it."""

Draw = Callable[[Key, "int | None"], Any]
"""A number for a leaf, in a row if it has one."""


class World:
    """The notes at one point.

    seed      chooses the random numbers
    draw      gives a leaf its number
    """

    def __init__(self, book: Book, draw: Draw, seed: int = 0) -> None:
        self.book, self.draw, self.seed = book, draw, seed
        self._values: dict[tuple[Key, int | None], Any] = {}
        self._numbers: dict[tuple[Key, int | None], Any] = {}
        self._gradients: dict[int, tuple[Value, dict[Value, Any]]] = {}
        self._twice: dict[object, World] = {}
        self._once: dict[object, tuple[Node, Any, bool]] = {}
        self._letters: dict[int, tuple[Node, list[str]]] = {}
        self._too_deep: dict[tuple[Key, int | None], int] = {}
        self._failed: dict[tuple[Key, int | None], NotUnderstood] = {}
        self._varies: list[bool] = []
        self._depth = 0
        self._computing: set[Key] = set()
        self._functions: dict[str, Callable[..., Any]] = {}
        self.leaves: dict[tuple[Key, int | None], Any] = {}
        self.anchored_leaves: Callable[[], set[Key]] | None = None

    def again(self) -> World:
        """A world of the same numbers, in which nothing has been computed yet."""
        world = World(self.book, self.draw, self.seed)
        world.anchored_leaves = self.anchored_leaves
        return world

    def how_many(self, letter: str) -> int | None:
        """How many there are of what a letter counts, as the N of a sum up to N."""
        return self.book.sizes.get(("symbol", letter))

    # --------------------------------------------------------------------------------- quantities

    def quantity(self, key: Key, row: int | None = None) -> Any:
        """The value of a name whose indices are numbers or words; in a row, if it differs from row to row."""
        for place in ((key, None), (key, row or 0)):
            if place in self._values:
                if place[1] is not None and self._varies:
                    self._varies[-1] = True
                return self._values[place]
        if not self._computing and (key, row) in self._failed:
            raise self._failed[key, row].with_traceback(None)
        if self._depth >= self._too_deep.get((key, row), MOST_DEPTH):
            raise TooDeep(f"${latex_of(key)}$ is computed in too many steps")
        if key in self._computing:
            raise NotUnderstood(f"${latex_of(key)}$ is defined by itself")
        self._computing.add(key)
        self._depth += 1
        self._varies.append(False)
        try:
            value = self._found(key, row)
        except TooDeep:  # it will be no better where it stands as deep again
            self._too_deep[key, row] = min(self._depth - 1, self._too_deep.get((key, row), MOST_DEPTH))
            raise
        except NotUnderstood as problem:
            if self._depth == 1:  # inside of others it may fail because of them
                self._failed[key, row] = problem
            raise
        except (ChalkgradError, TypeError, ArithmeticError, IndexError, ValueError) as problem:
            raise NotUnderstood(f"${latex_of(key)}$ cannot be computed") from problem
        finally:
            self._depth -= 1
            self._computing.discard(key)
            varies = self._varies.pop()
        if varies and self._varies:
            self._varies[-1] = True
        self._values[key, (row or 0) if varies else None] = value
        return value

    def number(self, key: Key, row: int | None) -> Any:
        """The value of a name as a plain number, or a table of such."""
        for place in ((key, None), (key, row or 0)):
            if place in self._numbers:
                return self._numbers[place]
        value = self.quantity(key, row)
        number = (
            value.each(plain) if type(value) is Table else value if isinstance(value, Table) else plain(value)
        )
        self._numbers[(key, None) if (key, None) in self._values else (key, row or 0)] = number
        return number

    def hold(self, key: Key, row: int | None, value: Any) -> None:
        """Give a name a value, whatever it is computed from."""
        self._values[key, None] = self._values[key, row or 0] = value
        self._failed.clear()

    def hold_entry(self, key: Key, row: int | None, value: Any) -> None:
        """The same for what may be an entry of a vector."""
        self.hold(key, row, value)
        whole = key._replace(below=())
        if key.below and (self.book.is_defined(whole) or self.book.shape(whole) is not None):
            table = self.quantity(whole, row)
            if isinstance(table, Table) and not self.book.is_defined(key) and len(key.below) == 1:
                items = entries(table)
                place = key.below[0].number - 1
                if 0 <= place < len(items):
                    items[place] = value
                    rows, columns = table.shape
                    self.hold(
                        whole, row, Table([items[i * columns : (i + 1) * columns] for i in range(rows)])
                    )

    def _found(self, key: Key, row: int | None) -> Any:
        from .evaluating import Reading, Scope, evaluate

        book = self.book
        if book.sequences:
            check_range(book, key)
        if is_beyond(book, key) and book.is_derivative(key):
            return as_value(0)
        found = book.definition(key)
        if found is not None and found[1] and is_said_by_entries(book, key):
            found = None
        if found is None and key.below and "#" in key.below[0].letter and shifted(book, key) is not None:
            found = book.definition(key)
        if found is not None and key.base.startswith("d ") and book.loss is not None:
            found = None if comes_from_next(found[0]) else found  # the last step has no next one
        if found is not None:
            definition, bindings = found
            if row is not None and book.row_letters:
                bindings = {**dict.fromkeys(book.row_letters, row), **bindings}
                if any(name.key.letters & book.row_letters for name in names_in(definition.body)):
                    self._varies[-1] = True
            if key == book.loss:
                return self._loss(definition.body, Scope(self, bindings, row))
            scope = Scope(self, bindings, row)
            value = evaluate(definition.body, scope)
            if isinstance(definition.body, Stacked) and isinstance(value, Table):
                value = value.each(lambda x: x * 1)  # z = [h; x] is no h: what else depends on h is not by z
            if book.lies and type(value) is Table and is_of_slopes(definition.body):
                value = value.T if value.shape[1] == 1 else value
            if key.base.startswith("d ") and not isinstance(value, Table):
                variable = self.quantity(key._replace(base=key.base[2:]), row)
                if isinstance(variable, Table):  # dz = W^T dz * g'(z), with * as in code
                    value = evaluate(definition.body, scope.within(reading=Reading(elementwise=True)))
            return as_values(value)
        if is_out_of_range(book, key):
            raise Missing(key, f"there is no ${latex_of(book.shown(key))}$")
        if key.tag == "old":
            return self.quantity(key._replace(tag=""), row)
        if key.tag == "new":
            return self.updated(key._replace(tag=""), row)
        if key.base.startswith("d ") and book.loss is not None:
            inner, whole = key._replace(base=key.base[2:]), key._replace(below=())
            if whole != key and book.is_defined(whole) and (said := self._component(key, row)) is not None:
                return said
            slope = self.derivative(self.quantity(book.loss, row), self.quantity(inner, row), key)
            if book.times_examples is not None and not book.is_parameter(inner):
                count = evaluate(Name(0, 0, book.times_examples), Scope(self, {}, row))
                slope = slope.each(lambda x: count * x) if isinstance(slope, Table) else count * slope
            return slope
        if key.base.startswith(DIRECTION):
            return self._direction(key, row)
        other = book.lookalikes.get(key.base)
        if other is not None:
            return self.quantity(key._replace(base=other), row)
        slot = book.row_slots.get(key.base)
        if slot is None and len(key.above) == 1 and self._differs_by_row(key._replace(above=())):
            slot = "above"  # O^{(2)}: the O of row 2
        if slot is not None and book.rows:
            in_row = self._in_row(key, slot)
            if in_row is not None:
                return in_row
        if is_kronecker(book, key):
            a, b = key.below
            same = a.letter.partition("#")[2] == b.letter.partition("#")[2] and a.number == b.number
            return as_value(int(same)) if ("#" in a.letter) == bool(a.letter) else self._leaf(key, row)
        last = (key.base, "above", 0)
        if (
            not key.above
            and last in book.sequences
            and any((key.base, n, 1) in book.templates for n in (0, 1, 2))
        ):
            return self.quantity(key._replace(above=(Index("", book.sizes[last]),)), row)
        if key.below:
            whole = self._component(key, row)
            if whole is not None:
                return whole
        elif (members := family(book, key, self._computing)) is not None:
            return Table([[self.quantity(member, row) for member in line] for line in members])
        return self._leaf(key, row)

    def _loss(self, body: Node, scope: Scope) -> Any:
        """The loss, a number: of several outputs it is the sum of theirs, though it is written for one."""
        from .evaluating import Reading, evaluate

        try:
            value = evaluate(body, scope)
        except Misfit:
            value = evaluate(body, scope.within(reading=Reading(elementwise=True)))
        return as_value(functools.reduce(operator.add, entries(value)))

    def _differs_by_row(self, key: Key) -> bool:
        """Whether a name without index is that of any row."""
        if not self.book.rows or key in self._computing:
            return False
        found = self.book.definition(key)
        return key.base in self.book.row_leaves if found is None else not isinstance(found[0].body, Name)

    def _in_row(self, key: Key, slot: str) -> Any:
        """y_2 where y alone means the y of a row."""
        said = without_row(self.book, key, slot)
        if said is None:
            return None
        if self._varies:
            varies = self._varies[-1]
        value = self.quantity(*said)
        if self._varies:
            self._varies[-1] = varies  # the row is said: it is the same wherever it stands
        return value

    def _component(self, key: Key, row: int | None) -> Any:
        """a_2 where a is a vector."""
        found = whole_of(self.book, key, self._computing)
        if found is None:
            return None
        whole, numbers = found
        value = self.quantity(whole, row) if numbers != [0] else None  # h is computed from h_0
        if not isinstance(value, Table):
            return None
        rows, columns = value.shape
        if len(numbers) == 1 and 1 in value.shape and 1 <= numbers[0] <= rows * columns:
            return entries(value)[numbers[0] - 1]
        if len(numbers) == 2 and 1 <= numbers[0] <= rows and 1 <= numbers[1] <= columns:
            return value.rows[numbers[0] - 1][numbers[1] - 1]
        capital = whole.base.removeprefix("d ").isupper() and self.book.is_defined(whole)
        if capital and len(numbers) == 1 and 1 <= numbers[0] <= rows:
            return Table([value.rows[numbers[0] - 1]])  # S_i of S, which has the examples in its rows
        if len(numbers) == 2 and self.book.is_defined(whole):
            raise NoEntry(whole, f"${latex_of(whole)}$ has no such entry")
        return None

    def _leaf(self, key: Key, row: int | None) -> Any:
        book, anchored = self.book, self.anchored_leaves
        if key.base in book.symmetric and len(key.below) == 2:
            key = key._replace(below=tuple(sorted(key.below, key=str)))
        first = book.sequences and anchored is not None and is_before_the_first(book, key)
        if first and anchored is not None and key not in anchored():
            raise Missing(key, f"there is no ${latex_of(book.shown(key))}$")
        if key.base.startswith("Delta ") or key.base.endswith("?"):
            raise Missing(key, f"the notes do not say what ${latex_of(key)}$ is")
        if key.letters and any(not is_constant(i) for i in key.below + key.above):
            raise Missing(key, f"${latex_of(book.shown(key))}$ has an index that stands for nothing")
        in_row = (row or 0) if book.rows and key.base in book.row_leaves else None
        if in_row is not None and self._varies:
            self._varies[-1] = True
        shape = book.shape(key)
        if shape is None:
            others = other_classes(book, key)
            if others:
                return _left_of_one(self.quantity(other, row) for other in others)
            alone = key == IDENTITY and key not in book.mentioned_in_definitions
            value = as_value(1) if alone else self._drawn(key, in_row)
        else:
            rows, columns = shape
            if key == IDENTITY and rows == columns > 1:
                return Table([[Value(int(i == j)) for j in range(rows)] for i in range(rows)])
            drawn = [
                [
                    self._drawn(key._replace(below=(*key.below, Index("", i), Index("", j))), in_row)
                    for j in range(1, columns + 1)
                ]
                for i in range(1, rows + 1)
            ]
            if key.base in book.symmetric and rows == columns:
                drawn = [[drawn[min(i, j)][max(i, j)] for j in range(columns)] for i in range(rows)]
            if key.base in book.sums_to_one and (columns == 1 or book.examples_in_columns):
                drawn[-1] = [_left_of_one(column[:-1]) for column in zip(*drawn, strict=True)]
            elif key.base in book.sums_to_one:
                drawn = [[*line[:-1], _left_of_one(line[:-1])] for line in drawn]
            whole: Any = Table(drawn) if (rows, columns) != (1, 1) else drawn[0][0]
            self.leaves[key, in_row] = whole
            return whole
        self.leaves[key, in_row] = value
        return value

    def _direction(self, key: Key, row: int | None) -> Any:
        """How much a quantity changes: anything of its shape."""
        quantity = self.quantity(key._replace(base=key.base.removeprefix(DIRECTION)), row)
        if isinstance(quantity, Table):
            numbers = itertools.count(1)
            drawn: Any = quantity.each(
                lambda _: self._drawn(key._replace(below=(*key.below, Index("", next(numbers)))), row)
            )
        else:
            drawn = self._drawn(key, row)
        self.leaves[key, None] = drawn
        return drawn

    def _drawn(self, key: Key, row: int | None) -> Value:
        return as_value(self.draw(key, row))

    def updated(self, key: Key, row: int | None) -> Any:
        """What gradient descent makes of a parameter."""
        book = self.book
        if book.loss is None:
            raise Missing(key, "the notes do not say what the loss is")
        old = self.quantity(key, row)
        rate: Any = 1
        if book.rates:
            rate = self.quantity(Key(sorted(book.rates)[0]), None)
        loss = self.quantity(book.loss, row)
        if isinstance(loss, Table):
            raise Missing(key, "the loss has several entries")
        slope = self.derivative(loss, old, key)
        return old - slope.each(lambda x: rate * x) if isinstance(slope, Table) else old - rate * slope

    # -------------------------------------------------------------------------------- derivatives

    def derivative(self, output: Any, variable: Any, what: Key | None = None) -> Any:
        """d(output)/d(variable), entry by entry; raises `Missing` where nothing leads from one to the other.

        Of two tables it is the Jacobian, with a row for every entry of the output.
        """
        if isinstance(output, Table) and isinstance(variable, Table):
            return Jacobian(
                [[self.slope(a, z) for z in entries(variable)] for a in entries(output)],
                output.shape, variable.shape,
            )  # fmt: skip
        if isinstance(variable, Table):
            return variable.each(lambda z: self.slope(output, z))
        if isinstance(output, Table):
            return output.each(lambda a: self.slope(a, variable))
        return self.slope(output, variable)

    def slope(self, output: Any, variable: Any) -> Any:
        """The derivative of a number by another; 0 where nothing leads from one to the other."""
        return self.slopes_of(output).get(variable, 0)

    def slopes_of(self, output: Any) -> Mapping[Value, Any]:
        """The derivatives of a number by all that it was computed from."""
        if not isinstance(output, Value):
            return {}
        known = self._gradients.get(id(output))
        if known is None:
            known = self._gradients[id(output)] = (output, gradients(output))
        return known[1]

    def leads(self, output: Any, variable: Any) -> bool:
        """Whether the output was computed from the variable."""
        for a in entries(output):
            found = self.slopes_of(a)
            if any(z in found for z in entries(variable) if isinstance(z, Value)):
                return True
        return False

    def twice(self, keys: Sequence[Key], row: int | None) -> World:
        """The same point, at which slopes by these names have slopes by them."""
        values = [self.quantity(key, row) for key in keys]
        varies = any((key, None) not in self._values for key in keys)
        place = frozenset(keys), row if varies else None
        if place not in self._twice:
            world = World(self.book, self.draw, self.seed)
            for key, value in zip(keys, values, strict=True):
                world.hold_entry(key, row, value.each(_twice) if isinstance(value, Table) else _twice(value))
            self._twice[place] = world
        return self._twice[place]

    # ----------------------------------------------------------------------------------- formulas

    def once(self, place: object, node: Node, find: Callable[[], Any]) -> Any:
        """The value of a formula that is asked for again and again."""
        known = self._once.get(place)
        if known is None:
            if len(self._once) > MOST_ONCE:
                self._once.clear()
            self._varies.append(False)
            try:
                value = find()
            finally:
                varies = self._varies.pop()
            known = self._once[place] = node, value, varies
        if known[2] and self._varies:
            self._varies[-1] = True
        return known[1]

    def letters(self, node: Node) -> list[str]:
        """The letters whose numbers matter for a formula, and for the functions that it calls."""
        known = self._letters.get(id(node))
        if known is None:
            found = set(open_letters(node))
            bodies = [node]
            called: set[str] = set()
            while bodies:
                for base in {name.key.base for name in names_in(bodies.pop())} - called:
                    called.add(base)
                    bodies += [function.body for function in self.book.functions.get(base, ())]
                    found = found.union(*(open_letters(f.body) for f in self.book.functions.get(base, ())))
            known = self._letters[id(node)] = node, sorted(found)
        return known[1]

    # ---------------------------------------------------------------------------------- functions

    def function(self, name: str, primes: int, index: str = "") -> Callable[..., Any] | None:
        """A function of one number that is known everywhere, or an abstract one, which may have an index."""
        full = name + index + "'" * primes
        if full not in self._functions:
            known = KNOWN.get(name)
            if known is None and NORMAL.keys() <= self.book.called:
                known = NORMAL.get(name)
            if known is None:
                known = self.abstract(name + index)
            self._functions[full] = derivative(known, primes) if primes else known
        return self._functions[full]

    def abstract(self, name: str) -> Callable[[Any], Any]:
        """A function that is only named: a random cubic."""
        return random_cubic(name, self.seed)


def _twice(x: Any) -> Value:
    """A number that slopes of slopes can be taken by."""
    return Value(Value(plain(x)))


def _left_of_one(others: Iterable[Any]) -> Value:
    """The last of numbers that add up to 1."""
    return as_value(1 - sum(map(plain, others)))
