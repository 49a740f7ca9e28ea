r"""Tokens as LaTeX sets them, of what people type in other ways than its books say.

`\big{(}` for `\big(`, `\matrix{1 & 2 \cr 3 & 4}` of plain TeX, `a .* b`, a sign in brackets that only numbers
the formula.
"""

from __future__ import annotations

from collections.abc import Sequence

from .signs import OPERATORS, RELATIONS, SYMBOLS
from .tokens import Token

__all__ = ["as_set"]

_SIZES = {size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")}
_GRIDS = {"matrix": "matrix", "pmatrix": "pmatrix", "bmatrix": "bmatrix", "cases": "cases"}
_DOTS = {name for name, sign in OPERATORS.items() if sign == "dots"} | {"cdot"}
_MARKS = ({"dagger", "ddagger", "triangle", "square", "bullet"} | set(OPERATORS)) - set(RELATIONS) - _DOTS
"""Signs that number a formula; any command that is no letter and of no known meaning does, too."""


def as_set(tokens: Sequence[Token], known: frozenset[str]) -> list[Token]:
    r"""The tokens of a formula, habits put right; `known` are the commands that mean something.

    >>> from .tokens import tokenize
    >>> [token.kind for token in as_set(tokenize(r"\big{(} a \big{)} \quad (\wr)"), frozenset())][1:4]
    ['style', 'open', 'style']
    """
    found = list(tokens)
    braces: list[int] = []
    for i, token in enumerate(found):
        if token.kind == "{":
            braces.append(i)
        elif token.kind == "}" and braces:
            _see_group(found, braces.pop(), i)
        elif token.kind == "open" and not braces:
            _see_number(found, i, known)
        elif token[:2] == ("char", "."):
            _see_dot(found, i)
    return found


def _see_dot(tokens: list[Token], place: int) -> None:
    r"""Read `a .* b` as in MATLAB, and a full stop that stands free between two quantities as a product."""
    if place + 1 == len(tokens):
        return
    dot, after = tokens[place : place + 2]
    if after.kind == "char" and after.text in "*/" and after.start == dot.end:
        sign = "odot" if after.text == "*" else "div"
        tokens[place] = dot._replace(kind="command", text=sign, end=after.end)
        _hide(tokens, place + 1)
    elif (
        place
        and tokens[place - 1].kind in ("letter", "number", "close", "right", "}", "'")
        and tokens[place - 1].end < dot.start
        and dot.end < after.start
        and (after.kind in ("letter", "open", "left") or (after.kind == "command" and after.text in SYMBOLS))
    ):
        tokens[place] = dot._replace(kind="command", text="cdot")


def _see_group(tokens: list[Token], opening: int, closing: int) -> None:
    r"""Take the braces off the bracket of a `\big`; make those of a `\matrix` an environment."""
    before = tokens[opening - 1] if opening else None
    if before is None or before.kind != "command":
        return
    if before.text in _SIZES and closing == opening + 2:
        _hide(tokens, opening, closing)
    elif before.text in _GRIDS:
        _hide(tokens, opening - 1)
        tokens[opening] = tokens[opening]._replace(kind="begin", text=_GRIDS[before.text])
        tokens[closing] = tokens[closing]._replace(kind="end", text=_GRIDS[before.text])


def _see_number(tokens: list[Token], opening: int, known: frozenset[str]) -> None:
    r"""Hide a sign in brackets behind a formula, `(\star)`, and how a function is spoken of, `f(\cdot)`."""
    before = tokens[opening - 1] if opening else None
    closing = opening + 1
    if closing < len(tokens) and tokens[closing].text == "cdot" and not _says_something(tokens):
        closing += 1
    elif before is not None and before.end == tokens[opening].start and before.kind not in _GAPS:
        return
    while closing < len(tokens) and _is_mark(tokens[closing], known):
        closing += 1
    if closing == opening + 1 or closing >= len(tokens) or tokens[closing].kind != "close":
        return
    after = closing + 1
    while after < len(tokens) and tokens[after].kind in ("style", "&"):
        after += 1
    if after == len(tokens) or tokens[after].kind in ("break", "end"):
        _hide(tokens, *range(opening, closing + 1))


_GAPS = {"style", "text", "&", "break", "begin", "command"}
"""What may stand right before the bracket: a space, mostly."""


def _says_something(tokens: Sequence[Token]) -> bool:
    """Whether there is a relation in the formula."""
    return any(t.text in RELATIONS if t.kind == "command" else t.text in "=<>" for t in tokens)


def _is_mark(token: Token, known: frozenset[str]) -> bool:
    if token.kind == "char":
        return token.text in "*#"
    return token.kind == "command" and (
        token.text in _MARKS or (token.text not in known and token.text not in SYMBOLS)
    )


def _hide(tokens: list[Token], *places: int) -> None:
    for place in places:
        tokens[place] = tokens[place]._replace(kind="style")
