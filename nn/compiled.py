"""Training by compiled code: the parameters are an array until it ends."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from autograd import jit
from autograd.errors import TracingError
from autograd.numbers import shown
from nn import losses
from nn._together import assign
from nn.engines import Batch, Engine, Work

__all__ = ["Compiled"]

CHUNK_SECONDS = 0.05
"""How long compiled code runs before Python may act on Ctrl-C and move the progress bar."""

OWN_LOSSES = {getattr(losses, name) for name in losses.__all__ if name not in ("Loss", "loss_over_rows")}


class Compiled(Engine):
    """What the model does with a row is compiled, as is the optimiser's rule, and many steps are one call.

    `now` is where training stands. It changes in one assignment, so that Ctrl-C finds all old or all new
    numbers.
    """

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        model, loss, optimizer = work.model, work.loss, work.optimizer

        def row_loss(features: Any, target: Any) -> Any:
            return loss(model(features), target)

        features, targets = (list(map(_as_lists, column)) for column in zip(*work.examples, strict=True))
        self.trained = list(work.named.values())
        settings = dict(vars(optimizer))
        self.descent = jit(row_loss).descent(
            features,
            targets,
            move=optimizer.move,
            reduce=work.reduce,
            parameters=self.trained,
            states=[optimizer._states.get(p) for p in self.trained],
        )
        if any(vars(optimizer)[name] is not setting for name, setting in settings.items()):
            raise TracingError(
                f"{type(optimizer).__name__}.move() changes the optimiser itself, which would happen only "
                "once, when it is compiled; keep what changes in the state, or use engine='eager'"
            )
        self._check_targets()
        self._check_sample(targets)
        self.now = self.earlier = self.descent.snapshot()
        self.batches: Sequence[Batch] = ()

    @property
    def taken(self) -> int:
        """How many steps were taken."""
        return int(self.now.steps)

    def take(self, batches: Sequence[Batch]) -> None:
        """Take the steps in compiled code."""
        self.earlier, self.batches = self.now, batches
        start = time.perf_counter()
        sizes = [len(rows) for rows in batches]
        if all(rows is batches[0] for rows in batches):
            rows = np.tile(batches[0], len(batches))
        else:
            rows = np.fromiter(chain.from_iterable(batches), np.int64, sum(sizes))
        taken = self.descent.steps(rows, sizes)
        seconds = max(time.perf_counter() - start, 1e-6)
        if taken < len(batches):
            self._check(self.descent.losses[-1], self.descent.gradient.tolist())
        self.losses[self.now.steps :] = self.descent.losses[self.now.steps : self.now.steps + taken]
        self.chunk = max(1, min(4 * self.chunk, int(CHUNK_SECONDS / seconds * len(batches))))
        self.now = self.descent.snapshot()

    def go_back(self, steps: int) -> None:
        """Return to where the latest `take` began, and take fewer."""
        if steps:
            self.descent.restore(self.earlier)
            self.now = self.earlier
            self.take(self.batches[: len(self.batches) - steps])

    def finish(self) -> None:
        """Put everything back into the parameters and the optimiser."""
        if not self.taken:
            return
        self.descent.restore(self.now)  # Ctrl-C may have come before all was noted
        for p, gradient in zip(self.trained, self.descent.gradient.tolist(), strict=True):
            p.grad = gradient
        states = zip(self.trained, self.descent.states, strict=True)
        kept = self.work.optimizer._states | {p: state for p, state in states if state is not None}
        assign(self.trained, self.descent.theta.tolist(), (self.work.optimizer, "_states", kept))

    def _check_targets(self) -> None:
        """Let our own losses refuse wrong targets: compiled code does not look."""
        if self.work.loss in OWN_LOSSES:
            prediction = _with(0.5, self.work.model(self.work.examples[0][0]))
            for _, target in self.work.examples:
                self.work.loss(prediction, target)

    def _check_sample(self, targets: Sequence[Any]) -> None:
        """Compute some rows both ways: code that asks more of a number than can be traced would differ."""
        budget = max(1, min(8, 100_000 // max(1, self.descent.program.operations)))
        by_target = {repr(target): i for i, target in enumerate(targets)}
        sample = list(dict.fromkeys([0, *by_target.values(), len(targets) - 1]))[:budget]
        for i in sample:
            loss = self.work.loss_of(i)
            self._must_be_computed(loss)
            eager, compiled = float(loss.data), self.descent.loss_of(i)
            both_nan = math.isnan(eager) and math.isnan(compiled)
            if not both_nan and not math.isclose(eager, compiled, rel_tol=1e-6, abs_tol=1e-9):
                raise TracingError(
                    f"the loss of rows[{i}] is {shown(eager)}, and compiled it is {shown(compiled)}: the "
                    "model or the loss does something that tracing does not see, such as comparing with ==, "
                    "drawing random numbers or remembering earlier rows; use engine='eager'"
                )


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
