"""What came of checking notes: a verdict for every claim, and what a reader needs to believe it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .reading.documents import Document

__all__ = ["ENDINGS", "Claim", "Counterexample", "Kind", "Repair", "Report", "Step", "Verdict"]

ENDINGS = (".md", ".markdown", ".qmd", ".rmd", ".tex", ".ipynb")
"""How files end that are taken for notes where a folder is searched; others can be named."""

Verdict = Literal["right", "wrong", "ambiguous", "not understood"]
"""`ambiguous`: it holds in a reading that is not the literal one; the claim's `reading` says in which."""

Kind = Literal[
    "definition", "forward", "loss", "gradient", "chain", "update", "number", "shape", "identity", "mention"
]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Small numbers at which a claim fails: by name as the notes write it, and what both sides then are."""

    at: Mapping[str, Any]
    left: Any
    right: Any


@dataclass(frozen=True, slots=True)
class Repair:
    """A single small edit that makes a claim right: the characters `start` to `end` of its LaTeX, replaced.

    `says` is the edit in words, with formulas in LaTeX: "replace $w^2_{21}$ by $w^2_{11}$".
    """

    start: int
    end: int
    replacement: str
    says: str


@dataclass(frozen=True, slots=True)
class Step:
    """One `=` of a chain: both sides as the notes write them, and their values at the counterexample.

    The values are None where none were worked out, as for a chain that is right.
    """

    left: str
    relation: str
    right: str
    verdict: Verdict
    left_value: Any = None
    right_value: Any = None


@dataclass(frozen=True, slots=True, repr=False)
class Claim:
    """One formula of the notes and what became of it.

    file, line, column   where it begins; lines and columns count from 1
    latex                its source, as it stands in the file, without the dollar signs
    kind                 what it says: a definition, a gradient, an update, ...; a "mention" claims nothing
    verdict              right, wrong, ambiguous, not understood
    step                 for a wrong one, the first `=` that fails: "left = right" in the notes' own LaTeX
    expected             for a wrong one, what should stand there, in LaTeX and in the notes' own symbols
    counterexample       for a wrong one, small numbers at which it fails
    repair               for a wrong one, a single edit that makes it right, if there is one
    reading              for an ambiguous one, the reading in which it holds
    reason               why, in a sentence: what is wrong, what was not understood, which convention was used
    follows_from         the line of an earlier wrong claim of which this one is only a consequence
    offset               where `latex` begins in the text of the report, counted in characters
    steps                each `=` of the chain in order, where the formula is a chain that was understood

    Texts in words (`reason`, `reading`, a repair's `says`) have their formulas in dollars, as Markdown does.
    """

    file: str
    line: int
    column: int
    latex: str
    kind: Kind
    verdict: Verdict
    step: str | None = None
    expected: str | None = None
    counterexample: Counterexample | None = None
    repair: Repair | None = None
    reading: str | None = None
    reason: str | None = None
    follows_from: int | None = None
    offset: int = 0
    steps: tuple[Step, ...] = ()

    def __repr__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.verdict}: {self.latex}"


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """The claims of one file of notes, in order, and the conventions that were used to read them.

    `text` is what the claims' offsets count in; of a notebook, its Markdown cells. `document` says more of
    it: what surrounds each formula, and which cell is where. It prints as `chalkgrad check` does.
    """

    file: str
    text: str = field(repr=False)
    claims: tuple[Claim, ...]
    conventions: tuple[str, ...] = ()
    document: Document | None = field(default=None, repr=False, compare=False)

    def having(self, verdict: Verdict) -> tuple[Claim, ...]:
        """The claims with a verdict."""
        return tuple(claim for claim in self.claims if claim.verdict == verdict)

    def __repr__(self) -> str:
        from io import StringIO

        from rich.console import Console

        from .reports.terminal import print_report

        page = StringIO()
        print_report(self, Console(file=page, width=100, color_system=None))
        return page.getvalue().rstrip()
