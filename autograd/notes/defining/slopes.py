"""Names that notes set equal to derivatives: delta = dL/dz, dW, and what d stands for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ..meaning.chains import Chain
from ..meaning.letters import is_of_slopes, moved_key, slope_in, steps_between
from ..meaning.syntax import (
    Apply,
    Derivative,
    Key,
    Name,
    Node,
    Number,
    Product,
    Sum,
    Transposed,
    names_in,
    walk,
    with_part,
)
from ..meaning.vocabulary import LOSSES
from .book import TYPED, Book, Definition, bound
from .functions import mentions
from .updates import update_of

__all__ = [
    "define_like_the_others", "define_slopes", "goes_back", "is_gradient_step", "is_slope_of_a_layer",
    "names_a_slope", "slope_meant", "what_d_means", "where_slopes_are_zero",
]  # fmt: skip


def slope_meant(node: Node, loss: Key | None) -> Derivative | None:
    """The derivative that a formula is: of the loss by X, where it is a bare dX."""
    if isinstance(node, Name) and node.key.base.startswith("d ") and loss is not None:
        variable = Name(node.start, node.end, node.key._replace(base=node.key.base[2:]))
        return Derivative(node.start, node.end, Name(0, 0, loss), variable)
    return node if isinstance(node, Derivative) else None


def define_slopes(book: Book, chains: Sequence[Chain], used: dict[int, set[int]]) -> None:
    """Enter what is said to be a derivative, such as delta; `used` gets the sides that say it."""
    differentiated = {
        operand.key
        for chain in chains
        for node in chain.nodes
        if node is not None
        for x in walk(node)
        if isinstance(x, Derivative)
        for operand in (x.output, x.variable)
        if isinstance(operand, Name)
    }
    lying = {  # delta = (y - t)^T: its derivative lies
        chain.head.key for chain in chains if isinstance(chain.head, Name)
        if any(map(_is_row, chain.nodes[1:]))
    }  # fmt: skip
    book.lies = any(
        chain.head.key in lying and is_of_slopes(chain.nodes[1])
        for chain in chains
        if isinstance(chain.head, Name) and len(chain.nodes) > 1
    )
    for chain in chains:  # `delta = dL/dz` says what delta is, wherever it stands
        head, body = chain.head, chain.nodes[1] if len(chain.nodes) > 1 else None
        slope = _slope(body) if body is not None else None
        if (
            isinstance(head, Name)
            and body is not None
            and slope is not None
            and isinstance(slope.output, Name)
            and isinstance(slope.variable, Name)
            and (slope is body or head.key.base.startswith("delta"))
            and head.key not in differentiated
            and not book.is_defined(head.key)
            and not head.key.tag
            and update_of(chain) is None
            and not head.key.base.startswith("d ")
        ):
            book.define(Definition(head.key, body, chain.line, "notes", chain.place))
            used[chain.place] = {0, 1}


def _is_row(node: Node | None) -> bool:
    r"""Whether it lies as what multiplies a Jacobian from the left does: (y - t)^T, u^T \circ f'(z)."""
    if isinstance(node, Product) and len(node.factors) > 1:
        second = node.factors[1]
        is_diagonal = isinstance(second, Apply) and second.name.key.base == "diag"
        return isinstance(node.factors[0], Transposed) and (node.signs[0] == "odot" or is_diagonal)
    return isinstance(node, Transposed) and isinstance(node.body, Sum)


def what_d_means(chains: Sequence[Chain], used: dict[int, set[int]]) -> list[Chain]:
    """The chains that say that a d before a name is the derivative of the loss by it."""
    telling = list(filter(_says_what_d_means, chains))
    for chain in telling:  # dv = dL/dv, for any v
        v = chain.nodes[1].variable.key  # type: ignore[union-attr]
        others = (c for c in chains if c is not chain and len(c.nodes) > 1)
        if not any(mentions(node, v) for c in others for node in c.nodes if node is not None):
            used[chain.place] = {0, 1}
    return telling


def _says_what_d_means(chain: Chain) -> bool:
    r"""`dh = \partial L / \partial h`: then a d is that before other names, too."""
    body = chain.nodes[1] if len(chain.nodes) > 1 else None
    if not isinstance(chain.head, Name) or not isinstance(body, Derivative):
        return False
    by = body.variable
    return isinstance(by, Name) and chain.head.key == by.key._replace(base=f"d {by.key.base}")


def goes_back(book: Book, chain: Chain) -> bool:
    """Whether it is about the d of a known quantity at one step and another: dc_{t-1} = dc_t f_t."""
    if not isinstance(chain.head, Name) or not chain.head.key.base.startswith("d "):
        return False
    key = chain.head.key
    if not book.is_defined(key._replace(base=key.base[2:])):
        return False
    shifted = any(index.letter and index.number for index in key.below)
    return shifted or any(
        name.key.base == key.base and name.key != key and name.key.letters & key.letters
        for node in chain.nodes[1:] if node is not None for name in names_in(node)
    )  # fmt: skip


def define_like_the_others(book: Book, chains: Sequence[Chain]) -> None:
    """With delta_1 = dE/dn_1 and delta_3 = dE/dn_3, delta_2 is dE/dn_2, whatever is said of it.

    Of an error signal, which is by what all write delta, one of them says it for all.
    """
    families: dict[tuple[str, str, object, bool], list[Node]] = {}
    definitions = book.definitions()
    for definition in definitions:
        key, slope = definition.key, _slope(definition.body)
        if slope is not None and isinstance(slope.output, Name) and isinstance(slope.variable, Name):
            of = bound(slope.variable.key, {}, book.sizes)  # L is the number of the last layer
            if (key.below, key.above) == (of.below, of.above) != ((), ()):
                family = (key.base, of.base, slope.output.key, slope is definition.body)
                families.setdefault(family, []).append(definition.body)
    mentioned = book.mentioned | {key._replace(below=()) for key in book.mentioned if key.above}
    for (base, of_base, _, _), found in families.items():
        for chain in chains if len(found) > 1 or base == "delta" else ():
            head = chain.head
            if isinstance(head, Name) and head.key.base == base and not head.key.tag:
                variable = Name(0, 0, head.key._replace(base=of_base))
                of = variable.key if not variable.key.above else variable.key._replace(below=())
                if not book.is_defined(head.key) and of in mentioned and _is_as_indexed(found, head.key):
                    slope = _slope(found[0])
                    assert slope is not None
                    body = with_part(found[0], slope, replace(slope, variable=variable))
                    book.define(Definition(head.key, body, chain.line, "notes"))


def _slope(body: Node) -> Derivative | None:
    """The derivative that a body is, or is the negative of."""
    if isinstance(body, Sum) and len(body.terms) == 1:
        body = body.terms[0]
    return body if isinstance(body, Derivative) else None


def _is_as_indexed(bodies: Sequence[Node], key: Key) -> bool:
    """Whether a name has as many indices as those by which one of these is differentiated."""
    for body in bodies:
        slope = _slope(body)
        if slope is not None and isinstance(slope.variable, Name):
            of = slope.variable.key
            if (len(of.below), len(of.above)) == (len(key.below), len(key.above)):
                return True
    return False


def is_slope_of_a_layer(book: Book, key: Key) -> bool:
    """Whether a name is some layers from what the notes say is a derivative, by what they have there too."""
    if TYPED not in book.sizes:
        return False
    for template in book.templates.get((key.base, len(key.below), len(key.above)), ()):
        slope = slope_in(template.body)
        if slope is None or not isinstance(slope.variable, Name) or len(template.key.letters) != 1:
            continue
        step = steps_between(template.key, key)
        if step and moved_key(slope.variable.key, step) in book.mentioned:
            return True
    return False


def where_slopes_are_zero(chains: Sequence[Chain]) -> dict[Key, int]:
    """What is solved for: the names of dL/db = 0, and where that is said."""
    found: dict[Key, int] = {}
    for chain in chains:
        last = chain.nodes[-1]
        if isinstance(last, Number) and last.text == "0":
            for node in chain.nodes[:-1]:
                if isinstance(node, Derivative) and isinstance(node.variable, Name):
                    found.setdefault(node.variable.key, chain.place)
    return found | _solved_for(chains)


def _solved_for(chains: Sequence[Chain]) -> dict[Key, int]:
    """What is differentiated by, and then said in nothing but what the loss is made of: where it is least."""
    bodies: dict[str, set[str]] = {}
    slopes: dict[Key, tuple[str, int]] = {}
    found: dict[Key, int] = {}
    for chain in chains:
        head = chain.head.name if isinstance(chain.head, Apply) else chain.head
        if isinstance(head, Derivative) and isinstance(head.variable, Name):
            output = head.output.name if isinstance(head.output, Apply) else head.output
            if isinstance(output, Name):
                slopes.setdefault(head.variable.key, (output.key.base, chain.place))
        if not isinstance(head, Name) or len(chain.nodes) < 2 or chain.nodes[1] is None:
            continue
        bases = {name.key.base.removeprefix("bar ") for name in names_in(chain.nodes[1])}
        loss, place = slopes.get(head.key, ("", 0))
        inside = bodies.get(loss, set())
        made_of = inside.union(*(bodies.get(base, ()) for base in inside))
        if head.key.base in made_of and len(bases) > 1 and bases <= made_of - {head.key.base} | _COUNTS:
            found.setdefault(head.key, place)
        bodies.setdefault(head.key.base, bases)
    return found


_COUNTS = {"n", "m", "N", "I"}


def is_gradient_step(body: Node) -> bool:
    """Whether it may be a gradient, or a step against it: then it is judged, and not only noted."""
    return not any(isinstance(x, Name) and x.key.base.startswith("Delta ") for x in walk(body))


def names_a_slope(book: Book, chain: Chain, heads: Collection[Key]) -> bool:
    r"""`\partial L / \partial z = y - t = \delta` says what an error signal is, where nothing else does."""
    slope, *between, name = chain.nodes
    if not isinstance(slope, Derivative) or not isinstance(name, Name) or name.primes or slope.order != 1:
        return False
    if not isinstance(slope.output, Name) or slope.output.key.base not in LOSSES:
        return False  # \partial z / \partial \sigma = \epsilon, which is noise
    key, variable = name.key, slope.variable
    if key.base not in ("delta", "epsilon") or key.above or any(head.base == key.base for head in heads):
        return False
    if not isinstance(variable, Name) or key.letters != variable.key.letters or None in between:
        return False
    book.define(Definition(key, slope, chain.line, "notes", chain.place))
    return True
