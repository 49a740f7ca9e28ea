"""What is right by its form alone: chain rules and means of what the notes do not connect.

dL/dw = dL/da da/dw says of L, whatever it is, that a is all by which it depends on w.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..defining.book import Book
from ..defining.slopes import slope_meant
from ..meaning.errors import NotUnderstood
from ..meaning.syntax import (
    Derivative,
    Index,
    Key,
    Name,
    Node,
    Number,
    Product,
    Quotient,
    SumOver,
    mapped,
    names_in,
    same_form,
    walk,
)
from ..meaning.syntax import Sum as SumNode
from .deciding import Court

__all__ = ["adds_up", "holds_by_form"]


def holds_by_form(head: Node, node: Node, court: Court) -> bool:
    """Whether two sides are equal whatever the notes leave out of what is differentiated in them."""
    return (
        _same_with_letters(head, node, court)
        or _chain_by_form(head, node, court)
        or _mean_by_form(head, node, court)
        or adds_up(head, node, court)
    )


def adds_up(head: Node, node: Node, court: Court) -> bool:
    r"""dE/dw = dE_1/dw + dE_2/dw where E = E_1 + E_2, or a mean of them, whatever these are."""
    if not isinstance(head, Derivative) or not isinstance(head.output, Name):
        return False
    body = court.book.body(head.output.key)
    slopes = None if body is None or isinstance(body, Name) else _term_by_term(body, head)
    return slopes is not None and _same_with_letters(slopes, node, court)


def _term_by_term(body: Node, head: Derivative) -> Node | None:
    """The derivative of a sum, or of a mean, of names."""
    match body:
        case Name():
            return replace(head, output=body)
        case SumNode(terms=terms):
            slopes = [_term_by_term(term, head) for term in terms]
            return None if None in slopes else replace(body, terms=tuple(slopes))  # type: ignore[arg-type]
        case SumOver(name="sum", body=inner):
            slope = _term_by_term(inner, head)
            return None if slope is None else replace(body, body=slope)
        case Quotient(over=inner, under=Number() | Name()):
            slope = _term_by_term(inner, head)
            return None if slope is None else replace(body, over=slope)
        case Product(factors=(Quotient(over=Number(), under=Number() | Name()) | Number() as share, inner)):
            slope = _term_by_term(inner, head)
            return None if slope is None else replace(body, factors=(share, slope))
    return None


def _mean_by_form(head: Node, node: Node, court: Court) -> bool:
    r"""`\frac{1}{n} \sum_k \partial C_k / \partial w`, for a C of which no more is said than that."""
    factors = node.factors if isinstance(node, Product) else (node,)
    total = factors[-1]
    if not isinstance(head, Derivative) or not isinstance(total, SumOver) or len(factors) > 2:
        return False
    one, whole = total.body, head.output
    if not isinstance(one, Derivative) or not isinstance(one.output, Name) or not isinstance(whole, Name):
        return False
    is_one = one.output.key._replace(below=()) == whole.key and total.index in one.output.key.letters
    if not is_one or not same_form(one.variable, head.variable) or court.book.is_defined(whole.key):
        return False
    if len(factors) == 2:
        share = factors[0]
        if not isinstance(share, Quotient) or not isinstance(share.over, Number) or share.over.text != "1":
            return False
        if not isinstance(share.under, Name) or share.under.key.base not in ("n", "m", "N", "M"):
            return False
    return True


def _same_with_letters(head: Node, node: Node, court: Court) -> bool:
    """Equal whatever the derivatives in it are."""
    head, node = _spelled_derivatives(head, court.book), _spelled_derivatives(node, court.book)
    derivatives: list[Derivative] = []
    for x in (*walk(head), *walk(node)):
        if isinstance(x, Derivative) and not any(_same_derivative(x, d) for d in derivatives):
            derivatives.append(x)
    try:
        return court.difference(_opaque(head, derivatives), _opaque(node, derivatives)) is None
    except NotUnderstood:
        return False


def _spelled_derivatives(node: Node, book: Book) -> Node:
    """dL/dW for a bare dW."""
    slope = slope_meant(node, book.loss) if isinstance(node, Name) else None
    return slope or mapped(node, lambda x: _spelled_derivatives(x, book))


def _chain_by_form(head: Node, node: Node, court: Court) -> bool:
    """dL/dw = dL/da da/dw, where it is not said how L depends on a: a is all that it depends on.

    So is the sum of such chains through several names, or through all that an index numbers.
    """
    if not isinstance(head, Derivative):
        return False
    through: list[Node] = []
    for term in _ways(node):
        links = _linked(head, term) if isinstance(term, Product) else None
        if links is None or any(same_form(links[0].variable, other) for other in through):
            return False
        through.append(links[0].variable)
        if not _go_on_rightly(links, head.variable, court):
            return False
    return True


def _go_on_rightly(links: tuple[Derivative, ...], variable: Node, court: Court) -> bool:
    """Whether the links behind the first are the derivative that they stand for, where it is known."""
    for k in range(1, len(links)):
        last = k == len(links) - 1
        rest = links[k] if last else Product(0, 0, links[k:], ("",) * (len(links) - k - 1))
        try:
            return court.difference(Derivative(0, 0, links[k].output, variable), rest) is None
        except NotUnderstood:
            continue  # of this it is not said either
    return True


def _ways(node: Node) -> Iterator[Node]:
    """The chains that are added up, one for all that an index numbers: (sum_i A_i B_i) C is A_i B_i C."""
    match node:
        case SumNode(terms=terms, signs=signs) if set(signs) == {1}:
            for term in terms:
                yield from _ways(term)
        case SumOver(name="sum", index=letter, body=body) if any(
            isinstance(x, Derivative) and isinstance(x.variable, Name) and letter in x.variable.key.letters
            for x in walk(body)
        ):
            yield from _ways(body)
        case Product(factors=factors):
            place = next((p for p, x in enumerate(factors) if _adds(x)), None)
            ways = [] if place is None else list(_ways(factors[place]))
            if place is None or ways == [factors[place]]:
                yield node
                return
            for term in ways:
                inner = term.factors if isinstance(term, Product) else (term,)
                whole = (*factors[:place], *inner, *factors[place + 1 :])
                yield from _ways(Product(node.start, node.end, whole, ("",) * (len(whole) - 1)))
        case _:
            yield node


def _adds(node: Node) -> bool:
    return isinstance(node, SumNode) or (isinstance(node, SumOver) and node.name == "sum")


def _linked(whole: Derivative, product: Product) -> tuple[Derivative, ...] | None:
    """The links of a chain from the one derivative to its variable, whichever way round they are written."""
    factors = [x for factor in product.factors for x in _apart(factor)]
    links = [link for factor in factors if (link := _link(factor)) is not None]
    chain: list[Derivative] = []
    at = whole.output
    while links:
        following = [link for link in links if same_form(link.output, at)]
        if len(following) != 1:
            return None
        chain += following
        links.remove(following[0])
        at = following[0].variable
    complete = len(chain) == len(factors) > 1 and same_form(at, whole.variable)
    return tuple(chain) if complete else None


def _apart(factor: Node) -> list[Node]:
    """A product over an index, and what only stands behind it."""
    if isinstance(factor, SumOver) and factor.name == "prod" and isinstance(factor.body, Product):
        first, *rest = factor.body.factors
        if not any(factor.index in name.key.letters for x in rest for name in names_in(x)):
            return [replace(factor, body=first), *rest]
    return [factor]


def _link(factor: Node) -> Derivative | None:
    r"""A derivative, or `\prod_{k=2}^n \partial h_k / \partial h_{k-1}`, which is that of h_n by h_1."""
    if isinstance(factor, Derivative):
        return factor
    if not isinstance(factor, SumOver) or factor.name != "prod" or not isinstance(factor.body, Derivative):
        return None
    output, variable = factor.body.output, factor.body.variable
    if not isinstance(output, Name) or not isinstance(variable, Name):
        return None
    here, before = (_at(factor.index, name.key) for name in (output, variable))
    first, last = (_number(x) for x in (factor.low, factor.high))
    if here is None or before != here - 1 or first is None or last is None:
        return None
    ends = [
        _with_index(name, factor.index, end._replace(number=end.number + shift))
        for name, end, shift in ((output, last, here), (variable, first, before))
    ]
    return replace(factor.body, output=ends[0], variable=ends[1])


def _at(letter: str, key: Key) -> int | None:
    """What is added to an index letter in the one place where a name has it."""
    found = [i.number for i in key.below + key.above if i.letter == letter]
    return found[0] if len(found) == 1 else None


def _number(bound: Node | None) -> Index | None:
    """The first or the last of the numbers that an index letter runs through: 2, n, t + 1."""
    if isinstance(bound, Number) and bound.text.isdigit():
        return Index("", int(bound.text))
    if isinstance(bound, Name) and not bound.key.below + bound.key.above:
        return Index(bound.key.base)
    if isinstance(bound, SumNode) and len(bound.terms) == 2:
        start, step = map(_number, bound.terms)
        if start is not None and step is not None and not step.letter and bound.signs[0] == 1:
            return start._replace(number=start.number + bound.signs[1] * step.number)
    return None


def _with_index(name: Name, letter: str, index: Index) -> Name:
    below, above = (
        tuple(index if i.letter == letter else i for i in x) for x in (name.key.below, name.key.above)
    )
    return replace(name, key=name.key._replace(below=below, above=above))


def _same_derivative(a: Derivative, b: Derivative) -> bool:
    return same_form(a.output, b.output) and same_form(_without_tag(a.variable), _without_tag(b.variable))


def _without_tag(node: Node) -> Node:
    if isinstance(node, Name) and node.key.tag == "old":
        return replace(node, key=node.key._replace(tag=""))
    return node


def _opaque(node: Node, derivatives: list[Derivative]) -> Node:
    """The formula with a letter for every derivative."""
    if isinstance(node, Derivative):
        number = next(i for i, d in enumerate(derivatives) if _same_derivative(node, d))
        return Name(node.start, node.end, Key(f"derivative {number}"))
    return mapped(node, lambda x: _opaque(x, derivatives))
