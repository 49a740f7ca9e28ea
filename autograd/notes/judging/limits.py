r"""What holds up to something small: difference quotients, `f(x + h) = f(x) + h f'(x) + O(h^2)`."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from ..meaning.errors import NotUnderstood
from ..meaning.evaluating import Scope, evaluate
from ..meaning.syntax import (
    Apply,
    Derivative,
    Key,
    Name,
    Node,
    Number,
    Power,
    Product,
    Sum,
    mapped,
    quantities_in,
    replaced,
    same_form,
    walk,
)
from ..meaning.tables import entries, plain
from .deciding import Court, digits, is_finite

__all__ = ["holds_in_the_limit"]

_SMALL = {"epsilon", "varepsilon", "h", "delta"}
SIZES = Fraction(1, 10**6), Fraction(1, 10**7)
"""How small what is small is made: what is of order p must become smaller by as many powers of ten."""


def holds_in_the_limit(
    head: Node, node: Node, court: Court, approximately: bool, vanishing: Node | None = None
) -> bool:
    """Whether two sides differ by no more than they may: O(h^p), or where they are only about equal h or h^2.

    An expansion about equal to what it is of, with h on both sides, has to have the term in h. `vanishing` is
    the h of a limit.
    """
    of_any = _of_any_function(head, node, court)
    if of_any is not None and holds_in_the_limit(*of_any, court, approximately, vanishing):
        return True
    small = {key for side in (head, node) for key in _small_in(side, court)}
    if isinstance(vanishing, Name):
        small, approximately = {vanishing.key}, True
    order, rest = _without_order(node)
    if not small or not (approximately or order):
        return False
    on_both = all(any(name.key in small for name in quantities_in(side)) for side in (head, rest))
    order = order or (2 if on_both else 1)
    names = {key: Key(f"small {number}") for number, key in enumerate(sorted(small))}
    left, right = _renamed(head, names), _renamed(rest, names)
    try:
        with digits(court.exact):
            return all(_vanishes(left, right, court, list(names.values()), order, seed) for seed in range(3))
    except NotUnderstood:
        return False


def _of_any_function(head: Node, node: Node, court: Court) -> tuple[Node, Node] | None:
    """Both sides with some function's slope at some point, for dJ / d theta, whatever J is."""
    if not isinstance(head, Derivative) or not isinstance(head.variable, Name) or head.order > 1:
        return None
    output = head.output.name if isinstance(head.output, Apply) else head.output
    if (
        isinstance(output, Product)
        and same_form(output.factors[-1], head.variable)
        and len(output.factors) == 2
    ):
        output = output.factors[0]  # J (theta), read as a product
    if not isinstance(output, Name):
        return None
    calls = [x.arguments for x in walk(node) if isinstance(x, Apply) and x.name.key == output.key]
    if not calls or len({len(arguments) for arguments in calls}) > 1:
        return None
    moving = [
        p
        for p, alike in enumerate(zip(*calls, strict=True))
        if not all(same_form(alike[0], x) for x in alike)
    ]
    if len(moving) != 1:
        return None  # of f(x + h, y) - f(x, y), only x
    any_function, point = Key("any function"), replace(head.variable, key=Key("any point"))

    def change(x: Node) -> Node:
        if isinstance(x, Apply) and x.name.key == output.key:
            x = replace(x, name=replace(x.name, key=any_function), arguments=(x.arguments[moving[0]],))
        return mapped(replaced(x, head.variable, point) or x, change)

    name = replace(output, key=any_function, primes=1)
    return Apply(head.start, head.end, name, (point,)), change(node)


def _small_in(node: Node, court: Court) -> set[Key]:
    """What is added to the argument of a function, and said nowhere: h of f(x + h)."""
    found = set()
    for x in walk(node):
        for argument in x.arguments if isinstance(x, Apply) else ():
            for term in argument.terms if isinstance(argument, Sum) else ():
                key = term.key if isinstance(term, Name) else Key("")
                if (key.base in _SMALL or key.base.startswith("Delta ")) and not court.book.is_defined(key):
                    found.add(key)
    return found


def _without_order(node: Node) -> tuple[int, Node]:
    """The p of a term O(h^p), 0 where there is none, and the sum without it."""
    if not isinstance(node, Sum):
        return 0, node
    for place, term in enumerate(node.terms):
        if isinstance(term, Apply) and term.name.key == Key("O") and len(term.arguments) == 1:
            power = term.arguments[0]
            exponent = power.exponent if isinstance(power, Power) else Number(0, 0, "1")
            if isinstance(exponent, Number) and exponent.text.isdigit():
                terms = node.terms[:place] + node.terms[place + 1 :]
                signs = node.signs[:place] + node.signs[place + 1 :]
                return int(exponent.text), replace(node, terms=terms, signs=signs)
    return 0, node


def _renamed(node: Node, names: dict[Key, Key]) -> Node:
    if isinstance(node, Name) and node.key in names:
        return replace(node, key=names[node.key])
    return mapped(node, lambda x: _renamed(x, names))


def _vanishes(left: Node, right: Node, court: Court, small: list[Key], order: int, seed: int) -> bool:
    """Whether the difference becomes smaller with what is small, as fast as it must."""
    apart = []
    for size in SIZES:
        world = court.at(dict.fromkeys(small, size)).world(seed)
        scope = Scope(world, {}, 1 if court.book.rows else None, bare=True)
        sides: list[Any] = [evaluate(side, scope) for side in (left, right)]
        a, b = map(entries, sides)
        if len(a) != len(b) or not all(map(is_finite, sides)):
            return False
        apart.append(max(abs(plain(x) - plain(y)) for x, y in zip(a, b, strict=True)))
    return bool(apart[1] * 10**order <= apart[0] * 2) or bool(apart[0] < 1e-18**order)
