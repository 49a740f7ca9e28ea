"""Machine code on disk, so that the kernels are compiled once for a machine and not in every process.

What is loaded from there runs, so it has to be ours: the directory and the file belong to the user, nobody
else may write to them, no link is followed, and a file that does not match its digest is compiled anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["directory", "load", "store"]

_MAGIC = b"chalkgrad kernels 1\n"


def directory() -> Path | None:
    """The user's own directory for it, made if need be; None if there is none that can be trusted.

    It is `CHALKGRAD_CACHE`, if that is set, or else `chalkgrad` in `XDG_CACHE_HOME` or `~/.cache`.
    """
    named = os.environ.get("CHALKGRAD_CACHE")
    try:
        path = Path(named or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chalkgrad")
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        found = path.lstat()
    except (OSError, RuntimeError):  # no home, no rights, no room
        return None
    return path if stat.S_ISDIR(found.st_mode) and _is_ours(found, 0o077) else None


def _is_ours(found: os.stat_result, others: int) -> bool:
    """Whether it belongs to the user and others have none of these rights."""
    if not hasattr(os, "geteuid"):  # Windows, where the profile directory is the user's own
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & others


def load(key: str) -> tuple[list[str], bytes] | None:
    """The symbols of the entries and the object file kept under a key; None if none is to be trusted."""
    home = directory()
    if home is None:
        return None
    try:
        file = os.open(home / key, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with open(file, "rb") as opened:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode) or not _is_ours(found, 0o022):
                return None
            content = opened.read()
    except OSError:
        return None
    digest, body = content[:64], content[64:]
    if hashlib.sha256(key.encode() + body).hexdigest().encode() != digest or not body.startswith(_MAGIC):
        return None
    head, _, code = body[len(_MAGIC) :].partition(b"\n")
    return head.decode().split(), code


def store(key: str, symbols: Sequence[str], code: bytes) -> None:
    """Keep an object file; if that fails, it will be compiled again another time.

    It is written beside and renamed, so that two processes that do so at once leave one whole file.
    """
    home = directory()
    if home is None:
        return
    body = _MAGIC + " ".join(symbols).encode() + b"\n" + code
    digest = hashlib.sha256(key.encode() + body).hexdigest().encode()
    with contextlib.suppress(OSError):
        file, temporary = tempfile.mkstemp(dir=home)  # readable by the user alone
        try:
            with open(file, "wb") as opened:
                opened.write(digest + body)
            os.replace(temporary, home / key)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
