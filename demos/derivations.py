"""Every gradient of the five notes beside the engine's own formula, and how the engine derives one of each."""

import ast
import html
import operator
import tomllib
from pathlib import Path
from typing import NamedTuple

from _printing import DATA, console, heading, say
from _typesetting import svg
from rich import box
from rich.table import Table as Grid
from rich.text import Text

import autograd
from autograd import Value, dot, log, softmax
from autograd import sum as total
from autograd.errors import SettingError
from autograd.expr import Expr, constant, symbol
from autograd.formulas import Formula, abstract, symbolic
from autograd.notation import latex_name
from nn import MLP, Layered, Neuron, binary_cross_entropy, half_squared_error, squared_error

# --------------------------------------------------------------- the networks of the notes, as formulas


class Lowercase(Layered):
    """The hidden units of note 002 are o11 and o12."""

    def output(self, layer, j):
        return super().output(layer, j).lower()


def net_000():
    net = MLP(2, [2, 1], activation="linear")
    return lambda x1, x2, y: squared_error(net([x1, x2]), y)


def net_001():
    net = MLP(2, [2, 1], activation=abstract("f"), names="numbered")
    return lambda X1, X2, Y: half_squared_error(net([X1, X2]), Y)


def net_002():
    net = MLP(2, [2, 1], activation="linear", names=Lowercase)
    return lambda x_i1, x_i2, y: squared_error(net([x_i1, x_i2]), y)


def net_004():
    neuron = Neuron(2, activation="sigmoid")
    return lambda x1, x2, y: binary_cross_entropy(neuron([x1, x2]), y)


def net_004_softmax():
    w = [[Value(1.0, f"w_{k}{j}") for j in (1, 2)] for k in (1, 2, 3)]
    b = [Value(0.0, f"b_{k}") for k in (1, 2, 3)]

    def loss(x1, x2, y1, y2):
        z = [dot(w_k, [x1, x2]) + b_k for w_k, b_k in zip(w, b)]
        a = softmax(z)
        for k in range(3):
            z[k].name, a[k].name = f"z{k + 1}", f"a{k + 1}"
        return -total(y_k * log(a_k) for y_k, a_k in zip([y1, y2, 1 - y1 - y2], a))

    return loss


MODELS = {
    "000": symbolic(net_000(), rows=2, result="loss"),
    "001": symbolic(net_001()),
    "002": symbolic(net_002()),
    "003": symbolic(net_000()),
    "004": symbolic(net_004(), result="J"),
    "004-mean": symbolic(net_004(), rows=4, reduce="mean", result="J"),
    "004-softmax": symbolic(net_004_softmax(), result="J"),
}
# for two rows, each with symbols of its own: x11 is x1 in row 1
TWO_ROWS = symbolic(
    lambda x1, x2, y, loss=net_000(): total(map(loss, x1, x2, y)),
    sizes={"x1": 2, "x2": 2, "y": 2},
    result="loss",
)
DERIVED = {"000": "w1_11", "001": "W1", "002": "w1_11", "003": "w2_11", "004": "w1"}


# ------------------------------------------------------------------------------ what the notes say, read

FUNCTIONS = {"exp": autograd.exp, "sigmoid": autograd.sigmoid, "df": autograd.derivative(abstract("f"))}
SIGNS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.USub: operator.neg,
}  # fmt: skip


def read(tree: ast.AST) -> Expr:
    """Turn a formula in Python's notation into one of symbols, just as it stands."""
    match tree:
        case ast.Expression():
            return read(tree.body)
        case ast.BinOp() | ast.UnaryOp():
            operands = [tree.operand] if isinstance(tree, ast.UnaryOp) else [tree.left, tree.right]
            return SIGNS[type(tree.op)](*map(read, operands))
        case ast.Call():
            return FUNCTIONS[tree.func.id](*map(read, tree.args))
        case ast.Subscript():
            return symbol(f"{tree.value.id}({tree.slice.value})")
        case ast.Name():
            return symbol(tree.id)
    return constant(ast.literal_eval(tree))


class Row(NamedTuple):
    """A line of the table."""

    lines: str
    derivative: str
    noted: Formula
    noted_latex: str
    own: Formula
    verdict: str
    slip: str


def compared(note: str, lines: str, derivative: str, noted_latex: str, python: str, slip: str) -> Row:
    """Hold a formula of the notes against the graph's."""
    model = MODELS[note]
    of, by = derivative.split("/")
    if of == model.result:
        own = model.gradient(by)
    else:  # from one named quantity to the next
        slopes = model.local_derivatives(of) if of in model.definitions else {}
        own = Formula(slopes.get(by, constant(0)), model)
    formula = python.removeprefix("sum: ")
    noted = Formula(read(ast.parse(formula, mode="eval")), model, over_rows=formula != python)
    try:
        equal = equal_in_a_batch(by, noted) if note == "000" else own.equals(noted)
    except SettingError:  # it names a weight that there is not
        equal = False
    verdict = ("same" if noted.text == own.text else "equal") if equal else "wrong"
    if equal == bool(slip) and not slip.startswith("if "):
        raise AssertionError(f"note {note}, line {lines}: is it right or wrong?")
    return Row(lines, f"d{of}/d{by}", noted, noted_latex, own, verdict, slip)


def equal_in_a_batch(by: str, noted: Formula) -> bool:
    """Whether it is right for two rows, be a name without index meant for the first or for the second."""
    own = TWO_ROWS.gradient(by)
    readings = [in_row(noted.expr, 1), in_row(noted.expr, 2)]
    return any(map(own.equals, [total(readings)] if noted.over_rows else readings))


def in_row(expr: Expr, row: int) -> Expr:
    """The formula in the symbols of two rows; those of this row are for the names without index."""
    inputs = {f"{name}({i})": symbol(f"{name}{i}") for name in ("x1", "x2", "y") for i in (1, 2)}
    units = {f"{name}(1)": symbol(name) for name in ("O11", "O12", "yhat")}
    here = {name: (inputs | units).get(f"{name}({row})", symbol(f"{name}({row})")) for name in BATCHED}
    return expr.evaluate(inputs | units | here)


BATCHED = ("x1", "x2", "y", "O11", "O12", "yhat")


# -------------------------------------------------------------------------------------- writing it down

STYLE = {"same": "green", "equal": "green", "wrong": "bold red"}
WORDS = {
    "same": "letter by letter the same",
    "equal": "equal, and written in another way",
    "wrong": "wrong",
}


def verdict(row: Row) -> str:
    return f"{row.verdict}: {row.slip}" if row.slip else row.verdict


def in_terminal(rows: list[Row]) -> None:
    grid = Grid(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("line", "derivative", "the notes", "the engine", ""):
        grid.add_column(name)
    for row in rows:
        grid.add_row(
            row.lines,
            row.derivative,
            Text(row.noted.text),
            Text(row.own.text),
            Text(verdict(row), style=STYLE[row.verdict]),
        )
    console.print(grid)


def in_markdown(rows: list[Row]) -> str:
    lines = ["| line | | the notes | the engine | |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.lines} | ${latex_name(row.derivative)}$ | ${row.noted_latex}$ | ${row.own.latex}$ | {verdict(row)} |"
        for row in rows
    ]
    return "\n".join(lines)


def in_html(rows: list[Row]) -> str:
    lines = [
        f'<tr class="{row.verdict}"><td>{row.lines}<td>{svg(latex_name(row.derivative))}<td>{svg(row.noted_latex)}'
        f"<td>{svg(row.own.latex)}<td><b>{row.verdict}</b> {html.escape(row.slip)}"
        for row in rows
    ]
    head = "<tr><th>line<th><th>the notes<th>the engine<th>"
    return f'<table class="compared">{head}{"".join(lines)}</table>'


def derivation_in_html(derivation) -> str:
    lines = []
    before = ""
    for line in derivation.lines:
        left = "" if line.left == before else svg(line.left_latex)
        lines.append(f"<tr><td>{left}<td>{svg('=')}<td>{svg(line.right_latex)}")
        before = line.left
    return f'<table class="derivation">{"".join(lines)}</table>'


PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 Georgia, serif; margin: 2em auto; max-width: 76em; padding: 0 1em }}
table {{ border-collapse: collapse; margin: 1em 0 }}
th, td {{ text-align: left; padding: .45em 1em .45em 0; border-bottom: 1px solid #8884 }}
.compared td:first-child {{ color: #888; white-space: nowrap }}
.same b, .equal b {{ color: #287a3e }}
.wrong b {{ color: #c0392b }}
.derivation td {{ border: 0; padding: .35em .5em .35em 0 }}
svg {{ fill: currentColor; overflow: visible }}
</style>
<h1>{title}</h1>
"""

title, _, _ = __doc__.partition(",")
markdown = [f"# {title}"]
page = [PAGE.format(title=title)]
counts = dict.fromkeys(WORDS, 0)
with open(DATA / "gradients_of_the_notes.toml", "rb") as file:
    notes = tomllib.load(file)
for name, note in notes.items():
    rows = [compared(name, *formula) for formula in note["formulas"]]
    for row in rows:
        counts[row.verdict] += 1
    about = f"Note {name[:3]}: {note['about']}"
    heading(about)
    in_terminal(rows)
    markdown += [f"## {about}", in_markdown(rows)]
    page += [f"<h2>{html.escape(about)}</h2>", in_html(rows)]
    if name in DERIVED:
        derivation = MODELS[name].derive(DERIVED[name])
        print(f"{derivation}\n")
        markdown.append(derivation.markdown)
        page.append(derivation_in_html(derivation))

heading("In sum")
summary = ", ".join(f"{n} {WORDS[word]}" for word, n in counts.items())
say(f"Of the {sum(counts.values())} formulas of the notes, {summary}.")
out = Path("out")
out.mkdir(exist_ok=True)
(out / "derivations.md").write_text("\n\n".join(markdown), encoding="utf-8")
(out / "derivations.html").write_text("\n".join(page), encoding="utf-8")
say("Written: out/derivations.md, for notes, and out/derivations.html, to look at.")
