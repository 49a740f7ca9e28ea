"""The benefit of the doubt: what makes a claim right, or ambiguous, that is not so to the letter.

Notes leave things out. Before a claim is called wrong it is tried whether it holds with what people have in
mind: a sum that gives its row to all it covers, a loss taken over the batch, an activation that is only
named. The literal reading has been tried before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ..defining.book import COUNTS, ROWS, shape_name
from ..defining.shelf import Shelf
from ..meaning.errors import NotUnderstood
from ..meaning.evaluating import NUMBER_OF_ROWS, Reading, Scope, evaluate
from ..meaning.known_functions import KNOWN
from ..meaning.products import mixes
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
    SumOver,
    Transposed,
    mapped,
    names_in,
    quantities_in,
    replaced,
    same_form,
    walk,
)
from ..meaning.syntax import Sum as SumNode
from ..meaning.tables import Table, plain
from ..meaning.vocabulary import LOSSES
from .deciding import Court, free_letters, same
from .lacking import HALF
from .verdicts import Judgement

__all__ = ["Charity", "heads_over_the_batch"]


OVER_ROWS = Reading(over_rows=True, says="a product is summed over the rows, each factor taken in its row")


LOCAL = Reading(
    local=True, says="a derivative is the direct one, with everything else in the definition held fixed"
)


DISTINCT = Reading(distinct=True, says="different index letters stand for different numbers")


TIGHT = Reading(tight=True, says="entries are multiplied before matrices are, $A (b \\odot c)$")


TURNED = Reading(turned=True, says="the derivative of a vector by a vector has a row for each input")


ELEMENTWISE = Reading(elementwise=True, says="the product of two vectors is taken entry by entry")


FROM_THE_RIGHT = Reading(says="Jacobians have a row for each variable here, for each output elsewhere")


_ACTIVATIONS = {
    "sigmoid": "the sigmoid", "tanh": "the hyperbolic tangent", "relu": "ReLU",
}  # fmt: skip

_SETTLED = {"sigma", "loss of", "max", "min", "norm", "softmax", "Softmax", "diag"}
"""What is no function that the notes might only name."""


class Charity:
    """Tries what a claim may mean besides what it says."""

    def __init__(self, shelf: Shelf, court: Court) -> None:
        self.shelf, self.court, self.book = shelf, court, court.book

    def ascends(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """A step for another objective than the loss, or up a log-likelihood, which is to be large."""
        loss = self.book.loss
        if (
            judgement.kind != "update"
            or loss is None
            or not isinstance(head, SumNode)
            or len(head.terms) != 2
        ):
            return False
        for key in [loss, *(k for k in self.book.exact if k.base in LOSSES and k != loss and not k.tag)]:
            step = replaced(head, Name(0, 0, loss), Name(0, 0, key)) or head
            assert isinstance(step, SumNode)
            for signs in ((1, -1), (1, 1)):
                if (key, signs) == (loss, (1, -1)) or (signs == (1, 1)) is not self.is_likelihood(key):
                    continue
                try:
                    if self.court.difference(step.terms[0], node) is None:
                        return False  # no step at all
                    if self.court.difference(replace(step, signs=signs), node) is None:
                        judgement.verdict = "right"
                        return True
                except NotUnderstood:
                    continue
        return False

    def upwards(self, judgement: Judgement, head: Node, node: Node) -> Node:
        """A step up, where a log-likelihood is what the gradient of is written out: nobody makes it small."""
        loss = self.book.loss
        if judgement.kind != "update" or loss is None or not isinstance(head, SumNode):
            return head
        down = head.signs == (1, -1) and not any(isinstance(x, Derivative) for x in walk(node))
        return replace(head, signs=(1, 1)) if down and self.is_likelihood(loss) else head

    def with_penalty(self, judgement: Judgement, head: Node, node: Node) -> Node:
        """What a slope or a step is with a term that only the text adds to the loss, as a penalty."""
        of = head.output if isinstance(head, Derivative) else None
        loss = of.key if isinstance(of, Name) else self.book.loss
        if loss is None or not (isinstance(head, Derivative) or judgement.kind == "update"):
            return head
        by = {
            x.variable.key for x in walk(head) if isinstance(x, Derivative) and isinstance(x.variable, Name)
        }
        known = self.book.reached(head) | {Key(rate) for rate in self.book.rates}
        new = {x.key for x in quantities_in(node) if not self.book.is_defined(x.key)} - known
        for chain in reversed(self.shelf.chains) if new else ():
            term, link = chain.head, chain.links[0]
            if len(chain.links) > 1 or link.formula >= judgement.link.formula or term is None:
                continue
            inside = {x.key for x in quantities_in(term)}
            others = {key.base for key in inside - new - set(map(Key, COUNTS))}
            if (
                inside & new
                and others
                and others <= {key.base for key in by}
                and not any(isinstance(x, Derivative) for x in walk(term))
            ):
                total = SumNode(0, 0, (Name(0, 0, loss), term), (1, 1))
                return replaced(head, Name(0, 0, loss), total) or head
        return head

    def with_half_the_rate(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """A step that has lost the 2 of a square, which the learning rate may have in it."""
        if judgement.kind != "update" or not isinstance(head, SumNode) or len(head.terms) != 2:
            return False
        half = Product(0, 0, (HALF, head.terms[1]), ("",))
        try:
            if self.court.difference(replace(head, terms=(head.terms[0], half)), node) is not None:
                return False
        except NotUnderstood:
            return False
        judgement.verdict = "ambiguous"
        judgement.reading = Reading(says="the factor 2 of the gradient is part of the learning rate")
        return True

    def is_likelihood(self, key: Key) -> bool:
        """Whether it is the logarithm of a probability: below 0 for all numbers between 0 and 1."""
        found = self.book.exact.get(key)
        if found is None or not any(
            isinstance(x, Apply) and x.name.key.base in ("log", "ln") for x in walk(found.body)
        ):
            return False
        try:
            value = plain(
                evaluate(Name(0, 0, key), Scope(self.court.world(1), {}, 1 if self.book.rows else None))
            )
        except NotUnderstood:
            return False
        if isinstance(value, Table) or not value < 0:
            return False
        self.book.announce(f"${latex_of(key)}$ is a log-likelihood, and made as large as possible")
        return True

    def over_the_batch(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """A loss of one row that is elsewhere taken over all of them, as a sum or a mean."""
        for of_all, word in heads_over_the_batch(head, node, self.court):
            try:
                if self.court.difference(of_all, node) is None:
                    if word == "mean":
                        loss = latex_of(self.book.loss) if self.book.loss is not None else ""
                        self.book.announce(f"over several rows ${loss}$ is the mean of theirs")
                        judgement.verdict = "right"
                        return True
                    judgement.verdict = "ambiguous"
                    judgement.reading = Reading(says=f"the loss is the {word} over all rows here")
                    return True
            except NotUnderstood:
                return False
        return False

    def of_any_example(self, judgement: Judgement, head: Node, node: Node) -> bool:
        r"""A step by a mean, `\frac{\eta}{m} \sum_x \delta^{x,l}`, for what holds for any x."""

        def of_one(x: Node) -> Node:
            match x:
                case Product(factors=(Quotient(over=share, under=Name() as count), SumOver() as total)) if (
                    count.key.base in ("m", "n", "N", "M")
                    and total.low is total.high is None
                    and not any(total.index in name.key.letters for name in names_in(total.body))
                ):
                    return replace(x, factors=(share, total.body))
            return mapped(x, of_one)

        one = of_one(node)
        try:
            if judgement.kind != "update" or one is node or self.court.difference(head, one) is not None:
                return False
        except NotUnderstood:
            return False
        judgement.verdict = "right"
        return True

    def of_one_term(self, judgement: Judgement, head: Node, node: Node) -> bool:
        r"""The slope of the loss of example i alone, `(\hat y_i - y_i) x_i`, where the sum is said too.

        So is a step for one example, and one for an example on the wrong side, where the loss is not 0.
        """
        loss = self.book.exact.get(self.book.loss) if self.book.loss is not None else None
        steps = judgement.kind == "update"
        if loss is None or not (steps or isinstance(head, Derivative)):
            return False
        if {name.key for name in names_in(node)} & set(map(Key, COUNTS)):
            return False  # a mean that has lost its sum
        above = {i.letter for name in names_in(node) for i in name.key.above}
        letters = free_letters(node) - free_letters(head)
        said = [c for c in self.shelf.chains if c.head is not None and same_form(c.head, head)]
        sums = [x for c in said for side in c.nodes if side is not None for x in walk(side)]
        one: dict[Node, str] = {}
        for total in (x for x in walk(loss.body) if isinstance(x, SumOver) and x.index in letters):
            summed = any(isinstance(x, SumOver) and x.index == total.index for x in sums)
            if steps or (summed and total.index in above):
                says = f"${latex_of(loss.key)}$ is the loss of example ${total.index}$ alone"
                one[replaced(loss.body, total, total.body) or total.body] = says
        for term in [loss.body, *one] if steps else ():
            for hinge in (x for x in walk(term) if _is_hinge(x)):
                one[replaced(term, hinge, hinge.arguments[1]) or hinge.arguments[1]] = _NOT_ZERO  # type: ignore[attr-defined]
        for term, says in one.items():
            of_one = replaced(head, Name(0, 0, loss.key), term)
            try:
                if of_one is not None and self.court.difference(of_one, node) is None:
                    judgement.verdict, judgement.reading = "ambiguous", Reading(says=says)
                    return True
            except NotUnderstood:
                continue
        return False

    def of_one_step(self, judgement: Judgement, head: Node, node: Node) -> bool:
        r"""What step t alone adds to the slope by what all steps share, `\delta_t h_{t-1}^T` of dL/dW."""
        letters = sorted(free_letters(node) - free_letters(head) - self.book.fixed)
        names = [n.key for n in names_in(node) if len(letters) == 1 and letters[0] in n.key.letters]
        sides = [x for c in self.shelf.chains for node in c.nodes if node is not None for x in walk(node)]
        summed = any(isinstance(x, SumOver) and x.index in letters for x in sides)
        if not names or summed or not all((key.base, "below", 0) in self.book.sequences for key in names):
            return False
        total = SumOver(node.start, node.end, "sum", letters[0], None, None, node)
        try:
            if self.court.difference(head, total) is not None:
                return False
        except NotUnderstood:
            return False
        judgement.verdict = "ambiguous"
        judgement.reading = Reading(
            says=f"it is what step ${letters[0]}$ adds; the whole is the sum of these"
        )
        return True

    def by_entries(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """Vectors that are multiplied as numbers are: of each entry it is right."""
        try:
            if self.court.difference(head, node, ELEMENTWISE) is not None:
                return False
        except NotUnderstood:
            return False
        judgement.verdict, judgement.reading = "ambiguous", ELEMENTWISE
        return True

    def from_the_right(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """A chain of Jacobians that have a row for each variable, and not for each output: dz/dx dL/dz."""
        turned = _turned(node)
        try:
            if turned is node or self.court.difference(head, turned) is not None:
                return False
        except NotUnderstood:
            return False
        judgement.verdict = "right"
        sides = [side for chain in self.shelf.chains for side in chain.nodes if side is not None]
        if any(isinstance(x, Product) and _is_chain(x.factors) for side in sides for x in walk(side)):
            judgement.verdict, judgement.reading = "ambiguous", FROM_THE_RIGHT
        return True

    def for_every_row(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """A forward formula in a matrix of examples, `Xw + b`, where it was given for one, `w^T x + b`."""
        if judgement.kind not in ("forward", "identity"):
            return False
        for key in {name.key for name in quantities_in(node)} if self.book.shapes else ():
            one, shape = key._replace(base=key.base.lower()), self.book.shape(key)
            if one == key or len(key.base) > 1 or self.book.is_defined(key) or self.book.shape(one) is None:
                continue
            column = Name(0, 0, one)
            examples: list[tuple[Node, str]] = [(Transposed(0, 0, column), "rows"), (column, "columns")]
            if shape is not None and shape_name(key) in self.book.stated and shape.count(ROWS) == 1:
                examples = [examples[shape.index(ROWS)]]
            for example, where in examples:
                try:
                    if self.court.difference(head, replaced(node, Name(0, 0, key), example) or node) is None:
                        says = f"${latex_of(key)}$ has the ${latex_of(one)}$ of every example in its {where}"
                        self.book.announce(says)
                        judgement.verdict = "right"
                        return True
                except NotUnderstood:
                    continue
        return False

    def with_an_activation(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """Whether it holds for one of the usual activations, where the notes only name a function."""
        primed = {
            x.name.key.base
            for side in (head, node)
            for x in walk(side)
            if isinstance(x, Apply) and x.name.primes
        }  # with f' in it, it is about any f
        slopes = {x.name.key.base for x in walk(node) if isinstance(x, Apply) and x.name.primes}
        if isinstance(head, Apply) and head.name.primes == 1:
            primed -= {head.name.key.base} - slopes  # g'(z) = a (1 - a) says which g it is
        known = self.book.functions.keys() | KNOWN.keys() | _SETTLED | primed
        for name in sorted(self.book.called - known):
            for word, says in _ACTIVATIONS.items():
                court = self.shelf.with_function(self.court, name, word)
                try:
                    if court.difference(head, node) is None:
                        judgement.verdict = "ambiguous"
                        judgement.reading = Reading(says=f"${latex_of(Key(name))}$ is {says}")
                        return True
                except NotUnderstood:
                    continue
        return False

    def readings(self, *nodes: Node) -> list[Reading]:
        """The readings besides the literal one that may make a difference."""
        found = []
        inside = [x for node in nodes for x in walk(node)]
        derivatives = any(isinstance(x, Derivative) for x in inside)
        letters = free_letters(nodes[0]) | free_letters(nodes[1])
        apart = any(c.distinct and self.book.fixed.intersection(c.distinct) for c in self.shelf.chains)
        if len(letters) > 1 or (letters and self.book.fixed and not apart):
            found.append(DISTINCT)  # where it is said of none that it is another than that of the true class
        if self.book.rows and any(isinstance(x, (SumOver, Derivative)) for x in walk(nodes[1])):
            found.append(OVER_ROWS)
        if derivatives:
            found.append(LOCAL)
        if self.book.shapes and derivatives:
            found.append(TURNED)
        if self.book.shapes:
            products = [x for x in inside if isinstance(x, Product)]
            if any(mixes(x) for x in products):
                found.append(TIGHT)
            if products:
                found.append(ELEMENTWISE)
        return found

    def as_it_fits(self, judgement: Judgement, head: Node, node: Node) -> bool:
        r"""Whether `W^T \delta \odot s` is W^T times \delta \odot s, or a \otimes b taken entry by entry."""
        products = [x for x in walk(node) if isinstance(x, Product)]
        readings = [TURNED, TIGHT] if any(map(mixes, products)) else [TURNED]
        if any("otimes" in x.signs for x in products):
            readings.append(ELEMENTWISE)
        for reading in readings:
            try:
                if self.court.difference(head, node, reading) is None:
                    judgement.verdict = "right"
                    return True
            except NotUnderstood:
                continue
        return False


def _turned(node: Node) -> Node:
    """With the factors of every chain of derivatives that goes from right to left the other way round."""
    if isinstance(node, Product) and _is_chain(node.factors[::-1]):
        return replace(node, factors=node.factors[::-1])
    return mapped(node, _turned)


def _is_chain(factors: Sequence[Node]) -> bool:
    """Whether each factor is a derivative by what the next one is the derivative of."""
    return len(factors) > 1 and all(
        isinstance(a, Derivative) and isinstance(b, Derivative) and same_form(a.variable, b.output)
        for a, b in pairwise(factors)
    )


_NOT_ZERO = "the loss is that of an example for which it is not 0"


def _is_hinge(x: Node) -> bool:
    """Whether it is the greater of 0 and something."""
    if not isinstance(x, Apply) or x.name.key != Key("max") or len(x.arguments) != 2:
        return False
    return isinstance(x.arguments[0], Number) and x.arguments[0].text == "0"


def heads_over_the_batch(head: Node, node: Node, court: Court) -> Iterator[tuple[Node, str]]:
    """What a head is if the loss of one row in it stands for the mean over all rows, or for their sum."""
    book = court.book
    if not book.rows or book.loss is None or not any(isinstance(x, SumOver) for x in walk(node)):
        return
    loss = Name(0, 0, book.loss)
    first, second = (evaluate(loss, Scope(court.world(0), {}, row)) for row in (1, 2))
    if same(first, second):
        return  # it is of all rows
    total = SumOver(0, 0, "sum", "", None, None, loss)
    for batch, word in ((Quotient(0, 0, total, Name(0, 0, NUMBER_OF_ROWS)), "mean"), (total, "sum")):
        of_all = replaced(head, loss, batch)
        if of_all is not None:
            yield of_all, word
