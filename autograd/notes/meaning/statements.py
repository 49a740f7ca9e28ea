"""What a formula equates: sides with relations between them, words and arrows left out.

One display may hold several statements (`w' = ..., b' = ...`), go on from the one before it (`= ...`), or
break off in the middle of a product and go on in the next.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..reading.layout import (
    Big,
    Bracketed,
    Fraction,
    Grid,
    Mark,
    Number,
    Operator,
    Row,
    Scripted,
    Separator,
    Symbol,
    Text,
)
from .errors import NotUnderstood
from .grammar import parsed
from .names import base_of, spelled
from .rows import order_of
from .syntax import Node, Placeholder, walk
from .vocabulary import FUNCTIONS, Vocabulary, distribution_of, rows_of

__all__ = ["AND", "EQUAL", "Side", "Statement", "statements_of"]

EQUAL = {"=", "approx", "equiv", "<-", "propto"}
OTHERS = {"!=", "<", ">", "<=", ">=", "in"}
_ARROWS = {"->", "=>", "therefore", "because"}
_FUNCTIONS = FUNCTIONS | {"sigma", "phi", "varphi", "psi", "f", "g", "h"}
_OR = {"or", "or equivalently", "oder", "o", "ou", "或", "or,", "i.e.", "that is"}
AND = {
    "and", "y", "e", "und", "et", "i", "og", "och", "en", "és", "ve", "dan", "và", "и", "και",
    "且", "并且", "和", "与", "以及", "及び", "および", "かつ", "및", "그리고",
}  # fmt: skip
_OTHERWISE = {"otherwise", "else", "sonst", "sinon", "en otro caso", "altrimenti", "caso contrário"}
_FOR = {
    "where", "with", "for", "if", "when", "whenever", "für", "wenn", "falls", "wobei", "donde", "con", "para",
    "si", "dove", "per", "se", "où", "avec", "pour",
}  # fmt: skip
"""Words before a condition, or before what something in the equation is."""
_ITEM = {"text": {"1", "2", "3", "4", "5", "6", "7", "8", "9"}}


@dataclass(slots=True)
class Side:
    """One side of an equation: its marks, and the tree they were read as or why they could not be.

    vanishing   what goes to 0 in the tree: h of a limit, whose sign is left out
    """

    row: Row
    node: Node | None = None
    problem: NotUnderstood | None = None
    vanishing: Node | None = None

    @property
    def start(self) -> int:
        """Where it begins in the formula."""
        return self.row[0].start if self.row else 0

    @property
    def end(self) -> int:
        """Where it ends in the formula."""
        return self.row[-1].end if self.row else 0

    def read(self, vocabulary: Vocabulary) -> None:
        """Parse it; of a limit, what stands behind the sign, and what goes to 0 in it."""
        below = _limit_of(self.row)
        try:
            self.vanishing = parsed(below, vocabulary) if below else None
            self.node = parsed(self.row[1:] if below else self.row, vocabulary)
        except NotUnderstood as problem:
            self.problem = problem
        except RecursionError:
            self.problem = NotUnderstood("it nests too deep")

    @property
    def breaks_off(self) -> bool:
        """Whether it ends in a multiplication sign, to go on in the next display."""
        return self.node is not None and any(isinstance(x, Placeholder) for x in walk(self.node))


@dataclass(slots=True)
class Statement:
    """Sides that are said to be equal; `goes_on` with the statement before it, whose left side is meant."""

    sides: list[Side]
    relations: list[str]
    goes_on: bool = False
    words: str = ""
    comparisons: bool = False
    shown: list[Side] = field(default_factory=list)


def statements_of(line: Row, vocabulary: Vocabulary) -> list[Statement]:
    """The statements in one line of a formula, in order."""
    found: list[Statement] = []
    if all(map(_is_bare_sign, line)):
        return found  # a sign that the text speaks of
    for piece, words in _pieces(line):
        statement = _statement(piece, words, vocabulary)
        if statement is not None:
            for side in statement.sides:
                side.read(vocabulary)
            found.append(statement)
    return found


def _limit_of(row: Row) -> Row:
    r"""The h of a \lim_{h \to 0} in front, or nothing."""
    if len(row) < 2 or not isinstance(sign := row[0], Scripted) or getattr(sign.base, "name", "") != "lim":
        return ()
    arrow = next((p for p, m in enumerate(sign.below) if isinstance(m, Operator) and m.name == "->"), 0)
    to = sign.below[arrow + 1 :]
    goes_to_0 = to and isinstance(mark := to[0], (Number, Scripted)) and getattr(mark, "text", "0") == "0"
    return sign.below[:arrow] if goes_to_0 else ()


def _is_bare_sign(mark: Mark) -> bool:
    r"""Whether it is a sign without what it is applied to: \odot, \sum_k, \nabla_w, d/dx."""
    if isinstance(mark, Fraction):
        return len(mark.over) == 1 and order_of(mark.over) is not None and order_of(mark.under) is not None
    base = mark.base if isinstance(mark, Scripted) else mark
    return isinstance(mark, (Operator, Separator, Big)) or getattr(base, "name", "") in ("partial", "nabla")


def _pieces(line: Row) -> list[tuple[list[Mark], str]]:
    """The line cut at commas and wide spaces; words left out but remembered."""
    pieces: list[tuple[list[Mark], str]] = []
    piece: list[Mark] = []
    words: list[str] = []

    def finish() -> None:
        nonlocal piece, words
        if piece:
            pieces.append((piece, " ".join(words)))
            words = []
        piece = []

    marks = _without_descriptions(line)
    for place, mark in enumerate(marks):
        match mark:
            case Separator(name="." | "dots"):
                continue
            case Separator(name="," | ";"):
                finish()
            case Separator(name="quad"):
                after = marks[place + 1 :]
                compares = _compares(_up_to_comma(after)) and _has_relation(piece)
                if (
                    _complete(piece)
                    and (_has_relation(after) or compares)
                    and not _begins_with_relation(after)
                ):
                    finish()
            case Operator(name=":") if _compares(piece) and _is_between_equations(piece, marks[place + 1 :]):
                finish()  # x > 0: f' = 1
            case Operator(name=name) if (
                name in _ARROWS and _has_relation(piece) and _complete(piece)
                and _has_relation(_up_to_comma(marks[place + 1 :]))
            ):  # fmt: skip
                finish()  # one equation, and what follows from it
            case Separator() | Operator(name="dots" | "down" | "up" | "..."):
                continue
            case Bracketed() if piece and _is_of_an_indicator(piece[-1], mark):
                piece.append(mark)
            case Bracketed() if (_complete(piece) or (pieces and not piece)) and _is_condition(mark):
                finish()
                pieces.append((list(mark.inside), "if"))
            case Bracketed() if _complete(piece) and _is_of_an_index(mark, piece):
                words.append("for")
            case Text(words=said):
                plain = said.strip().strip(":.()").strip().lower()
                if plain in _OR and _complete(piece):
                    piece.append(Operator(mark.start, mark.end, "="))
                elif plain in _OTHERWISE and _complete(piece):
                    words.append(plain)
                    finish()
                elif plain in AND or plain.split(" ")[0] in _FOR:
                    finish()
                    words.append(said.strip())
                elif _is_operand(marks, place):
                    piece.append(mark)
                else:
                    if _is_between_equations(piece, marks[place + 1 :]):
                        finish()
                    words.append(said.strip())
            case Symbol(name="forall"):
                finish()
                words.append("for all")
            case Symbol(name=said, style="word") if (
                said.lower() in AND or not said.isascii()
            ) and _is_between_equations(piece, marks[place + 1 :]):
                finish()
                words.append(said)
            case Symbol(name=said, style="word") if _is_remark_behind(marks, place):
                words.append(said)
            case _:
                piece.append(mark)
    finish()
    return pieces


def _without_descriptions(line: Row) -> list[Mark]:
    r"""A line without what a colon says in words of the name before it: h: \text{hidden layer}."""
    marks = list(line)
    for place in [p for p, mark in enumerate(marks) if _is_sign(mark, ":")][::-1]:
        after = place + 1
        while after < len(marks) and _is_word_or_text(marks[after]):
            after += 1
        if after == len(marks) or (after > place + 1 and isinstance(marks[after], Separator)):
            del marks[place:after]
    return marks


def _is_word_or_text(mark: Mark) -> bool:
    return isinstance(mark, Text) or _is_word([mark])


def _is_between_equations(piece: Sequence[Mark], after: Sequence[Mark]) -> bool:
    """Whether a word, of whatever language, stands between two equations, and cuts them."""
    after = _up_to_comma(after)
    first = next((m for m in after if not isinstance(m, Separator)), None)
    begins = first is not None and (not isinstance(first, Operator) or first.name == "-")
    return (
        _complete(piece)
        and (_has_relation(piece) or _compares(piece))
        and begins
        and (_has_relation(after) or _compares(after))
    )


def _up_to_comma(marks: Sequence[Mark]) -> Sequence[Mark]:
    end = next((p for p, m in enumerate(marks) if isinstance(m, Separator) and m.name in (",", ";")), None)
    return marks[:end]


def _is_condition(mark: Bracketed) -> bool:
    """(i != j) behind a formula, (i = j)."""
    if len(mark.inside) != 3:
        return False
    a, sign, b = mark.inside
    of_indices = all(isinstance(m, Symbol) and len(m.name) == 1 and m.name in "ijklmnpqrst" for m in (a, b))
    return _is_sign(sign, "!=") or (_is_sign(sign, "=") and of_indices)


def _is_of_an_indicator(sign: Mark, mark: Bracketed) -> bool:
    """1[i = j], I(y = 1): what is in the bracket belongs to the sign close before it."""
    one = isinstance(sign, Number) and sign.text == "1"
    return sign.end == mark.start and (
        one or base_of(sign) in ("I", "chi", "delta", "bb I", "bb 1", "mathbb 1")
    )


def _is_of_an_index(mark: Bracketed, piece: Sequence[Mark]) -> bool:
    """(i = j), (i = 1, 2, ..., n) behind a formula that has an index i."""
    if len(mark.inside) < 3 or not isinstance(letter := mark.inside[0], Symbol):
        return False
    scripts = (m for x in piece for row in _scripts(x) for m in row)
    return _is_sign(mark.inside[1], *EQUAL, *OTHERS) and any(
        getattr(m, "name", "") == letter.name for m in scripts
    )


def _scripts(mark: Mark) -> list[Row]:
    """The scripts in a mark, whatever it is in."""
    if isinstance(mark, Scripted):
        return [mark.below, mark.above, *_scripts(mark.base)]
    rows = (mark.over, mark.under) if isinstance(mark, Fraction) else (getattr(mark, "inside", ()),)
    return [script for row in rows for m in row for script in _scripts(m)]


def _is_remark_behind(marks: Sequence[Mark], place: int) -> bool:
    """Whether from here on there are only words, set off from the formula by a space or dots."""
    before = marks[place - 1] if place else None
    apart = isinstance(before, Separator) or (isinstance(before, Operator) and before.name == "dots")
    return apart and all(
        isinstance(m, (Text, Separator)) or (isinstance(m, Symbol) and m.style == "word")
        for m in marks[place:]
    )


def _is_operand(marks: Sequence[Mark], place: int) -> bool:
    """Whether a text stands where a quantity should: at a relation or an operator, and nowhere else."""

    def is_sign(mark: Mark | None) -> bool:
        return isinstance(mark, Operator) and mark.name not in _ARROWS | {"dots", "down", "up"}

    before = marks[place - 1] if place else None
    after = marks[place + 1] if place + 1 < len(marks) else None
    if is_sign(after):
        return before is None or isinstance(before, (Operator, Text))
    return is_sign(before) and not (isinstance(before, Operator) and before.name == "<-") and (
        after is None or isinstance(after, Operator)
    )  # fmt: skip


def _complete(piece: Sequence[Mark]) -> bool:
    return bool(piece) and not isinstance(piece[-1], Operator)


def _has_relation(marks: Sequence[Mark]) -> bool:
    return any(isinstance(m, Operator) and m.name in EQUAL for m in marks)


def _compares(marks: Sequence[Mark]) -> bool:
    return any(isinstance(m, Operator) and m.name in OTHERS for m in marks)


def _begins_with_relation(marks: Sequence[Mark]) -> bool:
    first = next((m for m in marks if not isinstance(m, Separator)), None)
    return isinstance(first, Operator) and first.name in EQUAL | OTHERS


def _is_remark(mark: Mark) -> bool:
    """A bracket with words or a path in it: (let), [w -> O -> loss]."""
    if not isinstance(mark, Bracketed) or not mark.inside:
        return False
    return any(map(_is_arrow, mark.inside)) or all(
        isinstance(m, (Text, Separator)) or (isinstance(m, Symbol) and m.style == "word" and len(m.name) > 2)
        for m in mark.inside
    )


def _without_aside(mark: Mark) -> Sequence[Mark]:
    """What stands in a bracket in which an equation goes on, dL/dz = a - y (= delta); or the mark."""
    if isinstance(mark, Bracketed) and mark.opening in ("(", "[") and _begins_with_relation(mark.inside):
        return mark.inside
    return (mark,)


def _is_arrow(mark: Mark) -> bool:
    return isinstance(mark, Operator) and mark.name in _ARROWS


def _statement(piece: Sequence[Mark], words: str, vocabulary: Vocabulary) -> Statement | None:
    marks = [
        m
        for before, m in zip([None, *piece], piece, strict=False)
        if not _is_remark(m)
        or (before is not None and before.end == m.start and base_of(before) in _FUNCTIONS)
    ]  # sigma(net) is no remark
    marks = [inner for mark in marks for inner in _without_aside(mark)]
    while marks and (_is_arrow(marks[0]) or _is_item(marks)):
        marks = marks[2 if _is_item(marks) else 1 :]
    if len(marks) > 2 and _is_arrow(marks[1]) and _is_step(marks):
        marks[1] = Operator(marks[1].start, marks[1].end, "<-")
    marks = _in_full(marks)
    if any(_is_sign(m, ":") for m in marks[1:]) and not _has_relation(marks) and not _compares(marks):
        return None  # f: R^n -> R, W: n x m is what kind of thing it is
    cut = next((p for p, mark in enumerate(marks) if _is_arrow(mark)), None)
    if cut is not None:
        after = marks[cut + 1 :]
        if _has_relation(marks[:cut]) or not _has_relation(after):
            marks = marks[:cut]  # what an arrow points at is a remark
    arrow = next((p for p, m in enumerate(marks) if isinstance(m, Operator) and m.name == "<-"), None)
    if arrow is not None and (
        arrow != 1 or isinstance(marks[0], Fraction) or len(marks) == 2 or _is_word(marks[2:])
    ):
        marks = marks[:arrow]
    if not marks:
        return None
    sides: list[Side] = []
    relations: list[str] = []
    row: list[Mark] = []
    goes_on = comparisons = False
    for mark in marks:
        if isinstance(mark, Operator) and mark.name in EQUAL | OTHERS:
            comparisons |= mark.name in OTHERS
            if row or not sides:
                if row:
                    sides.append(Side(tuple(row)))
                    relations.append(mark.name)
                else:
                    goes_on = True
                    relations.append(mark.name)
            row = []
        else:
            row.append(mark)
    if row:
        sides.append(Side(tuple(row)))
    elif relations and not goes_on:
        relations.pop()
    while len(sides) > 1 and _is_sketch(sides[-1].row):
        sides.pop()  # what is only hinted at claims nothing that could be checked
        relations.pop()
    if not sides or _is_sketch(sides[0].row):
        return None
    if _is_list(sides[-1].row) and all(spelled(m) for side in sides[:-1] for m in side.row):
        return None  # what something is made of is no claim
    if any(isinstance(mark, Operator) and mark.name == "sim" for mark in marks):
        return None  # how it is distributed is none either
    if not comparisons:
        sides, relations = _without_probabilities(sides, relations, goes_on, vocabulary)
    return Statement(sides, relations, goes_on, words, comparisons)


def _in_full(marks: list[Mark]) -> list[Mark]:
    """`w <- w - (a + b)` for `w -= a + b`."""
    place = next((p for p, mark in enumerate(marks) if isinstance(mark, Operator)), 0)
    name, rest = marks[:place], marks[place + 2 :]
    if not name or not rest or not _is_sign(marks[place], "+", "-") or not _is_sign(marks[place + 1], "="):
        return marks
    sign, equal = marks[place : place + 2]
    end = next((p for p, m in enumerate(rest) if _is_sign(m, *EQUAL)), len(rest))
    step = Bracketed(rest[0].start, rest[end - 1].end, "(", "(", tuple(rest[:end]))
    again = [replace(mark, start=sign.start, end=sign.start) for mark in name]
    return [*name, Operator(equal.start, equal.end, "<-"), *again, sign, step, *rest[end:]]


def _is_sign(mark: Mark, *names: str) -> bool:
    return isinstance(mark, Operator) and mark.name in names


def _is_sketch(row: Row) -> bool:
    r"""Whether it is a matrix or a vector with dots in it, which stand for most of it."""
    if len(row) != 1:
        return False
    grid = row[0].base if isinstance(row[0], Scripted) else row[0]
    if not isinstance(grid, Grid) or grid.kind != "matrix":
        return False
    marks = (mark for line in grid.cells for cell in line for mark in cell)
    return any(_is_sign(mark, "dots") for mark in marks)


def _is_list(row: Row) -> bool:
    r"""Whether it is a set, \{(x_i, y_i)\}, or a vector of which not all is written, (x_1, \dots, x_n)."""
    if len(row) != 1:
        return False
    bracket = row[0].base if isinstance(row[0], Scripted) else row[0]
    if not isinstance(bracket, Bracketed) or bracket.opening not in ("{", "(", "["):
        return False
    inside = bracket.inside
    if bracket.opening == "{" and len(inside) == 1 and isinstance(inside[0], Bracketed):
        inside = inside[0].inside
    commas = any(isinstance(m, Separator) and m.name in (",", ";") for m in inside)
    return commas and (bracket.opening == "{" or any(getattr(m, "name", "") == "dots" for m in inside))


def _without_probabilities(
    sides: list[Side], relations: list[str], goes_on: bool, vocabulary: Vocabulary
) -> tuple[list[Side], list[str]]:
    r"""The sides without p(y \mid x), of which no more is said: it is only a name of the side beside it."""
    before = relations if goes_on else ["", *relations]
    kept = [
        (side, sign)
        for side, sign in zip(sides, before, strict=False)
        if not _has_unknown_probability(side.row, vocabulary)
    ]
    if not kept or len(kept) == len(sides):
        return sides, relations
    return [side for side, _ in kept], [sign for _, sign in kept][0 if goes_on else 1 :]


def _has_unknown_probability(row: Row, vocabulary: Vocabulary) -> bool:
    """Whether a conditional probability is in it that the notes do not set equal to anything."""
    for inner in rows_of(row):
        for pair in itertools.pairwise(inner):
            found = distribution_of(*pair)
            if found and found not in vocabulary.distributions:
                return True
    return False


def _is_step(marks: Sequence[Mark]) -> bool:
    r"""`b \to b - \eta \delta`: an arrow for an assignment."""
    name, after = spelled(marks[0]), spelled(marks[2])
    is_diagram = any(map(_is_arrow, marks[3:]))  # a^0 -> a^1 -> a^2
    return (
        name is not None
        and after is not None
        and name.base == after.base
        and len(marks) > 3
        and not is_diagram
    )


def _is_word(marks: Sequence[Mark]) -> bool:
    return len(marks) == 1 and isinstance(marks[0], Symbol) and len(marks[0].name) > 2


def _is_item(marks: Sequence[Mark]) -> bool:
    """`1)` in front."""
    if len(marks) < 2 or not isinstance(marks[0], (Number, Symbol)):
        return False
    label = getattr(marks[0], "text", "") or getattr(marks[0], "name", "")
    after = marks[1]
    return len(label) == 1 and isinstance(after, Operator) and after.name == ")"
