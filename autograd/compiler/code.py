"""`Code`: a program as a list of operations on earlier ones, equal ones written once.

It is what a recording is lowered to. Every entry is a leaf (a constant, an input, a parameter) or a primitive
with a fixed number of operands, or a `dot`: the sum of products of pairs, in which all sums, differences and
chains of them end up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ..ops import OPS

__all__ = ["Code"]

COMMUTATIVE = ("mul", "maximum", "minimum")


class Code:
    """Operations in an order in which operands come before results.

    ops        the name of each operation
    operands   the places of its operands; of a constant its number, of an input or parameter which one it is
    varies     whether it depends on the inputs and so has to be computed for each row
    at         where it belongs in the order of the program: by this neighbours are kept together
    """

    def __init__(self) -> None:
        self.ops: list[str] = []
        self.operands: list[tuple[Any, ...]] = []
        self.varies: list[bool] = []
        self.at: list[int] = []
        self.place = 0
        """What `at` will be for the operations that are emitted next."""
        self._known: dict[tuple[Any, ...], int] = {}
        self.one = self.constant(1.0)
        self.minus_one = self.constant(-1.0)

    def __len__(self) -> int:
        return len(self.ops)

    def _add(self, op: str, operands: tuple[Any, ...], varies: bool) -> int:
        key = (op, *operands)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.ops)
            self.ops.append(op)
            self.operands.append(operands)
            self.varies.append(varies)
            self.at.append(self.place)
        return found

    def constant(self, number: float) -> int:
        key = ("constant", number.hex())  # tells -0.0 from 0.0, and nan is nan
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.ops)
            self.ops.append("constant")
            self.operands.append((number,))
            self.varies.append(False)
            self.at.append(self.place)
        return found

    def input(self, column: int) -> int:
        return self._add("input", (column,), True)

    def parameter(self, i: int) -> int:
        return self._add("parameter", (i,), False)

    def number_of(self, x: int) -> float | None:
        """The number of a constant, None for anything else."""
        return self.operands[x][0] if self.ops[x] == "constant" else None

    def emit(self, op: str, *x: int) -> int:
        """The place of an operation, simplified where that does not change a bit of its result."""
        if op == "mul":
            return self.product(*x)
        if op == "add":
            return self.dot([(x[0], self.one), (x[1], self.one)])
        if op == "sub":
            if self.number_of(x[1]) == 0 and math.copysign(1, self.number_of(x[1]) or 0.0) > 0:
                return x[0]
            return self.dot([(x[0], self.one), (x[1], self.minus_one)])
        if op == "sum":
            return self.dot([(operand, self.one) for operand in x])
        if op == "dot":
            half = len(x) // 2
            return self.dot(zip(x[:half], x[half:], strict=True))
        if op == "neg":
            return self.product(x[0], self.minus_one)
        if op == "div":
            by = self.number_of(x[1])
            if by is not None and by != 0 and math.frexp(by)[0] in (0.5, -0.5) and abs(by) < 2.0**1000:
                return self.product(x[0], self.constant(1 / by))  # a power of 2: nothing is rounded
        if op in ("power", "general_power"):
            n = self.number_of(x[1])
            if n == 1:
                return x[0]
            if n == 2:
                return self.product(x[0], x[0])
            if n == -1:
                return self.emit("div", self.one, x[0])
            op = "power"
        if op == "where" and x[1] == x[2]:
            return x[1]
        if all(self.ops[operand] == "constant" for operand in x):
            return self.constant(_evaluated(op, [self.operands[operand][0] for operand in x]))
        if op in COMMUTATIVE and x[0] > x[1]:
            x = (x[1], x[0])
        return self._add(op, x, any(self.varies[operand] for operand in x))

    def product(self, a: int, b: int) -> int:
        if a > b:
            a, b = b, a
        if self.one in (a, b):
            return b if a == self.one else a
        if a == self.minus_one and self.ops[b] == "mul" and self.operands[b][0] == self.minus_one:
            return int(self.operands[b][1])
        if self.ops[a] == self.ops[b] == "constant":
            return self.constant(self.operands[a][0] * self.operands[b][0])
        return self._add("mul", (a, b), self.varies[a] or self.varies[b])

    def dot(self, pairs: Iterable[tuple[int, int]]) -> int:
        """The sum of products. Its operands are the pairs one after the other."""
        pairs = list(pairs)
        if not pairs:
            return self.constant(0.0)
        if len(pairs) == 1:
            return self.product(*pairs[0])
        x = tuple(operand for pair in pairs for operand in pair)
        if all(self.ops[operand] == "constant" for operand in x):
            total = -0.0
            for a, b in pairs:
                total += self.operands[a][0] * self.operands[b][0]
            return self.constant(total)
        return self._add("dot", x, any(self.varies[operand] for operand in x))

    def over_rows(self, pairs: Sequence[tuple[int, int]]) -> int:
        """The sum over all rows of a sum of products: the same for every row."""
        return self._add("over_rows", tuple(operand for pair in pairs for operand in pair), False)

    def scattered(self, table: int, pairs: Sequence[tuple[int, int]]) -> int:
        """Pairs of an index and a number: the numbers of all rows, each added to the entry at its index.

        The result is a table of this size, of which `part` is an entry.
        """
        return self._add("scatter", (table, *(operand for pair in pairs for operand in pair)), False)

    def part(self, table: int, entry: int) -> int:
        """An entry of what `scattered` gave."""
        return self._add("part", (table, entry), False)

    def below(self, x: int) -> tuple[int, ...]:
        """The operations that an operation uses."""
        op, operands = self.ops[x], self.operands[x]
        if op in ("constant", "input", "parameter"):
            return ()
        return operands[:1] if op == "part" else operands[1:] if op == "scatter" else operands


def _evaluated(op: str, numbers: Sequence[float]) -> float:
    """A primitive of constants, as the eager engine computes it."""
    if op == "equal":
        return float(numbers[0] == numbers[1])
    return float(OPS[op].evaluate(list(numbers)))
