r"""Formulas in Markdown: where they stand, whatever the habit of the writer.

markdown-it-py says what is prose, what is code and what is HTML; two rules of ours find the formulas, as
their exact places are needed and as notes mark them in more ways than any one dialect has: `$x$`, `$ x $`,
`$$x$$`, `\(x\)`, `\[x\]`, the doubled backslashes some site generators want, bare `\begin{align}`, and
```` ```math ````.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, MutableMapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .eaten_brackets import with_dollars
from .places import LINE_END, MATH_ENVIRONMENTS, Piece, Place, body_end, surrounded

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

__all__ = ["places_in_markdown"]

BEGIN = re.compile(rf"\\begin\{{({MATH_ENVIRONMENTS})(\*?)\}}")
OPENING = re.compile(rf"\$\$|\\\\?\[|\\begin\{{(?:{MATH_ENVIRONMENTS})\*?\}}|`+|\\.|<!--")
FENCE = re.compile(r"\s{0,3}(?:```|~~~|#{1,6}\s)")
CONTAINER = re.compile(r">|(?:[-+*]|\d{1,9}[.)])(?:\s|$)")
WORDS = re.compile(r"[^\W\d_]{3,}")
NOT_PROSE = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>|[*_`#>|]+", re.DOTALL)
SKIPPED_HTML = re.compile(r"\s*<(?:script|style|pre|textarea|!--)", re.IGNORECASE)
MOST_INSIDE = 3_000
"""A formula in backslashed brackets is not longer than this."""
MOST_LINES = 500
"""A formula does not go on for more lines than this."""


def places_in_markdown(text: str, start: int = 0, end: int | None = None) -> list[Place]:
    """The formulas in the part of a text from `start` to `end`, in order."""
    part = with_dollars(text[start:end])
    env: dict[str, Any] = {}
    tokens = _parser().parse(part, env)
    lines = [0, *(found.end() for found in LINE_END.finditer(part))]
    lines.append(len(part))
    return surrounded(_parts(tokens, part, lines, start))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    """A parser that leaves out what does not matter to where formulas are, as it costs time."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True})
    parser.disable(["reference", "emphasis", "link", "image", "entity", "fragments_join", "text_join"], True)
    parser.block.ruler.before(
        "fence", "formula", _formula_lines, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    parser.inline.ruler.at("text", _plain)
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.push("left_over", _left_over)
    return parser


# ---------------------------------------------------------------------------------------- two rules of ours


def _plain(state: StateInline, silent: bool) -> bool:
    """Text up to the next character that can mean something."""
    found = _SPECIAL.search(state.src, state.pos)
    end = found.start() if found else state.posMax
    if end <= state.pos:
        return False
    state.pos = end
    return True


def _left_over(state: StateInline, silent: bool) -> bool:
    """A character that means nothing after all; nobody needs it, as prose is taken from the text."""
    state.pos += 1
    return True


_SPECIAL = re.compile(r"[$\\`<\n]")


def _formula_lines(state: StateBlock, start: int, stop: int, silent: bool) -> bool:
    """Lines with a formula that goes over several stay together, whatever Markdown would make of them.

    `- b` in the second line of a formula is no item of a list. What of them is the formula is decided later.
    """
    if state.is_code_block(start):
        return False
    at, end = state.bMarks[start] + state.tShift[start], state.eMarks[start]
    line = state.src[at:end]
    if CONTAINER.match(line) or (closing := _left_open(line)) is None:
        return False
    if not _is_near(state, closing, end):
        return False
    indent = min(state.blkIndent, state.sCount[start])  # it may end a list that it goes on from
    for following in range(start + 1, min(stop, start + MOST_LINES)):
        if state.sCount[following] < indent and not state.isEmpty(following):
            return False
        at, end = state.bMarks[following] + state.tShift[following], state.eMarks[following]
        line = state.src[at:end]
        if closing in line:
            again = _left_open(line[line.find(closing) + len(closing) :])
            if again is None or not _is_near(state, again, end):
                break
            closing = again  # `$$ and so: $$` closes one formula and opens the next
        elif FENCE.match(line):
            return False
    else:
        return False
    if silent:
        return True
    state.line = following + 1
    token = state.push("paragraph_open", "p", 1)
    token.map = [start, state.line]
    token = state.push("inline", "", 0)
    token.content = state.getLines(start, state.line, state.blkIndent, False)
    token.map = [start, state.line]
    token.children = []
    state.push("paragraph_close", "p", -1)
    return True


def _is_near(state: StateBlock, closing: str, position: int) -> bool:
    """Whether `closing` stands on one of the next lines; each stretch of text is looked through once."""
    known = state.env.get(closing, -1)
    if 0 <= known < position:
        known = -1
    if known < 0:
        known = state.src.find(closing, position)
        state.env[closing] = known if known >= 0 else len(state.src)
    if known < 0 or known >= len(state.src):
        return False
    return bisect_left(state.eMarks, known) - bisect_left(state.eMarks, position) < MOST_LINES


def _left_open(line: str) -> str | None:
    """What would close the formula on lines of its own that a line opens and does not close."""
    if "$$" not in line and "\\[" not in line and "\\begin" not in line:
        return None
    position = 0
    while found := OPENING.search(line, position):
        opened = found.group()
        if opened == "$$" and _is_empty_cell(line, found.start(), len(line)):
            position = found.end()
            continue
        if opened[0] == "`":
            position = line.find(opened, found.end())
            position = found.end() if position < 0 else position + len(opened)
            continue
        closing = _closing(opened)
        if closing is None:
            position = found.end()
            continue
        position = line.find(closing, found.end())
        if position < 0:
            return closing
        position += len(closing)
    return None


def _closing(opened: str) -> str | None:
    if opened == "$$":
        return "$$"
    if opened.endswith("["):
        return opened[:-1] + "]"
    if opened.startswith("\\begin"):
        return "\\end" + opened[6:]
    return None


def _formula(state: StateInline, silent: bool) -> bool:
    """A formula at the current position."""
    char = state.src[state.pos]
    if state.src.startswith("$$", state.pos) and _is_empty_cell(state.src, state.pos, state.posMax):
        state.pos += 2
        return True
    if char == "$":
        found = _dollars(state.src, state.pos, state.posMax)
    elif char == "\\":
        found = _backslashed(state.src, state.pos, state.posMax, state.env)
    else:
        return False
    if found is None:
        return False
    start, end, outer_end, display, problem = found
    if not silent:
        token = state.push("formula", "", 0)
        token.content = state.src[start:end]
        token.meta = {"place": (start, end, state.pos, outer_end, display, problem)}
    state.pos = outer_end
    return True


_Found = tuple[int, int, int, bool, str]


def _dollars(text: str, at: int, stop: int) -> _Found | None:
    if text.startswith("$$", at):
        end = _find(text, "$$", at + 2, stop)
        if end < 0:
            return (at + 2, stop, stop, True, "$$ is never closed") if text[at + 2 : stop].strip() else None
        return (at + 2, end, end + 2, True, "") if text[at + 2 : end].strip() else None
    if text.startswith("$`", at):
        end = text.find("`$", at + 2, min(stop, at + MOST_INSIDE))
        if end > at + 2:
            return at + 2, end, end + 2, False, ""
    end = body_end(text, at + 1)
    if end >= stop or not _is_formula(text, at, end):
        return None
    return at + 1, end, end + 1, False, ""


def _is_empty_cell(text: str, at: int, stop: int) -> bool:
    """Whether two dollars are all that stands in a cell of a table, as where a formula was to come."""
    before = text[:at].rstrip(" ")[-1:]
    return before == "|" and re.compile(r" *(?:\||\n|$)").match(text, at + 2, stop) is not None


def _is_formula(text: str, at: int, end: int) -> bool:
    """Whether what stands between two dollars is a formula, not the words between two prices."""
    inside = text[at + 1 : end]
    if not inside.strip():
        return False
    before, after = text[at - 1 : at], text[end + 1 : end + 2]
    space_first, space_last = inside[0].isspace(), inside[-1].isspace()
    if after.isdigit():
        return False
    if not space_first and not space_last:
        return not (before.isascii() and before.isalnum() and inside[0].isdigit() and after.isalnum())
    if inside[0].isdigit() and space_last:
        return False
    bare = inside.strip()
    if re.search(r"\s", bare) is None:
        return bare[0] not in ",;.:!?)"
    if re.search(r"[\\^_=]", bare):
        return True
    return WORDS.search(bare) is None and re.search(r"[-+*/<>|]", bare) is not None


def _backslashed(text: str, at: int, stop: int, env: MutableMapping[str, Any]) -> _Found | None:
    begin = BEGIN.match(text, at, stop)
    if begin:
        end = _end_of_environment(text, begin, stop)
        if end < 0:
            return at, stop, stop, True, f"\\begin{{{begin[1]}{begin[2]}}} is never closed"
        return at, end, end, True, ""
    for opening, closing in (("\\(", "\\)"), ("\\[", "\\]"), ("\\\\(", "\\\\)"), ("\\\\[", "\\\\]")):
        if text.startswith(opening, at):
            known = env.get("inline " + closing)
            if known is None or known[0] is not text or 0 <= known[1] < at + len(opening):
                known = env["inline " + closing] = text, text.find(closing, at + len(opening))
            if not 0 <= known[1] <= at + MOST_INSIDE:
                return None
            end = _find_plain(text, closing, at + len(opening), min(stop, at + MOST_INSIDE))
            inside = text[at + len(opening) : end]
            if end < 0 or not inside.strip():
                return None
            display = opening.endswith("[")
            plain = WORDS.search(inside) is not None and not re.search(r"[\\^_={}]", inside)
            if plain or (display and not re.search(r"[\\^_=+*/(-]|[^\W\d]", inside)):
                return None
            return at + len(opening), end, end + len(closing), display, ""
    return None


def _end_of_environment(text: str, begin: re.Match[str], stop: int) -> int:
    """Where an environment ends, counting those of the same name inside it."""
    depth = 0
    name = re.escape(begin[1] + begin[2])
    for found in re.compile(rf"\\(begin|end)\{{{name}\}}").finditer(text, begin.start(), stop):
        depth += 1 if found[1] == "begin" else -1
        if depth == 0:
            return found.end()
    return -1


def _find(text: str, closing: str, start: int, stop: int) -> int:
    """Where `closing` stands next without a backslash before it."""
    end = text.find(closing, start, stop)
    while end > 0 and text[end - 1] == "\\" and not text.endswith("\\\\", start, end):
        end = text.find(closing, end + 1, stop)
    return end


def _find_plain(text: str, closing: str, start: int, stop: int) -> int:
    r"""Where `closing` stands next, and not as the end of a doubled backslash as in `\\)`."""
    end = text.find(closing, start, stop)
    if len(closing) == 2:
        while end > 0 and text[end - 1] == "\\" and (end < 2 or text[end - 2] != "\\"):
            end = text.find(closing, end + 1, stop)
    return end


# ---------------------------------------------------------------------------------- from tokens to the text


def _parts(tokens: list[Token], part: str, lines: list[int], base: int) -> Iterator[Piece | Place]:
    """Words and formulas in the order of the text."""
    heading = False
    for token in tokens:
        if token.type == "heading_open":
            heading = True
        elif token.type == "heading_close":
            heading = False
        elif token.type == "inline" and token.map:
            source = _Source(token.content, part, lines, token.map[0], base)
            yield from _inline(token.children or [], source, heading)
        elif token.type == "html_block" and token.map and not SKIPPED_HTML.match(token.content):
            children: list[Token] = []
            parser = _parser()
            parser.inline.parse(token.content, parser, {}, children)
            yield from _inline(children, _Source(token.content, part, lines, token.map[0], base), False)
        elif token.type == "fence" and token.map and token.info.split()[:1] == ["math"]:
            source = _Source(token.content, part, lines, token.map[0] + 1, base)
            if token.content.strip():
                first, last = (
                    lines[token.map[0]],
                    lines[token.map[1]] if token.map[1] < len(lines) else len(part),
                )
                start, end = source(0), source(len(token.content.rstrip("\n")))
                outer = part[first:last]
                outer_start = base + first + len(outer) - len(outer.lstrip())
                outer_end = base + first + len(outer.rstrip())
                yield Place(start, end, outer_start, outer_end, True, source.blanks(start, end))


def _inline(children: list[Token], source: _Source, heading: bool) -> Iterator[Piece | Place]:
    done = 0
    if heading:
        yield Piece(_prose(source.content), heading=True)
    elif run_in := _RUN_IN.match(source.content):
        yield Piece(_prose(run_in[1]), heading=True)
    for child in children:
        if child.type == "formula":
            start, end, outer_start, outer_end, display, problem = child.meta["place"]
            if not heading:
                yield Piece(_prose(source.content[done:outer_start]))
            first, last = source(start), source(end)
            outer = source(outer_start), source(outer_end)
            yield Place(first, last, *outer, display, source.blanks(first, last), problem=problem)
            done = outer_end
    if not heading:
        yield Piece(_prose(source.content[done:]))


_RUN_IN = re.compile(
    r"\s*(?:\*\*|__)([^*_$`]{3,60})(?:[.:]\s*(?:\*\*|__)|(?:\*\*|__)\s*(?:[.:]|$))", re.MULTILINE
)
"""What a paragraph begins with in bold, up to a full stop or a colon: a heading of its own."""


def _prose(words: str) -> str:
    return " ".join(NOT_PROSE.sub(" ", words).split())


class _Source:
    """Where a block's content, which is its lines without quote marks and indents, stands in the text."""

    def __init__(self, content: str, part: str, lines: list[int], first: int, base: int) -> None:
        self.content = content
        self._starts: list[int] = []
        self._places: list[int] = []
        self._ends: list[int] = []
        at = 0
        for k, line in enumerate(content.split("\n")):
            number = min(first + k, len(lines) - 2)
            whole = part[lines[number] : lines[number + 1]].rstrip("\r\n")
            bare = line.strip()
            found = whole.rfind(bare) if bare else len(whole)
            lead = len(line) - len(line.lstrip()) if bare else 0
            place = max(found, 0)
            self._starts.append(at)
            self._places.append(base + lines[number] + place - lead)
            self._ends.append(base + lines[number] + place + len(bare))
            at += len(line) + 1

    def __call__(self, position: int) -> int:
        """Where the character at a position of the content stands in the text."""
        k = bisect_right(self._starts, position) - 1
        return min(self._places[k] + position - self._starts[k], max(self._ends[k], self._places[k]))

    def blanks(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """What of the text between two places is not in the content: from a line's end to the next line."""
        found = []
        for k in range(max(1, bisect_right(self._places, start)), bisect_right(self._places, end)):
            first, last = max(self._ends[k - 1], start), min(max(self._places[k], self._ends[k - 1]), end)
            if first < last:
                found.append((first, last))
        return tuple(found)
