"""Vectors of the machine for Numba: eight doubles or sixteen floats.

LLVM splits them where a processor has shorter ones. Loads and stores need no alignment. Imported only to
compile the kernels.
"""

# mypy: disallow-untyped-decorators=False, disallow-subclassing-any=False

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba import core, extending
from numba.core import datamodel

__all__ = [
    "at",
    "bits_of",
    "double",
    "float_of_bits",
    "fma",
    "inner",
    "int32_pointer",
    "integer",
    "lanes",
    "pointer_to",
    "table",
    "vadd",
    "vfirst",
    "vfma",
    "vload",
    "vload_first",
    "vmul",
    "vpairs",
    "vsplat",
    "vstore",
    "vstore_first",
    "vsum",
    "vzero",
]

cgutils: Any = core.cgutils
types: Any = core.types
models: Any = datamodel.models
register_default: Any = datamodel.registry.register_default
intrinsic: Any = extending.intrinsic

njit: Any = numba.njit
inner: Any = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)
"""Compiles the functions that kernels are made of, with nothing of Python left in them."""

double: Any = numba.float64
"""A number of either kind as one of 64 bits."""

BITS = 512
INT32 = ir.IntType(32)


def lanes_of(dtype: Any) -> int:
    """How many numbers are in a vector."""
    return BITS // int(dtype.bitwidth)


class Vector(types.Type):
    """The type of a vector."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(name=f"Vector({dtype})")


@register_default(Vector)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, vector: Any) -> None:
        element = manager.lookup(vector.dtype).get_value_type()
        super().__init__(manager, vector, ir.VectorType(element, lanes_of(vector.dtype)))


def _address(context: Any, builder: Any, sig: Any, args: Any) -> tuple[Any, Any]:
    """Where the vector of a pointer and an offset begins, and the type of the vector."""
    vector = context.get_value_type(Vector(sig.args[0].dtype))
    place = builder.gep(args[0], [args[1]])
    return builder.bitcast(place, vector.as_pointer()), vector


@intrinsic
def vload(typing: Any, pointer: Any, i: Any) -> Any:
    """The numbers from pointer[i] on."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place, _ = _address(context, builder, sig, args)
        return builder.load(place, align=sig.args[0].dtype.bitwidth // 8)

    return Vector(pointer.dtype)(pointer, types.int64), generate


@intrinsic
def vstore(typing: Any, pointer: Any, i: Any, x: Any) -> Any:
    """Put a vector to pointer[i] and after it."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place, _ = _address(context, builder, sig, args)
        builder.store(args[2], place, align=sig.args[0].dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(pointer, types.int64, x), generate


@intrinsic
def vstore_first(typing: Any, pointer: Any, i: Any, x: Any, n: Any) -> Any:
    """Put the first n numbers of a vector to pointer[i] and after it."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place, vector = _address(context, builder, sig, args)
        mask = _first(builder, args[3], vector.count)
        function = ir.FunctionType(ir.VoidType(), [vector, place.type, INT32, mask.type])
        store = cgutils.get_or_insert_function(builder.module, function, f"llvm.masked.store.{_kind(sig)}")
        builder.call(store, [args[2], place, _align(sig), mask])
        return context.get_dummy_value()

    return types.void(pointer, types.int64, x, types.int64), generate


@intrinsic
def vload_first(typing: Any, pointer: Any, i: Any, n: Any) -> Any:
    """The n numbers from pointer[i] on, and zeros after them."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place, vector = _address(context, builder, sig, args)
        mask = _first(builder, args[2], vector.count)
        function = ir.FunctionType(vector, [place.type, INT32, mask.type, vector])
        load = cgutils.get_or_insert_function(builder.module, function, f"llvm.masked.load.{_kind(sig)}")
        return builder.call(load, [place, _align(sig), mask, ir.Constant(vector, [0.0] * vector.count)])

    return Vector(pointer.dtype)(pointer, types.int64, types.int64), generate


@intrinsic
def vfirst(typing: Any, x: Any, n: Any) -> Any:
    """The first n numbers of a vector, and zeros after them."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = args[0].type
        mask = _first(builder, args[1], vector.count)
        return builder.select(mask, args[0], ir.Constant(vector, [0.0] * vector.count))

    return x(x, types.int64), generate


def _first(builder: Any, n: Any, count: int) -> Any:
    """Which lanes are among the first n."""
    numbers = ir.Constant(ir.VectorType(INT32, count), list(range(count)))
    return builder.icmp_signed("<", numbers, _splat(builder, builder.trunc(n, INT32), count))


def _kind(sig: Any) -> str:
    """How LLVM calls vectors of what a pointer points to, in the names of its functions."""
    dtype = sig.args[0].dtype
    return f"v{lanes_of(dtype)}f{dtype.bitwidth}.p0"


def _align(sig: Any) -> Any:
    return ir.Constant(INT32, sig.args[0].dtype.bitwidth // 8)


@intrinsic
def lanes(typing: Any, pointer: Any) -> Any:
    """How many of what a pointer points to make a vector."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return ir.Constant(ir.IntType(64), lanes_of(sig.args[0].dtype))

    return types.int64(pointer), generate


@intrinsic
def at(typing: Any, pointer: Any, i: Any) -> Any:
    """The pointer to pointer[i]."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.gep(args[0], [args[1]])

    return pointer(pointer, types.int64), generate


@intrinsic
def pointer_to(typing: Any, address: Any, like: Any) -> Any:
    """An address as a pointer of the same type as another."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], args[1].type)

    return like(types.int64, like), generate


@intrinsic
def int32_pointer(typing: Any, address: Any) -> Any:
    """An address as a pointer to integers of 32 bits."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], INT32.as_pointer())

    return types.CPointer(types.int32)(types.int64), generate


@intrinsic
def integer(typing: Any, pointer: Any, i: Any) -> Any:
    """The integer of 32 bits at pointer[i], as one of 64."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.sext(builder.load(builder.gep(args[0], [args[1]])), ir.IntType(64))

    return types.int64(pointer, types.int64), generate


@intrinsic
def vzero(typing: Any, pointer: Any) -> Any:
    """A vector of -0.0, to which numbers are added without changing any."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = context.get_value_type(Vector(sig.args[0].dtype))
        return ir.Constant(vector, [-0.0] * vector.count)

    return Vector(pointer.dtype)(pointer), generate


@intrinsic
def vsplat(typing: Any, x: Any) -> Any:
    """A vector full of one number."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _splat(builder, args[0], lanes_of(sig.args[0]))

    return Vector(x)(x), generate


def _splat(builder: Any, x: Any, count: int) -> Any:
    empty = ir.Constant(ir.VectorType(x.type, count), ir.Undefined)
    one = builder.insert_element(empty, x, ir.Constant(INT32, 0))
    zeros = ir.Constant(ir.VectorType(INT32, count), [0] * count)
    return builder.shuffle_vector(one, empty, zeros)


@intrinsic
def vadd(typing: Any, a: Any, b: Any) -> Any:
    """The sums."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.fadd(*args)

    return a(a, b), generate


@intrinsic
def vmul(typing: Any, a: Any, b: Any) -> Any:
    """The products."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.fmul(*args)

    return a(a, b), generate


@intrinsic
def vfma(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """a b + c, rounded once where the processor can."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if not FUSES:
            return builder.fadd(builder.fmul(args[0], args[1]), args[2])
        vector = args[0].type
        name = f"llvm.fma.v{vector.count}f{sig.args[0].dtype.bitwidth}"
        function = ir.FunctionType(vector, [vector, vector, vector])
        return builder.call(cgutils.get_or_insert_function(builder.module, function, name), args)

    return a(a, b, c), generate


@intrinsic
def vpairs(typing: Any, a: Any, b: Any) -> Any:
    """The sums of neighbours: those of a in the first half, those of b in the other."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        count = args[0].type.count
        indices = [list(range(start, 2 * count, 2)) for start in (0, 1)]
        places = [ir.Constant(ir.VectorType(INT32, count), index) for index in indices]
        return builder.fadd(*[builder.shuffle_vector(*args, place) for place in places])

    return a(a, b), generate


@intrinsic
def vsum(typing: Any, x: Any) -> Any:
    """The sum of a vector, by halves: always in the same order."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        total, count = args[0], lanes_of(sig.args[0].dtype)
        while count > 1:
            count //= 2
            indices = [list(range(start, start + count)) for start in (0, count)]
            places = [ir.Constant(ir.VectorType(INT32, count), index) for index in indices]
            total = builder.fadd(*[builder.shuffle_vector(total, total, place) for place in places])
        return builder.extract_element(total, ir.Constant(INT32, 0))

    return x.dtype(x), generate


# ------------------------------------------------------------------------------------------- single numbers

FUSES = llvm.get_process_triple().startswith(("aarch64", "arm64")) or llvm.get_host_cpu_features().get("fma")
"""Whether the processor multiplies and adds in one operation."""


@intrinsic
def fma(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """a b + c, rounded once where the processor can: that is what the C library does too."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.fma(*args) if FUSES else builder.fadd(builder.fmul(args[0], args[1]), args[2])

    return types.float64(types.float64, types.float64, types.float64), generate


@intrinsic
def bits_of(typing: Any, x: Any) -> Any:
    """The bits of a number, as an integer."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def float_of_bits(typing: Any, bits: Any) -> Any:
    """The number with these bits."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), generate


def table(name: str, numbers: Sequence[float]) -> Any:
    """A function that gives the i-th of these numbers, in compiled code."""
    kept = ir.Constant(ir.ArrayType(ir.DoubleType(), len(numbers)), list(numbers))

    @intrinsic
    def entry(typing: Any, i: Any) -> Any:
        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            module = builder.module
            if name not in module.globals:
                variable = ir.GlobalVariable(module, kept.type, name)
                variable.linkage, variable.global_constant, variable.initializer = "internal", True, kept
            place = builder.gep(module.globals[name], [ir.Constant(ir.IntType(64), 0), args[0]])
            return builder.load(place)

        return types.float64(types.int64), generate

    return entry
