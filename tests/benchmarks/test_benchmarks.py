"""That the benchmarks run, and measure engines that agree."""

import math
import os
import time
from collections.abc import Callable
from typing import Any

import pytest

import autograd as ag
from tests.benchmarks import (
    bench_accuracy,
    bench_eager,
    bench_formulas,
    bench_gpt,
    bench_random,
    gpt,
    measure,
    moons,
    tape,
)
from tests.benchmarks.__main__ import BENCHMARKS, ON_DEMAND
from tests.benchmarks.compiled import COMPILERS, Functions, graph_of
from tests.benchmarks.engines import ENGINES, Reference, nodes, with_deep_recursion
from tests.benchmarks.limit import peak, share_of_peak
from tests.benchmarks.measure import Samples, Target, available, per_call

AVAILABLE = "ours", "reference"


def test_the_model_has_the_parameters_and_operations_it_is_said_to_have() -> None:
    weights = gpt.parameters(Reference)
    assert len(gpt.flat(weights)) == 4192
    text = gpt.tokens(bench_eager.NAME)
    assert len(text) <= gpt.CONTEXT
    assert 50_000 <= nodes(gpt.loss(weights, text)) <= 60_000


def test_the_loss_of_an_untrained_model_is_about_that_of_guessing() -> None:
    loss = gpt.loss(gpt.parameters(Reference), gpt.tokens("ab"))
    assert loss.data == pytest.approx(math.log(gpt.TOKENS), rel=0.05)


def test_the_engines_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("micrograd")
    text = gpt.tokens("")
    counts = with_deep_recursion(lambda: bench_eager.check(text))
    assert counts["ours"] <= counts["reference"] == counts["micrograd"]

    def wrong_exp(self: Reference) -> Reference:
        return Reference(math.exp(self.data), (self,), (1.0,))

    monkeypatch.setattr(Reference, "exp", wrong_exp)
    with pytest.raises(AssertionError, match="the gradient of weight"):
        with_deep_recursion(lambda: bench_eager.check(text))


def test_the_reference_differentiates() -> None:
    a, b = Reference(2.0), Reference(3.0)
    out = (1 - a / b) ** 2 + 2 / a - 3 * (a * b).log() + (a - 1).exp().relu() + (-b).relu()
    out.backward()
    assert a.grad == pytest.approx(-2 * (1 - 2 / 3) / 3 - 2 / 4 - 3 / 2 + math.e)
    assert b.grad == pytest.approx(2 * (1 - 2 / 3) * 2 / 9 - 3 / 3)


def test_nodes_counts_what_was_computed() -> None:
    for name in AVAILABLE:
        x = ENGINES[name]()(2.0)
        y = x * x
        assert nodes(y + y * x) == 3
        assert nodes(x) == 0


def sample(name: str, exponent: int) -> dict[str, float]:
    return {"process": os.getpid(), "power": 2.0**exponent}


def test_measure_gives_each_sample_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[str] = []
    original = measure.apart

    def apart(function: Callable[..., Any], *arguments: Any) -> Any:
        turns.append(arguments[0])
        return original(function, *arguments)

    monkeypatch.setattr(measure, "apart", apart)
    found = measure.measure(sample, {"a": ("a", 1), "b": ("b", 3)}, rounds=2)
    assert turns == ["a", "b", "a", "b"]
    assert found["a"].each("power") == [2, 2]
    assert found["b"].speed_against(found["a"], "power") == 0.25
    processes = {process for samples in found.values() for process in samples.each("process")}
    assert len(processes) == 4


def test_samples_are_compared_round_by_round() -> None:
    own = Samples([{"s": 1.0}, {"s": 2.0}, {"s": 3.0}])
    other = Samples([{"s": 2.0}, {"s": 6.0}, {"s": 3.0}])
    assert own.speed_against(other, "s") == 2.0  # of 2, 3 and 1
    assert (own.median("s"), own.best("s")) == (2.0, 1.0)


def test_targets() -> None:
    assert Target("speed", 2.0, 2.0).reached
    assert not Target("speed", 1.9, 2.0).reached
    assert not Target("bytes", 301, 300, at_most=True).reached


def test_per_call_divides_by_the_number_of_turns() -> None:
    turns: list[int] = []

    def run(times: int) -> None:
        turns.append(times)
        time.sleep(0.001 * times)

    assert 0.001 <= per_call(run, 0.05) < 0.01
    assert turns[0] == 1
    assert len(turns) > 3


def test_a_peer_that_is_not_there_is_left_out_with_a_notice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(measure.NEEDS, "nobody", "a_package_that_nobody_has")
    assert available(["ours", "nobody", "reference"]) == ["ours", "reference"]
    assert capsys.readouterr().err == "nobody is left out: there is no a_package_that_nobody_has here\n"


# ------------------------------------------------------------------------------------ compiled engines


needs_gcc = pytest.mark.skipif(tape.library() is None, reason="there is no gcc")


@needs_gcc
def test_the_tape_in_c_differentiates() -> None:
    recorder = tape.Tape()
    a, b, c, d = map(recorder.number, (0.5, 2.0, -1.5, 0.25))
    total = recorder.record("sum4", a, b, c, d)[0]
    shares = recorder.record("softmax4", a, b, c, total, results=4)
    out = (
        (1 - a / b) ** 2 * shares[1]
        + (b - c).log() * shares[3].exp()
        - 3.0 * c.softplus()
        + (-c).relu()
        + c.relu()
    )
    assert out.tape is recorder
    run, gradients = recorder.compiled()
    x = [ag.Value(v) for v in (0.5, 2.0, -1.5, 0.25)]
    p = ag.softmax([*x[:3], ag.sum(x)])
    y = (
        (1 - x[0] / x[1]) ** 2 * p[1]
        + (x[1] - x[2]).log() * p[3].exp()
        - 3 * ag.softplus(x[2])
        + (-x[2]).relu()
    )
    y.backward()
    for _ in range(2):  # what a run leaves behind does not disturb the next
        assert run(3) == pytest.approx(y.data, rel=1e-13)
        assert gradients()[:4] == pytest.approx([v.grad for v in x], rel=1e-13)


@pytest.mark.parametrize("engine", [name for name in COMPILERS if name not in ("jax", "ours, float32")])
def test_compiled_engines_agree_with_the_eager_one(engine: str) -> None:
    if engine not in available([engine]):
        pytest.skip("it is not here")
    with_deep_recursion(lambda: bench_random.check(engine, "random 100"))
    if engine == "ours":
        compiled = COMPILERS[engine](graph_of("gpt ab"))
        bench_gpt.check(compiled.result(), "ab")
        with pytest.raises(AssertionError, match="the results are off by"):
            bench_gpt.check([x + 1e-5 for x in compiled.result()], "ab")


def test_a_random_graph_is_what_it_is_said_to_be() -> None:
    x = [ag.Value(v) for v in graph_of("random 100").start]
    assert len(x) == 100
    graph = graph_of("random 100")
    names: list[str] = []
    recorder = tape.Tape()

    def record(name: str, *operands: Any, results: int = 1) -> list[Any]:
        names.append(name)
        return original(name, *operands, results=results)

    original = recorder.record
    recorder.record = record  # type: ignore[method-assign]
    functions = Functions(
        softplus=lambda v: v.softplus(),
        total=lambda values: record("sum4", *values)[0],
        softmax=lambda values: record("softmax4", *values, results=4),
    )
    graph.loss([recorder.number(v) for v in graph.start], functions)
    assert names == ["softplus", "sum4", "mul", "softmax4"] * 25
    # of the second operation: the nodes 30, 25, 20 and 15 before the end of 101
    assert list(recorder.operands[1:5]) == [~71, ~76, ~81, ~86]


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_trainers_agree(activation: str) -> None:
    losses = {name: moons.TRAINERS[name](activation)(5) for name in available(moons.TRAINERS)}
    for name, loss in losses.items():
        assert loss == pytest.approx(losses["numpy"], rel=1e-9), name


def test_absolute_gradients_add_up_over_paths() -> None:
    x = ag.Value(3.0)
    y = x * x - 2 * x  # 2 x - 2 by hand, and 2 x + 2 in absolute terms
    assert bench_accuracy.absolute_gradients(y)[x] == 8


def test_special_numbers_are_compared_to_the_bit_and_others_up_to_rounding() -> None:
    agree = bench_accuracy.agree
    assert agree(math.nan, math.nan)
    assert not agree(0.0, math.nan)
    assert not agree(1e300, math.inf)
    assert agree(1 + 1e-15, 1.0)
    assert not agree(1e-300, 0.0)


def test_shares_of_the_peak() -> None:
    most = peak("float64")
    if most is None:
        assert share_of_peak(1e9) == ""
    else:
        assert 1e9 < most < 1e12
        assert share_of_peak(most / 4) == "25.0%"
        assert share_of_peak(most / 4, threads=2) == "12.5%"
        assert peak("float32") > 1.2 * most  # type: ignore[operator]


@pytest.mark.parametrize("name", sorted(set(BENCHMARKS) - ON_DEMAND))
def test_every_benchmark_runs(name: str) -> None:
    pytest.importorskip("micrograd")
    import importlib

    report = importlib.import_module(f"tests.benchmarks.bench_{name}").run(quick=True)
    assert report.title
    assert all(len(row) == len(report.columns) for row in report.rows)
    assert all(isinstance(figure, (int, float)) for figure in report.figures.values())


def test_deep_recursion_hands_errors_on() -> None:
    def deep(n: int) -> int:
        return n if n == 0 else 1 + deep(n - 1)

    assert with_deep_recursion(lambda: deep(50_000)) == 50_000
    with pytest.raises(ZeroDivisionError):
        with_deep_recursion(lambda: 1 // 0)


def test_derivations_are_short() -> None:
    """Sixteen units alike are written once; what is measured is what was meant to be."""
    assert bench_formulas.one_weight()["lines"] == 10
    assert bench_formulas.one_weight_of_classes()["lines"] == 13
    assert bench_formulas.squarings()["lines"] < 10


def test_the_trace_of_the_gpt_grows_with_its_operations() -> None:
    """The gradients share what they have in common: two nodes for each operation, and no more."""
    found = bench_formulas.gpt_trace("ab")
    operations, gradients, nodes = (
        int(words.split()[0].replace(",", "")) for words in found["size"].split(", ")
    )
    assert operations > 15_000
    assert gradients > 3_000
    assert nodes < 3.5 * operations
