"""Numbers that are supposed for a moment, and formulas with the numbers of an example put in."""

from autograd import check_notes


def verdicts(notes: str) -> list[str]:
    return [claim.verdict for claim in check_notes(notes).claims if claim.kind != "mention"]


def test_one_number_for_several_names() -> None:
    assert verdicts("$y=wx$, $w=0.5$, $x=2$. If instead $w=x=0$, then $y=0$.") == ["right"] * 5
    assert verdicts("$y=wx$, $w=0.5$, $x=2$, $y=3$.")[-1] == "wrong"
    assert verdicts(r"$h=\tanh(z)$, $\hat y=h$, $z=1$. $h=\hat y=0$.")[-1] == "wrong"


NETWORK = (
    r"$$a_i=w_{i1}x_1+w_{i2}x_2,\qquad h_i=\tanh(a_i)$$ for $i=1,2$, $$o=v_1h_1+v_2h_2,\qquad p=\sigma(o).$$ "
    r"$E=-\ln p$. $w_{11}=1$, $w_{12}=1$, $w_{21}=-0.5$, $w_{22}=0.8$, "
    r"$v_1=1.2$, $v_2=-0.7$, $x_1=1$, $x_2=0$. "
)


def test_what_is_supposed_says_nothing_of_the_numbers_before() -> None:
    r"""v_1 = v_2 = 0 at the end does not make v_1 the same as v_2 everywhere."""
    judged = verdicts(NETWORK + r"$o\approx1.2374$. Because of $v_1=v_2=0$ nothing is learnt.")
    assert set(judged) == {"right"}
    judged = verdicts(NETWORK + r"$o\approx1.3374$. Because of $v_1=v_2=0$ nothing is learnt.")
    assert judged.count("wrong") == 1


def test_a_value_that_is_supposed_is_no_result() -> None:
    notes = r"$z=wx$, $h=\tanh(z)$, $w=0.5$, $x=2$. "
    assert verdicts(notes + "What if we start at zero? Then $h=0$.")[-1] == "not understood"
    assert verdicts(notes + "Now we work it out: $h=0$.")[-1] == "wrong"


def test_the_target_of_an_example_put_in() -> None:
    notes = (
        r"$o=vh+c$, $p=\sigma(o)$, $E=-y\ln p-(1-y)\ln(1-p)$. $v=1.2$, $h=1$, $c=0.3$, $y=1$. "
        r"$p\approx0.8176$. "
    )
    assert set(verdicts(notes + r"$E=-\ln p\approx0.2014$.")) == {"right"}
    assert verdicts(notes + r"$E=-\ln(1-p)\approx1.7015$.")[-1] != "right"
    step = r"With $\eta=0.1$: $v^{\text{new}}\approx1.2182$, $c^{\text{new}}\approx0.2818$."
    assert verdicts(notes + r"$E=-\ln p\approx0.2014$. " + step)[-1] == "wrong"


def test_a_name_that_is_said_to_be_constant() -> None:
    notes = (
        r"$\mu=\frac1m\sum_{i=1}^mx_i$, $y_i=x_i-\mu$. You are given $g_i=\frac{\partial L}{\partial y_i}$. "
        r"$\frac{\partial L}{\partial x_i}=g_i-\frac1m\sum_{j=1}^mg_j$. "
    )
    slope = r"and then $\frac{\partial L}{\partial x_i}=g_i$."
    assert verdicts(notes + r"At test time $\mu$ is a frozen constant, " + slope)[-1] == "not understood"
    assert verdicts(notes + r"At test time $\mu$ is as before, " + slope)[-1] == "wrong"


def test_a_step_of_descent_by_a_number() -> None:
    notes = r"$C=(a-y)^2$, $a=\tanh(z)$, $z=wx+b$, $x=0.5$, $y=1$, $w=0.8$, $b=0.1$. "
    assert verdicts(notes + r"$w \leftarrow w - 0.1 \cdot (-0.423) = 0.8423$.")[-1] == "right"
    assert verdicts(notes + r"$w \leftarrow w - 0.1 \cdot (-0.523) = 0.8523$.")[-1] == "wrong"
    nothing_given = r"$C=(a-y)^2$, $a=\tanh(z)$, $z=wx+b$. "
    assert verdicts(nothing_given + r"$w \leftarrow w - 0.1 \cdot (-0.423)$.")[-1] == "not understood"
