"""Documents to formulas: found where they stand, in whatever way their writers mark them."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys
import time
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import check_notes
from autograd.errors import FileAccessError, FileFormatError
from autograd.notes.reading.documents import LONGEST_LINE, MOST_CHARACTERS, read
from autograd.notes.reading.front_matter import load, loads
from autograd.notes.reading.parsing import parse
from tests.notes.accounting import written

pytest.importorskip("markdown_it")

HERE = pathlib.Path(__file__).parent
SEEDS = pathlib.Path("/work/shared/seeds")
INVENTORY = json.loads((HERE / "inventory.json").read_text(encoding="utf-8"))


def found(text, file="notes.md"):
    """The LaTeX of each formula, spaces squeezed."""
    return [" ".join(formula.latex.split()) for formula in read(text, file=file).formulas]


def places(text, file="notes.md"):
    """Line, column and LaTeX of each formula; each is checked to stand there."""
    document = read(text, file=file)
    lines = re.split(r"\r\n?|\n", text.removeprefix("\ufeff"))
    for formula in document.formulas:
        first = re.split(r"\r\n?|\n", formula.latex)[0]
        found = lines[formula.line - 1][formula.column - 1 :]
        assert found.replace("\t", " ").startswith(first.replace("\t", " "))  # between lines marks are blanks
        assert formula.position(0) == (formula.line, formula.column)
    return [(formula.line, formula.column, formula.latex) for formula in document.formulas]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("The loss $L$ and $$a = b$$ and \\(c\\) and \\[d = 1\\].", ["L", "a = b", "c", "d = 1"]),
        ("It costs $5 and $10, then $x$ and $5$.", ["x", "5"]),
        ("US$ 5 and US$ 10 but $ x $ and $ y = 2$ and $x_1 $", ["x", "y = 2", "x_1"]),
        ("between 5$ and 10$, a $k$-means, the $n$th", ["k", "n"]),
        ("It is $20 and $x_1$ is not.", ["x_1"]),
        ("对于$x$的梯度，$$\\frac{a}{b}$$ 所以", ["x", r"\frac{a}{b}"]),
        ("$a$,$b$ and $c$$d$ and ($e$) \"$f$\"", ["a", "b", "c", "d", "e", "f"]),
        ("escaped \\$5 and $\\text{costs \\$5}$ and $\\text{where $x$ is}$ end $y$",
         [r"\text{costs \$5}", r"\text{where $x$ is}", "y"]),
        ("`$no$` and ``$a`$`` but $yes$", ["yes"]),
        ("$`a_1`$ as on GitHub and \\\\(z\\\\) and \\\\[w\\\\] as in Hugo", ["a_1", "z", "w"]),
        ("a \\[1\\] and \\[see below\\] are no formulas, nor is \\(this one\\)", []),
        ("    $code$\n\n```\n$no$\n```\n\n```math\na = b\n```\n\n~~~python\n'$no$'\n~~~", ["a = b"]),
        ("| a | b |\n|---|---|\n| $|x|$ | $y$ |\n| $5 | $10 |", ["|x|", "y"]),
        ("# On $x$\n\n- item $a$\n  - $b$\n\n> quote $c$\n\n1. $$d$$", ["x", "a", "b", "c", "d"]),
        ("- $$\n  x\n  - y\n  + z\n  $$\n- b $c$", ["x - y + z", "c"]),
        ("text $$ a\n- b\n= c\n+ d $$ after, where $q$", ["a - b = c + d", "q"]),
        ("> $$\n> a\n> - b\n> $$\n> and $d$", ["a - b", "d"]),
        ("$$\n\na = b\n\n$$\n\n$c$", ["a = b", "c"]),
        ("$$a$$ (1)\n$$b$$ {#eq:x}\n$$c$$, where $d$.", ["a", "b", "c", "d"]),
        ("\\begin{align}\na &= b \\\\\n\n- c &= d\n\\end{align}\nThen $x$.",
         [r"\begin{align} a &= b \\ - c &= d \end{align}", "x"]),
        ("<div>\n$x$ in HTML\n</div>\n\n<script>\n$no$\n</script>\n\n<u>B</u> $y$ <!-- $no$ --> $z$",
         ["x", "y", "z"]),
        ("a\\\nb $x$  \nc $y$", ["x", "y"]),
        ("$a\n\nb$ $c$", ["c"]),
        ("---\n\nno front matter: $x$\n\n---", ["x"]),
        ("Setext $x$\n---\n\n***\n\n[link]($u$) ![pic](p.png) $v$", ["x", "u", "v"]),
        ("", []),
    ],
)  # fmt: skip
def test_formulas_in_markdown(text, formulas):
    assert found(text) == formulas
    places(text)


LATEX = r"""
% $commented$ out
\documentclass{article}
\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}
\newcommand{\price}{$5$}
\begin{document}
\section{The loss $L$}
Let $x$ cost \$5 and \verb|$no$|, 50\% % and $no$ comment
\begin{equation}\label{eq:a}
  \pd{L}{w} = 1 % \end{equation}
\end{equation}
where \[ y = 2 \] or \(z\), and $$ w $$
\begin{verbatim}
$no$
\end{verbatim}
\begin{align*}
  a &= b \\
  c &= d
\end{align*}
$$ u \text{ if $v$} $$
\end{document}
$no$
"""


def test_formulas_in_latex():
    assert found(LATEX, "notes.tex") == [
        "L",
        "x",
        r"\begin{equation}\label{eq:a} \pd{L}{w} = 1 % \end{equation} \end{equation}",
        "y = 2",
        "z",
        "w",
        r"\begin{align*} a &= b \\ c &= d \end{align*}",
        r"u \text{ if $v$}",
    ]
    formulas = read(LATEX, file="notes.tex").formulas
    assert [written(line) for line in formulas[2].lines] == ["[partial L / partial w] <=> 1"]
    assert [written(line) for line in formulas[6].lines] == ["a <=> b", "c <=> d"]
    assert formulas[2].tags == ("eq:a",)
    assert formulas[1].heading == "The loss"
    places(LATEX, "notes.tex")


def test_a_text_that_is_latex_is_read_as_latex():
    assert [formula.latex for formula in read(LATEX).formulas] == [
        formula.latex for formula in read(LATEX, file="a.tex").formulas
    ]


@pytest.mark.parametrize(
    ("text", "file", "line", "message"),
    [
        ("a\n\n\\input{other}\n", "a.tex", 3, r"\input is unsupported: nothing else is read or run"),
        (
            "\\immediate\\write18{rm -rf x}\n",
            "a.tex",
            1,
            r"\immediate is unsupported: nothing else is read or run",
        ),
        ("a $x\n\nb $y$", "a.tex", 1, "$ is never closed"),
        ("a\n\\[ x\n\nb $y$", "a.tex", 2, r"\[ is never closed"),
        ("\\begin{align} x\n\nb", "a.tex", 1, r"\begin{align} is never closed"),
        ("a\n\n$$ x\n\nb", "a.md", 3, "$$ is never closed"),
        ("\\begin{align} x", "a.md", 1, r"\begin{align} is never closed"),
        ("a $x^2 )$", "a.md", 1, ") closes nothing"),
    ],
)
def test_what_cannot_be_read_is_a_formula_with_a_problem(text, file, line, message):
    [formula] = [formula for formula in read(text, file=file).formulas if formula.problems]
    assert (formula.line, formula.problems[0].message) == (line, message)


def test_lines_and_columns_of_any_text():
    assert places("\ufeffa $x$\r\n\tb $y$\r\n\r\n$$\r\nz\r\n$$\rñ ŷ 数 $w$") == [
        (1, 4, "x"),
        (2, 5, "y"),
        (4, 3, "\r\nz\r\n"),
        (7, 8, "w"),
    ]


def test_positions_within_a_formula():
    [formula] = read("a\n\n> $$\n> x &= 1 \\\\\n> y &= 2\n> $$\n", file="a.md").formulas
    assert formula.position(formula.latex.index("y")) == (5, 3)
    assert len(formula.latex) == formula.end - formula.start
    assert ">" not in formula.latex
    assert [written(line) for line in formula.lines] == ["x <=> 1", "y <=> 2"]


def test_outer_places_are_those_of_the_delimiters():
    text = "a $x$ \\(y\\)\n\n$$\nz\n$$\n\n```math\nu\n```\n\n\\begin{gather}v\\end{gather}\n"
    outer = [text[f.outer_start : f.outer_end] for f in read(text).formulas]
    assert outer == ["$x$", "\\(y\\)", "$$\nz\n$$", "```math\nu\n```", "\\begin{gather}v\\end{gather}"]
    assert [formula.display for formula in read(text).formulas] == [False, False, True, True, True]


def test_the_words_around_a_formula():
    text = (
        "# Loss\n\nThe **loss** is given by $L$, where $y$ is the target.\n\n"
        "Update:\n\n$$w$$\n\nwith the rate"
    )
    loss, target, update = read(text).formulas
    assert (loss.before, loss.after, loss.heading) == ("The loss is given by", ", where", "Loss")
    assert (target.before, target.after) == (", where", "is the target.")
    assert (update.before, update.after) == ("Update:", "with the rate")


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds are not in the repository")
def test_every_formula_of_the_seeds_is_found_on_its_line():
    wanted = defaultdict(list)
    for formula in INVENTORY:
        wanted[formula["seed"]].append((formula["line"], re.sub(r"\s+", "", formula["latex"])))
    assert sum(map(len, wanted.values())) == 243
    for seed, formulas in wanted.items():
        document = read(SEEDS / seed)
        there = [(formula.line, re.sub(r"\s+", "", formula.latex)) for formula in document.formulas]
        assert not set(formulas) - set(there)
        assert not [formula.latex for formula in document.formulas if formula.problems]


# -------------------------------------------------------------------------------------------------- notebooks


def notebook(*cells, **more):
    return json.dumps({"cells": list(cells), "nbformat": 4, "nbformat_minor": 5, "metadata": {}, **more})


def test_notebooks(tmp_path):
    path = tmp_path / "lecture.ipynb"
    path.write_text(
        notebook(
            {"cell_type": "markdown", "source": ["---\n", "known: {a: 1}\n", "---\n", "# Title\n", "so $x$"]},
            {"cell_type": "code", "source": "print('$no$')", "outputs": []},
            {"cell_type": "markdown", "source": "an unclosed fence\n```\n$no$"},
            {"cell_type": "markdown", "source": "one\n$$\ny\n$$ \u2202 $z$"},
        )
    )
    document = read(path)
    assert [(f.file, f.line, f.column, f.latex) for f in document.formulas] == [
        (f"{path}:cell 1", 5, 5, "x"),
        (f"{path}:cell 4", 2, 3, "\ny\n"),
        (f"{path}:cell 4", 4, 7, "z"),
    ]
    assert [(cell.number, document.text[cell.start : cell.end][:5]) for cell in document.cells] == [
        (1, "---\nk"),
        (3, "an un"),
        (4, "one\n$"),
    ]
    assert all(document.text[f.start : f.end] == f.latex for f in document.formulas)
    assert load(document) == {"known": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"cells": [', "a.ipynb:1:12: not a notebook"),
        ("[" * 100_000, "not a notebook: its JSON is nested too deep"),
        ('{"cells": 5}', "it has no list of cells"),
        ("[]", "it has no list of cells"),
        (notebook({"cell_type": "markdown", "source": 5}), "the source of cell 1 is no text"),
    ],
)
def test_what_is_no_notebook_is_refused(text, message):
    with pytest.raises(FileFormatError, match=re.escape(message)):
        read(text, file="a.ipynb")


# ---------------------------------------------------------------------------------------- files and bad input


def test_files_and_texts(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("$x$")
    assert read(path).formulas == read(str(path)).formulas
    assert read(str(path)).file == str(path)
    assert read("one line with $x$").file == "<text>"
    assert read("x", file="notes.md").formulas == ()


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FileAccessError, match=r"missing\.md: no such file; check the name"):
        read("missing.md")
    with pytest.raises(FileAccessError, match="a folder; give the files of notes in it"):
        read(tmp_path)
    with pytest.raises(FileFormatError, match=r"\.pdf is not a format of notes; these are: \.ipynb"):
        read(pathlib.Path("notes.pdf"))
    latin = tmp_path / "latin.md"
    latin.write_bytes("one\ncaf\xe9 $x$".encode("latin-1"))
    with pytest.raises(FileFormatError, match=r"latin\.md:2: byte 0xe9 at offset 7 is not UTF-8; save"):
        read(latin)
    latin.write_bytes("café $x$".encode("utf-16"))
    with pytest.raises(FileFormatError, match="UTF-16"):
        read(latin)
    latin.write_bytes(b"\xef\xbb\xbf$x$")
    assert read(latin).formulas[0].column == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\nb\0", "notes.md:2: a NUL byte at character 3"),
        ("x" * (LONGEST_LINE + 1), "a line of 500,001 characters; over 500,000 are not read"),
        ("x\n" * (MOST_CHARACTERS // 2 + 1), "notes of over 5,000,000 characters are not read"),
    ],
)
def test_caps_are_named(text, message):
    with pytest.raises(FileFormatError, match=message):
        read(text, file="notes.md")


UNITS = [
    "$ ",
    "$a",
    "$$ ",
    "\\(",
    "\\[",
    "\\\\(",
    "$`",
    "`",
    "<",
    "<a ",
    "<!--",
    "> ",
    "- ",
    "\\begin{align}",
    "$\\text{",
    "\\",
]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("between", ["", "\n\n"])
@pytest.mark.parametrize("file", ["a.md", "a.tex"])
def test_time_grows_with_length_only(unit, between, file):
    begun = time.process_time()
    read((unit + between) * (20_000 // len(unit + between)), file=file)
    assert time.process_time() - begun < (4 if sys.gettrace() is None else 16)


def test_ten_thousand_formulas():
    text = "\n\n".join(
        f"The gradient of $w_{{{k}}}$ is\n\n"
        f"$$\\frac{{\\partial L}}{{\\partial w_{{{k}}}^2}} = -2(y - \\hat{{y}}) x_{{{k}}}$$"
        for k in range(5000)
    )
    begun = time.process_time()
    assert len(read(text, file="a.md").formulas) == 10_000
    assert time.process_time() - begun < (20 if sys.gettrace() is None else 60)


def test_importing_loads_no_markdown_parser():
    code = (
        "import sys, autograd.notes.reading.documents; "
        "sys.exit('markdown_it' in sys.modules or 'yaml' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ----------------------------------------------------------------------------------------------- front matter


def test_front_matter():
    document = read("---\nnetwork:\n  layers: [2, 1]\nloss: L = \\frac{1}{2}\n---\n# $x$\n")
    assert load(document) == {"network": {"layers": [2, 1]}, "loss": r"L = \frac{1}{2}"}
    assert (document.front_matter_line, document.formulas[0].line) == (2, 6)
    latex = read("% ---\n% known: {a: 1}\n% ---\n\\begin{document}$x$", file="a.tex")
    assert load(latex) == {"known": {"a": 1}}
    assert load(read("# no front matter $x$")) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", "<front matter>:3: front matter: 'a' stands there twice"),
        ("a: &x [1]\nb: *x", "anchors and aliases are not allowed"),
        ("a: !!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ('a: "\\frac{1}"\nb: "\\s"', "put LaTeX in 'single quotes'"),
        ("a: [" + "[" * 100_000, "front matter"),
        ("- a", "front matter has to be `key: value` lines"),
        ("a: " + "x" * 200_000, "over 100,000 characters"),
        ("? [a]\n: 1", "front matter"),
    ],
)
def test_front_matter_that_is_refused(text, message):
    with pytest.raises(FileFormatError, match=re.escape(message)):
        loads(text, line=2)


NOTE = "Let $y = x^2$. Then $\\frac{dy}{dx} = 2 x$.\n"


@pytest.mark.parametrize(
    "settings",
    [
        "aliases: [softmax]", "aliases: softmax", "network: mainnet", "network: 5", "network: [a, b]",
        "network: {layers: 3}", "loss: 0.3", "loss: cross-entropy", "loss: {train: 0.1}", "known: true",
        "known: [x]", "rows: many", "definitions: [1, slope, null]", "definitions: {slope: how steep}",
        "tags: [a]\ntitle: Slopes\nvalues: [1]\nnames: 3", "title: {{ .Title }}", "title: Slopes: a note",
        "date: !r Sys.Date()", "a: &x 1\nb: *x", 'title: "\\frac"',
    ],
)  # fmt: skip
def test_front_matter_of_other_tools_is_passed_over(settings):
    report = check_notes(f"---\n{settings}\n---\n\n{NOTE}")
    assert [claim.verdict for claim in report.claims] == ["right", "right"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("known: {x: much}", "`known` is a name and a number on each line, not x: much"),
        ("aliases: {x: [z]}", "`aliases` give a name for a name, not ['z'] for x"),
        ("definitions: ['x z =']", "x z =: a definition is a name, `=`, and what it stands for"),
        (
            "network: {layers: [2, 1], activation: [tanh, tanh]}",
            "`activation` is one function, or a list of 1",
        ),
        ("network: {layers: [2, 100000]}", "`layers` are at most 64, each of 1 to 64 units"),
        ("known: {x: 1}\nknown: {x: 2}", "'known' stands there twice"),
    ],
)
def test_front_matter_that_cannot_be_meant_is_told(settings, message):
    with pytest.raises(FileFormatError, match=r"^<text>:\d: front matter: .*" + re.escape(message)):
        check_notes(f"---\n{settings}\n---\n\n{NOTE}")


PIECES = st.lists(
    st.sampled_from(
        [
            "$", "$$", "\\(", "\\)", "\\[", "\\]", "\n", "\n\n", "> ", "- ", "    ", "\t", "```math\n",
            "```\n", "`", "# ", "---\n", "x", "a = b", " ", "\\begin{align}", "\\end{align}", "\\\\",
            "&", "\\text{", "}", "<b>", "<!--", "-->", "\r\n", "损", "\\$", "|", "5", "word",
            "\\section{", "%", "\\verb|", "\ufeff", "\\newcommand{\\a}{", "\\a",
        ]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(PIECES, st.sampled_from(["a.md", "a.tex"]))
def test_formulas_stand_where_they_say(text, file):
    document = read(text, file=file)
    places(text, file)
    at = 0
    for formula in document.formulas:
        assert at <= formula.outer_start <= formula.start <= formula.end <= formula.outer_end <= len(text)
        assert len(formula.latex) == formula.end - formula.start
        at = formula.outer_end


@given(
    st.sampled_from(INVENTORY),
    st.sampled_from(["{}$${}$$", "{}\n\n$$\n{}\n$$\n", "{}\n- $${}$$", "{} \\[{}\\] b"]),
    PIECES,
)
def test_a_formula_is_found_behind_anything_closed(formula, form, noise):
    noise = noise if not re.search(r"[$`\\<%\t|]|---|   ", noise) else "words"
    latex = formula["latex"]
    document = read(form.format(noise, latex), file="a.md")
    assert [found.latex.strip() for found in document.formulas] == [latex]
    assert document.formulas[0].lines == parse(document.formulas[0].latex).lines


def test_two_dollars_in_a_cell_of_a_table_open_no_formula() -> None:
    text = "| $C$ | slope |\n|:-|:-|\n| $w x$ | $$ |\n|| $$|\n\nAnd $y = 2$, with\n\n$$z = 3$$\n"
    assert [claim.latex for claim in check_notes(text).claims] == ["C", "w x", "y = 2", "z = 3"]


def test_a_line_may_close_one_formula_and_open_the_next() -> None:
    text = "It is $$a =\n\\begin{bmatrix} 1 \\\\ 2 \\end{bmatrix}$$ and with $b$: $$c =\n3$$ here.\n"
    assert [claim.latex.strip()[:3] for claim in check_notes(text).claims] == ["a =", "b", "c ="]
