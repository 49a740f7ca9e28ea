"""Training: which rows a step sees, what it does with them, when it ends, and what is left then."""

import io
import math
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

import autograd as ag
from autograd import Value
from autograd.errors import DivergedError, SettingError, ShapeError
from nn import (
    MLP,
    SGD,
    Adam,
    History,
    Module,
    Table,
    Update,
    cross_entropy,
    half_squared_error,
    squared_error,
    train,
)

ROOT = Path(__file__).resolve().parents[2]
SALARIES = Table(
    ["IQ", "Level", "Salary"],
    [(3, 3, 50), (8, 55, 1000), (3, 8, 60), (4, 8, 65), (3, 2, 30), (9, 88, 5000), (3, 2, 35), (8, 6, 40)],
)  # fmt: skip
EXACT = Table(SALARIES.columns, [tuple(map(Fraction, row)) for row in SALARIES])
TINY = Fraction(1, 1_000_000)


def line() -> MLP:
    return MLP(1, [1], init="zeros")


LINE = Table(["x", "y"], [(1, 3), (2, 5), (3, 7)])


# --------------------------------------------------------------------------------------- the arithmetic


def test_an_epoch_of_the_notes_in_four_batches_of_two_exactly() -> None:
    net = MLP(2, [2, 1], activation="linear", init="ones").convert(Fraction)
    history = train(net, EXACT, loss=squared_error, optimizer=SGD(TINY), batches=4, reduce="sum", record=True)
    assert [u.rows for u in history.updates] == [(0, 1), (2, 3), (4, 5), (6, 7)]
    # the same by hand: 2-2-1, all linear, loss summed over the batch
    w: dict[str, Any] = dict.fromkeys(["w1_11", "w1_21", "w1_12", "w1_22", "w2_11", "w2_21"], Fraction(1))
    w |= dict.fromkeys(["b11", "b12", "b21"], Fraction(0))
    for update in history.updates:
        assert update.before == w
        gradient: Counter[str] = Counter()
        loss = Fraction(0)
        for i in update.rows:
            x1, x2, y = EXACT[i]
            o11 = w["w1_11"] * x1 + w["w1_21"] * x2 + w["b11"]
            o12 = w["w1_12"] * x1 + w["w1_22"] * x2 + w["b12"]
            yhat = w["w2_11"] * o11 + w["w2_21"] * o12 + w["b21"]
            loss += (y - yhat) ** 2
            d = -2 * (y - yhat)
            gradient.update(
                w1_11=d * w["w2_11"] * x1, w1_21=d * w["w2_11"] * x2, b11=d * w["w2_11"],
                w1_12=d * w["w2_21"] * x1, w1_22=d * w["w2_21"] * x2, b12=d * w["w2_21"],
                w2_11=d * o11, w2_21=d * o12, b21=d,
            )  # fmt: skip
        w = {name: x - TINY * gradient[name] for name, x in w.items()}
        assert update.loss == loss
        assert update.after == w
        assert update.epoch == 1
    assert history.step_losses == [u.loss for u in history.updates]
    assert history.epoch_losses == [sum(history.step_losses)]
    assert {name: p.data for name, p in net.named_parameters().items()} == w


def test_the_mean_over_a_batch_and_over_an_epoch() -> None:
    w = Value(Fraction(1), "w")
    rows = [([Fraction(x)], Fraction(0)) for x in (1, 2, 3)]
    history = train(
        lambda x: w * x[0], rows, loss=half_squared_error, optimizer=SGD(TINY), parameters=[w],
        batch_size=2, record=True,
    )  # fmt: skip
    first = Fraction(1 + 4, 4)
    after = 1 - TINY * Fraction(1 + 4, 2)
    second = (3 * after) ** 2 / 2
    assert history.step_losses == [first, second]
    assert history.epoch_losses == [(2 * first + second) / 3]
    assert [u.after["w"] for u in history.updates] == [after, after - TINY * 9 * after]


def test_gradients_are_cleared_before_each_step() -> None:
    net = line()
    for p in net.parameters():
        p.grad = 1e9
    train(net, LINE[:1], loss=squared_error, optimizer=SGD(0.5))
    assert [p.data for p in net.parameters()] == [3.0, 3.0]


def test_without_recording_nothing_is_kept() -> None:
    history = train(line(), LINE, loss=squared_error, optimizer=SGD(0.01), epochs=2)
    assert history.updates == []
    assert (len(history.step_losses), len(history.epoch_losses)) == (6, 2)


def test_training_can_be_differentiated() -> None:
    # one step of SGD: w' = w - eta * 2 (w x - y) x, so dw'/dw = 1 - 2 eta x^2
    def trained(start: Any) -> Any:
        w = Value(start, "w")
        train(lambda x: w * x[0], [([3.0], 2.0)], loss=squared_error, optimizer=SGD(0.125), parameters=[w])
        return w.data

    assert ag.value_and_grad(trained)(1.0) == (1 - 0.125 * 2 * 3, 1 - 2 * 0.125 * 9)


# ------------------------------------------------------------------------------------------- the order


class Watcher(Module):
    """A model that notes which rows it sees."""

    def __init__(self) -> None:
        self.w = Value(0.0)
        self.seen: list[float] = []

    def __call__(self, x: list[float]) -> Value:
        self.seen.append(x[0])
        return self.w * x[0]


def seen(n: int = 8, **options: Any) -> list[float]:
    model = Watcher()
    rows = [([i], 0.0) for i in range(n)]  # compiled, a model sees its rows once, as symbols
    train(model, rows, loss=squared_error, optimizer=SGD(0.0), engine="eager", **options)
    return model.seen


def test_rows_come_as_given() -> None:
    assert seen(epochs=3, batch_size=3) == [*range(8)] * 3
    assert seen(epochs=2) == [*range(8)] * 2


def test_rows_are_shuffled_anew_in_each_epoch() -> None:
    rows = seen(epochs=3, order="shuffled", seed=4, batches=3)
    epochs = [rows[i : i + 8] for i in (0, 8, 16)]
    assert all(sorted(epoch) == [*range(8)] for epoch in epochs)
    assert len({*map(tuple, epochs)}) == 3
    assert rows == seen(epochs=3, order="shuffled", seed=4)
    assert rows != seen(epochs=3, order="shuffled", seed=5)


def test_random_rows_are_drawn_with_replacement() -> None:
    rows = seen(epochs=500, order="random row", seed=1)
    assert len(rows) == 4000
    counts = Counter(rows)
    assert all(400 < counts[i] < 600 for i in range(8))
    assert any(len(set(rows[i : i + 8])) < 8 for i in range(0, 4000, 8))
    assert rows == seen(epochs=500, order="random row", seed=1)


def test_the_rows_themselves_are_left_alone() -> None:
    rows = [([1.0], 2.0), ([2.0], 1.0), ([3.0], 5.0)]
    before = [(list(x), y) for x, y in rows]
    train(line(), rows, loss=squared_error, optimizer=SGD(0.01), order="shuffled")
    assert rows == before


@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        ({}, [1] * 8),
        ({"batch_size": 3}, [3, 3, 2]),
        ({"batch_size": 8}, [8]),
        ({"batch_size": 100}, [8]),
        ({"batches": 4}, [2, 2, 2, 2]),
        ({"batches": 3}, [3, 3, 2]),
        ({"batches": 8}, [1] * 8),
    ],
)
def test_sizes_of_batches(options: dict[str, int], sizes: list[int]) -> None:
    history = train(
        MLP(2, [1]), SALARIES, loss=squared_error, optimizer=SGD(0), record=True, **options  # type: ignore[arg-type]
    )  # fmt: skip
    assert [len(u.rows) for u in history.updates] == sizes
    assert [i for u in history.updates for i in u.rows] == [*range(8)]


# ---------------------------------------------------------------------------------------------- the end


def test_training_stops_when_the_loss_has_converged() -> None:
    net = line()
    history = train(net, LINE, loss=squared_error, optimizer=SGD(0.1), epochs=10_000, tolerance=1e-12)
    assert history.stopped == "converged"
    assert len(history.epoch_losses) < 1000
    assert abs(history.epoch_losses[-1] - history.epoch_losses[-2]) <= 1e-12
    assert abs(history.epoch_losses[-2] - history.epoch_losses[-3]) > 1e-12
    assert [p.data for p in net.parameters()] == pytest.approx([2, 1], abs=1e-4)


def test_without_tolerance_all_epochs_are_run() -> None:
    history = train(line(), LINE, loss=squared_error, optimizer=SGD(0.0), epochs=5)
    assert (history.stopped, len(history.epoch_losses)) == ("epochs", 5)


def test_unscaled_features_diverge_and_the_error_says_what_to_do() -> None:
    net = MLP(2, [2, 1], activation="linear", init="ones")
    with pytest.raises(
        DivergedError, match=r"table\.standardised\(\), or with a smaller learning rate"
    ) as raised:
        train(net, SALARIES, loss=squared_error, optimizer=SGD(0.1), epochs=100)
    history: History = raised.value.history  # type: ignore[attr-defined]
    assert history.stopped == "diverged"
    assert history.step_losses
    assert all(map(math.isfinite, history.step_losses))
    assert all(math.isfinite(p.data) for p in net.parameters())


def test_scaled_features_reach_the_least_squares_solution() -> None:
    numpy = pytest.importorskip("numpy")
    table = SALARIES.standardised()
    net = MLP(2, [1])
    train(net, table, loss=squared_error, optimizer=SGD(0.1), batches=1, epochs=2000, tolerance=1e-15)
    rows = numpy.array(table.rows)
    best, *_ = numpy.linalg.lstsq(numpy.column_stack([rows[:, :2], numpy.ones(8)]), rows[:, 2], rcond=None)
    assert [p.data for p in net.parameters()] == pytest.approx(best, abs=1e-6)


def test_an_infinite_gradient_stops_before_the_step() -> None:
    w = Value(4.0, "w")

    def model(x: list[float]) -> Value:
        return ag.sqrt(w * x[0])

    with pytest.raises(DivergedError, match=r"in step 2 \(epoch 1\) the gradient of w is nan"):
        train(model, [([1.0], 1.0), ([0.0], 1.0)], loss=squared_error, optimizer=SGD(0.1), parameters=[w])
    assert w.data == pytest.approx(4 - 0.1 * 0.5)


def test_a_loss_that_is_nan_from_the_start_is_not_blamed_on_the_learning_rate() -> None:
    with pytest.raises(DivergedError, match="the loss is nan; no step was taken yet"):
        train(line(), [([math.nan], 1.0)], loss=squared_error, optimizer=SGD(0.1))


def test_ctrl_c_returns_the_history_so_far() -> None:
    calls = 0

    def loss(prediction: Any, target: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise KeyboardInterrupt
        return squared_error(prediction, target)

    net, twin = line(), line()
    with pytest.warns(UserWarning, match="interrupted after 4 steps"):
        history = train(net, LINE, loss=loss, optimizer=SGD(0.01), epochs=9, record=True)
    assert history.stopped == "interrupted"
    whole = train(twin, LINE, loss=squared_error, optimizer=SGD(0.01), epochs=2, record=True)
    assert history.step_losses == whole.step_losses[:4]
    assert history.epoch_losses == whole.epoch_losses[:1]
    assert {name: p.data for name, p in net.named_parameters().items()} == whole.updates[3].after


def test_a_model_without_a_graph_is_refused() -> None:
    with pytest.raises(SettingError, match=r"the loss is 4\.0, a plain number"):
        train(lambda x: 1.0, [([1.0], 3.0)], loss=squared_error, optimizer=SGD(0.1), parameters=[Value(1.0)])


# ------------------------------------------------------------------------------------ models and options


def test_a_model_of_ones_own_with_a_method_parameters() -> None:
    class Line:
        def __init__(self) -> None:
            self.w, self.b = Value(0.0, "w"), Value(0.0)

        def parameters(self) -> list[Value]:
            return [self.w, self.b, self.w]

        def __call__(self, x: Any) -> Value:
            return self.w * x[0] + self.b

    model = Line()
    history = train(model, LINE, loss=squared_error, optimizer=Adam(0.1), epochs=200, record=True)
    assert list(history.updates[0].after) == ["w", "parameters[1]"]
    assert (model.w.data, model.b.data) == pytest.approx((2, 1), abs=0.05)


def test_two_parameters_of_one_name_are_both_trained() -> None:
    a, b = Value(1.0, "w"), Value(1.0, "w")
    history = train(
        lambda x: a * x[0] + b, LINE, loss=squared_error, optimizer=SGD(0.01), parameters=[a, b], record=True
    )
    assert list(history.updates[0].before) == ["w", "parameters[1]"]
    assert a.data != 1 != b.data


def test_a_classifier_with_one_output_per_class() -> None:
    random = Random(0)
    centres = [(0, 2), (2, -1), (-2, -1)]
    rows = [
        ([x + random.gauss(0, 0.3), y + random.gauss(0, 0.3)], c)
        for c, (x, y) in enumerate(centres)
        for _ in range(6)
    ]
    net = MLP(2, [3], seed=2)
    train(net, rows, loss=cross_entropy, optimizer=SGD(0.5), epochs=20, batch_size=6, order="shuffled")
    for x, c in rows:
        outputs = net(x)
        assert max(range(3), key=lambda i: outputs[i].data) == c


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"rows": []}, ShapeError, "no rows to train on"),
        ({"rows": [1, 2]}, ShapeError, r"rows\[0\] is 1; a row is a pair"),
        ({"rows": [([1], 2), ([1], 2, 3)]}, ShapeError, r"rows\[1\]"),
        ({"rows": [([1, 2], 3)]}, ShapeError, "this MLP takes 1 input, and got 2 features"),
        ({"epochs": 0}, SettingError, "epochs is 0"),
        ({"epochs": 1.5}, SettingError, r"epochs is 1\.5"),
        ({"batch_size": 0}, SettingError, "batch_size is 0"),
        ({"batches": -1}, SettingError, "batches is -1"),
        ({"batches": 4}, SettingError, "3 rows cannot make 4 batches"),
        ({"batches": 1, "batch_size": 3}, SettingError, "batch_size is 3 and batches is 1"),
        (
            {"order": "random"},
            SettingError,
            "order is 'random'; it is one of 'as given', 'shuffled', 'random row'",
        ),
        ({"reduce": "max"}, SettingError, "reduce is 'max'"),
        ({"tolerance": -1}, SettingError, "tolerance is -1"),
        ({"tolerance": math.nan}, SettingError, "tolerance is nan"),
        ({"parameters": []}, SettingError, "no parameters"),
        ({"parameters": [3.0]}, SettingError, r"parameters\[0\] is 3\.0"),
        ({"parameters": [Value(1.0) * 2]}, SettingError, "a parameter is a Value that was not computed"),
        ({"model": lambda x: x[0]}, SettingError, r"say what to train by parameters=\[...\]"),
    ],
)
def test_what_train_refuses(options: dict[str, Any], error: type[Exception], message: str) -> None:
    given = {"model": line(), "rows": LINE, "loss": squared_error, "optimizer": SGD(0.1), **options}
    with pytest.raises(error, match=message):
        train(given.pop("model"), given.pop("rows"), **given)


# ------------------------------------------------------------------------------- what is shown meanwhile


def test_the_history_says_in_a_line_how_it_went() -> None:
    assert repr(History()) == "History(0 epochs, 0 steps)"
    history = train(line(), LINE, loss=squared_error, optimizer=SGD(0.0), epochs=3, tolerance=0)
    assert repr(history) == "History(2 epochs, 6 steps, loss 27.6667 -> 27.6667, converged)"
    history = train(line(), LINE, loss=squared_error, optimizer=SGD(0.0), epochs=3)
    assert repr(history) == "History(3 epochs, 9 steps, loss 27.6667 -> 27.6667)"
    assert Update._fields == ("epoch", "rows", "loss", "before", "after")


def test_a_progress_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    train(line(), LINE, loss=squared_error, optimizer=SGD(0.01), epochs=30)
    text = terminal.getvalue()
    assert "epoch 30" in text
    assert "loss" in text
    terminal.truncate(0)
    train(line(), LINE, loss=squared_error, optimizer=SGD(0.01), progress=False)
    assert terminal.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", None)  # as under pythonw
    train(line(), LINE, loss=squared_error, optimizer=SGD(0.01))


def test_without_a_terminal_nothing_is_printed_and_rich_is_not_imported(
    capfd: pytest.CaptureFixture[str],
) -> None:
    code = """
import sys
from nn import MLP, SGD, Table, squared_error, train
train(MLP(1, [1]), Table(["x", "y"], [(1, 2)]), loss=squared_error, optimizer=SGD(0.1), epochs=3)
assert "rich" not in sys.modules and "numpy" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
