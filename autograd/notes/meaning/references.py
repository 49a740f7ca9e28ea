"""Names in formulas: their digits and powers, short differentials, and what names are applied to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..reading.layout import Big, Bracketed, Fraction, Mark, Number, Operator, Row, Scripted, Symbol
from .brackets import entry_of, indicator, raised
from .distributions import event_of
from .errors import NotUnderstood
from .names import Spelling, base_of, script, spelled
from .parser import Parser, starts_factor
from .rows import has_relation, is_any, is_given, is_ones, split, split_at_bars
from .syntax import ARGUMENT, Apply, Derivative, Index, Key, Name, Node, Product, Table, Transposed, mapped
from .syntax import Number as NumberNode
from .vocabulary import FUNCTIONS, LOSSES, is_transpose

__all__ = ["named"]


def named(parser: Parser, mark: Mark) -> Node:
    """A name, with what belongs to it."""
    spelling = spelled(mark)
    if spelling is None:
        raise NotUnderstood("a script on something that is no name", mark.start, mark.end)
    if spelling.base == "e" and spelling.above and not spelling.below.indices and _is_euler(parser, spelling):
        exponent = parser.inside(spelling.above[0])
        return Apply(mark.start, mark.end, Name(mark.start, mark.end, Key("exp")), (exponent,))
    spelling = _with_digits(parser, spelling, mark)
    said = spelling.base in parser.vocabulary.slopes
    if (
        (said or (spelling.base in ("d", "mathrm d") and "d" not in parser.vocabulary.bare))
        and not spelling.above
        and not spelling.below.indices
    ):
        differential = _short_differential(parser, mark)
        if differential is not None:
            return differential
    change = spelling.base == "Delta" and "Delta" not in parser.vocabulary.bare  # \Delta X^T of \Delta = ...
    if change and not spelling.above and not spelling.below.indices:
        after = parser.adjacent()
        inner = spelled(after) if after is not None else None
        if inner is not None:
            parser.place += 1
            return _finished(parser, inner._replace(base=f"Delta {inner.base}", start=mark.start), mark.start)
    return _finished(parser, spelling, mark.start)


def _is_euler(parser: Parser, spelling: Spelling) -> bool:
    """Whether e is the number. An error e is squared, transposed or numbered; nobody raises it to -x."""
    (exponent, *_) = spelling.above
    if "e" not in parser.vocabulary.bare:
        return True
    said = script(exponent)
    if is_transpose(exponent) or said.bracketed or said.primes:
        return False
    (first, *rest) = exponent
    if isinstance(first, Number):
        return bool(rest) or first.text not in ("2", "3")
    return bool(rest) or base_of(first) not in _COUNTERS


_COUNTERS = {*"ijklmnptLT"}
"""Letters that number things."""


def _short_differential(parser: Parser, mark: Mark) -> Node | None:
    """`dz`, short for dL/dz: d, and a name close behind it."""
    after = parser.adjacent()
    inner = spelled(after) if after is not None else None
    if inner is None or after is None or inner.base in FUNCTIONS or after.start - mark.end > 1:
        return None
    parser.place += 1
    inner = _with_digits(parser, inner, after)
    node = _finished(parser, inner, after.start)
    if isinstance(node, Name):
        return Name(mark.start, node.end, node.key._replace(base=f"d {node.key.base}"), node.primes)
    if isinstance(node, Transposed) and isinstance(node.body, Name):
        key = node.body.key._replace(base=f"d {node.body.key.base}")
        return Transposed(mark.start, node.end, Name(mark.start, node.end, key))
    return Apply(mark.start, node.end, Name(mark.start, mark.end, Key("partial")), (node,))


def _with_digits(parser: Parser, spelling: Spelling, mark: Mark) -> Spelling:
    """W5 is W_5."""
    after = parser.adjacent()
    inner = after.base if isinstance(after, Scripted) else after
    plain = not spelling.below.indices and not spelling.above and not spelling.primes
    if not (plain and isinstance(inner, Number) and inner.text.isdigit() and inner.start == mark.end):
        return spelling
    if is_ones(inner):
        return spelling  # b \mathbf{1}^T
    tag = script(after.below).tag if isinstance(after, Scripted) and after.below else ""
    if spelling.base in FUNCTIONS or (isinstance(after, Scripted) and after.below and not tag):
        return spelling
    parser.place += 1
    indices = tuple(Index("", int(digit)) for digit in inner.text)
    above = (after.above,) if isinstance(after, Scripted) and after.above else ()
    primes = after.primes if isinstance(after, Scripted) else 0
    below = spelling.below._replace(indices=indices, tag=tag or spelling.below.tag)  # W2_{new}
    return Spelling(spelling.base, below, above, primes, spelling.start, inner.end)


def _finished(parser: Parser, spelling: Spelling, start: int) -> Node:
    """A name with its powers, and what it is applied to."""
    key, primes, powers, transposed = parser.vocabulary.reference(spelling)
    end = parser.row[parser.place - 1].end
    # What is raised ends before the exponent; `^{` itself is cut off where the source is at hand.
    name = Name(start, min([end, *(row[0].start for row in powers)]), key, primes)
    called = _call(parser, name)
    node: Node = name if called is None else called
    if called is None and (key.base in FUNCTIONS or primes):
        argument = parser.next()
        if key.base in FUNCTIONS and starts_factor(argument):
            inner = parser.big(argument) if isinstance(argument, Big) else parser.factor()
            if isinstance(inner, (Name, NumberNode)) and _goes_on_under_function(parser):
                after = parser.factor()
                inner = Product(inner.start, after.end, (inner, after), ("",))
            node = Apply(start, inner.end, name, (inner,))
    if transposed:
        node = Transposed(start, node.end, node)
    for row in powers:
        node = raised(parser, node, row, start, max(node.end, end))
    return node


def _goes_on_under_function(parser: Parser) -> bool:
    """Whether "log a" goes on as in "log a b", and not as in "log a (1 - b)" or "log a log b"."""
    mark = parser.next()
    if isinstance(mark, (Bracketed, Fraction, Big)) or not starts_factor(mark):
        return False
    return not (isinstance(mark, Symbol) and mark.name in FUNCTIONS)


def _call(parser: Parser, name: Name) -> Node | None:
    """A function and its bracket, or None for what is none."""
    after = parser.adjacent()
    bracket = after.base if isinstance(after, Scripted) else after
    if not isinstance(bracket, Bracketed) or bracket.opening not in "([{" or bracket.opening == ".":
        return None
    along = _SUMS_ALONG.get(name.key.base.lower().replace("_", "").rstrip("s"))
    if along is not None and not has_relation(bracket.inside):
        parser.place += 1
        summed = Name(name.start, name.end, Key(along))
        return Apply(name.start, bracket.end, summed, (parser.inside(bracket.inside),))
    if name.key.base in ("sum", "np.sum") and (summed_up := _sum_along(parser, name, bracket)):
        return summed_up
    if has_relation(bracket.inside):
        if name.key.base in ("I", "chi", "delta", "bb I", "mathbb 1") and not name.key.below:
            parser.place += 1
            return indicator(parser, bracket.inside, name.start, after.end)  # type: ignore[union-attr]
        if name.key.base in _OF_EVENTS:
            return _of_event(parser, name, bracket, after)
        return None
    if is_any(bracket):
        parser.place += 1
        return Apply(name.start, bracket.end, name, (Name(bracket.start, bracket.end, ARGUMENT),))
    if any(map(is_given, bracket.inside)):
        return _given(parser, name, bracket)
    arguments = split(bracket.inside)
    known = parser.vocabulary.is_function(name.key.base) or name.primes
    if (
        name.key == Key("sigma")
        and bracket.opening == "("
        and name.key.base not in map(base_of, bracket.inside)
    ):
        known = True  # the sigmoid, whatever else is called sigma
    if name.key.base in ("h", "f", "g") and name.key.below in _OF_PARAMETERS:
        known = True  # h_\theta(x), though h = X \theta
    if name.key.base in LOSSES and bracket.opening == "(" and _is_beside(bracket.inside):
        known = True  # J(w + \epsilon), though J is a number elsewhere
    if (
        name.key.base in set(LOSSES) - _WEIGHTS - {"H"}
        and bracket.opening == "("
        and len(bracket.inside) == 1
    ):
        known = known or spelled(bracket.inside[0]) is not None  # J(w)
    if name.key == Key("O") and bracket.inside and base_of(_bare(bracket.inside[0])) in _SMALL:
        known = True  # O(h^2)
    if not known and bracket.opening == "[" and name.key.base in _WEIGHTS and len(arguments) > 1:
        return None  # W [h, x], times one vector below the other
    if not known and len(arguments) < 2:
        inside = bracket.inside
        if (
            bracket.opening == "["
            and len(inside) == 1
            and isinstance(inside[0], Number)
            and inside[0].text.isdigit()
        ):
            raise NotUnderstood("whether this is an entry or a factor", bracket.start, bracket.end)
        return None
    if name.key.base in ("partial", "d"):
        return None
    if isinstance(after, Scripted) and after.below and name.key.base in FUNCTIONS - _OF_VECTORS:
        return None  # log (p)_k is the logarithm of an entry
    parser.place += 1
    assert after is not None
    if name.key == Key("diag") and len(arguments) > 1:
        nodes: tuple[Node, ...] = (_listed(parser, bracket, arguments),)
    else:
        nodes = tuple(parser.inside(row) for row in arguments)
    node: Node = Apply(name.start, bracket.end, name, nodes)
    if name.key == Key("prod") and len(nodes) > 1 and all(isinstance(x, Derivative) for x in nodes):
        node = Product(name.start, bracket.end, nodes, ("",) * (len(nodes) - 1))  # whatever way they fit
    if isinstance(after, Scripted) and after.below:
        node = entry_of(node, script(after.below), after)
    if isinstance(after, Scripted) and after.above:
        node = raised(parser, node, after.above, name.start, after.end)
    return node


def _listed(parser: Parser, bracket: Bracketed, items: Sequence[Row]) -> Node:
    r"""The vector of which the entries are listed: s of `s_1, \dots, s_n`, f'(z) of `f'(z_1), \dots`."""
    first, *others = [row for row in items if not (len(row) == 1 and _is_dots(row[0]))]
    if len(others) == len(items) - 1:
        cells = tuple((parser.inside(row),) for row in items)
        return Table(bracket.start, bracket.end, cells)

    def whole(x: Node) -> Node:
        if isinstance(x, Name) and x.key.below[-1:] == (Index("", 1),):
            return replace(x, key=x.key._replace(below=x.key.below[:-1]))
        return mapped(x, whole)

    return whole(parser.inside(first))


def _is_dots(mark: Mark) -> bool:
    return isinstance(mark, Operator) and mark.name == "dots"


def _of_event(parser: Parser, name: Name, bracket: Bracketed, after: Mark | None) -> Node:
    r"""P(y = k \mid x), a name with the index k; of y^{(i)}, that of example i."""
    event = event_of(split_at_bars(bracket.inside)[0])
    if event is None:
        raise NotUnderstood("probabilities of events are not checked", name.start, bracket.end)
    (said, value), above = event, tuple(i for row in event[0].above for i in script(row).indices)
    which = Index("", int(value)) if value.isdigit() else Index(value)
    parser.place += 1
    key = Key(f"{name.key.base}|", (*name.key.below, *said.below.indices, which), above)
    node = replace(name, key=key, end=bracket.end)
    if isinstance(after, Scripted) and after.above:
        return raised(parser, node, after.above, name.start, after.end)
    return node


def _given(parser: Parser, name: Name, bracket: Bracketed) -> Node:
    r"""p(y | x), a function of y and x; of other things than names, KL(N(m, s) \| N(0, 1)), just a name."""
    parser.place += 1
    rows = split_at_bars(bracket.inside)
    divergence = any(isinstance(m, Operator) and m.name == "||" for m in bracket.inside)
    if divergence and not all(len(row) == 1 and spelled(row[0]) is not None for row in rows):
        return replace(name, end=bracket.end)
    base = name.key.base if divergence else f"{name.key.base}|"
    of = replace(name, key=name.key._replace(base=base))
    return Apply(name.start, bracket.end, of, tuple(map(parser.inside, rows)))


def _sum_along(parser: Parser, name: Name, bracket: Bracketed) -> Node | None:
    """np.sum(A, axis=1, keepdims=True), as in code."""
    inside, *said = split(bracket.inside)
    marks = [mark for part in said for mark in part]
    text = "".join(getattr(m, "name", "") or getattr(m, "text", "") or getattr(m, "words", "") for m in marks)
    axis = next((number for number in "01" if f"axis={number}" in text), None)
    if axis is None or has_relation(inside):
        return None
    parser.place += 1
    key = Key("row sums" if axis == "1" else "column sums")
    return Apply(name.start, bracket.end, Name(name.start, name.end, key), (parser.inside(inside),))


def _is_beside(row: Row) -> bool:
    r"""Whether it is something, and a little more or less: \theta + \epsilon."""
    signs = [m for m in row if isinstance(m, Operator)]
    last = spelled(row[-1]) if row else None
    return (
        len(signs) == 1 and len(row) == 3 and row[1] is signs[0] and signs[0].name in ("+", "-")
        and last is not None and last.base in _SMALL
    )  # fmt: skip


def _bare(mark: Mark) -> Mark:
    return mark.base if isinstance(mark, Scripted) else mark


_OF_PARAMETERS = {(Index(letter),) for letter in ("theta", "Theta", "w", "W", "beta")}

_SUMS_ALONG = {
    "rowsum": "row sums", "sumrow": "row sums", "colsum": "column sums", "columnsum": "column sums",
}  # fmt: skip
"""What the sums of the rows and of the columns of a matrix are called."""

_WEIGHTS = {"W", "U", "V", "w", "R", "Theta", "theta"}

_OF_EVENTS = {"P", "Pr", "p", "bb P", "Prob", "E", "bb E", "Q", "q"}

_SMALL = ("epsilon", "varepsilon", "h", "delta", "Delta")


_OF_VECTORS = {"softmax", "Softmax", "diag"}
