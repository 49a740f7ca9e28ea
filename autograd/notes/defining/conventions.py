"""What the notes leave to custom: which quantity is the loss, what y is.

A convention that is used is announced in the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from ..judging.deciding import free_letters
from ..meaning.chains import Chain
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    Apply,
    Cases,
    Derivative,
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
    Transposed,
    names_in,
    parts,
    walk,
)
from ..meaning.vocabulary import FUNCTIONS, LOSSES, TARGETS
from ..meaning.world import IDENTITY
from .book import FIRST_FIXED, Book, Definition
from .unknown_terms import is_loss_letter

__all__ = [
    "find_conventions", "find_fixed_indices",
    "find_lookalikes", "find_loss", "find_sums_to_one", "find_symmetric",
    "has_examples_in_columns", "take_roots",
]  # fmt: skip


_OTHERS = ("S", "Q", "U", "R", "H", "l")
"""Letters of losses that as often stand for scores, queries, residuals, or what is hidden."""


def find_loss(book: Book, chains: Sequence[Chain]) -> None:
    r"""The loss: what most is differentiated of, and nothing else is computed from.

    None is found where most is differentiated of a loss of which no more is said: with some L above S = w x,
    S is no loss, though it has a letter that losses have.
    """
    if book.loss is not None:
        return
    counts: Counter[Key] = Counter()
    above: set[Key] = set()  # what an unsaid loss is differentiated by
    for chain in chains:
        for node in chain.nodes:
            if node is None:
                continue
            for x in walk(node):
                if isinstance(x, Derivative) and isinstance(x.output, Name):
                    counts[x.output.key._replace(tag="")] += 1
                    if is_loss_letter(x.output.key) and not book.is_defined(x.output.key):
                        above |= {name.key for name in names_in(x.variable)}
    used: set[Key] = set()
    for definition in book.definitions():
        if not any(isinstance(x, Derivative) for x in walk(definition.body)):
            keys = {name.key for name in names_in(definition.body)}
            scores = {key._replace(below=()) for key in keys if key.base in _OTHERS}  # S of S_{ik}
            used |= keys | (scores - {definition.key})

    def rank(key: Key) -> tuple[int, ...]:
        letter = is_loss_letter(key)
        is_usual = key.base not in _OTHERS
        return (letter and key not in used, letter, key not in used, counts[key], is_usual)

    candidates = [
        key
        for key in {**counts, **book.exact}
        if book.is_defined(key) and not key.tag and not book.is_derivative(key)
    ]
    candidates = [
        key
        for key in candidates
        if (is_loss_letter(key) and not (key.base in _OTHERS and key in used)) or counts[key] > 1
    ]
    if candidates:
        best = max(candidates, key=rank)
        unsaid = (n for key, n in counts.items() if key.base in LOSSES and not book.is_defined(key))
        sure = best.base in LOSSES and best.base not in _OTHERS and best not in above
        if not sure and max(unsaid, default=0) > counts[best]:
            return  # dE/dc_t = dE/dh_t dh_t/dc_t, where nothing is said of E
        if is_loss_letter(best) or best not in used:
            book.loss = best


def has_examples_in_columns(book: Book) -> bool:
    """Whether weights stand left of the data: W X, w^T X, not X W."""
    products = (x for d in book.definitions() for x in walk(d.body) if isinstance(x, Product))
    for left, right in (x.factors for x in products if len(x.factors) == 2):
        turned = isinstance(left, Transposed)
        weight = left.body if isinstance(left, Transposed) else left
        if not isinstance(weight, Name) or not isinstance(right, Name):
            continue
        is_weight = weight.key.base == "W" or (turned and weight.key.base in ("w", "theta", "beta"))
        if is_weight and right.key.base in ("X", "A", "H"):
            return True
    return False


def find_fixed_indices(book: Book) -> None:
    """L = -log p_c: an index that is never bound is one unit, the same everywhere."""
    of_family: dict[str, bool] = {}
    said = ((name, f.body) for name, found in book.functions.items() if name.endswith("|") for f in found)
    probabilities = [Definition(Key(name), body) for name, body in said]  # P(o | c) = \hat y_o
    for definition in [*book.definitions(), *probabilities]:
        for letter in sorted(free_letters(definition.body) - definition.key.letters - book.row_letters):
            names = [n.key for n in names_in(definition.body) if letter in n.key.letters]
            if definition.key.letters and any(key.base == definition.key.base == "delta" for key in names):
                continue  # the error signals of all units of the next layer are meant: a sum is missing
            if definition.key.base.startswith("d ") and all(
                (k.base, "below", 0) in book.sequences for k in names
            ):
                continue  # what any step adds to dW
            family = any(book.is_defined(k) or book.is_defined(k._replace(below=())) for k in names)
            of_family[letter] = of_family.get(letter, False) or family
    for letter, family in of_family.items():
        book.sizes.setdefault(("index", letter), 2 if family else FIRST_FIXED + 1 + len(book.fixed))
        book.fixed.add(letter)


def find_conventions(book: Book, chains: Sequence[Chain]) -> None:
    """What the notes leave to custom: the prediction is the last unit's output, y depends on nothing."""
    mentioned_in = {n.key for d in book.definitions() for n in names_in(d.body)}
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
        elsewhere = {n.key for d in book.definitions() if d.key != book.loss for n in names_in(d.body)}
        predictions = [key for key in predictions if key in in_loss and key not in elsewhere]
    said = {c.head.key for c in chains if isinstance(c.head, Name) and len(c.nodes) > 1}
    if any(key._replace(base=key.base.removeprefix("hat ")) in said for key in predictions):
        predictions = []  # y = W h is the output, whichever of y and its hat the loss takes for it
    if predictions and book.loss is not None:
        ends = [
            d for d in book.definitions()
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
    """The targets of a cross-entropy over several classes are a distribution, or the number of one."""
    for definition in book.definitions():
        for x in walk(definition.body):
            if isinstance(x, SumOver):
                book.classes |= _classes(x, book)
    softmaxes = any(
        (isinstance(x, Apply) and x.name.key.base in ("softmax", "Softmax"))
        or (isinstance(x, Quotient) and isinstance(x.under, SumOver) and "exp" in _functions(x.under.body))
        for body in [
            *(d.body for d in book.definitions()),
            *(f.body for found in book.functions.values() for f in found),
        ]
        for x in walk(body)
    )
    if not softmaxes:
        return
    for definition in book.definitions():
        for x in walk(definition.body):
            if isinstance(x, SumOver) and {"log", "ln"} & _functions(x.body):
                _add_up_to_one(book, names_in(x.body))
            elif isinstance(x, Product) and not {"odot"} & set(x.signs) and _has_logarithm(x):
                transposed = (f.body if isinstance(f, Transposed) else f for f in x.factors)
                _add_up_to_one(book, (f for f in transposed if isinstance(f, Name) and not f.key.below))
            elif isinstance(x, Apply) and x.name.key.base == "inner" and _has_logarithm(x):
                _add_up_to_one(book, (f for f in x.arguments if isinstance(f, Name)))


def _classes(total: SumOver, book: Book) -> set[tuple[str, int, int]]:
    """The y of every y = k that is asked in a sum over k, where there is no y_k as well."""
    found = set()
    for condition in (c for x in walk(total.body) if isinstance(x, Cases) for c in x.conditions):
        match condition:
            case (Name(key=y), "=", Name(key=k)) if k == Key(total.index) and y.base in TARGETS:
                found |= {(y.base, len(y.below), len(y.above)), (y.base, 0, 0)}
    entries = {
        (key.base, len(key.below), len(key.above)) for key in book.mentioned if total.index in key.letters
    }
    return found - entries


def take_roots(book: Book) -> None:
    r"""Where the notes say what \sigma^2 is, a variance, \sigma is the root of it."""
    for key, definition in list(book.exact.items()):
        root = key._replace(above=())
        others = {k.above for k in book.mentioned if k.base == key.base and k.below == key.below} - {()}
        if (
            key.base in ("sigma", "s") and key.above == (Index("", 2),) and others == {key.above}
            and not book.is_defined(root) and root in book.mentioned and key.base not in book.called
            and any(isinstance(x, SumOver) for x in walk(definition.body))
        ):  # fmt: skip
            half = Quotient(0, 0, Number(0, 0, "1"), Number(0, 0, "2"))
            book.define(Definition(root, Power(0, 0, Name(0, 0, key), half), definition.line, "convention"))
            book.announce(f"${latex_of(root)}$ is the root of ${latex_of(key)}$")


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
        blend = book.body(name.key)
        if isinstance(blend, Sum) and any(isinstance(x, Quotient) for x in blend.terms):
            _add_up_to_one(book, names_in(blend))  # smoothed labels, (1 - e) y_k + e / K
        given = name.key.base in ("p", "q") and not any(name.key.base == base for base in book.bases())
        if (name.key.base, len(name.key.below), len(name.key.above)) in book.classes:
            continue
        if (name.key.base in book.targets or given) and name.key.base not in book.sums_to_one:
            book.sums_to_one.add(name.key.base)
            book.announce(f"the targets ${name.key.base}$ of all classes add up to 1")


def _functions(node: Node) -> set[str]:
    return {x.name.key.base for x in walk(node) if isinstance(x, Apply)}


def _concrete(key: Key) -> Key:
    return key


def find_lookalikes(book: Book, chains: Sequence[Chain]) -> None:
    """A letter that is never defined where its twin is: capital for small, omega for w, zero for O."""
    defined = set(book.bases())
    forward = (d for d in book.definitions() if not d.key.base.startswith("d "))  # dZ may have a slip
    inside = {n.key for d in forward for n in names_in(d.body)}
    leaves = {key.base for key in inside} - defined
    leaves -= {base for base in leaves if _is_of_entries(base, book, inside)}
    matrices = {name for name in book.stated if 1 not in book.shapes[name]}
    unit = {IDENTITY.base} if book.vectors else set()
    mentioned = {key.base.removeprefix("d ") for key in book.mentioned} - set(_varied(chains))
    for base in sorted(mentioned - defined - leaves - book.rates - FUNCTIONS - unit):
        for other in twins(base):
            if base in matrices and (other, 2, 0) not in book.indexed:
                continue  # X, which is said to be a matrix, is no x
            if other in defined or other in leaves:
                book.lookalikes[base] = other
                break


def _varied(chains: Sequence[Chain]) -> Iterator[str]:
    r"""The letters of formulas that are differentiated as they stand: x of \partial/\partial x (x^T A x)."""
    nodes = (node for chain in chains for node in chain.nodes if node is not None)
    for x in (x for node in nodes for x in walk(node)):
        if (
            isinstance(x, Derivative)
            and isinstance(x.variable, Name)
            and not isinstance(x.output, (Name, Apply))
        ):
            yield from {name.key.base for name in names_in(x.output)} & {x.variable.key.base}


def _is_of_entries(base: str, book: Book, inside: Collection[Key]) -> bool:
    """Whether the entries w^l_{jk} make up W^l, and only a W without a layer stands in what is defined."""
    layered = any(key.base == base and key.above and not key.below for key in book.mentioned)
    inside = [key for key in inside if key.base == base and key.above]
    return (
        base.isupper()
        and layered
        and not inside
        and any((twin, 2, 1) in book.indexed for twin in twins(base))
    )


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
