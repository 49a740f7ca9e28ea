"""Tables of numbers or Values, with the arithmetic that formulas in matrix form need."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from ...value import Value

__all__ = [
    "Jacobian", "ShapeMismatch", "Table", "as_value", "as_values", "diagonal_of", "entries", "inverse_of",
    "plain", "shape_of",
]  # fmt: skip


class ShapeMismatch(Exception):
    """Tables whose shapes do not go together, in words."""


class Table:
    """Rows of entries; a column vector has one entry in each row."""

    __slots__ = ("rows", "shape")

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self.rows = [list(row) for row in rows]
        self.shape = (len(self.rows), len(self.rows[0]))

    @classmethod
    def column(cls, items: Sequence[Any]) -> Table:
        """A vector that stands."""
        return cls([[x] for x in items])

    @property
    def T(self) -> Table:
        """The transposed table."""
        return Table(list(zip(*self.rows, strict=True)))

    def __iter__(self) -> Iterator[Any]:
        return (x for row in self.rows for x in row)

    def each(self, f: Callable[[Any], Any]) -> Table:
        """A function of every entry."""
        return Table([[f(x) for x in row] for row in self.rows])

    def with_(self, other: Any, f: Callable[[Any, Any], Any]) -> Table:
        """Entry by entry; a number, or a vector beside a table, is repeated."""
        if not isinstance(other, Table):
            return self.each(lambda x: f(x, other))
        (a, b), (c, d) = self.shape, other.shape
        rows, columns = max(a, c), max(b, d)
        if a not in (1, rows) or c not in (1, rows) or b not in (1, columns) or d not in (1, columns):
            raise ShapeMismatch(f"a {a} x {b} table and a {c} x {d} one do not go together")
        if (1 in self.shape and 1 in other.shape) and self.shape != other.shape:
            raise ShapeMismatch(f"a {a} x {b} vector and a {c} x {d} one do not go together")
        mine, others = self.rows, other.rows
        return Table(
            [[f(mine[i % a][j % b], others[i % c][j % d]) for j in range(columns)] for i in range(rows)]
        )

    def __add__(self, other: Any) -> Table:
        return self.with_(other, operator.add)

    def __radd__(self, other: Any) -> Table:
        return self.each(lambda x: other + x)

    def __sub__(self, other: Any) -> Table:
        return self.with_(other, operator.sub)

    def __rsub__(self, other: Any) -> Table:
        return self.each(lambda x: other - x)

    def __neg__(self) -> Table:
        return self.each(operator.neg)

    def __mul__(self, other: Any) -> Table:
        if isinstance(other, Table):
            raise ShapeMismatch("two tables are multiplied as numbers")
        return self.each(lambda x: x * other)

    __rmul__ = __mul__

    def __rtruediv__(self, other: Any) -> Table:
        raise ShapeMismatch("a number is divided by a table")

    def __pow__(self, other: Any) -> Table:
        raise ShapeMismatch("a power of a table")

    def __truediv__(self, other: Any) -> Table:
        return self.with_(other, operator.truediv)

    def times(self, other: Table) -> Any:
        """The matrix product; one with a single entry is that entry."""
        if self.shape[1] != other.shape[0]:
            raise ShapeMismatch(
                f"a {self.shape[0]} x {self.shape[1]} table cannot be multiplied by a "
                f"{other.shape[0]} x {other.shape[1]} one"
            )
        columns = list(zip(*other.rows, strict=True))
        product = [[_dot(row, column) for column in columns] for row in self.rows]
        return product[0][0] if len(product) == len(columns) == 1 else Table(product)


def _dot(row: Sequence[Any], column: Sequence[Any]) -> Any:
    total = row[0] * column[0]
    for a, b in zip(row[1:], column[1:], strict=True):
        total = total + a * b
    return total


def entries(x: Any) -> list[Any]:
    """The entries of a table; a number is its own."""
    return list(x) if isinstance(x, Table) else [x]


def shape_of(x: Any) -> tuple[int, int]:
    """Rows and columns; a number has one of each."""
    return x.shape if isinstance(x, Table) else (1, 1)


class Jacobian(Table):
    """The derivatives of all entries of one table by all entries of another."""

    __slots__ = ("by", "of")

    def __init__(self, rows: Any, of: tuple[int, int], by: tuple[int, int]) -> None:
        super().__init__(rows)
        self.of, self.by = of, by


def diagonal_of(x: Jacobian) -> Any:
    """The derivatives of a function taken entry by entry, where a Jacobian is of one."""
    if x.of != x.by:
        return None
    n = x.shape[0]
    if any(plain(x.rows[i][j]) != 0 for i in range(n) for j in range(n) if i != j):
        return None
    rows, columns = x.of
    return Table([[x.rows[i * columns + j][i * columns + j] for j in range(columns)] for i in range(rows)])


def plain(x: Any) -> Any:
    """The number a Value holds."""
    while isinstance(x, Value):
        x = x.data
    return x


def as_value(x: Any) -> Value:
    """A number as a Value, whole ones exactly; a Value is itself."""
    return x if isinstance(x, Value) else Value(Fraction(x) if type(x) is int else x)


def as_values(x: Any) -> Any:
    """What a quantity holds: Values, each of its own, so that there are derivatives by it."""
    if isinstance(x, Table):
        return x.each(as_value) if not isinstance(x, Jacobian) else x
    return as_value(x)


def inverse_of(x: Table) -> Table:
    """The inverse of a square matrix, row by row. Raises `ZeroDivisionError` where there is none.

    >>> inverse_of(Table([[2, 0], [0, 4]])).rows == [[Fraction(1, 2), 0], [0, Fraction(1, 4)]]
    True
    """
    size = len(x.rows)
    rows = [[*line, *(int(i == j) for j in range(size))] for i, line in enumerate(x.rows)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(plain(rows[k][i])))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        scale = Fraction(rows[i][i]) if isinstance(rows[i][i], int) else rows[i][i]
        rows[i] = [entry / scale for entry in rows[i]]
        for k in range(size):
            if k != i:
                factor = rows[k][i]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    return Table([line[size:] for line in rows])
