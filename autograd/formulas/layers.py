"""The vector form of a backward pass: dL/dW = delta x^T for each layer that is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..expr import Expr, constant
from ..notation import latex_name

if TYPE_CHECKING:
    from .derivation import Line
    from .symbolic import Symbolic

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
    local = model.local_derivatives(name)
    weights = {by: slope for by, slope in local.items() if by in model.parameters}
    inputs: list[str] = []
    bias = None
    for by, slope in weights.items():
        if slope is constant(1) and bias is None:
            bias = by
        elif slope.name is not None and slope.name in local and local[slope.name].name == by:
            inputs.append(slope.name)
        else:
            return None
    names = [by for by in weights if by != bias]
    return (inputs, names, bias) if inputs and len(inputs) + len(weights) == len(local) else None


def vector_form(model: Symbolic) -> list[Line]:
    """Lines such as dL/dW1 = delta1 x^T with the shapes; none where the function has no layers."""
    from .derivation import Line

    lines: list[Line] = []
    deltas = model.deltas()
    result = latex_name(model.result)
    sigma, sigma_latex, row, row_latex = "", "", "", ""
    if model.rows is not None:
        share = (f"1/{model.rows} ", rf"\frac{{1}}{{{model.rows}}} ") if model.reduce == "mean" else ("", "")
        sigma, sigma_latex = (
            f"{share[0]}sum_(i=1)^{model.rows} ",
            rf"{share[1]}\sum_{{i=1}}^{{{model.rows}}} ",
        )
        row, row_latex = "(i)", "^{(i)}"
    for number, layer in enumerate(affine_layers(model), start=1):
        m, n = len(layer.sums), len(layer.inputs)
        if m * n < 2 or not all(name in deltas for name in layer.sums):
            continue
        sums, inputs = ([f"{name}{row}" for name in names] for names in (layer.sums, layer.inputs))
        delta, delta_latex = f"delta{number}{row}", rf"\delta_{{{number}}}{row_latex}"
        upstream = [f"d{model.result}/d{name}" for name in sums]
        weights = rf"\frac{{\partial {result}}}{{\partial W_{{{number}}}}}"
        lines += [
            Line(
                delta, f"[{', '.join(upstream)}]^T  ({m} x 1)",
                delta_latex, rf"{_column(upstream)} \quad ({m} \times 1)",
            ),
            Line(
                f"d{model.result}/dW{number}", f"{sigma}{delta} [{', '.join(inputs)}]  ({m} x 1)(1 x {n}) = {m} x {n}",
                weights,
                rf"{sigma_latex}{delta_latex} {_column(inputs)}^T "
                rf"\quad ({m} \times 1)(1 \times {n}) = {m} \times {n}",
            ),
        ]  # fmt: skip
        if layer.biases:
            biases = rf"\frac{{\partial {result}}}{{\partial b_{{{number}}}}}"
            lines.append(
                Line(
                    f"d{model.result}/db{number}", f"{sigma}{delta}  ({m} x 1)",
                    biases, rf"{sigma_latex}{delta_latex} \quad ({m} \times 1)",
                )
            )  # fmt: skip
        if all(name in model.definitions for name in layer.inputs):
            downstream = [f"d{model.result}/d{name}" for name in inputs]
            lines.append(
                Line(
                    f"[{', '.join(downstream)}]^T", f"W{number}^T {delta}  ({n} x {m})({m} x 1) = {n} x 1",
                    _column(downstream),
                    rf"W_{{{number}}}^T {delta_latex} \quad ({n} \times {m})({m} \times 1) = {n} \times 1",
                )
            )  # fmt: skip
    return lines


def _column(names: list[str]) -> str:
    return r"\begin{bmatrix} " + r" \\ ".join(map(latex_name, names)) + r" \end{bmatrix}"
