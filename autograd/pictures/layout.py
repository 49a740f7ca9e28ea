"""A picture of the explorer page: placed by Graphviz, written as SVG of our own.

It has classes instead of colours, so that the page can be dark or light, and nodes whose numbers the script
can write anew at each step.
"""

from __future__ import annotations

import html
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from .nodes import Cluster, Node, Scene, many
from .placing import before_parameters
from .rendering import render
from .walkthrough import Walkthrough

__all__ = ["Layout"]

_MANY_EDGES = 80  # more are drawn fainter, and straight
_CHARACTER, _LINE, _MARGIN = 7.3, 16, 10  # of 12 px monospace text, in px
_NAME, _NUMBER = 22, 15  # characters a node shows of a name and of a number


@dataclass
class _Box:
    """A node as it is drawn: its lines of text, and its size."""

    node: Node
    name: str
    number: int | None  # of the Value it shows, where it shows one
    width: float
    height: float


class Layout:
    """A scene, placed by Graphviz and written as SVG."""

    def __init__(self, name: str, found: Scene, walkthrough: Walkthrough) -> None:
        self.name, self.scene, self.walkthrough = name, found, walkthrough
        self.dense = len(found.edges) > _MANY_EDGES
        self.boxes = {node.id: self._box(node) for node in found.nodes}
        self.homes = [found.homes.get(node) for node in walkthrough.nodes]
        self.placed = json.loads(render(self._dot(), "json0"))
        self.svg = self._svg()

    def as_json(self) -> dict[str, Any]:
        """What the script needs to find its way in the picture."""
        return {
            "homes": [None if home is None else int(home[1:]) for home in self.homes],
            "shows": {box.node.id[1:]: box.number for box in self.boxes.values() if box.number is not None},
            "clusters": {c.id: [c.kind, c.name, c.parent] for c in self.scene.clusters},
            "inside": {n.id[1:]: n.cluster for n in self.scene.nodes if n.cluster is not None},
        }

    def _box(self, node: Node) -> _Box:
        walkthrough = self.walkthrough
        number = walkthrough.number.get(node.values[0]) if len(node.values) == 1 else None
        name = _fit(node.label, _NAME)
        if number is not None and self.name == "none":
            name = _fit(walkthrough.labels[number], _NAME)
            if node.sign:
                name += f" {_fit(_PRETTY.get(node.sign, node.sign), 10)}"
        if number is not None:
            longest = 6 + min(_NUMBER, walkthrough.longest[number])
        elif node.kind == "constant":
            longest = 0
        else:
            longest = len(_several(node))
        lines = 3 if number is not None else 1 if node.kind == "constant" else 2
        width = max(_cells(name), longest) * _CHARACTER + 2 * _MARGIN
        return _Box(node, name, number, width, lines * _LINE + 10)

    def _dot(self) -> str:
        """The boxes and what connects them, for Graphviz to place. No text of the user's gets there."""
        gap = 0.5 if self.name != "neurons" else 1.6 if self.dense else 0.9
        lines = [
            f"digraph {{ rankdir=LR; nodesep=0.16; ranksep={gap};",
            'node [shape=box, fixedsize=true, label=""];',
        ]
        by_cluster: dict[str | None, list[str]] = {}
        for box in self.boxes.values():
            size = f"width={box.width / 72:.3f}, height={box.height / 72:.3f}"
            by_cluster.setdefault(box.node.cluster, []).append(f"{box.node.id} [{size}];")
        clusters: dict[str | None, list[Cluster]] = {}
        for cluster in self.scene.clusters:
            clusters.setdefault(cluster.parent, []).append(cluster)
        for outer in clusters.get(None, []):
            lines += self._cluster(outer, clusters.get(outer.id, []), by_cluster)
        lines += by_cluster.get(None, [])
        lines += [f"{edge.tail} -> {edge.head};" for edge in self.scene.edges]
        lines += [f"{x} -> {own} [style=invis];" for x, own in before_parameters(self.scene)]
        return "\n".join([*lines, "}"])

    def _cluster(
        self, outer: Cluster, inner: list[Cluster], nodes: Mapping[str | None, list[str]]
    ) -> list[str]:
        own = nodes.get(outer.id, [])
        lines = [f'subgraph cluster_{outer.id} {{ margin=14; label=" "; fontsize=12;', *own]
        if self.name == "neurons":
            ids = "; ".join(node.split()[0] for node in own)
            lines.append(f"{{ rank=same; {ids}; }}")
        for cluster in inner:
            lines += self._cluster(cluster, [], nodes)
        return [*lines, "}"]

    # ------------------------------------------------------------------------------------------------ SVG

    def _svg(self) -> str:
        _, _, width, height = map(float, self.placed["bb"].split(","))
        objects = {o["name"]: o for o in self.placed["objects"]}
        names = {o["_gvid"]: o["name"] for o in self.placed["objects"]}

        def flip(point: str) -> tuple[float, float]:
            x, y = map(float, point.split(",")[-2:])
            return x, height - y

        middles = {id: flip(objects[id]["pos"]) for id in self.boxes}
        moved = self._put_in_order(middles)
        out = [
            f'<svg class="graph{" dense" * self.dense}" '
            f'data-layout="{self.name}" viewBox="-6 -6 {width + 12:.0f} {height + 12:.0f}" '
            f'width="{width + 12:.0f}" height="{height + 12:.0f}" role="group" '
            f'aria-label="computation graph, {_WORDS[self.name]}">'
            f'<marker id="arrow-{self.name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
            '<path class="tip" d="M0 0L8 4L0 8z"/></marker>'
        ]
        frames = {c.id: _frame_of(objects[f"cluster_{c.id}"]["bb"], height) for c in self.scene.clusters}
        for cluster in self.scene.clusters:
            out.append(_rect(frames[cluster.id], f"cluster {cluster.kind}"))
        for edge in self.placed.get("edges", []):
            if edge.get("style") == "invis":
                continue
            tail, head = names[edge["tail"]], names[edge["head"]]
            if tail in moved or head in moved:
                way = self._curve(tail, head, middles)
            else:
                end, *points = edge["pos"].split(" ")
                start, *curve = [f"{x:.0f},{y:.0f}" for x, y in map(flip, points)]
                x, y = flip(end)
                way = f"M{start}C{' '.join(curve)}L{x:.0f},{y:.0f}"
            out.append(
                f'<path class="edge" data-ends="{tail} {head}" d="{way}" '
                f'marker-end="url(#arrow-{self.name})"/>'
            )
        for id, box in self.boxes.items():
            x, y = middles[id]
            out.append(self._node(box, x - box.width / 2, y - box.height / 2))
        for cluster in self.scene.clusters:
            out.append(_handle(cluster, frames[cluster.id], self.name == "none"))
        return "".join([*out, "</svg>"])

    def _put_in_order(self, middles: dict[str, tuple[float, float]]) -> set[str]:
        """Put the neurons of each layer in their own order: it reads better than one of few crossings.

        Graphviz has given them a column of places; which have changed hands is returned.
        """
        columns: dict[str, list[str]] = {}
        for node in self.scene.nodes:
            if self.name == "neurons" and node.cluster is not None:
                columns.setdefault(node.cluster, []).append(node.id)
        for ids in columns.values():
            places = sorted((middles[id] for id in ids), key=lambda place: place[1])
            middles.update(zip(ids, places, strict=True))
        return {id for ids in columns.values() for id in ids}

    def _curve(self, tail: str, head: str, middles: Mapping[str, tuple[float, float]]) -> str:
        """A line from the right side of a box to the left side of another."""
        (x1, y1), (x2, y2) = middles[tail], middles[head]
        x1, x2 = x1 + self.boxes[tail].width / 2, x2 - self.boxes[head].width / 2
        if self.dense:
            return f"M{x1:.0f},{y1:.0f}L{x2:.0f},{y2:.0f}"
        bend = max(24, (x2 - x1) / 2)
        return f"M{x1:.0f},{y1:.0f}C{x1 + bend:.0f},{y1:.0f} {x2 - bend:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"

    def _node(self, box: _Box, x: float, y: float) -> str:
        node, walkthrough = box.node, self.walkthrough
        w, h = box.width, box.height
        kind = "folded" if self.name != "none" and node.operations > 1 else ""
        label = html.escape(f"{node.kind} {node.label}", quote=True)
        parts = [_outline(node.kind, w, h)]
        if node.kind == "result":
            parts.append(f'<rect class="inner" x="3" y="3" width="{w - 6:.0f}" height="{h - 6:.0f}"/>')
        middle = f"{w / 2:.0f}"
        parts.append(f'<text class="name" x="{middle}" y="{_LINE + 1}">{html.escape(box.name)}</text>')
        if box.number is not None:
            value = html.escape(_fit(walkthrough.frames[0]["values"][box.number], _NUMBER))
            for row, (word, text) in enumerate([("value", value), ("grad", "–")], 2):
                at = row * _LINE + 2
                parts.append(f'<text class="word" x="{_MARGIN}" y="{at}">{word}</text>')
                parts.append(f'<text class="{word}" x="{w - _MARGIN:.0f}" y="{at}">{text}</text>')
        elif node.kind != "constant":
            parts.append(
                f'<text class="word several" x="{middle}" y="{2 * _LINE + 2}">{_several(node)}</text>'
            )
        button = "" if node.kind == "constant" else f' role="button" tabindex="0" aria-label="{label}"'
        return (
            f'<g class="node {node.kind} {kind}" data-id="{node.id[1:]}"{button} '
            f'transform="translate({x:.0f} {y:.0f})">{"".join(parts)}</g>'
        )


_PRETTY = {"-": "−", "*": "·", "/": "÷", "^2": "²"}
_WORDS = {
    "none": "every Value",
    "neurons": "folded to neurons",
    "layers": "folded to layers",
    "bands": "folded",
}


def _outline(kind: str, w: float, h: float) -> str:
    """The shape of a node, which tells what it is to those who see no colours."""
    if kind == "input":
        points = f"0,0 {w - 7:.0f},0 {w:.0f},{h / 2:.0f} {w - 7:.0f},{h:.0f} 0,{h:.0f}"
        return f'<polygon class="shape" points="{points}"/>'
    radius = {"operation": 14}.get(kind, 0)
    return f'<rect class="shape" width="{w:.0f}" height="{h:.0f}" rx="{radius}"/>'


def _several(node: Node) -> str:
    """What a folded node stands for."""
    counts = [(node.operations, "operation"), (node.parameters, "parameter")]
    told = [many(count, noun) for count, noun in counts if count]
    told = [text for text in told if text != node.label]  # nothing has a name that could be told beside it
    return ", ".join(told) or many(len(node.values), "Value")


def _frame_of(bb: str, height: float) -> tuple[float, float, float, float]:
    left, low, right, high = map(float, bb.split(","))
    return left, height - high, right - left, high - low


def _rect(frame: tuple[float, float, float, float], css: str) -> str:
    x, y, w, h = frame
    return f'<rect class="{css}" x="{x:.0f}" y="{y:.0f}" width="{w:.0f}" height="{h:.0f}" rx="8"/>'


def _handle(cluster: Cluster, frame: tuple[float, float, float, float], folds: bool) -> str:
    """The title of a cluster; that of a neuron is a button, and the lid is what hides a folded one."""
    x, y, w, h = frame
    name = html.escape(_fit(cluster.name, max(4, int((w - 30) / _CHARACTER))), quote=True)
    if cluster.kind != "neuron" or not folds:
        return f'<text class="title" x="{x + 8:.0f}" y="{y + 15:.0f}">{name}</text>'
    return (
        f'<g class="handle" data-cluster="{cluster.id}" role="button" tabindex="0" aria-expanded="true" '
        f'aria-label="neuron {html.escape(cluster.name, quote=True)}">'
        f"{_rect(frame, 'lid')}"
        f'<rect class="grip" x="{x:.0f}" y="{y:.0f}" width="{w:.0f}" height="20" rx="8"/>'
        f'<text class="title" x="{x + 8:.0f}" y="{y + 15:.0f}"><tspan class="sign">−</tspan> {name}</text>'
        f'<text class="lidtext" x="{x + w / 2:.0f}" y="{y + h / 2:.0f}"></text>'
        f'<text class="lidtext" x="{x + w / 2:.0f}" y="{y + h / 2 + _LINE:.0f}"></text></g>'
    )


def _cells(text: str) -> int:
    """How many columns of monospace text it fills; East Asian characters fill two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)


def _fit(text: str, cells: int) -> str:
    """The text, cut to so many columns."""
    if _cells(text) <= cells:
        return text
    columns = accumulate(map(_cells, text))
    return "".join(c for c, column in zip(text, columns, strict=True) if column < cells) + "…"
