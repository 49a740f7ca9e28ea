"""Reading again: what does not hold by all that the notes say is judged by what is in force where it stands.

Notes are read as a whole, since many say what a letter is only after they used it. But slides, cheat sheets
and chapters give the same letters a new meaning in every frame, item and section. Whoever reads on takes what
was said last, and what is said later changes nothing. So a formula that does not hold, or has no meaning, is
read once more

    in force   by what was said before it, without what was given anew since
    nearby     by what stands near it, from where its quantities were said last
    alone      by what its section says, where that is a network and nothing of the loss
    in general by what is said of any layer, after a network in numbers or of two layers

A second definition is a mistake, or gives a name another meaning: it does if what follows holds with it, and
not without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .another_reading import AnotherReading
from .defining.book import Definition
from .defining.loss_by_slope import examples_divided_by
from .defining.opening import Notes
from .defining.unread import unread_among
from .judging.evidence import doubted, is_grounded
from .judging.judge import Judge
from .judging.slipped_definitions import slip_before
from .meaning.syntax import Key, names_in
from .report import Claim
from .whereabouts import Saying, Whereabouts

__all__ = ["ALONE", "ANEW", "BEFORE", "IN_GENERAL", "MOST_AGAIN", "NEARBY", "Rereading"]

MOST_AGAIN = 2_000
"""Formulas that are read once more, in one set of notes."""

ANEW = "it is given another meaning here, and what follows holds with it"
BEFORE = "it is read by what stands before it"
NEARBY = "it is read by what stands near it"
ALONE = "it is read by what its section says"
IN_GENERAL = "it is read by what is said of any layer"


class Rereading:
    """Reads again what does not hold or has no meaning by all that the notes say."""

    def __init__(self, notes: Notes, judge: Judge, claims: Sequence[Claim]) -> None:
        self.notes, self.evidence, self.shelf, self.claims = notes, judge.evidence, judge.shelf, claims
        self._left = MOST_AGAIN
        self._read: dict[tuple[int, int, frozenset[int]], AnotherReading] = {}
        self.where = Whereabouts(notes, judge.evidence, claims)
        self._borne_out: dict[int, Claim] = {}
        self._general: AnotherReading | None = None

    def settled(self) -> list[Claim]:
        """The claims as they are judged in the end."""
        found = list(self.claims)
        for number, claim in enumerate(self.claims):
            if claim.verdict != "right":
                found[number] = self._in_force(number) or self._nearby(number) or claim
            if found[number].verdict == "not understood" or self.evidence.says_a_signal(claim):
                found[number] = self._in_general(number) or found[number]
            if found[number].verdict == "not understood":
                found[number] = self._in_section(number) or found[number]
        for number, other in self._borne_out.items():
            if found[number].verdict not in ("right", "ambiguous"):
                found[number] = self._with_new_meaning(found[number], other)
        for number, reason in self._slips():
            found[number] = doubted(found[number], reason)
        for number, claim in enumerate(self.claims):
            if found[number] is claim and claim.verdict != "ambiguous":
                found[number] = self._by_later_meanings(number, claim)
        mistakes = {claim.line for claim in found if claim.verdict == "wrong"}
        for number, claim in enumerate(found):
            if claim.verdict == "wrong" and claim.follows_from not in (None, *mistakes):
                found[number] = doubted(claim, f"it follows from line {claim.follows_from}, which may hold")
        return found

    # ---------------------------------------------------------------------------------- what is in force

    def _in_force(self, number: int) -> Claim | None:
        """A claim as it is judged by what is in force, if that is in its favour."""
        claim = self.claims[number]
        if claim.verdict == "ambiguous":
            return None
        anew, end = self._anew(number), self.where.end(number)
        ways = [(end, self._outdated(anew)), (end, frozenset()), (end, self._given_up(number))]
        section = self.where.end_of_section(number)
        if claim.repair is None or self.notes.book.shapes or self._is_said_from(section, number):
            ways.append((min(end, section), frozenset()))  # else what comes later can change nothing
        found = None
        for end, without in dict.fromkeys(ways):
            if end < len(self.notes.document.formulas) or without:
                found = self._in(number, self._reading(0, end, without), anew if without else ()) or found
                if found is not None and found.verdict == "right":
                    break
        return found

    def _in(self, number: int, reading: AnotherReading | None, anew: Sequence[Saying]) -> Claim | None:
        """A claim as one reading has it, if that is in its favour."""
        claim = self.claims[number]
        reading = reading.fit_for(claim) if reading else None
        other = reading.claim(claim) if reading else None
        if reading is None or other is None:
            return None
        evidence = reading.judge.evidence
        is_whole = len(reading.notes.document.formulas) == self.where.end(number)
        says_first = evidence.says_first(other) and not self.evidence.is_slip(claim)
        if other.verdict == "right" and (evidence.rests_on(other) or says_first):
            here, whole = reading.notes.book, self.notes.book
            ends_a_section = len(reading.notes.document.formulas) == self.where.end_of_section(number)
            is_other = here.loss not in (None, whole.loss)  # L of one example, before the mean J of all
            of_one = not here.rows and (ends_a_section or is_other)  # what comes later is of all examples
            if here.rows != whole.rows and not of_one:
                return doubted(claim, "it holds only without what is said after it")
            if here.row_leaves != whole.row_leaves and not of_one:
                return None  # it is not known there what differs from row to row
            self._bears_out(reading, anew, evidence.names_in(other) if evidence.rests_on(other) else set())
            return replace(other, reason=BEFORE)
        if not evidence.is_up_to_date(other, self.evidence):
            return None
        if claim.verdict == "wrong" and other.verdict == "ambiguous":
            return other
        if claim.verdict == "wrong" and other.verdict == "wrong" and not anew and is_whole:
            (weighed,) = reading.whole.judge.evidence.weighed([reading.whole.mended(other)])
            if weighed.verdict != "wrong":
                return doubted(claim, weighed.reason or "")
        bases = {key.base for key in self.where.names[number]}
        weak = claim.repair is None or any(
            x.claim not in (None, number) and x.key.base in bases for x in self.where.sayings
        )
        if claim.verdict == "wrong" and weak and other.verdict == "not understood":
            return doubted(claim, other.reason or "a name in it was given another meaning")
        return None

    def _by_later_meanings(self, number: int, claim: Claim) -> Claim:
        """A claim as it is judged by meanings that turned out to be new ones."""
        anew = self._anew(number) if self._borne_out else []
        if not any(saying.claim in self._borne_out for saying in anew):
            return claim
        reading = self._reading(0, self.where.end(number), self._outdated(anew))
        reading = reading.fit_for(claim) if reading else None
        other = reading.claim(claim) if reading else None
        if reading is None or other is None:
            return claim
        if not reading.judge.evidence.is_up_to_date(other, self.evidence):
            return claim
        if claim.verdict == "right":
            before = "it holds only by what a name in it was before it was given another meaning"
            return doubted(claim, before) if other.verdict == "wrong" else claim
        if other.verdict == "wrong":
            other = reading.whole.mended(other)
            return other if other.repair is not None or claim.verdict == "wrong" else claim
        if other.verdict == "not understood":
            given = other.reason or "a name in it was given another meaning"
            return doubted(claim, given) if claim.verdict == "wrong" else claim
        return other

    def _slips(self) -> Iterator[tuple[int, str]]:
        """The claims that say what is said otherwise later, as by a slip, if only the other is borne out."""
        for saying in self.where.sayings:
            first, body = self.notes.book.exact.get(saying.key), saying.chain.nodes[1]
            if (
                saying.claim in self._borne_out
                and first is not None
                and first.place >= 0
                and body is not None
            ):
                line = self.claims[saying.claim].line
                second = Definition(saying.key, body, line, "notes", saying.chain.place)
                number = self.where.claim_of(self.notes.chains[first.place])
                reason = slip_before(first, second, self.shelf)
                if number is not None and reason is not None:
                    yield number, reason

    @staticmethod
    def _with_new_meaning(claim: Claim, other: Claim) -> Claim:
        """A claim that gives a name another meaning, with which something holds."""
        if other.verdict == "right":
            return replace(other, reason=ANEW)
        given = other.reason or "it gives a name another meaning"
        return doubted(claim, given) if claim.verdict == "wrong" else claim

    def _anew(self, number: int) -> list[Saying]:
        """What gives names that a claim is computed from another meaning, before it: the last of each."""
        place, about = self.where.place(number), self.where.names[number]
        found = (x for x in self.where.sayings if x.claim not in (None, number) and x.formula <= place)
        return list({x.key: x for x in found if x.key in about}.values())

    def _is_said_from(self, place: int, number: int) -> bool:
        """Whether something is said from a formula on of letters that a claim is computed from."""
        bases = {key.base for key in self.where.names[number]}
        return any(x.formula >= place and x.key.base in bases for x in self.where.sayings)

    def _outdated(self, anew: Sequence[Saying]) -> frozenset[int]:
        """The places of the chains that say otherwise what was given anew."""
        return frozenset(
            x.chain.place
            for current in anew
            for x in self.where.sayings
            if x.key == current.key and x is not current
            and (x.claim is not None or x.chain.place < current.chain.place)
        )  # fmt: skip

    def _given_up(self, number: int) -> frozenset[int]:
        """The places of chains whose names would be defined by themselves, with what is said after them.

        Of z = y - t, and later y = f(z), the second is what holds from there on.
        """
        place, book = self.where.place(number), self.notes.book
        said = [
            d for key in self.where.names[number] if (d := book.exact.get(key)) is not None and d.place >= 0
        ]
        circular = [d for d in said if d.key in book.reached(d.body)]
        formulas = {d.place: self.notes.chains[d.place].links[0].formula for d in circular}
        in_force = [d for d in circular if formulas[d.place] <= place]
        if not in_force:
            return frozenset()
        last = max(in_force, key=lambda d: d.place)
        leaves = {name.key for name in names_in(last.body)}
        return frozenset(d.place for d in circular if d.key in leaves and d is not last)

    def _bears_out(self, reading: AnotherReading, anew: Sequence[Saying], reached: set[Key]) -> None:
        """Note of what was given anew that something holds with it."""
        for saying in anew:
            other = reading.claim(self.claims[saying.claim]) if saying.claim is not None else None
            if saying.key in reached and saying.claim is not None and other is not None:
                self._borne_out.setdefault(saying.claim, other)

    # ----------------------------------------------------------------------------------- what stands near

    def _nearby(self, number: int) -> Claim | None:
        """A claim as it is judged near by, if it is right there, or if it had no meaning and has a slip."""
        claim = self.claims[number]
        asked = self.evidence.open_derivative(claim)
        if asked is None or unread_among(self.notes.book, sorted(self.where.names[number])) is not None:
            return None
        accused = None
        for begin, end in self.where.windows(number, asked.output):
            near = self._reading(begin, end)
            near = near.fit_for(claim) if near else None
            found = near.claim(claim) if near else None
            if near is None:
                break
            notes, evidence = near.notes, near.judge.evidence
            if found is None or not is_grounded(asked, notes.book) or not evidence.is_grounded(found):
                continue
            as_before = self._has_shapes_of(notes)
            if found.verdict == "right":
                if not as_before:
                    alone = doubted(claim, "it holds only if what stands near it is read by itself")
                    return claim if claim.verdict == "ambiguous" else alone
                defined = notes.book.reached(asked.output)
                for place, other in enumerate(self.claims):
                    said = near.whole.claim(other)
                    if said is not None and near.whole.judge.evidence.defines(said, defined):
                        self._borne_out.setdefault(place, said)
                return replace(found, reason=NEARBY)
            if found.verdict == "wrong" and claim.verdict == "not understood" and not accused and as_before:
                (again,) = near.whole.judge.evidence.weighed([near.whole.mended(found)])
                accused = again if again.repair is not None else None
        return accused

    def _has_shapes_of(self, notes: Notes) -> bool:
        """Whether what has a shape here has the same one in the whole notes."""
        whole, here = self.notes.book.shapes, notes.book.shapes
        return all(whole.get(name) == shape for name, shape in here.items())

    # ------------------------------------------------------------------------------------ what is said of all

    def _in_general(self, number: int) -> Claim | None:
        """A claim about any layer that had no meaning, or any, by the formulas about any layer alone."""
        claim, about = self.claims[number], self.where.of_any_layer
        if self.where.place(number) not in about or not self._left:
            return None
        formulas = self.notes.document.formulas
        if len(about) == len(formulas):
            return None
        if self._general is None:
            self._left = max(self._left - len(about), 0)
            some = tuple(formula for place, formula in enumerate(formulas) if place in about)
            self._general = AnotherReading(replace(self.notes.document, formulas=some))
        reading = self._general
        found = reading.claim(claim)
        if found is not None and found.verdict == "wrong":
            (found,) = reading.judge.evidence.weighed([reading.mended(found)])
        if found is None or not reading.judge.evidence.rests_on(found):
            return None
        if found.verdict != "right" and (found.verdict != "wrong" or found.repair is None):
            return None
        if found.verdict == "wrong" and found.kind in ("forward", "loss"):
            return None  # it may give the name another meaning
        for convention in reading.notes.book.conventions:
            self.notes.book.announce(convention)
        return replace(found, reason=IN_GENERAL)

    # ----------------------------------------------------------------------------------- what a section says

    def _in_section(self, number: int) -> Claim | None:
        """A slope of a loss of which its section says nothing, by the section alone: dZ = A - Y is enough."""
        claim, loss = self.claims[number], self.notes.book.loss
        begin, end = self.where.begin_of_section(number), self.where.end_of_section(number)
        if loss is None or not begin or any(begin <= i < end for i in self.where.places({loss.base})):
            return None
        asked = self.evidence.open_derivative(claim) if claim.kind != "update" else None
        if asked is None or is_grounded(asked, self.notes.book):
            return None  # it is known well enough how the loss depends on it
        reading = self._reading(begin, end)
        reading = reading.fit_for(claim) if reading else None
        found = reading.claim(claim) if reading else None
        if reading is None or found is None or not reading.judge.evidence.rests_on(found):
            return None
        if examples_divided_by(self.notes.chains) and not examples_divided_by(reading.notes.chains):
            return None  # 1/m is left out in all of it
        if found.verdict == "wrong":
            (found,) = reading.judge.evidence.weighed([reading.whole.mended(found)])
        is_sure = found.verdict == "right" or (found.verdict == "wrong" and found.repair is not None)
        return replace(found, reason=ALONE) if is_sure else None

    # --------------------------------------------------------------------------------------------- reading

    def _reading(self, begin: int, end: int, without: frozenset[int] = frozenset()) -> AnotherReading | None:
        """Some of the formulas read by themselves; None where all together would be too many."""
        key = begin, end, without
        if key not in self._read and self._left:
            self._left = max(self._left - (end - begin), 0)
            places = [*(place for place in self.where.slopes if place < begin), *range(begin, end)]
            formulas = tuple(self.notes.document.formulas[place] for place in places)
            passed = frozenset(i for i, place in enumerate(places) if place in self.where.passed)
            document = replace(self.notes.document, formulas=formulas)
            self._read[key] = AnotherReading(document, without, passed, self.where.seen_before(begin))
        return self._read.get(key)
