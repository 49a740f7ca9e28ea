"""A function out of a user's own Python file, which is executed for it."""

import difflib
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from ..errors import ChalkgradError, FileAccessError, FileFormatError, SettingError
from .options import quoted

__all__ = ["function_in_file", "running"]


def function_in_file(option: str, place: str) -> Callable[..., Any]:
    """Run the file of `file.py:name` as Python would, and take the function of that name.

    What it prints goes to the error output. Raises FileAccessError for a file that cannot be read,
    FileFormatError for one that is not Python or fails as it runs, SettingError for a name that is not there.
    """
    path, _, name = place.rpartition(":")
    if not path or not name.isidentifier():
        raise SettingError(f"{option} {quoted(place, 1000)}: write FILE:NAME, such as loss.py:loss")
    if not Path(path).is_file():
        what = "is a folder" if Path(path).is_dir() else "there is no such file"
        raise FileAccessError(f"{option} {quoted(path, 1000)}: {what}; write FILE:NAME, such as loss.py:loss")
    sys.path.insert(0, str(Path(path).resolve().parent))  # it may import the files beside it
    try:
        with running(option, path):
            found = runpy.run_path(path)
    finally:
        del sys.path[0]
    functions = [own for own, x in found.items() if callable(x) and not own.startswith("_")]
    functions = [own for own in functions if getattr(found[own], "__module__", "") == found["__name__"]]
    if name not in found:
        near = difflib.get_close_matches(name, functions, 1)
        hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(functions) or 'no function'}"
        raise SettingError(f"{option} {quoted(path, 1000)}: there is no {quoted(name)} in it; {hint}")
    if not callable(found[name]):
        raise SettingError(f"{option} {quoted(place, 1000)}: {name} is {found[name]!r:.60}, and no function")
    return found[name]  # type: ignore[no-any-return]


@contextmanager
def running(option: str, path: str) -> Iterator[None]:
    """While code of a user's file runs: keep its output apart, and say in one line where and why it failed.

    An error of this project's own says it already, so only the option is put before it.
    """
    try:
        with redirect_stdout(sys.stderr):
            yield
    except ChalkgradError as error:
        raise SettingError(f"{option} {quoted(path, 1000)}: {error}") from error
    except (Exception, SystemExit) as error:
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path
        ]
        what = str(error)
        if isinstance(error, SyntaxError) and error.filename == path:
            lines, what = [error.lineno], error.msg
        if isinstance(error, TypeError) and "'Value'" in what:
            what += "; if an argument is a list of numbers, say how many with --size NAME=N"
        where = f"line {lines[-1]}: " if lines and lines[-1] else ""
        raise FileFormatError(
            f"{option} {quoted(path, 1000)}: {where}{type(error).__name__}: {what}"
        ) from error
