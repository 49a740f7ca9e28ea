"""An interpreter in which every instruction jumps to the next one itself.

The usual loop around a `switch` goes back to one jump for all, which costs two more jumps a turn, and the
processor has a harder time to guess where it leads. In C this is the `goto` to a computed label. Numba has no
such thing, so the jumps are made here; what the instructions do is compiled by Numba as ever.

Imported only to compile the kernels.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llvmlite import ir

from .vectors import INT32, cgutils, intrinsic, types

__all__ = ["choice", "interpreter"]


def interpreter(instructions: Mapping[int, Any]) -> Any:
    """A function `run(x, v, scratch, row, status)` that executes instructions from x on.

    Each begins with its number and is done by `instructions[number](x, v, scratch, row, status)`, which gives
    its length. The number behind the last one ends it.
    """

    @intrinsic
    def run(typing: Any, x: Any, v: Any, scratch: Any, row: Any, status: Any) -> Any:
        arguments = (x, v, scratch, row, status)
        kinds = {number: typing.resolve_value_type(f) for number, f in instructions.items()}
        signatures = {number: kind.get_call_type(typing, arguments, {}) for number, kind in kinds.items()}

        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            blocks = {number: builder.append_basic_block(f"instruction.{number}") for number in instructions}
            done = builder.append_basic_block("done")
            labels = [
                ir.BlockAddress(builder.function, blocks.get(number, done))
                for number in range(max(instructions) + 2)
            ]
            table = cgutils.add_global_variable(
                builder.module,
                ir.ArrayType(cgutils.voidptr_t, len(labels)),
                f"{builder.function.name}.labels",
            )
            table.linkage, table.global_constant = "internal", True
            table.initializer = ir.Constant(table.type.pointee, labels)
            place = cgutils.alloca_once_value(builder, args[0])

            def jump() -> None:
                number = builder.load(builder.load(place))
                label = builder.load(builder.gep(table, [INT32(0), number]))
                leap = builder.branch_indirect(label)
                for block in (*blocks.values(), done):
                    leap.add_destination(block)

            jump()
            for number, block in blocks.items():
                builder.position_at_end(block)
                here = builder.load(place)
                implementation = context.get_function(kinds[number], signatures[number])
                context.add_linking_libs(getattr(implementation, "libs", ()))
                length = implementation(builder, (here, *args[1:]))
                builder.store(builder.gep(here, [length]), place)
                jump()
            builder.position_at_end(done)
            return context.get_dummy_value()

        return types.void(*arguments), generate

    return run


def choice(functions: Mapping[int, Any]) -> Any:
    """A function `call(number, ...)` that does `functions[number](...)`, of which nothing is given back."""

    @intrinsic
    def call(typing: Any, number: Any, a: Any, b: Any, c: Any, out: Any, n: Any) -> Any:
        arguments = (a, b, c, out, n)
        kinds = {i: typing.resolve_value_type(f) for i, f in functions.items()}
        signatures = {i: kind.get_call_type(typing, arguments, {}) for i, kind in kinds.items()}

        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            done = builder.append_basic_block("done")
            leap = builder.switch(args[0], done)
            for i in functions:
                block = builder.append_basic_block(f"function.{i}")
                leap.add_case(args[0].type(i), block)
                builder.position_at_end(block)
                implementation = context.get_function(kinds[i], signatures[i])
                context.add_linking_libs(getattr(implementation, "libs", ()))
                implementation(builder, args[1:])
                builder.branch(done)
            builder.position_at_end(done)
            return context.get_dummy_value()

        return types.void(number, *arguments), generate

    return call
