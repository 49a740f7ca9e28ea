"""Einstein's convention: an index that stands twice in a term is summed over, where the notes say so."""

import pytest

from autograd.notes.defining.repeated_indices import where_agreed
from autograd.notes.reading.documents import read
from tests.notes.marked import assert_as_marked

SAID = [
    "Repeated indices are summed over.", "We use the summation convention.", "In Einstein notation:",
    "Einstein's summation convention is used", "Summation over repeated indices is implied throughout.",
    "We do not write the sign for a sum over repeated indices.", "An index that occurs twice is summed over.",
    "Es gilt die Einsteinsche Summenkonvention.", "Über doppelt vorkommende Indizes wird summiert.",
    "Se suma sobre índices repetidos.", "Usamos el convenio de suma de Einstein.",
    "On utilise la convention d'Einstein.", "On somme sur les indices répétés.",
    "Usiamo la convenzione di Einstein.", "Soma-se sobre índices repetidos.",
    "По повторяющимся индексам ведётся суммирование.", "Используем соглашение Эйнштейна.",
    "采用爱因斯坦求和约定。", "对重复下标求和。", "アインシュタインの縮約記法を用いる。",
]  # fmt: skip
NOT_SAID = [
    "", "The summation convention is not used here.", "No summation convention is used.",
    "Ohne Summenkonvention.", "We do not use the Einstein convention.", "The sum over the index $i$.",
    "The indices repeat.", "Einstein wrote it down.", "Sin suma sobre índices repetidos.",
]  # fmt: skip


@pytest.mark.parametrize("words", SAID)
def test_it_is_said_in_many_ways(words):
    assert where_agreed(read(f"{words}\n\n$y_i = W_{{ij}} x_j$", file="a.md")) == 0


@pytest.mark.parametrize("words", NOT_SAID)
def test_elsewhere_nothing_is_summed(words):
    assert where_agreed(read(f"{words}\n\n$y_i = W_{{ij}} x_j$", file="a.md")) is None


def test_it_may_stand_in_front_matter():
    text = "---\nloss: E = y_i y_i\nconvention: summation convention\n---\n$y_i = W_{ij} x_j$"
    assert where_agreed(read(text, file="a.md")) == 0


def test_it_holds_from_the_section_on_in_which_it_is_said():
    text = (
        "# A\n$y = x$\n# B\n$z = 2y$\n\nRepeated indices are summed over:\n$y_i = W_{ij} x_j$\n# C\n$w = z$"
    )
    assert where_agreed(read(text, file="a.md")) == 1


NOTES = {
    "layers": r"""
Repeated indices are summed over.
R | h_j = \tanh(u_{jk} x_k)
R | y_i = v_{ij} h_j + b_i
R | E = \frac12 (y_i - t_i)(y_i - t_i)
R | \delta_i = \frac{\partial E}{\partial y_i} = y_i - t_i
R | \frac{\partial E}{\partial v_{ij}} = \delta_i h_j
W | \frac{\partial E}{\partial v_{ij}} = \delta_j h_i
R | \frac{\partial E}{\partial h_j} = \frac{\partial E}{\partial y_i} \frac{\partial y_i}{\partial h_j}
W | \frac{\partial E}{\partial h_j} = \delta_i v_{ji}
R | \frac{\partial E}{\partial u_{jk}} = v_{ij} \delta_i (1 - h_j^2) x_k
W | \frac{\partial E}{\partial u_{jk}} = v_{ij} \delta_i (1 - h_j) x_k
R | \frac{\partial E}{\partial b_k} = (y_i - t_i) \delta_{ik}
""",
    "forms and traces": r"""
We use the summation convention.
R | q = x_i A_{ij} x_j
R | \frac{\partial q}{\partial x_k} = A_{kj} x_j + x_i A_{ik} = (A_{kj} + A_{jk}) x_j
W | \frac{\partial q}{\partial x_k} = 2 A_{kj} x_j
R | \frac{\partial q}{\partial A_{kl}} = x_k x_l
R | T = A_{ij} B_{ji}
R | \frac{\partial T}{\partial A_{kl}} = B_{lk}
W | \frac{\partial T}{\partial A_{kl}} = B_{kl}
R | \frac{\partial A_{ii}}{\partial A_{kl}} = \delta_{kl}
R | x_i x_i = \sum_i x_i^2
""",
    "a symmetric matrix": r"""
We use the summation convention, with symmetric $A$.
R | q = x_i A_{ij} x_j
R | \frac{\partial q}{\partial x_k} = 2 A_{kj} x_j
W | \frac{\partial q}{\partial x_k} = A_{kj} x_j
""",
    "sums that are written out": r"""
Summation over repeated indices is implied, so that y is short for a sum:
R | y_i = W_{ij} x_j
R | y_i = \sum_j W_{ij} x_j
R | L = y_k y_k
R | \frac{\partial L}{\partial x_j} = 2 y_i W_{ij} = 2 \sum_i y_i W_{ij}
W | \frac{\partial L}{\partial x_j} = y_i W_{ij}
""",
    "no convention": r"""
R | y_i = \sum_j W_{ij} x_j
R | L = \sum_i y_i^2
W | \frac{\partial L}{\partial x_j} = 2 y_i W_{ij}
""",
}  # fmt: skip


@pytest.mark.parametrize("title", NOTES)
def test_formulas(title):
    assert_as_marked(NOTES[title])


SCORES = r"""
R | S_{ab} = s \sum_i Q_{ai} K_{bi}
Some scalar $L$ sits on top of $S$. A bar is the derivative of it:
R | \bar S_{ab} = \frac{\partial L}{\partial S_{ab}}
"""


def test_letters_that_are_summed_over_are_indices_and_no_words():
    assert_as_marked(SCORES + r"R | \bar K_{bi} = s \sum_a \bar S_{ab} Q_{ai}")
    assert_as_marked(SCORES + r"W | \bar K_{bi} = \sum_a \bar S_{ab} Q_{ai}")
    softmax = r"R | P_{ab} = \frac{\exp S_{ab}}{\sum_c \exp S_{ac}}" "\n"
    right = r"R | \frac{\partial P_{ab}}{\partial S_{cd}} = \delta_{ac} P_{ab} (\delta_{bd} - P_{ad})"
    assert_as_marked(softmax + right)
    assert_as_marked(softmax + right.replace("R |", "WN |").replace("- P_{ad}", "+ P_{ad}"))
