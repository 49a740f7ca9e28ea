"""The small edits that may make a wrong claim right.

Every single edit that people's slips call for: another index, another name of the notes, a sign, a factor
more or less, a prime or a hat, an exponent, two things the other way round. Each is given with the characters
it replaces. Which of them mends the claim is found out in `mending.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..defining.book import Book
from ..meaning.syntax import (
    Apply,
    Cases,
    Derivative,
    Index,
    Key,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    SumOver,
    Transposed,
    parts,
    walk,
    with_part,
)  # fmt: skip
from ..meaning.vocabulary import FUNCTIONS
from ..meaning.world import IDENTITY
from .deciding import free_letters
from .index_slips import other_indices
from .lacking import HALF, Factor, factors, sums

__all__ = ["Edit", "edits"]


class Edit(NamedTuple):
    """One thing changed in a formula, and the change to its source.

    old     the part of the formula that is changed, which is found in it by its identity
    new     what stands there instead
    rank    how likely a slip of that kind is: the likeliest have 0
    turns   whether it only transposes something or changes the order
    """

    old: Node
    new: Node
    start: int
    end: int
    text: str
    says: str
    rank: int = 0
    turns: bool = False

    def within(self, node: Node) -> Node:
        """The whole formula with the edit made."""
        return with_part(node, self.old, self.new)


class Editor:
    """Makes the edits of one side of a claim."""

    def __init__(
        self, book: Book, source: str, others: Sequence[Key], spelled: Callable[[Key], str],
        asked: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.book, self.source, self.others, self.spelled = book, source, list(others), spelled
        self.asked = asked
        self.letters = asked | {i.letter for key in others for i in (*key.below, *key.above) if _is_letter(i)}

    def of(self, node: Node) -> Iterator[Edit]:
        """All single edits of a formula."""
        yield from self._own(node)
        for whole in node.values if isinstance(node, Cases) else (node,):
            yield from self._more(whole)
        yield from self._inside(node)

    def _inside(self, node: Node) -> Iterator[Edit]:
        """Those of its parts; a name that is differentiated, or by which, stays a name."""
        for part in parts(node):
            if isinstance(node, Apply) and part is node.name:
                continue
            operand = isinstance(node, Derivative) and isinstance(part, Name)
            if isinstance(node, Transposed) and isinstance(part, Name) and part.end == node.end:
                yield from self._under_its_mark(part)  # W^T: the name is as long as its script
            else:
                factor = isinstance(node, Product) and isinstance(part, Number)
                for edit in self._own(part):
                    if not (operand and not isinstance(edit.new, Name)) and not (factor and edit.text == "1"):
                        yield edit
            yield from self._inside(part)

    def _under_its_mark(self, node: Name) -> Iterator[Edit]:
        """Another name, which gets the mark of the transposition as well."""
        for edit in self._own(node):
            if isinstance(edit.new, Name):
                text = _transposed(edit.text)
                yield edit._replace(text=text, says=f"replace ${self._text(node)}$ by ${text}$")

    def _own(self, node: Node) -> Iterator[Edit]:
        match node:
            case Name():
                yield from self._names(node)
            case Sum():
                yield from self._sums(node)
            case Product():
                yield from self._products(node)
            case Number():
                yield from self._numbers(node)
            case Power():
                yield from self._powers(node)
            case Apply():
                yield from self._calls(node)
            case Transposed():
                yield self._changed(node, node.body, self._body(node), 1)._replace(turns=True)

    # --------------------------------------------------------------------------------------- edits

    def _text(self, node: Node) -> str:
        text = self.source[node.start : node.end]
        return text.rstrip("{^ ") if isinstance(node, Name) else text

    def _body(self, node: Transposed) -> str:
        """What is transposed, without the mark of it."""
        own = isinstance(node.body, Name) and node.body.end == node.end
        return self.spelled(node.body.key) if own else self._text(node.body)  # type: ignore[attr-defined]

    def _changed(self, old: Node, new: Node, text: str, rank: int) -> Edit:
        if len(text) > 1 and self.source[old.start - 1 : old.start] in ("^", "_"):
            text = f"{{{text}}}"
        return Edit(
            old,
            new,
            old.start,
            old.start + len(self._text(old)),
            text,
            f"replace ${self._text(old)}$ by ${text}$",
            rank,
        )

    def _names(self, node: Name) -> Iterator[Edit]:
        """Another index, another name."""
        if node.primes or node.start == node.end:
            return
        for key in self.others:
            if key == node.key or self._is_count(key) is not self._is_count(node.key):
                continue
            rank = 0 if key.base == node.key.base else 1 if _twins(key, node.key) else 3
            if len(key.below) != len(node.key.below) and key.base == node.key.base:
                rank = 2
            yield self._changed(node, replace(node, key=key), self.spelled(key), rank)
        for key in other_indices(node.key, self.letters):
            if key not in self.others:
                yield self._changed(node, replace(node, key=key), self.spelled(key), 1)
        text = self._text(node)
        yield from self._and_one(node)
        square = f"({text})^2" if "^" in text else f"{text}^2"
        yield self._changed(node, Power(0, 0, node, Number(0, 0, "2")), square, 2)
        if "t" in self.asked and not free_letters(node):  # the number of the step
            raised = Power(node.start, node.end, node, Name(0, 0, Key("t")))
            yield self._changed(node, raised, f"{text}^t", 2)
        root = Power(0, 0, node, HALF)
        yield self._changed(node, root, rf"\sqrt{{{text}}}", 3)
        turned = self._changed(node, Transposed(node.start, node.end, node), _transposed(text), 2)
        yield turned._replace(turns=True)

    def _and_one(self, node: Node) -> Iterator[Edit]:
        """p - 1 and 1 - p for p."""
        one, text = Number(0, 0, "1"), self._text(node)
        yield self._changed(node, Sum(0, 0, (node, one), (1, -1)), f"({text} - 1)", 3)
        yield self._changed(node, Sum(0, 0, (one, node), (1, -1)), f"(1 - {text})", 3)

    def _is_count(self, key: Key) -> bool:
        """Whether a name is a number of rows or units, which nobody takes for another quantity."""
        return ("symbol", key.base) in self.book.sizes and not key.below and not key.above

    def _sums(self, node: Sum) -> Iterator[Edit]:
        """Another sign, a term left out, a difference turned round."""
        for place, (term, sign) in enumerate(zip(node.terms, node.signs, strict=True)):
            signs = (*node.signs[:place], -sign, *node.signs[place + 1 :])
            spot = self._sign_before(node, place)
            if spot is not None:
                new = "-" if sign > 0 else "+"
                if place == 0:
                    new = "" if sign < 0 else "-"
                yield Edit(
                    node, replace(node, signs=signs), spot[0], spot[1], new,
                    _of_sign(sign, place, self._text(term)), 0,
                )  # fmt: skip
        for place, term in enumerate(node.terms if len(node.terms) > 1 else ()):
            if not self.source[term.start : term.start + 1].isdigit():
                twice = Product(term.start, term.end, (Number(0, 0, "2"), term), ("",))
                terms = (*node.terms[:place], twice, *node.terms[place + 1 :])
                says = f"multiply ${self._text(term)}$ by $2$"
                yield Edit(node, replace(node, terms=terms), term.start, term.start, "2 ", says, 2)
        yield from self._terms_multiplied(node)
        if len(node.terms) > 1:
            text = self._text(node)
            raised = f"{text}^2" if _in_brackets(text) else f"({text})^2"
            yield self._changed(node, Power(0, 0, node, Number(0, 0, "2")), raised, 3)
        if len(node.terms) == 2 and node.signs == (1, -1):
            a, b = node.terms
            turned = replace(node, terms=(b, a))
            text = f"{self._text(b)} - {self._text(a)}"
            start, end = a.start, b.end
            yield Edit(node, turned, start, end, text, f"replace ${self.source[start:end]}$ by ${text}$", 1)

    def _terms_multiplied(self, node: Sum) -> Iterator[Edit]:
        """A factor that one of several terms lacks."""
        for place, term in enumerate(node.terms if len(node.terms) > 1 else ()):
            for key in self.others if not isinstance(term, Sum) else ():
                if key.tag or key.base.startswith(("d ", "Delta ")) or key == self.book.loss:
                    continue
                name, text = Name(0, 0, key), self.spelled(key)
                longer = Product(term.start, term.end, (name, term), ("",))
                terms = (*node.terms[:place], longer, *node.terms[place + 1 :])
                says = f"multiply ${self._text(term)}$ by ${text}$"
                yield Edit(node, replace(node, terms=terms), term.start, term.start, f"{text} ", says, 3)

    def _sign_before(self, node: Sum, place: int) -> tuple[int, int] | None:
        """Where the sign of a term stands in the source."""
        term = node.terms[place]
        sign = node.signs[place]
        if place == 0 and sign > 0:
            return term.start, term.start
        low = node.terms[place - 1].end if place else max(0, node.start - 1)
        spot = max(self.source.rfind(c, low, term.start) for c in "+-−")
        return (spot, spot + 1) if spot >= 0 else None

    def _products(self, node: Product) -> Iterator[Edit]:
        """A factor left out, or two that stand together; two factors the other way round."""
        factors = node.factors
        for place in range(len(factors)):
            factor = factors[place]
            if not isinstance(factor, Name) or factor.key != IDENTITY:  # which nobody writes by mistake
                yield self._without(node, place, place + 1, rank=1)
        for place in range(len(factors) - 1 if len(factors) > 2 else 0):
            yield self._without(node, place, place + 2, rank=2)  # as in a (1 - a)
        for place in range(len(factors) - 1):
            a, b = factors[place], factors[place + 1]
            pairs = [((b, self._text(b)), (a, self._text(a)))]
            if isinstance(a, Transposed) != isinstance(b, Transposed):
                pairs.append((self._flipped(b), self._flipped(a)))
            for (first, one), (second, other) in pairs:
                turned = replace(node, factors=(*factors[:place], first, second, *factors[place + 2 :]))
                text = f"{one} {other}"
                says = f"replace ${self.source[a.start : b.end]}$ by ${text}$"
                yield Edit(node, turned, a.start, b.end, text, says, 2, turns=True)

    def _flipped(self, node: Node) -> tuple[Node, str]:
        """The transposed of it."""
        if isinstance(node, Transposed):
            return node.body, self._body(node)
        return Transposed(0, 0, node), _transposed(self._text(node))

    def _numbers(self, node: Number) -> Iterator[Edit]:
        """1, 2, a half; twice as much; divided by a number of rows."""
        one = Number(0, 0, "1")
        others: dict[str, Node] = {text: Number(0, 0, text) for text in ("1", "2")}
        if node.text.isdigit() and len(node.text) < 9:
            doubled = str(2 * int(node.text))
            others[doubled] = Number(0, 0, doubled)
        others[r"\frac{1}{2}"] = Quotient(0, 0, one, Number(0, 0, "2"))
        for size in self.book.sizes:
            if isinstance(size, tuple) and len(size) == 2 and size[0] == "symbol":
                key = Key(str(size[1]))
                others[rf"\frac{{{node.text}}}{{{self.spelled(key)}}}"] = Quotient(
                    0, 0, node, Name(0, 0, key)
                )
        for text, new in others.items():
            yield self._changed(node, new, text, 1)

    def _without(self, node: Product, first: int, end: int, rank: int) -> Edit:
        """Some of the factors left out, with what joins them to the others."""
        factors, signs = node.factors, node.signs
        rest = (*factors[:first], *factors[end:])
        between = (*signs[:first], *signs[end:]) if end < len(factors) else signs[: max(0, first - 1)]
        new = rest[0] if len(rest) == 1 else replace(node, factors=rest, signs=between)
        if first == 0:
            start, stop = factors[0].start, factors[end].start
        else:
            start, stop = factors[first - 1].end, factors[end - 1].end
        space = " " if first and end < len(factors) else ""
        left_out = self.source[factors[first].start : factors[end - 1].end]
        return Edit(node, new, start, stop, space, f"leave out ${left_out}$", rank)

    def _powers(self, node: Power) -> Iterator[Edit]:
        says = f"leave out the exponent of ${self._text(node)}$"
        end_of_base = node.base.start + len(self._text(node.base))
        yield Edit(node, node.base, end_of_base, node.end, "", says, 0)
        for x in walk(node.exponent):
            if isinstance(x, Number) and x.text.isdigit() and len(x.text) < 3 and x.end > x.start:
                for value in {int(x.text) + step for step in (-2, -1, 1, 2)} - {0, -1}:
                    number = Number(x.start, x.end, str(value))
                    says = f"replace ${x.text}$ by ${value}$ in the exponent"
                    changed = replace(node, exponent=with_part(node.exponent, x, number))
                    yield Edit(node, changed, x.start, x.end, str(value), says, 2)
        if isinstance(node.base, Sum):  # (1 - a)^2 for (1 - a^2)
            last = node.base.terms[-1]
            raised = replace(node, base=last)
            inside = replace(node.base, terms=(*node.base.terms[:-1], raised))
            bracket = node.base.end - 1
            if self.source[bracket : bracket + 1] == ")":
                text = self.source[bracket + 1 : node.end] + ")"
                yield Edit(node, inside, bracket, node.end, text, "move the exponent into the brackets", 1)

    def _calls(self, node: Apply) -> Iterator[Edit]:
        """A prime more or less; a function left out."""
        name = node.name
        if name.start == name.end or len(node.arguments) != 1:
            return
        plain = self.source[name.start : name.end].rstrip("'")
        plain = plain.replace(r"^{\prime}", "").replace(r"^\prime", "")
        if name.primes:
            yield self._renamed(node, replace(name, primes=name.primes - 1), plain + "'" * (name.primes - 1))
        else:
            other = _CO.get(name.key.base)
            if other is not None and plain == rf"\{name.key.base}":
                yield self._renamed(node, replace(name, key=Key(other)), rf"\{other}")
            yield self._renamed(node, replace(name, primes=1), plain + "'")
            rest = Sum(0, 0, (Number(0, 0, "1"), node), (1, -1))
            text = f"(1 - {self._text(node)})"
            slope = Product(node.start, node.end, (node, rest), ("",))
            yield Edit(node, slope, node.end, node.end, text, f"multiply by ${text}$", 2)
            yield from self._and_one(node)
            argument = node.arguments[0]
            if not isinstance(argument, Sum):  # sigma(-z) for sigma(z)
                yield Edit(
                    argument,
                    Sum(argument.start, argument.end, (argument,), (-1,)),
                    argument.start,
                    argument.start,
                    "-",
                    f"put a minus in front of ${self._text(argument)}$",
                    2,
                )
            if name.key.base in FUNCTIONS and self.source[name.end : node.arguments[0].start].strip() == "(":
                says = f"replace ${self._text(node)}$ by ${plain}^2{self.source[name.end : node.end]}$"
                square = Power(0, 0, node, Number(0, 0, "2"))
                yield Edit(node, square, name.end, name.end, "^2", says, 1)

    def _renamed(self, node: Apply, name: Name, text: str) -> Edit:
        old = self.source[node.name.start : node.name.end]
        return Edit(node, replace(node, name=name), node.name.start, node.name.end, text,
                    f"replace ${old}$ by ${text}$", 0)  # fmt: skip

    def _more(self, node: Node) -> Iterator[Edit]:
        """A minus in front, a factor more, a sum."""
        if not isinstance(node, Sum):
            negated = Sum(node.start, node.end, (node,), (-1,))
            yield Edit(node, negated, node.start, node.start, "-", "put a minus in front", 0)
            letters = sorted(free_letters(node) - self.asked - self.book.fixed)
            for summed, text in sums(node, letters, self.book):
                yield Edit(node, summed, node.start, node.start, text, f"put ${text.strip()}$ in front", 1)
        for factor in factors(self.book, self.others, self.spelled):
            yield self._multiplied(node, factor)

    def _multiplied(self, node: Node, factor: Factor) -> Edit:
        """With a factor more: numbers are written in front, other things behind."""
        new, text, rank, first, sign = factor
        says = f"multiply by ${text}$"
        if isinstance(node, Number) and node.text == "1":
            return self._changed(node, new, text, rank)
        longer: Node = Product(node.start, node.end, (node, new), (sign,))
        if isinstance(node, Product) and isinstance(node.factors[-1], SumOver) and not first:
            inner = node.factors[-1]
            body = Product(0, 0, (inner.body, new), (sign,))
            longer = replace(node, factors=(*node.factors[:-1], replace(inner, body=body)))
        elif isinstance(node, SumOver) and not first:
            longer = replace(node, body=Product(0, 0, (node.body, new), (sign,)))
        before = self._text(node)
        if isinstance(node, Sum) and len(node.terms) > 1:
            inside = before if _in_brackets(before) else f"({before})"
            whole = f"{text} {inside}" if first else f"{inside} {_joined(sign)}{text}"
            return Edit(node, longer, node.start, node.end, whole, says, rank)
        if not first:
            between = rf" {_joined(sign)}" if sign else r" \cdot "
            return Edit(node, longer, node.end, node.end, between + text, says, rank)
        place = node.start
        if isinstance(node, Sum) and node.signs == (-1,):
            place = node.terms[0].start
        digit = self.source[place : place + 1].isdigit()
        number = digit or self.source.startswith(r"\frac", place)  # into which it rather goes
        written = rf"{text} \cdot " if digit else f"{text} "
        return Edit(node, longer, place, place, written, says, rank + number)


_CO = {"sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh"}
"""What people write for one another."""


def _transposed(text: str) -> str:
    """A formula with the mark of a transposition: above what stands there already, or beside it."""
    if text.endswith(("]}", ")}")) and "^{" in text:
        return f"{text[:-1]}T}}"
    return f"({text})^T" if "^" in text or (" " in text and not _in_brackets(text)) else f"{text}^T"


def _in_brackets(text: str) -> bool:
    """Whether one pair of brackets holds all of it."""
    depth = [0]
    for c in text:
        depth.append(depth[-1] + (c == "(") - (c == ")"))
    return text.startswith("(") and text.endswith(")") and 0 not in depth[1:-1]


def _of_sign(sign: int, place: int, term: str) -> str:
    short = term if len(term) < 40 else "the term"
    of = f"${short}$" if short == term else short
    if place == 0:
        return f"leave out the minus in front of {of}" if sign < 0 else f"put a minus in front of {of}"
    return f"replace ${'+' if sign > 0 else '-'}$ by ${'-' if sign > 0 else '+'}$ in front of {of}"


def _twins(a: Key, b: Key) -> bool:
    """y and y-hat."""
    return a.base.removeprefix("hat ") == b.base.removeprefix("hat ")


def _is_letter(index: Index) -> bool:
    return len(index.letter) == 1


def _joined(sign: str) -> str:
    return r"\odot " if sign else ""


def edits(
    node: Node, book: Book, source: str, others: Sequence[Key], spelled: Callable[[Key], str],
    asked: frozenset[str] = frozenset(),
) -> list[Edit]:  # fmt: skip
    """All single edits of a side, the likeliest slips first; derivatives keep their shape.

    Index letters that are `asked` for on the other side are not summed over.
    """
    found = Editor(book, source, others, spelled, asked).of(node)
    changes = (edit for edit in found if edit.text != source[edit.start : edit.end])
    return sorted(changes, key=lambda edit: (edit.rank, edit.end - edit.start))
