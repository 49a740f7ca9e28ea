"""Opening notes: from a document to the book of what its names stand for."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ..judging.deciding import is_branching
from ..meaning.chains import Chain, Part, chains_of
from ..meaning.labels import mark_labels
from ..meaning.letters import goes_in_circles, join_letters, tell_layers_apart
from ..meaning.logarithms import spell_out_logarithms
from ..meaning.pointwise import put_arguments
from ..meaning.powers import tell_powers
from ..meaning.syntax import Key, Name, Node, Transposed, names_in, quantities_in, walk
from ..meaning.vocabulary import Vocabulary
from ..reading.documents import Document, Formula
from ..reading.front_matter import load
from ..reading.layout import Row
from ..reading.parsing import parse
from .activations import name_activations
from .adjoint_names import name_adjoints
from .alike import define_alike, define_terms
from .bold_letters import bold_letters
from .book import ROWS, TYPED, Book
from .columns import count_examples, count_slopes, find_batch, shape_of_one, tie_columns
from .conventions import (
    find_conventions,
    find_fixed_indices,
    find_lookalikes,
    find_loss,
    find_sums_to_one,
    find_symmetric,
    has_examples_in_columns,
    take_roots,
)  # fmt: skip
from .customary_layers import define_customary_layers
from .declared import Declarations
from .definitions import collect
from .differentials import tell_differentials
from .entries import multiplies_by_entries
from .error_signals import name_error_signals, take_short_slopes
from .gradients import complete_gradients
from .implicit import solve_implicitly
from .layers import define_inputs, define_layers_before, numbered_layers
from .one_example import (
    leave_out_the_example,
    leave_out_the_step,
    put_layers_back,
    speak_of_one_example,
)
from .piecewise import join_cases
from .preactivations import name_preactivations
from .prose import enter_words, name_slopes, said_to_be_functions
from .ranges import find_ranges
from .refining import end_traces, fold_in, refine
from .repeated_indices import sum_repeated_indices
from .rows import find_pattern_index, find_rows
from .shadowed_sums import sum_alike, sum_over_the_other
from .shape_candidates import evidence
from .shape_inference import fit_sizes, infer_shapes
from .sizes import Sizes
from .stacking import stack_examples
from .stated_shapes import stated_shapes
from .steps_in_time import say_steps
from .subscripts import spell_subscripts
from .sums import name_sums
from .unknown_loss import find_unknown_loss, take_named_losses
from .unknown_terms import find_unknown_terms, tell_unknown_terms
from .unread import find_unread
from .updates import find_rates, without_steps
from .values_in_words import give_values

__all__ = ["Notes", "opened"]

LONGEST_SPELLING = 40


@dataclass(frozen=True, slots=True)
class Notes:
    """A document that has been opened.

    chains, parts   its equations; which of them stand in each line of each formula
    book            what the names in them stand for
    defining        the sides that are definitions, by the place of their chain
    stating         the sides that only state a shape, likewise
    spellings       how each name is written
    vocabulary      how the letters in them are used
    """

    document: Document
    chains: Sequence[Chain]
    parts: Sequence[Sequence[Sequence[Part]]]
    book: Book
    defining: dict[int, set[int]]
    stating: dict[int, set[int]]
    spellings: dict[Key, str]
    vocabulary: Vocabulary

    @property
    def nodes(self) -> list[Node]:
        """The trees of all sides and definitions."""
        return [*nodes_of(self.chains), *(definition.body for definition in self.book.exact.values())]


def opened(document: Document, without: Collection[int] = ()) -> Notes:
    """The equations of a document, and what its front matter and they define.

    `without` are the places of chains that define nothing: what they say of a name does not hold any more.
    """
    declared = Declarations(load(document), f"{document.file}:{document.front_matter_line}: ")
    equations = list(map(_taken_apart, declared.equations))
    lines = [line for formula in document.formulas for line in formula.lines]
    vocabulary = Vocabulary.of([*(line for rows in equations for line in rows), *lines])
    called = {base for base in said_to_be_functions(document.formulas) if base in vocabulary.before_brackets}
    vocabulary.functions |= called - vocabulary.quantities
    chains, parts = chains_of(document.formulas, vocabulary)
    vocabulary.sums_repeated = sum_repeated_indices(chains, document)
    name_sums(chains)
    name_activations(chains)
    name_slopes(chains, document.formulas)
    book = Book(bold=bold_letters(document.formulas))
    tell_powers(chains)
    base = spell_out_logarithms(chains)
    if base:
        book.announce(rf"$\log$ is to base {base}")
    defining, stating = fill(book, declared, equations, chains, vocabulary, document.formulas, without)
    give_values(book, document, chains)
    spellings = spellings_of(chains, document)
    return Notes(document, chains, parts, book, defining, stating, spellings, vocabulary)


@functools.lru_cache(maxsize=500)
def _taken_apart(equation: str) -> tuple[Row, ...]:
    return parse(equation).lines


def fill(
    book: Book,
    declared: Declarations,
    equations: list[tuple[Row, ...]],
    chains: list[Chain],
    vocabulary: Vocabulary,
    formulas: Sequence[Formula] = (),
    without: Collection[int] = (),
) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Enter everything that is known in the book."""
    put_arguments(chains, vocabulary)
    spell_subscripts(chains)
    steps = leave_out_the_step(chains)
    leave_out_the_example(chains)
    speak_of_one_example(chains)
    put_layers_back(chains)
    solve_implicitly(chains)
    sum_over_the_other(chains)
    steps += say_steps(chains)
    vocabulary.rewrites = [*steps, *mark_labels(chains, vocabulary)]
    join_cases(chains)
    sizes = Sizes()
    for chain in chains:
        sizes.see([node for node in chain.nodes if node is not None], chain.place)
    sizes.settle(book, numbered_layers(chains))
    declared.enter(book, vocabulary, equations)
    declared.values(book, parse, vocabulary)
    if declared.loss is not None:
        for statement_nodes in _sides(equations[declared.loss], vocabulary):
            if isinstance(statement_nodes[0], Name):
                book.loss = statement_nodes[0].key
    without_steps(chains)
    tell_differentials(chains)
    complete_gradients(chains)
    says = stated_shapes(book, chains)
    book.stated = set(book.shapes)
    sizes.fit(book)
    stacked = stack_examples(book, chains)
    told = [chain for chain in chains if chain.place not in says and chain.place not in without]
    unknown = tell_unknown_terms(chains)
    book.vectors = bool(book.bold) or evidence(nodes_of(chains))[0]
    before = book.copy()
    defining = collect(book, told, vocabulary)
    pairs = [(c.head.key, c.nodes[1]) for c in told if isinstance(c.head, Name) and len(c.nodes) > 1]
    heads = [(key, body) for key, body in pairs if body is not None]
    if goes_in_circles(book, heads) or tell_layers_apart(book, heads):
        sum_alike(chains)
        before.mentioned |= {n.key for node in nodes_of(chains) for n in names_in(node)}
        leaves = [key for key in sorted(before.mentioned, key=str) if not book.is_defined(key)]
        for name, value in vars(before).items():
            setattr(book, name, value)
        book.sizes[TYPED] = 1
        join_letters(book, leaves, heads)
        defining = collect(book, told, vocabulary)
    name_adjoints(book, chains, defining)
    name_preactivations(book, chains)
    find_unread(book, chains, {number for number, formula in enumerate(formulas) if formula.problems})
    enter_words(book, formulas)
    find_unknown_terms(book, unknown)
    define_alike(book, chains)
    define_layers_before(book, chains)
    define_customary_layers(book, chains)
    define_inputs(book, chains)
    take_roots(book)
    find_rates(book, chains)
    find_loss(book, chains)
    define_terms(book)
    find_unknown_loss(book, chains)
    take_named_losses(book)
    name_error_signals(book, chains, defining)
    take_short_slopes(book, defining)
    find_batch(book, chains)
    find_conventions(book, chains)
    count_slopes(book, chains)
    tied = tie_columns(book, chains)
    find_pattern_index(book)
    find_rows(book, chains)
    if tied or stacked:
        book.counted.clear()  # matrices have as many columns as they have
    find_fixed_indices(book)
    find_lookalikes(book, chains)
    find_sums_to_one(book)
    book.examples_in_columns = has_examples_in_columns(book)
    find_symmetric(book, chains)
    find_ranges(book, chains)
    book.by_entries = multiplies_by_entries(book, nodes_of(chains))
    with contextlib.suppress(Exception):
        infer_shapes(book, chains, nodes_of(chains))
        shape_of_one(book)
        count_examples(book, nodes_of(chains))
        if book.shapes:
            fit_sizes(book)
        for base in [x for x in book.lookalikes if 1 not in book.shapes.get(x, (1, 1))]:
            del book.lookalikes[base]  # a matrix by what stands around it is no number with a small letter
    if any(ROWS in shape for shape in book.shapes.values()) or _has_counted_table(book):
        book.counted.clear()  # matrices have as many rows as they have
    book.has_branches = any(is_branching(x) for node in nodes_of(chains) for x in walk(node))
    with contextlib.suppress(Exception):  # what only helps must not stop the rest
        end_traces(book, nodes_of(chains))
        refine(book, chains, nodes_of(chains))
        fold_in(book)
    return defining, says


def _has_counted_table(book: Book) -> bool:
    """Whether a letter counts the entries of what has as many as a matrix has rows: z_1 to z_K of z = W x."""
    bases = {slot[0] for slot in book.counted if isinstance(slot, tuple)}
    return any(
        base in book.shapes
        or (book.shapes and (Key(base) in book.exact or str(base).startswith("entry of ")))
        for base in bases
    )


def nodes_of(chains: Sequence[Chain]) -> list[Node]:
    r"""The trees of all sides but sets, which say no more than a shape: \mathbb{R}^{m \times n}."""
    links = (link for chain in chains for link in chain.links if link.relation != "in")
    return [link.node for link in links if link.node is not None]


def _sides(lines: Any, vocabulary: Vocabulary) -> list[list[Any]]:
    from ..meaning.statements import statements_of

    return [[s.node for s in st.sides] for line in lines for st in statements_of(line, vocabulary)]


def spellings_of(chains: Sequence[Chain], document: Document) -> dict[Key, str]:
    """How the notes write every name, the first time."""
    spellings: dict[Any, str] = {}
    for chain in chains:
        for link in chain.links:
            if link.node is None or link.side.breaks_off:
                continue
            source = document.formulas[link.formula].latex
            marked = {id(x.body) for x in walk(link.node) if isinstance(x, Transposed)}  # x of x^T
            for name in quantities_in(link.node):
                if id(name) in marked:
                    continue
                if name.start < name.end and not name.primes and not name.key.tag:
                    text = source[name.start : name.end].rstrip("{^ ")
                    if len(text) < 40:
                        spellings.setdefault(name.key, text)
    return spellings
