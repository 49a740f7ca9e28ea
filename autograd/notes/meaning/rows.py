"""Rows of marks: words typed letter by letter, what stands between commas, what a row begins with."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from ..reading.layout import Bracketed, Mark, Number, Operator, Row, Scripted, Separator, Symbol, Text
from .remembered import once_for_each

__all__ = [
    "are_close",
    "described",
    "has_relation",
    "is_any",
    "is_given",
    "is_ones",
    "opens_bracket",
    "order_of",
    "split",
    "split_at_bars",
    "with_words",
    "without_commas",
]

WORDS = (
    "softmax",
    "sigmoid",
    "target",
    "output",
    "logits",
    "loss",
    "Loss",
    "cost",
    "Cost",
    "error",
    "pred",
    "ReLU",
    "relu",
    "tanh",
    "log",
    "exp",
    "net",
    "out",
    "MSE",
    "BCE",
    "SSE",
    "SSR",
    "lr",
)
"""Words that people type letter by letter."""

CALLED = (
    "rowsum", "rowSum", "colsum", "colSum",
    "leaky_relu", "logistic", "softplus", "arctan", "diag", "sign", "cosh", "sinh", "ln", "max", "min", "sum",
    "sin", "cos", "tan", "sgn",
)  # fmt: skip
"""More of them, which are words only where a bracket follows: m a x may be a product."""


def with_words(row: Row, own: Iterable[str] = ()) -> Sequence[Mark]:
    """The row with words that were typed letter by letter put together."""
    run = _run_of_letters(row)
    if not _ANY_WORD.search(run) and not any(word in run for word in own):
        return row
    words = (*sorted(own, key=len, reverse=True), *WORDS)
    marks: list[Mark] = []
    place = 0
    while place < len(row):
        word = next((w for w in words if run.startswith(w, place)), None)
        if word is None:
            word = next((w for w in CALLED if run.startswith(w, place) and _is_called(row, place, w)), None)
        last = row[place + len(word) - 1] if word else None
        if (
            word
            and all(isinstance(m, Symbol) for m in row[place : place + len(word) - 1])
            and last is not None
        ):
            symbol = Symbol(row[place].start, _bare((last,))[0].end, word)
            if word == "sum" and run[place - 2 : place] == "np" and marks[-1].end + 1 == symbol.start:
                del marks[-2:]  # np.sum
            if isinstance(last, Scripted):
                marks.append(
                    Scripted(row[place].start, last.end, symbol, last.below, last.above, last.primes)
                )
            else:
                marks.append(symbol)
            place += len(word)
        else:
            marks.append(row[place])
            place += 1
    return marks


@once_for_each
def _run_of_letters(row: Row) -> str:
    """A letter for every mark of a row, to look for words in."""
    return "".join(m.name if isinstance(m, Symbol) and len(m.name) == 1 else "\0" for m in _bare(row))


_ANY_WORD = re.compile("|".join((*WORDS, *CALLED)))


def _is_called(row: Row, place: int, word: str) -> bool:
    """Whether letters without blanks between them stand close before a bracket."""
    behind = row[place + len(word) : place + len(word) + 1]
    letters = row[place : place + len(word)]
    return bool(behind) and opens_bracket(behind[0]) and are_close([*letters, *behind])


def are_close(marks: Sequence[Mark]) -> bool:
    """Whether there are no blanks between marks."""
    return all(a.end == b.start for a, b in itertools.pairwise(marks))


def opens_bracket(mark: Mark) -> bool:
    """Whether a mark is a round bracket, or a raised one."""
    bare = mark.base if isinstance(mark, Scripted) else mark
    return isinstance(bare, Bracketed) and bare.opening == "("


def _bare(row: Row) -> list[Mark]:
    return [m.base if isinstance(m, Scripted) else m for m in row]


def is_ones(mark: Number) -> bool:
    """Whether a 1 is set as a vector is."""
    return mark.text == "1" and mark.style in ("bold", "bb")


def has_relation(row: Row) -> bool:
    """Whether two things are compared in it, as a condition does."""
    if len(row) == 1 and isinstance(row[0], Bracketed):
        row = row[0].inside
    return any(isinstance(m, Operator) and m.name in ("<", ">", "<=", ">=", "=", "!=") for m in row)


def split(row: Row) -> list[Row]:
    """What stands between commas."""
    parts: list[list[Mark]] = [[]]
    for mark in row:
        if isinstance(mark, Separator) and mark.name in (",", ";"):
            parts.append([])
        elif not isinstance(mark, Separator):
            parts[-1].append(mark)
    return [tuple(part) for part in parts if part]


def split_at_bars(row: Row) -> list[Row]:
    """What stands between commas and bars: y, x and theta of p(y | x; theta)."""
    return split(tuple(Separator(m.start, m.end, ",") if is_given(m) else m for m in row))


def is_given(mark: Mark) -> bool:
    """Whether it is a bar between what something is said of and what is given."""
    return isinstance(mark, Operator) and mark.name in ("|", "||")


def is_any(mark: Mark) -> bool:
    r"""Whether it is a bracket with a dot in it, for any argument: f(\cdot)."""
    inside = mark.inside if isinstance(mark, Bracketed) else ()
    return len(inside) == 1 and isinstance(inside[0], Operator) and inside[0].name == "*"


def without_commas(row: Row) -> Row:
    """The row without its separators."""
    return tuple(mark for mark in row if not isinstance(mark, Separator))


def order_of(row: Row) -> tuple[str, int] | None:
    """The sign of a differential that a row begins with, and its order."""
    if not row:
        return None
    mark = row[0]
    inner = mark.base if isinstance(mark, Scripted) else mark
    name = getattr(inner, "name", "")
    if isinstance(inner, (Symbol, Operator)) and name in ("partial", "d"):
        order = 1
        if isinstance(mark, Scripted):
            if mark.below or len(mark.above) != 1 or not isinstance(mark.above[0], Number):
                return None
            order = int(mark.above[0].text) if mark.above[0].text in ("2", "3") else 1
        return name, order
    return None


def described(mark: Mark) -> str:
    """A mark in words."""
    match mark:
        case Operator(name=name) | Symbol(name=name):
            return f"the sign {name!r}"
        case Text(words=words):
            return f"the text {words.strip()!r}"
        case Separator(name=name):
            return f"a {name!r}"
    return f"a {type(mark).__name__.lower()}"
