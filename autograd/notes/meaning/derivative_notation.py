"""Derivatives as written: fractions of differentials, nabla, the bar that says where it is taken."""

from __future__ import annotations

from dataclasses import replace

from ..reading.layout import Big, Bracketed, Fraction, Mark, Operator, Row, Scripted, Symbol
from .errors import NotUnderstood
from .names import spelled
from .parser import Parser, starts_factor
from .rows import order_of, split
from .syntax import (
    Apply,
    At,
    Derivative,
    Everything,
    Key,
    Name,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    Table,
    Transposed,
    quantities_in,
)
from .vocabulary import LOSSES

__all__ = ["applied_operator", "divided", "evaluated_at", "fraction", "with_bar"]


def fraction(parser: Parser, mark: Fraction) -> Node:
    """A derivative, half of one, or a quotient."""
    over, under = mark.over, mark.under
    if _is_ratio(over) and _is_ratio(under):  # dC/dw over dC/dv
        return Quotient(mark.start, mark.end, parser.inside(over), parser.inside(under))
    over_sign, under_sign = order_of(over), order_of(under)
    if over_sign and under_sign and len(under) > 1 and over_sign[0] == under_sign[0]:
        sign, order = over_sign
        variable = _variable(parser, under[1:], order)
        output = _output(parser, over[1:]) if len(over) > 1 else _differentiated(parser, mark)
        return Derivative(
            mark.start, output.end if len(over) == 1 else mark.end, output, variable, order, sign
        )
    if over_sign == ("partial", 1) and len(over) == 1 and under and not under_sign:
        output = _differentiated(parser, mark)
        return Derivative(mark.start, output.end, output, parser.inside(under), 1, "missing below")
    partial = over_sign and over_sign[0] == "partial" and len(over) > 1
    behind = next((p for p, m in enumerate(under) if p and order_of((m,)) == ("partial", 1)), None)
    if partial and behind and len(under) > behind + 1:  # \partial l over n \partial a
        slope = fraction(parser, replace(mark, under=under[behind:]))
        share = under[: behind - 1] if isinstance(under[behind - 1], Operator) else under[:behind]
        return Quotient(mark.start, mark.end, slope, parser.inside(share))
    if (partial and under and not under_sign) or (
        (under_sign and under_sign[0] in ("d", "partial") and len(under) > 1 and not over_sign
        and spelled(under[1]) is not None and under[0].end == under[1].start) or
        (under_sign and under_sign[0] == "partial" and len(under) > 1 and not over_sign)
    ):  # fmt: skip
        # half of a derivative: the sign is missing above or below
        output = parser.inside(over[1:] if partial else over)
        variable = _variable(parser, under if partial else under[1:], 1)
        missing = "missing below" if partial else f"missing above {under_sign[0]}" if under_sign else ""
        return Derivative(mark.start, mark.end, output, variable, 1, missing)
    return Quotient(mark.start, mark.end, parser.inside(over), parser.inside(under))


def _output(parser: Parser, row: Row) -> Node:
    r"""What is differentiated; of L(x, w), where L is a quantity, the names in brackets are what it is of."""
    output = spelled(row[0]) if len(row) == 2 else None
    if (
        output is None
        or output.primes
        or parser.vocabulary.is_function(output.base)
        or output.base in ("l", "ell")  # the loss of one example, of which there are many
        or not _are_names(row[1])
    ):
        return parser.inside(row)
    return parser.inside(row[:1])


def _is_called_by(parser: Parser, output: Node, variable: Row) -> bool:
    r"""Whether the names behind a quantity are what it is of: \frac{d}{dw} L(w, x)."""
    after = parser.next()
    if not isinstance(output, Name) or output.primes or not isinstance(after, Bracketed):
        return False
    named = [spelled(row[0]) for row in split(after.inside)] if _are_names(after) else []
    by = spelled(variable[0]) if len(variable) == 1 else None
    same = by is not None and any(x is not None and x[:3] == by[:3] for x in named)
    return bool(named) and (output.key.base in LOSSES or same)


def _are_names(mark: Mark) -> bool:
    """Whether it is a bracket with nothing but names in it."""
    if not isinstance(mark, Bracketed) or mark.opening != "(":
        return False
    rows = split(mark.inside)
    return bool(rows) and all(len(row) == 1 and spelled(row[0]) is not None for row in rows)


def _is_ratio(row: Row) -> bool:
    return any(isinstance(mark, Operator) and mark.name == "/" for mark in row)


def _variable(parser: Parser, row: Row, order: int) -> Node:
    """What is differentiated by; behind a second derivative, without its square."""
    if order > 1 and len(row) == 1 and isinstance(row[0], Scripted):
        mark = row[0]
        if mark.above and len(mark.above) == 1 and getattr(mark.above[0], "text", "") == str(order):
            row = (Scripted(mark.start, mark.end, mark.base, mark.below, (), mark.primes),)
    return parser.inside(row)


def _differentiated(parser: Parser, mark: Mark) -> Node:
    """What a d/dx standing in front applies to: the next factor, or a product without signs."""
    after = parser.next()
    if after is None:
        raise NotUnderstood("a derivative of nothing", mark.start, mark.end)
    if isinstance(after, Operator) and after.name == "*":
        parser.place += 1
    if isinstance(after, Operator) and after.name == "-":
        parser.place += 1
        inner = _differentiated(parser, after)
        return Sum(after.start, inner.end, (inner,), (-1,))
    if isinstance(after, Big):
        return _with_bias(parser, mark, parser.big(after))
    factors = [parser.factor()]
    if isinstance(mark, Fraction) and _is_called_by(parser, factors[0], mark.under[1:]):
        parser.place += 1
        return factors[0]
    number = not any(True for _ in quantities_in(factors[0])) and not isinstance(after, (Bracketed, Big))
    sign = parser.next()
    if number and isinstance(sign, Operator) and sign.name == "*":
        parser.place += 1  # d/dx 3 \cdot x^2
        factors.append(parser.factor())
    if number and isinstance(big := parser.next(), Big):
        factors.append(parser.big(big))
    elif number or isinstance(factors[0], (Name, Apply, Power, Transposed)):
        while starts_factor(parser.next()) and not isinstance(parser.next(), (Fraction, Big)):
            factors.append(parser.factor())
    elif _is_only_behind(parser, factors[0], mark, parser.next()):
        factors.append(parser.factor())
    if len(factors) == 1:
        return factors[0]
    return Product(factors[0].start, factors[-1].end, tuple(factors), ("",) * (len(factors) - 1))


def _is_only_behind(parser: Parser, body: Node, mark: Mark, after: Mark | None) -> bool:
    """Whether what is differentiated by stands behind a bracket, and not in it: d/dx (1 - y) x."""
    by = spelled(mark.under[1]) if isinstance(mark, Fraction) and len(mark.under) == 2 else None
    name = spelled(after) if after is not None else None
    if not isinstance(mark, Fraction) or by is None or name is None or name[:3] != by[:3]:
        return False
    variable = parser.inside(mark.under[1:])
    return isinstance(variable, Name) and all(x.key != variable.key for x in quantities_in(body))


def _with_bias(parser: Parser, mark: Mark, body: Node) -> Node:
    r"""A sum that is differentiated, with the names added to it up to the end: d/dw \sum_i w_i x_i + b."""
    rest = parser.row[parser.place :]
    signs = [x.name if isinstance(x, Operator) else "" for x in rest[::2]]
    names = [spelled(x) for x in rest[1::2]]
    by = spelled(mark.under[1]) if isinstance(mark, Fraction) and len(mark.under) == 2 else None
    if parser.row[0] is not mark or not rest or len(rest) % 2 or by is None or not {*signs} <= {"+", "-"}:
        return body
    if any(name is None or name.base == by.base for name in names):
        return body
    terms = [body]
    for _ in names:
        parser.place += 1
        terms.append(parser.factor())
    return Sum(body.start, terms[-1].end, tuple(terms), (1, *(1 if sign == "+" else -1 for sign in signs)))


def applied_operator(parser: Parser, mark: Mark, sign: str) -> Node:
    r"""\nabla_w L and \partial_w L."""
    if sign == "partial" and not isinstance(mark, Scripted):
        output = parser.factor()  # \partial L / \partial w in line
        return Apply(mark.start, output.end, Name(mark.start, mark.end, Key("partial")), (output,))
    by = parser.inside(mark.below) if isinstance(mark, Scripted) and mark.below else None
    order = 1
    if isinstance(mark, Scripted) and mark.above:
        _, order = order_of((replace(mark, below=(), base=Symbol(mark.start, mark.end, "d")),)) or ("", 1)
        if order == 1:
            raise NotUnderstood("what stands above the sign of a derivative", mark.start, mark.end)
    output = parser.factor()
    form = [output]
    while isinstance(output, Transposed) and starts_factor(parser.next()):
        form.append(parser.factor())  # \nabla_x x^T A x
    if len(form) > 1:
        output = Product(output.start, form[-1].end, tuple(form), ("",) * (len(form) - 1))
    arguments = _arguments_of(parser, output)
    if by is None and isinstance(output, Apply) and all(isinstance(x, Name) for x in output.arguments):
        arguments = output.arguments
    end = parser.row[parser.place - 1].end
    if by is None and len(arguments) > 1 and order == 1:
        slopes = tuple((Derivative(mark.start, end, output, x, 1, sign),) for x in arguments)
        return Table(mark.start, end, slopes)
    if by is None:
        by = arguments[0] if len(arguments) == 1 else Everything(mark.start, mark.end)
    return Derivative(mark.start, end, output, by, order, sign)


def _arguments_of(parser: Parser, output: Node) -> tuple[Node, ...]:
    """The names in a bracket behind what a gradient is of: w and b of nabla L(w, b)."""
    after = parser.next()
    if not isinstance(output, Name) or not isinstance(after, Bracketed):
        return ()
    if not _are_names(after):
        return ()
    parser.place += 1
    return tuple(map(parser.inside, split(after.inside)))


def divided(over: Node, under: Node) -> Node:
    """A division by a slash; dL/dw written in line is a derivative."""
    a, b = _differential(over), _differential(under)
    if a is not None and b is not None:
        return Derivative(over.start, under.end, a, b, 1, "d")
    return Quotient(over.start, under.end, over, under)


def with_bar(parser: Parser, factors: list[Node], signs: list[str], bar: Scripted) -> Node:
    """A bar behind a derivative, or a product, that says where it is taken: dL/dw |_{w = 2}."""
    if isinstance(factors[-1], Derivative) or len(factors) == 1:
        factors[-1] = evaluated_at(parser, factors[-1], bar)
        after = parser.next()
        if starts_factor(after):
            rest = parser.product()
            more = rest.factors if isinstance(rest, Product) else (rest,)
            between = rest.signs if isinstance(rest, Product) else ()
            factors, signs = [*factors, *more], [*signs, "", *between]
        if len(factors) == 1:
            return factors[0]
        return Product(factors[0].start, factors[-1].end, tuple(factors), tuple(signs))
    whole = Product(factors[0].start, factors[-1].end, tuple(factors), tuple(signs))
    return evaluated_at(parser, whole, bar)


def evaluated_at(parser: Parser, body: Node, mark: Scripted) -> Node:
    """A formula where names have the values that are said below a bar."""
    if mark.above or not mark.below:
        raise NotUnderstood("what is evaluated where is not understood", mark.start, mark.end)
    names, values = [], []
    for row in split(mark.below):
        place = next((p for p, m in enumerate(row) if isinstance(m, Operator) and m.name == "="), None)
        values.append(parser.inside(row if place is None else row[place + 1 :]))
        if place is not None:
            names.append(parser.inside(row[:place]))
        elif isinstance(body, Derivative):
            names.append(body.variable)
    if len(names) != len(values) or not all(isinstance(x, Name) for x in names):
        raise NotUnderstood("what is evaluated where is not understood", mark.start, mark.end)
    return At(body.start, mark.end, body, tuple(names), tuple(values))


def _differential(node: Node) -> Node | None:
    """w of `dw` or `partial w`, as they were read where they stand in line."""
    if isinstance(node, Name) and node.key.base.startswith("d "):
        return Name(node.start, node.end, node.key._replace(base=node.key.base[2:]))
    if isinstance(node, Apply) and node.name.key.base == "partial":
        return node.arguments[0]
    return None
