"""The functions on plain numbers and on Values: IEEE 754, number kinds, what is refused."""

import functools
import math
import operator
import pickle
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

import autograd
from autograd import OPS, Value
from autograd.adjoints import derivatives
from autograd.errors import NumberError, ShapeError, TableIndexError
from autograd.expr import symbol
from autograd.functions import half, largest

INF, NAN = math.inf, math.nan
THIRD = Fraction(1, 3)
X = sympy.Symbol("x", real=True)
ELEMENTARY = (
    "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh",
    "tanh", "asinh", "acosh", "atanh", "erf", "sigmoid", "softplus",
)  # fmt: skip
UNARY = (*ELEMENTARY, "relu", "abs")
CALLS = {
    **{name: getattr(autograd, name) for name in (*UNARY, "leaky_relu")},
    "maximum": lambda x: autograd.maximum(x, 1.5),
    "minimum": lambda x: autograd.minimum(1.5, x),
    "where": lambda x: autograd.where(True, x, 1.5),
    "power": lambda x: autograd.power(x, 2),
    "exponent": lambda x: autograd.power(2, x),
    "sum": lambda x: autograd.sum([1.5, x]),
    "dot": lambda x: autograd.dot([1.5], [x]),
    "logsumexp": lambda x: autograd.logsumexp([x, 1.5]),
    "mean": lambda x: autograd.mean([x, 1.5]),
    "softmax": lambda x: autograd.softmax([x, 1.5]),
}
"""Every function of one number, and the others with a constant beside it."""


def same(a, b):
    """The same float: nan is nan, and 0 is not -0."""
    return math.copysign(1, a) == math.copysign(1, b) and a == b if a == a else b != b


def slopes(node):
    return [slope for slope in node.local_derivatives if slope is not None]


# ------------------------------------------------------------------------------- what users should see


def test_row_7_a_root_of_a_negative_number_is_nan_never_complex():
    for root in (
        Value(-2.0) ** 0.5,
        Value(-3e205) ** 1.5,
        Value(-8.0) ** (1 / 3),
        Value(-2.0) ** Value(0.5),
        Value(-2.0).sqrt(),
    ):
        assert type(root.data) is float
        assert math.isnan(root.data)
        assert all(math.isnan(slope) for slope in slopes(root))
    assert math.isnan((Value(Fraction(-2)) ** 0.5).data)
    assert mpmath.isnan((Value(mpf(-2)) ** 0.5).data)
    assert math.isnan(autograd.power(-2.0, 0.5))


def test_row_8_one_by_zero_is_infinite():
    for zero, infinity in ((0.0, INF), (-0.0, -INF), (Fraction(0), INF), (mpf(0), INF)):
        node = 1 / Value(zero)
        assert node.data == infinity
        assert slopes(node) == [-INF]
    node = Value(-1.0) / Value(0.0)
    assert (node.data, slopes(node)) == (-INF, [INF, INF])
    assert (Value(1.0) / 0).data == INF


def test_row_9_zero_by_zero_is_nan():
    for zero in (0.0, -0.0, Fraction(0)):
        node = Value(zero) / Value(0.0)
        assert math.isnan(node.data)
        assert all(math.isnan(slope) for slope in slopes(node))


def test_row_10_exp_of_1000_is_infinite():
    node = Value(1000.0).exp()
    assert (node.data, slopes(node)) == (INF, [INF])
    assert (Value(-1000.0).exp().data, autograd.exp(1000)) == (0.0, INF)
    assert [f(-1000.0) for f in (autograd.sinh, autograd.cosh, autograd.expm1)] == [-INF, INF, -1.0]


def test_row_11_the_square_of_1e200_is_infinite():
    node = Value(1e200) ** 2
    assert (node.data, slopes(node)) == (INF, [2e200])
    node = Value(1e200) * Value(1e200)
    assert (node.data, slopes(node)) == (INF, [1e200, 1e200])
    assert [(Value(x) ** 3).data for x in (1e200, -1e200)] == [INF, -INF]
    assert (Value(-1e200) ** 2).data == INF
    assert autograd.power(10, -400.0) == 0.0


def test_row_12_log_of_zero_is_minus_infinity_with_slope_infinity():
    node = Value(0.0).log()
    assert (node.data, slopes(node)) == (-INF, [INF])
    node = Value(-1.0).log1p()
    assert (node.data, slopes(node)) == (-INF, [INF])


def test_row_13_log_of_a_negative_number_is_nan_with_slope_nan():
    for node in (Value(-1.0).log(), Value(-2.0).log1p(), Value(mpf(-1)).log(), Value(Fraction(-1)).log()):
        assert node.data != node.data
        assert all(slope != slope for slope in slopes(node))


def test_row_14_sqrt_of_zero():
    for node in (Value(0.0).sqrt(), Value(0.0) ** 0.5):
        assert (node.data, slopes(node)) == (0.0, [INF])


def test_row_15_a_number_to_the_power_zero():
    for x in (0.0, 2.0, -2.0, 5e-324, INF):
        node = Value(x) ** 0
        assert (node.data, slopes(node)) == (1.0, [0.0])
    node = Value(0.0) ** Value(0.0)
    assert (node.data, slopes(node)) == (1.0, [0.0, 0.0])


def test_row_16_zero_to_a_power():
    found = [
        (node.data, *slopes(node)) for node in (Value(0.0) ** Value(y) for y in (2.0, 1.0, 0.5, -1.0, -2.0))
    ]
    assert found == [(0.0, 0.0, 0), (0.0, 1.0, 0), (0.0, INF, 0), (INF, -INF, -INF), (INF, -INF, -INF)]
    assert ((Value(-0.0) ** -1).data, (Value(-0.0) ** -2).data) == (-INF, INF)


def test_powers_whose_exponent_is_even_and_too_large_to_be_one_less():
    for exponent in (1e16, 1e308, INF):
        for base in (-1.0, -2.0):
            slope, _ = slopes(Value(base) ** Value(exponent))
            assert slope == (-exponent if base == -1 else -INF)


def test_row_17_relu_at_zero():
    for zero in (0.0, -0.0, Fraction(0), mpf(0)):
        node = Value(zero).relu()
        assert (node.data, slopes(node)) == (0, [0])
        assert slopes(Value(zero).leaky_relu(0.25)) == [0.25]


def test_row_18_abs_at_zero():
    for zero in (0.0, -0.0, Fraction(0), mpf(0)):
        node = abs(Value(zero))
        assert (node.data, slopes(node)) == (0, [0])
    assert same(abs(Value(-0.0)).data, 0.0)


def test_row_19_a_tie_gives_half_to_each():
    for kind in (float, Fraction, mpf):
        for choose in (autograd.maximum, autograd.minimum):
            node = choose(Value(kind(3)), Value(kind(3)))
            assert (node.data, slopes(node)) == (3, [0.5, 0.5])
            x = Value(kind(3))
            choose(x, x).backward()
            assert x.grad == 1


def test_row_20_relu_max_and_min_of_nan_are_nan():
    nan, one = Value(NAN), Value(1.0)
    nodes = [nan.relu(), nan.leaky_relu(), abs(nan)]
    nodes += [
        f(*pair) for f in (autograd.maximum, autograd.minimum) for pair in ((nan, one), (one, nan), (nan, 1))
    ]
    for node in nodes:
        assert math.isnan(node.data)
        assert slopes(node)
        assert all(math.isnan(slope) for slope in slopes(node))
        leaf = next(x for x in node.operands if isinstance(x, Value))
        node.backward()
        assert math.isnan(leaf.grad)
        leaf.grad = 0


@pytest.mark.parametrize("target", [0, 1])
def test_row_21_cross_entropy_at_logits_of_1e4_is_finite(target):
    logits = [Value(1e4), Value(-1e4)]
    loss = autograd.logsumexp(logits) - logits[target]
    loss.backward()
    assert loss.data == (0.0, 2e4)[target]
    assert [x.grad for x in logits] == [[0.0, 0.0], [1.0, -1.0]][target]


def test_row_22_binary_cross_entropy_at_probability_zero_and_one():
    for p, loss in ((Value(0.0), lambda p: -p.log()), (Value(1.0), lambda p: -(1 - p).log())):
        loss = loss(p)
        loss.backward()
        assert loss.data == INF
        assert abs(p.grad) == INF


def test_row_23_an_empty_sum_is_zero():
    assert (autograd.sum([]), autograd.dot([], []), autograd.logsumexp([])) == (0, 0, -INF)
    for of_none in (autograd.mean, autograd.softmax):
        with pytest.raises(ShapeError, match=f"the {of_none.__name__} of no numbers is not defined"):
            of_none([])


# ---------------------------------------------------------------------------------------- IEEE 754


@pytest.mark.parametrize(
    "name", ["sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf", "expm1", "log1p", "sqrt"]
)
def test_odd_functions_keep_the_sign_of_zero(name):
    for zero in (0.0, -0.0):
        assert same(getattr(autograd, name)(zero), zero)
        assert same(getattr(Value(zero), name)().data, zero)


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("x", [INF, -INF, NAN, 1e308, -1e308, 5e-324, -5e-324])
def test_extremes_are_those_of_numpy(name, x):
    arcs = {name: "arc" + name.removeprefix("a") for name in ELEMENTARY if name[0] == "a"}
    formulas = {
        "erf": lambda x: np.sign(x) if abs(x) > 1 else x * 2 / np.sqrt(np.pi),
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "softplus": lambda x: np.logaddexp(0, x),
        "relu": lambda x: np.maximum(x, 0),
    }
    with np.errstate(all="ignore"):
        true = float(formulas.get(name, getattr(np, arcs.get(name, name), None))(np.float64(x)))
    found = getattr(autograd, name)(x)
    assert type(found) is float
    assert found == pytest.approx(true, rel=1e-15, abs=0, nan_ok=True)


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"softmax"}))
def test_a_nan_goes_through(name):
    for nan in (NAN, mpmath.nan, np.float32("nan"), Value(NAN)):
        found = CALLS[name](nan)
        found = getattr(found, "data", found) if isinstance(nan, Value) else found
        assert found != found
    assert all(math.isnan(x) for x in autograd.softmax([NAN, 1.0]))


def test_nan_is_not_one_to_the_power_zero():
    for base, exponent in ((NAN, 0), (NAN, 0.0), (1.0, NAN), (mpmath.nan, 0), (1, mpmath.nan)):
        found = autograd.power(base, exponent)
        assert found != found


def test_logsumexp_of_infinite_numbers():
    assert autograd.logsumexp([INF, 0.0]) == INF
    assert autograd.logsumexp([-INF, -INF]) == -INF
    assert autograd.logsumexp([-INF, 2.0]) == 2.0
    assert math.isnan(autograd.logsumexp([INF, NAN]))
    assert slopes(autograd.logsumexp([Value(-INF), Value(2.0)])) == [0.0, 1.0]


# ---------------------------------------------------------------------------------------- kinds of number


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"softmax", "where"}))
@pytest.mark.parametrize("x", [np.float64(0.75), np.float32(0.75), np.array(0.75), np.float16(0.75)])
def test_numpy_scalars_become_floats(name, x):
    found = CALLS[name](x)
    assert type(found) is float
    assert same(found, CALLS[name](0.75))


@pytest.mark.parametrize("name", ELEMENTARY)
def test_ints_bools_and_fractions_give_floats(name):
    f = getattr(autograd, name)
    for x in (1, True, Fraction(1), np.int64(1)):
        assert repr(f(x)) == repr(f(1.0))


def test_exact_numbers_stay_exact():
    third = THIRD
    found = [
        autograd.relu(third),
        autograd.relu(-third),
        autograd.leaky_relu(-third, third),
        autograd.abs(-third),
        autograd.maximum(third, 0),
        autograd.minimum(third, 0),
        autograd.where(True, third, 1),
        autograd.power(third, -2),
        autograd.sum([third, 1]),
        autograd.dot([third], [third]),
        autograd.mean([third, third]),
    ]
    assert found == [
        third,
        0,
        Fraction(-1, 9),
        third,
        third,
        0,
        third,
        9,
        Fraction(4, 3),
        Fraction(1, 9),
        third,
    ]
    assert all(isinstance(x, (Fraction, int)) for x in found)
    assert autograd.power(Fraction(10**400), 0.5) == INF
    assert type(half(1.0)) is float
    assert half(third) == half(Value(1.0)) == Fraction(1, 2)


@pytest.mark.parametrize("name", ELEMENTARY)
def test_mpmath_and_sympy_use_their_own_functions(name):
    f = getattr(autograd, name)
    with mp.workdps(50):
        x = mpf("1.25") if name == "acosh" else mpf("0.25")
        assert type(f(x)) is mpf
        assert abs(f(x) - sympy.N(f(sympy.Rational(str(x))), 60)) < mpf(10) ** -48
    assert f(X).free_symbols == {X}


def test_mpmath_keeps_small_parts():
    with mp.workdps(50):
        assert abs(autograd.softplus(mpf(-300)) / mp.exp(-300) - 1) < mpf(10) ** -48
        assert abs(autograd.logsumexp([mpf(0), mpf(-300)]) / mp.exp(-300) - 1) < mpf(10) ** -48
        assert autograd.relu(-mpmath.inf) == 0


def test_sympy_gets_formulas():
    y = sympy.Symbol("y", real=True)
    assert autograd.maximum(X, y) == sympy.Max(X, y)
    assert autograd.minimum(1, X) == sympy.Min(1, X)
    assert autograd.relu(X) == sympy.Max(0, X)
    assert autograd.abs(X) == sympy.Abs(X)
    assert autograd.where(X > 0, X, y) == sympy.Piecewise((X, X > 0), (y, True))
    assert autograd.where(sympy.Integer(3) > 2, X, y) is X
    assert sympy.simplify(autograd.logsumexp([X, y]) - sympy.log(sympy.exp(X) + sympy.exp(y))) == 0
    assert sympy.simplify(autograd.softmax([X, y])[0] - sympy.exp(X) / (sympy.exp(X) + sympy.exp(y))) == 0


@pytest.mark.parametrize("name", UNARY)
def test_a_value_or_a_symbol_is_recorded(name):
    f = getattr(autograd, name)
    x = Value(1.25 if name == "acosh" else 0.25)
    node = f(x)
    assert (node.op, node.operands) == (OPS[name], (x,))
    assert same(node.data, f(x.data))
    assert same(getattr(x, name)().data, node.data)
    assert f(symbol("s")).op is OPS[name]


def test_the_functions_of_several_numbers_are_recorded():
    x, y = Value(2.0), Value(0.5)
    for node, name, value in (
        (autograd.maximum(x, y), "maximum", 2.0),
        (autograd.minimum(x, 1), "minimum", 1.0),
        (autograd.leaky_relu(x), "leaky_relu", 2.0),
        (autograd.where(False, x, y), "where", 0.5),
        (autograd.where(True, 3, y), "where", 3.0),
        (autograd.power(x, 2), "power", 4.0),
        (autograd.power(x, y), "general_power", 2**0.5),
        (autograd.power(THIRD, Value(Fraction(2))), "general_power", Fraction(1, 9)),
        (autograd.sum([x, 1, y]), "sum", 3.5),
        (autograd.dot([x, 1], [y, y]), "dot", 1.5),
        (autograd.logsumexp([x]), "logsumexp", 2.0),
    ):
        assert (node.op, node.data) == (OPS[name], value)


def test_exponentials_are_shifted_by_a_number_without_a_history():
    assert largest([Value(Value(2.0)), 3.0]) == 3.0
    assert largest([Value(symbol("s")), 3.0]) == largest([X, 3.0]) == 0
    x = [Value(1.0), Value(3.0)]
    first = autograd.softmax(x)[0]
    first.backward()
    p = 1 / (1 + math.exp(2))
    assert [v.grad for v in x] == pytest.approx([p * (1 - p), -p * (1 - p)], rel=1e-14)


# ------------------------------------------------------------------------------------------ totals


@given(st.lists(st.floats(-1e100, 1e100)))
def test_sums_run_from_left_to_right(numbers):
    assert autograd.sum(numbers) == functools.reduce(operator.add, numbers, 0)
    products = [x * y for x, y in zip(numbers, reversed(numbers), strict=True)]
    assert autograd.dot(numbers, reversed(numbers)) == functools.reduce(operator.add, products, 0)
    if numbers:
        assert autograd.mean(iter(numbers)) == functools.reduce(operator.add, numbers) / len(numbers)


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=6))
def test_softmax_is_that_of_mpmath(numbers):
    with mp.workdps(40):
        total = sum(mp.exp(x - mpf(max(numbers))) for x in map(mpf, numbers))
        for p, x in zip(autograd.softmax(numbers), numbers, strict=True):
            assert p == pytest.approx(float(mp.exp(mpf(x) - max(numbers)) / total), rel=1e-15, abs=5e-323)


def test_dot_of_unequal_lengths_is_refused():
    with pytest.raises(ShapeError, match="dot of 2 numbers with 1: the two must be equally long"):
        autograd.dot([1.0, 2.0], [Value(3.0)])


# ---------------------------------------------------------------------------------------------- take


def test_take_is_what_a_list_gives():
    table = [Value(1.0), Value(2.0), 4.0]
    assert [autograd.take(table, i) for i in (0, 1.0, True, np.int64(2))] == [
        table[0],
        table[1],
        table[1],
        4.0,
    ]
    assert autograd.take([[1, 2], [3, 4]], 1) == [3, 4]


def test_take_at_a_value_hands_the_gradient_to_the_entry_taken():
    table, index = [Value(3.0), Value(INF), Value(0.0)], Value(0.0)
    out = autograd.take(table, index) ** 2
    out.backward()
    assert (out.data, [p.grad for p in table], index.grad) == (9.0, [6.0, 0, 0], 0)
    columns = autograd.take([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]], Value(1.0))
    assert [v.data for v in columns] == [3.0, 4.0]


@pytest.mark.parametrize("index", [3, -1, 0.5, NAN, Value(7.0), INF])
def test_take_refuses_what_is_no_index(index):
    with pytest.raises(IndexError, match="a table of 3 has the entries 0 to 2") as error:
        autograd.take([Value(1.0), Value(2.0), Value(3.0)], index)
    assert isinstance(error.value, TableIndexError)
    assert error.value.size == 3
    assert str(pickle.loads(pickle.dumps(error.value))) == str(error.value)


def test_take_at_a_symbol_has_a_derivative():
    x, i = symbol("x"), symbol("i")
    slope = derivatives(autograd.take([x * x, autograd.log(x)], i))["x"]
    assert [slope.evaluate({"x": 4.0, "i": float(k)}) for k in (0, 1)] == [8.0, 0.25]
    assert slope.evaluate({"x": 0.0, "i": 0.0}) == 0.0  # not 0 times 1 / x


def test_take_refuses_a_table_that_is_none():
    with pytest.raises(ShapeError, match="empty"):
        autograd.take([], 0)
    with pytest.raises(ShapeError, match="different lengths"):
        autograd.take([[1.0], [1.0, 2.0]], Value(0.0))


# ------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("x", ["1", None, [1.0], 2j, np.zeros(2), Decimal(1), mpmath.mpc(0, 1)], ids=repr)
def test_what_is_not_a_number_is_refused(name, x):
    with pytest.raises(NumberError, match="is not a real number"):
        CALLS[name](x)
