"""`Formula`: an expression together with what the names in it stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import SettingError
from ..expr import Expr, constant, evaluate, walk
from ..names import printable
from ..notation import shortened, typeset
from ..numbers import Number
from ..source import python
from .abstraction import abstract_functions
from .writing import Written, written

if TYPE_CHECKING:
    from .model import Symbolic

__all__ = ["Formula"]


class Formula:
    """A formula of a traced function: for one row, or summed over the rows of a batch.

    It prints as text; `latex` is its LaTeX, shown typeset in a notebook. `expr` is the expression, for
    one row: one's own formulas are made of such, by arithmetic on `Symbolic.symbols(...)`, and held against
    it with `equals`.
    """

    __slots__ = ("expr", "model", "over_rows")

    def __init__(self, expr: Expr, model: Symbolic, over_rows: bool = False) -> None:
        self.expr, self.model = expr, model
        self.over_rows = over_rows and model.rows is not None and expr is not constant(0)

    # ------------------------------------------------------------------------------------------- writing

    @property
    def written(self) -> Written:
        """The formula in both notations."""
        if self.over_rows:
            return self.model.summed(self.expr, self.model.indices, self.model.share)
        return written(self.model.in_row(self.expr))

    @property
    def text(self) -> str:
        """The formula in plain text."""
        return self.written.text

    @property
    def latex(self) -> str:
        """The formula as LaTeX, without dollar signs."""
        return self.written.latex

    def __repr__(self) -> str:
        return shortened(self.text, ".text")

    def _repr_latex_(self) -> str | None:
        return typeset(self.latex)

    # --------------------------------------------------------------------------------------------- using

    def expand_names(self) -> Formula:
        """The same in inputs and parameters only, every named quantity replaced by its definition."""
        expanded = self.model.simplifier.simplify(self.model.expand(self.expr))
        return Formula(expanded, self.model, self.over_rows)

    def evaluate(self, values: Mapping[str, Any] | None = None) -> Number:
        """The number it has for these inputs; parameters not given have their present values.

        Numbers may be of any kind: floats, Fractions, mpf, Values, other symbols. Over a batch, each
        input is a list with a number for every row. An abstract function is given by name too. A named
        quantity may be given and is computed from its definition otherwise.

        Raises `SettingError` naming what is missing or unknown, `ShapeError` for a list of another length.
        """
        return self.model.evaluate(self.expr, values or {}, self.over_rows)

    def python(self, name: str = "formula") -> str:
        """The source of a Python function of inputs and parameters that computes it, for one row.

        An abstract function is an argument of it too.
        """
        if self.over_rows:
            raise SettingError("the source of a sum over rows: take it for one row and sum over your rows")
        expanded = self.expand_names().expr
        used = {node.name for node in walk([expanded])}
        arguments = [x for x in [*self.model.inputs, *self.model.parameters] if x in used]
        return python(expanded, arguments, name, abstract_functions([expanded]))

    def sympy(self) -> Any:
        """The same as a SymPy expression. Over a batch, the symbols of row 1 are named `x1(1)`."""
        import sympy

        names = {node.name for node in walk([self.expr]) if node.name is not None}
        functions = {op: _sympy_function(*order) for op, order in abstract_functions([self.expr]).items()}
        if not self.over_rows:
            return evaluate([self.expr], {n: sympy.Symbol(printable(n)) for n in names}, functions)[0]
        rows = []
        for row in range(1, (self.model.rows or 1) + 1):
            in_row = {n: f"{n}({row})" if n in self.model.row_names else n for n in names}
            symbols = {n: sympy.Symbol(printable(row_name)) for n, row_name in in_row.items()}
            rows += evaluate([self.expr], symbols, functions)
        return sympy.Add(*rows) / (len(rows) if self.model.reduce == "mean" else 1)

    def equals(self, other: Formula | Expr | Number) -> bool:
        """Whether the other has the same value at random points; see `Derivation.check`."""
        from .deciding import compare

        return compare(self, other).right


def _sympy_function(name: str, primes: int) -> Any:
    import sympy

    x = sympy.Dummy("x")
    f = sympy.Function(name)
    return f if primes == 0 else lambda a: sympy.Subs(f(x).diff(x, primes), x, a)
