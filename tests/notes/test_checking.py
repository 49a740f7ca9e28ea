"""What `check_notes` makes of small notes: verdicts, the right formula, repairs, counterexamples."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import autograd
from autograd.notes.checking import check_notes

DEMOS = sorted((Path(__file__).parents[2] / "demos" / "notes").glob("*.md"))
LETTERS = {"R": "right", "W": "wrong", "A": "ambiguous", "N": "not understood"}

NOTES = {
    "a chain of numbered units": r"""
R | z_1 = w_1 x + b_1
R | a_1 = \tanh(z_1)
R | z_2 = w_2 a_1 + b_2
R | E = \frac{1}{2}(z_2 - t)^2
R | \frac{\partial E}{\partial w_2} = (z_2 - t) a_1
R | \frac{\partial E}{\partial w_1} = (z_2 - t) w_2 (1 - a_1^2) x
W | \frac{\partial E}{\partial w_1} = (z_2 - t) w_2 x
W | \frac{\partial E}{\partial w_1} = (z_2 - t) w_1 (1 - a_1^2) x
R | \frac{\partial E}{\partial b_1} = \frac{\partial E}{\partial a_1} \frac{\partial a_1}{\partial b_1}
W | \frac{\partial E}{\partial b_1} = \frac{\partial E}{\partial z_2} \frac{\partial z_2}{\partial b_1} w_2
R | w_1 \leftarrow w_1 - \eta \frac{\partial E}{\partial w_1}
W | w_1 \leftarrow w_1 + \eta \frac{\partial E}{\partial w_1}
A | w_2 \leftarrow w_2 - (z_2 - t) a_1
""",
    "an activation that is only named": r"""
R | s = u x
R | h = f(s)
R | L = (h - y)^2
R | \frac{dL}{du} = 2(h - y) f'(s) x
W | \frac{dL}{du} = 2(h - y) f(s) x
W | \frac{dL}{du} = 2(h - y) x
A | \frac{dL}{du} = 2(h - y) h (1 - h) x
""",
    "a label where the notes differentiate by it, a power elsewhere": r"""
R | p = v_{11}^2 q^2 + v_{21}^2
R | \frac{\partial p}{\partial v_{11}^2} = q^2
W | \frac{\partial p}{\partial v_{11}^2} = 2 v_{11}^2 q^2
R | \frac{\partial p}{\partial q} = 2 v_{11}^2 q
R | \frac{\partial p}{\partial v_{21}^2} = 1
""",
    "units and layers by letters": r"""
R | z_j^{(l)} = \sum_k w_{jk}^{(l)} a_k^{(l-1)} + b_j^{(l)}
R | a_j^{(l)} = \sigma(z_j^{(l)})
R | C = \frac12 \sum_j (a_j^{(L)} - y_j)^2
R | \delta_j^{(l)} = \frac{\partial C}{\partial z_j^{(l)}}
R | \delta_j^{(L)} = (a_j^{(L)} - y_j) \sigma'(z_j^{(L)})
W | \delta_j^{(L)} = (a_j^{(L)} - y_j)
R | \frac{\partial C}{\partial w_{jk}^{(l)}} = \delta_j^{(l)} a_k^{(l-1)}
W | \frac{\partial C}{\partial w_{jk}^{(l)}} = \delta_k^{(l)} a_j^{(l-1)}
R | \delta_k^{(l-1)} = \sigma'(z_k^{(l-1)}) \sum_j w_{jk}^{(l)} \delta_j^{(l)}
W | \delta_k^{(l-1)} = \sigma'(z_k^{(l-1)}) \sum_j w_{kj}^{(l)} \delta_j^{(l)}
""",
    "matrices": r"""
R | H = \tanh(X W)
R | S = H V
R | J = \frac{1}{2} \lVert S - T \rVert^2
R | \frac{\partial J}{\partial S} = S - T
R | \frac{\partial J}{\partial V} = H^T (S - T)
W | \frac{\partial J}{\partial V} = (S - T)^T H
R | \frac{\partial J}{\partial W} = X^T \left( (S - T) V^T \odot (1 - H \odot H) \right)
W | \frac{\partial J}{\partial W} = X^T \left( (S - T) V \odot (1 - H \odot H) \right)
""",
    "softmax and cross-entropy": r"""
R | p_i = \frac{e^{s_i}}{\sum_{j=1}^{K} e^{s_j}}
R | L = -\sum_{i=1}^{K} t_i \log p_i
R | \frac{\partial p_i}{\partial s_i} = p_i (1 - p_i)
R | \frac{\partial p_i}{\partial s_j} = -p_i p_j \quad (i \neq j)
A | \frac{\partial p_i}{\partial s_j} = -p_i p_j
R | \frac{\partial p_i}{\partial s_j} = p_i (\delta_{ij} - p_j)
R | \frac{\partial L}{\partial s_i} = p_i - t_i
W | \frac{\partial L}{\partial s_i} = t_i - p_i
W | \frac{\partial L}{\partial s_i} = (p_i - t_i) p_i (1 - p_i)
""",
    "ReLU by cases": r"""
R | f(u) = \begin{cases} u & u > 0 \\ 0 & \text{otherwise} \end{cases}
R | f'(u) = \begin{cases} 1 & u > 0 \\ 0 & \text{otherwise} \end{cases}
R | o = v f(r)
R | r = k x
R | \frac{\partial o}{\partial k} = v x \mathbf{1}[r > 0]
W | \frac{\partial o}{\partial k} = v x
""",
    "numbers, to the digits they show": r"""
R | x = 0.5
R | w = 0.8
R | b = -0.1
R | z = w x + b = 0.8 \cdot 0.5 - 0.1 = 0.3
R | a = \frac{1}{1 + e^{-z}} = 0.574
W | a = \frac{1}{1 + e^{-z}} = 0.547
R | \frac{da}{dz} = a(1 - a) = 0.574 \cdot 0.426 \approx 0.245
W | \frac{da}{dz} = a(1 - a) \approx 0.254
""",
    "what is not declared is not understood, and never wrong": r"""
R | z = w x + b
N | \frac{\partial L}{\partial w} = (a - y) x
N | \frac{\partial z}{\partial q} = x
N | z = w x + c
R | \frac{\partial z}{\partial w} = x
""",
    "a sum over rows that the notes leave out": r"""
R | \hat{y} = w x + b
R | L = \frac{1}{2} \sum_{i=1}^{n} (\hat{y}_i - y_i)^2
R | \frac{\partial L}{\partial w} = \sum_{i=1}^{n} (\hat{y}_i - y_i) x_i
A | \frac{\partial L}{\partial w} = \sum_{i=1}^{n} (\hat{y}_i - y_i) x
A | \frac{\partial L}{\partial w} = \frac{\partial L}{\partial \hat{y}} \frac{\partial \hat{y}}{\partial w}
W | \frac{\partial L}{\partial w} = x \sum_{i=1}^{n} (\hat{y}_i - y_i)
""",
    "two steps in time": r"""
R | h_t = \tanh(u h_{t-1} + v x_t)
R | L = \frac12 (h_2 - y)^2
R | \frac{\partial L}{\partial v} = (h_2 - y)(1 - h_2^2) \left( x_2 + u (1 - h_1^2) x_1 \right)
W | \frac{\partial L}{\partial v} = (h_2 - y)(1 - h_2^2) x_2 \cdot u (1 - h_1^2) x_1
R | \frac{\partial h_2}{\partial h_1} = u (1 - h_2^2)
W | \frac{\partial h_2}{\partial h_1} = u (1 - h_1^2)
""",
    "dz, short for dL/dz": r"""
R | z = w x + b
R | a = \sigma(z)
R | L = -(y \log a + (1-y) \log(1-a))
R | da = -\frac{y}{a} + \frac{1-y}{1-a}
W | dz = y - a
R | dw = x\, dz
R | db = dz
W | dw = dz
R | w := w - \alpha\, dw
""",
    "a count that is a letter is no number": r"""
R | \mu = \frac{1}{n} \sum_{i=1}^{n} x_i
R | v = \frac{1}{n} \sum_{i=1}^{n} (x_i - \mu)^2
R | \frac{\partial v}{\partial x_j} = \frac{2}{n} (x_j - \mu)
W | \frac{\partial v}{\partial x_j} = \frac{2}{3} (x_j - \mu)
W | \frac{\partial v}{\partial x_j} = (1 - \frac{1}{n}) (x_j - \mu)
""",
    "second derivatives": r"""
R | g = e^{k s}
R | \frac{d^2 g}{ds^2} = k^2 g
W | \frac{d^2 g}{ds^2} = k g
""",
}  # fmt: skip


def text_of(note: str) -> str:
    return "\n\n".join(f"$${line.split('|', 1)[1].strip()}$$" for line in note.strip().splitlines())


CASES = [
    (title, place, line.split("|", 1)[0].strip())
    for title, note in NOTES.items()
    for place, line in enumerate(note.strip().splitlines())
]


@pytest.fixture(scope="module")
def reports():
    return {title: check_notes(text_of(note), file=title) for title, note in NOTES.items()}


@pytest.mark.parametrize(("title", "place", "letter"), CASES)
def test_verdict(title, place, letter, reports):
    claim = reports[title].claims[place]
    assert claim.verdict == LETTERS[letter], (claim.latex, claim.reason, claim.reading)


def test_it_is_exported():
    assert autograd.check_notes is check_notes


# --------------------------------------------------------------------------- what a wrong claim gets


@pytest.fixture(scope="module")
def wrong(reports):
    found = [(report, c) for report in reports.values() for c in report.claims]
    found += [(report, c) for report in map(check_notes, DEMOS) for c in report.claims]
    return [(report, claim) for report, claim in found if claim.verdict == "wrong"]


def changed(report, claim, start, end, new):
    """The verdict on a claim after an edit of its LaTeX."""
    start, end = claim.offset + start, claim.offset + end
    text = report.text[:start] + new + report.text[end:]
    claims = check_notes(text, file="changed.md").claims
    return next(c for c in claims if c.offset == claim.offset)


def test_a_repair_makes_it_right(wrong):
    repaired = [(report, claim) for report, claim in wrong if claim.repair]
    assert len(repaired) >= 0.4 * len(wrong)
    for report, claim in repaired:
        edit = claim.repair
        after = changed(report, claim, edit.start, edit.end, edit.replacement)
        assert after.verdict in ("right", "ambiguous"), (claim.latex, edit.says, after.reason)


def test_the_right_formula_is_right(wrong):
    """What should stand there, put in the place of the side that fails, is right."""
    tried = 0
    for report, claim in wrong:
        side = claim.step.split(" = ")[-1] if claim.step else ""
        if claim.repair or not claim.expected or claim.latex.count(side) != 1 or claim.kind == "update":
            continue
        start = claim.latex.index(side)
        after = changed(report, claim, start, start + len(side), claim.expected)
        step = next(s for s in after.steps if s.right == claim.expected)
        assert step.verdict in ("right", "ambiguous"), (claim.latex, claim.expected, after.reason)
        tried += 1
    assert tried > 5


def test_counterexamples_differ_and_are_small(wrong):
    for _, claim in wrong:
        found = claim.counterexample
        if claim.reason and "sign" in claim.reason:
            continue  # a misprint, with no numbers
        assert found is not None, claim.latex
        assert found.left != found.right
        assert all(abs(x) < 10**5 for x in found.at.values() if isinstance(x, (int, float)))


def test_a_counterexample_can_be_followed_by_hand():
    text = r"$$L = (y - w x)^2$$" + "\n\n" + r"$$\frac{dL}{dw} = -2(y - w x)$$"
    claim = check_notes(text, file="x.md").claims[1]
    at = claim.counterexample.at
    y, w, x = at["y"], at["w"], at["x"]
    assert claim.counterexample.left == -2 * (y - w * x) * x
    assert claim.counterexample.right == -2 * (y - w * x)


def test_the_right_formula_comes_in_the_symbols_of_the_notes():
    text = "\n\n".join(
        rf"$${line}$$"
        for line in (
            r"\zeta = \omega_1 \xi + \beta", r"\alpha_1 = \sigma(\zeta)", r"Q = \frac12(\alpha_1 - \tau)^2",
            r"\frac{\partial Q}{\partial \omega_1} = \omega_1 + \xi",
        )
    )  # fmt: skip
    claim = check_notes(text, file="greek.md").claims[-1]
    assert claim.verdict == "wrong"
    assert claim.repair is None
    for name in (r"\alpha_1", r"\tau", r"\xi"):
        assert name in claim.expected
    assert r"\omega_1" not in claim.expected


def test_a_consequence_points_to_its_cause():
    text = "\n\n".join(
        rf"$${line}$$"
        for line in (
            r"L = (y - w x)^2", r"\frac{dL}{dw} = 2(y - w x) x", r"w_{new} = w_{old} - \eta\, 2(y - w x) x",
            r"\frac{dL}{dy} = 3(y - w x)",
        )
    )  # fmt: skip
    _, cause, consequence, other = check_notes(text, file="x.md").claims
    assert [cause.verdict, consequence.verdict, other.verdict] == ["wrong"] * 3
    assert consequence.follows_from == cause.line
    assert cause.follows_from is None
    assert other.follows_from is None


def test_a_line_that_goes_on_from_a_wrong_one_is_its_consequence():
    text = "\n\n".join(
        rf"$${line}$$" for line in (r"L = (y - w x)^2", r"\frac{dL}{dw} = -2(y - w x)", r"= 2(w x - y)")
    )
    claims = check_notes(text, file="x.md").claims
    assert claims[2].verdict == "wrong"
    assert claims[2].follows_from == claims[1].line


# ------------------------------------------------------------------------------- conventions, scopes


def test_conventions_are_announced():
    text = "\n\n".join(
        rf"$${line}$$"
        for line in (
            r"z = w x",
            r"a = \sigma(z)",
            r"L = (y - \hat{y})^2",
            r"\frac{dL}{dw} = -2(y - a) a(1-a) x",
        )
    )
    report = check_notes(text, file="x.md")
    assert [c.verdict for c in report.claims] == ["right"] * 4
    assert any("sigma" in convention for convention in report.conventions)
    assert any("last unit" in convention for convention in report.conventions)


def test_a_second_example_has_its_own_names():
    first = r"$$z = w x$$ $$L = (z - y)^2$$ $$\frac{dL}{dw} = 2(z - y) x$$"
    second = r"$$z = w^2 x + c$$ $$L = 3 (z - y)$$ $$\frac{dL}{dw} = 6 w x$$ $$\frac{dL}{dw} = 2(z - y) x$$"
    text = f"# One\n\n{first}\n\n# Two\n\n{second}\n".replace("$$ $$", "$$\n\n$$")
    found = [c.verdict for c in check_notes(text, file="x.md").claims]
    assert found == ["right"] * 6 + ["not understood"]  # it holds by the first example


def test_front_matter_declares_a_network():
    text = (
        "---\nnetwork:\n  layers: [2, 1]\n  activation: sigmoid\nloss: L = (y - \\hat{y})^2\n---\n\n"
        + "\n\n".join(
            rf"$${line}$$"
            for line in (
                r"O_{11} = \sigma(w^1_{11} x_1 + w^1_{21} x_2 + b_{11})",
                r"\frac{\partial L}{\partial w^1_{21}} = -2(y - \hat{y}) \hat{y} (1 - \hat{y}) x_2",
                r"\frac{\partial L}{\partial w^1_{21}} = -2(y - \hat{y}) \hat{y} (1 - \hat{y}) x_1",
                r"O_{11} = \sigma(w^1_{12} x_1 + w^1_{21} x_2 + b_{11})",
            )
        )
    )
    claims = check_notes(text, file="x.md").claims
    assert [c.verdict for c in claims] == ["right", "right", "wrong", "wrong"]
    assert claims[2].repair.replacement == "x_2"


# ----------------------------------------------------------------------------------- bad and hostile


@pytest.mark.parametrize(
    "text",
    [
        "$9^{9^{9^{9}}}$",
        "$x = 9^{9^{9}}$",
        "$10000000! = 3$",
        "$" + "{" * 10_000 + "x" + "}" * 10_000 + "$",
        r"$x = \sum_{i=1}^{10000000000} i^2$",
        r"$__import__(1) = 2$",
        r"$a = b$ $b = a$ $\frac{da}{db} = 2$",
        r"$x = \frac{1}{x - x}$",
        r"$f(x) = f(f(x))$ $f(2) = f(3)$",
        "$1e999999999 = 2$",
        "$x = 1" + "0" * 6000 + "$",
        r"$\lim_{x \to 0} f(x) = 1$",
        r"$\int_0^1 x\,dx = \frac12$",
        r"$A = \begin{bmatrix} 1 & 2 \\ 3 \end{bmatrix}$",
        r"$a^{99999} = 2$",
        r"$h_t = h_{t-1} + 1$ $h_{100000} = 2$",
        "$=$",
        "$a =$",
        r"$\frac{}{} = 1$",
    ],
)
def test_nothing_is_wrong_with_what_cannot_be_read(text):
    """No crash, no accusation; what is too large says so."""
    for claim in check_notes(text, file="x.md").claims:
        assert claim.verdict != "wrong" or math.isfinite(float(claim.counterexample.left))
        assert claim.verdict != "not understood" or claim.reason


def test_a_step_that_fails_keeps_its_arrow() -> None:
    report = check_notes(
        r"$L = (w x - y)^2$. $$w \leftarrow w + 2 \eta (w x - y) x = w - \eta \frac{\partial L}{\partial w}$$"
    )
    assert [claim.step for claim in report.claims if claim.verdict == "wrong"] == [
        r"w \leftarrow w + 2 \eta (w x - y) x"
    ]
