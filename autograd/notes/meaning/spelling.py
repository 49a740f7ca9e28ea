"""Names written back as LaTeX, as the notes spell them."""

from __future__ import annotations

import functools

from .names import GREEK, index_text
from .syntax import Index, Key

__all__ = ["latex_of", "spell"]

_spelled: dict[Key, str] = {}


def spell(key: Key, latex: str) -> None:
    """Remember how the notes spell a name."""
    _spelled.setdefault(key, latex)


@functools.lru_cache(maxsize=10_000)
def latex_of(key: Key, brackets: str | None = None) -> str:
    """A name as LaTeX; the brackets, if any, go around an upper index."""
    base = _base(key.base)
    below, above = index_text(key.below), index_text(key.above)
    if key.tag:
        below = f"{below}{{\\text{{{key.tag}}}}}" if below else f"\\text{{{key.tag}}}"
    text = base
    if above and brackets:
        above = brackets[0] + above + brackets[1]
    if above:
        text += f"^{{{above}}}"
    if below:
        text += f"_{{{below}}}"
    return text


def _base(base: str) -> str:
    accent, _, letter = base.partition(" ")
    if letter and accent in ("hat", "bar", "tilde", "dot", "vec", "widehat", "overline", "check"):
        return rf"\{accent}{{{_base(letter)}}}"
    if letter and accent == "Delta":
        return rf"\Delta {_base(letter)}"
    if letter and accent in ("d", "direction"):
        return f"d{_base(letter)}"
    primes = len(base) - len(base.rstrip("'"))
    stem = base.rstrip("'")
    if stem in GREEK:
        return "\\" + stem + "'" * primes
    if len(stem) > 1 and stem.isalpha():
        return rf"\text{{{stem}}}" + "'" * primes
    return base


def with_row(key: Key, row: int) -> str:
    """A name in a row, where that stands in no index of it."""
    return f"{latex_of(key)}^{{({row})}}"


def numbered(letter: str, number: int) -> Index:
    """An index."""
    return Index(letter, number)
