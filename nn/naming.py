"""What parameters and units are called: as in the notes, or as you like.

A naming scheme is a class that is made from the sizes of a network, inputs first, and gives each weight, bias
and unit its name. Layers, units and inputs count from 1.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Protocol, TypeAlias

from nn.choices import find

__all__ = ["SCHEMES", "Layered", "Names", "Numbered", "Scheme", "find_scheme"]


class Scheme(Protocol):
    """What a naming scheme answers. One of your own has these four methods, or inherits from `Layered`."""

    def weight(self, layer: int, i: int, j: int) -> str:
        """Name the weight from unit (or input) i of the layer before to unit j of this one."""

    def bias(self, layer: int, j: int) -> str:
        """Name the bias of unit j."""

    def pre_activation(self, layer: int, j: int) -> str:
        """Name the weighted sum of unit j, where an activation follows."""

    def output(self, layer: int, j: int) -> str:
        """Name the output of unit j."""


class Layered:
    """`w1_21` goes from input 2 to unit 1 of layer 1; that unit has bias `b11`, sum `Z11`, output `O11`.

    The output of the network, where it has only one, is `yhat`. Where an index has several digits, a comma
    keeps them apart.

    >>> names = Layered([12, 2, 1])
    >>> names.weight(1, 2, 1), names.weight(1, 12, 1), names.bias(2, 1)
    ('w1_21', 'w1_12,1', 'b21')
    >>> names.output(1, 2), names.output(2, 1)
    ('O12', 'yhat')
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self.only_output = len(sizes) - 1 if sizes[-1] == 1 else None

    def weight(self, layer: int, i: int, j: int) -> str:
        """Name the weight from unit i of the layer before to unit j."""
        return f"w{layer}_{_indices(i, j)}"

    def bias(self, layer: int, j: int) -> str:
        """Name the bias of unit j."""
        return f"b{_indices(layer, j)}"

    def pre_activation(self, layer: int, j: int) -> str:
        """Name the weighted sum of unit j."""
        return f"Z{_indices(layer, j)}"

    def output(self, layer: int, j: int) -> str:
        """Name the output of unit j."""
        return "yhat" if layer == self.only_output else f"O{_indices(layer, j)}"


class Numbered:
    """`W1`, `W2`, ... unit by unit, `b1`, ..., sums `Z1`, ..., outputs `A1`, ..., and `Y_pred` at the end.

    >>> names = Numbered([2, 2, 1])  # Z2 = W3 X1 + W4 X2 + b2
    >>> names.weight(1, 2, 2), names.bias(1, 2), names.output(1, 2), names.output(2, 1)
    ('W4', 'b2', 'A2', 'Y_pred')
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = tuple(sizes)
        self.weights_before = list(accumulate((a * b for a, b in pairwise(sizes)), initial=0))
        self.units_before = list(accumulate(sizes[1:], initial=0))

    def weight(self, layer: int, i: int, j: int) -> str:
        """Name the weight from unit i of the layer before to unit j."""
        return f"W{self.weights_before[layer - 1] + (j - 1) * self.sizes[layer - 1] + i}"

    def bias(self, layer: int, j: int) -> str:
        """Name the bias of unit j."""
        return f"b{self.units_before[layer - 1] + j}"

    def pre_activation(self, layer: int, j: int) -> str:
        """Name the weighted sum of unit j."""
        return f"Z{self.units_before[layer - 1] + j}"

    def output(self, layer: int, j: int) -> str:
        """Name the output of unit j."""
        if layer < len(self.sizes) - 1:
            return f"A{self.units_before[layer - 1] + j}"
        return "Y_pred" if self.sizes[-1] == 1 else f"Y_pred{j}"


Names: TypeAlias = str | Callable[[Sequence[int]], Scheme]
"""A name in `SCHEMES`, or a class of your own: anything that makes a `Scheme` from the sizes of a network."""

SCHEMES: dict[str, Callable[[Sequence[int]], Scheme]] = {"layered": Layered, "numbered": Numbered}
"""The naming schemes that have a name."""


def find_scheme(names: Names) -> Callable[[Sequence[int]], Scheme]:
    """Find the scheme that a name stands for; a class stands for itself.

    >>> find_scheme("layered")
    <class 'nn.naming.Layered'>
    """
    return find("naming scheme", names, SCHEMES, "a class of your own, as in the help on nn.naming")


def _indices(a: int, b: int) -> str:
    """Write two indices side by side."""
    return f"{a}{b}" if a < 10 and b < 10 else f"{a},{b}"
