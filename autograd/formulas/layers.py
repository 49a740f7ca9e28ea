"""The vector form of a backward pass: dL/dW = delta x^T for each layer that is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..expr import constant
from ..notation import latex_name
from .writing import NOTHING, Line, Written, line, written_name

if TYPE_CHECKING:
    from .model import Symbolic

__all__ = ["Affine", "affine_layers", "vector_form"]


class Affine(NamedTuple):
    """Quantities that are one weighted sum each of the same inputs: z = W x + b.

    sums      the names of z
    inputs    the names of x
    weights   the names of W, a row for each sum
    biases    the names of b, empty where there are none
    """

    sums: list[str]
    inputs: list[str]
    weights: list[list[str]]
    biases: list[str]


def affine_layers(model: Symbolic) -> list[Affine]:
    """The layers of a network, from the inputs on, as its local derivatives show them.

    A quantity belongs to one if its derivative by each parameter in it is an input (a weight) or 1 (the
    bias), and by each input that input's weight.
    """
    layers: dict[tuple[str, ...], Affine] = {}
    for name in model.definitions:
        row = _affine_row(model, name)
        if row is not None:
            inputs, weights, bias = row
            layer = layers.setdefault((*inputs, str(bias is None)), Affine([], inputs, [], []))
            layer.sums.append(name)
            layer.weights.append(weights)
            layer.biases.extend([bias] if bias else [])
    return list(layers.values())


def _affine_row(model: Symbolic, name: str) -> tuple[list[str], list[str], str | None] | None:
    """The inputs, weights and bias of a quantity that is a weighted sum."""
    local = model.local_derivatives(name)
    inputs: list[str] = []
    weights: list[str] = []
    bias = None
    for by, slope in local.items():
        if by not in model.parameters:
            continue
        if slope is constant(1) and bias is None:
            bias = by
        elif slope.name in local and local[slope.name].name == by:
            inputs.append(slope.name)
            weights.append(by)
        else:
            return None
    whole = len(inputs) + len(weights) + (bias is not None) == len(local)
    return (inputs, weights, bias) if inputs and whole else None


def vector_form(model: Symbolic) -> list[Line]:
    """Lines such as dL/dW^1 = delta^1 x^T with the shapes; none where the function has no layers.

    An upper index is the layer: W^2 has a row of weights for each unit of layer 2.
    """
    lines: list[Line] = []
    deltas = model.deltas()
    in_row = Written("(i)", "_{i}") if model.rows else NOTHING
    for number, layer in enumerate(affine_layers(model), start=1):
        m, n = len(layer.sums), len(layer.inputs)
        if m * n < 2 or not all(name in deltas for name in layer.sums):
            continue
        layer_index = Written(f"^{number}", f"^{{{number}}}")
        delta = Written("delta", r"\delta") + layer_index + in_row
        weights, biases = (Written(letter, letter) + layer_index for letter in "Wb")
        upstream = [model.derivative_in_row(name) for name in layer.sums]
        inputs = [model.name_in_row(name) for name in layer.inputs]
        summed = model.sum_over_rows + delta
        lines.append(line(delta, _column(upstream) + _shape((m, 1))))
        lines.append(
            line(_gradient(model, weights), summed + " " + _row(inputs) + _shape((m, 1), (1, n), (m, n)))
        )
        if layer.biases:
            lines.append(line(_gradient(model, biases), summed + _shape((m, 1))))
        if all(name in deltas and name in model.definitions for name in layer.inputs):
            downstream = [model.derivative_in_row(name) for name in layer.inputs]
            turned = Written(f"({weights.text})^T ", rf"\left({weights.latex}\right)^T ")
            lines.append(line(_column(downstream), turned + delta + _shape((n, m), (m, 1), (n, 1))))
    return lines


def _gradient(model: Symbolic, by: Written) -> Written:
    result = written_name(model.result)
    return Written(f"d{result.text}/d{by.text}", rf"\frac{{\partial {result.latex}}}{{\partial {by.latex}}}")


def _column(names: Sequence[str]) -> Written:
    row = _row(names)
    return Written(row.text + "^T", row.latex.removesuffix("^T"))


def _row(names: Sequence[str]) -> Written:
    """A vector lying down: in LaTeX it is one standing up, transposed."""
    entries = r" \\ ".join(map(latex_name, names))
    return Written(f"[{', '.join(names)}]", rf"\begin{{bmatrix}} {entries} \end{{bmatrix}}^T")


def _shape(*shapes: tuple[int, int]) -> Written:
    """The shape of a vector, or those of two factors and of their product."""
    factors, result = (shapes[:-1], shapes[-1:]) if len(shapes) > 1 else (shapes, ())
    text = "".join(f"({m} x {n})" for m, n in factors) + "".join(f" = {m} x {n}" for m, n in result)
    return Written("  " + text, r" \quad " + text.replace("x", r"\times"))
