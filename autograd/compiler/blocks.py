"""Kernels for a block of rows: each slot holds a line of numbers, one for each row, which vectors run along.

Imported only to compile the kernels.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import math
from typing import Any

from .elementwise import apply, exp, maximum, place_in
from .exponentials import tanh
from .layout import CODES, FIELDS
from .vectors import at, inner, integer, lanes, vadd, vfirst, vload, vmul, vsplat, vstore, vzero

__all__ = ["run_block"]

DOT = CODES["dot"]
OVER_ROWS = CODES["over_rows"]
SCATTER = CODES["scatter"]
TAKE = CODES["take"]
LOGSUMEXP = CODES["logsumexp"]
LARGEST = CODES["largest"]
TANH = CODES["tanh"]


@inner
def plus(total: Any, x: Any, y: Any) -> Any:
    """A total and a product more."""
    return vadd(total, vmul(x, y))


@inner
def sum_of(
    shared: Any, n_shared: int, each: Any, block: int, count: int, out: Any, group: Any, operands: Any
) -> None:
    """A sum of products for `count` vectors of rows, four at a time; the last may be of no use."""
    width = lanes(each)
    p1 = 2 * integer(group, 4)
    p2 = p1 + 2 * integer(group, 5)
    p3 = integer(group, 2)
    for k in range(0, count * width, 4 * width):
        s0, s1, s2, s3 = vzero(each), vzero(each), vzero(each), vzero(each)
        for p in range(0, p1, 2):
            x = vsplat(shared[operands[p]])
            y = at(each, (operands[p + 1] - n_shared) * block + k)
            s0 = vadd(s0, vmul(x, vload(y, 0)))
            s1 = vadd(s1, vmul(x, vload(y, width)))
            s2 = vadd(s2, vmul(x, vload(y, 2 * width)))
            s3 = vadd(s3, vmul(x, vload(y, 3 * width)))
        for p in range(p1, p2, 2):
            z = at(each, (operands[p] - n_shared) * block + k)
            y = at(each, (operands[p + 1] - n_shared) * block + k)
            s0 = vadd(s0, vmul(vload(z, 0), vload(y, 0)))
            s1 = vadd(s1, vmul(vload(z, width), vload(y, width)))
            s2 = vadd(s2, vmul(vload(z, 2 * width), vload(y, 2 * width)))
            s3 = vadd(s3, vmul(vload(z, 3 * width), vload(y, 3 * width)))
        for p in range(p2, p3, 2):
            x = vsplat(shared[operands[p]] * shared[operands[p + 1]])
            s0, s1, s2, s3 = vadd(s0, x), vadd(s1, x), vadd(s2, x), vadd(s3, x)
        store_four(out, k, s0, s1, s2, s3)


@inner
def four_sums_of(
    shared: Any, n_shared: int, each: Any, block: int, count: int, out: Any, group: Any, operands: Any
) -> None:
    """The same for four neighbours with the numbers of the rows in common, which are loaded once for all."""
    width = lanes(each)
    size = integer(group, 2)
    p1 = 2 * integer(group, 4)
    a0, a1, a2 = at(operands, size), at(operands, 2 * size), at(operands, 3 * size)
    out0, out1, out2 = at(out, block), at(out, 2 * block), at(out, 3 * block)
    for k in range(0, count * width, 4 * width):
        s0, s1, s2, s3 = vzero(each), vzero(each), vzero(each), vzero(each)
        t0, t1, t2, t3 = vzero(each), vzero(each), vzero(each), vzero(each)
        u0, u1, u2, u3 = vzero(each), vzero(each), vzero(each), vzero(each)
        w0, w1, w2, w3 = vzero(each), vzero(each), vzero(each), vzero(each)
        for p in range(0, p1, 2):
            y = at(each, (operands[p + 1] - n_shared) * block + k)
            y0, y1, y2, y3 = vload(y, 0), vload(y, width), vload(y, 2 * width), vload(y, 3 * width)
            x = vsplat(shared[operands[p]])
            s0, s1, s2, s3 = (
                plus(s0, x, y0),
                plus(s1, x, y1),
                plus(s2, x, y2),
                plus(s3, x, y3),
            )
            x = vsplat(shared[a0[p]])
            t0, t1, t2, t3 = (
                plus(t0, x, y0),
                plus(t1, x, y1),
                plus(t2, x, y2),
                plus(t3, x, y3),
            )
            x = vsplat(shared[a1[p]])
            u0, u1, u2, u3 = (
                plus(u0, x, y0),
                plus(u1, x, y1),
                plus(u2, x, y2),
                plus(u3, x, y3),
            )
            x = vsplat(shared[a2[p]])
            w0, w1, w2, w3 = (
                plus(w0, x, y0),
                plus(w1, x, y1),
                plus(w2, x, y2),
                plus(w3, x, y3),
            )
        for p in range(p1, size, 2):
            x = vsplat(shared[operands[p]] * shared[operands[p + 1]])
            s0, s1, s2, s3 = vadd(s0, x), vadd(s1, x), vadd(s2, x), vadd(s3, x)
            x = vsplat(shared[a0[p]] * shared[a0[p + 1]])
            t0, t1, t2, t3 = vadd(t0, x), vadd(t1, x), vadd(t2, x), vadd(t3, x)
            x = vsplat(shared[a1[p]] * shared[a1[p + 1]])
            u0, u1, u2, u3 = vadd(u0, x), vadd(u1, x), vadd(u2, x), vadd(u3, x)
            x = vsplat(shared[a2[p]] * shared[a2[p + 1]])
            w0, w1, w2, w3 = vadd(w0, x), vadd(w1, x), vadd(w2, x), vadd(w3, x)
        store_four(out, k, s0, s1, s2, s3)
        store_four(out0, k, t0, t1, t2, t3)
        store_four(out1, k, u0, u1, u2, u3)
        store_four(out2, k, w0, w1, w2, w3)


@inner
def store_four(out: Any, k: int, a: Any, b: Any, c: Any, d: Any) -> None:
    """Store four vectors one behind the other."""
    width = lanes(out)
    vstore(out, k, a)
    vstore(out, k + width, b)
    vstore(out, k + 2 * width, c)
    vstore(out, k + 3 * width, d)


@inner
def sums_by_four(
    n_shared: int, each: Any, block: int, rows: int, totals: Any, size: int, operands: Any
) -> None:
    """The same for four neighbours that have the first operand of each pair in common.

    With sixteen sums in registers, a number is loaded once for four products.
    """
    width = lanes(each)
    whole = rows - rows % width
    a0 = at(operands, size)
    a1 = at(operands, 2 * size)
    a2 = at(operands, 3 * size)
    k = 0
    while k + 4 * width <= rows:
        s0, s1, s2, s3 = vzero(each), vzero(each), vzero(each), vzero(each)
        t0, t1, t2, t3 = vzero(each), vzero(each), vzero(each), vzero(each)
        u0, u1, u2, u3 = vzero(each), vzero(each), vzero(each), vzero(each)
        w0, w1, w2, w3 = vzero(each), vzero(each), vzero(each), vzero(each)
        for p in range(0, size, 2):
            z = at(each, (operands[p] - n_shared) * block + k)
            z0, z1, z2, z3 = vload(z, 0), vload(z, width), vload(z, 2 * width), vload(z, 3 * width)
            y = at(each, (operands[p + 1] - n_shared) * block + k)
            s0, s1 = vadd(s0, vmul(z0, vload(y, 0))), vadd(s1, vmul(z1, vload(y, width)))
            s2, s3 = vadd(s2, vmul(z2, vload(y, 2 * width))), vadd(s3, vmul(z3, vload(y, 3 * width)))
            y = at(each, (a0[p + 1] - n_shared) * block + k)
            t0, t1 = vadd(t0, vmul(z0, vload(y, 0))), vadd(t1, vmul(z1, vload(y, width)))
            t2, t3 = vadd(t2, vmul(z2, vload(y, 2 * width))), vadd(t3, vmul(z3, vload(y, 3 * width)))
            y = at(each, (a1[p + 1] - n_shared) * block + k)
            u0, u1 = vadd(u0, vmul(z0, vload(y, 0))), vadd(u1, vmul(z1, vload(y, width)))
            u2, u3 = vadd(u2, vmul(z2, vload(y, 2 * width))), vadd(u3, vmul(z3, vload(y, 3 * width)))
            y = at(each, (a2[p + 1] - n_shared) * block + k)
            w0, w1 = vadd(w0, vmul(z0, vload(y, 0))), vadd(w1, vmul(z1, vload(y, width)))
            w2, w3 = vadd(w2, vmul(z2, vload(y, 2 * width))), vadd(w3, vmul(z3, vload(y, 3 * width)))
        s0, t0 = vadd(vadd(s0, s1), vadd(s2, s3)), vadd(vadd(t0, t1), vadd(t2, t3))
        u0, w0 = vadd(vadd(u0, u1), vadd(u2, u3)), vadd(vadd(w0, w1), vadd(w2, w3))
        vstore(totals, 0, vadd(vload(totals, 0), s0))
        vstore(totals, width, vadd(vload(totals, width), t0))
        vstore(totals, 2 * width, vadd(vload(totals, 2 * width), u0))
        vstore(totals, 3 * width, vadd(vload(totals, 3 * width), w0))
        k += 4 * width
    s0, t0 = vload(totals, 0), vload(totals, width)
    u0, w0 = vload(totals, 2 * width), vload(totals, 3 * width)
    while k < rows:
        for p in range(0, size, 2):
            z0 = vload(each, (operands[p] - n_shared) * block + k)
            y0 = vload(each, (operands[p + 1] - n_shared) * block + k)
            y1 = vload(each, (a0[p + 1] - n_shared) * block + k)
            y2 = vload(each, (a1[p + 1] - n_shared) * block + k)
            y3 = vload(each, (a2[p + 1] - n_shared) * block + k)
            y0, y1, y2, y3 = vmul(z0, y0), vmul(z0, y1), vmul(z0, y2), vmul(z0, y3)
            if k == whole:
                rest = rows - whole
                y0, y1, y2, y3 = vfirst(y0, rest), vfirst(y1, rest), vfirst(y2, rest), vfirst(y3, rest)
            s0, t0, u0, w0 = vadd(s0, y0), vadd(t0, y1), vadd(u0, y2), vadd(w0, y3)
        k += width
    vstore(totals, 0, s0)
    vstore(totals, width, t0)
    vstore(totals, 2 * width, u0)
    vstore(totals, 3 * width, w0)


@inner
def sums_over_rows(
    shared: Any,
    n_shared: int,
    each: Any,
    block: int,
    rows: int,
    totals: Any,
    n: int,
    group: Any,
    operands: Any,
) -> None:
    """Add to each total, which is a vector, the sum of products over the rows of a block."""
    width = lanes(each)
    rest = rows % width
    whole = rows - rest
    p1 = 2 * integer(group, 4)
    p2 = p1 + 2 * integer(group, 5)
    p3 = integer(group, 2)
    fours = n // 4 * 4 if integer(group, 8) != 0 else 0
    for i in range(0, fours, 4):
        sums_by_four(n_shared, each, block, rows, at(totals, i * width), p3, at(operands, i * p3))
    for i in range(fours, n):
        line = at(operands, i * p3)
        s0, s1, s2, s3 = vload(totals, i * width), vzero(each), vzero(each), vzero(each)
        k = 0
        while k + 4 * width <= whole:
            for p in range(0, p1, 2):
                x = vsplat(shared[line[p]])
                y = at(each, (line[p + 1] - n_shared) * block + k)
                s0 = vadd(s0, vmul(x, vload(y, 0)))
                s1 = vadd(s1, vmul(x, vload(y, width)))
                s2 = vadd(s2, vmul(x, vload(y, 2 * width)))
                s3 = vadd(s3, vmul(x, vload(y, 3 * width)))
            for p in range(p1, p2, 2):
                z = at(each, (line[p] - n_shared) * block + k)
                y = at(each, (line[p + 1] - n_shared) * block + k)
                s0 = vadd(s0, vmul(vload(z, 0), vload(y, 0)))
                s1 = vadd(s1, vmul(vload(z, width), vload(y, width)))
                s2 = vadd(s2, vmul(vload(z, 2 * width), vload(y, 2 * width)))
                s3 = vadd(s3, vmul(vload(z, 3 * width), vload(y, 3 * width)))
            k += 4 * width
        total = vadd(vadd(s0, s1), vadd(s2, s3))
        while k < whole:
            for p in range(0, p1, 2):
                y = at(each, (line[p + 1] - n_shared) * block)
                total = vadd(total, vmul(vsplat(shared[line[p]]), vload(y, k)))
            for p in range(p1, p2, 2):
                z = at(each, (line[p] - n_shared) * block)
                y = at(each, (line[p + 1] - n_shared) * block)
                total = vadd(total, vmul(vload(z, k), vload(y, k)))
            k += width
        if rest > 0:
            for p in range(0, p1, 2):
                y = at(each, (line[p + 1] - n_shared) * block)
                total = vadd(total, vfirst(vmul(vsplat(shared[line[p]]), vload(y, k)), rest))
            for p in range(p1, p2, 2):
                z = at(each, (line[p] - n_shared) * block)
                y = at(each, (line[p + 1] - n_shared) * block)
                total = vadd(total, vfirst(vmul(vload(z, k), vload(y, k)), rest))
        for p in range(p2, p3, 2):  # the same for all rows
            x = vsplat(shared[line[p]] * shared[line[p + 1]])
            for _ in range(0, whole, width):
                total = vadd(total, x)
            if rest > 0:
                total = vadd(total, vfirst(x, rest))
        vstore(totals, i * width, total)


@inner
def operand(shared: Any, n_shared: int, each: Any, slot: int, block: int, n: int, scratch: Any) -> Any:
    """The numbers of a slot for a block of rows, side by side."""
    if slot >= n_shared:
        return at(each, (slot - n_shared) * block)
    for r in range(n):
        scratch[r] = shared[slot]
    return scratch


@inner
def logs_of_sums(
    shared: Any,
    n_shared: int,
    each: Any,
    block: int,
    n: int,
    operands: Any,
    size: int,
    out: Any,
    scratch: Any,
) -> None:
    """`elementwise.logsumexp` for n rows side by side: in the same order, so to the same bits."""
    place, total = at(scratch, block), at(scratch, 2 * block)
    for r in range(n):
        out[r] = -math.inf
        place[r] = 0.0
        total[r] = 0.0
    for j in range(size):
        x = operand(shared, n_shared, each, operands[j], block, n, scratch)
        for r in range(n):
            if x[r] > out[r] or x[r] != x[r]:
                out[r] = x[r]
                place[r] = j
    for j in range(size):
        x = operand(shared, n_shared, each, operands[j], block, n, scratch)
        for r in range(n):
            total[r] += 0.0 if place[r] == j else exp(x[r] - out[r])
    for r in range(n):
        if out[r] - out[r] == 0:
            out[r] += math.log1p(total[r])


@inner
def run_block(
    shared: Any,
    n_shared: int,
    each: Any,
    block: int,
    rows: int,
    groups: Any,
    first: int,
    last: int,
    indices: Any,
    totals: Any,
    first_sum: int,
    scratch: Any,
    row: int,
    status: Any,
) -> None:
    """The groups from first to last on a block of rows, a line of `each` for every slot."""
    width = lanes(each)
    count = (rows + width - 1) // width
    n_lanes = count * width
    for g in range(first, last):
        group = at(groups, g * FIELDS)
        op, n, size, out = integer(group, 0), integer(group, 1), integer(group, 2), integer(group, 3)
        operands = at(indices, group[6])
        if op == OVER_ROWS:
            sums_over_rows(
                shared, n_shared, each, block, rows, at(totals, (out - first_sum) * width), n, group, operands
            )
            continue
        if op == SCATTER:
            table = at(totals, (out - first_sum) * width)
            for j in range(0, size, 2):
                index = operand(shared, n_shared, each, operands[j], block, n_lanes, scratch)
                number = operand(shared, n_shared, each, operands[j + 1], block, n_lanes, at(scratch, block))
                for r in range(rows):
                    table[place_in(index[r], integer(group, 7), row + r, status) * width] += number[r]
            continue
        to = at(each, (out - n_shared) * block)
        if op == DOT:
            fours = n // 4 * 4 if integer(group, 8) != 0 else 0
            for i in range(0, fours, 4):
                four_sums_of(
                    shared, n_shared, each, block, count, at(to, i * block), group, at(operands, i * size)
                )
            for i in range(fours, n):
                sum_of(shared, n_shared, each, block, count, at(to, i * block), group, at(operands, i * size))
        elif op == TAKE:
            for i in range(n):
                line = at(operands, i * size)
                index = operand(shared, n_shared, each, line[0], block, n_lanes, scratch)
                for r in range(n_lanes):
                    slot = line[1 + place_in(index[r], size - 1, row + min(r, rows - 1), status)]
                    if slot >= n_shared:
                        to[i * block + r] = each[(slot - n_shared) * block + r]
                    else:
                        to[i * block + r] = shared[slot]
        elif op == LARGEST:
            for i in range(n):
                line = at(operands, i * size)
                top = at(to, i * block)
                for r in range(n_lanes):
                    top[r] = -math.inf
                for j in range(size):
                    other = operand(shared, n_shared, each, line[j], block, n_lanes, scratch)
                    for r in range(n_lanes):
                        top[r] = maximum(top[r], other[r])
        elif op == LOGSUMEXP:
            for i in range(n):
                line = at(operands, i * size)
                logs_of_sums(shared, n_shared, each, block, n_lanes, line, size, at(to, i * block), scratch)
        elif op == TANH:
            # that of `apply`, for one row, has the bits of the eager one; this is far faster
            for i in range(n):
                x = operand(shared, n_shared, each, operands[i], block, n_lanes, scratch)
                for r in range(n_lanes):
                    to[i * block + r] = tanh(x[r])
        else:
            for i in range(n):
                line = at(operands, i * size)
                a = operand(shared, n_shared, each, line[0], block, n_lanes, scratch)
                b, c = a, a
                if size > 1:
                    b = operand(shared, n_shared, each, line[1], block, n_lanes, at(scratch, block))
                if size > 2:
                    c = operand(shared, n_shared, each, line[2], block, n_lanes, at(scratch, 2 * block))
                apply(op, a, b, c, at(to, i * block), n_lanes)
