"""What became of every character of a formula: for the tests and the fuzzer of the parser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from autograd.notes.reading.layout import Mark
from autograd.notes.reading.parsing import LONGEST, Parsed, parse
from autograd.notes.reading.tokens import tokenize

LEAVES = frozenset(["Symbol", "Number", "Text", "Operator", "Separator"])


def marks_within(part: object) -> Iterator[Mark]:
    """Every mark in a row, a grid or a mark, at any depth."""
    if isinstance(part, tuple):
        for inside in part:
            yield from marks_within(inside)
    elif isinstance(part, Mark):
        yield part
        for field in fields(part):
            yield from marks_within(getattr(part, field.name))


def unaccounted(latex: str, parsed: Parsed) -> list[str]:
    """What of a formula without macros is in no mark, no problem and no styling: nothing, it is hoped.

    Letters, numbers and words have to be in a mark of their own, not just within one that encloses them.
    """
    named = [(problem.start, problem.end) for problem in parsed.problems] + list(parsed.styling)
    every = [mark for line in parsed.lines for mark in marks_within(line)]
    leaves = [(mark.start, mark.end) for mark in every if type(mark).__name__ in LEAVES]
    anywhere = _covered(len(latex), [*named, *((mark.start, mark.end) for mark in every)])
    in_leaves = _covered(len(latex), [*named, *leaves])
    lost = [
        f"{token.kind} {token.text!r} at {token.start}"
        for token in tokenize(latex)
        if token.kind in ("letter", "number", "word", "text") and not all(in_leaves[token.start : token.end])
    ]
    tokens = _covered(len(latex), [(token.start, token.end) for token in tokenize(latex)])
    lost += [
        f"{char!r} at {k}"
        for k, char in enumerate(latex)
        if not anywhere[k] and tokens[k] and not char.isspace()
    ]
    return lost


def check_formula(latex: str) -> Parsed:
    """Parse a formula and assert all that is true of every formula, however bad."""
    parsed = parse(latex)
    for problem in parsed.problems:
        assert 0 <= problem.start <= problem.end <= len(latex), problem
        assert problem.message
    for line in parsed.lines:
        assert line, "a line is not empty"
        for mark in marks_within(line):
            assert 0 <= mark.start <= mark.end <= len(latex), mark
            assert not type(mark).__name__.startswith("_")
            assert type(mark).__module__ == "autograd.notes.reading.layout", mark
    if len(latex) <= LONGEST and not any(name in latex for name in ("def", "command", "\\let", "Declare")):
        lost = unaccounted(latex, parsed)
        assert not lost, (latex, lost)
    return parsed


def _covered(length: int, spans: list[tuple[int, int]]) -> list[bool]:
    covered = [False] * length
    for start, end in spans:
        covered[start:end] = [True] * (min(end, length) - start)
    return covered


def written(part: object) -> str:
    """Marks in a compact spelling of their own, so that a test can say what it expects on one line."""
    if isinstance(part, tuple):
        return " ".join(map(written, part))
    kind = type(part).__name__
    if kind == "Symbol":
        return part.name + (f":{part.style}" if part.style else "")
    if kind == "Number":
        return part.text
    if kind == "Text":
        return f'"{part.words}"'
    if kind in ("Operator", "Separator"):
        return f"<{part.name}>"
    if kind == "Scripted":
        base = written(part.base)
        base = f"({base})" if type(part.base).__name__ == "Scripted" else base
        return base + "'" * part.primes + _scripts(part)
    if kind == "Big":
        return part.name + _scripts(part)
    if kind == "Accented":
        return f"{part.accent}[{written(part.base)}]"
    if kind == "Annotated":
        return f"note[{written(part.inside)} | {written(part.note)}]"
    if kind == "Fraction":
        return f"[{written(part.over)} / {written(part.under)}]"
    if kind == "Radical":
        return f"root{written(part.degree)}[{written(part.inside)}]"
    if kind == "Bracketed":
        return f"{part.opening}{written(part.inside)}{part.closing}"
    assert kind == "Grid", part
    return part.kind + "[" + "; ".join(" & ".join(map(written, cells)) for cells in part.cells) + "]"


def _scripts(part: object) -> str:
    below, above = written(part.below), written(part.above)
    return (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")
