"""Rolling up: what repeats in the instructions for one row becomes a loop of machine code.

A Python loop over scalars is recorded turn by turn, so like operations come again and again in the same
order, and to interpret them one by one takes longer than to compute them. Where they repeat often enough, a
turn is compiled as it stands, for this program alone. A table has a line for each turn that tells in which
slots its operands are, but for numbers, and for what an earlier operation of the turn has just computed: that
is in a register. What nobody else needs is not stored. Operations stay in order, and so do all bits.

That order is the one of their levels, in which a turn begins what belongs to later turns of the Python loop
before it is done with what belongs to earlier ones. So the processor has always something that it can do; in
the order of recording the same loop takes a quarter longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .layout import CODES, GENERAL, HEAD, ROLLED, SINGLE
from .schedule import Schedule

if TYPE_CHECKING:
    import numpy as np

    from .loops import Loop

    Ints = np.ndarray[Any, Any]

__all__ = ["Body", "Step", "Stream", "rolled"]

ENOUGH = 20_000
"""Operations in loops from which on these are compiled: that takes as long as all else for 10,000 or so."""

EACH = 5_000
"""Operations that each loop has at least, so that compiling takes twice as long at most."""

TURNS = 128
"""Turns that a loop has at least."""

SHORTEST, LONGEST = 16, 128
"""Operations that a turn has at least, for which it may be several of the Python loop, and at most."""

LONG = ("dot", "largest")
"""What may have any number of operands."""
WIDEST, INSTRUCTIONS = 63, 128
"""The most operands it may have, and what the numbers of instructions are below."""


class Stream(NamedTuple):
    """Instructions for one row.

    integers    one instruction behind the other
    begins      where each stage begins
    operations  where each operation begins, and where the last one ends
    places      for what is an operand, where it is among those of the schedule; -1 for all else
    """

    integers: Ints
    begins: list[int]
    operations: Ints
    places: Ints


class Step(NamedTuple):
    """An operation of a turn.

    number    that of its instruction; that of its kind for one with any number of operands
    operands  for each, `("step", i)` if it is the result of the i-th step, `("number", x)`, or
              `("column", i)` of the table, which has its slot
    out       the column with the slot of its result; None if that is needed by no other turn
    """

    number: int
    operands: list[tuple[str, Any]]
    out: int | None


class Body(NamedTuple):
    """What is done in a turn, and how many columns the table has."""

    steps: list[Step]
    width: int


def rolled(plan: Schedule, modes: Ints, stream: Stream, dtype: str) -> tuple[Ints, list[int], list[Loop]]:
    """The integers and beginnings of a stream in which loops are rolled up, and these loops."""
    import numpy as np

    if len(stream.operations) <= ENOUGH:
        return stream.integers, stream.begins, []
    numbers = _numbers(plan, modes, stream)
    stretches = list(_stretches(numbers))
    if sum(s.period * s.turns for s in stretches) < ENOUGH:
        return stream.integers, stream.begins, []
    from .loops import compiled

    turns = [_Turns(plan, stream, stretch) for stretch in sorted(stretches)]
    needed = _needed(plan, stream, turns)
    found: list[Any] = []
    loops = []
    begins, before = np.array(stream.begins), 0
    for turn in turns:
        body, table = turn.body(numbers, needed)
        loops.append(compiled(body, len(table), dtype))
        high, low = divmod(loops[-1].address, 2**32)
        head = np.array([ROLLED, len(table), body.width, low, high], np.uint32).astype(np.int32)
        found += [stream.integers[before : turn.start], head, table.ravel()]
        begins[np.array(stream.begins) >= turn.end] += HEAD + table.size - (turn.end - turn.start)
        before = turn.end
    return np.concatenate([*found, stream.integers[before:]]), begins.tolist(), loops


class _Stretch(NamedTuple):
    """Operations that repeat: the first of all, how many a turn has, and how many turns there are."""

    first: int
    period: int
    turns: int


def _numbers(plan: Schedule, modes: Ints, stream: Stream) -> Ints:
    """For each operation a number, the same for those that do the same; -1 where it can be in no loop."""
    import numpy as np

    fits = (modes == GENERAL) & (plan.counts == 1) & np.isin(plan.kinds, [CODES[op] for op in LONG])
    fits = (fits | (modes == SINGLE)) & (plan.widths <= WIDEST)
    own = np.repeat((plan.widths + plan.stages * (WIDEST + 1)) * INSTRUCTIONS, plan.counts)
    own += np.where(
        np.repeat(modes == SINGLE, plan.counts),
        stream.integers[stream.operations[:-1]],
        np.repeat(plan.kinds, plan.counts),
    )
    return np.where(np.repeat(fits, plan.counts), own, -1).astype(np.int16)


def _stretches(numbers: Ints) -> Iterator[_Stretch]:
    """What repeats often enough, no operation twice."""
    import numpy as np

    free = numbers >= 0
    for period in range(1, LONGEST + 1):
        if len(numbers) < period * TURNS:
            return
        again = numbers[period:] == numbers[:-period]
        again &= free[period:]
        again &= free[:-period]
        if np.count_nonzero(again) < period * (TURNS - 1):
            continue
        edges = np.flatnonzero(np.diff(again, prepend=False, append=False)).reshape(-1, 2)
        size = period * -(-SHORTEST // period)
        turns = (edges[:, 1] - edges[:, 0] + period) // size
        enough = (turns >= TURNS) & (turns * size >= EACH)
        for (first, _), n in zip(edges[enough].tolist(), turns[enough].tolist(), strict=True):
            free[first : first + n * size] = False
            yield _Stretch(first, size, n)


class _Turns:
    """The turns of a loop, a line for each.

    start, end  where they are in the stream
    sources     the operation that computed what is there; negative where that is no operand, or was there
    own         the step of the same turn that did so, the same one in each turn; negative if there is none
    """

    def __init__(self, plan: Schedule, stream: Stream, stretch: _Stretch) -> None:
        import numpy as np

        self._plan, (first, period, turns) = plan, stretch
        self.operations = range(first, first + period * turns)
        bounds = stream.operations[first : first + period + 1].tolist()
        self.start, self.end = bounds[0], bounds[0] + turns * (bounds[-1] - bounds[0])
        self.steps = [place - bounds[0] for place in bounds]
        self.lines = stream.integers[self.start : self.end].reshape(turns, -1)
        places = stream.places[self.start : self.end].reshape(turns, -1)
        self.sources = np.where(places >= 0, plan.sources[places], -1)
        self.is_operand: list[bool] = (places[0] >= 0).tolist()
        steps = self.sources - np.arange(first, first + period * turns, period, dtype=np.int32)[:, None]
        self.own = np.where((steps == steps[0]).all(axis=0), steps[0], -1)

    def body(self, numbers: Ints, needed: Ints) -> tuple[Body, Ints]:
        """A turn, and the table."""
        plan, lines = self._plan, self.lines
        constant = plan.is_constant(lines[0]) & (lines == lines[0]).all(axis=0)
        stored: Ints = needed[self.operations.start : self.operations.stop].reshape(len(lines), -1)
        columns: list[int] = []

        def column(i: int) -> int:
            columns.append(i)
            return len(columns) - 1

        def operand(i: int) -> tuple[str, Any]:
            if self.own[i] >= 0:
                return "step", int(self.own[i])
            if constant[i]:
                return "number", plan.constants[int(lines[0, i]) - plan.n_parameters]
            return "column", column(i)

        steps = []
        for j, (start, end) in enumerate(zip(self.steps, self.steps[1:], strict=False)):
            number = int(numbers[self.operations.start + j]) % INSTRUCTIONS
            operands = [operand(i) for i in range(start, end) if self.is_operand[i]]
            steps.append(Step(number, operands, column(start + 1) if stored[:, j].any() else None))
        return Body(steps, len(columns)), lines[:, columns]


def _needed(plan: Schedule, stream: Stream, loops: Sequence[_Turns]) -> Ints:
    """Which operations of loops have results that are read other than from registers."""
    import numpy as np

    needed = np.zeros(len(stream.operations) - 1, bool)
    needed |= np.isin(stream.integers[stream.operations[:-1] + 1], plan.results)
    outside = np.ones(len(needed), bool)
    for loop in loops:
        outside[loop.operations.start : loop.operations.stop] = False
        needed[_known(loop.sources[:, loop.own < 0])] = True
    widths = np.repeat(plan.widths, plan.counts)
    needed[_known(plan.sources[np.repeat(outside, widths)])] = True
    return needed


def _known(sources: Ints) -> Ints:
    found: Ints = sources[sources >= 0]
    return found
