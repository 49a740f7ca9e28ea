"""The table of primitives, held against closed forms that are written here a second time, with mpmath."""

import itertools
import math
import operator
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import mpmath
import pytest
import sympy
from mpmath import mp, mpf

import autograd
from autograd import OPS, Value, primitive
from autograd.adjoints import derivatives
from autograd.errors import NameClashError, NumberError, SettingError, ShapeError
from autograd.expr import symbol
from autograd.numbers import is_nan
from autograd.ops import textbook
from autograd.value import _record

INF, NAN = math.inf, math.nan
ULPS = 4
LARGEST, SMALLEST = sys.float_info.max, math.ulp(0.0)

# ------------------------------------------------------------------------------------------- closed forms


class Closed(NamedTuple):
    """A primitive as a textbook has it: functions of mpf that share nothing with the table.

    `near` are the points around which it is looked at most closely: singularities, kinks, and where
    results leave the range of floats. `scale` is the size in whose ulps a value is measured, for sums,
    which may cancel.
    """

    value: Callable[..., Any]
    derivatives: Callable[..., Sequence[Any]]
    near: tuple[float, ...] = ()
    low: float = -INF
    high: float = INF
    scale: Callable[..., Any] | None = None


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def logsumexp(*xs):
    top, *rest = sorted(xs, reverse=True)
    return top + mp.log1p(sum(mp.exp(x - top) for x in rest))


def softmax(*xs):
    total = logsumexp(*xs)
    return [mp.exp(x - total) for x in xs]


def power_derivatives(x, n):
    return n * mp.power(x, n - 1), mp.power(x, n) * mp.log(x) if x > 0 else mp.nan


def halves(values):
    return values[: len(values) // 2], values[len(values) // 2 :]


def dot(*values):
    return sum(map(operator.mul, *halves(values)))


QUARTER = math.pi / 2

UNARY = {
    "neg": Closed(lambda x: -x, lambda x: [-1]),
    "exp": Closed(mp.exp, lambda x: [mp.exp(x)], (709.78, -708.4, -745.13)),
    "expm1": Closed(mp.expm1, lambda x: [mp.exp(x)], (709.78, -708.4, -745.13)),
    "log": Closed(mp.log, lambda x: [1 / x], (1.0, 5e-309), low=0),
    "log1p": Closed(mp.log1p, lambda x: [1 / (1 + x)], (-1.0,), low=-1),
    "sqrt": Closed(mp.sqrt, lambda x: [1 / (2 * mp.sqrt(x))], (1.0,), low=0),
    "sin": Closed(mp.sin, lambda x: [mp.cos(x)], (QUARTER, -QUARTER, math.pi)),
    "cos": Closed(mp.cos, lambda x: [-mp.sin(x)], (QUARTER, -QUARTER, math.pi)),
    "tan": Closed(mp.tan, lambda x: [mp.sec(x) ** 2], (QUARTER, -QUARTER, 3 * QUARTER)),
    "asin": Closed(mp.asin, lambda x: [1 / mp.sqrt(1 - x * x)], (1.0, -1.0), -1, 1),
    "acos": Closed(mp.acos, lambda x: [-1 / mp.sqrt(1 - x * x)], (1.0, -1.0), -1, 1),
    "atan": Closed(mp.atan, lambda x: [1 / (1 + x * x)], (1.0, 6.7e153, -6.7e153)),
    "sinh": Closed(mp.sinh, lambda x: [mp.cosh(x)], (710.47, -710.47)),
    "cosh": Closed(mp.cosh, lambda x: [mp.sinh(x)], (710.47, -710.47)),
    "tanh": Closed(mp.tanh, lambda x: [mp.sech(x) ** 2], (19.0, 354.9, -354.9, 372.9, -372.9)),
    "asinh": Closed(mp.asinh, lambda x: [1 / mp.sqrt(1 + x * x)], (1.0, 1.3e154, -1.3e154)),
    "acosh": Closed(mp.acosh, lambda x: [1 / mp.sqrt(x * x - 1)], (1.0, 2.0, 1.3e154), low=1),
    "atanh": Closed(mp.atanh, lambda x: [1 / (1 - x * x)], (1.0, -1.0), -1, 1),
    "erf": Closed(mp.erf, lambda x: [2 / mp.sqrt(mp.pi) * mp.exp(-x * x)], (26.6, -26.6, 27.2, -27.2)),
    "sigmoid": Closed(
        sigmoid,
        lambda x: [mp.exp(-abs(x)) / (1 + mp.exp(-abs(x))) ** 2],
        (36.7, 708.4, -708.4, 745.13, -745.13),
    ),
    "softplus": Closed(softplus, lambda x: [sigmoid(x)], (-36.7, 709.78, -708.4, -745.13)),
    "relu": Closed(lambda x: max(x, mpf(0)), lambda x: [1 if x > 0 else 0]),
    "abs": Closed(abs, lambda x: [1 if x > 0 else -1]),
}
BINARY = {
    "add": Closed(operator.add, lambda a, b: [1, 1]),
    "sub": Closed(operator.sub, lambda a, b: [1, -1]),
    "mul": Closed(operator.mul, lambda a, b: [b, a]),
    "div": Closed(operator.truediv, lambda a, b: [1 / b, -a / b**2]),
    "power": Closed(mp.power, lambda x, n: power_derivatives(x, n)[:1]),
    "general_power": Closed(mp.power, power_derivatives),
    "leaky_relu": Closed(lambda x, s: x if x > 0 else s * x, lambda x, s: [1, 0] if x > 0 else [s, x]),
    "maximum": Closed(max, lambda a, b: [a > b, a < b]),
    "minimum": Closed(min, lambda a, b: [a < b, a > b]),
    "less": Closed(operator.lt, lambda a, b: [0, 0]),
    "less_equal": Closed(operator.le, lambda a, b: [0, 0]),
}
NARY = {
    "where": Closed(lambda c, a, b: a if c else b, lambda c, a, b: [1]),
    "sum": Closed(lambda *x: sum(x), lambda *x: [1] * len(x), scale=lambda *x: sum(map(abs, x))),
    "dot": Closed(dot, lambda *x: sum(reversed(halves(x)), ()), scale=lambda *x: dot(*map(abs, x))),
    "logsumexp": Closed(
        logsumexp,
        softmax,
        scale=lambda *xs: max(abs(logsumexp(*xs)), abs(max(xs))),
    ),
}
CLOSED = UNARY | BINARY | NARY
SHOWN = [name for name in CLOSED if OPS[name].shown]

# ------------------------------------------------------------------------------------------------ points


def everywhere(rng: random.Random, count: int) -> list[float]:
    """Floats of every size and both signs, subnormal ones included, equally many of each binary order."""
    return [
        math.ldexp(rng.uniform(1, 2), rng.randrange(-1074, 1024)) * rng.choice((1, -1)) for _ in range(count)
    ]


def around(c: float) -> Iterable[float]:
    """Floats nearer and nearer to c, on both sides."""
    for direction in (INF, -INF):
        x = c
        for _ in range(8):
            x = math.nextafter(x, direction)
            yield x
        for j in range(1, 64, 3):
            yield c + math.copysign(2.0**-j, direction)
            yield c * (1 + math.copysign(2.0**-j, direction))


EXTREMES = [s * x for x in (SMALLEST, 3 * SMALLEST, sys.float_info.min, LARGEST) for s in (1, -1)]


def points(closed: Closed, rng: random.Random) -> list[float]:
    """Points all over a domain on the line."""
    found = [*EXTREMES, *around(0.0), *itertools.chain(*map(around, closed.near))]
    found += everywhere(rng, 1000)
    found += [rng.uniform(-800, 800) for _ in range(300)] + [rng.uniform(-4, 4) for _ in range(900)]
    if closed.low == 0:
        found = [abs(x) for x in found]
    elif closed.low == 1:
        found += [1 + abs(x) for x in found]
    elif closed.high == 1:
        found += [rng.uniform(-1, 1) for _ in range(1000)]
        found += [s * (1 - 10 ** rng.uniform(-16, 0)) for _ in range(250) for s in (1, -1)]
    elif closed.low == -1:
        found += [x - 1 for x in found if x > 0]
    return [x for x in dict.fromkeys(found) if closed.low < x < closed.high and x]


def pairs(rng: random.Random) -> list[tuple[float, float]]:
    a = EXTREMES + everywhere(rng, 900) + [rng.uniform(-9, 9) for _ in range(900)]
    b = EXTREMES + everywhere(rng, 900) + [rng.uniform(-9, 9) for _ in range(900)]
    return [(rng.choice(a), rng.choice(b)) for _ in range(2000)] + list(itertools.product(EXTREMES, EXTREMES))


def quotients(rng: random.Random) -> list[tuple[float, float]]:
    """Operands of a division whose results lie at both ends of the range of floats too."""
    found = pairs(rng)
    for _ in range(600):
        b = math.ldexp(rng.uniform(-2, 2), rng.randrange(-1000, 1000))
        exponent = rng.choice((rng.randrange(-1074, -1000), rng.randrange(1000, 1024)))
        half = math.ldexp(rng.uniform(1, 2), exponent // 2)
        found.append((b * half * half, b))
        found.append((rng.randrange(1, 99) * SMALLEST, rng.uniform(-0.5, 0.5)))
    return [(a, b) for a, b in found if math.isfinite(a) and b]


def powers(rng: random.Random) -> list[tuple[float, float]]:
    """Bases and exponents whose results fill the range of floats, and go a little beyond."""
    found = [
        (x, n) for x in (2.0, 0.5, 1e-200, 7e150, 3.7) for n in (2.0, 3.0, 0.5, -0.5, 1.0, -1.0, 1e-20, -2.0)
    ]
    for _ in range(1400):
        x = rng.choice(
            (
                abs(everywhere(rng, 1)[0]),
                rng.uniform(0, 9),
                1 + rng.uniform(-1, 1) * 10 ** rng.uniform(-16, 0),
            )
        )
        if x in (0, 1):
            continue
        n = rng.uniform(-1100, 1100) / math.log2(x)
        found += [(x, n), (x, rng.uniform(-3, 3)), (x, n * 10 ** rng.uniform(-20, 0))]
        sign, whole = rng.choice((1, -1)), float(round(max(-1e15, min(n, 1e15))))
        found.append((sign * x, whole))
        found += [(sign * x, float(rng.randrange(-9, 10))), (x, rng.choice((1 / 3, -2 / 3, 0.1, -0.1, 1.5)))]
    found += [(x, n) for x in EXTREMES[::2] for n in (0.1, -0.1, 0.5, 0.999, 1e-3, -1e-3, 1e-300, 1.0, 2.0)]
    return [(x, n) for x, n in dict.fromkeys(found) if n]


def with_ties_nearly(rng: random.Random) -> list[tuple[float, float]]:
    near_ties = [(x, math.nextafter(x, INF)) for x in everywhere(rng, 200)]
    return [(a, b) for a, b in pairs(rng) + near_ties + [(b, a) for a, b in near_ties] if a != b]


def conditions(rng: random.Random) -> list[tuple[Any, ...]]:
    return [(rng.choice((True, False)), a, b) for a, b in pairs(rng)]


def lists(rng: random.Random) -> list[tuple[float, ...]]:
    """Lists of even length, none of whose sums overflows on the way."""
    found = []
    for _ in range(2600):
        size = rng.choice((1e150, 1.0))
        exponents = rng.choice(((-500, 500), (-20, 4), (0, 2)))
        values = [
            rng.choice((1, -1)) * rng.uniform(1, 2) * 2.0 ** rng.randrange(*exponents) for _ in range(8)
        ]
        found.append(tuple(max(-size, min(x, size)) for x in values[: rng.choice((2, 4, 6, 8))]))
    return found


def exponents(rng: random.Random) -> list[tuple[float, ...]]:
    """Operands of logsumexp: large and small, close together and so far apart that shares are subnormal."""
    found = [(x,) for x in everywhere(rng, 50)] + [(0.0, x) for x in points(UNARY["softplus"], rng)]
    for _ in range(800):
        top = rng.choice(
            (0.0, rng.uniform(-900, 900), 10 ** rng.uniform(-20, 4), -(10 ** rng.uniform(-20, 4)))
        )
        width = rng.choice((1, 40, 760))
        found.append((top, *(top - rng.uniform(0, width) for _ in range(rng.randrange(1, 6)))))
    found += [tuple(rng.uniform(-30, 5) for _ in range(300)) for _ in range(3)]
    return [tuple(rng.sample(xs, len(xs))) for xs in found]


POINTS: dict[str, Callable[[random.Random], list[tuple[Any, ...]]]] = {
    "div": quotients, "power": powers, "general_power": powers, "maximum": with_ties_nearly,
    "minimum": with_ties_nearly, "where": conditions, "sum": lists, "dot": lists, "logsumexp": exponents,
}  # fmt: skip


def operands_of(name: str) -> list[tuple[Any, ...]]:
    rng = random.Random(name)
    if name in UNARY:
        return [(x,) for x in points(UNARY[name], rng)]
    return POINTS.get(name, pairs)(rng)


# -------------------------------------------------------------------------------------------- the engine

OPERATORS = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv,
    "general_power": operator.pow, "neg": operator.neg,
}  # fmt: skip


def record(name: str, operands: Sequence[Any]) -> Value:
    """The node that a user gets: from an operator or a method where there is one."""
    if name == "power":
        return Value(operands[0]) ** operands[1]
    if name == "where":
        return OPS[name](operands[0], *map(Value, operands[1:]))
    values = list(map(Value, operands))
    if name in OPERATORS:
        return OPERATORS[name](*values)
    return getattr(Value, name)(*values) if hasattr(Value, name) else OPS[name](*values)


def slopes(node: Value) -> list[Any]:
    return [slope for slope in node.local_derivatives if slope is not None]


def ulps(x: float, true: mpf, size: mpf) -> float:
    """How many units in the last place of `size` lie between x and the true value."""
    if math.isnan(x) or mp.isnan(true):
        return 0.0 if math.isnan(x) and mp.isnan(true) else INF
    if abs(true) >= mpf(2) ** 1024 - mpf(2) ** 970:  # it rounds to infinity
        return 0.0 if x == math.copysign(INF, true) else INF
    unit = mpf(2) ** max(min(mp.mag(size), 1024) - 53, -1074) if size else mpf(SMALLEST)
    x = mpf(2) ** 1024 * math.copysign(1, x) if math.isinf(x) else mpf(x)
    return float(abs(x - true) / unit)


# ---------------------------------------------------------------------------------------------- accuracy


def test_every_primitive_has_a_closed_form_here():
    # in a fresh process: doctests and tests that ran before have added primitives to ours
    table = subprocess.check_output(
        [sys.executable, "-c", "import autograd; print(*autograd.OPS)"], text=True
    )
    assert set(table.split()) == {*CLOSED, "take", "largest"}  # those two are held to lists in test_functions


@pytest.mark.parametrize("name", CLOSED)
def test_values_and_local_derivatives_are_right_to_the_last_digits(name):
    closed = CLOSED[name]
    operands = operands_of(name)
    assert len(set(operands)) >= 2000
    worst: dict[str, tuple[float, Any]] = {"value": (0.0, ()), "derivative": (0.0, ())}
    with mp.workdps(60):
        for given in operands:
            node = record(name, given)
            exact = [x if x in (True, False) and name == "where" else mpf(x) for x in given]
            value, derivatives = closed.value(*exact), closed.derivatives(*exact)
            size = closed.scale(*exact) if closed.scale else value
            worst["value"] = max(worst["value"], (ulps(node.data, mpf(value), mpf(size)), given))
            for slope, true in zip(slopes(node), derivatives, strict=True):
                worst["derivative"] = max(worst["derivative"], (ulps(slope, mpf(true), mpf(true)), given))
    assert worst["value"][0] <= ULPS, worst
    assert worst["derivative"][0] <= ULPS, worst


@pytest.mark.parametrize("name", CLOSED)
def test_the_short_way_for_floats_agrees_with_the_long_way(name):
    """Operators and methods record floats by a shorter way than the rest."""
    for given in operands_of(name)[:300]:
        short = record(name, given)
        long = _record(OPS[name], short.operands)
        assert same([short.data, *slopes(short)], [long.data, *slopes(long)]), given


# ----------------------------------------------------------------------- the forms as people write them


def interior(name: str) -> list[tuple[Any, ...]]:
    """A few exact points where the primitive is smooth."""
    if name in ("log", "log1p", "sqrt"):
        return [(Fraction(n, 7),) for n in (1, 5, 20)]
    if name in ("asin", "acos", "atanh"):
        return [(Fraction(n, 7),) for n in (-6, -1, 3)]
    if name == "acosh":
        return [(Fraction(n, 7),) for n in (8, 11, 50)]
    if name in UNARY:
        return [(Fraction(n, 7),) for n in (-20, -3, 1, 9)]
    if name in ("power", "general_power"):
        return [(Fraction(n, 7), Fraction(m, 4)) for n, m in ((3, 5), (12, -7), (1, 12))]
    if name == "where":
        return [(c, Fraction(3, 7), Fraction(-5, 7)) for c in (True, False)]
    if name in BINARY:
        return [(Fraction(n, 7), Fraction(m, 4)) for n, m in ((3, 5), (-12, 7), (1, -12))]
    return [tuple(Fraction(n, 7) for n in (3, -8, 5, 1)), tuple(Fraction(n, 4) for n in (1, 3))]


@pytest.mark.parametrize("name", SHOWN)
def test_the_shown_derivative_equals_the_accurate_one(name):
    op = OPS[name]
    with mp.workdps(80):
        for given in interior(name):
            exact = [mpf(x.numerator) / x.denominator for x in given]
            out = op.evaluate(exact)
            shown, accurate = op.shown(*exact, out), op.derivatives(*exact, out)
            assert len(shown) == len(accurate)
            for a, b in zip(shown, accurate, strict=True):
                assert abs(a - b) < mpf(10) ** -75 * abs(b), given


def test_the_shown_derivative_is_used_where_it_is_read():
    x = sympy.Symbol("x")
    assert Value(x).tanh().local_derivatives == (1 - sympy.tanh(x) ** 2,)
    assert Value(0.5).sigmoid().local_derivatives == pytest.approx((0.23500371220159449,), rel=1e-15)
    token = textbook.set(True)
    try:
        x = autograd.Value(Value(0.5))
        (slope,) = x.sigmoid().local_derivatives
        assert [node.op.name for node in autograd.topological_order(slope) if node.op][-1] == "mul"
        (without_another_form,) = x.exp().local_derivatives
        assert without_another_form.op.name == "exp"
    finally:
        textbook.reset(token)


# ---------------------------------------------------------------------------------------- number kinds

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
EXACT = {
    "add": ((HALF, THIRD), Fraction(5, 6), (1, 1)),
    "sub": ((HALF, THIRD), Fraction(1, 6), (1, -1)),
    "mul": ((HALF, THIRD), Fraction(1, 6), (THIRD, HALF)),
    "div": ((HALF, THIRD), Fraction(3, 2), (3, Fraction(-9, 2))),
    "neg": ((HALF,), -HALF, (-1,)),
    "power": ((Fraction(2, 3), Fraction(-3)), Fraction(27, 8), (Fraction(-243, 16),)),
    "relu": ((-THIRD,), 0, (0,)),
    "leaky_relu": ((-THIRD, HALF), Fraction(-1, 6), (HALF, -THIRD)),
    "abs": ((-THIRD,), THIRD, (-1,)),
    "maximum": ((THIRD, THIRD), THIRD, (HALF, HALF)),
    "minimum": ((HALF, THIRD), THIRD, (0, 1)),
    "where": ((False, HALF, THIRD), THIRD, (1,)),
    "sum": ((HALF, THIRD, Fraction(1, 7)), Fraction(41, 42), (1, 1, 1)),
    "dot": ((HALF, THIRD, Fraction(2), Fraction(5)), Fraction(8, 3), (2, 5, HALF, THIRD)),
    "less": ((THIRD, HALF), 1, (0, 0)),
    "less_equal": ((HALF, THIRD), 0, (0, 0)),
}


@pytest.mark.parametrize("name", EXACT)
def test_fractions_stay_exact(name):
    operands, value, derivatives = EXACT[name]
    node = record(name, operands)
    assert type(node.data) is Fraction
    assert node.data == value
    assert tuple(slopes(node)) == derivatives
    assert all(type(slope) in (Fraction, int) for slope in slopes(node))


@pytest.mark.parametrize("name", sorted(CLOSED.keys() - EXACT.keys() - {"general_power"}))
def test_a_transcendental_function_of_fractions_is_a_float(name):
    for given in interior(name):
        node = record(name, given)
        assert type(node.data) is float
        as_floats = record(name, [float(x) for x in given])
        assert node.data == pytest.approx(as_floats.data, rel=1e-14)
        assert slopes(node) == pytest.approx(slopes(as_floats), rel=1e-14)


@pytest.mark.parametrize("name", CLOSED)
def test_mpmath_loses_no_digits(name):
    for given in interior(name):
        with mp.workdps(50):
            exact = [
                x if name == "where" and x in (True, False) else mpf(x.numerator) / x.denominator
                for x in given
            ]
            node = record(name, exact)
        with mp.workdps(70):
            value, derivatives = CLOSED[name].value(*exact), CLOSED[name].derivatives(*exact)
            for mine, true in zip([node.data, *slopes(node)], [value, *derivatives], strict=True):
                assert type(mine) is not float or mine == true
                assert abs(mine - true) <= mpf(10) ** -48 * abs(true), given


@pytest.mark.parametrize("name", sorted(CLOSED.keys() - {"less", "less_equal"}))
def test_sympy_agrees_with_its_own_derivative(name):
    if name == "where":
        operands: tuple[Any, ...] = (sympy.Symbol("t") > 0, *sympy.symbols("a b"))
    elif name in ("acosh", "power", "general_power"):
        operands = (1 + sympy.Symbol("p", positive=True), sympy.Symbol("n", positive=True))[
            : len(interior(name)[0])
        ]
    else:
        operands = sympy.symbols("a b c d", real=True)[: len(interior(name)[0])]
    node = record(name, operands)
    variables = operands[1:] if name == "where" else operands
    for x, slope in zip(variables, node.local_derivatives[-len(variables) :], strict=True):
        if slope is None:
            continue
        symbol = next(iter(x.free_symbols))
        difference = sympy.diff(node.data, symbol) - slope
        if name in ("relu", "abs", "maximum", "minimum", "leaky_relu", "where"):  # on each side of the kink
            sides = [
                {s: 3 * (-1) ** (i >> j) + j for j, s in enumerate(sorted(difference.free_symbols, key=str))}
                for i in range(8)
            ]
            assert all(difference.subs(side).doit() == 0 for side in sides), difference
        else:
            assert sympy.simplify(difference) == 0


# --------------------------------------------------------------------------- Values that hold Values


def second_derivatives(name: str, operands: Sequence[float]) -> list[list[Any]]:
    """The Hessian, from Values that hold Values."""
    variable = [(name, i) not in (("power", 1), ("where", 0)) for i in range(len(operands))]
    inner = [Value(x) if v else x for x, v in zip(operands, variable, strict=True)]
    outer = [Value(x) for x, v in zip(inner, variable, strict=True) if v]
    everything = [outer.pop(0) if v else x for x, v in zip(inner, variable, strict=True)]
    node = everything[0] ** everything[1] if name == "power" else OPS[name](*everything)
    node.backward()
    rows = []
    for x in itertools.compress(everything, variable):
        for leaf in itertools.compress(inner, variable):
            leaf.grad = 0
        if isinstance(x.grad, Value):
            x.grad.backward()
        rows.append([leaf.grad for leaf in itertools.compress(inner, variable)])
    return rows


@pytest.mark.parametrize("name", CLOSED)
def test_second_derivatives_of_values_that_hold_values(name):
    closed = CLOSED[name]
    for given in interior(name):
        floats = [x if name == "where" and x in (True, False) else float(x) for x in given]
        with mp.workdps(40):
            n = len(second_derivatives(name, floats))
            offset = 1 if name == "where" else 0
            for i, row in enumerate(second_derivatives(name, floats)):
                for j, mine in enumerate(row):
                    if name == "where":
                        true = 0
                    else:
                        exact = [mpf(x) for x in floats]

                        def slope(x, i=i, j=j, exact=exact):
                            return mpf(closed.derivatives(*exact[:j], x, *exact[j + 1 :])[i])

                        true = mp.diff(slope, exact[j + offset])
                    assert mine == pytest.approx(float(true), rel=1e-12, abs=1e-12), (given, i, j)
            assert n == len(floats) - (name in ("power", "where"))


@pytest.mark.parametrize(
    "name", ["exp", "expm1", "sin", "tan", "tanh", "sigmoid", "softplus", "erf", "atan", "asinh"]
)
@pytest.mark.parametrize("x", [0.0, 0.7])
def test_third_derivatives_have_no_kink(name, x):
    """An accurate form that takes the absolute value of x must not be differentiated again."""
    third = autograd.derivative(getattr(autograd, name), 3)(x)
    with mp.workdps(40):
        assert third == pytest.approx(float(mp.diff(CLOSED[name].value, mpf(x), 3)), rel=1e-12, abs=1e-12)


def test_second_derivatives_at_zero_to_a_power():
    assert second_derivatives("general_power", (0.0, 2.0)) == [[2.0, 0.0], [0, 0]]
    assert second_derivatives("power", (0.0, 2)) == [[2.0]]


# ------------------------------------------------------------------------------------------------ kinks

KINKS = """
| operation | at | value | local derivatives |
|---|---|---|---|
| `relu(x)` | `x = 0` | `0` | `0` |
| `leaky_relu(x, 0.25)` | `x = 0` | `0` | `0.25` |
| `abs(x)` | `x = 0` | `0` | `0` |
| `maximum(x, y)` | `x = 3, y = 3` | `3` | `1/2, 1/2` |
| `minimum(x, y)` | `x = 3, y = 3` | `3` | `1/2, 1/2` |
| `x ** 0` | `x = 0` | `1` | `0` |
| `x ** 1` | `x = 0` | `0` | `1` |
| `x ** 0.5` | `x = 0` | `0` | `inf` |
| `x ** -1` | `x = 0` | `inf` | `-inf` |
| `x ** 0.5` | `x = -2` | `nan` | `nan` |
| `x ** y` | `x = 0, y = 2` | `0` | `0, 0` |
| `x ** y` | `x = 0, y = 0` | `1` | `0, 0` |
| `x ** y` | `x = 0, y = -1` | `inf` | `-inf, -inf` |
| `x ** y` | `x = -2, y = 3` | `-8` | `12, nan` |
| `sqrt(x)` | `x = 0` | `0` | `inf` |
| `log(x)` | `x = 0` | `-inf` | `inf` |
| `log(x)` | `x = -1` | `nan` | `nan` |
| `log1p(x)` | `x = -1` | `-inf` | `inf` |
| `1 / x` | `x = 0` | `inf` | `-inf` |
| `x / y` | `x = 0, y = 0` | `nan` | `nan, nan` |
| `asin(x)` | `x = 1` | `pi/2` | `inf` |
| `acos(x)` | `x = 1` | `0` | `-inf` |
| `acosh(x)` | `x = 1` | `0` | `inf` |
| `atanh(x)` | `x = 1` | `inf` | `inf` |
| `exp(x)` | `x = 1000` | `inf` | `inf` |
| `x * y` | `x = 0, y = inf` | `nan` | `nan, nan` |
| `where(True, x, y)` | `x = 2, y = inf` | `2` | `1, none` |
| `where(True, x, y)` | `x = nan, y = 2` | `nan` | `nan, none` |
| `relu(x)` | `x = nan` | `nan` | `nan` |
| `maximum(x, y)` | `x = nan, y = 1` | `nan` | `nan, nan` |
| `x ** 0` | `x = nan` | `nan` | `nan` |
"""
"""What happens where a function has a corner, a pole or an end: the README shows this table."""

README = Path(__file__).parents[2] / "README.md"


def cells(table: str) -> list[list[str]]:
    return [
        [cell.strip(" `") for cell in line.strip().strip("|").split("|")]
        for line in table.strip().splitlines()[2:]
    ]


def at(text: str) -> dict[str, float]:
    return {name: float(x) for name, x in (part.split(" = ") for part in text.split(", "))}


def expected(text: str) -> list[str | float]:
    named = {"inf": INF, "nan": NAN, "pi": math.pi}
    return [x if x == "none" else float(eval(x, named)) for x in text.split(", ")]


def same(found: Iterable[Any], wanted: Iterable[Any]) -> bool:
    return all(a == b or (a != a and b != b) for a, b in zip(found, wanted, strict=True))


def innermost(x: Any) -> Any:
    while isinstance(x, Value):
        x = x.data
    return "none" if x is None else float(x)


KINDS = {
    "float": float,
    "mpmath": mpf,
    "Value in Value": Value,
    "Fraction": Fraction,
    "SymPy": sympy.nsimplify,
}


def rows_for(kind: str) -> list[list[str]]:
    """Fractions start from finite numbers; SymPy has its own infinity, complex as its functions are."""
    unfit = {"Fraction": ("nan", "inf"), "SymPy": ("nan", "inf", "none")}.get(kind, ())
    return [
        row
        for row in cells(KINKS)
        if not any(w in cell for w in unfit for cell in row[1 : 2 + 2 * (kind == "SymPy")])
    ]


@pytest.mark.parametrize(
    ("kind", "row"),
    [pytest.param(kind, row, id=f"{kind}: {row[0]} at {row[1]}") for kind in KINDS for row in rows_for(kind)],
)
def test_kinks(kind, row):
    operation, where, value, derivatives = row
    variables = {name: Value(KINDS[kind](x)) for name, x in at(where).items()}
    node = eval(operation, {**vars(autograd), **variables})
    found = [
        slope for x, slope in zip(node.operands, node.local_derivatives, strict=True) if isinstance(x, Value)
    ]
    assert same([innermost(node.data)], expected(value))
    assert same(map(innermost, found), expected(derivatives))


@pytest.mark.parametrize(
    "row",
    [row for row in cells(KINKS) if "nan" not in "".join(row) and row[0] != "x ** y"],
    ids=lambda row: row[0],
)
def test_formulas_agree_on_the_kinks(row):
    operation, where, value, written = row
    numbers = at(where)
    formula = eval(operation, {**vars(autograd), **{name: symbol(name) for name in numbers}})
    found = derivatives(formula)
    assert same([formula.evaluate(numbers)], expected(value))
    assert same(
        [found[x].evaluate(numbers) for x in numbers], [0 if d == "none" else d for d in expected(written)]
    )


def test_the_readme_shows_the_kinks():
    if "| operation | at |" not in (text := README.read_text(encoding="utf-8")):
        pytest.skip("the README has no table of kinks yet")
    start = text.index("| operation | at |")
    assert cells(text[start : text.index("\n\n", start)]) == cells(KINKS)


# -------------------------------------------------------------------------------------- nan and the domain


@pytest.mark.parametrize("name", sorted(CLOSED.keys() - {"less", "less_equal"}))
@pytest.mark.parametrize(
    "nan", [NAN, mpmath.nan, sympy.nan, Value(NAN)], ids=["float", "mpf", "sympy", "Value"]
)
def test_a_nan_is_never_swallowed(name, nan):
    for given in interior(name)[:2]:
        for place in range(len(given)):
            operands = [
                nan if i == place else x if x in (True, False) else float(x) for i, x in enumerate(given)
            ]
            if name == "where" and place == 0:
                continue
            if isinstance(nan, Value):
                operands = [Value(x) if isinstance(x, float) else x for x in operands]
            node = record(name, operands)
            taken = name != "where" or operands[0] == (place == 1)
            if taken and not (name == "leaky_relu" and place == 1 and operands[0] > 0):
                assert is_nan(node.data), operands
                assert slopes(node), operands
                assert all(is_nan(slope) for slope in slopes(node)), operands


@pytest.mark.parametrize(
    "name", [name for name in CLOSED if any(end not in (INF, -INF) for end in sum(OPS[name].domain, ()))]
)
def test_outside_its_domain_a_primitive_is_nan(name):
    (low, high), *rest = OPS[name].domain
    others = [0.3] * len(rest)
    for x, inside in (
        (low, True), (math.nextafter(low, INF), True), (math.nextafter(low, -INF), False), (low - 1, False),
        (high, True), (math.nextafter(high, -INF), True), (math.nextafter(high, INF), high == INF),
    ):  # fmt: skip
        node = record(name, (x, *others))
        assert math.isnan(node.data) is not inside, x
        if not inside:
            assert all(math.isnan(slope) for slope in slopes(node))


@pytest.mark.parametrize("name", CLOSED)
def test_a_row_is_complete(name):
    op = OPS[name]
    arity = len(interior(name)[0])
    assert repr(op) == f"<primitive {name}>"
    assert len(op.binds) == len(op.domain) == (1 if name in ("sum", "dot", "logsumexp") else arity)
    assert op.precedence in (0, 1, 2, 3, 9)
    linear = name in ("add", "sub", "neg", "sum")
    assert op.linear is linear
    if linear:
        assert op.derivatives(*[0] * arity, 0) == op.derivatives(*[7] * arity, 7)


# --------------------------------------------------------------------------------------------- notation

WRITTEN = {
    "add": ("a + b", "a + b"),
    "sub": ("a - b", "a - b"),
    "mul": ("a * b", r"a \cdot b"),
    "div": ("a / b", r"\frac{a}{b}"),
    "neg": ("-a", "-a"),
    "power": ("a^b", "a^{b}"),
    "general_power": ("a^b", "a^{b}"),
    "exp": ("exp(a)", "e^{a}"),
    "expm1": ("expm1(a)", r"\left(e^{a} - 1\right)"),
    "log": ("log(a)", r"\log\left(a\right)"),
    "log1p": ("log1p(a)", r"\log\left(1 + a\right)"),
    "sqrt": ("sqrt(a)", r"\sqrt{a}"),
    "sin": ("sin(a)", r"\sin\left(a\right)"),
    "cos": ("cos(a)", r"\cos\left(a\right)"),
    "tan": ("tan(a)", r"\tan\left(a\right)"),
    "asin": ("asin(a)", r"\arcsin\left(a\right)"),
    "acos": ("acos(a)", r"\arccos\left(a\right)"),
    "atan": ("atan(a)", r"\arctan\left(a\right)"),
    "sinh": ("sinh(a)", r"\sinh\left(a\right)"),
    "cosh": ("cosh(a)", r"\cosh\left(a\right)"),
    "tanh": ("tanh(a)", r"\tanh\left(a\right)"),
    "asinh": ("asinh(a)", r"\operatorname{arsinh}\left(a\right)"),
    "acosh": ("acosh(a)", r"\operatorname{arcosh}\left(a\right)"),
    "atanh": ("atanh(a)", r"\operatorname{artanh}\left(a\right)"),
    "erf": ("erf(a)", r"\operatorname{erf}\left(a\right)"),
    "sigmoid": ("sigmoid(a)", r"\sigma\left(a\right)"),
    "softplus": ("softplus(a)", r"\operatorname{softplus}\left(a\right)"),
    "relu": ("relu(a)", r"\operatorname{ReLU}\left(a\right)"),
    "leaky_relu": ("leaky_relu(a, b)", r"\operatorname{LeakyReLU}_{b}\left(a\right)"),
    "abs": ("abs(a)", r"\left|a\right|"),
    "maximum": ("max(a, b)", r"\max\left(a, b\right)"),
    "minimum": ("min(a, b)", r"\min\left(a, b\right)"),
    "where": ("where(a, b, c)", r"\begin{cases} b & \text{if } a \\ c & \text{otherwise} \end{cases}"),
    "sum": ("{*+}", "{*+}"),
    "dot": ("{*dot}", "{*dot}"),
    "logsumexp": ("logsumexp({*})", r"\operatorname{logsumexp}\left({*}\right)"),
    "less": ("a < b", "a < b"),
    "less_equal": ("a <= b", r"a \le b"),
}


@pytest.mark.parametrize("name", CLOSED)
def test_notation(name):
    op = OPS[name]
    for template, written in zip((op.text, op.tex), WRITTEN[name], strict=True):
        if "{*" in template:  # what `notation` puts there, it does by replacing; braces are single then
            assert template.replace("{{", "{").replace("}}", "}") == written
        else:
            assert template.format("a", "b", "c") == written


def bracketed(op: Any, operands: Sequence[tuple[str, int]]) -> str:
    """The operation as text, with the brackets that `precedence` and `binds` ask for."""
    pieces = [f"({text})" if p < binds else text for (text, p), binds in zip(operands, op.binds, strict=True)]
    return op.text.format(*pieces).replace("^", "**")


def test_precedence_and_binds_put_brackets_where_they_change_the_meaning():
    rng = random.Random(0)
    operations = [
        OPS[name] for name in ("add", "sub", "mul", "div", "neg", "power", "exp", "maximum", "less")
    ]

    def tree(depth: int) -> tuple[str, int, Any]:
        if depth == 0:
            n = rng.randrange(2, 5)
            return str(n), 9, Fraction(n)
        op = rng.choice(operations if depth < 4 else operations[:-1])
        parts = [tree(0) if op.name == "power" and i else tree(depth - 1) for i in range(len(op.binds))]
        value = (
            sum(x for *_, x in parts)
            if op.name in ("exp", "maximum")
            else op.evaluate([x for *_, x in parts])
        )
        return bracketed(op, [part[:2] for part in parts]), op.precedence, value

    names = {"exp": lambda x: x, "max": operator.add} | {str(n): Fraction(n) for n in range(2, 5)}
    checked = 0
    for _ in range(600):
        text, _, value = tree(4)
        if isinstance(value, Fraction):
            exact = "".join(f"F({c})" if c.isdigit() else c for c in text)
            try:
                assert eval(exact, names | {"F": Fraction}) == value, text
            except ZeroDivisionError:
                continue
            checked += 1
    assert checked > 400


# ---------------------------------------------------------------------------------- a primitive of one's own


@pytest.fixture
def add_primitive() -> Iterator[Callable[..., Any]]:
    """`primitive`, undone after the test."""
    before = dict(OPS)
    yield primitive
    for name in OPS.keys() - before.keys():
        del OPS[name]


def test_a_primitive_of_ones_own_works_on_every_kind_of_number(add_primitive):
    cube = add_primitive("cube", lambda x: x**3, lambda x, out: (3 * x**2,))
    for x in (2.0, Fraction(2, 3), mpf("0.1"), sympy.Symbol("x")):
        node = cube(Value(x))
        assert (node.data, node.local_derivatives) == (x**3, (3 * x**2,))
        assert type(node.data) is type(x**3)
    assert cube(2.0) == 8.0
    assert second_derivatives("cube", (5.0,)) == [[30.0]]
    assert derivatives(cube(symbol("x")))["x"].evaluate({"x": 5}) == 75


def test_a_primitive_of_ones_own_follows_ieee_754(add_primitive):
    inverse = add_primitive("inverse", lambda x: 1 / x, lambda x, out: (-1 / x**2,))
    assert (inverse(Value(0.0)).data, inverse(Value(0.0)).local_derivatives) == (INF, (-INF,))
    assert (inverse(Value(-0.0)).data, inverse(Value(Fraction(0))).data) == (-INF, INF)
    assert inverse(Value(1e-200)).local_derivatives == (-INF,)
    assert math.isnan(inverse(Value(NAN)).local_derivatives[0])
    cube = add_primitive("cube", lambda x: x**3, lambda x, out: (3 * x**2,))
    assert (cube(Value(-1e200)).data, cube(Value(-1e200)).local_derivatives) == (-INF, (INF,))
    root = add_primitive("root", lambda x: x**0.5, lambda x, out: (0.5 * x**-0.5,))
    assert math.isnan(root(Value(-2.0)).data)
    assert root(Value(0.0)).local_derivatives == (INF,)


def test_a_primitive_may_have_several_operands_and_return_a_plain_int(add_primitive):
    hypot = add_primitive(
        "hypotenuse", lambda a, b: (a * a + b * b) ** 0.5, lambda a, b, out: (a / out, b / out)
    )
    assert hypot(Value(3.0), Value(4.0)).local_derivatives == (0.6, 0.8)
    assert hypot(Value(3.0), 4).local_derivatives == (0.6, None)
    step = add_primitive("step", lambda x: 1 if x > 0 else 0, lambda x, out: (0,))
    assert repr([step(Value(x)).data for x in (2.0, Fraction(-1, 2))]) == "[1.0, Fraction(0, 1)]"


def test_how_a_primitive_of_ones_own_is_written(add_primitive):
    plain = add_primitive("my_swish", lambda x: x, lambda x, out: (1,))
    assert plain.text.replace("{*}", "a") == "my_swish(a)"
    assert plain.tex.replace("{*}", "a").replace("{{", "{").replace("}}", "}") == (
        r"\operatorname{my\_swish}\left(a\right)"
    )
    own = add_primitive(
        "squared", lambda x: x * x, lambda x, out: (2 * x,),
        text="({0})^2", tex=r"\left({0}\right)^2", shown=lambda x, out: (x + x,),
    )  # fmt: skip
    assert (own.text.format("a"), own.tex.format("a")) == ("(a)^2", r"\left(a\right)^2")
    assert own.shown(3, 9) == (6,)


def test_a_primitive_is_refused(add_primitive):
    with pytest.raises(NameClashError, match="there is a primitive named 'exp' already"):
        add_primitive("exp", lambda x: x, lambda x, out: (1,))
    for name in ("", "two words", "2x", "class"):
        with pytest.raises(SettingError, match=f"'{name}' cannot name a primitive"):
            add_primitive(name, lambda x: x, lambda x, out: (1,))
    for notation in ({"text": "{nonsense}(a)"}, {"tex": r"\mathrm{f}\left({0}\right)"}, {"text": "{0"}):
        with pytest.raises(SettingError, match="is written with"):
            add_primitive("fine", lambda x: x, lambda x, out: (1,), **notation)
    assert "fine" not in OPS


def test_a_primitive_that_breaks_its_promise(add_primitive):
    bare = add_primitive("bare", lambda x: x * x, lambda x, out: 2 * x)
    with pytest.raises(
        ShapeError, match="the derivatives of 'bare' must be a tuple with one entry for each of its 1"
    ):
        bare(Value(3.0))
    short = add_primitive("short", lambda a, b: a, lambda a, b, out: (1,))
    with pytest.raises(ShapeError, match="2 operands"):
        short(Value(3.0), Value(4.0))
    forgetful = add_primitive("forgetful", lambda x: None, lambda x, out: (1,))
    with pytest.raises(NumberError, match="None"):
        forgetful(Value(3.0))


def test_an_operation_on_plain_numbers():
    assert OPS["add"](2, 0.5) == 2.5
    assert OPS["sum"]() == 0
    assert OPS["div"](1.0, 0.0) == INF
    with pytest.raises(NumberError, match="'2'"):
        OPS["mul"](2, "2")
