"""The export to JAX: values and gradients as here, at kinks too, and all that JAX does with a function."""

import doctest
import itertools
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import OPS, Value, jit, primitive
from autograd.compiler.face import Jitted
from autograd.errors import MissingPackageError, ShapeError
from tests.benchmarks import gpt
from tests.benchmarks.bench_accuracy import absolute_gradients, random_function
from tests.compiler.primitives import BINARY, UNARY

jax = pytest.importorskip("jax")
jnp = jax.numpy

INF, NAN = math.inf, math.nan
SPECIAL = [
    *(0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 0.3, 20.0, -20.0, 709.0, -745.0, 800.0),
    *(1e-300, 1e155, -1e155, 1e300, INF, -INF, NAN),
]
"""JAX takes subnormal numbers for 0, so there are none, nor those whose reciprocal is one."""
README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(autouse=True)
def in_float64():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def numbers(loss):
    return jnp.array([p.data for p in loss.parameters])


def eagerly(f, points):
    """For each point the value, and the derivative by each of its numbers."""
    found = []
    for point in points:
        leaves = [Value(x) for x in point]
        out = f(*leaves)
        out.backward()
        found.append([float(out.data), *(float(x.grad) for x in leaves)])
    return np.array(found)


def by_jax(f, points):
    """The same from JAX, by parameters and by tables: each row is nothing to the others."""
    columns = np.array(points, float).T
    loss = jit(f)
    g = loss.to_jax(*columns)
    values, back = jax.vjp(lambda *columns: g(jnp.zeros(0), *columns), *columns)
    by_inputs = np.stack([values, *back(jnp.ones_like(values))], axis=1)

    leaves = [Value(1.0) for _ in columns]
    loss = jit(lambda: f(*leaves))
    h = loss.to_jax()
    theta = np.stack([columns[leaves.index(p)] for p in loss.parameters], axis=1)
    values, slopes = jax.vmap(jax.value_and_grad(lambda theta: h(theta)[0]))(theta)
    by_parameters = np.zeros_like(by_inputs)
    by_parameters[:, 0] = values
    for p, column in zip(loss.parameters, slopes.T, strict=True):
        by_parameters[:, 1 + leaves.index(p)] = column
    return by_inputs, by_parameters


def assert_same(f, points, tolerance=1e-13, absolute=1e-300):
    expected = eagerly(f, points)
    for found in by_jax(f, points):
        for point, own, eager in zip(points, found.tolist(), expected.tolist(), strict=True):
            for a, b in zip(own, eager, strict=True):
                same = a == b or (a != a and b != b)
                near = abs(a - b) <= tolerance * abs(b) + absolute
                assert near if math.isfinite(a) and math.isfinite(b) else same, (point, own, eager)


# ---------------------------------------------------------------------------------------------- primitives


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_each_primitive_at_its_worst_points(name):
    points = list(itertools.product(SPECIAL, repeat=2 if name in BINARY else 1))
    if name == "general_power":  # whether n - 1 is odd is lost in rounding
        points = [(x, n) for x, n in points if not (x < 0 and abs(n) > 1e15)]
    assert_same(OPS[name], points)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, -0.5, 1 / 3, 2.5, -1.5])
def test_powers_at_their_worst_points(exponent):
    assert_same(lambda x: x**exponent, [[x] for x in SPECIAL])


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: ag.where(a > 0, ag.log(a), b * b),
        lambda a, b: ag.where(a <= b, a / b, ag.sqrt(a - b)),
        lambda a, b: ag.where(a < b, ag.where(b < 0, ag.log(b), a / b), ag.log(a)) * b,
        lambda a, b: ag.where(a > 0, 1 / a, 0 * b) + ag.where(a > 0, b, ag.log(-a)),
        lambda a, b: ag.where(a > 0, 0 * a, ag.sqrt(ag.where(b > 0, ag.log(b) * a, a))),
        lambda a, b: ag.leaky_relu(a, ag.log(b)),
        lambda a, b: ag.relu(a) * ag.abs(b) + ag.maximum(a, b),
        lambda a, b: ag.logsumexp([a, b, a * b]),
        lambda a, b: ag.softmax([a, b, a - b])[0],
        lambda a, b: ag.take([a * a, ag.log(b), ag.sqrt(a)], 1) + a,
        lambda a, b: ag.take([a, ag.log(b) * a, ag.sqrt(a)], ag.where(b > 0, 1, ag.where(a > 0, 2, 0))) + a,
    ],
)
def test_a_branch_not_taken_leaves_no_trace(f):
    points = list(itertools.product(SPECIAL, repeat=2))
    assert_same(f, points, tolerance=1e-12, absolute=1e-15)


def kinks():
    text = README.read_text("utf-8")
    start = text.index("| operation | at |")
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in text[start:].split("\n")]
    return rows[2 : rows.index([""])]


@pytest.mark.parametrize("row", kinks(), ids=lambda row: f"{row[0]} at {row[1]}")
def test_the_table_of_kinks(row):
    operation, where, value, slopes = row
    at = {name: float(x) for name, x in (part.split(" = ") for part in where.split(", "))}
    named = {"inf": INF, "nan": NAN, "pi": math.pi, "none": 0.0}
    wanted = [float(eval(x, named)) for x in (value, *slopes.split(", "))]

    def f(*x):
        return eval(operation, {**vars(ag), **dict(zip(at, x, strict=True))})

    for found in by_jax(f, [list(at.values())]):
        np.testing.assert_array_max_ulp(found[0], np.array(wanted), 4)


@pytest.mark.parametrize("seed", [0, 1])
def test_all_primitives_in_one_graph(seed):
    f = random_function(seed, 60)
    leaves = [Value(math.sin(i + seed)) for i in range(12)]
    loss = jit(lambda: f(leaves))
    g = loss.to_jax()
    value, found = jax.value_and_grad(lambda theta: g(theta)[0])(numbers(loss))
    out = f(leaves)
    out.backward()
    sizes = absolute_gradients(out)
    assert value == pytest.approx(out.data, rel=1e-12)
    assert len(loss.parameters) > 6
    for p, slope in zip(loss.parameters, found.tolist(), strict=True):
        assert abs(slope - p.grad) <= 1e-12 * sizes.get(p, 0.0)


def test_second_derivatives_are_those_of_the_table():
    """Also where the first one has two branches."""
    x = Value(0.0)
    for f in (ag.tanh, ag.sigmoid, ag.softplus, ag.asinh, lambda x: x**0, lambda x: ag.erf(x) * x):
        loss = jit(lambda f=f: f(x))
        g = loss.to_jax()
        inner = lambda x, f=f: ag.grad(f)(x)  # noqa: E731
        for point in (0.0, 0.7, -1.3):
            found = jax.hessian(lambda theta, g=g: g(theta)[0])(jnp.array([point]))
            assert found[0, 0] == pytest.approx(ag.grad(inner)(point), rel=1e-12, abs=1e-15)


def test_a_primitive_of_your_own():
    swish = primitive(
        "swish_for_jax", lambda x: x * ag.sigmoid(x), lambda x, out: (ag.sigmoid(x) * (1 + x - out),)
    )
    try:
        assert_same(swish, [[x] for x in (-3.0, 0.0, 1.5)], tolerance=1e-14)
    finally:
        del OPS["swish_for_jax"]


# --------------------------------------------------------------------------------------------------- takes


def test_take_from_parameters_and_from_what_is_computed():
    table = [[Value(10.0 * i + j) for j in range(3)] for i in range(4)]

    def f(i, x):
        row = ag.take(table, i)
        return ag.take([v * x for v in row], 1) + ag.take(ag.softmax(row), 2 - i)

    loss = jit(f)
    rows, x = [0, 2, 1, 2], [1.0, 2.0, 3.0, -1.0]
    g = loss.to_jax(rows, x)
    np.testing.assert_allclose(g(numbers(loss), rows, x), loss.rows(rows, x), rtol=1e-14)
    _, expected = loss.value_and_grad(rows, x, reduce="sum")
    found = jax.grad(lambda theta: g(theta, rows, x).sum())(numbers(loss))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_an_index_outside_of_the_table_gives_nan():
    table = [Value(1.0), Value(2.0)]
    loss = jit(lambda i: ag.take(table, i))
    g = loss.to_jax([0])
    indices = [0, 1, 2, -1, 0.5, NAN, INF]
    np.testing.assert_array_equal(g(numbers(loss), indices), [1, 2, *[NAN] * 5])
    computed = jit(lambda i: ag.take([i, v], i)) if (v := table[0]) else None
    np.testing.assert_array_equal(computed.to_jax([0])(numbers(computed), indices), [0, 1, *[NAN] * 5])


# ---------------------------------------------------------------------------------- arguments and results


def test_lists_in_and_out():
    w = Value(2.0)

    @jit
    def f(x, y, *, scale=2.0):
        (a, b), c = x
        return [[w * a * b * scale, c - y], [y, 1.0]]

    table = [((1, 2), 3), ((4, 5), 6)]
    g = f.to_jax(table, [7, 8], scale=[0.5, 0.5])
    found = g([2.0], table, jnp.array([7, 8]), scale=[0.5, 0.5])
    assert found.tolist() == f.rows(table, [7, 8], scale=[0.5, 0.5]).tolist()
    assert found.shape == (2, 2, 2)
    with pytest.raises(ShapeError, match="got the arguments x, y; it was made for x, y, scale"):
        g([2.0], table, [7, 8])
    with pytest.raises(ShapeError, match=r"x\[1\] has another shape"):
        g([2.0], [table[0], ((1, 2), (3, 4))], [7, 8], scale=[0.5, 0.5])
    with pytest.raises(TypeError, match="missing"):
        g([2.0], table)


def test_what_does_not_fit_is_told():
    w = Value(2.0)
    f = jit(lambda x, y: w * x[0] + y)
    g = f.to_jax(np.ones((2, 3)), [1, 2])
    with pytest.raises(ShapeError, match=r"theta has the shape \(2,\); there are 1 parameters"):
        g([1.0, 2.0], np.ones((2, 3)), [1, 2])
    with pytest.raises(ShapeError, match="x has 3 rows and y has 2"):
        g([1.0], np.ones((3, 3)), [1, 2])
    with pytest.raises(ShapeError, match=r"x\[0\] has another shape"):
        g([1.0], np.ones((2, 4)), [1, 2])
    with pytest.raises(ShapeError, match=r"y is 1.0; give a list"):
        g([1.0], np.ones((2, 3)), 1.0)
    with pytest.raises(ShapeError, match="different lengths"):
        jit(lambda x: [x, [x]]).to_jax([1.0])


def test_without_arguments_and_without_parameters():
    w = Value(3.0)
    assert jit(lambda: w * w).to_jax()([3.0]).tolist() == [9.0]
    assert jit(lambda x: x * x).to_jax([1.0])([], [1.0, 2.0]).tolist() == [1.0, 4.0]
    constant = jit(lambda x: [w * w, x, 2.0])  # one result differs from row to row
    assert constant.to_jax([1.0])([3.0], [1.0, 2.0]).tolist() == [[9.0, 1.0, 2.0], [9.0, 2.0, 2.0]]


def test_jax_decides_on_the_digits():
    w = Value(1 / 3)
    f = jit(lambda x: ag.tanh(w * x) + 0.1)
    g = f.to_jax([1.0])
    assert g(numbers(f), [1.0, 2]).dtype == jnp.float64
    assert g(numbers(f).astype(jnp.float32), jnp.float32([1.0])).dtype == jnp.float32
    jax.config.update("jax_enable_x64", False)
    found = g(numbers(f), [1, 2])
    assert found.dtype == jnp.float32
    np.testing.assert_allclose(found, f.rows([1, 2]), rtol=1e-6)


def test_without_jax_the_error_names_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'chalkgrad\[jax\]'"):
        jit(lambda x: x * x).to_jax([1.0])


def test_jax_is_imported_only_when_it_is_needed():
    code = "import sys, autograd as ag; ag.jit(lambda x: x * x).rows([1.0]); assert 'jax' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=README.parent)


# -------------------------------------------------------------------------------------------------- models


@pytest.fixture
def network():
    """An MLP, its loss, and a table."""
    net = nn.MLP(3, [8, 8, 1], activation="tanh", seed=1)
    loss = jit(lambda x, y: (net(x) - y) ** 2)
    draw = np.random.default_rng(0)
    return loss, draw.normal(size=(16, 3)), draw.normal(size=16)


def test_a_network_and_all_that_jax_does_with_it(network):
    loss, X, Y = network
    f = loss.to_jax(X, Y)
    theta = numbers(loss)
    mean = lambda theta, X, Y: f(theta, X, Y).mean()  # noqa: E731
    value, gradient = loss.value_and_grad(X, Y)
    np.testing.assert_allclose(f(theta, X, Y), loss.rows(X, Y), rtol=1e-13)
    for g in (jax.value_and_grad(mean), jax.jit(jax.value_and_grad(mean))):
        found = g(theta, X, Y)
        np.testing.assert_allclose(found[0], value, rtol=1e-13)
        np.testing.assert_allclose(found[1], gradient, rtol=1e-12, atol=1e-15)
    each = jax.vmap(jax.grad(mean), (None, 0, 0))(theta, X[:, None], Y[:, None])
    np.testing.assert_allclose(each.mean(axis=0), gradient, rtol=1e-12, atol=1e-14)
    assert jax.vmap(f, (0, None, None))(jnp.stack([theta, 2 * theta]), X, Y).shape == (2, 16)
    _, slope = jax.jvp(mean, (theta, X, Y), (theta, 0 * X, 0 * Y))
    assert slope == pytest.approx(float(theta @ gradient), rel=1e-12)
    hessian = jax.hessian(mean)(theta, X, Y)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-9, atol=1e-12)
    step = 1e-5 * gradient / np.linalg.norm(gradient)
    _, ahead = loss.value_and_grad(X, Y, parameters=np.array(theta) + step)
    _, behind = loss.value_and_grad(X, Y, parameters=np.array(theta) - step)
    np.testing.assert_allclose(hessian @ step, (ahead - behind) / 2, rtol=1e-4, atol=1e-11)


def test_sums_of_products_become_products_of_matrices(network):
    loss, X, Y = network
    lines = str(jax.make_jaxpr(loss.to_jax(X, Y))(numbers(loss), X, Y)).splitlines()
    assert sum("dot_general" in line for line in lines) == 2  # what has a single result is no matrix
    assert not any(" gather" in line for line in lines)


def test_a_gpt():
    w = gpt.parameters(Value)
    loss = jit(lambda text: gpt.loss(w, text, softmax=ag.softmax, take=ag.take))
    texts = [gpt.tokens(name) for name in ("ab", "zz", "no")]
    f = loss.to_jax(texts)
    run = jax.jit(jax.value_and_grad(lambda theta, texts: f(theta, texts).mean()))
    value, gradient = run(numbers(loss), jnp.array(texts))
    expected, slopes = loss.value_and_grad(texts)
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-12, atol=1e-15)


SHARDED = """
import jax, numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec as P
import autograd as ag, nn
jax.config.update("jax_enable_x64", True)
net = nn.MLP(3, [8, 1], activation="relu", seed=1)
loss = ag.jit(lambda x, y: ag.where(y > 0, (net(x) - y) ** 2, ag.abs(net(x))))
draw = np.random.default_rng(0)
X, Y = draw.normal(size=(16, 3)), draw.normal(size=16)
f = loss.to_jax(X, Y)
theta = np.array([p.data for p in loss.parameters])
rows = NamedSharding(Mesh(np.array(jax.devices()), "d"), P("d"))
assert len(rows.device_set) == 2
X2, Y2 = jax.device_put(X, rows), jax.device_put(Y, rows)
run = jax.jit(f).lower(theta, X2, Y2).compile()
assert run(theta, X2, Y2).sharding.is_equivalent_to(rows, 1)
assert "all-gather" not in run.as_text()
np.testing.assert_allclose(run(theta, X2, Y2), loss.rows(X, Y), rtol=1e-13)
found = jax.jit(jax.grad(lambda theta, X, Y: f(theta, X, Y).mean()))(theta, X2, Y2)
np.testing.assert_allclose(found, loss.value_and_grad(X, Y)[1], rtol=1e-12, atol=1e-15)
"""


def test_rows_are_shared_out_among_devices(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
    subprocess.run([sys.executable, "-c", SHARDED], check=True, cwd=README.parent)


# ------------------------------------------------------------------------------------------------ examples


def test_the_example_of_the_docstring():
    text = Jitted.to_jax.__doc__.replace("# doctest: +SKIP", "")
    test = doctest.DocTestParser().get_doctest(text, {"Value": Value, "jit": jit}, "to_jax", None, 0)
    assert len(test.examples) == 7
    assert doctest.DocTestRunner().run(test).failed == 0


def test_the_lines_of_the_readme():
    (lines,) = re.findall(r"```python\n([^`]*to_jax[^`]*)```", README.read_text("utf-8"))
    w, b = Value(2.0), Value(1.0)
    names = {"loss": jit(lambda x, y: (y - (w * x + b)) ** 2)}
    exec(lines, names)
    assert names["slopes"].tolist() == [6.0, 2.0]
