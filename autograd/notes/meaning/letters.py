r"""Letters that tell layers apart: unit i feeds unit j feeds unit k.

`a_j = \sum_i w_{ji} z_i`, `z_j = h(a_j)` go round in a circle if an index is only a number. Where definitions
do, a letter says which layer a unit is in; what holds of j holds of k, one layer on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..defining.book import TYPED, Book, Definition
from .closure import closure
from .syntax import (
    Derivative,
    Index,
    Key,
    Name,
    Node,
    Product,
    Sum,
    SumOver,
    mapped,
    names_in,
    quantities_in,
)

__all__ = [
    "goes_in_circles",
    "is_of_another_step",
    "is_of_slopes",
    "join_letters",
    "moved_key",
    "shifted",
    "slope_in",
    "steps_between",
    "tell_layers_apart",
]

_ORDER = "hijkl"


def goes_in_circles(book: Book, heads: Sequence[tuple[Key, Node]] = ()) -> bool:
    """Whether definitions with index letters lead back to themselves, letters apart.

    `heads` are all names with what they are first set equal to: net_k may follow net_j, which is defined.
    """
    if TYPED in book.sizes:
        return False
    uses: dict[str, set[str]] = {}
    templates = [(d.key, d.body) for found in book.templates.values() for d in found]
    for key, body in [*templates, *(head for head in heads if _is_another_layer(book, head[0]))]:
        names = [n.key for n in quantities_in(body) if n.key.letters and not is_of_another_step(n.key, key)]
        uses.setdefault(key.base, set()).update(name.base for name in names)
    for start in uses:
        stack, seen = list(uses[start]), set()
        while stack:
            base = stack.pop()
            if base == start:
                return _numberless(book, start)
            if base not in seen:
                seen.add(base)
                stack += uses.get(base, ())
    return False


def _is_another_layer(book: Book, key: Key) -> bool:
    """Whether a name is defined with the letter of another unit, and is no slope."""
    templates = book.templates.get((key.base, len(key.below), len(key.above)), ())
    return (
        not key.above
        and bool(templates)
        and not book.is_derivative(key)
        and not key.base.startswith(("delta", "Delta "))
        and all(steps_between(d.key, key) or steps_between(key, d.key) for d in templates)
    )


def tell_layers_apart(book: Book, heads: Iterable[tuple[Key, Node]]) -> bool:
    r"""Whether a slope has the letter of one layer, delta_j = dE/da_j, and then that of another: delta_k.

    Or a quantity: a_j, and then a_k = \sum_j w_{kj} z_j, where z_j is computed from a_j.
    """
    slopes: dict[str, tuple[str, Key]] = {}
    before: set[Key] = set()
    for key, body in heads:
        if _is_a_layer_on(book, key, body):
            return True
        letters = [i.letter for i in key.below]
        if len(letters) != 1 or letters[0] not in _ORDER or key.above:
            continue
        (letter,) = letters
        if key.base == "delta" and _numberless(book, "delta"):
            others = {n.key for n in names_in(body) if n.key.base == "delta"} - {key}
            if any(other in before for other in others):
                return True  # delta_k = o_k - t_k, delta_j = h_j (1 - h_j) \sum_k w_{jk} delta_k
            before.add(key)
        slope = slope_in(body)
        if slope is not None and isinstance(slope.variable, Name):
            first, variable = slopes.setdefault(key.base, (letter, _of_unit(slope.variable.key)))
            if first != letter and variable != _of_unit(slope.variable.key):
                return True  # delta_k = dE/da_k^{(2)}, delta_j = dE/da_j^{(1)}
        elif key.base in slopes and slopes[key.base][0] != letter:
            first, variable = slopes[key.base]
            families = [
                (base, {d.key.below[0].letter for d in found})
                for (base, n, _), found in book.templates.items()
                if n == 1 and base != key.base
            ]
            apart = not any({first, letter} <= letters for _, letters in families)
            if apart and any(letter in letters and base != variable.base for base, letters in families):
                return True
    return False


def _of_unit(key: Key) -> Key:
    """A name but for the letter of its unit."""
    return key._replace(below=())


def _is_a_layer_on(book: Book, key: Key, body: Node) -> bool:
    """Whether a name with another letter than it is defined with is computed from that."""
    first = book.templates.get((key.base, len(key.below), len(key.above)), ())
    letters = key.letters
    if len(letters) != 1 or not letters <= set(_ORDER) or not first or isinstance(body, Derivative):
        return False
    mine = [definition.key for definition in first]
    if any(own.letters == letters or not own.letters <= set(_ORDER) or not own.letters for own in mine):
        return False
    names = [name.key for name in names_in(body) if name.key.base != key.base]
    reached = {other for name in names for other in (book.reached(Name(0, 0, name)) if name.letters else ())}
    return any(own in reached for own in mine) and _numberless(book, key.base)


def is_of_another_step(used: Key, defined: Key) -> bool:
    """h_t in what h_{t+1} is."""
    steps = {i.letter: i.number for i in defined.above + defined.below}
    return any(i.number != steps.get(i.letter, 0) for i in used.above + used.below)


def reached_in_step(book: Book, keys: Iterable[Key]) -> set[Key]:
    """What quantities are computed from, without what is of the steps before."""

    def onward(key: Key) -> Iterator[Key]:
        exact = book.exact.get(key)
        slot = key.base, len(key.below), len(key.above)
        for d in [exact] if exact is not None else book.templates.get(slot, []):
            yield from (n.key for n in names_in(d.body) if not is_of_another_step(n.key, d.key))

    return closure(keys, onward)


def join_letters(book: Book, leaves: Iterable[Key], heads: Sequence[tuple[Key, Node]]) -> None:
    """Letters that stand in one place beside the same others number the same units: w_{ij} and w_{kj}.

    Only of `leaves`: o_{pj} and o_{pk} are units of different layers, for one pattern. And not where
    definitions would go in circles again: beside w_{ki} of a single layer, w_{ji} and w_{kj} are of two.
    """
    pairs = [key for key in leaves if len(key.below) == 2 and all(len(i.letter) == 1 for i in key.below)]
    classes: dict[str, str] = {}
    for a in pairs:
        for b in pairs:
            if a.base != b.base:
                continue
            differing = [(x.letter, y.letter) for x, y in zip(a.below, b.below, strict=True) if x != y]
            if len(differing) == 1:
                first, second = sorted(classes.get(x, x) for x in differing[0])
                same = [x for x in _ORDER + "rstuv" if classes.get(x, x) == second]
                joined = classes | dict.fromkeys(same, first)
                if first != second and not _are_in_a_circle(heads, joined):
                    classes = joined
    book.sizes.update({("class", letter): first for letter, first in classes.items()})


def _are_in_a_circle(heads: Sequence[tuple[Key, Node]], classes: Mapping[str, str]) -> bool:
    """Whether a name is computed from itself, where letters of one class number the same units."""

    def unit(key: Key) -> tuple[str, tuple[str, ...]]:
        return key.base, tuple(classes.get(i.letter, i.letter) for i in key.below)

    from_what: dict[tuple[str, tuple[str, ...]], set[tuple[str, tuple[str, ...]]]] = {}
    for key, body in heads:
        if key.letters and slope_in(body) is None:
            names = [
                n.key for n in quantities_in(body) if n.key.letters and not is_of_another_step(n.key, key)
            ]
            from_what.setdefault(unit(key), set()).update(map(unit, names))
    return any(start in closure(uses, lambda x: from_what.get(x, ())) for start, uses in from_what.items())


def _numberless(book: Book, base: str) -> bool:
    """Whether a letter never has a number for an index: then letters may tell layers apart."""
    return not any(key.base == base and any(not i.letter for i in key.below) for key in book.mentioned)


def shifted(book: Book, key: Key) -> Definition | None:
    """The definition of a_k, where only a_j is defined and a_k does not go into it."""
    if TYPED not in book.sizes:
        return None
    letters = [i.letter.partition("#")[0] for i in key.below]
    if not all(len(x) == 1 and x in _ORDER for x in letters) or not letters:
        return None
    for template in book.templates.get((key.base, len(key.below), len(key.above)), ()):
        theirs = [i.letter for i in template.key.below]
        if not all(x in _ORDER for x in theirs):
            continue
        steps = {_ORDER.index(a) - _ORDER.index(b) for a, b in zip(letters, theirs, strict=True)}
        if (
            len(steps) == 1
            and ((step := steps.pop()) > 0 or (step < 0 and _has_slope(book, template, step)))
            and not _goes_into(book, template, key.base, letters)
        ):
            definition = Definition(
                moved_key(template.key, step),
                _moved(template.body, step),
                template.line,
                template.origin,
                template.place,
            )
            book.define(definition)
            return definition
    return None


def _goes_into(book: Book, template: Definition, base: str, letters: list[str]) -> bool:
    """Whether the unit with these letters is an input of the one that is defined."""
    stack, seen = [template.body], set()
    while stack:
        for name in names_in(stack.pop()):
            own = [i.letter for i in name.key.below]
            if name.key.base == base and own == letters:
                return True
            if name.key in seen:
                continue
            seen.add(name.key)
            slot = (name.key.base, len(name.key.below), len(name.key.above))
            stack += [d.body for d in book.templates.get(slot, ()) if d.key == name.key]
    return any(i.letter in letters for name in seen for i in name.below if name.base == base)


def _moved(node: Node, step: int) -> Node:
    if isinstance(node, Name):
        return replace(node, key=moved_key(node.key, step))
    if isinstance(node, SumOver):
        node = replace(node, index=_letter(node.index, step))
    return mapped(node, lambda x: _moved(x, step))


def is_of_slopes(node: Node | None) -> bool:
    """Whether it is a derivative, or a chain of them."""
    factors = node.factors if isinstance(node, Product) else (node,)
    return all(isinstance(x, Derivative) for x in factors)


def slope_in(body: Node) -> Derivative | None:
    """The derivative that a definition is, or is the negative of: delta = -dE/dnet."""
    if isinstance(body, Sum) and body.signs == (-1,):
        body = body.terms[0]
    return body if isinstance(body, Derivative) else None


def _has_slope(book: Book, template: Definition, step: int) -> bool:
    """Whether a slope that many layers on is by something the notes have."""
    slope = slope_in(template.body)
    if slope is None or not isinstance(slope.variable, Name):
        return False
    return moved_key(slope.variable.key, step) in book.mentioned


def steps_between(a: Key, b: Key) -> int:
    """How many layers on, or back, a name is from another; 0 where that cannot be said."""
    pairs = [(x.letter, y.letter) for x, y in zip(a.below, b.below, strict=True)]
    if not all(x in _ORDER and y in _ORDER and len(x) == len(y) == 1 for x, y in pairs):
        return 0
    steps = {_ORDER.index(y) - _ORDER.index(x) for x, y in pairs}
    return steps.pop() if len(steps) == 1 else 0


def moved_key(key: Key, step: int) -> Key:
    """The name in a later layer: a_k of a_j."""

    def move(index: Index) -> Index:
        return index._replace(letter=_letter(index.letter, step))

    return key._replace(below=tuple(map(move, key.below)), above=tuple(map(move, key.above)))


def _letter(letter: str, step: int) -> str:
    if len(letter) != 1 or letter not in _ORDER:
        return letter
    return _ORDER[max(0, min(_ORDER.index(letter) + step, len(_ORDER) - 1))]
