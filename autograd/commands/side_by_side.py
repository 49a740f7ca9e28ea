"""Files of notes checked side by side, on as many cores as there are."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from mmap import mmap
from pathlib import Path

from ..notes.checking import check_notes
from ..notes.report import Report

__all__ = ["SideBySide", "pays"]

LEAST = 3_000
"""Fewer bytes besides the largest file are checked sooner than processes are made."""

GLANCE = 0.1
"""How often it is told how far the files are, in seconds."""

_COUNTS: memoryview
"""Of each file the formulas judged, and all it has, where every process sees them."""


def pays(paths: Sequence[str]) -> bool:
    """Whether files are checked sooner side by side, and safely: a process with threads is not copied."""
    if sys.platform != "linux" or _cores() == 1:
        return False
    sizes = [_size(path) for path in paths]
    return sum(sizes) - max(sizes, default=0) >= LEAST and len(os.listdir("/proc/self/task")) == 1


class SideBySide:
    """Checks files, the largest first; `report` waits for one of them."""

    def __init__(self, paths: Sequence[str]) -> None:
        global _COUNTS
        _COUNTS = memoryview(mmap(-1, 16 * len(paths))).cast("q")
        self._n_files = len(paths)
        self._reports: dict[str, Future[Report]] = {}
        self._pool = ProcessPoolExecutor(
            min(_cores(), len(paths)), multiprocessing.get_context("fork"), _begin
        )
        for place in sorted(range(len(paths)), key=lambda place: -_size(paths[place])):
            self._reports[paths[place]] = self._pool.submit(_checked, paths[place], place)

    def report(self, path: str, progress: Callable[[float, float], object] | None = None) -> Report:
        """The report of a file. Meanwhile `progress` is told how many files are done, and of how many."""
        found = self._reports[path]
        while progress is not None and not found.done():
            progress(sum(_shares()), self._n_files)
            wait([found], GLANCE)
        try:
            return found.result()
        except BrokenProcessPool:  # something ended a process, for want of memory perhaps
            return check_notes(Path(path))

    def __enter__(self) -> SideBySide:
        return self

    def __exit__(self, *problem: object) -> None:
        if problem[0] is not None:  # nobody waits for what they are at
            for process in multiprocessing.active_children():
                process.terminate()
        self._pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Leave it to the process that waits to be interrupted, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from ctypes import CDLL

    CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _checked(path: str, place: int) -> Report:
    def progress(done: int, total: int) -> None:
        _COUNTS[2 * place], _COUNTS[2 * place + 1] = done, total

    return check_notes(Path(path), progress=progress)


def _shares() -> Iterator[float]:
    """How much of each file is judged."""
    for done, total in zip(_COUNTS[::2], _COUNTS[1::2], strict=True):
        yield done / total if total else 0.0


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _size(path: str) -> int:
    with contextlib.suppress(OSError, ValueError):
        return os.stat(path).st_size
    return 0
