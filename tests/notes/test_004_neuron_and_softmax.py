"""Note 004: one sigmoid neuron with binary cross-entropy, softmax with cross-entropy, and a second layer.

Everything is exact: the numbers have an exponential and a logarithm of their own (`Exact` in conftest.py),
under which the algebra of the note holds to the letter. Line numbers are those of the note.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from types import SimpleNamespace

import pytest

from autograd import Value, exp, log, sigmoid, softmax

ALPHA = Fraction(3, 7)


def data(values):
    """The numbers in a nested list of Values."""
    return [data(v) for v in values] if isinstance(values, list) else values.data


def grads(values):
    return [grads(v) for v in values] if isinstance(values, list) else values.grad


def transposed(rows):
    return [list(column) for column in zip(*rows, strict=True)]


def product(left, right):
    """The matrix product; a list of rows each."""
    columns = transposed(right)
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in left]


def run(sigmoids, point):
    """The neuron on Values, differentiated, and on bare numbers; its only point's names are at hand too."""
    graph, bare = sigmoids.neuron(point), sigmoids.neuron(point, sigmoids.bare)
    graph.J.backward()
    if len(graph.points) == 1:
        for n in (graph, bare):
            n.__dict__.update(vars(n.points[0]))
    return SimpleNamespace(graph=graph, bare=bare)


@pytest.fixture(params=["counterexample", 1, 2, 3, 4])
def trained(request, sigmoids, exact):
    """One neuron with two inputs and a point; in the counterexample with one, where a is a half."""
    if request.param == "counterexample":
        zero, two = exact.number(0), exact.number(2)
        return run(sigmoids, {"w": [zero], "b": zero, "points": [([two], zero)]})
    return run(sigmoids, sigmoids.random_neuron_point(request.param))


# ---------------------------------------------------------------------------------------------- the numbers


def test_exponential_and_logarithm_of_the_exact_numbers(exact):
    rng = random.Random(0)
    for _ in range(50):
        s, t = exact.exponent(rng), exact.exponent(rng)
        assert (s + t).exp() == s.exp() * t.exp()
        assert (s.exp() * t.exp()).log() == s + t
        p, q = 1 + s.exp(), 1 + t.exp()  # with other prime factors
        assert (p * q).log() == p.log() + q.log()
        assert (p / q).log() == p.log() - q.log()
    assert exact.number(0).exp() == 1
    with pytest.raises(AssertionError, match="exact for integers"):
        exact.number(Fraction(1, 2)).exp()


# ---------------------------------------------------------------------------------------------------- forward


def test_shapes(trained):
    """L23-L27: w is (1, d), x is (d, 1), b, a and the loss are numbers; dJ/dw has the shape of w."""
    w, x = [trained.bare.w], [[xj] for xj in trained.bare.x]
    ((z,),) = product(w, x)
    assert z + trained.bare.b == trained.graph.z.data
    x_transposed = transposed(x)
    assert len(x_transposed) == len(w) == 1
    assert len(x_transposed[0]) == len(w[0]) == len(grads(trained.graph.w))


def test_forward(trained):
    node, n = trained.graph, trained.bare
    # L31: z = \vec{w} \cdot \vec{x} + b
    assert node.z.data == sum(w * x for w, x in zip(n.w, n.x, strict=True)) + n.b
    # L33: \hat{y} = a = \sigma(z)
    assert node.a.data == 1 / (1 + (-n.z).exp())
    # L35: J = -(y \log(a) + (1-y) \log(1-a))
    assert node.J.data == -(n.y * n.a.log() + (1 - n.y) * (1 - n.a).log())


# -------------------------------------------------------------------------------------------------- gradients


def test_gradient(trained):
    n = trained.bare
    # L79, L81: \frac{\partial J}{\partial w} = (a - y) \cdot x^T
    assert grads(trained.graph.w) == [(n.a - n.y) * x for x in n.x]
    # L86, with b for the y of the note: \frac{\partial J}{\partial b} = (a - y)
    assert trained.graph.b.grad == n.a - n.y


def test_chain_rule(trained, derivative):
    n = trained.graph
    J_by_z = derivative(n.J, n.a) * derivative(n.a, n.z)
    # L43: ∂J/∂w = ∂J/∂a · ∂a/∂z · ∂z/∂w
    for w in n.w:
        assert derivative(n.J, w) == J_by_z * derivative(n.z, w)
    # L45: ∂J/∂b = ∂J/∂a · ∂a/∂z · ∂z/∂b
    assert derivative(n.J, n.b) == J_by_z * derivative(n.z, n.b)


def test_first_factor(trained, derivative):
    node, n = trained.graph, trained.bare
    # L47: ∂J/∂a = - (y \frac{\partial \log(a)}{\partial a} + (1-y) \frac{\partial \log(1-a)}{\partial a})
    by_log = -(n.y * derivative(log(node.a), node.a) + (1 - n.y) * derivative(log(1 - node.a), node.a))
    assert derivative(node.J, node.a) == by_log
    # L49: = - (y \cdot \frac{1}{a} + (1-y) \frac{1}{a-1})
    assert derivative(node.J, node.a) == -(n.y * (1 / n.a) + (1 - n.y) * (1 / (n.a - 1)))


SECOND_FACTOR = {  # \frac{\partial a}{\partial z}, step by step; e is e^{-z}
    # -\frac{1}{(1 + e^{-z})^2} \cdot (-e^{-z})
    "L55": lambda e, s, a: -1 / (1 + e) ** 2 * (-e),
    # \frac{e^{-z}}{(1 + e^{-z})^2}
    "L57": lambda e, s, a: e / (1 + e) ** 2,
    # \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}}
    "L59": lambda e, s, a: 1 / (1 + e) * (e / (1 + e)),
    # \sigma(z) \cdot [\frac{e^{-z} + 1 - 1}{1 + e^{-z}}]
    "L61": lambda e, s, a: s * ((e + 1 - 1) / (1 + e)),
    # \sigma(z) [1 - \sigma(z)]
    "L63": lambda e, s, a: s * (1 - s),
    # a(1-a)
    "L65": lambda e, s, a: a * (1 - a),
}


@pytest.mark.parametrize("line", SECOND_FACTOR)
def test_second_factor(trained, derivative, line):
    node, n = trained.graph, trained.bare
    assert derivative(node.a, node.z) == SECOND_FACTOR[line]((-n.z).exp(), n.z.sigmoid(), n.a)


def test_second_factor_of_the_formula_written_out(trained, derivative):
    z = trained.graph.z
    # L51: \frac{\partial}{\partial z} (\frac{1}{1+e^{-z}})
    assert derivative(trained.graph.a, z) == derivative(1 / (1 + exp(-z)), z)
    # L53: \frac{\partial}{\partial z} [(1 + e^{-z})^{-1}]
    assert derivative(trained.graph.a, z) == derivative((1 + exp(-z)) ** -1, z)


def test_last_factors(trained, derivative):
    node, n = trained.graph, trained.bare
    # L67: \frac{\partial Z}{\partial w} = x
    assert [derivative(node.z, w) for w in node.w] == n.x
    # L69: \frac{\partial Z}{\partial b} = 1
    assert derivative(node.z, node.b) == 1


ALGEBRA = {  # ∂J/∂w for one entry of w, from the product of the factors to its short form
    # - (y \cdot \frac{1}{a} + (1-y) \frac{1}{a-1}) (a)(1-a) \cdot x
    "L71": lambda y, a, x: -(y * (1 / a) + (1 - y) * (1 / (a - 1))) * a * (1 - a) * x,
    # L73 mended: \frac{1}{a-1} in the second term
    "L73 mended": lambda y, a, x: -(y * (1 / a) * a * (1 - a) + (1 - y) * (1 / (a - 1)) * a * (1 - a)) * x,
    # L75 mended: the factor x put back
    "L75 mended": lambda y, a, x: -(y * (1 - a) - (1 - y) * a) * x,
    # L77 mended: the factor x put back
    "L77 mended": lambda y, a, x: -(y - a * y - a + a * y) * x,
    # (a - y) \cdot \vec{x}
    "L79": lambda y, a, x: (a - y) * x,
}


@pytest.mark.parametrize("line", ALGEBRA)
def test_algebra(trained, line):
    n = trained.bare
    assert grads(trained.graph.w) == [ALGEBRA[line](n.y, n.a, x) for x in n.x]


WRONG = {  # with the number it gives at w = 0, b = 0, x = 2, y = 0, where the derivative is 1
    # - (y \cdot \frac{1}{a} \cdot a(1-a) + (1-y) \frac{1}{a} a \cdot (1-a)) x, with a for the note's q
    "L73": (lambda y, a, x: -(y * (1 / a) * a * (1 - a) + (1 - y) * (1 / a) * a * (1 - a)) * x, -1),
    # - [y(1-a) - (1-y)a]
    "L75": (lambda y, a, x: -(y * (1 - a) - (1 - y) * a), Fraction(1, 2)),
    # - [y - ay - a + ay]
    "L77": (lambda y, a, x: -(y - a * y - a + a * y), Fraction(1, 2)),
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_step_of_the_note(trained, line):
    of_the_note, at_counterexample = WRONG[line]
    n = trained.bare
    for gradient, x in zip(grads(trained.graph.w), n.x, strict=True):
        assert gradient != of_the_note(n.y, n.a, x)
        if n.w == [0]:
            assert (gradient, of_the_note(n.y, n.a, x)) == (1, at_counterexample)


def test_derivative_by_the_label(trained, derivative):
    r"""L86: \frac{\partial J}{\partial y} = (a - y) is ∂J/∂b; the one by y is \log(1-a) - \log(a), or -z."""
    node, n = trained.graph, trained.bare
    assert derivative(node.J, node.y) == (1 - n.a).log() - n.a.log() == -n.z
    assert derivative(node.J, node.y) != n.a - n.y
    if n.w == [0]:
        assert (derivative(node.J, node.y), n.a - n.y) == (0, Fraction(1, 2))


# ---------------------------------------------------------------------------------------------------- updates


def test_update(trained):
    node, n = trained.graph, trained.bare
    # L39, L90: w' = w - \alpha \frac{\partial J}{\partial w} = w - \alpha (a - y) x^T
    for w, old, x in zip(node.w, n.w, n.x, strict=True):
        w.data = w.data - ALPHA * w.grad
        assert w.data == old - ALPHA * (n.a - n.y) * x
    # L39, L92: b' = b - \alpha \frac{\partial J}{\partial b} = b - \alpha (a - y)
    node.b.data = node.b.data - ALPHA * node.b.grad
    assert node.b.data == n.b - ALPHA * (n.a - n.y)


def test_example(sigmoids, exact, derivative):
    """L94-L99: a = 0.7 and y = 1 give 0.7 - 1 = -0.3, which is dJ/dz and dJ/db, and dJ/dw over x."""
    z, w, x = exact.number(Fraction(7, 3)).log(), exact.number(11), exact.number(Fraction(5, 4))
    n = run(sigmoids, {"w": [w], "b": z - w * x, "points": [([x], exact.number(1))]}).graph
    assert n.a.data == Fraction(7, 10)
    assert derivative(n.J, n.z) == n.b.grad == Fraction(7, 10) - 1 == Fraction(-3, 10)
    assert n.w[0].grad / x == Fraction(-3, 10)
    assert n.w[0].grad != Fraction(-3, 10)


def test_example_in_floats(sigmoids):
    n = run(sigmoids, {"w": [0.5], "b": math.log(7 / 3) - 1, "points": [([2.0], 1.0)]}).graph
    assert n.a.data == pytest.approx(0.7, rel=1e-15)
    assert n.b.grad == pytest.approx(-0.3, rel=1e-15)
    assert n.w[0].grad == pytest.approx(-0.6, rel=1e-15)


@pytest.mark.parametrize("n_points", [2, 3, 4])
def test_many_points(sigmoids, n_points):
    """L154-L161: the mean over the points; (A - Y) X^T alone is the sum, n times as much."""
    both = run(sigmoids, sigmoids.random_neuron_point(50 + n_points, d=2, n_points=n_points))
    node, n = both.graph, both.bare
    for j, w in enumerate(node.w):
        # L154: w' = w - \alpha \frac{1}{n} \sum_{i=1}^n (a_i - y_i) x_i^T
        mean = Fraction(1, n_points) * sum((p.a - p.y) * p.x[j] for p in n.points)
        assert w.data - ALPHA * w.grad == n.w[j] - ALPHA * mean
        # L161: w - \alpha (A - Y) \cdot X^T, take mean in code
        A_minus_Y = [[p.a - p.y for p in n.points]]
        X = transposed([p.x for p in n.points])
        matrix_form = product(A_minus_Y, transposed(X))[0][j]
        assert w.grad == matrix_form / n_points != matrix_form
    # L156: b = b - \alpha \frac{1}{n} \sum_{i=1}^n (a_i - y_i)
    mean = Fraction(1, n_points) * sum(p.a - p.y for p in n.points)
    assert node.b.data - ALPHA * node.b.grad == n.b - ALPHA * mean


# ---------------------------------------------------------------------------------------------------- softmax


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_softmax(exact, seed):
    r"""L118: S_M(z_i) = \frac{e^{z_i}}{\sum_{j=1}^K e^{z_j}} for K = 3"""
    rng = random.Random(seed)
    z = [exact.exponent(rng) for _ in range(3)]
    a = softmax([Value(zi) for zi in z])
    assert data(a) == [zi.exp() / sum(zj.exp() for zj in z) for zi in z]
    assert sum(data(a)) == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sigmoid_is_softmax_for_two_classes(exact, derivative, seed):
    rng = random.Random(seed)
    zA, zB = exact.exponent(rng), exact.exponent(rng)
    A, B = Value(zA), Value(zB)
    first, _ = softmax([A, B])
    # L124: S_M(z_A) = \frac{e^{z_A}}{e^{z_A} + e^{z_B}}
    assert first.data == zA.exp() / (zA.exp() + zB.exp())
    # L126: = \frac{1}{1 + e^{(z_B - z_A)}}
    assert first.data == 1 / (1 + (zB - zA).exp())
    # L128: = \frac{1}{1 + e^{-(z_A - z_B)}}
    assert first.data == 1 / (1 + (-(zA - zB)).exp())
    # L130: \approx \frac{1}{1 + e^{-z'}} ... Sigmoid; with z' = z_A - z_B it is exact
    assert first.data == sigmoid(zA - zB)
    # L132: "hence the derivative also comes out to be similar"
    assert derivative(first, A) == derivative(sigmoid(A - B), A) == first.data * (1 - first.data)
    assert derivative(first, B) == derivative(sigmoid(A - B), B)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_softmax_with_cross_entropy(sigmoids, derivative, seed):
    r"""L134, L136, L142: with J = -\sum_k y_k \log a_k and \sum_k y_k = 1, the note's formulas hold."""
    n = sigmoids.classifier(sigmoids.random_classifier_point(seed))
    n.J.backward()
    a, x, y = data(n.a), data(n.x), data(n.y)
    residual = [ak - yk for ak, yk in zip(a, y, strict=True)]
    # \frac{\partial J}{\partial a} \cdot \frac{\partial a}{\partial z} = (a - y), a sum over all the outputs
    J_by_a = [derivative(n.J, ak) for ak in n.a]
    a_by_z = [[derivative(ak, zj) for zj in n.z] for ak in n.a]
    assert product([J_by_a], a_by_z) == [residual]
    # \frac{\partial J}{\partial w} = (a - y) \cdot x^T, L144-L148: k x 1 times 1 x d is k x d, ex: 3 x 2
    assert grads(n.w) == product([[r] for r in residual], [x])
    assert (len(n.w), len(n.w[0])) == (3, 2)
    # \frac{\partial J}{\partial b} = (a - y)
    assert grads(n.b) == residual


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sigmoid_with_binary_cross_entropy_in_every_class(sigmoids, seed):
    """L134 in the other reading that makes it right: K neurons, each with the loss of L35."""
    point = sigmoids.random_classifier_point(seed)
    n = sigmoids.classifier(point, lambda z: [sigmoid(zk) for zk in z], sigmoids.binary_cross_entropy)
    n.J.backward()
    assert grads(n.z) == grads(n.b) == [a - y for a, y in zip(data(n.a), data(n.y), strict=True)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_softmax_with_binary_cross_entropy_is_another_loss(sigmoids, seed):
    """L134 with softmax and the only J the note writes, that of L35: wrong."""
    n = sigmoids.classifier(sigmoids.random_classifier_point(seed), softmax, sigmoids.binary_cross_entropy)
    n.J.backward()
    for gradient, a, y in zip(grads(n.z), data(n.a), data(n.y), strict=True):
        assert gradient != a - y


def test_softmax_example(sigmoids, exact):
    """L140-L148: a = (0.7, 0.2, 0.1) and y = (1, 0, 0); with the three entries of x there, w is 3 x 3."""
    w = [[exact.number(0)] * 3] * 3
    z = [exact.number(number).log() for number in (7, 2, 1)]
    x = [exact.number(2), exact.number(-5), exact.number(Fraction(3, 4))]
    y = [exact.number(1), exact.number(0), exact.number(0)]
    n = sigmoids.classifier({"w": w, "b": z, "x": x, "y": y})
    n.J.backward()
    assert data(n.a) == [Fraction(7, 10), Fraction(1, 5), Fraction(1, 10)]
    assert grads(n.b) == [Fraction(-3, 10), Fraction(1, 5), Fraction(1, 10)]
    assert grads(n.w) == product([[g] for g in grads(n.b)], [x])
    assert (len(n.w), len(n.w[0])) == (3, 3) != (3, 2)


# ------------------------------------------------------------------------------------------------- two layers


@pytest.fixture(params=[1, 2, 3])
def layered(request, sigmoids, activated):
    """Four points, two features, three hidden units, two outputs; the activation is a random cubic."""
    cubic = activated.Cubic(request.param)
    point = sigmoids.random_two_layer_point(request.param, n_points=4, d=2, hidden=3, out=2)
    graph, bare = sigmoids.two_layers(point, cubic), sigmoids.two_layers(point, cubic, sigmoids.bare)
    graph.J.backward()
    return SimpleNamespace(graph=graph, bare=bare, act=cubic)


def plus(left, right):
    return [[a + b for a, b in zip(r, s, strict=True)] for r, s in zip(left, right, strict=True)]


def entrywise(f, *tables):
    return [[f(*entries) for entries in zip(*rows, strict=True)] for rows in zip(*tables, strict=True)]


def test_both_layouts_of_a_layer(layered):
    n = layered.bare
    b = [n.b1] * len(n.x)
    # L178: z = xw + b, (n x d)(d x k) + (n x k)
    points_in_rows = plus(product(n.x, n.w1), b)
    assert data(layered.graph.z1) == points_in_rows
    # L176: z = wx + b, (k x d)(d x n) + (k x n)
    points_in_columns = plus(product(transposed(n.w1), transposed(n.x)), transposed(b))
    assert points_in_columns == transposed(points_in_rows)
    assert (len(points_in_columns), len(points_in_columns[0])) == (3, 4)


def test_forward_through_two_layers(layered):
    n = layered.bare
    # L187: A^1 = a(xw^1 + b^1)
    A1 = entrywise(layered.act, plus(product(n.x, n.w1), [n.b1] * len(n.x)))
    assert data(layered.graph.A1) == A1
    # L189: A^2 = a(A^1 w^2 + b^2)
    assert data(layered.graph.A2) == entrywise(layered.act, plus(product(A1, n.w2), [n.b2] * len(n.x)))


def test_chain_through_two_layers(layered):
    """L197 with the factors in the order that matrices need: ∂J/∂w^1 = x^T ∂J/∂z^1."""
    n, prime = layered.bare, layered.act.prime
    by_z2 = entrywise(lambda a, y, z: (a - y) * prime(z), n.A2, n.y, n.z2)
    assert grads(layered.graph.w2) == product(transposed(n.A1), by_z2)
    by_z1 = entrywise(lambda g, z: g * prime(z), product(by_z2, transposed(n.w2)), n.z1)
    assert grads(layered.graph.w1) == product(transposed(n.x), by_z1)
    assert grads(layered.graph.b2) == [sum(column) for column in transposed(by_z2)]
    assert grads(layered.graph.b1) == [sum(column) for column in transposed(by_z1)]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("act", ["cubic", "sigmoid"])
def test_chain_of_scalars(sigmoids, activated, exact, derivative, act, seed):
    """L195, L197: ∂J/∂w^1 = ∂J/∂A^2 · ∂A^2/∂z^2 · ∂z^2/∂A^1 · ∂A^1/∂z^1 · ∂z^1/∂w^1"""
    point = sigmoids.random_two_layer_point(seed, n_points=1, d=1, hidden=1, out=1)
    f = activated.Cubic(seed)
    if act == "sigmoid":  # with biases that give z an exact exponential
        rng, f = random.Random(seed), sigmoid
        z1, z2 = exact.exponent(rng), exact.exponent(rng)
        point["b1"] = [z1 - point["x"][0][0] * point["w1"][0][0]]
        point["b2"] = [z2 - z1.sigmoid() * point["w2"][0][0]]
    n = sigmoids.two_layers(point, f)
    ((w1,),), ((z1,),), ((A1,),), ((z2,),), ((A2,),) = n.w1, n.z1, n.A1, n.z2, n.A2
    chain = (
        derivative(n.J, A2)
        * derivative(A2, z2)
        * derivative(z2, A1)
        * derivative(A1, z1)
        * derivative(z1, w1)
    )
    assert derivative(n.J, w1) == chain
