"""`Program`: what a function was compiled to for one structure of its arguments."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..adjoints import collector_paused
from ..errors import ShapeError, TracingError
from ..value import Value
from .backward import derivatives
from .listing import listing
from .lowering import lower
from .machine import Machine
from .passes import flatten
from .recording import record
from .schedule import schedule
from .structure import Structure, flat, structure_of

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, Any]

__all__ = ["Program"]


class Program:
    """A function for one structure of arguments. It prints as a listing of its groups.

    parameters  the Values it closes over, in the order of their first use; those that were given come first
    operations  how many operations were recorded
    seconds     what each pass of compilation took
    """

    def __init__(
        self,
        call: Callable[..., Any],
        names: Sequence[str],
        structures: Sequence[Structure],
        dtype: str,
        threads: int | None,
        trained: Sequence[Value] | None = None,
    ) -> None:
        import numpy as np

        self.dtype, self.threads = np.dtype(dtype), threads
        self.seconds: dict[str, float] = {}
        self._forward: Machine | None = None
        self._both: Machine | None = None
        with self._pass("trace"):
            recording = record(call, names, structures)
        if not any(isinstance(x, Value) for x in flat(recording.outputs)):
            raise TracingError(
                f"the function returned {recording.outputs!r:.60}, which was computed neither from its "
                "arguments nor from parameters: there is nothing to compile"
            )
        self.operations, self.n_inputs = len(recording.tape), len(recording.inputs)
        self.output_structure = structure_of(recording.outputs)
        with self._pass("lower"):
            self._code, self._outputs, self.parameters = lower(recording, trained or ())
        self.n_slopes = len(self.parameters if trained is None else trained)
        """How many of the parameters there are derivatives by: the first ones."""
        del recording
        with self._pass("flatten"):
            flatten(self._code, self._outputs)
        self.varies = [self._code.varies[x] for x in self._outputs]
        """Whether each output depends on the row."""

    @contextmanager
    def _pass(self, name: str) -> Iterator[None]:
        """Note how long a pass takes."""
        started = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

    # ------------------------------------------------------------------------------------------ running

    @property
    def forward(self) -> Machine:
        """The program of the outputs alone."""
        if self._forward is None:
            with collector_paused():
                self._forward = self._values_alone()
        return self._forward

    def _values_alone(self) -> Machine:
        with self._pass("schedule"):
            plan = schedule(self._code, self._outputs, len(self.parameters), self.n_inputs)
        with self._pass("tape"):
            return Machine(plan, self.dtype, self.threads)

    @property
    def both(self) -> Machine:
        """The program of the one output, added up over the rows, and of its derivatives by all parameters."""
        if self._both is None:
            with collector_paused():  # once, not pass by pass: each time it goes on it looks at all there is
                self._both = self._with_gradients()
        return self._both

    def _with_gradients(self) -> Machine:
        if len(self._outputs) != 1:
            raise ShapeError(
                f"the function returns {len(self._outputs)} numbers; a loss, which has gradients, is one"
            )
        (root,) = self._outputs
        with self._pass("differentiate"):
            code, first = self._code.continued(), len(self._code)
            found = derivatives(code, root, self.n_slopes)
            ends = [code.over_rows((root, code.one)) if self.varies[0] else root, *found]
            self._code.finish()
        with self._pass("flatten"):
            flatten(code, ends, first)
            code.finish()
        with self._pass("schedule"):
            plan = schedule(code, ends, len(self.parameters), self.n_inputs)
        del code
        with self._pass("tape"):
            return Machine(plan, self.dtype, self.threads)

    def values(self, theta: Floats, rows: Floats) -> Floats:
        """Every output for every row: a line for each row."""
        return self.forward.each_row(theta, rows)

    def value_and_grad(self, theta: Floats, rows: Floats, mean: bool) -> tuple[float, Floats]:
        """The output reduced over the rows, and its derivative by each parameter."""
        machine, n = self.both, len(rows)
        divisor = (n if mean else 1) if self.varies[0] else (1 if mean else 1 / n)
        found = machine.reduced(theta, rows, divisor)
        return float(found[0]), found[1:]

    # ------------------------------------------------------------------------------------------ looking

    @property
    def _machine(self) -> Machine:
        """The larger of the programs that there are; the forward one is made if there is none."""
        return self._both or self.forward

    @property
    def groups(self) -> int:
        """How many groups of like operations there are."""
        return len(self._machine.plan.kinds)

    @property
    def levels(self) -> int:
        """How many levels they lie on, over all stages."""
        plan = self._machine.plan
        return len(set(zip(plan.stages.tolist(), plan.levels.tolist(), strict=True)))

    @property
    def multiply_adds(self) -> int:
        """How many products and other operations a row takes."""
        return self._machine.work

    @property
    def bytes(self) -> int:
        """The size of the program as one row runs it: its groups with their operands, and constants."""
        tape, plan = self._machine.tape, self._machine.plan
        return int(tape.stream.nbytes + 8 * (len(plan.constants) + len(plan.results)))

    def __repr__(self) -> str:
        return f"<program of {self.operations} operations in {self.groups} groups on {self.levels} levels>"

    def __str__(self) -> str:
        return listing(self)
