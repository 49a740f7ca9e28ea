"""The explorer: one offline HTML page that walks forward and backward through a graph.

`page/` holds the parts that never change. The pictures of `layout.py` go into them as SVG, the numbers and
formulas of `walkthrough.py` as JSON, which the script turns into text and never into markup.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from ..files import StrPath, replace_file
from ..value import Value
from .diagram import one_of
from .dot import THEMES
from .folding import Graph, checked_root
from .layout import Layout
from .nodes import Scene, many
from .scene import FOLDS, scene
from .walkthrough import Walkthrough

__all__ = ["Explorer", "walk"]

_MOST_DRAWN = 700  # Values that are drawn one by one
_MOST_AT_ONCE, _MOST_UNITS = 60, 50  # that a page begins with: nodes, and folded ones


def walk(
    loss: Value,
    history: Any = None,
    *,
    names: Mapping[str, Any] | None = None,
    fold: str = "auto",
    highlight: Value | str | None = None,
    theme: str | None = None,
) -> Explorer:
    """Show in a notebook how every value and every gradient of `loss` comes about, step by step.

    history    what `nn.train(..., record=True)` returned, to walk through the training as well: the
               operations of `loss` are computed again with the parameters of each step. A Python `if` is not
               asked again
    names      names for Values that have none, such as `locals()`
    fold       the picture to begin with, "none", "neurons" or "layers"; "auto" is one that can be read
    highlight  a parameter, or its name, whose paths are marked at the beginning
    theme      "light" or "dark"; left out, it is that of the reader's system

    In a script, `walk(loss).save("loss.html")` writes the page. It is one file that needs no network. A very
    large graph is folded, and the page says what it left out.

    Raises `MissingPackageError` without Graphviz or pygraphviz, `GraphError` for a graph with a cycle, and
    `SettingError` for an option with a value it cannot have and for a history without recorded steps, or of
    other parameters.

    >>> x = Value(3.0, "x")
    >>> walk(x * x + 1)
    <explorer of L: 3 Values>
    """
    checked_root(loss)
    one_of("fold", fold, FOLDS)
    if theme is not None:
        one_of("theme", theme, THEMES)
    walkthrough = Walkthrough(loss, history, names)
    chosen = None if highlight is None else Graph(loss, names or {}).find(highlight)
    return Explorer(walkthrough, fold, chosen, theme)


class Explorer:
    """The explorer page of a graph; shows itself in a notebook. `html` is the page."""

    def __init__(self, walkthrough: Walkthrough, fold: str, chosen: Value | None, theme: str | None) -> None:
        self._walkthrough = walkthrough
        self.html = _page(walkthrough, fold, chosen, theme)

    def __repr__(self) -> str:
        return f"<explorer of {self._walkthrough.labels[-1]}: {many(self._walkthrough.size, 'Value')}>"

    def save(self, path: StrPath) -> None:
        """Write the page to a file, replacing an older one in a single step."""
        replace_file(path, self.html.encode())

    def _repr_html_(self) -> str:
        # Sandboxed without allow-same-origin: the page runs its script and reaches nothing of the notebook.
        title = html.escape(f"Walk through {self._walkthrough.labels[-1]}")
        return (
            f'<iframe sandbox="allow-scripts" title="{title}" '
            f'style="width: 100%; height: 720px; border: 1px solid #8888" srcdoc="{html.escape(self.html)}">'
            "</iframe>"
        )


# ---------------------------------------------------------------------------------------------- the page


def _page(walkthrough: Walkthrough, fold: str, chosen: Value | None, theme: str | None) -> str:
    scenes = _scenes(walkthrough)
    layouts = {name: Layout(name, found, walkthrough) for name, found in scenes.items()}
    left_out = [] if "none" in scenes else [found.left_out for found in scenes.values()][-1:]
    data = walkthrough.as_json() | {
        "layouts": {name: layout.as_json() for name, layout in layouts.items()},
        "view": _first_view(scenes, fold),
        "chosen": None if chosen is None else walkthrough.number.get(chosen),
        "notes": [note for note in [*walkthrough.notes, *left_out] if note],
    }
    here = files(__package__) / "page"
    body, css, *scripts = (
        here.joinpath(name).read_text("utf-8") for name in ("page.html", "page.css", *_SCRIPTS)
    )
    script = "\n".join(scripts)
    heading = html.escape(walkthrough.labels[-1])
    if walkthrough.size > 1:
        heading += f", computed from {many(walkthrough.size - 1, 'Value')}"
    # Each mark once, and in one pass: what is put in is not searched for marks again.
    parts = {
        "TITLE": heading,
        "HEADING": heading,
        "THEME": f' data-theme="{theme}"' if theme else "",
        "POLICY": f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(css)}",
        "CSS": css,
        "GRAPHS": "\n".join(layout.svg for layout in layouts.values()),
        "DATA": _json(data),
        "JS": script,
    }
    pieces = body.split("@@")
    return "".join(parts[piece] if i % 2 else piece for i, piece in enumerate(pieces))


_SCRIPTS = ("graph.js", "telling.js", "picture.js", "table.js", "controls.js")


def _hash(source: str) -> str:
    """How a Content-Security-Policy allows this very script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _json(data: Any) -> str:
    """JSON that can stand in a script element, whatever the texts in it are."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _scenes(walkthrough: Walkthrough) -> dict[str, Scene]:
    """The pictures of the graph, from the most detailed to the most folded; those alike only once."""
    wanted = ["neurons", "layers"]
    if walkthrough.size <= _MOST_DRAWN:
        wanted.insert(0, "none")
    if walkthrough.size < 60:
        wanted.remove("layers")
    found: dict[str, Scene] = {}
    for fold in wanted:
        picture = scene(walkthrough.root, fold=fold, names=walkthrough.given_names)
        if picture.fold not in found and len(picture.nodes) not in [len(s.nodes) for s in found.values()]:
            found[picture.fold] = picture
        if picture.fold not in (fold, "none"):  # it had to be folded further than that already
            break
    return found


def _first_view(scenes: Mapping[str, Scene], fold: str) -> str:
    """The picture to begin with: the one asked for, or the most detailed that is not too much at once."""
    if fold in scenes:
        return fold
    for name, found in scenes.items():
        if len(found.nodes) <= (_MOST_AT_ONCE if name == "none" else _MOST_UNITS):
            return name
    return [*scenes][-1]
