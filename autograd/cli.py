"""The `chalkgrad` command."""

import ast
import difflib
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from autograd._install_guard import check
from autograd.commands.check import check as check_notes
from autograd.commands.derive import derive
from autograd.commands.draw import draw
from autograd.errors import ChalkgradError, FileAccessError, SettingError
from autograd.pictures.gallery import gallery

__all__ = ["main"]


class _Group(click.Group):
    """A group whose commands report our own errors as one plain line and exit with status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            check()  # another autograd installed over ours leaves this file, but not our __init__.py
            return super().invoke(ctx)
        except (ChalkgradError, click.UsageError) as error:
            message = error.format_message() if isinstance(error, click.UsageError) else str(error)
            click.echo(f"chalkgrad: {' '.join(message.split())}", err=True)
            ctx.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chalkgrad")
def main() -> None:
    """Gradients by hand, checked symbol by symbol."""


main.add_command(check_notes)
main.add_command(derive)
main.add_command(draw)


@main.command()
@click.argument("names", nargs=-1)
@click.option("--list", "only_list", is_flag=True, help="List the demos instead of running them.")
def demo(names: tuple[str, ...], only_list: bool) -> None:
    """Run the demos whose file name starts with one of NAMES, or all of them.

    They run in the root of the clone and write what they make to its folder out/.
    """
    scripts = _chosen(_all_demos(), names)
    if only_list:
        width = max(len(script.stem) for script in scripts)
        for script in scripts:
            click.echo(f"{script.stem:{width}}  {_headline(script)}")
        return
    root = scripts[0].parent.parent
    (root / "out").mkdir(exist_ok=True)
    console = Console()
    for script in scripts:
        console.rule(f"{script.stem}: {_headline(script)}")
        status = subprocess.run([sys.executable, script], cwd=root).returncode
        if status:
            raise click.ClickException(f"demos/{script.name} failed with exit status {status}")
    gallery(root / "out", {script.stem: _headline(script) for script in _all_demos()})
    console.print("\nEverything they drew is on one page: out/index.html")


def _all_demos() -> list[Path]:
    """Find the demo scripts, which are in a clone of the repository but not in an installed package."""
    root = Path(__file__).resolve().parent.parent
    # site-packages may hold a `demos` of somebody else's, but no pyproject.toml
    found = sorted(root.glob("demos/*.py")) if (root / "pyproject.toml").exists() else []
    scripts = [script for script in found if not script.name.startswith("_")]  # _x.py is for the others
    if not scripts:
        raise FileAccessError(
            f"there are no demos beside {root / 'autograd'}: they come with a clone of the repository; "
            "run `make demo` in one"
        )
    return scripts


def _chosen(scripts: list[Path], names: tuple[str, ...]) -> list[Path]:
    """Keep the scripts that start with one of the names; no names keeps them all."""
    for name in names:
        if not any(script.stem.startswith(name) for script in scripts):
            stems = [script.stem for script in scripts]
            nearest = max(stems, key=lambda stem: difflib.SequenceMatcher(None, name, stem).ratio())
            raise SettingError(f"no demo starts with {name!r}; the nearest is {nearest!r}")
    return [script for script in scripts if not names or script.stem.startswith(names)]


def _headline(script: Path) -> str:
    """Read the first line of a script's docstring without running the script."""
    docstring = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]
