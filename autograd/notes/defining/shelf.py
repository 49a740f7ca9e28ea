"""Which definitions hold where: a name may be given another meaning further down.

A letter that is lent to one derivative after another (`A = dL/dw_1`, later `A = dL/dw_2`), a second example
under a heading of its own: there the book of the notes has several versions.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..judging.deciding import POINTS_WITH_KINKS, Court, is_branching
from ..meaning.chains import Chain
from ..meaning.errors import NotUnderstood
from ..meaning.syntax import (
    ARGUMENT,
    Apply,
    Derivative,
    Key,
    Name,
    Node,
    Transposed,
    quantities_in,
    replaced,
    same_form,
    walk,
)
from ..meaning.tables import shape_of
from .book import Book, Definition, Function
from .columns import is_of_one_example
from .conventions import find_fixed_indices
from .definitions import is_numeric
from .unknown_loss import set_some_loss
from .updates import update_of

__all__ = ["Shelf"]

MOST_SHOWN = 2
"""So many slopes show which of its meanings a name has."""

_Version = tuple[int, int, Definition]
"""Where a definition stands: its chain's place and section."""


class Shelf:
    """The versions of a book, and the court that decides by each."""

    def __init__(self, book: Book, chains: Sequence[Chain], nodes: Sequence[Node]) -> None:
        self.book, self._nodes, self.chains = book, list(nodes), chains
        self._courts: dict[tuple[int, ...], Court] = {}
        self._variants: dict[tuple[int, str, str], Court] = {}
        self._losses: dict[tuple[int, Key, tuple[Key, ...]], Court] = {}
        self._versions: dict[Key, list[_Version]] = {}
        self._functions: dict[str, list[tuple[int, Function]]] = {}
        self._ties = _ties(book, chains)
        self.defining: dict[int, set[int]] = {}
        self._find_functions(chains)
        self._find_lent_letters(chains)
        self._find_new_meanings(chains)

    def court(self, chain: Chain) -> Court:
        """The court for the definitions that hold at a chain."""
        active = tuple(self._active(found, chain) for found in self._versions.values())
        functions = {
            name: max(n for n, (place, _) in enumerate(found) if n == 0 or place <= chain.place)
            for name, found in self._functions.items()
        }
        active += tuple(functions.values())
        loose = [tie for tie in self._ties if chain.place < tie.place]
        of_one = is_of_one_example(self.book, chain)
        active += (len(loose), int(of_one) if self.book.loss_of_one is not None else 0)
        court = self._courts.get(active)
        if court is None:
            book = self.book
            if any(active) or book.loss_of_one is not None:
                book = book.copy()
                book.conventions = self.book.conventions
                for found, number in zip(self._versions.values(), active, strict=False):
                    book.exact[found[number][2].key] = found[number][2]
                find_fixed_indices(book)
                for name, number in functions.items():
                    if number:
                        self._put(book, name, self._functions[name][number])
                for tie in loose:
                    _untie(book, tie)
                if book.loss_of_one is not None:
                    self._only(book, of_one)
            first = next(iter(self._courts.values()), None)
            court = self._courts[active] = Court(book, self._nodes if first is None else [])
            if first is not None:  # the formulas are the same
                court.exact, court.points = first.exact, first.points
        return court

    def _only(self, book: Book, of_one: bool) -> None:
        """Keep the slopes of one example, or those of the batch: dW may be said of both."""
        for key, definition in list(book.exact.items()):
            if key.base.startswith("d "):
                chain = self.chains[definition.place] if definition.place >= 0 else None
                if chain is not None and is_of_one_example(self.book, chain) is not of_one:
                    book.remove(definition)
        if of_one:
            book.loss = book.loss_of_one

    def _put(self, book: Book, name: str, version: tuple[int, Function]) -> None:
        place, function = version
        others = [f for f in book.functions[name] if f.indices]
        book.functions[name], key = [function, *others], Key(name)
        if key in book.exact:
            book.define(Definition(key, function.body, function.line, "notes", place))

    def versions(self, key: Key) -> list[Definition]:
        """What a name is at one place after the other; nothing where it is the same everywhere."""
        return [definition for _, _, definition in self._versions.get(key, ())]

    def is_borne_out(self, first: Definition, second: Definition) -> bool:
        """Whether slopes between two meanings of a name hold with the first one only."""
        between = self.chains[first.place + 1 : second.place]
        return _shown(between, first.key, self._court_with(second), self._court_with(first)) > 0

    def redefine(self, key: Key, body: Node) -> None:
        """Give a name another meaning from here on."""
        for before in self.book.templates.get((key.base, len(key.below), len(key.above)), [])[:]:
            if before.key == key:
                self.book.remove(before)
        self.book.define(Definition(key, body, 0, "convention"))
        self._courts.clear()

    def with_function(self, court: Court, name: str, word: str) -> Court:
        """The same court, if a function that is only named were this one."""
        found = self._variants.get((id(court), name, word))
        if found is None:
            book = court.book.copy()
            book.conventions = self.book.conventions
            z = Name(0, 0, ARGUMENT)
            body: Node = z if word == "identity" else Apply(0, 0, Name(0, 0, Key(word)), (z,))
            book.functions[name] = [Function((z.key,), body)]
            found = self._variants[id(court), name, word] = Court(book, [body])
            found.exact, found.points = found.exact and court.exact, max(found.points, court.points)
        return found

    def with_loss(self, court: Court, loss: Key, ends: tuple[Key, ...]) -> Court:
        """The same court, if the loss were some function of these names, and of nothing else."""
        found = self._losses.get((id(court), loss, ends))
        if found is None:
            book = court.book.copy()
            book.conventions = {}
            for key in ends:  # dY is what it says, whatever the notes have found it to be
                before = book.exact.get(key._replace(base=f"d {key.base}"))
                if before is not None:
                    book.remove(before)
            set_some_loss(book, loss, ends)
            found = self._losses[id(court), loss, ends] = Court(book, self._nodes)
        return found

    def _active(self, versions: list[_Version], chain: Chain) -> int:
        """The version that holds at a chain: of its own section if it has one, else the last before it."""
        update = update_of(chain)
        if update is not None:  # w = w - A: A is the derivative by w that is nearest
            own = [
                (abs(place - chain.place), n) for n, (place, _, d) in enumerate(versions)
                if isinstance(d.body, Derivative) and isinstance(d.body.variable, Name)
                and d.body.variable.key._replace(tag="") == update[0]
            ]  # fmt: skip
            if own:
                return min(own)[1]
        before = [n for n, (place, _, _) in enumerate(versions) if place <= chain.place]
        here = [n for n, (_, section, _) in enumerate(versions) if section == chain.section]
        if before and before[-1] in here:
            return before[-1]
        if here:
            return here[0]
        return before[-1] if before else 0

    def _find_functions(self, chains: Sequence[Chain]) -> None:
        """Functions that are given again, as another formula of their own arguments: a second example."""
        for chain in chains:
            head, body = chain.head, chain.nodes[1] if len(chain.nodes) > 1 else None
            if (
                not isinstance(head, Apply)
                or head.name.primes
                or body is None
                or chain.conditional  # one of its cases
                or chain.links[1].relation != "="
            ):
                continue
            name, parameters = head.name.key.base, {x.key for x in head.arguments if isinstance(x, Name)}
            known = [f for f in self.book.functions.get(name, ()) if not f.indices]
            if len(parameters) < len(head.arguments) or not known or head.name.key != Key(name):
                continue
            names = {x.key for x in quantities_in(body)}
            if not names <= parameters or any(isinstance(x, Derivative) for x in walk(body)):
                continue
            function = Function(tuple(x.key for x in head.arguments), body, chain.line)  # type: ignore[attr-defined]
            versions = self._functions.setdefault(name, [(-1, known[0])])
            if function.body is not versions[-1][1].body and self._are_different(versions[-1][1], function):
                versions.append((chain.place, function))
                self.defining.setdefault(chain.place, set()).update({0, 1})
        self._functions = {name: found for name, found in self._functions.items() if len(found) > 1}

    def _are_different(self, first: Function, second: Function) -> bool:
        if len(first.parameters) != len(second.parameters):
            return True
        court = Court(self.book, self._nodes)
        try:
            body = second.body
            for mine, theirs in zip(second.parameters, first.parameters, strict=True):
                name = Name(0, 0, theirs)
                body = replaced(body, Name(0, 0, mine), name) or body
            bends = any(is_branching(x) for side in (first.body, body) for x in walk(side))
            points = POINTS_WITH_KINKS if bends else 1
            return court.difference(first.body, body, points=points) is not None
        except NotUnderstood:
            return True

    def _find_lent_letters(self, chains: Sequence[Chain]) -> None:
        """Names that are lent to one derivative after another."""
        for chain in chains:
            head = chain.head
            if len(chain.links) < 2 or not isinstance(head, Name) or update_of(chain) is not None:
                continue
            body = chain.links[1].node
            first = self.book.exact.get(head.key)
            if first is None or first.place == chain.place or body is None or first.origin != "notes":
                continue
            if not isinstance(body, Derivative) or not isinstance(first.body, Derivative):
                continue
            versions = self._versions.setdefault(head.key, [(first.place, _section(chains, first), first)])
            if not any(same_form(body, definition.body) for _, _, definition in versions):
                definition = Definition(head.key, body, chain.line, "notes", chain.place)
                versions.append((chain.place, chain.section, definition))
                self.defining[chain.place] = {0, 1}
        self._versions = {key: found for key, found in self._versions.items() if len(found) > 1}

    def _find_new_meanings(self, chains: Sequence[Chain]) -> None:
        """Names that are something else further down, as what is said of their slopes there shows.

        If that is shown of a name, whatever else is said of it may be one more thing.
        """
        again: dict[Key, list[Chain]] = {}
        for chain in chains:
            head, body = chain.head, chain.links[1].node if len(chain.links) > 1 else None
            if not isinstance(head, Name) or body is None or head.primes or chain.links[1].relation != "=":
                continue
            first = self.book.exact.get(head.key)
            if first is None or first.origin != "notes" or head.key in self._versions:
                continue
            if chain.place <= first.place or update_of(chain) is not None or is_numeric(body):
                continue
            if any(isinstance(x, Derivative) for x in walk(body)) or head.key in self.book.reached(body):
                continue
            again.setdefault(head.key, []).append(chain)
        for key, found in again.items():
            for once in (False, True):
                versions = self._meanings(key, found, chains, once)
                if len(versions) == 1:
                    break
                self._versions[key] = versions
            for place, _, _ in self._versions.get(key, ())[1:]:
                self.defining[place] = {0, 1}

    def _meanings(
        self, key: Key, said: Sequence[Chain], chains: Sequence[Chain], often: bool
    ) -> list[_Version]:
        """The meanings of a name: the first, and what is said of it further down if that is borne out.

        Where it is known to have several, nothing may speak against one more.
        """
        first = self.book.exact[key]
        versions = [(first.place, _section(chains, first), first)]
        for number, chain in enumerate(said):
            body = chain.links[1].node
            assert body is not None
            definition = Definition(key, body, chain.line, "notes", chain.place)
            before, after = (self._court_with(d) for d in (versions[-1][2], definition))
            if not _differ(before, Name(0, 0, key), body):
                continue
            end = said[number + 1].place if number + 1 < len(said) else len(chains)
            shown = _shown(chains[chain.place + 1 : end], key, before, after)
            if shown > 0 or (shown == 0 and often):
                versions.append((chain.place, chain.section, definition))
        return versions

    def _court_with(self, definition: Definition) -> Court:
        """The court if this definition held."""
        book = self.book.copy()
        book.exact[definition.key] = definition
        find_fixed_indices(book)
        return Court(book, self._nodes)


def _differ(court: Court, left: Node, right: Node) -> bool:
    """Whether two sides are not equal, or not to be compared."""
    bends = any(is_branching(x) for x in walk(right))
    try:
        return court.difference(left, right, points=POINTS_WITH_KINKS if bends else 1) is not None
    except NotUnderstood:
        return True


def _shown(chains: Sequence[Chain], key: Key, before: Court, after: Court) -> int:
    """What the slopes of a name say: above 0 for the second of two meanings of it, below for the first."""
    found = 0
    for chain in chains:
        head, side = chain.head, chain.links[1].node if len(chain.links) > 1 else None
        if not isinstance(head, Derivative) or side is None or abs(found) > MOST_SHOWN:
            continue
        if any(key in court.book.reached(head) for court in (before, after)):
            found += _differ(before, head, side) - _differ(after, head, side)
    return found


def _ties(book: Book, chains: Sequence[Chain]) -> list[Definition]:
    """Parameters that are equal to others from some place on: tied weights, `W_2 = W_1^T`, in this order.

    Before, the notes differentiate by each of them.
    """
    by: dict[Key, int] = {}
    for chain in reversed(chains):
        for node in chain.nodes:
            for x in walk(node) if node is not None else ():
                if isinstance(x, Derivative) and isinstance(x.variable, Name):
                    by[x.variable.key] = chain.place
    ties = []
    for key, definition in book.exact.items():
        other = definition.body.body if isinstance(definition.body, Transposed) else definition.body
        is_tie = isinstance(other, Name) and not book.is_defined(other.key)
        is_like = isinstance(other, Name) and (other is not definition.body or other.key.base == key.base)
        if (
            is_tie
            and is_like
            and definition.origin == "notes"
            and by.get(key, definition.place) < definition.place
        ):
            ties.append(definition)
    return sorted(ties, key=lambda tie: tie.place)


def _untie(book: Book, tie: Definition) -> None:
    """Make a parameter one of its own again, of the shape that it has."""
    try:
        shape = shape_of(Court(book, []).world(0).quantity(tie.key, 1 if book.rows else None))
    except NotUnderstood:
        return
    book.remove(tie)
    if shape != (1, 1):
        book.shapes[str(tie.key)] = shape


def _section(chains: Sequence[Chain], definition: Definition) -> int:
    return chains[definition.place].section if 0 <= definition.place < len(chains) else -1
