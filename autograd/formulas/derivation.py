"""`Derivation`: the chain rule written out for one parameter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..expr import Expr
from ..names import printable
from ..numbers import Number
from .backward import backward_lines, update_line
from .deciding import Check, compare
from .folding import Path, folded_path
from .formula import Formula
from .labels import labels_sum_to_1
from .lines import Lines
from .paths import VERY_MANY, Edges, count_paths, edges_to, paths_to
from .writing import (
    NOTHING,
    Line,
    Written,
    joined,
    line,
    number_in_front,
    remark,
    sums,
    written,
    written_name,
    written_number,
)  # fmt: skip

if TYPE_CHECKING:
    from .model import Symbolic

__all__ = ["Derivation"]

_MANY = 4
"""More paths than this are folded into a sum over an index, if they are alike."""

_MOST = 6
"""More paths than this are not written out one by one."""

_WIDE = 80
"""A sum of paths wider than this goes over several lines."""

Local = Mapping[tuple[str, str], Expr]
"""The derivative of one name on a path by the next."""


class Derivation(Lines):
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
        self.lines = list(self._derived(model))
        if self.value is not None:
            self.lines.append(line(self._left(model), written_number(self.value)))
        asked = learning_rate != "eta" and parameter in model.inputs and not model.rows
        if parameter in model.parameters or asked:
            now = (at or {}).get(parameter)
            if now is None and parameter in model.parameters:
                now = model.parameters[parameter].data
            slope = None if now is None else self.value
            self.lines.append(update_line(model, parameter, learning_rate, now, slope))

    def _left(self, model: Symbolic) -> Written:
        return written_name(f"d{model.result}/d{model.name_in_row(self.parameter)}")

    def _derived(self, model: Symbolic) -> Iterator[Line]:
        edges = edges_to(model, [self.parameter])
        if self.parameter == model.result:
            yield line(self._left(model), self.result.written)
        elif self.parameter not in edges:
            ends = f"from {printable(self.parameter)} to {printable(model.result)}"
            yield line(self._left(model), Written(f"0  (no path leads {ends})", "0"))
        else:
            count = count_paths(edges, model.result, self.parameter)
            folded = folded_path(model, edges, count) if count > _MANY else None
            if folded is not None:
                yield from self._along([folded[0]], folded[1], model)
            elif count <= _MOST:
                paths = [Path(names) for names in paths_to(edges, model.result, self.parameter)]
                steps = [step for path in paths for step in pairwise(path.names)]
                local = {(of, by): model.local_derivatives(of, [by])[by] for of, by in steps}
                yield from self._along(paths, local, model)
            else:
                yield from self._by_deltas(edges, count, model)

    def _names_of_steps(self, paths: Sequence[Path], model: Symbolic) -> dict[tuple[str, str], Written]:
        """How the derivative of one name by the next is written, for all steps of the paths.

        Where the result depends on the parameter by itself and along other paths, its own part is "direct".
        """
        steps = dict.fromkeys(step for path in paths for step in pairwise(path.names))
        names = {(of, by): written_name(model.derivative_in_row(by, of)) for of, by in steps}
        own = (model.result, self.parameter)
        if own in names and len(paths) > 1:
            text, tex = names[own]
            names[own] = Written(f"{text}|direct", rf"\left.{tex}\right|_{{\text{{direct}}}}")
        return names

    def _along(self, paths: Sequence[Path], local: Local, model: Symbolic) -> Iterator[Line]:
        """The chain rule along all paths, its factors, their product and the result."""
        left = self._left(model)
        indices = model.indices if self.result.over_rows else []
        before = number_in_front(model.share) + sums(indices)
        if len(local) > 1 or before != NOTHING:
            names = self._names_of_steps(paths, model)
            yield line(left, _sum_of_paths(before, paths, names, Written(" * ", r" \cdot ")))
            factors = {}
            for step, slope in local.items():
                factor = written(model.in_row(slope))
                yield line(names[step], factor)
                inside = names[step] if "\n" in factor.text else factor
                factors[step] = Written("[", r"\left[") + inside + Written("]", r"\right]")
            if len(local) > 1:
                yield line(left, _sum_of_paths(before, paths, factors, Written(" ", r" \, ")))
        if paths[0].sums:  # the result, too, is written once for all units
            product = _product(local[step] for step in pairwise(paths[0].names))
            simple = model.simplifier.simplify(product)
            yield line(left, model.summed(simple, [*indices, *paths[0].sums], model.share))
        else:
            yield from self._result_lines(model)

    def _by_deltas(self, edges: Edges, count: int, model: Symbolic) -> Iterator[Line]:
        """The backward pass down to the parameter: for more paths than one would write."""
        left = self._left(model)
        users = [name for name in model.definitions if self.parameter in edges.get(name, ())]
        if len(users) <= _MANY:
            paths = [
                Path(
                    (model.result, self.parameter)
                    if name == model.result
                    else (model.result, name, self.parameter)
                )
                for name in users
            ]
            names = self._names_of_steps(paths, model)
            before = number_in_front(model.share) + sums(model.indices if self.result.over_rows else [])
            many = "very many" if count >= VERY_MANY else f"{count:,}"
            about = Written(f"{many} paths, added up on the way back", "")
            about = about._replace(latex=rf"\text{{({about.text})}}")
            yield line(left, _sum_of_paths(before, paths, names, Written(" * ", r" \cdot ")) + remark(about))
        yield from backward_lines(model, [self.parameter], fold=True)
        if len(self.result.text) <= 2 * _WIDE:
            yield from self._result_lines(model)

    def _result_lines(self, model: Symbolic) -> Iterator[Line]:
        """The result, and what is left of it where labels sum to 1."""
        yield line(self._left(model), self.result.written)
        found = labels_sum_to_1(model, self.result.expr)
        if found is not None:
            shorter = Formula(found[0], model, self.result.over_rows)
            yield line(self._left(model), shorter.written + found[1])

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
    before: Written, paths: Iterable[Path], steps: Mapping[tuple[str, str], Written], times: Written
) -> Written:
    """The products of what is written for the steps of each path, added up after what stands before them."""
    terms = [
        sums(path.sums) + joined(times, [steps[step] for step in pairwise(path.names)]) for path in paths
    ]
    if len(terms) == 1:
        return before + terms[0]
    wide = sum(len(term.text) for term in terms) > _WIDE
    plus = Written("\n+ ", r" \\ &\quad + ") if wide else Written(" + ", " + ")
    total = joined(plus, terms)
    # \left( cannot be closed on another line.
    return total if before == NOTHING else before + Written("(", r"\Big(") + total + Written(")", r"\Big)")


def _product(factors: Iterable[Expr]) -> Expr:
    product, *others = factors
    for factor in others:
        product = product * factor
    return product
