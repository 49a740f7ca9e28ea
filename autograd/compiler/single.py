"""Kernels for one row: the stream of groups that `tape` writes, and sums by vectors.

Imported only to compile the kernels.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Any

from .elementwise import apply, logsumexp, maximum, place_in
from .layout import ALONG, CODES, COLUMNS, DIFFERENCE, GENERAL, HEAD, SUMS, TILES
from .vectors import (
    at,
    inner,
    integer,
    lanes,
    vadd,
    vfirst,
    vload,
    vmul,
    vsplat,
    vstore,
    vstore_first,
    vsum,
    vzero,
)

__all__ = ["run"]

S01, S20, S11, S02, S30, S21, S12, S03, S40, S31, S22, S13, S04 = SUMS.values()
DOT = CODES["dot"]
OVER_ROWS = CODES["over_rows"]
SCATTER = CODES["scatter"]
TAKE = CODES["take"]
LOGSUMEXP = CODES["logsumexp"]
LARGEST = CODES["largest"]


@inner
def tiles(v: Any, indices: Any, q: int, count: int) -> int:
    """Sums side by side: a lane for each. Gives where the next group begins."""
    width = lanes(v)
    for _ in range(count):
        out, size, stay, move = indices[q], indices[q + 1], indices[q + 2], indices[q + 3]
        q += 4
        middle = q + 2 * stay
        end = middle + 2 * move
        done = 0
        while done < size:
            first, second = vzero(v), vzero(v)
            if size - done > width:
                for p in range(q, middle, 2):
                    x = vsplat(v[indices[p]])
                    y = indices[p + 1] + done
                    first = vadd(first, vmul(x, vload(v, y)))
                    second = vadd(second, vmul(x, vload(v, y + width)))
                for p in range(middle, end, 2):
                    x0 = indices[p] + done
                    y = indices[p + 1] + done
                    first = vadd(first, vmul(vload(v, x0), vload(v, y)))
                    second = vadd(second, vmul(vload(v, x0 + width), vload(v, y + width)))
                vstore(v, out + done, first)
                if size - done >= 2 * width:
                    vstore(v, out + done + width, second)
                else:
                    vstore_first(v, out + done + width, second, size - done - width)
            else:
                for p in range(q, middle, 2):
                    first = vadd(first, vmul(vsplat(v[indices[p]]), vload(v, indices[p + 1] + done)))
                for p in range(middle, end, 2):
                    first = vadd(first, vmul(vload(v, indices[p] + done), vload(v, indices[p + 1] + done)))
                if size - done == width:
                    vstore(v, out + done, first)
                else:
                    vstore_first(v, out + done, first, size - done)
            done += 2 * width
        q = end
    return q


@inner
def along(v: Any, out: Any, indices: Any, q: int, count: int) -> int:
    """Sums one after the other, the lanes along each. Gives where the next group begins."""
    width = lanes(v)
    head = at(indices, q)
    stretches = head[0]
    q += 1 + 2 * stretches
    for i in range(count):
        total = vzero(v)
        for s in range(stretches):
            size, stays = head[1 + 2 * s], head[2 + 2 * s]
            a, b = indices[q], indices[q + 1]
            q += 2
            done = 0
            if stays == 1:
                x = vsplat(v[a])
                while size - done >= width:
                    total = vadd(total, vmul(x, vload(v, b + done)))
                    done += width
                if done < size:
                    rest = vmul(x, vload(v, b + done))
                    total = vadd(total, vfirst(rest, size - done))
            else:
                while size - done >= width:
                    total = vadd(total, vmul(vload(v, a + done), vload(v, b + done)))
                    done += width
                if done < size:
                    rest = vmul(vload(v, a + done), vload(v, b + done))
                    total = vadd(total, vfirst(rest, size - done))
        out[i] = vsum(total)
    return q


@inner
def short(v: Any, x: Any, plain: int, products: int) -> Any:
    """A sum of some numbers and, behind them, of some products."""
    total = v[x[0]] if plain > 0 else v[x[0]] * v[x[1]]
    for i in range(1, plain):
        total += v[x[i]]
    for i in range(plain, 2 * products + plain, 2):
        if i > 0:
            total += v[x[i]] * v[x[i + 1]]
    return total


@inner
def general(v: Any, out: Any, stream: Any, place: int, scratch: Any, row: int, status: Any) -> int:
    """A group with an index for each operand. Gives where the next one begins."""
    kind, n, width = integer(stream, place + 2), integer(stream, place + 3), integer(stream, place + 4)
    place += HEAD
    operands = at(stream, place)
    if kind in (DOT, OVER_ROWS):
        for i in range(n):
            x = at(operands, i * width)
            total = v[x[0]] * v[x[1]]
            for p in range(2, width, 2):
                total += v[x[p]] * v[x[p + 1]]
            out[i] = total
    elif kind == TAKE:
        for i in range(n):
            x = at(operands, i * width)
            out[i] = v[x[1 + place_in(v[x[0]], width - 1, row, status)]]
    elif kind == LARGEST:
        for i in range(n):
            x = at(operands, i * width)
            top = v[x[0]]
            for j in range(1, width):
                top = maximum(top, v[x[j]])
            out[i] = top
    elif kind == LOGSUMEXP:
        for i in range(n):
            for j in range(width):
                scratch[j] = v[operands[i * width + j]]
            out[i] = logsumexp(scratch, width)
    else:  # scatter, of which n is the size of the table
        for i in range(n):
            out[i] = 0.0
        for j in range(0, width, 2):
            out[place_in(v[operands[j]], n, row, status)] += v[operands[j + 1]]
        return place + width
    return place + n * width


@inner
def columns(v: Any, out: Any, stream: Any, place: int, scratch: Any) -> int:
    """A group of primitives, each operand given as `tape._columns` does. Gives where the next one begins."""
    kind, n, width = integer(stream, place + 2), integer(stream, place + 3), integer(stream, place + 4)
    place += HEAD
    a, b, c = scratch, at(scratch, n), at(scratch, 2 * n)
    first = stream[place]
    a = column(v, first, at(stream, place), n, a)
    place += n + 1 if first == -1 else 1
    if width > 1:
        first = stream[place]
        b = column(v, first, at(stream, place), n, b)
        place += n + 1 if first == -1 else 1
    if width > 2:
        first = stream[place]
        c = column(v, first, at(stream, place), n, c)
        place += n + 1 if first == -1 else 1
    apply(kind, a, b, c, out, n)
    return place


@inner
def column(v: Any, first: int, operands: Any, n: int, scratch: Any) -> Any:
    """An operand of n operations, its numbers side by side: see `tape._columns`."""
    if first >= 0:
        return at(v, first)
    if first == -1:
        for i in range(n):
            scratch[i] = v[operands[1 + i]]
    else:
        for i in range(n):
            scratch[i] = v[-2 - first]
    return scratch


@inner
def run(v: Any, stream: Any, place: int, end: int, scratch: Any, row: int, status: Any) -> None:
    """A stretch of the stream, on one row or on what is the same for all."""
    while place < end:
        what = integer(stream, place)
        out = at(v, integer(stream, place + 1))
        x = at(stream, place + 2)
        a, b, c = at(v, x[0]), at(v, x[1]), at(v, x[2])
        if what == S01:
            out[0] = short(v, x, 0, 1)
            place += 4
        elif what == S02:
            out[0] = short(v, x, 0, 2)
            place += 6
        elif what == S11:
            out[0] = short(v, x, 1, 1)
            place += 5
        elif what == S20:
            out[0] = short(v, x, 2, 0)
            place += 4
        elif what == S03:
            out[0] = short(v, x, 0, 3)
            place += 8
        elif what == S12:
            out[0] = short(v, x, 1, 2)
            place += 7
        elif what == S21:
            out[0] = short(v, x, 2, 1)
            place += 6
        elif what == S30:
            out[0] = short(v, x, 3, 0)
            place += 5
        elif what == S04:
            out[0] = short(v, x, 0, 4)
            place += 10
        elif what == S13:
            out[0] = short(v, x, 1, 3)
            place += 9
        elif what == S22:
            out[0] = short(v, x, 2, 2)
            place += 8
        elif what == S31:
            out[0] = short(v, x, 3, 1)
            place += 7
        elif what == S40:
            out[0] = short(v, x, 4, 0)
            place += 6
        elif what == DIFFERENCE:
            out[0] = a[0] - b[0]
            place += 4
        elif what == TILES:
            place = tiles(v, stream, place + HEAD, integer(stream, place + 3))
        elif what == ALONG:
            place = along(v, out, stream, place + HEAD, integer(stream, place + 3))
        elif what == COLUMNS:
            place = columns(v, out, stream, place, scratch)
        elif what == GENERAL:
            place = general(v, out, stream, place, scratch, row, status)
        else:
            apply(what, a, b, c, out, 1)
            place += 5
