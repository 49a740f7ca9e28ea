"""What is written twice: once in plain text, once in LaTeX."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from ..expr import Expr, constant
from ..names import printable
from ..notation import latex, latex_name, text
from ..numbers import Number, is_recorder, library_of, shown

__all__ = [
    "NOTHING",
    "Index",
    "Line",
    "Written",
    "for_each",
    "joined",
    "line",
    "number_in_front",
    "remark",
    "sums",
    "written",
    "written_name",
    "written_number",
]


class Written(NamedTuple):
    """The same thing in both notations."""

    text: str
    latex: str

    def __add__(self, other: Any) -> Written:
        """One after the other; a plain text is the same in both."""
        after = (other, other) if isinstance(other, str) else other
        return Written(self.text + after[0], self.latex + after[1])


NOTHING = Written("", "")


class Line(NamedTuple):
    """One line of a derivation, left = right, in both notations."""

    left: str
    right: str
    left_latex: str
    right_latex: str


def line(left: Written, right: Written) -> Line:
    """The line of two sides."""
    return Line(left.text, right.text, left.latex, right.latex)


def joined(between: Written, parts: Iterable[Written]) -> Written:
    """Parts with something between them."""
    texts, latexes = zip(*parts, strict=True)
    return Written(between.text.join(texts), between.latex.join(latexes))


def written(expr: Expr, before: Written = NOTHING) -> Written:
    """An expression; a sum comes in brackets where something stands before it."""
    return Written(text(expr, before.text), latex(expr, before.latex))


def written_name(name: str) -> Written:
    """A name; control characters in it are escaped."""
    return Written(printable(name), latex_name(name))


def written_number(x: Number) -> Written:
    """A number, rounded for reading.

    >>> written_number(1e-5)
    Written(text='1e-05', latex='10^{-5}')
    """
    if is_recorder(x) and isinstance(x, Expr):
        return written(x)
    plain = shown(x)
    if isinstance(x, float):
        return Written(plain, latex(constant(float(plain))))
    if library_of(x) in ("builtins", "fractions"):
        return Written(plain, latex(constant(x)))
    return Written(plain, plain)


class Index(NamedTuple):
    """A letter that counts from one number to another."""

    letter: str
    first: int
    last: int


def sums(indices: Iterable[Index]) -> Written:
    r"""The sum signs before a product.

    >>> sums([Index("i", 1, 2)])
    Written(text='sum_(i=1)^2 ', latex='\\sum_{i=1}^{2} ')
    """
    indices = list(indices)
    text = "".join(f"sum_({letter}={first})^{last} " for letter, first, last in indices)
    return Written(
        text, "".join(rf"\sum_{{{letter}={first}}}^{{{last}}} " for letter, first, last in indices)
    )


def number_in_front(number: int | Fraction) -> Written:
    """A number as a factor of what comes after it; nothing for 1.

    >>> number_in_front(-2).text, number_in_front(Fraction(1, 3)).text, number_in_front(-1).text
    ('-2 ', '1/3 ', '-')
    """
    if abs(number) == 1:
        return NOTHING if number > 0 else Written("-", "-")
    return written_number(number) + " "


def remark(about: Written) -> Written:
    """What stands behind a formula, in brackets in plain text."""
    return Written(f"  ({about.text})", rf" \quad {about.latex}")


def for_each(index: Index) -> Written:
    """Behind a formula that is written once for many units: for which.

    >>> for_each(Index("j", 1, 16)).text
    '  (j = 1, ..., 16)'
    """
    letter, first, last = index
    return Written(f"  ({letter} = {first}, ..., {last})", rf" \quad ({letter} = {first}, \dots, {last})")
