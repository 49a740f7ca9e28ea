"""Notes in many styles with mistakes planted in them: the annotations are true, and the checker finds them.

Every annotation is proved in numbers by `corpus/by_hand.py`, without the checker.
`python -m tests.notes.corpus` prints the score.
"""

from __future__ import annotations

import re

import pytest

torch = pytest.importorskip("torch")

from autograd.notes.checking import check_notes  # noqa: E402
from tests.notes.corpus import by_hand, second_worlds, worlds  # noqa: E402
from tests.notes.corpus.random_notes import random_notes  # noqa: E402
from tests.notes.corpus.scoring import CORPUS, Score, annotations, corrected, essence, notes, outcomes  # noqa: E402

NOTES = notes()
UNSEEN = notes(CORPUS / "unseen")
"""Written while the checker was, but kept from those who wrote it: what it does on notes it has never met."""
SECOND = notes(CORPUS / "second_unseen")
"""The same, later; in the manner of well-known books, courses and posts."""
PROVED = NOTES + UNSEEN + SECOND
SEEDS = range(1, 7)

MISTAKES = {
    "forgotten_derivative", "wrong_weight", "wrong_variable", "sign", "dropped_factor", "lost_sum",
    "target_swapped", "exponent", "transpose", "wrong_number", "doubled_derivative", "update_sign",
}  # fmt: skip


def proved(path):
    """The annotations of a note that say what both sides are."""
    return [a for a in annotations(path) if "sides" in a]


def scopes(path):
    build = getattr(second_worlds if path in SECOND else worlds, path.stem)
    return [build(worlds.Random(seed)) for seed in SEEDS]


def everywhere(sides, points):
    """Whether an equation holds at all points; one whose shapes do not fit holds nowhere."""
    try:
        return all(by_hand.holds(sides, point) for point in points)
    except RuntimeError:
        return False


@pytest.mark.parametrize("path", PROVED, ids=lambda path: path.name)
def test_what_is_annotated_as_right_is_right(path):
    points = scopes(path)
    for claim in proved(path):
        if claim["verdict"] != "wrong":
            assert everywhere(claim["sides"], points), claim


@pytest.mark.parametrize("path", PROVED, ids=lambda path: path.name)
def test_what_is_annotated_as_wrong_is_wrong(path):
    points = scopes(path)
    for claim in annotations(path):
        if claim["verdict"] != "wrong":
            continue
        assert claim["mistake"] in MISTAKES
        assert claim["correct"]
        assert not everywhere(claim["sides"], points), claim
        left = re.split(" == | ~ ", claim["sides"])[0]
        numbers = "d(" not in left or " ~ " in claim["sides"]
        for point in points:
            true, said = (by_hand.evaluate(side, point) for side in (claim["truth"], left))
            if numbers and not torch.is_tensor(said):
                assert abs(true - said) < 1e-4
            else:
                assert by_hand.equal(true, said), claim


@pytest.mark.parametrize("path", [p for p in PROVED if p.suffix != ".ipynb"], ids=lambda path: path.name)
def test_annotations_are_in_place(path):
    lines = path.read_text("utf-8").splitlines()
    for claim in annotations(path):
        assert essence(claim["latex"]) in essence(lines[claim["line"] - 1])


def test_mistakes_of_all_kinds_are_planted():
    planted = [a["mistake"] for path in NOTES for a in annotations(path) if a["verdict"] == "wrong"]
    assert len(NOTES) >= 14
    assert set(planted) == MISTAKES
    assert min(map(planted.count, MISTAKES)) >= 5


@pytest.fixture(scope="module")
def score():
    return Score.of(NOTES)


def test_nothing_right_is_called_wrong(score):
    accused = [(o.note, o.annotation.get("line"), o.annotation["latex"]) for o in score.false_accusations]
    assert accused == []
    assert [(claim.file, claim.line, claim.latex) for claim in score.stray] == []


def test_mistakes_are_found(score):
    assert score.recall >= 0.95, score.table()


def test_nothing_wrong_is_called_right(score):
    missed = [(o.note, o.annotation.get("line")) for o in score.planted if o.verdict == "right"]
    assert missed == []


def test_every_annotated_formula_has_a_claim(score):
    assert [(o.note, o.annotation["latex"]) for o in score.outcomes if o.verdict == "missing"] == []


@pytest.mark.parametrize("path", [p for p in NOTES if p.suffix != ".ipynb"], ids=lambda path: path.name)
def test_a_corrected_note_has_nothing_wrong(path, tmp_path):
    text, annotated = corrected(path)
    copy = tmp_path / path.name
    copy.write_text(text, "utf-8")
    found, stray = outcomes(copy, annotated)
    assert [o.annotation["latex"] for o in found if o.verdict == "wrong"] == []
    assert [claim.latex for claim in stray if claim.verdict == "wrong"] == []


@pytest.mark.parametrize("seed", range(4))
def test_random_notes(seed):
    """Derivatives that SymPy found are not called wrong, and changed ones are not called right."""
    for lines in random_notes(seed, count=15):
        claims = check_notes("\n\n".join(f"$${line.latex}$$" for line in lines)).claims
        assert len(claims) == len(lines)
        for line, claim in zip(lines, claims, strict=True):
            assert claim.verdict != ("wrong" if line.right else "right"), [other.latex for other in lines]


SMALL = re.split(r"^## ", (CORPUS / "small_notes.txt").read_text("utf-8"), flags=re.M)[1:]


@pytest.mark.parametrize("note", SMALL, ids=[note.partition("\n")[0] for note in SMALL])
def test_small_notes(note):
    """Nothing right is called wrong, and nothing wrong is called right."""
    lines = [re.match(r"(?:([RWA?]) \| )?(.*)", line) for line in note.strip().split("\n")[1:]]
    shown = [f"$${line[2]}$$" if line[1] else line[2] for line in lines]
    claims = check_notes("\n\n".join(shown)).claims
    for at, line in enumerate(lines):
        said = {claim.verdict for claim in claims if claim.line == 2 * at + 1}
        if line[1]:
            assert said, line[2]
            assert "wrong" not in said if line[1] in "RA?" else said != {"right"}, line[2]


def test_unseen_notes():
    """Precision and recall where nothing was tuned."""
    score = Score.of(UNSEEN)
    assert not score.false_accusations, score.table()
    assert score.stray == []
    assert score.recall >= 0.95, score.table()
