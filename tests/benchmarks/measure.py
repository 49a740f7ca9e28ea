"""How everything here is measured, and the form of what a benchmark reports."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

PROCESSOR_TIME = (
    time.process_time if time.get_clock_info("process_time").resolution < 1e-5 else time.perf_counter
)
"""Seconds this process computed, which other processes disturb less than the clock on the wall."""

BATCHES = 9
NEEDS = {"C tape": "gcc", "casadi": "casadi", "jax": "jax", "torch": "torch", "micrograd": "micrograd"}
"""What a competitor cannot run without."""

APART = """
import importlib, json, sys
module, function, arguments = json.loads(sys.argv[1])
print(json.dumps(getattr(importlib.import_module(module), function)(*arguments)))
"""


def tell(what: str) -> None:
    """Say what is being measured now; the command line shows it."""
    for listener in listeners:
        listener(what)


listeners: list[Callable[[str], object]] = []


def apart(function: Callable[..., Any], *arguments: Any, timeout: float | None = None) -> Any:
    """Call a function of a module in a process of its own; what goes in and out goes as JSON.

    Raises `subprocess.TimeoutExpired` after `timeout` seconds.
    """
    call = json.dumps([function.__module__, function.__name__, arguments])
    done = subprocess.run(
        [sys.executable, "-c", APART, call], cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=timeout
    )
    if done.returncode:
        raise RuntimeError(f"{function.__name__}{arguments} failed; what it said stands above")
    return json.loads(done.stdout)


def per_call(run: Callable[[int], object], seconds: float) -> float:
    """The time of one turn of `run(times)`: the median over batches that take `seconds` together."""
    start = time.perf_counter()
    run(1)
    once = max(time.perf_counter() - start, 1e-9)
    times = max(1, round(seconds / BATCHES / once))
    batches = []
    for _ in range(BATCHES if times > 1 else max(1, round(seconds / once))):
        start = time.perf_counter()
        run(times)
        batches.append((time.perf_counter() - start) / times)
    return statistics.median(batches)


def available(names: Iterable[str]) -> list[str]:
    """Those of the competitors that can run here; a notice says which cannot."""
    here = []
    for name in names:
        lacking = NEEDS.get(name)
        if lacking is None or (shutil.which(lacking) if lacking == "gcc" else find_spec(lacking)):
            here.append(name)
        else:
            print(f"{name} is left out: there is no {lacking} here", file=sys.stderr)
    return here


@dataclass(frozen=True)
class Samples:
    """What was measured of one competitor: for each figure, a number from every round."""

    rounds: list[dict[str, float]]

    def each(self, figure: str) -> list[float]:
        return [sample[figure] for sample in self.rounds]

    def median(self, figure: str) -> float:
        return statistics.median(self.each(figure))

    def best(self, figure: str) -> float:
        return min(self.each(figure))

    def speed_against(self, other: Samples, figure: str) -> float:
        """How many times as fast as the other: the median over rounds, which disturb both alike."""
        pairs = zip(self.each(figure), other.each(figure), strict=True)
        return statistics.median(theirs / own for own, theirs in pairs)


def measure(
    sample: Callable[..., dict[str, float]], competitors: Mapping[str, tuple[Any, ...]], *, rounds: int = 7
) -> dict[str, Samples]:
    """Call `sample(*arguments)` for each competitor `rounds` times, each time in a process of its own.

    They take turns, so that a busy moment of the machine falls on all of them; and they do not share a
    heap, in which one would pay for the garbage and the scattered memory that another leaves.
    """
    found: dict[str, list[dict[str, float]]] = {name: [] for name in competitors}
    for turn in range(1, rounds + 1):
        for name, arguments in competitors.items():
            tell(f"{name}, round {turn} of {rounds}")
            found[name].append(apart(sample, *arguments))
    return {name: Samples(samples) for name, samples in found.items()}


@dataclass(frozen=True)
class Target:
    """A figure and what it has to reach: at least `bound`, or at most where `at_most` is set."""

    what: str
    figure: float
    bound: float
    at_most: bool = False

    @property
    def reached(self) -> bool:
        return self.figure <= self.bound if self.at_most else self.figure >= self.bound


@dataclass(frozen=True)
class Report:
    """What a benchmark found. `figures` are the numbers that runs are compared by, each with its unit."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    figures: dict[str, float]
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f} µs"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:,.1f} ms"
