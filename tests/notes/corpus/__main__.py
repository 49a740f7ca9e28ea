"""Print how the checker does on the corpus: `python -m tests.notes.corpus [-v] [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.notes.corpus.scoring import CORPUS, Outcome, Score, notes


def told(o: Outcome) -> str:
    reasons = "; ".join(filter(None, (claim.reason or claim.reading or claim.step for claim in o.claims)))
    kind = f" [{o.annotation['mistake']}]" if "mistake" in o.annotation else ""
    place = f"{o.note}:{o.annotation.get('line', '?')}"
    return f"{place}  is {o.truth}{kind}, called {o.verdict}:  {o.annotation['latex']}\n      {reasons}"


arguments = [a for a in sys.argv[1:] if not a.startswith("-")]
score = Score.of(notes(Path(arguments[0]) if arguments else CORPUS))
print(score.table())
print("\nFalse accusations:" if score.false_accusations or score.stray else "")
for outcome in score.false_accusations:
    print(told(outcome))
for claim in score.stray:
    print(f"{claim.file}:{claim.line}  {claim.latex}\n      {claim.reason}")
if "-v" in sys.argv:
    print("\nMissed:")
    for outcome in score.planted:
        if outcome.verdict != "wrong":
            print(told(outcome))
    print("\nNot understood, though nothing is wrong:")
    for outcome in score.outcomes:
        if outcome.truth != "wrong" and outcome.verdict in ("not understood", "missing", "ambiguous"):
            print(told(outcome))
