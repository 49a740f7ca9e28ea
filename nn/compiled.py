"""Training by compiled code: the parameters are an array, and a step is a few calls for all of them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd import Value, jit
from autograd.errors import SettingError, TracingError
from autograd.numbers import shown
from nn import losses
from nn._together import assign
from nn.descent import Optimizer
from nn.engines import Batch, Engine, Work, flat

__all__ = ["Compiled"]

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

CHUNK_SECONDS = 0.05
"""How long compiled code runs before Python may act on Ctrl-C and move the progress bar."""

OWN_LOSSES = {getattr(losses, name) for name in losses.__all__ if name not in ("Loss", "loss_over_rows")}


class Compiled(Engine):
    """What the model does with a row is compiled, and the parameters are an array until training ends.

    Parameters, states and losses change together, in one assignment to `now`: Ctrl-C finds all old or all
    new ones.
    """

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        model, loss = self.work.model, self.work.loss

        def row_loss(features: Any, target: Any) -> Any:
            return loss(model(features), target)

        self.jitted = jit(row_loss)
        features, targets = (list(map(_as_lists, column)) for column in zip(*self.work.examples, strict=True))
        self.program, self.rows = self.jitted._prepared((features, targets), {})
        used = list(self.program.parameters)
        if not used:
            raise SettingError("the loss is a plain number; the model must compute with its parameters")
        self._check_targets()
        self._check_sample(features, targets)
        self.trained = list(self.work.named.values())
        places = {p: i for i, p in enumerate(used)}
        self.theta = np.array([p.data for p in used], np.float64)
        self.mine = np.array([i for i, p in enumerate(self.trained) if p in places], np.int64)
        self.theirs = np.array([places[p] for p in self.trained if p in places], np.int64)
        self.now: State | None = None
        self.earlier: tuple[State | None, Sequence[Batch]] = None, ()
        self.rule: Rule | None = None

    @property
    def taken(self) -> int:
        """How many steps were taken."""
        return self.now.steps if self.now else 0

    def take(self, batches: Sequence[Batch]) -> None:
        """Take the steps on arrays."""
        self.earlier = self.now, batches
        start = time.perf_counter()
        if self.now is None:
            self.now = self._first(batches[0])
            if self.now is None:
                return
            batches = batches[1:]
        if batches:
            self.now = self._more(self.now, batches)
        seconds = time.perf_counter() - start
        self.chunk = max(1, min(2 * self.chunk, int(CHUNK_SECONDS / seconds * len(self.earlier[1]))))

    def go_back(self, steps: int) -> None:
        """Return to where the latest `take` began, and take fewer."""
        self.now, batches = self.earlier
        if len(batches) > steps:
            self.take(batches[: len(batches) - steps])

    def finish(self) -> None:
        """Put everything back into the parameters and the optimiser."""
        if self.now is None or self.rule is None:
            return
        for p, gradient in zip(self.trained, self.now.gradient.tolist(), strict=True):
            p.grad = gradient
        states = self.work.optimizer._states | self.rule.states(self.trained, self.now.columns)
        assign(self.trained, self.now.weights.tolist(), (self.work.optimizer, "_states", states))

    # -------------------------------------------------------------------------------------------- steps

    def _first(self, rows: Batch) -> State | None:
        """The first step, moved in Python: after it the optimiser has a state for each parameter."""
        loss, gradient = self._gradient(np.array([p.data for p in self.trained], np.float64), rows)
        if not self._check(loss, gradient.tolist()):
            return None
        for p, slope in zip(self.trained, gradient.tolist(), strict=True):
            p.grad = slope
        self.work.optimizer.step(self.trained)
        self.rule = Rule(self.work.optimizer, self.trained)
        self.losses.append(loss)
        weights = np.array([p.data for p in self.trained], np.float64)
        return State(1, weights, self.rule.columns, gradient)

    def _more(self, now: State, batches: Sequence[Batch]) -> State:
        """The steps after it. Where a number is not finite it ends before the step, and says why."""
        assert self.rule is not None
        weights, columns, gradient, losses = now.weights, now.columns, now.gradient, []
        for rows in batches:
            loss, gradient = self._gradient(weights, rows)
            if not (math.isfinite(loss) and np.isfinite(gradient).all()):
                self._check(loss, gradient.tolist())
                break
            change, columns = self.rule(gradient, columns)
            weights = weights + change
            losses.append(loss)
        self.losses[now.steps :] = losses
        return State(now.steps + len(losses), weights, columns, gradient)

    def _gradient(self, weights: Floats, rows: Batch) -> tuple[float, Floats]:
        """The loss of a batch and its derivatives by what is trained, 0 by what it does not depend on."""
        self.theta[self.theirs] = weights[self.mine]
        loss, found = self.program.value_and_grad(
            self.theta, self.rows[list(rows)], self.work.reduce == "mean"
        )
        gradient = np.zeros(len(weights))
        gradient[self.mine] = found[self.theirs]
        return loss, gradient

    # ------------------------------------------------------------------------------------- before it runs

    def _check_targets(self) -> None:
        """Let our own losses refuse wrong targets: compiled code does not look."""
        if self.work.loss in OWN_LOSSES:
            prediction = _with(0.5, self.work.model(self.work.examples[0][0]))
            for _, target in self.work.examples:
                self.work.loss(prediction, target)

    def _check_sample(self, features: Sequence[Any], targets: Sequence[Any]) -> None:
        """Compute some rows both ways: code that asks more of a number than can be traced would differ."""
        budget = max(1, min(8, 100_000 // max(1, self.program.operations)))
        by_target = {repr(target): i for i, target in enumerate(targets)}
        sample = list(dict.fromkeys([0, *by_target.values(), len(targets) - 1]))[:budget]
        found = self.jitted.rows([features[i] for i in sample], [targets[i] for i in sample])
        if found.ndim > 1:
            raise TracingError("the loss is a list; a loss is one number for each row")
        for i, compiled in zip(sample, found.tolist(), strict=True):
            loss = self.work.loss_of(i)
            eager = float(loss.data if isinstance(loss, Value) else loss)
            both_nan = math.isnan(eager) and math.isnan(compiled)
            if not both_nan and not math.isclose(eager, compiled, rel_tol=1e-6, abs_tol=1e-9):
                raise TracingError(
                    f"the loss of rows[{i}] is {shown(eager)}, and compiled it is {shown(compiled)}: the "
                    "model or the loss does something that tracing does not see, such as comparing with ==, "
                    "drawing random numbers or remembering earlier rows; use engine='eager'"
                )


class State(NamedTuple):
    """After so many steps: the parameters, what the optimiser remembers, and the last gradient."""

    steps: int
    weights: Floats
    columns: list[Any]
    gradient: Floats


class Rule:
    """An optimiser's `move`, compiled, for all parameters at once: a parameter is a row.

    What it remembers of each parameter, nested tuples of numbers, is kept in columns. A whole number that is
    the same for all of them, such as the step Adam is at, is a column of its own kind: that number alone.
    """

    def __init__(self, optimizer: Optimizer, parameters: Sequence[Value]) -> None:
        self.pattern = optimizer._states.get(parameters[0])
        table = list(zip(*(flat(optimizer._states.get(p)) for p in parameters), strict=True))
        self.columns: list[Any] = [
            column[0] if type(column[0]) is int and len(set(column)) == 1 else np.array(column, np.float64)
            for column in table
        ]
        self.kinds = [type(column[0]) for column in table]
        self.common = [Value(0.0) if isinstance(column, int) else None for column in self.columns]
        settings = {name: x for name, x in vars(optimizer).items() if name != "_states"}

        def move(gradient: Any, own: list[Any]) -> list[Any]:
            each = iter(own)
            state = _filled(self.pattern, (next(each) if x is None else x for x in self.common))
            change, state = optimizer.move(gradient, state)
            return [change, *flat(state)]

        self.move = jit(move if None in self.common else lambda gradient: move(gradient, []))
        self(np.zeros(len(parameters)), self.columns)
        if any(vars(optimizer)[name] is not x for name, x in settings.items()):
            raise TracingError(
                f"{type(optimizer).__name__}.move() changes the optimiser itself, which would happen only "
                "once, when it is compiled; keep what changes in the state, or use engine='eager'"
            )

    def __call__(self, gradient: Floats, columns: list[Any]) -> tuple[Floats, list[Any]]:
        """What to add to the parameters, and what to remember from now on."""
        for number, column in zip(self.common, columns, strict=True):
            if number is not None:
                number.data = float(column)
        own = [column for number, column in zip(self.common, columns, strict=True) if number is None]
        tables = [gradient, np.column_stack(own)] if own else [gradient]
        change, *states = self.move.rows(*tables).T
        return change, [
            column if number is None else int(column[0])
            for number, column in zip(self.common, states, strict=True)
        ]

    def states(self, parameters: Sequence[Value], columns: list[Any]) -> dict[Value, Any]:
        """What the optimiser remembers of each parameter, in the form it keeps it."""
        if not columns:
            return {}
        lists = [
            [kind(x) for x in (column.tolist() if number is None else [column] * len(parameters))]
            for column, number, kind in zip(columns, self.common, self.kinds, strict=True)
        ]
        rows = zip(*lists, strict=True)
        return {p: _filled(self.pattern, iter(row)) for p, row in zip(parameters, rows, strict=True)}


def _filled(pattern: Any, numbers: Iterator[Any]) -> Any:
    """Nested tuples like the pattern, with other numbers in it."""
    if isinstance(pattern, (list, tuple)):
        return tuple(_filled(entry, numbers) for entry in pattern)
    return None if pattern is None else next(numbers)


def _as_lists(x: Any) -> Any:
    """Nested lists of plain numbers, from whatever holds them."""
    if hasattr(x, "tolist"):
        x = x.tolist()
    return [_as_lists(entry) for entry in x] if isinstance(x, (list, tuple)) else x


def _with(number: float, prediction: Any) -> Any:
    """A prediction of the same form, all of one number."""
    if isinstance(prediction, (list, tuple)):
        return [_with(number, entry) for entry in prediction]
    return number
