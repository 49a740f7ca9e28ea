"""What rests on something that could not be read, or is not said, accuses nobody."""

from autograd import check_notes

from .marked import assert_as_marked


def test_a_name_whose_definition_is_not_read_decides_nothing() -> None:
    assert_as_marked(r"""
        R | u = e^{x}
        N | r = \sum_{-m \le w \le m} e^{x_w}
        R | p = \frac{u}{r}
        N | \frac{\partial p}{\partial x} = p (1 - p)
        R | \frac{\partial p}{\partial u} = \frac{1}{r}
    """)


def test_a_definition_with_an_unknown_sign_may_not_be_all_there_is() -> None:
    assert_as_marked(r"""
        N | r = \strangesign{x} + 1
        R | p = r t
        N | \frac{\partial p}{\partial x} = t \cosh x
        R | q = x t
        W | \frac{\partial q}{\partial x} = t x
    """)


def test_which_values_a_name_has_is_no_definition() -> None:
    notes = r"$$t = \pm 1$$ $$H = \max(0, 1 - t s), \quad s = w x$$"
    notes += r"$$\frac{\partial H}{\partial w} = \begin{cases} t x & t s < 1 \\ 0 & t s > 1 \end{cases}$$"
    assert check_notes(notes).claims[-1].verdict == "wrong"


def test_the_reason_names_the_line() -> None:
    notes = "$$r = \\strangesign{x}$$\n\n$$p = r x$$\n\n$$\\frac{\\partial p}{\\partial x} = 3r$$"
    assert check_notes(notes).claims[-1].reason == "line 1 says what $r$ is, and is not understood"


def test_a_sum_over_a_set_is_over_all_if_nothing_else_is() -> None:
    assert_as_marked(r"""
        R | p_o = \frac{e^{x_o}}{\sum_{w \in vocab} e^{x_w}}
        R | J = -\log p_o
        R | \frac{\partial J}{\partial x_o} = p_o - 1
        W | \frac{\partial J}{\partial x_o} = p_o + 1
    """)
    assert_as_marked(r"""
        R | g = \sum_{k \in \mathcal{N}} a_k w_k
        R | \frac{\partial g}{\partial w_k} = a_k
    """)


def test_which_of_all_are_in_a_set_is_not_known() -> None:
    assert_as_marked(r"""
        R | L = \sum_{i=1}^n (y_i - w x_i)^2
        N | \frac{\partial L}{\partial w} = 2 \sum_{i \in S} (y_i - w x_i) x_i
        W | \frac{\partial L}{\partial w} = 2 \sum_{i=1}^n (y_i - w x_i) x_i
    """)
