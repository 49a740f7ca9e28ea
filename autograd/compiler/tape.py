"""The tape: a schedule as arrays of integers, which the kernels read.

How a group of sums runs on one row depends on where its operands are. If the operands of neighbouring sums
are neighbours too (`w_jk * y_j` for k = 0, 1, 2, ...), several sums are computed at once, a lane of a vector
for each: they make a *tile*. If the operands of one sum are neighbours (`w_jk * x_k`), the lanes run *along*
the sum. Only what is neither needs an index for every operand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .layout import ALONG, CODES, COLUMNS, DIFFERENCE, GENERAL, SHORT, SINGLE, STOP, SUMS, TILES
from .rolling import Stream, rolled
from .schedule import AFTER, BEFORE, OVER_ROWS, ROWS, Schedule, offsets

if TYPE_CHECKING:
    import numpy as np

    from .loops import Loop

    Ints = np.ndarray[Any, Any]

__all__ = ["Tape"]

CLOSELY = 12
"""Operands, or operations that are no sums, from which on a group is looked at more closely."""


class Tape:
    """A schedule for the kernels.

    stream   the instructions for one row, one behind the other with all that they need
    begins   where in the stream each stage begins
    bounds   how many groups there are up to the end of each stage
    modes    how each group runs on one row: as one instruction, or one for each operation
    loops    the machine code of what was rolled up
    """

    def __init__(self, plan: Schedule, dtype: str | None) -> None:
        """Loops are for numbers of this kind; there are none if it is None."""
        import numpy as np

        self._plan = plan
        over_rows = np.isin(plan.kinds, [CODES[op] for op in OVER_ROWS])
        self._outs = plan.outs + np.where((plan.stages == ROWS) & ~over_rows, plan.n_shared, 0)
        self.bounds = [int((plan.stages <= stage).sum()) for stage in (BEFORE, ROWS, AFTER)]
        self.largest = int(plan.counts.max(initial=0))
        self.first_sum = int(self._outs[over_rows][0]) if over_rows.any() else plan.n_shared
        self.n_sums = int((plan.counts * plan.sizes)[over_rows].sum())
        stream = self._stream()
        self.stream, self.begins = stream.integers, stream.begins
        self.loops: list[Loop] = []
        if dtype is not None:
            self.stream, self.begins, self.loops = rolled(plan, self.modes, stream, dtype)

    def _stream(self) -> Stream:
        """The instructions one by one."""
        import numpy as np

        plan = self._plan
        firsts = offsets(plan.counts)
        sums = plan.kinds < CODES["scatter"]
        single = np.where(sums, plan.widths <= 2 * SHORT, plan.kinds >= CODES["div"])
        self.modes = modes = np.where(single, SINGLE, GENERAL).astype(np.int32)
        lengths = plan.counts * plan.widths
        closely = np.where(sums, lengths >= 2 * CLOSELY, single & (plan.counts >= CLOSELY))
        numbers = np.where(plan.kinds == CODES["scatter"], plan.sizes, plan.counts)
        special: dict[int, Ints] = {}
        for g in np.flatnonzero(closely).tolist():
            if not sums[g]:
                modes[g], special[g] = COLUMNS, _columns(self._operands(g))
            elif found := _vectors(self._operands(g), int(self._outs[g])):
                modes[g], numbers[g], special[g] = found
        heads = np.column_stack([modes, self._outs, plan.kinds, numbers, plan.widths])
        # instructions of one length: their first operations, and for each a line of what it begins with and
        # one of where among all operands those are that follow
        nowhere = np.zeros((1, 0), np.int32)
        pieces = [
            (firsts[g : g + 1], np.append(heads[g], data)[None], nowhere) for g, data in special.items()
        ]
        general = modes == GENERAL
        for length in np.unique(lengths[general]).tolist():
            which = np.flatnonzero(general & (lengths == length))
            places = plan.firsts[which][:, None] + np.arange(length)
            pieces.append((firsts[which], heads[which], places))
        pieces += self._singles(np.repeat(modes == SINGLE, plan.counts))

        sizes = np.zeros(firsts[-1], np.int32)
        for operations, head, places in pieces:
            sizes[operations] = head.shape[1] + places.shape[1]
        begins = offsets(sizes)
        ends = firsts[self.bounds]  # of the stages
        stages = [0, *(begins[ends[:2]] + [1, 2]).tolist()]
        stops_before = np.searchsorted(ends, np.arange(len(begins)), side="right")
        begins += stops_before
        stream = Stream(
            np.full(begins[-1], STOP, np.int32), stages, begins, np.full(begins[-1], -1, np.int32)
        )
        for operations, head, places in pieces:
            at = begins[operations][:, None] + np.arange(head.shape[1] + places.shape[1])
            stream.integers[at] = np.hstack([head, plan.slots[places]])
            stream.places[at[:, head.shape[1] :]] = places
        return stream

    def _singles(self, asked: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
        """An instruction for each of these operations."""
        import numpy as np

        plan = self._plan
        kinds, widths = np.repeat(plan.kinds, plan.counts), np.repeat(plan.widths, plan.counts)
        outs = np.repeat(self._outs - offsets(plan.counts)[:-1], plan.counts) + np.arange(len(kinds))
        firsts = offsets(widths)
        sums = kinds < CODES["scatter"]
        for are_sums in (True, False):
            for width in np.unique(widths[asked & (sums == are_sums)]).tolist():
                which = np.flatnonzero(asked & (sums == are_sums) & (widths == width))
                places = firsts[which][:, None] + np.arange(width)
                found: Iterable[Any] = [(slice(None), kinds[which], places)]
                if are_sums:
                    found = _shapes(plan.slots, places, self._slot_of(1.0), self._slot_of(-1.0))
                for these, codes, read in found:
                    heads = np.broadcast_to(codes, len(read)), outs[which[these]]
                    yield which[these], np.column_stack(heads), read

    def _slot_of(self, number: float) -> int:
        """Where a constant is; -1 if there is none like it."""
        plan = self._plan
        return plan.n_parameters + plan.constants.index(number) if number in plan.constants else -1

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


def _shapes(slots: Ints, places: Ints, one: int, minus_one: int) -> Iterator[tuple[Ints, int, Ints]]:
    """Short sums by the instruction for them: which they are, its number, and where among the slots it reads.

    Takes where their operands are, and the slots of 1 and -1. Of two terms either may come first: the sum has
    the same bits.
    """
    import numpy as np

    a, b = places[:, 0::2], places[:, 1::2]
    k = a.shape[1]
    swap = slots[b] == one
    a, b = np.where(swap, b, a), np.where(swap, a, b)  # the number 1 first
    plain = (slots[a] == one) & (k > 1)
    if k > 1:
        order = np.where((plain[:, 1] & ~plain[:, 0])[:, None], [1, 0, *range(2, k)], np.arange(k))
        a, b, plain = (np.take_along_axis(x, order, axis=1) for x in (a, b, plain))
    n_plain = np.minimum.accumulate(plain, axis=1).sum(axis=1)
    if k == 2:
        first, second = slots[a[:, 1]] == minus_one, slots[b[:, 1]] == minus_one
        n_plain[(n_plain == 1) & (first | second)] = -1
        which = np.flatnonzero(n_plain == -1)
        yield which, DIFFERENCE, np.column_stack([b[:, 0], np.where(second, a[:, 1], b[:, 1])])[which]
    for p in np.unique(n_plain[n_plain >= 0]).tolist():
        which = np.flatnonzero(n_plain == p)
        pairs = np.stack([a[which, p:], b[which, p:]], axis=2).reshape(len(which), 2 * (k - p))
        yield which, SUMS[p, k - p], np.hstack([b[which, :p], pairs])


def _vectors(operands: Ints, out: int) -> tuple[int, int, Ints] | None:
    """How vectors do a group of sums on one row: mode, count and what is read; None if they are no help."""
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
    return None


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
