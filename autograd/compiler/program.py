"""`Program`: what a function was compiled to, ready to run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..value import Value
from .backward import derivatives
from .lowering import lower
from .passes import flatten
from .recording import record
from .machine import Machine
from .schedule import schedule
from .structure import Structure, structure_of

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, Any]

__all__ = ["Program"]


class Program:
    """A function for one structure of arguments.

    parameters  the Values it closes over
    seconds     what each pass of compilation took
    """

    def __init__(
        self,
        call: Callable[..., Any],
        names: Sequence[str],
        structures: Sequence[Structure],
        dtype: Any,
        threads: int | None,
    ) -> None:
        import numpy as np

        self.dtype, self.threads = np.dtype(dtype), threads
        self.seconds: dict[str, float] = {}
        started = time.perf_counter()
        recording = record(call, names, structures)
        self._clock("trace", started)
        started = time.perf_counter()
        code, outputs, self.parameters = lower(recording)
        self._clock("lower", started)
        started = time.perf_counter()
        self._code, self._outputs = flatten(code, outputs)
        self._clock("flatten", started)
        self.output_structure = structure_of(recording.outputs)
        self.n_inputs = len(recording.inputs)
        self.operations = len(recording.tape)
        self._forward: Machine | None = None
        self._both: Machine | None = None

    def _clock(self, name: str, started: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

    @property
    def forward(self) -> Machine:
        """The outputs alone."""
        if self._forward is None:
            started = time.perf_counter()
            plan = schedule(self._code, self._outputs, len(self.parameters), self.n_inputs)
            self._clock("schedule", started)
            self._forward = Machine(plan, self.dtype, self.threads)
        return self._forward

    @property
    def both(self) -> Machine:
        """The one output and its derivatives by all parameters."""
        if self._both is None:
            started = time.perf_counter()
            code, (root,) = flatten(self._code, self._outputs)
            found = derivatives(code, root, len(self.parameters))
            self._clock("differentiate", started)
            started = time.perf_counter()
            self.varies = code.varies[root]
            loss = code.over_rows([(root, code.one)]) if self.varies else root
            code, ends = flatten(code, [loss, *found])
            self._clock("flatten", started)
            started = time.perf_counter()
            plan = schedule(code, ends, len(self.parameters), self.n_inputs)
            self._clock("schedule", started)
            started = time.perf_counter()
            self._both = Machine(plan, self.dtype, self.threads)
            self._clock("tape", started)
        return self._both

    def values(self, theta: Floats, rows: Floats) -> Floats:
        """Every output for every row: a line for each row."""
        return self.forward.each_row(theta, rows)

    def value_and_grad(self, theta: Floats, rows: Floats, mean: bool) -> tuple[float, Floats]:
        """The output reduced over the rows, and its derivative by each parameter."""
        machine, n = self.both, len(rows)
        divisor = (n if mean else 1) if self.varies else (1 if mean else 1 / n)
        found = machine.reduced(theta, rows, divisor)
        return float(found[0]), found[1:]
