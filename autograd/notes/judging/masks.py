r"""Slopes that are put to 0 where a unit is off, as in code: `dH[H \le 0] = 0`."""

from __future__ import annotations

from dataclasses import replace

from ..defining.book import Book
from ..meaning.chains import Chain
from ..meaning.syntax import Cases, Key, Name, Node, Number, Product

__all__ = ["masked"]


def masked(chain: Chain, book: Book) -> tuple[Key, Node] | None:
    """The slope that a chain puts to 0 somewhere, and what it is from there on; None for any other chain."""
    match chain.nodes[:2]:
        case [Product(factors=(Name(key=key), Cases(values=(one, zero)) as cases)), Number(text="0")]:
            before = book.body(key) if key.base.startswith("d ") else None
            if before is not None:
                others = replace(cases, values=(zero, one))
                return key, Product(0, 0, (before, others), ("odot",))
    return None
