"""`detect_anomaly`: find where the first nan or inf came from."""

from __future__ import annotations

import math
import threading
from types import TracebackType
from typing import Any

from . import value as engine
from ._caller import describe, user_place
from .errors import AnomalyError
from .graph import backward_steps
from .numbers import shown
from .value import Value

__all__ = ["detect_anomaly"]


class detect_anomaly:  # noqa: N801 - it is used like a function
    """Inside `with detect_anomaly():` the first nan or inf raises, instead of running on as IEEE has it.

    The `AnomalyError` (an ArithmeticError) names the operation, its operands and the line that made it.
    A `backward()` inside raises before it changes a gradient. What is computed inside runs several
    times slower and is kept in memory until the end. Other threads are not watched.

    >>> from autograd import Value
    >>> with detect_anomaly():
    ...     Value(0.0, "x").log()
    Traceback (most recent call last):
    autograd.errors.AnomalyError: log(x) = -inf, where x = 0 (made in <doctest ...>:2: ...)
    """

    def __enter__(self) -> detect_anomaly:
        """Begin to watch this thread."""
        self._thread = threading.get_ident()
        self._places: dict[Value, tuple[str, int] | None] = {}
        self._outer = engine._watch, engine._new
        engine._watch, engine._new = self, self._make
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop watching."""
        engine._watch, engine._new = self._outer
        self._places.clear()

    def _make(self, cls: type) -> Any:
        node: Any = object.__new__(cls)
        if threading.get_ident() == self._thread:
            self._places[node] = user_place()
        return node

    def made(self, node: Value) -> None:
        """Raise if the value of a node that was just made is not finite."""
        if node in self._places and not _is_finite(node.data):
            given = ", ".join(
                f"{_name(x)} = {shown(x.data)}" for x in dict.fromkeys(node.operands) if isinstance(x, Value)
            )
            raise AnomalyError(f"{_call(node)} = {shown(node.data)}, where {given} (made in {self._place(node)})")

    def before_backward(self, root: Value) -> None:
        """Raise if `root.backward()` would make a gradient that is not finite."""
        if threading.get_ident() != self._thread:
            return
        for step in backward_steps(root):
            if not _is_finite(step.after):
                what = "local derivative" if not _is_finite(step.local_derivative) else "contribution"
                amount = step.local_derivative if what == "local derivative" else step.contribution
                raise AnomalyError(
                    f"backward() makes the gradient of {_name(step.operand)} {shown(step.after)}: the {what} of "
                    f"{_call(step.node)} is {shown(amount)} at {_name(step.operand)} = {shown(step.operand.data)} "
                    f"(made in {self._place(step.node)})"
                )

    def _place(self, node: Value) -> str:
        return describe(self._places.get(node))


def _is_finite(x: Any) -> bool:
    while isinstance(x, Value):
        x = x.data
    try:
        return math.isfinite(x)
    except (TypeError, OverflowError):  # a symbol, or an exact number beyond all floats
        return True


def _name(x: Any) -> str:
    if not isinstance(x, Value):
        return shown(x)
    return x.name or (f"({x.op.name})" if x.op else "x")


def _call(node: Value) -> str:
    assert node.op is not None
    return f"{node.op.name}({', '.join(map(_name, node.operands))})"
