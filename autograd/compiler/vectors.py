"""What the kernels need beyond Python: vectors of the machine, pointers, the bits of numbers.

A vector has eight doubles or sixteen floats; LLVM splits it where a processor has shorter ones. Loads and
stores need no alignment. Imported only to compile the kernels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir

from .arithmetic import DOUBLE, FLOAT, INT, INT32
from .translation import Builder, instruction

__all__ = [
    *(
        "at",
        "bits_of",
        "call",
        "double",
        "float_of_bits",
        "fma",
        "int32_pointer",
        "lanes",
        "pointer_to",
        "table",
    ),
    *("vadd", "vfirst", "vfma", "vload", "vmul", "vpairs", "vsplat", "vstore", "vstore_first"),
    *("vsum", "vzero"),
]

BITS = 512
SIZES = {DOUBLE: 64, FLOAT: 32}
FUSES = llvm.get_process_triple().startswith(("aarch64", "arm64")) or llvm.get_host_cpu_features().get("fma")
"""Whether the processor multiplies and adds in one operation."""


def vector_of(number: ir.Type) -> ir.VectorType:
    """The type of a vector of such numbers."""
    return ir.VectorType(number, BITS // SIZES[number])


# ------------------------------------------------------------------------------------------------- pointers


@instruction
def at(builder: Builder, pointer: Any, i: Any) -> Any:
    """The pointer to pointer[i]."""
    return builder.gep(pointer, [builder.value(i)])


@instruction
def pointer_to(builder: Builder, address: Any, like: Any) -> Any:
    """An address as a pointer of the same type as another."""
    return builder.inttoptr(address, like.type)


@instruction
def int32_pointer(builder: Builder, address: Any) -> Any:
    """An address as a pointer to integers of 32 bits."""
    return builder.inttoptr(address, INT32.as_pointer())


@instruction
def call(builder: Builder, address: Any, *arguments: Any) -> None:
    """Call the procedure of machine code at an address."""
    procedure = ir.FunctionType(ir.VoidType(), [x.type for x in arguments])
    builder.call(builder.inttoptr(address, procedure.as_pointer()), arguments)


@instruction
def lanes(builder: Builder, pointer: Any) -> int:
    """How many of what a pointer points to make a vector."""
    return BITS // SIZES[pointer.type.pointee]


# -------------------------------------------------------------------------------------------------- vectors


def _address(builder: Builder, pointer: Any, i: Any) -> Any:
    place = builder.gep(pointer, [builder.value(i)])
    return builder.bitcast(place, vector_of(pointer.type.pointee).as_pointer())


@instruction
def vload(builder: Builder, pointer: Any, i: Any) -> Any:
    """The numbers from pointer[i] on."""
    return builder.load(_address(builder, pointer, i), align=SIZES[pointer.type.pointee] // 8)


@instruction
def vstore(builder: Builder, pointer: Any, i: Any, x: Any) -> None:
    """Put a vector to pointer[i] and after it."""
    builder.store(x, _address(builder, pointer, i), align=SIZES[pointer.type.pointee] // 8)


@instruction
def vstore_first(builder: Builder, pointer: Any, i: Any, x: Any, n: Any) -> None:
    """Put the first n numbers of a vector to pointer[i] and after it."""
    place, size = _address(builder, pointer, i), SIZES[pointer.type.pointee]
    mask = _first(builder, n, x.type.count)
    types = [x.type, place.type, INT32, mask.type]
    store = builder.declared(f"llvm.masked.store.v{x.type.count}f{size}.p0", ir.VoidType(), types)
    builder.call(store, [x, place, INT32(size // 8), mask])


@instruction
def vfirst(builder: Builder, x: Any, n: Any) -> Any:
    """The first n numbers of a vector, and zeros after them."""
    return builder.select(_first(builder, n, x.type.count), x, ir.Constant(x.type, [0.0] * x.type.count))


def _first(builder: Builder, n: Any, count: int) -> Any:
    """Which lanes are among the first n."""
    numbers = ir.Constant(ir.VectorType(INT32, count), list(range(count)))
    return builder.icmp_signed("<", numbers, _splat(builder, builder.trunc(n, INT32), count))


@instruction
def vzero(builder: Builder, pointer: Any) -> Any:
    """A vector of -0.0, to which numbers are added without changing any."""
    vector = vector_of(pointer.type.pointee)
    return ir.Constant(vector, [-0.0] * vector.count)


@instruction
def vsplat(builder: Builder, x: Any) -> Any:
    """A vector full of one number."""
    return _splat(builder, x, vector_of(x.type).count)


def _splat(builder: Builder, x: Any, count: int) -> Any:
    empty = ir.Constant(ir.VectorType(x.type, count), ir.Undefined)
    one = builder.insert_element(empty, x, INT32(0))
    return builder.shuffle_vector(one, empty, ir.Constant(ir.VectorType(INT32, count), [0] * count))


@instruction
def vadd(builder: Builder, a: Any, b: Any) -> Any:
    """The sums."""
    return builder.fadd(a, b)


@instruction
def vmul(builder: Builder, a: Any, b: Any) -> Any:
    """The products."""
    return builder.fmul(a, b)


@instruction
def vfma(builder: Builder, a: Any, b: Any, c: Any) -> Any:
    """a b + c, rounded once where the processor can."""
    if not FUSES:
        return builder.fadd(builder.fmul(a, b), c)
    name = f"llvm.fma.v{a.type.count}f{SIZES[a.type.element]}"
    return builder.call(builder.declared(name, a.type, [a.type] * 3), [a, b, c])


@instruction
def vpairs(builder: Builder, a: Any, b: Any) -> Any:
    """The sums of neighbours: those of a in the first half, those of b in the other."""
    n = 2 * a.type.count
    return builder.fadd(*[_picked(builder, a, b, list(range(start, n, 2))) for start in (0, 1)])


@instruction
def vsum(builder: Builder, x: Any) -> Any:
    """The sum of a vector, by halves: always in the same order."""
    count = x.type.count
    while count > 1:
        count //= 2
        x = builder.fadd(*[_picked(builder, x, x, [*range(start, start + count)]) for start in (0, count)])
    return builder.extract_element(x, INT32(0))


def _picked(builder: Builder, a: Any, b: Any, which: list[int]) -> Any:
    """Some of the numbers of two vectors."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(INT32, len(which)), which))


# ------------------------------------------------------------------------------------------- single numbers


@instruction
def double(builder: Builder, x: Any) -> Any:
    """A number of either kind as one of 64 bits."""
    return builder.cast(x, DOUBLE)


@instruction
def fma(builder: Builder, a: Any, b: Any, c: Any) -> Any:
    """a b + c of doubles, rounded once where the processor can: that is what the C library does too."""
    a, b, c = (builder.cast(x, DOUBLE) for x in (a, b, c))
    return builder.fma(a, b, c) if FUSES else builder.fadd(builder.fmul(a, b), c)


@instruction
def bits_of(builder: Builder, x: Any) -> Any:
    """The bits of a double, as an integer."""
    return builder.bitcast(x, INT)


@instruction
def float_of_bits(builder: Builder, bits: Any) -> Any:
    """The double with these bits."""
    return builder.bitcast(bits, DOUBLE)


def table(name: str, numbers: Sequence[float]) -> Any:
    """A function that gives the i-th of these numbers, in compiled code."""
    kept = ir.Constant(ir.ArrayType(DOUBLE, len(numbers)), list(numbers))

    @instruction
    def entry(builder: Builder, i: Any) -> Any:
        module = builder.module
        if name not in module.globals:
            variable = ir.GlobalVariable(module, kept.type, name)
            variable.linkage, variable.global_constant, variable.initializer = "internal", True, kept
        return builder.load(builder.gep(module.globals[name], [INT(0), i]))

    return entry
