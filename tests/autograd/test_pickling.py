"""Pickling and copying graphs: everything survives, and what was shared stays shared."""

import copy
import gc
import io
import pickle
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
import pytest

import autograd
from autograd import OPS, Value, primitive, topological_order
from autograd.errors import ChalkgradError, FileFormatError

F = Fraction


def python_pickle(x: Any, protocol: int) -> bytes:
    file = io.BytesIO()
    pickle._Pickler(file, protocol).dump(x)  # type: ignore[attr-defined]
    return file.getvalue()


def python_unpickle(text: bytes) -> Any:
    return pickle._Unpickler(io.BytesIO(text)).load()  # type: ignore[attr-defined]


WAYS: dict[str, Callable[[Any], Any]] = {
    "C": lambda x: pickle.loads(pickle.dumps(x)),
    **{
        f"Python {protocol}": lambda x, protocol=protocol: python_unpickle(python_pickle(x, protocol))
        for protocol in range(2, 6)
    },
    **{
        f"C {protocol}": lambda x, protocol=protocol: pickle.loads(pickle.dumps(x, protocol))
        for protocol in range(2, 6)
    },
    "deepcopy": copy.deepcopy,
}


@pytest.fixture(params=WAYS)
def again(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """A way to make a copy of anything."""
    return WAYS[request.param]


def everything(value: Value) -> list[tuple[Any, ...]]:
    """All there is to know about the graph of a Value, with nodes told by their places."""
    order = topological_order(value)
    place = {node: i for i, node in enumerate(order)}
    rows = []
    for node in order:
        operands = [("node", place[x]) if isinstance(x, Value) else x for x in node.operands]
        rows.append((node.data, node.grad, node.name, node.op, operands, node.local_derivatives))
    return rows


def graph_of_every_shape() -> Value:
    x, y = Value(F(1, 2), "x"), Value(F(3), "y")
    named = x * y
    named.name = "product"
    one = -(named**2) + 1 - x / 2
    many = autograd.sum([one, x, 2, one])
    out = autograd.where(many > 0, many, named) * autograd.dot([x, 3], [y, y])
    out.backward()
    return out


def test_everything_survives(again: Callable[[Any], Any]) -> None:
    root = graph_of_every_shape()
    twin = again(root)
    assert twin is not root
    assert everything(twin) == everything(root)
    assert set(topological_order(twin)).isdisjoint(topological_order(root))
    root.backward()
    twin.backward()
    assert everything(twin) == everything(root)


def test_a_leaf_survives(again: Callable[[Any], Any]) -> None:
    leaf = Value(0.1, "w")
    leaf.grad = -2.5
    twin = again(leaf)
    assert (repr(twin), twin is leaf) == (repr(leaf), False)


def test_a_node_without_gradient_or_name_stays_without(again: Callable[[Any], Any]) -> None:
    twin = again(Value(1.0) + 1)
    assert (twin.grad, twin.name, hasattr(twin, "_grad"), hasattr(twin, "_name")) == (0, None, False, False)


def test_shared_nodes_stay_shared(again: Callable[[Any], Any]) -> None:
    x = Value(2.0, "x")
    shared = x * x
    first, second = shared + 1, shared * x
    part_of_first = first.operands[0]
    bundle = {"second": second, "first": first, "leaf": x, "list": [first, shared, part_of_first, first]}
    twin = again(bundle)
    assert twin["list"][0] is twin["first"] is twin["list"][3]
    assert twin["list"][1] is twin["list"][2] is twin["first"].operands[0] is twin["second"].operands[0]
    assert twin["leaf"] is twin["second"].operands[1] is twin["list"][1].operands[0]
    (twin["first"] + twin["second"]).backward()
    assert twin["leaf"].grad == 4.0 + 12.0
    assert x.grad == 0


def test_many_roots_on_one_chain(again: Callable[[Any], Any]) -> None:
    x = Value(F(1), "x")
    roots = [x]
    for _ in range(300):
        roots.append(roots[-1] * 2 + x)
    twins = again(roots[::-1])[::-1]
    for below, node in pairwise(twins):
        assert node.operands[0].operands[0] is below
        assert node.operands[1] is twins[0]


def test_several_dumps_of_one_pickler() -> None:
    x = Value(2.0, "x")
    a = x * x
    file = io.BytesIO()
    pickler = pickle.Pickler(file)
    pickler.dump(a)
    pickler.dump([a + 1, x])
    file.seek(0)
    unpickler = pickle.Unpickler(file)
    first = unpickler.load()
    second, leaf = unpickler.load()
    assert second.operands[0] is first
    assert first.operands == (leaf, leaf)


def test_a_dump_that_failed_leaves_nothing_behind() -> None:
    from autograd._pickling import _dump

    x = Value(2.0)
    y = x * x
    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps([y, lambda: None])
    gc.collect()  # the exception may have kept the pickler
    assert not _dump.flats
    assert pickle.loads(pickle.dumps(y)).data == 4.0
    assert not _dump.flats


def test_values_that_hold_values(again: Callable[[Any], Any]) -> None:
    inner = Value(F(3), "inner")
    outer = Value(inner, "outer")
    result = outer**3 * (inner * 1) + Value(inner * 2)  # inner is data, constant and leaf at once
    result.backward()
    derivative = outer.grad
    bundle = [result, outer, inner, derivative]
    derivative.backward()  # d/d inner of 3 outer^2 inner, where outer = inner
    assert inner.grad == 81
    twin_result, twin_outer, twin_inner, twin_derivative = again(bundle)
    assert twin_outer.data is twin_inner
    assert twin_outer.grad is twin_derivative
    assert twin_result.data.data == 27 * 3 + 6
    twin_inner.grad = 0
    twin_derivative.backward()
    assert twin_inner.grad == 81
    twin_outer.grad = 0
    twin_result.backward()
    assert twin_outer.grad is not twin_derivative
    assert twin_outer.grad.data == twin_derivative.data == 81
    twin_inner.grad = 0
    twin_outer.grad.backward()
    assert twin_inner.grad == 81
    assert inner.grad == 81  # the copy has no way back to the original
    assert outer.grad is derivative


def test_a_deep_graph_of_values_that_hold_values(again: Callable[[Any], Any]) -> None:
    inner = Value(F(1))
    outer = node = Value(inner)
    for _ in range(400):
        node = node * inner + outer
    node.backward()
    twin = again([node, inner, outer.grad])
    twin[2].backward()
    assert twin[1].grad == sum(range(401))
    assert inner.grad == 0


def test_a_gradient_that_leads_back_to_where_it_is_kept(again: Callable[[Any], Any]) -> None:
    x = Value(2.0, "x")
    x.grad = x * 3
    twin = again(x)
    assert twin.grad.operands == (twin, 3)


@pytest.mark.parametrize("number", [F(1, 3), mpmath.mpf(1) / 3, 0.1], ids=["Fraction", "mpf", "float"])
def test_number_kinds_survive(number: Any, again: Callable[[Any], Any]) -> None:
    twin = again(Value(number) * number)
    assert type(twin.data) is type(number)
    assert twin.data == number * number


def test_formulas_survive(again: Callable[[Any], Any]) -> None:
    sympy = pytest.importorskip("sympy")
    x = sympy.Symbol("x", positive=True)
    root = Value(x).log() + 1
    twin = again(root)
    twin.backward()
    assert twin.data == sympy.log(x) + 1
    assert twin.operands[0].operands[0].grad == 1 / x


def test_copy_of_a_part_knows_its_memo() -> None:
    x = Value(1.0)
    y = x + x
    memo: dict[int, Any] = {}
    first = copy.deepcopy(y, memo)
    assert copy.deepcopy(x, memo) is first.operands[0]
    assert copy.deepcopy(y, memo) is first


class Model:
    """What users write: Values among other attributes."""

    def __init__(self) -> None:
        self.w = [Value(1.0, "w1"), Value(2.0, "w2")]
        self.loss = self.w[0] * self.w[1]


def test_values_within_objects(again: Callable[[Any], Any]) -> None:
    model = Model()
    model.loss.backward()
    twin = copy.deepcopy(model)
    twin.loss.backward()
    assert [w.grad for w in twin.w] == [4.0, 2.0]
    assert [w.grad for w in model.w] == [2.0, 1.0]
    attributes = again(vars(model))
    assert attributes["loss"].operands == tuple(attributes["w"])


# -------------------------------------------------------------------------------------------- primitives


@pytest.fixture
def cube() -> Any:
    yield primitive("cube_for_pickling", lambda x: x * x * x, lambda x, out: (3 * x * x,))
    OPS.pop("cube_for_pickling", None)


def test_a_primitive_of_ones_own(cube: Any, again: Callable[[Any], Any]) -> None:
    twin = again(cube(Value(F(2))))
    twin.backward()
    assert twin.operands[0].grad == 12
    assert twin.op is cube


def test_a_primitive_that_is_not_there(cube: Any) -> None:
    text = pickle.dumps(cube(Value(2.0)))
    del OPS["cube_for_pickling"]
    with pytest.raises(
        FileFormatError, match=r"primitive named 'cube_for_pickling'.*define it again"
    ) as caught:
        pickle.loads(text)
    assert isinstance(caught.value, ChalkgradError)
    assert isinstance(caught.value, ValueError)


def test_another_process_can_load_it() -> None:
    root = graph_of_every_shape()
    program = "import pickle, sys; root = pickle.load(sys.stdin.buffer); root.backward(); print(root)"
    done = subprocess.run([sys.executable, "-c", program], input=pickle.dumps(root), capture_output=True)
    assert done.stderr == b""
    assert done.stdout.decode().strip() == repr(root)
