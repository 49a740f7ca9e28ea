"""Small notes with the verdict they should get in front of every formula, for tests.

    Repeated indices are summed over.
    R | T = A_{ij} B_{ji}
    W | \\frac{\\partial T}{\\partial A_{kl}} = B_{kl}

Lines without a mark are prose.
"""

from autograd import check_notes

__all__ = ["LETTERS", "assert_as_marked"]

LETTERS = {"R": "right", "W": "wrong", "A": "ambiguous", "N": "not understood"}


def assert_as_marked(note: str) -> None:
    """Check notes, and assert that every formula gets the verdict it is marked with.

    A mark of several letters allows for any of them.
    """
    marks, text = [], []
    for line in map(str.strip, note.strip().splitlines()):
        mark, bar, formula = line.partition(" | ")
        if bar and set(mark) <= set(LETTERS):
            marks.append({LETTERS[letter] for letter in mark})
            text.append(f"$${formula.strip()}$$")
        else:
            text.append(line)
    claims = [claim for claim in check_notes("\n\n".join(text), file="note.md").claims if _is_display(claim)]
    assert len(claims) == len(marks)
    told = [
        f"{claim.verdict}: {claim.latex} | {claim.reason or ''}"
        for claim, allowed in zip(claims, marks, strict=True)
        if claim.verdict not in allowed
    ]
    assert not told, "\n".join(told)


def _is_display(claim) -> bool:
    return claim.column == 3
