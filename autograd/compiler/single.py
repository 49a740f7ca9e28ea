"""Kernels for one row: the instructions of the stream that `tape` writes.

Imported only to compile the kernels.
"""

from __future__ import annotations

from typing import Any

from .elementwise import apply, for_each, logsumexp, maximum, place_in
from .layout import ALONG, CODES, COLUMNS, DIFFERENCE, GENERAL, HEAD, SUMS, TILES
from .threaded import interpreter
from .vectors import (
    at,
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
TAKE = CODES["take"]
LOGSUMEXP = CODES["logsumexp"]
LARGEST = CODES["largest"]


def tiles(indices: Any, v: Any, scratch: Any, row: int, status: Any) -> Any:
    """Sums side by side: a lane for each."""
    width = lanes(v)
    q = HEAD
    for _ in range(indices[3]):
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


def along(indices: Any, v: Any, scratch: Any, row: int, status: Any) -> Any:
    """Sums one after the other, the lanes along each."""
    width = lanes(v)
    out, n = at(v, indices[1]), indices[3]
    head = at(indices, HEAD)
    stretches = head[0]
    q = HEAD + 1 + 2 * stretches
    for i in range(n):
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


def general(x: Any, v: Any, scratch: Any, row: int, status: Any) -> Any:
    """A group with an index for each operand."""
    out, kind, n, width = at(v, x[1]), x[2], x[3], x[4]
    operands = at(x, HEAD)
    if kind in (DOT, OVER_ROWS):
        for i in range(n):
            y = at(operands, i * width)
            total = v[y[0]] * v[y[1]]
            for p in range(2, width, 2):
                total += v[y[p]] * v[y[p + 1]]
            out[i] = total
    elif kind == TAKE:
        for i in range(n):
            y = at(operands, i * width)
            out[i] = v[y[1 + place_in(v[y[0]], width - 1, row, status)]]
    elif kind == LARGEST:
        for i in range(n):
            y = at(operands, i * width)
            top = v[y[0]]
            for j in range(1, width):
                top = maximum(top, v[y[j]])
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
        return HEAD + width
    return HEAD + n * width


def columns(x: Any, v: Any, scratch: Any, row: int, status: Any) -> int:
    """A group of primitives, each operand given as `tape._columns` does."""
    out, kind, n, width = at(v, x[1]), x[2], x[3], x[4]
    a, b, c = scratch, at(scratch, n), at(scratch, 2 * n)
    place = HEAD
    first = x[place]
    a = column(v, first, at(x, place), n, a)
    place += n + 1 if first == -1 else 1
    if width > 1:
        first = x[place]
        b = column(v, first, at(x, place), n, b)
        place += n + 1 if first == -1 else 1
    if width > 2:
        first = x[place]
        c = column(v, first, at(x, place), n, c)
        place += n + 1 if first == -1 else 1
    apply(kind, a, b, c, out, n)
    return place


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


# ------------------------------------------------------------------------------------------ the instructions


def short_sum(plain: int, products: int) -> Any:
    """The instruction for a sum of some numbers and, behind them, of some products."""

    def instruction(x: Any, v: Any, scratch: Any, row: int, status: Any) -> int:
        total = v[x[2]] if plain > 0 else v[x[2]] * v[x[3]]
        for i in range(3, 2 + plain):
            total += v[x[i]]
        for i in range(2 + plain if plain > 0 else 4, 2 + plain + 2 * products, 2):
            total += v[x[i]] * v[x[i + 1]]
        v[x[1]] = total
        return 2 + plain + 2 * products

    return instruction


def of_one(f: Any) -> Any:
    """The instruction for a primitive of one operand."""

    def instruction(x: Any, v: Any, scratch: Any, row: int, status: Any) -> int:
        v[x[1]] = f(v[x[2]])
        return 3

    return instruction


def of_two(f: Any) -> Any:
    """The instruction for a primitive of two operands."""

    def instruction(x: Any, v: Any, scratch: Any, row: int, status: Any) -> int:
        v[x[1]] = f(v[x[2]], v[x[3]])
        return 4

    return instruction


def of_three(f: Any) -> Any:
    """The instruction for a primitive of three operands."""

    def instruction(x: Any, v: Any, scratch: Any, row: int, status: Any) -> int:
        v[x[1]] = f(v[x[2]], v[x[3]], v[x[4]])
        return 5

    return instruction


def difference(x: Any, v: Any, scratch: Any, row: int, status: Any) -> int:
    """a - b."""
    v[x[1]] = v[x[2]] - v[x[3]]
    return 4


execute = interpreter(
    for_each(of_one, of_two, of_three)
    | {number: short_sum(*shape) for shape, number in SUMS.items()}
    | {DIFFERENCE: difference, TILES: tiles, ALONG: along, COLUMNS: columns, GENERAL: general}
)


def run(x: Any, v: Any, scratch: Any, row: int, status: Any) -> None:
    """A stage of the stream, on one row or on what is the same for all."""
    execute(x, v, scratch, row, status)
