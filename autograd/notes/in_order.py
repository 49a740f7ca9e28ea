"""What later text must not change: claims read by no more than what the notes had said by then.

Notes are read as a whole, since many say what a letter is only after they used it. But a remark at the end,
an example that takes the same letters again, or a section on a simpler network is no reason to call wrong
what stood before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .claiming import Reading, read_again
from .defining.definitions import is_numeric
from .defining.opening import Notes
from .defining.updates import update_of
from .judging.evidence import Evidence, doubted
from .meaning.syntax import Apply, Derivative, Name, walk
from .report import Claim

__all__ = ["BEFORE", "MOST", "read_in_order"]

MOST = 1_000
"""Formulas that are read once more, in one set of notes."""

BEFORE = "it is read by what stands before it"


def read_in_order(notes: Notes, evidence: Evidence, claims: Sequence[Claim]) -> list[Claim]:
    """The claims; those that are wrong or without meaning by what is said later are judged without that."""
    said = _where_names_are_said(notes, claims)
    until: dict[int, list[int]] = {}
    for number, claim in enumerate(claims):
        if claim.verdict in ("wrong", "not understood"):
            place = notes.document.place_of(claim.offset)
            bases = {key.base for key in evidence.names_in(claim)}
            later = [i for base in bases for i in said.get(base, ()) if i > place]
            if later:
                until.setdefault(min(later), []).append(number)
    found = list(claims)
    left = MOST
    for end, numbers in sorted(until.items()):
        left -= end
        if left < 0:
            break
        before = read_again(replace(notes.document, formulas=notes.document.formulas[:end]))
        for number in numbers:
            claim = claims[number]
            other = before.claim(claim)
            if other is not None:
                found[number] = _judged_before(claim, other, before)
                if found[number].verdict == "right" and before.notes.book.rows != notes.book.rows:
                    found[number] = doubted(claim, "it holds only without what is said after it")
    return found


def _judged_before(claim: Claim, other: Claim, before: Reading) -> Claim:
    """A claim as it is judged by what was said before, if that is in its favour."""
    evidence = before.judge.evidence
    if other.verdict == "right" and (evidence.rests_on(other) or evidence.says_first(other)):
        return replace(other, reason=BEFORE)
    if claim.verdict == "wrong" and other.verdict == "ambiguous":
        return other
    if claim.verdict == "wrong" and other.verdict == "wrong":
        (weighed,) = evidence.weighed([before.mended(other)])
        if weighed.verdict != "wrong":
            return doubted(claim, weighed.reason or "")
    return claim


def _where_names_are_said(notes: Notes, claims: Sequence[Claim]) -> dict[str, list[int]]:
    """The formulas that say first what a letter is, in other letters, or say something else than that."""
    open_ones = {claim.offset for claim in claims if claim.verdict != "right"}
    found: dict[str, list[int]] = {}
    for chain in notes.chains:
        head = chain.head.name if isinstance(chain.head, Apply) else chain.head
        node = chain.links[1].node if len(chain.links) > 1 else None
        if not isinstance(head, Name) or node is None or is_numeric(node) or update_of(chain) is not None:
            continue
        if not notes.book.is_derivative(head.key) and not any(isinstance(x, Derivative) for x in walk(node)):
            formula = notes.document.formulas[chain.links[0].formula]
            definition = notes.book.definition(head.key)
            is_first = definition is not None and definition[0].place == chain.place
            if is_first or any(formula.start <= offset <= formula.end for offset in open_ones):
                found.setdefault(head.key.base, []).append(chain.links[0].formula)
    return found
