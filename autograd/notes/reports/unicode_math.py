r"""Formulas as a terminal can show them: from `\frac{\partial L}{\partial w_1}` to ∂L/∂w₁.

pylatexenc reads the LaTeX and knows its symbols. What stands here is what makes a formula of it: scripts,
brackets around what a slash would tear apart, and rows.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from functools import cache
from typing import Any

__all__ = ["PARTIAL", "printable", "readable", "readable_words", "shortened"]

LONGEST = 4_000
"""Characters of LaTeX that are made readable; what is longer is shown as it is written."""

_FRACTION, _DERIVATIVE, _CLOSE = "\ue000", "\ue001", "\ue002"  # marks around a fraction until all is in place
_MARKED = re.compile(f"({_FRACTION}|{_DERIVATIVE})([^{_FRACTION}{_DERIVATIVE}{_CLOSE}]*){_CLOSE}")
_APART = "\ue003"  # a script of letters ends here
_WORD = "\ue004"  # the name of a function begins here
_ROW = "\ue005"
_GROUP = "\ue006"  # what is in brackets of its own
_TORN = re.compile(r"[-+−·×/=⊙ ,]")  # what a slash may not stand beside without brackets
_SILENT = re.compile(
    r"\\(?:left|right|middle|[bB]igg?[lrm]?|limits|nolimits|nonumber|notag|displaystyle|textstyle|mathrel|mathbin)(?![a-zA-Z])"
)
_ACCENTED = re.compile(r"\\(hat|bar|tilde|vec)\s*\{\s*(\\?[a-zA-Z]+)\s*_\s*(\{[^{}]*\}|\w)\s*\}")
"""A hat over a letter and its index, which is meant to be over the letter."""
_HARMLESS = "\n\t\u00ad\u200c\u200d"  # the last two join letters in Hindi and in emoji
_VULGAR = {"1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾"}


@cache
def readable(latex: str) -> str:
    r"""A formula in Unicode; the rows of an `aligned` on lines of their own.

    >>> print(readable(r"\frac{\partial L}{\partial w_{11}^1} = -2 (y - \hat{y}) \cdot w^2_{11} x_{i1}"))
    ∂L/∂w₁₁¹ = -2 (y - ŷ) · w²₁₁ xᵢ₁
    >>> print(readable(r"w_{new} = w_{old} - \eta \frac{a+b}{n} x"))
    w_new = w_old - η ((a+b)/n) x

    >>> print(readable(r"w \mathrel{-}= \eta x"))
    w -= η x

    What cannot be made out stays LaTeX.
    """
    latex = printable(latex)
    if len(latex) > LONGEST:
        return " ".join(latex.split())
    try:
        written = _writer().latex_to_text(_plain(latex))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):  # LaTeX that is none
        return " ".join(latex.split())
    written = _tidy(written)
    return written or " ".join(latex.split())


def readable_words(text: str) -> str:
    """A sentence with formulas in dollars, as it reads in a terminal.

    >>> print(readable_words(r"replace $w^2_{21}$ by $w^2_{11}$"))
    replace w²₂₁ by w²₁₁
    """
    text = printable(text)
    pieces = text.split("$")
    if len(pieces) % 2 == 0:  # a lone dollar is none of ours
        return text
    return "".join(readable(piece) if i % 2 else piece for i, piece in enumerate(pieces))


PARTIAL = re.compile(r"\\part(?![a-zA-Z])")
"""As some editors call \\partial."""


def printable(text: str) -> str:
    r"""Text without what a terminal would obey: escape sequences, and marks that turn the writing around.

    >>> print(ascii(printable("a\x1b[31m b\u202e\nc")))
    'a\ufffd[31m b\ufffd\nc'
    """
    return "".join(
        letter if letter in _HARMLESS or letter.isprintable() else _shown(letter) for letter in text
    )


def _shown(letter: str) -> str:
    return "\ufffd" if unicodedata.category(letter) in ("Cc", "Cf", "Cs") else letter


def shortened(line: str, width: int) -> str:
    """A line cut in its middle to a width, at blanks where there are any: both ends of a formula tell most.

    >>> shortened("dL/dw = -2 (y - yhat) w2 x1 + -2 (y - yhat) w4 x2", 40)
    'dL/dw = -2 (y - ... (y - yhat) w4 x2'
    """
    if len(line) <= width:
        return line
    room = max(width - 5, 8)
    start, end = line[: room - room // 2], line[-(room // 2) :]
    if " " in start[len(start) // 2 :]:
        start = start.rpartition(" ")[0]
    if " " in end[: len(end) // 2]:
        end = end.partition(" ")[2]
    return f"{start} ... {end}"


# ------------------------------------------------------------------------------------------- the pieces


def _plain(latex: str) -> str:
    """Without what stands there for the typesetter alone."""
    latex = re.sub(r"\\(?:left|right|middle)\s*\.|\\label\s*\{[^{}]*\}", "", latex)
    latex = _SILENT.sub("", latex)
    latex = PARTIAL.sub(r"\\partial", latex)
    latex = re.sub(r"\\wide(hat|tilde)(?![a-zA-Z])", r"\\\1", latex)
    latex = re.sub(r"\\overline(?=\s*(?:[a-zA-Z]|\{\s*\\?[a-zA-Z]+\s*\}))", r"\\bar", latex)
    latex = re.sub(r"\\(?:pmb|bm)(?![a-zA-Z])", r"\\boldsymbol", latex)
    latex = _ACCENTED.sub(r"\\\1{\2}_\3", latex)
    latex = re.sub(r"\\color\s*\{[^{}]*\}", "", latex)
    latex = re.sub(r"\\[bB]igg?[lrm]?\s*\{\s*(\\[{}]|[()\[\]|])\s*\}", r"\1", latex)
    latex = _with_environments(_without_notes(latex))
    return re.sub(f"[{_FRACTION}-{_ROW}]", "\ufffd", latex).replace(r"\\", f" {_ROW} ")


def _without_notes(latex: str) -> str:
    """What is written below or above a brace left out: it says what is over it once more."""
    found = re.search(r"\\(?:under|over)brace(?![a-zA-Z])", latex)
    if found is None:
        return latex
    end = _group(latex, found.end())
    script = re.match(r"\s*[_^]", latex[end:])
    rest = latex[_group(latex, end + script.end()) :] if script else latex[end:]
    return _without_notes(latex[: found.start()] + latex[found.end() : end] + rest)


def _with_environments(latex: str) -> str:
    r"""\matrix{a & b \cr c & d} of plain TeX as the environment of that name."""
    found = re.search(r"\\([pb]?matrix|cases)\s*(?=\{)", latex)
    if found is None:
        return latex
    end, name = _group(latex, found.end()), found[1]
    inside = re.sub(r"\\cr(?![a-zA-Z])", r"\\\\", latex[found.end() + 1 : end - 1])
    begun = rf"{latex[: found.start()]}\begin{{{name}}}{inside}\end{{{name}}}"
    return begun + _with_environments(latex[end:])


def _group(latex: str, start: int) -> int:
    """Where a group in braces, or the one sign that stands there instead, ends."""
    depth = 0
    for end in range(len(latex) - len(latex[start:].lstrip()), len(latex)):
        depth += (latex[end] == "{") - (latex[end] == "}")
        if depth <= 0:
            return end + 1
    return len(latex)


def _tidy(written: str) -> str:
    while (fewer := _MARKED.sub(_in_place, written)) != written:
        written = fewer
    small = "".join(letter for alphabet in _alphabets() for letter in alphabet.values())
    written = re.sub(f"{_APART}(?=\\w)(?![{small}])", " ", written).replace(_APART, "")
    written = re.sub(f"(?<=[\\w)\\]]){_WORD}", " ", written).replace(_WORD, "")
    written = re.sub("∂ +", "∂", written)
    written = re.sub(r"\s*(:=|[=≈≠≤≥⊙×·≡→⇒∴∈])\s*", r" \1 ", written)
    written = re.sub(r"([-+−]) *= ", r" \1= ", written)  # w -= a
    rows = (" ".join(row.split()) for row in written.split(_ROW))
    return re.sub(r" (?=[,;.)\]])|(?<=[(\[]) ", "", "\n".join(row for row in rows if row))


def _in_place(match: re.Match[str]) -> str:
    """A fraction with brackets where a neighbour would be drawn into it."""
    text, line = match[2], match.string
    before, after = line[: match.start()].rstrip(), line[match.end() :].lstrip(" " + _APART)
    alone = (not before or before[-1] in "=+-−·×([{,⊙±≈→⇒∴" + _ROW) and (
        not after or after[0] in "=+-−·×)]},.;⊙±≈→⇒&" + _ROW + _CLOSE
    )
    if match[1] == _DERIVATIVE:
        return text if alone else f" {text} "
    if text in _VULGAR:
        return f" {_VULGAR[text]} "
    return text if alone else f" ({text}) "


def _fraction(node: Any, l2tobj: Any) -> str:
    over, under = (l2tobj.node_arg_to_text(node, k).strip() for k in (-2, -1))
    is_derivative = re.match(r"∂|d[^a-z]|d$|δ|Δ", over) and re.match(r"∂|d\S|δ|Δ", under)
    mark = _DERIVATIVE if is_derivative else _FRACTION
    if is_derivative:
        over, under = (re.sub(r"^([d∂])(\S*) +", r"\1\2", text) for text in (over, under))
    return f"{mark}{_bracketed(over)}/{_bracketed(under, below=not is_derivative)}{_CLOSE}"


def _bracketed(text: str, below: bool = False) -> str:
    """In brackets, if outside of its own brackets a slash beside it would tear it apart.

    Below a slash also where brackets stand behind something: a/b(1 - b) would be read as a/b times (1 - b).
    """
    bare = re.sub(f"[{_FRACTION}{_DERIVATIVE}{_CLOSE}{_APART}]", "", text).lstrip("-−")
    while (fewer := re.sub(r"\([^()]*\)|\[[^\[\]]*\]", _GROUP, bare)) != bare:
        bare = fewer
    several = below and _WORD not in bare and re.search(f"[^√]{_GROUP}|{_GROUP}[a-zA-Zα-ω0-9]", bare)
    return f"({text})" if several or _TORN.search(bare) else text


def _root(node: Any, l2tobj: Any) -> str:
    degree, inside = (l2tobj.node_arg_to_text(node, k).strip() for k in (0, 1))
    return f"{_raised(degree) if degree else ''}√({inside})"


def _raised(text: str) -> str:
    return _script(text, "^", _alphabets()[1])


def _lowered(text: str) -> str:
    return _script(text, "_", _alphabets()[0])


def _script(text: str, sign: str, letters: dict[str, str]) -> str:
    """In small letters if there are such, else behind its sign."""
    text = re.sub(f"[{_FRACTION}{_DERIVATIVE}{_CLOSE}{_APART}]", "", " ".join(text.split()))
    if re.fullmatch("['′*]+", text) and sign == "^":
        return text
    dense = text.replace(" ", "")
    if all(letter in letters for letter in dense) and not re.search("[a-z]{3}", text):  # old, new are words
        return "".join(letters[letter] for letter in dense)
    if numbered := re.fullmatch("([0-9]+)[_^]?([A-Za-z]{3,})", text):  # as in b_{11_{new}}
        return "".join(letters[digit] for digit in numbered[1]) + f"{sign}{numbered[2]}{_APART}"
    one_word = (text.isalnum() and not any(letter in text for letter in letters.values())) or re.fullmatch(
        r"\([^()]*\)|\[[^\[\]]*\]", text
    )
    return f"{sign}{text if one_word else f'({text})'}{_APART}"


@cache
def _alphabets() -> tuple[dict[str, str], dict[str, str]]:
    """The letters that Unicode has below and above the line; by what they are a small form of."""
    below: dict[str, str] = {}
    above: dict[str, str] = {}
    for code in (
        *range(0xB2, 0xBA),
        *range(0x2B0, 0x2E5),
        *range(0x1D2C, 0x1D6B),
        *range(0x2070, 0x209D),
        0x2C7C,
    ):
        form, _, letter = unicodedata.decomposition(chr(code)).partition(" ")
        if form in ("<sub>", "<super>") and " " not in letter:
            (below if form == "<sub>" else above).setdefault(chr(int(letter, 16)), chr(code))
    return below | {"-": "₋"}, above | {"-": "⁻", "⊤": "ᵀ"}


def _cases(node: Any, l2tobj: Any) -> str:
    rows = l2tobj.nodelist_to_text(node.nodelist).split(_ROW)
    return "{ " + "; ".join(" ".join(row.split()) for row in rows if row.strip()) + " }"


def _matrix(node: Any, l2tobj: Any) -> str:
    rows = l2tobj.nodelist_to_text(node.nodelist).split(_ROW)
    return "[" + "; ".join(" ".join(row.split()) for row in rows if row.strip()) + "]"


@cache
def _writer() -> Any:
    from pylatexenc import latex2text, latexwalker, macrospec
    from pylatexenc.latex2text import EnvironmentTextSpec, MacroTextSpec, SpecialsTextSpec

    logging.getLogger("pylatexenc").setLevel(logging.ERROR)  # it warns of LaTeX that breaks off, on stderr

    def argument(fmt: str) -> Any:
        return lambda node, l2tobj: fmt.format(l2tobj.node_arg_to_text(node, -1).strip())

    def unknown(node: Any) -> str:
        return str(node.latex_verbatim()) + " " * (not node.macro_post_space)

    def scripted(node: Any, l2tobj: Any) -> str:
        text = l2tobj.node_arg_to_text(node, 0)
        blank = getattr(node.nodeargd.argnlist[0], "macro_post_space", "")  # behind the \\top of ^\\top x
        return (_raised(text) if node.specials_chars == "^" else _lowered(text)) + blank

    words = latex2text.get_default_latex_context_db()
    words.add_context_category(
        "formulas",
        prepend=True,
        macros=[
            *(MacroTextSpec(name, _fraction) for name in ("frac", "dfrac", "tfrac", "cfrac")),
            MacroTextSpec("sqrt", _root),
            MacroTextSpec("tag", argument(" ({})")),
            *(MacroTextSpec(name, " ") for name in ("quad", "qquad", ",", ";", ":", " ", "hspace")),
            MacroTextSpec("!", ""),
            *(MacroTextSpec(name, "‖") for name in ("|", "Vert", "lVert", "rVert")),
            *(MacroTextSpec(name, _WORD + name + _APART) for name in _FUNCTIONS),
            *(MacroTextSpec(name, argument("{}")) for name in (*_AROUND, *_STACKED)),
            *(MacroTextSpec(name, unknown) for name in ("includegraphics", "input", "include", "color")),
            MacroTextSpec("cdot", "·"),
            *(MacroTextSpec(name, " → ") for name in ("xrightarrow", "longrightarrow")),
        ],
        environments=[
            EnvironmentTextSpec("cases", _cases),
            *(EnvironmentTextSpec(name, _matrix) for name in _MATRICES),
        ],
        specials=[
            SpecialsTextSpec("^", scripted), SpecialsTextSpec("_", scripted), SpecialsTextSpec("&", " "),
            SpecialsTextSpec("'", "′"),
        ],
    )  # fmt: skip
    words.set_unknown_macro_spec(MacroTextSpec("", unknown))
    grammar = latexwalker.get_default_latex_context_db()
    grammar.add_context_category(
        "formulas",
        prepend=True,
        macros=[macrospec.std_macro(name, False, 2) for name in ("frac", "dfrac", "tfrac", "cfrac")]
        + [macrospec.std_macro(name, False, 1) for name in ("tag", "xrightarrow", *_AROUND)]
        + [macrospec.std_macro(name, False, 2) for name in _STACKED],
        environments=[macrospec.std_environment(name, None) for name in ("cases", *_MATRICES)],
        specials=[
            macrospec.SpecialsSpec(sign, macrospec.MacroStandardArgsParser("{")) for sign in "^_"
        ] + [macrospec.SpecialsSpec("'")],
    )  # fmt: skip

    class Writer(latex2text.LatexNodes2Text):  # type: ignore[misc] # pylatexenc has no types
        def latex_to_text(self, latex: str) -> str:
            walker = latexwalker.LatexWalker(latex, latex_context=grammar, tolerant_parsing=True)
            return str(self.nodelist_to_text(walker.get_latex_nodes()[0]))

    spaces = {"between-latex-constructs": True}
    return Writer(latex_context=words, math_mode="text", keep_comments=True, strict_latex_spaces=spaces)


_AROUND = ("boxed", "cancel", "bcancel", "xcancel", "underbrace", "overbrace", "underline", "operatorname",
           "boldsymbol", "bm")  # fmt: skip
"""How a formula is drawn, or what around it; a line of text goes without."""
_STACKED = ("overset", "underset", "stackrel")
"""Something above or below a sign; a line of text has the sign alone."""
_FUNCTIONS = ("log", "ln", "exp", "tanh", "cosh", "sinh", "sin", "cos", "tan", "max", "min", "arg", "det")
_MATRICES = ("matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array")
