"""Formulas: made, evaluated on every kind of number, written as source, simplified, and refused."""

from __future__ import annotations

import gc
import math
import re
from fractions import Fraction
from typing import Any

import pytest

from autograd import OPS, Value, dot, exp, grad, log, logsumexp, power, sin, tanh, where
from autograd.errors import NameClashError, SettingError, ShapeError, TracingError
from autograd.expr import constant, operation, symbol, symbols
from autograd.formulas import abstract, symbolic
from autograd.formulas.simplifying import simplify
from autograd.names import latex_name
from autograd.notation import latex, text
from autograd.source import python
from nn import MLP


def loss_of(net: Any) -> Any:
    return lambda x1, x2, y: (y - net([x1, x2])) ** 2


# ------------------------------------------------------------------------------------- kinds of numbers


def test_the_same_formula_on_every_kind_of_number() -> None:
    mpmath = pytest.importorskip("mpmath")
    net = MLP(2, [2, 1], activation="linear", seed=1)
    model = symbolic(loss_of(net))
    third = {name: Fraction(k + 1, 3) for k, name in enumerate([*model.inputs, *model.parameters])}

    # exactly the eager graph's, on Fractions
    for name, p in model.parameters.items():
        p.data = third[name]
    out = loss_of(net)(*[third[name] for name in ("x1", "x2", "y")])
    out.backward()
    assert model.formula.evaluate(third) == out.data
    for name, p in model.parameters.items():
        assert model.gradient(name).evaluate(third) == p.grad
        assert isinstance(p.grad, Fraction)

    floats = {name: float(x) for name, x in third.items()}
    assert model.formula.evaluate(floats) == pytest.approx(float(out.data), rel=1e-14)
    digits = {name: mpmath.mpf(x.numerator) / x.denominator for name, x in third.items()}
    with mpmath.workdps(40):
        assert model.gradient("w1_11").evaluate(digits) == pytest.approx(
            float(model.gradient("w1_11").evaluate(third)), rel=1e-14
        )
    values = {name: Value(x, name) for name, x in third.items()}
    again = model.gradient("w1_11").evaluate(values)
    again.backward()
    assert values["w2_11"].grad == model.gradient("w1_11", "w2_11").evaluate(third)  # the second derivative
    part = model.gradient("w1_11").evaluate(
        {"y": symbol("target")} | {n: x for n, x in third.items() if n != "y"}
    )
    assert part.evaluate({"target": third["y"]}) == model.gradient("w1_11").evaluate(third)


def test_numbers_over_a_batch() -> None:
    model = symbolic(lambda x, y: (y - Value(0.5, "w") * x) ** 2, rows=2, reduce="mean")
    assert model.formula.evaluate({"x": [1.0, 2.0], "y": [1.0, 3.0]}) == (0.25 + 4) / 2
    assert model.gradient("x").evaluate({"x": 1.0, "y": 1.0}) == -2 * 0.5 * 0.5 / 2
    for wrong in (1.0, [1.0], [1.0, 2.0, 3.0]):
        with pytest.raises(ShapeError, match="x needs a list of 2 numbers, one for each row"):
            model.formula.evaluate({"x": wrong, "y": [1.0, 3.0]})
    with pytest.raises(SettingError, match="a value is missing for y"):
        model.gradient("x").evaluate({"x": 1.0})
    with pytest.raises(SettingError, match="take it for one row"):
        model.formula.python()
    assert repr(model) == "L = 1/2 sum_(i=1)^2 (y(i) - w x(i))^2"


def test_what_is_asked_for_wrongly() -> None:
    with pytest.raises(SettingError, match="reduce is 'sum' or 'mean'; got 'max'"):
        symbolic(lambda x: x, reduce="max")
    for rows in (0, -1, 2.0, True):
        with pytest.raises(SettingError, match="rows is a whole number from 1"):
            symbolic(lambda x: x, rows=rows)  # type: ignore[arg-type]
    model = symbolic(lambda x: x * Value(2.0, "weight"))
    with pytest.raises(SettingError, match="needs the name to differentiate by"):
        model.gradient()
    assert repr(symbolic(loss_of(MLP(2, [1]))).gradient("w1_11", "yhat")) == "2 x1"
    with pytest.raises(SettingError, match="nothing named 'wieght'; did you mean weight"):
        model.derive("wieght")
    for rate in (0, -0.1, float("nan"), float("inf")):
        with pytest.raises(SettingError, match="a learning rate is a number above 0"):
            model.derive("weight", learning_rate=rate)


def test_everything_has_every_form() -> None:
    sympy = pytest.importorskip("sympy")
    model = symbolic(loss_of(MLP(2, [2, 1], activation="linear", init="ones")))
    at = {"x1": 8, "x2": 7, "y": 5}
    derivation = model.derive("w1_11", at=at)
    for thing in (model.formula, model.gradient("w1_11"), derivation):
        assert thing.text == repr(thing)
        assert thing._repr_latex_() == rf"$\displaystyle {thing.latex}$"
        assert isinstance(thing.sympy(), sympy.Expr)
        source: dict[str, Any] = {}
        exec(thing.python("of_floats"), source)
        numbers = [
            at.get(name, 1.0 if name[0] == "w" else 0.0) for name in [*model.inputs, *model.parameters]
        ]
        assert source["of_floats"](*map(float, numbers)) == thing.evaluate(at)
    assert derivation.value == 400
    assert model.derive()._repr_latex_().startswith(r"$\displaystyle \begin{gathered}")
    assert model._repr_latex_().startswith(r"$\displaystyle \begin{aligned}O_{11} &= ")


# ------------------------------------------------------------------------------------ abstract functions


def test_an_abstract_function() -> None:
    f = abstract("f")
    assert abstract("f") is f
    model = symbolic(lambda x: f(f(x)))
    assert repr(model.gradient("x")) == "f'(f(x)) f'(x)"
    assert model.gradient("x").evaluate({"f": sin, "x": 0.3}) == pytest.approx(
        grad(lambda x: sin(sin(x)))(0.3)
    )
    assert model.gradient("x", "x").evaluate({"f": tanh, "x": 0.3}) == pytest.approx(
        grad(grad(lambda x: tanh(tanh(x))))(0.3)
    )
    source: dict[str, Any] = {}
    exec(model.gradient("x", "x").python(), source)
    assert source["formula"](sin, 0.3) == pytest.approx(grad(grad(lambda x: sin(sin(x))))(0.3))
    with pytest.raises(NameClashError, match="tanh is a primitive with known values"):
        abstract("tanh")
    with pytest.raises(TracingError, match="f is abstract and has no values"):
        f(0.3)
    with pytest.raises(SettingError, match="a value is missing for f"):
        model.formula.evaluate({"x": 0.3})


# ---------------------------------------------------------------------------------------- simplification

x, y, w, v = symbols("x y w v")


@pytest.mark.parametrize(
    ("expr", "simple"),
    [
        (where(x > 0, 2 * w, 0) * 3 + where(x > 0, 0, 5 * w * w), "where(x > 0, 6 w, 5 w^2)"),
        (where(x > 0, w, 0) + where(y > 0, 0, w), "where(x > 0, w, 0) + where(y > 0, 0, w)"),
        (where(x > 0, w, v) * w + where(x > 0, w, v) * y, "where(x > 0, w, v) w + where(x > 0, w, v) y"),
        (where(x > 0, w, 3) * (w * v) + where(x > 0, y, 2) * (sin(y) * exp(x)),
         "where(x > 0, w, 3) w v + where(x > 0, y, 2) sin(y) exp(x)"),
        (where(x > 0, 0, -2 * y) / 2, "-where(x > 0, 0, y)"),
        (2 * (0.01 * w), "0.02 w"),
        (x * constant(-0.3), "-0.3 x"),
        (-4 * (0.01 * w), "-0.04 w"),
        (3 * (0.01 * w), "3 * 0.01 w"),
        (2 * (0.01 * w) + 0.01 * w, "3 * 0.01 w"),
        (2 * (1e-300 * w), "2 * 1e-300 w"),
        (2 * (0.01 * w) * 0.02, "2 * 0.01 * 0.02 w"),
        ((x - y) * (y - x), "-(x - y)^2"),
        ((x - y) / (y - x), "-1"),
        ((w * x) ** 2 / x, "x w^2"),
        ((1 / x - 1 / y) * x * y, "y - x"),
        ((1 / x + w) * x, "1 + w x"),
        ((1 / x + w / v + v / y + y) * x * sin(w), "(1 / x + w / v + v / y + y) x sin(w)"),
        ((w * x * v * y) ** 2 / x, "(w x v y)^2 / x"),
        (-(1 - x - y) * w, "-(1 - x - y) w"),
        (x**65 / x**64, "x"),
        (constant(2) ** 100 * x, "2^100 x"),
        (where(x > 0, x, x) + where(constant(0) < 1, w, v), "x + w"),
    ],
)  # fmt: skip
def test_simple_forms(expr: Any, simple: str) -> None:
    found = simplify(expr)
    assert repr(found) == simple
    assert simplify(found) is found
    point = {"x": Fraction(1, 3), "y": Fraction(-2, 5), "w": Fraction(3, 7), "v": Fraction(9, 4)}
    if "0" not in simple[-1]:
        assert float(found.evaluate(point)) == pytest.approx(float(expr.evaluate(point)), rel=1e-14)


# ---------------------------------------------------------------------------------------- names, notation


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("x1_2", "x_{1,2}"), ("Y2_1", "Y_{2,1}"), ("w10_11", "w^{10}_{11}"), ("b1,10", "b_{1,10}"),
        ("y_j(i)", "y_{ij}"), ("x2(i)", "x_{i2}"), ("O1j(i)", "O_{1j}^{(i)}"),
        ("w1_11(2)", "{w^{1}_{11}}^{(2)}"),
        ("μ", r"\mu"), ("µ", r"\mu"), ("λ", r"\lambda"), ("Δ", r"\Delta"), ("Ω2", r"\Omega_{2}"), ("ς", "ς"),
        ("ŷ", r"\hat{y}"), ("ŷ(i)", r"\hat{y}_{i}"), ("θ₁₂", r"\theta_{12}"), ("w̃", r"\tilde{w}"),
        ("\u0301", "\\text{◌\u0301}"), ("läng", r"\text{läng}"), ("a%b", r"\text{a\%b}"),
        ("O11(i)(2)", "O_{11}^{(i)(2)}"),
        ("dL/dw1_11", r"\frac{\partial L}{\partial w^{1}_{11}}"),
    ],
)  # fmt: skip
def test_latex_of_names(name: str, written: str) -> None:
    assert latex_name(name) == written


def test_numbers_and_empty_sums_as_text() -> None:
    assert text(simplify(3 * x - 3 * x)) == "0"
    assert text(x + constant(-1) * 2) == "x - 1 * 2"
    huge = constant(7**9999)
    assert re.fullmatch(r"1\.\d{5}e\+8450 x", text(huge * x))
    assert r"\cdot 10^{8450}" in latex(huge)
    assert (text(constant(Fraction(-1, 3)) * x), latex(constant(Fraction(-1, 3)) * x)) == (
        "-1/3 * x",
        r"-\frac{1}{3} x",
    )
    assert (text(constant(math.pi) * x), latex(constant(math.pi) * x)) == ("pi x", r"\pi x")
    assert latex(constant(2.5e-7) * x) == r"2.5 \cdot 10^{-7} x"
    assert text(operation("sum", x)) == text(operation("sum", operation("sum", x))) == "x"
    sympy = pytest.importorskip("sympy")
    root = constant(sympy.sqrt(2))
    assert (text(root * x), latex(root * x)) == ("(sqrt(2)) x", r"\left(\sqrt{2}\right) x")


# ------------------------------------------------------------------------------------------------ source


def test_source_of_what_needs_care() -> None:
    def run(expr: Any, *names: str) -> Any:
        made: dict[str, Any] = {}
        exec(python(expr, names), made)
        return made["formula"]

    assert run(power(x, Fraction(1, 2)), "x")(4.0) == 2.0
    assert run(x**w, "x", "w")(2.0, 3.0) == 8.0
    assert run(logsumexp([x, y]), "x", "y")(0.0, 0.0) == pytest.approx(0.6931471805599453)
    assert run(dot([x, y], [w, v]), "x", "y", "w", "v")(1, 2, 3, 4) == 11
    assert run(x + constant(float("inf")), "x")(1.0) == float("inf")
    assert run(x + constant(2**70), "x")(0) == 2**70
    assert run(x + 0.1, "x")(Fraction(0)) == 0.1
    assert run(x * Fraction(1, 3), "x")(Fraction(3)) == Fraction(1)
    assert (
        run(symbol("lambda") * symbol("1st") * symbol("Fraction"), "lambda", "1st", "Fraction")(2, 3, 4) == 24
    )
    assert "OPS['less']" not in python(where(x < 0, x, -x), ["x"])
    assert "OPS['sigmoid']" not in python(OPS["sigmoid"](x), ["x"])
    long = x
    for _ in range(10):
        long = sin(long) * long + 1
    assert "_t1 = " in python(long, ["x"])
    assert run(long, "x")(0.5) == long.evaluate({"x": 0.5})
    for wrong in ("two words", "class", ""):
        with pytest.raises(SettingError, match="cannot name a function in Python"):
            python(x, ["x"], wrong)
    with pytest.raises(SettingError, match="has 'y' in it, which is not among the arguments"):
        python(x + y, ["x"])


def test_a_primitive_of_ones_own_in_source() -> None:
    from autograd import primitive

    if "thrice" not in OPS:
        primitive("thrice", lambda a: 3 * a, lambda a, out: (3,))
    made: dict[str, Any] = {}
    exec(python(OPS["thrice"](x), ["x"]), made)
    assert made["formula"](2.0) == 6.0


def test_a_branch_of_a_branch_in_a_gradient() -> None:
    """What counts only where two conditions hold, or one of two, has no part in the others."""
    model = symbolic(lambda x, y: where(x > 0, where(y > 0, log(x * y), x), exp(x) * where(y > 0, 1, y)))
    for at, slope in [
        ((2.0, 3.0), 0.5),
        ((2.0, -3.0), 1.0),
        ((0.0, 3.0), 1.0),
        ((-1.0, -3.0), -3 * 0.36787944117144233),
    ]:
        found = model.gradient("x").evaluate(dict(zip("xy", at, strict=True)))
        assert found == pytest.approx(slope, rel=1e-12)
    shared = symbolic(lambda x, y: where(x > 0, log(x), 0) + where(y > 0, log(x), 1))
    assert shared.gradient("x").evaluate({"x": 2.0, "y": -1.0}) == 0.5
    assert shared.gradient("x").evaluate({"x": 0.0, "y": -1.0}) == 0.0


def test_numbers_of_any_kind_are_written() -> None:
    mpmath = pytest.importorskip("mpmath")
    model = symbolic(lambda x: (x - Value(0.5, "w")) ** 2)
    assert model.derive("w", at={"x": 1.0}, learning_rate=0.5).text.endswith("= 0.5 - 0.5 * (-1) = 1")
    with mpmath.workdps(30):
        assert "= -1.0\n" in model.derive("w", at={"x": mpmath.mpf(1)}, learning_rate=0.5).text
    assert "= -2 (target - 0.5)" in model.derive("w", at={"x": symbol("target")}).text


def test_an_entry_is_forgotten_only_once() -> None:
    """A table of expressions may have a new one in the place of one that has just been freed."""
    from autograd.expr import _made

    e = x + 54321
    entry = _made[OPS["add"]][e.operands]
    entry.forget()
    entry.forget()
    other = x + 54321
    assert other is not e
    entry.forget()  # its place is taken
    assert (x + 54321) is other


def test_a_collector_that_is_off_stays_off() -> None:
    gc.disable()
    try:
        assert repr(symbolic(lambda x: x**2).gradient("x")) == "2 x"
        assert not gc.isenabled()
    finally:
        gc.enable()
