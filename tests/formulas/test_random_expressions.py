"""Random expressions over the table: what simplification and printing must not change."""

import math
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograd import OPS, Value
from autograd.adjoints import derivatives
from autograd.expr import Expr, constant, evaluate, symbols, walk
from autograd.formulas.simplifying import simplify
from autograd.source import python

NAMES = ("x", "y", "z")
RATIONAL = ["add", "sub", "mul", "div", "neg", "relu", "abs", "maximum", "minimum", "sum", "dot"]
SMOOTH = [
    *(
        "exp",
        "expm1",
        "log",
        "log1p",
        "sqrt",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
    ),
    *("asinh", "acosh", "atanh", "erf", "sigmoid", "softplus", "logsumexp"),
]
MANY = {"sum", "dot", "logsumexp"}


def expressions(names: list[str]) -> st.SearchStrategy[Expr]:
    """Expressions of the primitives named, and of powers and conditions."""
    numbers = st.one_of(
        st.integers(-3, 3), st.fractions(-3, 3, max_denominator=4), st.sampled_from([0.5, -1.0, 2.0])
    )
    leaves = st.one_of(st.sampled_from(symbols(NAMES)), numbers.map(constant))

    def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        def applied(name: str) -> st.SearchStrategy[Any]:
            count = 2 if name in MANY else len(OPS[name].binds)
            return st.tuples(*[inner] * count).map(lambda operands: OPS[name](*operands))

        powers = st.tuples(inner, st.integers(-2, 4)).map(lambda pair: pair[0] ** pair[1])
        conditions = st.tuples(inner, inner, inner, inner).map(
            lambda q: OPS["where"](q[0] < q[1], q[2], q[3])
        )
        return st.one_of(*[applied(name) for name in names], powers, conditions)

    return st.recursive(leaves, grown, max_leaves=6).filter(lambda e: isinstance(e, Expr))


points = st.fixed_dictionaries({n: st.fractions(-5, 5, max_denominator=20) for n in NAMES})


def finite(x: Any) -> bool:
    return isinstance(x, Fraction | int) or bool(mpmath.isfinite(x))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(expressions(RATIONAL), points)
def test_simplifying_never_changes_an_exact_value(expr: Expr, at: dict[str, Fraction]) -> None:
    before = expr.evaluate(at)
    assume(not isinstance(before, float) or math.isfinite(before))
    after = simplify(expr).evaluate(at)
    if isinstance(before, float) or isinstance(after, float):  # an inf or a float constant on the way
        assert float(after) == pytest.approx(float(before), rel=1e-9, abs=1e-12)
    else:
        assert after == before


@settings(max_examples=100, deadline=None, derandomize=True)
@given(expressions(RATIONAL + SMOOTH), points)
def test_simplifying_never_changes_a_value(expr: Expr, at: dict[str, Fraction]) -> None:
    # Fifty digits keep rounding out of it. A function of a constant, such as exp(1), has those of a float.
    with mpmath.workdps(50):
        here = {name: mpmath.mpf(x.numerator) / x.denominator for name, x in at.items()}
        before = mpmath.mpf(1) * expr.evaluate(here)
        assume(finite(before) and abs(before) < 1e50)
        after = mpmath.mpf(1) * simplify(expr).evaluate(here)
        assume(_well_conditioned(expr, here))
        assert abs(after - before) <= mpmath.mpf(10) ** -12 * (1 + abs(before))


def _well_conditioned(expr: Expr, here: dict[str, Any]) -> bool:
    """No part of it is so large that fifty digits do not reach."""
    nodes = walk([expr])
    return all(finite(x) and abs(x) < 1e20 for x in evaluate(nodes, here) if not isinstance(x, bool))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(expressions(RATIONAL + SMOOTH))
def test_the_simple_form_is_not_longer(expr: Expr) -> None:
    assert len(walk([simplify(expr)])) <= len(walk([expr])) + 2  # a division may become a product and a sign


@settings(max_examples=100, deadline=None, derandomize=True)
@given(expressions(RATIONAL + SMOOTH), points)
def test_the_printed_source_has_the_gradient_of_the_graph(expr: Expr, at: dict[str, Fraction]) -> None:
    source: dict[str, Any] = {}
    exec(python(expr, NAMES), source)
    printed = {name: Value(float(x)) for name, x in at.items()}
    direct = {name: Value(float(x)) for name, x in at.items()}
    out, same = source["formula"](*[printed[name] for name in NAMES]), expr.evaluate(direct)
    assume(isinstance(out, Value) and math.isfinite(out.data))
    assert isinstance(same, Value)
    assert out.data == pytest.approx(same.data, rel=1e-9, abs=1e-12)
    out.backward()
    same.backward()
    for name in NAMES:
        assume(math.isfinite(direct[name].grad) and abs(direct[name].grad) < 1e12)
        assert printed[name].grad == pytest.approx(direct[name].grad, rel=1e-6, abs=1e-9)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(expressions(["add", "sub", "mul", "div", "neg", "sum", "dot"]), points)
def test_symbolic_derivatives_are_the_graphs_exactly(expr: Expr, at: dict[str, Fraction]) -> None:
    direct = {name: Value(x) for name, x in at.items()}
    out = expr.evaluate(direct)
    assume(isinstance(out, Value) and isinstance(out.data, Fraction))
    out.backward()
    for name, slope in derivatives(expr).items():
        symbolic = slope.evaluate(at)
        assume(isinstance(symbolic, Fraction | int) and isinstance(direct[name].grad, Fraction | int))
        assert symbolic == direct[name].grad
