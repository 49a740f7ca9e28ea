"""Models in files: what is saved comes back, and everything else is refused (rows 51 to 64, 78 to 80).

What a strict JSON file is, and that replacing one is atomic, is tested in test_storage.py.
"""

import json
import math
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from autograd.errors import FileAccessError, FileFormatError, SettingError
from nn import MLP, Layered, Module, Neuron

ROOT = Path(__file__).resolve().parents[2]


class Greek(Layered):
    def weight(self, layer: int, i: int, j: int) -> str:
        return f"θ{layer}_{i}{j}"


def data(net: Module) -> list[Any]:
    return [p.data for p in net.parameters()]


@pytest.mark.parametrize("names", ["layered", "numbered"])
def test_a_network_comes_back_bit_for_bit(tmp_path: Path, names: str) -> None:
    net = MLP(2, [3, 2, 2], activation=["tanh", "leaky_relu"], output="softmax", seed=9, names=names)
    net.parameters()[0].data = -0.0
    net.parameters()[1].data = 5e-324
    net.save(tmp_path / "net.json")
    twin = MLP.from_json(tmp_path / "net.json")
    assert repr(twin) == repr(net)
    assert [x.hex() for x in data(twin)] == [x.hex() for x in data(net)]
    assert list(twin.named_parameters()) == list(net.named_parameters())
    assert [out.data for out in twin([1.0, 2.0])] == [out.data for out in net([1.0, 2.0])]
    other = MLP(2, [3, 2, 2], activation=["tanh", "leaky_relu"], output="softmax", seed=1, names=names)
    assert other.load(tmp_path / "net.json") is other
    assert data(other) == data(net)


def test_a_file_can_be_read_by_people(tmp_path: Path) -> None:
    MLP(1, [1, 1], init="ones").save(tmp_path / "net.json")
    assert json.loads((tmp_path / "net.json").read_text()) == {
        "format": "chalkgrad model",
        "version": 1,
        "model": {"type": "MLP", "sizes": [1, 1, 1], "activations": ["relu", "linear"], "names": "layered"},
        "parameters": {"w1_11": 1.0, "b11": 0.0, "w2_11": 1.0, "b21": 0.0},
    }


def test_a_network_named_by_a_scheme_of_ones_own(tmp_path: Path) -> None:
    net = MLP(1, [1], names=Greek)
    net.save(tmp_path / "net.json")
    with pytest.raises(FileFormatError, match=r"model\.names: it was saved with a naming scheme of its own"):
        MLP.from_json(tmp_path / "net.json")
    assert data(MLP.from_json(tmp_path / "net.json", names=Greek)) == data(net)
    assert data(MLP(1, [1], names=Greek, seed=5).load(tmp_path / "net.json")) == data(net)


def test_modules_of_any_kind_come_back(tmp_path: Path) -> None:
    class Line(Module):
        def __init__(self, slope: float) -> None:
            self.slope, self.shift = Value(slope), Value(1.0, "θ 😀")

    Line(0.5).save(tmp_path / "line.json")
    line = Line(2.0).load(tmp_path / "line.json")
    assert data(line) == [0.5, 1.0]
    assert list(line.named_parameters()) == ["slope", "θ 😀"]
    with pytest.raises(
        FileFormatError, match=r'model\.type: the file has "Line", and this module has "Neuron"'
    ):
        Neuron(1).load(tmp_path / "line.json")
    (tmp_path / "line.json").write_text(
        '{"format": "chalkgrad model", "version": 1, "model": {"type": "Module"}, "parameters": 3}'
    )
    with pytest.raises(FileFormatError, match="parameters: 3 is not an object"):
        Module().load(tmp_path / "line.json")


# --------------------------------------------------------------------------------- what cannot be saved


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (lambda net: setattr(net.parameters()[1], "data", math.nan), FileFormatError, "b11 is nan"),
        (lambda net: setattr(net.parameters()[1], "data", -math.inf), FileFormatError, "b11 is -inf"),
        (lambda net: net.convert(Fraction), FileFormatError, r"w1_11 is of type Fraction.*convert\(float\)"),
        (
            lambda net: setattr(net.layers[0], "activation", math.cos),
            SettingError,
            "the activation of layer 1, cos, is a function of your own",
        ),
    ],
)
def test_what_cannot_be_saved_leaves_the_old_file(
    tmp_path: Path, spoil: Callable[[MLP], None], error: type[Exception], message: str
) -> None:
    net = MLP(1, [1, 1])
    net.save(tmp_path / "net.json")
    before = (tmp_path / "net.json").read_bytes()
    spoil(net)
    with pytest.raises(error, match=message):
        net.save(tmp_path / "net.json")
    assert os.listdir(tmp_path) == ["net.json"]
    assert (tmp_path / "net.json").read_bytes() == before


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "net.json").symlink_to(tmp_path / "precious")
    with pytest.raises(FileAccessError, match="symbolic link"):
        MLP(1, [1]).save(tmp_path / "net.json")
    assert (tmp_path / "precious").read_text() == "precious"


# --------------------------------------------------------------------------------- what is not a model


def put(*path: str) -> Callable[..., Callable[[Any], None]]:
    """A change of the document: put something at a place in it."""

    def change(what: Any) -> Callable[[Any], None]:
        def spoil(document: Any) -> None:
            for key in path[:-1]:
                document = document[key]
            document[path[-1]] = what

        return spoil

    return change


def drop(*path: str) -> Callable[[Any], None]:
    """A change of the document: leave something out."""

    def spoil(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        del document[path[-1]]

    return spoil


BOTH = {
    "no format": (drop("format"), "there is no 'format'"),
    "another format": (put("format")("onnx"), "format: 'onnx' is not known"),
    "newer version": (put("version")(2), "version: 2 is not known"),
    "version true": (put("version")(True), "version: true is not known"),
    "more than known": (put("script")("import os"), "unknown key 'script'"),
    "more about the model": (put("model", "bias")(False), "model: unknown key 'bias'"),
    "no model": (drop("model"), "there is no 'model'"),
    "no parameters": (drop("parameters"), "there is no 'parameters'"),
    "a list of parameters": (put("parameters")([1.0, 2.0]), "parameters: a list is not an object"),
    "true as a weight": (put("parameters", "w1_11")(True), "parameters.w1_11: true is not a number"),
    "null as a weight": (put("parameters", "w1_11")(None), "parameters.w1_11: null is not a number"),
    "text as a weight": (put("parameters", "w1_11")("1"), "parameters.w1_11: '1' is not a number"),
    "a weight beyond floats": (put("parameters", "b21")(10**350), "parameters.b21: .* larger than any float"),
}
ON_LOADING = {
    "missing weight": (drop("parameters", "w1_21"), "parameters: there is no 'w1_21'"),
    "one weight more": (put("parameters", "w9")(1.0), "parameters: 'w9' is not a parameter here"),
    "another size": (
        put("model", "sizes")([2, 3, 1]),
        r"model\.sizes: the file has \[2, 3, 1\], and this module has \[2, 2, 1\]",
    ),
    "another activation": (
        put("model", "activations")(["tanh", "linear"]),
        r"model\.activations: the file has",
    ),
    "a lone surrogate": (
        put("parameters", "w\ud800")(1.0),
        r"parameters: 'w\\ud800' is not a parameter here",
    ),
    "another naming": (put("model", "names")("numbered"), 'model.names: the file has "numbered"'),
}
ON_MAKING = {
    "missing weight": (drop("parameters", "w1_21"), "9 parameters belong to these sizes, and the file has 8"),
    "another weight": (
        lambda document: (drop("parameters", "w1_21")(document), put("parameters", "w9")(1.0)(document)),
        "parameters: there is no 'w1_21'",
    ),
    "an unknown operation": (put("model", "activations")(["sofmax", "linear"]), "did you mean 'softmax'"),
    "too few activations": (put("model", "activations")(["relu"]), "1 items where 2 belong"),
    "no layers": (put("model", "sizes")([2]), "at least one layer"),
    "half a unit": (put("model", "sizes")([2, 0.5, 1]), r"model\.sizes\[1\]: 0\.5 is not an integer"),
    "no units": (put("model", "sizes")([2, 0, 1]), r"model\.sizes\[1\]: 0 is not from 1"),
    "a layer of 10^9 units": (put("model", "sizes")([2, 10**9, 1]), r"sizes\[1\]: 1000000000 is not from 1"),
    "10^12 weights": (put("model", "sizes")([10**6, 10**6]), "1,000,001,000,000? parameters belong"),
    "another class": (put("model", "type")("Transformer"), r"model\.type: 'Transformer' is not known"),
    "another scheme": (put("model", "names")("greek"), r"model\.names: 'greek' is not known"),
}  # fmt: skip


def _spoilt(tmp_path: Path, spoil: Callable[[Any], Any]) -> Path:
    path = tmp_path / "net.json"
    MLP(2, [2, 1], seed=3).save(path)
    document = json.loads(path.read_text())
    spoil(document)
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("case", [*BOTH, *ON_LOADING])
def test_loading_what_is_not_this_model_changes_nothing(tmp_path: Path, case: str) -> None:
    spoil, message = {**BOTH, **ON_LOADING}[case]
    net = MLP(2, [2, 1])
    before = data(net)
    with pytest.raises(FileFormatError, match=message) as raised:
        net.load(_spoilt(tmp_path, spoil))
    assert "net.json" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert data(net) == before


@pytest.mark.parametrize("case", [*BOTH, *ON_MAKING])
def test_making_a_network_of_what_is_none_is_refused(tmp_path: Path, case: str) -> None:
    spoil, message = {**BOTH, **ON_MAKING}[case]
    with pytest.raises(FileFormatError, match=message) as raised:
        MLP.from_json(_spoilt(tmp_path, spoil))
    assert "net.json" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"format": NaN}',
        '{"format": 1, "format": 2}',
        "[" * 100_000,
        '{"format": "chalkgrad mo',
        "[1" + "0" * 5000 + "]",
        "\N{SNOWMAN}",
    ],
)
def test_what_is_not_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "net.json").write_text(text, encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"net\.json"):
        MLP.from_json(tmp_path / "net.json")


def test_a_pickle_is_refused_and_not_executed(tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "executed"),)

    (tmp_path / "net.json").write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(FileFormatError, match="looks like a pickle"):
        MLP.from_json(tmp_path / "net.json")
    assert not (tmp_path / "executed").exists()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="no such file"):
        MLP.from_json(tmp_path / "none.json")


def test_a_file_of_many_layers_is_refused_in_little_memory(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    # 8 MB of sizes, and not a single parameter
    sizes = ",".join(["1"] * 4_000_000)
    (tmp_path / "net.json").write_text(
        '{"format":"chalkgrad model","version":1,"parameters":{},"model":{"type":"MLP","names":"layered",'
        f'"activations":[],"sizes":[{sizes}]}}}}'
    )
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (500 << 20, 500 << 20))\n"
        "from nn import MLP\n"
        "try: MLP.from_json(sys.argv[1])\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "net.json")], cwd=ROOT, capture_output=True, text=True
    )
    assert "model.sizes: 4,000,000 items, and at most 500,000 can be read" in done.stdout, done.stderr
