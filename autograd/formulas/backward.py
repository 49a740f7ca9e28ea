"""The backward pass written out: each quantity's derivative from those already found."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from ..errors import SettingError
from ..expr import Expr, constant, operation, symbol
from ..numbers import Number, constant_like, is_number
from .folding import Station, general_derivative, general_derivatives, stations_to
from .generalising import general_expression
from .labels import labels_sum_to_1
from .layers import vector_form
from .lines import Lines, as_latex, as_text
from .paths import Edges, edges_to
from .writing import (
    NOTHING,
    Index,
    Line,
    Written,
    for_each,
    joined,
    line,
    remark,
    sums,
    written,
    written_name,
    written_number,
)

if TYPE_CHECKING:
    from .model import Symbolic

__all__ = ["BackwardPass", "backward_lines", "checked_rate", "update_line"]

_ZERO, _ONE = constant(0), constant(1)

_FEW = 3
"""More units alike than this are written as one with a letter for its number, where that is asked for."""


class BackwardPass(Lines):
    """The whole backward pass: each quantity's derivative from those already found, nothing written twice.

    forward   the definitions
    lines     the derivative by each named quantity, from the result back, then by each parameter, or by
              each input where there are no parameters
    vectors   the same for whole layers, where the scalar gradients have that form
    updates   the step of gradient descent for each parameter
    """

    def __init__(self, model: Symbolic, learning_rate: Number | str = "eta") -> None:
        self.forward = list(_forward_lines(model))
        self.lines = list(backward_lines(model, list(model.parameters) or model.inputs))
        self.vectors = vector_form(model)
        self.updates = [update_line(model, name, learning_rate) for name in model.parameters]

    @property
    def text(self) -> str:
        """Forward pass, backward pass, vector form and updates in plain text."""
        return "\n\n".join(as_text(lines) for lines in self._sections().values())

    @property
    def latex(self) -> str:
        """The same as LaTeX: an `aligned` environment for each, one below the other."""
        environments = [as_latex(lines) for lines in self._sections().values()]
        return "\\begin{gathered}\n" + " \\\\[2ex]\n".join(environments) + "\n\\end{gathered}"

    @property
    def markdown(self) -> str:
        """The same as Markdown with headings, ready to paste into notes."""
        return "\n".join(
            f"## {title}\n\n$$\n{as_latex(lines)}\n$$\n" for title, lines in self._sections().items()
        )

    def _sections(self) -> dict[str, list[Line]]:
        sections = {
            "Forward pass": self.forward, "Backward pass": self.lines,
            "In vectors": self.vectors, "Updates": self.updates,
        }  # fmt: skip
        return {title: lines for title, lines in sections.items() if lines}


def _forward_lines(model: Symbolic) -> Iterator[Line]:
    for name, formula in model.definitions.items():
        left = written_name(model.name_in_row(name))
        if formula.over_rows and model.splits_result:  # L is the sum or mean of L(i)
            left_in_row = written_name(f"{name}(i)")
            yield line(left_in_row, written(model.in_row(formula.expr)))
            yield line(left, model.summed(symbol(name), model.indices, model.share) + "(i)")
        else:
            yield line(left, formula.written)


def backward_lines(model: Symbolic, wanted: Sequence[str], fold: bool = False) -> Iterator[Line]:
    """The derivatives by all that is on the way to the names wanted, then by those.

    fold   write many units that are alike as one, with a letter for its number
    """
    edges = edges_to(model, wanted)
    users: dict[str, list[str]] = {}
    for user in model.definitions:
        for by in edges.get(user, ()):
            users.setdefault(by, []).append(user)
    settled = model.deltas(*wanted)
    written_already = {model.result}
    stations = stations_to(model, edges, few=_FEW if fold else len(edges)) if edges else []
    for above, below in pairwise(stations):
        lines = _folded_lines(model, edges, users, above, below, wanted) if fold else []
        if not lines and fold:
            lines = _lines_by_pairs(model, edges, users, above, below, settled)
        if lines:
            yield from lines
            written_already.update(below.names)
            continue
        for name in below.names:
            if name not in wanted:
                total = _total(model, name, users[name])
                yield _line(model, name, total)
                if model.simplifier.length(settled[name]) < model.simplifier.length(total):
                    yield from _settled_lines(model, name, settled[name])
    for name in wanted:
        if name not in written_already:
            yield _line(model, name, _total(model, name, users.get(name, [])), wanted=wanted)


def _line(
    model: Symbolic,
    name: str,
    expr: Expr,
    indices: Sequence[Index] = (),
    wanted: Collection[str] = (),
    each: Index | None = None,
) -> Line:
    """A derivative, summed over indices, and over the rows where a wanted one is not that of a row.

    each   for which units it is written at once
    """
    if name in wanted and name not in model.row_names:
        left = f"d{model.result}/d{name}"
        right = model.summed(expr, [*model.indices, *indices], model.share if expr is not _ZERO else 1)
    else:
        left = model.derivative_in_row(name)
        right = model.summed(expr, indices)
    return line(written_name(left), right + (for_each(each) if each else NOTHING))


def _upstream(model: Symbolic, name: str) -> Expr:
    return _ONE if name == model.result else symbol(f"d{model.result}/d{name}")


def _total(model: Symbolic, name: str, users: Sequence[str]) -> Expr:
    """What a quantity receives from those that use it."""
    slopes = [(above, model.local_derivatives(above, [name])[name]) for above in users]
    return model.simplifier.simplify(operation("sum", *[_upstream(model, x) * slope for x, slope in slopes]))


def _folded_lines(
    model: Symbolic,
    edges: Edges,
    users: Mapping[str, Sequence[str]],
    above: Station,
    below: Station,
    wanted: Collection[str],
) -> list[Line]:
    """What any unit of a station receives from those of the one before, and the sum over them; if alike."""
    if not (below.letter or (above.letter and below.general)) or not _adjacent(users, above, below):
        return []
    each = below.counted if below.letter else None
    if above.general and (slope := general_derivative(model, edges, above, below)) is not None:
        indices = [above.counted] if above.letter and above.letter != below.letter else []
        expr = model.simplifier.simplify(_upstream(model, above.general) * slope)
        return [_line(model, below.general, expr, indices, wanted, each)]
    if len(above.names) > _FEW:
        return []
    parts = []
    for name in above.names:
        slope = general_derivative(model, edges, Station([name], name), below)
        if slope is None:
            return []
        parts.append(_upstream(model, name) * slope)
    total = model.simplifier.simplify(operation("sum", *parts))
    return [_line(model, below.general, total, (), wanted, each)]


def _lines_by_pairs(
    model: Symbolic,
    edges: Edges,
    users: Mapping[str, Sequence[str]],
    above: Station,
    below: Station,
    settled: Mapping[str, Expr],
) -> list[Line]:
    """The same where a unit receives something else from that of its own number, as in softmax."""
    found = general_derivatives(model, edges, above, below) if _adjacent(users, above, below) else None
    if found is None:
        return []
    turned, own, other = found
    lines = []
    for station, slope, about in (turned, own, NOTHING), (above, other, _unequal(above.letter, below.letter)):
        left = written_name(model.derivative_in_row(below.general, station.general))
        lines.append(line(left, written(model.in_row(slope)) + about))
    left = written_name(model.derivative_in_row(below.general))
    product = [model.derivative_in_row(above.general), model.derivative_in_row(below.general, above.general)]
    times = joined(Written(" * ", r" \cdot "), map(written_name, product))
    lines.append(line(left, sums([above.counted]) + times + for_each(below.counted)))
    result = general_expression(
        model, [settled[name] for name in below.names], [below.number_of(name) for name in below.names]
    )
    if result is not None:
        lines += _settled_lines(model, below.general, model.simplifier.simplify(result))
    return lines


def _adjacent(users: Mapping[str, Sequence[str]], above: Station, below: Station) -> bool:
    """Whether all that is at one distance from the result is used at the one before, and nowhere else."""
    return all(set(users[name]) <= set(above.names) for name in below.names)


def _unequal(a: str, b: str) -> Written:
    return remark(Written(f"{a} != {b}", rf"({a} \ne {b})"))


def _settled_lines(model: Symbolic, name: str, expr: Expr) -> Iterator[Line]:
    """A derivative in full, and what is left of it where labels sum to 1."""
    yield _line(model, name, expr)
    found = labels_sum_to_1(model, expr)
    if found is not None:
        left, right, left_latex, right_latex = _line(model, name, found[0])
        yield line(Written(left, left_latex), Written(right, right_latex) + found[1])


def update_line(
    model: Symbolic,
    parameter: str,
    rate: Number | str,
    now: Number | None = None,
    slope: Number | None = None,
) -> Line:
    """The step of gradient descent, in symbols, and in numbers where they are known."""
    old = written_name(parameter)
    derivative = written_name(f"d{model.result}/d{parameter}")
    step = written_name(rate) if isinstance(rate, str) else written_number(rate)
    right = old + " - " + step + " " + derivative
    if slope is not None and not isinstance(rate, str):
        rate = constant_like(rate, slope)
        change = written_number(slope)
        if change.text.startswith("-"):
            change = Written(f"({change.text})", rf"\left({change.latex}\right)")
        right += (
            Written(" = ", " = ") + written_number(now) + " - " + step + Written(" * ", r" \cdot ") + change
        )
        right += Written(" = ", " = ") + written_number(now - rate * slope)
    base = rf"\left({old.latex}\right)" if "^" in old.latex else old.latex
    return line(Written(f"{old.text} (new)", rf"{base}^{{\text{{new}}}}"), right)


def checked_rate(rate: Number) -> None:
    """Raise `SettingError` for a learning rate that is not a number above 0."""
    if not is_number(rate) or not 0 < rate < math.inf:
        raise SettingError(f"a learning rate is a number above 0, or a symbol for one; got {rate!r}")
