"""Formulas in LaTeX files: where they stand, between comments, verbatim text and definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .places import MATH_ENVIRONMENTS, Piece, Place, body_end, surrounded
from .tokens import closing_brace

__all__ = ["looks_like_latex", "places_in_latex"]

VERBATIM = "verbatim|lstlisting|minted|Verbatim|comment|tikzpicture|filecontents|alltt|algorithmic|algorithm"
LANDMARK = re.compile(
    rf"""
      (?P<comment> %[^\n]* )
    | (?P<paragraph> \n[^\S\n]*\n\s* )
    | (?P<verb> \\(?:verb|lstinline|mintinline(?:\{{\w+\}})?)\*?(?P<mark>[^A-Za-z\s{{*])[^\n]*?(?P=mark) )
    | (?P<verbatim> \\begin\{{(?P<verbatim_name>{VERBATIM})(?P<star>\*?)\}} )
    | (?P<environment> \\begin\{{(?P<name>(?:{MATH_ENVIRONMENTS})\*?)\}} )
    | (?P<heading> \\(?:part|chapter|(?:sub){{0,2}}section|(?:sub)?paragraph|title|caption)\*?\s*(?=\{{) )
    | (?P<definition> \\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand|DeclareMathOperator
                           |[egx]?def) (?![A-Za-z]) )
    | (?P<refused> \\(?:input|include|subfile|import|write18|write|openin|read|immediate|directlua)
                   (?![A-Za-z]) \s*(?:\{{[^{{}}\n]*\}}|\S*) )
    | (?P<finish> \\end\{{document\}} )
    | (?P<round> \\\( ) | (?P<square> \\\[ ) | (?P<escaped> \\. )
    | (?P<double> \$\$ ) | (?P<single> \$ )
    """,
    re.VERBOSE | re.DOTALL,
)
COMMAND = re.compile(r"\\[A-Za-z]+\*?(?:\[[^\]]*\])?|[{}~]|\\.")
COMMENT_OR_ESCAPE = re.compile(r"%[^\n]*|\\.", re.DOTALL)
BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


def looks_like_latex(text: str) -> bool:
    r"""Whether a text without a name is a LaTeX document: it says \documentclass or \begin{document}."""
    return "\\documentclass" in text or "\\begin{document}" in text


def places_in_latex(text: str) -> list[Place]:
    """The formulas in a LaTeX file, in order."""
    text = text.replace("\r\n", " \n").replace("\r", "\n")  # as long as before
    body = text.find("\\begin{document}")
    return surrounded(_parts(text, body + len("\\begin{document}") if body >= 0 else 0))


def _parts(text: str, position: int) -> Iterator[Piece | Place]:
    words_from = position
    while found := LANDMARK.search(text, position):
        start, end = found.start(), found.end()
        part: Piece | Place | None = None
        if found["comment"]:
            yield Piece(_prose(text[words_from:start]))
            words_from = end
        elif found["verbatim"]:
            closing = f"\\end{{{found['verbatim_name']}{found['star']}}}"
            stop = text.find(closing, end)
            end = len(text) if stop < 0 else stop + len(closing)
            part = Piece("")
        elif found["verb"] or found["escaped"]:
            position = end
            continue
        elif found["paragraph"]:
            part = Piece("")
        elif found["heading"]:
            closing_at = closing_brace(text, end)
            if closing_at < 0:
                position = end
                continue
            yield Piece(_prose(text[words_from:start]))
            inside = text[end + 1 : closing_at]
            if "$" not in inside and "\\(" not in inside:
                yield Piece(_prose(inside), heading=True)
                position = words_from = closing_at + 1
            else:
                yield Piece(_prose(re.sub(r"\$[^$]*\$", "", inside)), heading=True)
                position = words_from = end + 1
            continue
        elif found["definition"]:
            end = _past_definition(text, end)
            part = Piece("")
        elif found["refused"]:
            command = (re.match(r"\\[A-Za-z]+\d*", text[start:end]) or found).group()
            part = Place(
                start, end, start, end, True, problem=f"{command} is unsupported: nothing else is read or run"
            )
        elif found["finish"]:
            break
        else:
            part = _formula(text, found)
            end = part.outer_end
        if part is not None:
            yield Piece(_prose(text[words_from:start]))
            yield part
            words_from = end
        position = max(end, start + 1)
    yield Piece(_prose(text[words_from : found.start() if found else len(text)]))


def _formula(text: str, found: re.Match[str]) -> Place:
    """The formula that begins at a landmark."""
    start, inside = found.start(), found.end()
    if found["environment"]:
        end = _end_of_environment(text, found["name"], start)
        if end < 0:
            return _unclosed(text, start, inside, f"\\begin{{{found['name']}}} is never closed")
        return Place(start, end, start, end, True)
    if found["round"] or found["square"]:
        closing = "\\)" if found["round"] else "\\]"
        blank = BLANK_LINE.search(text, inside)
        end = _find_closing(text, closing, inside, blank.start() if blank else len(text))
        if end < 0:
            return _unclosed(text, start, inside, f"{found.group()} is never closed")
        return Place(inside, end, start, end + 2, bool(found["square"]))
    if found["double"]:
        end = body_end(text, inside, comments=True)
        while end < len(text) and not text.startswith("$$", end):
            end = body_end(text, end + 1, comments=True)
        if end >= len(text):
            return _unclosed(text, start, inside, "$$ is never closed")
        return Place(inside, end, start, end + 2, True)
    end = body_end(text, inside, comments=True)
    blank = BLANK_LINE.search(text, inside, end)
    if end >= len(text) or blank:
        return _unclosed(text, start, inside, "$ is never closed")
    return Place(inside, end, start, end + 1, False)


def _unclosed(text: str, start: int, inside: int, problem: str) -> Place:
    """A formula without an end: it goes on to the end of its paragraph."""
    blank = BLANK_LINE.search(text, inside)
    end = blank.start() if blank else len(text)
    return Place(start, end, start, end, True, problem=problem)


def _find_closing(text: str, closing: str, position: int, stop: int) -> int:
    for found in COMMENT_OR_ESCAPE.finditer(text, position, stop):
        if found.group() == closing:
            return found.start()
    return -1


def _end_of_environment(text: str, name: str, position: int) -> int:
    depth = 0
    plain = re.escape(name)
    for found in re.compile(rf"%[^\n]*|\\\\|\\(begin|end)\{{{plain}\}}|\\.", re.DOTALL).finditer(
        text, position
    ):
        if found[1]:
            depth += 1 if found[1] == "begin" else -1
            if depth == 0:
                return found.end()
    return -1


def _past_definition(text: str, position: int) -> int:
    r"""Where a \newcommand or \def ends: behind its last group."""
    found = re.compile(r"\*?\s*(?:\{\s*\\(?:[A-Za-z]+|.)\s*\}|\\(?:[A-Za-z]+|.))[^{}\n]*(?=\{)").match(
        text, position
    )
    if not found:
        return position
    closing = closing_brace(text, found.end())
    return closing + 1 if closing >= 0 else found.end()


def _prose(words: str) -> str:
    return " ".join(COMMAND.sub(" ", words).split())
