"""Lines of numbers: judged to the digits they show, with the values that the notes have come to so far."""

from __future__ import annotations

import contextlib
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...graph import gradients
from ...value import Value
from ..defining.book import Book
from ..defining.definitions import is_numeric
from ..meaning.chains import Chain
from ..meaning.evaluating import Reading, Scope, evaluate, exact, half_unit
from ..meaning.grammar import NotUnderstood
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    Apply,
    Derivative,
    Index,
    Key,
    Name,
    Node,
    Number,
    Sum,
    Table,
    names_in,
    parts,
    walk,
)
from ..meaning.tables import entries
from ..meaning.world import Missing, World, plain

if TYPE_CHECKING:
    from .deciding import Court
    from .verdicts import Judgement

__all__ = ["Figures"]


class Figures:
    """The values that are known so far, and judging lines of numbers by them.

    given      values that the notes say
    found      values that they have worked out, with half a unit of the last digit shown
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.given: dict[Key, Fraction] = dict(book.known)
        self.found: dict[Key, tuple[Fraction, Fraction]] = {}
        self.former: dict[Key, list[Fraction]] = {}
        self._worlds: dict[bool, World] = {}

    # ------------------------------------------------------------------------------------- noting

    def note(self, chain: Chain, place: int) -> None:
        """Remember the value that a step gives to a name."""
        node = chain.links[place].node
        if node is None:
            return
        number = literal(node)
        if number is None:
            return
        for link in chain.links[:place]:
            if isinstance(link.node, Name):
                key = link.node.key
                computed = place > 1 or self.book.is_defined(key)
                if computed:
                    self.found[key] = number
                elif key not in self.given:
                    self.given[key] = number[0]
                self._worlds.clear()
            elif isinstance(link.node, Derivative):
                self.found[derivative_key(link.node)] = number
                self._worlds.clear()

    # ------------------------------------------------------------------------------------ judging

    def judge(self, judgement: Judgement, chain: Chain, place: int, court: Court) -> bool:
        """Judge a step with a numeric side; False where it should be compared at random points after all."""
        node, before = chain.links[place].node, chain.links[place - 1].node
        assert node is not None
        approx = chain.links[place].relation == "approx"
        if before is not None and is_numeric(before) and is_numeric(node):
            return self._figures(judgement, before, node, approx)
        if not is_numeric(node):
            return False
        head = judgement.head
        assert head is not None
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
        lefts = [x for x in (before, head) if x is not None and not is_numeric(x)]
        judged = self._symbols(judgement, chain, lefts, node, approx)
        if judgement.verdict == "wrong":
            self._must_be_given(lefts, court)
        return judged

    def _given(self, judgement: Judgement, key: Key, node: Node) -> bool:
        """A value said of a name."""
        judgement.kind = "number"
        before = self.given.get(key)
        evaluate(node, Scope(self._world(True), {}, None))  # raises where it is too large
        value = self._value(node)
        judgement.verdict = "right"
        if isinstance(node, Table) and len(node.rows) > 1:
            for i, line in enumerate(node.rows, 1):
                for j, cell in enumerate(line, 1):
                    entry = self._value(cell)
                    if entry is not None:
                        self.given[key._replace(below=(*key.below, Index("", i), Index("", j)))] = entry
            self._worlds.clear()
            return True
        if value is not None and (before is None or before == value):
            self.given[key] = value
            self._worlds.clear()
        elif value is not None:
            if before is not None:
                self.former.setdefault(key, []).append(before)
            self.given[key] = value  # another example begins
            self._worlds.clear()
            self.found.clear()
        return True

    def _value(self, node: Node) -> Fraction | None:
        try:
            value = plain(evaluate(node, Scope(self._world(True), {}, None)))
        except NotUnderstood:
            return None
        return Fraction(value) if isinstance(value, (int, Fraction)) else None

    def _figures(self, judgement: Judgement, left: Node, right: Node, approx: bool) -> bool:
        """Numbers on both sides."""
        world = self._world(True)
        literals: list[tuple[Value, Fraction]] = []
        a = evaluate(left, Scope(world, {}, None, literals=literals))
        b = evaluate(right, Scope(world, {}, None, literals=literals if literal(right) is None else None))
        judgement.kind = "number" if judgement.kind not in ("gradient", "chain", "update") else judgement.kind
        self._settle(judgement, a, b, right, literals, approx)
        return True

    def _symbols(
        self, judgement: Judgement, chain: Chain, lefts: list[Node], right: Node, approx: bool
    ) -> bool:  # fmt: skip
        """A formula, and the number it is said to have."""
        attempts: list[tuple[Any, list[tuple[Value, Fraction]]]] = []
        problem: NotUnderstood | None = None
        for left in lefts:
            for rounded in (True, False):
                literals: list[tuple[Value, Fraction]] = []
                world = self._world(rounded)
                try:
                    a = evaluate(left, Scope(world, {}, None, literals=literals))
                except NotUnderstood as found:
                    problem = problem or found
                    continue
                attempts.append((a, [*literals, *self._uncertain(world)]))
        if not attempts:
            values = _put_in(lefts[0], right)
            if values:
                for key, value in values.items():
                    self.given.setdefault(key, value)
                self._worlds.clear()
                judgement.verdict, judgement.kind = "right", "number"
                return True
            if literal(right) is None and place_of(chain, right) > 1 and self._is_of_the_notes(lefts[-1]):
                judgement.verdict, judgement.kind = "ambiguous", "number"
                judgement.reading = Reading(
                    says="the numbers put in are the right ones; they are given nowhere"
                )
                return True
            constant = all(_says_all(left) for left in lefts) and not self.given
            bare = literal(right)
            differentiated = any(isinstance(x, Derivative) for left in lefts for x in walk(left))
            if constant and differentiated and bare is not None and bare[0] in {0, 1, -1}:
                return False
            missing = getattr(problem, "key", None)
            raise (
                problem
                if problem is not None and missing is None
                else NotUnderstood("the numbers it is worked out from are not given")
            )
        judgement.kind = "number" if judgement.kind in ("forward", "identity", "loss") else judgement.kind
        said: list[tuple[Value, Fraction]] | None = [] if literal(right) is None else None
        b = evaluate(right, Scope(self._world(True), {}, None, literals=said))
        for a, literals in attempts:
            literals += said or ()
            self._settle(judgement, a, b, right, literals, approx)
            if judgement.verdict == "right":
                return True
        self._with_former_values(judgement, lefts, b, right, approx)
        return True

    def _must_be_given(self, lefts: list[Node], court: Court) -> None:
        """Accuse no number where a slope follows from a formula that the notes do not give."""
        for x in (x for left in lefts for x in walk(left)):
            if isinstance(x, Name) and self._is_some_function(x.key):
                raise NotUnderstood(f"the notes give no formula for ${latex_of(x.key)}$")
            if not isinstance(x, Derivative) or not isinstance(x.output, Name):
                continue
            if self._is_some_function(x.output.key) or court.difference(x, Number(0, 0, "0")) is None:
                raise NotUnderstood(f"the notes give no formula for ${latex_of(x.output.key)}$")

    def _is_some_function(self, key: Key) -> bool:
        found = self.book.definition(key)
        body = None if found is None else found[0].body
        return isinstance(body, Apply) and body.name.key.base == "loss of"

    def _with_former_values(
        self, judgement: Judgement, lefts: list[Node], b: Any, right: Node, approx: bool
    ) -> None:
        """A line that holds with a value a name had before another was given for it."""
        for key, values in list(self.former.items())[:6]:
            now, found = self.given.get(key), self.found
            for value in values[-3:]:
                self.given[key], self.found = value, {}
                self._worlds.clear()
                for left in lefts:
                    with contextlib.suppress(NotUnderstood):
                        self._settle(
                            judgement,
                            evaluate(left, Scope(self._world(False), {}, None)),
                            b,
                            right,
                            [],
                            approx,
                        )
                    if judgement.verdict == "right":
                        break
                if now is not None:
                    self.given[key] = now
                self.found = found
                self._worlds.clear()
                if judgement.verdict == "right":
                    judgement.verdict, judgement.numbers = "ambiguous", None
                    judgement.reading = Reading(says=f"${latex_of(key)} = {value}$, as was said before")
                    return

    def _is_of_the_notes(self, node: Node) -> bool:
        """Whether everything in a formula is a quantity that other formulas have too."""
        return not any(name.key.base.startswith("Delta ") for name in names_in(node))

    def _settle(
        self,
        judgement: Judgement,
        a: Any,
        b: Any,
        right: Node,
        literals: list[tuple[Value, Fraction]],
        approx: bool,
    ) -> None:
        """Right where the numbers agree to the digits shown, roundings on the way allowed for."""
        left, said = entries(a), entries(b)
        if len(left) != len(said):
            judgement.verdict = "wrong"
            judgement.numbers = (a, b)
            return
        shown = _shown_unit(right)
        for x, y in zip(left, said, strict=True):
            if not self._agree(x, y, shown, literals, approx):
                judgement.verdict, judgement.numbers = "wrong", (plain(x), plain(y))
                return
        judgement.verdict = "right"

    def _agree(
        self, x: Any, y: Any, shown: Fraction | None, literals: list[tuple[Value, Fraction]], approx: bool
    ) -> bool:  # fmt: skip
        a, b = float(plain(x)), float(plain(y))
        if not (math.isfinite(a) and math.isfinite(b)):
            raise NotUnderstood("it has no value")
        error = abs(a - b)
        unit = float(shown) * 2 if shown is not None else 0.0
        small = 1e-9 * max(1.0, abs(a), abs(b))
        if error <= unit / 2 + small:
            return True
        if error <= unit + small and abs(b) <= abs(a):
            return True  # cut off instead of rounded
        slack = 0.0
        for value in (x, y):
            if isinstance(value, Value):
                slopes = gradients(value)
                slack += sum(abs(float(plain(slopes[v]))) * float(u) for v, u in literals if v in slopes)
        return error <= unit / 2 + slack * 1.01 + small

    def _uncertain(self, world: World) -> list[tuple[Value, Fraction]]:
        """The rounded values in a world, each with half a unit of its last digit."""
        found = []
        for (key, _), value in list(world._values.items()):
            if key in self.found and isinstance(value, Value) and isinstance(value.data, float):
                found.append((value, self.found[key][1]))
        return found

    def agree(self, left: Node | None, right: Node) -> bool:
        """Whether two formulas have one value at the numbers of the notes."""
        from .deciding import same

        if left is None:
            return False
        scope = Scope(self._world(False), {}, None)
        try:
            return same(evaluate(left, scope), evaluate(right, scope))
        except NotUnderstood:
            return False

    def _is_known(self, node: Node) -> bool:
        """Whether a formula has a value at what is known."""
        for rounded in (True, False):
            try:
                evaluate(node, Scope(self._world(rounded), {}, None))
            except NotUnderstood:
                continue
            return True
        return False

    def _computable(self, name: Name) -> bool:
        """Whether the value of a name follows from others that are known."""
        definition = self.book.definition(name.key)
        if definition is None:
            return False
        found, bindings = definition
        try:
            evaluate(found.body, Scope(self._world(False), bindings, None))
        except NotUnderstood:
            return False
        return True

    def _world(self, rounded: bool) -> World:
        """The world at the known values: those the notes have found, or worked out from what is given."""
        if rounded not in self._worlds:
            self._worlds[rounded] = _Known(self.book, self, rounded)
        return self._worlds[rounded]


class _Known(World):
    """The one point that the notes calculate at."""

    def __init__(self, book: Book, figures: Figures, rounded: bool) -> None:
        super().__init__(book, self._given)
        self.figures, self.rounded = figures, rounded

    def _given(self, key: Key, row: int | None) -> Any:
        value = self.figures.given.get(key)
        if value is None:
            found = self.figures.found.get(key)
            if found is None:
                raise Missing(key, "the numbers it is worked out from are not given")
            value = found[0]
        return float(value)

    def again(self) -> World:
        """What was found holds at the one point only."""
        return _Known(self.book, self.figures, False)

    def _found(self, key: Key, row: int | None) -> Any:
        if self.rounded and key in self.figures.found:
            return Value(float(self.figures.found[key][0]))
        if key in self.figures.given:
            return Value(float(self.figures.given[key]))
        return super()._found(key, row)


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


def literal(node: Node) -> tuple[Fraction, Fraction] | None:
    """The number that a side is, and half a unit of its last digit; None for what is no bare number."""
    sign = 1
    while isinstance(node, Sum) and len(node.terms) == 1:
        sign *= node.signs[0]
        node = node.terms[0]
    if (
        isinstance(node, Number)
        and len(node.text) < 400
        and abs(int(node.text.lower().partition("e")[2] or 0)) < 1000
    ):
        return sign * Fraction(exact(node.text)), half_unit(node.text) if "." in node.text else Fraction(0)
    return None


def _shown_unit(node: Node) -> Fraction | None:
    """Half a unit of the last digit shown by a bare number, or of those in a vector."""
    found = [half_unit(x.text) for x in walk(node) if isinstance(x, Number) and "." in x.text]
    if literal(node) is not None:
        return found[0] if found else None
    return max(found) if found and not any(True for _ in names_in(node)) and _is_vector(node) else None


def _is_vector(node: Node) -> bool:
    from ..meaning.syntax import Table as TableNode

    return isinstance(node, TableNode)
