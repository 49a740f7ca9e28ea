"""The backward pass on code: what `graph.backward` does with numbers, written down as operations.

Two things that happen by themselves when numbers are at hand have to be written here. A result that is nan
makes every gradient nan. And what `where` or `take` did not choose gets no gradient: not even 0 times a local
derivative that is infinite, so in such a branch local derivatives are guarded by the condition.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from .code import Code
from .lowering import slopes_of

__all__ = ["derivatives"]


class _Here(NamedTuple):
    """When an operation counts: where one of several alternatives is chosen, and the choice counts itself.

    op        "where" or "take"
    choice    the condition of the one, or the index of the other
    size      how many alternatives there are
    chosen    those by which the operation counts, a bit for each
    around    when the choice counts; None is always
    """

    op: str
    choice: int
    size: int
    chosen: int
    around: _Here | None


class _Guard(NamedTuple):
    """When an operation counts, if that is not so simple: where this condition holds."""

    condition: int


def derivatives(code: Code, root: int, n_parameters: int) -> list[int]:
    """Write the derivatives of `root` by the first parameters, summed over the rows; where they are."""
    return _Backward(code, n_parameters).run(root)


class _Backward:
    """One backward pass."""

    def __init__(self, code: Code, n_parameters: int) -> None:
        self.code = code
        self.results = [code.constant(0.0)] * n_parameters
        self.received: dict[int, list[tuple[int, int, bool]]] = {}
        """For each operation the pairs whose products are handed to it, and whether rows meet there."""
        self.counts: dict[int, _Here | _Guard | None] = {}
        self.depends = [
            op == "parameter" and operands[0] < n_parameters
            for op, operands in zip(code.ops, code.operands, strict=True)
        ]
        """Whether there is one of these parameters below."""
        self.slopes_used = {
            operands[1] for op, operands in zip(code.ops, code.operands, strict=True) if op == "leaky_relu"
        }
        for x in range(len(code)):
            self.depends[x] = self.depends[x] or any(self.depends[y] for y in code.below(x))
        self.parts: dict[int, dict[tuple[int, ...], None]] = {}
        """The tables that an operation is an entry of."""
        self.tables: dict[tuple[int, ...], list[tuple[int, int]]] = {}
        """What is handed to the entries of a table that is the same for all rows: index and gradient."""

    def run(self, root: int) -> list[int]:
        code = self.code
        if not self.depends[root]:
            return self.results
        code.place = code.at[root]
        seed = code.emit("where", code.emit("less_equal", root, root), code.one, code.constant(math.nan))
        self.received[root], self.counts[root] = [(seed, code.one, False)], None
        for x in range(root, -1, -1):
            if x in self.received:
                code.place = code.at[x]
                upstream = self._total(x, self.received.pop(x), self.parts.pop(x, ()))
                if code.ops[x] == "parameter":
                    self.results[code.operands[x][0]] = upstream
                else:
                    self._hand_on(x, upstream, self.counts.pop(x))
        return self.results

    def _total(self, x: int, pairs: list[tuple[int, int, bool]], tables: Iterable[tuple[int, ...]]) -> int:
        """The gradient: the sum of what was received, over the rows where they meet."""
        code = self.code
        if len(pairs) == 1 and not tables and not pairs[0][2]:
            return code.product(pairs[0][0], pairs[0][1])
        summed = [x for a, b, over_rows in pairs if over_rows for x in (a, b)]
        rest = [x for a, b, over_rows in pairs if not over_rows for x in (a, b)]
        if summed:
            rest[:0] = code.over_rows(tuple(summed)), code.one
        for table in tables:
            whole = code.scattered(len(table), [x for pair in self.tables[table] for x in pair])
            for i, entry in enumerate(table):
                if entry == x:
                    rest += code.part(whole, i), code.one
        return code.dot(tuple(rest))

    def _hand_on(self, x: int, upstream: int, here: _Here | _Guard | None) -> None:
        code, op = self.code, self.code.ops[x]
        if x in self.slopes_used:  # the one operand whose nan leaves no trace where it is not used
            upstream = code.emit("where", code.emit("less_equal", x, x), upstream, code.constant(math.nan))
        if op in ("where", "take"):
            self._hand_to_chosen(x, upstream, here)
            return
        for operand, slope in zip(code.operands[x], slopes_of(code, op, code.operands[x], x), strict=True):
            if slope is None or not self.depends[operand]:
                continue
            if here is not None and code.ops[slope] != "constant":
                slope = code.emit("where", self._condition(here), slope, code.constant(0.0))
            self._receive(operand, upstream, slope, self._rows_meet(x, operand), here)

    def _hand_to_chosen(self, x: int, upstream: int, here: _Here | _Guard | None) -> None:
        """`where` and `take`: the gradient goes to what was chosen, and nothing at all to the others."""
        code = self.code
        choice, *entries = code.operands[x]
        around = here if isinstance(here, _Here) else None
        if code.ops[x] == "take" and code.varies[x] and not any(code.varies[entry] for entry in entries):
            self._scatter(choice, tuple(entries), upstream, here)
            return
        for i, entry in enumerate(entries):
            if self.depends[entry]:
                there: _Here | _Guard = _Here(code.ops[x], choice, len(entries), 1 << i, around)
                handed = code.emit("where", self._condition(there), upstream, code.constant(0.0))
                if isinstance(here, _Guard):
                    there = _Guard(self._both(here.condition, self._condition(there)))
                self._receive(entry, handed, code.one, self._rows_meet(x, entry), there)

    def _scatter(
        self, choice: int, table: tuple[int, ...], upstream: int, here: _Here | _Guard | None
    ) -> None:
        """`take` from a table that is the same for all rows: an addition for each row, not for each entry."""
        code = self.code
        self.tables.setdefault(table, []).append((choice, upstream))
        for i, entry in enumerate(table):
            if self.depends[entry]:
                there = None
                if code.ops[entry] != "parameter":
                    there = _Guard(code.emit("equal", choice, code.constant(float(i))))
                    if here is not None:
                        there = _Guard(self._both(there.condition, self._condition(here)))
                self.parts.setdefault(entry, {})[table] = None
                self._receive(entry, None, code.one, True, there)

    def _receive(
        self, x: int, upstream: int | None, slope: int, rows_meet: bool, there: _Here | _Guard | None
    ) -> None:
        """Add a contribution to the gradient of an operation, which may count only where `there` says.

        Where rows meet, it counts if it does for any row.
        """
        code = self.code
        if code.ops[x] == "parameter":
            there = None
        elif rows_meet and there is not None:
            there = _Guard(code.over_rows((self._condition(there), code.one)))
        pairs = [] if upstream is None else [(upstream, slope, rows_meet)]
        if x in self.received:
            self.received[x] += pairs
            self.counts[x] = self._either(self.counts[x], there)
        else:
            self.received[x] = pairs
            self.counts[x] = there

    def _rows_meet(self, user: int, x: int) -> bool:
        """Whether each row hands something to what is the same for all rows."""
        return self.code.varies[user] and not self.code.varies[x]

    # ------------------------------------------------------------------------------------- what counts

    def _either(self, a: _Here | _Guard | None, b: _Here | _Guard | None) -> _Here | _Guard | None:
        if a is None or b is None:
            return None
        if a == b:
            return a
        if isinstance(a, _Here) and isinstance(b, _Here):
            chosen = a.chosen | b.chosen
            if a._replace(chosen=chosen) == b._replace(chosen=chosen):  # alternatives of one choice
                return a.around if chosen == (1 << a.size) - 1 else a._replace(chosen=chosen)
        return _Guard(self.code.emit("maximum", self._condition(a), self._condition(b)))

    def _both(self, a: int, b: int) -> int:
        return self.code.emit("where", a, b, self.code.constant(0.0))

    def _condition(self, here: _Here | _Guard) -> int:
        """1 where it counts, else 0."""
        if isinstance(here, _Guard):
            return here.condition
        code = self.code
        numbers = [i for i in range(here.size) if here.chosen >> i & 1]
        if here.op == "where":
            one, zero = code.one, code.constant(0.0)
            condition = code.emit("where", here.choice, *((one, zero) if numbers == [0] else (zero, one)))
        else:
            equal = [code.emit("equal", here.choice, code.constant(float(i))) for i in numbers]
            condition = code.emit("sum", *equal)
        return condition if here.around is None else self._both(condition, self._condition(here.around))
