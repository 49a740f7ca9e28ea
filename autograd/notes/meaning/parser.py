"""A parser's place in a row of marks, and what the parts of the grammar ask of one another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeGuard

from ..reading.layout import Big, Mark, Operator, Row, Scripted, Separator, Text
from .errors import NotUnderstood
from .rows import described, with_words
from .syntax import Node
from .vocabulary import Vocabulary

__all__ = ["Parser", "is_bar", "starts_factor"]

MOST_DEPTH = 60


class Parser(ABC):
    """Reads a row of marks from left to right; `grammar` has its rules for sums, products and factors."""

    def __init__(self, row: Row, vocabulary: Vocabulary, depth: int = 0) -> None:
        self.row, self.vocabulary, self.depth, self.place = row, vocabulary, depth, 0
        if depth > MOST_DEPTH:
            raise NotUnderstood(f"brackets and fractions nest more than {MOST_DEPTH} deep", 0, 0)

    @abstractmethod
    def sum(self) -> Node:
        """Terms with signs between them."""

    @abstractmethod
    def product(self) -> Node:
        """Factors, with signs or none between them."""

    @abstractmethod
    def big(self, mark: Big) -> Node:
        """A large sum, with all that it covers: the rest of the term."""

    @abstractmethod
    def factor(self) -> Node:
        """A number, a name, a fraction, a bracket."""

    def deeper(self, row: Row) -> Parser:
        """The parser of a row in this one."""
        return type(self)(row, self.vocabulary, self.depth + 1)

    def inside(self, row: Row) -> Node:
        """What stands in a bracket, a fraction, a script."""
        return self.deeper(tuple(with_words(row, self.vocabulary.words))).whole()

    def whole(self) -> Node:
        """The row from end to end."""
        if not self.row:
            raise NotUnderstood("something is missing here")
        node = self.sum()
        mark = self.next()
        if mark is not None:
            raise NotUnderstood(f"{described(mark)} does not fit here", mark.start, mark.end)
        return node

    def next(self) -> Mark | None:
        """The mark that comes next, blanks passed over."""
        while self.place < len(self.row):
            mark = self.row[self.place]
            if isinstance(mark, Separator) and mark.name in ("quad", "space"):
                self.place += 1
                continue
            return mark
        return None

    def take(self) -> Mark:
        """The mark that comes next, passed over."""
        mark = self.next()
        if mark is None:
            end = self.row[-1].end if self.row else 0
            raise NotUnderstood("something is missing at the end", end, end)
        self.place += 1
        return mark

    def adjacent(self) -> Mark | None:
        """The mark right behind, no blank between."""
        return self.row[self.place] if self.place < len(self.row) else None


def starts_factor(mark: Mark | None) -> bool:
    """Whether a factor begins with it."""
    if mark is None or isinstance(mark, (Separator, Text)) or is_bar(mark):
        return False
    return not isinstance(mark, Operator) or mark.name in ("partial", "nabla")


def is_bar(mark: Mark | None) -> TypeGuard[Scripted]:
    """Whether it is a bar with something below, to say where what stands before it is evaluated."""
    return isinstance(mark, Scripted) and isinstance(mark.base, Operator) and mark.base.name == "|"
