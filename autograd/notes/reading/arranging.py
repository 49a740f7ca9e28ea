"""What a row of marks becomes once all of it is there: bars in pairs, names, lines of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .layout import (
    Accented,
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
from .signs import FUNCTION_WORDS, RELATIONS, TAGS

__all__ = [
    "Bar", "ScriptedBar", "Words", "grid_of_array", "in_brackets", "is_name", "is_operand", "is_relation",
    "joined", "merged", "named", "paired", "summing", "taken_apart", "told", "transposing", "with_scripts",
    "with_tags", "without_styling",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words(Text):
    """Words of which it is not yet known whether they are a name, and whether spaces set them off."""

    space_before: bool = False
    space_after: bool = False


@dataclass(frozen=True, slots=True)
class Bar(Mark):
    """A bar of which it is not yet known whether it opens or closes."""

    name: str
    bar_end: int


@dataclass(frozen=True, slots=True)
class ScriptedBar(Bar):
    """A bar with scripts, which belong to what it closes: those of one place after another."""

    scripts: tuple[tuple[int, Row, Row, int], ...] = ()

    def given_to(self, base: Mark) -> Mark:
        """Something with these scripts."""
        for end, below, above, primes in self.scripts:
            base = Scripted(base.start, end, base, below, above, primes)
        return base


_STYLING = re.compile(
    r"\\(?:(?:text)?color(?:box)?\{[^{}]*\}|(?:f|m|frame|make)box\b|boxed\b|text[a-z]*\b|emph\b|(?:bf|it|rm)\b)"
)


def without_styling(words: str) -> str:
    r"""The words of a \text without what LaTeX needs around them: colours, frames, braces."""
    words = re.sub(r"\\([_%$#&{} ])", r"\1", _STYLING.sub(" ", words))
    return " ".join(words.replace("~", " ").replace("{", "").replace("}", "").split())


def is_name(words: str) -> bool:
    """Whether words are one word, or a number, and so can name something."""
    return re.fullmatch(r"\w+(?:-\w+)*\.?|\d+\.\d+|np\.sum", words) is not None and (
        words[0].isalpha() or words[0].isdecimal()
    )


def named(word: Words) -> Mark:
    """A word as the symbol, or the number, it stands for."""
    if word.words[0].isdigit():
        return Number(word.start, word.end, word.words)
    return Symbol(word.start, word.end, word.words.rstrip("."), "word")


def is_relation(mark: Mark) -> bool:
    """Whether a mark stands between two sides."""
    return isinstance(mark, Operator) and mark.name in _RELATION_NAMES


_RELATION_NAMES = frozenset(RELATIONS.values()) | {"="}


def is_operand(mark: Mark) -> bool:
    """Whether a mark can be added, multiplied, raised."""
    return not isinstance(mark, (Operator, Separator, Text, Big, Bar))


def with_scripts(
    base: Mark, end: int, below: list[Mark] | None, above: list[Mark] | None, primes: int
) -> Mark:
    """A mark with what was found below and above it."""
    if below is None and above is None and not primes:
        return base
    if isinstance(base, Big) and not primes and not base.below and not base.above:
        return Big(base.start, end, base.name, tuple(below or ()), tuple(above or ()))
    if isinstance(base, Words):
        base = named(base) if is_name(base.words) else Symbol(base.start, base.end, base.words, "word")
    if isinstance(base, Bar):
        before = base.scripts if isinstance(base, ScriptedBar) else ()
        scripts = (*before, (end, tuple(below or ()), tuple(above or ()), primes))
        return ScriptedBar(base.start, end, base.name, base.bar_end, scripts)
    return Scripted(base.start, end, base, tuple(below or ()), tuple(above or ()), primes)


def summing(marks: list[Mark]) -> list[Mark]:
    r"""A capital Sigma with bounds, or with the index of what follows, is a sum: \Sigma_j w_{ij} a_j."""
    if not any(_is_sigma(mark) for mark in marks[:-1]):
        return marks
    found: list[Mark] = []
    before: set[str] = set()  # the indices of this term so far: those of a matrix, as in x_i \Sigma_i x_i
    for place, mark in enumerate(marks):
        rest = marks[place + 1 :]
        if isinstance(mark, Scripted) and _is_sigma(mark) and any(map(_is_summed, rest[:1])):
            index = getattr(mark.below[0], "name", "") if len(mark.below) == 1 and not mark.above else ""
            after = {name for other in rest for name in _script_letters(other)}
            if any(_is_equals(part) for part in mark.below) or index in after - before:
                mark = Big(mark.start, mark.end, "sum", mark.below, mark.above)
        ends = is_relation(mark) or (isinstance(mark, Operator) and mark.name in ("+", "-"))
        before = set() if ends else before.union(_script_letters(mark))
        found.append(mark)
    return found


def _is_sigma(mark: Mark) -> bool:
    base = mark.base if isinstance(mark, Scripted) and mark.below and not mark.primes else None
    return isinstance(base, Symbol) and base.name == "Sigma" and not base.style


def _is_summed(mark: Mark) -> bool:
    return is_operand(mark) or isinstance(mark, Big)


def _script_letters(mark: Mark) -> Iterator[str]:
    """The letters in the scripts of a mark, and of what is in its brackets."""
    if isinstance(mark, Scripted):
        yield from (m.name for m in (*mark.below, *mark.above) if isinstance(m, Symbol))
        yield from _script_letters(mark.base)
    inside = (
        mark.inside if isinstance(mark, (Bracketed, Radical)) else
        (*mark.over, *mark.under) if isinstance(mark, Fraction) else
        mark.base if isinstance(mark, Accented) else ()
    )  # fmt: skip
    for inner in inside:
        yield from _script_letters(inner)


def merged(inside: list[Mark]) -> list[Mark]:
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


def with_tags(marks: list[Mark]) -> list[Mark]:
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


def transposing(marks: list[Mark]) -> list[Mark]:
    r"""An upright T in the exponent is the sign of the transpose, as \top is."""
    if len(marks) == 1 and isinstance(marks[0], Symbol) and marks[0].name == "T" and marks[0].style == "word":
        return [Operator(marks[0].start, marks[0].end, "transpose")]
    return marks


def paired(marks: list[Mark]) -> list[Mark]:
    """Bars made into brackets, two by two, where there is an even number; otherwise each is an operator."""
    marks = _doubled(marks)
    for name in ("||", "|"):
        bars = [k for k, mark in enumerate(marks) if isinstance(mark, Bar) and mark.name == name]
        pairs = list(zip(bars[::2], bars[1::2], strict=False))
        if len(bars) % 2 or any(
            closing == opening + 1 or isinstance(marks[opening], ScriptedBar) for opening, closing in pairs
        ):
            continue
        whole_row: list[Mark] = []
        done = 0
        for opening, closing in pairs:
            first, last, inside = marks[opening], marks[closing], tuple(paired(marks[opening + 1 : closing]))
            assert isinstance(last, Bar)
            whole: Mark = Bracketed(first.start, last.bar_end, name, name, inside)
            if isinstance(last, ScriptedBar):
                whole = last.given_to(whole)
            whole_row += [*marks[done:opening], whole]
            done = closing + 1
        marks = whole_row + marks[done:]
    return [_bare_bar(mark) for mark in marks]


def _doubled(marks: list[Mark]) -> list[Mark]:
    r"""`||x||` and `\|\|x\|\|`: bars that touch are one, but not the middle ones of `|a||b|`."""
    for name in ("||", "|"):
        runs: list[list[int]] = []
        for k, mark in enumerate(marks):
            if not isinstance(mark, Bar) or mark.name != name:
                continue
            if (
                runs
                and runs[-1][-1] == k - 1
                and type(marks[k - 1]) is Bar
                and marks[k - 1].end == mark.start
            ):
                runs[-1].append(k)
            else:
                runs.append([k])
        doubles = [
            pair for run in runs if len(run) % 2 == 0 for pair in zip(run[::2], run[1::2], strict=True)
        ]
        singles = sum(len(run) % 2 for run in runs)
        if not doubles or singles % 2 or (singles and len(doubles) % 2):
            continue
        for first, second in doubles:
            closing = marks[second]
            assert isinstance(closing, Bar)
            marks[second] = replace(closing, start=marks[first].start, name="||")
        dropped = {first for first, _ in doubles}
        marks = [mark for k, mark in enumerate(marks) if k not in dropped]
    return marks


def _bare_bar(mark: Mark) -> Mark:
    if isinstance(mark, ScriptedBar):
        return mark.given_to(Operator(mark.start, mark.bar_end, mark.name))
    return Operator(mark.start, mark.end, mark.name) if isinstance(mark, Bar) else mark


def in_brackets(start: int, end: int, opening: str, closing: str, inside: list[Mark]) -> Mark:
    """A row in brackets; those around a matrix are its own, a single brace before a grid makes it cases."""
    if len(inside) == 1 and isinstance(inside[0], Grid):
        grid = inside[0]
        if opening == "{" and closing == ".":
            return Grid(
                start, end, "lines" if grid.kind == "lines" and _is_system(grid) else "cases", grid.cells
            )
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


def grid_of_array(start: int, end: int, cells: tuple[tuple[Row, ...], ...]) -> Grid:
    """An array: lines if relations stand in it, as in an eqnarray, otherwise a matrix."""
    related = any(is_relation(mark) for row in cells for mark in _row(row))
    return Grid(start, end, "lines" if related else "matrix", cells)


def taken_apart(line: list[Mark]) -> list[list[Mark]]:
    """A line with aligned lines in it, as those lines; equations behind a brace are lines too."""
    lines: list[list[Mark]] = [[]]
    for mark in line:
        if isinstance(mark, Grid) and (
            mark.kind == "lines"
            or (
                mark.kind == "cases"
                and all(len(cells) == 1 for cells in mark.cells)
                and _is_system(mark)
                and not any(is_relation(before) for before in lines[-1])
            )
        ):
            for k, cells in enumerate(mark.cells):
                if k:
                    lines.append([])
                lines[-1].extend(_row(cells))
        else:
            lines[-1].append(mark)
    return lines


def joined(lines: list[Row]) -> list[Row]:
    """Lines put together where one goes on with the other: it begins, or the other ends, with an operator."""
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
        return not any(is_relation(mark) for mark in line)
    return first.name in ("+", "+-", "*", "/", "odot", "otimes", "circ")


def told(marks: Sequence[Mark], k: int, in_script: bool) -> Mark:
    r"""What a word of \text is: a symbol where a name can stand, or just a word."""
    word = marks[k]
    assert isinstance(word, Words)
    before = marks[k - 1] if k else None
    after = marks[k + 1] if k + 1 < len(marks) else None
    if not is_name(word.words):
        return Text(word.start, word.end, word.words)
    if not in_script:
        set_off = isinstance(before, Separator) or (isinstance(before, Operator) and before.name == "dots")
        called = isinstance(after, Bracketed) and after.start == word.end and not word.space_after
        if (
            word.words.lower().rstrip(".") in FUNCTION_WORDS
            or (set_off and not (after and (is_relation(after) or called)))
            or (word.space_before and before and is_operand(before))
            or (word.space_after and after and is_operand(after) and not isinstance(after, Bracketed))
        ):
            return Text(word.start, word.end, word.words)
    return named(word)
