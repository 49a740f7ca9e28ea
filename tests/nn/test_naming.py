"""Names: no two parameters or units of one network share one, whatever its size."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nn import MLP, Layered, Numbered, Scheme


@given(st.lists(st.integers(1, 13), min_size=2, max_size=13), st.sampled_from([Layered, Numbered]))
def test_names_of_one_network_all_differ(sizes: list[int], make: type[Layered] | type[Numbered]) -> None:
    names: Scheme = make(sizes)
    found = []
    for layer, (n_inputs, n_units) in enumerate(pairwise(sizes), 1):
        for j in range(1, n_units + 1):
            found += [names.weight(layer, i, j) for i in range(1, n_inputs + 1)]
            found += [names.bias(layer, j), names.pre_activation(layer, j), names.output(layer, j)]
    assert len(set(found)) == len(found)


def test_indices_of_several_digits_are_kept_apart() -> None:
    names = Layered([20, 20])
    assert [names.weight(1, 1, 12), names.weight(1, 11, 2), names.weight(10, 1, 1)] == [
        "w1_1,12",
        "w1_11,2",
        "w10_11",
    ]
    assert [names.bias(1, 11), names.bias(11, 1), names.pre_activation(1, 10), names.output(10, 1)] == [
        "b1,11", "b11,1", "Z1,10", "O10,1"
    ]  # fmt: skip


def test_numbers_run_through_the_whole_network() -> None:
    net = MLP(3, [2, 2], names="numbered")
    assert [p.name for p in net.parameters()] == [
        "W1", "W2", "W3", "b1", "W4", "W5", "W6", "b2", "W7", "W8", "b3", "W9", "W10", "b4"
    ]  # fmt: skip
    assert [out.name for out in net([1, 2, 3])] == ["Y_pred1", "Y_pred2"]
    assert net.layers[1].neurons[1].unit_names[0] == "Z4"
