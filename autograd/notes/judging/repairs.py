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
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    Apply,
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
    with_part,
)  # fmt: skip

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

    def __init__(self, book: Book, source: str, others: Sequence[Key], spelled: Callable[[Key], str]) -> None:
        self.book, self.source, self.others, self.spelled = book, source, list(others), spelled

    def of(self, node: Node) -> Iterator[Edit]:
        """All single edits of a formula."""
        yield from self._own(node)
        yield from self._more(node)
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
                yield from (edit for edit in self._own(part) if not operand or isinstance(edit.new, Name))
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
            if key == node.key:
                continue
            rank = 0 if key.base == node.key.base else 1 if _twins(key, node.key) else 3
            if len(key.below) != len(node.key.below) and key.base == node.key.base:
                rank = 2
            yield self._changed(node, replace(node, key=key), self.spelled(key), rank)
        for key in _other_indices(node.key):
            if key not in self.others:
                yield self._changed(node, replace(node, key=key), latex_of(key), 1)
        one = Number(0, 0, "1")
        text = self._text(node)
        yield self._changed(node, Sum(0, 0, (node, one), (1, -1)), f"({text} - 1)", 3)
        yield self._changed(node, Sum(0, 0, (one, node), (1, -1)), f"(1 - {text})", 3)
        turned = self._changed(node, Transposed(node.start, node.end, node), _transposed(text), 2)
        yield turned._replace(turns=True)

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
        if len(node.terms) == 2 and node.signs == (1, -1):
            a, b = node.terms
            turned = replace(node, terms=(b, a))
            text = f"{self._text(b)} - {self._text(a)}"
            start, end = a.start, b.end
            yield Edit(node, turned, start, end, text, f"replace ${self.source[start:end]}$ by ${text}$", 1)

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
        for text in ("1", "2", r"\frac{1}{2}"):
            if text == node.text:
                continue
            new: Node = (
                Quotient(0, 0, Number(0, 0, "1"), Number(0, 0, "2")) if "frac" in text else Number(0, 0, text)
            )
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
        yield Edit(
            node, node.base, node.base.end, node.end, "", f"leave out the exponent of ${self._text(node)}$", 0
        )
        if isinstance(node.base, Sum):  # (1 - a)^2 for (1 - a^2)
            last = node.base.terms[-1]
            raised = replace(node, base=last)
            inside = replace(node.base, terms=(*node.base.terms[:-1], raised))
            bracket = node.base.end - 1
            if self.source[bracket] == ")":
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
            yield self._renamed(node, replace(name, primes=1), plain + "'")

    def _renamed(self, node: Apply, name: Name, text: str) -> Edit:
        old = self.source[node.name.start : node.name.end]
        return Edit(node, replace(node, name=name), node.name.start, node.name.end, text,
                    f"replace ${old}$ by ${text}$", 0)  # fmt: skip

    def _more(self, node: Node) -> Iterator[Edit]:
        """A minus in front, or a factor more behind."""
        if not isinstance(node, Sum):
            negated = Sum(node.start, node.end, (node,), (-1,))
            yield Edit(node, negated, node.start, node.start, "-", "put a minus in front", 0)
        for new, text, rank in self._factors():
            bracket = isinstance(node, Sum) and len(node.terms) > 1
            longer = Product(node.start, node.end, (node, new), ("",))
            if isinstance(node, Product) and isinstance(node.factors[-1], SumOver):
                inner = node.factors[-1]
                body = Product(0, 0, (inner.body, new), ("",))
                longer = replace(node, factors=(*node.factors[:-1], replace(inner, body=body)))
            elif isinstance(node, SumOver):
                longer = replace(node, body=Product(0, 0, (node.body, new), ("",)))  # type: ignore[assignment]
            if bracket:
                before = self._text(node)
                source = f"{before if _in_brackets(before) else f'({before})'} {text}"
                yield Edit(node, longer, node.start, node.end, source, f"multiply by ${text}$", rank)
            else:
                yield Edit(node, longer, node.end, node.end, rf" \cdot {text}", f"multiply by ${text}$", rank)

    def _factors(self) -> Iterator[tuple[Node, str, int]]:
        """What a product may lack."""
        for key in self.others:
            if not key.tag and not key.base.startswith(("d ", "Delta ")) and key != self.book.loss:
                yield Name(0, 0, key), self.spelled(key), 2
        for name in self.primed():
            yield name[0], name[1], 0
        half = Quotient(0, 0, Number(0, 0, "1"), Number(0, 0, "2"))
        yield Number(0, 0, "2"), "2", 1
        yield half, r"\frac{1}{2}", 1
        one = Number(0, 0, "1")
        for key in self.others:
            if self.book.is_defined(key) and not key.letters:
                text = self.spelled(key)
                name_ = Name(0, 0, key)
                rest = Sum(0, 0, (one, name_), (1, -1))
                yield Product(0, 0, (name_, rest), ("",)), f"{text} (1 - {text})", 2
                yield rest, f"(1 - {text})", 2
                square = Power(0, 0, name_, Number(0, 0, "2"))  # the slope of tanh
                yield Sum(0, 0, (one, square), (1, -1)), f"(1 - {text}^2)", 2

    def primed(self) -> Iterator[tuple[Node, str]]:
        """f'(z) for every f(z) that defines something, of a z that may stand here."""
        book = self.book
        definitions = [*book.exact.values(), *(d for found in book.templates.values() for d in found)]
        seen: set[str] = set()
        for d in definitions:
            if (
                isinstance(d.body, Apply)
                and len(d.body.arguments) == 1
                and isinstance(d.body.arguments[0], Name)
            ):
                function, argument = d.body.name, d.body.arguments[0]
                if (
                    argument.key not in self.others
                    or function.key.base in ("exp", "log", "ln", "loss of", "softmax", "Softmax")
                    or function.primes
                ):
                    continue
                text = f"{latex_of(function.key)}'({self.spelled(argument.key)})"
                if text not in seen:
                    seen.add(text)
                    primed = replace(function, primes=1)
                    yield Apply(0, 0, primed, (Name(0, 0, argument.key),)), text


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


def _other_indices(key: Key) -> Iterator[Key]:
    """The indices in another order, or one of them another."""
    if len(key.below) == 2 and key.below[0] != key.below[1]:
        yield key._replace(below=key.below[::-1])
    letters = {i.letter for i in key.below + key.above if len(i.letter) == 1}
    for side in ("below", "above"):
        indices = getattr(key, side)
        for place, index in enumerate(indices):
            if len(index.letter) == 1:
                for number in {index.number - 1, index.number + 1, 0} - {index.number}:
                    yield _with_index(key, side, place, index._replace(number=number))
                for letter in letters - {index.letter}:
                    yield _with_index(key, side, place, index._replace(letter=letter))


def _with_index(key: Key, side: str, place: int, index: Index) -> Key:
    indices = key.below if side == "below" else key.above
    new = (*indices[:place], index, *indices[place + 1 :])
    return key._replace(below=new) if side == "below" else key._replace(above=new)


def edits(
    node: Node, book: Book, source: str, others: Sequence[Key], spelled: Callable[[Key], str]
) -> list[Edit]:  # fmt: skip
    """All single edits of a side, the likeliest slips first; derivatives keep their shape."""
    found = Editor(book, source, others, spelled).of(node)
    return sorted(found, key=lambda edit: (edit.rank, edit.end - edit.start))
