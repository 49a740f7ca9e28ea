"""The engines of training: compiled steps are those of Python, and what cannot be compiled says so."""

import _thread
import math
import subprocess
import sys
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

import autograd as ag
from autograd import Value, detect_anomaly
from autograd.errors import DivergedError, SettingError, ShapeError, TracingError
from nn import (
    MLP,
    SGD,
    Adam,
    History,
    Module,
    Optimizer,
    RMSprop,
    binary_cross_entropy,
    binary_cross_entropy_with_logit,
    cross_entropy,
    cross_entropy_from_probabilities,
    engines,
    half_squared_error,
    hinge,
    squared_error,
    train,
)

np = pytest.importorskip("numpy")
pytest.importorskip("llvmlite")

ROOT = Path(__file__).resolve().parents[2]
RANDOM = Random(5)
POINTS = [[RANDOM.gauss(0, 1), RANDOM.gauss(0, 1)] for _ in range(11)]
OPTIMISERS: dict[str, Callable[[], Optimizer]] = {
    "sgd": lambda: SGD(0.02),
    "momentum": lambda: SGD(0.004, momentum=0.8),
    "rmsprop": lambda: RMSprop(0.01),
    "adam": lambda: Adam(0.02),
}
# what is trained: the layers, the activation of the last, the loss, and the target for each point
PROBLEMS: dict[str, tuple[list[int], str, Any, Callable[[float], Any]]] = {
    "squared": ([3, 1], "linear", squared_error, lambda x: 2 * x),
    "half squared": ([3, 2], "linear", half_squared_error, lambda x: [x, -x]),
    "binary": ([3, 1], "sigmoid", binary_cross_entropy, lambda x: x > 0),
    "binary, unsure": ([3, 1], "sigmoid", binary_cross_entropy, lambda x: 0.3 if x > 0 else 0),
    "logit": ([4, 1], "linear", binary_cross_entropy_with_logit, lambda x: int(x > 0)),
    "logit, unsure": ([4, 1], "linear", binary_cross_entropy_with_logit, lambda x: 0.75 if x > 0 else 1),
    "hinge": ([4, 1], "linear", hinge, lambda x: 1 if x > 0 else -1),
    "classes": ([4, 3], "linear", cross_entropy, lambda x: 0 if x < -0.5 else 1 if x < 0.5 else 2),
    "shares": ([4, 2], "linear", cross_entropy, lambda x: (0.25, 0.75) if x > 0 else (1, 0)),
    "softmax": ([3, 3], "softmax", cross_entropy_from_probabilities, lambda x: int(x > 0)),
    "softmax, shares": (
        [3, 2], "softmax", cross_entropy_from_probabilities, lambda x: (0.25, 0.75) if x > 0 else (1, 0)
    ),
}  # fmt: skip


def problem(name: str) -> tuple[MLP, list[tuple[Any, Any]], Any]:
    widths, output, loss, target = PROBLEMS[name]
    net = MLP(2, widths, activation="tanh", output=output, seed=2)
    return net, [(x, target(x[0] - x[1])) for x in POINTS], loss


def numbers(model: Any) -> list[float]:
    return [p.data for p in model.parameters()]


def trained(engine: str, name: str = "squared", optimizer: str = "sgd", **options: Any) -> tuple[Any, ...]:
    net, rows, loss = problem(name)
    rule = OPTIMISERS[optimizer]()
    history = train(net, rows, loss=loss, optimizer=rule, engine=engine, **options)  # type: ignore[arg-type]
    return net, rule, history


def assert_same(found: tuple[Any, ...], expected: tuple[Any, ...], digits: float = 1e-9) -> None:
    """The same parameters, gradients, states and history, up to rounding."""
    (net, _, history), (twin, _, its_history) = found, expected
    assert numbers(net) == pytest.approx(numbers(twin), rel=digits, abs=1e-12)
    slopes, its_slopes = ([p.grad for p in each.parameters()] for each in (net, twin))
    assert slopes == pytest.approx(its_slopes, rel=digits, abs=1e-10)
    assert history.step_losses == pytest.approx(its_history.step_losses, rel=digits, abs=1e-12)
    assert history.epoch_losses == pytest.approx(its_history.epoch_losses, rel=digits, abs=1e-12)
    assert all(type(x) is float for x in [*history.step_losses, *history.epoch_losses, *numbers(net)])
    assert history.stopped == its_history.stopped
    states, its_states = ([r._states.get(p) for p in n.parameters()] for n, r, _ in (found, expected))
    for state, its_state in zip(states, its_states, strict=True):
        assert [*engines.flat(state)] == pytest.approx([*engines.flat(its_state)], rel=digits, abs=1e-12)


# --------------------------------------------------------------------------------- the same steps


@pytest.mark.parametrize("optimizer", OPTIMISERS)
@pytest.mark.parametrize("name", PROBLEMS)
def test_every_loss_with_every_optimiser(name: str, optimizer: str) -> None:
    options = {"epochs": 4, "batch_size": 3, "order": "shuffled", "seed": 3}
    assert_same(trained("jit", name, optimizer, **options), trained("eager", name, optimizer, **options))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"batch_size": 4},
        {"batch_size": 100},
        {"batches": 3},
        {"batches": 11, "reduce": "sum"},
        {"order": "shuffled", "seed": 9},
        {"order": "random row", "seed": 4},
        {"order": "random row", "batch_size": 5},
        {"reduce": "sum", "batch_size": 5},
    ],
    ids=str,
)
def test_the_same_rows_in_every_step(options: dict[str, Any]) -> None:
    options |= {"epochs": 30, "optimizer": "momentum" if "batches" in options else "sgd"}
    assert_same(trained("jit", **options), trained("eager", **options))


def test_every_activation() -> None:
    for activation in ("linear", "relu", "leaky_relu", "sigmoid", "tanh", "softmax"):
        results = []
        for engine in ("jit", "eager"):
            net = MLP(2, [5, 1], activation=activation, seed=1)
            rows = [(x, x[0] * x[1]) for x in POINTS]
            rule = Adam(0.01)
            results.append(
                (net, rule, train(net, rows, loss=squared_error, optimizer=rule, epochs=9, engine=engine))  # type: ignore[arg-type]
            )
        assert_same(*results)


def test_it_stops_in_the_epoch_in_which_the_loss_has_converged() -> None:
    for options in ({"tolerance": 1e-3}, {"tolerance": 1e-3, "batch_size": 4}, {"tolerance": 0.05}):
        found, expected = (trained(e, epochs=3000, **options) for e in ("jit", "eager"))
        assert 2 < len(found[2].epoch_losses) < 3000
        assert_same(found, expected)


def test_recording_keeps_every_step() -> None:
    options = {"epochs": 3, "batch_size": 4, "order": "shuffled", "record": True, "optimizer": "adam"}
    found, expected = (trained(engine, **options) for engine in ("jit", "eager"))
    assert_same(found, expected)
    for update, its_update in zip(found[2].updates, expected[2].updates, strict=True):
        assert (update.epoch, update.rows) == (its_update.epoch, its_update.rows)
        assert update.loss == pytest.approx(its_update.loss)
        for before, after in ((update.before, its_update.before), (update.after, its_update.after)):
            assert before == pytest.approx(after)


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_training_goes_on_where_it_ended_in_either_engine(optimizer: str) -> None:
    results = []
    for names in (("jit", "jit", "eager"), ("eager", "jit", "jit"), ("eager", "eager", "eager")):
        net, rows, loss = problem("squared")
        rule, history = OPTIMISERS[optimizer](), History()
        for engine in names:
            history = train(net, rows, loss=loss, optimizer=rule, epochs=5, engine=engine)  # type: ignore[arg-type]
        results.append((net, rule, history))
    assert_same(results[0], results[2])
    assert_same(results[1], results[2])


def test_divergence_stops_before_the_same_step_with_the_same_words() -> None:
    messages, results = [], []
    for engine in ("jit", "eager"):
        net, rows, loss = problem("squared")
        rule = SGD(1.9)
        with pytest.raises(DivergedError) as raised:
            train(net, rows, loss=loss, optimizer=rule, epochs=2000, engine=engine)  # type: ignore[arg-type]
        messages.append(str(raised.value))
        results.append((net, rule, raised.value.history))  # type: ignore[attr-defined]
    assert messages[0] == messages[1]
    assert "training diverged: in step" in messages[0]
    (net, _, history), (twin, _, its_history) = results
    assert history.stopped == its_history.stopped == "diverged"
    assert len(history.step_losses) == len(its_history.step_losses) > 10
    assert all(map(math.isfinite, numbers(net)))
    assert numbers(net)[-1] == pytest.approx(numbers(twin)[-1], rel=1e-3)


def test_a_loss_that_is_nan_from_the_start() -> None:
    for engine in ("jit", "eager"):
        net = MLP(1, [1], init="ones")
        with pytest.raises(DivergedError, match=r"in step 1 .* the loss is nan; no step was taken yet"):
            train(net, [([math.nan], 1.0)], loss=squared_error, optimizer=SGD(0.1), engine=engine)  # type: ignore[arg-type]
        assert numbers(net) == [1.0, 0.0]


def test_rows_may_be_nested_arrays_tuples_and_whole_numbers() -> None:
    net, twin = MLP(4, [3, 1], seed=1), MLP(4, [3, 1], seed=1)
    rows = [(np.array([[i, i + 1], [2, i * i]]), np.float64(i)) for i in range(4)]

    def on_table(model: Any) -> Any:
        return lambda x: model([*x[0], *x[1]])

    histories = [
        train(
            on_table(model), rows, loss=squared_error, optimizer=SGD(0.001), epochs=5, engine=engine,  # type: ignore[arg-type]
            parameters=model.parameters(),
        )
        for model, engine in ((net, "jit"), (twin, "eager"))
    ]  # fmt: skip
    assert histories[0].step_losses == pytest.approx(histories[1].step_losses)
    assert numbers(net) == pytest.approx(numbers(twin))


def test_parameters_may_be_frozen_unused_or_whole_numbers() -> None:
    results = []
    for engine in ("jit", "eager"):
        frozen, w, unused, b = Value(2.0, "frozen"), Value(1, "w"), Value(7.0, "unused"), Value(0, "b")
        rule = SGD(0.05, momentum=0.5)
        rule._states = {unused: 0.25, w: 0.0, b: -0.5}  # as an earlier training left them
        history = train(
            lambda x: frozen * x[0] + b + w * x[1],  # noqa: B023 - called at once
            [(x, x[0] + 3 * x[1] - 1) for x in POINTS],
            loss=squared_error, optimizer=rule, parameters=[b, w, unused], epochs=7, engine=engine,  # type: ignore[arg-type]
        )  # fmt: skip
        results.append([frozen.data, w.data, unused.data, b.data, w.grad, unused.grad, *history.step_losses])
        assert frozen.data == 2.0
    assert results[0] == pytest.approx(results[1], rel=1e-9)
    assert results[0][2] != 7.0


def test_an_optimiser_of_ones_own_is_compiled_by_its_rule() -> None:
    class Signs(Optimizer):
        """Steps of one size, with what it saw last kept in a tuple inside a tuple."""

        def move(self, gradient: Any, state: Any) -> Any:
            (last, (count,)) = (0.0, (0,)) if state is None else state
            change = -self.learning_rate * ag.where(gradient > 0, 1.0, -1.0) * (0.5 + ag.sigmoid(last))
            return change / (1 + count), (gradient, (count + 1,))

    OPTIMISERS["signs"] = lambda: Signs(0.1)
    try:
        assert_same(*(trained(engine, optimizer="signs", epochs=20) for engine in ("jit", "eager")))
    finally:
        del OPTIMISERS["signs"]


# ------------------------------------------------------------------------------------------ Ctrl-C


def test_ctrl_c_leaves_the_parameters_of_a_whole_step() -> None:
    net, rows, loss = problem("squared")
    timer = threading.Timer(0.5, _thread.interrupt_main)
    timer.start()
    with pytest.warns(UserWarning, match=r"interrupted after \d+ steps"):
        history = train(net, rows, loss=loss, optimizer=SGD(0.01), epochs=10**7, engine="jit")
    assert history.stopped == "interrupted"
    taken = len(history.step_losses)
    assert taken > 0
    assert len(history.epoch_losses) == taken // len(rows)
    twin, rows, loss = problem("squared")
    whole = train(
        twin, rows, loss=loss, optimizer=SGD(0.01), epochs=-(-taken // len(rows)), engine="jit", record=True
    )
    assert history.step_losses == [u.loss for u in whole.updates[:taken]]
    assert numbers(net) == list(whole.updates[taken - 1].after.values())


# ---------------------------------------------------------------------------- what cannot be compiled


class Branches(Module):
    def __init__(self) -> None:
        self.w = Value(0.5, "w")

    def __call__(self, x: Any) -> Any:
        return self.w * x[0] if x[0] > 0 else -self.w * x[0]


class Drops(Branches):
    """Leaves out a weight at random."""

    def __call__(self, x: Any) -> Any:
        return self.w * x[0] * RANDOM.random()


def loss_by_class(prediction: Any, y: Any) -> Any:
    return prediction**2 if y == 1 else (prediction - 1) ** 2


class OwnStep(SGD):
    def step(self, parameters: Any) -> None:
        for p in parameters:
            p.data -= 0.1 * p.grad


class Cooling(SGD):
    def move(self, gradient: Any, state: Any) -> Any:
        self.learning_rate *= 0.99
        return super().move(gradient, state)


ROWS: list[Any] = [([x[0]], float(i % 2)) for i, x in enumerate(POINTS)]
UNCOMPILED: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "a branch": ({"model": Branches()}, TracingError, r"Write where\(condition, a, b\)"),
    "chance": ({"model": Drops()}, TracingError, "drawing random numbers"),
    "==": ({"loss": loss_by_class}, TracingError, "=="),
    "fractions in rows": (
        {"rows": [([Fraction(1, 3)], 1.0)]}, SettingError, r"a Fraction in rows\[0\].*engine='eager' can"
    ),
    "ragged rows": (
        {
            "model": lambda x: W * ag.sum(x),
            "rows": [([1.0], 0.0), ([1.0, 2.0], 0.0)],
            "parameters": [W := Value(1.0)],
        },
        ShapeError, r"features\[1\] is 2 numbers, and features\[0\] is 1 number",
    ),
    "fractions in parameters": (
        {"model": lambda x: F * x[0], "parameters": [F := Value(Fraction(1, 2), "F")]},
        SettingError, "F is of type Fraction",
    ),
    "a step of its own": ({"optimizer": OwnStep(0.1)}, SettingError, r"OwnStep has a step\(\) of its own"),
    "a rule that changes": (
        {"optimizer": Cooling(0.1)}, TracingError, r"Cooling.move\(\) changes the optimiser"
    ),
}  # fmt: skip


@pytest.fixture
def compiling_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_pays", lambda *_: True)


@pytest.mark.parametrize("case", UNCOMPILED)
def test_jit_says_why_and_auto_trains_in_python(case: str, compiling_pays: None) -> None:
    options, error, message = UNCOMPILED[case]
    given = {"loss": squared_error, "optimizer": SGD(0.1), **options}
    rows = given.pop("rows", ROWS)

    def model() -> Any:
        return options.get("model") or MLP(1, [1], seed=1)

    with pytest.raises(error, match=message):
        train(given.pop("model", model()), rows, engine="jit", **given)
    results = []
    for engine in ("auto", "eager"):
        RANDOM.seed(1)
        parameters = given.get("parameters") or [Value(0.5)]
        start = [p.data for p in parameters]
        net = model()
        own = [p.data for p in net.parameters()] if isinstance(net, Module) else []
        history = train(net, rows, engine=engine, epochs=3, **given)  # type: ignore[arg-type]
        assert history.stopped == "epochs"
        if case != "chance" and not isinstance(given["optimizer"], Cooling):
            results.append(history.step_losses)
        for p, x in zip(parameters, start, strict=True):
            p.data = x
        if isinstance(net, Module):
            for p, x in zip(net.parameters(), own, strict=True):
                p.data = x
    assert not results or results[0] == results[1]  # to the bit: it was Python both times


def test_inside_detect_anomaly_python_computes(compiling_pays: None) -> None:
    net, rows, loss = problem("squared")
    with detect_anomaly():
        with pytest.raises(SettingError, match="detect_anomaly"):
            train(net, rows, loss=loss, optimizer=SGD(0.1), engine="jit")
        train(net, rows, loss=loss, optimizer=SGD(0.1))


def test_an_error_in_the_model_is_the_users_own(compiling_pays: None) -> None:
    def model(x: Any) -> Any:
        return W / len(x[5])

    for engine in ("auto", "jit", "eager"):
        with pytest.raises(IndexError, match="list index out of range"):
            train(model, ROWS, loss=squared_error, optimizer=SGD(0.1), parameters=[W], engine=engine)  # type: ignore[arg-type]


def test_wrong_targets_are_refused_with_the_same_words() -> None:
    net, rows, loss = problem("logit")
    rows[7] = rows[7][0], 2
    for engine in ("jit", "eager"):
        with pytest.raises(SettingError, match="the label is 2, which is not from 0 to 1"):
            train(net, rows, loss=loss, optimizer=SGD(0.1), engine=engine)  # type: ignore[arg-type]
    net, rows, loss = problem("classes")
    rows[7] = rows[7][0], 3
    for engine in ("jit", "eager"):
        with pytest.raises(SettingError, match="the target is class 3, and 3 logits are for 0 to 2"):
            train(net, rows, loss=loss, optimizer=SGD(0.1), engine=engine)  # type: ignore[arg-type]


def test_a_model_without_parameters_in_it_is_refused() -> None:
    with pytest.raises(SettingError, match="must compute with its parameters"):
        train(lambda x: x[0], ROWS, loss=squared_error, optimizer=SGD(0.1), parameters=[W], engine="jit")


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(SettingError, match="engine is 'c'; it is one of 'auto', 'eager', 'jit'"):
        train(MLP(1, [1]), ROWS, loss=squared_error, optimizer=SGD(0.1), engine="c")  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------- auto chooses


def chosen(name: str, **options: Any) -> str:
    """What "auto" chooses, found without training."""
    found = []
    original = engines.choose

    def choose(*arguments: Any) -> Any:
        found.append(type(original(*arguments)).__name__)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nn.training.choose", choose)
        with pytest.warns(UserWarning, match="after 0 steps"):
            trained("auto", name, **options)
    return found[0]


def test_auto_compiles_what_takes_long_and_nothing_else() -> None:
    assert chosen("squared", epochs=10) == "Eager"
    assert chosen("squared", epochs=100_000) == "Compiled"
    assert chosen("squared", epochs=100_000, optimizer="adam") == "Compiled"


def test_it_pays_for_the_network_of_the_notes_from_some_hundred_epochs_on() -> None:
    """2-2-1, four rows one by one: 0.1 ms each in Python, and 0.2 s until compiled code runs."""
    operations = 39
    assert not engines._pays(operations, visits=4 * 500, steps=4 * 500, parameters=9)
    assert engines._pays(operations, visits=4 * 1000, steps=4 * 1000, parameters=9)


def test_a_row_is_never_computed_twice_in_python() -> None:
    calls = []

    def model(x: Any) -> Any:
        calls.append(x)
        return W * x[0]

    train(model, ROWS, loss=squared_error, optimizer=SGD(0.0), parameters=[W], epochs=2, order="shuffled")
    assert len(calls) == 2 * len(ROWS)


def test_auto_without_llvmlite_is_python() -> None:
    code = """
import sys
sys.modules["llvmlite"] = None
sys.path.insert(0, "tests/nn")
from nn import MLP, SGD, squared_error, train, engines
engines._pays = lambda *_: True
train(MLP(1, [1]), [([1.0], 2.0)], loss=squared_error, optimizer=SGD(0.1), epochs=3)
assert "numpy" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
