"""Probabilities as they are written: p(y | x) of a distribution, P(y = k | x) of one event."""

from __future__ import annotations

from ..reading.layout import Bracketed, Mark, Number, Operator, Row, Symbol
from .names import Spelling, base_of, spelled
from .rows import split_at_bars

__all__ = ["distribution_of", "event_of"]


def distribution_of(letter: Mark, bracket: Mark) -> tuple[str, ...]:
    """p, y and x of p(y | x); only p where other things than names stand in the bracket; else nothing."""
    base = base_of(letter)
    if base not in _DISTRIBUTIONS or not isinstance(bracket, Bracketed):
        return ()
    if not any(isinstance(mark, Operator) and mark.name in ("|", "=") for mark in bracket.inside):
        return ()  # p(y | x), P(A = a)
    first, *given = split_at_bars(bracket.inside)
    event = event_of(first)
    if event is not None:
        return (base, event[0].base + "=", *(name.base for row in given if (name := spelled(row[-1]))))
    names = [spelled(row[0]) if len(row) == 1 else None for row in (first, *given)]
    return (base, *(name.base for name in names if name is not None)) if None not in names else (base,)


def event_of(row: Row) -> tuple[Spelling, str] | None:
    """The y and the k of `y = k`, of which a probability is."""
    match row:
        case (name, Operator(name="="), (Number(text=value) | Symbol(name=value))) if len(value) == 1:
            said = spelled(name)
            return None if said is None else (said, value)
    return None


_DISTRIBUTIONS = ("p", "P", "Pr", "q", "Q", "bb P", "Prob")
