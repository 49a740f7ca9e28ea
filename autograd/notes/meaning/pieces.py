"""A line of a formula cut in pieces: at commas and wide spaces, at words between equations, at remarks."""

from __future__ import annotations

from collections.abc import Sequence

from ..reading.layout import (
    Bracketed,
    Fraction,
    Mark,
    Number,
    Operator,
    Row,
    Scripted,
    Separator,
    Symbol,
    Text,
)
from .names import base_of

__all__ = [
    "AND", "EQUAL", "OTHERS", "compares", "has_relation", "is_arrow", "is_remark", "is_sign", "is_word",
    "pieces_of", "without_aside",
]  # fmt: skip

EQUAL = {"=", "approx", "equiv", "<-", "propto"}
OTHERS = {"!=", "<", ">", "<=", ">=", "in"}
_ARROWS = {"->", "=>", "therefore", "because"}
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


def pieces_of(line: Row) -> list[tuple[list[Mark], str]]:
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
                goes_on = compares(_up_to_comma(after)) and has_relation(piece)
                if _complete(piece) and (has_relation(after) or goes_on) and not _begins_with_relation(after):
                    finish()
            case Operator(name=":") if compares(piece) and _is_between_equations(piece, marks[place + 1 :]):
                finish()  # x > 0: f' = 1
            case Operator(name=name) if (
                name in _ARROWS and has_relation(piece) and _complete(piece)
                and has_relation(_up_to_comma(marks[place + 1 :]))
            ):  # fmt: skip
                finish()  # one equation, and what follows from it
            case Separator() | Operator(name="dots" | "down" | "up" | "..."):
                continue
            case Bracketed() if piece and _is_of_an_indicator(piece[-1], mark):
                piece.append(mark)
            case Bracketed() if (_complete(piece) or (pieces and not piece)) and _is_condition(mark):
                finish()
                pieces.append((list(mark.inside), "if"))
            case Bracketed(inside=(_, Operator(name="in"), *_)) if place and isinstance(
                marks[place - 1], Separator
            ):
                finish()
                pieces.append((list(mark.inside), ""))  # z = W x \quad (W \in R^{3 x 2})
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
    for place in [p for p, mark in enumerate(marks) if is_sign(mark, ":")][::-1]:
        after = place + 1
        while after < len(marks) and _is_word_or_text(marks[after]):
            after += 1
        if after == len(marks) or (after > place + 1 and isinstance(marks[after], Separator)):
            del marks[place:after]
    return marks


def _is_word_or_text(mark: Mark) -> bool:
    return isinstance(mark, Text) or is_word([mark])


def _is_between_equations(piece: Sequence[Mark], after: Sequence[Mark]) -> bool:
    """Whether a word, of whatever language, stands between two equations, and cuts them."""
    after = _up_to_comma(after)
    first = next((m for m in after if not isinstance(m, Separator)), None)
    begins = first is not None and (not isinstance(first, Operator) or first.name == "-")
    return (
        _complete(piece)
        and (has_relation(piece) or compares(piece))
        and begins
        and (has_relation(after) or compares(after))
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
    return is_sign(sign, "!=") or (is_sign(sign, "=") and of_indices)


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
    return is_sign(mark.inside[1], *EQUAL, *OTHERS) and any(
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

    def operates(mark: Mark | None) -> bool:
        return isinstance(mark, Operator) and mark.name not in _ARROWS | {"dots", "down", "up"}

    before = marks[place - 1] if place else None
    after = marks[place + 1] if place + 1 < len(marks) else None
    if operates(after):
        return before is None or isinstance(before, (Operator, Text))
    return operates(before) and not (isinstance(before, Operator) and before.name == "<-") and (
        after is None or isinstance(after, Operator)
    )  # fmt: skip


def _complete(piece: Sequence[Mark]) -> bool:
    return bool(piece) and not isinstance(piece[-1], Operator)


def has_relation(marks: Sequence[Mark]) -> bool:
    """Whether there is a sign of equality."""
    return any(isinstance(m, Operator) and m.name in EQUAL for m in marks)


def compares(marks: Sequence[Mark]) -> bool:
    """Whether there is another relation: of order, or of membership."""
    return any(isinstance(m, Operator) and m.name in OTHERS for m in marks)


def _begins_with_relation(marks: Sequence[Mark]) -> bool:
    first = next((m for m in marks if not isinstance(m, Separator)), None)
    return isinstance(first, Operator) and first.name in EQUAL | OTHERS


def is_remark(mark: Mark) -> bool:
    """A bracket with words or a path in it: (let), [w -> O -> loss]."""
    if not isinstance(mark, Bracketed) or not mark.inside:
        return False
    return any(map(is_arrow, mark.inside)) or all(
        isinstance(m, (Text, Separator)) or (isinstance(m, Symbol) and m.style == "word" and len(m.name) > 2)
        for m in mark.inside
    )


def without_aside(mark: Mark) -> Sequence[Mark]:
    """What stands in a bracket in which an equation goes on, dL/dz = a - y (= delta); or the mark."""
    if isinstance(mark, Bracketed) and mark.opening in ("(", "[") and _begins_with_relation(mark.inside):
        return mark.inside
    return (mark,)


def is_arrow(mark: Mark) -> bool:
    """Whether it is an arrow, or a word for one."""
    return isinstance(mark, Operator) and mark.name in _ARROWS


def is_sign(mark: Mark, *names: str) -> bool:
    """Whether it is one of these signs."""
    return isinstance(mark, Operator) and mark.name in names


def is_word(marks: Sequence[Mark]) -> bool:
    """Whether it is a word, and nothing else."""
    return len(marks) == 1 and isinstance(marks[0], Symbol) and len(marks[0].name) > 2
