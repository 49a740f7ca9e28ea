"""Many rows in tiles: whatever neighbours have in common, the numbers are those of the eager engine."""

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, jit
from autograd.compiler.layout import CODES


def eager(loss, rows, parameters):
    """The sum over the rows, and its gradients."""
    for p in parameters:
        p.grad = 0.0
    total = ag.sum([loss(row) for row in rows])
    total.backward()
    return total.data, [p.grad for p in parameters]


def assert_as_eager(loss, rows, parameters, dtype="float64"):
    digits = 1e-12 if dtype == "float64" else 1e-4
    fast = jit(loss, dtype=dtype)
    value, found = fast.value_and_grad(rows, reduce="sum")
    expected, slopes = eager(loss, rows, parameters)
    size = sum(abs(float(loss(row).data)) for row in rows)
    assert value == pytest.approx(expected, rel=digits, abs=digits * size)
    place = {id(p): i for i, p in enumerate(fast.parameters)}
    for p, slope in zip(parameters, slopes, strict=True):
        own = found[place[id(p)]] if id(p) in place else 0.0
        assert own == pytest.approx(slope, rel=digits, abs=digits * len(rows) * 10)
    return fast


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 11), min_size=2, max_size=4),
    st.integers(2, 70),
    st.sampled_from([ag.relu, ag.tanh, ag.sigmoid]),
    st.booleans(),
    st.sampled_from(["float64", "float32"]),
    st.integers(0, 10**6),
)
def test_layers_of_any_width(sizes, n_rows, activation, residual, dtype, seed):
    """Units in fours and what is left of them, with biases and with what goes past a layer."""
    draw = random.Random(seed)
    shapes = list(itertools.pairwise(sizes))
    weights = [[[Value(draw.gauss(0, 0.5)) for _ in range(a)] for _ in range(b)] for a, b in shapes]
    biases = [[Value(draw.gauss(0, 0.5)) for _ in range(b)] for _, b in shapes]

    def loss(x):
        for w, b in zip(weights, biases, strict=True):
            sums = [
                ag.sum([*(p * q for p, q in zip(line, x, strict=True)), c])
                for line, c in zip(w, b, strict=True)
            ]
            y = [activation(s) for s in sums]
            x = [p + q for p, q in zip(x, y, strict=True)] if residual and len(x) == len(y) else y
        return ag.sum(v * v for v in x)

    rows = [[draw.gauss(0, 1) for _ in range(sizes[0])] for _ in range(n_rows)]
    parameters = [p for w in weights for line in w for p in line] + [p for b in biases for p in b]
    assert_as_eager(loss, rows, parameters, dtype)


def test_a_matrix_and_a_transposed_one():
    """Neighbours have the rows' numbers in common, but their weights do not move on by the same for all."""
    first, second = ([[Value(math.sin(i + 7 * j + k)) for i in range(6)] for j in range(6)] for k in (0, 1))

    def loss(x):
        size = ag.sum(w * w for m in (first, second) for line in m for w in line)  # uses them in this order
        columns = zip(*second, strict=True)
        sums = [ag.dot([*a, *b], [*x, *x[::-1]]) for a, b in zip(first, columns, strict=True)]
        return ag.sum(ag.tanh(s) for s in sums) + size

    rows = np.random.default_rng(1).normal(size=(40, 6)).tolist()
    assert_as_eager(loss, rows, [p for m in (first, second) for line in m for p in line])


@pytest.mark.parametrize("n_keys", [1, 2, 3, 4, 5, 9])
def test_products_of_numbers_of_the_row(n_keys):
    """Attention: what is added up is of the row on both sides, one of them in common or neither."""
    draw = random.Random(n_keys)
    width = 5
    matrices = [[[Value(draw.gauss(0, 0.5)) for _ in range(width)] for _ in range(width)] for _ in range(3)]

    def product(matrix, x):
        return [ag.sum(w * v for w, v in zip(line, x, strict=True)) for line in matrix]

    def loss(x):
        keys, values = [product(matrices[0], v) for v in x], [product(matrices[1], v) for v in x]
        query = product(matrices[2], x[-1])
        shares = ag.softmax([ag.dot(query, key) for key in keys])
        return ag.sum(ag.dot(shares, column) ** 2 for column in zip(*values, strict=True))

    rows = [[[draw.gauss(0, 1) for _ in range(width)] for _ in range(n_keys)] for _ in range(21)]
    assert_as_eager(loss, rows, [p for m in matrices for line in m for p in line])


def test_sums_of_four_are_in_tiles_and_over_rows_in_squares():
    weights = [[Value(math.sin(i + 3 * j)) for i in range(9)] for j in range(8)]

    def loss(x):
        return ag.sum(ag.tanh(ag.dot(line, x)) for line in weights)

    rows = np.random.default_rng(0).normal(size=(40, 9)).tolist()
    fast = assert_as_eager(loss, rows, [p for line in weights for p in line])
    lines = fast.program.both.tiles.table.tolist()
    assert next(line[1] for line in lines if line[0] == CODES["dot"]) == 2  # tiles for eight sums
    assert [line[1] for line in lines if line[0] == CODES["over_rows"] and line[5] == 1] == [6]  # 2 by 3


def test_a_kink_is_met_by_many_rows_as_by_one():
    """0.1 0.3 - 0.1 0.3 is 0 only if both products are rounded, and there relu has no slope."""
    a, b = ([Value(x) for _ in range(4)] for x in (0.1, -0.1))
    scale = [Value(1.0) for _ in range(4)]

    def loss(x):
        return ag.sum(s * ag.relu(p * x[0] + q * x[1]) for p, q, s in zip(a, b, scale, strict=True))

    rows = [[x, x] for x in (0.3, 0.7, -0.9, 1 / 3, 1e-3, 123.4)]
    value, found = jit(loss).value_and_grad(rows)
    assert value == 0
    assert (found == 0).all()
    assert not jit(lambda x: [p * x[0] + q * x[1] for p, q in zip(a, b, strict=True)]).rows(rows).any()
