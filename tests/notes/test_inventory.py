"""Every formula of the five notes, judged by the engine.

`inventory.json` lists the 243 formulas in order: where each stands, its LaTeX, what it says in a plain
grammar (`normalised`; `sides` is what stands between its equals signs), and a verdict that was given by hand.
Here each is evaluated on the graph of its network, at random exact points, and the engine must come to the
same verdict:

right       all sides are equal at every point, as the formula stands
ambiguous   not as it stands, but in another reading, such as a sum that covers the factor behind it
wrong       in no reading
no claim    it only names things

Wrong formulas come with a correction, which must be right, and with numbers, which must come out.
"""

from __future__ import annotations

import ast
import functools
import json
import operator
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from autograd import Value, exp, leaves, log, relu, sigmoid, softmax

INVENTORY = json.loads((Path(__file__).parent / "inventory.json").read_text("utf-8"))

ETA = ALPHA = Fraction(3, 7)
SEEDS = (1, 2, 3)


def place(entry: dict[str, Any]) -> str:
    """Where a formula stands: the note and the line."""
    return f"{entry['seed'][:3]} L{entry['line']}"


DISAGREEMENTS = {  # where the engine's verdict is not that of the inventory, and why the engine is right
    "002 L160": (
        "right",
        "The inventory has `ambiguous`, as the bracket is not o_11 where underlines were read as /sigma. But "
        "the claim is about its derivative by b_11, and that is 1 for any sigma: no reading makes it wrong.",
    ),
}

# ------------------------------------------------------------------------------------------------ the grammar


class Rows(list):
    """What has a number in every row of a batch: `y(2)` is that of row 2, `y` that of the current row."""

    def __call__(self, i: Any) -> Any:
        return self[int(i) - 1]


class Matrix:
    """A table of Values, with the arithmetic that formulas about several features or points need."""

    def __init__(self, rows: list[list[Any]]) -> None:
        self.rows = rows
        self.shape = (len(rows), len(rows[0]))

    @property
    def T(self) -> Matrix:
        return Matrix([list(column) for column in zip(*self.rows, strict=True)])

    def each(self, f: Callable[..., Any], *others: Matrix) -> Matrix:
        assert all(m.shape == self.shape for m in others)
        tables = [self.rows, *(m.rows for m in others)]
        return Matrix([[f(*entries) for entries in zip(*r, strict=True)] for r in zip(*tables, strict=True)])

    def __add__(self, other: Matrix) -> Matrix:
        return self.each(operator.add, other)

    def __sub__(self, other: Matrix) -> Matrix:
        return self.each(operator.sub, other)

    def __mul__(self, other: Matrix) -> Any:
        """The matrix product; where it has one entry, that number."""
        columns = other.T.rows
        table = [[sum(map(operator.mul, row, column)) for column in columns] for row in self.rows]
        assert self.shape[1] == other.shape[0]
        return table[0][0] if len(table) == len(columns) == 1 else Matrix(table)

    def __rmul__(self, factor: Any) -> Matrix:
        return self.each(lambda x: factor * x)

    def __truediv__(self, divisor: Any) -> Matrix:
        return self.each(lambda x: x / divisor)


def column(*numbers: Any) -> Matrix:
    return Matrix([[x] for x in numbers])


class Scope(NamedTuple):
    """What names stand for, and the row that quantities without an index belong to.

    With `sums_over_rows`, a sum over i gives the index i to all it covers, and not only where i is written.
    """

    names: dict[str, Any]
    row: int = 1
    sums_over_rows: bool = False

    def __getitem__(self, name: str) -> Any:
        found = self.names[name]
        return found(self.row) if isinstance(found, Rows) else found

    def plus(self, **names: Any) -> Scope:
        return self._replace(names=self.names | names)


OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def evaluator(derivative: Callable[[Value, Value], Any]) -> Callable[[ast.expr, Scope], Any]:
    """Return the function that evaluates a formula; its derivatives are taken by the engine."""

    def evaluate(node: ast.expr, scope: Scope) -> Any:
        here = functools.partial(evaluate, scope=scope)
        match node:
            case ast.Constant(value=int(number)):
                return Fraction(number)
            case ast.Name(id=name):
                return scope[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -here(operand)
            case ast.BinOp(left=left, op=op, right=right):
                return OPERATORS[type(op)](here(left), here(right))
            case ast.List(elts=items):
                return [here(item) for item in items]
            case ast.Call(func=ast.Name(id="Derivative"), args=[output, variable]):
                return differentiate(here(output), here(variable))
            case ast.Call(func=ast.Name(id="Sum"), args=[body, ast.Tuple(elts=[index, first, last])]):
                numbers = range(int(here(first)), int(here(last)) + 1)
                inside = [scope.plus(**{index.id: k}) for k in numbers]
                if scope.sums_over_rows:
                    inside = [each._replace(row=k) for each, k in zip(inside, numbers, strict=True)]
                return functools.reduce(operator.add, (evaluate(body, each) for each in inside))
            case ast.Call(func=ast.Name(id="Subs"), args=[body, ast.Name(id=u), value]):
                return evaluate(body, scope.plus(**{u: Value(here(value).data)}))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return scope.names[name](*map(here, arguments))
        raise SyntaxError(f"not in the grammar: {ast.unparse(node)}")

    def differentiate(output: Any, variable: Any) -> Any:
        """Numbers for numbers; a table of the shape of `variable`; for two columns, the Jacobian."""
        if not isinstance(variable, Matrix):
            return derivative(output, variable)
        if isinstance(output, Matrix):
            outputs, variables = flat(output), flat(variable)
            return Matrix([[derivative(a, z) for z in variables] for a in outputs])
        gradient = variable.each(lambda x: derivative(output, x))
        return gradient.T if variable.shape[1] == 1 else gradient

    return evaluate


def flat(matrix: Matrix) -> list[Any]:
    return [x for row in matrix.rows for x in row]


def plain(x: Any) -> Any:
    """The numbers in a side, for comparing: a vector may stand or lie, and one of one entry is a number."""
    if not isinstance(x, Matrix):
        return x.data if isinstance(x, Value) else x
    entries = [plain(entry) for entry in flat(x)]
    return entries[0] if x.shape == (1, 1) else entries if 1 in x.shape else (x.shape, entries)


def same(left: Any, right: Any) -> bool:
    """Whether two sides are equal: numbers, shapes, tables."""
    return bool(plain(left) == plain(right))


# ------------------------------------------------------------------------------------------------- the claims


def parse(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def sides_of(claim: ast.expr) -> Iterator[list[ast.expr]]:
    """The sides of `Eq` and `Chain`, which must be equal; those of each equation in a `Tuple`."""
    match claim:
        case ast.Call(func=ast.Name(id="Eq" | "Chain"), args=sides):
            yield sides
        case ast.Call(func=ast.Name(id="Tuple"), args=parts):
            for part in parts:
                yield from sides_of(part)


LEFT_SIDES = {  # of formulas that stand alone, said in the text before them
    "000 L122": "loss",  # "The loss is given by"
    "000 L126": "loss",
    "004 L161": "w_new",  # "These calc can also be done in matrix form"
}
BROKEN_OFF = {"000 L258": "000 L256", "000 L280": "000 L278"}  # a product goes on in the next display


def claims(entry: dict[str, Any], text: str | None = None) -> list[list[ast.expr]]:
    """What a formula claims: lists of sides that are to be equal. Empty for one that only names things."""
    text = text or entry["normalised"]
    if start := BROKEN_OFF.get(place(entry)):
        before = next(e for e in INVENTORY if place(e) == start)
        left, right = parse(before["normalised"]).args[0], f"{before['sides'][-1]} * {entry['sides'][0]}"
        return [[left, parse(right)]]
    if left_side := LEFT_SIDES.get(place(entry)):
        return [[parse(left_side), parse(text)]]
    return [[assigned(sides[0], entry), *sides[1:]] for sides in sides_of(parse(text))]


def assigned(left: ast.expr, entry: dict[str, Any]) -> ast.expr:
    """In `w = w - ...` the w on the left is the new one."""
    if entry["kind"] == "update" and isinstance(left, ast.Name) and not left.id.endswith("_new"):
        return ast.Name(f"{left.id}_new")
    return left


class ProductsOverRows(ast.NodeTransformer):
    """The reading in which a product that has a sum in it, or is of derivatives, is one sum over the rows."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        factors = factors_of(node)
        if len(factors) == 1:
            return self.generic_visit(node)  # a sum or difference: look into its terms
        for f in factors:
            if is_call(f, "Sum"):
                body, bounds = f.args
                return sum_of_product([body if g is f else g for g in factors], bounds)
        if all(is_call(f, "Derivative") for f in factors):
            return sum_of_product(factors, parse("(i, 1, n)"))
        return node


def factors_of(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return factors_of(left) + factors_of(right)
    return [node]


def is_call(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def sum_of_product(factors: list[ast.expr], bounds: ast.expr) -> ast.expr:
    product = functools.reduce(lambda a, b: ast.BinOp(a, ast.Mult(), b), factors)
    return ast.Call(ast.Name("Sum"), [product, bounds], [])


# ---------------------------------------------------------------------------------------------- the networks


class Reading(NamedTuple):
    """One way to take a formula: the scopes it must hold in, every one of them."""

    name: str
    scopes: list[Scope]
    products_over_rows: bool = False


AS_IT_STANDS = "as it stands"
OVER_ROWS = "a product is summed over the rows, each factor taken in its row"
DISTRIBUTION = "softmax, with the cross-entropy of a distribution y"


def updated(parameter: Value, rate: Fraction) -> Any:
    """The parameter after one step of gradient descent; its gradient must be there."""
    return parameter.data - rate * parameter.grad


def free(name: str) -> Value:
    """A quantity that the network does not have: any number."""
    return Value(Fraction(random.Random(name).randint(2, 10**6), 101), name)


def literally(scopes: Iterable[Scope]) -> list[Reading]:
    """The only reading of a formula that has but one."""
    return [Reading(AS_IT_STANDS, list(scopes))]


class Networks:
    """The scopes in which formulas are evaluated: for every note, the graph of its network, and its names."""

    def __init__(self, linear: Any, activated: Any, cubic: Any, sigmoids: Any, exact: Any) -> None:
        self.linear, self.activated, self.cubic_primitive = linear, activated, cubic
        self.sigmoids, self.exact = sigmoids, exact

    def readings(self, entry: dict[str, Any]) -> list[Reading]:
        """The readings of a formula; the first is the literal one."""
        line = entry["line"]
        match entry["seed"][:3]:
            case "000" if line <= 112:
                return literally([self.sizes(line)])
            case "000":
                return self.of_batches(entry)
            case "001":
                return literally(self.activations())
            case "002" if line in (40, 41):
                return literally([self.loss_of(Fraction(40), Fraction(60))])
            case "002" if line == 52:
                return literally(self.mean_of_losses(self.random_pairs(seed, m=seed)) for seed in SEEDS)
            case "003" if "17" in entry["normalised"]:
                return literally([self.loss_of(Fraction(5), Fraction(17))])
            case "002" | "003":
                return literally(scope for seed in SEEDS for scope in self.row(self.random_row(seed)))
            case "004":
                return list(self.of_note_004(line))
        raise LookupError(f"no network for {place(entry)}")

    def at_counterexample(self, entry: dict[str, Any]) -> list[Scope]:
        """The scopes at the point of a counterexample: one for each row that an index may be missing for."""
        at = {name: Fraction(x) for name, x in entry["counterexample"]["at"].items()}
        match entry["seed"][:3]:
            case "000":
                rows = [(at[f"x1({i})"], at[f"x2({i})"], at[f"y({i})"]) for i in (1, 2)]
                return self.batch(at | {"rows": rows}, entry)
            case "002" if entry["line"] == 52:
                return [self.mean_of_losses([(at["y(1)"], at["yh(1)"])])]
            case "002":
                scopes = self.row(at | {"rows": [(at["xi1"], at["xi2"], at["y"])]})
                return [scope.plus(w2_22=Value(at["w2_22"])) for scope in scopes]
            case "004":
                w, b, x, y = (self.exact.number(at[name]) for name in ("w", "b", "x", "y"))
                return [self.neuron({"w": [w], "b": b, "points": [([x], y)]})]
        raise LookupError(f"no counterexample for {place(entry)}")

    # Note 000

    def sizes(self, line: int) -> Scope:
        """How many rows, batches and parameters there are, counted."""
        rows = list(range(8))
        batches = [rows[i::4] for i in range(4)]
        graph = self.linear.network(self.linear.random_point(1, n_rows=2))
        layer = "w2" if line == 102 else "w1"
        return Scope(
            {
                "Totaldata": len(rows),
                "nBatches": Fraction(len(batches)),
                "Batchsize": len(batches[0]),
                "Weights": sum(leaf.name.startswith(layer) for leaf in leaves(graph.loss)),
            }
        )

    def of_batches(self, entry: dict[str, Any]) -> list[Reading]:
        """Two rows, up to four where the formula says n; an index may be missing, a sum may cover more."""
        sizes = (2, 3, 4) if "(i,1,n)" in entry["normalised"] else (2, 2, 2)
        points = [self.linear.random_point(seed, n) for seed, n in zip(SEEDS, sizes, strict=True)]
        scopes = [scope for point in points for scope in self.batch(point, entry)]
        return [
            Reading(AS_IT_STANDS, scopes),
            Reading(
                OVER_ROWS,
                [scope._replace(sums_over_rows=True) for scope in scopes],
                products_over_rows=True,
            ),
        ]

    def batch(self, point: dict[str, Any], entry: dict[str, Any]) -> list[Scope]:
        """A batch: a quantity without its index is that of row 1, and again that of row 2, and so on."""
        n = self.linear.network(point)
        n.loss.backward()
        names: dict[str, Any] = {"loss": n.loss, "n": len(n.rows)}
        for parameter in self.linear.parameters:
            value = getattr(n, parameter)
            names |= {
                parameter: value,
                f"{parameter}_old": value,
                f"{parameter}_new": updated(value, Fraction(1)),
            }
        for quantity in ("x1", "x2", "y", "O11", "O12", "O21", "yh"):
            names[quantity] = Rows(getattr(r, quantity) for r in n.rows)
        for unknown in ("w2_12", "w2_22", "dw2_11"):
            names[unknown] = free(unknown)
        names["A"] = names[self.parameter_at(entry)].grad
        return [Scope(names | {"i": i}, row=i) for i in range(1, len(n.rows) + 1)]

    @staticmethod
    def parameter_at(entry: dict[str, Any]) -> str:
        """What A is the derivative by: the parameter that was last said to have a new value."""
        before = [e for e in INVENTORY if e["seed"] == entry["seed"] and e["line"] <= entry["line"]]
        names = [
            node.id for e in before for node in ast.walk(parse(e["normalised"])) if isinstance(node, ast.Name)
        ]
        return [name.removesuffix("_new") for name in ["w2_21_new", *names] if name.endswith("_new")][-1]

    # Note 001

    def activations(self) -> Iterator[Scope]:
        """A random cubic, as a primitive and built from operations; ReLU around its kink; the sigmoid."""
        cubic, of_values = self.cubic_primitive[1], self.cubic_primitive[0]
        point = self.activated.random_point
        for seed in SEEDS:
            yield self.activation(point(seed), of_values, cubic.prime)
            built = self.activated.Cubic(seed)
            yield self.activation(point(seed), built, built.prime)
            rng = random.Random(seed)
            z1, z2 = self.exact.exponent(rng), self.exact.exponent(rng)
            yield self.activation(point(seed, z1, z2), sigmoid, lambda z: (-z).exp() / (1 + (-z).exp()) ** 2)
        for z1, z2 in ((Fraction(7, 3), Fraction(-900)), (Fraction(-7, 3), Fraction(900))):
            yield self.activation(point(1, z1, z2), relu, lambda z: 1 if z > 0 else 0)

    def activation(self, point: dict[str, Any], f: Any, prime: Callable[[Any], Any]) -> Scope:
        n = self.activated.network(point, f)
        n.L.backward()
        names = dict(vars(n)) | {"eta": ETA, "f": f, "fprime": lambda z: prime(z.data)}
        for parameter in self.activated.parameters:
            names[f"{parameter}_new"] = updated(names[parameter], ETA)
        return Scope(names)

    # Notes 002 and 003

    def random_row(self, seed: int) -> dict[str, Any]:
        return self.linear.random_point(seed, n_rows=1)

    def row(self, point: dict[str, Any]) -> list[Scope]:
        """One row. A rule about any weight w and any bias b is held against each of them."""
        n = self.linear.network(point)
        n.loss.backward()
        (r,) = n.rows
        names = (
            vars(n)
            | vars(r)
            | {"L": n.loss, "eta": ETA, "xi1": r.x1, "xi2": r.x2, "o11": r.O11, "o12": r.O12}
        )
        for parameter in self.linear.parameters:
            value = names[parameter]
            names |= {f"{parameter}_old": value, f"{parameter}_new": updated(value, ETA)}
        for unknown in ("w2_22", "sigma", "dO"):
            names[unknown] = free(unknown)
        scopes = []
        for w, b in zip(self.linear.weights, self.linear.biases * 2, strict=True):
            names |= {"w": names[w], "w_old": names[w], "w_new": names[f"{w}_new"]}
            names |= {"b_old": names[b], "b_new": names[f"{b}_new"]}
            scopes.append(Scope(dict(names)))
        return scopes

    @staticmethod
    def loss_of(y: Fraction, prediction: Fraction) -> Scope:
        """The loss of a prediction that is supposed."""
        target, yh = Value(y), Value(prediction)
        return Scope({"y": target, "yh": yh, "L": (target - yh) ** 2})

    def random_pairs(self, seed: int, m: int) -> list[tuple[Fraction, Fraction]]:
        rng = random.Random(seed)
        return [(self.exact.fraction(rng), self.exact.fraction(rng)) for _ in range(m)]

    @staticmethod
    def mean_of_losses(pairs: list[tuple[Fraction, Fraction]]) -> Scope:
        """The mean of m squared errors, given the targets and predictions."""
        y, yh = (Rows(map(Value, numbers)) for numbers in zip(*pairs, strict=True))
        m = Fraction(len(pairs))
        return Scope(
            {"m": m, "y": y, "yh": yh, "L": sum((a - b) ** 2 for a, b in zip(y, yh, strict=True)) / m}
        )

    # Note 004

    def of_note_004(self, line: int) -> Iterator[Reading]:
        random_neuron = self.sigmoids.random_neuron_point
        if line <= 92:
            yield from literally(self.neuron(random_neuron(seed, d)) for seed in SEEDS for d in (1, 2, 3))
        elif line <= 99:
            yield from self.example()
        elif line <= 130:
            yield from literally(scope for seed in SEEDS for scope in self.softmaxes(seed))
        elif line <= 136:
            yield from self.classifiers()
        elif line <= 148:
            yield from literally([self.three_classes(d=3)])
            if line > 140:
                yield Reading("x has two entries, not the three of L140", [self.three_classes(d=2)])
        elif line <= 161:
            scopes = [self.points(seed, n) for seed, n in zip(SEEDS, (2, 3, 4), strict=True)]
            yield from literally(scopes)
            mean = [scope.plus(XXT=scope["XXT"] / scope["n"]) for scope in scopes]
            yield Reading("the mean is taken in code, as the brace says", mean)
        elif line <= 178:
            yield from literally(self.layer(seed, columns=line == 176) for seed in SEEDS)
        elif line <= 189:
            yield from literally(self.two_layers(seed, n_points=4, d=2, hidden=3, out=2) for seed in SEEDS)
        else:
            yield from literally(self.two_layers(seed, n_points=1, d=1, hidden=1, out=1) for seed in SEEDS)

    def neuron(self, point: dict[str, Any]) -> Scope:
        """One point through one neuron: w is (1, d), x is (d, 1), everything else a number."""
        n = self.sigmoids.neuron(point)
        n.J.backward()
        (p,) = n.points
        w, x = Matrix([n.w]), column(*p.x)
        names = {"w": w, "x": x, "xT": x.T, "b": n.b, "z": p.z, "a": p.a, "yh": p.a, "y": p.y}
        names |= {"J": n.J, "L": n.J, "alpha": ALPHA, "sigma": sigmoid, "exp": exp, "log": log}
        names |= {"d": len(n.w), "scalar": (1, 1)}
        names |= {"w_new": w.each(lambda v: updated(v, ALPHA)), "b_new": updated(n.b, ALPHA)}
        return Scope(names | SHAPES)

    def example(self) -> Iterator[Reading]:
        """a = 0.7 and y = 1. The note calls dJ/dw Delta w (L142) and does not say what Delta x is."""
        rng = random.Random(1)
        w, x = self.exact.fraction(rng), self.exact.fraction(rng)
        z = self.exact.number(Fraction(7, 3)).log()
        scope = self.neuron({"w": [w], "b": z - w * x, "points": [([x], self.exact.number(1))]})
        scope = scope.plus(Rational=Fraction, Dw=scope["w"].each(lambda v: v.grad))
        yield from literally([scope.plus(Dx=free("Dx"))])
        yield Reading("Delta x is x", [scope.plus(Dx=x)])

    def softmaxes(self, seed: int) -> Iterator[Scope]:
        """Three classes, each in turn as class i; and two classes."""
        rng = random.Random(seed)
        z = Rows(Value(self.exact.exponent(rng)) for _ in range(3))
        two = Rows(Value(self.exact.exponent(rng)) for _ in range(2))
        names = {"z": z, "K": len(z), "zA": two[0], "zB": two[1], "zp": two[0] - two[1], "exp": exp}

        shares = dict(zip([*z, *two], [*softmax(z), *softmax(two)], strict=True))
        for i in range(1, len(z) + 1):
            yield Scope(names | {"S_M": shares.__getitem__, "i": i})

    def classifiers(self) -> Iterator[Reading]:
        """The note has no loss for many classes, so it is that of L35, once for every class."""
        once_per_class = self.sigmoids.binary_cross_entropy

        def sigmoid_of_each(z: list[Value]) -> list[Value]:
            return [sigmoid(zk) for zk in z]

        points = [self.sigmoids.random_classifier_point(seed) for seed in SEEDS]
        for name, settings in (
            (AS_IT_STANDS, {"loss": once_per_class}),
            (DISTRIBUTION, {}),
            ("a sigmoid for every class", {"activation": sigmoid_of_each, "loss": once_per_class}),
        ):
            yield Reading(name, [self.classifier(self.sigmoids.classifier(p, **settings)) for p in points])

    @staticmethod
    def classifier(n: SimpleNamespace) -> Scope:
        n.J.backward()
        x = column(*n.x)
        w, gradient = Matrix(n.w), Matrix(n.w).each(lambda v: v.grad)
        names = {name: column(*getattr(n, name)) for name in ("a", "y", "z", "b")}
        names |= {"w": w, "x": x, "xT": x.T, "J": n.J, "Dw": gradient, "k": w.shape[0], "d": w.shape[1]}
        names |= {f"{name}{j}": v for name in ("b", "x") for j, v in enumerate(getattr(n, name), 1)}
        return Scope(names | SHAPES)

    def three_classes(self, d: int) -> Scope:
        """a = (0.7, 0.2, 0.1) and y = (1, 0, 0), with random weights over d inputs."""
        point = self.sigmoids.random_classifier_point(seed=1, n_classes=3, d=d)
        wanted = [self.exact.number(share).log() for share in (7, 2, 1)]
        scores = [sum(map(operator.mul, row, point["x"])) for row in point["w"]]
        point["b"] = list(map(operator.sub, wanted, scores))
        point["y"] = [self.exact.number(v) for v in (1, 0, 0)]
        scope = self.classifier(self.sigmoids.classifier(point))
        return scope.plus(Rational=Fraction, Matrix=lambda numbers: column(*numbers))

    def points(self, seed: int, n_points: int) -> Scope:
        """The mean over n points, and the same as tables: A and Y are (1, n), X is (d, n)."""
        n = self.sigmoids.neuron(self.sigmoids.random_neuron_point(seed, d=2, n_points=n_points))
        n.J.backward()
        w = Matrix([n.w])
        names = {"w": w, "b": n.b, "alpha": ALPHA, "n": Fraction(n_points)}
        names |= {"a": Rows(p.a for p in n.points), "y": Rows(p.y for p in n.points)}
        names |= {"xT": Rows(Matrix([p.x]) for p in n.points), "XXT": Matrix([p.x for p in n.points])}
        names |= {"AA": Matrix([[p.a for p in n.points]]), "YY": Matrix([[p.y for p in n.points]])}
        return Scope(names | {"w_new": w.each(lambda v: updated(v, ALPHA)), "b_new": updated(n.b, ALPHA)})

    def layer(self, seed: int, *, columns: bool) -> Scope:
        """The first of two layers, with a point to a row, or with all tables turned: a point to a column."""
        names = self.two_layers(seed, n_points=4, d=2, hidden=3, out=2).names
        tables = {"x": names["x"], "w": names["w_1"], "b": names["b_1"], "z": names["z_1"]}
        return Scope({name: table.T if columns else table for name, table in tables.items()})

    def two_layers(self, seed: int, **sizes: int) -> Scope:
        act = self.activated.Cubic(seed)
        n = self.sigmoids.two_layers(self.sigmoids.random_two_layer_point(seed, **sizes), act)
        tables = {"x": n.x, "w_1": n.w1, "z_1": n.z1, "A_1": n.A1, "w_2": n.w2, "z_2": n.z2, "A_2": n.A2}
        tables |= {"b_1": [n.b1] * len(n.x), "b_2": [n.b2] * len(n.x)}
        names: dict[str, Any] = {name: Matrix(rows) for name, rows in tables.items()}
        if set(sizes.values()) == {1}:
            names = {name: table.rows[0][0] for name, table in names.items()}
            return Scope(names | {"J": n.J, "b": names["b_1"]})
        return Scope(names | {"act": lambda table: table.each(act)})


def shape(x: Any) -> tuple[int, int]:
    """Rows and columns; a number is (1, 1)."""
    return x.shape if isinstance(x, Matrix) else (1, 1)


def product_of_shapes(left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    assert left[1] == right[0]
    return left[0], right[1]


SHAPES = {"Shape": shape, "Tuple": lambda *sizes: sizes, "ShapeMul": product_of_shapes}


# -------------------------------------------------------------------------------------------------- the tests


@pytest.fixture(scope="module")
def networks(linear, activated, cubic_primitive, sigmoids, exact) -> Networks:
    return Networks(linear, activated, cubic_primitive, sigmoids, exact)


@pytest.fixture(scope="module")
def evaluate(derivative) -> Callable[[ast.expr, Scope], Any]:
    return evaluator(derivative)


def holds(claim: list[ast.expr], reading: Reading, evaluate: Callable[[ast.expr, Scope], Any]) -> bool:
    """Whether all sides of a claim are equal in all scopes of a reading."""
    assert len(claim) > 1
    assert reading.scopes
    if reading.products_over_rows:
        claim = [ProductsOverRows().visit(side) for side in claim]
    for scope in reading.scopes:
        first, *others = (evaluate(side, scope) for side in claim)
        if not all(same(first, other) for other in others):
            return False
    return True


def judge(entry: dict[str, Any], readings: list[Reading], evaluate: Any) -> tuple[str, str | None]:
    """The engine's verdict, and the reading that a right formula is right in."""
    found = claims(entry)
    if not found:
        return "no claim", None
    for reading in readings:
        if all(holds(claim, reading, evaluate) for claim in found):
            return ("right" if reading.name == AS_IT_STANDS else "ambiguous"), reading.name
    return "wrong", None


def test_inventory_is_whole():
    assert len(INVENTORY) == 243
    by_note = Counter(entry["seed"][:3] for entry in INVENTORY)
    assert by_note == {"000": 74, "001": 35, "002": 70, "003": 10, "004": 54}
    verdicts = Counter("no claim" if entry.get("no_claim") else entry["verdict"] for entry in INVENTORY)
    assert verdicts == {"right": 163, "wrong": 50, "ambiguous": 22, "no claim": 8}
    assert set(DISAGREEMENTS) <= {place(entry) for entry in INVENTORY}


WHAT_MAKES_IT_RIGHT = {  # the reading in which an ambiguous formula holds
    **{f"000 L{line}": OVER_ROWS for line in (150, 152, 154, 156, 158, 160, 162, 164, 166, 168, 170)},
    **{f"000 L{line}": OVER_ROWS for line in (186, 204, 234, 254, 276)},
    "004 L99": "Delta x is x",
    "004 L134": DISTRIBUTION,
    "004 L136": DISTRIBUTION,
    "004 L148": "x has two entries, not the three of L140",
    "004 L161": "the mean is taken in code, as the brace says",
}


@pytest.mark.parametrize("entry", INVENTORY, ids=place)
def test_verdict(entry, networks, evaluate):
    by_hand = "no claim" if entry.get("no_claim") else entry["verdict"]
    verdict, _ = DISAGREEMENTS.get(place(entry), (by_hand, ""))
    reading = {"right": AS_IT_STANDS, "ambiguous": WHAT_MAKES_IT_RIGHT.get(place(entry))}.get(verdict)
    assert judge(entry, networks.readings(entry), evaluate) == (verdict, reading)


@pytest.mark.parametrize("entry", [e for e in INVENTORY if e.get("no_claim")], ids=place)
def test_what_is_only_named_exists(entry, networks, evaluate):
    """Lists of derivatives still to be found: each is there to find, and depends on the point."""
    scopes = networks.readings(entry)[0].scopes
    for side in entry["sides"]:
        assert any(evaluate(parse(side), scope) != 0 for scope in scopes)


NUMERIC = [e for e in INVENTORY if e["verdict"] != "wrong" and claims(e) and "Shape" not in e["normalised"]]


@pytest.mark.parametrize("entry", NUMERIC, ids=place)
def test_no_reading_makes_a_spoiled_formula_right(entry, networks, evaluate):
    """The judge can say no: with its last side tripled, a formula that was right is so in no reading."""
    for *sides, last in claims(entry):
        spoiled = [*sides, ast.BinOp(parse("3"), ast.Mult(), last)]
        assert not any(holds(spoiled, reading, evaluate) for reading in networks.readings(entry))


WRONG = [entry for entry in INVENTORY if entry["verdict"] == "wrong"]


@pytest.mark.parametrize("entry", WRONG, ids=place)
def test_correction_is_right(entry, networks, evaluate):
    literal = networks.readings(entry)[0]
    corrected = claims(entry, entry["correct"])
    assert corrected
    assert all(holds(claim, literal, evaluate) for claim in corrected)


@pytest.mark.parametrize("entry", [e for e in WRONG if "at" in e["counterexample"]], ids=place)
def test_counterexample(entry, networks, evaluate):
    """The numbers of both sides, for each row that a missing index may stand for."""
    said = entry["counterexample"]
    if "pair" in said:
        sides = [parse(side) for side in said["pair"].split("  vs  ")]
    else:
        (sides,) = claims(entry)
    sides[0] = assigned(sides[0], entry)
    scopes = networks.at_counterexample(entry)
    for side, numbers in zip(sides, (said["left"], said["right"]), strict=True):
        texts = [text.removeprefix("L = ") for text in ([numbers] if isinstance(numbers, str) else numbers)]
        for scope, text in zip(scopes, texts * len(scopes), strict=False):
            assert same(evaluate(side, scope), evaluate(parse(text), scope))
    left, right = sides
    assert not any(same(evaluate(left, scope), evaluate(right, scope)) for scope in scopes)


SIDES_THAT_DIFFER = {
    "000 L156": "differentiates by an expression, for which `normalised` substitutes a variable",
    "000 L188": "the d that is missing in a numerator is put in",
    "000 L256": "the product goes on in the next display",
    "000 L278": "the product goes on in the next display",
    "003 L80": "the partial sign that is missing in a denominator is put in",
    "004 L94": "7/10 stands for a decimal",
    "004 L144": "a product of shapes",
}


def test_sides_are_what_the_formula_equates():
    """The two plain forms agree; a formula that goes on from the one before shows no left side of its own."""
    differing = set()
    for entry in INVENTORY:
        whole = parse(entry["normalised"])
        parts = whole.args if any(is_call(whole, name) for name in ("Eq", "Chain", "Tuple")) else [whole]
        sides = [parse(side) for side in entry["sides"]]
        if len(sides) == 1 and is_call(sides[0], "Eq"):
            sides = sides[0].args
        if len(sides) == len(parts):
            sides[0], parts[0] = assigned(sides[0], entry), assigned(parts[0], entry)
        if [ast.unparse(side) for side in sides] != [ast.unparse(part) for part in parts[-len(sides) :]]:
            differing.add(place(entry))
    assert differing == set(SIDES_THAT_DIFFER)
