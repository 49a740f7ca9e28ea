"""The verdict on every step: whether a side is equal to the one its chain begins with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .book import Book, Definition, bound
from .chains import Chain, Link, Part
from .deciding import Court, Difference, free_letters, same
from .definitions import is_numeric
from .dimensions import DimensionMismatch, dimensions, is_dimensions
from .figures import Figures
from .grammar import Misfit, NotUnderstood
from .meaning import Disconnected, Reading, Scope, evaluate
from .repairs import edits
from .report import Kind, Verdict
from .shelf import Shelf
from .spelling import latex_of
from .syntax import (
    Apply,
    Derivative,
    Key,
    Name,
    Node,
    Product,
    Quotient,
    SumOver,
    mapped,
    names_in,
    quantities_in,
    walk,
)
from .syntax import Number as NumberNode
from .syntax import Sum as SumNode
from .tables import Table
from .updates import RATES, update_of
from .vocabulary import FUNCTIONS, LOSSES
from .world import KNOWN, plain

__all__ = ["Judge", "Judgement"]

OVER_ROWS = Reading(over_rows=True, says="a product is summed over the rows, each factor taken in its row")
LOCAL = Reading(
    local=True, says="a derivative is the direct one, with everything else in the definition held fixed"
)
DISTINCT = Reading(distinct=True, says="different index letters stand for different numbers")
ELEMENTWISE = Reading(elementwise=True, says="the product of two vectors is taken entry by entry")


_ACTIVATIONS = {
    "sigmoid": "the sigmoid", "tanh": "the hyperbolic tangent", "relu": "ReLU",
}  # fmt: skip


@dataclass(slots=True)
class Judgement:
    """What became of one step of a chain.

    head     what the side is held against: the first side, or what an update or a convention makes of it
    left     the link before it, as the step is written
    """

    verdict: Verdict
    kind: Kind
    link: Link
    left: Link | None = None
    head: Node | None = None
    reading: Reading | None = None
    reason: str | None = None
    difference: Difference | None = None
    span: tuple[int, int] | None = None
    follows: Judgement | None = None
    misprint: bool = False
    numbers: tuple[object, object] | None = None


class Judge:
    """Judges chains, in order."""

    def __init__(
        self, shelf: Shelf, defining: Mapping[int, set[int]], says: Mapping[int, set[int]]
    ) -> None:  # fmt: skip
        self.shelf, self.defining, self.says = shelf, defining, says
        self.book, self.court = shelf.book, Court(shelf.book, [])
        self.figures = Figures(shelf.book)
        self.wrong: list[Judgement] = []
        self._sized = False
        self._heads: dict[int, Node | None] = {}

    def defined_before(self, judgement: Judgement, chain: Chain) -> Definition | None:
        """The definition in the notes that a step contradicts, if it looks like a definition itself."""
        head = chain.head
        if not isinstance(head, Name) or judgement.link is not chain.links[1]:
            return None
        if head.key.base.startswith("Delta "):
            return Definition(head.key, head, chain.line)
        if judgement.kind not in ("forward", "loss"):
            return None
        found = self.book.definition(head.key) or next(
            (
                (d, {})
                for d in self.book.templates.get(
                    (head.key.base, len(head.key.below), len(head.key.above)), ()
                )
            ),
            None,
        )
        if (
            found is None
            or found[0].origin != "notes"
            or any(isinstance(x, Derivative) for x in walk(found[0].body))
        ):
            return None
        if head.key.base.startswith(("bar ", "delta", "d ")):
            return None
        return found[0]

    def begin(self, parts: Sequence[Part]) -> bool:
        """Begin with a formula; whether shapes are said in it, with which its names are meant."""
        links = [link for part in parts for link in part.chain.links[part.first : part.last]]
        self._sized = any(is_dimensions(link.node, self.book) for link in links)
        return self._sized

    def part(self, part: Part) -> list[Judgement]:
        """The steps that one formula adds to a chain."""
        chain = part.chain
        self.court = self.shelf.court(chain)
        self.book = self.court.book
        self.court.distinct, self.court.same = chain.distinct, chain.same
        if chain.comparisons and chain.place not in self.says:
            return [
                self._mention(chain, link, "a comparison claims no equality")
                for link in chain.links[part.first : part.last]
            ][:1]
        if len(chain.links) == 1:
            return [self._single(chain)]
        if part.first == 0 and part.last == 1:
            return [self._single(chain)]
        judged = []
        for place in range(max(part.first, 1), part.last):
            judged.append(self._step(chain, place))
        return judged

    # --------------------------------------------------------------------------------------- steps

    def _single(self, chain: Chain) -> Judgement:
        """A side by itself: it names something, and claims nothing."""
        link = chain.links[0]
        if link.side.problem is not None and link.node is None:
            return self._unread(chain, link)
        if link.node is not None and is_numeric(link.node):
            try:
                evaluate(link.node, Scope(self.court.world(0), {}, None))
            except NotUnderstood as problem:
                return Judgement("not understood", "mention", link, reason=problem.reason)
        return self._mention(chain, link, None)

    def _mention(self, chain: Chain, link: Link, reason: str | None) -> Judgement:
        if link.side.problem is not None and link.node is None:
            return self._unread(chain, link)
        return Judgement("right", "mention", link, reason=reason)

    def _unread(self, chain: Chain, link: Link) -> Judgement:
        problem = link.side.problem
        assert problem is not None
        return Judgement(
            "not understood", "mention", link, reason=problem.reason, span=(problem.start, problem.end)
        )

    def _step(self, chain: Chain, place: int) -> Judgement:
        link, before = chain.links[place], chain.links[place - 1]
        if place in self.says.get(chain.place, ()):
            return Judgement("right", "shape", link, before)
        if link.node is None:
            return self._unread(chain, link)
        if is_dimensions(link.node, self.book):
            return self._shapes(chain, place)
        defines = self.defining.get(chain.place, set())
        head = chain.head
        kind = self._kind(chain, place)
        if head is None:
            first = self._unread(chain, chain.links[0])
            return replace(first, link=link, left=before)
        judgement = Judgement("right", kind, link, before, self._head(chain))
        if isinstance(head, Name) and self._sized:
            judgement.kind = "shape"  # what goes into it has the shapes that are said here
            return judgement
        if place in defines and all(
            p in defines or isinstance(chain.links[p].node, Name) for p in range(place)
        ):
            judgement.kind = "definition" if kind not in ("loss",) else kind
            self.figures.note(chain, place)
            return self._checked_definition(judgement, chain, place)
        try:
            self._compare(judgement, chain, place)
        except NotUnderstood as problem:
            judgement.verdict, judgement.reason = "not understood", problem.reason
            judgement.span = (problem.start, problem.end)
        except RecursionError:
            judgement.verdict, judgement.reason = "not understood", "it is defined by itself"
        if judgement.verdict != "wrong":
            self.figures.note(chain, place)
        if judgement.verdict == "right" and kind == "update" and self._rate_left_out(chain):
            judgement.verdict, judgement.reading = "ambiguous", Reading(says="the learning rate is 1")
        if judgement.verdict in ("right", "ambiguous"):
            self._misprint(judgement)
        if judgement.verdict == "wrong":
            self._trace(judgement, chain, place)
            self.wrong.append(judgement)
        return judgement

    def _rate_left_out(self, chain: Chain) -> bool:
        """Whether a step of descent is written without the learning rate that the notes have elsewhere."""
        right = chain.nodes[1] if len(chain.nodes) > 1 else None
        if right is None or not self.book.rates or _numeric_rate(right) is not None:
            return False
        if any(isinstance(x, NumberNode) and "." in x.text for x in walk(right)):
            return False
        return not any(
            isinstance(x, Name) and x.key.base in self.book.rates for x in self._spelled_out(right)
        )

    def _misprint(self, judgement: Judgement) -> None:
        """Half of a derivative, whose sign is missing above or below."""
        for x in walk(judgement.link.node):  # type: ignore[arg-type]
            if isinstance(x, Derivative) and x.sign.startswith("missing"):
                where = "denominator" if x.sign == "missing below" else "numerator"
                judgement.verdict, judgement.misprint = "wrong", True
                judgement.reason = rf"the sign $\partial$ is missing in the {where}"
                return

    def _shapes(self, chain: Chain, place: int) -> Judgement:
        """Rows times columns, held against those before."""
        link, before = chain.links[place], chain.links[place - 1]
        judgement = Judgement("right", "shape", link, before)
        assert link.node is not None
        try:
            mine = dimensions(link.node, self.book)
            if before.formula == link.formula and is_dimensions(before.node, self.book):
                assert before.node is not None
                other = dimensions(before.node, self.book)
                if mine != other:
                    raise DimensionMismatch(f"it is {' x '.join(other)}")
        except DimensionMismatch as problem:
            judgement.verdict, judgement.reason = "wrong", str(problem)
        return judgement

    def _checked_definition(self, judgement: Judgement, chain: Chain, place: int) -> Judgement:
        return judgement

    def _head(self, chain: Chain) -> Node | None:
        """What the sides of a chain must be equal to."""
        if chain.place not in self._heads:
            head = chain.head
            update = update_of(chain)
            if update is not None and (
                update[1] == update[0] or update[1].tag == "new" or self._is_updated(update[1])
            ):
                head = self.descent(update[0], update[2])
            elif isinstance(head, Name) and head.key.base.startswith("Delta ") and len(chain.nodes) > 1:
                head = self._step_of(head, chain)
            self._heads[chain.place] = head
        return self._heads[chain.place]

    def _step_of(self, head: Name, chain: Chain) -> Node:
        """What Delta w is: the gradient, or the step against it, whichever the notes have."""
        loss, right = self.book.loss, chain.nodes[1]
        stem = head.key._replace(base=head.key.base.removeprefix("Delta "), tag="")
        if loss is None or right is None:
            return head
        slope: Node = Derivative(0, 0, Name(0, 0, loss), Name(0, 0, stem))
        known = self.book.rates or RATES
        rates = [x for x in walk(right) if isinstance(x, Name) and x.key.base in known and not x.key.below]
        options: list[Node] = [slope, SumNode(0, 0, (slope,), (-1,))]
        if rates:
            product = Product(0, 0, (rates[0], slope), ("",))
            options = [SumNode(0, 0, (product,), (-1,))]
            if head.key in self.book.taken_away:
                options.append(product)
        for option in options:
            try:
                if self.court.difference(option, right) is None:
                    return option
            except NotUnderstood:
                return head
        return options[0]

    def _is_updated(self, key: Key) -> bool:
        found = self.book.exact.get(key)
        return found is not None and found.origin == "update"

    def descent(self, stem: Key, right: Node) -> Node:
        """A step of gradient descent, as an expression: w - eta dL/dw."""
        old = Name(0, 0, stem)
        loss = self.book.loss
        written = next(
            (x for x in walk(right) if isinstance(x, Derivative) and isinstance(x.variable, Name)
             and x.variable.key._replace(tag="") == stem), None,
        )  # fmt: skip
        if loss is None:
            if written is None:
                return Name(0, 0, stem._replace(tag="new"))
            output = written.output
        else:
            output = Name(0, 0, loss)
        slope: Node = Derivative(0, 0, output, old)
        number = _numeric_rate(right)
        if number is not None:
            slope = Product(0, 0, (number, slope), ("",))
        rates = [x for x in self._spelled_out(right) if isinstance(x, Name) and x.key.base in self.book.rates]
        if rates:
            slope = Product(0, 0, (rates[0], slope), ("",))
        elif is_numeric(right) and self.book.rates:
            slope = Product(0, 0, (Name(0, 0, Key(min(self.book.rates))), slope), ("",))
        return SumNode(0, 0, (old, slope), (1, -1))

    def _with_generic_argument(self, head: Node, link: Link) -> tuple[Node, Link]:
        """f'(x) = f(x)(1 - f(x)) is said of any number x, whatever else is called x."""
        if not isinstance(head, Apply) or len(head.arguments) != 1 or link.node is None:
            return head, link
        argument = head.arguments[0]
        functions = self.book.functions.get(head.name.key.base, ())
        if not isinstance(argument, Name) or not any(f.parameters == (argument.key,) for f in functions):
            return head, link
        if any(name.key != argument.key for name in quantities_in(link.node)):
            return head, link

        def change(x: Node) -> Node:
            if isinstance(x, Name) and x.key == argument.key:
                return replace(x, key=Key("any number"))
            return mapped(x, change)

        return change(head), replace(link, node=change(link.node))

    def _spelled_out(self, node: Node) -> Iterator[Node]:
        """Everything in a formula, and in what stands for Delta w and the like."""
        for x in walk(node):
            yield x
            if isinstance(x, Name) and x.key in self.book.exact and self.book.exact[x.key].origin == "notes":
                yield from walk(self.book.exact[x.key].body)

    def _compare(self, judgement: Judgement, chain: Chain, place: int) -> None:
        """Hold a side against the head of its chain; where that has no meaning, against the side before."""
        link, before = judgement.link, judgement.left
        head = judgement.head
        assert link.node is not None and head is not None and before is not None
        head, link = self._with_generic_argument(head, link)
        numeric = is_numeric(link.node)
        if numeric or (before.node is not None and is_numeric(before.node)):
            if self.figures.judge(judgement, chain, place, self.court):
                return
        try:
            self._in_some_reading(judgement, head, link.node)
        except Disconnected as problem:
            if self._by_form(judgement, head, link.node):
                return
            raise problem
        except Misfit:
            if not self._misfit(judgement, head, link.node):
                raise
        except NotUnderstood:
            if before.node is None or before.node is chain.head:
                raise
            self._in_some_reading(judgement, before.node, link.node)
            if judgement.verdict == "wrong":
                return
            raise

    def _misfit(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """Shapes that do not fit, where they would with something transposed."""
        for edit in edits(node, self.book, "", (), latex_of):
            if edit.turns:
                try:
                    if self.court.difference(head, edit.node) is None:
                        judgement.verdict, judgement.reason = "wrong", "the shapes do not fit together"
                        return True
                except NotUnderstood:
                    continue
        return False

    def _in_some_reading(self, judgement: Judgement, head: Node, node: Node) -> None:
        difference = self.court.difference(head, node)
        if difference is None:
            judgement.verdict = "right"
            return
        if self._over_the_batch(judgement, head, node) or self._ascends(judgement, head, node):
            return
        for reading in self._readings(head, node):
            try:
                if self.court.difference(head, node, reading) is None:
                    judgement.verdict, judgement.reading = "ambiguous", reading
                    return
            except NotUnderstood:
                continue
        if self._with_an_activation(judgement, head, node):
            return
        judgement.verdict, judgement.difference = "wrong", difference
        self._unanchored(judgement, head, node)
        if judgement.verdict == "wrong" and judgement.link.relation in ("approx", "propto"):
            judgement.verdict, judgement.kind = "right", "mention"
            judgement.reason = "an approximation is not checked"

    def _unanchored(self, judgement: Judgement, head: Node, node: Node) -> None:
        """A name that nothing else in the notes depends on may be no mistake, only unknown to us."""
        difference = judgement.difference
        assert difference is not None
        for name in (*names_in(head), *names_in(node)):
            other = self.book.lookalikes.get(name.key.base)
            if other is not None and not self.book.is_defined(name.key):
                meant = latex_of(name.key._replace(base=other))
                judgement.verdict = "not understood"
                judgement.reason = f"the notes do not say what ${latex_of(name.key)}$ is; is it ${meant}$?"
                return
        if isinstance(head, Apply) and self._is_abstract(head.name.key.base):
            judgement.verdict = "not understood"
            judgement.reason = f"the notes do not say what ${latex_of(head.name.key)}$ is"
            return
        strange = self._strange_names(head, node, difference)
        if not strange:
            return
        for name in strange:
            others = [
                key for key in self.court.anchored() | set(self.book.exact)
                if key.base == name.base and key.tag == "" and len(key.below) == len(name.below)
                and len(key.above) == len(name.above)
            ]  # fmt: skip
            others += [
                d.key for d in self.book.templates.get((name.base, len(name.below), len(name.above)), ())
            ]
            if not others:
                nearest = self.book.nearest(name)
                hint = f"; the nearest name that it does is ${nearest}$" if nearest else ""
                judgement.verdict = "not understood"
                judgement.reason = f"the notes do not say what ${latex_of(name)}$ is{hint}"
                return
        names = ", ".join(f"${latex_of(name)}$" for name in strange)
        judgement.reason = f"there is no {names} here"

    def _is_abstract(self, name: str) -> bool:
        """Whether a function is only named."""
        known = name in self.book.functions or name in KNOWN or name in FUNCTIONS
        return not known and name not in ("sigma", "norm", "abs")

    def _strange_names(self, head: Node, node: Node, difference: Difference) -> list[Key]:
        """Leaves of one side that neither the other side nor any definition has."""
        scope = difference.scope
        sides = []
        for side in (head, node):
            keys = {bound(n.key, scope.bindings, self.book.sizes) for n in quantities_in(side)}
            sides.append(
                {key for key in keys if any((key, row) in scope.world.leaves for row in (None, scope.row))}
            )
        anchored = self.court.anchored()
        return sorted(key for key in sides[0] ^ sides[1] if key not in anchored)

    def _ascends(self, judgement: Judgement, head: Node, node: Node) -> bool:
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
            step = _replaced(head, Name(0, 0, loss), Name(0, 0, key)) or head
            for signs in ((1, -1), (1, 1)):
                if (key, signs) == (loss, (1, -1)) or (signs == (1, 1) and not self._is_likelihood(key)):
                    continue
                try:
                    if self.court.difference(replace(step, signs=signs), node) is None:
                        judgement.verdict = "right"
                        return True
                except NotUnderstood:
                    continue
        return False

    def _is_likelihood(self, key: Key) -> bool:
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

    def _over_the_batch(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """A loss of one row that is elsewhere taken over all of them, as a sum or a mean."""
        book = self.book
        if not book.rows or book.loss is None or not any(isinstance(x, SumOver) for x in walk(node)):
            return False
        loss = Name(0, 0, book.loss)
        one_row = self.court.difference(loss, loss, points=1) is None and self._in_rows(loss)
        if not one_row:
            return False
        total = SumOver(0, 0, "sum", "", None, NumberNode(0, 0, str(book.rows)), loss)
        mean = Quotient(0, 0, total, NumberNode(0, 0, str(book.rows)))
        for batch, word in ((mean, "mean"), (total, "sum")):
            of_all = _replaced(head, loss, batch)
            if of_all is None:
                return False
            try:
                if self.court.difference(of_all, node) is None:
                    judgement.verdict = "ambiguous"
                    judgement.reading = Reading(says=f"the loss is the {word} over all rows here")
                    return True
            except NotUnderstood:
                return False
        return False

    def _with_an_activation(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """Whether it holds for one of the usual activations, where the notes name a function without saying which."""
        names = {
            x.name.key.base for part in (*nodes_below(self.book), head, node) for x in walk(part)
            if isinstance(x, Apply) and x.name.key.base in self.book.called
            and x.name.key.base not in self.book.functions and x.name.key.base not in KNOWN
            and x.name.key.base not in ("sigma", "loss of", "max", "min", "norm", "softmax", "Softmax", "diag")
        }  # fmt: skip
        for name in sorted(names):
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

    def _in_rows(self, node: Node) -> bool:
        """Whether it differs from row to row."""
        world = self.court.world(0)
        first, second = (evaluate(node, Scope(world, {}, row)) for row in (1, 2))
        return not same(first, second)

    def _readings(self, *nodes: Node) -> list[Reading]:
        found = []
        inside = [x for node in nodes for x in walk(node)]
        derivatives = any(isinstance(x, Derivative) for x in inside)
        letters = free_letters(nodes[0]) | free_letters(nodes[1])
        if len(letters) > 1:
            found.append(DISTINCT)
        if self.book.rows and any(isinstance(x, (SumOver, Derivative)) for x in walk(nodes[1])):
            found.append(OVER_ROWS)
        if derivatives:
            found.append(LOCAL)
        if any(isinstance(x, Product) for x in inside) and self.book.shapes:
            found.append(ELEMENTWISE)
        return found

    def _by_form(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """Chain rules and updates of what the notes do not connect are right by their form."""
        return self._same_with_letters(judgement, head, node) or self._chain_by_form(judgement, head, node)

    def _same_with_letters(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """Equal whatever the derivatives in it are."""
        head, node = self._spelled_derivatives(head), self._spelled_derivatives(node)
        derivatives: list[Derivative] = []
        for x in (*walk(head), *walk(node)):
            if isinstance(x, Derivative) and not any(_same_derivative(x, d) for d in derivatives):
                derivatives.append(x)
        try:
            if self.court.difference(_opaque(head, derivatives), _opaque(node, derivatives)) is None:
                judgement.verdict = "right"
                return True
        except NotUnderstood:
            pass
        return False

    def _spelled_derivatives(self, node: Node) -> Node:
        """dL/dW for a bare dW."""
        loss = self.book.loss
        if isinstance(node, Name) and node.key.base.startswith("d ") and loss is not None:
            variable = Name(node.start, node.end, node.key._replace(base=node.key.base[2:]))
            return Derivative(node.start, node.end, Name(0, 0, loss), variable)
        return mapped(node, self._spelled_derivatives)

    def _chain_by_form(self, judgement: Judgement, head: Node, node: Node) -> bool:
        """dL/dw = dL/da da/dw, where it is not said how L depends on a: a is all that it depends on."""
        if not isinstance(head, Derivative) or not isinstance(node, Product):
            return False
        factors = node.factors
        if not all(isinstance(f, Derivative) for f in factors) or len(factors) < 2:
            return False
        first, last = factors[0], factors[-1]
        assert isinstance(first, Derivative) and isinstance(last, Derivative)
        from .meaning import same_form

        for a, b in zip(factors, factors[1:], strict=False):
            if not same_form(a.variable, b.output):  # type: ignore[attr-defined]
                return False
        if not (same_form(first.output, head.output) and same_form(last.variable, head.variable)):
            return False
        rest: Node = (
            factors[1] if len(factors) == 2 else replace(node, factors=factors[1:], signs=node.signs[1:])
        )
        try:
            if self.court.difference(Derivative(0, 0, first.variable, head.variable), rest) is None:
                judgement.verdict = "right"
                return True
        except NotUnderstood:
            pass
        return False

    def _trace(self, judgement: Judgement, chain: Chain, place: int) -> None:
        """Find the earlier mistake that this one only follows from."""
        node, head = judgement.link.node, judgement.head
        assert node is not None and head is not None
        from .meaning import same_form

        for earlier in reversed(self.wrong):
            other = earlier.link.node
            if other is None or earlier.head is None or other is node:
                continue
            try:
                if same_form(earlier.head, head):
                    if self.court.difference(other, node) is None:
                        judgement.follows = earlier
                        return
                    continue
                if isinstance(head, SumNode) and isinstance(earlier.head, Derivative):
                    swapped = _replaced(head, earlier.head, other)
                    if swapped is not None and self.court.difference(swapped, node) is None:
                        judgement.follows = earlier
                        return
                elif isinstance(earlier.head, (Derivative, Name)):
                    left = judgement.left
                    if left is not None and left.node is not None and left.node is not head:
                        swapped = _replaced(left.node, earlier.head, other)
                        if swapped is not None and self.court.difference(swapped, node) is None:
                            judgement.follows = earlier
                            return
            except NotUnderstood:
                continue

    def _kind(self, chain: Chain, place: int) -> Kind:
        head, node = chain.head, chain.links[place].node
        if update_of(chain) is not None:
            return "update"
        if isinstance(head, Derivative):
            inside = node
            if isinstance(inside, Product) and any(isinstance(f, Derivative) for f in inside.factors):
                return "chain"
            return "gradient"
        if isinstance(head, Name) and head.key == self.book.loss:
            return "loss"
        if node is not None and is_numeric(node):
            return "number"
        if isinstance(head, Name):
            if head.key.base.startswith(("d ", "delta", "Delta ")):
                return "gradient"
            return "forward"
        return "identity"


def _numeric_rate(right: Node) -> Node | None:
    """0.5 of `w - 0.5 dL/dw`."""
    if isinstance(right, SumNode):
        for term in right.terms[1:]:
            if isinstance(term, Product) and len(term.factors) == 2:
                number, slope = term.factors
                if isinstance(number, NumberNode) and isinstance(slope, Derivative):
                    return number
    return None


def nodes_below(book: Book) -> list[Node]:
    """The right sides of all definitions."""
    return [d.body for d in [*book.exact.values(), *(d for found in book.templates.values() for d in found)]]


def _same_derivative(a: Derivative, b: Derivative) -> bool:
    from .meaning import same_form

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


def _replaced(node: Node, pattern: Node, by: Node) -> Node | None:
    """The formula with a part replaced wherever it stands; None where it does not occur."""
    from .meaning import same_form

    found = False

    def change(x: Node) -> Node:
        nonlocal found
        if same_form(x, pattern):
            found = True
            return by
        return mapped(x, change)

    new = change(node)
    return new if found else None
