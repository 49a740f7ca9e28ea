"""Deciding whether two formulas are equal: their values at random points."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..errors import SettingError
from ..expr import Expr, constant, walk
from ..numbers import is_nan, shown
from .abstract import order_of

if TYPE_CHECKING:
    from .formula import Formula

__all__ = ["Check", "compare"]

_EXACT = {
    "add", "sub", "mul", "div", "neg", "power", "relu", "leaky_relu", "abs", "maximum", "minimum", "where", "sum",
    "dot", "less", "less_equal",
}  # fmt: skip
"""Primitives that stay exact on Fractions."""

_POINTS = 5
_TRIES = 200


@dataclass(frozen=True, slots=True)
class Check:
    """What came of holding one formula against another. It is true where they agree.

    right    whether they have the same value at every point tried
    at       the point where they differ, by name
    mine     the value there of the formula that was checked
    graphs   the value there of the graph's own formula
    """

    right: bool
    at: dict[str, Any]
    mine: Any = None
    graphs: Any = None

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        if self.right:
            return "right"
        point = ", ".join(f"{name} = {shown(x)}" for name, x in self.at.items())
        return f"wrong: at {point} it is {shown(self.mine)}, and the graph says {shown(self.graphs)}"


def compare(formula: Formula, other: Formula | Expr | Any) -> Check:
    """Hold `other` against a formula at random points, exactly where both can be computed exactly.

    Exact Fractions are drawn from more than 10^4 numbers each, so that a wrong formula passes all points
    with a probability below 10^-18 (Schwartz-Zippel). Formulas with transcendental functions are compared as
    floats, to nine digits. An abstract function is a random cubic.

    Raises `SettingError` where `other` uses a name that the graph does not have.
    """
    model = formula.model
    expr = other if isinstance(other, Expr) else getattr(other, "expr", None)
    if expr is None:
        expr = constant(other)
    _known(expr, model.names)
    mine, own = model.expand(expr), model.expand(formula.expr)
    nodes = walk([mine, own])
    names = [node.name for node in nodes if node.name is not None]
    exact = all(n.op is None or n.op.name in _EXACT or order_of(n.op) for n in nodes)
    functions = sorted({found[0] for n in nodes if n.op and (found := order_of(n.op))})
    generator = random.Random(str(sorted(names)))
    agreed = 0
    for attempt in range(_TRIES):
        # Small whole numbers first: they make a counterexample one can follow.
        point = {name: _draw(generator, small_numbers=attempt < 20, exact=exact) for name in names}
        cubics = {name: _cubic(generator) for name in functions}
        a, b = model.evaluate_expanded([mine, own], {**point, **cubics})
        if not (_finite(a) and _finite(b)):
            continue
        if a != b if exact else not math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9):
            return Check(False, _seen(formula, expr, {**point, **cubics}), a, b)
        agreed += attempt >= 20
        if agreed == _POINTS:
            break
    return Check(agreed > 0 or not names, {})


def _seen(formula: Formula, expr: Expr, values: dict[str, Any]) -> dict[str, Any]:
    """The values, at a point, of the names that the two formulas are written in."""
    model = formula.model
    names = [node for node in walk([expr, formula.expr]) if node.name is not None]
    numbers = model.evaluate_expanded([model.expand(node) for node in names], values)
    return {node.name or "": x for node, x in zip(names, numbers, strict=True)}


def _known(expr: Expr, names: set[str]) -> None:
    import difflib

    for node in walk([expr]):
        if node.name is not None and node.name not in names:
            near = difflib.get_close_matches(node.name, names, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(sorted(names))}"
            raise SettingError(f"the graph has nothing named {node.name!r}{hint}")


def _draw(generator: random.Random, small_numbers: bool, exact: bool) -> Any:
    if small_numbers:
        number = Fraction(generator.choice((-3, -2, -1, 1, 2, 3)))
    else:
        number = Fraction(generator.randint(-20_000, 20_000) * 2 + 1, 10_000)
    return number if exact else float(number)


def _cubic(generator: random.Random) -> Any:
    a, b, c, d = (Fraction(generator.randint(1, 9)) for _ in range(4))
    return lambda x: a * x**3 + b * x**2 + c * x + d


def _finite(x: Any) -> bool:
    return not is_nan(x) and x not in (math.inf, -math.inf)
