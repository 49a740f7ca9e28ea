"""What the tests of the five notes share: exact numbers, random points, and the networks of the notes.

A network is a plain function of its leaves, so each runs twice: on Values, which differentiate it, and on the
bare numbers, which give a hand formula what it needs without any help from the engine.
"""

from __future__ import annotations

import functools
import operator
import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from autograd import OPS, Value, leaves, log, primitive, sigmoid, softmax

collect_ignore = ["fuzz_reading.py", "corpus/by_hand.py", "corpus/worlds.py"]
"""No tests; the first needs atheris, the others PyTorch."""

Leaf = Callable[[Any, str], Any]

# ---------------------------------------------------------------------------------------- exact numbers

GENERATORS = (2, 3, 7)
RADIX = 1000


class Exact:
    """A fraction with an exponential and a logarithm that are exact, for formulas with sigmoid in them.

    `exp` takes the integer a + 1000 b + 1000^2 c to 2^a 3^b 7^c, and `log` takes it back; the logarithm of
    any other prime is an arbitrary number, the same each time. So e^(s + t) = e^s e^t and
    log(s t) = log s + log t hold to the letter. A formula that follows from these laws is right on such
    numbers exactly, and one that does not is wrong on nearly all of them.
    """

    def __init__(self, number: Fraction | int) -> None:
        self.fraction = Fraction(number)

    def __repr__(self) -> str:
        return f"Exact({self.fraction})"

    def _apply(self, name: str, operands: Sequence[Any]) -> Any:
        """Compute a primitive; the engine leaves that to numbers that have this method."""
        return getattr(Exact, name)(*operands)

    def exp(self) -> Exact:
        """The power of 2, 3 and 7 whose exponents are the digits of an integer, from -500 to 499."""
        power, rest = Fraction(1), int(self.fraction)
        assert rest == self, f"exp is exact for integers, not for {self}"
        for prime in GENERATORS:
            digit = (rest + RADIX // 2) % RADIX - RADIX // 2
            power *= Fraction(prime) ** digit
            rest = (rest - digit) // RADIX
        assert rest == 0, f"{self} has more than {len(GENERATORS)} digits"
        return Exact(power)

    def log(self) -> Exact:
        """The inverse of `exp`, extended to all positive fractions."""
        assert self.fraction > 0, f"log is for positive numbers, not for {self}"
        return Exact(log_of_integer(self.fraction.numerator) - log_of_integer(self.fraction.denominator))

    def sigmoid(self) -> Exact:
        """1 / (1 + e^-x)."""
        return 1 / (1 + (-self).exp())

    def sum(*numbers: Any) -> Any:
        """The sum of any number of them."""
        return functools.reduce(operator.add, numbers)

    def __eq__(self, other: object) -> bool:
        return self.fraction == (other.fraction if isinstance(other, Exact) else other)

    def __hash__(self) -> int:
        return hash(self.fraction)

    def __neg__(self) -> Exact:
        return Exact(-self.fraction)

    def __add__(self, other: Any) -> Exact:
        return self._with(other, operator.add)

    def __sub__(self, other: Any) -> Exact:
        return self._with(other, operator.sub)

    def __rsub__(self, other: Any) -> Exact:
        return -self + other

    def __mul__(self, other: Any) -> Exact:
        return self._with(other, operator.mul)

    def __truediv__(self, other: Any) -> Exact:
        return self._with(other, operator.truediv)

    def __rtruediv__(self, other: Any) -> Exact:
        return self**-1 * other

    def __pow__(self, other: Any) -> Exact:
        return self._with(other, operator.pow)

    __radd__, __rmul__ = __add__, __mul__

    def _with(self, other: Any, operation: Callable[[Any, Any], Any]) -> Exact:
        """Fraction's own arithmetic, with exact numbers only: a float has no place here."""
        if isinstance(other, Exact):
            other = other.fraction
        return (
            Exact(operation(self.fraction, other)) if isinstance(other, (Fraction, int)) else NotImplemented
        )


@functools.cache
def log_of_integer(n: int) -> Fraction:
    """The sum of the logarithms of the prime factors."""
    total, prime = Fraction(0), 2
    while n > 1:
        if prime * prime > n:
            prime = n
        while n % prime == 0:
            total += log_of_prime(prime)
            n //= prime
        prime += 1
    return total


def log_of_prime(prime: int) -> Fraction:
    if prime in GENERATORS:
        return Fraction(RADIX ** GENERATORS.index(prime))
    return Fraction(random.Random(prime).randrange(1, 10**6), 1_000_003)


def random_fraction(rng: random.Random) -> Fraction:
    """One of a million fractions between -1000 and 1000."""
    return Fraction(rng.randint(-10_000, 10_000), rng.randint(10, 99))


def random_exponent(rng: random.Random) -> Exact:
    """A number whose `exp` has few enough factors 2, 3 and 7 that sums of such are soon factored."""
    return Exact(rng.randint(-8, 8) + RADIX * rng.randint(-5, 5) + RADIX**2 * rng.randint(-3, 3))


@pytest.fixture(scope="session")
def exact() -> SimpleNamespace:
    """Exact numbers, and random ones: `number`, `fraction(rng)`, `exponent(rng)`."""
    return SimpleNamespace(number=Exact, fraction=random_fraction, exponent=random_exponent)


# ------------------------------------------------------------------------------------------ derivatives


def derivative_in_graph(output: Value, variable: Value) -> Any:
    """d(output)/d(variable) by `backward()`, for any two nodes; 0 where none leads to the other.

    The gradients that leaves have already are left as they were.
    """
    before = [(node, node.grad) for node in (*leaves(output), variable)]
    variable.grad = 0
    output.backward()
    found = variable.grad
    for node, gradient in before:
        node.grad = gradient
    return found


@pytest.fixture(scope="session")
def derivative() -> Callable[[Value, Value], Any]:
    """Return the function that takes the derivative of one node of a graph by another."""
    return derivative_in_graph


def bare(number: Any, name: str) -> Any:
    """The leaf of a hand calculation: the number itself."""
    return number


# -------------------------------------------------------------------------------- notes 000, 002 and 003

WEIGHTS = ("w1_11", "w1_12", "w1_21", "w1_22", "w2_11", "w2_21")
BIASES = ("b11", "b12", "b21")


def linear_network(point: dict[str, Any], leaf: Leaf = Value) -> SimpleNamespace:
    """Two inputs, two hidden units, one output, linear activations; the squared errors of all rows added up.

    `w2_11` stands for w^2_{11}. A point holds the parameters and `rows`, a list of (x1, x2, y).
    """
    n = SimpleNamespace(**{name: leaf(point[name], name) for name in WEIGHTS + BIASES}, rows=[])
    for i, (x1, x2, y) in enumerate(point["rows"], 1):
        r = SimpleNamespace(x1=leaf(x1, f"x_{i}1"), x2=leaf(x2, f"x_{i}2"), y=leaf(y, f"y_{i}"))
        r.O11 = n.w1_11 * r.x1 + n.w1_21 * r.x2 + n.b11
        r.O12 = n.w1_12 * r.x1 + n.w1_22 * r.x2 + n.b12
        r.O21 = r.yh = n.w2_11 * r.O11 + n.w2_21 * r.O12 + n.b21
        n.rows.append(r)
    n.loss = sum((r.y - r.yh) ** 2 for r in n.rows)
    return n


def random_linear_point(seed: int, n_rows: int) -> dict[str, Any]:
    rng = random.Random(seed)
    point: dict[str, Any] = {name: random_fraction(rng) for name in WEIGHTS + BIASES}
    point["rows"] = [tuple(random_fraction(rng) for _ in range(3)) for _ in range(n_rows)]
    return point


@pytest.fixture(scope="session")
def linear() -> SimpleNamespace:
    """The 2-2-1 network: `network(point, leaf)`, `random_point(seed, n_rows)`, `bare`, and names."""
    return SimpleNamespace(
        network=linear_network,
        random_point=random_linear_point,
        bare=bare,
        weights=WEIGHTS,
        biases=BIASES,
        parameters=WEIGHTS + BIASES,
    )


# ---------------------------------------------------------------------------------------------- note 001

NUMBERED = ("W1", "W2", "W3", "W4", "W5", "W6", "b1", "b2", "b3")


def activated_network(point: dict[str, Any], f: Callable[[Any], Any], leaf: Leaf = Value) -> SimpleNamespace:
    """Two inputs, two hidden units with activation `f`, one output; half the squared error of one row."""
    n = SimpleNamespace(**{name: leaf(point[name], name) for name in (*NUMBERED, "X1", "X2", "Y")})
    n.Z1 = n.W1 * n.X1 + n.W2 * n.X2 + n.b1
    n.Z2 = n.W3 * n.X1 + n.W4 * n.X2 + n.b2
    n.A1 = f(n.Z1)
    n.A2 = f(n.Z2)
    n.Ypred = n.W5 * n.A1 + n.W6 * n.A2 + n.b3
    n.L = Fraction(1, 2) * (n.Y - n.Ypred) ** 2
    return n


def random_activated_point(seed: int, z1: Any = None, z2: Any = None) -> dict[str, Any]:
    """Random numbers everywhere; b1 and b2 are chosen to give Z1 and Z2, where those are wanted."""
    rng = random.Random(seed)
    p = {name: random_fraction(rng) for name in (*NUMBERED, "X1", "X2", "Y")}
    if z1 is not None:
        p["b1"] = z1 - p["W1"] * p["X1"] - p["W2"] * p["X2"]
        p["b2"] = z2 - p["W3"] * p["X1"] - p["W4"] * p["X2"]
    return p


class Cubic:
    """A random cubic, in the place of an activation that is only called f: f' mistaken for f is found out."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        self.coefficients: Sequence[Fraction] = [random_fraction(rng) for _ in range(4)]

    def __call__(self, z: Any) -> Any:
        c0, c1, c2, c3 = self.coefficients
        return c0 + c1 * z + c2 * z**2 + c3 * z**3

    def prime(self, z: Any) -> Any:
        _, c1, c2, c3 = self.coefficients
        return c1 + 2 * c2 * z + 3 * c3 * z**2


@pytest.fixture(scope="module")
def cubic_primitive() -> Iterator[tuple[Callable[[Any], Any], Cubic]]:
    """A cubic that the engine knows as one primitive, and the cubic itself."""
    cubic = Cubic(seed=7)
    yield primitive("cubic_of_the_notes", cubic, lambda z, out: (cubic.prime(z),)), cubic
    del OPS["cubic_of_the_notes"]  # tests of the engine go through the whole table


@pytest.fixture(scope="session")
def activated() -> SimpleNamespace:
    """The network of note 001: `network(point, f, leaf)`, `random_point(seed, z1, z2)`, `bare`, `Cubic`."""
    return SimpleNamespace(
        network=activated_network,
        random_point=random_activated_point,
        bare=bare,
        Cubic=Cubic,
        parameters=NUMBERED,
    )


# ---------------------------------------------------------------------------------------------- note 004


def binary_cross_entropy(y: Any, a: Any) -> Any:
    """L35: J = -(y log(a) + (1-y) log(1-a))."""
    return -(y * log(a) + (1 - y) * log(1 - a))


def neuron(point: dict[str, Any], leaf: Leaf = Value) -> SimpleNamespace:
    """One sigmoid neuron with d inputs; the binary cross-entropy, averaged over n points (x, y)."""
    w = [leaf(wj, f"w_{j}") for j, wj in enumerate(point["w"], 1)]
    n = SimpleNamespace(w=w, b=leaf(point["b"], "b"), points=[])
    for i, (x, y) in enumerate(point["points"], 1):
        p = SimpleNamespace(x=[leaf(xj, f"x_{i}{j}") for j, xj in enumerate(x, 1)], y=leaf(y, f"y_{i}"))
        p.z = sum(wj * xj for wj, xj in zip(n.w, p.x, strict=True)) + n.b
        p.a = sigmoid(p.z)
        p.J = binary_cross_entropy(p.y, p.a)
        n.points.append(p)
    n.J = Fraction(1, len(n.points)) * sum(p.J for p in n.points)
    return n


def random_neuron_point(seed: int, d: int = 2, n_points: int = 1) -> dict[str, Any]:
    """Random numbers; the last entry of each x is chosen to give a z that has an exact exponential."""
    rng = random.Random(seed)
    w, b = [random_fraction(rng) for _ in range(d)], random_fraction(rng)
    points = []
    for _ in range(n_points):
        x = [random_fraction(rng) for _ in range(d - 1)]
        x.append((random_exponent(rng) - b - sum(wj * xj for wj, xj in zip(w, x, strict=False))) / w[-1])
        points.append((x, random_fraction(rng)))
    return {"w": w, "b": b, "points": points}


def classifier(
    point: dict[str, Any],
    activation: Callable[[list[Any]], list[Any]] = softmax,
    loss: Callable[[Any, Any], Any] = lambda y, a: -(y * log(a)),
    leaf: Leaf = Value,
) -> SimpleNamespace:
    """K outputs over d inputs, one point; `loss` is added up over the classes: by default, cross-entropy."""
    n = SimpleNamespace(
        w=[[leaf(w, f"w_{k}{j}") for j, w in enumerate(row, 1)] for k, row in enumerate(point["w"], 1)],
        **{
            name: [leaf(number, f"{name}_{k}") for k, number in enumerate(point[name], 1)]
            for name in ("b", "x", "y")
        },
    )
    n.z = [sum(w * x for w, x in zip(row, n.x, strict=True)) + b for row, b in zip(n.w, n.b, strict=True)]
    n.a = activation(n.z)
    n.J = sum(loss(y, a) for y, a in zip(n.y, n.a, strict=True))
    return n


def random_classifier_point(seed: int, n_classes: int = 3, d: int = 2) -> dict[str, Any]:
    """Random numbers; b is chosen to give z exact exponentials, and y adds up to 1."""
    rng = random.Random(seed)
    w = [[random_fraction(rng) for _ in range(d)] for _ in range(n_classes)]
    x = [random_fraction(rng) for _ in range(d)]
    y = [random_fraction(rng) for _ in range(n_classes - 1)]
    b = [random_exponent(rng) - sum(wj * xj for wj, xj in zip(row, x, strict=True)) for row in w]
    return {"w": w, "b": b, "x": x, "y": [*y, 1 - sum(y)]}


def two_layers(point: dict[str, Any], act: Callable[[Any], Any], leaf: Leaf = Value) -> SimpleNamespace:
    """A^1 = a(x w^1 + b^1), A^2 = a(A^1 w^2 + b^2) with points in rows; half the squared error, added up."""
    n = SimpleNamespace()
    for name in ("x", "w1", "w2", "y"):
        rows = [
            [leaf(v, f"{name}_{i}{j}") for j, v in enumerate(row, 1)] for i, row in enumerate(point[name], 1)
        ]
        setattr(n, name, rows)
    for name in ("b1", "b2"):
        setattr(n, name, [leaf(v, f"{name}_{j}") for j, v in enumerate(point[name], 1)])
    n.z1 = affine(n.x, n.w1, n.b1)
    n.A1 = [[act(z) for z in row] for row in n.z1]
    n.z2 = affine(n.A1, n.w2, n.b2)
    n.A2 = [[act(z) for z in row] for row in n.z2]
    pairs = [pair for a, y in zip(n.A2, n.y, strict=True) for pair in zip(a, y, strict=True)]
    n.J = Fraction(1, 2) * sum((a - y) ** 2 for a, y in pairs)
    return n


def affine(x: list[list[Any]], w: list[list[Any]], b: list[Any]) -> list[list[Any]]:
    """x w + b, entry by entry; b is the same in every row."""
    columns = list(zip(*w, strict=True))
    return [
        [
            sum(xi * wi for xi, wi in zip(row, column, strict=True)) + bj
            for column, bj in zip(columns, b, strict=True)
        ]
        for row in x
    ]


def random_two_layer_point(seed: int, n_points: int, d: int, hidden: int, out: int) -> dict[str, Any]:
    rng = random.Random(seed)

    def table(rows: int, columns: int) -> list[list[Fraction]]:
        return [[random_fraction(rng) for _ in range(columns)] for _ in range(rows)]

    return {
        "x": table(n_points, d),
        "w1": table(d, hidden),
        "b1": table(1, hidden)[0],
        "w2": table(hidden, out),
        "b2": table(1, out)[0],
        "y": table(n_points, out),
    }


@pytest.fixture(scope="session")
def sigmoids() -> SimpleNamespace:
    """The networks of note 004, functions that make random points for them, and its loss."""
    return SimpleNamespace(
        neuron=neuron,
        random_neuron_point=random_neuron_point,
        classifier=classifier,
        random_classifier_point=random_classifier_point,
        two_layers=two_layers,
        random_two_layer_point=random_two_layer_point,
        binary_cross_entropy=binary_cross_entropy,
        bare=bare,
    )
