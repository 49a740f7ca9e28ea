"""The values that the notes have given, worked out and made of their parameters so far."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from ...value import Value
from ..defining.book import Book
from ..defining.updates import update_of
from ..meaning.chains import Chain
from ..meaning.errors import Missing, NotUnderstood
from ..meaning.evaluating import Reading, Scope, evaluate
from ..meaning.syntax import Apply, Derivative, Index, Key, Name, Node, Number, walk
from ..meaning.syntax import Table as TableNode
from ..meaning.tables import Table, entries, plain
from ..meaning.world import World
from .rounding import FARTHEST, Rounded, literal, moves_far, uncertain

if TYPE_CHECKING:
    from .verdicts import Judgement

__all__ = ["CUT_OFF", "EXACT", "FOUND", "MISTAKEN", "UPDATED", "KnownValues", "Worth"]

FOUND, EXACT, UPDATED, MISTAKEN = "found", "exact", "updated", "mistaken"
"""How the values are taken that lines have come to: as they are, worked out anew, worked out after the steps
of descent, or also the wrong ones.
"""

CUT_OFF = Reading(says="the digits are cut off, not rounded")


class Worth(NamedTuple):
    """A value, the rounded numbers that it was computed from, and how far rounding on the way moves it."""

    value: Any
    rounded: list[Rounded]
    spread: float = 0.0


class KnownValues:
    """The values that are known so far.

    given      values that the notes say
    halves     half a unit of the last digit of those that may be rounded
    found      values that they have worked out, with half a unit of the last digit shown
    sections   under which heading a name got its value
    updated    values of parameters after a step of descent
    mistaken   values that they have worked out wrongly, and where
    slopes     derivatives that they have worked out, likewise
    results    all numbers that any line has come to with a decimal point, which may be rounded
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.given: dict[Key, Fraction] = dict(book.known)
        self.halves: dict[Key, Fraction] = {}
        self.found: dict[Key, tuple[Fraction, Fraction]] = {}
        self.mistaken: dict[Key, tuple[Fraction, Judgement]] = {}
        self.updated: dict[Key, Fraction] = {}
        self.sections: dict[Key, int] = {}
        self.slopes: dict[Key, tuple[Derivative, Fraction, Fraction]] = {}
        self.results: set[float] = set()
        self.former: dict[Key, list[Fraction]] = {}
        self._worlds: dict[str, _Known] = {}
        self._wrong_chains: dict[int, Judgement] = {}

    # ------------------------------------------------------------------------------------- noting

    def note(self, chain: Chain, place: int, judgement: Judgement) -> None:
        """Remember the value that a step gives to a name: what follows from a wrong one is to be known."""
        if judgement.verdict == "wrong":
            self._wrong_chains[chain.place] = judgement
        node = chain.links[place].node
        if isinstance(node, TableNode) and place > 1 and isinstance(chain.head, Name):
            self._note_entries(chain.head.key, node, judgement.kind == "update")
        number = None if node is None else literal(node)
        if number is None:
            return
        value, half = number
        if judgement.exactly:
            half = Fraction(0)
        elif judgement.reading is CUT_OFF:
            half *= 2
        wrong = chain.place in self._wrong_chains  # what comes after a wrong step is no better
        if place == 1 and isinstance(chain.head, Name) and self.given.get(chain.head.key) == value:
            return  # it is said, and not worked out
        if half and (place > 1 or not isinstance(chain.head, Name) or self.book.is_defined(chain.head.key)):
            self.results.add(abs(float(value)))
        step = update_of(chain) if judgement.kind == "update" else None
        if step is not None:
            truth = judgement.numbers[0] if wrong and judgement.numbers else value
            if isinstance(truth, (int, float, Fraction)):
                self.updated[step[0]] = Fraction(truth)
                self._worlds.clear()
        for link in chain.links[:place]:
            if isinstance(link.node, Name):
                key = link.node.key
                if step is not None and key == step[0]:
                    continue  # until all are updated, the others are updated by its old value
            elif isinstance(link.node, Derivative):
                key = derivative_key(link.node)
            else:
                continue
            before = key._replace(base=key.base.rstrip("'"), tag="")
            if key != before in self.given:  # w_1' = 0.36, of numbers only, is what w_1 becomes
                self.updated[before] = value
            if wrong:
                self.mistaken[key] = value, judgement.follows or self._wrong_chains[chain.place]
            elif isinstance(link.node, Derivative):
                self.slopes[key] = link.node, value, half
                self.mistaken.pop(key, None)
            elif place > 1 or self.book.is_defined(key):
                self.found[key] = value, half
                self.sections[key] = chain.section
                self.mistaken.pop(key, None)
            else:
                self.given.setdefault(key, value)
            self._worlds.clear()

    def _note_entries(self, key: Key, table: TableNode, is_step: bool) -> None:
        """The entries of a vector, given before, that it has from here on: w = w + x = (1, 2)."""
        values = self.updated if is_step else self.given
        for i, line in enumerate(table.rows, 1):
            for j, cell in enumerate(line, 1):
                entry, number = key._replace(below=(*key.below, Index("", i), Index("", j))), literal(cell)
                if entry in self.given and number is not None:
                    values[entry] = number[0]
                    self.forget()

    def give(self, key: Key, value: Fraction) -> None:
        """A value is said of a name; if another one was before, another example begins."""
        before = self.given.get(key)
        self.given[key] = value
        self.forget()
        if before not in (None, value):
            self.former.setdefault(key, []).append(before)
            for values in (self.found, self.slopes, self.mistaken):
                values.clear()
            self.updated.pop(key, None)  # the others are what the first example made of them

    def forget(self) -> None:
        """The values have changed: nothing that was worked out with them is to be used again."""
        self._worlds.clear()

    def worked_out(self) -> set[float]:
        """All numbers that lines have come to, without their signs."""
        found = [*self.found.values(), *self.mistaken.values(), *(x[1:] for x in self.slopes.values())]
        return self.results | {abs(float(value)) for value, _ in found}

    def given_slopes(self) -> list[Derivative]:
        """The derivatives that have a number."""
        return [slope for slope, _, _ in self.slopes.values()]

    def exact_ones(self) -> set[float]:
        """The numbers that are given, without their signs."""
        return {abs(float(value)) for value in self.given.values()}

    def worth(self, node: Node, mode: str) -> Worth | None:
        """What a formula is worth at the values of the notes, and what is rounded in it."""
        literals: list[Rounded] = []
        world = self.world(mode)
        try:
            value = evaluate(node, Scope(world, {}, None, substitutes=world.slopes, literals=literals))
        except NotUnderstood:
            return None
        rounded = uncertain(literals, self.exact_ones(), self.results)
        if _puts_numbers_in(node) and any(moves_far(x, rounded) for x in entries(value)):
            rounded = [(v, u) for v, u in rounded if abs(float(v.data)) in self.results]
        return Worth(value, [*rounded, *world.rounded])

    def worths(self, node: Node) -> list[Worth]:
        """The same with what lines have come to and with all worked out anew, which may differ a little."""
        found = [worth for mode in (FOUND, EXACT) if (worth := self.worth(node, mode))]
        if len(found) == 2 and not any(isinstance(worth.value, Table) for worth in found):
            a, b = (float(plain(worth.value)) for worth in found)
            if abs(a - b) <= FARTHEST * max(abs(a), abs(b)):
                found = [worth._replace(spread=abs(a - b)) for worth in found]
        after = self.worth(node, UPDATED) if self.updated else None
        return [after, *found] if after is not None else found

    def is_known(self, node: Node) -> bool:
        """Whether a formula has a value at what is known."""
        return any(self.worth(node, mode) is not None for mode in (FOUND, EXACT))

    def is_computable(self, name: Name) -> bool:
        """Whether the value of a name follows from others that are known."""
        definition = self.book.definition(name.key)
        if definition is None:
            return False
        found, bindings = definition
        try:
            evaluate(found.body, Scope(self.world(EXACT), bindings, None))
        except NotUnderstood:
            return False
        return True

    def world(self, mode: str) -> _Known:
        """The world at the values of the notes."""
        if mode not in self._worlds:
            self._worlds[mode] = _Known(self.book, self, mode)
        return self._worlds[mode]


class _Known(World):
    """The one point that the notes calculate at.

    mode        whether values that lines have come to are taken as they are, or worked out anew from what is
                given; or also those that are wrong
    rounded     the first kind, each with half a unit of its last digit
    slopes      derivatives that lines have come to, which stand for what would be worked out
    relied_on   the mistake behind a wrong value that was used
    """

    def __init__(self, book: Book, values: KnownValues, mode: str) -> None:
        super().__init__(book, self._given)
        self.values, self.mode = values, mode
        self.rounded: list[Rounded] = []
        self.relied_on: Judgement | None = None
        self.slopes: tuple[tuple[Node, Value], ...] = ()
        if mode in (FOUND, MISTAKEN):
            found = [(node, Value(float(value)), half) for node, value, half in values.slopes.values()]
            self.slopes = tuple((node, value) for node, value, _ in found)
            self.rounded += [(value, half) for _, value, half in found]

    def _given(self, key: Key, row: int | None) -> Any:
        updated = self.values.updated if self.mode == UPDATED else {}
        value = updated.get(key, self.values.given.get(key))
        if value is None:
            found = self.values.found.get(key)
            if found is None:
                raise Missing(key, "the numbers it is worked out from are not given")
            value = found[0]
        return float(value)

    def again(self) -> World:
        """What was found holds at the one point only."""
        return _Known(self.book, self.values, EXACT)

    def how_many(self, letter: str) -> int | None:
        """As many as the notes say, if they do."""
        counted, said = super().how_many(letter), self.values.given.get(Key(letter))
        return counted if counted is None or said is None or said.denominator > 1 else int(said)

    def _found(self, key: Key, row: int | None) -> Any:
        values = self.values
        if self.mode == MISTAKEN and key in values.mistaken:
            value, self.relied_on = values.mistaken[key]
            return self._moved(key, row, value, Fraction(0))
        if self.mode == UPDATED and key in values.updated:
            return Value(float(values.updated[key]))
        if self.mode in (FOUND, MISTAKEN) and key in values.found:
            return self._moved(key, row, *values.found[key])
        outdated = self.mode == UPDATED and self.book.is_defined(key)
        if key in values.given and not outdated:
            return self._moved(key, row, values.given[key], values.halves.get(key, Fraction(0)))
        return super()._found(key, row)

    def _moved(self, key: Key, row: int | None, value: Fraction, half: Fraction) -> Any:
        """What a line has come to, still computed from what its name is computed from."""
        computed: Any = None
        if self.book.is_defined(key):
            with contextlib.suppress(NotUnderstood):
                computed = super()._found(key, row)
        if not isinstance(computed, Value):
            computed = Value(0.0)
        rounding = Value(float(value) - float(plain(computed)))
        self.rounded.append((rounding, half))
        return computed + rounding


def _puts_numbers_in(node: Node) -> bool:
    """Whether a function is taken at a number: J(2.01)."""
    return any(isinstance(x, Apply) and any(isinstance(y, Number) for y in x.arguments) for x in walk(node))


def derivative_key(node: Derivative) -> Key:
    """A name for a derivative, so that its value can be remembered."""
    output = node.output.key if isinstance(node.output, Name) else None
    variable = node.variable.key if isinstance(node.variable, Name) else None
    return Key(f"d {output} / d {variable}")
