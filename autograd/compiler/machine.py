"""A scheduled program with the memory it runs in."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ..errors import TableIndexError
from . import arrays
from .native import UNUSED, Kernels, kernels
from .schedule import Schedule
from .tape import Tape

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, Any]

__all__ = ["Machine"]

VECTORS = 4
"""Vectors of rows in a block, as in `kernels.py`."""

CHUNKS = 16
"""Rows are divided into so many chunks at most, by their number alone: so the order in which they are added
up does not depend on how many threads there are."""

ENOUGH = 400_000
"""Operations below which a second thread costs more than it brings."""


class _Memory:
    """What one thread needs to run a program."""

    def __init__(self, machine: Machine, lanes: int) -> None:
        import numpy as np

        plan, tape = machine.plan, machine.tape
        block = VECTORS * lanes
        widest = max((group.operands.shape[1] for group in plan.groups), default=0)
        self.shared = np.zeros(plan.n_shared + plan.n_rows + 2 * lanes, machine.dtype)
        n = plan.n_parameters
        self.shared[n : n + len(plan.constants)] = plan.constants
        self.each = np.zeros((plan.n_rows * block) + lanes, machine.dtype)
        self.totals = np.zeros((CHUNKS, max(1, tape.n_sums)), machine.dtype)
        self.scratch = np.zeros(max(3 * tape.largest, 3 * block, widest) + lanes, machine.dtype)
        self.status = np.zeros(4)
        names = ("shared", "each", "totals", "scratch", "status")
        self.shared_at, self.each_at, self.totals_at, self.scratch_at, self.status_at = (
            getattr(self, name).ctypes.data for name in names
        )


class Machine:
    """Runs a program over rows: by the kernels where there are some, else on arrays."""

    def __init__(self, plan: Schedule, dtype: Any, threads: int | None) -> None:
        import numpy as np

        self.plan, self.dtype, self.threads = plan, dtype, threads
        self.tape = Tape(plan)
        self.kernels: Kernels | None = kernels(dtype.name)
        tape = self.tape
        self._results = np.array(plan.results, np.int64)
        self._header = np.array(
            [
                *(plan.n_shared, plan.n_rows, plan.n_parameters, plan.n_inputs),
                *tape.bounds,
                *(tape.first_sum, tape.n_sums, len(plan.results)),
                *(x.ctypes.data for x in (tape.groups, tape.indices, self._results)),
                0,
            ],
            np.int64,
        )
        self._header_at = self._header.ctypes.data
        self._free: list[_Memory] = []  # a thread takes one and brings it back
        self.work = sum(len(group) * max(1, group.operands.shape[1] // 2) for group in plan.groups)

    def _memory(self) -> _Memory:
        assert self.kernels is not None
        try:
            return self._free.pop()
        except IndexError:
            return _Memory(self, self.kernels.lanes)

    def reduced(self, theta: Floats, rows: Floats, factor: float) -> Floats:
        """The results that are the same for all rows, times a factor."""
        import numpy as np

        n = len(rows)
        if self.kernels is None:
            out: Floats = arrays.run(self.plan, theta, rows, np.empty((n, 0)), self.dtype)[self.plan.results]
            return out.astype(np.float64) * factor
        out = np.empty(len(self.plan.results))
        chunk = self._chunk(n)
        pool = self._pool(n)
        if pool is not None:
            self._in_threads(pool, theta, rows, chunk, factor, out)
            return out
        memory = self._memory()
        self.kernels.evaluate(
            *UNUSED, self._header_at, theta.ctypes.data, rows.ctypes.data, n, chunk, factor,
            memory.shared_at, memory.each_at, memory.totals_at, memory.scratch_at, memory.status_at,
            out.ctypes.data,
        )  # fmt: skip
        self._checked(memory)
        self._free.append(memory)
        return out

    def each_row(self, theta: Floats, rows: Floats) -> Floats:
        """All results for every row, a line for each."""
        import numpy as np

        n, width = len(rows), len(self.plan.results)
        outputs = np.empty((n, width))
        if self.kernels is None:
            arrays.run(self.plan, theta, rows, outputs, self.dtype)
            return outputs
        if n == 1:  # the same code as for gradients of one row
            return self.reduced(theta, rows, 1.0).reshape(1, width)
        memory = self._memory()
        self.kernels.prepare(
            *UNUSED, self._header_at, theta.ctypes.data, memory.shared_at, memory.scratch_at, memory.status_at
        )
        pool = self._pool(n)
        chunk = self._chunk(n)
        spans = [(first, min(n, first + chunk)) for first in range(0, n, chunk)]
        if pool is None:
            self._run_rows(memory, memory, rows, [(0, 0, n)], outputs)
        else:
            self._share(pool, memory, rows, spans, outputs)
        self._checked(memory)
        self._free.append(memory)
        return outputs

    # -------------------------------------------------------------------------------------------- threads

    def _chunk(self, n: int) -> int:
        assert self.kernels is not None
        block = VECTORS * self.kernels.lanes
        return block * max(1, -(-n // (block * CHUNKS)))

    def _pool(self, n: int) -> ThreadPoolExecutor | None:
        """The threads to share the rows, if it is worth it."""
        assert self.kernels is not None
        wanted = self.threads or _processors()
        if wanted == 1 or n <= self._chunk(n) or (self.threads is None and n * self.work < ENOUGH):
            return None
        return _threads(wanted)

    def _in_threads(
        self, pool: ThreadPoolExecutor, theta: Floats, rows: Floats, chunk: int, factor: float, out: Floats
    ) -> None:
        assert self.kernels is not None
        memory = self._memory()
        self.kernels.prepare(
            *UNUSED, self._header_at, theta.ctypes.data, memory.shared_at, memory.scratch_at, memory.status_at
        )
        spans = [(first, min(len(rows), first + chunk)) for first in range(0, len(rows), chunk)]
        self._share(pool, memory, rows, spans, None)
        self.kernels.finish(
            *UNUSED, self._header_at, memory.shared_at, memory.totals_at, len(spans), factor, out.ctypes.data,
            memory.scratch_at, memory.status_at,
        )  # fmt: skip
        self._checked(memory)
        self._free.append(memory)

    def _share(
        self,
        pool: ThreadPoolExecutor,
        memory: _Memory,
        rows: Floats,
        spans: list[tuple[int, int]],
        outputs: Floats | None,
    ) -> None:
        """Let the threads of the pool, and this one, run chunks of rows."""
        todo = [(k, *span) for k, span in enumerate(spans)]
        todo.reverse()
        helpers = min(pool._max_workers, len(todo)) - 1
        waiting = [
            pool.submit(self._run_rows, memory, self._memory(), rows, todo, outputs) for _ in range(helpers)
        ]
        self._run_rows(memory, memory, rows, todo, outputs)
        for helper in waiting:
            own = helper.result()
            if own.status[0] and not (memory.status[0] and memory.status[1] < own.status[1]):
                memory.status[:] = own.status
            own.status[0] = 0
            self._free.append(own)

    def _run_rows(
        self,
        memory: _Memory,
        own: _Memory,
        rows: Floats,
        todo: list[tuple[int, int, int]],
        outputs: Floats | None,
    ) -> _Memory:
        assert self.kernels is not None
        size = memory.totals.strides[0]
        into, width = (0, 0) if outputs is None else (outputs.ctypes.data, outputs.shape[1])
        while True:
            try:
                k, first, last = todo.pop()
            except IndexError:
                return own
            self.kernels.run_rows(
                *UNUSED, self._header_at, memory.shared_at, rows.ctypes.data, first, last, own.each_at,
                memory.totals_at + k * size, into, width, own.scratch_at, own.status_at,
            )  # fmt: skip

    def _checked(self, memory: _Memory) -> None:
        """Raise what the kernels noted."""
        if memory.status[0]:
            _, row, index, size = memory.status.tolist()
            memory.status[0] = 0
            self._free.append(memory)
            raise TableIndexError(index, int(size), int(row))


_pools: dict[int, ThreadPoolExecutor] = {}
_pools_lock = threading.Lock()


def _threads(n: int) -> ThreadPoolExecutor:
    """A pool of n threads, made when first asked for."""
    with _pools_lock:
        if n not in _pools:
            _pools[n] = ThreadPoolExecutor(n, thread_name_prefix="chalkgrad")
        return _pools[n]


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pools.clear)  # threads do not survive a fork
