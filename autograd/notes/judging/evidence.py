"""What speaks for an accusation: that the notes were read as they are meant.

A formula that does not hold may be a slip of its author, or ours in reading: of a name, an index, a shape, of
what the prose says. Slips are small. So a formula is called wrong only if one small change makes it right, if
nothing but numbers stand in it, or if the notes themselves show that their quantities are read rightly: the
side before is right, or another formula about the same derivative or one of its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from ..defining.book import Book, bound
from ..defining.definitions import is_numeric
from ..defining.slopes import slope_meant
from ..meaning.chains import Chain, Link
from ..meaning.known_functions import KNOWN
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    Apply,
    Cases,
    Derivative,
    Key,
    Name,
    Node,
    Number,
    Product,
    SumOver,
    Table,
    Transposed,
    names_in,
    quantities_in,
    walk,
)
from ..meaning.vocabulary import FUNCTIONS
from ..report import Claim
from .deciding import is_branching
from .lacking import is_summed
from .verdicts import Judgement

__all__ = ["Evidence", "doubted", "is_grounded"]


class Evidence:
    """What was found right in the notes, all of them: what comes later counts as well."""

    def __init__(self) -> None:
        self._about: dict[int, set[tuple[str, str]]] = {}
        self._confirmed: set[tuple[str, str]] = set()
        self._right_sides: set[int] = set()
        self._lost: dict[int, Link] = {}  # sides that were not understood
        self._understood: set[str] = set()
        self._decided: dict[tuple[int, str], tuple[Judgement, Book]] = {}

    def note(self, judgement: Judgement, chain: Chain, book: Book) -> None:
        """Take a step of a chain into account."""
        sides = [judgement.head, *chain.nodes]
        if isinstance(judgement.head, Name) and judgement.head.key.above:
            sides.append(_derivative_behind(judgement, book))  # the error signal of a layer
        about = {found for side in sides if side is not None for found in _derivatives(side)}
        self._about[id(judgement)] = about
        if judgement.verdict == "not understood":
            self._lost[id(judgement.link)] = judgement.link
        if judgement.verdict != "not understood" and isinstance(chain.head, Name):
            self._understood.add(chain.head.key.base)
        if judgement.verdict == "right" and judgement.kind in ("gradient", "chain", "update"):
            node = judgement.link.node
            if node is not None and not any(isinstance(x, Derivative) for x in walk(node)):
                self._confirmed |= about  # a side that only names other derivatives says little of them
            self._right_sides.add(id(judgement.link))

    def remember(self, claim: Claim, judgement: Judgement, book: Book) -> None:
        """Remember what decided on a claim, and by which definitions."""
        self._decided[claim.offset, claim.latex] = judgement, book

    def is_accused(self, claim: Claim) -> bool:
        """Whether a claim does not hold, with or without evidence."""
        found = self._decided.get((claim.offset, claim.latex))
        return found is not None and found[0].verdict == "wrong"

    def open_derivative(self, claim: Claim) -> Derivative | None:
        """The derivative about which a claim says what does not hold to the letter, or has no meaning."""
        if claim.reason == _LIES:
            return None
        found = self._decided.get((claim.offset, claim.latex))
        if found is None or found[0].verdict == "right":
            return None
        judgement, book = found
        reading = judgement.reading
        if judgement.verdict == "ambiguous" and (reading is None or not reading.local):
            return None
        node = judgement.link.node
        numbers = judgement.numbers is not None or (node is not None and is_numeric(node))
        if numbers and not isinstance(judgement.head, Derivative):
            return None  # the numbers of a step may be given further up
        return _derivative_behind(judgement, book)

    def is_grounded(self, claim: Claim, in_families: bool = False) -> bool:
        """Whether a claim is about a derivative that the notes define, and no definition in disguise."""
        found = self._decided.get((claim.offset, claim.latex))
        if found is None:
            return False
        judgement, book = found
        sides = [judgement.head, judgement.link.node]
        derivatives = [
            x for side in sides if side is not None for x in walk(side) if isinstance(x, Derivative)
        ]
        behind = _derivative_behind(judgement, book)
        return behind is not None and all(is_grounded(x, book, in_families) for x in (behind, *derivatives))

    def names_in(self, claim: Claim) -> set[Key]:
        """The names that the sides of a claim are computed from."""
        found = self._decided.get((claim.offset, claim.latex))
        if found is None:
            return set()
        judgement, book = found
        sides = (judgement.head, judgement.link.node)
        return set().union(*(book.reached(side) for side in sides if side is not None))

    def is_up_to_date(self, claim: Claim, other: Evidence) -> bool:
        """Whether no name in a claim was given another meaning before it that other notes know better."""
        mine, theirs = (e._decided.get((claim.offset, claim.latex)) for e in (self, other))
        if mine is None or theirs is None:
            return True
        book, later = mine[1].exact, theirs[1].exact
        return not any(
            key in later and book[key].line < later[key].line <= claim.line
            for key in self.names_in(claim) & book.keys()
        )

    def rests_on(self, claim: Claim) -> set[Key]:
        """The names that a claim is computed from; none if it is a definition, or of what is not defined."""
        found = self._decided.get((claim.offset, claim.latex))
        if found is None:
            return set()
        head, node, book = found[0].head, found[0].link.node, found[1]
        if found[0].kind == "definition":
            slope = slope_meant(head, book.loss) if isinstance(head, Name) else None
            return book.reached(slope) if slope is not None and is_grounded(slope, book) else set()
        if head is None:
            return set()
        if isinstance(head, Derivative) and not self.is_grounded(claim, in_families=True):
            return set()
        if isinstance(head, Name) and book.body(head.key) is node:
            return set()
        return book.reached(head)

    def says_first(self, claim: Claim) -> bool:
        """Whether a claim says what something is that is no slope, as data and computed quantities."""
        found = self._decided.get((claim.offset, claim.latex))
        if found is None or found[0].verdict != "right" or not isinstance(found[0].head, Name):
            return False
        judgement, book = found
        sides = (judgement.head, judgement.link.node)
        slopes = any(book.is_derivative(name.key) for side in sides if side for name in names_in(side))
        return not slopes and _derivative_behind(judgement, book) is None

    def is_slip(self, claim: Claim) -> bool:
        """Whether a claim is a definition that the notes themselves speak against."""
        found = self._decided.get((claim.offset, claim.latex))
        return found is not None and found[0].slip

    def says_a_signal(self, claim: Claim) -> bool:
        """Whether a claim was taken for the definition of an error signal."""
        found = self._decided.get((claim.offset, claim.latex))
        head = found[0].head if found is not None and found[0].kind == "definition" else None
        return isinstance(head, Name) and head.key.base == "delta"

    def defines(self, claim: Claim, keys: Set[Key]) -> bool:
        """Whether a claim says what one of these names is."""
        found = self._decided.get((claim.offset, claim.latex))
        if found is None or found[0].kind not in ("definition", "loss"):
            return False
        head = found[0].head
        return found[0].verdict == "right" and isinstance(head, Name) and head.key in keys

    def weighed(self, claims: Sequence[Claim]) -> list[Claim]:
        """The claims; those with too little behind the accusation are not understood instead."""
        return [self._weighed(claim) for claim in claims]

    def _weighed(self, claim: Claim) -> Claim:
        if not self.is_accused(claim):
            return claim
        judgement, book = self._decided[claim.offset, claim.latex]
        shaky = self._shaky_slopes(judgement, book)
        if shaky:
            return doubted(claim, f"it is about {shaky}, of which nothing was understood")
        if book.lies and _is_turned(claim):
            return doubted(claim, _LIES)
        multiple = _in_steps(judgement, book)
        if multiple is not None:
            return doubted(claim, f"${latex_of(multiple)}$ may have one index, a multiple and something more")
        if claim.repair is not None:
            return claim
        if claim.counterexample is not None and judgement.numbers is None:
            left, right = claim.counterexample.left, claim.counterexample.right
            if isinstance(left, (list, tuple)) != isinstance(right, (list, tuple)):
                return doubted(claim, "one side is a number here, the other a vector or a matrix")
        if judgement.has_strange_names and not self._is_confirmed(judgement):
            return doubted(claim, judgement.reason or "")
        lost = id(judgement.left) in self._lost or any(x.verdict == "not understood" for x in claim.steps)
        if judgement.numbers is None and lost:
            return doubted(claim, "a side before it is not understood")
        twice = _stands_twice(judgement, book)
        if twice is not None:
            return doubted(claim, f"it may be summed over ${twice}$, which stands in it twice")
        if _is_a_condition(judgement):
            return doubted(claim, "it does not hold everywhere; it may be a condition")
        if self._is_enough(judgement, book) or _is_plain(judgement, book) or _lacks_a_factor(claim):
            return claim
        wanted = "" if claim.expected is None else f", where ${claim.expected}$ should stand"
        return doubted(
            claim,
            f"as it is read here it does not hold{wanted}, and no small change mends it: "
            "it may be meant in another way",
        )

    def _shaky_slopes(self, judgement: Judgement, book: Book) -> str:
        """The slopes dz, dW, ... on the right side of which nothing that the notes say was understood.

        Those by what a loss, of which nothing is said, is a function of are given from outside.
        """
        if _says_what_slopes_are(book):
            return ""
        found = book.definition(book.loss) if book.loss is not None else None
        unknown = found is not None and found[0].origin == "convention"
        given = {name.key.base for name in names_in(found[0].body)} if found and unknown else set()
        node = judgement.link.node
        names = [name.key for name in names_in(node)] if node is not None else []
        shaky = {
            latex_of(key)
            for key in names
            if key.base.startswith("d ") and key.base not in self._understood and key.base[2:] not in given
        }
        return ", ".join(f"${name}$" for name in sorted(shaky))

    def _is_confirmed(self, judgement: Judgement) -> bool:
        """Whether the notes have something right about one of its derivatives."""
        return not self._confirmed.isdisjoint(self._about.get(id(judgement), ()))

    def _is_enough(self, judgement: Judgement, book: Book) -> bool:
        """Whether a step may be called wrong, though it has no repair."""
        return (
            judgement.misprint
            or judgement.numbers is not None
            or judgement.kind in ("number", "shape")
            or id(judgement.left) in self._right_sides
            or self._is_confirmed(judgement)
            or _is_of_one_number(judgement, book)
            or (judgement.follows is not None and self._is_enough(judgement.follows, book))
        )


def _derivative_behind(judgement: Judgement, book: Book) -> Derivative | None:
    """The derivative that a step is about: its head, or what that is by definition, or is computed from."""
    head = judgement.head
    if isinstance(head, Name) and judgement.kind != "definition":
        head = book.body(head.key)
    found = (x for x in walk(head) if isinstance(x, Derivative)) if head is not None else iter(())
    return next(found, None)


def _says_what_slopes_are(book: Book) -> bool:
    """Whether the notes say of one short slope what it is: dX = dL/dX."""
    said = book.definitions()
    return any(
        d.key.base.startswith("d ") and d.origin == "notes" and isinstance(d.body, Derivative) for d in said
    )


_LIES = "derivatives by vectors are rows in these notes"


def _is_turned(claim: Claim) -> bool:
    """Whether it only differs in what is transposed."""
    if claim.repair is None:
        return claim.reason == "the shapes do not fit together"
    old, new = claim.latex[claim.repair.start : claim.repair.end], claim.repair.replacement
    return _TRANSPOSED.sub("", old) == _TRANSPOSED.sub("", new)


_TRANSPOSED = re.compile(
    r"\^\s*(?:\{?\s*(?:T|\\top|\\intercal|\\mathsf\{?T\}?|\\mathrm\{?T\}?)\s*\}?)|[{}()\s]"
)


def _in_steps(judgement: Judgement, book: Book) -> Key | None:
    """A name as x_{si+a}, read as if it had two indices, where others of that letter have one."""
    node = judgement.link.node
    single = {key.base for key in book.mentioned if len(key.below) == 1}
    for key in (name.key for name in names_in(node)) if node is not None else ():
        last = key.below[-1] if len(key.below) == 2 else None
        if last is not None and last.letter and ("+" in last.letter or last.number) and key.base in single:
            return key
    return None


def _is_a_condition(judgement: Judgement) -> bool:
    """Whether a derivative is set to 0, as one does to find where a function is least."""
    node = judgement.link.node
    return (
        isinstance(judgement.head, Derivative) and isinstance(node, Number) and set(node.text) <= {"0", "."}
    )


def doubted(claim: Claim, reason: str) -> Claim:
    """A claim that is not accused after all, and why."""
    return replace(
        claim, verdict="not understood", reason=reason,
        expected=None, counterexample=None, repair=None, step=None, follows_from=None,
    )  # fmt: skip


def _derivatives(side: Node) -> Iterator[tuple[str, str]]:
    """The derivatives in one side: of what, by what, indices left aside. A product of them is one more."""
    for x in walk(side):
        factors = x.factors if isinstance(x, Product) else (x,)
        if all(isinstance(factor, Derivative) for factor in factors):
            above, below = factors[0].output, factors[-1].variable  # type: ignore[attr-defined]
            if isinstance(above, Name) and isinstance(below, Name):
                yield above.key.base, below.key.base


def _is_of_one_number(judgement: Judgement, book: Book) -> bool:
    """Whether it is about the slope of a function at any number: f'(u) = f(u) (1 - f(u))."""
    head, node = judgement.head, judgement.link.node
    constants: set[Key] = set()
    match head:
        case Apply(arguments=(Name() as argument,)) if head.name.primes:
            bodies = [function.body for function in book.functions.get(head.name.key.base, ())]
            names = {name.key for body in bodies for name in quantities_in(body)}
            constants = {key for key in names if key.base.islower()}  # no \Phi, which is a function
            sides = [*bodies, *([node] if node is not None else [])]
            called = {x.name.key.base for side in sides for x in walk(side) if isinstance(x, Apply)}
            if not called <= book.functions.keys() | KNOWN.keys() | FUNCTIONS | {"sigma", "abs"}:
                return False
            if any(map(is_branching, bodies)) and not isinstance(node, Cases):
                return False  # it may be said of one branch
        case Derivative(output=Apply(arguments=(Name() as argument,)), variable=Name() as by) if (
            by.key == argument.key
        ):
            pass
        case _:
            return False
    return node is not None and {name.key for name in quantities_in(node)} <= {argument.key} | constants


def _is_plain(judgement: Judgement, book: Book) -> bool:
    """Whether it is about single numbers, and all that it comes from is written out once, without sums."""
    node, head = judgement.link.node, judgement.head
    if node is None or head is None or book.rows or judgement.kind == "identity":
        return False
    bodies = [head, node]
    keys = {name.key for name in names_in(node)}
    match head:
        case Derivative(output=Name() as output, variable=Name() as variable):
            found = book.definition(output.key)
            if found is not None and variable.key in {name.key for name in names_in(found[0].body)}:
                bodies.append(found[0].body)  # this definition says it all
                keys |= {output.key, *(name.key for name in names_in(found[0].body))}
            else:
                keys |= book.reached(head)
        case _:
            keys |= book.reached(head)
    for key in keys:
        if key.letters or book.shape(key) not in (None, (1, 1)) or len(book.functions.get(key.base, ())) > 1:
            return False
        found = book.definition(key)
        if found is not None and found[0].origin not in ("notes", "front matter", "notation"):
            return False
    bodies += [
        found[0].body for key in book.reached(head) & keys if (found := book.definition(key)) is not None
    ]
    return not any(isinstance(x, (SumOver, Table, Transposed)) for body in bodies for x in walk(body))


def _stands_twice(judgement: Judgement, book: Book) -> str | None:
    """An index for which some leave the sum sign out, where none is on the way to what is asked."""
    head, node = judgement.head, judgement.link.node
    if head is None or node is None or is_summed(head, book):
        return None
    letters = [i.letter for x in names_in(node) for i in (*x.key.below, *x.key.above) if len(i.letter) == 1]
    asked = {i.letter for x in names_in(head) for i in (*x.key.below, *x.key.above)}
    twice = {x for x in letters if letters.count(x) > 1 and not x.isupper()} - asked - book.row_letters
    return min(twice, default=None)


def _lacks_a_factor(claim: Claim) -> bool:
    """Whether the right formula is what is claimed and a factor more, as it is written."""
    expected, claimed = _squeezed(claim.expected or ""), _squeezed(claim.steps[-1].right)
    before, found, after = expected.partition(claimed)
    return (
        len(claimed) > 2
        and bool(found)
        and not before.endswith(("+", "-"))
        and not after.startswith(("+", "-"))
    )


def _squeezed(latex: str) -> str:
    """A formula without what is only there for the eye."""
    for ornament in (r"\left", r"\right", r"\cdot", r"\times", r"\,", " "):
        latex = latex.replace(ornament, "")
    return latex


def is_grounded(derivative: Derivative, book: Book, in_families: bool = False) -> bool:
    """Whether the notes say how what is differentiated is computed from what it is differentiated by.

    Of an entry they may say it of the whole: X_{ij} of X. Of each of a family, z_j, they may say it of
    another letter: a few formulas by themselves prove little.
    """
    variable = derivative.variable
    names = {name.key for name in names_in(derivative.output)}
    for key in set(names):
        found = book.definition(bound(key, {}, book.sizes))  # E_n is of one pattern n
        slot = (key.base, len(key.below), len(key.above))
        others = book.templates.get(slot, ()) if in_families and key.letters else ()
        for d in [found[0]] if found is not None else others:
            unknown = key == book.loss and d.origin == "convention"
            if unknown or d.origin in ("notes", "front matter"):
                names |= book.reached(d.body)
    if in_families:  # p of p_k
        wholes = {key._replace(below=()) for key in names if key.below and not book.is_defined(key)} - names
        names |= {k for key in wholes & book.exact.keys() for k in book.reached(book.exact[key].body)}
    if not isinstance(variable, Name):
        return False
    letters = {(key.base, len(key.below), len(key.above)) for key in names if key.letters}
    of = variable.key
    return not names.isdisjoint({of, of._replace(below=())}) or bool(
        of.letters and (of.base, len(of.below), len(of.above)) in letters
    )
