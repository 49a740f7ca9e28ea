r"""Sums that do not say over what: `\sum w_i x_i` is over i, the `\sum dZ` of a bias over the examples."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import replace

from ..judging.deciding import free_letters
from ..meaning.chains import Chain
from ..meaning.syntax import Apply, Derivative, Index, Key, Name, Node, SumOver, mapped, names_in

__all__ = ["name_sums"]

OVER_EXAMPLES = Key("sum over examples")

_BIASES = {"b", "beta", "c", "B"}


def name_sums(chains: Iterable[Chain]) -> None:
    """Write below the sums without an index what they are over, where what is added shows it."""
    chains = list(chains)
    mentioned = {n.key for c in chains for node in c.nodes if node is not None for n in names_in(node)}
    for chain in chains:
        head = chain.head
        outside = free_letters(head) if head is not None else frozenset[str]()
        columns = mentioned if _is_slope_of_a_bias(head) else None
        for link in chain.links if head is not None else ():
            if link.node is not None:
                link.node = _named(link.node, outside if link.node is not head else frozenset(), columns)


def _named(node: Node, but: frozenset[str], matrices: Set[Key] | None) -> Node:
    """The same with the sums in it; `but` are the letters that stand for one unit.

    In the slope of a bias, sums are of the columns of `matrices`.
    """
    node = mapped(node, lambda x: _named(x, but, matrices))
    if not isinstance(node, SumOver) or node.name != "sum":
        return node
    if matrices is not None and (matrix := _columns_of(node, matrices)) is not None:
        return _over_examples(node, matrix)
    if node.index or node.low or node.high:
        return node
    letters = free_letters(node.body) - but
    if len(letters) == 1:
        (letter,) = letters
        return replace(node, index=letter) if _numbers_terms(letter, node.body) else node
    if letters or matrices is None or free_letters(node.body):
        return node
    return _over_examples(node, node.body)


def _over_examples(node: Node, matrix: Node) -> Node:
    return Apply(node.start, node.end, Name(node.start, node.start, OVER_EXAMPLES), (matrix,))


def _columns_of(node: SumOver, matrices: Set[Key]) -> Name | None:
    r"""The dZ^{[1]} of `\sum_{i=1}^m dZ^{[1](i)}`, or of dz^{[1](i)}, whose columns are added."""
    match node.body:
        case Name(key=Key(base=base, above=(*others, Index(letter=letter, number=0)))) as column:
            stem = base.removeprefix("d ")
            whole = column.key._replace(base=base.removesuffix(stem) + stem.upper(), above=tuple(others))
            if letter == node.index and len(letter) == 1 and (stem.isupper() or whole in matrices):
                return replace(column, key=whole)
    return None


def _numbers_terms(letter: str, body: Node) -> bool:
    """Whether an index is that of units or examples: layers are not added, nor what is a step apart."""
    indices = [i for name in names_in(body) for i in name.key.below + name.key.above if letter in i.letter]
    return letter in "ijkmnpqrstuv" and all(index == Index(letter) for index in indices)


def _is_slope_of_a_bias(head: Node | None) -> bool:
    """Whether it is db, or the derivative of something by b."""
    if isinstance(head, Derivative):
        return isinstance(head.variable, Name) and head.variable.key.base in _BIASES
    return isinstance(head, Name) and head.key.base in {f"d {base}" for base in _BIASES}
