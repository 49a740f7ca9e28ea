"""Flattening: chains of additions become one sum of products.

`((0 + w1 x1) + w2 x2) + b` is recorded as six operations. A sum that only another sum uses is written into
it, and so is a product that only one sum uses: what is left is one `dot` of three pairs. What several users
share stays by itself, lest it be computed several times, and what is the same for all rows is not moved into
what is computed for each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from .code import Code

__all__ = ["flatten"]

SUMS = ("dot", "over_rows")


def flatten(code: Code, roots: Sequence[int]) -> tuple[Code, list[int]]:
    """The code that the roots need, with flat sums, and where the roots are in it."""
    users = _users(code, roots)
    new = Code()
    places: dict[int, int] = {}
    inside: dict[int, deque[tuple[int, int]]] = {}  # pairs, in the new code, of sums to be written elsewhere
    for x, op in enumerate(code.ops):
        if not users[x]:
            continue
        new.place = code.at[x]
        operands = code.operands[x]
        if op == "constant":
            places[x] = new.constant(operands[0])
        elif op in ("input", "parameter"):
            places[x] = new._add(op, operands, code.varies[x])
        elif op == "part":
            places[x] = new.part(places[operands[0]], operands[1])
        elif op == "scatter":
            kept = [_place(new, y, places, inside) for y in operands[1:]]
            places[x] = new.scattered(operands[0], list(zip(kept[::2], kept[1::2], strict=True)))
        elif op in SUMS:
            pairs = _pairs(code, new, x, users, places, inside)
            if op == "over_rows":
                places[x] = new.over_rows(pairs)
            elif users[x] == 1:
                inside[x] = pairs
            else:
                places[x] = new.dot(pairs)
        elif op == "mul" and users[x] == 1:
            a, b = (_place(new, y, places, inside) for y in operands)
            inside[x] = deque([(a, b)])
        else:
            places[x] = new.emit(op, *[_place(new, y, places, inside) for y in operands])
    return new, [_place(new, x, places, inside) for x in roots]


def _users(code: Code, roots: Sequence[int]) -> list[int]:
    """How often each operation is used, 0 for what the roots do not need."""
    users = [0] * len(code)
    for root in roots:
        users[root] += 2  # a result stands by itself
    for x in range(len(code) - 1, -1, -1):
        if users[x]:
            for y in code.below(x):
                users[y] += 1
    return users


def _place(new: Code, x: int, places: dict[int, int], inside: dict[int, deque[tuple[int, int]]]) -> int:
    """Where an operation is; it is written now if that was put off."""
    if x not in places:
        places[x] = new.dot(inside.pop(x))
    return places[x]


def _pairs(
    code: Code,
    new: Code,
    x: int,
    users: Sequence[int],
    places: dict[int, int],
    inside: dict[int, deque[tuple[int, int]]],
) -> deque[tuple[int, int]]:
    """The pairs of a sum, those of the sums and products that only it uses among them."""
    operands = code.operands[x]
    each_row = code.varies[x] or code.ops[x] == "over_rows"
    parts: list[deque[tuple[int, int]]] = []
    for a, b in zip(operands[::2], operands[1::2], strict=True):
        if b in (code.one, code.minus_one):
            a, b = b, a
        if a in (code.one, code.minus_one) and b in inside and (code.varies[b] or not each_row):
            moved = inside[b] if a == code.one else _negated(new, inside[b])
            if moved is not None:
                parts.append(moved)
                del inside[b]
                continue
        parts.append(deque([(_place(new, a, places, inside), _place(new, b, places, inside))]))
    # Into the longest part go those before and behind it, so that chains take linear time.
    longest = max(range(len(parts)), key=lambda i: len(parts[i]))
    total = parts[longest]
    for part in reversed(parts[:longest]):
        total.extendleft(reversed(part))
    for part in parts[longest + 1 :]:
        total.extend(part)
    return total


def _negated(new: Code, pairs: deque[tuple[int, int]]) -> deque[tuple[int, int]] | None:
    """The pairs of minus a sum; None where that would take further operations."""
    if len(pairs) > 8:  # a chain of differences must not be turned round again and again
        return None
    negated: deque[tuple[int, int]] = deque()
    for a, b in pairs:
        for x, other in ((a, b), (b, a)):
            if (number := new.number_of(x)) is not None:
                negated.append((new.constant(-number), other))
                break
        else:
            return None
    return negated
