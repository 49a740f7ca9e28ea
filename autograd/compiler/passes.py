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

SUMS = ("dot", "over_rows")

Pairs = deque[int]
"""The pairs of a sum, one after the other."""


def flatten(code: Code, roots: Sequence[int], first: int = 2) -> None:
    """Make the sums of the code flat, from an operation on, and remove what the roots do not need.

    What comes before is flat already, and the roots need all of it.
    """
    _Flattening(code, roots, first).run()


class _Flattening:
    """One pass over the code."""

    def __init__(self, code: Code, roots: Sequence[int], first: int) -> None:
        self.code, self.first = code, first
        self.users = _users(code, roots, first)
        """How often each operation is used, 0 for what the roots do not need."""
        self.longer: dict[int, Pairs] = {}
        """Sums into which others were written."""

    def run(self) -> None:
        ops, operands, users = self.code.ops, self.code.operands, self.users
        for x in range(self.first, len(users)):
            if not users[x]:
                self.code.remove(x)
            elif ops[x] in SUMS and 1 in [users[y] for y in operands[x]]:
                self._write_into(x)
        for x, pairs in self.longer.items():
            self.code.replace(x, tuple(pairs))

    def _write_into(self, x: int) -> None:
        """Write into a sum the sums and products that only it uses."""
        code, users, first = self.code, self.users, self.first
        one, minus_one, varies = code.one, code.minus_one, code.varies  # these two come before all others
        each_row = varies[x] or code.ops[x] == "over_rows"
        total: Pairs = deque()
        operands = iter(code.operands[x])
        for a, b in zip(operands, operands, strict=True):
            if a <= minus_one:
                a, b = b, a
            part = None
            if b <= minus_one and users[a] == 1 and a >= first and (varies[a] or not each_row):
                part = self._taken(a, negative=b != one)
            if part is None:
                total.append(a)
                total.append(b)
            elif len(part) > len(total) and isinstance(part, deque):
                # the shorter into the longer: chains take linear time
                part.extendleft(reversed(total))
                total = part
            else:
                total.extend(part)
        self.longer[x] = total

    def _taken(self, x: int, negative: bool) -> Pairs | tuple[int, ...] | None:
        """The pairs of a sum or product, which is removed; None if it is neither or has to stay."""
        code = self.code
        pairs: Pairs | tuple[int, ...] | None
        if code.ops[x] == "mul":
            pairs = code.operands[x]
        elif code.ops[x] == "dot":
            pairs = self.longer.get(x) or deque(code.operands[x])
        else:
            return None
        if negative:
            pairs = self._negated(pairs)
        if pairs is not None:
            self.longer.pop(x, None)
            code.remove(x)
        return pairs

    def _negated(self, pairs: Pairs | tuple[int, ...]) -> Pairs | None:
        """The pairs of minus a sum; None where that would take further operations."""
        code = self.code
        if len(pairs) > 16:  # a chain of differences must not be turned round again and again
            return None
        negated: Pairs = deque()
        operands = iter(pairs)
        for a, b in zip(operands, operands, strict=True):
            for x, other in ((a, b), (b, a)):
                if (number := code.number_of(x)) is not None:
                    minus = code.constant(-number)
                    negated += (minus, other)
                    if minus < len(self.users):
                        self.users[minus] += 1
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
