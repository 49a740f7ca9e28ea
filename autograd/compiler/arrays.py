"""The way without kernels: groups run one after the other on NumPy arrays.

It does the same work as the kernels, on the same schedule, and takes its functions from `autograd` where
NumPy has none.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import functions
from ..errors import TableIndexError
from .schedule import OVER_ROWS, ROWS, Group, Schedule

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, Any]

__all__ = ["elementwise", "run"]

BLOCK = 256
"""Rows that are computed at a time."""


def run(plan: Schedule, theta: Floats, rows: Floats, outputs: Floats, dtype: Any) -> Floats:
    """Run a program over rows. Results that differ from row to row go into `outputs`, a line for each row.

    Gives the shared numbers, among them the sums over the rows.
    """
    import numpy as np

    shared = np.zeros(plan.n_shared, dtype)
    shared[: plan.n_parameters] = theta
    n = plan.n_parameters
    shared[n : n + len(plan.constants)] = plan.constants
    with np.errstate(all="ignore"):
        _run_shared(plan, shared, 0)
        total = shared.copy()
        for first in range(0, len(rows), BLOCK):
            block = rows[first : first + BLOCK]
            each = np.empty((plan.n_rows, len(block)), dtype)
            each[: plan.n_inputs] = block.T
            for group in plan.groups:
                if group.stage == ROWS:
                    _run(group, shared, each, first)
                    if group.op in OVER_ROWS:
                        span = slice(group.out, group.out + len(group.operands) * group.size)
                        total[span] += shared[span]
            _collect(plan, shared, each, outputs[first : first + BLOCK])
        _run_shared(plan, total, 2)
    return total


def _run_shared(plan: Schedule, shared: Floats, stage: int) -> None:
    for group in plan.groups:
        if group.stage == stage:
            _run(group, shared, None, 0)


def _collect(plan: Schedule, shared: Floats, each: Floats, outputs: Floats) -> None:
    for i, slot in enumerate(plan.results[: outputs.shape[1]]):
        outputs[:, i] = shared[slot] if slot < plan.n_shared else each[slot - plan.n_shared]


def _run(group: Group, shared: Floats, each: Floats | None, first: int) -> None:
    import numpy as np

    n = len(shared)

    def gathered(slots: Any) -> Floats:
        """The numbers in slots that are all shared or all of the rows, rows along the last axis."""
        if each is None or slots.size == 0 or slots.flat[0] < n:
            found: Floats = shared[slots][..., None]
        else:
            found = each[slots - n]
        return found

    span = slice(group.out, group.out + len(group.operands))
    if group.op in ("dot", "over_rows"):
        total: Any = np.full(1, -0.0, shared.dtype)
        start = 0
        for count in group.pairs:
            for i in range(start, start + 2 * count, 2):
                total = total + gathered(group.operands[:, i]) * gathered(group.operands[:, i + 1])
            start += 2 * count
        if group.op == "over_rows":
            assert each is not None
            shared[span] = np.broadcast_to(total, (len(group.operands), each.shape[1])).sum(axis=1)
            return
        result = total
    elif group.op == "scatter":
        assert each is not None
        table = shared[group.out : group.out + group.size]
        table[:] = 0
        for index, number in zip(group.operands[0, ::2], group.operands[0, 1::2], strict=True):
            places, numbers = np.broadcast_arrays(
                gathered(index[None])[0], gathered(number[None])[0], each[0]
            )[:2]
            np.add.at(table, places.astype(np.int64), numbers)
        return
    elif group.op == "take":
        result = _take(gathered, group, first)
    else:
        operands = [gathered(group.operands[:, i]) for i in range(group.operands.shape[1])]
        result = FUNCTIONS[group.op](*operands)
    if each is None or group.stage != ROWS:
        shared[span] = result[..., 0]
    else:
        each[span] = result


def _take(gathered: Callable[[Any], Floats], group: Group, first: int) -> Floats:
    import numpy as np

    index = gathered(group.operands[:, 0])
    size = group.operands.shape[1] - 1
    with np.errstate(invalid="ignore"):
        bad = ~((index >= 0) & (index < size) & (index == np.floor(index)))
    if bad.any():
        i, row = np.argwhere(bad)[0]
        raise TableIndexError(index[i, row], size, first + int(row))
    places = index.astype(np.int64)
    entries = np.stack(
        [np.broadcast_to(gathered(group.operands[:, 1 + k]), index.shape) for k in range(size)], axis=1
    )
    return np.take_along_axis(entries, places[:, None, :], axis=1)[:, 0, :]


def _by_number(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of `autograd`, number by number."""
    import numpy as np

    one_by_one = np.frompyfunc(lambda *x: float(function(*map(float, x))), function.__code__.co_argcount, 1)

    def apply(*x: Any) -> Any:
        return one_by_one(*x).astype(x[0].dtype)

    return apply


def elementwise(np: Any) -> dict[str, Callable[..., Any]]:
    """The functions of arrays by primitive, for NumPy or what has its functions, but for those it lacks."""

    def relu(x: Any) -> Any:
        return np.where(x <= 0, x.dtype.type(0), x)

    def leaky_relu(x: Any, slope: Any) -> Any:
        return np.where(np.isnan(x), x, np.where(x > 0, x, slope * x))

    def power(x: Any, n: Any) -> Any:
        return np.where(np.isnan(x) | np.isnan(n), x + n, np.power(x, n))

    return {
        "div": np.divide, "power": power, "exp": np.exp,
        "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos,
        "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh,
        "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
        "relu": relu, "leaky_relu": leaky_relu, "abs": np.abs, "maximum": np.maximum, "minimum": np.minimum,
        "where": lambda c, a, b: np.where(c != 0, a, b), "less": lambda a, b: (a < b).astype(a.dtype),
        "less_equal": lambda a, b: (a <= b).astype(a.dtype), "equal": lambda a, b: (a == b).astype(a.dtype),
    }  # fmt: skip


def _functions() -> dict[str, Callable[..., Any]]:
    import numpy as np

    found = elementwise(np)
    found["largest"] = lambda *x: functools.reduce(np.maximum, x)
    found["logsumexp"] = _logsumexp
    found["bell"] = _by_number(functions.bell)
    for name in ("erf", "sigmoid", "softplus"):
        found[name] = _by_number(getattr(functions, name).__wrapped__)
    return found


def _logsumexp(*x: Any) -> Any:
    import numpy as np

    apply = np.frompyfunc(lambda *numbers: float(functions.logsumexp(map(float, numbers))), len(x), 1)
    return np.asarray(apply(*x), x[0].dtype)


class _Functions(dict[str, Callable[..., Any]]):
    """The functions of arrays by primitive, made when first asked for: they need NumPy."""

    def __missing__(self, name: str) -> Callable[..., Any]:
        self.update(_functions())
        return self[name]


FUNCTIONS = _Functions()
