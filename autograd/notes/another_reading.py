"""Notes, or a part of them, read once more: what becomes of a claim there."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from functools import cached_property

from .claiming import all_claims, judge_of
from .defining.definitions import is_numeric
from .defining.opening import opened
from .judging.deciding import Court, digits
from .judging.mending import Mender
from .meaning.chains import Part
from .meaning.syntax import Key, Name, Number, Table
from .reading.documents import Document
from .report import Claim

__all__ = ["AnotherReading", "says_nothing_to_others"]


class AnotherReading:
    """Notes as they are read once more, without repairs.

    A claim is judged when it is asked for, after those before it. Formulas that are `passed` over are not:
    what comes behind them is judged in the same way. Names that were `seen` before it are nothing new in it.
    """

    def __init__(
        self,
        document: Document,
        without: Collection[int] = (),
        passed: Set[int] = frozenset(),
        seen: Set[Key] = frozenset(),
    ) -> None:
        self._without, self._passed, self._seen = without, passed, seen
        self.notes = opened(document, without)
        self.judge = judge_of(self.notes, seen)
        self._exact = Court(self.notes.book, self.notes.nodes).exact
        self._claims: dict[tuple[int, str], Claim] = {}
        self._judged = 0

    @cached_property
    def whole(self) -> AnotherReading:
        """The same with all formulas judged."""
        document = self.notes.document
        reading = AnotherReading(document, self._without, seen=self._seen) if self._passed else self
        reading._judge(len(document.formulas))
        return reading

    def fit_for(self, claim: Claim) -> AnotherReading:
        """The reading in which a claim is judged as if none were passed over: this, or the whole one."""
        place = self._place(claim)
        return self.whole if place in self._passed or _is_alone(self.notes.parts[place]) else self

    def claim(self, other: Claim) -> Claim | None:
        """What becomes of a claim here; None of one that stands elsewhere."""
        place = self._place(other)
        if place < 0 or other.offset > self.notes.document.formulas[place].end:
            return None
        self._judge(place + 1)
        return self._claims.get((other.offset, other.latex))

    def _place(self, claim: Claim) -> int:
        return self.notes.document.place_of(claim.offset)

    def _judge(self, end: int) -> None:
        """Judge the formulas up to there."""
        with digits(self._exact):
            for place in range(self._judged, end):
                if place in self._passed:
                    for part in (part for line in self.notes.parts[place] for part in line):
                        self.judge.pass_over(part)
                else:
                    for claim in all_claims(self.notes, self.judge, None, None, slice(place, place + 1)):
                        self._claims[claim.offset, claim.latex] = claim
        self._judged = max(self._judged, end)

    def mended(self, claim: Claim) -> Claim:
        """The same claim with a repair, if there is one."""
        place = self._place(claim)
        mender = Mender(self.notes.spellings, self.notes.vocabulary)
        with digits(self._exact):
            again = all_claims(self.notes, self.judge, mender, None, slice(place, place + 1))
        return next((c for c in again if c.offset == claim.offset), claim)


def _is_alone(parts: Sequence[Sequence[Part]]) -> bool:
    """Whether a formula stands by itself, which is held against what was said last."""
    firsts = [part.chain.head for line in parts for part in line if part.last == 1]
    return not all(isinstance(node, (Name, Number)) for node in firsts)


def says_nothing_to_others(parts: Sequence[Sequence[Part]]) -> bool:
    """Whether nothing is remembered of a formula that is right: it goes on nowhere, and has no number.

    Nor does it say of a short slope what it is, for others are judged by how that is meant.
    """
    for part in (part for line in parts for part in line):
        nodes, head = part.chain.nodes, part.chain.head
        if part.first or part.last < len(nodes):
            return False
        if isinstance(head, Name) and head.key.base.startswith("d "):
            return False
        if any(node is None or is_numeric(node) or isinstance(node, Table) for node in nodes):
            return False
    return True
