"""Where the time of an eager step goes: the model's own code, recording, the collector, the backward pass."""

from __future__ import annotations

import gc
import statistics
from collections import defaultdict
from typing import Any

from autograd import graph
from tests.benchmarks import gpt
from tests.benchmarks.bench_eager import NAME
from tests.benchmarks.engines import nodes, ours
from tests.benchmarks.measure import PROCESSOR_TIME, Report, apart, milliseconds


class Silent:
    """A number whose operators compute and record nothing: what is left is the time to call them."""

    __slots__ = ("data",)

    def __init__(self, data: float) -> None:
        self.data = data

    def __add__(self, other: Any) -> Silent:
        return self

    __radd__ = __sub__ = __mul__ = __truediv__ = __pow__ = __add__

    def exp(self) -> Silent:
        return self

    log = relu = __neg__ = exp


class Collector:
    """Adds up the time of the garbage collector while it is registered, and how often it ran."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.runs: dict[int, int] = defaultdict(int)

    def __call__(self, phase: str, about: dict[str, int]) -> None:
        if phase == "start":
            self.start = PROCESSOR_TIME()
        else:
            self.seconds += PROCESSOR_TIME() - self.start
            self.runs[about["generation"]] += 1


def run(quick: bool = False) -> Report:
    name, steps = ("ab", 3) if quick else (NAME, 30)
    found = apart(split, name, steps)
    count, parts = found["operations"], found["parts"]
    total = sum(parts.values())
    runs = ", ".join(f"{number / steps:.1f} of generation {g}" for g, number in sorted(found["runs"].items()))
    return Report(
        title=f"Where an eager step of {count:,} operations spends its {total * 1e3:.1f} ms",
        columns=["part", "time", "share", "an operation"],
        rows=[
            [p, milliseconds(t), f"{t / total:.0%}", f"{t / count * 1e9:.0f} ns"] for p, t in parts.items()
        ],
        figures={f"{part}, s": seconds for part, seconds in parts.items()},
        notes=[f"The collector runs while the graph is recorded: {runs}, a step."],
    )


def split(name: str, steps: int) -> dict[str, Any]:
    """The mean seconds of each part, in this process."""
    text = gpt.tokens(name)
    weights, silent = gpt.parameters(ours()), gpt.parameters(Silent)
    times: dict[str, list[float]] = defaultdict(list)
    collector = Collector()
    count = nodes(gpt.loss(weights, text))
    gc.collect()
    gc.callbacks.append(collector)
    try:
        for _ in range(steps):
            collected = collector.seconds
            start = PROCESSOR_TIME()
            loss = gpt.loss(weights, text)
            recorded = PROCESSOR_TIME()
            collected = collector.seconds - collected
            order = graph._operations(loss)
            ordered = PROCESSOR_TIME()
            del order
            again = PROCESSOR_TIME()
            loss.backward()  # finds the order once more
            passed = PROCESSOR_TIME()
            del loss
            freed = PROCESSOR_TIME()
            gpt.loss(silent, text)
            called = PROCESSOR_TIME() - freed
            times["the model's own code, calling operators"].append(called)
            times["recording: value, local derivatives, node"].append(recorded - start - collected - called)
            times["garbage collector"].append(collected)
            times["topological order"].append(ordered - recorded)
            times["chain rule along it"].append(passed - again - (ordered - recorded))
            times["freeing the graph"].append(freed - passed)
    finally:
        gc.callbacks.remove(collector)
    parts = {part: statistics.mean(seconds) for part, seconds in times.items()}
    return {"operations": count, "parts": parts, "runs": collector.runs}
