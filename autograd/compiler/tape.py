"""The tape: a schedule as arrays of integers, which the kernels read.

How a group of sums runs on one row depends on where its operands are. If the operands of neighbouring sums
are neighbours too (`w_jk * y_j` for k = 0, 1, 2, ...), several sums are computed at once, a lane of a vector
for each: they make a *tile*. If the operands of one sum are neighbours (`w_jk * x_k`), the lanes run *along*
the sum. Only what is neither needs an index for every operand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .layout import ALONG, CODES, COLUMNS, GENERAL, HEAD, SINGLE, TILES
from .schedule import AFTER, BEFORE, OVER_ROWS, ROWS, Schedule

if TYPE_CHECKING:
    import numpy as np

    Ints = np.ndarray[Any, Any]

__all__ = ["Tape"]

CLOSELY = 12
"""Operands, or operations that are no sums, from which on a group is looked at more closely."""


class Tape:
    """A schedule for the kernels.

    stream   the groups as one row runs them, one behind the other with all that they need
    ends     where in the stream each stage ends
    bounds   how many groups there are up to the end of each stage
    modes    how each group runs on one row
    """

    def __init__(self, plan: Schedule) -> None:
        import numpy as np

        self._plan = plan
        over_rows = np.isin(plan.kinds, [CODES[op] for op in OVER_ROWS])
        self._outs = plan.outs + np.where((plan.stages == ROWS) & ~over_rows, plan.n_shared, 0)
        self.bounds = [int((plan.stages <= stage).sum()) for stage in (BEFORE, ROWS, AFTER)]
        self.largest = int(plan.counts.max(initial=0))
        self.first_sum = int(self._outs[over_rows][0]) if over_rows.any() else plan.n_shared
        self.n_sums = int((plan.counts * plan.sizes)[over_rows].sum())
        self._write_stream()

    def _write_stream(self) -> None:
        import numpy as np

        plan, n = self._plan, len(self._plan.kinds)
        counts = np.where(plan.kinds == CODES["scatter"], plan.sizes, plan.counts)
        self.modes = modes = np.where(plan.counts == 1, SINGLE, GENERAL).astype(np.int32)
        lengths = plan.counts * plan.widths
        special: dict[int, Ints] = {}
        for g in np.flatnonzero(plan.kinds < CODES["scatter"]).tolist():
            if lengths[g] >= 2 * CLOSELY:
                mode, count, data = _mode(self._operands(g), int(self._outs[g]))
                if mode != GENERAL:
                    modes[g], counts[g], lengths[g], special[g] = mode, count, len(data), data
        plain = plan.kinds >= CODES["div"]
        for g in np.flatnonzero(plain & (plan.counts >= CLOSELY)).tolist():
            data = _columns(self._operands(g))
            modes[g], lengths[g], special[g] = COLUMNS, len(data), data

        begins = np.append(0, np.cumsum(lengths + HEAD))
        self.ends = [int(begins[bound]) for bound in self.bounds]
        self.stream = np.empty(int(begins[-1]), np.int32)
        heads = begins[:-1]
        for i, column in enumerate((plan.kinds + 64 * modes, counts, self._outs, plan.widths)):
            self.stream[heads + i] = column
        usual = np.ones(n, bool)
        usual[list(special)] = False
        of = lengths[usual]
        within = np.arange(of.sum()) - np.repeat(np.cumsum(of) - of, of)
        self.stream[np.repeat(heads[usual] + HEAD, of) + within] = plan.slots[
            np.repeat(plan.firsts[usual], of) + within
        ]
        for g, data in special.items():
            self.stream[heads[g] + HEAD : begins[g + 1]] = data

    def _operands(self, g: int) -> Ints:
        plan = self._plan
        first, count, width = int(plan.firsts[g]), int(plan.counts[g]), int(plan.widths[g])
        return plan.slots[first : first + count * width].reshape(count, width)


def _columns(operands: Ints) -> Ints:
    """Each operand of a group.

    That is its first slot if those of the others follow; or -1 and all of them; or -2 minus the one slot that
    it has for all.
    """
    import numpy as np

    data = []
    for column in operands.T:
        if (column == column[0]).all():
            data.append(np.array([-2 - column[0]], np.int32))
        else:
            first = _range(column)
            data.append(np.array([first], np.int32) if first >= 0 else np.append(np.int32(-1), column))
    return np.concatenate(data)


def _range(slots: Ints) -> int:
    """The first slot if the others follow it one by one, else -1."""
    first = int(slots[0])
    return (
        first
        if int(slots[-1]) - first == len(slots) - 1 and bool((slots[1:] - slots[:-1] == 1).all())
        else -1
    )


def _mode(operands: Ints, out: int) -> tuple[int, int, Ints]:
    """How a group of sums runs on one row: the mode, and what it reads."""
    import numpy as np

    a, b = operands[:, 0::2], operands[:, 1::2]
    n, k = a.shape
    tiles = _tiles(a, b)
    along = _segments(a, b)
    general_cost = n * (k + 1) * 4
    tile_cost = sum((6 + 3 * k) * -(-(end - start) // 16) + 6 for start, end in tiles)
    along_cost = (
        n * (20 + sum(4 + -(-length // 8) * 2 for length, _, _ in along)) if along else general_cost + 1
    )
    if tile_cost < min(along_cost, general_cost):
        data = []
        for start, end in tiles:
            first, second = a[start], b[start]
            step_a = a[start + 1] - first if end - start > 1 else np.zeros(k, np.int32)
            step_b = b[start + 1] - second if end - start > 1 else np.ones(k, np.int32)
            swap = step_b == 0  # the one that stays comes first
            stays = (step_a == 0) | swap
            order = np.argsort(~stays, kind="stable")
            pairs = np.stack([np.where(swap, second, first), np.where(swap, first, second)], axis=1)[order]
            data.append(np.array([out + start, end - start, int(stays.sum()), int((~stays).sum())], np.int32))
            data.append(pairs.ravel())
        return TILES, len(tiles), np.concatenate(data)
    if along_cost < general_cost and along:
        head = np.array([len(along), *[x for length, kind, _ in along for x in (length, kind)]], np.int32)
        columns = []
        for _, kind, start in along:
            pair = (b, a) if kind == 2 else (a, b)
            columns += [pair[0][:, start], pair[1][:, start]]
        head[2::2] = np.minimum(head[2::2], 1)
        return ALONG, n, np.concatenate([head, np.stack(columns, axis=1).ravel()])
    return GENERAL, 0, np.zeros(0, np.int32)


def _tiles(a: Ints, b: Ints) -> list[tuple[int, int]]:
    """Ranges of sums in which each operand, from one sum to the next, stays or moves on by one slot."""
    import numpy as np

    da, db = np.diff(a, axis=0), np.diff(b, axis=0)
    kinds = np.where(
        (da == 0) & (db == 1), 1, np.where((da == 1) & (db == 0), 2, np.where((da == 1) & (db == 1), 3, 0))
    )
    joined: Any = (kinds > 0).all(axis=1)
    same = np.zeros(len(joined), np.bool_)
    if len(joined) > 1:
        same[1:] = (kinds[1:] == kinds[:-1]).all(axis=1)
    tiles = []
    start = 0
    for i in range(len(joined)):  # between the sums i and i + 1
        if not joined[i] or (i > start and not same[i]):
            tiles.append((start, i + 1))
            start = i + 1
    tiles.append((start, len(a)))
    return tiles


def _segments(a: Ints, b: Ints) -> list[tuple[int, int, int]]:
    """Stretches of pairs along the sums: length, kind and first pair; empty if the sums differ.

    Kind 0: both operands move on by one slot; 1: the first stays; 2: the second stays.
    """
    import numpy as np

    if a.shape[1] < 4:
        return []
    da, db = np.diff(a, axis=1), np.diff(b, axis=1)
    kinds = np.where(
        (da == 1) & (db == 1), 0, np.where((da == 0) & (db == 1), 1, np.where((da == 1) & (db == 0), 2, 3))
    )
    if not (kinds == kinds[0]).all():
        return []
    found: list[tuple[int, int, int]] = []
    start, k = 0, a.shape[1]
    line = kinds[0]
    while start < k:
        end = start + 1
        kind = int(line[start]) if start < k - 1 else 3
        while kind != 3 and end < k and line[end - 1] == kind:
            end += 1
        found.append((end - start, 0 if kind == 3 else kind, start))
        start = end
    return found
