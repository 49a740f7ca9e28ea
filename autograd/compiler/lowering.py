"""From what was recorded to code.

Derivatives are those of the table: a rule is recorded once for each primitive, like any other function, and
its operations are written into the code wherever the primitive is used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ChalkgradError, NumberError, TracingError
from ..numbers import to_float
from ..ops import OPS, Op
from ..value import Value
from .code import Code
from .layout import NAMES
from .recording import Recording, record_rule
from .structure import flat

__all__ = ["NATIVE", "lower", "slopes_of"]

NATIVE = frozenset([*NAMES[: NAMES.index("mul") + 1], "add", "sub", "neg", "sum", "general_power"])
"""The primitives that code is made of. All others are made of these: their `value` is recorded."""


def lower(recording: Recording, first: Sequence[Value] = ()) -> tuple[Code, list[int], list[Value]]:
    """The code of a recording, where its outputs are, and the parameters in the order of their first use.

    Those that are to come first do so, whether they are used or not.
    """
    code = Code()
    outputs = list(flat(recording.outputs))
    needed = _needed(recording, outputs)
    places: dict[Value, int] = {x: code.add("input", (i,)) for i, x in enumerate(recording.inputs)}
    known = set(recording.parameters)
    parameters = {p: i for i, p in enumerate(first)}

    def place_of(x: Any) -> int:
        if not isinstance(x, Value):
            return code.constant(_float(x))
        if x not in places:
            if x in known:
                places[x] = code.add("parameter", (parameters.setdefault(x, len(parameters)),))
            else:  # made by the function itself, anew in each call
                places[x] = place_of(x.data)
        return places[x]

    for node in recording.tape:
        code.place += 1
        if node in needed:
            operands = []
            for x in node.operands:
                place = places.get(x) if isinstance(x, Value) else None
                operands.append(place_of(x) if place is None else place)
            places[node] = _emit(code, node.op, operands)
    ends = [place_of(x) for x in outputs]
    return code, ends, list(parameters)


def _needed(recording: Recording, outputs: Sequence[Any]) -> set[Value]:
    """The Values on the tape that the outputs depend on."""
    needed = {x for x in outputs if isinstance(x, Value)}
    for node in reversed(recording.tape):
        if node in needed:
            for x in node.operands:
                if isinstance(x, Value):
                    needed.add(x)
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
    key = op.value, len(operands)
    if key not in _values:
        _values[key] = _template(op.value, len(operands), {}, f"the value of {op.name!r}")
    (result,) = _values[key](code, operands)
    assert result is not None
    return result


# ------------------------------------------------------------------------------------ rules of the table

Template = Callable[[Code, Sequence[int]], list[int | None]]
"""Writes into code what a rule does with the operands at these places."""

_values: dict[tuple[Any, int], Template] = {}
"""By the function of a primitive and its number of operands."""

_slopes: dict[tuple[str, int, float | None], Template] = {}
"""By the name of a primitive, its number of operands, and the exponent of a power."""


def _template(rule: Callable[..., Any], n: int, numbers: dict[int, Any], what: str) -> Template:
    """Record a rule of n operands, some of which are these numbers."""
    try:
        recording = record_rule(rule, n, numbers)
    except ChalkgradError as error:
        raise TracingError(f"{what} cannot be compiled: {error}") from error
    except (TypeError, AttributeError) as error:
        raise TracingError(
            f"{what} cannot be compiled: {error}; write it with arithmetic and the functions of autograd"
        ) from error
    results = recording.outputs if isinstance(recording.outputs, Sequence) else [recording.outputs]
    places: dict[Value, int] = {x: i for i, x in enumerate(recording.inputs)}
    constants: list[float] = []

    def place_of(x: Any) -> int:
        """Where an operand will be among those given and those written; of constants, from the other end."""
        if isinstance(x, Value):
            return places[x]
        constants.append(_float(x))
        return -len(constants)

    steps = []
    for node in recording.tape:
        steps.append((node.op, [place_of(x) for x in node.operands]))
        places[node] = len(places)
    ends = [None if x is None else place_of(x) for x in results]

    def write(code: Code, operands: Sequence[int]) -> list[int | None]:
        here = list(operands)
        if constants:
            numbers = [code.constant(number) for number in reversed(constants)]
            for op, refers in steps:
                here.append(_emit(code, op, [here[i] if i >= 0 else numbers[i] for i in refers]))
            return [None if i is None else here[i] if i >= 0 else numbers[i] for i in ends]
        for op, refers in steps:
            here.append(_emit(code, op, [here[i] for i in refers]))
        return [None if i is None else here[i] for i in ends]

    return write


def slopes_of(code: Code, op: str, operands: tuple[int, ...], out: int) -> list[int | None]:
    """Where the local derivative by each operand is, after writing what it needs; None where it is 0."""
    if op == "mul":
        return [operands[1], operands[0]]
    if op == "dot":  # of pairs
        return [operands[i ^ 1] for i in range(len(operands))]
    if op in ("less", "less_equal", "largest"):
        return [None] * len(operands)
    n = code.number_of(operands[1]) if op == "power" else None
    key = op, len(operands), n
    template = _slopes.get(key)
    if template is None:
        name = "general_power" if op == "power" and n is None else op
        numbers = {} if n is None else {1: n}
        what = f"the derivative of {name!r}"
        if len(_slopes) > 4096:  # of powers there are as many as there are exponents
            _slopes.clear()
        template = _slopes[key] = _template(OPS[name].derivatives, len(operands) + 1, numbers, what)
    return template(code, (*operands, out))
