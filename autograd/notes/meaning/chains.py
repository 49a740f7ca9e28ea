"""From formulas to chains: sides that are said to be equal, across the displays they are spread over."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from ..reading.layout import Operator
from .conditions_said import CaseBefore, see_conditions
from .errors import NotUnderstood
from .stated import stated_in
from .statements import Side, Statement
from .syntax import (
    Key,
    Name,
    Node,
    Number,
    Placeholder,
    Product,
    Sum,
    Table,
    names_in,
    own_fields,
    parts,
    with_field,
)  # fmt: skip
from .vocabulary import Vocabulary

if TYPE_CHECKING:
    from ..reading.documents import Formula

__all__ = ["Chain", "Link", "Part", "Rewrite", "chains_of", "gives_a_value", "rewrite", "sets_alike"]


Rewrite: TypeAlias = Callable[[Node], Node]
"""What writes the names of a formula in another way."""

_Conditions = tuple["tuple[str, str] | None", "tuple[str, str] | None"]
"""Index letters that stand for different numbers, or for the same."""


@dataclass(slots=True)
class Link:
    """A side of a chain: its tree, where it stands, and the relation before it."""

    node: Node | None
    side: Side
    formula: int
    relation: str = "="


@dataclass(slots=True)
class Chain:
    """Sides that are said to be equal, in order.

    conditional   whether it is said of some case only; `condition` is which, if it is an order
    otherwise     whether it is said of all other cases
    given         what its sentence gives before it: for x = 1
    given_after   what it gives behind it: where x = 1
    spelled       what puts arguments behind its functions, if it is about functions
    """

    links: list[Link]
    line: int
    place: int
    section: int = 0
    words: str = ""
    comparisons: bool = False
    conditional: bool = False
    otherwise: bool = False
    supposed: bool = False
    frozen: tuple[Key, ...] = ()
    condition: Chain | None = None
    given: tuple[Chain, ...] = ()
    given_after: tuple[Chain, ...] = ()
    distinct: tuple[str, str] | None = None
    same: tuple[str, str] | None = None
    spelled: Rewrite | None = None

    @property
    def nodes(self) -> list[Node | None]:
        """The trees of the sides."""
        return [link.node for link in self.links]

    @property
    def head(self) -> Node | None:
        """The first side."""
        return self.links[0].node if self.links else None


@dataclass(slots=True)
class Part:
    """What one formula adds to a chain: the sides from `first` to before `last`."""

    chain: Chain
    first: int
    last: int


@dataclass(slots=True)
class _Open:
    """The chain that a display may go on from."""

    chain: Chain | None = None
    broken: bool = field(default=False)


def rewrite(chains: Sequence[Chain], change: Rewrite) -> None:
    """Put what a function makes of them in the place of all sides."""
    for chain in chains:
        for link in chain.links:
            if link.node is not None:
                link.node = change(link.node)


def chains_of(
    formulas: Sequence[Formula], vocabulary: Vocabulary
) -> tuple[list[Chain], list[list[list[Part]]]]:
    """All chains in order, and for every line of every formula its parts of them."""
    chains: list[Chain] = []
    parts_of: list[list[list[Part]]] = []
    current: Chain | None = None
    heading: Any = None
    pending: _Conditions | None = None
    section = 0
    sentence: list[Chain] = []
    case = CaseBefore()
    for number, formula in enumerate(formulas):
        if formula.heading != heading:
            heading, section = formula.heading, section + 1
        if number and _is_of_a_word(formula, formulas[number - 1]):
            current = None
        by_line: list[list[Part]] = []
        first = len(chains)
        for statements in stated_in(formula, vocabulary):
            found: list[Part] = []
            by_line.append(found)
            for place, statement in enumerate(statements):
                begins = len(by_line) == 1 and not place
                added = begins and _is_added(statement, current, formulas, number)
                entered = _enter(statement, current, number, formula, section, chains, found, added)
                if not (place or _only_names(statement, formula)):
                    current = entered
        parts_of.append(by_line)
        if number == 0 or _begins_a_sentence(formula, formulas[number - 1]):
            sentence = []
        _see_given(chains[first:], sentence, in_words=bool(formula.before.strip()))
        _see_frozen(chains[first:], formula, sentence)
        if _SUPPOSED.search(formula.before):
            for chain in chains[first:]:
                chain.supposed = True
        see_conditions(chains[first:], formula, formulas[number + 1 : number + 2])
        conditions = _conditions(chains[first:])
        alone = len(chains) == first + 1
        if first and alone and conditions and chains[first - 1].distinct == conditions[0] is not None:
            conditions = None  # it was said of the formula before
        if conditions and len(chains) > first + 1:
            pending = conditions
        if formula.display or len(chains) > first + 1 or any(len(c.links) > 1 for c in chains[first:]):
            for chain in chains[first:]:
                if pending and chain.links[0].formula == number:
                    chain.distinct = pending[0]
                    chain.same = pending[1]
            pending = None
        if formula.display:
            pending = None
        elif conditions and len(chains) == first + 1:
            pending = conditions
        case.see(chains[first:], formula)
    return chains, parts_of


def _is_of_a_word(formula: Formula, earlier: Formula) -> bool:
    """Whether what stands in a line of text is about the word before it: `Error $= p - y$`, lines below."""
    apart = not formula.display and formula.line > earlier.line + 1
    return apart and re.search(r"[^\W\d_]{3,}\s*$", formula.before) is not None


def _enter(
    statement: Statement, current: Chain | None, number: int, formula: Formula, section: int,
    chains: list[Chain], found: list[Part], added: bool,
) -> Chain:  # fmt: skip
    """Put a statement where it belongs: at the end of the chain before it, or in one of its own."""
    links = [
        Link(None if relation == "in" and isinstance(side.node, Table) else side.node, side, number, relation)
        for side, relation in zip(statement.sides, _before(statement), strict=True)
    ]
    if current is not None and (added or _breaks_off(current)) and not statement.goes_on:
        last = current.links[-1]
        if last.node is not None and links[0].node is not None and not (added and formula.problems):
            whole = _sum(last.node, links[0].node) if added else _completed(last.node, links[0].node)
            last.node = whole
            links[0].node = whole
            first = len(current.links)
            current.links += links
            found.append(Part(current, first, len(current.links)))
            return current
        if added:
            unread = NotUnderstood("the formula that it goes on in could not be read")
            last.node, last.side.problem = None, links[0].side.problem or unread
    if statement.goes_on and current is not None and not _begins_anew(statement):
        first = len(current.links)
        current.links += links
        found.append(Part(current, first, len(current.links)))
        return current
    links[0].relation = ""
    chain = Chain(links, formula.line, len(chains), section, statement.words, statement.comparisons)
    chains.append(chain)
    found.append(Part(chain, 0, len(links)))
    return chain


def _is_added(statement: Statement, current: Chain | None, formulas: Sequence[Formula], number: int) -> bool:
    """Whether a formula begins with a plus, or is no equation and begins with a minus, right behind one."""
    row = statement.sides[0].row
    if current is None or statement.goes_on or not row or not isinstance(row[0], Operator):
        return False
    before, formula = formulas[number - 1], formulas[number]
    return (
        (row[0].name == "+" or (row[0].name == "-" and len(statement.sides) == 1 and len(current.links) > 1))
        and current.links[-1].formula == number - 1
        and not re.search(r"\w", before.after + formula.before)
        and formula.line > before.line + before.latex.count("\n")
        and formula.outer_start - before.outer_end <= _NEXT_LINE
    )


_NEXT_LINE = 4
"""Characters that may stand between a formula and the one on the next line, of which some blank lines are."""


def _sum(node: Node, rest: Node) -> Node:
    """A sum that broke off before a sign, with what it goes on with."""
    terms = node.terms if isinstance(node, Sum) else (node,)
    signs = node.signs if isinstance(node, Sum) else (1,)
    more = rest.terms if isinstance(rest, Sum) else (rest,)
    others = rest.signs if isinstance(rest, Sum) else (1,)
    return Sum(node.start, rest.end, (*terms, *more), (*signs, *others))


_SENTENCE_END = re.compile(r"[.!?;](\s|$)|[。！？；]|\n\s*\n")


def _begins_a_sentence(formula: Formula, before: Formula) -> bool:
    return bool(
        formula.line - before.line > 2
        or before.latex.rstrip().endswith(".")
        or _SENTENCE_END.search(formula.before)
        or _SENTENCE_END.search(before.after)
    )


def _see_given(chains: Sequence[Chain], sentence: list[Chain], in_words: bool) -> None:
    """Note with each chain the numbers that its sentence gives: for x = 1 we get ..., where y = 0.

    Displays with no words between them are steps one after the other, which give nothing to those before.
    """
    for chain in chains:
        chain.given = tuple(filter(gives_a_value, sentence))
        if in_words and gives_a_value(chain):
            for earlier in sentence:
                earlier.given_after += (chain,)
        sentence.append(chain)


_FROZEN = re.compile(
    r"\b(?:constant|frozen|fixed|detached|konstant|eingefroren|festgehalten|constante|figé|fixé|congelad|fij[oa]s?\b|"
    r"fix[oa]s?\b|постоянн|заморожен)|常数|固定|冻结",
    re.I,
)


def _see_frozen(chains: Sequence[Chain], formula: Formula, sentence: Sequence[Chain]) -> None:
    r"""Note with each chain the names that its sentence says are constants: at test time $\mu$ is frozen."""
    for chain in chains:
        earlier = [c for c in sentence if c is not chain]
        if earlier and _FROZEN.search(formula.before):
            chain.frozen = tuple(
                c.head.key for c in earlier if len(c.links) == 1 and isinstance(c.head, Name)
            )


def gives_a_value(chain: Chain) -> bool:
    """Whether it says no more than the number that a name has."""
    return len(chain.nodes) == 2 and isinstance(chain.head, Name) and is_literal(chain.nodes[1])


_SUPPOSED = re.compile(
    r"\b(?:what if|suppose|supposing|assume|imagine|instead|was passiert|was wäre|angenommen|nehmen wir an|"
    r"stattdessen|would|alternatively|some (?:authors|books|people|texts)|others (?:define|use|write)|wäre|"
    r"et si|supposons|qué pasa si|supongamos|en cambio|e se|suponha|suponhamos|что если|"
    r"предположим)\b|假设|假如|如果",
    re.I,
)


def sets_alike(chain: Chain) -> bool:
    """Whether it gives one number to several names: v_1 = v_2 = 0."""
    *names, last = chain.nodes
    return len(names) > 1 and is_literal(last) and all(isinstance(x, Name) and not x.primes for x in names)


def is_literal(node: Node | None) -> bool:
    """Whether it is a number, with a sign or without."""
    return isinstance(node.terms[0] if isinstance(node, Sum) and len(node.terms) == 1 else node, Number)


def _conditions(chains: Sequence[Chain]) -> _Conditions | None:
    r"""`i \\neq j` and `i = j`, said of index letters; none where a formula tells several cases."""
    names = (name for chain in chains for node in chain.nodes if node is not None for name in names_in(node))
    used = set("ijklmnpqrst").union(*(name.key.letters for name in names))
    found: list[_Conditions] = []
    for chain in chains:
        nodes = chain.nodes
        apart = len(nodes) == 2 and chain.links[1].relation == "!="
        letters = set("abcdefghijklmnopqrstuvw") if apart else used
        said = [x.key.base if isinstance(x, Name) and x.key == Key(x.key.base) else "" for x in nodes]
        if apart and isinstance(nodes[1], Number):
            said[1:], letters = [nodes[1].text], letters | {nodes[1].text}  # j != 1
        if len(nodes) == 2 and letters.issuperset(said):
            chain.comparisons = True
            a, b = said
            if apart:
                found.append(((a, b), None))
            elif chain.links[1].relation == "=":
                found.append((None, (a, b)))
    return found[0] if len({*found}) == 1 else None


def _only_names(statement: Statement, formula: Formula) -> bool:
    """A name in running text, from which no display goes on."""
    return (
        len(statement.sides) == 1
        and not formula.display
        and isinstance(statement.sides[0].node, (Name, Number))
    )


def _begins_anew(statement: Statement) -> bool:
    """`= w_new = w - ...`: the sign in front is an ornament."""
    first = statement.sides[0].node
    return len(statement.sides) > 1 and isinstance(first, Name) and first.key.tag == "new"


def _before(statement: Statement) -> list[str]:
    """The relation before every side."""
    if statement.goes_on:
        return statement.relations[: len(statement.sides)]
    return ["", *statement.relations][: len(statement.sides)]


def _breaks_off(chain: Chain) -> bool:
    return bool(chain.links) and chain.links[-1].side.breaks_off and _has_placeholder(chain.links[-1].node)


def _has_placeholder(node: Node | None) -> bool:
    return node is not None and (
        isinstance(node, Placeholder) or any(_has_placeholder(part) for part in parts(node))
    )


def _completed(node: Node, rest: Node) -> Node:
    """A product that broke off, with what it goes on with."""
    if isinstance(node, Placeholder):
        return rest
    if isinstance(node, Product):
        factors = tuple(_completed(f, rest) if _has_placeholder(f) else f for f in node.factors)
        return replace(node, factors=factors)
    for name in own_fields(node):
        value = getattr(node, name)
        if isinstance(value, Node) and _has_placeholder(value):
            return with_field(node, name, _completed(value, rest))
        if type(value) is tuple and any(isinstance(v, Node) and _has_placeholder(v) for v in value):
            items = tuple(
                _completed(v, rest) if isinstance(v, Node) and _has_placeholder(v) else v for v in value
            )
            return with_field(node, name, items)
    return node
