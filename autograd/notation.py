"""How expressions are written: as text and as LaTeX.

The table of primitives says how each operation is written and how tightly it binds; this file puts the
pieces together. A formula that would fill more than a few lines, or whose shared parts would be repeated
without end, is written with names for its parts: `t2 + 1, where t1 = ..., t2 = ...`. Python source is
made in `source`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any, NamedTuple

from .expr import Expr, absorbed, constant, operation, symbol, walk
from .functions import where
from .names import latex_name, printable
from .numbers import library_of
from .ops import Op

__all__ = ["latex", "latex_name", "shortened", "split", "text", "typeset"]

ATOM, POWER, PRODUCT, SUM = 9, 3, 2, 1
"""The precedences of the table: ATOM never needs brackets."""

LONG = 120
"""A formula of more parts than this is written with names for some of them."""

MOST_SHOWN = 4000
"""A terminal shows no more characters of a formula than this."""


class Piece(NamedTuple):
    """A written part of a formula, and what decides how it goes together with others.

    precedence   how tightly it binds
    minus        it begins with a minus sign
    number       it begins with a number
    slash        there is a / in it, outside of brackets
    """

    text: str
    precedence: int = ATOM
    minus: bool = False
    number: bool = False
    slash: bool = False


class Writer:
    """Writes expressions as plain text; its subclasses, in other notations."""

    times = " * "
    """Between factors that cannot simply follow one another."""

    brackets = ("(", ")")

    def write(self, root: Expr, before: str = "") -> str:
        """The whole expression as one line; a sum in brackets if something stands before it."""
        order = walk([root])
        inside = absorbed(order, root, self.goes_on)
        written: dict[Expr, Piece] = {}
        for node in order:
            if node.op is not None:
                if node not in inside:
                    written[node] = self.operation(node, node.op, written)
            elif node.name is not None:
                written[node] = self.name(node.name)
            else:
                written[node] = self.number(node.number)
        piece = written[root]
        return before + (self.within(piece, PRODUCT) if before else piece.text)

    def goes_on(self, user: Expr, x: Expr) -> bool:
        """Whether a sum or product goes on in its operand `x`: those of any length are written at once."""
        if user.op is None or x.op is None:
            return False
        if user.op.name == "mul":
            return x.op.name == "mul"
        adds = user.op.name in ("add", "sum") or (user.op.name == "sub" and x is user.operands[0])
        return adds and x.op.name in ("add", "sub", "sum")

    def operation(self, node: Expr, op: Op, written: Mapping[Expr, Piece]) -> Piece:
        """An operation, whose operands are written already or go on in it."""
        match op.name:
            case "mul":
                return self.product([factor for _, factor in _chain(node, written)])
            case "add" | "sub" | "sum":
                return self.sum(_chain(node, written))
        operands = [written[x] for x in node.operands]
        match op.name:
            case "dot":
                half = len(operands) // 2
                pairs = zip(operands[:half], operands[half:], strict=True)
                return self.sum([(1, self.product(pair)) for pair in pairs])
            case "less" | "less_equal" if node.operands[0].number is not None:
                sign = {"less": self.greater, "less_equal": self.greater_equal}[op.name]
                return self.filled(f"{{1}} {sign} {{0}}", op, operands)  # 0 < x is x > 0
            case "where" if (known := self.known_where(node, written)) is not None:
                return known
        return self.filled(self.template(op, len(operands)), op, operands)

    def filled(self, template: str, op: Op, operands: Sequence[Piece]) -> Piece:
        """The notation of an operation with its operands put in."""
        template = template.replace("{*}", ", ".join(f"{{{place}}}" for place in range(len(operands))))
        texts = []
        for place, piece in enumerate(operands):
            grouped = f"{{{{{{{place}}}}}}}" in template  # in LaTeX: {...} needs no brackets
            needed = 0 if grouped else op.binds[min(place, len(op.binds) - 1)]
            texts.append(self.within(piece, needed, first=template.startswith(f"{{{place}}}")))
        first = operands[0] if template.startswith("{0}") and texts[0] == operands[0].text else Piece("")
        raises = "^" in template and op.precedence == ATOM and not template.startswith(self.brackets[0])
        return Piece(
            template.format(*texts),
            PRODUCT if op.name == "neg" else POWER if raises else op.precedence,
            minus=first.minus or op.name == "neg",
            number=first.number,
            slash=" / " in template,
        )

    def within(self, piece: Piece, precedence: int, first: bool = True) -> str:
        """A piece where this precedence is needed, in brackets if need be; a minus may only come first."""
        bare = piece.precedence >= precedence and (first or not piece.minus or precedence < SUM)
        return piece.text if bare else piece.text.join(self.brackets)

    def product(self, factors: Sequence[Piece]) -> Piece:
        """Factors side by side, with a sign between two that would run together."""
        first, *others = factors
        line = [self.within(first, PRODUCT)]
        slash = first.slash and first.precedence >= PRODUCT
        for factor in others:
            piece = self.within(factor, PRODUCT, first=False)
            bare = piece == factor.text
            runs_together = bare and (factor.number or (factor.slash and factor.precedence == ATOM))
            line += self.times if slash or runs_together else " ", piece
            slash = factor.slash and bare
        bare = first.precedence >= PRODUCT
        return Piece("".join(line), PRODUCT, first.minus and bare, first.number and bare, slash)

    def sum(self, terms: Sequence[tuple[int, Piece]]) -> Piece:
        """Terms with + between them, or - where a term begins with one."""
        if len(terms) < 2:
            return terms[0][1] if terms else self.number(0)
        (_, first), *others = terms
        line = [self.within(first, SUM)]
        for sign, term in others:
            if sign < 0:
                line += " - ", self.within(term, PRODUCT, first=False)
            elif term.minus and term.precedence >= SUM:
                line += " - ", term.text[1:]
            else:
                line += " + ", self.within(term, SUM)
        return Piece("".join(line), SUM, first.minus, first.number)

    # What differs from notation to notation.

    greater, greater_equal = ">", ">="

    def name(self, name: str) -> Piece:
        """A symbol."""
        written = printable(name)
        return Piece(written, slash="/" in written)

    def number(self, number: Any) -> Piece:
        """A constant."""
        if number in _KNOWN:
            written = _KNOWN[number][0]
            return Piece(written, PRODUCT if "/" in written else ATOM, number=True, slash="/" in written)
        if isinstance(number, Fraction):
            line = f"{_digits(number.numerator)}/{_digits(number.denominator)}"
            return Piece(line, PRODUCT, number < 0, number=True, slash=True)
        if library_of(number) == "sympy":
            return Piece(str(number), 0)
        line = _digits(number)
        minus = line.startswith("-")
        return Piece(line, PRODUCT if minus else ATOM, minus, number=True)

    def template(self, op: Op, n_operands: int) -> str:
        """The notation of an operation."""
        return op.text

    def known_where(self, node: Expr, written: Mapping[Expr, Piece]) -> Piece | None:
        """A `where` that has a name of its own: sign(x), the derivative of |x|."""
        x = _argument_of_sign(node)
        return None if x is None else Piece(f"sign({written[x].text})")


def _chain(node: Expr, written: Mapping[Expr, Piece]) -> list[tuple[int, Piece]]:
    """The terms of a sum with their signs, or the factors of a product, from left to right."""
    pieces = []
    stack = [(node, 1)]
    while stack:
        x, sign = stack.pop()
        if x in written:
            pieces.append((sign, written[x]))
        else:
            subtracts = x.op is not None and x.op.name == "sub"
            signs = (1, -1) if subtracts else (1,) * len(x.operands)
            stack += list(zip(x.operands, signs, strict=True))[::-1]
    return pieces


def _argument_of_sign(node: Expr) -> Expr | None:
    """x, where the node is where(x > 0, 1, where(x < 0, -1, 0))."""
    x = node.operands[0].operands[-1] if node.operands[0].operands else node
    sign = where(constant(0) < x, 1, where(x < 0, -1, 0))
    return x if node is sign else None


_KNOWN = {math.pi: ("pi", r"\pi"), 2 / math.sqrt(math.pi): ("2/sqrt(pi)", r"\frac{2}{\sqrt{\pi}}")}
"""Numbers that are known by another name; the second stands in the derivative of erf."""


def _digits(number: Any) -> str:
    """A number as text: all its digits, unless it has thousands of them."""
    if isinstance(number, int) and number.bit_length() > 10_000:
        return f"{Decimal(number):.5e}"
    return repr(number) if isinstance(number, float) else str(number)


class LatexWriter(Writer):
    """Writes expressions as LaTeX."""

    times = r" \cdot "
    brackets = (r"\left(", r"\right)")
    greater_equal = r"\ge"

    def name(self, name: str) -> Piece:
        """A symbol."""
        written = latex_name(name)
        return Piece(written, POWER if "^" in written else ATOM)

    def number(self, number: Any) -> Piece:
        """A constant."""
        if number in _KNOWN:
            return Piece(_KNOWN[number][1], POWER, number=True)
        if isinstance(number, Fraction):
            top, below = _digits(abs(number.numerator)), _digits(number.denominator)
            line = ("-" if number < 0 else "") + rf"\frac{{{top}}}{{{below}}}"
            return Piece(line, PRODUCT if number < 0 else POWER, number < 0, number=True)
        if library_of(number) == "sympy":
            import sympy

            return Piece(sympy.latex(number), 0)
        plain = super().number(number)
        line = plain.text.replace("inf", r"\infty").replace("nan", r"\text{nan}")
        mantissa, e, exponent = line.lower().partition("e")
        if e and "\\" not in line:
            power = f"10^{{{int(exponent)}}}"
            line = power if mantissa == "1" else rf"{mantissa} \cdot {power}"
            return Piece(line, PRODUCT, plain.minus, number=True)
        return plain._replace(text=line)

    def template(self, op: Op, n_operands: int) -> str:
        """The notation of an operation."""
        return op.tex

    def known_where(self, node: Expr, written: Mapping[Expr, Piece]) -> Piece | None:
        """A `where` that has a name of its own: the sign, and the indicator of a condition."""
        x = _argument_of_sign(node)
        if x is not None:
            return Piece(rf"\operatorname{{sign}}\left({written[x].text}\right)")
        condition, a, b = node.operands
        if a is constant(1) and b is constant(0):
            return Piece(rf"\mathbf{{1}}_{{{written[condition].text}}}")
        return None


_TEXT, _LATEX = Writer(), LatexWriter()


# ----------------------------------------------------------------------------------------- whole formulas


def split(
    root: Expr, prefix: str, goes_on: Callable[[Expr, Expr], bool]
) -> tuple[Expr, list[tuple[str, Expr]]]:
    """The expression with names for its large or shared parts, and what the names stand for.

    Names are given only where the whole would be long; each definition uses only names before it. Sums and
    products that go on in each other stay in one piece.
    """
    order = walk([root])
    if _lengths(order)[root] <= LONG:
        return root, []
    inside = absorbed(order, root, goes_on)
    uses = Counter(x for node in order for x in node.operands)
    taken = {node.name for node in order}
    names = (name for number in count(1) if (name := f"{prefix}{number}") not in taken)
    written: dict[Expr, Expr] = {}
    length: dict[Expr, int] = {}
    named: list[tuple[str, Expr]] = []
    for node in order:
        length[node] = 1 + sum(length[x] for x in node.operands)
        written[node] = node
        if node.op is not None:
            written[node] = operation(node.op.name, *[written[x] for x in node.operands])
        worth_a_name = length[node] > LONG // 2 or (uses[node] > 1 and length[node] > 3)
        if worth_a_name and node is not root and node not in inside:
            name = next(names)
            named.append((name, written[node]))
            written[node], length[node] = symbol(name), 1
    return written[root], named


def _lengths(order: Sequence[Expr]) -> dict[Expr, float]:
    """How many parts each is written with, in full. It doubles with every squaring, hence the float."""
    lengths: dict[Expr, float] = {}
    for node in order:
        lengths[node] = 1.0 + sum(lengths[x] for x in node.operands)
    return lengths


def text(root: Expr, before: str = "") -> str:
    """An expression as plain text; long ones have lines that say what t1, t2, ... stand for.

    What stands before it multiplies it, or is the sign of a sum.

    >>> from autograd.expr import symbols
    >>> x, y = symbols("x y")
    >>> text(-2 * (y - x) * x ** 2)
    '-2 (y - x) x^2'
    >>> text(x - y, "sum ")
    'sum (x - y)'
    """
    main, named = split(root, "t", _TEXT.goes_on)
    lines = [f"  {name} = {_TEXT.write(part)}" for name, part in named]
    return "\n".join([_TEXT.write(main, before) + (", where" if lines else ""), *lines])


def latex(root: Expr, before: str = "") -> str:
    r"""An expression as LaTeX, without dollar signs; long ones as `aligned` lines.

    >>> from autograd.expr import symbols
    >>> w, x = symbols("w1_11 x1")
    >>> latex(w * x / 2)
    '\\frac{w^{1}_{11} x_{1}}{2}'
    """
    main, named = split(root, "t", _LATEX.goes_on)
    line = _LATEX.write(main, before)
    if not named:
        return line
    lines = [rf"&{latex_name(name)} = {_LATEX.write(part)}" for name, part in named]
    return r"\begin{aligned}" + r" \\ ".join([rf"&{line}, \quad \text{{where}}", *lines]) + r"\end{aligned}"


def shortened(written: str, where: str) -> str:
    """A text as a terminal shows it: a long one is cut, and it is said where all of it is."""
    if len(written) <= MOST_SHOWN:
        return written
    return f"{written[:MOST_SHOWN]} ... ({len(written):,} characters; all of them are in {where})"


def typeset(written: str) -> str | None:
    """LaTeX as a notebook wants it; None, for which it takes the text, where it is too long to typeset."""
    return rf"$\displaystyle {written}$" if len(written) <= 2 * MOST_SHOWN else None
