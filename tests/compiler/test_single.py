"""One row: sums of every shape, single operations and stages, to the bits of the eager engine."""

import itertools
import math
import random

import numpy as np
import pytest

import autograd as ag
from autograd import Value, jit
from autograd.compiler.layout import DIFFERENCE, SUMS

TERMS = {
    "plain": lambda a, b: a,
    "product": lambda a, b: a * b,
    "negative": lambda a, b: -a,
    "scaled": lambda a, b: 0.3 * a,
    "one": lambda a, b: 1.0,
    "minus one": lambda a, b: -1.0,
}


def check(f, parameters):
    """Loss to the bit, and the gradient to a few ulp, as the order of its sums may differ."""
    eager = f()
    eager.backward()
    expected = [p.grad for p in parameters]
    compiled = jit(f)
    value, gradient = compiled.value_and_grad()
    assert value.hex() == float(eager.data).hex()
    assert float(compiled()).hex() == float(eager.data).hex()
    found = dict(zip(compiled.parameters, gradient.tolist(), strict=True))
    for p, slope in zip(parameters, expected, strict=True):
        assert found.get(p, 0.0) == pytest.approx(slope, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize("terms", [1, 2, 3])
def test_sums_of_every_shape(terms):
    draw = random.Random(terms)
    for kinds in itertools.product(TERMS, repeat=terms):
        w = [Value(draw.uniform(-2, 2)) for _ in range(2 * terms)]

        def f(w=w, kinds=kinds):
            total = w[0]
            for i, kind in enumerate(kinds):
                total = total + TERMS[kind](w[2 * i], w[2 * i + 1])
            return ag.exp(total) * w[0]  # the sum stands by itself

        check(f, w)


def test_sums_of_two_terms_one_of_them_a_number():
    for number in (-1.0, 1.0, 0.3, 0.0):
        for two in (
            lambda x, a: a - x,
            lambda x, a: -x + a,
            lambda x, a: a + x,
            lambda x, a: x - a,
        ):
            x = Value(0.25)
            check(lambda two=two, x=x, a=number: ag.exp(two(x, a)), [x])


def test_long_sums():
    draw = random.Random(7)
    for n in range(3, 12):
        w = [Value(draw.uniform(-2, 2)) for _ in range(2 * n)]
        kinds = [draw.choice(list(TERMS)) for _ in range(n)]

        def f(w=w, kinds=kinds):
            terms = [TERMS[kind](w[2 * i], w[2 * i + 1]) for i, kind in enumerate(kinds)]
            return sum(terms[::-1], w[0]) * w[1]

        check(f, w)


def test_short_sums_have_an_instruction_for_their_shape():
    a, b, c = Value(1.5), Value(2.5), Value(-0.5)
    for f, number in [
        (lambda: ag.exp(a + b), SUMS[2, 0]),
        (lambda: ag.exp(a - b), DIFFERENCE),
        (lambda: ag.exp(-b + a), DIFFERENCE),
        (lambda: ag.exp(a * b + c), SUMS[1, 1]),
        (lambda: ag.exp(c + a * b + b * c), SUMS[1, 2]),
        (lambda: ag.exp(a * b + c * c), SUMS[0, 2]),
        (lambda: ag.exp(a - 1.0 * b - c), SUMS[1, 2]),
    ]:
        compiled = jit(f)
        assert float(compiled()) == float(f().data)
        assert compiled.program.forward.tape.stream[0] == number


def test_stages_of_one_row_run_one_after_the_other():
    """What depends on parameters alone, what is done for the row, and what is made of its sum."""
    w = [Value(0.3), Value(-0.7)]

    def f(x):
        return ag.tanh(ag.exp(w[0]) * x[0] + ag.exp(w[1]) * x[1])

    compiled = jit(f)
    row = [0.4, 1.1]
    eager = f(row)
    eager.backward()
    value, gradient = compiled.value_and_grad([row])
    assert value.hex() == float(eager.data).hex()
    assert gradient.tolist() == pytest.approx([p.grad for p in w], rel=1e-14)
    several = compiled.value_and_grad([row, row])  # in blocks
    assert several[0] == pytest.approx(value, rel=1e-14)


UNARY = [ag.exp, ag.tanh, ag.sigmoid, ag.softplus, ag.sin, ag.relu, ag.log1p, abs]
STEPS = [
    lambda a, b, c, d, f: a * b,
    lambda a, b, c, d, f: a + b * c - d,
    lambda a, b, c, d, f: a / (1.0 + d * d),
    lambda a, b, c, d, f: ag.where(a > b, a, c),
    lambda a, b, c, d, f: ag.maximum(a, b),
    lambda a, b, c, d, f: f(ag.tanh(a) * 0.5),
    lambda a, b, c, d, f: ag.softmax([a, b, c, d])[1],
]


def grown(nodes, draw, n):
    """The sum of the last two nodes of a graph of n operations, each on nodes a little way back."""
    for _ in range(n):
        near = [nodes[-draw.randrange(1, 6)] for _ in range(4)]
        nodes.append(draw.choice(STEPS)(*near, draw.choice(UNARY)))
    return ag.tanh(nodes[-1] + nodes[-2])


@pytest.mark.parametrize("seed", range(30))
def test_random_graphs_in_which_hardly_two_operations_are_alike(seed):
    draw = random.Random(seed)
    w = [Value(draw.uniform(0.1, 1)) for _ in range(5)]
    eager = grown(list(w), random.Random(seed), 80)
    eager.backward()
    compiled = jit(lambda: grown(list(w), random.Random(seed), 80))
    value, gradient = compiled.value_and_grad()
    assert value.hex() == float(eager.data).hex()
    expected = np.array([p.grad for p in compiled.parameters])
    assert np.allclose(gradient, expected, rtol=1e-9, atol=1e-12 * np.abs(expected).max())


EDGES = [
    2.0**-54,
    2.0**-29,
    2.0**-20,
    0.41421,
    0.4142135623730951,
    0.2929,
    0.5,
    1.0,
    3.0,
    1023.0,
    2.0**53,
    1e300,
]


def numbers_about(edges):
    for edge in edges:
        for x in (edge, -edge):
            yield from (x, math.nextafter(x, 0.0), math.nextafter(x, 9.0), x * (1 + 1e-9), x * (1 - 1e-9))


@pytest.mark.parametrize("f", [ag.log1p, ag.softplus])
def test_log1p_has_the_bits_of_the_c_library(f):
    draw = random.Random(3)
    numbers = [draw.uniform(-1, 2) for _ in range(3000)]
    numbers += [math.exp(draw.uniform(-60, 60)) for _ in range(1000)]
    numbers += [-math.exp(-draw.uniform(0, 60)) for _ in range(1000)]
    numbers += [*numbers_about(EDGES), 0.0, -0.0, -1.0, -2.0, 5e-324, math.inf, -math.inf, math.nan]
    one = jit(lambda x: f(x))
    if f is ag.log1p:  # softplus of many rows is another function
        for x, y in zip(numbers, one.rows(numbers).tolist(), strict=True):
            expected = float(f(x))
            assert y.hex() == expected.hex() or (math.isnan(y) and math.isnan(expected)), x
    for x in numbers[::17]:
        assert math.isnan(x) or float(one(x)).hex() == float(f(x)).hex(), x
