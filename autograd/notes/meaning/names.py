"""Names as they are written: which letter, which indices, which of them say new and old.

`W5`, `W_5` and `W_{5}` are one name; so are `b_{12,new}`, `b_{12_{new}}` and `b_{12}^{new}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from ..reading.layout import (
    Accented,
    Annotated,
    Bracketed,
    Mark,
    Number,
    Operator,
    Row,
    Scripted,
    Separator,
    Symbol,
    Text,
)
from .remembered import once_for_each
from .syntax import Index, is_counted

__all__ = [
    "GREEK",
    "Script",
    "Spelling",
    "base_of",
    "index_text",
    "is_indexed",
    "label_of",
    "script",
    "spelled",
    "without_square",
]

GREEK = {
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "theta",
    "vartheta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Phi",
    "Psi",
    "Omega",
    "ell",
}

_NEW = (
    "new neu nuevo nueva nouveau nouvelle novo nova nuovo nuova nieuw nowy yeni mới новый новая новое нов "
    "新 新的 更新 更新后 更新後 새 새로운 next updated"
)
_OLD = (
    "old alt viejo vieja antiguo antigua ancien ancienne antigo antiga velho velha vecchio vecchia oud stary "
    "eski cũ старый старая старое стар 旧 旧的 舊 当前 當前 現在 이전 기존 prev current"
)
TAGS = dict.fromkeys(_NEW.split(), "new") | dict.fromkeys(_OLD.split(), "old")
"""Words behind a name that say which of its values is meant, before a step or after it."""

_INDEX_LETTERS = set("ijklmnpqrst")
_SHIFTS = _INDEX_LETTERS | set("abuv")
"""What may be added to an index: x_{i+a, j+b}."""
_STEPS = set("sSdDrR")
"""Stride, dilation, rate."""
_UNIT_LETTERS = _INDEX_LETTERS | {"h"}
_CONNECTIONS = {"hh", "ih", "xx", "io", *(pair for x in "xyoqszc" for pair in (f"h{x}", f"{x}h"))}
"""What a capital with such an index connects: W_{xh} leads from x to h."""


class Script(NamedTuple):
    """What a script says: indices, a tag, and whether the indices stood in brackets of their own."""

    indices: tuple[Index, ...] = ()
    tag: str = ""
    bracketed: bool = False
    primes: int = 0
    strange: bool = False


class Spelling(NamedTuple):
    """A name as it stands: `above` is left as marks, for it may be a power."""

    base: str
    below: Script
    above: tuple[Row, ...]
    primes: int
    start: int
    end: int


def base_of(mark: Mark) -> str | None:
    """The letter or word of a mark that can be a name; an accent belongs to it, arrows do not."""
    match mark:
        case Symbol(name=name):
            return _as_usual(name)
        case Accented(accent="vec", base=(inner,)):
            return base_of(inner)
        case Accented(accent=accent, base=(inner,)):
            base = base_of(inner)
            return None if base is None else f"{accent} {base}"
        case Text(words=words) if any(map(str.isalpha, words)):
            return _as_usual(" ".join(words.split()))
        case Annotated(inside=(inner,)):
            return base_of(inner)
    return None


def _as_usual(word: str) -> str:
    """The name of a function in the letters that it is known by: SoftMax is softmax."""
    plain = word.lower()
    return plain if plain in _IN_ANY_LETTERS and word not in _KNOWN_SO else word


_IN_ANY_LETTERS = {"softmax", "sigmoid", "tanh", "relu", "softplus", "logistic"}
_KNOWN_SO = {"Softmax", "Sigmoid", "Tanh", "ReLU", "RELU", "Relu"}


@once_for_each
def spelled(mark: Mark) -> Spelling | None:
    """A mark as a name with its scripts; None for anything else. Several scripts are put together."""
    below: list[Row] = []
    above: list[Row] = []
    primes, inner = 0, mark
    while True:
        if isinstance(inner, Scripted):
            if inner.below:
                below.insert(0, inner.below)
            if inner.above:
                above.insert(0, inner.above)
            primes += inner.primes
            inner = inner.base
        elif isinstance(inner, Accented) and len(inner.base) == 1 and isinstance(inner.base[0], Scripted):
            found = spelled(inner.base[0])  # \hat{y_1}
            if found is None:
                return None
            base = found.base if inner.accent == "vec" else f"{inner.accent} {found.base}"
            scripts = [script(row, base) for row in below]
            return Spelling(
                base, _joined([found.below, *scripts]), (*found.above, *above), primes + found.primes,
                mark.start, mark.end,
            )  # fmt: skip
        else:
            break
    word = base_of(inner)
    if word is None:
        return None
    scripts = [script(row, word) for row in below]
    return Spelling(word, _joined(scripts), tuple(above), primes, mark.start, mark.end)


def _joined(scripts: list[Script]) -> Script:
    return Script(
        tuple(index for s in scripts for index in s.indices),
        next((s.tag for s in scripts if s.tag), ""),
        any(s.bracketed for s in scripts),
        sum(s.primes for s in scripts),
        any(s.strange for s in scripts),
    )


def script(row: Row, base: str = "") -> Script:
    """What a script says, read as indices."""
    bare = [m.base if isinstance(m, Scripted) and not m.below and not m.above else m for m in row]
    bracketed = bool(row) and all(isinstance(m, Bracketed) and m.opening in "([{" for m in bare)
    primed = sum(m.primes for m in row if isinstance(m, Scripted)) if bracketed else 0  # g^{[1]'}
    if bracketed and len(bare) > 1:  # [L](i): layer L, example i
        several = _joined([script((mark,), base) for mark in bare])
        return several._replace(primes=several.primes + primed)
    if bracketed:
        row = tuple(_last(inner) for mark in bare for inner in mark.inside)  # type: ignore[attr-defined]
    words: list[str] = []  # digits, letters, words, signs, commas
    strange, primes = False, primed
    for word in _flattened(row):
        if word == "'":
            primes += 1
        elif word == "?":
            strange = True
        else:
            words.append(word)
    tag = ""
    text = "".join(words)
    if re.fullmatch(r"[A-Za-z]{3,}(-[A-Za-z]{3,})+", text):
        return Script((Index(text.replace("-", "")),), "", bracketed, primes, strange)  # J_{neg-sample}
    for ending, meaning in TAGS.items():
        if text == ending or (text.endswith(ending) and not text[: -len(ending)].isalpha()):
            tag = meaning
            while words and ending:  # letter by letter, or as a word
                ending = ending[: -len(words.pop())]
            break
    while words and words[-1] == ",":
        words.pop()
    if "," not in words:
        words = [w for word in words for w in (word if word.isdigit() else [word])]
    return Script(_indices(words, base.isupper()), tag, bracketed, primes, strange)


def _last(mark: Mark) -> Mark:
    """L for the n_l of a^{(n_l)}: of all layers the last, where n_l is how many there are."""
    match mark:
        case Scripted(base=Symbol(name="n") as n, below=(Symbol(name="l" | "ell" | "L"),), above=()):
            return replace(n, name="L")
    return mark


def label_of(mark: Mark) -> Mark:
    """The y of p_{y_i} and p_{y^{(i)}}: the class of an example, where an index stands."""
    match mark:
        case Scripted(base=Symbol(name="y") as y, below=(Symbol(name="i" | "n" | "m"),), above=()):
            return y
        case Scripted(base=Symbol(name="y") as y, below=(), above=(Bracketed(inside=((Symbol(),),)),)):
            return y
    return mark


def _flattened(row: Row) -> Iterator[str]:
    """The pieces of a script, scripts of scripts in line with them."""
    for mark in row:
        match mark:
            case Number(text=text):
                yield text
            case Symbol(name="ell"):
                yield "l"  # as an index it counts layers
            case Symbol(name=name):
                yield name
            case Text(words=words):
                yield from words.replace("(", "").replace(")", "").split()
            case Operator(name="+" | "-" as sign):
                yield sign
            case Operator(name="*"):
                yield "*"
            case Separator():
                yield ","
            case Bracketed(inside=inside):
                yield from _flattened(inside)
            case Scripted() if label_of(mark) is not mark:
                yield from _flattened((label_of(mark),))
            case Scripted():
                yield from _flattened((mark.base,))
                yield from _flattened(mark.below)
                yield from _flattened(mark.above)
                yield from "'" * mark.primes
            case Accented(base=inside):
                yield from _flattened(inside)
            case _:
                yield "?"


def _multiplied(words: list[str]) -> list[str]:
    """The i S of x_{iS+m, jS+n} as one word, `S*i`: stride, dilation or a number times an index, and more."""
    found: list[str] = []
    place = 0
    while place < len(words):
        factors = [word for word in words[place : place + 3] if word != "*"][:2]
        end = place + 2 + ("*" in words[place + 1 : place + 2])
        if (not found or found[-1] == ",") and words[end : end + 1] in (["+"], ["-"]) and len(factors) == 2:
            by, letter = factors if factors[0].isdigit() or factors[0] in _STEPS else factors[::-1]
            if (by.isdigit() or by in _STEPS) and letter in _INDEX_LETTERS:
                found.append(f"{by}*{letter}")
                place = end
                continue
        found.append(words[place])
        place += 1
    return found


def _indices(words: list[str], capital: bool) -> tuple[Index, ...]:
    words = _multiplied(words)
    letters = [word for word in words if word not in "+-," and not word.isdigit()]
    run = "".join(words)
    if len(letters) > 1 and run.isalpha() and (
        not (set(run) <= _UNIT_LETTERS and len(run) <= 3) or (capital and run in _CONNECTIONS)
    ):  # fmt: skip
        return (Index(run),)  # a word letter by letter: Y_{pred}
    found: list[Index] = []
    place = 0
    while place < len(words):
        word = words[place]
        sign = {"+": 1, "-": -1}.get(word)
        if (
            word == "+" and found and place + 1 < len(words) and words[place + 1] in _SHIFTS
            and found[-1].letter and not found[-1].number
        ):  # fmt: skip
            found[-1] = Index(f"{found[-1].letter}+{words[place + 1]}")  # x_{i+j}
            place += 2
            continue
        if (
            word == "-" and found and place + 1 < len(words) and words[place + 1] in _SHIFTS
            and (found[-1].letter in _INDEX_LETTERS or "*" in found[-1].letter) and not found[-1].number
        ):  # fmt: skip
            found[-1] = Index(f"{found[-1].letter}+-{words[place + 1]}")  # g_{j-k+1}
            place += 2
            continue
        if sign is not None and found and place + 1 < len(words) and words[place + 1].isdigit():
            found[-1] = Index(found[-1].letter, found[-1].number + sign * int(words[place + 1]))
            place += 2
            continue
        first = not found or words[place - 1] == ","
        if sign == -1 and first and words[place + 1 : place + 2] and words[place + 1].isdigit():
            found.append(Index("", -int(words[place + 1])))  # v_{-1}, an input in a trace
            place += 2
            continue
        if sign is not None and not found and words[place + 1 :] == []:
            found.append(Index(word))  # w^+
        elif word.isdigit():
            after_word = (
                found and place and len(words[place - 1]) == 1 and words[place - 1] not in _INDEX_LETTERS
            )
            if after_word and words[place - 1].isalpha():
                found[-1] = Index(found[-1].letter + word)  # h1, o1: a unit called so
            else:
                found.append(Index("", int(word)))
        elif word not in "+-," or sign is not None:
            found.append(Index(word))
        place += 1
    return tuple(found)


def index_text(indices: tuple[Index, ...]) -> str:
    """Indices as LaTeX has them."""
    indices = tuple(
        i._replace(letter=i.letter.partition("#")[0]) for i in indices
    )  # of which layer is not shown
    separator = "," if any(i.number > 9 or len(str(i)) > 1 for i in indices) and len(indices) > 1 else ""
    words = (len(i.letter) > 2 and not is_counted(i) for i in indices)
    return separator.join(
        rf"\text{{{i}}}" if word else str(i) for i, word in zip(indices, words, strict=True)
    )


def without_square(row: Row) -> tuple[Row, Row]:
    """The [1] and the 2 of A^{[1]2} and A^{[1]^2}: a label in brackets, and a square."""
    match row:
        case (Bracketed(), Number(text="2")):
            return row[:1], row[1:]
        case (Scripted(base=Bracketed() as label, below=(), above=(Number(text="2"),) as square),):
            return (label,), square
    return row, ()


def is_indexed(row: Row) -> bool:
    """The y_i of p_i^{y_i}: a quantity that has an index of its own is a power, no label."""
    match row:
        case (Scripted(base=Symbol(name=name), below=(_, *_)),):
            return name not in _NUMBERING
    return False


_NUMBERING = set("ijklmnLNMKT")
"""Letters of numbers, which have indices as numbers too: n_l is the last layer."""
