"""What stands before the notes between two lines of `---`: YAML, read as plain data and nothing else."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from ...errors import FileFormatError, MissingPackageError

if TYPE_CHECKING:
    from .documents import Document

__all__ = ["LONGEST", "load", "loads", "split"]

LONGEST = 100_000
"""Front matter of more characters than this is refused."""

BLOCK = re.compile(
    r"\ufeff?---[^\S\r\n]*(?:\r\n?|\n)(?P<yaml>.*?)^(?:---|\.\.\.)[^\S\r\n]*(?:\r\n?|\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
KEY = re.compile(r"(?:[^\S\r\n]*#.*(?:\r\n?|\n))*['\"]?[^\s#'\"&*!|>%@`-][^\r\n:]*['\"]?\s*:(?:\s|$)")
OURS = re.compile(r"^['\"]?(?:aliases|definitions|known|loss|network|rows)['\"]?[^\S\r\n]*:", re.MULTILINE)
COMMENTED = re.compile(
    r"\ufeff?(?:%[^\S\r\n]*---[^\S\r\n]*(?:\r\n?|\n))(?P<yaml>(?:%[^\r\n]*(?:\r\n?|\n))*?)%[^\S\r\n]*---[^\S\r\n]*(?:\r\n?|\n|\Z)"
)


def split(text: str, latex: bool = False) -> tuple[str, int]:
    """The front matter of a text, without its fences, and where the rest begins; ("", 0) without any.

    In a LaTeX file it stands in comments: each of its lines, and its fences, after a `%`. A pair of rules
    with no `key: value` behind the first is no front matter.
    """
    if latex:
        found = COMMENTED.match(text)
        if found is None:
            return "", 0
        return re.sub(r"(?m)^%[^\S\r\n]?", "", found["yaml"]), found.end()
    found = BLOCK.match(text)
    if found is None or not KEY.match(found["yaml"]):
        return "", 0
    return found["yaml"], found.end()


def load(document: Document) -> dict[str, Any]:
    """The front matter of a document as a dict; empty if there is none, or none that is read here.

    What only other tools read may be written as they like: with tags, anchors, or places to fill in.
    """
    try:
        return _loaded(document.front_matter, document.file, document.front_matter_line)
    except FileFormatError:
        if OURS.search(document.front_matter):
            raise
        return {}


def loads(text: str, file: str = "<front matter>", line: int = 1) -> dict[str, Any]:
    """YAML as a dict: text, numbers, lists and dicts, no aliases, no tags, no key twice.

    `line` is the one it begins at in its file. Raises FileFormatError with file and line, and
    MissingPackageError without PyYAML.

    >>> loads("known: {eta: 0.5}")
    {'known': {'eta': 0.5}}
    """
    if not text.strip():
        return {}
    if len(text) > LONGEST:
        raise FileFormatError(f"{file}:{line}: front matter of over {LONGEST:,} characters is not read")
    try:
        import yaml
    except ImportError:
        raise MissingPackageError("front matter needs PyYAML: pip install 'chalkgrad[notes]'") from None

    class Loader(yaml.SafeLoader):
        """The safe loader, without what lets a short text stand for a long one."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            event = self.peek_event()  # type: ignore[no-untyped-call]
            if getattr(event, "anchor", None) is not None:
                raise yaml.MarkedYAMLError(
                    None, None, "anchors and aliases are not allowed", event.start_mark
                )
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen: set[Any] = set()
            for key, _ in node.value:
                if key.value in seen:
                    raise yaml.MarkedYAMLError(
                        None, None, f"{key.value!r} stands there twice", key.start_mark
                    )
                if isinstance(key.value, str):
                    seen.add(key.value)
            return super().construct_mapping(node, deep)

    try:
        loaded = yaml.load(text, Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = line + (mark.line if mark else 0)
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        hint = "; put LaTeX in 'single quotes'" if "\\" in text else ""
        raise FileFormatError(f"{file}:{where}: front matter: {reason}{hint}") from None
    except (RecursionError, TypeError, ValueError, OverflowError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise FileFormatError(f"{file}:{line}: front matter: {reason}") from None
    if not isinstance(loaded, dict):
        raise FileFormatError(f"{file}:{line}: front matter has to be `key: value` lines")
    return loaded


_loaded = functools.lru_cache(maxsize=8)(loads)
"""The same, for notes that are read again and again; nobody writes in what it gives."""
