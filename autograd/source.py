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
from .ops import Op

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


_RESERVED = ("Fraction", "OPS", "derivative", *functions.__all__)
"""What a piece of source may import."""


def python(
    root: Expr,
    arguments: Iterable[str],
    name: str = "formula",
    unknown: Mapping[str, tuple[str, int]] | None = None,
) -> str:
    """The source of a Python function of `arguments` that computes the expression.

    It uses the functions of `autograd`, so it takes floats, Fractions and Values alike, and does the same
    operations in the same order as the expression. It divides as Python does, which raises an error where
    floats are divided by 0.
    `unknown` gives name and number of primes for primitives that are abstract functions: those are
    arguments too, and come first.

    Raises `SettingError` for a name that is none, and for a symbol that is not among the arguments.

    >>> from autograd.expr import symbols
    >>> x, y = symbols("x y")
    >>> print(python(x / y, ["x", "y"]))
    def formula(x, y):
        return x / y
    """
    if not name.isidentifier() or iskeyword(name):
        raise SettingError(f"{name!r} cannot name a function in Python")
    source = _Source(unknown or {}, taken={name, *_RESERVED})
    signature = ", ".join([*source.functions.values(), *map(source.new_name, arguments)])
    main, named = split(root, "_t", lambda user, x: False)
    body = []
    for part, expr in named:
        line = source.written(expr)
        body.append(f"    {source.new_name(part)} = {line}")
    body.append(f"    return {source.written(main)}")
    imports = ["from fractions import Fraction"] if source.has_fractions else []
    if source.imports:
        imports.append(f"from autograd import {', '.join(sorted(source.imports))}")
    space = ["", ""] if imports else []
    return "\n".join([*imports, *space, f"def {name}({signature}):", *body])


class _Source:
    """What a piece of source has called things, and what it must import.

    identifiers   of the symbols
    functions     the identifiers of abstract functions, by name
    """

    def __init__(self, unknown: Mapping[str, tuple[str, int]], taken: set[str]) -> None:
        self._unknown, self._taken = unknown, taken
        self.imports: set[str] = set()
        self.has_fractions = False
        self.functions = {f: self._identifier(f) for f in dict.fromkeys(f for f, _ in unknown.values())}
        self.identifiers: dict[str, str] = {}

    def new_name(self, name: str) -> str:
        """The identifier of a symbol."""
        self.identifiers[name] = self._identifier(name)
        return self.identifiers[name]

    def _identifier(self, name: str) -> str:
        """A Python identifier that is like the name and not taken. It is taken from now on."""
        identifier = re.sub(r"\W", "_", name, flags=re.ASCII)
        if identifier[0].isdigit() or iskeyword(identifier):
            identifier = "_" + identifier
        while identifier in self._taken:
            identifier += "_"
        self._taken.add(identifier)
        return identifier

    def written(self, root: Expr) -> str:
        """An expression on one line."""
        pieces: dict[Expr, _Piece] = {}
        for node in walk([root]):
            if node.op is not None:
                pieces[node] = self._operation(node, node.op, [pieces[x] for x in node.operands])
            elif node.name is None:
                pieces[node] = self._number(node.number)
            elif node.name in self.identifiers:
                pieces[node] = _Piece(self.identifiers[node.name])
            else:
                raise SettingError(f"the formula has {node.name!r} in it, which is not among the arguments")
        return pieces[root].text

    def _operation(self, node: Expr, op: Op, operands: list[_Piece]) -> _Piece:
        name = op.name
        exponent = node.operands[-1].number
        if name == "general_power" or (name == "power" and (type(exponent) is not int or exponent < 0)):
            name = "power"  # the function, which is never complex
            if isinstance(exponent, Fraction):
                operands = [operands[0], _Piece(repr(float(exponent)))]
        elif name in _SIGNS:
            template, precedence, binds = _SIGNS[name]
            return _Piece(template.format(*map(_Piece.within, operands, binds)), precedence)
        arguments = [x.text for x in operands]
        if name in ("sum", "logsumexp"):
            arguments = [f"[{', '.join(arguments)}]"]
        elif name == "dot":
            half = len(arguments) // 2
            arguments = [f"[{', '.join(part)}]" for part in (arguments[:half], arguments[half:])]
        return _Piece(f"{self._callee(name)}({', '.join(arguments)})")

    def _callee(self, name: str) -> str:
        """What is called for a primitive."""
        if name in self._unknown:
            function, primes = self._unknown[name]
            identifier = self.functions[function]
            if primes == 0:
                return identifier
            self.imports.add("derivative")
            return f"derivative({identifier}, {primes})" if primes > 1 else f"derivative({identifier})"
        self.imports.add(name if name in functions.__all__ else "OPS")
        return name if name in functions.__all__ else f"OPS[{name!r}]"

    def _number(self, number: Any) -> _Piece:
        if isinstance(number, Fraction):
            self.has_fractions = True
            return _Piece(repr(number))
        if isinstance(number, int):
            written = str(number) if abs(number) < 2**64 else hex(number)
        else:
            written = repr(to_float(number))
            if written in ("nan", "inf", "-inf"):
                return _Piece(f'float("{written}")')
        return _Piece(written, 3 if written.startswith("-") else 9)
