"""Which bracket belongs to which, decided before anything else is read."""

from __future__ import annotations

from collections.abc import Sequence

from .signs import ENVIRONMENTS
from .tokens import Token

__all__ = ["DEEPEST", "Nesting", "TooDeep", "as_they_look"]

DEEPEST = 50
"""A formula that is nested deeper than this is not read."""


class TooDeep(Exception):
    """A formula nested deeper than is read; `position` is the character where."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class Nesting:
    """The brackets of a formula, matched.

    partner      for the token that opens, the one that closes
    unmatched    what is wrong with each token that has no partner
    separators   for each environment (None for the formula itself), its `&` and line breaks, in order
    labels       numbers and letters with only a closing bracket behind them, such as `1)`, at a row's start
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.partner: dict[int, int] = {}
        self.unmatched: dict[int, str] = {}
        self.separators: dict[int | None, list[int]] = {}
        self.labels: set[int] = set()
        self._tokens = tokens
        self._open: list[int] = []
        self._firm: list[int] = []
        """Of those open, braces, \\\\left and environments: brackets do not reach across them."""
        self._doubtful: list[tuple[int | None, int, tuple[int, ...]]] = []
        row_start = 0
        for i, token in enumerate(tokens):
            kind = token.kind
            if kind in ("{", "open", "left", "begin"):
                self._open.append(i)
                if kind != "open":
                    self._firm.append(i)
                if len(self._open) > 4 * DEEPEST or len(self._firm) > DEEPEST:
                    raise TooDeep(token.start)
            elif kind in ("}", "right", "end"):
                self._close_firm(i, token)
            elif kind == "close":
                self._close(i, token, row_start)
            elif kind in ("&", "break"):
                self._separate(i, token)
            else:
                continue
            if kind in ("&", "break", "begin", "{"):
                row_start = i + 1
        for i in self._open:
            self._never_closed(i)
        for owner, i, pending in self._doubtful:
            if not any(index in self.partner for index in pending):
                self.separators.setdefault(owner, []).append(i)

    def _never_closed(self, i: int) -> None:
        token = self._tokens[i]
        written = {"left": "\\left", "begin": f"\\begin{{{token.text}}}", "{": "{"}.get(
            token.kind, token.text
        )
        self.unmatched[i] = f"{written} is never closed"
        if token.kind in ("{", "begin"):
            self.partner[i] = len(self._tokens)

    def _close_firm(self, i: int, token: Token) -> None:
        r"""Match a closing brace, \right or \end with what it closes; what is open inside never closes."""
        wanted = {"}": "{", "right": "left", "end": "begin"}[token.kind]
        if not self._firm or (opening := self._tokens[self._firm[-1]]).kind != wanted:
            written = {"right": "\\right", "end": f"\\end{{{token.text}}}"}.get(token.kind, "}")
            self.unmatched[i] = f"{written} closes nothing"
            return
        if token.kind == "end" and opening.text != token.text:
            self.unmatched[i] = f"\\end{{{token.text}}} closes nothing: {opening.text} is open"
            return
        firm = self._firm.pop()
        while (last := self._open.pop()) != firm:
            self._never_closed(last)
        self.partner[firm] = i

    def _close(self, i: int, token: Token, row_start: int) -> None:
        firm = self._firm[-1] if self._firm else -1
        if self._open and self._open[-1] > firm:
            opened = self._tokens[self._open[-1]].text
            if opened == token.text or {opened, token.text} == {"(", "["}:
                self.partner[self._open.pop()] = i
                return
        written = {"(": ")", "[": "]", "{": "\\}", "<": "\\rangle"}.get(token.text, token.text)
        if i == row_start + 1 and token.text == "(" and self._tokens[row_start].kind in ("number", "letter"):
            self.labels.add(row_start)
            return
        self.unmatched[i] = f"{written} closes nothing"

    def _separate(self, i: int, token: Token) -> None:
        owner = self._firm[-1] if self._firm else None
        if owner is not None and self._tokens[owner].kind != "begin":
            return
        floor = -1 if owner is None else owner
        pending = []
        for index in reversed(self._open):
            if index <= floor:
                break
            pending.append(index)
        if owner is not None and ENVIRONMENTS.get(self._tokens[owner].text) in ("matrix", "cases", "array"):
            for index in pending:
                self._open.pop()
                self._never_closed(index)
            pending = []
        self._doubtful.append((owner, i, tuple(pending)))


def as_they_look(tokens: list[Token]) -> list[Token]:
    r"""The tokens with plain brackets for \left and \right, if they match only so: `(a \left(b)^T\right)`."""
    if not any(token.kind == "left" for token in tokens) or not Nesting(tokens).unmatched:
        return tokens
    plain = {"left": "open", "right": "close"}
    looks = [
        token._replace(kind=plain[token.kind]) if token.kind in plain and token.text in "([{" else token
        for token in tokens
    ]
    return tokens if Nesting(looks).unmatched else looks
