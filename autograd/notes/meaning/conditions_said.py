"""What sentences say an equation holds for: "for x > 0", "if i = j", "otherwise"."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..reading.layout import Mark, Operator
from .names import base_of
from .pieces import AND

if TYPE_CHECKING:
    from ..reading.documents import Formula
    from .chains import Chain

__all__ = ["CaseBefore", "see_conditions"]

_IF = ("if ", "when ", "whenever ", "for ", "wenn ", "falls ", "für ", "si ", "cuando ", "para ", "se ",
       "quando ", "pour ", "если ", "при ", "当", "若", "如果")  # fmt: skip
"""Words before a condition."""
_ORDERS = {"<", ">", "<=", ">=", "!="}
_OTHERWISE = re.compile(
    r"(?:otherwise|elsewhere|else|sonst|andernfalls|sinon|ailleurs|si no\b|en otro caso|altrimenti|"
    r"caso contr[aá]rio|senão|иначе|否则|其他)"
)


def see_conditions(chains: Sequence[Chain], formula: Formula, following: Sequence[Formula]) -> None:
    """Mark what is said to hold only where something is greater or less than something else."""
    for chain, condition in itertools.pairwise(chains):
        if condition.comparisons and not chain.comparisons and condition.words.lower() not in AND:
            chain.conditional, chain.condition = True, condition
    if len(chains) > 1 and chains[0].comparisons and chains[0].words and not chains[1].conditional:
        chains[1].conditional, chains[1].condition = True, chains[0]  # for x > 0: f' = 1
    words = formula.after.strip(" ,.:;(\n")
    after = words.lower()
    for chain in chains:
        chain.otherwise = _OTHERWISE.search(chain.words) is not None
    if chains and (_OTHERWISE.match(after) or _OTHERWISE.search(formula.before[-25:].lower())):
        chains[-1].otherwise = True
    if _ends_a_sentence(formula) or words[:1].isupper() or formula.after.startswith(";"):
        return  # "For t < T" begins the next one
    if following and chains and re.match("|".join(map(re.escape, _IF)), after + " "):
        marks = [mark for line in following[0].lines for mark in line]
        apart = _index_letters(marks)
        if apart is not None:
            chains[-1].distinct = apart
            return
        chains[-1].conditional = any(isinstance(m, Operator) and m.name in _ORDERS for m in marks)


@dataclass(slots=True)
class CaseBefore:
    """What a sentence begins with, `If x > 0:`, for the formula that follows; and what is otherwise."""

    order: Chain | None = None
    told: Chain | None = None

    def see(self, chains: Sequence[Chain], formula: Formula) -> None:
        """Note a condition that begins a sentence, and put what follows under it."""
        equations = [c for c in chains if len(c.links) > 1 and not c.comparisons]
        otherwise = _ELSE.search(formula.before) is not None
        for chain in equations:
            free = not chain.conditional and chain.distinct is None and chain.same is None
            if free and self.order is not None:
                chain.conditional, chain.condition = True, self.order
            elif free and otherwise and self.told is not None:
                chain.distinct, chain.same = self.told.same, self.told.distinct
                chain.conditional = self.told.conditional
                chain.condition = _reversed(self.told.condition)
        if equations:
            self.order = None
            if not otherwise:
                self.told = equations[-1]
        elif len(chains) == 1 and chains[0].comparisons and _begins_a_case(formula):
            self.order = chains[0] if chains[0].links[-1].relation in _ORDERS - {"!="} else None


def _begins_a_case(formula: Formula) -> bool:
    """Whether a condition begins a sentence, or a part of one that goes on: "and for x > 0, ..."."""
    within = _WITHIN.search(formula.before) and _GOES_ON.match(formula.after)
    return bool(within or _CASE.search(formula.before))


_CASE = re.compile(
    r"(?:^|[.:;!?}\n]\s*|^\W*)(?:If|When|For|Wenn|Falls|Für|Si|Cuando|Para|Se|Quando|Pour|Если|При)\s*$"
)
_WITHIN = re.compile(
    r"(?:;|:|\b(?:and|but|while|und|et|y|e|и))\s+(?:if|when|for|wenn|falls|für|si|cuando|para|se|quando|pour|"
    r"если|при)\s*$"
)
_GOES_ON = re.compile(r"\s*(?:[,:]|(?:then|we|it|this|dann|gilt|alors|on|entonces|allora|então|то)\b)")
_ELSE = re.compile(
    r"(?:^|[.:;,!?}\n]\s*)(?:[Oo]therwise|[Ee]lse|[Ss]onst|[Ss]inon|[Aa]ltrimenti|[Ии]наче|否则)[\s,:]*$"
)


_REVERSED = {"<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _reversed(condition: Chain | None) -> Chain | None:
    """What holds where a condition does not."""
    relation = _REVERSED.get(condition.links[-1].relation) if condition is not None else None
    if condition is None or relation is None or len(condition.links) != 2:
        return None
    return replace(condition, links=[condition.links[0], replace(condition.links[1], relation=relation)])


def _ends_a_sentence(formula: Formula) -> bool:
    """Whether a full stop stands at the end of a formula or behind it, and a capital after that."""
    after = formula.after.lstrip()
    stop = re.search(r"\.\s*(\\end\{\w+\*?\}\s*)?$", formula.latex) is not None
    if after.startswith("."):
        stop, after = True, after[1:]
    return stop and after.lstrip()[:1].isupper()


def _index_letters(marks: Sequence[Mark]) -> tuple[str, str] | None:
    r"""The letters of `k \neq t`."""
    if len(marks) != 3 or not isinstance(marks[1], Operator) or marks[1].name != "!=":
        return None
    a, b = base_of(marks[0]), base_of(marks[2])
    return (a, b) if a and b and len(a) == len(b) == 1 else None
