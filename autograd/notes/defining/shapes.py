r"""Which names are vectors and matrices, and which way they lie.

Notes in matrix form seldom say it all. What they state counts (`w = (1, d)`, `x \in \mathbb{R}^d`, a vector
written out); for the rest the likeliest shapes are taken in which all that the notes define can be computed.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeGuard

from ..meaning import rules  # noqa: F401 # `evaluate` has its rules from there
from ..meaning.chains import Chain
from ..meaning.errors import NoEntry, NotUnderstood
from ..meaning.evaluating import Scope, evaluate
from ..meaning.syntax import (
    Apply,
    Derivative,
    Entry,
    Key,
    Name,
    Node,
    Product,
    Shape,
    Sum,
    Transposed,
    names_in,
    quantities_in,
    walk,
)
from ..meaning.syntax import Number as NumberNode
from ..meaning.syntax import Table as TableNode
from ..meaning.tables import shape_of
from ..meaning.world import World
from ..reading.layout import Accented, Mark, Number, Operator, Row, Scripted, Symbol
from .book import ROWS, UNITS, Book, shape_name
from .updates import RATES

__all__ = ["evidence", "fit_sizes", "infer_shapes", "stated_shapes"]

Size = tuple[int, int]
Score = tuple[int, int, int]

U, N = UNITS, ROWS
_WEIGHTS = set("WUVPQKE") | {"Theta"}
_DATA = set("XZAHYDSGOT")
_VECTORS = set("xhazyotspguvqdrfce") | {"hat y", "delta", "phi", "mu", "theta"}
_SCALARS = {"L", "J", "E", "C", "ell", "loss", "cost"}
"""What is a single number, whatever else is a vector."""

MOST_TRIED = 40


def candidates(base: str, forced: bool) -> list[Size]:
    """The shapes that a name may have, the likeliest first."""
    base = base.rstrip("^_")
    stem = base.split(" ")[-1].rstrip("'")
    if stem in _WEIGHTS:
        shapes = [(U, U), (1, U), (U, 1)]
    elif stem in _DATA:
        shapes = [(U, N), (N, U), (U, 1), (1, N), (U, U)]
    elif stem == "w":
        shapes = [(U, 1), (1, U), (U, U)]
    elif stem in ("b", "c", "b0"):
        return [(U, 1), (1, U)] if forced else [(1, 1), (U, 1), (1, U)]
    elif stem in ("B",):
        shapes = [(U, 1), (1, U), (U, U)]
    elif stem in _VECTORS or base in _VECTORS:
        return [(U, 1), (1, U), (N, 1)] if forced else [(U, 1), (1, U), (1, 1), (N, 1)]
    else:
        shapes = []
    return shapes if forced and shapes else [*shapes, (1, 1)]


def evidence(nodes: Iterable[Node]) -> tuple[bool, set[str]]:
    """Whether the notes are about vectors, and which names surely are none of one entry."""
    found, forced = False, set()
    for node in nodes:
        for x in walk(node):
            if isinstance(x, Transposed):
                found = True
                if isinstance(x.body, Name) and not x.body.key.below:
                    forced.add(shape_name(x.body.key))
            elif (
                (isinstance(x, Product) and "odot" in x.signs)
                or isinstance(x, Shape)
                or (isinstance(x, TableNode) and x is not node)  # by itself it may be a gradient
            ):
                found = True
            elif isinstance(x, Apply) and x.name.key.base in ("norm", "inner", "softmax", "Softmax", "diag"):
                found = True
                for name in names_in(x):
                    if not name.key.below and x.name.key.base != "diag":
                        forced.add(shape_name(name.key))
            elif isinstance(x, Apply) and x.name.key.base == "tr":
                found = True
                forced |= {shape_name(n.key) for n in names_in(x) if n.key.base.isupper() and not n.key.below}
            elif isinstance(x, Entry):
                found = True
            elif isinstance(x, Product) and (last := _end_of_form(x)) is not None:
                forced.add(shape_name(last.key))
    return found, forced


def _end_of_form(product: Product) -> Name | None:
    """The vector b of `a^T X b`."""
    last = product.factors[-1]
    if not isinstance(last, Name) or last.key.below or len(last.key.base) > 1 or not last.key.base.islower():
        return None
    for factor in product.factors[:-1]:
        if (
            isinstance(factor, Transposed)
            and isinstance(factor.body, Name)
            and factor.body.key.base.islower()
        ):
            return last
    return None


# --------------------------------------------------------------------------------------- what is stated


def stated_shapes(book: Book, chains: Sequence[Chain]) -> dict[int, set[int]]:
    """Enter the shapes that are stated; returns the sides that say so, by the place of their chain."""
    says: dict[int, set[int]] = {}
    stated = [s for chain in chains for node in chain.nodes if isinstance(node, Shape) for s in node.sizes]
    with_letters = not all(map(_is_literal, stated))  # x = (d, 1): then a = (1, 1) is a shape too
    seen: set[Key] = set()
    for number, chain in enumerate(chains):
        if number:
            seen |= {n.key for node in chains[number - 1].nodes if node is not None for n in names_in(node)}
        for place, link in enumerate(chain.links):
            if place == 0:
                continue
            before = chain.links[place - 1].node
            if not isinstance(before, Name):
                continue
            if isinstance(link.node, Shape) and not with_letters and before.key.base.islower():
                rows_of = tuple((x,) for x in link.node.sizes)
                link.node = TableNode(link.node.start, link.node.end, rows_of)  # x = (1, 2)
            shape = _membership(link.side.row) if link.relation == "in" else None
            if isinstance(link.node, Shape):
                shape = link.node.sizes
            if shape is not None:
                sizes = tuple(_size(book, s) for s in shape)
                rows, columns = (sizes[0], 1) if len(sizes) == 1 else sizes[:2]
                if not book.is_defined(before.key):
                    book.shapes.setdefault(shape_name(before.key), (rows, columns))
                    book.shapes.setdefault(str(before.key), (rows, columns))  # W_2 has another shape than W_1
                says.setdefault(chain.place, set()).update({place - 1, place})
                for name in _listed_before(chains, chain):  # Q, K, V \in R^{n x d}
                    if not book.is_defined(name.key):
                        book.shapes.setdefault(shape_name(name.key), (rows, columns))
            elif isinstance(link.node, Name) and link.node.key.base in ("scalar", "vector", "matrix"):
                says.setdefault(chain.place, set()).update({place - 1, place})
            table = _vector(link.node)
            if table is not None and not book.is_defined(before.key):
                entries = [cell for line in table.rows for cell in line]
                if place == 1 and len(entries) > 1 and all(map(_is_literal, entries)):
                    if before.key in seen:
                        continue  # an example of what is no vector elsewhere
                    book.shapes.setdefault(shape_name(before.key), (len(table.rows), len(table.rows[0])))
                    continue  # x = (1, 2, 3)
                if all(
                    isinstance(x, Name) and x.key.base == before.key.base and x.key.below for x in entries
                ):
                    rows, columns = len(table.rows), len(table.rows[0])
                    if isinstance(link.node, Transposed):
                        rows, columns = columns, rows
                    book.shapes.setdefault(shape_name(before.key), (rows, columns))
                    says.setdefault(chain.place, set()).update({place - 1, place})
    return says


def _listed_before(chains: Sequence[Chain], chain: Chain) -> Iterator[Name]:
    """The names before the comma that a statement stands behind."""
    for other in reversed(chains[: chain.place]):
        alone = len(other.links) == 1 and other.links[0].formula == chain.links[0].formula
        if not alone or not isinstance(other.head, Name):
            return
        yield other.head


def _is_literal(node: Node) -> bool:
    inner = node.terms[0] if isinstance(node, Sum) and len(node.terms) == 1 else node
    return isinstance(inner, NumberNode)


def _vector(node: Node | None) -> TableNode | None:
    inner = node.body if isinstance(node, Transposed) else node
    return inner if isinstance(inner, TableNode) else None


def _membership(row: Row) -> tuple[Any, ...] | None:
    """d and k of R^{d x k}."""
    mark: Mark | None = row[0] if row else None
    if isinstance(mark, Scripted) and isinstance(mark.base, Symbol) and mark.base.name == "R" and mark.above:
        sizes = [m for m in mark.above if isinstance(m, (Number, Symbol, Scripted, Accented))]
        if all(isinstance(m, Operator) for m in mark.above if m not in sizes):
            return tuple(sizes[:2]) or None
    return None


def _size(book: Book, size: Any) -> int:
    text = getattr(size, "text", None)
    if text is not None and text.isdigit():
        return min(int(text[:4]), 6)
    if isinstance(size, Name):
        return int(book.sizes.get(("symbol", size.key.base), _letter(size.key.base)))
    if isinstance(size, NumberNode):
        return min(int(size.text[:4]), 6)
    letter = getattr(size, "name", "")
    return int(book.sizes.get(("symbol", letter), _letter(letter)))


def _letter(letter: str) -> int:
    return N if letter in ("n", "N", "m", "M", "B") else U


# -------------------------------------------------------------------------------------- what is inferred


def infer_shapes(book: Book, chains: Sequence[Chain], nodes: Sequence[Node]) -> None:
    """Enter the likeliest shapes of all other names."""
    found, forced = evidence(nodes)
    if not found and not book.shapes:
        return
    unknown = _unknown(book, nodes)
    if not unknown:
        return
    options = [candidates(base, base in forced) for base in unknown]
    claims = _Claims(book, chains)
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
    fewest = {b: (1, 1) if (1, 1) in o else o[0] for b, o in zip(unknown, options, strict=True)}
    cost = sum(o.index(fewest[b]) for b, o in zip(unknown, options, strict=True))
    plain = _score(book, claims, fewest, cost, None if best is None else best[0])
    if plain is not None and (best is None or plain < best[0]):
        best = (plain, fewest)
    best = _improved(book, claims, unknown, options, best)
    if best is not None:
        book.shapes |= {base: shape for base, shape in best[1].items() if shape != (1, 1)}


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


def _score(
    book: Book, claims: _Claims, shapes: dict[str, Size], cost: int, best: Score | None
) -> Score | None:
    """How bad a choice is: definitions that cannot be computed count most, claims that do not fit least.

    None as soon as it is no better than the best so far.
    """
    failed, unfit = 0, cost
    for definition, faults in _faults(book, claims, shapes):
        if definition:
            failed += faults
        else:
            unfit += faults
        if best is not None and (failed, unfit, cost) >= best:
            return None
    return failed, unfit, cost


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


def _unknown(book: Book, nodes: Sequence[Node]) -> list[str]:
    """Letters that stand without an index somewhere and are not defined."""
    counts: dict[str, int] = {}
    layered = _layered_below(nodes)
    indexed: set[str] = set()
    for node in nodes:
        for name in quantities_in(node):
            key = name.key
            base = key.base
            if key.below and len(key.below[0].letter) <= 1:
                indexed.add(base)
            if (
                (key.below and shape_name(key) not in layered)
                or key.tag == "new"
                or base in book.rates
                or shape_name(key) in book.shapes
            ):
                continue
            if not key.above and (base, "above", 0) in book.sequences:
                continue  # the last layer is meant
            if (base, 1, len(key.above)) in book.indexed or (base, 2, len(key.above)) in book.indexed:
                continue
            if any(i.number < 0 for i in key.above) and (base, "above", 0) in book.sequences:
                counts[shape_name(key)] = counts.get(shape_name(key), 0) + 1  # a^0 is where it begins
                continue
            if (
                book.is_defined(key)
                or book.is_defined(key._replace(tag=""))
                or base.startswith(("d ", "Delta "))
            ):
                continue
            if ("symbol", base) in book.sizes or any(b == base and not n for b, n, _ in book.templates):
                continue
            counts[shape_name(key)] = counts.get(shape_name(key), 0) + 1
    return sorted((b for b in counts if len(candidates(b, False)) > 1), key=lambda b: -counts[b])[:9]


def _layered_below(nodes: Sequence[Node]) -> set[str]:
    """Names whose lower index is the number of a layer: capitals, and what is transposed: W_1, a_1^T."""
    found, entries = set(), set()
    for node in nodes:
        for x in walk(node):
            if isinstance(x, Transposed) and isinstance(x.body, Name) and len(x.body.key.below) == 1:
                found.add(shape_name(x.body.key))
            elif isinstance(x, Name) and len(x.key.below) == 1:
                if len(x.key.below[0].letter) == 1 and x.key.below[0].letter not in "lL":
                    entries.add(shape_name(x.key))
                elif x.key.base in _WEIGHTS:
                    found.add(shape_name(x.key))
    if not any(
        isinstance(x, (Transposed, Entry))
        or (isinstance(x, Product) and "odot" in x.signs)
        or (isinstance(x, Apply) and x.name.key.base in ("norm", "softmax"))
        for n in nodes
        for x in walk(n)
    ):
        return set()
    if found:
        found |= {
            shape_name(x.key)
            for n in nodes
            for x in walk(n)
            if isinstance(x, Name) and len(x.key.below) == 1 and x.key.base in _VECTORS | {"b"}
        }
    return found - entries


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
    """

    def __init__(self, book: Book, chains: Sequence[Chain]) -> None:
        self.chains = [chain for chain in chains[:60] if chain.head is not None and len(chain.links) > 1]
        self.scalars = _SCALARS | _with_gradients(chains)
        definitions = [*book.exact.values(), *(d for found in book.templates.values() for d in found)]
        self.faults: dict[int, int] = {}
        self.sums = [x for d in definitions for x in walk(d.body) if _is_sum_of_two(x)]


def _faults(book: Book, claims: _Claims, shapes: dict[str, Size]) -> Iterator[tuple[bool, int]]:
    """The definitions that cannot be computed with these shapes, then the claims that do not fit together."""
    trial = book.copy()
    trial.shapes = {**book.shapes, **{b: s for b, s in shapes.items() if s != (1, 1)}}
    rng = random.Random(1)
    world = World(trial, lambda key, row: rng.uniform(0.1, 0.9))
    row = 1 if trial.rows else None
    scalars = claims.scalars
    for key in trial.instances(8):
        try:
            value = world.quantity(key, row)
            if key.base in scalars and shape_of(value) != (1, 1):
                yield True, 2
            if key == trial.loss and key in trial.exact:
                vector = _is_vector(trial.exact[key].body, Scope(world, {}, row))
                if vector:
                    yield vector == 2, vector
        except NoEntry:
            yield False, 1
        except (NotUnderstood, ArithmeticError, RecursionError):
            slope = key.base.startswith(("d ", "delta", "Delta "))  # may be wrong
            yield not slope and key != trial.loss, 1  # and the loss is written for one output
    for name, functions in trial.functions.items():
        for function in functions[:1] if Key(name) != trial.loss else ():
            try:
                value = evaluate(function.body, Scope(world, {}, row))
                if name in scalars and shape_of(value) != (1, 1):
                    yield True, 2
            except (NotUnderstood, ArithmeticError, RecursionError):
                yield True, 1
    from ..judging.deciding import free_letters

    for x in claims.sums:
        if _lacks_entries(x, world, row):
            yield False, 3
    for chain in sorted(claims.chains, key=lambda c: -claims.faults.get(id(c), 0)):
        head = chain.head
        assert head is not None
        heads: dict[frozenset[str], Size | None] = {}
        for node in chain.nodes[1:]:
            if node is None:
                continue
            letters = free_letters(head) | free_letters(node)
            scope = Scope(world, dict.fromkeys(letters, 2), row, bare=True)
            if letters not in heads:
                heads[letters] = _shape(head, scope)
            a, b = heads[letters], None if heads[letters] is None else _shape(node, scope)
            if a is None or b is None or (a != b and not _one_vector(a, b)):
                claims.faults[id(chain)] = claims.faults.get(id(chain), 0) + 1
                yield False, 1


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
    """How little a loss is a number: 2 for a vector, 1 where it is one only with products entry by entry."""
    try:
        return 2 * (shape_of(evaluate(loss, scope)) != (1, 1))
    except NotUnderstood:
        return 1


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


def _is_sum_of_two(node: Node) -> TypeGuard[Sum]:
    """Whether two quantities are added."""
    return (
        isinstance(node, Sum)
        and len(node.terms) == 2
        and all(any(n.key.base not in RATES for n in quantities_in(term)) for term in node.terms)
    )


def _lacks_entries(node: Sum, world: World, row: int | None) -> bool:
    """Whether terms of different shapes are added, but for a bias in all columns or a number."""
    scope = Scope(world, {}, row)
    try:
        left, right = (shape_of(evaluate(term, scope)) for term in node.terms)
    except (NotUnderstood, ArithmeticError, RecursionError):
        return False
    return left != right and ((1, 1) in (left, right) or node.signs == (1, -1))


def key_of(base: str) -> Key:
    """A name without indices."""
    return Key(base)
