"""What the demos share: paragraphs and tables in the terminal, pictures in out/."""

import importlib
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table as Grid

from autograd.errors import MissingPackageError

DATA = Path(__file__).parent / "data"

if hasattr(sys.stdout, "reconfigure"):
    sys.stdout.reconfigure(errors="replace")  # on a terminal that lacks ŷ, a ? will do
console = Console(highlight=False)


def heading(text: str) -> None:
    """Print the title of a section."""
    console.print(f"\n{text}", style="bold", markup=False)
    console.print("=" * len(text) + "\n", style="dim")


def say(text: str) -> None:
    """Print a paragraph, or several with blank lines between them, at a width that is easy to read."""
    for paragraph in textwrap.dedent(text).strip().split("\n\n"):
        console.print(" ".join(paragraph.split()) + "\n", width=min(console.width, 96), markup=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> None:
    """Print rows of texts, which stand left, and numbers, which stand right and are rounded alike."""
    formatted = [_column(column) for column in zip(*rows, strict=True)]
    grid = Grid(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for name, (_, justify) in zip(columns, formatted, strict=True):
        grid.add_column(name, justify=justify, no_wrap=True)
    for row in zip(*(texts for texts, _ in formatted), strict=True):
        grid.add_row(*row)
    console.print(grid)


def _column(cells: Sequence[Any]) -> tuple[list[str], Any]:
    numbers = [float(cell) for cell in cells if not isinstance(cell, str)]
    digits = next((n for n in range(4) if all(round(x, n) == x for x in numbers)), 4)
    texts = [cell if isinstance(cell, str) else number(cell, digits) for cell in cells]
    return texts, "right" if numbers else "left"


def number(x: Any, digits: int = 4) -> str:
    """Round for reading."""
    x = float(x) + 0.0  # so that -0.0 becomes 0.0
    return f"{x:,.{digits}f}" if 1e-4 <= abs(x) < 1e6 or x == 0 else f"{x:.2g}"


def load(module: str) -> Any:
    """Import an optional package, or end the script with one line that says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = MissingPackageError(f"{error.name} is not installed; run: pip install 'chalkgrad[train]'")
        print(f"chalkgrad: {missing}", file=sys.stderr)
        sys.exit(2)


def pyplot() -> Any:
    """Give Matplotlib's pyplot, set to draw into files, which needs no display."""
    load("matplotlib").use("Agg")
    plt = load("matplotlib.pyplot")
    plt.rcParams.update(
        {
            "axes.spines.right": False,
            "axes.spines.top": False,
            "figure.constrained_layout.use": True,
            "font.size": 12,
            "legend.frameon": False,
            "savefig.dpi": 120,
        }
    )
    return plt


def save(picture: Any, *names: str) -> None:
    """Write a figure, a diagram or a page to out/, under each of the names."""
    folder = Path("out")
    folder.mkdir(exist_ok=True)
    for name in names:
        try:
            (picture.savefig if hasattr(picture, "savefig") else picture.save)(folder / name)
        except MissingPackageError as error:
            say(f"Not drawn: out/{name}, since {error}.")
        else:
            say(f"Drawn: out/{name}")
