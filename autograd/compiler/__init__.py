"""Functions of scalars at machine speed: `jit`.

A function is recorded once (`recording`), lowered to operations forward and backward (`lowering`), its chains
of additions flattened (`passes`) and its operations laid out in groups (`schedule`), which compiled kernels
(`kernels`) or, without Numba, NumPy (`arrays`) run over the rows of a table.
"""

from .face import Jitted, jit

__all__ = ["Jitted", "jit"]
