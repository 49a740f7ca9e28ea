r"""Steps in time that notes leave unsaid: z for z_t, where z = [h_{t-1}; x_t], and c_{prev} of a cell c."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..meaning.chains import Chain, Rewrite, rewrite
from ..meaning.closure import closure
from ..meaning.syntax import Index, Key, Name, Node, mapped, names_in, open_letters
from ..meaning.vocabulary import LOSSES
from .updates import update_of

__all__ = ["say_steps"]

_BEFORE = Index("prev")


def say_steps(chains: Sequence[Chain]) -> list[Rewrite]:
    """Write z_t for z, which is computed from h_{t-1}; and c_prev as a quantity of its own, as it is no c."""
    said: dict[Key, Node] = {}
    for chain in chains:
        body = chain.nodes[1] if len(chain.nodes) > 1 and update_of(chain) is None else None
        if isinstance(chain.head, Name) and body is not None:
            said.setdefault(chain.head.key, body)
    renamed = _one_step(chains, said) | _steps_before(said)
    if not renamed:
        return []

    def change(x: Node) -> Node:
        if not isinstance(x, Name):
            return mapped(x, change)
        if x.key in renamed:
            return replace(x, key=renamed[x.key])
        slope = x.key._replace(base=x.key.base.removeprefix("d "))
        return replace(x, key=renamed[slope]._replace(base=x.key.base)) if slope in renamed else x

    rewrite(chains, change)
    return [change]


def _one_step(chains: Sequence[Chain], said: dict[Key, Node]) -> dict[Key, Key]:
    """What is computed from the step before, and has no index: h_t is computed from it."""
    sides = (node for chain in chains for node in chain.nodes if node is not None)
    numbered = {
        name.key.base for node in sides for name in names_in(node) if name.key.below or name.key.above
    }
    found: dict[Key, Key] = {}
    for key, body in said.items():
        if key != Key(key.base) or key.base in numbered or key.base in LOSSES:
            continue
        for name in names_in(body):
            index = name.key.below
            if len(index) == 1 and index[0].number == -1 and index[0].letter in open_letters(body):
                step = Index(index[0].letter)
                if name.key._replace(below=(step,)) in said:
                    found[key] = key._replace(below=(step,))
    return found


def _steps_before(said: dict[Key, Node]) -> dict[Key, Key]:
    """The c_prev that c is computed from, if not by a step of descent."""
    found: dict[Key, Key] = {}
    for key in said:
        if key.tag:
            continue
        reached = closure([key], lambda k: (x.key for x in names_in(said[k])) if k in said else ())
        before = key._replace(tag="old")
        if before in reached and before not in said:
            found[before] = key._replace(below=(*key.below, _BEFORE))
    return found
