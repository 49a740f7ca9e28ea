"""Numbers as JAX has them best: arrays of lines, and sums of products as products of matrices.

Of an array the first axis are operations, the others rows: so gathering operands moves whole lines, and what
is the same for all rows has lines of one number.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .schedule import Group, Schedule

if TYPE_CHECKING:
    import numpy as np

    Ints = np.ndarray[Any, Any]

__all__ = ["Array", "Lines", "Part", "products"]

Array = Any
"""An array of JAX."""
Part = tuple["Ints", Callable[["Lines", "Ints"], Array]]
"""Some operations of a group, and what computes them from the slots of their operands."""

FEW = 8
"""Up to so many stretches of lines are put together of slices."""
SPARSE = 32
"""A slice may be up to so many times as long as what is needed of it."""


class Lines:
    """The numbers so far: arrays of lines, and which line of which array is in each slot."""

    def __init__(self, n_slots: int, each: tuple[int, ...]) -> None:
        import numpy as np

        self.each = each
        self.arrays: list[Array] = []
        self.array, self.line = np.zeros((2, n_slots), int)

    def put(self, slots: Ints, lines: Array) -> None:
        """Note what is in these slots from now on, a line for each."""
        import numpy as np

        self.array[slots], self.line[slots] = len(self.arrays), np.arange(len(slots))
        self.arrays.append(lines)

    def get(self, slots: Ints) -> Array:
        """The lines in these slots, along the axes of `slots`."""
        import jax.numpy as jnp
        import numpy as np

        arrays, places = self.array[slots], self.line[slots]
        sources = np.unique(arrays).tolist()
        if len(sources) == 1:
            return _taken(self.arrays[sources[0]], places)
        parts, size = [], 0
        for source in sources:
            here = arrays == source
            needed, among = np.unique(places[here], return_inverse=True)
            parts.append(_taken(self.arrays[source], needed))
            places[here] = size + among
            size += len(needed)
        each = self.each if any(part.shape[1:] == self.each for part in parts) else parts[0].shape[1:]
        whole = jnp.concatenate([jnp.broadcast_to(part, (len(part), *each)) for part in parts])
        return _taken(whole, places)


def _taken(x: Array, places: Ints) -> Array:
    """Lines of an array, along the axes of `places`; where they lie so, by a slice instead of one by one."""
    import jax.numpy as jnp
    import numpy as np

    shape, each, first = places.shape, x.shape[1:], int(places.flat[0])
    ends = np.flatnonzero(np.diff(places) != 1) + 1 if places.ndim == 1 else ()
    if 0 < len(ends) < FEW:
        spans = zip([0, *ends], [*ends, len(places)], strict=True)
        return jnp.concatenate([x[places[i] : places[j - 1] + 1] for i, j in spans])
    steps = [int(places.take(min(1, n - 1), axis).flat[0]) - first for axis, n in enumerate(shape)]
    along = [np.arange(n) * step for n, step in zip(shape, steps, strict=True)]
    order = sorted((axis for axis, step in enumerate(steps) if step), key=lambda axis: -steps[axis])
    strides, sizes = [steps[axis] for axis in order], [shape[axis] for axis in order]
    total = strides[0] * sizes[0] if order else 1
    nested = [(a // b, a % b) for a, b in zip([total, *strides], [*strides, 1], strict=True)]
    lie_so = all(n >= size and not rest for (n, rest), size in zip(nested, sizes, strict=False))
    lie_so = lie_so and total <= SPARSE * np.prod(sizes) and min(strides, default=1) > 0
    if not lie_so or not np.array_equal(places, first + functools.reduce(np.add.outer, along)):
        once = len(np.unique(places)) == places.size
        return x.at[places].get(mode="promise_in_bounds", unique_indices=once)
    block = x[first : first + total]
    if len(block) < total:
        block = jnp.concatenate([block, jnp.zeros((total - len(block), *each), x.dtype)])
    block = block.reshape(*(n for n, _ in nested), *each)[tuple(map(slice, (*sizes, 1)))]
    block = block.reshape(*sizes, *each)
    block = block.transpose(*np.argsort(order), *range(len(order), block.ndim))
    block = block.reshape(*(n if step else 1 for n, step in zip(shape, steps, strict=True)), *each)
    return jnp.broadcast_to(block, (*shape, *each))


def products(plan: Schedule, group: Group) -> Iterator[Part]:
    """Parts of a group of sums of products, as products of matrices.

    Sums with the same weights, and sums of the same numbers, lie in one matrix: where each of some lists of
    weights meets each of some lists of numbers, both are gathered once. As many of these as are of one size
    are computed at once.
    """
    import numpy as np

    n = len(group.operands)
    pairs = np.sort(group.operands.reshape(n, -1, 2), axis=2)
    kinds = np.repeat(range(3), group.pairs)
    kinds[plan.is_constant(pairs).any(axis=(0, 2))] += 3
    main = kinds == (0 if 0 in kinds else 2)
    a, b = (np.unique(pairs[:, main, i], axis=0, return_inverse=True)[1].reshape(n) for i in (0, 1))
    blocks: dict[tuple[int, ...], list[Ints]] = {}
    order = np.lexsort((a, b))
    for same in np.split(order, np.flatnonzero(np.diff(b[order])) + 1):
        blocks.setdefault(tuple(a[same].tolist()), []).append(same)
    sizes: dict[tuple[int, int], list[Ints]] = {}
    for weights, block in blocks.items():
        if len(set(weights)) < len(weights):  # they differ in what else there is
            sizes.setdefault((1, 1), []).extend(np.concatenate(block).reshape(-1, 1, 1))
        else:
            sizes.setdefault((len(weights), len(block)), []).append(np.stack(block, axis=1))
    for found in sizes.values():
        some = np.stack(found)
        yield some.ravel(), functools.partial(_product, pairs[some], kinds, main)


def _product(pairs: Ints, kinds: Ints, main: Ints, lines: Lines, _: Ints) -> Array:
    """The sums of products of these pairs, in blocks that have their weights and their numbers in common."""
    import jax.numpy as jnp
    import numpy as np

    terms: list[Array] = []
    for kind in np.unique(kinds[~main]):
        x, y = (lines.get(np.moveaxis(pairs[:, :, :, kinds == kind, i], 3, 0)) for i in (0, 1))
        terms.append(_added(x * y))
    if main.any():
        both = np.moveaxis(pairs[:, :, :, main], 3, 0)
        x, y = lines.get(both[:, :, :, 0, 0]), lines.get(both[:, :, 0, :, 1])
        if len(x) > 1 < x.shape[2] and x.size == x.shape[0] * x.shape[1] * x.shape[2]:
            weights = x.reshape(x.shape[:3])
            terms.append(jnp.einsum("pkm,pkn...->kmn...", weights, y, precision="highest"))
        else:
            terms.append(_added(x[:, :, :, None] * y[:, :, None]))
    total = functools.reduce(jnp.add, terms)
    return total.reshape(-1, *total.shape[3:])


def _added(x: Array) -> Array:
    """The sum along the first axis; -0.0 stays what it is if it is all there is."""
    return x[0] if len(x) == 1 else x.sum(axis=0)
