"""What compiling costs: seconds, pass by pass, and memory, for graphs of 10^4 to 10^6 operations."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from typing import Any

from tests.benchmarks.bench_memory import library_memory, peak_memory
from tests.benchmarks.compiled import Functions, random_of
from tests.benchmarks.measure import Report, Target, apart, tell

SIZES = [10_000, 100_000, 1_000_000]


def run(quick: bool = False) -> Report:
    found = {}
    for size in [100, 1000] if quick else SIZES:
        tell(f"{size:,} operations")
        found[size] = apart(compile_one, size)
    passes = list(next(iter(found.values()))["passes"])
    table = [
        [
            f"{about['operations']:,}",
            *(f"{about['passes'][p]:.3f} s" for p in passes),
            f"{about['seconds']:.2f} s",
            f"{about['seconds'] / about['operations'] * 1e6:.2f} µs",
            f"{about['peak'] / about['operations']:,.0f} B",
            f"{about['kept'] / about['operations']:,.0f} B",
            f"{about['evaluation'] * 1e3:,.3f} ms",
        ]
        for about in found.values()
    ]
    first, last = (list(found.values())[i] for i in (0, -1))
    growth = last["seconds"] / last["operations"] / (first["seconds"] / first["operations"])
    return Report(
        title="Compiling random graphs: seconds by pass, and memory",
        columns=["operations", *passes, "in all", "an operation", "peak", "kept", "an evaluation"],
        rows=table,
        figures={
            f"{size}: {what}": about[what] / (about["operations"] if what in ("peak", "kept") else 1)
            for size, about in found.items()
            for what in ("seconds", "peak", "kept", "evaluation")
        },
        targets=[
            Target("time an operation, largest against smallest graph", growth, 2, at_most=True),
            Target("bytes an operation at the peak", last["peak"] / last["operations"], 1000, at_most=True),
        ],
        notes=[
            "operations: what the function records, that is primitives applied; softmax is several.",
            "peak: growth of the peak memory of a process of its own, without the 17 MB of LLVM's library,",
            "which is loaded once if loops are compiled; kept: the size of the program.",
        ],
    )


def compile_one(size: int) -> dict[str, Any]:
    """Compile a random graph in this process: what that took."""
    import numpy

    import autograd as ag

    small = ag.jit(lambda: random_loss([ag.Value(0.5) for _ in range(100)], 100))
    small.value_and_grad(parameters=numpy.array([p.data for p in small.parameters]))  # loads the kernels
    parameters = [ag.Value(x) for x in random_of(size).start]
    gc.collect()
    before, libraries, start = peak_memory(), library_memory(), time.perf_counter()
    loss = ag.jit(lambda: random_loss(parameters, size))
    theta = numpy.array([p.data for p in loss.parameters])
    loss.value_and_grad(parameters=theta)
    seconds = time.perf_counter() - start
    grown = peak_memory() - before - (library_memory() - libraries)
    start = time.perf_counter()
    loss.value_and_grad(parameters=theta)
    program = loss.program
    passes: Mapping[str, float] = program.seconds
    return {
        "operations": program.operations,
        "passes": dict(passes),
        "seconds": seconds,
        "peak": grown,
        "kept": program.bytes,
        "evaluation": time.perf_counter() - start,
    }


def random_loss(x: list[Any], size: int) -> Any:
    import autograd as ag

    return random_of(size).loss(x, Functions(ag.softplus, ag.sum, ag.softmax))
