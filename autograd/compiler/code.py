"""`Code`: a program as a list of operations on earlier ones, equal ones written once.

It is what a recording is lowered to. Every entry is a leaf (a constant, an input, a parameter) or a primitive
with a fixed number of operands, or a `dot`: the sum of products of pairs, in which all sums, differences and
chains of them end up.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from ..ops import OPS

__all__ = ["Code"]

LEAVES = ("constant", "input", "parameter")
CONDITIONS = ("less", "less_equal", "equal")


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
        self.has_inputs = False
        self.place = 0
        """What `at` will be for the operations that are emitted next."""
        self._known: defaultdict[str, dict[Any, int]] = defaultdict(dict)
        """The place of each operation, by name and operands."""
        self.one = self.constant(1.0)
        self.minus_one = self.constant(-1.0)

    def __len__(self) -> int:
        return len(self.ops)

    def continued(self) -> Code:
        """The same code once more, to be gone on with."""
        new = Code()
        new.ops, new.operands = list(self.ops), list(self.operands)
        new.varies, new.at, new.has_inputs = list(self.varies), list(self.at), self.has_inputs
        new._known = defaultdict(dict, {op: dict(known) for op, known in self._known.items()})
        return new

    def finish(self) -> None:
        """Forget what is only needed to add to the code."""
        self._known.clear()

    # ------------------------------------------------------------------------------------------- reading

    def number_of(self, x: int) -> float | None:
        """The number of a constant, None for anything else."""
        return self.operands[x][0] if self.ops[x] == "constant" else None

    def below(self, x: int) -> tuple[int, ...]:
        """The operations that an operation uses."""
        op, operands = self.ops[x], self.operands[x]
        if op in LEAVES:
            return ()
        return operands[:1] if op == "part" else operands[1:] if op == "scatter" else operands

    # ------------------------------------------------------------------------------------------- writing

    def add(self, op: str, operands: tuple[Any, ...], varies: bool | None = None) -> int:
        """The place of an operation, as it is; it is written unless it is there already."""
        known = self._known[op]
        found = known.get(operands)
        if found is None:
            found = known[operands] = len(self.ops)
            if varies is None:
                varies = op == "input"
                if varies:
                    self.has_inputs = True
                elif self.has_inputs and op != "parameter":
                    for x in operands:
                        if self.varies[x]:
                            varies = True
                            break
            self.ops.append(op)
            self.operands.append(operands)
            self.varies.append(varies)
            self.at.append(self.place)
        return found

    def constant(self, number: float) -> int:
        """The place of a constant. -0.0 is told from 0.0, and nan is nan."""
        key: Any = number or number.hex()
        if number != number:
            key = "nan"
        known = self._known["constant"]
        found = known.get(key)
        if found is None:
            found = known[key] = len(self.ops)
            self.ops.append("constant")
            self.operands.append((number,))
            self.varies.append(False)
            self.at.append(self.place)
        return found

    def emit(self, op: str, *x: int) -> int:
        """The place of an operation, simplified where that does not change a bit of its result."""
        if op == "mul":
            return self.product(x[0], x[1])
        if op == "add":
            return self.dot((x[0], self.one, x[1], self.one))
        if op == "sub":
            if x[1] == self.constant(0.0):
                return x[0]
            return self.dot((x[0], self.one, x[1], self.minus_one))
        if op == "sum":
            return self.dot(tuple(y for operand in x for y in (operand, self.one)))
        if op == "dot":
            half = len(x) // 2
            return self.dot(tuple(y for pair in zip(x[:half], x[half:], strict=True) for y in pair))
        if op == "neg":
            return self.product(x[0], self.minus_one)
        if op == "div":
            by = self.number_of(x[1])
            if by is not None and by != 0 and math.frexp(by)[0] in (0.5, -0.5) and abs(by) < 2.0**1000:
                return self.product(x[0], self.constant(1 / by))  # a power of 2: nothing is rounded
        elif op == "power" or op == "general_power":
            n = self.number_of(x[1])
            if n == 1:
                return x[0]
            if n == 2:
                return self.product(x[0], x[0])
            if n == -1:
                return self.emit("div", self.one, x[0])
            op = "power"
        elif op == "where":
            if x[1] == x[2]:
                return x[1]
            if x[1] == self.one and self.ops[x[0]] in CONDITIONS and x[2] == self.constant(0.0):
                return x[0]  # what is 1 or 0 already
        elif (op == "maximum" or op == "minimum") and x[0] > x[1]:
            x = (x[1], x[0])
        if self._all_constant(x):
            return self.constant(_evaluated(op, [self.operands[operand][0] for operand in x]))
        return self.add(op, x)

    def product(self, a: int, b: int) -> int:
        """The place of a product."""
        if a > b:
            a, b = b, a
        if a == self.one:
            return b
        if a == self.minus_one:
            if b == a:
                return self.one
            if self.ops[b] == "mul" and self.operands[b][0] == a:
                return int(self.operands[b][1])
        if self.ops[a] == self.ops[b] == "constant":
            return self.constant(self.operands[a][0] * self.operands[b][0])
        if self.ops[a] == self.ops[b] == "sigmoid":
            x, y = self.operands[a][0], self.operands[b][0]
            if (self.minus_one, x) == self.operands[y] or (self.minus_one, y) == self.operands[x]:
                return self.add("bell", (x,))  # the slope of sigmoid and tanh, as for numbers
        return self.add("mul", (a, b))

    def dot(self, x: tuple[int, ...]) -> int:
        """The place of a sum of products, of pairs one after the other."""
        if len(x) == 2:
            return self.product(*x)
        if not x:
            return self.constant(0.0)
        if self.ops[x[0]] == "constant" and self._all_constant(x):
            total = -0.0
            for a, b in zip(x[::2], x[1::2], strict=True):
                total += self.operands[a][0] * self.operands[b][0]
            return self.constant(total)
        return self.add("dot", x)

    def over_rows(self, x: tuple[int, ...]) -> int:
        """The sum over all rows of a sum of products: the same for every row."""
        return self.add("over_rows", x, False)

    def scattered(self, table: int, x: Sequence[int]) -> int:
        """Pairs of an index and a number: the numbers of all rows, each added to the entry at its index.

        The result is a table of this size, of which `part` is an entry.
        """
        return self.add("scatter", (table, *x), False)

    def part(self, table: int, entry: int) -> int:
        """An entry of what `scattered` gave."""
        return self.add("part", (table, entry), False)

    def _all_constant(self, x: tuple[int, ...]) -> bool:
        return all(self.ops[operand] == "constant" for operand in x)


def _evaluated(op: str, numbers: Sequence[float]) -> float:
    """A primitive of constants, as the eager engine computes it."""
    if op == "equal":
        return float(numbers[0] == numbers[1])
    return float(OPS[op].evaluate(list(numbers)))
