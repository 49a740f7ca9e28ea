"""Loops of a program as machine code: the turns that `rolling` found.

Imported only to compile them.
"""

from __future__ import annotations

import functools
from typing import Any

from .arithmetic import DOUBLE, FLOAT, INT, INT32
from .elementwise import maximum
from .layout import CODES
from .machine_code import load, optimised
from .rolling import Body
from .single import FUNCTIONS, read, sum_of, write
from .translation import Builder, Module, instruction
from .vectors import at

__all__ = ["Loop", "compiled"]


class Loop:
    """Machine code, which is there as long as this object: `run(table, v, turns)` at an address.

    length, turns   operations in a turn, and how many turns there are
    """

    def __init__(self, code: bytes, symbol: str, length: int, turns: int) -> None:
        self._engine, (self.address,) = load(code, [symbol])
        self.length, self.turns = length, turns


def compiled(body: Body, turns: int, dtype: str) -> Loop:
    """The loop over a table with a line for each turn."""
    turn, width = _turn(body), body.width

    def loop(table: Any, v: Any, turns: int) -> None:
        for i in range(turns):
            turn(at(table, i * width), v)

    module = Module()
    numbers = {"float64": DOUBLE, "float32": FLOAT}[dtype].as_pointer()
    symbol = module.procedure(loop, [INT32.as_pointer(), numbers, INT]).name
    return Loop(optimised(str(module), [symbol], level=0), symbol, len(body.steps), turns)


def _turn(body: Body) -> Any:
    """What is done in a turn, as a function of its line of the table."""

    @instruction
    def turn(builder: Builder, line: Any, v: Any) -> None:
        kind = v.type.pointee
        results: list[Any] = []

        def operand(origin: str, x: Any) -> Any:
            return (
                kind(x)
                if origin == "number"
                else results[x]
                if origin == "step"
                else read(builder, v, line, x)
            )

        for number, origins, out in body.steps:
            operands = [operand(*origin) for origin in origins]
            result = builder.cast(builder.do(_function(number, len(operands)), *operands), kind)
            results.append(result)
            if out is not None:
                write(builder, v, line, out, result)

    return turn


def _function(number: int, n: int) -> Any:
    """What an operation computes from n operands."""
    if number == CODES["dot"]:
        return sum_of(0, n // 2)
    if number == CODES["largest"]:
        return _largest
    return FUNCTIONS[number][1]


@instruction
def _largest(builder: Builder, *x: Any) -> Any:
    return functools.reduce(functools.partial(builder.do, maximum), x)
