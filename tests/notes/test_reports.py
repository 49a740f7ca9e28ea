"""Reports: what they say of each verdict, in text, JSON, Markdown and HTML, whatever the notes hold."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from fractions import Fraction
from io import StringIO
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from autograd.notes.report import Claim, Counterexample, Repair, Report, Step
from autograd.notes.reports.fixing import fixed, in_the_file
from autograd.notes.reports.html_report import as_html
from autograd.notes.reports.json_report import SCHEMA, as_json
from autograd.notes.reports.markdown_report import as_markdown
from autograd.notes.reports.shorthand import written_out
from autograd.notes.reports.telling import Counts, both, conclusion, consequences, count, number
from autograd.notes.reports.terminal import as_text, print_reports, print_table
from autograd.notes.reports.typesetting import typeset
from autograd.notes.reports.unicode_math import readable, readable_words, shortened

TEXT = r"""# By hand

Let $z = w x + b$ and $a = \sigma(z)$.

$$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial a} \frac{\partial a}{\partial w} = (a - y) x$$

- $w_{new} = w - \eta (a - y) x$
- $\frac{\partial L}{\partial q} = 0$ and $\sum_i a_i b$, $w$
"""
CHAIN = (
    r"\frac{\partial L}{\partial w} = \frac{\partial L}{\partial a} \frac{\partial a}{\partial w} = (a - y) x"
)
EXAMPLE = Counterexample({"w": Fraction(1), "x": Fraction(2)}, Fraction(-1, 4), Fraction(-1))


def claim(latex: str, verdict: Any, kind: Any = "gradient", text: str = TEXT, **more: Any) -> Claim:
    """A claim at the place where its LaTeX first stands in the text."""
    offset = text.index(latex)
    before = text[:offset]
    line, column = before.count("\n") + 1, offset - before.rfind("\n")
    return Claim("lecture.md", line, column, latex, kind, verdict, offset=offset, **more)


@pytest.fixture
def report() -> Report:
    """A claim of each verdict, a consequence, and a mention."""
    wrong = CHAIN.partition(" = ")[2]
    mention = TEXT.rindex("$w$") + 1
    claims = [
        claim("z = w x + b", "right", "definition"),
        claim(r"a = \sigma(z)", "right", "definition"),
        claim(
            CHAIN, "wrong", "chain", step=wrong, expected="(a - y) a (1 - a) x", counterexample=EXAMPLE,
            reason=r"the derivative of $\sigma$ is missing",
            repair=Repair(CHAIN.index("(a"), len(CHAIN), "(a - y) a (1 - a) x", "put in $a (1 - a)$"),
            steps=(Step("x", "=", "y", "right"), Step("y", "=", "z", "wrong", Fraction(-1, 4), Fraction(-1))),
        ),
        claim(r"w_{new} = w - \eta (a - y) x", "wrong", "update", follows_from=5),
        claim(r"\frac{\partial L}{\partial q} = 0", "not understood", reason="$q$ is not declared; $x$ is"),
        claim(r"\sum_i a_i b", "ambiguous", reading="the sum covers $a_i b$"),
        replace(claim("w x", "right", "mention"), latex="w", offset=mention, line=8, column=65),
    ]  # fmt: skip
    return Report("lecture.md", TEXT, tuple(claims), (r"$\sigma$ is the logistic function",))


def in_a_terminal(reports: list[Report], width: int, everything: bool = False, **options: Any) -> str:
    stream = StringIO()
    console = Console(file=stream, width=width, force_terminal=True, highlight=False, **options)
    print_reports(reports, console, everything=everything)
    return stream.getvalue()


# ------------------------------------------------------------------------------------------------- telling


def test_mentions_are_no_claims_and_consequences_stand_under_their_cause(report: Report) -> None:
    counts = count([report])
    assert counts == (2, 2, 1, 1, 1)
    assert counts.claims == 6
    assert conclusion(counts) == "2 of 6 claims are wrong, 1 is ambiguous, 1 was not understood."
    assert consequences(report) == {2: [report.claims[3]]}


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            Counts(right=7, not_understood=9),
            "7 of 16 claims hold, 9 were not understood; none was found wrong.",
        ),
        (Counts(right=1, ambiguous=1), "1 of 2 claims holds, 1 is ambiguous; none was found wrong."),
        (Counts(not_understood=1), "Of 1 claim 1 was not understood; none was found wrong."),
        (Counts(wrong=1), "1 of 1 claim is wrong."),
    ],
)
def test_the_outcome_does_not_sound_better_than_it_is(counts: Counts, said: str) -> None:
    assert conclusion(counts) == said


def test_a_formula_that_cannot_be_read_is_never_left_out(report: Report) -> None:
    unread = replace(report.claims[6], verdict="not understood", reason="a bracket is not closed")
    report = replace(report, claims=(*report.claims[:6], unread))
    assert count([report]) == (2, 2, 1, 2, 0)
    for written in (
        as_text([report]),
        as_text([report], everything=True),
        as_markdown([report]),
        as_html([report]),
    ):
        assert "a bracket is not closed" in written


def test_a_consequence_of_a_consequence_has_the_first_cause(report: Report) -> None:
    third = replace(report.claims[3], line=9, follows_from=7)
    longer = replace(report, claims=(*report.claims, third))
    assert consequences(longer) == {2: [report.claims[3], third]}


def test_what_follows_from_nothing_wrong_stands_alone(report: Report) -> None:
    astray = replace(report, claims=tuple(replace(c, follows_from=99) for c in report.claims))
    assert consequences(astray) == {}
    assert "line 7" in as_text([astray])


@pytest.mark.parametrize(
    ("x", "written"),
    [
        (Fraction(22, 7), "22/7"),
        (Fraction(31, 50), "0.62"),
        (Fraction(1, 3**20), "2.86797e-10"),
        (Fraction(10**400, 3), "100000000000000000...0000000000000000/3"),
        (-0.0, "0"),
        ([1, Fraction(1, 2)], "[1, 1/2]"),
        ([[1, 2], [3, 4]], "[1, 2; 3, 4]"),
        (10**60, "100000000000000000...000000000000000000"),
    ],
)
def test_numbers(x: Any, written: str) -> None:
    assert number(x) == written


def test_two_sides_are_shown_in_as_many_digits_as_tell_them_apart() -> None:
    assert both(0.1, 0.1 + 1e-15)[0] != both(0.1, 0.1 + 1e-15)[1]
    assert both(1, 2) == ("1", "2")


# ------------------------------------------------------------------------------------------------ terminal


def test_text_says_what_is_wrong_and_what_should_stand_there(report: Report) -> None:
    assert as_text([report]) == (
        "lecture.md\n"
        "\n"
        "line 5  ✗ wrong\n"
        "  ∂L/∂w = ∂L/∂a ∂a/∂w = (a - y) x\n"
        "    why          the derivative of σ is missing\n"
        "    fails at     ∂L/∂a ∂a/∂w = (a - y) x\n"
        "    should be    (a - y) a (1 - a) x\n"
        "    repair       put in a (1 - a)\n"
        "    for example  with w = 1, x = 2 the left side is -1/4, the right side -1\n"
        "    also         line 7 only follows from this\n"
        "\n"
        "line 8  ~ ambiguous\n"
        "  ∑ᵢ aᵢ b\n"
        "    holds if     the sum covers aᵢ b\n"
        "\n"
        "line 8  ? not understood\n"
        "  ∂L/∂q = 0\n"
        "    why          q is not declared; x is\n"
        "\n"
        "Read with these conventions:\n"
        "  - σ is the logistic function\n"
        "\n"
        "2 of 6 claims are wrong, 1 is ambiguous, 1 was not understood.\n"
    )


def test_all_shows_each_claim_in_its_order(report: Report) -> None:
    text = as_text([report], everything=True)
    places = [text.index(line) for line in ("z = w x + b", "∂L/∂w = ", "w_new = ", "∂L/∂q = 0", "∑ᵢ aᵢ b")]
    assert places == sorted(places)
    assert "line 3  ✓ right  z = w x + b" in text
    assert "follows      from line 5" in text


def test_what_is_not_understood_for_one_reason_is_told_once(report: Report) -> None:
    lost = [replace(report.claims[4], line=line) for line in range(10, 40)]
    text = as_text([replace(report, claims=tuple(lost))])
    assert text.count("q is not declared") == 1
    assert "? 30 not understood" in text
    assert "... and 27 more" in text


def test_many_reasons_are_cut_and_all_shows_them(report: Report) -> None:
    lost = tuple(replace(report.claims[4], line=n, reason=f"$x_{n}$ is not declared") for n in range(1, 31))
    text = as_text([replace(report, claims=lost)])
    assert text.count("is not declared") == 10
    assert "... and 20 more not understood; --all shows them" in text
    assert as_text([replace(report, claims=lost)], everything=True).count("is not declared") == 30


def test_a_verdict_is_a_word_and_not_a_colour_alone(report: Report) -> None:
    colours = in_a_terminal([report], 100)
    assert "\x1b[1;31m✗ wrong" in colours
    plain = in_a_terminal([report], 100, no_color=True, color_system=None)
    assert "✗ wrong" in plain
    assert "\x1b[3" not in plain


@pytest.mark.parametrize("width", [30, 44, 67, 80, 200])
def test_lines_keep_to_the_width_of_the_terminal(report: Report, width: int) -> None:
    for line in in_a_terminal([report, report], width, True, color_system=None).splitlines():
        assert len(re.sub(r"\x1b\[[0-9;]*m", "", line)) <= max(width, 66), line


def test_a_terminal_without_unicode_gets_the_latex(report: Report, tmp_path: Any) -> None:
    path = tmp_path / "out"
    hindi = replace(report, file="नोट्स.md")
    with open(path, "w", encoding="ascii") as file:
        print_reports([report, hindi], Console(file=file, width=80, highlight=False), everything=True)
    text = path.read_text(encoding="ascii")
    assert r"line 7  wrong" in text
    assert r"w_{new} = w - \eta (a - y) x" in text
    assert r"\u0928" in text


def test_a_very_long_formula_is_cut_in_its_middle(report: Report) -> None:
    long = replace(report.claims[2], latex="x = " + " + ".join(f"w_{{{i}}}" for i in range(400)), step=None)
    text = in_a_terminal([replace(report, claims=(long,))], 80, color_system=None)
    formula = text[: text.index("why")]
    assert formula.count("\n") < 12
    assert "x = w₀ + w₁" in formula
    assert "..." in formula
    assert formula.rstrip().endswith("w₃₉₉")


def test_nothing_in_notes_is_obeyed_by_a_terminal(report: Report) -> None:
    evil = replace(
        report.claims[4], latex="a \x1b[31m \x07 \u202e b", reason="[bold]x[/bold] \x1b]0;title\x07 $y$ \r"
    )
    for everything in (False, True):
        text = as_text([Report("\x1b[2J[red].md", TEXT, (evil,), ("\x1b[1m",))], everything=everything)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
        assert "[bold]x[/bold]" in text
        assert "[red].md" in text


def test_the_table_counts_every_file_without_the_folders_they_share(report: Report) -> None:
    files = [replace(report, file=f"course/notes/{name}.md") for name in "ab"]
    stream = StringIO()
    print_table(files, Console(file=stream, width=90))
    rows = [line.split() for line in stream.getvalue().splitlines() if line.strip()]
    assert ["a.md", "6", "2", "2", "1", "1"] in rows
    assert ["all", "12", "4", "4", "2", "2"] in rows


# ------------------------------------------------------------------------------------------------- formulas


@pytest.mark.parametrize(
    ("latex", "written"),
    [
        (r"L = \frac12 (y - a_2)^2", "L = ½ (y - a₂)²"),
        (r"w - \alpha \frac{1}{n} \sum_{i=1}^n (a_i - y_i) x_i^T", "w - α (1/n) ∑ᵢ₌₁ⁿ (aᵢ - yᵢ) xᵢᵀ"),
        (r"\frac{a+b}{c-d}", "(a+b)/(c-d)"),
        (r"\frac{e^{-z}}{(1 + e^{-z})^2}", "e^(-z)/(1 + e^(-z))²"),
        (r"\frac{dL}{dW}=x\frac{dL}{dz}", "dL/dW = x dL/dz"),
        (r"\frac{\part y}{\part x}", "∂y/∂x"),
        (
            r"\delta^{(2)} = (W^{(3)})^\top \delta^{(3)} \odot \sigma'(z^{(2)})",
            "δ⁽²⁾ = (W⁽³⁾)ᵀ δ⁽³⁾ ⊙ σ′(z⁽²⁾)",
        ),
        (r"w_{new} x_{old}^2", "w_new x_old²"),
        (r"b_{11_{\text{new}}}", "b₁₁_new"),
        (r"\begin{aligned} a &= b \\ c &= d \label{x} \end{aligned}", "a = b\nc = d"),
        (r"\frac{\hat y - y}{\hat y(1-\hat y)}", "(ŷ - y)/(ŷ(1-ŷ))"),
        (r"\frac{a(1-a)}{\sqrt{n}}", "a(1-a)/√(n)"),
        (r"w \leftarrow w - \eta\|w\|^2", "w ← w - η‖w‖²"),
        (r"\begin{bmatrix}1&2\\3&4\end{bmatrix}", "[1 2; 3 4]"),
        (r"\begin{cases} 1 & z > 0 \\ 0 & \text{otherwise} \end{cases}", "{ 1 z > 0; 0 otherwise }"),
        (r"\left. \frac{a}{b} \right|_{x=0}", "(a/b) |ₓ₌₀"),
        (r"\unknown{x} + 1", r"\unknown x + 1"),
        (r"\boxed{a} \cancel{b}", "a b"),
        (r"\widehat{x}_i \overline{y} \widetilde{z}", "x̂ᵢ y̅ z̃"),
        (r"{\color{red} h} \overset{!}{=} \underbrace{s - y}_{\text{error } e}", "h = s - y"),
        (r"\log\left(1-a\right) + \tanh^2 z", "log(1-a) + tanh² z"),
        (r"\sum\limits_{k} y_k \log \hat y_k", "∑ₖ yₖ log ŷₖ"),
        (r"\frac{1}{", "1/"),
        ("", ""),
        ("{" * 5000, "{" * 5000),
        ("损失 L", "损失 L"),
    ],
)
def test_formulas_in_unicode(latex: str, written: str) -> None:
    assert readable(latex) == written


@pytest.mark.parametrize("latex", [r"\underline", r"\nicefrac{1}", r"x_", r"^", r"\sqrt", r"\tag", r"\frac"])
def test_latex_that_breaks_off_is_shown_without_a_word(latex: str, caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(readable(latex), str)
    assert typeset(latex).startswith(("<math", "<code"))
    assert caplog.records == []


def test_words_with_formulas() -> None:
    assert readable_words(r"put $w_1$ for $\sigma'$") == "put w₁ for σ′"
    assert readable_words("it costs $5") == "it costs $5"


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_as_latex_is_shown_and_set(text: str) -> None:
    assert "\x1b" not in readable(text)
    readable_words(text)
    shown = typeset(text)
    ElementTree.fromstring(shown)  # one well-formed element
    assert len(shortened(readable(text), 30)) <= 34


def test_mathml_says_what_latex_says() -> None:
    assert typeset(r"a + b < c_1") == (
        '<math display="inline"><mrow><mi>a</mi><mo>+</mo><mi>b</mi><mo>&lt;</mo>'
        "<msub><mi>c</mi><mn>1</mn></msub></mrow></math>"
    )


def test_the_page_sets_every_formula_of_the_five_notes(inventory_formulas: list[str]) -> None:
    assert [latex for latex in inventory_formulas if not typeset(latex).startswith("<math")] == []
    assert [latex for latex in inventory_formulas if "\\" in readable(latex)] == []


@pytest.fixture
def inventory_formulas() -> list[str]:
    """The LaTeX of the 243 formulas."""
    from pathlib import Path

    inventory = json.loads(Path(__file__).with_name("inventory.json").read_text("utf-8"))
    return [entry["latex"] for entry in inventory]


MACROS = r"""\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} \newcommand{\lo}[1][L]{\mathcal{#1}}
\def\al{\alpha} \newcommand{\loop}{\loop\loop}
"""


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"\pd{L}{w_{1}} = \pd a b", r"\frac{\partial L}{\partial w_{1}} = \frac{\partial a}{\partial b}"),
        (r"\lo[E] + \lo", r"\mathcal{E} + \mathcal{L}"),
        (r"\al x\al", r"\alpha x\alpha"),
        (r"\pd{\lo}{\al}", r"\frac{\partial \mathcal{L}}{\partial \alpha}"),
        (r"\pd{L}", r"\pd{L}"),
        (r"\pd{L}{w", r"\pd{L}{w"),
        (r"x \loop", r"x \loop"),
        (r"\alx \beta", r"\alx \beta"),
    ],
)
def test_macros_of_the_notes_are_written_out(latex: str, shown: str) -> None:
    text = f"{MACROS} ${latex}$"
    report = Report("a.tex", text, (claim(latex, "wrong", text=text, step=latex, expected=latex),))
    [found] = written_out(report).claims
    assert (found.latex, found.step, found.expected) == (shown, shown, shown)


# ------------------------------------------------------------------------------------- JSON and Markdown


def test_json_keeps_to_its_schema_and_says_all(report: Report) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    document = as_json([report])
    jsonschema.validate(json.loads(json.dumps(document, allow_nan=False)), SCHEMA)
    [file] = document["files"]
    assert document["counts"] == file["counts"]
    assert file["counts"]["wrong"] == 2
    wrong = file["claims"][2]
    assert wrong["counterexample"] == {
        "at": {"w": {"exact": "1", "rounded": 1.0}, "x": {"exact": "2", "rounded": 2.0}},
        "left": {"exact": "-1/4", "rounded": -0.25},
        "right": {"exact": "-1", "rounded": -1.0},
    }
    assert (wrong["line"], wrong["column"], wrong["verdict"]) == (5, 3, "wrong")
    assert wrong["repair"]["replacement"] == "(a - y) a (1 - a) x"
    assert wrong["steps"][1]["left_value"] == {"exact": "-1/4", "rounded": -0.25}
    assert file["claims"][3]["follows_from"] == 5


@pytest.mark.parametrize("x", [float("nan"), float("inf"), 10**400, Fraction(1, 3), [[1.5, 2]], 0])
def test_json_of_any_number(report: Report, x: Any) -> None:
    wrong = replace(report.claims[2], counterexample=Counterexample({"w": x}, x, x))
    document = as_json([replace(report, claims=(wrong,))])
    jsonschema.validate(json.loads(json.dumps(document, allow_nan=False)), SCHEMA)


def test_a_schema_that_does_not_fit_is_found_out(report: Report) -> None:
    document = as_json([report])
    document["files"][0]["claims"][0]["verdict"] = "maybe"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)


def test_markdown_has_its_formulas_and_escapes_its_words(report: Report) -> None:
    sly = replace(report.claims[4], reason="a <b> `c` *d* | [e](javascript:f) $q$")
    text = as_markdown([replace(report, file="a|b_c.md", claims=(report.claims[2], sly))])
    assert "$$\n" + CHAIN + "\n$$" in text
    assert "- **why:** the derivative of $\\sigma$ is missing" in text
    assert r"a \<b\> \`c\` \*d\* \| \[e\](javascript:f) $q$" in text
    assert r"| a\|b\_c.md | 2 |" in text


def test_markdown_of_a_formula_that_would_end_itself_is_code(report: Report) -> None:
    sly = replace(report.claims[4], latex="\\text{$x$} `y`", reason=None)
    assert "``  \\text{$x$} `y`".replace("  ", " ") in as_markdown([replace(report, claims=(sly,))])


# --------------------------------------------------------------------------------------------------- HTML


def test_the_page_holds_the_notes_the_marks_and_the_reasons(report: Report) -> None:
    page = as_html([report])
    assert "<h2>By hand</h2>" in page
    assert page.count('class="claim wrong"') == 2 + 1  # and the legend
    for i in (2, 3, 4, 5):
        assert f'href="#n0-{i}"' in page
        assert f'id="n0-{i}"' in page
    assert "line 7 only follows from this" in page
    assert "<li>" in page[page.index("By hand") :]


HOSTILE = r"""# <script>alert(1)</script> "onload="

<img src=x onerror=alert(1)> <b>bold</b> {a|b} \n [a](javascript:alert(1)) [b](data:text/html,x)
[c](vbscript:x)
![p](http://tracker.example/x.png) <!-- --> &lt;script&gt; [d](https://example.org/"onclick="x) <https://e.org>
[e]: javascript:alert(1) "</style><script>"
[e] ![$x$](y "$x$") [f](/local $x$) [g](local.html)

```$x$
</code><script>
```

$\text{<script>alert(2)</script>} \href{javascript:alert(3)}{x} \class{" onload="alert(4)}{y}$
and $\style{x}{y}$
"""


def test_nothing_of_hostile_notes_is_markup() -> None:
    formula = HOSTILE[HOSTILE.index(r"$\text") + 1 : HOSTILE.index("$\nand")]
    evil = '</style><script>alert(1)</script>"onload="'
    wrong = claim(formula, "wrong", text=HOSTILE, reason=evil, expected=evil, reading=evil)
    wrong = replace(wrong, repair=Repair(0, 1, evil, evil), file=evil)
    page = as_html([Report(evil, HOSTILE, (wrong,), (evil,)), Report("b", HOSTILE, ())])
    tags = re.findall(r"<[^<>]*>", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    names = {re.match(r"</?([a-zA-Z!]+)", tag)[1].lower() for tag in tags}  # type: ignore[index]
    assert not names & {"script", "img", "iframe", "object", "style", "link", "form", "input", "svg", "b"}
    attributes = {name for tag in tags for name in re.findall(r'\s([a-zA-Z-]+)="[^"]*"', tag)}
    assert not {name for name in attributes if name.startswith("on")} | (attributes & {"src", "style"})
    addresses = {html.unescape(a) for tag in tags for a in re.findall(r'href="([^"]*)"', tag)}
    assert {a for a in addresses if not a.startswith("#")} == {
        "https://example.org/%22onclick=%22x",
        "https://e.org",
    }
    assert page.count("default-src 'none'") == 1


@given(st.text(max_size=200), st.text(alphabet="$`*_[]()<>!\\{}|-#\n ax1&", max_size=120))
@settings(max_examples=100, deadline=None)
def test_any_notes_make_a_page(words: str, marks: str) -> None:
    text = f"{words}\n\n{marks} $x$ {marks}"
    offset = text.index("$x$") + 1
    shown = Claim("a.md", 1, 1, "x", "gradient", "wrong", offset=offset, reason=words)
    page = as_html([Report("a.md", text, (shown,))])
    assert page.count('id="n0-0"') == 1
    assert page.count('id="c0-0"') == 1
    assert not re.search(r"<(script|img|b)\b", page)


def test_latex_notes_and_front_matter_on_the_page() -> None:
    text = "\\documentclass{a}\n\\section{Chain rule}\nLet $x$ be <b>.\n\n% end"
    page = as_html([Report("a.tex", text, (claim("x", "right", text=text),))])
    assert "<pre><code>\\documentclass{a}</code></pre>" in page
    assert "<h2>Chain rule</h2>" in page
    assert "be &lt;b&gt;." in page
    text = "---\nloss: L\n---\n# Title\n\nLet $x$."
    page = as_html([Report("a.md", text, (claim("x", "wrong", text=text),))])
    assert "Front matter" in page
    assert "loss: L" in page
    assert "<h2>Title</h2>" in page
    assert page.index("Title</h2>") < page.index('id="c0-0"')


# ------------------------------------------------------------------------------------------------- fixing


def judge(text: str) -> Report:
    """A checker that knows one thing: 1 + 1 is 2, and may be repaired digit by digit."""
    claims = []
    for found in re.finditer(r"\$(1 \+(?:\n>)? 1 = (\d+)( = (\d+))?)\$", text):
        latex, offset = found[1].replace(">", " "), found.start(1)
        wrong = [place for place in (2, 4) if found[place] is not None and found[place] != "2"]
        repair = None
        if wrong:
            start = found.start(wrong[0]) - offset
            good = "7" if found[wrong[0]] == "6" else "2"  # a repair that is none
            repair = Repair(start, found.end(wrong[0]) - offset, good, f"put {good}")
        steps = tuple(
            Step("a", "=", "b", "right" if found[place] == "2" else "wrong")
            for place in (2, 4)
            if found[place]
        )
        verdict: Any = "wrong" if wrong else "right"
        claims.append(
            Claim("a.md", 1, 1, latex, "number", verdict, offset=offset, repair=repair, steps=steps)
        )
    return Report("a.md", text, tuple(claims))


def test_repairs_are_made_where_they_stand_the_test_and_text_is_kept() -> None:
    text = "é $1 + 1 = 3$\r\n\r\n$1 + 1 = 2$ $1 + 1 = 6$ $1 + 1 = 4 = 5$ end \n"
    fix = fixed(judge(text), judge)
    assert fix.text == "é $1 + 1 = 2$\r\n\r\n$1 + 1 = 2$ $1 + 1 = 6$ $1 + 1 = 2 = 2$ end \n"
    assert [c.latex for c in fix.changed] == ["1 + 1 = 3", "1 + 1 = 4 = 5"]
    assert [c.latex for c in fix.left] == ["1 + 1 = 6"]
    assert in_the_file(text, fix) == fix.text.encode()


def test_a_repair_that_makes_something_else_wrong_is_not_made() -> None:
    def spoiled(text: str) -> Report:
        report = judge(text)
        if "3" in text:
            return report
        return replace(report, claims=(report.claims[0], replace(report.claims[1], verdict="wrong")))

    text = "$1 + 1 = 3$ $1 + 1 = 2$"
    fix = fixed(spoiled(text), spoiled)
    assert (fix.text, fix.changed) == (text, ())


def test_formulas_in_a_quotation_are_mended_and_its_marks_kept() -> None:
    fix = fixed(judge("> $1 +\n> 1 = 3$"), judge)
    assert fix.text == "> $1 +\n> 1 = 2$"


def test_a_claim_that_is_not_where_it_says_is_left_alone() -> None:
    text = "> $1 + 1 = 3$ or"
    report = judge(text)
    moved = replace(report, claims=(replace(report.claims[0], offset=6),))
    asked = []
    assert fixed(moved, lambda new: asked.append(new) or judge(new)).text == text  # type: ignore[func-returns-value]
    assert asked == []


def test_cells_of_a_notebook_are_mended_and_the_rest_is_kept() -> None:
    words = ["$1 + 1 = 333$", "more\n$1 + 1 = 4444 = 2$ x"]
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": words[0]},
            {"cell_type": "code", "source": "1 + 1 = 3", "outputs": []},
            {"cell_type": "markdown", "source": words[1].splitlines(keepends=True), "metadata": {"é": 1}},
        ],
        "nbformat": 4,
    }
    cells = (
        SimpleNamespace(number=1, start=0, end=len(words[0])),
        SimpleNamespace(number=3, start=15, end=15 + len(words[1])),
    )
    report = replace(judge("\n\n".join(words)), document=SimpleNamespace(cells=cells))  # type: ignore[arg-type]
    fix = fixed(report, judge)
    found = json.loads(in_the_file(json.dumps(notebook), fix))
    assert [cell["source"] for cell in found["cells"]] == [
        "$1 + 1 = 2$",
        "1 + 1 = 3",
        ["more\n", "$1 + 1 = 2 = 2$ x"],
    ]
    assert found["cells"][2]["metadata"] == {"é": 1}


def test_html_that_only_lays_out_is_left_out() -> None:
    text = (
        '<h1 align="center">Net &amp; co</h1>\n\n<p>Here $x$ <b>is</b></p>\n\n'
        "so <br> it <img src=x onerror=alert(1)> is <script>alert(2)</script>\n"
    )
    page = as_html([Report("a.md", text, (claim("x", "right", text=text),))])
    body = page[page.index("<main>") :]
    assert "<h2>Net &amp; co</h2>" in body
    assert "align" not in body
    assert "onerror" not in body
    assert "&lt;script&gt;alert(2)" in body
    assert body.count("<math") == 1
