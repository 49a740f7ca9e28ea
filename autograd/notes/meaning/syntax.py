"""What a formula says: a tree of operations on names, with what is still open left open.

The tree knows no network. Whether `a(1 - a)` is a product or `a` a function, whether `x` means row i of x,
is decided where the tree is evaluated (`evaluating.py`), in one reading or another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from .remembered import once_for_each

__all__ = [
    "ARGUMENT",
    "DIRECTION",
    "LABEL",
    "ONES",
    "Apply",
    "At",
    "Cases",
    "Derivative",
    "Differential",
    "Entry",
    "Everything",
    "Index",
    "Key",
    "Name",
    "Node",
    "Number",
    "Placeholder",
    "Power",
    "Product",
    "Quotient",
    "Shape",
    "Sum",
    "SumOver",
    "Table",
    "Transposed",
    "direction_of",
    "is_counted",
    "letters_of",
    "mapped",
    "names_in",
    "open_letters",
    "parts",
    "quantities_in",
    "replaced",
    "same_form",
    "walk",
    "with_child",
    "with_field",
    "with_part",
]


LABEL = "\u2060"
"""Behind a letter it makes it a word of one letter: such an index is no variable."""


class Index(NamedTuple):
    """An index: a number (`letter` is empty), or a letter plus a number, or a word."""

    letter: str
    number: int = 0

    def __str__(self) -> str:
        if not self.letter:
            return str(self.number)
        letter = self.letter.replace("+-", "-").replace("*", " ").removesuffix(LABEL)
        return letter if self.number == 0 else f"{letter}{self.number:+d}"


def is_counted(index: Index) -> bool:
    """Whether an index is worked out of others: i+k, S*i+m."""
    return "+" in index.letter or "*" in index.letter


def letters_of(letter: str) -> list[str]:
    """The index letters in what stands for one.

    >>> letters_of("i"), letters_of("i+-k"), letters_of("S*i+m")
    (['i'], ['i', 'k'], ['i', 'm'])
    """
    return [term.lstrip("-").rpartition("*")[2] for term in letter.split("+")]


class Key(NamedTuple):
    """What a name is known by: base letter or word, lower and upper indices; `tag` is new, old, or empty."""

    base: str
    below: tuple[Index, ...] = ()
    above: tuple[Index, ...] = ()
    tag: str = ""

    def __str__(self) -> str:
        text = self.base
        if self.below:
            text += "_" + ",".join(map(str, self.below))
        if self.above:
            text += "^" + ",".join(map(str, self.above))
        return text + (f" ({self.tag})" if self.tag else "")

    @property
    def letters(self) -> set[str]:
        """The index letters in it."""
        return {index.letter for index in self.below + self.above if index.letter}


DIRECTION = "direction "
"""What the names of differentials begin with: dx, where x is what changes."""


def direction_of(key: Key) -> Key:
    """The name of the change of a quantity."""
    return key._replace(base=DIRECTION + key.base)


ARGUMENT = Key("argument")
"""What a function is of where that is not said: any number."""

ONES = Key("ones")
"""The vector of ones, as long as what it stands beside."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a formula, from the characters `start` to `end` of its source."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number in digits."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A quantity, or a function that is only named; `primes` that are no part of the name."""

    key: Key
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """Terms, each with its sign."""

    terms: tuple[Node, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Product(Node):
    """Factors; `signs` are what stands between them: "" (nothing), "*", "odot", "otimes"."""

    factors: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quotient(Node):
    """A fraction, or a division."""

    over: Node
    under: Node


@dataclass(frozen=True, slots=True)
class Power(Node):
    """A power; a root is a power of 1/2."""

    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """A name followed by a bracket: a function of what is in it, or a product with it."""

    name: Name
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Derivative(Node):
    """d(output)/d(variable), `order` times; `sign` is what it is written with: d, partial, nabla, Delta."""

    output: Node
    variable: Node
    order: int = 1
    sign: str = "partial"


@dataclass(frozen=True, slots=True)
class Differential(Node):
    """How much something changes where these names do, each in a direction of its own: `d(X Y)`."""

    body: Node
    by: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class SumOver(Node):
    """A sum (or product, by `name`) over an index; the bounds may be left out. One value may be excluded.

    `within` is the set that the index is said to be in.
    """

    name: str
    index: str
    low: Node | None
    high: Node | None
    body: Node
    but: Node | None = None
    within: str = ""


@dataclass(frozen=True, slots=True)
class Transposed(Node):
    """A transposed table."""

    body: Node


@dataclass(frozen=True, slots=True)
class At(Node):
    """A formula evaluated where the names have these values: df/dx at x = 2."""

    body: Node
    names: tuple[Node, ...]
    values: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """An entry of a table in brackets: (W x)_i. The `place` is a name of no other use, with the indices."""

    body: Node
    place: Name


@dataclass(frozen=True, slots=True)
class Everything(Node):
    """What a gradient is by where the formula does not say it."""


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """Values, each with a condition: left, relation, right; no condition is `otherwise`."""

    values: tuple[Node, ...]
    conditions: tuple[tuple[Node, str, Node] | None, ...]


@dataclass(frozen=True, slots=True)
class Table(Node):
    """A matrix written out."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Shape(Node):
    """Rows times columns: (k x d), or several multiplied."""

    sizes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Placeholder(Node):
    """Where something is left out: an operator waits for it."""


def own_fields(node: Node) -> tuple[str, ...]:
    """The names of what a node has besides its place."""
    return tuple(field.name for field in fields(node) if field.name not in ("start", "end"))


def parts(node: Node) -> list[Node]:
    """What a node is made of, from left to right."""
    found: list[Node] = []
    for name, depth in _HOLDING[type(node)]:
        value = getattr(node, name)
        if depth == 1:
            found += value
        elif depth:
            _gather(value, found)
        elif value is not None:
            found.append(value)
    return found


_HOLDING = {
    kind: tuple(
        (field.name, str(field.type).count("tuple"))
        for field in fields(kind)
        if {"Node", "Name"} & set(re.findall(r"\w+", str(field.type)))
    )
    for kind in Node.__subclasses__()
}
"""The fields that hold nodes, by kind of node, and how deep in tuples these are there."""


def _gather(values: tuple[Any, ...], found: list[Node]) -> None:
    for value in values:
        if isinstance(value, Node):
            found.append(value)
        elif type(value) is tuple:
            _gather(value, found)


@once_for_each
def walk(node: Node) -> tuple[Node, ...]:
    """The node and everything in it, from left to right."""
    found: list[Node] = []
    stack = [node]
    while stack:
        x = stack.pop()
        found.append(x)
        if type(x) is not Name and type(x) is not Number:
            stack += reversed(parts(x))
    return tuple(found)


def with_field(node: Node, name: str, value: object) -> Node:
    """The node with one of its fields changed."""
    return replace(node, **{name: value})  # type: ignore[arg-type] # a field of that name, whatever the node


def mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with a change made to everything directly in it; itself where that changes nothing."""
    if isinstance(node, (Name, Number)):
        return node
    for name, depth in _HOLDING[type(node)]:
        value = getattr(node, name)
        if value is not None:
            new: object = _mapped_inside(value, change) if depth else change(value)
            if new is not value:
                node = with_field(node, name, new)
    return node


def with_child(node: Node, old: Node, new: Node) -> Node:
    """The node with another in the place of one that is directly in it."""
    return mapped(node, lambda x: new if x is old else x)


def with_part(node: Node, old: Node, new: Node) -> Node:
    """The node with another part in the place of one of its own, however deep that is."""
    if node is old:
        return new
    return mapped(node, lambda x: with_part(x, old, new))


def _mapped_inside(value: tuple[object, ...], change: Callable[[Node], Node]) -> tuple[object, ...]:
    items = tuple(
        change(x) if isinstance(x, Node) else _mapped_inside(x, change) if type(x) is tuple else x
        for x in value
    )
    return value if all(a is b for a, b in zip(items, value, strict=True)) else items


def quantities_in(node: Node) -> Iterator[Name]:
    """The names in it that are not only applied to something."""
    stack = [node]
    while stack:
        x = stack.pop()
        if isinstance(x, Name):
            yield x
        elif isinstance(x, Apply):
            stack.extend(reversed(x.arguments))
        else:
            stack += reversed(parts(x))


@once_for_each
def names_in(node: Node) -> tuple[Name, ...]:
    """The names in it."""
    return tuple(x for x in walk(node) if type(x) is Name)


@once_for_each
def open_letters(node: Node) -> frozenset[str]:
    """The letters in it that may have a number from outside: indices that no sum in it binds, and names."""
    if isinstance(node, SumOver):
        inside = open_letters(node.body) - {node.index}
        return inside.union(*(open_letters(x) for x in (node.low, node.high, node.but) if x is not None))
    if isinstance(node, Name):
        return frozenset((node.key.base, *(x for letter in node.key.letters for x in letters_of(letter))))
    return frozenset().union(*map(open_letters, parts(node)))


def same_form(a: Node, b: Node) -> bool:
    """Whether two formulas are written alike."""
    if type(a) is not type(b):
        return False
    for field in a.__slots__:
        if field == "sign":  # d or partial
            continue
        x, y = getattr(a, field), getattr(b, field)
        if not _alike(x, y):
            return False
    return True


def _alike(x: Any, y: Any) -> bool:
    if isinstance(x, Node):
        return isinstance(y, Node) and same_form(x, y)
    if type(x) is tuple and type(y) is tuple:
        return len(x) == len(y) and all(map(_alike, x, y))
    return bool(x == y)


def replaced(node: Node, pattern: Node, by: Node) -> Node | None:
    """The formula with a part replaced wherever it stands; None where it does not occur."""
    found = False

    def change(x: Node) -> Node:
        nonlocal found
        if same_form(x, pattern):
            found = True
            return by
        if isinstance(x, Apply) and not isinstance(by, Name) and same_form(x.name, pattern):
            found = True  # L(y, a) names its arguments only, and a(1 - a) is a product
            return (
                by if len(x.arguments) > 1 else Product(x.start, x.end, (by, change(x.arguments[0])), ("",))
            )
        return mapped(x, change)

    new = change(node)
    return new if found else None
