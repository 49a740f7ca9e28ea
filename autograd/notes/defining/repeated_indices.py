r"""Einstein's summation convention: where notes say so, an index that stands twice in a term is summed over.

    y_i = W_{ij} x_j,   E = \frac12 (y_i - t_i)(y_i - t_i),   T = A_{ij} B_{ji}

An index that the left side has is not summed over, and a sum that is written out stays as it is.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from ..meaning.chains import Chain
from ..meaning.syntax import (
    Derivative,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    SumOver,
    mapped,
    parts,
)
from ..reading.documents import Document
from .book import is_constant

__all__ = ["sum_repeated_indices", "where_agreed", "with_sums"]

_SUM = r"sum|som[mae]|сумм|求和|相加|總和|和を|和が|縮約|합|योग|جمع|مجموع"
_CONVENTION = (
    r"conven|konven|соглашен|правил|約定|约定|規約|규약|notation|notación|notação|notazione|記法|记号"
)
_EINSTEIN = r"einstein|эйнштейн|爱因斯坦|愛因斯坦|アインシュタイン|아인슈타인|आइंस्टीन|[أا]ينشتاين"
_INDEX = r"\bind(?:ex|ic|iz|éx)|índic|индекс|下标|下標|指标|指標|角标|添字|添え字|첨자|सूचकांक|مؤشر"
_TWICE = (
    r"repeat|repet|répét|ripet|doubl|twice|doppel|zweimal|wiederhol|\bgleichen?\b|повтор|重复|重複|繰り返|相同|同じ"
    r"|반복|दोहर|متكرر"
)
_AGREED = [
    [re.compile(words, re.IGNORECASE) for words in said]
    for said in (
        (_EINSTEIN, f"{_SUM}|{_CONVENTION}"),
        (_SUM, r"\bsummation convention|summ\w+konvention|convention de sommation"),
        (_SUM, _INDEX, _TWICE),
    )
]
"""Words that stand together in one sentence where notes agree on it."""
_DENIED = re.compile(
    r"(?:\b(?:no|not|without|never|ohne|keine?|nicht|sans|sin|senza|sem|без|не)\s+|不|没有|無)(?:\w+\s+){0,3}?"
    rf"(?:{_SUM}|{_EINSTEIN})|\b(?:not|nicht)\s+(?:used|applied|implied|verwendet|benutzt|angewandt)",
    re.IGNORECASE,
)
_SIGN = re.compile(
    r"writ|sign|symbol|zeichen|schr[ei]|écri|escri|scriv|escrev|знак|пиш|写|書|符号", re.IGNORECASE
)
"""What is said not to be written is meant all the same."""
_SENTENCE = re.compile(r"(?:[^.。!?\n]+|\.(?!\s|$)|\n(?!\s*\n))+")


def where_agreed(document: Document) -> int | None:
    r"""The first formula from which the convention holds: all of the section in which it is agreed on.

    >>> from autograd.notes.reading.documents import read
    >>> where_agreed(read("$y = x$. Repeated indices are summed over: $y_i = W_{ij} x_j$"))
    0
    >>> where_agreed(read("No summation convention here: $y_i = W_{ij} x_j$")) is None
    True
    """
    if _is_said(document.front_matter) is not None:
        return 0
    place = _is_said(document.text)
    if place is None:
        return None
    formulas = document.formulas
    first = next((n for n, formula in enumerate(formulas) if formula.outer_start >= place), len(formulas))
    if first and (first == len(formulas) or formulas[first - 1].heading == formulas[first].heading):
        heading = formulas[first - 1].heading
        while first and formulas[first - 1].heading == heading:
            first -= 1
    return first


@functools.lru_cache(maxsize=2)  # of the notes and of their front matter, which are opened several times
def _is_said(text: str) -> int | None:
    """Where a text agrees on the convention."""
    for sentence in _SENTENCE.finditer(text):
        said = sentence[0]
        if any(all(words.search(said) for words in each) for each in _AGREED) and (
            _SIGN.search(said) or not _DENIED.search(said)
        ):
            return sentence.start()
    return None


def sum_repeated_indices(chains: Iterable[Chain], document: Document) -> bool:
    """Write the sums that the convention leaves out; whether the notes agree on it."""
    first = where_agreed(document)
    if first is None:
        return False
    for chain in chains:
        head = chain.head
        if chain.links[0].formula >= first and head is not None:
            for link in chain.links:
                if link.node is not None:
                    link.node = with_sums(link.node, head)
    return True


def with_sums(node: Node, head: Node) -> Node:
    """A side with its sums written out; `head` is the left side."""
    return _summed(node, _once(_letters(head)))


def _summed(node: Node, but: frozenset[str]) -> Node:
    """A formula with sums over the indices that stand twice in one of its terms, `but` these."""
    if isinstance(node, SumOver):
        return replace(node, body=_summed(node.body, but | {node.index}))
    if not isinstance(node, _TERMS):
        return mapped(node, lambda x: _summed(x, but))
    letters = _letters(node)
    repeated = sorted({x for x, n in letters.items() if n > 1} - but)
    inside = but | frozenset(letters)
    whole = mapped(node, lambda x: _summed(x, inside))
    for letter in reversed(repeated):
        whole = SumOver(node.start, node.end, "sum", letter, None, None, whole)
    return whole


_TERMS = (Product, Quotient, Power, Name, Derivative)
"""What a term is, as a whole."""


def _once(letters: Counter[str]) -> frozenset[str]:
    return frozenset(letter for letter, n in letters.items() if n == 1)


def _letters(node: Node) -> Counter[str]:
    """How often each index stands in a term; what stands in every term of a sum stands there once."""
    match node:
        case Name():
            indices = (*node.key.below, *node.key.above)
            return Counter(i.letter for i in indices if not is_constant(i) and "+" not in i.letter)
        case Sum():
            found: Counter[str] = Counter()
            for term in node.terms:
                found |= _once_or_bound(_letters(term))
            return found
        case SumOver():
            found = _letters(node.body)
            found.pop(node.index, None)
            return found
        case Power(exponent=Number(text="2")):
            inside = _letters(node.base)
            return inside + inside
    total: Counter[str] = Counter()
    for part in parts(node):
        total += _letters(part)
    return total


def _once_or_bound(letters: Counter[str]) -> Counter[str]:
    """The indices of a term that are left when it is summed over those that stand in it twice."""
    return Counter(dict.fromkeys((x for x, n in letters.items() if n == 1), 1))
