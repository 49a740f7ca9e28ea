r"""Slopes with a penalty that the loss of the notes has not: weight decay, `dW + \frac{\lambda}{m} W`."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..defining.book import COUNTS
from ..meaning.errors import NotUnderstood
from ..meaning.syntax import Derivative, Key, Name, Node, Sum, quantities_in, walk
from .deciding import Court

__all__ = ["is_with_penalty"]

_FACTORS = {"lambda", "lambda_", "lambd", "alpha", "beta", "gamma", "rho", "mu", "wd"}


def is_with_penalty(unknown: Key, head: Node, node: Node, court: Court) -> bool:
    """Whether all is right but for a multiple of the parameter, by a factor that is said nowhere else.

    Which multiple it is does not matter: nothing says what is added to the loss.
    """
    counts = {*map(Key, COUNTS), *map(Key, court.book.rates), unknown}
    terms = list(_terms_with(unknown, node, 1 if isinstance(head, (Derivative, Name)) else -1))
    if unknown.base not in _FACTORS or not terms:
        return False
    for sign, term in terms:
        if sign < 0 or {x.key for x in quantities_in(term)} - counts != {_parameter(head)}:
            return False
    try:
        return court.at({unknown: Fraction(0)}).difference(head, node) is None
    except NotUnderstood:
        return False


def _parameter(head: Node) -> Key | None:
    """What a slope is by, of `dJ/dW` and of `dW`, or what a step of descent begins with."""
    match head:
        case Derivative(variable=Name(key=key)) | Sum(terms=(Name(key=key), *_)):
            return key
        case Name(key=key):
            return key._replace(base=key.base.removeprefix("d "))
    return None


def _terms_with(unknown: Key, node: Node, sign: int) -> Iterator[tuple[int, Node]]:
    """The terms of the innermost sums that have a name in them; slopes have that `sign` in the outermost."""
    for x in walk(node):
        for its, term in zip(x.signs, x.terms, strict=True) if isinstance(x, Sum) else ():
            if _has(unknown, term) and not any(isinstance(y, Sum) and _has(unknown, y) for y in walk(term)):
                yield its * (sign if x is node else 1), term


def _has(unknown: Key, node: Node) -> bool:
    return any(x.key == unknown for x in quantities_in(node))
