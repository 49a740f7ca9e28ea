"""Derivatives of plain Python functions of numbers and nested lists.

`grad(f)` is a function again, so it can be differentiated again: inside another `grad` the arguments
become Values that hold Values, one level for each.
"""

from __future__ import annotations

import contextvars
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from . import value as engine
from .errors import GradientError, NumberError, SettingError, ShapeError
from .graph import gradients
from .numbers import Number, as_number, shown, to_float
from .value import Value, depth_of

__all__ = ["derivative", "grad", "gradcheck", "hessian", "jacobian", "value_and_grad"]

Nested = Any
"""A number, or a list or tuple of Nested."""

_level: contextvars.ContextVar[int] = contextvars.ContextVar("level", default=0)
"""How many differentiations are under way around the running code."""


def grad(f: Callable[..., Any], argument: int = 0) -> Callable[..., Nested]:
    """The function that gives the gradient of `f` by one of its arguments, in the argument's shape.

    `f` takes numbers and nested lists and returns one number. A plain number in gives a plain number
    out. Values that `f` uses besides its arguments count as constants and keep the `grad` they have.

    Raises `ShapeError` where `f` returns a list, and `NumberError` for anything else but a number.

    >>> grad(lambda x: x ** 3)(2.0)
    12.0
    >>> grad(lambda w: w[0] * w[1])([2.0, 5.0])
    [5.0, 2.0]
    >>> grad(grad(lambda x: x ** 3))(2.0)
    12.0
    """

    def gradient(*arguments: Nested) -> Nested:
        return value_and_grad(f, argument)(*arguments)[1]

    return gradient


def value_and_grad(f: Callable[..., Any], argument: int = 0) -> Callable[..., tuple[Number, Nested]]:
    """Like `grad`, but gives the value too.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """

    def both(*arguments: Nested) -> tuple[Number, Nested]:
        inputs, output, depth = _run(f, arguments, argument)
        if isinstance(output, (list, tuple)):
            raise ShapeError(
                "grad needs a function that returns one number, and this one returned "
                f"a {type(output).__name__}; use jacobian"
            )
        return output.data if depth_of(output) == depth else output, _gradient(output, inputs, depth)

    return both


def jacobian(f: Callable[..., Any], argument: int = 0) -> Callable[..., Nested]:
    """The function that gives the derivative of every output of `f` by every entry of one argument.

    The result has the shape of the output of `f`, with a structure of the argument's shape in the place
    of each number: `J[i][j]` is the derivative of output i by input j.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 5.0])
    [[5.0, 2.0], [1.0, 1.0]]
    """

    def all_gradients(*arguments: Nested) -> Nested:
        inputs, outputs, depth = _run(f, arguments, argument)
        return _map(lambda output: _gradient(output, inputs, depth), outputs)

    return all_gradients


def hessian(f: Callable[..., Any], argument: int = 0) -> Callable[..., Nested]:
    """The function that gives the second derivatives of `f`: `H[i][j]` by entries i and j of an argument.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 5.0])
    [[10.0, 4.0], [4.0, 0]]
    """
    return jacobian(grad(f, argument), argument)


def derivative(f: Callable[[Any], Any], n: int = 1) -> Callable[[Number], Number]:
    """The n-th derivative of a function of one number. The cost grows about fivefold with each order.

    Raises `SettingError` for a negative n or one that is no whole number.

    >>> derivative(lambda x: x ** 4, 3)(2.0)
    48.0
    """
    if n < 0 or n % 1:
        raise SettingError(f"the order of a derivative is 0, 1, 2, ...; got {n!r}")
    for _ in range(int(n)):
        f = grad(f)
    return f


def _run(f: Callable[..., Any], arguments: Sequence[Nested], argument: int) -> tuple[Nested, Nested, int]:
    """Call `f` with Values for the numbers of one argument; give those, what it returned, and their depth.

    The Values are nested one deeper than those of the differentiations around this one, whose variables
    are thereby constants here: a derivative by one is never mistaken for a derivative by another.
    """
    if not -len(arguments) <= argument < len(arguments):
        raise ShapeError(f"argument {argument} was asked for, but only {len(arguments)} were given")
    places = list(arguments)
    depth = 1 + max([_level.get(), *map(depth_of, _flatten(places))])

    def lift(x: Number) -> Number:
        for _ in range(depth - depth_of(x)):
            x = Value(x)
        return x

    inputs = places[argument] = _map(lift, places[argument])
    return inputs, _at_level(depth, f, places), depth


def _at_level(level: int, f: Callable[..., Any], arguments: Sequence[Nested]) -> Nested:
    token = _level.set(level)
    try:
        return f(*arguments)
    finally:
        _level.reset(token)


def _gradient(output: Any, inputs: Nested, depth: int) -> Nested:
    """The derivative of one output of a run by every input."""
    if depth_of(output) > depth:
        raise NumberError(
            "the function uses a Value that holds a Value, which is not among its arguments; make it one"
        )
    if depth_of(output) < depth:  # it does not depend on the inputs
        as_number(output)
        return _map(lambda x: 0, inputs)
    if engine._watch is not None:
        engine._watch.before_backward(output)
    found = gradients(output)
    return _map(lambda x: found.get(x, 0), inputs)


def _map(function: Callable[[Any], Any], x: Nested) -> Nested:
    if isinstance(x, (list, tuple)):
        return [_map(function, entry) for entry in x]
    return function(x)


def _flatten(x: Nested) -> Iterator[Any]:
    if isinstance(x, (list, tuple)):
        for entry in x:
            yield from _flatten(entry)
    else:
        yield x


def gradcheck(
    f: Callable[..., Any], *arguments: Nested, parameters: Sequence[Value] = (), tolerance: float = 1e-6
) -> None:
    """Compare the gradients of `f` with differences of its values; raise `GradientError` where they differ.

    Checked are all numbers in `arguments`, as floats, and all `parameters` (Values that `f` uses). The
    differences are central, extrapolated to a distance of 0; `tolerance` is relative to the larger of 1
    and the derivative. The error shows a table, analytic beside numeric. At a kink, such as relu at 0,
    the two differ by nature. Whatever happens, parameters keep their data and gradients.

    >>> gradcheck(lambda x: x[0] * x[1] ** 2, [3.0, 2.0])
    >>> from autograd import primitive
    >>> wrong = primitive("wrong_square", lambda x: x * x, lambda x, out: (3 * x,))
    >>> gradcheck(wrong, 2.0)
    Traceback (most recent call last):
    autograd.errors.GradientError: 1 of 1 gradients differ from the differences of values
      by          at  analytic  numeric  difference
      argument 0   2         6        4           2  <--
    """
    inputs = [_map(lambda x: Value(to_float(as_number(x))), argument) for argument in arguments]
    variables = [pair for i, x in enumerate(inputs) for pair in _labelled(f"argument {i}", x)]
    variables += [(f"parameter {p.name or i}", p) for i, p in enumerate(parameters)]
    output = _at_level(1, f, inputs)
    if isinstance(output, (list, tuple)):
        raise ShapeError("gradcheck needs a function that returns one number; check its outputs one by one")
    analytic = _gradient(output, [variable for _, variable in variables], depth=1)
    rows = [
        _Comparison(label, variable.data, float(slope), _numeric(f, inputs, variable, tolerance))
        for (label, variable), slope in zip(variables, analytic, strict=True)
    ]
    if not all(row.agrees(tolerance) for row in rows):
        raise GradientError(_table(rows, tolerance))


class _Comparison(NamedTuple):
    """A row of the table in the error of `gradcheck`."""

    label: str
    at: Number
    analytic: float
    numeric: float

    def agrees(self, tolerance: float) -> bool:
        return abs(self.analytic - self.numeric) <= tolerance * max(1.0, abs(self.numeric))

    def cells(self) -> tuple[str, ...]:
        difference = self.analytic - self.numeric
        return self.label, *map(shown, (self.at, self.analytic, self.numeric, difference))


def _labelled(label: str, x: Nested) -> Iterator[tuple[str, Value]]:
    if isinstance(x, list):
        for i, entry in enumerate(x):
            yield from _labelled(f"{label}[{i}]", entry)
    else:
        yield label, x


def _table(rows: Sequence[_Comparison], tolerance: float) -> str:
    cells = [("by", "at", "analytic", "numeric", "difference"), *(row.cells() for row in rows)]
    marks = ["", *("" if row.agrees(tolerance) else "  <--" for row in rows)]
    first, *others = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [f"{sum(map(bool, marks))} of {len(rows)} gradients differ from the differences of values"]
    for (label, *entries), mark in zip(cells, marks, strict=True):
        columns = [f"{label:<{first}}", *map(str.rjust, entries, others)]
        lines.append("  " + "  ".join(columns) + mark)
    return "\n".join(lines)


def _numeric(f: Callable[..., Any], inputs: Sequence[Nested], variable: Value, tolerance: float) -> float:
    """The derivative of `f` by one of the Values it uses, from differences of its values."""
    at = variable.data

    def shifted(h: float) -> float:
        variable.data = at + h
        out = _at_level(1, f, inputs)
        return float(out.data if isinstance(out, Value) else out)

    size = abs(to_float(at))
    scales = {max(size, 1.0), size or 1.0}  # the second where a singularity is near, as 0 is for log
    try:
        return min(_ridders(shifted, scale / 16, tolerance / 1000) for scale in scales)[1]
    finally:
        variable.data = at


def _ridders(shifted: Callable[[float], float], h: float, accuracy: float) -> tuple[float, float]:
    """The derivative at 0 of `shifted`, after an estimate of its error: relative, or absolute if below 1.

    Central differences at h, h/2, h/4, ... are extrapolated to 0. Of all extrapolations the one counts
    that differs least from those it was made of (C. J. F. Ridders, Accurate computation of F'(x) and
    F'(x) F''(x), Advances in Engineering Software 4, 1982), given what rounding may have done to it.
    """
    best = (math.inf, math.nan)
    coarser: list[float] = []
    for _ in range(24):
        above, below = shifted(h), shifted(-h)
        rounding = 2.0**-52 * (abs(above) + abs(below)) / h
        row = [(above - below) / (2 * h)]
        for k, coarse in enumerate(coarser):
            row.append(row[k] + (row[k] - coarse) / (4 ** (k + 1) - 1))
            change = max(abs(row[k + 1] - row[k]), abs(row[k + 1] - coarse))
            best = min(best, ((change + rounding) / max(1.0, abs(row[k + 1])), row[k + 1]))
        if best[0] <= accuracy:
            break
        coarser = row
        h /= 2
    return best
