"""Training an MLP 2-16-16-1 on 100 rows, full batch: the time of a step inside `train`."""

from __future__ import annotations

import math
import os
import time
from itertools import pairwise

from tests.benchmarks.limit import share_of_peak
from tests.benchmarks.measure import Report, Target, available, measure, microseconds
from tests.benchmarks.moons import N_ROWS, SIZES, TRAINERS

WANTED = {"torch": 10.0, "jax": 2.0, "numpy": 2.0}
ACTIVATIONS = ("relu", "tanh")
STEPS = {"ours": 20_000, "ours, eager": 3, "numpy": 2000, "jax": 2000, "torch": 1000}


def run(quick: bool = False) -> Report:
    rounds = 1 if quick else 5
    engines = available(TRAINERS)
    table: list[list[str]] = []
    figures: dict[str, float] = {}
    targets: list[Target] = []
    for activation in ACTIVATIONS[: 1 if quick else 2]:
        arguments = {name: (name, activation, 2 if quick else STEPS[name]) for name in engines}
        found = measure(sample, arguments, rounds=rounds)
        ours = found["ours"]
        for name, samples in found.items():
            step = samples.median("step")
            table.append(
                [
                    activation,
                    name,
                    f"{samples.median('before'):.2f} s",
                    microseconds(step),
                    f"{ours.speed_against(samples, 'step'):.2f}",
                    share_of_peak(multiply_adds() / step),
                ]
            )
            figures[f"{activation}, {name}: a step, s"] = step
            figures[f"{activation}, {name}: the first two steps, s"] = samples.median("before")
        targets += [
            Target(f"times as fast as {name}, {activation}", ours.speed_against(found[name], "step"), wanted)
            for name, wanted in WANTED.items()
            if name in found
        ]
    return Report(
        title=f"Moons: an MLP {'-'.join(map(str, SIZES))}, {N_ROWS} rows, a full-batch step of SGD, float64",
        columns=["activation", "engine", "first two steps", "a step", "ours is faster by", "of the peak"],
        rows=table,
        figures=figures,
        targets=targets,
        notes=[
            "A step is a run of many less the run of half as many, over the difference.",
            "first two steps: with compiling, and with importing what that takes.",
            f"of the peak: {multiply_adds():,} multiply-adds, without activations, against one core's most.",
            "The losses of all engines agree to 1e-9 after the same number of steps.",
        ],
    )


def multiply_adds() -> int:
    """What the layers take: once forward, once for the weights, once for the inputs of all but the first."""
    products = [before * units for before, units in pairwise(SIZES)]
    return N_ROWS * (3 * sum(products) - products[0])


def sample(engine: str, activation: str, steps: int) -> dict[str, float]:
    """Check the first losses, and time, in this process."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # matrices this small are slower on two
    start = time.perf_counter()
    trainer = TRAINERS[engine](activation)
    loss = trainer(2)
    before = time.perf_counter() - start
    expected = TRAINERS["numpy"](activation)(2)
    if not math.isclose(loss, expected, rel_tol=1e-9):
        raise AssertionError(f"{engine} has the loss {loss!r} after two steps, and NumPy {expected!r}")
    times = []
    for count in (max(1, steps // 2), max(2, steps)):
        start = time.perf_counter()
        trainer(count)
        times.append(time.perf_counter() - start)
    return {"before": before, "step": (times[1] - times[0]) / (max(2, steps) - max(1, steps // 2))}
