"""That the benchmarks run, and measure engines that agree."""

import math
import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.benchmarks import bench_eager, bench_formulas, gpt, measure
from tests.benchmarks.engines import ENGINES, Reference, nodes, with_deep_recursion
from tests.benchmarks.measure import Samples, Target

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


@pytest.mark.parametrize("name", ["import", "memory", "parts", "eager"])
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
