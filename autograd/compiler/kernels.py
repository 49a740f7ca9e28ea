"""The kernels: one program runs every tape.

Imported only to compile them, with Numba; `native` keeps the machine code. Pointers are used in place of
arrays, so that nothing of Python or of Numba is left in it: it calls the functions of mathematics of the C
library, and nothing else. Sums are computed in a fixed order, products are rounded before they are added, and
nothing is assumed about nan and inf.

What a primitive computes is taken from `autograd.functions` wherever that is plain arithmetic on floats.
Derivatives are not known here.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import llvmlite.binding as llvm
import numba

from .. import functions
from .layout import ACTIONS, ALONG, CODES, FIELDS, GENERAL, HEAD, SINGLE, TILES
from .vectors import (
    at,
    int32_pointer,
    integer,
    lanes,
    pointer_to,
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

__all__ = ["compiled"]

DOT = CODES["dot"]
OVER_ROWS = CODES["over_rows"]
SCATTER = CODES["scatter"]
TAKE = CODES["take"]
LOGSUMEXP = CODES["logsumexp"]
LARGEST = CODES["largest"]
DIV = CODES["div"]
POWER = CODES["power"]
EXP = CODES["exp"]
EXPM1 = CODES["expm1"]
LOG = CODES["log"]
LOG1P = CODES["log1p"]
SQRT = CODES["sqrt"]
SIN = CODES["sin"]
COS = CODES["cos"]
TAN = CODES["tan"]
ASIN = CODES["asin"]
ACOS = CODES["acos"]
ATAN = CODES["atan"]
SINH = CODES["sinh"]
COSH = CODES["cosh"]
TANH = CODES["tanh"]
ASINH = CODES["asinh"]
ACOSH = CODES["acosh"]
ATANH = CODES["atanh"]
ERF = CODES["erf"]
SIGMOID = CODES["sigmoid"]
SOFTPLUS = CODES["softplus"]
RELU = CODES["relu"]
LEAKY_RELU = CODES["leaky_relu"]
ABS = CODES["abs"]
MAXIMUM = CODES["maximum"]
MINIMUM = CODES["minimum"]
WHERE = CODES["where"]
LESS = CODES["less"]
LESS_EQUAL = CODES["less_equal"]
EQUAL = CODES["equal"]
PREPARE, RUN_ROWS, FINISH, EVALUATE = ACTIONS

njit: Any = numba.njit
inner: Any = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)

# -------------------------------------------------------------------------------------- one number at a time

exp = inner(functions.exp.__wrapped__)
expm1 = inner(functions.expm1.__wrapped__)
log = inner(functions.log.__wrapped__)
log1p = inner(functions.log1p.__wrapped__)
sqrt = inner(functions.sqrt.__wrapped__)
sin = inner(functions.sin.__wrapped__)
cos = inner(functions.cos.__wrapped__)
tan = inner(functions.tan.__wrapped__)
asin = inner(functions.asin.__wrapped__)
acos = inner(functions.acos.__wrapped__)
atan = inner(functions.atan.__wrapped__)
sinh = inner(functions.sinh.__wrapped__)
cosh = inner(functions.cosh.__wrapped__)
tanh = inner(functions.tanh.__wrapped__)
asinh = inner(functions.asinh.__wrapped__)
acosh = inner(functions.acosh.__wrapped__)
atanh = inner(functions.atanh.__wrapped__)
erf = inner(functions.erf.__wrapped__)
sigmoid = inner(functions.sigmoid.__wrapped__)
softplus = inner(functions.softplus.__wrapped__)


@inner
def power(x: Any, n: Any) -> Any:
    """x^n; nan stays nan."""
    return x + n if x != x or n != n else math.pow(x, n)


@inner
def maximum(a: Any, b: Any) -> Any:
    """The larger one; nan if one is."""
    return a if a > b or a != a else b


@inner
def minimum(a: Any, b: Any) -> Any:
    """The smaller one; nan if one is."""
    return a if a < b or a != a else b


@inner
def apply(op: int, a: Any, b: Any, c: Any, out: Any, n: int) -> None:
    """n results of a primitive, of operands that lie side by side."""
    if op == DIV:
        for i in range(n):
            out[i] = a[i] / b[i]
    elif op == WHERE:
        for i in range(n):
            out[i] = b[i] if a[i] != 0 else c[i]
    elif op == LESS:
        for i in range(n):
            out[i] = a[i] < b[i]
    elif op == LESS_EQUAL:
        for i in range(n):
            out[i] = a[i] <= b[i]
    elif op == EQUAL:
        for i in range(n):
            out[i] = a[i] == b[i]
    elif op == POWER:
        for i in range(n):
            out[i] = power(a[i], b[i])
    elif op == MAXIMUM:
        for i in range(n):
            out[i] = maximum(a[i], b[i])
    elif op == MINIMUM:
        for i in range(n):
            out[i] = minimum(a[i], b[i])
    elif op == RELU:
        for i in range(n):
            out[i] = 0.0 if a[i] <= 0 else a[i]
    elif op == LEAKY_RELU:
        for i in range(n):
            out[i] = a[i] if a[i] != a[i] or a[i] > 0 else b[i] * a[i]
    elif op == ABS:
        for i in range(n):
            out[i] = math.fabs(a[i])
    elif op == EXP:
        for i in range(n):
            out[i] = exp(a[i])
    elif op == EXPM1:
        for i in range(n):
            out[i] = expm1(a[i])
    elif op == LOG:
        for i in range(n):
            out[i] = log(a[i])
    elif op == LOG1P:
        for i in range(n):
            out[i] = log1p(a[i])
    elif op == SQRT:
        for i in range(n):
            out[i] = sqrt(a[i])
    elif op == SIN:
        for i in range(n):
            out[i] = sin(a[i])
    elif op == COS:
        for i in range(n):
            out[i] = cos(a[i])
    elif op == TAN:
        for i in range(n):
            out[i] = tan(a[i])
    elif op == ASIN:
        for i in range(n):
            out[i] = asin(a[i])
    elif op == ACOS:
        for i in range(n):
            out[i] = acos(a[i])
    elif op == ATAN:
        for i in range(n):
            out[i] = atan(a[i])
    elif op == SINH:
        for i in range(n):
            out[i] = sinh(a[i])
    elif op == COSH:
        for i in range(n):
            out[i] = cosh(a[i])
    elif op == TANH:
        for i in range(n):
            out[i] = tanh(a[i])
    elif op == ASINH:
        for i in range(n):
            out[i] = asinh(a[i])
    elif op == ACOSH:
        for i in range(n):
            out[i] = acosh(a[i])
    elif op == ATANH:
        for i in range(n):
            out[i] = atanh(a[i])
    elif op == ERF:
        for i in range(n):
            out[i] = erf(a[i])
    elif op == SIGMOID:
        for i in range(n):
            out[i] = sigmoid(a[i])
    elif op == SOFTPLUS:
        for i in range(n):
            out[i] = softplus(a[i])


@inner
def place_in(index: float, size: int, row: int, status: Any) -> int:
    """The index of an entry, as an integer; what is none is noted for the error and 0 taken."""
    if index >= 0 and index < size and index == math.floor(index):
        return int(index)
    if status[0] == 0:
        status[0] = 1
        status[1] = row
        status[2] = index
        status[3] = size
    return 0


# ------------------------------------------------------------------------------------------------- one row


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
def logsumexp(x: Any, n: int) -> Any:
    """log of the sum of exp(x)."""
    top = x[0]
    place = 0
    for i in range(1, n):
        if not x[i] <= top:  # nan too
            top = x[i]
            place = i
    if top - top != 0:
        return top
    total = 0.0
    for i in range(n):
        if i != place:
            total += math.exp(x[i] - top)
    return top + math.log1p(total)


@inner
def largest(x: Any, n: int) -> Any:
    """The largest of some numbers; nan if one is."""
    top = x[0]
    for i in range(1, n):
        top = maximum(top, x[i])
    return top


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


# ------------------------------------------------------------------------------------------- a block of rows


@inner
def sum_of(
    shared: Any, n_shared: int, each: Any, block: int, count: int, out: Any, group: Any, operands: Any
) -> None:
    """A sum of products for `count` vectors of rows."""
    width = lanes(each)
    p1 = 2 * integer(group, 4)
    p2 = p1 + 2 * integer(group, 5)
    p3 = integer(group, 2)
    k = 0
    while k + 4 * width <= count * width:
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
        vstore(out, k, s0)
        vstore(out, k + width, s1)
        vstore(out, k + 2 * width, s2)
        vstore(out, k + 3 * width, s3)
        k += 4 * width
    while k < count * width:
        s0 = vzero(each)
        for p in range(0, p1, 2):
            y = at(each, (operands[p + 1] - n_shared) * block)
            s0 = vadd(s0, vmul(vsplat(shared[operands[p]]), vload(y, k)))
        for p in range(p1, p2, 2):
            z = at(each, (operands[p] - n_shared) * block)
            y = at(each, (operands[p + 1] - n_shared) * block)
            s0 = vadd(s0, vmul(vload(z, k), vload(y, k)))
        for p in range(p2, p3, 2):
            s0 = vadd(s0, vsplat(shared[operands[p]] * shared[operands[p + 1]]))
        vstore(out, k, s0)
        k += width


@inner
def sums_by_four(
    n_shared: int, each: Any, block: int, rows: int, totals: Any, size: int, operands: Any
) -> None:
    """The same for four neighbours that have the first operand of each pair in common.

    With sixteen sums in registers, a number is loaded once for four products. What is left of the rows after
    each four vectors is not looked at.
    """
    width = lanes(each)
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
    for i in range(n):
        line = at(operands, i * p3)
        s0, s1, s2, s3 = vload(totals, i * width), vzero(each), vzero(each), vzero(each)
        k = whole // (4 * width) * (4 * width) if i < fours else 0
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
            for i in range(n):
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
                for r in range(n_lanes):
                    for j in range(size):
                        slot = line[j]
                        if slot >= n_shared:
                            scratch[j] = each[(slot - n_shared) * block + r]
                        else:
                            scratch[j] = shared[slot]
                    to[i * block + r] = logsumexp(scratch, size)
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


# ------------------------------------------------------------------------------------------------- entries

# A program is a line of integers, as `native.Native` writes it:
#   0 shared slots  1 slots of rows  2 parameters  3 inputs  4-6 groups to the end of each stage
#   7 first sum over rows  8 number of those  9 number of results
#   10-12 addresses of the table of groups, the slots of their operands and the slots of the results
#   13 zero (for a 0 written out, Numba compiles a function once more)
#   14-16 where each stage ends in the stream of groups  17 its address  18 the fewest blocks in a chunk
#   19 rows in a block


@inner
def read_rows(x: Any, n_inputs: int, row: int, rows: int, each: Any, block: int) -> None:
    """Bring the inputs of a block of rows to their slots; the last row fills the vector up."""
    width = lanes(each)
    n_lanes = (rows + width - 1) // width * width
    for r in range(n_lanes):
        line = at(x, (row + min(r, rows - 1)) * n_inputs)
        for i in range(n_inputs):
            each[i * block + r] = line[i]


@inner
def run_rows(
    program: Any,
    v: Any,
    x: Any,
    first: int,
    last: int,
    each: Any,
    totals: Any,
    outputs: Any,
    n_outputs: int,
    scratch: Any,
    status: Any,
) -> None:
    """Run the rows from first to last, block by block; add up the sums over rows, from 0, in `totals`."""
    block = program[19]
    n_shared = program[0]
    groups, indices = int32_pointer(program[10]), int32_pointer(program[11])
    results = pointer_to(program[12], program)
    width = lanes(each)
    for i in range(program[8] * width):
        totals[i] = 0.0
    row = first
    while row < last:
        rows = min(block, last - row)
        read_rows(x, program[3], row, rows, each, block)
        run_block(
            v, n_shared, each, block, rows, groups, program[4], program[5], indices, totals, program[7],
            scratch, row, status,
        )  # fmt: skip
        for i in range(n_outputs):
            slot = results[i]
            for r in range(rows):
                if slot >= n_shared:
                    outputs[(row + r) * n_outputs + i] = each[(slot - n_shared) * block + r]
                else:
                    outputs[(row + r) * n_outputs + i] = v[slot]
        row += block
    for i in range(program[8]):
        totals[i] = vsum(vload(totals, i * width))


@inner
def enter(
    action: int,
    program: Any,
    theta: Any,
    x: Any,
    first: int,
    last: int,
    chunk: int,
    divisor: float,
    v: Any,
    each: Any,
    totals: Any,
    scratch: Any,
    status: Any,
    out: Any,
    n_outputs: int,
) -> None:
    """The one way into the machine code.

    PREPARE     read the parameters, and compute what depends on them alone
    RUN_ROWS    run the rows from first to last, and write their n_outputs results to `out`
    FINISH      add up the sums of `last` chunks of rows, and write the results to `out`
    EVALUATE    all of that for `last` rows
    """
    stream = int32_pointer(program[17])
    n_sums = program[8]
    single = action == EVALUATE and last == 1  # everything is in one line of numbers
    if action in (EVALUATE, PREPARE):
        for i in range(program[2]):
            v[i] = theta[i]
        if single:
            for i in range(program[3]):
                v[program[0] + i] = x[i]
        run(v, stream, program[13], program[16] if single else program[14], scratch, program[13], status)
    if action == RUN_ROWS or (action == EVALUATE and not single):
        k = 0
        while first < last:
            rows = min(chunk, last - first)
            into = at(totals, k * n_sums * lanes(each))
            run_rows(program, v, x, first, first + rows, each, into, out, n_outputs, scratch, status)
            first += rows
            k += 1
        last = k
    if action == FINISH or (action == EVALUATE and not single):
        for i in range(n_sums):
            total = totals[i]
            for k in range(1, last):
                total += totals[k * n_sums * lanes(each) + i]
            v[program[7] + i] = total
        run(v, stream, program[15], program[16], scratch, program[13], status)
    if action in (FINISH, EVALUATE):
        results = pointer_to(program[12], program)
        for i in range(program[9]):
            out[i] = v[results[i]] / divisor


@inner
def descend(
    program: Any,
    v: Any,
    each: Any,
    totals: Any,
    scratch: Any,
    status: Any,
    move: Any,
    v_move: Any,
    each_move: Any,
    totals_move: Any,
    scratch_move: Any,
    status_move: Any,
    x: Any,
    batch: Any,
    mean: int,
    chunks: int,
    rows: Any,
    sizes: Any,
    n_steps: int,
    theta: Any,
    states: Any,
    moved: Any,
    out: Any,
    losses: Any,
    done: Any,
) -> None:
    """Steps of gradient descent. Stops before a step whose loss or gradient is not finite.

    program     gives the loss and its gradient; with its memory
    move        what an optimiser does, a row for each parameter it moves: gradient and state in, how far it
                goes and its new state out; with its memory. Parameters that are not moved come last
    x, batch    all rows, and room for those of one step
    mean        whether the loss is divided by the number of rows: 1, 0, or -1 where rows do not matter
    rows        which rows the steps take, one after the other; `sizes` says how many each takes
    states      for each parameter room for its gradient, and behind that its state
    losses      of each step
    done        gets the number of steps taken, and which number was not finite: 0 is the loss, 1 the
                gradient of the first parameter; -1 is none
    """
    block = program[19]
    n_inputs, n_moved, width = program[3], program[9] - 1, move[3]
    at_row = 0
    for step in range(n_steps):
        n = sizes[step]
        for r in range(n):
            for i in range(n_inputs):
                batch[r * n_inputs + i] = x[rows[at_row + r] * n_inputs + i]
        at_row += n
        divisor = n * 1.0 if mean == 1 else 1.0 / n if mean == -1 else 1.0
        chunk = block * max(program[18], (n + block * chunks - 1) // (block * chunks))
        enter(
            EVALUATE + program[13], program, theta, batch, program[13], n, chunk, divisor, v, each, totals,
            scratch, status, out, program[13],
        )  # fmt: skip
        losses[step] = out[0]
        for i in range(n_moved + 1):
            if out[i] - out[i] != 0 or status[0] != 0:
                done[0] = step
                done[1] = i
                return
        for i in range(n_moved):
            states[i * width] = out[1 + i]
        for action in range(PREPARE, FINISH):
            enter(
                action, move, theta, states, program[13], n_moved, n_moved, divisor, v_move, each_move,
                totals_move, scratch_move, status_move, moved, width,
            )  # fmt: skip
        for i in range(n_moved):
            theta[i] += moved[i * width]
            for k in range(1, width):
                states[i * width + k] = moved[i * width + k]
    done[0] = n_steps
    done[1] = -1


# ------------------------------------------------------------------------------------------- what is compiled

types: Any = numba.types
config: Any = numba.config
INTS, COUNT, REAL = types.CPointer(types.int64), types.int64, types.float64
DOUBLES = types.CPointer(types.float64)


def compiled(dtype: str) -> tuple[list[str], bytes]:
    """The symbols of `enter` and `descend`, and an object file with both, for numbers of this kind.

    Numba optimises every function with all that it calls, which for a tower of functions takes many times
    as long as doing it once, at the end. So it is told not to.
    """
    numbers = types.CPointer(getattr(types, dtype))
    memory = (numbers, numbers, numbers, numbers, DOUBLES)
    entries = {
        enter: (COUNT, INTS, DOUBLES, DOUBLES, COUNT, COUNT, COUNT, REAL, *memory, DOUBLES, COUNT),
        descend: (
            *(INTS, *memory, INTS, *memory, DOUBLES, DOUBLES, COUNT, COUNT, INTS, INTS, COUNT),
            *(DOUBLES, DOUBLES, DOUBLES, DOUBLES, DOUBLES, DOUBLES),
        ),
    }
    level = config.OPT
    config.OPT = type(level)(0)
    try:
        for entry, arguments in entries.items():
            entry.compile(types.void(*arguments))
    finally:
        config.OPT = level
    made = [entry.overloads[arguments] for entry, arguments in entries.items()]
    symbols = [entry.fndesc.llvm_func_name for entry in made]
    return symbols, _optimised(made[-1].library.get_llvm_str(), symbols)


def _optimised(code: str, symbols: Sequence[str]) -> bytes:
    """An object file of LLVM code, of which only these functions have to be seen from outside."""
    module = llvm.parse_assembly(code)
    for function in module.functions:
        if not function.is_declaration:
            function.linkage = "external" if function.name in symbols else "internal"
    target = llvm.Target.from_triple(llvm.get_process_triple())
    machine = target.create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        codemodel="jitdefault",
    )
    options = llvm.create_pipeline_tuning_options(3)
    options.loop_vectorization = True
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    found: bytes = machine.emit_object(module)
    return found
