"""What there is to show of a graph: nodes, edges, neurons, layers."""

import random
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import OPS, Value, dot, draw, exp, leaky_relu, tree, walk, where
from autograd.errors import GraphError, NumberError, SettingError
from autograd.expr import symbol
from autograd.pictures import quotient
from autograd.pictures import scene as module
from autograd.pictures.pieces import InNames, rule_in_pieces
from autograd.pictures.scene import layers_of, scene
from nn import MLP, squared_error


def notes_network(activation="linear", names="layered", named_root=True):
    net = MLP(2, [2, 1], activation=activation, init="ones", names=names)
    x = [Value(Fraction(8), "x1"), Value(Fraction(7), "x2")]
    loss = squared_error(net.convert(Fraction)(x), Value(Fraction(5), "y"))
    if named_root:
        loss.name = "L"
    return loss


def by_label(found):
    return {node.label: node for node in found.nodes}


def edges_by_label(found):
    label = {node.id: node.label for node in found.nodes}
    return [(label[e.tail], label[e.head], e.local) for e in found.edges]


# ------------------------------------------------------------------------------------------ unfolded


def test_each_value_is_a_node_and_each_operand_an_edge():
    w, x = Value(Fraction(2), "w"), Value(Fraction(3), "x")
    loss = (w * x - 5) ** 2
    found = scene(loss)
    assert [(n.kind, n.label, n.symbol, n.sign, n.value) for n in found.nodes] == [
        ("parameter", "w", "w", "", 2),
        ("input", "x", "x", "", 3),
        ("operation", "*", "v1", "*", 6),
        ("constant", "5", "5", "", 5),
        ("operation", "-", "v2", "-", 1),
        ("result", "L", "L", "^2", 1),
    ]
    assert edges_by_label(found) == [
        ("w", "*", 3), ("x", "*", 2), ("*", "-", 1), ("5", "-", None), ("-", "L", 2),
    ]  # fmt: skip
    assert [n.formula for n in found.nodes] == ["", "", "w x", "", "v1 - 5", "v2^2"]
    assert found.nodes[2].latex == "w x"
    assert [found.homes[v] for v in (w, x, loss)] == ["n0", "n1", "n5"]
    assert (found.root, found.fold, found.size, found.left_out) == ("n5", "none", 5, "")
    assert found.node("n2").label == "*"


def test_there_is_no_gradient_before_backward_and_the_contributions_add_up_after():
    loss = notes_network()
    assert {n.gradient for n in scene(loss).nodes} == {None}
    assert {e.contribution for e in scene(loss).edges} == {None}
    loss.backward()
    found = scene(loss)
    for node in found.nodes:
        handed = [e.contribution for e in found.edges if e.tail == node.id]
        assert node.kind == "result" or sum(handed) == node.gradient
    assert by_label(found)["w1_11"].gradient == 2 * (30 - 5) * 8  # by hand: yhat = 15 + 15


def test_a_value_alone_is_the_result():
    x = Value(2.0, "x")
    found = scene(x)
    assert [(n.kind, n.gradient) for n in found.nodes] == [("result", None)]
    x.backward()
    assert scene(x).nodes[0].gradient == 1


def test_an_operand_that_is_used_twice_has_two_edges():
    x = Value(3, "x")
    found = scene(x * x)
    assert [(e.tail, e.local) for e in found.edges] == [("n0", 3), ("n0", 3)]


def test_numbers_of_a_dot_product_are_shared_between_units_and_many_are_one_node():
    net = MLP(2, [2, 1], init="ones")
    found = scene(net([8.0, 7.0]))
    assert [n.label for n in found.nodes if n.kind == "constant"] == ["8", "7"]
    wide = dot([Value(1.0, f"w{i}") for i in range(6)], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    (constant,) = [n for n in scene(wide).nodes if n.kind == "constant"]
    assert constant.label == "1, 2, ..., 6"
    assert constant.value is None
    assert sum(e.tail == constant.id for e in scene(wide).edges) == 1


def test_a_condition_and_a_slope():
    x = Value(-1.0, "x")
    assert [n.label for n in scene(leaky_relu(x, 0.5) + 1).nodes] == ["x", "leaky_relu 0.5", "1", "L"]
    found = scene(where(True, x, 2 * x))
    assert "True" in by_label(found)
    assert [e.local for e in found.edges if e.head == found.root] == [None, 1, None]


def test_labels_hold_no_control_characters():
    hostile = Value(1.0, "a\nb\x1b[31m\u202e")
    found = scene(hostile * 2, names={"x\x07": Value(1.0)})
    assert found.nodes[0].label == r"a\nb\x1b[31m\u202e"
    assert all(n.label.isprintable() and n.formula.isprintable() for n in found.nodes)


def test_names_from_a_dict_of_variables():
    a, w, own = Value(1.0), [Value(2.0), (Value(3.0),)], Value(4.0, "own")
    w.append(w)  # a list that holds itself is no trouble
    found = scene(a * w[0] + w[1][0] * own, names={"a": a, "w": w, "other": own, "n": 3})
    leaves = [n.label for n in found.nodes if n.kind in ("parameter", "input")]
    assert leaves == ["a", "w[0]", "w[1][0]", "own"]
    assert by_label(found)["L"].formula == "v3 + v5"
    taken = scene(a + Value(1.0, "a"), names={"a": a})
    assert len({n.symbol for n in taken.nodes}) == 3


# ------------------------------------------------------------------------------------- neurons and layers


@pytest.mark.parametrize(
    ("names", "units"), [("layered", ["O11", "O12", "yhat"]), ("numbered", ["A1", "A2", "Y_pred"])]
)
def test_neurons_and_layers_are_framed_in_both_naming_schemes(names, units):
    found = scene(notes_network("sigmoid", names))
    framed = [(c.kind, c.name, c.parent) for c in found.clusters]
    assert [c[:2] for c in framed][:3] == [("layer", "layer 1"), ("neuron", units[0]), ("neuron", units[1])]
    assert [c[2] for c in framed] == [None, "layer0", "layer0", None]
    first = [n.label for n in found.nodes if n.cluster == "neuron1"]
    assert len(first) == 6  # two weights, the bias, the dot product, the sum, its sigmoid
    assert {n.cluster for n in found.nodes if n.kind in ("input", "result")} == {None}


def test_neurons_fold_with_the_total_derivative_between_them():
    loss = notes_network()
    loss.backward()
    found = scene(loss, fold="neurons")
    yhat = edges_by_label(found)[-1][0]
    assert edges_by_label(found) == [
        ("x1", "O11", 1), ("x2", "O11", 1), ("x1", "O12", 1), ("x2", "O12", 1),
        ("O11", yhat, 1), ("O12", yhat, 1), ("y", "L", -50), (yhat, "L", 50),
    ]  # fmt: skip
    unit = by_label(found)["O11"]
    assert (unit.formula, unit.operations, unit.parameters) == ("w1_11 x1 + w1_21 x2 + b11", 2, 3)
    assert unit.gradient == 50
    assert [c.name for c in found.clusters] == ["layer 1"]
    assert "neurons" in found.left_out


def test_a_neuron_may_keep_its_parameters():
    found = scene(notes_network(), fold="neurons", parameters=True)
    assert ("w1_11", "O11", 8) in edges_by_label(found)
    assert ("b11", "O11", 1) in edges_by_label(found)


def test_an_activation_belongs_to_its_unit_but_a_loss_does_not():
    z = Value(2.0, "w") * Value(3.0, "x")
    z.name = "z"
    a = z.sigmoid()
    a.name = "a"
    assert [n.label for n in scene(a, fold="neurons").nodes] == ["x", "a"]
    loss = (a - 1) ** 2
    loss.name = "L"
    assert [n.label for n in scene(loss, fold="neurons").nodes] == ["x", "a", "L"]


def test_an_activation_written_out_belongs_to_its_unit_too():
    z = Value(2.0, "w") * Value(3.0, "x")
    z.name = "z"
    a = 1 / (1 + exp(-z))
    a.name = "a"
    b = a * 3
    b.name = "b"
    assert [n.label for n in scene(b + Value(1.0, "c"), fold="neurons").nodes] == ["x", "b", "L"]


def test_layers_fold_to_one_node_each():
    net = MLP(2, [16, 16, 1], activation="tanh")
    x = [Value(1.0, "x1"), Value(2.0, "x2")]
    found = scene(squared_error(net(x), 1.0))
    assert found.fold == "layers"
    assert [(n.label, len(n.values), n.parameters) for n in found.nodes[:3]] == [
        ("x1, x2", 2, 0), ("O11, O12, ..., O1,16", 16, 48), ("O21, O22, ..., O2,16", 16, 272),
    ]  # fmt: skip
    assert [e.count for e in found.edges] == [32, 256, 16, 1]
    assert found.edges[0].local is None


def test_rows_of_a_batch_are_one_neuron_and_one_layer():
    net = MLP(2, [3, 1], activation="relu")
    loss = sum(squared_error(net([i, 1.0]), i) for i in range(4))
    loss.backward()
    found = scene(loss, fold="neurons")
    units = [n for n in found.nodes if n.kind == "operation"]
    assert [len(n.values) for n in units] == [4, 4, 4, 4]
    assert [n.value for n in units] == [None] * 4
    assert by_label(found)["4 rows of 2 numbers"].kind == "constant"
    assert len(scene(loss, fold="layers").nodes) == 4
    x = [[Value(float(i), "x1"), Value(1.0, "x2")] for i in range(4)]
    found = scene(sum(net(row) for row in x), fold="neurons")
    assert [len(n.values) for n in found.nodes if n.kind == "input"] == [4, 4]


def test_a_parameter_of_several_units_stays_outside():
    w, x = Value(2.0, "w"), Value(3.0, "x")
    a, b = w * x + 1, w * x + 2
    a.name, b.name = "a", "b"
    found = scene(a * b, fold="neurons")
    assert [n.label for n in found.nodes] == ["w", "x", "a", "b", "L"]
    assert by_label(found)["w"].kind == "parameter"


def recurrent(back):
    w = [Value(0.1 * i) for i in range(8)]
    a, b, c = Value(1.0, "x1"), Value(2.0, "x2"), Value(3.0, "x3")
    used = []
    for _ in range(4):
        a, b = (w[0] * a + w[1] * b + back(c)).tanh(), (w[2] * a + w[3] * b + back(c)).tanh()
        c = (w[4] * a + w[5] * b + w[6] * c).sigmoid()
        used += [a, b, c]
    return scene(sum(used), fold="layers")


def test_the_steps_of_a_recurrent_layer_are_one():
    units = [n for n in recurrent(lambda c: 1).nodes if n.kind == "operation"]
    assert [len(n.values) for n in units] == [8, 3]  # of four steps; the last belongs to the sum


def test_layers_that_would_read_each_other_in_a_circle_stay_apart():
    found = recurrent(lambda c: c)
    order = {node.id: place for place, node in enumerate(found.nodes)}
    assert all(order[e.tail] < order[e.head] for e in found.edges)
    assert len([n for n in found.nodes if n.kind == "operation"]) == 7


def test_what_a_neuron_does_not_take_has_no_derivative():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    unit = where(True, x * 2, y * 3)
    unit.name = "u"
    found = scene(unit + 1, fold="neurons")
    assert [(e.tail, e.local) for e in found.edges if e.head == found.homes[unit]] == [
        (found.homes[x], 2),
        (found.homes[y], None),
    ]


def test_rows_that_read_each_other_stay_apart():
    w, x, y = Value(0.5, "w"), Value(1.0, "x"), Value(2.0, "y")
    u = w * x
    u.name = "u"
    v = u * y + u
    v.name = "v"
    again = w * v
    again.name = "u"
    found = scene(again + u, fold="neurons")
    assert [n.label for n in found.nodes if n.kind == "operation"] == ["u", "v", "u"]


@given(st.integers(0, 2**32))
def test_every_fold_of_a_random_graph_is_a_graph_of_all_its_values(seed):
    rng = random.Random(seed)
    nodes = [Value(float(i), name) for i, name in enumerate(["x1", "w", None, "b"])]
    for _ in range(rng.randrange(1, 40)):
        a, b = rng.choice(nodes), rng.choice(nodes)
        out = rng.choice([lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a.tanh(), lambda a, b: a * 2])(
            a, b
        )
        if rng.random() < 0.4:
            out.name = f"u{rng.randrange(5)}"
        nodes.append(out)
    root = sum(nodes[-3:])
    root.backward()
    for fold in ("none", "neurons", "layers"):
        found = scene(root, fold=fold)
        assert [n.id for n in found.nodes] == [f"n{i}" for i in range(len(found.nodes))]
        order = {node.id: place for place, node in enumerate(found.nodes)}
        assert all(order[e.tail] < order[e.head] for e in found.edges)
        assert len(found.homes) == found.size
        assert sum(n.operations for n in found.nodes) == sum(x.op is not None for x in found.homes)
        assert found.nodes[-1].id == found.root == found.homes[root]
        assert all(c.parent is None or c.parent in {p.id for p in found.clusters} for c in found.clusters)
        again = scene(root, fold=fold)
        assert (again.nodes, again.edges, again.clusters) == (found.nodes, found.edges, found.clusters)
        for edge in found.edges:  # the derivative between single Values, by a graph of that part alone
            assert edge.local is None or isinstance(edge.local, float | int)


# ----------------------------------------------------------------------------------------- large graphs


def test_auto_folds_by_size():
    small, middle = MLP(2, [2, 1]), MLP(4, [6, 6, 1])
    assert scene(small([1, 2])).fold == "none"
    assert scene(middle([1, 2, 3, 4])).fold == "neurons"
    tree_of_numbers = sum(Value(1.0) * i for i in range(40))
    assert scene(tree_of_numbers).fold == "none"  # all of it would be one node


def test_a_graph_without_names_folds_by_what_is_shared():
    rows = [[Value(0.1) for _ in range(4)] for _ in range(8)]
    x = [Value(float(i), f"x{i}") for i in range(4)]
    hidden = [sum(w * a for w, a in zip(row, x, strict=True)).tanh() for row in rows]
    mean = sum(h * h for h in hidden) / 8
    out = sum(h / mean for h in hidden)
    found = scene(out, fold="layers")
    assert [(n.kind, len(n.values)) for n in found.nodes] == [
        ("input", 4), ("operation", 8), ("operation", 1), ("result", 1),
    ]  # fmt: skip
    assert found.nodes[1].parameters == 32


def test_a_long_chain_is_cut_into_runs_and_never_recursed_into():
    limit = sys.getrecursionlimit()
    x = y = Value(1.0)
    for _ in range(5_000):
        y = y * 1.0001 + x
    found = scene(y, fold="none")
    assert found.fold == "bands"
    assert found.left_out.startswith("10,001 Values are too many to draw one by one (the most is 2,000): ")
    assert len(found.nodes) == 14
    assert sys.getrecursionlimit() == limit
    bottom = scene(y, fold="layers", until=1)
    assert len(bottom.nodes) < 14


def test_too_many_neurons_become_layers_and_too_many_layers_runs(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(module, "MAX_UNFOLDED", 5)
        assert scene(notes_network(), fold="none").fold == "neurons"
    monkeypatch.setattr(module, "MAX_NEURONS", 3)
    found = scene(MLP(2, [4, 1], activation="tanh")([1, 2]), fold="neurons")
    assert found.fold == "layers"
    assert found.left_out.startswith("5 neurons are too many to draw (the most is 3): ")
    monkeypatch.setattr(module, "MAX_LAYERS", 2)
    found = scene(MLP(2, [4, 4, 1], activation="tanh")([1, 2]).tanh(), fold="layers")
    assert (found.fold, "layers are too many" in found.left_out) == ("bands", True)


def test_a_graph_whose_edges_reach_far_is_folded():
    x = Value(1.0, "x")
    found = scene(sum((x * i).tanh() * (x * i) for i in range(90)), fold="none")
    assert found.fold != "none"
    assert found.left_out.startswith("451 Values whose edges reach so far would make an unreadable picture: ")


def test_a_large_unit_is_shown_without_a_formula(monkeypatch):
    monkeypatch.setattr(quotient, "MAX_FORMULA", 4)
    found = scene(notes_network(), fold="neurons")
    assert by_label(found)["O11"].formula == ""
    assert by_label(found)["L"].formula != ""


# ------------------------------------------------------------------------------------- until, highlight


def test_until_keeps_what_is_near_the_result():
    loss = notes_network()
    found = scene(loss, until=2)
    assert [n.label for n in found.nodes] == ["y", "yhat", "-", "L"]
    (cut,) = [n for n in found.nodes if n.more]
    assert cut.more == 2
    assert found.left_out == "16 of 20 nodes are more than 2 edges away from the result and not shown"
    assert scene(loss, until=99).left_out == ""
    assert [n.id for n in scene(loss, until=0).nodes] == [found.root]
    assert found.node(found.root).label == "L"
    assert "1 edge away" in scene(loss, until=1, fold="neurons").left_out
    assert set(found.homes.values()) == {n.id for n in found.nodes}


def test_highlight_marks_all_paths_to_the_result():
    w, x = Value(2.0, "w"), Value(3.0, "x")
    side = x * 3
    found = scene(w * x + w + side, highlight="w")
    marked = {n.label for n in found.nodes if n.highlighted}
    assert marked == {"w", "*", "+", "L"}
    assert not by_label(found)["x"].highlighted
    assert [e.highlighted for e in found.edges if e.tail == "n0"] == [True, True]
    assert scene(w * x, highlight=w).nodes[0].highlighted
    folded = scene(notes_network(), fold="neurons", highlight="w1_11")
    assert {n.label for n in folded.nodes if n.highlighted} >= {"O11", "L"}
    assert not by_label(folded)["O12"].highlighted
    stopped = scene(where(False, w, x), highlight="w")
    assert not any(e.highlighted for e in stopped.edges)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fold": "neuron"}, r"did you mean 'neurons'\? It is one of none, neurons, layers, auto"),
        ({"fold": 3}, "fold=3: It is one of"),
        ({"until": -1}, "until=-1: it is a number of edges"),
        ({"until": 1.5}, "until=1.5"),
        ({"highlight": "ww"}, "nothing of this name; did you mean 'w'"),
        ({"highlight": "zzz"}, "it has w"),
        ({"highlight": Value(1.0)}, "was not computed from this Value"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(SettingError, match=message):
        scene(Value(1.0, "w") * 2, **options)


def test_highlight_in_a_graph_without_names():
    with pytest.raises(SettingError, match="it has no names"):
        scene(Value(1.0) * 2, highlight="w")


def test_a_cycle_is_refused():
    a = Value(1.0) * 2
    b = a * 3
    a._a = b
    with pytest.raises(GraphError, match="cycle"):
        scene(b)
    a._a = Value(1.0)


def test_layers_for_the_plots():
    net = MLP(2, [3, 1], activation="relu")
    loss = sum(squared_error(net([i, 1.0]), i) for i in range(4))
    assert [(name, len(p), len(o)) for name, p, o in layers_of(loss, {})] == [
        ("layer 1", 9, 12), ("layer 2", 4, 4),
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [3, None, [Value(1.0)]])
def test_a_picture_is_of_one_value(wrong):
    for show in (scene, draw, tree, walk):
        with pytest.raises(NumberError, match="a picture is of one Value"):
            show(wrong)


def test_names_of_ones_own_come_before_numbers_for_what_has_none():
    v1, v2 = Value(2.0, "v1"), Value(3.0, "v2")
    root = (v1 * v2 + 1) ** 2
    assert {node.symbol for node in scene(root, fold="none").nodes} >= {"v1", "v2", "v3", "v4", "L"}


def test_leaves_without_a_name_are_called_as_in_formulas():
    a, b = Value(2.0), Value(3.0)
    labels = [node.label for node in scene((a * b).tanh() + a, fold="neurons", parameters=True).nodes]
    assert labels[:2] == ["v1", "v2"]


def test_numbers_in_formulas_are_rounded_for_reading():
    root = Value(2.0, "x") * (0.1 + 0.2)
    assert "0.3" in scene(root).nodes[-1].formula
    assert "0.30000000000000004" not in scene(root).nodes[-1].formula
    assert InNames({}).pieces(symbol("x") * (0.1 + 0.2)) == ["x * 0.3"]
    assert rule_in_pieces(OPS["sub"], [None, 0.1 + 0.2])["formula"] == [0, " - 0.3"]


def test_a_small_tree_keeps_its_rows_apart():
    w = Value(0.5, "w")
    rows = []
    for x in (1.0, 2.0):
        error = w * x - 1
        error.name = "error"
        rows.append(error**2)
    assert str(tree(rows[0] + rows[1])).count("error") == 2
    assert "Values" not in str(tree(rows[0] + rows[1]))
