"""Every gradient of the five notes, beside the engine's own formula; and a derivation for each set."""

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
from autograd.formulas import Derivation, Formula, abstract, symbolic
from autograd.notation import latex
from nn import MLP, Layered, Neuron, binary_cross_entropy, half_squared_error, squared_error

# ---------------------------------------------------------------------- the networks of the notes, traced


class Lowercase(Layered):
    """The hidden units of note 002 are o11 and o12."""

    def output(self, layer, j):
        """Name the output of a unit."""
        return super().output(layer, j).lower()


def linear_loss(names="layered"):
    net = MLP(2, [2, 1], activation="linear", names=names)
    return lambda x, y: squared_error(net(x), y)


def abstract_loss():
    net = MLP(2, [2, 1], activation=abstract("f"), names="numbered")
    return lambda X, Y: half_squared_error(net(X), Y)


def neuron_loss():
    neuron = Neuron(2, activation="sigmoid")
    return lambda x, y: binary_cross_entropy(neuron(x), y)


def softmax_loss():
    w = [[Value(1.0, f"w_{k}{j}") for j in (1, 2)] for k in (1, 2, 3)]
    b = [Value(0.0, f"b_{k}") for k in (1, 2, 3)]

    def loss(x, y):
        z = [dot(w_k, x) + b_k for w_k, b_k in zip(w, b, strict=True)]
        a = softmax(z)
        for k in range(3):
            z[k].name, a[k].name = f"z{k + 1}", f"a{k + 1}"
        return -total(y_k * log(a_k) for y_k, a_k in zip([*y, 1 - y[0] - y[1]], a, strict=True))

    return loss


def two_rows(x1, x2, y):
    """The loss of note 000 with symbols of its own for each row: x11 is x1 in row 1."""
    return total(batch_loss(row, y_i) for *row, y_i in zip(x1, x2, y, strict=True))


batch_loss, lowercase_loss = linear_loss(), linear_loss(Lowercase)
two = {"x": 2}
MODELS = {
    "000": symbolic(batch_loss, sizes=two, rows=2, result="loss"),
    "001": symbolic(abstract_loss(), sizes={"X": 2}),
    "002": symbolic(lambda x_i1, x_i2, y: lowercase_loss([x_i1, x_i2], y)),
    "003": symbolic(linear_loss(), sizes=two),
    "004": symbolic(neuron_loss(), sizes=two, result="J"),
    "004-mean": symbolic(neuron_loss(), sizes=two, rows=4, reduce="mean", result="J"),
    "004-softmax": symbolic(softmax_loss(), sizes={"x": 2, "y": 2}, result="J"),
}
TWO_ROWS = symbolic(two_rows, sizes={"x1": 2, "x2": 2, "y": 2}, result="loss")
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
        case ast.BinOp():
            return SIGNS[type(tree.op)](read(tree.left), read(tree.right))
        case ast.UnaryOp():
            return SIGNS[type(tree.op)](read(tree.operand))
        case ast.Call():
            return FUNCTIONS[tree.func.id](*map(read, tree.args))
        case ast.Subscript():
            return symbol(f"{tree.value.id}({tree.slice.value})")
        case ast.Name():
            return symbol(tree.id)
    return constant(tree.value)


class Row(NamedTuple):
    """A line of the table; the verdict is "same" (letter by letter), "equal" or "wrong"."""

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
    summand = python.removeprefix("sum: ")
    noted = Formula(read(ast.parse(summand, mode="eval")), model, over_rows=summand != python)
    try:
        equal = equal_in_two_rows(by, noted) if note == "000" else own.equals(noted)
    except SettingError:  # it names a weight that there is not
        equal = False
    verdict = "wrong" if not equal else "same" if noted.text == own.text else "equal"
    return Row(lines, f"d{of}/d{by}", noted, noted_latex, own, verdict, slip)


def equal_in_two_rows(by: str, noted: Formula) -> bool:
    """Whether it is right for two rows, be a name without index meant for the first or for the second."""
    own = TWO_ROWS.gradient(by)
    readings = [in_row(noted.expr, 1), in_row(noted.expr, 2)]
    return any(map(own.equals, [total(readings)] if noted.over_rows else readings))


def in_row(expr: Expr, row: int) -> Expr:
    """The formula in the symbols of two rows; those of this row are for the names without index."""
    inputs = {f"{name}({i})": symbol(f"{name}{i}") for name in ("x1", "x2", "y") for i in (1, 2)}
    units = {f"{name}({i})": symbol(f"{name}({i})" if i > 1 else name)
             for name in ("O11", "O12", "yhat") for i in (1, 2)}  # fmt: skip
    indexed = inputs | units
    return expr.evaluate(indexed | {name[:-3]: indexed[f"{name[:-3]}({row})"] for name in indexed})


# -------------------------------------------------------------------------------------- writing it down

STYLES = {"same": "green", "equal": "green", "wrong": "bold red"}


def in_terminal(rows: list[Row]) -> None:
    grid = Grid(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("line", "derivative", "the notes", "the engine", ""):
        grid.add_column(name)
    for row in rows:
        verdict = Text(f"{row.verdict}: {row.slip}" if row.slip else row.verdict, style=STYLES[row.verdict])
        grid.add_row(row.lines, row.derivative, Text(row.noted.text), Text(row.own.text), verdict)
    console.print(grid)


def in_markdown(rows: list[Row]) -> str:
    lines = ["| line | | the notes | the engine | |", "|---|---|---|---|---|"]
    for row in rows:
        formulas = (latex(symbol(row.derivative)), row.noted_latex, row.own.latex)
        cells = [row.lines, *(f"${formula}$" for formula in formulas), f"**{row.verdict}** {row.slip}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def in_html(rows: list[Row]) -> str:
    lines = ["<tr><th>line<th><th>the notes<th>the engine<th>"]
    for row in rows:
        formulas = (latex(symbol(row.derivative)), row.noted_latex, row.own.latex)
        cells = [row.lines, *map(svg, formulas), f"<b>{row.verdict}</b> {html.escape(row.slip)}"]
        lines.append(f'<tr class="{row.verdict}"><td>{"<td>".join(cells)}')
    return f'<table class="compared">{"".join(lines)}</table>'


def derivation_in_html(derivation: Derivation) -> str:
    lines = []
    before = ""
    for line in derivation.lines:
        left = "" if line.left == before else svg(line.left_latex)
        lines.append(f"<tr><td>{left}<td>{svg('=')}<td>{svg(line.right_latex)}")
        before = line.left
    return f"<table>{''.join(lines)}</table>"


PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 Georgia, serif; margin: 2em auto; max-width: 78em; padding: 0 1em }}
table {{ border-collapse: collapse; margin: 1em 0 }}
th, td {{ text-align: left; padding: .35em .5em .35em 0 }}
.compared :is(th, td) {{ border-bottom: 1px solid #8884; padding: .45em 1em .45em 0 }}
.compared td:first-child {{ color: #777; white-space: nowrap }}
:is(.same, .equal) b {{ color: #287a3e }}
.wrong b {{ color: #c0392b }}
svg {{ fill: currentColor; overflow: visible }}
</style>
<h1>{title}</h1>
"""

title = "Every gradient of the five notes, beside the engine's own formula"
markdown = [f"# {title}"]
page = [PAGE.format(title=title)]
counts = {"same": 0, "equal": 0, "wrong": 0}
notes = tomllib.loads((DATA / "gradients_of_the_notes.toml").read_text(encoding="utf-8"))
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
        print(f"{derivation.text}\n")
        markdown.append(derivation.markdown)
        page.append(derivation_in_html(derivation))

heading("In sum")
say(f"""
    Of {sum(counts.values())} formulas of the notes, {counts["same"]} are the engine's letter by letter,
    {counts["equal"]} are equal to it and written in another way, and {counts["wrong"]} are wrong.
""")
out = Path("out")
out.mkdir(exist_ok=True)
(out / "derivations.md").write_text("\n\n".join(markdown) + "\n", encoding="utf-8")
(out / "derivations.html").write_text("\n".join(page), encoding="utf-8")
say("Written: out/derivations.md, to paste from, and out/derivations.html, to look at.")
