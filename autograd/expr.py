"""`Expr`: a symbol, a constant, or a primitive applied to Exprs.

Expressions form a DAG in which equal ones are one object (hash-consing), so comparing is `is`, and what
a million-term formula shares is stored once. An Expr is a kind of number: a Value can hold one, and then
`backward()` gives formulas.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ._caller import describe, user_place
from .errors import FileFormatError, NumberError, SettingError, TracingError
from .numbers import Number, checked, constant_like, is_number, library_of
from .ops import OPS, Op
from .value import Value

__all__ = [
    "Expr",
    "absorbed",
    "constant",
    "evaluate",
    "operation",
    "substitute",
    "symbol",
    "symbols",
    "walk",
]


class Expr:
    """A node of a formula: a symbol (`name`), a constant (`number`), or `op` applied to `operands`.

    Built from symbols by arithmetic and by the functions of `autograd`; never changed afterwards.

    >>> x, y = symbols("x y")
    >>> (x + y) ** 2
    (x + y)^2
    >>> x + y is x + y
    True
    """

    __slots__ = ("__weakref__", "name", "number", "op", "operands")

    name: str | None
    number: Any
    op: Op | None
    operands: tuple[Expr, ...]

    # ------------------------------------------------------------------------------------- arithmetic

    # A neutral 0 or 1 leaves no trace: the rules of the table are full of them.

    def __add__(self, other: Any) -> Expr:
        return self if _is(other, 0) else operation("add", self, other)

    def __radd__(self, other: Any) -> Expr:
        return self if _is(other, 0) else operation("add", other, self)

    def __sub__(self, other: Any) -> Expr:
        return self if _is(other, 0) else operation("sub", self, other)

    def __rsub__(self, other: Any) -> Expr:
        return -self if _is(other, 0) else operation("sub", other, self)

    def __mul__(self, other: Any) -> Expr:
        return self if _is(other, 1) else -self if _is(other, -1) else operation("mul", self, other)

    def __rmul__(self, other: Any) -> Expr:
        return self if _is(other, 1) else -self if _is(other, -1) else operation("mul", other, self)

    def __truediv__(self, other: Any) -> Expr:
        return self if _is(other, 1) else operation("div", self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return operation("div", other, self)

    def __pow__(self, other: Any) -> Expr:
        if _is(other, 1):
            return self
        return operation("general_power" if isinstance(other, Expr) else "power", self, other)

    def __rpow__(self, other: Any) -> Expr:
        return operation("general_power", other, self)

    def __neg__(self) -> Expr:
        return operation("neg", self)

    def __pos__(self) -> Expr:
        return self

    def __abs__(self) -> Expr:
        return operation("abs", self)

    def __lt__(self, other: Any) -> Expr:
        return operation("less", self, other)

    def __le__(self, other: Any) -> Expr:
        return operation("less_equal", self, other)

    def __gt__(self, other: Any) -> Expr:
        return operation("less", other, self)

    def __ge__(self, other: Any) -> Expr:
        return operation("less_equal", other, self)

    def _apply(self, name: str, operands: tuple[Any, ...]) -> Any:
        """Record the primitive `name`; what `autograd.exp(expr)` and the like end in."""
        for x in operands:
            if isinstance(x, Value):
                return x._apply(name, operands)
        return operation(name, *map(checked, operands))

    # --------------------------------------------------------------------------- what a symbol cannot do

    def __bool__(self) -> bool:
        raise TracingError(
            f"{_short(self)} is a formula, neither true nor false, so a traced function cannot branch on it: "
            "with if, while, and, or, not, max(), min(), sorted(). Write where(condition, a, b) for if and "
            "else, maximum(a, b) for max, minimum(a, b) for min; give a loop a fixed number of steps. "
            f"(at {describe(user_place())})"
        )

    def __float__(self) -> float:
        raise TracingError(
            f"{_short(self)} is a formula and has no value yet, so it cannot be rounded, be an index or go "
            "into float(), int(), range() or a function of math. Use the functions of autograd. "
            f"(at {describe(user_place())})"
        )

    def __index__(self) -> int:
        return int(float(self))

    def __round__(self, digits: int = 0) -> float:
        return float(self)

    # ------------------------------------------------------------------------------------------- reading

    def __repr__(self) -> str:
        from .notation import shortened, text

        return shortened(text(self), "autograd.notation.text(...)")

    def _repr_latex_(self) -> str | None:
        from .notation import latex, typeset

        return typeset(latex(self))

    def __copy__(self) -> Expr:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Expr:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (list(_rows(self)),)

    def evaluate(self, numbers: Mapping[str, Any]) -> Any:
        """The value where the symbols have these numbers: floats, Fractions, mpf, Values, other Exprs.

        A symbol that is not given stays a symbol.

        >>> x, y = symbols("x y")
        >>> (x / y).evaluate({"x": Fraction(1), "y": Fraction(3)})
        Fraction(1, 3)
        >>> (x / y).evaluate({"x": 1})
        1 / y
        """
        return evaluate([self], numbers)[0]


def _is(x: Any, value: int) -> bool:
    """Whether `x` is this int, or a Fraction equal to it."""
    return (type(x) is int or type(x) is Fraction) and x == value


def _short(expr: Expr) -> str:
    written = " ".join(repr(expr).split())
    return written if len(written) < 60 else written[:57] + "..."


# -------------------------------------------------------------------------------------------- making them

_made: dict[Any, dict[Any, _Entry]] = {}
"""For each primitive, the expression for each tuple of operands; symbols and constants likewise."""


class _Entry(weakref.ref["Expr"]):
    """Where to find an expression, as long as it lives."""

    __slots__ = ("key", "table")

    lock = threading.RLock()
    """Held while an entry is added or removed. Removing can begin in the midst of adding: hence the R."""

    key: Any
    table: dict[Any, _Entry]

    def forget(self) -> None:
        with self.lock:
            if self.table.get(self.key) is self:
                del self.table[self.key]


def _intern(
    kind: Any, key: Any, op: Op | None, operands: tuple[Expr, ...], name: str | None, number: Any
) -> Expr:
    """The one expression of this kind with this key."""
    table = _made.get(kind) or _made.setdefault(kind, {})
    entry = table.get(key)
    if entry is not None and (found := entry()) is not None:
        return found
    expr: Expr = object.__new__(Expr)
    expr.op, expr.operands, expr.name, expr.number = op, operands, name, number
    with _Entry.lock:
        entry = table.get(key)  # another thread may have made it meanwhile
        if entry is not None and (found := entry()) is not None:
            return found
        entry = table[key] = _Entry(expr, _Entry.forget)
        entry.key, entry.table = key, table
    return expr


def operation(name: str, *operands: Any) -> Expr:
    """The primitive of this name on expressions and plain numbers; NotImplemented for anything else."""
    for x in operands:
        if type(x) is not Expr:
            if not all(is_number(y) and not isinstance(y, Value) for y in operands):
                return NotImplemented  # type: ignore[no-any-return]
            operands = tuple(map(constant, operands))
            break
    op = OPS[name]
    return _intern(op, operands, op, operands, None, None)


def symbol(name: str) -> Expr:
    """The symbol of this name; the same object each time. Raises `SettingError` for what is no name.

    >>> symbol("w1_11")
    w1_11
    """
    if type(name) is not str or not name:
        raise SettingError(f"the name of a symbol is a text, not {name!r}")
    return _intern(str, name, None, (), name, None)


def symbols(names: str | Iterable[str]) -> list[Expr]:
    """Symbols for names given as a list or separated by blanks or commas.

    >>> symbols("x y")
    [x, y]
    """
    if isinstance(names, str):
        names = names.replace(",", " ").split()
    return [symbol(name) for name in names]


def constant(number: Number) -> Expr:
    """The constant expression of a number; one that is whole is an int. A constant stands for itself.

    Raises `NumberError` for what is not a plain real number.

    >>> constant(2.0), constant(Fraction(1, 3)), constant(True)
    (2, 1/3, 1)
    """
    if isinstance(number, Expr):
        return number
    number = checked(number)
    if isinstance(number, Value):
        raise NumberError(f"{number!r} is no constant; take its data")
    key = number  # 2 == 2.0, but the kinds are told apart
    if isinstance(number, float):
        key = number.hex()  # tells -0.0 from 0.0, and nan is nan
        if number.is_integer() and abs(number) < 2**53 and key != "-0x0.0p+0":
            number = key = int(number)
    elif isinstance(number, Fraction) and number.denominator == 1:
        number = key = number.numerator
    return _intern(type(number), key, None, (), None, number)


# -------------------------------------------------------------------------------------------- walking them


def walk(roots: Iterable[Expr], known: Container[Expr] = ()) -> list[Expr]:
    """Every expression in the DAG below the roots once, operands before results.

    What is known is left out, and what is only below that.

    >>> x = symbol("x")
    >>> walk([(x + 1) * (x + 1)])
    [x, 1, x + 1, (x + 1) (x + 1)]
    """
    order: list[Expr] = []
    done: set[Expr] = set()
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, operands_done = stack.pop()
        if node in done or node in known:
            continue
        if operands_done or not node.operands:
            done.add(node)
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend([(x, False) for x in reversed(node.operands) if x not in done])
    return order


def absorbed(order: Sequence[Expr], root: Expr, goes_on: Callable[[Expr, Expr], bool]) -> set[Expr]:
    """The nodes of a walk that have a single user, which goes on in them, as a sum does in a sum.

    >>> x, y, z = symbols("x y z")
    >>> absorbed(walk([x + y + z]), x + y + z, lambda user, x: x.op is user.op)
    {x + y}
    """
    users: dict[Expr, Expr | None] = {root: None}
    for node in order:
        for x in node.operands:
            users[x] = None if x in users else node
    return {node for node in order if (user := users[node]) is not None and goes_on(user, node)}


def evaluate(
    roots: Sequence[Expr],
    numbers: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> list[Any]:
    """The values of several expressions, each shared part computed once.

    `functions` takes the place of primitives, by name. Where some of the numbers are of mpmath or SymPy,
    constants are made such too.
    """
    functions = functions or {}
    like = next((x for x in numbers.values() if library_of(x) in ("mpmath", "sympy")), None)
    values: dict[Expr, Any] = {}
    for node in walk(roots):
        if node.op is not None:
            operands = [values[x] for x in node.operands]
            if all(type(x) is int for x in operands):
                operands = list(map(Fraction, operands))  # 1 / 3 is no float
            values[node] = functions.get(node.op.name, node.op)(*operands)
        elif node.name is not None:
            values[node] = numbers.get(node.name, node)
        else:
            values[node] = node.number if like is None else constant_like(node.number, like)
    return [values[root] for root in roots]


def substitute(roots: Sequence[Expr], replacements: Mapping[Expr, Expr]) -> list[Expr]:
    """The expressions with each key, wherever it occurs as a part, replaced by its value."""
    out: dict[Expr, Expr] = {}
    for node in walk(roots):
        if node in replacements:
            out[node] = replacements[node]
        elif node.op is not None:
            out[node] = operation(node.op.name, *[out[x] for x in node.operands])
        else:
            out[node] = node
    return [out[root] for root in roots]


def _rows(root: Expr) -> Iterator[tuple[Any, ...]]:
    """The nodes below the root as plain data, for pickling: operands by their place."""
    places: dict[Expr, int] = {}
    for node in walk([root]):
        name = node.op.name if node.op else None
        yield name, tuple(places[x] for x in node.operands), node.name, node.number
        places[node] = len(places)


def _rebuild(rows: list[tuple[Any, ...]]) -> Expr:
    nodes: list[Expr] = []
    for op_name, operands, name, number in rows:
        if op_name is None:
            nodes.append(symbol(name) if name is not None else constant(number))
        elif op_name in OPS:
            nodes.append(operation(op_name, *[nodes[place] for place in operands]))
        else:
            raise FileFormatError(
                f"this pickle uses a primitive named {op_name!r}, which is not in the table; "
                f"define it again with primitive({op_name!r}, ...) before loading"
            )
    return nodes[-1]
