"""`Code`: a program as a list of operations on earlier ones, equal ones written once.

It is what a recording is lowered to. Every entry is a leaf (a constant, an input, a parameter) or a primitive
with a fixed number of operands, or a `dot`: the sum of products of pairs, in which all sums, differences and
chains of them end up.
"""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from ..ops import OPS

__all__ = ["LEAVES", "Code", "writer"]

LEAVES = ("constant", "input", "parameter", "gone")
"""What has no operands; `gone` is what was removed."""

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
        place = len(self.ops)
        found = self._known[op].setdefault(operands, place)
        if found == place:
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
        known, key = self._known["constant"], _key(number)
        found = known.get(key)
        if found is None:
            found = known[key] = len(self.ops)
            self.ops.append("constant")
            self.operands.append((number,))
            self.varies.append(False)
            self.at.append(self.place)
        return found

    def replace(self, x: int, operands: tuple[int, ...]) -> None:
        """Give an operation other operands."""
        known = self._known[self.ops[x]]
        known.pop(self.operands[x], None)
        known[operands] = x
        self.operands[x] = operands

    def remove(self, x: int) -> None:
        """Remove an operation that nothing uses any more; all others stay at their places."""
        op, operands = self.ops[x], self.operands[x]
        self._known[op].pop(_key(operands[0]) if op == "constant" else operands, None)
        self.ops[x], self.operands[x] = "gone", ()

    def emit(self, op: str, *x: int) -> int:
        """The place of an operation, simplified where that does not change a bit of its result."""
        return writer(op)(self, *x)

    def apply(self, op: str, *x: int) -> int:
        """The place of an operation, which is computed now if all its operands are constants."""
        ops = self.ops
        for operand in x:
            if ops[operand] != "constant":
                return self.add(op, x)
        return self.constant(_evaluated(op, [self.operands[operand][0] for operand in x]))

    def product(self, a: int, b: int) -> int:
        """The place of a product."""
        if a > b:
            a, b = b, a
        if a == self.one:
            return b
        op_a, op_b = self.ops[a], self.ops[b]
        if op_a == "constant":
            if op_b == "constant":
                return self.constant(self.operands[a][0] * self.operands[b][0])
            if a == self.minus_one and op_b == "mul" and self.operands[b][0] == a:
                return int(self.operands[b][1])
        elif op_a == "sigmoid" and op_b == "sigmoid":
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
        ops = self.ops
        if ops[x[0]] == "constant" and all(ops[operand] == "constant" for operand in x):
            total = -0.0
            for a, b in zip(x[::2], x[1::2], strict=True):
                total += self.operands[a][0] * self.operands[b][0]
            return self.constant(total)
        return self.add("dot", x)

    def total(self, *x: int) -> int:
        """The place of a sum."""
        pairs = [self.one] * (2 * len(x))
        pairs[::2] = x
        return self.dot(tuple(pairs))

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


def _key(number: float) -> float | str:
    """What constants are told apart by."""
    return "nan" if number != number else number or number.hex()


def _evaluated(op: str, numbers: Sequence[float]) -> float:
    """A primitive of constants, as the eager engine computes it."""
    if op == "equal":
        return float(numbers[0] == numbers[1])
    return float(OPS[op].evaluate(list(numbers)))


# ---------------------------------------------------------------------------------------- simplifying


def writer(op: str) -> Callable[..., int]:
    """What writes an operation, given the code and the operands: simplified, if no bit of it changes."""
    return _SIMPLER.get(op) or functools.partial(_apply, op)


def _apply(op: str, code: Code, *x: int) -> int:
    return code.apply(op, *x)


def _dot(code: Code, *x: int) -> int:
    half = len(x) // 2
    return code.dot(tuple(chain.from_iterable(zip(x[:half], x[half:], strict=True))))


def _difference(code: Code, a: int, b: int) -> int:
    number = code.number_of(b)
    if number == 0 and math.copysign(1, number) > 0:
        return a
    return code.dot((a, code.one, b, code.minus_one))


def _quotient(code: Code, a: int, b: int) -> int:
    by = code.number_of(b)
    if by is not None and by != 0 and math.frexp(by)[0] in (0.5, -0.5) and abs(by) < 2.0**1000:
        return code.product(a, code.constant(1 / by))  # a power of 2: nothing is rounded
    return code.apply("div", a, b)


def _power(code: Code, x: int, exponent: int) -> int:
    n = code.number_of(exponent)
    if n == 1:
        return x
    if n == 2:
        return code.product(x, x)
    if n == -1:
        return _quotient(code, code.one, x)
    return code.apply("power", x, exponent)


def _choice(code: Code, condition: int, a: int, b: int) -> int:
    if a == b:
        return a
    if a == code.one and code.ops[condition] in CONDITIONS and b == code.constant(0.0):
        return condition  # what is 1 or 0 already
    return code.apply("where", condition, a, b)


_SIMPLER: dict[str, Callable[..., int]] = {
    "mul": Code.product,
    "add": lambda code, a, b: code.dot((a, code.one, b, code.one)),
    "sum": Code.total,
    "dot": _dot,
    "sub": _difference,
    "neg": lambda code, x: code.product(x, code.minus_one),
    "div": _quotient,
    "power": _power,
    "general_power": _power,
    "where": _choice,
    "maximum": lambda code, *x: code.apply("maximum", *sorted(x)),
    "minimum": lambda code, *x: code.apply("minimum", *sorted(x)),
}
