"""Two sides held against each other: to the letter, then in what else they may mean."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace

from ..defining.book import COUNTS, Book
from ..defining.definitions import is_numeric
from ..defining.shelf import Shelf
from ..defining.slopes import slope_meant
from ..meaning.chains import Chain, Link, sets_alike
from ..meaning.errors import Disconnected, Misfit, NotUnderstood
from ..meaning.evaluating import Reading, Scope, evaluate
from ..meaning.known_functions import KNOWN
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    Apply,
    Derivative,
    Key,
    Name,
    Node,
    Number,
    Product,
    Sum,
    Transposed,
    mapped,
    quantities_in,
    same_form,
    walk,
)  # fmt: skip
from ..meaning.tables import shape_of
from .by_form import adds_up, holds_by_form
from .charity import Charity
from .deciding import Court
from .figures import Figures
from .limits import holds_in_the_limit
from .repairs import edits
from .strangers import stands
from .verdicts import Judgement

__all__ = ["Comparison"]


class Comparison:
    """Holds sides against heads, and enters in a judgement what comes of it.

    seen   the names of the formulas before
    """

    def __init__(self, shelf: Shelf, court: Court, figures: Figures, seen: Set[Key]) -> None:
        self.shelf = shelf
        self.book, self.court, self.charity = court.book, court, Charity(shelf, court)
        self.figures, self.seen = figures, seen

    def compare(self, judgement: Judgement, chain: Chain, place: int) -> None:
        """Hold a side against the head of its chain; where that has no meaning, against the side before."""
        link, before = judgement.link, judgement.left
        head = judgement.head
        assert link.node is not None
        assert head is not None
        assert before is not None
        if self.court.condition is None:
            head, link = _with_generic_argument(head, link, self.book)
        node = link.node
        assert node is not None
        if (
            isinstance(node, Apply)
            and same_form(head, node.name)
            and all(isinstance(x, Name) for x in node.arguments)
        ):
            judgement.verdict = "right"  # L = L(a, y) says what L is a function of
            return
        numeric = is_numeric(node)
        numbers = numeric or sets_alike(chain) or (before.node is not None and is_numeric(before.node))
        if numbers and self.figures.judge(judgement, chain, place, self.court):
            return
        vanishing = link.side.vanishing
        if holds_in_the_limit(head, node, self.court, link.relation == "approx", vanishing):
            return
        if vanishing is not None:
            raise NotUnderstood("a limit is not worked out")
        try:
            self.in_some_reading(judgement, head, node)
            numbered = judgement.kind == "update" and _takes_a_number_away(node)
            if judgement.verdict == "wrong" and (numbered or self.figures.has_numbers_put_in(node)):
                self.figures.at_values(judgement, head, node)
            elif (
                judgement.verdict == "wrong"
                and self.figures.may_have_numbers_put_in(node)
                and self.figures.agree(head, node)
            ):
                judgement.verdict = "ambiguous"
                judgement.reading = Reading(says="a number in it is put in for what was worked out")
            elif judgement.verdict == "not understood" and self.figures.agree(head, node):
                judgement.verdict, judgement.reason = "ambiguous", None
                judgement.reading = Reading(says="it holds at the numbers of the notes")
        except Disconnected as problem:
            if holds_by_form(head, node, self.court):
                judgement.verdict = "right"
                return
            if self.through(judgement, head, node):
                return
            raise problem
        except Misfit:
            if self.charity.for_every_row(judgement, head, node) or self.charity.from_the_right(
                judgement, head, node
            ):
                return
            if self.charity.by_entries(judgement, head, node) or self.charity.as_it_fits(
                judgement, head, node
            ):
                return
            if _says_inner_product(before.node or head, node) or not self.fits_turned(judgement, head, node):
                raise
        except NotUnderstood:
            if adds_up(head, node, self.court):
                judgement.verdict = "right"
                return
            if before.node is None or before.node is chain.head:
                raise
            self.in_some_reading(judgement, before.node, node)
            if judgement.verdict == "wrong":
                return
            raise

    def in_some_reading(self, judgement: Judgement, head: Node, node: Node) -> None:
        """Right to the letter, ambiguous where another reading makes it right, or wrong."""
        head = self.charity.with_penalty(judgement, self.charity.upwards(judgement, head, node), node)
        difference = self.court.difference(head, node)
        if difference is None:
            judgement.verdict = "right"
            return
        if (
            self.charity.over_the_batch(judgement, head, node)
            or self.charity.ascends(judgement, head, node)
            or self.charity.for_every_row(judgement, head, node)
            or self.charity.of_any_example(judgement, head, node)
            or self.charity.of_one_term(judgement, head, node)
            or self.charity.with_half_the_rate(judgement, head, node)
            or self.charity.of_one_step(judgement, head, node)
        ):
            return
        for reading in self.charity.readings(head, node):
            try:
                if self.court.difference(head, node, reading) is None:
                    judgement.verdict, judgement.reading = "ambiguous", reading
                    return
            except NotUnderstood:
                continue
        if self.charity.with_an_activation(judgement, head, node):
            return
        judgement.verdict, judgement.difference = "wrong", difference
        still = stands(judgement, head, node, self.court, self.seen)
        if still and judgement.link.relation in ("approx", "propto"):
            judgement.verdict, judgement.kind = "not understood", "mention"
            judgement.reason = "an approximation is not checked"

    def through(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """Judge dL/dX = dL/dY W^T, of which L is not known, by what Y is: L is some function of that.

        Short slopes may leave a factor to others, as dZ = A - Y leaves 1/m to dW: of rows they say nothing
        here, and what is wrong of them is not understood.
        """
        asked = slope_meant(head, self.book.loss)
        if asked is None or not isinstance(asked.variable, Name) or not isinstance(asked.output, Name):
            return False
        loss, by = asked.output.key, asked.variable.key
        found: dict[Key, None] = {}
        short = isinstance(head, Name)
        for x in walk(node):
            slope = slope_meant(x, loss)
            if (
                slope is not None
                and same_form(slope.output, asked.output)
                and isinstance(slope.variable, Name)
            ):
                found[slope.variable.key] = None
                short |= isinstance(x, Name)
        ends = [key for key in found if key != by and by in self.book.reached(Name(0, 0, key))]
        counted = any(("symbol", count) in self.book.sizes for count in COUNTS)  # dW may have the 1/m
        if not ends or (short and (self.book.rows or (counted and self.book.is_parameter(by)))):
            return False
        court = self.shelf.with_loss(self.court, loss, tuple(ends))
        there = Comparison(self.shelf, court, self.figures, self.seen)
        trial = replace(judgement, court=court)
        try:
            there.in_some_reading(trial, asked, node)
        except Misfit:
            if not there.fits_turned(trial, asked, node):
                return False
        except NotUnderstood:
            return False
        if trial.verdict == "wrong" and short:
            return False
        judgement.verdict, judgement.reading, judgement.reason = trial.verdict, trial.reading, trial.reason
        judgement.difference, judgement.court, judgement.head = trial.difference, court, asked
        return True

    def fits_turned(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """Shapes that do not fit, where they would with something transposed; a star may be a convolution."""
        starred = any(isinstance(part, Product) and "*" in part.signs for part in walk(node))
        if (judgement.kind == "forward" and starred) or self._has_loss_of_numbers():
            return False
        for edit in edits(node, self.book, "", (), latex_of):
            if edit.turns:
                try:
                    if self.court.difference(head, edit.within(node)) is None:
                        judgement.verdict, judgement.reason = "wrong", "the shapes do not fit together"
                        return True
                except NotUnderstood:
                    continue
        return False

    def _has_loss_of_numbers(self) -> bool:
        """Whether the loss is no number with these shapes, as (a - y)^2: a and y may be numbers elsewhere."""
        loss = self.book.exact.get(self.book.loss) if self.book.loss is not None else None
        if loss is None:
            return False
        try:
            return shape_of(evaluate(loss.body, Scope(self.court.world(0), {}, None))) != (1, 1)
        except NotUnderstood:
            return False


def _says_inner_product(head: Node, node: Node) -> bool:
    r"""Whether it only says how `w \cdot x` is written as well: w^T x, of two vectors, whatever they are."""

    def pairs(side: Node) -> Iterator[tuple[Node, Node, str]]:
        for x in walk(side):
            if isinstance(x, Product):
                yield from zip(x.factors, x.factors[1:], x.signs, strict=False)

    dotted = [(a, b) for a, b, sign in pairs(head) if sign == "*"]
    turned = [(a.body, b) for a, b, _ in pairs(node) if isinstance(a, Transposed)]
    return any(same_form(a, c) and same_form(b, d) for a, b in dotted for c, d in turned)


def _takes_a_number_away(node: Node) -> bool:
    """Whether it is a step of descent in which only the parameter has a name: w - 0.1 (-0.423)."""
    first, *rest = node.terms if isinstance(node, Sum) else (node,)
    numbers = [x for term in rest for x in walk(term) if isinstance(x, Number)]
    return isinstance(first, Name) and len(numbers) > 1 and all(map(is_numeric, rest))


def _with_generic_argument(head: Node, link: Link, book: Book) -> tuple[Node, Link]:
    """f'(x) = f(x)(1 - f(x)) is said of any number x, whatever else is called x; so is df/dx = ..."""
    node = link.node
    if node is None:
        return head, link
    if isinstance(head, Derivative) and head.order == 1 and isinstance(head.variable, Name):
        of, by = head.output, head.variable
        if not isinstance(of, Name) and _is_of_number(of, by.key) and _is_of_number(node, by.key):
            return _of_any_number(head, by.key), replace(link, node=_of_any_number(node, by.key))
        call = Apply(of.start, of.end, of, (by,)) if isinstance(of, Name) else of
        if not isinstance(call, Apply) or not all(same_form(x, by) for x in call.arguments):
            return head, link
        slope, link = _with_generic_argument(call, link, book)
        return (head if slope is call else replace(head, output=slope, variable=slope.arguments[0])), link  # type: ignore[attr-defined]
    if not isinstance(head, Apply) or len(head.arguments) != 1:
        return head, link
    argument = head.arguments[0]
    functions = book.functions.get(head.name.key.base, ())
    told = any(f.parameters == (argument.key,) for f in functions) if isinstance(argument, Name) else False
    if not isinstance(argument, Name) or not (told or (not functions and head.name.key.base in KNOWN)):
        return head, link
    if any(name.key != argument.key for name in quantities_in(node)):
        return head, link
    return _of_any_number(head, argument.key), replace(link, node=_of_any_number(node, argument.key))


def _is_of_number(node: Node, key: Key) -> bool:
    r"""Whether it is made of one name by what is done to numbers: \log \sigma(z)."""
    functions = (x.name.key.base for x in walk(node) if isinstance(x, Apply))
    names = {name.key for name in quantities_in(node)}
    turned = any(isinstance(x, Transposed) for x in walk(node))
    return names <= {key} and not turned and all(f in KNOWN or f == "sigma" for f in functions)


def _of_any_number(node: Node, key: Key) -> Node:
    """The same with a number of its own for a name."""
    if isinstance(node, Name) and node.key == key:
        return replace(node, key=Key("any number"))
    return mapped(node, lambda x: _of_any_number(x, key))
