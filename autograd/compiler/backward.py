"""The backward pass on code: what `graph.backward` does with numbers, written down as operations.

Two things that happen by themselves when numbers are at hand have to be written here. A result that is nan
makes every gradient nan. And what `where` or `take` did not choose gets no gradient, so what counts only
there has its local derivatives guarded by a condition: see `counting`.
"""

from __future__ import annotations

import math
from collections import defaultdict

from .code import LEAVES, Code
from .counting import ALWAYS, Chosen, Counts, Where, condition_of, either
from .lowering import slopes_of

__all__ = ["derivatives"]


def derivatives(code: Code, root: int, n_parameters: int) -> list[int]:
    """Write the derivatives of `root` by the first parameters, summed over the rows; where they are."""
    return _Backward(code, n_parameters).run(root)


class _Backward:
    """One backward pass."""

    def __init__(self, code: Code, n_parameters: int) -> None:
        self.code = code
        self.results = [code.constant(0.0)] * n_parameters
        self.received: defaultdict[int, list[int]] = defaultdict(list)
        """For each operation what is handed to it: pairs of factors, one after the other."""
        self.received_by_rows: defaultdict[int, list[int]] = defaultdict(list)
        """Those that are to be summed over the rows."""
        self.counts: dict[int, Counts] = {}
        self.depends = [
            op == "parameter" and operands[0] < n_parameters
            for op, operands in zip(code.ops, code.operands, strict=True)
        ]
        """Whether there is one of these parameters below."""
        self.slopes_used = {
            operands[1] for op, operands in zip(code.ops, code.operands, strict=True) if op == "leaky_relu"
        }
        depends = self.depends
        for x, op in enumerate(code.ops):
            if op not in LEAVES:
                depends[x] = any(map(depends.__getitem__, code.operands[x]))
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
        self.received[root] += seed, code.one
        at, ops, received, by_rows = code.at, code.ops, self.received, self.received_by_rows
        for x in range(root, -1, -1):
            if x in received or x in by_rows:
                code.place = at[x]
                upstream = self._total(x)
                if ops[x] == "parameter":
                    self.results[code.operands[x][0]] = upstream
                else:
                    self._hand_on(x, upstream, self.counts.pop(x, ALWAYS))
        return self.results

    def _total(self, x: int) -> int:
        """The gradient: the sum of what was received, over the rows where they meet."""
        code = self.code
        pairs = self.received.pop(x, [])
        if x in self.received_by_rows:
            pairs[:0] = code.over_rows(tuple(self.received_by_rows.pop(x))), code.one
        for table in self.parts.pop(x, ()):
            whole = code.scattered(len(table), [x for pair in self.tables[table] for x in pair])
            for i, entry in enumerate(table):
                if entry == x:
                    pairs += code.part(whole, i), code.one
        return code.dot(tuple(pairs))

    def _hand_on(self, x: int, upstream: int, here: Counts) -> None:
        code, depends, received, by_rows = self.code, self.depends, self.received, self.received_by_rows
        op, operands, varies = code.ops[x], code.operands[x], code.varies
        if x in self.slopes_used:  # the one operand whose nan leaves no trace where it is not used
            upstream = code.emit("where", code.emit("less_equal", x, x), upstream, code.constant(math.nan))
        if op == "where" or op == "take":
            self._hand_to_chosen(x, upstream, here)
            return
        slopes = slopes_of(code, op, operands, x)
        if here is None and not self.counts:  # nothing can be left out: as below, but faster
            for operand, slope in zip(operands, slopes, strict=True):
                if slope is not None and depends[operand]:
                    meet = varies[x] and not varies[operand]
                    (by_rows if meet else received)[operand] += upstream, slope
            return
        for operand, slope in zip(operands, slopes, strict=True):
            if slope is not None and depends[operand]:
                if here is not None and code.ops[slope] != "constant":
                    slope = code.emit("where", condition_of(code, here), slope, code.constant(0.0))
                self._receive(operand, [upstream, slope], self._rows_meet(x, operand), here)

    def _hand_to_chosen(self, x: int, upstream: int, here: Counts) -> None:
        """`where` and `take`: the gradient goes to what was chosen, and nothing at all to the others."""
        code = self.code
        choice, *entries = code.operands[x]
        # from a table that is the same for all rows: an addition for each row, not for each entry
        scattered = code.ops[x] == "take" and code.varies[x] and not any(code.varies[y] for y in entries)
        if scattered:
            self.tables.setdefault(tuple(entries), []).append((choice, upstream))
        for i, entry in enumerate(entries):
            if not self.depends[entry]:
                continue
            there = (Chosen(code.ops[x], choice, len(entries), 1 << i, here),)
            if scattered:
                self.parts.setdefault(entry, {})[tuple(entries)] = None
                self._receive(entry, [], True, there)
            else:
                handed = code.emit("where", condition_of(code, there), upstream, code.constant(0.0))
                self._receive(entry, [handed, code.one], self._rows_meet(x, entry), there)

    def _receive(self, x: int, pairs: list[int], rows_meet: bool, there: Counts) -> None:
        """Add contributions to the gradient of an operation, which may count only where `there` says.

        Where rows meet, it counts if it does for any row.
        """
        code = self.code
        if code.ops[x] == "parameter":
            there = ALWAYS
        elif rows_meet and there is not None:
            there = (Where(code.over_rows((condition_of(code, there), code.one))),)
        if x in self.received or x in self.received_by_rows:
            there = either(self.counts.pop(x, ALWAYS), there)
        if there is not None:
            self.counts[x] = there
        (self.received_by_rows if rows_meet and pairs else self.received)[x] += pairs

    def _rows_meet(self, user: int, x: int) -> bool:
        """Whether each row hands something to what is the same for all rows."""
        return self.code.varies[user] and not self.code.varies[x]
