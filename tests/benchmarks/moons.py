"""Two half moons, an MLP with two hidden layers, and full-batch gradient descent in four engines.

All train the same network from the same start in float64: `steps` steps of plain SGD on the mean binary
cross-entropy of all rows, `w := w - rate dL/dw`. Each gives the loss before the last step.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

SIZES = (2, 16, 16, 1)
N_ROWS, RATE = 100, 0.1

Trainer = Callable[[int], float]
"""Takes a number of steps, gives the last loss."""


def rows(count: int = N_ROWS, seed: int = 1) -> tuple[list[list[float]], list[float]]:
    """Points of two interleaved half circles, with noise, and which of the two each belongs to."""
    draw = random.Random(seed)
    points, labels = [], []
    for i in range(count):
        label, angle = i % 2, math.pi * draw.random()
        x, y = (
            (math.cos(angle), math.sin(angle)) if label == 0 else (1 - math.cos(angle), 0.5 - math.sin(angle))
        )
        points.append([x + draw.gauss(0, 0.1), y + draw.gauss(0, 0.1)])
        labels.append(float(label))
    return points, labels


def network(activation: str) -> Any:
    from nn import MLP

    return MLP(SIZES[0], SIZES[1:], activation=activation, seed=1)


def weights(activation: str) -> list[tuple[list[list[float]], list[float]]]:
    """The start of `network`: for each layer the weights (a row for each unit), and the biases."""
    return [
        ([[w.data for w in neuron.weights] for neuron in layer.neurons], [n.bias.data for n in layer.neurons])
        for layer in network(activation).layers
    ]


def ours(activation: str, engine: str = "jit") -> Trainer:
    from nn import SGD, binary_cross_entropy_with_logit, train

    net, examples = network(activation), list(zip(*rows(), strict=True))

    def run(steps: int) -> float:
        history = train(
            net,
            examples,
            loss=binary_cross_entropy_with_logit,
            optimizer=SGD(RATE),
            batches=1,
            epochs=steps,
            engine=engine,  # type: ignore[arg-type]
        )
        return float(history.step_losses[-1])

    return run


def ours_eager(activation: str) -> Trainer:
    return ours(activation, "eager")


def torch(activation: str) -> Trainer:
    import torch as pt

    pt.set_num_threads(1)  # more are slower at this size
    layers: list[Any] = []
    for (w, b), (n_inputs, n_units) in zip(weights(activation), pairwise(SIZES), strict=True):
        layer = pt.nn.Linear(n_inputs, n_units, dtype=pt.float64)
        with pt.no_grad():
            layer.weight.copy_(pt.tensor(w, dtype=pt.float64))
            layer.bias.copy_(pt.tensor(b, dtype=pt.float64))
        layers += [layer, {"relu": pt.nn.ReLU, "tanh": pt.nn.Tanh}[activation]()]
    model = pt.nn.Sequential(*layers[:-1])
    points, labels = (pt.tensor(x, dtype=pt.float64) for x in rows())
    optimizer = pt.optim.SGD(model.parameters(), lr=RATE)
    criterion = pt.nn.BCEWithLogitsLoss()

    def run(steps: int) -> float:
        for _ in range(steps):
            optimizer.zero_grad()
            loss = criterion(model(points)[:, 0], labels)
            loss.backward()
            optimizer.step()
        return float(loss.item())

    return run


def jax(activation: str) -> Trainer:
    import jax as jx
    import jax.numpy as jnp

    jx.config.update("jax_enable_x64", True)
    points, labels = (jnp.array(x) for x in rows())
    parameters = [(jnp.array(w), jnp.array(b)) for w, b in weights(activation)]
    bend = {"relu": jx.nn.relu, "tanh": jnp.tanh}[activation]

    def loss(parameters: Any) -> Any:
        x = points
        for i, (w, b) in enumerate(parameters):
            x = x @ w.T + b
            if i < len(parameters) - 1:
                x = bend(x)
        z = x[:, 0]
        return jnp.mean(jnp.logaddexp(0, z) - labels * z)

    @jx.jit
    def step(parameters: Any) -> Any:
        value, gradients = jx.value_and_grad(loss)(parameters)
        return value, jx.tree.map(lambda w, g: w - RATE * g, parameters, gradients)

    def run(steps: int) -> float:
        nonlocal parameters
        for _ in range(steps):
            value, parameters = step(parameters)
        return float(value)

    return run


def numpy(activation: str) -> Trainer:
    """Forward and backward as one writes them by hand, with matrices."""
    import numpy as np

    points, labels = (np.array(x) for x in rows())
    (w1, b1), (w2, b2), (w3, b3) = ((np.array(w).T.copy(), np.array(b)) for w, b in weights(activation))

    def bend(z: Any) -> tuple[Any, Any]:
        if activation == "relu":
            return np.maximum(z, 0), z > 0
        t = np.tanh(z)
        return t, 1 - t * t

    def run(steps: int) -> float:
        nonlocal w1, b1, w2, b2, w3, b3
        for _ in range(steps):
            a1, slope1 = bend(points @ w1 + b1)
            a2, slope2 = bend(a1 @ w2 + b2)
            z = (a2 @ w3 + b3)[:, 0]
            e = np.exp(-np.abs(z))
            loss = np.mean(np.maximum(z, 0) + np.log1p(e) - labels * z)
            d3 = ((np.where(z >= 0, 1, e) / (1 + e) - labels) / len(labels))[:, None]
            d2 = (d3 @ w3.T) * slope2
            d1 = (d2 @ w2.T) * slope1
            w3, b3 = w3 - RATE * (a2.T @ d3), b3 - RATE * d3.sum(0)
            w2, b2 = w2 - RATE * (a1.T @ d2), b2 - RATE * d2.sum(0)
            w1, b1 = w1 - RATE * (points.T @ d1), b1 - RATE * d1.sum(0)
        return float(loss)

    return run


TRAINERS: dict[str, Callable[[str], Trainer]] = {
    "ours": ours,
    "ours, eager": ours_eager,
    "numpy": numpy,
    "jax": jax,
    "torch": torch,
}
