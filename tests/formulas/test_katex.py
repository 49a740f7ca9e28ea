"""The LaTeX that is printed compiles: KaTeX renders it, and minds everything it can mind.

KaTeX comes from npm. Tell Node where it is and run the tests:

    npm install --prefix /tmp/katex katex
    NODE_PATH=/tmp/katex/node_modules python -m pytest tests/formulas/test_katex.py

Without NODE_PATH, and where Node does not find it by itself, these tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from autograd import OPS, Value, dot, log, logsumexp, maximum, primitive, softmax, where
from autograd import sum as total
from autograd.cli import main
from autograd.expr import Expr, constant, symbol
from autograd.formulas import BackwardPass, abstract, symbolic
from autograd.notation import latex
from nn import MLP, Neuron, losses, squared_error

RENDERER = """
const katex = require("katex");
console.log("ready");
// of letters that its fonts lack it would only warn
const strict = (code) => (["unknownSymbol", "symbolNotInFont"].includes(code) ? "ignore" : "error");
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const formula = JSON.parse(line);
    let answer;
    try {
        answer = { html: katex.renderToString(formula, { displayMode: true, throwOnError: true, strict }) };
    } catch (error) {
        answer = { error: String(error.message) };
    }
    console.log(JSON.stringify(answer));
});
"""


@pytest.fixture(scope="module")
def katex() -> Iterator[Callable[[str], str]]:
    """A function that renders LaTeX and fails the test where KaTeX would complain."""
    node = shutil.which("node")
    required = "NODE_PATH" in os.environ
    if node is None:
        (pytest.fail if required else pytest.skip)("there is no Node to run KaTeX in")
    process = subprocess.Popen(
        [node, "-e", RENDERER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        if process.stdout.readline() != "ready\n":
            (pytest.fail if required else pytest.skip)(
                "Node does not find KaTeX: npm install it, and set NODE_PATH to the folder node_modules"
            )

        def render(formula: str) -> str:
            process.stdin.write(json.dumps(formula) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert "error" not in answer, f"{answer['error']}\nin {formula}"
            return answer["html"]

        yield render
        process.stdin.close()


@pytest.mark.parametrize(
    "wrong",
    [
        r"\frac{1}{",
        r"x^{2",
        r"w^1^2",
        r"\left(x",
        r"\nosuch{x}",
        r"a & b",
        r"\text{a_b}",
        "x^",
        r"\begin{aligned} x",
    ],
)
def test_katex_minds(katex, wrong):
    with pytest.raises(AssertionError, match=r"KaTeX parse error|LaTeX-incompatible"):
        katex(wrong)


# ------------------------------------------------------------------------------------------- the five notes


def note_000():
    net = MLP(2, [2, 1], activation="linear")
    return symbolic(lambda x1, x2, y: squared_error(net([x1, x2]), y), rows=2, result="loss")


def note_001():
    net = MLP(2, [2, 1], activation=abstract("f"), names="numbered")
    return symbolic(lambda X1, X2, Y: losses.half_squared_error(net([X1, X2]), Y))


def note_002():
    net = MLP(2, [2, 1], activation="linear")
    return symbolic(lambda x_i1, x_i2, y: squared_error(net([x_i1, x_i2]), y))


def note_004():
    neuron = Neuron(2, activation="sigmoid")
    return symbolic(lambda x1, x2, y: losses.binary_cross_entropy(neuron([x1, x2]), y), result="J")


def note_004_mean():
    neuron = Neuron(2, activation="sigmoid")
    loss = lambda x1, x2, y: losses.binary_cross_entropy(neuron([x1, x2]), y)  # noqa: E731
    return symbolic(loss, rows=5, reduce="mean", result="J")


def note_004_softmax():
    w = [[Value(1.0, f"w_{k}{j}") for j in (1, 2)] for k in (1, 2, 3)]

    def loss(x1, x2, y1, y2, y3):
        z = [dot(row, [x1, x2]) for row in w]
        a = softmax(z)
        for k in range(3):
            z[k].name, a[k].name = f"z{k + 1}", f"a{k + 1}"
        return -total(y * log(a_k) for y, a_k in zip([y1, y2, y3], a, strict=True))

    return symbolic(loss, result="J")


NOTES = [note_000, note_001, note_002, note_004, note_004_mean, note_004_softmax]


def formulas_of(model: Any) -> Iterator[str]:
    """All that is printed as LaTeX about a model."""
    yield model.formula.latex
    yield model.formula.expand_names().latex
    yield shown_in_notebook(model)
    for formula in model.definitions.values():
        yield formula.latex
    for name in [*model.parameters, *model.inputs]:
        yield model.gradient(name).latex
        yield model.gradient(name).expand_names().latex
        yield model.derive(name).latex
    yield from formulas_in(model.derive().markdown)


def shown_in_notebook(x: Any) -> str:
    typeset = x._repr_latex_()
    assert re.fullmatch(r"\$(?:[^$\\]|\\.)*\$", typeset, re.DOTALL)
    return typeset[1:-1]


def formulas_in(markdown: str) -> list[str]:
    found = re.findall(r"\$\$(.*?)\$\$", markdown, re.DOTALL)
    assert found
    assert "$" not in re.sub(r"\$\$.*?\$\$", "", markdown, flags=re.DOTALL)
    return found


@pytest.mark.parametrize("note", NOTES)
def test_all_that_is_printed_about_the_notes(katex, note):
    for formula in formulas_of(note()):
        katex(formula)


@pytest.mark.parametrize("note", NOTES)
def test_a_second_derivative_of_each_parameter(katex, note):
    model = note()
    for name in model.parameters:
        katex(model.gradient(name, next(iter(model.parameters))).latex)


def test_a_derivation_with_numbers(katex):
    model = note_002()
    for x in (2.0, 1e-9, -3e20, Fraction(-2, 3), float("inf"), float("nan")):
        derivation = model.derive("w1_11", at={"x_i1": x, "x_i2": 1.0, "y": 2.0}, learning_rate=0.01)
        katex(derivation.latex)
        katex(shown_in_notebook(derivation))


# ------------------------------------------------------------------------------------------ other networks


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "sigmoid", "tanh", "softmax"])
@pytest.mark.parametrize("names", ["layered", "numbered"])
def test_activations(katex, activation, names):
    net = MLP(1, [2, 1], activation=activation, names=names)
    model = symbolic(lambda x, y: squared_error(net([x]), y))
    for formula in formulas_of(model):
        katex(formula)


@pytest.mark.parametrize("loss", sorted(set(losses.__all__) - {"Loss", "loss_over_rows"}))
def test_losses_of_several_outputs(katex, loss):
    net = MLP(1, [2], output="softmax" if loss == "cross_entropy_from_probabilities" else "linear")
    model = symbolic(lambda x, y: getattr(losses, loss)(net([x]), y), sizes={"y": 2}, rows=3)
    for formula in formulas_of(model):
        katex(formula)


def test_what_is_folded_or_shared(katex):
    net = MLP(11, [10, 2], activation="tanh")
    model = symbolic(lambda x, y: squared_error(net(x), y), sizes={"x": 11, "y": 2})
    for name in ("w1_11,1", "w2_10,2", "b1,10", "x11"):
        katex(model.derive(name).latex)
    katex(model.gradient("x11").latex)  # long, and written with names for its parts

    def squarings(x):
        for _ in range(60):
            x = x * x + x
        return x

    tower = symbolic(squarings)
    katex(tower.formula.latex)
    katex(tower.gradient("x").latex)


def test_many_paths(katex):
    def all_used_by_all(x, depth=6):
        layer = [x, 2 * x]
        for i in range(depth):
            layer = [dot([1 + i, 2], layer) ** 2, maximum(*layer)]
            for k in range(2):
                layer[k].name = f"h{i}_{k}"
        return total(layer)

    katex(symbolic(all_used_by_all).derive("x").latex)


@pytest.mark.parametrize("format_", ["latex", "markdown"])
@pytest.mark.parametrize(
    "options",
    [
        ["--layers", "2,2,1"],
        ["--layers", "2,2,1", "--wrt", "w1_11", "--wrt", "b21", "--rows", "2", "--reduce", "mean"],
        ["--layers", "2,1", "--at", "x1=1,x2=1e-7,y=3e30", "--learning-rate", "1e-9"],
        ["--layers", "2,2,2", "--loss", "cross_entropy", "--activation", "f", "--names", "numbered"],
    ],
)
def test_what_the_command_writes(katex, options, format_):
    result = CliRunner().invoke(main, ["derive", *options, "--format", format_])
    assert result.exit_code == 0, result.output
    if format_ == "markdown":
        formulas = formulas_in(result.stdout)
    else:
        formulas = re.findall(r"\\begin\{align\*\}.*?\\end\{align\*\}", result.stdout, re.DOTALL)
    assert formulas
    for formula in formulas:
        katex(formula)


# --------------------------------------------------------------------------------- awkward expressions

AWKWARD = [
    " ", "a b", "a_b_c", "_", "__proto__", "x_", "x__1", "50%", "#1", "&", "$", "$$", "{", "}", "{}}",
    "\\", "\\\\", "\\frac", "\\end{aligned}", "\\text{", "^", "~", "x^2", "-x", "x'", "''", '"', "`", "|",
    "<b>", "</script>", "a|b", "a,b", "(", ")", "(i)", "x(i)", "w1_11(2)", "x1(i)(j)", "yhat", "what", "hat",
    "ybar", "yhat1", "w1_12,1", "W12", "dL/dw1_11", "d/d", "dL/d\\", "alpha", "alpha_beta", "Alpha", "new",
    "\n", "a\nb", "%\n", "\t", "\0", "\x1b[1m", "\u202e", "é", "ß", "η", "∂", "變", "Ж", "🦆", "e\u0301",
    "x₁", "²", "x" * 300,
]  # fmt: skip


@pytest.mark.parametrize("name", AWKWARD)
def test_names(katex, name):
    x = symbol(name)
    katex(latex(x))
    katex(latex(x**2))
    katex(latex(-(2 * x) / (x + 1) ** x))


@pytest.mark.parametrize("name", ["", *AWKWARD])
def test_names_of_values_in_all_that_is_printed(katex, name):
    w = Value(2.0, name)

    def loss(x):
        z = w * x
        z.name = f"{name}z"
        return (z - 1) ** 2

    model = symbolic(loss, rows=2, result="the result")
    parameter = next(iter(model.parameters))
    katex(shown_in_notebook(model))
    katex(model.derive(parameter).latex)
    for formula in formulas_in(model.derive().markdown):
        katex(formula)


NUMBERS = (
    st.integers(-(10**30), 10**30)
    | st.fractions(max_denominator=10**6)
    | st.floats(allow_nan=True, allow_infinity=True)
)
LEAVES = (
    st.sampled_from(["x", "y", "w1_11", "yhat", "O11(i)", "w1_12,1", "eta", "a_b", "x2"]).map(symbol)
    | st.text(min_size=1, max_size=4).map(symbol)
    | NUMBERS.map(constant)
)
N_OPERANDS = {
    "maximum": 2, "minimum": 2, "leaky_relu": 2, "add": 2, "sub": 2, "mul": 2, "div": 2, "general_power": 2,
}  # fmt: skip
PRIMITIVES = sorted(
    set(OPS) - {"power", "where", "less", "less_equal", "sum", "dot", "logsumexp", "take", "largest"}
)


def extend(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    def applied(name: str) -> st.SearchStrategy[Expr]:
        return st.tuples(*[inner] * N_OPERANDS.get(name, 1)).map(lambda operands: OPS[name](*operands))

    pairs = st.lists(st.tuples(inner, inner), min_size=1, max_size=3)
    return (
        st.sampled_from(PRIMITIVES).flatmap(applied)
        | st.tuples(inner, NUMBERS).map(lambda p: p[0] ** p[1])
        | st.tuples(inner, inner, inner, inner).map(lambda t: where(t[0] < t[1], t[2], t[3]))
        | st.tuples(inner, inner, inner).map(lambda t: where(t[0] <= t[1], t[2], t[1]))
        | st.tuples(inner, inner, inner).map(lambda t: OPS["take"](*t))
        | st.tuples(inner, inner).map(lambda t: OPS["largest"](*t))
        | st.lists(inner, min_size=1, max_size=4).map(lambda terms: total([symbol("x"), *terms]))
        | st.lists(inner, min_size=1, max_size=4).map(lambda terms: logsumexp([symbol("x"), *terms]))
        | pairs.map(lambda ps: dot([symbol("x"), *(a for a, _ in ps)], [symbol("y"), *(b for _, b in ps)]))
    )


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.recursive(LEAVES, extend, max_leaves=25))
@example(constant(float("-inf")) ** symbol("x"))
@example(constant(1e300) * symbol("x") ** constant(-1e-300))
@example(constant(Fraction(-2, 3)) ** symbol("w1_11") ** 2)
@example((symbol("w1_11") ** 2) ** symbol("w1_11(i)"))
@example(symbol("\u030d"))
def test_random_expressions(katex, expr):
    if isinstance(expr, Expr):  # and not a number that constants came down to
        katex(latex(expr))


def test_accents_of_all_kinds(katex):
    for code in range(0x300, 0x370):
        katex(latex(symbol(chr(code)) * symbol(f"a{chr(code)}")))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.recursive(LEAVES, extend, max_leaves=12))
def test_random_derivations(katex, expr):
    if not isinstance(expr, Expr):
        return
    model = symbolic(lambda x: x * expr, result="L")  # a random formula stands in the place of a parameter
    katex(model.gradient("x").latex)


def test_a_primitive_of_ones_own(katex):
    swish = primitive("swish_1", lambda x: x, lambda x, out: (1,))
    try:
        katex(latex(swish(symbol("x")) ** 2))
    finally:
        del OPS["swish_1"]


@pytest.mark.parametrize("name", ["f", "g_1", "phi", "act"])
def test_abstract_functions(katex, name):
    f = abstract(name)
    model = symbolic(lambda x, w: f(f(w * x)) ** 2)
    katex(model.gradient("w").latex)
    katex(model.gradient("w", "w").latex)
    assert isinstance(model.derive(), BackwardPass)
