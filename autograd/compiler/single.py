"""Kernels for one row: the instructions of the stream that `tape` writes.

Imported only to compile the kernels.
"""

from __future__ import annotations

import functools
from typing import Any

from .arithmetic import INT
from .elementwise import apply, for_each, logsumexp, maximum, place_in
from .layout import ALONG, CODES, COLUMNS, DIFFERENCE, GENERAL, HEAD, ROLLED, SUMS, TILES
from .threaded import interpreter
from .translation import Builder, instruction
from .vectors import (
    at,
    call,
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

__all__ = ["FUNCTIONS", "read", "run", "sum_of", "write"]

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


def rolled(x: Any, v: Any, scratch: Any, row: int, status: Any) -> Any:
    """A loop of machine code, with a line of integers for each turn: see `loops`."""
    turns = x[1]
    call((x[3] & 0xFFFFFFFF) | (x[4] << 32), at(x, HEAD), v, turns)
    return HEAD + turns * x[2]


def sum_of(plain: int, products: int) -> Any:
    """A sum of some numbers and, behind them, of some products of two."""

    @instruction
    def total(builder: Builder, *x: Any) -> Any:
        terms = [*x[:plain], *map(builder.fmul, x[plain::2], x[plain + 1 :: 2])]
        return functools.reduce(builder.fadd, terms)

    return total


def difference(a: Any, b: Any) -> Any:
    """a - b."""
    return a - b


def with_operands(n: int) -> Any:
    """What notes of a function how many operands it has."""
    return lambda function: (n, function)


FUNCTIONS = {
    **for_each(with_operands(1), with_operands(2), with_operands(3)),
    **{number: (p + 2 * k, sum_of(p, k)) for (p, k), number in SUMS.items()},
    DIFFERENCE: (2, difference),
}
"""For each instruction that is a single operation: how many operands it has, and what it computes."""


def single(n: int, function: Any) -> Any:
    """The instruction for an operation of n operands."""

    @instruction
    def operation(builder: Builder, x: Any, v: Any, scratch: Any, row: Any, status: Any) -> int:
        operands = [read(builder, v, x, 2 + i) for i in range(n)]
        write(builder, v, x, 1, builder.do(function, *operands))
        return 2 + n

    return operation


def read(builder: Builder, v: Any, x: Any, i: int) -> Any:
    """v[x[i]]."""
    return builder.load(slot(builder, v, x, i))


def write(builder: Builder, v: Any, x: Any, i: int, number: Any) -> None:
    """v[x[i]] = number."""
    builder.store(builder.cast(number, v.type.pointee), slot(builder, v, x, i))


def slot(builder: Builder, v: Any, x: Any, i: int) -> Any:
    """The pointer to v[x[i]]."""
    return builder.gep(v, [builder.load(builder.gep(x, [INT(i)]))])


execute = interpreter(
    {number: single(*operation) for number, operation in FUNCTIONS.items()}
    | {TILES: tiles, ALONG: along, COLUMNS: columns, GENERAL: general, ROLLED: rolled}
)


def run(x: Any, v: Any, scratch: Any, row: int, status: Any) -> None:
    """A stage of the stream, on one row or on what is the same for all."""
    execute(x, v, scratch, row, status)
