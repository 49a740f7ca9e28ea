"""What the tests of files share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 4  # 2 are asked for, of a machine with nothing else to do; what grows too fast takes minutes
BYTES = 500_000_000


@pytest.fixture
def refused_quickly(tmp_path: Path) -> Callable[[str, str, str], str]:
    """Write a file, read it in a process with little memory, and return what is said in refusing it."""
    pytest.importorskip("resource")

    def refused(write: str, module: str, read: str) -> str:
        script = f"""if True:
            import os, pathlib, resource, sys, time
            path = pathlib.Path(sys.argv[1])
            path.touch()
            {write}
            from {module} import {read.partition(".")[0]}
            resource.setrlimit(resource.RLIMIT_AS, ({BYTES},) * 2)
            for attempt in range(3):  # as another process may slow one down
                start = time.process_time()
                try:
                    {read}(path)
                except Exception as error:
                    refused = type(error).__name__, str(error)
                seconds = time.process_time() - start
                if seconds < {SECONDS}:
                    break
            print(*refused)
            print(seconds)
            """
        output = subprocess.run(
            [sys.executable, "-c", script, tmp_path / "large"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        said, seconds = output.stdout.splitlines()
        assert float(seconds) < SECONDS
        return said

    return refused
