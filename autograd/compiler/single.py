"""Kernels for one row: the stream of groups that `tape` writes, and sums by vectors.

Imported only to compile the kernels.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Any

from .elementwise import apply, largest, logsumexp, place_in
from .layout import ALONG, CODES, GENERAL, HEAD, SINGLE, TILES
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
def along(v: Any, out: int, indices: Any, q: int, count: int) -> int:
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
        v[out + i] = vsum(total)
    return q


@inner
def one_by_one(v: Any, out: int, n: int, width: int, indices: Any) -> None:
    """Sums one after the other, operand by operand."""
    q = 0
    for i in range(n):
        total = v[indices[q]] * v[indices[q + 1]]
        for p in range(q + 2, q + width, 2):
            total += v[indices[p]] * v[indices[p + 1]]
        v[out + i] = total
        q += width


@inner
def run(v: Any, stream: Any, place: int, end: int, scratch: Any, row: int, status: Any) -> None:
    """The groups of a stretch of the stream, on one row or on what is the same for all."""
    while place < end:
        op, mode = integer(stream, place) & 63, integer(stream, place) >> 6
        n, out, width = integer(stream, place + 1), integer(stream, place + 2), integer(stream, place + 3)
        place += HEAD
        operands = at(stream, place)
        if op in (DOT, OVER_ROWS):
            if mode == TILES:
                place = tiles(v, stream, place, n)
            elif mode == ALONG:
                place = along(v, out, stream, place, n)
            else:
                one_by_one(v, out, n, width, operands)
                place += n * width
        elif op == TAKE:
            for i in range(n):
                entry = place_in(v[operands[i * width]], width - 1, row, status)
                v[out + i] = v[operands[i * width + 1 + entry]]
            place += n * width
        elif op == SCATTER:
            for i in range(n):
                v[out + i] = 0.0
            for j in range(0, width, 2):
                v[out + place_in(v[operands[j]], n, row, status)] += v[operands[j + 1]]
            place += width
        elif op in (LOGSUMEXP, LARGEST):
            for i in range(n):
                for j in range(width):
                    scratch[j] = v[operands[i * width + j]]
                v[out + i] = logsumexp(scratch, width) if op == LOGSUMEXP else largest(scratch, width)
            place += n * width
        elif mode == SINGLE:
            a = at(v, operands[0])
            b = at(v, operands[1]) if width > 1 else a
            c = at(v, operands[2]) if width > 2 else a
            apply(op, a, b, c, at(v, out), n)
            place += width
        else:
            a, b, c = scratch, at(scratch, n), at(scratch, 2 * n)
            if mode == GENERAL:
                for j in range(width):
                    for i in range(n):
                        scratch[j * n + i] = v[operands[i * width + j]]
                place += n * width
            else:
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
            apply(op, a, b, c, at(v, out), n)


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
