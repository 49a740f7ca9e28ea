"""Neurons, layers and multi-layer perceptrons, made of Values and called by the names of the notes."""

import json
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from random import Random
from typing import Any, Self

from autograd import Value, dot, softmax
from autograd.errors import FileFormatError, NameClashError, SettingError, ShapeError
from autograd.files import StrPath, shown, shown_path
from autograd.numbers import Number, as_number
from nn._together import assign
from nn.activations import ACTIVATIONS, Activation, activate, activation_name, find_activation, linear
from nn.document import Entry, read_document
from nn.initialisation import Initialisation, find_initialisation
from nn.naming import SCHEMES, Names, Scheme, find_scheme
from nn.storage import MAX_BYTES, write_json

__all__ = ["MAX_PARAMETERS", "MLP", "Layer", "Module", "Neuron"]

MAX_PARAMETERS = 1_000_000
"""The most weights and biases in one MLP: about 200 MB of Values."""

_FORMAT = "chalkgrad model"
_VERSION = 1


class Module:
    """The base of everything that has parameters. One of your own keeps Values and Modules as attributes.

    Its parameters are the Values that were not computed, found in the order of the attributes, inside lists,
    tuples, dicts and other Modules too. One that stands in several places counts once.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.shift = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.shift
    >>> line = Line()
    >>> line(3.0).backward()
    >>> {name: p.grad for name, p in line.named_parameters().items()}
    {'slope': 3.0, 'shift': 1.0}
    """

    def parameters(self) -> list[Value]:
        """List the parameters, always in the same order."""
        return [p for _, _, p in self._found()]

    def named_parameters(self) -> dict[str, Value]:
        """Map names to parameters: a Value's own name, or else, and where two share one, its place.

        >>> MLP(2, [1]).named_parameters()["w1_21"].name
        'w1_21'
        """
        found = [("".join([*path, step]).removeprefix("."), p) for path, step, p in self._found()]
        times = Counter(p.name for _, p in found)
        named = {p.name if p.name is not None and times[p.name] == 1 else place: p for place, p in found}
        if len(named) < len(found):
            raise NameClashError("a parameter is named like the place of another; give it another name")
        return named

    def zero_grad(self) -> None:
        """Set all gradients to 0, as `backward()` adds to them."""
        for p in self.parameters():
            p.grad = 0

    def convert(self, kind: Callable[[Any], Number]) -> Self:
        """Change the kind of number of all parameters, as in `net.convert(Fraction)`; gives itself.

        >>> from fractions import Fraction
        >>> net = MLP(1, [1], init="ones").convert(Fraction)
        >>> net([Fraction(1, 3)]).data
        Fraction(1, 3)
        """
        parameters = self.parameters()
        assign(parameters, [as_number(kind(p.data)) for p in parameters])
        return self

    def save(self, path: StrPath) -> None:
        """Write the parameters as JSON, in one step: on any error an older file stays as it was.

        Raises FileAccessError for a file that cannot be written, FileFormatError for a parameter that is not
        a finite float, and SettingError for an activation that has no name a file could hold.
        """
        architecture = self._architecture()
        named = self.named_parameters()
        for name, p in named.items():
            if type(p.data) is not float:
                raise FileFormatError(
                    f"{shown_path(path)} not written: {name} is of type {type(p.data).__name__}, and JSON "
                    "holds floats; convert(float) makes it one"
                )
        parameters = {name: p.data for name, p in named.items()}
        write_json(
            path, {"format": _FORMAT, "version": _VERSION, "model": architecture, "parameters": parameters}
        )

    def load(self, path: StrPath, *, max_bytes: int = MAX_BYTES) -> Self:
        """Read parameters that `save` wrote into this module, which must be of the same make; gives itself.

        Nothing changes unless everything in the file is right. Raises FileFormatError, naming the place, for
        all that is not, and FileAccessError for a file that cannot be read.
        """
        document = _read_model(path, max_bytes)
        model, architecture = document["model"], self._architecture()
        model.only(*architecture)
        for key, own in architecture.items():
            if model[key].value != own:
                found = json.dumps(model[key].value)[:80]
                model[key].refuse(f"the file has {found}, and this module has {json.dumps(own)[:80]}")
        self._assign(document["parameters"])
        return self

    def _assign(self, entry: Entry) -> None:
        """Set all parameters to the numbers in a document."""
        named = self.named_parameters()
        numbers = [entry[name].number() for name in named]
        for name in entry.value:
            if name not in named:
                entry.refuse(f"{shown(name)} is not a parameter here")
        assign([*named.values()], numbers)

    def _architecture(self) -> dict[str, Any]:
        """Tell in plain data what a file of parameters belongs to."""
        return {"type": type(self).__name__}

    def _found(self) -> Iterator[tuple[list[str], str, Value]]:
        """Find the parameters, each with the steps that lead there and the last one; not recursive.

        The place is put together only where it is wanted: for deep modules that costs more than the search.
        """
        seen: set[int] = {id(self)}
        path: list[str] = []
        pending = [_inside(self)]
        while pending:
            for step, x in pending[-1]:
                if id(x) in seen or not isinstance(x, (Value, Module, list, tuple, dict)):
                    continue
                seen.add(id(x))
                if not isinstance(x, Value):
                    path.append(step)
                    pending.append(_inside(x))
                    break
                if x.op is None:
                    yield path, step, x
            else:
                pending.pop()
                del path[-1:]

    def summary(self) -> str:
        """Describe the module in a few lines."""
        return repr(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters())} parameters)"


class Neuron(Module):
    """One unit: activation(w1 x1 + w2 x2 + ... + b).

    `activation` is a name ("linear", "relu", "leaky_relu", "sigmoid", "tanh") or a function of one number;
    `init` and `seed` as in `MLP`, `n_units` is the size of the layer, which some initialisations ask for.
    On its own its parameters are w1, w2, ... and b, its sum is z, its output a. Raises ShapeError for less
    than one input, and when called with another number of them.

    >>> neuron = Neuron(2, activation="sigmoid", init="zeros")
    >>> neuron([3.0, 4.0])
    Value('a', data=0.5, grad=0, op='sigmoid')
    """

    def __init__(
        self,
        n_inputs: int,
        activation: Activation = "linear",
        *,
        init: Initialisation = "xavier",
        seed: int | Random = 0,
        n_units: int = 1,
    ) -> None:
        self.n_inputs, _ = _sizes(n_inputs, [1])
        self.activation = find_activation(activation)
        if self.activation is softmax:
            raise SettingError("softmax takes all units of a layer together; use a Layer")
        first_weight, random = find_initialisation(init), _random(seed)
        self.weights = [Value(first_weight(n_inputs, n_units, random), f"w{i + 1}") for i in range(n_inputs)]
        self.bias = Value(0.0, "b")
        self.unit_names = "z", "a"

    def __call__(self, inputs: Sequence[Any]) -> Value:
        """Compute the output for a list of inputs."""
        return _outputs([self], self.activation, _inputs(inputs, self.n_inputs, "neuron"))[0]

    def _rename(self, names: Scheme, layer: int, unit: int) -> None:
        """Take names from a scheme. Those of the unit are made only once, as each forward pass needs them."""
        for i, weight in enumerate(self.weights, 1):
            weight.name = names.weight(layer, i, unit)
        self.bias.name = names.bias(layer, unit)
        self.unit_names = names.pre_activation(layer, unit), names.output(layer, unit)


class Layer(Module):
    """Units that see the same inputs. Takes a list and gives a list, also where it has one unit.

    Arguments and errors as in `MLP`; names as in its layer 1.

    >>> layer = Layer(2, 3, activation="softmax", init="zeros")
    >>> [out.data for out in layer([1.0, 2.0])]
    [0.3333333333333333, 0.3333333333333333, 0.3333333333333333]
    """

    def __init__(
        self,
        n_inputs: int,
        n_units: int,
        activation: Activation = "linear",
        *,
        init: Initialisation = "xavier",
        seed: int | Random = 0,
    ) -> None:
        self.n_inputs, n_units = _sizes(n_inputs, [n_units])
        self.activation = find_activation(activation)
        random = _random(seed)
        each = linear if self.activation is softmax else self.activation
        self.neurons = [
            Neuron(n_inputs, each, init=init, seed=random, n_units=n_units) for _ in range(n_units)
        ]
        self._rename(SCHEMES["layered"]((n_inputs, n_units, 0)), 1)  # more layers may follow

    def __call__(self, inputs: Sequence[Any]) -> list[Value]:
        """Compute the outputs for a list of inputs."""
        return _outputs(self.neurons, self.activation, _inputs(inputs, self.n_inputs, "layer"))

    def _rename(self, names: Scheme, layer: int) -> None:
        """Take names from a scheme."""
        for unit, neuron in enumerate(self.neurons, 1):
            neuron._rename(names, layer, unit)


class MLP(Module):
    """A multi-layer perceptron: `MLP(2, [2, 1])` has 2 inputs, a hidden layer of 2 units, and 1 output.

    Called with a list of numbers or Values it gives a list of Values, or the Value itself if the last layer
    has one unit.

    activation  of the hidden layers: a name ("linear", "relu", "leaky_relu", "sigmoid", "tanh", "softmax"), a
                function of one number, or a list with one of these for each hidden layer
    output      the activation of the last layer
    init        of the weights: "xavier", "he", "uniform", "normal", "ones", "zeros", or a function
                (n_inputs, n_units, random) of the layer; biases begin at 0
    seed        of the random numbers; the same seed gives the same weights
    names       "layered" (w1_21 from input 2 to unit 1 of layer 1, b11, Z11, O11, yhat), "numbered" (W1, b1,
                Z1, A1, Y_pred), or a scheme of your own (see `nn.naming`)

    Raises ShapeError for a layer without units, for more than MAX_PARAMETERS weights and biases, and when
    called with another number of inputs; SettingError for an unknown option; NameClashError where a scheme
    gives two parameters one name.

    >>> net = MLP(2, [2, 1], activation="linear", init="ones")
    >>> yhat = net([8.0, 7.0])
    >>> yhat
    Value('yhat', data=30.0, grad=0, op='add')
    >>> yhat.backward()
    >>> [(name, p.grad) for name, p in net.named_parameters().items()][:3]
    [('w1_11', 8.0), ('w1_21', 7.0), ('b11', 1.0)]
    """

    def __init__(
        self,
        n_inputs: int,
        widths: Sequence[int],
        activation: Activation | Sequence[Activation] = "relu",
        output: Activation = "linear",
        *,
        init: Initialisation = "xavier",
        seed: int | Random = 0,
        names: Names = "layered",
    ) -> None:
        self.sizes = _sizes(n_inputs, widths)
        n_hidden = len(self.sizes) - 2
        if isinstance(activation, str) or not isinstance(activation, Sequence):
            activation = [find_activation(activation)] * n_hidden
        if len(activation) != n_hidden:
            raise ShapeError(
                f"activation lists {len(activation)}, and there are {n_hidden} hidden layers; "
                "that of the last layer is output="
            )
        random = _random(seed)
        self.layers = [
            Layer(*size, each, init=init, seed=random)
            for size, each in zip(pairwise(self.sizes), [*activation, output], strict=True)
        ]
        self._names = names
        scheme = find_scheme(names)(self.sizes)
        for number, layer in enumerate(self.layers, 1):
            layer._rename(scheme, number)
        neurons = [neuron for layer in self.layers for neuron in layer.neurons]
        called = Counter(p.name for neuron in neurons for p in [*neuron.weights, neuron.bias])
        name, times = called.most_common(1)[0]
        if times > 1:
            raise NameClashError(
                f"the naming scheme calls {times} parameters {name!r}; each needs its own name"
            )

    def __call__(self, inputs: Sequence[Any]) -> Any:
        """Compute the outputs, or the only one, for a list of inputs."""
        outputs = _inputs(inputs, self.sizes[0], "MLP")
        for layer in self.layers:
            outputs = layer(outputs)
        return outputs[0] if len(outputs) == 1 else outputs

    @classmethod
    def from_json(cls, path: StrPath, *, names: Names | None = None, max_bytes: int = MAX_BYTES) -> Self:
        """Read a network that `save` wrote. One with a naming scheme of your own needs that as `names`.

        Raises FileFormatError, naming the place, for everything that is not such a network, before anything
        of an unchecked size is made, and FileAccessError for a file that cannot be read.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     MLP(2, [16, 1], activation="tanh").save(f"{folder}/net.json")
        ...     MLP.from_json(f"{folder}/net.json")
        MLP(2, [16, 1], activation='tanh', output='linear')
        """
        document = _read_model(path, max_bytes)
        model = document["model"]
        model.only("type", "sizes", "activations", "names")
        model["type"].one_of([cls.__name__])
        sizes = [
            size.integer(1, MAX_PARAMETERS) for size in model["sizes"].items(at_most=MAX_PARAMETERS // 2)
        ]
        if len(sizes) < 2:
            model["sizes"].refuse("a network has inputs and at least one layer")
        expected, found = _n_parameters(sizes), len(document["parameters"].value)
        if expected != found:
            model["sizes"].refuse(
                f"{expected:,} parameters belong to these sizes, and the file has {found:,}"
            )
        activations = [a.one_of(ACTIVATIONS) for a in model["activations"].items(len(sizes) - 1)]
        if names is None:
            if model["names"].value is None:
                model["names"].refuse("it was saved with a naming scheme of its own; pass that as names=")
            names = model["names"].one_of(SCHEMES)
        net = cls(sizes[0], sizes[1:], activations[:-1], activations[-1], init="zeros", names=names)
        net._assign(document["parameters"])
        return net

    def _architecture(self) -> dict[str, Any]:
        """Tell in plain data what a file of parameters belongs to."""
        activations = [activation_name(layer.activation) for layer in self.layers]
        if None in activations:
            number = activations.index(None) + 1
            raise SettingError(
                f"the activation of layer {number}, {_called(self.layers[number - 1])}, is a function of "
                "your own, which a file cannot hold; only named activations can be saved"
            )
        names = self._names if isinstance(self._names, str) else None
        return {
            **super()._architecture(),
            "sizes": list(self.sizes),
            "activations": activations,
            "names": names,
        }

    def summary(self) -> str:
        """List the layers, one to a line.

        >>> print(MLP(2, [2, 1]).summary())
        MLP: 2 inputs, 9 parameters
        layer 1: 2 units, relu, 6 parameters
        layer 2: 1 unit, linear, 3 parameters
        """
        lines = [f"MLP: {_many(self.sizes[0], 'input')}, {_many(len(self.parameters()), 'parameter')}"]
        for number, layer in enumerate(self.layers, 1):
            units, parameters = len(layer.neurons), len(layer.parameters())
            lines.append(
                f"layer {number}: {_many(units, 'unit')}, {_called(layer)}, {_many(parameters, 'parameter')}"
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        *hidden, output = map(_called, self.layers)
        shown_hidden = repr(hidden[0] if len(set(hidden)) == 1 else hidden)
        activation = f", activation={shown_hidden}" if hidden else ""
        return f"MLP({self.sizes[0]}, {list(self.sizes[1:])}{activation}, output={output!r})"


def _outputs(neurons: Sequence[Neuron], activation: Callable[[Any], Any], inputs: list[Any]) -> list[Value]:
    """The named outputs of units that share an activation."""
    outputs = [dot(neuron.weights, inputs) + neuron.bias for neuron in neurons]
    if activation is not linear:
        for z, neuron in zip(outputs, neurons, strict=True):
            z.name = neuron.unit_names[0]
        outputs = activate(activation, outputs)
    for out, neuron in zip(outputs, neurons, strict=True):
        out.name = neuron.unit_names[1]
    return outputs


def _inputs(inputs: Sequence[Any], count: int, where: str) -> list[Any]:
    """List the inputs, of which there must be as many as expected."""
    try:
        listed = list(inputs)
    except TypeError:
        raise ShapeError(f"this {where} takes a list of {count} numbers, and got {inputs!r}") from None
    if len(listed) != count:
        raise ShapeError(
            f"this {where} takes {_many(count, 'input')}, and got {_many(len(listed), 'feature')}"
        )
    return listed


def _sizes(n_inputs: Any, widths: Any) -> tuple[int, ...]:
    """Check the sizes of a network before anything is made."""
    if not isinstance(widths, Sequence) or isinstance(widths, str):
        raise ShapeError(f"widths is {widths!r}; it lists the units of each layer, such as [2, 1]")
    if not widths:
        raise ShapeError("widths is empty; a network has at least one layer, such as [1]")
    sizes = []
    for number, size in enumerate([n_inputs, *widths]):
        what = f"layer {number}" if number else "the network"
        units = "units" if number else "inputs"
        try:
            sizes.append(operator.index(size))
        except TypeError:
            raise ShapeError(f"{what} has {size!r} {units}; that must be a whole number") from None
        if size < 1:
            raise ShapeError(f"{what} has {size} {units}; it needs at least 1")
    if (count := _n_parameters(sizes)) > MAX_PARAMETERS:
        listed = "-".join(map(str, sizes[:8])) + "-..." * (len(sizes) > 8)
        raise ShapeError(
            f"sizes {listed} make {count:,} weights and biases; at most {MAX_PARAMETERS:,} can be made"
        )
    return tuple(sizes)


def _n_parameters(sizes: Sequence[int]) -> int:
    """Count the weights and biases of a network."""
    return sum((before + 1) * units for before, units in pairwise(sizes))


def _random(seed: int | Random) -> Random:
    """The source of random numbers: a new one, unless several layers share one."""
    return seed if isinstance(seed, Random) else Random(seed)


def _inside(x: Module | list[Any] | tuple[Any, ...] | dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    """What stands in a container, each with the step that leads there."""
    if isinstance(x, Module):
        return ((f".{name}", item) for name, item in vars(x).items())
    items = x.items() if isinstance(x, dict) else enumerate(x)
    return ((f"[{key!r}]", item) for key, item in items)


def _called(layer: Layer) -> str:
    """What the activation of a layer is called."""
    f = layer.activation
    return activation_name(f) or getattr(f, "__name__", None) or repr(f)


def _many(count: int, noun: str) -> str:
    """Count something in words."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _read_model(path: StrPath, max_bytes: int) -> Entry:
    """Read a file that `save` may have written."""
    document = read_document(path, max_bytes=max_bytes)
    document["format"].one_of([_FORMAT])
    document["version"].one_of([_VERSION])
    document.only("format", "version", "model", "parameters")
    document["parameters"].get("")  # refuses what is no object
    return document
