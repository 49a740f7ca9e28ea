"""Derivations written out: formulas of Values, their derivatives, the chain rule factor by factor."""

from .abstract import abstract
from .deciding import Check
from .derivation import BackwardPass, Derivation, Line
from .formula import Formula
from .symbolic import Symbolic, symbolic

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
