"""Numbers in LLVM code: their types, operators, and what they are where several ways meet.

Integers have 64 bits, and dividing them by `//` is for those that are not negative. Of two numbers the result
has the wider type; an integer and a number make a double. What is known while translating is a number of
Python, and stays one as long as it meets no other.

Imported only to compile the kernels.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir

__all__ = ["BOOL", "DOUBLE", "FLOAT", "INT", "INT32", "Arithmetic"]

BOOL, INT32, INT = ir.IntType(1), ir.IntType(32), ir.IntType(64)
FLOAT, DOUBLE = ir.FloatType(), ir.DoubleType()


class Arithmetic(ir.IRBuilder):  # type: ignore[misc]
    """Writes the code of numbers, in static single assignment form."""

    def value(self, x: Any) -> Any:
        """A number of Python as one of LLVM."""
        if isinstance(x, bool):
            return ir.Constant(BOOL, x)
        if isinstance(x, int):
            return ir.Constant(INT, x)
        if isinstance(x, float):
            return ir.Constant(DOUBLE, x)
        if not isinstance(x, ir.Value):
            raise TypeError(f"{x!r} is no number")
        return x

    def cast(self, x: Any, kind: ir.Type) -> Any:
        """A number as one of this type."""
        x = self.value(x)
        if x.type == kind:
            return x
        if kind == FLOAT and x.type == DOUBLE:
            return self.fptrunc(x, kind)
        if kind == DOUBLE and x.type == FLOAT:
            return self.fpext(x, kind)
        if kind in (FLOAT, DOUBLE) and x.type in (BOOL, INT):
            return self.uitofp(x, kind) if x.type == BOOL else self.sitofp(x, kind)
        if kind == INT and x.type in (FLOAT, DOUBLE):
            return self.fptosi(x, kind)
        if kind == INT and x.type == BOOL:
            return self.zext(x, kind)
        raise TypeError(f"{x.type} cannot become {kind}")

    def alike(self, *numbers: Any) -> list[Any]:
        """Numbers as such of the widest of their types."""
        values = [self.value(x) for x in numbers]
        types = {x.type for x in values}
        if len(types) == 1:
            return values
        kind = DOUBLE if types & {FLOAT, DOUBLE} else INT
        return [self.cast(x, kind) for x in values]

    def truth(self, x: Any) -> Any:
        """Whether a number is not 0."""
        if not isinstance(x, ir.Value):
            return bool(x)
        return x if x.type == BOOL else self.compared(ast.NotEq, x, 0)

    # ----------------------------------------------------------------------------------------- operators

    def computed(self, op: type[ast.operator], a: Any, b: Any) -> Any:
        """What an operator of Python gives."""
        of_python, of_integers, of_floats = _OPERATORS[op]
        if not isinstance(a, ir.Value) and not isinstance(b, ir.Value):
            return of_python(a, b)
        a, b = self.alike(a, b)
        if a.type == BOOL and op not in (ast.BitAnd, ast.BitOr):
            a, b = self.cast(a, INT), self.cast(b, INT)
        if op is ast.Div and a.type == INT:
            a, b = self.cast(a, DOUBLE), self.cast(b, DOUBLE)
        return getattr(self, of_floats if a.type in (FLOAT, DOUBLE) else of_integers)(a, b)

    def compared(self, op: type[ast.cmpop], a: Any, b: Any) -> Any:
        """What a comparison gives; a nan is unequal to all, and nothing else."""
        sign, of_python = _COMPARISONS[op]
        if not isinstance(a, ir.Value) and not isinstance(b, ir.Value):
            return of_python(a, b)
        a, b = self.alike(a, b)
        if a.type not in (FLOAT, DOUBLE):
            return self.icmp_signed(sign, a, b)
        return self.fcmp_unordered(sign, a, b) if sign == "!=" else self.fcmp_ordered(sign, a, b)

    # -------------------------------------------------------------------------- functions from elsewhere

    def of_the_library(self, name: str, values: list[Any]) -> Any:
        """A function of mathematics, as LLVM or the C library has it."""
        values = self.alike(*values)
        kind = values[0].type
        if name in ("fabs", "floor", "copysign", "pow", "sqrt", "log", "sin", "cos"):
            name = f"llvm.{name}.{'f32' if kind == FLOAT else 'f64'}"
        elif kind == FLOAT:
            name += "f"
        return self.call(self.declared(name, kind, [kind] * len(values)), values)

    def declared(self, name: str, result: ir.Type, types: Sequence[ir.Type]) -> Any:
        """A function from elsewhere."""
        if name in self.module.globals:
            return self.module.globals[name]
        function = ir.Function(self.module, ir.FunctionType(result, types), name)
        if not name.startswith("llvm."):
            function.attributes.add("nounwind")
            function.attributes.add("readnone")
        return function

    # ----------------------------------------------------------------------------------- where ways meet

    def joined(self, ways: Sequence[tuple[ir.Block, Any]]) -> Any:
        """Go on where several blocks end, with what has this value at the end of each."""
        block = self.append_basic_block()
        values = [value for _, value in ways]
        first = values[0]
        if isinstance(first, tuple):
            parts = [self._in_blocks([(b, v[i]) for b, v in ways]) for i in range(len(first))]
        elif first is not None:
            parts = [self._in_blocks(ways)]
        else:
            parts = []
        for end, _ in ways:
            self.position_at_end(end)
            self.branch(block)
        self.position_at_end(block)
        found = [self._phi(list(zip([b for b, _ in ways], part, strict=True))) for part in parts]
        return tuple(found) if isinstance(first, tuple) else found[0] if found else None

    def _in_blocks(self, ways: Sequence[tuple[ir.Block, Any]]) -> list[Any]:
        """Numbers made alike, each at the end of its block."""
        if all(value is ways[0][1] for _, value in ways):
            return [value for _, value in ways]
        types = {self.value(value).type for _, value in ways}
        kind = types.pop() if len(types) == 1 else DOUBLE if types & {FLOAT, DOUBLE} else INT
        made = []
        for block, value in ways:
            self.position_at_end(block)
            made.append(self.cast(value, kind))
        return made

    def _phi(self, ways: Sequence[tuple[ir.Block, Any]]) -> Any:
        """The number that has this value where it comes from each of these blocks."""
        if all(value is ways[0][1] for _, value in ways):
            return ways[0][1]
        phi = self.phi(ways[0][1].type)
        for block, value in ways:
            phi.add_incoming(value, block)
        return phi


_OPERATORS: dict[type[ast.operator], tuple[Callable[[Any, Any], Any], str, str]] = {
    ast.Add: (operator.add, "add", "fadd"),
    ast.Sub: (operator.sub, "sub", "fsub"),
    ast.Mult: (operator.mul, "mul", "fmul"),
    ast.Div: (operator.truediv, "", "fdiv"),
    ast.FloorDiv: (operator.floordiv, "sdiv", ""),  # of numbers that are not negative, as all here
    ast.Pow: (operator.pow, "", ""),
    ast.BitAnd: (operator.and_, "and_", ""),
    ast.BitOr: (operator.or_, "or_", ""),
    ast.LShift: (operator.lshift, "shl", ""),
    ast.RShift: (operator.rshift, "ashr", ""),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.GtE: (">=", operator.ge),
    ast.Gt: (">", operator.gt),
}
