"""Loops rolled up: the bits of one instruction after the other, whatever turns hand to each other."""

import gc
import random
import weakref

import numpy as np
import pytest

import autograd as ag
from autograd import Value, jit
from autograd.compiler import rolling


@pytest.fixture(autouse=True)
def short_loops(monkeypatch):
    """Loops that are quick to build count too."""
    monkeypatch.setattr(rolling, "ENOUGH", 100)
    monkeypatch.setattr(rolling, "EACH", 100)
    monkeypatch.setattr(rolling, "TURNS", 8)


def both_ways(f, monkeypatch, dtype="float64", row=None):
    """What loops give, which are there, and what instructions one by one give."""
    found = []
    for least in (100, 10**9):
        monkeypatch.setattr(rolling, "ENOUGH", least)
        compiled = jit(f, dtype=dtype)
        value, gradient = compiled.value_and_grad([row]) if row else compiled.value_and_grad()
        forward = compiled(row) if row else compiled()
        found.append([float(value).hex(), float(forward).hex(), *map(float.hex, gradient.tolist())])
        assert bool(compiled.program.both.tape.loops) == (least == 100)
    assert found[0] == found[1]
    return compiled


def check(f, parameters, monkeypatch):
    compiled = both_ways(f, monkeypatch)
    eager = f()
    eager.backward()
    value, gradient = compiled.value_and_grad()
    assert value.hex() == float(eager.data).hex()
    found = dict(zip(compiled.parameters, gradient.tolist(), strict=True))
    for p in parameters:
        assert found.get(p, 0.0) == pytest.approx(p.grad, rel=1e-12, abs=1e-300)


def test_a_chain(monkeypatch):
    a, x = Value(0.7), Value(0.2)

    def f():
        y = x
        for _ in range(300):
            y = ag.sin(a * y + 0.5)
        return y

    check(f, [a, x], monkeypatch)


def test_a_recurrence_with_softmax_and_long_sums(monkeypatch):
    start = [Value(0.1 * i - 0.3) for i in range(7)]

    def f():
        nodes = list(start)
        for _ in range(40):
            nodes.append(ag.softplus(nodes[-3]))
            nodes.append(ag.sum(nodes[-7:]))
            nodes.extend(ag.softmax(nodes[-4:]))
            nodes.append(nodes[-1] / (2.0 + nodes[-5]) - nodes[-6])
        return nodes[-1] * nodes[-2]

    check(f, start, monkeypatch)


def test_turns_that_read_from_far_away_and_from_here_and_there(monkeypatch):
    """Operands at no fixed distance, and a result that turns much later want."""
    draw = random.Random(5)
    w = [Value(draw.uniform(-1, 1)) for _ in range(20)]
    picked = [draw.randrange(20) for _ in range(200)]
    back = [draw.randrange(1, 9) for _ in range(200)]

    def f():
        nodes = [ag.tanh(x) for x in w]
        first = nodes[0]
        for i in range(200):
            nodes.append(ag.tanh(w[picked[i]] * nodes[-back[i]] + first) * 0.5)
        return nodes[-1] + first

    check(f, w, monkeypatch)


def test_constants_that_differ_from_turn_to_turn(monkeypatch):
    x = Value(0.3)

    def f():
        y = x
        for i in range(200):
            y = ag.cos(y * (1.0 + 0.01 * i)) - 1.0 * y
        return y

    check(f, [x], monkeypatch)


def test_two_loops_with_something_between(monkeypatch):
    x, a = Value(0.3), Value(1.1)

    def f():
        y = x
        for _ in range(150):
            y = ag.sin(y * a)
        y = ag.exp(y) / a
        for _ in range(150):
            y = ag.sqrt(1.0 + y * y) - 0.5 * y
        return y

    check(f, [x, a], monkeypatch)
    monkeypatch.setattr(rolling, "ENOUGH", 100)
    compiled = jit(f)
    compiled()
    assert len(compiled.program.forward.tape.loops) == 2


def test_nan_and_infinity_pass_through(monkeypatch):
    for number in (np.nan, np.inf, -np.inf, -0.0):
        x = Value(number)

        def f(x=x):
            y = x
            for _ in range(200):
                y = ag.maximum(y * 0.5, -y) + ag.relu(y)
            return y

        both_ways(f, monkeypatch)


def test_stages_keep_their_places(monkeypatch):
    """A loop over parameters alone, one for each row, and one behind the sum over rows."""
    a, b = Value(0.9), Value(0.4)

    def turns(y, by):
        for _ in range(150):
            y = ag.sin(y * by) + 0.1
        return y

    def f(x):
        return turns(turns(a, b) * x[0], a)

    compiled = both_ways(f, monkeypatch, row=[0.7])
    rows = compiled.value_and_grad([[0.7], [0.2], [-1.0]], reduce="sum")
    one_by_one = [compiled.value_and_grad([[x]]) for x in (0.7, 0.2, -1.0)]
    assert rows[0] == pytest.approx(sum(value for value, _ in one_by_one), rel=1e-12)
    assert np.allclose(rows[1], sum(gradient for _, gradient in one_by_one), rtol=1e-12)


def test_float32(monkeypatch):
    a, x = Value(0.7), Value(0.2)

    def f():
        y = x
        for _ in range(200):
            y = ag.exp(-(a * y)) / (1.0 + y * y)
        return y

    both_ways(f, monkeypatch, dtype="float32")


def test_few_turns_are_not_worth_it(monkeypatch):
    monkeypatch.setattr(rolling, "TURNS", 64)
    x = Value(0.2)

    def f():
        y = x
        for _ in range(60):
            y = ag.sin(y) * ag.cos(y) - ag.exp(y) + ag.tanh(y)
        return y

    compiled = jit(f)
    compiled()
    assert not compiled.program.forward.tape.loops


def test_short_loops_are_not_worth_it(monkeypatch):
    x = Value(0.2)

    def f():
        y = x
        for _ in range(300):
            y = ag.sin(y) + 0.1
        return y

    for least, loops in ((500, 1), (601, 0)):  # there are 600 operations
        monkeypatch.setattr(rolling, "EACH", least)
        compiled = jit(f)
        compiled()
        assert len(compiled.program.forward.tape.loops) == loops


def test_machine_code_goes_with_its_program():
    x = Value(0.2)

    def f():
        y = x
        for _ in range(400):
            y = ag.sin(y) + 0.1
        return y

    compiled = jit(f)
    compiled()
    (loop,) = compiled.program.forward.tape.loops
    assert f"operations in loops: {loop.turns} turns of {loop.length}" in str(compiled.program)
    gone = weakref.ref(loop)
    del loop, compiled
    gc.collect()
    assert gone() is None
