"""The kernels as functions that Python can call: found on disk or compiled, and loaded.

Only compiling needs Numba. Machine code that is on disk already is loaded with llvmlite, which takes a tenth
of the time of importing Numba.
"""

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

__all__ = ["UNUSED", "Kernels", "kernels"]

SOURCES = (
    *("kernels.py", "single.py", "blocks.py", "elementwise.py", "approximations.py", "exponentials.py"),
    *("logarithms.py", "threaded.py", "vectors.py", "layout.py", "../functions.py"),
)
"""What the machine code depends on, apart from Numba, the processor and the C library."""

_P, _I, _D = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
_MEMORY = (_P,) * 5
_ENTER = ctypes.CFUNCTYPE(ctypes.c_int, _P, _P, _I, _P, _P, _P, _I, _I, _I, _D, *_MEMORY, _P, _I)
_DESCEND = ctypes.CFUNCTYPE(
    ctypes.c_int, _P, _P, _P, *_MEMORY, _P, *_MEMORY, _P, _P, _I, _I, _P, _P, _I, *[_P] * 6
)


class Kernels(NamedTuple):
    """The machine code of `kernels` for one kind of number, and how many of those a vector has."""

    enter: Any
    descend: Any
    lanes: int


_unused = (ctypes.c_int64 * 2)()
UNUSED = (ctypes.addressof(_unused), ctypes.addressof(_unused) + 8)
"""Numba's functions take two more pointers first, for results and exceptions; ours have neither."""

_loaded: dict[str, Kernels | None] = {}
_engines: list[Any] = []
"""What holds the machine code, never to be dropped."""
_lock = threading.Lock()


def kernels(dtype: str) -> Kernels | None:
    """The kernels for this kind of number; None, after one notice, where Numba is not installed."""
    if dtype not in _loaded:
        with _lock:
            if dtype not in _loaded:
                _loaded[dtype] = _kernels(dtype)
    return _loaded[dtype]


def _kernels(dtype: str) -> Kernels | None:
    try:
        import llvmlite.binding as llvm
    except ImportError:
        _notice("Numba is not installed")
        return None
    key = _key(llvm, dtype)
    found = cache.load(key)
    if found is None:
        try:
            found = _compile(dtype)
        except ImportError:
            _notice("Numba is not installed")
            return None
        cache.store(key, *found)
    return _link(llvm, *found, dtype)


def _notice(why: str) -> None:
    warnings.warn(
        f"{why}, so compiled functions run on NumPy arrays, which is many times slower; "
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
    versions = [importlib.metadata.version("llvmlite")]
    try:
        versions.append(importlib.metadata.version("numba"))
    except importlib.metadata.PackageNotFoundError:
        versions.append("none")
    machine = [llvm.get_process_triple(), llvm.get_host_cpu_name(), features, *platform.libc_ver()]
    digest.update("\n".join([*versions, *machine, dtype, sys.version]).encode())
    return f"kernels-{dtype}-{digest.hexdigest()[:32]}"


def _compile(dtype: str) -> tuple[list[str], bytes]:
    import numba  # noqa: F401 - to fail before the notice

    print(f"chalkgrad: compiling the {dtype} kernels, once for this machine ...", file=sys.stderr, flush=True)
    from .kernels import compiled

    return compiled(dtype)


def _link(llvm: Any, symbols: list[str], code: bytes, dtype: str) -> Kernels:
    """Load machine code into this process."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine, use_lmm=True)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    addresses = [engine.get_function_address(symbol) for symbol in symbols]
    assert all(addresses), "the machine code lacks an entry"
    return Kernels(_ENTER(addresses[0]), _DESCEND(addresses[1]), 512 // (64 if dtype == "float64" else 32))
