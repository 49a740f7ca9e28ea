"""Random graphs of 10,000 and 100,000 operations: to compile one and evaluate it 10,000 times."""

from __future__ import annotations

import subprocess
import time
from typing import Any

from tests.benchmarks.compiled import COMPILERS, Functions, graph_of, work
from tests.benchmarks.limit import share_of_peak
from tests.benchmarks.measure import Report, Target, apart, available, measure, microseconds, per_call, tell

EVALUATIONS = 10_000
ENGINES = ["ours", "C tape", "casadi", "torch"]
JAX_CAP = 60.0
"""Seconds after which jax.jit is stopped; it would take minutes."""


def run(quick: bool = False) -> Report:
    rounds, seconds, sizes = (1, 0.01, [100]) if quick else (5, 1.0, [10_000, 100_000])
    table: list[list[str]] = []
    figures: dict[str, float] = {}
    targets: list[Target] = []
    compile_times, run_times = [], []
    for size in sizes:
        graph = f"random {size}"
        engines = [name for name in available(ENGINES) if size <= 10_000 or name != "torch"]
        turns = rounds if size <= 10_000 else min(rounds, 3)
        found = measure(sample, {name: (graph, name, seconds) for name in engines}, rounds=turns)
        ours = found["ours"]
        done = ours.median("multiply-adds")
        for name, samples in found.items():
            compiling, once = samples.median("compile"), samples.median("evaluation")
            table.append(
                [
                    f"{size:,}",
                    name,
                    f"{compiling:.3f} s",
                    microseconds(once),
                    f"{samples.median('total'):,.1f} s",
                    f"{ours.speed_against(samples, 'evaluation'):.2f}",
                    f"{ours.speed_against(samples, 'total'):.2f}",
                    share_of_peak(done / once),
                ]
            )
            figures |= {
                f"{size}, {name}: compile, s": compiling,
                f"{size}, {name}: an evaluation, s": once,
                f"{size}, {name}: total, s": samples.median("total"),
            }
            if name != "ours":
                faster = ours.speed_against(samples, "total")
                targets.append(Target(f"times as fast as {name} in all, {size:,} operations", faster, 1))
        if "C tape" in found:
            faster = ours.speed_against(found["C tape"], "evaluation")
            targets.append(
                Target(f"times as fast as the C tape an evaluation, {size:,} operations", faster, 1)
            )
        compile_times.append(ours.median("compile"))
        run_times.append(ours.median("evaluation"))
        if size <= 10_000 and "jax" in available(["jax"]):
            table.append([f"{size:,}", "jax", *jax_within(graph, 1.0 if quick else JAX_CAP), "", "", ""])
    targets.insert(0, Target("seconds to compile 10,000 operations", compile_times[0], 1, at_most=True))
    if len(sizes) > 1:
        for what, times in (("compile time", compile_times), ("an evaluation", run_times)):
            targets.append(
                Target(f"{what}, 100,000 against 10,000 operations", times[1] / times[0], 12, True)
            )
    return Report(
        title="Random graphs in the manner of Fastest Autograd in the West, 100 inputs, float64",
        columns=[
            *("operations", "engine", "compile", "an evaluation", f"compile + {EVALUATIONS:,}"),
            *("ours is faster by", "in all", "of the peak"),
        ],
        rows=table,
        figures=figures,
        targets=targets,
        notes=[
            f"The total is the time to compile and {EVALUATIONS:,} times that of an evaluation.",
            "of the peak: multiply-adds left after simplifying, without exponentials, to one core's most.",
            "Values and gradients are held against the eager engine on 1,000 operations, ours on 3,000; in",
            "much larger graphs of this kind the gradients underflow to 0, for every engine.",
        ],
    )


def sample(graph: str, engine: str, seconds: float) -> dict[str, float]:
    """Check on a smaller graph, compile, and time, in this process."""
    check(engine, "random 100" if engine == "jax" else "random 1000")
    start = time.perf_counter()
    compiled = COMPILERS[engine](graph_of(graph))
    compiled.run(1)
    compiling = time.perf_counter() - start if engine != "torch" else 0.0
    once = per_call(compiled.run, seconds)
    if engine == "ours":  # makes loops there, for which it loads more: so this comes behind the timing
        check(engine, "random 3000")
    return {
        "compile": compiling,
        "evaluation": once,
        "total": compiling + EVALUATIONS * once,
        "multiply-adds": work(compiled) if engine == "ours" else 0,
    }


def check(engine: str, graph: str) -> None:
    """Hold the value and the gradients of an engine against the eager ones."""
    import autograd as ag

    found = COMPILERS[engine](graph_of(graph))
    found.run(1)
    result = found.result()
    x = [ag.Value(v) for v in graph_of(graph).start]
    y: Any = graph_of(graph).loss(x, Functions(ag.softplus, ag.sum, ag.softmax))
    y.backward()
    expected = [y.data, *(p.grad for p in x)]
    for a, b in zip(result, expected, strict=True):
        if abs(a - b) > 1e-9 * abs(b):
            raise AssertionError(f"{engine} gives {a!r}, and the eager engine {b!r}")


def jax_within(graph: str, cap: float) -> list[str]:
    """What jax.jit takes, unless that is more than the cap: compile, evaluation, total."""
    tell(f"jax, for {cap:.0f} s at most")
    try:
        found = apart(sample, graph, "jax", 0.5, timeout=cap)
    except subprocess.TimeoutExpired:
        return [f"> {cap:.0f} s, stopped", "", f"> {cap:.0f} s"]
    return [f"{found['compile']:.1f} s", microseconds(found["evaluation"]), f"{found['total']:.1f} s"]
