"""A graph that looks like no network: a few kinds of operations in turn, each on nodes a little way back.

In the manner of A. Rogozhnikov, Fastest Autograd in the West, 2023: softplus of the 10th last node; the sum
of four nodes from 30 to 10 back; the product of the 20th and the 10th last; the softmax of the last four,
which adds four nodes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

N_INPUTS = 100


def inputs(seed: int = 1) -> list[float]:
    draw = random.Random(seed)
    return [draw.uniform(-1, 1) for _ in range(N_INPUTS)]


def last_node(
    x: Sequence[Any],
    operations: int,
    *,
    softplus: Callable[[Any], Any],
    total: Callable[[list[Any]], Any],
    softmax: Callable[[list[Any]], list[Any]],
) -> Any:
    """Grow the graph by so many operations and give its last node."""
    nodes = list(x)
    for step in range(operations):
        if step % 4 == 0:
            nodes.append(softplus(nodes[-10]))
        elif step % 4 == 1:
            nodes.append(total(nodes[-30:-10:5]))
        elif step % 4 == 2:
            nodes.append(nodes[-20] * nodes[-10])
        else:
            nodes.extend(softmax(nodes[-4:]))
    return nodes[-1]
