"""Why a formula has no meaning, or no value: what is raised from the grammar to the derivatives."""

from __future__ import annotations

from .syntax import Key

__all__ = ["Disconnected", "Misfit", "Missing", "NoEntry", "NotUnderstood", "TooDeep"]


class NotUnderstood(Exception):
    """A formula that cannot be read: why, and which characters of it."""

    def __init__(self, reason: str, start: int = 0, end: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.start, self.end = reason, start, end


class Misfit(NotUnderstood):
    """Tables whose shapes do not go together."""


class Missing(NotUnderstood):
    """A name that the notes do not define and that no number can stand in for."""

    def __init__(self, key: Key, reason: str) -> None:
        super().__init__(reason)
        self.key = key


class NoEntry(Missing):
    """An entry of a table that is smaller."""


class TooDeep(NotUnderstood):
    """What goes on without end, or nearly."""


class Disconnected(NotUnderstood):
    """A derivative of something that the variable does not lead to, as far as the notes say."""
