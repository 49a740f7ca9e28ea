"""Memory: bytes a node of a chain of a million additions, built and during the backward pass."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.engines import ENGINES
from tests.benchmarks.measure import Report, Target, apart


def run(quick: bool = False) -> Report:
    length = 10_000 if quick else 1_000_000
    if importlib.util.find_spec("resource") is None:
        return Report("Memory: not measured, as Windows does not tell", [], [], {})
    rows: list[list[str]] = []
    figures: dict[str, float] = {}
    for engine in ENGINES:
        found = apart(chain, engine, length)
        figures |= {
            f"{engine}: {what}": figure for what, figure in found.items() if not isinstance(figure, str)
        }
        rows.append([engine, *(x if isinstance(x, str) else f"{x:,.3g}" for x in found.values())])
    return Report(
        title=f"Memory of a chain of {length:,} additions",
        columns=[
            "engine",
            "bytes/node, built",
            "bytes/node, at most in backward",
            "build, s",
            "backward, s",
            "free, s",
        ],
        rows=rows,
        figures=figures,
        targets=[Target("bytes a node, built", figures["ours: built"], 300, at_most=True)],
        notes=["Growth of the peak memory of a process of its own, at Python's ordinary recursion limit."],
    )


def chain(engine: str, length: int) -> dict[str, Any]:
    """Build it, run backward through it and drop it, in this process: what that took."""
    value = ENGINES[engine]()
    found: dict[str, Any] = {}
    x = node = value(1.0)
    before, start = peak_memory(), time.perf_counter()
    for _ in range(length):
        node = node + x
    built = time.perf_counter()
    found["built"] = (peak_memory() - before) / length
    try:
        node.backward()
    except RecursionError:
        found |= {"backward": "RecursionError", "build, s": built - start, "backward, s": "", "free, s": ""}
    else:
        found["backward"] = (peak_memory() - before) / length
        assert x.grad == length + 1
        passed = time.perf_counter()
        del node
        freed = time.perf_counter()
        found |= {"build, s": built - start, "backward, s": passed - built, "free, s": freed - passed}
    return found


def peak_memory() -> int:
    """The most bytes that this process has held in memory."""
    # Linux adds the parent's memory to the ru_maxrss of a process that it starts
    found = _status("VmHWM")
    if found is None:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return found


def library_memory() -> int:
    """The bytes of those that are pages of files, libraries that is; 0 where the system does not tell."""
    return _status("RssFile") or 0


def _status(what: str) -> int | None:
    """Bytes that Linux says of this process; None elsewhere."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    found = status.partition(f"{what}:")[2].split()
    return int(found[0]) * 1024 if found else None
