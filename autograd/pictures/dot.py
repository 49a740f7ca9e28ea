"""A scene in the DOT language: what each node, edge and frame looks like."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ..numbers import Number
from .labels import FONT, LONGEST, bold, escaped, in_html, in_lines, number_text, shortened
from .nodes import Cluster, Edge, Node, Scene
from .placing import before_parameters, longest_path, read_together

if TYPE_CHECKING:
    import graphviz

__all__ = ["DIRECTIONS", "SHOWN", "THEMES", "digraph"]

DIRECTIONS = ("auto", "LR", "RL", "TB", "BT")
_SIDES = {"LR": "ew", "RL": "we", "TB": "sn", "BT": "ns"}
"""Where edges leave a node and come in, by compass."""
SHOWN = ("values", "gradients", "locals", "formulas")
"""What can be shown: two lines in each node, the derivative on each edge, a third line in each node."""

MAX_LABELS = 80
"""A picture of more edges has no derivatives on them: they would hide it."""
MAX_LABELS_OF_NEURONS = 30
"""The same for neurons, where edges go from each to each and it is hard to see whose a number is."""
LONG_ROW = 9
"""A picture of more steps from the first node to the last goes downward."""


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


def digraph(
    scene: Scene, *, direction: str, show: Iterable[str], precision: int, theme: str
) -> graphviz.Digraph:
    """The Graphviz graph of a scene. The options are those of `draw`."""
    return _Builder(scene, frozenset(show), precision, THEMES[theme]).build(direction)


class _Builder:
    def __init__(self, scene: Scene, show: frozenset[str], precision: int, theme: _Theme) -> None:
        self.scene, self._show, self._precision, self._theme = scene, show, precision, theme
        self._nodes = {node.id: node for node in scene.nodes}
        self._after_backward = self._nodes[scene.root].gradient is not None
        most = MAX_LABELS_OF_NEURONS if scene.fold == "neurons" else MAX_LABELS
        self._dense = len(scene.edges) > most

    def build(self, direction: str) -> graphviz.Digraph:
        import graphviz

        theme, found = self._theme, self.scene
        if direction == "auto":
            direction = "TB" if longest_path(found) > LONG_ROW else "LR"
        caption = [in_html(line) for line in textwrap.wrap(found.left_out, 100)]
        with_locals = "locals" in self._show and any(edge.local is not None for edge in found.edges)
        self._label_edges = with_locals and not self._dense
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
            label=in_lines(caption, align="left"),
            labeljust="l",
            labelloc="b",
        )
        if self._dense:
            graph.attr("graph", splines="line", ranksep="1.5")
            sides = _SIDES[direction]
            graph.attr("edge", tailport=sides[0], headport=sides[1])
        graph.attr("node", fontname=FONT, fontsize="11", fontcolor=theme.ink, margin="0.1,0.04", height="0.3")
        graph.attr(
            "edge", fontname=FONT, fontsize="9", fontcolor=theme.faint, color=theme.line, arrowsize="0.6"
        )
        self._add_nodes(graph)
        for x, parameter in before_parameters(found):
            graph.edge(x, parameter, style="invis")
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
        if self.scene.fold == "neurons":
            for inputs in read_together(self.scene):
                self._column(graph, None, inputs)
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

    def _column(self, graph: graphviz.Digraph, layer: Cluster | None, units: list[Node]) -> None:
        """Units, or inputs, stand in a column in their own order, the name of the layer at its head.

        That reads better than an order of few crossings. A frame around them would undo the order.
        """
        with graph.subgraph(graph_attr={"rank": "same"}) as column:
            ids = [node.id for node in units]
            if layer is not None:
                title = in_lines([bold(in_html(layer.name))])
                column.node(layer.id, title, shape="plaintext", style="", tooltip=" ")
                ids.insert(0, layer.id)
            for node in units:
                column.node(node.id, **self._node(node))
            for above, below in pairwise(ids):
                column.edge(above, below, style="invis", tailport="_", headport="_")

    def _frame(self, cluster: Cluster) -> dict[str, str]:
        theme = self._theme
        return {
            "label": in_lines([bold(in_html(shortened(cluster.name)))], align="left"),
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
        shape, style = _SHAPES[node.kind], "filled" if node.kind != "constant" else ""
        folded = node.operations > 1 or len(node.values) > 1
        if node.kind == "operation":
            style += ",rounded"
        if node.highlighted:
            outline = self._theme.marked
        return {
            "label": in_lines(self._text(node, folded)),
            "shape": shape,
            "style": style,
            "fillcolor": fill,
            "margin": "0,0" if shape in ("hexagon", "octagon") else "0.1,0.04",
            "color": outline,
            "penwidth": "2.2" if node.highlighted else "1.2",
            "peripheries": "2" if folded else "0" if node.kind == "constant" else "1",
            "tooltip": escaped(self._tooltip(node)),
        }

    def _text(self, node: Node, folded: bool) -> list[str]:
        """The lines of a node, as HTML."""
        if node.kind == "constant":
            return [in_html(shortened(node.label))]
        with_formula = "formulas" in self._show and node.formula
        name = node.symbol if with_formula and node.label == node.sign else node.label
        lines = [bold(in_html(shortened(name)))]
        faint = self._theme.faint
        if node.sign and name != node.sign and not folded and not with_formula:
            lines[0] += f"&#160;{in_html(node.sign)}"  # a plain blank is lost after bold text
        if node.sign and not name.startswith(node.sign) and folded and not with_formula:
            lines.append(f'<FONT COLOR="{faint}">{in_html(shortened(node.sign))}</FONT>')
        rows = []
        if "values" in self._show:
            rows.append(("value", self._several([x.data for x in node.values], node.value)))
        if "gradients" in self._show:
            grads = [x.grad for x in node.values] if self._after_backward else []
            rows.append(("grad", self._several(grads, node.gradient)))
        width = max((len(text) for _, text in rows), default=0)
        for what, text in rows:
            padded = in_html(f"{what:<5} {text:>{width}}").replace(" ", "&#160;")
            lines.append(padded)
        if with_formula:
            lines.insert(1, in_html(shortened(f"= {' '.join(node.formula.split())}", 2 * LONGEST)))
        counts = []
        if len(node.values) > 1 and node.sign:
            counts.append(f"{len(node.values):,} Values")
        if node.parameters and node.sign:
            counts.append(f"{node.parameters:,} parameter{'' if node.parameters == 1 else 's'}")
        if node.more:
            counts.append(f"... {node.more} more")
        lines += [f'<FONT COLOR="{faint}">{line}</FONT>' for line in counts]
        return lines

    def _several(self, numbers: list[Number], single: Number | None) -> str:
        """One number, or the smallest and the largest of several; a dash where there is none."""
        if single is not None:
            return number_text(single, self._precision)
        floats = [x for x in numbers if isinstance(x, (int, float)) and x == x]
        if not floats or len(floats) < len(numbers):
            return "–" if not numbers else "several"
        low, high = (number_text(x, self._precision) for x in (min(floats), max(floats)))
        return low if low == high else f"{low} … {high}"

    def _tooltip(self, node: Node) -> str:
        symbol = shortened(node.symbol)
        made = f"{symbol} = {shortened(node.formula, 8 * LONGEST)}" if node.formula else symbol
        return f"{node.kind} {made}" if node.kind != "operation" else made

    def _edge(self, edge: Edge) -> dict[str, str]:
        look = {}
        symbols = [shortened(self._nodes[id].symbol) for id in (edge.head, edge.tail)]
        if edge.local is not None:
            number = number_text(edge.local, self._precision)
            if self._label_edges:
                look["label"] = _slip(number, self._theme)
            name = f"d{symbols[0]}/d{symbols[1]} = {number}"
            look["tooltip"] = look["labeltooltip"] = escaped(name)
        else:
            look["tooltip"] = escaped(f"{symbols[1]} to {symbols[0]}")
            if edge.count == 1:
                look["style"] = "dashed"
        if edge.highlighted:
            look.update(color=self._theme.marked, penwidth="2.2", fontcolor=self._theme.marked)
        elif self._dense:
            look.update(color=self._theme.line + "70", arrowsize="0.4", penwidth="0.7")
        return look


def _slip(text: str, theme: _Theme) -> str:
    """A label on a slip of paper, so that frames and other edges do not go through it."""
    cell = f'<TD BGCOLOR="{theme.paper}">{in_html(text)}</TD>'
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{cell}</TR></TABLE>>'
