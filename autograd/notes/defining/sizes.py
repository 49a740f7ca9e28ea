"""How many there are of everything: units, layers, rows, classes.

Index letters that stand in the same place, or run together in one formula, have the same range. Where the
notes show a number, it counts; elsewhere a small one will do, for a formula with index letters that holds for
two units and three rows holds for any.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

from ..meaning.syntax import (
    Apply,
    Index,
    Key,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    SumOver,
    is_counted,
    letters_of,
    mapped,
    names_in,
    quantities_in,
    same_form,
    walk,
)
from .book import LAYERS, ROWS, UNITS, Book
from .shadowed_sums import with_index

__all__ = ["Sizes"]

MOST = 6


class Sizes:
    """Finds the sizes: places that belong together are joined, and what is known of one holds for all."""

    def __init__(self) -> None:
        self._parent: dict[object, object] = {}
        self._joined: list[tuple[object, object]] = []
        self._seen: dict[object, int] = {}
        self._stated: dict[object, int] = {}
        self._kind: dict[object, set[str]] = {}
        self._given: dict[str, int] = {}
        self._one_less: dict[str, object] = {}
        self._from_zero: dict[str, str] = {}
        self._moved: list[tuple[object, int, Index]] = []

    def _root(self, x: object) -> object:
        while self._parent.setdefault(x, x) != x:
            x = self._parent[x]
        return x

    def _join(self, a: object, b: object) -> None:
        self._joined.append((a, b))
        self._parent[self._root(a)] = self._root(b)

    def see(self, nodes: Iterable[Node], formula: int) -> None:
        """Take note of what the sides of one formula show."""
        nodes = list(nodes)
        if len(nodes) == 2 and isinstance(nodes[0], Name) and isinstance(nodes[1], Number):
            letter, number = nodes[0].key, nodes[1].text
            if letter == Key(letter.base) and number in ("2", "3", "4", "5", "6"):
                self._given.setdefault(letter.base, int(number))  # T = 2
        for node in map(_told_apart, nodes):
            for x in walk(node):
                if isinstance(x, Name):
                    self._see_name(x, formula)
                elif isinstance(x, SumOver):
                    self._see_sum(x, formula)
                elif isinstance(x, Apply) and x.name.key.base in ("softmax", "Softmax"):
                    for name in quantities_in(x):
                        if name.key.below:  # the entries of a vector are as many as those of all vectors
                            self._kind.setdefault((name.key.base, "below", 0), set()).add("classes")
                elif isinstance(x, Quotient):
                    self._see_softmax(x, formula)
                    self._see_mean(x.over, x.under, formula)
                elif isinstance(x, Product) and isinstance(x.factors[0], Quotient):
                    self._see_mean(x.factors[-1], x.factors[0].under, formula)

    def _see_name(self, name: Name, formula: int) -> None:
        key = name.key
        for side, indices in (("below", key.below), ("above", key.above)):
            for place, index in enumerate(indices):
                slot = (key.base, side, place)
                if not index.letter:
                    self._seen[slot] = max(self._seen.get(slot, 0), index.number)
                elif is_counted(index):
                    self._moved.append((slot, formula, index))
                elif len(index.letter) == 1 and not index.letter.isupper():
                    letter = (formula, index.letter)
                    self._join(slot, letter)
                    self._kind.setdefault(letter, set()).add(index.letter)
                    if index.number and index.letter in "lt":
                        self._kind[letter].add("sequence")
                    if side == "above" and index.letter in "imn":
                        self._kind[letter].add("rows")
                elif len(index.letter) == 1:
                    self._kind.setdefault(slot, set()).add("index " + index.letter)
                    self._kind[slot].add("sequence" if index.letter in "LT" else "")

    def _see_sum(self, node: SumOver, formula: int) -> None:
        letter = (formula, node.index)
        if isinstance(node.high, Number) and node.high.text.isdigit():
            self._stated[letter] = max(self._stated.get(letter, 0), int(node.high.text))
        elif isinstance(node.high, Name) and not node.high.key.below and not node.high.key.above:
            self._join(letter, ("symbol", node.high.key.base))
            if node.high.key.base in ("n", "m", "N", "M") and node.index in ("i", "n", "r", "j", "s", "k"):
                self._kind.setdefault(letter, set()).add("rows")

        else:
            match node.high:
                case Sum(terms=(Name(key=key), Number(text=less)), signs=(1, -1)) if key == Key(key.base):
                    from_zero = isinstance(node.low, Number) and node.low.text == "0"
                    letters = {i.letter for n in names_in(node.body) for i in n.key.below + n.key.above}
                    if not from_zero:
                        self._join(letter, ("symbol", key.base))  # layers 1 to L - 1, of all L
                    elif any("+" in x and node.index in letters_of(x) for x in letters):
                        self._one_less[key.base] = letter  # w_k x_{i+k}, from 0 to K - 1
                        self._from_zero[node.index] = key.base
                    elif less == "1":
                        self._join(letter, ("symbol", key.base))  # units 0 to n - 1 are all n of them

    def _see_mean(self, total: Node, count: Node, formula: int) -> None:
        """1/d sum_i x_i: there are d of them, though the sum does not say so."""
        if not isinstance(total, SumOver) or not isinstance(count, Name):
            return
        if total.high is None and total.index and count.key == Key(count.key.base):
            self._join((formula, total.index), ("symbol", count.key.base))

    def _see_softmax(self, node: Quotient, formula: int) -> None:
        """e^{z_i} / sum_j e^{z_j}: classes."""
        if isinstance(node.under, SumOver):
            body = node.under.body
            powers = (isinstance(body, Apply) and body.name.key.base == "exp") or isinstance(body, Power)
            if powers:
                self._kind.setdefault((formula, node.under.index), set()).add("classes")

    def _join_layers(self) -> None:
        """Where the last layer of many is a softmax, they all have as many units as there are classes."""
        classes = {self._root(x) for x, kinds in self._kind.items() if "classes" in kinds}
        units = [
            x for x in self._parent
            if isinstance(x, tuple) and x[1:2] == ("below",) and (x[0], "above", 0) in self._parent
        ]  # fmt: skip
        if any(self._root(x) in classes for x in units):
            for x in units:
                self._join(x, units[0])

    def settle(self, book: Book, layers: int = 0) -> None:
        """Enter the sizes in the book; `layers` is how many there are, if the notes number them all."""
        self._join_layers()
        groups: dict[object, list[object]] = {}
        for x in [*list(self._parent), *self._seen, *self._stated, *self._kind]:
            root = self._root(x)
            members = groups.setdefault(root, [])
            if x not in members:
                members.append(x)
        for members in groups.values():
            kinds = {kind for x in members for kind in self._kind.get(x, ())}
            capitals = [kind[6:] for kind in kinds if kind.startswith("index ")]
            bounds = {str(x[1]) for x in members if isinstance(x, tuple) and x[0] == "symbol"}
            given = [self._given[letter] for letter in {*capitals, *bounds} if letter in self._given]
            stated = max((self._stated.get(x, 0) for x in members), default=0) or max(given, default=0)
            seen = max((self._seen.get(x, 0) for x in members), default=0)
            if "sequence" in kinds:
                size = max(stated, seen) if given else max(stated, seen, layers or LAYERS)
            elif stated:
                size = max(stated, min(seen, MOST))
            else:
                default = 3 if "classes" in kinds else ROWS if "rows" in kinds else UNITS
                size = max(default, min(seen, MOST)) if "rows" in kinds or "classes" in kinds else (
                    min(seen, MOST) if seen > 1 else default
                )  # fmt: skip
            size = min(size, MOST * 2)
            for x in members:
                if isinstance(x, tuple) and len(x) == 3:
                    own = self._seen.get(x, 0)
                    book.sizes[x] = own if 1 < own < size and "sequence" not in kinds else size
                    if "sequence" in kinds:
                        book.sequences.add(x)
                elif isinstance(x, tuple) and x[0] == "symbol":
                    book.sizes[x] = size
                elif isinstance(x, tuple):
                    book.sizes.setdefault(("letter", x[1]), size)
            if not stated and seen < 2 and "sequence" not in kinds and any(
                isinstance(x, tuple) and x[0] == "symbol" for x in members
            ):  # fmt: skip
                book.counted.update(members)
                book.counted.update(
                    ("letter", x[1])
                    for x in members
                    if isinstance(x, tuple) and len(x) == 2 and x[0] != "symbol"
                )
            if len(capitals) == 1 and capitals[0] in "LTKNMDHCJ":  # A and B are names of units
                book.sizes[("index", capitals[0])] = size
        self._make_room(book, groups)
        for symbol, slot in self._one_less.items():
            group = groups.get(self._root(slot), ())
            sizes = [book.sizes[x] for x in group if x in book.sizes and isinstance(x, tuple) and len(x) == 3]
            if sizes:
                book.sizes.setdefault(("symbol", symbol), min(sizes) + 1)
        for letter, symbol in self._from_zero.items():
            book.sizes["from 0", letter] = book.sizes.setdefault(("symbol", symbol), UNITS)

    def _make_room(self, book: Book, groups: dict[object, list[object]]) -> None:
        """Let there be as many x as x_{i+k} takes, for all i and k; a stride is 2 unless it is said."""
        for slot, formula, index in self._moved:
            terms = [term.partition("*") for term in index.letter.split("+") if not term.startswith("-")]
            for by in (by for by, sign, _ in terms if sign and not by.isdigit()):
                book.sizes.setdefault(("symbol", by), UNITS)
            whole = self._root(slot)
            roots = [self._root((formula, letter)) for letter in letters_of(index.letter)]
            if whole in roots or slot in self._seen or (len(terms) < 2 and "*" not in index.letter):
                continue
            size = 0
            for by, sign, letter in terms:
                times = int(by) if by.isdigit() else int(book.sizes["symbol", by]) if sign else 1
                size += times * int(book.sizes.get(("letter", letter if sign else by), UNITS))
            for x in groups.get(whole, [slot]):
                if isinstance(x, tuple):
                    place = x if len(x) == 3 else ("letter", x[1])
                    book.sizes[place] = max(book.sizes.get(place, 0), size)

    def fit(self, book: Book) -> None:
        """Let what is numbered by the same letters be as many as the tables have whose shapes are stated."""
        stated: dict[object, int] = {}
        for base in book.stated & book.shapes.keys():
            slots = [slot for place in (0, 1) if (slot := (base, "below", place)) in book.sizes]
            shape = book.shapes[base] if len(slots) == 2 else (max(book.shapes[base]),)
            stated |= dict(zip(slots, shape, strict=False))
        slips = self._contradicting(stated)
        if slips:
            self._parent = {}
            for a, b in [pair for pair in self._joined if _formula(pair) not in slips]:
                self._parent[self._root(a)] = self._root(b)
        said: dict[object, set[int]] = {}
        for place, size in stated.items():
            said.setdefault(self._root(place), set()).add(size)
        for x in list(self._parent):
            found = said.get(self._root(x), set())
            if len(found) == 1 and isinstance(x, tuple) and len(x) == 3 and x not in book.sequences:
                book.sizes[x] = max(found) if slips else max(book.sizes.get(x, 0), *found)

    def _contradicting(self, stated: Mapping[object, int]) -> set[int]:
        """The formulas in which one letter runs through rows and columns: X_{ij} and X_{ji}, by a slip."""
        found = set()
        for formula, pairs in itertools.groupby(self._joined, _formula):
            alone = Sizes()
            for a, b in pairs:
                alone._join(a, b)
            sizes: dict[object, int] = {}
            for slot in stated.keys() & alone._parent.keys():
                if formula >= 0 and sizes.setdefault(alone._root(slot), stated[slot]) != stated[slot]:
                    found.add(formula)
        return found


def _formula(pair: tuple[object, object]) -> int:
    """The formula in which an index letter joins two places; -1 where none does."""
    return max(x[0] if isinstance(x, tuple) and isinstance(x[0], int) else -1 for x in pair)


def _told_apart(node: Node) -> Node:
    r"""A formula in which sums over different ranges have letters of their own.

    In a loss that is regularised, i is an example in `\sum_{i=1}^m`, and further on a unit.
    """
    bounds: dict[str, Node] = {}

    def change(x: Node) -> Node:
        if not isinstance(x, SumOver) or not isinstance(x.high, Name):
            return mapped(x, change)
        if not same_form(bounds.setdefault(x.index, x.high), x.high):
            free = next(letter for letter in "uvwpqrs" if letter not in bounds)
            bounds[free] = x.high
            return mapped(with_index(x, x.index, free), change)
        return mapped(x, change)

    return change(node)
