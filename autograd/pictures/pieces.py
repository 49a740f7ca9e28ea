"""Formulas in pieces, which the page puts together again with names that can be pointed at, or with numbers.

While a formula is written, a private character stands for each operand, or for each name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from ..expr import Expr, constant, symbol
from ..names import latex_name, printable
from ..notation import Piece, Writer, split
from ..numbers import shown
from ..ops import Op, textbook

__all__ = ["LONGEST", "OUT", "InNames", "Pieces", "as_expr", "rule_in_pieces", "scripts_of"]

Pieces: TypeAlias = list[str | int]
"""Text as it stands, and numbers: of nodes, or of the positions of operands, or OUT for the result itself."""

OUT = -1
LONGEST = 240
"""A formula in named quantities has no more characters."""
_FIRST = 0xF0000
_MOST_OPERANDS = 100  # beyond that a formula is written as f(a, b, ..., z)


def as_expr(x: Any) -> Expr:
    """What a node was computed with, as an expression."""
    return x if isinstance(x, Expr) else constant(x)


class _Rounded(Writer):
    """Plain text for reading."""

    def number(self, number: Any) -> Piece:
        """A constant, with as many digits as one reads."""
        return super().number(float(shown(number)) if isinstance(number, float) else number)


class _Plain(_Rounded):
    """Plain text with a dot between any two factors, so that numbers can take the place of operands."""

    times = " · "

    def name(self, name: str) -> Piece:
        """A private character as it is."""
        return Piece(name, number=True)


_PLAIN = _Plain()


class InNames(_Rounded):
    """Plain text with private characters for the names, which the page then writes as names of nodes."""

    def __init__(self, place: Mapping[str, int]) -> None:
        self._place = place

    def name(self, name: str) -> Piece:
        """The private character that stands for a name."""
        place = self._place.get(name)
        return super().name(name) if place is None else Piece(chr(_FIRST + place))

    def pieces(self, expr: Expr) -> Pieces:
        """The formula in pieces, names as the numbers of their nodes; [] where it is too long to read."""
        if split(expr, "t", self.goes_on)[1]:
            return []
        pieces = _pieces(self.write(expr))
        names = [*self._place]
        length = sum(len(names[piece]) if isinstance(piece, int) else len(piece) for piece in pieces)
        return pieces if length <= LONGEST else []


def scripts_of(name: str) -> list[str] | None:
    """How notes write a name: its letters, what stands above, what below; None where that is all the same."""
    match = re.fullmatch(r"(\\hat\{\w\}|\w)(?:\^\{([\w,]+)\})?(?:_\{([\w,]+)\})?", latex_name(name))
    if match is None or match[0] == name:
        return None
    stem = match[1] if len(match[1]) == 1 else f"{match[1][-2]}\N{COMBINING CIRCUMFLEX ACCENT}"
    return [stem, match[2] or "", match[3] or ""]


def rule_in_pieces(op: Op, constants: Sequence[Any]) -> dict[str, Any]:
    """How an operation on so many operands, some of them constant, and its derivatives are written."""
    operands = [symbol(chr(_FIRST + i)) if x is None else as_expr(_whole(x)) for i, x in enumerate(constants)]
    if len(operands) > _MOST_OPERANDS:
        last = len(operands) - 1
        return {"name": op.name, "formula": [f"{op.name}(", 0, ", ", 1, ", …, ", last, ")"], "slopes": []}
    return {
        "name": op.name,
        "formula": _in_pieces(op(*operands)),
        "slopes": _slopes(
            op, [o if x is None else _whole(x) for o, x in zip(operands, constants, strict=True)]
        ),
    }


def _slopes(op: Op, operands: Sequence[Any]) -> list[Pieces]:
    """The local derivatives, as people write them; none for a primitive whose rule takes numbers only."""
    token = textbook.set(True)
    try:
        slopes = op.slopes(operands, symbol(chr(_FIRST + OUT)))
    except Exception:  # the rule may be the user's own code
        return []
    finally:
        textbook.reset(token)
    return [[] if slope is None else _in_pieces(as_expr(slope)) for slope in slopes]


def _whole(x: Any) -> Any:
    """A whole number as an int, which leaves no x^1 behind."""
    return int(x) if isinstance(x, float) and x.is_integer() and abs(x) < 2**53 else x


def _in_pieces(expr: Expr) -> Pieces:
    return _pieces(_PLAIN.write(expr))


def _pieces(written: str) -> Pieces:
    """A formula with the private characters in it turned into numbers."""
    first, last = chr(_FIRST + OUT), chr(_FIRST + 0xFFFF)
    pieces = re.split(f"([{first}-{last}])", written)
    return [ord(p) - _FIRST if first <= p <= last and len(p) == 1 else printable(p) for p in pieces if p]
