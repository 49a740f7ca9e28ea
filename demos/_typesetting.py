"""Formulas as pictures inside a web page: LaTeX to SVG, with neither a network nor a TeX installation."""

import html
import re
from typing import Any

from _printing import load

EM = 100  # the size that shapes are drawn in; whole numbers are fine enough
SIZE = 17  # of the letters on the page, in pixels
MARGIN = 5


def svg(latex: str) -> str:
    r"""Draw a formula, to stand on the line of the text around it; what cannot be drawn stays LaTeX.

    Matplotlib knows the LaTeX of single formulas, though no environments such as `aligned`.
    """
    properties = load("matplotlib.font_manager").FontProperties(math_fontfamily="cm")
    displayed = _plain_brackets(latex).replace(r"\frac", r"\dfrac")
    try:
        shape = load("matplotlib.textpath").TextPath((0, 0), f"${displayed}$", size=EM, prop=properties)
    except ValueError:
        return f"<code>{html.escape(latex)}</code>"
    frame = shape.get_extents()
    left, top = round(frame.x0) - MARGIN, round(-frame.y1) - MARGIN
    width, height = round(frame.width) + 2 * MARGIN, round(frame.height) + 2 * MARGIN
    scale = SIZE / EM
    return (
        f'<svg role="img" aria-label="{html.escape(latex)}" viewBox="{left} {top} {width} {height}" '
        f'style="width:{width * scale:.1f}px;height:{height * scale:.1f}px;'
        f'vertical-align:{-(top + height) * scale:.1f}px"><path d="{_outline(shape)}"/></svg>'
    )


def _plain_brackets(latex: str) -> str:
    r"""Take `\left` and `\right` from around what is low: Matplotlib makes brackets too small for it."""
    low = re.compile(r"\\left([(\[])((?:(?!\\left|\\right|\\frac|\\sum).)*)\\right([)\]])")
    while (fewer := low.sub(r"\1\2\3", latex)) != latex:
        latex = fewer
    return latex


def _outline(shape: Any) -> str:
    """Write a path as SVG does, each point as its way from the one before, which keeps the numbers short."""
    letters = {1: "m", 2: "l", 3: "q", 4: "c"}  # the codes of Matplotlib's paths
    here = start = (0, 0)
    pieces = []
    for points, code in shape.iter_segments(simplify=False):
        if code not in letters:
            pieces.append("z")
            here = start
            continue
        places = [(round(x), round(-y)) for x, y in points.reshape(-1, 2)]
        pieces.append(letters[code] + " ".join(f"{x - here[0]} {y - here[1]}" for x, y in places))
        here = places[-1]
        start = here if code == 1 else start
    return "".join(pieces)
