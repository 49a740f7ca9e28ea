"""Which names are vectors and matrices, and which way they lie.

Notes in matrix form seldom say it all. What they state counts (`stated_shapes.py`); for the rest the
likeliest shapes (`shape_candidates.py`) are taken in which all that the notes define can be computed.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any, TypeGuard

from ..meaning import rules  # noqa: F401 # `evaluate` has its rules from there
from ..meaning.chains import Chain
from ..meaning.closure import closure
from ..meaning.errors import NoEntry, NotUnderstood
from ..meaning.evaluating import Scope, evaluate
from ..meaning.syntax import Apply, Derivative, Key, Name, Node, Power, Sum, names_in, quantities_in, walk
from ..meaning.tables import shape_of
from ..meaning.world import IDENTITY, World
from .book import ROWS, UNITS, Book, Function, shape_name
from .columns import shape_of_one
from .shape_candidates import (
    Size,
    candidates,
    evidence,
    is_parameter,
    put_examples_in_rows,
    squares,
    unknown_shapes,
)
from .updates import RATES

__all__ = ["fit_sizes", "infer_shapes"]

Score = tuple[int, int, int]

_SCALARS = {"L", "J", "E", "C", "ell", "loss", "cost"}
"""What is a single number, whatever else is a vector."""

SQUARE = (UNITS, UNITS)
LIKELY = 2
"""What it costs at most that all matrices are square."""

MOST_TRIED = 40


def infer_shapes(book: Book, chains: Sequence[Chain], nodes: Sequence[Node]) -> None:
    """Enter the likeliest shapes of all other names."""
    found, forced = evidence(nodes)
    bold = (key for key in book.mentioned if key.base in book.bold and not key.below)
    forced |= {shape_name(key) for key in bold if (key.base, 1, len(key.above)) not in book.indexed}
    if not found and not book.shapes and not book.bold:
        return
    unknown = unknown_shapes(book, nodes, forced)
    if not unknown:
        return
    square, likely = squares(nodes)
    options = [candidates(base, base in forced) for base in unknown]
    counts = {
        base: n for base, *_ in book.indexed
        if Key(base) in book.exact and (n := book.sizes.get((base, "below", 0), 1)) not in (1, UNITS, ROWS)
    }  # fmt: skip
    said = set(counts.values()).union(*book.shapes.values())
    said -= {1, UNITS, ROWS}
    for may_be in options if said else ():
        may_be[1:1] = [x for x in _with_sizes(may_be, said) if x not in may_be]
    for base, may_be in zip(unknown, options, strict=True):
        if base in square:
            size = max(book.shapes.get(square[base], SQUARE))
            may_be[:] = [(size, size)]
        elif base in likely:
            may_be[:] = [SQUARE, *(shape for shape in may_be if shape != SQUARE)]
    for base, n in counts.items():  # z_1 to z_K of z = W x + b: W and b have K rows
        names = {shape_name(name.key) for name in names_in(book.exact[Key(base)].body)}
        for name, may_be in zip(unknown, options, strict=True):
            if name in names and is_parameter(name):
                may_be.sort(key=lambda shape, n=n: n not in shape)  # type: ignore[misc]
    put_examples_in_rows(book, unknown, options)
    claims = _Claims(book, chains, unknown)
    best: tuple[Any, ...] | None = None
    for tried, (cost, choice) in enumerate(_combinations(options)):
        if tried >= MOST_TRIED:
            break
        shapes = {base: options[i][c] for i, (base, c) in enumerate(zip(unknown, choice, strict=True))}
        score = _score(book, claims, shapes, cost, None if best is None else best[0])
        if score is not None:
            best = (score, shapes)
            if score[0] == score[1] == 0:
                break
    first = {base: may_be[0] for base, may_be in zip(unknown, options, strict=True)}
    failed = best is None or best[0][:2] != (0, best[0][2])
    for base, may_be in zip(unknown, options, strict=True) if failed else ():
        for cost, shape in enumerate(may_be):  # one name alone: Y is a row, where w is a vector
            score = _score(book, claims, first | {base: shape}, cost, None if best is None else best[0])
            if score is not None:
                best = (score, first | {base: shape})
    for usual in ((1, 1), SQUARE):
        alike: dict[str, Size] = {
            b: usual if usual in o else o[0] for b, o in zip(unknown, options, strict=True)
        }
        cost = sum(o.index(alike[b]) for b, o in zip(unknown, options, strict=True))
        if usual == SQUARE:
            cost = min(cost, LIKELY)
        score = _score(book, claims, alike, cost, None if best is None else best[0])
        if score is not None:
            best = (score, alike)
    best = _improved(book, claims, unknown, options, best)
    if best is not None:
        book.shapes |= {base: shape for base, shape in best[1].items() if shape != (1, 1)}
        if IDENTITY.base in unknown and IDENTITY.base in book.shapes:
            book.announce(f"${IDENTITY.base}$ is the identity matrix")


def _with_sizes(may_be: Sequence[Size], said: Collection[int]) -> list[Size]:
    """Shapes of the same kinds with the sizes that are said of others: V of W (V x), where W is 2 x 3."""
    kinds = {(rows > 1, columns > 1) for rows, columns in may_be}
    sizes = [UNITS, *sorted(said)]
    found = [(m, 1) for m in sizes if (True, False) in kinds]
    return found + [(m, n) for m in sizes for n in sizes if (True, True) in kinds]


def fit_sizes(book: Book) -> None:
    """Let index letters run through what the tables have: S_{il} of S = Q K^T."""
    world = World(book, lambda key, row: 0.5)
    for base, slots, _ in {slot for slot in book.indexed if slot[2] == 0}:
        key = Key(base)
        if key not in book.exact or slots > 2:
            continue
        try:
            shape = shape_of(world.quantity(key, 1 if book.rows else None))
        except (NotUnderstood, ArithmeticError, RecursionError):
            continue
        for place in range(slots):
            size = shape[place] if slots == 2 else max(shape)
            if size > 1:
                book.sizes[base, "below", place] = size
                _fit_beside(book, base, place, size)


def _fit_beside(book: Book, base: str, place: int, size: int) -> None:
    """Leaves that have the same letter beside it have as many entries: y_i of y_i log p_i."""
    for definition in book.exact.values():
        names = [name.key for name in names_in(definition.body) if name.key.below]
        letters = {key.below[place].letter for key in names if key.base == base and len(key.below) > place}
        for key in names:
            for other, index in enumerate(key.below):
                if index.letter in letters - {""} and not book.is_defined(key._replace(below=())):
                    book.sizes[key.base, "below", other] = size


def _score(
    book: Book, claims: _Claims, shapes: dict[str, Size], cost: int, best: Score | None
) -> Score | None:
    """How bad a choice is: definitions that cannot be computed count most, claims that do not fit least.

    None as soon as it is no better than the best so far, which may be before anything is computed.
    """
    if best is not None and (0, cost, cost) >= best:
        return None
    failed, unfit = 0, cost
    for definition, faults in _faults(book, claims, shapes):
        if definition:
            failed += faults
        else:
            unfit += faults
        if best is not None and (failed, unfit, cost) >= best:
            return None
    return (failed, unfit, cost) if best is None or (failed, unfit, cost) < best else None


def _improved(
    book: Book, claims: _Claims, unknown: Sequence[str], options: Sequence[Sequence[Size]],
    best: tuple[Any, ...] | None,
) -> tuple[Any, ...] | None:  # fmt: skip
    """A better choice, found by changing the shape of one name after the other."""
    if best is None or best[0][0] == best[0][1] == 0:
        return best
    for _ in range(3):
        before = best
        for base, shapes in zip(unknown, options, strict=True):
            for cost, shape in enumerate(shapes):
                changed = {**best[1], base: shape}
                if changed != best[1]:
                    others = sum(
                        o.index(changed[b]) for b, o in zip(unknown, options, strict=True) if b != base
                    )
                    score = _score(book, claims, changed, cost + others, best[0])
                    if score is not None:
                        best = (score, changed)
        if best is before:
            break
    return best


def _combinations(options: Sequence[Sequence[Size]]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """All choices, those first that take the likeliest shapes."""
    first = (0,) * len(options)
    heap = [(0, first)]
    seen = {first}
    while heap:
        cost, choice = heapq.heappop(heap)
        yield cost, choice
        for i, c in enumerate(choice):
            if c + 1 < len(options[i]):
                after = (*choice[:i], c + 1, *choice[i + 1 :])
                if after not in seen:
                    seen.add(after)
                    heapq.heappush(heap, (cost + c + 1, after))


class _Claims:
    """What the shapes are held against, found out once for all of them.

    faults    how often a chain did not fit: what seldom fits is tried first, so that it is soon known of a
              choice that it is no better
    known     what a definition or a chain came to, by the shapes of the names that it is computed from
    """

    def __init__(self, book: Book, chains: Sequence[Chain], unknown: Sequence[str]) -> None:
        self.book, self.unknown = book, unknown
        self.chains = [chain for chain in chains[:60] if chain.head is not None and len(chain.links) > 1]
        self.scalars = _SCALARS | _with_gradients(chains)
        definitions = book.definitions()
        self.instances = list(book.instances(8))
        self.faults: dict[int, int] = {}
        self.units = {
            key.base
            for found in book.templates.values()
            for key in (d.key for d in found)
            if key.letters <= set("ijk")
        }
        self.sums = [x for d in definitions for x in walk(d.body) if _is_sum_of_quantities(x)]
        self.known: dict[tuple[object, ...], list[tuple[bool, int]]] = {}
        self._names: dict[object, tuple[str, ...]] = {}
        self._used: dict[str, set[str]] = {}
        bodies = [(d.key.base, d.body) for d in definitions]
        bodies += [(name, f.body) for name, found in book.functions.items() for f in found]
        for base, body in bodies:
            self._used.setdefault(base, set()).update(_bases(body))
        for twins in (book.lookalikes, book.row_bases):
            for base, other in twins.items():
                self._used.setdefault(base, set()).add(other)

    def names(self, what: object, bases: set[str]) -> tuple[str, ...]:
        """The names of unknown shape that something with these letters in it is computed from."""
        if what not in self._names:
            reached = closure(bases, lambda base: self._used.get(base, ()))
            slopes = any(base.startswith(("d ", "Delta ")) for base in reached)  # they come from the loss
            self._names[what] = tuple(n for n in self.unknown if slopes or n.rstrip("_^") in reached)
        return self._names[what]


def _bases(*nodes: Node | None) -> set[str]:
    """The letters in formulas; that of a slope where a name is what a step makes of it."""
    names = [name.key for node in nodes if node is not None for name in names_in(node)]
    return {key.base for key in names} | {"d " for key in names if key.tag == "new"}


def _faults(book: Book, claims: _Claims, shapes: dict[str, Size]) -> Iterator[tuple[bool, int]]:
    """The definitions that cannot be computed with these shapes, then the claims that do not fit together."""
    trial = _Trial(book, claims, shapes)
    for key in claims.instances:
        yield from trial.faults(key, {key.base}, partial(trial.of_definition, key))
    for name, functions in book.functions.items():
        for function in functions[:1] if Key(name) != book.loss else ():
            bases = {name, *_bases(function.body)}
            yield from trial.faults(("function", name), bases, partial(trial.of_function, name, function))
    for x in claims.sums:
        yield from trial.faults(id(x), _bases(x), partial(trial.of_sum, x))
    for chain in sorted(claims.chains, key=lambda c: -claims.faults.get(id(c), 0)):
        found = trial.faults(("chain", chain.place), _bases(*chain.nodes), partial(trial.of_chain, chain))
        for fault in found:
            claims.faults[id(chain)] = claims.faults.get(id(chain), 0) + 1
            yield fault


class _Trial:
    """The notes with a choice of shapes."""

    def __init__(self, book: Book, claims: _Claims, shapes: dict[str, Size]) -> None:
        self.claims, self.shapes = claims, shapes
        self.book = book.copy()
        self.book.shapes = {**book.shapes, **{b: s for b, s in shapes.items() if s != (1, 1)}}
        shape_of_one(self.book)
        rng = random.Random(1)
        self.world = World(self.book, lambda key, row: rng.uniform(0.1, 0.9))
        self.row = 1 if self.book.rows else None

    def faults(
        self, what: object, bases: set[str], find: Callable[[], Iterator[tuple[bool, int]]]
    ) -> list[tuple[bool, int]]:
        """The faults of one definition or chain, which depend on a few of the shapes only."""
        names = self.claims.names(what, bases)
        place = (what, *(self.shapes[name] for name in names))
        if place not in self.claims.known:
            self.claims.known[place] = list(find())
        return self.claims.known[place]

    def of_definition(self, key: Key) -> Iterator[tuple[bool, int]]:
        """Whether a name can be computed, and what must be a number is one."""
        book = self.book
        try:
            value = self.world.quantity(key, self.row)
            if key.base in self.claims.scalars and shape_of(value) != (1, 1):
                yield True, 2
            if key.base in self.claims.units and key.below and shape_of(value) != (1, 1):
                yield False, 3
            if key == book.loss and key in book.exact:
                vector = _is_vector(book.exact[key].body, Scope(self.world, {}, self.row))
                if vector:
                    yield vector == 2, vector
        except NoEntry:
            yield False, 1
        except (NotUnderstood, ArithmeticError, RecursionError):
            slope = key.base.startswith(("d ", "delta", "Delta "))  # may be wrong
            yield not slope and key != book.loss, 1  # and the loss is written for one output

    def of_function(self, name: str, function: Function) -> Iterator[tuple[bool, int]]:
        """The same of a function."""
        try:
            value = evaluate(function.body, Scope(self.world, {}, self.row))
            if name in self.claims.scalars and shape_of(value) != (1, 1):
                yield True, 2
        except (NotUnderstood, ArithmeticError, RecursionError):
            yield True, 1

    def of_sum(self, x: Sum) -> Iterator[tuple[bool, int]]:
        """Whether what is added has the same shape."""
        if _lacks_entries(x, self.world, self.row):
            yield False, 3

    def of_chain(self, chain: Chain) -> Iterator[tuple[bool, int]]:
        """Whether the sides of a chain have the same shape."""
        from ..judging.deciding import free_letters

        head = chain.head
        assert head is not None
        heads: dict[frozenset[str], Size | None] = {}
        for node in chain.nodes[1:]:
            if node is None:
                continue
            letters = free_letters(head) | free_letters(node)
            numbers = {letter: min(2, self.book.sizes.get(("letter", letter), 2)) for letter in letters}
            scope = Scope(self.world, numbers, self.row, bare=True)
            if letters not in heads:
                heads[letters] = _shape(head, scope)
            a, b = heads[letters], None if heads[letters] is None else _shape(node, scope)
            if a is None or b is None or (a != b and not _one_vector(a, b)):
                yield False, 3 if a is None else 2  # more than a shape that is a little less likely


def _shape(node: Node, scope: Scope) -> Size | None:
    """The shape of a formula's value; None where it has none."""
    try:
        return shape_of(evaluate(node, scope))
    except (NotUnderstood, ArithmeticError, RecursionError):
        return None


def _one_vector(a: Size, b: Size) -> bool:
    """Whether both are vectors of the same length, standing or lying."""
    return 1 in a and 1 in b and a[0] * a[1] == b[0] * b[1]


def _is_vector(loss: Node, scope: Scope) -> int:
    """How little a loss is a number: 2 for a vector, 1 where it is one only with products entry by entry.

    Also 1 for (y - p)^2, which many write for the squares of all outputs added up.
    """
    try:
        if shape_of(evaluate(loss, scope)) == (1, 1):
            return 0
        bases = [x.base for x in walk(loss) if isinstance(x, Power)]
        return 1 if any(isinstance(x, Sum) and _is_of_vectors(x, scope) for x in bases) else 2
    except NotUnderstood:
        return 1


def _is_of_vectors(difference: Sum, scope: Scope) -> bool:
    """Whether it is of two names that are columns of the same length."""
    found = {shape_of(evaluate(x, scope)) if isinstance(x, Name) else (1, 1) for x in difference.terms}
    return len(found) == 1 and max(found)[0] > max(found)[1] == 1


def _with_gradients(chains: Sequence[Chain]) -> set[str]:
    """What a gradient is taken of, and so is a number: f of nabla f."""
    outputs = (
        x.output
        for chain in chains
        for node in chain.nodes
        if node is not None
        for x in walk(node)
        if isinstance(x, Derivative) and x.sign == "nabla"
    )
    names = (x.name if isinstance(x, Apply) else x for x in outputs)
    return {x.key.base for x in names if isinstance(x, Name)}


def _is_sum_of_quantities(node: Node) -> TypeGuard[Sum]:
    """Whether quantities are added."""
    return (
        isinstance(node, Sum)
        and len(node.terms) > 1
        and all(any(n.key.base not in RATES for n in quantities_in(term)) for term in node.terms)
    )


def _lacks_entries(node: Sum, world: World, row: int | None) -> bool:
    """Whether terms of different shapes are added, but for a bias in all columns or a number."""
    numbers = {i.letter: 1 for name in names_in(node) for i in name.key.below + name.key.above if i.letter}
    scope = Scope(world, numbers, row)
    try:
        found = [shape_of(evaluate(term, scope)) for term in node.terms]
    except (NotUnderstood, ArithmeticError, RecursionError):
        return False
    if len(found) > 2:  # W h + U x + b
        return found[0] != (1, 1) == found[-1] and isinstance(node.terms[-1], Name)
    return found[0] != found[1] and ((1, 1) in found or node.signs == (1, -1))
