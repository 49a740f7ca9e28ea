"""Options that are given by name, or as a function of one's own."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from autograd.errors import SettingError
from autograd.files import shown

__all__ = ["find"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def find(kind: str, choice: str | _Function, known: Mapping[str, _Function], otherwise: str) -> _Function:
    """Find the function that a name stands for; a function stands for itself.

    Raises SettingError for a name that is not known, and for what is neither name nor function.

    >>> find("size", "smal", {"small": min, "large": max}, "a function")
    Traceback (most recent call last):
    autograd.errors.SettingError: there is no size 'smal'; did you mean 'small'?
    """
    if isinstance(choice, str):
        if choice in known:
            return known[choice]
        nearest = difflib.get_close_matches(choice[:100].casefold(), known, 1)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(known)}"
        raise SettingError(f"there is no {kind} {shown(choice)}; {hint}")
    if not callable(choice):
        raise SettingError(f"{choice!r} is no {kind}; give the name of one, or {otherwise}")
    return choice
