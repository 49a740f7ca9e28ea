"""The language of the kernels: what it means is what Python means by it."""

import ctypes
import math

import pytest

pytest.importorskip("llvmlite")

from autograd.compiler.arithmetic import DOUBLE, FLOAT, INT, INT32
from autograd.compiler.machine_code import load, optimised
from autograd.compiler.translation import Module
from autograd.compiler.vectors import double

HALF = 0.5
C_TYPES = {INT: ctypes.c_int64, DOUBLE: ctypes.c_double}
ENGINES = []
"""What holds the machine code."""


def compiled(procedure, *types):
    """A procedure as a function that Python can call; arrays are given by pointers."""
    module = Module()
    symbol = module.procedure(procedure, types).name
    engine, (address,) = load(optimised(str(module), [symbol]), [symbol])
    ENGINES.append(engine)
    return ctypes.CFUNCTYPE(None, *(C_TYPES.get(kind, ctypes.c_void_p) for kind in types))(address)


def results(procedure, *arguments, n=1):
    """What a procedure writes to `out`, compiled and as Python runs it."""
    types = [INT if type(x) is int else DOUBLE for x in arguments]
    out = (ctypes.c_double * n)()
    compiled(procedure, *types, DOUBLE.as_pointer())(*arguments, out)
    expected = [0.0] * n
    procedure(*arguments, expected)
    return list(out), expected


def test_arithmetic():
    def f(i, j, x, y, out):
        out[0] = i / j + x * y - 3
        out[1] = i // j + (i << 3 >> 1) + (i & 5 | 8) - -j
        out[2] = x if (i > j and not y < x) or j == 2 else i
        out[3] = min(i, j, 4) if False else max(i, j)
        out[4] = math.copysign(math.fabs(-x) + math.sqrt(y), -1.0) + math.floor(y)
        out[5] = (i in (1, 7)) + (x != x) + (x >= y)
        out[6] = int(x * 10) + float(j)

    for i, j, x, y in [(7, 2, 0.25, 1.5), (7, 3, -2.0, 0.5), (1, 9, 1e3, 3.0)]:
        found, expected = results(f, i, j, x, y, n=7)
        assert found == expected


def test_comparing_with_nan():
    def f(x, out):
        out[0] = 1.0 if x < 1 else 2.0 if x != x else 3.0
        out[1] = 1.0 if x else 2.0
        out[2] = 1.0 if not x < 1 else 2.0

    for x in (math.nan, 0.0, 5.0, -5.0):
        found, expected = results(f, x, n=3)
        assert found == expected


def test_names_in_branches_and_loops():
    def f(n, x, out):
        total, last = 0.0, -1
        for i in range(n):
            if i > 3:
                total += x
                last = i
            elif i == 2:
                total -= 1
            else:
                last = 10 * last
            i += 100  # counts for this turn alone
            out[i - 100] = i
        for i in range(n - 1, 3 * n, n + 1):
            last += i
        while total < 20:
            total = 2 * total + 3
            x = total
        out[n] = total
        out[n + 1] = last
        out[n + 2] = x

    for n in (0, 1, 3, 9):
        found, expected = results(f, n, 0.75, n=n + 3)
        assert found == expected


def halves(n):
    """How often n can be halved, and what is left; -1 and 0 for 0."""
    if n == 0:
        return -1, 0.5
    times = 0
    while n & 1 == 0:
        n = n >> 1
        times += 1
        if times == 5:
            return 5, 99
    return times, n


def of_function(f, times):
    def several(x):
        for _ in range(times):
            x = f(x)
        return x

    return several


def square(x):
    return x * x


fourth = of_function(square, 2)


def store_all(x, n, out):
    for i in range(n):
        if x[i] < 0:
            return
        out[i] = fourth(x[i])


def test_functions_are_written_out_and_procedures_called():
    def f(n, x, out):
        times, left = halves(n)
        out[0] = times
        out[1] = left
        out[2] = fourth(x)
        store_all(out, 3, out)

    for n in (0, 1, 12, 64):
        found, expected = results(f, n, 1.5, n=3)
        assert found == expected


def test_what_is_known_is_computed_while_translating():
    def f(out):
        if HALF > 1:
            out.no_such_thing()
        out[0] = 2**10 - math.log(2) if many > 2 else out.nor_this()

    many = 3
    out = (ctypes.c_double * 1)()
    compiled(f, DOUBLE.as_pointer())(out)
    assert out[0] == 2**10 - math.log(2)


def test_types():
    def f(x, k, out):
        out[0] = x[0] * x[0]  # of two floats a float
        out[1] = x[0] * 0.1 + k[0]
        out[2] = double(x[0]) * x[0]
        x[0] = k[1] / 3

    x, k = (ctypes.c_float * 1)(0.1), (ctypes.c_int32 * 2)(-7, 1)
    once = x[0]
    out = (ctypes.c_double * 3)()
    compiled(f, FLOAT.as_pointer(), INT32.as_pointer(), DOUBLE.as_pointer())(x, k, out)
    assert list(out) == [ctypes.c_float(once * once).value, once * 0.1 - 7, once * once]
    assert x[0] == ctypes.c_float(1 / 3).value


def test_a_name_that_may_not_be_set_is_refused():
    def f(n, out):
        if n > 0:
            x = 1.0
        out[0] = x

    with pytest.raises(NameError, match="'x' in f"):
        Module().procedure(f, [INT, DOUBLE.as_pointer()])


def test_a_type_that_changes_in_a_loop_is_refused():
    def f(n, out):
        x = 0
        for i in range(n):
            x = x + 0.5 * i
        out[0] = x

    with pytest.raises(TypeError, match="'x' is i64 before a loop and double in it"):
        Module().procedure(f, [INT, DOUBLE.as_pointer()])
