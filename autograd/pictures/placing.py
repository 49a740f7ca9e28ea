"""What a layout of Graphviz needs to be told, so that a picture reads as people draw networks."""

from __future__ import annotations

from .nodes import Node, Scene

__all__ = ["before_parameters", "longest_path", "read_together"]


def before_parameters(scene: Scene) -> list[tuple[str, str]]:
    """Edges that are not drawn, by which what a neuron reads stands before the neuron's parameters."""
    nodes = {node.id: node for node in scene.nodes}
    inner: dict[str, list[str]] = {}
    outer: dict[str, list[str]] = {}
    for edge in scene.edges:
        tail, head = nodes[edge.tail], nodes[edge.head]
        if head.cluster is not None and not tail.sign:
            (inner if tail.cluster == head.cluster else outer).setdefault(head.id, []).append(tail.id)
    pairs = {(x, own): None for id, read in outer.items() for x in read for own in inner.get(id, [])[:1]}
    return [*pairs]


def read_together(scene: Scene) -> list[list[Node]]:
    """Inputs that are read by the same nodes, where there are several."""
    readers: dict[str, list[str]] = {}
    for edge in scene.edges:
        readers.setdefault(edge.tail, []).append(edge.head)
    found: dict[tuple[str, ...], list[Node]] = {}
    for node in scene.nodes:
        if node.kind == "input":
            found.setdefault(tuple(readers.get(node.id, ())), []).append(node)
    return [inputs for inputs in found.values() if len(inputs) > 1]


def longest_path(scene: Scene) -> int:
    """How many edges the longest path in the picture has."""
    length: dict[str, int] = {}
    for edge in scene.edges:  # by head, in topological order
        length[edge.head] = max(length.get(edge.head, 0), length.get(edge.tail, 0) + 1)
    return max(length.values(), default=0)
