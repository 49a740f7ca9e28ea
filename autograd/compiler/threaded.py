"""An interpreter in which every instruction jumps to the next one itself.

The usual loop around a `switch` goes back to one jump for all, which costs two more jumps a turn, and the
processor has a harder time to guess where it leads. In C this is the `goto` to a computed label.

Imported only to compile the kernels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llvmlite import ir

from .arithmetic import INT32
from .translation import Builder, instruction

__all__ = ["choice", "interpreter"]


def interpreter(instructions: Mapping[int, Any]) -> Any:
    """A function `run(x, v, scratch, row, status)` that executes instructions from x on.

    Each begins with its number and is done by `instructions[number](x, v, scratch, row, status)`, which gives
    its length. The number behind the last one ends it.
    """

    @instruction
    def run(builder: Builder, x: Any, *arguments: Any) -> None:
        function = builder.function
        blocks = {number: builder.append_basic_block(f"instruction.{number}") for number in instructions}
        done = builder.append_basic_block("done")
        numbers = range(max(instructions) + 2)
        labels = [ir.BlockAddress(function, blocks.get(number, done)) for number in numbers]
        kept = ir.ArrayType(ir.IntType(8).as_pointer(), len(labels))
        table = ir.GlobalVariable(builder.module, kept, f"{function.name}.labels")
        table.linkage, table.global_constant = "internal", True
        table.initializer = ir.Constant(kept, labels)
        place = builder.alloca(x.type)
        builder.store(x, place)

        def jump() -> None:
            number = builder.load(builder.load(place))
            leap = builder.branch_indirect(builder.load(builder.gep(table, [INT32(0), number])))
            for block in (*blocks.values(), done):
                leap.add_destination(block)

        jump()
        for number, block in blocks.items():
            builder.position_at_end(block)
            here = builder.load(place)
            length = builder.do(instructions[number], here, *arguments)
            builder.store(builder.gep(here, [builder.value(length)]), place)
            jump()
        builder.position_at_end(done)

    return run


def choice(functions: Mapping[int, Any]) -> Any:
    """A function `call(number, ...)` that does `functions[number](...)`, of which nothing is given back."""

    @instruction
    def call(builder: Builder, number: Any, *arguments: Any) -> None:
        done = builder.append_basic_block("done")
        leap = builder.switch(number, done)
        for i, function in functions.items():
            block = builder.append_basic_block(f"function.{i}")
            leap.add_case(number.type(i), block)
            builder.position_at_end(block)
            builder.do(function, *arguments)
            builder.branch(done)
        builder.position_at_end(done)

    return call
