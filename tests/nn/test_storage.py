"""Models on disk: strict JSON, writing in one step, and checked documents (rows 51 to 64 and 78 to 80)."""

import errno
import json
import math
import os
import pickle
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.errors import FileAccessError, FileFormatError
from autograd.files import decode, read_bytes, replace_file, shown, shown_path
from nn.document import Entry, read_document
from nn.storage import MAX_BYTES, MAX_CONTAINERS, MAX_DEPTH, MAX_DIGITS, inside, read_json, write_json

ROOT = Path(__file__).resolve().parents[2]
OLD = {"version": 1, "weights": [0.5]}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return the path of a saved model."""
    path = tmp_path / "model.json"
    write_json(path, OLD)
    return path


def refusal(path: Path, content: bytes | str) -> str:
    """Read a document that has to be refused in one line that names it, and return what follows the name."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(FileFormatError) as caught:
        read_json(path)
    message = str(caught.value)
    assert message.startswith(repr(str(path)))
    assert message.isprintable()
    return message.removeprefix(repr(str(path)))


def assert_untouched(path: Path) -> None:
    """Check that a model is the old one, with nothing left beside it."""
    assert read_json(path) == OLD
    assert os.listdir(path.parent) == [path.name]


# reading


TOO_EARLY = "the file ends too early; it was cut off, so save or fetch it again"
PICKLE = " looks like a pickle; models are JSON, and nothing was executed"


class Hostile:
    """What would run a command if it were unpickled."""

    def __reduce__(self) -> Any:
        return os.system, ("touch executed",)


REFUSED = {
    **{
        f"row 51: {word}": (
            f'{{"NaN-Infinity": 1, "a":\n [0, {word}]}}',
            f", line 2, column 6: {word} is not JSON; numbers in a model are finite",
        )
        for word in ("NaN", "Infinity", "-Infinity")
    },
    "row 51: a float beyond floats": (
        '["1e999", 1e99, -1e999]',
        ", line 1, column 17: '-1e999' is larger than any float",
    ),
    "row 51: glued": ("[1e999x]", ", line 1, column 2: '1e999' is larger than any float"),
    "row 52": ('{"a": {"a": 1},\n "a": 2}', ", line 2, column 2: the key 'a' is given twice in one object"),
    "row 52: the inner one": (
        '{"b": [{"a": "a"}, {"a": 1, "b\\\\": [], "a"\n: 2}]}',
        ", line 1, column 40: the key 'a' is given twice in one object",
    ),
    "row 52: in disguise": (
        '{"\\u0061": 1, "a": 2}',
        ", line 1, column 15: the key 'a' is given twice in one object",
    ),
    "row 53": (
        f"[\n{'7' * 5000}]",
        ", line 2, column 1: an integer of 5,000 digits; at most 400 can be read",
    ),
    "row 54: lists": ("[" * 100_000, ", line 1, column 101: nested more than 100 deep"),
    "row 54: objects": ('{"[": \n' * 100_000, ", line 101, column 1: nested more than 100 deep"),
    "row 54: closed": ("[" * 101 + "]" * 101, ", line 1, column 101: nested more than 100 deep"),
    "row 55: in a list": ('{"a": [1,\n', f", line 2, column 1: {TOO_EARLY}"),
    "row 55: in a string": ('{"a": "[b', f", line 1, column 7: {TOO_EARLY}"),
    "row 55: before anything": (" \n", f", line 2, column 1: {TOO_EARLY}"),
    "not JSON": ('{"a": 1,\n "b" 2}', ", line 2, column 6: not JSON: Expecting ':' delimiter"),
    "two documents": ("{}\n{}", ", line 2, column 1: not JSON: Extra data"),
    "a control character": ('["a\nb"]', ", line 1, column 4: not JSON: Invalid control character at"),
    "row 41": (
        b'["\xe9"]',
        ", line 1: byte 0xe9 at offset 2 is not UTF-8; is the file Latin-1? Save it as UTF-8",
    ),
    **{
        f"row 62: protocol {protocol}": (pickle.dumps(Hostile(), protocol), PICKLE)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
    **{
        f"row 62: a dict, protocol {protocol}": (pickle.dumps({"a": [1.5]}, protocol), PICKLE)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
    "row 63: truncated": (pickle.dumps(Hostile(), 4)[:20], PICKLE),
    "row 63: truncated, protocol 0": (pickle.dumps(Hostile(), 0)[:12], PICKLE),
    "row 64: lying about its size": (b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.", PICKLE),
    "row 64: in a zip": (
        b"PK\x03\x04",
        " is not plain text: it looks like a zip archive, such as .xlsx, .npz or .pt",
    ),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | str, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.json"
    assert refusal(path, content) == message
    assert os.listdir() == ["model.json"]  # nothing executed, and nothing written
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)


def test_limits_are_reached_before_they_are_passed(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    for content in (
        "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        "9" * MAX_DIGITS,
        "-" + "9" * MAX_DIGITS,
        '"' + "[" * 101 + '\\"' + "{" * 101 + '"',
    ):
        path.write_text(content)
        assert json.dumps(read_json(path)) == content


def test_row_54_more_lists_than_memory_has_room_for(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nn.storage.MAX_CONTAINERS", 3)
    assert refusal(model, '[{"[": "{"},\n[[]]]') == ", line 2, column 4: more than 3 lists and objects"
    write_json(model, [{"[": "{"}, []])
    assert read_json(model) == [{"[": "{"}, []]
    with pytest.raises(
        FileFormatError, match=r": \[1\]\[0\] is beyond the first 3 lists and objects, and no more"
    ):
        write_json(model, [{"[": "{"}, [[]]])


def test_byte_order_mark_and_any_characters(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(b"\xef\xbb\xbf" + '{"w¹₁₁": "\\ud800"}'.encode())
    assert read_json(path) == {"w¹₁₁": "\ud800"}


@settings(deadline=None)  # a disk may be slow
@given(st.binary(max_size=60))
def test_any_bytes_make_a_document_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.json"
    path.write_bytes(data)
    try:
        read_json(path)
    except FileFormatError as error:
        message = str(error)
    else:
        message = ""
    assert message.isprintable()


LARGE = {
    "row 49: a terabyte": ("os.truncate(path, 2**40)", f"too large: more than {MAX_BYTES:,} bytes"),
    "row 52: many keys": (
        r"""path.write_text('{' + ','.join(f'"{i:x}":1' for i in range(700_000)) + ',"1":2}')""",
        "the key '1' is given twice",
    ),
    "row 52: many objects": (
        r"""path.write_text('[' + '{"":1},' * 499_990 + '{"a":1,"a":2}]')""",
        "the key 'a' is given",
    ),
    "row 53: eight million digits": (
        "path.write_text('[' + '9' * 8_000_000 + ']')",
        "an integer of 8,000,000 digits",
    ),
    "row 51: eight million decimals": (
        "path.write_text('[' + '9' * 8_000_000 + '.0]')",
        "column 2: '99999999999999999999999999",
    ),
    "row 51: many numbers": (
        "path.write_text('[' + '0.1,' * 2_000_000 + 'NaN]')",
        "column 8000002: NaN is not JSON",
    ),
    "row 54: many lists": (
        "path.write_text('[' + '[],' * 2_000_000 + ']')",
        f"more than {MAX_CONTAINERS:,} lists and objects",
    ),
    "row 54: after many strings": (
        r"""path.write_text('["a",' * 1 + '"",' * 2_600_000 + '[' * 100)""",
        "nested more than 100",
    ),
    "row 54: after a long string": (
        r"""path.write_text('["' + '\\\\' * 4_000_000 + '",' + '[' * 100)""",
        "nested more than 100",
    ),
    "row 55: a long string": (r"""path.write_text('["' + 'a' * 8_000_000)""", "the file ends too early"),
    "row 55: quotes": (r"""path.write_text('["' + '"' * 8_000_000)""", "line 1, column 4: not JSON"),
}


@pytest.mark.parametrize(("write", "message"), LARGE.values(), ids=LARGE)
def test_large(refused_quickly: Callable[[str, str, str], str], write: str, message: str) -> None:
    """Each is refused within 2 s and 500 MB."""
    said = refused_quickly(write, "nn.storage", "read_json")
    assert said.startswith("FileFormatError")
    assert message in said


def test_row_49_cap_can_be_moved(model: Path) -> None:
    size = model.stat().st_size
    assert read_json(model, max_bytes=size) == OLD
    for read in (read_json, read_document):
        with pytest.raises(
            FileFormatError, match=f"too large: more than {size - 1} bytes; shorten it, or pass"
        ):
            read(model, max_bytes=size - 1)


def test_row_50_missing_or_a_folder(tmp_path: Path) -> None:
    for path, why in (
        (tmp_path / "no.json", "no such file or folder; check the name"),
        (tmp_path, "it is a folder; name a file in it"),
    ):
        with pytest.raises(FileAccessError) as caught:
            read_json(path)
        assert str(caught.value) == f"{str(path)!r} cannot be read: {why}"


# writing

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None)  # a disk may be slow
@given(JSON)
def test_what_is_written_comes_back_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, document: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    write_json(path, document)
    assert repr(read_json(path)) == repr(document)


def test_tuples_and_lone_surrogates(tmp_path: Path) -> None:
    """Row 61: a lone surrogate is escaped."""
    path = tmp_path / "model.json"
    write_json(path, {"\ud800": (1, (2.5,))})
    assert path.read_bytes().isascii()
    assert read_json(path) == {"\ud800": [1, [2.5]]}


LOOP: list[Any] = []
LOOP.append({"again": LOOP})
SHARED: list[Any] = []
for _ in range(50):
    SHARED = [SHARED, SHARED]  # 2**50 lists when written out

UNWRITABLE = {
    "row 51: nan": (
        {"layers": [{"w": [0.5, math.nan, math.inf]}]},
        "layers[0].w[1] is nan, which JSON cannot hold",
    ),
    "row 51: inf": ([[1], -math.inf], "[1] is -inf, which JSON cannot hold"),
    "row 51: alone": (math.inf, "the document is inf, which JSON cannot hold"),
    "row 53": ({"a\n": 10**MAX_DIGITS}, "['a\\n'] has more than 400 digits"),
    "row 54: a loop": (
        LOOP,
        ("[0].again" * 14)[:120] + "... is nested more than 100 deep; does the document contain itself?",
    ),
    "too many": (SHARED, "[0]" * 30),
    "a number as key": ({"a": {1: 2}}, "a has a key of type int, and keys are strings"),
    "None as key": ({None: 2}, "the document has a key of type NoneType, and keys are strings"),
    "a set": ([{1}], "[0] is of type set, which JSON cannot hold"),
    "bytes": (b"1", "the document is of type bytes, which JSON cannot hold"),
}


@pytest.mark.parametrize(("document", "message"), UNWRITABLE.values(), ids=UNWRITABLE)
def test_unwritable(model: Path, document: Any, message: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        write_json(model, document)
    assert str(caught.value).startswith(f"{str(model)!r} not written: {message}")
    assert_untouched(model)


def test_deepest_writable_document_comes_back(tmp_path: Path) -> None:
    document: list[Any] = []
    for _ in range(MAX_DEPTH - 1):
        document = [document]
    write_json(tmp_path / "model.json", document)
    assert read_json(tmp_path / "model.json") == document


def test_places() -> None:
    assert inside("", "layers") == "layers"
    assert inside("layers[0]", "w") == "layers[0].w"
    assert inside("", 3) == "[3]"
    assert inside("a", "é b") == "a['é b']"
    assert inside("a", "x" * 100) == f"a['{'x' * 80}'...]"


# replacing files


def write_refusal(path: Path | str, document: Any = None) -> str:
    """Write a document, which has to fail, and return the reason."""
    with pytest.raises(FileAccessError) as caught:
        write_json(path, document)
    message = str(caught.value)
    assert message.startswith(f"{str(path)!r} cannot be written: ")
    assert message.isprintable()
    return message.partition(" cannot be written: ")[2]


def test_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_json("model.json", OLD)
    assert_untouched(tmp_path / "model.json")
    assert write_refusal("") == "no such file or folder; check the name"
    assert os.listdir() == ["model.json"]


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
def test_permissions(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    before = os.umask(0o027)
    try:
        write_json(path, 1)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        for mode in (0o600, 0o666, 0o751):
            path.chmod(mode)
            write_json(path, 2)
            assert stat.S_IMODE(path.stat().st_mode) == mode
    finally:
        os.umask(before)


def test_read_only_file_stays(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd.files.os.access", lambda path, mode: False)  # root may write everything
    assert write_refusal(model) == "permission denied; change the mode of it and its folder, or ask the owner"
    assert_untouched(model)


def test_folder_that_is_missing_or_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert write_refusal(tmp_path / "no" / "model.json") == "no such file or folder; check the name"
    assert write_refusal(tmp_path) == "it is a folder; name a file in it"

    def forbid(*args: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("autograd.files.os.open", forbid)
    reason = write_refusal(tmp_path / "model.json")
    assert reason == "permission denied; change the mode of it and its folder, or ask the owner"


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="needs /dev")
def test_device_is_not_replaced() -> None:
    assert write_refusal("/dev/null") == "it is a pipe, a socket or a device; name a regular file"


def symlink(link: Path, target: Path) -> None:
    """Make a symbolic link, where the system has them."""
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("needs symbolic links")


def test_row_78_temporary_path_is_a_symlink(
    model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    victim = tmp_path_factory.mktemp("elsewhere") / "victim"
    victim.write_text("precious")
    monkeypatch.setattr("autograd.files.secrets.token_hex", lambda size: "guessed")
    link = model.parent / ".chalkgrad-guessed.tmp"
    for target in (victim, victim.parent / "dangling"):
        symlink(link, target)
        assert write_refusal(model) == "File exists"
        assert link.is_symlink()
        link.unlink()
        assert_untouched(model)
    assert os.listdir(victim.parent) == ["victim"]
    assert victim.read_text() == "precious"


def test_row_78_temporary_names_cannot_be_guessed(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = []
    replace = os.replace
    monkeypatch.setattr(
        "autograd.files.os.replace", lambda a, b: (names.append(os.path.basename(a)), replace(a, b))
    )
    for _ in range(5):
        write_json(model, OLD)
    assert len(set(names)) == 5
    assert all(len(name) == len(".chalkgrad-.tmp") + 32 for name in names)


def test_row_78_target_is_a_symlink(model: Path) -> None:
    link = model.parent / "link.json"
    symlink(link, model)
    assert write_refusal(link) == "it is a symbolic link; name the file it points to"
    assert link.is_symlink()
    assert read_json(link) == OLD  # reading follows it


@pytest.mark.parametrize(
    "call", ["autograd.files.os.fsync", "autograd.files.os.chmod", "autograd.files.os.replace"]
)
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full; make room and try again"),
        (OSError(errno.EDQUOT, "Quota exceeded"), "your disk quota is used up; make room and try again"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (OSError("odd"), "odd"),
    ],
)
def test_row_79_disk_full(
    model: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: OSError, reason: str
) -> None:
    def fail(*args: object) -> None:
        raise error

    monkeypatch.setattr(call, fail)
    assert write_refusal(model, {"new": 1}) == reason
    assert_untouched(model)


def test_row_79_no_room_for_the_bytes(model: Path) -> None:
    pytest.importorskip("resource")
    script = """if True:
        import resource, sys
        from nn.storage import write_json
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000,) * 2)
        try:
            write_json(sys.argv[1], {"weights": [0.1] * 100_000})
        except Exception as error:
            print(type(error).__name__, error)
        """
    output = subprocess.run([sys.executable, "-c", script, model], cwd=ROOT, capture_output=True, text=True)
    assert output.stdout == f"FileAccessError {str(model)!r} cannot be written: File too large\n"
    assert_untouched(model)


def test_interrupt_leaves_the_old_file(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("autograd.files.os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_json(model, {"new": 1})
    assert_untouched(model)


def test_folders_that_cannot_be_synced_do_not_matter(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = os.fsync

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr("autograd.files.os.fsync", only_files)
    open_descriptors = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    write_json(model, [1])
    assert read_json(model) == [1]
    assert open_descriptors == (len(os.listdir("/proc/self/fd")) if open_descriptors else 0)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_row_80_killed_while_saving(model: Path) -> None:
    script = """if True:
        import itertools, sys
        from nn.storage import write_json
        print(flush=True)
        for i in itertools.count():
            write_json(sys.argv[1], {"weights": [i] * 20_000, "last": i})
        """
    saved = {json.dumps(OLD)}
    delay = 0.05
    for _ in range(20):
        with subprocess.Popen(
            [sys.executable, "-c", script, model], cwd=ROOT, stdout=subprocess.PIPE
        ) as saving:
            assert saving.stdout
            saving.stdout.readline()
            time.sleep(delay)
            saving.send_signal(signal.SIGKILL)
        document = read_json(model)
        assert document == OLD or document["weights"] == [document["last"]] * 20_000
        saved.add(json.dumps(document))
        if len(saved) > 5:
            break
        delay *= 1.2  # on a busy machine the first are killed before they have saved anything
    assert len(saved) > 1


# checked documents


def entry(value: Any) -> Entry:
    """Stand in for a value somewhere in a document."""
    return Entry({"layers": [{"w": value}]}, "'model.json'")["layers"].items()[0]["w"]


CHECKS: dict[str, tuple[Callable[[Entry], object], Any, str]] = {
    "row 56: true as a weight": (Entry.number, True, "true is not a number"),
    "row 56: true as a count": (lambda e: e.integer(0, 9), True, "true is not an integer"),
    "row 56: true as a version": (lambda e: e.one_of([1]), True, "true is not known; known are 1"),
    "a string as a weight": (Entry.number, "0.5", "'0.5' is not a number"),
    "null as a weight": (Entry.number, None, "null is not a number"),
    "a list as a weight": (Entry.number, [1], "a list is not a number"),
    "a nan that came by another way": (Entry.number, math.nan, "nan is not finite"),
    "an integer beyond floats": (
        Entry.number,
        10**399,
        "10000000000000000000... (400 digits) is larger than any float",
    ),
    "row 57: too few": (lambda e: e.numbers(3), [1, 2], "2 items where 3 belong"),
    "row 57: too many": (lambda e: e.numbers(1), [1, 2], "2 items where 1 belong"),
    "row 57: no list": (lambda e: e.numbers(1), {"a": 1}, "an object is not a list"),
    "row 58: version": (lambda e: e.one_of([1, 2]), 3, "3 is not known; known are 1, 2"),
    "row 58: operation": (
        lambda e: e.one_of({"tanh": 1, "relu": 2}),
        "tahn",
        "'tahn' is not known; did you mean 'tanh'?",
    ),
    "row 58: many operations": (
        lambda e: e.one_of([f"operation{i}" for i in range(20)]),
        "\x1b[2J",
        "'\\x1b[2J' is not known; known are 'operation0', ",
    ),
    "row 59: forward": (
        lambda e: e.integer(0, 2, "a parent comes before its node"),
        3,
        "3 is not from 0 to 2 (a parent comes before its node)",
    ),
    "row 59: negative": (lambda e: e.integer(0, 2), -1, "-1 is not from 0 to 2"),
    "row 60: 10^9 units": (lambda e: e.integer(1, 10**6), 10**9, "1000000000 is not from 1 to 1,000,000"),
    "row 60: many layers": (lambda e: e.items(at_most=2), [1, 2, 3], "3 items, and at most 2 can be read"),
    "a float as a count": (lambda e: e.integer(0, 9), 3.0, "3.0 is not an integer"),
    "no string": (Entry.text, 5, "5 is not a string"),
    "no object": (lambda e: e["a"], [1], "a list is not an object"),
    "no key": (lambda e: e["units"], {"unit": 1}, "there is no 'units' among 'unit'"),
    "no keys": (lambda e: e["units"], {}, "there is no 'units' among nothing at all"),
    "a key too many": (
        lambda e: e.only("a", "b"),
        {"a": 1, "x\n": 2},
        "unknown key 'x\\n'; known are 'a', 'b'",
    ),
}


@pytest.mark.parametrize(("check", "value", "message"), CHECKS.values(), ids=CHECKS)
def test_check_refuses(check: Callable[[Entry], object], value: Any, message: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        check(entry(value))
    assert str(caught.value).startswith(f"'model.json', layers[0].w: {message}")
    assert str(caught.value).isprintable()


def test_checks_let_pass() -> None:
    assert entry(3).integer(3, 3) == 3
    assert repr(entry(3).number()) == "3.0"
    assert entry([1, -0.5]).numbers(2) == [1.0, -0.5]
    assert entry([1, -0.5]).numbers(at_most=2) == [1.0, -0.5]
    assert entry([]).numbers() == []
    assert entry("é").text() == "é"
    assert entry("tanh").one_of(["relu", "tanh"]) == "tanh"
    assert entry(1).one_of((1, 2)) == 1
    entry({"a": 1}).only("a", "b")


def test_optional_keys() -> None:
    optional = entry({"a": None})
    assert optional.get("b") is None
    null = optional.get("a")
    assert null is not None
    assert null.value is None


def test_refusal_at_the_root_names_the_file(model: Path) -> None:
    document = read_document(model)
    assert document["weights"].numbers(1) == [0.5]
    with pytest.raises(FileFormatError) as caught:
        document["layers"]
    assert str(caught.value) == f"{str(model)!r}: there is no 'layers' among 'version', 'weights'"


# files


def test_shown_is_one_short_line() -> None:
    assert shown("a\nb\x07\u202e\ud800'") == '"a\\nb\\x07\\u202e\\ud800\'"'
    assert shown("x" * 81) == f"'{'x' * 80}'..."
    assert shown_path(Path("a" * 1000) / "b\n") == repr(os.path.join("a" * 1000, "b\n"))


def test_decode_takes_text_as_it_is() -> None:
    assert decode(b"", "f") == ""
    assert decode("a\r\nç\ufeff".encode(), "f") == "a\r\nç\ufeff"


def test_files_of_the_system_have_no_size(tmp_path: Path) -> None:
    if not os.path.exists("/proc/self/maps"):
        pytest.skip("needs /proc")
    assert read_bytes("/proc/self/maps", 10**7)
    with pytest.raises(FileFormatError, match="more than 10 bytes"):
        read_bytes("/proc/self/maps", 10)


def test_replace_file(tmp_path: Path) -> None:
    replace_file(tmp_path / "a", b"\0\r\n")
    assert (tmp_path / "a").read_bytes() == b"\0\r\n"
    replace_file(tmp_path / "a", b"x" * 2_000_000)
    assert (tmp_path / "a").stat().st_size == 2_000_000
