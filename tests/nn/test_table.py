"""Tables: what a CSV file may hold, and the refusal of everything else (rows 35 to 50 of the bad inputs)."""

import math
import os
import pickle
import random
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.errors import (
    ChalkgradError,
    FileAccessError,
    FileFormatError,
    NumberError,
    NumberRangeError,
    SettingError,
    ShapeError,
)
from autograd.value import Value
from nn.csv_reader import MAX_BYTES, MAX_CELLS
from nn.table import Scale, Table

ROOT = Path(__file__).resolve().parents[2]
SALARIES = Table(["IQ", "Level", "Salary"], [(3, 3, 50), (8, 55, 1000), (3, 8, 60), (4, 8, 65)])


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[[bytes | str], Path]:
    """Return a function that writes a CSV file."""

    def write(content: bytes | str) -> Path:
        path = tmp_path / "t.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def refusal(path: Path, **options: Any) -> str:
    """Read a file that has to be refused in one line that names it, and return what follows the name."""
    with pytest.raises((FileFormatError, FileAccessError)) as caught:
        Table.from_csv(path, **options)
    message = str(caught.value)
    name = repr(str(path))
    assert message.startswith(name)
    assert message.isprintable()
    return message.removeprefix(name)


REFUSED = {
    "row 35: empty": ("", " has no rows; a table is a line of names, then lines of numbers"),
    "row 35: only blank lines": ("\n \n", " has no rows; a table is a line of names, then lines of numbers"),
    "row 35: only names": ("IQ,Salary\n", " has no rows; a table is a line of names, then lines of numbers"),
    "row 36: too few": ("a,b\n1,2\n\n3\n", ", line 4 (row 2): 1 fields, where the names are 2"),
    "row 36: too many": ("a;b\n1;2;3\n", ", line 2 (row 1): 3 fields, where the names are 2"),
    "row 37: unclosed": ('a,b\n1,2\n3,"4\n', ", line 3, field 2: a quote is opened and never closed"),
    "row 37: closed too late": (
        'a,b\n3,"4\n5,"6\n',
        ", line 2, field 2 goes on after its closing quote; write a quote inside quotes twice",
    ),
    "row 37: closed too early": (
        'a,b\n1,2\n"a""b"x,4\n',
        ", line 3, field 1 goes on after its closing quote; write a quote inside quotes twice",
    ),
    "row 38: bare": (
        f"a,b\n1,{'9' * 131_073}\n",
        ", line 2, field 2: longer than 131,072 characters; is a quote left open?",
    ),
    "row 38: quoted": (
        'a,b\n1,2\n1,"' + "2\n" * 100_000 + '"',
        ", line 3, field 2: longer than 131,072 characters; is a quote left open?",
    ),
    "row 40: NUL": (
        "a,b\n1,\x002\n",
        ", line 2: byte 0x00 at offset 6 is NUL, which text does not hold; "
        "is the file UTF-16? Save it as UTF-8",
    ),
    "row 41: latin-1": (
        "a,é\n1,2\n".encode("latin-1"),
        ", line 1: byte 0xe9 at offset 2 is not UTF-8; is the file Latin-1? Save it as UTF-8",
    ),
    "row 41: later, after a byte-order mark and other line ends": (
        b"\xef\xbb\xbfa\r1\r\n2\n\xff",
        ", line 4: byte 0xff at offset 10 is not UTF-8; is the file Latin-1? Save it as UTF-8",
    ),
    "row 41: UTF-16": (
        "a,b\n1,2\n".encode("utf-16"),
        " is not plain text: it looks like UTF-16 text; save it as UTF-8",
    ),
    "row 41: a workbook": (
        b"PK\x03\x04...",
        " is not plain text: it looks like a zip archive, such as .xlsx, .npz or .pt",
    ),
    "row 41: compressed": (
        b"\x1f\x8b...",
        " is not plain text: it looks like a gzip archive; unpack it first",
    ),
    "row 42": (
        "a,b\n1,1_000\n",
        ", line 2, column 'b': '1_000' is not a plain number; leave out the underscores",
    ),
    "row 43": (
        "a,b\n1２,2\n",
        ", line 2, column 'a': '1２' contains U+FF12 FULLWIDTH DIGIT TWO; "
        "write numbers in ASCII, such as -12.5",
    ),
    "row 43: minus sign": (
        "a,b\n−1,2\n",
        ", line 2, column 'a': '−1' contains U+2212 MINUS SIGN; write numbers in ASCII, such as -12.5",
    ),
    **{
        f"row 44: {word}": (
            f"a,b\n1,{word}\n",
            f", line 2, column 'b': '{word}' is not finite or too large for a float; "
            "correct it, or pass allow_nonfinite=True",
        )
        for word in ("nan", "inf", "-Infinity", "1e999")
    },
    "row 45: quoted": (
        'a,b\n2,"1,5"\n',
        ", line 2, column 'b': '1,5' has a comma; write a decimal point, and group no digits: 1.5 or 1500",
    ),
    "row 45: as two fields": (
        "a,b\n2,1,5\n",
        ", line 2 (row 1): 3 fields, where the names are 2; if 1,5 is one number, write 1.5",
    ),
    "row 46: decimal comma between semicolons": (
        "a;b\n2;1,5\n",
        ", line 2, column 'b': '1,5' has a comma; write a decimal point, and group no digits: 1.5 or 1500",
    ),
    "row 46: comma or semicolon": (
        "a,b;c\n1,2\n",
        ": the names may end at ',' or at ';'; say which with delimiter=",
    ),
    "row 47": ("a, b ,a\n1,2,3\n", ", line 1: columns 1 and 3 are both named 'a'; rename one"),
    "a blank name": ("a,,b\n1,2,3\n", ", line 1: column 2 has no name; every column needs one"),
    "no names": (
        "\n1,2\n3,4\n",
        ", line 2 holds only numbers, where names belong, such as x1,x2,y; add them, or pass columns=",
    ),
    "an empty field": (
        "a,b\n1, \n",
        ", line 2, column 'b': the field is empty; fill it in, or leave the row out",
    ),
    **{
        f"no number: {word}": (
            f"a,b\n1,{word}\n",
            f", line 2, column 'b': '{word}' is not a number; "
            "write it in plain decimals, such as -12.5 or 3e-4",
        )
        for word in ("x", "1 000", "0x1F", "1/2", "--1", "1e", "True", "$5", "50%")
    },
    "row 61: control characters": (
        'a,"b\n\x1b[31m"\n1,\x07\n',
        ", line 3, column 'b\\n\\x1b[31m': '\\x07' is not a number; "
        "write it in plain decimals, such as -12.5 or 3e-4",
    ),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(csv_file: Callable[[bytes | str], Path], content: bytes | str, message: str) -> None:
    path = csv_file(content)
    assert refusal(path) == message
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)


READ = {
    "row 39: byte-order mark": (b"\xef\xbb\xbfa,b\n1,2\n", 0),
    "row 46: semicolons": ("a;b\n1;2\n", 0),
    "tabs": ("a\tb\n1\t2\n", 0),
    "row 48: blank lines": ("\n\na,b\n  \n1,2\n\t\n\n", 5),
    "CRLF": ("a,b\r\n\r\n1,2\r\n", 1),
    "CR": ("a,b\r1,2\r", 0),
    "no last line end": ("a,b\n1,2", 0),
    "quotes": ('"a","b"\n"1", "2"\n', 0),
    "spaces": (" a , b\n 1 ,\t2 \n", 0),
    "other notation": ("a,b\n+1e0,.2E+1\n", 0),
}


@pytest.mark.parametrize(("content", "blank"), READ.values(), ids=READ)
def test_read(csv_file: Callable[[bytes | str], Path], content: bytes | str, blank: int) -> None:
    table = Table.from_csv(csv_file(content))
    assert table == Table(["a", "b"], [(1.0, 2.0)])
    assert table.skipped_blank_lines == blank


def test_delimiter_inside_a_quoted_name_does_not_count(csv_file: Callable[[bytes | str], Path]) -> None:
    assert Table.from_csv(csv_file('"a;b;c",d\n1,2\n')).columns == ("a;b;c", "d")


def test_given_delimiter_settles_it(csv_file: Callable[[bytes | str], Path]) -> None:
    assert Table.from_csv(csv_file("a,b;c\n1;2\n"), delimiter=";").columns == ("a,b", "c")
    assert Table.from_csv(csv_file("a|b\n1|2\n"), delimiter="|").columns == ("a", "b")
    assert "x|2" in refusal(csv_file("a,b\n1,x|2\n"), delimiter=",")


@pytest.mark.parametrize("delimiter", ["", ",,", ".", "5", "\n", '"', " "])
def test_delimiter_that_cannot_be_one(csv_file: Callable[[bytes | str], Path], delimiter: str) -> None:
    with pytest.raises(SettingError, match="must be one character") as caught:
        Table.from_csv(csv_file("a,b\n1,2\n"), delimiter=delimiter)
    assert repr(delimiter) in str(caught.value)


def test_unclosed_quote_that_any_delimiter_sees(csv_file: Callable[[bytes | str], Path]) -> None:
    """A delimiter that means something to a regular expression is only itself."""
    assert ", field 2: a quote" in refusal(csv_file('a|b\n1|"2\n'), delimiter="|")
    assert ", field 2: a quote" in refusal(csv_file('a^b\n1^"2\n'), delimiter="^")


def test_columns_name_a_file_without_names(csv_file: Callable[[bytes | str], Path]) -> None:
    path = csv_file("1,2\n3,4\n")
    assert Table.from_csv(path, columns=["a", "b"]) == Table(["a", "b"], [(1, 2), (3, 4)])
    with pytest.raises(SettingError, match="columns 1 and 2 are both named 'a'; rename one"):
        Table.from_csv(path, columns=["a", "a"])


def test_row_44_nonfinite_if_asked_for(csv_file: Callable[[bytes | str], Path]) -> None:
    path = csv_file("a,b,c,d\nnan,INF,-infinity,1e999\n")
    (row,) = Table.from_csv(path, allow_nonfinite=True)
    assert math.isnan(row[0])
    assert row[1:] == (math.inf, -math.inf, math.inf)
    assert "'nan()' is not a number" in refusal(csv_file("a\nnan()\n"), allow_nonfinite=True)


@pytest.mark.parametrize("word", ["nan", "1e999"])
def test_row_44_nothing_nonfinite_is_exact(csv_file: Callable[[bytes | str], Path], word: str) -> None:
    message = refusal(csv_file(f"a\n{word}\n"), number=Fraction, allow_nonfinite=True)
    assert message.endswith(f"'{word}' is not finite or too large for a float; correct it")


def test_fractions_are_exact(csv_file: Callable[[bytes | str], Path]) -> None:
    table = Table.from_csv(csv_file("a,b\n3.5,-1e-3\n0.1, 5. \n"), number=Fraction)
    assert table.rows == ((Fraction(7, 2), Fraction(-1, 1000)), (Fraction(1, 10), Fraction(5)))
    assert all(isinstance(cell, Fraction) for row in table for cell in row)


@pytest.mark.parametrize("field", ["1e-99999999999", "0." + "1" * 2000, "1e-" + "0" * 5000 + "1"])
def test_fractions_that_would_take_for_ever(csv_file: Callable[[bytes | str], Path], field: str) -> None:
    assert refusal(csv_file(f"a\n{field}\n"), number=Fraction).endswith(
        "has too many digits to be kept exact; at most 1,000"
    )
    assert len(Table.from_csv(csv_file(f"a\n{field}\n"))) == 1  # a float can be had


@settings(deadline=None)  # a disk may be slow
@given(st.lists(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 2), min_size=1))
def test_floats_are_read_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
    path = tmp_path_factory.getbasetemp() / "floats.csv"
    path.write_text("a,b\n" + "".join(f"{a!r},{b!r}\n" for a, b in rows))
    assert repr(Table.from_csv(path).rows) == repr(tuple(rows))


@settings(deadline=None)  # a disk may be slow
@given(st.binary(max_size=60))
def test_any_bytes_make_a_table_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.csv"
    path.write_bytes(b"a,b\n" + content)
    message = ""
    try:
        Table.from_csv(path)
    except FileFormatError as error:
        message = str(error)
    assert message.isprintable()


# row 49, and what else is large: each within 2 s and 500 MB

LARGE = {
    "row 49: a terabyte": ("os.truncate(path, 2**40)", f"too large: more than {MAX_BYTES:,} bytes"),
    "row 49: many rows": (
        r"path.write_bytes(b'x\n' + b'1\n' * 2_000_000)",
        f"more than {MAX_CELLS:,} fields so far",
    ),
    "row 49: many columns": (
        r"path.write_bytes(b'ab,' * 8_000_000)",
        f"line 1: more than {MAX_CELLS:,} fields so far",
    ),
    "row 49: blank lines": (
        r"path.write_bytes(b'\n' * 24_000_000)",
        f"more than {MAX_CELLS:,} fields so far",
    ),
    "row 49: flaw at the end": (
        r"path.write_bytes(b'x\n' + b'1\n' * 999_998 + b'x\n')",
        "line 1000000, column 'x': 'x' is not",
    ),
    "row 38: one long line": (
        r"path.write_bytes(b'x\n' + b'9' * 24_000_000)",
        "line 2, field 1: longer than 131,072 char",
    ),
    "row 38: wide characters": (
        r"path.write_bytes('x\n😀'.encode() + b' ' * 24_000_000)",
        "longer than 131,072 characters",
    ),
    "row 37: quotes": (
        r"path.write_bytes(b'x\n' + b'\"' * 24_000_001)",
        "line 2, field 1: longer than 131,072 characters",
    ),
    "row 37: quotes and letters": (
        r"path.write_bytes(b'x\n' + b'\"a' * 12_000_000)",
        "line 2, field 1 goes on after its",
    ),
    "row 37: short quotes": (
        r"path.write_bytes(b'x\n' + b'\"\",' * 999_990 + b'\"a\"b')",
        "line 2, field 999991 goes on",
    ),
    "row 37: open quotes": (r"path.write_bytes(b'x\n' + b'1,\"' * 900_000)", "line 2, field 2"),
    "row 35: spaces": ("path.write_bytes(b' ' * 24_000_000)", "has no rows"),
    "row 40: NUL": (
        r"path.write_bytes(b'x\n' * 12_000_000 + b'\0')",
        "line 12000001: byte 0x00 at offset 24000000",
    ),
}


@pytest.mark.parametrize(("write", "message"), LARGE.values(), ids=LARGE)
def test_large(refused_quickly: Callable[[str, str, str], str], write: str, message: str) -> None:
    """Each is refused within 2 s and 500 MB."""
    said = refused_quickly(write, "nn.table", "Table.from_csv")
    assert said.startswith("FileFormatError")
    assert message in said


def test_row_49_caps_can_be_moved(csv_file: Callable[[bytes | str], Path]) -> None:
    path = csv_file("a,b\n1,2\n3,4\n")
    assert refusal(path, max_bytes=11).endswith(
        " is too large: more than 11 bytes; shorten it, or pass a larger max_bytes"
    )
    assert refusal(path, max_cells=5).endswith(
        ", line 3: more than 5 fields so far; shorten it, or pass a larger max_cells"
    )
    assert len(Table.from_csv(path, max_bytes=12, max_cells=6)) == 2


# row 50: files that are none


def test_row_50_missing(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.csv") == " cannot be read: no such file or folder; check the name"
    (tmp_path / "file").touch()
    below = tmp_path / "file" / "no.csv"
    assert refusal(below) == " cannot be read: a part of its path is a file, not a folder; check the name"


def test_row_50_directory(tmp_path: Path) -> None:
    assert refusal(tmp_path) == " cannot be read: it is a folder; name a file in it"


def test_row_50_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*args: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("autograd.files.os.open", forbid)
    message = " cannot be read: permission denied; change the mode of it and its folder, or ask the owner"
    assert refusal(tmp_path / "t.csv") == message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_row_50_fifo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    message = " cannot be read: it is a pipe, a socket or a device; name a regular file"
    assert refusal(tmp_path / "fifo") == message


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs /dev")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_row_50_device(device: str) -> None:
    message = " cannot be read: it is a pipe, a socket or a device; name a regular file"
    assert refusal(Path(device)) == message


def test_row_50_error_while_reading(
    csv_file: Callable[[bytes | str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> bytes:
        raise OSError(5, "Input/output error")

    path = csv_file("a\n1\n")
    monkeypatch.setattr("autograd.files.os.read", fail)
    assert refusal(path) == " cannot be read: Input/output error"


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_row_61_name_that_no_file_can_have(name: str) -> None:
    with pytest.raises(FileAccessError) as caught:
        Table.from_csv(name)
    assert str(caught.value) == f"{name!r} cannot be read: no file can have such a name"
    assert str(caught.value).isprintable()


# tables made in Python


@pytest.mark.parametrize(
    ("columns", "rows", "error", "message"),
    [
        ([], [], SettingError, "there are no columns; a table has at least one"),
        (["a", "a"], [], SettingError, "columns 1 and 2 are both named 'a'; rename one"),
        (["a", " "], [], SettingError, "column 2 has no name; every column needs one"),
        ([1], [], SettingError, "column 1 has no name; every column needs one"),
        (["a", "b"], [(1, 2), (3,)], ShapeError, "rows[1] has 1 cells, but there are 2 columns"),
        (
            ["a\n", "b"],
            [(1, 2), ("3", 4)],
            NumberError,
            "rows[1], column 'a\\n': '3' ",
        ),
        (["a"], [(1j,)], NumberError, "rows[0], column 'a': 1j "),
        (["a"], [(None,)], NumberError, "rows[0], column 'a': None "),
        (
            ["a"],
            [(Decimal("1.5"),)],
            NumberError,
            "rows[0], column 'a': Decimal('1.5') ",
        ),
        (["a"], [(10**400,)], NumberRangeError, "rows[0], column 'a': "),
    ],
)
def test_table_refused(columns: Any, rows: Any, error: type[ChalkgradError], message: str) -> None:
    with pytest.raises(error) as caught:
        Table(columns, rows)
    assert str(caught.value).startswith(message)


def test_a_value_is_no_cell() -> None:
    with pytest.raises(NumberError, match=r"rows\[0\], column 'a': .* is not a float or a Fraction"):
        Table(["a"], [(Value(1),)])  # type: ignore[list-item]


def test_cells_are_floats_or_fractions() -> None:
    """Row 6: `True` counts as 1.0, as in a Value."""
    assert repr(Table(["a", "b"], [(1, True)]).rows) == "((1.0, 1.0),)"
    assert Table(["a"], [(Fraction(1, 3),)]).rows == ((Fraction(1, 3),),)


def test_table_is_immutable_and_compares_by_content() -> None:
    with pytest.raises(AttributeError):
        SALARIES.columns = ("x",)  # type: ignore[misc]
    same = Table(SALARIES.columns, list(SALARIES), skipped_blank_lines=3)
    assert same == SALARIES
    assert hash(same) == hash(SALARIES)
    assert Table(SALARIES.columns, SALARIES.rows, target="IQ") != SALARIES
    scaled = SALARIES.standardised()
    copy = pickle.loads(pickle.dumps(scaled))
    assert copy == scaled
    assert copy.scaling == scaled.scaling


def test_columns_rows_and_slices() -> None:
    assert list(SALARIES) == list(SALARIES.rows)
    assert SALARIES["Level"] == (3, 55, 8, 8)
    assert SALARIES[-1] == (4, 8, 65)
    assert SALARIES[1:3] == Table(SALARIES.columns, SALARIES.rows[1:3])
    assert SALARIES.head(3) == SALARIES[:3]
    assert Table(SALARIES.columns, SALARIES.rows, target="IQ")[::-1].target == ("IQ",)
    assert SALARIES[4:].rows == ()


@pytest.mark.parametrize(
    "ask", [lambda t: t["iq"], lambda t: t.examples(target="iq"), lambda t: t.unscale("iq", 1)]
)
def test_unknown_column(ask: Callable[[Table], object]) -> None:
    with pytest.raises(SettingError, match=r"there is no column 'iq'; did you mean 'IQ'\?"):
        ask(SALARIES)


def test_unknown_target_and_scaling() -> None:
    with pytest.raises(SettingError, match="there is no column 'b'"):
        Table(["a"], [], target="b")
    with pytest.raises(SettingError, match="there is no column 'b'"):
        Table(["a"], [], scaling={"b": Scale(1, 2)})


def test_examples() -> None:
    assert SALARIES.examples()[0] == ([3, 3], 50)
    assert SALARIES.examples(target="IQ")[0] == ([3, 50], 3)
    assert SALARIES.examples(target=["Salary", "IQ"])[0] == ([3], [50, 3])
    assert Table(SALARIES.columns, SALARIES.rows, target="IQ").examples()[1] == ([55, 1000], 8)
    assert Table(SALARIES.columns, SALARIES.rows, target=["IQ", "Level"])[:1].examples() == [([50], [3, 3])]


def test_target_from_csv(csv_file: Callable[[bytes | str], Path]) -> None:
    assert Table.from_csv(csv_file("y,x\n1,2\n"), target="y").examples() == [([2], 1)]


def test_batches() -> None:
    assert [len(batch) for batch in SALARIES.batches(3)] == [3, 1]
    assert list(chain.from_iterable(SALARIES.batches(3))) == SALARIES.examples()
    assert list(SALARIES.batches(9, target="IQ")) == [SALARIES.examples(target="IQ")]
    with pytest.raises(SettingError, match="a batch of 0 rows is none; it has at least 1"):
        SALARIES.batches(0)


def test_shuffled_depends_only_on_the_seed() -> None:
    table = Table(["a"], [(i,) for i in range(20)])
    random.seed(1)
    first = table.shuffled(0)
    random.seed(2)
    assert table.shuffled(0) == first
    assert table.shuffled(1) != first
    assert sorted(first) == list(table)


def test_standardised() -> None:
    scaled = SALARIES.standardised()
    for name in SALARIES.columns:
        column = scaled[name]
        assert math.fsum(column) == pytest.approx(0, abs=1e-12)
        assert math.fsum(z * z for z in column) / len(column) == pytest.approx(1)
        assert [scaled.unscale(name, z) for z in column] == pytest.approx(SALARIES[name])
        assert [scaled.scale(name, x) for x in SALARIES[name]] == pytest.approx(column)
    assert scaled.target == SALARIES.target


def test_standardised_columns_only() -> None:
    scaled = Table(["a", "b"], [(1, Fraction(1, 3)), (3, Fraction(2, 3))]).standardised("a")
    assert scaled.rows == ((-1, Fraction(1, 3)), (1, Fraction(2, 3)))
    assert scaled.scaling == {"a": (2, 1), "b": (0, 1)}
    assert scaled.unscale("b", Fraction(1, 3)) == Fraction(1, 3)  # still exact
    assert Table(["a"], [(Fraction(1, 2),), (Fraction(1),)]).standardised().rows == ((-1.0,), (1.0,))


def test_standardised_twice_still_finds_back() -> None:
    table = Table(["a", "b"], [(1, 5), (3, 7), (8, 0)])
    once = table[:2].standardised()
    twice = Table(["a", "b"], once.rows, scaling=once.scaling).standardised("a")
    wide = table.standardised()[:2].standardised()
    for scaled in (twice, wide):
        assert [scaled.unscale("a", z) for z in scaled["a"]] == pytest.approx([1, 3])
        assert [scaled.unscale("b", z) for z in scaled["b"]] == pytest.approx([5, 7])


def test_test_rows_are_scaled_like_training_rows() -> None:
    train, test = SALARIES[:3], SALARIES[3:]
    scaled = test.standardised(like=train.standardised())
    assert scaled.scaling == train.standardised().scaling
    assert scaled.unscale("Salary", scaled[0][2]) == pytest.approx(65)
    assert scaled.scale("Salary", 65) == scaled[0][2]
    half = test.standardised(like=train.standardised("IQ"))
    assert half["Level"] == test["Level"]
    with pytest.raises(SettingError, match="there is no column 'x'"):
        Table(["x"], [(1,)]).standardised(like=train)


def test_constant_column_becomes_zero() -> None:
    scaled = Table(["a"], [(0.1,)] * 3).standardised()
    assert scaled.rows == ((0,),) * 3
    assert scaled.unscale("a", scaled[0][0]) == 0.1


def test_huge_numbers_do_not_overflow_the_deviation() -> None:
    assert Table(["a"], [(1e308,), (-1e308,)]).standardised().rows == ((1,), (-1,))


def test_standardised_refused() -> None:
    with pytest.raises(SettingError, match=r"rows\[1\], column 'a' is nan; leave that row out"):
        Table(["a"], [(1,), (math.nan,)]).standardised()
    with pytest.raises(ShapeError, match="a table without rows has no mean; standardise one that has rows"):
        SALARIES[:0].standardised()


# looks


def test_repr_is_aligned_and_rounded() -> None:
    table = Table(["IQ", "CGPA\n"], [(120, 3.14159265), (9, Fraction(7, 2)), (1, Fraction(10**9, 3))])
    assert repr(table) == str(table)
    assert repr(table).splitlines() == [
        " IQ       CGPA\\n",
        "120      3.14159",
        "  9          7/2",
        "  1  3.33333e+08",
    ]


def test_repr_of_a_large_table_fits_a_screen() -> None:
    table = Table([f"a long name of column {i:04}" for i in range(9)], [[1] * 9] * 12)
    lines = repr(table).splitlines()
    assert len(lines) == 12
    assert lines[0].split("  ")[0] == "a long name of column 00..."
    assert lines[-1] == "... 2 more rows and 1 more columns"
    assert repr(table[:10]).endswith("... 1 more columns")
    assert repr(SALARIES[:0]) == "IQ  Level  Salary\n(no rows)"


def test_rich_shows_names_as_they_are() -> None:
    console = pytest.importorskip("rich.console").Console(width=80, force_terminal=False)
    with console.capture() as capture:
        console.print(Table(["[bold]IQ[/bold]", "b"], [(1, 2.5)] * 11))
    assert "[bold]IQ[/bold]" in capture.get()
    assert "2.5" in capture.get()
    assert "... 1 more rows" in capture.get()
    with console.capture() as capture:
        console.print(SALARIES)
    assert "more" not in capture.get()


def test_importing_pulls_in_nothing() -> None:
    script = "import sys, nn.table, nn.document; print({'rich', 'numpy', 'pandas'} & set(sys.modules))"
    output = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert output.stdout == "set()\n"
