"""Which names may be vectors and matrices, and the shapes that each may have, by the letters people use."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence, Set

from ..meaning.syntax import (
    DIRECTION,
    Apply,
    Entry,
    Key,
    Name,
    Node,
    Power,
    Product,
    Quotient,
    Shape,
    SumOver,
    Transposed,
    names_in,
    quantities_in,
    same_form,
    walk,
)
from ..meaning.syntax import Table as TableNode
from ..meaning.world import IDENTITY
from .book import ROWS, UNITS, Book, shape_name

__all__ = [
    "Size",
    "candidates",
    "evidence",
    "is_parameter",
    "put_examples_in_rows",
    "squares",
    "unknown_shapes",
]

Size = tuple[int, int]

U, N = UNITS, ROWS
_WEIGHTS = set("WUVPQKER") | {"Theta"}
_DATA = set("XZAHYDSGOT") | {"Phi", "Psi"}
_VECTORS = set("xhazyotspguvqdrfce") | {"hat y", "delta", "phi", "mu", "theta", "beta", "psi", "xi"}


def candidates(base: str, forced: bool) -> list[Size]:
    """The shapes that a name may have, the likeliest first."""
    base = base.rstrip("^_")
    stem = base.split(" ")[-1].rstrip("'")
    if base == IDENTITY.base:
        return [(U, U), (N, N), (1, 1)]
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
    elif forced and stem[:1].isupper():
        return [(U, N), (N, U), (U, U), (U, 1), (1, 1)]
    else:
        shapes = []
    return shapes if forced and shapes else [*shapes, (1, 1)]


def is_parameter(base: str) -> bool:
    """Whether a letter is one of weights or biases."""
    return base.rstrip("^_") in _WEIGHTS | {"w", "b", "c"}


def evidence(nodes: Iterable[Node]) -> tuple[bool, set[str]]:
    """Whether the notes are about vectors, and which names surely are none of one entry."""
    nodes = list(nodes)
    found, forced = _has_matrices(nodes), set()
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
                    alone = name is x.arguments[0] and name.key.base.islower()  # diag(s)
                    if not name.key.below and (alone or x.name.key.base != "diag"):
                        forced.add(shape_name(name.key))
            elif isinstance(x, Quotient) and (classes := _classes(x)) is not None:
                found = found or any(
                    key.base == classes.base and key.above and not key.below
                    for key in (name.key for other in nodes for name in quantities_in(other))
                )  # e^{z_j^L} / sum_k e^{z_k^L}, where z^l is a vector
            elif isinstance(x, Apply) and x.name.key.base == "tr":
                found = True
                forced |= {shape_name(n.key) for n in names_in(x) if n.key.base.isupper() and not n.key.below}
            elif isinstance(x, Entry):
                found = True
            elif isinstance(x, Product) and (last := _end_of_form(x)) is not None:
                forced.add(shape_name(last.key))
    return found, forced


def _classes(x: Quotient) -> Key | None:
    """The z_k^L of a softmax of the last layer that is spelled out."""
    power = x.under.body if isinstance(x.under, SumOver) else None
    if not isinstance(power, Apply) or power.name.key.base != "exp":
        return None
    of = power.arguments[0]
    return of.key if isinstance(of, Name) and of.key.below and of.key.above else None


def _has_matrices(nodes: Sequence[Node]) -> bool:
    """Whether entries stand somewhere of what is a matrix or a vector elsewhere.

    That is W_{kj}, where W h is a product; or z_k^{(2)}, where z^{(2)} is W^{(2)} h.
    """
    names = [name.key for node in nodes for name in quantities_in(node)]
    entries = {
        (key.base, len(key.below), key.above)
        for key in names
        if key.below and all(len(index.letter) == 1 for index in key.below)
    }
    bare = {key for key in names if not key.below}
    layered = any((key.base, 1, key.above) in entries for key in bare if key.above and key.base.islower())
    for node in nodes:
        for x in walk(node):
            for f in x.factors if isinstance(x, Product) else ():
                key = f.key if isinstance(f, Name) else Key("")
                has_entries = (key.base, 2, key.above) in entries or (layered and bool(key.above))
                if key.base.isupper() and not key.below and has_entries:
                    return True
    return False


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


def squares(nodes: Iterable[Node]) -> tuple[dict[str, str], set[str]]:
    """Names of matrices that must be square, as in `tr A` and `x^T A x`, and that may be, as in `a^T X b`.

    With the first goes the vector, if there is one: A has as many rows as x.
    """
    certain: dict[str, str] = {}
    likely = set()
    for node in nodes:
        for x in walk(node):
            if isinstance(x, Apply) and x.name.key.base == "tr" and isinstance(x.arguments[0], Name):
                certain.setdefault(shape_name(x.arguments[0].key), "")
            elif isinstance(x, Product) and len(x.factors) == 3 and isinstance(x.factors[0], Transposed):
                left, right = x.factors[0].body, x.factors[2]
                middle = x.factors[1].body if isinstance(x.factors[1], Transposed) else x.factors[1]
                if isinstance(middle, Name) and _is_matrix(middle):
                    if same_form(left, right):
                        by = shape_name(left.key) if isinstance(left, Name) else ""
                        certain[shape_name(middle.key)] = by
                    elif all(isinstance(side, Name) and side.key.base.islower() for side in (left, right)):
                        likely.add(shape_name(middle.key))
    return certain, likely - certain.keys()


def _is_matrix(name: Name) -> bool:
    return len(name.key.base) == 1 and name.key.base.isupper()


def unknown_shapes(book: Book, nodes: Sequence[Node], forced: Set[str] = frozenset()) -> list[str]:
    """Letters that stand without an index somewhere and are not defined."""
    counts: dict[str, int] = {}
    numbers = _under_roots(nodes)
    examples = _examples(nodes)
    layered = _layered_below(nodes, book) | examples
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
                or key in numbers
                or shape_name(key) in book.shapes
                or str(key) in book.shapes
            ):
                continue
            if not key.above and (base, "above", 0) in book.sequences:
                continue  # the last layer is meant
            slots = {(base, places, len(key.above)) for places in (1, 2)}
            of_rows = base in book.row_slots and f"{base}_" in examples  # x beside the x_i of w^T x_i
            if slots & book.indexed and not of_rows and shape_name(key) not in examples:
                continue
            if _is_start(key, book):
                counts[shape_name(key)] = counts.get(shape_name(key), 0) + 1  # a^0 is where it begins
                continue
            if (
                book.is_defined(key)
                or book.is_defined(key._replace(tag=""))
                or (base.islower() and book.is_defined(key._replace(base=book.lookalikes.get(base, base))))
                or base.startswith(("d ", "Delta ", DIRECTION))
            ):
                continue
            if ("symbol", base) in book.sizes or any(b == base and not n for b, n, _ in book.templates):
                continue
            counts[shape_name(key)] = counts.get(shape_name(key), 0) + 1
    return sorted(
        (b for b in counts if len(candidates(b, False)) > 1 or b in forced), key=lambda b: -counts[b]
    )[:9]


def put_examples_in_rows(book: Book, unknown: Sequence[str], options: Sequence[list[Size]]) -> None:
    """Try first what the entries S_{ik} of S = X W + b say, that has a row for each example."""
    for base in sorted({base for base, slots, _ in book.indexed if slots == 2 and Key(base) in book.exact}):
        examples, columns = (book.sizes.get((base, "below", place), 1) for place in (0, 1))
        if examples == 1 or columns in (1, examples):
            continue
        own = {shape_name(name.key) for name in names_in(book.exact[Key(base)].body)}
        if any(is_parameter(name) and name[-1] in "_^" for name in own):  # all layers have as many units
            columns = UNITS
            _resize(book, base, 1, UNITS)
        for name, may_be in zip(unknown, options, strict=True):
            if (ROWS, UNITS) in may_be:
                may_be.insert(0, (examples, UNITS))
            elif is_parameter(name) and name in own:
                may_be.insert(0, (UNITS if (UNITS, UNITS) in may_be else 1, columns))


def _resize(book: Book, base: str, place: int, size: int) -> None:
    """Let an index of a name run through so many, and with it those that are the same letter in a formula."""
    book.sizes[base, "below", place] = size
    definitions = book.definitions()
    for definition in definitions:
        keys = [definition.key, *(name.key for name in names_in(definition.body))]
        letters = {key.below[place].letter for key in keys if key.base == base and len(key.below) > place}
        for letter in letters - {""}:
            book.sizes["letter", letter] = size
            for key in keys:
                for other, index in enumerate(key.below):
                    if index.letter == letter and book.sizes.get((key.base, "below", other)) != size:
                        _resize(book, key.base, other, size)


def _examples(nodes: Sequence[Node]) -> set[str]:
    """Names whose lower index numbers vectors: x_i of w^T x_i and of x_i^T w, u_o and v_c of u_o^T v_c."""
    found = set()
    for node in nodes:
        for x in walk(node):
            for a, b in itertools.pairwise(x.factors) if isinstance(x, Product) else ():
                if isinstance(a, Transposed) and isinstance(a.body, Name) and isinstance(b, Name):
                    pair = sorted((a.body.key, b.key), key=lambda key: len(key.below))
                    letters = [i.letter for i in pair[1].below]
                    if not pair[0].below and len(letters) == 1 and letters[0] in tuple("ijkmnpqs"):
                        found.add(shape_name(pair[1]))
                    elif all(len(key.below) == 1 and key.below[0].letter for key in pair):
                        found |= set(map(shape_name, pair))
    return found


def _under_roots(nodes: Sequence[Node]) -> set[Key]:
    r"""Names of which a root is taken, and which are numbers then: d of \sqrt{d}."""
    powers = [x for node in nodes for x in walk(node) if isinstance(x, Power)]
    return {x.base.key for x in powers if isinstance(x.base, Name) and isinstance(x.exponent, Quotient)}


def _is_start(key: Key, book: Book) -> bool:
    """Whether it is of the layer or step before: a^{l-1} begins with a^0, which is computed from nothing."""
    return any(
        index.number < 0 and (key.base, side, 0) in book.sequences
        for side, indices in (("above", key.above), ("below", key.below))
        for index in indices[:1]
    )


def _layered_below(nodes: Sequence[Node], book: Book) -> set[str]:
    """Names whose lower index is the number of a layer or of a step: capitals, what is transposed, x_t."""
    found, entries = set(), set()
    for node in nodes:
        for x in walk(node):
            if isinstance(x, Transposed) and isinstance(x.body, Name) and len(x.body.key.below) == 1:
                found.add(shape_name(x.body.key))
            elif isinstance(x, Name) and len(x.key.below) == 1:
                if (x.key.base, "below", 0) in book.sequences and x.key.base in _VECTORS:
                    found.add(shape_name(x.key))
                elif len(x.key.below[0].letter) == 1 and x.key.below[0].letter not in "lL":
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
