"""What the front matter of notes declares, entered in the book."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import FileFormatError
from ..meaning.grammar import parsed
from ..meaning.statements import statements_of
from ..meaning.syntax import Name, Node
from ..meaning.vocabulary import Vocabulary
from ..reading.layout import Row
from .book import Book, Definition

__all__ = ["Declarations"]

_TEMPLATES = {
    "weight": "w^{l}_{ij}", "bias": "b_{lj}", "output": "O_{lj}", "input": "x_{j}", "prediction": r"\hat{y}",
    "target": "y",
}  # fmt: skip


class Declarations:
    """The equations that front matter amounts to, in the order they are entered."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings
        self.equations: list[str] = []
        self.known: dict[str, Any] = dict(settings.get("known") or {})
        self.rows: int | None = settings.get("rows")
        self.row_letter_of_input = False
        for spelled, meant in (settings.get("aliases") or {}).items():
            self.equations.append(f"{spelled} = {meant}")
        network = settings.get("network")
        if network is not None:
            self._network(network)
        self.loss = settings.get("loss")
        if self.loss:
            text = str(self.loss)
            self.equations.append(text if "=" in text else f"L = {text}")
        self.equations += [str(equation) for equation in settings.get("definitions") or ()]

    def _network(self, network: Any) -> None:
        """One equation for every unit of the network."""
        if not isinstance(network, Mapping):
            network = {"layers": network}
        named = {**_TEMPLATES, **{k: str(v) for k, v in network.items() if k in _TEMPLATES}}
        layers = [int(n) for n in (
            re.findall(r"\d+", network["layers"]) if isinstance(network["layers"], str) else network["layers"]
        )]  # fmt: skip
        activation = network.get("activation", "linear")
        activations = activation if isinstance(activation, list) else [activation] * (len(layers) - 1)
        self.row_letter_of_input = "r" in _scripts(named["input"])
        for layer, (before, units) in enumerate(itertools.pairwise(layers), 1):
            for j in range(1, units + 1):
                terms = []
                for i in range(1, before + 1):
                    unit = (
                        _filled(named["input"], j=i, i=i, r="i") if layer == 1
                        else _filled(named["output"], l=layer - 1, j=i)
                    )  # fmt: skip
                    terms.append(_filled(named["weight"], l=layer, i=i, j=j) + " " + unit)
                total = " + ".join([*terms, _filled(named["bias"], l=layer, j=j)])
                word = activations[layer - 1]
                right = total if word in ("linear", "identity", None) else f"{_function(word)}({total})"
                self.equations.append(f"{_filled(named['output'], l=layer, j=j)} = {right}")
        if layers[-1] == 1:
            output = _filled(named["output"], l=len(layers) - 1, j=1)
            self.equations.append(f"{named['prediction']} = {output}")

    def enter(self, book: Book, vocabulary: Vocabulary, rows: Iterable[tuple[Row, ...]]) -> None:
        """Define everything in the book; `rows` are the equations, taken apart."""
        for lines in rows:
            for line in lines:
                for statement in statements_of(line, vocabulary):
                    self._enter(book, [side.node for side in statement.sides])
        if self.rows:
            book.rows = int(self.rows)

    def _enter(self, book: Book, nodes: list[Node | None]) -> None:
        if len(nodes) < 2 or nodes[0] is None or nodes[1] is None or not isinstance(nodes[0], Name):
            raise FileFormatError("in the front matter a definition is a name, `=`, and what it stands for")
        key = nodes[0].key
        if isinstance(nodes[1], Name) and nodes[1].key == key:
            return  # another alphabet of the same letter
        book.define(Definition(key, nodes[1], 0, "front matter"))

    def values(self, book: Book, parse: Any, vocabulary: Vocabulary) -> None:
        """The values that are known."""
        from ..meaning.evaluating import exact

        for spelled, value in self.known.items():
            lines = parse(str(spelled)).lines
            node = parsed(lines[0], vocabulary)
            if isinstance(node, Name):
                book.known[node.key] = exact(str(value))  # type: ignore[assignment]


def _function(word: str) -> str:
    return word if len(word) == 1 else {"sigma": r"\sigma"}.get(word, rf"\text{{{word}}}")


def _scripts(template: str) -> str:
    return "".join(re.findall(r"[_^](\{[^}]*\}|.)", template))


def _filled(template: str, **numbers: Any) -> str:
    """A naming template with its index letters replaced."""

    def fill(match: re.Match[str]) -> str:
        return match[1] + "".join(str(numbers.get(c, c)) for c in match[2])

    return re.sub(r"([_^])(\{[^}]*\}|.)", fill, template)
