"""Accuracy: compiled and eager on random graphs over all primitives, and at nan, inf and the kinks."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import autograd as ag
from autograd import OPS, Value
from autograd.graph import topological_order
from tests.benchmarks.measure import Report, Target, tell

N_PARAMETERS = 12
SPECIAL = [
    math.nan,
    math.inf,
    -math.inf,
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -2.0,
    700.0,
    -745.0,
    1e308,
    -1e308,
    5e-324,
]
CONDITIONS = {"less", "less_equal"}
LISTS = {"sum", "dot", "logsumexp", "largest"}
BOUNDED = {
    "sin",
    "cos",
    "tanh",
    "sigmoid",
    "atan",
    "erf",
    "where",
    "maximum",
    "minimum",
    "abs",
    "relu",
    "largest",
}

Function = Callable[[Sequence[Any]], Any]


def run(quick: bool = False) -> Report:
    graphs, size = (2, 40) if quick else (60, 400)
    loss_errors, gradient_errors, exact = [], [], 0
    for seed in range(graphs):
        tell(f"graph {seed + 1} of {graphs}")
        f = random_function(seed, size)
        draw = random.Random(seed)
        start = [draw.uniform(-1, 1) for _ in range(N_PARAMETERS)]
        loss_error, errors, same = compare(f, start)
        loss_errors.append(loss_error)
        gradient_errors += errors
        exact += same
    tell("special numbers")
    wrong, checked = special_numbers([1.0, 0.0, math.nan] if quick else SPECIAL)
    worst = max(gradient_errors)
    return Report(
        title=f"Accuracy: {graphs} random graphs of {size} operations, every primitive among them",
        columns=["", "worst", "median", "equal to the bit"],
        rows=[
            ["loss", f"{max(loss_errors):.1e}", f"{sorted(loss_errors)[graphs // 2]:.1e}", ""],
            [
                "gradients",
                f"{worst:.1e}",
                f"{sorted(gradient_errors)[len(gradient_errors) // 2]:.1e}",
                f"{exact:,} of {len(gradient_errors):,}",
            ],
            ["nan, inf, kinks", f"{len(wrong)} differ", "", f"of {checked:,}"],
        ],
        figures={
            "gradients: worst": worst,
            "loss: worst": max(loss_errors),
            "special numbers: differ": len(wrong),
        },
        targets=[
            Target("worst difference of a gradient", worst, 1e-13, at_most=True),
            Target("special numbers on which they differ", len(wrong), 0, at_most=True),
        ],
        notes=[
            "Differences are shares of the sum of absolute path products: the gradient that results",
            "when every local derivative is replaced by its absolute value.",
            *wrong[:10],
        ],
    )


def random_function(seed: int, size: int) -> Function:
    """A function of a list of numbers within -1..1 that applies every primitive, each to earlier results."""

    def f(x: Sequence[Any]) -> Any:
        draw = random.Random(seed)
        pool = list(x)
        # a primitive that other code added to the table is not ours to judge
        names = [name for name in BUILT_IN if name not in CONDITIONS]
        for step in range(size):
            name = names[step % len(names)] if step < len(names) else draw.choice(names)
            out = applied(name, [draw.choice(pool[-30:]) for _ in range(6)], draw)
            pool.append(out if name in BOUNDED else ag.sin(out))
        return ag.sum(pool[-10:])

    return f


BUILT_IN = list(OPS)


def applied(name: str, x: list[Any], draw: random.Random) -> Any:
    """A primitive on as many of the operands as it takes, each brought into its domain."""
    if name == "take":
        return ag.take(x[1:], draw.randrange(5))
    if name == "where":
        return ag.where(x[0] > x[1], x[2], x[3])
    if name == "power":
        return ag.exp(x[0]) ** draw.choice([2, 3, -1, 0.5, -1.5])
    if name in LISTS:
        return (
            {"sum": ag.sum, "logsumexp": ag.logsumexp}[name](x[:4])
            if name in ("sum", "logsumexp")
            else (ag.dot(x[:3], x[3:]) if name == "dot" else OPS["largest"](*x))
        )
    domain = OPS[name].domain
    operands = [within(interval, v) for interval, v in zip(domain, x, strict=False)]
    if name == "div":
        operands[1] = ag.exp(operands[1])
    return OPS[name](*operands)


def within(interval: tuple[float, float], x: Any) -> Any:
    """A number from a few to the left and right of 0, brought well into an interval."""
    low, high = interval
    if (low, high) == (-1.0, 1.0):
        return ag.sin(x) * 0.75
    return x if low == -math.inf else ag.exp(x) + (low if low > 0 else 0.0)


def compare(f: Function, start: list[float]) -> tuple[float, list[float], int]:
    """How far the compiled loss and gradients are from the eager ones, and how many are the same."""
    import numpy

    x = [Value(v) for v in start]
    loss = f(x)
    loss.backward()
    sizes = absolute_gradients(loss)
    compiled = ag.jit(lambda: f(x))
    value, gradient = compiled.value_and_grad(parameters=numpy.array([p.data for p in compiled.parameters]))
    errors, same = [], 0
    for p, found in zip(compiled.parameters, gradient, strict=True):
        same += float(found) == p.grad
        size = sizes.get(p, 0.0)  # 0 where it is only compared
        errors.append(abs(float(found) - p.grad) / size if size else float(found != p.grad))
    scale = abs(loss.data) + sum(sizes.get(p, 0.0) * abs(p.data) for p in compiled.parameters)
    return abs(float(value) - loss.data) / scale, errors, same


def absolute_gradients(root: Value) -> dict[Value, float]:
    """For each node the sum, over its paths to the root, of the products of absolute local derivatives."""
    found = {root: 1.0}
    for node in reversed(topological_order(root)):
        if node.op is None:
            continue
        for operand, slope in zip(node.operands, node.local_derivatives, strict=True):
            if isinstance(operand, Value):
                found[operand] = found.get(operand, 0.0) + abs(slope or 0.0) * found.get(node, 0.0)
    return found


def special_numbers(numbers: Sequence[float]) -> tuple[list[str], int]:
    """Where compiled and eager differ at nan, at infinity, at kinks and at the ends of the floats."""
    import numpy

    wrong, checked = [], 0
    for name in BUILT_IN:
        if name in CONDITIONS or name in ("power", "take", "largest"):  # largest is for shifting exponentials
            continue
        count = 3 if name == "where" else 2 if name in LISTS else len(OPS[name].domain)
        apply = {"where": chosen_by_sign, "dot": crossed}.get(name, OPS[name])
        x = [Value(1.0) for _ in range(count)]
        compiled = without_arguments(apply, x)
        for point in itertools.product(numbers, repeat=count):
            leaves = [Value(v) for v in point]
            out = apply(*leaves)
            out.backward()
            at = dict(zip(x, point, strict=True))
            theta = numpy.array([at[p] for p in compiled.parameters])
            value, gradient = compiled.value_and_grad(parameters=theta)
            place = {p: i for i, p in enumerate(compiled.parameters)}
            found = [float(value), *(float(gradient[place[p]]) if p in place else 0.0 for p in x)]
            checked += 1
            expected = [out.data, *(p.grad for p in leaves)]
            if not all(map(agree, found, expected)):
                wrong.append(f"{name}{point}: {found}, and eager {expected}")
    return wrong, checked


def without_arguments(apply: Callable[..., Any], x: list[Value]) -> Any:
    return ag.jit(lambda: apply(*x))


def chosen_by_sign(a: Any, b: Any, c: Any) -> Any:
    return ag.where(a > 0, b, c)


def crossed(a: Any, b: Any) -> Any:
    return ag.dot([a, b], [b, a])


def agree(found: float, expected: float) -> bool:
    """Equal, nan to nan; finite numbers but 0 may differ by rounding."""
    if math.isnan(expected) or math.isinf(expected) or expected == 0:
        return found == expected or (math.isnan(found) and math.isnan(expected))
    return math.isclose(found, expected, rel_tol=1e-13, abs_tol=5e-324)
