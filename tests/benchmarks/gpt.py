"""A GPT on scalars: the loss of one short text, written once for every engine that has + - * / **.

One layer, four heads, embedding 16, context 16, RMS norm, an MLP of 64 with ReLU, 27 tokens: 4,192
parameters. The text is a name of letters between two end marks; the number of its letters sets the
number of operations.
"""

from __future__ import annotations

import itertools
import operator
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

EMBEDDING, HEADS, CONTEXT, HIDDEN, TOKENS = 16, 4, 16, 64, 27
END = 26

Vector = list[Any]
Matrix = list[Vector]


def tokens(name: str) -> list[int]:
    """A name as numbers, a = 0 to z = 25, between end marks."""
    return [END, *(ord(letter) - ord("a") for letter in name), END]


SHAPES = {
    "token": (TOKENS, EMBEDDING),
    "position": (CONTEXT, EMBEDDING),
    "query": (EMBEDDING, EMBEDDING),
    "key": (EMBEDDING, EMBEDDING),
    "value": (EMBEDDING, EMBEDDING),
    "mix": (EMBEDDING, EMBEDDING),
    "widen": (HIDDEN, EMBEDDING),
    "narrow": (EMBEDDING, HIDDEN),
    "head": (TOKENS, EMBEDDING),
}


def parameters(number: Any, seed: int = 1) -> dict[str, Matrix]:
    """Random weights, each made into a leaf by `number(...)`; the same ones for every engine."""
    return shaped(number(w) for w in start(seed))


def start(seed: int = 1) -> list[float]:
    """The numbers that the weights begin with, in the order of `flat`."""
    draw = random.Random(seed)
    return [draw.gauss(0, 0.08) for rows, columns in SHAPES.values() for _ in range(rows * columns)]


def shaped(weights: Iterable[Any]) -> dict[str, Matrix]:
    """Matrices from the list of all weights."""
    each = iter(weights)
    return {
        name: [[next(each) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in SHAPES.items()
    }


def flat(weights: dict[str, Matrix]) -> list[Any]:
    """Every weight, in a fixed order."""
    return [w for matrix in weights.values() for row in matrix for w in row]


def product(matrix: Matrix, x: Vector) -> Vector:
    return [sum(w * v for w, v in zip(row, x, strict=True)) for row in matrix]


def rms_norm(x: Vector) -> Vector:
    scale = (sum(v * v for v in x) / len(x) + 1e-5) ** -0.5
    return [v * scale for v in x]


def softmax(x: Vector) -> Vector:
    total = sum(exponentials := [v.exp() for v in x])
    return [e / total for e in exponentials]


def softmax_of_any(x: Vector) -> Vector:
    """The same without overflow, for engines that know their numbers while they record."""
    largest = max(v.data for v in x)
    return softmax([v - largest for v in x])


def loss(
    w: dict[str, Matrix],
    text: Sequence[Any],
    softmax: Callable[[Vector], Vector] = softmax,
    take: Callable[[Any, Any], Any] = operator.getitem,
) -> Any:
    """The mean of -log(probability) of each token after the first, given those before it.

    `take(table, index)` looks up the token's embedding, and the probability of the target.
    """
    keys: Matrix = []
    values: Matrix = []
    losses = []
    width = EMBEDDING // HEADS
    for position, (token, target) in enumerate(itertools.pairwise(text)):
        x = [a + b for a, b in zip(take(w["token"], token), w["position"][position], strict=True)]
        x = rms_norm(x)

        before = x
        x = rms_norm(x)
        query = product(w["query"], x)
        keys.append(product(w["key"], x))
        values.append(product(w["value"], x))
        attended = []
        for head in range(HEADS):
            part = slice(head * width, (head + 1) * width)
            scores = [
                sum(q * k for q, k in zip(query[part], key[part], strict=True)) / width**0.5 for key in keys
            ]
            attention = softmax(scores)
            for j in range(part.start, part.stop):
                attended.append(sum(a * v[j] for a, v in zip(attention, values, strict=True)))
        x = [a + b for a, b in zip(product(w["mix"], attended), before, strict=True)]

        before = x
        x = [v.relu() for v in product(w["widen"], rms_norm(x))]
        x = [a + b for a, b in zip(product(w["narrow"], x), before, strict=True)]

        losses.append(-take(softmax(product(w["head"], x)), target).log())
    return sum(losses) / len(losses)
