r"""A loss of which notes say no more than its slope by what comes out: `dZ = A - Y`, and then `dW = ...`.

Whoever sums up backpropagation begins there. The loss is one that has this slope, taken over the examples as
the gradients of the parameters are: with `dW = \frac{1}{m} dZ A^T` it is a mean, and dZ leaves 1/m to dW.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..meaning.chains import Chain
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    Apply,
    Derivative,
    Key,
    Name,
    Node,
    Number,
    Product,
    Quotient,
    Sum,
    names_in,
    walk,
)
from ..meaning.vocabulary import LOSSES, TARGETS
from .book import COUNTS, Book, Definition, bound

__all__ = ["examples_divided_by", "loss_by_its_slope"]

_LAST = {"sigma", "sigmoid", "Sigmoid", "logistic", "softmax", "Softmax"}


def loss_by_its_slope(book: Book, chains: Sequence[Chain]) -> bool:
    """Enter the loss that has the slope which the notes begin with; whether there is one."""
    found = dict(_said(book, chains))
    if len(found) != 1:
        return False
    ((by, (loss, slope)),) = found.items()
    held = Apply(0, 0, Name(0, 0, Key("held")), (slope,))
    body: Node = Apply(0, 0, Name(0, 0, Key("inner")), (held, Name(0, 0, by)))
    count = examples_divided_by(chains) if loss is None else None
    if count is not None:
        book.times_examples = count.key
        body = Product(0, 0, (Quotient(0, 0, Number(0, 0, "1"), count), body), ("",))
    name = loss or next(k for k in (Key("L"), Key("loss")) if k not in book.mentioned or k.base == "loss")
    book.define(Definition(name, body, 0, "convention"))
    book.loss = name
    over = f", the mean over all ${latex_of(count.key)}$ examples" if count is not None else ""
    book.announce(f"the loss is one whose slope by ${latex_of(by)}$ is what the notes say{over}")
    return True


def _said(book: Book, chains: Sequence[Chain]) -> Iterator[tuple[Key, tuple[Key | None, Node]]]:
    """By what a slope is said that is what comes out minus the target; the loss, if it has a name."""
    for chain in chains:
        head = chain.head
        for node in chain.nodes[1:]:
            pair = _output_and_target(node, book)
            if pair is None:
                continue
            slope = Sum(0, 0, pair, (1, -1))
            by, loss = None, None
            if isinstance(head, Name) and head.key.base.startswith("d "):
                by = head.key._replace(base=head.key.base[2:])
            elif isinstance(head, Derivative) and isinstance(head.output, Name) and head.order == 1:
                unsaid = head.output.key.base in LOSSES and not book.is_defined(head.output.key)
                if unsaid and not head.output.key.letters and isinstance(head.variable, Name):
                    by, loss = head.variable.key, head.output.key
            if by is not None and _comes_out_as(by, pair[0].key, book):
                yield by, (loss, slope)
                break


def _output_and_target(node: Node | None, book: Book) -> tuple[Name, Name] | None:
    """The A and the Y of A - Y; the sign of Y - A is a slip."""
    match node:
        case Sum(terms=(Name() as a, Name() as b), signs=(1, -1)):
            for output, target in ((a, b), (b, a)):
                is_target = target.key.base in TARGETS and not book.is_defined(target.key)
                if is_target and book.is_defined(output.key):
                    return output, target
    return None


def _comes_out_as(by: Key, output: Key, book: Book) -> bool:
    """Whether an output is the sigmoid or the softmax of a quantity, or an activation that is only named."""
    found = book.definition(bound(output, {}, book.sizes))
    match found[0].body if found is not None else None:
        case Apply(name=Name(key=function, primes=0), arguments=(Name(key=argument),)):
            named = function.base in _LAST or not book.functions.get(function.base)
            return named and argument.base == by.base and book.is_defined(by)
    return False


def examples_divided_by(chains: Sequence[Chain]) -> Name | None:
    r"""The m of `dW = \frac{1}{m} dZ A^T`."""
    for chain in chains:
        head = chain.head
        if isinstance(head, Name) and head.key.base.startswith("d ") and len(chain.nodes) > 1:
            match chain.nodes[1]:
                case Product(factors=(Quotient(over=Number(text="1"), under=Name() as count), *rest)):
                    slopes = (n for x in rest for y in walk(x) for n in names_in(y))
                    if count.key.base in COUNTS and any(n.key.base.startswith("d ") for n in slopes):
                        return count
    return None
