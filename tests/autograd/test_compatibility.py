"""Programs written for micrograd's Value and for a microgpt-style Value run on ours, with the same numbers.

The programs take the class as an argument where their authors would import it. Those for micrograd run
on micrograd itself where it is installed, and everything runs on the reference class below: a Value as
in microgpt, that is, with a tuple of children and a tuple of local gradients, sorted by recursion.
"""

import importlib.util
import math
import os
import random
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd


class Reference:
    """A microgpt-style Value."""

    __slots__ = ("_children", "_local_grads", "data", "grad")

    def __init__(
        self, data: float, children: tuple[Any, ...] = (), local_grads: tuple[float, ...] = ()
    ) -> None:
        self.data = data
        self.grad: float = 0
        self._children = children
        self._local_grads = local_grads

    @staticmethod
    def of(x: Any) -> "Reference":
        return x if isinstance(x, Reference) else Reference(x)

    def __add__(self, other: Any) -> "Reference":
        other = Reference.of(other)
        return Reference(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other: Any) -> "Reference":
        other = Reference.of(other)
        return Reference(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n: float) -> "Reference":
        return Reference(self.data**n, (self,), (n * self.data ** (n - 1),))

    def log(self) -> "Reference":
        return Reference(math.log(self.data), (self,), (1 / self.data,))

    def exp(self) -> "Reference":
        return Reference(math.exp(self.data), (self,), (math.exp(self.data),))

    def relu(self) -> "Reference":
        return Reference(max(0, self.data), (self,), (float(self.data > 0),))

    def tanh(self) -> "Reference":
        t = math.tanh(self.data)
        return Reference(t, (self,), (1 - t * t,))

    def __neg__(self) -> "Reference":
        return self * -1

    def __radd__(self, other: Any) -> "Reference":
        return self + other

    def __sub__(self, other: Any) -> "Reference":
        return self + -Reference.of(other)

    def __rsub__(self, other: Any) -> "Reference":
        return Reference.of(other) + -self

    def __rmul__(self, other: Any) -> "Reference":
        return self * other

    def __truediv__(self, other: Any) -> "Reference":
        return self * Reference.of(other) ** -1

    def __rtruediv__(self, other: Any) -> "Reference":
        return other * self**-1

    def backward(self) -> None:
        order: list[Reference] = []
        seen = set()

        def visit(node: Reference) -> None:
            if node not in seen:
                seen.add(node)
                for child in node._children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1
        for node in reversed(order):
            for child, slope in zip(node._children, node._local_grads, strict=True):
                child.grad += slope * node.grad


def micrograd_value() -> Any:
    return pytest.importorskip("micrograd.engine").Value


CLASSES = pytest.mark.parametrize(
    "other", [lambda: Reference, micrograd_value], ids=["reference", "micrograd"]
)

# ------------------------------------------------------------------------------------ one operation each

numbers = st.floats(-4, 4).filter(lambda x: abs(x) > 1e-3)
ONE_BY_ONE: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: -a * b,
    lambda a, b: a + 1.5,
    lambda a, b: 1.5 + a,
    lambda a, b: a - 2,
    lambda a, b: 2 - a,
    lambda a, b: a * 3 * b,
    lambda a, b: 3 * (a + b),
    lambda a, b: a**2 + b**3,
    lambda a, b: (a * a) ** 0.5 - b**-1,
    lambda a, b: a.relu() * b,
    lambda a, b: sum([a, b, a * b]),
]


@pytest.mark.parametrize("program", range(len(ONE_BY_ONE)))
@CLASSES
@given(a=numbers, b=numbers)
def test_each_operation_to_the_bit(other: Callable[[], Any], program: int, a: float, b: float) -> None:
    results = []
    for cls in (autograd.Value, other()):
        x, y = cls(a), cls(b)
        out = ONE_BY_ONE[program](x, y)
        out.backward()
        results.append((out.data, x.grad, y.grad))
    assert results[0] == results[1]


@given(a=numbers, b=numbers)
def test_functions_to_the_bit(a: float, b: float) -> None:
    results = []
    for cls in (autograd.Value, Reference):
        x, y = cls(a), cls(b)
        out = x.exp() * y + (y * y).log()
        out.backward()
        results.append((out.data, x.grad, y.grad))
    assert results[0] == results[1]


@pytest.mark.parametrize(
    "program",
    [
        lambda a, b: a / b,
        lambda a, b: 2 / a - b / 3,
        lambda a, b: (a * b).tanh(),
        lambda a, b: (a / b - 2) ** 2 / (a * a + 1),
    ],
)
@given(a=numbers, b=numbers)
def test_division_and_tanh_to_the_last_digits(program: Callable[[Any, Any], Any], a: float, b: float) -> None:
    """They divide by way of a power, and take tanh' as 1 - t^2: ours are nearer to the truth."""
    results = []
    for cls in (autograd.Value, Reference):
        x, y = cls(a), cls(b)
        out = program(x, y)
        out.backward()
        results.append([out.data, x.grad, y.grad])
    assert results[0] == pytest.approx(results[1], rel=1e-12, abs=1e-12)


# -------------------------------------------------------------------------------------- random programs

STEPS: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b * 0.25,
    lambda a, b: 1 - a,
    lambda a, b: (a * 0.1).exp() - b,
    lambda a, b: a.relu() + b,
    lambda a, b: (b * b + 1).log(),
    lambda a, b: (b * b + 1) ** -0.5,
]
programs = st.lists(
    st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25
)


@given(programs, st.lists(numbers, min_size=3, max_size=3))
def test_random_programs_to_the_bit(program: list[tuple[int, int, int]], start: list[float]) -> None:
    """Even with many contributions to one gradient, since they are added in the same order."""
    results = []
    for cls in (Reference, autograd.Value):
        leaves = [cls(x) for x in start]
        values = list(leaves)
        for step, i, j in program:
            values.append(STEPS[step](values[-1 - i % len(values)], values[-1 - j % len(values)]))
            assume(abs(values[-1].data) < 1e3)
        values[-1].backward()
        results.append((values[-1].data, [x.grad for x in leaves]))
    assert results[0] == results[1]


# ------------------------------------------------------------------------- a network, as for micrograd


def train_network(cls: Any) -> list[float]:
    """Points inside and outside a circle, a network of three layers of relu, hinge loss, plain descent.

    All numbers are multiples of powers of two and stay short, so that no sum is ever rounded: micrograd
    adds contributions in the order of a set, which differs from run to run.
    """
    rng = random.Random(3)
    short = lambda: cls(rng.randrange(-8, 9) / 8)  # noqa: E731

    class Neuron:
        def __init__(self, n: int, bent: bool) -> None:
            self.w = [short() for _ in range(n)]
            self.b = cls(0)
            self.bent = bent

        def __call__(self, x: list[Any]) -> Any:
            out = sum((w * v for w, v in zip(self.w, x, strict=True)), self.b)
            return out.relu() if self.bent else out

    sizes = [2, 4, 4, 1]
    layers = [[Neuron(n, m != 1) for _ in range(m)] for n, m in pairwise(sizes)]
    parameters = [p for layer in layers for neuron in layer for p in [*neuron.w, neuron.b]]
    rows = [(rng.randrange(-4, 5) / 4, rng.randrange(-4, 5) / 4) for _ in range(6)]
    trace = []
    for _ in range(3):
        losses = []
        for row in rows:
            out = list(map(cls, row))
            for layer in layers:
                out = [neuron(out) for neuron in layer]
            label = 1 if row[0] ** 2 + row[1] ** 2 < 0.5 else -1
            losses.append((1 + -label * out[0]).relu())
        total = sum(losses) * 0.125
        for p in parameters:
            p.grad = 0
        total.backward()
        trace += [total.data, *(p.grad for p in parameters)]
        for p in parameters:
            p.data = round((p.data - 0.25 * p.grad) * 64) / 64
    return trace


@CLASSES
def test_a_network(other: Callable[[], Any]) -> None:
    ours = train_network(autograd.Value)
    assert ours == train_network(other())
    assert len({x for x in ours if x}) > 20  # it is not all zeros


def test_the_readme_example_of_micrograd() -> None:
    def program(cls: Any) -> tuple[float, float, float]:
        a, b = cls(-4.0), cls(2.0)
        c = a + b
        d = a * b + b**3
        c += c + 1
        c += 1 + c + (-a)
        d += d * 2 + (b + a).relu()
        d += 3 * d + (b - a).relu()
        e = c - d
        f = e**2
        g = f / 2.0
        g += 10.0 / f
        g.backward()
        return g.data, a.grad, b.grad

    ours = program(autograd.Value)
    assert [f"{x:.4f}" for x in ours] == ["24.7041", "138.8338", "645.5773"]  # as it says there
    assert ours == pytest.approx(program(Reference), rel=1e-14)


@pytest.mark.skipif(not importlib.util.find_spec("micrograd"), reason="runs micrograd's own code")
def test_the_network_code_of_micrograd_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    import micrograd.nn

    def program() -> list[float]:
        random.seed(5)
        model = micrograd.nn.MLP(3, [4, 4, 1])
        for p in model.parameters():
            p.data = round(p.data * 8) / 8
        loss = sum(
            (1 - model([a, b, 1.0]) * y).relu() for a, b, y in [(1, 0.5, 1), (-0.25, 1, -1), (2, 2, 1)]
        )
        model.zero_grad()
        loss.backward()
        return [loss.data, *(p.grad for p in model.parameters())]

    theirs = program()
    monkeypatch.setattr(micrograd.nn, "Value", autograd.Value)
    assert program() == theirs
    assert any(theirs[1:])


# ------------------------------------------------------------------- a language model, as for microgpt


def train_language_model(cls: Any) -> list[float]:
    """One head of attention over the letters of some words, with Adam: microgpt in miniature."""
    rng = random.Random(11)
    words = ["nora", "arno", "oran"]
    letters = sorted(set("".join(words)))
    begin, width = len(letters), 4
    matrix = lambda rows, columns: [[cls(rng.gauss(0, 0.4)) for _ in range(columns)] for _ in range(rows)]  # noqa: E731
    state = {
        "token": matrix(begin + 1, width),
        "place": matrix(6, width),
        **{name: matrix(width, width) for name in ("query", "key", "value", "out")},
        "up": matrix(2 * width, width),
        "down": matrix(width, 2 * width),
        "head": matrix(begin + 1, width),
    }
    parameters = [p for table in state.values() for row in table for p in row]

    def linear(x: list[Any], weights: list[list[Any]]) -> list[Any]:
        return [sum(w * v for w, v in zip(row, x, strict=True)) for row in weights]

    def softmax(x: list[Any]) -> list[Any]:
        top = max(v.data for v in x)
        exps = [(v - top).exp() for v in x]
        total = sum(exps)
        return [e / total for e in exps]

    def normalise(x: list[Any]) -> list[Any]:
        mean_square = sum(v * v for v in x) / len(x)
        scale = (mean_square + 1e-5) ** -0.5
        return [v * scale for v in x]

    def predict(token: int, place: int, keys: list[Any], values: list[Any]) -> list[Any]:
        x = normalise([a + b for a, b in zip(state["token"][token], state["place"][place], strict=True)])
        query = linear(x, state["query"])
        keys.append(linear(x, state["key"]))
        values.append(linear(x, state["value"]))
        scores = [sum(q * k for q, k in zip(query, key, strict=True)) / width**0.5 for key in keys]
        shares = softmax(scores)
        mixed = [sum(s * v[j] for s, v in zip(shares, values, strict=True)) for j in range(width)]
        x = [a + b for a, b in zip(linear(mixed, state["out"]), x, strict=True)]
        hidden = [h.relu() ** 2 for h in linear(normalise(x), state["up"])]
        x = [a + b for a, b in zip(linear(hidden, state["down"]), x, strict=True)]
        return linear(x, state["head"])

    first, second = [0.0] * len(parameters), [0.0] * len(parameters)
    losses = []
    for step, word in enumerate(words * 2):
        tokens = [begin, *map(letters.index, word), begin]
        keys: list[Any] = []
        values: list[Any] = []
        surprise = []
        for place in range(len(tokens) - 1):
            probabilities = softmax(predict(tokens[place], place, keys, values))
            surprise.append(-probabilities[tokens[place + 1]].log())
        loss = (1 / len(surprise)) * sum(surprise)
        loss.backward()
        for i, p in enumerate(parameters):
            first[i] = 0.9 * first[i] + 0.1 * p.grad
            second[i] = 0.95 * second[i] + 0.05 * p.grad**2
            m, v = first[i] / (1 - 0.9 ** (step + 1)), second[i] / (1 - 0.95 ** (step + 1))
            p.data -= 0.02 * m / (v**0.5 + 1e-8)
            p.grad = 0
        losses.append(loss.data)
    return [*losses, *(p.data for p in parameters)]


def test_a_language_model() -> None:
    ours, theirs = train_language_model(autograd.Value), train_language_model(Reference)
    assert ours == pytest.approx(theirs, rel=1e-9)
    assert ours[5] < ours[2] < ours[0]  # and it learns


# ------------------------------------------------------------------------------------------------ import


def test_import_is_quick_and_needs_nothing_else(tmp_path: Path) -> None:
    program = """
import sys, time
before, start = set(sys.modules), time.process_time()
import autograd
seconds = time.process_time() - start
print(seconds, *{name.partition(".")[0] for name in set(sys.modules) - before})
"""
    # the first run keeps the bytecode, wherever and however the tests are run
    kept = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    command = [sys.executable, "-c", program]
    runs = [subprocess.check_output(command, text=True, env=kept).split() for _ in range(5)]
    assert set(runs[0][1:]) <= {"autograd", *sys.stdlib_module_names}
    assert min(float(seconds) for seconds, *_ in runs) < 0.1  # 0.02 on a machine at rest
