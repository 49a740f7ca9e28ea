"""Whole files: read one within a cap, replace one in a single step, and say in plain words why not.

Whatever the project reads or writes goes through here. Nothing that is read is executed, a FIFO or a device
is refused before it can hang or flood the reader, and a file that is replaced is at every moment either the
old or the new one.
"""

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TypeAlias

from .errors import ChalkgradError, FileAccessError, FileFormatError

__all__ = ["StrPath", "decode", "read_bytes", "replace_file", "shown", "shown_path"]

StrPath: TypeAlias = str | os.PathLike[str]

_CHUNK = 1 << 20
_PLAIN_WORDS = {
    errno.ENOENT: "no such file or folder; check the name",
    errno.ENOTDIR: "a part of its path is a file, not a folder; check the name",
    errno.EACCES: "permission denied; change the mode of it and its folder, or ask the owner",
    errno.EPERM: "permission denied; change the mode of it and its folder, or ask the owner",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.ENOSPC: "the disk is full; make room and try again",
    errno.EDQUOT: "your disk quota is used up; make room and try again",
}
_KINDS = (
    (rb"PK\x03\x04", "a zip archive, such as .xlsx, .npz or .pt"),
    (rb"\x1f\x8b", "a gzip archive; unpack it first"),
    (rb"\xff\xfe|\xfe\xff", "UTF-16 text; save it as UTF-8"),
)


def shown(text: StrPath, longest: int = 80) -> str:
    r"""Quote text from outside for a message: on one line, escaped, and cut to `longest` characters.

    >>> print(shown("a\nb"), shown("x" * 200, 8))
    'a\nb' 'xxxxxxxx'...
    """
    text = os.fsdecode(text)
    return repr(text) if len(text) <= longest else f"{text[:longest]!r}..."


def shown_path(path: StrPath) -> str:
    """Quote a path for a message, escaped like any text, but so that the name at its end is still there."""
    return shown(path, longest=4096)


def read_bytes(path: StrPath, max_bytes: int) -> bytes:
    """Read a regular file whole.

    Raises FileAccessError for a file that is missing, not allowed, or a directory, a FIFO or a device, and
    FileFormatError for one of more than `max_bytes` bytes, of which no more than that is read.

    >>> read_bytes("/no/iq.csv", max_bytes=100)
    Traceback (most recent call last):
    autograd.errors.FileAccessError: '/no/iq.csv' cannot be read: no such file or folder; check the name
    """
    data = bytearray()
    with _in_plain_words(path, "read"):
        # a FIFO that nobody writes to would hang here for ever without O_NONBLOCK
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            _refuse_irregular(path, "read", os.fstat(descriptor).st_mode)
            while chunk := os.read(descriptor, _CHUNK):
                data += chunk
                if len(data) > max_bytes:
                    raise FileFormatError(
                        f"{shown_path(path)} is too large: more than {max_bytes:,} bytes; "
                        "shorten it, or pass a larger max_bytes"
                    )
        finally:
            os.close(descriptor)
    return bytes(data)


def decode(data: bytes, path: StrPath) -> str:
    r"""Decode a file's bytes as UTF-8, with or without a byte-order mark, and without NUL bytes.

    >>> decode(b"\xef\xbb\xbfIQ,Salary\n", "salaries.csv")
    'IQ,Salary\n'
    >>> decode(b"IQ\n3\xe9\n", "salaries.csv")
    Traceback (most recent call last):
    autograd.errors.FileFormatError: 'salaries.csv', line 2: byte 0xe9 at offset 4 is not UTF-8; ...
    """
    for pattern, kind in _KINDS:
        if re.match(pattern, data):
            raise FileFormatError(f"{shown_path(path)} is not plain text: it looks like {kind}")
    try:
        text = data.decode("utf-8")
        offset = data.find(b"\0")
        advice = "is NUL, which text does not hold; is the file UTF-16? Save it as UTF-8"
    except UnicodeDecodeError as error:
        offset = error.start
        advice = "is not UTF-8; is the file Latin-1? Save it as UTF-8"
    if offset >= 0:
        line = 1 + len(re.findall(rb"\r\n?|\n", data[:offset]))
        byte = f"byte 0x{data[offset]:02x} at offset {offset}"
        raise FileFormatError(f"{shown_path(path)}, line {line}: {byte} {advice}")
    return text.removeprefix("\ufeff")


def replace_file(path: StrPath, data: bytes) -> None:
    """Write a file in one step: whoever looks sees the old file or all of the new one, even after a crash.

    The bytes go to a new file beside the old one, reach the disk, and are renamed over it; the permissions of
    the old file are kept. On any error the old file is left as it was, and nothing is left beside it. Raises
    FileAccessError where that is not possible, and for a target that is a symbolic link (the rename would put
    a file in the link's place) or anything else but a regular file.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     replace_file(f"{folder}/note.txt", b"w1_11")
    ...     pathlib.Path(folder, "note.txt").read_text()
    'w1_11'
    """
    with _in_plain_words(path, "written"):
        mode = None
        with suppress(FileNotFoundError):
            mode = os.lstat(path).st_mode
            _refuse_irregular(path, "written", mode)
            if not os.access(path, os.W_OK):  # a rename would go through all the same
                raise PermissionError(errno.EACCES, "read-only file")
        folder = os.path.dirname(os.fsdecode(path))
        temporary = os.path.join(folder, f".chalkgrad-{secrets.token_hex(16)}.tmp")
        # O_EXCL: a file or link that someone put there first is an error, never followed or written over
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(temporary, flags, 0o666 if mode is None else 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            if mode is not None:
                os.chmod(temporary, stat.S_IMODE(mode))
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_folder(folder)


def _sync_folder(folder: str) -> None:
    """Make a rename outlive a power cut, on systems that can."""
    with suppress(OSError):
        descriptor = os.open(folder or os.curdir, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refuse_irregular(path: StrPath, action: str, mode: int) -> None:
    """Raise for everything but a regular file."""
    if stat.S_ISDIR(mode):
        what = "it is a folder; name a file in it"
    elif stat.S_ISLNK(mode):
        what = "it is a symbolic link; name the file it points to"
    elif not stat.S_ISREG(mode):
        what = "it is a pipe, a socket or a device; name a regular file"
    else:
        return
    raise FileAccessError(f"{shown_path(path)} cannot be {action}: {what}")


@contextmanager
def _in_plain_words(path: StrPath, action: str) -> Iterator[None]:
    """Turn what the operating system says about a path into one line that says what to do."""
    try:
        yield
    except ChalkgradError:
        raise
    except OSError as error:
        words = _PLAIN_WORDS.get(error.errno or 0, error.strerror or str(error))
        raise FileAccessError(f"{shown_path(path)} cannot be {action}: {words}") from error
    except ValueError as error:  # a NUL or a lone surrogate
        words = "no file can have such a name"
        raise FileAccessError(f"{shown_path(path)} cannot be {action}: {words}") from error
