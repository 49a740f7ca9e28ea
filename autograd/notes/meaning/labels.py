"""Indices that only name something: L_g and L_p are two losses, W_y is what leads to y; none is an entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .chains import Chain, Rewrite, rewrite
from .syntax import (
    LABEL,
    Apply,
    Index,
    Key,
    Name,
    Node,
    Power,
    Product,
    Quotient,
    SumOver,
    mapped,
    names_in,
    walk,
)
from .vocabulary import GATES, Vocabulary

__all__ = ["mark_labels"]

_COUNTING = set("ijklmnt")
_USUAL = set("ijklmnpqrst")
"""Letters that number things in most notes."""


def mark_labels(chains: Sequence[Chain], vocabulary: Vocabulary) -> list[Rewrite]:
    """Make words of the letters that are labels. Returns how that is done, for what is read later."""
    done = [*_join_curly(chains), *_join_in(chains), *_take_apart(chains)]
    nodes = [node for chain in chains for node in chain.nodes if node is not None]
    names = [name for node in nodes for name in names_in(node)]
    summed = {x.index for node in nodes for x in walk(node) if isinstance(x, SumOver)}
    sides = (node for chain in chains if not chain.comparisons for node in chain.nodes if node is not None)
    said = (node for node in sides if not _is_word(node))
    bare = {name.key.base for node in said for name in names_in(node)}  # w and o of w != o are indices
    letters: dict[str, set[str]] = {}
    for name in names:
        for index in name.key.below[:1]:
            single = len(name.key.below) != 2 and len(index.letter) == 1 and not index.number
            letters.setdefault(name.key.base, set()).add(index.letter if single else "")
    several = [found - {""} for found in letters.values() if len(found - {""}) > 1]
    indices = set().union(
        *(found for found in several if not found <= bare)
    )  # the o of x_o and x_w numbers the t_o beside it too
    gated = {
        chain.head.key.base for chain in chains
        if isinstance(chain.head, Name) and not chain.head.primes and isinstance(chain.nodes[-1], Apply)
    }  # fmt: skip
    gated -= {i.letter for name in names for i in name.key.below + name.key.above if i.number}  # t of h_{t-1}
    labels = {
        base
        for base, found in letters.items()
        if not _counting_ones(found) & ((set() if found <= gated else _COUNTING) | summed | {""})
        and not (len(found) == 1 and found <= indices)
        and (found <= bare or _are_defined_apart(base, found, chains) or _are_functions(base, found, nodes))
    } | {base for base in _under_roots(chains) if letters.get(base, {""}) != {""} and "" not in letters[base]}
    layers = _layers(letters, _COUNTING | summed)
    labels |= {base for base, found in letters.items() if found <= layers}
    gates = vocabulary.gates
    if not labels and not gates:
        return done

    def change(x: Node) -> Node:
        if isinstance(x, Name) and x.key.base in labels and x.key.below:
            index, *entry = x.key.below  # W_{y,ij} is an entry of W_y
            return replace(x, key=x.key._replace(below=(Index(index.letter + LABEL), *entry)))
        if isinstance(x, Name) and x.key.base.removeprefix("d ") in gates and len(x.key.above) == 1:
            return replace(x, key=x.key._replace(above=(Index(x.key.above[0].letter + LABEL),)))
        return mapped(x, change)

    rewrite(chains, change)
    return [*done, change]


def _layers(letters: Mapping[str, set[str]], indices: set[str]) -> set[str]:
    """The letters of matrices that have no other index: h and o of W_h and W_o, which are two layers."""
    of_matrices = [letters.get(base, {""}) for base in "WUV"]
    return set().union(*(x for x in of_matrices if len(x) > 1 and not x & {*indices, ""}))


def _is_word(node: Node) -> bool:
    """Whether it is a word of the text, typed letter by letter: `forward`."""
    factors = node.factors if isinstance(node, Product) else ()
    return len(factors) > 4 and all(
        isinstance(x, Name) and x.key == Key(x.key.base) and len(x.key.base) == 1 for x in factors
    )


def _join_curly(chains: Sequence[Chain]) -> list[Rewrite]:
    r"""Where \ell stands beside an l that numbers nothing, a loss is typed now one way, now the other."""
    nodes = [node for chain in chains for node in chain.nodes if node is not None]
    keys = {name.key for node in nodes for name in names_in(node)}
    numbers = {x.index for node in nodes for x in walk(node) if isinstance(x, SumOver)}
    numbers |= {letter for key in keys for letter in key.letters}
    scripts = [{(key.below, key.above) for key in keys if key.base == base} for base in ("l", "ell")]
    if "l" in numbers or not scripts[0] or not scripts[0] <= scripts[1]:
        return []

    def joined(x: Node) -> Node:
        if isinstance(x, Name) and x.key.base == "l":
            return replace(x, key=x.key._replace(base="ell"))
        return mapped(x, joined)

    rewrite(chains, joined)
    return [joined]


_IN = (Index("i"), Index("n"))


def _join_in(chains: Sequence[Chain]) -> list[Rewrite]:
    """Where there is an h_{out}, h_{in} is the other one: its i and n are no indices."""
    nodes = [node for chain in chains for node in chain.nodes if node is not None]
    words = {name.key.below[-1].letter for node in nodes for name in names_in(node) if name.key.below}
    if "out" not in words or any(isinstance(x, SumOver) for node in nodes for x in walk(node)):
        return []

    def change(x: Node) -> Node:
        if isinstance(x, Name) and x.key.below[-2:] == _IN:
            return replace(x, key=x.key._replace(below=(*x.key.below[:-2], Index("in"))))
        return mapped(x, change)

    rewrite(chains, change)
    return [change]


def _take_apart(chains: Sequence[Chain]) -> list[Rewrite]:
    """Where notes sum over a and b, the ab of S_{ab} is no word, nor is the aj of O_{aj} or another of O."""
    nodes = [node for chain in chains for node in chain.nodes if node is not None]
    known = {x.index for node in nodes for x in walk(node) if isinstance(x, SumOver) and len(x.index) == 1}
    words = {
        (name.key.base, name.key.below[0].letter) for node in nodes for name in names_in(node)
        if len(name.key.below) == 1 and 1 < len(name.key.below[0].letter) < 4
        and name.key.below[0].letter.isalpha() and name.key.below[0].letter.islower()
    }  # fmt: skip
    lone = {i.letter for node in nodes for name in names_in(node) for i in name.key.below if not i.number}
    if "u" in lone and any("u" in word and set(word) <= lone | _USUAL for _, word in words):
        known.add("u")  # b_u beside b_i: r_{ui} is what user u says of item i
        words = {(base, word) for base, word in words if set(word) <= known | _USUAL}
        _tell_users_from_items(chains)
    bases: set[str] = set()
    while found := {
        (base, word) for base, word in words
        if base in bases or set(word) & known - _USUAL or (set(word) & known and set(word) <= known | _USUAL)
    }:  # fmt: skip
        words -= found
        bases |= {base for base, _ in found}
        known |= {letter for _, word in found for letter in word}
    if not bases:
        return []

    def change(x: Node) -> Node:
        if isinstance(x, Name) and x.key.base in bases and len(x.key.below) == 1:
            word, number = x.key.below[0]
            if word.isalpha() and word.islower() and 1 < len(word) < 4 and set(word) <= known:
                below = (*map(Index, word[:-1]), Index(word[-1], number))
                return replace(x, key=x.key._replace(below=below))
        return mapped(x, change)

    rewrite(chains, change)
    return [change]


def _tell_users_from_items(chains: Sequence[Chain]) -> None:
    """Take u and i for two numbers wherever both stand, for b_u and b_i are of two lists."""
    for chain in chains:
        nodes = [node for node in chain.nodes if node is not None]
        indices = {letter for node in nodes for name in names_in(node) for letter in name.key.letters}
        if chain.distinct is None and {"u", "i"} <= set("".join(indices)):
            chain.distinct = ("u", "i")


def _counting_ones(letters: set[str]) -> set[str]:
    """The letters but for the i of W_i, W_f, W_o, W_g: the gates of an LSTM."""
    return letters - {"i"} if letters >= GATES else letters


def _under_roots(chains: Sequence[Chain]) -> set[str]:
    r"""Names with a letter of their own under a root: d_k of \sqrt{d_k}, where k numbers nothing."""
    found = set()
    for chain in chains:
        nodes = [node for node in chain.nodes if node is not None]
        for x in (x for node in nodes for x in walk(node)):
            if isinstance(x, Power) and isinstance(x.base, Name) and isinstance(x.exponent, Quotient):
                key = x.base.key
                others = {n.key for node in nodes for n in names_in(node)} - {key}
                if key.below and not any(key.letters & other.letters for other in others):
                    found.add(key.base)
    return found


def _are_functions(base: str, letters: set[str], nodes: Sequence[Node]) -> bool:
    """Whether they tell functions apart, f_s and f_o, and number nothing else."""
    called = {id(x.name) for node in nodes for x in walk(node) if isinstance(x, Apply)}
    names = [name for node in nodes for name in names_in(node)]
    others = [name.key for name in names if id(name) not in called]
    return len(letters) > 1 and not any(key.base == base or key.letters & letters for key in others)


def _are_defined_apart(base: str, letters: set[str], chains: Sequence[Chain]) -> bool:
    """Whether there is a formula for each letter, in which that letter is no index."""
    defined = set()
    for chain in chains:
        head = chain.head
        if not isinstance(head, Name) or head.key.base != base or len(chain.nodes) < 2 or not head.key.below:
            continue
        letter = head.key.below[0].letter
        if any(
            letter in n.key.letters for node in chain.nodes[1:] if node is not None for n in names_in(node)
        ):
            return False
        defined.add(letter)
    return defined == letters and len(letters) > 1
