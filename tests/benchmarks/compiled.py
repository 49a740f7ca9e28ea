"""Engines that compile a graph of scalars once and then run it many times, and the graphs they are given.

An engine takes a `Graph` and gives a `Compiled`: a function that runs forward and backward some times, and
one that reads the result. What each needs to be told (its own softplus, its own way to call) stands here.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks import gpt, random_graph
from tests.benchmarks.engines import Reference
from tests.benchmarks.tape import Tape


@dataclass(frozen=True)
class Graph:
    """A function of a list of numbers, given with the numbers to begin with."""

    start: list[float]
    loss: Callable[[Sequence[Any], Functions], Any]


@dataclass(frozen=True)
class Functions:
    """What an engine calls the functions that are no operators."""

    softplus: Callable[[Any], Any]
    total: Callable[[list[Any]], Any]
    softmax: Callable[[list[Any]], list[Any]]


@dataclass(frozen=True)
class Compiled:
    """`run(times)` evaluates the loss and all gradients; `result()` gives them; `seconds` went before."""

    seconds: float
    run: Callable[[int], object]
    result: Callable[[], list[float]]
    about: Any = None


def gpt_of(name: str) -> Graph:
    """The GPT on a name, its tokens constants."""
    return Graph(gpt.start(), lambda weights, functions: gpt.loss(gpt.shaped(weights), gpt.tokens(name)))


def random_of(operations: int) -> Graph:
    """The random graph of so many operations."""
    return Graph(
        random_graph.inputs(),
        lambda x, functions: random_graph.last_node(
            x, operations, softplus=functions.softplus, total=functions.total, softmax=functions.softmax
        ),
    )


def softmax_of_exponentials(x: list[Any]) -> list[Any]:
    total = sum(exponentials := [v.exp() for v in x])
    return [e / total for e in exponentials]


# ------------------------------------------------------------------------------------------------- ours


def ours(graph: Graph, dtype: str = "float64") -> Compiled:
    """`jit` of a function without arguments; every number of the graph is a parameter."""
    import numpy

    import autograd as ag

    start = time.perf_counter()
    parameters = [ag.Value(x) for x in graph.start]
    loss = ag.jit(lambda: graph.loss(parameters, Functions(ag.softplus, ag.sum, ag.softmax)), dtype=dtype)
    theta = numpy.array([p.data for p in loss.parameters])  # without those that the loss does not depend on
    found = [loss.value_and_grad(parameters=theta)]
    seconds = time.perf_counter() - start
    place = {p: i for i, p in enumerate(loss.parameters)}

    def run(times: int) -> None:
        for _ in range(times):
            found[0] = loss.value_and_grad(parameters=theta)

    def result() -> list[float]:
        value, gradient = found[0]
        return [float(value), *(float(gradient[place[p]]) if p in place else 0.0 for p in parameters)]

    return Compiled(seconds, run, result, loss)


def work(compiled: Compiled) -> float:
    """The multiply-adds of one evaluation that are left after simplifying."""
    program = compiled.about.program
    return float(getattr(program, "multiply_adds", program.both.work))


def ours_float32(graph: Graph) -> Compiled:
    return ours(graph, "float32")


def ours_backward(graph: Graph) -> Compiled:
    """The same through `loss.backward()`, which reads and writes a Value for every parameter."""
    import autograd as ag

    start = time.perf_counter()
    parameters = [ag.Value(x) for x in graph.start]
    loss = ag.jit(lambda: graph.loss(parameters, Functions(ag.softplus, ag.sum, ag.softmax)))
    value = [loss.backward()]
    seconds = time.perf_counter() - start

    def run(times: int) -> None:
        for _ in range(times):
            for p in parameters:
                p.grad = 0.0
            value[0] = loss.backward()

    return Compiled(seconds, run, lambda: [float(value[0]), *(float(p.grad) for p in parameters)], loss)


# ------------------------------------------------------------------------------------------------ peers


def c_tape(graph: Graph) -> Compiled:
    """The tape in C, its operations as few as they can be: sums of four and softmax are one each."""
    start = time.perf_counter()
    tape = Tape()
    functions = Functions(
        softplus=lambda v: v.softplus(),
        total=lambda values: tape.record("sum4", *values)[0],
        softmax=lambda values: tape.record("softmax4", *values, results=4),
    )
    graph.loss([tape.number(x) for x in graph.start], functions)
    run, gradients = tape.compiled()
    seconds = time.perf_counter() - start
    return Compiled(seconds, run, lambda: [run(1), *gradients()[: len(graph.start)]])


def casadi(graph: Graph) -> Compiled:
    """CasADi's SX function with its gradient, called through buffers, which costs next to nothing."""
    import casadi as ca
    import numpy

    class Symbol:
        """An SX with the methods that the GPT calls."""

        __slots__ = ("sx",)

        def __init__(self, sx: Any) -> None:
            self.sx = sx

        def __add__(self, other: Any) -> Symbol:
            return Symbol(self.sx + (other.sx if type(other) is Symbol else other))

        __radd__ = __add__

        def __mul__(self, other: Any) -> Symbol:
            return Symbol(self.sx * (other.sx if type(other) is Symbol else other))

        def __truediv__(self, other: Any) -> Symbol:
            return Symbol(self.sx / (other.sx if type(other) is Symbol else other))

        def __pow__(self, exponent: float) -> Symbol:
            return Symbol(self.sx**exponent)

        def __neg__(self) -> Symbol:
            return Symbol(-self.sx)

        def exp(self) -> Symbol:
            return Symbol(ca.exp(self.sx))

        def log(self) -> Symbol:
            return Symbol(ca.log(self.sx))

        def relu(self) -> Symbol:
            return Symbol(ca.fmax(self.sx, 0))

    def softplus(x: Symbol) -> Symbol:
        return Symbol(ca.fmax(x.sx, 0) + ca.log1p(ca.exp(-ca.fabs(x.sx))))

    start = time.perf_counter()
    symbols = ca.SX.sym("x", len(graph.start))
    functions = Functions(softplus, sum, softmax_of_exponentials)
    loss = graph.loss([Symbol(x) for x in ca.vertsplit(symbols)], functions).sx
    function = ca.Function("f", [symbols], [loss, ca.densify(ca.gradient(loss, symbols))])
    theta, value, gradient = numpy.array(graph.start), numpy.zeros(1), numpy.zeros(len(graph.start))
    buffer, evaluate = function.buffer()
    buffer.set_arg(0, memoryview(theta))
    buffer.set_res(0, memoryview(value))
    buffer.set_res(1, memoryview(gradient))
    evaluate()
    seconds = time.perf_counter() - start

    def run(times: int) -> None:
        for _ in range(times):
            evaluate()

    keep = theta, buffer, function  # CasADi remembers addresses only
    return Compiled(seconds, run, lambda: [float(value[0]), *map(float, gradient)], keep)


def reference(graph: Graph) -> Compiled:
    """The plain Value that people write after reading microgpt, which records anew each time."""

    def softplus(x: Reference) -> Reference:
        data = max(x.data, 0.0) + math.log1p(math.exp(-abs(x.data)))
        return Reference(data, (x,), (1 / (1 + math.exp(-x.data)),))

    weights = [Reference(x) for x in graph.start]
    value = [0.0]

    def run(times: int) -> None:
        for _ in range(times):
            for w in weights:
                w.grad = 0
            loss = graph.loss(weights, Functions(softplus, sum, softmax_of_exponentials))
            loss.backward()
            value[0] = loss.data

    return Compiled(0.0, run, lambda: [value[0], *(w.grad for w in weights)])


def torch(graph: Graph) -> Compiled:
    """PyTorch with a tensor for every scalar, recorded anew each time."""
    import torch as pt

    leaves = [pt.tensor(x, dtype=pt.float64, requires_grad=True) for x in graph.start]
    functions = Functions(
        softplus=pt.nn.functional.softplus,
        total=lambda values: sum(values[1:], values[0]),
        softmax=lambda values: list(pt.softmax(pt.stack(values), 0)),
    )
    value = [0.0]

    def run(times: int) -> None:
        for _ in range(times):
            for x in leaves:
                x.grad = None
            loss = graph.loss(leaves, functions)
            loss.backward()
            value[0] = loss.item()

    return Compiled(0.0, run, lambda: [value[0], *(0.0 if x.grad is None else x.grad.item() for x in leaves)])


def jax(graph: Graph) -> Compiled:
    """`jax.jit` of `value_and_grad`, in float64."""
    import jax as jx
    import numpy

    jx.config.update("jax_enable_x64", True)
    functions = Functions(
        softplus=jx.nn.softplus,
        total=lambda values: sum(values[1:], values[0]),
        softmax=lambda values: list(jx.nn.softmax(jx.numpy.stack(values))),
    )
    start = time.perf_counter()
    theta = jx.numpy.array(graph.start)
    function = jx.jit(jx.value_and_grad(lambda x: graph.loss(list(x), functions)))
    found = [jx.block_until_ready(function(theta))]
    seconds = time.perf_counter() - start

    def run(times: int) -> None:
        for _ in range(times):
            found[0] = jx.block_until_ready(function(theta))

    return Compiled(
        seconds, run, lambda: [*map(float, itertools.chain([found[0][0]], numpy.asarray(found[0][1])))]
    )


def graph_of(name: str) -> Graph:
    """The graph of a name: "gpt karl" is the GPT on that text, "random 1000" has so many operations."""
    kind, _, rest = name.partition(" ")
    return gpt_of(rest) if kind == "gpt" else random_of(int(rest))


COMPILERS: dict[str, Callable[[Graph], Compiled]] = {
    "ours": ours,
    "ours, float32": ours_float32,
    "ours, backward()": ours_backward,
    "C tape": c_tape,
    "casadi": casadi,
    "jax": jax,
    "torch": torch,
    "reference": reference,
}
