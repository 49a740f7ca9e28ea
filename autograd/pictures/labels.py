"""Text in pictures: numbers and names as they stand in nodes, safe wherever Graphviz reads them."""

from __future__ import annotations

import html

from ..names import printable
from ..numbers import Number, shown

__all__ = ["FONT", "LONGEST", "bold", "escaped", "in_html", "in_lines", "number_text", "shortened"]

FONT = "Courier"
"""Every way of laying out knows the widths of Courier; other monospace fonts are as wide or narrower."""
LONGEST = 32
"""Names are cut to so many characters, formulas to twice as many."""


def number_text(x: Number, precision: int) -> str:
    """A number as it stands in pictures.

    >>> number_text(1 / 3, 4), number_text(-0.0, 4), number_text(1e-20, 3)
    ('0.3333', '0', '1e-20')
    """
    text = f"{x + 0.0:.{precision}g}" if isinstance(x, float) else shown(x)
    return shortened(text)


def shortened(text: str, longest: int = LONGEST) -> str:
    """One line of printable characters, cut in the middle where it is long."""
    text = printable(text)
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]}…{text[1 - half :]}"


def in_html(text: str) -> str:
    r"""Plain text for an HTML-like label, where Graphviz would still read escapes such as `\N`."""
    return html.escape(text).replace("\\", r"\\")


def bold(text: str) -> str:
    """HTML in bold."""
    return f"<B>{text}</B>"


def in_lines(texts: list[str], align: str = "center") -> str:
    """An HTML-like label of lines that are HTML already."""
    if not texts:
        return ""
    breaks = f'<BR ALIGN="{align}"/>'
    return f"<{breaks.join(texts)}{breaks if align != 'center' else ''}>"


def escaped(text: str) -> str:
    r"""Plain text for an attribute: no `\N`, no HTML, no way out of the quotes.

    The HTML-like form `<...>` is only read where a value begins so, which the blank prevents.
    """
    import graphviz

    return str(graphviz.escape(text)) if not text.startswith("<") else " " + str(graphviz.escape(text))
