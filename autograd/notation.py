"""How expressions are written: as text, as LaTeX, as Python source.

The table of primitives says how each operation is written and how tightly it binds; this file puts the
pieces together. A formula that would fill more than a few lines, or whose shared parts would be repeated
without end, is written with names for its parts: `t2 + 1 where t1 = ..., t2 = ...`.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .numbers import library_of

if TYPE_CHECKING:
    from .expr import Expr
    from .ops import Op

__all__ = ["latex", "latex_name", "python", "split", "text"]

ATOM = 9
"""The precedence of what never needs brackets."""

LONG = 120
"""A formula of more parts than this is written with names for some of them."""

_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split()
)


class Writer:
    """Writes expressions in one notation.

    template   the table's text for an operation: `Op.text` or `Op.tex`
    name       how a symbol is written
    number     how a constant is written, and its precedence
    times      what stands between two factors that cannot simply follow one another
    brackets   put around an operand that binds too loosely
    """

    def __init__(
        self,
        template: Callable[[Op], str],
        name: Callable[[str], str],
        number: Callable[[Any], tuple[str, int]],
        times: str,
        brackets: tuple[str, str],
        juxtapose: bool = True,
    ) -> None:
        self.template, self.name, self.number = template, name, number
        self.times, self.brackets, self.juxtapose = times, brackets, juxtapose

    def write(self, root: Expr) -> str:
        """The whole expression, as one line."""
        from .expr import walk

        written: dict[Expr, tuple[str, int]] = {}
        for node in walk([root]):
            if node.op is not None:
                written[node] = self.operation(node.op, [written[x] for x in node.operands])
            elif node.name is not None:
                name = self.name(node.name)
                written[node] = name, 3 if "^" in name else ATOM
            else:
                written[node] = self.number(node.number)
        return written[root][0]

    def operation(self, op: Op, operands: list[tuple[str, int]]) -> tuple[str, int]:
        """An operation on written operands, with its precedence."""
        if op.name == "mul":
            return self.product([operands[0], operands[1]]), op.precedence
        template = self.template(op)
        if "{*dot}" in template:
            half = len(operands) // 2
            pairs = zip(operands[:half], operands[half:], strict=True)
            terms = [(self.product(list(pair)), 2) for pair in pairs]
            return self.sum(terms), op.precedence if len(terms) > 1 else 2
        if "{*+}" in template:
            return self.sum(operands), op.precedence
        if "{*}" in template:
            return template.replace("{*}", ", ".join(text for text, _ in operands)), ATOM
        if op.name == "add":
            return self.sum(operands), op.precedence
        pieces = []
        for place, (text, precedence) in enumerate(operands):
            braced = f"{{{{{{{place}}}}}}}" in template  # LaTeX: {...} groups, no brackets needed
            needed = 0 if braced else op.binds[min(place, len(op.binds) - 1)]
            loose = precedence < needed or (place > 0 and needed > 1 and text.startswith("-"))
            pieces.append(self.bracket(text) if loose else text)
        raised = op.precedence == ATOM and "^" in template
        return template.format(*pieces), 3 if raised else op.precedence

    def bracket(self, text: str) -> str:
        return self.brackets[0] + text + self.brackets[1]

    def product(self, factors: list[tuple[str, int]]) -> str:
        """Factors side by side, with a sign between where two of them would run together."""
        line = ""
        for text, precedence in factors:
            negative = text.startswith("-") and bool(line)
            piece = self.bracket(text) if precedence < 2 and (negative or not _is_negative(text)) else text
            if not line:
                line = piece
            elif (
                self.juxtapose
                and not piece[0].isdigit()
                and not line.endswith(("'", "/"))
                and "/" not in line
            ):
                line += " " + piece
            else:
                line += self.times + piece
        return line

    def sum(self, terms: list[tuple[str, int]]) -> str:
        """Terms with + between them, or - where a term begins with one."""
        line = ""
        for text, precedence in terms:
            piece = self.bracket(text) if precedence < 1 else text
            if not line:
                line = piece
            elif piece.startswith("-"):
                line += " - " + piece[1:]
            else:
                line += " + " + piece
        return line or "0"


def _is_negative(text: str) -> bool:
    """Whether the text is a minus sign and one thing, such as -2: it can open a product as it is."""
    return text.startswith("-") and " " not in text


def _number_as_text(number: Any) -> tuple[str, int]:
    if isinstance(number, Fraction) and number.denominator != 1:
        return f"{number.numerator}/{number.denominator}", 1 if number < 0 else 2
    text = str(number) if not isinstance(number, float) else repr(number)
    negative = text.startswith("-")
    return text, 1 if negative else ATOM


def _number_as_latex(number: Any) -> tuple[str, int]:
    if isinstance(number, Fraction) and number.denominator != 1:
        sign = "-" if number < 0 else ""
        return rf"{sign}\frac{{{abs(number.numerator)}}}{{{number.denominator}}}", 1 if sign else 3
    text, precedence = _number_as_text(number)
    if text in ("inf", "-inf"):
        return text.replace("inf", r"\infty"), precedence
    mantissa, e, exponent = text.partition("e")
    if e and library_of(number) == "builtins":
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}", min(precedence, 2)
    return text, precedence


def _number_as_python(number: Any) -> tuple[str, int]:
    if isinstance(number, Fraction):
        return f"({number.numerator} / {number.denominator})", ATOM
    if isinstance(number, bool) or isinstance(number, int):
        return str(number), 1 if number < 0 else ATOM
    number = float(number)
    if number != number or number in (float("inf"), float("-inf")):
        return f'float("{number}")', ATOM
    return repr(number), 1 if repr(number).startswith("-") else ATOM


def _safe(name: str) -> str:
    """A name as it can be printed anywhere: control characters and lone surrogates escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def latex_name(name: str) -> str:
    r"""The LaTeX of a symbol, in the notation of the notes.

    `w1_11` is a weight of layer 1, `yhat` has a hat, digits are an index, Greek letters are known by
    their names; the row of a quantity stands in brackets after it.

    >>> [latex_name(name) for name in ("w1_11", "b21", "yhat", "x1(i)", "eta", "Y_pred", "x")]
    ['w^{1}_{11}', 'b_{21}', '\\hat{y}', 'x_{i1}', '\\eta', 'Y_{pred}', 'x']
    """
    if match := re.fullmatch(r"d([^/]+)/d([^/]+)", name):
        return rf"\frac{{\partial {latex_name(match[1])}}}{{\partial {latex_name(match[2])}}}"
    match = re.fullmatch(r"([^()]*)\(([^()]+)\)", name)
    if match:
        base, row = match.groups()
        if plain := re.fullmatch(r"([xXy])(\d*)", base):
            return f"{plain[1]}_{{{row}{plain[2]}}}"
        if base in ("yhat", "Y_pred"):
            return rf"\hat{{y}}_{{{row}}}"
        return f"{latex_name(base)}^{{({row})}}"
    if match := re.fullmatch(r"([A-Za-z]+?)(\d+)_([\w,]+)", name):
        return f"{_stem(match[1])}^{{{match[2]}}}_{{{match[3]}}}"
    if match := re.fullmatch(r"([A-Za-z]+?)_?(\d[\d,]*[a-z,]*|(?<=_)[A-Za-z]\w*)", name):
        return f"{_stem(match[1])}_{{{match[2]}}}"
    return _stem(name)


def _stem(name: str) -> str:
    if name in _GREEK:
        return "\\" + name
    if len(name) > 3 and name.endswith("hat") and name[:-3].isalpha():
        return rf"\hat{{{_stem(name[:-3])}}}"
    if len(name) > 3 and name.endswith("bar") and name[:-3].isalpha():
        return rf"\bar{{{_stem(name[:-3])}}}"
    if len(name) == 1 and name.isalpha():
        return name
    escaped = re.sub(r"([\\{}$&#_%^~])", _escape, _safe(name))
    return rf"\text{{{escaped}}}"


def _escape(match: re.Match[str]) -> str:
    names = {"\\": r"\textbackslash{}", "^": r"\char94 ", "~": r"\char126 "}
    return names.get(match[1], "\\" + match[1])


_TEXT = Writer(lambda op: op.text, _safe, _number_as_text, " * ", ("(", ")"))
_LATEX = Writer(lambda op: op.tex, latex_name, _number_as_latex, r" \cdot ", (r"\left(", r"\right)"))


def split(root: Expr, prefix: str = "t") -> tuple[Expr, list[tuple[str, Expr]]]:
    """The expression with names for its large shared parts, and what the names stand for.

    Names are given only where the whole would be long; each definition uses only names before it.
    """
    from .expr import _apply, symbol, walk

    order = walk([root])
    lengths: dict[Expr, int] = {}
    for node in order:
        lengths[node] = 1 + sum(lengths[x] for x in node.operands)
    if lengths[root] <= LONG:
        return root, []
    uses: dict[Expr, int] = {}
    taken = set()
    for node in order:
        taken.add(node.name)
        for x in node.operands:
            uses[x] = uses.get(x, 0) + 1
    short: dict[Expr, int] = {}
    written: dict[Expr, Expr] = {}
    named: list[tuple[str, Expr]] = []
    number = 0
    for node in order:
        short[node] = 1 + sum(short[x] for x in node.operands)
        written[node] = _apply(node.op.name, *[written[x] for x in node.operands]) if node.op else node
        shared = uses.get(node, 0) > 1 and short[node] > 3
        if node is not root and (shared or short[node] > LONG // 2):
            number += 1
            while f"{prefix}{number}" in taken:
                number += 1
            named.append((f"{prefix}{number}", written[node]))
            written[node] = symbol(f"{prefix}{number}")
            short[node] = 1
    return written[root], named


def text(root: Expr) -> str:
    """An expression as plain text; long ones have lines that say what t1, t2, ... stand for.

    >>> from autograd.expr import symbols
    >>> x, y = symbols("x y")
    >>> text(-2 * (y - x) * x ** 2)
    '-2 (y - x) x^2'
    """
    main, named = split(root)
    lines = [_TEXT.write(main), *(f"  {name} = {_TEXT.write(part)}" for name, part in named)]
    return "\n".join(lines) if not named else lines[0] + ", where\n" + "\n".join(lines[1:])


def latex(root: Expr) -> str:
    r"""An expression as LaTeX, without dollar signs; long ones as `aligned` lines.

    >>> from autograd.expr import symbols
    >>> w, x = symbols("w1_11 x1")
    >>> latex(w * x / 2)
    '\\frac{w^{1}_{11} x_{1}}{2}'
    """
    main, named = split(root)
    if not named:
        return _LATEX.write(main)
    lines = [rf"&{_LATEX.write(main)}, \quad \text{{where}}"]
    lines += [rf"&{latex_name(name)} = {_LATEX.write(part)}" for name, part in named]
    return r"\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}"


def python(root: Expr, arguments: Iterable[str], name: str = "formula") -> str:
    """The source of a Python function of `arguments` that computes the expression.

    It uses the functions of `autograd`, so it takes floats, Fractions and Values alike.

    >>> from autograd.expr import symbols
    >>> x, y = symbols("x y")
    >>> print(python(x / y, ["x", "y"]))
    def formula(x, y):
        return x / y
    """
    from .expr import walk

    arguments = list(arguments)
    main, named = split(root, "_t")
    identifiers: dict[str, str] = {}
    for original in [*arguments, *(name for name, _ in named)]:
        identifier = re.sub(r"\W", "_", original, flags=re.ASCII)
        if not identifier or identifier[0].isdigit() or keyword.iskeyword(identifier):
            identifier = "_" + identifier
        while identifier in identifiers.values():
            identifier += "_"
        identifiers[original] = identifier
    functions = sorted({node.op.name for node in walk([root]) if node.op and node.op.name not in _SIGNS})
    writer = Writer(
        _python_template, lambda n: identifiers[n], _number_as_python, " * ", ("(", ")"), juxtapose=False
    )
    lines = [f"from autograd import {', '.join(functions)}", "", ""] if functions else []
    lines += [f"def {name}({', '.join(identifiers[a] for a in arguments)}):"]
    lines += [f"    {identifiers[part]} = {writer.write(expr)}" for part, expr in named]
    lines += [f"    return {writer.write(main)}"]
    return "\n".join(lines)


_SIGNS = {
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}", "neg": "-{0}",
    "power": "{0} ** {1}", "general_power": "{0} ** {1}", "less": "({0} < {1})", "less_equal": "({0} <= {1})",
}  # fmt: skip
"""What Python has signs for; everything else is a function of autograd."""


def _python_template(op: Op) -> str:
    if op.name == "dot":
        return "dot([{*1}], [{*2}])"
    if op.name in ("sum", "logsumexp"):
        return f"{op.name}([{{*}}])"
    if op.name in _SIGNS:
        return _SIGNS[op.name]
    return f"{op.name}({{*}})"
