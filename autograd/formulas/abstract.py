"""`abstract("f")`: a function of which nothing is known but its name, as in notes that write f'(z)."""

from __future__ import annotations

from typing import Any

from ..errors import NameClashError, TracingError
from ..ops import OPS, Op, primitive

__all__ = ["abstract"]

_abstract: dict[str, Op] = {}


def abstract(name: str) -> Op:
    """A function known by name only; its derivative is written with a prime.

    Give it to `MLP(activation=...)` or call it in a traced function. It has no value: to evaluate a
    formula with it, say what it is, as in `formula.evaluate({"f": autograd.tanh, "x": 1.0})`.

    Raises `NameClashError` where a primitive that is known has the name.

    >>> from autograd.formulas import symbolic
    >>> f = abstract("f")
    >>> symbolic(lambda z: f(z) ** 2).gradient("z")
    2 f(z) f'(z)
    """
    if name not in _abstract:
        if name in OPS:
            raise NameClashError(
                f"{name} is a primitive with known values; name the abstract function otherwise"
            )
        _abstract[name] = _with_primes(name, 0)
    return _abstract[name]


def _with_primes(name: str, primes: int) -> Op:
    full = name + "'" * primes
    if full in OPS:
        return OPS[full]

    def value(x: Any) -> Any:
        if hasattr(x, "_apply"):
            return x._apply(full, (x,))
        raise TracingError(
            f"{full} is abstract and has no values; evaluate the formula with {{{name!r}: function}}"
        )

    return primitive(
        full, value, lambda x, out: (_with_primes(name, primes + 1)(x),),
        text=f"{full}({{0}})", tex=rf"{full}\left({{0}}\right)",
    )  # fmt: skip


def order_of(op: Op) -> tuple[str, int] | None:
    """The name and number of primes of an abstract function; None for any other primitive."""
    name = op.name.rstrip("'")
    return (name, len(op.name) - len(name)) if name in _abstract else None
