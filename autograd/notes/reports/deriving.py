"""The derivation behind a verdict: the chain rule over what the notes define, in their own symbols.

For a claim about a derivative: the paths from the one quantity to the other, the slope of each step, and
what their products add up to. It is worked out from the notes alone, whatever the claim says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice, pairwise

from ...adjoints import derivatives
from ...errors import ChalkgradError
from ...expr import Expr, constant, substitute, walk
from ...formulas.simplifying import Simplifier
from ..defining.book import Book
from ..defining.opening import opened
from ..judging.corrections import Symbols, Writer, between, concrete, expr_of
from ..judging.deciding import Court, free_letters
from ..judging.mending import Mender
from ..meaning.chains import Chain, Link
from ..meaning.errors import NotUnderstood
from ..meaning.evaluating import LITERAL, Scope, evaluate
from ..meaning.syntax import Derivative, Key, Name, Node
from ..meaning.syntax import walk as parts_of
from ..meaning.world import World
from ..reading.documents import Formula
from ..report import Claim, Report

__all__ = ["derivation_of"]

_PATHS = 4  # as many are written out as a sum
_LONGEST = 100  # nodes of a result; what is larger shows little

Place = tuple[Key, "int | None"]


def derivation_of(report: Report, claim: Claim) -> list[tuple[str, str]]:
    """Left and right sides in LaTeX; none for a claim without a derivative, or one that is not defined.

    The report must be one of `check_notes`, whose document it carries.
    """
    document = report.document
    if document is None:
        return []
    notes = opened(document)
    found = [
        part.chain
        for formula, own in zip(document.formulas, notes.parts, strict=True)
        for part in (part for of_line in own for part in of_line)
        if any(_is_in(link, formula, claim) for link in part.chain.links[part.first : part.last])
    ]
    book = notes.book
    court = Court(book, notes.nodes)
    spelled = Mender(notes.spellings, notes.vocabulary).spelled
    for chain in found:
        for derivative in _derivatives(chain, book):
            try:
                written = _written(derivative, court, spelled)
            except (NotUnderstood, ChalkgradError, ArithmeticError, TypeError, RecursionError, ValueError):
                continue
            if written:
                return written
    return []


def _is_in(link: Link, formula: Formula, claim: Claim) -> bool:
    """Whether a side of a formula stands in a claim, which may be one line of it."""
    return claim.offset <= formula.start + link.side.start < claim.offset + max(len(claim.latex), 1)


def _derivatives(chain: Chain, book: Book) -> Iterator[Derivative]:
    """The derivatives in a chain, those that its names stand for, and that of what a descent changes."""
    for node in chain.nodes:
        for part in parts_of(node) if node is not None else ():
            if isinstance(part, Derivative) and part.order == 1:
                yield part
    for node in chain.nodes:
        found = book.definition(node.key) if isinstance(node, Name) else None
        if found is not None and isinstance(found[0].body, Derivative) and found[0].body.order == 1:
            yield found[0].body
    head = chain.head
    if (
        isinstance(head, Name)
        and book.loss is not None
        and book.definition(head.key._replace(tag="")) is None
    ):
        yield Derivative(0, 0, Name(0, 0, book.loss), Name(0, 0, head.key._replace(tag="")))


def _written(derivative: Derivative, court: Court, spelled: Callable[[Key], str]) -> list[tuple[str, str]]:
    if not isinstance(derivative.output, Name) or not isinstance(derivative.variable, Name):
        return []
    world = Symbols(court.book)
    output, variable, row = _first_case(derivative, derivative.output, derivative.variable, court, world)
    start: Place = (output, row if world.in_rows(output) else None)
    reached: dict[Place, dict[Place, Expr]] = {}
    order: list[Place] = []
    between(start, variable, world, reached, order, set())
    goals = [place for place in order if place[0] == variable and place[1] in (None, row)]
    if len(goals) != 1 or start == goals[0]:
        return []
    slopes = {place: _slopes(place, found, world) for place, found in reached.items()}
    return _Derivation(world, spelled, row, slopes).lines(start, goals[0])


def _slopes(place: Place, wanted: Collection[Place], world: Symbols) -> dict[Place, Expr]:
    """The derivatives of a quantity by those in its definition, in the form that people write: a (1 - a)."""
    key, row = place
    found = world.book.definition(key)
    assert found is not None, "it was taken apart before"
    fresh = Symbols(world.book)
    raw = expr_of(evaluate(found[0].body, Scope(fresh, found[1], row)))
    world.spelled |= fresh.spelled
    slopes = derivatives(raw)
    own = {raw: world.symbol_of(*place)} if raw.op is not None else {}
    named = dict(zip(slopes, substitute(list(slopes.values()), own), strict=True))
    return {fresh.spelled[name]: slope for name, slope in named.items() if fresh.spelled[name] in wanted}


def _first_case(
    derivative: Node, output: Name, variable: Name, court: Court, world: Symbols
) -> tuple[Key, Key, int | None]:
    """The two quantities for the first numbers that the index letters may stand for."""
    letters = sorted(free_letters(derivative) - court.book.fixed)
    random = World(court.book, lambda key, row: constant(0), 0)
    scope = next(court.scopes(random, letters, (derivative,), LITERAL))
    here = Scope(world, scope.bindings, scope.row)
    return concrete(output, world, here), concrete(variable, world, here), scope.row


class _Derivation:
    def __init__(
        self,
        world: Symbols,
        spelled: Callable[[Key], str],
        row: int | None,
        slopes: Mapping[Place, dict[Place, Expr]],
    ) -> None:
        self.slopes = slopes
        self.world = world
        rows = {place[1] for place in {*slopes} | {x for found in slopes.values() for x in found}} - {None}
        self.writer = Writer(world, spelled, row if rows <= {row} else None)
        self.simplify = Simplifier().simplify

    def lines(self, start: Place, goal: Place) -> list[tuple[str, str]]:
        """The chain rule, its factors, and the result."""
        paths = list(islice(self._paths(start, goal), _PATHS + 1))
        found = []
        if len(paths) <= _PATHS and any(len(path) > 2 for path in paths):
            said = " + ".join(
                r" \cdot ".join(self._slope(*pair) for pair in pairwise(path)) for path in paths
            )
            found.append((self._slope(start, goal), said))
        for place in [x for x in self._downwards(start) if x in self.slopes]:
            for below, slope in self.slopes[place].items():
                found.append((self._slope(place, below), self._write(slope)))
        result = self._result(start, goal)
        if len(found) > 1 and len(walk([result])) <= _LONGEST:
            found.append((self._slope(start, goal), self.writer.write(result)))
        return found

    def _paths(self, start: Place, goal: Place) -> Iterator[tuple[Place, ...]]:
        if start == goal:
            yield (goal,)
            return
        for below in self.slopes.get(start, {}):
            for path in self._paths(below, goal):
                yield (start, *path)

    def _downwards(self, start: Place) -> list[Place]:
        """Every quantity from the output on, before those that it is computed from."""
        order: dict[Place, None] = {}

        def visit(place: Place) -> None:
            if place not in order:
                for below in reversed(self.slopes.get(place, {})):
                    visit(below)
                order[place] = None

        visit(start)
        return list(order)[::-1]

    def _result(self, start: Place, goal: Place) -> Expr:
        total = {start: constant(1)}
        for place in self._downwards(start):
            for below, slope in self.slopes.get(place, {}).items():
                part = total[place] * slope
                total[below] = total[below] + part if below in total else part
        return self.simplify(total[goal])

    def _slope(self, above: Place, below: Place) -> str:
        over, under = (self.writer.write(self.world.symbol_of(*place)) for place in (above, below))
        return rf"\frac{{\partial {over}}}{{\partial {under}}}"

    def _write(self, slope: Expr) -> str:
        return self.writer.write(self.simplify(slope))
