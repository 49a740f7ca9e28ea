"""Sums and products over an index, evaluated: which letter runs through which numbers, and which are rows."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ..defining.book import ROWS, UNITS, bound
from .errors import NotUnderstood
from .evaluating import RULES, Scope, evaluate, plus
from .syntax import Index, Key, Name, Node, Number, Sum, SumOver, letters_of, names_in
from .tables import Table, plain

__all__ = ["letter_size"]

LARGEST_SUM = 1000

_COUNTS = {Key(letter) for letter in ("n", "m", "N", "M")}


def _sum_over(node: SumOver, scope: Scope) -> Any:
    numbers = index_range(node, scope)
    total: Any = None
    letter = node.index
    book = scope.world.book
    if not letter and not book.rows:
        by_entries = scope.within(reading=replace(scope.reading, elementwise=True))
        whole = evaluate(node.body, by_entries)
        if isinstance(whole, Table) and (ROWS in whole.shape or not book.mentioned & _COUNTS):
            return functools.reduce(plus, whole)  # of one example, where 1/n counts many, it would not do
        raise NotUnderstood("it is not said what is summed over", node.start, node.end)
    over_rows = book.rows and len(numbers) == book.rows and is_row_letter(node, scope)
    for k in numbers:
        inner = scope.within(bindings={**scope.bindings, letter: k})
        if over_rows and (scope.reading.over_rows or not _mentions(node.body, letter)):
            inner = inner.within(row=k)
        value = evaluate(node.body, inner)
        if total is None:
            total = value
        elif node.name == "prod" and isinstance(total, Table) and isinstance(value, Table):
            turned = scope.reading.turned  # matrices follow one another as in the chain rule, the last first
            total = total.times(value) if turned else value.times(total)
        elif node.name == "prod":
            total = total * value
        else:
            total = plus(total, value)
    if total is None and node.name == "prod":
        raise NotUnderstood("a product of no factors", node.start, node.end)  # h_t by h_k, where t < k
    if total is None:
        return 0
    return total


def is_row_letter(node: SumOver, scope: Scope) -> bool:
    """Whether a sum goes over the rows: its letter is the row of something in it, or of nothing."""
    book = scope.world.book
    if not _mentions(node.body, node.index):
        return True
    for name in names_in(node.body):
        slot = book.row_slots.get(name.key.base)
        if slot and any(i.letter == node.index for i in name.key.below + name.key.above):
            return True
    return False


def _mentions(node: Node, letter: str) -> bool:
    return any(letter in name.key.letters or name.key.base == letter for name in names_in(node))


def index_range(node: SumOver, scope: Scope) -> Sequence[int]:
    """The numbers an index runs through: as its bounds say, else all that it can stand for."""
    low = 1 if node.low is None else _bound(node.low, scope)
    book = scope.world.book
    high = None
    if node.low is node.high is None and ("from 0", node.index) in book.sizes:
        low, high = 0, int(book.sizes["from 0", node.index]) - 1  # as where its bounds are said
    elif _is_from_zero(node, low, scope):
        low = 1  # units 0 to n - 1 are all n of them
    elif node.high is not None and not _is_number_of_units(node.high, scope):
        high = _bound(node.high, scope)
    if high is None and not node.index and book.rows:
        high = book.rows
    if high is None:
        high = letter_size(node.index, node.body, scope)
    if high - low > LARGEST_SUM:
        raise NotUnderstood("the sum is too long to work out", node.start, node.end)
    numbers = range(low, high + 1)
    if node.but is None:
        return numbers
    left_out = _bound(node.but, scope.of_indices())
    return [number for number in numbers if number != left_out]


def _is_from_zero(node: SumOver, low: int, scope: Scope) -> bool:
    """Whether a sum goes from 0 to n - 1, and its letter stands in it as an index only, never as a number."""
    match node.high:
        case Sum(terms=(Name() as name, Number(text="1")), signs=(1, -1)) if low == 0:
            if len(name.key.base) > 1 or scope.world.book.is_defined(_count(name, scope)):
                return False
        case _:
            return False
    names = list(names_in(node.body))
    indices = [i for x in names for i in (*x.key.below, *x.key.above)]
    used = [i for i in indices if node.index in letters_of(i.letter)]
    return bool(used) and all(i == Index(node.index) for i in used) and all(
        x.key.base != node.index for x in names
    )  # fmt: skip


def _is_number_of_units(high: Node, scope: Scope) -> bool:
    """Whether a bound is the n_l of layer l: then all units are meant."""
    if not isinstance(high, Name) or len(high.key.base) > 1:
        return False
    key = _count(high, scope)
    return bool(key.below or key.above) and not scope.world.book.is_defined(key)


def _count(name: Name, scope: Scope) -> Key:
    """The n_{l-1} of n, where the notes say that n is this."""
    key, found = name.key, scope.world.book.exact.get(name.key)
    while found is not None and isinstance(found.body, Name) and found.body.key != key:
        key, found = found.body.key, scope.world.book.exact.get(found.body.key)
    return key


def _bound(node: Node, scope: Scope) -> int:
    value = plain(evaluate(node, scope))
    if not isinstance(value, (int, Fraction)) or value != int(value):
        raise NotUnderstood("the bound of a sum is no whole number", node.start, node.end)
    return int(value)


def letter_size(letter: str, body: Node, scope: Scope) -> int:
    """How many values an index letter has in a formula: as many as tables have entries that it numbers."""
    book = scope.world.book
    sizes: list[int] = []
    of_tables: list[int] = []
    for name in names_in(body):
        for side, indices in (("below", name.key.below), ("above", name.key.above)):
            for place, index in enumerate(indices):
                if index.letter == letter:
                    size = book.sizes.get((name.key.base, side, place))
                    sizes += [] if size is None else [size]
                    entries_of = _entries(name.key, place, scope) if side == "below" else None
                    of_tables += [] if entries_of is None else [entries_of]
    found = of_tables or sizes
    return min(found) if found else int(book.sizes.get(("letter", letter), UNITS))


def _entries(key: Key, place: int, scope: Scope) -> int | None:
    """The rows or columns of a table whose shape the notes state, where a name is an entry of it."""
    book = scope.world.book
    whole = bound(key._replace(below=()), scope.bindings, book.sizes)
    if (key.base, "below", place) in book.counted or book.is_defined(key):
        return None
    shape = book.shape(whole) if str(whole) in book.stated else None
    if shape is None or len(key.below) > 2:
        return None
    return shape[place] if len(key.below) == 2 else max(shape)


RULES[SumOver] = _sum_over
