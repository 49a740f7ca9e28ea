"""From what was recorded to code, forward and backward.

The derivatives are those of the table: a rule is recorded once for each primitive, like any other function,
and its operations are written into the code wherever the primitive is used. The backward pass is that of
`graph.backward`, on code instead of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ChalkgradError, NumberError, TracingError
from ..numbers import to_float
from ..ops import OPS, Op
from ..value import Value
from .code import Code
from .recording import Recording, exponent_of, record_rule
from .structure import flat

__all__ = ["NATIVE", "derivatives", "lower"]

NATIVE = frozenset(
    "neg div power exp expm1 log log1p sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf "
    "sigmoid softplus relu leaky_relu abs maximum minimum where less less_equal logsumexp largest take "
    "add sub mul sum dot general_power".split()
)
"""The primitives that code is made of. All others are made of these: their `value` is recorded."""


def lower(recording: Recording) -> tuple[Code, list[int], list[Value]]:
    """The code of a recording, where its outputs are, and the parameters in the order of their first use."""
    code = Code()
    outputs = list(flat(recording.outputs))
    needed = _needed(recording, outputs)
    places: dict[Value, int] = {x: code.input(i) for i, x in enumerate(recording.inputs)}
    known = set(recording.parameters)
    parameters: list[Value] = []

    def place_of(x: Any) -> int:
        if not isinstance(x, Value):
            return code.constant(_float(x))
        if x not in places:
            if x in known:
                places[x] = code.parameter(len(parameters))
                parameters.append(x)
            else:  # made by the function itself, anew in each call
                places[x] = place_of(x.data)
        return places[x]

    for node in recording.tape:
        code.place += 1
        if node in needed:
            places[node] = _emit(code, node.op, [place_of(x) for x in node.operands])
    ends = [place_of(x) for x in outputs]
    return code, ends, parameters


def _needed(recording: Recording, outputs: Sequence[Any]) -> set[Value]:
    """The Values on the tape that the outputs depend on."""
    needed = {x for x in outputs if isinstance(x, Value)}
    for node in reversed(recording.tape):
        if node in needed:
            needed.update(x for x in node.operands if isinstance(x, Value))
    return needed


def _float(x: Any) -> float:
    try:
        return to_float(x)
    except TypeError:
        raise NumberError(f"{x!r:.60} cannot be compiled: compiled code computes with floats") from None


def _emit(code: Code, op: Op | None, operands: Sequence[int]) -> int:
    assert op is not None
    if op.name in NATIVE:
        return code.emit(op.name, *operands)
    template = _template(op.value, len(operands), {}, f"the value of {op.name!r}", _values)
    (result,) = template(code, operands)
    assert result is not None
    return result


# ------------------------------------------------------------------------------------ rules of the table

Template = Callable[[Code, Sequence[int]], list[int | None]]
"""Writes into code what a rule does with the operands at these places."""

_values: dict[Any, Template] = {}
_slopes: dict[Any, Template] = {}
"""Recorded rules by primitive, number of operands and constant exponent. Bounded by what the table holds;
those of sums, whose number of operands varies, are not kept."""


def _template(
    rule: Callable[..., Any], n: int, numbers: dict[int, Any], what: str, kept: dict[Any, Template]
) -> Template:
    key = rule, n, tuple(numbers.items())
    if key in kept:
        return kept[key]
    try:
        recording = record_rule(rule, n, numbers)
    except ChalkgradError as error:
        raise TracingError(f"{what} cannot be compiled: {error}") from error
    except (TypeError, AttributeError) as error:
        raise TracingError(
            f"{what} cannot be compiled: {error}; write it with plain arithmetic and the functions of autograd"
        ) from error
    results = recording.outputs if isinstance(recording.outputs, Sequence) else [recording.outputs]

    def write(code: Code, operands: Sequence[int]) -> list[int | None]:
        places: dict[Value, int] = dict(zip(recording.inputs, operands, strict=True))

        def place_of(x: Any) -> int:
            return places[x] if isinstance(x, Value) else code.constant(_float(x))

        for node in recording.tape:
            places[node] = _emit(code, node.op, [place_of(x) for x in node.operands])
        return [None if x is None else place_of(x) for x in results]

    if len(kept) > 4096:
        kept.clear()
    kept[key] = write
    return write


def _slopes_of(code: Code, op: str, operands: tuple[int, ...], out: int) -> list[int | None]:
    """Where the local derivative by each operand is, after writing what it needs; None where it is 0."""
    if op == "mul":
        return [operands[1], operands[0]]
    if op == "dot":  # of pairs
        return [operands[i ^ 1] for i in range(len(operands))]
    if op in ("less", "less_equal", "largest"):
        return [None] * len(operands)
    numbers: dict[int, Any] = {}
    n = code.number_of(operands[1]) if op == "power" else None
    name = op
    if op == "power":
        if n is None:
            name = "general_power"
        else:
            numbers = {1: n}
    row = OPS[name]
    template = _template(row.derivatives, len(operands) + 1, numbers, f"the derivative of {name!r}", _slopes)
    return template(code, [*operands, out])


# ------------------------------------------------------------------------------------------ backward pass


def derivatives(code: Code, root: int, parameters: int) -> list[int]:
    """Where the derivative of `root` by each parameter is, summed over the rows, after writing it."""
    last = len(code)
    depends = [op == "parameter" for op in code.ops]
    for x in range(last):
        if code.ops[x] not in ("constant", "input", "parameter"):
            depends[x] = any(depends[y] for y in code.operands[x])
    found: dict[int, list[tuple[int, int, bool]]] = {}
    counts: dict[int, int] = {}  # where `where` may go another way: the condition for counting at all
    results = [code.constant(0.0)] * parameters
    if not depends[root]:
        return results
    # A nan is never swallowed: if the result is one, so is every gradient.
    code.place = code.at[root]
    is_number = code.emit("less_equal", root, root)
    seed = code.emit("where", is_number, code.one, code.constant(math.nan))
    found[root] = [(seed, code.one, False)]
    counts[root] = code.one
    for x in range(last - 1, -1, -1):
        pairs = found.pop(x, None)
        if pairs is None:
            continue
        op = code.ops[x]
        code.place = code.at[x]
        upstream = _total(code, pairs)
        if op == "parameter":
            results[code.operands[x][0]] = upstream
            continue
        here = counts.pop(x)
        operands = code.operands[x]
        if op in ("where", "take"):
            _hand_to_chosen(code, x, upstream, here, depends, found, counts)
            continue
        slopes = _slopes_of(code, op, operands, x)
        for operand, slope in zip(operands, slopes, strict=True):
            if slope is None or not depends[operand]:
                continue
            if here != code.one and code.ops[slope] != "constant":
                slope = code.emit("where", here, slope, code.constant(0.0))
            _receive(code, operand, (upstream, slope, _summed(code, x, operand)), here, found, counts)
    return results


def _summed(code: Code, user: int, operand: int) -> bool:
    """Whether rows meet: each row hands something to what is the same for all rows."""
    return code.varies[user] and not code.varies[operand]


def _receive(
    code: Code,
    x: int,
    pair: tuple[int, int, bool],
    here: int,
    found: dict[int, list[tuple[int, int, bool]]],
    counts: dict[int, int],
) -> None:
    if x in found:
        found[x].append(pair)
        if counts[x] != here and counts[x] != code.one:
            counts[x] = code.one if here == code.one else code.emit("maximum", here, counts[x])
    else:
        found[x] = [pair]
        counts[x] = here


def _total(code: Code, pairs: list[tuple[int, int, bool]]) -> int:
    """The gradient: the sum of what was received, over the rows where they meet."""
    summed = [(a, b) for a, b, over_rows in pairs if over_rows]
    rest = [(a, b) for a, b, over_rows in pairs if not over_rows]
    if summed:
        rest.insert(0, (code.over_rows(summed), code.one))
    return code.dot(rest)


def _hand_to_chosen(
    code: Code,
    x: int,
    upstream: int,
    here: int,
    depends: list[bool],
    found: dict[int, list[tuple[int, int, bool]]],
    counts: dict[int, int],
) -> None:
    """`where` and `take`: the gradient goes to what was chosen, and nothing at all to the others."""
    zero, one = code.constant(0.0), code.one
    choice, *entries = code.operands[x]
    for i, entry in enumerate(entries):
        if not depends[entry]:
            continue
        if code.ops[x] == "take":
            k = code.constant(float(i))
            below = code.emit("less", choice, k)
            above = code.emit("less", k, choice)
            chosen = code.emit("where", below, zero, code.emit("where", above, zero, one))
        else:
            chosen = (
                code.emit("where", choice, one, zero) if i == 0 else code.emit("where", choice, zero, one)
            )
        if here != one:
            chosen = code.emit("where", chosen, here, zero)
        handed = code.emit("where", chosen, upstream, zero)
        _receive(code, entry, (handed, one, _summed(code, x, entry)), chosen, found, counts)
