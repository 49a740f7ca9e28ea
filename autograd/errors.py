"""Every exception this project raises on purpose.

Each derives from `ChalkgradError` and from the built-in that a user would catch anyway:

    ChalkgradError
    |-- NumberError      (TypeError)        something that is not a real number was used as one
    |-- NumberRangeError (OverflowError)    a number no float can hold
    |-- ShapeError       (ValueError)       sizes that do not fit together
    |-- SettingError     (ValueError)       an option with a value it cannot have
    |-- GraphError       (ValueError)       a graph that is no graph: a cycle
    |-- NameClashError   (ValueError)       a primitive or parameter name taken twice
    |-- GradientError    (AssertionError)   `gradcheck` found a gradient that is wrong
    |-- AnomalyError     (ArithmeticError)  the first nan or inf, inside `detect_anomaly()`
    |-- DivergedError    (ArithmeticError)  training overflowed
    |-- TracingError     (TypeError)        a traced value was used as a number
    |-- PictureError     (RuntimeError)     Graphviz could not lay out a graph
    |-- TableIndexError  (IndexError)       `take` was asked for an entry that is not there
    |-- FileFormatError  (ValueError)       a file that is not what it claims to be
    |-- FileAccessError  (OSError)          a file that cannot be read or written
    |-- InstallClashError (ImportError)     another distribution took an import name of ours
    `-- MissingPackageError (ImportError)   an optional dependency is not installed
"""

__all__ = [
    "AnomalyError",
    "ChalkgradError",
    "DivergedError",
    "FileAccessError",
    "FileFormatError",
    "GradientError",
    "GraphError",
    "InstallClashError",
    "MissingPackageError",
    "NameClashError",
    "NumberError",
    "NumberRangeError",
    "PictureError",
    "SettingError",
    "ShapeError",
    "TableIndexError",
    "TracingError",
]


class ChalkgradError(Exception):
    """The root of all errors raised by `autograd` and `nn`."""


class NumberError(ChalkgradError, TypeError):
    """Something that is not a real number was used as one."""


class NumberRangeError(ChalkgradError, OverflowError):
    """An integer or fraction that no float can hold."""


class ShapeError(ChalkgradError, ValueError):
    """Sizes that do not fit together, such as 2 features for a model of 3 inputs."""


class SettingError(ChalkgradError, ValueError):
    """An option with a value it cannot have, such as a negative learning rate."""


class GraphError(ChalkgradError, ValueError):
    """A computation graph with a cycle, which has no topological order."""


class NameClashError(ChalkgradError, ValueError):
    """A name that already belongs to something else."""


class GradientError(ChalkgradError, AssertionError):
    """`gradcheck` found a gradient that differs from the numeric one."""


class AnomalyError(ChalkgradError, ArithmeticError):
    """The first nan or inf made inside `detect_anomaly()`."""


class DivergedError(ChalkgradError, ArithmeticError):
    """Training whose loss overflowed. `history` is what happened before, a `nn.History`."""

    history: object = None


class TracingError(ChalkgradError, TypeError):
    """A traced value was used where only a number will do, such as in an `if`."""


class PictureError(ChalkgradError, RuntimeError):
    """Graphviz failed at a graph, or would have taken too long."""


class TableIndexError(ChalkgradError, IndexError):
    """`take` was asked for an entry that is not there. `row` is the row of the table, where there is one."""

    def __init__(self, index: object, size: int, row: int | None = None) -> None:
        where = "" if row is None else f"row {row}: "
        if isinstance(index, float):  # as tables of floats have it
            index = int(index) if index.is_integer() else float(index)
        super().__init__(f"{where}the index is {index}; a table of {size} has the entries 0 to {size - 1}")
        self.index, self.size, self.row = index, size, row

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.index, self.size, self.row)


class FileFormatError(ChalkgradError, ValueError):
    """A file that is not what it claims to be."""


class FileAccessError(ChalkgradError, OSError):
    """A file that cannot be read or written."""


class InstallClashError(ChalkgradError, ImportError):
    """Another distribution is installed under an import name of ours."""


class MissingPackageError(ChalkgradError, ImportError):
    """An optional dependency that is not installed."""
