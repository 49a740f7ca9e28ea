"""Plots of training, with Matplotlib: how the loss falls, what a network decides, how its gradients lie.

Each takes the `axes` to draw on, or makes a figure of its own, and gives the axes, whose figure can be saved:
`plot_loss(history).figure.savefig("loss.png")`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import MissingPackageError, SettingError, ShapeError
from ..names import printable
from ..numbers import to_float
from ..value import Value
from .scene import layers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_activations", "plot_decision", "plot_gradients", "plot_loss"]

COLOURS = ("#1b5e9b", "#b3261e", "#00704f", "#9a6b00", "#9b2c6b", "#595959")
MOST = 8
"""The most layers side by side."""


def plot_loss(losses: Any, axes: Axes | None = None, *, label: str | None = None) -> Axes:
    """The loss against the step.

    losses  the losses, first to last; or the history that `nn.train` gives, of which the losses of the epochs
            are taken, if there are several; or several of either, by name

    The axis is logarithmic where all losses are above 0 and differ by more than a factor of 50. Raises
    `ShapeError` where there is none.

    >>> plot_loss([4.0, 2.0, 1.0]).get_ylabel()
    'loss'
    """
    axes = _axes(axes)
    curves = losses if isinstance(losses, Mapping) else {label: losses}
    numbers: list[float] = []
    unit = "step"
    for place, (name, curve) in enumerate(curves.items()):
        if hasattr(curve, "step_losses"):
            by_epoch = len(curve.epoch_losses) > 1
            unit = "epoch" if by_epoch else "step"
            curve = curve.epoch_losses if by_epoch else curve.step_losses
        points = [_number(x) for x in curve]
        if not points:
            raise ShapeError("there are no losses to plot")
        numbers += [x for x in points if math.isfinite(x)]
        axes.plot(range(1, len(points) + 1), points, color=COLOURS[place % len(COLOURS)], label=_text(name))
    if numbers and min(numbers) > 0 and max(numbers) > 50 * min(numbers):
        axes.set_yscale("log")
    axes.set_xlabel(unit)
    axes.set_ylabel("loss")
    if any(name is not None for name in curves):
        axes.legend()
    return axes


def plot_decision(
    function: Callable[[list[float]], Any],
    rows: Sequence[tuple[Sequence[Any], Any]],
    axes: Axes | None = None,
    *,
    threshold: float = 0.5,
    resolution: int = 60,
    names: tuple[str, str] = ("x1", "x2"),
) -> Axes:
    """What a function of two inputs gives over the plane, and where it crosses the threshold.

    function    takes a list of two floats and gives a number or a Value, such as an `MLP(2, [..., 1])`
    rows        the data: pairs of two inputs and a label
    resolution  how many points along each side the function is asked at

    Raises `ShapeError` for rows that do not have two inputs, and for none.
    """
    points = [([_number(x) for x in inputs], _number(y)) for inputs, y in rows]
    for place, (inputs, _) in enumerate(points, 1):
        if len(inputs) != 2:
            raise ShapeError(f"row {place} has {len(inputs)} inputs; a plane has 2")
    if not points:
        raise ShapeError("there are no rows to plot")
    if type(resolution) is not int or resolution < 2:
        raise SettingError(f"resolution={resolution!r}: it is a number of points, at least 2")
    axes = _axes(axes)
    sides = [_stretched([inputs[i] for inputs, _ in points], resolution) for i in range(2)]
    grid = [[_number(function([x1, x2])) for x1 in sides[0]] for x2 in sides[1]]
    low, high = min(map(min, grid)), max(map(max, grid))
    # white is the threshold, blue below it and red above; no darker than points and text can stand on
    reach = 2.5 * max(abs(low - threshold), abs(high - threshold)) or 1.0
    filled = axes.contourf(
        *sides, grid, levels=20, cmap="RdBu_r", vmin=threshold - reach, vmax=threshold + reach
    )
    axes.figure.colorbar(filled, ax=axes, label="output")
    if low < threshold < high:
        axes.contour(*sides, grid, levels=[threshold], colors="black", linewidths=1.5)
    for place, y in enumerate(sorted({y for _, y in points})):
        chosen = [inputs for inputs, label in points if label == y]
        axes.scatter(
            [x for x, _ in chosen],
            [x for _, x in chosen],
            label=f"{y:g}",
            marker="osD^vP"[place % 6],
            color=COLOURS[place % len(COLOURS)],
            edgecolor="white",
        )
    axes.set_xlabel(_text(names[0]) or "")
    axes.set_ylabel(_text(names[1]) or "")
    axes.legend(title="label", frameon=True, framealpha=0.9)
    return axes


def plot_gradients(root: Value, axes: Axes | None = None, *, names: Mapping[str, Any] | None = None) -> Axes:
    """A histogram of the gradients of the parameters for each layer of the graph below `root`.

    Its height is the share of a layer's parameters, so that a layer of few compares with one of many.

    Raises `SettingError` before `backward()`, `ShapeError` where no layer has parameters.
    """
    if root.op is not None and not hasattr(root, "_grad"):
        raise SettingError("there are no gradients yet: call backward() first")
    groups = {name: [x.grad for x in parameters] for name, parameters, _ in layers_of(root, names or {})}
    return _histograms(groups, axes, "gradient", "parameters")


def plot_activations(
    root: Value, axes: Axes | None = None, *, names: Mapping[str, Any] | None = None
) -> Axes:
    """A histogram of the outputs of the units for each layer of the graph below `root`, over all rows."""
    groups = {name: [x.data for x in outputs] for name, _, outputs in layers_of(root, names or {})}
    return _histograms(groups, axes, "output", "units")


def _histograms(groups: Mapping[str, Iterable[Any]], axes: Axes | None, what: str, of: str) -> Axes:
    axes = _axes(axes)
    found = {name: [y for x in xs if math.isfinite(y := _number(x))] for name, xs in groups.items()}
    found = {name: xs for name, xs in found.items() if xs}
    if not found:
        raise ShapeError(f"there is no layer whose {of} could be plotted")
    shown = dict([*found.items()][:MOST])
    low, high = min(map(min, shown.values())), max(map(max, shown.values()))
    if low == high:
        low, high = low - 0.5, high + 0.5
    for place, (name, xs) in enumerate(shown.items()):
        axes.hist(
            xs,
            bins=30,
            range=(low, high),
            histtype="step",
            linewidth=1.8,
            label=f"{_text(name)} ({len(xs):,})",
            color=COLOURS[place % len(COLOURS)],
            linestyle=("-", "--", ":")[place % 3],
            weights=[100 / len(xs)] * len(xs),
        )
    axes.set_xlabel(what)
    axes.set_ylabel(f"% of the {of} of a layer")
    title = f"{len(found) - len(shown)} more layers are not shown" if len(found) > len(shown) else ""
    axes.legend(title=title or None)
    return axes


def _axes(axes: Axes | None) -> Axes:
    """Axes to draw on. A figure of one's own is not known to pyplot, so it is freed like anything else."""
    if axes is not None:
        return axes
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingPackageError("plots need Matplotlib: pip install 'chalkgrad[train]'") from error
    axes = Figure(figsize=(6.4, 4.2), layout="constrained").add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _number(x: Any) -> float:
    return to_float(x.data if isinstance(x, Value) else x)


def _text(name: str | None) -> str | None:
    """A label without control characters, and without what Matplotlib would read as a formula."""
    return None if name is None else printable(name).replace("$", r"\$")


def _stretched(xs: Sequence[float], count: int) -> list[float]:
    """Points evenly spaced from a little before the smallest to a little after the largest."""
    low, high = min(xs), max(xs)
    margin = 0.15 * (high - low) or 1.0
    low, step = low - margin, (high - low + 2 * margin) / (count - 1)
    return [low + step * i for i in range(count)]
