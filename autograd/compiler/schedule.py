"""Scheduling: code becomes groups of like operations, in an order in which they can run.

Three stages: what depends on parameters alone, computed once a call; what is computed for each row, with the
sums over the rows at its end; what is made of those sums. Within a stage an operation has a level, one above
the highest of its operands; those of one level and kind are a group, which one loop of a kernel executes.

Numbers lie in slots. Those which are the same for all rows are `shared`: parameters, constants, results of
the first and last stage, sums over rows. The others have one number for each row. The results of a group get
slots beside each other, in the order of the program, so that what was a loop there is a range here. Slots of
the rows are used again once all users of a group's results are done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .code import Code

if TYPE_CHECKING:
    import numpy as np

    Ints = np.ndarray[Any, np.dtype[np.int32]]

__all__ = ["Group", "Schedule", "schedule"]

BEFORE, ROWS, AFTER = 0, 1, 2
"""The stages."""

LEAVES = ("constant", "input", "parameter")
OVER_ROWS = ("over_rows", "scatter")
"""What makes numbers that are the same for all rows out of numbers that are not."""


class Group:
    """Operations of one kind that do not depend on each other.

    op        the primitive; `dot` and `over_rows` are sums of products of pairs, and so are products;
              `scatter` adds numbers to the entries of a table
    stage     BEFORE, ROWS or AFTER
    level     how many groups have to run before it, at least, in its stage
    out       the slot of the first result; the others follow
    operands  a line for each operation with the slots of its operands. Slots of rows count on from the
              number of shared ones. The pairs of sums come in an order: first those of a shared number and
              one of the row, then those of two of the row, then those of two shared numbers
    pairs     how many pairs of each of these three kinds a sum has
    size      how many results each operation has: 1, but for `scatter`
    """

    __slots__ = ("level", "op", "operands", "out", "pairs", "size", "stage")

    def __init__(
        self, op: str, stage: int, level: int, out: int, operands: Ints, pairs: tuple[int, int, int], size: int
    ) -> None:
        self.op, self.stage, self.level, self.out = op, stage, level, out
        self.operands, self.pairs, self.size = operands, pairs, size

    def __len__(self) -> int:
        return len(self.operands)


class Schedule:
    """A program for the kernels.

    groups      in the order of execution
    n_shared    how many slots hold a number that is the same for all rows; parameters come first
    n_rows      how many slots hold one for each row; inputs come first
    constants   what the slots behind those of the parameters hold
    results     the slots of the results
    """

    def __init__(self, n_parameters: int, n_inputs: int) -> None:
        self.n_parameters, self.n_inputs = n_parameters, n_inputs
        self.groups: list[Group] = []
        self.n_shared = n_parameters
        self.n_rows = n_inputs
        self.constants: list[float] = []
        self.results: list[int] = []


def schedule(code: Code, roots: Sequence[int], n_parameters: int, n_inputs: int) -> Schedule:
    """Lay out the code, all of which the roots need."""
    import numpy as np

    plan = Schedule(n_parameters, n_inputs)
    stages, levels = _stages_and_levels(code)
    shared = [stages[x] != ROWS or code.ops[x] in OVER_ROWS for x in range(len(code))]
    members: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    arranged: dict[int, tuple[int, ...]] = {}
    for x, op in enumerate(code.ops):
        if op in LEAVES or op == "part":
            continue
        operands = code.below(x)
        if op in ("mul", "dot", "over_rows"):
            operands, pairs = _arranged(operands, shared)
            key: tuple[Any, ...] = pairs
            op = "dot" if op == "mul" else op
        elif op == "scatter":
            key = (x,)
        else:
            key = tuple(shared[y] for y in operands)
        arranged[x] = operands
        members[stages[x], levels[x], op, key].append(x)

    slots: dict[int, int] = {}
    for x, op in enumerate(code.ops):
        if op in ("input", "parameter"):
            slots[x] = code.operands[x][0]
        elif op == "constant":
            slots[x] = plan.n_parameters + len(plan.constants)
            plan.constants.append(code.operands[x][0])
    plan.n_shared += len(plan.constants)

    order = sorted(members, key=lambda key: (key[0], key[1], key[2] in OVER_ROWS, key[2], key[3]))
    for key in order:
        members[key].sort(key=lambda x: (code.at[x], x))
        if key[0] != ROWS or key[2] in OVER_ROWS:
            for x in members[key]:
                slots[x] = plan.n_shared
                plan.n_shared += _size(code, x)
    for x, op in enumerate(code.ops):
        if op == "part":
            slots[x] = slots[code.operands[x][0]] + code.operands[x][1]
    _place_rows(code, plan, order, members, slots, shared, roots)

    offset = plan.n_shared
    for key in order:
        stage, level, op, kinds = key
        group = members[key]
        lines = np.array(
            [[slots[y] if shared[y] else slots[y] + offset for y in arranged[x]] for x in group], np.int32
        )
        pairs = kinds if op in ("dot", "over_rows") else (0, 0, 0)
        plan.groups.append(Group(op, stage, level, slots[group[0]], lines, pairs, _size(code, group[0])))
    plan.results = [slots[x] if shared[x] else slots[x] + offset for x in roots]
    return plan


def _size(code: Code, x: int) -> int:
    """How many slots the results of an operation take."""
    size: int = code.operands[x][0] if code.ops[x] == "scatter" else 1
    return size


def _stages_and_levels(code: Code) -> tuple[list[int], list[int]]:
    stages, levels = [BEFORE] * len(code), [0] * len(code)
    for x, op in enumerate(code.ops):
        if op in LEAVES:
            stages[x] = ROWS if op == "input" else BEFORE
            continue
        operands = code.below(x)
        below = max(AFTER if code.ops[y] in OVER_ROWS else stages[y] for y in operands)
        stage = stages[x] = ROWS if op in OVER_ROWS else below
        levels[x] = 1 + max(
            levels[y] if stages[y] == stage and code.ops[y] not in OVER_ROWS else 0 for y in operands
        )
    return stages, levels


def _arranged(
    operands: Sequence[int], shared: Sequence[bool]
) -> tuple[tuple[int, ...], tuple[int, int, int]]:
    """The pairs of a sum in the order that `Group` tells, and how many there are of each kind."""
    kinds: tuple[list[int], list[int], list[int]] = ([], [], [])
    for a, b in zip(operands[::2], operands[1::2], strict=True):
        if shared[a] and shared[b]:
            kinds[2].extend((a, b))
        elif shared[b]:
            kinds[0].extend((b, a))
        elif shared[a]:
            kinds[0].extend((a, b))
        else:
            kinds[1].extend((a, b))
    return tuple(kinds[0] + kinds[1] + kinds[2]), (len(kinds[0]) // 2, len(kinds[1]) // 2, len(kinds[2]) // 2)


def _place_rows(
    code: Code,
    plan: Schedule,
    order: Sequence[tuple[Any, ...]],
    members: dict[tuple[Any, ...], list[int]],
    slots: dict[int, int],
    shared: Sequence[bool],
    roots: Sequence[int],
) -> None:
    """Give each group of the rows a range of slots, out of those that nobody needs any more."""
    ranks = {x: rank for rank, key in enumerate(order) for x in members[key]}
    last_use: dict[int, int] = {}
    for x, rank in ranks.items():
        for y in code.below(x):
            if not shared[y] and y in ranks:
                last_use[ranks[y]] = max(last_use.get(ranks[y], 0), rank)
    for x in roots:
        if x in ranks:
            last_use[ranks[x]] = len(order)
    done: dict[int, list[tuple[int, int]]] = defaultdict(list)
    free: list[tuple[int, int]] = []  # ranges of slots: first, and behind the last
    for rank, key in enumerate(order):
        for span in done.pop(rank, []):
            free = _with(free, span)
        if key[0] != ROWS or key[2] in OVER_ROWS:
            continue
        size = len(members[key])
        first = next((start for start, end in free if end - start >= size), None)
        if first is None:
            first = plan.n_rows
            if free and free[-1][1] == first:  # go on from a free range at the end
                first = free[-1][0]
            plan.n_rows = max(plan.n_rows, first + size)
        free = _without(free, (first, first + size))
        for i, x in enumerate(members[key]):
            slots[x] = first + i
        done[last_use.get(rank, rank) + 1].append((first, first + size))


def _with(free: list[tuple[int, int]], span: tuple[int, int]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted([*free, span]):
        if merged and merged[-1][1] == start:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _without(free: list[tuple[int, int]], span: tuple[int, int]) -> list[tuple[int, int]]:
    left: list[tuple[int, int]] = []
    for start, end in free:
        left += [(s, e) for s, e in ((start, min(end, span[0])), (max(start, span[1]), end)) if s < e]
    return left
