"""Recording: the function runs once on Values whose numbers are not known yet.

Every operation on such a Value is put on a tape, in the order of the program. That order is kept all the way
down to the machine code, since it is what makes neighbours in the program neighbours in memory.

The function runs twice. The first run, on the parameters' present numbers, finds out which Values the
function closes over; in the second their numbers are unknown too, so that nothing of what they are today
gets into the program. Branching on an unknown number raises `TracingError`, which names the line.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .. import value as engine
from .._caller import describe, place_raised, user_place
from ..adjoints import collector_paused
from ..errors import NumberError, TracingError
from ..numbers import checked
from ..ops import OPS, Op
from ..value import Value, depth_of
from .structure import Structure, fill, flat, places

__all__ = ["Recording", "Tracer", "Unknown", "is_traced_here", "record", "record_rule"]


class Unknown:
    """A number that is not known while a function is traced. Arithmetic with it gives it back."""

    __slots__ = ()

    is_placeholder = True
    """Tells the functions of `autograd` to record also what they would do at once with a number."""

    def _same(self, *_: Any) -> Unknown:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same
    __pow__ = __rpow__ = __neg__ = __pos__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = _same

    def _apply(self, name: str, operands: tuple[Any, ...]) -> Any:
        for x in operands:
            if isinstance(x, Value):
                return x._apply(name, operands)
        return self

    def __bool__(self) -> bool:
        raise TracingError(
            "the number is not known while the function is traced, so it cannot branch on it: with if, "
            "while, and, or, not, max(), min(), sorted(). Write where(condition, a, b) for if and else, "
            "maximum(a, b) for max, minimum(a, b) for min; give a loop a fixed number of steps. "
            f"(at {describe(user_place())})"
        )

    def __float__(self) -> float:
        raise TracingError(
            "the number is not known while the function is traced, so it cannot be rounded, be an index or "
            "go into float(), int(), range() or a function of math. Use the functions of autograd: "
            f"take(table, index) to look up. (at {describe(user_place())})"
        )

    def __index__(self) -> int:
        return int(float(self))

    def __round__(self, digits: int = 0) -> float:
        return float(self)

    def __eq__(self, other: object) -> bool:
        return bool(self)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return "<not known yet>"


UNKNOWN = Unknown()


class Traced(Value):
    """A Value whose number is not known while a function is traced.

    It refuses to be compared by ==, which for Values means identity: `y == 1` or `y in (0, 1)` would silently
    be False.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        raise TracingError(
            "the number is not known while the function is traced, so == cannot tell: where(y == 1, a, b) "
            "can be written where(abs(y - 1) < 0.5, a, b) if y is a whole number. "
            f"(at {describe(user_place())})"
        )

    __hash__ = Value.__hash__

    def __index__(self) -> int:
        return UNKNOWN.__index__()


class Recording:
    """What a function did.

    tape        the computed Values in the order of the program; the data of each is UNKNOWN
    inputs      the Values that stand for the numbers of a row
    parameters  the Values that the function closes over
    outputs     what it returned: nested lists of Values and plain numbers
    """

    def __init__(self, tape: list[Value], inputs: list[Value], parameters: list[Value], outputs: Any) -> None:
        self.tape, self.inputs, self.parameters, self.outputs = tape, inputs, parameters, outputs


class Tracer:
    """Takes over the recording of operations in one thread."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.tape: list[Value] = []
        self.seen: list[Value] = []

    def looked_at(self, *operands: Any) -> None:
        """Note Values of which the function asks how they compare, which leaves no trace in the graph."""
        if threading.get_ident() == self.thread:
            self.seen += [x for x in operands if isinstance(x, Value)]

    def record(self, op: Op, operands: tuple[Any, ...]) -> Value | None:
        """The node of an operation on unknown numbers; None for other operations and other threads."""
        for x in operands:
            if type(x) is Traced or (isinstance(x, Value) and x.data is UNKNOWN):
                break
        else:
            return None
        if threading.get_ident() != self.thread:
            return None
        out: Value = object.__new__(Traced)
        out._set_operation(op, UNKNOWN, operands, (None,) * len(operands))
        self.tape.append(out)
        return out


def is_traced_here() -> bool:
    """Whether this thread is tracing a function."""
    tracer = engine._tracer
    return tracer is not None and tracer.thread == threading.get_ident()


_lock = threading.RLock()
"""Parameters are made unknown in place, so one thread at a time traces."""


@contextmanager
def _tracing() -> Iterator[Tracer]:
    """Put the operations on unknown numbers of this thread on a tape."""
    with _lock, collector_paused():
        outer, tracer = engine._tracer, Tracer()
        engine._tracer = tracer
        try:
            yield tracer
        finally:
            engine._tracer = outer


def record(call: Callable[..., Any], names: Sequence[str], structures: Sequence[Structure]) -> Recording:
    """Run `call(arguments)` on unknown numbers and give what it did.

    Raises `TracingError` where it branches on one, and for a result that is no number.
    """
    with _tracing() as tracer:
        first = _run(call, names, structures)
    parameters = _leaves(first, [*flat(first.outputs), *tracer.seen])
    for p in parameters:
        if depth_of(p) > 1:
            raise NumberError(f"the parameter {p!r:.80} holds another Value, which cannot be compiled")
    numbers = [p.data for p in parameters]
    try:
        with _tracing() as tracer:
            for p in parameters:
                p.data = UNKNOWN
            recording = _run(call, names, structures)
    finally:
        for p, number in zip(parameters, numbers, strict=True):
            p.data = number
    recording.tape, recording.parameters = tracer.tape, parameters
    return recording


def record_rule(rule: Callable[..., Any], n: int, numbers: dict[int, Any]) -> Recording:
    """What a function of n numbers does, some of which are given: a rule of the table, say."""
    with _tracing() as tracer:
        inputs: list[Value] = [Traced(UNKNOWN) for _ in range(n)]
        operands = [numbers.get(i, x) for i, x in enumerate(inputs)]
        return Recording(tracer.tape, inputs, [], rule(*operands))


def _run(call: Callable[..., Any], names: Sequence[str], structures: Sequence[Structure]) -> Recording:
    named = [place for name, s in zip(names, structures, strict=True) for place in places(s, name)]
    inputs: list[Value] = [Traced(UNKNOWN, name) for name in named]
    entries = iter(inputs)
    try:
        outputs = call([fill(structure, entries) for structure in structures])
    except TypeError as error:
        if isinstance(error, TracingError) or "Value" not in str(error):
            raise
        raise TracingError(
            f"{error}. A function is traced on Values whose numbers are not known yet: use the functions of "
            f"autograd, take(table, index) to look up. (at {describe(place_raised(error))})"
        ) from error
    for x in flat(outputs):
        try:
            checked(x)
        except NumberError as error:
            raise TracingError(
                f"a compiled function returns numbers, or lists of them, and {error}"
            ) from None
    return Recording([], inputs, [], outputs)


def _leaves(recording: Recording, roots: Iterable[Any]) -> list[Value]:
    """The Values that the roots were computed from and that were neither computed nor inputs."""
    done = set(recording.inputs)
    found: list[Value] = []
    stack = list(roots)
    while stack:
        node = stack.pop()
        if isinstance(node, Value) and node not in done:
            done.add(node)
            if node.op is None:
                found.append(node)
            else:
                stack += node.operands
    return found


def exponent_of(node: Value) -> Any:
    """The constant exponent of a power; None for other operations."""
    return node._b if node.op is OPS["power"] else None
