"""`draw`: the computation graph as a picture, laid out by Graphviz."""

from __future__ import annotations

import base64
import difflib
import html
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import MissingPackageError, SettingError
from ..files import StrPath, replace_file
from ..numbers import Number, shown
from ..value import Value
from .scene import Cluster, Edge, Node, Scene, printable, scene

if TYPE_CHECKING:
    import graphviz

__all__ = ["DIRECTIONS", "SHOWN", "THEMES", "Diagram", "draw", "number_text", "one_of", "render"]

DIRECTIONS = ("auto", "LR", "RL", "TB", "BT")
_SIDES = {"LR": "ew", "RL": "we", "TB": "sn", "BT": "ns"}
"""Where edges leave a node and come in, by compass."""
SHOWN = ("values", "gradients", "locals", "formulas")
"""What can be shown: two lines in each node, the derivative on each edge, a third line in each node."""

MAX_LABELS = 80
"""A picture of more edges has no derivatives on them: they would hide it."""
LONG_ROW = 9
"""A picture of more steps from the first node to the last goes downward."""
LONGEST = 32
"""Names are cut to so many characters, formulas to twice as many."""


class _Theme(NamedTuple):
    """Colours: of paper and ink, of lines, of frames, and of each kind of node."""

    paper: str
    ink: str
    faint: str
    line: str
    marked: str
    frame: str
    kinds: Mapping[str, tuple[str, str]]


# Fills and outlines after Okabe and Ito's palette, which colour-blind readers can tell apart; ink on each
# fill has a contrast of at least 7 to 1.
THEMES = {
    "light": _Theme(
        "#ffffff", "#1a1a1a", "#595959", "#767676", "#b3261e", "#f4f5f7",
        {"parameter": ("#fff1c9", "#9a6b00"), "input": ("#d9f2e6", "#00704f"),
         "constant": ("#ffffff", "#767676"),
         "operation": ("#dcebfa", "#1b5e9b"), "result": ("#fadcec", "#9b2c6b")},
    ),
    "dark": _Theme(
        "#16181d", "#f2f2f2", "#b5b8bf", "#8d929c", "#ff8a7a", "#20242b",
        {"parameter": ("#4a3a0c", "#e0b040"), "input": ("#0d4232", "#3fc495"),
         "constant": ("#16181d", "#8d929c"),
         "operation": ("#173a5c", "#6fb1ee"), "result": ("#561c3d", "#ea83bb")},
    ),
}  # fmt: skip

_SHAPES = {
    "parameter": "box", "input": "hexagon", "constant": "plaintext", "operation": "box", "result": "octagon",
}  # fmt: skip
"""Operations have round corners; what stands for several Values has a double outline. Graphviz makes these
shapes large enough for their text, which it does not do for all of its shapes."""


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
    found = scene(root, fold=fold, until=until, highlight=highlight, names=names)
    return Diagram(root, found, direction, show, precision, theme)


def one_of(option: str, word: Any, allowed: Iterable[str]) -> str:
    """Check an option that is a word out of a list. Raises `SettingError`."""
    allowed = list(allowed)
    if word in allowed:
        return str(word)
    near = difflib.get_close_matches(str(word), allowed, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise SettingError(f"{option}={word!r}: {hint}It is one of {', '.join(allowed)}")


class Diagram:
    """A picture of a graph; what `draw` gives. A notebook shows it.

    scene    what is in it
    digraph  the `graphviz.Digraph` that draws it, to adjust further
    """

    def __init__(
        self, root: Value, scene: Scene, direction: str, show: Iterable[str], precision: int, theme: str
    ) -> None:
        self.root, self.scene = root, scene
        self._show, self._precision, self._theme = frozenset(show), precision, THEMES[theme]
        self._dark = theme == "dark"
        self.digraph = self._build(direction)

    def __repr__(self) -> str:
        found = self.scene
        name = _short(found.node(found.root).symbol)
        counts = f"{found.size:,} Values, {len(found.nodes)} nodes, {len(found.edges)} edges"
        return f"Diagram of {name}: {counts}"

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
        where there is nothing to make pictures with, `FileAccessError` where it cannot be written.
        """
        ending = Path(path).suffix.casefold()
        if ending not in _WRITERS:
            raise SettingError(f"{str(path)!r}: its name must end in one of {', '.join(_WRITERS)}")
        replace_file(path, _WRITERS[ending](self))
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
        names = [_short(node.label) for node in self.scene.nodes if node.kind in ("parameter", "input")]
        listed = f" of {', '.join(names[:20])}{', ...' if len(names) > 20 else ''}" if names else ""
        gradients = ""
        if root.gradient is None:
            gradients = "; no gradients yet"
        left_out = f"; {self.scene.left_out}" if self.scene.left_out else ""
        value = "" if root.value is None else f" = {self._number(root.value)}"
        return f"Computation graph of {_short(root.symbol)}{value}, a function{listed}{gradients}{left_out}"

    # ------------------------------------------------------------------------------------- building it

    def _build(self, direction: str) -> graphviz.Digraph:
        import graphviz

        theme, found = self._theme, self.scene
        if direction == "auto":
            direction = "TB" if _length(found) > LONG_ROW else "LR"
        caption = [_html(line) for line in _wrapped(found.left_out)]
        with_locals = "locals" in self._show and any(edge.local is not None for edge in found.edges)
        self._label_edges = with_locals and len(found.edges) <= MAX_LABELS
        if with_locals and not self._label_edges:
            caption.append(f"the derivatives on {len(found.edges):,} edges are left out")
        graph = graphviz.Digraph("computation graph")
        graph.attr(
            "graph",
            rankdir=direction,
            bgcolor=theme.paper,
            fontname=FONT,
            fontcolor=theme.faint,
            fontsize="10",
            ranksep="0.45",
            nodesep="0.18",
            pad="0.2",
            tooltip=" ",
            label=_lines(caption),
            labeljust="l",
            labelloc="b",
        )
        if len(found.edges) > MAX_LABELS:
            graph.attr("graph", splines="line", ranksep="1.5")
            sides = _SIDES[direction]
            graph.attr("edge", tailport=sides[0], headport=sides[1])
        graph.attr("node", fontname=FONT, fontsize="11", fontcolor=theme.ink, margin="0.1,0.04", height="0.3")
        graph.attr(
            "edge", fontname=FONT, fontsize="9", fontcolor=theme.faint, color=theme.line, arrowsize="0.6"
        )
        self._add_nodes(graph)
        self._put_inputs_first(graph)
        for edge in found.edges:
            graph.edge(edge.tail, edge.head, **self._edge(edge))
        return graph

    def _add_nodes(self, graph: graphviz.Digraph) -> None:
        """Nodes in their frames, and frames in their frames."""
        by_cluster: dict[str | None, list[Node]] = {}
        for node in self.scene.nodes:
            by_cluster.setdefault(node.cluster, []).append(node)
        for node in by_cluster.get(None, []):
            graph.node(node.id, **self._node(node))
        for outer in self.scene.clusters:
            if self.scene.fold == "neurons":
                self._column(graph, outer, by_cluster[outer.id])
            elif outer.parent is None:
                inner = [c for c in self.scene.clusters if c.parent == outer.id]
                with graph.subgraph(name=f"cluster_{outer.id}", graph_attr=self._frame(outer)) as frame:
                    for node in by_cluster.get(outer.id, []):
                        frame.node(node.id, **self._node(node))
                    for cluster in inner:
                        look = self._frame(cluster)
                        with frame.subgraph(name=f"cluster_{cluster.id}", graph_attr=look) as inside:
                            for node in by_cluster.get(cluster.id, []):
                                inside.node(node.id, **self._node(node))

    def _column(self, graph: graphviz.Digraph, layer: Cluster, units: list[Node]) -> None:
        """Folded units stand in a column in their own order, the name of the layer at its head.

        That reads better than an order of few crossings. A frame around them would undo the order.
        """
        with graph.subgraph(graph_attr={"rank": "same"}) as column:
            column.node(
                layer.id, _lines([_bold(_html(layer.name))]), shape="plaintext", style="", tooltip=" "
            )
            for node in units:
                column.node(node.id, **self._node(node))
            ids = [layer.id, *(node.id for node in units)]
            for above, below in pairwise(ids):
                column.edge(above, below, style="invis", tailport="_", headport="_")

    def _put_inputs_first(self, graph: graphviz.Digraph) -> None:
        """What a neuron reads stands before its parameters, by edges that are not drawn."""
        place = {node.id: node for node in self.scene.nodes}
        inner: dict[str, list[str]] = {}
        outer: dict[str, list[str]] = {}
        for edge in self.scene.edges:
            tail, head = place[edge.tail], place[edge.head]
            if head.cluster is not None and not tail.sign:
                (inner if tail.cluster == head.cluster else outer).setdefault(head.id, []).append(tail.id)
        pairs = {(x, own): None for id, read in outer.items() for x in read for own in inner.get(id, [])[:1]}
        for x, own in pairs:
            graph.edge(x, own, style="invis")

    def _frame(self, cluster: Cluster) -> dict[str, str]:
        theme = self._theme
        return {
            "label": _lines([_bold(_html(_short(cluster.name)))], align="left"),
            "style": "rounded,filled",
            "color": theme.line,
            "fillcolor": theme.frame,
            "fontname": FONT,
            "fontcolor": theme.faint,
            "labeljust": "r" if cluster.kind == "layer" else "l",
            "labelloc": "t",
            "margin": "10",
            "tooltip": " ",
        }

    def _node(self, node: Node) -> dict[str, str]:
        fill, outline = self._theme.kinds[node.kind]
        shape, style = _SHAPES[node.kind], "filled"
        folded = node.operations > 1 or len(node.values) > 1
        if node.kind == "operation":
            style += ",rounded"
        if node.highlighted:
            outline = self._theme.marked
        return {
            "label": _lines(self._text(node, folded)),
            "shape": shape,
            "style": style,
            "fillcolor": fill,
            "margin": "0,0" if shape in ("hexagon", "octagon") else "0.1,0.04",
            "color": outline,
            "penwidth": "2.2" if node.highlighted else "1.2",
            "peripheries": "2" if folded else "0" if node.kind == "constant" else "1",
            "tooltip": _escaped(self._tooltip(node)),
        }

    def _text(self, node: Node, folded: bool) -> list[str]:
        """The lines of a node, as HTML."""
        if node.kind == "constant":
            return [_html(_short(node.label))]
        with_formula = "formulas" in self._show and node.formula
        name = node.symbol if with_formula and node.label == node.sign else node.label
        lines = [_bold(_html(_short(name)))]
        faint = self._theme.faint
        if node.sign and name != node.sign and not folded and not with_formula:
            lines[0] += _html(f" {node.sign}")
        if node.sign and name != node.sign and folded and not with_formula:
            lines.append(f'<FONT COLOR="{faint}">{_html(_short(node.sign))}</FONT>')
        rows = []
        if "values" in self._show:
            rows.append(("value", self._several([x.data for x in node.values], node.value)))
        if "gradients" in self._show:
            grads = [x.grad for x in node.values] if self.scene_has_gradients else []
            rows.append(("grad", self._several(grads, node.gradient)))
        width = max((len(text) for _, text in rows), default=0)
        for what, text in rows:
            padded = _html(f"{what:<5} {text:>{width}}").replace(" ", "&#160;")
            lines.append(padded)
        if with_formula:
            lines.insert(1, _html(_short(f"= {' '.join(node.formula.split())}", 2 * LONGEST)))
        counts = []
        if len(node.values) > 1 and node.sign:
            counts.append(f"{len(node.values):,} Values")
        if node.parameters and node.sign:
            counts.append(f"{node.parameters:,} parameter{'' if node.parameters == 1 else 's'}")
        if node.more:
            counts.append(f"... {node.more} more")
        lines += [f'<FONT COLOR="{faint}">{line}</FONT>' for line in counts]
        return lines

    @property
    def scene_has_gradients(self) -> bool:
        """Whether `backward()` was called before the scene was made."""
        return self.scene.node(self.scene.root).gradient is not None

    def _several(self, numbers: list[Number], single: Number | None) -> str:
        """One number, or the smallest and the largest of several; a dash where there is none."""
        if single is not None:
            return self._number(single)
        floats = [x for x in numbers if isinstance(x, (int, float)) and x == x]
        if not floats or len(floats) < len(numbers):
            return "–" if not numbers else "several"
        low, high = self._number(min(floats)), self._number(max(floats))
        return low if low == high else f"{low} … {high}"

    def _number(self, x: Number) -> str:
        return number_text(x, self._precision)

    def _tooltip(self, node: Node) -> str:
        symbol = _short(node.symbol)
        made = f"{symbol} = {_short(node.formula, 8 * LONGEST)}" if node.formula else symbol
        return f"{node.kind} {made}" if node.kind != "operation" else made

    def _edge(self, edge: Edge) -> dict[str, str]:
        look = {}
        symbols = [_short(self.scene.node(id).symbol) for id in (edge.head, edge.tail)]
        if edge.local is not None:
            number = self._number(edge.local)
            if self._label_edges:
                look["label"] = _escaped(f" {number} ")
            name = f"d{symbols[0]}/d{symbols[1]} = {number}"
            look["tooltip"] = look["labeltooltip"] = _escaped(name)
        else:
            look["tooltip"] = _escaped(f"{symbols[1]} to {symbols[0]}")
            if edge.count == 1:
                look["style"] = "dashed"
        if edge.highlighted:
            look.update(color=self._theme.marked, penwidth="2.2", fontcolor=self._theme.marked)
        elif len(self.scene.edges) > MAX_LABELS:
            look.update(color=self._theme.line + "70", arrowsize="0.4", penwidth="0.7")
        return look


def _length(found: Scene) -> int:
    """How many edges the longest path in the picture has."""
    length: dict[str, int] = {}
    for edge in found.edges:  # by head, in topological order
        length[edge.head] = max(length.get(edge.head, 0), length.get(edge.tail, 0) + 1)
    return max(length.values(), default=0)


# ------------------------------------------------------------------------------------------------ text


FONT = "Courier"
"""Every way of laying out knows the widths of Courier; other monospace fonts are as wide or narrower."""
_FONTS = "ui-monospace,'Liberation Mono','DejaVu Sans Mono','Courier New',Courier,monospace"


def number_text(x: Number, precision: int) -> str:
    """A number as it stands in pictures.

    >>> number_text(1 / 3, 4), number_text(-0.0, 4), number_text(1e-20, 3)
    ('0.3333', '0', '1e-20')
    """
    text = f"{x + 0.0:.{precision}g}" if isinstance(x, float) else shown(x)
    return _short(text)


def _short(text: str, longest: int = LONGEST) -> str:
    """One line of printable characters, cut in the middle where it is long."""
    text = printable(text)
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]}…{text[1 - half :]}"


def _wrapped(text: str, width: int = 100) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width)


def _html(text: str) -> str:
    r"""Plain text for an HTML-like label, where Graphviz would still read escapes such as `\N`."""
    return html.escape(text).replace("\\", r"\\")


def _bold(text: str) -> str:
    return f"<B>{text}</B>"


def _lines(lines: list[str], align: str = "center") -> str:
    """An HTML-like label of lines that are HTML already."""
    if not lines:
        return ""
    breaks = f'<BR ALIGN="{align}"/>'
    return f"<{breaks.join(lines)}{breaks if align != 'center' else ''}>"


def _escaped(text: str) -> str:
    r"""Plain text for an attribute: no `\N`, no HTML, no way out of the quotes.

    The HTML-like form `<...>` is only read where a value begins so, which the blank prevents.
    """
    import graphviz

    return str(graphviz.escape(text)) if not text.startswith("<") else " " + str(graphviz.escape(text))


# -------------------------------------------------------------------------------------------- rendering


def render(source: str, format: str) -> bytes:
    """What Graphviz makes of DOT source: by the program `dot` if there is one, else by pygraphviz.

    Raises `MissingPackageError` where there is neither.
    """
    import graphviz

    try:
        return graphviz.Source(source).pipe(format=format)  # type: ignore[no-any-return]
    except graphviz.ExecutableNotFound:
        pass
    try:
        import pygraphviz
    except ImportError as error:
        raise MissingPackageError(
            "a picture needs Graphviz: either `pip install 'chalkgrad[render]'`, which brings it along, or "
            "the program `dot` (`apt install graphviz`, `brew install graphviz`); "
            "`print(tree(loss))` needs neither"
        ) from error
    return pygraphviz.AGraph(string=source).draw(format=format, prog="dot")  # type: ignore[no-any-return]


def _text_file(diagram: Diagram) -> bytes:
    from .tree import tree

    return (str(tree(diagram.root)) + "\n").encode()


def _png(diagram: Diagram) -> bytes:
    sharp = diagram.digraph.copy()
    sharp.attr("graph", dpi="144")
    return render(sharp.source, "png")


def _page(diagram: Diagram) -> bytes:
    from importlib import import_module

    page = import_module(".explorer", __package__)
    return bytes(page.page(diagram).encode())


_WRITERS: dict[str, Callable[[Diagram], bytes]] = {
    ".svg": lambda diagram: diagram.svg().encode(),
    ".png": _png,
    ".pdf": lambda diagram: render(diagram.source, "pdf"),
    ".dot": lambda diagram: diagram.source.encode(),
    ".txt": _text_file,
    ".html": _page,
}
