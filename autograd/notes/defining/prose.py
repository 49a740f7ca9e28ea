"""What the words beside a name say of it: `$g$ is the sigmoid`, `where $A$ is symmetric`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..meaning.chains import Chain
from ..meaning.names import spelled
from ..meaning.syntax import ARGUMENT, Apply, Cases, Derivative, Key, Name, Node, Number
from .book import Book, Function

if TYPE_CHECKING:
    from ..reading.documents import Formula

__all__ = ["enter_words", "name_slopes", "said_to_be_functions"]

_FUNCTIONS = {
    "sigmoid": r"sigmo\w*|logisti\w*",
    "tanh": r"tanh|hyperbolic tangent|tangens hyperbolicus|tangente hyperbolique|tangente hiperbólica",
    "ReLU": r"relu|rectified linear unit|rectifier",
    "step": r"heaviside(?:sche|['’]s)?(?: step| unit step)?|(?:unit )?step|stufen|échelon|escalón",
}
_IS = (
    r"^[\s,]*(?:is|be|being|denotes|for|ist|sei|est|es|é|是)\s+"
    r"(?:(?:the|a|an|die|eine|la|une|el|o|a)\s+)?(?:usual |standard )?"
)
_KIND = r"(?:[\s-]+activation)?(?:[\s-]+(?:function|funktion|fonction|función|função|nonlinearity))?"
_NO_FUNCTION = r"[\s-]*(?:regress|loss|cost|unit|neuron|layer|model|classif)"
_SYMMETRIC = re.compile(
    r"^[\s,]*(?:(?:is|be|being|ist|sei|est|es|é)\s+(?:a\s+)?)?(?:symmetri|symétri|simétri|simetr)|^\s*(?:是)?对称",
    re.I,
)
_SYMMETRIC_BEFORE = re.compile(r"(?:symmetric|symmetrische[rs]?|对称)\s*(?:matrix|matrices|矩阵)?\s*$", re.I)


def said_to_be_functions(formulas: Iterable[Formula]) -> set[str]:
    """The letters that the words beside them call a function: `$u$ is the unit step function`."""
    kinds = "|".join(_FUNCTIONS.values())
    behind = re.compile(rf"{_IS}(?:(?:{kinds}){_KIND}|\w*\s*activation function)(?!{_NO_FUNCTION})", re.I)
    in_front = re.compile(rf"\b(?:(?:{kinds}){_KIND}|activation function)\s*$", re.I)
    return {
        name for name, before, after in _names(formulas) if behind.search(after) or in_front.search(before)
    }


def enter_words(book: Book, formulas: Iterable[Formula]) -> None:
    """Enter the functions and symmetric matrices that are only said in words."""
    for name, before, after in _names(formulas):
        if _SYMMETRIC.search(after) or _SYMMETRIC_BEFORE.search(before):
            book.symmetric.add(name)
        if name in book.functions or name not in book.called:
            continue
        for word, pattern in _FUNCTIONS.items():
            behind = re.search(rf"{_IS}(?:{pattern})(?!{_NO_FUNCTION})", after, re.I)
            in_front = re.search(rf"\b(?:{pattern}){_KIND}\s*$", before, re.I)
            if behind or in_front:
                argument = Name(0, 0, ARGUMENT)
                body: Node = Apply(0, 0, Name(0, 0, Key(word)), (argument,))
                if word == "step":
                    one, zero = Number(0, 0, "1"), Number(0, 0, "0")
                    body = Cases(0, 0, (one, zero), ((argument, ">", zero), None))
                book.functions[name] = [Function((argument.key,), body)]


_CALLED = re.compile(
    r"\b(?:call|denote|name|label|abbreviate|write)\s+(?:it|(?:this|that|the)(?:\s+\w+)?)(?:\s+(?:by|as|simply))?\s*$"
    r"|\bwhich (?:we|I|is) (?:call|called|denote|denoted)(?: by)?\s*$|\b(?:nennen wir|wir nennen sie)\s*$",
    re.I,
)


def name_slopes(chains: Sequence[Chain], formulas: Sequence[Formula]) -> None:
    r"""Say of a name what it is called for: `\partial L / \partial Z = P - Y`. "Call it `G`"."""
    for before, chain in itertools.pairwise(chains):
        slope, first = before.links[0], chain.links[0]
        behind = first.formula == before.links[-1].formula + 1 and len(chain.links) == 1
        called = behind and _CALLED.search(formulas[first.formula].before)
        if called and isinstance(slope.node, Derivative) and isinstance(first.node, Name):
            chain.links.append(replace(slope, formula=first.formula, relation="="))


def _names(formulas: Iterable[Formula]) -> Iterator[tuple[str, str, str]]:
    """The formulas that are one bare name, with the words before and after."""
    for formula in formulas:
        marks = [mark for line in formula.lines for mark in line]
        name = spelled(marks[0]) if len(marks) == 1 else None
        if name is not None and not name.above and not name.below.indices and not name.primes:
            yield name.base, formula.before, formula.after
