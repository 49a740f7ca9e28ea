"""Definitions chosen so that everything the notes differentiate by is on the way.

Notes often say twice what something is: first in one formula, then in steps with names of their own
(`f = (x + y) z`, then `q = x + y` and `f = q z`). The steps make the finer graph, and hold if they agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..judging.deciding import Court, free_letters
from ..meaning.chains import Chain
from ..meaning.errors import NotUnderstood
from ..meaning.letters import reached_in_step
from ..meaning.syntax import (
    Apply,
    Derivative,
    Key,
    Name,
    Node,
    Number,
    Product,
    Sum,
    SumOver,
    mapped,
    names_in,
    own_fields,
    same_form,
    walk,
)
from .book import Book, Definition
from .definitions import is_numeric

__all__ = ["canonical", "end_traces", "fold_in", "refine"]

MOST = 200


def refine(book: Book, chains: Sequence[Chain], nodes: Sequence[Node]) -> None:
    """Replace definitions by later ones that say the same in more steps."""
    court: Court | None = None
    for chain in chains[: 20 * MOST]:
        for link in chain.links[:-1]:
            name = link.node
            first = _definition_of(book, name.key) if isinstance(name, Name) else None
            if (
                first is None
                or not isinstance(name, Name)
                or first.origin not in ("notes", "front matter")
                or isinstance(first.body, Derivative)
            ):
                continue
            for other in chain.links:
                body = other.node
                if (
                    body is None
                    or body is name
                    or body is first.body
                    or isinstance(body, Name)
                    or is_numeric(body)
                ):
                    continue
                if any(isinstance(x, Derivative) for x in walk(body)):
                    continue
                if not _brings_steps(book, first, body) or (name.key.letters and _goes_on(name.key, body)):
                    continue
                court = court or Court(book, nodes)
                try:
                    differs = court.difference(Name(0, 0, name.key), body) is not None
                except NotUnderstood:
                    continue
                if not differs:
                    book.remove(first)
                    first = Definition(name.key, body, first.line, first.origin, first.place)
                    book.define(first)
                    court = None


def _goes_on(key: Key, body: Node) -> bool:
    """Whether a family is said by itself: h_t = w^t h_0."""
    return any(name.key.base == key.base for name in names_in(body))


def _definition_of(book: Book, key: Key) -> Definition | None:
    """What defines a name as it stands: also the loss l_i of any example i, where it is the only such."""
    templates = book.templates.get((key.base, len(key.below), len(key.above)), ())
    alike = templates[0] if len(templates) == 1 and templates[0].key == key else None
    return book.exact.get(key, alike)


def end_traces(book: Book, nodes: Sequence[Node]) -> None:
    """Let f be the last of the w_1, w_2, ... that it is worked out by, if it is differentiated by these."""
    for d in book.definitions():
        body = d.body
        if not isinstance(body, Derivative) or not isinstance(body.variable, Name):
            continue
        of, base = body.output, body.variable.key.base
        if not isinstance(of, Name) or of.key not in book.exact:
            continue
        family = [key for key in book.exact if key.base == base and not key.tag]
        if len(family) < 2 or any(key.base == base for key in book.reached(of)):
            continue
        used = {name.key for key in family for name in names_in(book.exact[key].body)}
        ends = [Name(0, 0, key) for key in family if key not in used]
        try:
            if len(ends) == 1 and Court(book, nodes).difference(of, ends[0]) is None:
                book.define(replace(book.exact[of.key], body=ends[0]))
        except NotUnderstood:
            continue


def fold_in(book: Book) -> None:
    """Put names for what other definitions spell out: with z = w x + b, a = f(w x + b) is a = f(z)."""
    for _ in range(3):
        known = {
            canonical(d.body): d.key for d in book.definitions()
            if isinstance(d.body, (Sum, Product, Apply, SumOver)) and d.origin in ("notes", "front matter")
            and d.key.base != "delta"  # the loss is computed from no error signal
            and free_letters(d.body) <= d.key.letters  # L(y_i, p_i) in a sum over i is another for each i
        }  # fmt: skip
        if not known or not (_folded_functions(book, known) | _folded(book, known)):
            return


def _folded(book: Book, known: dict[object, Key]) -> bool:
    changed = False
    for definition in book.definitions():
        key = definition.key
        if definition.origin not in ("notes", "front matter"):
            continue
        own = {name.key.base for name in names_in(definition.body)}
        others = {form: name for form, name in known.items() if name.base not in own}
        body = _with_named_argument(book, definition.body, others, key)
        if isinstance(body, Product):
            body = _with_names(book, body, others, key)
        else:
            body = mapped(body, lambda x, key=key, others=others: _with_names(book, x, others, key))  # type: ignore[misc]
        if body is not definition.body and key not in reached_in_step(book, (n.key for n in names_in(body))):
            new = Definition(key, body, definition.line, definition.origin, definition.place)
            if book.exact.get(key) is definition:
                book.exact[key] = new
            else:
                found = book.templates[key.base, len(key.below), len(key.above)]
                found[found.index(definition)] = new
            changed = True
    return changed


def _folded_functions(book: Book, known: dict[object, Key]) -> bool:
    changed = False
    for name, found in book.functions.items():
        for place, function in enumerate(found):
            body = mapped(function.body, lambda x: _with_names(book, x, known, None))
            if body is not function.body and len(function.parameters) == 1:
                found[place] = replace(function, body=body)
                changed = True
        book.functions[name] = found
    return changed


def _with_names(book: Book, node: Node, known: dict[object, Key], but: Key | None) -> Node:
    """The formula with names for the parts that have one: sums in brackets, and values of functions."""
    name = known.get(canonical(node)) if isinstance(node, (Sum, Apply)) else None
    if name is None and isinstance(node, Apply) and not node.name.primes:
        name = _value_of(book, node, known)
    if name is not None and name != but:
        return Name(node.start, node.end, name)
    if isinstance(node, Sum):  # a sum that goes on in a sum is no part of its own
        terms = tuple(x if isinstance(x, Sum) else _with_names(book, x, known, but) for x in node.terms)
        return (
            node
            if all(a is b for a, b in zip(terms, node.terms, strict=True))
            else replace(node, terms=terms)
        )
    if isinstance(node, Product) and not {"odot", "otimes"} & set(node.signs):
        for place in range(1, len(node.factors) - 1):  # W_2 h of W_2 W_1 x, with h = W_1 x
            rest = replace(node, factors=node.factors[place:], signs=node.signs[place:])
            name = known.get(canonical(rest))
            body = book.body(name) if name is not None and name != but else None
            if name is not None and body is not None and same_form(body, rest):
                short = Name(rest.start, rest.end, name)
                return replace(node, factors=(*node.factors[:place], short), signs=node.signs[:place])
    node = _with_named_argument(book, node, known, but)
    return mapped(node, lambda x: _with_names(book, x, known, but))


def _with_named_argument(book: Book, node: Node, known: dict[object, Key], but: Key | None) -> Node:
    r"""\sigma(S) for \sigma(A X W), where S = A X W."""
    argument = node.arguments[0] if isinstance(node, Apply) and len(node.arguments) == 1 else None
    if not isinstance(node, Apply) or not isinstance(argument, (Product, SumOver)):
        return node
    key = known.get(canonical(argument))
    body = book.body(key) if key is not None and key != but else None
    if key is None or body is None or not same_form(body, argument):
        return node
    return replace(node, arguments=(Name(argument.start, argument.end, key),))


def _value_of(book: Book, node: Apply, known: dict[object, Key]) -> Key | None:
    """yhat of f(x), where f(x) is spelled out as yhat is."""
    for function in book.functions.get(node.name.key.base, ()):
        names = tuple(x.key for x in node.arguments if isinstance(x, Name))
        called = len(names) == len(node.arguments) and function.is_called(node.name.key)
        if names == function.parameters and called:
            return known.get(canonical(function.body))
    return None


def canonical(node: Node) -> object:
    """A formula without the order of its terms and factors, and without where it stands."""
    if isinstance(node, Sum):
        return "+", tuple(
            sorted(((sign, repr(canonical(t))) for t, sign in zip(node.terms, node.signs, strict=True)))
        )
    if isinstance(node, Product) and not {"odot", "otimes"} & set(node.signs):
        return "*", tuple(sorted(repr(canonical(f)) for f in node.factors))
    if isinstance(node, Name):
        return node.key, node.primes
    if isinstance(node, SumOver) and isinstance(node.low, Number) and isinstance(node.high, Name):
        node = replace(node, low=None, high=None)  # from 1 to n, or over all of them
    fields = [getattr(node, name) for name in own_fields(node)]
    return type(node).__name__, tuple(_canonical_field(x) for x in fields)


def _canonical_field(x: object) -> object:
    if isinstance(x, Node):
        return canonical(x)
    if type(x) is tuple:
        return tuple(map(_canonical_field, x))
    return x


def _brings_steps(book: Book, first: Definition, body: Node) -> bool:
    """Whether it names a defined quantity that the first definition does not go through, without a circle."""
    mine = book.reached(body)
    if first.key in mine:
        return False
    new = {name.key for name in names_in(body) if name.key in book.exact}
    return bool(new - book.reached(first.body))
