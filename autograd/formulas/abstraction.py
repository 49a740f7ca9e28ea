"""`abstract("f")`: a function of which nothing is known but its name, as in notes that write f'(z)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import NameClashError, SettingError, TracingError
from ..expr import Expr, walk
from ..functional import derivative
from ..notation import latex_name
from ..ops import OPS, Op, primitive

__all__ = ["abstract", "abstract_functions", "order_of", "stand_ins"]

_names: set[str] = set()


def abstract(name: str) -> Op:
    """A function known by name only; its derivative is written with a prime.

    Give it to `MLP(activation=...)` or call it in a traced function. It has no value: to evaluate a
    formula with it, say what it is, as in `formula.evaluate({"f": autograd.tanh, "x": 1.0})`.

    Raises `NameClashError` where a primitive that is known has the name, and `SettingError` where it is
    no name.

    >>> from autograd.formulas import symbolic
    >>> f = abstract("f")
    >>> symbolic(lambda z: f(z) ** 2).gradient("z")
    2 f(z) f'(z)
    """
    if type(name) is not str or not name:
        raise SettingError(f"the name of an abstract function is a text such as 'f'; got {name!r}")
    if name not in _names:
        if name in OPS:
            raise NameClashError(
                f"{name} is a primitive with known values; name the abstract function otherwise"
            )
        _with_primes(name, 0)
        _names.add(name)
    return _with_primes(name, 0)


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

    tex = latex_name(name).replace("{", "{{").replace("}", "}}") + "'" * primes
    return primitive(
        full, value, lambda x, out: (_with_primes(name, primes + 1)(x),),
        text=f"{full}({{0}})", tex=rf"{tex}\left({{0}}\right)",
    )  # fmt: skip


def order_of(op: Op) -> tuple[str, int] | None:
    """The name and number of primes of an abstract function; None for any other primitive."""
    name = op.name.rstrip("'")
    return (name, len(op.name) - len(name)) if name in _names else None


def abstract_functions(exprs: Iterable[Expr]) -> dict[str, tuple[str, int]]:
    """Name and number of primes of the abstract functions in expressions, by the names of the primitives.

    >>> from autograd.adjoints import derivatives
    >>> from autograd.expr import symbol
    >>> abstract_functions(derivatives(abstract("f")(symbol("z"))).values())
    {"f'": ('f', 1)}
    """
    found = {}
    for node in walk(exprs):
        if node.op is not None and (order := order_of(node.op)) is not None:
            found[node.op.name] = order
    return found


def stand_ins(
    exprs: Iterable[Expr], functions: Mapping[str, Callable[..., Any]]
) -> dict[str, Callable[..., Any]]:
    """What the abstract functions in expressions, and their derivatives, stand for."""
    found = abstract_functions(exprs)
    return {
        primitive_name: derivative(functions[name], primes)
        for primitive_name, (name, primes) in found.items()
        if name in functions
    }
