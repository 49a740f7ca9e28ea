r"""Functions without their arguments: `g = \tanh`, `\sigma' = \sigma (1 - \sigma)`, `(f g)' = f' g + f g'`.

What is said of functions is said of their values everywhere: they are put at an argument of no other use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias, TypeGuard

from .chains import Chain, rewrite
from .errors import NotUnderstood
from .known_functions import KNOWN
from .syntax import (
    ARGUMENT,
    Apply,
    Derivative,
    Key,
    Name,
    Node,
    Product,
    mapped,
    names_in,
    quantities_in,
    walk,
)
from .vocabulary import OF_VECTORS, Vocabulary

__all__ = ["put_arguments"]

_Test: TypeAlias = Callable[[Key], bool]
_Meaning: TypeAlias = tuple[_Test, Name]
"""Whether a name is that of a function that may stand without its argument, and the argument meant."""

_VARIABLES = tuple(Key(letter) for letter in "xztus")


def put_arguments(chains: Sequence[Chain], vocabulary: Vocabulary) -> None:
    """Put an argument behind the functions that are equated without one."""
    capitals = (name for chain in chains for node in chain.nodes if node for name in names_in(node))
    turns = any(_primes(name) and name.key.base[0].isupper() for name in capitals)  # X' is X transposed
    for chain in chains:
        nodes = [node for node in chain.nodes if node is not None]
        if len(nodes) == len(chain.nodes) > 1:
            found = _named(nodes, vocabulary) or _primed(nodes, vocabulary)
            found = found or (None if turns else _differentiated(nodes))
            if found is not None:
                chain.spelled = partial(_with_arguments, is_function=found[0], argument=found[1])
                rewrite([chain], chain.spelled)
        for link in chain.links if chain.spelled is None else ():
            slope = next((x for x in walk(link.node) if _has_prime(x)), None) if link.node else None
            if slope is not None:
                problem = NotUnderstood("a prime on a bracket", slope.start, slope.end)
                link.node, link.side.problem = None, problem


def _named(nodes: Sequence[Node], vocabulary: Vocabulary) -> _Meaning | None:
    r"""Where it is said by what name a function is known: g = \tanh."""
    if len(nodes) != 2 or not all(isinstance(x, Name) and not x.primes for x in nodes):
        return None
    new, known = (x.key for x in nodes if isinstance(x, Name))
    if known != Key(known.base) or new.base in KNOWN or new.base in OF_VECTORS:
        return None
    is_called = vocabulary.is_function(new.base)
    if known.base not in KNOWN and not (is_called and known.base in {"sigma", *OF_VECTORS}):
        return None
    return lambda key: True, Name(0, 0, ARGUMENT)


def _differentiated(nodes: Sequence[Node]) -> _Meaning | None:
    """Where a bracket has a prime: (f g)'. Its functions are the names that have one, too."""
    slopes = [x for node in nodes for x in walk(node) if _has_prime(x)]
    if not slopes or not all(any(x is node for node in nodes) for x in slopes):
        return None
    inside = [name for slope in slopes for name in names_in(slope.output)]
    names = [name for node in nodes for name in names_in(node)]
    primed = {_stem(name.key) for name in names if _primes(name)}
    functions, variable = primed & {name.key for name in inside}, slopes[0].variable
    assert isinstance(variable, Name)
    if variable.key in primed or any(map(_primes, inside)) or (not functions and variable.key == ARGUMENT):
        return None
    if any(_is_turned(slope.output, node) for slope in slopes for node in nodes):
        return None  # (a b)' = b' a', transposed
    return functions.__contains__, replace(variable, start=0, end=0)


def _has_prime(x: Node) -> TypeGuard[Derivative]:
    """Whether it is a bracket with a prime, and not clear by what it is differentiated."""
    return isinstance(x, Derivative) and x.sign == "prime"


def _is_turned(a: Node, b: Node) -> bool:
    """Whether one has the factors of the other from behind, each with a prime."""
    if not isinstance(a, Product) or not isinstance(b, Product):
        return False
    turned = [_stem(x.key) for x in reversed(b.factors) if isinstance(x, Name) and _primes(x)]
    return turned == [x.key for x in a.factors if isinstance(x, Name)] and len(turned) == len(b.factors)


def _primed(nodes: Sequence[Node], vocabulary: Vocabulary) -> _Meaning | None:
    r"""Where the slope of a function is said by its values: \tanh' = 1 - \tanh^2, \sigma'(z) = 1 - \sigma."""

    def is_function(key: Key) -> bool:
        base = key.base
        return base not in vocabulary.quantities and (
            base in KNOWN or base == "sigma" or base in vocabulary.functions
        )

    head = nodes[0]
    name = head.name if isinstance(head, Apply) else head
    if not isinstance(name, Name) or not _primes(name) or not is_function(_stem(name.key)):
        return None
    bare = {name.key for node in nodes[1:] for name in _bare(node)}
    others = {key for key in bare if not is_function(_stem(key))}
    if isinstance(head, Apply):
        if len(head.arguments) != 1 or not isinstance(head.arguments[0], Name) or others == bare:
            return None
        return is_function, replace(head.arguments[0], start=0, end=0)
    if len(others) > 1 or not others <= set(_VARIABLES):
        return None  # of several quantities: nothing says which is the argument
    return is_function, Name(0, 0, next(iter(others), ARGUMENT))


def _bare(node: Node) -> Iterator[Name]:
    """The names that stand for themselves: also the sigma of sigma (1 - sigma)."""
    yield from quantities_in(node)
    for x in walk(node):
        if isinstance(x, Apply) and any(name.key == x.name.key for name in quantities_in(x.arguments[0])):
            yield x.name


def _with_arguments(node: Node, is_function: _Test, argument: Name) -> Node:
    """The formula with an argument behind each function that has none."""

    def change(x: Node) -> Node:
        match x:
            case Name() if is_function(_stem(x.key)):
                name = replace(x, key=_stem(x.key), primes=_primes(x))
                return Apply(x.start, x.end, name, (argument,))
            case Apply(arguments=(inner,)) if is_function(x.name.key) and not x.name.primes:
                if any(name.key == x.name.key for name in quantities_in(inner)):  # sigma (1 - sigma)
                    return Product(x.start, x.end, (change(x.name), change(inner)), ("",))
        if isinstance(x, Apply):
            return replace(x, arguments=tuple(map(change, x.arguments)))
        if isinstance(x, Product) and "odot" in x.signs:
            return _composed(x, is_function, change)
        return mapped(x, change)

    return change(node)


def _composed(x: Product, is_function: _Test, change: Callable[[Node], Node]) -> Node:
    r"""f(g(x)) for f \circ g."""
    factors, signs = [x.factors[-1]], list[str]()
    for factor, sign in zip(reversed(x.factors[:-1]), reversed(x.signs), strict=True):
        if sign == "odot" and isinstance(factor, Name) and is_function(_stem(factor.key)):
            name = replace(factor, key=_stem(factor.key), primes=_primes(factor))
            factors[0] = Apply(factor.start, factors[0].end, name, (factors[0],))
        else:
            factors.insert(0, factor)
            signs.insert(0, sign)
    if not signs:
        return change(factors[0])
    return replace(x, factors=tuple(map(change, factors)), signs=tuple(signs))


def _primes(name: Name) -> int:
    r"""How many primes a name has; u' is read as a name of its own where nothing calls u."""
    return name.primes + len(name.key.base) - len(_stem(name.key).base)


def _stem(key: Key) -> Key:
    return key._replace(base=key.base.rstrip("'"))
