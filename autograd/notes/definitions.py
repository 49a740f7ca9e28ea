"""What the notes define, in the order of authority: front matter, the notes themselves, conventions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .book import ROWS, Book, Definition, Function
from .chains import Chain
from .syntax import (
    Apply, Derivative, Index, Key, Name, Node, Number, Product, Quotient, Sum, SumOver, Transposed, names_in,
    mapped, walk,
)  # fmt: skip
from .deciding import free_letters
from .vocabulary import FUNCTIONS, Vocabulary

__all__ = ["collect", "is_numeric", "update_of"]

RATES = {
    "eta", "alpha", "epsilon", "varepsilon", "lr", "gamma", "lambda", "mu", "rho", "tau", "nu", "learning rate", "lambda_",
    "LR", "rate",
}  # fmt: skip
LOSSES = ("L", "J", "E", "C", "loss", "Loss", "cost", "Cost", "error", "MSE", "BCE", "SSE", "ell", "l", "H", "R", "S", "Q", "U")
PARAMETERS = {"w", "W", "b", "B", "theta", "Theta", "omega", "v", "V", "U", "u", "beta", "gamma", "c", "k", "m", "a", "K"}
_WEIGHTS = {"w", "W", "b", "theta", "omega", "V", "U", "u", "v", "beta"}
INPUTS = {"x", "X", "i", "I"}
TARGETS = {"y", "Y", "t", "T", "d", "target", "bar y"}


def is_numeric(node: Node) -> bool:
    """Whether nothing but numbers and known functions stands in it."""
    return not any(
        (isinstance(x, Name) and x.key.base not in FUNCTIONS and x.key.base not in ("pi", "abs", "norm", "sigma"))
        or isinstance(x, Derivative)
        for x in walk(node)
    )


def update_of(chain: Chain) -> tuple[Key, Key, Node] | None:
    """The parameter, the name of its new value, and the right side, where a chain is a step of descent."""
    head = chain.head
    if isinstance(head, Transposed):
        head = head.body
    if not isinstance(head, Name) or len(chain.nodes) < 2:
        return None
    right = chain.nodes[1]
    if right is None:
        return None
    key = head.key
    stem = _without_mark(key)
    first = right.terms[0] if isinstance(right, Sum) else right
    if isinstance(first, Name) and isinstance(right, Sum) and len(right.terms) > 1:
        old = first.key
        if old._replace(tag="") == stem and (old.tag == "old" or old != key or old == key):
            if old == key or old.tag == "old" or key.tag == "new" or key != stem:
                return stem, key, right
        if _steps(old, key):
            return old, key, right
        if _by_words(old, key) and _steps_down(right):
            return _wordless(key), key, right
        if key.tag == "new" and old._replace(tag="") == key._replace(tag=""):
            return stem, key, right
    if key.tag == "new":
        return stem, key, right
    return None


def _without_mark(key: Key) -> Key:
    """w for w_new, w' and w*."""
    base = key.base
    for mark in ("'", "*"):
        base = base.removesuffix(mark)
    for accent in ("hat ", "bar ", "tilde "):
        if base.startswith(accent) and key.tag == "" and base != key.base:
            base = base.removeprefix(accent)
    return key._replace(base=base, tag="")


def _steps_down(right: Sum) -> bool:
    """Whether a multiple of a gradient, or of a rate, is taken away or added."""
    return any(
        isinstance(x, Derivative) or (isinstance(x, Name) and x.key.base in ("eta", "alpha", "lr", "epsilon", "gamma"))
        for term in right.terms[1:]
        for x in walk(term)
    )


def _wordless(key: Key) -> Key:
    """The name without a word for new or old in a script."""
    return key._replace(
        below=tuple(i for i in key.below if len(i.letter) < 2), above=tuple(i for i in key.above if len(i.letter) < 2)
    )


def _by_words(old: Key, new: Key) -> bool:
    """Whether two names differ by a word: nuevo and viejo, or nuevo and nothing."""
    words = [i.letter for key in (old, new) for i in key.below + key.above if len(i.letter) > 1]
    return old != new and _wordless(old) == _wordless(new) != new and all(w.isalpha() and len(w) > 2 for w in words)


def _steps(old: Key, new: Key) -> bool:
    """Whether the names are those of one parameter at steps t and t + 1."""
    if old.base != new.base or len(old.above) != len(new.above) or len(old.below) != len(new.below):
        return False
    differing = [(a, b) for a, b in zip(old.above + old.below, new.above + new.below, strict=True) if a != b]
    return len(differing) == 1 and differing[0][0].letter == differing[0][1].letter != "" and (
        differing[0][1].number - differing[0][0].number == 1
    )  # fmt: skip


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
    for chain in chains:  # `delta = dL/dz` says what delta is, wherever it stands
        head, body = chain.head, chain.nodes[1] if len(chain.nodes) > 1 else None
        if (
            isinstance(head, Name) and isinstance(body, Derivative) and isinstance(body.output, Name)
            and isinstance(body.variable, Name) and head.key not in differentiated and not book.is_defined(head.key)
            and not head.key.tag and update_of(chain) is None and not head.key.base.startswith("d ")
        ):  # fmt: skip
            book.define(Definition(head.key, body, chain.line, "notes", chain.place))
            used[chain.place] = {0, 1}
    values: dict[str, set[Key]] = {}
    for schematic in (False, True):
        for chain in chains:
            if chain.place in used or _is_schematic(chain) is not schematic:
                continue
            defines = _defined_in(book, chain, vocabulary)
            if defines:
                used[chain.place] = defines
            elif not schematic:
                _behind_the_numbers(book, chain, values)
            _remember(chain, values)
    return used


def _see_indices(book: Book, key: Key) -> None:
    """Names with letters for all lower indices: where they stand without, the vector of all is meant."""
    if key.below and all(len(i.letter) == 1 and not i.letter.isupper() for i in key.below):
        if not any((key.base, "below", place) in book.sequences for place in range(len(key.below))):
            book.indexed.add((key.base, len(key.below), len(key.above)))


def _is_schematic(chain: Chain) -> bool:
    """E = sum (target - output)^2: a sum over nothing in particular only sketches a definition."""
    if len(chain.nodes) < 2 or chain.nodes[1] is None:
        return False
    return any(
        isinstance(x, SumOver) and not x.index and not any(n.key.below or n.key.above for n in names_in(x.body))
        for x in walk(chain.nodes[1])
    )


def _remember(chain: Chain, values: dict[str, set[Key]]) -> None:
    """Which name has which value, as the digits are written."""
    last = chain.nodes[-1]
    if isinstance(chain.head, Name) and isinstance(last, Number) and len(last.text.strip("0.").replace(".", "")) > 2:
        values.setdefault(last.text, set()).add(chain.head.key)


def _behind_the_numbers(book: Book, chain: Chain, values: dict[str, set[Key]]) -> None:
    """out = 1 / (1 + e^{-0.919}), where 0.919 is what net was: out depends on net."""
    head, body = chain.head, chain.nodes[1] if len(chain.nodes) > 1 else None
    if not isinstance(head, Name) or body is None or book.is_defined(head.key) or isinstance(body, Number):
        return
    if not is_numeric(body) or update_of(chain) is not None or head.key.tag:
        return
    found: list[Key] = []

    def change(x: Node) -> Node:
        if isinstance(x, Number) and len(values.get(x.text, ())) == 1:
            (key,) = values[x.text]
            found.append(key)
            return Name(x.start, x.end, key)
        return mapped(x, change)

    symbolic = change(body)
    if found and head.key not in found:
        book.define(Definition(head.key, symbolic, chain.line, "numbers", chain.place))


def _is_family(book: Book, key: Key) -> bool:
    """Whether a name without lower index is the vector of what is defined with one."""
    if key.below or not book.vectors or key.base in LOSSES:
        return False
    return any((key.base, n, len(key.above)) in book.templates for n in (1, 2))


def _see_plain(book: Book, node: Node) -> None:
    """Names that stand for a value somewhere, and are not only applied."""
    called = {id(x.name) for x in walk(node) if isinstance(x, Apply)}
    for name in names_in(node):
        if id(name) in called:
            book.called.add(name.key.base)
        elif not name.primes:
            book.plain.add(name.key)


def _defined_in(book: Book, chain: Chain, vocabulary: Vocabulary) -> set[int]:
    """The sides of a chain that define something new, entered in the book."""
    if len(chain.nodes) < 2:
        return set()
    update = update_of(chain)
    if update is not None:
        _enter_update(book, update)
        return set()
    defines: set[int] = set()
    for place, node in enumerate(chain.nodes[:-1]):
        if isinstance(node, Apply) and _is_definition_of_function(book, node, vocabulary):
            body = next((n for n in chain.nodes[place + 1 :] if n is not None), None)
            if body is not None and not _mentions(body, node.name.key):
                _enter_function(book, node, body, chain)
                defines |= {place, place + 1}
            continue
        if not isinstance(node, Name) or node.primes:
            if place == 0:
                break
            continue
        key = node.key
        following = chain.nodes[place + 1]
        if book.is_defined(key) and isinstance(following, Name) and place + 2 == len(chain.nodes):
            other = following.key  # o = y, where o is what the notes define: y is another name of it
            if not book.is_defined(other) and not other.letters and other.base not in FUNCTIONS and not other.tag:
                if other not in book.reached(node) and (other.base not in TARGETS or other.base == "y"):
                    book.define(Definition(other, node, chain.line, "notes", chain.place))
                    return {place, place + 1}
        if book.is_defined(key) or _is_family(book, key):
            continue
        rest = [(p, n) for p, n in enumerate(chain.nodes) if p > place and n is not None]
        if key.below == (Index("", 0),) and isinstance(chain.nodes[place + 1], Number):
            book.define(Definition(key, chain.nodes[place + 1], chain.line, "notes", chain.place))  # type: ignore[arg-type]
            return {place, place + 1}  # x_0 = 1, what a bias is multiplied by
        body_at = next(((p, n) for p, n in rest if not is_numeric(n) and not _mentions(n, key)), None)
        if body_at is None:
            continue
        if key.base.startswith("d ") and book.loss is not None:
            continue
        if key.base.startswith("Delta ") and _is_gradient_step(body_at[1]):
            book.define(Definition(key, body_at[1], chain.line, "notes", chain.place))
            continue
        p, body = body_at
        if isinstance(body, Name) and body.key.base in FUNCTIONS:
            continue
        book.define(Definition(key, body, chain.line, "notes", chain.place))
        defines |= {place, p}
        if not isinstance(body, Name):
            break
    return defines


def _is_gradient_step(body: Node) -> bool:
    """Whether it may be a gradient, or a step against it: then it is judged, and not only noted."""
    return not any(isinstance(x, Name) and x.key.base.startswith("Delta ") for x in walk(body))


def _mentions(node: Node, key: Key) -> bool:
    return any(name.key == key for name in names_in(node))


def _is_definition_of_function(book: Book, node: Apply, vocabulary: Vocabulary) -> bool:
    if node.name.primes or not all(isinstance(x, Name) for x in node.arguments):
        return False
    base = node.name.key.base
    if base in FUNCTIONS and base not in ("sum",):
        return base not in book.functions and base in ("softmax", "Softmax")
    return not any(
        f.parameters == tuple(x.key for x in node.arguments)  # type: ignore[attr-defined]
        for f in book.functions.get(base, ())
    )


def _enter_function(book: Book, node: Apply, body: Node, chain: Chain) -> None:
    base = node.name.key.base
    parameters = tuple(x.key for x in node.arguments)  # type: ignore[attr-defined]
    book.functions.setdefault(base, []).append(Function(parameters, body, chain.line))
    key = node.name.key
    if len(parameters) > 1 or base in LOSSES or key in book.plain:
        if not book.is_defined(key):
            book.define(Definition(key, body, chain.line, "notes", chain.place))


def _enter_update(book: Book, update: tuple[Key, Key, Node]) -> None:
    """A step of descent says which names are parameters, and what the learning rate is called."""
    stem, key, right = update
    book.parameters.add(stem)
    if key != stem and key.tag != "new" and not book.is_defined(key):
        place = Name(0, 0, stem._replace(tag="new"))
        book.define(Definition(key, place, 0, "update"))
    first = right.terms[0] if isinstance(right, Sum) else right
    if (
        isinstance(first, Name) and first.key != stem and not book.is_defined(first.key) and not first.key.tag
        and (_by_words(first.key, key) or _wordless(first.key) == stem)
    ):  # fmt: skip
        book.define(Definition(first.key, Name(0, 0, stem), 0, "update"))
    terms = right.terms[1:] if isinstance(right, Sum) else ()
    for term in terms:
        if isinstance(term, Product) and len(term.factors) == 2 and isinstance(term.factors[1], Derivative):
            name = term.factors[0]
            if isinstance(name, Name) and not book.is_defined(name.key) and name.key == Key(name.key.base):
                book.rates.add(name.key.base)
    for term in terms:
        for name in _leading_names(term):
            if name.key.base in RATES and not name.key.below and not book.is_defined(name.key):
                book.rates.add(name.key.base)
                break


def _stripped_step(key: Key) -> Key:
    """w of w_n."""
    return key._replace(
        below=tuple(i for i in key.below if i.letter not in ("t", "n", "k", "i", "s")),
        above=tuple(i for i in key.above if i.letter not in ("t", "n", "k", "i", "s")),
    )


def without_steps(chains: Sequence[Chain]) -> None:
    """Write w and w_new for w_t and w_{t+1} in steps of descent."""
    for chain in chains:
        head = chain.head
        update = update_of(chain)
        if update is None or not isinstance(head, Name) or not _steps(update[0], update[1]):
            continue
        old, new, _ = update
        plain = _stripped_step(old)

        def change(x: Node, old: Key = old, new: Key = new, plain: Key = plain) -> Node:
            if isinstance(x, Name) and x.key in (old, new):
                return replace(x, key=plain if x.key == old else plain._replace(tag="new"))
            return mapped(x, change)

        for link in chain.links:
            if link.node is not None:
                link.node = change(link.node)


def find_rates(book: Book, chains: Sequence[Chain]) -> None:
    """What multiplies a gradient is the learning rate."""
    for chain in chains:
        for node in chain.nodes:
            for x in walk(node) if node is not None else ():
                if isinstance(x, Product) and any(isinstance(f, Derivative) for f in x.factors):
                    for name in _leading_names(x):
                        if name.key.base in ("eta", "alpha", "epsilon", "lr", "learning rate") and not name.key.below:
                            if not book.is_defined(name.key):
                                book.rates.add(name.key.base)


def _leading_names(term: Node) -> Iterable[Name]:
    if isinstance(term, Product):
        for factor in term.factors:
            if isinstance(factor, Name):
                yield factor
            elif isinstance(factor, Quotient) and isinstance(factor.over, Name):
                yield factor.over
    elif isinstance(term, Quotient):
        yield from _leading_names(term.over)
    elif isinstance(term, Apply):
        yield term.name


# ---------------------------------------------------------------------------------------- conventions


def find_loss(book: Book, chains: Sequence[Chain]) -> None:
    """The loss: what most is differentiated of, and nothing else is computed from."""
    if book.loss is not None:
        return
    counts: Counter[Key] = Counter()
    for chain in chains:
        for node in chain.nodes:
            if node is None:
                continue
            for x in walk(node):
                if isinstance(x, Derivative) and isinstance(x.output, Name):
                    counts[x.output.key._replace(tag="")] += 1
    used = {
        name.key
        for definition in definitions_of(book)
        for name in names_in(definition.body)
        if not any(isinstance(x, Derivative) for x in walk(definition.body))
    }

    def rank(key: Key) -> tuple[int, ...]:
        letter = key.base in LOSSES
        return (letter and key not in used, letter, key not in used, counts[key])

    candidates = [key for key in {**counts, **book.exact} if book.is_defined(key) and not key.tag]
    candidates = [key for key in candidates if key.base in LOSSES or counts[key] > 1]
    if candidates:
        best = max(candidates, key=rank)
        if best.base in LOSSES or best not in used:
            book.loss = best


def definitions_of(book: Book) -> list[Definition]:
    """All definitions of the book."""
    return [*book.exact.values(), *(d for found in book.templates.values() for d in found)]


def find_rows(book: Book, chains: Sequence[Chain]) -> None:
    """Whether a loss is summed over rows of quantities that are defined for one row, without an index."""
    for definition in definitions_of(book):
        for x in walk(definition.body):
            if not isinstance(x, SumOver):
                continue
            named = [n for n in names_in(x.body)]
            indexed = [n for n in named if any(i.letter == x.index for i in n.key.below + n.key.above)]
            unindexed = {_stripped(n.key, x.index) for n in indexed}
            if not any(book.is_defined(key) or key.base.startswith("hat ") and key in book.mentioned for key in unindexed):
                continue
            if any(book.is_defined(n.key._replace(below=tuple(map(_one, n.key.below)), above=tuple(map(_one, n.key.above)))) for n in indexed):
                continue  # \hat y_i has a definition of its own
            for name in indexed:
                slot = _slot(name.key, x.index)
                if slot is not None:
                    book.row_slots.setdefault(name.key.base, slot)
            if not book.rows:
                high = x.high
                if isinstance(high, Number) and high.text.isdigit() and int(high.text) <= 12:
                    book.rows = int(high.text)
                else:
                    book.rows = ROWS
                    if isinstance(high, Name):
                        book.sizes[("symbol", high.key.base)] = ROWS
    find_row_letters(book)
    _find_rows_in_claims(book, chains)
    if book.rows:
        letters = {b for b in book.row_slots}
        book.row_leaves |= letters
        for key in book.mentioned:
            if key.base in INPUTS | TARGETS or key.base in letters:
                book.row_leaves.add(key.base)


def _find_rows_in_claims(book: Book, chains: Sequence[Chain]) -> None:
    """A sum over a_i where a is what the notes define: i is the row."""
    for chain in chains:
        for node in chain.nodes:
            for x in walk(node) if node is not None else ():
                if not isinstance(x, SumOver):
                    continue
                indexed = [n.key for n in names_in(x.body) if x.index in n.key.letters]
                rows = [
                    key for key in indexed
                    if book.is_defined(_stripped(key, x.index)) and _slot(key, x.index) is not None
                    and not book.is_defined(key._replace(below=tuple(map(_one, key.below)), above=tuple(map(_one, key.above))))
                ]  # fmt: skip
                if not rows or len(rows[0].below) + len(rows[0].above) != 1:
                    continue
                for key in indexed:
                    book.row_slots.setdefault(key.base, _slot(key, x.index) or "last")
                if not book.rows:
                    book.rows = ROWS
                    if isinstance(x.high, Name):
                        book.sizes[("symbol", x.high.key.base)] = ROWS


def find_pattern_index(book: Book) -> None:
    """E_n and y_{nk}, where y_k is what the notes define: n numbers the rows."""
    for key in list(book.mentioned):
        if len(key.below) + len(key.above) < 2 or book.is_defined(key):
            continue
        for letter in key.letters:
            plain = _stripped(key, letter)
            slot = _slot(key, letter)
            if letter not in "nimpr" or slot is None or not book.is_defined(plain) or plain == key:
                continue
            book.row_slots.setdefault(key.base, slot)
            book.row_letters.add(letter)
            book.rows = book.rows or ROWS
    for key in book.mentioned if book.row_letters else ():
        for side, indices in (("below", key.below), ("above", key.above)):
            for place, index in enumerate(indices):
                if index.letter in book.row_letters:
                    book.sizes[key.base, side, place] = book.sizes["letter", index.letter] = book.rows
    for letter in book.row_letters:
        for definition in definitions_of(book):
            slot = _slot(definition.key, letter)
            if slot is not None:
                book.remove(definition)
                whole = _stripped(definition.key, letter)
                key = whole._replace(base=f"{whole.base} of a row")
                book.define(replace(definition, key=key))
                book.row_slots.setdefault(whole.base, slot)
                book.row_bases[whole.base] = key.base
                if book.loss == definition.key:
                    book.loss = key
                if whole in book.mentioned and not book.is_defined(whole):
                    total = SumOver(0, 0, "sum", letter, None, Number(0, 0, str(book.rows)), Name(0, 0, definition.key))
                    book.define(Definition(whole, total, 0, "convention"))
        for key in book.mentioned:
            slot = _slot(key, letter)
            if slot is not None and key.base in TARGETS | INPUTS:
                book.row_slots.setdefault(key.base, slot)


def find_given_gradients(book: Book, chains: Sequence[Chain]) -> None:
    """`g_i = dL/dy_i` of a loss that is never given: it is some function of the y."""
    if book.loss is not None:
        return
    outputs: dict[Key, dict[Key, None]] = {}
    for chain in chains:
        for node in chain.nodes:
            for x in walk(node) if node is not None else ():
                if isinstance(x, Derivative) and isinstance(x.output, Name) and isinstance(x.variable, Name):
                    if not book.is_defined(x.output.key) and x.output.key.base in LOSSES:
                        outputs.setdefault(x.output.key, {})[x.variable.key] = None
    if len(outputs) != 1:
        return
    (loss, by), = outputs.items()
    defined = [key for key in by if book.is_defined(key)]
    below = {n.key.base for d in definitions_of(book) for n in names_in(d.body)}
    ends = [key for key in defined if key.base not in below] or defined[:1]
    if not ends or loss.letters:
        return
    terms: list[Node] = []
    for number, key in enumerate(ends):
        name = Name(0, 0, key)
        weight = Name(0, 0, Key(f"weight {number}", key.below, key.above))
        term: Node = Sum(0, 0, (Product(0, 0, (weight, name), ("",)), Product(0, 0, (name, name), ("",))), (1, 1))
        for letter in sorted(key.letters):
            term = SumOver(0, 0, "sum", letter, None, None, term)
        terms.append(term)
    inside = terms[0] if len(terms) == 1 else Sum(0, 0, tuple(terms), (1,) * len(terms))
    body = Apply(0, 0, Name(0, 0, Key("loss of")), (inside,))
    book.define(Definition(loss, body, 0, "convention"))
    book.loss = loss
    from .spelling import latex_of

    of = ", ".join(f"${latex_of(key)}$" for key in ends)
    book.announce(f"${latex_of(loss)}$ is some function of {of}, and depends on nothing else directly")


def find_fixed_indices(book: Book) -> None:
    """L = -log p_c: an index that is never bound is one unit, the same everywhere."""
    for definition in definitions_of(book):
        for letter in free_letters(definition.body) - definition.key.letters - book.row_letters:
            family = any(book.is_defined(n.key) for n in names_in(definition.body) if letter in n.key.letters)
            book.sizes.setdefault(("index", letter), 2 if family else 101 + len(book.fixed))
            book.fixed.add(letter)


def find_row_letters(book: Book) -> None:
    """o_1 = w_1 x_{i1}: an index that only one side has says which row is meant."""
    for definition in definitions_of(book):
        letters = free_letters(definition.body) - definition.key.letters
        for letter in letters:
            found = [n.key for n in names_in(definition.body) if letter in n.key.letters]
            if any(book.is_defined(key) for key in found):
                continue  # a unit of a family
            if letter not in "ijknmrspqt" or book.is_defined(Key(letter)) or any(key.base in _WEIGHTS for key in found):
                continue
            for key in found:
                slot = _slot(key, letter)
                if slot is not None and not book.is_defined(_stripped(key, letter)):
                    book.row_slots.setdefault(key.base, slot)
                    book.row_letters.add(letter)
                    book.rows = book.rows or 2


def _one(index: Index) -> Index:
    return Index("", 1 + index.number) if index.letter and len(index.letter) == 1 else index


def _stripped(key: Key, letter: str) -> Key:
    return key._replace(
        below=tuple(i for i in key.below if i.letter != letter),
        above=tuple(i for i in key.above if i.letter != letter),
    )


def _slot(key: Key, letter: str) -> str | None:
    if any(i.letter == letter for i in key.above):
        return "above"
    if key.below and key.below[0].letter == letter:
        return "first"
    if key.below and key.below[-1].letter == letter:
        return "last"
    return None


def find_conventions(book: Book, chains: Sequence[Chain]) -> None:
    """What the notes leave to custom: the prediction is the last unit's output, y depends on nothing."""
    mentioned_in = {n.key for d in definitions_of(book) for n in names_in(d.body)}
    book.mentioned_in_definitions = {_concrete(k) for k in mentioned_in}
    predictions = [
        key
        for key in mentioned_in
        if (key.base.startswith("hat ") or (key.below and key.below[-1].letter in ("pred", "hat", "output")))
        and not book.is_defined(key) and not key.letters - {"pred", "output"}
    ]  # fmt: skip
    if predictions and book.loss is not None:
        ends = [
            d for d in definitions_of(book)
            if d.key not in mentioned_in and d.key != book.loss and not d.key.tag and d.origin != "update"
            and d.key.base not in LOSSES and d.key.base not in ("delta", "A", "Delta") and not d.key.letters
            and not any(isinstance(x, Derivative) for x in walk(d.body))
        ]  # fmt: skip
        if len(ends) == 1 and len(predictions) == 1:
            from .spelling import latex_of

            book.define(Definition(predictions[0], Name(0, 0, ends[0].key), 0, "convention"))
            book.announce(f"${latex_of(predictions[0])}$ is the output of the last unit, ${latex_of(ends[0].key)}$")
    for key in book.mentioned:
        if key.base in TARGETS and not book.is_defined(key) and key.base not in set(book.bases()):
            book.targets.add(key.base)


def find_sums_to_one(book: Book) -> None:
    """The targets of a cross-entropy over several classes are a distribution."""
    softmaxes = any(
        (isinstance(x, Apply) and x.name.key.base in ("softmax", "Softmax"))
        or (isinstance(x, Quotient) and isinstance(x.under, SumOver) and "exp" in _functions(x.under.body))
        for d in [*definitions_of(book), *(f for found in book.functions.values() for f in found)]
        for x in walk(d.body)
    )
    if not softmaxes:
        return
    for definition in definitions_of(book):
        for x in walk(definition.body):
            if isinstance(x, SumOver) and {"log", "ln"} & _functions(x.body):
                for name in names_in(x.body):
                    if name.key.base in book.targets and name.key.base not in book.sums_to_one:
                        book.sums_to_one.add(name.key.base)
                        book.announce(f"the targets ${name.key.base}$ of all classes add up to 1")


def _functions(node: Node) -> set[str]:
    return {x.name.key.base for x in walk(node) if isinstance(x, Apply)}


def _concrete(key: Key) -> Key:
    return key


def find_lookalikes(book: Book, chains: Sequence[Chain]) -> None:
    """A letter that is never defined where its twin is: capital for small, omega for w, zero for O."""
    defined = set(book.bases())
    leaves = {n.key.base for d in definitions_of(book) for n in names_in(d.body)} - defined
    for base in {key.base for key in book.mentioned} - defined - leaves - book.rates - FUNCTIONS:
        for other in twins(base):
            if other in defined or other in leaves:
                book.lookalikes[base] = other
                break


_TWINS = [("w", "omega"), ("y", "gamma"), ("O", "0"), ("o", "0"), ("v", "nu"), ("x", "chi")]


def twins(base: str) -> list[str]:
    """Names that look or sound alike."""
    accent, _, letter = base.rpartition(" ")
    stem = letter.rstrip("'")
    marks = letter[len(stem) :]
    found = []
    if len(stem) == 1:
        found.append(stem.swapcase())
    for pair in _TWINS:
        if stem in pair:
            found.append(pair[1 - pair.index(stem)])
    return [f"{accent} {x}{marks}" if accent else x + marks for x in found]
