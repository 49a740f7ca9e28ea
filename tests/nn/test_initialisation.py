"""Initialisations: their distributions, and that the same seed gives the same weights."""

import math
from collections.abc import Callable
from random import Random
from statistics import NormalDist

import pytest

from nn import MLP
from nn.initialisation import INITIALISATIONS

N_INPUTS, N_UNITS = 20, 180
NORMAL = NormalDist().cdf


def _uniform(limit: float) -> Callable[[float], float]:
    return lambda x: min(1.0, max(0.0, (x + limit) / (2 * limit)))


# the published distribution functions: Glorot and Bengio (16), He et al. (10)
DISTRIBUTIONS: dict[str, Callable[[float], float]] = {
    "uniform": _uniform(1),
    "xavier": _uniform(math.sqrt(6 / (N_INPUTS + N_UNITS))),
    "normal": NORMAL,
    "he": lambda x: NORMAL(x / math.sqrt(2 / N_INPUTS)),
}


@pytest.mark.parametrize("init", DISTRIBUTIONS)
def test_weights_follow_the_published_distribution(init: str) -> None:
    net = MLP(N_INPUTS, [N_UNITS], init=init, seed=7)
    weights = sorted(w.data for neuron in net.layers[0].neurons for w in neuron.weights)
    n = len(weights)
    assert n == N_INPUTS * N_UNITS
    # Kolmogorov-Smirnov: a larger gap comes by chance once in 1,000 seeds, and the seed is fixed
    gap = max(abs(DISTRIBUTIONS[init](w) - (i + 0.5) / n) for i, w in enumerate(weights))
    assert gap < 1.95 / math.sqrt(n)
    assert all(neuron.bias.data == 0 for neuron in net.layers[0].neurons)


def test_a_wrong_distribution_would_be_found() -> None:
    assert set(INITIALISATIONS) == {*DISTRIBUTIONS, "ones", "zeros"}
    weights = sorted(INITIALISATIONS["he"](N_INPUTS, N_UNITS, Random(i)) for i in range(3600))
    gap = max(abs(NORMAL(w / math.sqrt(2 / N_UNITS)) - i / 3600) for i, w in enumerate(weights))
    assert gap > 1.95 / math.sqrt(3600)


@pytest.mark.parametrize(("init", "weight"), [("ones", 1), ("zeros", 0)])
def test_constant_weights(init: str, weight: int) -> None:
    net = MLP(2, [2, 1], init=init)
    assert [p.data for p in net.parameters()] == [weight, weight, 0] * 3


@pytest.mark.parametrize("init", sorted(INITIALISATIONS))
def test_the_seed_decides(init: str) -> None:
    def weights(seed: int) -> list[float]:
        return [p.data for p in MLP(2, [3, 1], init=init, seed=seed).parameters()]

    assert weights(1) == weights(1)
    assert (weights(1) == weights(2)) == (init in ("ones", "zeros"))


def test_layers_draw_from_one_source() -> None:
    first, second = MLP(2, [2, 2], init="uniform").layers
    assert [p.data for p in first.parameters()] != [p.data for p in second.parameters()]


def test_an_initialisation_of_ones_own_sees_the_sizes_of_the_layer() -> None:
    net = MLP(3, [2, 1], init=lambda n_inputs, n_units, random: 10 * n_inputs + n_units)
    assert [p.data for p in net.parameters()] == [32, 32, 32, 0] * 2 + [21, 21, 0]
