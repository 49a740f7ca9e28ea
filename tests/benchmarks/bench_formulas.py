"""Formulas: time and length of a derivation, of a formula that doubles 60 times, of the trace of a GPT."""

from __future__ import annotations

import statistics
from typing import Any

from autograd import Value
from autograd.adjoints import derivatives
from autograd.expr import walk
from autograd.formulas import symbolic
from autograd.tracing import trace
from nn import MLP, cross_entropy_from_probabilities, squared_error
from tests.benchmarks import gpt
from tests.benchmarks.bench_eager import NAME
from tests.benchmarks.measure import PROCESSOR_TIME, Report, Target, apart, milliseconds

PAGE = 50
"""Lines of a printed page."""


def run(quick: bool = False) -> Report:
    rounds = 1 if quick else 7
    subjects = {
        "one weight of 2-16-16-1": one_weight,
        "the same with softmax of 10 classes": one_weight_of_classes,
        "backward pass of 2-16-16-1": whole_network,
        "60 squarings": squarings,
        "the GPT's loss and all gradients": gpt_ab if quick else gpt_trace,
    }
    found = {name: [apart(subject) for _ in range(rounds)] for name, subject in subjects.items()}
    seconds = {
        name: statistics.median(each["seconds"] for each in samples) for name, samples in found.items()
    }
    one, *_, last = subjects
    return Report(
        title="Formulas, each in a process of its own",
        columns=["what", "median", "size"],
        rows=[[name, milliseconds(seconds[name]), found[name][0]["size"]] for name in subjects],
        figures={f"{name}, s": x for name, x in seconds.items()},
        targets=[
            Target("seconds to derive one weight", seconds[one], 1.0, at_most=True),
            Target("lines of that derivation", found[one][0]["lines"], PAGE, at_most=True),
            Target("seconds for 60 squarings", seconds["60 squarings"], 0.1, at_most=True),
            Target("seconds to trace the GPT with all gradients", seconds[last], 1.5, at_most=True),
        ],
        notes=["Tracing and writing out, without the time to import."],
    )


def timed(make: Any) -> dict[str, Any]:
    """The seconds that a text takes to make, and its length."""
    start = PROCESSOR_TIME()
    text = make()
    seconds = PROCESSOR_TIME() - start
    lines = text.count("\n") + 1
    return {"seconds": seconds, "lines": lines, "size": f"{lines:,} lines, {len(text):,} characters"}


def one_weight() -> dict[str, Any]:
    net = MLP(2, [16, 16, 1], activation="tanh")
    return timed(lambda: symbolic(lambda x, y: squared_error(net(x), y), sizes={"x": 2}).derive("w1_11").text)


def one_weight_of_classes() -> dict[str, Any]:
    net = MLP(2, [16, 16, 10], activation="tanh", output="softmax")

    def loss(x: Any, y: Any) -> Any:
        return cross_entropy_from_probabilities(net(x), y)

    return timed(lambda: symbolic(loss, sizes={"x": 2, "y": 10}).derive("w1_11").text)


def whole_network() -> dict[str, Any]:
    net = MLP(2, [16, 16, 1], activation="tanh")
    return timed(lambda: symbolic(lambda x, y: squared_error(net(x), y), sizes={"x": 2}).derive().markdown)


def squarings() -> dict[str, Any]:
    def squared(x: Any) -> Any:
        for _ in range(60):
            x = x * x + 1
        return x

    return timed(lambda: symbolic(squared).formula.text)


def gpt_trace(name: str = NAME) -> dict[str, Any]:
    """Trace the loss, and differentiate it by every parameter, in one DAG."""
    weights = gpt.parameters(Value)
    start = PROCESSOR_TIME()
    traced = trace(lambda: gpt.loss(weights, gpt.tokens(name)))
    (formula,) = traced.definitions.values()
    gradients = derivatives(formula)
    seconds = PROCESSOR_TIME() - start
    forward = sum(node.op is not None for node in walk([formula]))
    nodes = len(walk([formula, *gradients.values()]))
    size = f"{forward:,} operations, {len(gradients):,} gradients, {nodes:,} nodes"
    return {"seconds": seconds, "size": size}


def gpt_ab() -> dict[str, Any]:
    return gpt_trace("ab")
