"""Examples as columns of matrices: a^{(i)} of a loss that is summed over examples is column i of A."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..meaning.chains import Chain
from ..meaning.syntax import Apply, Entry, Index, Key, Name, Node, SumOver, names_in, walk
from .book import Book, Definition

__all__ = ["tie_columns"]


def tie_columns(book: Book, chains: Sequence[Chain]) -> bool:
    """Say of which matrices the quantities of one example are columns, where the notes have both."""
    loss = book.exact.get(book.loss) if book.loss is not None else None
    if loss is None:
        return False
    letters = {
        x.index
        for x in walk(loss.body)
        if isinstance(x, SumOver) and isinstance(x.high, Name) and x.high.key.base in ("m", "n", "N", "M")
    }
    mentioned = {
        name.key for chain in chains for node in chain.nodes if node is not None for name in names_in(node)
    }
    in_loss = {name.key for name in names_in(loss.body)}
    found: dict[Key, tuple[Key, Index]] = {}
    for letter in letters:
        index = Index(letter)
        for key in sorted(mentioned):
            if index not in key.above or key.below:
                continue
            plain = key._replace(above=tuple(i for i in key.above if i != index))
            if plain.base.startswith("d ") and not book.is_defined(plain):
                plain = plain._replace(base=plain.base[2:])
            matrix = _matrix(book, plain, mentioned)
            again = book.is_defined(key) and not (matrix is not None and book.is_defined(matrix))
            if matrix is not None and not again:
                found[plain._replace(above=key.above)] = matrix, index
    if not any(key in in_loss and book.is_defined(matrix) for key, (matrix, _) in found.items()):
        return False  # X alone may have the examples in its rows
    for key, (matrix, index) in found.items():
        for definition in list(book.templates.get((key.base, 0, len(key.above)), ())):
            if definition.key == key:
                book.remove(definition)  # said of one example, and then of all of them
        place = Name(0, 0, Key(f"column of {matrix}", (index,)))
        book.define(Definition(key, Entry(0, 0, Name(0, 0, matrix), place), 0, "convention"))
    # with several units the loss is that of all of them
    body: Node = Apply(0, 0, Name(0, 0, Key("sum")), (loss.body,))
    book.define(replace(loss, body=body))
    return True


def _matrix(book: Book, plain: Key, mentioned: set[Key]) -> Key | None:
    """The matrix whose columns are meant: A of a, of the last layer where none is said."""
    if plain.base.startswith("d "):
        return plain
    bases = {plain.base, plain.base.upper()} if len(plain.base) == 1 else {plain.base}
    for base in sorted(bases, key=str.islower):
        key = plain._replace(base=base)
        if base.isupper() and (book.is_defined(key) or (key in mentioned and base in ("X", "Y", "T"))):
            return key
        layers = [
            k for k in book.exact if k.base == base and base.isupper() and len(k.above) == 1 and not k.below
        ]
        if layers and not plain.above and all(not k.above[0].letter for k in layers):
            return max(layers, key=lambda k: k.above[0].number)
    return None
