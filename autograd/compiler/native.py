"""The kernels as functions that Python can call: found on disk or compiled, and loaded."""

from __future__ import annotations

import ctypes
import hashlib
import importlib.metadata
import platform
import sys
import threading
import warnings
from pathlib import Path
from typing import Any, NamedTuple

from . import cache

__all__ = ["Kernels", "kernels"]

SOURCES = (
    *("kernels.py", "single.py", "blocks.py", "elementwise.py", "approximations.py", "exponentials.py"),
    *("logarithms.py", "threaded.py", "translation.py", "arithmetic.py", "machine_code.py", "vectors.py"),
    *("layout.py", "../functions.py"),
)
"""What the machine code depends on, apart from LLVM, the processor and the C library."""

_P, _I, _D = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
_MEMORY = (_P,) * 5
_ENTER = ctypes.CFUNCTYPE(None, _I, _P, _P, _P, _I, _I, _I, _D, *_MEMORY, _P, _I)
_DESCEND = ctypes.CFUNCTYPE(None, _P, *_MEMORY, _P, *_MEMORY, _P, _P, _I, _I, _P, _P, _I, *[_P] * 6)


class Kernels(NamedTuple):
    """The machine code of `kernels` for one kind of number; how many of those a vector has; what holds it."""

    enter: Any
    descend: Any
    lanes: int
    engine: Any


_loaded: dict[str, Kernels | None] = {}
_lock = threading.Lock()


def kernels(dtype: str) -> Kernels | None:
    """The kernels for this kind of number; None, after one notice, where llvmlite is not installed."""
    if dtype not in _loaded:
        with _lock:
            if dtype not in _loaded:
                _loaded[dtype] = _kernels(dtype)
    return _loaded[dtype]


def _kernels(dtype: str) -> Kernels | None:
    try:
        import llvmlite.binding as llvm
    except ImportError:
        _notice()
        return None
    key = _key(llvm, dtype)
    found = cache.load(key)
    if found is None:
        found = _compile(dtype)
        cache.store(key, *found)
    symbols, code = found
    from .machine_code import load

    engine, (enter, descend) = load(code, symbols)
    return Kernels(_ENTER(enter), _DESCEND(descend), 512 // (64 if dtype == "float64" else 32), engine)


def _notice() -> None:
    warnings.warn(
        "llvmlite is not installed, so compiled functions run on NumPy arrays, which is many times slower; "
        "pip install 'chalkgrad[fast]' brings it",
        RuntimeWarning,
        stacklevel=_outside(),
    )


def _outside() -> int:
    """How many calls up the user's code is."""
    from .._caller import _OURS

    frame, depth = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OURS):
        frame, depth = frame.f_back, depth + 1
    return depth


def _key(llvm: Any, dtype: str) -> str:
    """A name for machine code of these sources, made by this compiler, for this processor."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for source in SOURCES:
        digest.update((here / source).read_bytes())
    features = llvm.get_host_cpu_features().flatten()
    machine = [llvm.get_process_triple(), llvm.get_host_cpu_name(), features, *platform.libc_ver()]
    digest.update("\n".join([importlib.metadata.version("llvmlite"), *machine, dtype]).encode())
    return f"kernels-{dtype}-{digest.hexdigest()[:32]}"


def _compile(dtype: str) -> tuple[list[str], bytes]:
    print(f"chalkgrad: compiling the {dtype} kernels, once for this machine ...", file=sys.stderr, flush=True)
    from .kernels import compiled

    return compiled(dtype)
