"""Where in the user's code an operation came from, for error messages."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["describe", "user_place", "user_source"]

_HERE = os.path.dirname(os.path.abspath(__file__))
_OURS = (_HERE + os.sep, os.path.join(os.path.dirname(_HERE), "nn") + os.sep)


def user_place() -> tuple[str, int] | None:
    """File and number of the line outside this project that is running now; None if there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def user_source() -> str:
    """The text of that line; empty where it has no source."""
    place = user_place()
    return _source(*place) if place else ""


def _source(file: str, line: int) -> str:
    import linecache  # loads the tokenizer, which only an error needs

    return linecache.getline(file, line).strip()


def describe(place: tuple[str, int] | None) -> str:
    """A place as `file:line: source`.

    >>> describe(("no_such_file.py", 7))
    'no_such_file.py:7'
    """
    if place is None:
        return "an unknown line"
    source = _source(*place)
    return f"{place[0]}:{place[1]}" + (f": {source}" if source else "")
