"""What the notes leave to custom: which quantity is the loss, what differs from row to row, what y is.

A convention that is used is announced in the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..judging.deciding import free_letters
from ..meaning.chains import Chain
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    Apply,
    Derivative,
    Index,
    Key,
    Name,
    Node,
    Number,
    Product,
    Quotient,
    SumOver,
    Transposed,
    names_in,
    parts,
    walk,
)
from ..meaning.vocabulary import FUNCTIONS, INPUTS, LOSSES, TARGETS
from .book import ROWS, Book, Definition, is_constant
from .entries import has_weights

__all__ = [
    "definitions_of", "find_conventions", "find_fixed_indices",
    "find_lookalikes", "find_loss", "find_pattern_index", "find_rows", "find_sums_to_one", "find_symmetric",
    "has_examples_in_columns",
]  # fmt: skip


_WEIGHTS = {"w", "W", "b", "theta", "omega", "V", "U", "u", "v", "beta"}


def find_loss(book: Book, chains: Sequence[Chain]) -> None:
    """The loss: what most is differentiated of, and nothing else is computed from."""
    if book.loss is not None:
        return
    counts: Counter[Key] = Counter()
    for chain in chains:
        for node in chain.nodes:
            if node is None:
                continue
            for x in walk(node):
                if isinstance(x, Derivative) and isinstance(x.output, Name):
                    counts[x.output.key._replace(tag="")] += 1
    used = {
        name.key
        for definition in definitions_of(book)
        for name in names_in(definition.body)
        if not any(isinstance(x, Derivative) for x in walk(definition.body))
    }

    def rank(key: Key) -> tuple[int, ...]:
        letter = key.base in LOSSES
        return (letter and key not in used, letter, key not in used, counts[key])

    candidates = [key for key in {**counts, **book.exact} if book.is_defined(key) and not key.tag]
    candidates = [
        key
        for key in candidates
        if (key.base in LOSSES and not (key.base in ("S", "Q", "U", "R", "H", "l") and key in used))
        or counts[key] > 1
    ]
    if candidates:
        best = max(candidates, key=rank)
        unsaid = (n for key, n in counts.items() if key.base in LOSSES and not book.is_defined(key))
        if best.base not in LOSSES and max(unsaid, default=0) > counts[best]:
            return  # dE/dc_t = dE/dh_t dh_t/dc_t, where nothing is said of E
        if best.base in LOSSES or best not in used:
            book.loss = best


def definitions_of(book: Book) -> list[Definition]:
    """All definitions of the book."""
    return [*book.exact.values(), *(d for found in book.templates.values() for d in found)]


def find_rows(book: Book, chains: Sequence[Chain]) -> None:
    """Whether a loss is summed over rows of quantities that are defined for one row, without an index."""
    for definition in definitions_of(book):
        for x in walk(definition.body):
            if not isinstance(x, SumOver):
                continue
            named = list(names_in(x.body))
            indexed = [n for n in named if any(i.letter == x.index for i in n.key.below + n.key.above)]
            unindexed = {_stripped(n.key, x.index) for n in indexed}
            if not any(
                book.is_defined(key) or (key.base.startswith("hat ") and key in book.mentioned)
                for key in unindexed
            ):
                continue
            if not _counts_rows(x) and any(_is_vector(book, key) for key in unindexed):
                continue  # p_i is an entry of p = softmax(z)
            if any(
                book.is_defined(
                    n.key._replace(below=tuple(map(_one, n.key.below)), above=tuple(map(_one, n.key.above)))
                )
                for n in indexed
            ):
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
    find_row_letters(book)
    _find_rows_in_claims(book, chains)
    if book.rows:
        _size_of_rows(book, chains)
        letters = set(book.row_slots)
        book.row_leaves |= letters
        for key in book.mentioned:
            if key.base in INPUTS | TARGETS or key.base in letters:
                book.row_leaves.add(key.base)


def _counts_rows(x: SumOver) -> bool:
    return isinstance(x.high, Name) and x.high.key.base in ("n", "m", "N")


def _is_vector(book: Book, key: Key) -> bool:
    """Whether what a name is computed from has a softmax of a vector, or a matrix times a vector, in it."""
    bases, size = {key.base}, 0
    while len(bases) > size:
        size = len(bases)
        bodies = [d.body for d in definitions_of(book) if d.key.base in bases]
        bases |= {name.key.base for body in bodies for name in names_in(body)}
    units = [d for base in bases for above in (0, 1) for d in book.templates.get((base, 1, above), ())]
    if book.vectors and any(has_weights(d.body) for d in units):
        return True  # z_i = sum_j w_ij x_j: z is the vector of all units
    return any(_makes_vector(x, book) for body in bodies for x in walk(body))


def has_examples_in_columns(book: Book) -> bool:
    """Whether weights stand left of the data: W X, not X W."""
    return any(
        isinstance(x, Product)
        and len(x.factors) == 2
        and all(isinstance(f, Name) for f in x.factors)
        and x.factors[0].key.base == "W"  # type: ignore[attr-defined]
        and x.factors[1].key.base in ("X", "A", "H")  # type: ignore[attr-defined]
        for d in definitions_of(book)
        for x in walk(d.body)
    )


_MATRICES = {"W", "U", "V", "A", "Theta"}


def _makes_vector(x: Node, book: Book) -> bool:
    if isinstance(x, Apply) and x.name.key.base in ("softmax", "Softmax"):
        return isinstance(x.arguments[0], Name) and not _entry_indices(x.arguments[0].key, book)
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
                rows = [
                    key
                    for key in indexed
                    if book.is_defined(_stripped(key, x.index))
                    and not key.base.startswith("d ")
                    and _slot(key, x.index) is not None
                    and not book.is_defined(
                        key._replace(below=tuple(map(_one, key.below)), above=tuple(map(_one, key.above)))
                    )
                ]
                if not rows or len(rows[0].below) + len(rows[0].above) != 1:
                    continue
                if not _counts_rows(x) and any(_is_vector(book, _stripped(key, x.index)) for key in rows):
                    continue
                for key in indexed:
                    book.row_slots.setdefault(key.base, _slot(key, x.index) or "last")
                if not book.rows:
                    book.rows = ROWS
                    if isinstance(x.high, Name):
                        book.sizes[("symbol", x.high.key.base)] = ROWS


def find_pattern_index(book: Book) -> None:
    """E_n and y_{nk}, where y_k is what the notes define: n numbers the rows."""
    for key in sorted(book.mentioned, key=lambda key: key.base == "delta"):
        if len(key.below) + len(key.above) < 2 or book.is_defined(key):
            continue
        if key.base == "delta" and len(key.below) == 2 and key.letters.isdisjoint(book.row_letters):
            continue  # Kronecker's
        if key.base.startswith("d ") and book.is_defined(key._replace(base=key.base[2:])):
            continue
        for letter in key.letters:
            plain = _stripped(key, letter)
            slot = _slot(key, letter)
            if letter not in "nimpr" or slot is None or not book.is_defined(plain) or plain == key:
                continue
            if slot != "above" and _is_vector(book, plain):
                continue
            book.row_slots.setdefault(key.base, slot)
            book.row_letters.add(letter)
            book.rows = book.rows or ROWS
    for key in book.mentioned if book.row_letters else ():
        for side, indices in (("below", key.below), ("above", key.above)):
            for place, index in enumerate(indices):
                if index.letter in book.row_letters:
                    book.sizes[key.base, side, place] = book.sizes["letter", index.letter] = book.rows
    for letter in book.row_letters:
        for definition in definitions_of(book):
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
        for key in book.mentioned:
            slot = _slot(key, letter)
            if slot is not None and key.base in TARGETS | INPUTS:
                book.row_slots.setdefault(key.base, slot)


def find_fixed_indices(book: Book) -> None:
    """L = -log p_c: an index that is never bound is one unit, the same everywhere."""
    for definition in definitions_of(book):
        for letter in free_letters(definition.body) - definition.key.letters - book.row_letters:
            family = any(book.is_defined(n.key) for n in names_in(definition.body) if letter in n.key.letters)
            book.sizes.setdefault(("index", letter), 2 if family else 101 + len(book.fixed))
            book.fixed.add(letter)


def find_row_letters(book: Book) -> None:
    """o_1 = w_1 x_{i1}: an index that only one side has says which row is meant."""
    for definition in definitions_of(book):
        letters = free_letters(definition.body) - definition.key.letters
        for letter in letters:
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


def find_conventions(book: Book, chains: Sequence[Chain]) -> None:
    """What the notes leave to custom: the prediction is the last unit's output, y depends on nothing."""
    mentioned_in = {n.key for d in definitions_of(book) for n in names_in(d.body)}
    book.mentioned_in_definitions = {_concrete(k) for k in mentioned_in}
    predictions = [
        key
        for key in mentioned_in
        if (key.base.startswith("hat ") or (key.below and key.below[-1].letter in ("pred", "hat", "output")))
        and not book.is_defined(key) and not key.letters - {"pred", "output"}
    ]  # fmt: skip
    if book.loss is not None:
        loss = book.definition(book.loss)
        in_loss = {n.key for n in names_in(loss[0].body)} if loss is not None else set()
        elsewhere = {n.key for d in definitions_of(book) if d.key != book.loss for n in names_in(d.body)}
        predictions = [key for key in predictions if key in in_loss and key not in elsewhere]
    if predictions and book.loss is not None:
        ends = [
            d for d in definitions_of(book)
            if d.key not in mentioned_in and d.key != book.loss and not d.key.tag and d.origin != "update"
            and d.key.base not in LOSSES and d.key.base not in ("delta", "A", "Delta") and not d.key.letters
            and not any(isinstance(x, Derivative) for x in walk(d.body))
        ]  # fmt: skip
        if len(ends) == 1 and len(predictions) == 1:
            book.define(Definition(predictions[0], Name(0, 0, ends[0].key), 0, "convention"))
            book.announce(
                f"${latex_of(predictions[0])}$ is the output of the last unit, ${latex_of(ends[0].key)}$"
            )
    for key in book.mentioned:
        if key.base in TARGETS and not book.is_defined(key) and key.base not in set(book.bases()):
            book.targets.add(key.base)


def find_sums_to_one(book: Book) -> None:
    """The targets of a cross-entropy over several classes are a distribution."""
    softmaxes = any(
        (isinstance(x, Apply) and x.name.key.base in ("softmax", "Softmax"))
        or (isinstance(x, Quotient) and isinstance(x.under, SumOver) and "exp" in _functions(x.under.body))
        for body in [
            *(d.body for d in definitions_of(book)),
            *(f.body for found in book.functions.values() for f in found),
        ]
        for x in walk(body)
    )
    if not softmaxes:
        return
    for definition in definitions_of(book):
        for x in walk(definition.body):
            if isinstance(x, SumOver) and {"log", "ln"} & _functions(x.body):
                _add_up_to_one(book, names_in(x.body))
            elif isinstance(x, Product) and not {"odot"} & set(x.signs) and _has_logarithm(x):
                transposed = (f.body if isinstance(f, Transposed) else f for f in x.factors)
                _add_up_to_one(book, (f for f in transposed if isinstance(f, Name) and not f.key.below))
            elif isinstance(x, Apply) and x.name.key.base == "inner" and _has_logarithm(x):
                _add_up_to_one(book, (f for f in x.arguments if isinstance(f, Name)))


def find_symmetric(book: Book, chains: Sequence[Chain]) -> None:
    """The matrix of a quadratic form, x^T A x, is symmetric unless the notes have its transpose somewhere."""
    nodes = [*(node for chain in chains for node in chain.nodes if node is not None)]
    inside = [x for node in nodes for x in walk(node)]
    transposed = {x.body.key for x in inside if isinstance(x, Transposed) and isinstance(x.body, Name)}
    for x in inside:
        for a, b, c in (
            zip(x.factors, x.factors[1:], x.factors[2:], strict=False) if isinstance(x, Product) else ()
        ):
            if not (isinstance(a, Transposed) and isinstance(a.body, Name) and isinstance(b, Name)):
                continue
            form = (
                isinstance(c, Name) and a.body.key == c.key and c.key.base.islower() and b.key.base.isupper()
            )
            if form and not book.is_defined(b.key) and {b.key} - transposed and {b.key.base} - book.symmetric:
                book.symmetric.add(b.key.base)
                book.announce(f"${latex_of(b.key)}$ is symmetric")


def _has_logarithm(node: Node) -> bool:
    return any(isinstance(x, Apply) and x.name.key.base in ("log", "ln") for x in parts(node))


def _add_up_to_one(book: Book, names: Iterable[Name]) -> None:
    for name in names:
        if name.key.base in book.targets and name.key.base not in book.sums_to_one:
            book.sums_to_one.add(name.key.base)
            book.announce(f"the targets ${name.key.base}$ of all classes add up to 1")


def _functions(node: Node) -> set[str]:
    return {x.name.key.base for x in walk(node) if isinstance(x, Apply)}


def _concrete(key: Key) -> Key:
    return key


def find_lookalikes(book: Book, chains: Sequence[Chain]) -> None:
    """A letter that is never defined where its twin is: capital for small, omega for w, zero for O."""
    defined = set(book.bases())
    leaves = {n.key.base for d in definitions_of(book) for n in names_in(d.body)} - defined
    matrices = {name for name in book.stated if 1 not in book.shapes[name]}
    for base in {key.base for key in book.mentioned} - defined - leaves - book.rates - FUNCTIONS:
        for other in twins(base):
            if base in matrices and (other, 2, 0) not in book.indexed:
                continue  # X, which is said to be a matrix, is no x
            if other in defined or other in leaves:
                book.lookalikes[base] = other
                break


_TWINS = [("w", "omega"), ("y", "gamma"), ("O", "0"), ("o", "0"), ("v", "nu"), ("x", "chi")]


def twins(base: str) -> list[str]:
    """Names that look or sound alike."""
    accent, _, letter = base.rpartition(" ")
    stem = letter.rstrip("'")
    marks = letter[len(stem) :]
    found = []
    if len(stem) == 1:
        found.append(stem.swapcase())
    for pair in _TWINS:
        if stem in pair:
            found.append(pair[1 - pair.index(stem)])
    return [f"{accent} {x}{marks}" if accent else x + marks for x in found]
