"""Run the benchmarks: `python -m tests.benchmarks`, all or those named: `python -m tests.benchmarks eager`.

Every file bench_*.py here is one, with a function `run(quick)` that returns a Report. The reports are
printed and kept as JSON in out/benchmarks/; `--against FILE` sets an earlier run beside this one.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import importlib
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.measure import ROOT, Report, listeners

HERE = Path(__file__).parent
BENCHMARKS = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
ON_DEMAND = {"hips"}
"""Not run unless they are named."""
PACKAGES = ["chalkgrad", "micrograd", "numpy", "llvmlite", "torch", "jax", "casadi"]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=__doc__.partition("\n\n")[0]
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="the same, for one of them"
    )
    parser.add_argument(
        "names", nargs="*", metavar="benchmark", help=f"one or more of: {', '.join(BENCHMARKS)}"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: does it run at all?")
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="the JSON of an earlier run to compare with"
    )
    options = parser.parse_args()
    chosen = [*options.names, *options.only]
    if unknown := set(chosen) - set(BENCHMARKS):
        parser.error(f"no benchmark is called {unknown.pop()!r}; there are {', '.join(BENCHMARKS)}")
    earlier = json.loads(options.against.read_text(encoding="utf-8"))["reports"] if options.against else {}

    console = Console(width=None if sys.stdout.isatty() else 150)
    about = {
        "when": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC",
        **machine(),
        "versions": versions(),
    }
    console.print(f"{about['machine']}; {about['python']}; commit {about['commit']}; {about['when']}")
    console.print(", ".join(f"{name} {number}" for name, number in versions().items()))
    reports = {}
    for name in chosen or [name for name in BENCHMARKS if name not in ON_DEMAND]:
        console.print()
        with console.status(f"running {name} ...") as status:
            listeners[:] = [lambda what, name=name: status.update(f"running {name}: {what} ...")]
            report = importlib.import_module(f"tests.benchmarks.bench_{name}").run(quick=options.quick)
        reports[name] = dataclasses.asdict(report)
        show(console, report, targets=not options.quick)
        if name in earlier:
            show_change(console, earlier[name]["figures"], report.figures)

    folder = ROOT / "out" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{datetime.datetime.now(datetime.UTC):%Y%m%d-%H%M%S}.json"
    file.write_text(
        json.dumps({**about, "quick": options.quick, "reports": reports}, indent=1), encoding="utf-8"
    )
    console.print(f"\nkept in {os.path.relpath(file)}")


def show(console: Console, report: Report, targets: bool) -> None:
    console.print(report.title, style="bold", highlight=False)
    table = Table(box=box.SIMPLE_HEAD)
    for place, column in enumerate(report.columns):
        table.add_column(column, justify="right" if place else "left")
    for row in report.rows:
        table.add_row(*row)
    console.print(table)
    for target in report.targets if targets else ():
        verdict = "[green]reached[/]" if target.reached else "[red]missed[/]"
        bound = f"at {'most' if target.at_most else 'least'} {target.bound:g}"
        console.print(f"{verdict}: {target.what}: {target.figure:.3g}, wanted {bound}", highlight=False)
    for note in report.notes:
        console.print(note, style="dim", markup=False, highlight=False)


def show_change(console: Console, earlier: dict[str, float], now: dict[str, float]) -> None:
    table = Table(title="Against the earlier run", title_justify="left", box=box.SIMPLE_HEAD)
    for place, column in enumerate(("figure", "then", "now", "now / then")):
        table.add_column(column, justify="right" if place else "left")
    for name, figure in now.items():
        if earlier.get(name):
            then = earlier[name]
            table.add_row(name, f"{then:.4g}", f"{figure:.4g}", f"{figure / then:.2f}")
    console.print(table)


def machine() -> dict[str, Any]:
    """The processor, the interpreter and the commit that was measured."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor() or platform.machine()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {
        "machine": f"{processor}, {os.cpu_count()} cores, {platform.system()}",
        "python": f"{python} ({platform.python_compiler()})",
        "commit": commit(),
    }


def commit() -> str:
    """The commit that is checked out, marked where files differ from it."""
    command = ["git", "describe", "--always", "--dirty=, changed", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


if __name__ == "__main__":
    main()
