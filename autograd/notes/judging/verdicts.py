"""A verdict in the making: what is known of one step while it is judged."""

from __future__ import annotations

from dataclasses import dataclass

from ..meaning.chains import Link
from ..meaning.evaluating import Reading
from ..meaning.syntax import Node
from ..report import Kind, Verdict
from .deciding import Court, Difference

__all__ = ["Judgement"]


@dataclass(slots=True)
class Judgement:
    """What became of one step of a chain.

    head     what the side is held against: the first side, or what an update or a convention makes of it
    has_strange_names   whether names stand in it that nothing else in the notes has to do with
    left     the link before it, as the step is written
    court    what decided on it, if it is not that of the notes
    implied  whether it is a definition, which is held against what its name implies
    by_form  whether it cannot be worked out, and its head is the form that it should have
    slip     whether it is a definition, and the notes themselves speak against it
    exactly  whether a number is just what it is said to be, and not rounded
    """

    verdict: Verdict
    kind: Kind
    link: Link
    left: Link | None = None
    head: Node | None = None
    reading: Reading | None = None
    reason: str | None = None
    difference: Difference | None = None
    span: tuple[int, int] | None = None
    follows: Judgement | None = None
    misprint: bool = False
    has_strange_names: bool = False
    numbers: tuple[object, object] | None = None
    exactly: bool = False
    implied: bool = False
    by_form: bool = False
    slip: bool = False
    court: Court | None = None
