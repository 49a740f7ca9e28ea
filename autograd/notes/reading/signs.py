r"""The vocabulary of LaTeX: which command is which mark, and what is only styling.

Each table is written as lines of "name: commands", the name being that of the mark in `layout` and the
commands without their backslash. What stands in none of them is unsupported, and `parsing` says so.
"""

from __future__ import annotations

import unicodedata

__all__ = [
    "ACCENTS", "ALPHABETS", "ARGUMENT_DROPPED", "ARGUMENT_KEPT", "BIG", "CLOSING", "COMBINING",
    "ENVIRONMENTS", "FUNCTION_WORDS", "GREEK", "GREEK_CAPITALS", "OPENING", "OPERATORS", "RELATIONS",
    "SEPARATORS", "STYLING", "SUBSCRIPTS", "SUPERSCRIPTS", "SYMBOLS", "TAGS", "TEXTS", "UNICODE", "UPRIGHT",
    "letter_name",
]  # fmt: skip


def _table(text: str) -> dict[str, str]:
    """Commands and the name of their mark, of lines that have the name first."""
    rows = (line.split() for line in text.strip().splitlines())
    return {command: name for name, *commands in rows for command in commands}


def _listed(text: str) -> list[str]:
    return text.split()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --------------------------------------------------------------------------------------------------- symbols

GREEK = dict(
    zip(
        _listed(
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
            "varsigma sigma tau upsilon phi chi psi omega"
        ),
        map(chr, range(0x3B1, 0x3CA)),
        strict=True,
    )
)
GREEK_CAPITALS = {name.capitalize(): char.upper() for name, char in GREEK.items() if name != "varsigma"}

_OWN_NAME = _listed(
    "partial nabla infty ell hbar emptyset arg det dim deg exp gcd hom inf ker lg lim liminf limsup "
    "ln log max min Pr sup sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan forall "
    "exists dagger ddagger Re Im aleph int iint oint bigcup bigcap bigoplus bigotimes neg lnot perp "
    "angle square bullet argmin argmax softmax sigmoid relu ReLU diag checkmark d"
)

SYMBOLS = {name: name for name in [*_OWN_NAME, *GREEK, *GREEK_CAPITALS]} | _table(r"""
    epsilon   varepsilon
    theta     vartheta
    phi       varphi
    rho       varrho
    pi        varpi
    kappa     varkappa
    Gamma     varGamma
    Delta     varDelta vartriangle triangle bigtriangleup
    Theta     varTheta
    Lambda    varLambda
    Sigma     varSigma
    Phi       varPhi
    Omega     varOmega
    i         imath
    j         jmath
    sign      sgn sign
    emptyset  varnothing
    square    Box
    nabla     grad
    tr        Tr tr trace
    tan       tg
    arctan    arctg
    tanh      th
    sinh      sh
    cosh      ch
""")
"""Commands that are a symbol, by its name; also functions that notes write as if they were commands."""

ALPHABETS = _table(r"""
    cal   mathcal mathscr mathbfcal
    bold  mathbf boldsymbol bm pmb symbf mathbfit symbfit vb vect
    bb    mathbb mathds mathbbm
    frak  mathfrak
""") | {"mathnormal": ""}
"""Commands that set single letters in another alphabet."""

UPRIGHT = _words("mathrm mathsf mathtt mathit operatorname operatornamewithlimits symrm mathup mathsfit")
"""Commands that set runs of letters as one word."""

TEXTS = _words(
    "text textrm textbf textit textsf texttt textnormal textup textsc textmd textsl mbox hbox "
    "intertext shortintertext fbox emph textcircled framebox makebox"
)
"""Commands whose argument is words."""

ACCENTS = _table(r"""
    hat     hat widehat
    bar     bar overline
    tilde   tilde widetilde
    vec     vec overrightarrow overleftarrow
    dot     dot
    ddot    ddot
    check   check
    breve   breve
    acute   acute
    grave   grave
    ring    mathring
    cancel  cancel bcancel xcancel sout st
""")

COMBINING = {
    "\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde", "\u20d7": "vec",
    "\u0307": "dot", "\u0308": "ddot", "\u030c": "check", "\u0306": "breve", "\u0301": "acute",
    "\u0300": "grave", "\u030a": "ring", "\u0338": "cancel", "\u0336": "cancel",
}  # fmt: skip
"""Combining characters behind a letter."""

# ---------------------------------------------------------------------------------- operators and relations

RELATIONS = _table(r"""
    =          eq
    approx     approx approxeq thickapprox cong simeq asymp
    sim        sim
    !=         ne neq
    <          lt
    >          gt
    <=         le leq leqslant leqq
    >=         ge geq geqslant geqq
    <<         ll
    >>         gg
    propto     propto
    equiv      equiv coloneqq coloneq triangleq doteq eqqcolon
    in         in
    notin      notin
    ni         ni
    subset     subset
    subseteq   subseteq
    ->         to rightarrow longrightarrow mapsto longmapsto hookrightarrow rightharpoonup leadsto
    ->         rightsquigarrow curvearrowright looparrowright dashrightarrow xrightarrow rarr
    =>         Rightarrow implies Longrightarrow Rrightarrow rArr vdash models
    <==        Leftarrow impliedby
    <=>        iff Leftrightarrow Longleftrightarrow
    <-         gets leftarrow longleftarrow hookleftarrow looparrowleft xleftarrow
    <->        leftrightarrow longleftrightarrow
    down       downarrow Downarrow swarrow searrow
    up         uparrow Uparrow nwarrow nearrow updownarrow
    therefore  therefore
    because    because
""")
"""Commands that stand between sides, and arrows."""

OPERATORS = RELATIONS | _table(r"""
    *          cdot times ast star cdotp centerdot
    /          div slash
    +-         pm mp
    odot       odot bigodot
    circ       circ
    otimes     otimes
    oplus      oplus
    setminus   setminus backslash
    cup        cup
    cap        cap
    wedge      wedge land
    vee        vee lor
    transpose  top intercal
    dots       dots ldots cdots vdots ddots dotsc dotsb dotsm hdots
    :          colon
    |          mid
    parallel   parallel
    mod        bmod
    qed        blacksquare qed
""")

SEPARATORS = _table("quad quad qquad enspace hfill")

BIG = _table("sum sum \n prod prod")

# -------------------------------------------------------------------------------------------------- brackets

OPENING = _table(r"""
    (      ( \lparen \lgroup
    [      [ \lbrack
    {      \{ \lbrace
    <      \langle
    floor  \lfloor
    ceil   \lceil
    |      \lvert
    ||     \lVert
""")
CLOSING = _table(r"""
    (      ) \rparen \rgroup
    [      ] \rbrack
    {      \} \rbrace
    <      \rangle
    floor  \rfloor
    ceil   \rceil
    |      \rvert
    ||     \rVert
""")
"""Brackets with what they open or close, by the opening one."""

ENVIRONMENTS = _table(r"""
    matrix  matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix psmallmatrix bsmallmatrix
    array   array darray tabular subarray
    cases   cases dcases rcases drcases
    align   aligned align alignat alignedat flalign xalignat split gather gathered equation displaymath math
    rows    eqnarray IEEEeqnarray
    one     multline multlined subequations dmath center
""")
"""Environments, without their star, by how their rows and cells are to be read.

"align" has pairs of columns with a gap between one pair and the next; "rows" has cells without gaps; "one"
is a single formula, however many lines it takes.
"""

# --------------------------------------------------------------------------------------------------- styling

STYLING = _words(
    ", : ; ! > / big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm biggm Biggm "
    "limits nolimits displaylimits displaystyle textstyle scriptstyle scriptscriptstyle rm bf it sf "
    "tt cal mit boldmath bfseries itshape rmfamily normalfont normalsize small large Large LARGE huge "
    "tiny scriptsize footnotesize nonumber notag hline toprule midrule bottomrule thinspace medspace "
    "thickspace negthinspace nobreakspace allowbreak nobreak break centering noindent null strut "
    "mathstrut relax protect smash par ensuremath hfil pagebreak allowdisplaybreaks nolinebreak "
    "linebreak smallskip medskip bigskip space begingroup endgroup"
)
"""Commands that change how things look or stand, and nothing else."""

ARGUMENT_DROPPED = dict.fromkeys(
    _listed(
        "hspace vspace mspace phantom hphantom vphantom color require cline class style cssId "
        "raisebox eqref ref cite footnote usepackage"
    ),
    1,
) | {"rule": 2, "setlength": 2, "addtolength": 2, "definecolor": 3}
"""Commands whose arguments are no mathematics, and how many there are."""

ARGUMENT_KEPT = dict.fromkeys(
    _listed(
        "boxed underline mathop mathbin mathrel mathord mathopen mathclose mathpunct mathinner bbox "
        "uline uuline uwave hl mathrlap mathllap mathclap llap rlap clap underparen overparen "
        "tcboxmath Aboxed"
    ),
    0,
) | {"textcolor": 1, "colorbox": 1, "href": 1, "enclose": 1, "scalebox": 1, "fcolorbox": 2, "resizebox": 2}
"""Commands that only decorate their last argument, and how many arguments to pass over before it."""

# ----------------------------------------------------------------------------------------------------- words

FUNCTION_WORDS = _words(
    "where if let or and for otherwise else then when so thus hence since as but given because "
    "similarly now also is are the of say with eg ex example by from to in at on we have get gives "
    "that this here note def definition therefore using put putting until all each every iff i.e e.g "
    "respectively resp be donde si entonces para con y o sea como tenemos por où et pour avec wo wenn "
    "sonst falls und für mit где если иначе при и 其中 当 如果 否则 和 或 则 所以 因为 即 जहाँ यदि और अन्यथा"
)
"""Words of connected speech: a \\text of one of them names nothing."""

TAGS = _words(
    "new old pred true next prev target out output in input net total hidden actual init start end "
    "train test val max min avg mean loss err error nuevo viejo neu alt"
)
"""Words that are meant as a whole where they follow `_` or `^` without braces: w_new."""

# --------------------------------------------------------------------------------------------------- Unicode

SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵗˡʲᵏ", "0123456789+-=()niTtljk", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ᵢⱼₖₗₘₙₒₚₜₓₐₑₕᵣᵤᵥₛ", "0123456789+-=()ijklmnoptxaehruvs", strict=True))

UNICODE = {char: "\\" + name for name, char in (GREEK | GREEK_CAPITALS).items()} | _table(r"""
    -                − – — ﹣ －
    +                ＋
    /                ∕ ⁄ ／
    *                ＊
    =                ＝
    <                ＜
    >                ＞
    !                ！
    %                ％
    :                ：
    |                ｜
    (                （
    )                ）
    [                ［ 【
    ]                ］ 】
    \{               ｛
    \}               ｝
    ,                ， 、
    ;                ；
    .                ． 。
    _                ＿
    ^                ＾ ˆ
    '                ′ ’ ‘ ´ `
    ''               ″
    '''              ‴
    \cdot            · ⋅ ∙ •
    \times           × ✕
    \ast             ∗ ⋆
    \div             ÷
    \pm              ±
    \mp              ∓
    \odot            ⊙
    \circ            ∘ ◦
    \otimes          ⊗
    \oplus           ⊕
    \partial         ∂ 𝜕 𝛛
    \nabla           ∇ 𝛁
    \infty           ∞
    \sum             ∑
    \prod            ∏
    \int             ∫
    \sqrt            √
    \approx          ≈
    \simeq           ≃
    \cong            ≅
    \ne              ≠
    \le              ≤ ⩽
    \ge              ≥ ⩾
    \ll              ≪
    \gg              ≫
    \propto          ∝
    \equiv           ≡
    \coloneqq        ≔
    \triangleq       ≜ ≝
    \sim             ∼
    \in              ∈
    \notin           ∉
    \subset          ⊂
    \subseteq        ⊆
    \to              → ⟶ ➔ ➜
    \mapsto          ↦
    \hookrightarrow  ↪
    \Rightarrow      ⇒
    \implies         ⟹
    \iff             ⇔ ⟺
    \gets            ← ⟵
    \leftrightarrow  ↔ ⟷
    \downarrow       ↓
    \uparrow         ↑
    \searrow         ↘
    \swarrow         ↙
    \nearrow         ↗
    \nwarrow         ↖
    \therefore       ∴
    \because         ∵
    \dots            …
    \cdots           ⋯
    \vdots           ⋮
    \ddots           ⋱
    \top             ⊤
    \intercal        ⊺
    \mid             ∣
    \|               ∥ ‖
    \langle          ⟨
    \rangle          ⟩
    \lfloor          ⌊
    \rfloor          ⌋
    \lceil           ⌈
    \rceil           ⌉
    \ell             ℓ
    \emptyset        ∅
    \forall          ∀
    \exists          ∃
    \neg             ¬
    \cup             ∪
    \cap             ∩
    \wedge           ∧
    \vee             ∨
    \checkmark       ✓
    \qed             ■ ∎
    \square          □
    \epsilon         ϵ
    \phi             ϕ
    \theta           ϑ
    \rho             ϱ
    \pi              ϖ
    \kappa           ϰ
    \mu              µ
    \Delta           ∆
    \Omega           Ω
""")
"""Characters that say what a command says, or an ASCII character."""


def letter_name(char: str) -> tuple[str, str]:
    """Name and style of a letter, be it of the mathematical alphabets: 𝑤 is `w`, 𝓛 is `L` in "cal"."""
    plain = unicodedata.normalize("NFKC", char)
    if plain == char or len(plain) != 1:
        return char, ""
    described = unicodedata.name(char, "")
    style = ""
    for word, name in (("SCRIPT", "cal"), ("DOUBLE-STRUCK", "bb"), ("FRAKTUR", "frak"), ("BOLD", "bold")):
        if word in described:
            style = name
            break
    known = UNICODE.get(plain, "")
    return (known[1:] if known.startswith("\\") else plain), style
