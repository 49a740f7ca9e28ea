"""Freeing deep chains on Python 3.13, tested on any version through classes of the same shape."""

import gc
import sys
import threading
import weakref
from typing import Any

import pytest

from autograd import Value
from autograd._freeing import _orphans, frees_deep_graphs


class Node:
    """What a Value is to the code that frees it."""

    def __init__(self, a: Any = None, b: Any = None) -> None:
        self._a, self._b = a, b


class Freed(Node):
    """A node on 3.13."""

    depth = deepest = 0

    def __del__(self) -> None:
        Freed.depth += 1
        Freed.deepest = max(Freed.deepest, Freed.depth)
        self.free()
        Freed.depth -= 1


class End:
    """The last operand of a chain."""


Freed.free = frees_deep_graphs(type("On313", (), {}), (3, 13)).__del__  # type: ignore[attr-defined]


def test_only_one_version_needs_it() -> None:
    for version in ((3, 11), (3, 12), (3, 14)):
        assert not hasattr(frees_deep_graphs(type("Node", (), {}), version), "__del__")
    assert hasattr(frees_deep_graphs(type("Node", (), {}), (3, 13)), "__del__")
    assert hasattr(Value, "__del__") == (sys.version_info[:2] == (3, 13))


@pytest.mark.parametrize("side", ["a", "b", "tuple"])
def test_a_chain_is_freed_at_once_and_not_by_recursion(side: str) -> None:
    gc.disable()
    try:
        end = End()
        gone = weakref.ref(end)
        chain: Any = end
        del end
        for _ in range(50_000):
            chain = Freed(**{side: chain}) if side != "tuple" else Freed((chain, 1.0), (1, None))
        Freed.deepest = 0
        del chain
        assert gone() is None
        assert Freed.deepest <= 2
        assert _orphans.waiting == []
        assert not _orphans.dropping
    finally:
        gc.enable()


def test_what_is_still_used_stays() -> None:
    shared = Freed("kept")
    root = Freed(shared, Freed(shared))
    del root
    assert shared._a == "kept"


def test_a_freed_node_lets_go() -> None:
    node = Freed(1, 2)
    node.free()
    assert (node._a, node._b) == (None, None)


def test_a_node_that_was_never_finished() -> None:
    half = object.__new__(Freed)
    half._a = 1
    del half
    assert _orphans.waiting == []


def test_each_thread_empties_its_own() -> None:
    chains = []
    for _ in range(4):
        chain = Freed()
        for _ in range(20_000):
            chain = Freed(chain)
        chains.append([chain])
        del chain
    ends = [weakref.ref(chain[0]) for chain in chains]
    left = []

    def work(chain: list[Any]) -> None:
        chain.clear()
        left.append((list(_orphans.waiting), _orphans.dropping))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(chain,)) for chain in chains]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert [end() for end in ends] == [None] * 4
    assert left == [([], False)] * 4
