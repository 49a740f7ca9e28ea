"""Formulas for a page without a network or a script: LaTeX to MathML, which browsers set themselves.

latex2mathml does it; what it makes is let through element by element, as the notes may be anybody's.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from .unicode_math import PARTIAL, printable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["typeset", "typeset_words"]

LONGEST = 20_000
"""Characters of LaTeX that are set; what is longer is shown as it is written."""


_ELEMENTS = re.compile(
    "math|m(row|i|n|o|s|text|space|frac|sqrt|root|sub|sup|subsup|under|over|underover|table|tr|td|style|padded"
    "|phantom|enclose|multiscripts|prescripts)|none"
)
_ATTRIBUTES = re.compile(
    "display|displaystyle|scriptlevel|stretchy|fence|form|separator|accent|accentunder|linethickness|mathvariant"
    "|(column|row)(align|spacing|lines)|width|height|depth|lspace|rspace|minsize|maxsize|notation|linebreak"
)
_ENVIRONMENT = re.compile(
    r"\\(begin|end)\s*\{(eqnarray|align|flalign|alignat|aligned|alignedat|split|equation|gather|gathered|multline)"
    r"\*?\}(?:(?<=at\})\{\d+\}|(?<=at\*\})\{\d+\})?"
)
_IN_COLUMNS = ("eqnarray", "align", "flalign", "alignat", "aligned", "alignedat", "split")
_UNSET = re.compile(r"\\label\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![a-zA-Z])")


@lru_cache(4096)
def typeset(latex: str, *, display: bool = False) -> str:
    r"""A formula as a MathML element; LaTeX that cannot be set stands there as code.

    >>> typeset(r"w_1")
    '<math display="inline"><mrow><msub><mi>w</mi><mn>1</mn></msub></mrow></math>'
    >>> typeset(r"\frac{1}{")
    '<code>\\frac{1}{</code>'
    """
    from xml.etree.ElementTree import tostring

    from latex2mathml.converter import convert_to_element

    latex = printable(latex)
    try:
        if len(latex) > LONGEST:
            raise ValueError("too long to set")
        element = convert_to_element(_settable(latex), display="block" if display else "inline")
        if display:  # large, but where it stands: a block of its own would tear the mark around it
            element.set("display", "inline")
            element.set("displaystyle", "true")
        return tostring(_let_through(element), encoding="unicode")
    except Exception:  # whatever it is that latex2mathml stumbled on
        return f"<code>{html.escape(' '.join(latex.split()))}</code>"


def typeset_words(text: str, shown: Callable[[str], str] = typeset) -> str:
    """A sentence with formulas in dollars as HTML; `shown` sets each of them.

    >>> typeset_words("a < b")
    'a &lt; b'
    """
    text = printable(text)
    pieces = text.split("$")
    if len(pieces) % 2 == 0:
        return html.escape(text)
    return "".join(shown(piece) if i % 2 else html.escape(piece) for i, piece in enumerate(pieces))


def _settable(latex: str) -> str:
    """The LaTeX with the environments that latex2mathml knows, and without numbers of its own invention."""
    latex = PARTIAL.sub(r"\\partial", _UNSET.sub("", latex))
    if "\\begin" not in latex:
        rows = r"\\" in latex
        latex = latex if rows else re.sub(r"(?<!\\)&", "", latex)  # a row out of an align
        around = "align*" if "&" in latex else "matrix"
        return rf"\begin{{{around}}}{latex}\end{{{around}}}" if rows else latex
    if "eqnarray" in latex:
        latex = re.sub(r"&\s*(\\[a-zA-Z]+|[=<>])\s*&", r"&\1 ", latex)
    return _ENVIRONMENT.sub(_known, latex)


def _known(match: re.Match[str]) -> str:
    if match[2] == "equation":
        return rf"\{match[1]}{{equation*}}"
    return rf"\{match[1]}{{{'align*' if match[2] in _IN_COLUMNS else 'matrix'}}}"


def _let_through(element: Element) -> Element:
    """The elements and attributes of MathML that only say how a formula looks; of others, what is in them."""
    from xml.etree.ElementTree import Element

    kept = {key: html.unescape(x) for key, x in element.attrib.items() if _ATTRIBUTES.fullmatch(key)}
    made = Element(element.tag if _ELEMENTS.fullmatch(element.tag) else "mrow", kept)
    made.text = html.unescape(element.text) if element.text else None
    made.extend(_let_through(child) for child in element)
    return made
