"""Expressions as Python source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from keyword import iskeyword
from typing import Any, NamedTuple

from . import functions
from .errors import SettingError
from .expr import Expr, walk
from .notation import split
from .numbers import to_float

__all__ = ["python"]


class _Piece(NamedTuple):
    """Written source, and how tightly it binds."""

    text: str
    precedence: int = 9

    def within(self, precedence: int) -> str:
        return self.text if self.precedence >= precedence else f"({self.text})"


_SIGNS: dict[str, tuple[str, int, tuple[int, ...]]] = {
    "less": ("{0} < {1}", 0, (1, 1)), "less_equal": ("{0} <= {1}", 0, (1, 1)),
    "add": ("{0} + {1}", 1, (1, 2)), "sub": ("{0} - {1}", 1, (1, 2)),
    "mul": ("{0} * {1}", 2, (2, 3)), "div": ("{0} / {1}", 2, (2, 3)),
    "neg": ("-{0}", 3, (3,)), "power": ("{0} ** {1}", 4, (5, 5)),
}  # fmt: skip
"""What Python has signs for: how tightly they bind, and what their operands need to."""


def python(
    root: Expr, arguments: Iterable[str], name: str = "formula", calls: Mapping[str, str] | None = None
) -> str:
    """The source of a Python function of `arguments` that computes the expression.

    It uses the functions of `autograd`, so it takes floats, Fractions and Values alike, and does the same
    operations in the same order as the expression. `calls` says what to call for primitives that are
    arguments themselves.

    Raises `SettingError` for a name that is none, and for a symbol that is not among the arguments.

    >>> from autograd.expr import symbols
    >>> x, y = symbols("x y")
    >>> print(python(x / y, ["x", "y"]))
    def formula(x, y):
        return x / y
    """
    if not name.isidentifier() or iskeyword(name):
        raise SettingError(f"{name!r} cannot name a function in Python")
    arguments = list(arguments)
    used = {node.name: None for node in walk([root]) if node.name is not None}
    if missing := list(used.keys() - set(arguments)):
        raise SettingError(f"the formula has {', '.join(missing)} in it, which are not among the arguments")
    main, named = split(root, "_t", lambda user, x: False)
    calls = calls or {}
    imports: set[str] = set()
    identifiers = _identifiers([*arguments, *(part for part, _ in named)], {name, *functions.__all__, "OPS"})

    def written(expr: Expr) -> str:
        pieces: dict[Expr, _Piece] = {}
        for node in walk([expr]):
            if node.op is not None:
                pieces[node] = _operation(node, [pieces[x] for x in node.operands], calls, imports)
            else:
                pieces[node] = _number(node.number) if node.name is None else _Piece(identifiers[node.name])
        return pieces[expr].text

    lines = [f"def {name}({', '.join(identifiers[a] for a in arguments)}):"]
    lines += [f"    {identifiers[part]} = {written(expr)}" for part, expr in named]
    lines += [f"    return {written(main)}"]
    if any("derivative(" in call for call in calls.values()):
        imports.add("derivative")
    if imports:
        lines[:0] = [f"from autograd import {', '.join(sorted(imports))}", "", ""]
    return "\n".join(lines)


def _operation(node: Expr, operands: list[_Piece], calls: Mapping[str, str], imports: set[str]) -> _Piece:
    assert node.op is not None
    name = node.op.name
    exponent = node.operands[-1].number
    if name == "general_power" or (name == "power" and (type(exponent) is not int or exponent < 0)):
        name = "power"  # which is never complex
    elif name in _SIGNS:
        template, precedence, binds = _SIGNS[name]
        return _Piece(template.format(*map(_Piece.within, operands, binds)), precedence)
    arguments = [x.text for x in operands]
    if name in ("sum", "logsumexp"):
        arguments = [f"[{', '.join(arguments)}]"]
    elif name == "dot":
        half = len(arguments) // 2
        arguments = [f"[{', '.join(part)}]" for part in (arguments[:half], arguments[half:])]
    call = calls.get(name)
    if call is None:
        imports.add(name if name in functions.__all__ else "OPS")
        call = name if name in functions.__all__ else f"OPS[{name!r}]"
    return _Piece(f"{call}({', '.join(arguments)})")


def _number(number: Any) -> _Piece:
    if isinstance(number, int):
        written = str(number) if abs(number) < 2**64 else hex(number)
    elif isinstance(number, Fraction) and number.denominator & (number.denominator - 1):
        return _Piece(f"{number.numerator} / {number.denominator}", 2 if number > 0 else 1)
    else:
        written = repr(to_float(number))
        if written in ("nan", "inf", "-inf"):
            return _Piece(f'float("{written}")')
    return _Piece(written, 3 if written.startswith("-") else 9)


def _identifiers(names: Iterable[str], taken: set[str]) -> dict[str, str]:
    """For each name a Python identifier that is like it and not taken."""
    found: dict[str, str] = {}
    for name in names:
        identifier = re.sub(r"\W", "_", name, flags=re.ASCII)
        if not identifier or identifier[0].isdigit() or iskeyword(identifier):
            identifier = "_" + identifier
        while identifier in taken:
            identifier += "_"
        taken.add(identifier)
        found[name] = identifier
    return found
