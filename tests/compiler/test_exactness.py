"""Compiled and eager agree: on every primitive at its worst points, and on random graphs of all of them."""

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import OPS, Value, jit
from autograd.graph import topological_order
from tests.compiler.primitives import BINARY, UNARY

INF, NAN = math.inf, math.nan
SPECIAL = [
    *(0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 0.3, 20.0, -20.0, 709.0, -745.0, 800.0),
    *(5e-324, 1e-300, 1e155, -1e155, 1e308, INF, -INF, NAN),
]
EXACT_SLOPES = {
    "add", "sub", "mul", "neg", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh",
    "tanh", "sigmoid", "softplus", "relu", "leaky_relu", "abs", "maximum", "minimum",
}  # fmt: skip
"""Where the table has one formula for numbers and symbols, every bit is the same."""


def gradients(f, parameters):
    """Value and gradients as the eager engine finds them."""
    for p in parameters:
        p.grad = 0
    out = f()
    out.backward()
    return [float(out.data), *(float(p.grad) for p in parameters)]


def compiled(loss, parameters):
    value, found = loss.value_and_grad()
    slopes = dict(zip(loss.parameters, found.tolist(), strict=True))
    return [value, *(slopes.get(p, 0.0) for p in parameters)]


def assert_same(own, eager, *, exactly, where):
    for a, b in zip(own, eager, strict=True):
        if math.isfinite(a) and math.isfinite(b) and not exactly:
            assert abs(a - b) <= 1e-13 * abs(b) + 1e-300, (where, own, eager)
        else:
            assert a == b or (math.isnan(a) and math.isnan(b)), (where, own, eager)


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_each_primitive_at_its_worst_points(name):
    n = 2 if name in BINARY else 1
    parameters = [Value(1.0) for _ in range(n)]

    def f():
        return OPS[name](*parameters)

    loss = jit(f)
    for point in itertools.product(SPECIAL, repeat=n):
        for p, x in zip(parameters, point, strict=True):
            p.data = x
        own, eager = compiled(loss, parameters), gradients(f, parameters)
        assert own[0] == eager[0] or (math.isnan(own[0]) and math.isnan(eager[0])), (point, own, eager)
        assert_same(own, eager, exactly=name in EXACT_SLOPES, where=point)


def test_powers_at_the_ends_of_the_floats():
    """Where n - 1 is rounded, to an even number or to -1; and where 1 / x is infinite."""
    base, exponent = Value(1.0), Value(1.0)

    def f():
        return base**exponent

    loss = jit(f)
    ends = [2.0**53 - 1, 2.0**53, 2.0**53 + 2, 1e16, 2.0**-53, 2.0**-54, 1e-16, 1e-200, 1e-310, 1e200, 1001.0]
    numbers = [*SPECIAL, *ends, *(-x for x in ends)]
    for base.data, exponent.data in itertools.product(numbers, numbers):
        own, eager = compiled(loss, [base, exponent]), gradients(f, [base, exponent])
        assert_same(own, eager, exactly=False, where=(base.data, exponent.data))


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, -0.5, 1 / 3, 2.5, -1.5])
def test_powers_at_their_worst_points(exponent):
    x = Value(1.0)
    loss = jit(lambda: x**exponent)
    for point in SPECIAL:
        x.data = point
        own, eager = compiled(loss, [x]), gradients(lambda: x**exponent, [x])
        assert_same(own, eager, exactly=False, where=point)


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: ag.where(a > 0, ag.log(a), b * b),
        lambda a, b: ag.where(a <= b, a / b, ag.sqrt(a - b)),
        lambda a, b: ag.where(a < b, ag.where(b < 0, ag.log(b), a / b), ag.log(a)) * b,
        lambda a, b: ag.where(a > 0, 1 / a, 0 * b) + ag.where(a > 0, b, ag.log(-a)),
        lambda a, b: ag.leaky_relu(a, ag.log(b)),
        lambda a, b: ag.relu(a) * ag.abs(b) + ag.maximum(a, b),
        lambda a, b: ag.logsumexp([a, b, a * b]),
        lambda a, b: ag.softmax([a, b, a - b])[0],
        lambda a, b: ag.take([a * a, ag.log(b), ag.sqrt(a)], 1) + a,
    ],
)
def test_a_branch_not_taken_leaves_no_trace(f):
    a, b = Value(1.0, "a"), Value(1.0, "b")
    loss = jit(lambda: f(a, b))
    for a.data, b.data in itertools.product(SPECIAL, repeat=2):
        own, eager = compiled(loss, [a, b]), gradients(lambda: f(a, b), [a, b])
        assert_same(own, eager, exactly=False, where=(a.data, b.data))


def test_each_row_goes_its_own_way():
    """A row with nan or inf spoils nothing that it does not use."""
    w, u = Value(2.0), Value(0.0)

    def f(x):
        return ag.where(x > 0, ag.log(w) * x, u * x) + ag.where(x > 5, ag.log(u), 0.0)

    loss = jit(f)
    rows = [1.0, -1.0, 0.5, -3.0]
    _, found = loss.value_and_grad(rows, reduce="sum")
    w.grad = u.grad = 0
    ag.sum([f(x) for x in rows]).backward()
    slopes = dict(zip(loss.parameters, found, strict=True))
    assert (slopes[w], slopes[u]) == (w.grad, u.grad) == (0.75, -4.0)


# ------------------------------------------------------------------------------------------- random graphs


def random_graph(seed, size):
    """A function of a few Values that uses every primitive, written down as steps that can be run again."""
    draw = random.Random(seed)
    steps = []
    for _ in range(size):
        name = draw.choice([*UNARY, *BINARY, "where", "sum", "dot", "logsumexp", "power", "softmax", "take"])
        steps.append((name, [draw.randrange(10**6) for _ in range(6)], draw.choice([2, 3, 0.5, -1])))

    def run(x):
        nodes = list(x)
        for name, picks, exponent in steps:
            a, b, c, *more = [nodes[pick % len(nodes)] for pick in picks]
            if name == "where":
                out = ag.where(a < b, b, c)
            elif name == "sum":
                out = ag.sum([a, b, c, *more])
            elif name == "dot":
                out = ag.dot([a, b, c], more)
            elif name == "logsumexp":
                out = ag.logsumexp([a, b, c])
            elif name == "softmax":
                out = ag.softmax([a, b, c])[1]
            elif name == "take":
                out = ag.take([a, b, c], picks[5] % 3)
            elif name == "power":
                out = (a * a + 1) ** exponent
            elif name == "general_power":
                out = ag.power(a * a + 1, b)
            elif name in BINARY:
                out = OPS[name](a, b)
            else:
                out = OPS[name](a)
            nodes.append(ag.tanh(out))  # lest errors grow without bound
        return ag.sum(nodes[-5:])

    return run


def path_products(root):
    """For each leaf the sum over all paths of the absolute product of local derivatives."""
    bounds = {root: 1.0}
    for node in reversed(topological_order(root)):
        for x, slope in node._edges() if node in bounds else ():
            bounds[x] = bounds.get(x, 0.0) + abs(slope) * bounds[node]
    return bounds


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 40))
def test_random_graphs(seed, size):
    f = random_graph(seed, size)
    draw = random.Random(seed + 1)
    parameters = [Value(draw.uniform(-2, 2)) for _ in range(4)]
    rows = [[draw.uniform(-2, 2) for _ in range(2)] for _ in range(5)]

    def loss(x):
        return f([*parameters, *x])

    fast = jit(loss)
    values = fast.rows(rows)
    for row, value in zip(rows, values, strict=True):
        for p in parameters:
            p.grad = 0
        out = loss(row)
        if not isinstance(out, Value):
            return
        out.backward()
        own, found = fast.value_and_grad([row])
        bounds = path_products(out)
        assert math.isnan(own) == math.isnan(out.data)
        if math.isfinite(out.data):
            assert own == pytest.approx(out.data, rel=1e-12, abs=1e-12)
            assert value == pytest.approx(own, rel=1e-13, abs=1e-13)
        slopes = dict(zip(fast.parameters, found.tolist(), strict=True))
        for p in parameters:
            if math.isfinite(p.grad):
                # what is rounded differently in the forward pass moves the local derivatives too: 1e-12
                assert abs(slopes.get(p, 0.0) - p.grad) <= 1e-12 * bounds.get(p, 0.0) + 1e-300
            else:
                assert not math.isfinite(slopes[p])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9))
def test_rows_together_are_rows_one_by_one(seed):
    f = random_graph(seed, 12)
    draw = random.Random(seed)
    parameters = [Value(draw.uniform(-2, 2)) for _ in range(4)]
    loss = jit(lambda x, y: f([*parameters, *x, y]))
    X = [[draw.uniform(-2, 2), draw.uniform(-2, 2)] for _ in range(70)]
    Y = [draw.uniform(-2, 2) for _ in range(70)]
    together, gradient = loss.value_and_grad(X, Y, reduce="sum")
    single = [loss.value_and_grad([x], [y]) for x, y in zip(X, Y, strict=True)]
    np.testing.assert_allclose(loss.rows(X, Y), [value for value, _ in single], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(together, math.fsum(value for value, _ in single), rtol=1e-11, atol=1e-11)
    each = np.array([slopes for _, slopes in single])
    expected, scale = each.sum(axis=0), 1 + np.abs(each).sum(axis=0)
    assert (np.isnan(gradient) == np.isnan(expected)).all()
    fine = np.isfinite(expected)
    assert (np.abs(gradient - expected)[fine] <= 1e-11 * scale[fine]).all()


def test_the_loss_is_exact_where_nothing_was_reordered():
    w, b = Value(0.1), Value(0.7)
    f = lambda x, y: (y - (w * x + b)) ** 2  # noqa: E731
    loss = jit(f)
    for x, y in itertools.product([0.1, 1 / 3, -7.7, 1e-3], repeat=2):
        w.grad = b.grad = 0
        out = f(x, y)
        out.backward()
        assert loss(x, y) == out.data
        _, slopes = loss.value_and_grad([x], [y])
        assert slopes.tolist() == [w.grad, b.grad]
