"""Note 001: weight and shoulder to height, half the squared error, an activation f that is left open.

Here f is a random cubic, once as one primitive and once built from products and sums; ReLU on either side
of its kink; and the sigmoid, exact on numbers with an exact exponential. All the formulas of this note are
right. Line numbers are those of the note.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import pytest

from autograd import Value, relu, sigmoid

ETA = Fraction(3, 7)


def sigmoid_prime(z):
    """e^-z / (1 + e^-z)^2, in numbers with an exponential of their own."""
    e = (-z).exp()
    return e / (1 + e) ** 2


def step(z):
    """The derivative of ReLU away from 0."""
    return 1 if z > 0 else 0


ACTIVATIONS = {  # Z1 and Z2 are set where f asks for it
    "cubic primitive": (None, None),
    "cubic of operations": (None, None),
    "identity": (None, None),
    "relu, Z1 > 0 > Z2": (Fraction(31, 7), Fraction(-5, 3)),
    "relu, Z1 < 0 < Z2": (Fraction(-31, 7), Fraction(5, 3)),
    "relu, both on": (Fraction(1, 9), Fraction(500)),
    "relu, both off": (Fraction(-1, 9), Fraction(-500)),
    "sigmoid": ("random", "random"),
}


@pytest.fixture(params=[f"{name}, point {seed}" for name in ACTIVATIONS for seed in (1, 2, 3)])
def trained(request, activated, cubic_primitive, exact):
    """The network, differentiated, and the hand's copy of its numbers; with f and f' on bare numbers."""
    name, seed = request.param.split(", point ")
    z1, z2 = ACTIVATIONS[name]
    if name == "cubic primitive":
        of_values, cubic = cubic_primitive
        f, prime = cubic, cubic.prime
    elif name == "cubic of operations":
        of_values = f = activated.Cubic(seed=int(seed))
        prime = f.prime
    elif name == "identity":
        of_values = f = lambda z: z
        prime = lambda z: 1  # noqa: E731
    elif name == "sigmoid":
        rng = random.Random(seed)
        z1, z2 = exact.exponent(rng), exact.exponent(rng)
        of_values, f, prime = sigmoid, exact.number.sigmoid, sigmoid_prime
    else:
        of_values, f, prime = relu, lambda z: max(z, 0), step
    point = activated.random_point(int(seed), z1, z2)
    graph = activated.network(point, of_values)
    graph.L.backward()
    return SimpleNamespace(graph=graph, bare=activated.network(point, f, activated.bare), f=f, prime=prime)


# ---------------------------------------------------------------------------------------------------- forward

FORWARD = {
    # L67, L180: Z1 = W1 \cdot X1 + W2 \cdot X2 + b1
    "Z1": lambda n, f: n.W1 * n.X1 + n.W2 * n.X2 + n.b1,
    # L71, L204: Z2 = W3 \cdot X1 + W4 \cdot X2 + b2
    "Z2": lambda n, f: n.W3 * n.X1 + n.W4 * n.X2 + n.b2,
    # L80: A1 = f(Z1)
    "A1": lambda n, f: f(n.Z1),
    # L85: A2 = f(Z2)
    "A2": lambda n, f: f(n.Z2),
    # L104, L152, L178, L202: Y_{pred} = W5 \cdot A1 + W6 \cdot A2 + b3
    "Ypred": lambda n, f: n.W5 * n.A1 + n.W6 * n.A2 + n.b3,
    # L123: L = \frac{1}{2}(Y - Y_{pred})^2
    "L": lambda n, f: Fraction(1, 2) * (n.Y - n.Ypred) ** 2,
}


def test_forward(trained):
    for name, by_hand in FORWARD.items():
        assert getattr(trained.graph, name).data == by_hand(trained.bare, trained.f), name


# -------------------------------------------------------------------------------------------------- gradients

GRADIENTS = {  # fp is f'
    # L156: \frac{\partial L}{\partial W5} = (Y_{pred} - Y) \cdot A1
    "W5": lambda n, fp: (n.Ypred - n.Y) * n.A1,
    # L161: \frac{\partial L}{\partial W6} = (Y_{pred} - Y) \cdot A2
    "W6": lambda n, fp: (n.Ypred - n.Y) * n.A2,
    # L166: \frac{\partial L}{\partial b3} = (Y_{pred} - Y)
    "b3": lambda n, fp: n.Ypred - n.Y,
    # L186: \frac{\partial L}{\partial Z1} = (Y_{pred} - Y) \cdot W5 \cdot f'(Z1)
    "Z1": lambda n, fp: (n.Ypred - n.Y) * n.W5 * fp(n.Z1),
    # L190: \frac{\partial L}{\partial W1} = (Y_{pred} - Y) \cdot W5 \cdot f'(Z1) \cdot X1
    "W1": lambda n, fp: (n.Ypred - n.Y) * n.W5 * fp(n.Z1) * n.X1,
    # L194: \frac{\partial L}{\partial W2} = (Y_{pred} - Y) \cdot W5 \cdot f'(Z1) \cdot X2
    "W2": lambda n, fp: (n.Ypred - n.Y) * n.W5 * fp(n.Z1) * n.X2,
    # L198: \frac{\partial L}{\partial b1} = (Y_{pred} - Y) \cdot W5 \cdot f'(Z1)
    "b1": lambda n, fp: (n.Ypred - n.Y) * n.W5 * fp(n.Z1),
    # L208, L225: \frac{\partial L}{\partial Z2} = (Y_{pred} - Y) \cdot W6 \cdot f'(Z2)
    "Z2": lambda n, fp: (n.Ypred - n.Y) * n.W6 * fp(n.Z2),
    # L212, L229: \frac{\partial L}{\partial W3} = (Y_{pred} - Y) \cdot W6 \cdot f'(Z2) \cdot X1
    "W3": lambda n, fp: (n.Ypred - n.Y) * n.W6 * fp(n.Z2) * n.X1,
    # L216, L233: \frac{\partial L}{\partial W4} = (Y_{pred} - Y) \cdot W6 \cdot f'(Z2) \cdot X2
    "W4": lambda n, fp: (n.Ypred - n.Y) * n.W6 * fp(n.Z2) * n.X2,
    # L220, L237: \frac{\partial L}{\partial b2} = (Y_{pred} - Y) \cdot W6 \cdot f'(Z2)
    "b2": lambda n, fp: (n.Ypred - n.Y) * n.W6 * fp(n.Z2),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient(trained, name):
    assert getattr(trained.graph, name).grad == GRADIENTS[name](trained.bare, trained.prime)


@pytest.mark.parametrize("name", ["Z1", "W1", "W2", "b1", "Z2", "W3", "W4", "b2"])
def test_f_in_the_place_of_its_derivative_is_wrong(activated, cubic_primitive, name):
    f, cubic = cubic_primitive
    for seed in (1, 2, 3):
        point = activated.random_point(seed)
        graph = activated.network(point, f)
        graph.L.backward()
        bare = activated.network(point, cubic, activated.bare)
        assert getattr(graph, name).grad == GRADIENTS[name](bare, cubic.prime)
        assert getattr(graph, name).grad != GRADIENTS[name](bare, cubic)


CHAINS = {
    # L156: ∂L/∂W5 = ∂L/∂Y_{pred} · ∂Y_{pred}/∂W5
    "W5": ("L", "Ypred", "W5"),
    # L186: ∂L/∂Z1 = ∂L/∂Y_{pred} · ∂Y_{pred}/∂A1 · ∂A1/∂Z1
    "Z1": ("L", "Ypred", "A1", "Z1"),
    # L190: ∂L/∂W1 = ∂L/∂Z1 · ∂Z1/∂W1
    "W1": ("L", "Z1", "W1"),
    # L212, L229: ∂L/∂W3 = ∂L/∂Z2 · ∂Z2/∂W3
    "W3": ("L", "Z2", "W3"),
}


@pytest.mark.parametrize("name", CHAINS)
def test_chain_rule(trained, derivative, name):
    path = [getattr(trained.graph, node) for node in CHAINS[name]]
    product = math.prod(derivative(a, b) for a, b in pairwise(path))
    assert product == derivative(path[0], path[-1]) == GRADIENTS[name](trained.bare, trained.prime)


# ---------------------------------------------------------------------------------------------------- updates


def test_update(trained):
    r"""L241-L258: W = W - \eta \cdot \frac{\partial L}{\partial W}, where `=` is assignment."""
    for name in ("W5", "W6", "b3", "W1", "W2", "W3", "W4", "b1", "b2"):
        parameter = getattr(trained.graph, name)
        parameter.data = parameter.data - ETA * parameter.grad
        by_hand = getattr(trained.bare, name) - ETA * GRADIENTS[name](trained.bare, trained.prime)
        assert parameter.data == by_hand, name


def test_updates_are_simultaneous(activated, cubic_primitive):
    """L241 updates W5 first, and still the gradients of W1, W2 and b1 go by the W5 that was recorded."""
    f, cubic = cubic_primitive
    point = activated.random_point(4)
    graph, bare = activated.network(point, f), activated.network(point, cubic, activated.bare)
    graph.W5.data = bare.W5 - ETA * GRADIENTS["W5"](bare, cubic.prime)
    graph.L.backward()
    assert graph.W1.grad == GRADIENTS["W1"](bare, cubic.prime)
    bare.W5 = graph.W5.data
    assert graph.W1.grad != GRADIENTS["W1"](bare, cubic.prime)


# ----------------------------------------------------------------------------- the note's own rows, in floats


@pytest.mark.parametrize(("weight", "shoulder", "height"), [(68.0, 14.0, 5.7), (89.0, 18.0, 6.0)])
def test_sigmoid_in_floats(activated, weight, shoulder, height):
    """L50-L52, with weights small enough that the sigmoid is not flat: the closed form, to 12 digits."""
    point = {
        "W1": 0.01, "W2": -0.02, "W3": -0.03, "W4": 0.05, "W5": 0.7, "W6": -1.1,
        "b1": 0.1, "b2": -0.2, "b3": 0.3, "X1": weight, "X2": shoulder, "Y": height,
    }  # fmt: skip

    def logistic(z):
        return 1 / (1 + math.exp(-z))

    def prime(z):
        return math.exp(-z) / (1 + math.exp(-z)) ** 2

    graph = activated.network(point, Value.sigmoid)
    graph.L.backward()
    bare = activated.network(point, logistic, activated.bare)
    for name in GRADIENTS:
        assert getattr(graph, name).grad == pytest.approx(GRADIENTS[name](bare, prime), rel=1e-12, abs=0)
