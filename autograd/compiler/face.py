"""`jit`: a function of scalars, compiled when it is first called with arguments of a new structure."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from ..adjoints import collector_paused
from ..errors import NumberError, SettingError, ShapeError
from ..value import Value
from .descent import Descent
from .program import Program
from .recording import is_traced_here
from .structure import Arguments, fill, holds_recorders, row_of, table_of

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, Any]

__all__ = ["Jitted", "jit"]

MAX_PROGRAMS = 16
"""How many programs a function keeps, one for each structure of its arguments; the oldest go first."""


class Jitted:
    """What `jit` makes of a function. See there."""

    def __init__(self, function: Callable[..., Any], dtype: str, threads: int | None) -> None:
        self.function, self.dtype, self.threads = function, dtype, threads
        functools.update_wrapper(self, function, updated=())
        self._arguments = Arguments(function)
        self._programs: OrderedDict[Any, Program] = OrderedDict()
        self._lock = threading.RLock()
        self._last: Program | None = None

    def __repr__(self) -> str:
        return f"<jit of {getattr(self.function, '__name__', self.function)!s}>"

    # ------------------------------------------------------------------------------------------ running

    def __call__(self, *arguments: Any, **by_name: Any) -> Any:
        """The outputs for one row.

        With Values or symbols among the arguments, and within a function that is traced, it is the function
        itself: so it can be a part of others.
        """
        entries, names = self._arguments.bind(arguments, by_name)
        if is_traced_here() or any(map(holds_recorders, entries)):
            return self.function(*arguments, **by_name)
        import numpy as np

        structures, numbers = row_of(names, entries)
        program = self._program(names, structures)
        theta = _present(program.parameters)
        outputs = program.values(theta, np.array([numbers], np.float64))
        return fill(program.output_structure, iter(outputs[0].tolist()))

    def rows(self, *tables: Any, **by_name: Any) -> Floats:
        """The outputs for every row of the tables, one for each argument.

        The first axis of the result is that of the rows, the others are those of what the function returns;
        its numbers are of the `dtype` that was asked for. They are those that the function gives, but for
        tanh, softplus and powers, which are computed faster here and may differ in the last digits.
        """
        program, matrix = self._prepared(tables, by_name)
        outputs = program.values(_present(program.parameters), matrix)
        return outputs.reshape(len(matrix), *_shape(program.output_structure)).astype(self.dtype, copy=False)

    def backward(self, *tables: Any, reduce: Literal["mean", "sum"] = "mean", **by_name: Any) -> float:
        """The loss over all rows, their "mean" or "sum". Adds its derivatives to the parameters' `grad`."""
        program, matrix = self._prepared(tables, by_name)
        loss, gradients = program.value_and_grad(_present(program.parameters), matrix, _is_mean(reduce))
        for p, gradient in zip(program.parameters, gradients.tolist(), strict=True):
            p.grad = p.grad + gradient
        return loss

    def value_and_grad(
        self,
        *tables: Any,
        parameters: Floats | None = None,
        reduce: Literal["mean", "sum"] = "mean",
        **by_name: Any,
    ) -> tuple[float, Floats]:
        """The loss over all rows and its derivative by each of `self.parameters`, in that order, as an array.

        `parameters` are the numbers to compute with; by default those that the Values have now.
        """
        import numpy as np

        program, matrix = self._prepared(tables, by_name)
        n = len(program.parameters)
        if parameters is None:
            theta = _present(program.parameters)
        else:
            try:
                theta = np.ascontiguousarray(parameters, np.float64)
            except (TypeError, ValueError):
                raise NumberError(
                    f"parameters is {parameters!r:.60}; give an array of {n} numbers, in their order"
                ) from None
            if theta.shape != (n,):
                raise ShapeError(f"parameters has the shape {theta.shape}; there are {n} parameters")
        return program.value_and_grad(theta, matrix, _is_mean(reduce))

    def descent(
        self,
        *tables: Any,
        move: Callable[[Any, Any], tuple[Any, Any]],
        reduce: Literal["mean", "sum"] = "mean",
        parameters: Sequence[Value] | None = None,
        states: Sequence[Any] | None = None,
        **by_name: Any,
    ) -> Descent:
        """Gradient descent on the loss over these rows, in compiled code.

        `move` is that of an optimiser: it takes a gradient and a state, None at first, and gives how far to
        go and the next state. It is traced too, so it may not branch on either. `parameters` are the Values
        to move, by default all that the loss depends on; of others the gradient is 0.
        `states` go on from those of an earlier descent, one for each of them.

        >>> from autograd import Value, jit
        >>> w = Value(0.0)
        >>> loss = jit(lambda x, y: (y - w * x) ** 2)
        >>> def move(gradient, state):
        ...     return -0.1 * gradient, None
        >>> descent = loss.descent([1.0, 2.0], [3.0, 6.0], move=move)
        >>> descent.steps(rows=[0, 1] * 20, sizes=[2] * 20)
        20
        >>> descent.write_back()
        >>> round(w.data, 4)
        3.0
        """
        entries, names = self._arguments.bind(tables, by_name)
        structures, matrix, _ = table_of(names, entries)
        program = self._program(names, structures, None if parameters is None else tuple(parameters))
        return Descent(program, matrix, move, _is_mean(reduce), states)

    # ------------------------------------------------------------------------------------- handing over

    def to_jax(self, *tables: Any, **by_name: Any) -> Callable[..., Any]:
        """The same computation as a function of JAX, for tables of the structure of these.

        It takes the parameters' numbers as one array, in the order of `self.parameters`, and the tables; it
        gives what `rows` gives. It can be differentiated, by parameters and by tables, compiled, mapped and
        sharded by rows; its gradients are those of this engine, at kinks too. It computes with what it is
        given: float32, unless `jax_enable_x64` is set. Where an index of `take` is outside of the table there
        is a nan, as JAX cannot raise.

        Raises `MissingPackageError` without JAX, and `ShapeError` for tables of another structure.

        >>> import jax, jax.numpy as jnp  # doctest: +SKIP
        >>> w, b = Value(2.0), Value(1.0)  # doctest: +SKIP
        >>> loss = jit(lambda x, y: (y - (w * x + b)) ** 2)  # doctest: +SKIP
        >>> X, Y = jnp.array([3.0, 0.0]), jnp.array([5.0, 1.0])  # doctest: +SKIP
        >>> f = loss.to_jax(X, Y)  # doctest: +SKIP
        >>> theta = jnp.array([p.data for p in loss.parameters])  # doctest: +SKIP
        >>> jax.grad(lambda theta: f(theta, X, Y).mean())(theta).tolist()  # doctest: +SKIP
        [6.0, 2.0]
        """
        from .jax_export import exported

        entries, names = self._arguments.bind(tables, by_name)
        structures, _, _ = table_of(names, entries)
        program = self._program(names, structures)
        shape = _shape(program.output_structure)
        function = exported(program, names, structures)

        def rows(theta: Any, /, *tables: Any, **by_name: Any) -> Any:
            outputs = function(theta, *self._arguments.bind(tables, by_name))
            return outputs.reshape(len(outputs), *shape)

        return rows

    # ------------------------------------------------------------------------------------------ looking

    @property
    def program(self) -> Program:
        """What it compiled to when it was last used with a new structure of arguments."""
        if self._last is None:
            raise SettingError(f"{self!r} has no program yet: it compiles when it is first called")
        return self._last

    @property
    def parameters(self) -> list[Value]:
        """The Values it closes over, in the order in which it first uses them.

        They are found when it is traced, so call it first, unless it needs no arguments.
        """
        if self._last is None and self._arguments.none_needed:
            self._program((), ())
        return list(self.program.parameters)

    # ---------------------------------------------------------------------------------------- compiling

    def _prepared(self, tables: tuple[Any, ...], by_name: dict[str, Any]) -> tuple[Program, Floats]:
        entries, names = self._arguments.bind(tables, by_name)
        structures, matrix, _ = table_of(names, entries)
        return self._program(names, structures), matrix

    def _program(
        self, names: tuple[str, ...], structures: tuple[Any, ...], trained: tuple[Value, ...] | None = None
    ) -> Program:
        """The program for arguments of these structures, compiled now if there is none."""
        key = names, structures, trained
        with self._lock:
            program = self._programs.get(key)
            if program is None:

                def call(entries: list[Any]) -> Any:
                    return self._arguments.call(self.function, names, entries)

                with collector_paused():  # what compiling makes has no cycles
                    program = Program(call, names, structures, self.dtype, self.threads, trained)
                self._programs[key] = program
                if len(self._programs) > MAX_PROGRAMS:
                    self._programs.popitem(last=False)
            else:
                self._programs.move_to_end(key)
            self._last = program
            return program


@overload
def jit(function: Callable[..., Any], /) -> Jitted: ...
@overload
def jit(
    function: Callable[..., Any] | None = None,
    /,
    *,
    dtype: Literal["float64", "float32"] = "float64",
    threads: int | None = None,
) -> Any: ...


def jit(function: Any = None, /, *, dtype: str = "float64", threads: int | None = None) -> Any:
    """Compile a function of scalars, to run it over the rows of a table at machine speed.

    The function is traced once for each structure of its arguments: numbers, or nested lists of them. The
    Values it closes over are its parameters; their numbers are read at each call. It is a decorator, with or
    without options: `dtype`, "float64" or "float32", is what it computes with (derivatives are handed out as
    float64 all the same), `threads` how many threads share the rows.

    >>> from autograd import Value, jit
    >>> w, b = Value(2.0, "w"), Value(1.0, "b")
    >>> @jit
    ... def loss(x, y):
    ...     return (y - (w * x + b)) ** 2
    >>> loss(3.0, 5.0)
    4.0
    >>> loss.rows([3.0, 0.0], [5.0, 1.0])
    array([4., 0.])
    >>> loss.backward([3.0, 0.0], [5.0, 1.0], reduce="mean")
    2.0
    >>> w.grad, b.grad
    (6.0, 2.0)
    """
    if dtype not in ("float64", "float32"):
        raise SettingError(f"dtype is {dtype!r}; it is 'float64' or 'float32'")
    if threads is not None and (type(threads) is not int or threads < 1):
        raise SettingError(f"threads is {threads!r}; it is a whole number from 1 up, or None")
    if function is None:
        return lambda f: Jitted(f, dtype, threads)
    return Jitted(function, dtype, threads)


def _present(parameters: list[Value]) -> Floats:
    """The numbers that the parameters have now."""
    import numpy as np

    return np.array([p.data for p in parameters], np.float64)


def _is_mean(reduce: str) -> bool:
    if reduce not in ("mean", "sum"):
        raise SettingError(f"reduce is {reduce!r}; it is 'mean' or 'sum'")
    return reduce == "mean"


def _shape(structure: Any) -> tuple[int, ...]:
    """The axes of nested lists. Raises `ShapeError` where they are not regular."""
    if structure is None:
        return ()
    shapes = {_shape(part) for part in structure}
    if len(shapes) > 1:
        raise ShapeError("the function returns lists of different lengths, which no array can hold")
    return (len(structure), *(shapes.pop() if shapes else ()))
