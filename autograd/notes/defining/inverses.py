r"""Two names, each a function of the other: s = \log \sigma^2 and \sigma = e^{s / 2}."""

from __future__ import annotations

from collections.abc import Sequence

from ..meaning.chains import Chain
from ..meaning.syntax import Name, quantities_in

__all__ = ["inverses"]


def inverses(chains: Sequence[Chain]) -> set[int]:
    """The places of those that define nothing: of two the one that no other formula uses, else the second."""
    said = {c.head.key: c for c in reversed(chains) if isinstance(c.head, Name) and len(c.nodes) == 2}
    uses = {key: {name.key for name in quantities_in(c.nodes[1])} for key, c in said.items() if c.nodes[1]}
    found = set()
    for key, names in uses.items():
        (other,) = names if len(names) == 1 else (key,)
        if other != key and uses.get(other) == {key}:
            key_used, other_used = (
                any(x in uses[k] for k in uses if k not in (key, other)) for x in (key, other)
            )
            later = max(key, other, key=lambda k: said[k].place)
            given = later if key_used == other_used else other if key_used else key
            found.add(said[given].place)
    return found
