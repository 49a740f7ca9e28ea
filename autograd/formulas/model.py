"""`symbolic`: the formulas of a Python function of Values."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, overload

from ..adjoints import derivatives
from ..errors import SettingError, ShapeError
from ..expr import Expr, constant, evaluate, substitute, symbol, walk
from ..names import printable
from ..notation import latex_name, shortened, typeset
from ..numbers import Number, as_number
from ..tracing import Trace, trace
from .abstraction import abstract_functions, stand_ins
from .algebra import Product
from .factoring import common_factor, named
from .formula import Formula
from .simplifying import Simplifier
from .writing import Index, Written, number_in_front, sums, written

if TYPE_CHECKING:
    from .backward import BackwardPass
    from .derivation import Derivation

__all__ = ["Symbolic", "symbolic"]


def symbolic(
    function: Callable[..., Any],
    *,
    sizes: Mapping[str, int] | None = None,
    rows: int | None = None,
    reduce: str = "sum",
    result: str = "L",
) -> Symbolic:
    """Trace a function of numbers that returns one Value, and give its formulas.

    function   is run once, on symbols named like its arguments; Values it uses are its parameters
    sizes      the lengths of arguments that are lists: `{"x": 3}` gives x1, x2, x3
    rows       write the sum over this many rows of inputs instead of one row
    reduce     "sum" or "mean" over the rows
    result     what the result is called where it has no name

    Raises `TracingError` where the function branches on a traced value or returns no Value.

    >>> from autograd import Value
    >>> w = Value(2.0, "w")
    >>> loss = symbolic(lambda x, y: (y - w * x) ** 2)
    >>> loss.formula
    (y - w x)^2
    >>> loss.gradient("w")
    -2 (y - w x) x
    """
    if reduce not in ("sum", "mean"):
        raise SettingError(f"reduce is 'sum' or 'mean'; got {reduce!r}")
    if rows is not None and (type(rows) is not int or rows < 1):
        raise SettingError(f"rows is a whole number from 1; got {rows!r}")
    return Symbolic(trace(function, sizes, result), rows, reduce)


class Symbolic:
    """The formulas of a traced function: its quantities, their definitions and all derivatives.

    inputs, parameters   names of the arguments; parameters by name
    result               the name of what the function returns
    rows, reduce         the batch that formulas are summed over, if any
    row_names            the names that differ from row to row
    quotients            the named quantities that are quotients by a sum, such as the outputs of a softmax
    """

    def __init__(self, traced: Trace, rows: int | None = None, reduce: str = "sum") -> None:
        self.inputs, self.parameters = traced.inputs, traced.parameters
        self.result, self.rows, self.reduce = traced.result, rows, reduce
        self.simplifier = Simplifier()
        self._raw = traced.definitions
        self._definitions = {name: self.simplifier.simplify(expr) for name, expr in self._raw.items()}
        self.quotients = self._found_quotients()
        self.quotient_names = set(self.quotients)
        self._used = {name: _names_in(expr) for name, expr in self._raw.items()}
        self._slopes: dict[str, dict[str, Expr]] = {}
        self._local: dict[tuple[str, str], Expr] = {}
        self._expanded: dict[Expr, Expr] = {}
        self.row_names = self.dependent_on(self.inputs)

    def __repr__(self) -> str:
        lines = [
            f"{printable(self.name_in_row(name))} = {formula.text}"
            for name, formula in self.definitions.items()
        ]
        return shortened("\n".join(lines), ".definitions")

    def _repr_latex_(self) -> str | None:
        lines = [rf"{latex_name(self.name_in_row(n))} &= {f.latex}" for n, f in self.definitions.items()]
        return typeset(r"\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}")

    @property
    def names(self) -> set[str]:
        """Every name a formula may use: inputs, parameters, named quantities."""
        return {*self.inputs, *self.parameters, *self._definitions}

    @property
    def formula(self) -> Formula:
        """The formula of the result, in the named quantities it is computed from."""
        return self.definitions[self.result]

    @property
    def definitions(self) -> dict[str, Formula]:
        """The formula of every named quantity, in order of computation; the result comes last."""
        return {
            name: Formula(x, self, over_rows=name == self.result) for name, x in self._definitions.items()
        }

    def symbols(self, names: str | Sequence[str]) -> list[Expr]:
        """Symbols for names of this graph, to write one's own formulas with.

        Raises `SettingError` for a name it does not have.
        """
        wanted = names.replace(",", " ").split() if isinstance(names, str) else list(names)
        return [symbol(self.known(name)) for name in wanted]

    def known(self, name: str) -> str:
        """The name itself; `SettingError`, with the nearest there is, for one the graph does not have."""
        if name not in self.names:
            near = difflib.get_close_matches(str(name), self.names, 1)
            some = ", ".join(sorted(self.names)[:20]) + (", ..." if len(self.names) > 20 else "")
            hint = f"did you mean {near[0]}?" if near else f"it has {some}"
            raise SettingError(f"the graph has nothing named {name!r}; {hint}")
        return name

    # --------------------------------------------------------------------------------------- derivatives

    def gradient(self, *names: str) -> Formula:
        """The derivative of the result by a name; by several, one after the other.

        Over a batch it is summed over the rows, unless one of the names differs from row to row.

        >>> from autograd import Value
        >>> loss = symbolic(lambda x: x ** 3)
        >>> loss.gradient("x"), loss.gradient("x", "x")
        (3 x^2, 6 x)
        """
        if not names:
            raise SettingError("gradient() needs the name to differentiate by, such as gradient('w1_11')")
        for name in names:
            self.known(name)
        expr = self.deltas(names[0])[names[0]]
        for name in names[1:]:
            expr = self._derivative(expr, name)
        by_rows = bool({*names} & self.row_names)
        if by_rows and self.rows and self.reduce == "mean" and names != (self.result,):
            expr = self.simplifier.simplify(expr / self.rows)
        return Formula(expr, self, over_rows=not by_rows)

    def local_derivatives(self, name: str, by: Collection[str] | None = None) -> dict[str, Expr]:
        """The derivative of a named quantity by each name in its definition that it depends on.

        The quantity itself, where it occurs in them, is called by its name. `by` limits them to some names.
        """
        if name not in self._slopes:
            raw = self._raw[name]
            slopes = derivatives(raw)
            own = {raw: symbol(name)} if raw.op is not None else {}
            self._slopes[name] = dict(zip(slopes, substitute(list(slopes.values()), own), strict=True))
        found = {}
        for other in self._used[name]:
            if by is None or other in by:
                slope = self._local_derivative(name, other)
                if slope is not constant(0):
                    found[other] = slope
        return found

    def _local_derivative(self, name: str, by: str) -> Expr:
        if (name, by) not in self._local:
            slope = self.simplifier.simplify(self._slopes[name][by])
            if self.quotients:
                later = self.dependent_on([name]) - {name}
                known = {symbol(x): product for x, product in self.quotients.items() if x not in later}
                slope = named(self.simplifier, slope, known)
            self._local[name, by] = slope
        return self._local[name, by]

    def _found_quotients(self) -> dict[str, Product]:
        quotients = {}
        for name, expr in self._definitions.items():
            product = self.simplifier.factors(expr)
            if any(e < 0 and len(self.simplifier.terms(x)) > 1 for x, e in product.factors.items()):
                quotients[name] = product
        return quotients

    def deltas(self, *wanted: str) -> dict[str, Expr]:
        """The derivative of the result by every name on the way to those wanted (or by all)."""
        needed = self.dependent_on(wanted) if wanted else self.names
        received: dict[str, list[Expr]] = {self.result: [constant(1)]}
        deltas: dict[str, Expr] = {}
        for name in reversed(self._definitions):
            if name in received and name in needed:
                deltas[name] = common_factor(self.simplifier, received.pop(name)[::-1])
                for by, slope in self.local_derivatives(name, needed).items():
                    received.setdefault(by, []).append(deltas[name] * slope)
        for name, parts in received.items():
            deltas[name] = common_factor(self.simplifier, parts[::-1])
        return dict.fromkeys(wanted, constant(0)) | deltas

    def _derivative(self, expr: Expr, by: str) -> Expr:
        """The derivative of any expression in the names of this graph, carried forward through them."""
        slopes = {by: constant(1)}
        for name in self._definitions:
            if name != by:
                parts = [
                    slope * slopes[x] for x, slope in self.local_derivatives(name, slopes.keys()).items()
                ]
                if parts:
                    slopes[name] = common_factor(self.simplifier, parts)
        return common_factor(
            self.simplifier, [slope * slopes[x] for x, slope in derivatives(expr).items() if x in slopes]
        )

    def dependent_on(self, names: Sequence[str]) -> set[str]:
        """The given names and every quantity computed from them."""
        found = set(names)
        for name, used in self._used.items():
            if not found.isdisjoint(used):
                found.add(name)
        return found

    @overload
    def derive(
        self, name: str, *, at: Mapping[str, Any] | None = ..., learning_rate: Number | str = ...
    ) -> Derivation: ...
    @overload
    def derive(
        self, name: None = ..., *, at: None = ..., learning_rate: Number | str = ...
    ) -> BackwardPass: ...
    def derive(
        self,
        name: str | None = None,
        *,
        at: Mapping[str, Any] | None = None,
        learning_rate: Number | str = "eta",
    ) -> Derivation | BackwardPass:
        """The derivation of the derivative by one parameter, or without a name the whole backward pass.

        at              numbers for the inputs, to carry the derivation through to a number
        learning_rate   a number, or the symbol that stands for it in the update rule; an argument of the
                        function is updated only where one is given

        Raises `SettingError` for a name the graph does not have, and a learning rate that is not above 0.
        """
        from .backward import BackwardPass, checked_rate
        from .derivation import Derivation

        if not isinstance(learning_rate, str):
            checked_rate(learning_rate)
        if name is None:
            return BackwardPass(self, learning_rate)
        return Derivation(self, self.known(name), at, learning_rate)

    # ---------------------------------------------------------------------------------------------- rows

    @property
    def indices(self) -> list[Index]:
        """The index of the sum over rows, with how far it counts; empty for one row."""
        return [Index("i", 1, self.rows)] if self.rows else []

    @property
    def share(self) -> Fraction | int:
        """What the sum over rows is multiplied by: for a mean one part in so many, else 1."""
        return Fraction(1, self.rows) if self.rows and self.reduce == "mean" else 1

    @property
    def splits_result(self) -> bool:
        """Whether derivatives in a row are those of L(i), the loss of that row, and not of the total L.

        It is so for a mean, and where something on the way is the same in all rows: a penalty, or a
        parameter that stands in the formula of the result.
        """
        on_the_way = {*self._definitions, *self._used[self.result]} - {self.result}
        return bool(self.rows) and (self.reduce == "mean" or not on_the_way <= self.row_names)

    def summed(self, expr: Expr, indices: Sequence[Index], share: Fraction | int = 1) -> Written:
        """A simple expression summed over indices; a number in it stands in front: -2 sum_(i=1)^3 ..."""
        coefficient, factors = self.simplifier.factors(expr)
        if (indices or share != 1) and factors:
            expr, share = self.simplifier.product(Product(1, factors)), share * coefficient
        return written(self.in_row(expr), number_in_front(share) + sums(indices))

    def name_in_row(self, name: str) -> str:
        """A name with the row index i, where it differs from row to row; the result is that of all rows."""
        return f"{name}(i)" if self.rows and name in self.row_names and name != self.result else name

    def derivative_in_row(self, by: str, of: str | None = None) -> str:
        """The name of a derivative in a row: dL/dO21(i), or dL(i)/dO21(i)."""
        of = of or self.result
        above = f"{of}(i)" if of == self.result and self.splits_result else self.name_in_row(of)
        return f"d{above}/d{self.name_in_row(by)}"

    def in_row(self, expr: Expr) -> Expr:
        """The expression with the row index i on everything that differs from row to row."""
        if not self.rows:
            return expr
        names = {name: self.name_in_row(name) for name in self.row_names}
        quantities = self._definitions.keys() | self.row_names
        names |= {f"d{self.result}/d{name}": self.derivative_in_row(name) for name in quantities}
        rows = {node: symbol(names[node.name]) for node in walk([expr]) if node.name in names}
        return substitute([expr], rows)[0]

    def stand_for(self, general: str, names: Iterable[str]) -> None:
        """Let a name with a letter for its number, such as O2j, be what all these names are."""
        names = set(names)
        for kind in (self.row_names, self.quotient_names):
            if names <= kind:
                kind.add(general)

    # -------------------------------------------------------------------------------------------- values

    def expand(self, expr: Expr, but: Collection[str] = ()) -> Expr:
        """The expression in inputs and parameters only, and the named quantities in `but`."""
        if but or not self._expanded:
            expanded: dict[Expr, Expr] = {}
            for name, definition in self._raw.items():
                if name not in but:
                    expanded[symbol(name)] = substitute([definition], expanded)[0]
            if but:
                return substitute([expr], expanded)[0]
            self._expanded = expanded
        return substitute([expr], self._expanded)[0]

    def evaluate(self, expr: Expr, values: Mapping[str, Any], over_rows: bool = False) -> Number:
        """The number an expression has; see `Formula.evaluate`."""
        unknown = {name for name, _ in abstract_functions(self._raw.values()).values()}
        for name in values:
            if name not in unknown:
                self.known(name)
        values = {name: _numbers(x) for name, x in values.items()}
        expr = self.expand(expr, but=[name for name in values if name in self._raw])
        if not over_rows:
            return self._evaluated(expr, values)
        rows = self.rows or 1
        for name, x in values.items():
            if name in self.row_names and (not isinstance(x, (list, tuple)) or len(x) != rows):
                raise ShapeError(f"{name} needs a list of {rows} numbers, one for each row; got {x!r}")
        total: Any = 0
        for row in range(rows):
            here = {name: x[row] if name in self.row_names else x for name, x in values.items()}
            total = total + self._evaluated(expr, here)
        exact = Fraction(total) if type(total) is int else total
        return exact / rows if self.reduce == "mean" else total

    def _evaluated(self, expr: Expr, values: Mapping[str, Any]) -> Number:
        """The number of an expression in inputs, parameters and what else is given."""
        numbers = {name: p.data for name, p in self.parameters.items()} | dict(values)
        missing = [name for name in _names_in(expr) if name not in numbers]
        missing += [name for name, _ in abstract_functions([expr]).values() if name not in values]
        if missing:
            raise SettingError(f"a value is missing for {', '.join(dict.fromkeys(missing))}")
        return evaluate([expr], numbers, stand_ins([expr], values))[0]


def _numbers(x: Any) -> Any:
    """What was given for a name, ints as floats: a number, a list of them, or a function."""
    if isinstance(x, (list, tuple)):
        return [as_number(entry) for entry in x]
    return x if callable(x) else as_number(x)


def _names_in(expr: Expr) -> list[str]:
    """The names of the symbols in an expression, from left to right."""
    return [node.name for node in walk([expr]) if node.name is not None]
