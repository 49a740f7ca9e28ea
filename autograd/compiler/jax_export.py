"""The way to JAX: the groups of a schedule become operations on arrays, which JAX differentiates itself.

Only the forward pass is handed over: JAX's reverse mode makes of it a program as fast as our own backward
pass would be, and forward mode, higher derivatives and `vmap` come with it. The derivative of each primitive
is that of the table, recorded and scheduled as everywhere and handed over in the same way, so it can be
differentiated in turn; for sums of products and what selects, JAX's own rules say the same. `gates` sees to
it that the chain rule gives what it gives here.

The numbers lie in `lines`. Compiling takes as long as there are groups, however many operations they have.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import MissingPackageError, ShapeError
from .arrays import elementwise
from .code import Code
from .gates import gated
from .lines import Array, Lines, Part, products
from .lowering import slopes_of
from .passes import flatten
from .program import Program
from .schedule import ROWS, Group, Schedule, schedule
from .structure import Structure, flat, is_list, structure_of

if TYPE_CHECKING:
    import numpy as np

    Ints = np.ndarray[Any, Any]

__all__ = ["exported"]

WIDE = ("logsumexp", "largest")
"""Primitives of any number of operands, which they get as one array."""
OWN = ("where", "take", "less", "less_equal", "equal", "largest", "bell")
"""Those that JAX differentiates: what selects, what has no derivative, and what is made of others."""


def exported(program: Program, names: Sequence[str], structures: Sequence[Structure]) -> Callable[..., Array]:
    """The function that takes parameters and a table for each argument, and gives a line for each row."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        raise MissingPackageError("to_jax needs JAX: pip install 'chalkgrad[jax]'") from None

    code, roots = gated(program._code.continued(), program._outputs)
    plan = schedule(code, roots, len(program.parameters), program.n_inputs)
    run = jax.jit(functools.partial(_run, plan))

    def function(theta: Array, tables: Sequence[Any], given: Sequence[str]) -> Array:
        theta = jnp.asarray(theta)
        if theta.shape != (plan.n_parameters,):
            raise ShapeError(f"theta has the shape {theta.shape}; there are {plan.n_parameters} parameters")
        if tuple(given) != tuple(names):
            raise ShapeError(f"got the arguments {', '.join(given)}; it was made for {', '.join(names)}")
        parts = [_columns(*about) for about in zip(names, structures, tables, strict=True)]
        counts = [part.shape[1] for part in parts] or [1]
        for name, count in zip(names, counts, strict=False):
            if count != counts[0]:
                raise ShapeError(
                    f"{names[0]} has {counts[0]} rows and {name} has {count}; they must be as many"
                )
        dtype = jnp.result_type(0.0, theta, *parts)
        rows = jnp.concatenate([jnp.zeros((0, counts[0]), dtype), *(part.astype(dtype) for part in parts)])
        return run(theta.astype(dtype), rows).T

    return function


def _columns(name: str, structure: Structure, table: Any) -> Array:
    """The numbers of a table, a line for each number of a row."""
    import jax.numpy as jnp
    import numpy as np

    if not is_list(table) or not len(table):
        raise ShapeError(f"{name} is {table!r:.60}; give a list or an array with an entry for each row")
    rows = [np.broadcast_to(0, table.shape[1:])] if hasattr(table, "shape") else table
    for i, row in enumerate(rows):
        if structure_of(row) != structure:
            raise ShapeError(f"{name}[{i}] has another shape than the rows that the function was made for")
    if not hasattr(table, "shape"):
        table = [list(flat(row)) for row in table]
    return jnp.asarray(table).reshape(len(table), len(list(flat(structure)))).T


# ---------------------------------------------------------------------------------------------- running


def _run(plan: Schedule, theta: Array, rows: Array) -> Array:
    """The results: a line for each, as long as the rows. A line may have several axes."""
    import jax.numpy as jnp
    import numpy as np

    each = rows.shape[1:]
    one = (1,) * len(each)
    lines = Lines(plan.n_shared + plan.n_rows, each)
    n, k = plan.n_parameters, len(plan.constants)
    lines.put(np.arange(n), theta.reshape(n, *one))
    lines.put(np.arange(n, n + k), jnp.asarray(np.array(plan.constants).reshape(k, *one), rows.dtype))
    lines.put(np.arange(plan.n_shared, plan.n_shared + len(rows)), rows)
    for group in plan.groups:
        outs = np.arange(len(group.operands)) + group.out
        if group.stage == ROWS:
            outs += plan.n_shared
        parts = products(plan, group) if group.op == "dot" else _others(plan, group)
        made = [(outs[some], function(lines, group.operands[some])) for some, function in parts]
        for slots, result in made:
            lines.put(slots, result)
    results = lines.get(np.array(plan.results, int))
    return jnp.broadcast_to(results, (len(plan.results), *each))


def _others(plan: Schedule, group: Group) -> Iterator[Part]:
    """Parts of a group of a primitive that one function computes."""
    import jax
    import numpy as np

    op, operands = group.op, group.operands
    every = np.arange(len(operands))
    alike = np.zeros(len(operands), bool)
    if op == "where":  # a gate
        alike = operands[:, 1] == operands[:, 2]
    if op == "power":  # a constant exponent, by which there is no derivative
        alike = plan.is_constant(operands[:, 1])
    function = _primitive(op)

    def apply(lines: Lines, slots: Ints) -> Array:
        if op == "take":
            return function(lines.get(slots[:, 0]), lines.get(slots[:, 1:].T))
        if op in WIDE:
            return function(lines.get(slots.T))
        return function(*(lines.get(column) for column in slots.T))

    def gate(lines: Lines, slots: Ints) -> Array:
        x = lines.get(slots[:, 1])
        return function(lines.get(slots[:, 0]), x, jax.lax.stop_gradient(x))

    for some, applied in (every[~alike], apply), (every[alike], gate if op == "where" else apply):
        if len(some):
            yield some, applied


# ----------------------------------------------------------------------------------------- primitives


@functools.cache
def _primitive(op: str) -> Callable[..., Array]:
    """A primitive on arrays, with the derivative of the table."""
    import jax
    import jax.numpy as jnp

    value = _functions()[op]
    if op in OWN:
        return value
    function = jax.custom_jvp(value)

    def derivative(operands: Sequence[Array], tangents: Sequence[Array]) -> tuple[Array, Array]:
        out = function(*operands)
        columns = operands[0] if op in WIDE else jnp.stack([jnp.broadcast_to(x, out.shape) for x in operands])
        moved = [i for i, t in enumerate(tangents) if type(t) is not jax.custom_derivatives.SymbolicZero]
        if not moved:
            return out, jnp.zeros_like(out)
        by = tuple(range(len(columns)) if op in WIDE else moved)
        operands_and_out = jnp.concatenate([columns, out[None]])
        slopes = _run(_slopes(op, len(columns), by), jnp.zeros(0, out.dtype), operands_and_out)
        moves = tangents[0] if op in WIDE else [tangents[i] for i in moved]
        return out, functools.reduce(jnp.add, map(jnp.multiply, slopes, moves))

    function.defjvp(derivative, symbolic_zeros=True)
    return function


@functools.cache
def _slopes(op: str, n: int, by: tuple[int, ...]) -> Schedule:
    """The program of the local derivatives by some of n operands, made of them and the result."""
    code = Code()
    *operands, out = (code.add("input", (i,)) for i in range(n + 1))
    slopes = slopes_of(code, op, tuple(operands), out)
    found = [code.constant(0.0) if (slope := slopes[i]) is None else slope for i in by]
    flatten(code, found)
    return schedule(*gated(code, found, results=False), 0, n + 1)


@functools.cache
def _functions() -> dict[str, Callable[..., Array]]:
    import jax
    import jax.numpy as jnp

    def sigmoid(x: Array) -> Array:
        e = jnp.exp(-jnp.abs(x))
        return jnp.where(x >= 0, 1, e) / (1 + e)

    def softplus(x: Array) -> Array:
        return jnp.maximum(x, 0) + jnp.log1p(jnp.exp(-jnp.abs(x)))

    def bell(x: Array) -> Array:
        own = _primitive("sigmoid")
        return own(x) * own(-x)

    def logsumexp(x: Array) -> Array:
        top = x.max(axis=0)
        first = jnp.arange(len(x)).reshape(-1, *(1,) * (x.ndim - 1)) == x.argmax(axis=0)
        rest = jnp.where(first, 0, jnp.exp(x - top)).sum(axis=0)
        return jnp.where(jnp.isfinite(top), top + jnp.log1p(rest), top)

    def largest(x: Array) -> Array:
        return jax.lax.stop_gradient(x).max(axis=0)

    def take(index: Array, entries: Array) -> Array:
        size, n, *each = entries.shape
        known = (index >= 0) & (index < size) & (index == jnp.floor(index))
        place = jnp.where(known, index, size).astype(int)
        if entries.size == size * n:  # the same for all rows
            own = jnp.arange(n).reshape(n, *(1 for _ in each))
            return entries.reshape(size, n).at[place, own].get(mode="fill", fill_value=jnp.nan)
        place = jnp.broadcast_to(place, (n, *each))
        return jnp.take_along_axis(entries, place[None], axis=0, mode="fill", fill_value=jnp.nan)[0]

    own = {f.__name__: f for f in (sigmoid, softplus, bell, logsumexp, largest, take)}
    return {**elementwise(jnp), **own, "erf": jax.scipy.special.erf}
