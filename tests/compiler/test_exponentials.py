"""The exponentials of the kernels, beside those of the C library and 40 digits."""

import math

import mpmath
import numpy as np
import pytest

import autograd as ag
from autograd import jit

RNG = np.random.default_rng(4)
SPECIAL = [0.0, -0.0, 5e-324, -1e-310, 1e-17, 0.0027, 22.0, -23.0, 1e3, -1e308, math.inf, -math.inf, math.nan]


def near(scale, n=2000):
    return [*RNG.uniform(-scale, scale, n).tolist(), *SPECIAL]


def in_rows(f, numbers):
    return jit(lambda x: f(x)).rows(numbers).tolist()


@pytest.mark.parametrize("f", [ag.exp, ag.sigmoid])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0, 511.0])
def test_many_rows_have_the_bits_of_the_eager_engine(f, scale):
    numbers = near(scale)
    for x, found in zip(numbers, in_rows(f, numbers), strict=True):
        assert math.isnan(x) or found.hex() == float(f(x)).hex(), x


def test_far_out_exp_is_an_ulp_off_at_most():
    numbers = [
        *RNG.uniform(-746, 710, 5000),
        *np.linspace(709.7, 709.8, 200),
        *np.linspace(-745.2, -708, 200),
    ]
    for x, found in zip(numbers, in_rows(ag.exp, numbers), strict=True):
        expected = ag.exp(float(x))
        assert found == expected or abs(found - expected) <= math.ulp(expected), x


def ulps_off(f, exact, numbers):
    """By how many ulp many rows are off, at most; what is no number or not finite is the eager result."""
    worst = 0.0
    with mpmath.workdps(400):  # as 1 + e^-800 is not 1
        for x, found in zip(numbers, in_rows(f, numbers), strict=True):
            eager = float(f(x))
            if not math.isfinite(eager) or eager == 0:
                assert found == eager or (math.isnan(found) and math.isnan(eager)), x
            else:
                worst = max(worst, float(abs(found - exact(mpmath.mpf(x))) / math.ulp(eager)))
            assert math.copysign(1, found) == math.copysign(1, eager) or math.isnan(found)
    return worst


@pytest.mark.parametrize("scale", [1e-5, 0.01, 0.1, 1.0, 5.0, 30.0, 800.0])
def test_tanh_and_softplus_of_many_rows_are_right_to_three_ulp(scale):
    numbers = near(scale, 500)
    assert ulps_off(ag.tanh, mpmath.tanh, numbers) <= 3
    assert ulps_off(ag.softplus, lambda x: mpmath.log1p(mpmath.exp(x)), numbers) <= 3


@pytest.mark.parametrize("scale", [1e-5, 0.1, 1.0, 30.0, 720.0])
def test_slopes_of_many_rows_are_those_of_one(scale):
    """Of tanh and the sigmoid, which are one function."""
    w = ag.Value(1.0)
    loss = jit(lambda x: ag.tanh(w * x) + ag.sigmoid(w * x))
    for x in near(scale, 100):
        if math.isfinite(x):
            together, one = (loss.value_and_grad([x] * n)[1][0] for n in (2, 1))
            assert together == pytest.approx(one, rel=2e-15, abs=1e-307), x


@pytest.mark.parametrize("n", [-0.5, -1.5, 0.5, 1 / 3, 3, -2, 2.5, -4, 7, -7.5])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 100.0, 300.0])
def test_powers_of_many_rows_are_right_to_an_ulp(n, scale):
    numbers = [*np.exp(RNG.uniform(-scale, scale, 500)).tolist(), *SPECIAL]
    assert ulps_off(lambda x: ag.power(x, n), lambda x: mpmath.power(x, n), numbers) <= 1


@pytest.mark.parametrize("n", [1, 7, 8, 9, 31, 32, 33, 100, 127, 129, 1000])
def test_any_number_of_rows_has_the_sums_of_the_eager_engine(n):
    """Rows that fill the last vectors up take no part."""
    weights = [ag.Value(x) for x in RNG.uniform(-1, 1, 9)]

    def loss(x):
        hidden = [ag.relu(w * x + 0.1) for w in weights]
        return ag.sum(a * b for a, b in zip(hidden, weights[::-1], strict=True)) ** 2

    rows = RNG.uniform(-2, 2, n)
    compiled = jit(loss)
    eager = [float(loss(float(x)).data) for x in rows]
    assert compiled.rows(rows).tolist() == pytest.approx(eager, rel=1e-14)
    value, slopes = compiled.value_and_grad(rows, reduce="sum")
    for w in weights:
        w.grad = 0
    total = ag.sum([loss(float(x)) for x in rows])
    total.backward()
    expected = {id(w): w.grad for w in weights}
    assert value == pytest.approx(total.data, rel=1e-13)
    assert slopes.tolist() == pytest.approx([expected[id(p)] for p in compiled.parameters], rel=1e-12)


def test_logsumexp_of_many_rows_has_the_bits_of_one():
    tables = [[float(x) for x in line] for line in RNG.choice([*SPECIAL, 1.0, 2.5, -3.0], (400, 3))]
    f = jit(lambda x: ag.logsumexp(x))
    for line, found in zip(tables, f.rows(tables).tolist(), strict=True):
        one, eager = f(line), ag.logsumexp(line)
        assert found == one or (math.isnan(found) and math.isnan(one)), line
        assert found == pytest.approx(eager, rel=1e-15, nan_ok=True), line
