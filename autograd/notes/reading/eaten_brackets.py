r"""Formulas between bare brackets, where Markdown took the backslash of `\[` and `\(` when they were copied.

What is copied from a chat has `[` and `]` alone on their lines around a display, and `(\alpha x)` in text.
"""

from __future__ import annotations

import re

__all__ = ["with_dollars"]

DISPLAY = re.compile(
    r"(?m)^(?P<indent>[ \t]*)\[(?:[ \t]*\r?\n(?P<lines>(?:(?![ \t]*[\[\]`>])[^\n]*\n){1,40})[ \t]*"
    r"|[ \t](?P<line>[^\n\[\]`]*\\[A-Za-z][^\n`]*)[ \t])\](?=[ \t]*[.,;]?[ \t]*\r?$)"
)
"""Lines between a bracket that stands alone and the next that does, or a line between two brackets."""
IS_FORMULA = re.compile(r"\\[A-Za-z]|[=^_]")
OPENING = re.compile(r"(?<![\\\w)\]}$])\((?=[^()\n]*(?:\\[A-Za-z]|[=^_]))")
CODE = re.compile(r"(?ms)^[ \t>]*(`{3,}|~{3,}).*?^[ \t>]*\1|`[^`\n]+`|\$\$.*?\$\$|\$[^$\n]+\$")
LONGEST = 200


def with_dollars(text: str) -> str:
    r"""The text, of the same length, with dollars for brackets that lost their backslash.

    >>> with_dollars("[\nz = w x\n]\nwhere (w_1) is a weight (or two).")
    '$$z = w x$$\nwhere $w_1$ is a weight (or two).'
    """
    displays = [x for x in DISPLAY.finditer(text) if IS_FORMULA.search(x["lines"] or x["line"])]
    if not displays:
        return text
    found, taken = list(text), bytearray(len(text))
    for match in CODE.finditer(text):
        taken[match.start() : match.end()] = b"1" * len(match.group())
    displays = [x for x in displays if '"' not in x.group() and not taken[x.end("indent")]]
    for display in displays:
        opening, closing = display.end("indent"), display.end() - 1
        found[opening : opening + 2] = found[closing - 1 : closing + 1] = "$$"
        taken[opening : closing + 1] = b"1" * (closing + 1 - opening)
    for match in OPENING.finditer(text) if displays else ():
        opening, closing = match.start(), _closing(text, match.start())
        if closing and not taken[opening]:
            found[opening] = found[closing] = "$"
            taken[opening:closing] = b"1" * (closing - opening)
    return "".join(found)


def _closing(text: str, opening: int) -> int:
    """Where a bracket closes, if it does in its line; or 0."""
    depth = 0
    for place in range(opening, min(opening + LONGEST, len(text))):
        depth += (text[place] == "(") - (text[place] == ")")
        if not depth:
            return place
        if text[place] in "\n$`":
            break
    return 0
