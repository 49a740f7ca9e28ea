"""The judge of the corpus, independent of the checker: every annotated claim, worked out in numbers.

A sidecar says what each side of a claim is as a Python expression over the quantities of its note, which
`worlds.py` builds anew from tensors; derivatives are PyTorch's. A claim annotated as right must have equal
sides at several random points, one annotated as wrong must not, and its `truth` must.
"""

from __future__ import annotations

import math
import re
from typing import Any

import torch

Scope = dict[str, Any]


def d(output: torch.Tensor, variable: torch.Tensor) -> torch.Tensor:
    """The derivative of a number, in the shape of `variable`; the Jacobian of anything larger."""
    output, variable = torch.as_tensor(output), torch.as_tensor(variable)
    if output.ndim:
        rows = [d(entry, variable).reshape(-1) for entry in output.reshape(-1)]
        return torch.stack(rows).reshape(output.numel(), variable.numel())
    if output is variable:
        return torch.ones_like(output)
    if not output.requires_grad:
        return torch.zeros_like(variable)
    (found,) = torch.autograd.grad(output, variable, retain_graph=True, create_graph=True, allow_unused=True)
    return torch.zeros_like(variable) if found is None else found


def sigmoid_prime(z: torch.Tensor) -> torch.Tensor:
    return torch.exp(-z) / (1 + torch.exp(-z)) ** 2


def stack(numbers: Any) -> torch.Tensor:
    return torch.stack([torch.as_tensor(x, dtype=torch.float64) for x in numbers])


TOOLS: Scope = {
    "d": d,
    "sp": sigmoid_prime,
    "sig": torch.sigmoid,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "tanh": torch.tanh,
    "diag": torch.diag,
    "outer": torch.outer,
    "stack": stack,
    "sum": sum,
    "range": range,
    "math": math,
    "tensor": lambda *x: torch.tensor(x, dtype=torch.float64),
    "step": lambda z: (torch.as_tensor(z) > 0).double(),
    "shape": lambda x: tuple(x.shape),
}


def evaluate(side: str, scope: Scope) -> Any:
    """The value of a side. The expressions are this project's own, from the sidecars beside this file."""
    return eval(side, {"__builtins__": {}, **TOOLS, **scope})


def equal(left: Any, right: Any) -> bool:
    if isinstance(left, tuple) or isinstance(right, tuple):
        return bool(left == right)
    left, right = (torch.as_tensor(x, dtype=torch.float64) for x in (left, right))
    return left.shape == right.shape and torch.allclose(left, right, rtol=1e-9, atol=1e-11)


def holds(sides: str, scope: Scope) -> bool:
    """Whether `a == b == c ~ 0.25` holds; behind `~` stands a decimal, good to a unit of its last digit."""
    parts = re.split(r"\s+(==|~)\s+", sides)
    before = evaluate(parts[0], scope)
    for relation, text in zip(parts[1::2], parts[2::2], strict=True):
        if relation == "~":
            digits = len(text.partition(".")[2])
            if abs(float(torch.as_tensor(before).detach()) - float(text)) > 1.01 * 10.0**-digits:
                return False
            before = float(text)
        else:
            after = evaluate(text, scope)
            if not equal(before, after):
                return False
            before = after
    return True
