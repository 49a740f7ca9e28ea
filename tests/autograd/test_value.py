"""`Value`: what it takes, what its operators record, how it meets builtins, NumPy and `math`."""

import copy
import gc
import math
import operator
import random
import weakref
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import OPS, Value
from autograd.errors import ChalkgradError, NumberError, NumberRangeError, SettingError

F = Fraction
fractions = st.fractions(min_value=-9, max_value=9, max_denominator=9).filter(bool)

ARITHMETIC: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], tuple[Any, Any]]]] = {
    "add": (operator.add, lambda a, b: (1, 1)),
    "sub": (operator.sub, lambda a, b: (1, -1)),
    "mul": (operator.mul, lambda a, b: (b, a)),
    "div": (operator.truediv, lambda a, b: (1 / b, -a / b**2)),
}
"""Each operation and its two derivatives, from calculus and not from the table."""


# ------------------------------------------------------------------------------------------ construction


@pytest.mark.parametrize("x", [1.5, 3, True, np.float32(0.5), np.float64(0.1), np.int64(7), np.bool_(True)])
def test_reals_become_floats(x: Any) -> None:
    data = Value(x).data
    assert type(data) is float
    assert data == float(x)


@pytest.mark.parametrize("x", [F(1, 3), mpmath.mpf(2) / 3, sympy.Symbol("x"), Value(1.0)])
def test_other_numbers_stay_as_they_are(x: Any) -> None:
    assert Value(x).data is x


@pytest.mark.parametrize("x", ["1", None, [1.0], (1.0,), 1j, np.zeros(2), {}, object()])
def test_what_is_no_real_number_is_refused(x: Any) -> None:
    with pytest.raises(NumberError, match="not a real number") as caught:
        Value(x)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ChalkgradError)


def test_an_integer_no_float_can_hold_is_refused() -> None:
    with pytest.raises(NumberRangeError, match="401 digits"):
        Value(10**400)
    assert issubclass(NumberRangeError, OverflowError)
    assert (Value(F(10**400)) / 10**400).data == 1  # exact numbers can be as large as they like


@pytest.mark.parametrize("name", [1, 2.0, ("w",), b"w", "half a pair \udc80"])
def test_a_name_is_text_that_can_be_printed(name: Any) -> None:
    with pytest.raises(SettingError, match="name"):
        Value(1.0, name)
    x = Value(1.0, "x")
    with pytest.raises(SettingError, match="name"):
        x.name = name
    assert x.name == "x"


def test_names_can_be_given_later_and_taken_away() -> None:
    y = Value(1.0) + 1
    assert y.name is None
    y.name = "ŷ"
    assert y.name == "ŷ"
    y.name = None
    assert repr(y) == "Value(data=2.0, grad=0, op='add')"


# -------------------------------------------------------------------------------------------- operators


@pytest.mark.parametrize("name", ARITHMETIC)
@given(a=fractions, b=fractions)
def test_arithmetic_of_two_values(name: str, a: F, b: F) -> None:
    apply, derivatives = ARITHMETIC[name]
    x, y = Value(a), Value(b)
    out = apply(x, y)
    out.backward()
    assert out.data == apply(a, b)
    assert (x.grad, y.grad) == derivatives(a, b)
    assert out.op is OPS[name]
    assert out.operands == (x, y)


@pytest.mark.parametrize("name", ARITHMETIC)
@given(a=fractions, b=fractions)
def test_arithmetic_with_a_constant_on_either_side(name: str, a: F, b: F) -> None:
    apply, derivatives = ARITHMETIC[name]
    x, y = Value(a), Value(b)
    right, left = apply(x, b), apply(a, y)
    right.backward()
    left.backward()
    assert right.data == left.data == apply(a, b)
    assert (x.grad, y.grad) == derivatives(a, b)
    assert right.local_derivatives[1] is None
    assert left.local_derivatives[0] is None


@pytest.mark.parametrize("constant", [3, 3.0, True, F(3), np.float32(3), np.int64(3), np.float64(3)])
@pytest.mark.parametrize("name", [*ARITHMETIC, "power"])
def test_every_kind_of_constant_on_either_side_of_a_float(name: str, constant: Any) -> None:
    apply = operator.pow if name == "power" else ARITHMETIC[name][0]
    plain = float(constant)
    for out, expected in (
        (apply(Value(2.0), constant), apply(2.0, plain)),
        (apply(constant, Value(2.0)), apply(plain, 2.0)),
    ):
        assert type(out) is Value
        assert type(out.data) is float
        assert out.data == expected


@pytest.mark.parametrize("apply", [operator.add, operator.mul, operator.truediv, operator.pow])
@pytest.mark.parametrize("other", ["2", None, [2.0], 2j])
def test_arithmetic_with_no_number_is_a_type_error(apply: Callable[[Any, Any], Any], other: Any) -> None:
    for a, b in ((Value(1.0), other), (other, Value(1.0))):
        with pytest.raises(TypeError):
            apply(a, b)


def test_powers() -> None:
    x, n = Value(F(3)), Value(F(2))
    (x**2 + 2).backward()
    assert x.grad == 6
    base, exponent = Value(2.0), Value(3.0)
    (base**exponent).backward()
    assert base.grad == 12.0
    assert exponent.grad == pytest.approx(8 * math.log(2), rel=1e-15)
    exponent.grad = 0
    (2**exponent).backward()
    assert exponent.grad == pytest.approx(8 * math.log(2), rel=1e-15)
    assert (x**n).data == 9
    assert math.isnan((Value(-2.0) ** 0.5).data)  # never complex


def test_signs() -> None:
    x = Value(F(-3))
    assert +x is x
    assert ((-x).data, abs(x).data, x.abs().data) == (3, 3, 3)
    abs(-x).backward()
    assert x.grad == -1


def test_in_place_operators_make_new_values() -> None:
    x = y = Value(2.0)
    y += 1
    y *= x
    y -= 2
    y /= 2
    y **= 2
    assert (x.data, y.data) == (2.0, 4.0)
    y.backward()
    assert x.grad == 10.0  # ((x + 1) x - 2)^2 / 4


@pytest.mark.parametrize("name", sorted((set(autograd.__all__) & set(vars(Value))) - {"grad", "tree"}))
def test_every_method_is_the_function_of_its_name(name: str) -> None:
    for number in (0.3, 1.7, 0.0, -0.6):
        method, function = Value(number), Value(number)
        a, b = getattr(method, name)(), getattr(autograd, name)(function)
        a.backward()
        b.backward()
        results = [a.data, b.data, method.grad, function.grad, getattr(autograd, name)(number)]
        assert a.op is b.op is OPS[name]
        assert repr(results[0]) == repr(results[1]) == repr(results[4])
        assert repr(results[2]) == repr(results[3])


def test_the_methods_are_there() -> None:
    methods = """abs acos acosh asin asinh atan atanh cos cosh erf exp expm1 leaky_relu log log1p relu
        sigmoid sin sinh softplus sqrt tan tanh"""
    assert set(methods.split()) <= set(vars(Value))
    x = Value(-2.0)
    x.leaky_relu(0.5).backward()
    assert x.grad == 0.5


# ------------------------------------------------------------------------------ comparisons and builtins


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
@given(a=st.floats(), b=st.floats())
def test_ordering_compares_data(compare: Callable[[Any, Any], bool], a: float, b: float) -> None:
    expected = compare(a, b)
    assert compare(Value(a), Value(b)) is expected
    assert compare(Value(a), b) is expected
    assert compare(a, Value(b)) is expected


def test_ordering_with_no_number_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        Value(1.0) < "2"  # noqa: B015


def test_equality_and_hashing_are_identity() -> None:
    a, b = Value(1.0), Value(1.0)
    assert a == a
    assert a != b
    assert a != 1.0
    assert len({a, b, a}) == 2
    assert [b, a].index(a) == 1
    assert {a: "a", b: "b"}[b] == "b"


def test_truth_is_that_of_the_number() -> None:
    assert Value(0.5)
    assert not Value(0.0)
    assert not Value(F(0))


def test_builtins() -> None:
    values = [Value(x) for x in (2.0, -1.0, 3.0)]
    a, b, c = values
    assert max(values) is c
    assert min(values) is b
    assert sorted(values) == [b, a, c]
    assert sorted(values, reverse=True) == [c, a, b]
    total = sum(values)
    assert total.data == 4.0
    total.backward()
    assert [x.grad for x in values] == [1.0, 1.0, 1.0]
    assert sum(values, start=Value(1.0)).data == 5.0
    assert math.prod(values).data == -6.0
    assert math.prod(values, start=2).data == -12.0


# ------------------------------------------------------------------------------------------------ NumPy


SCALARS = [np.float16(1.5), np.float32(1.5), np.float64(1.5), np.longdouble(1.5), np.int8(3), np.int64(3)]


@pytest.mark.parametrize("scalar", [*SCALARS, np.uint8(3), np.bool_(True)], ids=lambda x: x.dtype.name)
def test_numpy_scalar_on_either_side(scalar: Any) -> None:
    for apply in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow):
        for a, b in ((scalar, Value(2.0)), (Value(2.0), scalar)):
            out = apply(a, b)
            number = apply(*(x.data if isinstance(x, Value) else float(x) for x in (a, b)))
            assert type(out) is Value
            assert type(out.data) is float
            assert out.data == number
            out.backward()


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda x: x.dtype.name)
def test_numpy_scalar_in_comparisons(scalar: Any) -> None:
    assert scalar < Value(4.0)
    assert scalar <= Value(float(scalar))
    assert not scalar > Value(4.0)
    assert Value(4.0) >= scalar
    assert not Value(4.0) < scalar
    assert not scalar == Value(float(scalar))  # noqa: SIM201 - equality is identity
    assert scalar != Value(float(scalar))


def test_numpy_array_is_taken_element_by_element() -> None:
    x = Value(2.0)
    array = np.array([[1.0, 2.0, 4.0], [3.0, 5.0, 7.0]])
    for apply in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow):
        for out, expected in ((apply(array, x), apply(array, 2.0)), (apply(x, array), apply(2.0, array))):
            assert out.shape == (2, 3)
            assert all(type(value) is Value for value in out.flat)
            assert [value.data for value in out.flat] == list(expected.flat)
    assert (array < x).tolist() == (array < 2.0).tolist()
    assert (x < array).tolist() == (array > 2.0).tolist()
    (array * x).sum().backward()
    assert x.grad == array.sum()


def test_numpy_integers_and_arrays_without_axes() -> None:
    out = np.array([1, 2]) * Value(F(1, 3))
    assert [value.data for value in out] == [F(1, 3), F(2, 3)]  # exact
    out = np.array(3.0) * Value(2.0)
    assert type(out) is Value
    assert out.data == 6.0


def test_numpy_arrays_of_values() -> None:
    w = np.array([Value(1.0), Value(2.0)])
    kept = w.copy()
    total = w @ np.array([3.0, 4.0])
    total.backward()
    assert [value.grad for value in w] == [3.0, 4.0]
    assert [value.data for value in np.exp(w)] == [math.e, math.exp(2)]  # calls the method of each
    w += Value(1.0)
    assert [value.data for value in w] == [2.0, 3.0]
    assert [value.data for value in kept] == [1.0, 2.0]
    assert (w == kept).tolist() == [False, False]


def test_numpy_array_of_floats_cannot_take_values_in_place() -> None:
    array = np.array([1.0, 2.0])
    with pytest.raises(TypeError, match="without losing its history"):
        array += Value(1.0)
    assert array.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda v: np.exp(v), r"numpy.exp does not take a Value; write autograd.exp\(v\)"),
        (lambda v: np.arctan(v), r"write autograd.atan\(v\)"),
        (lambda v: np.fmax(v, 1.0), r"write autograd.maximum\(v\)"),
        (lambda v: np.log10(v), "numpy.log10 does not take a Value; use the functions of autograd"),
        (lambda v: np.add.outer(v, v), "numpy.add.outer does not take a Value; use the functions"),
        (lambda v: np.add(v, 1.0, dtype=float), "numpy.add does not take a Value; use the functions"),
    ],
)
def test_numpy_functions_name_the_one_to_use(call: Callable[[Value], Any], advice: str) -> None:
    with pytest.raises(NumberError, match=advice):
        call(Value(1.0))


# -------------------------------------------------------------------------------------------------- math


def test_math_functions_name_the_one_to_use() -> None:
    from math import tanh

    v = Value(1.0)
    with pytest.raises(NumberError, match=r"write autograd.exp\(v\) for math.exp\(v\)"):
        math.exp(v)
    with pytest.raises(NumberError, match=r"write autograd.tanh\(v\) for tanh\(v\)"):
        tanh(v)
    with pytest.raises(NumberError, match=r"write autograd.abs\(v\) for math.fabs\(v\)"):
        math.sqrt(2.0) * math.fabs(v)  # not sqrt, which is on the same line
    with pytest.raises(NumberError, match=r"write autograd.log\(v\) for math.log\(v\)"):
        math.log(
            v,
            2,
        )
    with pytest.raises(NumberError, match=r"write autograd.sum\(v\) for math.fsum\(v\)"):
        math.fsum([v])


@pytest.mark.parametrize("call", [float, complex, math.gamma, lambda v: np.array([v], float)])
def test_a_value_does_not_become_a_float(call: Callable[[Value], Any]) -> None:
    with pytest.raises(NumberError, match=r"v\.data for the number alone"):
        call(Value(1.0))


def test_a_value_is_no_integer() -> None:
    with pytest.raises(TypeError):
        int(Value(1.0))  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        [1, 2][Value(1.0)]  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        round(Value(1.0))  # type: ignore[call-overload]


# --------------------------------------------------------------------------------------------- appearance


def test_repr_shows_name_data_gradient_and_operation() -> None:
    a = Value(2.0, "a")
    assert repr(a) == "Value('a', data=2.0, grad=0)"
    out = a * F(1, 2)
    out.backward()
    out.name = "half"
    assert repr(out) == "Value('half', data=1.0, grad=1.0, op='mul')"
    assert repr(a) == "Value('a', data=2.0, grad=0.5)"
    assert repr(Value(F(1, 3))) == "Value(data=Fraction(1, 3), grad=0)"
    assert repr(Value(Value(1.0, "x"))) == "Value(data=Value('x', data=1.0, grad=0), grad=0)"


def test_format_with_a_specification_is_that_of_the_number() -> None:
    x = Value(2 / 3, "x")
    assert f"{x:.3f} {x:>8.2g}|{x:+e}" == f"{2 / 3:.3f} {2 / 3:>8.2g}|{2 / 3:+e}"
    assert f"{x}" == str(x) == repr(x)
    with pytest.raises(ValueError, match="format"):
        f"{x:d}"


# ----------------------------------------------------------------------------------------------- recording


def test_operands_and_local_derivatives() -> None:
    a, b, c = Value(2.0, "a"), Value(3.0, "b"), Value(5.0, "c")
    shape = {
        "leaf": (a, (), ()),
        "one": (-a, (a,), (-1.0,)),
        "two": (a * b, (a, b), (3.0, 2.0)),
        "constant right": (a - 1, (a, 1), (1, None)),
        "constant left": (1 - a, (1, a), (None, -1)),
        "three": (autograd.sum([a, b, c]), (a, b, c), (1, 1, 1)),
        "one in a list": (autograd.sum([a]), (a,), (1,)),
        "constant in a list": (autograd.dot([a, 4.0], [b, c]), (a, 4.0, b, c), (3.0, None, 2.0, 4.0)),
    }
    for what, (value, operands, slopes) in shape.items():
        assert value.operands == operands, what
        assert value.local_derivatives == slopes, what
        assert (value.op is None) == (what == "leaf")


def test_the_branch_not_taken_and_the_condition_get_no_gradient() -> None:
    x, y, condition = Value(1.0), Value(0.0), Value(2.0)
    out = autograd.where(condition > 1, x, y.log())
    assert out.local_derivatives == (None, 1, None)
    out.backward()
    assert (x.grad, y.grad) == (1.0, 0)
    both_constant = autograd.where(condition, 1.0, 2.0)  # nothing to flow anywhere
    both_constant.backward()
    assert condition.grad == 0
    assert both_constant.operands == (condition, 1.0, 2.0)


def test_what_was_recorded_does_not_change_with_data() -> None:
    x, y = Value(2.0), Value(3.0)
    out = (x * y).exp() * x**2 / y
    out.backward()
    first = x.grad, y.grad
    x.grad = y.grad = 0
    x.data, y.data, out.data = 100.0, float("nan"), 0.0
    out.backward()
    assert (x.grad, y.grad) == first


def test_backward_twice_doubles_the_leaves_and_nothing_else() -> None:
    x, y = Value(F(2)), Value(F(3))
    product = x * y
    root = product * product + x
    root.backward()
    once = x.grad, y.grad, product.grad, root.grad
    assert once == (2 * 6 * 3 + 1, 2 * 6 * 2, 2 * 6, 1)
    root.backward()
    assert (x.grad, y.grad, product.grad, root.grad) == (2 * once[0], 2 * once[1], once[2], once[3])


def test_backward_of_a_part_after_the_whole() -> None:
    x = Value(F(2))
    part = x * 3
    whole = part * part
    whole.backward()
    assert (part.grad, x.grad) == (12, 36)
    part.backward()
    assert (part.grad, x.grad, whole.grad) == (1, 39, 1)


def test_backward_of_a_leaf_is_one() -> None:
    x = Value(2.0)
    x.backward()
    x.backward()
    assert x.grad == 2.0


def test_updates_by_hand() -> None:
    w = Value(1.0)
    for expected in (2.0, 4.0, 8.0):
        w.grad = 0.0
        (w * w / 2).backward()
        w.data += w.grad
        assert w.data == expected


# ------------------------------------------------------------------------------------------------- memory


def build() -> tuple[Value, Value]:
    """A graph with a node of every shape, and one of its leaves."""
    x, y = Value(0.5, "x"), Value(0.25)
    out = (x * y + 1).tanh() ** 2 - autograd.sum([x, y, 3.0]) / autograd.logsumexp([x, y])
    return autograd.where(out > 0, out, -out) + 2**x + Value(x), x


def test_a_graph_dies_with_its_root() -> None:
    gc.collect()
    gc.disable()
    try:
        root, leaf = build()
        root.backward()
        list(root.backward_steps())
        alive = [weakref.ref(node) for node in autograd.topological_order(root) if node is not leaf]
        assert all(reference() is not None for reference in alive)
        del root
        assert [reference() for reference in alive] == [None] * len(alive)
        assert leaf.data == 0.5
    finally:
        gc.enable()


def test_no_work_leaves_garbage() -> None:
    import pickle

    gc.collect()
    gc.disable()
    try:
        root, _ = build()
        root.backward()
        print(next(root.backward_steps()))
        copy.deepcopy(root).backward()
        pickle.loads(pickle.dumps([root, root])).pop().backward()
        autograd.hessian(lambda x: (x[0] * x[1]).exp())([0.5, 2.0])
        autograd.gradcheck(lambda x: x.sin(), 0.5)
        with autograd.detect_anomaly():
            build()[0].backward()
        del root
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_copy_is_one_more_node_on_the_same_operands() -> None:
    a = Value(2.0, "a")
    product = a * a
    product.backward()
    for original in (a, product, a + 1):
        twin = copy.copy(original)
        assert twin is not original
        assert (twin.data, twin.grad, twin.name, twin.op) == (
            original.data, original.grad, original.name, original.op,
        )  # fmt: skip
        assert twin.operands == original.operands
    twin = copy.copy(a)
    twin.grad = 9.0
    assert a.grad == 4.0


# ----------------------------------------------------------------------------------------- number kinds


@pytest.mark.parametrize("kind", [F, mpmath.mpf, sympy.Rational, Value, float])
def test_one_program_on_every_kind_of_number(kind: Callable[..., Any]) -> None:
    x, y = Value(kind(3)), Value(kind(2))
    out = (2 * x - y / 4) ** 2 + abs(-x) * 3 - x * y
    out.backward()
    plain = [float(shallow(z)) for z in (out.data, x.grad, y.grad)]
    assert plain == [5.5**2 + 9 - 6, 2 * 5.5 * 2 + 3 - 2, 2 * 5.5 * -0.25 - 3]


def shallow(x: Any) -> Any:
    while isinstance(x, Value):
        x = x.data
    return x


def test_second_derivatives_by_nesting() -> None:
    inner = Value(F(3))
    outer = Value(inner)
    (outer**3).backward()
    outer.grad.backward()
    assert outer.grad.data == 27
    assert inner.grad == 18


def test_ints_assigned_to_data_work_like_floats() -> None:
    random.seed(1)
    x, y = Value(1.0), Value(1.0)
    x.data, y.data = 3, 2
    out = (x / y).exp() + x * y
    out.backward()
    assert out.data == math.exp(1.5) + 6
    assert x.grad == math.exp(1.5) / 2 + 2


def test_the_package_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        autograd.nothing  # noqa: B018
    assert autograd.tree is autograd.pictures.tree.tree
    assert str(Value(2.0, "x").tree()) == str(autograd.tree(Value(2.0, "x")))
