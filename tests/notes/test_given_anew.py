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
