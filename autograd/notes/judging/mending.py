"""What a wrong claim gets: numbers at which it fails, the edit that mends it, and what should stand there."""

from __future__ import annotations

import contextlib
import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ..defining.book import Book, is_constant
from ..defining.differentials import with_differentials
from ..defining.repeated_indices import with_sums
from ..meaning.chains import Chain, Rewrite
from ..meaning.errors import Misfit, NotUnderstood
from ..meaning.evaluating import LITERAL, Scope, evaluate
from ..meaning.spelling import latex_of
from ..meaning.statements import statements_of
from ..meaning.syntax import (
    Derivative,
    Differential,
    Index,
    Key,
    Name,
    Node,
    Number,
    Quotient,
    names_in,
    quantities_in,
    same_form,
    walk,
)
from ..meaning.tables import Table, entries, plain
from ..meaning.vocabulary import Vocabulary
from ..meaning.world import World
from ..reading.parsing import parse
from ..report import Counterexample, Repair
from .charity import heads_over_the_batch
from .deciding import Court, digits, free_letters, is_finite, same
from .lacking import is_summed
from .neighbours import Neighbours
from .probing import Probe
from .repairs import Edit, edits
from .verdicts import Judgement

__all__ = ["Mender"]

MOST_REPAIRS = 300
"""Formulas of one set of notes for which a repair is looked for; each takes some hundredths of a second."""

MOST_NAMES = 60
LEFT_LAST = 10.0
"""Edits of the left side come last: it says what is asked for."""

LONGEST = 240
"""A right formula that is longer helps nobody."""


class Mender:
    """Finds counterexamples and repairs, remembering those of formulas that come again."""

    def __init__(self, spellings: dict[Key, str], vocabulary: Vocabulary) -> None:
        self.spellings, self.vocabulary = spellings, vocabulary
        self._repairs: dict[object, Edit | None] = {}
        self._neighbours: Neighbours | None = None
        self._brackets = _brackets_in(spellings)

    def spelled(self, key: Key) -> str:
        """A name as the notes write it, or as they write names with the same layer: `W^{(2)}_{kj}`."""
        known = self.spellings.get(key)
        return known or latex_of(key, brackets=self._brackets.get(key.base) or self._brackets.get(""))

    # ---------------------------------------------------------------------------- counterexamples

    def counterexample(
        self, judgement: Judgement, court: Court, own: Scope | None = None
    ) -> Counterexample | None:
        """Numbers at which both sides differ: those of the notes, else small ones."""
        if judgement.numbers is not None:
            left, right = judgement.numbers
            return Counterexample({}, readable(left), readable(right))
        head, node = judgement.head, judgement.link.node
        if head is None or node is None:
            return None
        if own is not None and not court.book.rows and not (free_letters(head) | free_letters(node)):
            found = self._at(own, head, node)
            if found is not None:
                return found
        with digits(court.exact):
            for attempt in range(12):
                found = self._at_small_numbers(head, node, court, attempt)
                if found is not None:
                    return found
        difference = judgement.difference
        if difference is None:
            return None
        return Counterexample({}, readable(difference.left), readable(difference.right))

    def _at_small_numbers(self, head: Node, node: Node, court: Court, attempt: int) -> Counterexample | None:
        world = World(court.book, _small(court, attempt), attempt)
        world.anchored_leaves = court.anchored
        letters = sorted((free_letters(head) | free_letters(node)) - court.book.fixed)
        for scope in court.scopes(world, letters, (head, node), LITERAL):
            found = self._at(scope, head, node)
            if found is not None:
                return found
        return None

    def _at(self, scope: Scope, head: Node, node: Node) -> Counterexample | None:
        """Both sides at a point, where they differ there so that one can see it."""
        try:
            a, b = evaluate(head, scope), evaluate(node, scope)
        except (NotUnderstood, TypeError):
            return None
        left, right = readable(a), readable(b)
        if not is_finite(a) or not is_finite(b) or same(a, b) or left == right:
            return None
        return Counterexample(self._names(scope.world, head, node, scope), left, right)

    def _names(self, world: World, head: Node, node: Node, scope: Scope) -> dict[str, Any]:
        """The numbers that were put in, and the values of what stands in the claim."""
        at: dict[str, Any] = {}
        for name_node in [*quantities_in(head), *quantities_in(node)]:
            with contextlib.suppress(NotUnderstood, TypeError):
                key = name_node.key
                if not key.letters and key.base not in ("loss of",):
                    at.setdefault(self.spelled(key), readable(scope.quantity(key)))
        for (key, row), value in world.leaves.items():
            name = self.spelled(world.book.shown(key))
            if row == scope.row and name in at:
                continue  # the same quantity
            if row:
                name = self._in_row(key, row, scope)
            at.setdefault(name, readable(value))
        if len(at) > MOST_NAMES:
            at = dict(list(at.items())[:MOST_NAMES])
        return at

    def _in_row(self, key: Key, row: int, scope: Scope) -> str:
        """A name in a row: the letter of the row where the notes write it so, else its number."""
        slot = scope.world.book.row_slots.get(key.base)
        letters = [x for x in sorted(scope.world.book.row_letters) if row == scope.row]
        for index in (*(Index(x) for x in letters), Index("", row)):
            if slot == "above":
                indexed = key._replace(above=(*key.above, index))
            elif slot == "first":
                indexed = key._replace(below=(index, *key.below))
            else:
                indexed = key._replace(below=(*key.below, index))
            if indexed in self.spellings:
                return self.spellings[indexed]
        return latex_of(indexed) if slot is not None else rf"{self.spelled(key)}^{{({row})}}"

    # ------------------------------------------------------------------------------------ repairs

    def remedy(
        self, judgement: Judgement, chain: Chain, court: Court, source: str, shift: int, length: int,
        own: Scope | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """The counterexample, the repair and the right formula, by the names they have in a claim.

        `own` is the point that the notes calculate at.
        """
        found: dict[str, Any] = {"counterexample": self.counterexample(judgement, court, own)}
        edit = self.repair(judgement, chain, court, source)
        if edit is None:
            found["expected"] = self.expected(judgement, court)
            return found
        found["repair"] = Repair(edit.start - shift, edit.end - shift, edit.text, edit.says)
        side = judgement.link.side
        mended = source[: edit.start] + edit.text + source[edit.end :]
        if side.start <= edit.start and edit.end <= side.end:
            mended = mended[side.start : side.end + len(mended) - len(source)]
        else:
            mended = mended[shift : shift + length + len(mended) - len(source)]
        found["expected"] = mended.strip()
        return found

    def _reads_right(
        self, latex: str, head: Node, court: Court, spelled: Rewrite | None = None
    ) -> bool | None:
        """Whether a right side, or a whole claim, holds as it would be read here; None if unclear."""
        statements = [s for line in parse(latex).lines for s in statements_of(line, self.vocabulary)]
        if len(statements) != 1:
            return None
        nodes = [side.node for side in statements[0].sides]
        for rewrite in (*([spelled] if spelled is not None else []), *self.vocabulary.rewrites):
            nodes = [None if node is None else rewrite(node) for node in nodes]
        head, node = nodes[0] if len(nodes) > 1 and nodes[0] is not None else head, nodes[-1]
        if node is not None and self.vocabulary.sums_repeated:
            node = with_sums(node, head)
        if node is not None and isinstance(head, Differential):
            node = with_differentials(node, head.by)
        try:
            return None if node is None else court.difference(head, node) is None
        except Misfit:
            return False
        except (NotUnderstood, TypeError, RecursionError):
            return None

    def expected(self, judgement: Judgement, court: Court) -> str | None:
        """What should stand there, worked out from the definitions."""
        head = judgement.head
        if head is None or judgement.difference is None:
            return None
        from .corrections import corrected

        written = corrected(head, court.book, self.spelled, judgement.difference.scope)
        if written is None or len(written) > LONGEST:
            return None
        reads = self._reads_right(written, head, court)
        certain = reads is True if r"\sum" in written else reads is not False
        return written if certain else None

    def repair(self, judgement: Judgement, chain: Chain, court: Court, source: str) -> Edit | None:
        """The single edit of the right or the left side that makes a claim right."""
        node, head = judgement.link.node, judgement.head
        if node is not None and judgement.misprint:
            return _misprint(node, source)
        if node is None or head is None or judgement.numbers is not None or judgement.link.side.breaks_off:
            return None
        if judgement.by_form:
            tried = edits(node, court.book, source, [], self.spelled, free_letters(node))
            return next((edit for edit in tried if same_form(edit.within(node), head)), None)
        key = (repr(head), repr(node), id(court))
        if key not in self._repairs:
            if len(self._repairs) >= MOST_REPAIRS:
                return None
            self._repairs[key] = self._searched(judgement, chain, court, source) or self._over_the_batch(
                judgement, chain, court, source
            )
        return self._repairs[key]

    def _searched(self, judgement: Judgement, chain: Chain, court: Court, source: str) -> Edit | None:
        node, head = judgement.link.node, judgement.head
        assert node is not None
        assert head is not None
        names = self._candidates(court.book, head, node)
        asked = free_letters(head)
        if not is_summed(head, court.book):  # else it may be summed without a sign over what stands twice
            asked |= free_letters(node)
        tried = [
            (edit.rank + 0.5, edit, True)
            for edit in edits(node, court.book, source, names, self.spelled, asked)
        ]
        first = chain.links[0]
        asks = first.node is head and first.formula == judgement.link.formula and len(chain.links) == 2
        if asks and judgement.difference is not None:
            tried += [
                (edit.rank + LEFT_LAST * (not _is_zero(judgement)), edit, False)
                for edit in edits(head, court.book, source, names, self.spelled)
                if edit.rank < 2 and _same_shape(edit.old, edit.new)
            ]  # fmt: skip
        tried.sort(key=lambda item: item[0])
        with digits(court.exact), contextlib.suppress(NotUnderstood, TypeError):
            scope = self._witness(judgement, court)
            probes: dict[bool, Probe] = {}
            for _, edit, right in tried:
                if right not in probes:
                    probes[right] = Probe(node, head, scope) if right else Probe(head, node, scope)
                if probes[right].allows(edit):
                    left, other = (head, edit.within(node)) if right else (edit.within(head), node)
                    written = (chain.head or head) if right else left  # of a step, head is what it should be
                    if _says_nothing(written, other) or not self._holds(court, left, other):
                        continue
                    side = judgement.link.side
                    begin = side.start if right else first.side.start
                    mended = source[begin : edit.start] + edit.text + source[edit.end : side.end]
                    whole = side.start <= node.start and node.end <= side.end  # not begun in a display before
                    if not whole or self._reads_right(mended, head, court, chain.spelled) is not False:
                        return edit
        return None

    def _over_the_batch(
        self, judgement: Judgement, chain: Chain, court: Court, source: str
    ) -> Edit | None:  # fmt: skip
        """An edit that makes a side right of all rows, where the loss is that of one."""
        head, node = judgement.head, judgement.link.node
        assert head is not None
        assert node is not None
        with contextlib.suppress(NotUnderstood, TypeError):
            for of_all, _ in heads_over_the_batch(head, node, court):
                different = court.difference(of_all, node)
                trial = replace(judgement, head=of_all, difference=different)
                edit = self._searched(trial, chain, court, source) if different is not None else None
                if edit is not None:
                    return edit
        return None

    def _witness(self, judgement: Judgement, court: Court) -> Scope:
        """A point at which the sides differ."""
        if judgement.difference is not None:
            return judgement.difference.scope
        head, node = judgement.head, judgement.link.node
        assert head is not None
        assert node is not None
        letters = sorted((free_letters(head) | free_letters(node)) - court.book.fixed)
        return next(court.scopes(court.world(0), letters, (head, node), LITERAL))

    def _candidates(self, book: Book, head: Node, node: Node) -> list[Key]:
        """The names a slip may have put another in place of."""
        if self._neighbours is None or self._neighbours.book is not book:
            self._neighbours = Neighbours(book)
        own = {n.key for n in (*names_in(head), *names_in(node))}
        letters = {letter for key in own for letter in key.letters}
        known = [
            key
            for key in self.spellings
            if {i.letter for i in (*key.below, *key.above) if not is_constant(i)} <= letters
            and not key.tag
            and not key.base.startswith(("Delta ",))
            and key != book.loss
            and (key in own or book.is_defined(key) or key in book.mentioned_in_definitions)
        ]
        return self._neighbours.among(known, own)[:MOST_NAMES]

    def _holds(self, court: Court, head: Node, node: Node) -> bool:
        try:
            if court.difference(head, node) is not None:
                return False  # it was right at one point only
            if isinstance(head, (Derivative, Name)) and any(same_form(x, head) for x in walk(node)):
                return False  # it says itself
            nothing = court.difference(node, Number(0, 0, "0")) is None
            return isinstance(node, Number) or not nothing  # 0 = 0 mends nothing
        except (NotUnderstood, TypeError, RecursionError):
            return False


def _says_nothing(left: Node, right: Node) -> bool:
    """Whether an edit makes a formula say itself, or puts a fraction of two equal parts in it."""
    is_slope = isinstance(left, Derivative) or (isinstance(left, Name) and left.key.base.startswith("d "))
    inside = walk(right) if is_slope else (right,)
    return any(same_form(left, x) for x in inside) or any(
        isinstance(x, Quotient) and same_form(x.over, x.under) for x in walk(right)
    )


def _brackets_in(spellings: dict[Key, str]) -> dict[str, str]:
    """The brackets around the upper indices of each letter; under no letter those that any has."""
    found: dict[str, str] = {}
    for key, text in spellings.items():
        inside = text.partition("^")[2].lstrip("{ ")[:1]
        if key.above and inside in ("(", "["):
            pair = "()" if inside == "(" else "[]"
            found.setdefault(key.base, pair)
            found.setdefault("", pair)
        elif key.above:
            found.setdefault(key.base, "")
    return found


def _misprint(node: Node, source: str) -> Edit | None:
    """The sign that is missing in a derivative, put in."""
    for x in walk(node):
        if isinstance(x, Derivative) and x.sign.startswith("missing"):
            place = x.variable if x.sign == "missing below" else x.output
            sign = "\\partial " if "\\partial" in source[x.start : x.end] else "d "
            return Edit(
                node,
                node,
                place.start,
                place.start,
                sign,
                f"put ${sign.strip()}$ before ${source[place.start : place.end]}$",
            )
    return None


def _same_shape(a: Node, b: Node) -> bool:
    """Whether two formulas differ in names only: nothing else is mended on the side that asks."""
    return [type(x) for x in walk(a)] == [type(x) for x in walk(b)]


def _is_zero(judgement: Judgement) -> bool:
    """Whether the left side is 0: then that is where the slip is, most likely."""
    difference = judgement.difference
    return difference is not None and all(plain(x) == 0 for x in entries(difference.left))


def _small(court: Court, attempt: int) -> Any:
    """Numbers that can be followed by hand; later attempts take fractions below 1, for logarithms."""

    def draw(key: Key, row: int | None) -> Any:
        rng = random.Random(f"small {attempt} {key} {row}")
        if attempt % 3 < 2:
            whole = rng.choice((-2, -1, 1, 2, 3) if attempt % 3 == 0 else (1, 2, 3))
            value = Fraction(whole)
        else:
            value = Fraction(rng.choice((1, 2, 3)), 4)
        if court.exact:
            return value
        import mpmath

        return mpmath.mpf(value.numerator) / value.denominator

    return draw


def readable(x: Any) -> Any:
    """A value as a person reads it: whole numbers and fractions exactly, others to six digits."""
    if isinstance(x, Table):
        rows = [[readable(v) for v in line] for line in x.rows]
        return [line[0] for line in rows] if x.shape[1] == 1 else rows
    value = plain(x)
    if isinstance(value, int):
        return value
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else value
    number = float(value)
    if number.is_integer() and abs(number) < 10**9:
        return int(number)
    return float(f"{number:.6g}")
