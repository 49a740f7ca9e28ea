"""Flattening: chains of additions become one sum of products.

`((0 + w1 x1) + w2 x2) + b` is recorded as six operations. A sum that only another sum uses is written into
it, and so is a product that only one sum uses: what is left is one `dot` of three pairs. What several users
share stays by itself, lest it be computed several times, and what is the same for all rows is not moved into
what is computed for each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from .code import LEAVES, Code

__all__ = ["flatten"]

Operands = deque[int]
"""The pairs of a sum, one after the other."""


def flatten(code: Code, roots: Sequence[int], flat: Code | None = None) -> tuple[Code, list[int]]:
    """The code that the roots need, with flat sums, and where the roots are in it.

    Where the code continues one that is flat already, and that the roots need all of, that part is kept.
    """
    return _Flattening(code, roots, flat).run()


class _Flattening:
    """One pass over the code, which writes it anew."""

    def __init__(self, code: Code, roots: Sequence[int], flat: Code | None) -> None:
        self.code, self.roots = code, roots
        self.new = flat.continued() if flat else Code()
        self.first = len(flat) if flat else 0
        self.places: list[int] = [*range(self.first), *[-1] * (len(code) - self.first)]
        """Where each operation is in the new code."""
        self.inside: dict[int, Operands | tuple[int, int]] = {}
        """Sums and products to be written into the one sum that uses them: their pairs in the new code."""
        self.users = _users(code, roots, self.first)
        """How often each operation is used, 0 for what the roots do not need."""

    def run(self) -> tuple[Code, list[int]]:
        code, new, places, users, inside = self.code, self.new, self.places, self.users, self.inside
        at, varies = code.at, code.varies
        for x in range(self.first, len(code)):
            if not users[x]:
                continue
            op, operands = code.ops[x], code.operands[x]
            new.place = at[x]
            if op == "dot":
                pairs = self._pairs(operands, varies[x])
                if users[x] == 1:
                    inside[x] = pairs
                else:
                    places[x] = new.dot(tuple(pairs))
            elif op == "mul" and users[x] == 1:
                a, b = operands
                inside[x] = (
                    places[a] if places[a] >= 0 else self._place(a),
                    places[b] if places[b] >= 0 else self._place(b),
                )
            elif op == "constant":
                places[x] = new.constant(operands[0])
            elif op == "over_rows":
                places[x] = new.over_rows(tuple(self._pairs(operands, True)))
            elif op == "input" or op == "parameter":
                places[x] = new.add(op, operands)
            elif op == "part":
                places[x] = new.part(places[operands[0]], operands[1])
            elif op == "scatter":
                places[x] = new.scattered(operands[0], [self._place(y) for y in operands[1:]])
            else:
                places[x] = new.add(
                    op, tuple([places[y] if places[y] >= 0 else self._place(y) for y in operands])
                )
        return new, [self._place(x) for x in self.roots]

    def _place(self, x: int) -> int:
        """Where an operation is in the new code; it is written now if that was put off."""
        place = self.places[x]
        if place < 0:
            self.places[x] = place = self.new.dot(tuple(self.inside.pop(x)))
        return place

    def _pairs(self, operands: Sequence[int], each_row: bool) -> Operands:
        """The pairs of a sum, those of the sums and products that only it uses among them."""
        code, inside, places = self.code, self.inside, self.places
        one, minus_one = code.one, code.minus_one
        total: Operands = deque()
        pairs = iter(operands)
        for a, b in zip(pairs, pairs, strict=True):
            if a in (one, minus_one):
                a, b = b, a
            if b in (one, minus_one) and a in inside and (code.varies[a] or not each_row):
                part = inside[a] if b == one else self._negated(inside[a])
                if part is not None:
                    del inside[a]
                    if len(part) > len(total) and isinstance(part, deque):
                        part.extendleft(
                            reversed(total)
                        )  # the shorter into the longer: chains take linear time
                        total = part
                    else:
                        total.extend(part)
                    continue
            place_a, place_b = places[a], places[b]
            total.append(place_a if place_a >= 0 else self._place(a))
            total.append(place_b if place_b >= 0 else self._place(b))
        return total

    def _negated(self, pairs: Operands | tuple[int, int]) -> Operands | None:
        """The pairs of minus a sum; None where that would take further operations."""
        if len(pairs) > 16:  # a chain of differences must not be turned round again and again
            return None
        negated: Operands = deque()
        operands = iter(pairs)
        for a, b in zip(operands, operands, strict=True):
            for x, other in ((a, b), (b, a)):
                if (number := self.new.number_of(x)) is not None:
                    negated += (self.new.constant(-number), other)
                    break
            else:
                return None
        return negated


def _users(code: Code, roots: Sequence[int], first: int) -> list[int]:
    users = [0] * len(code)
    for root in roots:
        users[root] += 2  # a result stands by itself
    for x in range(len(code) - 1, first - 1, -1):
        if users[x] and (op := code.ops[x]) not in LEAVES:
            for y in code.below(x) if op == "part" or op == "scatter" else code.operands[x]:
                users[y] += 1
    return users
