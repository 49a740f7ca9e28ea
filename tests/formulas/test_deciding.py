"""Holding a formula against the graph's: right, wrong with a counterexample, or not to be decided."""

from __future__ import annotations

from typing import Any

import pytest

from autograd import Value, abs, exp, leaky_relu, log, maximum, relu, sqrt, where
from autograd.errors import SettingError
from autograd.formulas import abstract, symbolic


def model(function: Any = lambda w, x, y: (y - w * x) ** 2, **settings: Any) -> Any:
    return symbolic(function, **settings)


def test_right_in_any_form() -> None:
    loss = model()
    w, x, y = loss.symbols("w x y")
    for mine in (-2 * (y - w * x) * x, 2 * w * x**2 - 2 * x * y, 2 * (w * x - y) * x):
        check = loss.derive("w").check(mine)
        assert check
        assert repr(check) == "right"
        assert loss.gradient("w").equals(mine)
    assert loss.gradient("w").equals(loss.gradient("w").expand_names())


def test_wrong_with_a_point_to_follow_by_hand() -> None:
    loss = model()
    w, x, y = loss.symbols("w x y")
    check = loss.derive("w").check(2 * (y - w * x) * x)
    assert not check
    # the counterexample is one
    at = check.at
    assert check.mine == 2 * (at["y"] - at["w"] * at["x"]) * at["x"] != check.graphs
    assert check.graphs == loss.gradient("w").evaluate(at)
    assert repr(check).startswith("wrong: at ")
    assert not loss.gradient("w").equals(0)
    constant = model(lambda x: 0 * x + Value(1.0, "b"))
    assert repr(constant.derive("b").check(2)) == "wrong: it is 2, and the graph says 1"


def test_named_quantities_are_shown_with_their_numbers() -> None:
    def loss(x: Any, y: Any) -> Any:
        yhat = Value(1.0, "w") * x
        yhat.name = "yhat"
        return (y - yhat) ** 2

    graph = model(loss)
    y, yhat = graph.symbols("y yhat")
    check = graph.derive("yhat").check(2 * (y - yhat))
    assert check.mine == 2 * (check.at["y"] - check.at["yhat"])


def test_both_sides_of_every_kink_are_tried() -> None:
    for function, wrong in [
        (relu, lambda x: x), (abs, lambda x: x), (lambda x: maximum(x, 1), lambda x: x),
        (lambda x: leaky_relu(x, 0.25), lambda x: x), (lambda x: where(x > 0, x, x**2), lambda x: x),
    ]:  # fmt: skip
        graph = model(lambda x, function=function: function(x - 3) * x)
        (x,) = graph.symbols("x")
        assert graph.formula.equals(function(x - 3) * x)
        assert not graph.formula.equals(wrong(x - 3) * x)


def test_an_abstract_function_is_some_cubic() -> None:
    f = abstract("f")
    graph = model(lambda z: f(z) ** 2)
    (z,) = graph.symbols("z")
    derivative = graph.gradient("z").expr
    assert graph.derive("z").check(derivative)
    check = graph.derive("z").check(2 * f(z) * f(z))
    assert not check
    assert "z^3 + " in repr(check)


def test_transcendental_functions_are_compared_as_floats() -> None:
    graph = model(lambda x: log(x) + exp(sqrt(x)))
    (x,) = graph.symbols("x")
    assert graph.derive("x").check(1 / x + exp(sqrt(x)) / (2 * sqrt(x)))
    assert not graph.derive("x").check(1 / x + exp(sqrt(x)) / (2.000001 * sqrt(x)))
    assert model(lambda x: x**0.5).formula.equals(sqrt(model(lambda x: x).symbols("x")[0]))


def test_where_nothing_has_a_value_nothing_is_decided() -> None:
    graph = model(lambda x: log(-(x**2) - 1))
    check = graph.derive("L").check(1 + log(-(graph.symbols("x")[0] ** 2) - 1))
    assert not check
    assert repr(check) == "undecided: no point was found where both have a value"


def test_a_batch_is_compared_with_a_batch_of_its_kind() -> None:
    def loss(x: Any, y: Any) -> Any:
        return (y - Value(1.0, "w") * x) ** 2

    two, other, one = model(loss, rows=2), model(loss, rows=3), model(loss)
    assert two.gradient("w").equals(two.gradient("w").expand_names())
    assert two.gradient("w").equals(two.gradient("w").expr)  # what stands behind the sum
    for unlike in (other, one):
        with pytest.raises(SettingError, match="summed over rows and the other not, or over others"):
            two.gradient("w").equals(unlike.gradient("w"))


def test_a_name_that_the_graph_does_not_have() -> None:
    from autograd.expr import symbol

    with pytest.raises(SettingError, match="nothing named 'x_1'; did you mean x1"):
        symbolic(lambda x: x[0] * x[1], sizes={"x": 2}).formula.equals(symbol("x_1"))
