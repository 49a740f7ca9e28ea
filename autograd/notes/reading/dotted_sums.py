r"""Sums of which not all terms are written: `w_1 x_1 + w_2 x_2 + \dots + w_n x_n` is \sum_i w_i x_i."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

from .layout import Accented, Big, Bracketed, Mark, Number, Operator, Row, Scripted, Separator, Symbol, Text

__all__ = ["summed"]

_WITHIN = {"*", "/", "odot", "circ", "otimes", "transpose", "prime", "!"}
"""Signs that stand within a term."""
_LETTERS = "ijklqs"


def summed(row: Sequence[Mark]) -> list[Mark]:
    """A row with a sum for terms that dots run through, if those are alike but for one index."""
    marks = list(row)
    for dots in range(2, len(marks) - 2):
        if not (isinstance(mark := marks[dots], Operator) and mark.name == "dots"):
            continue
        around = marks[dots - 1], marks[dots + 1]
        sign = getattr(around[0], "name", "")
        if sign not in ("+", "-") or not all(isinstance(x, Operator) and x.name == sign for x in around):
            continue
        end = next((p for p in range(dots + 2, len(marks)) if _ends_term(marks[p])), len(marks))
        begins = [_begin_of_term(marks, dots - 1)]
        last, next_to_last = marks[dots + 2 : end], marks[begins[0] : dots - 1]
        apart = set(_differences(next_to_last, last))
        if len(apart) != 1 or not last or not _has_sign(marks, begins[0], sign):
            continue
        ((low, high),) = apart
        if len(low) != 1 or not (first := _count(low)):
            continue
        while begins[0] > 1 and first > 0:
            before = _begin_of_term(marks, begins[0] - 1)
            one_less = {(str(first - 1), str(first))}
            found = _differences(marks[before : begins[0] - 1], next_to_last)
            if {(_spelled(a), _spelled(b)) for a, b in found} != one_less or not _has_sign(
                marks, before, sign
            ):
                break
            begins.insert(0, before)
            first -= 1
        letter = next((x for x in _LETTERS if x not in set(_names(marks))), "")
        if letter:
            start, stop = marks[begins[0]].start, marks[end - 1].end
            body = _numbered(next_to_last, last, Symbol(start, start, letter))
            below = (
                Symbol(start, start, letter), Operator(start, start, "="), Number(start, start, str(first))
            )  # fmt: skip
            whole = [Big(start, stop, "sum", below, high), Bracketed(start, stop, "(", "(", tuple(body))]
            return summed([*marks[: begins[0]], *whole, *marks[end:]])
    return marks


def _count(row: Row) -> int | None:
    return int(row[0].text) if isinstance(row[0], Number) and row[0].text.isdigit() else None


def _ends_term(mark: Mark) -> bool:
    return isinstance(mark, (Separator, Text)) or (isinstance(mark, Operator) and mark.name not in _WITHIN)


def _begin_of_term(marks: Sequence[Mark], end: int) -> int:
    return next((p + 1 for p in range(end - 1, -1, -1) if _ends_term(marks[p])), 0)


def _has_sign(marks: Sequence[Mark], begin: int, sign: str) -> bool:
    """Whether a term has the sign of those behind it; the first of a sum needs no plus."""
    before = getattr(marks[begin - 1], "name", "") if begin else ""
    return before == sign or (sign == "+" and before != "-")


def _differences(a: Sequence[Mark], b: Sequence[Mark], in_script: bool = False) -> Iterator[tuple[Row, Row]]:
    """The indices by which two rows differ; a pair of empty rows where they differ in more."""
    a = _taken_apart(a, b)
    if [_shape(x) for x in a] == [_shape(x) for x in b]:
        for x, y in zip(a, b, strict=True):
            for name in _rows_of(x):
                one, other = getattr(x, name), getattr(y, name)
                if name == "base" and not isinstance(x, Accented):
                    one, other = (one,), (other,)
                yield from _differences(one, other, name in ("below", "above"))
    elif in_script and len(a) == 1 and not isinstance(b[0] if b else None, Number):
        yield _bare(a), _bare(b)
    elif in_script and len(a) == len(b) and [_shape(x) for x in a[:-1]] == [_shape(x) for x in b[:-1]]:
        yield _bare(a[-1:]), _bare(b[-1:])  # w_{j1} and w_{jn}
    else:
        yield (), ()


def _numbered(a: Sequence[Mark], b: Sequence[Mark], letter: Symbol, in_script: bool = False) -> Row:
    """A row with a letter for the indices by which it differs from the other."""
    a = _taken_apart(a, b)
    if [_shape(x) for x in a] != [_shape(x) for x in b]:
        return (letter,) if len(a) == 1 else (*a[:-1], letter)
    found: list[Mark] = []
    for x, y in zip(a, b, strict=True):
        changed: dict[str, Mark | Row] = {}
        for name in _rows_of(x):
            one, other = getattr(x, name), getattr(y, name)
            if name == "base" and not isinstance(x, Accented):
                changed[name] = _numbered((one,), (other,), letter)[0]
            else:
                changed[name] = _numbered(one, other, letter, name in ("below", "above"))
        anew = replace(x, **changed) if changed else x  # type: ignore[arg-type]
        named = isinstance(anew, Scripted) and anew != x
        found.append(replace(anew, end=anew.start) if named else anew)  # it is written nowhere
    return tuple(found)


def _taken_apart(a: Sequence[Mark], b: Sequence[Mark]) -> Sequence[Mark]:
    """1 and 2 of the indices 12, where the other row has 1 and n."""
    if len(a) == 1 < len(b) == 2 and isinstance(one := a[0], Number) and isinstance(first := b[0], Number):
        digits = len(first.text)
        if one.text[:digits] == first.text and one.text[digits:]:
            return first, replace(one, text=one.text[digits:])
    return a


def _rows_of(mark: Mark) -> list[str]:
    """The fields of a mark that hold other marks."""
    return [f.name for f in fields(mark) if isinstance(getattr(mark, f.name), (tuple, Mark))]


def _shape(mark: Mark) -> tuple[object, ...]:
    """A mark without where it stands and without the marks in it."""
    inner = {"start", "end", *_rows_of(mark)}
    return type(mark), *(getattr(mark, f.name) for f in fields(mark) if f.name not in inner)


def _bare(row: Sequence[Mark]) -> Row:
    """A row without where its marks stand, to be compared."""
    return tuple(replace(mark, start=0, end=0) for mark in row)


def _spelled(row: Row) -> str:
    return "".join(str(getattr(mark, "text", getattr(mark, "name", "?"))) for mark in row)


def _names(row: Sequence[Mark]) -> Iterator[str]:
    """All letters of a row."""
    for mark in row:
        if isinstance(mark, Symbol):
            yield mark.name
        for name in _rows_of(mark):
            inner = getattr(mark, name)
            if isinstance(mark, Scripted) and name == "base":
                inner = (inner,)
            yield from _names([x for x in inner if isinstance(x, Mark)])
