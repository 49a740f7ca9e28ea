"""One page that shows every picture in a folder and links to every other page in it."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from ..files import replace_file

__all__ = ["gallery"]

_PICTURES = (".svg", ".png")
_PAGES = (".html", ".pdf", ".txt", ".md", ".tex", ".json", ".csv")
_WORDS = {
    ".html": "page",
    ".pdf": "PDF",
    ".txt": "text",
    ".md": "Markdown",
    ".tex": "LaTeX",
    ".json": "data",
    ".csv": "table",
}

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem;
  background: #fff; color: #1a1a1a; }
h2 { margin-top: 2.5rem; border-top: 1px solid #767676; padding-top: 1rem; font-size: 1.2rem; }
figure { margin: 1rem 0; overflow-x: auto; }
figcaption { position: sticky; left: 0; font-size: .9rem; }
img { background: #fff; border-radius: 4px; }
img[src$=".png" i] { max-width: 100%; height: auto; }
a { color: #0b57a4; }
@media (prefers-color-scheme: dark) {
  body { background: #16181d; color: #f2f2f2; } a { color: #8ec5ff; } }
@media print { figure { break-inside: avoid; } img { max-width: 100%; height: auto; } }
"""


def gallery(
    folder: Path, headlines: Mapping[str, str] | None = None, title: str = "What the demos made"
) -> Path:
    """Write `index.html` into a folder, with every picture and a link to every page there. Gives its path.

    folder     is searched with the folders in it; what begins with a dot is left out
    headlines  for a file whose name begins with a key, or that is in a folder of that name, the line over it

    The page needs no network and no script. Raises `FileAccessError` where it cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gallery(Path(folder)).name
    'index.html'
    """
    headlines = headlines or {}
    groups: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in place.parts)
        if hidden or place == Path("index.html") or not path.is_file():
            continue
        if path.suffix.casefold() in (*_PICTURES, *_PAGES):
            groups.setdefault(_group(place, headlines), []).append(place)
    body = [f"<h1>{html.escape(title)}</h1>"]
    if not groups:
        body.append("<p>There are no pictures yet.</p>")
    if len(groups) > 1:
        links = (
            f'<li><a href="#{_anchor(key)}">{html.escape(headlines.get(key, key))}</a></li>' for key in groups
        )
        body.append(f'<nav aria-label="Contents"><ul>{"".join(links)}</ul></nav>')
    for key, places in groups.items():
        body.append(f'<h2 id="{_anchor(key)}">{html.escape(headlines.get(key, key))}</h2>')
        others = [_link(place) for place in places if place.suffix.casefold() in _PAGES]
        if others:
            body.append(f"<ul>{''.join(others)}</ul>")
        body += [_figure(place) for place in places if place.suffix.casefold() in _PICTURES]
    page = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file:; "
        "style-src 'unsafe-inline'\">\n"
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )
    replace_file(folder / "index.html", page.encode(errors="backslashreplace"))
    return folder / "index.html"


def _group(place: Path, headlines: Mapping[str, str]) -> str:
    """The longest key the file belongs to; or else its own name up to the first dot."""
    text = place.as_posix()
    found = [key for key in headlines if text.startswith(key)]
    return max(found, key=len) if found else (place.parts[0] if len(place.parts) > 1 else place.stem)


def _anchor(key: str) -> str:
    return html.escape(quote(key, safe="", errors="backslashreplace"))


def _said(place: Path) -> str:
    return html.escape(place.stem.replace("_", " "))


def _address(place: Path) -> str:
    return html.escape(quote(place.as_posix(), errors="surrogateescape"))


def _figure(place: Path) -> str:
    picture = f'<img src="{_address(place)}" alt="{_said(place)}" loading="lazy">'
    caption = f'<figcaption><a href="{_address(place)}">{_said(place)}</a></figcaption>'
    # whoever moves by keys can scroll what is too wide
    return f'<figure tabindex="0" role="group" aria-label="{_said(place)}">{picture}{caption}</figure>'


def _link(place: Path) -> str:
    return f'<li><a href="{_address(place)}">{_said(place)}</a> ({_WORDS[place.suffix.casefold()]})</li>'
