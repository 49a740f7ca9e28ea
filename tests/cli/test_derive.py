"""`chalkgrad derive`: what it writes, against the library and the eager engine; and what it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import nn
from autograd import Value
from autograd import sum as total
from autograd.cli import main
from autograd.commands import loss_options as command
from autograd.formulas import Derivation, abstract, symbolic
from nn import MLP, half_squared_error, losses, squared_error


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["derive", *arguments], env=environment or None)


def derive(*arguments: str) -> str:
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def refused(*arguments: str) -> str:
    """The one line that a mistake is answered with."""
    result = run(*arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code == 2
    assert result.stdout == ""
    line, empty = result.stderr.split("\n")
    assert empty == ""
    assert line.startswith("chalkgrad: ")
    return line.removeprefix("chalkgrad: ")


# ---------------------------------------------------------------------------------------- what it writes


def test_one_weight():
    assert derive("--layers", "2,2,1", "--wrt", "w1_11").splitlines() == [
        "dL/dw1_11   = dL/dyhat * dyhat/dO11 * dO11/dw1_11",
        "dL/dyhat    = -2 (y - yhat)",
        "dyhat/dO11  = w2_11",
        "dO11/dw1_11 = x1",
        "dL/dw1_11   = [-2 (y - yhat)] [w2_11] [x1]",
        "            = -2 (y - yhat) w2_11 x1",
        "w1_11 (new) = w1_11 - eta dL/dw1_11",
    ]


def linear_loss(**batch: Any) -> Any:
    net = MLP(2, [2, 1], activation="linear", init="ones")
    return symbolic(lambda x, y: squared_error(net(x), y), sizes={"x": 2}, **batch)


def test_several_weights_follow_each_other_and_none_twice():
    model = linear_loss()
    out = derive("--layers", "2,2,1", "--wrt", "b21", "--wrt", "w2_21", "--wrt", "b21")
    assert out == f"{model.derive('b21').text}\n\n{model.derive('w2_21').text}\n"


def test_a_batch():
    model = linear_loss(rows=3, reduce="mean")
    out = derive("--layers", "2,2,1", "--wrt", "w1_21", "--rows", "3", "--reduce", "mean")
    assert out == model.derive("w1_21").text + "\n"
    assert "1/3 sum_(i=1)^3" in out


def test_all_weights_as_text():
    whole = linear_loss().derive()
    out = derive("--layers", "2,2,1")
    titles = ["Forward pass", "Backward pass", "In vectors", "Updates"]
    assert [line for line in out.splitlines() if line in titles] == titles
    assert re.sub(rf"({'|'.join(titles)})\n\n", "", out) == whole.text + "\n"


def test_numbered_names_and_an_abstract_activation():
    net = MLP(2, [2, 1], abstract("f"), names="numbered", init="ones")
    model = symbolic(lambda X1, X2, Y: half_squared_error(net([X1, X2]), Y))
    options = (
        "--layers",
        "2,2,1",
        "--activation",
        "f",
        "--names",
        "numbered",
        "--loss",
        "half_squared_error",
    )
    assert derive(*options, "--wrt", "W3") == model.derive("W3").text + "\n"
    assert "(Y_pred - Y) W6 f'(Z2) X1" in derive(*options, "--wrt", "W3")
    assert derive(*options, "--format", "markdown") == model.derive().markdown


def test_an_activation_for_each_hidden_layer():
    net = MLP(1, [2, 2, 1], ["tanh", "relu"], "sigmoid")
    model = symbolic(lambda x1, y: squared_error(net([x1]), y))
    out = derive("--layers", "1,2,2,1", "--activation", "tanh,relu", "--output", "sigmoid", "--wrt", "b11")
    assert out == model.derive("b11").text + "\n"


@pytest.mark.parametrize(
    ("loss", "output"),
    [
        ("binary_cross_entropy", "sigmoid"),
        ("cross_entropy_from_probabilities", "softmax"),
        ("cross_entropy", "linear"),
        ("hinge", "linear"),
    ],
)
def test_the_output_is_what_the_loss_takes(loss, output):
    net = MLP(2, [3], output=output)
    model = symbolic(lambda x, y: getattr(losses, loss)(net(x), y), sizes={"x": 2, "y": 3})
    options = ("--layers", "2,3", "--loss", loss, "--wrt", "b12")
    assert derive(*options) == derive(*options, "--output", output) == model.derive("b12").text + "\n"


def test_a_sigmoid_neuron_comes_down_to_the_error():
    assert "\n            = (yhat - y) x2\n" in derive(
        "--layers", "2,1", "--loss", "binary_cross_entropy", "--wrt", "w1_21"
    )


def test_latex_is_an_environment_for_each_part():
    model = linear_loss()
    out = derive("--layers", "2,2,1", "--wrt", "b21", "--wrt", "b12", "--format", "latex")
    bodies = re.findall(r"\\begin{align\*}(.*?)\\end{align\*}", out, re.DOTALL)
    assert [rf"\begin{{aligned}}{b}\end{{aligned}}" for b in bodies] == [
        model.derive("b21").latex,
        model.derive("b12").latex,
    ]
    whole = derive("--layers", "2,2,1", "--format", "latex")
    assert re.findall(r"^% (.*)\n\\begin{align\*}$", whole, re.MULTILINE) == [
        "Forward pass", "Backward pass", "In vectors", "Updates",
    ]  # fmt: skip


def test_markdown_is_ready_to_paste():
    model = linear_loss()
    assert derive("--layers", "2,2,1", "--format", "markdown") == model.derive().markdown
    one = derive("--layers", "2,2,1", "--format", "markdown", "--wrt", "b21")
    assert one == model.derive("b21").markdown


# -------------------------------------------------------------------------------------------------- JSON

LINE = {"left", "right", "left_latex", "right_latex"}


def test_json_of_derivations():
    model = linear_loss(rows=2)
    options = ("--layers", "2,2,1", "--rows", "2", "--wrt", "b12", "--wrt", "x1", "--format", "json")
    document = json.loads(derive(*options))
    expected: list[Derivation] = [model.derive("b12"), model.derive("x1")]
    assert document == {
        "format": "chalkgrad derivation",
        "version": 1,
        "result": "L",
        "rows": 2,
        "reduce": "sum",
        "inputs": ["x1", "x2", "y"],
        "parameters": list(model.parameters),
        "derivations": [
            {
                "by": d.parameter,
                "lines": [line._asdict() for line in d.lines],
                "formula": d.result.text,
                "formula_latex": d.result.latex,
                "value": None,
            }
            for d in expected
        ],
        "backward_pass": None,
    }


def test_json_of_the_backward_pass():
    document = json.loads(derive("--layers", "2,2,1", "--format", "json"))
    assert (document["rows"], document["reduce"], document["derivations"]) == (None, None, [])
    parts = document["backward_pass"]
    assert list(parts) == ["forward", "backward", "vectors", "updates", "values"]
    assert parts["values"] == {}
    whole = linear_loss().derive()
    for key, lines in zip(parts, (whole.forward, whole.lines, whole.vectors, whole.updates), strict=False):
        assert [set(line) for line in parts[key]] == [LINE] * len(lines)
        assert [tuple(line.values()) for line in parts[key]] == [tuple(line) for line in lines]


def test_json_has_no_nan():
    document = json.loads(
        derive("--layers", "1,1", "--at", "x1=1e200,y=0", "--wrt", "w1_11", "--format", "json"),
        parse_constant=pytest.fail,
    )
    assert document["derivations"][0]["value"] == "inf"
    zero = derive("--layers", "1,1", "--at", "x1=1,y=1", "--wrt", "w1_11", "--format", "json")
    assert '"value": 0.0' in zero  # not -0.0


# -------------------------------------------------------------------- numbers, against the eager engine


def numbers_at(names: list[str], shift: int) -> list[float]:
    return [0.5 + ((i * 7 + shift * 3) % 10) / 8 for i in range(len(names))]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("sizes", "options", "build"),
    [
        ([2, 2, 1], {}, {"activation": "linear"}),
        ([2, 2, 1], {"--activation": "f", "--names": "numbered", "--loss": "half_squared_error"},
         {"activation": "tanh", "names": "numbered"}),
        ([1, 2, 2], {"--activation": "leaky_relu", "--output": "tanh"},
         {"activation": "leaky_relu", "output": "tanh"}),
        ([2, 2, 2], {"--activation": "sigmoid", "--loss": "cross_entropy"}, {"activation": "sigmoid"}),
        ([2, 3, 2], {"--activation": "relu", "--loss": "cross_entropy_from_probabilities"},
         {"activation": "relu", "output": "softmax"}),
        ([3, 1], {"--loss": "binary_cross_entropy_with_logit"}, {}),
        ([2, 2], {"--loss": "hinge"}, {}),
    ],
)  # fmt: skip
def test_values_are_those_of_backward(sizes, options, build, rows):
    net = MLP(sizes[0], sizes[1:], **build)
    letter = ("X", "Y") if build.get("names") == "numbered" else ("x", "y")
    inputs = [f"{letter[0]}{i + 1}" for i in range(sizes[0])]
    loss = options.get("--loss", "squared_error")
    targets = [letter[1]] if sizes[-1] == 1 else [f"{letter[1]}{i + 1}" for i in range(sizes[-1])]
    for p, x in zip(net.parameters(), numbers_at(net.parameters(), 1), strict=True):
        p.data = x - 1
    batch = []
    for row in range(rows):
        labels = [float(i == row % len(targets)) for i in range(len(targets))]
        y = labels if "entropy" in loss else [2 * x - 1 for x in labels] if loss == "hinge" else None
        batch.append((numbers_at(inputs, row), y or numbers_at(targets, row)))

    function = getattr(losses, loss)
    (total(function(net(x), y if len(y) > 1 else y[0]) for x, y in batch) / rows).backward()

    point = [f"{name}={','.join(str(x[i]) for x, _ in batch)}" for i, name in enumerate(inputs)]
    point += [f"{name}={','.join(str(y[i]) for _, y in batch)}" for i, name in enumerate(targets)]
    point += [f"{name}={p.data}" for name, p in net.named_parameters().items()]
    point += ["f=tanh"] if options.get("--activation") == "f" else []
    arguments = [word for option in options.items() for word in option]
    arguments += ["--layers", ",".join(map(str, sizes)), "--format", "json", "--at", ",".join(point)]
    arguments += ["--rows", str(rows), "--reduce", "mean"] if rows > 1 else []
    values = json.loads(derive(*arguments))["backward_pass"]["values"]
    assert values == pytest.approx({n: p.grad for n, p in net.named_parameters().items()}, rel=1e-12)
    name = next(iter(values))
    one = json.loads(derive(*arguments, "--wrt", name))["derivations"]
    assert [d["value"] for d in one] == [values[name]]


def test_weights_are_1_and_biases_0_where_nothing_is_said():
    out = derive("--layers", "2,2,1", "--wrt", "w1_11", "--at", "x1=1,x2=2,y=5", "--learning-rate", "0.25")
    # yhat is 6, so dL/dyhat is 2, w2_11 is 1, x1 is 1
    assert out.splitlines()[-2:] == [
        "            = 2",
        "w1_11 (new) = w1_11 - 0.25 dL/dw1_11 = 1 - 0.25 * 2 = 0.5",
    ]


def test_a_parameter_that_is_given_is_the_one_updated():
    options = ("--layers", "1,1", "--wrt", "w1_11", "--learning-rate", "0.5")
    assert "3 - 0.5 * 12 = -3" in derive(*options, "--at", "x1=2", "--at", "y=3,w1_11=3")


def test_a_quantity_may_be_given_instead_of_computed():
    """The prediction of 17 that note 003 supposes."""
    out = derive("--layers", "2,2,1", "--wrt", "b21", "--at", "yhat=17,y=5")
    assert out.splitlines()[-2].strip() == "= 24"
    batch = ("--layers", "2,2,1", "--rows", "2", "--wrt", "b21", "--at", "yhat=17,4,y=5,5")
    assert derive(*batch).splitlines()[-2].strip() == "= 22"


def test_all_numbers_stand_at_the_end_of_the_backward_pass():
    out = derive("--layers", "1,1", "--at", "x1=2,y=3")
    assert out.endswith("\n\nNumbers\n\ndL/dw1_11 = -4\ndL/db11   = -2\n")
    latex = derive("--layers", "1,1", "--at", "x1=2,y=3", "--format", "latex")
    assert latex.endswith(
        "% Numbers\n\\begin{align*}\n"
        "\\frac{\\partial L}{\\partial w^{1}_{11}} &= -4 \\\\[6pt]\n"
        "\\frac{\\partial L}{\\partial b_{11}} &= -2\n\\end{align*}\n"
    )


@pytest.mark.parametrize("rate", ["eta", "alpha", "0.01", "1e-3"])
def test_learning_rate(rate):
    line = derive("--layers", "1,1", "--wrt", "b11", "--learning-rate", rate).splitlines()[-1]
    shown = rate if rate.isalpha() else str(float(rate))
    assert re.sub(" +", " ", line) == f"b11 (new) = b11 - {shown} dL/db11"


# ------------------------------------------------------------------------------------- in a terminal


def test_in_a_terminal_nothing_is_lost_and_nothing_is_too_wide():
    options = ("--layers", "2,3,3", "--activation", "tanh", "--loss", "cross_entropy", "--rows", "2")
    for extra in ((), ("--wrt", "w1_11")):
        shown = run(*options, *extra, FORCE_COLOR="1", COLUMNS="72", TERM="xterm").stdout
        plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
        assert max(map(len, plain.splitlines())) <= 72
        assert "".join(plain.split()) == "".join(derive(*options, *extra).split())
        assert not re.search(r"[-+*=]$|^ *= *$", plain, re.MULTILINE)
    assert "\x1b[1mForward pass\x1b[0m" in run(*options, FORCE_COLOR="1", TERM="xterm").stdout


def test_in_a_pipe_it_is_plain_however_narrow_the_terminal():
    code = "from autograd.cli import main; main()"
    piped = subprocess.run(
        [sys.executable, "-c", code, "derive", "--layers", "2,3,3", "--rows", "2", "--wrt", "w1_11"],
        capture_output=True, text=True, check=True, env={"COLUMNS": "20", "PATH": ""},
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert piped.stdout == derive("--layers", "2,3,3", "--rows", "2", "--wrt", "w1_11")
    assert max(map(len, piped.stdout.splitlines())) > 80


def test_asking_for_help_loads_neither_formulas_nor_nn():
    code = (
        "import sys; from autograd.cli import main; main(['derive', '--help'], standalone_mode=False);"
        "assert not {'nn', 'autograd.formulas', 'sympy', 'numpy'} & set(sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, cwd=Path(__file__).parents[2]
    )


def test_help_says_what_there_is():
    text = " ".join(derive("--help").split())
    assert set(command.LOSSES) == set(losses.__all__) - {"Loss", "loss_over_rows"}
    for loss in command.LOSSES:
        assert loss in text
    assert "the file is executed" in text
    for option in [*OPTIONS, "--function", "--size"]:
        assert f"{option} " in text


# --------------------------------------------------------------------------- a function in a user's file

SOURCE = """
from autograd import Value, tanh
from beside import bias
weights = [Value(0.5, "w1"), Value(-1.0, "w2")]
count = 3
print("loading")

def loss(x, y):
    print("tracing")
    z = sum(w * x_i for w, x_i in zip(weights, x)) + bias
    z.name = "z"
    return (y - tanh(z)) ** 2

def branching(x):
    if weights[0] * x > 0:
        return x
    return 2 * x

def dividing(x):
    return x * (1 / 0)

def leaving(x):
    raise SystemExit(4)

def constant(x):
    return 3.0
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "beside.py").write_text('from autograd import Value\nbias = Value(0.25, "b")\n')
    path = tmp_path / "loss.py"
    path.write_text(SOURCE)
    yield str(path)
    sys.modules.pop("beside", None)


def test_function_in_a_file(file):
    path_before = list(sys.path)
    options = ("--function", f"{file}:loss", "--size", "x=2", "--format", "json", "--wrt", "w2")
    result = run(*options, "--at", "x1=1,x2=0.5,y=2")
    assert result.exit_code == 0
    assert result.stderr == "loading\ntracing\n"  # what the file prints is kept apart
    assert sys.path == path_before
    document = json.loads(result.stdout)
    assert document["inputs"] == ["x1", "x2", "y"]
    assert document["parameters"] == ["w1", "w2", "b"]
    assert [line["left"] for line in document["derivations"][0]["lines"]] == [
        "dL/dw2", "dL/dz", "dz/dw2", "dL/dw2", "dL/dw2", "dL/dw2", "w2 (new)",
    ]  # fmt: skip

    w = [Value(0.5), Value(-1.0)]
    ((2 - (w[0] * 1 + w[1] * 0.5 + 0.25).tanh()) ** 2).backward()
    assert document["derivations"][0]["value"] == pytest.approx(w[1].grad, rel=1e-12)


def test_a_callable_object_is_a_function_too(tmp_path):
    path = tmp_path / "model.py"
    path.write_text("from nn import MLP\nnet = MLP(2, [1], init='ones')\n")
    out = derive("--function", f"{path}:net", "--size", "inputs=2", "--wrt", "b11")
    assert "dyhat/db11 = 1" in out


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lss", "there is no 'lss' in it; did you mean loss?"),
        ("qqq", "there is no 'qqq' in it; it has loss, branching, dividing, leaving, constant"),
        ("dividing", "line 20: ZeroDivisionError: division by zero"),
        ("leaving", "line 23: SystemExit: 4"),
    ],
)
def test_a_function_that_is_not_there_or_fails(file, name, message):
    result = run("--function", f"{file}:{name}")
    assert result.exit_code == 2
    assert result.stderr == f"loading\nchalkgrad: --function {file!r}: {message}\n"


def test_a_function_that_cannot_be_traced(file):
    branching, constant, short = (
        run("--function", f"{file}:{name}") for name in ("branching", "constant", "loss")
    )
    assert {branching.exit_code, constant.exit_code, short.exit_code} == {2}
    assert "where(" in branching.stderr
    assert "loss.py:15" in branching.stderr
    assert "must return one Value" in constant.stderr
    assert "3.0" in constant.stderr
    for result in (branching, constant, short):
        assert result.stderr.splitlines()[-1].startswith("chalkgrad: --function")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("def f(x:\n", "line 1: SyntaxError: '(' was never closed"),
        ("\nraise KeyError('w')", "line 2: KeyError: 'w'"),
        ("import sys\nsys.exit('bye')", "line 2: SystemExit: bye"),
        ("import worse", "line 1: SyntaxError: '(' was never closed (worse.py, line 1)"),
        (
            "open('no such data')",
            "line 1: FileNotFoundError: [Errno 2] No such file or directory: 'no such data'",
        ),
    ],
)
def test_a_file_that_fails(tmp_path, content, message):
    (tmp_path / "worse.py").write_text("print((1)")
    path = tmp_path / "bad.py"
    path.write_text(content)
    assert refused("--function", f"{path}:f") == f"--function {str(path)!r}: {message}"


def test_a_file_that_is_not_text(tmp_path):
    path = tmp_path / "bad.py"
    for content in (b"x = '\xff'\n", b"x = 1\0", b"\x7fELF\x00\x01"):
        path.write_bytes(content)
        assert "Error: " in refused("--function", f"{path}:f")


def test_a_file_without_functions(tmp_path):
    path = tmp_path / "empty.py"
    path.write_text("")
    assert refused("--function", f"{path}:f").endswith("there is no 'f' in it; it has no function")
    path.write_text("f = 3")
    assert refused("--function", f"{path}:f").endswith("f is 3, and no function")


def test_there_is_no_such_file(tmp_path):
    assert "there is no such file" in refused("--function", f"{tmp_path}/none.py:f")
    assert "is a folder" in refused("--function", f"{tmp_path}:f")
    for place in ("loss.py", ":f", "loss.py:", "loss.py:a b"):
        assert refused("--function", place) == (
            f"--function {place!r}: write FILE:NAME, such as loss.py:loss"
        )


# ------------------------------------------------------------------------------------------ refusals

NET = ("--layers", "2,2,1")
REFUSED = [
    ([], "--layers is needed, such as --layers 2,2,1, or --function; --help has examples"),
    (["--layers", "2"], "--layers 2: give the inputs, then the units of each layer, such as 2,2,1"),
    (["--layers", "2,0,1"], "--layers 2,0,1: '0' is no whole number from 1 to 100,000"),
    (["--layers", "2,-1"], "--layers 2,-1: '-1' is no whole number from 1 to 100,000"),
    (["--layers", "2,,1"], "--layers 2,,1: '' is no whole number from 1 to 100,000"),
    (["--layers", "2,two"], "--layers 2,two: 'two' is no whole number from 1 to 100,000"),
    (["--layers", "2,1_0"], "--layers 2,1_0: '1_0' is no whole number from 1 to 100,000"),
    (["--layers", "2,１"], "--layers 2,１: '１' is no whole number from 1 to 100,000"),
    (["--layers", "2,1,1,1,1", "--activation", "tanh,relu"],
     "--activation 'tanh,relu': 2 of them for 3 hidden layers; give one for all, or one for each"),
    ([*NET, "--activation", "rleu"],
     "--activation: 'rleu' is none of leaky_relu, linear, relu, sigmoid, softmax, tanh, a letter such as f; "
     "did you mean relu?"),
    ([*NET, "--activation", "y"],
     "--activation: 'y' is none of leaky_relu, linear, relu, sigmoid, softmax, tanh, a letter such as f"),
    (["--layers", "2,1", "--activation", "tanh"],
     "--activation 'tanh': there is no hidden layer; the last one's is given by --output"),
    ([*NET, "--output", "Sigmoid"],
     "--output: 'Sigmoid' is none of leaky_relu, linear, relu, sigmoid, softmax, tanh, a letter such as f; "
     "did you mean sigmoid?"),
    ([*NET, "--loss", "squarederror"],
     f"--loss: 'squarederror' is none of {', '.join(command.LOSSES)}; did you mean squared_error?"),
    ([*NET, "--loss", "cross_entropy"],
     "--layers 2,2,1: cross_entropy compares classes, and there is only one output"),
    (["--layers", "2,3", "--loss", "cross_entropy", "--output", "softmax"],
     "--output: cross_entropy applies softmax itself; leave --output out, or take "
     "--loss cross_entropy_from_probabilities"),
    ([*NET, "--loss", "binary_cross_entropy_with_logit", "--output", "sigmoid"],
     "--output: binary_cross_entropy_with_logit applies sigmoid itself; leave --output out, or take "
     "--loss binary_cross_entropy"),
    ([*NET, "--names", "number"], "--names: 'number' is none of layered, numbered; did you mean numbered?"),
    ([*NET, "--wrt", "w1_13"], "--wrt: the graph has nothing named 'w1_13'"),
    ([*NET, "--rows", "0"], "--rows: '0' is no whole number from 1 to 100,000"),
    ([*NET, "--rows", "2.5"], "--rows: '2.5' is no whole number from 1 to 100,000"),
    ([*NET, "--reduce", "mean"], "--reduce: 'mean' needs --rows, such as --rows 2"),
    ([*NET, "--rows", "2", "--reduce", "avg"], "--reduce: 'avg' is none of sum, mean"),
    ([*NET, "--learning-rate", "-0.1"],
     "--learning-rate -0.1: it must be greater than 0, or a symbol such as eta"),
    ([*NET, "--learning-rate", "nan"],
     "--learning-rate: 'nan' is no number; write one in plain decimals, such as -12.5 or 3e-4"),
    ([*NET, "--learning-rate", "1e999"], "--learning-rate: '1e999' is too large for a float"),
    ([*NET, "--format", "jsn"], "--format: 'jsn' is none of text, latex, markdown, json; did you mean json?"),
    ([*NET, "--size", "x=2"], "--size: 'x=2' belongs to --function; a network has --layers"),
    (["--function", "a.py:f", *NET], "--layers: '2,2,1' is for a network, and --function gives none"),
    (["--function", "a.py:f", "--loss", "f"], "--loss: 'f' is for a network, and --function gives none"),
    (["--function", "a.py:f", "--size", "x"], "--size x: '' is no whole number from 1 to 100,000"),
    (["--function", "a.py:f", "--size", "=3"], "--size '=3': write NAME=N, such as x=3"),
    (["--function", "a.py:f", "--size", "x=100001"],
     "--size x: '100001' is no whole number from 1 to 100,000"),
    ([*NET, "--at", "x1"], "--at 'x1': write NAME=NUMBER, such as x1=1,x2=2,y=3"),
    ([*NET, "--at", "x9=1"], "--at: the graph has nothing named 'x9'"),
    ([*NET, "--at", "x1=1,x1=2"], "--at 'x1=1,x1=2': x1 is given twice"),
    ([*NET, "--at", "x1=1", "--at", "x1=2"], "--at 'x1=2': x1 is given twice"),
    ([*NET, "--at", "x1=one"],
     "--at x1: 'one' is no number; write one in plain decimals, such as -12.5 or 3e-4"),
    ([*NET, "--at", "x1=1.2.3"],
     "--at x1: '1.2.3' is no number; write one in plain decimals, such as -12.5 or 3e-4"),
    ([*NET, "--at", "x1=1e999"], "--at x1: '1e999' is too large for a float"),
    ([*NET, "--at", "x1=tanh"],
     "--at x1: 'tanh' is no number; write one in plain decimals, such as -12.5 or 3e-4"),
    ([*NET, "--at", "x1=1,2"], "--at x1: 2 given, and it takes 1; for a batch, say --rows"),
    ([*NET, "--rows", "3", "--at", "x1=1,2"], "--at x1: 2 given, and it takes 3, one for each row"),
    ([*NET, "--rows", "3", "--at", "w1_11=1,2"], "--at w1_11: 2 given, and it takes 1"),
    ([*NET, "--rows", "2", "--at", "x1=1,2,x2=1,2,y=1,2", "--wrt", "O11"],
     "--wrt: O11 is another number in each row; with --at leave out --rows"),
    ([*NET, "--rows", "2", "--at", "yhat=1"], "--at yhat: 1 given, and it takes 2, one for each row"),
    ([*NET, "--at", "x1=1", "--wrt", "b11"], "--at: a value is missing for "),
    ([*NET, "--activation", "f", "--at", "x1=1,x2=2,y=3"],
     "--at: say which function f is, such as f=tanh"),
    ([*NET, "--activation", "f", "--at", "x1=1,x2=2,y=3,f=softmax"], "--at: the graph has nothing named 'f'"),
    (["--layers", "30,40,1", "--at", "y=1"],
     "--at: there are 1,281 gradients; at most 1,000 are worked out, so say by --wrt which are wanted"),
    (["--lyers", "2"], "No such option '--lyers'."),
    ([*NET, "more"], "Got unexpected extra argument (more)"),
    (["--layers"], "Option '--layers' requires an argument."),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_refused_in_one_plain_line(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text("def f(x):\n    return x\n")
    assert refused(*arguments).startswith(message)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ("2,1000000000,1", "--layers 2,1000000000,1: '1000000000' is no whole number from 1 to 100,000"),
        ("9" * 10_000 + ",1", "no whole number"),
        ("1," * 100_000 + "1", "100,000 layers; at most 100 are shown"),
        (
            "100,100,1",
            "--layers 100,100,1: 10,201 weights and biases; at most 5,000 are shown",
        ),
    ],
)
def test_absurd_sizes_are_refused_before_anything_is_built(monkeypatch, sizes, message):
    monkeypatch.setattr(nn, "MLP", lambda *_, **__: pytest.fail("a network was built"))
    line = refused("--layers", sizes)
    assert message in line
    assert len(line) < 300


def test_no_network_of_the_largest_kind_is_refused():
    """The limit counts what MLP counts."""
    sizes = [60, 60, 20, 5]
    count = sum((before + 1) * units for before, units in pairwise(sizes))
    assert count <= command.MAX_PARAMETERS < count + 61
    net = MLP(sizes[0], sizes[1:])
    assert len(net.parameters()) == count


WORDS = ["2,2,1", "2,1", "1,3", "w1_11", "yhat", "f", "tanh", "softmax", "hinge", "cross_entropy", "numbered",
         "2", "sum", "x1=1,x2=2,y=3", "0.1", "eta", "json", "latex"]  # fmt: skip
OPTIONS = ["--layers", "--activation", "--output", "--loss", "--names", "--wrt", "--rows", "--reduce",
           "--learning-rate", "--at", "--format"]  # fmt: skip
text = st.sampled_from(WORDS) | st.text(max_size=8) | st.text("x12=,.-e_()\\'\" ", max_size=8)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(OPTIONS), text, max_size=5))
@example({"--layers": "2,2,1", "--wrt": "\ud800"})
@example({"--layers": "2,2,1", "--at": "x1\n=1"})
def test_whatever_is_typed_is_answered_in_words(typed):
    if len(typed.get("--layers", "")) > 5:
        typed["--layers"] = "2,2,1"
    arguments = [word for option, value in {"--layers": "2,2,1", **typed}.items() for word in (option, value)]
    result = run(*arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), arguments
    assert result.exit_code in (0, 2)
    if result.exit_code == 2:
        assert re.fullmatch(r"chalkgrad: [^\n]*\n", result.stderr)
    else:
        assert result.stdout
