"""Activations: what a unit does with its weighted sum. By name, or any function of one number."""

from collections.abc import Callable
from typing import Any, TypeAlias

from autograd import Value, leaky_relu, relu, sigmoid, softmax, tanh
from autograd.errors import NumberError
from nn.choices import find

__all__ = ["ACTIVATIONS", "Activation", "activate", "activation_name", "find_activation", "linear"]

Activation: TypeAlias = str | Callable[[Any], Any]
"""A name in `ACTIVATIONS`, or a function of one number."""


def linear(z: Any) -> Any:
    """Leave the weighted sum as it is."""
    return z


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "leaky_relu": leaky_relu,
    "linear": linear,
    "relu": relu,
    "sigmoid": sigmoid,
    "softmax": softmax,
    "tanh": tanh,
}
"""The activations that have a name. Softmax alone takes all sums of a layer, the others one at a time."""


def find_activation(activation: Activation) -> Callable[[Any], Any]:
    """Find the function that a name stands for; a function stands for itself.

    >>> find_activation("relu")(-2.0)
    0.0
    >>> find_activation("rleu")
    Traceback (most recent call last):
    autograd.errors.SettingError: there is no activation 'rleu'; did you mean 'relu'?
    """
    return find("activation", activation, ACTIVATIONS, "a function of one number")


def activation_name(function: Callable[[Any], Any]) -> str | None:
    """Name an activation: the inverse of `find_activation`; None for a function of the user's."""
    return next((name for name, known in ACTIVATIONS.items() if known is function), None)


def activate(function: Callable[[Any], Any], sums: list[Any]) -> list[Any]:
    """Apply an activation to the weighted sums of a layer.

    Raises NumberError where a user's function returns something else than a Value.

    >>> [out.data for out in activate(softmax, [Value(0.0), Value(0.0)])]
    [0.5, 0.5]
    """
    if function is softmax:
        return softmax(sums)
    outputs = [function(z) for z in sums]
    for out in outputs:
        if not isinstance(out, Value):
            raise NumberError(
                f"the activation {function!r} returned {out!r}, which is no Value; "
                "write it with arithmetic and the functions of autograd"
            )
    return outputs
