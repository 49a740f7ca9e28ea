"""What is said once more of a name: a slip, or another meaning of it."""

from __future__ import annotations

from ..defining.book import Book, Definition
from ..defining.definitions import is_numeric
from ..defining.updates import update_of
from ..meaning.chains import Chain
from ..meaning.errors import NotUnderstood
from ..meaning.syntax import Derivative, Name, Node, quantities_in, same_form, walk
from .judge import Judge
from .verdicts import Judgement

__all__ = ["defined_before", "is_another_meaning"]


def defined_before(judgement: Judgement, chain: Chain, book: Book) -> Definition | None:
    """The definition in the notes that a step contradicts, if it looks like a definition itself."""
    head = chain.head
    if not isinstance(head, Name) or judgement.link is not chain.links[1]:
        return None
    if head.key.base.startswith("Delta "):
        return Definition(head.key, head, chain.line)
    if judgement.kind not in ("forward", "loss") or head.key.base.startswith(("bar ", "delta", "d ")):
        return None
    exact, slot = book.definition(head.key), (head.key.base, len(head.key.below), len(head.key.above))
    found = exact[0] if exact is not None else next(iter(book.templates.get(slot, ())), None)
    if found is None or found.origin != "notes" or any(isinstance(x, Derivative) for x in walk(found.body)):
        return None
    return found


def is_another_meaning(judgement: Judgement, chain: Chain, first: Definition, judge: Judge) -> bool:
    """Whether what is said of a name again is no slip: it is only supposed, or one of several meanings.

    After a second layer, `a_2 = f(w_2 a)`, the loss `C = (a_2 - y)^2` is another one than `(a - y)^2`: it has
    a name that only came up after it was defined.
    """
    node, known = judgement.link.node, judge.book.reached(first.body)
    if node is None or chain.supposed:
        return chain.supposed
    found = map(judge.book.definition, {name.key for name in quantities_in(node)} - known)
    if any(x is not None and x[0].origin == "notes" and x[0].place > first.place >= 0 for x in found):
        return True
    others = (c for c in judge.shelf.chains if c is not chain and c.place != first.place)
    return any(_is_a_third_meaning(other, first, node, judge) for other in others)


def _is_a_third_meaning(chain: Chain, first: Definition, second: Node, judge: Judge) -> bool:
    """Whether a chain says of a name what is neither its definition nor the second formula for it."""
    node = chain.nodes[1] if len(chain.nodes) > 1 else None
    if not isinstance(chain.head, Name) or chain.head.key != first.key or node is None:
        return False
    if is_numeric(node) or update_of(chain) is not None or same_form(node, second):
        return False
    try:
        return judge.court.difference(first.body, node) is not None
    except NotUnderstood:
        return True
