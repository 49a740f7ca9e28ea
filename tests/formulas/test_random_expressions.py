"""Random expressions over all primitives: simplifying keeps the value, printed source has its gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import mpmath
import pytest
from hypothesis import assume, given, settings

from autograd import OPS, Value, functions
from autograd.adjoints import derivatives
from autograd.expr import Expr, constant, evaluate, operation, symbols, walk
from autograd.formulas.simplifying import simplify
from autograd.notation import latex, text
from autograd.source import python

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of the strategies

NAMES = ("x", "y", "z")
X, Y, Z = symbols(NAMES)

# Whole powers, which are exact too, are put in below.
EXACT = (
    "add", "sub", "mul", "div", "neg", "sum", "dot", "abs", "relu", "leaky_relu", "maximum", "minimum",
    "where",
)  # fmt: skip
TRANSCENDENTAL = (
    "general_power", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "sigmoid", "softplus", "logsumexp",
)  # fmt: skip


def test_every_primitive_is_among_those_tried() -> None:
    tried = {*EXACT, *TRANSCENDENTAL, "power"}
    assert {name for name in functions.__all__ if name in OPS} - {"take"} <= tried  # its index is no formula


def leaves() -> st.SearchStrategy[Expr]:
    numbers = st.sampled_from([0, 1, -1, 2, 3, -2, Fraction(1, 2), Fraction(-3, 4)])
    return st.sampled_from([X, Y, Z]) | st.builds(constant, numbers)


def applied(names: tuple[str, ...]) -> Callable[[st.SearchStrategy[Expr]], st.SearchStrategy[Expr]]:
    def apply(name: str, a: Expr, b: Expr, c: Expr, d: Expr) -> Expr:
        operands = {
            "where": [a < b, c, d], "sum": [a, b, c], "logsumexp": [a, b, c], "dot": [a, b, c, d]
        }  # fmt: skip
        return operation(name, *operands.get(name, [a, b][: len(OPS[name].binds)]))

    def extend(parts: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        operations = st.builds(apply, st.sampled_from(names), parts, parts, parts, parts)
        exponents = st.sampled_from([-2, -1, 0, 1, 2, 3])
        return operations | st.builds(lambda base, n: operation("power", base, n), parts, exponents)

    return extend


exact_formulas = st.recursive(leaves(), applied(EXACT), max_leaves=12)
formulas = st.recursive(leaves(), applied(EXACT + TRANSCENDENTAL), max_leaves=8)
exact_points = st.fixed_dictionaries(
    {name: st.sampled_from([Fraction(n, 2) for n in range(-4, 5)]) for name in NAMES}
)
"""Few numbers, so that kinks, ties and zeros are often met."""


def values_of_parts(expr: Expr, point: Mapping[str, Any]) -> list[Any]:
    """The values of all parts of an expression, itself last, at a point where all of them are finite."""
    values = evaluate(walk([expr]), point)
    assume(all(x == x and abs(x) != math.inf for x in values))
    return values


def length(expr: Expr) -> int:
    """How many symbols and whole numbers it is written with in full, x^-2 being 1 / x^2."""
    lengths: dict[Expr, int] = {}
    for node in walk([expr]):
        if node.op is None:
            lengths[node] = 1 + (isinstance(node.number, Fraction))
        else:
            lengths[node] = sum(lengths[x] for x in node.operands)
            if node.op.name in ("power", "general_power"):
                lengths[node] += (node.operands[1].number or 0) < 0
    return lengths[expr]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(exact_formulas, exact_points)
def test_simplifying_never_changes_an_exact_value(expr: Expr, point: dict[str, Fraction]) -> None:
    *_, value = values_of_parts(expr, point)
    assert evaluate([simplify(expr)], point) == [value]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(formulas, exact_points)
def test_simplifying_never_changes_a_value(expr: Expr, point: dict[str, Fraction]) -> None:
    with mpmath.workdps(50):
        exactly = {name: mpmath.mpf(x.numerator) / x.denominator for name, x in point.items()}
        values = values_of_parts(expr, exactly)
        (simple,) = evaluate([simplify(expr)], exactly)
        largest = max(1, *map(abs, values))
        assume(largest < 1e10)
        assert abs(simple - values[-1]) / largest < 1e-30


@settings(max_examples=150, deadline=None, derandomize=True)
@given(formulas)
def test_the_simplified_form_is_never_longer_and_stays_as_it_is(expr: Expr) -> None:
    simple = simplify(expr)
    assert length(simple) <= length(expr)
    assert simplify(simple) is simple


@settings(max_examples=150, deadline=None, derandomize=True)
@given(exact_formulas, exact_points)
def test_the_printed_source_has_the_gradient_of_the_graph(expr: Expr, point: dict[str, Fraction]) -> None:
    values_of_parts(expr, point)
    graph = gradient(lambda *xs: expr.evaluate(dict(zip(NAMES, xs, strict=True))), point)
    values_of_parts(simplify(expr), point)
    assert gradient(run(python(simplify(expr), NAMES)), point) == graph
    # Python makes a float of 1 / 3 between two whole constants, which only unsimplified formulas have.
    assert gradient(run(python(expr, NAMES)), point) == pytest.approx(graph)
    symbolic = derivatives(expr)
    for name, slope in zip(NAMES, graph, strict=True):
        if name in symbolic:
            assert evaluate([symbolic[name], simplify(symbolic[name])], point) == [slope, slope]


def run(source: str) -> Callable[..., Any]:
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    return namespace["formula"]


def gradient(function: Callable[..., Any], point: Mapping[str, Fraction]) -> list[Any]:
    values = [Value(point[name]) for name in NAMES]
    out = function(*values)
    if isinstance(out, Value):
        out.backward()
    slopes = [x.grad for x in values]
    assume(all(x == x and abs(x) != math.inf for x in slopes))
    return slopes


@settings(max_examples=150, deadline=None, derandomize=True)
@given(formulas)
def test_everything_can_be_written(expr: Expr) -> None:
    for form in (expr, simplify(expr), *derivatives(expr).values()):
        assert text(form)
        assert latex(form).count("{") == latex(form).count("}")
        assert latex(form).count(r"\left") == latex(form).count(r"\right")
        compile(python(form, NAMES), "formula", "exec")
