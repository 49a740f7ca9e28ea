"""A plain tape in C as a peer: tape.c compiled for this machine, and the recorder that fills its arrays.

Where there is no gcc, `library()` gives None and the peer is left out.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import shutil
import subprocess
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import ROOT

SOURCE = Path(__file__).with_name("tape.c")
FLAGS = ["-O3", "-march=native", "-ffast-math", "-fno-jump-tables", "-fPIC"]
OPERATIONS = ["add", "sub", "mul", "div", "pow", "exp", "log", "relu", "softplus", "sum4", "softmax4"]
"""In the order of the enum in tape.c."""


@functools.cache
def library() -> ctypes.CDLL | None:
    """tape.c, compiled once for each version of it; None without gcc."""
    gcc = shutil.which("gcc")
    if gcc is None:
        return None
    key = hashlib.sha256(SOURCE.read_bytes() + " ".join(FLAGS).encode()).hexdigest()[:16]
    target = ROOT / "out" / "benchmarks" / f"tape-{key}.so"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(f".{os.getpid()}")
        # Linked without -ffast-math, with which gcc adds code that switches off subnormal numbers for the
        # whole process as soon as the library is loaded.
        compiled = target.with_suffix(f".{os.getpid()}.o")
        subprocess.run([gcc, *FLAGS, "-c", SOURCE, "-o", compiled], check=True)
        subprocess.run([gcc, "-shared", compiled, "-o", fresh, "-lm"], check=True)
        compiled.unlink()
        fresh.replace(target)
    return ctypes.CDLL(str(target))


class Tape:
    """What a computation on `number(...)` recorded, and a way to run it in C."""

    def __init__(self) -> None:
        self.leaves: list[float] = []
        self.operations = array("B")
        self.operands = array("i")
        self.slots = 0

    def number(self, x: float) -> Taped:
        """A leaf. All leaves come before the first operation, constants apart."""
        self.leaves.append(x)
        return Taped(self, ~(len(self.leaves) - 1))

    def record(self, operation: str, *operands: Any, results: int = 1) -> list[Taped]:
        self.operations.append(OPERATIONS.index(operation))
        self.operands.extend(x.slot if isinstance(x, Taped) else self.number(x).slot for x in operands)
        self.slots += results
        return [Taped(self, self.slots - results + i) for i in range(results)]

    def compiled(self) -> tuple[Callable[[int], float], Callable[[], list[float]]]:
        """A function that runs the tape some times and gives its result, and one that gives the gradients."""
        c = library()
        assert c is not None
        n = len(self.leaves)
        # leaves were counted from -1 down, as the constants among them come while operations are recorded
        slots = array("i", [slot + n if slot >= 0 else ~slot for slot in self.operands])
        values = (ctypes.c_double * (n + self.slots))(*self.leaves)
        gradients = (ctypes.c_double * (n + self.slots))()
        run = c.run
        run.restype = ctypes.c_double
        arguments = (
            *map(ctypes.c_long, (len(self.operations), n, n + self.slots)),
            (ctypes.c_uint8 * len(self.operations)).from_buffer(self.operations),
            (ctypes.c_int32 * len(slots)).from_buffer(slots),
            ctypes.c_long(len(slots)),
            values,
            gradients,
        )
        return lambda times: run(ctypes.c_long(times), *arguments), lambda: gradients[:n]


class Taped:
    """A number on a tape: its slot."""

    __slots__ = ("slot", "tape")

    def __init__(self, tape: Tape, slot: int) -> None:
        self.tape, self.slot = tape, slot

    def __add__(self, other: Any) -> Any:
        return self.tape.record("add", self, other)[0]

    def __radd__(self, other: Any) -> Any:
        return self if other == 0 else self + other  # the 0 that sum() begins with

    def __mul__(self, other: Any) -> Any:
        return self.tape.record("mul", self, other)[0]

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Any:
        return self.tape.record("sub", self, other)[0]

    def __rsub__(self, other: Any) -> Any:
        return self.tape.record("sub", other, self)[0]

    def __neg__(self) -> Any:
        return 0.0 - self

    def __truediv__(self, other: Any) -> Any:
        return self.tape.record("div", self, other)[0]

    def __pow__(self, exponent: float) -> Any:
        return self.tape.record("pow", self, exponent)[0]

    def exp(self) -> Any:
        return self.tape.record("exp", self)[0]

    def log(self) -> Any:
        return self.tape.record("log", self)[0]

    def relu(self) -> Any:
        return self.tape.record("relu", self)[0]

    def softplus(self) -> Any:
        return self.tape.record("softplus", self)[0]


def peak(kind: str) -> float | None:
    """The most multiply-adds a second that one core does, in "float64" or "float32"; None without gcc."""
    c = library()
    if c is None:
        return None
    multiply_adds = getattr(c, f"peak_{kind}")
    multiply_adds.restype = ctypes.c_long
    sink = ({"float64": ctypes.c_double, "float32": ctypes.c_float}[kind] * 2)(0.999, 1e-3)
    turns, best = 100_000, 0.0  # a few milliseconds, in which nothing else comes between at least once
    for _ in range(100):
        start = time.perf_counter()
        a_turn = multiply_adds(ctypes.c_long(turns), sink)
        best = max(best, turns * a_turn / (time.perf_counter() - start))
    return best
