"""What the explorer page tells: every forward and backward step, as formulas and as numbers.

All numbers are written here, by `shown`, so that the page shows the digits that Python shows, whatever the
kind of number. Nodes are counted in topological order and edges in the order of `backward_steps`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from math import isfinite
from typing import Any, NamedTuple

from ..errors import SettingError
from ..expr import Expr, evaluate, symbol
from ..formulas import Symbolic
from ..graph import Step, backward_steps, topological_order
from ..names import printable
from ..numbers import Number, shown, to_float
from ..tracing import Trace
from ..value import Value
from .folding import names_of
from .pieces import LONGEST, InNames, as_expr, rule_in_pieces, scripts_of

__all__ = ["Edge", "Walkthrough"]

_MOST_PATHS = 12  # listed for one leaf; how many there are is always told
_MOST_ON_PATHS = 30_000  # edges on all paths that are listed
_MOST_STEPS = 16_000  # edges of the backward pass that are told; above that a graph is told in part
_MOST_NUMBERS = 60_000  # in all steps of a training together
_MOST_NAMED = 700  # Values in a graph whose formulas are also given in named quantities


class Edge(NamedTuple):
    """An edge of the graph: from a node to the operand at a position. The nodes are given by number."""

    node: int
    position: int
    operand: int


class Walkthrough:
    """The steps through the graph of `root`, and with a `history` through its training as well.

    nodes    the Values the page tells of, operands before results: all of them, or in a very large graph
             those nearest to the result, with the Values that they read
    labels   what they are called; control characters are escaped
    longest  how many characters the longest number of each node has
    notes    what is left out, in words
    """

    def __init__(self, root: Value, history: Any = None, names: Mapping[str, Any] | None = None) -> None:
        order = topological_order(root)
        self.root, self.size = root, len(order)
        self.notes: list[str] = []
        self._given: set[Value] = set()  # Values that are told as given, whatever they were computed from
        steps = list(islice(backward_steps(root), _MOST_STEPS + 1))
        self.nodes = order
        if len(steps) > _MOST_STEPS:
            self.nodes = self._nearest(order, steps)
        self.told = {node for node in self.nodes if node.op is not None} - self._given
        self.number = {node: i for i, node in enumerate(self.nodes)}
        self.given_names = names or {}
        called = names_of(root, self.given_names)
        self._names = [called[node] for node in self.nodes]
        self.labels = [printable(name) for name in self._names]
        self.rules: list[dict[str, Any]] = []
        self._rule_numbers: dict[Any, int] = {}
        self.rule_of = [self._rule(node) if node in self.told else -1 for node in self.nodes]
        self.edges = list(self._edges(steps))
        self.paths, self.path_counts = self._paths()
        self._partials: list[Expr] = []
        self.in_names = self._named_quantities()
        self.losses: list[float | None] = []
        self.frame_steps = [0]
        if history is None:
            self.frames = [self._frame(self.nodes, steps)]
        else:
            self._train(history)
        self.longest = self._longest()

    def _nearest(self, order: Sequence[Value], steps: list[Step]) -> list[Value]:
        """Of a very large graph the operations nearest to the result, and what they read."""
        last = steps[-1].node  # which may not be whole
        while steps and steps[-1].node is last:
            steps.pop()
        if not steps:  # a single sum of so many
            steps.extend(takewhile(lambda step: step.node is last, backward_steps(last)))
        told = {step.node for step in steps}
        kept = told | {step.operand for step in steps}
        kept |= {x for node in told for x in node.operands if isinstance(x, Value)}
        self._given = kept - told
        earlier = sum(node.op is not None for node in order) - len(told)
        self.notes.append(
            f"The steps are those of the {len(told):,} operations nearest to "
            f"{printable(order[-1].name or 'L')}; "
            f"{earlier:,} earlier ones are left out, and what they computed is given."
        )
        return [node for node in order if node in kept]

    def _longest(self) -> list[int]:
        longest = [max(len(frame["values"][i]) for frame in self.frames) for i in range(len(self.nodes))]
        for frame in self.frames:
            for edge, given, after in zip(self.edges, frame["given"], frame["after"], strict=True):
                longest[edge.operand] = max(longest[edge.operand], len(after or given))
        return longest

    def as_json(self) -> dict[str, Any]:
        """Everything the page needs, in plain data."""
        return {
            "labels": self.labels,
            "rules": self.rules,
            "ruleOf": self.rule_of,
            "operands": [
                [self.number[x] if isinstance(x, Value) else shown(x) for x in node.operands]
                if node in self.told
                else []
                for node in self.nodes
            ],
            "edges": [list(edge) for edge in self.edges],
            "paths": {str(leaf): paths for leaf, paths in self.paths.items()},
            "pathCounts": {str(leaf): f"{count:,}" for leaf, count in self.path_counts.items()},
            "named": self.in_names,
            "typeset": self._typeset(),
            "frames": self.frames,
            "frameSteps": self.frame_steps,
            "losses": self.losses,
        }

    def _typeset(self) -> dict[str, list[str]]:
        """Names as notes write them, where that is another way."""
        if self.size > _MOST_NAMED:
            return {}
        named = ((i, name) for i, name in enumerate(self._names) if self.nodes[i].name is not None)
        return {str(i): scripts for i, name in named if (scripts := scripts_of(name))}

    # ------------------------------------------------------------------------------------------ formulas

    def _rule(self, node: Value) -> int:
        """The number of the rule that made this node; nodes made in the same way share one."""
        op = node.op
        assert op is not None
        constants = [None if isinstance(x, Value) else x for x in node.operands]
        key = op.name, *(None if x is None else repr(x) for x in constants)
        if key not in self._rule_numbers:
            self._rule_numbers[key] = len(self.rules)
            self.rules.append(rule_in_pieces(op, constants))
        return self._rule_numbers[key]

    def _named_quantities(self) -> dict[str, Any]:
        """Formulas as the notes have them, in the quantities that have a name, skipping those that have none.

        definitions   of each named quantity
        gradients     of the loss by each named quantity
        partials      [of, by, formula] of each named quantity by each in its definition
        """
        nothing: dict[str, Any] = {"definitions": {}, "gradients": {}, "partials": []}
        if self.size > _MOST_NAMED:
            return nothing
        exprs: list[Expr] = []
        definitions: dict[str, Expr] = {}
        parameters: dict[str, Value] = {}
        for node, name in zip(self.nodes, self._names, strict=True):
            here = symbol(name)
            if node.op is None or node not in self.told:
                parameters[name] = node
            else:
                operands = [
                    exprs[self.number[x]] if isinstance(x, Value) else as_expr(x) for x in node.operands
                ]
                expr = node.op(*operands)
                if node.name is None and node is not self.nodes[-1]:
                    here = expr
                else:
                    definitions[name] = expr
            exprs.append(here)
        if len(definitions) < 2 or max(map(_size, definitions.values())) > LONGEST:
            return nothing
        model = Symbolic(Trace([], parameters, definitions, self._names[-1]))
        place = {name: i for i, name in enumerate(self._names)}
        write = InNames(place).pieces
        partials = []
        for of in definitions:
            for by, slope in model.local_derivatives(of).items():
                partials.append([place[of], place[by], write(slope)])
                self._partials.append(slope)
        return {
            "definitions": {str(place[n]): write(f.expr) for n, f in model.definitions.items()},
            "gradients": {str(place[n]): write(e) for n, e in model.deltas().items()},
            "partials": partials,
        }

    # --------------------------------------------------------------------------------------------- edges

    def _edges(self, steps: Iterable[Step]) -> Iterator[Edge]:
        previous: Value | None = None
        positions: Iterator[int] = iter(())
        for step in steps:
            if step.node is not previous:
                previous = step.node
                positions = (i for i, s in enumerate(step.node.local_derivatives) if s is not None)
            yield Edge(self.number[step.node], next(positions), self.number[step.operand])

    def _paths(self) -> tuple[dict[int, list[list[int]]], dict[int, int]]:
        """For each leaf with a gradient the first paths to the loss, as edges, and how many there are."""
        above: dict[int, list[int]] = {}
        for e, edge in enumerate(self.edges):
            above.setdefault(edge.operand, []).append(e)
        counts = {len(self.nodes) - 1: 1}
        for i in reversed(range(len(self.nodes) - 1)):
            counts[i] = sum(counts[self.edges[e].node] for e in above.get(i, ()))
        leaves = [i for i in above if self.nodes[i].op is None]
        room = _MOST_ON_PATHS
        found: dict[int, list[list[int]]] = {}
        for i in leaves:
            paths = list(self._upward(i, above))
            room -= sum(map(len, paths))
            if room < 0:
                break
            found[i] = paths
        return found, {i: counts[i] for i in leaves}

    def _upward(self, leaf: int, above: Mapping[int, Sequence[int]]) -> Iterator[list[int]]:
        """Paths from the loss down to the leaf. Each way up ends at the loss, so no search is in vain."""
        found = 0
        path: list[int] = []
        branches = [iter(above[leaf])]
        while branches and found < _MOST_PATHS:
            e = next(branches[-1], None)
            if e is None:
                branches.pop()
                path[-1:] = []
            elif self.edges[e].node in above:
                path.append(e)
                branches.append(iter(above[self.edges[e].node]))
            else:
                found += 1
                yield [e, *reversed(path)]

    # -------------------------------------------------------------------------------------------- numbers

    def _frame(self, nodes: Sequence[Value], steps: Sequence[Step]) -> dict[str, Any]:
        """All numbers, for these nodes, which are the graph's own or copies with other data."""
        local = [step.local_derivative for step in steps]
        given = [shown(step.contribution) for step in steps]
        after = [shown(step.after) for step in steps]
        numbers = {name: node.data for name, node in zip(self._names, nodes, strict=True)}
        return {
            "values": [shown(node.data) for node in nodes],
            "local": [shown(x) for x in local],
            "given": given,
            "after": [None if a == g else a for a, g in zip(after, given, strict=True)],
            "products": {str(i): [shown(_product(local, p)) for p in ps] for i, ps in self.paths.items()},
            "partials": [shown(x) for x in evaluate(self._partials, numbers)],
        }

    def _train(self, history: Any) -> None:
        """The graph again with the parameters of each recorded step; of many steps, some."""
        updates = history.updates
        if not updates:
            raise SettingError("the history has no parameters to show; train with record=True")
        states = [update.before for update in updates] + [updates[-1].after]
        if not states[0].keys() & set(self._names):
            raise SettingError(
                f"the history is of {', '.join(map(repr, list(states[0])[:3]))}, ..., "
                f"and the graph of {self.labels[-1]} has no leaf of such a name"
            )
        listed = sum(len(paths) for paths in self.paths.values()) + len(self._partials)
        most = max(2, _MOST_NUMBERS // (len(self.nodes) + 2 * len(self.edges) + listed))
        self.frame_steps = _spread(len(states), most)
        self.frames = []
        for step in self.frame_steps:
            nodes = self._again(states[step])
            self.frames.append(self._frame(nodes, list(backward_steps(nodes[-1]))))
        self.losses = [x if isfinite(x := to_float(update.loss)) else None for update in updates]
        if len(self.frame_steps) < len(states):
            shown_steps = f"{len(self.frame_steps)} of the {len(states):,} states"
            self.notes.append(f"Of the training {shown_steps} between its steps are shown.")

    def _again(self, state: Mapping[str, Number]) -> list[Value]:
        """The same operations on other parameters."""
        copies: list[Value] = []
        for node, name in zip(self.nodes, self._names, strict=True):
            if node.op is None or node not in self.told:
                copies.append(Value(state.get(name, node.data)))
            else:
                operands = (copies[self.number[x]] if isinstance(x, Value) else x for x in node.operands)
                copies.append(node.op(*operands))
        return copies


def _spread(count: int, most: int) -> list[int]:
    """At most so many of the numbers below count, evenly, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [round(i * (count - 1) / (most - 1)) for i in range(most)]


def _product(local: Sequence[Number], path: Sequence[int]) -> Number:
    out: Number = 1
    for e in path:
        out = out * local[e]
    return out


def _size(expr: Expr) -> int:
    from ..expr import walk

    return len(walk([expr]))
