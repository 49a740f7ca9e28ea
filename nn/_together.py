"""Change many things as if at once."""

from collections import deque
from collections.abc import Sequence
from itertools import chain, repeat, starmap

from autograd import Value
from autograd.numbers import Number

__all__ = ["assign"]


def assign(parameters: Sequence[Value], data: Sequence[Number], *more: tuple[object, str, object]) -> None:
    """Set the data of all parameters, and `more` attributes of other objects: all, or none if Ctrl-C comes.

    Python acts on Ctrl-C between two of its own instructions and never inside a call into C. Here
    everything is set within one such call, so that no half-updated parameters can be left behind.

    >>> w, b = Value(1.0), Value(2.0)
    >>> assign([w, b], [3.0, 4.0])
    >>> w.data, b.data
    (3.0, 4.0)
    """
    changes = chain(zip(parameters, repeat("data"), data), more)
    deque(starmap(setattr, changes), maxlen=0)
