r"""Derivatives whose sign is typed as a delta: `\frac{\delta L}{\delta w}`."""

from __future__ import annotations

import re

__all__ = ["has_delta_slopes"]

_DELTA = re.compile(r"\\delta(?![A-Za-z])")
_ARGUMENT = r"\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
_FRACTION = re.compile(r"\\[dt]?frac" + _ARGUMENT + _ARGUMENT)


def has_delta_slopes(text: str) -> bool:
    r"""Whether a delta stands in a text for the sign of a derivative and for nothing else.

    >>> has_delta_slopes(r"$\frac{\delta L}{\delta w} = \frac{\delta L}{\delta \hat{y}} x$")
    True
    >>> has_delta_slopes(r"$\frac{\delta L}{\delta w} = \frac{\delta L}{\delta z} x = \delta x$")
    False
    """
    deltas = len(_DELTA.findall(text))
    if deltas < 4:
        return False
    pairs = [(over.strip(), under.strip()) for over, under in _FRACTION.findall(text)]
    slopes = [
        (over, under) for over, under in pairs if _is_one(over) and _is_one(under) and under != r"\delta"
    ]
    return 2 * len(slopes) == deltas


def _is_one(part: str) -> bool:
    """Whether it begins with a delta, and has no other."""
    return _DELTA.match(part) is not None and len(_DELTA.findall(part)) == 1
