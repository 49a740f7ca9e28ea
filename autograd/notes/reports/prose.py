"""The notes themselves as HTML, block by block, with something of ours in the place of each formula.

markdown-it-py renders the Markdown. Tags that only lay a page out are left out, all other HTML stays text,
pictures stay their description, and only links to the web are links: the notes may be anybody's, and their
page is not to load or run anything.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from .unicode_math import printable

__all__ = ["Block", "Place", "blocks"]

_OPEN, _CLOSE = "$\ue000", "\ue001"  # a dollar is where markdown-it stops reading plain text
_PLACE = re.compile(r"\$\ue000(\d+)\ue001")
_SCROLLS = 'tabindex="0" role="group"'  # lest only a mouse can scroll it
_HEADING = re.compile(r"\\(?:(?:sub)*section|chapter|title|paragraph)\*?\s*\{([^{}\n]*)\}")
_PARAGRAPHS = re.compile(rf"\n\s*\n|^[ \t]*({_HEADING.pattern.replace('([^', '(?:[^')})[ \t]*$", re.MULTILINE)
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>|<!--.*?-->", re.DOTALL)
_HTML_HEADING = re.compile(r"<h([1-6])\b[^<>]*>(.*?)</h\1\s*>", re.DOTALL | re.IGNORECASE)
_LAYOUT = re.compile(
    "a|b|big|blockquote|br|caption|center|code|col|colgroup|dd|details|div|dl|dt|em|figcaption|figure|font|h[1-6]|"
    "hr|i|img|li|mark|ol|p|s|section|small|span|strong|sub|summary|sup|table|t(?:body|d|foot|h|head|r)|u|ul",
    re.IGNORECASE,
)
"""Tags that say how a page looks, and not what it says or does."""


class Place(NamedTuple):
    """The characters of the text that something else is shown for, and whether as a line of its own."""

    start: int
    end: int
    display: bool


class Block(NamedTuple):
    """A paragraph, list, table, ... as HTML, and which of the places are in it."""

    html: str
    places: tuple[int, ...]


def blocks(
    text: str, places: Sequence[Place], shown: Callable[[int], str], *, markdown: bool = True
) -> list[Block]:
    """Render notes; what stands at the i-th place is shown as `shown(i)`.

    places    in order, not overlapping
    markdown  whether the text is Markdown; LaTeX stays as it is written, but for its headings

    >>> [block] = blocks("so *then* $x$ <b> <script>", [Place(10, 13, False)], lambda i: f"<math>{i}</math>")
    >>> block
    Block(html='<p>so <em>then</em> <math>0</math>  &lt;script&gt;</p>', places=(0,))
    """
    marked, end = [], 0
    for i, place in enumerate(places):
        marked += [text[end : place.start].replace("\ue000", "\ufffd"), f"{_OPEN}{i}{_CLOSE}"]
        end = place.end
    marked.append(text[end:].replace("\ue000", "\ufffd"))
    source = printable("".join(marked).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    return _of_markdown(source, shown) if markdown else _of_latex(source, shown)


def _of_markdown(source: str, shown: Callable[[int], str]) -> list[Block]:
    parser = _parser()
    env = {"shown": shown}
    found, start, depth = [], 0, 0
    tokens = parser.parse(source, env)
    for i, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            part = tokens[start : i + 1]
            found.append(Block(parser.renderer.render(part, parser.options, env).strip(), _places(part)))
            start = i + 1
    return [block for block in found if block.html]


def _places(tokens: Sequence[Any]) -> tuple[int, ...]:
    found: list[int] = []
    for token in tokens:
        if token.type == "formula":
            found.append(token.meta["place"])
        elif token.type in ("fence", "code_block"):
            found += [int(match[1]) for match in _PLACE.finditer(token.content)]
        elif token.type == "html_block":
            found += [int(match[1]) for match in _PLACE.finditer(_without_tags(token.content))]
        elif token.type != "image":
            found += _places(token.children or ())
    return tuple(found)


def _of_latex(source: str, shown: Callable[[int], str]) -> list[Block]:
    found = []
    for paragraph in _PARAGRAPHS.split(source):
        text = (paragraph or "").strip()
        places = tuple(int(match[1]) for match in _PLACE.finditer(text))
        heading = _HEADING.fullmatch(text)
        if heading:
            level = 1 + text.count("sub", 0, text.index("{"))
            found.append(Block(f"<h{level}>{_filled(heading[1], shown)}</h{level}>", places))
        elif not places and all(line.lstrip().startswith(("\\", "%")) for line in text.splitlines()):
            found += [Block(f"<pre><code>{html.escape(text)}</code></pre>", ())] if text else []
        else:
            found.append(Block(f'<p class="source">{_filled(text, shown)}</p>', places))
    return found


def _filled(text: str, shown: Callable[[int], str]) -> str:
    """Text as HTML with its formulas."""
    pieces = _PLACE.split(text)
    return "".join(shown(int(piece)) if i % 2 else html.escape(piece) for i, piece in enumerate(pieces))


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    parser: Any = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "formula", _formula)
    rules: dict[str, Any] = {
        "formula": lambda tokens, i, options, env: env["shown"](tokens[i].meta["place"]),
        "image": _picture,
        "html_inline": lambda tokens, i, options, env: html.escape(_without_tags(tokens[i].content)),
        "html_block": _html,
        "fence": _code,
        "code_block": _code,
        "link_open": _link,
        "table_open": lambda *_: f'<div class="scroll" {_SCROLLS} aria-label="Table"><table>',
        "table_close": lambda *_: "</table></div>\n",
    }
    parser.renderer.rules.update(rules)
    return parser


def _formula(state: Any, silent: bool) -> bool:
    """Where one of our marks stands."""
    match = _PLACE.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        state.push("formula", "", 0).meta = {"place": int(match[1])}
    state.pos = match.end()
    return True


def _picture(tokens: Any, i: int, options: Any, env: Any) -> str:
    return f'<span class="picture">{html.escape(_PLACE.sub("", tokens[i].content) or "picture")}</span>'


def _without_tags(text: str) -> str:
    """HTML without the tags that only lay a page out, and without comments."""
    return _TAG.sub(lambda match: match[0] if match[1] and not _LAYOUT.fullmatch(match[1]) else "", text)


def _html(tokens: Any, i: int, options: Any, env: Any) -> str:
    """A block of HTML as the text that it shows, its headings as headings."""
    shown = env["shown"]
    pieces = _HTML_HEADING.split(tokens[i].content)  # text, level, heading, text, ...
    found = []
    for place in range(0, len(pieces), 3):
        if place:
            level, heading = pieces[place - 2 : place]
            found.append(
                f"<h{level}>{_filled(html.unescape(_without_tags(heading)).strip(), shown)}</h{level}>"
            )
        text = html.unescape(_without_tags(pieces[place])).strip()
        if text:
            found.append(f'<p class="source">{_filled(text, shown)}</p>')
    return "\n".join(found) + "\n"


def _code(tokens: Any, i: int, options: Any, env: Any) -> str:
    return f"<pre><code>{_filled(tokens[i].content, env['shown'])}</code></pre>\n"


def _link(tokens: Any, i: int, options: Any, env: Any) -> str:
    address = str(tokens[i].attrGet("href") or "")
    if not address.startswith(("https://", "http://")):
        return "<a>"  # what leads nowhere from this page stays its text
    return f'<a href="{html.escape(address)}" rel="noreferrer nofollow">'
