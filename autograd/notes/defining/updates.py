r"""Steps of descent: `w = w - \eta dL/dw`, in all its spellings.

Such a line defines no quantity. It says which names are parameters, what their new values are called, and
what the learning rate is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..meaning.chains import Chain, rewrite
from ..meaning.syntax import (
    Apply,
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
    Transposed,
    mapped,
    names_in,
    walk,
)
from .book import Book, Definition

__all__ = [
    "RATES",
    "enter_update",
    "find_rates",
    "has_memory",
    "is_preconditioned",
    "update_of",
    "without_steps",
]


RATES = {
    "eta",
    "alpha",
    "epsilon",
    "varepsilon",
    "lr",
    "gamma",
    "lambda",
    "mu",
    "rho",
    "tau",
    "nu",
    "learning rate",
    "lambda_",
    "LR",
    "rate",
}


def update_of(chain: Chain) -> tuple[Key, Key, Node] | None:
    """The parameter, the name of its new value, and the right side, where a chain is a step of descent."""
    head = chain.head
    if isinstance(head, Transposed):
        head = head.body
    if not isinstance(head, Name) or len(chain.nodes) < 2:
        return None
    right = chain.nodes[1]
    if right is None:
        return None
    key = head.key
    stem = _without_mark(key)
    first = right.terms[0] if isinstance(right, Sum) else right
    if isinstance(first, Name) and isinstance(right, Sum) and len(right.terms) > 1:
        old = first.key
        of_stem = old._replace(tag="") == stem
        if of_stem and (old == key or old.tag == "old" or key.tag == "new" or key != stem):
            return stem, key, right
        if _steps(old, key):
            return (old, key, right) if _steps_down(right) else None
        if _by_words(old, key) and _steps_down(right):
            return _wordless(key), key, right
        if key.tag == "new" and old._replace(tag="") == key._replace(tag=""):
            return stem, key, right
    if key.tag == "new" or (key != stem and _steps_down_by(right, stem)):
        return stem, key, right
    if chain.links[1].relation in ("<-", "equiv") and any(x.key == key for x in names_in(right)):
        return key, key, right  # w <- (1 - eta lambda) w - eta g
    if chain.links[1].relation == "<-" and not any(isinstance(x, (Name, Derivative)) for x in walk(right)):
        return key, key, right  # w <- 2 - 0.1 * 3
    return None


def _without_mark(key: Key) -> Key:
    """w for w_new, w' and w*."""
    base = key.base
    for mark in ("'", "*"):
        base = base.removesuffix(mark)
    for accent in ("hat ", "bar ", "tilde "):
        if base.startswith(accent) and key.tag == "" and base != key.base:
            base = base.removeprefix(accent)
    return key._replace(base=base, tag="")


def _steps_down(right: Sum) -> bool:
    """Whether a multiple of a gradient, or of a rate, is taken away or added; or of an inverse, by Newton."""
    return any(
        isinstance(x, Derivative)
        or (isinstance(x, Power) and not isinstance(x.base, Number) and _is_minus_one(x.exponent))
        or (isinstance(x, Name) and x.key.base in ("eta", "alpha", "lr", "epsilon", "gamma", "learning rate"))
        for term in right.terms[1:]
        for x in walk(term)
    )


def _steps_down_by(right: Node, stem: Key) -> bool:
    """Whether something that the slope by a parameter goes into is taken away: b' = c - eta dL/db."""
    if not isinstance(right, Sum) or len(right.terms) < 2 or right.signs[-1] > 0:
        return False
    slopes = (x for x in walk(right.terms[-1]) if isinstance(x, Derivative))
    return any(isinstance(x.variable, Name) and x.variable.key._replace(tag="") == stem for x in slopes)


def _wordless(key: Key) -> Key:
    """The name without a word for new or old in a script."""
    return key._replace(
        below=tuple(i for i in key.below if len(i.letter) < 2),
        above=tuple(i for i in key.above if len(i.letter) < 2),
    )


def _by_words(old: Key, new: Key) -> bool:
    """Whether two names differ by a word: nuevo and viejo, or nuevo and nothing."""
    words = [i.letter for key in (old, new) for i in key.below + key.above if len(i.letter) > 1]
    return (
        old != new
        and _wordless(old) == _wordless(new) != new
        and all(w.isalpha() and len(w) > 2 for w in words)
    )


def _steps(old: Key, new: Key) -> bool:
    """Whether the names are those of one parameter at steps t and t + 1."""
    if old.base != new.base or len(old.above) != len(new.above) or len(old.below) != len(new.below):
        return False
    differing = [(a, b) for a, b in zip(old.above + old.below, new.above + new.below, strict=True) if a != b]
    return (
        len(differing) == 1
        and differing[0][0].letter == differing[0][1].letter != ""
        and differing[0][1].number - differing[0][0].number == 1
    )


def is_preconditioned(book: Book, right: Node) -> bool:
    """Whether the inverse of a matrix stands in a step, as in Newton's: it is no plain descent."""
    factors = [
        factor
        for term in (right.terms if isinstance(right, Sum) else ())
        for factor in (term.factors if isinstance(term, Product) else ())
    ]
    factors += [d.body for x in factors if isinstance(x, Name) and (d := book.exact.get(x.key)) is not None]
    return any(
        isinstance(x, Power)
        and isinstance(x.exponent, (Sum, Number))
        and _is_minus_one(x.exponent)
        and any(name.key.base.isupper() for name in names_in(x.base))
        for x in factors
    )


def _is_minus_one(node: Node) -> bool:
    if isinstance(node, Sum) and len(node.terms) == 1 and node.signs[0] < 0:
        return isinstance(node.terms[0], Number) and node.terms[0].text == "1"
    return isinstance(node, Number) and node.text == "-1"


def enter_update(book: Book, update: tuple[Key, Key, Node]) -> None:
    """A step of descent says which names are parameters, and what the learning rate is called."""
    stem, key, right = update
    book.parameters.add(stem)
    if key != stem and key.tag != "new" and not book.is_defined(key):
        place = Name(0, 0, stem._replace(tag="new"))
        book.define(Definition(key, place, 0, "update"))
    first = right.terms[0] if isinstance(right, Sum) else right
    if (
        isinstance(first, Name) and first.key != stem and not book.is_defined(first.key) and not first.key.tag
        and (_by_words(first.key, key) or _wordless(first.key) == stem)
    ):  # fmt: skip
        book.define(Definition(first.key, Name(0, 0, stem), 0, "update"))
    terms = right.terms[1:] if isinstance(right, Sum) else ()
    for term in terms:
        if isinstance(term, Product) and len(term.factors) == 2 and isinstance(term.factors[1], Derivative):
            name = term.factors[0]
            if isinstance(name, Name) and not book.is_defined(name.key) and name.key == Key(name.key.base):
                book.rates.add(name.key.base)
    for term in terms:
        for name in _leading_names(term):
            if name.key.base in RATES and not name.key.below and not book.is_defined(name.key):
                book.rates.add(name.key.base)
                break


def without_steps(chains: Sequence[Chain]) -> None:
    """Write w and w_new for w_t and w_{t+1}, wherever the notes descend from one to the other."""
    _number_the_stepped(chains)
    numbered: dict[tuple[str, str, int, str], None] = {}
    for chain in chains:
        update = update_of(chain)
        if update is None or not _steps(update[0], update[1]):
            continue
        old, new, _ = update
        side, place = _step_slot(old, new)
        step = getattr(old, side)[place]
        if step.number:  # w_t = w_{t-1} - ...: what w_t means elsewhere is not said by this
            _rename(chain, old.base, side, place, step)
        else:
            numbered[old.base, side, place, step.letter] = None
    for base, side, place, letter in numbered:
        for chain in chains:
            _rename(chain, base, side, place, Index(letter))


def _number_the_stepped(chains: Sequence[Chain]) -> None:
    r"""Write w_{1,new} for w_new in `w_new = w_old - \eta \partial L / \partial w_1`: one weight is meant."""
    meant: dict[str, set[Key]] = {}
    for chain in chains:
        update = update_of(chain)
        if update is None or update[0].below or update[0].above or update[1].tag != "new":
            continue
        slopes = [x.variable for x in walk(update[2]) if isinstance(x, Derivative)]
        keys = {x.key for x in slopes if isinstance(x, Name) and x.key.base == update[0].base}
        if keys and all(key.below for key in keys):
            meant.setdefault(update[0].base, set()).update(keys)

    def change(x: Node) -> Node:
        if isinstance(x, Name) and x.key.tag in ("new", "old") and not (x.key.below or x.key.above):
            (key, *others) = meant.get(x.key.base, [x.key])
            return x if others else replace(x, key=key._replace(tag=x.key.tag))
        return mapped(x, change)

    if meant:
        rewrite(chains, change)


def _step_slot(old: Key, new: Key) -> tuple[str, int]:
    """Where the number of the step stands."""
    return next(
        (side, place)
        for side in ("below", "above")
        for place, (a, b) in enumerate(zip(getattr(old, side), getattr(new, side), strict=True))
        if a != b
    )


def _rename(chain: Chain, base: str, side: str, place: int, old: Index) -> None:
    """Write w for w_t, w_new for w_{t+1}."""

    def change(x: Node) -> Node:
        if not isinstance(x, Name) or x.key.base != base:
            return mapped(x, change)
        indices = getattr(x.key, side)
        index = indices[place] if place < len(indices) else Index("")
        if index.letter != old.letter or index.number - old.number not in (0, 1):
            return x
        tag = "new" if index.number > old.number else ""
        rest = indices[:place] + indices[place + 1 :]
        return replace(x, key=x.key._replace(**{side: rest, "tag": tag}))

    for link in chain.links:
        if link.node is not None:
            link.node = change(link.node)


def has_memory(book: Book, right: Node) -> bool:
    """Whether a step is along an average of earlier gradients, as with momentum: v_t = beta v_{t-1} + g_t."""
    forward = book.reached(Name(0, 0, book.loss)) if book.loss is not None else set()
    for key in book.reached(right) - forward:
        found = book.templates.get((key.base, len(key.below), len(key.above)), ())
        for definition in (*found, *filter(None, [book.exact.get(key)])):
            if any(_steps(n.key, definition.key) for n in names_in(definition.body)):
                return True
    return False


def find_rates(book: Book, chains: Sequence[Chain]) -> None:
    """What multiplies a gradient is the learning rate."""
    for chain in chains:
        for node in chain.nodes:
            for x in walk(node) if node is not None else ():
                if isinstance(x, Product) and any(isinstance(f, Derivative) for f in x.factors):
                    for name in _leading_names(x):
                        if (
                            name.key.base in ("eta", "alpha", "epsilon", "lr", "learning rate")
                            and not name.key.below
                        ) and not book.is_defined(name.key):
                            book.rates.add(name.key.base)
    usual = book.rates & RATES
    if usual:  # y dL/db beside eta dL/db: that is a slip, and no other rate
        book.rates -= {rate for rate in book.rates - usual if _is_computed_with(Key(rate), book)}


def _is_computed_with(key: Key, book: Book) -> bool:
    """Whether a name stands in a definition."""
    return any(name.key == key for d in book.exact.values() for name in names_in(d.body))


def _leading_names(term: Node) -> Iterable[Name]:
    if isinstance(term, Product):
        for factor in term.factors:
            if isinstance(factor, Name):
                yield factor
            elif isinstance(factor, Quotient) and isinstance(factor.over, Name):
                yield factor.over
    elif isinstance(term, Quotient):
        yield from _leading_names(term.over)
    elif isinstance(term, Apply):
        yield term.name
