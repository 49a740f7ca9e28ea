"""A scheduled program with the memory it runs in."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ..errors import TableIndexError
from . import arrays
from .layout import EVALUATE, FINISH, PREPARE, RUN_ROWS, STRIP
from .native import Kernels, kernels
from .schedule import Schedule
from .tape import Tape
from .tiles import Tiles

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, Any]

__all__ = ["Machine"]

CHUNKS = 16
"""Rows are divided into so many chunks at most, by their number and the program alone: so the order in which
they are added up does not depend on how many threads there are."""

CHUNK = 200_000
"""Operations that a chunk has at least."""

CACHED, BYTES = 2**18, 64
"""What a block of rows should not exceed, in bytes, and the size of a vector, which is that of a line of the
cache too. Of large programs a block is two vectors."""

ENOUGH = 400_000
"""Operations below which a second thread costs more than it brings."""


class _Memory:
    """What one thread needs to run a program."""

    def __init__(self, machine: Machine, lanes: int) -> None:
        import numpy as np

        plan, tape = machine.plan, machine.tape
        block = machine.block
        widest = int(plan.widths.max(initial=0))
        self.shared = np.zeros(plan.n_shared + plan.n_rows + 2 * lanes, machine.dtype)
        n = plan.n_parameters
        self.shared[n : n + len(plan.constants)] = plan.constants
        self.each = _aligned(plan.n_rows * block + lanes if plan.n_inputs else 0, machine.dtype)
        self.totals = np.zeros((CHUNKS, tape.n_sums + 1), machine.dtype)
        self.scratch = _aligned(max(3 * tape.largest, 3 * block, 3 * STRIP, widest) + lanes, machine.dtype)
        self.status = np.zeros(4)
        self.addresses = tuple(
            x.ctypes.data for x in (self.shared, self.each, self.totals, self.scratch, self.status)
        )
        self.shared_at, self.each_at, self.totals_at, self.scratch_at, self.status_at = self.addresses


def _aligned(n: int, dtype: Any) -> Floats:
    """n zeros for vectors, none of which lies across two lines of the cache: that takes twice as long."""
    import numpy as np

    memory = np.zeros(n * dtype.itemsize + BYTES, np.uint8)
    start = -memory.ctypes.data % BYTES
    return memory[start : start + n * dtype.itemsize].view(dtype)


class Machine:
    """Runs a program over rows: by the kernels where there are some, else on arrays."""

    def __init__(self, plan: Schedule, dtype: Any, threads: int | None) -> None:
        import numpy as np

        self.plan, self.dtype, self.threads = plan, dtype, threads
        self.kernels: Kernels | None = kernels(dtype.name)
        self.tape = Tape(plan, dtype.name if self.kernels else None)
        tape = self.tape
        self.work = int((plan.counts * np.maximum(1, plan.widths // 2)).sum())
        lanes = self.kernels.lanes if self.kernels else 1
        vectors = CACHED // (BYTES * max(1, plan.n_rows)) // 2 * 2
        self.block = lanes * min(16, max(2, vectors))
        """Rows that are computed at a time."""
        self._fewest = -(-CHUNK // max(1, self.work * self.block))
        self.tiles = tiles = Tiles(plan, tape.first_sum, tape.n_sums)
        self._results = np.array(plan.results, np.int64)
        self._header = np.array(
            [
                *(plan.n_shared, plan.n_rows, plan.n_parameters, plan.n_inputs),
                *(len(tiles.table), self.block, self._fewest),
                *(tape.first_sum, tape.n_sums, len(plan.results)),
                *(tiles.table.ctypes.data, tiles.data.ctypes.data, self._results.ctypes.data),
                *(*tape.begins, tape.stream.ctypes.data),
            ],
            np.int64,
        )
        self.header = self._header.ctypes.data
        self._free: list[_Memory] = []  # a thread takes one and brings it back

    def take_memory(self) -> _Memory:
        """Memory to run in, for one thread."""
        assert self.kernels is not None
        try:
            return self._free.pop()
        except IndexError:
            return _Memory(self, self.kernels.lanes)

    def reduced(self, theta: Floats, rows: Floats, divisor: float) -> Floats:
        """The results that are the same for all rows, divided by a number."""
        import numpy as np

        n = len(rows)
        if self.kernels is None:
            out: Floats = arrays.run(self.plan, theta, rows, np.empty((n, 0)), self.dtype)[self.plan.results]
            return out.astype(np.float64) / divisor
        out = np.empty(len(self.plan.results))
        memory = self.take_memory()
        chunk = self._chunk(n)
        threads = self._how_many_threads(n, chunk)
        if threads == 1:
            self.kernels.enter(
                EVALUATE, self.header, theta.ctypes.data, rows.ctypes.data, 0, n, chunk, divisor,
                *memory.addresses, out.ctypes.data, 0,
            )  # fmt: skip
        else:
            self._enter(PREPARE, memory, theta=theta.ctypes.data)
            chunks = self._share(threads, memory, rows, chunk, None)
            self._enter(FINISH, memory, last=chunks, divisor=divisor, out=out.ctypes.data)
        self.give_back(memory)
        return out

    def each_row(self, theta: Floats, rows: Floats) -> Floats:
        """All results for every row, a line for each."""
        import numpy as np

        n, width = len(rows), len(self.plan.results)
        outputs = np.empty((n, width))
        if self.kernels is None:
            arrays.run(self.plan, theta, rows, outputs, self.dtype)
        elif n == 1:
            return self.reduced(theta, rows, 1.0).reshape(1, width)
        else:
            memory = self.take_memory()
            chunk = self._chunk(n)
            self._enter(PREPARE, memory, theta=theta.ctypes.data)
            self._share(self._how_many_threads(n, chunk), memory, rows, chunk, outputs)
            self.give_back(memory)
        return outputs

    def _enter(
        self,
        action: int,
        memory: _Memory,
        *,
        theta: int = 0,
        rows: int = 0,
        first: int = 0,
        last: int = 0,
        divisor: float = 1.0,
        own: _Memory | None = None,
        totals: int = 0,
        out: int = 0,
        n_outputs: int = 0,
    ) -> None:
        """Run a part of a program; `own` is the memory of another thread than the one that began."""
        assert self.kernels is not None
        own = own or memory
        self.kernels.enter(
            action, self.header, theta, rows, first, last, max(1, last - first), divisor,
            memory.shared_at, own.each_at, totals or memory.totals_at, own.scratch_at, own.status_at,
            out, n_outputs,
        )  # fmt: skip

    # -------------------------------------------------------------------------------------------- threads

    def _chunk(self, n: int) -> int:
        """How many rows are added up by themselves."""
        assert self.kernels is not None
        block = self.block
        return block * max(self._fewest, -(-n // (block * CHUNKS)))

    def _how_many_threads(self, n: int, chunk: int) -> int:
        """As many as were asked for, or else as there are processors if that is worth it."""
        if n <= chunk or (self.threads is None and n * self.work < ENOUGH):
            return 1
        return min(self.threads or _processors(), -(-n // chunk))

    def _share(self, threads: int, memory: _Memory, rows: Floats, chunk: int, outputs: Floats | None) -> int:
        """Let this thread and others run the chunks of rows; gives the number of chunks."""
        n = len(rows)
        todo = [(k, first, min(n, first + chunk)) for k, first in enumerate(range(0, n, chunk))]
        chunks = len(todo)
        todo.reverse()
        others = [
            _pool(threads).submit(self._run_chunks, memory, self.take_memory(), rows, todo, outputs)
            for _ in range(threads - 1)
        ]
        self._run_chunks(memory, memory, rows, todo, outputs)
        for other in others:
            own = other.result()
            if own.status[0] and not (memory.status[0] and memory.status[1] < own.status[1]):
                memory.status[:] = own.status
            own.status[0] = 0
            self._free.append(own)
        return chunks

    def _run_chunks(
        self,
        memory: _Memory,
        own: _Memory,
        rows: Floats,
        todo: list[tuple[int, int, int]],
        outputs: Floats | None,
    ) -> _Memory:
        into, width = (0, 0) if outputs is None else (outputs.ctypes.data, outputs.shape[1])
        while True:
            try:
                k, first, last = todo.pop()
            except IndexError:
                return own
            self._enter(
                RUN_ROWS, memory, rows=rows.ctypes.data, first=first, last=last, own=own,
                totals=memory.totals_at + k * memory.totals.strides[0], out=into, n_outputs=width,
            )  # fmt: skip

    def give_back(self, memory: _Memory) -> None:
        """Keep the memory for the next call. Raises what the kernels noted."""
        status = memory.status.tolist() if memory.status[0] else None
        memory.status[0] = 0
        self._free.append(memory)
        if status:
            _, row, index, size = status
            raise TableIndexError(index, int(size), int(row))


_pools: dict[int, ThreadPoolExecutor] = {}
_pools_lock = threading.Lock()


def _pool(n: int) -> ThreadPoolExecutor:
    """The threads that help when n work, made when first asked for."""
    with _pools_lock:
        if n not in _pools:
            _pools[n] = ThreadPoolExecutor(n - 1, thread_name_prefix="chalkgrad")
        return _pools[n]


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pools.clear)  # threads do not survive a fork
