"""Derivations written out: formulas of Values, their derivatives, the chain rule factor by factor."""

from .abstraction import abstract
from .backward import BackwardPass
from .deciding import Check
from .derivation import Derivation
from .formula import Formula
from .model import Symbolic, symbolic
from .writing import Line

__all__ = [
    "BackwardPass",
    "Check",
    "Derivation",
    "Formula",
    "Line",
    "Symbolic",
    "abstract",
    "symbolic",
]
