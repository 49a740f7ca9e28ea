"""Note 003: IQ and CGPA to package, the 2-2-1 linear network of notes 000 and 002, one random row at a time.

Its formulas are right; L80 leaves out a partial sign. Line numbers are those of the note.
"""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import pytest

from autograd import leaves

ETA = Fraction(3, 7)


@pytest.fixture(params=[1, 2, 3])
def row(request, linear):
    point = linear.random_point(40 + request.param, n_rows=1)
    graph = linear.network(point)
    graph.loss.backward()
    return SimpleNamespace(graph=graph, bare=linear.network(point, linear.bare))


def start(linear):
    """L34: all the weights 1 and biases 0."""
    return dict.fromkeys(linear.weights, Fraction(1)) | dict.fromkeys(linear.biases, Fraction(0))


def test_loss(row):
    r"""L40: L = (y-\hat{y})^2"""
    (r,) = row.bare.rows
    assert row.graph.loss.data == (r.y - r.yh) ** 2


def test_loss_of_the_first_row(linear):
    """L38, L40: the note supposes 17, L = (5 - 17)^2 = 144; with weights 1 and biases 0 it predicts 176."""
    row = [(Fraction(80), Fraction(8), Fraction(5))]
    supposed = dict.fromkeys(linear.parameters, Fraction(0)) | {"b21": Fraction(17), "rows": row}
    assert linear.network(supposed).loss.data == (5 - 17) ** 2 == 144
    first = linear.network(start(linear) | {"rows": row})
    assert first.rows[0].yh.data == 176
    assert first.loss.data == (5 - 176) ** 2 == 29241


def test_prediction(row):
    r"""L52: O_{21} = w^2_{11} \cdot O_{11} + w^2_{21} \cdot O_{12} + b_{21}"""
    n, (r,) = row.bare, row.bare.rows
    assert row.graph.rows[0].O21.data == n.w2_11 * r.O11 + n.w2_21 * r.O12 + n.b21


def test_what_the_output_depends_on(row):
    """L54, L66: O_21 on 5 quantities, the loss on 6 weights and 3 biases, so there are 9 gradients."""
    output = row.graph.rows[0].O21
    first, b21 = output.operands
    factors = [x for product in first.operands for x in product.operands]
    r = row.graph.rows[0]
    assert {x.name or x for x in [*factors, b21]} == {"w2_11", "w2_21", r.O11, r.O12, "b21"}
    parameters = [x for x in leaves(row.graph.loss) if x.name.startswith(("w", "b"))]
    assert len(parameters) == 6 + 3
    assert all(x.grad != 0 for x in parameters)


def test_derivative_by_the_prediction(row, derivative):
    r"""L78: ∂L/∂ŷ = \frac{\partial (y - \hat{y})^2}{\partial \hat{y}} = -2(y - \hat{y})"""
    node, (r,) = row.graph.rows[0], row.bare.rows
    assert derivative(row.graph.loss, node.yh) == -2 * (r.y - r.yh)
    assert derivative((node.y - node.yh) ** 2, node.yh) == -2 * (r.y - r.yh)


def test_derivative_of_the_prediction(row, derivative):
    r"""L80: ∂ŷ/∂w^2_{11} = \frac{\partial (O_{11} w^2_{11} + O_{12} w^2_{21} + b_{21})}{w^2_{11}} = O_{11}

    The denominator lacks its partial sign: a quotient instead of a derivative is another number.
    """
    n, node, (r,) = row.graph, row.graph.rows[0], row.bare.rows
    bracket = node.O11 * n.w2_11 + node.O12 * n.w2_21 + n.b21
    assert derivative(node.yh, n.w2_11) == derivative(bracket, n.w2_11) == r.O11
    assert (bracket / n.w2_11).data != r.O11


def test_gradient(row, derivative):
    r"""L74, L82: ∂L/∂w^2_{11} = ∂L/∂ŷ · ∂ŷ/∂w^2_{11} = -2(y-\hat{y}) \cdot O_{11}"""
    n, node, (r,) = row.graph, row.graph.rows[0], row.bare.rows
    assert n.w2_11.grad == -2 * (r.y - r.yh) * r.O11
    assert derivative(n.loss, node.yh) * derivative(node.yh, n.w2_11) == -2 * (r.y - r.yh) * r.O11


def test_update(row):
    r"""L64: w^2_{11new} = w^2_{11old} - \eta \frac{\partial L}{\partial w^2_{11}}"""
    n, (r,) = row.bare, row.bare.rows
    w = row.graph.w2_11
    assert w.data - ETA * w.grad == n.w2_11 - ETA * (-2 * (r.y - r.yh) * r.O11)


def test_every_update(linear, row):
    r"""L44, L46: w_{new} = w_{old} - \eta \frac{\partial L}{\partial w_{old}}; b too, for all nine."""
    n, (r,) = row.bare, row.bare.rows
    upstream = -2 * (r.y - r.yh)
    gradients = {
        "w2_11": upstream * r.O11,
        "w2_21": upstream * r.O12,
        "b21": upstream,
        "w1_11": upstream * n.w2_11 * r.x1,
        "w1_21": upstream * n.w2_11 * r.x2,
        "b11": upstream * n.w2_11,
        "w1_12": upstream * n.w2_21 * r.x1,
        "w1_22": upstream * n.w2_21 * r.x2,
        "b12": upstream * n.w2_21,
    }
    assert set(gradients) == set(linear.parameters)
    for name, gradient in gradients.items():
        parameter = getattr(row.graph, name)
        parameter.data = parameter.data - ETA * parameter.grad
        assert parameter.data == getattr(n, name) - ETA * gradient


def test_the_next_pass_over_a_row_loses_less(linear):
    """L86-L90, for the first row of the table: with a small enough step the loss is smaller the next time."""
    point = start(linear) | {"rows": [(Fraction(80), Fraction(8), Fraction(5))]}
    losses = []
    for _ in range(3):
        graph = linear.network(point)
        graph.loss.backward()
        losses.append(graph.loss.data)
        point |= {x: point[x] - Fraction(1, 100_000) * getattr(graph, x).grad for x in linear.parameters}
    assert losses[0] > losses[1] > losses[2]
