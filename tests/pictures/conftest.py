"""Graphs that several test files draw, and what they are drawn with.

DRAW_WITH=pygraphviz hides the program `dot` from these tests, DRAW_WITH=nothing hides pygraphviz as well;
what needs a picture is then skipped, and the error and the tree are what is left to test.
"""

import os
import sys
from fractions import Fraction

import pytest

from autograd import Value
from autograd.errors import MissingPackageError
from autograd.pictures import rendering
from autograd.pictures.rendering import render
from nn import MLP, squared_error

WITH = os.environ.get("DRAW_WITH", "")
if WITH not in ("", "pygraphviz", "nothing"):
    raise pytest.UsageError(f"DRAW_WITH={WITH!r}: it is pygraphviz, nothing, or left out")
if WITH:
    rendering.PROGRAM = "dot-is-hidden"
if WITH == "nothing":
    sys.modules["pygraphviz"] = None


def pytest_configure(config):
    config.addinivalue_line("markers", "renders: needs dot or pygraphviz")


def pytest_collection_modifyitems(items):
    try:
        render("digraph {}", "svg")
    except MissingPackageError as error:
        for item in items:
            if item.get_closest_marker("renders"):
                item.add_marker(pytest.mark.skip(reason=str(error)))


@pytest.fixture
def notes_loss():
    """The loss of the 2-2-1 network of the notes, on exact numbers, after backward()."""
    net = MLP(2, [2, 1], activation="linear", init="ones").convert(Fraction)
    x = [Value(Fraction(8), "x1"), Value(Fraction(7), "x2")]
    loss = squared_error(net(x), Value(Fraction(5), "y"))
    loss.backward()
    return loss
