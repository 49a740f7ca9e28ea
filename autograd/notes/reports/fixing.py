"""A corrected copy of notes: each wrong claim with a repair is mended, and the copy is checked again.

A repair stays only if its claim is right in the copy and nothing else became wrong by it; the text around
the formulas is kept to the letter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..reading.notebooks import _cells
from ..report import Claim, Report

__all__ = ["Fixed", "fixed", "in_the_file"]

_CHECKS = 200
"""How often the copy is checked at most; a file in which no repair fails needs two checks or three."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Notes with their repairs.

    text     the text of the notes, mended; of a notebook, that of its Markdown cells
    changed  the claims that were mended, as they were, in the order of the text
    left     the wrong claims that are left, as they are in the copy
             both with the places that they have in the file
    cells    of a notebook, where each cell is in the text: its number, start and end
    """

    text: str
    changed: tuple[Claim, ...]
    left: tuple[Claim, ...]
    cells: tuple[tuple[int, int, int], ...]


def fixed(report: Report, check: Callable[[str], Report]) -> Fixed:
    """Mend what can be mended; `check` checks a text as `report.text` was."""
    cells = [(c.number, c.start, c.end) for c in (report.document.cells if report.document else ())]
    refused: set[tuple[int, str]] = set()  # repairs that did not stand the test
    changed: dict[int, Claim] = {}
    most = None
    places = report.claims
    for _ in range(_CHECKS):
        chosen = [(i, claim) for i, claim in _mendable(report) if (i, claim.latex) not in refused][:most]
        if not chosen:
            break
        mended = check(_replaced(report.text, [claim for _, claim in chosen]))
        if _is_better(report, mended, chosen):
            cells = [(n, _moved(start, chosen), _moved(end, chosen)) for n, start, end in cells]
            report, most = mended, None
            for i, claim in chosen:
                changed.setdefault(i, claim)
        elif len(chosen) == 1:
            refused.add((chosen[0][0], chosen[0][1].latex))
            most = None
        else:  # one of them fails: find it among fewer
            most = len(chosen) // 2
    left = [_placed(claim, places[i]) for i, claim in enumerate(report.claims) if claim.verdict == "wrong"]
    mended_claims = [_placed(changed[i], places[i]) for i in sorted(changed)]
    return Fixed(report.text, tuple(mended_claims), tuple(left), tuple(cells))


def _placed(claim: Claim, like: Claim) -> Claim:
    return replace(claim, file=like.file, line=like.line, column=like.column)


def _mendable(report: Report) -> list[tuple[int, Claim]]:
    """The wrong claims with a repair that stand in the text as they were read; no two edits overlap."""
    found: list[tuple[int, Claim]] = []
    end = -1
    for i, claim in sorted(enumerate(report.claims), key=lambda pair: pair[1].offset):
        if claim.verdict != "wrong" or claim.repair is None:
            continue
        first, last = claim.offset + claim.repair.start, claim.offset + claim.repair.end
        # the marks of a quotation between two lines of a formula are in the text alone
        if first >= end and report.text[first:last] == claim.latex[claim.repair.start : claim.repair.end]:
            found.append((i, claim))
            end = last
    return found


def _replaced(text: str, claims: Sequence[Claim]) -> str:
    pieces, end = [], 0
    for claim in claims:
        assert claim.repair is not None
        pieces += [text[end : claim.offset + claim.repair.start], claim.repair.replacement]
        end = claim.offset + claim.repair.end
    return "".join([*pieces, text[end:]])


def _moved(place: int, chosen: Sequence[tuple[int, Claim]]) -> int:
    """Where a place of the text is after the repairs."""
    repairs = [(claim.offset, claim.repair) for _, claim in chosen if claim.repair is not None]
    return place + sum(
        len(repair.replacement) - (repair.end - repair.start)
        for offset, repair in repairs
        if offset + repair.end <= place
    )


def _is_better(before: Report, after: Report, chosen: Sequence[tuple[int, Claim]]) -> bool:
    """Whether the chosen claims are right now, or fail later in their chain, and none became wrong by it."""
    if len(after.claims) != len(before.claims):
        return False
    if any(
        new.verdict == "wrong" and old.verdict != "wrong"
        for old, new in zip(before.claims, after.claims, strict=True)
    ):
        return False
    return all(_is_mended(claim, after.claims[i]) for i, claim in chosen)


def _is_mended(old: Claim, new: Claim) -> bool:
    if new.verdict == "wrong":
        return bool(old.steps and new.steps) and _first_failing(new) > _first_failing(old)
    return new.verdict in ("right", "ambiguous")


def _first_failing(claim: Claim) -> int:
    return next((i for i, step in enumerate(claim.steps) if step.verdict == "wrong"), len(claim.steps))


def in_the_file(original: str, fix: Fixed) -> bytes:
    """What the corrected file holds: the mended text, or the notebook with its cells mended."""
    if not fix.cells:
        return fix.text.encode()
    notebook: Any = json.loads(original.removeprefix("\ufeff"))
    cells = _cells(notebook, "the notebook")
    for number, start, end in fix.cells:
        cell = cells[number - 1]
        source = fix.text[start:end]
        cell["source"] = source.splitlines(keepends=True) if isinstance(cell["source"], list) else source
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()
