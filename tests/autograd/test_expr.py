"""Expressions: one object for equal ones, what they cannot do, their values on every kind of number."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import autograd as ag
from autograd import OPS, Value, primitive
from autograd.errors import FileFormatError, NumberError, SettingError, TracingError
from autograd.expr import (
    Expr,
    _Entry,
    _made,
    absorbed,
    constant,
    evaluate,
    operation,
    substitute,
    symbol,
    symbols,
    walk,
)

x, y = symbols("x, y")


# ------------------------------------------------------------------------------------ one object each


def test_equal_expressions_are_one_object() -> None:
    assert (x + y) * ag.tanh(x) is (x + y) * ag.tanh(x)
    assert x + y is not y + x  # no reordering: floats are not commutative in sums of three
    assert symbol("x") is x
    assert x - y is not x + y


def test_parameters_are_never_merged_by_value() -> None:
    from autograd.tracing import trace

    a, b = Value(1.0, "a"), Value(1.0, "b")
    assert repr(trace(lambda: a * b).definitions["L"]) == "a b"


def test_an_expression_is_freed_when_it_is_dropped() -> None:
    def made() -> int:
        gc.collect()
        return sum(map(len, _made.values()))

    before = made()
    e = ag.exp(symbol("never used elsewhere") * 17.25) + 4321
    assert made() > before
    del e
    assert made() == before


def test_a_new_expression_takes_the_place_of_a_freed_one() -> None:
    for _ in range(3):
        e = x + 98765
        assert e is x + 98765
        del e
        assert (x + 98765) is (x + 98765)


def test_two_threads_that_build_the_same_expressions_get_the_same_objects() -> None:
    names = [f"thread{i}" for i in range(300)]
    found: list[list[Expr]] = []
    start = threading.Barrier(4)

    def build() -> None:
        start.wait()
        made = []
        for name in names:
            e = symbol(name)
            for i in range(20):
                e = e * e + i
            made.append(e)
        found.append(made)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=build) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert all(a is b for made in found[1:] for a, b in zip(found[0], made, strict=True))


def test_what_another_thread_made_in_the_meantime_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other thread is at work between the first look and the lock."""

    class Lock:
        def __enter__(self) -> None:
            monkeypatch.undo()
            meanwhile.append(symbol("contended"))

        def __exit__(self, *error: object) -> None:
            pass

    meanwhile: list[Expr] = []
    monkeypatch.setattr(_Entry, "lock", Lock())
    assert symbol("contended") is meanwhile[0]


@pytest.mark.parametrize("depth", [100_000])
def test_deep_expressions_are_freed_on_a_small_stack(depth: int) -> None:
    code = f"""
import threading
from autograd.expr import symbol
import autograd as ag

def run():
    e = symbol("x")
    for i in range({depth}):
        e = ag.tanh(e) if i % 2 else e * e
    del e
    print("freed")

threading.stack_size(1024 * 1024)
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "freed\n", done.stderr


# ------------------------------------------------------------------------------------------- constants


@pytest.mark.parametrize("number", [1, 1.0, True, Fraction(1), Fraction(2, 2), np.float64(1), np.int32(1)])
def test_one_is_one_of_whatever_kind(number: Any) -> None:
    assert constant(number) is constant(1)
    assert type(constant(number).number) is int


def test_constants_of_other_kinds_are_told_apart() -> None:
    half, exact_half, mp_half = constant(0.5), constant(Fraction(1, 2)), constant(mpmath.mpf("0.5"))
    assert len({half, exact_half, mp_half}) == 3
    assert constant(np.float64(0.5)) is half
    assert constant(mpmath.mpf("0.5")) is mp_half
    assert constant(0.1) is constant(0.1)
    with mpmath.workdps(50):
        assert constant(mpmath.mpf("0.1")) is not constant(mpmath.mpf(0.1))
    assert constant(sympy.Symbol("a")) is not constant(sympy.Symbol("a", positive=True))


def test_minus_zero_and_nan_stay_what_they_are() -> None:
    assert math.copysign(1, constant(-0.0).number) == -1
    assert constant(-0.0) is not constant(0.0)
    assert constant(0.0) is constant(0)
    assert constant(math.nan) is constant(float("nan"))
    assert math.isnan(constant(math.nan).number)
    assert constant(math.inf) is not constant(-math.inf)


def test_whole_floats_that_have_all_their_digits_become_ints() -> None:
    assert constant(2.0**53 - 1).number == 2**53 - 1
    assert type(constant(2.0**53).number) is float
    assert constant(10**5000).number == 10**5000
    assert constant(x) is x


@pytest.mark.parametrize("wrong", ["1", None, 1j, [1], Value(1.0)])
def test_what_is_no_constant_is_refused(wrong: Any) -> None:
    with pytest.raises(NumberError):
        constant(wrong)


@pytest.mark.parametrize("wrong", ["", 3, None, ["x"]])
def test_what_is_no_name_is_refused(wrong: Any) -> None:
    with pytest.raises(SettingError, match="name of a symbol"):
        symbol(wrong)


def test_symbols_are_separated_by_blanks_or_commas() -> None:
    assert symbols("x y") == symbols("x,y") == symbols("x, y") == symbols(["x", "y"]) == [x, y]


# ------------------------------------------------------------------------------------------ arithmetic


@pytest.mark.parametrize(
    ("made", "written"),
    [
        (x + 0, "x"), (0 + x, "x"), (x - 0, "x"), (0 - x, "-x"), (x * 1, "x"), (1 * x, "x"), (x / 1, "x"),
        (x**1, "x"), (x ** Fraction(1), "x"), (x * -1, "-x"), (-1 * x, "-x"), (+x, "x"),
        (Fraction(1) * x, "x"),
        (x + 2, "x + 2"), (2 + x, "2 + x"), (x - 2, "x - 2"), (2 - x, "2 - x"), (x * 2, "x * 2"),
        (2 * x, "2 x"),
        (x / 2, "x / 2"), (2 / x, "2 / x"), (x**2, "x^2"), (2**x, "2^x"), (x**y, "x^y"), (abs(x), "abs(x)"),
        (x < y, "x < y"), (x <= y, "x <= y"), (x > y, "y < x"), (x >= y, "y <= x"), (x > 0, "x > 0"),
        (x >= 0, "x >= 0"), (x < 0, "x < 0"), (x * 1.0, "x * 1"), (x + 0.0, "x + 0"),
        (np.float64(2) * x, "2 x"), (x / np.float64(4), "x / 4"),
    ],
)  # fmt: skip
def test_arithmetic_is_recorded_and_neutral_ints_leave_no_trace(made: Expr, written: str) -> None:
    assert repr(made) == written


def test_a_variable_exponent_is_another_primitive_than_a_constant_one() -> None:
    assert (x**2).op is OPS["power"]
    assert (x**y).op is OPS["general_power"]
    assert (2**x).op is OPS["general_power"]


@pytest.mark.parametrize("wrong", ["1", None, [1]])
def test_what_is_no_number_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError):
        x + wrong
    with pytest.raises(TypeError):
        wrong - x
    with pytest.raises(NumberError):
        ag.maximum(x, wrong)


def test_next_to_a_value_an_expression_is_a_number() -> None:
    v = Value(x)
    for out in (v * y, y * v, ag.maximum(v, y), ag.maximum(y, v)):
        assert isinstance(out, Value)
    assert (y * v).data is y * x


# ------------------------------------------------------------------------------- what a symbol cannot do


def branch(e: Expr) -> None:
    if e > 0:
        pass


def loop(e: Expr) -> None:
    while e < 3:
        e = e + 1


@pytest.mark.parametrize(
    "misuse",
    [
        branch, loop, bool, lambda e: e and 1, lambda e: not e, lambda e: max(e, 1), lambda e: min(e, e + 1),
        lambda e: sorted([e, e + 1]), lambda e: [1] if e < 2 <= 3 else [],
    ],
)  # fmt: skip
def test_branching_raises_an_error_with_the_line_and_the_alternative(misuse: Callable[[Expr], Any]) -> None:
    with pytest.raises(TracingError, match=r"where\(condition, a, b\).*maximum\(a, b\)") as caught:
        misuse(x)
    assert __file__ in str(caught.value)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    "misuse",
    [
        float, int, round, math.exp, math.floor, range, lambda e: [1, 2][e], lambda e: round(e, 2),
        lambda e: "ab" * e, lambda e: f"{float(e):.2f}",
    ],
)  # fmt: skip
def test_use_as_a_plain_number_raises_an_error_with_the_line(misuse: Callable[[Expr], Any]) -> None:
    with pytest.raises(TracingError, match="functions of autograd") as caught:
        misuse(x)
    assert __file__ in str(caught.value)


def test_the_error_shows_a_long_formula_shortened_and_the_line_of_the_user() -> None:
    with pytest.raises(TracingError) as caught:
        bool(sum((symbol(f"a{i}") for i in range(100)), x) > 0)  # this very line
    assert str(caught.value).startswith("t1 > 0, where t1 = x + a0")
    assert "..." in str(caught.value)
    assert "this very line" in str(caught.value)


# -------------------------------------------------------------------------------------------- evaluating

FORMULA = (x * y - 1) ** 2 / (3 + ag.relu(x)) + Fraction(1, 3) * y


@pytest.mark.parametrize(
    "point", [{"x": Fraction(2, 7), "y": Fraction(5)}, {"x": Fraction(-1), "y": Fraction(0)}]
)
def test_fractions_give_an_exact_value(point: dict[str, Fraction]) -> None:
    a, b = point["x"], point["y"]
    expected = (a * b - 1) ** 2 / (3 + max(a, 0)) + Fraction(1, 3) * b
    assert FORMULA.evaluate(point) == expected
    assert isinstance(FORMULA.evaluate(point), Fraction)


def test_every_kind_of_number_is_taken() -> None:
    exact = FORMULA.evaluate({"x": Fraction(2, 7), "y": Fraction(5)})
    assert FORMULA.evaluate({"x": 2 / 7, "y": 5.0}) == pytest.approx(float(exact), rel=1e-15)
    with mpmath.workdps(40):
        precise = FORMULA.evaluate({"x": mpmath.mpf(2) / 7, "y": mpmath.mpf(5)})
        assert abs(precise - mpmath.mpf(exact.numerator) / exact.denominator) < mpmath.mpf("1e-38")
    assert FORMULA.evaluate({"x": sympy.Rational(2, 7), "y": 5}) == sympy.Rational(
        exact.numerator, exact.denominator
    )
    value = FORMULA.evaluate({"x": Value(Fraction(2, 7)), "y": Value(Fraction(5))})
    assert isinstance(value, Value)
    assert value.data == exact


def test_a_symbol_that_is_not_given_stays() -> None:
    assert FORMULA.evaluate({}) is FORMULA
    assert repr((x * y).evaluate({"y": 3.0})) == "x * 3"
    assert (x + y).evaluate({"x": y}) is y + y


def test_whole_constants_divide_exactly() -> None:
    third = operation("div", 1, 3)
    assert evaluate([third, third * x], {"x": Fraction(3)}) == [Fraction(1, 3), 1]
    assert evaluate([operation("power", 3, -2)], {}) == [Fraction(1, 9)]


def test_other_functions_can_stand_for_primitives() -> None:
    assert evaluate([ag.tanh(x) + 1], {"x": 5.0}, {"tanh": lambda x: 10 * x}) == [51.0]


def test_substitution_replaces_parts_wherever_they_occur() -> None:
    e = ag.exp(x * y) / (1 + x * y)
    (out,) = substitute([e], {x * y: symbol("p")})
    assert repr(out) == "exp(p) / (1 + p)"
    assert substitute([e], {}) == [e]


# ------------------------------------------------------------------------------------------- walks, copies


def test_a_walk_gives_operands_first_each_once_from_left_to_right() -> None:
    e = (x + 1) * (x + 1) - y
    assert [repr(node) for node in walk([e, x + 1])] == [
        "x",
        "1",
        "x + 1",
        "(x + 1) (x + 1)",
        "y",
        "(x + 1) (x + 1) - y",
    ]
    assert walk([e], known={(x + 1) * (x + 1)}) == [y, e]


def test_absorbed_nodes_have_a_single_user_that_goes_on_in_them() -> None:
    e = (x + y) + (x * y + 1)
    assert absorbed(walk([e]), e, lambda user, node: True) == {x + y, x * y, x * y + 1, constant(1)}
    e = (x + y) * (x + y)
    assert absorbed(walk([e]), e, lambda user, node: True) == {x, y}  # the sum is used twice


def test_copies_and_pickles_are_the_expression_itself() -> None:
    assert copy.copy(FORMULA) is FORMULA
    assert copy.deepcopy([FORMULA])[0] is FORMULA
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(FORMULA, protocol)) is FORMULA
    value = Value(x * y, "v")
    assert pickle.loads(pickle.dumps(value)).data is x * y


def test_a_pickle_with_an_unknown_primitive_is_refused_by_name() -> None:
    primitive("short_lived", lambda x: x, lambda x, out: (1,))
    try:
        pickled = pickle.dumps(OPS["short_lived"](x))
    finally:
        del OPS["short_lived"]
    with pytest.raises(FileFormatError, match="'short_lived', which is not in the table"):
        pickle.loads(pickled)


def test_a_notebook_typesets_it() -> None:
    assert (x / y)._repr_latex_() == r"$\displaystyle \frac{x}{y}$"


# --------------------------------------------------------------------------------------------- very deep

DEPTH = 100_000


@pytest.fixture(scope="module")
def deep() -> Expr:
    e = x
    for i in range(DEPTH):
        e = ag.sin(e) if i % 3 == 0 else e * y if i % 3 == 1 else e + 1
    return e


def test_a_chain_of_a_hundred_thousand_operations(deep: Expr) -> None:
    assert len(walk([deep])) == DEPTH + 3
    assert -2 < deep.evaluate({"x": 0.5, "y": 0.5}) < 2
    assert pickle.loads(pickle.dumps(deep)) is deep
    assert substitute([deep], {y: x})[0] is not deep
    text = repr(deep)
    assert "formula" not in text[:4000]
    assert len(text) < 5000
