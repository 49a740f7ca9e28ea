"""A formula's LaTeX to what is typeset: as real notes write it, and as hostile ones might."""

from __future__ import annotations

import json
import pathlib
import re
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.notes.reading.layout import Big, Bracketed, Grid, Scripted, Symbol
from autograd.notes.reading.parsing import DEEPEST, LONGEST, MOST_PROBLEMS, parse
from tests.notes.accounting import check_formula, marks_within, written

INVENTORY = json.loads((pathlib.Path(__file__).parent / "inventory.json").read_text(encoding="utf-8"))


def laid(latex):
    """The lines of a formula without problems, in the spelling of `written`."""
    parsed = check_formula(latex)
    assert not parsed.problems, parsed.problems
    return [written(line) for line in parsed.lines]


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        # scripts, in every order and with every mistake
        (r"w_{11}^2", "w_{11}^{2}"),
        (r"w^2_{11}", "w_{11}^{2}"),
        (r"w_{21}^2_{\text{new}}", "(w_{21}^{2})_{new:word}"),
        (r"w_{11}^1{}_{old}", "(w_{11}^{1})_{old:word}"),
        (r"b_{12_{new}}", "b_{12_{new:word}}"),
        (r"b_{12_new}", "b_{12_{new:word}}"),
        (r"w'_{22\text{new}}", "w'_{22 new:word}"),
        (r"w^2_{11new}", "w_{11 new:word}^{2}"),
        (r"w_new = w_old", "w_{new:word} <=> w_{old:word}"),
        (r"x_ia", "x_{i} a"),
        (r"w_11 x^12", "w_{11} x^{12}"),
        (r"10^{-3} 10^-3 e^-x e^{-x}", "10^{<-> 3} 10^{<-> 3} e^{<-> x} e^{<-> x}"),
        (r"w_{21}^{(l)} x^{(i)}", "w_{21}^{(l(} x^{(i(}"),
        (r"f'(z) f^\prime f^{\prime\prime} \sigma'^2 x_{i1}'", "f' (z( f' f'' sigma'^{2} x'_{i 1}"),
        (r"{w_1}^2 {ab}^2 {\alpha}_i", "(w_{1})^{2} .a b.^{2} alpha_{i}"),
        (r"Y_{pred} \text{net}_{h1} \mathcal L", "Y_{pred:word} net:word_{h 1} L:cal"),
        (r"\frac{\partial L}{\partial w_0}_{\text{old}}", "[partial L / partial w_{0}]_{old:word}"),
        (
            r"x^\top x^T x^{\mathsf T} x^\intercal xᵀ",
            "x^{<transpose>} x^{T} x^{<transpose>} x^{<transpose>} x^{T}",
        ),
        (r"x\_1 y\_{2}", "x_{1} y_{2}"),
        # letters, words and numbers
        (r"Z1 = W1 \cdot X1", "Z 1 <=> W 1 <*> X 1"),
        (
            r"\mathrm{ReLU}(z) \operatorname{softmax}(z) \mathrm d x",
            "ReLU:word (z( softmax:word (z( d:word x",
        ),
        (r"\mathbf{W}\boldsymbol{\delta}\mathbb{R}^{n\times m}", "W:bold delta:bold R:bb^{n <*> m}"),
        (r"1{,}000 0.5 .5 5\% 1e-3 10\,000", "1000 0.5 .5 0.05 1e-3 10000"),
        (r"0{,}333 1{,}5", "0.333 1.5"),
        (r"\text{loss} = x", "loss:word <=> x"),
        (r"d\text{loss}", "d loss:word"),
        (r"A \text{ (let)} \text{ --- eqn(i)}", 'A "(let)" "--- eqn(i)"'),
        (r"a \text{ where } b, \quad \text{Sigmoid}", 'a "where" b <,> <quad> "Sigmoid"'),
        (r"\text{if $x > 0$ and \(y\)}", '"if" x <>> 0 "and" y'),
        (r"1) a = b", '"1)" a <=> b'),
        (r"损失 = x", "损失:word <=> x"),
        # fractions, roots, accents
        (r"\frac12 \dfrac{1}{2} \frac ab {a \over b}", "[1 / 2] [1 / 2] [a / b] [a / b]"),
        (r"\frac{d}{dx} \sqrt[3]{x} \sqrt 2", "[d / d x] root3[x] root[2]"),
        (
            r"\hat{y}_i \widehat{xy} \bar x \vec{w} \tilde\delta",
            "hat[y]_{i} hat[x y] bar[x] vec[w] tilde[delta]",
        ),
        (r"y - \cancel{ay} \underline{\underline{k}} \boxed{a = b}", "y <-> cancel[a y] k a <=> b"),
        (
            r"\underbrace{w x + b}_{z} \overset{!}{=} 1 \stackrel{def}{=} 2",
            "note[w x <+> b | z] <=> 1 <equiv> 2",
        ),
        (r"\color{red}{a} \textcolor{blue}{b} \phantom{c} {\color{red} d}", "a b d"),
        # brackets and bars
        (r"\left( a \right) \big[ b \big] \{ c \} \left. d \right|_0", "(a( [b[ {c{ .d|_{0}"),
        (
            r"|x| + \lVert w \rVert^2 + \|v\| + \lfloor n \rfloor",
            "|x| <+> ||w||^{2} <+> ||v|| <+> floornfloor",
        ),
        (r"\frac12||a - y||^2 + \|\|b\|\|_2", "[1 / 2] ||a <-> y||^{2} <+> ||b||_{2}"),
        (r"||a||\,||b|| + ||c||||d||", "||a|| ||b|| <+> ||c|| ||d||"),
        (r"|e||f| + \|g\|\|h\|", "|e| |f| <+> ||g|| ||h||"),
        (r"D(q||p) + a || b", "D (q <||> p( <+> a <||> b"),
        (r"p(y|x) + \frac{d}{dx}|_{x=0}", "p (y <|> x( <+> [d / d x] <|>_{x <=> 0}"),
        (r"[0, 1)", "[0 <,> 1("),
        # large operators
        (r"\sum_{i=1}^{n} x_i \sum\limits_j \prod^m_k", "sum_{i <=> 1}^{n} x_{i} sum_{j} prod_{k}^{m}"),
        (
            r"\sum_{\substack{i=1 \\ j \ne i}} \max_w \underset{w}{\min} L",
            "sum_{i <=> 1 <,> j <!=> i} max_{w} min_{w} L",
        ),
        # words
        (
            r"a = 2, \quad \text{act}(x) = 3, \quad \text{if } (x)",
            'a <=> 2 <,> <quad> act:word (x( <=> 3 <,> <quad> "if" (x(',
        ),
        # Unicode
        ("∂L/∂w₁₁² = −2·(y−ŷ)×x′", "partial L </> partial w_{11}^{2} <=> <-> 2 <*> (y <-> hat[y]( <*> x'"),
        ("∑ᵢ σ(zᵢ) ≈ ½ … 𝑤 𝓛 ３．５", "sum_{i} sigma (z_{i}( <approx> [1 / 2] <dots> w L:cal 3 <.> 5"),
        ("y\u0302 = \u2207L", "hat[y] <=> nabla L"),
        ("०.५", "0.5"),
        # what only looks
        (r"\displaystyle a\,b\;c\!d ~ e \hspace{2em} \label{x} \nonumber", "a b c d e <quad>"),
        (r"a &lt; b", "a <<> b"),
        ("a % a comment\n + b", "a <+> b"),
        (r"a \not= b \not\in c", "a <!=> b <notin> c"),
        (r"a := b, c -> d => e <= f", "a <equiv> b <,> c <->> d <=>> e <<=> f"),
    ],
)
def test_what_notes_write(latex, expected):
    assert laid(latex) == [expected]


@pytest.mark.parametrize(
    ("latex", "lines"),
    [
        (r"\begin{aligned} z &= wx \\ &= 2 \end{aligned}", ["z <=> w x", "<=> 2"]),
        (r"L = \begin{split} a \\ &= b \end{split}", ["L <=> a", "<=> b"]),
        (r"\begin{align*} a &= b & c &= d \\[2pt] e &= f \end{align*}",
         ["a <=> b <quad> c <=> d", "e <=> f"]),
        (r"\begin{eqnarray} a &=& b \\ c &=& d \end{eqnarray}", ["a <=> b", "c <=> d"]),
        (r"\begin{array}{rcl} a &=& b \\ c &=& d \end{array}", ["a <=> b", "c <=> d"]),
        (r"a = b \\ c = d", ["a <=> b", "c <=> d"]),
        (r"\begin{multline} a + b \\ + c = d \end{multline}", ["a <+> b <+> c <=> d"]),
        (r"\begin{aligned} a &= b \\ &\quad + c \\ &\quad - d \\ - e &= f \end{aligned}",
         ["a <=> b <quad> <+> c <quad> <-> d", "<-> e <=> f"]),
        (r"\begin{aligned} a &= (b \\ &+ c) \end{aligned}", ["a <=> (b <+> c("]),
        (r"\begin{cases} z = wx \\ a = z \end{cases}", ["z <=> w x", "a <=> z"]),
        (r"\left\{\begin{aligned} z &= 1 \\ a &= 2 \end{aligned}\right.", ["z <=> 1", "a <=> 2"]),
        (r"f = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
         ['f <=> cases[1 & x <>> 0; 0 & "otherwise"]']),
        (r"f = \left\{ \begin{array}{ll} 1 & x > 0 \\ 0 & x \le 0 \end{array} \right.",
         ["f <=> cases[1 & x <>> 0; 0 & x <<=> 0]"]),
        (r"a = \begin{bmatrix} 1 & 2 \\ 3 & 4 \\ \end{bmatrix}^T", ["a <=> matrix[1 & 2; 3 & 4]^{T}"]),
        (r"\left[\begin{array}{c|c} 1 & 2 \end{array}\right]", ["matrix[1 & 2]"]),
    ],
)  # fmt: skip
def test_lines_and_grids(latex, lines):
    assert laid(latex) == lines


def test_the_inventory_is_read_without_a_problem():
    assert len(INVENTORY) == 243
    for formula in INVENTORY:
        assert laid(formula["latex"])


@pytest.mark.parametrize(
    ("latex", "start", "message"),
    [
        ("x^2 )", 4, ") closes nothing"),
        (r"\frac{1}{", 8, "{ is never closed"),
        (r"\frac{1}", 0, r"\frac lacks an argument"),
        ("1.2.3", 0, "1.2.3 is not a number"),
        ("(a + b", 0, "( is never closed"),
        (r"a \right)", 2, r"\right closes nothing"),
        (r"\begin{aligned} a", 0, r"\begin{aligned} is never closed"),
        (r"a + \foo{b}", 4, r"\foo is unsupported"),
        (r"\write18{rm}", 0, r"\write is unsupported"),
        (r"\input{secret}", 0, r"\input is unsupported"),
        (r"\begin{tikzpicture} x \end{tikzpicture}", 0, "environment tikzpicture is unsupported"),
        ("x^", 1, "nothing stands behind ^"),
        ("^2", 0, "a script with nothing before it"),
        ("a ☃ b", 2, "☃ is not mathematics"),
        ("a % b", 2, "what follows % is a comment"),
        ("a\\", 1, "a backslash with nothing behind it"),
        (r"x^1^2^3^4^5^6^7^8^9^1", 0, f"nested over {DEEPEST} deep, at character 18"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(latex, start, message):
    first = check_formula(latex).problems[0]
    assert (first.start, first.message) == (start, message)


def test_what_is_around_a_problem_is_still_read():
    parsed = check_formula(r"a + \foo{b} = c")
    assert written(parsed.lines[0]) == "a <+> b <=> c"


def test_an_interval_behind_a_command_is_no_option_of_it():
    (mark,) = check_formula(r"\boxed[0?)").lines[0]
    assert written((mark,)) == written(parse("[0?)").lines[0])


def test_nothing_is_run():
    parsed = check_formula("__import__('os').system('true')")
    assert parsed.problems


def test_positions_are_those_of_the_source():
    latex = r"\frac{\partial L}{\partial w_{11}^2} = \text{loss}"
    seen = {latex[mark.start : mark.end] for line in parse(latex).lines for mark in marks_within(line)}
    assert {r"\partial", "L", "w_{11}^2", "11", "2", "=", r"\text{loss}", latex[:36]} <= seen


def test_a_command_ends_behind_the_one_digit_it_takes():
    latex = r"\hat\hat68"
    [accented, number] = check_formula(latex).lines[0]
    assert (latex[accented.start : accented.end], latex[number.start : number.end]) == (r"\hat\hat6", "8")


def test_a_letter_stays_next_to_its_digit():
    letter, number = parse("Z1").lines[0]
    assert (letter.end, number.start) == (1, 1)


def test_macros_of_the_notes():
    macros = {}
    parse(r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} \def\loss{\mathcal{L}}", macros)
    parse(r"\DeclareMathOperator{\relu}{ReLU} \let\oldhat\hat \renewcommand{\hat}[1]{\oldhat{#1}}", macros)
    latex = r"\pd{\loss}{w} = \relu(\hat y)"
    [line] = parse(latex, macros).lines
    assert written(line) == "[partial L:cal / partial w] <=> ReLU:word (hat[y]("
    assert latex[line[0].start : line[0].end] == r"\pd{\loss}{w}"


def test_a_macro_with_an_optional_argument():
    [line] = parse(r"\newcommand{\g}[2][L]{\frac{d #1}{d #2}} \g{w} \g[J]{b}").lines
    assert written(line) == "[d L / d w] [d J / d b]"


@pytest.mark.parametrize(
    "latex",
    [
        r"\newcommand{\a}{\a\a} \a",
        r"\def\a{xx}"
        + "".join(rf"\def\{chr(98 + k)}{{{(chr(92) + chr(97 + k)) * 20}}}" for k in range(9))
        + r"\i",
        r"\def\a{\frac\a} \a",
    ],
)
def test_macros_without_end_are_stopped(latex):
    begun = time.process_time()
    assert any(
        re.search("expands without end|nested over", problem.message) for problem in parse(latex).problems
    )
    assert time.process_time() - begun < SOON


SOON = 5 if sys.gettrace() is None else 20
"""Seconds; measuring coverage takes its time."""

HOSTILE = {
    "braces": "{" * 10_000 + "x" + "}" * 10_000,
    "brackets": "(" * 10_000 + "x" + ")" * 10_000,
    "fractions": r"\frac{1}{" * 10_000,
    "roots": r"\sqrt" * 30_000,
    "negations": r"\not" * 30_000,
    "scripts": "x" + "^1_2" * 30_000,
    "scripts of scripts": "9" + "^{9" * 5_000 + "}" * 5_000,
    "texts": r"\text{a $" * 10_000,
    "environments": r"\begin{align}" * 10_000,
    "brackets over lines": r"( \\" * 20_000,
    "bars": "|x" * 50_000,
    "primes": "x" + "'" * 100_000,
    "accents": "x" + "\u0302" * 100_000,
    "definitions": r"\def\a{" * 20_000,
    "terms": "+".join(["x"] * 100_000),
    "too long": "x" * (LONGEST + 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_formulas_end_soon(name):
    begun = time.process_time()
    parsed = parse(HOSTILE[name])
    assert time.process_time() - begun < SOON
    assert len(parsed.problems) <= MOST_PROBLEMS
    assert parsed.problems or name in ("bars", "primes", "accents", "terms")


def test_towers_of_powers_are_only_towers():
    assert laid("9^{9^{9^{9}}}") == ["9^{9^{9^{9}}}"]


TEX = st.lists(
    st.sampled_from(
        [
            *"xyLw12.,=+-*/()[]{}^_'|&% $", r"\frac", r"\partial ", r"\left(", r"\right)", r"\text{",
            r"\\", r"\hat", r"\sum", r"\begin{aligned}", r"\end{aligned}", r"\begin{cases}",
            r"\end{cases}", r"\over ", r"\sqrt[", r"\underbrace{", r"\mathrm{", r"\not", r"\substack{",
            r"\color{red}", "ŷ", "₁", "²", "损", "old", r"\unknown",
        ]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(TEX | st.text(max_size=40))
def test_every_character_is_accounted_for(latex):
    check_formula(latex)


@given(st.recursive(
    st.sampled_from(["x", "w_{11}^2", "3", r"\hat{y}", r"\text{loss}", "Z1"]),
    lambda inner: st.builds(r"\frac{{{}}}{{{}}}".format, inner, inner)
    | st.builds(r"\left({} + {}\right)".format, inner, inner)
    | st.builds("{{{}}}^{{{}}}".format, inner, inner)
    | st.builds(r"\sum_{{i={}}}^{{{}}} {}".format, inner, inner, inner),
    max_leaves=12,
))  # fmt: skip
def test_sound_formulas_have_no_problems(latex):
    parsed = check_formula(latex)
    assert not parsed.problems
    marks = list(marks_within(parsed.lines))
    assert latex.count(r"\left") == sum(isinstance(mark, Bracketed) and mark.opening == "(" for mark in marks)
    assert latex.count(r"\sum") == sum(isinstance(mark, Big) for mark in marks)
    assert latex.count(r"\text") == sum(isinstance(mark, Symbol) and mark.style == "word" for mark in marks)
    assert not any(isinstance(mark, Grid) for mark in marks)
    assert all(mark.below or mark.above or mark.primes for mark in marks if isinstance(mark, Scripted))


def test_scripts_of_a_bar_that_are_given_twice_are_all_kept():
    for latex in (r"|^a^b", r"|x|^a^b", r"|^a_b^c|"):
        letters = {mark.name for mark in marks_within(parse(latex).lines) if isinstance(mark, Symbol)}
        assert letters == {c for c in latex if c.isalpha()}


def test_a_sum_takes_one_bound_from_above_and_one_from_below():
    ((whole,),) = parse(r"\overset{n}{\underset{i}{\sum}}").lines
    assert (written(whole.below), written(whole.above)) == ("i", "n")
    check_formula(r"\overset7\overset1\sum")
    check_formula(r"\underset{a}{\underset{b}{\prod}}")
