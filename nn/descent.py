"""Gradient descent: rules that move parameters against their gradients."""

from collections.abc import Iterable
from typing import Any

from autograd import Value, sqrt
from autograd.errors import SettingError
from autograd.numbers import Number, is_number
from nn._together import assign

__all__ = ["SGD", "Adam", "Optimizer", "RMSprop"]


class Optimizer:
    """The base of all optimisers. One of your own says in `move` how far a parameter goes.

    >>> class SignDescent(Optimizer):
    ...     def move(self, gradient, state):
    ...         return (-self.learning_rate if gradient > 0 else self.learning_rate), None
    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> SignDescent(0.25).step([w])
    >>> w.data
    0.75
    """

    def __init__(self, learning_rate: Number) -> None:
        self.learning_rate = _checked("learning_rate", learning_rate)
        self._states: dict[Value, Any] = {}

    def move(self, gradient: Number, state: Any) -> tuple[Number, Any]:
        """Say what to add to a parameter, and what to remember of it until the next step (None at first)."""
        raise NotImplementedError(f"{type(self).__name__} needs a method move(gradient, state)")

    def step(self, parameters: Iterable[Value]) -> None:
        """Move each parameter once, by the gradient that `backward()` left in it.

        All parameters move or, on an error or Ctrl-C, none.
        """
        each = list(dict.fromkeys(parameters))
        states = dict(self._states)
        data = []
        for p in each:
            change, state = self.move(p.grad, states.get(p))
            data.append(p.data + change)
            if state is not None:
                states[p] = state
        assign(each, data, (self, "_states", states))

    def __repr__(self) -> str:
        settings = (f"{name}={setting!r}" for name, setting in vars(self).items() if name[0] != "_")
        return f"{type(self).__name__}({', '.join(settings)})"


class SGD(Optimizer):
    """Plain gradient descent, one step for each batch; with momentum a velocity v, which begins at 0.

        w := w - learning_rate * dL/dw
        v := momentum * v - learning_rate * dL/dw,  w := w + v      with momentum

    Fractions stay exact where the learning rate is an integer or a Fraction too. Raises SettingError for a
    learning rate below 0 or not finite, and for a momentum outside 0 <= momentum < 1.

    Source: Sutskever, Martens, Dahl and Hinton, On the importance of initialization and momentum in deep
    learning, ICML 2013, equations 1 and 2 (the momentum of Polyak 1964).

    >>> from fractions import Fraction
    >>> w = Value(Fraction(3))
    >>> (w * w).backward()
    >>> SGD(learning_rate=Fraction(1, 10)).step([w])
    >>> w.data
    Fraction(12, 5)
    """

    def __init__(self, learning_rate: Number = 0.01, momentum: Number = 0) -> None:
        super().__init__(learning_rate)
        self.momentum = _checked("momentum", momentum, below=1)

    def move(self, gradient: Number, state: Any) -> tuple[Number, Any]:
        """Roll on as before, and down the slope."""
        if self.momentum == 0:
            return -self.learning_rate * gradient, None
        velocity = self.momentum * (0 if state is None else state) - self.learning_rate * gradient
        return velocity, velocity


class RMSprop(Optimizer):
    """Steps measured by the recent size of the gradient g: v, which begins at 0, averages its square.

        v := decay * v + (1 - decay) * g^2
        w := w - learning_rate * g / (sqrt(v) + epsilon)

    Raises SettingError for a learning rate or epsilon below 0 or not finite, and for a decay outside
    0 <= decay < 1.

    Source: Tieleman and Hinton, Lecture 6.5, COURSERA: Neural networks for machine learning, 2012. The
    epsilon, which keeps the first division from being one by 0, is added as in PyTorch.

    >>> w = Value(3.0)
    >>> (w * w).backward()
    >>> RMSprop(learning_rate=0.1, decay=0.75).step([w])
    >>> round(w.data, 6)
    2.8
    """

    def __init__(self, learning_rate: Number = 0.01, decay: Number = 0.9, epsilon: Number = 1e-8) -> None:
        super().__init__(learning_rate)
        self.decay = _checked("decay", decay, below=1)
        self.epsilon = _checked("epsilon", epsilon)

    def move(self, gradient: Number, state: Any) -> tuple[Number, Any]:
        """Take a step of about the learning rate."""
        v = self.decay * (0 if state is None else state) + (1 - self.decay) * gradient * gradient
        return -self.learning_rate * gradient / (sqrt(v) + self.epsilon), v


class Adam(Optimizer):
    """Averages of the gradient g and of its square, which begin at 0 and are corrected for that.

    At step t = 1, 2, ...:

        m := beta1 * m + (1 - beta1) * g
        v := beta2 * v + (1 - beta2) * g^2
        w := w - learning_rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)

    Raises SettingError for a learning rate or epsilon below 0 or not finite, and for a beta outside
    0 <= beta < 1.

    Source: Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.

    >>> w = Value(3.0)
    >>> (w * w).backward()
    >>> Adam(learning_rate=0.1).step([w])
    >>> round(w.data, 6)
    2.9
    """

    def __init__(
        self,
        learning_rate: Number = 0.001,
        beta1: Number = 0.9,
        beta2: Number = 0.999,
        epsilon: Number = 1e-8,
    ) -> None:
        super().__init__(learning_rate)
        self.beta1 = _checked("beta1", beta1, below=1)
        self.beta2 = _checked("beta2", beta2, below=1)
        self.epsilon = _checked("epsilon", epsilon)

    def move(self, gradient: Number, state: Any) -> tuple[Number, Any]:
        """Take a step of at most about the learning rate."""
        t, m, v = (0, 0, 0) if state is None else state
        t += 1
        m = self.beta1 * m + (1 - self.beta1) * gradient
        v = self.beta2 * v + (1 - self.beta2) * gradient * gradient
        root = sqrt(v / (1 - self.beta2**t))
        return -self.learning_rate * m / (1 - self.beta1**t) / (root + self.epsilon), (t, m, v)


def _checked(name: str, setting: Number, below: float | None = None) -> Number:
    """Refuse a setting that is not a number from 0 up, or up to `below`."""
    if not is_number(setting) or isinstance(setting, Value):
        raise SettingError(f"{name} is {setting!r}, which is not a number")
    if not (setting >= 0 and setting - setting == 0):
        raise SettingError(f"{name} is {setting!r}; it is a finite number from 0 up")
    if below is not None and setting >= below:
        raise SettingError(f"{name} is {setting!r}; it is below {below}, and 0 or more")
    return setting
