"""Derivations as they are printed: their exact text, and every line of them read back and worked out.

The reader below knows nothing of how the lines were made. It looks up names and derivatives as numbers that
the engine gives on floats: the derivative of the result by a quantity through the whole graph, that of a
quantity by what it is made of from its definition alone. Each line that is printed must then be true, in
every row and for every unit that it is written for.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from autograd import Value, dot, exp, log, maximum, relu, sigmoid, softmax, tanh, where
from autograd import sum as total
from autograd.errors import NumberError, SettingError
from autograd.formulas import Line, Symbolic, abstract, symbolic
from nn import MLP, losses

# ------------------------------------------------------------------------------------------------ the reader

NAME = r"[^\W\d](?:\w|,(?=\w))*(?:\(i\))?"
TOKEN = re.compile(
    rf"(?P<sum>sum_\((\w)=(\d+)\)\^(\d+))|d(?P<of>{NAME})/d(?P<by>{NAME})(?P<direct>\|direct)?|(?P<name>{NAME})"
    r"|(?P<number>\d[\d.]*(?:e[+-]?\d+)?)|(?P<sign>[-+*/^()\[\],<>])|\s+"
)
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": math.exp, "log": math.log, "tanh": math.tanh, "sigmoid": sigmoid, "abs": abs, "max": max,
    "where": lambda condition, a, b: a if condition else b,
    "sign": lambda x: (x > 0) - (x < 0),
}  # fmt: skip


class Reader:
    """Works out formulas in plain text where letters have these `numbers`, `i` that of the row."""

    def __init__(self, model: Symbolic, one_row: Symbolic, at: dict[str, Any]) -> None:
        self.model, self.definitions, self.at = model, one_row.definitions, at
        self.numbers: dict[str, int] = {}
        self.names = {name.replace(",", ""): name for name in model.names}

    def point(self) -> dict[str, Any]:
        """The inputs and parameters in the present row."""
        all_rows = {name: p.data for name, p in self.model.parameters.items()} | self.at
        i = self.numbers.get("i", 1) - 1
        return {name: x[i] if isinstance(x, list) else x for name, x in all_rows.items()}

    def name(self, written: str) -> str | None:
        """The quantity that a name stands for, in which letters may stand for numbers."""
        plain = written.removesuffix("(i)").replace(",", "")
        if plain in self.names:
            return self.names[plain]
        numbered = plain[0] + "".join(str(self.numbers.get(letter, letter)) for letter in plain[1:])
        return self.names.get(numbered) or self.names.get(numbered.replace("_", ""))

    def value(self, written: str) -> Any:
        return self.number(self.name(written), self.numbers.get("i", 1))

    @cache  # noqa: B019 - it lives as long as a test
    def number(self, name: str, row: int) -> Any:
        """The number of a quantity in a row."""
        point = self.point()
        return point[name] if name in point else self.definitions[name].evaluate(point)

    def derivative(self, of: str, by: str, direct: bool) -> float:
        quantity, x = self.name(of), self.name(by)
        share = 1.0
        if quantity == self.model.result and not of.endswith("(i)") and self.model.rows:
            if not by.endswith("(i)"):
                return float(self.model.gradient(x).evaluate(self.at))
            share = 1 / self.model.rows if self.model.reduce == "mean" else 1.0
        whole = quantity == self.model.result and not direct
        return share * self.slope(quantity, x, whole, self.numbers.get("i", 1))

    @cache  # noqa: B019
    def slope(self, quantity: str, x: str, whole: bool, row: int) -> float:
        """The derivative of a quantity through the whole graph, or by its definition alone."""
        given = self.point() if whole else {n: self.value(n) for n in self.model.names if n != quantity}
        changing = Value(float(self.value(x)))
        result = self.definitions[quantity].evaluate(given | {x: changing})
        if isinstance(result, Value):
            result.backward()
        return float(changing.grad)

    def total(self, letter: str, first: int, last: int, body: Callable[[], float]) -> float:
        total = 0.0
        for self.numbers[letter] in range(first, last + 1):
            total += body()
        del self.numbers[letter]
        return total

    def read(self, text: str) -> Any:
        return eval(in_python(text), {**FUNCTIONS, "self": self})


def tokens(text: str) -> Iterator[re.Match[str]]:
    place = 0
    while place < len(text):
        token = TOKEN.match(text, place)
        assert token is not None, f"cannot read {text[place:]!r}"
        yield token
        place = token.end()


def in_python(text: str) -> str:
    """A formula in Python: what stands side by side is multiplied, a sum reaches as far as its brackets."""
    out: list[str] = []
    open_sums = [0]
    for token in tokens(text):
        begins = token["sum"] or token["of"] or token["name"] or token["number"] or token[0] in ("(", "[")
        if begins and out and out[-1][-1] not in "-+*/(,<>" and out[-1] not in FUNCTIONS:
            out.append("*")
        if token["sum"]:
            _, letter, first, last = token.group("sum", 2, 3, 4)
            out.append(f"self.total({letter!r}, {first}, {last}, lambda: (")
            open_sums[-1] += 1
        elif token["of"]:
            out.append(f"self.derivative({token['of']!r}, {token['by']!r}, {bool(token['direct'])})")
        elif token["name"]:
            out.append(token[0] if token[0] in FUNCTIONS else f"self.value({token[0]!r})")
        elif token[0] in ("(", "["):
            out.append("(")
            open_sums.append(0)
        elif token[0] in (")", "]"):
            out.append("))" * open_sums.pop() + ")")
        elif token[0].strip():
            out.append(token[0].replace("^", "**"))
    return " ".join(out) + "))" * open_sums.pop()


def test_the_reader_reads() -> None:
    assert in_python("-2 (a - b) x1") == "- 2 * ( self.value('a') - self.value('b') ) * self.value('x1')"
    model = symbolic(lambda a, b: a * b)
    reader = Reader(model, model, {"a": 2.0, "b": 5.0})
    assert reader.read("3 a^2 b / 4 - max(a, b) * 2") == 5.0
    assert reader.read("(-2 sum_(j=1)^3 a [b - 1]) + sum_(j=0)^1 a") == -2 * 24 + 4
    assert reader.read("dL/da * a") == 10.0


SUM = re.compile(r"sum_\((\w)=(\d+)\)\^(\d+)")


def check(lines: list[Line], reader: Reader) -> int:
    """Assert that every line is true; how many equations that were."""
    ranges = {"i": range(1, (reader.model.rows or 1) + 1)}
    for each in lines:
        for letter, first, last in SUM.findall(each.right) + re.findall(
            r"(\w) = (\d+), \.\.\., (\d+)", each.right
        ):
            ranges[letter] = range(int(first), int(last) + 1)
    count = 0
    for each in lines:
        if "(new)" in each.left:
            continue
        reader.numbers = {}
        names = [x for token in tokens(each.left) for x in token.group("of", "by", "name") if x]
        unknown = "".join(name for name in names if reader.name(name) is None)
        letters = [x for x in ranges if x in unknown or f"({x})" in each.left]
        right, _, remark = each.right.replace("\n", " ").partition("  (")
        for numbers in itertools.product(*[ranges[letter] for letter in letters]):
            reader.numbers = dict(zip(letters, numbers, strict=True))
            if (both := re.match(r"(\w) != (\w)", remark)) and reader.numbers[both[1]] == reader.numbers[
                both[2]
            ]:
                continue
            left = reader.read(each.left)
            reader.numbers = dict(zip(letters, numbers, strict=True))
            assert reader.read(right) == pytest.approx(left, rel=1e-9, abs=1e-12), each
            count += 1
    return count


# ------------------------------------------------------------------------------------------- what is read


def of_network(sizes: list[int], loss: str, **settings: Any) -> tuple[Any, dict[str, int]]:
    net = MLP(sizes[0], sizes[1:], seed=3, **settings)
    error = getattr(losses, loss)
    n_outputs = {"y": sizes[-1]} if sizes[-1] > 1 else {}
    return (lambda x, y: error(net(x), y)), {"x": sizes[0]} | n_outputs


def unrolled(x: Any, y: Any) -> Any:
    """A recurrent network over as many steps as there are inputs: each weight is used in all of them."""
    w, u, c, v = (Value(a, name) for a, name in ((0.3, "w"), (-0.7, "u"), (0.1, "c"), (1.2, "v")))
    h: Any = 0
    for t, x_t in enumerate(x, start=1):
        h = tanh(w * x_t + u * h + c)
        h.name = f"h{t}"
    yhat = v * h
    yhat.name = "yhat"
    return (y - yhat) ** 2


def residual(x: Any, y: Any) -> Any:
    """Blocks that add to what they get, so that the number of paths doubles at each."""
    w = Value(0.4, "w")
    h = w * x
    h.name = "h0"
    for k in range(1, 6):
        a = tanh(Value(0.3 * k, f"c{k}") * h)
        a.name = f"a{k}"
        h = h + a
        h.name = f"h{k}"
    return (y - h) ** 2 + 0.01 * w**2


def penalised(x: Any, y: Any) -> Any:
    """Something on the way is the same in all rows."""
    w = Value(0.4, "w")
    penalty = 0.3 * w**2
    penalty.name = "penalty"
    yhat = exp(w * x[0]) + log(1 + w**2 * x[1] ** 2)
    yhat.name = "yhat"
    return where(abs(y - yhat) < 1, (y - yhat) ** 2 / 2, abs(y - yhat) - 0.5) + penalty


def numbered_from_zero(x: Any, y: Any) -> Any:
    u = Value(0.7, "u")
    z = u * x
    z.name = "z"
    h = [relu(Value(0.3 * k - 1, f"w{k}") * z + 0.1) for k in range(7)]
    for k in range(7):
        h[k].name = f"h{k}"
    p = dot([Value(0.2 * k, f"v{k}") for k in range(7)], h)
    p.name = "p"
    return maximum(0, 1 - y * p)


DEEP = {"activation": "tanh", "output": "softmax"}
LABELS = {"y1": 0.5, "y2": 0.25, "y3": 0.25, "y4": 0.0, "y5": 0.0}
CASES: dict[str, tuple[Any, dict[str, int]]] = {
    "linear": of_network([2, 2, 1], "squared_error"),
    "two outputs": of_network([2, 2, 2], "squared_error", activation="sigmoid"),
    "many units": of_network([2, 9, 8, 1], "squared_error", activation="tanh"),
    "many outputs": of_network([3, 5, 4, 4], "half_squared_error", activation="relu"),
    "neuron": of_network([2, 1], "binary_cross_entropy", output="sigmoid"),
    "three classes": of_network([2, 3], "cross_entropy_from_probabilities", output="softmax"),
    "five classes": of_network([2, 4, 5], "cross_entropy_from_probabilities", **DEEP),
    "deep classes": of_network([2, 4, 6, 3], "cross_entropy_from_probabilities", **DEEP),
    "scores": of_network([2, 4, 5], "cross_entropy", activation="sigmoid"),
    "two steps": (unrolled, {"x": 2}),
    "nine steps": (unrolled, {"x": 9}),
    "residual": (residual, {}),
    "penalised": (penalised, {"x": 2}),
    "numbered from zero": (numbered_from_zero, {}),
}  # fmt: skip


@pytest.mark.parametrize("rows", [(None, "sum"), (3, "sum"), (3, "mean")])
@pytest.mark.parametrize("case", CASES)
def test_every_line_is_true(case: str, rows: tuple[int | None, str]) -> None:
    function, sizes = CASES[case]
    n, reduce = rows
    model = symbolic(function, sizes=sizes, rows=n, reduce=reduce)
    one_row = symbolic(function, sizes=sizes)
    at: dict[str, Any] = {name: 0.3 + 0.4 * k - 0.9 * (k % 3) for k, name in enumerate(model.inputs)}
    if "classes" in case or case in ("scores", "neuron"):
        at |= {name: LABELS.get(name, 1.0) for name in model.inputs if name.startswith("y")}
    if n is not None:
        at = {name: [x * (1 - 0.5 * i) if name[0] == "x" else x for i in range(n)] for name, x in at.items()}
    reader = Reader(model, one_row, at)
    assert check(model.derive().lines, reader) >= len(model.parameters)
    names = [
        *list(model.parameters)[:2],
        *list(model.parameters)[-2:],
        next(iter(model.definitions)),
        model.inputs[0],
    ]
    for name in dict.fromkeys(names):
        derivation = model.derive(name)
        assert check(derivation.lines, reader) >= 1
        assert len(derivation.text.split("\n")) < 60
        assert "more paths" not in derivation.text


def test_a_line_that_is_not_true_is_found() -> None:
    function, sizes = CASES["many units"]
    model = symbolic(function, sizes=sizes)
    reader = Reader(model, model, {"x1": 0.3, "x2": -0.5, "y": 0.2})
    lines = model.derive("w1_11").lines
    assert "sum_(j=1)^8" in lines[0].right
    for wrong in (r"\1^7", r"\1^8 2"):
        changed = [each._replace(right=re.sub(r"(sum_\(j=1\))\^8", wrong, each.right)) for each in lines]
        with pytest.raises(AssertionError):
            check(changed, reader)


# --------------------------------------------------------------------------------------- how they look


def test_one_path() -> None:
    net = MLP(2, [2, 1], activation="linear")
    loss = symbolic(lambda x1, x2, y: (y - net([x1, x2])) ** 2)
    assert repr(loss.formula) == "(y - yhat)^2"
    assert repr(loss.formula.expand_names()) == (
        "(y - (w2_11 (w1_11 x1 + w1_21 x2 + b11) + w2_21 (w1_12 x1 + w1_22 x2 + b12) + b21))^2"
    )
    assert repr(loss.gradient("w1_11")) == "-2 (y - yhat) w2_11 x1"
    assert (
        repr(loss.derive("w1_11"))
        == """\
dL/dw1_11   = dL/dyhat * dyhat/dO11 * dO11/dw1_11
dL/dyhat    = -2 (y - yhat)
dyhat/dO11  = w2_11
dO11/dw1_11 = x1
dL/dw1_11   = [-2 (y - yhat)] [w2_11] [x1]
            = -2 (y - yhat) w2_11 x1
w1_11 (new) = w1_11 - eta dL/dw1_11"""
    )
    y, yhat, w2_11, x1 = loss.symbols("y yhat w2_11 x1")
    assert loss.derive("w1_11").check(-2 * (y - yhat) * w2_11 * x1)
    wrong = loss.derive("w1_11").check(2 * (y - yhat) * w2_11 * x1)
    assert not wrong
    assert wrong.mine == -wrong.graphs


def test_an_activation_of_which_nothing_is_known() -> None:
    net = MLP(2, [2, 1], activation=abstract("f"), names="numbered")
    loss = symbolic(lambda X1, X2, Y: (Y - net([X1, X2])) ** 2 / 2)
    assert "dA1/dZ1     = f'(Z1)" in repr(loss.derive("W1"))
    assert repr(loss.gradient("W1")) == "(Y_pred - Y) W5 f'(Z1) X1"


def test_a_sum_over_rows_has_its_number_in_front() -> None:
    net = MLP(2, [2, 1], activation="linear")
    lines = symbolic(lambda x1, x2, y: (y - net([x1, x2])) ** 2, rows=3).derive("w2_21").text.split("\n")
    assert lines[0] == "dL/dw2_21       = sum_(i=1)^3 dL/dyhat(i) * dyhat(i)/dw2_21"
    assert lines[-2] == "                = -2 sum_(i=1)^3 (y(i) - yhat(i)) O12(i)"
    mean = symbolic(lambda x1, x2, y: (y - net([x1, x2])) ** 2, rows=3, reduce="mean")
    assert repr(mean.gradient("b21")) == "-2/3 sum_(i=1)^3 (y(i) - yhat(i))"
    assert mean.gradient("b21").latex == r"-\frac{2}{3} \sum_{i=1}^{3} \left(y_{i} - \hat{y}_{i}\right)"
    assert repr(symbolic(lambda x: Value(1.0, "b") + 0 * x, rows=3).gradient("b")) == "sum_(i=1)^3 1"


def test_all_paths_over_a_batch_stand_in_brackets() -> None:
    net = MLP(2, [2, 2], activation="sigmoid")
    loss = symbolic(lambda x, y: losses.squared_error(net(x), y), sizes={"x": 2, "y": 2}, rows=4)
    derivation = loss.derive("w1_11")
    assert derivation.text.startswith("""\
dL/dw1_11       = sum_(i=1)^4 (dL/dO21(i) * dO21(i)/dO11(i) * dO11(i)/dZ11(i) * dZ11(i)/dw1_11
                  + dL/dO22(i) * dO22(i)/dO11(i) * dO11(i)/dZ11(i) * dZ11(i)/dw1_11)
""")
    assert derivation.latex.count(r"\Big(") == derivation.latex.count(r"\Big)") == 2


def test_softmax_and_cross_entropy() -> None:
    function, sizes = CASES["three classes"]
    derivation = symbolic(function, sizes=sizes).derive("w1_11")
    assert derivation.text.split("\n")[-6:-1] == [
        "dL/dw1_11   = [-y1 / O11] [O11 (1 - O11)] [x1]",
        "              + [-y2 / O12] [-O11 O12] [x1]",
        "              + [-y3 / O13] [-O11 O13] [x1]",
        "            = (O11 (y1 + y2 + y3) - y1) x1",
        "            = (O11 - y1) x1  (where y1 + y2 + y3 = 1)",
    ]
    backward = symbolic(function, sizes=sizes).derive().text
    assert "          = O12 - y2  (where y1 + y2 + y3 = 1)\n" in backward
    # only where an output of a softmax is multiplied by them all
    plain = symbolic(lambda x1, x2, w: w**2 * (x1 + x2))
    assert "where" not in plain.derive("w").text


def test_softmax_of_many_classes_is_written_for_any_two() -> None:
    function, sizes = CASES["five classes"]
    assert (
        repr(symbolic(function, sizes=sizes).derive("w1_11"))
        == """\
dL/dw1_11   = dL/dZ11 * dZ11/dw1_11  (25 paths, added up on the way back)
dL/dO2j     = -y_j / O2j  (j = 1, ..., 5)
dO2k/dZ2k   = O2k (1 - O2k)
dO2j/dZ2k   = -O2j O2k  (j != k)
dL/dZ2k     = sum_(j=1)^5 dL/dO2j * dO2j/dZ2k  (k = 1, ..., 5)
            = O2k (y1 + y2 + y3 + y4 + y5) - y_k
            = O2k - y_k  (where y1 + y2 + ... + y5 = 1)
dL/dO11     = sum_(k=1)^5 dL/dZ2k * w2_1k
dL/dZ11     = dL/dO11 * (1 - O11^2)
dL/dw1_11   = dL/dZ11 * x1
w1_11 (new) = w1_11 - eta dL/dw1_11"""
    )


def test_what_cancels_is_said_in_the_backward_pass() -> None:
    function, sizes = CASES["neuron"]
    assert (
        "dL/dZ11   = dL/dyhat * yhat (1 - yhat)\n          = yhat - y\n"
        in symbolic(function, sizes=sizes).derive().text
    )


def test_a_part_of_its_own_is_called_direct() -> None:
    def loss(x: Any, y: Any) -> Any:
        w = Value(0.4, "w")
        yhat = w * x
        yhat.name = "yhat"
        return (y - yhat) ** 2 + w**2

    derivation = symbolic(loss).derive("w")
    assert derivation.text.startswith(
        "dL/dw        = dL/dw|direct + dL/dyhat * dyhat/dw\ndL/dw|direct = 2 w\n"
    )
    assert r"\left.\frac{\partial L}{\partial w}\right|_{\text{direct}} &= 2 w" in derivation.latex
    # over rows the derivative in a row is that of the loss of the row
    in_rows = symbolic(loss, rows=2)
    assert "L(i)    = (y(i) - yhat(i))^2 + w^2\nL       = sum_(i=1)^2 L(i)\n" in in_rows.derive().text
    assert "dL(i)/dw|direct = 2 w" in in_rows.derive("w").text


def test_no_path_and_no_parameters() -> None:
    model = symbolic(lambda x, y: 3 * x)
    assert repr(model.derive("y")) == "dL/dy = 0  (no path leads from y to L)"
    assert repr(model.derive("L")) == "dL/dL = 1"
    assert repr(model.derive()) == "L = 3 x\n\ndL/dx = 3\ndL/dy = 0"


# -------------------------------------------------------------------------------------- the vector form


def vectors(model: Symbolic) -> list[str]:
    return [f"{each.left} = {each.right}" for each in model.derive().vectors]


def test_the_vector_form_of_a_network() -> None:
    function, sizes = CASES["two outputs"]
    assert vectors(symbolic(function, sizes=sizes)) == [
        "delta^2 = [dL/dO21, dL/dO22]^T  (2 x 1)",
        "dL/dW^2 = delta^2 [O11, O12]  (2 x 1)(1 x 2) = 2 x 2",
        "dL/db^2 = delta^2  (2 x 1)",
        "[dL/dO11, dL/dO12]^T = (W^2)^T delta^2  (2 x 2)(2 x 1) = 2 x 1",
        "W^2 = [[w2_11, w2_21], [w2_12, w2_22]]  (2 x 2)",
        "delta^1 = [dL/dZ11, dL/dZ12]^T  (2 x 1)",
        "dL/dW^1 = delta^1 [x1, x2]  (2 x 1)(1 x 2) = 2 x 2",
        "dL/db^1 = delta^1  (2 x 1)",
        "W^1 = [[w1_11, w1_21], [w1_12, w1_22]]  (2 x 2)",
    ]
    mean = symbolic(function, sizes=sizes, rows=4, reduce="mean")
    assert "dL/dW^2 = 1/4 sum_(i=1)^4 delta^2(i) [O11(i), O12(i)]  (2 x 1)(1 x 2) = 2 x 2" in vectors(mean)


def test_long_vectors_are_shown_by_their_ends() -> None:
    function, sizes = CASES["many units"]
    lines = vectors(symbolic(function, sizes=sizes))
    assert (
        "W^2 = [[w2_11, w2_21, ..., w2_91], [w2_12, w2_22, ..., w2_92], ..., [w2_18, w2_28, ..., w2_98]]"
        "  (8 x 9)" in lines
    )
    assert "delta^2 = [dL/dZ21, dL/dZ22, ..., dL/dZ28]^T  (8 x 1)" in lines


def test_no_vector_form_where_the_gradients_have_another() -> None:
    assert vectors(symbolic(unrolled, sizes={"x": 3})) == []  # each weight is used three times

    def skipping(x: Any, y: Any) -> Any:
        net = MLP(2, [2, 1], activation="linear")
        penalty = total(p**2 for p in net.layers[1].parameters())
        return (y - net(x)) ** 2 + penalty

    def with_skip(x: Any, y: Any) -> Any:
        w = [Value(0.1, f"w{k}") for k in (1, 2, 3, 4)]
        h = [w[0] * x[0], w[1] * x[1]]
        for k in (0, 1):
            h[k].name = f"h{k + 1}"
        z = w[2] * h[0] + w[3] * h[1]
        z.name = "z"
        return (y - z - h[0]) ** 2

    assert [x for x in vectors(symbolic(skipping, sizes={"x": 2})) if "W^2" in x] == []
    lines = vectors(symbolic(with_skip, sizes={"x": 2}))
    assert any(x.startswith("dL/dW^3 = delta^3 [h1, h2]") for x in lines)
    assert not any("^T delta" in x for x in lines)  # h1 reaches the loss by another way too


def test_the_vector_form_gives_the_scalar_gradients() -> None:
    """delta x^T, entry by entry, in the shapes that are stated."""
    from autograd.formulas.layers import affine_layers

    for case in ("two outputs", "many units", "deep classes"):
        function, sizes = CASES[case]
        model = symbolic(function, sizes=sizes)
        at = {name: LABELS.get(name, 0.3 + 0.4 * k) for k, name in enumerate(model.inputs)}
        for layer in affine_layers(model):
            for z, weights in zip(layer.sums, layer.weights, strict=True):
                delta = model.gradient(z)
                for x, w in zip(layer.inputs, weights, strict=True):
                    x_value = at[x] if x in at else model.definitions[x].evaluate(at)
                    assert model.gradient(w).evaluate(at) == pytest.approx(
                        delta.evaluate(at) * x_value, rel=1e-12
                    )


def units(names: list[str], of: Callable[[int, Any], Any]) -> Symbolic:
    """A loss in which units of these names stand side by side, each a function of the same input."""

    def loss(x: Any) -> Any:
        z = Value(0.5, "u") * x
        z.name = "z"
        h = [of(k, z) for k in range(len(names))]
        for k, name in enumerate(names):
            h[k].name = name
        return total(h) ** 2

    return symbolic(loss)


@pytest.mark.parametrize(
    ("names", "of"),
    [
        (["a", "b", "c", "d", "e", "f", "g"], lambda k, z: tanh(z)),  # no series
        (["h2", "h3", "h4", "h5", "h6", "h7", "h8"], lambda k, z: tanh(z)),  # one that begins at 2
        ([f"h{k}" for k in range(7)], lambda k, z: z * Value(0.1 * k, f"v{k * k}")),  # weights that are none
        ([f"h{k}" for k in range(7)], lambda k, z: z * Value(0.1 * k, f"v{{{k}}}")),
        ([f"h{k}" for k in range(7)], lambda k, z: z**2 if k else tanh(z)),  # another function
        ([f"h{k}" for k in range(7)], lambda k, z: (z + k) ** 2),  # other numbers
    ],
)
def test_units_that_are_not_alike_are_written_one_by_one(
    names: list[str], of: Callable[[int, Any], Any]
) -> None:
    model = units(names, of)
    lines = model.derive("u").lines
    assert "sum_" not in model.derive("u").text
    at = {"x": 0.7}
    braces = any("{" in name for name in model.parameters)
    assert braces or check(lines, Reader(model, model, at)) >= 9


def test_a_name_in_use_is_not_taken_for_all_units() -> None:
    def loss(x: Any, h_j: Any) -> Any:
        h = [tanh(Value(0.1 * k, f"w{k}") * x) for k in range(1, 8)]
        for k in range(7):
            h[k].name = f"h{k + 1}"
        return total(h) ** 2 + h_j

    model = symbolic(lambda z, h_j: loss(named(Value(0.5, "u") * z), h_j))
    assert "sum_" not in model.derive("u").text


def named(z: Value) -> Value:
    z.name = "z"
    return z


def side_by_side(prefix: str, values: list[Any]) -> list[Any]:
    for k, value in enumerate(values, start=1):
        value.name = f"{prefix}{k}"
    return values


def banded(x: Any) -> Any:
    """Each unit feeds two of the next layer, and not all."""
    (z,) = side_by_side("z", [Value(0.5, "u") * x])
    g = side_by_side("g", [tanh(Value(0.1 * k, f"w{k}") * z) for k in range(1, 8)])
    h = side_by_side("h", [tanh(a + b) for a, b in zip(g, [*g[1:], g[0]], strict=True)])
    return total(h) ** 2


def into_two_unlike_units(x: Any) -> Any:
    (z,) = side_by_side("z", [Value(0.5, "u") * x])
    g = side_by_side("g", [tanh(Value(0.1 * k, f"w{k}") * z) for k in range(1, 8)])
    h = side_by_side("h", [total(g), total([g[0] ** 2, *g[1:]])])
    return h[0] * h[1]


def classes_with_names(x: Any, p: Any, q: Any, r: Any, s: Any, t: Any) -> Any:
    """Softmax whose labels are no series."""
    (u,) = side_by_side("u", [Value(0.5, "v") * x])
    z = side_by_side("z", [Value(0.1 * k, f"w{k}") * u for k in range(1, 6)])
    a = side_by_side("a", softmax(z))
    return -total(label * log(a_k) for label, a_k in zip((p, q, r, s, t), a, strict=True))


@pytest.mark.parametrize("function", [banded, into_two_unlike_units, classes_with_names])
def test_what_is_not_alike_in_a_layer_is_written_out(function: Any) -> None:
    model = symbolic(function)
    at = {"x": 0.7, "p": 0.1, "q": 0.2, "r": 0.3, "s": 0.4, "t": 0.5}
    reader = Reader(model, model, {name: at[name] for name in model.inputs})
    for name in model.parameters:
        assert check(model.derive(name).lines, reader) >= 5


def test_a_sum_that_is_not_that_of_all_labels_is_left() -> None:
    def loss(x: Any, y: Any, v: Any) -> Any:
        a = side_by_side("a", softmax([x, 2 * x, 3 * x]))
        return v**2 * a[0] * (y[0] + y[1]) + v**3 * a[1] * (y[0] + 2 * y[1] + y[2])

    assert "where" not in symbolic(loss, sizes={"y": 3}).derive("v").text


# ------------------------------------------------------------------------------------- names and arguments


def test_names_with_control_characters_are_escaped_everywhere():
    w = Value(2.0, "w\x1b[31m\nx")

    def loss(x):
        hidden = w * x
        hidden.name = "h\x07"
        return (hidden - 1) ** 2

    model = symbolic(loss)
    derivation = model.derive(w.name, at={"x": 3.0}, learning_rate=0.5)
    check = derivation.check(model.symbols([w.name])[0])
    nothing = symbolic(lambda x: w * 0 + x).derive("w\x1b[31m\nx")
    for text in (derivation.text, model.derive().text, repr(model), repr(check), nothing.text):
        assert r"w\x1b[31m\nx" in text
        assert all(c == "\n" or c.isprintable() for c in text)
    assert r"w\x1b[31m\nx (new) " in derivation.text


def test_an_argument_is_updated_where_a_learning_rate_is_given():
    loss = symbolic(lambda w, x, y: (y - w * x) ** 2)
    at = {"w": 3.0, "x": 1.0, "y": 2.0}
    assert "new" not in loss.derive("w", at=at).text
    last = loss.derive("w", at=at, learning_rate=0.1).text.splitlines()[-1]
    assert last == "w (new) = w - 0.1 dL/dw = 3 - 0.1 * 2 = 2.8"
    assert loss.derive("w", learning_rate="alpha").text.endswith("w (new) = w - alpha dL/dw")
    assert symbolic(lambda w: 2 * w).derive("w", at={}, learning_rate=0.1).text.endswith("w - 0.1 dL/dw")
    assert "new" not in symbolic(lambda x: x**2, rows=2).derive("x", learning_rate=0.1).text
    for name in ("w", None):
        with pytest.raises(SettingError, match="a learning rate is a number above 0"):
            loss.derive(name, learning_rate=-1.0)


def test_what_is_no_formula_cannot_be_checked():
    derivation = symbolic(lambda w, x: (w * x) ** 2).derive("w")
    for other in ("2*w*x**2", derivation.sympy()):
        with pytest.raises(NumberError, match="cannot be compared; write the formula in symbols"):
            derivation.check(other)


@pytest.mark.parametrize("name", ["", 3, None])
def test_an_abstract_function_has_a_name(name):
    with pytest.raises(SettingError, match="the name of an abstract function"):
        abstract(name)


def test_parameters_without_names_leave_names_that_are_taken_alone():
    nameless, p1 = Value(2.0), Value(3.0, "p1")
    model = symbolic(lambda x: nameless * x + p1)
    assert model.parameters == {"p2": nameless, "p1": p1}
