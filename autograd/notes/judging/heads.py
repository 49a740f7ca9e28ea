"""What the sides of a chain are held against: its first side, or what a step of descent makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..defining.book import Book
from ..defining.definitions import is_numeric
from ..defining.jacobians import jacobian
from ..defining.updates import RATES, update_of
from ..meaning.chains import Chain
from ..meaning.errors import NotUnderstood
from ..meaning.syntax import Derivative, Key, Name, Node, Product, walk
from ..meaning.syntax import Number as NumberNode
from ..meaning.syntax import Sum as SumNode
from .deciding import Court
from .lacking import HALF

__all__ = ["head_of", "numeric_rate", "spelled_out"]

USUAL_RATES = {"eta", "alpha", "lr", "learning rate"}


def head_of(chain: Chain, court: Court, given: Iterable[Derivative] = ()) -> Node | None:
    """What the sides of a chain must be equal to; `given` are the slopes that the notes give numbers for."""
    head = chain.head
    update = update_of(chain)
    if update is not None:
        stem, key, right = update
        if key == stem or key.tag == "new" or _is_updated(key, court.book):
            return descent(stem, right, court.book, given)
    if isinstance(head, Name) and head.key.base.startswith("Delta ") and len(chain.nodes) > 1:
        return _step_of(head, chain, court)
    return jacobian(head, court.book) or head


def _step_of(head: Name, chain: Chain, court: Court) -> Node:
    """What Delta w is: the gradient, or the step against it, whichever the notes have."""
    book, right = court.book, chain.nodes[1]
    loss = book.loss
    stem = head.key._replace(base=head.key.base.removeprefix("Delta "), tag="")
    if loss is None or right is None:
        return head
    slope: Node = Derivative(0, 0, Name(0, 0, loss), Name(0, 0, stem))
    multiple = _multiple_of_slope(right, stem)
    if multiple is not None:  # - eta / 2 dE/dw: how far a step goes is what the notes say
        downhill = multiple < 0 or head.key in book.taken_away
        return right if downhill else SumNode(0, 0, (right,), (-1,))
    known = book.rates or RATES
    rates = [x for x in walk(right) if isinstance(x, Name) and x.key.base in known and not x.key.below]
    options: list[Node] = [slope, SumNode(0, 0, (slope,), (-1,))]
    if rates:
        product = Product(0, 0, (rates[0], slope), ("",))
        options = [SumNode(0, 0, (product,), (-1,))]
        if head.key in book.taken_away:
            options.append(product)
    if any(isinstance(x, Derivative) for x in walk(right)):  # half the rate, to be rid of a 2: -eta/2 dE/dw
        options += [Product(0, 0, (HALF, option), ("",)) for option in options]
    for option in options:
        try:
            if court.difference(option, right) is None:
                return option
        except NotUnderstood:
            return head
    return options[0]


def _multiple_of_slope(step: Node, stem: Key) -> int | None:
    """The sign of a step that is the slope by a parameter times something; None where it is not."""
    sign = 1
    while isinstance(step, SumNode) and len(step.terms) == 1:
        sign, step = sign * step.signs[0], step.terms[0]
    factors = step.factors if isinstance(step, Product) else ()
    slopes = [x for x in factors if isinstance(x, Derivative)]
    if len(slopes) != 1 or not isinstance(slopes[0].variable, Name) or slopes[0].variable.key != stem:
        return None
    return sign


def _is_updated(key: Key, book: Book) -> bool:
    found = book.exact.get(key)
    return found is not None and found.origin == "update"


def descent(stem: Key, right: Node, book: Book, given: Iterable[Derivative] = ()) -> Node:
    """A step of gradient descent, as an expression: w - eta dL/dw."""
    old = Name(0, 0, stem)
    loss = book.loss
    written = next(
        (x for x in (*walk(right), *given) if isinstance(x, Derivative) and isinstance(x.variable, Name)
         and x.variable.key._replace(tag="") == stem), None,
    )  # fmt: skip
    if loss is None:
        if written is None:
            return right if _is_by_delta(right, stem) else Name(0, 0, stem._replace(tag="new"))
        output = written.output
    else:
        output = Name(0, 0, loss)
    slope: Node = Derivative(0, 0, output, old)
    number = numeric_rate(right)
    if number is not None and not (is_numeric(right) and book.rates):
        slope = Product(0, 0, (number, slope), ("",))
    known = book.rates or RATES  # w + Delta w, where Delta w = eta delta x
    rates = [x for x in spelled_out(right, book) if isinstance(x, Name) and x.key.base in known]
    if rates:
        slope = Product(0, 0, (rates[0], slope), ("",))
    elif is_numeric(right) and (named := book.rates or (_spelled_rates(book) if number is None else set())):
        slope = Product(0, 0, (Name(0, 0, Key(min(named))), slope), ("",))
    return SumNode(0, 0, (old, slope), (1, -1))


def _is_by_delta(right: Node, stem: Key) -> bool:
    """Whether it is `w + Delta w`: the new w by what Delta means, whatever the loss is."""
    if not isinstance(right, SumNode) or right.signs != (1, 1):
        return False
    return [x.key._replace(tag="") for x in right.terms if isinstance(x, Name)] == [
        stem, stem._replace(base=f"Delta {stem.base}")
    ]  # fmt: skip


def _spelled_rates(book: Book) -> set[str]:
    """Letters for a learning rate that the notes only give a number for."""
    return {
        key.base for key in book.mentioned
        if key == Key(key.base) and key.base in USUAL_RATES and not book.is_defined(key)
    }  # fmt: skip


def spelled_out(node: Node, book: Book) -> Iterator[Node]:
    """Everything in a formula, and in what stands for Delta w and the like."""
    for x in walk(node):
        yield x
        if isinstance(x, Name) and (x.key not in book.exact or book.exact[x.key].origin == "notes"):
            body = book.body(x.key)
            yield from walk(body) if body is not None else ()


def numeric_rate(right: Node) -> Node | None:
    r"""0.5 of `w - 0.5 dL/dw`, of `1 - 0.5 * 3`, and of `W - 0.5 \delta x^T`."""
    terms = right.terms[1:] if isinstance(right, SumNode) else ()
    for number, *slope in (term.factors for term in terms if isinstance(term, Product)):
        if not isinstance(number, NumberNode):
            continue
        alone = len(slope) == 1 and (isinstance(slope[0], Derivative) or is_numeric(slope[0]))
        if alone or ("." in number.text and not all(map(is_numeric, slope))):
            return number
    return None
