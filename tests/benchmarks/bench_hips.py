"""HIPS autograd, which has our import name: measured in an environment of its own, if that is asked for.

It is not run unless named: it installs `autograd` from PyPI, into a virtual environment in out/benchmarks/.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

from tests.benchmarks.measure import ROOT, Report, microseconds, tell
from tests.benchmarks.moons import RATE, rows, weights

CODE = """
import json, sys, time
import autograd.numpy as np
from autograd import value_and_grad

given = json.load(sys.stdin)
points, labels = np.array(given["points"]), np.array(given["labels"])
parameters = [(np.array(w).T, np.array(b)) for w, b in given["weights"]]

def loss(parameters):
    x = points
    for i, (w, b) in enumerate(parameters):
        x = np.dot(x, w) + b
        if i < len(parameters) - 1:
            x = np.maximum(x, 0)
    z = x[:, 0]
    return np.mean(np.logaddexp(0, z) - labels * z)

step = value_and_grad(loss)
losses, times = [], []
for _ in range(given["steps"]):
    start = time.perf_counter()
    value, gradient = step(parameters)
    parameters = [
        (w - given["rate"] * dw, b - given["rate"] * db) for (w, b), (dw, db) in zip(parameters, gradient)
    ]
    times.append(time.perf_counter() - start)
    losses.append(float(value))
print(json.dumps({"loss": losses[1], "step": sorted(times)[len(times) // 2]}))
"""


def run(quick: bool = False) -> Report:
    tell("making an environment for it")
    python = environment()
    tell("its steps")
    points, labels = rows()
    given = {"points": points, "labels": labels, "weights": weights("relu"), "rate": RATE}
    steps = 10 if quick else 2000
    done = subprocess.run(
        [python, "-I", "-c", CODE],
        input=json.dumps({**given, "steps": steps}), capture_output=True, text=True, check=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    found = json.loads(done.stdout)
    from tests.benchmarks.bench_moons import sample

    ours = sample("ours", "relu", 1000 if quick else 100_000)
    return Report(
        title="Moons as in `moons`, relu: a step of HIPS autograd",
        columns=["engine", "a step", "ours is faster by"],
        rows=[
            ["ours", microseconds(ours["step"]), "1.00"],
            ["HIPS autograd", microseconds(found["step"]), f"{found['step'] / ours['step']:.1f}"],
        ],
        figures={"ours: a step, s": ours["step"], "HIPS autograd: a step, s": found["step"]},
        notes=["Two runs one after the other, not taking turns."],
    )


def environment() -> str:
    """The Python of an environment that has HIPS autograd and nothing of ours."""
    folder = ROOT / "out" / "benchmarks" / "hips"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not Path(folder, "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "autograd", "numpy"], check=True, stdout=sys.stderr
        )
        Path(folder, "ready").touch()
    return str(python)
