r"""Tokens as LaTeX sets them, of what people type in other ways than its books say.

`\big{(}` for `\big(`, `\matrix{1 & 2 \cr 3 & 4}` of plain TeX, `a .* b`, a sign or number in brackets that
only numbers the formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from .eaten import put_back
from .signs import GREEK, GREEK_CAPITALS, OPERATORS, RELATIONS, SYMBOLS
from .tokens import Token

__all__ = ["as_set"]

_GREEK = GREEK.keys() | GREEK_CAPITALS.keys()
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
    found = put_back(tokens)
    braces: list[int] = []
    scripts: dict[int, str] = {}
    for i in range(len(found)):
        if found[i][:2] == ("open", "["):
            _see_entry(found, i)
        token = found[i]
        if token.kind == "{":
            braces.append(i)
        elif token.kind == "}" and braces:
            opening = braces.pop()
            _see_group(found, opening, i)
            if sign := _lost_sign(found, opening, i):
                scripts[opening] = sign
        elif token.kind == "open" and not braces:
            _see_number(found, i, known)
        elif token[:2] == ("char", "."):
            _see_dot(found, i)
        elif token.text == "%" and i and found[i - 1].kind == "number":
            _see_percent(found, i)
    for place in sorted(scripts, reverse=True):
        at = found[place].start
        found.insert(place, Token(scripts[place], scripts[place], at, at))
    return found


def _see_entry(tokens: list[Token], opening: int) -> None:
    """Make braces of the brackets of `h[t-1]`, an entry as in code."""
    end = next((k for k in range(opening + 2, min(opening + 5, len(tokens))) if tokens[k].kind == "close"), 0)
    before, inside = tokens[opening - 1 : opening], tokens[opening + 1 : end]
    if not end or not before or before[0].end != tokens[opening].start or before[0].text in ("E", "P", "V"):
        return
    one = inside[0].kind == "number" or (inside[0].kind == "letter" and inside[0].text in "ijkltn")
    if one and before[0].kind == "letter" and (len(inside) == 1 or inside[1].text in ("+", "-")):
        tokens[opening] = tokens[opening]._replace(kind="{", text="{")
        tokens[end] = tokens[end]._replace(kind="}", text="}")


def _lost_sign(tokens: Sequence[Token], opening: int, closing: int) -> str:
    r"""The sign that is missing before the braces of an index, `x{t}` or `W{(2)}`."""
    if not opening or opening + 1 == closing:
        return ""
    before, first = tokens[opening - 1], tokens[opening + 1]
    is_letter = before.kind == "letter" or (before.kind == "command" and before.text in _GREEK)
    if not is_letter or before.text == "d" or before.end != tokens[opening].start:
        return ""
    if opening > 1 and (
        tokens[opening - 2].kind in ("_", "^", "'") or tokens[opening - 2].text in _FRACTIONS
    ):
        return ""
    inside = tokens[opening + 1 : closing]
    if first[:2] == ("open", "(") and inside[-1].kind == "close":
        inside = inside[1:-1]
    plain = [t for t in inside if t[:2] != ("char", "-") and t[:2] != ("char", "+")]
    if not plain or not all(
        t.kind == "number" or (t.kind == "letter" and t.text in "ijklmnrstL") for t in plain
    ):
        return ""
    return "_" if first.kind != "open" else "^"


_FRACTIONS = {"frac", "dfrac", "tfrac", "cfrac", "binom", "sqrt"}
r"""Commands behind which braces may be those of an argument: `\frac\lambda{m}`."""


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


def _see_percent(tokens: list[Token], sign: int) -> None:
    r"""Make a hundredth of the number before a `\%`; hide what says a number again, `0.9 (90\%)`.

    Where a formula has a factor of 100, as in `100 a / n = 60\%`, its numbers are percents already.
    """
    number, opening = tokens[sign - 1], sign - 2
    last = opening - 1
    while last > 0 and (tokens[last].kind == "style" or tokens[last].text in {*_WIDE, ","}):
        last -= 1
    again = opening > 0 and (tokens[opening].kind, tokens[last].kind) == ("open", "number")
    _hide(tokens, sign)
    if again and tokens[sign + 1 : sign + 2] and tokens[sign + 1].kind == "close":
        _hide(tokens, opening, sign - 1, sign + 1)
    elif not any(t.text == "100" and after.text != "%" for t, after in pairwise((*tokens, number))):
        tokens[sign - 1] = number._replace(text=str(Decimal(number.text).scaleb(-2)))


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
    if before is not None and (before.kind == "&" or before.text in _WIDE):
        while closing < len(tokens) and tokens[closing].kind in ("number", "letter"):
            closing += 1
        if not any(token.kind == "number" for token in tokens[opening + 1 : closing]):
            closing = opening + 1
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
_WIDE = {"~", "quad", "qquad", "hfill", ";", ":", " "}
"""The spaces before a number that numbers, not multiplies: `~(1)`."""


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
