"""Functions that their names tell everywhere, and what stands in for one that is only named."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ... import functions as engine

__all__ = ["KNOWN", "NORMAL", "random_cubic"]

KNOWN: dict[str, Callable[..., Any]] = {
    "log": engine.log, "ln": engine.log, "exp": engine.exp, "tanh": engine.tanh, "Tanh": engine.tanh,
    "sigmoid": engine.sigmoid, "Sigmoid": engine.sigmoid, "logistic": engine.sigmoid, "sig": engine.sigmoid,
    "relu": engine.relu, "ReLU": engine.relu, "RELU": engine.relu, "Relu": engine.relu,
    "softplus": engine.softplus,
    "sin": engine.sin, "cos": engine.cos, "tan": engine.tan, "sinh": engine.sinh, "cosh": engine.cosh,
    "abs": engine.abs, "sqrt": engine.sqrt, "arctan": engine.atan,
    "sech": lambda x: 1 / engine.cosh(x),
    "LeakyReLU": engine.leaky_relu, "lrelu": engine.leaky_relu, "leaky_relu": engine.leaky_relu,
}  # fmt: skip
"""Functions that these words name everywhere."""

NORMAL: dict[str, Callable[..., Any]] = {
    "Phi": lambda x: (engine.erf(x / engine.sqrt(2 + 0 * x)) + 1) / 2,
    "phi": lambda x: engine.exp(-x * x / 2) / engine.sqrt(2 * engine.acos(-1 + 0 * x)),
}
"""The normal distribution, where the notes have both and do not say what they are."""


def random_cubic(name: str, seed: int) -> Callable[[Any], Any]:
    """A function of which only the name is known."""
    rng = random.Random(f"{name} {seed}")
    # small, and hardly bent, so that what it is put in does not saturate
    a, b, c, d = (Fraction(rng.randint(-999, 999), size) for size in (1_000, 1_000, 10_000, 100_000))
    return lambda x: a + x * (b + x * (c + x * d))
