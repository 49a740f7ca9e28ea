"""Deciding whether two formulas are equal: their values at random points."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..errors import NumberError, SettingError
from ..expr import Expr, constant, evaluate, walk
from ..names import printable
from ..numbers import Number, is_nan, shown
from .abstraction import abstract_functions, order_of, stand_ins

if TYPE_CHECKING:
    from .formula import Formula

__all__ = ["Check", "compare"]

_EXACT = {
    "add", "sub", "mul", "div", "neg", "sum", "dot", "abs", "relu", "leaky_relu", "maximum", "minimum",
    "where", "less", "less_equal",
}  # fmt: skip
"""Primitives that stay exact on Fractions; powers do if their exponents are whole."""

_KINKS: dict[str, Callable[..., Expr]] = {
    "relu": lambda x: x, "leaky_relu": lambda x, slope: x, "abs": lambda x: x,
    "maximum": lambda a, b: a - b, "minimum": lambda a, b: a - b,
    "less": lambda a, b: a - b, "less_equal": lambda a, b: a - b,
}  # fmt: skip
"""What changes its sign where a primitive has a kink or a jump."""

_READABLE = 20
"""So many points of small numbers come first: a counterexample among them can be followed by hand."""

_POINTS = 5
_TRIES = 200


@dataclass(frozen=True, slots=True)
class Check:
    """What came of holding one formula against another. It is true where they agree.

    right    whether they have the same value at every point tried
    at       the point where they differ, by name; empty where they agree and where it could not be decided
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
        if self.mine is None:
            return "undecided: no point was found where both have a value"
        point = ", ".join(f"{printable(name)} = {shown(x)}" for name, x in self.at.items())
        where = f"at {point} " if point else ""
        return f"wrong: {where}it is {shown(self.mine)}, and the graph says {shown(self.graphs)}"


def compare(formula: Formula, other: Formula | Expr | Number) -> Check:
    """Hold `other` against a formula at random points, exactly where both can be computed exactly.

    Exact Fractions are drawn from more than 10^4 numbers each, so that a wrong formula passes all points
    with a probability below 10^-18 (Schwartz-Zippel). Formulas with transcendental functions are compared as
    floats, to nine digits. An abstract function is a random cubic. Where there are kinks, points on both
    sides of each are tried.

    Raises `SettingError` where `other` uses a name that the graph does not have, or is summed over rows
    where the formula is not; `NumberError` for what is no formula in the symbols of the graph.
    """
    model = formula.model
    expr = _expression(other, formula)
    for node in walk([expr]):
        if node.name is not None:
            model.known(node.name)
    mine, own = model.expand(expr), model.expand(formula.expr)
    nodes = walk([mine, own])
    kinks = [_KINKS[node.op.name](*node.operands) for node in nodes if node.op and node.op.name in _KINKS]
    sides: set[tuple[int, bool]] = set()  # the kinks that were seen below and above 0
    exact = all(map(_stays_exact, nodes))
    agreed = 0
    for attempt, (point, cubics) in enumerate(_points(nodes, exact)):
        functions = stand_ins([mine, own], cubics)
        values = evaluate([*nodes, *kinks], point, functions)
        a, b = values[nodes.index(mine)], values[nodes.index(own)]
        if not (_is_finite(a) and _is_finite(b)):
            continue
        if not (a == b if exact else _close(a, b, values)):
            seen = {node.name: node for node in walk([expr, formula.expr]) if node.name is not None}
            numbers = evaluate([model.expand(node) for node in seen.values()], point, functions)
            return Check(False, dict(zip(seen, numbers, strict=True)) | cubics, a, b)
        sides.update((place, x > 0) for place, x in enumerate(values[len(nodes) :]) if x != 0)
        agreed += attempt >= _READABLE
        if agreed >= _POINTS and len(sides) == 2 * len(kinks):
            break
    return Check(agreed > 0, {})


def _expression(other: Formula | Expr | Number, formula: Formula) -> Expr:
    """The expression to compare, which is that of one row in any case."""
    if isinstance(other, str) or getattr(other, "free_symbols", None):
        raise NumberError(
            f"{other!r:.60} cannot be compared; write the formula in symbols of this graph, such as "
            "w, x = loss.symbols('w x'), then 2 * w * x"
        )
    if isinstance(other, Expr) or not hasattr(other, "over_rows"):
        return constant(other)
    batches = [(f.model.rows, f.model.reduce) if f.over_rows else None for f in (formula, other)]
    if batches[0] != batches[1]:
        raise SettingError(
            "of the two formulas one is summed over rows and the other not, or over others; compare them "
            "for one row, as formula.expr"
        )
    return other.expr


def _stays_exact(node: Expr) -> bool:
    """Whether an operation on Fractions gives one."""
    if node.op is None:
        return isinstance(node.number, (int, Fraction)) or node.name is not None
    if node.op.name == "power":
        exponent = node.operands[1].number
        return isinstance(exponent, int) and abs(exponent) <= 100
    return node.op.name in _EXACT or order_of(node.op) is not None


@dataclass(frozen=True, slots=True)
class _Cubic:
    """What stands for an abstract function."""

    coefficients: tuple[int, ...]

    def __call__(self, x: Any) -> Any:
        a, b, c, d = self.coefficients
        return a * x**3 + b * x**2 + c * x + d

    def __str__(self) -> str:
        a, b, c, d = self.coefficients
        return f"({a} z^3 + {b} z^2 + {c} z + {d})"


def _points(nodes: Sequence[Expr], exact: bool) -> Iterator[tuple[dict[str, Number], dict[str, _Cubic]]]:
    """Numbers for the symbols, and cubics for the abstract functions."""
    names = [node.name for node in nodes if node.name is not None]
    unknown = sorted({name for name, _ in abstract_functions(nodes).values()})
    generator = random.Random(str(sorted(names)))
    kind = Fraction if exact else float
    for attempt in range(_TRIES):
        draw = _draws(attempt)
        yield (
            {name: kind(draw(generator)) for name in names},
            {name: _Cubic(tuple(generator.randint(1, 9) for _ in range(4))) for name in unknown},
        )


def _draws(attempt: int) -> Callable[[random.Random], Fraction]:
    """How numbers are drawn: first small ones, then any, from 0 to 1 (for logarithms), above 1, or mixed."""
    if attempt < _READABLE // 2:
        return lambda generator: Fraction(generator.choice((-3, -2, -1, 1, 2, 3)))
    if attempt < _READABLE:
        return lambda generator: Fraction(generator.choice((1, 2, 3)), 4)
    ranges = [(-4, 4), (0, 1), (1, 4)]
    mixed = attempt % 4 == 3

    def draw(generator: random.Random) -> Fraction:
        low, high = generator.choice(ranges) if mixed else ranges[attempt % 4]
        return low + (high - low) * Fraction(2 * generator.randrange(20_000) + 1, 40_000)

    return draw


def _close(a: float, b: float, intermediate: Sequence[Any]) -> bool:
    """Whether two floats agree, apart from roundings of what they were computed from."""
    largest = max(abs(x) for x in intermediate if _is_finite(x))
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-13 * largest)


def _is_finite(x: Any) -> bool:
    return not is_nan(x) and abs(x) != math.inf
