r"""Optimisers with a memory, by their form: what the step that follows a moving average has to be.

Nothing of theirs can be worked out at a point, for each quantity comes from the one of the step before. But
`\hat m_t = m_t / (1 - \beta)` is a slip where `m_t = \beta m_{t-1} + ...`, and
`\theta_t = \theta_{t-1} + v_t` is one where v is an average of gradients of the loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..defining.slopes import slope_meant
from ..defining.updates import update_of
from ..meaning.chains import Chain
from ..meaning.evaluating import exact
from ..meaning.syntax import (
    Apply,
    Derivative,
    Key,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    names_in,
    same_form,
    walk,
    with_part,
)

__all__ = ["follows_an_average", "forms_implied", "is_average", "remembers"]

_DESCENDED = {"J", "L", "E", "C", "f", "F", "loss", "cost"}
"""What is made small, and not large as a likelihood is."""

_GRADIENTS = {"g", "G"}
"""What gradients are called that the notes say nothing else of."""


def forms_implied(head: Name, body: Node, chains: Sequence[Chain]) -> Iterator[Node]:
    """The forms that a definition with a memory may have, where it has none of them."""
    if head.key.base.startswith("hat "):
        yield from _corrected(head, body, chains)
    yield from _downhill(head, body, chains)
    yield from _rooted(head, body, chains)


def _rooted(head: Name, body: Node, chains: Sequence[Chain]) -> Iterator[Node]:
    """An average of gradients is divided by the root of one of squares, and not by that itself."""
    if isinstance(body, Sum) and _rise(head, body, chains) < 0:
        half = Quotient(0, 0, Number(0, 0, "1"), Number(0, 0, "2"))
        over, under = _fraction(body.terms[1])
        for divisor in under if not any(_slopes(x, chains) for x in over) else ():
            terms = divisor.terms if isinstance(divisor, Sum) else (divisor,)
            for x in terms:
                if _is_of_squares(x, chains):
                    yield with_part(body, x, Power(x.start, x.end, x, half))


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
    if isinstance(body, Sum) and _rise(head, body, chains) > 0 and not _climbs(chains):
        yield replace(body, signs=(1, -body.signs[1]))


def is_average(head: Name, body: Node) -> bool:
    r"""Whether it makes a moving average of gradients of itself: `v := \beta v + (1 - \beta) dW`."""
    if not isinstance(body, Sum) or len(body.terms) != 2 or any(len(i) == 1 for i in head.key.letters):
        return False
    (old, *other), new = sorted(map(_factors, body.terms), key=lambda factors: not _has(head.key, factors))
    if not _has(head.key, [old, *other]) or _has(head.key, new) or -1 in body.signs[:1]:
        return False
    decay = [x for x in (old, *other) if not _has(head.key, [x])]
    share = [x for x in new if not _is_slope(x)]
    if len(decay) != 1 or len(share) != len(new) - 1:
        return False
    return not share or (len(share) == 1 and _is_share(share[0], decay[0]))


def _is_share(node: Node, decay: Node) -> bool:
    """Whether it is a rate, or what the decay leaves of 1."""
    match node, decay:
        case Number(text=share), Number(text=other):
            return exact(share) + exact(other) == 1
        case Sum(terms=(Number(text="1"), other), signs=(1, -1)), _:
            return same_form(other, decay)
    return isinstance(node, Name) and not same_form(node, decay)


def _is_slope(node: Node) -> bool:
    """Whether it is a gradient, or the square of one."""
    match node:
        case Name(key=key):
            return key.base.startswith("d ") or key.base in _GRADIENTS
        case Power(base=base, exponent=Number(text="2")):
            return _is_slope(base)
        case Apply(name=Name(key=Key(base="partial"))):
            return True  # dW^2
    return isinstance(node, Derivative)


def _has(key: Key, factors: Sequence[Node]) -> bool:
    return any(isinstance(x, Name) and x.key == key for x in factors)


def remembers(node: Node, chains: Sequence[Chain]) -> bool:
    """Whether an average that is made of itself stands in a formula."""
    return any(
        is_average(replace(name, key=key), body)
        for name in names_in(node) for key, body in _memories(name.key, chains)
    )  # fmt: skip


def follows_an_average(head: Name, body: Node, chains: Sequence[Chain]) -> bool:
    """Whether a step is that of momentum or Adam: down, over the root of an average of squares, if any."""
    if not isinstance(body, Sum) or _rise(head, body, chains, guessed=True) >= 0:
        return False
    over, under = _fraction(body.terms[1])
    return not any(_is_of_squares(x, chains) for x in over) and all(
        _is_root_of_squares(x, chains) for x in under
    )


def _rise(head: Name, body: Sum, chains: Sequence[Chain], guessed: bool = False) -> int:
    """1 for a step along gradients or those that an average is of, -1 for one against them, 0 for any other.

    `guessed` is whether g is one of which nothing is said.
    """
    if len(body.terms) != 2 or body.signs[0] < 0:
        return 0
    old, step = body.terms
    if not isinstance(old, Name) or old.key.base != head.key.base:
        return 0
    over, by = _fraction(step)[0], old.key.base
    found = {
        sign for x in over if isinstance(x, Name) and x.key.base != by
        for average, memory in _memories(x.key, chains)
        if isinstance(memory, Sum) and any(_is_before(y, average) for y in walk(memory))
        for term, own in zip(memory.terms, memory.signs, strict=True)
        for sign in _uphill(_factors(term), own, by, chains, guessed)
    } | set(_uphill(over, 1, by, chains, guessed))  # fmt: skip
    return body.signs[1] * found.pop() if len(found) == 1 else 0


def _memories(key: Key, chains: Sequence[Chain]) -> Iterator[tuple[Key, Node]]:
    r"""What an average is made of, also of one that is corrected: m_t of \hat m_t."""
    for body in _bodies(key, chains):
        if isinstance(body, Quotient) and isinstance(body.over, Name) and body.over.key != key:
            yield from _memories(body.over.key, chains)
        else:
            yield key, body


def _fraction(node: Node) -> tuple[list[Node], list[Node]]:
    """The factors of a product above and below its fractions, which have no numbers."""
    over: list[Node] = []
    under: list[Node] = []
    for factor in _factors(node):
        if isinstance(factor, Quotient):
            above, below = _fraction(factor.over)
            over, under = over + above, under + below + [factor.under]
        elif not isinstance(factor, Number):
            over.append(factor)
    return over, under


def _is_of_squares(node: Node, chains: Sequence[Chain]) -> bool:
    """Whether it is an average of the squares of gradients."""
    memories = _memories(node.key, chains) if isinstance(node, Name) else ()
    return any(
        _is_slope(x) and not isinstance(x, (Name, Derivative))
        for _, memory in memories for x in walk(memory)
    )  # fmt: skip


def _is_root_of_squares(node: Node, chains: Sequence[Chain]) -> bool:
    """Whether it is the root of such an average, with something small added to it or under the root."""
    roots = [x.base for x in walk(node) if isinstance(x, Power) and isinstance(x.exponent, Quotient)]
    return len(roots) == 1 and any(_is_of_squares(x, chains) for x in walk(roots[0]))


def _uphill(
    factors: Sequence[Node], sign: int, by: str, chains: Sequence[Chain], guessed: bool
) -> Iterator[int]:  # fmt: skip
    """The sign of the gradients by a parameter that stand among the factors of a term with this sign."""
    for factor in factors:
        if guessed and isinstance(factor, Name) and factor.key.base in _GRADIENTS:
            yield from () if any(True for _ in _bodies(factor.key, chains)) else (sign,)
        for slope, own in _slopes(factor, chains):
            name = slope.output.name if isinstance(slope.output, Apply) else slope.output
            if not isinstance(slope.variable, Name) or not isinstance(name, Name):
                continue
            if slope.variable.key.base == by and name.key.base in _DESCENDED:
                yield sign * own


def _slopes(factor: Node, chains: Sequence[Chain]) -> list[tuple[Derivative, int]]:
    """The gradient that a factor is, or that its name stands for, and its sign there."""
    slope = slope_meant(factor, Key("L"))
    if slope is not None:
        return [(slope, 1)]
    if not isinstance(factor, Name):
        return []
    found = [(x, 1) for x in _bodies(factor.key, chains)]
    found += [(x.terms[0], x.signs[0]) for x, _ in found if isinstance(x, Sum) and len(x.terms) == 1]
    return [(x, sign) for x, sign in found if isinstance(x, Derivative)]


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
    if node.key == key and not any(len(i) == 1 for i in key.letters):
        return True  # v := beta v + ...
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
        average = right is not None and isinstance(chain.head, Name) and is_average(chain.head, right)
        if (
            isinstance(right, Sum)
            and not average
            and any(
                sign > 0 and any(isinstance(x, Derivative) for x in walk(term))
                for term, sign in zip(right.terms[1:], right.signs[1:], strict=True)
            )
        ):
            return True
    return False
