"""`draw`: the computation graph as a picture, laid out by Graphviz."""

from __future__ import annotations

import base64
import difflib
import html
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import SettingError
from ..files import StrPath, replace_file
from ..value import Value
from .dot import DIRECTIONS, SHOWN, THEMES, digraph
from .labels import FONT, number_text, shortened
from .nodes import Scene, many
from .rendering import render
from .scene import scene

if TYPE_CHECKING:
    import graphviz

__all__ = ["Diagram", "draw", "ending_of", "one_of"]

_FONTS = "ui-monospace,'Liberation Mono','DejaVu Sans Mono','Courier New',Courier,monospace"


def draw(
    root: Value,
    *,
    direction: str = "auto",
    show: Iterable[str] | str = ("values", "gradients", "locals"),
    fold: str = "auto",
    until: int | None = None,
    highlight: Value | str | None = None,
    precision: int = 4,
    theme: str = "light",
    names: Mapping[str, Any] | None = None,
) -> Diagram:
    """Draw the graph below a result.

    direction  in which it is computed: "LR" (left to right), "RL", "TB" (downward), "BT"; "auto" is left to
               right where that fits a screen
    show       what to show beside names: "values", "gradients", "locals" (the local derivative on each edge)
               and "formulas"; one of them or several. Before `backward()` a gradient is a dash
    fold       "none", "neurons", "layers", or "auto": neurons above 60 Values, layers above 400
    until      only what is at most so many edges away from the result
    highlight  a parameter or its name: all its paths to the result are marked
    precision  significant digits of floats
    theme      "light" or "dark"
    names      names for Values that have none, such as `locals()`

    Raises `SettingError` for an option with a value it cannot have, and `GraphError` for a cycle. What is
    needed to make a picture is only looked for when one is made.

    >>> w, x = Value(2.0, "w"), Value(3.0, "x")
    >>> picture = draw((w * x).tanh())
    >>> picture
    Diagram of L: 4 Values, 4 nodes, 3 edges
    >>> "hexagon" in picture.source  # the shape of an input
    True
    """
    one_of("direction", direction, DIRECTIONS)
    one_of("theme", theme, THEMES)
    if isinstance(show, str):
        show = [show]
    show = [one_of("show", what, SHOWN) for what in show]
    if type(precision) is not int or not 1 <= precision <= 17:
        raise SettingError(f"precision={precision!r}: it is a number of digits from 1 to 17")
    names = names or {}
    found = scene(root, fold=fold, until=until, highlight=highlight, names=names)
    source = digraph(found, direction=direction, show=show, precision=precision, theme=theme)
    return Diagram(root, found, source, _Asked(fold, until, highlight, precision, theme, names))


def one_of(option: str, word: Any, allowed: Iterable[str]) -> str:
    """Check an option that is a word out of a list. Raises `SettingError`."""
    allowed = list(allowed)
    if word in allowed:
        return str(word)
    near = difflib.get_close_matches(str(word), allowed, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise SettingError(f"{option}={word!r}: {hint}It is one of {', '.join(allowed)}")


class _Asked(NamedTuple):
    """What `draw` was asked for, as far as the tree and the page can show it as well."""

    fold: str
    until: int | None
    highlight: Value | str | None
    precision: int
    theme: str
    names: Mapping[str, Any]


class Diagram:
    """A picture of a graph; what `draw` gives. A notebook shows it.

    scene    what is in it
    digraph  the `graphviz.Digraph` that draws it, to adjust further
    """

    def __init__(self, root: Value, scene: Scene, digraph: graphviz.Digraph, asked: _Asked) -> None:
        self.root, self.scene, self.digraph, self._asked = root, scene, digraph, asked

    def __repr__(self) -> str:
        found = self.scene
        name = shortened(found.node(found.root).symbol)
        counts = [(found.size, "Value"), (len(found.nodes), "node"), (len(found.edges), "edge")]
        return f"Diagram of {name}: {', '.join(many(*count) for count in counts)}"

    @property
    def source(self) -> str:
        """The graph in the DOT language."""
        return str(self.digraph.source)

    def save(self, path: StrPath) -> Path:
        """Write the picture; what kind of file it is, its name says. Gives the path.

        .svg .png .pdf  a picture, made by the program `dot` or else by pygraphviz
        .dot            the source of it
        .txt            the tree that `tree` prints
        .html           the explorer: a page that steps through the graph

        The file is replaced in one step. Raises `SettingError` for another ending, `MissingPackageError`
        where there is nothing to make pictures with, `PictureError` where Graphviz cannot draw the graph, and
        `FileAccessError` where the file cannot be written.
        """
        replace_file(path, _WRITERS[ending_of(path)](self))
        return Path(path)

    def svg(self) -> str:
        """The picture as SVG. Raises `MissingPackageError` where there is nothing to make it with."""
        picture = render(self.source, "svg").decode()
        return picture.replace(f'font-family="{FONT},monospace"', f'font-family="{_FONTS}"')

    def _repr_html_(self) -> str:
        picture = base64.b64encode(self.svg().encode()).decode()
        alt = html.escape(self.description())
        return f'<img src="data:image/svg+xml;base64,{picture}" alt="{alt}" style="max-width: none">'

    def description(self) -> str:
        """The picture in words, for those who cannot see it."""
        root = self.scene.node(self.scene.root)
        names = [shortened(node.label) for node in self.scene.nodes if node.kind in ("parameter", "input")]
        listed = f" of {', '.join(names[:20])}{', ...' if len(names) > 20 else ''}" if names else ""
        gradients = ""
        if root.gradient is None:
            gradients = "; no gradients yet"
        left_out = f"; {self.scene.left_out}" if self.scene.left_out else ""
        value = "" if root.value is None else f" = {number_text(root.value, self._asked.precision)}"
        return (
            f"Computation graph of {shortened(root.symbol)}{value}, a function{listed}{gradients}{left_out}"
        )


def ending_of(path: StrPath) -> str:
    """How the name of a file for a picture ends. Raises `SettingError` where nothing can be written so."""
    ending = Path(path).suffix.casefold()
    if ending not in _WRITERS:
        raise SettingError(f"{str(path)!r}: its name must end in one of {', '.join(_WRITERS)}")
    return ending


def _tree(diagram: Diagram) -> bytes:
    from .tree import tree

    asked = diagram._asked
    found = tree(
        diagram.root,
        depth=asked.until or None,
        fold=asked.fold,
        precision=asked.precision,
        names=asked.names,
    )
    return (str(found) + "\n").encode()


def _png(diagram: Diagram) -> bytes:
    sharp = diagram.digraph.copy()
    sharp.attr("graph", dpi="144")
    return render(sharp.source, "png")


def _page(diagram: Diagram) -> bytes:
    from .explorer import walk

    asked = diagram._asked
    theme = "dark" if asked.theme == "dark" else None  # a page that is left light follows the system
    page = walk(diagram.root, names=asked.names, fold=asked.fold, highlight=asked.highlight, theme=theme)
    return page.html.encode()


_WRITERS: dict[str, Callable[[Diagram], bytes]] = {
    ".svg": lambda diagram: diagram.svg().encode(),
    ".png": _png,
    ".pdf": lambda diagram: render(diagram.source, "pdf"),
    ".dot": lambda diagram: diagram.source.encode(),
    ".txt": _tree,
    ".html": _page,
}
