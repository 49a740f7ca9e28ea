"""Eager speed: forward and backward through a GPT-shaped loss of 50,000 to 60,000 scalar operations."""

from __future__ import annotations

import gc
import math
import statistics
from typing import Any

from tests.benchmarks import gpt
from tests.benchmarks.engines import ENGINES, nodes, with_deep_recursion
from tests.benchmarks.measure import PROCESSOR_TIME, Report, Target, measure, milliseconds

NAME = "random"
"""The text. Six letters make seven predictions, and those 54,000 operations."""

WANTED = {"reference": 2.0, "micrograd": 10.0}


def run(quick: bool = False) -> Report:
    name, rounds, steps = ("", 1, 1) if quick else (NAME, 7, 6)
    counts = with_deep_recursion(lambda: check(gpt.tokens(name)))
    samples = measure(sample, {engine: (engine, name, steps) for engine in ENGINES}, rounds=rounds)
    ours = samples["ours"]
    rows: list[list[str]] = []
    figures: dict[str, float] = {}
    for engine, found in samples.items():
        times = map(found.median, ("forward", "backward", "both", "step", "first"))
        speeds = [ours.speed_against(found, figure) for figure in ("both", "step", "first")]
        rows.append([engine, f"{counts[engine]:,}", *map(milliseconds, times), *(f"{x:.2f}" for x in speeds)])
        figures |= {f"{engine}: {figure}, s": found.median(figure) for figure in found.rounds[0]}
        figures |= {f"{engine}: both, best, s": found.best("both"), f"{engine}: operations": counts[engine]}
    targets = [
        Target(f"times as fast as {engine}, both passes", ours.speed_against(samples[engine], "both"), wanted)
        for engine, wanted in WANTED.items()
    ]
    figures |= {target.what: target.figure for target in targets}
    return Report(
        title=f"Eager speed: the loss of a GPT with 4,192 scalar parameters, {len(name) + 1} predictions",
        columns=[
            *("engine", "operations", "forward", "backward", "both", "and dropping it", "first step"),
            *("ours is faster by", "and dropping", "first step"),
        ],
        rows=rows,
        figures=figures,
        targets=targets,
        notes=[
            "Times of steps in a loop, so that each pays for collecting the garbage of those before it.",
            "Dropping the graph frees ours at once; the others leave theirs to the garbage collector.",
            "first step: both passes in a clean heap, where there is no garbage of earlier steps yet.",
            "Loss and gradients of all engines were compared before timing and agree to 1e-9.",
        ],
    )


def sample(engine: str, name: str, steps: int) -> dict[str, float]:
    """The seconds that the steps of one engine take, in this process."""
    weights = gpt.parameters(ENGINES[engine]())
    forward: list[float] = []
    backward: list[float] = []

    def step(text: list[int]) -> None:
        start = PROCESSOR_TIME()
        loss = gpt.loss(weights, text)
        middle = PROCESSOR_TIME()
        loss.backward()
        backward.append(PROCESSOR_TIME() - middle)
        forward.append(middle - start)

    def run() -> dict[str, float]:
        step(gpt.tokens(""))  # the interpreter adapts to code that it has seen a few times
        gc.collect()
        step(gpt.tokens(name))
        first = forward[-1] + backward[-1]
        start = PROCESSOR_TIME()
        for _ in range(steps):
            step(gpt.tokens(name))
        seconds = (PROCESSOR_TIME() - start) / steps
        passes = {"forward": forward[2:], "backward": backward[2:]}
        means = {name: statistics.mean(times) for name, times in passes.items()}
        return means | {"both": sum(means.values()), "step": seconds, "first": first}

    return with_deep_recursion(run)


def check(text: list[int]) -> dict[str, int]:
    """That all engines give one loss and the same gradients; the number of operations each recorded."""
    counts, results = {}, {}
    for engine, value in ENGINES.items():
        weights = gpt.parameters(value())
        loss: Any = gpt.loss(weights, text)
        counts[engine] = nodes(loss)
        loss.backward()
        results[engine] = [loss.data, *(w.grad for w in gpt.flat(weights))]
    for engine, result in results.items():
        for place, (expected, found) in enumerate(zip(results["reference"], result, strict=True)):
            if not math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12):
                what = f"the gradient of weight {place - 1}" if place else "the loss"
                raise AssertionError(
                    f"{what} is {found!r} with {engine}, and {expected!r} with the reference"
                )
    return counts
