"""A formula's LaTeX to its layout: what is typeset, line by line.

Nothing here raises for bad LaTeX, and nothing is dropped in silence: what cannot be read becomes a `Problem`
that says which characters and why. Notes are also read as their writers meant them where LaTeX itself would
set something else: `w_new`, `w_11`, `10^-3`, `w_{21}^2_{new}`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .layout import (
    Accented,
    Annotated,
    Big,
    Bracketed,
    Fraction,
    Grid,
    Mark,
    Number,
    Operator,
    Radical,
    Row,
    Scripted,
    Separator,
    Symbol,
    Text,
)
from .macros import Macros, expand, take_definitions
from .nesting import Nesting, TooDeep
from .signs import (
    ACCENTS,
    ALPHABETS,
    ARGUMENT_DROPPED,
    ARGUMENT_KEPT,
    BIG,
    ENVIRONMENTS,
    FUNCTION_WORDS,
    OPERATORS,
    RELATIONS,
    SEPARATORS,
    STYLING,
    SYMBOLS,
    TAGS,
    TEXTS,
    UPRIGHT,
)
from .tokens import Token, tokenize

__all__ = ["LONGEST", "Parsed", "Problem", "parse"]

LONGEST = 200_000
"""A formula of more characters than this is not read."""

DEEPEST = 50
"""Nor is one that is nested deeper than this."""

MOST_SCRIPTS = 8
"""Nor a mark with more layers of scripts than this."""


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
    """A formula, laid out.

    lines      its lines, one for each row of an aligned environment
    problems   what could not be read
    tags       what \\\\tag and \\\\label call it
    styling    the characters, from and to, that only change how things look
    """

    lines: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()
    tags: tuple[str, ...] = ()
    styling: tuple[tuple[int, int], ...] = ()


def parse(latex: str, macros: Macros | None = None) -> Parsed:
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
    try:
        parser = _Parser(tokens)
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


class _Lines(Grid):
    """A grid of aligned lines, for as long as it is not known whether they are lines of the formula."""

    __slots__ = ()


class _Parser:
    """Recursive descent over tokens whose brackets have been matched beforehand."""

    def __init__(self, tokens: list[Token], outer: _Parser | None = None) -> None:
        self.tokens = tokens
        self.i = 0
        self.problems: list[Problem] = outer.problems if outer else []
        self.tags: list[str] = outer.tags if outer else []
        self.styling: list[tuple[int, int]] = outer.styling if outer else []
        self.depth = outer.depth if outer else 0
        self.in_script = False
        self.word = False
        self.style = ""
        self.nesting = Nesting(tokens, DEEPEST)
        for index, message in self.nesting.unmatched.items():
            self.problem(tokens[index], message)

    def problem(self, token: Token, message: str) -> None:
        self.problems.append(Problem(token.start, token.end, message))

    def look(self, token: Token) -> None:
        """Note a token that only changes how things look."""
        self.styling.append((token.start, token.end))

    # ------------------------------------------------------------------------------------------ rows and lines

    def formula(self) -> list[Row]:
        """The lines of the whole formula."""
        lines = self.lines(len(self.tokens), None, "align")
        return _joined([tuple(line) for line in lines if line])

    def lines(self, stop: int, owner: int | None, kind: str) -> list[list[Mark]]:
        """The rows up to a token, one a line: what the alignment set apart is put together again."""
        lines: list[list[Mark]] = []
        for cells in self.cells(stop, owner):
            line: list[Mark] = []
            for column, cell in enumerate(cells):
                gap = kind == "align" and column and column % 2 == 0 and line and cell
                if gap and not (_is_relation(line[-1]) or _is_relation(cell[0])):
                    line.append(Separator(cell[0].start, cell[0].start, "quad"))
                line.extend(cell)
            lines.extend(_taken_apart(line))
        return lines

    def cells(self, stop: int, owner: int | None) -> list[list[list[Mark]]]:
        """The rows of cells up to a token, as the separators of an environment (or of the formula) divide them."""
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
        if any(isinstance(mark, _Bar) for mark in marks):
            marks = _paired(marks)
        if any(type(mark) is _Words for mark in marks):
            marks = [
                self.named(marks, k) if isinstance(mark, _Words) else mark for k, mark in enumerate(marks)
            ]
        return _with_tags(marks) if self.in_script and len(marks) > 2 else marks

    def named(self, marks: Sequence[Mark], k: int) -> Mark:
        """What a word of \\\\text is: a symbol where a name can stand, or just a word."""
        word = marks[k]
        assert isinstance(word, _Words)
        before = marks[k - 1] if k else None
        after = marks[k + 1] if k + 1 < len(marks) else None
        if not _is_name(word.words):
            return Text(word.start, word.end, word.words)
        if not self.in_script:
            set_off = isinstance(before, Separator) or (
                isinstance(before, Operator) and before.name == "dots"
            )
            if (
                word.words.lower().rstrip(".") in FUNCTION_WORDS
                or (set_off and not (after and _is_relation(after)))
                or (word.space_before and before and _is_operand(before))
                or (word.space_after and after and _is_operand(after) and not isinstance(after, Bracketed))
            ):
                return Text(word.start, word.end, word.words)
        return _symbol(word)

    # -------------------------------------------------------------------------------------------- single marks

    def item(self, marks: list[Mark], stop: int) -> None:
        """Read the next mark with its scripts onto the end of a row."""
        token = self.tokens[self.i]
        kind = token.kind
        if kind in _SCRIPTS:
            # nothing stands directly before: `{}_{old}` hangs on what came before the empty braces
            if marks and (_is_operand(marks[-1]) or isinstance(marks[-1], Big)):
                marks.append(self.scripts(marks.pop(), stop))
            elif kind == "'":
                self.i += 1
                marks.append(Operator(token.start, token.end, "prime"))
            else:
                start = marks[-1] if marks else None
                script = self.scripts(Text(token.start, token.start, ""), stop)
                self.problems.append(Problem(script.start, script.end, "a script with nothing before it"))
                del start
            return
        if kind == "{":
            inside = self.group()
            if self.i < stop and self.tokens[self.i].kind in _SCRIPTS and inside:
                whole = inside[0]
                if len(inside) > 1:
                    whole = Bracketed(token.start, self.tokens[self.i - 1].end, ".", ".", tuple(inside))
                marks.append(self.scripts(whole, stop))
            else:
                marks.extend(inside)
            return
        found = self.base(stop)
        if len(found) == 1 and self.i < stop and self.tokens[self.i].kind in _SCRIPTS:
            marks.append(self.scripts(found[0], stop))
        else:
            if found and isinstance(found[-1], Big) and self.i < stop:
                found[-1] = self.scripts(found[-1], stop)
            marks.extend(found)

    def group(self) -> list[Mark]:
        """The row in braces that open here."""
        closing = self.nesting.partner[self.i]
        self.look(self.tokens[self.i])
        self.i += 1
        inside = self.row(closing)
        if closing < len(self.tokens):
            self.look(self.tokens[closing])
        self.i = closing + 1
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
            return [Symbol(start, end, text, token.style or self.style)]
        if kind == "number":
            self.i += 1
            return [Number(start, end, text)]
        if kind == "command":
            return self.command(token, stop)
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
            return [_Bar(start, end, text, end)]
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
        if text in _CHAR_OPERATORS:
            return [Operator(start, end, _CHAR_OPERATORS[text])]
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
        kept = self.style, self.word
        self.style, self.word = kept
        return [_in_brackets(token.start, last.end, token.text, last.text, inside)]

    def words(self, token: Token) -> list[Mark]:
        """The words of a \\\\text, and the formulas between dollars in it."""
        marks: list[Mark] = []
        for found in _TEXT_PIECES.finditer(token.text):
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
                parser = _Parser(tokens, self)
                marks.extend(mark for line in parser.lines(len(tokens), None, "rows") for mark in line)
                self.depth -= 1
            else:
                raw = found.group()
                words = _clean(raw)
                if words:
                    marks.append(_Words(start, end, words, raw[0].isspace(), raw[-1].isspace()))
        if len(marks) == 1 and isinstance(marks[0], _Words):
            only = marks[0]
            marks[0] = _Words(token.start, token.end, only.words, only.space_before, only.space_after)
        if not marks:
            self.look(token)
        return marks

    # ------------------------------------------------------------------------------------------------ commands

    def command(self, token: Token, stop: int) -> list[Mark]:
        name, start, end = token.text, token.start, token.end
        self.i += 1
        if name in SYMBOLS:
            return [Symbol(start, end, SYMBOLS[name], self.style)]
        if name in OPERATORS:
            if name in ("xrightarrow", "xleftarrow"):
                self.optional(stop)
                end = self.argument(token, stop)[1]
            return [Operator(start, end, OPERATORS[name])]
        if name in BIG:
            return [Big(start, end, "sum" if name == "sum" else "prod")]
        if name in _FRACTIONS:
            over, _ = self.argument(token, stop)
            under, end = self.argument(token, stop)
            return [Fraction(start, end, tuple(over), tuple(under))]
        if name in STYLING:
            self.look(token)
            return []
        if name in SEPARATORS:
            return [Separator(start, end, "quad")]
        if name in ACCENTS:
            inside, end = self.argument(token, stop)
            return [Accented(start, end, ACCENTS[name], tuple(inside))]
        if name == "sqrt":
            degree = self.optional(stop)
            inside, end = self.argument(token, stop)
            return [Radical(start, end, tuple(inside), tuple(degree))]
        if name in ALPHABETS:
            kept, self.style = self.style, ALPHABETS[name]
            inside, _ = self.argument(token, stop)
            self.style = kept
            return self.widened(token, inside)
        if name in UPRIGHT or name in TEXTS:
            self.star(stop)
            inside, end = self.argument(token, stop)
            return self.widened(token, _merged(inside, start, end))
        if name in ("underbrace", "overbrace", "underbracket", "overbracket"):
            return self.annotated(token, stop)
        if name in ("overset", "stackrel", "underset", "stackbin"):
            return self.stacked(token, stop)
        if name in ARGUMENT_KEPT:
            for _ in range(ARGUMENT_KEPT[name]):
                self.optional(stop)
                self.drop(stop)
            if name == "bbox":
                self.optional(stop)
            self.look(token)
            return list(self.argument(token, stop)[0])
        if name in ARGUMENT_DROPPED or name == "tag":
            self.star(stop)
            first = self.i
            for _ in range(ARGUMENT_DROPPED.get(name, 1)):
                self.optional(stop)
                self.drop(stop)
            if name in ("tag", "label"):
                self.tags.append("".join(t.text for t in self.tokens[first + 1 : self.i - 1]))
            self.look(token)
            return []
        if name == "not" and self.i < stop:
            marks, _ = self.argument(token, stop)
            if len(marks) == 1 and isinstance(marks[0], Operator):
                other = {"=": "!=", "in": "notin"}.get(marks[0].name, "not " + marks[0].name)
                return [Operator(start, marks[0].end, other)]
            return [Accented(start, marks[-1].end, "cancel", tuple(marks))] if marks else []
        if name == "substack":
            return self.substack(token, stop)
        if name in "$#&":
            return [Text(start, end, name)]
        if name == "%":
            return [Operator(start, end, "%")]
        self.problem(token, f"\\{name} is unsupported")
        return []

    def widened(self, token: Token, inside: list[Mark]) -> list[Mark]:
        """The marks of a command's argument; a single one takes the place of the whole command."""
        if len(inside) == 1 and type(inside[0]) in (Symbol, Number):
            only = inside[0]
            end = max(self.tokens[self.i - 1].end, only.end) if self.i <= len(self.tokens) else only.end
            if isinstance(only, Symbol):
                return [Symbol(token.start, end, only.name, only.style)]
            if isinstance(only, Number):
                return [Number(token.start, end, only.text)]
        self.look(token)
        return inside

    def argument(self, command: Token, stop: int) -> tuple[list[Mark], int]:
        """The argument of a command, in braces or a single token, and where it ends."""
        while self.i < stop and self.tokens[self.i].kind == "style":
            self.look(self.tokens[self.i])
            self.i += 1
        if self.i >= stop or self.tokens[self.i].kind in ("&", "break", "close", "right", "}"):
            self.problem(command, f"\\{command.text} lacks an argument")
            return [], self.tokens[self.i - 1].end
        token = self.tokens[self.i]
        if token.kind == "number" and len(token.text) > 1 and token.end - token.start == len(token.text):
            # \frac12 is one half
            self.tokens[self.i] = token._replace(text=token.text[1:], start=token.start + 1)
            return [Number(token.start, token.start + 1, token.text[0])], token.start + 1
        self.depth += 1
        if self.depth > DEEPEST:
            raise TooDeep(token.start)
        if token.kind in _SCRIPTS:
            marks: list[Mark] = []
            self.item(marks, stop)
        else:
            marks = self.finished(self.base(stop))
        self.depth -= 1
        return marks, max(self.tokens[min(self.i, len(self.tokens)) - 1].end, token.end)

    def optional(self, stop: int) -> list[Mark]:
        """An optional argument in square brackets."""
        if self.i < stop and self.tokens[self.i][:2] == ("open", "["):
            closing = self.nesting.partner.get(self.i)
            if closing is not None:
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

    def annotated(self, token: Token, stop: int) -> list[Mark]:
        inside, end = self.argument(token, stop)
        note: list[Mark] = []
        while self.i < stop and self.tokens[self.i].kind in "_^":
            note += self.script(stop)
            end = self.tokens[self.i - 1].end
        return [Annotated(token.start, end, tuple(inside), tuple(note))]

    def stacked(self, token: Token, stop: int) -> list[Mark]:
        r"""\overset{note}{base} and its like: a relation stays one, \underset{w}{\min} is \min_w."""
        kept, self.in_script = self.in_script, True
        note, _ = self.argument(token, stop)
        self.in_script = kept
        base, end = self.argument(token, stop)
        if len(base) == 1:
            only = base[0]
            if isinstance(only, Operator):
                defines = only.name == "=" and any(
                    isinstance(mark, Symbol) and mark.name in ("def", "Delta", "triangle") for mark in note
                )
                return [Operator(token.start, end, "equiv" if defines else only.name)]
            if isinstance(only, Big):
                below, above = (note, []) if token.text == "underset" else ([], note)
                return [Big(token.start, end, only.name, tuple(below), tuple(above))]
            if token.text == "underset" and isinstance(only, Symbol) and len(only.name) > 1:
                return [Scripted(token.start, end, only, tuple(note))]
        return [Annotated(token.start, end, tuple(base), tuple(note))]

    def substack(self, token: Token, stop: int) -> list[Mark]:
        if self.i < stop and self.tokens[self.i].kind == "{":
            closing = self.nesting.partner[self.i]
            inside = [t for t in self.tokens[self.i + 1 : closing]]
            parts = [Token("char", ",", t.start, t.end) if t.kind == "break" else t for t in inside]
            parser = _Parser(parts, self)
            marks = parser.row(len(parts))
            self.look(token)
            self.i = closing + 1
            return marks
        return self.argument(token, stop)[0]

    def environment(self, token: Token) -> list[Mark]:
        start_index = self.i
        closing = self.nesting.partner.get(start_index, len(self.tokens))
        end = self.tokens[min(closing, len(self.tokens) - 1)].end
        kind = ENVIRONMENTS.get(token.text)
        if kind is None:
            self.problems.append(Problem(token.start, end, f"environment {token.text} is unsupported"))
            self.i = closing + 1
            return []
        self.i += 1
        if kind in ("matrix", "cases", "array"):
            cells = self.cells(closing, start_index)
            if cells and not any(cells[-1]):
                cells.pop()
            grid = tuple(tuple(tuple(cell) for cell in row) for row in cells)
            self.i = closing + 1
            if kind == "array":
                return [_Lines(token.start, end, "matrix", grid)]
            return [Grid(token.start, end, "matrix" if kind == "matrix" else "cases", grid)]
        lines = [tuple(line) for line in self.lines(closing, start_index, kind) if line]
        self.i = closing + 1
        if kind == "one":
            return [mark for line in lines for mark in line]
        return [_Lines(token.start, end, "lines", tuple((line,) for line in lines))]

    # ------------------------------------------------------------------------------------------------- scripts

    def scripts(self, base: Mark, stop: int) -> Mark:
        """A mark with the scripts that follow it."""
        below: list[Mark] | None = None
        above: list[Mark] | None = None
        primes, layers = 0, 0
        end = base.end
        while self.i < stop:
            token = self.tokens[self.i]
            kind = token.kind
            if kind == "command" and token.text in ("limits", "nolimits", "displaylimits"):
                self.look(token)
                self.i += 1
                continue
            if kind not in _SCRIPTS:
                break
            if kind == "'":
                self.i += 1
                primes += 1
            elif kind == "accent":
                self.i += 1
                base = _with_scripts(base, end, below, above, primes)
                below = above = None
                primes = 0
                base = Accented(base.start, token.end, token.text, (base,))
            else:
                lower = kind in ("_", "lowered")
                marks = self.script(stop)
                if not lower:
                    while marks and isinstance(marks[0], Operator) and marks[0].name == "prime":
                        primes += 1
                        marks = marks[1:]
                    if not marks:
                        end = self.tokens[self.i - 1].end
                        continue
                if (below if lower else above) is not None:
                    base = _with_scripts(base, end, below, above, primes)
                    below = above = None
                    primes = 0
                    layers += 1
                    if layers == MOST_SCRIPTS:
                        raise TooDeep(token.start)
                if lower:
                    below = marks
                else:
                    above = marks
            end = max(end, self.tokens[self.i - 1].end)
        return _with_scripts(base, end, below, above, primes)

    def script(self, stop: int) -> list[Mark]:
        """What one `_` or `^` raises or lowers."""
        mark = self.tokens[self.i]
        self.i += 1
        if mark.kind in ("raised", "lowered"):
            parser = _Parser([t._replace(start=mark.start, end=mark.end) for t in tokenize(mark.text)], self)
            marks = parser.row(len(parser.tokens))
            return _transposing(marks) if mark.kind == "raised" else marks
        kept, self.in_script = self.in_script, True
        try:
            if self.i >= stop or self.tokens[self.i].kind in ("&", "break", "close", "right", "}", "^", "_"):
                self.problem(mark, f"nothing stands behind {mark.kind}")
                return []
            token = self.tokens[self.i]
            following = self.tokens[self.i + 1] if self.i + 1 < stop else None
            if token.kind == "'":
                self.i += 1
                return [Operator(token.start, token.end, "prime")]
            if token.kind == "number":
                self.i += 1
                return [Number(token.start, token.end, token.text)]
            if (
                token.kind == "letter"
                and following
                and following.kind == "letter"
                and (run := self.run(stop, kept))
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
                self.i += 1
                sign = Operator(token.start, token.end, token.text)
                if following.kind == "number":
                    self.i += 1
                    return [sign, Number(following.start, following.end, following.text)]
                return [sign, *self.finished(self.base(stop))]
            self.depth += 1
            if self.depth > DEEPEST:
                raise TooDeep(token.start)
            marks = self.finished(self.base(stop))
            self.depth -= 1
            return marks if mark.kind == "_" else _transposing(marks)
        finally:
            self.in_script = kept

    def run(self, stop: int, nested: bool) -> Symbol | None:
        """A word meant as a whole behind `_`: `new` of w_new, and any word where scripts are already."""
        j = self.i
        while (
            j < stop
            and self.tokens[j].kind == "letter"
            and (j == self.i or self.tokens[j].start == self.tokens[j - 1].end)
        ):
            j += 1
        word = "".join(token.text for token in self.tokens[self.i : j])
        if not nested and word.lower() not in TAGS:
            return None
        first, last = self.tokens[self.i], self.tokens[j - 1]
        self.i = j
        return Symbol(first.start, last.end, word, "word")


# ------------------------------------------------------------------------------------------------ small helpers

_SCRIPTS = frozenset(["^", "_", "'", "raised", "lowered", "accent"])
_FRACTIONS = frozenset(["frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac", "flatfrac", "xfrac"])
_CHAR_OPERATORS = {
    "+": "+", "-": "-", "*": "*", "/": "/", "=": "=", "<": "<", ">": ">", "!": "!", ":": ":", "%": "%", "@": "*",
}  # fmt: skip
_TEXT_PIECES = re.compile(
    r"\$(?P<dollars>[^$]*)\$|\\\((?P<round>(?:(?!\\\)).)*)\\\)|(?:(?!\\\().)(?:(?!\$|\\\().)*", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class _Words(Text):
    """Words of which it is not yet known whether they are a name, and whether spaces set them off."""

    space_before: bool = False
    space_after: bool = False


@dataclass(frozen=True, slots=True)
class _Bar(Mark):
    """A bar of which it is not yet known whether it opens or closes."""

    name: str
    bar_end: int


def _clean(words: str) -> str:
    """The words of a \\\\text without what LaTeX needs around them."""
    words = re.sub(r"\\([_%$#&{} ])", r"\1", words)
    return " ".join(words.replace("~", " ").replace("{", "").replace("}", "").split())


def _is_name(words: str) -> bool:
    return (
        re.fullmatch(r"[^\W\d]\w*(?:-\w+)*\.?", words) is not None
        or re.fullmatch(r"\d+(?:\.\d+)?", words) is not None
    )


def _symbol(word: _Words) -> Mark:
    if word.words[0].isdigit():
        return Number(word.start, word.end, word.words)
    return Symbol(word.start, word.end, word.words.rstrip("."), "word")


def _is_relation(mark: Mark) -> bool:
    return isinstance(mark, Operator) and mark.name in _RELATION_NAMES


_RELATION_NAMES = frozenset(RELATIONS.values()) | {"="}


def _is_operand(mark: Mark) -> bool:
    return not isinstance(mark, (Operator, Separator, Text, Big, _Bar))


def _with_scripts(
    base: Mark, end: int, below: list[Mark] | None, above: list[Mark] | None, primes: int
) -> Mark:
    if below is None and above is None and not primes:
        return base
    if isinstance(base, Big) and not primes and not base.below and not base.above:
        return Big(base.start, end, base.name, tuple(below or ()), tuple(above or ()))
    if isinstance(base, _Words):
        base = _symbol(base) if _is_name(base.words) else Symbol(base.start, base.end, base.words, "word")
    if isinstance(base, _Bar):
        return _ScriptedBar(
            base.start, end, base.name, base.bar_end, tuple(below or ()), tuple(above or ()), primes
        )
    return Scripted(base.start, end, base, tuple(below or ()), tuple(above or ()), primes)


@dataclass(frozen=True, slots=True)
class _ScriptedBar(_Bar):
    """A bar with scripts, which belong to what it closes."""

    below: Row = ()
    above: Row = ()
    primes: int = 0


def _merged(inside: list[Mark], start: int, end: int) -> list[Mark]:
    """Letters set upright, as one word."""
    marks: list[Mark] = []
    for mark in inside:
        last = marks[-1] if marks else None
        if isinstance(last, Symbol) and last.style == "word" and isinstance(mark, (Symbol, Number)):
            added = mark.name if isinstance(mark, Symbol) else mark.text
            marks[-1] = Symbol(last.start, mark.end, last.name + added, "word")
        elif isinstance(mark, Symbol) and len(mark.name) == 1:
            marks.append(Symbol(mark.start, mark.end, mark.name, "word"))
        else:
            marks.append(mark)
    return marks


def _with_tags(marks: list[Mark]) -> list[Mark]:
    """A script's marks, with letters that spell a word such as `old` put together: w_{old}, w_{11new}."""
    put: list[Mark] = []
    k = 0
    while k < len(marks):
        j = k
        while j < len(marks) and _is_letter(marks[j]) and (j == k or marks[j].start == marks[j - 1].end):
            j += 1
        word = "".join(mark.name for mark in marks[k:j] if isinstance(mark, Symbol))
        if len(word) > 2 and word.lower() in TAGS:
            put.append(Symbol(marks[k].start, marks[j - 1].end, word, "word"))
            k = j
        else:
            put.extend(marks[k : max(j, k + 1)])
            k = max(j, k + 1)
    return put


def _is_letter(mark: Mark) -> bool:
    return isinstance(mark, Symbol) and len(mark.name) == 1 and not mark.style


def _transposing(marks: list[Mark]) -> list[Mark]:
    r"""An upright T in the exponent is the sign of the transpose, as \top is."""
    if len(marks) == 1 and isinstance(marks[0], Symbol) and marks[0].name == "T" and marks[0].style == "word":
        return [Operator(marks[0].start, marks[0].end, "transpose")]
    return marks


def _paired(marks: list[Mark]) -> list[Mark]:
    """Bars made into brackets, two by two, where there is an even number; otherwise each is an operator."""
    for name in ("||", "|"):
        bars = [k for k, mark in enumerate(marks) if isinstance(mark, _Bar) and mark.name == name]
        pairs = list(zip(bars[::2], bars[1::2], strict=False))
        if len(bars) % 2 or any(
            closing == opening + 1 or isinstance(marks[opening], _ScriptedBar) for opening, closing in pairs
        ):
            continue
        paired: list[Mark] = []
        done = 0
        for opening, closing in pairs:
            first, last, inside = marks[opening], marks[closing], tuple(marks[opening + 1 : closing])
            assert isinstance(last, _Bar)
            whole: Mark = Bracketed(first.start, last.bar_end, name, name, inside)
            if isinstance(last, _ScriptedBar):
                whole = Scripted(first.start, last.end, whole, last.below, last.above, last.primes)
            paired += [*marks[done:opening], whole]
            done = closing + 1
        marks = paired + marks[done:]
    return [_bare_bar(mark) for mark in marks]


def _bare_bar(mark: Mark) -> Mark:
    if isinstance(mark, _ScriptedBar):
        bar = Operator(mark.start, mark.bar_end, mark.name)
        return Scripted(mark.start, mark.end, bar, mark.below, mark.above, mark.primes)
    return Operator(mark.start, mark.end, mark.name) if isinstance(mark, _Bar) else mark


def _in_brackets(start: int, end: int, opening: str, closing: str, inside: list[Mark]) -> Mark:
    """A row in brackets; brackets around a matrix are its own, a single brace before a grid makes it cases."""
    if len(inside) == 1 and isinstance(inside[0], Grid):
        grid = inside[0]
        if opening == "{" and closing == ".":
            if type(grid) is _Lines and _is_system(grid):
                return _Lines(start, end, "lines", tuple((_row(cells),) for cells in grid.cells))
            return Grid(start, end, "cases", grid.cells)
        if grid.kind == "matrix" and opening in "([":
            return Grid(start, end, "matrix", grid.cells)
    return Bracketed(start, end, opening, closing, tuple(inside))


def _row(cells: Sequence[Row]) -> Row:
    return tuple(mark for cell in cells for mark in cell)


def _is_system(grid: Grid) -> bool:
    """Whether each row of a grid is an equation, not a value and when it holds."""
    if any(len(cells) > 3 for cells in grid.cells):
        return False
    for cells in grid.cells:
        first = cells[0]
        if not any(_is_equals(mark) for mark in first) and not (
            len(cells) > 1 and cells[1] and _is_equals(cells[1][0])
        ):
            return False
    return bool(grid.cells)


def _is_equals(mark: Mark) -> bool:
    return isinstance(mark, Operator) and mark.name in ("=", "approx", "equiv", "<-")


def _taken_apart(line: list[Mark]) -> list[list[Mark]]:
    """A line with aligned lines in it, as those lines."""
    lines: list[list[Mark]] = [[]]
    for mark in line:
        rows: list[Row] | None = None
        if type(mark) is _Lines:
            if mark.kind == "lines" or any(_is_relation(m) for cells in mark.cells for m in _row(cells)):
                rows = [_row(cells) for cells in mark.cells]
        elif isinstance(mark, Grid) and mark.kind == "cases" and all(len(cells) == 1 for cells in mark.cells):
            if _is_system(mark) and not any(_is_relation(m) for m in lines[-1]):
                rows = [cells[0] for cells in mark.cells]
        if rows is None:
            lines[-1].append(_settled(mark))
        else:
            for k, row in enumerate(rows):
                if k:
                    lines.append([])
                lines[-1].extend(row)
    return lines


def _settled(mark: Mark) -> Mark:
    return Grid(mark.start, mark.end, mark.kind, mark.cells) if type(mark) is _Lines else mark


def _joined(lines: list[Row]) -> list[Row]:
    """Lines put together where one only goes on with the other: it begins, or the other ends, with an operator."""
    joined: list[Row] = []
    for line in lines:
        if joined and (_goes_on(joined[-1][-1]) or _continues(line)):
            joined[-1] = joined[-1] + line
        else:
            joined.append(line)
    return joined


def _goes_on(mark: Mark) -> bool:
    return isinstance(mark, Operator) and mark.name in (
        "+",
        "-",
        "+-",
        "*",
        "/",
        "odot",
        "otimes",
        "circ",
        "=",
    )


def _continues(line: Row) -> bool:
    first = next((mark for mark in line if not isinstance(mark, Separator)), None)
    if not isinstance(first, Operator):
        return False
    if first.name == "-":
        return not any(_is_relation(mark) for mark in line)
    return first.name in ("+", "+-", "*", "/", "odot", "otimes", "circ")
