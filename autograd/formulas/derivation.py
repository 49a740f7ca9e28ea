"""The chain rule written out: for one parameter (`Derivation`) or for all of them (`BackwardPass`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ..expr import Expr, constant, symbol
from ..notation import latex, latex_name, text
from ..numbers import Number, shown
from .deciding import Check, compare
from .folding import Path, fold_paths
from .formula import Formula
from .layers import vector_form
from .simplify import simplify

if TYPE_CHECKING:
    from .symbolic import Symbolic

__all__ = ["BackwardPass", "Derivation", "Line"]

_MOST_PATHS = 4
"""More paths than this are folded into a sum over an index."""


class Line(NamedTuple):
    """One line of a derivation, left = right, in both notations."""

    left: str
    right: str
    left_latex: str
    right_latex: str


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
        return self.text

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex}$"


def _as_text(lines: Iterable[Line]) -> str:
    """Left sides in a column, each written once for all the lines that go on with it."""
    lines = list(lines)
    width = max((len(line.left) for line in lines), default=0)
    before = ""
    out = []
    for line in lines:
        left = "" if line.left == before else line.left
        before = line.left
        indented = line.right.replace("\n", "\n" + " " * (width + 3))
        out.append(f"{left:<{width}} = {indented}")
    return "\n".join(out)


def _as_latex(lines: Iterable[Line]) -> str:
    before = ""
    out = []
    for line in lines:
        left = "" if line.left_latex == before else line.left_latex
        before = line.left_latex
        out.append(f"{left} &= {line.right_latex}")
    return "\\begin{aligned}\n" + " \\\\\n".join(out) + "\n\\end{aligned}"


class _Board:
    """How the quantities of one model are written: with a row index where there is a batch."""

    def __init__(self, model: Symbolic) -> None:
        self.model = model

    def in_row(self, expr: Expr) -> Expr:
        return self.model.in_row(expr) if self.model.rows is not None else expr

    def d(self, of: str, by: str) -> tuple[str, str]:
        """The name of a derivative, within a row."""
        derivative = f"d{self.name(of)[0]}/d{self.name(by)[0]}"
        return derivative, latex_name(derivative)

    def sigma(self, path: Path | None = None) -> tuple[str, str]:
        """The sums before a product: over rows, or over the indices of a folded path."""
        rows, mean = self.model.rows, self.model.reduce == "mean"
        if path is not None:
            sums = path.sums
        elif rows is None:
            sums = ()
        else:
            sums = (("i", rows),)
        written = "".join(f"sum_({letter}=1)^{n} " for letter, n in sums)
        written_latex = "".join(rf"\sum_{{{letter}=1}}^{{{n}}} " for letter, n in sums)
        if path is None and rows is not None and mean:
            return f"1/{rows} {written}", rf"\frac{{1}}{{{rows}}} {written_latex}"
        return written, written_latex

    def name(self, name: str) -> tuple[str, str]:
        """A quantity, within a row."""
        if self.model.rows is not None and name in self.model.row_names - {self.model.result}:
            name = f"{name}(i)"
        return name, latex_name(name)

    def line(self, left: tuple[str, str], right: Expr) -> Line:
        right = self.in_row(right)
        return Line(left[0], text(right), left[1], latex(right))

    def sum(self, left: tuple[str, str], terms: list[tuple[str, str]], more: int) -> Line:
        """A line with a sum of products, over the rows if there are any."""
        sigma, sigma_latex = self.sigma()
        if more:
            terms = [*terms, (f"... ({more} more paths)", rf"\cdots \; (\text{{{more} more paths}})")]
        long = sum(len(t) for t, _ in terms) > 80 and not sigma
        right = ("\n+ " if long else " + ").join(t for t, _ in terms)
        right_latex = (r" \\ &\quad + " if long else " + ").join(t for _, t in terms)
        if sigma and len(terms) > 1:
            right, right_latex = f"({right})", rf"\left({right_latex}\right)"
        return Line(left[0], sigma + right, left[1], sigma_latex + right_latex)

    def update(self, parameter: str, rate: Number | str, value: Number | None = None) -> Line:
        """The step of gradient descent, in symbols, and in numbers where they are known."""
        tex = latex_name(parameter)
        derivative, derivative_latex = (
            f"d{self.model.result}/d{parameter}",
            latex_name(f"d{self.model.result}/d{parameter}"),
        )
        rate_text, rate_latex = (
            (rate, latex_name(rate)) if isinstance(rate, str) else (shown(rate), _latex_number(rate))
        )
        right, right_latex = (
            f"{parameter} - {rate_text} {derivative}",
            f"{tex} - {rate_latex} {derivative_latex}",
        )
        if value is not None and not isinstance(rate, str) and parameter in self.model.parameters:
            now = self.model.parameters[parameter].data
            slope = f"({shown(value)})" if shown(value).startswith("-") else shown(value)
            step = f"{shown(now)} - {shown(rate)} * {slope} = {shown(now - rate * value)}"
            right += f" = {step}"
            right_latex += " = " + step.replace("*", r"\cdot")
        old = rf"\left({tex}\right)" if "^" in tex else tex
        return Line(f"{parameter} (new)", right, rf"{old}^{{\text{{new}}}}", right_latex)


def _latex_number(x: Number) -> str:
    return shown(x) if isinstance(x, float) else latex(constant(x))


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
        self.lines = list(self._written(_Board(model), learning_rate))

    def _written(self, board: _Board, learning_rate: Number | str) -> Iterator[Line]:
        model = board.model
        name = f"d{model.result}/d{self.parameter}"
        left = name, latex_name(name)
        fold = fold_paths(model, self.parameter, _MOST_PATHS)
        if len(fold.local) > 1 or board.sigma()[0]:
            yield board.sum(left, [_chain(board, path) for path in fold.paths], fold.more)
            for (of, by), local in fold.local.items():
                yield board.line(board.d(of, by), local)
        if len(fold.local) > 1:
            yield board.sum(left, [_factors(board, path, fold.local) for path in fold.paths], fold.more)
        if fold.paths and fold.paths[0].sums:  # the result, too, is written once for all units
            product = constant(1)
            for pair in pairwise(fold.paths[0].names):
                product = product * fold.local[pair]
            row, path = board.sigma(), board.sigma(fold.paths[0])
            line = board.line(left, simplify(product))
            yield Line(left[0], row[0] + path[0] + line.right, left[1], row[1] + path[1] + line.right_latex)
        else:
            yield Line(left[0], self.result.text, left[1], self.result.latex)
        if self.value is not None:
            yield Line(left[0], shown(self.value), left[1], _latex_number(self.value))
        if self.parameter in model.parameters:
            yield board.update(self.parameter, learning_rate, self.value)

    def check(self, other: Formula | Expr | Number) -> Check:
        """Hold one's own result against the graph's: right, or where it goes wrong.

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


def _chain(board: _Board, path: Path) -> tuple[str, str]:
    """The product of derivatives along a path, by their names."""
    named = [board.d(of, by) for of, by in pairwise(path.names)]
    sums = board.sigma(path)
    return sums[0] + " * ".join(t for t, _ in named), sums[1] + r" \cdot ".join(t for _, t in named)


def _factors(board: _Board, path: Path, local: Mapping[tuple[str, str], Expr]) -> tuple[str, str]:
    """The same product with each derivative written out, in brackets."""
    written = [board.in_row(local[pair]) for pair in pairwise(path.names)]
    sums = board.sigma(path)
    return (
        sums[0] + " ".join(f"[{text(x)}]" for x in written),
        sums[1] + r" \, ".join(rf"\left[{latex(x)}\right]" for x in written),
    )


class BackwardPass(_Lines):
    """The whole backward pass: each quantity's derivative from those already found, nothing written twice.

    forward   the definitions
    lines     the derivative by each named quantity, from the result back, then by each parameter
    vectors   the same for whole layers, where the scalar gradients have that form
    updates   the step of gradient descent for each parameter
    """

    def __init__(self, model: Symbolic, learning_rate: Number | str = "eta") -> None:
        board = _Board(model)
        self.forward = [
            _swap(board.line(board.name(name), formula.expr), formula)
            for name, formula in model.definitions.items()
        ]
        self.lines = list(_backward_lines(board))
        self.vectors = vector_form(model)
        self.updates = [board.update(name, learning_rate) for name in model.parameters]

    @property
    def markdown(self) -> str:
        """Forward pass, backward pass, vector form and updates as Markdown, ready to paste into notes."""
        sections = {
            "Forward pass": self.forward, "Backward pass": self.lines,
            "In vectors": self.vectors, "Updates": self.updates,
        }  # fmt: skip
        return "\n".join(
            f"## {title}\n\n$$\n{_as_latex(lines)}\n$$\n" for title, lines in sections.items() if lines
        )

    @property
    def text(self) -> str:
        """The same sections in plain text."""
        parts = [self.forward, self.lines, self.vectors, self.updates]
        return "\n\n".join(_as_text(lines) for lines in parts if lines)


def _swap(line: Line, formula: Formula) -> Line:
    """The definition of the result with its sum over rows."""
    return line._replace(right=formula.text, right_latex=formula.latex) if formula.over_rows else line


def _backward_lines(board: _Board) -> Iterator[Line]:
    model, result = board.model, board.model.result
    needed = model.dependent_on(list(model.parameters))
    received: dict[str, list[Expr]] = {}
    for name in reversed(model.definitions):
        if name not in needed or (name != result and name not in received):
            continue
        if name != result:
            yield _gradient_line(board, name, received[name])
        for by, slope in model.local_derivatives(name).items():
            if by in needed:
                upstream = slope if name == result else symbol(f"d{result}/d{name}") * slope
                received.setdefault(by, []).append(upstream)
    for name in model.parameters:
        yield _gradient_line(board, name, received.get(name, []))


def _gradient_line(board: _Board, name: str, terms: list[Expr]) -> Line:
    """The derivative by one quantity: the sum of what it receives. A parameter receives it in every row."""
    total = constant(0)
    for term in reversed(terms):
        total = total + term
    left = f"d{board.model.result}/d{name}"
    if name in board.model.parameters:
        formula = Formula(simplify(total), board.model, over_rows=True)
        return Line(left, formula.text, latex_name(left), formula.latex)
    return board.line(board.d(board.model.result, name), simplify(total))
