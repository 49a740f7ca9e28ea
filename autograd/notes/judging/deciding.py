"""Deciding whether two sides are equal: by their values at random points, exactly where that is possible."""

from __future__ import annotations

import contextlib
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...numbers import is_nan
from ..defining.book import FIRST_FIXED, Book, is_constant
from ..meaning import rules  # noqa: F401 # `evaluate` has its rules from there
from ..meaning.errors import Disconnected, Misfit, NotUnderstood
from ..meaning.evaluating import LITERAL, Reading, Scope, evaluate
from ..meaning.index_sums import letter_size
from ..meaning.remembered import once_for_each
from ..meaning.syntax import (
    Apply,
    Cases,
    Derivative,
    Key,
    Name,
    Node,
    Number,
    Power,
    SumOver,
    letters_of,
    names_in,
    parts,
    quantities_in,
    walk,
)
from ..meaning.tables import Jacobian, Table, diagonal_of, entries, plain
from ..meaning.world import World

if TYPE_CHECKING:
    from .conditions import Condition

__all__ = ["POINTS_WITH_KINKS", "Court", "Difference", "free_letters", "is_branching", "same"]

POINTS = 3
POINTS_WITH_KINKS = 8
TRIES = 24
MOST_CASES = 36
DIGITS = 50
MOST_LEFT_VALUES = 5_000
_TRANSCENDENTAL = {
    "exp",
    "log",
    "ln",
    "tanh",
    "sigma",
    "sigmoid",
    "Sigmoid",
    "softmax",
    "Softmax",
    "sin",
    "cos",
    "softplus",
    "sqrt",
    "sinh",
    "cosh",
    "tan",
    "logistic",
    "sig",
    "Tanh",
    "logsumexp",
    "LSE",
    "sech",
    "arctan",
    "norm",
    "e",
    "Phi",
}
_KINKED = {"max", "min", "relu", "ReLU", "RELU", "Relu", "abs", "LeakyReLU", "lrelu", "leaky_relu"}


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two sides differ: the scope, and what both are there."""

    scope: Scope
    left: Any
    right: Any


class Court:
    """Decides about equations of one book.

    distinct, same   index letters that stand for different numbers, or for one
    condition        what holds at the points that decide
    given            the values that names have at all of them
    """

    def __init__(self, book: Book, nodes: Sequence[Node], like: Court | None = None) -> None:
        self.book = book
        self._bigger: Court | None = None
        self._is_bigger = like is not None
        inside = [x for node in nodes for x in walk(node)]
        used = {x.name.key.base for x in inside if isinstance(x, Apply)}
        used |= {"e" for x in inside if isinstance(x, Name) and x.key.base == "e"}
        roots = any(isinstance(x, Power) and not isinstance(x.exponent, Number) for x in inside)
        self.exact = not used & _TRANSCENDENTAL and not roots
        self.points = POINTS_WITH_KINKS if any(map(is_branching, inside)) else POINTS
        if like is not None:
            self.exact, self.points = like.exact, like.points
        self._left_values: dict[object, tuple[Node, Any]] = {}
        self._worlds: list[World] = []
        self.distinct: tuple[str, str] | None = None
        self.same: tuple[str, str] | None = None
        self.condition: Condition | None = None
        self.given: dict[Key, Fraction] = {}
        self._anchored: set[Key] | None = None

    # -------------------------------------------------------------------------------------- points

    @property
    def bigger(self) -> Court | None:
        """The same with one more of all that is counted by a letter: what holds for n must hold for n + 1."""
        if self._bigger is None and self.book.counted and not self._is_bigger:
            self._bigger = Court(self.book.with_more(), [], like=self)
        return self._bigger

    def at(self, given: dict[Key, Fraction]) -> Court:
        """The same where some names have these values."""
        court = Court(self.book, [], like=self)
        court.distinct, court.same, court.condition = self.distinct, self.same, self.condition
        court.given = given
        return court

    def world(self, number: int) -> World:
        """The random points, one after the other."""
        while len(self._worlds) <= number:
            seed = len(self._worlds)
            world = World(self.book, self._drawing(seed), seed)
            world.anchored_leaves = self.anchored
            self._worlds.append(world)
        return self._worlds[number]

    def _drawing(self, seed: int) -> Any:
        kind = seed % 3

        def draw(key: Key, row: int | None) -> Any:
            if key in self.given:
                return self.given[key]
            rng = random.Random(f"{seed} {key} {row}")
            if (key.base, len(key.below), len(key.above)) in self.book.classes:
                return Fraction(rng.randint(1, 2))
            if key.base in self.book.ranges:
                least, most = self.book.ranges[key.base]
                return least + (most - least) * Fraction(rng.randint(1, 998), 999)
            if self.exact and seed % 2 and self.points == POINTS_WITH_KINKS:  # cases often end at 1 or -1
                return Fraction(rng.randint(-2_000, 2_000), rng.randint(700, 999))
            if self.exact:
                return Fraction(rng.randint(-10_000, 10_000), rng.randint(10, 99))
            low, high = ((-2.0, 2.0), (0.02, 0.98), (0.1, 1.6))[kind]
            import mpmath

            return mpmath.mpf(low) + (mpmath.mpf(high) - low) * mpmath.mpf(rng.getrandbits(80)) / 2**80

        return draw

    def anchored(self) -> set[Key]:
        """The leaves that anything defined in the notes is computed from."""
        if self._anchored is None:
            self._anchored = set()
            world = World(self.book, self._drawing(0), 0)
            row = 1 if self.book.rows else None
            with digits(self.exact):
                for key in self.book.instances():
                    with contextlib.suppress(NotUnderstood):
                        world.quantity(key, row)
            self._anchored = {key for key, _ in world.leaves} | {Key(rate) for rate in self.book.rates}
            self._anchored |= set(self.book.known)
            for function in (f for found in self.book.functions.values() for f in found):
                names = {name.key for name in quantities_in(function.body)} - {*function.parameters}
                self._anchored |= {key for key in names if not self.book.is_defined(key) and not key.letters}
        return self._anchored

    # ------------------------------------------------------------------------------------ comparing

    def difference(
        self, left: Node, right: Node, reading: Reading = LITERAL, points: int | None = None
    ) -> Difference | None:
        """Where the sides differ in a reading; None where they are equal. Raises `NotUnderstood`."""
        with digits(self.exact):
            found = self._difference(left, right, reading, points or self.points)
            if found is None and points is None and self.bigger is not None:
                self.bigger.distinct, self.bigger.same = self.distinct, self.same
                self.bigger.condition = self.condition
                found = self.bigger.difference(left, right, reading, points=1)
            return found

    def _difference(self, left: Node, right: Node, reading: Reading, points: int) -> Difference | None:
        letters = sorted((free_letters(left) | free_letters(right)) - self.book.fixed)
        decided = 0
        moves = not self._is_slope(left) or self.condition is not None or not _names_anything(right)
        problem: NotUnderstood | None = None
        cases = list(self._cases(letters, (left, right), reading))
        for number in range(TRIES):
            world = self.world(number)
            understood = finite = False
            for bindings, row in cases:
                scope = Scope(world, bindings, row, reading, bare=True)
                try:
                    a, b = self._left_value(left, scope), evaluate(right, scope)
                except NotUnderstood as found:
                    problem = problem or found
                    continue
                understood = True
                if self.condition is not None and not self.condition.holds(scope):
                    continue
                if not (is_finite(a) and is_finite(b)):
                    continue
                finite = True
                mine, theirs = len(entries(a)), len(entries(b))
                if 1 != mine != theirs != 1:
                    raise Misfit(f"one side has {mine} entries here, the other {theirs}")
                if not same(a, b):
                    return Difference(scope, a, b)
                moves = moves or any(
                    type(x) is not int or x != 0 for x in entries(a)
                )  # 0: nothing leads to it
            if not understood:
                raise problem or NotUnderstood("nothing to compare")
            decided += finite
            if decided >= points:
                break
        if decided == 0:
            raise NotUnderstood("no numbers were found at which both sides have a value")
        if not moves and self.distinct is None:
            raise Disconnected("as it is read here it is 0 everywhere, which says nothing")
        return None

    def _is_slope(self, node: Node) -> bool:
        """Whether it is a derivative, or a name of one: dW, delta."""
        return isinstance(node, Derivative) or (isinstance(node, Name) and self.book.is_derivative(node.key))

    def _left_value(self, node: Node, scope: Scope) -> Any:
        """The value of a left side, which many right sides may be held against."""
        key = (id(node), id(scope.world), tuple(scope.bindings.items()), scope.row, scope.reading)
        known = self._left_values.get(key)
        if known is not None and known[0] is node:
            return known[1]
        value = evaluate(node, scope)
        if len(self._left_values) > MOST_LEFT_VALUES:
            self._left_values.clear()
        self._left_values[key] = node, value
        return value

    def scopes(
        self, world: World, letters: Sequence[str], nodes: Sequence[Node], reading: Reading
    ) -> Iterator[Scope]:
        """Every row, and every number for the index letters that nothing binds."""
        for bindings, row in self._cases(letters, nodes, reading):
            yield Scope(world, bindings, row, reading, bare=True)

    def _cases(
        self, letters: Sequence[str], nodes: Sequence[Node], reading: Reading
    ) -> Iterator[tuple[dict[str, int], int | None]]:
        rows: list[int | None] = list(range(1, self.book.rows + 1)) if self.book.rows else [None]
        in_row = (
            {letter for node in nodes for letter in self._row_letters(node)} if self.book.row_slots else set()
        )
        if self.book.rows:
            in_row |= self.book.row_letters
        row_letters = [letter for letter in letters if letter in in_row]
        letters = [letter for letter in letters if letter not in in_row]
        ranges = [self._range(letter, nodes) for letter in letters]
        cases = list(itertools.islice(itertools.product(rows, *ranges), 4 * MOST_CASES))
        if len(cases) > MOST_CASES:
            cases = random.Random(len(cases)).sample(cases, MOST_CASES)
        taken = [number for number in self._fixed().values() if number < FIRST_FIXED]
        for row, *assigned in cases:
            numbers = [number for number in assigned if number is not None]
            if (reading.distinct or self.distinct) and self._coincide(letters, numbers, taken):
                continue
            if self.same is not None and not _equal(self.same, letters, numbers):
                continue
            bindings = dict(zip(letters, numbers, strict=True))
            if row is not None:
                bindings |= dict.fromkeys(row_letters, row)
            yield bindings, row

    def _coincide(self, letters: Sequence[str], numbers: Sequence[int], taken: Sequence[int]) -> bool:
        """Whether letters have one number that are said to have different ones: these two, or else all.

        `taken` are the numbers of other letters, each of which stands for one unit.
        """
        said = {text: int(text) for text in self.distinct or () if text.isdigit()}  # j != 1
        values = {**self._fixed(), **said, **dict(zip(letters, numbers, strict=True))}
        if self.distinct is not None and set(self.distinct) <= set(values):
            return values[self.distinct[0]] == values[self.distinct[1]]
        return len({*numbers, *taken}) < len(numbers) + len(set(taken))

    def _fixed(self) -> dict[str, int]:
        """The numbers of the index letters that stand for one unit everywhere."""
        return {letter: self.book.sizes["index", letter] for letter in self.book.fixed}

    def _row_letters(self, node: Node) -> set[str]:
        """Free letters that stand for the row."""
        found = set()
        for name in names_in(node):
            slot = self.book.row_slots.get(name.key.base)
            indices = name.key.above if slot == "above" else name.key.below
            if slot and indices:
                index = indices[-1] if slot == "last" else indices[0]
                if index.letter and not index.number:
                    found.add(index.letter)
        return found

    def _range(self, letter: str, nodes: Sequence[Node]) -> range:
        if ("from 0", letter) in self.book.sizes:
            return range(int(self.book.sizes["from 0", letter]))
        scope = Scope(self.world(0), {}, None)
        sizes = (letter_size(letter, node, scope) for node in nodes if letter in free_letters(node))
        return range(1, min(sizes) + 1)


def _equal(pair: tuple[str, str], letters: Sequence[str], numbers: Sequence[int]) -> bool:
    """Whether two index letters have the same number, where both occur."""
    values = dict(zip(letters, numbers, strict=True))
    return pair[0] not in values or pair[1] not in values or values[pair[0]] == values[pair[1]]


def _names_anything(node: Node) -> bool:
    return next(quantities_in(node), None) is not None


def is_branching(node: Node) -> bool:
    """Whether it is one thing here and another there."""
    return isinstance(node, Cases) or (isinstance(node, Apply) and node.name.key.base in _KINKED)


def digits(exact: bool) -> Any:
    """A context in which numbers have enough digits."""
    if exact:
        return contextlib.nullcontext()
    import mpmath

    return mpmath.workdps(DIGITS)


@once_for_each
def free_letters(node: Node) -> frozenset[str]:
    """The index letters in a formula that no sum in it binds."""
    if isinstance(node, SumOver):
        inside = free_letters(node.body) - {node.index}
        for bound in (node.low, node.high):
            if bound is not None:
                inside |= free_letters(bound)
        return inside
    found: set[str] = set()
    if isinstance(node, Name):
        found = {
            x for i in node.key.below + node.key.above if not is_constant(i) for x in letters_of(i.letter)
        }
    return frozenset(found.union(*map(free_letters, parts(node))))


def is_finite(x: Any) -> bool:
    """Whether all entries are numbers."""
    for entry in entries(x):
        number = plain(entry)
        if type(number) is Fraction:
            continue
        if isinstance(number, Table):
            raise NotUnderstood("a table of vectors")
        if is_nan(number) or abs(number) == math.inf:
            return False
    return True


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal. A vector may stand or lie, a table of one entry is a number."""
    if isinstance(a, Jacobian) or isinstance(b, Jacobian):
        return _same_jacobian(a, b)
    x, y = entries(a), entries(b)
    if len(x) != len(y):
        nothing = [close(number, 0) for number in (x[0], y[0]) if min(len(x), len(y)) == 1]
        return any(nothing) and all(close(number, 0) for number in (*x, *y))  # 0 for a vector of zeros
    if (
        isinstance(a, Table)
        and isinstance(b, Table)
        and a.shape != b.shape
        and not (1 in a.shape and 1 in b.shape)
    ):
        return False
    return all(map(close, x, y))


def _same_jacobian(a: Any, b: Any) -> bool:
    """A Jacobian may be given as a matrix, as its diagonal, or as what every unit has."""
    if not isinstance(a, Jacobian):
        a, b = b, a
    if isinstance(b, Jacobian):
        return a.shape == b.shape and all(map(close, entries(a), entries(b)))
    if isinstance(b, Table) and b.shape == a.shape and all(map(close, entries(a), entries(b))):
        return True
    for simple in (diagonal_of(a), _per_unit(a)):
        if simple is not None:
            if not isinstance(b, Table) and isinstance(simple, Table):
                if all(close(x, b) for x in entries(simple)):
                    return True
            elif same(simple, b):
                return True
    return False


def _per_unit(x: Jacobian) -> Any:
    """d(Wx)_i / dW_ij is x_j for every i: the vector x."""
    m, n = len(x.rows), x.by[1]
    if x.by[0] != m or m * n != x.shape[1]:
        return None
    blocks = []
    for i, row in enumerate(x.rows):
        if any(plain(row[k * n + j]) != 0 for k in range(m) if k != i for j in range(n)):
            return None
        blocks.append(row[i * n : (i + 1) * n])
    if any(not close(p, q) for block in blocks[1:] for p, q in zip(block, blocks[0], strict=True)):
        return None
    return Table([blocks[0]])


def close(a: Any, b: Any) -> bool:
    """Whether two numbers are equal, apart from the last digits of those that are not exact."""
    a, b = plain(a), plain(b)
    if isinstance(a, (int, Fraction)) and isinstance(b, (int, Fraction)):
        return a == b
    if isinstance(a, float) or isinstance(b, float):
        try:
            return math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-12)
        except OverflowError:  # a fraction that no float can hold
            return False
    import mpmath

    a, b = mpmath.mpmathify(a), mpmath.mpmathify(b)
    return bool(abs(a - b) <= (1 + abs(a) + abs(b)) * mpmath.mpf(10) ** (-DIGITS + 30))
