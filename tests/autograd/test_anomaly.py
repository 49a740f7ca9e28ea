"""`detect_anomaly` names the operation, its operands and the line behind the first nan or inf."""

import gc
import math
import threading
import weakref
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import mpmath
import pytest

import autograd
from autograd import Value, anomaly, detect_anomaly, grad, value
from autograd.errors import AnomalyError, ChalkgradError


@pytest.fixture(autouse=True)
def engine_is_put_back() -> Iterator[None]:
    yield
    assert (value._watch, value._new) == (None, object.__new__)


def here(offset: int = 0) -> str:
    """This file and the line of the caller, as errors show them."""
    import sys

    return f"{__file__}:{sys._getframe(1).f_lineno + offset}: "


def test_forward() -> None:
    x = Value(0.0, "x")
    place = here(2)
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        x.log()  # the culprit
    assert str(caught.value) == f"log(x) = -inf, where x = 0 (made in {place}x.log()  # the culprit)"
    assert isinstance(caught.value, ArithmeticError)
    assert isinstance(caught.value, ChalkgradError)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: 1 / x, "div(1, x) = inf, where x = 0 "),
        (lambda x: x / x, "div(x, x) = nan, where x = 0 "),
        (lambda x: (x + 1e200) * Value(1e200), "mul(1e+200, 1e+200) = inf (made"),
        (lambda x: autograd.sum([x, math.inf]), "sum(x, inf) = inf, where x = 0 "),
        (
            lambda x: autograd.sum([x] + [1.0] * 8 + [math.nan]),
            "sum(x, 1, 1, 1, 1, 1, 1, 1, ...) = nan, where x",
        ),
        (lambda x: (x - 1) ** 0.5, "power(-1, 0.5) = nan (made"),
        (lambda x: Value(math.nan, "bad") + x, "add(bad, x) = nan, where bad = nan, x = 0 "),
        (lambda x: Value(mpmath.mpf(0), "m").log(), "log(m) = -inf, where m = 0.0 "),
        (lambda x: Value(Value(0.0, "inner")).log(), "log(inner) = -inf, where inner = 0 "),
    ],
)
def test_operation_and_operands_are_named(make: Callable[[Value], Any], message: str) -> None:
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        make(Value(0.0, "x"))
    assert str(caught.value).startswith(message)


def test_what_is_finite_passes() -> None:
    import sympy

    with detect_anomaly():
        (Value(1.0) + 2).tanh().backward()
        Value(Fraction(10**400)) * 10**400  # beyond all floats, and exact
        Value(mpmath.mpf("1e400")) * 2
        (Value(sympy.Symbol("x")) / sympy.Symbol("y")).backward()
        Value(math.inf)  # leaves are the user's
    assert math.isinf((1 / Value(0.0)).data)  # and outside IEEE goes on


def test_backward() -> None:
    x = Value(0.0, "x")
    w = Value(3.0, "w")
    with detect_anomaly():
        place = here(1)
        root = x.sqrt()
        loss = root * w
        w.grad = 5.0
        with pytest.raises(AnomalyError) as caught:
            loss.backward()
    assert str(caught.value) == (
        "backward() makes the gradient of x inf: the local derivative of sqrt(x) is inf, where x = 0 "
        f"(made in {place}root = x.sqrt())"
    )
    assert (x.grad, w.grad, root.grad, loss.grad) == (0, 5.0, 0, 0)  # as if it had not been called


def test_backward_overflows_where_no_local_derivative_does() -> None:
    x = Value(1e-200)
    with detect_anomaly():
        big = x * 1e200
        loss = big * 1e200 * 1e-100
        with pytest.raises(AnomalyError) as caught:
            (loss * 1e100).backward()
    message = (
        "backward() makes the gradient of an unnamed Value inf: the contribution of mul(1e-200, 1e+200) is"
    )
    assert str(caught.value).startswith(f"{message} inf (made in")


def test_what_was_made_outside_has_no_line() -> None:
    root = Value(0.0, "x").sqrt()
    with pytest.raises(AnomalyError, match=r"where x = 0 \(made in an unknown line\)"), detect_anomaly():
        root.backward()


def test_gradients_of_functions_are_watched_too() -> None:
    with pytest.raises(AnomalyError, match=r"inf: the local derivative of sqrt\(0\)"), detect_anomaly():
        grad(autograd.sqrt)(0.0)
    assert grad(autograd.sqrt)(0.0) == math.inf


def test_a_branch_that_where_discards() -> None:
    x = Value(0.0, "x")
    with detect_anomaly():
        with pytest.raises(AnomalyError, match="log"):
            autograd.where(x > 0, x.log(), 1 - x)  # log(0) comes first
        safe = autograd.where(x > 0, x, 1.0)
        autograd.where(x > 0, safe.log(), 1 - x).backward()  # the way round it
    assert x.grad == -1.0
    with detect_anomaly():
        autograd.where(x <= 0, 1 - x, x.sqrt()).backward()  # sqrt'(0) is inf, and no gradient gets there
    assert x.grad == -2.0


def test_contexts_nest() -> None:
    x = Value(0.0, "x")
    watch = detect_anomaly()
    with watch:
        with watch, detect_anomaly():
            root = x.sqrt()
        with pytest.raises(AnomalyError, match=r"test_anomaly\.py:\d+: root = x\.sqrt\(\)"):
            root.backward()
        with pytest.raises(AnomalyError):
            x.log()
    x.log()


def test_an_exception_ends_the_watch() -> None:
    with pytest.raises(KeyError), detect_anomaly():
        raise KeyError
    Value(0.0).log()


def in_thread(work: Callable[[], None]) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


def test_other_threads_are_not_watched() -> None:
    x = Value(0.0)

    def elsewhere() -> None:
        assert x.log() not in anomaly._watch._places
        x.sqrt().backward()

    with detect_anomaly():
        in_thread(elsewhere)
        with pytest.raises(AnomalyError):
            x.log()
    assert x.grad == math.inf


def test_contexts_of_two_threads_may_end_in_any_order() -> None:
    entered, leave = threading.Event(), threading.Event()

    def other() -> None:
        with detect_anomaly():
            entered.set()
            leave.wait(10)
            with pytest.raises(AnomalyError):
                Value(0.0).log()

    first = detect_anomaly()
    first.__enter__()
    thread = threading.Thread(target=other)
    thread.start()
    entered.wait(10)
    with pytest.raises(AnomalyError):
        Value(0.0).log()
    first.__exit__(None, None, None)
    Value(0.0).log()
    leave.set()
    thread.join()
    Value(0.0).log()


def test_nothing_is_kept_alive() -> None:
    gc.disable()
    try:
        with detect_anomaly():
            node = Value(1.0) + 1
            gone = weakref.ref(node)
            del node
            assert gone() is None
    finally:
        gc.enable()


def test_gradients_inside_are_those_outside() -> None:
    def make() -> tuple[Value, Value]:
        x = Value(0.3)
        return (x.exp() * x + autograd.sum([x, x, x]).tanh()) ** 2, x

    root, x = make()
    root.backward()
    with detect_anomaly():
        watched, y = make()
        watched.backward()
    assert (watched.data, y.grad) == (root.data, x.grad)
    root.backward()
    with detect_anomaly():
        watched.backward()
    assert y.grad == x.grad
