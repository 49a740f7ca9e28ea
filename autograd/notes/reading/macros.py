r"""Macros of the notes' own: \newcommand, \def, \DeclareMathOperator, expanded within bounds."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from functools import lru_cache
from typing import NamedTuple

from .tokens import MOST_UNCLOSED, Token, closing_brace, tokenize

__all__ = ["MOST_TOKENS", "Macro", "Macros", "expand", "take_definitions"]

MOST_TOKENS = 20_000
"""The macros of a formula make no more tokens than this."""


class Macro(NamedTuple):
    """What a macro stands for, with #1 .. #9 where its arguments go.

    `default` is that of an optional first argument; `final` says that the body is not expanded again.
    """

    arguments: int
    body: str
    default: str | None = None
    final: bool = False


Macros = MutableMapping[str, Macro]

PACKAGES = {
    "pdv": Macro(2, r"\frac{\partial #1}{\partial #2}"),
    "dv": Macro(2, r"\frac{d #1}{d #2}"),
    "pd": Macro(2, r"\frac{\partial #1}{\partial #2}"),
    "abs": Macro(1, r"\lvert #1 \rvert"),
    "norm": Macro(1, r"\lVert #1 \rVert"),
    "qty": Macro(0, ""),
    "R": Macro(0, r"\mathbb{R}"),
    "N": Macro(0, r"\mathbb{N}"),
    "E": Macro(0, r"\mathbb{E}"),
    "dd": Macro(0, "d"),
    "part": Macro(0, r"\partial"),
    "infin": Macro(0, r"\infty"),
    "empty": Macro(0, r"\emptyset"),
    "isin": Macro(0, r"\in"),
    "sdot": Macro(0, r"\cdot"),
    "plusmn": Macro(0, r"\pm"),
    "larr": Macro(0, r"\leftarrow"),
}
"""What packages such as physics define, and what wikis and editors for Markdown do, for notes that show only
their formulas."""

DEFINITION = re.compile(
    r"""\\(?P<how>(?:re)?newcommand|providecommand|DeclareRobustCommand|DeclareMathOperator|[egx]?def|let)\*?\s*
        (?: \{\s*\\(?P<braced>[A-Za-z]+|.)\s*\} | \\(?P<bare>[A-Za-z]+|.) )\s*""",
    re.VERBOSE,
)
OPTIONS = re.compile(r"\s*(?:\[(?P<count>\d)\]\s*(?:\[(?P<default>[^\]]*)\])?)?\s*(?=\{)")
PARAMETERS = re.compile(r"(?P<parameters>(?:#\d)*)\s*(?=\{)")
SAME_AS = re.compile(r"=?\s*\\([A-Za-z]+|.)")


def take_definitions(source: str, macros: Macros) -> str:
    """Note the macros that a text defines; return it with the definitions blanked out, as long as before."""
    if "def" not in source and "command" not in source and "\\let" not in source and "Declare" not in source:
        return source
    pieces, done, unclosed = [], 0, 0
    for found in DEFINITION.finditer(source):
        if found.start() < done:
            continue
        if unclosed == MOST_UNCLOSED:
            break
        name, how, end = found["braced"] or found["bare"], found["how"], found.end()
        if how == "let":
            same = SAME_AS.match(source, end)
            if same is None:
                continue
            macros[name] = macros.get(same[1]) or Macro(0, "\\" + same[1], final=True)
            closing = same.end() - 1
        else:
            options = (PARAMETERS if how.endswith("def") else OPTIONS).match(source, end)
            if options is None or (closing := closing_brace(source, options.end())) < 0:
                unclosed += 1
                continue
            body = source[options.end() + 1 : closing]
            if how == "DeclareMathOperator":
                macros[name] = Macro(0, rf"\operatorname{{{body}}}")
            elif how.endswith("def"):
                macros[name] = Macro(len(options["parameters"]) // 2, body)
            else:
                macros[name] = Macro(int(options["count"] or 0), body, options["default"])
        pieces.append(source[done : found.start()])
        pieces.append(re.sub(r"[^\r\n]", " ", source[found.start() : closing + 1]))
        done = closing + 1
    pieces.append(source[done:])
    return "".join(pieces)


def expand(tokens: list[Token], macros: Macros) -> list[Token]:
    """The tokens with every macro replaced by what it stands for.

    What comes out of a macro's body has the place of the call; its arguments keep their own. A macro that
    expands without end becomes one token that is bad.
    """
    if not any(token.kind == "command" and token.text in macros for token in tokens):
        return tokens
    waiting = tokens[::-1]
    done: list[Token] = []
    made = 0
    while waiting:
        token = waiting.pop()
        macro = macros.get(token.text) if token.kind == "command" else None
        if macro is None:
            done.append(token)
            continue
        if macro.final:
            done.extend(_filled(macro.body, [], token.start, token.end))
            continue
        arguments: list[list[Token]] = []
        if macro.default is not None:
            arguments.append(_optional(waiting, token) or _filled(macro.default, [], token.start, token.end))
        end = token.end
        while len(arguments) < macro.arguments and waiting:
            argument, end = _argument(waiting)
            arguments.append(argument)
        if len(arguments) < macro.arguments:
            done.append(token._replace(kind="bad", text=f"\\{token.text} needs {macro.arguments} arguments"))
            continue
        body = _filled(macro.body, arguments, token.start, max(end, token.end))
        made += len(body) + 1
        if made > MOST_TOKENS:
            done.append(token._replace(kind="bad", text=f"\\{token.text} expands without end"))
            break
        waiting.extend(reversed(body))
    return done


def _argument(waiting: list[Token]) -> tuple[list[Token], int]:
    """Take one argument, what stands in braces without them, or a single token; and where it ends."""
    first = waiting.pop()
    if first.kind != "{":
        return [first], first.end
    taken, depth, end = [], 1, first.end
    while waiting:
        token = waiting.pop()
        end = token.end
        depth += (token.kind == "{") - (token.kind == "}")
        if depth == 0:
            break
        taken.append(token)
    return taken, end


def _optional(waiting: list[Token], call: Token) -> list[Token]:
    """Take an optional argument in square brackets, if one stands there."""
    if not waiting or waiting[-1][:2] != ("open", "["):
        return []
    closing = next((i for i, t in enumerate(reversed(waiting)) if t[:2] == ("close", "[")), None)
    if closing is None:
        return []
    waiting.pop()
    taken = [waiting.pop() for _ in range(closing - 1)]
    waiting.pop()
    return taken


def _filled(body: str, arguments: list[list[Token]], start: int, end: int) -> list[Token]:
    """The tokens of a macro's body, its arguments filled in."""
    filled: list[Token] = []
    for piece in _pieces(body):
        if isinstance(piece, int):
            filled.extend(arguments[piece - 1] if piece <= len(arguments) else [])
        else:
            filled.extend(token._replace(start=start, end=end, inner=-1) for token in piece)
    return filled


@lru_cache(maxsize=1000)
def _pieces(body: str) -> list[list[Token] | int]:
    """A macro's body as tokens and the numbers of its arguments."""
    pieces = re.split(r"#([1-9])", body)
    return [int(piece) if i % 2 else tokenize(piece) for i, piece in enumerate(pieces)]
