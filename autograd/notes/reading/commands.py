r"""What each LaTeX command is on the page: its mark, read with its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .arranging import merged
from .layout import (
    Accented,
    Annotated,
    Big,
    Fraction,
    Mark,
    Number,
    Operator,
    Radical,
    Scripted,
    Separator,
    Symbol,
    Text,
)
from .scripts import read_script
from .signs import (
    ACCENTS,
    ALPHABETS,
    ARGUMENT_DROPPED,
    ARGUMENT_KEPT,
    BIG,
    OPERATORS,
    SEPARATORS,
    STYLING,
    SYMBOLS,
    TEXTS,
    UPRIGHT,
)  # fmt: skip
from .tokens import Token

if TYPE_CHECKING:
    from .parsing import Parser

__all__ = ["READERS", "read_command"]

Reader = Callable[["Parser", Token, int], list[Mark]]


def read_command(parser: Parser, token: Token, stop: int) -> list[Mark]:
    """The marks of a command, whose token the parser has just passed."""
    reader = READERS.get(token.text)
    if reader is None:
        parser.problem(token, f"\\{token.text} is unsupported")
        return []
    return reader(parser, token, stop)


def _symbol(parser: Parser, token: Token, stop: int) -> list[Mark]:
    return [Symbol(token.start, token.end, SYMBOLS[token.text], parser.style)]


def _operator(parser: Parser, token: Token, stop: int) -> list[Mark]:
    return [Operator(token.start, token.end, OPERATORS[token.text])]


def _long_arrow(parser: Parser, token: Token, stop: int) -> list[Mark]:
    parser.optional(stop)
    _, end = parser.argument(token, stop)
    return [Operator(token.start, end, OPERATORS[token.text])]


def _separator(parser: Parser, token: Token, stop: int) -> list[Mark]:
    return [Separator(token.start, token.end, SEPARATORS[token.text])]


def _big(parser: Parser, token: Token, stop: int) -> list[Mark]:
    return [Big(token.start, token.end, "sum" if token.text == "sum" else "prod")]


def _styling(parser: Parser, token: Token, stop: int) -> list[Mark]:
    parser.look(token)
    return []


def _escaped(parser: Parser, token: Token, stop: int) -> list[Mark]:
    return [Text(token.start, token.end, token.text)]


def _percent(parser: Parser, token: Token, stop: int) -> list[Mark]:
    return [Operator(token.start, token.end, "%")]


def _fraction(parser: Parser, token: Token, stop: int) -> list[Mark]:
    over, _ = parser.argument(token, stop)
    under, end = parser.argument(token, stop)
    return [Fraction(token.start, end, tuple(over), tuple(under))]


def _root(parser: Parser, token: Token, stop: int) -> list[Mark]:
    degree = parser.optional(stop)
    inside, end = parser.argument(token, stop)
    return [Radical(token.start, end, tuple(inside), tuple(degree))]


def _accent(parser: Parser, token: Token, stop: int) -> list[Mark]:
    inside, end = parser.argument(token, stop)
    return [Accented(token.start, end, ACCENTS[token.text], tuple(inside))]


def _cancelled_to(parser: Parser, token: Token, stop: int) -> list[Mark]:
    parser.look(token)
    parser.drop(stop)
    inside, end = parser.argument(token, stop)
    return [Accented(token.start, end, "cancel", tuple(inside))]


def _alphabet(parser: Parser, token: Token, stop: int) -> list[Mark]:
    kept, parser.style = parser.style, ALPHABETS[token.text]
    inside, end = parser.argument(token, stop)
    parser.style = kept
    return _widened(parser, token, inside, end)


def _upright(parser: Parser, token: Token, stop: int) -> list[Mark]:
    parser.star(stop)
    inside, end = parser.argument(token, stop)
    return _widened(parser, token, merged(inside), end)


def _widened(parser: Parser, token: Token, inside: list[Mark], end: int) -> list[Mark]:
    """The marks of an argument; a single one takes the place of the whole command."""
    if len(inside) == 1:
        only = inside[0]
        if isinstance(only, Symbol):
            return [Symbol(token.start, end, only.name, only.style)]
        if isinstance(only, Number):
            return [Number(token.start, end, only.text, only.style)]
    parser.look(token)
    return inside


def _annotated(parser: Parser, token: Token, stop: int) -> list[Mark]:
    inside, end = parser.argument(token, stop)
    note: list[Mark] = []
    while parser.i < stop and parser.tokens[parser.i].kind in ("_", "^"):
        note += read_script(parser, stop)
        end = parser.tokens[parser.i - 1].end
    return [Annotated(token.start, end, tuple(inside), tuple(note))]


def _stacked(parser: Parser, token: Token, stop: int) -> list[Mark]:
    r"""\overset{note}{base} and its like: a relation stays one, \underset{w}{\min} is \min_w."""
    kept, parser.in_script = parser.in_script, "_"
    note, _ = parser.argument(token, stop)
    parser.in_script = kept
    base, end = parser.argument(token, stop)
    if len(base) == 1:
        only = base[0]
        if isinstance(only, Operator):
            says = "".join(mark.name for mark in note if isinstance(mark, Symbol))
            defines = only.name == "=" and says in ("def", "Delta")
            return [Operator(token.start, end, "equiv" if defines else only.name)]
        if isinstance(only, Big) and token.text == "underset" and not only.below:
            return [Big(token.start, end, only.name, tuple(note), only.above)]
        if isinstance(only, Big) and token.text != "underset" and not only.above:
            return [Big(token.start, end, only.name, only.below, tuple(note))]
        if token.text == "underset" and isinstance(only, Symbol) and len(only.name) > 1:
            return [Scripted(token.start, end, only, tuple(note))]
    return [Annotated(token.start, end, tuple(base), tuple(note))]


def _decoration(parser: Parser, token: Token, stop: int) -> list[Mark]:
    parser.look(token)
    for _ in range(ARGUMENT_KEPT[token.text]):
        parser.optional(stop)
        parser.drop(stop)
    parser.optional(stop)
    return parser.argument(token, stop)[0]


def _no_mathematics(parser: Parser, token: Token, stop: int) -> list[Mark]:
    parser.look(token)
    parser.star(stop)
    for _ in range(ARGUMENT_DROPPED[token.text]):
        parser.optional(stop)
        parser.drop(stop)
    return []


def _tag(parser: Parser, token: Token, stop: int) -> list[Mark]:
    parser.look(token)
    parser.star(stop)
    first = parser.i
    parser.drop(stop)
    parser.tags.append("".join(inside.text for inside in parser.tokens[first + 1 : parser.i - 1]))
    return []


def _negated(parser: Parser, token: Token, stop: int) -> list[Mark]:
    marks, end = parser.argument(token, stop)
    if len(marks) == 1 and isinstance(marks[0], Operator):
        return [
            Operator(token.start, end, {"=": "!=", "in": "notin"}.get(marks[0].name, "not " + marks[0].name))
        ]
    if marks:
        return [Accented(token.start, end, "cancel", tuple(marks))]
    parser.look(token)
    return []


def _substack(parser: Parser, token: Token, stop: int) -> list[Mark]:
    r"""The lines of \substack{i=1 \\ j=2}, with commas between them."""
    parser.look(token)
    first = parser.i
    closing = parser.nesting.partner.get(first) if first < stop and parser.tokens[first].kind == "{" else None
    if closing is not None:
        for k in range(first + 1, closing):
            if parser.tokens[k].kind == "break":
                parser.tokens[k] = parser.tokens[k]._replace(kind="char", text=",")
    return parser.argument(token, stop)[0]


READERS: Mapping[str, Reader] = (
    dict.fromkeys(SYMBOLS, _symbol)
    | dict.fromkeys(OPERATORS, _operator)
    | dict.fromkeys(SEPARATORS, _separator)
    | dict.fromkeys(BIG, _big)
    | dict.fromkeys(STYLING, _styling)
    | dict.fromkeys(ACCENTS, _accent)
    | dict.fromkeys(ALPHABETS, _alphabet)
    | dict.fromkeys(UPRIGHT | TEXTS, _upright)
    | dict.fromkeys(ARGUMENT_KEPT, _decoration)
    | dict.fromkeys(ARGUMENT_DROPPED, _no_mathematics)
    | dict.fromkeys(["frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac", "flatfrac", "xfrac"], _fraction)
    | dict.fromkeys(["underbrace", "overbrace", "underbracket", "overbracket"], _annotated)
    | dict.fromkeys(["overset", "stackrel", "underset", "stackbin"], _stacked)
    | dict.fromkeys(["xrightarrow", "xleftarrow"], _long_arrow)
    | dict.fromkeys("$#&", _escaped)
    | {"%": _percent, "sqrt": _root, "tag": _tag, "label": _tag}
    | {"not": _negated, "substack": _substack, "cancelto": _cancelled_to}
)  # fmt: skip
"""Who reads which command."""
