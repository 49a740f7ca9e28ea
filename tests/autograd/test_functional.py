"""`grad` and its relatives, nested in every way, and `gradcheck`."""

import functools
import math
import threading
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import (
    OPS,
    Value,
    derivative,
    exp,
    grad,
    gradcheck,
    hessian,
    jacobian,
    log,
    primitive,
    sin,
    tanh,
    value_and_grad,
)
from autograd.errors import ChalkgradError, GradientError, NumberError, SettingError, ShapeError

F = Fraction
fractions = st.fractions(min_value=-5, max_value=5, max_denominator=7)


# ----------------------------------------------------------------------------------- first derivatives


@given(fractions, fractions, fractions)
def test_gradient_has_the_shape_of_the_argument(a: F, b: F, c: F) -> None:
    def f(x: Any) -> Any:
        (p, q), r = x
        return p * p * q - r * p + 3

    assert grad(f)([[a, b], c]) == [[2 * a * b - c, a * a], -a]
    assert grad(f)(((a, b), c)) == [[2 * a * b - c, a * a], -a]
    assert value_and_grad(f)([[a, b], c]) == (a * a * b - c * a + 3, [[2 * a * b - c, a * a], -a])


def test_any_argument_can_be_the_one() -> None:
    def f(x: Any, y: Any, scale: Any) -> Any:
        return scale * x * x * y[0]

    assert grad(f)(2.0, [3.0], 5.0) == 60.0
    assert grad(f, 1)(2.0, [3.0], 5.0) == [20.0]
    assert grad(f, -1)(2.0, [3.0], 5.0) == 12.0
    assert grad(f, argument=2)(2.0, [3.0], 5.0) == 12.0
    for argument in (3, -4):
        with pytest.raises(ShapeError, match=f"argument {argument} was asked for, but only 3 were given"):
            grad(f, argument)(2.0, [3.0], 5.0)


def test_plain_numbers_come_back() -> None:
    value, slope = value_and_grad(lambda x: x * 2)(1)
    assert (type(value), type(slope)) == (float, float)
    value, slope = value_and_grad(lambda x: x * 2)(F(1, 3))
    assert (value, type(value), slope) == (F(2, 3), F, 2)


def test_a_constant_function_has_gradient_zero() -> None:
    assert value_and_grad(lambda x: 7.0)([1.0, 2.0]) == (7.0, [0, 0])
    assert grad(lambda x: Value(7.0))([1.0, 2.0]) == [0, 0]
    assert grad(lambda x: 1.0)([]) == []
    assert grad(lambda x: x[0] * 2)([1.0, 2.0]) == [2.0, 0]


def test_branches_and_loops_are_those_of_the_run() -> None:
    def f(x: Any) -> Any:
        while x < 10:
            x = x * x if x > 1 else x + 1
        return x

    assert grad(f)(F(1, 2)) == 8 * F(3, 2) ** 7  # (x + 1)^8
    assert grad(f)(F(3)) == 4 * 3**3  # x^4
    assert grad(f)(F(11)) == 1


@pytest.mark.parametrize(
    "result", [None, "7", 1j, {"a": 1.0}, float], ids=["None", "text", "complex", "dict", "type"]
)
def test_what_is_no_number_is_refused(result: Any) -> None:
    for transform in (grad, value_and_grad, jacobian, hessian, gradcheck):
        with pytest.raises(NumberError, match="not a real number"):
            transform(lambda x: result)(1.0) if transform is not gradcheck else gradcheck(
                lambda x: result, 1.0
            )


@pytest.mark.parametrize("result", [[], [1.0], (1.0, 2.0)])
def test_a_list_needs_jacobian(result: Any) -> None:
    with pytest.raises(ShapeError, match=f"returned a {type(result).__name__}; use jacobian"):
        grad(lambda x: result)(1.0)
    with pytest.raises(ShapeError, match="check its outputs one by one"):
        gradcheck(lambda x: result, 1.0)


def test_errors_of_the_function_come_through_and_leave_no_trace() -> None:
    def fails(x: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        grad(lambda y: grad(fails)(y) * y)(2.0)
    assert grad(lambda x: x * x)(3.0) == 6.0
    assert type(grad(lambda x: x * x)(3.0)) is float  # not nested more deeply than before


# --------------------------------------------------------------------------------- values of the user's


def test_values_that_the_function_uses_keep_their_gradients() -> None:
    w, b = Value(2.0, "w"), Value(1.0, "b")
    computed = w * b
    computed.backward()
    before = w.grad, b.grad, computed.grad
    assert value_and_grad(lambda x: computed * x + w * x)(3.0) == (12.0, 4.0)
    assert jacobian(lambda x: [computed * x, w])(3.0) == [2.0, 0]
    gradcheck(lambda x: computed * x, 3.0)
    assert (w.grad, b.grad, computed.grad) == before
    computed.backward()
    assert (w.grad, b.grad) == (2 * before[0], 2 * before[1])


def test_gradient_at_a_value_is_connected_to_it() -> None:
    v = Value(F(3), "v")
    slope = grad(lambda x: x**3 * v)(v)  # v within the function is a constant: 3 x^2 v at x = v
    assert slope.data == 81
    slope.backward()  # and now it is not: d/dv 3 v^3
    assert v.grad == 81
    value, slope = value_and_grad(lambda x: x * x)(v * 2)
    assert (value.data, slope.data) == (36, 12)
    v.grad = 0
    (value + slope).backward()
    assert v.grad == 8 * 3 + 4


def test_a_deeper_value_than_the_arguments_is_refused_and_not_ignored() -> None:
    deep = Value(Value(2.0))
    with pytest.raises(NumberError, match="not among its arguments"):
        grad(lambda x: x * deep)(3.0)
    assert grad(lambda x, w: x * w)(3.0, deep).data.data == 2.0


# --------------------------------------------------------------------------------- nested differentiation


def test_perturbation_confusion() -> None:
    """Siskind and Pearlmutter (2005): x times the derivative of x + y by y is x, and its derivative is 1."""
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(1.0))(F(3)) == 6
    assert grad(lambda x: x * grad(lambda y: x)(1.0))(1.0) == 0
    assert grad(lambda x: grad(lambda y: grad(lambda z: x * y * z)(1.0) * y)(F(5)))(F(2)) == 10


@given(fractions, fractions)
def test_nested_both_ways_round(a: F, b: F) -> None:
    """HIPS/autograd#4, pytorch#32576: mixed derivatives, each order, inner point inside and outside."""

    def f(x: Any, y: Any) -> Any:
        return x**3 * y**2 + x * y

    mixed = 6 * a * a * b + 1
    assert grad(lambda x: grad(lambda y: f(x, y))(b))(a) == mixed
    assert grad(lambda y: grad(lambda x: f(x, y))(a))(b) == mixed
    assert grad(grad(f, 0), 1)(a, b) == mixed
    assert grad(grad(f, 1), 0)(a, b) == mixed
    # the inner derivative, 2 x^3 y + x, taken at a y that depends on the outer variable
    assert grad(lambda x: grad(lambda y: f(x, y))(x))(a) == 8 * a**3 + 1
    assert grad(lambda x: grad(lambda y: f(x, y))(x * b))(a) == 8 * a**3 * b + 1


@given(fractions)
def test_a_derivative_as_a_function_value(a: F) -> None:
    def newton_step(f: Callable[[Any], Any], x: Any) -> Any:
        return x - f(x) / grad(f)(x)

    def f(x: Any) -> Any:
        return x * x + 1

    if a:  # the derivative of a Newton step is f f'' / f'^2
        assert grad(lambda x: newton_step(f, x))(a) == f(a) * 2 / (2 * a) ** 2


def test_a_closure_over_both_variables() -> None:
    def outer(x: Any) -> Any:
        def inner(y: Any) -> Any:
            return [x * y, x + y, y * y]

        return functools.reduce(lambda a, b: a + b, jacobian(inner)(x * x))  # x + 1 + 2 x^2

    assert grad(outer)(F(5)) == 1 + 4 * 5


def test_threads_do_not_nest_in_each_other() -> None:
    inside, outside = threading.Event(), threading.Event()
    results = []

    def other() -> None:
        inside.wait(10)
        results.append(grad(lambda y: y * y)(3.0))
        outside.set()

    def f(x: Any) -> Any:
        inside.set()
        outside.wait(10)
        return x * x

    thread = threading.Thread(target=other)
    thread.start()
    assert grad(f)(2.0) == 4.0
    thread.join()
    assert results == [6.0]
    assert type(results[0]) is float


# ------------------------------------------------------------------------------------- higher derivatives


POLYNOMIAL = sympy.Poly.from_list([3, -2, 0, 7, 1, -5], sympy.Symbol("x"))


@pytest.mark.parametrize("n", range(8))
def test_nth_derivative_of_a_polynomial_is_exact(n: int) -> None:
    def f(x: Any) -> Any:
        return 3 * x**5 - 2 * x**4 + 7 * x**2 + x - 5

    x = F(2, 3)
    expected = POLYNOMIAL.as_expr().diff("x", n).subs("x", sympy.Rational(2, 3))
    assert derivative(f, n)(x) == F(int(expected.p), int(expected.q))


FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "exp sin": (lambda x: exp(x) * sin(x), lambda x: sympy.exp(x) * sympy.sin(x)),
    "tanh": (lambda x: tanh(x * x + 1), lambda x: sympy.tanh(x * x + 1)),
    "log power": (lambda x: log(x + 2) ** 3 / x, lambda x: sympy.log(x + 2) ** 3 / x),
    "x^x": (lambda x: x**x, lambda x: x**x),
    "sigmoid": (lambda x: autograd.sigmoid(2 * x), lambda x: 1 / (1 + sympy.exp(-2 * x))),
    "erf": (lambda x: autograd.erf(x), lambda x: sympy.erf(x)),
    "sqrt atan": (lambda x: autograd.sqrt(autograd.atan(x)), lambda x: sympy.sqrt(sympy.atan(x))),
}


@pytest.mark.parametrize("n", range(5))
@pytest.mark.parametrize("name", FUNCTIONS)
def test_nth_derivative_agrees_with_sympy(name: str, n: int) -> None:
    f, formula = FUNCTIONS[name]
    x = sympy.Symbol("x")
    expected = formula(x).diff(x, n).subs(x, sympy.Rational(3, 4)).evalf(30)
    assert derivative(f, n)(0.75) == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_nth_derivative_to_fifty_digits(n: int) -> None:
    with mpmath.workdps(50):
        x = mpmath.mpf(3) / 4
        ours = derivative(lambda x: exp(x) * sin(x) / x, n)(x)
        with mpmath.workdps(90):
            expected = mpmath.diff(lambda x: mpmath.exp(x) * mpmath.sin(x) / x, x, n)
        assert abs(ours - expected) < mpmath.mpf(10) ** -45 * abs(expected)


@pytest.mark.parametrize("n", [-1, 1.5, math.inf, math.nan])
def test_order_of_a_derivative(n: Any) -> None:
    with pytest.raises(SettingError, match="order of a derivative"):
        derivative(lambda x: x, n)


@given(st.lists(fractions, min_size=3, max_size=3))
def test_hessian_is_exact_and_symmetric(x: list[F]) -> None:
    def f(x: Any) -> Any:
        a, b, c = x
        return a**2 * b - 4 * b * c**3 + a * c

    a, b, c = x
    expected = [[2 * b, 2 * a, 1], [2 * a, 0, -12 * c * c], [1, -12 * c * c, -24 * b * c]]
    assert hessian(f)(x) == expected


def test_hessian_of_nested_lists_and_of_one_number() -> None:
    assert hessian(lambda x: x**4)(F(2)) == 48
    second = hessian(lambda x: x[0][0] * x[0][1] * x[1][0])([[F(2), F(3)], [F(5)]])
    assert second == [
        [[[0, 5], [3]], [[5, 0], [2]]],
        [[[3, 2], [0]]],
    ]
    assert hessian(lambda p, x: x * p[0] * p[1], 1)([2.0, 3.0], 4.0) == 0
    assert hessian(lambda p, x: x * p[0] * p[1], 0)([2.0, 3.0], 4.0) == [[0, 4.0], [4.0, 0]]


def test_third_derivatives_of_two_variables() -> None:
    third = jacobian(hessian(lambda x: x[0] ** 2 * x[1] ** 2))([F(2), F(3)])
    assert third == [[[0, 12], [12, 8]], [[12, 8], [8, 0]]]


def test_jacobian_shapes() -> None:
    assert jacobian(lambda x: x * x)(F(3)) == 6
    assert jacobian(lambda x: [x, x * x, 1])(F(3)) == [1, 6, 0]
    assert jacobian(lambda x: x[0] * x[1])([F(3), F(4)]) == [4, 3]
    assert jacobian(lambda x: ([x[0]], x[1] * x[1]))((F(3), F(4))) == [[[1, 0]], [0, 8]]
    assert jacobian(lambda a, x: [a * v for v in x], 1)(F(2), [F(1), F(1), F(1)]) == [
        [2, 0, 0],
        [0, 2, 0],
        [0, 0, 2],
    ]
    assert jacobian(lambda x: [])(1.0) == []


# ---------------------------------------------------------------------------------------------- gradcheck


def test_gradcheck_passes_what_is_right() -> None:
    gradcheck(lambda x, y: autograd.logsumexp([*x, y]) * tanh(y), [0.3, -2.0, 1.0], 0.7)
    gradcheck(lambda x: x**2.5 * log(x), 3.0)
    gradcheck(lambda x: 5.0, 3.0)
    gradcheck(lambda x: x, 10**6)
    gradcheck(lambda x: x * x, F(1, 3))
    gradcheck(lambda: 1.0)


@pytest.mark.parametrize("x", [1e-9, 1e-4, 0.1, 1.0, 50.0, 1e4, 1e9])
@pytest.mark.parametrize("f", [log, autograd.sqrt, lambda x: 1 / x, lambda x: x**3 / 7, autograd.log1p])
def test_gradcheck_at_any_size_and_near_singularities(f: Callable[[Any], Any], x: float) -> None:
    gradcheck(f, x)
    gradcheck(lambda x: 0.1 * x + 1e3, x)


def test_gradcheck_beside_a_kink() -> None:
    for at in (1e-3, -1e-3, 0.01, -0.3):
        gradcheck(autograd.relu, at)
        gradcheck(abs, at)
        gradcheck(lambda x: autograd.maximum(x, 2 * x) ** 2, at)


def test_gradcheck_at_a_kink_shows_what_the_table_has() -> None:
    with pytest.raises(GradientError, match=r"argument 0   0         0      0\.5        -0\.5  <--"):
        gradcheck(autograd.relu, 0.0)
    gradcheck(abs, 0.0)  # both 0, by symmetry


def test_gradcheck_of_derivatives() -> None:
    gradcheck(grad(lambda x: tanh(x) ** 2), 0.4)
    gradcheck(lambda w: grad(lambda x: w * x * x)(2.0), 3.0)  # where the inner variable is not an argument
    gradcheck(lambda x: grad(lambda y: exp(x * y))(x), 0.5)


@pytest.fixture
def wrong() -> Any:
    yield primitive("wrong_for_gradcheck", lambda a, b: a * b, lambda a, b, out: (b, 2 * a))
    del OPS["wrong_for_gradcheck"]


def test_gradcheck_shows_a_table(wrong: Any) -> None:
    scale = Value(1.0, "scale")
    unnamed = Value(-2.0)
    with pytest.raises(GradientError) as caught:
        gradcheck(
            lambda x, y: wrong(x[0], x[1]) * y * scale * unnamed, [3.0, 4.0], 0.5, parameters=[scale, unnamed]
        )
    assert str(caught.value).splitlines() == [
        "1 of 5 gradients differ from the differences of values",
        "  by                at  analytic  numeric  difference",
        "  argument 0[0]      3        -4       -4           0",
        "  argument 0[1]      4        -6       -3          -3  <--",
        "  argument 1       0.5       -24      -24           0",
        "  parameter scale    1       -12      -12           0",
        "  parameter 1       -2         6        6           0",
    ]
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, ChalkgradError)


def test_gradcheck_finds_nan_and_inf() -> None:
    with pytest.raises(GradientError, match="inf"):
        gradcheck(autograd.sqrt, 0.0)
    with pytest.raises(GradientError, match="nan"):
        gradcheck(log, -1.0)


def test_tolerance_of_gradcheck() -> None:
    nearly = primitive("nearly", lambda x: x * x, lambda x, out: (2.001 * x,))
    try:
        gradcheck(nearly, 1.0, tolerance=1e-2)
        with pytest.raises(GradientError):
            gradcheck(nearly, 1.0, tolerance=1e-4)
    finally:
        del OPS["nearly"]


def test_gradcheck_restores_everything() -> None:
    w = Value(F(1, 3), "w")
    w.grad = 42
    other = Value(F(1, 2))
    inner = other * 2
    inner.backward()
    before = (w.data, w.grad, inner.grad, other.grad)
    gradcheck(lambda x: w * x * inner, 2.0, parameters=[w])
    assert (w.data, w.grad, inner.grad, other.grad) == before
    assert type(w.data) is F

    calls = 0

    def fails_later(x: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise ZeroDivisionError("mine")
        return w * x

    with pytest.raises(ZeroDivisionError, match="mine"):
        gradcheck(fails_later, 2.0, parameters=[w])
    assert (w.data, w.grad, inner.grad, other.grad) == before
    assert type(grad(lambda x: x * x)(3.0)) is float


@pytest.mark.parametrize("x", ["3", None, 1j, Value(3.0)], ids=["text", "None", "complex", "Value"])
def test_gradcheck_takes_plain_numbers(x: Any) -> None:
    with pytest.raises(NumberError):
        gradcheck(lambda x: x, x)
