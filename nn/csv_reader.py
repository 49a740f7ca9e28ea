"""Columns of numbers out of a CSV file, or one line that says which field is wrong, and what to do.

Reading is strict, since a number misread in silence is a wrong model: what is not in plain decimal notation
is refused, never guessed at. The standard library's `csv` does the quoting.
"""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

from autograd.errors import FileFormatError, SettingError
from autograd.files import StrPath, decode, read_bytes, shown, shown_path

__all__ = ["MAX_BYTES", "MAX_CELLS", "Number", "flaw_of_names", "read_csv"]

MAX_BYTES = 24 * 1024 * 1024
"""The largest file that is read unless told otherwise: a million floats with all their digits."""
MAX_CELLS = 1_000_000
"""The most fields that are read unless told otherwise; a blank line counts as one."""

Number: TypeAlias = float | Fraction

_PLAIN = re.compile(r"[0-9.eE+\- \t]*")  # of all that float() accepts, these characters leave plain decimals
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE | re.ASCII)
_NO_DELIMITER = '0123456789+-.eE "\r\n'
_LONGEST_FIELD = 131_072  # the limit of the csv module
_LONGEST_EXACT = 1000


def read_csv(
    path: StrPath,
    *,
    delimiter: str | None,
    columns: Sequence[str] | None,
    number: Callable[[str], Number],
    allow_nonfinite: bool,
    max_bytes: int,
    max_cells: int,
) -> tuple[tuple[str, ...], list[tuple[Number, ...]], int]:
    """Read the names, the rows and the number of blank lines of a file; see `Table.from_csv`."""
    if columns is not None and (flaw := flaw_of_names(columns)):
        raise SettingError(flaw)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in _NO_DELIMITER):
        raise SettingError(f"delimiter is {shown(delimiter)}, and must be one character such as ',' or ';'")
    file = shown_path(path)
    text = decode(read_bytes(path, max_bytes), path)
    if delimiter is None:
        delimiter = _delimiter(text, file)
    names = tuple(columns or ())
    rows: list[tuple[Number, ...]] = []
    blank = 0
    for line, fields in _records(text, delimiter, file, max_cells):
        if len(fields) < 2 and not "".join(fields).strip():
            blank += 1
        elif not names:
            names = _header(fields, f"{file}, line {line}")
        elif len(fields) != len(names):
            comma = delimiter == "," and len(fields) > len(names)
            hint = "; if 1,5 is one number, write 1.5" if comma else ""
            counts = f"{len(fields)} fields, where the names are {len(names)}"
            raise FileFormatError(f"{file}, line {line} (row {len(rows) + 1}): {counts}{hint}")
        elif number is float and (floats := _plain_floats(fields)):
            rows.append(floats)
        else:
            exact = number is not float
            for name, field in zip(names, fields, strict=True):
                if flaw := _flaw_of_number(field, exact=exact, allow_nonfinite=allow_nonfinite):
                    raise FileFormatError(f"{file}, line {line}, column {shown(name)}: {flaw}")
            rows.append(tuple(map(number, fields)))
    if not rows:
        raise FileFormatError(f"{file} has no rows; a table is a line of names, then lines of numbers")
    return names, rows, blank


def flaw_of_names(names: Sequence[object]) -> str:
    """Say what is wrong with the names of columns, if anything."""
    first: dict[object, int] = {}
    for i, name in enumerate(names, 1):
        if not isinstance(name, str) or not name.strip():
            return f"column {i} has no name; every column needs one"
        if name in first:
            return f"columns {first[name]} and {i} are both named {shown(name)}; rename one"
        first[name] = i
    return "" if first else "there are no columns; a table has at least one"


def _delimiter(text: str, file: str) -> str:
    """Find what separates the names in the first line that is not blank."""
    first = re.search(r"\S[^\r\n]*", text)
    outside_quotes = re.sub('"[^"]*"?', "", first[0]) if first else ""
    counts = {mark: outside_quotes.count(mark) for mark in ",;\t"}
    best = [mark for mark, count in counts.items() if count == max(counts.values())]
    if len(best) > 1 and counts[best[0]]:
        marks = " or at ".join(map(repr, best))
        raise FileFormatError(f"{file}: the names may end at {marks}; say which with delimiter=")
    return best[0]


def _records(text: str, delimiter: str, file: str, max_cells: int) -> Iterator[tuple[int, list[str]]]:
    """Go through the records of a CSV text, each with the number of the line on which it starts."""
    record: list[str] = []  # its lines so far

    def counted() -> Iterator[str]:
        cells = 0
        for content in io.StringIO(text, newline=""):
            cells += content.count(delimiter) + 1
            if cells > max_cells:  # before any memory is spent on them
                advice = "shorten it, or pass a larger max_cells"
                raise FileFormatError(f"{file}, line {line}: more than {max_cells:,} fields so far; {advice}")
            record.append(content)
            yield content

    reader = csv.reader(counted(), delimiter=delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for fields in reader:
            yield line, fields
            record.clear()
            line = reader.line_num + 1
    except csv.Error as error:
        flaw = _flaw_of_quotes(str(error), record[0], re.escape(delimiter))
        raise FileFormatError(f"{file}, line {line}, {flaw}") from None


def _flaw_of_quotes(error: str, first: str, delimiter: str) -> str:
    """Say which field of a record the csv module stumbled over, from the first line of it, and why."""
    fields = re.findall(rf'((?:[^"{delimiter}]++|"[^"]*+"?)*+)(?:{delimiter}|\Z)', first)
    flawed = re.compile(r'\s*+"(?!(?:[^"]|"")*+"\s*+\Z)').match
    places = (i for i, field in enumerate(fields, 1) if len(field) > _LONGEST_FIELD or flawed(field))
    number = next(places, len(fields))
    if "limit" in error:
        return f"field {number}: longer than {_LONGEST_FIELD:,} characters; is a quote left open?"
    if "end of data" in error:
        return f"field {number}: a quote is opened and never closed"
    return f"field {number} goes on after its closing quote; write a quote inside quotes twice"


def _header(fields: Sequence[str], where: str) -> tuple[str, ...]:
    """Take the first record for the names of the columns."""
    names = tuple(field.strip() for field in fields)
    if not any(map(_flaw_of_number, names)):
        raise FileFormatError(
            f"{where} holds only numbers, where names belong, such as x1,x2,y; add them, or pass columns="
        )
    if flaw := flaw_of_names(names):
        raise FileFormatError(f"{where}: {flaw}")
    return names


def _plain_floats(fields: Sequence[str]) -> tuple[float, ...] | None:
    """Convert a record that has no flaws the fast way; None if it may have some."""
    if not _PLAIN.fullmatch("".join(fields)):
        return None
    try:
        floats = tuple(map(float, fields))
    except ValueError:
        return None
    return floats if all(map(math.isfinite, floats)) else None


def _flaw_of_number(field: str, exact: bool = False, allow_nonfinite: bool = False) -> str:
    """Say why a field is not a number, and what to write instead; nothing if it is one."""
    field = field.strip(" \t")
    if not field:
        return "the field is empty; fill it in, or leave the row out"
    if odd := re.search(r"[^\x00-\x7f]", field):
        character = f"U+{ord(odd[0]):04X} {unicodedata.name(odd[0], '')}".strip()
        return f"{shown(field)} contains {character}; write numbers in ASCII, such as -12.5"
    if "," in field and re.fullmatch(r"[-+.,\d]+", field):
        return f"{shown(field)} has a comma; write a decimal point, and group no digits: 1.5 or 1500"
    if "_" in field:
        return f"{shown(field)} is not a plain number; leave out the underscores"
    try:
        value = float(field)
        plain = _PLAIN.fullmatch(field) or _NOT_FINITE.fullmatch(field)
    except ValueError:
        plain = None
    if not plain:
        return f"{shown(field)} is not a number; write it in plain decimals, such as -12.5 or 3e-4"
    if not math.isfinite(value) and (exact or not allow_nonfinite):
        advice = "" if exact else ", or pass allow_nonfinite=True"
        return f"{shown(field)} is not finite or too large for a float; correct it{advice}"
    exponent = field.lower().partition("e")[2] if exact else ""
    if exact and (len(field) > _LONGEST_EXACT or abs(int(exponent or 0)) > _LONGEST_EXACT):
        return f"{shown(field)} has too many digits to be kept exact; at most {_LONGEST_EXACT:,}"
    return ""
