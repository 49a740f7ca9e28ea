"""What is typed after an option, as Python values; or one plain line that says what is allowed."""

import difflib
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ..errors import ChalkgradError, SettingError

__all__ = ["about", "assignments", "number", "one_of", "quoted", "whole_number"]


def quoted(text: str, longest: int = 60) -> str:
    r"""Quote what was typed: on one line, escaped, and cut where it is long.

    >>> print(quoted("a\nb"), quoted("9" * 100, 3))
    'a\nb' '999'...
    """
    return repr(text) if len(text) <= longest else f"{text[:longest]!r}..."


def one_of(option: str, text: str, allowed: Iterable[str], otherwise: str = "") -> str:
    """Take a word out of a list; `otherwise` says what else there is.

    >>> one_of("--format", "json", ["text", "json"])
    'json'
    >>> one_of("--format", "jason", ["text", "json"])
    Traceback (most recent call last):
    autograd.errors.SettingError: --format: 'jason' is none of text, json; did you mean json?
    """
    allowed = list(allowed)
    if text in allowed:
        return text
    near = difflib.get_close_matches(text[:100].casefold(), allowed, 1)
    guess = f"; did you mean {near[0]}?" if near else ""
    raise SettingError(f"{option}: {quoted(text)} is none of {', '.join(allowed)}{otherwise}{guess}")


def whole_number(option: str, text: str, most: int, least: int = 1) -> int:
    """Read a whole number from 1, or `least`, to `most`.

    >>> whole_number("--rows", "2", 100)
    2
    >>> whole_number("--rows", "1e9", 100)
    Traceback (most recent call last):
    autograd.errors.SettingError: --rows: '1e9' is no whole number from 1 to 100
    """
    # at most as many digits as are allowed, so that a million of them take no time
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()) or not least <= int(text) <= most:
        raise SettingError(f"{option}: {quoted(text)} is no whole number from {least} to {most:,}")
    return int(text)


def number(option: str, text: str) -> float:
    """Read a finite number in plain decimals.

    >>> number("--at", "-2.5e3")
    -2500.0
    >>> number("--at", "1,5")
    Traceback (most recent call last):
    autograd.errors.SettingError: --at: '1,5' is no number; write one in plain decimals, such as -12.5 or 3e-4
    """
    plain = re.fullmatch(r"[0-9.eE+\- ]{1,400}", text)
    try:
        x = float(text) if plain else math.nan
    except ValueError:
        x = math.nan
    if math.isnan(x):
        raise SettingError(
            f"{option}: {quoted(text)} is no number; write one in plain decimals, such as -12.5 or 3e-4"
        )
    if math.isinf(x):
        raise SettingError(f"{option}: {quoted(text)} is too large for a float")
    return x


def assignments(option: str, texts: Iterable[str]) -> dict[str, list[str]]:
    """Read `x1=1,4,x2=2` as what is given for each name.

    >>> assignments("--at", ["x1=1,4,x2=2", "y=3"])
    {'x1': ['1', '4'], 'x2': ['2'], 'y': ['3']}
    """
    found: dict[str, list[str]] = {}
    for text in texts:
        name = ""
        for piece in text.split(","):
            left, equals, right = piece.partition("=")
            if equals:
                name = left.strip()
                if name in found:
                    raise SettingError(f"{option} {quoted(text)}: {name} is given twice")
                found[name] = []
            if not name:
                raise SettingError(f"{option} {quoted(text)}: write NAME=NUMBER, such as x1=1,x2=2,y=3")
            found[name].append((right if equals else piece).strip())
    return found


@contextmanager
def about(option: str) -> Iterator[None]:
    """Put the option that was at fault before the message of an error.

    >>> with about("--wrt w"):
    ...     raise SettingError("there is no w")
    Traceback (most recent call last):
    autograd.errors.SettingError: --wrt w: there is no w
    """
    try:
        yield
    except ChalkgradError as error:
        raise SettingError(f"{option}: {error}") from error
