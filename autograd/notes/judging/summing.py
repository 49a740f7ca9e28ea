"""A right formula over n rows or units, which cannot be written out: as a sum, or as a mean.

Worked out for three and for four of them it has a term for each, alike but for the number; what is divided by
three in one and by four in the other is divided by n.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ...expr import Expr, walk
from ...formulas.simplifying import Simplifier
from ..defining.book import Book
from ..meaning.syntax import Key
from .corrections import Symbols, Writer

__all__ = ["summed"]

Found = tuple[Expr, Symbols]


def summed(
    of: Callable[[Book], Found | None], book: Book, spelled: Callable[[Key], str], bindings: Mapping[str, int]
) -> str | None:
    """What `of` works out in a book, as LaTeX with a sum sign; None where its terms are not alike."""
    counts = [slot[1] for slot in book.counted if isinstance(slot, tuple) and slot[0] == "symbol"]
    if len(counts) != 1:
        return None
    (count,) = counts
    found = [(of(each), each.sizes["symbol", count]) for each in (book, book.with_more())]
    for letter in sorted(_letters(book) - bindings.keys()):
        bounds = rf"\sum_{{{letter}=1}}^{{{count}}} "
        for front, scaled in (("", False), (rf"\frac{{1}}{{{count}}} ", True)):
            terms = {
                None if one is None else _term(*one, size, letter, spelled, bindings, scaled)
                for one, size in found
            }
            if len(terms) == 1 and (text := terms.pop()) is not None:
                return front + bounds + text
    return None


def _letters(book: Book) -> set[str]:
    counted = {slot[1] for slot in book.counted if isinstance(slot, tuple) and slot[0] == "letter"}
    return counted | book.row_letters


def _term(
    expr: Expr, world: Symbols, size: int, letter: str, spelled: Callable[[Key], str],
    bindings: Mapping[str, int], scaled: bool,
) -> str | None:  # fmt: skip
    """The one text of all terms, each with the letter in place of its number, and times their number."""
    terms = list(_terms(expr, 1))
    if len(terms) != size or size < 2:
        return None
    simplify = Simplifier().simplify
    texts = set()
    left = set(range(1, size + 1))
    for sign, term in terms:
        whole = simplify(_times(term, sign * size)) if scaled else term if sign > 0 else simplify(-term)
        for number in sorted(left):
            writer = Writer(world, spelled, None, {**bindings, letter: number})
            text = writer.write(whole)
            names = [name for name in _names(whole) if name in world.spelled]
            if letter in "".join(map(writer.name_text, names)) and not any(map(writer.is_counted_out, names)):
                left.discard(number)
                texts.add(f"({text})" if _is_sum(whole) else text)
                break
    return texts.pop() if len(texts) == 1 and not left else None


def _terms(expr: Expr, sign: int) -> Iterator[tuple[int, Expr]]:
    if expr.op is not None and expr.op.name in ("add", "sub"):
        a, b = expr.operands
        yield from _terms(a, sign)
        yield from _terms(b, sign if expr.op.name == "add" else -sign)
    elif expr.op is not None and expr.op.name == "neg":
        yield from _terms(expr.operands[0], -sign)
    else:
        yield sign, expr


def _times(expr: Expr, number: int) -> Expr:
    """A multiple, with the number taken into the brackets: 3 (a/3 - y/3) x is (a - y) x."""
    name = expr.op.name if expr.op is not None else ""
    if name in ("add", "sub"):
        a, b = (_times(x, number) for x in expr.operands)
        return a + b if name == "add" else a - b
    if name == "mul":
        a, b = expr.operands
        return a * _times(b, number) if _is_sum(b) and not _is_sum(a) else _times(a, number) * b
    return Simplifier().simplify(expr * number)


def _is_sum(expr: Expr) -> bool:
    return expr.op is not None and expr.op.name in ("add", "sub")


def _names(expr: Expr) -> set[str]:
    return {node.name for node in walk([expr]) if node.name is not None}
