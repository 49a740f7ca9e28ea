"""Coverage-guided fuzzing of reading and parsing; pytest does not collect this file.

    pip install atheris
    PYTHONPATH=. python tests/notes/fuzz_reading.py -max_total_time=600 -timeout=10 CORPUS_FOLDER

Nothing may crash or hang, every character of a formula has to be accounted for, and every formula has to
stand in the text where it says. The inventory of formulas is the seed where the folder is empty.
"""

from __future__ import annotations

import json
import pathlib
import sys
from contextlib import suppress

import atheris

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.setrecursionlimit(1000)

with atheris.instrument_imports(include=["autograd.notes", "accounting"]):
    import accounting

    from autograd.errors import FileFormatError
    from autograd.notes.reading.documents import Document, read
    from autograd.notes.reading.front_matter import loads
    from autograd.notes.reading.parsing import parse

PIECES = [
    "$", "$$", "\\(", "\\)", "\\[", "\\]", "\n", "\n\n", "> ", "- ", "    ", "```math\n", "```\n", "`",
    "#", "---\n", "\\begin{aligned}", "\\end{aligned}", "\\begin{align}", "\\end{align}",
    "\\begin{cases}", "\\end{cases}", "&", "\\\\", "\\frac", "{", "}", "^", "_", "'", "\\left(",
    "\\right)", "\\left|", "|", "\\text{", "\\sqrt[", "]", "(", ")", "\\hat", "\\over ", "\\sum",
    "\\underbrace{", "\\boxed", "\\newcommand{\\a}[1]{", "#1", "\\a", "\\def\\b#1{", "\\substack{",
    "\\overset", "\\not", "\\mathrm{", "\\operatorname*", "\\tag{", "\\color{red}", "\\big|",
    "\\begin{array}{l|r}", "\\end{array}", "\\begin{pmatrix}", "\\end{pmatrix}", "1.2", "{,}", "%", "ŷ",
    "₁", "²", "\r\n", "\t", "&lt;", "<!--", "-->", "\\begin{document}", "\\end{document}", "\\verb|",
    "\\input{x}", "\\section{", "1)", "损失", "\\$", "old", "w",
]  # fmt: skip


def check_document(document: Document) -> None:
    """Each formula stands where it says, in order, and its lines and columns are those of its characters."""
    at = 0
    for formula in document.formulas:
        assert (
            at
            <= formula.outer_start
            <= formula.start
            <= formula.end
            <= formula.outer_end
            <= len(document.text)
        )
        assert len(formula.latex) == formula.end - formula.start
        assert formula.line >= 1
        assert formula.column >= 1
        shown = document.text[formula.start : formula.end]
        assert all(a == b or b == " " for a, b in zip(shown, formula.latex, strict=True)), (
            shown,
            formula.latex,
        )
        at = formula.outer_end


def one_input(data: bytes) -> None:
    """Read what the fuzzer made, as a formula, as notes of each kind, and as front matter."""
    provider = atheris.FuzzedDataProvider(data)
    kind = provider.ConsumeIntInRange(0, 5)
    if provider.ConsumeBool():
        text = "".join(
            PIECES[provider.ConsumeIntInRange(0, len(PIECES) - 1)] if provider.ConsumeBool() else chr(byte)
            for byte in provider.ConsumeBytes(60)
        )
    else:
        text = provider.ConsumeUnicodeNoSurrogates(400)
    if kind <= 2:
        accounting.check_formula(text)
        parse(text, {})
    elif kind == 5:
        with suppress(FileFormatError):
            loads(text)
    else:
        with suppress(FileFormatError):
            check_document(read(text, file="notes.tex" if kind == 4 else "notes.md"))


def main() -> None:
    """Fuzz, with the inventory as a first corpus."""
    folders = [pathlib.Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    if folders and folders[0].is_dir() and not any(folders[0].iterdir()):
        for number, formula in enumerate(json.loads((HERE / "inventory.json").read_text(encoding="utf-8"))):
            (folders[0] / f"inventory-{number}").write_bytes(b"\0\0" + formula["latex"].encode())
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
