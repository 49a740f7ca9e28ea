"""What takes the steps of training: Python on Values, or compiled code on arrays.

Both take the same steps on the same rows; the numbers agree up to rounding.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from autograd import Value, topological_order
from autograd import value as recording
from autograd.errors import SettingError
from autograd.numbers import Number, shown
from nn.descent import SGD, Adam, Optimizer, RMSprop
from nn.losses import Loss, reduced
from nn.table import Example

__all__ = ["ENGINES", "Batch", "Eager", "Engine", "EngineName", "Work", "choose", "flat"]

EngineName: TypeAlias = Literal["auto", "eager", "jit"]
ENGINES = ("auto", "eager", "jit")

Batch: TypeAlias = tuple[int, ...]
"""The rows of a step, counted from 0."""


class Work(NamedTuple):
    """What is to be trained, on what, and how."""

    model: Callable[[Any], Any]
    examples: Sequence[Example]
    loss: Loss
    optimizer: Optimizer
    named: dict[str, Value]
    reduce: str

    def loss_of(self, row: int) -> Any:
        """The loss of one row, computed on Values."""
        features, target = self.examples[row]
        return self.loss(self.model(features), target)

    def numbers(self) -> dict[str, Number]:
        """The parameters as they are now."""
        return {name: p.data for name, p in self.named.items()}


class Engine:
    """Takes steps and remembers their losses.

    losses    the loss of each step, before it; of the last ones only if they are among the `taken`
    problem   why the next step was not taken, where a number in it is not finite
    chunk     how many steps it would like to be given at once
    """

    chunk = 1

    def __init__(self, work: Work) -> None:
        self.work = work
        self.losses: list[Number] = []
        self.problem = ""

    @property
    def taken(self) -> int:
        """How many steps were taken."""
        return len(self.losses)

    def take(self, batches: Sequence[Batch]) -> None:
        """Take a step for each batch, up to the first that meets a number that is not finite."""
        raise NotImplementedError

    def go_back(self, steps: int) -> None:
        """Undo the last steps of the latest `take`, which was given more than were wanted."""

    def finish(self) -> None:
        """Leave in the parameters, and in the optimiser, what the steps led to."""

    def _must_be_computed(self, loss: Any) -> None:
        """Refuse a loss that no parameter went into."""
        if not isinstance(loss, Value):
            raise SettingError(
                f"the loss is {loss!r}, a plain number; the model must compute with its parameters"
            )

    def _check(self, loss: Number, gradients: Sequence[Number]) -> bool:
        """Whether all numbers are finite; if not, `problem` says which one is not."""
        if not _is_finite(loss):
            self.problem = f"the loss is {shown(loss)}"
        else:
            odd = (
                f"the gradient of {name} is {shown(gradient)}"
                for name, gradient in zip(self.work.named, gradients, strict=True)
                if not _is_finite(gradient)
            )
            self.problem = next(odd, "")
        return not self.problem


class Eager(Engine):
    """Each row is computed on Values, and `backward()` walks their graph."""

    prepared: dict[int, Any]
    """The losses of rows that were computed ahead."""

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.prepared = {}

    def take(self, batches: Sequence[Batch]) -> None:
        """Take each step in Python."""
        for rows in batches:
            each = [self.prepared.pop(i) if i in self.prepared else self.work.loss_of(i) for i in rows]
            loss = reduced(each, self.work.reduce)
            self._must_be_computed(loss)
            for p in self.work.named.values():
                p.grad = 0
            if _is_finite(loss.data):
                loss.backward()
            if not self._check(loss.data, [p.grad for p in self.work.named.values()]):
                return
            self.work.optimizer.step(self.work.named.values())
            self.losses.append(loss.data)

    def operations(self, row: int) -> int:
        """How much there is to compute for one row: operations and their operands. It is computed ahead."""
        self.prepared = {row: self.work.loss_of(row)}
        loss = self.prepared[row]
        nodes = topological_order(loss) if isinstance(loss, Value) else []
        return sum(1 + len(node.operands) for node in nodes)


def choose(wanted: EngineName, work: Work, first_row: int, visits: int, steps: int) -> Engine:
    """The engine for a training of so many steps, which visit so many rows in all.

    "auto" compiles where that pays, and falls back on Python for whatever cannot be compiled.
    """
    eager = Eager(work)
    if wanted == "eager":
        return eager
    why_not = _obstacle(work)
    if wanted == "jit":
        if why_not:
            raise SettingError(f"engine='jit' cannot train this: {why_not}; engine='eager' can")
        return _compiled(work)
    if why_not or type(work.optimizer) not in (SGD, RMSprop, Adam):
        return eager
    operations = eager.operations(first_row)
    if not _pays(operations, visits, steps, len(work.named)):
        return eager
    if importlib.util.find_spec("llvmlite") is None or importlib.util.find_spec("numpy") is None:
        return eager
    try:
        return _compiled(work)
    except Exception:  # whatever is wrong with the model shows again, in the user's own code
        return eager


def _compiled(work: Work) -> Engine:
    from nn.compiled import Compiled  # which needs NumPy

    return Compiled(work)


def _pays(operations: int, visits: int, steps: int, parameters: int) -> bool:
    """Whether compiling takes less time than it saves, judged by counting alone.

    A clock would choose now this and now that engine, and two runs would differ in their last digits. Nor is
    one needed: both times are Python's, so that a machine which is faster at the one is faster at the other.
    The seconds are those of a fit to `train` of networks from 2-2-1 to 10-20-20-3, which it meets to a fifth.
    """
    eager = steps * 30e-6 + visits * (25e-6 + operations * 0.6e-6) + steps * parameters * 0.6e-6
    compiling = 0.2 + operations * 15e-6  # importing NumPy and loading the kernels, and what grows
    return eager > compiling


def _obstacle(work: Work) -> str:
    """Why there is no point in compiling, before even trying."""
    if recording._watch is not None:
        return "detect_anomaly() watches each operation, and compiled code has none"
    if getattr(type(work.optimizer), "step", None) is not Optimizer.step:
        return f"{type(work.optimizer).__name__} has a step() of its own"
    for name, p in work.named.items():
        if not isinstance(p.data, (float, int)):
            return f"{name} is of type {type(p.data).__name__}, and compiled code computes with floats"
    moved = [p in work.optimizer._states for p in work.named.values()]
    if any(moved) and not all(moved):
        return "the optimiser has moved some of these parameters before and others not"
    for i, row in enumerate(work.examples):
        for x in flat(row):
            if not isinstance(x, (float, int)):
                return f"there is a {type(x).__name__} in rows[{i}], and compiled code computes with floats"
    return ""


def _is_finite(x: Any) -> bool:
    """Whether a number of any kind is neither nan nor infinite."""
    while isinstance(x, Value):
        x = x.data
    return bool(x - x == 0)


def flat(x: Any) -> Iterator[Any]:
    """The numbers in nested lists and tuples, and in arrays; None is no number."""
    if hasattr(x, "tolist"):
        x = x.tolist()
    if isinstance(x, (list, tuple)):
        for entry in x:
            yield from flat(entry)
    elif x is not None:
        yield x
