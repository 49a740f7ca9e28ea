"""Scheduling: code becomes groups of like operations, in an order in which they can run.

Three stages: what depends on parameters alone, computed once a call; what is computed for each row, with the
sums over the rows at its end; what is made of those sums. Within a stage an operation has a level, one above
the highest of its operands; those of one level and kind are a group, which one loop of a kernel executes.

Numbers lie in slots. Those which are the same for all rows are *shared*: parameters, constants, results of
the first and last stage, sums over rows. The others have one number for each row. The results of a group get
slots beside each other, in the order of the program, so that what was a loop there is a range here. Slots of
the rows are used again once all users of a group's results are done.
"""

from __future__ import annotations

import functools
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from .code import Code
from .layout import CODES, NAMES

if TYPE_CHECKING:
    import numpy as np

    Ints = np.ndarray[Any, Any]

__all__ = ["AFTER", "BEFORE", "OVER_ROWS", "ROWS", "Group", "Schedule", "offsets", "schedule"]

BEFORE, ROWS, AFTER = 0, 1, 2
"""The stages."""

OVER_ROWS = ("over_rows", "scatter")
"""What makes numbers that are the same for all rows out of numbers that are not."""
KINDS = CODES | {"gone": len(CODES)}
LEVEL_BITS = 32
SHORT = 16
"""The length from which a range of slots counts as long."""


class Group(NamedTuple):
    """Operations of one kind that do not depend on each other.

    op        the primitive; `dot` and `over_rows` are sums of products of pairs; `scatter` adds numbers to
              the entries of a table
    stage     BEFORE, ROWS or AFTER
    level     how many groups have to run before it, at least, in its stage
    out       the slot of the first result; the others follow
    operands  a line for each operation with the slots of its operands. Slots of rows count on from the
              number of shared ones. The pairs of sums come in an order: first those of a shared number and
              one of the row, then those of two of the row, then those of two shared numbers
    pairs     how many pairs of each of these three kinds a sum has
    size      how many results each operation has: 1, but for `scatter`
    """

    op: str
    stage: int
    level: int
    out: int
    operands: Ints
    pairs: tuple[int, int, int]
    size: int


class Schedule:
    """A program for the kernels. The groups stand in the order of execution, a line of each array for each.

    kinds, stages, levels, outs, pairs, sizes   as in `Group`; a kind is a number of `CODES`
    counts, widths      how many operations there are, and how many operands each has
    slots, firsts       the operands of all groups one after the other, and where those of each begin
    sources             which operation computed each of these operands, counted in the order of execution;
                        -1 for what was there before
    n_shared            how many slots hold a number that is the same for all rows; parameters come first
    n_rows              how many slots hold one for each row; inputs come first
    constants           what the slots behind those of the parameters hold
    results             the slots of the results
    """

    kinds: Ints
    stages: Ints
    levels: Ints
    outs: Ints
    pairs: Ints
    sizes: Ints
    counts: Ints
    widths: Ints
    slots: Ints
    firsts: Ints
    sources: Ints

    def __init__(self, n_parameters: int, n_inputs: int) -> None:
        self.n_parameters, self.n_inputs = n_parameters, n_inputs
        self.n_shared = n_parameters
        self.n_rows = n_inputs
        self.constants: list[float] = []
        self.results: list[int] = []

    def is_constant(self, slots: Ints) -> Ints:
        """Which of the slots hold constants."""
        return (slots >= self.n_parameters) & (slots < self.n_parameters + len(self.constants))

    @functools.cached_property
    def groups(self) -> list[Group]:
        """The groups, one by one."""
        lines = zip(
            *(self.kinds.tolist(), self.stages.tolist(), self.levels.tolist(), self.outs.tolist()),
            *(self.counts.tolist(), self.widths.tolist(), self.firsts.tolist(), self.pairs.tolist()),
            self.sizes.tolist(),
            strict=True,
        )
        return [
            Group(
                NAMES[kind],
                stage,
                level,
                out,
                self.slots[first : first + count * width].reshape(count, width),
                tuple(pairs),
                size,
            )
            for kind, stage, level, out, count, width, first, pairs, size in lines
        ]


def schedule(code: Code, roots: Sequence[int], n_parameters: int, n_inputs: int) -> Schedule:
    """Lay out the code, all of which the roots need."""
    import numpy as np

    plan = Schedule(n_parameters, n_inputs)
    kinds = np.fromiter(map(KINDS.__getitem__, code.ops), np.int32, len(code))
    below = code.operands.copy()
    others = (kinds >= CODES["part"]) & (kinds < KINDS["gone"]) | (kinds == CODES["scatter"])
    for x in np.flatnonzero(others).tolist():  # whose operands are not all operations
        below[x] = code.below(x)
    stages, levels = _stages_and_levels(kinds, below)
    shared = (stages != ROWS) | np.isin(kinds, [CODES[op] for op in OVER_ROWS])
    counts = np.fromiter(map(len, below), np.int32, len(code))
    operands = np.fromiter(chain.from_iterable(below), np.int32, counts.sum())
    del below
    operands, pairs = _arranged(kinds, counts, operands, shared)
    kinds[kinds == CODES["mul"]] = CODES["dot"]

    nodes = np.flatnonzero(kinds < CODES["mul"])
    order, starts = _grouped(code, nodes, kinds, stages, levels, counts, pairs, operands, shared)
    ends = np.append(starts[1:], len(order))
    heads = order[starts]  # the first operation of each group
    plan.kinds, plan.stages, plan.levels = kinds[heads], stages[heads], levels[heads]
    plan.counts, plan.widths, plan.pairs = ends - starts, counts[heads], pairs[heads]
    scatters = np.flatnonzero(kinds == CODES["scatter"])
    sizes = np.ones(len(code), np.int32)
    sizes[scatters] = [code.operands[x][0] for x in scatters.tolist()]
    plan.sizes = sizes[heads]

    slots = np.zeros(len(code), np.int32)
    for op in ("input", "parameter"):
        leaves = np.flatnonzero(kinds == CODES[op])
        slots[leaves] = [code.operands[x][0] for x in leaves.tolist()]
    constants = np.flatnonzero(kinds == CODES["constant"])
    plan.constants = [code.operands[x][0] for x in constants.tolist()]
    slots[constants] = n_parameters + np.arange(len(constants))
    plan.n_shared += len(plan.constants)
    reused = ~shared[heads]
    if n_inputs == 0:  # all is done once, and its slots are used again like those of rows
        reused[:] = True
    own = order[np.repeat(~reused, plan.counts)]
    slots[own] = plan.n_shared + np.cumsum(sizes[own]) - sizes[own]
    plan.n_shared += int(sizes[own].sum())
    for x in np.flatnonzero(kinds == CODES["part"]).tolist():
        table, entry = code.operands[x]
        slots[x] = slots[table] + entry

    lengths = counts[order]
    firsts = offsets(lengths)[:-1]
    places = np.repeat(offsets(counts)[order] - firsts, lengths)
    places += np.arange(len(places), dtype=np.int32)
    operands = operands[places]  # in the order of execution
    del places
    plan.firsts = firsts[starts] if len(starts) else firsts

    numbers = np.full(len(code), -1, np.int32)
    numbers[order] = np.arange(len(order), dtype=np.int32)
    plan.sources = numbers[operands]
    del numbers
    ranks = np.full(len(code), -1, np.int32)
    ranks[order] = np.repeat(np.arange(len(starts), dtype=np.int32), plan.counts)
    last_use = _last_use(ranks, operands, np.repeat(ranks[order], lengths), roots, len(starts))
    taken = _place(order, plan.counts, reused, last_use, slots, plan.n_shared if n_inputs == 0 else n_inputs)
    if n_inputs == 0:
        plan.n_shared = taken
    else:
        plan.n_rows = taken
    slots[~shared] += plan.n_shared
    del ranks, last_use

    plan.slots = slots[operands]
    plan.outs = slots[heads] - np.where(shared[heads], 0, plan.n_shared)
    plan.results = slots[list(roots)].tolist()
    return plan


def _stages_and_levels(kinds: Ints, below: Sequence[tuple[int, ...]]) -> tuple[Ints, Ints]:
    """An operation runs in the latest stage of its operands, a level above the highest of those in it."""
    import numpy as np

    # the stage, and behind it the level, as one integer, as those see it who use the result
    places = np.where(kinds == CODES["input"], ROWS << LEVEL_BITS, 0).tolist()
    place_of = places.__getitem__
    ends = np.isin(kinds, [CODES[op] for op in OVER_ROWS])  # which make what is there from the last stage on
    own = dict.fromkeys(np.flatnonzero(ends | (kinds == CODES["part"])).tolist(), 0)
    for x, operands in enumerate(below):
        if operands:
            places[x] = max(map(place_of, operands)) + 1
            if x in own:
                own[x] = places[x]
                places[x] = AFTER << LEVEL_BITS
    found = np.array(places, np.int64)
    stages, levels = (found >> LEVEL_BITS).astype(np.int32), (found & (1 << LEVEL_BITS) - 1).astype(np.int32)
    for x in np.flatnonzero(ends).tolist():
        stages[x], levels[x] = ROWS, own[x] & (1 << LEVEL_BITS) - 1
    return stages, levels


def offsets(counts: Ints) -> Ints:
    """Where each of several stretches that lie one behind the other begins, and where the last one ends."""
    import numpy as np

    return np.append(np.int32(0), np.cumsum(counts, dtype=np.int32))


def _arranged(kinds: Ints, counts: Ints, operands: Ints, shared: Ints) -> tuple[Ints, Ints]:
    """The operands, the pairs of sums in the order that `Group` tells; how many of each kind they have."""
    import numpy as np

    sums = np.isin(kinds, [CODES[op] for op in ("mul", "dot", "over_rows")])
    of_sums = np.flatnonzero(np.repeat(sums, counts))
    users = np.repeat(np.arange(len(kinds), dtype=np.int32), counts)[of_sums[::2]]
    a, b = operands[of_sums[::2]], operands[of_sums[1::2]]
    swapped = ~shared[a] & shared[b]
    a, b = np.where(swapped, b, a), np.where(swapped, a, b)
    kind = np.where(shared[b], 2, np.where(shared[a], 0, 1)).astype(np.int32)
    order = np.lexsort((kind, users))
    arranged = operands.copy()
    arranged[of_sums[::2]], arranged[of_sums[1::2]] = a[order], b[order]
    counted = np.bincount(users * 3 + kind, minlength=3 * len(kinds)).astype(np.int32)
    return arranged, counted.reshape(-1, 3)


def _grouped(
    code: Code,
    nodes: Ints,
    kinds: Ints,
    stages: Ints,
    levels: Ints,
    counts: Ints,
    pairs: Ints,
    operands: Ints,
    shared: Ints,
) -> tuple[Ints, Ints]:
    """The operations in the order of execution, and where each group begins in it."""
    import numpy as np

    over_rows = np.isin(kinds, [CODES[op] for op in OVER_ROWS])
    alike = np.zeros(len(kinds), np.int32)  # of operations that are no sums: which operands are shared
    seen: dict[bytes, int] = {}
    begins = offsets(counts)
    is_sum = np.isin(kinds, [CODES["dot"], CODES["over_rows"]])
    is_shared = shared[operands]
    n_shared = np.diff(np.append(0, np.cumsum(is_shared))[begins])
    alike[n_shared == counts] = -1
    others = nodes[~is_sum[nodes] & (alike[nodes] == 0)]
    for x, first, last in zip(
        others.tolist(), begins[others].tolist(), begins[others + 1].tolist(), strict=True
    ):
        alike[x] = seen.setdefault(is_shared[first:last].tobytes(), len(seen))
    scatters = np.flatnonzero(kinds == CODES["scatter"])
    alike[scatters] = len(seen) + np.arange(len(scatters))  # each by itself
    keys = [key[nodes] for key in (stages, levels, over_rows, kinds, *pairs.T, counts, alike)]
    order = np.lexsort((nodes, np.array(code.at, np.int32)[nodes], *keys[::-1]))
    changes = np.zeros(max(0, len(nodes) - 1), bool)
    for key in keys:
        in_order = key[order]
        changes |= in_order[1:] != in_order[:-1]
    starts = np.append(0, np.flatnonzero(changes) + 1) if len(nodes) else np.zeros(0, np.int64)
    return nodes[order].astype(np.int32), starts.astype(np.int32)


def _last_use(ranks: Ints, operands: Ints, users: Ints, roots: Sequence[int], n_groups: int) -> Ints:
    """The last group that uses a result of each group; behind all for the results of the program."""
    import numpy as np

    last_use = np.arange(n_groups)
    used = ranks[operands]
    computed = used >= 0
    last_use[used[computed]] = users[computed]  # users are in order, and the last one counts
    ends = ranks[list(roots)]
    last_use[ends[ends >= 0]] = n_groups
    return last_use


def _place(order: Ints, counts: Ints, reused: Ints, last_use: Ints, slots: Ints, used: int) -> int:
    """Give each of these groups a range of slots, out of those that nobody needs any more.

    Takes and gives the number of slots in use.
    """
    import numpy as np

    free = _Free()
    ends: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    """Ranges by the last group that uses them: first slot and size."""
    group = 0
    firsts = []
    ranks = np.flatnonzero(reused)
    sizes = counts[ranks]
    for rank, size, last in zip(ranks.tolist(), sizes.tolist(), last_use[ranks].tolist(), strict=True):
        while group < rank:
            if group in ends:
                for first, length in sorted(ends.pop(group)):
                    free.give(first, length)
            group += 1
        first = free.take(size)
        if first < 0:
            first = used
            used += size
        firsts.append(first)
        ends[last].append((first, size))
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    slots[order[np.repeat(reused, counts)]] = np.repeat(np.array(firsts, np.int32), sizes) + within
    return used


class _Free:
    """Ranges of slots that nobody needs any more. Short ones are used again for as many slots."""

    def __init__(self) -> None:
        self._short: list[list[int]] = [[] for _ in range(SHORT)]
        self._long: list[tuple[int, int]] = []  # size and first slot, in order of size

    def give(self, first: int, size: int) -> None:
        """Take back a range."""
        if size < SHORT:
            self._short[size].append(first)
        else:
            insort(self._long, (size, first))

    def take(self, size: int) -> int:
        """Give the first slot of a range, the smallest there is that is long enough; -1 if there is none."""
        if size < SHORT:
            return self._short[size].pop() if self._short[size] else -1
        place = bisect_left(self._long, (size, 0))
        if place == len(self._long):
            return -1
        length, first = self._long.pop(place)
        if length > size:
            self.give(first + size, length - size)
        return first
