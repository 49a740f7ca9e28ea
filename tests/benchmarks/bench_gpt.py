"""Compiled speed: the loss of a scalar GPT and all its 4,192 gradients, one row and 64 rows at a time."""

from __future__ import annotations

import random
import string
import time
from typing import Any

from tests.benchmarks import gpt
from tests.benchmarks.bench_eager import NAME
from tests.benchmarks.compiled import COMPILERS, graph_of, work
from tests.benchmarks.engines import with_deep_recursion
from tests.benchmarks.limit import share_of_peak
from tests.benchmarks.measure import Report, Target, available, measure, microseconds, per_call

ONE_ROW = {
    "ours": "ours",
    "ours, backward()": "ours, backward()",
    "C tape": "C tape",
    "casadi": "casadi",
    "reference": "reference",
}
ROWS = {  # what is compiled, how many rows at a time, on how many threads
    "ours, tokens as inputs": ("float64", 1, 1),
    "ours, 64 rows": ("float64", 64, 1),
    "ours, 64 rows, float32": ("float32", 64, 1),
    "ours, 64 rows, 2 threads": ("float64", 64, 2),
    "ours, 64 rows, float32, 2 threads": ("float32", 64, 2),
}


BY_JAX = "ours by to_jax, 64 rows"


def run(quick: bool = False) -> Report:
    text, rounds, seconds = ("", 1, 0.01) if quick else (NAME, 5, 0.3)
    competitors: dict[str, tuple[Any, ...]] = {
        engine: (text, engine, seconds) for engine in available(ONE_ROW)
    }
    found = measure(one_row, competitors, rounds=rounds)
    found |= measure(
        many_rows, {engine: (text, *about, seconds) for engine, about in ROWS.items()}, rounds=rounds
    )
    if not quick and available(["jax"]):  # takes 10 s to compile
        found |= measure(by_jax, {BY_JAX: (text, 64, seconds)}, rounds=rounds)
    ours, rows = found["ours"], found["ours, 64 rows"]
    done = ours.median("multiply-adds")
    table = []
    for name, samples in found.items():
        kind = "float32" if "float32" in name else "float64"
        row = samples.median("row")
        threads = ROWS[name][2] if name in ROWS else 2 if name == BY_JAX else 1
        table.append(
            [
                name,
                f"{samples.median('compile'):.2f} s",
                microseconds(row),
                f"{ours.speed_against(samples, 'row'):.2f}",
                f"{done / row / 1e9:.2f}",
                share_of_peak(done / row, kind, threads),
            ]
        )
    targets = [
        Target(f"times as fast as {name}, one row", ours.speed_against(found[name], "row"), wanted)
        for name, wanted in {"reference": 1000, "casadi": 3, "C tape": 1}.items()
        if name in found
    ]
    targets += [
        Target("times as fast a row with 64 rows as one at a time", rows.speed_against(ours, "row"), 6),
        Target(
            "times as fast with float32 as with float64, 64 rows",
            found["ours, 64 rows, float32"].speed_against(rows, "row"),
            1,
        ),
    ]
    figures = {f"{name}: a row, s": samples.median("row") for name, samples in found.items()}
    figures |= {f"{name}: compile, s": samples.median("compile") for name, samples in found.items()}
    return Report(
        title=f"A GPT on scalars, {len(text) + 1} predictions: the loss and all 4,192 gradients",
        columns=["engine", "compile", "a row", "ours is faster by", "multiply-adds/ns", "of the peak"],
        rows=table,
        figures=figures | {"ours: multiply-adds a row": done} | {t.what: t.figure for t in targets},
        targets=targets,
        notes=[
            "ours, tokens as inputs: a row of what has 64 rows below; in the others they are constants.",
            f"{BY_JAX}: the same program, compiled by jax.jit, which takes both cores.",
            f"All are credited with the {done:,.0f} multiply-adds that are left after simplifying.",
            "of the peak: what this core does in registers at most, at the full width of its vectors.",
            "Loss and gradients of all engines agree to 1e-9 in each round before they are timed.",
        ],
    )


def one_row(name: str, engine: str, seconds: float) -> dict[str, float]:
    """Compile, check against the C tape's, CasADi's or our own result, and time, in this process."""

    def sample() -> dict[str, float]:
        compiled = COMPILERS[engine](graph_of(f"gpt {name}"))
        compiled.run(1)
        check(compiled.result(), name)
        return {
            "compile": compiled.seconds,
            "row": per_call(compiled.run, seconds),
            "multiply-adds": work(compiled) if engine == "ours" else 0,
        }

    return with_deep_recursion(sample) if engine == "reference" else sample()


def check(result: list[float], name: str) -> None:
    """Hold the loss and the gradients against those of the eager engine."""
    import autograd as ag

    weights = [ag.Value(x) for x in gpt.start()]
    loss = gpt.loss(gpt.shaped(weights), gpt.tokens(name))
    loss.backward()
    expected = [loss.data, *(w.grad for w in weights)]
    worst = max(abs(a - b) / (abs(b) + 1e-6) for a, b in zip(result, expected, strict=True))
    if not worst < 1e-6:
        raise AssertionError(f"the results are off by {worst:.3g}")


def texts(count: int, letters: int) -> list[list[int]]:
    """Names of so many letters, as rows of tokens."""
    draw = random.Random(7)
    names = ["".join(draw.choices(string.ascii_lowercase, k=letters)) for _ in range(count)]
    return [gpt.tokens(name) for name in names]


def many_rows(name: str, dtype: str, count: int, threads: int, seconds: float) -> dict[str, float]:
    """Ours with the tokens as inputs: the time a row, in this process."""
    import numpy

    import autograd as ag

    start = time.perf_counter()
    weights = [ag.Value(x) for x in gpt.start()]
    shaped = gpt.shaped(weights)
    loss = ag.jit(lambda text: gpt.loss(shaped, text, take=ag.take), dtype=dtype, threads=threads)
    rows = numpy.array(texts(count, len(name)))
    value, gradient = loss.value_and_grad(rows)
    theta = numpy.array([p.data for p in loss.parameters])
    compiling = time.perf_counter() - start
    expected = sum(gpt.loss(shaped, text).data for text in texts(count, len(name))) / count
    assert abs(value - expected) < (1e-9 if dtype == "float64" else 1e-4), (value, expected)
    assert numpy.isfinite(gradient).all()

    def run(times: int) -> None:
        for _ in range(times):
            loss.value_and_grad(rows, parameters=theta)

    return {"compile": compiling, "row": per_call(run, seconds) / count}


def by_jax(name: str, count: int, seconds: float) -> dict[str, float]:
    """The same handed over to JAX, held against ours: the time a row, in this process."""
    import jax
    import numpy

    import autograd as ag

    jax.config.update("jax_enable_x64", True)
    shaped = gpt.shaped([ag.Value(x) for x in gpt.start()])
    loss = ag.jit(lambda text: gpt.loss(shaped, text, take=ag.take))
    rows = numpy.array(texts(count, len(name)))
    value, gradient = loss.value_and_grad(rows)
    theta, given = jax.numpy.array([p.data for p in loss.parameters]), jax.numpy.array(rows)
    start = time.perf_counter()
    function = loss.to_jax(rows)
    value_and_grad = jax.jit(jax.value_and_grad(lambda theta, rows: function(theta, rows).mean()))
    found = jax.block_until_ready(value_and_grad(theta, given))
    compiling = time.perf_counter() - start
    assert abs(found[0] - value) < 1e-9, (found[0], value)
    assert abs(numpy.asarray(found[1]) - gradient).max() < 1e-9

    def run(times: int) -> None:
        for _ in range(times):
            jax.block_until_ready(value_and_grad(theta, given))

    return {"compile": compiling, "row": per_call(run, seconds) / count}
