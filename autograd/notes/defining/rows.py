"""What differs from row to row of a batch: quantities that are defined for one row, without an index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..judging.deciding import free_letters
from ..meaning.chains import Chain
from ..meaning.syntax import Apply, Index, Key, Name, Node, Number, Product, SumOver, names_in, walk
from ..meaning.vocabulary import INPUTS, TARGETS
from .book import ROWS, Book, Definition, is_constant
from .entries import has_weights

__all__ = ["find_pattern_index", "find_rows"]

_WEIGHTS = {"w", "W", "b", "theta", "omega", "V", "U", "u", "v", "beta"}


def find_rows(book: Book, chains: Sequence[Chain]) -> None:
    """Whether a loss is summed over rows of quantities that are defined for one row, without an index."""
    for definition in book.definitions():
        for x in walk(definition.body):
            if not isinstance(x, SumOver):
                continue
            named = list(names_in(x.body))
            indexed = [n for n in named if any(i.letter == x.index for i in n.key.below + n.key.above)]
            unindexed = {_stripped(n.key, x.index) for n in indexed}
            if not _is_of_one_example(x, unindexed, book) and not any(
                book.is_defined(key) or (key.base.startswith("hat ") and key in book.mentioned)
                for key in unindexed
            ):
                continue
            if _adds_entries(x, unindexed, book):
                continue  # p_i is an entry of p = softmax(z)
            if any(_has_own(book, n.key) for n in indexed):
                continue  # \hat y_i has a definition of its own
            for name in indexed:
                slot = _slot(name.key, x.index)
                if slot is not None:
                    book.row_slots.setdefault(name.key.base, slot)
            if not book.rows:
                high = x.high
                if isinstance(high, Number) and high.text.isdigit() and int(high.text) <= 12:
                    book.rows = int(high.text)
                else:
                    book.rows = ROWS
                    if isinstance(high, Name):
                        book.sizes[("symbol", high.key.base)] = ROWS
    _find_rows_behind(book)
    find_row_letters(book)
    _find_rows_in_claims(book, chains)
    if book.rows:
        _find_inputs_of_rows(book, chains)
        _size_of_rows(book, chains)
        letters = set(book.row_slots)
        book.row_leaves |= letters
        for key in book.mentioned:
            if key.base in INPUTS | TARGETS or key.base in letters:
                book.row_leaves.add(key.base)


def _is_of_one_example(x: SumOver, unindexed: set[Key], book: Book) -> bool:
    """Whether a sum is over examples x_i with targets y_i, and other definitions are of one, of x and y."""
    if any(isinstance(part, Apply) and part.name.key.base in book.functions for part in walk(x.body)):
        return False  # h(x_i) is the function h of x_i, whatever x is elsewhere
    one = {key.base for key in unindexed if key in book.mentioned_in_definitions and key == Key(key.base)}
    return _counts_rows(x) and bool(one & {"x", "i"}) and bool(one & TARGETS)


def _counts_rows(x: SumOver) -> bool:
    return isinstance(x.high, Name) and x.high.key.base in ("n", "m", "N")


def _adds_entries(x: SumOver, keys: Iterable[Key], book: Book) -> bool:
    r"""Whether it is a sum over the entries of one of these vectors: of softmax(z), of \hat y = X w."""
    return any(_has_all_rows(book, key) or (not _counts_rows(x) and _is_vector(book, key)) for key in keys)


_DESIGN = {Key("X"), Key("Phi"), Key("all x")}
"""Matrices that have an example in each row, where they stand before the weights: X w."""


def _has_all_rows(book: Book, key: Key) -> bool:
    products = (x for body in _behind_name(book, key)[1] for x in walk(body) if isinstance(x, Product))
    return any(isinstance(x.factors[0], Name) and x.factors[0].key in _DESIGN for x in products)


def _behind_name(book: Book, key: Key) -> tuple[set[str], list[Node]]:
    """The letters that a name is computed from, and the formulas that say how."""
    bases, size = {key.base}, 0
    while len(bases) > size:
        size = len(bases)
        bodies = [d.body for d in book.definitions() if d.key.base in bases]
        bases |= {name.key.base for body in bodies for name in names_in(body)}
    return bases, bodies


def _is_vector(book: Book, key: Key) -> bool:
    """Whether what a name is computed from has a softmax of a vector, or a matrix times a vector, in it."""
    bases, bodies = _behind_name(book, key)
    units = [d for base in bases for above in (0, 1) for d in book.templates.get((base, 1, above), ())]
    if book.vectors and any(has_weights(d.body) for d in units):
        return True  # z_i = sum_j w_ij x_j: z is the vector of all units
    return any(_makes_vector(x, book) for body in bodies for x in walk(body))


_MATRICES = {"W", "U", "V", "A", "Theta"}


def _makes_vector(x: Node, book: Book) -> bool:
    if isinstance(x, Apply) and x.name.key.base in ("softmax", "Softmax"):
        of = [name.key for name in names_in(x.arguments[0])]
        return all(is_constant(index) for key in of for index in _entry_indices(key, book))
    if not isinstance(x, Product) or len(x.factors) != 2:
        return False
    a, b = x.factors
    return bool(
        isinstance(a, Name) and isinstance(b, Name)
        and (a.key.base in _MATRICES or (a.key.base == "w" and a.key.above and b.key.above))
        and b.key.base.islower() and not a.key.below[1:] and not b.key.below[1:]
        and (not (entries := _entry_indices(b.key, book)) or all(map(is_constant, a.key.below + entries)))
    )  # fmt: skip


def _entry_indices(key: Key, book: Book) -> tuple[Index, ...]:
    """The lower indices of a name that do not number steps, as t does in h_t of h_{t-1}."""
    return tuple(i for p, i in enumerate(key.below) if (key.base, "below", p) not in book.sequences)


def _size_of_rows(book: Book, chains: Sequence[Chain]) -> None:
    """A letter that a sum over rows goes up to is the number of rows."""
    for chain in chains:
        for node in chain.nodes:
            for x in walk(node) if node is not None else ():
                if isinstance(x, SumOver) and isinstance(x.high, Name) and not x.high.key.below:
                    for name in names_in(x.body):
                        if name.key.base in book.row_slots and x.index in name.key.letters:
                            book.sizes["symbol", x.high.key.base] = book.rows
                            if book.rows == ROWS:
                                book.counted |= {"rows", ("symbol", x.high.key.base), ("letter", x.index)}


def _find_rows_in_claims(book: Book, chains: Sequence[Chain]) -> None:
    """A sum over a_i where a is what the notes define: i is the row."""
    for chain in chains:
        for node in chain.nodes:
            for x in walk(node) if node is not None else ():
                if not isinstance(x, SumOver):
                    continue
                indexed = [n.key for n in names_in(x.body) if x.index in n.key.letters]
                if any(len(key.below) == 2 and key.base in _WEIGHTS for key in indexed):
                    continue  # the entries of W x
                rows = [
                    key
                    for key in indexed
                    if book.is_defined(_stripped(key, x.index))
                    and not key.base.startswith("d ")
                    and _slot(key, x.index) is not None
                    and not _has_own(book, key)
                ]
                of_event = bool(rows) and rows[0].base.endswith("|")  # P(y_i = k | x_i) has the index k, too
                if not rows or len(rows[0].below) + len(rows[0].above) != 1 + of_event:
                    continue
                if _adds_entries(x, [_stripped(key, x.index) for key in rows], book):
                    continue
                for key in indexed:
                    book.row_slots.setdefault(key.base, _slot(key, x.index) or "last")
                if not book.rows:
                    book.rows = ROWS
                    if isinstance(x.high, Name):
                        book.sizes[("symbol", x.high.key.base)] = ROWS


def _find_rows_behind(book: Book) -> None:
    r"""J = \sum_i e_i^2, e_i = y_i - \hat y_i, where \hat y is defined for one row: i is the row."""
    for x in [x for d in book.definitions() for x in walk(d.body) if isinstance(x, SumOver)]:
        named = [key for key in _behind(book, x) if len(key.below) + len(key.above) == 1]
        plain = [_stripped(key, x.index) for key in named if not _has_own(book, key)]
        plain = [key for key in plain if book.is_defined(key)]
        if not (plain and _counts_rows(x)) or any(
            _is_vector(book, k) or _has_all_rows(book, k) for k in plain
        ):
            continue
        for key in named:
            if not _has_own(book, key):
                book.row_slots.setdefault(key.base, _slot(key, x.index) or "last")
        book.rows = book.rows or ROWS
        if isinstance(x.high, Name):
            book.sizes.setdefault(("symbol", x.high.key.base), book.rows)


def _behind(book: Book, x: SumOver) -> list[Key]:
    """What stands in a sum with its index, and in the definitions of that."""
    found = []
    for name in names_in(x.body):
        if x.index in name.key.letters:
            found.append(name.key)
            for d in book.templates.get((name.key.base, len(name.key.below), len(name.key.above)), ()):
                if len(d.key.letters) == 1:
                    (letter,) = d.key.letters
                    found += [
                        _renamed(n.key, letter, x.index) for n in names_in(d.body) if letter in n.key.letters
                    ]
    return found


def _renamed(key: Key, letter: str, new: str) -> Key:
    def index(i: Index) -> Index:
        return i._replace(letter=new) if i.letter == letter else i

    return key._replace(below=tuple(map(index, key.below)), above=tuple(map(index, key.above)))


def _has_own(book: Book, key: Key) -> bool:
    """Whether a name with an index has a definition of its own, whichever the number."""
    return book.is_defined(key._replace(below=tuple(map(_one, key.below)), above=tuple(map(_one, key.above))))


def _find_inputs_of_rows(book: Book, chains: Sequence[Chain]) -> None:
    r"""\sum_i (y_i - (m x_i + b))^2, where \hat y = m x + b and y_i is of row i: so is x_i."""
    for chain in chains:
        for node in chain.nodes:
            for x in walk(node) if node is not None else ():
                if not isinstance(x, SumOver):
                    continue
                indexed = _behind(book, x)
                if not any(key.base in book.row_slots for key in indexed):
                    continue
                for key in indexed:
                    plain, slot = _stripped(key, x.index), _slot(key, x.index)
                    one_index = len(key.below) + len(key.above) == 1
                    if one_index and slot and plain in book.mentioned_in_definitions:
                        book.row_slots.setdefault(key.base, slot)


def find_pattern_index(book: Book) -> None:
    """E_n and y_{nk}, where y_k is what the notes define: n numbers the rows, unless it numbers weights."""
    weights = [key for key in book.mentioned if key.base in _WEIGHTS and len(key.below) == 2]
    units = set().union(*(key.letters for key in weights))
    raised: dict[str, bool] = {}  # whether the letter of a row stands above
    for key in sorted(book.mentioned, key=lambda key: (key.base == "delta", str(key))):
        if len(key.below) + len(key.above) < 2 or book.is_defined(key):
            continue
        if key.base == "delta" and len(key.below) == 2 and key.letters.isdisjoint(book.row_letters):
            continue  # Kronecker's
        if key.base.startswith("d ") and book.is_defined(key._replace(base=key.base[2:])):
            continue
        for letter in sorted(key.letters):
            plain = _stripped(key, letter)
            slot = _slot(key, letter)
            if (
                letter not in "nimpr"
                or letter in units
                or slot is None
                or not book.is_defined(plain)
                or plain == key
            ):
                continue
            if slot != "above" and _is_vector(book, plain):
                continue
            book.row_slots.setdefault(key.base, slot)
            book.row_letters.add(letter)
            raised.setdefault(letter, slot == "above")
            book.rows = book.rows or ROWS
    for key in book.mentioned if book.row_letters else ():
        for side, indices in (("below", key.below), ("above", key.above)):
            for place, index in enumerate(indices):
                if index.letter in book.row_letters:
                    book.sizes[key.base, side, place] = book.sizes["letter", index.letter] = book.rows
    for letter in sorted(book.row_letters):
        for definition in book.definitions():
            slot = _slot(definition.key, letter)
            if slot is not None:
                book.remove(definition)
                whole = _stripped(definition.key, letter)
                key = whole._replace(base=f"{whole.base} of a row")
                book.define(replace(definition, key=key))
                book.row_slots.setdefault(whole.base, slot)
                book.row_bases[whole.base] = key.base
                if book.loss == definition.key:
                    book.loss = key
                if whole in book.mentioned and not book.is_defined(whole):
                    total = SumOver(
                        0, 0, "sum", letter, None, Number(0, 0, str(book.rows)), Name(0, 0, definition.key)
                    )
                    book.define(Definition(whole, total, 0, "convention"))
        for key in sorted(book.mentioned, key=str):
            slot = _slot(key, letter)
            if (
                slot is not None
                and key.base in TARGETS | INPUTS
                and raised.get(letter) in (None, slot == "above")
            ):
                book.row_slots.setdefault(key.base, slot)


def find_row_letters(book: Book) -> None:
    """o_1 = w_1 x_{i1}: an index that only one side has says which row is meant."""
    for definition in book.definitions():
        for letter in sorted(free_letters(definition.body) - definition.key.letters):
            found = [n.key for n in names_in(definition.body) if letter in n.key.letters]
            if any(book.is_defined(key) for key in found):
                continue  # a unit of a family
            if (
                letter not in "ijknmrspqt"
                or book.is_defined(Key(letter))
                or any(key.base in _WEIGHTS for key in found)
            ):
                continue
            for key in found:
                slot = _slot(key, letter)
                if slot is not None and not book.is_defined(_stripped(key, letter)):
                    book.row_slots.setdefault(key.base, slot)
                    book.row_letters.add(letter)
                    book.rows = book.rows or 2


def _one(index: Index) -> Index:
    return Index("", 1 + index.number) if index.letter and len(index.letter) == 1 else index


def _stripped(key: Key, letter: str) -> Key:
    return key._replace(
        below=tuple(i for i in key.below if i.letter != letter),
        above=tuple(i for i in key.above if i.letter != letter),
    )


def _slot(key: Key, letter: str) -> str | None:
    if any(i.letter == letter for i in key.above):
        return "above"
    if key.below and key.below[0].letter == letter:
        return "first"
    if key.below and key.below[-1].letter == letter:
        return "last"
    return None
