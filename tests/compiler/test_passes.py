"""The way from a recording to a tape: what is simplified, shared, flattened and laid side by side."""

import random
import threading
import time

import numpy as np
import pytest

import autograd as ag
from autograd import OPS, Value, jit, primitive
from autograd.compiler.layout import ALONG, TILES
from autograd.compiler.passes import flatten
from autograd.compiler.recording import UNKNOWN
from autograd.errors import TracingError


def groups(loss, stage=None):
    """Operation and number of operands of each group, with how many there are."""
    return [(g.op, g.operands.shape[1], len(g.operands)) for g in loss.program.forward.plan.groups]


def test_chains_of_additions_are_one_sum_of_products():
    w = [Value(float(i)) for i in range(4)]
    loss = jit(lambda x: w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + w[3])
    assert loss([1.0, 2.0, 3.0]) == 0 * 1 + 1 * 2 + 2 * 3 + 3
    assert groups(loss) == [("dot", 8, 1)]


def test_what_several_use_stays_by_itself():
    w = Value(2.0)

    @jit
    def f(x):
        shared = w * x + 1.0
        return ag.exp(shared) + (shared + x) + shared * x

    f(0.5)
    assert groups(f) == [("dot", 4, 1), ("exp", 1, 1), ("dot", 8, 1)]


def test_equal_operations_are_computed_once():
    f = jit(lambda x: ag.exp(x) * ag.sin(x) + ag.exp(x) / ag.sin(x) + ag.maximum(x, 2.0) + ag.maximum(2.0, x))
    f(1.0)
    assert sorted(g[0] for g in groups(f)) == ["div", "dot", "exp", "maximum", "sin"]


@pytest.mark.parametrize(
    ("f", "left"),
    [
        (lambda x: x * 1, 0),
        (lambda x: -x * -1, 0),
        (lambda x: x / 1 - 0.0, 0),
        (lambda x: x**1, 0),
        (lambda x: ag.where(x > 0, x, x), 0),
        (lambda x: x + 0.0, 1),  # -0.0 + 0.0 is 0.0
        (lambda x: x * 0.0, 1),  # inf * 0 is nan
        (lambda x: x - x, 1),
        (lambda x: x / x, 1),
        (lambda x: x / 4, 1),
        (lambda x: x / 3, 1),
    ],
)
def test_only_what_changes_no_bit_is_simplified(f, left):
    fast = jit(f)
    for x in (-0.0, 0.0, float("inf"), -3.7, 5e-324):
        eager = f(Value(x))
        assert np.array(fast(x)).tobytes() == np.array(eager.data).tobytes() or eager.data != eager.data
    assert int(fast.program.forward.plan.counts.sum()) == left


def test_a_power_of_two_divides_by_multiplying():
    f = jit(lambda x: [x / 4, x / 3])
    f(1.0)
    assert sorted(g[0] for g in groups(f)) == ["div", "dot"]


def test_a_chain_of_any_length_takes_linear_time():
    def seconds(n, f):
        w = [Value(0.5) for _ in range(n)]
        started = time.perf_counter()
        assert jit(lambda: f(w))() == pytest.approx(0.5 * n)
        return time.perf_counter() - started

    def backwards(w):
        total = w[-1]
        for v in reversed(w[:-1]):
            total = v + total
        return total

    for f in (sum, backwards):
        seconds(100, f)
        assert seconds(16_000, f) < 30 * seconds(2_000, f)


def test_a_deep_graph_needs_no_recursion():
    w = Value(1.0)

    def f():
        x = w
        for _ in range(5_000):
            x = ag.sin(x) * 1.5
        return x

    loss = jit(f)
    value, (slope,) = loss.value_and_grad()
    out = f()
    out.backward()
    assert (value, slope) == (out.data, pytest.approx(w.grad, rel=1e-9))


def test_matrices_run_side_by_side_and_along():
    draw = random.Random(1)
    matrix = [[Value(draw.gauss(0, 1)) for _ in range(16)] for _ in range(16)]

    @jit
    def loss(x):
        y = [ag.tanh(sum(w * v for w, v in zip(row, x, strict=True))) for row in matrix]
        z = [ag.tanh(sum(w * v for w, v in zip(row, y, strict=True))) for row in matrix]
        return ag.sum(v * v for v in z)

    x = [draw.gauss(0, 1) for _ in range(16)]
    value, slopes = loss.value_and_grad([x])
    modes = loss.program.both.tape.modes.tolist()
    assert TILES in modes
    assert ALONG in modes
    out = loss.function(x)
    out.backward()
    assert value == pytest.approx(out.data, rel=1e-14)
    np.testing.assert_allclose(slopes, [p.grad for p in loss.parameters], rtol=1e-11, atol=1e-13)
    assert "side by side" in str(loss.program)
    assert ", along" in str(loss.program)


def test_slots_of_rows_are_used_again():
    def f(x):
        for _ in range(200):
            x = [ag.sin(v) + v for v in x]
        return ag.sum(x)

    fast = jit(f)
    fast([1.0, 2.0, 3.0])
    plan = fast.program.forward.plan
    assert int(plan.counts.sum()) > 1000
    assert plan.n_rows < 30


def test_a_long_listing_is_cut():
    fast = jit(_tower)
    fast(1.0)
    assert "more groups" in str(fast.program)
    assert len(str(fast.program).splitlines()) < 60


def _tower(x):
    for _ in range(50):
        x = ag.sin(ag.cos(x))
    return x


def test_what_is_flat_stays_as_it_is():
    w = Value(3.0)
    fast = jit(lambda x: ag.sin(w * x * 2 + 1) + (w * x + 2.0) * 3.0 - (x + w))
    fast(1.0)
    before = list(fast.program._code.ops)
    assert "gone" in before
    flatten(fast.program._code, fast.program._outputs)
    assert fast.program._code.ops == before


def test_a_constant_that_only_a_turned_sum_uses_stays():
    fast = jit(lambda x, y: ag.sin(x) - y * 0.5 + y / -0.5)  # the quotient is a product with -2
    assert fast(1.0, 3.0) == ag.sin(1.0) - 1.5 - 6.0


def test_constants_that_nothing_uses_take_no_slot():
    fast = jit(lambda x: x / 4)
    fast(1.0)
    assert fast.program.forward.plan.constants == [1.0, -1.0, 0.25]


# --------------------------------------------------------------------------------- primitives of one's own


@pytest.fixture
def own():
    """Remove primitives again that a test adds."""
    before = dict(OPS)
    yield
    for name in OPS.keys() - before.keys():
        del OPS[name]


@pytest.mark.usefixtures("own")
def test_a_primitive_of_ones_own_compiles():
    swish = primitive(
        "swish_for_jit",
        lambda x: x * ag.sigmoid(x),
        lambda x, out: (ag.sigmoid(x) + out * (1 - ag.sigmoid(x)),),
    )
    w = Value(0.7)
    loss = jit(lambda x: swish(w * x))
    value, (slope,) = loss.value_and_grad([2.0])
    out = swish(w * 2.0)
    out.backward()
    assert (value, slope) == (out.data, pytest.approx(w.grad, rel=1e-14))


@pytest.mark.usefixtures("own")
def test_a_primitive_that_cannot_be_compiled_says_so():
    import math

    odd = primitive("odd_for_jit", lambda x: math.floor(x) if x > 0 else x, lambda x, out: (1,))
    with pytest.raises(TracingError, match="the value of 'odd_for_jit' cannot be compiled"):
        jit(lambda x: odd(x))(1.0)


# ------------------------------------------------------------------------------------------------- tracing


def test_other_threads_go_on_while_one_traces():
    w = Value(1.0)
    started, finished = threading.Event(), threading.Event()

    def slow(x):
        started.set()
        finished.wait(5)
        return w * x

    tracing = threading.Thread(target=lambda: jit(slow)(1.0))
    tracing.start()
    started.wait(5)
    u = Value(3.0)
    out = (u * u + 1) ** 2
    out.backward()
    finished.set()
    tracing.join()
    assert (out.data, u.grad) == (100.0, 120.0)


def test_nothing_of_a_trace_is_left():
    w = Value(1.0)
    jit(lambda x: w * x)(2.0)
    assert (w * 3).data == 3.0
    assert w.data is not UNKNOWN
    from autograd import value

    assert value._tracer is None


def test_one_jit_within_another():
    w = Value(2.0)
    inner = jit(lambda x: w * x)
    outer = jit(lambda x: inner(x) + inner(3.0))
    assert outer(1.0) == 8.0
    assert outer.value_and_grad([1.0])[1].tolist() == [4.0]
