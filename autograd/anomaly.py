"""`detect_anomaly`: find where the first nan or inf came from."""

from __future__ import annotations

import threading
import weakref
from types import TracebackType
from typing import Any

from . import value as engine
from ._caller import describe, user_place
from .errors import AnomalyError
from .graph import backward_steps
from .numbers import is_recorder, shown
from .value import Value

__all__ = ["Watch", "detect_anomaly"]


class detect_anomaly:
    """Inside `with detect_anomaly():` the first nan or inf raises, instead of running on as IEEE has it.

    The `AnomalyError` (an ArithmeticError) names the operation, its operands and the line that made it.
    It is also raised in a branch that `where` goes on to discard. A `backward()` inside raises before it
    changes a gradient; of Values made outside it cannot name the line. Everything runs several times
    slower inside. Other threads are not watched.

    >>> from autograd import Value
    >>> with detect_anomaly():
    ...     Value(0.0, "x").log()
    Traceback (most recent call last):
    autograd.errors.AnomalyError: log(x) = -inf, where x = 0 (made in <doctest ...>:2: ...)
    """

    def __enter__(self) -> detect_anomaly:
        """Begin to watch this thread."""
        _watch.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop watching it."""
        _watch.end()


class Watch:
    """What the engine tells of every operation and every backward pass while a thread is watched."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: list[int] = []  # those watched, once for every `with` they are in
        self._places: weakref.WeakKeyDictionary[Value, tuple[str, int] | None] = weakref.WeakKeyDictionary()

    def begin(self) -> None:
        """Watch the running thread."""
        with self._lock:
            self._threads.append(threading.get_ident())
            engine._watch, engine._new = self, self._make

    def end(self) -> None:
        """Undo one `begin()` of this thread."""
        with self._lock:
            self._threads.remove(threading.get_ident())
            if not self._threads:
                engine._watch, engine._new = None, object.__new__

    def _is_on(self) -> bool:
        return threading.get_ident() in self._threads

    def _make(self, cls: type) -> Any:
        node: Any = object.__new__(cls)
        if self._is_on():
            self._places[node] = user_place()
        return node

    def made(self, node: Value) -> None:
        """Raise if the value of a node that was just made is not finite."""
        if self._is_on() and not _is_finite(node.data):
            raise AnomalyError(f"{_call(node)} = {shown(node.data)}{self._origin(node)}")

    def before_backward(self, root: Value) -> None:
        """Raise if the gradients of `root` are not all finite."""
        if not self._is_on():
            return
        for step in backward_steps(root):
            if not _is_finite(step.after):
                if _is_finite(step.local_derivative):
                    cause = f"the contribution of {_call(step.node)} is {shown(step.contribution)}"
                else:
                    cause = f"the local derivative of {_call(step.node)} is {shown(step.local_derivative)}"
                raise AnomalyError(
                    f"backward() makes the gradient of {step.operand.name or 'an unnamed Value'} "
                    f"{shown(step.after)}: {cause}{self._origin(step.node)}"
                )

    def _origin(self, node: Value) -> str:
        """The numbers behind the names in `_call(node)`, and the line that made it."""
        named = {x.name: shown(x) for x in node.operands[:_MOST] if isinstance(x, Value) and x.name}
        given = (
            ", where " + ", ".join(f"{name} = {number}" for name, number in named.items()) if named else ""
        )
        return f"{given} (made in {describe(self._places.get(node))})"


_watch = Watch()


_MOST = 8
"""How many operands of one operation an error shows."""


def _is_finite(x: Any) -> bool:
    while isinstance(x, Value):
        x = x.data
    return is_recorder(x) or bool(x - x == 0)  # also for numbers beyond all floats


def _call(node: Value) -> str:
    """The operation that made a node, as `div(1, x)`: operands by name or, without one, by number."""
    assert node.op is not None
    operands = [x.name if isinstance(x, Value) and x.name else shown(x) for x in node.operands[:_MOST]]
    more = ", ..." if len(node.operands) > _MOST else ""
    return f"{node.op.name}({', '.join(operands)}{more})"
