"""`Expr`: a symbol, a constant, or a primitive applied to Exprs; and tracing, which makes them.

Expressions form a DAG in which equal ones are one object (hash-consing), so comparing is `is`, and what
a million-term formula shares is stored once. An Expr is a kind of number: a Value can hold one, and then
`backward()` gives formulas.
"""

from __future__ import annotations

import gc
import inspect
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from ._caller import describe, user_place
from .errors import ShapeError, TracingError
from .graph import topological_order
from .numbers import Number, is_number
from .ops import OPS, Op, textbook
from .value import Value

__all__ = ["Expr", "Trace", "constant", "derivatives", "symbol", "symbols", "trace"]


class Expr:
    """A node of a formula: a symbol (`name`), a constant (`number`), or `op` applied to `operands`.

    Built from symbols by arithmetic and by the functions of `autograd`; never changed afterwards.

    >>> x, y = symbols("x y")
    >>> (x + y) ** 2
    (x + y)^2
    >>> x + y is x + y
    True
    """

    __slots__ = ("__weakref__", "name", "number", "op", "operands")

    name: str | None
    number: Any
    op: Op | None
    operands: tuple[Expr, ...]

    # ------------------------------------------------------------------------------------- arithmetic

    def __add__(self, other: Any) -> Expr:
        return self if _is_int(other, 0) else _apply("add", self, other)

    def __radd__(self, other: Any) -> Expr:
        return self if _is_int(other, 0) else _apply("add", other, self)

    def __sub__(self, other: Any) -> Expr:
        return self if _is_int(other, 0) else _apply("sub", self, other)

    def __rsub__(self, other: Any) -> Expr:
        return -self if _is_int(other, 0) else _apply("sub", other, self)

    def __mul__(self, other: Any) -> Expr:
        return self if _is_int(other, 1) else _apply("mul", self, other)

    def __rmul__(self, other: Any) -> Expr:
        return self if _is_int(other, 1) else -self if _is_int(other, -1) else _apply("mul", other, self)

    def __truediv__(self, other: Any) -> Expr:
        return self if _is_int(other, 1) else _apply("div", self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return _apply("div", other, self)

    def __pow__(self, other: Any) -> Expr:
        if _is_int(other, 1):
            return self
        return _apply("general_power" if isinstance(other, Expr) else "power", self, other)

    def __rpow__(self, other: Any) -> Expr:
        return _apply("general_power", other, self)

    def __neg__(self) -> Expr:
        return _apply("neg", self)

    def __pos__(self) -> Expr:
        return self

    def __abs__(self) -> Expr:
        return _apply("abs", self)

    def __lt__(self, other: Any) -> Expr:
        return _apply("less", self, other)

    def __le__(self, other: Any) -> Expr:
        return _apply("less_equal", self, other)

    def __gt__(self, other: Any) -> Expr:
        return _apply("less", other, self)

    def __ge__(self, other: Any) -> Expr:
        return _apply("less_equal", other, self)

    def _apply(self, name: str, operands: tuple[Any, ...]) -> Any:
        """Record the primitive `name`; what `autograd.exp(expr)` and the like end in."""
        for x in operands:
            if isinstance(x, Value):
                return x._apply(name, operands)
        return _apply(name, *operands)

    # --------------------------------------------------------------------------- what a symbol cannot do

    def __bool__(self) -> bool:
        raise TracingError(
            f"{_short(self)} is a formula, not a number, so it is neither true nor false: a traced function "
            "cannot branch on it. Write where(condition, a, b) for if and else, maximum(a, b) for max, "
            f"minimum(a, b) for min. (at {describe(user_place())})"
        )

    def __float__(self) -> float:
        raise TracingError(
            f"{_short(self)} is a formula and has no value yet; use the functions of autograd instead of "
            f"float() and math. (at {describe(user_place())})"
        )

    __int__ = __index__ = __float__  # type: ignore[assignment]

    # ------------------------------------------------------------------------------------------- reading

    def __repr__(self) -> str:
        from .notation import text

        return text(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (list(_rows(self)),)

    def evaluate(self, numbers: Mapping[str, Any]) -> Any:
        """The value where the symbols have these numbers: floats, Fractions, mpf, Values, other Exprs.

        A symbol that is not given stays a symbol.

        >>> x, y = symbols("x y")
        >>> (x / y).evaluate({"x": Fraction(1), "y": Fraction(3)})
        Fraction(1, 3)
        >>> (x / y).evaluate({"x": 1})
        1 / y
        """
        return evaluate([self], numbers)[0]


def _is_int(x: Any, value: int) -> bool:
    """Whether `x` is this int: the neutral elements in the table's rules, which leave no trace."""
    return type(x) is int and x == value


def _short(expr: Expr) -> str:
    text = repr(expr)
    return text if len(text) < 60 else text[:57] + "..."


# -------------------------------------------------------------------------------------------- making them

_made: dict[Any, dict[Any, _Entry]] = {}
"""For each primitive, the expression for each tuple of operands; symbols and constants likewise."""


class _Entry(weakref.ref["Expr"]):
    """Where to find an expression, as long as it lives."""

    __slots__ = ("key", "table")

    key: Any
    table: dict[Any, _Entry]

    def forget(self) -> None:
        if self.table.get(self.key) is self:
            del self.table[self.key]


def _intern(
    kind: Any, key: Any, op: Op | None, operands: tuple[Expr, ...], name: str | None, number: Any
) -> Expr:
    """The one expression of this kind with this key."""
    table = _made.get(kind)
    if table is None:
        table = _made[kind] = {}
    entry = table.get(key)
    if entry is not None:
        found = entry()
        if found is not None:
            return found
    expr: Expr = object.__new__(Expr)
    expr.op, expr.operands, expr.name, expr.number = op, operands, name, number
    entry = table[key] = _Entry(expr, _Entry.forget)
    entry.key, entry.table = key, table
    return expr


def _apply(name: str, *operands: Any) -> Any:
    """The primitive of this name on expressions and plain numbers; NotImplemented for anything else."""
    for x in operands:
        if type(x) is not Expr:
            exprs = []
            for y in operands:
                if type(y) is not Expr:
                    if not is_number(y) or isinstance(y, Value):
                        return NotImplemented
                    y = constant(y)
                exprs.append(y)
            operands = tuple(exprs)
            break
    op = OPS[name]
    return _intern(op, operands, op, operands, None, None)


def symbol(name: str) -> Expr:
    """The symbol of this name; the same object each time.

    >>> symbol("w1_11")
    w1_11
    """
    return _intern(str, name, None, (), name, None)


def symbols(names: str | Iterable[str]) -> list[Expr]:
    """Symbols for names given as a list or separated by blanks or commas.

    >>> symbols("x y")
    [x, y]
    """
    if isinstance(names, str):
        names = names.replace(",", " ").split()
    return [symbol(name) for name in names]


def constant(number: Number) -> Expr:
    """The constant expression of a number. A float that is a whole number is written as one.

    >>> constant(2.0), constant(Fraction(1, 3))
    (2, 1/3)
    """
    if isinstance(number, float) and number.is_integer() and abs(number) < 2**53:
        number = int(number)
    return _intern(type(number), repr(number), None, (), None, number)


# -------------------------------------------------------------------------------------------- walking them


def walk(roots: Iterable[Expr]) -> list[Expr]:
    """Every expression in the DAG below the roots once, operands before results.

    >>> x = symbol("x")
    >>> walk([(x + 1) * (x + 1)])
    [x, 1, x + 1, (x + 1) * (x + 1)]
    """
    order: list[Expr] = []
    done: set[Expr] = set()
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, operands_done = stack.pop()
        if node in done:
            continue
        if operands_done or not node.operands:
            done.add(node)
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend((x, False) for x in reversed(node.operands) if x not in done)
    return order


def evaluate(
    roots: Sequence[Expr],
    numbers: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> list[Any]:
    """The values of several expressions, each shared part computed once.

    `functions` takes the place of primitives, by name.
    """
    functions = functions or {}
    values: dict[Expr, Any] = {}
    for node in walk(roots):
        if node.op is not None:
            values[node] = functions.get(node.op.name, node.op)(*[values[x] for x in node.operands])
        elif node.name is not None:
            values[node] = numbers.get(node.name, node)
        else:
            values[node] = node.number
    return [values[root] for root in roots]


def substitute(roots: Sequence[Expr], replacements: Mapping[Expr, Expr]) -> list[Expr]:
    """The expressions with each key, wherever it occurs as a part, replaced by its value."""
    out: dict[Expr, Expr] = {}
    for node in walk(roots):
        if node in replacements:
            out[node] = replacements[node]
        elif node.operands:
            out[node] = _apply(node.op.name, *[out[x] for x in node.operands])  # type: ignore[union-attr]
        else:
            out[node] = node
    return [out[root] for root in roots]


def derivatives(root: Expr) -> dict[str, Expr]:
    """The derivative of an expression by each of its symbols: it is run on Values that hold the symbols.

    >>> derivatives(symbol("x") * symbol("y"))
    {'x': y, 'y': x}
    """
    leaves = {node.name: Value(node) for node in walk([root]) if node.name is not None}
    with _collector_paused():
        token = textbook.set(True)
        try:
            out = evaluate([root], leaves)[0]
        finally:
            textbook.reset(token)
        if not isinstance(out, Value):
            return {}
        out.backward()
    return {name: _as_expr(leaf.grad) for name, leaf in leaves.items()}


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Large formulas are made without searching them for cycles: there are none, and it takes half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _as_expr(x: Any) -> Expr:
    return x if isinstance(x, Expr) else constant(x)


def _rows(root: Expr) -> Iterable[tuple[Any, ...]]:
    order = walk([root])
    places = {node: place for place, node in enumerate(order)}
    for node in order:
        yield (
            node.op.name if node.op else None,
            tuple(places[x] for x in node.operands),
            node.name,
            node.number,
        )


def _rebuild(rows: list[tuple[Any, ...]]) -> Expr:
    nodes: list[Expr] = []
    for op_name, operands, name, number in rows:
        if op_name is not None:
            nodes.append(_apply(op_name, *[nodes[place] for place in operands]))
        else:
            nodes.append(symbol(name) if name is not None else constant(number))
    return nodes[-1]


# ------------------------------------------------------------------------------------------------ tracing


class Trace:
    """A function of Values as a list of definitions, one for each quantity that has a name.

    inputs        the names of the function's arguments
    parameters    the Values the function used that were not arguments, by name
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
    numbered from 1. Values that it closes over are its parameters. Quantities whose `name` is set stand
    in the definitions; the result is called `result` unless it has a name.

    Raises `TracingError` where the function branches on a traced value or returns none.

    >>> w = Value(2.0, "w")
    >>> trace(lambda x, y: (y - w * x) ** 2).definitions
    {'L': (y - w * x)^2}
    """
    arguments, inputs = _symbolic_arguments(function, sizes or {})
    root = function(*arguments)
    if isinstance(root, (list, tuple)) and len(root) == 1:
        root = root[0]
    if not isinstance(root, Value):
        raise TracingError(
            f"a traced function must return one Value, computed from its arguments; this one returned {root!r}"
        )
    return _read(root, inputs, result)


def _names(parameters: Iterable[Value], taken: set[str]) -> list[str]:
    """A name for each parameter, different from all names taken, which they are added to."""
    return [_unique(p.name or f"p{i}", taken) for i, p in enumerate(parameters, start=1)]


def _unique(name: str, taken: set[str]) -> str:
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}({number})"
    taken.add(candidate)
    return candidate


def _symbolic_arguments(
    function: Callable[..., Any], sizes: Mapping[str, int]
) -> tuple[list[Any], dict[Value, str]]:
    arguments: list[Any] = []
    inputs: dict[Value, str] = {}
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        raise TracingError(f"the arguments of {function!r} cannot be read; wrap it in a lambda") from None
    names = [p.name for p in signature.parameters.values() if p.default is p.empty]
    for unknown in set(sizes) - set(names):
        raise ShapeError(
            f"a size was given for {unknown!r}, but the arguments are {', '.join(names) or 'none'}"
        )
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TracingError(f"a traced function needs a fixed list of arguments, not *{parameter.name}")
        if parameter.default is not parameter.empty:
            continue
        name = parameter.name
        own = [f"{name}{i + 1}" for i in range(sizes[name])] if name in sizes else [name]
        values = [Value(symbol(n)) for n in own]
        inputs.update(zip(values, own, strict=True))
        arguments.append(values if name in sizes else values[0])
    return arguments, inputs


def _read(root: Value, inputs: dict[Value, str], result: str) -> Trace:
    """The definitions in a recorded graph: its data are ignored, its leaves become symbols."""
    with _collector_paused():
        return _definitions(root, inputs, result)


def _definitions(root: Value, inputs: dict[Value, str], result: str) -> Trace:
    order = topological_order(root)
    taken = set(inputs.values())
    variables = [node for node in order if node.op is None and node not in inputs]
    parameters = dict(zip(_names(variables, taken), variables, strict=True))
    exprs = {node: symbol(name) for node, name in inputs.items()}
    exprs.update((node, symbol(name)) for name, node in parameters.items())
    definitions: dict[str, Expr] = {}
    for node in order:
        if node.op is None:
            continue
        operands = [exprs[x] if isinstance(x, Value) else _as_expr(x) for x in node.operands]
        exprs[node] = _apply(node.op.name, *operands)
        if node is root or node.name is not None:
            name = _unique(node.name or result, taken)
            definitions[name] = exprs[node]
            exprs[node] = symbol(name)
    return Trace(list(inputs.values()), parameters, definitions, name)
