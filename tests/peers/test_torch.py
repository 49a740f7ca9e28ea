"""Parity with PyTorch in float64: primitives, losses, networks, optimisers; and where we differ, and why.

Where the two differ on purpose, both answers stand here, so that neither can change unnoticed:

- A nan is never swallowed: a node that is nan hands on nan. PyTorch hands on what its formula gives.
- Derivatives keep their digits where PyTorch's textbook forms cancel or overflow (mpmath is the judge).
- `where` gives the branch not taken no gradient at all; PyTorch gives it 0, and 0 times inf is nan.
- Losses are not clamped.
"""

import itertools
import math
import operator
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

torch = pytest.importorskip("torch")

import autograd as ag  # noqa: E402
import nn  # noqa: E402
from autograd import OPS, Value  # noqa: E402
from tests.benchmarks import gpt  # noqa: E402

F = torch.nn.functional
INF, NAN = math.inf, math.nan


def tensor(x: Any, gradient: bool = True) -> Any:
    return torch.tensor(x, dtype=torch.float64, requires_grad=gradient)


def close(ours: float, theirs: float, tolerance: float = 1e-13) -> bool:
    """Whether they are the same, as far as rounding allows; nan is the same as nan."""
    if ours != ours or theirs != theirs:
        return ours != ours and theirs != theirs
    return math.isclose(ours, theirs, rel_tol=tolerance, abs_tol=5e-324)


# -------------------------------------------------------------------------------------------- primitives


class Peer(NamedTuple):
    """PyTorch's function for a primitive, and between which operands its derivative keeps its digits."""

    function: Callable[..., Any]
    low: float = -5.0
    high: float = 5.0


def summed(*x: Any) -> Any:
    return torch.stack(x).sum(0)


def dot(*ab: Any) -> Any:
    half = len(ab) // 2
    return (torch.stack(ab[:half]) * torch.stack(ab[half:])).sum(0)


def logsumexp(*x: Any) -> Any:
    return torch.logsumexp(torch.stack(x), 0)


UNARY = {
    "neg": Peer(torch.neg),
    "exp": Peer(torch.exp),
    "expm1": Peer(torch.expm1, -1),
    "log": Peer(torch.log, 1e-9),
    "log1p": Peer(torch.log1p, -0.99),
    "sqrt": Peer(torch.sqrt, 0),
    "sin": Peer(torch.sin),
    "cos": Peer(torch.cos),
    "tan": Peer(torch.tan),
    "asin": Peer(torch.asin, -0.9, 0.9),
    "acos": Peer(torch.acos, -0.9, 0.9),
    "atan": Peer(torch.atan),
    "sinh": Peer(torch.sinh),
    "cosh": Peer(torch.cosh),
    "tanh": Peer(torch.tanh, -2, 2),
    "asinh": Peer(torch.asinh),
    "acosh": Peer(torch.acosh, 1.1),
    "atanh": Peer(torch.atanh, -0.9, 0.9),
    "erf": Peer(torch.erf, -2, 2),
    "sigmoid": Peer(torch.sigmoid, -50, 2),
    "softplus": Peer(F.softplus, -50, 20),
    "relu": Peer(torch.relu),
    "leaky_relu": Peer(F.leaky_relu),
    "abs": Peer(torch.abs),
}
BINARY = {
    "add": Peer(torch.add),
    "sub": Peer(torch.sub),
    "mul": Peer(torch.mul),
    "div": Peer(torch.div),
    "general_power": Peer(torch.pow, 0.1),
    "maximum": Peer(torch.maximum),
    "minimum": Peer(torch.minimum),
}
N_ARY = {"sum": Peer(summed), "dot": Peer(dot), "logsumexp": Peer(logsumexp)}

TESTED_APART = {"power", "where", "take"}
WITHOUT_GRADIENT = {"less", "less_equal", "largest"}


def test_every_primitive_is_compared() -> None:
    # In an interpreter of its own, as other tests add primitives to the table.
    names = subprocess.run(
        [sys.executable, "-c", "from autograd import OPS; print(*OPS)"],
        capture_output=True,
        text=True,
        check=True,
    )
    built_in = set(names.stdout.split())
    assert {*UNARY, *BINARY, *N_ARY} | TESTED_APART | WITHOUT_GRADIENT == built_in


def ours(name: str, operands: Sequence[float]) -> tuple[float, list[float]]:
    """Value and gradients, by this engine."""
    variables = [Value(x) for x in operands]
    out = OPS[name](*variables) if name != "leaky_relu" else variables[0].leaky_relu()
    out.backward()
    return out.data, [float(v.grad) for v in variables]


def theirs(peer: Peer, points: Sequence[Sequence[float]]) -> list[tuple[float, list[float]]]:
    """Values and gradients at many points at once, by PyTorch."""
    variables = [tensor(column) for column in zip(*points, strict=True)]
    out = peer.function(*variables)
    out.backward(torch.ones_like(out))
    columns = [v.grad.tolist() for v in variables]
    return list(zip(out.tolist(), map(list, zip(*columns, strict=True)), strict=True))


@pytest.mark.parametrize(
    ("name", "peer", "count"),
    [(name, peer, 1) for name, peer in UNARY.items()]
    + [(name, peer, 2) for name, peer in BINARY.items()]
    + [(name, peer, 6) for name, peer in N_ARY.items()],
)
def test_at_random_points(name: str, peer: Peer, count: int) -> None:
    draw = random.Random(name)
    points = [[draw.uniform(peer.low, peer.high) for _ in range(count)] for _ in range(300)]
    for point, (value, gradients) in zip(points, theirs(peer, points), strict=True):
        own_value, own_gradients = ours(name, point)
        size = sum(map(abs, point)) if name in ("sum", "dot") else abs(value)  # sums may cancel
        assert abs(own_value - value) <= 1e-13 * size, point
        assert all(map(close, own_gradients, gradients)), point


EXPONENTS = [-2, -1, -0.5, 0, 0.5, 1, 2, 2.5, 3, 7]


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_constant_powers_at_random_points(exponent: float) -> None:
    draw = random.Random(1)
    points = [draw.uniform(-5 if exponent == int(exponent) else 0.01, 5) for _ in range(100)]
    x = tensor(points)
    out = x**exponent
    out.backward(torch.ones_like(out))
    for point, value, gradient in zip(points, out.tolist(), x.grad.tolist(), strict=True):
        own = Value(point)
        power = own**exponent
        power.backward()
        assert close(power.data, value)
        assert close(own.grad, gradient)


# ------------------------------------------------------- kinks, infinities, zeros, and where we differ there

EDGES = [
    *(-INF, -1e10, -800.0, -1.0, -0.5, -1e-20, -5e-324, -0.0),
    *(0.0, 5e-324, 1e-20, 0.5, 1.0, 2.0, 800.0, 1e10, INF, NAN),
]


@pytest.mark.parametrize("name", UNARY)
def test_functions_at_the_edges(name: str) -> None:
    """The same values; the same gradients, kinks included, except that a nan hands on nan."""
    points = [[x] for x in EDGES]
    for point, (value, [gradient]) in zip(points, theirs(UNARY[name], points), strict=True):
        own_value, [own_gradient] = ours(name, point)
        assert close(own_value, value), point
        assert close(own_gradient, NAN if value != value else gradient), point


SWALLOWED = {
    "neg": (NAN, -1.0),
    "log": (-1.0, -1.0),
    "log1p": (-2.0, -1.0),
    "acosh": (-1.0, INF),
    "atanh": (2.0, -1 / 3),
    "relu": (NAN, 1.0),
    "leaky_relu": (NAN, 0.01),
    "abs": (NAN, 0.0),
}
"""Where PyTorch hands on a number from a node that is nan."""


@pytest.mark.parametrize("name", SWALLOWED)
def test_pytorch_swallows_a_nan(name: str) -> None:
    point, swallowed = SWALLOWED[name]
    value, [gradient] = theirs(UNARY[name], [[point]])[0]
    assert math.isnan(value)
    assert gradient == pytest.approx(swallowed)
    value, [gradient] = ours(name, [point])
    assert math.isnan(value)
    assert math.isnan(gradient)


PAIR_EDGES = [-INF, -3.0, -2.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 3.0, 1e200, INF, NAN]

DIFFERENT_POWERS: list[tuple[float, float, list[float], list[float]]] = [
    # x, n: our value of x^n and derivatives by x and n, PyTorch's
    # nan^0 and 1^nan are 1 by IEEE 754; here they are nan
    (1.0, NAN, [NAN, NAN, NAN], [1.0, NAN, 0.0]),
    (NAN, 0.0, [NAN, NAN, NAN], [1.0, 0.0, NAN]),
    (NAN, -0.0, [NAN, NAN, NAN], [1.0, 0.0, NAN]),
    # n is even, so the derivative is negative below 0; PyTorch loses the 1 in n - 1
    (-3.0, 1e200, [INF, -INF, NAN], [INF, INF, NAN]),
    (-2.0, 1e200, [INF, -INF, NAN], [INF, INF, NAN]),
    # an infinite n counts as even too, as it does in the value
    (-3.0, INF, [INF, -INF, NAN], [INF, INF, NAN]),
    (-2.0, INF, [INF, -INF, NAN], [INF, INF, NAN]),
    (-0.5, -INF, [INF, INF, NAN], [INF, -INF, NAN]),
    # x^n log(x) where x = 0 and n < 0: here as from the right
    (-0.0, -3.0, [-INF, -INF, -INF], [-INF, -INF, INF]),
]
DIFFERENT_CONSTANT_POWERS: list[tuple[float, float, list[float], list[float]]] = [
    # a nan is never swallowed
    (NAN, 0, [NAN, NAN], [1.0, 0.0]),
    (NAN, 1, [NAN, NAN], [NAN, 1.0]),
    # IEEE 754's pow; PyTorch takes square roots there, and the root of -0 is -0, that of -inf nan
    (-INF, 0.5, [INF, 0.0], [NAN, NAN]),
    (-INF, -0.5, [0.0, 0.0], [NAN, 0.0]),
    (-0.0, 0.5, [0.0, INF], [0.0, -INF]),
    (-0.0, -0.5, [INF, -INF], [-INF, -INF]),
]


def check_differences(found: list[Any], listed: list[Any]) -> None:
    """That the points where the engines differ, and both answers there, are those listed."""
    # repr tells -0.0 from 0.0, and finds nan equal to nan
    assert sorted(repr(row[:2]) for row in found) == sorted(repr(row[:2]) for row in listed)
    for (x, n, *answers), (_, _, *expected) in zip(
        sorted(found, key=repr), sorted(listed, key=repr), strict=True
    ):
        for own, other in zip(answers, expected, strict=True):
            assert all(map(close, own, other)), (x, n, answers)


@pytest.mark.parametrize("name", BINARY)
def test_operators_at_the_edges(name: str) -> None:
    """As for functions: ties between max and min, zeros and infinities agree; a nan hands on nan."""
    points = list(itertools.product(PAIR_EDGES, repeat=2))
    different = []
    for point, (value, gradients) in zip(points, theirs(BINARY[name], points), strict=True):
        own_value, own_gradients = ours(name, point)
        expected = [NAN, NAN] if value != value else gradients
        if not all(map(close, [own_value, *own_gradients], [value, *expected])):
            different.append((*point, [own_value, *own_gradients], [value, *gradients]))
    check_differences(different, DIFFERENT_POWERS if name == "general_power" else [])


def test_constant_powers_at_the_edges() -> None:
    """0^0 is 1, with derivative 0, in both."""
    different = []
    for x, n in itertools.product(PAIR_EDGES, EXPONENTS):
        point, own = tensor(x), Value(x)
        power, own_power = point**n, own**n
        power.backward()
        own_power.backward()
        answers = [own_power.data, float(own.grad)], [power.item(), point.grad.item()]
        if not all(map(close, *answers)):
            different.append((x, n, *answers))
    check_differences(different, DIFFERENT_CONSTANT_POWERS)


@pytest.mark.parametrize(
    ("point", "gradients"),
    [
        ([-INF, 0.0], [0.0, 1.0]),
        ([-INF, -INF], [NAN, NAN]),
        ([INF, INF], [NAN, NAN]),
        ([NAN, 1.0], [NAN, NAN]),
        ([0.0, 800.0], [0.0, 1.0]),
    ],
)
def test_logsumexp_at_the_edges(point: list[float], gradients: list[float]) -> None:
    for value, found in (ours("logsumexp", point), theirs(N_ARY["logsumexp"], [point])[0]):
        assert close(value, max(point))
        assert all(map(close, found, gradients))


def test_logsumexp_of_an_infinity_has_no_gradient_here() -> None:
    """softmax([inf, 1]) is [nan, nan] in both; PyTorch's logsumexp has a derivative of 0 by the 1."""
    assert all(map(math.isnan, ours("logsumexp", [INF, 1.0])[1]))
    gradients = theirs(N_ARY["logsumexp"], [[INF, 1.0]])[0][1]
    assert math.isnan(gradients[0])
    assert gradients[1] == 0
    for softmax in (ag.softmax([INF, 1.0]), torch.softmax(tensor([INF, 1.0]), 0).tolist()):
        assert all(map(math.isnan, softmax))


def test_a_tie_of_three() -> None:
    """max() of a tensor shares the gradient evenly; taken two by two it is halved each time, in both."""
    x = tensor([3.0, 3.0, 3.0])
    x.max().backward()
    assert x.grad.tolist() == pytest.approx([1 / 3] * 3)
    a = [Value(3.0) for _ in range(3)]
    b = [tensor(3.0) for _ in range(3)]
    ag.maximum(ag.maximum(a[0], a[1]), a[2]).backward()
    torch.maximum(torch.maximum(b[0], b[1]), b[2]).backward()
    assert [v.grad for v in a] == [t.grad.item() for t in b] == [0.25, 0.25, 0.5]


# ------------------------------------------------------------------------------------------------- where


@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize("other", [7.0, NAN, INF])
def test_where_takes_one_branch(taken: bool, other: float) -> None:
    a, b = Value(2.0), Value(other)
    out = ag.where(taken, a, b) if taken else ag.where(taken, b, a)
    out.backward()
    assert (out.data, a.grad, b.grad) == (2.0, 1.0, 0)
    x, y = tensor(2.0), tensor(other)
    out = torch.where(torch.tensor(taken), x, y) if taken else torch.where(torch.tensor(taken), y, x)
    out.backward()
    assert (out.item(), x.grad.item(), y.grad.item()) == (2.0, 1.0, 0.0)


def test_the_branch_not_taken_poisons_the_gradient_in_pytorch_only() -> None:
    """The square root has an infinite derivative at 0, and 0 times inf is nan."""
    x = tensor(0.0)
    torch.where(x > 0, torch.sqrt(x), x).backward()
    assert math.isnan(x.grad.item())
    v = Value(0.0)
    ag.where(v > 0, ag.sqrt(v), v).backward()
    assert v.grad == 1.0


# ---------------------------------------------------------------------------------- digits PyTorch loses

LOST: list[tuple[str, float, float]] = [
    # the derivative at this point is, for PyTorch, this
    ("tanh", 20.0, 0.0),
    ("tanh", -40.0, 0.0),
    ("sigmoid", 40.0, 0.0),
    ("expm1", -40.0, 0.0),
    ("asinh", 1e308, 0.0),
    ("acosh", 1e308, 0.0),
    ("tanh", 10.0, 8.244614546626394e-09),
    ("sigmoid", 20.0, 2.0611536879193953e-09),
    ("expm1", -20.0, 2.0611535811454473e-09),
    ("softplus", 21.0, 1.0),  # it turns into x above 20
]


@pytest.mark.parametrize(("name", "point", "lost"), LOST)
def test_pytorch_loses_digits(name: str, point: float, lost: float) -> None:
    mpmath = pytest.importorskip("mpmath")
    mp = mpmath.mp
    exact = {
        "tanh": lambda x: 1 / mp.cosh(x) ** 2,
        "sigmoid": lambda x: mp.exp(-x) / (1 + mp.exp(-x)) ** 2,
        "expm1": mp.exp,
        "asinh": lambda x: 1 / mp.sqrt(x**2 + 1),
        "acosh": lambda x: 1 / mp.sqrt(x**2 - 1),
        "softplus": lambda x: 1 / (1 + mp.exp(-x)),
    }[name]
    with mpmath.workdps(60):
        true = exact(mpmath.mpf(point))
        ulp = math.ulp(float(true))
        _, [gradient] = theirs(UNARY[name], [[point]])[0]
        assert gradient == pytest.approx(lost, rel=1e-6, abs=0)
        assert abs(gradient - true) > 1e5 * ulp
        _, [gradient] = ours(name, [point])
        assert abs(gradient - true) <= 4 * ulp


# ------------------------------------------------------------------------------- graphs of many operations

STEPS: list[str] = [
    "add", "sub", "mul", "div", "maximum", "minimum", "neg", "sin", "cos", "atan", "tanh", "asinh", "erf",
    "sigmoid", "softplus", "relu", "leaky_relu", "abs", "sum", "dot", "logsumexp",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs(seed: int) -> None:
    """Up to forty primitives at random, each on nodes drawn from those before."""
    draw = random.Random(seed)
    numbers = [draw.uniform(-2, 2) for _ in range(5)]
    a, b = [Value(x) for x in numbers], [tensor(x) for x in numbers]
    leaves_a, leaves_b = a[:], b[:]
    for _ in range(40):
        name = draw.choice(STEPS)
        peer = UNARY.get(name) or BINARY.get(name) or N_ARY[name]
        count = 1 if name in UNARY else 2 if name in BINARY else 4
        places = [draw.randrange(len(a)) for _ in range(count)]
        x = [a[place] for place in places]
        own = x[0].leaky_relu() if name == "leaky_relu" else OPS[name](*x)
        if abs(own.data) < 10:  # keep all of them alike in size
            a.append(own)
            b.append(peer.function(*(b[place] for place in places)))
    a, b = ag.sum(a), summed(*b)
    a.backward()
    b.backward()
    assert a.data == pytest.approx(b.item(), rel=1e-12)
    own, other = [float(v.grad) for v in leaves_a], [t.grad.item() for t in leaves_b]
    assert own == pytest.approx(other, rel=1e-9, abs=1e-9 * max(map(abs, other)))


def test_second_derivatives() -> None:
    def f(x: Any, library: Any) -> Any:
        hidden = library.tanh(x[0] * x[1] + x[2] ** 3) * library.exp(-x[0])
        return library.log(hidden * hidden + 1.5) / (x[1] * x[1] + 1) + library.sigmoid(x[2] * x[0])

    point = [0.3, -1.2, 0.7]
    own = ag.hessian(lambda x: f(x, ag))(point)
    other = torch.autograd.functional.hessian(lambda x: f(x, torch), tensor(point))
    for row, expected in zip(own, other.tolist(), strict=True):
        assert row == pytest.approx(expected, rel=1e-12)


def test_one_source_of_a_gpt_runs_on_both() -> None:
    """Some 8,000 operations, written for Values and run on tensors of one number too."""
    text = gpt.tokens("")
    a, b = gpt.parameters(Value), gpt.parameters(tensor)
    own, other = gpt.loss(a, text), gpt.loss(b, text)
    own.backward()
    other.backward()
    assert own.data == pytest.approx(other.item(), rel=1e-13)
    gradients = [
        (v.grad, 0.0 if t.grad is None else t.grad.item())
        for v, t in zip(gpt.flat(a), gpt.flat(b), strict=True)
    ]
    largest = max(abs(gradient) for _, gradient in gradients)
    assert largest > 0.1
    assert all(math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-13 * largest) for x, y in gradients)


# ------------------------------------------------------------------------------------------------- losses

NUMBERS = [random.Random(7).gauss(0, 2) for _ in range(5)]
TARGETS = [random.Random(8).gauss(0, 2) for _ in range(5)]
LABELS = [0.0, 1.0, 0.3, 1.0, 0.0]
SHARES = [0.1, 0.2, 0.0, 0.6, 0.1]
SIGNS = [1.0, -1.0, 1.0, 1.0, -1.0]

Loss = Callable[[Any, Any], Any]
LOSSES: dict[str, tuple[Loss, Loss, list[float], Any]] = {
    "squared error": (nn.squared_error, lambda p, y: F.mse_loss(p, y, reduction="sum"), NUMBERS, TARGETS),
    "half squared error": (
        nn.half_squared_error, lambda p, y: F.mse_loss(p, y, reduction="sum") / 2, NUMBERS, TARGETS,
    ),
    "binary cross-entropy": (
        nn.binary_cross_entropy,
        lambda p, y: F.binary_cross_entropy(p, y, reduction="sum"),
        [0.1, 0.9, 0.4, 0.02, 0.7],
        LABELS,
    ),
    "binary cross-entropy with logit": (
        nn.binary_cross_entropy_with_logit,
        lambda p, y: F.binary_cross_entropy_with_logits(p, y, reduction="sum"),
        NUMBERS,
        LABELS,
    ),
    "cross-entropy": (nn.cross_entropy, F.cross_entropy, NUMBERS, SHARES),
    "cross-entropy of a class": (nn.cross_entropy, lambda z, k: F.cross_entropy(z, k.long()), NUMBERS, 3),
    "cross-entropy from probabilities": (
        nn.cross_entropy_from_probabilities,
        lambda p, k: F.nll_loss(torch.log(p), k.long()),
        [0.1, 0.2, 0.3, 0.4],
        3,
    ),
    "hinge": (
        nn.hinge,
        lambda s, y: F.margin_ranking_loss(s, torch.zeros_like(s), y, margin=1.0, reduction="sum"),
        NUMBERS,
        SIGNS,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    loss, peer, predictions, target = LOSSES[name]
    values, x = [Value(p) for p in predictions], tensor(predictions)
    own, other = loss(values, target), peer(x, tensor(target, gradient=False))
    own.backward()
    other.backward()
    assert own.data == pytest.approx(other.item(), rel=1e-13)
    assert [float(v.grad) for v in values] == pytest.approx(x.grad.tolist(), rel=1e-12)


def test_pytorch_clamps_the_binary_cross_entropy() -> None:
    """A model that is certain and wrong has lost everything here, and 100 there."""
    p, x = Value(0.0), tensor(0.0)
    own, other = nn.binary_cross_entropy(p, 1), F.binary_cross_entropy(x, tensor(1.0, gradient=False))
    own.backward()
    other.backward()
    assert (own.data, p.grad) == (INF, -INF)
    assert other.item() == 100
    assert x.grad.item() == pytest.approx(-1e12, rel=1e-6)


# ------------------------------------------------------------------------------------ networks, optimisers

LAYERS = {
    "linear": torch.nn.Identity,
    "relu": torch.nn.ReLU,
    "leaky_relu": torch.nn.LeakyReLU,
    "sigmoid": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
}


def pair_of_networks(activation: str, seed: int) -> tuple[nn.MLP, Any]:
    """A random network with 3 inputs, 5 and 4 hidden units and 2 outputs, and its copy in PyTorch."""
    net = nn.MLP(3, [5, 4, 2], activation=activation, init="normal", seed=seed)
    modules: list[Any] = []
    for layer in net.layers:
        linear = torch.nn.Linear(layer.n_inputs, len(layer.neurons), dtype=torch.float64)
        with torch.no_grad():
            for unit, neuron in enumerate(layer.neurons):
                neuron.bias.data = 0.1 * (unit + 1)
                linear.bias[unit] = neuron.bias.data
                for i, weight in enumerate(neuron.weights):
                    linear.weight[unit, i] = weight.data
        modules += [linear, LAYERS[activation]()]
    return net, torch.nn.Sequential(*modules[:-1])


def flat(net: nn.MLP, what: Callable[[Value], float]) -> list[float]:
    """A number for each parameter of ours, in the order of PyTorch's."""
    layers = [(layer.neurons, len(layer.neurons)) for layer in net.layers]
    return [
        what(p)
        for neurons, _ in layers
        for p in [*(w for neuron in neurons for w in neuron.weights), *(neuron.bias for neuron in neurons)]
    ]


def flat_peer(model: Any, what: Callable[[Any], Any]) -> list[float]:
    return [float(x) for p in model.parameters() for x in what(p).flatten().tolist()]


ROWS = [[random.Random(seed).gauss(0, 1) for _ in range(3)] for seed in range(6)]
GOALS = [[random.Random(seed + 100).gauss(0, 1) for _ in range(2)] for seed in range(6)]
CLASSES = [0, 1, 1, 0, 1, 0]


@pytest.mark.parametrize("activation", LAYERS)
@pytest.mark.parametrize("seed", [1, 2])
def test_networks(activation: str, seed: int) -> None:
    """The mean over rows of a regression loss plus that of a classification loss, and every gradient."""
    net, model = pair_of_networks(activation, seed)
    own = nn.loss_over_rows(net, list(zip(ROWS, GOALS, strict=True)), nn.squared_error)
    own = own + nn.loss_over_rows(net, list(zip(ROWS, CLASSES, strict=True)), nn.cross_entropy)
    x, y = tensor(ROWS, gradient=False), tensor(GOALS, gradient=False)
    other = F.mse_loss(model(x), y, reduction="sum") / len(ROWS)
    other = other + F.cross_entropy(model(x), torch.tensor(CLASSES))
    own.backward()
    other.backward()
    assert own.data == pytest.approx(other.item(), rel=1e-12)
    expected = flat_peer(model, lambda p: p.grad)
    assert flat(net, lambda p: p.grad) == pytest.approx(
        expected, rel=1e-10, abs=1e-12 * max(map(abs, expected))
    )


OPTIMISERS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "SGD": (lambda: nn.SGD(0.05), lambda p: torch.optim.SGD(p, lr=0.05)),
    "SGD with momentum": (
        lambda: nn.SGD(0.02, momentum=0.9), lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9),
    ),
    "RMSprop": (
        lambda: nn.RMSprop(0.01, decay=0.95, epsilon=1e-6),
        lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.95, eps=1e-6),
    ),
    "RMSprop as it comes": (
        lambda: nn.RMSprop(), lambda p: torch.optim.RMSprop(p, alpha=0.9),
    ),
    "Adam": (
        lambda: nn.Adam(0.05, beta1=0.8, beta2=0.95, epsilon=1e-6),
        lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-6),
    ),
    "Adam as it comes": (lambda: nn.Adam(), lambda p: torch.optim.Adam(p)),
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIMISERS)
def test_trajectories(name: str) -> None:
    """Every parameter after each of 30 steps."""
    make, make_peer = OPTIMISERS[name]
    net, model = pair_of_networks("tanh", seed=3)
    optimizer, peer = make(), make_peer(model.parameters())
    x, y = tensor(ROWS, gradient=False), tensor(GOALS, gradient=False)
    rows = list(zip(ROWS, GOALS, strict=True))
    before = flat(net, lambda p: p.data)
    for _ in range(30):
        net.zero_grad()
        nn.loss_over_rows(net, rows, nn.squared_error).backward()
        optimizer.step(net.parameters())
        peer.zero_grad()
        (F.mse_loss(model(x), y, reduction="sum") / len(ROWS)).backward()
        peer.step()
        assert flat(net, lambda p: p.data) == pytest.approx(
            flat_peer(model, lambda p: p), rel=1e-9, abs=1e-11
        )
    moved = [abs(after - start) for after, start in zip(flat(net, lambda p: p.data), before, strict=True)]
    assert max(moved) > 0.01


def test_a_changed_learning_rate_with_momentum() -> None:
    """The velocity holds the learning rate here, as in the paper; PyTorch multiplies by the one of now."""
    w, t = Value(1.0), tensor(1.0)
    own, other = nn.SGD(0.5, momentum=0.5), torch.optim.SGD([t], lr=0.5, momentum=0.5)
    w.grad, t.grad = 1.0, tensor(1.0, gradient=False)
    own.step([w])
    other.step()
    assert w.data == t.item() == 0.5
    own.learning_rate = other.param_groups[0]["lr"] = 0.25
    own.step([w])
    other.step()
    assert w.data == 0.5 + (0.5 * -0.5 - 0.25 * 1)
    assert t.item() == 0.5 - 0.25 * (0.5 * 1 + 1)


def test_operators_are_those_of_python() -> None:
    """What is written with operators, numbers on either side, is what tensors give."""
    expressions: list[Callable[[Any], Any]] = [
        lambda x: 2 + x - 3 * x / 4,
        lambda x: 1 - (2 / x) ** 2,
        lambda x: -(x**3) + +x,
        lambda x: 2**x - x**x,
        lambda x: abs(-x) * 5 - x / 7,
        lambda x: sum([x, x * x, x]),
        lambda x: max(x, x * x) - min(2 * x, x + 1),
    ]
    for f, point in itertools.product(expressions, [0.3, 1.7]):
        v, t = Value(point), tensor(point)
        own, other = f(v), f(t)
        own.backward()
        other.backward()
        assert own.data == pytest.approx(other.item(), rel=1e-14)
        assert v.grad == pytest.approx(t.grad.item(), rel=1e-13)
        assert operator.lt(v, 1) == bool(operator.lt(t, 1))
