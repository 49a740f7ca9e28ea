"""Finding the user's line behind an operation."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd import _caller
from autograd._caller import describe, user_expression, user_place
from autograd.functional import _at_level  # a function of ours that calls what it is given

HOME = Path(_caller.__file__).parent


def compiled(file: str) -> Callable[..., Any]:
    """A function that calls another from a line of the file named."""
    scope: dict[str, Any] = {}
    exec(compile("def call(f, *args):\n    return f(*args)\n", file, "exec"), scope)
    return scope["call"]  # type: ignore[no-any-return]


def test_the_place_is_the_nearest_line_that_is_not_ours() -> None:
    place = _at_level(0, _at_level, [0, user_place, []])
    assert place == (__file__, sys._getframe().f_lineno - 1)


def test_both_packages_are_ours_and_their_neighbours_are_not() -> None:
    assert (str(HOME.parent / "nn") + os.sep, str(HOME) + os.sep) == _caller._OURS[::-1]
    for neighbour in (f"{HOME}_gamma{os.sep}file.py", str(HOME.parent / "file.py")):
        assert compiled(neighbour)(_at_level, 0, user_place, []) == (neighbour, 2)


def test_no_user_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_caller, "_OURS", ("",))  # every file is ours
    assert user_place() is None
    assert user_expression() == ""
    assert describe(None) == "an unknown line"


def test_the_expression_that_is_running() -> None:
    assert _at_level(0, user_expression, []) == "_at_level(0, user_expression, [])"
    text = "é" * 3 + _at_level(0, user_expression, []) + "b" * 2
    assert text == "ééé_at_level(0, user_expression, [])bb"
    text = _at_level(
        0,
        user_expression,
        [],
    )
    assert text == "_at_level(\n"


def test_source_that_is_not_at_hand() -> None:
    assert compiled("<nowhere>")(_at_level, 0, user_expression, []) == ""


def test_a_place_and_its_source(tmp_path: Path) -> None:
    file = tmp_path / "notes.py"
    file.write_text("first\n   second = 2  \n")
    assert describe((str(file), 2)) == f"{file}:2: second = 2"
    assert describe((str(file), 99)) == f"{file}:99"
    assert describe(("<stdin>", 1)) == "<stdin>:1"
