"""Losses: values and gradients against the formulas, exactly where that can be, and at the edges."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import Value
from autograd.errors import NumberError, SettingError, ShapeError

FRACTIONS = st.fractions(-100, 100, max_denominator=100)
LOGITS = st.floats(-50, 50)


def gradient(loss: Callable[[Any, Any], Any], prediction: Any, target: Any) -> Any:
    """The loss, and its derivative by each output."""
    outputs = [Value(x) for x in (prediction if isinstance(prediction, list) else [prediction])]
    out = loss(outputs if isinstance(prediction, list) else outputs[0], target)
    out.backward()
    grads = [v.grad for v in outputs]
    return out.data, grads if isinstance(prediction, list) else grads[0]


# ------------------------------------------------------------------------------------- squared errors


@given(FRACTIONS, FRACTIONS)
def test_squared_error(yhat: Fraction, y: Fraction) -> None:
    assert gradient(nn.squared_error, yhat, y) == ((y - yhat) ** 2, -2 * (y - yhat))
    assert gradient(nn.half_squared_error, yhat, y) == ((y - yhat) ** 2 / 2, yhat - y)


def test_squared_error_of_the_notes() -> None:
    assert gradient(nn.squared_error, 17.0, 5) == (144.0, 24.0)
    assert gradient(nn.squared_error, 60, 40)[0] == 400


def test_squared_error_adds_up_over_outputs() -> None:
    loss, grads = gradient(nn.squared_error, [Fraction(1, 2), Fraction(3)], (1, 1))
    assert (loss, grads) == (Fraction(17, 4), [-1, 4])
    assert nn.squared_error(Value(3.0), [1]).data == nn.squared_error([Value(3.0)], 1).data == 4.0


# ------------------------------------------------------------------------------ binary cross-entropy


@given(st.floats(0.001, 0.999), st.floats(0, 1))
def test_binary_cross_entropy(a: float, y: float) -> None:
    loss, slope = gradient(nn.binary_cross_entropy, a, y)
    with mpmath.workdps(40):
        p = mpmath.mpf(a)
        assert loss == pytest.approx(
            float(-(y * mpmath.log(p) + (1 - y) * mpmath.log(1 - p))), rel=1e-12, abs=1e-15
        )
        # both terms of the notes: -(y/a + (1-y)/(a-1))
        assert slope == pytest.approx(float(-(y / p + (1 - y) / (p - 1))), rel=1e-9, abs=1e-9)


@given(LOGITS, st.sampled_from([0, 1, 0.0, 1.0, 0.25]))
def test_binary_cross_entropy_with_logit(z: float, y: float) -> None:
    loss, slope = gradient(nn.binary_cross_entropy_with_logit, z, y)
    with mpmath.workdps(60):
        a = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
        expected = -(y * mpmath.log(a) + (1 - y) * mpmath.log(1 - a))
        assert loss == pytest.approx(float(expected), rel=1e-13, abs=0)
        lost = 0 if y in (0, 1) else 1e-15  # for a certain label all digits are kept, however small a - y is
        assert slope == pytest.approx(float(a - y), rel=1e-14, abs=lost)


def test_the_sigmoid_neuron_of_the_notes() -> None:
    # a = 0.7, y = 1: dJ/dz = a - y = -0.3
    z = Value(math.log(0.7 / 0.3))
    nn.binary_cross_entropy(ag.sigmoid(z), 1).backward()
    assert z.grad == pytest.approx(-0.3, rel=1e-15)


def test_binary_cross_entropy_at_the_ends() -> None:
    for p, y in (0.0, 1), (1.0, 0), (0.0, 0.5), (1.0, 0.5):
        assert nn.binary_cross_entropy(Value(p), y).data == math.inf
    for p, y in (0.0, 0), (1.0, 1):
        assert nn.binary_cross_entropy(Value(p), y).data == 0
    assert gradient(nn.binary_cross_entropy, 0.0, 1) == (math.inf, -math.inf)
    assert gradient(nn.binary_cross_entropy, 0.0, 0) == (0, 1)
    assert math.isnan(nn.binary_cross_entropy(Value(math.nan), 1).data)
    assert nn.binary_cross_entropy(1 + 1e-12, 1) == pytest.approx(0, abs=1e-11)  # rounding


@pytest.mark.parametrize("loss", [nn.binary_cross_entropy, nn.binary_cross_entropy_with_logit])
@pytest.mark.parametrize("label", [2, -1, 1.5, math.nan, Value(3.0)])
def test_labels_that_are_none_are_refused(loss: Any, label: Any) -> None:
    with pytest.raises(SettingError, match=r"the label is .*, which is not from 0 to 1"):
        loss(Value(0.5), label)


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(SettingError, match=r"the probability is 1\.5.*output='sigmoid'"):
        nn.binary_cross_entropy(Value(1.5), 1)
    with pytest.raises(SettingError, match=r"the probability is -2.*output='softmax'"):
        nn.cross_entropy_from_probabilities([Value(-2.0), 0.5], 0)


def test_a_label_that_is_a_value_gets_its_gradient() -> None:
    y = Value(1.0)
    nn.binary_cross_entropy(0.25, y).backward()
    assert y.grad == pytest.approx(math.log(0.75) - math.log(0.25))


# -------------------------------------------------------------------------------------- cross-entropy


@given(st.lists(LOGITS, min_size=1, max_size=5), st.data())
def test_cross_entropy(z: list[float], data: st.DataObject) -> None:
    target = data.draw(st.integers(0, len(z) - 1))
    one_hot = [float(i == target) for i in range(len(z))]
    with mpmath.workdps(60):
        e = [mpmath.exp(x) for x in z]
        a = [float(x / sum(e)) for x in e]
        expected = float(-mpmath.log(e[target] / sum(e)))
    for as_class in target, float(target), one_hot:
        loss, grads = gradient(nn.cross_entropy, z, as_class)
        assert loss == pytest.approx(expected, rel=1e-13, abs=1e-13)
        assert grads == pytest.approx([p - y for p, y in zip(a, one_hot, strict=True)], abs=1e-15)


def test_softmax_with_cross_entropy_of_the_notes() -> None:
    # a = (0.7, 0.2, 0.1), y = (1, 0, 0): dJ/dz = a - y
    z = [Value(math.log(a)) for a in (0.7, 0.2, 0.1)]
    for loss in nn.cross_entropy(z, (1, 0, 0)), nn.cross_entropy_from_probabilities(ag.softmax(z), (1, 0, 0)):
        for v in z:
            v.grad = 0
        loss.backward()
        assert loss.data == pytest.approx(-math.log(0.7))
        assert [v.grad for v in z] == pytest.approx([-0.3, 0.2, 0.1], rel=1e-14)


def test_cross_entropy_stays_finite() -> None:
    assert gradient(nn.cross_entropy, [1e4, -1e4], 1) == (20000.0, [1.0, -1.0])
    assert gradient(nn.cross_entropy, [1e4, -1e4], 0) == (0.0, [0.0, 0.0])
    assert nn.cross_entropy([1e4, -1e4], (0.25, 0.75)) == 15000.0
    for z, y in (1e4, 1), (1e4, 0), (-1e4, 1), (-1e4, 0):
        assert nn.binary_cross_entropy_with_logit(z, y) == max(0.0, z if y == 0 else -z)


def test_cross_entropy_from_probabilities() -> None:
    a = [Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)]
    assert gradient(nn.cross_entropy_from_probabilities, a, 1)[1] == [0, -4, 0]
    assert gradient(nn.cross_entropy_from_probabilities, a, (0, 1, 0))[1] == [0, -4, 0]
    assert gradient(nn.cross_entropy_from_probabilities, a, (0, Fraction(1, 4), Fraction(3, 4)))[1] == [
        0,
        -1,
        -3,
    ]
    assert nn.cross_entropy_from_probabilities([0.0, 1.0], (0, 1)) == 0
    assert nn.cross_entropy_from_probabilities([0.0, 1.0], (1, 0)) == math.inf


def test_two_class_softmax_is_the_sigmoid() -> None:
    for y in 0, 1:
        assert nn.cross_entropy([0.3, -1.1], y) == pytest.approx(
            nn.binary_cross_entropy_with_logit(-1.1 - 0.3, y), rel=1e-14
        )


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        (3, SettingError, "class 3, and 3 logits are for 0 to 2"),
        (-1, SettingError, "class -1"),
        (1.5, SettingError, r"class 1\.5"),
        (math.nan, SettingError, "class nan"),
        ((1, 0), ShapeError, "3 logits, but 2 probabilities"),
        ((1, 1, 0), SettingError, "add up to 2, not to 1"),
        ((2, -1, 0), SettingError, "the label is 2"),
        ("two", NumberError, "'two' is neither a number nor a list"),
    ],
)
def test_targets_of_cross_entropy_that_are_refused(target: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        nn.cross_entropy([0.0, 1.0, 2.0], target)


def test_cross_entropy_of_one_number_is_refused() -> None:
    with pytest.raises(ShapeError, match="a list of logits, one for each class"):
        nn.cross_entropy(Value(1.0), 0)


# ---------------------------------------------------------------------------------- hinge, rows, sizes


@given(FRACTIONS, st.sampled_from([-1, 1]))
def test_hinge(score: Fraction, y: int) -> None:
    margin = 1 - y * score
    assert gradient(nn.hinge, score, y) == (max(0, margin), -y if margin > 0 else 0)


@pytest.mark.parametrize("label", [0, 2, math.nan])
def test_labels_of_hinge_that_are_refused(label: float) -> None:
    with pytest.raises(SettingError, match="for hinge it is 1 or -1"):
        nn.hinge(1.0, label)


def test_sum_and_mean_over_rows() -> None:
    w = Value(Fraction(2))
    rows = [([1], 1), ([2], 1), ([3], 5)]

    def model(x: list[int]) -> Value:
        return w * x[0]

    total = nn.loss_over_rows(model, rows, nn.squared_error, reduce="sum")
    assert total.data == 1 + 9 + 1
    mean = nn.loss_over_rows(model, rows, nn.squared_error)
    assert mean.data == Fraction(11, 3)
    mean.backward()
    assert w.grad == Fraction(2 * (1 * 1 + 3 * 2 + 1 * 3), 3)
    assert nn.loss_over_rows(model, rows[:1], nn.squared_error).op.name == "power"
    with pytest.raises(ShapeError, match="no rows"):
        nn.loss_over_rows(model, [], nn.squared_error)
    with pytest.raises(SettingError, match="reduce is 'max'"):
        nn.loss_over_rows(model, rows, nn.squared_error, reduce="max")


@pytest.mark.parametrize(
    "loss",
    [
        nn.squared_error,
        nn.half_squared_error,
        nn.hinge,
        nn.binary_cross_entropy,
        nn.binary_cross_entropy_with_logit,
    ],
)
def test_sizes_that_differ_are_refused(loss: Any) -> None:
    with pytest.raises(ShapeError, match="the model has 2 outputs and the row has 1 targets"):
        loss([0.5, 0.5], 1)
    with pytest.raises(ShapeError, match="0 outputs"):
        loss([], [])
    with pytest.raises(NumberError, match="None is neither a number nor a list"):
        loss(None, 1)


def test_losses_over_several_outputs_add_up() -> None:
    for loss in nn.hinge, nn.binary_cross_entropy, nn.binary_cross_entropy_with_logit:
        assert loss([0.25, 0.5], [1, 1]) == pytest.approx(loss(0.25, 1) + loss(0.5, 1))


def test_symbols_pass_through() -> None:
    sympy = pytest.importorskip("sympy")
    p, y = sympy.symbols("p y")
    loss = nn.binary_cross_entropy(p, y)
    assert sympy.simplify(sympy.diff(loss, p) - (p - y) / (p * (1 - p))) == 0
