"""How the names of symbols are written: `w1_11` is w^{1}_{11}, `yhat` has a hat, `x1(i)` is x_{i1}."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["latex_name", "printable"]

_GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
}  # fmt: skip

_LETTER = r"[^\W\d_]"

_ACCENTS = {"hat": r"\hat", "bar": r"\bar", "tilde": r"\tilde", "dot": r"\dot", "vec": r"\vec"}

_COMBINING = {
    "\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u0307": "dot", "\u20d7": "vec",
}  # fmt: skip

_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

_SPECIAL = {c: "\\" + c for c in "{}$&#_%"} | {
    "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


def printable(name: str) -> str:
    """A name as it can be printed anywhere: control characters and lone surrogates escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def latex_name(name: str) -> str:
    r"""The LaTeX of a symbol, in the notation of the notes.

    `w1_11` is a weight of layer 1, `yhat` has a hat, digits are an index, Greek letters are known by
    their names; the row of a quantity stands in brackets after it.

    >>> [latex_name(name) for name in ("w1_11", "b21", "yhat", "x1(i)", "eta", "Y_pred", "x")]
    ['w^{1}_{11}', 'b_{21}', '\\hat{y}', 'x_{i1}', '\\eta', 'Y_{pred}', 'x']
    >>> [latex_name(name) for name in ("ŷ", "η", "θ_1", "x₂")]
    ['\\hat{y}', '\\eta', '\\theta_{1}', 'x_{2}']
    """
    name = name.translate(_LOWERED)
    if match := re.fullmatch(r"d([^/]+)/d([^/]+)", name):
        return rf"\frac{{\partial {latex_name(match[1])}}}{{\partial {latex_name(match[2])}}}"
    if match := re.fullmatch(r"([^()]+)((?:\([^()]+\))+)", name):
        return _in_row(match[1], match[2])
    if match := re.fullmatch(rf"({_LETTER}+?)(\d+)_([\w,]+)", name):
        stem, layer, index = match.groups()
        if stem in ("x", "y", "X", "Y"):
            return f"{_stem(stem)}_{{{layer},{_index(index)}}}"
        return f"{_stem(stem)}^{{{layer}}}_{{{_index(index)}}}"
    if match := re.fullmatch(rf"({_LETTER}+?)_?(\d[\d,]*[a-z,]*|(?<=_){_LETTER}\w*)", name):
        return f"{_stem(match[1])}_{{{_index(match[2])}}}"
    return _stem(name)


def _in_row(base: str, rows: str) -> str:
    """A name with its row: as first index of inputs and of what has no index, else above it."""
    row = rows[1:-1]
    if "(" not in row:
        match = re.fullmatch(r"([xXy])(\d+|_[a-z])", base)
        if match:
            return f"{match[1]}_{{{row}{match[2].strip('_')}}}"
        if base.isalpha():
            return f"{_stem(base)}_{{{_index(row)}}}"
    written = latex_name(base)
    return f"{{{written}}}^{{{_index(rows)}}}" if "^" in written else f"{written}^{{{_index(rows)}}}"


def _index(text: str) -> str:
    text = "".join(_rare_mark(c) for c in text)
    bare = "◌" if unicodedata.combining(text[0]) else ""  # an accent stands over something
    return bare + "".join(_SPECIAL.get(c, c) for c in printable(text))


def _rare_mark(c: str) -> str:
    """A letter; of an accent that KaTeX cannot set its number."""
    rare = "\u0300" <= c <= "\u036f" and c not in _TYPESET
    return f"U+{ord(c):04X}" if rare else c


_TYPESET = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327"


def _stem(name: str) -> str:
    if name in _GREEK:
        return "\\" + name
    letter, *marks = list(unicodedata.normalize("NFD", name))
    if len(marks) == 1 and marks[0] in _COMBINING:
        return f"{_ACCENTS[_COMBINING[marks[0]]]}{{{_stem(letter)}}}"
    if len(name) == 1 and (greek := _greek(name)) is not None:
        return greek
    for word, accent in _ACCENTS.items():
        if name.endswith(word) and len(name) > len(word) and name.isalpha():
            return f"{accent}{{{_stem(name[: -len(word)])}}}"
    if len(name) == 1 and (name.isascii() or "\u0370" <= name <= "\u03ff") and name.isalpha():
        return name
    return rf"\text{{{_index(name)}}}"


def _greek(letter: str) -> str | None:
    """The command for a Greek letter, if it has one."""
    letter = "\u03bc" if letter == "\u00b5" else letter  # the sign for micro is a mu
    match = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(letter, ""))
    if match is None:
        return None
    word = match[2].replace("LAMDA", "LAMBDA")
    word = word.lower() if match[1] == "SMALL" else word.capitalize()
    return "\\" + word if word in _GREEK else None
