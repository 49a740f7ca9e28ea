"""What is typeset: a formula as a tree of marks, before anything in it has a meaning.

LaTeX says where things stand, not what they are: `w_{11}^2` is a letter with two scripts, whether the upper
one is a power or the number of a layer. So a formula is first taken apart into what stands on the page;
`meaning` decides what it says. Every mark knows which characters of the source it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "Accented", "Annotated", "Big", "Bracketed", "Fraction", "Grid", "Mark", "Number", "Operator", "Radical",
    "Row", "Scripted", "Separator", "Symbol", "Text",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on the page; it came from the characters `start` to `end` of the formula's source."""

    start: int
    end: int


Row = tuple[Mark, ...]
"""Marks from left to right."""


@dataclass(frozen=True, slots=True)
class Number(Mark):
    """A number as it is written, in plain digits: `0.25`, `1e-3`; `style` as of a symbol, for a bold 1."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Symbol(Mark):
    r"""A letter, or a word set as one name: `w`, `sigma`, `loss` of \text{loss}.

    Greek letters and named functions go by their name without backslash (`sigma`, `log`, `partial`,
    `nabla`); letters of special alphabets by the letter, the alphabet being their `style`: "cal", "bold",
    "bb", "frak", and "word" for what \text, \mathrm or \operatorname set upright. Bare letters in a row
    are one symbol each, and so is a letter before a digit: `Z1` is `Z` and the number 1, with no space
    between. A \text of one word is a symbol where a name can stand; words like "where", and several of them,
    are Text.
    """

    name: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Text(Mark):
    r"""Words inside a formula, which say nothing mathematical: \text{(let)}, \quad \text{where}."""

    words: str


@dataclass(frozen=True, slots=True)
class Operator(Mark):
    """`+ - * / ^T`-like signs and relations, by one name each.

    "+", "-", "+-", "*" (dot, times, ast, star), "/", "odot" (elementwise), "circ", "otimes", "oplus", "!",
    "%", "transpose", "dots", ":", "|" for a bar without a partner (given, evaluated at), and "prime" for
    one that stands alone; relations: "=", "approx", "!=", "<", ">", "<=", ">=", "<<", ">>", "propto",
    "equiv" (also :=), "in", "sim"; arrows: "->" (to, rightarrow, mapsto), "=>" (implies), "<=>", "<=="
    "<-" (leftarrow, an assignment), "<->", "down", "up"; "therefore", "because".
    """

    name: str


@dataclass(frozen=True, slots=True)
class Separator(Mark):
    """What stands between formulas in one line: "," ";" "." or a wide space "quad"."""

    name: str


@dataclass(frozen=True, slots=True)
class Scripted(Mark):
    """A mark with something below, above, or primes: `w_{11}^2`, `f'`.

    Scripts on something scripted already are nested: `w_{21}^2_{new}`, `w_{21}^2{}_{new}`, `{w_1}^2`.
    """

    base: Mark
    below: Row = ()
    above: Row = ()
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Accented(Mark):
    r"""Marks under a hat, bar, tilde, vec or dot, or struck out ("cancel"): `\hat{y}`, `\cancel{ay}`."""

    accent: str
    base: Row


@dataclass(frozen=True, slots=True)
class Annotated(Mark):
    r"""Marks with a remark set above or below them: \underbrace{w x + b}_{z}."""

    inside: Row
    note: Row


@dataclass(frozen=True, slots=True)
class Fraction(Mark):
    """One row above another."""

    over: Row
    under: Row


@dataclass(frozen=True, slots=True)
class Radical(Mark):
    """A root; the square root where `degree` is empty."""

    inside: Row
    degree: Row = ()


@dataclass(frozen=True, slots=True)
class Bracketed(Mark):
    """What stands in brackets: `opening` and `closing` are "(", "[", "{", "|", "||", "<" or "." for none.

    "floor" and "ceil" are brackets too. Braces that only group in LaTeX leave none: their row takes the place
    of the mark, except where scripts hang on several marks at once; those stand in "." and ".".
    """

    opening: str
    closing: str
    inside: Row


@dataclass(frozen=True, slots=True)
class Big(Mark):
    """A large operator, `sum` or `prod`, with its bounds; what it covers stands behind it in the row."""

    name: Literal["sum", "prod"]
    below: Row = ()
    above: Row = ()


@dataclass(frozen=True, slots=True)
class Grid(Mark):
    """Rows of cells: `matrix`, with the brackets around it dropped, or `cases`.

    Aligned `lines` are taken apart into lines; they stay a grid where other marks enclose them.
    """

    kind: Literal["matrix", "cases", "lines"]
    cells: tuple[tuple[Row, ...], ...]
