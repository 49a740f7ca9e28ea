r"""Optimisers with a memory, by their form: what the step that follows a moving average has to be.

Nothing of theirs can be worked out at a point, for each quantity comes from the one of the step before. But
`\hat m_t = m_t / (1 - \beta)` is a slip where `m_t = \beta m_{t-1} + ...`, and
`\theta_t = \theta_{t-1} + v_t` is one where v is an average of gradients of the loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..defining.updates import update_of
from ..meaning.chains import Chain
from ..meaning.syntax import Apply, Derivative, Key, Name, Node, Number, Power, Product, Quotient, Sum, walk

__all__ = ["forms_implied"]

_DESCENDED = {"J", "L", "E", "C", "f", "F", "loss", "cost"}
"""What is made small, and not large as a likelihood is."""


def forms_implied(head: Name, body: Node, chains: Sequence[Chain]) -> Iterator[Node]:
    """The forms that a definition with a memory may have, where it has none of them."""
    if head.key.base.startswith("hat "):
        yield from _corrected(head, body, chains)
    yield from _downhill(head, body, chains)


def _corrected(head: Name, body: Node, chains: Sequence[Chain]) -> Iterator[Node]:
    """A moving average that is made larger at the beginning: by 1 - beta^t."""
    indices = [i for i in head.key.below + head.key.above if len(i.letter) == 1 and not i.number]
    if len(indices) != 1 or not isinstance(body, Quotient) or not isinstance(body.under, Sum):
        return
    average, rest = body.over, body.under
    if not isinstance(average, Name) or average.key != head.key._replace(base=head.key.base[4:]):
        return
    decays = [decay for memory in _bodies(average.key, chains) for decay in _decays(average.key, memory)]
    if len(rest.terms) != 2 or not isinstance(rest.terms[0], Number) or rest.signs[1] > 0:
        return
    decay = rest.terms[1]
    if isinstance(decay, Name) and any(decay.key == other.key for other in decays):
        raised = Power(decay.start, decay.end, decay, Name(0, 0, Key(indices[0].letter)))
        yield replace(body, under=replace(rest, terms=(rest.terms[0], raised)))


def _downhill(head: Name, body: Node, chains: Sequence[Chain]) -> Iterator[Node]:
    """A step along an average of gradients is one against them."""
    if not isinstance(body, Sum) or len(body.terms) != 2 or body.signs[0] < 0:
        return
    old, step = body.terms
    if not isinstance(old, Name) or old.key.base != head.key.base or old.key == head.key:
        return
    averages = [x for x in _factors(step) if isinstance(x, Name) and x.key.base != old.key.base]
    found = {
        sign for x in averages for memory in _bodies(x.key, chains)
        for sign in _uphill(x.key, memory, old.key.base, chains)
    }  # fmt: skip
    if len(found) == 1 and body.signs[1] * found.pop() > 0 and not _climbs(chains):
        yield replace(body, signs=(1, -body.signs[1]))


def _uphill(average: Key, body: Node, by: str, chains: Sequence[Chain]) -> Iterator[int]:
    """The sign with which gradients by a parameter go into their moving average."""
    if not isinstance(body, Sum) or not any(_is_before(x, average) for x in walk(body)):
        return
    for term, sign in zip(body.terms, body.signs, strict=True):
        for factor in _factors(term):
            for slope, own in _slopes(factor, chains):
                output = slope.output
                name = output.name if isinstance(output, Apply) else output
                variable = slope.variable
                if not isinstance(variable, Name) or not isinstance(name, Name):
                    continue
                if variable.key.base == by and name.key.base in _DESCENDED:
                    yield sign * own


def _slopes(factor: Node, chains: Sequence[Chain]) -> Iterator[tuple[Derivative, int]]:
    """The gradient that a factor is, or that its name stands for, and its sign there."""
    if isinstance(factor, Derivative):
        yield factor, 1
    elif isinstance(factor, Name):
        for body in _bodies(factor.key, chains):
            if isinstance(body, Derivative):
                yield body, 1
            elif isinstance(body, Sum) and len(body.terms) == 1 and isinstance(body.terms[0], Derivative):
                yield body.terms[0], body.signs[0]


def _decays(average: Key, body: Node) -> Iterator[Name]:
    """What the average of the step before is multiplied by."""
    for term in body.terms if isinstance(body, Sum) else ():
        factors = _factors(term)
        if any(_is_before(x, average) for x in factors):
            yield from (x for x in factors if isinstance(x, Name) and x.key.base != average.base)


def _is_before(node: Node, key: Key) -> bool:
    """Whether it is the same quantity, a step before."""
    if not isinstance(node, Name) or node.key.base != key.base:
        return False
    pairs = zip(node.key.below + node.key.above, key.below + key.above, strict=False)
    return any(a.letter == b.letter and a.number == b.number - 1 for a, b in pairs)


def _factors(node: Node) -> tuple[Node, ...]:
    return node.factors if isinstance(node, Product) else (node,)


def _bodies(key: Key, chains: Sequence[Chain]) -> Iterator[Node]:
    """What the notes say of a name, wherever they do."""
    for chain in chains:
        body = chain.nodes[1] if len(chain.nodes) > 1 else None
        if isinstance(chain.head, Name) and chain.head.key == key and body is not None:
            yield body


def _climbs(chains: Sequence[Chain]) -> bool:
    """Whether the notes go up somewhere, along a gradient."""
    for chain in chains:
        update = update_of(chain)
        right = update[2] if update is not None else None
        if isinstance(right, Sum) and any(
            sign > 0 and any(isinstance(x, Derivative) for x in walk(term))
            for term, sign in zip(right.terms[1:], right.signs[1:], strict=True)
        ):
            return True
    return False
