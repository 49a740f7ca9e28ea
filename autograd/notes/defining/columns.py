"""Examples as columns of matrices: a^{(i)} of a loss that is summed over examples is column i of A."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..meaning.chains import Chain
from ..meaning.syntax import (
    Apply,
    Derivative,
    Entry,
    Index,
    Key,
    Name,
    Node,
    Number,
    Product,
    Quotient,
    SumOver,
    mapped,
    names_in,
    quantities_in,
    walk,
)
from ..meaning.vocabulary import LOSSES
from .book import COUNTS, ROWS, Book, Definition
from .loss_by_slope import means

__all__ = [
    "count_examples", "count_slopes", "counts_of_examples", "find_batch", "is_of_one_example",
    "shape_of_one", "tie_columns",
]  # fmt: skip


def find_batch(book: Book, chains: Sequence[Chain]) -> None:
    r"""Which loss is that of the whole batch and which of one example, where the notes have both.

    `A^{[2]} = \sigma(Z^{[2]})` and a loss J that is summed over `a^{[2](i)}` are about all examples;
    `a^{[2]}` is about one of them: where the notes only write capitals, it is what they say of these.
    """
    mentioned = {
        name.key for chain in chains for node in chain.nodes if node is not None for name in names_in(node)
    }
    losses = [d for key, d in book.exact.items() if key.base in LOSSES and not key.below and not key.above]
    summed = [d for d in losses if _is_over_columns(book, d.body, mentioned)]
    if len(summed) != 1:
        return
    (batch,) = summed
    twins = {
        key.base: key.base.upper() for key in mentioned
        if len(key.base) == 1 and key.base.islower() and any(k.base == key.base.upper() for k in mentioned)
        and key.base not in ("w", "b", "l", "m", "n", "i", "j", "k")
    }  # fmt: skip
    computed = {key.base for key in book.exact if len(key.base) == 1 and key.base.isupper() and key.above}
    twins |= {base.lower(): base for base in computed | {"X", "Y"} if any(k.base == base for k in mentioned)}
    single = [
        d for d in losses
        if d is not batch and any(x.key.base in twins for x in quantities_in(d.body))
        and not any(isinstance(x, SumOver) and x.high is not None for x in walk(d.body))
    ]  # fmt: skip
    if len(single) != 1 or not any(book.is_defined(k) for k in mentioned if k.base in twins.values()):
        return
    book.loss, book.loss_of_one, book.twins = batch.key, single[0].key, twins
    capitals = {capital: small for small, capital in twins.items()}
    for key in [k for k in book.exact if k.base in capitals and not k.below]:
        small = key._replace(base=capitals[key.base])
        if not book.is_defined(small):
            body = _of_one(book.exact[key].body, capitals)
            book.define(Definition(small, body, book.exact[key].line, "convention"))


def shape_of_one(book: Book) -> None:
    """An example is a column of the matrix of all: x of X."""
    for small, capital in book.twins.items():
        whole = book.shapes.get(capital)
        if whole is not None and not book.is_defined(Key(small)):
            book.shapes[small] = whole[0], 1


def count_examples(book: Book, nodes: Iterable[Node]) -> None:
    r"""Let the m of `\frac{1}{m} dZ A^T` be how many examples the matrices have."""
    if not any(ROWS in shape for shape in book.shapes.values()):
        return
    for node in nodes:
        for x in walk(node):
            match x:
                case Quotient(over=Number(), under=Name(key=key)) if key in map(Key, COUNTS):
                    if not book.is_defined(key):
                        book.sizes.setdefault(("symbol", key.base), ROWS)


def counts_of_examples(book: Book) -> list[Node]:
    """What may be the number of examples: letters that count, and the last numbers of sums in the loss."""
    symbols = [x for x in book.sizes if isinstance(x, tuple) and len(x) == 2 and x[0] == "symbol"]
    counts = (Key(x) for x in COUNTS if not book.is_defined(Key(x)))
    named = dict.fromkeys([*(Key(str(x[1])) for x in symbols), *(book.mentioned & {*counts})])
    loss = None if book.loss is None else book.body(book.loss)
    ends = [x.high for x in walk(loss) if isinstance(x, SumOver)] if loss is not None else []
    return [*(Name(0, 0, key) for key in named), *(x for x in ends if isinstance(x, Number))]


def is_of_one_example(book: Book, chain: Chain) -> bool:
    """Whether a formula is about one example: with a and z, and without A and Z."""
    if book.loss_of_one is None:
        return False
    names = [name.key for node in chain.nodes if node is not None for name in names_in(node)]
    bases = {key.base.removeprefix("d ") for key in names if not any(i.letter for i in key.above)}
    return bool(bases & book.twins.keys()) and not bases & set(book.twins.values())


def _is_over_columns(book: Book, body: Node, mentioned: set[Key]) -> bool:
    """Whether it is a sum over examples of something whose matrix of all examples is defined."""
    for x in walk(body):
        if isinstance(x, SumOver) and isinstance(x.high, Name) and x.high.key.base in COUNTS:
            for name in names_in(x.body):
                plain = name.key._replace(above=tuple(i for i in name.key.above if i != Index(x.index)))
                matrix = _matrix(book, plain, mentioned) if plain != name.key and not plain.below else None
                if matrix is not None and book.is_defined(matrix):
                    return True
    return False


def _of_one(node: Node, capitals: Mapping[str, str]) -> Node:
    """What is said of all examples, said of one: with small letters for the capitals of the matrices."""
    if isinstance(node, Name):
        return replace(node, key=node.key._replace(base=capitals.get(node.key.base, node.key.base)))
    return mapped(node, lambda x: _of_one(x, capitals))


def tie_columns(book: Book, chains: Sequence[Chain]) -> bool:
    """Say of which matrices the quantities of one example are columns, where the notes have both."""
    loss = book.exact.get(book.loss) if book.loss is not None else None
    if loss is None:
        return False
    is_unknown = loss.origin == "convention"
    said = [loss.body] if not is_unknown else [n for chain in chains for n in chain.nodes if n is not None]
    letters = {
        x.index
        for x in (x for node in said for x in walk(node))
        if isinstance(x, SumOver) and isinstance(x.high, Name) and x.high.key.base in COUNTS
    }
    mentioned = {
        name.key for chain in chains for node in chain.nodes if node is not None for name in names_in(node)
    }
    in_loss = {name.key for name in names_in(loss.body)}
    found: dict[Key, tuple[Key, Index]] = {}
    for letter in letters:
        index = Index(letter)
        # x_1^{(i)} is an entry of x^{(i)}, and a_2^{(i)} of A_2
        one = {key._replace(below=()) for key in mentioned}
        for key in sorted(one | {key for key in mentioned if key.below and not key.letters - {letter}}):
            if index not in key.above:
                continue
            plain = key._replace(above=tuple(i for i in key.above if i != index))
            if plain.base.startswith("d ") and not book.is_defined(plain):
                plain = plain._replace(base=plain.base[2:])
            matrix = _matrix(book, plain, mentioned)
            again = book.is_defined(key) and not (matrix is not None and book.is_defined(matrix))
            if matrix is not None and not again:
                found[plain._replace(above=key.above)] = matrix, index
    if not any(
        (key in in_loss or is_unknown) and book.is_defined(matrix) for key, (matrix, _) in found.items()
    ):
        return False  # X alone may have the examples in its rows
    for key, (matrix, index) in found.items():
        for definition in list(book.templates.get((key.base, 0, len(key.above)), ())):
            if definition.key == key:
                book.remove(definition)  # said of one example, and then of all of them
        for other in [d for k, d in book.exact.items() if k.base == key.base and len(k.above) == 1]:
            if key.above == (index,) and other.origin == "convention" and other.key not in mentioned:
                book.remove(other)  # a^{(1)} is an example, and no layer
        place = Name(0, 0, Key(f"column of {matrix}", (index,)))
        book.define(Definition(key, Entry(0, 0, Name(0, 0, matrix), place), 0, "convention"))
    if not is_unknown:  # with several units the loss is that of all of them
        book.define(replace(loss, body=Apply(0, 0, Name(0, 0, Key("sum")), (loss.body,))))
    return True


def count_slopes(book: Book, chains: Sequence[Chain]) -> None:
    r"""Let dZ^{[l]} have the slope of each example's own loss in its column, where dW leaves 1/m to itself.

    That is m times the slope of their mean: `dW^{[l]} = \frac1m dZ^{[l]} A^{[l-1]T}`.
    """
    shares = {
        (count.key, slope.key)
        for head, count, factors in means(chains)
        for slope in factors
        if _is_short(head) and isinstance(slope, Name) and _is_short(slope) and _is_of_any_layer(slope.key)
    }
    if len(shares) != 1 or book.loss is None:
        return
    ((count, key),) = shares
    for base in sorted({k.base for k in book.mentioned if k.base.startswith("d ")}):
        for layer in (key, key._replace(above=(Index("", 0),))):  # A^{[0]} is the input
            by = layer._replace(base=base.removeprefix("d "))
            if book.is_defined(key._replace(base=by.base)) and not book.is_defined(by._replace(base=base)):
                slope = Derivative(0, 0, Name(0, 0, book.loss), Name(0, 0, by))
                body = Product(0, 0, (Name(0, 0, count), slope), ("",))
                book.define(Definition(layer._replace(base=base), body, 0, "convention"))


def _is_short(node: Node) -> bool:
    """Whether it is dW or dZ."""
    return isinstance(node, Name) and node.key.base.startswith("d ")


def _is_of_any_layer(key: Key) -> bool:
    return len(key.above) == 1 and bool(key.letters)


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
        if layers and not (plain.above or plain.below) and all(not k.above[0].letter for k in layers):
            return max(layers, key=lambda k: k.above[0].number)
    return None
