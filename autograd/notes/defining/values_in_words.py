"""Values that stand in no formula: `$w_1$ = 0.15`, `- $b$: 0.5`, tables of them; x = -2 without dollars."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from fractions import Fraction

from ..meaning.chains import Chain
from ..meaning.syntax import Index, Key, Name
from ..reading.documents import Document, Formula
from .book import Book

__all__ = ["give_values"]

_NUMBER = r"[ \t*_`]*\$?[ \t]*([-+−]?\d+(?:\.\d+)?)[ \t]*\$?[ \t*_`]*"
_BESIDE = re.compile(rf"[ \t*_`]*(?:=|:|\||&|is\b){_NUMBER}(?=$|\\\\|[|&;,)\n]|\.\s)", re.ASCII)
_ANOTHER = re.compile(rf"[|&]{_NUMBER}(?=$|\\\\|[|&\n])", re.ASCII)
_TYPED = re.compile(
    r"(?<![\w\\$.^_)\]({'/*+-])([A-Za-z])_?([\d₀-₉]{0,2}) ?= ?([-+−]?\d+(?:\.\d+)?)"
    r"(?![\w^%]|[ \t]*[-+*/=×·^]|\.\d|[ \t]*,[ \t]*(?:\d|\.\.|…))",
    re.ASCII,
)
_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?^[ \t]*\1", re.M | re.S)
_RULE = re.compile(r"[ \t]*\|?[ \t:|-]*-[ \t:|-]*\n")


def give_values(book: Book, document: Document, chains: Sequence[Chain]) -> None:
    """Enter the values that are said of names that nothing else defines, if only one is said."""
    found: dict[Key, set[Fraction]] = {}
    for place, keys in _names(chains).items():
        for number in _said_of(document, place):
            for key in keys:
                found.setdefault(key, set()).add(number)
    for key, number in _typed(document):
        if key in book.mentioned:
            found.setdefault(key, set()).add(number)
    for key, numbers in found.items():
        if len(numbers) == 1 and not book.is_defined(key):
            book.known.setdefault(key, min(numbers))


def _typed(document: Document) -> Iterator[tuple[Key, Fraction]]:
    """The values in the words between the formulas: with x = -2, `y = 5`."""
    fences = ((m.start(), m.end()) for m in _FENCED.finditer(document.text))
    start = 0
    for outer_start, outer_end in sorted(
        [*((f.outer_start, f.outer_end) for f in document.formulas), *fences]
    ):
        yield from _typed_between(document.text, start, outer_start)
        start = max(start, outer_end)
    yield from _typed_between(document.text, start, len(document.text))


def _typed_between(text: str, start: int, end: int) -> Iterator[tuple[Key, Fraction]]:
    for said in _TYPED.finditer(text, start, max(start, end)):
        index = unicodedata.normalize("NFKC", said[2])  # 1 for a small one below
        yield Key(said[1], (Index("", int(index)),) if index else ()), _value(said[3])


def _names(chains: Sequence[Chain]) -> dict[int, list[Key]]:
    """The formulas that are a name, or a list of names."""
    found: dict[int, list[Key]] = {}
    others: set[int] = set()
    for chain in chains:
        node = chain.nodes[0]
        if len(chain.links) == 1 and isinstance(node, Name) and not node.primes:
            found.setdefault(chain.links[0].formula, []).append(node.key)
        else:
            others |= {link.formula for link in chain.links}
    return {place: keys for place, keys in found.items() if place not in others}


def _said_of(document: Document, place: int) -> Iterator[Fraction]:
    """The value behind a formula, or below it in a table of one row."""
    text, formula = document.text, document.formulas[place]
    said = _BESIDE.match(text, formula.outer_end)
    if said is not None:
        if _ANOTHER.match(text, said.end()) is None:  # a row of data
            yield _value(said[1])
        return
    start = text.rfind("\n", 0, formula.start) + 1
    end = text.find("\n", start) + 1 or len(text)
    rule = _RULE.match(text, end)
    if rule is None or "|" not in text[start:end]:
        return
    rows = text[rule.end() :].split("\n\n")[0].splitlines()
    cells = rows[0].strip().strip("|").split("|") if len(rows) == 1 else []
    column = sum(_is_bar(text, i, document, place) for i in range(start, formula.start))
    column -= text[start:end].lstrip().startswith("|")
    if 0 <= column < len(cells) and (number := re.fullmatch(_NUMBER, cells[column])):
        yield _value(number[1])


def _is_bar(text: str, at: int, document: Document, place: int) -> bool:
    """Whether a character is a bar between cells, and not one of a formula before."""
    before: Sequence[Formula] = document.formulas[max(0, place - 20) : place]
    return text[at] == "|" and not any(f.outer_start <= at < f.outer_end for f in before)


def _value(text: str) -> Fraction:
    return Fraction(text.replace("−", "-"))
