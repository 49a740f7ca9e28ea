"""How the letters of these notes are used, found out before anything is read.

Whether an upper index is a label or a power, whether a letter before a bracket is a function: the notes
say it somewhere. A weight that is differentiated by as `w_{11}^2` has a label there, for nobody
differentiates by a square; a letter that is only ever followed by a bracket is a function.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..reading.layout import (
    Accented,
    Annotated,
    Big,
    Bracketed,
    Fraction,
    Grid,
    Mark,
    Number,
    Operator,
    Radical,
    Row,
    Scripted,
    Separator,
    Symbol,
)  # fmt: skip
from .distributions import distribution_of
from .names import Script, Spelling, base_of, is_indexed, script, spelled, without_square
from .remembered import once_for_each
from .rows import is_any, opens_bracket, order_of, split, with_words
from .syntax import Index, Key
from .typed_words import equals, letters_before, named_twice, word_by_parts

if TYPE_CHECKING:
    from .syntax import Node

__all__ = [
    "FUNCTIONS",
    "INPUTS",
    "LOSSES",
    "OF_VECTORS",
    "RELATIONS",
    "TARGETS",
    "Reference",
    "Vocabulary",
    "is_transpose",
    "rows_of",
]

RELATIONS = {
    "=", "approx", "equiv", "<-", "propto", "!=", "<", ">", "<=", ">=", "in", "->", "=>", "therefore",
}  # fmt: skip

FUNCTIONS = {
    "log", "ln", "exp", "tanh", "sin", "cos", "tan", "sinh", "cosh", "max", "min", "softmax", "sigmoid",
    "relu", "ReLU", "RELU", "Relu", "softplus", "sqrt", "sgn", "sign", "diag", "tr", "sech", "logistic",
    "lrelu", "LeakyReLU", "Softmax", "Sigmoid", "Tanh", "LSE", "logsumexp", "sig", "leaky_relu",
    "arctan", "abs", "sum", "np.sum", "vec",
}  # fmt: skip
"""What these words name everywhere."""

OF_VECTORS = {"softmax", "Softmax", "LSE", "logsumexp"}
"""Those of them that are of a whole vector; notes often write them out as well."""

LOSSES = (
    "L", "J", "E", "C", "loss", "Loss", "cost", "Cost", "error", "MSE", "BCE", "SSE", "ell", "l", "H",
    "R", "S", "Q", "U",
)  # fmt: skip
INPUTS = {"x", "X", "i", "I"}
TARGETS = {"y", "Y", "t", "T", "d", "target", "bar y"}
"""What letters usually stand for, where the notes do not say it."""

_ACTIVATIONS = {"sigma", "phi", "varphi", "psi", "f", "g"}

_USUAL_FUNCTIONS = {
    "sigma", "phi", "varphi", "psi", "f", "g", "h", "S", "act", "s", "rho", "theta", "Theta", "Phi",
} | set("JLECRQU")  # fmt: skip
"""Letters that may name a function; whether they do depends on the notes."""


class Reference(NamedTuple):
    """A name as the notes mean it: its key, what else stands above it, whether it is transposed."""

    key: Key
    primes: int
    powers: tuple[Row, ...]
    transposed: bool


GATES = {"f", "o"}
"""Letters of the gates of an LSTM, which number nothing elsewhere: W_f, a^o_t."""


@dataclass
class Vocabulary:
    r"""How letters are used.

    labels                  those whose upper indices are labels
    steps                   those with the number of a step above, and the letter of that: w^{t+1}
    named                   those that are said to be a function that is known everywhere
    functions, quantities   those that are used as such; `bare` are quantities without any index
    distributions           those of which p(y | x) is set equal to something, with what they are of
    above                   the letters that stand above them
    slopes                  those that make a derivative of the quantity behind them: \delta h = dL/dh
    sums_repeated           whether an index that stands twice is summed over (`repeated_indices.py`)
    rewrites                how names are rewritten once all is read
    """

    labels: set[str] = field(default_factory=set)
    steps: set[tuple[str, str]] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    quantities: set[str] = field(default_factory=set)
    bare: set[str] = field(default_factory=set)
    before_brackets: dict[str, int] = field(default_factory=dict)
    alone: dict[str, int] = field(default_factory=dict)
    primed: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    differentiated: set[str] = field(default_factory=set)
    slopes: set[str] = field(default_factory=set)
    above: dict[str, set[str]] = field(default_factory=dict)
    distributions: set[tuple[str, ...]] = field(default_factory=set)
    sums_repeated: bool = False
    rewrites: list[Callable[[Node], Node]] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Iterable[Row]) -> Vocabulary:
        """What the lines of all formulas show."""
        vocabulary = cls()
        lines = list(lines)
        for line in lines:
            for equation in _between_spaces(line):
                vocabulary._see_left_side(equation)
        for line in lines:
            for row in rows_of(line):
                vocabulary._see_called(row)
        vocabulary.words |= named_twice(lines, rows_of)
        for line in lines:
            for row in rows_of(line):
                vocabulary._see(tuple(with_words(row, vocabulary.words)))
        vocabulary._settle()
        return vocabulary

    def _see_left_side(self, line: Row) -> None:
        place = equals(line)
        if place is None:
            return
        self._see_word(line[:place])
        self._see_called_word(line[:place])
        named = line[1:place] if isinstance(line[0], Operator) and line[0].name == "-" else line[:place]
        log = len(named) == 3 and base_of(named[0]) in ("log", "ln")
        distribution = distribution_of(*named[-2:]) if log or place == len(named) == 2 else ()
        if len(distribution) > 1:
            self.distributions.add(("log", *distribution) if log else distribution)
        left = [mark for mark in line[:place] if not isinstance(mark, Operator)]
        name = spelled(left[0]) if left else None
        if len(left) == 1 and name is not None:
            if any(_is_number(row) for row in name.above):
                self.labels.add(name.base)
            for row in name.above:
                said = script(row)
                if len(said.indices) == 1 and said.indices[0].letter and said.indices[0].number:
                    self.steps.add((name.base, said.indices[0].letter))
            if not name.primes and _is_function_name(line[place + 1 :]):
                self.named.add(name.base)  # g = \tanh
            elif not name.primes:
                self.quantities.add(name.base)
                if not name.below.indices and not name.above:
                    self.bare.add(name.base)
        if len(left) == 2 and _says_slope(left, line[place + 1 :]):
            self.slopes.add("delta")
        if len(left) == 2 and name is not None and isinstance(left[1], Bracketed) and left[1].opening == "(":
            inside = left[1].inside
            if is_any(left[1]) or (len(inside) == 1 and spelled(inside[0]) is not None and not name.above):
                self.functions.add(name.base)  # f(z) = ...
                self.bare |= {"e"} & {base_of(inside[0])}  # q(e) = e^2

    def _see_word(self, left: Row) -> None:
        word = word_by_parts(left)
        if word:
            self.words.add(word[1:] if word[0] == "d" and word[1:] in self.words else word)

    def _see_called(self, row: Row) -> None:
        """Capitals close before a bracket of two things, CE(y, p), are a word."""
        for place, mark in enumerate(row):
            if opens_bracket(mark):
                word = letters_before(row, place, str.isupper)
                inside = (mark.base if isinstance(mark, Scripted) else mark).inside  # type: ignore[attr-defined]
                if 1 < len(word) < 5 and len(split(inside)) > 1:
                    self.words.add(word)

    def _see_called_word(self, left: Row) -> None:
        """A left side of more than three letters close before a bracket of names: activation(x) = ..."""
        if len(left) > 4 and opens_bracket(left[-1]) and isinstance(left[-1], Bracketed):
            word = letters_before(left, len(left) - 1, str.islower)
            names = [spelled(part[0]) for part in split(left[-1].inside) if len(part) == 1]
            if len(word) == len(left) - 1 and names and None not in names:
                self.words.add(word)
                self.functions.add(word)

    def _see(self, row: Row) -> None:
        for place, mark in enumerate(row):
            if isinstance(mark, Fraction):
                for part in (mark.over, mark.under):
                    if len(part) > 1 and isinstance(part[0], Symbol) and part[0].name in ("partial", "d"):
                        variable = spelled(part[1])
                        if variable is not None and part is mark.over and len(part) == 2:
                            self.differentiated.add(variable.base)
                        elif variable is not None:
                            self.quantities.add(variable.base)
                        if variable is not None:
                            first_order = part is mark.under and not _is_second_order(mark)
                            if first_order and any(_is_number(above) for above in variable.above):
                                self.labels.add(variable.base)
            name = spelled(mark)
            if name is None:
                continue
            after = row[place + 1] if place + 1 < len(row) else None
            inner = after.base if isinstance(after, Scripted) else after
            labels = [script(above) for above in name.above]
            bracket = (
                isinstance(inner, Bracketed) and inner.opening == "(" and all(x.bracketed for x in labels)
            )
            if len(row) > 1 and not (place == 1 == len(row) - 1 and order_of(row)):
                counts = self.before_brackets if bracket else self.alone
                counts[name.base] = counts.get(name.base, 0) + 1
            if name.base == "d" and len(row) > 1 and (after is None or isinstance(after, Operator)):
                self.bare.add("d")  # no differential: nothing stands behind it
            if (name.primes or any(x.primes for x in labels)) and bracket:
                self.primed.add(name.base)
            if bracket and isinstance(inner, Bracketed) and len(inner.inside) == 2:
                argument = base_of(inner.inside[0]) or ""
                if opens_bracket(inner.inside[1]) and {name.base, argument} <= _USUAL_FUNCTIONS:
                    self.functions |= {name.base, argument}  # f(g(x))
            for above in name.above:
                said = script(above)
                self.above.setdefault(name.base, set()).update(index.letter for index in said.indices)
                if said.bracketed and len(said.indices) == 1 and said.indices[0].letter:
                    self.steps.add((name.base, said.indices[0].letter))  # y^i beside y^{(i)} is no power
                pointless = _is_number(above) and getattr(above[0], "text", "") in ("0", "1")
                if pointless or (_is_layer(said) and not said.bracketed):
                    self.labels.add(name.base)

    def _settle(self) -> None:
        called = self.before_brackets.keys() | self.primed
        self.quantities |= {
            base
            for base in self.differentiated
            if base not in _ACTIVATIONS or base not in called or self.alone.get(base)
        }  # the \sigma of d\sigma/dz may be the function of \sigma(z)
        for base in {*self.before_brackets, *self.primed} - self.quantities:
            only_so = not self.alone.get(base) or base in self.named
            if base in self.primed or base in self.named or (only_so and base in _USUAL_FUNCTIONS):
                self.functions.add(base)
        self.labels |= self.gates
        self.labels -= {"e", "exp"} - self.bare

    @cached_property
    def facts(self) -> tuple[frozenset[object], ...]:
        """All that decides how a formula is read."""
        return (
            frozenset(self.labels), frozenset(self.steps), frozenset(self.functions), frozenset(self.bare),
            frozenset(self.words), frozenset(self.slopes), frozenset(self.distributions),
        )  # fmt: skip

    @property
    def gates(self) -> set[str]:
        """Names with the letters of gates above: a^f_t and a^o_t, a^z_t and a^r_t."""
        return {base for base, above in self.above.items() if above >= GATES or above >= {"z", "r"}}

    def is_function(self, base: str) -> bool:
        """Whether a name before a bracket is a function of what is in it."""
        return base in FUNCTIONS or base in self.functions

    def reference(self, name: Spelling) -> Reference:
        """A spelled name as these notes mean it."""
        above: list[Index] = []
        powers: list[Row] = []
        tag, base, transposed = name.below.tag, name.base, False
        primes = name.primes
        for row in name.above:
            if is_transpose(row):
                transposed = True
                continue
            if len(row) > 1 and is_transpose(row[-1:]) and self._is_label(base, script(row[:-1]), row[:-1]):
                transposed, row = True, row[:-1]
            row, square = without_square(row)
            if square:
                powers.append(square)
            said = _of_any_example(script(row), row)
            if said.tag and not said.strange:
                tag = said.tag
                above += said.indices
            elif said.primes and not said.indices:
                primes += said.primes
            elif len(row) == 1 and isinstance(row[0], Operator) and row[0].name in ("+", "*", "-"):
                tag, base = ("new", base) if row[0].name == "+" else (tag, base + row[0].name)
            elif self._is_label(base, said, row):
                above += said.indices
                primes += said.primes  # g^{[1]'}
            else:
                powers.append(row)
        if name.below.strange:
            base += "?"
        if primes and not self.is_function(base):
            base, primes = base + "'" * primes, 0
        return Reference(Key(base, name.below.indices, tuple(above), tag), primes, tuple(powers), transposed)

    def _is_label(self, base: str, said: Script, row: Row) -> bool:
        if said.strange or not said.indices or base == "e":
            return False
        if (
            any(index.letter in ("+", "-") for index in said.indices)
            or _is_worked_out(row)
            or is_indexed(row)
        ):
            return False
        if said.bracketed or _is_layer(said):
            return True
        if len(said.indices) == 1 and len(said.indices[0].letter) > 1:
            return "+" not in said.indices[0].letter  # W^{out}, but no \mu^{t-i}
        if len(said.indices) == 1 and (base, said.indices[0].letter) in self.steps:
            return True
        return base in self.labels and len(said.indices) == 1 and (not said.indices[0].letter or len(row) < 4)


def _between_spaces(line: Row) -> Iterator[Row]:
    """The line cut at commas and wide spaces, at which another equation may begin."""
    cuts = [p for p, m in enumerate(line) if isinstance(m, Separator) and m.name in (",", ";", "quad")]
    for first, last in itertools.pairwise([-1, *cuts, len(line)]):
        yield line[first + 1 : last]


def _is_function_name(row: Row) -> bool:
    """Whether it is the name of a function, and nothing else."""
    words = [base_of(mark) for mark in row if not isinstance(mark, Separator)]
    return len(words) == 1 and words[0] in FUNCTIONS | {"sigma"}


def _says_slope(left: list[Mark], right: Row) -> bool:
    r"""Whether a delta before a quantity is said to be the derivative by that: \delta h = dL/dh."""
    sign, quantity = left
    if not isinstance(sign, Symbol) or sign.name != "delta":
        return False
    under: Row = ()
    if right and isinstance(right[0], Fraction):
        under = right[0].under
    elif len(right) > 4 and isinstance(right[2], Operator) and right[2].name == "/":
        under = right[3:5]
    if len(under) < 2 or not isinstance(under[0], Symbol) or under[0].name not in ("partial", "d"):
        return False
    name, variable = spelled(quantity), spelled(under[1])
    return name is not None and variable is not None and name.base == variable.base


def is_transpose(row: Row) -> bool:
    """Whether a script says transposed."""
    row = tuple(mark for mark in row if not isinstance(mark, Separator))  # w^{\,T}
    if len(row) != 1:
        return False
    mark = row[0]
    if isinstance(mark, Operator):
        return mark.name == "transpose"
    return isinstance(mark, Symbol) and mark.name in ("T", "top", "intercal", "mathsf T")


def _is_worked_out(row: Row) -> bool:
    """(2 - 1), of numbers alone: no layer, but what is left of a power in its slope."""
    if len(row) == 1 and isinstance(row[0], Bracketed):
        row = row[0].inside
    return len(row) == 3 and isinstance(row[1], Operator) and _is_number(row[:1]) and _is_number(row[2:])


def _is_number(row: Row) -> bool:
    return len(row) == 1 and isinstance(row[0], Number) and row[0].text.isdigit()


def _is_layer(said: Script) -> bool:
    """l, l - 1, L: nobody raises to such a power."""
    return len(said.indices) == 1 and said.indices[0].letter in ("l", "L", "ell") and not said.strange


def _of_any_example(said: Script, row: Row) -> Script:
    """The layer of a^{x,l}: what holds for one example x holds for any."""
    comma = any(isinstance(m, Separator) and m.name == "," for m in row)
    layers = tuple(index for index in said.indices if index.letter in ("l", "L"))
    others = [index for index in said.indices if index not in layers]
    if (
        comma
        and len(layers) == 1
        and len(others) == 1
        and len(others[0].letter) == 1
        and not others[0].number
    ):
        return said._replace(indices=layers)
    return said


def _is_second_order(mark: Fraction) -> bool:
    return isinstance(mark.over[0], Scripted) if mark.over else False


@once_for_each
def rows_of(row: Row) -> tuple[Row, ...]:
    """The row and every row inside its marks, scripts left out but for those of brackets."""
    found: list[Row] = []
    stack: list[Row] = [row]
    while stack:
        inside = stack.pop()
        found.append(inside)
        for mark in inside:
            stack += _rows_in(mark)
    return tuple(found)


def _rows_in(mark: Mark) -> list[Row]:
    match mark:
        case Fraction():
            return [mark.over, mark.under]
        case Bracketed() | Radical() | Annotated():
            return [mark.inside]
        case Scripted():
            if isinstance(mark.base, Symbol) and mark.base.style == "bb":
                return []  # R^{n x d}
            scripts = [] if base_of(mark.base) is not None else [mark.above]
            return [(mark.base,), *scripts] if not isinstance(mark.base, Symbol) else [mark.above]
        case Accented():
            return [mark.base]
        case Big():
            return [mark.above]
        case Grid():
            return [cell for line in mark.cells for cell in line]
    return []
