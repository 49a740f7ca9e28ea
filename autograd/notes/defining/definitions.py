"""What the notes define, in the order of authority: front matter, the notes themselves, conventions."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from ..meaning.chains import Chain, gives_a_value, sets_alike
from ..meaning.names import GREEK
from ..meaning.syntax import (
    Apply,
    Derivative,
    Index,
    Key,
    Name,
    Node,
    Number,
    Sum,
    SumOver,
    mapped,
    names_in,
    parts,
    same_form,
    walk,
)  # fmt: skip
from ..meaning.vocabulary import FUNCTIONS, LOSSES, TARGETS, Vocabulary
from .book import Book, Definition
from .entries import goes_by_steps, is_entry_of_whole, is_family, whole_of_entry
from .functions import (
    defines_function,
    enter_function,
    function_behind,
    is_new_function,
    mentions,
    spell_out,
)  # fmt: skip
from .inverses import inverses
from .jacobians import jacobian
from .layers import has_other_activation
from .slopes import (
    define_like_the_others,
    define_slopes,
    goes_back,
    is_gradient_step,
    is_slope_of_a_layer,
    names_a_slope,
    what_d_means,
    where_slopes_are_zero,
)  # fmt: skip
from .updates import enter_update, update_of

__all__ = ["collect", "is_numeric", "is_only_named"]


def is_numeric(node: Node) -> bool:
    """Whether nothing but numbers and known functions stands in it; a sigma by itself is no function."""
    applied = {id(x.name) for x in walk(node) if isinstance(x, Apply)}
    return not any(
        (
            isinstance(x, Name)
            and x.key.base not in FUNCTIONS
            and x.key.base not in ("abs", "norm")
            and x.key != Key("pi")
            and not (x.key.base == "sigma" and id(x) in applied)
        )
        or isinstance(x, Derivative)
        for x in walk(node)
    )


# ------------------------------------------------------------------------------------------ collecting


def collect(book: Book, chains: Sequence[Chain], vocabulary: Vocabulary) -> dict[int, set[int]]:
    """Enter what the chains define. Returns, by the place of a chain, the sides that are definitions."""
    used: dict[int, set[int]] = {}
    for chain in chains:
        for node in chain.nodes:
            if node is not None:
                for name in names_in(node):
                    book.mentioned.add(name.key)
                    _see_indices(book, name.key)
                for x in walk(node):
                    if isinstance(x, Sum):
                        book.taken_away |= {
                            term.key for term, sign in zip(x.terms, x.signs, strict=True)
                            if sign < 0 and isinstance(term, Name) and len(x.terms) > 1
                        }  # fmt: skip
                _see_plain(book, node)
    define_slopes(book, chains, used)
    _behind_logarithms(book, chains, used)
    used.update((place, set()) for place in inverses(chains))
    words = _words_said_once(chains)
    for chain in chains:  # x = input says of x what it is called
        sides = [x.key for x in chain.nodes if isinstance(x, Name) and not x.primes]
        if len(sides) == len(chain.nodes) == 2 and sides[1] in words:
            used.setdefault(chain.place, {0, 1})
    define_like_the_others(book, chains)
    values: dict[str, set[Key]] = {}
    free = where_slopes_are_zero(chains)
    telling = what_d_means(chains, used)
    heads: dict[Key, Node | None] = {}
    for chain in chains:
        if isinstance(chain.head, Name) and len(chain.nodes) > 1:
            heads.setdefault(chain.head.key, chain.nodes[1])
    valued = {chain.head.key for chain in chains if isinstance(chain.head, Name) and gives_a_value(chain)}
    for schematic in (False, True):
        for chain in chains:
            if sets_alike(chain) and _are_apart(chain, valued):
                continue  # v_1 = v_2 = 0 does not say that v_1 is v_2 everywhere
            if chain.place in used or _is_schematic(chain) is not schematic:
                continue
            if chain not in telling and goes_back(book, chain):
                continue
            defines = _defined_in(book, chain, vocabulary, free, heads)
            if defines:
                used[chain.place] = defines
            elif not schematic:
                _put_in(book, chain)
                _behind_the_numbers(book, chain, values)
                _filled_in(book, chain, chains)
            _remember(chain, values)
    return used


def _behind_logarithms(book: Book, chains: Sequence[Chain], used: dict[int, set[int]]) -> None:
    r"""`\log \mu = \eta`, where the notes define \eta, says what \mu is, if nothing before does."""
    first: dict[Key, Chain] = {}
    for chain in chains:
        if isinstance(chain.head, Name) and len(chain.nodes) > 1:
            first.setdefault(chain.head.key, chain)
    for chain in chains:
        head, body = chain.head, chain.nodes[1] if len(chain.nodes) == 2 else None
        if not isinstance(head, Apply) or head.name.key not in (Key("log"), Key("ln")) or head.name.primes:
            continue
        name = head.arguments[0]
        if not isinstance(name, Name) or not isinstance(body, Name) or body.key not in first:
            continue
        before, other = first.get(name.key), first[body.key].nodes[1]
        if (before is None or before.place > chain.place) and other and not mentions(other, name.key):
            power = Apply(body.start, body.end, Name(body.start, body.end, Key("exp")), (body,))
            book.define(Definition(name.key, power, chain.line, "notes", chain.place))
            used[chain.place] = {0, 1}


def _are_apart(chain: Chain, valued: Collection[Key]) -> bool:
    """Whether the names of a chain are quantities of their own: of one family, or each with a number."""
    keys = {node.key for node in chain.nodes if isinstance(node, Name)}
    return len({key.base for key in keys}) == 1 < len(keys) or keys <= set(valued)


def _words_said_once(chains: Sequence[Chain]) -> set[Key]:
    """Words of which nothing more is said."""
    counts = Counter(n.key for c in chains for node in c.nodes if node is not None for n in names_in(node))
    words = (key for key, count in counts.items() if count == 1 and key.base not in FUNCTIONS)
    return {key for key in words if len(key.base) > 3 and key.base.isalpha() and key.base not in GREEK}


def _see_indices(book: Book, key: Key) -> None:
    """Names with letters for all lower indices: where they stand without, the vector of all is meant."""
    letters = key.below and all(len(i.letter) == 1 and not i.letter.isupper() for i in key.below)
    if letters and not any((key.base, "below", place) in book.sequences for place in range(len(key.below))):
        book.indexed.add((key.base, len(key.below), len(key.above)))


def _is_schematic(chain: Chain) -> bool:
    """E = sum (target - output)^2, a sum over nothing in particular, is but a sketch; so does f(a, b)."""
    if len(chain.nodes) < 2 or chain.nodes[1] is None:
        return False
    last = chain.nodes[-1]
    if isinstance(last, Apply) and isinstance(chain.head, Name) and last.name.key.base not in FUNCTIONS:
        return len(last.arguments) > 1 or last.name.key.base == chain.head.key.base  # C_x = C(a)
    return any(
        isinstance(x, SumOver)
        and not x.index
        and not any(n.key.below or n.key.above for n in names_in(x.body))
        for x in walk(chain.nodes[1])
    )


def _remember(chain: Chain, values: dict[str, set[Key]]) -> None:
    """Which name has which value, as the digits are written."""
    last = chain.nodes[-1]
    if isinstance(chain.head, Name) and isinstance(last, Number) and "." in last.text:
        values.setdefault(last.text, set()).add(chain.head.key)


def _behind_the_numbers(book: Book, chain: Chain, values: dict[str, set[Key]]) -> None:
    """out = 1 / (1 + e^{-0.919}), where 0.919 is what net was: out depends on net."""
    head, body = chain.head, chain.nodes[1] if len(chain.nodes) > 1 else None
    if not isinstance(head, Name) or body is None or book.is_defined(head.key) or isinstance(body, Number):
        return
    if not is_numeric(body) or update_of(chain) is not None or head.key.tag:
        return
    if whole_of_entry(book, head.key) is not None and head.key.base not in LOSSES:
        return
    found: list[tuple[Key, int]] = []  # a few digits say nothing unless beside more

    def change(x: Node) -> Node:
        if isinstance(x, Number) and len(values.get(x.text, ())) == 1:
            (key,) = values[x.text]
            found.append((key, len(x.text.strip("0.").replace(".", ""))))
            return Name(x.start, x.end, key)
        return mapped(x, change)

    symbolic = change(body)
    if any(digits > 2 for _, digits in found) and all(key != head.key for key, _ in found):
        book.define(Definition(head.key, symbolic, chain.line, "numbers", chain.place))


def _put_in(book: Book, chain: Chain) -> None:
    r"""`J = -y \log p = -y \log \sigma(z)`, behind a definition of J by p: p is that."""
    if not isinstance(chain.head, Name) or not book.is_defined(chain.head.key):
        return
    for before, after in itertools.pairwise(chain.nodes[1:]):
        found: dict[Key, Node] = {}
        if before is None or after is None or not _is_put_in(before, after, found) or len(found) != 1:
            continue
        ((key, body),) = found.items()
        if isinstance(body, Apply) and not book.is_defined(key) and not mentions(body, key):
            book.define(Definition(key, body, chain.line, "notes", chain.place))


def _is_put_in(before: Node, after: Node, found: dict[Key, Node]) -> bool:
    """Whether sides are alike but for names in whose places something stands, the same in each."""
    if isinstance(before, Name):
        if isinstance(after, Name) and before.key == after.key:
            return before.key not in found
        return not before.primes and same_form(found.setdefault(before.key, after), after)
    if type(before) is not type(after):
        return False
    if isinstance(before, Number):
        return bool(before.text == after.text)  # type: ignore[attr-defined]
    if isinstance(before, Sum) and before.signs != after.signs:  # type: ignore[attr-defined]
        return False
    if isinstance(before, SumOver) and before.index != after.index:  # type: ignore[attr-defined]
        return False
    pairs = list(itertools.zip_longest(parts(before), parts(after)))
    return all(a is not None and b is not None and _is_put_in(a, b, found) for a, b in pairs)


def _filled_in(book: Book, chain: Chain, chains: Sequence[Chain]) -> None:
    """L = 1/2 (2 - 1)^2, where 1/2 (a - y)^2 was said before without a name: L is that."""
    head, body = chain.head, chain.nodes[1] if len(chain.nodes) > 1 else None
    if not isinstance(head, Name) or body is None or isinstance(body, Number) or book.is_defined(head.key):
        return
    if not is_numeric(body) or update_of(chain) is not None or head.key.tag:
        return
    for other in chains[: chain.place]:
        formula = other.head
        if len(other.links) > 1 or formula is None or isinstance(formula, Name):
            continue
        if _is_filled(formula, body) and not mentions(formula, head.key):
            book.define(Definition(head.key, formula, chain.line, "numbers", chain.place))
            return


def _is_filled(formula: Node, numbers: Node) -> bool:
    """Whether numbers stand where a formula has names, and all else is alike."""
    if isinstance(formula, Name):
        return isinstance(numbers, Number)
    if type(formula) is not type(numbers) or isinstance(formula, Derivative):
        return False
    if isinstance(formula, Number):
        return bool(formula.text == numbers.text)  # type: ignore[attr-defined]
    if isinstance(formula, Sum) and formula.signs != numbers.signs:  # type: ignore[attr-defined]
        return False
    mine, theirs = list(parts(formula)), list(parts(numbers))
    return len(mine) == len(theirs) and all(map(_is_filled, mine, theirs))


def _see_plain(book: Book, node: Node) -> None:
    """Names that stand for a value somewhere, and are not only applied."""
    called = {id(x.name) for x in walk(node) if isinstance(x, Apply)}
    for name in names_in(node):
        if id(name) in called:
            book.called.add(name.key.base)
        elif not name.primes:
            book.plain.add(name.key)


def is_only_named(book: Book, body: Node, of: Key) -> bool:
    """Whether it is a function of which nothing is said, of several arguments or with an index: CE(y, p).

    So is the C(a) of C_x = C(a), where C is a quantity: only what it depends on is said.
    """
    if not isinstance(body, Apply) or body.name.key.base in FUNCTIONS or body.name.primes:
        return False
    if any(f.is_called(body.name.key) for f in book.functions.get(body.name.key.base, ())):
        return False
    of_names = all(isinstance(x, Name) for x in body.arguments)
    named = body.name.key.below or body.name.key.base == of.base
    return len(body.arguments) > 1 or (bool(named) and of_names)


def _defined_in(
    book: Book,
    chain: Chain,
    vocabulary: Vocabulary,
    free: Mapping[Key, int],
    heads: Mapping[Key, Node | None],
) -> set[int]:
    """The sides of a chain that define something new, entered in the book."""
    relations = [link.relation for link in chain.links[1:]]
    if relations[:1] in ([], ["in"]) or {"!=", "<", ">", "<=", ">="} & set(relations):
        return set()
    if chain.links[1].relation == "in":  # a set, whose shape was not understood
        return set()
    if chain.comparisons and all(link.relation in ("", "=") for link in chain.links):
        return set()  # i = j is a case, in which the indices are the same
    update = update_of(chain)
    if update is not None:
        enter_update(book, update)
        return set()
    defines: set[int] = _defined_inside(book, chain)
    if names_a_slope(book, chain, heads):
        defines.add(len(chain.nodes) - 1)
    for place, node in enumerate(chain.nodes[:-1]):
        body = next((n for n in chain.nodes[place + 1 :] if n is not None), None)
        if isinstance(node, Apply) and defines_function(book, node, vocabulary, body):
            if body is not None and not mentions(body, node.name.key):
                enter_function(book, node, body, chain)
                defines |= {place, place + 1}
            continue
        if place and isinstance(node, Apply) and spell_out(book, node, chain, place):
            defines |= {place, place + 1}
            continue
        if not isinstance(node, Name) or node.primes:
            if place == 0:
                break
            continue
        key = node.key
        last = chain.nodes[-1]
        if (
            isinstance(last, Apply)
            and place < len(chain.nodes) - 1
            and is_new_function(book, last, vocabulary)
            and last.name.key not in book.reached(node)
            and (book.is_defined(key) or any(not isinstance(x, Name) for x in chain.nodes[place + 1 : -1]))
        ):
            enter_function(book, last, node, chain)  # a^3 = h(x): h is what the whole network computes
            defines.add(len(chain.nodes) - 1)
        following = chain.nodes[place + 1]
        if book.is_defined(key) and isinstance(following, Name) and place + 2 == len(chain.nodes):
            other = following.key  # o = y, where o is what the notes define: y is another name of it
            if (
                (
                    not book.is_defined(other)
                    and not other.letters
                    and other.base not in FUNCTIONS
                    and not other.tag
                )
                and not any(other == x._replace(below=(), above=()) for x in book.reached(node) - {key})
                and (other.base not in TARGETS or other.base == "y")
            ):
                book.define(Definition(other, node, chain.line, "notes", chain.place))
                return {place, place + 1}
        if is_family(book, key) and goes_by_steps(chain.nodes[place + 1], heads):
            slot = (key.base, 1, len(key.above))  # a^l = sigma(z^l) says more than a^l_j = sigma(sum ...)
            book.templates.pop(slot, None)
        if has_other_activation(book, key, chain.nodes[place + 1]):
            book.define(Definition(key, chain.nodes[place + 1], chain.line, "notes", chain.place))  # type: ignore[arg-type]
            defines |= {place, place + 1}
            continue
        same = _other_name(book, key, heads)
        if same is not None and isinstance(following, (Sum, SumOver)):
            book.define(Definition(same, following, chain.line, "notes", chain.place))
            return defines | {place, place + 1}
        if book.is_defined(key) or is_family(book, key) or (place and key.tag) or jacobian(node, book):
            continue
        if is_entry_of_whole(book, key, chain.nodes[place + 1 :]):
            continue
        whole = book.exact.get(key._replace(below=()))
        if key.below and key.letters and whole is not None and goes_by_steps(whole.body, heads):
            continue  # P_{ij} = e^{S_{ij}} / ..., where P = softmax(S)
        if is_slope_of_a_layer(book, key):
            continue  # delta_k = y_k - t_k, where delta_j = dE/da_j
        if free.get(key, chain.place) < chain.place:
            continue  # where a minimum is: b = \bar y - w \bar x
        rest = [(p, n) for p, n in enumerate(chain.nodes) if p > place and n is not None]
        if key.below == (Index("", 0),) and _is_constant_input(key, chain.nodes[place + 1]):
            book.define(Definition(key, chain.nodes[place + 1], chain.line, "notes", chain.place))  # type: ignore[arg-type]
            return {place, place + 1}  # x_0 = 1, what a bias is multiplied by
        bodies = [(p, n) for p, n in rest if not is_numeric(n) and not mentions(n, key)]
        body_at = next(
            (x for x in bodies if not is_only_named(book, x[1], key)), bodies[0] if bodies else None
        )
        if body_at is None:
            continue
        if key.base.startswith("d ") and book.loss is not None:
            continue
        if key.base.startswith("Delta ") and is_gradient_step(body_at[1]):
            book.define(Definition(key, body_at[1], chain.line, "notes", chain.place))
            continue
        p, body = body_at
        if isinstance(body, Name) and body.key.base in FUNCTIONS:
            continue
        book.define(Definition(key, body, chain.line, "notes", chain.place))
        defines |= {place, p}
        if not isinstance(body, Name):
            for named in chain.nodes[place + 1 : p]:  # J = CE(y, p) = - sum_k y_k log p_k says what CE is
                if (
                    isinstance(named, Apply)
                    and defines_function(book, named, vocabulary)
                    and not mentions(body, named.name.key)
                ):
                    enter_function(book, named, body, chain)
            return defines | function_behind(book, chain, p, vocabulary)
    return defines


def _other_name(book: Book, key: Key, heads: Collection[Key]) -> Key | None:
    r"""The a_k of y_k = a_k, of which nothing else is said: what y_k is beyond that, a_k is."""
    body = book.body(key)
    if not isinstance(body, Name) or body.primes or body.key.tag or not key.letters:
        return None
    other = body.key
    is_new = other not in heads and not book.is_defined(other) and other.base not in TARGETS
    return other if is_new and (other.below, other.above) == (key.below, key.above) else None


def _defined_inside(book: Book, chain: Chain) -> set[int]:
    """`o = f(z) = f(w x)` says what z is."""
    for place, (a, b) in enumerate(itertools.pairwise(chain.nodes)):
        if not isinstance(a, Apply) or not isinstance(b, Apply) or a.name != replace(
            b.name, start=a.name.start, end=a.name.end
        ) or len(a.arguments) != len(b.arguments) or len(a.arguments) != 1:  # fmt: skip
            continue
        name, body = a.arguments[0], b.arguments[0]
        if not isinstance(name, Name) or book.is_defined(name.key) or is_numeric(body):
            continue
        if not isinstance(body, Name) and not mentions(body, name.key):
            book.define(Definition(name.key, body, chain.line, "notes", chain.place))
            return {place, place + 1}
    return set()


def _is_constant_input(key: Key, value: Node | None) -> bool:
    """x_0 = 1, what a bias is multiplied by; v_0 = 0, where a recursion begins; no weight that is given."""
    return isinstance(value, Number) and key.base not in ("w", "W", "b", "B", "theta", "beta")


# ---------------------------------------------------------------------------------------- conventions
