"""A new letter for a part of the formula before it: `1 / (1 + e^{-(a - b)}) = 1 / (1 + e^{-c})`."""

from __future__ import annotations

from ..meaning.syntax import Key, Name, Node, Sum, names_in, parts, same_form

__all__ = ["abbreviated"]


def abbreviated(before: Node, after: Node) -> Key | None:
    """The one name in a formula that stands where the formula before it has something longer.

    All else must be written alike, and the name may not be one of that formula's own; None where that is
    not so.
    """
    own = {name.key for name in names_in(before)}
    found: dict[Key, Node] = {}
    stack = [(before, after)]
    while stack:
        a, b = stack.pop()
        if isinstance(b, Name) and not isinstance(a, Name) and not b.primes:
            if b.key in own or not same_form(found.setdefault(b.key, a), a):
                return None
        elif same_form(a, b):
            continue
        elif type(a) is not type(b) or (isinstance(a, Sum) and a.signs != b.signs):  # type: ignore[attr-defined]
            return None
        else:
            one, other = list(parts(a)), list(parts(b))
            if len(one) != len(other) or not one:
                return None
            stack += zip(one, other, strict=True)
    return next(iter(found)) if len(found) == 1 else None
