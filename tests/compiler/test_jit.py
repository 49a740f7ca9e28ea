"""The face: calls, tables, parameters, structures, and what people get wrong."""

import gc
import math
import subprocess
import sys
import threading
import weakref
from fractions import Fraction

import numpy as np
import pytest

import autograd as ag
from autograd import Value, jit
from autograd.compiler.face import MAX_PROGRAMS
from autograd.errors import NumberError, SettingError, ShapeError, TableIndexError, TracingError

NAN = math.nan


@pytest.fixture
def line():
    """A straight line, its loss, and its two parameters."""
    w, b = Value(2.0, "w"), Value(1.0, "b")
    return jit(lambda x, y: (y - (w * x + b)) ** 2), w, b


# ------------------------------------------------------------------------------------------------- calling


def test_one_row_and_many(line):
    loss, w, b = line
    assert loss(3.0, 5.0) == 4.0
    assert type(loss(3, 5)) is float
    assert loss.rows([3, 0], [5, 1]).tolist() == [4.0, 0.0]
    assert loss.parameters == [w, b]
    value, slopes = loss.value_and_grad([3.0, 0.0], [5.0, 1.0])
    assert (value, slopes.tolist()) == (2.0, [6.0, 2.0])
    value, slopes = loss.value_and_grad([3.0, 0.0], [5.0, 1.0], reduce="sum")
    assert (value, slopes.tolist()) == (4.0, [12.0, 4.0])
    assert (w.grad, b.grad) == (0, 0)  # nobody asked for them


def test_backward_adds_to_grad(line):
    loss, w, b = line
    assert loss.backward([3.0, 0.0], [5.0, 1.0]) == 2.0
    assert loss.backward([3.0, 0.0], [5.0, 1.0], reduce="sum") == 4.0
    assert (w.grad, b.grad) == (18.0, 6.0)


def test_parameters_are_read_at_each_call(line):
    loss, w, b = line
    assert loss(3.0, 5.0) == 4.0
    w.data, b.data = 1.0, Fraction(1, 2)
    assert loss(3.0, 5.0) == 2.25
    assert loss.value_and_grad([3.0], [5.0], parameters=np.array([2.0, 1.0]))[0] == 4.0
    assert loss.value_and_grad([3.0], [5.0], parameters=[2, 1])[0] == 4.0
    with pytest.raises(ShapeError, match="there are 2 parameters"):
        loss.value_and_grad([3.0], [5.0], parameters=[2.0])
    with pytest.raises(NumberError, match=r"parameters is \['a', 1\]; give an array of 2 numbers"):
        loss.value_and_grad([3.0], [5.0], parameters=["a", 1])


def test_tracing_leaves_parameters_as_they_were(line):
    _, w, b = line

    def careless(x):
        return w * x if w * x > 0 else b

    with pytest.raises(TracingError):
        jit(careless)(1.0)
    assert (w.data, b.data) == (2.0, 1.0)


def test_nested_arguments_defaults_and_names():
    @jit
    def f(x, y, *, scale=2.0):
        """Say what it does."""
        (a, b), c = x
        return [a * b * scale, [c - y, y]]

    assert f.__name__ == "f"
    assert f.__doc__ == "Say what it does."
    assert f(((1, 2), 3), 4) == [4.0, [-1.0, 4.0]]
    assert f(((1, 2), 3), y=4, scale=0.5) == [1.0, [-1.0, 4.0]]
    assert jit(lambda x: [x[0] + x[1], x[0] - x[1]]).rows(np.eye(2)).tolist() == [[1.0, 1.0], [1.0, -1.0]]
    with pytest.raises(ShapeError, match="different lengths"):
        f.rows([((1, 2), 3)], [4])
    with pytest.raises(TypeError, match="missing"):
        f(((1, 2), 3))


def test_tables_of_every_kind(line):
    loss, *_ = line
    expected = [4.0, 0.0]
    for make in (list, tuple, np.array, lambda x: np.array(x, np.float32), lambda x: np.array(x, int)):
        assert loss.rows(make([3, 0]), make([5, 1])).tolist() == expected
    dot = jit(lambda x: x[0] * 10 + x[1])
    strided = np.arange(12.0).reshape(3, 4)[:, ::2]
    assert dot.rows(strided).tolist() == [2.0, 46.0, 90.0]
    assert dot.rows([[True, np.float32(2)], (Fraction(1, 2), 1)]).tolist() == [12.0, 6.0]


def test_nan_and_inf_in_a_table_are_numbers(line):
    loss, *_ = line
    values = loss.rows([NAN, math.inf, 1.0], [0.0, 0.0, 3.0])
    assert math.isnan(values[0])
    assert values[1:].tolist() == [math.inf, 0.0]
    value, slopes = loss.value_and_grad([NAN, 1.0], [0.0, 3.0])
    assert math.isnan(value)
    assert np.isnan(slopes).all()


def test_values_among_the_arguments_run_the_function_itself(line):
    loss, w, _ = line
    x = Value(3.0)
    out = loss(x, 5.0)
    assert out.data == 4.0
    out.backward()
    assert (x.grad, w.grad) == (8.0, 12.0)
    twice = jit(lambda x: loss(x, 5.0) * 2)  # and so it can be a part of another one
    assert twice(3.0) == 8.0
    with pytest.raises(NumberError, match=r"x\[1\].*plain numbers"):
        loss.rows([1.0, x], [1.0, 2.0])


def test_a_function_without_arguments():
    w = Value(3.0)
    square = jit(lambda: w * w)
    assert square.parameters == [w]
    assert square() == 9.0
    assert square.rows().tolist() == [9.0]
    assert [x.tolist() if hasattr(x, "tolist") else x for x in square.value_and_grad()] == [9.0, [6.0]]


def test_a_loss_that_does_not_depend_on_the_row():
    w = Value(3.0)
    loss = jit(lambda x: w * w)
    assert loss.value_and_grad([1.0, 2.0], reduce="sum")[0] == 18.0
    assert loss.value_and_grad([1.0, 2.0], reduce="sum")[1].tolist() == [12.0]
    assert loss.value_and_grad([1.0, 2.0])[1].tolist() == [6.0]
    assert loss.rows([1.0, 2.0]).tolist() == [9.0, 9.0]


def test_work_on_parameters_is_done_once_a_call():
    w = [Value(0.5) for _ in range(50)]
    loss = jit(lambda x: x * ag.sum(v.exp() for v in w))
    loss.value_and_grad([1.0, 2.0, 3.0])
    assert [g.stage for g in loss.program.both.plan.groups if g.op == "exp"] == [0]
    w[0].grad = 0
    assert loss.backward([1.0, 2.0, 3.0], reduce="sum") == pytest.approx(6 * 50 * math.exp(0.5))
    assert w[0].grad == pytest.approx(6 * math.exp(0.5))


def test_a_parameter_without_influence_has_gradient_0():
    w, u = Value(1.0), Value(5.0)

    @jit
    def loss(x):
        return ag.where(x > 0, w * x, 0.0) + 0 * ag.where(u < 0, 1.0, 0.0) * x

    assert loss.backward([1.0, 2.0]) == 1.5
    assert (w.grad, u.grad) == (1.5, 0.0)


def test_temporary_values_are_no_parameters():
    w = Value(2.0)

    @jit
    def loss(x):
        total = Value(0.0)
        for v in (w, x):
            total = total + v
        return total

    assert loss(1.0) == 3.0
    assert loss.parameters == [w]


def test_a_constant_next_to_values_is_an_output_too():
    w = Value(2.0)
    assert jit(lambda x: [w * x, 1, w])(3.0) == [6.0, 1.0, 2.0]


def test_one_source_for_eager_and_compiled_softmax():
    w = [Value(700.0), Value(800.0), Value(-3.0)]
    f = lambda x: ag.softmax([v * x for v in w])  # noqa: E731
    assert jit(f)(2.0) == [v.data for v in f(2.0)]


# ------------------------------------------------------------------------------------------------ programs


def test_a_new_structure_is_traced_anew():
    seen = []

    @jit
    def total(x):
        seen.append(len(x))
        return ag.sum(v * v for v in x)

    for row in ([1.0], [1.0, 2.0], [2.0], (3, 4)):
        total(row)
    assert seen == [1, 1, 2, 2]  # twice each: once to find the parameters
    for n in range(1, 3 * MAX_PROGRAMS):
        total([1.0] * n)
    assert len(total._programs) == MAX_PROGRAMS


def test_a_program_tells_what_it_is(line):
    loss, *_ = line
    with pytest.raises(SettingError, match="compiles when it is first called"):
        loss.program  # noqa: B018
    loss.backward([1.0, 2.0], [1.0, 2.0])
    program = loss.program
    assert program.operations == 4
    assert program.groups >= program.levels >= 4
    assert program.multiply_adds >= 6
    assert program.bytes > 100
    assert {"trace", "lower", "flatten", "differentiate", "schedule", "tape"} <= program.seconds.keys()
    text = str(program)
    assert "4 operations recorded" in text
    assert "for each row" in text
    assert "over_rows" in text


def test_models_and_programs_are_freed():
    w = Value(1.0)
    loss = jit(lambda x, w=w: w * x)
    loss(1.0)
    gone = weakref.ref(w)
    del w, loss
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_no_bit(threads):
    w = [Value(math.sin(i)) for i in range(20)]

    def loss(x, y):
        return (y - ag.tanh(ag.sum(v * x[i % 3] for i, v in enumerate(w)))) ** 2

    draw = np.random.default_rng(0)
    X, Y = draw.normal(size=(3001, 3)), draw.normal(size=3001)
    expected = jit(loss, threads=1).value_and_grad(X, Y)
    found = jit(loss, threads=threads).value_and_grad(X, Y)
    assert found[0] == expected[0]
    assert (found[1] == expected[1]).all()
    assert (jit(loss, threads=threads).rows(X, Y) == jit(loss, threads=1).rows(X, Y)).all()


def test_one_function_in_many_threads_at_once(line):
    loss, *_ = line
    X = np.linspace(-1, 1, 100)
    expected = loss.value_and_grad(X, X)
    wrong = []

    def work():
        for _ in range(50):
            value, slopes = loss.value_and_grad(X, X)
            if value != expected[0] or (slopes != expected[1]).any():
                wrong.append(value)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


def test_single_precision(line):
    loss, w, b = line
    f = lambda x, y: (y - (w * x + b)) ** 2  # noqa: E731
    fast = jit(f, dtype="float32")
    value, slopes = fast.value_and_grad([0.1, 0.3], [0.7, -0.2])
    exact, true = loss.value_and_grad([0.1, 0.3], [0.7, -0.2])
    assert value != exact
    assert value == pytest.approx(exact, rel=1e-6)
    np.testing.assert_allclose(slopes, true, rtol=1e-6)
    assert fast.rows([0.1, 0.3], [0.7, -0.2]).dtype == np.float32
    assert loss.rows([0.1, 0.3], [0.7, -0.2]).dtype == slopes.dtype == np.float64


def test_row_counts_around_the_size_of_a_block(line):
    loss, *_ = line
    for n in [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 511, 512, 513]:
        X = np.arange(n) / 7
        value, slopes = loss.value_and_grad(X, X * 3, reduce="sum")
        error = X * 3 - (2 * X + 1)
        assert value == pytest.approx((error**2).sum(), rel=1e-13)
        assert slopes.tolist() == pytest.approx(
            [(-2 * error * X).sum(), (-2 * error).sum()], rel=1e-12, abs=1e-12
        )
        np.testing.assert_array_equal(loss.rows(X, X * 3), error**2)


# ----------------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("X", "Y", "error", "message"),
    [
        ([1.0, 2.0], [1.0], ShapeError, "x has 2 rows and y has 1"),
        ([], [], ShapeError, "there are no rows"),
        (np.zeros((0,)), np.zeros((0,)), ShapeError, "there are no rows"),
        (1.0, 2.0, ShapeError, "give a list of rows"),
        ([1.0, "2"], [1.0, 2.0], NumberError, r"x\[1\]: '2' \(str\) is not a real number"),
        (["1", "2"], [1.0, 2.0], NumberError, r"x\[0\]: '1'"),
        ("12", [1.0, 2.0], ShapeError, "give a list of rows"),
        ([1.0, None], [1.0, 2.0], NumberError, r"x\[1\]: None"),
        ([1.0, 2j], [1.0, 2.0], NumberError, r"x\[1\].*complex"),
        ([1.0, [2.0]], [1.0, 2.0], ShapeError, r"x\[1\] is 1 number in a list, and x\[0\] is a number"),
        (
            [[1.0, 2.0], [3.0]],
            [1.0, 2.0],
            ShapeError,
            r"x\[1\] is 1 number in a list, and x\[0\] is 2 numbers",
        ),
        ([10**400, 1], [1.0, 2.0], OverflowError, r"x\[0\]"),
    ],
)
def test_tables_that_are_wrong(line, X, Y, error, message):
    loss, *_ = line
    with pytest.raises(error, match=message):
        loss.rows(X, Y)


def test_another_number_of_features_than_the_model_takes():
    import nn

    net = nn.MLP(2, [2, 1], seed=1)
    loss = jit(lambda x, y: (y - net(x)) ** 2)
    loss.rows([[1.0, 2.0]], [1.0])
    with pytest.raises(ShapeError, match="3"):
        loss.rows([[1.0, 2.0, 3.0]], [1.0])


@pytest.mark.parametrize(
    ("function", "line_of_code"),
    [
        (lambda x: x if x > 0 else -x, "x if x > 0 else -x"),
        (lambda x: max(x, 0.0), "max(x, 0.0)"),
        (lambda x: [1, 2, 3][x], "[1, 2, 3][x]"),
        (lambda x: ag.where(x == 1, 2.0, x), "ag.where(x == 1, 2.0, x)"),
        (lambda x: x * 2 in (0, 1), "x * 2 in (0, 1)"),
        (lambda x: math.exp(x) * x, "math.exp(x) * x"),
        (lambda x: x and 1.0, "x and 1.0"),
        (lambda x: x * 1 if x.data == 1 else x, "x.data == 1"),
    ],
)
def test_branches_on_numbers_that_are_not_known(function, line_of_code):
    with pytest.raises((TracingError, NumberError)) as error:
        jit(function)(1.0)
    if isinstance(error.value, TracingError) and "user_place" not in line_of_code:
        assert line_of_code in str(error.value)


def test_a_branch_on_a_parameter_is_refused_too():
    w = Value(2.0)
    with pytest.raises(TracingError, match="where"):
        jit(lambda x: w * x if w > 0 else x)(1.0)
    with pytest.raises(TracingError):
        jit(lambda x: max(v.data for v in (w * 1, w * 2)) * x * w)(1.0)
    assert w.data == 2.0


@pytest.mark.parametrize("result", [None, "text", 3.0, [1.0, 2.0], {"a": 1}])
def test_a_function_that_returns_no_value(result):
    with pytest.raises(TracingError):
        jit(lambda x: result)(1.0)


def test_a_loss_is_one_number():
    pair = jit(lambda x: [x, x * 2])
    assert pair.rows([1.0]).tolist() == [[1.0, 2.0]]
    with pytest.raises(ShapeError, match="returns 2 numbers"):
        pair.value_and_grad([1.0])


def test_errors_of_the_function_come_through():
    with pytest.raises(KeyError, match="mine"):
        jit(lambda x: {}["mine"])(1.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"dtype": "float16"}, "float32"), ({"threads": 0}, "threads"), ({"threads": 1.5}, "threads")],
)
def test_options_that_make_no_sense(options, message):
    with pytest.raises(SettingError, match=message):
        jit(lambda x: x, **options)


def test_another_reduction():
    with pytest.raises(SettingError, match="'mean' or 'sum'"):
        jit(lambda x: x).value_and_grad([1.0], reduce="max")


# ---------------------------------------------------------------------------------------------------- take


def test_take_from_parameters_and_from_what_was_computed():
    table = [[Value(float(10 * i + j)) for j in range(2)] for i in range(4)]

    def loss(x, y):
        a, b = ag.take(table, x)
        return ag.take([a * a, b, a + b], y)

    fast = jit(loss)
    X, Y = [3, 0, 3, 1], [0, 1, 2, 0]
    eager = [loss(x, y) for x, y in zip(X, Y, strict=True)]
    assert fast.rows(X, Y).tolist() == [v.data for v in eager]
    _, slopes = fast.value_and_grad(X, Y, reduce="sum")
    ag.sum(eager).backward()
    found = dict(zip(fast.parameters, slopes, strict=True))
    for row in table:
        for p in row:
            assert found.get(p, 0.0) == p.grad


@pytest.mark.parametrize("index", [3, -1, 0.5, NAN, math.inf])
def test_take_out_of_range_names_the_row_and_the_index(index):
    table = [Value(1.0), Value(2.0), Value(3.0)]
    loss = jit(lambda i: ag.take(table, i) ** 2)
    for rows, row in (([index], 0), ([0] * 40 + [index, 1], 40), ([1.0] * 700 + [index], 700)):
        with pytest.raises(IndexError) as error:
            loss.value_and_grad(rows)
        assert f"row {row}:" in str(error.value)
        assert f"the index is {index};" in str(error.value)
        with pytest.raises(TableIndexError):
            loss.rows(rows)
    assert loss.rows([0, 2]).tolist() == [1.0, 9.0]  # and afterwards all is well


def test_what_is_not_taken_is_not_spoilt():
    table = [Value(1.0), Value(0.0)]
    loss = jit(lambda i: ag.log(ag.take(table, i)) + ag.take([ag.log(v) for v in table], i))
    value, slopes = loss.value_and_grad([0, 0], reduce="sum")
    assert (value, slopes.tolist()) == (0.0, [4.0, 0.0])


# ------------------------------------------------------------------------------------------- without llvmlite


def test_importing_autograd_loads_none_of_it():
    code = (
        "import sys, autograd; "
        "print([m for m in ('numpy', 'llvmlite', 'autograd.compiler') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_without_llvmlite_everything_runs_on_arrays_with_one_notice():
    """All tests of this file but those that start processes, in one where there is no llvmlite."""
    code = """
import sys, warnings
sys.modules["llvmlite"] = None
import autograd as ag
from autograd import Value, jit
with warnings.catch_warnings(record=True) as notices:
    warnings.simplefilter("always")
    w, b = Value(2.0), Value(1.0)
    loss = jit(lambda x, y: (y - (w * x + b)) ** 2)
    print(loss(3.0, 5.0), loss.rows([3.0, 0.0], [5.0, 1.0]).tolist(), loss.backward([3.0, 0.0], [5.0, 1.0]))
    print(w.grad, b.grad)
    f = lambda x: ag.logsumexp([w * x, b, 0.0]) + ag.erf(x) * ag.softplus(w) + ag.take([w, b, w * b], 1) ** 3
    g = jit(f)
    eager = f(Value(0.5))
    eager.backward()
    print(abs(g(0.5) - eager.data) < 1e-15, g.value_and_grad([0.5, 0.25])[1].shape)
    t = jit(lambda i: ag.take([w, b], i))
    print(t.rows([0, 1, 1]).tolist(), t.value_and_grad([0, 1, 1], reduce="sum")[1].tolist())
    try:
        t.rows([0, 2])
    except IndexError as error:
        print(error)
(notice,) = notices
print(notice.category.__name__, "chalkgrad[fast]" in str(notice.message), notice.filename)
"""
    out = subprocess.check_output([sys.executable, "-c", code], text=True).splitlines()
    assert out == [
        "4.0 [4.0, 0.0] 2.0",
        "6.0 2.0",
        "True (2,)",
        "[2.0, 1.0, 1.0] [1.0, 2.0]",
        "row 1: the index is 2; a table of 2 has the entries 0 to 1",
        "RuntimeWarning True <string>",
    ]
