"""How everything here is measured, and the form of what a benchmark reports."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

PROCESSOR_TIME = (
    time.process_time if time.get_clock_info("process_time").resolution < 1e-5 else time.perf_counter
)
"""Seconds this process computed, which other processes disturb less than the clock on the wall."""

APART = """
import importlib, json, sys
module, function, arguments = json.loads(sys.argv[1])
print(json.dumps(getattr(importlib.import_module(module), function)(*arguments)))
"""


def apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function of a module in a process of its own; what goes in and out goes as JSON."""
    call = json.dumps([function.__module__, function.__name__, arguments])
    done = subprocess.run([sys.executable, "-c", APART, call], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(f"{function.__name__}{arguments} failed; what it said stands above")
    return json.loads(done.stdout)


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
    for _ in range(rounds):
        for name, arguments in competitors.items():
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


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:,.1f} ms"
