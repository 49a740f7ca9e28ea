"""Several files are checked side by side, and nothing that can be seen tells so."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTES = sorted((ROOT / "demos" / "notes").glob("*.md"))

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2,
    reason="one core, or no safe copies of a process",
)

COMMAND = """
import os, time
from autograd.notes import checking
check, main = checking.check_notes, os.getpid()

def instead(source, **more):
    with open("who", "a") as who:
        print(os.getpid(), file=who)
    {instead}
    return check(source, **more)

checking.check_notes = instead
from autograd.cli import main as run
run()
"""


def start(tmp_path: Path, *arguments: object, instead: str = "pass", cores: int = 2) -> subprocess.Popen[str]:
    """The command, with something done wherever a file is checked; the file `who` names the processes."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND.format(instead=instead), "check", *map(str, arguments)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores]),
    )


def outcome(process: subprocess.Popen[str], tmp_path: Path) -> tuple[int, str, str, set[int]]:
    """Status, output and errors, and the processes that checked a file."""
    out, err = process.communicate("$x = x + 1$", timeout=120)
    who = tmp_path / "who"
    by = set(map(int, who.read_text().split()))
    who.unlink()
    return process.returncode, out, err, by


def at_work(tmp_path: Path, n: int) -> list[int]:
    """The processes that check files, when so many do."""
    for _ in range(600):
        if (tmp_path / "who").exists() and len(found := (tmp_path / "who").read_text().split()) >= n:
            return list(map(int, found))
        time.sleep(0.05)
    raise AssertionError("nobody checks the files")


def is_gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def await_end(processes: list[int]) -> None:
    for _ in range(200):
        if all(map(is_gone, processes)):
            return
        time.sleep(0.05)
    raise AssertionError("they outlive the command")


def test_the_same_is_said_in_the_same_order(tmp_path: Path) -> None:
    bad = tmp_path / "latin.md"
    bad.write_bytes("Größe $x$".encode("latin-1"))
    arguments = (NOTES[3], tmp_path / "nosuch.md", NOTES[0], "-", bad, NOTES[1], "--all")
    alone = start(tmp_path, *arguments, cores=1)
    *said, by = outcome(alone, tmp_path)
    assert by == {alone.pid}
    together = start(tmp_path, *arguments)
    *also, by = outcome(together, tmp_path)
    assert len(by - {together.pid}) == 2
    assert also == said
    assert said[0] == 2
    assert [line.split(": ")[1].rpartition("/")[2] for line in said[2].splitlines()] == [
        "nosuch.md",
        "latin.md:1",
    ]


def test_one_file_or_little_ones_are_no_work_for_others(tmp_path: Path) -> None:
    (tmp_path / "little.md").write_text("$1 + 1 = 2$")
    for arguments in ([NOTES[3]], [NOTES[3], "little.md"]):
        process = start(tmp_path, *arguments)
        assert outcome(process, tmp_path)[3] == {process.pid}


def test_a_process_that_is_lost_is_made_up_for(tmp_path: Path) -> None:
    files = NOTES[1], NOTES[3], NOTES[4]
    *said, _ = outcome(start(tmp_path, *files, cores=1), tmp_path)
    *also, _ = outcome(start(tmp_path, *files, instead="os.getpid() == main or os._exit(1)"), tmp_path)
    assert also == said


def test_an_interrupt_ends_them_all(tmp_path: Path) -> None:
    process = start(tmp_path, *NOTES, instead="time.sleep(100)")
    others = at_work(tmp_path, 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (1, "", "\nAborted!\n")
    await_end(others)


def test_they_do_not_outlive_the_command(tmp_path: Path) -> None:
    process = start(tmp_path, *NOTES, instead="time.sleep(100)")
    others = at_work(tmp_path, 2)
    process.kill()
    process.communicate(timeout=20)
    await_end(others)


def test_it_is_told_how_far_they_are(tmp_path: Path) -> None:
    code = """
import sys
from autograd.commands.side_by_side import SideBySide
told = []
with SideBySide(sys.argv[1:]) as together:
    reports = [together.report(path, lambda *far: told.append(far)) for path in sys.argv[1:]]
shares = [done for done, of in told if of == 2]
assert [report.file for report in reports] == sys.argv[1:]
assert shares == sorted(shares) and 0 <= shares[0] < shares[-1] <= 2, told
"""
    subprocess.run(
        [sys.executable, "-c", code, NOTES[3], NOTES[0]],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        timeout=120,
    )
