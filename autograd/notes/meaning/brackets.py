"""What brackets enclose: groups, lists and norms, conditions and cases, matrices; and the scripts on them."""

from __future__ import annotations

from dataclasses import replace

from ..reading.layout import Bracketed, Grid, Mark, Number, Operator, Row, Scripted, Separator, Symbol, Text
from .derivative_notation import evaluated_at
from .errors import NotUnderstood
from .names import GREEK, Script, Spelling, label_of, script
from .parser import Parser
from .rows import has_relation, is_ones, split, without_commas
from .syntax import (
    ARGUMENT,
    ONES,
    Apply,
    Cases,
    Derivative,
    Entry,
    Key,
    Name,
    Node,
    Power,
    Shape,
    Table,
    Transposed,
    quantities_in,
)
from .syntax import Number as NumberNode
from .vocabulary import FUNCTIONS, RELATIONS, is_transpose

__all__ = ["bracketed", "entry_of", "grid", "indicator", "raised", "scripted", "spread"]


def indicator(parser: Parser, row: Row, start: int, end: int) -> Node:
    """1 where a condition holds, else 0."""
    if len(row) == 1 and isinstance(row[0], Bracketed):
        row = row[0].inside
    condition = _condition(parser, row)
    one, zero = NumberNode(start, start, "1"), NumberNode(start, start, "0")
    return Cases(start, end, (one, zero), (condition, None))


def _condition(parser: Parser, row: Row) -> tuple[Node, str, Node] | None:
    marks = tuple(m for m in row if not isinstance(m, (Text, Separator)))
    if len(marks) == 1 and isinstance(marks[0], Bracketed) and has_relation(marks[0].inside):
        marks = tuple(marks[0].inside)  # (x > 0)
    place = next((p for p, m in enumerate(marks) if isinstance(m, Operator) and m.name in RELATIONS), None)
    if place is None:
        if not marks or not any(isinstance(m, Symbol) and len(m.name) == 1 for m in marks):
            return None
        raise NotUnderstood("a condition without a relation", row[0].start, row[-1].end)
    relation: Operator = marks[place]  # type: ignore[assignment]
    left, right = marks[:place], marks[place + 1 :]
    words = [
        m
        for m in left
        if not (isinstance(m, Symbol) and len(m.name) > 1 and m.name not in {*FUNCTIONS, *GREEK})
    ]
    sides = tuple(words) or left, right
    if any(len(side) == 1 and isinstance(side[0], Symbol) and side[0].name in "jkc" for side in sides):
        sides = tuple(map(label_of, sides[0])), tuple(map(label_of, sides[1]))  # k = y_i
    return parser.inside(sides[0]), relation.name, parser.inside(sides[1])


def bracketed(parser: Parser, mark: Bracketed) -> Node:
    """What stands in brackets, as the kind of these has it."""
    if mark.opening in "[{" and has_relation(mark.inside):
        return indicator(parser, mark.inside, mark.start, mark.end)
    if mark.opening == "{" and any(map(_lists, mark.inside)):
        raise NotUnderstood("a set", mark.start, mark.end)
    if mark.opening in ("|", "||"):
        inside = parser.inside(mark.inside)
        name = Name(mark.start, mark.start, Key("abs" if mark.opening == "|" else "norm"))
        return Apply(mark.start, mark.end, name, (inside,))
    if any(isinstance(m, Separator) and m.name in (",", ";") for m in mark.inside):
        items = [parser.inside(row) for row in split(mark.inside)]
        if mark.opening == "<" and len(items) == 2:
            return Apply(mark.start, mark.end, Name(mark.start, mark.start, Key("inner")), tuple(items))
        if mark.opening not in "([":
            raise NotUnderstood("a list in brackets", mark.start, mark.end)
        if len(parser.row) == 1 and len(items) <= 2 and all(map(_is_size, items)):
            return Shape(mark.start, mark.end, tuple(items))
        return Table(mark.start, mark.end, tuple((x,) for x in items))  # a vector stands
    node = parser.inside(mark.inside)
    return spread(node, mark.start, mark.end)


def scripted(parser: Parser, mark: Scripted) -> Node:
    """A bracket, a number or a fraction with something above it."""
    base = mark.base
    if isinstance(base, Number) and base.text == "1" and has_relation(mark.below):
        return indicator(parser, mark.below, mark.start, mark.end)
    if isinstance(base, Number) and is_ones(base) and (mark.below or mark.above):
        ones = Name(base.start, base.end, ONES)  # \mathbf{1}_n^\top: how many is clear from beside what
        return raised(parser, ones, mark.above, mark.start, mark.end) if mark.above else ones
    if isinstance(base, Number) and mark.below:
        spelling = Spelling(base.text, script(mark.below), (), mark.primes, mark.start, mark.end)
        return Name(mark.start, mark.end, parser.vocabulary.reference(spelling).key)  # 0_{11} for O_{11}
    norm = isinstance(base, Bracketed) and base.opening in ("|", "||")
    inner = parser.deeper((base,)).factor()
    if mark.primes:
        inner = _slope(parser, inner, mark)
    if mark.below and not norm:
        if has_relation(mark.below) or (isinstance(base, Bracketed) and base.closing == "|"):
            return evaluated_at(parser, inner, mark)
        inner = entry_of(inner, script(mark.below), mark)
    if mark.above and is_transpose(mark.above) and isinstance(base, Bracketed):
        if isinstance(inner, Shape):
            inner = Table(inner.start, inner.end, tuple((x,) for x in inner.sizes))
        if isinstance(inner, Table):
            return inner  # (a, b)^T stands as well as (a, b)
    return raised(parser, inner, mark.above, mark.start, mark.end) if mark.above else inner


def _slope(parser: Parser, inner: Node, mark: Scripted) -> Node:
    """(e^x)', the slope by what is in the bracket; (f g)', of functions, or (f g)'(x)."""
    names = {name.key for name in quantities_in(inner)}
    if not names or mark.primes > 1 or mark.below:
        raise NotUnderstood("a prime on a bracket", mark.start, mark.end)
    after, end = parser.adjacent(), mark.end
    if len(names) == 1:
        return Derivative(mark.start, end, inner, Name(mark.start, mark.start, names.pop()), 1, "d")
    variable = Key("x") if Key("x") in names else ARGUMENT
    if isinstance(after, Bracketed) and after.opening == "(" and len(after.inside) == 1:
        of = parser.inside(after.inside)
        if isinstance(of, Name):
            parser.place, variable, end = parser.place + 1, of.key, after.end
    return Derivative(mark.start, end, inner, Name(mark.start, mark.start, variable), 1, "prime")


def raised(parser: Parser, node: Node, above: Row, start: int, end: int) -> Node:
    """A power, or the transposed."""
    if is_transpose(above):
        return Transposed(start, end, node)
    return Power(start, end, node, parser.inside(above))


def grid(parser: Parser, mark: Grid) -> Node:
    """A matrix, or cases."""
    if mark.kind == "matrix":
        return Table(mark.start, mark.end, tuple(tuple(map(parser.inside, line)) for line in mark.cells))
    values, conditions = [], []
    for line in mark.cells:
        cells = [cell for cell in line if cell]
        if not cells:
            continue
        values.append(parser.inside(without_commas(cells[0])))
        conditions.append(_condition(parser, cells[1] if len(cells) > 1 else ()))
    if conditions.count(None) > 1:
        raise NotUnderstood("which of the cases holds is not said in a formula", mark.start, mark.end)
    return Cases(mark.start, mark.end, tuple(values), tuple(conditions))


def _is_size(node: Node) -> bool:
    """Whether it may be a number of rows or columns."""
    if isinstance(node, NumberNode):
        return node.text.isdigit() and node.text != "0"
    return isinstance(node, Name) and node.key.base in _SIZES and not node.primes


_SIZES = set("nmdkpqhrsclNMDKHBTCPQLSR")


def _lists(mark: Mark) -> bool:
    """Whether it shows that a brace encloses a set: a comma, dots, or dots in an index."""
    if isinstance(mark, Scripted):
        return any(map(_lists, mark.below))
    return (isinstance(mark, Operator) and mark.name == "dots") or (
        isinstance(mark, Separator) and mark.name == ","
    )


def entry_of(body: Node, said: Script, mark: Mark) -> Node:
    """An entry of what stands in a bracket; of a name alone it is the name with these indices."""
    if said.strange or said.tag or not said.indices:
        raise NotUnderstood("an index on a bracket", mark.start, mark.end)
    if isinstance(body, Name) and not body.primes:
        key = body.key._replace(below=(*body.key.below, *said.indices))
        return Name(mark.start, mark.end, key)
    of = " ".join(sorted({str(name.key) for name in quantities_in(body)}))
    place = Name(mark.end, mark.end, Key(f"entry of {of}", said.indices))
    return Entry(mark.start, mark.end, body, place)


def spread(node: Node, start: int, end: int) -> Node:
    """A node with the span of the brackets around it."""
    return replace(node, start=start, end=end)
