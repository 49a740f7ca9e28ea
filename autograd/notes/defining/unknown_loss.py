r"""A loss of which only `\partial L / \partial y` or `dO` is given: some function of what comes out last."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ..judging.deciding import free_letters
from ..meaning.chains import Chain
from ..meaning.letters import is_of_another_step, moved_key
from ..meaning.spelling import latex_of
from ..meaning.syntax import (
    Apply,
    Derivative,
    Index,
    Key,
    Name,
    Node,
    Product,
    Sum,
    SumOver,
    names_in,
    quantities_in,
    same_form,
    walk,
)
from ..meaning.vocabulary import FUNCTIONS, LOSSES
from .book import TYPED, UNITS, Book, Definition, Function
from .loss_by_slope import examples_divided_by, loss_by_its_slope, mean_and_loss
from .refining import fold_in

__all__ = ["find_unknown_loss", "set_some_loss", "some_function", "take_named_losses"]


def find_unknown_loss(book: Book, chains: Sequence[Chain]) -> None:
    """Make the loss some function of the ends of the graph, where only its derivatives are spoken of."""
    if book.loss is not None and not _adds_up_unsaid(book, book.loss):
        return
    if _said_by_its_slope(book, chains) or loss_by_its_slope(book, chains):
        return
    outputs: dict[Key, dict[Key, None]] = {}
    only_outputs = _only_outputs(chains)
    short: dict[Key, None] = {}
    sides = [node for chain in chains for node in chain.nodes if node is not None]
    said = book.definitions()
    notation = [d.body for d in said if d.origin == "notation"]  # the slopes that names are short for
    for node in (*sides, *notation):
        for x in walk(node):
            if isinstance(x, Derivative) and isinstance(x.output, Name) and isinstance(x.variable, Name):
                if not book.is_defined(x.output.key) and (
                    x.output.key.base in LOSSES or x.output.key in only_outputs
                ):
                    outputs.setdefault(x.output.key, {})[x.variable.key] = None
            elif isinstance(x, Name) and x.key.base.startswith("d "):
                short[x.key._replace(base=x.key.base[2:])] = None
    if not outputs and sum(map(book.is_defined, short)) > 1:
        outputs[Key("L" if not book.is_defined(Key("L")) and Key("L") not in book.mentioned else "loss")] = (
            short
        )
    whole = [key for key in outputs if not key.below and any(k.base == key.base and k.below for k in outputs)]
    outputs = {key: by for key, by in outputs.items() if not key.below or key._replace(below=()) not in whole}
    count = examples_divided_by(chains)
    both = mean_and_loss(outputs) if count is not None else None
    if len(outputs) != 1 and both is None:  # C_x beside C is that of one example
        return
    loss = next(iter(outputs)) if both is None else both[0]
    by = {key: None for found in outputs.values() for key in found}
    by.update(short)
    fold_in(book)
    if not _looks_ahead(book, chains):
        _take_one_step(book)
    wholes = [key if book.is_defined(key) else key._replace(below=()) for key in by]  # a^L of a^L_j
    differentiated = [key for key in dict.fromkeys(wholes) if book.is_defined(key)]
    ends = _ends(book, wholes, differentiated)
    ends = [key for key in ends if not key.below or Key(key.base.upper()) not in ends]  # y_i, a row of Y
    if not ends or loss.letters - {"n"}:
        return
    set_some_loss(book, loss, ends)
    if count is not None:
        book.times_examples = count.key
    if both is not None and count is not None:
        times = Product(0, 0, (count, Name(0, 0, loss)), ("",))
        book.define(Definition(both[1], times, 0, "convention"))
    of = ", ".join(f"${latex_of(key)}$" for key in ends)
    book.announce(f"${latex_of(loss)}$ is some function of {of}, and depends on nothing else directly")


def _adds_up_unsaid(book: Book, loss: Key) -> bool:
    """Whether a loss is no more than the sum of those of all examples, of which nothing is said."""
    body = book.body(loss)
    each = body.body if isinstance(body, SumOver) else None
    each = each.name if isinstance(each, Apply) else each
    return isinstance(each, Name) and each.key.base == loss.base and not book.is_defined(each.key)


def _said_by_its_slope(book: Book, chains: Sequence[Chain]) -> bool:
    r"""Whether the notes say what a loss is where they begin to differentiate it.

    `\frac{\partial E}{\partial y_m} = \frac{\partial}{\partial y_m} \frac12 (t_m - y_m)^2` is of one unit:
    the loss is the sum over all of them.
    """
    for chain in chains:
        for slope, same in itertools.pairwise(chain.nodes):
            if not isinstance(slope, Derivative) or not isinstance(same, Derivative):
                continue
            loss, body = slope.output, same.output
            if (
                not isinstance(loss, Name)
                or isinstance(body, Name)
                or not same_form(slope.variable, same.variable)
            ):
                continue
            letters = free_letters(body)
            if (
                loss.key.base not in LOSSES
                or loss.key.letters
                or book.is_defined(loss.key)
                or slope.order != 1
            ):
                continue
            variable = {name.key for name in quantities_in(slope.variable)}
            if not variable & {name.key for name in quantities_in(body)} and letters:
                continue
            if not letters <= set().union(*(key.letters for key in variable)):
                continue
            for letter in sorted(letters):
                body = SumOver(0, 0, "sum", letter, None, None, body)
            book.define(Definition(loss.key, body, chain.line, "convention"))
            book.loss = loss.key
            book.announce(f"${latex_of(loss.key)}$ is what is differentiated in line {chain.line}")
            return True
    return False


def set_some_loss(book: Book, loss: Key, ends: Sequence[Key]) -> None:
    """Let a loss be some function of these names."""
    book.define(Definition(loss, some_function(0, ends), 0, "convention"))
    book.loss = loss


def _looks_ahead(book: Book, chains: Sequence[Chain]) -> bool:
    """Whether the notes speak of the step after, the last one, or all of them: t + 1, T, a sum over t."""
    indices = (i for key in book.mentioned for i in key.below + key.above)
    if any(i.letter == "T" or (i.letter == "t" and i.number > 0) for i in indices):
        return True
    nodes = (x for chain in chains for node in chain.nodes if node is not None for x in walk(node))
    return any(isinstance(x, SumOver) and x.index == "t" for x in nodes)


def _take_one_step(book: Book) -> None:
    """Let t be the one step there is: what comes from the steps after is left out of the notes."""
    for key in book.mentioned:
        for side, indices in (("below", key.below), ("above", key.above)):
            for place, index in enumerate(indices):
                if index.letter == "t":
                    book.sizes[key.base, side, place] = book.sizes["letter", "t"] = 1


def take_named_losses(book: Book) -> None:
    r"""`L = \ell(o, y)`, of which no more is said, is some function of o.

    So is the \ell of `\frac{1}{n} \sum_i \ell(o_i, y_i)`, the same for every i.
    """
    _name_terms(book)
    families = (d for found in list(book.templates.values()) for d in list(found))
    for definition in [*book.exact.values(), *families]:
        key, body = definition.key, definition.body
        if key.base in LOSSES and not isinstance(body, Apply):
            _take_functions_in(book, body)
        if (
            key.base not in LOSSES
            or not isinstance(body, Apply)
            or len(body.arguments) < 2
            or body.name.primes
        ):
            continue
        base = body.name.key.base
        if base in book.functions or base in FUNCTIONS or book.is_defined(body.name.key):
            continue
        computed = [x.key for x in body.arguments if isinstance(x, Name) and book.is_defined(x.key)]
        if len(computed) != 1 or not all(isinstance(x, Name) for x in body.arguments):
            continue
        if not computed[0].letters <= key.letters:
            continue
        entropy = _cross_entropy(book, body, computed[0]) if base in _CROSS_ENTROPIES else None
        book.remove(definition)
        book.define(replace(definition, body=entropy or _some_function_of(computed[0])))
        if entropy is not None:
            book.announce(f"${latex_of(key)}$ is the cross-entropy, minus the sum of all $y_k \\log p_k$")
        else:
            book.unsaid |= {x.key.base for x in body.arguments if isinstance(x, Name)} - {computed[0].base}
            book.announce(f"${latex_of(key)}$ is some function of ${latex_of(computed[0])}$")


def _name_terms(book: Book) -> None:
    r"""L_t is what L is the sum or the mean of, where nothing else is said of it."""
    for key, definition in list(book.exact.items()):
        body = definition.body.factors[-1] if isinstance(definition.body, Product) else definition.body
        if key.base not in LOSSES or key.below or not isinstance(body, SumOver) or not body.index:
            continue
        term = key._replace(below=(Index(body.index),))
        if term in book.mentioned and not book.is_defined(term) and term.letters <= free_letters(body.body):
            book.define(Definition(term, body.body, definition.line, "convention", definition.place))


def _take_functions_in(book: Book, body: Node) -> None:
    for x in walk(body):
        if not isinstance(x, Apply) or len(x.arguments) < 2 or x.name.primes or x.name.key.below:
            continue
        base = x.name.key.base
        if base in book.functions or base in FUNCTIONS or book.is_defined(x.name.key):
            continue
        parameters = [Key(f"argument {place}") for place in range(len(x.arguments))]
        computed = [
            parameter
            for parameter, argument in zip(parameters, x.arguments, strict=True)
            if isinstance(argument, Name) and book.is_defined(argument.key)
        ]
        if len(computed) == 1 and all(isinstance(argument, Name) for argument in x.arguments):
            book.unsaid |= {
                y.key.base for y in x.arguments if isinstance(y, Name) and not book.is_defined(y.key)
            }
            whole = some_function(0, computed)
            book.functions[base] = [Function(tuple(parameters), whole)]
            book.announce(f"${latex_of(x.name.key)}$ is some function of what comes out")


_CROSS_ENTROPIES = {"CE", "CrossEntropy", "XE", "crossentropy", "cross-entropy", "CrossEntropyLoss"}


def _cross_entropy(book: Book, call: Apply, prediction: Key) -> Node | None:
    """The cross-entropy of targets and what a softmax makes; of one output it may be the binary one."""
    made = book.exact[prediction].body if prediction in book.exact else None
    targets = [x for x in call.arguments if isinstance(x, Name) and x.key != prediction]
    if not isinstance(made, Apply) or made.name.key.base != "softmax" or len(targets) != 1:
        return None
    logarithm = Apply(0, 0, Name(0, 0, Key("log")), (Name(0, 0, prediction),))
    return Sum(0, 0, (Apply(0, 0, Name(0, 0, Key("inner")), (targets[0], logarithm)),), (-1,))


def _only_outputs(chains: Sequence[Chain]) -> set[Key]:
    """Names without index that stand nowhere but in derivatives of theirs: a scalar loss phi."""
    outputs, all_names = Counter[Key](), Counter[Key]()
    for chain in chains:
        for node in chain.nodes:
            if node is None or (len(chain.links) == 1 and isinstance(node, Name)):
                continue
            all_names.update(name.key for name in names_in(node))
            outputs.update(
                x.output.key
                for x in walk(node)
                if isinstance(x, Derivative) and isinstance(x.output, Name) and not x.output.key.below
            )
    return {key for key, count in outputs.items() if all_names[key] == count}


def _ends(book: Book, by: Sequence[Key], differentiated: Sequence[Key]) -> list[Key]:
    """What is computed from what one differentiates by, and goes into nothing else; of layers the last."""
    forward = [
        d
        for d in book.definitions()
        if d.origin in ("notes", "front matter", "convention", "notation")
        and not d.key.base.startswith(("d ", "delta", "Delta "))
        and not any(isinstance(x, Derivative) for x in walk(d.body))
        and not any(n.key.base.startswith("d ") for n in names_in(d.body))
    ]
    used = {
        name.key.base
        for d in forward
        for name in names_in(d.body)
        if not (name.key.letters and is_of_another_step(name.key, d.key))
        and not (name.key.base == d.key.base and name.key != d.key and not name.key.letters)
    }
    reached = {key for d in by for key in _above(forward, d)}
    ends = [d.key for d in forward if d.key.base not in used and d.key in reached]
    if ends:
        return list(dict.fromkeys(_last(book, key, forward) for key in ends))
    if TYPED in book.sizes:  # the layer after: a_k
        return [moved_key(key, 1) for key in differentiated[:1]]
    return list(differentiated[:1])


def _above(forward: Sequence[Definition], key: Key) -> set[Key]:
    """The names that are computed from a name, and itself."""
    bases, size = {key.base}, 0
    while len(bases) > size:
        size = len(bases)
        bases |= {d.key.base for d in forward if any(n.key.base in bases for n in names_in(d.body))}
    return {d.key for d in forward if d.key.base in bases}


def _last(book: Book, key: Key, forward: Sequence[Definition]) -> Key:
    """h^{(K)} of h^{(k)}, which goes into the layer after."""
    steps = {
        index.letter
        for d in forward
        for name in names_in(d.body)
        if name.key.base == key.base
        for index in name.key.above + name.key.below
        if index.number
    }

    def number(side: str, place: int, index: Index) -> Index:
        size = book.sizes.get((key.base, side, place), UNITS)
        return Index("", size) if index.letter in steps else index

    return key._replace(
        below=tuple(number("below", p, i) for p, i in enumerate(key.below)),
        above=tuple(number("above", p, i) for p, i in enumerate(key.above)),
    )


def some_function(number: int, keys: Sequence[Key]) -> Node:
    """The function of that number of these names."""
    terms = [_some_term(place, key, number) for place, key in enumerate(keys)]
    inside = terms[0] if len(terms) == 1 else Sum(0, 0, tuple(terms), (1,) * len(terms))
    return Apply(0, 0, Name(0, 0, Key("loss of")), (inside,))


def _some_function_of(key: Key) -> Node:
    """Some function of one name, the same for every index of it."""
    some = Apply(0, 0, Name(0, 0, Key("some of")), (Name(0, 0, key),))
    return Apply(0, 0, Name(0, 0, Key("loss of")), (some,))


def _some_term(place: int, key: Key, number: int) -> Node:
    name = Name(0, 0, key)
    if not key.letters:
        which = (Index("", number),) if number else ()
        return Apply(0, 0, Name(0, 0, Key("some of", which)), (name,))
    weight = Name(0, 0, Key(f"weight {place}" + f"'{number}" * bool(number), key.below, key.above))
    products = (Product(0, 0, factors, ("odot",)) for factors in ((weight, name), (name, name)))
    term: Node = Sum(0, 0, tuple(products), (1, 1))  # entry by entry, if it is a matrix
    for letter in sorted(key.letters):
        term = SumOver(0, 0, "sum", letter, None, None, term)
    return Apply(0, 0, Name(0, 0, Key("sum")), (term,))
