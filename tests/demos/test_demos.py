"""The demos run as a reader would run them, and print numbers that are worked out here by other means."""

import ast
import math
import os
import re
import subprocess
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

ROOT = Path(__file__).resolve().parents[2]
DEMOS = sorted(path for path in (ROOT / "demos").glob("*.py") if not path.name.startswith("_"))
QUICK = {  # less than they do by themselves
    "001_digits": ["200"],  # images to train on, instead of 1,000
    "gpt": ["--epochs", "2", "--names", "600"],
}
PICTURES = {  # with a plot; the others draw graphs
    "000_batches",
    "001_abstract_activation",
    "001_digits",
    "002_row_by_row",
    "003_random_rows",
    "004_two_layers",
    "gpt",
    "moons",
}


def run(script, cwd, *arguments, path=""):
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(path), str(ROOT)])),
        "COLUMNS": "130",
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.run(
        [sys.executable, script, *arguments], cwd=cwd, env=environment, capture_output=True, encoding="utf-8"
    )


BEGINNINGS = {".png": b"\x89PNG\r\n\x1a\n", ".svg": b"<?xml", ".html": b"<!doctype html>"}


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """What a demo prints, run once, in a folder of its own."""

    @cache
    def output_of(name):
        folder = tmp_path_factory.mktemp(name)
        done = run(ROOT / "demos" / f"{name}.py", folder, *QUICK.get(name, []))
        assert done.returncode == 0, done.stderr
        compiling = [line for line in done.stderr.splitlines() if line.startswith("chalkgrad: compiling")]
        assert done.stderr.splitlines() == compiling  # which happens once for a machine
        made = [path.relative_to(folder).as_posix() for path in folder.rglob("*.*")]
        assert (f"out/{name}.png" in made) == (name in PICTURES)
        assert made, "every demo draws something"
        for file in made:
            assert file.startswith(f"out/{name}"), "under its own name"
            assert (folder / file).read_bytes().startswith(BEGINNINGS[Path(file).suffix])
            assert Path(file).name in done.stdout
        return done.stdout

    return output_of


def cells(output, first):
    """The rows of tables that begin with a cell, as lists of the others: numbers where they are numbers."""
    found = []
    for line in output.splitlines():
        start, *others = re.split(r" {2,}", line.strip())
        if start == first:
            found.append([as_number(cell) for cell in others])
    assert found, f"no row begins with {first!r}"
    return found


def as_number(cell):
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        return cell


def close(found, expected, places=4):
    return found == pytest.approx(expected, abs=0.51 * 10**-places, rel=1e-9)


def standardised(rows):
    rows = np.array(rows, dtype=float)
    return (rows - rows.mean(axis=0)) / rows.std(axis=0)


# ------------------------------------------------------------- the linear 2-2-1 network, in NumPy

NAMES = ["w1_11", "w1_12", "w1_21", "w1_22", "w2_11", "w2_21", "b11", "b12", "b21"]
ONES = dict.fromkeys(NAMES, 1.0) | {"b11": 0.0, "b12": 0.0, "b21": 0.0}


def linear_network(p, rows):
    """The residuals ŷ - y of rows, and for each parameter what it is multiplied by in ŷ, row by row."""
    x1, x2, y = np.array(rows, dtype=float).T
    O11 = p["w1_11"] * x1 + p["w1_21"] * x2 + p["b11"]
    O12 = p["w1_12"] * x1 + p["w1_22"] * x2 + p["b12"]
    one = np.ones_like(y)
    factors = {
        "w1_11": p["w2_11"] * x1, "w1_12": p["w2_21"] * x1, "w2_11": O11,
        "w1_21": p["w2_11"] * x2, "w1_22": p["w2_21"] * x2, "w2_21": O12,
        "b11": p["w2_11"] * one, "b12": p["w2_21"] * one, "b21": one,
    }  # fmt: skip
    return p["w2_11"] * O11 + p["w2_21"] * O12 + p["b21"] - y, factors


def gradient_step(p, rows, eta):
    """The loss summed over the rows, and the parameters after a step."""
    residuals, factors = linear_network(p, rows)
    return (residuals**2).sum(), {n: p[n] - eta * 2 * (residuals * factors[n]).sum() for n in NAMES}


# --------------------------------------------------------------------------------------- all of them


@pytest.mark.parametrize("script", DEMOS, ids=lambda script: script.stem)
def test_it_says_in_one_line_what_it_is(script):
    title, *rest = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))).split("\n")
    assert title.endswith((".", "?"))
    assert not rest or rest[0] == ""


@pytest.mark.parametrize("missing", ["matplotlib", "sklearn"])
def test_without_a_package_it_says_how_to_get_it(missing, tmp_path):
    (tmp_path / f"{missing}.py").write_text(f"raise ModuleNotFoundError('no', name={missing!r})")
    done = run(ROOT / "demos" / "004_two_layers.py", tmp_path, path=tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"chalkgrad: {missing} is not installed; run: pip install 'chalkgrad[train]'\n"


# ------------------------------------------------------------------------------------------ set by set

SALARIES = [
    (3, 3, 50),
    (8, 55, 1000),
    (3, 8, 60),
    (4, 8, 65),
    (3, 2, 30),
    (9, 88, 5000),
    (3, 2, 35),
    (8, 6, 40),
]


def test_000_gradients_and_updates(output):
    out = output("000_batches")
    batches = standardised(SALARIES).reshape(4, 2, 3)
    shown = {name: cells(out, name) for name in NAMES}  # a row among the gradients, a row among the updates
    p = {name: updates[0] for name, (_, updates) in shown.items()}  # as printed, to four places

    residuals, factors = linear_network(p, batches[0])
    for name, ((_, graph, by_hand, noted_1, noted_2), _) in shown.items():
        assert graph == by_hand
        assert graph == pytest.approx(2 * (residuals * factors[name]).sum(), abs=2e-3)
        assert noted_1 == pytest.approx(2 * residuals.sum() * factors[name][0], abs=2e-3)
        assert noted_2 == pytest.approx(2 * residuals.sum() * factors[name][1], abs=2e-3)
        assert (noted_1 == graph) == name.startswith("b")
        assert (noted_2 * graph < 0) == name.startswith("w")  # as the text says: the wrong sign

    losses = cells(out, "loss of the batch")[0]
    for k, batch in enumerate(batches, start=1):
        loss, p = gradient_step(p, batch, 0.01)
        assert losses[k - 1] == pytest.approx(loss, rel=1e-3, abs=1e-3)
        for name in NAMES:
            assert shown[name][1][k] == pytest.approx(p[name], abs=5e-4)


def test_000_costs_of_leaving_the_sum(output):
    out = output("000_batches")
    first, last = cells(out, "1")[0], cells(out, "200")[0]
    x, y = standardised(SALARIES)[:, :2], standardised(SALARIES)[:, 2]
    plane = np.linalg.lstsq(np.column_stack([x, np.ones(8)]), y, rcond=None)[1][
        0
    ]  # no linear network does better
    assert plane < last[0] < 1.3 * plane < last[2] < first[2]
    assert first[1] < last[1]


def test_001_gradients_with_three_activations(output):
    out = output("001_abstract_activation")

    def sigmoid(z):
        return 1 / (1 + math.exp(-z))

    activations = [
        (lambda z: max(z, 0.0), lambda z: float(z > 0)),
        (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
        (lambda z: z * sigmoid(z), lambda z: sigmoid(z) + z * sigmoid(z) * (1 - sigmoid(z))),
    ]
    X1, X2, Y = 68, 14, 5.7
    Z1, Z2, W5, W6, b3 = 0.03 * X1 - 0.08 * X2, -0.02 * X1 + 0.07 * X2, 2.0, 3.0, 1.0
    for i, (f, slope) in enumerate(activations):
        e = W5 * f(Z1) + W6 * f(Z2) + b3 - Y
        expected = {
            "W1": e * W5 * slope(Z1) * X1, "W2": e * W5 * slope(Z1) * X2, "b1": e * W5 * slope(Z1),
            "W3": e * W6 * slope(Z2) * X1, "W4": e * W6 * slope(Z2) * X2, "b2": e * W6 * slope(Z2),
            "W5": e * f(Z1), "W6": e * f(Z2), "b3": e,
        }  # fmt: skip
        for name, gradient in expected.items():
            assert close(cells(out, name)[0][1 + i], gradient)
        assert close(cells(out, "f'(Z1)")[0][i], slope(Z1))
        assert close(cells(out, "f'(Z2)")[0][i], slope(Z2))
        assert close(cells(out, "L = (Y - Y_pred)² / 2")[0][i], e * e / 2)
    (off,) = re.findall(r"differ from them by (\S+) at most", " ".join(out.split()))
    assert float(off) < 1e-12
    for name in ("ReLU", "sigmoid", "swish"):
        *_, (epoch, _, short, tall) = cells(out, name)
        assert (epoch, round(short, 3), round(tall, 3)) == (100, 5.7, 6.0)


def test_001_digits(output):
    out = output("001_digits")
    assert "says it is a 1" in out
    before, labels, slopes, one_step, trained = (
        [row[column] for row in (cells(out, f"{k}")[0] for k in range(3))] for column in (0, 1, 2, 4, 5)
    )
    assert labels == [0, 0, 1]
    assert max(before) == before[1]
    assert max(trained) == trained[2]
    for outputs in (before, one_step, trained):
        assert sum(outputs) == pytest.approx(1, abs=2e-4)
    for k in range(3):
        assert slopes[k] == pytest.approx(before[k] - labels[k], abs=2e-4)
        assert (one_step[k] - before[k]) * slopes[k] < 0
    few, untrained, trained = (float(share) for share in re.findall(r"([\d.]+)%", " ".join(out.split())))
    assert few > 80
    assert untrained < 25
    assert trained > 60  # on 200 images; on 1,000 about 90


def test_gpt(output):
    out = " ".join(output("gpt").split())
    first, last = map(float, re.search(r"fell from ([\d.]+) to ([\d.]+)", out).groups())
    assert first == pytest.approx(math.log(28), abs=0.2)  # at first all letters are alike to it
    assert last < 3
    assert re.search(r"[\d,]+ tokens a second", out)
    names = output("gpt").partition("New names")[2].split("Of these")[0].split()[1:]
    assert 16 <= len(names) <= 24
    assert all(re.fullmatch("[a-z_]+", name) for name in names)


def test_gpt_takes_the_same_steps_eagerly(tmp_path):
    arguments = ["--epochs", "1", "--names", "12", "--new", "2"]
    losses = [
        re.search(r"fell from ([\d.]+) to ([\d.]+)", " ".join(done.stdout.split())).groups()
        for engine in ([], ["--eager"])
        for done in [run(ROOT / "demos" / "gpt.py", tmp_path, *arguments, *engine)]
    ]
    assert losses[0] == losses[1]


def test_moons(output):
    out = output("moons")
    (steps, first, tenth, last, _), *compiled = cells(out, "eager") + cells(out, "jit")
    assert compiled[0][:4] == [steps, first, tenth, last]
    assert compiled[1][1:3] == [first, tenth]
    right, of_others = map(float, re.findall(r"([\d.]+)%", " ".join(out.split())))
    assert right == 100
    assert of_others > 95


def test_002_the_first_row_and_its_gradients(output):
    out = output("002_row_by_row")
    x1, x2, y = 60, Fraction(7, 2), 40
    O11 = O12 = x1 + x2
    yhat = O11 + O12
    assert cells(out, "60")[0] == [x2, y, O11, O12, yhat, (y - yhat) ** 2]
    common = -2 * (y - yhat)
    expected = dict.fromkeys(["b11", "b12", "b21"], common) | {
        "w1_11": common * x1, "w1_12": common * x1, "w1_21": common * x2, "w1_22": common * x2,
        "w2_11": common * O11, "w2_21": common * O12,
    }  # fmt: skip
    for name, gradient in expected.items():
        assert cells(out, name)[0][1:] == [gradient, gradient, "yes"]
    assert "At random weights 9 of the 9 are equal." in " ".join(out.split())
    assert f"dL/dw2_11 += dL/dv3 * dv3/dw2_11       = {common} * {O11} = {common * O11}" in out

    slips = {"w2_21": 0, "w1_12": common * x2, "w1_11": -common * x1, "b21": -common}
    for name, number in slips.items():
        assert cells(out, name)[1][1:3] == [number, expected[name]]


def test_002_unscaled_diverges_and_standardised_converges(output):
    out = output("002_row_by_row")
    rows = [(60, 3.5, 40), (80, 4.7, 60), (20, 3, 25), (90, 3, 50)]
    p, losses = ONES, []
    for row in rows:
        loss, p = gradient_step(p, [row], 0.01)
        losses.append(f"{loss:,.0f}" if loss < 1e6 else f"{loss:.2g}")
    assert f"the losses of the rows are {', '.join(losses)}. Then: training diverged" in " ".join(out.split())

    for column, table, scale, eta in (
        (0, rows, 1, 0.00001),
        (1, standardised(rows), np.std([y for *_, y in rows]) ** 2, 0.03),
    ):
        p = ONES
        for epoch in range(1, 101):
            losses = []
            for row in table:
                loss, p = gradient_step(p, [row], eta)
                losses.append(loss * scale)
            if epoch in (1, 2, 5, 10, 100):
                assert close(cells(out, f"{epoch}")[0][column], np.mean(losses))
    for pair in ("w1_11, w1_12", "w1_21, w1_22", "b11, b12", "w2_11, w2_21"):
        alike_1, alike_2, random_1, random_2 = cells(out, pair)[0]
        assert alike_1 == alike_2
        assert random_1 != random_2


def test_003_the_first_row_and_what_a_gradient_means(output):
    out = output("003_random_rows")
    x1, x2, y = 80, 8, 5
    yhat = 2 * (x1 + x2)
    assert cells(out, "the notes suppose") == [[17, (5 - 17) ** 2]]
    assert cells(out, "the network says") == [[yhat, (y - yhat) ** 2]]
    assert "O21 depends on 5 variables" in out
    for nudge in (1, 0.1, 0.01, 0.001):
        growth = (y - yhat - nudge * (x1 + x2)) ** 2 - (y - yhat) ** 2
        assert cells(out, f"{nudge}")[0] == pytest.approx([growth, growth / nudge], abs=6e-5)
    assert f"backward() says {-2 * (y - yhat) * (x1 + x2):,}" in " ".join(out.split())


def test_003_random_rows(output):
    out = output("003_random_rows")
    table = standardised([(80, 8, 5), (60, 5, 3), (110, 7, 8)])
    p = ONES
    for step in range(1, 10):
        # "1" also stands before the nudge of 1 and the first epoch: a step has four columns
        ((number, before, after, of_all),) = (row for row in cells(out, f"{step}") if len(row) == 4)
        row = [table[int(number) - 1]]
        loss, p = gradient_step(p, row, 0.02)
        assert close(before, loss)
        assert close(after, gradient_step(p, row, 0)[0])
        assert close(of_all, gradient_step(p, table, 0)[0])
    for student in ([80, 8, 5], [60, 5, 3], [110, 7, 8]):
        (*found, prediction) = cells(out, f"{student[0]}")[-1]
        assert found == student[1:]
        assert prediction == pytest.approx(student[2], abs=0.01)


def test_004_neuron(output):
    out = output("004_neuron")
    a, x = 0.7, (2, 4)
    expected = {
        "∂J/∂a": -1 / a, "∂a/∂z": a * (1 - a), "∂J/∂z": a - 1, "∂J/∂w1": (a - 1) * x[0],
        "∂J/∂w2": (a - 1) * x[1], "∂J/∂b": a - 1, "∂J/∂y": math.log(1 - a) - math.log(a),
    }  # fmt: skip
    for name, number in expected.items():
        _, by_hand, graph = cells(out, name)[0]
        assert close(by_hand, number)
        assert close(graph, number)

    X = np.array([[1, 2], [2, -1], [-1, 0.5], [0.5, 1.5]]).T
    errors = 1 / (1 + np.exp(-(np.array([0.3, -0.1]) @ X + 0.2))) - [1, 0, 0, 1]
    for name, total in zip(["∂J/∂w1", "∂J/∂w2", "∂J/∂b"], [*(errors @ X.T), errors.sum()], strict=True):
        assert all(map(close, cells(out, name)[1], [total, total / 4, total / 4]))


def test_004_softmax(output):
    out = output("004_softmax")
    a, y = np.array([0.7, 0.2, 0.1]), np.array([1, 0, 0])
    matrix = np.diag(a) - np.outer(a, a)
    each = matrix @ ((a - y) / (a * (1 - a)))  # the sigmoid's cross-entropy has dJ/da = (a - y) / (a (1 - a))
    for k in range(3):
        by_class, by_weight = cells(out, f"{k + 1}")[:2]
        assert all(map(close, by_class, [a[k], y[k], (a - y)[k], (a - y)[k], each[k]]))
        assert all(map(close, by_weight, [(a - y)[k] * 2, (a - y)[k] * 4, (a - y)[k]]))
        assert all(map(close, cells(out, f"∂a{k + 1}")[0], matrix[k]))
    for z_A, z_B in ((0, 0), (2, 0.5), (-1, 3)):
        p = math.exp(z_A) / (math.exp(z_A) + math.exp(z_B))
        found = next(row for row in cells(out, f"{z_A}") if len(row) == 5 and row[0] == z_B)
        assert all(map(close, found, [z_B, p, p, p * (1 - p), p * (1 - p)]))


def test_004_two_layers(output):
    from sklearn.datasets import make_moons
    from sklearn.linear_model import LogisticRegression

    out = output("004_two_layers")
    A1 = 1 / (1 + math.exp(-(0.8 * 1.5 + 0.1)))
    A2 = 1 / (1 + math.exp(-(-1.2 * A1 + 0.4)))
    chain = (A2 - 1) * -1.2 * A1 * (1 - A1) * 1.5
    assert f"Their product is {chain:.4f}, and backward() finds ∂J/∂w1 = {chain:.4f}." in " ".join(
        out.split()
    )

    X, y = make_moons(n_samples=300, noise=0.15, random_state=0)
    line = LogisticRegression(C=1e6).fit(X[:100], y[:100])
    for name in ("one neuron", "8 linear units, then one"):
        _, seen, unseen = cells(out, name)[0]
        assert float(seen.rstrip("%")) == pytest.approx(100 * line.score(X[:100], y[:100]), abs=3)
        assert float(unseen.rstrip("%")) == pytest.approx(100 * line.score(X[100:], y[100:]), abs=3)
    _, seen, unseen = cells(out, "8 tanh units, then one")[0]
    assert float(seen.rstrip("%")) >= 97
    assert float(unseen.rstrip("%")) >= 95


def test_why_a_topological_order(output):
    out = output("why_topological_order")
    assert cells(out, "recurse at once") == [[1, 3, 3 * (2 + 3), "wrong"]]
    assert cells(out, "recurse, no node twice") == [[1, 3, 3 * 2, "wrong"]]
    assert cells(out, "recurse along every path") == [[1, 3, 3 * 3, "right"]]
    assert cells(out, "topological order") == [[1, 3, 3 * 3, "right"]]
    for n in (1, 5, 10, 15):
        assert cells(out, f"{n}") == [[2**n, 2 ** (n + 1) - 1, 2**n, 2 * n]]
    assert "RecursionError" in out
    assert "backward() keeps its own stack, and finds dL/dx = 1." in out
