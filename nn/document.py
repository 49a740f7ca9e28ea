"""Entries of a JSON document: values that know where they stand, and refuse to be what they are not.

A file that someone else wrote may be good JSON and no model. Whoever loads one takes every value out through
an `Entry`, and so never sees a `true` among the weights, and allocates nothing of an unchecked size.
"""

import difflib
import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn, TypeVar

from autograd.errors import FileFormatError
from autograd.files import StrPath, shown, shown_path
from nn.storage import MAX_BYTES, inside, read_json

__all__ = ["Entry", "read_document"]

_MISSING = object()
_Choice = TypeVar("_Choice", str, int)


def read_document(path: StrPath, *, max_bytes: int = MAX_BYTES) -> "Entry":
    """Read a strict JSON document as an `Entry`; errors as in `read_json`."""
    return Entry(read_json(path, max_bytes=max_bytes), shown_path(path))


@dataclass(frozen=True, slots=True)
class Entry:
    """One value in a document and the place where it stands, so that every refusal can name it.

    `entry["key"]` and `entry.items()` step inwards; `integer`, `number`, `numbers`, `text` and `one_of` take
    the value out once it passed the check. All raise FileFormatError.

    >>> model = Entry({"version": 1, "layers": [{"units": 3, "weights": [0.5, True]}]}, file="'model.json'")
    >>> model["version"].one_of([1])
    1
    >>> layer = model["layers"].items(at_most=1000)[0]
    >>> layer["units"].integer(1, 100_000)  # before anything of that size is allocated
    3
    >>> layer["weights"].numbers(count=2)
    Traceback (most recent call last):
    autograd.errors.FileFormatError: 'model.json', layers[0].weights[1]: true is not a number
    >>> layer["bias"]
    Traceback (most recent call last):
    autograd.errors.FileFormatError: 'model.json', layers[0]: there is no 'bias' among 'units', 'weights'
    """

    value: Any
    file: str
    place: str = ""

    def refuse(self, problem: str) -> NoReturn:
        """Raise a FileFormatError that names the file and this place in it."""
        raise FileFormatError(f"{self.file}{self.place and f', {self.place}'}: {problem}")

    def __getitem__(self, key: str) -> "Entry":
        entry = self.get(key)
        if entry is None:
            self.refuse(f"there is no {shown(key)} among {_listed(self.value)}")
        return entry

    def get(self, key: str) -> "Entry | None":
        """Step to what an object holds under `key`; None if it has no such key."""
        item = self._object().get(key, _MISSING)
        return None if item is _MISSING else Entry(item, self.file, inside(self.place, key))

    def only(self, *keys: str) -> None:
        """Refuse an object with keys beyond these, which a newer version may have written."""
        for key in self._object():
            if key not in keys:
                self.refuse(f"unknown key {shown(key)}; known are {_listed(keys)}")

    def _object(self) -> dict[str, Any]:
        """Take the value for an object."""
        if not isinstance(self.value, dict):
            self.refuse(f"{_brief(self.value)} is not an object")
        return self.value

    def items(self, count: int | None = None, *, at_most: int | None = None) -> list["Entry"]:
        """Step to the items of a list, which has exactly `count` or at most `at_most` of them."""
        if not isinstance(self.value, list):
            self.refuse(f"{_brief(self.value)} is not a list")
        if count is not None and len(self.value) != count:
            self.refuse(f"{len(self.value):,} items where {count:,} belong")
        if at_most is not None and len(self.value) > at_most:
            self.refuse(f"{len(self.value):,} items, and at most {at_most:,} can be read")
        return [Entry(item, self.file, inside(self.place, i)) for i, item in enumerate(self.value)]

    def integer(self, low: int, high: int, why: str = "") -> int:
        """Take out an integer from low to high, both included; `why` says where these bounds come from."""
        if type(self.value) is not int:
            self.refuse(f"{_brief(self.value)} is not an integer")
        if not low <= self.value <= high:
            self.refuse(f"{_brief(self.value)} is not from {low:,} to {high:,}{why and f' ({why})'}")
        return self.value

    def number(self) -> float:
        """Take out a finite number as a float."""
        if type(self.value) not in (int, float):
            self.refuse(f"{_brief(self.value)} is not a number")
        try:
            number = float(self.value)
        except OverflowError:
            self.refuse(f"{_brief(self.value)} is larger than any float")
        if not math.isfinite(number):
            self.refuse(f"{number} is not finite")
        return number

    def numbers(self, count: int | None = None, *, at_most: int | None = None) -> list[float]:
        """Take out a list of finite numbers, exactly `count` or at most `at_most` of them."""
        return [item.number() for item in self.items(count, at_most=at_most)]

    def text(self) -> str:
        """Take out a string, which may hold any character."""
        if not isinstance(self.value, str):
            self.refuse(f"{_brief(self.value)} is not a string")
        return self.value

    def one_of(self, choices: Collection[_Choice]) -> _Choice:
        """Take out one of a few known values, such as a version or the name of an operation."""
        for choice in choices:
            if choice == self.value and type(choice) is type(self.value):  # 1 == True == 1.0
                return choice
        nearest = difflib.get_close_matches(_brief(self.value), map(_brief, choices), 1)
        hint = f"did you mean {nearest[0]}?" if nearest else f"known are {_listed(choices)}"
        self.refuse(f"{_brief(self.value)} is not known; {hint}")


def _brief(value: object) -> str:
    """Name a value of a document on one short line, in JSON's own spelling."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return shown(value)
    literal = json.dumps(value)
    return literal if len(literal) <= 30 else f"{literal[:20]}... ({len(literal):,} digits)"


def _listed(choices: Collection[str] | Collection[int]) -> str:
    """List what is known, as far as one line has room."""
    listed = ", ".join(map(_brief, islice(choices, 12)))
    return listed + ", ..." * (len(choices) > 12) or "nothing at all"
