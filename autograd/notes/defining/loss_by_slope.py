r"""A loss of which notes say no more than its slope by what comes out: `dZ = A - Y`, and then `dW = ...`.

Whoever sums up backpropagation begins there. The loss is one that has this slope, taken over the examples as
the gradients of the parameters are: with `dW = \frac{1}{m} dZ A^T` it is a mean, and dZ leaves 1/m to dW.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from ..meaning.chains import Chain
from ..meaning.errors import NotUnderstood
from ..meaning.evaluating import Scope, evaluate
from ..meaning.letters import slope_in
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
from ..meaning.tables import plain
from ..meaning.vocabulary import LOSSES, TARGETS
from ..meaning.world import World
from .book import COUNTS, Book, Definition, bound

__all__ = ["examples_divided_by", "loss_by_its_slope", "mean_and_loss", "means"]

_LAST = {"sigma", "sigmoid", "Sigmoid", "logistic", "softmax", "Softmax"}


def loss_by_its_slope(book: Book, chains: Sequence[Chain]) -> bool:
    """Enter the loss that has the slope which the notes begin with; whether there is one."""
    found = list(_differences(book, chains)) or list(_slopes_of_entropies(book, chains))
    found = found or list(_free_slopes(book, chains))
    if len({said.by for said in found}) != 1:
        return False
    said = found[0]
    if said.is_derivative and any(isinstance(head, Derivative) for head, _, _ in means(chains)):
        return False  # dL/dZ of one example, and 1/m in dL/dW
    held = Apply(0, 0, Name(0, 0, Key("held")), (said.slope,))
    total: Node = Apply(0, 0, Name(0, 0, Key("inner")), (held, Name(0, 0, said.by)))
    count = examples_divided_by(chains) if not said.is_derivative else None
    loss, of_one = _names_of(said, count, book, chains)
    if loss is None:
        return False
    book.loss = loss
    if of_one is not None:
        book.define(Definition(of_one, total, 0, "convention"))
    if count is not None:
        book.times_examples = count.key
        total = Product(0, 0, (Quotient(0, 0, Number(0, 0, "1"), count), total), ("",))
    book.define(Definition(loss, total, 0, "convention"))
    over = f", the mean over all ${latex_of(count.key)}$ examples" if count is not None else ""
    book.announce(f"the loss is one whose slope by ${latex_of(said.by)}$ is what the notes say{over}")
    return True


class _Said(NamedTuple):
    """What the slope of a loss, which has a name or none, is said to be by a quantity."""

    by: Key
    slope: Node
    loss: Key | None
    is_derivative: bool = False


def _names_of(
    said: _Said, count: Name | None, book: Book, chains: Sequence[Chain]
) -> tuple[Key | None, Key | None]:
    r"""The loss, and with it that of which it is the mean: J and L of dJ/dW and dL/dA^{[l-1]}."""
    if said.loss is not None:
        return said.loss, None
    unsaid = _unsaid_losses(book, chains)
    both = mean_and_loss(unsaid) if count is not None else None
    if both is not None:
        return both
    names = unsaid or {Key("L") if Key("L") not in book.mentioned else Key("loss")}
    return (names.pop() if len(names) == 1 else None), None


def mean_and_loss(losses: Collection[Key]) -> tuple[Key, Key] | None:
    """J and L, of two letters that may be those of the mean and of what it is the mean of."""
    averages = [key for key in losses if key in map(Key, ("J", "C", "cost", "Cost"))]
    others = [key for key in losses if key in map(Key, ("L", "ell", "loss", "Loss"))]
    return (averages[0], others[0]) if len(averages) == len(others) == 1 and len(losses) == 2 else None


def _differences(book: Book, chains: Sequence[Chain]) -> Iterator[_Said]:
    """The slopes that are what comes out minus the target, dZ = A - Y."""
    for chain in chains:
        head = chain.head
        for node in chain.nodes[1:]:
            pair = _output_and_target(node, book)
            last = _argument_of(pair[0].key, book) if pair is not None else None
            if pair is None or last is None:
                continue
            slope = Sum(0, 0, pair, (1, -1))
            if isinstance(head, Name) and head.key == last._replace(base=f"d {last.base}"):
                yield _Said(last, slope, None)
            elif isinstance(head, Name) and head.key.base == "delta" and head.key.above == last.above:
                if _unsaid_losses(book, chains):
                    yield _Said(last, slope, None)
            elif isinstance(head, Derivative) and head.order == 1 and isinstance(head.variable, Name):
                losses = _unsaid_losses(book, [chain]) if head.variable.key == last else set()
                yield from (_Said(last, slope, loss, True) for loss in losses)


def _slopes_of_entropies(book: Book, chains: Sequence[Chain]) -> Iterator[_Said]:
    """Those that are the slope of the binary cross-entropy, dA = -Y / A + (1 - Y) / (1 - A)."""
    for chain in chains:
        head = chain.head
        if not isinstance(head, Name) or not head.key.base.startswith("d "):
            continue
        output = Name(0, 0, head.key._replace(base=head.key.base[2:]))
        for node in chain.nodes[1:] if book.is_defined(output.key) else ():
            names = {name.key for name in names_in(node)} - {output.key} if node is not None else set()
            if node is None or len(names) != 1:
                continue
            sign = _sign_of_entropy(node, output, Name(0, 0, names.pop()))
            if sign:
                yield _Said(output.key, node if sign > 0 else Sum(0, 0, (node,), (-1,)), None)


def _free_slopes(book: Book, chains: Sequence[Chain]) -> Iterator[_Said]:
    """What dZ is said to be without another slope, by the target: of which loss is not said."""
    for chain in chains:
        head, body = chain.head, chain.nodes[1] if len(chain.nodes) > 1 else None
        if not isinstance(head, Name) or not head.key.base.startswith("d ") or body is None:
            continue
        by = head.key._replace(base=head.key.base[2:])
        names = {name.key for name in names_in(body)}
        of_slopes = any(key.base.startswith(("d ", "delta")) for key in names)
        targets = {key for key in names if key.base in TARGETS and not book.is_defined(key)}
        if len(targets) != 1 or of_slopes or slope_in(body) or not book.is_defined(by):
            continue
        if any(_is_least(body, targets, names, output) for output in names if book.is_defined(output)):
            yield _Said(by, body, None)


def _is_least(slope: Node, targets: Collection[Key], names: Collection[Key], output: Key) -> bool:
    """Whether a slope is 0 where an output is the target, and not elsewhere."""
    numbers = {key: Fraction(place + 2, 17) for place, key in enumerate(sorted(names))}
    values = []
    for worth in (numbers, {**numbers, **dict.fromkeys(targets, numbers[output])}):
        known = tuple((Name(0, 0, key), number) for key, number in worth.items())
        try:
            values.append(plain(evaluate(slope, Scope(World(Book(), _draw), {}, None, substitutes=known))))
        except (NotUnderstood, ArithmeticError, TypeError):
            return False
    return bool(abs(values[0]) > 1e-9 > abs(values[1]))


def _sign_of_entropy(node: Node, output: Name, target: Name) -> int:
    """1 for the slope of the binary cross-entropy by the output, -1 where its sign is a slip, else 0."""
    if target.key.base not in TARGETS:
        return 0
    signs = set()
    for a, y in ((Fraction(1, 3), Fraction(2, 7)), (Fraction(3, 5), Fraction(1, 11))):
        try:
            found = evaluate(
                node, Scope(World(Book(), _draw), {}, None, substitutes=((output, a), (target, y)))
            )
        except (NotUnderstood, ArithmeticError):
            return 0
        slope = -y / a + (1 - y) / (1 - a)
        signs.add(1 if found == slope else -1 if found == -slope else 0)
    return signs.pop() if len(signs) == 1 else 0


def _draw(key: Key, row: int | None) -> Fraction:
    return Fraction(1, 2)


def _unsaid_losses(book: Book, chains: Sequence[Chain]) -> set[Key]:
    """What is differentiated as a loss, and not defined."""
    slopes = (x for c in chains for node in c.nodes if node is not None for x in walk(node))
    losses = {x.output.key for x in slopes if isinstance(x, Derivative) and isinstance(x.output, Name)}
    return {key for key in losses if key.base in LOSSES and not key.letters and not book.is_defined(key)}


def _output_and_target(node: Node | None, book: Book) -> tuple[Name, Name] | None:
    """The A and the Y of A - Y; the sign of Y - A is a slip."""
    match node:
        case Sum(terms=(Name() as a, Name() as b), signs=(1, -1)):
            for output, target in ((a, b), (b, a)):
                is_target = target.key.base in TARGETS and not book.is_defined(target.key)
                if is_target and book.is_defined(output.key):
                    return output, target
    return None


def _argument_of(output: Key, book: Book) -> Key | None:
    """The Z of an output that is its sigmoid or its softmax, or an activation that is only named."""
    found = book.definition(bound(output, {}, book.sizes))
    match found[0].body if found is not None else None:
        case Apply(name=Name(key=function, primes=0), arguments=(Name(key=argument),)):
            said = [f.body for f in book.functions.get(function.base, ()) if f.is_called(function)]
            lasts = [body for body in said if isinstance(body, Apply) and body.name.key.base in _LAST]
            named = function.base in _LAST or not book.functions.get(function.base) or bool(lasts)
            argument = argument._replace(below=output.below, above=output.above)
            return argument if named and book.is_defined(argument) else None
    return None


def examples_divided_by(chains: Sequence[Chain]) -> Name | None:
    r"""The m of `dW = \frac{1}{m} dZ A^T`, or of dJ/dW where it is of delta."""
    for head, count, rest in means(chains):
        of = "delta" if isinstance(head, Derivative) else "d "
        if any(name.key.base.startswith(of) for x in rest for name in names_in(x)):
            return count
    return None


def means(chains: Sequence[Chain]) -> Iterator[tuple[Node, Name, Sequence[Node]]]:
    """The gradients that are divided by a number of examples, with that and what is divided."""
    for chain in chains:
        match chain.nodes[-1]:
            case Product(factors=(Quotient(over=Number(text="1"), under=Name() as count), *rest)):
                if isinstance(chain.head, (Derivative, Name)) and count.key.base in COUNTS:
                    yield chain.head, count, rest
