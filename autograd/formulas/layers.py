"""The vector form of a backward pass: dL/dW = delta x^T for each layer that is one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..expr import constant
from .paths import edges_to
from .writing import NOTHING, Line, Written, line, number_in_front, sums, written_name

if TYPE_CHECKING:
    from .model import Symbolic

__all__ = ["Affine", "affine_layers", "vector_form"]


_MOST_ENTRIES = 6
"""A vector or matrix with more entries in a line than this is shown by its ends."""


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
    bias), and by each input that input's weight, and nothing else has these parameters in it.
    """
    layers: dict[tuple[str, ...], Affine] = {}
    uses = Counter(by for name in model.definitions for by in model.local_derivatives(name))
    for name in model.definitions:
        row = _affine_row(model, name)
        # a weight that is used elsewhere too has a longer gradient
        if row is not None and all(uses[parameter] == 1 for parameter in [*row[1], *filter(None, row[2:])]):
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
    """Lines such as dL/dW^2 = delta^2 x^T with the shapes, from the last layer back; none without layers.

    An upper index is the layer: W^2 has a row of weights for each unit of layer 2.
    """
    edges = edges_to(model, list(model.parameters))
    layers = [layer for layer in affine_layers(model) if edges.keys() >= {*layer.sums}]
    lines: list[Line] = []
    for number, layer in reversed(list(enumerate(layers, start=1))):
        if len(layer.sums) * len(layer.inputs) > 1:
            used_elsewhere = {by for name in edges.keys() - {*layer.sums} for by in edges[name]}
            downstream = edges.keys() >= {*layer.inputs} and used_elsewhere.isdisjoint(layer.inputs)
            lines += _layer_lines(model, layer, number, downstream)
    return lines


def _layer_lines(model: Symbolic, layer: Affine, number: int, downstream: bool) -> Iterator[Line]:
    """The vector form of a layer; `downstream` says whether its inputs have no other use on the way back."""
    m, n = len(layer.sums), len(layer.inputs)
    above = Written(f"^{number}", f"^{{{number}}}")
    weights, biases = (Written(letter, letter) + above for letter in "Wb")
    delta = Written("delta", r"\delta") + above + (Written("(i)", "_{i}") if model.rows else NOTHING)
    before = number_in_front(model.share) + sums(model.indices)
    inputs = [model.name_in_row(name) for name in layer.inputs]
    yield line(delta, _column(map(model.derivative_in_row, layer.sums)) + _shape((m, 1)))
    yield line(
        _gradient(model, weights), before + delta + " " + _row(inputs) + _shape((m, 1), (1, n), (m, n))
    )
    if layer.biases:
        yield line(_gradient(model, biases), before + delta + _shape((m, 1)))
    if downstream:
        turned = Written(f"({weights.text})^T ", rf"\left({weights.latex}\right)^T ")
        yield line(
            _column(map(model.derivative_in_row, layer.inputs)),
            turned + delta + _shape((n, m), (m, 1), (n, 1)),
        )
    yield line(weights, _matrix(layer.weights) + _shape((m, n)))


def _gradient(model: Symbolic, by: Written) -> Written:
    result = written_name(model.result)
    return Written(f"d{result.text}/d{by.text}", rf"\frac{{\partial {result.latex}}}{{\partial {by.latex}}}")


def _column(names: Iterable[str]) -> Written:
    entries = _ends([written_name(name) for name in names], Written("...", r"\vdots"))
    tall = r" \\[8pt] ".join(latex.replace(r"\frac", r"\dfrac") for _, latex in entries)
    return Written(f"[{', '.join(text for text, _ in entries)}]^T", _bracketed(tall))


def _row(names: Iterable[str]) -> Written:
    """A vector lying down: in LaTeX it is one standing up, transposed."""
    column = _column(names)
    return Written(column.text.removesuffix("^T"), column.latex + "^T")


def _matrix(rows: Iterable[Iterable[str]]) -> Written:
    dots = Written("...", r"\cdots")
    lines = [_ends([written_name(name) for name in row], dots) for row in rows]
    texts = [f"[{', '.join(text for text, _ in entries)}]" for entries in lines]
    latexes = [" & ".join(latex for _, latex in entries) for entries in lines]
    between = Written("...", " & ".join([r"\vdots"] * len(lines[0])))
    shown = _ends([Written(*both) for both in zip(texts, latexes, strict=True)], between)
    text = ", ".join(text for text, _ in shown)
    return Written(f"[{text}]", _bracketed(r" \\ ".join(latex for _, latex in shown)))


def _ends(entries: list[Written], dots: Written) -> list[Written]:
    """The entries; of many the first two and the last."""
    return entries if len(entries) <= _MOST_ENTRIES else [*entries[:2], dots, entries[-1]]


def _bracketed(entries: str) -> str:
    return rf"\begin{{bmatrix}} {entries} \end{{bmatrix}}"


def _shape(*shapes: tuple[int, int]) -> Written:
    """The shape of a vector, or those of two factors and of their product."""
    factors, result = (shapes[:-1], shapes[-1:]) if len(shapes) > 1 else (shapes, ())
    text = "".join(f"({m} x {n})" for m, n in factors) + "".join(f" = {m} x {n}" for m, n in result)
    return Written("  " + text, r" \quad " + text.replace("x", r"\times"))
