"""What `chalkgrad derive` writes: text, LaTeX, Markdown or JSON.

The JSON is an object with these keys, of which none changes its meaning without a new `version`:

    format, version     "chalkgrad derivation", 1
    result              the name of what is differentiated, "L" unless the function names it
    rows, reduce        the batch: how many rows, and "sum" or "mean" over them; null for a single row
    inputs, parameters  their names, in order
    derivations         with --wrt, an object for each: `by`, the name; `lines`; `formula` and
                        `formula_latex`, the result; `value`, its number with --at, or null
    backward_pass       without --wrt, an object with the lists of lines `forward`, `backward`, `vectors`
                        and `updates`, and with --at `values`, the number of each gradient; else null

A line is an object of `left`, `right`, `left_latex` and `right_latex`. A number that is not finite, which
JSON does not have, stands as the text "inf", "-inf" or "nan".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from ..formulas import Derivation, Line, Symbolic
    from ..numbers import Number

__all__ = ["FORMATS", "write"]

FORMATS = ("text", "latex", "markdown", "json")


class Section(NamedTuple):
    """Lines that belong together; those of a single derivation need no title."""

    title: str
    lines: Sequence[Line]


def write(
    format_: str, model: Symbolic, wrt: Sequence[str], point: Mapping[str, Any] | None, rate: float | str
) -> None:
    """Print the derivations by some names, or without any the whole backward pass."""
    from ..formulas.writing import line, written_name, written_number

    derivations = []
    sections = []
    values: dict[str, Number] = {}
    for name in wrt:
        derivation = model.derive(name, at=point, learning_rate=rate)
        derivations.append(derivation)
        sections.append(Section("", derivation.lines))
    if not wrt:
        whole = model.derive(learning_rate=rate)
        sections = [
            Section("Forward pass", whole.forward),
            Section("Backward pass", whole.lines),
            Section("In vectors", whole.vectors),
            Section("Updates", whole.updates),
        ]
        if point is not None:
            values = {name: model.gradient(name).evaluate(point) for name in model.parameters}
            numbers = [
                line(written_name(f"d{model.result}/d{name}"), written_number(x))
                for name, x in values.items()
            ]
            sections.append(Section("Numbers", numbers))
    if format_ == "json":
        click.echo(_json(model, derivations, sections if not wrt else None, values))
        return
    sections = [section for section in sections if section.lines]
    if format_ == "text":
        _write_text(sections)
    else:
        click.echo({"latex": _latex, "markdown": _markdown}[format_](sections))


def _write_text(sections: Sequence[Section]) -> None:
    """In a terminal, what is too wide goes on beside its equals sign; in a file or pipe it is left alone."""
    from rich.console import Console
    from rich.text import Text

    from ..formulas.lines import as_text

    console = Console(highlight=False)
    for place, (title, lines) in enumerate(sections):
        if console.is_terminal:
            room = console.width - max(len(line.left) for line in lines) - len(" = ")
            lines = [line._replace(right=_wrapped(line.right, room)) for line in lines]
        heading = f"{title}\n\n" if title else ""
        console.print(
            Text.assemble("\n" * (place > 0), (heading, "bold"), as_text(lines)),
            soft_wrap=True,  # cut nowhere else, nor filled up with blanks
        )


def _wrapped(formula: str, width: int) -> str:
    """Break a formula before operators and brackets, where it is too wide.

    >>> print(_wrapped("[-2 (y - yhat)] [w2_11] [x1] + [where(0 < Z, 1, 0)] [x2]", 24))
    [-2 (y - yhat)] [w2_11]
    [x1]
    + [where(0 < Z, 1, 0)]
    [x2]
    """
    lines = []
    for part in formula.split("\n"):
        if len(part) <= width:
            lines.append(part)
            continue
        indent = part[: len(part) - len(part.lstrip())]
        line = ""
        for piece in _pieces(part.lstrip(), width):
            longer = f"{line} {piece}" if line else indent + piece
            if line and len(longer) > width:
                lines.append(line)
                longer = indent + piece
            line = longer
        lines.append(line)
    return "\n".join(lines)


def _pieces(formula: str, width: int) -> Iterator[str]:
    """What stands between two places where a formula may be broken: at any blank, where it must be."""
    for piece in re.split(r"(?<![-+*=]) +(?=[-+*=\[(])", formula):
        yield from piece.split() if len(piece) > width else [piece]


def _latex(sections: Sequence[Section]) -> str:
    r"""`align*` environments for a document with amsmath, which may break across pages."""
    from ..formulas.lines import as_latex

    written = []
    for title, lines in sections:
        body = as_latex(lines).removeprefix(r"\begin{aligned}").removesuffix(r"\end{aligned}")
        written.append((f"% {title}\n" if title else "") + rf"\begin{{align*}}{body}\end{{align*}}")
    return "\n\n".join(written)


def _markdown(sections: Sequence[Section]) -> str:
    from ..formulas.lines import as_latex

    written = []
    for title, lines in sections:
        written.append((f"## {title}\n\n" if title else "") + f"$$\n{as_latex(lines)}\n$$")
    return "\n\n".join(written)


def _json(
    model: Symbolic,
    derivations: Sequence[Derivation],
    sections: Sequence[Section] | None,
    values: Mapping[str, Number],
) -> str:
    backward_pass = None
    if sections is not None:
        keys = ("forward", "backward", "vectors", "updates")
        backward_pass = {
            key: [line._asdict() for line in section.lines]
            for key, section in zip(keys, sections, strict=False)
        } | {"values": {name: _json_number(x) for name, x in values.items()}}
    document = {
        "format": "chalkgrad derivation",
        "version": 1,
        "result": model.result,
        "rows": model.rows,
        "reduce": None if model.rows is None else model.reduce,
        "inputs": model.inputs,
        "parameters": list(model.parameters),
        "derivations": [
            {
                "by": derivation.parameter,
                "lines": [line._asdict() for line in derivation.lines],
                "formula": derivation.result.text,
                "formula_latex": derivation.result.latex,
                "value": None if derivation.value is None else _json_number(derivation.value),
            }
            for derivation in derivations
        ],
        "backward_pass": backward_pass,
    }
    return json.dumps(document, indent=2, allow_nan=False)


def _json_number(x: Number) -> float | str:
    x = float(x) + 0.0  # -0.0 is 0
    return x if math.isfinite(x) else str(x)
