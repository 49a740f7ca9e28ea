"""What the front matter of notes declares, entered in the book."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import FileFormatError
from ..meaning.errors import NotUnderstood
from ..meaning.grammar import parsed
from ..meaning.statements import statements_of
from ..meaning.syntax import Name, Node
from ..meaning.vocabulary import FUNCTIONS, Vocabulary
from ..reading.layout import Row
from .book import Book, Definition

__all__ = ["Declarations"]

_TEMPLATES = {
    "weight": "w^{l}_{ij}", "bias": "b_{lj}", "output": "O_{lj}", "input": "x_{j}", "prediction": r"\hat{y}",
    "target": "y",
}  # fmt: skip


class Declarations:
    """The equations that front matter amounts to, in the order they are entered.

    Other tools keep keys of theirs there, some under the same names: what has another form than ours is
    theirs, and passed over. What has our form and cannot be meant is an error.

    >>> Declarations({"aliases": ["softmax"], "network": "mainnet", "loss": 0.3, "title": "Notes"}).equations
    []
    >>> Declarations({"aliases": {"Z": "z"}, "loss": "(y - t)^2"}).equations
    ['Z = z', 'L = (y - t)^2']
    """

    def __init__(self, settings: Mapping[str, Any], place: str = "") -> None:
        self.place = place
        self.equations: list[str] = []
        self.known: dict[Any, Any] = _mapping(settings.get("known"))
        rows = settings.get("rows")
        self.rows: int | None = rows if type(rows) is int and rows > 0 else None
        self.row_letter_of_input = False
        for spelled, meant in _mapping(settings.get("aliases")).items():
            if not isinstance(meant, str):
                raise self._refused(f"`aliases` give a name for a name, not {meant} for {spelled}")
            self.equations.append(f"{spelled} = {meant}")
        network = settings.get("network")
        if not isinstance(network, Mapping):
            network = {"layers": network}
        layers = _layers(network.get("layers"))
        if layers and (len(layers) > _MOST_UNITS or not all(1 <= n <= _MOST_UNITS for n in layers)):
            raise self._refused(f"`layers` are at most {_MOST_UNITS}, each of 1 to {_MOST_UNITS} units")
        if layers:
            self._network(network, layers)
        loss = settings.get("loss")
        self.loss: int | None = None  # the place of its equation
        if isinstance(loss, str) and _is_formula(loss):
            self.loss = len(self.equations)
            self.equations.append(loss if "=" in loss else f"L = {loss}")
        definitions = settings.get("definitions")
        if isinstance(definitions, str):
            definitions = [definitions]
        if isinstance(definitions, list):
            self.equations += [each for each in definitions if isinstance(each, str) and "=" in each]

    def _network(self, network: Mapping[str, Any], layers: list[int]) -> None:
        """One equation for every unit of the network."""
        named = {**_TEMPLATES, **{k: str(v) for k, v in network.items() if k in _TEMPLATES}}
        activation = network.get("activation", "linear")
        activations = activation if isinstance(activation, list) else [activation] * (len(layers) - 1)
        if len(activations) != len(layers) - 1 or not all(
            x is None or isinstance(x, str) for x in activations
        ):
            raise self._refused(
                f"`activation` is one function, or a list of {len(layers) - 1}, one for each layer"
            )
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
        for equation, lines in zip(self.equations, rows, strict=True):
            for line in lines:
                try:
                    nodes = [[side.node for side in each.sides] for each in statements_of(line, vocabulary)]
                except NotUnderstood as error:
                    raise self._refused(f"{equation}: {error.reason}") from None
                for sides in nodes:
                    self._enter(book, sides, equation)
        if self.rows:
            book.rows = self.rows

    def _enter(self, book: Book, nodes: list[Node | None], equation: str) -> None:
        if len(nodes) < 2 or nodes[0] is None or nodes[1] is None or not isinstance(nodes[0], Name):
            raise self._refused(f"{equation}: a definition is a name, `=`, and what it stands for")
        key = nodes[0].key
        if isinstance(nodes[1], Name) and nodes[1].key == key:
            return  # another alphabet of the same letter
        book.define(Definition(key, nodes[1], 0, "front matter"))

    def values(self, book: Book, parse: Any, vocabulary: Vocabulary) -> None:
        """The values that are known."""
        from ..meaning.evaluating import exact

        for spelled, value in self.known.items():
            try:
                node = parsed(parse(str(spelled)).lines[0], vocabulary)
                number = exact(str(value))
            except (IndexError, ValueError, ZeroDivisionError, NotUnderstood):
                node = None
            if not isinstance(node, Name):
                raise self._refused(f"`known` is a name and a number on each line, not {spelled}: {value}")
            book.known[node.key] = number  # type: ignore[assignment]

    def _refused(self, reason: str) -> FileFormatError:
        return FileFormatError(f"{self.place}front matter: {reason}")


def _mapping(setting: Any) -> dict[Any, Any]:
    return setting if isinstance(setting, dict) else {}


_UNITS = re.compile(r"\d+(?:\s*(?:[-,;:x×\u2192\u2013]|->|\s)\s*\d+)+")
_MOST_UNITS = 64


def _layers(setting: Any) -> list[int]:
    """The numbers of units of layers: `[2, 2, 1]` or `2-2-1`; none of anything else."""
    if isinstance(setting, str) and _UNITS.fullmatch(setting.strip()):
        setting = [int(n) for n in re.findall(r"\d+", setting)]
    if not isinstance(setting, list) or len(setting) < 2 or not all(type(n) is int for n in setting):
        return []
    return setting


def _is_formula(text: str) -> bool:
    """Whether a loss is written as a formula, not named in words.

    >>> [_is_formula(x) for x in ("L = (y - t)^2", "-y log(p)", "cross-entropy", "loss = squared error")]
    [True, True, False, False]
    """
    said = re.sub(r"\\[A-Za-z]+(\{[A-Za-z]+\})?|[_^]\{[^}]*\}", " ", text.rpartition("=")[2])
    words = [word for word in re.findall(r"[^\W\d_]{3,}", said) if word not in FUNCTIONS]
    return not words and bool(re.search(r"[\\^+*/|()=]|\w\s*-\s*\w|^-", text.strip()))


def _function(word: str) -> str:
    return word if len(word) == 1 else {"sigma": r"\sigma"}.get(word, rf"\text{{{word}}}")


def _scripts(template: str) -> str:
    return "".join(re.findall(r"[_^](\{[^}]*\}|.)", template))


def _filled(template: str, **numbers: Any) -> str:
    """A naming template with its index letters replaced."""

    def fill(match: re.Match[str]) -> str:
        return match[1] + "".join(str(numbers.get(c, c)) for c in match[2])

    return re.sub(r"([_^])(\{[^}]*\}|.)", fill, template)
