"""Right formulas of the five notes, spoilt at random: the checker must not call one of them right.

A mutant is made twice, in the LaTeX of the typed note and in the plain form of the inventory, whose names,
numbers and signs stand in the same order. Whether it means something else is decided by the engine on the
plain form (see `test_inventory.py`), which the checker never sees; its verdict on the LaTeX must agree.

A sample runs by default; all of them with `ALL_MUTANTS=1 pytest tests/notes/test_mutations.py -s`.
"""

from __future__ import annotations

import ast
import copy
import multiprocessing
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from itertools import product, starmap
from typing import Any, NamedTuple

import pytest

from autograd.notes.checking import check_notes
from tests.notes.test_inventory import INVENTORY, Networks, assigned, claims, evaluator, holds, place
from tests.notes.test_typed_notes import NAMES, NOTES, entries, formulas

ALL = bool(os.environ.get("ALL_MUTANTS"))
FORMULAS, EACH = (None, 20) if ALL else (30, 2)
"""How many formulas are spoilt (`None`: all), and how often each."""

WEIGHT_TAGS = r"\\text\{(new|old)\}"
SPELLINGS = {  # how the names of a note are typed; the longer spellings first
    "000": [
        (rf"w_\{{(\d\d), {WEIGHT_TAGS}\}}\^2", r"w2_\1_\2"),
        (rf"w_\{{(\d\d)\}}\^2\{{\}}_\{{{WEIGHT_TAGS}\}}", r"w2_\1_\2"),
        (r"w_\{(\d\d)\}\^2", r"w2_\1"),
        (rf"w'_\{{(\d\d){WEIGHT_TAGS}\}}", r"w1_\1_\2"),
        (r"w'_\{(\d\d)\}", r"w1_\1"),
        (r"w_\{(\d\d)\}\^1", r"w1_\1"),
        (rf"b_\{{(\d\d)\}}\^\{{{WEIGHT_TAGS}\}}", r"b\1_\2"),
        (rf"b_\{{(\d\d)_\{{{WEIGHT_TAGS}\}}\}}", r"b\1_\2"),
        (r"([bO])_\{(\d\d)\}", r"\1\2"),
        (r"\\hat\{y\}_(\w)", r"yh(\1)"),
        (r"y_(\w)", r"y(\1)"),
        (r"\\hat\{y\}", "yh"),
        (r"x_(\d)", r"x\1"),
        (r"\\text\{loss\}", "loss"),
        (r"A", "A"),
    ],
    "001": [
        (r"Y_\{pred\}", "Ypred"),
        (r"([WXZAb])_?(\d)", r"\1\2"),
        (r"f'", "fprime"),
        (r"\\eta", "eta"),
        (r"[LYf]", r"\g<0>"),
    ],
    "002": [
        (r"w_\{(\d\d)\}\^(\d)", r"w\2_\1"),
        (r"w\^(\d)_\{(\d\d)\}", r"w\1_\2"),
        (r"([wb])_\{\\text\{(new|old)\}\}", r"\1_\2"),
        (r"([bo])_\{(\d\d)\}", r"\1\2"),
        (r"x_\{i(\d)\}", r"xi\1"),
        (r"\\hat\{y\}", "yh"),
        (r"\\eta", "eta"),
        (r"[Ly]", r"\g<0>"),
    ],
    "003": [
        (r"w\^2_\{(\d\d)(new|old)\}", r"w2_\1_\2"),
        (r"w\^2_\{(\d\d)\}", r"w2_\1"),
        (r"([wb])_\{(new|old)\}", r"\1_\2"),
        (r"([bO])_\{(\d\d)\}", r"\1\2"),
        (r"\\hat\{y\}", "yh"),
        (r"\\eta", "eta"),
        (r"[Ly]", r"\g<0>"),
    ],
    "004": [
        (r"x_i\^T", "xT(i)"),
        (r"x\^T", "xT"),
        (r"\\vec\{(\w)\}", r"\1"),
        (r"([ay])_i", r"\1(i)"),
        (r"z_([AB])", r"z\1"),
        (r"z'", "zp"),
        (r"\\mathcal\{J\}", "J"),
        (r"\\omega'", "w_1"),
        (r"A'", "A_1"),
        (r"Z'", "z_1"),
        (r"[Zz]\^2", "z_2"),
        (r"A\^2", "A_2"),
        (r"\\Delta w", "Dw"),
        (r"n(?=\})", "n"),
        (r"w'", "w_new"),
        (r"b'", "b_new"),
        (r"e(?=\^)", "exp"),
        (r"\\(sigma|log|alpha)", r"\1"),
        (r"\\hat\{y\}", "yh"),
        (r"Z", "z"),
        (r"[LJwbxazy]", r"\g<0>"),
    ],
}
IN_ROWS = {"y", "yh", "xT", "a"}
"""What the notes give the index of a row."""
NO_CLAIM_BY_ITSELF = {"000 L122", "000 L126", "000 L258", "000 L280", "002 L150", "004 L81", "004 L97"}
NO_CLAIM_BY_ITSELF |= {"004 L31", "003 L40", "003 L52", "004 L33", "004 L130"}
"""Expressions without a left side, products that go on from the display before, numbers that are given, the
definition of z, which the note gives a second time, of z', a letter for what stood there, and definitions
that with another name in front define that.
"""


class Token(NamedTuple):
    """A name, number or sign: its place in the LaTeX, and its node in the plain form (and that of a sign)."""

    text: str
    start: int
    end: int
    node: ast.AST


class Mutant(NamedTuple):
    kind: str
    latex: str
    claims: list[list[ast.expr]]


# ------------------------------------------------------------------------------ LaTeX and plain form, aligned


def latex_tokens(latex: str, note: str) -> list[tuple[str, int, int]]:
    """Names in their plain spelling, numbers, the signs + and -; what only sets the page is passed over."""
    found, at = [], len(re.match(r"(\d\))?", latex)[0])  # an item's number
    passed = re.compile(
        r"\\text\{OR \}|\\q?quad *(?:[\[(]|\\text|\\dots|\\boxed).*|\\(?:right|left)arrow.*"
        r"|\\text\{ ?\(let\)\}.*|\(\\text\{let\}\)"
        r"|\}_\{(?:\\text\{\w+\}|\\gamma(?: - \\hat\{y\})?)\}(?= o|\s*[+\\])"
        r"|\\sum_\{i=1\}\^n|d(?=[\\ \[wbO])|\\(?!text|hat|vec|mathcal|omega|eta|alpha|sigma|log)[A-Za-z]+|."
    )
    while at < len(latex):
        for pattern, plain in [*SPELLINGS[note], (r"\d+(?:\.\d+)?", r"\g<0>"), (r"[+-]", r"\g<0>")]:
            if m := re.compile(pattern).match(latex, at):
                found.append((m.expand(plain), at, m.end()))
                break
        else:
            m = passed.match(latex, at)
            assert m
        at = m.end()
    return found


def plain_tokens(node: ast.AST, turned: Iterator[bool]) -> Iterator[tuple[str, ast.AST]]:
    """The same of a plain formula, in the order in which LaTeX has it."""
    match node:
        case ast.Name(id=name):
            yield name, node
        case ast.Constant(value=value):
            yield str(value), node
        case ast.Call(func=ast.Name(id="Derivative"), args=[output, variable]):
            inside = [output, variable]
            if not isinstance(output, ast.Name) and next(turned, False):
                inside.reverse()
            for each in inside:
                yield from plain_tokens(each, turned)
        case ast.Call(func=ast.Name(id="Sum"), args=[body, _]):
            yield from plain_tokens(body, turned)
        case ast.Call(func=ast.Name(id=row), args=[ast.Name("i") | ast.Constant() as i]) if row in IN_ROWS:
            yield f"{row}({ast.unparse(i)})", node
        case ast.Call(func=function, args=arguments):
            for each in [function, *arguments]:
                yield from plain_tokens(each, turned)
        case ast.BinOp(left=left, op=op, right=right):
            yield from plain_tokens(left, turned)
            if isinstance(op, ast.Add | ast.Sub):
                yield "+" if isinstance(op, ast.Add) else "-", node
            yield from plain_tokens(right, turned)
        case ast.UnaryOp(operand=operand):
            yield "-", node
            yield from plain_tokens(operand, turned)


def tokens_of(
    entry: dict[str, Any], latex: str, whole: list[list[ast.expr]] | None = None
) -> list[Token] | None:
    """The tokens of the sides that are shown: a formula that goes on from one before leaves the first out."""
    whole = whole or claims(entry)
    shown = [side for sides in whole for side in sides]
    return aligned(entry, latex, shown[-len(entry["sides"]) :] if len(whole) == 1 else shown)


def aligned(entry: dict[str, Any], latex: str, sides: list[ast.expr]) -> list[Token] | None:
    """The tokens of a formula with their nodes; None where the two forms do not go together."""
    seen = latex_tokens(latex, entry["seed"][:3])
    for turned in product((False, True), repeat=2):
        turns = iter(turned)
        meant = [token for side in sides for token in plain_tokens(side, turns)]
        # `b = b - ...` assigns; a product that goes on in the next display has more to it than is shown
        names = [re.sub("_new$", "", text) if at == 0 else text for at, (text, _) in enumerate(meant)]
        shown = [re.sub("_new$", "", text) if at == 0 else text for at, (text, *_) in enumerate(seen)]
        if shown and names[: len(shown)] == shown and (len(meant) == len(seen) or latex.endswith(r"\times")):
            return [Token(*where, node) for where, (_, node) in zip(seen, meant, strict=False)]
    return None


# ------------------------------------------------------------------------------------------------- spoiling


def parents(claim: list[ast.expr]) -> dict[ast.AST, ast.AST]:
    return {child: node for side in claim for node in ast.walk(side) for child in ast.iter_child_nodes(node)}


def put(claim: list[list[ast.expr]], old: ast.AST, new: ast.AST | None) -> list[list[ast.expr]]:
    """The claim with a node in the place of another; `None` takes a factor out of its product."""
    memo: dict[int, Any] = {}

    class Putting(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            if new is None and isinstance(node, ast.BinOp) and old in (node.left, node.right):
                return self.visit(node.right if node.left is old else node.left)
            return new if node is old else self.generic_visit(memo_copy(node))

    def memo_copy(node: ast.AST) -> ast.AST:
        copied = copy.copy(node)
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                setattr(copied, field, list(value))
        memo[id(copied)] = node
        return copied

    return [[Putting().visit(side) for side in sides] for sides in claim]


def mutants(entry: dict[str, Any], latex: str, pool: dict[str, str], rng: random.Random) -> Iterator[Mutant]:
    """Endless random mutants of a formula: a symbol, sign, number, power or factor changed."""
    whole = claims(entry)
    shown = [side for sides in whole for side in sides]
    tokens = tokens_of(entry, latex, whole)
    while tokens:
        token = rng.choice(tokens)
        above = parents(shown).get(token.node)
        if token.text in "+-":
            yield spoilt_sign(latex, whole, token)
        elif token.text.isdigit():
            number = str(int(token.text) + rng.choice((1, 2)))
            yield changed("number", latex, whole, token, number, ast.Constant(int(number)))
        elif token.text == "fprime":
            yield changed("prime", latex, whole, token, "f", ast.Name("f"))
        elif token.text in pool and above is not None:
            yield spoilt_name(latex, whole, token, above, pool, rng)
        elif token.text in pool:
            yield swapped(latex, whole, token, pool, rng)


def changed(kind: str, latex: str, whole: Any, token: Token, spelling: str, node: ast.AST | None) -> Mutant:
    return Mutant(kind, latex[: token.start] + spelling + latex[token.end :], put(whole, token.node, node))


def swapped(latex: str, whole: Any, token: Token, pool: dict[str, str], rng: random.Random) -> Mutant:
    other = rng.choice([name for name in pool if name != token.text])
    return changed("symbol", latex, whole, token, pool[other], ast.parse(other, mode="eval").body)


def spoilt_sign(latex: str, whole: Any, token: Token) -> Mutant:
    match token.node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return changed("sign", latex, whole, token, "-", ast.BinOp(left, ast.Sub(), right))
        case ast.BinOp(left=left, right=right):
            return changed("sign", latex, whole, token, "+", ast.BinOp(left, ast.Add(), right))
        case ast.UnaryOp(operand=operand):
            return changed("sign", latex, whole, token, " ", operand)
    raise AssertionError(token)


def spoilt_name(
    latex: str, whole: Any, token: Token, above: ast.AST, pool: dict[str, str], rng: random.Random
) -> Mutant:
    """A name swapped for another; in a product or sum also squared, joined by another factor, or left out."""
    product_here = isinstance(above, ast.BinOp) and isinstance(above.op, ast.Mult)
    free = isinstance(above, ast.BinOp) and not re.match(r"\s*[\^_(]", latex[token.end :])
    kind = rng.choice(["symbol"] + ["square"] * free + ["factor", "dropped"] * (free and product_here))
    node = token.node
    if kind == "square":
        spelling = f"({latex[token.start : token.end]})^2"
        return changed(kind, latex, whole, token, spelling, ast.BinOp(node, ast.Pow(), ast.Constant(2)))
    if kind == "factor":
        other = rng.choice(list(pool))
        spelling = f"{latex[token.start : token.end]} \\cdot {pool[other]}"
        more = ast.BinOp(node, ast.Mult(), ast.parse(other, mode="eval").body)
        return changed(kind, latex, whole, token, spelling, more)
    if kind == "dropped":
        start, end = token.start, token.end
        if before := re.search(r"\\(?:cdot|times)\s*$", latex[:start]):
            start = before.start()
        elif after := re.match(r"\s*\\(?:cdot|times)\s*", latex[end:]):
            end += after.end()
        return Mutant(kind, latex[:start] + latex[end:], put(whole, node, None))
    return swapped(latex, whole, token, pool, rng)


# ------------------------------------------------------------------------------------------------ the tests


def typed(note: str) -> list[tuple[dict[str, Any], int, str]]:
    """The entries of a note with the place and text of each as it is typed."""
    return [
        (entry, start, latex) for entry, (start, latex) in zip(entries(note), formulas(note), strict=True)
    ]


NOT_IN_A_POOL = {"fprime", "f", "exp", "log", "sigma", "w_old", "w_new", "b_old", "b_new"}
"""Functions, and names that stand for any parameter."""

RIGHT = [e for e in INVENTORY if e["verdict"] == "right" and place(e) not in NO_CLAIM_BY_ITSELF]


def spelling_pool(note: str) -> dict[str, str]:
    """The names a mutant may put in, each as the note first spells it."""
    pool: dict[str, str] = {}
    for entry, _, latex in typed(note):
        if entry["verdict"] == "right":
            for name, start, end in latex_tokens(latex, note):
                if re.match(r"[A-Za-z]", name) and name not in NOT_IN_A_POOL:
                    pool.setdefault(name, latex[start:end])
    return pool


class Judged(NamedTuple):
    entry: dict[str, Any]
    mutant: Mutant
    truth: str
    start: int
    original: str


def judged(networks: Networks, evaluate: Any) -> Iterator[Judged]:
    """Mutants that mean something else, with what the engine says of them on the plain form."""
    rng = random.Random(20)
    pools = {note: spelling_pool(note) for note in NAMES}
    right = [one for note in NAMES for one in typed(note) if one[0] in RIGHT and tokens_of(one[0], one[2])]
    for entry, start, latex in right if FORMULAS is None else rng.sample(right, FORMULAS):
        made: set[str] = {latex}
        pool = pools[entry["seed"][:3]]
        for mutant, _ in zip(mutants(entry, latex, pool, rng), range(6 * EACH), strict=False):
            if mutant.latex in made:
                continue
            truth = verdict_on(mutant, entry, latex, networks.readings(entry), evaluate)
            if truth in ("wrong", "ambiguous"):
                made.add(mutant.latex)
                yield Judged(entry, mutant, truth, start, latex)
            if len(made) > EACH:
                break


def verdict_on(
    mutant: Mutant, entry: dict[str, Any], original: str, readings: list[Any], evaluate: Any
) -> str:
    """`unclear` for what has no value in the inventory's networks, such as a name that they lack."""
    for reading in readings:
        try:
            said = [[assigned(left, entry), *others] for left, *others in mutant.claims]
            if all(holds(claim, reading, evaluate) for claim in said):
                return "right" if reading is readings[0] else "ambiguous"
        except (LookupError, AttributeError, TypeError, AssertionError, ArithmeticError, SyntaxError):
            return "unclear"
    # people write f'(A) for the slope at the unit whose output is A; and a step without a rate has rate 1
    slope_at_the_output = re.search(r"f'\(A_?\d\)", mutant.latex)
    rates = [len(re.findall(r"\\(?:eta|alpha)", latex)) for latex in (original, mutant.latex)]
    no_rate = mutant.kind == "dropped" and entry["kind"] == "update" and rates[1] < rates[0]
    return "ambiguous" if slope_at_the_output or no_rate else "wrong"


def verdicts(text: str) -> list[tuple[int, str]]:
    return [(claim.offset, claim.verdict) for claim in check_notes(text).claims]


def called(text: str, before: list[tuple[int, str]], one: Judged) -> str:
    """What the checker says of a mutant in its place; `wrong below` where it took it for a definition."""
    end = one.start + len(one.original)
    spoilt = text[: one.start] + one.mutant.latex + text[end:]
    longer = len(one.mutant.latex) - len(one.original)
    after = verdicts(spoilt)
    own = [verdict for offset, verdict in after if one.start <= offset < end + longer]
    for verdict in ("wrong", "not understood"):
        if verdict in own:
            return verdict
    old = dict(before)
    for offset, verdict in after:
        was = old.get(offset if offset < one.start else offset - longer)
        if verdict in ("wrong", "not understood") and was != verdict:
            return "wrong below"
    return "missing" if not own else "ambiguous" if "ambiguous" in own else "right"


@pytest.fixture(scope="module")
def networks(linear, activated, cubic_primitive, sigmoids, exact):
    return Networks(linear, activated, cubic_primitive, sigmoids, exact)


def test_most_formulas_can_be_spoilt():
    done = [e for note in NAMES for e, _, latex in typed(note) if e in RIGHT and tokens_of(e, latex)]
    assert len(done) >= 0.85 * len(RIGHT)


def test_a_mutant_is_never_called_right(networks, derivative):
    chosen = list(judged(networks, evaluator(derivative)))
    assert {one.mutant.kind for one in chosen} >= {"symbol", "sign", "number", "square"}
    texts = {note: (NOTES / name).read_text("utf-8") for note, name in NAMES.items()}
    before = {note: verdicts(text) for note, text in texts.items()}
    notes = [one.entry["seed"][:3] for one in chosen]
    cases = [(texts[note], before[note], one) for note, one in zip(notes, chosen, strict=True)]
    if ALL:  # each is the whole note checked once more: half an hour of one core
        with multiprocessing.Pool() as pool:
            found = pool.starmap(called, cases, chunksize=5)
    else:
        found = list(starmap(called, cases))
    said = Counter()
    escaped = []
    for one, verdict in zip(chosen, found, strict=True):
        said[one.mutant.kind, verdict] += 1
        if verdict in ("right", "missing") or (verdict == "ambiguous" and one.truth == "wrong"):
            escaped.append(f"{place(one.entry)} [{one.mutant.kind}] {verdict}: {one.mutant.latex}")
    if ALL:
        print(f"\n{len(chosen)} mutants of {len({one.start for one in chosen})} formulas")
        for (kind, verdict), count in sorted(said.items()):
            print(f"  {kind:8} {verdict:15} {count}")
        print(*escaped, sep="\n")
    assert not escaped, "\n".join(escaped)
