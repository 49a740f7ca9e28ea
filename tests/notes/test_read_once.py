"""What is read or worked out once and used again is what it would be if it were read anew."""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import pytest
from mpmath import mpf

from autograd import Value, check_notes
from autograd.notes.defining.book import Book, Definition
from autograd.notes.meaning.errors import Missing
from autograd.notes.meaning.evaluating import Scope, evaluate
from autograd.notes.meaning.remembered import MOST, once_for_each
from autograd.notes.meaning.statements import statements_of
from autograd.notes.meaning.syntax import Derivative, Entry, Index, Key, Name, Node, open_letters, walk
from autograd.notes.meaning.tables import plain
from autograd.notes.meaning.vocabulary import Vocabulary
from autograd.notes.meaning.world import World
from autograd.notes.reading.documents import read

CORPUS = Path(__file__).parent / "corpus"


def test_a_thing_is_told_from_an_equal_one() -> None:
    asked = []
    first = once_for_each(lambda row: asked.append(row) or row[0])
    one, other = [1, 2], [1, 2]
    assert [first(one), first(other), first(one)] == [1, 1, 1]
    assert len(asked) == 2
    for n in range(MOST + 1):  # what is remembered has an end
        assert first([n]) == n


def test_nothing_is_held_once_notes_are_checked() -> None:
    first = once_for_each(len)
    row = [1, 2]
    held = sys.getrefcount(row)
    first(row)
    assert sys.getrefcount(row) == held + 1
    check_notes("$x = 1$")
    assert sys.getrefcount(row) == held


class Watched(Vocabulary):
    """A vocabulary that notes what is asked of it."""

    asked: ClassVar[set[str]] = set()

    def __getattribute__(self, name: str) -> object:
        Watched.asked.add(name)
        return super().__getattribute__(name)


@pytest.mark.parametrize("name", ["rnn_two_steps.md", "layer_norm.md", "numbers_only.md", "spanish.md"])
def test_nothing_is_asked_of_the_vocabulary_that_would_not_be_noticed_if_it_changed(name: str) -> None:
    document = read(CORPUS / name)
    vocabulary = Watched.of(line for formula in document.formulas for line in formula.lines)
    Watched.asked.clear()
    vocabulary.facts  # noqa: B018
    facts = set(Watched.asked)
    Watched.asked.clear()
    for formula in document.formulas:
        for line in formula.lines:
            statements_of(line, vocabulary)
    assert Watched.asked & vars(vocabulary).keys() - {"facts"} <= facts
    assert Watched.asked & vars(vocabulary).keys()


def node(latex: str) -> Node:
    document = read(f"${latex}$")
    (line,) = document.formulas[0].lines
    (statement,) = statements_of(line, Vocabulary.of([line]))
    found = statement.sides[0].node
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("latex", "letters"),
    [
        (r"\sum_i w_{ij} x_i", {"w", "x", "j"}),
        (r"x_i \sum_i w_i", {"w", "x", "i"}),
        (r"\sum_{k=1}^{n} a_{k+t}", {"a", "n", "t"}),
    ],
)
def test_letters_that_a_sum_binds_are_not_open(latex: str, letters: set[str]) -> None:
    assert open_letters(node(latex)) == letters


def test_a_walk_goes_from_left_to_right() -> None:
    found = [type(x).__name__ for x in walk(node("a + b c"))]
    assert found == ["Sum", "Name", "Product", "Name", "Name"]


def test_what_differs_from_row_to_row_is_not_taken_from_another_row() -> None:
    drawn = map(Fraction, range(1, 100))
    book = Book(rows=2, row_leaves={"x"}, shapes={"x_": (2, 1), "x": (2, 1)})
    world = World(book, lambda key, row: next(drawn))
    double = node("x + x")
    for base, place in (("p", 1), ("q", 2)):
        entry = Entry(0, 0, double, Name(0, 0, Key("", (Index("", place),))))
        book.define(Definition(Key(base), entry, 1, "notes"))
    first, again, second = (
        plain(world.quantity(Key(*key), row)) for key, row in (("p", 1), ("q", 1), ("q", 2))
    )
    assert len({first, again, second}) == 3
    assert second == 2 * plain(world.quantity(Key("x"), 2).rows[1][0])


class Counting(World):
    """A world that notes which names are worked out in it."""

    found: ClassVar[list[str]] = []

    def _found(self, key: Key, row: int | None) -> object:
        self.found.append(key.base)
        return super()._found(key, row)


def test_what_could_not_be_computed_is_worked_out_once() -> None:
    world = Counting(Book(), lambda key, row: 0)
    world.book.define(Definition(Key("y"), node("x + c_i"), 1, "notes"))
    for _ in range(3):
        with pytest.raises(Missing, match="stands for nothing"):
            world.quantity(Key("y"))
    assert world.found == ["y", "x", "c"]
    world.hold(Key("c", (Index("i"),)), None, Value(1))  # now it can
    assert plain(world.quantity(Key("y"))) == 1


def test_second_derivatives_are_taken_in_one_world_for_all_rows() -> None:
    book = Book(rows=3, row_leaves={"x"})
    book.define(Definition(Key("y"), node("w^3 x"), 1, "notes"))
    world = World(book, lambda key, row: Fraction(2 + (row or 0)))
    w, x = Key("w"), Key("x")
    assert world.twice([w, w], 1) is world.twice([w], 2)
    assert world.twice([x], 1) is not world.twice([x], 2)
    second = Derivative(0, 0, Name(0, 0, Key("y")), Name(0, 0, w), order=2)
    assert [evaluate(second, Scope(world, {}, row)) for row in (1, 2, 3)] == [6 * 2 * n for n in (3, 4, 5)]


def test_what_is_understood_does_not_change_from_run_to_run() -> None:
    program = r"""
from autograd.notes.defining.opening import opened
from autograd.notes.reading.documents import read
print(opened(read("$o_1 = w x_{ij}$")).book.row_slots)
"""
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(1, 5)
    }
    assert runs == {"{'x': 'first'}\n"}


def test_an_operation_on_exact_numbers_is_recorded_as_the_long_way_does() -> None:
    for number in (Fraction(1, 3), mpf(3), 0.5):
        a, b = Value(number), Value(number)
        for made, slopes in (
            (a + b, (1, 1)), (a - 1, (1, None)), (2 * a, (None, 2)), (Fraction(1, 2) - a, (None, -1)),
            (a * Fraction(1, 2), (Fraction(1, 2), None)), (a * b, (number, number)),
        ):  # fmt: skip
            assert made.local_derivatives == slopes
            assert type(made.data) is type(number)
            plain = [x for x in made.operands if not isinstance(x, Value)]
            assert all(type(x) in (type(number), int) for x in plain)
