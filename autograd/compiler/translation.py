"""Python functions as LLVM code: the language in which the kernels are written.

It is a small part of Python: numbers, pointers (`v[i]`), `if`, `while`, `for` over a `range`, functions. Each
function is translated for the types it is called with. One that gives something is written out where it is
called; one that gives nothing, a *procedure*, becomes a function of machine code. Whatever is known while
translating, such as constants and functions from outside, is computed then, and so is an `if` on it alone.

What numbers are, and what becomes of two of different types, `arithmetic` tells. Both sides of `and`, `or`
and `a if c else b` are computed, as that costs less than to jump. What is first set within an `if` or a loop
is not known behind it.

    >>> def add_up(numbers, n, out):
    ...     total = 0.0
    ...     for i in range(n):
    ...         total += numbers[i]
    ...     out[0] = total

Such a function is translated by `Module().procedure(add_up, [doubles, INT, doubles])`, and the code of all of
a module is `str(module)`. A name that is not allowed raises NameError, a type that does not fit TypeError.

This takes a thirtieth of the time that Numba takes for the same, as there are no types to be inferred from
uses, and no objects of Python. Imported only to compile the kernels.
"""

from __future__ import annotations

import ast
import builtins
import functools
import linecache
from collections.abc import Callable, Sequence
from types import BuiltinFunctionType, CodeType
from typing import Any

from llvmlite import ir

from .arithmetic import DOUBLE, INT, INT32, Arithmetic

__all__ = ["Builder", "Module", "instruction"]


class Instruction:
    """A function of the kernels that says itself what code it is: `emit(builder, *values)`."""

    def __init__(self, emit: Callable[..., Any]) -> None:
        self.emit = emit


def instruction(emit: Callable[..., Any]) -> Any:
    """Use a function that writes LLVM code, and gives its result, like any other one in kernels."""
    return Instruction(emit)


class Module(ir.Module):  # type: ignore[misc]
    """Code that is compiled together."""

    def __init__(self) -> None:
        super().__init__()
        self._procedures: dict[Any, ir.Function] = {}
        # The loader puts the addresses of functions from elsewhere behind what can be written to, so there
        # has to be some such thing.
        room = ir.GlobalVariable(self, ir.ArrayType(INT, 64), "room")
        room.initializer = ir.Constant(room.value_type, None)

    def procedure(self, function: Any, types: Sequence[ir.Type], name: str = "") -> ir.Function:
        """The function of machine code that a procedure becomes for arguments of these types."""
        key = function, tuple(map(str, types))
        if key not in self._procedures:
            name = name or self.get_unique_name(f"chalkgrad.{function.__name__}")
            made = ir.Function(self, ir.FunctionType(ir.VoidType(), types), name)
            self._procedures[key] = made
            builder = Builder(made.append_basic_block())
            builder.inlined(function, made.args)
            builder.ret_void()
        return self._procedures[key]


class Builder(Arithmetic):
    """Writes the code of a function, in static single assignment form.

    names      what the local names stand for at this point: a value of LLVM, or of Python
    outside    the function, in whose closure and globals all others are found
    returned   where it was left so far, and with what
    alive      whether this point can be reached
    """

    def __init__(self, block: ir.Block) -> None:
        super().__init__(block)
        self.names: dict[str, Any] = {}
        self.outside: Any = None
        self.returned: list[tuple[ir.Block, Any]] = []
        self.alive = True

    # ------------------------------------------------------------------------------------------ calls

    def do(self, function: Any, *arguments: Any) -> Any:
        """What a function gives for these arguments."""
        if function in _BUILTINS:
            function = _BUILTINS[function]
        if isinstance(function, Instruction):
            return function.emit(self, *arguments)
        if isinstance(function, BuiltinFunctionType):
            if not any(isinstance(x, ir.Value) for x in arguments):
                return function(*arguments)
            return self.of_the_library(function.__name__, [self.value(x) for x in arguments])
        if _gives_something(function.__code__):
            return self.inlined(function, arguments)
        values = [self.value(x) for x in arguments]
        return self.call(self.module.procedure(function, [x.type for x in values]), values)

    def inlined(self, function: Any, arguments: Sequence[Any]) -> Any:
        """The same with the function written out here."""
        tree = _tree(function.__code__)
        kept = self.names, self.outside, self.returned
        self.names = dict(zip([a.arg for a in tree.args.args], arguments, strict=True))
        self.outside, self.returned = function, []
        self._statements(tree.body)
        if self.alive:
            self.returned.append((self.block, None))
        self.alive = True
        returned = self.returned
        self.names, self.outside, self.returned = kept
        if len(returned) == 1:
            return returned[0][1]
        return self.joined(returned)

    # --------------------------------------------------------------------------------------- statements

    def _statements(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            if self.alive:
                getattr(self, f"_{type(statement).__name__}")(statement)

    def _Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.of(node.value)

    def _Pass(self, node: ast.Pass) -> None:
        pass

    def _Assign(self, node: ast.Assign) -> None:
        (target,) = node.targets
        self._set(target, self.of(node.value))

    def _AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Subscript):
            place = self._place(node.target)
            self._store(self.computed(type(node.op), self._load(place), self.of(node.value)), place)
        else:
            assert isinstance(node.target, ast.Name)
            before = self._named(node.target.id)
            self.names[node.target.id] = self.computed(type(node.op), before, self.of(node.value))

    def _set(self, target: ast.expr, x: Any) -> None:
        if isinstance(target, ast.Tuple):
            for part, value in zip(target.elts, x, strict=True):
                self._set(part, value)
        elif isinstance(target, ast.Subscript):
            self._store(x, self._place(target))
        else:
            assert isinstance(target, ast.Name)
            self.names[target.id] = x

    def _Return(self, node: ast.Return) -> None:
        self.returned.append((self.block, self.of(node.value) if node.value else None))
        self.alive = False

    def _If(self, node: ast.If) -> None:
        test = self.truth(self.of(node.test))
        if not isinstance(test, ir.Value):
            self._statements(node.body if test else node.orelse)
            return
        blocks = self.append_basic_block(), self.append_basic_block()
        self.cbranch(test, *blocks)
        before = self.names
        ends = []
        for block, statements in zip(blocks, (node.body, node.orelse), strict=True):
            self.position_at_end(block)
            self.names, self.alive = dict(before), True
            self._statements(statements)
            if self.alive:
                ends.append((self.block, self.names))
        self.alive = bool(ends)
        if len(ends) == 1:
            block, self.names = ends[0]
            self.position_at_end(block)
        elif ends:
            (_, one), (_, other) = ends
            known = [name for name in one if name in other]
            differ = [name for name in known if one[name] is not other[name]]
            ways = [(block, tuple(names[name] for name in differ)) for block, names in ends]
            found = self.joined(ways)
            self.names = {name: one[name] for name in known} | dict(zip(differ, found, strict=True))

    def _For(self, node: ast.For) -> None:
        assert isinstance(node.iter, ast.Call)
        assert self.of(node.iter.func) is range
        limits = [self.value(self.of(x)) for x in node.iter.args]
        start, stop, step = {1: [0, *limits, 1], 2: [*limits, 1], 3: limits}[len(limits)]
        name = node.target.id if isinstance(node.target, ast.Name) else ""
        counted = f"counter of {name} in line {node.lineno}"  # for the loop may change the name

        def more() -> Any:
            self.names[name] = self.names[counted]
            return self.compared(ast.Lt, self.names[counted], stop)

        def next_one() -> None:
            self.names[counted] = self.computed(ast.Add, self.names[counted], step)

        self.names[counted] = start
        self._loop(more, node.body, next_one, counted)
        self.names = {key: x for key, x in self.names.items() if key not in (name, counted)}

    def _While(self, node: ast.While) -> None:
        self._loop(lambda: self.truth(self.of(node.test)), node.body, lambda: None)

    def _loop(
        self, more: Callable[[], Any], body: Sequence[ast.stmt], last: Callable[[], None], *also: str
    ) -> None:
        set_there = {x.id for part in body for x in ast.walk(part) if isinstance(x, ast.Name) and _is_set(x)}
        before = self.block
        changing = [name for name in self.names if name in set_there or name in also]
        head, inside, behind = (self.append_basic_block() for _ in range(3))
        first = {name: self.value(self.names[name]) for name in changing}
        self.branch(head)
        self.position_at_end(head)
        phis = {name: self.phi(x.type) for name, x in first.items()}
        for name, phi in phis.items():
            phi.add_incoming(first[name], before)
        self.names |= phis
        self.cbranch(more(), inside, behind)
        kept = dict(self.names)
        self.position_at_end(inside)
        self._statements(body)
        if self.alive:
            last()
            for name, phi in phis.items():
                value = self.value(self.names[name])
                if value.type != phi.type:
                    raise TypeError(f"{name!r} is {phi.type} before a loop and {value.type} in it")
                phi.add_incoming(value, self.block)
            self.branch(head)
        self.names, self.alive = kept, True
        self.position_at_end(behind)

    # -------------------------------------------------------------------------------------- expressions

    def of(self, node: ast.expr) -> Any:
        """The value of an expression."""
        return getattr(self, f"_{type(node).__name__}")(node)

    def _Constant(self, node: ast.Constant) -> Any:
        return node.value

    def _Name(self, node: ast.Name) -> Any:
        return self._named(node.id)

    def _named(self, name: str) -> Any:
        if name in self.names:
            return self.names[name]
        code = self.outside.__code__
        if name in code.co_freevars:
            return self.outside.__closure__[code.co_freevars.index(name)].cell_contents
        if name in code.co_varnames:
            raise NameError(
                f"{name!r} in {code.co_name} may not be set here, or is set in a branch or loop only"
            )
        found = self.outside.__globals__
        return found[name] if name in found else getattr(builtins, name)

    def _Attribute(self, node: ast.Attribute) -> Any:
        return getattr(self.of(node.value), node.attr)

    def _Tuple(self, node: ast.Tuple) -> Any:
        return tuple([self.of(x) for x in node.elts])

    def _Call(self, node: ast.Call) -> Any:
        return self.do(self.of(node.func), *[self.of(x) for x in node.args])

    def _Subscript(self, node: ast.Subscript) -> Any:
        return self._load(self._place(node))

    def _place(self, node: ast.Subscript) -> Any:
        return self.gep(self.of(node.value), [self.value(self.of(node.slice))])

    def _load(self, place: Any) -> Any:
        found = self.load(place)
        return self.sext(found, INT) if found.type == INT32 else found

    def _store(self, x: Any, place: Any) -> None:
        self.store(self.cast(x, place.type.pointee), place)

    def _IfExp(self, node: ast.IfExp) -> Any:
        test = self.truth(self.of(node.test))
        if not isinstance(test, ir.Value):
            return self.of(node.body if test else node.orelse)
        return self.select(test, *self.alike(self.of(node.body), self.of(node.orelse)))

    def _BoolOp(self, node: ast.BoolOp) -> Any:
        join = self.and_ if isinstance(node.op, ast.And) else self.or_
        return functools.reduce(join, [self.value(self.truth(self.of(x))) for x in node.values])

    def _UnaryOp(self, node: ast.UnaryOp) -> Any:
        x = self.of(node.operand)
        if isinstance(node.op, ast.Not):
            test = self.truth(x)
            return self.not_(test) if isinstance(test, ir.Value) else not test
        assert isinstance(node.op, ast.USub)
        if not isinstance(x, ir.Value):
            return -x
        return self.neg(x) if x.type == INT else self.fneg(x)

    def _BinOp(self, node: ast.BinOp) -> Any:
        return self.computed(type(node.op), self.of(node.left), self.of(node.right))

    def _Compare(self, node: ast.Compare) -> Any:
        (op,), (right,) = node.ops, node.comparators
        a, b = self.of(node.left), self.of(right)
        if isinstance(op, ast.In):
            return functools.reduce(self.or_, [self.compared(ast.Eq, a, x) for x in b])
        return self.compared(type(op), a, b)


def _chosen(op: type[ast.cmpop]) -> Callable[[Builder, Any, Any], Any]:
    def emit(builder: Builder, a: Any, b: Any) -> Any:
        test = builder.compared(op, a, b)
        return builder.select(test, *builder.alike(a, b)) if isinstance(test, ir.Value) else (b, a)[test]

    return emit


_BUILTINS: dict[Any, Instruction] = {
    min: Instruction(_chosen(ast.Lt)),
    max: Instruction(_chosen(ast.Gt)),
    int: Instruction(lambda builder, x: builder.cast(x, INT)),
    float: Instruction(lambda builder, x: builder.cast(x, DOUBLE)),
}


def _is_set(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


@functools.cache
def _functions(file: str) -> dict[int, ast.FunctionDef]:
    """The functions of a file, by the line in which they begin."""
    tree = ast.parse("".join(linecache.getlines(file)))
    return {
        min([node.lineno, *[x.lineno for x in node.decorator_list]]): node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }


def _tree(code: CodeType) -> ast.FunctionDef:
    return _functions(code.co_filename)[code.co_firstlineno]


@functools.cache
def _gives_something(code: CodeType) -> bool:
    return any(isinstance(x, ast.Return) and x.value is not None for x in ast.walk(_tree(code)))
