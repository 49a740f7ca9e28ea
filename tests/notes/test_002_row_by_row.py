"""Note 002: IQ and gpa to salary, a 2-2-1 linear network, one row at a time, squared error.

The note calls hidden outputs o_11 and o_12 and inputs x_i1 and x_i2. It goes wrong where it writes the target
y for the prediction ŷ, or the other way round, where it mislabels a weight, and in the sign on its last page.
Line numbers are those of the note.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import pytest

ETA = Fraction(3, 7)
COUNTEREXAMPLE = {
    "w1_11": 1, "w1_12": 2, "w1_21": 1, "w1_22": 3, "w2_11": 2, "w2_21": 5, "b11": 1, "b12": 4, "b21": 7,
    "rows": [(2, 3, 70)],
}  # fmt: skip
w2_22 = Fraction(11)  # a weight that L56 names and the network has not


def run(linear, point):
    """The network on one row, on Values and on bare numbers; its row's names are at hand too."""
    graph, bare = linear.network(point), linear.network(point, linear.bare)
    graph.loss.backward()
    for n in (graph, bare):
        n.__dict__.update(vars(n.rows[0]), L=n.loss)
    return SimpleNamespace(graph=graph, bare=bare)


def counterexample_point():
    numbers = {name: Fraction(x) for name, x in COUNTEREXAMPLE.items() if name != "rows"}
    return numbers | {"rows": [tuple(map(Fraction, row)) for row in COUNTEREXAMPLE["rows"]]}


@pytest.fixture(params=["counterexample", 1, 2, 3])
def row(request, linear):
    """One row at a point where nothing coincides."""
    if request.param == "counterexample":
        return run(linear, counterexample_point())
    return run(linear, linear.random_point(20 + request.param, n_rows=1))


@pytest.fixture
def counterexample(linear):
    return run(linear, counterexample_point())


# --------------------------------------------------------------------------------------------- forward, loss


def test_forward(row):
    node, n = row.graph, row.bare
    # L61, L150: o_{11} = w_{11}^1 x_{i1} + w_{21}^1 x_{i2} + b_{11}
    assert node.O11.data == n.w1_11 * n.x1 + n.w1_21 * n.x2 + n.b11
    # L56: o_{12} = w_{12}^1 x_{i1} + w_{22}^2 x_{i2} + b_{12}, where w_{22}^2 must be w_{22}^1
    assert node.O12.data == n.w1_12 * n.x1 + n.w1_22 * n.x2 + n.b12
    assert node.O12.data != n.w1_12 * n.x1 + w2_22 * n.x2 + n.b12


def test_forward_in_numbers(counterexample):
    n = counterexample.bare
    assert counterexample.graph.O12.data == 17
    assert n.w1_12 * n.x1 + w2_22 * n.x2 + n.b12 == 41


def test_loss(row):
    r"""L39: L = (y - \hat{y})^2"""
    assert row.graph.loss.data == (row.bare.y - row.bare.yh) ** 2


def test_loss_of_the_first_row(linear):
    """L40, L41: (40 - 60)^2 = 400; but with weights 1 and biases 0 (L34) the prediction is 127, not 60."""
    start = dict.fromkeys(linear.weights, Fraction(1)) | dict.fromkeys(linear.biases, Fraction(0))
    supposed = start | dict.fromkeys(linear.weights, Fraction(0)) | {"b21": Fraction(60)}
    row = [(Fraction(60), Fraction(7, 2), Fraction(40))]
    assert run(linear, supposed | {"rows": row}).graph.loss.data == (40 - 60) ** 2 == 400
    first = run(linear, start | {"rows": row}).graph
    assert first.yh.data == 127
    assert first.loss.data == (40 - 127) ** 2 == 7569


@pytest.mark.parametrize("m", [1, 2, 4])
def test_mean_squared_error(linear, m):
    r"""L52: -\frac{1}{m} \sum_{i=1}^m (y_i - \hat{y}_i)^2 has the wrong sign."""
    point = linear.random_point(30, m)
    graph, bare = linear.network(point), linear.network(point, linear.bare)
    loss = (graph.loss / m).data
    assert loss == Fraction(1, m) * sum((r.y - r.yh) ** 2 for r in bare.rows)
    assert loss != -Fraction(1, m) * sum((r.y - r.yh) ** 2 for r in bare.rows)


# ----------------------------------------------------------------------------------------- gradients, right

GRADIENTS = {
    # L118, L190: \frac{\partial L}{\partial w_{21}^2} = -2(y - \hat{y}) o_{12}
    "w2_21": lambda n: -2 * (n.y - n.yh) * n.O12,
    # L120, L192: \frac{\partial L}{\partial w_{11}^2} = -2(y - \hat{y}) o_{11}
    "w2_11": lambda n: -2 * (n.y - n.yh) * n.O11,
    # L122, L194: \frac{\partial L}{\partial b_{21}} = -2(y - \hat{y})
    "b21": lambda n: -2 * (n.y - n.yh),
    # L178: \frac{\partial L}{\partial w_{11}^1} = -2(y - \hat{y}) w_{11}^2 x_{i1}
    "w1_11": lambda n: -2 * (n.y - n.yh) * n.w2_11 * n.x1,
    # L180: \frac{\partial L}{\partial w_{21}^1} = -2(y - \hat{y}) w_{11}^2 x_{i2}
    "w1_21": lambda n: -2 * (n.y - n.yh) * n.w2_11 * n.x2,
    # L182: \frac{\partial L}{\partial b_{11}} = -2(y - \hat{y}) w_{11}^2
    "b11": lambda n: -2 * (n.y - n.yh) * n.w2_11,
    # L184, which names it w_{12}^1: \frac{\partial L}{\partial w_{22}^1} = -2(y - \hat{y}) w_{21}^2 x_{i2}
    "w1_22": lambda n: -2 * (n.y - n.yh) * n.w2_21 * n.x2,
    # L186: \frac{\partial L}{\partial w_{12}^1} = -2(y - \hat{y}) w_{21}^2 x_{i1}
    "w1_12": lambda n: -2 * (n.y - n.yh) * n.w2_21 * n.x1,
    # L188: \frac{\partial L}{\partial b_{12}} = -2(y - \hat{y}) w_{21}^2
    "b12": lambda n: -2 * (n.y - n.yh) * n.w2_21,
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient(row, name):
    assert getattr(row.graph, name).grad == GRADIENTS[name](row.bare)


TO_FIND = {  # what the note sets out to find, by the unit they belong to
    "O21": ["w2_21", "w2_11", "b21"],  # L73, L81
    "O11": ["w1_11", "w1_21", "b11"],  # L75, L124
    "O12": ["w1_12", "w1_22", "b12"],  # L79, which has w'_{11}, w'_{12}, b_{12}
}


def test_which_parameters_belong_to_which_unit(row, derivative):
    n = row.graph
    for unit, parameters in TO_FIND.items():
        others = [name for name in GRADIENTS if name[0:2] in ("w1", "b1") and name not in parameters]
        for name in parameters:
            assert derivative(getattr(n, unit), getattr(n, name)) != 0
            assert getattr(n, name).grad != 0
        if unit != "O21":
            assert all(derivative(getattr(n, unit), getattr(n, name)) == 0 for name in others)
    # L138: \frac{\partial L}{\partial o_{11}}
    assert derivative(n.loss, n.O11) == -2 * (row.bare.y - row.bare.yh) * row.bare.w2_11


LOCAL = {  # d(what) / d(by what)
    # L92, L94, L129: \frac{\partial L}{\partial \hat{y}} = -2(y - \hat{y})
    ("L", "yh"): lambda n: -2 * (n.y - n.yh),
    # L100, L210: \frac{\partial \hat{y}}{\partial w_{21}^2} = o_{12}
    ("yh", "w2_21"): lambda n: n.O12,
    # L108, L204: \frac{\partial \hat{y}}{\partial w_{11}^2} = o_{11}
    ("yh", "w2_11"): lambda n: n.O11,
    # L116, L216: \frac{\partial \hat{y}}{\partial b_{21}} = 1
    ("yh", "b21"): lambda n: 1,
    # L148, L166, with ŷ for the y of the note: \frac{\partial \hat{y}}{\partial o_{11}} = w_{11}^2
    ("yh", "O11"): lambda n: n.w2_11,
    # L154: \frac{\partial o_{11}}{\partial w_{11}^1} = x_{i1}
    ("O11", "w1_11"): lambda n: n.x1,
    # L158: \frac{\partial o_{11}}{\partial w_{21}^1} = x_{i2}
    ("O11", "w1_21"): lambda n: n.x2,
    # L160: \frac{\partial o_{11}}{\partial b_{11}} = 1
    ("O11", "b11"): lambda n: 1,
}


@pytest.mark.parametrize("pair", LOCAL, ids="-".join)
def test_local_derivative(row, derivative, pair):
    output, variable = (getattr(row.graph, name) for name in pair)
    assert derivative(output, variable) == LOCAL[pair](row.bare)


WRITTEN_OUT = {  # the same derivatives, of the formula the note writes in brackets
    # L90: \frac{\partial L}{\partial \hat{y}} = \frac{\partial}{\partial \hat{y}} (y - \hat{y})^2
    ("L", "yh"): lambda n: (n.y - n.yh) ** 2,
    # L98: \frac{\partial}{\partial w_{21}^2} [ w_{11}^2 o_{11} + w_{21}^2 o_{12} + b_{21} ]
    ("yh", "w2_21"): lambda n: n.w2_11 * n.O11 + n.w2_21 * n.O12 + n.b21,
    # L106, L112: the same by w_{11}^2 and by b_{21}
    ("yh", "w2_11"): lambda n: n.w2_11 * n.O11 + n.w2_21 * n.O12 + n.b21,
    ("yh", "b21"): lambda n: n.w2_11 * n.O11 + n.w2_21 * n.O12 + n.b21,
    # L146, with ŷ for y: \frac{\partial}{\partial o_{11}} [ w_{11}^2 o_{11} + w_{21}^2 o_{12} + b_{11} ],
    # where the bias ought to be b_{21}, which makes no difference
    ("yh", "O11"): lambda n: n.w2_11 * n.O11 + n.w2_21 * n.O12 + n.b11,
    # L152: \frac{\partial}{\partial w_{11}^1} [ w_{11}^1 x_{i1} + w_{21}^1 x_{i2} + b_{11} ]
    ("O11", "w1_11"): lambda n: n.w1_11 * n.x1 + n.w1_21 * n.x2 + n.b11,
    # L156, L160: the same by w_{21}^1 and by b_{11}
    ("O11", "w1_21"): lambda n: n.w1_11 * n.x1 + n.w1_21 * n.x2 + n.b11,
    ("O11", "b11"): lambda n: n.w1_11 * n.x1 + n.w1_21 * n.x2 + n.b11,
}


@pytest.mark.parametrize("pair", WRITTEN_OUT, ids="-".join)
def test_derivative_of_the_formula_in_brackets(row, derivative, pair):
    output, variable = (getattr(row.graph, name) for name in pair)
    assert derivative(output, variable) == derivative(WRITTEN_OUT[pair](row.graph), variable)


def test_margin_marks_read_as_division_do_no_harm(row, derivative):
    r"""L160: \frac{w_{11}^1 x_{i1}}{\sigma} is an underlined w_{11}^1 x_{i1}; b_{11} does not care."""
    n, sigma = row.graph, Fraction(13, 5)
    assert derivative(n.w1_11 * n.x1 / sigma + n.w1_21 * n.x2 / sigma + n.b11, n.b11) == 1


CHAINS = {
    # L86: ∂L/∂w^2_{21} = ∂L/∂ŷ × ∂ŷ/∂w^2_{21}
    "w2_21": ("L", "yh", "w2_21"),
    # L88: ∂L/∂w^2_{11} = ∂L/∂ŷ ∂ŷ/∂w^2_{11}
    "w2_11": ("L", "yh", "w2_11"),
    # L110: ∂L/∂b_{21} = ∂L/∂ŷ ∂ŷ/∂b_{21}
    "b21": ("L", "yh", "b21"),
    # L131: ∂L/∂w_{11}^1 = ∂L/∂ŷ × ∂ŷ/∂o_{11} × ∂o_{11}/∂w_{11}^1
    "w1_11": ("L", "yh", "O11", "w1_11"),
    # L134: ∂L/∂w_{21}^1 = ∂L/∂ŷ ∂ŷ/∂o_{11} ∂o_{11}/∂w_{21}^1
    "w1_21": ("L", "yh", "O11", "w1_21"),
    # L142: ∂L/∂b_{11} = ∂L/∂ŷ · ∂ŷ/∂o_{11} · ∂o_{11}/∂b_{11}, with ŷ for the y of the note
    "b11": ("L", "yh", "O11", "b11"),
}


def product_along(graph, names, derivative):
    path = [getattr(graph, name) for name in names]
    return math.prod(derivative(a, b) for a, b in pairwise(path))


@pytest.mark.parametrize("name", CHAINS)
def test_chain_rule(row, derivative, name):
    assert product_along(row.graph, CHAINS[name], derivative) == GRADIENTS[name](row.bare)


# ----------------------------------------------------------------------------------------- gradients, wrong

WRONG = {  # line: (variable, formula of the note, right number and wrong number at the counterexample)
    # \frac{\partial L}{\partial w_{21}^2} = -2(\hat{y} - \hat{y}) o_{12}
    "L102": ("w2_21", lambda n: -2 * (n.yh - n.yh) * n.O12, 1156, 0),
    # \frac{\partial L}{\partial w_{11}^2} = -2(\hat{y} - \hat{y}) o_{11}
    "L104": ("w2_11", lambda n: -2 * (n.yh - n.yh) * n.O11, 408, 0),
    # \frac{\partial L}{\partial b_{21}} = -2(\hat{y} - \hat{y})
    "L110": ("b21", lambda n: -2 * (n.yh - n.yh), 68, 0),
    # \frac{\partial L}{\partial w_{11}^1} = -2(y - \hat{y}) \cdot 1 \cdot 1
    "L170": ("w1_11", lambda n: -2 * (n.y - n.yh) * 1 * 1, 272, 68),
    # \frac{\partial L}{\partial w_{12}^1} = -2(y - \hat{y}) w_{21}^2 x_{i2}, which is that of w_{22}^1
    "L184": ("w1_12", lambda n: -2 * (n.y - n.yh) * n.w2_21 * n.x2, 680, 1020),
    # \frac{\partial L}{\partial w_{11}^1} = -2(\hat{y} - y) w_{11}^2 x_{i1}
    "L206": ("w1_11", lambda n: -2 * (n.yh - n.y) * n.w2_11 * n.x1, 272, -272),
    # \frac{\partial L}{\partial w_{12}^1} = -2(\hat{y} - y) w_{21}^2 x_{i1}
    "L208": ("w1_12", lambda n: -2 * (n.yh - n.y) * n.w2_21 * n.x1, 680, -680),
    # \frac{\partial L}{\partial w_{21}^1} = -2(\hat{y} - y) w_{11}^2 x_{i2}
    "L212": ("w1_21", lambda n: -2 * (n.yh - n.y) * n.w2_11 * n.x2, 408, -408),
    # \frac{\partial L}{\partial w_{22}^1} = -2(\hat{y} - y) w_{21}^2 x_{i2}
    "L214": ("w1_22", lambda n: -2 * (n.yh - n.y) * n.w2_21 * n.x2, 1020, -1020),
    # \frac{\partial L}{\partial b_{11}} = -2(\hat{y} - y) w_{11}^2
    "L218": ("b11", lambda n: -2 * (n.yh - n.y) * n.w2_11, 136, -136),
    # \frac{\partial L}{\partial b_{21}} = -2(\hat{y} - y) w_{21}^2: the sign, and it would be that of b_{12}
    "L220": ("b21", lambda n: -2 * (n.yh - n.y) * n.w2_21, 68, -340),
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_gradient_of_the_note(row, counterexample, line):
    name, of_the_note, right, wrong = WRONG[line]
    assert getattr(row.graph, name).grad == GRADIENTS[name](row.bare)
    assert getattr(row.graph, name).grad != of_the_note(row.bare)
    assert getattr(counterexample.graph, name).grad == right
    assert of_the_note(counterexample.bare) == wrong


WRONG_CHAINS = {  # with the target y for the prediction ŷ, which no parameter reaches
    # ∂L/∂b_{11} = ∂L/∂y · ∂y/∂o_{11} · ∂o_{11}/∂b_{11}
    "L142 L174": (("L", "y", "O11", "b11"), 136),
    # ∂L/∂w_{11}^1 = ∂L/∂y · ∂y/∂o_{11} · ∂o_{11}/∂w_{11}^1
    "L168 L170": (("L", "y", "O11", "w1_11"), 272),
    # ∂L/∂w_{21}^1 = ∂L/∂y · ∂y/∂o_{11} · ∂o_{11}/∂w_{21}^1
    "L172": (("L", "y", "O11", "w1_21"), 408),
}


@pytest.mark.parametrize("line", WRONG_CHAINS)
def test_chain_through_the_target_is_zero(row, counterexample, derivative, line):
    names, right = WRONG_CHAINS[line]
    assert product_along(row.graph, names, derivative) == 0 != getattr(row.graph, names[-1]).grad
    assert getattr(counterexample.graph, names[-1]).grad == right


def test_derivatives_of_and_by_the_target(row, counterexample, derivative):
    n = row.graph
    # L162: \frac{\partial L}{\partial y} = -2(y - \hat{y}), whose sign is that of ∂L/∂ŷ
    assert derivative(n.loss, n.y) == 2 * (row.bare.y - row.bare.yh) != -2 * (row.bare.y - row.bare.yh)
    # L146, L148, L166: \frac{\partial y}{\partial o_{11}} = w_{11}^2, which is that of \hat{y}
    assert derivative(n.y, n.O11) == 0 != row.bare.w2_11
    n = counterexample.graph
    assert (derivative(n.loss, n.y), derivative(n.loss, n.yh)) == (-68, 68)
    assert (derivative(n.y, n.O11), derivative(n.yh, n.O11)) == (0, 2)


# ---------------------------------------------------------------------------------------------------- updates


@pytest.mark.parametrize("name", GRADIENTS)
def test_update(row, name):
    r"""L66, L68, L258, L260: w_{new} = w_{old} - \eta \frac{\partial L}{\partial w_{old}}; the same for b."""
    parameter = getattr(row.graph, name)
    parameter.data = parameter.data - ETA * parameter.grad
    assert parameter.data == getattr(row.bare, name) - ETA * GRADIENTS[name](row.bare)


def test_one_epoch_row_by_row(linear):
    """L228-L254: weights 1, biases 0, and four rows, each with the parameters that the row before it left."""
    rows = [(60, Fraction(7, 2), 40), (80, Fraction(47, 10), 60), (20, 3, 25), (90, 3, 50)]
    eta = Fraction(1, 1000)
    by_engine = dict.fromkeys(linear.weights, Fraction(1)) | dict.fromkeys(linear.biases, Fraction(0))
    by_hand = dict(by_engine)
    for row in rows:
        here = {"rows": [tuple(map(Fraction, row))]}
        graph = run(linear, by_engine | here).graph
        bare = run(linear, by_hand | here).bare
        for name in linear.parameters:
            by_engine[name] -= eta * getattr(graph, name).grad
            by_hand[name] -= eta * GRADIENTS[name](bare)
    assert by_engine == by_hand
