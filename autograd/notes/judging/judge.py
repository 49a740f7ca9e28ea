"""The verdict on every step: whether a side is equal to the one its chain begins with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..defining.columns import counts_of_examples
from ..defining.definitions import is_numeric, is_only_named
from ..defining.loss_by_slope import examples_divided_by
from ..defining.shelf import Shelf
from ..defining.slopes import slope_meant
from ..defining.updates import has_memory
from ..meaning.chains import Chain, Link, Part
from ..meaning.errors import Disconnected, Misfit, NotUnderstood
from ..meaning.evaluating import Reading, Scope, evaluate
from ..meaning.letters import reached_in_step
from ..meaning.pieces import EQUAL
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    Apply,
    Derivative,
    Key,
    Name,
    Node,
    Product,
    Shape,
    Sum,
    quantities_in,
    walk,
)
from ..meaning.syntax import Number as NumberNode
from .as_given import holds_as_given
from .comparing import Comparison
from .conditions import condition_of
from .consequences import mistake_behind
from .deciding import Court
from .dimensions import DimensionMismatch, dimensions, is_dimensions
from .doubts import is_solved_for, is_stationary_point, why_no_mistake
from .evidence import Evidence
from .figures import Figures
from .heads import head_of, numeric_rate, spelled_out
from .implied import Implied
from .kinds import kind_of
from .masks import masked
from .slipped_definitions import slip_in_definition
from .steps_with_memory import follows_an_average, forms_implied, is_average, remembers
from .verdicts import Judgement

__all__ = ["Judge"]


class Judge:
    """Judges chains, in order."""

    def __init__(
        self,
        shelf: Shelf,
        defining: Mapping[int, set[int]],
        says: Mapping[int, set[int]],
        seen: Iterable[Key] = (),
    ) -> None:
        self.shelf, self.defining, self.says = shelf, defining, says
        self.book, self.court = shelf.book, Court(shelf.book, [])
        self.figures = Figures(shelf.book, shelf.chains)
        self.wrong: list[Judgement] = []
        self._anew: dict[Key, Judgement] = {}  # definitions that contradict an earlier one
        self.evidence = Evidence()
        self._sized = False
        self._seen = set(seen)
        self.comparison = Comparison(shelf, self.court, self.figures, self._seen)
        self._last: Node | None = None
        self._heads: dict[int, Node | None] = {}
        self._names_imply: Implied | None = None
        self._multiple: Product | None = None  # dZ = m dJ/dZ, which leaves 1/m to dW

    def begin(self, parts: Sequence[Part]) -> bool:
        """Begin with a formula; whether shapes are said in it, with which its names are meant."""
        links = [link for part in parts for link in part.chain.links[part.first : part.last]]
        self._sized = any(is_dimensions(link.node, self.book) for link in links)
        return self._sized

    def part(self, part: Part) -> list[Judgement]:
        """The steps that one formula adds to a chain."""
        try:
            return self._judged(part)
        finally:
            self.pass_over(part)

    def pass_over(self, part: Part) -> None:
        """Take note of the names in what a formula adds to a chain."""
        for link in part.chain.links[part.first : part.last]:
            if link.node is not None:
                self._seen |= {name.key for name in quantities_in(link.node)}

    def _judged(self, part: Part) -> list[Judgement]:
        chain = part.chain
        self.court = self.shelf.court(chain)
        self.book = self.court.book
        self.figures.read_by(self.book)
        self.comparison = Comparison(self.shelf, self.court, self.figures, self._seen)
        self.court.distinct, self.court.same = chain.distinct, chain.same
        self.court.condition = condition_of(chain, self.court)
        equal = next((p for p, x in enumerate(chain.links) if x.relation not in ("", *EQUAL)), part.last)
        claims = equal > 1 and isinstance(chain.head, (Derivative, Apply))  # f'(x) = x (1 - x) <= 1/4
        if chain.comparisons and chain.place not in self.says and not claims:
            return [
                self._mention(chain, link, "a comparison claims no equality")
                for link in chain.links[part.first : part.last]
            ][:1]
        if len(chain.links) == 1:
            return [self._single(chain)]
        if part.first == 0 and part.last == 1:
            return [self._single(chain)]
        judged = []
        for place in range(max(part.first, 1), equal if chain.comparisons else part.last):
            judged.append(self._step(chain, place))
            self.evidence.note(judged[-1], chain, self.book)
        return judged

    # --------------------------------------------------------------------------------------- steps

    def _single(self, chain: Chain) -> Judgement:
        """A side by itself: it names something, and claims nothing."""
        link = chain.links[0]
        if link.side.problem is not None and link.node is None:
            return self._unread(chain, link)
        if link.node is not None and is_numeric(link.node) and not isinstance(link.node, Shape):
            try:
                evaluate(link.node, Scope(self.court.world(0), {}, None))
            except NotUnderstood as problem:
                return Judgement("not understood", "mention", link, reason=problem.reason)
        return self._said_again(link) or self._mention(chain, link, None)

    def _said_again(self, link: Link) -> Judgement | None:
        """A formula by itself that equals what was said before: the loss, the side before, a quantity."""
        node = link.node
        if node is None or isinstance(node, (Name, NumberNode, Shape)) or is_numeric(node):
            return None
        if isinstance(node, Derivative) and isinstance(node.output, Name):
            return None
        names = [self.book.loss, *(key for key in self.book.exact if not key.tag)]
        heads = [self._last, *(Name(0, 0, key) for key in names[:20] if key is not None)]
        for head in heads:
            if head is None:
                continue
            try:
                if self.court.difference(head, node) is None:
                    return Judgement("right", "identity", link, head=head)
            except NotUnderstood:
                continue
        return None

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
        kind = kind_of(chain, place, self.book)
        if head is None:
            first = self._unread(chain, chain.links[0])
            return replace(first, link=link, left=before)
        judgement = Judgement("right", kind, link, before, self._head(chain))
        if isinstance(head, Name) and is_only_named(self.book, link.node, head.key) and len(chain.links) == 2:
            return Judgement("right", "mention", link, before, reason="it only says what this depends on")
        if isinstance(head, Name) and self._sized:
            judgement.kind = "shape"  # what goes into it has the shapes that are said here
            return judgement
        if place in defines and all(p in defines or self._is_new(chain, p) for p in range(place)):
            judgement.kind = "definition" if kind not in ("loss",) else kind
            self.figures.note(chain, place, judgement)
            return self._checked_definition(judgement, chain)
        if place == 1 and (mask := masked(chain, self.book)) is not None:
            self.shelf.redefine(*mask)
            return replace(judgement, kind="definition")
        if place == 1 and isinstance(chain.head, Name):
            if is_average(chain.head, link.node):
                return replace(judgement, kind="definition")
            if kind == "update" and (
                has_memory(self.book, link.node) or remembers(link.node, self.shelf.chains)
            ):
                return self._with_memory(judgement, chain.head, link.node)
        try:
            self.comparison.compare(judgement, chain, place)
        except NotUnderstood as problem:
            judgement.verdict, judgement.reason = "not understood", problem.reason
            judgement.span = (problem.start, problem.end)
        except RecursionError:
            judgement.verdict, judgement.reason = "not understood", "it is defined by itself"
        if judgement.verdict == "wrong" and holds_as_given(judgement, chain, self.court, self.figures):
            judgement.verdict = "right"
        if judgement.verdict != "right" and self._begins_with_an_example(judgement):
            judgement.verdict, judgement.reason = "right", None
        if judgement.verdict == "wrong" and is_stationary_point(judgement.head, link.node, self.court):
            judgement.verdict = "right"
        if judgement.verdict == "wrong" and place > 1 and is_solved_for(judgement, self.book):
            judgement.verdict, judgement.kind = "right", "mention"
        if judgement.verdict == "wrong":
            reason = self._given_anew(judgement) or why_no_mistake(judgement, chain, self.court)
            if reason is not None:
                judgement.verdict, judgement.reason = "not understood", reason
        if judgement.verdict == "wrong" and self.book.has_branches and self._holds_here(judgement):
            judgement.verdict = "ambiguous"
            judgement.reading = Reading(says="it holds on the branch that the numbers of the notes are on")
        if kind == "update" and self._rate_left_out(chain):
            if judgement.verdict == "right":
                judgement.verdict, judgement.reading = "ambiguous", Reading(says="the learning rate is 1")
            elif judgement.verdict == "ambiguous":  # too much is left out
                judgement.verdict, judgement.reason = "not understood", "the learning rate is left out"
        if judgement.verdict in ("right", "ambiguous"):
            self._misprint(judgement)
        if judgement.verdict == "wrong":
            if judgement.follows is None:
                judgement.follows = mistake_behind(judgement, self.wrong, self.court)
            self.wrong.append(judgement)
        self.figures.note(chain, place, judgement)
        return judgement

    def _with_memory(self, judgement: Judgement, head: Name, node: Node) -> Judgement:
        """A step along a moving average of gradients, by its form."""
        form = next(forms_implied(head, node, self.shelf.chains), None)
        if form is not None:
            judgement.verdict, judgement.head, judgement.by_form = "wrong", form, True
        elif not follows_an_average(head, node, self.shelf.chains):
            judgement.verdict = "not understood"
            judgement.reason = "a step along an average of gradients is not checked"
        return judgement

    def _is_new(self, chain: Chain, place: int) -> bool:
        """Whether a side is a name that is nothing else in the notes: y of y = f(x) = x^2."""
        node = chain.links[place].node
        found = self.book.definition(node.key) if isinstance(node, Name) else None
        return isinstance(node, Name) and (found is None or found[0].place in (chain.place, -1))

    def _begins_with_an_example(self, judgement: Judgement) -> bool:
        """Whether what the notes begin with is one of their examples: a^{(1)} := x^{(t)}, where it was x."""
        node, head = judgement.link.node, judgement.head
        if not isinstance(head, Name) or not isinstance(node, Name) or node.primes:
            return False
        body = self.book.body(head.key)
        index = node.key.above + node.key.below
        plain = isinstance(body, Name) and body.key == Key(node.key.base) and not node.key.tag
        return plain and len(index) == 1 and len(index[0].letter) == 1 and not index[0].number

    def _holds_here(self, judgement: Judgement) -> bool:
        """Whether it holds at the numbers of the notes, if not at all."""
        node = judgement.link.node
        return (
            judgement.difference is not None and node is not None and self.figures.agree(judgement.head, node)
        )

    def _given_anew(self, judgement: Judgement) -> str | None:
        """Why it may be about a quantity that was given another meaning before, if that was no mistake."""
        head = judgement.head
        if (
            isinstance(head, Name)
            and judgement.kind in ("forward", "loss")
            and self.book.is_defined(head.key)
        ):
            self._anew[head.key] = judgement
        of = head.output if isinstance(head, Derivative) else None
        again = self._anew.get(of.key) if isinstance(of, Name) else None
        if again is None or any(again is other for other in self.wrong):
            return None
        return f"${latex_of(again.head.key)}$ was given another meaning"  # type: ignore[union-attr]

    def _rate_left_out(self, chain: Chain) -> bool:
        """Whether a step of descent is written without the learning rate that the notes have elsewhere."""
        right = chain.nodes[1] if len(chain.nodes) > 1 else None
        if right is None or not self.book.rates or numeric_rate(right) is not None:
            return False
        if any(isinstance(x, NumberNode) and "." in x.text for x in walk(right)):
            return False
        return not any(
            isinstance(x, Name) and x.key.base in self.book.rates for x in spelled_out(right, self.book)
        )

    def _misprint(self, judgement: Judgement) -> None:
        """Half of a derivative, whose sign is missing above or below."""
        for x in walk(judgement.link.node):  # type: ignore[arg-type]
            if isinstance(x, Derivative) and x.sign.startswith("missing"):
                where = "denominator" if x.sign == "missing below" else "numerator"
                judgement.verdict, judgement.misprint = "wrong", True
                sign = "d" if x.sign.endswith(" d") else r"\partial"
                judgement.reason = rf"the sign ${sign}$ is missing in the {where}"
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

    def _has_shapes_that_misfit(self, node: Node) -> bool:
        """Whether it is a product that cannot be formed of the matrices whose shapes the notes state."""
        names = [name.key for name in quantities_in(node)]
        added = any(isinstance(x, Sum) and len(x.terms) > 1 for x in walk(node))
        if added or not {key.base for key in names} <= self.book.stated:
            return False
        try:
            evaluate(node, Scope(self.court.world(0), {}, None))
        except NotUnderstood as problem:
            return isinstance(problem, Misfit)
        return False

    def _checked_definition(self, judgement: Judgement, chain: Chain) -> Judgement:
        """`dz = a - y` defines dz, and says what dL/dz is."""
        head, node, loss = chain.head, judgement.link.node, self.book.loss
        if node is not None and self._has_shapes_that_misfit(node):
            judgement.verdict, judgement.reason = "not understood", "the shapes do not fit together"
            return judgement
        if not isinstance(head, Name) or node is None:
            return judgement
        slope = slope_meant(head, loss)
        if slope is None or loss is None:
            return self._held_against_its_name(judgement, chain, head, node)
        variable = slope.variable
        assert isinstance(variable, Name)
        if self._are_differentials(variable, node, loss):
            return judgement
        judged = Judgement("right", "gradient", judgement.link, judgement.left, slope)
        between = self.book.is_defined(variable.key)  # what is left out there comes in with the parameters
        try:
            self.comparison.in_some_reading(judged, slope, node)
            if judged.verdict in ("wrong", "not understood") and between:
                if self._is_counted_multiple(slope, node):
                    return judgement
                self._multiple = self._counted(slope) or self._multiple
                if self._multiple is not None:  # as dZ^{[2]} is, so is dZ^{[1]}
                    judged.verdict, judged.reason = "right", None
                    judged.head = replace(self._multiple, factors=(self._multiple.factors[0], slope))
                    self.comparison.in_some_reading(judged, judged.head, node)
        except NotUnderstood as problem:
            turned = isinstance(problem, Misfit) and self.comparison.fits_turned(judged, slope, node)
            if not turned and not (
                isinstance(problem, Disconnected) and self.comparison.through(judged, slope, node)
            ):
                judged.verdict, judged.reason = "not understood", problem.reason
                judged.span = (problem.start, problem.end)
        if judged.verdict == "wrong" and self._is_where_an_unsaid_loss_begins(loss, node):
            judged.verdict, judged.reason = "not understood", "the notes do not say what the loss is"
        if judged.verdict == "not understood" and self.book.times_examples is not None and between:
            judged.head = self._counted(slope)
        if judged.verdict in ("wrong", "not understood"):
            self.shelf.redefine(head.key, judged.head or slope)
        if judged.verdict == "wrong":
            self.wrong.append(judged)
        return judged

    def _held_against_its_name(
        self, judgement: Judgement, chain: Chain, head: Name, node: Node
    ) -> Judgement:  # fmt: skip
        """A definition that contradicts what its name implies: a mistake, if a small change mends it."""
        found: Judgement | None = None
        for meaning in self._implied().meanings(head):
            try:
                difference = self.court.difference(meaning, node)
            except NotUnderstood:
                continue
            if difference is None:
                return judgement
            found = found or Judgement(
                "wrong", "gradient", judgement.link, judgement.left, meaning,
                difference=difference, court=self.court, implied=True,
            )  # fmt: skip
        for form in forms_implied(head, node, self.shelf.chains):
            found = found or Judgement(
                "wrong", "update", judgement.link, judgement.left, form, implied=True, by_form=True
            )
        slip = None if found else slip_in_definition(head, node, chain.place, self.shelf)
        if slip is not None:
            judgement.verdict, judgement.reason, judgement.slip = "not understood", slip, True
        return found or judgement

    def _implied(self) -> Implied:
        if self._names_imply is None or self._names_imply.court is not self.court:
            self._names_imply = Implied(self.court)
        return self._names_imply

    def settled(self, judgement: Judgement, is_mended: bool) -> Judgement:
        """A definition that contradicts what its name implies is free to do so, unless it is a slip."""
        if not is_mended:
            return Judgement("right", "definition", judgement.link, judgement.left)
        name = judgement.left.node if judgement.left is not None else None
        if isinstance(name, Name) and judgement.head is not None and not judgement.by_form:
            self.shelf.redefine(name.key, judgement.head)
        self.wrong.append(judgement)
        return judgement

    def _are_differentials(self, variable: Name, node: Node, loss: Key) -> bool:
        """`dL = (a - y) da`, `da = x dw`: no gradients, which go the other way."""
        if any(key.base == f"d {loss.base}" for key in self.book.mentioned):
            return True
        above = reached_in_step(self.book, [variable.key])
        return any(
            name.key._replace(base=name.key.base[2:]) in above
            for name in quantities_in(node)
            if name.key.base.startswith("d ")
        )

    def _is_where_an_unsaid_loss_begins(self, loss: Key, node: Node) -> bool:
        """Whether a slope of a loss that is some function is said without another slope."""
        said = self.book.exact.get(loss)
        some = said is not None and isinstance(said.body, Apply) and said.body.name.key == Key("loss of")
        slopes = (x for x in walk(node) if isinstance(x, (Name, Derivative)))
        return some and not any(isinstance(x, Derivative) or x.key.base.startswith("d ") for x in slopes)

    def _counted(self, slope: Derivative) -> Product | None:
        """A slope times the number of examples, where 1/m is left to the parameters."""
        of_all = isinstance(slope.variable, Name) and slope.variable.key.base[0].isupper()
        by = examples_divided_by(self.shelf.chains) if of_all else None
        count = self.book.times_examples or (by.key if by is not None else None)
        return None if count is None else Product(0, 0, (Name(0, 0, count), slope), ("",))

    def _is_counted_multiple(self, slope: Node, node: Node) -> bool:
        """dZ = A - Y, which leaves 1/m to dW: a gradient times the number of rows."""
        for count in counts_of_examples(self.book):
            times = Product(0, 0, (count, slope), ("",))
            if self.court.difference(times, node) is None:
                self._multiple = times
                return True
        return False

    def _head(self, chain: Chain) -> Node | None:
        if chain.place not in self._heads:
            self._heads[chain.place] = head_of(chain, self.court, self.figures.known.given_slopes())
        self._last = self._heads[chain.place]
        return self._heads[chain.place]
