"""The kinds of number a Value holds, how they mix, and what is refused."""

import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import assume, example, given
from hypothesis import strategies as st
from mpmath import mp, mpf

import autograd
from autograd import Value
from autograd.errors import NumberError, NumberRangeError
from autograd.expr import symbol
from autograd.numbers import (
    Ieee,
    as_number,
    checked,
    constant_like,
    divide,
    innermost,
    is_nan,
    is_number,
    is_recorder,
    library_of,
    pi_like,
    raise_to,
    real_part,
    shown,
    to_float,
)

INF, NAN = math.inf, math.nan
THIRD = Fraction(1, 3)
X = sympy.Symbol("x")

# --------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("x", "advice"),
    [
        pytest.param(
            "1", r"'1' \(str\) is not a real number; convert it first, for example float\('1'\)", id="row 1"
        ),
        pytest.param(None, r"None \(NoneType\) is not a real number", id="row 2"),
        pytest.param([1.0, 2.0], r"one per entry: \[Value\(v\) for v in \.\.\.\]", id="row 3"),
        pytest.param(1 + 2j, r"\(1\+2j\) \(complex\) .* take \.real or abs\(\) first", id="row 4"),
        pytest.param((1.0,), r"one per entry", id="tuple"),
        pytest.param(np.zeros(2), r"\(ndarray\) .* one per entry", id="array"),
        pytest.param(np.array("1"), r"\(ndarray\)", id="array of a string"),
        pytest.param(np.complex64(1j), r"complex numbers are not supported", id="NumPy complex"),
        pytest.param(
            Decimal("0.1"), r"write float\(x\), or fractions\.Fraction\(x\) to keep it exact", id="Decimal"
        ),
        pytest.param(mpmath.mpc(1, 2), r"\(mpc\)", id="mpmath complex"),
        pytest.param(sympy.Matrix([1]), r"not a real number", id="SymPy matrix"),
        pytest.param(object(), r"\(object\) is not a real number", id="object"),
        pytest.param("\ud800" * 999, r"'\\ud800", id="a lone surrogate, 999 times"),
        pytest.param([10**50] * 10**6, r"\(list\)", id="a long list of long numbers"),
    ],
)
def test_what_is_not_a_real_number_is_refused(x, advice):
    for use in (Value, as_number, checked, lambda x: constant_like(x, 1.0)):
        with pytest.raises(NumberError, match=advice) as error:
            use(x)
        assert isinstance(error.value, TypeError)
        assert len(str(error.value)) < 500
    assert not is_number(x)


@pytest.mark.parametrize("x", [10**400, -(10**400)])
def test_row_5_an_integer_no_float_can_hold(x):
    with pytest.raises(
        NumberRangeError, match=r"about 401 digits is too large for a float; use fractions\.Fraction"
    ):
        Value(x)
    with pytest.raises(OverflowError):
        Value(1.0) + x
    with pytest.raises(OverflowError):
        Value(1.0) * Fraction(x)
    assert Value(Fraction(x)).data == x
    assert (Value(Fraction(1)) + x).data == x + 1


def test_row_6_true_counts_as_one():
    assert repr(Value(True).data) == "1.0"
    assert repr((Value(2.0) + True).data) == "3.0"
    assert repr(Value(np.True_).data) == "1.0"
    assert repr((Value(THIRD) + True).data) == "Fraction(4, 3)"


# ------------------------------------------------------------------------------------------- leaves


@pytest.mark.parametrize(
    ("x", "data"),
    [
        (2, 2.0),
        (0.1, 0.1),
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.float16(0.5), 0.5),
        (np.int64(-3), -3.0),
        (np.uint8(3), 3.0),
        (np.array(0.25), 0.25),
        (np.array(7), 7.0),
    ],
)
def test_reals_become_floats(x, data):
    leaf = Value(x).data
    assert type(leaf) is float
    assert leaf == data
    for mixed in (Value(1.0) * x, x * Value(1.0)):
        assert type(mixed.data) is float
        assert mixed.data == data


def test_other_floats_become_floats():
    assert repr(Value(np.longdouble(0.5)).data) == "0.5"
    assert type(Value(Ieee(0.5)).data) is float


def test_other_kinds_stay_as_they_are():
    with mp.workdps(50):
        for x in (
            THIRD,
            mpf(1) / 3,
            mp.pi,
            X,
            sympy.Rational(1, 3),
            sympy.Float("0.1", 50),
            Value(2.0),
            symbol("s"),
        ):
            assert Value(x).data is x
            assert checked(x) is x
            assert is_number(x)


def test_recorders():
    assert is_recorder(Value(1.0))
    assert is_recorder(symbol("s"))
    assert not any(map(is_recorder, (1, 1.0, THIRD, mpf(1), X, "x", None)))
    assert [library_of(x) for x in (1.0, mpf(1), X, np.float32(1), Value(1.0))] == [
        "builtins", "mpmath", "sympy", "numpy", "autograd",
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------- mixing


@pytest.mark.parametrize(
    ("x", "like", "constant"),
    [
        (2, 0.5, 2.0),
        (THIRD, 0.5, 1 / 3),
        (0.5, THIRD, 0.5),
        (2, THIRD, Fraction(2)),
        (THIRD, THIRD, THIRD),
        (np.int64(2), THIRD, Fraction(2)),
        (2, X, sympy.Integer(2)),
        (THIRD, X, sympy.Rational(1, 3)),
        (2, Value(0.5), 2.0),
        (2, Value(Value(THIRD)), Fraction(2)),
        (2, symbol("s"), 2),
        (THIRD, Value(symbol("s")), THIRD),
        (mpf(2), 0.5, mpf(2)),
        (X, 0.5, X),
    ],
)
def test_a_constant_is_of_the_kind_it_meets(x, like, constant):
    found = constant_like(x, like)
    assert type(found) is type(constant)
    assert found == constant


def test_constants_keep_the_digits_of_mpmath():
    with mp.workdps(50):
        for x in (THIRD, Fraction(7)):
            found = constant_like(x, mpf(1))
            assert type(found) is mpf
            assert abs(found - mpf(x.numerator) / x.denominator) < mpf(10) ** -49
        base = Value(mpf(2))
        assert abs((base**THIRD).data - mp.cbrt(2)) < mpf(10) ** -49
        assert abs(autograd.power(THIRD, base).data - mpf(1) / 9) < mpf(10) ** -49
        assert (base / 3).data == mpf(2) / 3
        assert type((base * 0.5).data) is mpf


@pytest.mark.parametrize("x", [THIRD, sympy.Rational(1, 3), X, mpf("0.1")])
def test_arithmetic_with_plain_numbers_stays_in_its_kind(x):
    leaf = Value(x)
    node = (3 * leaf + 1) / 2 - leaf**2
    assert node.data == (3 * x + 1) / 2 - x**2
    assert type(node.data) is type((3 * x + 1) / 2 - x**2)
    node.backward()
    assert leaf.grad == 3 * (x * 0 + 1) / 2 - 2 * x


def test_an_int_beside_a_symbol_is_divided_exactly():
    third = Value(symbol("s")) / 3
    assert third.local_derivatives == (THIRD, None)
    third.backward()
    assert third.operands[0].grad == THIRD


def test_exact_numbers_beyond_all_floats_meet_floats():
    huge = Value(Fraction(10**400))
    assert [(huge * x).data for x in (0.5, -0.5)] == [INF, -INF]
    assert (huge * 0.5).local_derivatives == (0.5, None)


# ---------------------------------------------------------------------------------------- small helpers


def test_is_nan():
    for x in (NAN, mpmath.nan, sympy.nan, Value(NAN), Value(Value(NAN)), np.float64("nan")):
        assert is_nan(x)
    for x in (0.0, INF, THIRD, mpf(1), X, Value(1.0), symbol("s"), Value(symbol("s"))):
        assert not is_nan(x)


def test_innermost():
    assert innermost(Value(Value(2.0))) == 2.0
    assert innermost(2) == 2
    assert innermost(Value(symbol("s"))) is symbol("s")


def test_to_float():
    assert [to_float(x) for x in (10**400, Fraction(-(10**400)), mpf("0.5"), True)] == [INF, -INF, 0.5, 1.0]


def test_real_part():
    assert math.isnan(real_part(2j))
    assert mpmath.isnan(real_part(mpmath.mpc(0, 1)))
    assert type(real_part(Ieee(2.0))) is float
    assert real_part(X) is X
    assert real_part(mpf("0.1")) == mpf("0.1")


def test_pi_has_the_digits_of_its_kind():
    with mp.workdps(50):
        assert abs(pi_like(mpf(1)) - mp.pi) < mpf(10) ** -49
        assert pi_like(Value(mpf(1))) == pi_like(mpf(1))
    assert pi_like(X) is sympy.pi
    assert [pi_like(x) for x in (1.0, THIRD, Value(1.0), symbol("s"))] == [math.pi] * 4


def test_shown():
    with mp.workdps(30):
        given = (2.0, 1 / 3, 1e300, -0.0, INF, NAN, THIRD, mpf(1) / 3, X + 1, Value(Value(0.5)))
        assert [shown(x) for x in given] == [
            "2", "0.333333", "1e+300", "0", "inf", "nan", "1/3", "0.333333", "x + 1", "0.5",
        ]  # fmt: skip


# ---------------------------------------------------------------------------------------------- IEEE 754

floats = st.floats() | st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, INF, -INF])


def same(a, b):
    """The same number: nan is nan, and 0 is not -0."""
    return a == b and math.copysign(1, a) == math.copysign(1, b) if a == a else b != b


@given(floats, floats)
@example(-3e205, 1.5)
@example(-0.0, -(1 - 2.0**-53))  # of 2 it leaves 1, though it is no odd number
def test_division_and_powers_are_those_of_ieee_754(x, y):
    assume(y != 0.5 or x > 0)  # NumPy takes a square root there, which differs at -0.0 and -inf
    with np.errstate(all="ignore"):
        assert same(divide(x, y), float(np.float64(x) / np.float64(y)))
        power = float(np.power(np.float64(x), np.float64(y)))
    assert raise_to(x, y) == pytest.approx(power, rel=1e-15, abs=1e-323, nan_ok=True)
    assert math.isnan(power) or math.copysign(1, raise_to(x, y)) == math.copysign(1, power)


@given(floats, floats)
@example(1e308, 1e308)
def test_a_float_that_does_not_raise(x, y):
    a, b = np.float64(x), np.float64(y)
    with np.errstate(all="ignore"):
        for mine, true in (
            (Ieee(x) + y, a + b), (x + Ieee(y), a + b), (Ieee(x) - y, a - b), (x - Ieee(y), a - b),
            (Ieee(x) * y, a * b), (x * Ieee(y), a * b), (Ieee(x) / y, a / b), (x / Ieee(y), a / b),
            (-Ieee(x), -a), (abs(Ieee(x)), abs(a)),
            (Ieee(x) ** y, raise_to(x, y)), (x ** Ieee(y), raise_to(x, y)),
        ):  # fmt: skip
            assert type(mine) is Ieee
            assert same(mine, float(true))


def test_a_float_that_does_not_raise_meets_other_kinds():
    assert 1 / (Fraction(1, 2) * Ieee(0.0)) == INF
    assert 1 / (Ieee(0.0) * Fraction(1, 2)) == INF
    assert 10**400 * Ieee(2.0) == INF
