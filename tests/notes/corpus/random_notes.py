"""Notes made at random: a few definitions, and derivatives of the last one as SymPy finds and prints them.

The right ones come from SymPy's own differentiation, chain rule over the definitions; the wrong ones are
those with something changed, which differ in value. Names are any that people use, whatever they suggest.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

LETTERS = r"a c k m p q r s u v w x z d h g t n y b \alpha \beta \theta \phi \hat{y} W X Z A O"
WITH_INDICES = r"w_1 w_2 x_1 x_2 b_1 z_1 z_2 a_1 a_2 h_1 u_1 v_1 \theta_1 w_{11} w_{12} z^{(1)} a^{(1)}"
NAMES = [*LETTERS.split(), *WITH_INDICES.split()]
LOSSES = ["L", "E", "J", "C", r"\mathcal{L}", r"\ell"]


@dataclass(frozen=True)
class Line:
    """One formula; whether it is right."""

    latex: str
    right: bool


def random_notes(seed: int, count: int) -> Iterator[list[Line]]:
    rng = random.Random(seed)
    made = 0
    while made < count:
        if lines := random_note(rng):
            made += 1
            yield lines


def random_note(rng: random.Random) -> list[Line] | None:
    names = rng.sample(NAMES, 7)
    if len({name.split("_")[0].split("^")[0] for name in names}) < len(names):
        return None  # w and w_1 in one note are another subject
    leaves = [sp.Symbol(name) for name in names[: rng.randint(3, 4)]]
    formulas: dict[sp.Symbol, sp.Expr] = {}
    for name in names[len(leaves) :]:
        formula = operation(rng, [*leaves, *formulas])
        if not formula.free_symbols or formula in formulas.values():
            return None
        formulas[sp.Symbol(name)] = formula
    last, loss = list(formulas)[-1], sp.Symbol(rng.choice(LOSSES))
    inner = [*leaves, *formulas]
    formulas[loss] = rng.choice([(last - leaves[0]) ** 2, (last - leaves[0]) ** 2 / 2, last**2])

    lines = [Line(f"{sp.latex(name)} = {sp.latex(formula)}", True) for name, formula in formulas.items()]
    for variable in rng.sample(inner, 4):
        slope = total_derivative(formulas, loss, variable)
        if slope == 0:
            continue
        left = rf"\frac{{\partial {sp.latex(loss)}}}{{\partial {sp.latex(variable)}}}"
        form = rng.choice([sp.expand, sp.factor, lambda formula: formula])
        lines.append(Line(f"{left} = {sp.latex(form(slope))}", True))
        spoilt = change(rng, slope, inner)
        if differ(rng, formulas, leaves, slope, spoilt):
            lines.append(Line(f"{left} = {sp.latex(spoilt)}", False))
    return lines


def operation(rng: random.Random, names: list[sp.Symbol]) -> sp.Expr:
    x, y, z = (rng.choice(names[-3:] + names) for _ in range(3))
    choices = [
        x * y,
        x + y,
        x - y,
        x * y + z,
        sp.tanh(x),
        1 / (1 + sp.exp(-x)),
        x**2,
        sp.sin(x),
        y * sp.exp(-x),
    ]
    return sp.sympify(rng.choice(choices))


def total_derivative(formulas: dict[sp.Symbol, sp.Expr], output: sp.Symbol, variable: sp.Symbol) -> sp.Expr:
    """The derivative along all paths, in the names of the notes."""
    if output == variable:
        return sp.Integer(1)
    formula = formulas.get(output, sp.Integer(0))
    slopes = (
        sp.diff(formula, name) * total_derivative(formulas, name, variable)
        for name in sorted(formula.free_symbols, key=str)
    )
    return sum(slopes, sp.Integer(0))


def change(rng: random.Random, slope: sp.Expr, names: list[sp.Symbol]) -> sp.Expr:
    old = rng.choice(sorted(slope.free_symbols, key=str) or names)
    return rng.choice([2 * slope, -slope, slope * old, slope + old, slope.xreplace({old: rng.choice(names)})])


def differ(
    rng: random.Random,
    formulas: dict[sp.Symbol, sp.Expr],
    leaves: list[sp.Symbol],
    one: sp.Expr,
    other: sp.Expr,
) -> bool:
    """Whether two formulas have different values at a random point."""
    difference = one - other
    for name, formula in reversed(formulas.items()):
        difference = difference.subs(name, formula)
    point = {leaf: rng.uniform(0.3, 1.7) * rng.choice((-1, 1)) for leaf in leaves}
    return bool(abs(sp.N(difference.subs(point))) > 1e-6)
