"""Training: rows in, a step for each batch, and the history of it out."""

import operator
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from random import Random
from typing import Any, Literal, NamedTuple, TypeAlias

import autograd as ag
from autograd import Value
from autograd.errors import DivergedError, SettingError, ShapeError
from autograd.numbers import Number, shown
from nn.descent import Optimizer
from nn.engines import ENGINES, Batch, Engine, EngineName, Work, choose
from nn.losses import Loss
from nn.modules import Module
from nn.table import Example, Table

__all__ = ["ORDERS", "History", "Order", "Update", "train"]

Order: TypeAlias = Literal["as given", "shuffled", "random row"]
ORDERS = ("as given", "shuffled", "random row")
"""In which order an epoch takes the rows: as they stand, each once in a new random order, or drawn at random
with replacement, so that one may come twice and another not at all."""

_REDRAW = 0.1  # seconds between two drawings of the progress bar


class Update(NamedTuple):
    """One step: the rows it saw, counted from 0, their loss before it, the parameters before and after."""

    epoch: int
    rows: tuple[int, ...]
    loss: Number
    before: dict[str, Number]
    after: dict[str, Number]


class History:
    """What happened in training.

    step_losses   the loss of each batch, before the step that it led to
    epoch_losses  the loss of each whole epoch: the sum or mean over the rows it took, each seen just before
                  the step of its batch
    updates       every step with its parameters, if that was asked for by `record=True`
    stopped       why it ended: "epochs", "converged", "interrupted" or "diverged"
    """

    def __init__(self) -> None:
        self.step_losses: list[Number] = []
        self.epoch_losses: list[Number] = []
        self.updates: list[Update] = []
        self.stopped: Literal["epochs", "converged", "interrupted", "diverged"] = "epochs"

    def __repr__(self) -> str:
        losses = self.epoch_losses or self.step_losses
        course = f", loss {shown(losses[0])} -> {shown(losses[-1])}" if losses else ""
        counts = f"{len(self.epoch_losses)} epochs, {len(self.step_losses)} steps"
        return f"History({counts}{course}{'' if self.stopped == 'epochs' else f', {self.stopped}'})"


def train(
    model: Callable[[Sequence[Any]], Any],
    rows: Table | Iterable[Example],
    *,
    loss: Loss,
    optimizer: Optimizer,
    epochs: int = 1,
    batch_size: int | None = None,
    batches: int | None = None,
    order: Order = "as given",
    reduce: Literal["mean", "sum"] = "mean",
    tolerance: float | None = None,
    seed: int = 0,
    engine: EngineName = "auto",
    record: bool = False,
    progress: bool | None = None,
    parameters: Iterable[Value] | None = None,
) -> History:
    """Fit a model to rows by gradient descent.

    model       a Module, or any function of the features, with its `parameters` then
    rows        a Table, or pairs of features and target
    loss        a function of prediction and target, such as `squared_error`; `reduce` says whether a batch
                counts as the mean of its rows or as their sum
    epochs      how often to go through the rows; an epoch of batches of `batch_size` rows (the last may be
                smaller), or of a number of `batches` as equal as can be; by default row by row
    order       see `ORDERS`; what is random follows from `seed`
    tolerance   stop once the loss of an epoch differs by no more than this from that of the epoch before
    engine      "eager" computes each row in Python; "jit" compiles what the model does with a row, once, and
                is many times faster; "auto" compiles where that saves more time than it takes, judged by the
                size of the work. All see the same rows in the same order; numbers agree up to rounding
    record      keep the parameters before and after each step in `History.updates`
    progress    show a progress bar; by default where the error output is a terminal

    Ctrl-C ends the training with a warning: the parameters are those after the last whole step, and the
    history up to there is returned. Raises DivergedError when a loss or a gradient is nan or infinite, before
    that could spoil the parameters (its `history` is what happened so far), ShapeError for no rows or sizes
    that do not fit, and SettingError for options that do not make sense.

    What cannot be compiled "auto" trains as "eager" does, without a word: a model or a loss that branches on
    values (write `where`, `maximum`, `take`) or gives other numbers when compiled, parameters or rows that
    are no floats, rows of different lengths, an optimiser of your own, and all inside `detect_anomaly()`.
    "jit" says what stands in the way: TracingError with the line of a branch, SettingError or ShapeError.
    While compiled code runs the parameters keep their old numbers; they get the new ones when training ends.
    Values that the model uses but that are not trained get no gradient then.

    >>> from nn import MLP, SGD, squared_error
    >>> table = Table(["x", "y"], [(1, 3), (2, 5), (3, 7)])
    >>> net = MLP(1, [1], init="zeros")
    >>> history = train(net, table, loss=squared_error, optimizer=SGD(0.1), epochs=200, tolerance=1e-9)
    >>> history.stopped, round(net([10]).data, 3)
    ('converged', 21.0)
    """
    examples = _examples(rows)
    sizes = _batch_sizes(len(examples), batch_size, batches)
    epochs = _count("epochs", epochs)
    _one_of("order", order, ORDERS)
    _one_of("reduce", reduce, ("mean", "sum"))
    _one_of("engine", engine, ENGINES)
    if tolerance is not None and not tolerance >= 0:
        raise SettingError(f"tolerance is {tolerance!r}; it is a number from 0 up, or None")
    work = Work(model, examples, loss, optimizer, _named(model, parameters), reduce)
    random = Random(seed)
    schedule = _schedule(epochs, sizes, order, random)
    first = next(schedule)
    schedule = chain([first], schedule)
    history = History()
    run = None
    with _progress_bar(epochs, len(sizes), progress) as show:
        try:
            run = choose(engine, work, first[0], epochs * len(examples), epochs * len(sizes))
            while chunk := list(islice(schedule, 1 if record else run.chunk)):
                before = work.numbers() if record else {}
                run.take(chunk)
                _enter(history, run, sizes, reduce, tolerance)
                if record and not run.problem:
                    run.finish()
                    epoch = (run.taken - 1) // len(sizes) + 1
                    history.updates.append(
                        Update(epoch, chunk[0], history.step_losses[-1], before, work.numbers())
                    )
                if history.stopped == "converged":
                    run.go_back(run.taken - len(history.step_losses))
                    break
                if run.problem:
                    raise _diverged(run.problem, history, len(sizes))
                show(history)
        except KeyboardInterrupt:
            if run is not None:
                _enter(history, run, sizes, reduce, tolerance)
            history.stopped = "interrupted"
            taken = len(history.step_losses)
            warnings.warn(f"training was interrupted after {taken} steps", stacklevel=2)
        finally:
            if run is not None:
                run.finish()
    return history


def _enter(history: History, run: Engine, sizes: Sequence[int], reduce: str, tolerance: float | None) -> None:
    """Enter the losses of the steps that were taken, up to the epoch after which training is to stop."""
    history.step_losses += run.losses[len(history.step_losses) : run.taken]
    for end in range(len(sizes) * (len(history.epoch_losses) + 1), len(history.step_losses) + 1, len(sizes)):
        history.epoch_losses.append(_epoch_loss(history.step_losses[end - len(sizes) : end], sizes, reduce))
        if tolerance is not None and _converged(history.epoch_losses, tolerance):
            history.stopped = "converged"
            del history.step_losses[end:]
            break


def _diverged(problem: str, history: History, steps_an_epoch: int) -> DivergedError:
    """The error for a number that is not finite, with the history so far."""
    steps = len(history.step_losses)
    if steps:
        advice = (
            "unscaled features make ordinary learning rates diverge: train on table.standardised(), "
            "or with a smaller learning rate"
        )
    else:
        advice = "no step was taken yet, so look at the rows and the model, under autograd.detect_anomaly()"
    history.stopped = "diverged"
    epoch = steps // steps_an_epoch + 1
    error = DivergedError(f"training diverged: in step {steps + 1} (epoch {epoch}) {problem}; {advice}")
    error.history = history
    return error


def _epoch_loss(losses: Sequence[Number], sizes: Sequence[int], reduce: str) -> Number:
    """The sum of the losses of the batches, or the mean over their rows."""
    if reduce == "sum":
        return ag.sum(losses)
    return ag.dot(losses, sizes) / sum(sizes)


def _converged(losses: Sequence[Number], tolerance: float) -> bool:
    """Whether the last epoch changed the loss by no more than the tolerance."""
    return len(losses) > 1 and bool(abs(losses[-1] - losses[-2]) <= tolerance)


def _schedule(epochs: int, sizes: Sequence[int], order: Order, random: Random) -> Iterator[Batch]:
    """The rows of each batch of each epoch."""
    n = sum(sizes)
    every = range(n)
    if order == "as given":
        as_given = _divided(every, sizes)
        for _ in range(epochs):
            yield from as_given
    else:
        for _ in range(epochs):
            rows = random.sample(every, n) if order == "shuffled" else random.choices(every, k=n)
            yield from _divided(rows, sizes)


def _divided(rows: Iterable[int], sizes: Sequence[int]) -> list[Batch]:
    """The rows in batches of these sizes."""
    taken = iter(rows)
    return [tuple(islice(taken, size)) for size in sizes]


def _batch_sizes(n_rows: int, batch_size: int | None, batches: int | None) -> list[int]:
    """The sizes of the batches that the rows are divided into."""
    if batches is None:
        size = _count("batch_size", 1 if batch_size is None else batch_size)
        return [size] * (n_rows // size) + [n_rows % size] * (n_rows % size > 0)
    if batch_size is not None:
        raise SettingError(f"batch_size is {batch_size!r} and batches is {batches!r}; give one of the two")
    if _count("batches", batches) > n_rows:
        raise SettingError(f"{n_rows} rows cannot make {batches} batches; each has at least one row")
    size, more = divmod(n_rows, batches)
    return [size + 1] * more + [size] * (batches - more)


def _examples(rows: Table | Iterable[Example]) -> list[Example]:
    """List the rows as pairs."""
    examples: list[Any] = rows.examples() if isinstance(rows, Table) else list(rows)
    for i, row in enumerate(examples):
        if not isinstance(row, Sequence) or len(row) != 2:
            raise ShapeError(f"rows[{i}] is {row!r}; a row is a pair of features and target")
    if not examples:
        raise ShapeError("there are no rows to train on")
    return examples


def _named(model: Any, parameters: Iterable[Value] | None) -> dict[str, Value]:
    """The parameters to train, by name."""
    if parameters is None and isinstance(model, Module):
        named = model.named_parameters()
    else:
        if parameters is None and not hasattr(model, "parameters"):
            raise SettingError("the model is no Module; say what to train by parameters=[...]")
        named = {}
        for i, p in enumerate(dict.fromkeys(model.parameters() if parameters is None else parameters)):
            if not isinstance(p, Value) or p.op is not None:
                raise SettingError(f"parameters[{i}] is {p!r}; a parameter is a Value that was not computed")
            named[f"parameters[{i}]" if p.name is None or p.name in named else p.name] = p
    if not named:
        raise SettingError("the model has no parameters, so there is nothing to train")
    return named


def _count(name: str, x: Any) -> int:
    """A whole number from 1 up."""
    try:
        count = operator.index(x)
    except TypeError:
        count = 0
    if count < 1:
        raise SettingError(f"{name} is {x!r}; it is a whole number from 1 up")
    return count


def _one_of(name: str, setting: str, known: Sequence[str]) -> None:
    if setting not in known:
        raise SettingError(f"{name} is {setting!r}; it is one of {', '.join(map(repr, known))}")


@contextmanager
def _progress_bar(
    epochs: int, steps_an_epoch: int, wanted: bool | None
) -> Iterator[Callable[[History], None]]:
    """A bar on the error output, and the function that moves it on to where the history is."""
    if wanted is None:
        wanted = sys.stderr is not None and sys.stderr.isatty()
    if not wanted:
        yield lambda history: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("epoch {task.fields[epoch]}"), BarColumn(), TextColumn("loss {task.fields[loss]}")
    speed = TextColumn("{task.fields[speed]} steps/s")
    with Progress(*columns, speed, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        total = epochs * steps_an_epoch
        task = bar.add_task("", total=total, epoch=1, loss="?", speed="?")
        start, due = time.monotonic(), 0.0

        def show(history: History) -> None:
            nonlocal due
            done, now = len(history.step_losses), time.monotonic()
            if done == total or now > due:  # drawing takes longer than a small step
                due = now + _REDRAW
                epoch, loss = (done - 1) // steps_an_epoch + 1, shown(history.step_losses[-1])
                bar.update(task, completed=done, epoch=epoch, loss=loss, speed=f"{done / (now - start):,.0f}")

        yield show
