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


@pytest.mark.parametrize("f", [ag.exp, ag.sigmoid, ag.softplus])
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


@pytest.mark.parametrize("scale", [1e-5, 0.01, 0.1, 1.0, 5.0, 30.0])
def test_tanh_of_many_rows_is_right_to_three_ulp(scale):
    numbers = near(scale)
    with mpmath.workdps(40):
        for x, found in zip(numbers, in_rows(ag.tanh, numbers), strict=True):
            if math.isnan(x):
                assert math.isnan(found)
                continue
            assert abs(mpmath.mpf(found) - mpmath.tanh(x)) <= 3 * math.ulp(found), x
            assert math.copysign(1, found) == math.copysign(1, x)
            assert abs(found) <= 1


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
