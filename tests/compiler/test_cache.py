"""Machine code on disk: only what is ours and whole is ever loaded."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograd.compiler import cache, native


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A cache of our own, empty at first."""
    monkeypatch.setenv("CHALKGRAD_CACHE", str(tmp_path / "kernels"))
    return tmp_path / "kernels"


def test_what_was_stored_is_loaded(home):
    cache.store("key", ["enter", "descend"], b"\x7fELF\n\x00code")
    assert cache.load("key") == (["enter", "descend"], b"\x7fELF\n\x00code")
    assert cache.load("another") is None
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "key").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["key"]


def test_altered_code_is_never_loaded(home):
    cache.store("key", ["enter"], bytes(range(256)))
    whole = (home / "key").read_bytes()
    for i in range(0, len(whole), 7):
        (home / "key").write_bytes(whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :])
        assert cache.load("key") is None
    for shorter in (b"", whole[:10], whole[:-1], whole + b"x"):
        (home / "key").write_bytes(shorter)
        assert cache.load("key") is None
    (home / "key").write_bytes(whole)
    assert cache.load("key") is not None
    (home / "key").rename(home / "other")  # code for another processor, say, under this one's name
    assert cache.load("other") is None


def test_what_others_may_write_is_not_loaded(home):
    cache.store("key", ["enter"], b"code")
    for mode in (0o620, 0o602, 0o666):
        (home / "key").chmod(mode)
        assert cache.load("key") is None
    (home / "key").chmod(0o600)
    assert cache.load("key") is not None
    for mode in (0o770, 0o755, 0o701):
        home.chmod(mode)
        assert cache.directory() is None
        assert cache.load("key") is None
    home.chmod(0o700)
    assert cache.load("key") is not None


def test_what_belongs_to_others_is_not_loaded(home, monkeypatch):
    cache.store("key", ["enter"], b"code")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert cache.directory() is None
    assert cache.load("key") is None
    cache.store("more", ["enter"], b"code")
    assert [path.name for path in home.iterdir()] == ["key"]


def test_links_are_not_followed(home, tmp_path):
    cache.store("key", ["enter"], b"code")
    (home / "key").rename(tmp_path / "elsewhere")
    (home / "key").symlink_to(tmp_path / "elsewhere")
    assert cache.load("key") is None
    home.rename(tmp_path / "real")
    home.symlink_to(tmp_path / "real")
    assert cache.directory() is None


@pytest.mark.parametrize("place", ["/proc/nothing/here", "/dev/null/x"])
def test_where_nothing_can_be_kept_nothing_is(place, monkeypatch):
    monkeypatch.setenv("CHALKGRAD_CACHE", place)
    assert cache.directory() is None
    cache.store("key", ["enter"], b"code")
    assert cache.load("key") is None


def test_many_at_once_leave_one_whole_file(home):
    code = bytes(range(256)) * 400

    def work(i):
        cache.store("key", ["enter"], code)
        return cache.load("key")

    with ThreadPoolExecutor(8) as pool:
        assert set(map(str, pool.map(work, range(200)))) == {str((["enter"], code))}
    assert [path.name for path in home.iterdir()] == ["key"]


def test_where_it_is_kept(monkeypatch, tmp_path):
    monkeypatch.delenv("CHALKGRAD_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.directory() == tmp_path / "xdg" / "chalkgrad"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.directory() == tmp_path / ".cache" / "chalkgrad"


def test_the_name_says_what_the_code_is_for():
    llvm = pytest.importorskip("llvmlite.binding")
    names = {native._key(llvm, dtype) for dtype in ("float64", "float32", "float64")}
    assert len(names) == 2
    here = Path(native.__file__).parent
    assert all((here / source).is_file() for source in native.SOURCES)


def test_two_processes_that_compile_at_once(home):
    """And a third finds the code after one of the two was altered."""
    code = (
        "import sys; from autograd import Value, jit; w = Value(3.0); "
        "print(jit(lambda x: w * x ** 2).value_and_grad([2.0, 1.0])[0]); "
        "print('autograd.compiler.kernels' in sys.modules)"
    )
    start = [sys.executable, "-c", code]
    both = [
        subprocess.Popen(start, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for process in both:
        out, notice = process.communicate(timeout=300)
        assert out.startswith("7.5\n")
        assert notice in ("", "chalkgrad: compiling the float64 kernels, once for this machine ...\n")
    third = subprocess.run(start, capture_output=True, text=True, check=True)
    assert (third.stdout, third.stderr) == ("7.5\nFalse\n", "")
