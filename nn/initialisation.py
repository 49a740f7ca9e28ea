"""How weights begin. Biases begin at 0.

An initialisation is a function of the number of inputs of a layer, the number of its units, and the source
of random numbers; it gives one weight. Any such function can be passed as `init=`.
"""

import math
from collections.abc import Callable
from random import Random
from typing import Any, TypeAlias

from nn.choices import find

__all__ = ["INITIALISATIONS", "Initialisation", "find_initialisation"]

Initialisation: TypeAlias = str | Callable[[int, int, Random], Any]
"""A name in `INITIALISATIONS`, or a function like those in it."""


def ones(n_inputs: int, n_units: int, random: Random) -> float:
    """1, as in notes that follow the numbers by hand. Units of a layer then stay alike for ever."""
    return 1.0


def zeros(n_inputs: int, n_units: int, random: Random) -> float:
    """0, which no hidden layer gets away from."""
    return 0.0


def uniform(n_inputs: int, n_units: int, random: Random) -> float:
    """Uniform between -1 and 1."""
    return random.uniform(-1, 1)


def normal(n_inputs: int, n_units: int, random: Random) -> float:
    """Normal, of mean 0 and standard deviation 1."""
    return random.gauss(0, 1)


def xavier(n_inputs: int, n_units: int, random: Random) -> float:
    """Uniform with variance 2 / (inputs + units), which keeps the size of signals and gradients alike.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
    AISTATS 2010, equation 16.
    """
    limit = math.sqrt(6 / (n_inputs + n_units))
    return random.uniform(-limit, limit)


def he(n_inputs: int, n_units: int, random: Random) -> float:
    """Normal with variance 2 / inputs, which makes up for the half that relu cuts off.

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers, ICCV 2015, equation 10.
    """
    return random.gauss(0, math.sqrt(2 / n_inputs))


INITIALISATIONS: dict[str, Callable[[int, int, Random], Any]] = {
    "he": he,
    "normal": normal,
    "ones": ones,
    "uniform": uniform,
    "xavier": xavier,
    "zeros": zeros,
}
"""The initialisations that have a name."""


def find_initialisation(init: Initialisation) -> Callable[[int, int, Random], Any]:
    """Find the function that a name stands for; a function stands for itself.

    >>> find_initialisation("ones")(2, 1, Random(0))
    1.0
    """
    return find("initialisation", init, INITIALISATIONS, "a function (n_inputs, n_units, random)")
