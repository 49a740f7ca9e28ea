"""How far a figure is from what the machine can do at most."""

from __future__ import annotations

import functools

from tests.benchmarks import tape


@functools.cache
def peak(kind: str) -> float | None:
    """Multiply-adds a second of one core; None where it is not known."""
    return tape.peak(kind)


def share_of_peak(multiply_adds_a_second: float, kind: str = "float64", threads: int = 1) -> str:
    """That rate as a share of the peak of so many cores."""
    most = peak(kind)
    return "" if most is None else f"{multiply_adds_a_second / most / threads:.1%}"


def peaks() -> str:
    """The peaks in words."""
    found = {kind: peak(kind) for kind in ("float64", "float32")}
    return ", ".join(f"{kind} {most / 1e9:.1f}" for kind, most in found.items() if most is not None)
