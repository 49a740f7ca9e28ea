"""Plots of training."""

import sys

import pytest

from autograd import Value
from autograd.errors import MissingPackageError, SettingError, ShapeError
from autograd.pictures.plots import plot_activations, plot_decision, plot_gradients, plot_loss
from nn import MLP, squared_error

pytest.importorskip("matplotlib")
ROWS = [([0.0, 0.0], 0), ([1.0, 1.0], 1), ([1.0, 0.0], 1)]


class History:
    def __init__(self, epochs):
        self.step_losses, self.epoch_losses = [4.0, 3.0, 2.0, 1.0], epochs


def loss_of(activation="tanh"):
    net = MLP(2, [3, 1], activation=activation)
    return sum(squared_error(net(x), y) for x, y in ROWS)


def test_losses_by_step():
    axes = plot_loss([Value(100.0), 10.0, 1.0])
    assert axes.lines[0].get_xydata().tolist() == [[1, 100], [2, 10], [3, 1]]
    assert (axes.get_xlabel(), axes.get_yscale(), axes.get_legend()) == ("step", "log", None)
    assert plot_loss([2.0, 1.0]).get_yscale() == "linear"
    assert plot_loss([float("inf"), float("nan")]).get_yscale() == "linear"


def test_losses_of_a_history_by_epoch():
    axes = plot_loss(History([3.5, 1.5]))
    assert axes.lines[0].get_ydata().tolist() == [3.5, 1.5]
    assert axes.get_xlabel() == "epoch"
    assert plot_loss(History([2.5])).lines[0].get_ydata().tolist() == [4, 3, 2, 1]


def test_several_losses_have_a_legend_of_plain_text():
    axes = plot_loss({"sgd": [2.0, 1.0], "$x^2$\n": [3.0]})
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["sgd", "\\$x^2\\$\\n"]
    with pytest.raises(ShapeError, match="no losses"):
        plot_loss([])


def test_the_boundary_is_where_the_threshold_is_crossed():
    axes = plot_decision(lambda x: x[0], ROWS, threshold=0.25, resolution=11)
    line = axes.collections[1].get_paths()[0].vertices
    assert line[:, 0] == pytest.approx(0.25)
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["0", "1"]
    assert axes.get_xlim()[0] <= -0.15
    beyond = plot_decision(lambda x: x[0], ROWS, threshold=9)
    assert len(beyond.collections) == len(axes.collections) - 1
    white = axes.collections[0].norm  # the colour is white where the threshold is
    assert (white.vmin + white.vmax) / 2 == pytest.approx(0.25)
    assert plot_decision(MLP(2, [1]), [([1, 2], 0)], resolution=3).get_ylabel() == "x2"


def test_rows_that_cannot_be_plotted():
    with pytest.raises(ShapeError, match="row 2 has 3 inputs"):
        plot_decision(sum, [([1, 2], 0), ([1, 2, 3], 0)])
    with pytest.raises(ShapeError, match="no rows"):
        plot_decision(sum, [])
    with pytest.raises(SettingError, match="resolution=1"):
        plot_decision(sum, ROWS, resolution=1)


def test_gradients_and_activations_of_each_layer():
    loss = loss_of()
    with pytest.raises(SettingError, match="call backward"):
        plot_gradients(loss)
    loss.backward()
    legend = [t.get_text() for t in plot_gradients(loss).get_legend().get_texts()]
    assert legend == ["layer 1 (9)", "layer 2 (4)"]
    axes = plot_activations(loss)
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["layer 1 (9)", "layer 2 (3)"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("output", "% of the units of a layer")
    for bars in axes.patches:  # each layer adds up to 100 %
        assert sum(y for _, y in bars.get_xy()[1:-1:2].tolist()) == pytest.approx(100)
    assert plot_activations(loss, axes) is axes


def test_layers_that_are_all_alike_or_too_many_or_none(monkeypatch):
    net = MLP(1, [1, 1], init="zeros")
    assert plot_activations(net([1.0]) * 1).get_xlim()[0] < 0
    deep = MLP(1, [1] * 10, activation="tanh")
    title = plot_activations(deep([1.0]) * 1).get_legend().get_title().get_text()
    assert title == "2 more layers are not shown"
    with pytest.raises(ShapeError, match="no layer whose parameters"):
        plot_gradients(Value(1.0, "x"))


def test_without_matplotlib_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingPackageError, match=r"chalkgrad\[train\]"):
        plot_loss([1.0])
