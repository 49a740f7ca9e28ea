"""Note 000: mini-batches through a 2-2-1 linear network, squared errors added up over the rows of a batch.

The loss of a batch is (y_1 - ŷ_1)^2 + (y_2 - ŷ_2)^2, so each gradient is a sum over the rows, and a factor
that differs from row to row (O_11, O_12, x_1, x_2) belongs inside that sum. The note takes it out, which no
batch of two unlike rows forgives; its formulas for the biases have no such factor. Line numbers are those of
the note.
"""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import pytest

from autograd import leaves

COUNTEREXAMPLE = {
    "w1_11": 1, "w1_12": 2, "w1_21": 1, "w1_22": 2, "w2_11": 2, "w2_21": 3, "b11": 1, "b12": -1, "b21": 1,
    "rows": [(1, 3, 20), (2, 1, 25)],
}  # fmt: skip
FIRST_BATCH = {  # of the table in L9-L16, with the weights 1 and biases 0 that notes 002 and 003 start from
    "w1_11": 1, "w1_12": 1, "w1_21": 1, "w1_22": 1, "w2_11": 1, "w2_21": 1, "b11": 0, "b12": 0, "b21": 0,
    "rows": [(3, 3, 50), (8, 55, 1000)],
}  # fmt: skip


def fractions(point):
    numbers = {name: Fraction(x) for name, x in point.items() if name != "rows"}
    return numbers | {"rows": [tuple(map(Fraction, row)) for row in point["rows"]]}


def run(linear, point):
    """The batch on Values, differentiated, and on bare numbers."""
    graph = linear.network(point)
    graph.loss.backward()
    return SimpleNamespace(graph=graph, bare=linear.network(point, linear.bare))


@pytest.fixture(params=["counterexample", 1, 2, 3])
def batch(request, linear):
    """A batch of two rows at a point where nothing coincides."""
    if request.param == "counterexample":
        return run(linear, fractions(COUNTEREXAMPLE))
    return run(linear, linear.random_point(request.param, n_rows=2))


@pytest.fixture
def counterexample(linear):
    return run(linear, fractions(COUNTEREXAMPLE))


# ------------------------------------------------------------------------------------------ sizes, forward


def test_batch_size():
    """L9: batch size = total data (rows) / no of batches = 8 / 4 = 2."""
    data = list(range(8))
    batches = [data[i : i + 2] for i in range(0, 8, 2)]
    assert len(batches) == 4
    assert {len(rows) for rows in batches} == {Fraction(8, 4)} == {2}


def test_number_of_parameters(batch):
    """L100-L112: 2 x 2 = 4 weights, 2 biases; 2 x 1 = 2 weights, 1 bias; (6+3) = 9 parameters in all."""
    names = [leaf.name for leaf in leaves(batch.graph.loss)]
    assert sum(name.startswith("w1") for name in names) == 2 * 2 == 4
    assert sum(name.startswith("w2") for name in names) == 2 * 1 == 2
    assert sum(name.startswith(("w", "b")) for name in names) == 6 + 3 == 9


def test_prediction(batch):
    r"""L118: O_{21} = \hat{y} = O_{11} \cdot w_{11}^2 + O_{12} \cdot w_{21}^2 + b_{21}"""
    n = batch.bare
    for node, r in zip(batch.graph.rows, n.rows, strict=True):
        assert node.O11.data == r.x1 * n.w1_11 + r.x2 * n.w1_21 + n.b11
        assert node.O12.data == r.x1 * n.w1_12 + r.x2 * n.w1_22 + n.b12
        assert node.O21.data == node.yh.data == r.O11 * n.w2_11 + r.O12 * n.w2_21 + n.b21


@pytest.mark.parametrize("n_rows", [1, 2, 3, 4])
def test_loss(linear, n_rows):
    r"""L122: \sum_{i=1}^n (y_i - \hat{y}_i)^2; L126: the same with n = 2."""
    both = run(linear, linear.random_point(n_rows, n_rows))
    assert both.graph.loss.data == sum((r.y - r.yh) ** 2 for r in both.bare.rows)


# ----------------------------------------------------------------------------------- the gradients, right


GRADIENTS = {  # with the factors that depend on the row inside the sum
    "w2_21": lambda n: sum(2 * (r.yh - r.y) * r.O12 for r in n.rows),  # L168, the sum over the whole product
    "w2_11": lambda n: sum(2 * (r.yh - r.y) * r.O11 for r in n.rows),
    "w1_22": lambda n: sum(2 * (r.yh - r.y) * n.w2_21 * r.x2 for r in n.rows),
    "w1_21": lambda n: sum(2 * (r.yh - r.y) * n.w2_11 * r.x2 for r in n.rows),
    "w1_12": lambda n: sum(2 * (r.yh - r.y) * n.w2_21 * r.x1 for r in n.rows),
    "w1_11": lambda n: sum(2 * (r.yh - r.y) * n.w2_11 * r.x1 for r in n.rows),
    "b21": lambda n: sum(2 * (r.yh - r.y) for r in n.rows),
    "b12": lambda n: sum(2 * (r.yh - r.y) * n.w2_21 for r in n.rows),
    "b11": lambda n: sum(2 * (r.yh - r.y) * n.w2_11 for r in n.rows),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient(batch, name):
    assert getattr(batch.graph, name).grad == GRADIENTS[name](batch.bare)


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient_of_the_first_batch(linear, name):
    both = run(linear, fractions(FIRST_BATCH))
    assert getattr(both.graph, name).grad == GRADIENTS[name](both.bare)


@pytest.mark.parametrize("n_rows", [1, 3, 4])
@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient_of_other_batch_sizes(linear, name, n_rows):
    both = run(linear, linear.random_point(10 + n_rows, n_rows))
    assert getattr(both.graph, name).grad == GRADIENTS[name](both.bare)


def residuals(n):
    r"""\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)\}, which the note writes over and over."""
    first, second = n.rows
    return (first.yh - first.y) + (second.yh - second.y)


RIGHT = {
    # L236 = 2\{...\} \times d[O_{11} \cdot w_{11}^2 + O_{12} \cdot w_{21}^2 + b_{21}] / db_{21}
    "b21 L236": lambda n, dO21: 2 * residuals(n) * dO21["b21"],
    # L238 = 2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)\} \times [0 + 0 + 1]
    "b21 L238": lambda n, dO21: 2 * residuals(n) * (0 + 0 + 1),
    # L240 = 2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)\}
    "b21 L240": lambda n, dO21: 2 * residuals(n),
    # L256 = 2\{...\} \times d[O_{11} \cdot w_{11}^2 + O_{12} \cdot w_{21}^2 + b_{21}] / dO_{12} \times
    # L258 d[x_1 \cdot w_{12}^1 + x_2 \cdot w_{22}^1 + b_{12}] / db_{12}
    "b12 L256": lambda n, dO21: 2 * residuals(n) * dO21["O12"] * dO21["b12 in O12"],
    # L260 = 2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)\} \times w_{21}^2 \times 1
    "b12 L260": lambda n, dO21: 2 * residuals(n) * n.w2_21 * 1,
    # L278 = 2\{...\} \times d[O_{11} \cdot w_{11}^2 + O_{12} \cdot w_{21}^2 + b_{21}] / dO_{11} \times
    # L280 d[x_1 \cdot w_{11}^1 + x_2 \cdot w_{21}^1 + b_{11}] / db_{11}
    "b11 L278": lambda n, dO21: 2 * residuals(n) * dO21["O11"] * dO21["b11 in O11"],
}


@pytest.mark.parametrize("step", RIGHT)
def test_right_formula_of_the_note(batch, derivative, step):
    """The biases: only the residual depends on the row, so the note's order of factors does no harm."""
    graph, name = batch.graph, step.split()[0]
    gradient = getattr(graph, name).grad
    for r in graph.rows:
        local = {
            "b21": derivative(r.O21, graph.b21),
            "O12": derivative(r.O21, r.O12),
            "O11": derivative(r.O21, r.O11),
            "b12 in O12": derivative(r.O12, graph.b12),
            "b11 in O11": derivative(r.O11, graph.b11),
        }
        assert gradient == RIGHT[step](batch.bare, local)


# ------------------------------------------------------- the chain rule, one row at a time or all at once


def chains(n, r, d):
    """dL/d(parameter) as a product along the path parameter -> ... -> O21 -> loss, in one row."""
    loss_by_O21 = d(n.loss, r.O21)
    return {
        "w2_21 L150 L152": loss_by_O21 * d(r.O21, n.w2_21),
        "w2_11 L186": loss_by_O21 * d(r.O21, n.w2_11),
        "w1_22 L204": loss_by_O21 * d(r.O21, r.O12) * d(r.O12, n.w1_22),
        "b21 L234": loss_by_O21 * d(r.O21, n.b21),
        "b12 L254": loss_by_O21 * d(r.O21, r.O12) * d(r.O12, n.b12),
        "b11 L276": loss_by_O21 * d(r.O21, r.O11) * d(r.O11, n.b11),
    }


CHAINS = ["w2_21 L150 L152", "w2_11 L186", "w1_22 L204", "b21 L234", "b12 L254", "b11 L276"]


@pytest.mark.parametrize("step", CHAINS)
def test_chain_rule_holds_added_up_over_the_rows(batch, derivative, step):
    r"""\frac{d loss}{dw} = \frac{d loss}{dO_{21}} \times ..., of the sum over the rows, not of one row."""
    gradient = getattr(batch.graph, step.split()[0]).grad
    products = [chains(batch.graph, r, derivative)[step] for r in batch.graph.rows]
    assert gradient == sum(products)
    assert gradient not in products


def steps(n, r, d):
    r"""The steps of d loss / dw_{21}^2, in one row: what follows the \sum sign, and the last factor."""
    residual = r.y - r.yh  # y_i - \hat{y}_i, a node of its own, as L156 differentiates by it
    square = residual**2
    by_w = d(r.O21, n.w2_21)
    return {
        # \sum \frac{d (y_i - \hat{y}_i)^2}{d O_{21}} \times \frac{d O_{21}}{dw_{21}^2}
        "L154": (d(square, r.O21), by_w),
        # \sum (\frac{d (y_i - \hat{y}_i)^2}{d (y_i - \hat{y}_i)} \times
        #       \frac{d (y_i - \hat{y}_i)}{d O_{21}}) \times \frac{d O_{21}}{dw_{21}^2}
        "L156": (d(square, residual) * d(residual, r.O21), by_w),
        # \sum ( 2(y_i - \hat{y}_i) \times ( \frac{dy_i}{d O_{21}} - \frac{d O_{21}}{d O_{21}} ) ) \times ...
        "L158": (2 * residual.data * (d(r.y, r.O21) - d(r.O21, r.O21)), by_w),
        # \sum (2(y_i - \hat{y}_i) \times (0 - 1)) \times \frac{d O_{21}}{dw_{21}^2}
        "L160": (2 * residual.data * (0 - 1), by_w),
        # \sum (-2(y_i - \hat{y}_i)) \times \frac{d O_{21}}{dw_{21}^2}
        "L162": (-2 * residual.data, by_w),
        # \sum (2(\hat{y}_i - y_i)) \times
        #       d (O_{11} \cdot w_{11}^2 + O_{12} \cdot w_{21}^2 + b_{21}) / d w_{21}^2
        "L164": (2 * (r.yh - r.y).data, d(r.O11 * n.w2_11 + r.O12 * n.w2_21 + n.b21, n.w2_21)),
        # \sum (2(\hat{y}_i - y_i)) \times (0 + O_{12} + 0)
        "L166": (2 * (r.yh - r.y).data, 0 + r.O12.data + 0),
        # \sum (2(\hat{y}_i - y_i)) \times O_{12}
        "L168": (2 * (r.yh - r.y).data, r.O12.data),
    }


@pytest.mark.parametrize("line", ["L154", "L156", "L158", "L160", "L162", "L164", "L166", "L168"])
def test_step_holds_if_the_sum_covers_the_last_factor(batch, derivative, line):
    gradient = batch.graph.w2_21.grad
    summands, factors = zip(*(steps(batch.graph, r, derivative)[line] for r in batch.graph.rows), strict=True)
    assert gradient == sum(s * f for s, f in zip(summands, factors, strict=True))
    assert gradient not in [sum(summands) * f for f in factors]


def test_derivative_by_the_output_is_one_number_per_row(batch, derivative):
    r"""L176: \frac{d loss}{d O_{21}} = 2 \sum (\hat{y}_i - y_i) is wrong, it is the derivative by b_{21}."""
    graph, n = batch.graph, batch.bare
    for node, r in zip(graph.rows, n.rows, strict=True):
        assert derivative(graph.loss, node.O21) == 2 * (r.yh - r.y)
        assert derivative(graph.loss, node.O21) != 2 * residuals(n)
    assert derivative(graph.loss, graph.b21) == 2 * residuals(n)


# -------------------------------------------------------------------------------------------- wrong gradients

WRONG_GRADIENTS = {
    # \frac{d loss}{dO_{21}} as in L176, which all the others go wrong by
    # L188 = 2\{...\} \times d[O_{11} \cdot w_{11}^2 + O_{12} \cdot w_{21}^2 + b_{21}] / d w_{11}^2
    # L190 = 2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)\} \times [O_{11} + 0 + 0]
    # L192 = 2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)\} \times O_{11}
    "L188 L190 L192": ("w2_11", lambda n, r: 2 * residuals(n) * r.O11, 112, (110, 88)),
    # L206 = 2\{...\} \times d[O_{11} \cdot w_{11}^2 + O_{12} \cdot w_{21}^2 + b_{21}] / dO_{12} \times
    #        d[x_1 \cdot w'_{12} + x_2 \cdot w'_{22} + b_{12}] / dw'_{22}
    # L208 = 2\{...\} \times [0 + w_{21}^2 + 0] \times [0 + x_2 + 0]
    # L210 = 2\{...\} \times w_{21}^2 \times x_2
    "L206 L208 L210": ("w1_22", lambda n, r: 2 * residuals(n) * n.w2_21 * r.x2, 210, (198, 66)),
    # L282 = 2\{...\} \times w_{21}^2 \times 1, where dO_{21}/dO_{11} is w_{11}^2
    "L282": ("b11", lambda n, r: 2 * residuals(n) * n.w2_21 * 1, 44, (66, 66)),
}


@pytest.mark.parametrize("line", WRONG_GRADIENTS)
def test_wrong_gradient_of_the_note(batch, counterexample, line):
    name, of_the_note, right, wrong = WRONG_GRADIENTS[line]
    gradient = getattr(batch.graph, name).grad
    assert gradient == GRADIENTS[name](batch.bare)
    assert gradient not in [of_the_note(batch.bare, r) for r in batch.bare.rows]
    # in numbers, with the factor taken from row 1 and from row 2
    assert getattr(counterexample.graph, name).grad == right
    assert tuple(of_the_note(counterexample.bare, r) for r in counterexample.bare.rows) == wrong


def test_wrong_derivative_by_the_output_in_numbers(counterexample, derivative):
    """L176 says 22 for both rows."""
    graph = counterexample.graph
    assert [derivative(graph.loss, r.O21) for r in graph.rows] == [24, -2]
    assert 2 * residuals(counterexample.bare) == 22


# ---------------------------------------------------------------------------------------------------- updates


def updated(both, name):
    """The parameter after one step of gradient descent with α = 1, as the note supposes for easiness."""
    parameter = getattr(both.graph, name)
    return parameter.data - parameter.grad


RIGHT_UPDATES = {
    # L138, L144, L146: w_{21, new}^2 = w_{21, old}^2 - \frac{d loss}{d w_{21}^2} = w_{21, old}^2 - A
    # L170: = w_{21}^2_{old} - \{ 2 \sum (\hat{y}_i - y_i) \times O_{12} \}, the sum over the whole product
    "w2_21 L138 L144 L146 L170": lambda n: n.w2_21 - 2 * sum((r.yh - r.y) * r.O12 for r in n.rows),
    # L182, L184: w_{11}^2_{new} = w_{11}^2_{old} - \frac{d loss}{d w_{11}^2}
    "w2_11 L182 L184": lambda n: n.w2_11 - GRADIENTS["w2_11"](n),
    # L200, L202: w'_{22new} = w'_{22old} - \frac{d loss}{dw'_{22}}
    "w1_22 L200 L202": lambda n: n.w1_22 - GRADIENTS["w1_22"](n),
    # L226, L228, L230: b_{21}^{new} = b_{21}^{old} - \frac{d loss}{db_{21}}
    "b21 L226 L228 L230": lambda n: n.b21 - GRADIENTS["b21"](n),
    # L242: b_{21new} = b_{21old} - [2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)\}]
    "b21 L242": lambda n: n.b21 - (2 * residuals(n)),
    # L248, L250: b_{12new} = b_{12old} - \frac{d loss}{db_{12}}
    "b12 L248 L250": lambda n: n.b12 - GRADIENTS["b12"](n),
    # L262: b_{12new} = b_{12old} - [2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)\} \times w_{21}^2]
    "b12 L262": lambda n: n.b12 - (2 * residuals(n) * n.w2_21),
    # L268, L270, L272: b_{11new} = b_{11old} - \frac{d loss}{db_{11}}
    "b11 L268 L270 L272": lambda n: n.b11 - GRADIENTS["b11"](n),
}


@pytest.mark.parametrize("step", RIGHT_UPDATES)
def test_right_update_of_the_note(batch, step):
    assert updated(batch, step.split()[0]) == RIGHT_UPDATES[step](batch.bare)


def squared_second(n):
    r"""[2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)^2\}], as the note's conclusion has it."""
    first, second = n.rows
    return 2 * ((first.yh - first.y) + (second.yh - second.y) ** 2)


w2_12 = w2_22 = Fraction(5, 3)  # weights the conclusion names but the network has not

WRONG_UPDATES = {
    # L170 and L172 = w_{21}^2_{old} - \{2((\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)) \times O_{12}\}
    "L172": ("w2_21", lambda n, r: n.w2_21 - 2 * residuals(n) * r.O12, -155, (-151, -107)),
    # w_{11}^2_{new} = w_{11}^2_{old} - [2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)\} \times O_{11}]
    "L194": ("w2_11", lambda n, r: n.w2_11 - 2 * residuals(n) * r.O11, -110, (-108, -86)),
    # w'_{22new} = w'_{22old} - [2\{...\} \times w_{21}^2 \times x_2]
    "L212": ("w1_22", lambda n, r: n.w1_22 - 2 * residuals(n) * n.w2_21 * r.x2, -208, (-196, -64)),
    # w_{21}^{new} = w_{21}^{old} - [2\{...\}] \times w_{11}^2 \times x_2
    "L216": ("w1_21", lambda n, r: n.w1_21 - 2 * residuals(n) * n.w2_11 * r.x2, -139, (-131, -43)),
    # w_{12}^{new} = w_{12}^{old} - [2\{...\}] \times w_{21}^2 \times x_1
    "L218": ("w1_12", lambda n, r: n.w1_12 - 2 * residuals(n) * n.w2_21 * r.x1, -58, (-64, -130)),
    # w_{11}^{new} = w_{11}^{old} - [2\{...\}] \times w_{11}^2 \times x_1
    "L220": ("w1_11", lambda n, r: n.w1_11 - 2 * residuals(n) * n.w2_11 * r.x1, -39, (-43, -87)),
    # b_{11new} = b_{11old} - [2\{...\} \times w_{21}^2], where L304 has w_{11}^2
    "L284": ("b11", lambda n, r: n.b11 - 2 * residuals(n) * n.w2_21, -43, (-65, -65)),
    # The conclusion: as above, with (\hat{y}_2 - y_2) squared, and some of the weights mislabelled
    # w_{11}^1 = w_{11}^1{}_{old} - [2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)^2\}] \times w_{11}^2 \times x_1
    "L290": ("w1_11", lambda n, r: n.w1_11 - squared_second(n) * n.w2_11 * r.x1, -39, (-51, -103)),
    # w_{12}^1 = w_{12}^1{}_{old} - [2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)^2\}] \times w_{12}^2 \times x_1
    "L292": ("w1_12", lambda n, r: n.w1_12 - squared_second(n) * w2_12 * r.x1, -58,
                 (2 - 26 * w2_12, 2 - 52 * w2_12)),
    # w_{21}^1 = w_{21}^1{}_{old} - [2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)^2\}] \times w_{21}^2 \times x_2
    "L294": ("w1_21", lambda n, r: n.w1_21 - squared_second(n) * n.w2_21 * r.x2, -139, (-233, -77)),
    # w_{22}^1 = w_{22}^1{}_{old} - [2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)^2\}] \times w_{22}^2 \times x_2
    "L296": ("w1_22", lambda n, r: n.w1_22 - squared_second(n) * w2_22 * r.x2, -208,
                 (2 - 78 * w2_22, 2 - 26 * w2_22)),
    # w_{11}^2 = w_{11}^2{}_{old} - [2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)^2\}] \times O_{11}
    "L298": ("w2_11", lambda n, r: n.w2_11 - squared_second(n) * r.O11, -110, (-128, -102)),
    # w_{21}^2 = w_{21}^2{}_{old} - [2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)^2\}] \times O_{12}
    "L300": ("w2_21", lambda n, r: n.w2_21 - squared_second(n) * r.O12, -155, (-179, -127)),
    # b_{11}^{new} = b_{11}^{old} - [2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)^2\}] \times w_{11}^2
    "L304": ("b11", lambda n, r: n.b11 - squared_second(n) * n.w2_11, -43, (-51, -51)),
    # b_{12}^{new} = b_{12}^{old} - [2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)^2\}] \times w_{12}^2
    "L306": ("b12", lambda n, r: n.b12 - squared_second(n) * w2_12, -67, (-1 - 26 * w2_12,) * 2),
    # b_{21}^{new} = b_{21}^{old} - [2\{(\hat{y}_1 - y_1) + (\hat{y}_2 - y_2)^2\}]
    "L308": ("b21", lambda n, r: n.b21 - squared_second(n), -21, (-25, -25)),
}  # fmt: skip


@pytest.mark.parametrize("line", WRONG_UPDATES)
def test_wrong_update_of_the_note(batch, counterexample, line):
    name, of_the_note, right, wrong = WRONG_UPDATES[line]
    new = updated(batch, name)
    assert new == getattr(batch.bare, name) - GRADIENTS[name](batch.bare)
    assert new not in [of_the_note(batch.bare, r) for r in batch.bare.rows]
    assert updated(counterexample, name) == right
    assert tuple(of_the_note(counterexample.bare, r) for r in counterexample.bare.rows) == wrong


def test_conclusion_with_its_braces_and_labels_mended(batch):
    """L304-L308, the biases, are right with `^2` read as the brace it is in L242 and w^2_{12} as w^2_{21}."""
    n = batch.bare
    assert updated(batch, "b11") == n.b11 - 2 * residuals(n) * n.w2_11
    assert updated(batch, "b12") == n.b12 - 2 * residuals(n) * n.w2_21
    assert updated(batch, "b21") == n.b21 - 2 * residuals(n)


def test_taking_the_factor_out_does_no_harm_if_the_rows_are_equal(linear):
    """Why the mistake is easy to miss: with one row twice, L172 and the like give the right numbers."""
    point = linear.random_point(5, n_rows=1)
    point["rows"] *= 2
    both = run(linear, point)
    n = both.bare
    assert both.graph.w2_21.grad == 2 * residuals(n) * n.rows[0].O12
    assert both.graph.w1_22.grad == 2 * residuals(n) * n.w2_21 * n.rows[0].x2
