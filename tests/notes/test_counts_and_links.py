"""Regression of counts: factorials, a log link, a step of Newton, a sum below a stroke."""

import pytest

from autograd import check_notes

POISSON = (
    r"$\log\mu_i = \eta_i$ with $\eta_i=x_i^\top\beta$, "
    r"$\ell = \sum_{i=1}^n \left( y_i\eta_i - e^{\eta_i} - \log(y_i!) \right)$. "
)


@pytest.mark.parametrize(
    ("notes", "verdict"),
    [
        (POISSON + r"$\frac{\partial \ell}{\partial \eta_i} = y_i - \mu_i$.", "right"),
        (POISSON + r"$\frac{\partial \ell}{\partial \eta_i} = y_i + \mu_i$.", "wrong"),
        (POISSON + r"$\frac{\partial\mu_i}{\partial\eta_i} = \mu_i$.", "right"),
        (r"$p = \frac{\mu^y e^{-\mu}}{y!}$. $\frac{\partial \log p}{\partial\mu}=\frac{y}{\mu}-1$.", "right"),
        (r"$p = \frac{\mu^y e^{-\mu}}{y!}$. $\frac{\partial \log p}{\partial\mu}=\frac{y}{\mu}+1$.", "wrong"),
        (
            r"$p_j=e^{z_j/T}/\sum_k e^{z_k/T}$, $L=-\log p_c$. "
            r"$\frac{\partial L}{\partial z_c}=\frac{p_c-1}{T}$.",
            "right",
        ),
    ],
)
def test_counts(notes: str, verdict: str) -> None:
    assert check_notes(notes).claims[-1].verdict == verdict


def test_a_step_of_newton_defines_nothing() -> None:
    notes = (
        r"$\eta_i=x_i^\top\beta$, $\mu_i=e^{\eta_i}$, $\ell=\sum_{i=1}^n(y_i\eta_i-\mu_i)$. "
        r"$\frac{\partial\ell}{\partial\eta_i}=y_i-\mu_i$. "
        r"Newton: $\beta^{(t+1)}=\beta^{(t)}+(X^\top WX)^{-1}X^\top(y-\mu)$."
    )
    assert [claim.verdict for claim in check_notes(notes).claims[:4]] == ["right"] * 4
