"""From what is typeset to what it says: precedence climbing over marks, from sums down to factors.

One side of an equation at a time; relations are found by `statements.py`. What brackets enclose, how
derivatives are written and what names refer to is told in `brackets.py`, `derivative_notation.py` and
`references.py`. What cannot be read raises `NotUnderstood` with the characters it concerns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..reading.layout import (
    Accented,
    Annotated,
    Big,
    Bracketed,
    Fraction,
    Grid,
    Number,
    Operator,
    Radical,
    Row,
    Scripted,
    Separator,
    Symbol,
    Text,
)  # fmt: skip
from .brackets import bracketed, grid, indicator, scripted, spread
from .derivative_notation import applied_operator, divided, fraction, with_bar
from .errors import NotUnderstood
from .names import base_of, label_of
from .parser import Parser, is_bar, starts_factor
from .references import named
from .rows import described, has_relation, is_ones, with_words
from .syntax import (
    ONES,
    Apply,
    Key,
    Name,
    Node,
    Placeholder,
    Power,
    Product,
    Quotient,
    Sum,
    SumOver,
    names_in,
    quantities_in,
    walk,
)
from .syntax import Number as NumberNode
from .vocabulary import Vocabulary

__all__ = ["parsed"]


def parsed(row: Row, vocabulary: Vocabulary) -> Node:
    """One side of an equation. Raises `NotUnderstood`."""
    return _Grammar(tuple(with_words(row, vocabulary.words)), vocabulary).whole()


class _Grammar(Parser):
    """Sums, products and factors."""

    def sum(self) -> Node:
        terms: list[Node] = []
        signs: list[int] = []
        while True:
            sign = 1
            mark = self.next()
            first = mark
            while isinstance(mark, Operator) and mark.name in ("+", "-"):
                sign = -sign if mark.name == "-" else sign
                self.place += 1
                mark = self.next()
            if mark is None and first is not None and not terms:
                raise NotUnderstood("something is missing after the sign", first.start, first.end)
            terms.append(self.product())
            signs.append(sign)
            mark = self.next()
            if not (isinstance(mark, Operator) and mark.name in ("+", "-")):
                break
        if len(terms) > 1 and (whole := _all_summed(terms, signs)) is not None:
            terms, signs = [whole], signs[:1]  # \sum_i y_i \log p_i + (1 - y_i) \log (1 - p_i)
        if len(terms) == 1 and signs == [1]:
            return terms[0]
        return Sum(self.row[0].start, terms[-1].end, tuple(terms), tuple(signs))

    def product(self) -> Node:
        factors: list[Node] = []
        signs: list[str] = []
        sign = ""
        while True:
            mark = self.next()
            if mark is None:
                if not sign:
                    break
                end = self.row[-1].end
                if sign == "*":
                    factors.append(Placeholder(end, end))
                    break
                raise NotUnderstood("a factor is missing at the end", end, end)
            if isinstance(mark, Big):
                factors.append(self.big(mark))
                break
            if sign == "*" and isinstance(mark, Operator) and mark.name == "*" and mark.end > mark.start + 1:
                self.place += 1  # a \times \times b, typed twice; a ** b is a power
                continue
            if isinstance(mark, Operator) and mark.name == "-" and sign:
                self.place += 1  # 2 \cdot -3
                inner = self.factor()
                factors.append(Sum(mark.start, inner.end, (inner,), (-1,)))
            else:
                factors.append(self.factor())
            sign = ""
            mark = self.next()
            if isinstance(mark, Operator) and mark.name in _TIMES:
                sign = _TIMES[mark.name]
                self.place += 1
            elif isinstance(mark, Operator) and mark.name == "/":
                self.place += 1
                below = self.next()
                under = self.big(below) if isinstance(below, Big) else self.factor()
                over = factors.pop()
                factors.append(divided(over, under))
                mark = self.next()
                if isinstance(mark, Operator) and mark.name in _TIMES:
                    sign = _TIMES[mark.name]
                    self.place += 1
                elif not starts_factor(mark):
                    break
            elif is_bar(mark):
                self.place += 1
                return with_bar(self, factors, signs, mark)
            elif not starts_factor(mark):
                break
            signs.append(sign)
        if not factors:
            end = self.row[-1].end if self.row else 0
            raise NotUnderstood("something is missing here", end, end)
        if len(factors) == 1:
            return factors[0]
        return Product(factors[0].start, factors[-1].end, tuple(factors), tuple(signs[: len(factors) - 1]))

    def big(self, mark: Big) -> Node:
        r"""A large sum, with all that it covers: the rest of the term. \sum_{i,j} is a sum of sums."""
        self.place += 1
        below, such_that = _such_that(mark.below)
        below = tuple(map(label_of, below))  # j \neq y_i
        relation = next((p for p, m in enumerate(below) if isinstance(m, Operator)), None)
        letters = _summed_letters(below[:relation])
        sign = below[relation].name if relation is not None else ""  # type: ignore[attr-defined]
        but = low = None
        within = _set_of(such_that)
        if sign == "in" and not mark.above and (within := _set_of(below[relation:])):
            pass
        elif sign == "=":
            low = self.inside(below[relation + 1 :])  # type: ignore[operator]
        elif sign == "!=" and len(below) == 3:
            but = self.inside(below[2:])
        elif sign:
            raise NotUnderstood("what is summed over is not understood", mark.start, mark.end)
        high = self.inside(mark.above) if mark.above else None
        if not letters and mark.below:
            raise NotUnderstood("what is summed over is not understood", mark.start, mark.end)
        after = self.next()
        negative = isinstance(after, Operator) and after.name == "-"
        self.place += negative
        body = self.product()
        if negative and after is not None:
            body = Sum(after.start, body.end, (body,), (-1,))
        if within and not all(any(x in name.key.letters for name in names_in(body)) for x in letters):
            raise NotUnderstood("what is summed over is not understood", mark.start, mark.end)
        if such_that and not within:
            where = indicator(self, such_that, such_that[0].start, such_that[-1].end)
            body = Product(body.start, body.end, (where, body), ("",))
        for index in reversed(letters or [""]):
            body = SumOver(mark.start, body.end, mark.name, index, low, high, body, but, within)
        return body

    def factor(self) -> Node:
        node = self._factor()
        mark = self.adjacent()
        if isinstance(mark, Operator) and mark.name == "!":
            self.place += 1  # some function of which nothing is asked, as in log(y!)
            return Apply(node.start, mark.end, Name(mark.start, mark.end, Key("factorial")), (node,))
        return node

    def _factor(self) -> Node:
        mark = self.take()
        match mark:
            case Number():
                return self.number(mark)
            case Fraction():
                return fraction(self, mark)
            case Radical():
                inside = self.inside(mark.inside)
                degree = self.inside(mark.degree) if mark.degree else NumberNode(mark.start, mark.start, "2")
                one = NumberNode(mark.start, mark.start, "1")
                return Power(mark.start, mark.end, inside, Quotient(mark.start, mark.end, one, degree))
            case Bracketed():
                return bracketed(self, mark)
            case Grid():
                return grid(self, mark)
            case Scripted() if isinstance(mark.base, (Bracketed, Fraction, Number, Grid, Radical)):
                return scripted(self, mark)
            case Scripted() if isinstance(mark.base, (Symbol, Operator)) and mark.base.name in (
                "partial", "nabla",
            ):  # fmt: skip
                return applied_operator(self, mark, mark.base.name)
            case Symbol(name="partial" | "nabla" as name) | Operator(name="partial" | "nabla" as name):
                return applied_operator(self, mark, name)
            case Accented(accent="cancel", base=base):
                return spread(self.inside(base), mark.start, mark.end)
            case Annotated():
                return spread(self.inside(mark.inside), mark.start, mark.end)
            case Text(words=words) if any(map(str.isalpha, words)):
                return named(self, mark)
            case Symbol() | Accented() | Scripted():
                return named(self, mark)
        raise NotUnderstood(f"{described(mark)} is not understood", mark.start, mark.end)

    def number(self, mark: Number) -> Node:
        """A number, a vector of ones, or the 1 of an indicator."""
        after = self.adjacent()
        if mark.text == "1" and isinstance(after, Bracketed) and has_relation(after.inside):
            self.place += 1
            return indicator(self, after.inside, mark.start, after.end)
        if isinstance(after, Operator) and after.name == "!":
            raise NotUnderstood("factorials are too large to work out", mark.start, after.end)
        if is_ones(mark):
            return Name(mark.start, mark.end, ONES)
        return NumberNode(mark.start, mark.end, mark.text)


def _such_that(below: Row) -> tuple[Row, Row]:
    """What stands below a sum, and the condition behind a colon or a bar in it."""
    place = next((p for p, m in enumerate(below) if isinstance(m, Operator) and m.name in (":", "|")), None)
    return (below, ()) if place is None else (below[:place], below[place + 1 :])


def _summed_letters(marks: Row) -> list[str]:
    """The letters that a sum goes over: i and j of `i, j`, of `ij` and of `(i, j)`; a word is one."""
    if len(marks) == 1 and isinstance(marks[0], Bracketed) and marks[0].opening == "(":
        marks = marks[0].inside
    bases = [base_of(m) for m in marks if not isinstance(m, Separator)]
    letters = [base for base in bases if base is not None]
    if len(letters) < len(bases):
        return []
    return letters if len(letters) < 3 else letters[:1]


def _set_of(said: Row) -> str:
    r"""The set that an index is in, if it has a name: V of w \in V, Next of k \in Next(j)."""
    place = next((p for p, m in enumerate(said) if isinstance(m, Operator) and m.name == "in"), None)
    if place is None:
        return ""
    named = list(said[place + 1 :])
    if len(named) > 1 and isinstance(named[-1], Bracketed) and len(named[-1].inside) == 1:
        del named[-1]
    names = [base_of(m) or getattr(m, "words", None) for m in named]
    return "" if None in names else "".join(map(str, names))


def _all_summed(terms: Sequence[Node], signs: Sequence[int]) -> Node | None:
    """One sum, where all terms behind the first, which is a sum, have the index that this binds.

    Where it says no index, all are of the same quantities: sum y log a + (1 - y) log(1 - a).
    """
    first = terms[0]
    inner = first.factors[-1] if isinstance(first, Product) else first
    if not isinstance(inner, SumOver) or len(inner.index) > 1:
        return None
    of = {name.key for name in quantities_in(inner.body)}
    for term in terms[1:]:
        names = {name.key for name in quantities_in(term)}
        if names != of if not inner.index else not any(inner.index in key.letters for key in names):
            return None
    if any(isinstance(x, SumOver) and x.index == inner.index for term in terms[1:] for x in walk(term)):
        return None
    body = Sum(inner.body.start, terms[-1].end, (inner.body, *terms[1:]), (1, *signs[1:]))
    whole = replace(inner, body=body, end=body.end)
    return replace(first, factors=(*first.factors[:-1], whole)) if isinstance(first, Product) else whole


_TIMES = {"*": "*", "odot": "odot", "otimes": "otimes", "circ": "odot"}
"""What stands between factors, by the sign of it."""
