"""The shape of a function's arguments, and rows of numbers as one matrix.

A structure is `None` for a number and a tuple of structures for a list of them. The entries of all arguments,
read from left to right, are the columns of a matrix that has a line for each row.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import NumberError, NumberRangeError, ShapeError, TracingError
from ..numbers import checked, is_recorder

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "Arguments",
    "Structure",
    "fill",
    "flat",
    "holds_recorders",
    "places",
    "row_of",
    "structure_of",
    "table_of",
]

Structure = Any
"""None, or a tuple of structures."""


class Arguments:
    """The names of the arguments of a function, for binding calls and for error messages."""

    def __init__(self, function: Callable[..., Any]) -> None:
        try:
            self.signature = inspect.signature(function)
        except (TypeError, ValueError):
            raise TracingError(f"the arguments of {function!r} cannot be read; wrap it in a lambda") from None
        self._plain = all(
            p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty
            for p in self.signature.parameters.values()
        )
        self.names = list(self.signature.parameters)
        self.none_needed = all(
            p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
            for p in self.signature.parameters.values()
        )

    def bind(self, given: Sequence[Any], by_name: dict[str, Any]) -> tuple[Sequence[Any], tuple[str, ...]]:
        """What was given, one after the other, and under which names. Raises TypeError as a call does."""
        if self._plain and not by_name and len(given) == len(self.names):
            return given, tuple(self.names)
        bound = self.signature.bind(*given, **by_name)
        names: list[str] = []
        entries: list[Any] = []
        for name, x in bound.arguments.items():
            kind = self.signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                names += [f"*{name}"] * len(x)
                entries += x
            elif kind is inspect.Parameter.VAR_KEYWORD:
                names += x
                entries += x.values()
            else:
                names.append(name)
                entries.append(x)
        return entries, tuple(names)

    def call(self, function: Callable[..., Any], names: Sequence[str], entries: Sequence[Any]) -> Any:
        """Call the function as it was bound."""
        by_place: list[Any] = []
        by_name: dict[str, Any] = {}
        for name, x in zip(names, entries, strict=True):
            parameter = self.signature.parameters.get(name)
            in_place = name.startswith("*") or (
                parameter is not None
                and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
                and not by_name
                and len(by_place) == self.names.index(name)
            )
            if in_place:
                by_place.append(x)
            else:
                by_name[name] = x
        return function(*by_place, **by_name)


def is_list(x: Any) -> bool:
    return isinstance(x, (list, tuple)) or bool(getattr(x, "shape", ()))


def holds_recorders(x: Any) -> bool:
    """Whether there is a Value or a symbol among the numbers."""
    if isinstance(x, (list, tuple)):
        return any(map(holds_recorders, x))
    return is_recorder(x)


def structure_of(x: Any) -> Structure:
    """The structure of nested lists, tuples or an array; of anything else None."""
    if isinstance(x, (list, tuple)):
        if all(type(entry) is float for entry in x):
            return (None,) * len(x)
        return tuple(map(structure_of, x))
    shape = getattr(x, "shape", ())
    structure: Structure = None
    for size in reversed(shape):
        structure = (structure,) * size
    return structure


def flat(x: Any) -> Iterator[Any]:
    """The numbers in nested lists, from left to right."""
    if is_list(x):
        for entry in x:
            yield from flat(entry)
    else:
        yield x


def row_of(names: Sequence[str], entries: Sequence[Any]) -> tuple[tuple[Structure, ...], list[float]]:
    """The structures of the arguments of one call, and their numbers in a line."""
    structures: list[Structure] = []
    numbers: list[float] = []
    for name, x in zip(names, entries, strict=True):
        if type(x) is float or type(x) is int:
            structures.append(None)
            numbers.append(_number(x, name))
        else:
            structures.append(structure_of(x))
            numbers += [_number(entry, name) for entry in flat(x)]
    return tuple(structures), numbers


def table_of(
    names: Sequence[str], tables: Sequence[Any]
) -> tuple[tuple[Structure, ...], np.ndarray[Any, Any], int]:
    """The structures of one row, the matrix of all rows, and their number.

    Raises `ShapeError` for no rows, rows of different shapes and tables of different lengths, and
    `NumberError` for what is not a number, naming the row.
    """
    import numpy as np

    if not tables:
        return (), np.empty((1, 0)), 1
    counts = {}
    for name, table in zip(names, tables, strict=True):
        if not is_list(table):
            raise ShapeError(
                f"{name} is {table!r:.60}; give a list of rows, one entry for each: a number where the "
                "function takes a number, a list where it takes a list"
            )
        counts[name] = len(table)
    n_rows = counts[names[0]]
    for name, count in counts.items():
        if count != n_rows:
            raise ShapeError(f"{names[0]} has {n_rows} rows and {name} has {count}; they must be as many")
    if n_rows == 0:
        raise ShapeError("there are no rows")
    parts = [_columns(name, table, n_rows) for name, table in zip(names, tables, strict=True)]
    structures = tuple(structure for structure, _ in parts)
    blocks = [block for _, block in parts]
    matrix = blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)
    return structures, np.ascontiguousarray(matrix), n_rows


def _columns(name: str, table: Any, n_rows: int) -> tuple[Structure, np.ndarray[Any, Any]]:
    """The structure of a row of one table, and its numbers, a line for each row."""
    import numpy as np

    array = table
    if not isinstance(table, np.ndarray):
        try:
            array = np.array(table)
        except ValueError:  # ragged, or rows that are not regular
            array = None
    if array is not None and array.dtype.kind in "fiub" and array.dtype.itemsize <= 8:
        structure: Structure = None
        for size in reversed(array.shape[1:]):
            structure = (structure,) * size
        return structure, array.reshape(n_rows, -1).astype(np.float64, copy=False)
    structure = structure_of(table[0])
    lines = []
    for i, row in enumerate(table):
        if structure_of(row) != structure:
            raise ShapeError(
                f"{name}[{i}] is {_described(structure_of(row))}, and {name}[0] is "
                f"{_described(structure)}; all rows have one shape"
            )
        lines.append([_number(x, f"{name}[{i}]") for x in flat(row)])
    return structure, np.array(lines, np.float64).reshape(n_rows, -1)


def _number(x: Any, place: str) -> float:
    """A plain number as a float; the error says where it stands."""
    if type(x) is float:
        return x
    try:
        if is_recorder(x):
            raise NumberError(f"{x!r:.60} is a Value or a symbol; rows are plain numbers")
        return float(checked(x))
    except NumberError as error:
        raise NumberError(f"{place}: {error}") from None
    except OverflowError:
        raise NumberRangeError(f"{place}: a number too large for a float") from None


def _described(structure: Structure) -> str:
    if structure is None:
        return "a number"
    if all(entry is None for entry in structure):
        return "1 number in a list" if len(structure) == 1 else f"{len(structure)} numbers"
    return f"a list of {len(structure)}: {', '.join(map(_described, structure[:3]))}" + (
        ", ..." if len(structure) > 3 else ""
    )


def fill(structure: Structure, entries: Iterator[Any]) -> Any:
    """Nested lists of this structure with the entries in it."""
    if structure is None:
        return next(entries)
    return [fill(part, entries) for part in structure]


def places(structure: Structure, name: str) -> Iterator[str]:
    """What each number is called: `x`, or `x[0]`, `x[1]`."""
    if structure is None:
        yield name
    else:
        for i, part in enumerate(structure):
            yield from places(part, f"{name}[{i}]")
