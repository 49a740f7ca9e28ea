"""The book of a set of notes: what every name in it stands for."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from ..meaning.names import GREEK
from ..meaning.syntax import LABEL, Derivative, Index, Key, Name, Node, is_counted, letters_of, names_in, walk
from ..meaning.vocabulary import INPUTS

__all__ = [
    "COUNTS",
    "FIRST_FIXED",
    "Book",
    "Definition",
    "Function",
    "bound",
    "is_constant",
    "matched",
    "shape_name",
]

LAYERS = 3
UNITS = 2
ROWS = 4
"""How many layers, units and rows there are where the notes do not say it; all different, so that shapes and
factors do not fit by chance."""

COUNTS = ("m", "n", "N", "M", "B")
"""How many examples there are, by the usual letters."""

FIRST_FIXED = 100
"""Indices that stand for one unit everywhere have numbers above this, which no other index has."""

TYPED = ("typed",)
"""Among the sizes: different letters number different units, as j in the hidden layer and k in the last."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A name and what it is; with index letters in its key it defines one for every index.

    line     where it stands; 0 for front matter and conventions
    origin   "notes", "front matter" or the convention in words
    """

    key: Key
    body: Node
    line: int = 0
    origin: str = "notes"
    place: int = -1


@dataclass(frozen=True, slots=True)
class Function:
    """A function of these parameters; `name` with its index, where it has one."""

    parameters: tuple[Key, ...]
    body: Node
    line: int = 0
    name: Key | None = None
    place: int = -1

    def is_called(self, name: Key) -> bool:
        r"""Whether a name is that of the function, and not h_\Theta where it is h_\theta, f_2 for f_1."""
        mine, theirs = self.indices, (*name.below, *name.above)
        if mine and _is_numbered(mine) and (not theirs or _is_numbered(theirs)):
            return mine == theirs
        if mine and theirs and all(map(_is_label, mine + theirs)):
            return mine == theirs  # f_s and f_o, where s and o are short for state and output
        texts = [" ".join(map(str, indices)) for indices in (mine, theirs)]
        return texts[0] == texts[1] or texts[0].lower() != texts[1].lower()

    @property
    def indices(self) -> tuple[Index, ...]:
        """Those of its name."""
        return (*self.name.below, *self.name.above) if self.name is not None else ()


def _is_numbered(indices: tuple[Index, ...]) -> bool:
    return not any(index.letter for index in indices)


def _is_label(index: Index) -> bool:
    r"""Whether an index is a word or short for one, and neither a number nor the \theta of h_\theta."""
    return index.letter.endswith(LABEL) or (len(index.letter) > 1 and index.letter not in GREEK)


@dataclass
class Book:
    """Everything the notes say about their names.

    exact        definitions of single names
    templates    definitions with index letters, by base letter and number of indices
    functions    functions that are written out, by name
    known        values of names, as given or worked out by the notes
    shapes       of leaves that are tables, by base letter
    stated       those of them that the notes say
    sizes        of index slots and of letters such as n and K
    row_slots    base letters whose last or first index is the row, with the unindexed quantity meant in it
    row_leaves   base letters of leaves that differ from row to row
    rows         how many rows a batch has; 0 without rows
    rates        names of the learning rate
    loss         the key of the loss
    loss_of_one  the key of the loss of one example, where `loss` is that of a batch
    times_examples  what counts examples, where the slopes of what is computed leave 1/m to those of weights
    twins        small letters of one example, and the capitals of all of them
    lies         whether derivatives by vectors are rows in these notes: delta = (y - t)^T
    by_entries   whether `*` multiplies entry by entry, as in code
    bold         letters of vectors, set in bold type
    unsaid       base letters of targets of a loss of which no more is said than that: L = l(o, y)
    targets      base letters of targets, which depend on nothing
    sums_to_one  base letters of targets that are distributions
    classes      targets that are the number of a class, as the y of 1{y = k}: letter, number of indices
    symmetric    base letters of symmetric matrices
    ranges       between which numbers the leaves of a base letter lie
    unread       names whose definition could not be read, and its line
    """

    exact: dict[Key, Definition] = field(default_factory=dict)
    templates: dict[tuple[str, int, int], list[Definition]] = field(default_factory=dict)
    functions: dict[str, list[Function]] = field(default_factory=dict)
    known: dict[Key, Fraction] = field(default_factory=dict)
    shapes: dict[str, tuple[int, int]] = field(default_factory=dict)
    stated: set[str] = field(default_factory=set)
    sizes: dict[object, Any] = field(default_factory=dict)
    row_slots: dict[str, str] = field(default_factory=dict)
    row_bases: dict[str, str] = field(default_factory=dict)
    row_letters: set[str] = field(default_factory=set)
    row_leaves: set[str] = field(default_factory=set)
    sequences: set[object] = field(default_factory=set)
    rows: int = 0
    rates: set[str] = field(default_factory=set)
    loss: Key | None = None
    loss_of_one: Key | None = None
    times_examples: Key | None = None
    twins: dict[str, str] = field(default_factory=dict)
    by_entries: bool = False
    lies: bool = False
    unsaid: set[str] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)
    sums_to_one: set[str] = field(default_factory=set)
    classes: set[tuple[str, int, int]] = field(default_factory=set)
    symmetric: set[str] = field(default_factory=set)
    ranges: dict[str, tuple[Fraction, Fraction]] = field(default_factory=dict)
    unread: dict[Key, int] = field(default_factory=dict)
    parameters: set[Key] = field(default_factory=set)
    conventions: dict[str, None] = field(default_factory=dict)
    indexed: set[tuple[str, int, int]] = field(default_factory=set)
    mentioned: set[Key] = field(default_factory=set)
    upstream: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    counted: set[object] = field(default_factory=set)
    has_branches: bool = False
    taken_away: set[Key] = field(default_factory=set)
    vectors: bool = False
    bold: set[str] = field(default_factory=set)
    examples_in_columns: bool = False
    plain: set[Key] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)
    mentioned_in_definitions: set[Key] = field(default_factory=set)
    lookalikes: dict[str, str] = field(default_factory=dict)
    layers: int = LAYERS
    row_dependent: dict[Key, bool] = field(default_factory=dict)
    _derivatives: set[tuple[str, int, int, str]] | None = None

    def define(self, definition: Definition) -> None:
        """Enter a definition; an earlier one of the same name gives way."""
        self._derivatives = None
        key = bound(definition.key, {}, self.sizes)
        definition = replace(definition, key=key)
        if key.letters and not _all_constants(key):
            slot = (key.base, len(key.below), len(key.above))
            found = self.templates.setdefault(slot, [])
            first = any(map(is_constant, key.below + key.above))  # of one layer, before those of any
            found.insert(0 if first else len(found), definition)
        else:
            self.exact[key] = definition

    def is_parameter(self, key: Key) -> bool:
        """Whether it is a leaf that is no input, nor the beginning of what is computed layer by layer."""
        computed = (key.base, len(key.below), len(key.above)) in self.templates or self.is_defined(key)
        return not computed and key.base not in INPUTS

    def reached(self, body: Node, most: int = 300) -> set[Key]:
        """Every name that a formula is computed from, as the definitions have them."""
        found: set[Key] = set()
        stack = [name.key for name in names_in(body)]
        while stack and len(found) < most:
            key = stack.pop()
            if key in found:
                continue
            found.add(key)
            definition = self.exact.get(key)
            below = [definition] if definition is not None else self.templates.get(
                (key.base, len(key.below), len(key.above)), []
            )  # fmt: skip
            stack += [name.key for d in below for name in names_in(d.body)]
        return found

    def definitions(self) -> list[Definition]:
        """All of them, those of one name and those of a family."""
        return [*self.exact.values(), *(d for found in self.templates.values() for d in found)]

    def is_used(self, key: Key) -> bool:
        """Whether something is computed from a name with this letter."""
        return any(name.key.base == key.base for d in self.definitions() for name in names_in(d.body))

    def remove(self, definition: Definition) -> None:
        """Take a definition out."""
        key = definition.key
        if self.exact.get(key) is definition:
            del self.exact[key]
        found = self.templates.get((key.base, len(key.below), len(key.above)), [])
        if definition in found:
            found.remove(definition)
            if not found:
                del self.templates[key.base, len(key.below), len(key.above)]

    def definition(self, key: Key) -> tuple[Definition, dict[str, int]] | None:
        """The definition of a name without free letters, and what the letters of a template are there."""
        found = self.exact.get(key)
        if found is not None:
            return found, {}
        for template in self.templates.get((key.base, len(key.below), len(key.above)), ()):
            if template.key.tag == key.tag:
                bindings = matched(template.key, key, self.sizes)
                if bindings is not None:
                    return template, bindings
        return None

    def body(self, key: Key) -> Node | None:
        """What a name is defined as, written with the same index letters."""
        if key in self.exact:
            return self.exact[key].body
        templates = self.templates.get((key.base, len(key.below), len(key.above)), ())
        return next((template.body for template in templates if template.key == key), None)

    def is_defined(self, key: Key) -> bool:
        """Whether the notes say what a name stands for; with index letters in it, for any index."""
        if key in self.exact:
            return True
        if not self.templates:
            return False
        key = bound(key, {}, self.sizes)
        if key.letters - {x for x in key.letters if "#" in x}:
            letters = {index.letter for index in key.below + key.above if not is_constant(index)}
            key = bound(key, dict.fromkeys(letters, 2), self.sizes)
        return self.definition(key) is not None

    def instances(self, most: int = 36) -> Iterator[Key]:
        """Every name that has a definition, index letters replaced by the numbers they stand for."""
        yield from list(self.exact)
        for found in list(self.templates.values()):
            for definition in found:
                key = definition.key
                sizes = {
                    index.letter: self.sizes.get((key.base, side, place), UNITS)
                    for side, indices in (("below", key.below), ("above", key.above))
                    for place, index in enumerate(indices)
                    if not is_constant(index)
                }
                for numbers in itertools.islice(
                    itertools.product(*(range(1, n + 1) for n in sizes.values())), most
                ):
                    yield bound(key, dict(zip(sizes, numbers, strict=True)), self.sizes)

    def bases(self) -> Iterator[str]:
        """Letters that have a definition."""
        yield from {key.base for key in self.exact}
        yield from {base for base, _, _ in self.templates}

    def defined_with(self, below: int) -> set[str]:
        """The letters that are defined with so many lower indices."""
        return {base for base, n, _ in self.templates if n == below} | {
            key.base for key in self.exact if len(key.below) == below
        }

    def is_derivative(self, key: Key) -> bool:
        """Whether a name stands for a derivative, or something computed from one."""
        if self._derivatives is None:
            self._derivatives = set()
            definitions = self.definitions()
            while True:
                size = len(self._derivatives)
                for d in definitions:
                    for x in walk(d.body):
                        if isinstance(x, Derivative) or (
                            isinstance(x, Name) and _slot(x.key) in self._derivatives
                        ):
                            self._derivatives.add(_slot(d.key))
                if len(self._derivatives) == size:
                    break
        return _slot(key) in self._derivatives or key.base.startswith("d ")

    def shape(self, key: Key) -> tuple[int, int] | None:
        """The shape of a leaf that is a table. Those with an upper index have one of their own."""
        own = self.shapes.get(str(key)) if key.below or key.above else None
        return own or self.shapes.get(shape_name(key))

    def shown(self, key: Key) -> Key:
        """The key as it is written: with the letters of indices that stand for one unit everywhere."""
        letters = {self.sizes["index", letter]: letter for letter in self.fixed}
        letters = {number: letter for number, letter in letters.items() if number > FIRST_FIXED}

        def back(index: Index) -> Index:
            return Index(letters[index.number]) if not index.letter and index.number in letters else index

        return key._replace(below=tuple(map(back, key.below)), above=tuple(map(back, key.above)))

    def announce(self, convention: str) -> None:
        """Say that a convention was used."""
        self.conventions[convention] = None

    def with_more(self) -> Book:
        """The same with one more of everything that is counted by a letter."""
        more = self.copy()
        for slot in self.counted:
            if slot in more.sizes:
                more.sizes[slot] += 1
        if self.rows and "rows" in self.counted:
            more.rows += 1
        more.conventions = self.conventions
        return more

    def copy(self) -> Book:
        """A book that can be written in without changing this one."""
        from copy import copy

        new = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, (dict, set)):
                setattr(new, name, value.copy())
        new.templates = {slot: list(found) for slot, found in self.templates.items()}
        new.functions = {name: list(found) for name, found in self.functions.items()}
        return new


def _slot(key: Key) -> tuple[str, int, int, str]:
    return key.base, len(key.below), len(key.above), key.tag


def shape_name(key: Key) -> str:
    """What the shape of a name is entered under."""
    return key.base + "_" * len(key.below) + "^" * bool(key.above)


def _all_constants(key: Key) -> bool:
    """Whether its letters are no variables: words, and capitals such as the last layer L."""
    return all(is_constant(index) for index in key.below + key.above)


def is_constant(index: Index) -> bool:
    """Whether an index is a word or a capital, which stand for one unit, layer or row."""
    return not index.letter or (len(index.letter) > 1 and not is_counted(index)) or index.letter.isupper()


def matched(template: Key, key: Key, sizes: Mapping[object, Any] | None = None) -> dict[str, int] | None:
    """The numbers for the letters of a template that make it the key; None where none do.

    A letter of a template stands for 1, 2, ...: what has index 0 is where a recursion begins.
    """
    bindings: dict[str, int] = {}
    for slot, index in zip(template.below + template.above, key.below + key.above, strict=True):
        if is_constant(slot):
            if slot != index:
                return None
        elif "#" in index.letter:
            letter, _, number = index.letter.partition("#")
            own = slot.letter if sizes is None else sizes.get(("class", slot.letter), slot.letter)
            value = int(number) - slot.number
            if letter != own or bindings.setdefault(slot.letter, value) != value:
                return None
        elif (
            index.letter
            or index.number - slot.number < 1
            or bindings.setdefault(slot.letter, index.number - slot.number) != index.number - slot.number
        ):
            return None
    return bindings


def bound(key: Key, bindings: Mapping[str, int], sizes: Mapping[object, Any]) -> Key:
    """The key with numbers for the letters that have one."""
    for index in (*key.below, *key.above):
        if index.letter:
            below = tuple([_bound(i, bindings, sizes) for i in key.below])
            return Key(key.base, below, tuple([_bound(i, bindings, sizes) for i in key.above]), key.tag)
    return key


def _multiplier(term: str, sizes: Mapping[object, Any]) -> int:
    """What an index letter counts for: -1 in -k, and the stride in s*i."""
    by = term.lstrip("-").rpartition("*")[0]
    number = int(by) if by.isdigit() else sizes.get(("symbol", by), UNITS) if by else 1
    return -int(number) if term.startswith("-") else int(number)


def _bound(index: Index, bindings: Mapping[str, int], sizes: Mapping[object, Any]) -> Index:
    if not index.letter:
        return index
    value = bindings.get(index.letter)
    if value is None:
        value = sizes.get(("index", index.letter))
    if value is None and is_counted(index):
        terms = index.letter.split("+")  # x_{i+j-1}, x_{i-j} as i+-j, and x_{si+k} as s*i+k
        numbers = [bindings.get(letter) for letter in letters_of(index.letter)]
        if None not in numbers:
            value = sum(map(operator.mul, (_multiplier(term, sizes) for term in terms), numbers))
    if value is None:
        return index
    number = value + index.number
    letter = sizes.get(("class", index.letter), index.letter)
    typed = TYPED in sizes and len(index.letter) == 1 and not index.letter.isupper()
    return Index(f"{letter}#{number}") if typed else Index("", number)
