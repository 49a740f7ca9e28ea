"""The chain rule written out: for one parameter (`Derivation`) or for all of them (`BackwardPass`)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..errors import SettingError
from ..expr import Expr, constant, operation, symbol
from ..notation import shortened, typeset
from ..numbers import Number, constant_like, is_number
from .deciding import Check, compare
from .folding import Fold, fold_paths
from .formula import Formula
from .layers import vector_form
from .writing import NOTHING, Line, Written, joined, line, sums, written, written_name, written_number

if TYPE_CHECKING:
    from .model import Symbolic

__all__ = ["BackwardPass", "Derivation"]

_MOST_PATHS = 4
"""More paths than this are folded into a sum over an index."""

_WIDE = 80
"""A sum of paths wider than this goes over several lines."""


class _Lines:
    """Lines, written as text, LaTeX and Markdown."""

    lines: list[Line]

    @property
    def text(self) -> str:
        """The derivation in plain text."""
        return _as_text(self.lines)

    @property
    def latex(self) -> str:
        """The derivation as LaTeX: an `aligned` environment, without dollar signs."""
        return _as_latex(self.lines)

    @property
    def markdown(self) -> str:
        """The derivation as Markdown with LaTeX in it, to paste into notes."""
        return f"$$\n{self.latex}\n$$\n"

    def __repr__(self) -> str:
        return shortened(self.text, ".text")

    def _repr_latex_(self) -> str | None:
        return typeset(self.latex)


def _as_text(lines: Iterable[Line]) -> str:
    """Left sides in a column, each written once for all the lines that go on with it."""
    lines = list(lines)
    width = max((len(each.left) for each in lines), default=0)
    before = ""
    out = []
    for each in lines:
        left = "" if each.left == before else each.left
        before = each.left
        indented = each.right.replace("\n", "\n" + " " * (width + 3))
        out.append(f"{left:<{width}} = {indented}")
    return "\n".join(out)


def _as_latex(lines: Iterable[Line]) -> str:
    before = ""
    out = []
    for each in lines:
        left = "" if each.left_latex == before else each.left_latex
        before = each.left_latex
        out.append(f"{left} &= {each.right_latex}")
    return "\\begin{aligned}\n" + " \\\\\n".join(out) + "\n\\end{aligned}"


class Derivation(_Lines):
    """The derivation of one derivative of the result, along all paths through named quantities.

    parameter   what is differentiated by
    lines       the chain rule, its factors, their product, the result, its number, the update
    result      the derivative, a `Formula`
    value       the number it has where the inputs were given; else None

    >>> from autograd import Value
    >>> from autograd.formulas import symbolic
    >>> def loss(x, y, w=Value(2.0, "w")):
    ...     yhat = w * x
    ...     yhat.name = "yhat"
    ...     return (y - yhat) ** 2
    >>> symbolic(loss).derive("w", at={"x": 3.0, "y": 5.0}, learning_rate=0.1)
    dL/dw    = dL/dyhat * dyhat/dw
    dL/dyhat = -2 (y - yhat)
    dyhat/dw = x
    dL/dw    = [-2 (y - yhat)] [x]
             = -2 (y - yhat) x
             = 6
    w (new)  = w - 0.1 dL/dw = 2 - 0.1 * 6 = 1.4
    """

    def __init__(
        self, model: Symbolic, parameter: str, at: Mapping[str, Any] | None, learning_rate: Number | str
    ) -> None:
        self.parameter = parameter
        self.result = model.gradient(parameter)
        self.value: Number | None = self.result.evaluate(at) if at is not None else None
        self.lines = list(self._derived(model, fold_paths(model, parameter, _MOST_PATHS)))
        if parameter in model.parameters:
            now = (at or {}).get(parameter, model.parameters[parameter].data)
            self.lines.append(_update(model, parameter, learning_rate, now, self.value))

    def _derived(self, model: Symbolic, fold: Fold) -> Iterator[Line]:
        left = written_name(f"d{model.result}/d{model.name_in_row(self.parameter)}")
        before = model.sum_over_rows if self.result.over_rows else model.share_of_row(self.parameter)
        if not fold.paths and self.parameter != model.result:
            why = Written(f"  (no path leads from {self.parameter} to {model.result})", "")
            yield line(left, Written("0", "0") + why)
            return
        if len(fold.local) > 1 or before != NOTHING:
            names = {(of, by): written_name(model.derivative_in_row(by, of)) for of, by in fold.local}
            yield line(left, _sum_of_paths(before, fold, names, Written(" * ", r" \cdot ")))
            factors = {}
            for step, local in fold.local.items():
                factor = written(model.in_row(local))
                yield line(names[step], factor)
                inside = names[step] if "\n" in factor.text else factor
                factors[step] = Written("[", r"\left[") + inside + Written("]", r"\right]")
            if len(fold.local) > 1:
                yield line(left, _sum_of_paths(before, fold, factors, Written(" ", r" \, ")))
        if fold.paths and fold.paths[0].sums:  # the result, too, is written once for all units
            (path,) = fold.paths
            product = model.simplifier.simplify(_product(fold.local[step] for step in pairwise(path.names)))
            yield line(left, written(model.in_row(product), before + sums(path.sums)))
        else:
            yield line(left, self.result.written)
        if self.value is not None:
            yield line(left, written_number(self.value))

    def check(self, other: Formula | Expr | Number) -> Check:
        """Hold one's own result against the graph's: right, or where it goes wrong.

        Over a batch, what stands behind the sum is compared. See `deciding.compare` for how.

        >>> from autograd import Value
        >>> from autograd.formulas import symbolic
        >>> loss = symbolic(lambda w, x, y: (y - w * x) ** 2)
        >>> w, x, y = loss.symbols("w x y")
        >>> loss.derive("w").check(-2 * (y - w * x) * x)
        right
        >>> bool(loss.derive("w").check(-2 * (y - w * x)))
        False
        """
        return compare(self.result, other)

    def evaluate(self, values: Mapping[str, Any] | None = None) -> Number:
        """The number the result has; see `Formula.evaluate`."""
        return self.result.evaluate(values)

    def python(self, name: str = "formula") -> str:
        """The result as the source of a Python function; see `Formula.python`."""
        return self.result.python(name)

    def sympy(self) -> Any:
        """The result as a SymPy expression."""
        return self.result.sympy()


def _sum_of_paths(
    before: Written, fold: Fold, steps: Mapping[tuple[str, str], Written], times: Written
) -> Written:
    """The products of what is written for the steps of each path, added up after what stands before them."""
    terms = [
        sums(path.sums) + joined(times, [steps[step] for step in pairwise(path.names)]) for path in fold.paths
    ]
    if fold.more:
        terms.append(
            Written(f"... ({fold.more} more paths)", rf"\cdots \; (\text{{{fold.more} more paths}})")
        )
    if len(terms) == 1:
        return before + terms[0]
    wide = sum(len(term.text) for term in terms) > _WIDE
    plus = Written("\n+ ", r" \\ &\quad + ") if wide else Written(" + ", " + ")
    total = joined(plus, terms)
    # \left( cannot be closed on another line.
    return total if before == NOTHING else before + Written("(", r"\big(") + total + Written(")", r"\big)")


def _product(factors: Iterable[Expr]) -> Expr:
    product, *others = factors
    for factor in others:
        product = product * factor
    return product


def _update(
    model: Symbolic,
    parameter: str,
    rate: Number | str,
    now: Number | None = None,
    slope: Number | None = None,
) -> Line:
    """The step of gradient descent, in symbols, and in numbers where they are known."""
    old = written_name(parameter)
    derivative = written_name(f"d{model.result}/d{parameter}")
    step = written_name(rate) if isinstance(rate, str) else written_number(_checked(rate))
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
    return line(Written(f"{parameter} (new)", rf"{base}^{{\text{{new}}}}"), right)


def _checked(rate: Number) -> Number:
    if not is_number(rate) or not 0 < rate < math.inf:
        raise SettingError(f"a learning rate is a number above 0, or a symbol for one; got {rate!r}")
    return rate


class BackwardPass(_Lines):
    """The whole backward pass: each quantity's derivative from those already found, nothing written twice.

    forward   the definitions
    lines     the derivative by each named quantity, from the result back, then by each parameter
    vectors   the same for whole layers, where the scalar gradients have that form
    updates   the step of gradient descent for each parameter
    """

    def __init__(self, model: Symbolic, learning_rate: Number | str = "eta") -> None:
        self.forward = list(_forward_lines(model))
        self.lines = list(_backward_lines(model))
        self.vectors = vector_form(model)
        self.updates = [_update(model, name, learning_rate) for name in model.parameters]

    @property
    def text(self) -> str:
        """Forward pass, backward pass, vector form and updates in plain text."""
        return "\n\n".join(_as_text(lines) for lines in self._sections().values())

    @property
    def latex(self) -> str:
        """The same as LaTeX: an `aligned` environment for each, one below the other."""
        environments = [_as_latex(lines) for lines in self._sections().values()]
        return "\\begin{gathered}\n" + " \\\\[2ex]\n".join(environments) + "\n\\end{gathered}"

    @property
    def markdown(self) -> str:
        """The same as Markdown with headings, ready to paste into notes."""
        return "\n".join(
            f"## {title}\n\n$$\n{_as_latex(lines)}\n$$\n" for title, lines in self._sections().items()
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
        if formula.over_rows and model.reduce == "mean":  # L is the mean of L(i)
            left_in_row = written_name(f"{name}(i)")
            yield line(left_in_row, written(model.in_row(formula.expr)))
            yield line(left, model.sum_over_rows + left_in_row)
        else:
            yield line(left, formula.written)


def _backward_lines(model: Symbolic) -> Iterator[Line]:
    needed = model.dependent_on(list(model.parameters))
    received: dict[str, list[Expr]] = {}
    for name in reversed(model.definitions):
        if name not in needed or (name != model.result and name not in received):
            continue
        if name != model.result:
            yield line(
                written_name(model.derivative_in_row(name)),
                written(model.in_row(_total(model, received[name]))),
            )
        for by, slope in model.local_derivatives(name, needed).items():
            upstream = constant(1) if name == model.result else symbol(f"d{model.result}/d{name}")
            received.setdefault(by, []).append(upstream * slope)
    for name in model.parameters:
        formula = Formula(_total(model, received.get(name, [])), model, over_rows=True)
        yield line(written_name(f"d{model.result}/d{name}"), formula.written)


def _total(model: Symbolic, received: Sequence[Expr]) -> Expr:
    return model.simplifier.simplify(operation("sum", *received[::-1]))
