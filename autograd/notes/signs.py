"""The vocabulary of LaTeX: which command is which mark, and what is only styling.

Every table maps a command (without its backslash) or a Unicode character to the name its mark goes by in
`layout`. What stands in none of them is unsupported, and `parsing` says so.
"""

from __future__ import annotations

import unicodedata

__all__ = [
    "ACCENTS", "ALPHABETS", "ARGUMENT_DROPPED", "ARGUMENT_KEPT", "BIG", "CLOSING", "COMBINING", "ENVIRONMENTS",
    "FUNCTION_WORDS", "OPENING", "OPERATORS", "RELATIONS", "SEPARATORS", "STYLING", "SUBSCRIPTS", "SUPERSCRIPTS",
    "SYMBOLS", "TAGS", "TEXTS", "UNICODE", "UPRIGHT", "letter_name",
]  # fmt: skip

GREEK = {
    name: chr(code)
    for code, name in enumerate(
        ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "varsigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"],
        start=0x3B1,
    )
}
GREEK_CAPITALS = {name.capitalize(): char.upper() for name, char in GREEK.items() if name != "varsigma"}

SYMBOLS = (
    {name: name for name in GREEK}
    | {name: name for name in GREEK_CAPITALS}
    | {name: name.removeprefix("var") for name in ("varepsilon", "vartheta", "varphi", "varrho", "varpi", "varkappa")}
    | {"var" + name: name for name in ("Gamma", "Delta", "Theta", "Lambda", "Sigma", "Phi", "Omega")}
    | {
        name: name
        for name in (
            ["partial", "nabla", "infty", "ell", "hbar", "emptyset", "arg", "det", "dim", "deg", "exp", "gcd", "hom", "inf", "ker", "lg", "lim", "liminf", "limsup", "ln", "log", "max", "min", "Pr", "sup", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "arcsin", "arccos", "arctan", "forall", "exists", "dagger", "ddagger", "Re", "Im", "aleph", "int", "iint", "oint", "bigcup", "bigcap", "bigoplus", "bigotimes", "neg", "lnot", "perp", "angle", "triangle", "square", "bullet", "star_"]
        )
    }
    | {
        "imath": "i", "jmath": "j", "argmin": "argmin", "argmax": "argmax", "d": "d", "sgn": "sign", "sign": "sign",
        "varnothing": "emptyset", "Box": "square", "grad": "nabla", "Tr": "tr", "tr": "tr", "trace": "tr",
        "softmax": "softmax", "sigmoid": "sigmoid", "relu": "relu", "ReLU": "ReLU", "diag": "diag", "ldots_": "dots",
        "checkmark": "checkmark", "tg": "tan", "arctg": "arctan", "th": "tanh", "sh": "sinh", "ch": "cosh",
    }
)  # fmt: skip
"""Commands that are a symbol, by its name. Function names some notes write as commands of their own are among them."""

RELATIONS = {
    "eq": "=", "approx": "approx", "approxeq": "approx", "thickapprox": "approx", "cong": "approx", "simeq": "approx",
    "sim": "sim", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">", "le": "<=", "leq": "<=", "leqslant": "<=", "leqq": "<=",
    "ge": ">=", "geq": ">=", "geqslant": ">=", "geqq": ">=", "ll": "<<", "gg": ">>", "propto": "propto",
    "equiv": "equiv", "coloneqq": "equiv", "coloneq": "equiv", "triangleq": "equiv", "doteq": "equiv",
    "stackrel_def": "equiv", "eqqcolon": "equiv", "in": "in", "notin": "notin", "ni": "ni", "subset": "subset",
    "subseteq": "subset", "to": "->", "rightarrow": "->", "longrightarrow": "->", "mapsto": "->", "longmapsto": "->",
    "hookrightarrow": "->", "rightharpoonup": "->", "leadsto": "->", "rightsquigarrow": "->", "curvearrowright": "->",
    "Rightarrow": "=>", "implies": "=>", "Longrightarrow": "=>", "rArr": "=>", "rarr": "->", "Leftarrow": "<=",
    "iff": "<=>", "Leftrightarrow": "<=>", "Longleftrightarrow": "<=>", "gets": "<-", "leftarrow": "<-",
    "longleftarrow": "<-", "hookleftarrow": "<-", "leftrightarrow": "<->", "longleftrightarrow": "<->",
    "downarrow": "down", "Downarrow": "down", "swarrow": "down", "searrow": "down", "uparrow": "up", "Uparrow": "up",
    "nwarrow": "up", "nearrow": "up", "updownarrow": "up", "therefore": "therefore", "because": "because",
    "impliedby": "<=>", "vdash": "=>", "models": "=>", "looparrowright": "->", "looparrowleft": "<-",
    "dashrightarrow": "->", "xrightarrow": "->", "xleftarrow": "<-", "Rrightarrow": "=>", "asymp": "approx",
}  # fmt: skip
RELATIONS["Leftarrow"] = RELATIONS["impliedby"] = "<=="
"""Commands that stand between sides, and arrows."""

OPERATORS = RELATIONS | {
    "cdot": "*", "times": "*", "ast": "*", "star": "*", "cdotp": "*", "centerdot": "*", "div": "/", "pm": "+-", "mp": "+-",
    "odot": "odot", "circ": "circ", "bigodot": "odot", "otimes": "otimes", "oplus": "oplus", "setminus": "setminus",
    "cup": "cup", "cap": "cap", "wedge": "wedge", "vee": "vee", "land": "wedge", "lor": "vee", "top": "transpose",
    "intercal": "transpose", "dots": "dots", "ldots": "dots", "cdots": "dots", "vdots": "dots", "ddots": "dots",
    "dotsc": "dots", "dotsb": "dots", "dotsm": "dots", "hdots": "dots", "colon": ":", "mid": "|", "slash": "/",
    "backslash": "setminus", "parallel": "parallel", "bmod": "mod", "blacksquare": "qed",
    "qed": "qed", "&": "ampersand",
}  # fmt: skip

SEPARATORS = {"quad": "quad", "qquad": "quad", "enspace": "quad", "newline": "quad", "hfill": "quad"}

BIG = {"sum": "sum", "prod": "prod"}

STYLING = frozenset(
    [",", ":", ";", "!", ">", "/", "left_", "right_", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr", "bigm", "Bigm", "biggm", "Biggm", "limits", "nolimits", "displaystyle", "textstyle", "scriptstyle", "scriptscriptstyle", "rm", "bf", "it", "sf", "tt", "cal", "mit", "boldmath", "normalsize", "small", "large", "Large", "LARGE", "huge", "tiny", "scriptsize", "footnotesize", "nonumber", "notag", "hline", "toprule", "midrule", "bottomrule", "thinspace", "medspace", "thickspace", "negthinspace", "nobreakspace", "allowbreak", "nobreak", "break", "centering", "noindent", "null", "strut", "mathstrut", "relax", "protect", "smash", "displaylimits", "par", "bfseries", "itshape", "rmfamily", "normalfont", "ensuremath", "hfil", "pagebreak", "allowdisplaybreaks", "nolinebreak", "linebreak", "smallskip", "medskip", "bigskip", "space", "endgroup", "begingroup"]
)
"""Commands that change how things look or stand, and nothing else."""

ARGUMENT_DROPPED = {
    "label": 1, "hspace": 1, "vspace": 1, "phantom": 1, "hphantom": 1, "vphantom": 1, "color": 1,
    "require": 1, "cline": 1, "definecolor": 3, "mspace": 1, "class": 1, "style": 1, "cssId": 1, "rule": 2,
    "intertext_": 1, "setlength": 2, "addtolength": 2, "raisebox": 1, "eqref": 1, "ref": 1, "cite": 1, "footnote": 1,
    "usepackage": 1,
}  # fmt: skip
"""Commands whose arguments are no mathematics, and how many there are."""

ARGUMENT_KEPT = {
    "boxed": 0, "fbox_": 0, "underline": 0, "textcolor": 1, "colorbox": 1, "fcolorbox": 2, "mathop": 0, "mathbin": 0,
    "mathrel": 0, "mathord": 0, "mathopen": 0, "mathclose": 0, "mathpunct": 0, "mathinner": 0, "href": 1, "bbox": 0,
    "mathstrut_": 0, "uline": 0, "uuline": 0, "uwave": 0, "hl": 0, "enclose": 1, "mathrlap": 0, "mathllap": 0,
    "mathclap": 0, "llap": 0, "rlap": 0, "clap": 0, "substack_": 0, "emph_": 0, "resizebox": 2, "scalebox": 1,
    "underparen": 0, "overparen": 0, "mathchoice_": 0, "smash_": 0, "tcboxmath": 0, "Aboxed": 0,
}  # fmt: skip
"""Commands that only decorate their last argument, and how many arguments to pass over before it."""

ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde",
    "vec": "vec", "overrightarrow": "vec", "overleftarrow": "vec", "dot": "dot", "ddot": "ddot", "check": "check",
    "breve": "breve", "acute": "acute", "grave": "grave", "mathring": "ring", "cancel": "cancel", "bcancel": "cancel",
    "xcancel": "cancel", "sout": "cancel", "st": "cancel", "not_": "not", "cancelto_": "cancel",
}  # fmt: skip

COMBINING = {
    "\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde", "\u20d7": "vec", "\u0307": "dot",
    "\u0308": "ddot", "\u030c": "check", "\u0306": "breve", "\u0301": "acute", "\u0300": "grave", "\u030a": "ring",
    "\u0338": "cancel", "\u0336": "cancel",
}  # fmt: skip
"""Combining characters behind a letter."""

ALPHABETS = {
    "mathcal": "cal", "mathscr": "cal", "mathbf": "bold", "boldsymbol": "bold", "bm": "bold", "pmb": "bold",
    "symbf": "bold", "mathbb": "bb", "mathds": "bb", "mathbbm": "bb", "mathfrak": "frak", "mathbfit": "bold",
    "vb": "bold", "vect": "bold", "mathnormal": "", "mathbfcal": "cal", "symbfit": "bold",
}  # fmt: skip
"""Commands that set single letters in another alphabet."""

UPRIGHT = frozenset(
    ["mathrm", "mathsf", "mathtt", "mathit", "operatorname", "operatornamewithlimits", "symrm", "mathup", "mathsfit"]
)
"""Commands that set runs of letters as one word."""

TEXTS = frozenset(
    ["text", "textrm", "textbf", "textit", "textsf", "texttt", "textnormal", "textup", "textsc", "mbox", "hbox", "intertext", "shortintertext", "fbox", "emph", "textcircled", "textmd", "textsl", "framebox", "makebox", "parbox_", "unicode_", "textsubscript_"]
)
"""Commands whose argument is words."""

OPENING = {
    "(": "(", "[": "[", "\\{": "{", "\\lbrace": "{", "\\lbrack": "[", "\\langle": "<", "\\lfloor": "floor",
    "\\lceil": "ceil", "\\lvert": "|", "\\lVert": "||", "\\lparen": "(", "\\lgroup": "(",
}  # fmt: skip
CLOSING = {
    ")": "(", "]": "[", "\\}": "{", "\\rbrace": "{", "\\rbrack": "[", "\\rangle": "<", "\\rfloor": "floor",
    "\\rceil": "ceil", "\\rvert": "|", "\\rVert": "||", "\\rparen": "(", "\\rgroup": "(",
}  # fmt: skip

ENVIRONMENTS = {
    "matrix": "matrix", "pmatrix": "matrix", "bmatrix": "matrix", "Bmatrix": "matrix", "vmatrix": "matrix",
    "Vmatrix": "matrix", "smallmatrix": "matrix", "array": "array", "cases": "cases", "dcases": "cases",
    "rcases": "cases", "drcases": "cases", "aligned": "align", "align": "align", "alignat": "align", "alignedat": "align",
    "flalign": "align", "xalignat": "align", "split": "align", "gather": "align", "gathered": "align", "eqnarray": "rows",
    "equation": "one", "displaymath": "one", "math": "one", "multline": "one", "multlined": "one", "subequations": "one",
    "dmath": "one", "IEEEeqnarray": "rows", "psmallmatrix": "matrix", "bsmallmatrix": "matrix", "darray": "array",
    "tabular": "array", "subarray": "array", "center": "one",
}  # fmt: skip
"""Environments, without their star, by how their rows and cells are to be read.

"align" has pairs of columns with a gap between one pair and the next; "rows" has cells without gaps; "one" is a
single formula, however many lines it takes.
"""

FUNCTION_WORDS = frozenset(
    ["where", "if", "let", "or", "and", "for", "otherwise", "else", "then", "when", "so", "thus", "hence", "since", "as", "but", "given", "because", "similarly", "now", "also", "is", "are", "the", "of", "say", "with", "eg", "ex", "example", "by", "from", "to", "in", "at", "on", "we", "have", "get", "gives", "that", "this", "here", "note", "def", "definition", "hence", "therefore", "using", "put", "putting", "until", "all", "each", "every", "iff", "i.e", "e.g", "respectively", "resp", "be", "donde", "si", "entonces", "para", "con", "y", "o", "sea", "como", "tenemos", "por", "où", "et", "pour", "avec", "wo", "wenn", "sonst", "falls", "und", "für", "mit", "где", "если", "иначе", "при", "и", "其中", "当", "如果", "否则", "和", "或", "则", "所以", "因为", "即", "जहाँ", "यदि", "और", "अन्यथा"]
)
"""Words of connected speech: a \\text of one of them names nothing."""

TAGS = frozenset(
    ["new", "old", "pred", "true", "next", "prev", "target", "out", "output", "in", "input", "net", "total", "hidden", "actual", "init", "start", "end", "train", "test", "val", "max", "min", "avg", "mean", "loss", "err", "error", "nuevo", "viejo", "neu", "alt"]
)
"""Words that are meant as a whole where they follow `_` or `^` without braces: w_new."""

SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵗˡʲᵏ", "0123456789+-=()niTtljk", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ᵢⱼₖₗₘₙₒₚₜₓₐₑₕᵣᵤᵥₛ", "0123456789+-=()ijklmnoptxaehruvs", strict=True))

UNICODE = (
    {
        "−": "-", "–": "-", "—": "-", "﹣": "-", "·": "\\cdot", "⋅": "\\cdot", "∙": "\\cdot", "•": "\\cdot", "×": "\\times",
        "✕": "\\times", "∗": "\\ast", "⋆": "\\ast", "÷": "\\div", "∕": "/", "⁄": "/", "±": "\\pm", "∓": "\\mp",
        "⊙": "\\odot", "∘": "\\circ", "◦": "\\circ", "⊗": "\\otimes", "⊕": "\\oplus", "∂": "\\partial", "𝜕": "\\partial",
        "𝛛": "\\partial", "∇": "\\nabla", "𝛁": "\\nabla", "∞": "\\infty", "∑": "\\sum", "∏": "\\prod", "√": "\\sqrt",
        "≈": "\\approx", "≃": "\\simeq", "≅": "\\cong", "≠": "\\ne", "≤": "\\le", "≥": "\\ge", "⩽": "\\le", "⩾": "\\ge",
        "≪": "\\ll", "≫": "\\gg", "∝": "\\propto", "≡": "\\equiv", "≔": "\\coloneqq", "≜": "\\triangleq", "≝": "\\triangleq",
        "∼": "\\sim", "∈": "\\in", "∉": "\\notin", "⊂": "\\subset", "⊆": "\\subseteq", "→": "\\to", "⟶": "\\to",
        "↦": "\\mapsto", "↪": "\\hookrightarrow", "➔": "\\to", "➜": "\\to", "⇒": "\\Rightarrow", "⟹": "\\implies",
        "⇔": "\\iff", "⟺": "\\iff", "←": "\\gets", "⟵": "\\gets", "↔": "\\leftrightarrow", "⟷": "\\leftrightarrow",
        "↓": "\\downarrow", "↑": "\\uparrow", "↘": "\\searrow", "↙": "\\swarrow", "↗": "\\nearrow", "↖": "\\nwarrow",
        "∴": "\\therefore", "∵": "\\because", "…": "\\dots", "⋯": "\\cdots", "⋮": "\\vdots", "⋱": "\\ddots",
        "⊤": "\\top", "⊺": "\\intercal", "∣": "\\mid", "∥": "\\|", "‖": "\\|", "⟨": "\\langle", "⟩": "\\rangle",
        "⌊": "\\lfloor", "⌋": "\\rfloor", "⌈": "\\lceil", "⌉": "\\rceil", "ℓ": "\\ell", "∅": "\\emptyset", "∀": "\\forall",
        "∃": "\\exists", "¬": "\\neg", "∪": "\\cup", "∩": "\\cap", "∧": "\\wedge", "∨": "\\vee", "∫": "\\int",
        "′": "'", "’": "'", "″": "''", "‴": "'''", "´": "'", "`": "'", "‘": "'", "，": ",", "．": ".", "、": ",", "；": ";", "。": ".",
        "：": ":", "（": "(", "）": ")", "［": "[", "］": "]", "【": "[", "】": "]", "｛": "\\{", "｝": "\\}", "＝": "=",
        "＋": "+", "－": "-", "＊": "*", "／": "/", "｜": "|", "＜": "<", "＞": ">", "！": "!", "％": "%", "ϵ": "\\epsilon",
        "ϕ": "\\phi", "ϑ": "\\theta", "ϱ": "\\rho", "ϖ": "\\pi", "ϰ": "\\kappa", "µ": "\\mu", "∆": "\\Delta", "Ω": "\\Omega",
        "＿": "_", "＾": "^", "✓": "\\checkmark", "■": "\\qed", "□": "\\square", "∎": "\\qed", "ˆ": "^",
    }
    | {char: "\\" + name for name, char in GREEK.items()}
    | {char: "\\" + name for name, char in GREEK_CAPITALS.items()}
)  # fmt: skip
"""Characters that say what a command says, or an ASCII character."""


def letter_name(char: str) -> tuple[str, str]:
    """Name and style of a letter of the mathematical alphabets, or of any other: 𝑤 is `w`, 𝓛 is `L` in "cal"."""
    plain = unicodedata.normalize("NFKC", char)
    if plain == char or len(plain) != 1:
        return char, ""
    described = unicodedata.name(char, "")
    style = ""
    for word, name in (("SCRIPT", "cal"), ("DOUBLE-STRUCK", "bb"), ("FRAKTUR", "frak"), ("BOLD", "bold")):
        if word in described:
            style = name
            break
    known = UNICODE.get(plain)
    return (known[1:] if known and known[0] == "\\" else plain), style
