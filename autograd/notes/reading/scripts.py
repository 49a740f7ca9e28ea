"""What stands below and above a mark, as it is typeset and as it is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arranging import Bar, Words, transposing, with_scripts
from .layout import Accented, Mark, Number, Operator, Symbol
from .nesting import DEEPEST, TooDeep
from .signs import OPERATORS, TAGS
from .tokens import tokenize

if TYPE_CHECKING:
    from .parsing import Parser

__all__ = ["SCRIPTS", "read_script", "read_scripts"]

SCRIPTS = frozenset(["^", "_", "'", "raised", "lowered", "accent"])
"""Tokens that hang something on what stands before them."""

NO_SCRIPT = frozenset(["&", "break", "close", "right", "}", "^", "_", "raised", "lowered", "accent"])
"""Tokens that cannot be a script themselves."""

MOST_SCRIPTS = 8
"""A mark with more layers of scripts than this is not read."""


def read_scripts(parser: Parser, base: Mark, stop: int) -> Mark:
    """A mark with the scripts that follow it."""
    below: list[Mark] | None = None
    above: list[Mark] | None = None
    primes, layers = 0, 0
    end = base.end
    while parser.i < stop:
        token = parser.tokens[parser.i]
        kind = token.kind
        if kind == "command" and token.text in ("limits", "nolimits", "displaylimits"):
            parser.look(token)
            parser.i += 1
            continue
        if kind not in SCRIPTS:
            break
        if kind == "'":
            parser.i += 1
            primes += 1
        elif kind == "accent":
            parser.i += 1
            if isinstance(base, (Bar, Words)):
                parser.problem(token, "an accent with no letter under it")
                continue
            base = with_scripts(base, end, below, above, primes)
            below = above = None
            primes = 0
            base = Accented(base.start, token.end, token.text, (base,))
        else:
            lower = kind in ("_", "lowered")
            marks = read_script(parser, stop)
            if not marks:
                parser.look(token)
            if not lower:
                while marks and isinstance(marks[0], Operator) and marks[0].name == "prime":
                    primes += 1
                    marks = marks[1:]
                if not marks:
                    end = parser.tokens[parser.i - 1].end
                    continue
            if (below if lower else above) is not None:
                base = with_scripts(base, end, below, above, primes)
                below = above = None
                primes = 0
                layers += 1
                if layers == MOST_SCRIPTS:
                    raise TooDeep(token.start)
            end = max([end, *(inside.end for inside in marks)])
            if lower:
                below = marks
            else:
                above = marks
        end = max(end, parser.tokens[parser.i - 1].end)
    return with_scripts(base, end, below, above, primes)


def read_script(parser: Parser, stop: int) -> list[Mark]:
    """What one `_` or `^` raises or lowers."""
    mark = parser.tokens[parser.i]
    parser.i += 1
    if mark.kind in ("raised", "lowered"):
        inner = parser.inner([t._replace(start=mark.start, end=mark.end) for t in tokenize(mark.text)])
        marks = inner.row(len(inner.tokens))
        return transposing(marks) if mark.kind == "raised" else marks
    kept, parser.in_script = parser.in_script, mark.kind
    try:
        if parser.i >= stop or parser.tokens[parser.i].kind in NO_SCRIPT:
            parser.problem(mark, f"nothing stands behind {mark.kind}")
            return []
        token = parser.tokens[parser.i]
        following = parser.tokens[parser.i + 1] if parser.i + 1 < stop else None
        if token.kind == "'":
            parser.i += 1
            return [Operator(token.start, token.end, "prime")]
        if token.kind == "number":
            parser.i += 1
            return [Number(token.start, token.end, token.text)]
        if (
            token.kind == "letter"
            and following
            and following.kind == "letter"
            and (run := _run(parser, stop, kept == "_"))
        ):
            return [run]
        if (
            token.kind == "char"
            and token.text in "+-"
            and following
            and following.start == token.end
            and following.kind in ("number", "letter", "command")
            and following.text not in OPERATORS
        ):
            parser.i += 1
            sign = Operator(token.start, token.end, token.text)
            if following.kind == "number":
                parser.i += 1
                return [sign, Number(following.start, following.end, following.text)]
            return [sign, *parser.finished(parser.base(stop))]
        parser.depth += 1
        if parser.depth > DEEPEST:
            raise TooDeep(token.start)
        marks = parser.finished(parser.base(stop))
        parser.depth -= 1
        return marks if mark.kind == "_" else transposing(marks)
    finally:
        parser.in_script = kept


def _run(parser: Parser, stop: int, nested: bool) -> Symbol | None:
    """A word meant as a whole behind `_`: `new` of w_new, and any word below: x_{h_in}, but not e^{t_iw}."""
    j = parser.i
    while (
        j < stop
        and parser.tokens[j].kind == "letter"
        and (j == parser.i or parser.tokens[j].start == parser.tokens[j - 1].end)
    ):
        j += 1
    word = "".join(token.text for token in parser.tokens[parser.i : j])
    if not nested and word.lower() not in TAGS:
        return None
    first, last = parser.tokens[parser.i], parser.tokens[j - 1]
    parser.i = j
    return Symbol(first.start, last.end, word, "word")
