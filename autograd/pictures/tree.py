"""`tree`: the computation graph in the terminal, from the result down."""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..errors import SettingError
from ..numbers import Number
from ..value import Value
from .labels import number_text
from .nodes import Edge, Node, Scene
from .scene import MANY, scene

__all__ = ["Tree", "tree"]

LINES = 60
"""Without a depth, the tree goes as deep as so many lines allow."""
LONGEST = 40
_COLOURS = {
    "parameter": "yellow", "input": "green", "constant": "dim", "operation": "cyan",
    "result": "bold magenta",
    "head": "bold", "note": "dim",
}  # fmt: skip
_UNICODE = ("│  ", "├─ ", "└─ ", "–", "…")
_ASCII = ("|  ", "|- ", "`- ", "-", "...")


def tree(
    root: Value,
    *,
    depth: int | None = None,
    fold: str = "auto",
    precision: int = 4,
    names: Mapping[str, Any] | None = None,
) -> Tree:
    """The graph below a result as a tree for the terminal: its value, its gradient and how that comes about.

    A neuron is one line, and below it come its parameters and what it reads. The last column is the chain
    rule: the local derivative, of the line above by this one, times the gradient of the line above. What is
    used several times stands at the foot, once; its gradient is the sum of the products beside its name.

    depth      how many lines below one another; left out, as many as fit 60 lines
    fold       "none", "neurons" or "layers", see `draw`; "auto": neurons, where there are some
    precision  significant digits of floats
    names      names for Values that have none, such as `locals()`

    Raises `SettingError` for an option with a value it cannot have.

    >>> w, x = Value(2.0, "w"), Value(3.0, "x")
    >>> loss = (w * x - 5) ** 2
    >>> loss.backward()
    >>> print(tree(loss))
                value  grad  local * upstream
    L ^2            1     1
    └─ -            1     2  2 * 1
       ├─ *         6     2  1 * 2
       │  ├─ w      2     6  3 * 2
       │  └─ x      3     4  2 * 2
       └─ 5
    """
    if depth is not None and (type(depth) is not int or depth < 1):
        raise SettingError(f"depth={depth!r}: it is a number of lines below one another, from 1")
    if type(precision) is not int or not 1 <= precision <= 17:
        raise SettingError(f"precision={precision!r}: it is a number of digits from 1 to 17")
    found = scene(root, fold="neurons" if fold == "auto" else fold, names=names, parameters=True)
    computed = [node for node in found.nodes if node.operations]
    merged = any(len(node.values) > 1 for node in computed)  # rows, of which one line would be left
    little = len(computed) <= (2 if merged else 1)
    if fold == "auto" and found.size <= MANY and little:
        found = scene(root, fold="none", names=names)
    return Tree(found, depth, precision)


class _Line(NamedTuple):
    """One line: what kind of thing it is, the guides and the name, and the columns."""

    kind: str
    guides: str
    name: str
    columns: tuple[str, str, str]


class Tree:
    """What `tree` gives: print it. In colours where there is a terminal, in ASCII where it has no more."""

    def __init__(self, scene: Scene, depth: int | None, precision: int) -> None:
        self.scene, self.depth, self._precision = scene, depth, precision
        self._nodes = {node.id: node for node in scene.nodes}
        self._below: dict[str, list[Edge]] = {node.id: [] for node in scene.nodes}
        for edge in scene.edges:
            self._below[edge.head].append(edge)
        uses = Counter(edge.tail for edge in scene.edges)
        self._shared = {id for id, times in uses.items() if times > 1 and self._nodes[id].kind != "constant"}
        self._numbers = self._numbered()

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        marks = _UNICODE if _can_print("".join(_UNICODE)) else _ASCII
        lines = self._lines(marks)
        widths = [max(len(line.columns[i]) for line in lines) for i in range(2)]
        out = io.StringIO()
        from rich.cells import cell_len  # some characters fill two columns
        from rich.console import Console
        from rich.text import Text

        left = max(cell_len(line.guides + line.name) for line in lines if any(line.columns))
        console = Console(file=out, force_terminal=_colours(), width=10_000, highlight=False, emoji=False)
        for line in lines:
            value, grad, product = line.columns
            padding = " " * (left - cell_len(line.guides + line.name))
            rest = f"{padding}  {value:>{widths[0]}}  {grad:>{widths[1]}}  {product}".rstrip()
            text = Text.assemble((line.guides, "dim"), (line.name, _COLOURS[line.kind]), rest)
            console.print(text, soft_wrap=True, markup=False)
        return out.getvalue().rstrip("\n")

    def _lines(self, marks: tuple[str, ...]) -> list[_Line]:
        depth = self.depth or self._fitting()
        found = [_Line("head", "", "", ("value", "grad", "local * upstream"))]
        wanted = [self.scene.root]  # the root, then what is shared and was named
        named = {self.scene.root}
        for id in wanted:
            if len(found) > 1 and len(wanted) > 1 and id == wanted[1]:
                found.append(_Line("head", "", "used several times:", ("", "", "")))
            for line, tail in self._subtree(id, depth, marks):
                found.append(line)
                if tail in self._shared and tail not in named:
                    named.add(tail)
                    wanted.append(tail)
        if self.scene.left_out:
            found.append(_Line("note", "", self.scene.left_out, ("", "", "")))
        return found

    def _subtree(self, top: str, depth: int, marks: tuple[str, ...]) -> Iterator[tuple[_Line, str]]:
        """The lines of a node and of those below it that are not shared; with the node of each."""
        bar, tee, corner, dash, dots = marks
        stack: list[tuple[Edge | None, str, str, int]] = [(None, "", "", 0)]
        while stack:
            edge, guides, onward, level = stack.pop()
            id = top if edge is None else edge.tail
            if level < 0:
                yield _Line("constant", guides, f"{dots} {-level} more", ("", "", "")), ""
                continue
            node = self._nodes[id]
            shared = edge is not None and id in self._shared
            yield (
                _Line(node.kind, guides, self._name(node, dots), self._columns(node, edge, shared, dash)),
                id,
            )
            below = self._below[id]
            if not below or shared:
                continue
            if level == depth:
                stack.append((None, onward + corner, "", -len(below)))
                continue
            for place, next_edge in reversed([*enumerate(below)]):
                last = place == len(below) - 1
                guide, continued = (corner, "   ") if last else (tee, bar)
                stack.append((next_edge, onward + guide, onward + continued, level + 1))

    def _numbered(self) -> dict[str, int]:
        """Numbers for what is shared and called the same, by which it is found again at the foot."""
        called: dict[str, list[str]] = {}
        for node in self.scene.nodes:
            if node.id in self._shared:
                called.setdefault(node.label, []).append(node.id)
        return {id: i for ids in called.values() if len(ids) > 1 for i, id in enumerate(ids, 1)}

    def _name(self, node: Node, dots: str) -> str:
        sign = f" {node.sign}" if node.sign and node.sign != node.label and node.operations == 1 else ""
        name = node.label if len(node.label) <= LONGEST else node.label[:LONGEST] + dots
        number = f" ({self._numbers[node.id]})" if node.id in self._numbers else ""
        return name + sign + number

    def _columns(self, node: Node, edge: Edge | None, shared: bool, dash: str) -> tuple[str, str, str]:
        def number(x: Number | None) -> str:
            return dash if x is None else number_text(x, self._precision)

        product = ""
        if edge is not None and edge.local is not None:
            upstream = self._nodes[edge.head].gradient
            product = f"{_factor(number(edge.local))} * {_factor(number(upstream))}"
        if shared or node.kind == "constant":
            return "", "", product
        value = number(node.value) if node.value is not None else f"{len(node.values):,} Values"
        return value, number(node.gradient), product

    def _fitting(self) -> int:
        """The greatest depth at which the tree has no more than LINES lines; at least 1."""
        depth = 0
        border, lines = [self.scene.root], 1
        while border:
            border = [edge.tail for id in border for edge in self._below[id]]
            lines += len(border)
            if depth and lines > LINES:
                break
            depth += 1
            border = [id for id in border if id not in self._shared]
        return depth


def _factor(text: str) -> str:
    return f"({text})" if text.startswith("-") and len(text) > 1 else text


def _can_print(text: str) -> bool:
    """Whether the terminal has these characters."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _colours() -> bool:
    """Whether what is printed goes to a terminal."""
    from rich.console import Console

    return Console().is_terminal
