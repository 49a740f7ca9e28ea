"""Tracing: what a function of Values computes is written down; what cannot be is refused with its place."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value, maximum, where
from autograd.errors import NameClashError, ShapeError, TracingError
from autograd.tracing import trace

w = Value(2.0, "w")


def written(function: Callable[..., Any], **settings: Any) -> dict[str, str]:
    return {name: repr(formula) for name, formula in trace(function, **settings).definitions.items()}


def test_named_quantities_are_definitions_and_values_used_are_parameters() -> None:
    def loss(x: Any, y: Any) -> Any:
        yhat = w * x
        yhat.name = "yhat"
        return (y - yhat) ** 2

    found = trace(loss)
    assert written(loss) == {"yhat": "w x", "L": "(y - yhat)^2"}
    assert (found.inputs, found.parameters, found.result) == (["x", "y"], {"w": w}, "L")


def test_names_that_are_taken_get_a_number() -> None:
    def twice(x: Any) -> Any:
        first, second = x + 1, x + 2
        first.name = second.name = "h"
        return first * second * Value(3.0, "x") * Value(3.0) * Value(1.0, "L")

    assert written(twice) == {"h": "x + 1", "h(2)": "x + 2", "L(2)": "h h(2) x(2) p2 L"}


def test_arguments() -> None:
    assert written(lambda x, *, y, z=3: x * y * z) == {"L": "x y * 3"}
    assert written(lambda x: x[0] * x[2], sizes={"x": 3}) == {"L": "x1 x3"}
    assert written(functools.partial(lambda x, y: x * y, y=2)) == {"L": "x * 2"}
    assert written(lambda x: [x * 2]) == {"L": "x * 2"}  # what an MLP with one output may return
    assert written(lambda: w) == {"L": "w"}
    with pytest.raises(TracingError, match=r"fixed list of arguments, not \*x"):
        trace(lambda *x: x[0])
    with pytest.raises(TracingError, match="cannot be read; wrap it in a lambda"):
        trace(min)
    with pytest.raises(ShapeError, match="a size was given for 'z', but the arguments are x, y"):
        trace(lambda x, y: x * y, {"z": 3})
    with pytest.raises(ShapeError, match="but the arguments are none"):
        trace(lambda: w, {"z": 3})
    for size in (0, -1, 2.0, True, "3"):
        with pytest.raises(ShapeError, match="the size of 'x' is a whole number from 1"):
            trace(lambda x: x[0], {"x": size})  # type: ignore[dict-item]
    with pytest.raises(NameClashError, match="two inputs are called x1"):
        trace(lambda x, x1: x[0] * x1, {"x": 2})


def test_what_is_returned_must_be_a_value() -> None:
    for wrong in (None, 3.0, "x", [], [w, w], (w, w)):
        with pytest.raises(TracingError, match="must return one Value"):
            trace(lambda x, wrong=wrong: wrong)


def within(z: Any) -> Any:
    return z if z < 3 else 2 * z  # the line that is named


def repeated(x: Any) -> Any:
    while x * w < 10:  # the line that is named
        x = x * 2
    return x


def nested(x: Any) -> Any:
    def inner(z: Any) -> Any:
        return within(z * w)

    return inner(x)


@pytest.mark.parametrize(
    ("function", "line"),
    [
        (lambda x: x if x > 0 else -x, "(lambda x: x if x > 0 else -x"),
        (nested, "return z if z < 3 else 2 * z  # the line that is named"),
        (repeated, "while x * w < 10:  # the line that is named"),
        (lambda x: max(x * w, 3), "(lambda x: max(x * w, 3)"),
        (lambda x: sum(sorted([x, w * x])), "(lambda x: sum(sorted([x, w * x]))"),
        (lambda x: min([x * x, w], key=lambda v: v * v), "(lambda x: min([x * x, w], key="),
        (lambda x: any(v > 0 for v in [x, w]) * x, "(lambda x: any(v > 0 for v in [x, w]) * x"),
        (lambda x: x and w, "(lambda x: x and w"),
        (lambda x: [w, w][int(x)], "(lambda x: [w, w][int(x)]"),
        (lambda x: math.exp(x * w), "(lambda x: math.exp(x * w)"),
        (lambda x: x[0] * w, "(lambda x: x[0] * w"),
        (lambda x: sum(w for _ in range(x)), "(lambda x: sum(w for _ in range(x))"),
        (lambda x: w * len(f"{x:.2f}"), "(lambda x: w * len("),
    ],
)
def test_what_needs_a_number_is_refused_with_the_line_of_the_user(
    function: Callable[[Any], Any], line: str
) -> None:
    with pytest.raises(TracingError) as caught:
        trace(function)
    assert f"{__file__}:" in str(caught.value)
    assert line in str(caught.value)


def test_the_error_names_the_alternatives_and_they_work() -> None:
    with pytest.raises(
        TracingError, match=r"Write where\(condition, a, b\) for if and else, maximum\(a, b\) for max"
    ):
        trace(lambda x: max(x, w))
    assert written(lambda x: where(x > 0, x, -x)) == {"L": "where(x > 0, x, -x)"}
    assert written(lambda x: maximum(x, w)) == {"L": "max(x, w)"}


def test_an_error_of_the_users_own_stays_what_it_is() -> None:
    with pytest.raises(KeyError):
        trace(lambda x: {}[x])
    with pytest.raises(TypeError, match="unsupported operand"):
        trace(lambda x: x * w + [])  # type: ignore[operator]


def test_a_branch_on_a_parameter_is_taken_as_its_number_says() -> None:
    assert written(lambda x: w * x if w > 1 else x) == {"L": "w x"}
