"""Graphs that several test files draw."""

from fractions import Fraction

import pytest

from autograd import Value
from nn import MLP, squared_error


@pytest.fixture
def notes_loss():
    """The loss of the 2-2-1 network of the notes, on exact numbers, after backward()."""
    net = MLP(2, [2, 1], activation="linear", init="ones").convert(Fraction)
    x = [Value(Fraction(8), "x1"), Value(Fraction(7), "x2")]
    loss = squared_error(net(x), Value(Fraction(5), "y"))
    loss.backward()
    return loss
