"""Optimisers: each against its published rule, written out apart; and Ctrl-C in a step (row 34)."""

import math
import signal
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from autograd.errors import SettingError
from nn import MLP, SGD, Adam, Optimizer, RMSprop, squared_error

ROOT = Path(__file__).resolve().parents[2]
GRADIENTS = [[0.5, -2.0], [-1.5, 0.0], [3.0, 1e-3], [0.25, -7.0]]
START = [1.0, -4.0]


def run(optimizer: Optimizer, gradients: list[list[float]] = GRADIENTS) -> list[list[float]]:
    """The parameters after each step of an optimiser that is handed these gradients."""
    parameters = [Value(x) for x in START]
    course = []
    for row in gradients:
        for p, g in zip(parameters, row, strict=True):
            p.grad = g
        optimizer.step(parameters)
        course.append([p.data for p in parameters])
    return course


def one_by_one(rule: Any) -> list[list[float]]:
    """The same by a generator for each parameter alone: it is sent gradients and yields the new parameter."""
    columns = []
    for i, w in enumerate(START):
        steps: Iterator[float] = rule(w)
        next(steps)
        columns.append([steps.send(row[i]) for row in GRADIENTS])  # type: ignore[attr-defined]
    return [list(row) for row in zip(*columns, strict=True)]


def test_sgd_exactly() -> None:
    w = Value(Fraction(1, 3))
    (w * w * 5).backward()
    SGD(Fraction(1, 7)).step([w])
    assert w.data == Fraction(1, 3) - Fraction(1, 7) * Fraction(10, 3)
    (w * 1).backward()
    SGD(1).step([w])  # an integer is exact too
    assert w.data == Fraction(1, 3) - Fraction(10, 21) - Fraction(10, 3) - 1


def test_momentum() -> None:
    # Sutskever et al. (1) and (2): v := mu v - eps g, theta := theta + v
    def rule(w: float) -> Iterator[float]:
        v = 0.0
        while True:
            g = yield w
            v = 0.9 * v - 0.1 * g
            w = w + v

    assert run(SGD(0.1, momentum=0.9)) == one_by_one(rule)
    w = Value(Fraction(0))
    optimizer = SGD(1, momentum=Fraction(1, 2))
    for _ in range(3):
        w.grad = Fraction(1)
        optimizer.step([w])
    assert w.data == -(1 + Fraction(3, 2) + Fraction(7, 4))


def test_rmsprop() -> None:
    def rule(w: float) -> Iterator[float]:
        mean_square = 0.0
        while True:
            g = yield w
            mean_square = 0.9 * mean_square + 0.1 * g**2
            w -= 0.01 * g / (math.sqrt(mean_square) + 1e-8)

    assert run(RMSprop(0.01)) == [pytest.approx(row, rel=1e-14) for row in one_by_one(rule)]


def test_adam() -> None:
    def rule(w: float) -> Iterator[float]:
        m = v = 0.0
        t = 0
        while True:
            g = yield w
            t = t + 1
            m = 0.8 * m + (1 - 0.8) * g
            v = 0.95 * v + (1 - 0.95) * g**2
            m_hat = m / (1 - 0.8**t)
            v_hat = v / (1 - 0.95**t)
            w = w - 0.02 * m_hat / (math.sqrt(v_hat) + 1e-6)

    ours = run(Adam(0.02, beta1=0.8, beta2=0.95, epsilon=1e-6))
    assert ours == [pytest.approx(row, rel=1e-14) for row in one_by_one(rule)]


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (SGD(0.1), "SGD", {"lr": 0.1}),
        (SGD(0.1, 0.9), "SGD", {"lr": 0.1, "momentum": 0.9}),
        (RMSprop(0.1, 0.95), "RMSprop", {"lr": 0.1, "alpha": 0.95}),
        (Adam(0.1), "Adam", {"lr": 0.1}),
    ],
)
def test_parity_with_pytorch(ours: Optimizer, theirs: str, options: dict[str, float]) -> None:
    torch = pytest.importorskip("torch")
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, theirs)([w], **options)
    course = []
    for row in GRADIENTS:
        w.grad = torch.tensor(row, dtype=torch.float64)
        optimizer.step()
        course.append(w.tolist())
    assert run(ours) == [pytest.approx(row, rel=1e-12) for row in course]


def test_each_parameter_is_moved_once_and_remembered_apart() -> None:
    a, b = Value(0.0), Value(0.0)
    optimizer = SGD(1.0, momentum=0.5)
    a.grad = b.grad = 1.0
    optimizer.step([a, a])
    assert (a.data, b.data) == (-1.0, 0.0)
    optimizer.step([b])
    optimizer.step([a])
    assert (a.data, b.data) == (-2.5, -1.0)


@pytest.mark.parametrize("rate", [math.nan, -0.1, math.inf, "0.1", None, Value(0.1)])
@pytest.mark.parametrize("make", [SGD, RMSprop, Adam])
def test_learning_rates_that_are_refused(make: Any, rate: Any) -> None:
    with pytest.raises(SettingError, match="learning_rate is"):
        make(rate)


@pytest.mark.parametrize(
    ("make", "name"),
    [(SGD, "momentum"), (RMSprop, "decay"), (Adam, "beta1"), (Adam, "beta2")],
)
@pytest.mark.parametrize("setting", [1, 1.5, -0.1, math.nan])
def test_decays_that_are_refused(make: Any, name: str, setting: float) -> None:
    with pytest.raises(SettingError, match=f"{name} is"):
        make(**{name: setting})


@pytest.mark.parametrize("make", [RMSprop, Adam])
def test_an_epsilon_that_is_refused(make: Any) -> None:
    with pytest.raises(SettingError, match="epsilon is -1"):
        make(epsilon=-1)


def test_what_an_optimizer_says_of_itself() -> None:
    assert repr(SGD(0.5)) == "SGD(learning_rate=0.5, momentum=0)"
    assert repr(Adam()) == "Adam(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08)"


def test_an_optimizer_without_a_rule_says_what_is_missing() -> None:
    with pytest.raises(NotImplementedError, match=r"Optimizer needs a method move\(gradient, state\)"):
        Optimizer(0.1).step([Value(1.0)])


def test_an_error_leaves_all_parameters_as_they_were() -> None:
    a, b = Value(1.0), Value(1.0)
    a.grad, b.grad = 1.0, "nonsense"
    with pytest.raises(TypeError):
        SGD(0.5).step([a, b])
    assert (a.data, b.data) == (1.0, 1.0)


# ------------------------------------------------------------------------------- Ctrl-C, at any moment


class _Interrupt:
    """A trace function that raises KeyboardInterrupt at the n-th instruction executed in the package `nn`."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self, frame: Any, event: str, arg: Any) -> Any:
        if "/nn/" not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self


@pytest.mark.parametrize("make", [lambda: SGD(0.1), lambda: SGD(0.1, 0.9), RMSprop, Adam])
def test_ctrl_c_in_a_step_leaves_all_old_or_all_new(make: Any) -> None:
    def fresh() -> tuple[MLP, Optimizer]:
        net, optimizer = MLP(2, [1]), make()
        squared_error(net([3.0, 4.0]), 5.0).backward()
        optimizer.step(net.parameters())
        return net, optimizer

    def state(net: MLP, optimizer: Optimizer) -> Any:
        return [(p.data, optimizer._states.get(p)) for p in net.parameters()]

    def stepped(n: int) -> tuple[Any, bool]:
        """The state after a step that is interrupted at its n-th instruction, and whether it was."""
        net, optimizer = fresh()
        parameters = net.parameters()
        tracer = _Interrupt(n)
        outer = sys.gettrace()
        try:
            sys.settrace(tracer)
            optimizer.step(parameters)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(outer)
        return state(net, optimizer), tracer.left == 0

    old = state(*fresh())
    new, _ = stepped(10**6)  # also since Python 3.12 reports instructions only from the second time on
    assert all(before[0] != after[0] for before, after in zip(old, new, strict=True))
    first, interrupted = stepped(1)
    assert first == old
    n = 1
    while interrupted:
        n += 1
        last, interrupted = stepped(n)
        assert last in (old, new)
    assert last == new
    assert n > 50


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers on this system")
def test_a_real_signal_in_a_step_leaves_all_old_or_all_new() -> None:
    # apart, since an interrupt that hits pytest or a coverage tool may leave those in disorder
    code = """
import signal
from autograd import Value
from nn import SGD

parameters = [Value(0.0) for _ in range(3000)]
for p in parameters:
    p.grad = -1.0
optimizer = SGD(1.0)
signal.signal(signal.SIGALRM, signal.default_int_handler)
for i in range(40):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0005 + 0.0001 * i)
        while True:
            optimizer.step(parameters)
    except KeyboardInterrupt:
        assert len({p.data for p in parameters}) == 1
print("done after", parameters[0].data, "steps")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.startswith("done after"), done.stderr
