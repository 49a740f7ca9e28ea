"""A program as people read it: what it is made of, what it cost, and its groups line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .layout import ALONG, TILES
from .schedule import AFTER, BEFORE, ROWS, Group, Schedule

if TYPE_CHECKING:
    from .program import Program
    from .tape import Tape

__all__ = ["listing"]

MOST = 40
"""Groups that are listed; of more, the first and the last."""

STAGES = {BEFORE: "once a call", ROWS: "for each row", AFTER: "once, after all rows"}


def listing(program: Program) -> str:
    """The text that `print(program)` shows."""
    machine = program._machine
    plan, tape = machine.plan, machine.tape
    what = "value and gradient" if program._both else "values"
    lines = [
        f"{what}, {machine.dtype.name}, {'compiled kernels' if machine.kernels else 'NumPy arrays'}",
        f"{program.operations:,} operations recorded, {int(plan.counts.sum()):,} left, with "
        f"{program.multiply_adds:,} multiply-adds, in {program.groups:,} groups on {program.levels:,} levels",
        f"{len(program.parameters):,} parameters, {plan.n_inputs:,} inputs, {len(plan.constants):,} constants"
        f"; slots: {plan.n_shared:,} shared, {plan.n_rows:,} for each row",
        *_loops(tape),
        f"{program.bytes:,} bytes; "
        + ", ".join(f"{name} {seconds * 1e3:.1f} ms" for name, seconds in program.seconds.items()),
        "",
        "level  operation         results           operands",
    ]
    modes = tape.modes.tolist()
    groups = list(zip(plan.groups, modes, strict=True))
    shown = groups if len(groups) <= MOST else groups[: MOST // 2] + groups[-(MOST // 2) :]
    stage = None
    for i, (group, mode) in enumerate(shown):
        if group.stage != stage:
            stage = group.stage
            lines.append(f"-- {STAGES[stage]}")
        lines.append(_line(plan, group, mode))
        if len(shown) < len(groups) and i == MOST // 2 - 1:
            lines.append(f"       ... {len(groups) - len(shown):,} more groups ...")
    return "\n".join(lines)


def _loops(tape: Tape) -> list[str]:
    """What is said of the loops of one row, if there are any."""
    if not tape.loops:
        return []
    turns = ", ".join(f"{loop.turns:,} turns of {loop.length}" for loop in tape.loops)
    return [f"of one row, operations in loops: {turns}"]


def _line(plan: Schedule, group: Group, mode: int) -> str:
    count = len(group.operands) * group.size
    is_row = group.stage == ROWS and group.op not in ("over_rows", "scatter")
    results = _span("r" if is_row else "s", group.out, count)
    each = group.operands.shape[1]
    if group.op in ("dot", "over_rows"):
        terms = each // 2
        of = "product" if terms == 1 else f"sum of {terms} products"
        how = {TILES: ", side by side", ALONG: ", along"}.get(mode, "")
        return (
            f"{group.level:5}  {group.op:<16}  {results:<16}  {of}{how}: {_operands(plan, group, pairs=True)}"
        )
    return f"{group.level:5}  {group.op:<16}  {results:<16}  {_operands(plan, group, pairs=False)}"


def _span(letter: str, first: int, count: int) -> str:
    return f"{letter}{first}" if count == 1 else f"{letter}{first}..{letter}{first + count - 1}"


def _operands(plan: Schedule, group: Group, *, pairs: bool) -> str:
    """The operands of the first operation of a group."""
    names = [_name(plan, slot) for slot in group.operands[0].tolist()]
    return _shortened(
        [f"{a} {b}" for a, b in zip(names[::2], names[1::2], strict=True)] if pairs else names,
        " + " if pairs else ", ",
    ) + (", ..." if len(group.operands) > 1 else "")


def _name(plan: Schedule, slot: int) -> str:
    """What a slot holds: a number, a parameter, an input, or a result, shared or of the row."""
    if slot < plan.n_parameters:
        return f"p{slot}"
    if slot < plan.n_parameters + len(plan.constants):
        return f"{plan.constants[slot - plan.n_parameters]:g}"
    if slot < plan.n_shared:
        return f"s{slot}"
    slot -= plan.n_shared
    return f"x{slot}" if slot < plan.n_inputs else f"r{slot}"


def _shortened(parts: Sequence[str], separator: str) -> str:
    if len(parts) > 4:
        parts = [*parts[:2], "...", parts[-1]]
    return separator.join(parts)
