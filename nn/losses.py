"""Losses: how wrong a prediction is, as one number.

Each takes what the model returned for one row (a Value, or a list of them) and the row's target (a number, or
as many), and gives one number; over several outputs it is their sum. Over the rows of a batch `autograd.sum`
and `autograd.mean` add up, and `loss_over_rows` does both.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import autograd as ag
from autograd.errors import NumberError, SettingError, ShapeError
from autograd.numbers import Number, innermost, is_number, is_recorder, library_of, shown

__all__ = [
    "Loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logit",
    "cross_entropy",
    "cross_entropy_from_probabilities",
    "half_squared_error",
    "hinge",
    "loss_over_rows",
    "squared_error",
]

Loss: TypeAlias = Callable[[Any, Any], Any]
"""A function of prediction and target."""


def squared_error(prediction: Any, target: Any) -> Any:
    """(y - ŷ)^2, summed over the outputs. Raises ShapeError for another number of targets than outputs.

    >>> squared_error(17, 5), squared_error([1, 2], [1, 5])
    (144, 9)
    """
    return _summed([(y - prediction) ** 2 for prediction, y in _pairs(prediction, target)])


def half_squared_error(prediction: Any, target: Any) -> Any:
    """1/2 (y - ŷ)^2, summed over the outputs, whose derivative by ŷ is ŷ - y.

    >>> half_squared_error(17.0, 5.0)
    72.0
    """
    return squared_error(prediction, target) / 2


def binary_cross_entropy(probability: Any, label: Any) -> Any:
    """-(y log(p) + (1 - y) log(1 - p)) for a label y of 0 or 1, or anything between.

    It is inf where the model is certain and wrong (p = 0 where y = 1), and 0 where it is certain and right.
    Raises SettingError for a label or probability outside 0..1.

    >>> binary_cross_entropy(0.5, 1), binary_cross_entropy(0.0, 1)
    (0.6931471805599453, inf)
    >>> binary_cross_entropy(0.5, 2)
    Traceback (most recent call last):
    autograd.errors.SettingError: the label is 2, which is not from 0 to 1
    """
    losses = []
    for p, y in _pairs(probability, label):
        _check_label(y)
        _check_probability(p, "output='sigmoid' or binary_cross_entropy_with_logit")
        # for a label 0 or 1 the other term is 0, even where its logarithm is infinite
        if _is_open(y):
            both = y * ag.log(p) + (1 - y) * ag.log(1 - p)
            losses.append(-_at_label(y, zero=ag.log(1 - p), between=both, one=ag.log(p)))
        elif y in (0, 1):
            losses.append(-ag.log(p if y == 1 else 1 - p))
        else:
            losses.append(-(y * ag.log(p) + (1 - y) * ag.log(1 - p)))
    return _summed(losses)


def binary_cross_entropy_with_logit(logit: Any, label: Any) -> Any:
    """The binary cross-entropy of p = sigmoid(z), from z: softplus(z) - y z. Finite for every finite z.

    Raises SettingError for a label outside 0..1.

    >>> binary_cross_entropy_with_logit(0.0, 1), binary_cross_entropy_with_logit(-1e4, 1)
    (0.6931471805599453, 10000.0)
    """
    losses = []
    for z, y in _pairs(logit, label):
        _check_label(y)
        if _is_open(y):
            softplus = ag.softplus(ag.where(y >= 1, -z, z))
            losses.append(_at_label(y, zero=softplus, between=softplus - y * z, one=softplus))
        elif y in (0, 1):
            losses.append(ag.softplus(z if y == 0 else -z))  # the same, without taking z from nearly z
        else:
            losses.append(ag.softplus(z) - y * z)
    return _summed(losses)


def cross_entropy(logits: Sequence[Any], target: Any) -> Any:
    """-log of the probability that softmax gives to the right class: log(e^z1 + e^z2 + ...) - z_class.

    `target` is the class, counted from 0, or a probability for each class, such as (1, 0, 0). Finite for all
    finite logits. Raises ShapeError for logits that are no list or fewer or more than the probabilities, and
    SettingError for a class that is not there, a probability outside 0..1, or a sum of them other than 1.

    >>> round(cross_entropy([0.0, 0.0], 1), 6), cross_entropy([1e4, -1e4], (0, 1))
    (0.693147, 20000.0)
    """
    logits, shares = _classes("logits", logits, target)
    if not isinstance(shares, list):
        return ag.logsumexp(logits) - ag.take(logits, shares)
    return ag.logsumexp(logits) - ag.dot(shares, logits)


def cross_entropy_from_probabilities(probabilities: Sequence[Any], target: Any) -> Any:
    """-(y1 log(a1) + y2 log(a2) + ...), for the outputs a of a softmax; inf where the right one is 0.

    Target and errors as in `cross_entropy`, which is to be preferred: it never overflows.

    >>> round(cross_entropy_from_probabilities([0.7, 0.2, 0.1], (1, 0, 0)), 6)
    0.356675
    """
    probabilities, shares = _classes("probabilities", probabilities, target)
    for p in probabilities:
        _check_probability(p, "output='softmax' or cross_entropy")
    if not isinstance(shares, list):
        return -ag.log(ag.take(probabilities, shares))
    # a class of share 0 counts for nothing, even where its logarithm is infinite
    terms = []
    for p, y in zip(probabilities, shares, strict=True):
        if _is_open(y):
            terms.append(_at_label(y, zero=0, between=y * ag.log(p), one=ag.log(p)))
        elif y != 0:
            terms.append(ag.log(p) if y == 1 else y * ag.log(p))
    return -_summed(terms)


def hinge(score: Any, label: Any) -> Any:
    """max(0, 1 - y s), for a label y of 1 or -1: 0 once the score has the right sign and a margin of 1.

    Raises SettingError for another label.

    >>> hinge(0.25, 1), hinge(0.25, -1), hinge(3.0, 1)
    (0.75, 1.25, 0.0)
    """
    losses = []
    for s, y in _pairs(score, label):
        if _plain(y) not in (1, -1, None):
            raise SettingError(f"the label is {shown(y)}; for hinge it is 1 or -1")
        losses.append(ag.relu(1 - y * s))
    return _summed(losses)


def loss_over_rows(
    model: Callable[[Any], Any], rows: Iterable[tuple[Any, Any]], loss: Loss, *, reduce: str = "mean"
) -> Any:
    """The loss of a model over rows (pairs of features and target), as their "mean" or their "sum".

    Raises ShapeError for no rows, SettingError for another `reduce`.

    >>> loss_over_rows(lambda x: 2 * x[0], [([1.0], 3.0), ([2.0], 1.0)], squared_error, reduce="sum")
    10.0
    """
    return reduced([loss(model(features), target) for features, target in rows], reduce)


def reduced(losses: list[Any], reduce: str) -> Any:
    """The "mean" or the "sum" of losses."""
    if reduce not in ("mean", "sum"):
        raise SettingError(f"reduce is {reduce!r}; it is 'mean' or 'sum'")
    if not losses:
        raise ShapeError("there are no rows, so there is no loss")
    total = _summed(losses)
    return total / len(losses) if reduce == "mean" and len(losses) > 1 else total


def _summed(losses: list[Any]) -> Any:
    """Add up losses; a single one stays as it is, so that the graph shows what the notes say."""
    return losses[0] if len(losses) == 1 else ag.sum(losses)


def _listed(x: Any) -> list[Any]:
    """List what is one number or many."""
    if is_number(x):
        return [x]
    if isinstance(x, str) or not isinstance(x, Iterable):
        raise NumberError(f"{x!r} is neither a number nor a list of them")
    return list(x)


def _pairs(prediction: Any, target: Any) -> list[tuple[Any, Any]]:
    """Pair each output with its target."""
    outputs, targets = _listed(prediction), _listed(target)
    if len(outputs) != len(targets) or not outputs:
        raise ShapeError(
            f"the model has {len(outputs)} outputs and the row has {len(targets)} targets; give as many"
        )
    return list(zip(outputs, targets, strict=True))


def _classes(what: str, outputs: Any, target: Any) -> tuple[list[Any], Any]:
    """The outputs, and either the index of the right class or a list with a probability for each."""
    if is_number(outputs):
        raise ShapeError(f"cross-entropy needs a list of {what}, one for each class, and got one number")
    outputs = _listed(outputs)
    if not is_number(target):
        shares = _listed(target)
        if len(shares) != len(outputs):
            raise ShapeError(
                f"there are {len(outputs)} {what}, but {len(shares)} probabilities in the target"
            )
        for y in shares:
            _check_label(y)
        known = [_plain(y) for y in shares]
        if None not in known and not abs(sum(known) - 1) < 1e-6:
            raise SettingError(f"the probabilities in the target add up to {shown(sum(known))}, not to 1")
        return outputs, shares
    if _is_open(target):
        return outputs, target
    index = _plain(target)
    if index not in range(len(outputs)):
        raise SettingError(
            f"the target is class {shown(target)}, and {len(outputs)} {what} are for 0 to {len(outputs) - 1}"
        )
    return outputs, int(index)


def _is_open(x: Any) -> bool:
    """Whether a label is not known yet, as `jit` traces the loss: then all cases are written down."""
    return hasattr(innermost(x), "is_placeholder")


def _at_label(y: Any, *, zero: Any, between: Any, one: Any) -> Any:
    """What counts for a label from 0 to 1 that is not known yet."""
    return ag.where(y <= 0, zero, ag.where(y >= 1, one, between))


def _plain(x: Any) -> Number:
    """The number inside Values; None for a symbol."""
    while hasattr(x, "data") and is_recorder(x):
        x = x.data
    return None if is_recorder(x) or library_of(x) == "sympy" else x


def _check_label(y: Any) -> None:
    """Refuse a label that is not from 0 to 1."""
    known = _plain(y)
    if known is not None and not 0 <= known <= 1:
        raise SettingError(f"the label is {shown(y)}, which is not from 0 to 1")


def _check_probability(p: Any, instead: str) -> None:
    """Refuse what cannot be a probability, rounding aside; nan passes, as through every function."""
    known = _plain(p)
    if known is not None and (known < -1e-9 or known > 1 + 1e-9):
        raise SettingError(f"the probability is {shown(p)}, which is not from 0 to 1; use {instead}")
