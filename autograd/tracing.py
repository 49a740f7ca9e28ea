"""Tracing: a Python function of Values is run once on symbols, and what it computes is written down."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import chain, count
from typing import Any

from ._caller import describe, place_raised
from .adjoints import collector_paused
from .errors import NameClashError, ShapeError, TracingError
from .expr import Expr, constant, operation, symbol, walk
from .graph import topological_order
from .value import Value

__all__ = ["Trace", "arguments", "call", "trace"]


class Trace:
    """A function of Values as a list of definitions, one for each quantity that has a name.

    inputs        the names of the function's arguments
    parameters    the Values the function used that were not arguments, by name, in order of their use
    definitions   for each named quantity, in order of computation, its formula in the names before it;
                  the last one is the result
    result        the name of the result
    """

    def __init__(
        self, inputs: list[str], parameters: dict[str, Value], definitions: dict[str, Expr], result: str
    ) -> None:
        self.inputs, self.parameters = inputs, parameters
        self.definitions, self.result = definitions, result


def trace(function: Callable[..., Any], sizes: Mapping[str, int] | None = None, result: str = "L") -> Trace:
    """Run `function` once on symbols and write down what it computes.

    Its arguments become symbols of their own names; one whose size is given becomes a list of that many,
    numbered from 1; one with a default keeps it. Values that it uses besides are its parameters. Quantities
    whose `name` is set stand in the definitions, those that share a name with a number behind it: O11,
    O11(2). The result is called `result` unless it has a name.

    A branch on an argument, or on what was computed from one, raises `TracingError`, and so does a function
    that returns no Value. A branch on a parameter alone is taken as its present number says.

    >>> w = Value(2.0, "w")
    >>> trace(lambda x, y: (y - w * x) ** 2).definitions
    {'L': (y - w x)^2}
    """
    inputs: dict[Value, str] = {}

    def named(name: str) -> Value:
        value = Value(symbol(name))
        inputs[value] = name
        return value

    root = _run(function, arguments(function, sizes or {}, named))
    if isinstance(root, (list, tuple)) and len(root) == 1:
        root = root[0]
    if not isinstance(root, Value):
        raise TracingError(
            "a traced function must return one Value, computed from its arguments or from parameters; "
            f"this one returned {root!r:.80}"
        )
    with collector_paused():
        return _definitions(root, inputs, result)


def arguments(
    function: Callable[..., Any], sizes: Mapping[str, int], value: Callable[[str], Value]
) -> dict[inspect.Parameter, Any]:
    """What each argument of a function without a default is given: a Value, or a list where it has a size.

    `value` makes the Value of a name. Raises `TracingError` for a function that takes any number of
    arguments, `ShapeError` for a size of what is no argument, `NameClashError` where a name comes twice.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise TracingError(f"the arguments of {function!r} cannot be read; wrap it in a lambda") from None
    for p in parameters:
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            raise TracingError(f"a traced function needs a fixed list of arguments, not *{p.name}")
    needed = [p for p in parameters if p.default is p.empty]
    for unknown in [name for name in sizes if name not in {p.name for p in needed}]:
        raise ShapeError(
            f"a size was given for {unknown!r}, but the arguments are "
            f"{', '.join(p.name for p in needed) or 'none'}"
        )
    names = {p: _entries(p.name, sizes[p.name]) if p.name in sizes else [p.name] for p in needed}
    for name, times in Counter(chain(*names.values())).items():
        if times > 1:
            raise NameClashError(f"two inputs are called {name}; give one of the arguments another name")
    values = {p: [value(name) for name in own] for p, own in names.items()}
    return {p: own if p.name in sizes else own[0] for p, own in values.items()}


def _entries(name: str, size: int) -> list[str]:
    """The names of the entries of a list."""
    if type(size) is not int or size < 1:
        raise ShapeError(f"the size of {name!r} is a whole number from 1; got {size!r}")
    return [f"{name}{i}" for i in range(1, size + 1)]


def call(function: Callable[..., Any], given: Mapping[inspect.Parameter, Any]) -> Any:
    """Call a function with these arguments, which may be positional or by keyword only."""
    by_place = [x for p, x in given.items() if p.kind is not p.KEYWORD_ONLY]
    by_name = {p.name: x for p, x in given.items() if p.kind is p.KEYWORD_ONLY}
    return function(*by_place, **by_name)


def _run(function: Callable[..., Any], given: Mapping[inspect.Parameter, Any]) -> Any:
    """Call the function; where Python refuses a Value in the place of a number, say what to do."""
    try:
        return call(function, given)
    except TypeError as error:
        if isinstance(error, TracingError) or not any(kind in str(error) for kind in ("Value", "Expr")):
            raise
        raise TracingError(
            f"{error}. A traced function runs on Values that hold symbols: use the functions of autograd, "
            "give a list its length (sizes={'x': 3}, or --size x=3 on the command line) and a loop a fixed "
            "number of steps. "
            f"(at {describe(place_raised(error))})"
        ) from error


def _definitions(root: Value, inputs: dict[Value, str], result: str) -> Trace:
    """Read a recorded graph: its data are ignored, its leaves become symbols."""
    order = topological_order(root)
    times = dict.fromkeys(inputs.values(), 1)
    leaves = [node for node in order if node.op is None and node not in inputs]
    own = {node.name for node in order} | {*inputs.values()}  # which p1, p2, ... leave alone
    parameters: dict[str, Value] = {}
    for i, p in enumerate(leaves, start=1):
        name = p.name or next(x for j in count(i) if (x := f"p{j}") not in own)
        own.add(name)
        parameters[_unique(name, times)] = p
    exprs = {node: symbol(name) for node, name in inputs.items()}
    exprs.update((p, symbol(name)) for name, p in parameters.items())
    definitions: dict[str, Expr] = {}
    for node in order:
        if node.op is not None:
            operands = [exprs[x] if isinstance(x, Value) else constant(x) for x in node.operands]
            exprs[node] = operation(node.op.name, *operands)
            if node.name is not None and node is not root:
                name = _unique(node.name, times)
                definitions[name] = exprs[node]
                exprs[node] = symbol(name)
    name = _unique(result if root.op is None else root.name or result, times)
    definitions[name] = exprs[root]
    used = [node.name for expr in definitions.values() for node in walk([expr]) if node.name in parameters]
    return Trace(list(inputs.values()), {name: parameters[name] for name in used}, definitions, name)


def _unique(name: str, times: dict[str, int]) -> str:
    """The name, with a number behind it if it is taken; `times` counts how often it was asked for."""
    candidate = name
    while candidate in times:
        times[name] += 1
        candidate = f"{name}({times[name]})"
    times[candidate] = 1
    return candidate
