"""A second look at what seems wrong: read by what stands near it.

Slides, cheat sheets and chapters give the same letters a new meaning in every frame, item and section.
Whoever reads on takes what was said last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from .claiming import Reading, read_again
from .defining.opening import Notes
from .editions import ANEW, NEARBY
from .judging.evidence import Evidence, doubted, is_grounded
from .meaning.syntax import Apply, Derivative, Name, Node, names_in, walk
from .reading.documents import Document
from .report import Claim

__all__ = ["Nearby"]

MOST_AGAIN = 1_000
"""Formulas that are read again by what stands near them, in one set of notes."""

MOST, MOST_OF_ALL = 40, 0.6
"""More formulas than this, and more of all, are not read again: it would take long and change little."""


class Nearby:
    """Reads again, by what stands near it, what does not hold or has no meaning by all that the notes say."""

    def __init__(self, whole: Notes, evidence: Evidence) -> None:
        self.whole, self.evidence = whole, evidence
        self._left = MOST_AGAIN
        self._said = _said(whole)
        self._read: dict[tuple[int, int], Reading] = {}
        self._anew: dict[tuple[int, str], Claim] = {}

    def second_look(self, claim: Claim) -> Claim:
        """The claim as it is judged near by, if it is right there, or if it had no meaning and has a slip."""
        asked = self.evidence.open_derivative(claim)
        if asked is None or claim.verdict == "right" or not self._left:
            return claim
        accused = None
        for window in windows(self.whole, self._said, claim.offset, asked.output):
            if not self._is_read(window):
                break
            near = self._read[window]
            notes, judge, found = near.notes, near.judge, near.claim(claim)
            if found is None or not is_grounded(asked, notes.book) or not judge.evidence.is_grounded(found):
                continue
            as_before = self._has_shapes_of(notes)
            if found.verdict == "right":
                if not as_before:
                    alone = doubted(claim, "it holds only if what stands near it is read by itself")
                    return claim if claim.verdict == "ambiguous" else alone
                defined = notes.book.reached(asked.output)
                self._anew |= {
                    place: other
                    for place, other in near.claims.items()
                    if judge.evidence.defines(other, defined)
                }
                return replace(found, reason=NEARBY)
            if (
                found.verdict == "wrong"
                and claim.verdict == "not understood"
                and accused is None
                and as_before
            ):
                (again,) = judge.evidence.weighed([near.mended(found)])
                accused = again if again.repair is not None else None
        return accused or claim

    def _has_shapes_of(self, notes: Notes) -> bool:
        """Whether what has a shape here has the same one in the whole notes."""
        whole, here = self.whole.book.shapes, notes.book.shapes
        return all(whole.get(name) == shape for name, shape in here.items())

    def given_anew(self, claim: Claim) -> Claim:
        """A definition that contradicts an earlier one is no mistake if what follows holds with it alone."""
        found = self._anew.get((claim.offset, claim.latex))
        if found is None or claim.verdict in ("right", "ambiguous"):
            return claim
        return replace(found, reason=ANEW)

    def _is_read(self, window: tuple[int, int]) -> bool:
        """Whether a window has been read, now or before; not if all together would be too many formulas."""
        begin, end = window
        if window not in self._read and self._left:
            self._left = max(self._left - (end - begin), 0)
            document = self.whole.document
            self._read[window] = read_again(replace(document, formulas=document.formulas[begin:end]))
        return window in self._read


def windows(notes: Notes, says: _Said, offset: int, quantity: Node) -> Iterator[tuple[int, int]]:
    """The formulas from where it was last said what a quantity is to where it is said anew: first and end.

    They begin with the paragraph in which it is said; then with the section, if it is said in that; then with
    the formula itself, as in a list of one definition after the other. What is left out has to say something
    of what the quantity is computed from, or nothing would be read otherwise.
    """
    formulas = notes.document.formulas
    place = notes.document.place_of(offset)
    said = _places(says, {name.key.base for name in names_in(quantity)})
    if not said:  # of a loss nothing is said: what it is a function of counts
        chains = (c for c in notes.chains if any(link.formula == place for link in c.links))
        nodes = [x for c in chains for node in c.nodes if node is not None for x in walk(node)]
        upstream = (x.variable for x in nodes if isinstance(x, Derivative))
        said = _places(says, {n.key.base for x in upstream for n in names_in(x)})
    all_said = _places(says, {key.base for key in notes.book.reached(quantity)})
    before = [i for i in said if i <= place]
    if not before:
        return
    first = before[-1]
    while first and _joined(notes.document, first):
        first -= 1
    section = place
    while section and formulas[section - 1].heading == formulas[place].heading:
        section -= 1
    end = next((i for i in said if i > place), len(formulas))
    for begin in dict.fromkeys((first, min(first, section) if section <= before[-1] else first, before[-1])):
        nearly_all = end - begin > max(MOST, MOST_OF_ALL * len(formulas))
        if not nearly_all and any(not begin <= i < end for i in all_said):
            yield begin, end


_Said: TypeAlias = dict[str, set[int]]
"""The formulas in which a quantity or a function is set equal to something, by its letter."""


def _said(notes: Notes) -> _Said:
    found: _Said = {}
    for chain in notes.chains:
        if len(chain.links) > 1:
            for node in chain.nodes:
                name = node.name if isinstance(node, Apply) else node
                if isinstance(name, Name):
                    found.setdefault(name.key.base, set()).add(chain.links[0].formula)
    return found


def _places(said: _Said, bases: set[str]) -> list[int]:
    return sorted(set().union(*(said.get(base, ()) for base in bases)))


def _joined(document: Document, place: int) -> bool:
    """Whether a formula stands in the same paragraph as the one before it."""
    earlier, formula = document.formulas[place - 1], document.formulas[place]
    return "\n\n" not in document.text[earlier.outer_end : formula.outer_start]
