"""How often the checker is right about the corpus: every annotation, and the verdict its formula got."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd.notes.checking import check_notes
from autograd.notes.report import Claim

HEAD = "{:22}{:>7}{:>7}{:>11}{:>16}{:>7}{:>8}"
CORPUS = Path(__file__).parent
ORDER = ("wrong", "not understood", "ambiguous", "right")
"""From worst to best: a formula of several parts has the worst verdict of its parts."""


@dataclass(frozen=True)
class Outcome:
    """An annotated formula, what is true of it, and what the checker said of it (`missing`: nothing)."""

    note: str
    annotation: dict[str, Any]
    verdict: str
    claims: tuple[Claim, ...]

    @property
    def truth(self) -> str:
        return str(self.annotation["verdict"])


def notes(folder: Path = CORPUS) -> list[Path]:
    """The notes of a folder: those that have a sidecar with annotations."""
    found = (path for path in folder.iterdir() if path.suffix in {".md", ".tex", ".ipynb"})
    return sorted(path for path in found if path.with_suffix(".json").exists())


def annotations(path: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(path.with_suffix(".json").read_text("utf-8"))
    return loaded


def essence(latex: str) -> str:
    """A formula without what only says how it is set."""
    latex = re.sub(r"\\(?:label|tag|begin|end)\*?\{[^}]*\}|\\nonumber|\\notag|\\\\\s*$", "", latex.strip())
    return re.sub(r"[\s&]", "", latex).rstrip(".,;")


def belongs(claim: Claim, annotation: dict[str, Any]) -> bool:
    line = annotation.get("line")
    if line is not None and not claim.line <= line <= claim.line + claim.latex.count("\n"):
        return False
    said, meant = essence(claim.latex), essence(annotation["latex"])
    return bool(said) and (said in meant or meant in said)


def corrected(path: Path) -> tuple[str, list[dict[str, Any]]]:
    """A note with every mistake put right as its sidecar says, and what is then annotated."""
    lines = path.read_text("utf-8").splitlines()
    annotated = []
    for annotation in annotations(path):
        if annotation["verdict"] == "wrong":
            old, new = annotation["latex"], annotation["correct"]
            annotation = annotation | {"verdict": "right", "latex": new}
            at = annotation["line"] - 1
            assert old in lines[at]
            lines[at] = lines[at].replace(old, new, 1)
        annotated.append(annotation)
    return "\n".join(lines) + "\n", annotated


def outcomes(
    path: Path, annotated: Iterable[dict[str, Any]] | None = None
) -> tuple[list[Outcome], list[Claim]]:
    """What became of every annotation of a note, and the claims nobody annotated."""
    left = list(check_notes(path).claims)
    found = []
    for annotation in annotations(path) if annotated is None else annotated:
        own = [claim for claim in left if belongs(claim, annotation)]
        if len(own) > 1 and any(essence(c.latex) == essence(annotation["latex"]) for c in own):
            own = [c for c in own if essence(c.latex) == essence(annotation["latex"])][:1]
        left = [claim for claim in left if claim not in own or covers_more(claim, annotation)]
        said = [verdict for claim in own for verdict in verdicts(claim, annotation)]
        verdict = next((v for v in ORDER if v in said), "missing")
        found.append(Outcome(path.name, annotation, verdict, tuple(own)))
    return found, left


def verdicts(claim: Claim, annotation: dict[str, Any]) -> list[str]:
    """The verdict of a claim; where the annotation is of one row of a chain, those of its steps."""
    if covers_more(claim, annotation):
        row = essence(annotation["latex"])
        steps = [step.verdict for step in claim.steps if row.endswith("=" + essence(step.right))]
        if steps:
            return list(steps)
    return [claim.verdict]


def covers_more(claim: Claim, annotation: dict[str, Any]) -> bool:
    return len(essence(claim.latex)) > len(essence(annotation["latex"]))


@dataclass
class Score:
    """All outcomes, and the numbers that matter."""

    outcomes: list[Outcome]
    stray: list[Claim]

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Score:
        score = cls([], [])
        for path in paths:
            found, stray = outcomes(path)
            score.outcomes += found
            score.stray += [claim for claim in stray if claim.verdict == "wrong"]
        return score

    @property
    def false_accusations(self) -> list[Outcome]:
        return [o for o in self.outcomes if o.verdict == "wrong" and o.truth != "wrong"]

    @property
    def planted(self) -> list[Outcome]:
        return [o for o in self.outcomes if o.truth == "wrong"]

    @property
    def caught(self) -> list[Outcome]:
        return [o for o in self.planted if o.verdict == "wrong"]

    @property
    def precision(self) -> float:
        accused = len(self.caught) + len(self.false_accusations) + len(self.stray)
        return len(self.caught) / accused if accused else 1.0

    @property
    def recall(self) -> float:
        return len(self.caught) / len(self.planted) if self.planted else 1.0

    def table(self) -> str:
        lines = [HEAD.format("mistake", "there", "wrong", "ambiguous", "not understood", "right", "recall")]
        kinds = sorted({o.annotation["mistake"] for o in self.planted})
        for kind in kinds:
            of_kind = [o for o in self.planted if o.annotation["mistake"] == kind]
            lines.append(row(kind.replace("_", " "), Counter(o.verdict for o in of_kind)))
        lines.append(row("all mistakes", Counter(o.verdict for o in self.planted)))
        fine = Counter(o.verdict for o in self.outcomes if o.truth in ("right", "definition", "ambiguous"))
        lines.append(row("nothing wrong", fine, share=False))
        lines.append(
            f"precision {self.precision:.1%} ({len(self.false_accusations) + len(self.stray)} false), "
            f"recall {self.recall:.1%}"
        )
        return "\n".join(lines)


def row(name: str, verdicts: Counter[str], share: bool = True) -> str:
    total, lost = verdicts.total(), verdicts["not understood"] + verdicts["missing"]
    recall = f"{verdicts['wrong'] / total:.0%}" if share else ""
    return HEAD.format(
        name, total, verdicts["wrong"], verdicts["ambiguous"], lost, verdicts["right"], recall
    ).rstrip()
