"""A formula's LaTeX to its layout: what is typeset, line by line.

Nothing here raises for bad LaTeX, and nothing is dropped in silence: what cannot be read becomes a `Problem`
that says which characters and why. Notes are also read as their writers meant them where LaTeX itself would
set something else: `w_new`, `w_11`, `10^-3`, `w_{21}^2_{new}`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .arranging import (
    Bar,
    Words,
    grid_of_array,
    in_brackets,
    is_operand,
    is_relation,
    joined,
    paired,
    summing,
    taken_apart,
    told,
    with_tags,
    without_styling,
)  # fmt: skip
from .commands import READERS, read_command
from .decimal_commas import with_decimal_commas
from .dotted_sums import summed
from .layout import (
    Accented,
    Big,
    Bracketed,
    Fraction,
    Grid,
    Mark,
    Number,
    Operator,
    Row,
    Separator,
    Symbol,
    Text,
)
from .macros import Macros, expand, take_definitions
from .nesting import DEEPEST, Nesting, TooDeep, as_they_look
from .scripts import SCRIPTS, read_scripts
from .signs import ENVIRONMENTS
from .tokens import Token, tokenize
from .typed_habits import as_set

__all__ = ["LONGEST", "Parsed", "Problem", "parse"]

LONGEST = 200_000
"""A formula of more characters than this is not read."""

KNOWN = frozenset(READERS)

MOST_PROBLEMS = 20
"""Of more problems than this, the rest are only counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read: the characters `start` to `end` of the formula's source, and why."""

    start: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class Parsed:
    r"""A formula, laid out.

    lines      its lines, one for each row of an aligned environment
    problems   what could not be read
    tags       what \tag and \label call it
    styling    the characters, from and to, that only change how things look
    """

    lines: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()
    tags: tuple[str, ...] = ()
    styling: tuple[tuple[int, int], ...] = ()


def parse(latex: str, macros: Macros | None = None, decimal_commas: bool = False) -> Parsed:
    r"""Lay out a formula; what it defines by \newcommand is added to `macros`.

    >>> [line] = parse(r"w_{11}^2").lines
    >>> line[0].below[0].text, line[0].above[0].text
    ('11', '2')
    >>> parse(r"\frac{1}{").problems[0].message
    '{ is never closed'
    """
    if len(latex) > LONGEST:
        return Parsed((), (Problem(0, len(latex), f"a formula of over {LONGEST:,} characters is not read"),))
    if macros is None:
        macros = {}
    tokens = tokenize(take_definitions(latex, macros))
    if macros:
        tokens = expand(tokens, macros)
    if decimal_commas:
        tokens = list(with_decimal_commas(tokens))
    try:
        parser = Parser(as_they_look(as_set(tokens, KNOWN)))
        lines = parser.formula()
    except TooDeep as deep:
        problem = Problem(0, len(latex), f"nested over {DEEPEST} deep, at character {deep.position + 1}")
        return Parsed((), (problem,))
    except RecursionError:
        return Parsed((), (Problem(0, len(latex), "nested too deep for the stack there is left"),))
    problems = sorted(parser.problems, key=lambda problem: problem.start)
    if len(problems) > MOST_PROBLEMS:
        more = f"{len(problems) - MOST_PROBLEMS + 1} more problems from here on"
        problems[MOST_PROBLEMS - 1 :] = [Problem(problems[MOST_PROBLEMS - 1].start, len(latex), more)]
    return Parsed(tuple(lines), tuple(problems), tuple(parser.tags), tuple(parser.styling))


SIGNS = {
    "+": "+", "-": "-", "*": "*", "/": "/", "=": "=", "<": "<", ">": ">", "!": "!", ":": ":", "%": "%",
    "@": "*",
}  # fmt: skip
TEXT_PIECES = re.compile(
    r"\$(?P<dollars>[^$]*)\$|\\\((?P<round>(?:(?!\\\)).)*)\\\)|(?:(?!\\\()\\.|[^$\\])+|.", re.DOTALL
)


class Parser:
    """Recursive descent over tokens whose brackets have been matched beforehand."""

    def __init__(self, tokens: list[Token], outer: Parser | None = None) -> None:
        self.tokens = tokens
        self.i = 0
        self.problems: list[Problem] = outer.problems if outer else []
        self.tags: list[str] = outer.tags if outer else []
        self.styling: list[tuple[int, int]] = outer.styling if outer else []
        self.depth: int = outer.depth if outer else 0
        self.in_script = ""  # the sign of the script that this stands in
        self.style = ""
        self.nesting = Nesting(tokens)
        for index, message in self.nesting.unmatched.items():
            self.problem(tokens[index], message)

    def inner(self, tokens: list[Token]) -> Parser:
        """A parser of tokens within these, which reports to this one."""
        return Parser(tokens, self)

    def problem(self, token: Token, message: str) -> None:
        self.problems.append(Problem(token.start, token.end, message))

    def look(self, token: Token) -> None:
        """Note a token that only changes how things look."""
        self.styling.append((token.start, token.end))

    # --------------------------------------------------------------------------------------- rows and lines

    def formula(self) -> list[Row]:
        """The lines of the whole formula."""
        lines = self.lines(len(self.tokens), None, "align")
        return joined([tuple(line) for line in lines if line])

    def lines(self, stop: int, owner: int | None, kind: str) -> list[list[Mark]]:
        """The rows up to a token, one a line: what the alignment set apart is put together again."""
        lines: list[list[Mark]] = []
        for cells in self.cells(stop, owner):
            line: list[Mark] = []
            for column, cell in enumerate(cells):
                gap = kind == "align" and column and column % 2 == 0 and line and cell
                if gap and not (is_relation(line[-1]) or is_relation(cell[0])):
                    line.append(Separator(cell[0].start, cell[0].start, "quad"))
                line.extend(cell)
            lines.extend(taken_apart(line))
        return lines

    def cells(self, stop: int, owner: int | None) -> list[list[list[Mark]]]:
        """The rows of cells up to a token, divided by the separators of an environment or of the formula."""
        rows: list[list[list[Mark]]] = [[]]
        for index in self.nesting.separators.get(owner, ()):
            rows[-1].append(self.row(index))
            self.look(self.tokens[index])
            self.i = index + 1
            if self.tokens[index].kind == "break":
                rows.append([])
        rows[-1].append(self.row(stop))
        return rows

    def row(self, stop: int) -> list[Mark]:
        """The marks up to a token."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise TooDeep(self.tokens[min(self.i, len(self.tokens) - 1)].start)
        marks: list[Mark] = []
        while self.i < stop:
            token = self.tokens[self.i]
            if token.kind == "command" and token.text in ("over", "atop"):
                self.i += 1
                over, under = self.finished(marks), self.row(stop)
                start = over[0].start if over else token.start
                end = under[-1].end if under else token.end
                if not over or not under:
                    self.problem(token, f"\\{token.text} needs something on both sides")
                marks = [Fraction(start, end, tuple(over), tuple(under))]
                break
            self.item(marks, stop)
        self.depth -= 1
        return self.finished(marks)

    def finished(self, marks: list[Mark]) -> list[Mark]:
        """The marks of a row, with bars paired and words told from names."""
        if any(type(mark) is Words for mark in marks):
            marks = [
                told(marks, k, bool(self.in_script)) if isinstance(mark, Words) else mark
                for k, mark in enumerate(marks)
            ]
        if any(isinstance(mark, Bar) for mark in marks):
            marks = paired(marks)
        marks = summed(summing(marks))
        return with_tags(marks) if self.in_script and len(marks) > 2 else marks

    # ----------------------------------------------------------------------------------------- single marks

    def item(self, marks: list[Mark], stop: int) -> None:
        """Read the next mark with its scripts onto the end of a row."""
        token = self.tokens[self.i]
        kind = token.kind
        if kind in SCRIPTS:
            # nothing stands directly before: `{}_{old}` hangs on what came before the empty braces
            if marks and (is_operand(marks[-1]) or isinstance(marks[-1], Big)):
                marks.append(read_scripts(self, marks.pop(), stop))
            elif kind == "'":
                self.i += 1
                marks.append(Operator(token.start, token.end, "prime"))
            else:
                script = read_scripts(self, Text(token.start, token.start, ""), stop)
                end = max(script.end, self.tokens[self.i - 1].end)
                self.problems.append(Problem(token.start, end, "a script with nothing before it"))
            return
        if kind == "{":
            inside = self.group()
            if self.i < stop and self.tokens[self.i].kind in SCRIPTS and inside:
                whole = inside[0]
                if len(inside) > 1:
                    whole = Bracketed(token.start, self.tokens[self.i - 1].end, ".", ".", tuple(inside))
                marks.append(read_scripts(self, whole, stop))
            else:
                marks.extend(inside)
            return
        found = self.base(stop)
        if len(found) == 1 and self.i < stop and self.tokens[self.i].kind in SCRIPTS:
            marks.append(read_scripts(self, found[0], stop))
        else:
            if found and isinstance(found[-1], Big) and self.i < stop:
                found[-1] = read_scripts(self, found[-1], stop)
            marks.extend(found)

    def group(self) -> list[Mark]:
        """The row in braces that open here."""
        closing = self.nesting.partner[self.i]
        self.look(self.tokens[self.i])
        self.i += 1
        inside = self.row(closing)
        if closing < len(self.tokens):
            self.look(self.tokens[closing])
        self.i = min(closing + 1, len(self.tokens))
        return inside

    def base(self, stop: int) -> list[Mark]:
        """Read one token, or one construction of several, without scripts."""
        token = self.tokens[self.i]
        kind, text, start, end = token.kind, token.text, token.start, token.end
        if self.i in self.nesting.labels:
            closing = self.tokens[self.i + 1]
            self.i += 2
            return [Text(start, closing.end, text + ")")]
        if kind == "letter":
            self.i += 1
            mark: Mark = Symbol(start, end, text, token.style or self.style)
            while self.i < stop and (accent := self.tokens[self.i]).kind == "accent":
                self.i += 1
                mark = Accented(start, accent.end, accent.text, (mark,))
            return [mark]
        if kind == "number":
            self.i += 1
            return [Number(start, end, text, token.style or self.style)]
        if kind == "command":
            self.i += 1
            return read_command(self, token, stop)
        if kind in ("open", "left"):
            return self.bracketed(token)
        if kind == "{":
            return self.group()
        if kind == "begin":
            return self.environment(token)
        self.i += 1
        if kind == "char":
            return self.char(token)
        if kind == "text":
            return self.words(token)
        if kind == "bar":
            return [Bar(start, end, text, end)]
        if kind == "middle":
            return [Operator(start, end, text)]
        if kind == "word":
            return [Symbol(start, end, text, "word")]
        if kind == "bad":
            self.problem(token, text)
        elif self.i - 1 not in self.nesting.unmatched:
            self.look(token)
        return []

    def char(self, token: Token) -> list[Mark]:
        text, start, end = token.text, token.start, token.end
        if text in SIGNS:
            return [Operator(start, end, SIGNS[text])]
        if text in ",;.":
            return [Separator(start, end, text)]
        if text in '?$"#':
            return [Text(start, end, text)]
        self.problem(token, f"{text} is not mathematics")
        return []

    def bracketed(self, token: Token) -> list[Mark]:
        closing = self.nesting.partner.get(self.i)
        if closing is None:
            self.i += 1
            return []
        self.i += 1
        inside = self.row(closing)
        last = self.tokens[closing]
        self.i = closing + 1
        mark = in_brackets(token.start, last.end, token.text, last.text, inside)
        if isinstance(mark, Grid):
            self.look(token)
            self.look(last)
        return [mark]

    def words(self, token: Token) -> list[Mark]:
        r"""The words of a \text, and the formulas between dollars in it."""
        marks: list[Mark] = []
        for found in TEXT_PIECES.finditer(token.text):
            inner = found["dollars"] or found["round"]
            if token.inner < 0:
                start, end = token.start, token.end
            else:
                start, end = token.inner + found.start(), token.inner + found.end()
            if inner is not None:
                at = token.inner + found.start("dollars" if found["dollars"] else "round")
                tokens = tokenize(inner, at)
                if token.inner < 0:
                    tokens = [piece._replace(start=start, end=end, inner=-1) for piece in tokens]
                self.depth += 1
                parser = Parser(tokens, self)
                marks.extend(mark for line in parser.lines(len(tokens), None, "rows") for mark in line)
                self.depth -= 1
            else:
                raw = found.group()
                words = without_styling(raw)
                if words:
                    marks.append(Words(start, end, words, raw[0].isspace(), raw[-1].isspace()))
        if len(marks) == 1 and isinstance(marks[0], Words):
            only = marks[0]
            marks[0] = Words(token.start, token.end, only.words, only.space_before, only.space_after)
        if len(marks) != 1:
            self.look(token)
        return marks

    def argument(self, command: Token, stop: int) -> tuple[list[Mark], int]:
        """The argument of a command, in braces or a single token, and where it ends."""
        while self.i < stop and self.tokens[self.i].kind == "style":
            self.look(self.tokens[self.i])
            self.i += 1
        if self.i >= stop or self.tokens[self.i].kind in ("&", "break", "close", "right", "}"):
            self.problem(command, f"\\{command.text} lacks an argument")
            return [], self.tokens[self.i - 1].end
        token = self.tokens[self.i]
        if token.kind == "number" and len(token.text) > 1 and token.text.isdecimal() and _as_written(token):
            # \frac12 is one half
            self.tokens[self.i] = token._replace(text=token.text[1:], start=token.start + 1)
            return [Number(token.start, token.start + 1, token.text[0])], token.start + 1
        self.depth += 1
        if self.depth > DEEPEST:
            raise TooDeep(token.start)
        if token.kind in SCRIPTS:
            marks: list[Mark] = []
            self.item(marks, stop)
        else:
            marks = self.finished(self.base(stop))
        self.depth -= 1
        last = self.tokens[min(self.i, len(self.tokens)) - 1]
        return marks, max(last.end, token.end, *(mark.end for mark in marks))

    def optional(self, stop: int) -> list[Mark]:
        """An optional argument in square brackets."""
        if self.i < stop and self.tokens[self.i][:2] == ("open", "["):
            closing = self.nesting.partner.get(self.i)
            if closing is not None and self.tokens[closing].text == "[":  # no half-open interval
                self.look(self.tokens[self.i])
                self.i += 1
                inside = self.row(closing)
                self.look(self.tokens[closing])
                self.i = closing + 1
                return inside
        return []

    def star(self, stop: int) -> None:
        if self.i < stop and self.tokens[self.i][:2] == ("char", "*"):
            self.look(self.tokens[self.i])
            self.i += 1

    def drop(self, stop: int) -> None:
        """Pass over an argument that is no mathematics."""
        if self.i < stop:
            last = self.nesting.partner.get(self.i, self.i) if self.tokens[self.i].kind == "{" else self.i
            last = min(last, len(self.tokens) - 1)
            self.styling.append((self.tokens[self.i].start, self.tokens[last].end))
            self.i = last + 1

    def environment(self, token: Token) -> list[Mark]:
        start_index = self.i
        closing = self.nesting.partner.get(start_index, len(self.tokens))
        end = self.tokens[min(closing, len(self.tokens) - 1)].end
        kind = ENVIRONMENTS.get(token.text)
        if kind is None:
            self.problems.append(Problem(token.start, end, f"environment {token.text} is unsupported"))
            self.i = min(closing + 1, len(self.tokens))
            return []
        self.look(token)
        if closing < len(self.tokens):
            self.look(self.tokens[closing])
        self.i += 1
        if kind in ("matrix", "cases", "array"):
            cells = self.cells(closing, start_index)
            if cells and not any(cells[-1]):
                cells.pop()
            grid = tuple(tuple(tuple(cell) for cell in row) for row in cells)
            self.i = min(closing + 1, len(self.tokens))
            if kind == "array":
                return [grid_of_array(token.start, end, grid)]
            return [Grid(token.start, end, "matrix" if kind == "matrix" else "cases", grid)]
        lines = [tuple(line) for line in self.lines(closing, start_index, kind) if line]
        self.i = min(closing + 1, len(self.tokens))
        if kind == "one":
            return [mark for line in lines for mark in line]
        return [Grid(token.start, end, "lines", tuple((line,) for line in lines))]


def _as_written(token: Token) -> bool:
    return token.end - token.start == len(token.text)
