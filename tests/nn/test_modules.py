"""Modules: what an MLP computes, what its parts are called, and how parameters are found."""

import copy
import pickle
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy
import pytest

import autograd as ag
from autograd import Value
from autograd.errors import NameClashError, NumberError, SettingError, ShapeError
from nn import MLP, Layer, Layered, Module, Neuron
from nn.activations import ACTIVATIONS
from nn.modules import MAX_PARAMETERS

NOTES = ["w1_11", "w1_21", "b11", "w1_12", "w1_22", "b12", "w2_11", "w2_21", "b21"]


def numbers(net: Module, *data: Any) -> Module:
    """Set the parameters of a module, in order, to Fractions."""
    for p, x in zip(net.parameters(), data, strict=True):
        p.data = Fraction(x)
    return net


# ------------------------------------------------------------------------------------- what is computed


def test_linear_network_of_the_notes_exactly() -> None:
    # 2-2-1, all linear, by hand: O11 = 2*3 + 3*4 + 5 = 23, O12 = 7*3 + 11*4 + 13 = 78
    net = numbers(MLP(2, [2, 1], activation="linear"), 2, 3, 5, 7, 11, 13, 17, 19, 23)
    yhat = net([3, Fraction(4)])
    assert yhat.data == 17 * 23 + 19 * 78 + 23
    yhat.backward()
    gradients = {name: p.grad for name, p in net.named_parameters().items()}
    assert gradients == {
        "w1_11": 17 * 3, "w1_21": 17 * 4, "b11": 17,
        "w1_12": 19 * 3, "w1_22": 19 * 4, "b12": 19,
        "w2_11": 23, "w2_21": 78, "b21": 1,
    }  # fmt: skip
    assert all(type(gradient) is Fraction or gradient == 1 for gradient in gradients.values())


def test_relu_network_exactly_on_both_sides_of_the_kink() -> None:
    # Z11 = 1*2 - 1*3 = -1 is cut off, Z12 = 2*2 - 1*3 + 1 = 2 passes
    net = numbers(MLP(2, [2, 1]), 1, -1, 0, 2, -1, 1, 5, 7, 0)
    yhat = net([2, 3])
    assert yhat.data == 14
    yhat.backward()
    assert [p.grad for p in net.parameters()] == [0, 0, 0, 14, 21, 7, 0, 2, 1]


def test_the_gradient_passes_through_an_activation_of_ones_own() -> None:
    # f(z) = z^3, f'(z) = 3 z^2; Z11 = 2*1 + 1 = 3, Z21 = 5*27 + 1 = 136
    net = numbers(MLP(1, [1, 1], activation=lambda z: z * z * z), 2, 1, 5, 1)
    out = net([1])
    assert out.data == 136
    out.backward()
    assert [p.grad for p in net.parameters()] == [5 * 27, 5 * 27, 27, 1]


@pytest.mark.parametrize("activation", ["leaky_relu", "linear", "relu", "sigmoid", "tanh"])
def test_mlp_is_the_plain_formula(activation: str) -> None:
    net = MLP(3, [4, 2], activation=activation, output="sigmoid", seed=1)
    x = [0.3, -1.2, 0.7]
    f = {"linear": lambda z: z}.get(activation) or getattr(ag, activation)
    for layer, g in zip(net.layers, [f, ag.sigmoid], strict=True):
        x = [
            g(sum(w.data * a for w, a in zip(neuron.weights, x, strict=True)) + neuron.bias.data)
            for neuron in layer.neurons
        ]
    assert [out.data for out in net([0.3, -1.2, 0.7])] == pytest.approx(x, rel=1e-14)


def test_softmax_is_taken_over_the_layer() -> None:
    net = numbers(MLP(1, [3], output="softmax"), 1, 0, 2, 0, 3, 0).convert(float)
    outputs = net([0.5])
    assert [out.data for out in outputs] == pytest.approx(ag.softmax([0.5, 1.0, 1.5]), rel=1e-15)
    outputs[0].backward()
    a = outputs[0].data
    assert net.named_parameters()["b11"].grad == pytest.approx(a * (1 - a), rel=1e-14)
    assert net.named_parameters()["b12"].grad == pytest.approx(-a * outputs[1].data, rel=1e-14)


def test_lists_inside_and_a_value_only_at_the_end() -> None:
    assert isinstance(MLP(2, [1, 1, 1])([1.0, 2.0]), Value)  # hidden layers of width 1
    outputs = MLP(2, [1, 2])([1.0, 2.0])
    assert isinstance(outputs, list)
    assert len(outputs) == 2
    assert len(Layer(2, 1)([1.0, 2.0])) == 1
    assert isinstance(Neuron(2)([1.0, 2.0]), Value)


@pytest.mark.parametrize("inputs", [(1, 2), [Value(1.0), 2.0], numpy.array([1.0, 2.0]), iter([1, 2])])
def test_inputs_of_many_kinds(inputs: Any) -> None:
    assert MLP(2, [2, 1], init="ones")(inputs).data == 6.0


def test_inputs_get_gradients_too() -> None:
    x = [Value(Fraction(2), "x1"), Value(Fraction(3), "x2")]
    numbers(MLP(2, [1]), 5, 7, 0)(x).backward()
    assert [v.grad for v in x] == [5, 7]


def test_a_network_called_as_in_micrograd() -> None:
    net = MLP(2, [16, 16, 1])
    score = net([1.0, -2.0])
    loss = (1 + -1 * score).relu() + 1e-4 * sum(p * p for p in net.parameters())
    net.zero_grad()
    loss.backward()
    assert len(net.parameters()) == 337
    assert any(p.grad for p in net.parameters())
    net.zero_grad()
    assert not any(p.grad for p in net.parameters())


# ---------------------------------------------------------------------------------------------- names


def test_parameters_and_units_carry_the_notation_of_the_notes() -> None:
    net = MLP(2, [2, 1])
    assert list(net.named_parameters()) == NOTES
    assert [p.name for p in net.parameters()] == NOTES
    yhat = net([1.0, 2.0])
    named = [v.name for v in ag.topological_order(yhat) if v.op and v.name]
    assert named == ["Z11", "O11", "Z12", "O12", "yhat"]


def test_weight_21_goes_from_input_2_to_unit_1() -> None:
    net = MLP(2, [2, 1], activation="linear", init="zeros")
    net.named_parameters()["w1_21"].data = 1.0
    assert [out.data for out in net.layers[0]([10.0, 20.0])] == [20.0, 0.0]


def test_numbered_names_are_those_of_the_height_notes() -> None:
    net = MLP(2, [2, 1], names="numbered", init="zeros")
    assert list(net.named_parameters()) == ["W1", "W2", "b1", "W3", "W4", "b2", "W5", "W6", "b3"]
    yhat = net([68, 14])
    assert [v.name for v in ag.topological_order(yhat) if v.op and v.name] == [
        "Z1",
        "A1",
        "Z2",
        "A2",
        "Y_pred",
    ]


def test_a_scheme_of_ones_own() -> None:
    class Greek(Layered):
        def weight(self, layer: int, i: int, j: int) -> str:
            return f"θ{layer}_{i}{j}"

    assert list(MLP(1, [1, 1], names=Greek).named_parameters()) == ["θ1_11", "b11", "θ2_11", "b21"]


def test_a_scheme_that_gives_a_name_twice_is_refused() -> None:
    class Same(Layered):
        def bias(self, layer: int, j: int) -> str:
            return "b"

    with pytest.raises(NameClashError, match="calls 3 parameters 'b'"):
        MLP(2, [2, 1], names=Same)


def test_a_neuron_and_a_layer_on_their_own() -> None:
    neuron = Neuron(2, activation="sigmoid")
    assert list(neuron.named_parameters()) == ["w1", "w2", "b"]
    a = neuron([1.0, 2.0])
    assert (a.name, a.operands[0].name) == ("a", "z")
    layer = Layer(2, 2, activation="softmax")
    assert list(layer.named_parameters()) == NOTES[:6]
    assert [out.name for out in layer([1.0, 2.0])] == ["O11", "O12"]


# --------------------------------------------------------------------------------- finding parameters


def test_parameters_of_a_module_of_ones_own() -> None:
    class Net(Module):
        def __init__(self) -> None:
            self.scale = Value(1.0)
            self.many = [Value(2.0), (Value(3.0, "c"), {"key": Value(4.0)})]
            self.line = MLP(1, [1])
            self.shared = self.many[0]
            self.computed = self.scale * 2
            self.number = 7

    net = Net()
    assert list(net.named_parameters()) == ["scale", "many[0]", "c", "many[1][1]['key']", "w1_11", "b11"]
    assert [p.data for p in net.parameters()[:4]] == [1.0, 2.0, 3.0, 4.0]
    assert repr(net) == net.summary() == "Net(6 parameters)"


def test_names_that_two_share_give_way_to_places() -> None:
    class Pair(Module):
        def __init__(self) -> None:
            self.left, self.right = MLP(1, [1]), MLP(1, [1], names="numbered")
            self.right.layers[0].neurons[0].bias.name = "b11"

    assert list(Pair().named_parameters()) == [
        "w1_11", "left.layers[0].neurons[0].bias", "W1", "right.layers[0].neurons[0].bias"
    ]  # fmt: skip

    class Odd(Module):
        def __init__(self) -> None:
            self.a, self.b = Value(1.0, "b"), Value(2.0)

    with pytest.raises(NameClashError, match="like the place of another"):
        Odd().named_parameters()


def test_modules_in_a_ring_and_very_deep() -> None:
    class Link(Module):
        def __init__(self, inner: Any) -> None:
            self.inner = inner

    ring = Link(None)
    ring.inner = [ring, Value(1.0)]
    assert len(ring.parameters()) == 1
    deep: Any = Value(1.0)
    for _ in range(100_000):
        deep = [deep]
    assert len(Link(deep).parameters()) == 1
    while isinstance(deep, list):  # freeing it at once would recurse
        deep = deep.pop()


def test_an_activation_with_parameters() -> None:
    class Slope(Module):
        def __init__(self) -> None:
            self.slope = Value(Fraction(1, 4), "a")

        def __call__(self, z: Value) -> Value:
            return ag.maximum(z, self.slope * z)

    net = MLP(1, [1, 1], activation=Slope(), init="ones").convert(Fraction)
    assert list(net.named_parameters()) == ["a", "w1_11", "b11", "w2_11", "b21"]
    assert len(MLP(1, [1, 1, 1], activation=[Slope(), Slope()]).named_parameters()) == 8
    net([-2]).backward()
    assert net.named_parameters()["a"].grad == -2


def test_convert_changes_all_or_nothing() -> None:
    net = MLP(2, [1], seed=3)
    before = [p.data for p in net.parameters()]
    assert net.convert(Fraction) is net
    assert [p.data for p in net.parameters()] == list(map(Fraction, before))
    assert all(type(p.data) is Fraction for p in net.parameters())
    with pytest.raises(NumberError):
        net.convert(lambda x: x if x else "nothing")  # the bias is 0
    assert [p.data for p in net.convert(float).parameters()] == before


# ----------------------------------------------------------------------------------- sizes and options


@pytest.mark.parametrize("call", [MLP(3, [2, 1]), Layer(3, 2), Neuron(3)])
def test_a_wrong_number_of_features_is_refused_with_both_sizes(call: Any) -> None:
    with pytest.raises(ShapeError, match="takes 3 inputs, and got 2 features"):
        call([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"takes a list of 3 numbers, and got 1\.0"):
        call(1.0)


@pytest.mark.parametrize(
    ("n_inputs", "widths", "message"),
    [
        (2, [2, 0], "layer 2 has 0 units"),
        (2, [-1], "layer 1 has -1 units"),
        (0, [1], "the network has 0 inputs"),
        (2, [], "widths is empty"),
        (2, 1, r"widths is 1; it lists the units of each layer, such as \[2, 1\]"),
        (2, "21", "widths is '21'"),
        (2, [2.5], r"layer 1 has 2\.5 units"),
        ("2", [1], "the network has '2' inputs"),
        (2, [10**9, 1], "sizes 2-1000000000-1 make 4,000,000,001 weights and biases; at most 1,000,000"),
        (10**9, [10**9], "at most 1,000,000"),
        (1, [1] * MAX_PARAMETERS, r"sizes 1-1-1-1-1-1-1-1-\.\.\. make 2,000,000 "),
    ],
)  # fmt: skip
def test_sizes_that_make_no_network_are_refused_before_anything_is_made(
    n_inputs: Any, widths: Any, message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        MLP(n_inputs, widths)


def test_sizes_of_a_layer_and_of_a_neuron() -> None:
    with pytest.raises(ShapeError, match="layer 1 has 0 units"):
        Layer(2, 0)
    with pytest.raises(ShapeError, match="0 inputs"):
        Neuron(0)
    assert MLP(numpy.int64(2), (numpy.int32(2), 1)).sizes == (2, 2, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": "relux"}, "no activation 'relux'; did you mean 'relu'"),
        ({"activation": ["relu", 3]}, "3 is no activation"),
        ({"activation": None}, "None is no activation"),
        ({"output": "qqq"}, "no activation 'qqq'; there are leaky_relu, linear,"),
        ({"init": "Xavier"}, "no initialisation 'Xavier'; did you mean 'xavier'"),
        ({"init": 1}, "1 is no initialisation"),
        ({"names": "numberd"}, "no naming scheme 'numberd'; did you mean 'numbered'"),
        ({"names": 1}, "1 is no naming scheme"),
    ],
)
def test_unknown_options_are_refused(options: Any, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        MLP(2, [2, 2, 1], **options)


def test_an_activation_for_each_hidden_layer() -> None:
    net = MLP(1, [1, 1, 1], activation=["tanh", "relu"], output="sigmoid")
    assert [layer.activation for layer in net.layers] == [ag.tanh, ag.relu, ag.sigmoid]
    with pytest.raises(ShapeError, match="activation lists 3, and there are 2 hidden layers"):
        MLP(1, [1, 1, 1], activation=["tanh", "relu", "linear"])


def test_softmax_is_refused_where_there_is_no_layer() -> None:
    with pytest.raises(SettingError, match="softmax takes all units of a layer"):
        Neuron(2, activation="softmax")


def test_an_activation_that_returns_no_value_is_refused() -> None:
    with pytest.raises(NumberError, match=r"returned 1\.0, which is no Value"):
        MLP(1, [1], output=lambda z: 1.0)([2.0])


def test_linear_gives_back_what_it_gets() -> None:
    assert ACTIVATIONS["linear"](3.5) == 3.5
    assert MLP(1, [1], output=lambda z: z, init="ones")([2.0]).name == "yhat"


def test_what_a_network_says_of_itself() -> None:
    assert repr(MLP(2, [1])) == "MLP(2, [1], output='linear')"
    assert repr(MLP(2, [3, 1])) == "MLP(2, [3, 1], activation='relu', output='linear')"
    net = MLP(2, [3, 2, 1], activation=["relu", ag.sin], output="sigmoid")
    assert repr(net) == "MLP(2, [3, 2, 1], activation=['relu', 'sin'], output='sigmoid')"
    assert net.summary().splitlines()[2:] == [
        "layer 2: 2 units, sin, 8 parameters", "layer 3: 1 unit, sigmoid, 3 parameters"
    ]  # fmt: skip


def test_networks_can_be_copied_and_pickled() -> None:
    net = MLP(2, [2, 1], activation="leaky_relu")
    for twin in copy.deepcopy(net), pickle.loads(pickle.dumps(net)):
        assert twin([1.0, 2.0]).data == net([1.0, 2.0]).data
        assert list(twin.named_parameters()) == NOTES
        twin.parameters()[0].data = 9.0
        assert net.parameters()[0].data != 9.0


def test_the_order_of_parameters_is_layer_by_layer_unit_by_unit() -> None:
    net = MLP(2, [3, 2])
    expected = []
    for layer, (n_inputs, n_units) in enumerate(pairwise(net.sizes), 1):
        for j in range(1, n_units + 1):
            expected += [f"w{layer}_{i}{j}" for i in range(1, n_inputs + 1)] + [f"b{layer}{j}"]
    assert [p.name for p in net.parameters()] == expected
