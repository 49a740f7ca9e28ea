"""Tables of numbers: read from CSV, looked at, scaled, and handed to training as examples."""

import difflib
import math
import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, overload

from autograd.errors import NumberError, NumberRangeError, SettingError, ShapeError
from autograd.files import StrPath, shown
from autograd.numbers import as_number
from nn.csv_reader import MAX_BYTES, MAX_CELLS, Number, flaw_of_names, read_csv

if TYPE_CHECKING:
    import rich.table

__all__ = ["Example", "Number", "Scale", "Table"]

Example: TypeAlias = tuple[list[Number], Number | list[Number]]
"""Features, and the target: a number, or a list if the table has several target columns."""

_SHOWN_ROWS, _SHOWN_COLUMNS, _SHOWN_NAME = 10, 8, 24


class Scale(NamedTuple):
    """What was taken out of a column: its numbers were mean + sd * z, and are z."""

    mean: float = 0
    sd: float = 1


@dataclass(frozen=True, init=False, repr=False, slots=True)
class Table:
    """An immutable table of numbers with named columns; one or more are the target, by default the last.

    Raises SettingError for a name that is blank, given twice or unknown, ShapeError for a row of another
    length, NumberError for a cell that is not a real number and NumberRangeError for one beyond all floats.

    >>> table = Table(["IQ", "Level", "Salary"], [(3, 3, 50), (8, 55, 1000), (3, 8, 60), (4, 8, 65)])
    >>> table
    IQ  Level  Salary
     3      3      50
     8     55    1000
     3      8      60
     4      8      65
    >>> len(table), table["IQ"], table[1], table[2:]["Salary"]
    (4, (3.0, 8.0, 3.0, 4.0), (8.0, 55.0, 1000.0), (60.0, 65.0))
    >>> for batch in table.batches(2):
    ...     print(batch)
    [([3.0, 3.0], 50.0), ([8.0, 55.0], 1000.0)]
    [([3.0, 8.0], 60.0), ([4.0, 8.0], 65.0)]
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Number, ...], ...]
    target: tuple[str, ...]
    skipped_blank_lines: int = field(compare=False)
    _scales: tuple[Scale, ...]

    def __init__(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[Number]],
        *,
        target: str | Sequence[str] | None = None,
        scaling: Mapping[str, Scale] | None = None,
        skipped_blank_lines: int = 0,
    ) -> None:
        if flaw := flaw_of_names(columns):
            raise SettingError(flaw)
        put = object.__setattr__  # the class is frozen
        put(self, "columns", tuple(columns))
        put(self, "rows", _checked(rows, columns))
        put(self, "target", (target,) if isinstance(target, str) else tuple(target or columns[-1:]))
        put(self, "skipped_blank_lines", skipped_blank_lines)
        put(self, "_scales", tuple((scaling or {}).get(name, Scale()) for name in columns))
        self._positions([*self.target, *(scaling or {})])

    @classmethod
    def from_csv(
        cls,
        path: StrPath,
        *,
        delimiter: str | None = None,
        columns: Sequence[str] | None = None,
        target: str | Sequence[str] | None = None,
        number: Callable[[str], Number] = float,
        allow_nonfinite: bool = False,
        max_bytes: int = MAX_BYTES,
        max_cells: int = MAX_CELLS,
    ) -> "Table":
        r"""Read a CSV file in UTF-8; its first line names the columns, unless `columns` does.

        `delimiter` is found in the first line (comma, semicolon or tab) if it is not given. `number=Fraction`
        keeps decimals exact. nan, inf and numbers beyond a float are refused unless `allow_nonfinite` is set.
        Blank lines are skipped and counted. Raises FileFormatError, naming the line and the column, for all
        that is not a table of plain numbers or exceeds `max_bytes` (24 MiB) or `max_cells` (a million);
        FileAccessError for a file that cannot be read.

        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "salaries.csv")
        ...     _ = path.write_text("IQ;Salary\n3;50.5\n\n8;1000\n")
        ...     table = Table.from_csv(path, number=Fraction)
        >>> table["Salary"], table.skipped_blank_lines
        ((Fraction(101, 2), Fraction(1000, 1)), 1)
        """
        names, rows, blank = read_csv(
            path,
            delimiter=delimiter,
            columns=columns,
            number=number,
            allow_nonfinite=allow_nonfinite,
            max_bytes=max_bytes,
            max_cells=max_cells,
        )
        return cls(names, rows, target=target, skipped_blank_lines=blank)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Number, ...]]:
        return iter(self.rows)

    @overload
    def __getitem__(self, key: str | int) -> tuple[Number, ...]: ...
    @overload
    def __getitem__(self, key: slice) -> "Table": ...
    def __getitem__(self, key: str | int | slice) -> "tuple[Number, ...] | Table":
        if isinstance(key, slice):
            return self._with(self.rows[key])
        if isinstance(key, int):
            return self.rows[key]
        position = self._positions([key])[0]
        return tuple(row[position] for row in self.rows)

    def head(self, count: int = 5) -> "Table":
        """Keep the first rows."""
        return self[:count]

    def shuffled(self, seed: int) -> "Table":
        """Bring the rows into a random order, which is the same for the same seed."""
        return self._with(random.Random(seed).sample(self.rows, len(self)))

    def examples(self, *, target: str | Sequence[str] | None = None) -> list[Example]:
        """List the rows as pairs: features, and the target (a list if there are several).

        >>> Table(["x1", "x2", "y"], [(1, 2, 3)]).examples(target=["x1", "y"])
        [([2.0], [1.0, 3.0])]
        """
        targets = self._positions([target] if isinstance(target, str) else target or self.target)
        features = [i for i in range(len(self.columns)) if i not in targets]
        if len(targets) == 1:
            return [([row[i] for i in features], row[targets[0]]) for row in self.rows]
        return [([row[i] for i in features], [row[i] for i in targets]) for row in self.rows]

    def batches(self, size: int, *, target: str | Sequence[str] | None = None) -> Iterator[list[Example]]:
        """Go through the examples `size` at a time; the last batch may be smaller."""
        if size < 1:
            raise SettingError(f"a batch of {size} rows is none; it has at least 1")
        examples = self.examples(target=target)
        return (examples[i : i + size] for i in range(0, len(examples), size))

    @property
    def scaling(self) -> dict[str, Scale]:
        """What was taken out of each column: mean 0 and sd 1 where nothing was."""
        return dict(zip(self.columns, self._scales, strict=True))

    def standardised(self, *columns: str, like: "Table | None" = None) -> "Table":
        """Scale columns, by default all, to mean 0 and standard deviation 1, as floats.

        The deviation is that of a population: it divides by the number of rows. A column whose numbers are
        all equal becomes 0. With `like`, a table scaled before, the same mean and sd are taken out: those of
        the training rows out of the test rows. Raises ShapeError for no rows, SettingError for nan or inf.

        >>> table = Table(["IQ", "Salary"], [(3, 50), (5, 100)]).standardised()
        >>> table.rows, table.scaling["Salary"]
        (((-1.0, -1.0), (1.0, 1.0)), Scale(mean=75.0, sd=25.0))
        >>> table.scale("IQ", 6), table.unscale("Salary", 1.0)  # on the way into the model, and out of it
        (2.0, 100.0)
        """
        cells = list(zip(*self.rows, strict=True))
        scaling = self.scaling
        for i in self._positions(columns or self.columns):
            name = self.columns[i]
            mean, sd = like._scales[like._positions([name])[0]] if like else self._measured(name)
            cells[i] = tuple((float(cell) - mean) / sd for cell in cells[i])
            before = scaling[name]
            scaling[name] = Scale(before.mean + before.sd * mean, before.sd * sd)
        return self._with(list(zip(*cells, strict=True)), scaling)

    def scale(self, column: str, value: Any) -> Any:
        """Take out of a number, a Value or an Expr what was taken out of the column."""
        mean, sd = self._scales[self._positions([column])[0]]
        return (value - mean) / sd

    def unscale(self, column: str, value: Any) -> Any:
        """Put back into a number, a Value or an Expr what was taken out of the column."""
        mean, sd = self._scales[self._positions([column])[0]]
        return value * sd + mean

    def __repr__(self) -> str:
        names, rows, more = self._shown()
        widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
        lines = ["  ".join(map(str.rjust, line, widths)) for line in [names, *rows]]
        return "\n".join([*lines, *more])

    def __rich__(self) -> "rich.table.Table":
        from rich.table import Table as Grid
        from rich.text import Text

        names, rows, more = self._shown()
        grid = Grid(caption=Text(" ".join(more)) if more else None)
        for name in names:
            grid.add_column(Text(name), justify="right")  # Text, as a name may look like Rich's markup
        for row in rows:
            grid.add_row(*row)
        return grid

    def _shown(self) -> tuple[list[str], list[list[str]], list[str]]:
        """Write out the names, the rows and a remark on what was left out, as far as a screen has room."""
        names = [repr(name[:_SHOWN_NAME])[1:-1] + "..." * (len(name) > _SHOWN_NAME) for name in self.columns]
        rows = [[_rounded(cell) for cell in row[:_SHOWN_COLUMNS]] for row in self.rows[:_SHOWN_ROWS]]
        left_out = [
            f"{count} more {what}"
            for count, what in (
                (len(self.rows) - _SHOWN_ROWS, "rows"),
                (len(names) - _SHOWN_COLUMNS, "columns"),
            )
            if count > 0
        ]
        more = [f"... {' and '.join(left_out)}"] if left_out else []
        return names[:_SHOWN_COLUMNS], rows, more if rows else ["(no rows)"]

    def _with(self, rows: Sequence[Sequence[Number]], scaling: Mapping[str, Scale] | None = None) -> "Table":
        """Make a table of the same columns."""
        return Table(self.columns, rows, target=self.target, scaling=scaling or self.scaling)

    def _positions(self, names: Sequence[str]) -> list[int]:
        """Find columns by name."""
        for name in names:
            if name not in self.columns:
                columns = {column.casefold(): column for column in self.columns}
                nearest = difflib.get_close_matches(name[:100].casefold(), columns, 1, cutoff=0)
                hint = f"did you mean {shown(columns[nearest[0]])}?"
                raise SettingError(f"there is no column {shown(name)}; {hint}")
        return [self.columns.index(name) for name in names]

    def _measured(self, name: str) -> Scale:
        """Measure the mean and standard deviation of a column, so exactly that equal numbers deviate by 0."""
        cells = list(map(float, self[name]))
        for i, cell in enumerate(cells):
            if not math.isfinite(cell):
                raise SettingError(f"rows[{i}], column {shown(name)} is {cell}; leave that row out")
        if not cells:
            raise ShapeError("a table without rows has no mean; standardise one that has rows")
        return Scale(statistics.mean(cells), statistics.pstdev(cells) or 1.0)


def _checked(rows: Sequence[Sequence[Number]], columns: Sequence[str]) -> tuple[tuple[Number, ...], ...]:
    """Freeze rows, every cell of which is a number as a Value would hold it."""
    frozen = tuple(map(tuple, rows))
    for i, row in enumerate(frozen):
        if len(row) != len(columns):
            raise ShapeError(f"rows[{i}] has {len(row)} cells, but there are {len(columns)} columns")
    if {type(cell) for row in frozen for cell in row} <= {float, Fraction}:
        return frozen
    return tuple(
        tuple(_number(cell, i, name) for name, cell in zip(columns, row, strict=True))
        for i, row in enumerate(frozen)
    )


def _number(cell: object, i: int, name: str) -> Number:
    """Convert one cell."""
    try:
        number = as_number(cell)
        if isinstance(number, (float, Fraction)):
            return number
        raise NumberError(f"{number!r} is not a float or a Fraction")
    except (NumberError, NumberRangeError) as error:
        raise type(error)(f"rows[{i}], column {shown(name)}: {error}") from None


def _rounded(cell: Number) -> str:
    """Write a number in few characters."""
    exact = str(cell) if isinstance(cell, Fraction) else ""
    return exact if 0 < len(exact) <= 9 else f"{float(cell):.6g}"
