"""Where in the notes what is said: the formulas before it, its section, and what stands near it."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from .another_reading import says_nothing_to_others
from .defining.definitions import is_numeric
from .defining.opening import Notes
from .defining.updates import update_of
from .judging.evidence import Evidence
from .meaning.chains import Chain
from .meaning.letters import slope_in
from .meaning.syntax import Apply, Derivative, Key, Name, Node, names_in, quantities_in, walk
from .reading.documents import Document
from .report import Claim

__all__ = ["Saying", "Whereabouts"]

MOST, MOST_OF_ALL = 40, 0.6
"""More formulas than this, and more of all, are not read as what stands near: it would change little."""

_LAYERS = ("l", "k", "i")
"""Letters that number layers, where there is a layer before or after."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A chain that says what a name or a function is; `claim` is its number among the claims if it fails."""

    key: Key
    chain: Chain
    claim: int | None = None

    @property
    def formula(self) -> int:
        """The formula in which it begins."""
        return self.chain.links[0].formula


class Whereabouts:
    """Where the claims of the notes stand, which are told by their numbers, and what says what names are."""

    def __init__(self, notes: Notes, evidence: Evidence, claims: Sequence[Claim]) -> None:
        self.notes, self.evidence, self.claims = notes, evidence, claims
        self.sayings = [
            Saying(key, chain, None if self._is_slope(key) else self._open_at(chain))
            for chain in notes.chains
            for key in _said_by(chain)
        ]

    def place(self, number: int) -> int:
        """The formula that a claim is about."""
        return self.notes.document.place_of(self.claims[number].offset)

    @cached_property
    def names(self) -> dict[int, set[Key]]:
        """The names that each claim is computed from."""
        return {number: self.evidence.names_in(claim) for number, claim in enumerate(self.claims)}

    def claim_of(self, chain: Chain) -> int | None:
        """The claim in which a chain begins."""
        link = chain.links[0]
        offset = self.notes.document.formulas[link.formula].start + link.side.start
        for number in self._by_formula.get(link.formula, ()):
            claim = self.claims[number]
            if claim.offset <= offset <= claim.offset + len(claim.latex):
                return number
        return None

    def end(self, number: int) -> int:
        """Where it is first said after a claim, or said otherwise, what it is computed from."""
        place, bases = self.place(number), {key.base for key in self.names[number]}
        book = self.notes.book
        after = bisect_right(self.sayings, place, key=lambda saying: saying.formula)  # they are in order
        later = (
            x.formula for x in itertools.islice(self.sayings, after, None)
            if x.key.base in bases and not book.is_derivative(x.key)
            and (x.claim is not None or _is_first(x, self.notes))
        )  # fmt: skip
        return next(later, len(self.notes.document.formulas))

    def begin_of_section(self, number: int) -> int:
        """The first formula under the heading of a claim."""
        formulas, place = self.notes.document.formulas, self.place(number)
        heading = formulas[place].heading
        return next((i + 1 for i in range(place, -1, -1) if formulas[i].heading != heading), 0)

    def end_of_section(self, number: int) -> int:
        """The first formula under the next heading."""
        formulas, place = self.notes.document.formulas, self.place(number)
        heading = formulas[place].heading
        return next((i for i in range(place, len(formulas)) if formulas[i].heading != heading), len(formulas))

    def windows(self, number: int, quantity: Node) -> Iterator[tuple[int, int]]:
        """The formulas from where it was last said what a quantity is to where it is anew: first and end.

        They begin with the paragraph in which it is said; then with the section, if it is said in that; then
        with the formula itself, as in a list of one definition after the other. What is left out has to say
        something of what the quantity is computed from, or nothing would be read otherwise.
        """
        formulas, place = self.notes.document.formulas, self.place(number)
        said = self.places({name.key.base for name in names_in(quantity)})
        of_quantity = said
        if not said or said[0] > place:  # of a loss nothing is said yet: what it is a function of counts
            chains = (c for c in self.notes.chains if any(link.formula == place for link in c.links))
            sides = [node for c in chains for node in c.nodes if node is not None]
            short = {n.key._replace(below=()) for side in sides for n in names_in(side)}  # G = dL/dY
            sides += [d.body for key in short if (d := self.notes.book.exact.get(key)) is not None]
            upstream = (x.variable for side in sides for x in walk(side) if isinstance(x, Derivative))
            said = self.places({n.key.base for x in upstream for n in names_in(x)})
        all_said = self.places({key.base for key in self.notes.book.reached(quantity)})
        before = [i for i in said if i <= place]
        if not before:
            return
        first = before[-1]
        while first and _joined(self.notes.document, first):
            first -= 1
        section = self.begin_of_section(number)
        end = next((i for i in sorted({*said, *of_quantity}) if i > place), len(formulas))
        wider = min(first, section) if section <= before[-1] else first
        ends = (end, min(end, self.end_of_section(number)))
        for begin, end in dict.fromkeys(itertools.product((first, wider, before[-1]), ends)):
            nearly_all = end - begin > max(MOST, MOST_OF_ALL * len(formulas))
            if not nearly_all and any(not begin <= i < end for i in all_said):
                yield begin, end

    @cached_property
    def of_any_layer(self) -> set[int]:
        """The formulas about a layer l, where others are about its neighbours l - 1 or l + 1."""
        names = [
            (link.formula, i)
            for chain in self.notes.chains
            for link in chain.links
            if link.node is not None
            for name in names_in(link.node)
            for i in name.key.below + name.key.above
        ]
        layers = {i.letter for _, i in names if i.number and i.letter in _LAYERS}
        return {formula for formula, i in names if i.letter in layers}

    def seen_before(self, place: int) -> set[Key]:
        """The names that stand somewhere before a formula."""
        before = (link.node for chain in self.notes.chains for link in chain.links if link.formula < place)
        return {name.key for node in before if node is not None for name in quantities_in(node)}

    @cached_property
    def slopes(self) -> list[int]:
        """The formulas that say for what slope a letter is short, as delta_j = dE/da_j does to the end."""
        said = (c for c in self.notes.chains if isinstance(c.head, Name) and len(c.nodes) == 2)
        return sorted({c.links[0].formula for c in said if c.nodes[1] is not None and slope_in(c.nodes[1])})

    @cached_property
    def passed(self) -> set[int]:
        """The formulas that are right, and on which no other depends."""
        places = {self.place(number) for number, claim in enumerate(self.claims) if claim.verdict != "right"}
        return {
            place for place, parts in enumerate(self.notes.parts)
            if place not in places and says_nothing_to_others(parts)
        }  # fmt: skip

    def _is_slope(self, key: Key) -> bool:
        """Whether it is a gradient: what is said of it otherwise is no other meaning, but a mistake."""
        return self.notes.book.is_derivative(key) or key.base.startswith(("d ", "delta", "bar ", "Delta "))

    def _open_at(self, chain: Chain) -> int | None:
        """The claim in which a chain begins, if that does not hold."""
        number = self.claim_of(chain)
        is_open = number is not None and self.claims[number].verdict in ("wrong", "not understood")
        return number if is_open else None

    @cached_property
    def _by_formula(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for number in range(len(self.claims)):
            found.setdefault(self.place(number), []).append(number)
        return found

    def places(self, bases: set[str]) -> list[int]:
        """The formulas in which a quantity or a function is set equal to something, by its letter."""
        return sorted(set().union(*(self._by_letter.get(base, ()) for base in bases)))

    @cached_property
    def _by_letter(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for chain in self.notes.chains:
            if len(chain.links) > 1:
                for node in chain.nodes:
                    name = node.name if isinstance(node, Apply) else node
                    if isinstance(name, Name):
                        found.setdefault(name.key.base, set()).add(chain.links[0].formula)
        return found


def _said_by(chain: Chain) -> Iterator[Key]:
    """The name or the function of which a chain says what it is, in other letters."""
    head = chain.head.name if isinstance(chain.head, Apply) else chain.head
    body = chain.links[1].node if len(chain.links) > 1 else None
    if not isinstance(head, Name) or head.primes or body is None or is_numeric(body):
        return
    if update_of(chain) is None and not any(isinstance(x, Derivative) for x in walk(body)):
        yield head.key


def _is_first(saying: Saying, notes: Notes) -> bool:
    found = notes.book.definition(saying.key)
    return found is not None and found[0].place == saying.chain.place


def _joined(document: Document, place: int) -> bool:
    """Whether a formula stands in the same paragraph as the one before it."""
    earlier, formula = document.formulas[place - 1], document.formulas[place]
    return "\n\n" not in document.text[earlier.outer_end : formula.outer_start]
