"""Strict JSON files: what is read is exactly what the text says, and what is written comes back the same.

JSON and not pickle, since people exchange models, and unpickling a file runs whatever its author put into it.
`nn.document` has the checks that tell a model from any other JSON.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from functools import partial, reduce
from itertools import accumulate, islice
from typing import Any, NoReturn

from autograd.errors import FileFormatError
from autograd.files import StrPath, decode, read_bytes, replace_file, shown, shown_path

__all__ = [
    "MAX_BYTES",
    "MAX_CONTAINERS",
    "MAX_DEPTH",
    "MAX_DIGITS",
    "inside",
    "read_json",
    "write_json",
]

MAX_BYTES = 8 * 1024 * 1024
"""The largest document that `read_json` takes unless told otherwise: about 350,000 weights."""
MAX_CONTAINERS = 500_000
"""The most lists and objects in one document."""
MAX_DEPTH = 100
"""How deep lists and objects may be nested."""
MAX_DIGITS = 400
"""The most digits in an integer; the largest float has 309."""

_PICKLE = re.compile(rb"\x80[\x01-\x05]|[](}][a-zA-Z\0-\x1f]|c[\w.]+\r?\n")
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?')
_KEY_OR_BRACKET = re.compile(r'("(?:[^"\\]++|\\.)*+")(\s*:)?|[][{}]')
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def write_json(path: StrPath, document: object) -> None:
    """Write lists, dicts with string keys, strings, numbers, booleans and None as strict JSON, in one step.

    Floats come back bit for bit (tuples as lists), and on any error an older file stays as it was. Raises
    FileFormatError, before anything is written, for what `read_json` would refuse, naming where in the
    document it stands, and FileAccessError for a file that cannot be written (see
    `autograd.files.replace_file`).

    >>> write_json("model.json", {"weights": [0.5, float("nan")]})
    Traceback (most recent call last):
    autograd.errors.FileFormatError: 'model.json' not written: weights[1] is nan, which JSON cannot hold
    """
    if problem := _unwritable(document):
        raise FileFormatError(f"{shown_path(path)} not written: {problem}")
    text = json.dumps(document, allow_nan=False, indent=1)
    replace_file(path, text.encode("ascii") + b"\n")


def read_json(path: StrPath, *, max_bytes: int = MAX_BYTES) -> Any:
    """Read a strict JSON document.

    Raises FileFormatError, with line and column, for what is not JSON, and for what readers let pass: NaN and
    Infinity, numbers beyond a float, integers of more than MAX_DIGITS digits, a key given twice in one
    object, nesting beyond MAX_DEPTH; also for a pickle, of which nothing is executed. Raises FileAccessError
    for a file that cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_json(f"{folder}/model.json", {"version": 1, "weights": [0.1, -0.0]})
    ...     read_json(f"{folder}/model.json")
    {'version': 1, 'weights': [0.1, -0.0]}
    """
    data = read_bytes(path, max_bytes)
    if _PICKLE.match(data):
        advice = "models are JSON, and nothing was executed"
        raise FileFormatError(f"{shown_path(path)} looks like a pickle; {advice}")
    text = decode(data, path)
    try:
        _refuse_towers(text)
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=_short_integer,
            parse_float=_finite,
            parse_constant=_no_constant,
        )
    except _Refused as refused:
        position, problem = refused.find(text), str(refused)
    except json.JSONDecodeError as error:
        position, problem = error.pos, f"not JSON: {error.msg}"
        if position >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            problem = "the file ends too early; it was cut off, so save or fetch it again"
    line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
    raise FileFormatError(f"{shown_path(path)}, line {line}, column {column}: {problem}")


def inside(place: str, key: str | int) -> str:
    """Extend a place in a document, such as `layers[0]`, by a key or an index.

    >>> inside(inside(inside("", "layers"), 0), "units")
    'layers[0].units'
    """
    if isinstance(key, int):
        return f"{place}[{key}]"
    if not (key.isascii() and key.isidentifier() and len(key) <= 80):
        return f"{place}[{shown(key)}]"
    return f"{place}.{key}" if place else key


def _unwritable(document: object) -> str:
    """Say what in a document would not survive writing and reading, if anything."""
    start: tuple[object, int, tuple[Any, ...]] = (document, 0, ())  # and the way there, last step first
    pending = [start]
    containers = 0
    while pending:
        value, depth, way = pending.pop()
        problem = ""
        if not isinstance(value, (dict, list, tuple)):
            problem = _unwritable_scalar(value)
        elif depth == MAX_DEPTH:
            problem = f"is nested more than {MAX_DEPTH} deep; does the document contain itself?"
        elif containers == MAX_CONTAINERS:
            problem = f"is beyond the first {MAX_CONTAINERS:,} lists and objects, and no more can be read"
        elif isinstance(value, dict) and (odd := [key for key in value if not isinstance(key, str)]):
            problem = f"has a key of type {type(odd[0]).__name__}, and keys are strings"
        else:
            containers += 1
            items = value.items() if isinstance(value, dict) else enumerate(value)
            pending += reversed([(item, depth + 1, (key, way)) for key, item in items])
        if problem:
            keys = []
            while way:
                key, way = way
                keys.append(key)
            place = reduce(inside, reversed(keys), "") or "the document"
            return f"{place if len(place) <= 120 else place[:120] + '...'} {problem}"
    return ""


def _unwritable_scalar(value: object) -> str:
    """Say why a number or string cannot be written, if so."""
    if value is None or isinstance(value, (bool, str)):
        return ""
    if isinstance(value, int):
        return f"has more than {MAX_DIGITS} digits" if abs(value) >= 10**MAX_DIGITS else ""
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"is {float(value)!r}, which JSON cannot hold"
    return f"is of type {type(value).__name__}, which JSON cannot hold"


class _Refused(Exception):
    """What a hook of the JSON reader refused, and a way to find where that stands in the text."""

    def __init__(self, problem: str, find: Callable[[str], int]) -> None:
        super().__init__(problem)
        self.find = find


def _finite(literal: str) -> float:
    """Read a float, but not as infinity."""
    number = float(literal)
    if math.isinf(number):
        raise _Refused(f"{shown(literal, 30)} is larger than any float", partial(_find_literal, literal))
    return number


def _short_integer(literal: str) -> int:
    """Read an integer of a length that takes no noticeable time."""
    digits = len(literal.lstrip("-"))
    if digits > MAX_DIGITS:
        problem = f"an integer of {digits:,} digits; at most {MAX_DIGITS} can be read"
        raise _Refused(problem, partial(_find_literal, literal))
    return int(literal)


def _no_constant(literal: str) -> NoReturn:
    """Refuse the three words that Python's reader takes beyond JSON."""
    raise _Refused(f"{literal} is not JSON; numbers in a model are finite", partial(_find_literal, literal))


def _find_literal(literal: str, text: str) -> int:
    """Find a literal that stands in a JSON text, outside its strings."""
    found = re.search(rf"(?<![-+.\w]){re.escape(literal[:100])}", _without_strings(text))
    return found.start() if found else 0


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, no key of which is given twice."""
    made = dict(pairs)
    if len(made) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise _Refused(f"the key {shown(twice)} is given twice in one object", partial(_find_second, twice))
    return made


def _find_second(key: str, text: str) -> int:
    """Find where an object of a JSON text has a key for the second time."""
    seen: list[bool] = []
    for token in _KEY_OR_BRACKET.finditer(text):  # pragma: no branch
        string, colon = token.groups()
        if token[0] in "[{":
            seen.append(False)
        elif token[0] in "]}":
            seen.pop()
        elif colon and key == (json.loads(string) if "\\" in string else string[1:-1]):
            if seen[-1]:
                break
            seen[-1] = True
    return token.start()


def _refuse_towers(text: str) -> None:
    """Refuse a text whose nesting would exhaust the stack, or whose lists and objects the memory."""
    brackets = _STRING.sub("", text).encode().translate(None, delete=_NO_BRACKETS)
    for i, depth in enumerate(accumulate(+1 if bracket in b"[{" else -1 for bracket in brackets)):
        if depth > MAX_DEPTH:
            raise _Refused(f"nested more than {MAX_DEPTH} deep", partial(_find_bracket, i))
        if i >= 2 * MAX_CONTAINERS:
            raise _Refused(f"more than {MAX_CONTAINERS:,} lists and objects", partial(_find_bracket, i))


def _find_bracket(index: int, text: str) -> int:
    """Find a bracket of a JSON text by its number."""
    return next(islice(re.finditer(r"[][{}]", _without_strings(text)), index, None)).start()


def _without_strings(text: str) -> str:
    """Put spaces in the place of strings."""
    return _STRING.sub(lambda string: " " * len(string[0]), text)
