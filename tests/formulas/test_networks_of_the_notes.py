"""The formulas of the five notes' networks against SymPy's own differentiation, and their Hessians."""

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from autograd import Value, hessian, log, softmax
from autograd.formulas import Symbolic, abstract, symbolic
from nn import MLP, binary_cross_entropy, cross_entropy_from_probabilities, half_squared_error, squared_error

sympy = pytest.importorskip("sympy")


def batches() -> Symbolic:
    """000: two rows, linear, the loss summed."""
    net = MLP(2, [2, 1], activation="linear")
    return symbolic(lambda x1, x2, y: squared_error(net([x1, x2]), y), rows=2)


def abstract_activation() -> Symbolic:
    """001: f is not known, half the squared error."""
    net = MLP(2, [2, 1], activation=abstract("f"), names="numbered")
    return symbolic(lambda X1, X2, Y: half_squared_error(net([X1, X2]), Y))


def row_by_row() -> Symbolic:
    """002 and 003: one row, linear, squared error."""
    net = MLP(2, [2, 1], activation="linear")
    return symbolic(lambda x1, x2, y: squared_error(net([x1, x2]), y))


def neuron() -> Symbolic:
    """004: a sigmoid neuron with binary cross-entropy."""
    net = MLP(2, [1], output="sigmoid")
    return symbolic(lambda x1, x2, y: binary_cross_entropy(net([x1, x2]), y), result="J")


def classes() -> Symbolic:
    """004: softmax over three classes with cross-entropy."""
    net = MLP(2, [3], output="softmax")
    return symbolic(
        lambda x1, x2, y1, y2, y3: cross_entropy_from_probabilities(net([x1, x2]), [y1, y2, y3]), result="J"
    )


def two_layers() -> Symbolic:
    """004: the multi-layer chain."""
    net = MLP(2, [2, 1], activation="sigmoid", output="sigmoid")
    return symbolic(lambda x1, x2, y: binary_cross_entropy(net([x1, x2]), y), result="J")


NETWORKS = [batches, abstract_activation, row_by_row, neuron, classes, two_layers]


def is_zero(difference: Any, symbols: list[Any]) -> bool:
    """Whether a SymPy expression vanishes: at random rational points, to 30 digits."""
    generator = random.Random(str(difference)[:50])
    f = sympy.Function("f")
    x = sympy.Symbol("x")
    difference = difference.replace(f, lambda a: a**3 / 7 + 2 * a**2 - a / 3).doit()
    for _ in range(3):
        point = {s: sympy.Rational(generator.randint(1, 999), 1000) for s in symbols}
        if abs(sympy.N(difference.subs(point), 40)) > 1e-30:
            return False
    assert x not in difference.free_symbols
    return True


@pytest.mark.parametrize("network", NETWORKS)
def test_every_gradient_is_the_one_sympy_finds(network: Callable[[], Symbolic]) -> None:
    model = network()
    forward = model.formula.expand_names().sympy()
    for name in [*model.parameters, *model.inputs]:
        if model.rows is not None and name in model.inputs:
            continue  # it has another name in each row
        ours = model.gradient(name).expand_names().sympy()
        theirs = forward.diff(sympy.Symbol(name))
        assert is_zero(ours - theirs, sorted(forward.free_symbols, key=str)), name
        # and the other way round: it is not zero where something is wrong
        assert not is_zero(2 * ours - theirs + 1, sorted(forward.free_symbols, key=str)), name


@pytest.mark.parametrize("network", [row_by_row, neuron, classes])
def test_gradients_in_named_quantities_evaluate_like_the_expanded_ones(
    network: Callable[[], Symbolic],
) -> None:
    model = network()
    at = {name: 0.25 + 0.5 * i for i, name in enumerate(model.inputs)}
    at |= {"y1": 1.0, "y2": 0.0, "y3": 0.0} if "y1" in at else {"y": 1.0}
    for name in model.parameters:
        gradient = model.gradient(name)
        assert gradient.evaluate(at) == pytest.approx(gradient.expand_names().evaluate(at), rel=1e-12)


@pytest.mark.parametrize("network", NETWORKS)
def test_hessians_are_those_of_the_engine(network: Callable[[], Symbolic]) -> None:
    """Symbolic second derivatives against the engine's own, of the forward formula on Values of Values."""
    model = network()
    exact = network in (batches, abstract_activation, row_by_row)
    kind = Fraction if exact else float
    at: dict[str, Any] = {n: kind(Fraction(i + 2, 7)) for i, n in enumerate(model.parameters)}
    for i, name in enumerate(model.inputs):
        x = kind(Fraction(2 * i - 1, 5))
        at[name] = [x, x + 1] if model.rows else x
    if not exact:
        at |= {n: float(n in ("y", "y1")) for n in model.inputs if n.startswith("y")}
    f = {"f": lambda z: z**3 / 7 + 2 * z} if network is abstract_activation else {}
    names = list(model.parameters)[:4]

    def loss(numbers: list[Any]) -> Any:
        return model.formula.evaluate(at | f | dict(zip(names, numbers, strict=True)))

    by_engine = hessian(loss)([at[n] for n in names])
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            ours = model.gradient(a, b).evaluate(at | f)
            if exact:
                assert ours == by_engine[i][j], (a, b)
            else:
                assert ours == pytest.approx(by_engine[i][j], rel=1e-10, abs=1e-12), (a, b)


def test_the_shape_people_write() -> None:
    """The results in the notes' own form: factors and signs as on the board."""
    assert repr(row_by_row().gradient("w1_11")) == "-2 (y - yhat) w2_11 x1"
    assert repr(row_by_row().gradient("w2_21")) == "-2 (y - yhat) O12"
    assert repr(abstract_activation().gradient("W3")) == "(Y_pred - Y) W6 f'(Z2) X1"
    assert repr(batches().gradient("b21")) == "-2 sum_(i=1)^2 (y(i) - yhat(i))"
    assert repr(neuron().gradient("w1_21")) == "(yhat - y) x2"  # all that was left of three factors


def test_a_wrong_formula_is_refuted_where_the_notes_went_wrong() -> None:
    """002: the weight of another unit, and the sign; 001: f for f'."""
    model = row_by_row()
    y, yhat, w2_11, w2_21, x1 = model.symbols("y yhat w2_11 w2_21 x1")
    assert model.derive("w1_11").check(-2 * (y - yhat) * w2_11 * x1)
    assert not model.derive("w1_11").check(-2 * (y - yhat) * w2_21 * x1)
    assert not model.derive("w1_11").check(-2 * (yhat - y) * w2_11 * x1)
    model = abstract_activation()
    f = abstract("f")
    Y, Y_pred, W5, Z1, X1 = model.symbols("Y Y_pred W5 Z1 X1")
    assert not model.derive("W1").check((Y_pred - Y) * W5 * f(Z1) * X1)


def test_softmax_by_all_its_paths() -> None:
    """Every score reaches the loss through every output."""
    z = [Value(0.1 * i, f"z{i}") for i in range(3)]

    def loss(y0: Any, y1: Any, y2: Any) -> Any:
        a = softmax(z)
        for i, share in enumerate(a):
            share.name = f"a{i}"
        return -(y0 * log(a[0]) + y1 * log(a[1]) + y2 * log(a[2]))

    model = symbolic(loss)
    text = model.derive("z1").text
    assert all(f"dL/da{i}" in text and f"da{i}/dz1" in text for i in range(3))
    at = {"y0": 0.0, "y1": 1.0, "y2": 0.0}
    shares = [share.data for share in softmax(z)]
    assert model.gradient("z1").evaluate(at) == pytest.approx(shares[1] - 1, rel=1e-12)
    assert model.gradient("z0").evaluate(at) == pytest.approx(shares[0], rel=1e-12)


def test_row_30_sixty_squarings_are_finished_at_once() -> None:
    def squared(x: Any, plus: int) -> Any:
        for _ in range(60):
            x = x * x + plus
        return x

    assert repr(symbolic(lambda x: squared(x, 0)).formula) == f"x^{2**60}"
    text = symbolic(lambda x: squared(x, 1)).formula.text
    assert "where" in text
    assert len(text) < 2_000


def test_row_61_hostile_names_are_text() -> None:
    for hostile in (r"\input{x}", "a_b^c", "$x$", "</script><script>", "{a|b}"):
        w = Value(2.0, hostile)
        model = symbolic(lambda x, w=w: (w * x) ** 2)
        assert repr(model.gradient(hostile))
        tex = model.gradient(hostile).latex
        assert r"\input" not in tex
        assert tex.count("{") == tex.count("}")
        source: dict[str, Any] = {}
        exec(model.gradient(hostile).python(), source)
        assert source["formula"](3.0, 2.0) == 36.0
    with pytest.raises(ValueError, match="surrogate"):
        Value(1.0, "\ud800")
