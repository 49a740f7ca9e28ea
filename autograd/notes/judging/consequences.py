"""Mistakes that only follow from earlier ones: right, had what they use been right."""

from __future__ import annotations

from collections.abc import Sequence

from ..meaning.errors import NotUnderstood
from ..meaning.syntax import Derivative, Name, replaced, same_form
from ..meaning.syntax import Sum as SumNode
from .deciding import Court
from .verdicts import Judgement

__all__ = ["mistake_behind"]

MOST_BEFORE = 60
"""Mistakes that one may follow from, the latest ones."""


def mistake_behind(judgement: Judgement, wrong: Sequence[Judgement], court: Court) -> Judgement | None:
    """The earlier mistake that this one only follows from."""
    node, head = judgement.link.node, judgement.head
    assert node is not None
    assert head is not None
    for earlier in reversed(wrong[-MOST_BEFORE:]):
        other = earlier.link.node
        if other is None or earlier.head is None or other is node:
            continue
        try:
            said = earlier.left.node if earlier.left is not None else None
            if isinstance(said, Name) and not same_form(
                said, earlier.head
            ):  # w + Delta w, of a wrong Delta w
                meant = replaced(node, said, earlier.head)
                if meant is not None and court.difference(head, meant) is None:
                    return earlier
            if same_form(earlier.head, head):
                if court.difference(other, node) is None:
                    return earlier
                continue
            if isinstance(head, SumNode) and isinstance(earlier.head, Derivative):
                swapped = replaced(head, earlier.head, other)
                if swapped is not None and court.difference(swapped, node) is None:
                    return earlier
            elif isinstance(earlier.head, (Derivative, Name)):
                left = judgement.left
                if left is not None and left.node is not None and left.node is not head:
                    swapped = replaced(left.node, earlier.head, other)
                    if swapped is not None and court.difference(swapped, node) is None:
                        return earlier
        except NotUnderstood:
            continue
    return None
