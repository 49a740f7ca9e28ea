"""The explorer page as Python writes it: what it tells, that it is safe, that it is small."""

import base64
import hashlib
import html
import json
import math
import re
from fractions import Fraction
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace

import pytest

from autograd import Value, dot, paths, primitive, topological_order, where
from autograd import sum as total
from autograd.errors import SettingError
from autograd.graph import backward_steps
from autograd.numbers import shown
from autograd.pictures import explorer, walkthrough
from autograd.pictures.diagram import draw
from autograd.pictures.explorer import walk
from autograd.pictures.walkthrough import Walkthrough
from nn import MLP, SGD, squared_error, train
from tests.benchmarks import gpt

pytestmark = pytest.mark.renders

EVIL = [
    "</script><script>alert(1)</script>", '" onload="alert(1)', "<b>bold</b>", "{a|b}", "two\nlines", 'a"b',
    "\\N", "bell\x07", "\u202eabc", "\u2066abc\u2069", "\x9b31m", "a\0b", "-->", "a&amp;b", "@@JS@@",
    "日本語の名前" * 5,
    "e\u0301" * 30, "x" * 300,
]  # fmt: skip


def network(number=float):
    """The 2-2-1 network of the notes on its first row, with weights 1 and biases 0."""
    net = MLP(2, [2, 1], activation="linear", init="ones").convert(number)
    inputs = [Value(number(60), "x1"), Value(number(3.5), "x2")]
    loss = squared_error(net(inputs), Value(number(40), "y"))
    loss.name = "L"
    return net, loss


def data_of(written):
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', written, re.S)[1]
    )


class Attributes(HTMLParser):
    """The names of all attributes in a page."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attrs):
        self.found.update(name for name, _ in attrs)


def write(pieces, operands, out):
    """A rule with names for the operands."""
    return "".join(p if isinstance(p, str) else out if p == -1 else operands[p] for p in pieces)


# ------------------------------------------------------------------------------------------ what it tells


@pytest.mark.parametrize("number", [float, Fraction])
def test_values_and_steps_are_those_of_python(number):
    _, loss = network(number)
    told = Walkthrough(loss).as_json()
    frame = told["frames"][0]
    assert frame["values"] == [shown(node.data) for node in topological_order(loss)]
    assert len(told["edges"]) == len(list(backward_steps(loss)))
    for e, step in enumerate(backward_steps(loss)):
        node, position, operand = told["edges"][e]
        names = told["labels"][node], told["labels"][operand]
        assert names == (step.labels.of[step.node], step.labels.of[step.operand])
        assert step.node.operands[position] is step.operand
        assert frame["local"][e] == shown(step.local_derivative)
        assert frame["given"][e] == shown(step.contribution)
        assert (frame["after"][e] or frame["given"][e]) == shown(step.after)


def in_names(told, what):
    """Formulas in named quantities, by the name of what they are of."""
    labels = told["labels"]
    formulas = told["named"][what]
    return {
        labels[int(i)]: "".join(p if isinstance(p, str) else labels[p] for p in pieces)
        for i, pieces in formulas.items()
    }


def test_every_gradient_of_the_notes_is_derived_as_there():
    _, loss = network()
    told = Walkthrough(loss).as_json()
    gradients = in_names(told, "gradients")
    assert gradients["w1_11"] == "-2 (y - yhat) w2_11 x1"
    assert gradients["w1_22"] == "-2 (y - yhat) w2_21 x2"
    assert gradients["b11"] == "-2 (y - yhat) w2_11"
    assert gradients["w2_21"] == "-2 (y - yhat) O12"
    assert gradients["b21"] == "-2 (y - yhat)"
    definitions = in_names(told, "definitions")
    assert definitions["O11"] == "w1_11 x1 + w1_21 x2 + b11"


def test_factors_between_named_quantities_multiply_to_the_gradient():
    _, loss = network(Fraction)
    told = Walkthrough(loss).as_json()
    factor = {
        (told["labels"][of], told["labels"][by]): Fraction(number)
        for (of, by, _), number in zip(told["named"]["partials"], told["frames"][0]["partials"], strict=True)
    }
    loss.backward()
    weight = next(x for x in topological_order(loss) if x.name == "w1_11")
    assert factor["L", "yhat"] * factor["yhat", "O11"] * factor["O11", "w1_11"] == weight.grad == 10440


def test_products_along_all_paths_add_up_to_the_gradient():
    x, y = Value(Fraction(2), "x"), Value(Fraction(3), "y")
    loss = (x * y + x) * x * x - y
    told = Walkthrough(loss).as_json()
    loss.backward()
    for leaf in (x, y):
        number = told["labels"].index(leaf.name)
        products = told["frames"][0]["products"][str(number)]
        assert len(products) == len(list(paths(leaf, loss))) == int(told["pathCounts"][str(number)])
        assert sum(map(Fraction, products)) == leaf.grad
        for path in told["paths"][str(number)]:
            assert told["edges"][path[0]][0] == len(told["labels"]) - 1
            assert told["edges"][path[-1]][2] == number
            assert all(told["edges"][a][2] == told["edges"][b][0] for a, b in pairwise(path))


def test_many_paths_are_counted_but_not_all_listed():
    x = Value(1.0, "x")
    out = x
    for _ in range(64):
        out = out + out
    told = Walkthrough(out).as_json()
    assert told["pathCounts"] == {"0": f"{2**64:,}"}
    assert len(told["paths"]["0"]) == 12


def test_paths_are_listed_while_there_is_room(monkeypatch):
    monkeypatch.setattr(walkthrough, "_MOST_ON_PATHS", 3)
    told = Walkthrough(Value(1.0, "a") * Value(2.0, "b") * Value(3.0, "c") + 1).as_json()
    assert len(told["paths"]) == 1
    assert len(told["pathCounts"]) == 3


RULES = [
    (lambda x: x.tanh(), "tanh(x)", ["1 - out^2"]),
    (lambda x: x.sigmoid(), "sigmoid(x)", ["out (1 - out)"]),
    (lambda x: x**2, "x^2", ["2 · x", ""]),
    (lambda x: x * 3.0, "x · 3", ["3", "x"]),
    (lambda x: 2 / x, "2 / x", None),
    (lambda x: x * x, "x · x", ["x", "x"]),
    (lambda x: dot([x, 2.0], [3.0, x]), "x · 3 + 2 · x", ["3", "x", "x", "2"]),
    (lambda x: total([x, x, x]), "x + x + x", ["1", "1", "1"]),
    (lambda x: where(True, x, 1.0), None, ["0", "1", "0"]),
]


@pytest.mark.parametrize(("function", "formula", "slopes"), RULES)
def test_rules_are_written_as_people_write_them(function, formula, slopes):
    out = function(Value(3.0, "x"))
    told = Walkthrough(out).as_json()
    rule = told["rules"][told["ruleOf"][-1]]
    operands = ["x" if isinstance(x, Value) else "?" for x in out.operands]
    if formula is not None:
        assert write(rule["formula"], operands, "out") == formula
    if slopes is not None:
        assert [write(slope, operands, "out") for slope in rule["slopes"]] == slopes


def test_operations_of_one_kind_share_a_rule():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    told = Walkthrough((a + b) + (a + a) + (b + 1.0)).as_json()
    assert [rule["name"] for rule in told["rules"]] == ["add", "add"]  # of two operands; with a 1


def test_a_primitive_of_numbers_only_is_told_without_its_derivative():
    half_life = primitive("half_life", lambda x: 2.0**-x, lambda x, out: (-math.log(2) * float(out),))
    told = Walkthrough(half_life(Value(1.0, "x"))).as_json()
    assert told["rules"][0]["slopes"] == []
    assert told["frames"][0]["local"] == [shown(-math.log(2) / 2)]


def test_long_sums_are_written_short():
    xs = [Value(float(i), f"x{i}") for i in range(300)]
    told = Walkthrough(total(xs)).as_json()
    assert write(told["rules"][0]["formula"], [x.name for x in xs], "") == "sum(x0, x1, …, x299)"
    assert told["named"]["definitions"] == {}


def test_a_formula_too_long_for_a_line_is_left_out():
    x = Value(1.0, "x")
    z = x
    for i in range(60):
        z = z * Value(1.0, f"a_rather_long_name_{i}")
    z.name = "z"
    told = Walkthrough(z + 1).as_json()
    assert [] in told["named"]["definitions"].values()


def test_a_leaf_and_a_graph_without_gradients():
    assert Walkthrough(Value(1.0, "x")).as_json()["edges"] == []
    written = walk(Value(1.0, "x")).html
    assert data_of(written)["labels"] == ["x"]
    told = Walkthrough(Value(1.0, "L") + 1).as_json()
    assert told["labels"] == ["L", "v1"]


# ---------------------------------------------------------------------------------------------- training


def trained(epochs=3):
    net, loss = network()
    rows = [((0.6, 0.35), 0.4), ((0.8, 0.47), 0.6)]
    return loss, train(net, rows, loss=squared_error, optimizer=SGD(0.05), epochs=epochs, record=True)


def test_a_history_gives_the_graph_at_each_step():
    loss, history = trained()
    told = Walkthrough(loss, history).as_json()
    assert told["frameSteps"] == list(range(7))
    assert told["losses"] == [update.loss for update in history.updates]
    weight = told["labels"].index("w1_11")
    values = [frame["values"][weight] for frame in told["frames"]]
    assert values == [shown(u.before["w1_11"]) for u in history.updates] + [
        shown(history.updates[-1].after["w1_11"])
    ]
    after = MLP(2, [2, 1], activation="linear")
    for name, x in after.named_parameters().items():
        x.data = history.updates[-1].after[name]
    again = squared_error(after([Value(60.0), Value(3.5)]), 40.0)
    again.backward()
    last = told["frames"][-1]
    assert last["values"][-1] == shown(again.data)
    (e,) = [e for e, edge in enumerate(told["edges"]) if edge[2] == weight]
    assert last["given"][e] == shown(after.named_parameters()["w1_11"].grad)
    assert loss.data == 7569  # and nothing has changed in the graph itself


def test_of_a_long_training_some_steps_are_shown(monkeypatch):
    monkeypatch.setattr(walkthrough, "_MOST_NUMBERS", 400)
    loss, history = trained(50)
    told = Walkthrough(loss, history)
    assert told.frame_steps[0] == 0
    assert told.frame_steps[-1] == 100
    assert len(told.frame_steps) < 10
    assert told.notes == [
        f"Of the training {len(told.frame_steps)} of the 101 states between its steps are shown."
    ]


def test_a_history_that_does_not_fit_is_refused():
    _, loss = network()
    with pytest.raises(SettingError, match="train with record=True"):
        walk(loss, SimpleNamespace(updates=[]))
    with pytest.raises(SettingError, match=r"history is of 'v', .* graph of L has no leaf"):
        walk(loss, SimpleNamespace(updates=[SimpleNamespace(before={"v": 1.0}, after={"v": 2.0}, loss=1.0)]))


def test_a_loss_that_is_not_finite_is_a_gap_in_the_curve():
    x = Value(1.0, "x")
    update = SimpleNamespace(before={"x": 1.0}, after={"x": 2.0}, loss=math.inf)
    assert data_of(walk(x * x, SimpleNamespace(updates=[update])).html)["losses"] == [None]


# ------------------------------------------------------------------------------------------- large graphs


@pytest.mark.parametrize("most", [48, 49, 50])  # three edges to an addition and a multiplication
def test_a_very_large_graph_is_told_in_part(monkeypatch, most):
    monkeypatch.setattr(walkthrough, "_MOST_STEPS", most)
    x = Value(1.0, "x")
    out = x
    for i in range(100):
        out = out * 0.5 + Value(float(i), f"a{i}")
    explored = walk(out)
    told = data_of(explored.html)
    n = 33 if most == 50 else 32
    assert told["notes"][0] == (
        f"The steps are those of the {n} operations nearest to L; {200 - n} earlier ones are left out, and "
        "what they computed is given."
    )
    computed = [i for i, rule in enumerate(told["ruleOf"]) if rule >= 0]
    assert len(computed) == n
    assert len(told["edges"]) == (50 if most == 50 else 48)
    assert {node for node, _, _ in told["edges"]} == set(computed)
    values = dict(zip(told["labels"], told["frames"][0]["values"], strict=True))
    assert values["L"] == shown(out.data)
    assert repr(explored) == "<explorer of L: 301 Values>"


def test_a_sum_of_very_many_is_told_whole(monkeypatch):
    monkeypatch.setattr(walkthrough, "_MOST_STEPS", 50)
    told = Walkthrough(total([Value(1.0) for _ in range(80)])).as_json()
    assert len(told["edges"]) == 80
    assert told["frames"][0]["values"][-1] == "80"


def test_formulas_in_names_are_for_graphs_that_can_be_read(monkeypatch):
    monkeypatch.setattr(walkthrough, "_MOST_NAMED", 10)
    assert Walkthrough(network()[1]).as_json()["named"]["gradients"] == {}


def test_pictures_from_the_most_detailed_to_the_most_folded(monkeypatch):
    net = MLP(2, [8, 8, 1], activation="tanh")
    loss = squared_error(net([Value(1.0, "x1"), Value(2.0, "x2")]), Value(0.0, "y"))
    assert list(data_of(walk(loss).html)["layouts"]) == ["none", "neurons", "layers"]
    monkeypatch.setattr(explorer, "_MOST_DRAWN", 100)
    folded = data_of(walk(loss).html)
    assert list(folded["layouts"]) == ["neurons", "layers"]
    assert "folded to" in folded["notes"][-1]


def test_what_a_neuron_reads_stands_before_its_parameters():
    picture = re.search(r'data-layout="none".*?</svg>', walk(network()[1]).html, re.S)[0]
    found = re.findall(r'translate\((-?\d+) -?\d+\)"><[^>]*><text class="name"[^>]*>(\w+)<', picture)
    left = {name: int(x) for x, name in found}
    assert max(left["x1"], left["x2"]) < min(left["w1_11"], left["w1_12"], left["w1_21"], left["w1_22"])


def test_the_first_picture_can_be_read(monkeypatch):
    def first(*sizes):
        net = MLP(2, sizes, activation="tanh")
        return data_of(walk(squared_error(net([Value(1.0, "x1"), Value(2.0, "x2")]), Value(0.0, "y"))).html)[
            "view"
        ]

    assert [first(2, 1), first(16, 16, 1), first(64, 1)] == ["none", "neurons", "layers"]
    monkeypatch.setattr(explorer, "_MOST_UNITS", 1)
    assert first(16, 16, 1) == "layers"  # the least, where all are too much
    small = Value(1.0, "w") * Value(2.0, "x") + 1
    assert data_of(walk(small, fold="layers").html)["view"] == "none"  # there are no layers


@pytest.mark.parametrize(("option", "word"), [("fold", "neuron"), ("theme", "drak")])
def test_options_of_a_page_that_cannot_be(option, word):
    with pytest.raises(SettingError, match=f"{option}={word!r}: did you mean"):
        walk(Value(1.0, "w") * 2, **{option: word})


def test_a_highlighted_value_that_is_not_there():
    with pytest.raises(SettingError, match="nothing of this name; it has w"):
        walk(Value(1.0, "w") * 2, highlight="q")


def test_the_gpt_opens_folded_and_says_what_it_leaves_out():
    weights = gpt.parameters(Value)
    loss = gpt.loss(weights, gpt.tokens("isabella"))
    told = data_of(walk(loss, names=weights).html)
    assert list(told["layouts"]) == ["layers"]
    assert told["notes"] == [
        "The steps are those of the 8,208 operations nearest to L; 61,372 earlier ones are left out, and "
        "what they computed is given.",
        "2,397 neurons are too many to draw (the most is 300): 73,340 Values, folded to layers: 27 nodes",
    ]
    picture = draw(loss, names=weights)
    labels = {node.label for node in picture.scene.nodes}
    assert labels >= {"head[...]", "query[...], key[...]", "*, +, relu of widen[...]", "*, + of mix[...]"}
    assert picture.scene.left_out == told["notes"][1].partition(": ")[2]


def test_neurons_stand_in_their_own_order():
    net = MLP(2, [12, 12, 1], activation="tanh")
    written = walk(squared_error(net([1.0, 2.0]), 0.0)).html
    picture = re.search(r'data-layout="neurons".*?</svg>', written, re.S)[0]
    boxes = re.findall(
        r'translate\((-?\d+) (-?\d+)\)"><rect class="shape"[^>]*/><text class="name"[^>]*>(O1[,\d]*)<',
        picture,
    )
    assert [name for _, _, name in sorted(boxes, key=lambda box: int(box[1]))] == [
        "O11", "O12", "O13", "O14", "O15", "O16", "O17", "O18", "O19", "O1,10", "O1,11", "O1,12",
    ]  # fmt: skip


def test_the_pages_are_small():
    net = MLP(2, [4, 1], activation="tanh", seed=1)
    w = net.named_parameters()["w1_11"]
    loss = squared_error(net([Value(1.0, "x1"), Value(7.0, "x2")]), Value(0.5, "y")) + (w * w) * 0.01
    assert len(topological_order(loss)) == 39
    assert len(walk(loss).html.encode()) <= 100_000
    net = MLP(2, [16, 16, 1], activation="tanh")
    loss = squared_error(net([Value(1.0, "x1"), Value(2.0, "x2")]), Value(0.0, "y"))
    assert len(topological_order(loss)) > 400
    assert len(walk(loss).html.encode()) <= 1_500_000


# -------------------------------------------------------------------------------------------- safe and sound


@pytest.mark.parametrize("name", EVIL)
def test_names_are_text_wherever_they_stand(name):
    x = Value(2.0, name)
    out = (x * x).tanh()
    out.name = name + "2"
    written = walk(out).html
    outside = re.sub(r'<script type="application/json".*?</script>', "", written, flags=re.S)
    for part in ("alert(1)</script>", "<b>", "\x07", "\u202e", "\u2066", "\x9b", "\0"):
        assert part not in outside
        assert (
            part not in json.dumps(data_of(written)["labels"], ensure_ascii=False)
            or part.startswith("<")
            or "alert" in part
        )
    assert written.count("<script") == 2
    assert written.count("</script>") == 2
    assert written.count("<title>") == written.count("</title>") == 1
    assert data_of(written)["labels"][0] == "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in name
    )
    attributes = Attributes()
    attributes.feed(outside)
    assert "aria-label" in attributes.found
    assert not [
        attribute for attribute in attributes.found if attribute.startswith("on") or attribute == "style"
    ]


def test_the_policy_allows_this_script_and_this_style_and_nothing_else():
    written = walk(Value(1.0, "x") * 2).html
    policy = html.unescape(re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', written)[1])
    digests = [
        base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        for source in re.findall(r"<script>(.*?)</script>|<style>(.*?)</style>", written, re.S)
        for source in source
        if source
    ]
    assert policy == f"default-src 'none'; script-src 'sha256-{digests[1]}'; style-src 'sha256-{digests[0]}'"
    assert not re.search(r"\sstyle=|\son\w+=|https?://(?!www\.w3\.org)", written.replace(policy, ""))


def test_the_script_never_turns_text_into_markup():
    folder = explorer.files("autograd.pictures") / "page"
    script = "".join((folder / name).read_text("utf-8") for name in explorer._SCRIPTS)
    assert {path.name for path in folder.iterdir() if path.name.endswith(".js")} == {*explorer._SCRIPTS}
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "DOMParser",
        "fetch(",
    ):
        assert word not in script


def test_a_page_can_be_saved_and_shown(tmp_path):
    explored = walk(Value(1.0, 'a"b') * 2)
    explored.save(tmp_path / "x.html")
    assert (tmp_path / "x.html").read_text("utf-8") == explored.html
    shown_inline = explored._repr_html_()
    assert shown_inline.startswith('<iframe sandbox="allow-scripts" ')
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', shown_inline)[1]) == explored.html


def test_a_diagram_saves_the_page(tmp_path):
    loss = Value(1.0, "x") * 2
    draw(loss).save(tmp_path / "x.html")
    assert (tmp_path / "x.html").read_text("utf-8") == walk(loss).html


def test_equal_graphs_give_equal_pages():
    assert walk(network()[1]).html == walk(network()[1]).html
