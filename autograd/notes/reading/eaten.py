r"""Signs that Markdown took from a formula when it was copied, put back.

What is copied from a chat or put through a formatter has lost the backslash before a mark: `\eta , x` was
`\eta \, x`, `\sigma!\left(z\right)` had a `\!`, rows of a matrix end in one backslash. And where underscores
were taken for emphasis there are stars: `\hat y*k = \sum*{j} z_j`.
"""

from __future__ import annotations

from collections.abc import Sequence

from .nesting import Nesting
from .signs import BIG, ENVIRONMENTS, GREEK, GREEK_CAPITALS, OPERATORS, RELATIONS, SYMBOLS
from .tokens import Token

__all__ = ["put_back"]

_LETTERS = GREEK.keys() | GREEK_CAPITALS.keys()
_FACTORIALS = "ijkmnrKMN"
_ENDS = ("letter", "number", "close", "right", "}", "'")


def put_back(tokens: Sequence[Token]) -> list[Token]:
    r"""The tokens of a formula, with what was eaten.

    >>> from .tokens import tokenize
    >>> [token.text for token in put_back(tokenize(r"p*k = \sum*{j} w \eta , x"))]
    ['p', '_', 'k', '=', 'sum', '_', '{', 'j', '}', 'w', 'eta', ',', 'x']
    >>> put_back(tokenize(r"= \eta , x"))[2].kind
    'style'
    """
    found = list(tokens)
    if any(token[:2] == ("char", "*") for token in found):
        _see_subscripts(found)
    if any(token.kind == "begin" for token in found):
        _see_rows(found)
    for place in range(1, len(found) - 1):
        sign = found[place].text if found[place].kind == "char" else ""
        if (sign in (",", ";") and _is_space(found, place)) or (sign == "!" and _is_narrow(found, place)):
            found[place] = found[place]._replace(kind="style")
    return found


def _see_subscripts(tokens: list[Token]) -> None:
    """Make underscores of the stars that stand where emphasis began and ended."""
    tight = [
        i for i in range(1, len(tokens) - 1)
        if tokens[i][:2] == ("char", "*")
        and tokens[i - 1].end == tokens[i].start and tokens[i].end == tokens[i + 1].start
        and (tokens[i - 1].kind in ("letter", "}") or tokens[i - 1].text in _LETTERS | BIG.keys())
        and tokens[i + 1].kind in ("letter", "number", "{")
    ]  # fmt: skip
    sure = [i for i in tight if tokens[i + 1].kind == "{" and tokens[i + 2].text not in ("frac", "{")]
    for i in tight if len(sure) % 2 else sure:
        tokens[i] = tokens[i]._replace(kind="_", text="_")


def _see_rows(tokens: list[Token]) -> None:
    """End the rows of a matrix, or of lines, where one backslash is left of two."""
    nesting = Nesting(tokens)
    for opening, token in enumerate(tokens):
        closing = nesting.partner.get(opening) if token.kind == "begin" else None
        if closing is None:
            continue
        inside = range(opening + 1, closing)
        if any(tokens[i].kind == "break" for i in inside):
            continue
        matrix = ENVIRONMENTS.get(token.text) == "matrix"
        for i in inside:
            if tokens[i].kind == "style" and (tokens[i].text == "\n" or (matrix and tokens[i].text == " ")):
                tokens[i] = tokens[i]._replace(kind="break")


def _is_space(tokens: Sequence[Token], place: int) -> bool:
    r"""Whether a comma was a narrow space: one between two factors, on the last side of an equation.

    A comma of a list stands right behind what it ends, and more is said behind it.
    """
    before, comma, after = tokens[place - 1 : place + 2]
    if after.kind == "'" and after.start == comma.end:
        return True  # f^{(l)\,'}
    if before.end == comma.start or comma.end == after.start or before.kind not in (*_ENDS, "command"):
        return False
    if before.kind == "command" and before.text not in SYMBOLS:
        return False
    starts = after.kind in ("letter", "open", "left") or (
        after.kind == "command" and (after.text in SYMBOLS or after.text == "frac")
    )
    if not starts or after.text in ("forall", "exists"):
        return False
    depth, related = 0, False
    for token in tokens[:place]:
        depth += token.kind in ("open", "left", "{", "begin")
        depth -= token.kind in ("close", "right", "}", "end")
        if not depth and _is_relation(token):
            related = True
        elif not depth and token.kind == "char" and token.text in ",;":
            related = False
    if depth or not related or (_ends_a_fraction(tokens, place - 1) and after.text == "frac"):
        return False
    for token in tokens[place + 1 :]:
        if token.kind in ("break", "&"):
            break
        if _is_relation(token) or token.kind == "text" or token.text in ("quad", "qquad", "dots", ":"):
            return False
    return True


def _is_relation(token: Token) -> bool:
    if token.kind == "command":
        return token.text in RELATIONS or OPERATORS.get(token.text) == "dots"
    return token.kind == "char" and token.text in "=<>"


def _ends_a_fraction(tokens: Sequence[Token], place: int) -> bool:
    """Whether a brace closes the lower half of a fraction."""
    if tokens[place].kind != "}":
        return False
    opening = next((i for i, end in Nesting(tokens).partner.items() if end == place), 0)
    return opening > 0 and tokens[opening - 1].kind == "}"


def _is_narrow(tokens: Sequence[Token], place: int) -> bool:
    r"""Whether an exclamation mark was the narrowing `\!` between a function and its argument."""
    before, mark, after = tokens[place - 1 : place + 2]
    if after.kind != "left" or before.end != mark.start:
        return False
    if before.kind == "letter":
        return before.text not in _FACTORIALS
    return before.kind in ("}", "'") or before.kind == "command"
