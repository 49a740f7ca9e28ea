"""Where in the user's code an operation came from, for error messages."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["describe", "place_raised", "user_expression", "user_place"]

_HERE = os.path.dirname(os.path.abspath(__file__))
_OURS = (_HERE + os.sep, os.path.join(os.path.dirname(_HERE), "nn") + os.sep)


def _user_frame() -> FrameType | None:
    """The innermost running call of a function outside this project."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    return frame


def user_place() -> tuple[str, int] | None:
    """File and number of the line outside this project that is running now; None if there is none."""
    frame = _user_frame()
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def place_raised(error: BaseException) -> tuple[str, int] | None:
    """File and number of the innermost line outside this project that an error passed; None without one."""
    place, at = None, error.__traceback__
    while at is not None:
        file = at.tb_frame.f_code.co_filename
        if not file.startswith(_OURS):
            place = file, at.tb_lineno
        at = at.tb_next
    return place


def user_expression() -> str:
    """The text of the expression that is running there, up to the end of its first line.

    Empty if the source is not at hand.
    """
    frame = _user_frame()
    if frame is None:
        return ""
    line, last_line, start, end = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    text = "" if line is None else _line(frame.f_code.co_filename, line)
    return text.encode()[start : end if line == last_line else None].decode()  # columns count bytes


def describe(place: tuple[str, int] | None) -> str:
    """A place as `file:line: source`.

    >>> describe(("no_such_file.py", 7))
    'no_such_file.py:7'
    """
    if place is None:
        return "an unknown line"
    source = _line(*place).strip()
    return f"{place[0]}:{place[1]}" + (f": {source}" if source else "")


def _line(file: str, line: int) -> str:
    import linecache  # loads the tokenizer, which only an error needs

    return linecache.getline(file, line)
