"""Import: milliseconds until `import autograd` is done, in an interpreter that has just started."""

from __future__ import annotations

import statistics
import subprocess
import sys

from tests.benchmarks.measure import ROOT, Report, Target, milliseconds

PACKAGES = ["autograd", "micrograd.engine", "nn"]

CODE = """
import sys, time
before = set(sys.modules)
start = time.perf_counter()
import {package}
seconds = time.perf_counter() - start
print(seconds, len(set(sys.modules) - before))
"""


def run(quick: bool = False) -> Report:
    seconds: dict[str, list[float]] = {package: [] for package in PACKAGES}
    modules: dict[str, str] = {}
    for _ in range(2 if quick else 15):
        for package in PACKAGES:
            command = [sys.executable, "-c", CODE.format(package=package)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            taken, modules[package] = done.stdout.split()
            seconds[package].append(float(taken))
    medians = {package: statistics.median(taken) for package, taken in seconds.items()}
    return Report(
        title="Import in a fresh interpreter",
        columns=["package", "median", "best", "modules loaded"],
        rows=[[p, milliseconds(medians[p]), milliseconds(min(seconds[p])), modules[p]] for p in PACKAGES],
        figures={f"import {package}, s": median for package, median in medians.items()},
        targets=[Target("milliseconds to import autograd", medians["autograd"] * 1e3, 50, at_most=True)],
    )
