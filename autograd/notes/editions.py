"""A name that is defined anew: what follows is read by what was said last.

A book gives the mean of a squared error, then half of it, then a network of one more layer with the same
letters. The first definition is what a set of notes is read by; where a later one says something else, it is
a mistake, or another definition. It is another one if something that follows holds with it and not without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .claiming import Reading, read_again
from .defining.opening import Notes
from .judging.evidence import Evidence, doubted
from .meaning.chains import Chain
from .meaning.syntax import Key, Name
from .report import Claim

__all__ = ["ANEW", "NEARBY", "reread"]

MOST_AGAIN = 1_000
"""Formulas that are read by later definitions, in one set of notes."""

NEARBY = "it is read by what stands near it"
ANEW = "it is given another meaning here, and what follows holds with it"


@dataclass(frozen=True, slots=True)
class _Again:
    """A name that is defined anew by a chain, and the claim that says so."""

    key: Key
    chain: Chain
    claim: Claim

    @property
    def formula(self) -> int:
        return self.chain.links[0].formula


def reread(notes: Notes, evidence: Evidence, claims: Sequence[Claim]) -> list[Claim]:
    """The claims; those behind a name that is defined anew are read by that, if that bears them out."""
    again = list(_defined_anew(notes, evidence, claims))
    if not again:
        return list(claims)
    place_of = notes.document.place_of
    open_ones: dict[frozenset[int], list[int]] = {}
    holding_at: dict[int, dict[Key, _Again]] = {}
    for number, claim in enumerate(claims):
        place = place_of(claim.offset)
        about = evidence.names_in(claim)
        holding = holding_at[number] = {x.key: x for x in again if x.formula <= place and x.key in about}
        if holding and (claim.verdict not in ("right", "ambiguous") or claim.reason == NEARBY):
            without = frozenset(_outdated(notes, again, holding))
            open_ones.setdefault(without, []).append(number)
    left = MOST_AGAIN
    found: dict[int, tuple[Reading, Claim]] = {}
    borne_out: set[int] = set()
    for without, numbers in open_ones.items():
        if not without or all(any(x.claim is claims[number] for x in again) for number in numbers):
            continue  # nothing is left out, or nothing follows that could bear them out
        left -= len(notes.document.formulas)
        if left < 0:
            break
        first = max(x.formula for x in holding_at[numbers[0]].values())
        edition = read_again(notes.document, without, slice(first, place_of(claims[numbers[-1]].offset) + 1))
        for number in numbers:
            claim = claims[number]
            other = edition.claim(claim)
            if other is not None:
                found[number] = edition, other
                reached = edition.judge.evidence.rests_on(other) if other.verdict == "right" else set()
                latest = (x for x in holding_at[number].values() if x.key in reached)
                borne_out |= {x.chain.place for x in latest if x.claim is not claim}
    read = list(claims)
    for number, (edition, other) in found.items():
        claim = claims[number]
        if claim.verdict == "right":
            continue
        own = [x for x in again if x.claim is claim]
        if own and all(x.chain.place in borne_out for x in own):
            read[number] = replace(other, reason=ANEW) if other.verdict == "right" else other
        elif not own and any(x.chain.place in borne_out for x in holding_at[number].values()):
            read[number] = _by(edition, other, claim)
    return read


def _by(edition: Reading, other: Claim, claim: Claim) -> Claim:
    """A claim as an edition has it."""
    if other.verdict == "wrong":
        other = edition.mended(other)
        return other if other.repair is not None or claim.verdict == "wrong" else claim
    if other.verdict == "not understood" and claim.verdict == "wrong":
        return doubted(claim, other.reason or "a name in it was given another meaning")
    return claim if other.verdict == "not understood" else other


def _defined_anew(notes: Notes, evidence: Evidence, claims: Sequence[Claim]) -> Iterator[_Again]:
    for claim in claims:
        found = evidence.contradicts(claim)
        if found is None:
            continue
        key, judgement = found
        for chain in notes.chains:
            if any(link is judgement.link for link in chain.links):
                yield _Again(key, chain, claim)


def _outdated(notes: Notes, again: Sequence[_Again], holding: dict[Key, _Again]) -> Iterator[int]:
    """The places of the chains that define otherwise what was defined anew."""
    for key, current in holding.items():
        yield from (x.chain.place for x in again if x.key == key and x is not current)
        for chain in notes.chains[: current.chain.place]:
            if isinstance(chain.head, Name) and chain.head.key == key:
                yield chain.place
