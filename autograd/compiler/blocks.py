"""Kernels for a block of rows: each slot holds a line of numbers, one for each row, which vectors run along.

They read what `tiles` writes. Imported only to compile the kernels.
"""

from __future__ import annotations

import math
from typing import Any

from .approximations import bell, power, softplus, tanh
from .elementwise import LOOPS, exp, log1p, loop_of_one, loop_of_two, maximum, place_in
from .layout import CODES, FIELDS, STRIP
from .threaded import choice
from .vectors import (
    at,
    lanes,
    vadd,
    vfirst,
    vfma,
    vload,
    vmul,
    vpairs,
    vsplat,
    vstore,
    vsum,
    vzero,
)

__all__ = ["run_block"]

DOT = CODES["dot"]
OVER_ROWS = CODES["over_rows"]
SCATTER = CODES["scatter"]
TAKE = CODES["take"]
LOGSUMEXP = CODES["logsumexp"]
LARGEST = CODES["largest"]


def plus(total: Any, x: Any, y: Any) -> Any:
    """A total and a product more, which is rounded first."""
    return vadd(total, vmul(x, y))


def fused(total: Any, x: Any, y: Any) -> Any:
    """The same with a product that is not rounded."""
    return vfma(x, y, total)


def products(plus: Any) -> Any:
    """The beginning of a tile, the sums of what has a number of the row in common, added up like this."""

    def sums(shared: Any, rows: Any, block: int, q: Any, end: int) -> Any:
        width = lanes(rows)
        step = q[4]
        shared1, shared2, shared3 = at(shared, step), at(shared, 2 * step), at(shared, 3 * step)
        s0, s1, t0, t1 = vzero(rows), vzero(rows), vzero(rows), vzero(rows)
        u0, u1, w0, w1 = vzero(rows), vzero(rows), vzero(rows), vzero(rows)
        for p in range(11, end, 2):
            at_x = q[p]
            y = at(rows, q[p + 1] * block)
            y0, y1 = vload(y, 0), vload(y, width)
            x = vsplat(shared[at_x])
            s0, s1 = plus(s0, x, y0), plus(s1, x, y1)
            x = vsplat(shared1[at_x])
            t0, t1 = plus(t0, x, y0), plus(t1, x, y1)
            x = vsplat(shared2[at_x])
            u0, u1 = plus(u0, x, y0), plus(u1, x, y1)
            x = vsplat(shared3[at_x])
            w0, w1 = plus(w0, x, y0), plus(w1, x, y1)
        return s0, s1, t0, t1, u0, u1, w0, w1

    return sums


exact_products, fused_products = products(plus), products(fused)


def dots(shared: Any, each: Any, block: int, n: int, exact: int, q: Any) -> None:
    """Tiles of four, two vectors of rows at a time; the last one may be of no use."""
    width = lanes(each)
    for _ in range(n):
        out0, out1 = at(each, q[0] * block), at(each, q[1] * block)
        out2, out3 = at(each, q[2] * block), at(each, q[3] * block)
        step = q[5] * block
        p1 = 11 + 2 * q[6]
        p2 = p1 + 2 * q[7]
        p3 = p2 + 8 * q[8]
        p4 = p3 + 8 * q[9]
        p5 = p4 + 8 * q[10]
        for k in range(0, block, 2 * width):
            rows = at(each, k)
            if exact == 1:
                s0, s1, t0, t1, u0, u1, w0, w1 = exact_products(shared, rows, block, q, p1)
            else:
                s0, s1, t0, t1, u0, u1, w0, w1 = fused_products(shared, rows, block, q, p1)
            for p in range(p1, p2, 2):
                z = at(rows, q[p] * block)
                y = at(rows, q[p + 1] * block)
                y0, y1 = vload(y, 0), vload(y, width)
                s0, s1 = plus(s0, vload(z, 0), y0), plus(s1, vload(z, width), y1)
                z = at(z, step)
                t0, t1 = plus(t0, vload(z, 0), y0), plus(t1, vload(z, width), y1)
                z = at(z, step)
                u0, u1 = plus(u0, vload(z, 0), y0), plus(u1, vload(z, width), y1)
                z = at(z, step)
                w0, w1 = plus(w0, vload(z, 0), y0), plus(w1, vload(z, width), y1)
            for p in range(p2, p3, 8):
                x, y = vsplat(shared[q[p]]), at(rows, q[p + 1] * block)
                s0, s1 = plus(s0, x, vload(y, 0)), plus(s1, x, vload(y, width))
                x, y = vsplat(shared[q[p + 2]]), at(rows, q[p + 3] * block)
                t0, t1 = plus(t0, x, vload(y, 0)), plus(t1, x, vload(y, width))
                x, y = vsplat(shared[q[p + 4]]), at(rows, q[p + 5] * block)
                u0, u1 = plus(u0, x, vload(y, 0)), plus(u1, x, vload(y, width))
                x, y = vsplat(shared[q[p + 6]]), at(rows, q[p + 7] * block)
                w0, w1 = plus(w0, x, vload(y, 0)), plus(w1, x, vload(y, width))
            for p in range(p3, p4, 8):
                z, y = at(rows, q[p] * block), at(rows, q[p + 1] * block)
                s0, s1 = plus(s0, vload(z, 0), vload(y, 0)), plus(s1, vload(z, width), vload(y, width))
                z, y = at(rows, q[p + 2] * block), at(rows, q[p + 3] * block)
                t0, t1 = plus(t0, vload(z, 0), vload(y, 0)), plus(t1, vload(z, width), vload(y, width))
                z, y = at(rows, q[p + 4] * block), at(rows, q[p + 5] * block)
                u0, u1 = plus(u0, vload(z, 0), vload(y, 0)), plus(u1, vload(z, width), vload(y, width))
                z, y = at(rows, q[p + 6] * block), at(rows, q[p + 7] * block)
                w0, w1 = plus(w0, vload(z, 0), vload(y, 0)), plus(w1, vload(z, width), vload(y, width))
            for p in range(p4, p5, 8):
                x = vsplat(shared[q[p]] * shared[q[p + 1]])
                s0, s1 = vadd(s0, x), vadd(s1, x)
                x = vsplat(shared[q[p + 2]] * shared[q[p + 3]])
                t0, t1 = vadd(t0, x), vadd(t1, x)
                x = vsplat(shared[q[p + 4]] * shared[q[p + 5]])
                u0, u1 = vadd(u0, x), vadd(u1, x)
                x = vsplat(shared[q[p + 6]] * shared[q[p + 7]])
                w0, w1 = vadd(w0, x), vadd(w1, x)
            vstore(out0, k, s0)
            vstore(out0, k + width, s1)
            vstore(out1, k, t0)
            vstore(out1, k + width, t1)
            vstore(out2, k, u0)
            vstore(out2, k + width, u1)
            vstore(out3, k, w0)
            vstore(out3, k + width, w1)
        q = at(q, p5)


def sums_over_rows(shared: Any, each: Any, block: int, rows: int, totals: Any, n: int, q: Any) -> None:
    """Tiles of four sums of products, added up over the rows of a block."""
    width = lanes(each)
    for _ in range(n):
        p3 = 11 + 8 * q[8]
        p4 = p3 + 8 * q[9]
        p5 = p4 + 8 * q[10]
        s, t, u, w = vzero(each), vzero(each), vzero(each), vzero(each)
        for k in range(0, rows, width):
            line, rest = at(each, k), rows - k
            for p in range(11, p3, 8):
                s = vadd(s, vfirst(vmul(vsplat(shared[q[p]]), vload(line, q[p + 1] * block)), rest))
                t = vadd(t, vfirst(vmul(vsplat(shared[q[p + 2]]), vload(line, q[p + 3] * block)), rest))
                u = vadd(u, vfirst(vmul(vsplat(shared[q[p + 4]]), vload(line, q[p + 5] * block)), rest))
                w = vadd(w, vfirst(vmul(vsplat(shared[q[p + 6]]), vload(line, q[p + 7] * block)), rest))
            for p in range(p3, p4, 8):
                s = vadd(s, vfirst(vmul(vload(line, q[p] * block), vload(line, q[p + 1] * block)), rest))
                t = vadd(t, vfirst(vmul(vload(line, q[p + 2] * block), vload(line, q[p + 3] * block)), rest))
                u = vadd(u, vfirst(vmul(vload(line, q[p + 4] * block), vload(line, q[p + 5] * block)), rest))
                w = vadd(w, vfirst(vmul(vload(line, q[p + 6] * block), vload(line, q[p + 7] * block)), rest))
            for p in range(p4, p5, 8):  # the same for all rows
                s = vadd(s, vfirst(vsplat(shared[q[p]] * shared[q[p + 1]]), rest))
                t = vadd(t, vfirst(vsplat(shared[q[p + 2]] * shared[q[p + 3]]), rest))
                u = vadd(u, vfirst(vsplat(shared[q[p + 4]] * shared[q[p + 5]]), rest))
                w = vadd(w, vfirst(vsplat(shared[q[p + 6]] * shared[q[p + 7]]), rest))
        totals[q[0]] += vsum(s)
        totals[q[1]] += vsum(t)
        totals[q[2]] += vsum(u)
        totals[q[3]] += vsum(w)
        q = at(q, p5)


def squares_over_rows(
    each: Any, block: int, rows: int, totals: Any, n: int, pairs: int, q: Any, scratch: Any
) -> None:
    """Tiles of four by four sums of products, added up over the rows of a block.

    Products are not rounded before they are added: the order in which rows are added up is ours anyway.
    """
    width = lanes(each)
    for _ in range(n):
        a0, a1, a2, a3 = vzero(each), vzero(each), vzero(each), vzero(each)
        b0, b1, b2, b3 = vzero(each), vzero(each), vzero(each), vzero(each)
        c0, c1, c2, c3 = vzero(each), vzero(each), vzero(each), vzero(each)
        d0, d1, d2, d3 = vzero(each), vzero(each), vzero(each), vzero(each)
        for k in range(0, rows, width):
            line, rest = at(each, k), rows - k
            for p in range(16, 16 + 8 * pairs, 8):
                y0, y1 = (
                    vfirst(vload(line, q[p + 4] * block), rest),
                    vfirst(vload(line, q[p + 5] * block), rest),
                )
                y2, y3 = (
                    vfirst(vload(line, q[p + 6] * block), rest),
                    vfirst(vload(line, q[p + 7] * block), rest),
                )
                z = vfirst(vload(line, q[p] * block), rest)
                a0, a1, a2, a3 = vfma(z, y0, a0), vfma(z, y1, a1), vfma(z, y2, a2), vfma(z, y3, a3)
                z = vfirst(vload(line, q[p + 1] * block), rest)
                b0, b1, b2, b3 = vfma(z, y0, b0), vfma(z, y1, b1), vfma(z, y2, b2), vfma(z, y3, b3)
                z = vfirst(vload(line, q[p + 2] * block), rest)
                c0, c1, c2, c3 = vfma(z, y0, c0), vfma(z, y1, c1), vfma(z, y2, c2), vfma(z, y3, c3)
                z = vfirst(vload(line, q[p + 3] * block), rest)
                d0, d1, d2, d3 = vfma(z, y0, d0), vfma(z, y1, d1), vfma(z, y2, d2), vfma(z, y3, d3)
        first = vpairs(vpairs(vpairs(a0, a1), vpairs(a2, a3)), vpairs(vpairs(b0, b1), vpairs(b2, b3)))
        second = vpairs(vpairs(vpairs(c0, c1), vpairs(c2, c3)), vpairs(vpairs(d0, d1), vpairs(d2, d3)))
        if width == 8:
            vstore(scratch, 0, first)
            vstore(scratch, 8, second)
        else:
            vstore(scratch, 0, vpairs(first, second))
        for i in range(16):
            totals[q[i]] += scratch[i]
        q = at(q, 16 + 8 * pairs)


def operand(shared: Any, n_shared: int, each: Any, slot: int, block: int, n: int, scratch: Any) -> Any:
    """The numbers of a slot for a block of rows, side by side."""
    if slot >= n_shared:
        return at(each, (slot - n_shared) * block)
    for r in range(n):
        scratch[r] = shared[slot]
    return scratch


def places_in(index: Any, size: int, row: int, rows: int, status: Any, scratch: Any) -> Any:
    """The indices of some rows into a table of this size, all of which it has: see `place_in`."""
    fine = True
    for r in range(rows):
        fine &= (index[r] >= 0) & (index[r] < size) & (index[r] == math.floor(index[r]))
    if fine:
        return index
    for r in range(rows):
        scratch[r] = place_in(index[r], size, row + r, status)
    return scratch


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
            out[r] += log1p(total[r])


def mul(a: Any, b: Any) -> Any:
    """The product."""
    return a * b


def powers(x: Any, n: Any, c: Any, out: Any, count: int) -> None:
    """Powers, by our own function but for special cases: a base below 0, a result close to 0 or inf."""
    fine = True
    for i in range(count):
        fine &= (x[i] > 1e-60) & (x[i] < 1e60) & (math.fabs(n[i]) <= 4.0)
    if fine:
        for i in range(count):
            out[i] = power(x[i], n[i])
    else:
        exact_powers(x, n, c, out, count)


exact_powers = LOOPS[CODES["power"]]

apply = choice(
    LOOPS
    | {CODES["mul"]: loop_of_two(mul), CODES["power"]: powers}
    | {CODES[f.__name__]: loop_of_one(f) for f in (tanh, bell, softplus)}
)
"""That of `elementwise`, with `approximations` where only one row has the bits of the eager engine."""


def column(
    shared: Any, n_shared: int, each: Any, slot: int, moves: int, block: int, n: int, scratch: Any
) -> Any:
    """An operand of a run: numbers side by side, or n times the same line of a row or the same number."""
    if moves == 1:
        return at(each, (slot - n_shared) * block)
    for k in range(0, n, block):
        line = operand(shared, n_shared, each, slot, block, block, at(scratch, k))
        for r in range(block):
            scratch[k + r] = line[r]
    return scratch


def run_of(
    op: int,
    shared: Any,
    n_shared: int,
    each: Any,
    block: int,
    n: int,
    width: int,
    q: Any,
    out: Any,
    scratch: Any,
) -> None:
    """n operations, each of whose operands stays or moves on by a slot from one to the next."""
    n *= block
    strip = min(n, STRIP // block * block)
    a = column(shared, n_shared, each, q[0], q[width], block, strip, scratch)
    b, c = a, a
    if width > 1:
        b = column(shared, n_shared, each, q[1], q[width + 1], block, strip, at(scratch, STRIP))
    if width > 2:
        c = column(shared, n_shared, each, q[2], q[width + 2], block, strip, at(scratch, 2 * STRIP))
    move_a, move_b, move_c = q[width] * strip, q[width + min(1, width - 1)] * strip, q[2 * width - 1] * strip
    for k in range(0, n, strip):
        apply(op, a, b, c, at(out, k), min(strip, n - k))
        a, b, c = at(a, move_a), at(b, move_b), at(c, move_c)


def run_block(
    shared: Any,
    n_shared: int,
    each: Any,
    block: int,
    rows: int,
    groups: Any,
    n_groups: int,
    data: Any,
    totals: Any,
    scratch: Any,
    row: int,
    status: Any,
) -> None:
    """All groups of the stage on a block of rows, a line of `each` for every slot."""
    width = lanes(each)
    n_lanes = (rows + width - 1) // width * width
    for g in range(n_groups):
        group = at(groups, g * FIELDS)
        op, n, size, out = group[0], group[1], group[2], group[3]
        operands, mode = at(data, group[4]), group[5]
        to = at(each, out * block)
        if op == DOT:
            dots(shared, each, block, n, mode, operands)
        elif op == OVER_ROWS:
            if mode == 1:
                squares_over_rows(each, block, rows, totals, n, size, operands, scratch)
            else:
                sums_over_rows(shared, each, block, rows, totals, n, operands)
        elif op == SCATTER:
            table = at(totals, out)
            for j in range(0, size, 2):
                index = operand(shared, n_shared, each, operands[j], block, n_lanes, scratch)
                number = operand(shared, n_shared, each, operands[j + 1], block, n_lanes, at(scratch, block))
                index = places_in(index, group[6], row, rows, status, scratch)
                for r in range(rows):
                    table[int(index[r])] += number[r]
        elif op == TAKE:
            before = -1
            index = scratch
            for i in range(n):
                line = at(operands, i * size)
                if line[0] != before:
                    before = line[0]
                    index = operand(shared, n_shared, each, before, block, n_lanes, scratch)
                    index = places_in(index, size - 1, row, rows, status, scratch)
                line = at(line, 1)
                for r in range(rows):
                    slot = line[int(index[r])]
                    if slot >= n_shared:
                        to[i * block + r] = each[(slot - n_shared) * block + r]
                    else:
                        to[i * block + r] = shared[slot]
                for r in range(rows, n_lanes):
                    to[i * block + r] = to[i * block + rows - 1]
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
        elif mode == 1:
            run_of(op, shared, n_shared, each, block, n, size, operands, to, scratch)
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
