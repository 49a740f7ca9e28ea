"""Names that are given another meaning, and what follows: judged by what was said last."""

from autograd.notes.checking import check_notes
from autograd.notes.meaning.syntax import Apply, Key, Name, Number, Product, Quotient, replaced


def verdicts(*lines):
    return [claim.verdict for claim in check_notes("\n\n".join(f"$${line}$$" for line in lines)).claims]


def test_a_loss_given_anew_is_right_where_what_follows_holds_with_it():
    report = check_notes(
        r"MSE: $L = (a - y)^2$, so $\frac{\partial L}{\partial a} = 2(a - y)$."
        "\n\n"
        r"With the factor one half: $L = \frac{1}{2}(a - y)^2$, so $\frac{\partial L}{\partial a} = a - y$."
    )
    assert [claim.verdict for claim in report.claims] == ["right"] * 4


def test_a_slip_in_what_is_said_again_stays_wrong():
    found = verdicts(
        "L = (a - y)^2", r"\frac{\partial L}{\partial a} = 2(a - y)", r"L = 2(a - y)^2",
        r"\frac{\partial L}{\partial y} = -2(a - y)",
    )  # fmt: skip
    assert found == ["right", "right", "wrong", "right"]


def test_what_rests_on_a_name_given_anew_is_read_by_it():
    """The gradient goes through h, of which only the definition is another."""
    found = verdicts(
        r"h = \max(0, W_1 x)", "s = W_2 h", r"L = \frac12\|s - y\|^2", r"h = \sigma(W_1 x)",
        r"\frac{\partial L}{\partial W_1} = \left(W_2^T(s-y) \odot h \odot (1-h)\right)x^T",
    )  # fmt: skip
    assert found == ["right"] * 5


def test_no_repair_makes_a_formula_say_itself():
    """s = z is never mended to s = s, nor 1/2 to 2/2."""
    report = check_notes(
        r"$a = \sigma(z)$, $C = (a-y)^2$." "\n\n" r"Take $a = z$ and $C = \frac{1}{2}(a-y)^2$ instead."
    )
    for claim in report.claims:
        assert claim.expected is None or claim.expected.replace(" ", "") not in ("a", r"\frac{2}{2}(a-y)^2")


def test_shapes_that_do_not_fit_in_a_power_of_a_bracket_are_said_to():
    report = check_notes(r"$p = \mathrm{softmax}(z)$, $L = p^T y$, $L = -(1-p)^2 p$")
    assert "shapes" in report.claims[-1].reason


def test_a_loss_that_names_its_arguments_is_replaced_with_them():
    loss, y = Name(0, 0, Key("ell")), Name(0, 0, Key("y"))
    mean = Quotient(0, 0, loss, Number(0, 0, "4"))
    assert replaced(Apply(0, 0, loss, (y, y)), loss, mean) == mean
    assert replaced(Apply(0, 0, loss, (y,)), loss, mean) == Product(0, 0, (mean, y), ("",))


def test_a_counterexample_names_each_quantity_once_and_rows_as_the_notes_do():
    report = check_notes(
        r"$o = w_1 x_{i1} + w_2 x_{i2}$, $L = \frac{1}{n} \sum_i (y_i - o)^2$, "
        r"$o = w_1 x_{i1} - w_2 x_{i2}$"
    )
    example = report.claims[2].counterexample
    assert {"x_{i1}", "x_{i2}"} <= set(example.at)
    assert not any("^{(" in name for name in example.at)


def test_numbers_that_a_sentence_gives_hold_in_it_and_no_further():
    """Put in for the names of a derivative: for x = 1 and y = 0, (a - y) x is a."""
    report = check_notes(
        r"$$z = wx + b, \qquad a = \sigma(z), \qquad C = \frac{(y - a)^2}{2}$$"
        "\n\n"
        r"Dla $x = 1$ i $y = 0$ dostajemy $\frac{\partial C}{\partial w} = a\sigma'(z)$. "
        r"For $x = 1$ and $y = 0$ we get $\frac{\partial C}{\partial w} = 2a\sigma'(z)$. "
        r"Always $\frac{\partial C}{\partial w} = a\sigma'(z)$."
    )
    assert [c.verdict for c in report.claims if "partial" in c.latex] == ["right", "wrong", "wrong"]


def test_a_step_of_newton_is_no_step_of_descent():
    """Beside a Hessian that the notes work out it is not held against the gradient."""
    p = r"\left(h_\theta(x^{(i)})\right)^{y^{(i)}}\left(1-h_\theta(x^{(i)})\right)^{1-y^{(i)}}"
    log = r"y^{(i)}\log h_\theta(x^{(i)}) + (1-y^{(i)})\log(1-h_\theta(x^{(i)}))"
    second = r"-\sum_{i=1}^m h_\theta(x^{(i)})(1-h_\theta(x^{(i)}))x_j^{(i)}x_k^{(i)}"
    found = verdicts(
        r"h_\theta(x) = g(\theta^T x) = \frac{1}{1+e^{-\theta^T x}}",
        rf"L(\theta) = \prod_{{i=1}}^m p(y^{{(i)}}\mid x^{{(i)}};\theta) = \prod_{{i=1}}^m {p}",
        rf"\ell(\theta) = \log L(\theta) = \sum_{{i=1}}^m {log}",
        rf"H_{{jk}} = \frac{{\partial^2\ell(\theta)}}{{\partial\theta_j\partial\theta_k}} = {second}",
        r"\theta := \theta - H^{-1}\nabla_\theta\ell(\theta)",
    )
    assert found[-1] == "not understood"


def test_a_name_that_would_be_defined_by_itself_is_given_up():
    """Of z = y - t and, later, y = f(z), each holds in its place."""
    found = verdicts(
        r"L = \frac12 (y - t)^2",
        "z = y - t",
        r"\frac{\partial L}{\partial z} = z",
        r"\frac{\partial z}{\partial y} = 1",
        r"y = \tanh(z)",
        r"\frac{\partial L}{\partial z} = (y - t) (1 - y^2)",
        r"\frac{\partial L}{\partial z} = (y - t) y^2",
    )
    assert found == ["right"] * 6 + ["not understood"]


FIRST_LAYER = r"$C = (a-y)^2$, $a = \tanh(wx)$. $\frac{dC}{dw} = 2(a-y)(1-a^2)x$." "\n\n"


def test_a_loss_of_what_comes_up_later_is_another_one():
    """After a second layer the loss is one of its output, and no slip for that of the first."""
    report = check_notes(FIRST_LAYER + "Then $a_2 = \\tanh(va)$ and $C = (a_2-y)^2$.")
    assert [claim.verdict for claim in report.claims][-2:] == ["right", "not understood"]
    report = check_notes(r"$a_2 = \tanh(va)$. " + FIRST_LAYER + "Again: $C = (a_2-y)^2$.")
    assert report.claims[-1].verdict == "wrong"


def test_a_formula_that_is_only_supposed_is_no_slip():
    text = FIRST_LAYER + r"With one half it would be $C = \frac12(a-y)^2$."
    assert check_notes(text).claims[-1].verdict == "not understood"
    assert check_notes(text.replace("it would be", "we have")).claims[-1].verdict == "wrong"


ONE = r"""
# One example

$z = w^Tx$, $a = \sigma(z)$, $L = \frac12(a-y)^2$. $\frac{\partial L}{\partial z} = (a-y)a(1-a)$ and
$\frac{\partial L}{\partial w} = (a-y)a(1-a)x$.
"""
ALL = r"""
# A batch

With the examples in the rows of $X\in\mathbb R^{N\times d}$, $\vec y\in\mathbb R^N$ and $p = \sigma(Xw)$,
$J = \frac12\|p-\vec y\|^2$.
"""


def test_a_section_of_one_example_is_read_without_the_batch_after_it():
    assert [claim.verdict for claim in check_notes(ONE + ALL).claims][:5] == ["right"] * 5
    slip = ONE.replace("a(1-a)x", "a(1+a)x")
    assert check_notes(slip + ALL).claims[4].verdict != "right"


def test_three_formulas_for_one_name_are_three_meanings():
    report = check_notes("Losses: $L = (a-y)^2$, $L = |a-y|$, $L = 2(a-y)^2$.")
    assert [claim.verdict for claim in report.claims] == ["right", "not understood", "not understood"]
    report = check_notes("$L = (a-y)^2$. Again, $L = 2(a-y)^2$. In full: $L = a^2 - 2ay + y^2$.")
    assert [claim.verdict for claim in report.claims] == ["right", "wrong", "right"]
