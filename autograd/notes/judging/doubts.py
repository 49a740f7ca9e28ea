"""Why an equation that does not hold may be no mistake: a condition, a case, or a name left open."""

from __future__ import annotations

from ..defining.book import Book, Definition, bound
from ..defining.unread import why_unsure
from ..defining.updates import is_preconditioned
from ..meaning.chains import Chain
from ..meaning.errors import NotUnderstood
from ..meaning.spelling import latex_of
from ..meaning.syntax import Apply, Derivative, Key, Name, Node, Transposed, names_in, quantities_in, walk
from ..meaning.syntax import Number as NumberNode
from ..meaning.syntax import Sum as SumNode
from ..meaning.syntax import Table as TableNode
from ..meaning.tables import entries
from .deciding import Court, Difference
from .verdicts import Judgement

__all__ = ["is_solved_for", "is_stationary_point", "why_no_mistake"]


def why_no_mistake(judgement: Judgement, chain: Chain, court: Court) -> str | None:
    """Why an equation may be a condition rather than a claim, or about more than the notes say."""
    node, head, book = judgement.link.node, judgement.head, court.book
    if _takes_the_target_for_the_output(head, node, court):
        return r"whether $y$ or $\hat y$ is what the network puts out is not clear"
    if (open_prediction := _open_prediction(head, book)) is not None:
        y, x = map(latex_of, open_prediction)
        return f"the notes do not say how ${y}$ depends on ${x}$"
    unread = why_unsure(book, head, node)
    if unread is not None:
        return unread
    unknown = _unknown_slope(head, book)
    if unknown is not None:
        y, x = map(latex_of, unknown)
        return f"the notes do not say how ${y}$ depends on ${x}$"
    if chain.conditional and chain.distinct is None and court.condition is None:
        return "it is said of one case only, and does not hold in all"
    if isinstance(head, Derivative) and node is not None and _solves(chain, node, book):
        return "a slope is set to 0 there, by which something else is found"
    frozen = next((key for key in chain.frozen if book.is_defined(key)), None)
    if frozen is not None and isinstance(head, Derivative):
        return f"${latex_of(frozen)}$ is said to be constant here"
    if _has_unknown_length(node, judgement.difference):
        return "nothing says how many ones these are"
    if judgement.kind == "update" and node is not None and is_preconditioned(book, node):
        return "a step in another direction than that of the gradient is not checked"
    if isinstance(node, NumberNode) and node.text == "0" and isinstance(head, (Derivative, TableNode)):
        return "it is not 0 everywhere; where it is, is a condition"
    if isinstance(head, Name) and judgement.kind == "forward" and not book.is_defined(head.key):
        return f"what ${latex_of(head.key)}$ is where a slope is 0 is not checked"
    if judgement.kind != "identity" or isinstance(head, (Derivative, Apply)) or node is None:
        return None
    left, right = ({n.key for n in quantities_in(x)} for x in (head, node) if x is not None)
    if left - right and right - left and not any(map(book.is_defined, left | right)):
        return "an equation of unknowns, which the notes do not define, is a condition"
    return None


def _solves(chain: Chain, node: Node, book: Book) -> bool:
    r"""Whether a side that is said to be 0 has a name that follows from it, as \lambda of x - \lambda = 0."""
    last = chain.nodes[-1]
    found = (book.definition(bound(name.key, {}, book.sizes)) for name in names_in(node))
    zero = isinstance(last, NumberNode) and last.text == "0"
    return zero and any(d is not None and d[0].place >= chain.place for d in found)


def is_solved_for(judgement: Judgement, book: Book) -> bool:
    """Whether the slope of the loss, which has been worked out, is set to 0."""
    node, head = judgement.link.node, judgement.head
    if not isinstance(node, NumberNode) or node.text != "0" or not isinstance(head, Derivative):
        return False
    return isinstance(head.output, Name) and head.output.key == book.loss


def is_stationary_point(head: Node | None, node: Node | None, court: Court) -> bool:
    """Whether a parameter is given the value at which the slope of the loss by it is 0."""
    book = court.book
    if not isinstance(head, Name) or node is None or book.loss is None or book.is_defined(head.key):
        return False
    loss = Name(0, 0, book.loss)
    if head.key not in book.reached(loss):
        return False
    there = book.copy()
    there.define(Definition(head.key, node, 0, "notes"))
    bodies = (definition.body for definition in there.exact.values())
    try:
        zero = NumberNode(0, 0, "0")
        return Court(there, [node, *bodies]).difference(zero, Derivative(0, 0, loss, head)) is None
    except NotUnderstood:
        return False


def _open_prediction(head: Node | None, book: Book) -> tuple[Key, Key] | None:
    r"""A \hat y of which nothing is said beside a y of the loss, and by what that is differentiated."""
    if {"y", "hat y"} & {*book.bases(), *book.lookalikes}:
        return None
    for x in walk(head) if head is not None else ():
        if isinstance(x, Derivative) and isinstance(x.variable, Name):
            found = {key.base: key for key in book.reached(x.output)}
            if {"y", "hat y"} <= found.keys() and x.variable.key.base not in ("y", "hat y"):
                return found["hat y"], x.variable.key
    return None


def _takes_the_target_for_the_output(head: Node | None, node: Node | None, court: Court) -> bool:
    r"""Whether the sign of (\hat y - y) is wrong, where y = W h is said, and nothing of \hat y."""
    output, target = Key("y"), Key("hat y")
    both = {output, target} <= {name.key for name in names_in(node)} if node is not None else False
    if not both or head is None or court.book.is_defined(target) or not court.book.is_defined(output):
        return False
    try:
        return court.difference(head, SumNode(0, 0, (node,), (-1,))) is None  # type: ignore[arg-type]
    except NotUnderstood:
        return False


def _unknown_slope(head: Node | None, book: Book) -> tuple[Key, Key] | None:
    """The derivative of something unknown by another, which may be given by an equation: x^2 + y^2 = 1."""
    if not isinstance(head, Derivative) or not isinstance(head.output, Name):
        return None
    if not isinstance(head.variable, Name) or head.output.key.base in book.called:
        return None
    keys = head.output.key, head.variable.key
    if keys[0] == keys[1] or any(book.is_defined(k) or book.is_defined(k._replace(below=())) for k in keys):
        return None
    return keys


def _has_unknown_length(node: Node | None, difference: Difference | None) -> bool:
    """Whether it is a vector of ones, and nothing says how many."""
    node = node.body if isinstance(node, Transposed) else node
    if not isinstance(node, Name) or node.key != Key("ones") or difference is None:
        return False
    return len(entries(difference.right)) == 1 < len(entries(difference.left))
