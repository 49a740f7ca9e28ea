"""Derivatives of plain Python functions of numbers and nested lists.

`grad(f)` is a function again, so it can be differentiated again: inside another `grad` the arguments
become Values that hold Values, one level for each.
"""

from __future__ import annotations

import contextvars
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .errors import GradientError, SettingError, ShapeError
from .graph import leaves
from .numbers import Number, shown
from .value import Value, _depth

__all__ = ["derivative", "grad", "gradcheck", "hessian", "jacobian", "value_and_grad"]

Nested = Any
"""A number, or a list or tuple of Nested."""

_level: contextvars.ContextVar[int] = contextvars.ContextVar("level", default=0)
"""How many differentiations are under way around the running code."""


def grad(f: Callable[..., Any], argument: int = 0) -> Callable[..., Nested]:
    """The function that gives the gradient of `f` by one of its arguments, in the argument's shape.

    `f` takes numbers and nested lists and returns one number. A plain number in gives a plain number
    out. Raises `ShapeError` where `f` returns a list.

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
        with _Differentiation(f, arguments, argument) as d:
            if not d.is_number(d.result):
                raise ShapeError(
                    f"grad needs a function that returns one number, and this one returned "
                    f"a {type(d.result).__name__}; use jacobian"
                )
            return d.primal(d.result), d.gradient(d.result)

    return both


def jacobian(f: Callable[..., Any], argument: int = 0) -> Callable[..., Nested]:
    """The function that gives the derivative of every output of `f` by every entry of one argument.

    The result has the shape of the output of `f`, with a structure of the argument's shape in the place
    of each number: `J[i][j]` is the derivative of output i by input j.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 5.0])
    [[5.0, 2.0], [1.0, 1.0]]
    """

    def all_gradients(*arguments: Nested) -> Nested:
        with _Differentiation(f, arguments, argument) as d:
            return _map(d.gradient, d.result)

    return all_gradients


def hessian(f: Callable[..., Any], argument: int = 0) -> Callable[..., Nested]:
    """The function that gives the second derivatives of `f`: `H[i][j]` by entries i and j of an argument.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 5.0])
    [[10.0, 4.0], [4.0, 0]]
    """
    return jacobian(grad(f, argument), argument)


def derivative(f: Callable[[Any], Any], n: int = 1) -> Callable[[Number], Number]:
    """The n-th derivative of a function of one number. The cost grows about fivefold with each order.

    Raises `SettingError` for an n that is no whole number or is negative.

    >>> derivative(lambda x: x ** 4, 3)(2.0)
    48.0
    """
    if not isinstance(n, int) or n < 0:
        raise SettingError(f"the order of a derivative is 0, 1, 2, ...; got {n!r}")
    for _ in range(n):
        f = grad(f)
    return f


class _Differentiation:
    """One run of `f` on Values, in the place of one argument's numbers."""

    def __init__(self, f: Callable[..., Any], arguments: Sequence[Nested], argument: int) -> None:
        if not -len(arguments) <= argument < len(arguments):
            raise ShapeError(f"argument {argument} was asked for, but only {len(arguments)} were given")
        self.f = f
        self.arguments = list(arguments)
        self.argument = argument

    def __enter__(self) -> _Differentiation:
        given = self.arguments[self.argument]
        self.depth = 1 + max([_level.get(), *map(_depth, _flatten(given))])
        token = _level.set(self.depth)
        try:
            self.inputs = self.arguments[self.argument] = _map(self.lift, given)
            self.result = self.f(*self.arguments)
        finally:
            _level.reset(token)
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def lift(self, x: Number) -> Value:
        """`x` as a variable of this differentiation, distinct from those of the ones around it."""
        for _ in range(self.depth - _depth(x)):
            x = Value(x)
        return x  # type: ignore[no-any-return]

    def is_number(self, x: Any) -> bool:
        return not isinstance(x, list | tuple)

    def primal(self, x: Number) -> Number:
        return x.data if _depth(x) == self.depth else x

    def gradient(self, output: Number) -> Nested:
        """d(output)/d(input) for every input. Gradients of Values that `f` closes over stay as they were."""
        variables = list(_flatten(self.inputs))
        kept = []
        if _depth(output) == self.depth:
            kept = [(leaf, leaf.grad) for leaf in leaves(output)]
        for variable in variables:
            variable.grad = 0
        if kept:
            output.backward()
        gradients = _map(lambda variable: variable.grad, self.inputs)
        for leaf, before in kept:
            leaf.grad = before
        return gradients


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


def gradcheck(f: Callable[..., Any], *arguments: Nested, parameters: Sequence[Value] = (), tolerance: float = 1e-6) -> None:
    """Compare the gradients of `f` with differences of its values; raise `GradientError` where they differ.

    Checked are all numbers in `arguments` and all `parameters` (Values that `f` uses). The differences
    are central, at shrinking distances, extrapolated to 0 (Ridders' method: C. J. F. Ridders, Advances
    in Engineering Software 4, 1982); `tolerance` is relative to the larger of 1 and the derivative. The
    error shows a table, analytic beside numeric. Kinks, such as relu at 0, differ by their nature.

    >>> gradcheck(lambda x: x[0] * x[1] ** 2, [3.0, 2.0])
    >>> from autograd import primitive
    >>> wrong = primitive("wrong_square", lambda x: x * x, lambda x, out: (3 * x,))
    >>> gradcheck(wrong, 2.0)
    Traceback (most recent call last):
    autograd.errors.GradientError: 1 of 1 gradients differ from the differences of values
      by          at  analytic  numeric  difference
      argument 0   2         6        4           2  <--
    """
    rows = []
    variables = [_map(lambda x: Value(x), argument) for argument in arguments]
    named = [(f"argument {label}", v) for i, a in enumerate(variables) for label, v in _labelled(str(i), a)]
    named += [(f"parameter {p.name or i}", p) for i, p in enumerate(parameters)]
    kept = [(leaf, leaf.grad) for leaf in parameters]
    for _, variable in named:
        variable.grad = 0
    result = f(*variables)
    if not isinstance(result, (list, tuple)) and _depth(result) == 1:
        result.backward()
    elif isinstance(result, (list, tuple)):
        raise ShapeError("gradcheck needs a function that returns one number; check its outputs one by one")
    analytic = [variable.grad for _, variable in named]
    for leaf, before in kept:
        leaf.grad = before
    for (label, variable), slope in zip(named, analytic, strict=True):
        at = variable.data

        def shifted(h: float, variable: Value = variable, at: Any = at) -> float:
            variable.data = at + h
            out = f(*variables)
            return float(out.data if isinstance(out, Value) else out)

        try:
            numeric = _ridders(shifted, max(abs(float(at)), 1.0) * 0.05)
        finally:
            variable.data = at
        wrong = not abs(float(slope) - numeric) <= tolerance * max(1.0, abs(numeric))
        rows.append((label, shown(at), shown(slope), shown(numeric), shown(float(slope) - numeric), wrong))
    if wrong_rows := sum(row[-1] for row in rows):
        header = ("by", "at", "analytic", "numeric", "difference")
        cells = [header, *(row[:-1] for row in rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(5)]
        lines = [f"{wrong_rows} of {len(rows)} gradients differ from the differences of values"]
        for row, mark in zip(cells, ["", *("  <--" if row[-1] else "" for row in rows)], strict=True):
            first, *others_ = (text.rjust(width) for text, width in zip(row, widths, strict=True))
            lines.append(f"  {row[0]:<{widths[0]}}  " + "  ".join(others_) + mark)
        raise GradientError("\n".join(lines))


def _labelled(label: str, x: Nested) -> Iterator[tuple[str, Any]]:
    if isinstance(x, (list, tuple)):
        for i, entry in enumerate(x):
            yield from _labelled(f"{label}[{i}]", entry)
    else:
        yield label, x


def _ridders(shifted: Callable[[float], float], h: float) -> float:
    """The derivative at 0 of `shifted`, from central differences extrapolated to a step of 0."""
    best, error = math.nan, math.inf
    previous: list[float] = []
    for _ in range(12):
        row = [(shifted(h) - shifted(-h)) / (2 * h)]
        factor = 4.0
        for k, coarse in enumerate(previous):
            row.append((row[k] * factor - coarse) / (factor - 1))
            factor *= 4
            off = max(abs(row[-1] - row[-2]), abs(row[-1] - coarse))
            if off <= error:
                best, error = row[-1], off
        if previous and abs(row[-1] - previous[-1]) >= 2 * error and len(previous) > 3:
            break
        previous = row
        h /= 2
    return best
