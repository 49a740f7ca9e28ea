"""Walks over the graph: order, backward pass, steps, paths; deep, wide and broken graphs."""

import copy
import math
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, graph, leaves, paths, topological_order
from autograd.errors import ChalkgradError, GraphError

F = Fraction


# ------------------------------------------------------------------------- random graphs, and an oracle


class Dual(NamedTuple):
    """A number and its derivative by one leaf: forward-mode differentiation, to check the reverse mode by."""

    value: F
    slope: F

    def __add__(self, other: "Dual") -> "Dual":  # type: ignore[override]
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other: "Dual") -> "Dual":
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other: "Dual") -> "Dual":  # type: ignore[override]
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __pow__(self, n: int) -> "Dual":
        return Dual(self.value**n, n * self.value ** (n - 1) * self.slope)

    def __neg__(self) -> "Dual":
        return Dual(-self.value, -self.slope)


def total(values: list[Any]) -> Any:
    """The n-ary sum of Values, or the sum of anything else."""
    if isinstance(values[0], Value):
        return autograd.sum(values)
    out = values[0]
    for x in values[1:]:
        out = out + x
    return out


OPERATIONS: list[Callable[[Any, Any, Any], Any]] = [
    lambda a, b, c: a + b,
    lambda a, b, c: a - b,
    lambda a, b, c: a * b,
    lambda a, b, c: -a,
    lambda a, b, c: a**2,
    lambda a, b, c: total([a, b, c, a]),
]

Program = list[tuple[int, int, int, int]]


def run(program: Program, numbers: list[Any]) -> Any:
    """Apply the operations one after another; each takes three of what is there already, late ones first."""
    numbers = list(numbers)
    for operation, *picks in program:
        numbers.append(OPERATIONS[operation](*(numbers[-1 - pick % len(numbers)] for pick in picks)))
    return numbers[-1]


picks = st.integers(0, 5)
programs = st.lists(
    st.tuples(st.integers(0, len(OPERATIONS) - 1), picks, picks, picks), min_size=1, max_size=12
)
small = st.fractions(min_value=-3, max_value=3, max_denominator=5)
three_numbers = st.lists(small, min_size=3, max_size=3)


@given(programs, three_numbers)
def test_backward_agrees_with_forward_mode(program: Program, numbers: list[F]) -> None:
    values = [Value(x) for x in numbers]
    root = run(program, values)
    root.backward()
    for i, value in enumerate(values):
        out = run(program, [Dual(x, F(i == j)) for j, x in enumerate(numbers)])
        assert (root.data, value.grad) == out


@given(programs, three_numbers)
def test_gradient_is_the_sum_over_all_paths(program: Program, numbers: list[F]) -> None:
    """Bauer's formula: of each path, the product of the local derivatives along it."""
    values = [Value(x) for x in numbers]
    root = run(program[:7], values)
    root.backward()
    for value in values:
        products = F(0)
        found: dict[tuple[int, ...], int] = {}
        for path in paths(value, root):
            assert path[0] is value
            assert path[-1] is root
            found[tuple(map(id, path))] = found.get(tuple(map(id, path)), 0) + 1
        for path in {tuple(map(id, p)): p for p in paths(value, root)}.values():
            product = F(1)
            edges = 1
            for below, node in pairwise(path):
                slopes = [s for x, s in zip(node.operands, node.local_derivatives, strict=True) if x is below]
                product *= sum(slopes)
                edges *= len(slopes)
            products += product
            assert found[tuple(map(id, path))] == edges  # parallel edges are paths of their own
        if value is not root:
            assert products == value.grad


@given(programs, three_numbers)
def test_topological_order(program: Program, numbers: list[F]) -> None:
    root = run(program, [Value(x) for x in numbers])
    order = topological_order(root)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is root
    assert all(place[x] < place[node] for node in order for x in node.operands if isinstance(x, Value))
    assert leaves(root) == [node for node in order if node.op is None]

    recursive: list[Value] = []

    def visit(node: Value) -> None:
        if node not in recursive:
            for x in node.operands:
                if isinstance(x, Value):
                    visit(x)
            recursive.append(node)

    visit(root)
    assert order == recursive


@given(programs, three_numbers)
def test_steps_are_what_backward_does(program: Program, numbers: list[F]) -> None:
    values = [Value(x, name) for x, name in zip(numbers, "abc", strict=True)]
    root = run(program, values)
    for value in values:
        value.grad = 77
    steps = list(root.backward_steps())
    assert [value.grad for value in values] == [77, 77, 77]
    received: dict[Value, Any] = {root: 1}
    for step in steps:
        assert step.upstream == received[step.node]
        assert step.contribution == step.local_derivative * step.upstream
        assert step.before == received.get(step.operand, 0)
        assert step.after == step.before + step.contribution
        received[step.operand] = step.after
        assert str(step).startswith("d")
    assert received == graph.gradients(root)
    for value in values:
        value.grad = 0
    root.backward()
    for node in topological_order(root):
        assert node.grad == received[node]


# ------------------------------------------------------------------------------------------------- steps


def test_a_step_is_a_line_of_the_chain_rule() -> None:
    w, x, b = Value(2.0, "w"), Value(-3.0, "x"), Value(0.5, "b")
    z = w * x + b
    z.name = "z"
    loss = (z * z).sin() + w
    assert [str(step) for step in loss.backward_steps()] == [
        "dL/dv3 += dL/dL * dL/dv3   = 1 * 1 = 1",
        "dL/dw  += dL/dL * dL/dw    = 1 * 1 = 1",
        "dL/dv2 += dL/dv3 * dv3/dv2 = 1 * 0.393899 = 0.393899",
        "dL/dz  += dL/dv2 * dv2/dz  = 0.393899 * (-5.5) = -2.16644",
        "dL/dz  += dL/dv2 * dv2/dz  = 0.393899 * (-5.5) = -2.16644, now -4.33289",
        "dL/dv1 += dL/dz * dz/dv1   = (-4.33289) * 1 = -4.33289",
        "dL/db  += dL/dz * dz/db    = (-4.33289) * 1 = -4.33289",
        "dL/dw  += dL/dv1 * dv1/dw  = (-4.33289) * (-3) = 12.9987, now 13.9987",
        "dL/dx  += dL/dv1 * dv1/dx  = (-4.33289) * 2 = -8.66578",
    ]
    first = next(loss.backward_steps())
    assert (first.node, first.operand.data) == (loss, math.sin(5.5**2))
    assert (first.local_derivative, first.upstream, first.contribution) == (1, 1, 1)
    assert (first.before, first.after) == (0, 1)


def test_steps_of_formulas_keep_their_brackets() -> None:
    sympy = pytest.importorskip("sympy")
    p, q = sympy.symbols("p q")
    x = Value(p, "x")
    lines = [str(step) for step in ((x + q) ** 2 * 3).backward_steps()]
    assert lines[1] == "dL/dv1 += dL/dv2 * dv2/dv1 = 3 * (2*p + 2*q) = 6*p + 6*q"


def test_a_leaf_takes_no_steps() -> None:
    assert list(Value(1.0).backward_steps()) == []


def test_the_root_is_called_by_its_name_or_else_L() -> None:
    a = Value(1.0, "a")
    named = a * 2
    named.name = "E"
    assert str(next(named.backward_steps())) == "dE/da += dE/dE * dE/da = 1 * 2 = 2"
    taken = Value(1.0, "L") * 2
    assert str(next(taken.backward_steps())) == "dv1/dL  += dv1/dv1 * dv1/dL  = 1 * 2 = 2"


def test_labels() -> None:
    names = ["w", "w (2)", "w", None, "v1", "w", "v1"]
    root = autograd.sum([Value(float(i), name) for i, name in enumerate(names)])
    assert list(graph.labels(root).values()) == [
        "w", "w (2)", "w (3)", "v2", "v1", "w (4)", "v1 (2)", "v3",
    ]  # fmt: skip


@given(st.lists(st.sampled_from(["w", "w (2)", "w (3)", "v1", "v2", None]), min_size=1, max_size=9))
def test_labels_tell_nodes_apart(names: list[str | None]) -> None:
    labels = graph.labels(autograd.sum([Value(1.0, name) for name in names]))
    assert len(set(labels.values())) == len(labels) == len(names) + 1


# ------------------------------------------------------------------------------------------------- paths


def test_paths_where_there_are_none_or_nothing_to_walk() -> None:
    x, y = Value(1.0), Value(2.0)
    assert list(paths(y, x * 2)) == []
    assert list(paths(x, x)) == [[x]]
    assert list(paths(x * 2, x)) == []


def test_a_long_path() -> None:
    x = y = Value(1.0)
    for _ in range(20_000):
        y = y + 1.0
    (path,) = paths(x, y)
    assert len(path) == 20_001


def test_paths_come_one_at_a_time() -> None:
    x = y = Value(1)
    for _ in range(100):
        y = y + y
    y.backward()
    assert x.grad == 2.0**100  # with one visit to each node, however many paths there are
    found = paths(x, y)
    assert [len(next(found)) for _ in range(3)] == [101, 101, 101]


# ------------------------------------------------------------------------------------------------ cycles


def unary_cycle() -> Value:
    x = Value(1.0)
    first = x.exp()
    last = first.exp()
    first._a = last
    return last * 2


def binary_cycle() -> Value:
    x = Value(1.0)
    first = x + x
    last = x * first
    first._b = last
    return 1 - last


def long_binary_cycle() -> Value:
    first = node = Value(1.0) + 1
    for _ in range(3000):
        node = Value(1.0) * node
    first._a = node
    return node


def nary_cycle() -> Value:
    x = Value(1.0)
    first = autograd.sum([x, x, x])
    last = autograd.dot([first, first], [x, x])
    first._a = (x, last, x)
    return last + 1


def mixed_cycle() -> Value:
    x = Value(1.0)
    first = x + x
    last = autograd.sum([first, x, first])
    first._a = last
    return last.exp()


CYCLES = [unary_cycle, binary_cycle, long_binary_cycle, nary_cycle, mixed_cycle]
WALKS: dict[str, Callable[[Value], Any]] = {
    "backward": Value.backward,
    "backward_steps": lambda root: next(root.backward_steps()),
    "gradients": graph.gradients,
    "topological_order": topological_order,
    "labels": graph.labels,
    "leaves": leaves,
    "paths": lambda root: list(paths(Value(1.0), root)),
    "pickle": pickle.dumps,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("cycle", CYCLES)
def test_a_cycle_is_an_error(cycle: Callable[[], Value], walk: str) -> None:
    root = cycle()
    with pytest.raises(GraphError, match=r"the graph has a cycle: Value\(.*\) is computed from itself"):
        WALKS[walk](root)
    assert issubclass(GraphError, ValueError)
    assert issubclass(GraphError, ChalkgradError)


def test_the_error_names_a_node_of_the_cycle() -> None:
    first = Value(1.0) + 1
    first.name = "guilty"
    middle = first * 2
    first._a = middle
    middle.name = "guilty too"
    root = middle + 5
    for walk in (Value.backward, topological_order):
        with pytest.raises(GraphError, match="guilty"):
            walk(root)


def test_gradients_are_as_they_were_after_a_cycle_was_found() -> None:
    x = Value(1.0)
    (x * 3).backward()
    first = x * x
    first._a = first
    with pytest.raises(GraphError):
        (first + x).backward()
    assert x.grad == 3.0


# ----------------------------------------------------------------------------------------------- threads


def test_threads_share_a_graph() -> None:
    x, y = Value(F(3)), Value(F(5))
    root = x
    for _ in range(200):
        root = root * F(1, 2) + x * y
    root.backward()
    once = x.grad, y.grad
    steps = [step.after for step in root.backward_steps()]
    failures: list[object] = []

    def work() -> None:
        for _ in range(10):
            root.backward()
            if [step.after for step in root.backward_steps()] != steps:
                failures.append("steps")
            if pickle.loads(pickle.dumps([root, x]))[0].data != root.data:
                failures.append("pickle")

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert failures == []
    assert (x.grad, y.grad) == (41 * once[0], 41 * once[1])


# ------------------------------------------------------------------------------------------ reproducible


SEEDED = """
import random
from autograd import Value, sum, softmax
random.seed(7)
junk = [object() for _ in range(random.randrange({seed}, 5000))]  # moves the addresses
leaves = [Value(random.gauss(0, 1)) for _ in range(30)]
layer = leaves
for _ in range(4):
    pick = lambda: random.choice(layer)
    layer = [sum(random.choices(layer, k=9)).tanh() * pick() + pick() for _ in layer]
root = softmax(layer)[0].log()
root.backward()
print([x.grad.hex() for x in leaves], [str(step) for step in root.backward_steps()][::97])
"""


def test_every_bit_depends_on_the_graph_alone() -> None:
    outputs = set()
    for seed in "0", "1", "4242":
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        program = SEEDED.format(seed=seed)
        outputs.add(subprocess.check_output([sys.executable, "-c", program], env=environment, text=True))
    assert len(outputs) == 1
    assert outputs.pop().startswith("['")


# -------------------------------------------------------------------------------------------- deep, wide


HUGE = """
import copy, gc, pickle, threading, weakref
from autograd import Value, leaves, sum, topological_order

N = 1_000_000

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def deep():
    start = resident()
    x = Value(1.0, "x")
    y = x
    for _ in range(N):
        y = y + 1.0
    y.backward()
    print("bytes a node:", (resident() - start) / N)
    assert (y.data, x.grad) == (N + 1.0, 1.0)

    assert str(next(y.backward_steps())).startswith("dL/dv")

    twin = copy.deepcopy(y)
    twin.backward()
    assert (twin.data, leaves(twin)[0].grad, x.grad) == (y.data, 2.0, 1.0)
    gone = weakref.ref(leaves(twin)[0])
    del twin
    assert gone() is None

    text = pickle.dumps(y)
    del y
    twin = pickle.loads(text)
    assert (twin.data, topological_order(twin)[0].name) == (N + 1.0, "x")
    twin.backward()
    gone = weakref.ref(leaves(twin)[0])
    del twin
    assert gone() is None

def wide():
    values = [Value(1.0) for _ in range(N)]
    total = sum(values)
    total.backward()
    assert next(total.backward_steps()).operand is values[0]
    assert topological_order(total)[-2] is values[-1]
    assert (total.data, values[0].grad, values[-1].grad) == (N, 1.0, 1.0)

gc.disable()  # nothing here needs it
threading.stack_size(256 * 1024)
for work in deep, wide:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
left = Value(0.0)
for _ in range(N):
    left = left + 1.0
print("done")  # and `left` is freed while the interpreter shuts down
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="reads its own memory from /proc")
def test_a_million_nodes_on_a_small_stack() -> None:
    done = subprocess.run([sys.executable, "-c", HUGE], capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
    size, end = done.stdout.splitlines()
    assert end == "done"
    assert float(size.partition(":")[2]) <= 300
