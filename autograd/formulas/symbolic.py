"""`symbolic`: the formulas of a Python function of Values."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import SettingError, ShapeError
from ..expr import Expr, Trace, constant, derivatives, evaluate, substitute, symbol, trace, walk
from ..functional import derivative
from ..notation import latex_name
from ..numbers import Number
from .abstract import order_of
from .formula import Formula
from .simplify import common_factor, simplify

if TYPE_CHECKING:
    from .derivation import BackwardPass, Derivation

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
    if rows is not None and (not isinstance(rows, int) or rows < 1):
        raise SettingError(f"rows is a whole number from 1; got {rows!r}")
    return Symbolic(trace(function, sizes, result), rows, reduce)


class Symbolic:
    """The formulas of a traced function: its quantities, their definitions and all derivatives.

    inputs, parameters   names of the arguments; parameters by name
    result               the name of what the function returns
    rows, reduce         the batch that formulas are summed over, if any
    """

    def __init__(self, traced: Trace, rows: int | None = None, reduce: str = "sum") -> None:
        self.inputs, self.parameters = traced.inputs, traced.parameters
        self.result, self.rows, self.reduce = traced.result, rows, reduce
        self._raw = traced.definitions
        self._definitions = {name: simplify(expr) for name, expr in traced.definitions.items()}
        self._local: dict[str, dict[str, Expr]] = {}
        self._expanded: dict[str, Expr] = {}
        self.row_names = self.dependent_on(self.inputs)

    def __repr__(self) -> str:
        return "\n".join(f"{name} = {formula}" for name, formula in self.definitions.items())

    def _repr_latex_(self) -> str:
        lines = [rf"{latex_name(name)} &= {f.latex}" for name, f in self.definitions.items()]
        return r"$\displaystyle \begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}$"

    @property
    def names(self) -> set[str]:
        """Every name a formula may use: inputs, parameters, named quantities."""
        return {*self.inputs, *self.parameters, *self._definitions}

    @property
    def formula(self) -> Formula:
        """The formula of the result, in the named quantities it is computed from."""
        return Formula(self._definitions[self.result], self, over_rows=True)

    @property
    def definitions(self) -> dict[str, Formula]:
        """The formula of every named quantity, in order of computation; the result comes last."""
        return {
            name: Formula(expr, self, over_rows=name == self.result)
            for name, expr in self._definitions.items()
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
            near = difflib.get_close_matches(name, self.names, 1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(sorted(self.names))}"
            raise SettingError(f"the graph has nothing named {name!r}; {hint}")
        return name

    # --------------------------------------------------------------------------------------- derivatives

    def local_derivatives(self, name: str) -> dict[str, Expr]:
        """The derivative of a named quantity by each name in its definition."""
        if name not in self._local:
            raw = self._raw[name]
            slopes = derivatives(raw)
            own = substitute(list(slopes.values()), {raw: symbol(name)} if raw.op is not None else {})
            self._local[name] = {
                by: simple
                for by, slope in zip(slopes, own, strict=True)
                if (simple := simplify(slope)) is not constant(0)
            }
        return self._local[name]

    def gradient(self, *names: str) -> Formula:
        """The derivative of the result by a name; by several, one after the other.

        >>> from autograd import Value
        >>> loss = symbolic(lambda x: x ** 3)
        >>> loss.gradient("x"), loss.gradient("x", "x")
        (3 x^2, 6 x)
        """
        if not names:
            raise SettingError("gradient() needs the name to differentiate by, such as gradient('w1_11')")
        for name in names:
            self.known(name)
        expr = self.deltas(names[0]).get(names[0], constant(0))
        for name in names[1:]:
            expr = simplify(derivatives(self.expand(expr)).get(name, constant(0)))
        return Formula(expr, self, over_rows=True)

    def deltas(self, *wanted: str) -> dict[str, Expr]:
        """The derivative of the result by every name on the way to those wanted (or by all)."""
        needed = self.dependent_on(wanted) | set(wanted) if wanted else self.names
        terms: dict[str, list[Expr]] = {self.result: [constant(1)]}
        deltas: dict[str, Expr] = {}
        for name in reversed(self._definitions):
            if name not in terms or name not in needed:
                continue
            deltas[name] = common_factor(terms.pop(name)[::-1])
            for by, slope in self.local_derivatives(name).items():
                if by in needed:
                    terms.setdefault(by, []).append(deltas[name] * slope)
        for name, products in terms.items():
            deltas[name] = common_factor(products[::-1])
        return deltas

    def dependent_on(self, names: Sequence[str]) -> set[str]:
        """The given names and every quantity computed from them."""
        found = set(names)
        for name, expr in self._definitions.items():
            if any(node.name in found for node in walk([expr])):
                found.add(name)
        return found

    def derive(
        self,
        name: str | None = None,
        *,
        at: Mapping[str, Any] | None = None,
        learning_rate: Number | str = "eta",
    ) -> Derivation | BackwardPass:
        """The derivation of the derivative by one parameter, or without a name the whole backward pass.

        at              numbers for the inputs, to carry the derivation through to a number
        learning_rate   a number, or the symbol that stands for it in the update rule
        """
        from .derivation import BackwardPass, Derivation

        if name is None:
            return BackwardPass(self, learning_rate)
        return Derivation(self, self.known(name), at, learning_rate)

    # -------------------------------------------------------------------------------------------- values

    def in_row(self, expr: Expr) -> Expr:
        """The expression with the row index i on everything that differs from row to row."""
        names = {name: f"{name}(i)" for name in self.row_names - {self.result}}
        names |= {f"d{self.result}/d{name}": f"d{self.result}/d{row}" for name, row in names.items()}
        rows = {node: symbol(names[node.name]) for node in walk([expr]) if node.name in names}
        return substitute([expr], rows)[0]

    def expand(self, expr: Expr) -> Expr:
        """The expression in inputs and parameters only."""
        if not self._expanded:
            for name, definition in self._raw.items():
                before = {symbol(n): e for n, e in self._expanded.items()}
                self._expanded[name] = substitute([definition], before)[0]
        return substitute([expr], {symbol(n): e for n, e in self._expanded.items()})[0]

    def evaluate(self, expr: Expr, values: Mapping[str, Any], over_rows: bool = False) -> Number:
        """The number an expression has; see `Formula.evaluate`."""
        for name in values:
            if not any(
                order_of(node.op) for node in self._nodes() if node.op and node.op.name.rstrip("'") == name
            ):
                self.known(name)
        if not over_rows:
            return self._in_one_row(expr, values)
        total: Any = 0
        rows = self.rows or 1
        for row in range(rows):
            here = {}
            for name, x in values.items():
                if name in self.inputs:
                    if not isinstance(x, (list, tuple)) or len(x) != rows:
                        raise ShapeError(
                            f"{name} needs a list of {rows} numbers, one for each row; got {x!r}"
                        )
                    x = x[row]
                here[name] = x
            total = total + self._in_one_row(expr, here)
        return total / rows if self.reduce == "mean" else total

    def _nodes(self) -> list[Expr]:
        return walk(self._raw.values())

    def _in_one_row(self, expr: Expr, values: Mapping[str, Any]) -> Number:
        known = {name: p.data for name, p in self.parameters.items()} | dict(values)
        functions = _abstract_values(values)
        needed = [expr]
        for name, definition in self._raw.items():
            if name not in values:
                known[name] = definition
        # Definitions come in order, so each is evaluated once those before it are numbers.
        numbers = {name: x for name, x in known.items() if not isinstance(x, Expr) or name in values}
        used = self._needed_for(needed[0], numbers)
        missing = [name for name in used if name not in numbers and name not in self._raw]
        if missing:
            raise SettingError(f"a value is missing for {', '.join(missing)}")
        for name in self._raw:
            if name in used and name not in numbers:
                numbers[name] = evaluate([self._raw[name]], numbers, functions)[0]
        return evaluate([expr], numbers, functions)[0]

    def _needed_for(self, expr: Expr, given: Mapping[str, Any]) -> list[str]:
        """The names that an expression is computed from, those in the definitions it needs included."""
        found: dict[str, None] = {}
        waiting = [expr]
        while waiting:
            for node in walk([waiting.pop()]):
                name = node.name
                if name is not None and name not in found:
                    found[name] = None
                    if name in self._raw and name not in given:
                        waiting.append(self._raw[name])
        return list(found)

    def evaluate_expanded(self, exprs: Sequence[Expr], values: Mapping[str, Any]) -> list[Any]:
        """The values of expressions in inputs and parameters, all of which are given."""
        return evaluate(exprs, values, _abstract_values(values))


def _abstract_values(values: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """What abstract functions and their first derivatives stand for, where functions are given."""
    functions: dict[str, Callable[..., Any]] = {}
    for name, x in values.items():
        if callable(x):
            for primes in range(4):
                functions[name + "'" * primes] = derivative(x, primes)
    return functions
