"""What a formula equates: sides with relations between them, words and arrows left out.

One display may hold several statements (`w' = ..., b' = ...`), go on from the one before it (`= ...`), or
break off in the middle of a product and go on in the next.
"""

from __future__ import annotations

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
)
from .distributions import distribution_of
from .errors import NotUnderstood
from .grammar import parsed
from .names import base_of, spelled
from .pieces import (
    EQUAL,
    OTHERS,
    compares,
    has_relation,
    is_arrow,
    is_remark,
    is_sign,
    is_word,
    pieces_of,
    without_aside,
)
from .rows import order_of
from .syntax import Apply, Key, Name, Node, Placeholder, Sum, mapped, walk
from .vocabulary import FUNCTIONS, Vocabulary, rows_of

__all__ = ["Side", "Statement", "statements_of"]

_CALLED = FUNCTIONS | {"sigma", "phi", "varphi", "psi", "f", "g", "h"}
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
    for piece, words in pieces_of(line):
        statement = _statement(piece, words, vocabulary)
        if statement is not None:
            for side in statement.sides:
                side.read(vocabulary)
            _name_log_probabilities(statement, vocabulary)
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


def _statement(piece: Sequence[Mark], words: str, vocabulary: Vocabulary) -> Statement | None:
    marks = [
        m
        for before, m in zip([None, *piece], piece, strict=False)
        if not is_remark(m) or (before is not None and before.end == m.start and base_of(before) in _CALLED)
    ]  # sigma(net) is no remark
    marks = [inner for mark in marks for inner in without_aside(mark)]
    while marks and (is_arrow(marks[0]) or _is_item(marks)):
        marks = marks[2 if _is_item(marks) else 1 :]
    if len(marks) > 2 and is_arrow(marks[1]) and _is_step(marks):
        marks[1] = Operator(marks[1].start, marks[1].end, "<-")
    marks = _in_full(marks)
    if any(is_sign(m, ":") for m in marks[1:]) and not has_relation(marks) and not compares(marks):
        return None  # f: R^n -> R, W: n x m is what kind of thing it is
    cut = next((p for p, mark in enumerate(marks) if is_arrow(mark)), None)
    if cut is not None:
        after = marks[cut + 1 :]
        if has_relation(marks[:cut]) or not has_relation(after):
            marks = marks[:cut]  # what an arrow points at is a remark
    arrow = next((p for p, m in enumerate(marks) if isinstance(m, Operator) and m.name == "<-"), None)
    if arrow is not None and (
        arrow != 1 or isinstance(marks[0], Fraction) or len(marks) == 2 or is_word(marks[2:])
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
    if not name or not rest or not is_sign(marks[place], "+", "-") or not is_sign(marks[place + 1], "="):
        return marks
    sign, equal = marks[place : place + 2]
    end = next((p for p, m in enumerate(rest) if is_sign(m, *EQUAL)), len(rest))
    step = Bracketed(rest[0].start, rest[end - 1].end, "(", "(", tuple(rest[:end]))
    again = [replace(mark, start=sign.start, end=sign.start) for mark in name]
    return [*name, Operator(equal.start, equal.end, "<-"), *again, sign, step, *rest[end:]]


def _is_sketch(row: Row) -> bool:
    r"""Whether it is a matrix or a vector with dots in it, which stand for most of it."""
    if len(row) != 1:
        return False
    grid = row[0].base if isinstance(row[0], Scripted) else row[0]
    if not isinstance(grid, Grid) or grid.kind != "matrix":
        return False
    marks = (mark for line in grid.cells for cell in line for mark in cell)
    return any(is_sign(mark, "dots") for mark in marks)


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


def _name_log_probabilities(statement: Statement, vocabulary: Vocabulary) -> None:
    r"""Make names of \log p(y \mid x) where it stands on a left side; `-\log p = E` says that it is -E."""
    if not any(said[0] == "log" for said in vocabulary.distributions):
        return

    def change(x: Node) -> Node:
        match x:
            case Apply(name=Name(key=Key(base="log" | "ln")), arguments=(Apply(name=of) as inner,)) if (
                of.key.base.endswith("|") and all(isinstance(y, Name) for y in inner.arguments)
            ):
                first, *given = (y.key for y in inner.arguments)  # type: ignore[attr-defined]
                said = (of.key.base[:-1], *(key.base for key in (first, *given)))
                if said not in vocabulary.distributions:
                    return Name(x.start, x.end, first._replace(base=f"log {'|'.join(said)}"))
        return mapped(x, change)

    for side in statement.sides:
        side.node = change(side.node) if side.node is not None else None
    head = statement.sides[0].node
    name = head.terms[0] if isinstance(head, Sum) and head.signs == (-1,) else None
    if isinstance(name, Name) and name.key.base.startswith("log ") and statement.relations:
        statement.sides[0].node = name
        for side in statement.sides[1:]:
            side.node = side.node and Sum(side.start, side.end, (side.node,), (-1,))


def _without_probabilities(
    sides: list[Side], relations: list[str], goes_on: bool, vocabulary: Vocabulary
) -> tuple[list[Side], list[str]]:
    r"""The sides without p(y \mid x), of which no more is said: it is only a name of the side beside it."""
    if any(order_of(row) or _is_derivative(row) for side in sides for row in rows_of(side.row)):
        return sides, relations  # of slopes it is more than a name
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
        for before, *pair in zip((None, *inner), inner, inner[1:], strict=False):
            found = distribution_of(*pair)
            logarithm = ("log", *found) if before is not None and base_of(before) in ("log", "ln") else found
            if found and not {found, logarithm} & vocabulary.distributions:
                return True
    return False


def _is_derivative(row: Row) -> bool:
    return any(isinstance(m, Scripted) and getattr(m.base, "name", "") == "nabla" for m in row)


def _is_step(marks: Sequence[Mark]) -> bool:
    r"""`b \to b - \eta \delta`: an arrow for an assignment."""
    name, after = spelled(marks[0]), spelled(marks[2])
    is_diagram = any(map(is_arrow, marks[3:]))  # a^0 -> a^1 -> a^2
    return (
        name is not None
        and after is not None
        and name.base == after.base
        and len(marks) > 3
        and not is_diagram
    )


def _is_item(marks: Sequence[Mark]) -> bool:
    """`1)` in front."""
    if len(marks) < 2 or not isinstance(marks[0], (Number, Symbol)):
        return False
    label = getattr(marks[0], "text", "") or getattr(marks[0], "name", "")
    after = marks[1]
    return len(label) == 1 and isinstance(after, Operator) and after.name == ")"
