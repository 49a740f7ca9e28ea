"""`check_notes`: read, define, judge, report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .book import TYPED, Book
from .chains import Chain, Part, chains_of
from .conventions import (
    find_conventions,
    find_fixed_indices,
    find_given_gradients,
    find_lookalikes,
    find_loss,
    find_pattern_index,
    find_rows,
    find_sums_to_one,
)  # fmt: skip
from .deciding import Court, digits
from .declared import Declarations
from .definitions import collect
from .front_matter import load
from .judging import Judge, Judgement
from .letters import goes_in_circles, join_letters
from .mending import Mender
from .parsing import parse
from .reading import read
from .refining import fold_in, refine
from .report import Claim, Kind, Report, Step, Verdict
from .shapes import evidence, infer_shapes, stated_shapes
from .shelf import Shelf
from .sizes import Sizes
from .syntax import Node, quantities_in
from .updates import find_rates, without_steps
from .vocabulary import Vocabulary

__all__ = ["check_notes"]

_GRAVITY = {"wrong": 3, "not understood": 2, "ambiguous": 1, "right": 0}


def check_notes(
    source: Any, *, file: str | None = None, progress: Callable[[int, int], object] | None = None
) -> Report:
    """Check a derivation: every equation in notes, each step held against the graph.

    source     a path to Markdown, LaTeX or a notebook; or the text itself
    file       what a text is called in the report
    progress   called with the number of formulas judged, and of all

    Raises `FileAccessError` and `FileFormatError` for what cannot be read.
    """
    document = read(source, file=file)
    declared = Declarations(load(document))
    equations = [parse(text).lines for text in declared.equations]
    lines = [line for formula in document.formulas for line in formula.lines]
    vocabulary = Vocabulary.of([*(line for rows in equations for line in rows), *lines])
    chains, parts = chains_of(document.formulas, vocabulary)
    book = Book()
    defining, says = fill(book, declared, equations, chains, vocabulary)
    nodes = nodes_of(chains)
    nodes += [d.body for d in book.exact.values()]
    claims: list[Claim] = []
    with digits(Court(book, nodes).exact):
        shelf = Shelf(book, chains, nodes)
        mender = Mender(_spellings(chains, document))
        judge = Judge(shelf, {**shelf.defining, **defining}, says)
        for number, (formula, found) in enumerate(zip(document.formulas, parts, strict=True)):
            claims += _claims(formula, found, judge, mender, document)
            if progress is not None:
                progress(number + 1, len(document.formulas))
    return Report(document.file, document.text, tuple(claims), tuple(book.conventions), document)


def fill(
    book: Book, declared: Declarations, equations: list[Any], chains: list[Chain], vocabulary: Vocabulary
) -> tuple[dict[int, set[int]], dict[int, set[int]]]:  # fmt: skip
    """Enter everything that is known in the book."""
    sizes = Sizes()
    for chain in chains:
        sizes.see([node for node in chain.nodes if node is not None], chain.place)
    sizes.settle(book)
    declared.enter(book, vocabulary, equations)
    declared.values(book, parse, vocabulary)
    if declared.loss:
        lines = equations[[i for i, e in enumerate(declared.equations) if str(declared.loss) in e][0]]
        from .syntax import Name

        for statement_nodes in _sides(lines, vocabulary):
            if isinstance(statement_nodes[0], Name):
                book.loss = statement_nodes[0].key
    without_steps(chains)
    says = stated_shapes(book, chains)
    told = [chain for chain in chains if chain.place not in says]
    book.vectors = evidence(nodes_of(chains))[0]
    before = book.copy()
    defining = collect(book, told, vocabulary)
    if goes_in_circles(book):
        before.mentioned |= book.mentioned
        for name, value in vars(before).items():
            setattr(book, name, value)
        book.sizes[TYPED] = 1
        join_letters(book)
        defining = collect(book, told, vocabulary)
    find_rates(book, chains)
    find_loss(book, chains)
    find_given_gradients(book, chains)
    find_conventions(book, chains)
    find_pattern_index(book)
    find_rows(book, chains)
    find_fixed_indices(book)
    find_lookalikes(book, chains)
    find_sums_to_one(book)
    infer_shapes(book, chains, nodes_of(chains))
    refine(book, chains, nodes_of(chains))
    fold_in(book)
    return defining, says


def nodes_of(chains: list[Chain]) -> list[Node]:
    """The trees of all sides."""
    return [node for chain in chains for node in chain.nodes if node is not None]


def _sides(lines: Any, vocabulary: Vocabulary) -> list[list[Any]]:
    from .statements import statements_of

    return [[s.node for s in st.sides] for line in lines for st in statements_of(line, vocabulary)]


def _spellings(chains: list[Chain], document: Any) -> dict[Any, str]:
    """How the notes write every name, the first time."""
    spellings: dict[Any, str] = {}
    for chain in chains:
        for link in chain.links:
            if link.node is None or link.side.breaks_off:
                continue
            source = document.formulas[link.formula].latex
            for name in quantities_in(link.node):
                if name.start < name.end and not name.primes and not name.key.tag:
                    text = source[name.start : name.end]
                    if len(text) < 40:
                        spellings.setdefault(name.key, text)
    return spellings


def _claims(
    formula: Any, parts: list[list[Part]], judge: Judge, mender: Mender, document: Any
) -> list[Claim]:
    """One claim for a formula, or one for each of its lines where several say something."""
    whole = Span(formula.start, formula.latex, formula.line, formula.column)
    if formula.problems:
        problem = formula.problems[0]
        return [whole.claim(formula, "mention", "not understood", reason=problem.message)]
    told = [(line, found) for line, found in zip(formula.lines, parts, strict=True) if found]
    if not told:
        return [whole.claim(formula, "mention", "right")]
    sized = judge.begin([part for _, found in told for part in found])
    if len(told) == 1 or sized or sum(len(part.chain.links) > 1 for _, found in told for part in found) < 2:
        judged = [(judge.part(part), part) for _, found in told for part in found]
        return [_claim(formula, whole, judged, judge, mender, document)]
    claims = []
    for line, found in told:
        start, end = line[0].start, line[-1].end
        row, column = formula.position(start)
        span = Span(formula.start + start, formula.latex[start:end], row, column, start)
        claims.append(
            _claim(formula, span, [(judge.part(part), part) for part in found], judge, mender, document)
        )
    return claims


@dataclass(frozen=True, slots=True)
class Span:
    """What a claim is about: a formula or a line of one; `shift` is where it begins in the formula."""

    offset: int
    latex: str
    line: int
    column: int
    shift: int = 0

    def claim(self, formula: Any, kind: Kind, verdict: Verdict, **more: Any) -> Claim:
        """A claim about it."""
        return Claim(
            formula.file, self.line, self.column, self.latex, kind, verdict, offset=self.offset, **more
        )


def _claim(
    formula: Any, span: Span, judged: list[tuple[list[Judgement], Part]], judge: Judge, mender: Mender, document: Any
) -> Claim:  # fmt: skip
    steps = [(judgement, part) for found, part in judged for judgement in found]
    if not steps:
        return span.claim(formula, "mention", "right")
    worst, part = max(steps, key=lambda step: _GRAVITY[step[0].verdict])
    more: dict[str, Any] = {
        "reason": worst.reason, "reading": worst.reading.says if worst.reading else None,
        "steps": tuple(_step(judgement, document) for judgement, _ in steps if judgement.left is not None),
    }  # fmt: skip
    if worst.verdict == "wrong":
        assert worst.left is not None
        more["step"] = f"{_source(worst.left, document)} = {_source(worst.link, document)}".strip()
        if worst.follows is not None:
            more["follows_from"] = _line(worst.follows.link, document)
        remedy = mender.remedy(worst, part.chain, judge.shelf.court(part.chain), formula.latex, span.shift)
        first = judge.defined_before(worst, part.chain)
        if first is not None and "repair" not in remedy:
            judge.wrong.remove(worst)
            reason = f"it was defined otherwise in line {first.line}"
            return span.claim(formula, worst.kind, "not understood", reason=reason, steps=more["steps"])
        more |= remedy
    return span.claim(formula, worst.kind, worst.verdict, **more)


def _step(judgement: Judgement, document: Any) -> Step:
    assert judgement.left is not None
    return Step(
        _source(judgement.left, document), judgement.link.relation or "=", _source(judgement.link, document),
        judgement.verdict,
    )  # fmt: skip


def _line(link: Any, document: Any) -> int:
    return int(document.formulas[link.formula].position(link.side.start)[0])


def _source(link: Any, document: Any) -> str:
    return str(document.formulas[link.formula].latex[link.side.start : link.side.end]).strip()
