"""`Formula`: an expression together with what the names in it stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import SettingError
from ..expr import Expr, evaluate, walk
from ..notation import latex, python, text
from ..numbers import Number
from .abstract import order_of
from .simplify import simplify

if TYPE_CHECKING:
    from .symbolic import Symbolic

__all__ = ["Formula"]


class Formula:
    """A formula of a traced function: for one row, or summed over the rows of a batch.

    It prints as text; `latex` is its LaTeX, shown typeset in a notebook. Formulas and symbols combine by
    arithmetic into symbols' expressions, so that one's own result can be compared with `equals`.
    """

    __slots__ = ("expr", "model", "over_rows")

    def __init__(self, expr: Expr, model: Symbolic, over_rows: bool = False) -> None:
        self.expr, self.model = expr, model
        self.over_rows = over_rows and model.rows is not None

    # ------------------------------------------------------------------------------------------- writing

    @property
    def text(self) -> str:
        """The formula in plain text."""
        if not self.over_rows:
            return text(self.expr)
        scale = f"1/{self.model.rows} " if self.model.reduce == "mean" else ""
        return f"{scale}sum_(i=1)^{self.model.rows} {_bracketed_sum(text(self._in_row()), self._in_row())}"

    @property
    def latex(self) -> str:
        """The formula as LaTeX, without dollar signs."""
        if not self.over_rows:
            return latex(self.expr)
        scale = rf"\frac{{1}}{{{self.model.rows}}} " if self.model.reduce == "mean" else ""
        body = self._in_row()
        written = _bracketed_sum(latex(body), body, r"\left(", r"\right)")
        return rf"{scale}\sum_{{i=1}}^{{{self.model.rows}}} {written}"

    def _in_row(self) -> Expr:
        return self.model.in_row(self.expr)

    def __repr__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex}$"

    # --------------------------------------------------------------------------------------------- using

    def expand_names(self) -> Formula:
        """The same in inputs and parameters only, every named quantity replaced by its definition."""
        return Formula(simplify(self.model.expand(self.expr)), self.model, self.over_rows)

    def evaluate(self, values: Mapping[str, Any] | None = None) -> Number:
        """The number it has for these inputs; parameters not given have their present values.

        Numbers may be of any kind: floats, Fractions, mpf, Values, other symbols. Over a batch, each
        input is a list with a number for every row. An abstract function is given by name too. A named
        quantity may be given and is computed from its definition otherwise.

        Raises `SettingError` naming what is missing or unknown.
        """
        return self.model.evaluate(self.expr, values or {}, self.over_rows)

    def python(self, name: str = "formula") -> str:
        """The source of a Python function of inputs and parameters that computes it, for one row."""
        if self.over_rows:
            raise SettingError("the source of a sum over rows: take it for one row and sum over your rows")
        expanded = self.expand_names().expr
        used = {node.name for node in walk([expanded])}
        return python(expanded, [n for n in [*self.model.inputs, *self.model.parameters] if n in used], name)

    def sympy(self) -> Any:
        """The same as a SymPy expression. Over a batch, the symbols of row i are named `x1(i)`."""
        import sympy

        names = {node.name for node in walk([self.expr]) if node.name is not None}
        functions = {}
        for node in walk([self.expr]):
            if node.op is not None and (found := order_of(node.op)):
                base, primes = found
                functions[node.op.name] = _sympy_function(base, primes)
        if not self.over_rows:
            return evaluate([self.expr], {n: sympy.Symbol(n) for n in names}, functions)[0]
        total: Any = 0
        for row in range(1, (self.model.rows or 0) + 1):
            in_row = {n: sympy.Symbol(f"{n}({row})" if n in self.model.row_names else n) for n in names}
            total += evaluate([self.expr], in_row, functions)[0]
        return total / self.model.rows if self.model.reduce == "mean" else total

    def equals(self, other: Formula | Expr | Number) -> bool:
        """Whether the other has the same value at random points (see `check`)."""
        from .deciding import compare

        return compare(self, other).right


def _sympy_function(name: str, primes: int) -> Any:
    import sympy

    x = sympy.Dummy("x")
    f = sympy.Function(name)
    return (lambda a: f(a)) if primes == 0 else (lambda a: sympy.Subs(f(x).diff(x, primes), x, a))


def _bracketed_sum(written: str, expr: Expr, left: str = "(", right: str = ")") -> str:
    loose = expr.op is not None and expr.op.name in ("add", "sub", "sum", "dot")
    return left + written + right if loose else written
