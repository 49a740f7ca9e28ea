"""The right formula in the notes' own symbols, worked out by the chain rule over what they define.

Every definition is differentiated by the names in it, with the names as symbols; the products of these along
the way, added up, are the derivative. It is simplified and written with the spellings of the notes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...adjoints import derivatives
from ...errors import ChalkgradError
from ...expr import Expr, constant, substitute, symbol, walk
from ...formulas.abstraction import abstract
from ...formulas.simplifying import Simplifier
from ...notation import ATOM, POWER, LatexWriter, Piece
from ...value import Value
from ..defining.book import Book, bound
from ..meaning.errors import NotUnderstood
from ..meaning.evaluating import Scope, evaluate
from ..meaning.syntax import Derivative, Index, Key, Name, Node, Product, SumOver, names_in
from ..meaning.syntax import Sum as SumNode
from ..meaning.syntax import walk as parts_of
from ..meaning.tables import Table
from ..meaning.world import World

__all__ = ["Symbols", "Writer", "between", "concrete", "corrected", "expr_of"]

MOST_STEPS = 60
LONGEST = 160


class Symbols(World):
    """A world of symbols: a name is itself, and only the definition asked for is taken apart."""

    def __init__(self, book: Book) -> None:
        super().__init__(book, self.symbol_of)
        self.spelled: dict[str, tuple[Key, int | None]] = {}
        self._symbols: dict[tuple[Key, int | None], Value] = {}

    def symbol_of(self, key: Key, row: int | None) -> Expr:
        """The symbol of a name in a row."""
        name = f"{key}|{row}"
        self.spelled[name] = key, row
        return symbol(name)

    def quantity(self, key: Key, row: int | None = None) -> Any:
        """The symbol of a name; the same one each time."""
        book = self.book
        if book.shape(key) not in (None, (1, 1)) or (
            not key.below and any(b == key.base and n for b, n, _ in book.templates)
        ):
            raise NotUnderstood("vectors are not written out")
        slot = book.row_slots.get(key.base)
        if slot is not None and book.rows:
            indices = key.above if slot == "above" else key.below
            if indices and not book.is_defined(key):
                index = indices[-1] if slot == "last" else indices[0]
                if not index.letter and index.number:
                    row = index.number
                    rest = indices[:-1] if slot == "last" else indices[1:]
                    key = key._replace(above=rest) if slot == "above" else key._replace(below=rest)
        place = (key, row if self.in_rows(key) else None)
        if place not in self._symbols:
            self._symbols[place] = Value(self.symbol_of(*place))
        return self._symbols[place]

    def in_rows(self, key: Key) -> bool:
        """Whether a name differs from row to row."""
        if not self.book.rows:
            return False
        known = self.book.row_dependent
        if key not in known:
            known[key] = False
            found = self.book.definition(key)
            if found is None:
                known[key] = key.base in self.book.row_leaves
            else:
                summed = any(isinstance(x, SumOver) for x in parts_of(found[0].body))
                known[key] = not summed and any(self.in_rows(n.key) for n in names_in(found[0].body))
        return known[key]

    def abstract(self, name: str) -> Callable[[Any], Any]:
        """A function that is only named stays so."""
        return abstract(name)


class Writer(LatexWriter):
    """Writes with the spellings of the notes."""

    def __init__(
        self, world: Symbols, spelled: Callable[[Key], str], row: int | None,
        bindings: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        self.world, self.spelled_key, self.row = world, spelled, row
        self.bindings = bindings or {}

    def name(self, name: str) -> Piece:
        """A symbol."""
        return self._piece(self.name_text(name)) if name in self.world.spelled else super().name(name)

    def name_text(self, name: str) -> str:
        """A name of the notes as they write it."""
        key, row = self.world.spelled[name]
        key = self._lettered(key)
        return self.spelled_key(key) if row is None or row == self.row else self._in_row(key, row)

    def is_counted_out(self, name: str) -> bool:
        """Whether a symbol has a number for an index that the notes never give it."""
        if name not in self.world.spelled:
            return False
        key = self._lettered(self.world.spelled[name][0])
        numbered = any(index.number and not index.letter for index in (*key.below, *key.above))
        return numbered and key not in self.world.book.mentioned

    def _lettered(self, key: Key) -> Key:
        """The name with index letters for the numbers they stood for."""
        if not self.bindings or not (key.below or key.above):
            return key
        book = self.world.book
        sides: dict[str, tuple[Index, ...]] = {}
        for side, indices in (("below", key.below), ("above", key.above)):
            sides[side] = tuple(
                index if index.letter else self._letter(book, key.base, side, place, index)
                for place, index in enumerate(indices)
            )
        return key._replace(below=sides["below"], above=sides["above"])

    def _letter(self, book: Book, base: str, side: str, place: int, index: Index) -> Index:
        if (base, side, place) in book.sequences and index.number == book.sizes.get(("index", "L")):
            return Index("L")
        here = {
            k[place].letter for name in book.mentioned if name.base == base
            for k in (getattr(name, side),) if len(k) > place and k[place].letter in self.bindings
        }  # fmt: skip
        if not here:
            return index
        fitting = {
            Index(letter, index.number - self.bindings[letter]) for letter in here
            if self.bindings[letter] == index.number or (base, side, place) in book.sequences
        }  # fmt: skip
        if len(fitting) != 1:
            raise NotUnderstood("which letter it is cannot be told")
        return fitting.pop()

    def _in_row(self, key: Key, row: int) -> str:
        """The name with its row: as an index where the notes put it there, else above in brackets."""
        letters = (x for x in sorted(self.world.book.row_letters) if self.bindings.get(x) == row)
        index = Index(next(letters, ""), 0)
        index = index if index.letter else Index("", row)
        slot = self.world.book.row_slots.get(key.base)
        if slot == "above":
            return self.spelled_key(key._replace(above=(index,)))
        if slot == "first":
            return self.spelled_key(key._replace(below=(index, *key.below)))
        if slot is not None:
            return self.spelled_key(key._replace(below=(*key.below, index)))
        text = self.spelled_key(key)
        return rf"\left({text}\right)^{{({index})}}" if "^" in text else f"{text}^{{({index})}}"

    @staticmethod
    def _piece(text: str) -> Piece:
        return Piece(text, POWER if "^" in text else ATOM)


def corrected(head: Node, book: Book, spelled: Callable[[Key], str], scope: Scope) -> str | None:
    """What a side should be, as LaTeX; None where it cannot be said briefly."""
    try:
        world = Symbols(book)
        expr = _of(head, world, scope)
        if expr is None or len(walk([expr])) > LONGEST:
            return None
        rows = {row for name, (_, row) in world.spelled.items() if row is not None and name in _names(expr)}
        if len(set(scope.bindings.values())) < len(scope.bindings):
            return None  # two letters with one number: it may hold only there
        row = scope.row if rows <= {scope.row} else None
        writer = Writer(world, spelled, row, scope.bindings)
        n_rows = len(rows) > 1 and "rows" in book.counted
        if n_rows or (book.counted and any(map(writer.is_counted_out, _names(expr)))):
            from .summing import summed  # they are n, and cannot be written out one by one

            return summed(lambda other: _in_book(head, other, scope), book, spelled, scope.bindings)
        return writer.write(expr)
    except (NotUnderstood, ChalkgradError, ArithmeticError, TypeError, RecursionError, ValueError):
        return None


def _in_book(head: Node, book: Book, scope: Scope) -> tuple[Expr, Symbols] | None:
    world = Symbols(book)
    found = _of(head, world, replace(scope, world=world))
    return None if found is None else (found, world)


def _names(expr: Expr) -> set[str]:
    return {node.name for node in walk([expr]) if node.name is not None}


def _of(head: Node, world: Symbols, scope: Scope) -> Expr | None:
    """The expression of a head: a derivative, a step of descent, or what a name stands for."""
    simplify = Simplifier().simplify
    if isinstance(head, Derivative) and isinstance(head.output, Name) and isinstance(head.variable, Name):
        found = derivative(
            concrete(head.output, world, scope), concrete(head.variable, world, scope), world, scope.row
        )
        return None if found is None else simplify(found)
    if isinstance(head, SumNode) and len(head.terms) == 2:
        old, slope = head.terms
        factor: Any = None
        if isinstance(slope, Product):
            factor = expr_of(evaluate(slope.factors[0], Scope(world, {}, scope.row)))
            slope = slope.factors[1]
        inner = _of(slope, world, scope)
        if inner is None:
            return None
        start = expr_of(evaluate(old, Scope(world, scope.bindings, scope.row)))
        return simplify(start - factor * inner) if factor is not None else start + simplify(-inner)
    if isinstance(head, Name):
        found_definition = world.book.definition(concrete(head, world, scope))
        if found_definition is None:
            return None
        definition, bindings = found_definition
        if isinstance(definition.body, Derivative):
            return _of(definition.body, world, Scope(world, bindings, scope.row))
        value = evaluate(definition.body, Scope(world, bindings, scope.row))
        return None if isinstance(value, Table) else simplify(expr_of(value))
    return None


def concrete(name: Name, world: Symbols, scope: Scope) -> Key:
    """What a name is called after all its other names are looked through."""
    key = bound(name.key, scope.bindings, world.book.sizes)
    for _ in range(9):
        found = world.book.definition(key)
        if found is None or not isinstance(found[0].body, Name):
            break
        key = bound(found[0].body.key, found[1], world.book.sizes)
    return key


def expr_of(x: Any) -> Expr:
    """The expression that a Value of symbols holds."""
    while isinstance(x, Value):
        x = x.data
    return x if isinstance(x, Expr) else constant(x)


def derivative(output: Key, variable: Key, world: Symbols, row: int | None) -> Expr | None:
    """The chain rule, from the output back to the variable."""
    first = (output, row if world.in_rows(output) else None)
    slopes: dict[tuple[Key, int | None], dict[tuple[Key, int | None], Any]] = {}
    order: list[tuple[Key, int | None]] = []
    between(first, variable, world, slopes, order, set())
    total: dict[tuple[Key, int | None], Any] = {first: 1}
    for place in reversed(order):
        if place[0] == variable:
            continue
        for below, slope in slopes.get(place, {}).items():
            if place in total:
                contribution = total[place] * slope
                total[below] = contribution + total[below] if below in total else contribution
    found = [x for (key, r), x in total.items() if key == variable and r in (None, row)]
    if len(found) != 1:
        return None
    return found[0] if isinstance(found[0], Expr) else constant(found[0])


def _reaches(book: Book, key: Key, variable: Key) -> bool:
    """Whether a quantity may be computed from another, by the letters in the definitions."""
    stack, seen = [key], set()
    while stack:
        found = book.definition(stack.pop())
        for name in names_in(found[0].body) if found is not None else ():
            if name.key.base == variable.base:
                return True
            if name.key not in seen:
                seen.add(name.key)
                stack.append(name.key)
    return False


def between(
    place: tuple[Key, int | None], variable: Key, world: Symbols,
    slopes: dict[tuple[Key, int | None], dict[tuple[Key, int | None], Any]],
    order: list[tuple[Key, int | None]], seen: set[tuple[Key, int | None]],
) -> bool:  # fmt: skip
    """The quantities between a place and the variable, the variable first; whether there are any."""
    if place in seen:
        return place in order
    seen.add(place)
    if len(seen) > MOST_STEPS:
        raise NotUnderstood("too long to write out")
    key, row = place
    if key == variable:
        order.append(place)
        return True
    found = world.book.definition(key)
    if found is None:
        return False
    definition, bindings = found
    fresh = Symbols(world.book)
    try:
        value = evaluate(definition.body, Scope(fresh, bindings, row))
    except NotUnderstood:
        if _reaches(world.book, key, variable):
            raise
        return False
    if isinstance(value, Table) or not isinstance(value, Value):
        return False
    world.spelled |= fresh.spelled
    own = symbol(f"{key}|{row}")
    whole = expr_of(value)
    world.spelled[own.name or ""] = place
    local = derivatives(whole)
    if whole.op is not None:  # a (1 - a) for sigma(z) (1 - sigma(z))
        names = list(local)
        local = dict(zip(names, substitute([local[name] for name in names], {whole: own}), strict=True))
    leads = False
    mine: dict[tuple[Key, int | None], Any] = {}
    for below, leaf in fresh._symbols.items():
        name = leaf.data.name
        if name in local and between(below, variable, world, slopes, order, seen):
            mine[below] = local[name]
            leads = True
    if leads:
        slopes[place] = mine
        order.append(place)
    return leads
