"""The indices that a name may have got by mistake: another order, another letter, one more or one less."""

from __future__ import annotations

from collections.abc import Iterator

from ..meaning.syntax import Index, Key, is_counted

__all__ = ["other_indices"]


def other_indices(key: Key, letters: frozenset[str]) -> Iterator[Key]:
    """The indices in another order, or one of them another."""
    if len(key.below) == 2 and key.below[0] != key.below[1]:
        yield key._replace(below=key.below[::-1])
    if len(key.below) == len(key.above) == 1 and key.below != key.above:
        yield key._replace(below=key.above, above=key.below)
    if sum(map(is_counted, key.below)) > 1:
        yield key._replace(below=tuple(map(_turned, key.below)))  # K_{i-m, j-n} for K_{i+m, j+n}
    for side in ("below", "above"):
        indices = getattr(key, side)
        for place, index in enumerate(indices):
            if "+" in index.letter:  # x_{i-k} for x_{i+k}
                yield _with_index(key, side, place, _turned(index))
            if len(index.letter) == 1:
                for number in {index.number - 1, index.number + 1, 0} - {index.number}:
                    yield _with_index(key, side, place, index._replace(number=number))
                for letter in sorted(letters - {index.letter}):
                    yield _with_index(key, side, place, index._replace(letter=letter))


def _turned(index: Index) -> Index:
    """i - k for i + k, and the other way round."""
    first, plus, second = index.letter.partition("+")
    turned = second.removeprefix("-") if second.startswith("-") else f"-{second}"
    return index._replace(letter=f"{first}+{turned}") if plus else index


def _with_index(key: Key, side: str, place: int, index: Index) -> Key:
    indices = key.below if side == "below" else key.above
    new = (*indices[:place], index, *indices[place + 1 :])
    return key._replace(below=new) if side == "below" else key._replace(above=new)
