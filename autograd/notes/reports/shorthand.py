r"""Macros of the notes written out for the reader of a report: `\pd{L}{w}` is shown as what it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ..reading.macros import PACKAGES, Macro, Macros, take_definitions
from ..reading.tokens import closing_brace
from ..report import Claim, Report

__all__ = ["written_out"]

_MOST = 1_000  # macros in a formula
_LONGEST = 20_000  # characters
_CALL = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)


def written_out(report: Report) -> Report:
    """The report with every macro in its formulas replaced; it is for showing, as places no longer fit."""
    macros: Macros = dict(PACKAGES)
    take_definitions(report.text, macros)

    def shown(latex: str | None) -> str | None:
        return latex if latex is None else _expanded(latex, macros)

    def of(claim: Claim) -> Claim:
        latex = _expanded(claim.latex, macros)
        if latex == claim.latex and "\\" not in f"{claim.step}{claim.expected}{claim.reason}":
            return claim
        steps = tuple(
            replace(step, left=_expanded(step.left, macros), right=_expanded(step.right, macros))
            for step in claim.steps
        )
        return replace(
            claim, latex=latex, step=shown(claim.step), expected=shown(claim.expected), steps=steps,
            reason=shown(claim.reason), reading=shown(claim.reading),
        )  # fmt: skip

    return replace(report, claims=tuple(of(claim) for claim in report.claims))


def _expanded(latex: str, macros: Mapping[str, Macro]) -> str:
    r"""LaTeX without macros of the notes; as it was where that has no end.

    >>> print(_expanded(r"\pd{L}{w_1} = x", PACKAGES))
    \frac{\partial L}{\partial w_1} = x
    """
    done, waiting = "", latex
    for _ in range(_MOST):
        call = next((found for found in _CALL.finditer(waiting) if found[1] in macros), None)
        if call is None:
            return done + waiting
        macro = macros[call[1]]
        taken = _arguments(waiting, call.end(), macro)
        if taken is None:
            return latex
        arguments, end = taken
        body = _filled(macro.body, arguments)
        # a macro that ends in a letter keeps away from a letter behind it
        apart = " " if re.search(r"\\[A-Za-z]+$", body) and re.match("[A-Za-z]", waiting[end:]) else ""
        done, waiting = done + waiting[: call.start()], body + apart + waiting[end:]
        if len(done) + len(waiting) > _LONGEST:
            return latex
    return latex


def _filled(body: str, arguments: list[str]) -> str:
    """The body of a macro with its arguments in the places of #1, #2, ..."""
    pieces = re.split(r"#([1-9])", body)
    for i, piece in enumerate(pieces[1::2]):
        pieces[2 * i + 1] = arguments[int(piece) - 1] if int(piece) <= len(arguments) else ""
    return "".join(pieces)


def _arguments(latex: str, place: int, macro: Macro) -> tuple[list[str], int] | None:
    """What is given to a macro, and where that ends."""
    arguments: list[str] = []
    if macro.default is not None:
        optional = re.compile(r"\s*\[([^\[\]]*)\]").match(latex, place)
        arguments.append(optional[1] if optional else macro.default)
        place = optional.end() if optional else place
    while len(arguments) < macro.arguments:
        found = re.compile(r"\s*(\{|\\[A-Za-z]+|\\.|[^\s{}])").match(latex, place)
        if found is None:
            return None
        place = found.end()
        if found[1] == "{":
            closing = closing_brace(latex, place - 1)
            if closing < 0:
                return None
            arguments.append(latex[place:closing])
            place = closing + 1
        else:
            arguments.append(found[1])
    return arguments, place
