"""Formulas as pictures inside a web page: LaTeX to SVG, with neither a network nor a TeX installation."""

import html

from _printing import load

EM = 100  # the size that shapes are drawn in; whole numbers are fine enough
SIZE = 17  # of the letters on the page, in pixels


def svg(latex: str) -> str:
    r"""Draw a formula, to stand on the line of the text around it; what cannot be drawn stays LaTeX.

    Matplotlib knows the LaTeX of single formulas, though no environments such as `aligned`.
    """
    properties = load("matplotlib.font_manager").FontProperties(math_fontfamily="cm")
    displayed = latex.replace(r"\frac", r"\dfrac")
    try:
        shape = load("matplotlib.textpath").TextPath((0, 0), f"${displayed}$", size=EM, prop=properties)
    except ValueError:
        return f"<code>{html.escape(latex)}</code>"
    frame = shape.get_extents()
    left, top = round(frame.x0) - 5, round(-frame.y1) - 5
    width, height = round(frame.width) + 10, round(frame.height) + 10
    scale = SIZE / EM
    return (
        f'<svg role="img" aria-label="{html.escape(latex)}" viewBox="{left} {top} {width} {height}" '
        f'style="width:{width * scale:.1f}px;height:{height * scale:.1f}px;'
        f'vertical-align:{-(top + height) * scale:.1f}px"><path d="{_outline(shape)}"/></svg>'
    )


def _outline(shape) -> str:
    """Write a path as SVG does, each point as its way from the one before, which keeps the numbers short."""
    letters = {1: "m", 2: "l", 3: "q", 4: "c"}
    x = y = 0
    pieces = []
    for points, code in shape.iter_segments(simplify=False):
        if code not in letters:
            pieces.append("z")
            x, y = start
            continue
        places = [(round(px), round(-py)) for px, py in zip(points[::2], points[1::2])]
        steps = " ".join(f"{px - x} {py - y}" for px, py in places)
        pieces.append(letters[code] + steps)
        x, y = places[-1]
        if code == 1:
            start = x, y
    return "".join(pieces)
