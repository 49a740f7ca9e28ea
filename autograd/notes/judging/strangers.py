"""Names that the notes do not explain: what fails because of one may be no mistake, only unknown to us."""

from __future__ import annotations

from collections.abc import Set

from ..defining.book import Book, bound
from ..meaning.known_functions import KNOWN
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    DIRECTION,
    Apply,
    Derivative,
    Differential,
    Key,
    Name,
    Node,
    names_in,
    quantities_in,
    walk,
)
from ..meaning.vocabulary import FUNCTIONS
from .abbreviations import abbreviated
from .deciding import Court, Difference
from .penalties import is_with_penalty
from .verdicts import Judgement

__all__ = ["is_abstract", "stands"]


def stands(
    judgement: Judgement, head: Node, node: Node, court: Court, seen: Set[Key]
) -> bool:  # fmt: skip
    """Whether an accusation stands; it is taken back where it rests on a name that the notes do not explain.

    seen    the names in the formulas before this one
    """
    _look_for_strangers(judgement, head, node, court, seen)
    return judgement.verdict == "wrong"


def _look_for_strangers(
    judgement: Judgement, head: Node, node: Node, court: Court, seen: Set[Key]
) -> None:  # fmt: skip
    difference, book = judgement.difference, court.book
    assert difference is not None
    before = judgement.left.node if judgement.left is not None else None
    meant = abbreviated(before, node) if before is not None else None
    if meant == Key("any number"):
        meant = None
    known = court.anchored() | book.mentioned_in_definitions
    if meant is not None and meant.letters and any(key.base == meant.base for key in known | {*book.exact}):
        meant = None  # an entry of what is known
    if meant is not None and not book.is_defined(meant) and meant not in known | seen:
        judgement.verdict, judgement.difference = "right", None
        judgement.reason = f"${latex_of(meant)}$ stands for a part of the formula before"
        return
    calls = (x for side in (head, node) for x in walk(side) if isinstance(x, Apply))
    put_in = {id(x) for call in calls if len(call.arguments) > 1 for x in call.arguments}
    for name in (*names_in(head), *names_in(node)):
        if name.key.base in book.unsaid and id(name) not in put_in:
            _is_unknown(judgement, name.key, "")
            return
        other = book.lookalikes.get(name.key.base)
        if other is not None and not book.is_defined(name.key):
            _is_unknown(judgement, name.key, f"; is it ${latex_of(name.key._replace(base=other))}$?")
            return
    if isinstance(head, Apply) and is_abstract(head.name.key.base, court):
        _is_unknown(judgement, head.name.key, "")
        return
    functions = {x.name.key for x in walk(node) if isinstance(x, Apply) and x.name.key.base != "partial"}
    asked = {x.name.key for x in walk(head) if isinstance(x, Apply)}
    for key in sorted(functions - asked):
        if is_abstract(key.base, court) and not _is_applied(key.base, book):
            _is_unknown(judgement, key, "")
            return
    strange = _strange_names(head, node, difference, court)
    for unknown in strange:
        if is_with_penalty(unknown, head, node, court):
            judgement.verdict, judgement.difference = "right", None
            judgement.reason = f"the penalty with ${latex_of(unknown)}$ is not written into the loss"
            return
        if not _has_relatives(unknown, court):
            near = _nearest(unknown, court)
            hint = f"; the nearest name that it does is ${latex_of(near)}$" if near is not None else ""
            _is_unknown(judgement, unknown, hint)
            return
    if any(_is_below_the_first(unknown, court) for unknown in strange):
        _is_unknown(judgement, strange[0], "")
    elif strange:
        names = ", ".join(f"${latex_of(unknown)}$" for unknown in strange)
        judgement.reason, judgement.has_strange_names = f"there is no {names} here", True


def _is_unknown(judgement: Judgement, key: Key, hint: str) -> None:
    judgement.verdict = "not understood"
    judgement.reason = f"the notes do not say what ${latex_of(key)}$ is{hint}"


def is_abstract(name: str, court: Court) -> bool:
    """Whether a function is only named."""
    known = name in court.book.functions or name in KNOWN or name in FUNCTIONS
    return not known and name not in ("sigma", "norm", "abs")


def _is_applied(name: str, book: Book) -> bool:
    """Whether anything that the notes define is a value of this function."""
    bodies = [d.body for d in book.definitions()]
    bodies += [f.body for found in book.functions.values() for f in found]
    return any(isinstance(x, Apply) and x.name.key.base == name for body in bodies for x in walk(body))


def _strange_names(head: Node, node: Node, difference: Difference, court: Court) -> list[Key]:
    """Leaves of one side that neither the other side nor any definition has."""
    scope = difference.scope
    sides = []
    for side in (head, node):
        keys = {bound(n.key, scope.bindings, court.book.sizes) for n in quantities_in(side)}
        sides.append(
            {key for key in keys if any((key, row) in scope.world.leaves for row in (None, scope.row))}
        )
    if isinstance(head, (Derivative, Differential)) and not isinstance(_subject(head), Name):
        sides[0] &= sides[1]  # d(X Y) is about any X and Y
    known = court.anchored()
    strange = (key for key in sides[0] ^ sides[1] if key not in known and key._replace(below=()) not in known)
    return sorted(key for key in strange if not key.base.startswith(DIRECTION))


def _subject(head: Derivative | Differential) -> Node:
    """What is differentiated."""
    return head.output if isinstance(head, Derivative) else head.body


def _has_relatives(unknown: Key, court: Court) -> bool:
    """Whether the notes have names of that letter with as many indices: then an index is wrong."""
    slot = (unknown.base, len(unknown.below), len(unknown.above))
    return slot in court.book.templates or any(
        (key.base, len(key.below), len(key.above)) == slot and key.tag == ""
        for key in court.anchored() | set(court.book.exact)
    )


def _is_below_the_first(unknown: Key, court: Court) -> bool:
    """Whether it is of the layer before the first that has names of that letter: the input has its own."""
    slot = (unknown.base, len(unknown.below), len(unknown.above))
    known = (*court.book.exact, *(definition.key for definition in court.book.templates.get(slot, ())))
    layers = [
        key.above[0].number
        for key in (unknown, *known)
        if key.base == unknown.base and len(key.above) == 1 and not key.above[0].letter
    ]
    return bool(layers[1:]) and len(unknown.above) == 1 and layers[0] < min(layers[1:])


def _nearest(unknown: Key, court: Court) -> Key | None:
    """A name with a meaning that may be meant: of the same letter, or a word with one letter different."""
    known = sorted({*court.book.exact, *court.anchored()} - {unknown})
    alike = [key for key in known if key.base == unknown.base]
    alike += [key for key in known if _is_one_letter_off(key.base, unknown.base)]
    return alike[0] if alike else None


def _is_one_letter_off(a: str, b: str) -> bool:
    if min(len(a), len(b)) < 3 or abs(len(a) - len(b)) > 1 or a == b:
        return False
    same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[same + (len(a) >= len(b)) :] == b[same + (len(b) >= len(a)) :]
