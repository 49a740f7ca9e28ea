"""The 2-2-1 network of the notes, four rows, 1,000 epochs row by row: all of the time, from the call on."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks.measure import Report, Target, available, measure, milliseconds

ROWS = [((0.0, 0.0), 0.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), 2.0)]
RATE = 0.01
START = 0.5
"""Of every weight; biases begin at 0. All units are linear, as in the notes."""

Trained = tuple[float, float]
"""The loss of the last epoch, summed over its rows, and the output of the network for (1, 2)."""


def ours(epochs: int, engine: str = "auto") -> Trained:
    from nn import MLP, SGD, squared_error, train

    net = MLP(2, [2, 1], activation="linear", init=lambda n_inputs, n_units, random: START)
    history = train(
        net,
        [(list(x), y) for x, y in ROWS],
        loss=squared_error,
        optimizer=SGD(RATE),
        epochs=epochs,
        reduce="sum",
        engine=engine,  # type: ignore[arg-type]
    )
    return float(history.epoch_losses[-1]), net([1.0, 2.0]).data


def ours_eager(epochs: int) -> Trained:
    return ours(epochs, "eager")


def ours_jit(epochs: int) -> Trained:
    return ours(epochs, "jit")


def torch(epochs: int) -> Trained:
    import torch as pt

    model = pt.nn.Sequential(pt.nn.Linear(2, 2, dtype=pt.float64), pt.nn.Linear(2, 1, dtype=pt.float64))
    with pt.no_grad():
        for p in model.parameters():
            p.fill_(START if p.ndim > 1 else 0.0)
    optimizer = pt.optim.SGD(model.parameters(), lr=RATE)
    examples = [(pt.tensor(x, dtype=pt.float64), pt.tensor([y], dtype=pt.float64)) for x, y in ROWS]
    for _ in range(epochs):
        total = 0.0
        for x, y in examples:
            optimizer.zero_grad()
            loss = ((model(x) - y) ** 2).sum()
            loss.backward()
            optimizer.step()
            total += loss.item()
    return total, float(model(pt.tensor([1.0, 2.0], dtype=pt.float64)).item())


def jax(epochs: int) -> Trained:
    import jax as jx
    import jax.numpy as jnp

    jx.config.update("jax_enable_x64", True)
    parameters = [(jnp.full((2, n), START), jnp.zeros(n)) for n in (2, 1)]

    def predict(parameters: Any, x: Any) -> Any:
        for w, b in parameters:
            x = x @ w + b
        return x[0]

    @jx.jit
    def step(parameters: Any, x: Any, y: Any) -> Any:
        loss, gradients = jx.value_and_grad(lambda p: (predict(p, x) - y) ** 2)(parameters)
        return loss, jx.tree.map(lambda w, g: w - RATE * g, parameters, gradients)

    examples = [(jnp.array(x), jnp.array(y)) for x, y in ROWS]
    for _ in range(epochs):
        losses = []
        for x, y in examples:
            loss, parameters = step(parameters, x, y)
            losses.append(loss)
    return float(sum(losses)), float(predict(parameters, jnp.array([1.0, 2.0])))


def numpy(epochs: int) -> Trained:
    import numpy as np

    layers = [[np.full((2, n), START), np.zeros(n)] for n in (2, 1)]
    examples = [(np.array(x), y) for x, y in ROWS]
    for _ in range(epochs):
        total = 0.0
        for x, y in examples:
            (w1, b1), (w2, b2) = layers
            hidden = x @ w1 + b1
            error = (hidden @ w2 + b2)[0] - y
            total += error * error
            d = 2 * error * w2[:, 0]
            layers = [
                [w1 - RATE * np.outer(x, d), b1 - RATE * d],
                [w2 - RATE * 2 * error * hidden[:, None], b2 - RATE * 2 * error],
            ]
    (w1, b1), (w2, b2) = layers
    return float(total), float(((np.array([1.0, 2.0]) @ w1 + b1) @ w2 + b2)[0])


TRAINED: dict[str, Callable[[int], Trained]] = {
    "ours": ours,
    "ours, jit": ours_jit,
    "ours, eager": ours_eager,
    "numpy": numpy,
    "torch": torch,
    "jax": jax,
}


def run(quick: bool = False) -> Report:
    rounds, epochs = (1, 3) if quick else (7, 1000)
    found = measure(sample, {name: (name, epochs) for name in available(TRAINED)}, rounds=rounds)
    ours = found["ours"]
    targets = [
        Target(
            f"times as fast as {name}, from the first call on", ours.speed_against(found[name], "first"), 1
        )
        for name in ("torch", "jax")
        if name in found
    ]
    return Report(
        title=f"The 2-2-1 network of the notes: 4 rows, {epochs:,} epochs row by row",
        columns=["engine", "import", "first call", "second call", "ours is faster by", "at the second call"],
        rows=[
            [
                name,
                *(milliseconds(samples.median(figure)) for figure in ("import", "first", "second")),
                *(f"{ours.speed_against(samples, figure):.2f}" for figure in ("first", "second")),
            ]
            for name, samples in found.items()
        ],
        figures={
            f"{name}: {figure} call, s": samples.median(figure)
            for name, samples in found.items()
            for figure in ("first", "second")
        },
        targets=targets,
        notes=[
            "first call: all that happens from the call on, with what has to be traced or loaded; the",
            "packages themselves were imported before, which is the first column.",
            "ours lets train choose its engine. All end with the same loss and output, to 1e-9.",
        ],
    )


def sample(engine: str, epochs: int) -> dict[str, float]:
    """The seconds of the import, of the first call and of a second one, in this process."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    start = time.perf_counter()
    __import__(engine if engine in ("numpy", "torch", "jax") else "nn")
    times = {"import": time.perf_counter() - start}
    for call in ("first", "second"):
        start = time.perf_counter()
        result = TRAINED[engine](epochs)
        times[call] = time.perf_counter() - start
    expected = TRAINED["numpy"](epochs)
    if not all(
        math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in zip(result, expected, strict=True)
    ):
        raise AssertionError(f"{engine} ends with {result}, and NumPy with {expected}")
    return times
