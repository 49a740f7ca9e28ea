"""The report as JSON, and the JSON Schema that says what each key means: `chalkgrad check --schema`.

No key changes its meaning without a new `version`; new keys may come. Keys that do not apply are null.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, get_args

from ...numbers import shown
from ..report import Claim, Kind, Report, Verdict
from .telling import count

__all__ = ["SCHEMA", "as_json"]

_TEXT: dict[str, Any] = {"type": "string"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_PLACE: dict[str, Any] = {"type": "integer", "minimum": 1}


def _or_null(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}], "description": description}


def _object(**keys: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}


def _said(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return schema | {"description": description}


_VERDICT = {"enum": list(get_args(Verdict))}
_COUNTS = _said(
    _object(
        claims=_said(_COUNT, "all of the four that follow"),
        right=_COUNT,
        wrong=_COUNT,
        ambiguous=_COUNT,
        not_understood=_COUNT,
        mentions=_said(_COUNT, "formulas that claim nothing, such as a lone w"),
    ),
    "how many claims have each verdict",
)
_NUMBER = {"$ref": "#/$defs/number"}
_STEP = _object(
    left=_said(_TEXT, "LaTeX"),
    relation=_said(_TEXT, "the sign between the two, = or another"),
    right=_said(_TEXT, "LaTeX"),
    verdict=_VERDICT,
    left_value=_or_null(_NUMBER, "at the counterexample"),
    right_value=_or_null(_NUMBER, "at the counterexample"),
)
_CLAIM = _object(
    file=_said(_TEXT, "the file; of a notebook, with the cell"),
    line=_said(_PLACE, "where the formula begins, from 1"),
    column=_said(_PLACE, "where the formula begins, from 1"),
    latex=_said(_TEXT, "the formula as it stands in the file, without what sets it off from the text"),
    kind=_said(
        {"enum": list(get_args(Kind))}, "what the formula says; a mention that is right claims nothing"
    ),
    verdict=_VERDICT,
    step=_or_null(_TEXT, "of a wrong one: the first step that fails, in LaTeX"),
    expected=_or_null(_TEXT, "of a wrong one: what should stand there, in LaTeX and the notes' own symbols"),
    counterexample=_or_null(
        _object(
            at=_said(
                {"type": "object", "additionalProperties": _NUMBER}, "numbers by name, as the notes write it"
            ),
            left=_said(_NUMBER, "what the left side of the step is there"),
            right=_said(_NUMBER, "what its right side is"),
        ),
        "of a wrong one: numbers at which it fails",
    ),
    repair=_or_null(
        _object(
            start=_said(_COUNT, "the first character of latex to replace, from 0"),
            end=_said(_COUNT, "the first character not to replace"),
            replacement=_said(_TEXT, "LaTeX"),
            says=_said(_TEXT, "the edit in words, with formulas in dollars"),
        ),
        "of a wrong one: the one small edit that makes it right, where there is one",
    ),
    reading=_or_null(_TEXT, "of an ambiguous one: the reading in which it holds, in words"),
    reason=_or_null(_TEXT, "why, in a sentence with formulas in dollars"),
    follows_from=_or_null(_PLACE, "the line of an earlier wrong claim of which this is only a consequence"),
    steps=_said({"type": "array", "items": _STEP}, "each = of a chain in order, where it was understood"),
)

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "chalkgrad check",
    "description": "What `chalkgrad check --format json` writes: a verdict for each formula of some notes.",
    **_object(
        format={"const": "chalkgrad check"},
        version={"const": 1},
        counts=_COUNTS,
        files={
            "type": "array",
            "items": _object(
                file=_TEXT,
                counts=_COUNTS,
                conventions=_said({"type": "array", "items": _TEXT}, "used to read the notes, in words"),
                claims={"type": "array", "items": _CLAIM},
            ),
        },
    ),
    "$defs": {
        "number": {
            "description": "A number, or a list of them for vectors and of lists for matrices.",
            "anyOf": [
                _object(
                    exact=_or_null(_TEXT, "such as 3/7; null where it was rounded"),
                    rounded=_or_null({"type": "number"}, "the nearest float; null where there is none"),
                ),
                {"type": "array", "items": _NUMBER},
            ],
        }
    },
}
"""The JSON Schema (draft 2020-12) of a report."""


def as_json(reports: Sequence[Report]) -> dict[str, Any]:
    """The reports as what `json.dumps` takes.

    >>> as_json([])["format"]
    'chalkgrad check'
    """
    return {
        "format": "chalkgrad check",
        "version": 1,
        "counts": _counts(reports),
        "files": [
            {
                "file": report.file,
                "counts": _counts([report]),
                "conventions": list(report.conventions),
                "claims": [_claim(claim) for claim in report.claims],
            }
            for report in reports
        ],
    }


def _counts(reports: Sequence[Report]) -> dict[str, int]:
    counts = count(reports)
    return {"claims": counts.claims, **counts._asdict()}


def _claim(claim: Claim) -> dict[str, Any]:
    example, repair = claim.counterexample, claim.repair
    return {
        "file": claim.file,
        "line": claim.line,
        "column": claim.column,
        "latex": claim.latex,
        "kind": claim.kind,
        "verdict": claim.verdict,
        "step": claim.step,
        "expected": claim.expected,
        "counterexample": example
        and {
            "at": {name: _number(x) for name, x in example.at.items()},
            "left": _number(example.left),
            "right": _number(example.right),
        },
        "repair": repair
        and {
            "start": repair.start,
            "end": repair.end,
            "replacement": repair.replacement,
            "says": repair.says,
        },
        "reading": claim.reading,
        "reason": claim.reason,
        "follows_from": claim.follows_from,
        "steps": [
            {
                "left": step.left,
                "relation": step.relation,
                "right": step.right,
                "verdict": step.verdict,
                "left_value": None if step.left_value is None else _number(step.left_value),
                "right_value": None if step.right_value is None else _number(step.right_value),
            }
            for step in claim.steps
        ],
    }


def _number(x: Any) -> Any:
    """A number both exactly and rounded.

    >>> _number(Fraction(3, 7)), _number([0.5])
    ({'exact': '3/7', 'rounded': 0.42857142857142855}, [{'exact': None, 'rounded': 0.5}])
    """
    if isinstance(x, (list, tuple)):
        return [_number(entry) for entry in x]
    if isinstance(x, Mapping):
        return [_number(entry) for entry in x.values()]
    exact = str(x) if isinstance(x, (int, Fraction)) else None
    try:
        rounded = float(x) + 0.0
    except (OverflowError, TypeError, ValueError):
        return {"exact": exact or shown(x), "rounded": None}
    if not math.isfinite(rounded):
        return {"exact": str(rounded), "rounded": None}
    return {"exact": exact, "rounded": rounded}
