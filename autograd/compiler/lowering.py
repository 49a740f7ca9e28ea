"""From what was recorded to code.

Derivatives are those of the table: a rule is recorded once for each primitive, like any other function, and
its operations are written into the code wherever the primitive is used.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from ..errors import ChalkgradError, NumberError, TracingError
from ..numbers import to_float
from ..ops import OPS, Op
from ..value import Value
from .code import Code, writer
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
            operands = [places.get(x) if isinstance(x, Value) else None for x in node.operands]
            if None in operands:
                operands = [place_of(x) for x in node.operands]
            assert node.op is not None
            places[node] = _writer(node.op, len(operands))(code, *operands)
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


def _writer(op: Op, n: int) -> Callable[..., int]:
    """What writes a primitive of n operands into code."""
    key = op, n
    write = _writers.get(key)
    if write is None:
        write = writer(op.name)
        if op.name not in NATIVE:
            template = _template(op.value, n, {}, f"the value of {op.name!r}")

            def write(code: Code, *operands: int) -> int:
                (result,) = template(code, operands)
                assert result is not None
                return result

        _writers[key] = write
    return write


_writers: dict[tuple[Op, int], Callable[..., int]] = {}
"""By the primitive and its number of operands."""

# ------------------------------------------------------------------------------------ rules of the table

Template = Callable[[Code, Sequence[int]], list[int | None]]
"""Writes into code what a rule does with the operands at these places."""

_slopes: dict[tuple[str, int, float | None], Template] = {}
"""By the name of a primitive, its number of operands, and the exponent of a power."""


def _template(rule: Callable[..., Any], n: int, numbers: dict[int, Any], what: str) -> Template:
    """Record a rule of n operands, some of which are these numbers, to be written wherever it is needed."""
    try:
        recording = record_rule(rule, n, numbers)
    except ChalkgradError as error:
        raise TracingError(f"{what} cannot be compiled: {error}") from error
    except (TypeError, AttributeError) as error:
        raise TracingError(
            f"{what} cannot be compiled: {error}; write it with arithmetic and the functions of autograd"
        ) from error
    results = recording.outputs if isinstance(recording.outputs, Sequence) else [recording.outputs]
    tape = recording.tape
    used = [*chain.from_iterable(node.operands for node in tape), *results]
    constants = [_float(x) for x in used if x is not None and not isinstance(x, Value)]
    # the operands stand first, then the constants in the order of their use, then what is written
    places: dict[Value, int] = {x: i for i, x in enumerate(recording.inputs)}
    places |= {x: i for i, x in enumerate(tape, n + len(constants))}
    unused = itertools.count(n)

    def place_of(x: Any) -> int:
        return places[x] if isinstance(x, Value) else next(unused)

    steps = []
    for node in tape:
        assert node.op is not None
        steps.append((_writer(node.op, len(node.operands)), _picked([place_of(x) for x in node.operands])))
    ends = [None if x is None else place_of(x) for x in results]

    def write(code: Code, operands: Sequence[int]) -> list[int | None]:
        here = [*operands, *map(code.constant, constants)]
        for write, of in steps:
            here.append(write(code, *of(here)))
        return [None if i is None else here[i] for i in ends]

    return write


def _picked(places: Sequence[int]) -> Callable[[list[int]], Sequence[int]]:
    """What picks the entries at these places out of a list."""
    if len(places) == 1:
        return itemgetter(slice(places[0], places[0] + 1))
    return itemgetter(*places)


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
