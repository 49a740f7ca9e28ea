r"""Losses and small models as their notes have them: logistic regression, margins, ratings, likelihoods."""

from autograd import check_notes
from autograd.notes.reading.documents import read

from .marked import assert_as_marked


def test_what_is_raised_to_a_label_is_a_power() -> None:
    assert_as_marked(r"""
        R | p_i = σ(w^\top x_i)
        R | L(w) = \prod_{i=1}^n p_i^{y_i}(1-p_i)^{1-y_i}
        R | \ell(w) = \log L(w) = \sum_{i=1}^n [y_i\log p_i + (1-y_i)\log(1-p_i)]
        R | \nabla\ell(w) = \sum_{i=1}^n (y_i-p_i)x_i
        W | \nabla\ell(w) = \sum_{i=1}^n (p_i-y_i)x_i
    """)


def test_letters_of_an_exponent_are_no_index() -> None:
    assert_as_marked(r"""
        R | \ell_i(w) = \log(1+e^{-t_iw^\top x_i})
        R | \nabla_w\ell_i = \frac{-t_ix_i}{1+e^{t_iw^\top x_i}}
        W | \nabla_w\ell_i = \frac{t_ix_i}{1+e^{t_iw^\top x_i}}
    """)


def test_the_loss_of_one_example_is_another_than_that_of_all() -> None:
    assert_as_marked(r"""
        R | p_i = σ(w^\top x_i)
        R | \ell(w) = \sum_{i=1}^n [y_i\log p_i + (1-y_i)\log(1-p_i)]
        R | t_i = 2y_i - 1
        R | \ell_i(w) = \log(1+e^{-t_iw^\top x_i})
        R | \nabla_w\ell_i = -t_iσ(-t_iw^\top x_i)x_i
    """)


def test_a_log_likelihood_is_not_made_small() -> None:
    before = r"$p_i = \sigma(w^\top x_i)$. $\ell(w) = \sum_{i=1}^n [y_i\log p_i + (1-y_i)\log(1-p_i)]$. "
    for sign, verdict in (("+", "right"), ("-", "wrong")):
        step = rf"$w \leftarrow w {sign} \eta\sum_{{i=1}}^n (y_i - p_i)x_i$"
        assert check_notes(before + step).claims[-1].verdict == verdict


def test_sums_over_pairs_and_under_a_condition() -> None:
    assert_as_marked(r"""
        R | E = \sum_{i,j} (R_{ij} - \sum_k P_{ik}Q_{kj})^2
        R | \frac{∂E}{∂P_{ik}} = -2\sum_j (R_{ij}-\sum_k P_{ik}Q_{kj})Q_{kj}
        R | F = \sum_{(i,j)\in\Omega} (R_{ij} - p_i^Tq_j)^2
        R | \frac{∂F}{∂p_i} = -2\sum_{j:(i,j)\in\Omega} (R_{ij}-p_i^Tq_j)q_j
        WN | \frac{∂F}{∂p_i} = -2\sum_{j:(i,j)\in\Omega} (R_{ij}-p_i^Tq_j)p_i
    """)
    assert_as_marked(r"""
        R | J = \frac12\|w\|^2 + C\sum_{i=1}^n\max(0,1-y_i(w^\top x_i+b))
        R | \frac{∂J}{∂b} = -C\sum_{i:\,y_i(w^\top x_i+b)<1}y_i
        WN | \frac{∂J}{∂b} = C\sum_{i:\,y_i(w^\top x_i+b)<1}y_i
    """)


def test_users_and_items_are_two_lists() -> None:
    assert_as_marked(r"""
        R | e_{ui} = r_{ui} - \mu - b_u - b_i - q_i^Tp_u
        R | L_{ui} = e_{ui}^2 + \lambda(b_u^2 + b_i^2 + \|q_i\|^2 + \|p_u\|^2)
        R | \frac{∂L_{ui}}{∂b_u} = -2e_{ui} + 2\lambda b_u
        R | \frac{∂L_{ui}}{∂p_u} = -2e_{ui}q_i + 2\lambda p_u
        W | \frac{∂L_{ui}}{∂b_i} = 2e_{ui} + 2\lambda b_i
        A | b_u \leftarrow b_u + \gamma(e_{ui} - \lambda b_u)
        WN | b_u \leftarrow b_u - \gamma(e_{ui} - \lambda b_u)
    """)


def test_y_beside_x_is_of_one_example_and_a_sum_of_all() -> None:
    assert_as_marked(r"""
        R | f(x) = w^\top x + b
        R | \ell = \max(0,1-yf(x))
        R | J = \frac12\|w\|^2 + C\sum_{i=1}^n\max(0,1-y_i(w^\top x_i+b))
        R | \frac{∂\ell}{∂w} = -yx\,\mathbb 1[yf(x)<1]
        W | \frac{∂\ell}{∂w} = yx\,\mathbb 1[yf(x)<1]
    """)


def test_a_step_for_one_example() -> None:
    assert_as_marked(r"""
        R | E(w) = \sum_{i=1}^n \max(0,-y_iw^\top x_i)
        A | w \leftarrow w + \eta y_ix_i
        WN | w \leftarrow w - \eta y_ix_i
    """)
    assert_as_marked(r"""
        R | E(w) = \frac12\sum_{i=1}^n(w^\top x_i - y_i)^2
        A | w \leftarrow w - \eta(w^\top x_i-y_i)x_i
        WN | w \leftarrow w + \eta(w^\top x_i-y_i)x_i
    """)


def test_the_probability_of_a_class_has_its_index() -> None:
    assert_as_marked(r"""
        R | P(y=k\mid x) = \frac{\exp(w_k^\top x)}{\sum_{j=1}^K\exp(w_j^\top x)}
        R | \frac{∂\log P(y=k\mid x)}{∂w_j} = (\delta_{jk} - P(y=j\mid x))x
        W | \frac{∂\log P(y=k\mid x)}{∂w_j} = (\delta_{jk} + P(y=j\mid x))x
        R | J = -\sum_{i=1}^n\sum_{k=1}^K \mathbb 1\{y_i=k\}\log P(y_i=k\mid x_i)
        R | \nabla_{w_k}J = -\sum_{i=1}^n (\mathbb 1\{y_i=k\} - P(y_i=k\mid x_i))x_i
        W | \nabla_{w_k}J = -\sum_{i=1}^n (\mathbb 1\{y_i=k\} + P(y_i=k\mid x_i))x_i
    """)


def test_a_log_likelihood_is_what_it_is_said_to_be() -> None:
    assert_as_marked(r"""
        R | -\log p(y\mid X,w) = \frac{1}{2σ^2}\sum_i(y_i-w^\top x_i)^2 + \frac n2\log(2\pi σ^2)
        R | \nabla_w[-\log p(y\mid X,w)] = -\frac1{σ^2}\sum_i(y_i-w^\top x_i)x_i
        W | \nabla_w\log p(y\mid X,w) = -\frac1{σ^2}\sum_i(y_i-w^\top x_i)x_i
    """)


def test_a_slope_with_a_probability_in_it_is_not_passed_over() -> None:
    assert_as_marked(r"""
        R | J = \sum_i (w x_i - y_i)^2
        N | \frac{∂J}{∂w} = \sum_i x_i(y_i + p(y_i\mid x_i))
    """)


def test_a_difference_of_letters_above_is_an_exponent() -> None:
    assert_as_marked(r"""
        R | m_t = βm_{t-1} + (1-β)g_t
        R | m_0 = 0
        R | m_t = (1-β)\sum_{i=1}^tβ^{t-i}g_i
        N | m_t = (1-β)\sum_{i=1}^tβ^ig_i
        R | (1-β)\sum_{i=1}^tβ^{t-i} = 1-β^t
    """)


def test_a_bare_gradient_is_by_the_only_parameter() -> None:
    assert_as_marked(r"""
        R | \tilde L = L + \frac\lambda2\|\theta\|^2
        R | \nabla\tilde L = \nabla L + \lambda\theta
        WN | \nabla\tilde L = \nabla L + 2\lambda\theta
        R | \theta \leftarrow (1-\alpha\lambda)\theta - \alpha\nabla L
    """)


def test_capitals_that_are_defined_and_differentiated_are_a_word() -> None:
    assert_as_marked(r"""
        R | FL = -(1-p)^γ\log p
        R | \frac{∂FL}{∂p} = γ(1-p)^{γ-1}\log p - \frac{(1-p)^γ}p
        W | \frac{∂FL}{∂p} = γ(1-p)^{γ-1}\log p + \frac{(1-p)^γ}p
    """)


def test_the_inverse_of_what_is_defined_is_a_claim() -> None:
    assert_as_marked(r"""
        R | z = \log\frac a{1-a}
        R | a = σ(z)
        R | \frac{dz}{da} = \frac1{a(1-a)}
        W | \frac{dz}{da} = a(1-a)
    """)


def test_bold_words_in_front_of_a_paragraph_are_a_heading() -> None:
    notes = (
        r"**Binomial.** $\ell(p) = k\log p$ and $\ell'(p) = \frac kp$." "\n\n"
        r"**Bernoulli:** $p = \frac1{1+e^{-\eta}}$ and $\ell(p) = \log p$."
    )  # fmt: skip
    formulas = read(notes).formulas
    assert [formula.heading for formula in formulas] == ["Binomial"] * 2 + ["Bernoulli"] * 2


def test_powers_of_a_variance() -> None:
    assert_as_marked(r"""
        R | \ell(\mu,σ^2) = -\frac n2\logσ^2 - \frac1{2σ^2}\sum_{i=1}^n(x_i-\mu)^2
        R | \frac{∂\ell}{∂σ^2} = -\frac n{2σ^2} + \frac1{2σ^4}\sum_{i=1}^n(x_i-\mu)^2
        R | \frac{∂\ell}{∂σ} = -\frac nσ + \frac1{σ^3}\sum_{i=1}^n(x_i-\mu)^2
        W | \frac{∂\ell}{∂σ^2} = -\frac n{2σ^2} + \frac1{2σ^2}\sum_{i=1}^n(x_i-\mu)^2
    """)


def test_a_penalty_that_the_text_adds() -> None:
    assert_as_marked(r"""
        R | J(\theta) = \frac1{2m}\sum_{i=1}^m(\theta^Tx_i-y_i)^2
        R | \nabla J = \frac1m\sum_{i=1}^m(\theta^Tx_i-y_i)x_i
        With a penalty
        R | \frac\lambda{2m}\|\theta\|^2
        added to it,
        R | \nabla J = \frac1m\sum_{i=1}^m(\theta^Tx_i-y_i)x_i + \frac\lambda m\theta
        R | \theta := \theta(1-\alpha\frac\lambda m) - \frac\alpha m\sum_{i=1}^m(\theta^Tx_i-y_i)x_i
        WN | \nabla J = \frac1m\sum_{i=1}^m(\theta^Tx_i-y_i)x_i + \frac\lambda{2m}\theta
    """)


def test_a_function_with_a_parameter_for_its_index() -> None:
    assert_as_marked(r"""
        R | s(z) = zσ(z)
        R | s'(z) = s(z) + σ(z)(1-s(z))
        R | s_\beta(z) = zσ(\beta z)
        R | s_\beta'(z) = σ(\beta z) + \beta zσ(\beta z)(1-σ(\beta z))
        W | s_\beta'(z) = σ(\beta z) + zσ(\beta z)(1-σ(\beta z))
    """)
