"""Gradient descent in compiled code: steps that never come back to Python.

An optimiser says in `move(gradient, state)` how far a parameter goes. That function is traced like any other,
and its rows are the parameters: so its rule stands once, and one of your own runs as fast as those that are
there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ShapeError, TableIndexError, TracingError
from .lowering import lower
from .machine import CHUNKS, Machine
from .passes import flatten
from .program import Program
from .recording import record
from .schedule import schedule
from .structure import Structure, fill, flat, structure_of

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, Any]

__all__ = ["Descent"]

SLICE = 0.05
"""Seconds after which Python is asked whether there was a Ctrl-C."""


class Snapshot(NamedTuple):
    """Where a descent stood after so many steps, to come back to."""

    steps: int
    theta: Floats
    states: Floats


class Descent:
    """Steps of gradient descent on a loss over rows.

    parameters  the Values it moves; they are not touched until `write_back()`
    theta       their numbers now, a flat array
    gradient    that of the last step, or of the one that was not taken
    losses      the loss of every step, before it was taken
    failed      None, or what was not finite and so stopped it: "loss" or the number of a parameter

    Made by `jit(loss).descent(...)`.
    """

    def __init__(
        self,
        program: Program,
        rows: Floats,
        move: Callable[[Any, Any], tuple[Any, Any]],
        mean: bool,
        states: Sequence[Any] | None = None,
    ) -> None:
        import numpy as np

        self.program, self.rows = program, rows
        self.parameters = program.parameters[: program.n_slopes]
        self._all = np.array([p.data for p in program.parameters], np.float64)
        self.theta = self._all[: len(self.parameters)]  # a view
        self.gradient = np.zeros(len(self.parameters))
        self.losses: list[float] = []
        self.failed: str | int | None = None
        self._mean = mean
        self._structure, self._machines = _compile_move(move, program.dtype)
        self._states = np.zeros((len(self.parameters), self._machines[0].plan.n_inputs))
        self._begun = False
        if states is not None and any(state is not None for state in states):
            self._begin(states)

    def _begin(self, states: Sequence[Any]) -> None:
        """Go on from the states that an earlier descent left."""
        if any(structure_of(state) != self._structure or state is None for state in states):
            raise ShapeError("the states are not all of the kind that this optimiser keeps")
        for line, state in zip(self._states, states, strict=True):
            line[1:] = [float(x) for x in flat(state)]
        self._begun = True

    @property
    def states(self) -> list[Any]:
        """The state of each parameter, as `move` returned it; None before the first step or without one."""
        if not self._begun or self._states.shape[1] == 1:
            return [None] * len(self.parameters)
        return [_tuples(fill(self._structure, iter(line[1:].tolist()))) for line in self._states]

    def write_back(self) -> None:
        """Give the Values their numbers."""
        for p, number in zip(self.parameters, self.theta.tolist(), strict=True):
            p.data = number

    def loss_of(self, row: int) -> float:
        """The loss of one row, with the numbers as they are now."""
        return self.program.value_and_grad(self._all, self.rows[row : row + 1], self._mean)[0]

    def snapshot(self) -> Snapshot:
        """Where it stands now."""
        steps = len(self.losses) - (self.failed is not None)
        return Snapshot(steps, self.theta.copy(), self._states.copy() if self._begun else self._states[:0])

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to where it stood."""
        self.theta[:] = snapshot.theta
        self._begun = len(snapshot.states) > 0
        if self._begun:
            self._states[:] = snapshot.states
            self.gradient[:] = snapshot.states[:, 0]
        del self.losses[snapshot.steps :]
        self.failed = None

    def steps(self, rows: Sequence[int], sizes: Sequence[int]) -> int:
        """Take a step for each size, on as many of the rows, one after the other; how many were taken.

        It stops before a step whose loss or gradient is not finite, and `failed` says which. Raises
        `TableIndexError` as the loss does. Ctrl-C comes through between two steps.
        """
        import numpy as np

        indices, counts = np.asarray(rows, np.int64), np.asarray(sizes, np.int64)
        if indices.size and not 0 <= indices.min() <= indices.max() < len(self.rows):
            raise ShapeError(f"there are {len(self.rows)} rows, and others were asked for")
        if (counts.size and counts.min() < 1) or int(counts.sum()) > len(indices):
            raise ShapeError("each step takes at least one row, and all together no more than there are")
        step = at_row = 0
        share = 1
        while step < len(counts) and self.failed is None:
            started = time.perf_counter()
            part = counts[step : step + share]
            taken = self._some_steps(indices[at_row:], part)
            step += taken
            at_row += int(part[:taken].sum())
            elapsed = time.perf_counter() - started
            share = max(1, min(4 * share, int(share * SLICE / max(elapsed, 1e-9))))
        return step

    def _some_steps(self, indices: Any, counts: Any) -> int:
        import numpy as np

        machine, move = self.program.both, self._machines[self._begun]
        if not self._begun:
            counts = counts[:1]  # the first step is another program than those after it
        if machine.kernels is None:
            return self._steps_on_arrays(indices, counts)
        n, most = len(counts), int(counts.max())
        losses, done = np.empty(n), np.empty(2)
        indices, counts = np.ascontiguousarray(indices), np.ascontiguousarray(counts)
        batch = np.empty((most, max(1, self.rows.shape[1])))
        moved = np.empty_like(self._states)
        out = np.empty(len(self.parameters) + 1)
        own, moving = machine.take_memory(), move.take_memory()
        mean = int(self._mean) if self.program.varies[0] else (-1 if not self._mean else 0)
        machine.kernels.descend(
            machine.header, *own.addresses, move.header, *moving.addresses, self.rows.ctypes.data,
            batch.ctypes.data, mean, CHUNKS, indices.ctypes.data, counts.ctypes.data, n,
            *(x.ctypes.data for x in (self._all, self._states, moved, out, losses, done)),
        )  # fmt: skip
        taken, bad = int(done[0]), int(done[1])
        self.losses += losses[:taken].tolist()
        self.gradient[:] = out[1:]
        self._begun = self._begun or taken > 0
        move.give_back(moving)
        try:
            machine.give_back(own)
        except TableIndexError as error:
            row = int(indices[counts[:taken].sum() + (error.row or 0)])
            raise TableIndexError(error.index, error.size, row) from None
        self._note(bad, float(losses[min(taken, n - 1)]))
        return taken

    def _note(self, bad: int, loss: float) -> None:
        if bad >= 0:
            self.failed = "loss" if bad == 0 else bad - 1
            self.losses.append(loss)

    def _steps_on_arrays(self, indices: Any, counts: Any) -> int:
        import numpy as np

        at_row = 0
        for step, n in enumerate(counts.tolist()):
            batch = self.rows[indices[at_row : at_row + n]]
            at_row += n
            loss, self.gradient[:] = self.program.value_and_grad(self._all, batch, self._mean)
            bad = np.flatnonzero(~np.isfinite([loss, *self.gradient]))
            if bad.size:
                self._note(int(bad[0]), loss)
                return step
            self._states[:, 0] = self.gradient
            moved = self._machines[self._begun].each_row(np.empty(0), self._states)
            self.theta += moved[:, 0]
            self._states[:, 1:] = moved[:, 1:]
            self._begun = True
            self.losses.append(loss)
        return len(counts)


def _compile_move(
    move: Callable[[Any, Any], tuple[Any, Any]], dtype: Any
) -> tuple[Structure, tuple[Machine, Machine]]:
    """The structure of a state, and the programs of the first step and of all others."""
    found: list[Any] = []

    def step(entries: list[Any], state: Any) -> list[Any]:
        change, state = move(entries[0], state)
        found[:] = [state]
        return [change] if state is None else [change, state]

    def begin(entries: list[Any]) -> list[Any]:
        return step(entries, None)

    def go_on(entries: list[Any]) -> list[Any]:
        return step(entries, _tuples(entries[1]) if len(entries) > 1 else None)

    record(begin, ["gradient"], [None])
    kept = [] if found[0] is None else [structure_of(found[0])]
    machines = []
    for which in (begin, go_on):
        recording = record(which, ["gradient", "state"][: 1 + len(kept)], [None, *kept])
        if structure_of(recording.outputs) != (None, *kept):
            raise TracingError(
                "the state that `move` returns has another structure than the one it was given"
            )
        code, ends, parameters = lower(recording)
        if parameters:
            raise TracingError("an optimiser that computes with Values of its own cannot be compiled")
        flatten(code, ends)
        machines.append(Machine(schedule(code, ends, 0, len(recording.inputs)), dtype, 1))
    return kept[0] if kept else (), (machines[0], machines[1])


def _tuples(x: Any) -> Any:
    return tuple(map(_tuples, x)) if isinstance(x, list) else x
