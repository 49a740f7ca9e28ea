"""Lines of numbers: judged to the digits they show, with the values that the notes have come to so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ..defining.book import Book
from ..defining.definitions import is_numeric
from ..defining.unknown_terms import is_loss_letter
from ..meaning.chains import Chain, sets_alike
from ..meaning.errors import Missing, NotUnderstood
from ..meaning.evaluating import Reading, Scope, evaluate, exact
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    Apply,
    Derivative,
    Index,
    Key,
    Name,
    Node,
    Number,
    names_in,
    quantities_in,
    same_form,
    walk,
)
from ..meaning.syntax import Table as TableNode
from ..meaning.tables import Table, entries, plain
from .kinks import side_of_kink
from .known_values import CUT_OFF, EXACT, FOUND, MISTAKEN, UPDATED, KnownValues, Worth
from .rounding import Rounded, agreement, has_many_digits, literal, moves_far, shown_unit, uncertain
from .sides_of_numbers import by_entries, listed, place_of, plain_numbers, says_all, values_put_in
from .strangers import is_abstract

if TYPE_CHECKING:
    from .deciding import Court
    from .verdicts import Judgement

__all__ = ["Figures"]


class Figures:
    """Judges lines of numbers by the values that are known so far."""

    def __init__(self, book: Book, chains: Sequence[Chain] = ()) -> None:
        self.book, self.known = book, KnownValues(book)
        self._whole, self._chains = book, chains

    def read_by(self, book: Book) -> None:
        """Take names for what they are in this book from here on."""
        if book is not self.book:
            for key in [k for k in self.known.found if book.exact.get(k) is not self.book.exact.get(k)]:
                del self.known.found[key]  # it has another meaning now
            self.book = self.known.book = book
            self.known.forget()

    def note(self, chain: Chain, place: int, judgement: Judgement) -> None:
        """Remember the value that a step gives to a name: what follows from a wrong one is to be known."""
        self.known.note(chain, place, judgement)

    def judge(self, judgement: Judgement, chain: Chain, place: int, court: Court) -> bool:
        """Judge a step with a numeric side; False where it should be compared at random points after all."""
        node, before = chain.links[place].node, chain.links[place - 1].node
        assert node is not None
        approx = chain.links[place].relation == "approx"
        head = judgement.head
        assert head is not None
        self._see_behind(chain)
        if before is not None and is_numeric(before) and is_numeric(node):
            self._arithmetic(judgement, before, node, approx)
            return True
        if sets_alike(chain):
            keys = [x.key for x in chain.nodes if isinstance(x, Name)]
            number = chain.nodes[-1]
            if number is not None and not any(map(self.book.is_defined, keys)):
                for key in keys:
                    self._given(judgement, key, number)
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
        if place == 1 and (pairs := self._pairs(before, node)):
            for key, number in pairs:
                self._given(judgement, key, number)
            return True
        new = isinstance(before, Name) and head is not before
        if place == 1 and isinstance(before, Name) and not new and not self.book.is_defined(before.key):
            spelled = by_entries(before, node)
            if spelled is not None and all(map(self.known.is_computable, names_in(spelled))):
                before = head = spelled
        if isinstance(before, Name) and place == 1 and not self.book.is_defined(before.key):
            if not new or not self.known.is_known(head):
                return self._given(judgement, before.key, node)
        elif isinstance(before, Name) and place == 1 and not self.known.is_computable(before):
            return self._given(judgement, before.key, node)
        elif place == 1 and isinstance(before, Derivative) and self._is_given(before):
            judgement.verdict, judgement.kind = "right", "number"
            return True
        lefts = [x for x in ((head,) if new else (before, head)) if x is not None and not is_numeric(x)]
        judged = self._symbols(judgement, chain, lefts, node, approx)
        if judgement.verdict == "wrong":
            tables = [isinstance(x, Table) for x in judgement.numbers or ()]
            if tables == [False, True] or (self.book.lies and isinstance(node, TableNode)):
                raise NotUnderstood("one side is a number here, the other a vector or a matrix")
            if judgement.numbers and len({len(entries(side)) for side in judgement.numbers}) > 1:
                raise NotUnderstood("the shapes could not be made out: one side has more entries")
            try:
                self._must_be_given(lefts, court)
            except NotUnderstood:
                if place > 1 or len(chain.links) < 3:
                    raise
                judgement.verdict, judgement.numbers = "right", None  # what it comes to is judged
                return True
            self._must_be_one(chain)
            self._must_be_worked_out(chain, node)
        return judged

    def _see_behind(self, chain: Chain) -> None:
        """Take over the values that a sentence gives behind its formula: where x = 1."""
        for said in chain.given_after:
            name, node = said.head, said.nodes[1]
            assert isinstance(name, Name)
            assert node is not None
            number = literal(node)
            if number and name.key not in self.known.given and not self.book.is_defined(name.key):
                self.known.give(name.key, number[0])

    def has_numbers_put_in(self, node: Node) -> bool:
        r"""Whether values that lines have come to stand among the names: `x_1 \cdot 0.5`."""
        if is_numeric(node):
            return False
        values = self.known.worked_out()
        numbers = [x.text for x in walk(node) if isinstance(x, Number)]
        return any(
            abs(float(exact(text))) in values and ("." in text or float(exact(text)) > 2) for text in numbers
        ) or any(isinstance(x, TableNode) and is_numeric(x) for x in walk(node))

    def may_have_numbers_put_in(self, node: Node) -> bool:
        """The same of any number: a 2 may be a value, or stand in the formula."""
        values = self.known.worked_out()
        return not is_numeric(node) and any(
            isinstance(x, Number) and abs(float(exact(x.text))) in values for x in walk(node)
        )

    def at_values(self, judgement: Judgement, head: Node, node: Node) -> None:
        """Judge two formulas at the values of the notes, some of which stand in one of them."""
        judgement.kind = "number" if judgement.kind in ("forward", "identity", "loss") else judgement.kind
        judgement.numbers = None
        for mode in (FOUND, EXACT, UPDATED, MISTAKEN):
            left, right = self.known.worth(head, mode), self.known.worth(node, mode)
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
                judgement.follows = self.known.world(MISTAKEN).relied_on
        if judgement.numbers is None:
            raise NotUnderstood("the numbers it is worked out from are not given")

    def scope(self) -> Scope:
        """The point of the notes, where they give one: as it is said, and nothing rounded."""
        return Scope(self.known.world(EXACT), {}, None)

    def _given(self, judgement: Judgement, key: Key, node: Node) -> bool:
        """A value said of a name."""
        judgement.kind = "number"
        evaluate(node, Scope(self.known.world(FOUND), {}, None))  # raises where it is too large
        value = self._value(node)
        judgement.verdict = "right"
        if isinstance(node, TableNode):
            for i, line in enumerate(node.rows, 1):
                for j, cell in enumerate(line, 1):
                    entry = self._value(cell)
                    if entry is not None:
                        self.known.give(key._replace(below=(*key.below, Index("", i), Index("", j))), entry)
            return True
        if value is not None:
            self.known.give(key, value)
            number, half = literal(node) or (value, Fraction(0))
            is_rounded = self.book.is_defined(key) and has_many_digits(number, half)
            # what is worked out of what is not said may be rounded
            self.known.halves[key] = half if is_rounded else Fraction(0)
        return True

    def _pairs(self, names: Node | None, values: Node) -> list[tuple[Key, Node]]:
        """Which value is given to which name in `(x_1, x_2) = (2, 5)`; none where one is computed."""
        keys = [x.key for x in listed(names) if isinstance(x, Name) and not x.primes]
        numbers = listed(values)
        if (
            len(keys) != len(listed(names))
            or len(keys) != len(numbers)
            or any(map(self.book.is_defined, keys))
        ):
            return []
        return list(zip(keys, numbers, strict=True))

    def _is_given(self, slope: Derivative) -> bool:
        """Whether a number for a derivative can only be given: there is no formula for what it is of.

        Not where formulas are computed from both: of two inputs neither is a function of the other. Nor where
        the loss of the notes has another letter.
        """
        of, book = slope.output, self.book
        if not isinstance(of, Name) or self.known.is_known(slope):
            return False
        if book.is_defined(of.key):
            return self._is_some_function(of.key) and book.body(of.key) is not None
        loss = book.definition(book.loss) if book.loss is not None and is_loss_letter(book.loss) else None
        known = is_loss_letter(of.key) and loss is not None and loss[0].origin in ("notes", "front matter")
        return not all(book.is_used(x.key) or (known and x is of) for x in quantities_in(slope))

    def _value(self, node: Node) -> Fraction | None:
        try:
            value = plain(evaluate(node, Scope(self.known.world(FOUND), {}, None)))
        except NotUnderstood:
            return None
        return Fraction(value) if isinstance(value, (int, Fraction)) else None

    def _arithmetic(self, judgement: Judgement, left: Node, right: Node, approx: bool) -> None:
        """Numbers on both sides."""
        literals: list[Rounded] = []
        a = evaluate(left, Scope(self.known.world(FOUND), {}, None, literals=literals))
        judgement.kind = "number" if judgement.kind not in ("gradient", "chain", "update") else judgement.kind
        rounded = uncertain(literals, self.known.exact_ones(), self.known.results)
        if judgement.head is not None and is_numeric(judgement.head) and moves_far(a, rounded):
            rounded = [(v, u) for v, u in rounded if abs(float(v.data)) in self.known.results]
        worth = Worth(a, rounded)
        also = {abs(float(v.data)) for v, _ in literals}
        self._settle(judgement, [worth], right, approx, also)
        head = judgement.head
        if judgement.verdict == "wrong" and head is not None and not is_numeric(head):
            anew = [self.known.worth(head, mode) for mode in (EXACT, UPDATED)]
            self._settle(judgement, anew, right, approx, also, keep=True)

    def _symbols(
        self, judgement: Judgement, chain: Chain, lefts: list[Node], right: Node, approx: bool
    ) -> bool:  # fmt: skip
        """A formula, and the number it is said to have."""
        attempts = [worth for left in lefts for worth in self.known.worths(left)]
        if not attempts:
            return self._of_nothing_known(judgement, chain, lefts, right)
        judgement.kind = "number" if judgement.kind in ("forward", "identity", "loss") else judgement.kind
        self._settle(judgement, attempts, right, approx)
        if judgement.verdict == "wrong":
            self._with_former_values(judgement, lefts, right, approx)
        if judgement.verdict == "wrong" and self.known.mistaken:
            self._after_a_mistake(judgement, lefts, right, approx)
        return True

    def _of_nothing_known(
        self, judgement: Judgement, chain: Chain, lefts: list[Node], right: Node
    ) -> bool:  # fmt: skip
        """A formula without a value at what is known so far."""
        values = values_put_in(lefts[0], right)
        if values:
            for key, value in values.items():
                self.known.given.setdefault(key, value)
            self.known.forget()
            judgement.verdict, judgement.kind = "right", "number"
            return True
        if literal(right) is None and place_of(chain, right) > 1 and self._is_of_the_notes(lefts[-1]):
            judgement.verdict, judgement.kind = "ambiguous", "number"
            judgement.reading = Reading(says="the numbers put in are the right ones; they are given nowhere")
            return True
        side = side_of_kink(lefts[0], right)
        if side is not None:
            judgement.verdict, judgement.reading = "ambiguous", Reading(says=side)
            return True
        constant = all(says_all(left) for left in lefts) and not self.known.given
        bare = literal(right)
        differentiated = any(isinstance(x, Derivative) for left in lefts for x in walk(left))
        if constant and differentiated and bare is not None and bare[0] in {0, 1, -1}:
            return False
        try:
            evaluate(lefts[0], Scope(self.known.world(FOUND), {}, None))
        except Missing:
            raise NotUnderstood("the numbers it is worked out from are not given") from None
        return True

    def _must_be_given(self, lefts: list[Node], court: Court) -> None:
        """Accuse no number where a slope follows from a formula that the notes do not give."""
        for x in (x for left in lefts for x in walk(left)):
            if isinstance(x, Name) and self._is_some_function(x.key):
                raise NotUnderstood(f"the notes give no formula for ${latex_of(x.key)}$")
            if isinstance(x, Apply) and is_abstract(x.name.key.base, court):
                raise NotUnderstood(f"the notes give no formula for ${latex_of(x.name.key)}$")
            if not isinstance(x, Derivative) or not isinstance(x.output, Name):
                continue
            if any(same_form(x, y) for y in self.known.given_slopes()):
                continue
            if self._is_some_function(x.output.key) or court.difference(x, Number(0, 0, "0")) is None:
                raise NotUnderstood(f"the notes give no formula for ${latex_of(x.output.key)}$")

    def _is_some_function(self, key: Key) -> bool:
        found = self.book.definition(key)
        body = None if found is None else found[0].body
        return isinstance(body, Apply) and body.name.key.base == "loss of"

    def _must_be_one(self, chain: Chain) -> None:
        """Accuse no number of a name that has one meaning here and another there."""
        of = chain.head.output if isinstance(chain.head, Derivative) else chain.head
        key = of.key if isinstance(of, Name) else None
        if key is None:
            return
        elsewhere = of is chain.head and self.known.sections.get(key, chain.section) != chain.section
        several = len(self._whole.functions.get(key.base, ())) > 1
        if elsewhere or (several and not self._is_said_here(key, chain.section)):
            raise NotUnderstood(f"${latex_of(key)}$ was something else before")

    def _is_said_here(self, key: Key, section: int) -> bool:
        """Whether the formula for a name stands under the same heading, and no other one does."""
        found = self.book.exact.get(key)
        functions = self._whole.functions.get(key.base, ())
        places = [x.place for x in (found, *functions) if x is not None and x.place >= 0]
        sections = [self._chains[place].section for place in dict.fromkeys(places)]
        return (
            found is not None and found.place >= 0 and sections[0] == section and sections.count(section) == 1
        )

    def _must_be_worked_out(self, chain: Chain, node: Node) -> None:
        """Accuse no whole number that is only supposed: h = 0, behind "what if we start at zero"."""
        number = literal(node) if len(chain.nodes) == 2 and isinstance(chain.head, Name) else None
        if chain.supposed and number is not None and number[0].denominator == 1:
            raise NotUnderstood("it is supposed, and does not follow from the numbers before")

    def _with_former_values(
        self, judgement: Judgement, lefts: list[Node], right: Node, approx: bool
    ) -> None:  # fmt: skip
        """A line that holds with a value a name had before another was given for it."""
        for key, values in list(self.known.former.items())[:6]:
            now, found = self.known.given.get(key), self.known.found
            for value in values[-3:]:
                self.known.given[key], self.known.found = value, {}
                self.known.forget()
                attempts = [worth for left in lefts if (worth := self.known.worth(left, EXACT))]
                if attempts:
                    self._settle(judgement, attempts, right, approx, keep=True)
                if now is not None:
                    self.known.given[key] = now
                self.known.found = found
                self.known.forget()
                if judgement.verdict == "right":
                    judgement.verdict = "ambiguous"
                    judgement.reading = Reading(says=f"${latex_of(key)} = {value}$, as was said before")
                    return

    def _after_a_mistake(
        self, judgement: Judgement, lefts: list[Node], right: Node, approx: bool
    ) -> None:  # fmt: skip
        """A line that holds with a value that was worked out wrongly follows from that."""
        world = self.known.world(MISTAKEN)
        for left in lefts:
            worth = self.known.worth(left, MISTAKEN)
            if worth is not None and world.relied_on is not None:
                trial = replace(judgement)
                self._settle(trial, [worth], right, approx)
                if trial.verdict != "wrong":
                    judgement.follows = world.relied_on

    def _is_of_the_notes(self, node: Node) -> bool:
        """Whether everything in a formula is a quantity that other formulas have too."""
        return not any(name.key.base.startswith("Delta ") for name in names_in(node))

    def agree(self, left: Node | None, right: Node) -> bool:
        """Whether two formulas have one value at the numbers of the notes."""
        from .deciding import same

        if left is None:
            return False
        scope = Scope(self.known.world(EXACT), {}, None)
        try:
            return same(evaluate(left, scope), evaluate(right, scope))
        except NotUnderstood:
            return False

    def _settle(
        self, judgement: Judgement, attempts: Sequence[Worth | None], right: Node, approx: bool,
        exact_ones: Iterable[float] = (), keep: bool = False,
    ) -> None:  # fmt: skip
        """Right where the numbers agree to the digits shown in one of several ways to get them.

        With `keep` a judgement stays as it is where they do not.
        """
        cells = [x for row in right.rows for x in row] if isinstance(right, TableNode) else [right]
        literals: list[Rounded] | None = [] if any(literal(x) is None for x in cells) else None
        b = evaluate(right, Scope(self.known.world(FOUND), {}, None, literals=literals))
        put_in = uncertain(
            literals or (), {*self.known.exact_ones(), *exact_ones}, self.known.results, put_in=True
        )
        shown, said = shown_unit(right), entries(b)
        whole = 0.495 if approx and shown is None and literal(right) is not None else 0.0  # 12.3 is about 12
        best, failed, exactly = "", None, False
        for worth in attempts:
            if worth is None:
                continue
            values = entries(worth.value)
            if len(values) != len(said):
                failed = plain_numbers(worth.value), plain_numbers(b)
                continue
            outcomes = [
                agreement(x, y, shown, worth.rounded + put_in, worth.spread + whole)
                for x, y in zip(values, said, strict=True)
            ]
            exactly |= set(outcomes) == {"exact"}
            if None in outcomes:
                failed = plain_numbers(worth.value), plain_numbers(b)
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
