"""Neurons, layers and MLPs made of Values."""

try:
    from autograd._install_guard import check as _check
except (
    ModuleNotFoundError
) as error:  # an editable install beside HIPS autograd, which comes first on sys.path
    raise ImportError(
        "`import autograd` finds another package of that name instead of chalkgrad's: run "
        "`pip uninstall autograd`, or give chalkgrad an environment of its own"
    ) from error

_check()

from .descent import SGD, Adam, Optimizer, RMSprop
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logit,
    cross_entropy,
    cross_entropy_from_probabilities,
    half_squared_error,
    hinge,
    loss_over_rows,
    squared_error,
)
from .modules import MLP, Layer, Module, Neuron
from .naming import Layered, Numbered, Scheme
from .table import Table
from .training import History, Update, train

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "History",
    "Layer",
    "Layered",
    "Module",
    "Neuron",
    "Numbered",
    "Optimizer",
    "RMSprop",
    "Scheme",
    "Table",
    "Update",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logit",
    "cross_entropy",
    "cross_entropy_from_probabilities",
    "half_squared_error",
    "hinge",
    "loss_over_rows",
    "squared_error",
    "train",
]
