"""LaTeX taken apart into tokens, each knowing which characters it came from."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from .signs import CLOSING, COMBINING, OPENING, SUBSCRIPTS, SUPERSCRIPTS, TEXTS, UNICODE, letter_name

__all__ = ["MOST_UNCLOSED", "Token", "closing_brace", "tokenize"]


class Token(NamedTuple):
    """A piece of LaTeX, from the characters `start` to `end` of its source.

    kind     number, letter, word, command, char; open, close, left, right, middle and bar for delimiters;
             { } ^ _ ' & and break for what LaTeX itself reads; begin, end, text, raised, lowered, accent,
             style for what only looks; bad for what is no LaTeX
    text     the name of a command or environment, the characters of anything else, or for `bad` what is wrong
    style    the alphabet of a letter, the command of a text
    inner    where the words of a text begin
    """

    kind: str
    text: str
    start: int
    end: int
    style: str = ""
    inner: int = 0


DIMENSION = r"\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu|px|\\baselineskip|\\jot)\s*\]"
TOKEN = re.compile(
    rf"""
      (?P<space> \s+ )
    | (?P<comment> (?<![0-9\\])% [^\n]* )
    | (?P<break> \\\\\*? (?:\s*{DIMENSION})? | \\(?:cr|newline|tabularnewline)(?![A-Za-z]) )
    | (?P<environment> \\(?P<which>begin|end)\s*\{{\s*(?P<environment_name>[A-Za-z]+)\*?\s*\}} )
    | (?P<fence> \\(?P<side>left|right|middle)(?![A-Za-z])\s*(?P<delimiter>\\[A-Za-z]+|\\.|.)? )
    | (?P<skip> \\[hm]?(?:kern|skip|space\*?)\s*\{{?\s*(?P<width>-?[\d.]+)\s*(?P<unit>[a-z]{{2}})\s*\}}? )
    | (?P<command> \\ (?: [A-Za-z]+ | . )? )
    | (?P<number> (?: \d+\.(?=\s*[-+)]) | \d+(?:\.\d+)* | (?:\.\d+)+ )
                  (?: (?:\{{,\}}\d{{3}}(?!\d))+ | (?:\\,\d{{3}}(?!\d))+(?:\.\d+)? )?
                  (?: \{{[.,]\}}\d+ )? (?: [eE][-+−]?\d+ (?![\d.]) )? )
    | (?P<letter> [A-Za-z] )
    | (?P<dots> \.{{3,}} )
    | (?P<entity> &(?:lt|gt|amp|nbsp|le|ge|ne|minus|times|middot|quot|\#39|thinsp|emsp|ensp); )
    | (?P<sign> := | <= | >= | --?> | => | == | (?<=\s)!= )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
ENVIRONMENT_OPTION = re.compile(r"\s*\[[tbc]\]")
ENVIRONMENT_ARGUMENT = re.compile(r"\s*\{(?:[^{}]|\{[^{}]*\})*\}")
WITH_ARGUMENT = frozenset(
    ["array", "darray", "alignat", "alignedat", "xalignat", "tabular", "subarray", "IEEEeqnarray"]
)

SIGNS = {
    ":=": "coloneqq", "<=": "le", ">=": "ge", "->": "to", "-->": "to", "=>": "implies", "==": "eq",
    "!=": "ne",
}  # fmt: skip
ENTITIES = {
    "lt": "lt", "gt": "gt", "le": "le", "ge": "ge", "ne": "ne", "minus": "-", "times": "times",
    "middot": "cdot", "#39": "'", "nbsp": ",", "thinsp": ",", "emsp": "quad", "ensp": "quad",
    "amp": "&", "quot": '"',
}  # fmt: skip
SIMPLE = frozenset("{}^_'&")
INVISIBLE = frozenset("\ufeff\u200b\u200c\u200d\u2060\u00ad\u2061\u2062\u2063\u2064\u200e\u200f")
BARS = {"|": "|", "\\|": "||", "\\vert": "|", "\\Vert": "||"}


LONGEST_GROUP = 1000
"""The words of a \\text, or the body of a macro, are no longer than this."""
MOST_UNCLOSED = 100
"""After so many of them that do not close, no more are looked for."""
BRACES = re.compile(r"\\.|[{}]", re.DOTALL)


def closing_brace(text: str, position: int) -> int:
    """Where the brace that opens at `position` closes, or -1 if that is not near."""
    depth = 0
    for found in BRACES.finditer(text, position, position + LONGEST_GROUP):
        if found.group() == "{":
            depth += 1
        elif found.group() == "}":
            depth -= 1
            if depth == 0:
                return found.start()
    return -1


def tokenize(source: str, at: int = 0) -> list[Token]:
    """The tokens of a formula; `at` is added to every position. Spaces leave none.

    Nothing is refused: what is no LaTeX is a token of the kind "bad", and whoever reads it says so.
    """
    tokens: list[Token] = []
    position, length = 0, len(source)
    unclosed = 0
    match = TOKEN.match
    while position < length:
        found = match(source, position)
        assert found is not None, "the last alternative takes any character"
        kind, text, start, end = found.lastgroup, found.group(), found.start(), found.end()
        if kind == "letter":
            tokens.append(Token("letter", text, at + start, at + end))
        elif kind == "space":
            pass
        elif kind == "number":
            tokens.append(_number(text, at + start, at + end))
        elif kind == "command":
            if text[1:] in TEXTS and unclosed < MOST_UNCLOSED:
                after = _words(tokens, source, text[1:], start, end, at)
                unclosed += after == end
                end = after
            else:
                _command(tokens, text, at + start, at + end)
        elif kind == "other":
            end = _other(tokens, source, text, start, end, at)
        elif found["environment"]:
            name, which = found["environment_name"], found["which"]
            if which == "begin":
                end = _past_arguments(source, end, name)
            tokens.append(Token(which, name, at + start, at + end))
        elif found["fence"]:
            tokens.append(_fence(found["side"], found["delimiter"] or "", at + start, at + end))
        elif kind == "break":
            tokens.append(Token("break", text, at + start, at + end))
        elif kind == "dots":
            tokens.append(Token("command", "dots", at + start, at + end))
        elif kind == "sign":
            tokens.append(Token("command", SIGNS[text], at + start, at + end))
        elif kind == "entity":
            meant = ENTITIES[text[1:-1]]
            tokens.append(
                Token(
                    "command" if meant.isalpha() or meant == "," else _kind_of(meant),
                    meant,
                    at + start,
                    at + end,
                )
            )
        elif found["width"] and _ems(found["width"], found["unit"]) >= 1:
            tokens.append(Token("command", "quad", at + start, at + end))
        elif kind == "comment" and end == length:
            tokens.append(Token("bad", "what follows % is a comment", at + start, at + end))
        else:
            tokens.append(Token("style", text, at + start, at + end))
        position = end
    return tokens


EMS = {"em": 1, "ex": 0.5, "pt": 0.1, "pc": 1.2, "in": 7.2, "cm": 2.85, "mm": 0.285, "mu": 1 / 18}
"""How wide units of length are."""


def _ems(width: str, unit: str) -> float:
    try:
        return float(width) * EMS.get(unit, 0)
    except ValueError:
        return 0


def _kind_of(char: str) -> str:
    return char if char in SIMPLE else "char"


def _number(text: str, start: int, end: int) -> Token:
    plain = text.replace("{,}", "").replace("\\,", "").replace("{.}", ".").replace("−", "-")
    if re.search(r"\{,\}\d+$", text) and (text.startswith("0{") or not re.search(r"\{,\}\d{3}$", text)):
        plain = text.replace("{,}", ".").replace("\\,", "")
    if not plain.isascii():
        plain = "".join(str(unicodedata.decimal(char, char)) for char in plain)
    if plain.count(".") > 1:
        return Token("bad", f"{text} is not a number", start, end)
    return Token("number", plain, start, end)


def _past_arguments(source: str, end: int, name: str) -> int:
    option = ENVIRONMENT_OPTION.match(source, end)
    end = option.end() if option else end
    if name in WITH_ARGUMENT:
        argument = ENVIRONMENT_ARGUMENT.match(source, end)
        end = argument.end() if argument else end
    return end


def _fence(side: str, delimiter: str, start: int, end: int) -> Token:
    if not delimiter:
        return Token("bad", f"\\{side} without a bracket", start, end)
    plain = UNICODE.get(delimiter, delimiter)
    if plain == ".":
        return Token(side, ".", start, end)
    if plain in ("<", ">"):
        return Token(side, "<", start, end)
    kind = BARS.get(plain) or OPENING.get(plain) or CLOSING.get(plain) or ("/" if plain == "/" else None)
    if kind is None:
        return Token("bad", f"\\{side}{delimiter} is not a bracket", start, end)
    return Token(side, kind, start, end)


def _words(tokens: list[Token], source: str, name: str, start: int, end: int, at: int) -> int:
    r"""Append a \text with its words, or the bare command if its braces do not close; return its end."""
    opening = end
    while opening < len(source) and source[opening].isspace():
        opening += 1
    if source.startswith("{", opening) and (closing := closing_brace(source, opening)) >= 0:
        words = source[opening + 1 : closing]
        tokens.append(Token("text", words, at + start, at + closing + 1, name, at + opening + 1))
        return closing + 1
    tokens.append(Token("command", name, at + start, at + end))
    return end


def _command(tokens: list[Token], text: str, start: int, end: int) -> None:
    """Append the token of a command, given with its backslash."""
    name = text[1:]
    if text in OPENING:
        tokens.append(Token("open", OPENING[text], start, end))
    elif text in CLOSING:
        tokens.append(Token("close", CLOSING[text], start, end))
    elif text in BARS:
        tokens.append(Token("bar", BARS[text], start, end))
    elif name == "_":
        tokens.append(Token("_", "_", start, end))
    elif name == "prime":
        tokens.append(Token("'", "'", start, end))
    elif not name:
        tokens.append(Token("bad", "a backslash with nothing behind it", start, end))
    else:
        tokens.append(Token("style" if name.isspace() else "command", name, start, end))


def _other(tokens: list[Token], source: str, char: str, start: int, end: int, at: int) -> int:
    """Append the token of any other character; return where it ends."""
    if char in SIMPLE:
        tokens.append(Token(char, char, at + start, at + end))
    elif char in "([":
        tokens.append(Token("open", char, at + start, at + end))
    elif char in ")]":
        tokens.append(Token("close", "(" if char == ")" else "[", at + start, at + end))
    elif char == "|":
        tokens.append(Token("bar", "|", at + start, at + end))
    elif char == "~":
        tokens.append(Token("style", char, at + start, at + end))
    elif char.isascii():
        tokens.append(Token("char", char, at + start, at + end))
    elif char in UNICODE:
        for piece in re.findall(r"\\[A-Za-z]+|\\?.", UNICODE[char]):
            if piece[0] == "\\":
                _command(tokens, piece, at + start, at + end)
            else:
                _other(tokens, piece, piece, start, end, at)
    elif char in SUPERSCRIPTS or char in SUBSCRIPTS:
        table, kind = (SUPERSCRIPTS, "raised") if char in SUPERSCRIPTS else (SUBSCRIPTS, "lowered")
        while end < len(source) and source[end] in table:
            end += 1
        tokens.append(Token(kind, "".join(table[c] for c in source[start:end]), at + start, at + end))
    elif char in COMBINING:
        tokens.append(Token("accent", COMBINING[char], at + start, at + end))
    else:
        return _letters(tokens, source, char, start, end, at)
    return end


def _letters(tokens: list[Token], source: str, char: str, start: int, end: int, at: int) -> int:
    """Append the tokens of a letter that is not ASCII, of a word in another script, or of what is neither."""
    decomposed = unicodedata.normalize("NFD", char)
    if len(decomposed) == 2 and decomposed[1] in COMBINING and decomposed[0].isascii():
        tokens.append(Token("letter", decomposed[0], at + start, at + end))
        tokens.append(Token("accent", COMBINING[decomposed[1]], at + start, at + end))
        return end
    name, style = letter_name(char)
    if name != char:
        kind = "letter" if name.isalpha() else "number" if name.isdecimal() else "char"
        tokens.append(Token(kind, name, at + start, at + end, style))
        return end
    if char.isalpha():
        while end < len(source) and (source[end].isalpha() or unicodedata.category(source[end])[0] == "M"):
            if source[end].isascii() or source[end] in UNICODE:
                break
            end += 1
        tokens.append(Token("word", source[start:end], at + start, at + end))
        return end
    over, slash, under = unicodedata.normalize("NFKC", char).partition("⁄")
    if slash and over.isdecimal() and under.isdecimal():
        place = at + start, at + end
        tokens += [
            Token("command", "frac", *place),
            Token("number", over, *place),
            Token("number", under, *place),
        ]
        return end
    if unicodedata.category(char) in ("No", "So") and unicodedata.numeric(char, None) is not None:
        tokens.append(Token("text", char, at + start, at + end, "", at + start))
        return end
    place = at + start, at + end
    if char in INVISIBLE:
        tokens.append(Token("style", char, *place))
    else:
        shown = char if char.isprintable() else ascii(char)
        tokens.append(Token("bad", f"{shown} is not mathematics", *place))
    return end
