"""Files replaced in one step: whoever looks sees the old file or all of the new one."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from typing import TypeAlias

from ..errors import FileAccessError

__all__ = ["StrPath", "replace_file"]

StrPath: TypeAlias = str | os.PathLike[str]


def replace_file(path: StrPath, data: bytes) -> None:
    """Write a file beside its place, and rename it over the old one.

    Raises `FileAccessError` where that is not possible, and for a target that is a link, a folder or a
    device; the old file is then as it was, and nothing is left beside it.
    """
    temporary = None
    try:
        mode = 0o666
        with suppress(FileNotFoundError):
            found = os.lstat(path)
            if not stat.S_ISREG(found.st_mode):
                raise FileAccessError(f"{os.fsdecode(path)!r} is no regular file; name another, or one in it")
            mode = stat.S_IMODE(found.st_mode)
        folder = os.path.dirname(os.fsdecode(path))
        name = os.path.join(folder, f".chalkgrad-{secrets.token_hex(16)}.tmp")
        # O_EXCL: a file or link that someone put there first is an error, never followed or written over
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        temporary = name
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
        temporary = None
    except FileAccessError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = getattr(error, "strerror", None) or str(error)
        raise FileAccessError(f"{os.fsdecode(path)!r} cannot be written: {why}") from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)
