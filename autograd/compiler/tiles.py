"""Tiles: what a block of rows runs, as arrays of integers which the kernels read.

Sums are computed four at a time, so that a number that is loaded once serves for several products and no
addition waits for the one before it. What four sums have in common is read once for all of them:

    w_jk x_k summed over k           four j: x_k is the same, w_jk moves on by so many slots with j
    g_j x_k summed over the rows     four j and four k: eight numbers make sixteen products

What they do not have in common is listed for each of the four. Where there are fewer than four, some are
computed several times.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from .layout import CODES, FIELDS
from .schedule import ROWS, Schedule

if TYPE_CHECKING:
    import numpy as np

    Ints = np.ndarray[Any, Any]

__all__ = ["Tiles"]

FEW = 4
"""Operations below which nothing is looked for in common."""

DOT, OVER_ROWS, SCATTER, DIV, MUL = (CODES[op] for op in ("dot", "over_rows", "scatter", "div", "mul"))

LESS_EQUAL = CODES["less_equal"]
NONE, EACH, FIRST, SECOND, EVEN = slice(0), slice(None), slice(1), slice(1, 2), slice(None, None, 2)
DECIDING = {
    **dict.fromkeys([DOT, OVER_ROWS], NONE),
    **{CODES[op]: NONE for op in ("exp", "expm1", "sin", "cos", "atan", "sinh", "cosh", "tanh", "asinh")},
    **{CODES[op]: NONE for op in ("erf", "sigmoid", "softplus", "logsumexp", "bell")},
    **{CODES["where"]: FIRST, CODES["take"]: FIRST, CODES["div"]: SECOND, SCATTER: EVEN},
}
"""Operands of a primitive on which more depends than how large its result is; of all others each one."""


class Tiles:
    """The groups of the stage that is run for each row.

    table   a line of `FIELDS` integers for each
    data    their tiles, or the slots of their operands
    """

    def __init__(self, plan: Schedule, first_sum: int, n_sums: int) -> None:
        import numpy as np

        self._n_shared, self._first_sum, self._no_sum = plan.n_shared, first_sum, n_sums
        self._data: list[Ints] = []
        self._size = 0
        groups = _groups(plan)
        exact = _decisive(plan, groups)
        own = np.where(plan.slots < plan.n_shared, plan.slots, plan.slots - plan.n_shared)
        lines = [line for g, group in enumerate(groups) for line in self._lines(group, own, int(g in exact))]
        self.table = np.array(lines, np.int32).reshape(-1, FIELDS)
        self.data = np.concatenate([np.zeros(0, np.int32), *self._data]).astype(np.int32)
        del self._data

    def _lines(self, group: _Group, own: Ints, exact: int) -> Iterator[list[int]]:
        """The lines of the table for a group; `own` are all slots, those of rows counted by themselves."""
        import numpy as np

        kind, out, n, size, first, operands, pairs = group
        width = operands.shape[1]
        runs = []
        if n >= FEW and (kind >= DIV or (kind == DOT and width == 2)):
            runs = _runs(operands, self._n_shared)
        if runs:
            kind = MUL if kind == DOT else kind
            for start, end in runs:
                moves = operands[min(start + 1, end - 1)] > operands[start]
                moves |= (operands[start] >= self._n_shared) & (end == start + 1)
                place = self._keep(np.append(operands[start], moves))
                yield [kind, end - start, width, out + start, place, 1, size]
        elif kind == DOT:
            placed = own[first : first + n * width].reshape(n, width)
            for tiles in _fours(placed, pairs, np.arange(out, out + n)):
                yield [kind, len(tiles), width, 0, self._keep(tiles), exact, size]
        elif kind == OVER_ROWS:
            placed = own[first : first + n * width].reshape(n, width)
            outs = np.arange(out, out + n) - self._first_sum
            squares, rest = _squares(placed, pairs, outs, self._no_sum)
            if len(squares):
                yield [kind, len(squares), width // 2, 0, self._keep(squares), 1, size]
            if len(rest):
                (tiles,) = _fours(placed[rest], pairs, outs[rest], spare=self._no_sum)
                yield [kind, len(tiles), width, 0, self._keep(tiles), 0, size]
        else:
            to = out - self._first_sum if kind == SCATTER else out
            yield [kind, n, width, to, self._keep(operands), 0, size]

    def _keep(self, numbers: Ints) -> int:
        """Add to the data; where that is."""
        place = self._size
        self._data.append(numbers.ravel())
        self._size += numbers.size
        return place


class _Group(NamedTuple):
    """A group of the schedule: see there; `first` is where its operands are among all."""

    kind: int
    out: int
    n: int
    size: int
    first: int
    operands: Ints
    pairs: list[int]


def _groups(plan: Schedule) -> list[_Group]:
    import numpy as np

    columns = (plan.kinds, plan.outs, plan.counts, plan.sizes, plan.firsts, plan.widths, plan.pairs)
    of_rows = np.flatnonzero(plan.stages == ROWS)
    return [
        _Group(kind, out, n, size, first, plan.slots[first : first + n * width].reshape(n, width), pairs)
        for kind, out, n, size, first, width, pairs in zip(
            *(x[of_rows].tolist() for x in columns), strict=True
        )
    ]


def _decisive(plan: Schedule, groups: Sequence[_Group]) -> set[int]:
    """The groups on whose results it depends what is computed elsewhere, or whose results are handed out.

    A gradient is only multiplied and added up. But by what it is multiplied depends on where the numbers of
    the forward pass lie: on which side of a kink, or at 0, where a quotient is another one than close to it.
    """
    import numpy as np

    decisive = np.zeros(plan.n_shared + plan.n_rows, np.bool_)
    decisive[plan.results] = True
    found = set()
    for g in range(len(groups) - 1, -1, -1):
        kind, out, n, operands = (
            groups[g].kind,
            plan.n_shared + groups[g].out,
            groups[g].n,
            groups[g].operands,
        )
        if kind not in (OVER_ROWS, SCATTER) and decisive[out : out + n].any():
            found.add(g)
            decisive[out : out + n] = False
            decisive[operands] = True
        elif kind == LESS_EQUAL and (operands[:, 0] == operands[:, 1]).all():
            pass  # only asks for nan
        elif (deciding := DECIDING.get(kind, EACH)) is not NONE:
            decisive[operands[:, deciding]] = True
    return found


def _runs(operands: Ints, n_shared: int) -> list[tuple[int, int]]:
    """Stretches of operations each of whose operands stays or, if it is of rows, moves on by a slot.

    None at all if they are so short that there is nothing to be gained.
    """
    import numpy as np

    steps = np.diff(operands, axis=0)
    fine = ((steps == 0) | ((steps == 1) & (operands[:-1] >= n_shared))).all(axis=1)
    links = np.where(fine, steps @ (1 << np.arange(operands.shape[1])), -1).tolist()
    runs, start = [], 0
    for i, link in enumerate([*links, -1]):
        if link < 0 or (i > start and link != links[start]):
            runs.append((start, i + 1))
            start = i + 1
    return runs if 3 * len(runs) <= len(operands) + 2 else []


def _fours(operands: Ints, pairs: list[int], outs: Ints, spare: int | None = None) -> list[Ints]:
    """Tiles of four sums, those of one form as the lines of an array.

    A tile is where the four results go; by how much the shared numbers, and the numbers of rows, that stand
    beside a common one move on; how many pairs there are with such a shared number, with such a number of
    rows, and with nothing in common, by kind; and the pairs. With a `spare` place, which takes what is
    computed twice, nothing is looked for in common.
    """
    import numpy as np

    n = len(operands)
    if n < FEW:
        four = (list(range(n)) * 4)[:4]
        places = [spare if spare is not None and i >= n else int(outs[k]) for i, k in enumerate(four)]
        lines = [operands[k].tolist() for k in four]
        own = [x for p in range(0, operands.shape[1], 2) for line in lines for x in line[p : p + 2]]
        return [np.array([[*places, 0, 0, 0, 0, *pairs, *own]])]
    a, b = operands[:, 0::2], operands[:, 1::2]
    alone = np.ones(n, bool)
    found = []
    if spare is None:
        moving, stays, common, steps = _in_common(a, b, pairs)
        starts = _starts(common.sum(axis=1) >= max(1, (pairs[0] + pairs[1]) / 2))
        alone[(starts[:, None] + np.arange(4)).ravel()] = False
        for mask in np.unique(common[starts], axis=0):
            at = starts[(common[starts] == mask).all(axis=1)]
            shared = np.stack([moving[at], stays[at]], axis=2)[:, mask]
            found.append(_tiles(a, b, pairs, at[:, None] + np.arange(4), outs, mask, steps[at], shared))
    others = np.flatnonzero(alone)
    if len(others):
        more = -len(others) % 4
        fours = np.append(others, np.repeat(others[-1], more)).reshape(-1, 4)
        nothing = np.zeros((len(fours), 2), np.int64)
        tiles = _tiles(a, b, pairs, fours, outs, np.zeros(a.shape[1], bool), nothing, nothing)
        if spare is not None and more:
            tiles[-1, 4 - more : 4] = spare
        found.append(tiles)
    return found


def _in_common(a: Ints, b: Ints, pairs: list[int]) -> tuple[Ints, Ints, Ints, Ints]:
    """What the four sums from each on have in common.

    Gives for each pair the operand that moves on and the one that stays, and whether it is such a pair; and
    by how much shared numbers and numbers of rows move on.
    """
    import numpy as np

    def in_four(links: Ints) -> Ints:
        return np.asarray(links[:-2] & links[1:-1] & links[2:])

    da, db = np.diff(a, axis=0), np.diff(b, axis=0)
    second = in_four(db == 0)
    of_rows = np.zeros(a.shape[1], bool)
    of_rows[pairs[0] : pairs[0] + pairs[1]] = True
    common = second | (in_four(da == 0) & of_rows)
    step = np.where(second, da[:-2], db[:-2])
    again = np.where(
        second, (da[1:-1] == da[:-2]) & (da[2:] == da[:-2]), (db[1:-1] == db[:-2]) & (db[2:] == db[:-2])
    )
    common &= again
    common[:, sum(pairs[:2]) :] = False
    steps = np.zeros((len(common), 2), np.int64)
    for kind, range_ in enumerate((slice(0, pairs[0]), slice(pairs[0], sum(pairs[:2])))):
        if range_.stop > range_.start:
            part = common[:, range_]
            first = part.argmax(axis=1)[:, None]
            steps[:, kind] = np.take_along_axis(step[:, range_], first, 1)[:, 0]
            part &= step[:, range_] == steps[:, kind, None]
    return np.where(second, a[:-3], b[:-3]), np.where(second, b[:-3], a[:-3]), common, steps


def _starts(valid: Ints) -> Ints:
    """Where tiles begin, so that they cover as many sums as can be; some may be covered twice."""
    import numpy as np

    starts = []
    done = 0  # so many sums are seen to
    allowed = valid.tolist()
    n = len(allowed) + 3
    while done < n:
        start = next((i for i in range(min(done, n - 4), max(-1, done - 4), -1) if allowed[i]), -1)
        if start < 0:
            done += 1
        else:
            starts.append(start)
            done = start + 4
    return np.array(starts, np.int64)


def _tiles(
    a: Ints, b: Ints, pairs: list[int], sums: Ints, outs: Ints, mask: Ints, steps: Ints, shared: Ints
) -> Ints:
    """The tiles of these fours, of whose pairs those in the mask are shared."""
    import numpy as np

    m = len(sums)
    ends = np.cumsum([0, *pairs])
    kinds = [slice(start, end) for start, end in pairwise(ends)]
    counts = [int(mask[kind].sum()) for kind in kinds[:2]]
    own = [np.flatnonzero(~mask[kind]) + kind.start for kind in kinds]
    head = np.tile([*counts, *map(len, own)], (m, 1))
    parts = [outs[sums], steps, head]
    if any(counts):
        parts.append(shared.reshape(m, -1))
    for which in own:  # pair by pair, for each of the four
        both = np.stack([a[sums][:, :, which], b[sums][:, :, which]], axis=3)
        parts.append(both.transpose(0, 2, 1, 3).reshape(m, -1))
    return np.concatenate(parts, axis=1)


def _squares(operands: Ints, pairs: list[int], outs: Ints, spare: int) -> tuple[Ints, Ints]:
    """Tiles of four by four sums, and which sums are in none.

    A tile is where the sixteen results go, and for each pair the four first and the four second operands.
    """
    import numpy as np

    n = len(operands)
    if pairs[0] or pairs[2] or n < FEW:
        return np.zeros((0, 0), np.int64), np.arange(n)
    a, b = operands[:, 0::2], operands[:, 1::2]
    changes = [(np.diff(x, axis=0) != 0).any(axis=1) for x in (a, b)]
    if changes[1].sum() < changes[0].sum():
        a, b, changes = b, a, changes[::-1]
    starts = np.append(0, np.flatnonzero(changes[0]) + 1)
    lengths = np.diff(np.append(starts, n)).tolist()
    lines = [(start, length) for start, length in zip(starts.tolist(), lengths, strict=True)]
    tiles: list[Ints] = []
    rest: list[int] = []
    for (length, _), alike in groupby(
        lines, lambda line: (line[1], b[line[0] : line[0] + line[1]].tobytes())
    ):
        firsts = [start for start, _ in alike]
        for i in range(0, len(firsts), 4):
            for k in range(0, length, 4):
                rows, columns = firsts[i : i + 4], range(k, min(length, k + 4))
                inside = [start + j for start in rows for j in columns]
                if len(inside) < 4:
                    rest += inside
                    continue
                z, y = a[(rows * 4)[:4]], b[[firsts[i] + j for j in [*columns] * 4][:4]]
                to = np.full((4, 4), spare)
                to[: len(rows), : len(columns)] = outs[inside].reshape(len(rows), -1)
                tiles.append(np.concatenate([to.ravel(), np.stack([z.T, y.T], axis=1).ravel()]))
    return np.array(tiles), np.array(rest, np.int64)
