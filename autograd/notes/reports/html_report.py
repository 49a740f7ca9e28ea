"""The report as a page: the notes with their formulas set, the wrong ones marked, and why beside them.

One file that needs no network and holds no script. Nothing in the notes is taken for HTML.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from importlib.resources import files

from ..reading.front_matter import split as split_front_matter
from ..reading.latex_files import looks_like_latex
from ..report import Claim, Report, Verdict
from .prose import Place, blocks
from .shorthand import written_out
from .telling import Line, account, claims_nothing, conclusion, consequences, count, where
from .terminal import STYLES
from .typesetting import typeset, typeset_words
from .unicode_math import printable, readable

__all__ = ["as_html"]

_CLASSES: Mapping[Verdict, str] = {
    "right": "right",
    "wrong": "wrong",
    "ambiguous": "ambiguous",
    "not understood": "unread",
}
_WIDE = 26  # characters of a formula that on a phone may have to be scrolled, by keys too


def as_html(reports: Sequence[Report]) -> str:
    """One page of all the notes.

    >>> page = as_html([Report("a.md", "so $x$", ())])
    >>> page.startswith("<!doctype html>"), "<script" in page
    (True, False)
    """
    css = files(__package__).joinpath("page.css").read_text("utf-8")
    title = printable(reports[0].file) if len(reports) == 1 else "Notes checked"
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    articles = [_Article(report, i, alone=len(reports) == 1) for i, report in enumerate(reports)]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            '<head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(title)}: notes checked</title>",
            f"<style>{css}</style></head>",
            "<body>",
            f"<header><h1>{html.escape(title)}</h1>",
            f'<p class="conclusion">{conclusion(count(reports))}</p>',
            _counts(reports),
            f"{_LEGEND}</header>",
            "<main>",
            *(article.html() for article in articles),
            "</main>",
            "</body>",
            "</html>\n",
        ]
    )


_LEGEND = (
    '<ul class="legend">'
    + "".join(
        f'<li><span class="claim {_CLASSES[verdict]}"><span class="sign">{sign}</span></span> {verdict}</li>'
        for verdict, (sign, _) in STYLES.items()
    )
    + "</ul>"
)


def _counts(reports: Sequence[Report]) -> str:
    rows = []
    for i, report in enumerate(reports):
        n = count([report])
        name = html.escape(printable(report.file))
        name = f'<a href="#f{i}">{name}</a>' if len(reports) > 1 else name
        cells = (n.claims, n.right, n.wrong, n.ambiguous, n.not_understood)
        rows.append(f'<tr><th scope="row">{name}</th>{"".join(f"<td>{x:,}</td>" for x in cells)}</tr>')
    heads = ("notes", "claims", *STYLES)
    return (
        '<div class="scroll" tabindex="0" role="group" aria-label="Counts"><table class="counts"><thead><tr>'
        + "".join(f'<th scope="col">{head}</th>' for head in heads)
        + f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


class _Article:
    """One file of notes on the page; every name in it that is linked to begins with the file's number."""

    def __init__(self, report: Report, number: int, *, alone: bool) -> None:
        self.report = written_out(report)
        self.number = number
        self.alone = alone
        self.follow = consequences(report)
        self.places, self.claims = _places(report)

    def html(self) -> str:
        """The notes in rows: on the left their text, on the right what there is to say of it."""
        report = self.report
        name = f"<h2>{html.escape(printable(report.file))}</h2>" if not self.alone else ""
        parts = [f'<article id="f{self.number}">{name}', self._jump(), self._conventions()]
        is_latex = _is_latex(report)
        _, start = split_front_matter(report.text, latex=is_latex)
        if start:
            parts.append(
                '<details class="row"><summary>Front matter</summary>'
                f"<pre><code>{html.escape(printable(report.text[:start].strip()))}</code></pre></details>"
            )
        left = set(range(len(self.places)))
        shifted = [Place(p.start - start, p.end - start, p.display) for p in self.places]
        for block in blocks(report.text[start:], shifted, self._formula, markdown=not is_latex):
            left -= set(block.places)
            parts.append(self._row(_lowered(block.html, 1 if self.alone else 2), block.places))
        for place in sorted(left):  # formulas that stand where the page shows nothing
            parts.append(self._row(f"<p>{self._formula(place)}</p>", (place,)))
        parts.append("</article>")
        return "\n".join(part for part in parts if part)

    def _row(self, text: str, places: Sequence[int]) -> str:
        notes = [self._note(i) for place in places for i in self.claims[place] if self._is_told(i)]
        return (
            f'<div class="row"><div class="text">{text}</div>'
            + (f'<div class="notes">{"".join(notes)}</div>' if notes else "")
            + "</div>"
        )

    def _is_told(self, i: int) -> bool:
        return self.report.claims[i].verdict != "right"

    def _formula(self, place: int) -> str:
        """What stands in the place of a formula: its claims, or the formula alone if it claims nothing."""
        start, end, display = self.places[place]
        own = self.claims[place]
        if not own:
            shown = typeset(self.report.text[start:end].strip("$"), display=display)
        else:
            shown = "".join(self._claim(i, display) for i in own)
        return shown

    def _claim(self, i: int, display: bool) -> str:
        claim = self.report.claims[i]
        formula = typeset(claim.latex, display=display)
        if claims_nothing(claim):
            return _spaced(formula, claim.latex, display)
        sign, _ = STYLES[claim.verdict]
        name = f"{self.number}-{i}"
        if self._is_told(i):
            said = f'<span class="hidden"> {claim.verdict}, see the note</span>'
            mark = f'<a class="sign" href="#n{name}">{sign}{said}</a>'
        else:
            mark = f'<span class="sign" title="right">{sign}<span class="hidden"> right</span></span>'
        shown = f'<span class="claim {_CLASSES[claim.verdict]}" id="c{name}">{formula}{mark}</span>'
        return _spaced(shown, claim.latex, display)

    def _note(self, i: int) -> str:
        claim = self.report.claims[i]
        name = f"{self.number}-{i}"
        told = "".join(
            f"<dt>{line.label}</dt><dd{_STRONG.get(line.label, '')}>{_set(line)}</dd>"
            for line in account(claim, self.follow.get(i, []))
        )
        place = html.escape(where(claim, self.report).capitalize())
        return (
            f'<div class="note {_CLASSES[claim.verdict]}" id="n{name}" role="note">'
            f'<p class="head"><a href="#c{name}">{place}</a>: {claim.verdict}</p>'
            + (f"<dl>{told}</dl>" if told else "")
            + "</div>"
        )

    def _jump(self) -> str:
        links = [
            f'<li><a href="#c{self.number}-{i}">{html.escape(where(claim, self.report))}</a></li>'
            for i, claim in enumerate(self.report.claims)
            if claim.verdict == "wrong"
        ]
        if not links:
            return ""
        label = html.escape(f"Wrong in {printable(self.report.file)}")
        return f'<nav aria-label="{label}"><ul class="jump"><li>Wrong:</li>{"".join(links)}</ul></nav>'

    def _conventions(self) -> str:
        said = [f"<li>{_words(convention)}</li>" for convention in self.report.conventions]
        if not said:
            return ""
        return (
            f"<details open><summary>Read with these conventions</summary><ul>{''.join(said)}</ul></details>"
        )


def _spaced(shown: str, latex: str, display: bool = False) -> str:
    """A formula with its room: a line of its own, and a bar to scroll it where it is wide."""
    said = readable(latex).replace("\n", "; ")
    if len(said) <= _WIDE:
        return f'<span class="display">{shown}</span>' if display else shown
    kind, label = "display" if display else "wide", html.escape(said[:200])
    return f'<span class="{kind}" tabindex="0" role="group" aria-label="{label}">{shown}</span>'


_STRONG = {"should be": ' class="expected"'}


def _set(line: Line) -> str:
    return _spaced(typeset(line.text), line.text) if line.is_formula else _words(line.text)


def _words(text: str) -> str:
    """A sentence with its formulas; "w = 1" stays on one line."""
    said = typeset_words(text, lambda latex: _spaced(typeset(latex), latex))
    return re.sub(r"(<math(?:(?!</math>).)*</math> = [^\s,]+)", r'<span class="together">\1</span>', said)


def _lowered(text: str, levels: int) -> str:
    """Headings of the notes below those of the page."""
    return re.sub(r"^<(/?)h([1-6])>|<(/)h([1-6])>$", lambda m: _heading(m, levels), text)


def _heading(match: re.Match[str], levels: int) -> str:
    slash, level = (match[1], match[2]) if match[2] else (match[3], match[4])
    return f"<{slash}h{min(int(level) + levels, 6)}>"


def _is_latex(report: Report) -> bool:
    if report.file.casefold().endswith((".tex", ".latex", ".ltx")):
        return True
    return not (report.document and report.document.cells) and looks_like_latex(report.text)


def _places(report: Report) -> tuple[list[Place], list[list[int]]]:
    """Where the formulas are with all that sets them off from the text, and for each its claims."""
    if report.document:
        outer = sorted({(f.outer_start, f.outer_end, f.display) for f in report.document.formulas})
    else:
        outer = sorted({_around(report.text, claim) for claim in report.claims})
    places: list[Place] = []
    for place in outer:
        if not places or place[0] >= places[-1].end:
            places.append(Place(*place))
    claims: list[list[int]] = [[] for _ in places]
    starts = [place.start for place in places]
    for i, claim in enumerate(report.claims):
        at = bisect_right(starts, claim.offset) - 1
        if at >= 0 and claim.offset < max(places[at].end, places[at].start + 1):
            claims[at].append(i)
    return places, claims


def _around(text: str, claim: Claim) -> tuple[int, int, bool]:
    """A claim with the dollars around it."""
    start, end = claim.offset, claim.offset + len(claim.latex)
    for dollars, display in (("$$", True), ("$", False)):
        before = text[:start].rstrip()
        after = text[end:].lstrip()
        if before.endswith(dollars) and after.startswith(dollars):
            return len(before) - len(dollars), len(text) - len(after) + len(dollars), display
    return start, end, False
