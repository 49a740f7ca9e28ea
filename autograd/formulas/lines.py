"""Lines of a derivation, written as text, LaTeX and Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from ..notation import shortened, typeset
from .writing import Line

__all__ = ["Lines", "as_latex", "as_text"]


class Lines:
    """What has `lines`: it prints as text, and a notebook shows it typeset."""

    lines: list[Line]

    @property
    def text(self) -> str:
        """The derivation in plain text."""
        return as_text(self.lines)

    @property
    def latex(self) -> str:
        """The derivation as LaTeX: an `aligned` environment, without dollar signs."""
        return as_latex(self.lines)

    @property
    def markdown(self) -> str:
        """The derivation as Markdown with LaTeX in it, to paste into notes."""
        return f"$$\n{self.latex}\n$$\n"

    def __repr__(self) -> str:
        return shortened(self.text, ".text")

    def _repr_latex_(self) -> str | None:
        return typeset(self.latex)


def as_text(lines: Iterable[Line]) -> str:
    """Left sides in a column, each written once for all the lines that go on with it."""
    lines = list(lines)
    width = max((len(each.left) for each in lines), default=0)
    before = ""
    out = []
    for each in lines:
        left = "" if each.left == before else each.left
        before = each.left
        indented = each.right.replace("\n", "\n" + " " * (width + 3))
        out.append(f"{left:<{width}} = {indented}")
    return "\n".join(out)


def as_latex(lines: Iterable[Line]) -> str:
    """The same as an `aligned` environment."""
    before = ""
    out = []
    for each in lines:
        left = "" if each.left_latex == before else each.left_latex
        before = each.left_latex
        out.append(f"{left} &= {each.right_latex}")
    return "\\begin{aligned}\n" + " \\\\[6pt]\n".join(out) + "\n\\end{aligned}"
