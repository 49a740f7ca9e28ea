"""Decimal commas: 0,5 is one half in most of Europe and Latin America, and two numbers elsewhere.

Which of them notes mean is seen from all of their text, and holds for all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .tokens import Token

__all__ = ["has_decimal_commas", "with_decimal_commas"]

_BEFORE = r"(?:[=≈+·−-]|\\(?:approx|cdot|times|leftarrow|gets)\b)[\s({]*-?\s*"
_COMMA = re.compile(_BEFORE + r"(?:0,\d+|\d+,(?!\d{3}(?!\d))\d{2,})(?!\d*[\s})]*(?:,|\\[lc]?dots|\.\.\.|…))")
_POINT = re.compile(_BEFORE + r"\d+\.\d")


def has_decimal_commas(text: str) -> bool:
    r"""Whether numbers of a text have commas for points. Lists such as 0,1,2 and thousands are no sign of it.

    >>> has_decimal_commas(r"$w = 0,5$"), has_decimal_commas("$w = 0.5$ for $i = 0,1$")
    (True, False)
    >>> has_decimal_commas(r"$n = 10,000$, $i = 1,2$, $y \in \{0,1\}$")
    False
    """
    return _COMMA.search(text) is not None and _POINT.search(text) is None


def with_decimal_commas(tokens: list[Token]) -> Iterator[Token]:
    """The tokens with numbers put together at their commas, but for those in scripts, which are indices."""
    braces: list[bool] = []  # those around here, and whether they are scripts
    place = 0
    while place < len(tokens):
        token = tokens[place]
        before = tokens[place - 1].kind if place else ""
        if token.kind == "{":
            braces.append(before in ("_", "^") or (bool(braces) and braces[-1]))
        elif token.kind == "}" and braces:
            braces.pop()
        comma, after = tokens[place + 1 : place + 3] if place + 2 < len(tokens) else (token, token)
        if (
            token.kind == "number" and token.text.isdecimal() and before not in ("_", "^")
            and comma.text == "," and comma.kind == "char" and after.kind == "number"
            and after.text.isdecimal() and token.end == comma.start and comma.end == after.start
            and not (braces and braces[-1])
        ):  # fmt: skip
            yield Token("number", f"{token.text}.{after.text}", token.start, after.end)
            place += 3
        else:
            yield token
            place += 1
