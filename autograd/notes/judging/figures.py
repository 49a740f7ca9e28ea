"""Lines of numbers: judged to the digits they show, with the values that the notes have come to so far."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from ...value import Value
from ..defining.book import Book
from ..defining.definitions import is_numeric
from ..defining.updates import update_of
from ..meaning.chains import Chain
from ..meaning.evaluating import Reading, Scope, evaluate, exact
from ..meaning.grammar import NotUnderstood
from ..meaning.spelling import latex_of
from ..meaning.syntax import Apply, Derivative, Key, Name, Node, Number, Sum, names_in, parts, walk
from ..meaning.tables import Table, entries
from ..meaning.world import Missing, World, plain
from .rounding import Rounded, agreement, literal, shown_unit, uncertain

if TYPE_CHECKING:
    from .deciding import Court
    from .verdicts import Judgement

__all__ = ["Figures"]

FOUND, EXACT, UPDATED, MISTAKEN = "found", "exact", "updated", "mistaken"
"""How the values are taken that lines have come to: as they are, worked out anew, worked out after the steps
of descent, or also the wrong ones.
"""

CUT_OFF = Reading(says="the digits are cut off, not rounded")

FARTHEST = 0.02
"""So much of a number may be lost by rounding on the way."""


class Worth(NamedTuple):
    """A value, the rounded numbers that it was computed from, and how far rounding on the way moves it."""

    value: Any
    rounded: list[Rounded]
    spread: float = 0.0


class Figures:
    """The values that are known so far, and judging lines of numbers by them.

    given      values that the notes say
    found      values that they have worked out, with half a unit of the last digit shown
    updated    values of parameters after a step of descent
    mistaken   values that they have worked out wrongly, and where
    slopes     derivatives that they have worked out, likewise
    results    all numbers that any line has come to with a decimal point, which may be rounded
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.given: dict[Key, Fraction] = dict(book.known)
        self.found: dict[Key, tuple[Fraction, Fraction]] = {}
        self.mistaken: dict[Key, tuple[Fraction, Judgement]] = {}
        self.updated: dict[Key, Fraction] = {}
        self.slopes: dict[Key, tuple[Derivative, Fraction, Fraction]] = {}
        self.results: set[float] = set()
        self.former: dict[Key, list[Fraction]] = {}
        self._worlds: dict[str, _Known] = {}

    # ------------------------------------------------------------------------------------- noting

    def note(self, chain: Chain, place: int, judgement: Judgement) -> None:
        """Remember the value that a step gives to a name: what follows from a wrong one is to be known."""
        node = chain.links[place].node
        number = None if node is None else literal(node)
        if number is None:
            return
        value, half = number
        if judgement.exactly:
            half = Fraction(0)
        elif judgement.reading is CUT_OFF:
            half *= 2
        wrong = judgement.verdict == "wrong"
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
            if wrong:
                self.mistaken[key] = value, judgement.follows or judgement
            elif isinstance(link.node, Derivative):
                self.slopes[key] = link.node, value, half
                self.mistaken.pop(key, None)
            elif place > 1 or self.book.is_defined(key):
                self.found[key] = value, half
                self.mistaken.pop(key, None)
            else:
                self.given.setdefault(key, value)
            self._worlds.clear()

    # ------------------------------------------------------------------------------------ judging

    def judge(self, judgement: Judgement, chain: Chain, place: int, court: Court) -> bool:
        """Judge a step with a numeric side; False where it should be compared at random points after all."""
        node, before = chain.links[place].node, chain.links[place - 1].node
        assert node is not None
        approx = chain.links[place].relation == "approx"
        head = judgement.head
        assert head is not None
        if before is not None and is_numeric(before) and is_numeric(node):
            self._arithmetic(judgement, before, node, approx)
            return True
        if not is_numeric(node):
            return False
        for left in (head, before):
            if left is None or is_numeric(left):
                continue
            try:
                if court.difference(left, node) is None:
                    judgement.verdict = "right"
                    return True
            except NotUnderstood:
                pass
        new = isinstance(before, Name) and head is not before
        if isinstance(before, Name) and place == 1 and not self.book.is_defined(before.key):
            if not new or not self._is_known(head):
                return self._given(judgement, before.key, node)
        elif isinstance(before, Name) and place == 1 and not self._computable(before):
            return self._given(judgement, before.key, node)
        lefts = [x for x in ((head,) if new else (before, head)) if x is not None and not is_numeric(x)]
        judged = self._symbols(judgement, chain, lefts, node, approx)
        if judgement.verdict == "wrong":
            self._must_be_given(lefts, court)
        return judged

    def has_numbers_put_in(self, node: Node) -> bool:
        r"""Whether values that lines have come to stand among the names: `x_1 \cdot 0.5`."""
        if is_numeric(node):
            return False
        found = [*self.found.values(), *self.mistaken.values(), *(x[1:] for x in self.slopes.values())]
        values = self.results | {abs(float(value)) for value, _ in found}
        numbers = [x.text for x in walk(node) if isinstance(x, Number)]
        return any(
            abs(float(exact(text))) in values and ("." in text or float(exact(text)) > 2) for text in numbers
        )

    def at_values(self, judgement: Judgement, head: Node, node: Node) -> None:
        """Judge two formulas at the values of the notes, some of which stand in one of them."""
        judgement.kind = "number" if judgement.kind in ("forward", "identity", "loss") else judgement.kind
        judgement.numbers = None
        for mode in (FOUND, EXACT, UPDATED, MISTAKEN):
            left, right = self._worth(head, mode), self._worth(node, mode)
            if left is None or right is None:
                continue
            pairs = zip(entries(left.value), entries(right.value), strict=False)
            agree = all(agreement(x, y, None, left.rounded + right.rounded) for x, y in pairs)
            if mode != MISTAKEN:
                judgement.numbers = plain_numbers(left.value), plain_numbers(right.value)
                if agree:
                    judgement.verdict, judgement.numbers, judgement.difference = "right", None, None
                    return
            elif agree:
                judgement.follows = self._world(MISTAKEN).relied_on
        if judgement.numbers is None:
            raise NotUnderstood("the numbers it is worked out from are not given")

    def scope(self) -> Scope:
        """The point of the notes, where they give one: as it is said, and nothing rounded."""
        return Scope(self._world(EXACT), {}, None)

    def _given(self, judgement: Judgement, key: Key, node: Node) -> bool:
        """A value said of a name."""
        judgement.kind = "number"
        before = self.given.get(key)
        evaluate(node, Scope(self._world(FOUND), {}, None))  # raises where it is too large
        value = self._value(node)
        judgement.verdict = "right"
        if value is not None and (before is None or before == value):
            self.given[key] = value
            self._worlds.clear()
        elif value is not None:
            if before is not None:
                self.former.setdefault(key, []).append(before)
            self.given[key] = value  # another example begins
            self._worlds.clear()
            self.found.clear()
            self.slopes.clear()
            self.updated.clear()
            self.mistaken.clear()
        return True

    def _value(self, node: Node) -> Fraction | None:
        try:
            value = plain(evaluate(node, Scope(self._world(FOUND), {}, None)))
        except NotUnderstood:
            return None
        return Fraction(value) if isinstance(value, (int, Fraction)) else None

    def _arithmetic(self, judgement: Judgement, left: Node, right: Node, approx: bool) -> None:
        """Numbers on both sides."""
        literals: list[Rounded] = []
        a = evaluate(left, Scope(self._world(FOUND), {}, None, literals=literals))
        judgement.kind = "number" if judgement.kind not in ("gradient", "chain", "update") else judgement.kind
        worth = Worth(a, uncertain(literals, self._exact_ones(), self.results))
        also = {abs(float(v.data)) for v, _ in literals}
        self._settle(judgement, [worth], right, approx, also)
        head = judgement.head
        if judgement.verdict == "wrong" and head is not None and not is_numeric(head):
            anew = [self._worth(head, mode) for mode in (EXACT, UPDATED)]
            self._settle(judgement, anew, right, approx, also, keep=True)

    def _exact_ones(self) -> set[float]:
        return {abs(float(value)) for value in self.given.values()}

    def _worth(self, node: Node, mode: str) -> Worth | None:
        """What a formula is worth at the values of the notes, and what is rounded in it."""
        literals: list[Rounded] = []
        world = self._world(mode)
        try:
            value = evaluate(node, Scope(world, {}, None, substitutes=world.slopes, literals=literals))
        except NotUnderstood:
            return None
        return Worth(value, [*uncertain(literals, self._exact_ones(), self.results), *world.rounded])

    def _worths(self, node: Node) -> list[Worth]:
        """The same with what lines have come to and with all worked out anew, which may differ a little."""
        found = [worth for mode in (FOUND, EXACT) if (worth := self._worth(node, mode))]
        if len(found) == 2 and not any(isinstance(worth.value, Table) for worth in found):
            a, b = (float(plain(worth.value)) for worth in found)
            if abs(a - b) <= FARTHEST * max(abs(a), abs(b)):
                found = [worth._replace(spread=abs(a - b)) for worth in found]
        after = self._worth(node, UPDATED) if self.updated else None
        return [after, *found] if after is not None else found

    def _symbols(
        self, judgement: Judgement, chain: Chain, lefts: list[Node], right: Node, approx: bool
    ) -> bool:  # fmt: skip
        """A formula, and the number it is said to have."""
        attempts = [worth for left in lefts for worth in self._worths(left)]
        if not attempts:
            return self._of_nothing_known(judgement, chain, lefts, right)
        judgement.kind = "number" if judgement.kind in ("forward", "identity", "loss") else judgement.kind
        self._settle(judgement, attempts, right, approx)
        if judgement.verdict == "wrong":
            self._with_former_values(judgement, lefts, right, approx)
        if judgement.verdict == "wrong" and self.mistaken:
            self._after_a_mistake(judgement, lefts, right, approx)
        return True

    def _of_nothing_known(
        self, judgement: Judgement, chain: Chain, lefts: list[Node], right: Node
    ) -> bool:  # fmt: skip
        """A formula without a value at what is known so far."""
        values = _put_in(lefts[0], right)
        if values:
            for key, value in values.items():
                self.given.setdefault(key, value)
            self._worlds.clear()
            judgement.verdict, judgement.kind = "right", "number"
            return True
        if literal(right) is None and place_of(chain, right) > 1 and self._is_of_the_notes(lefts[-1]):
            judgement.verdict, judgement.kind = "ambiguous", "number"
            judgement.reading = Reading(says="the numbers put in are the right ones; they are given nowhere")
            return True
        constant = all(_says_all(left) for left in lefts) and not self.given
        bare = literal(right)
        differentiated = any(isinstance(x, Derivative) for left in lefts for x in walk(left))
        if constant and differentiated and bare is not None and bare[0] in {0, 1, -1}:
            return False
        try:
            evaluate(lefts[0], Scope(self._world(FOUND), {}, None))
        except Missing:
            raise NotUnderstood("the numbers it is worked out from are not given") from None
        return True

    def _must_be_given(self, lefts: list[Node], court: Court) -> None:
        """Accuse no number where a slope follows from a formula that the notes do not give."""
        for x in (x for left in lefts for x in walk(left) if isinstance(x, Derivative)):
            if not isinstance(x.output, Name):
                continue
            found = self.book.definition(x.output.key)
            body = None if found is None else found[0].body
            some_function = isinstance(body, Apply) and body.name.key.base == "loss of"
            if some_function or court.difference(x, Number(0, 0, "0")) is None:
                raise NotUnderstood(f"the notes give no formula for ${latex_of(x.output.key)}$")

    def _with_former_values(
        self, judgement: Judgement, lefts: list[Node], right: Node, approx: bool
    ) -> None:  # fmt: skip
        """A line that holds with a value a name had before another was given for it."""
        for key, values in list(self.former.items())[:6]:
            now, found = self.given.get(key), self.found
            for value in values[-3:]:
                self.given[key], self.found = value, {}
                self._worlds.clear()
                attempts = [worth for left in lefts if (worth := self._worth(left, EXACT))]
                if attempts:
                    self._settle(judgement, attempts, right, approx, keep=True)
                if now is not None:
                    self.given[key] = now
                self.found = found
                self._worlds.clear()
                if judgement.verdict == "right":
                    judgement.verdict = "ambiguous"
                    judgement.reading = Reading(says=f"${latex_of(key)} = {value}$, as was said before")
                    return

    def _after_a_mistake(
        self, judgement: Judgement, lefts: list[Node], right: Node, approx: bool
    ) -> None:  # fmt: skip
        """A line that holds with a value that was worked out wrongly follows from that."""
        world = self._world(MISTAKEN)
        for left in lefts:
            worth = self._worth(left, MISTAKEN)
            if worth is not None and world.relied_on is not None:
                trial = replace(judgement)
                self._settle(trial, [worth], right, approx)
                if trial.verdict != "wrong":
                    judgement.follows = world.relied_on

    def _is_of_the_notes(self, node: Node) -> bool:
        """Whether everything in a formula is a quantity that other formulas have too."""
        return not any(name.key.base.startswith("Delta ") for name in names_in(node))

    def _settle(
        self, judgement: Judgement, attempts: Sequence[Worth | None], right: Node, approx: bool,
        exact_ones: Iterable[float] = (), keep: bool = False,
    ) -> None:  # fmt: skip
        """Right where the numbers agree to the digits shown in one of several ways to get them.

        With `keep` a judgement stays as it is where they do not.
        """
        literals: list[Rounded] | None = [] if literal(right) is None else None
        b = evaluate(right, Scope(self._world(FOUND), {}, None, literals=literals))
        put_in = uncertain(literals or (), {*self._exact_ones(), *exact_ones}, self.results, put_in=True)
        shown, said = shown_unit(right), entries(b)
        best, failed, exactly = "", None, False
        for worth in attempts:
            if worth is None:
                continue
            values = entries(worth.value)
            if len(values) != len(said):
                failed = plain_numbers(worth.value), plain_numbers(b)
                continue
            outcomes = [
                agreement(x, y, shown, worth.rounded + put_in, worth.spread)
                for x, y in zip(values, said, strict=True)
            ]
            exactly |= set(outcomes) == {"exact"}
            if None in outcomes:
                place = outcomes.index(None)
                failed = plain(values[place]), plain(said[place])
            elif "cut off" not in outcomes or approx:
                best = "rounded"
                break
            else:
                best = "cut off"
        if best:
            judgement.verdict, judgement.numbers, judgement.exactly = "right", None, exactly
            if best == "cut off":
                judgement.verdict, judgement.reading = "ambiguous", CUT_OFF
        elif not keep:
            judgement.verdict, judgement.numbers = "wrong", failed

    def _is_known(self, node: Node) -> bool:
        """Whether a formula has a value at what is known."""
        return any(self._worth(node, mode) is not None for mode in (FOUND, EXACT))

    def _computable(self, name: Name) -> bool:
        """Whether the value of a name follows from others that are known."""
        definition = self.book.definition(name.key)
        if definition is None:
            return False
        found, bindings = definition
        try:
            evaluate(found.body, Scope(self._world(EXACT), bindings, None))
        except NotUnderstood:
            return False
        return True

    def _world(self, mode: str) -> _Known:
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

    def __init__(self, book: Book, figures: Figures, mode: str) -> None:
        super().__init__(book, self._given)
        self.figures, self.mode = figures, mode
        self.rounded: list[Rounded] = []
        self.relied_on: Judgement | None = None
        self.slopes: tuple[tuple[Node, Value], ...] = ()
        if mode in (FOUND, MISTAKEN):
            found = [(node, Value(float(value)), half) for node, value, half in figures.slopes.values()]
            self.slopes = tuple((node, value) for node, value, _ in found)
            self.rounded += [(value, half) for _, value, half in found]

    def _given(self, key: Key, row: int | None) -> Any:
        value = self.figures.given.get(key)
        if value is None:
            found = self.figures.found.get(key)
            if found is None:
                raise Missing(key, "the numbers it is worked out from are not given")
            value = found[0]
        return float(value)

    def _found(self, key: Key, row: int | None) -> Any:
        figures = self.figures
        if self.mode == MISTAKEN and key in figures.mistaken:
            value, self.relied_on = figures.mistaken[key]
            return self._moved(key, row, value, Fraction(0))
        if self.mode == UPDATED and key in figures.updated:
            return Value(float(figures.updated[key]))
        if self.mode in (FOUND, MISTAKEN) and key in figures.found:
            return self._moved(key, row, *figures.found[key])
        if key in figures.given:
            return self._moved(key, row, figures.given[key], Fraction(0))
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


def plain_numbers(x: Any) -> Any:
    """A value without the graph that it comes from."""
    return x.each(plain) if isinstance(x, Table) else plain(x)


def place_of(chain: Chain, node: Node) -> int:
    """Which side of a chain it is; 2 also for an arithmetic that goes on to a number."""
    place = next((p for p, link in enumerate(chain.links) if link.node is node), 0)
    return 2 if place == 1 and len(chain.links) > 2 and literal(node) is None else place


def _put_in(formula: Node, numbers: Node) -> dict[Key, Fraction] | None:
    """The values that make numbers of a formula, where these are written like it: 3 + 4 of a + b."""
    values: dict[Key, Fraction] = {}
    stack = [(formula, numbers)]
    while stack:
        a, b = stack.pop()
        if isinstance(a, Name) and not a.primes:
            number = literal(b)
            if number is None or values.setdefault(a.key, number[0]) != number[0]:
                return None
        elif type(a) is not type(b):
            return None
        elif isinstance(a, Number):
            if exact(a.text) != exact(b.text):  # type: ignore[attr-defined]
                return None
        else:
            one, other = list(parts(a)), list(parts(b))
            if len(one) != len(other) or (isinstance(a, Sum) and a.signs != b.signs):  # type: ignore[attr-defined]
                return None
            stack += zip(one, other, strict=True)
    return values


def _says_all(node: Node) -> bool:
    return not any(isinstance(x, Number) and "." in x.text for x in walk(node))


def derivative_key(node: Derivative) -> Key:
    """A name for a derivative, so that its value can be remembered."""
    output = node.output.key if isinstance(node.output, Name) else None
    variable = node.variable.key if isinstance(node.variable, Name) else None
    return Key(f"d {output} / d {variable}")
