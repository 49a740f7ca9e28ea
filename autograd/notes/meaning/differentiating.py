"""Derivatives in formulas: of anything by anything, taken on the graph by the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...graph import gradients
from ...value import Value
from ..defining.book import bound
from .errors import Disconnected, NotUnderstood
from .evaluating import LITERAL, RULES, Scope, evaluate, evaluate_once
from .products import shaped
from .spelling import latex_of
from .syntax import (
    Apply,
    Derivative,
    Differential,
    Everything,
    Key,
    Name,
    Node,
    Product,
    Transposed,
    direction_of,
    quantities_in,
    walk,
)
from .tables import Jacobian, Table, entries, plain, shape_of
from .vocabulary import LOSSES, OF_VECTORS

__all__: list[str] = []


def _derivative(node: Derivative, scope: Scope) -> Any:
    if scope.bare:
        scope = scope.within(bare=False)
    if node.order != 1:
        return _higher(node, scope)
    world = scope.world
    if isinstance(node.variable, Everything):
        raise NotUnderstood("the gradient by what?", node.start, node.end)
    _check_differentiable(node.output, scope)
    of = _inside_vec(node.variable)
    if of is not None:
        return _by_columns(replace(node, variable=of), scope)
    if not isinstance(node.variable, (Name, Transposed)):
        return _by_expression(node, scope)
    variable_node = node.variable.body if isinstance(node.variable, Transposed) else node.variable
    if isinstance(variable_node, Name) and variable_node.key.tag == "old":
        variable_node = replace(variable_node, key=variable_node.key._replace(tag=""))
    if isinstance(variable_node, Name) and _is_beyond(variable_node.key, scope):
        return 0
    if scope.reading.local and isinstance(node.output, Name):
        direct = _direct(node.output, variable_node, scope)
        if direct is not None:
            return direct
    if isinstance(node.output, Name) and isinstance(variable_node, Name):
        whole = _function_by_name(node.output, variable_node, scope)
        if whole is not None:
            node = replace(node, output=whole)
    named = isinstance(node.output, Name)
    output = evaluate(node.output, scope) if named else evaluate_once(node.output, scope)
    variable = evaluate(variable_node, scope)
    for entry in entries(variable):
        if not isinstance(entry, Value):
            raise NotUnderstood("a derivative by a number", node.start, node.end)
    if not isinstance(node.output, Name) and not world.leads(output, variable):
        _check_known(node.output, variable_node, scope)
        return _zeros(output, variable)  # an expression that does not depend on it
    if isinstance(node.output, Name) and not world.leads(output, variable):
        if isinstance(variable_node, Name) and _may_depend(node.output, variable_node, scope):
            return _zeros(output, variable)  # a branch that is not taken
        _check_independent(node, scope)
    value = world.derivative(output, variable)
    if scope.reading.turned and isinstance(value, Jacobian) and 1 in value.of and 1 in value.by:
        return Jacobian(value.T.rows, value.by, value.of)
    if isinstance(node.variable, Transposed) and isinstance(value, Table) and not isinstance(value, Jacobian):
        value = value.T
    return value


def _inside_vec(variable: Node) -> Name | None:
    match variable:
        case Apply(name=Name(key=Key(base="vec")), arguments=(Name() as of,)):
            return of
    return None


def _by_columns(node: Derivative, scope: Scope) -> Any:
    """A Jacobian by vec(W), whose columns go through W column by column."""
    found, (rows, columns) = _derivative(node, scope), shape_of(evaluate(node.variable, scope))
    if not isinstance(found, Table):
        return found
    order = [i * columns + j for j in range(columns) for i in range(rows)]
    if not isinstance(found, Jacobian):  # of a number
        return Table.column([entries(found)[place] for place in order])
    return Jacobian([[line[p] for p in order] for line in found.rows], found.of, (rows * columns, 1))


def _is_beyond(key: Key, scope: Scope) -> bool:
    """Whether it is one of the y_{j-k} beside those that there are, on which nothing depends."""
    if not any("+" in index.letter for index in key.below):
        return False
    book = scope.world.book
    concrete = bound(key, scope.bindings, book.sizes)
    return any(
        "+" in index.letter and not number.letter
        and not 1 <= number.number <= book.sizes.get((key.base, "below", place), number.number)
        for place, (index, number) in enumerate(zip(key.below, concrete.below, strict=True))
    )  # fmt: skip


def _function_by_name(output: Name, variable: Name, scope: Scope) -> Node | None:
    """sigma(z), where d sigma / dz is written."""
    book, base = scope.world.book, output.key.base
    if book.is_defined(output.key) or output.key.below or output.key.above or output.primes:
        return None
    if base in OF_VECTORS and variable.key.below:
        return None
    if (
        base in book.functions
        or base in ("sigma", "tanh", "ReLU", "relu", "exp", "log")
        or (base in book.called and base not in "JLECRQU")
    ):
        return Apply(output.start, output.end, output, (variable,))
    return None


def _check_differentiable(output: Node, scope: Scope) -> None:
    """Derivatives are numbers here: they cannot be differentiated once more."""
    book = scope.world.book
    for x in walk(output):
        if isinstance(x, Derivative) or (isinstance(x, Name) and book.is_derivative(x.key)):
            raise NotUnderstood("a derivative of a derivative", output.start, output.end)


def _higher(node: Derivative, scope: Scope) -> Any:
    """A second derivative: the derivative is taken among numbers that are differentiated themselves."""
    by = [node.variable] * 2
    if isinstance(node.variable, Product) and len(node.variable.factors) == 2:
        by = list(map(_one_of_two, node.variable.factors))
    if node.order != 2 or not all(isinstance(x, Name) for x in by):
        raise NotUnderstood("third and higher derivatives are not checked", node.start, node.end)
    _check_differentiable(node.output, scope)
    world, book = scope.world, scope.world.book
    keys = [bound(x.key, scope.bindings, book.sizes) for x in by]  # type: ignore[attr-defined]
    if any(min(shape_of(world.quantity(key, scope.row))) > 1 for key in keys):
        raise NotUnderstood("second derivatives by matrices are not checked", node.start, node.end)
    twice = world.twice(keys, scope.row)
    output = evaluate_once(node.output, scope.within(world=twice))
    if isinstance(output, Table):
        raise NotUnderstood("second derivatives of vectors are not checked", node.start, node.end)
    first, second = (entries(twice.quantity(key, scope.row)) for key in keys)
    slopes = twice.slopes_of(output)
    if not any(x in slopes for x in first):
        _check_independent(replace(node, variable=by[0]), scope)
        return 0
    found = [twice.slopes_of(slopes.get(x)) for x in first]
    return shaped([g.get(y.data, 0) for g in found for y in second], (len(first), len(second)))


def _one_of_two(variable: Node) -> Node:
    r"""w of the `\partial w^T` in a second derivative."""
    match variable:
        case Apply(name=Name(key=Key(base="partial")), arguments=(of,)) | Transposed(body=of):
            return _one_of_two(of)
        case Name(key=key):
            return replace(variable, key=key._replace(base=key.base.removeprefix("d ")))
    return variable


def _may_depend(output: Name, variable: Name, scope: Scope) -> bool:
    """Whether a definition by cases, or with a maximum, leads from the variable to the output."""
    book = scope.world.book
    return bound(variable.key, scope.bindings, book.sizes) in book.reached(output) and book.has_branches


def _zeros(output: Any, variable: Any) -> Any:
    if isinstance(output, Table) and isinstance(variable, Table):
        n = len(entries(variable))
        return Jacobian([[0] * n for _ in entries(output)], output.shape, variable.shape)
    shaped = output if isinstance(output, Table) else variable
    return shaped.each(lambda x: 0) if isinstance(shaped, Table) else 0


def _check_known(output: Node, variable: Node, scope: Scope) -> None:
    """Whether everything in an expression is known, so that it is certain what it depends on."""
    world, book = scope.world, scope.world.book
    anchored = world.anchored_leaves() if world.anchored_leaves else set()
    base = variable.key.base if isinstance(variable, Name) and not variable.key.below else None
    for name in quantities_in(output):
        key = bound(name.key, scope.bindings, book.sizes)
        if key.base == base:
            raise Disconnected(
                f"whether ${latex_of(key)}$ is meant by ${latex_of(Key(base))}$ is not clear",
                output.start,
                output.end,
            )
        known = (
            key in anchored or book.is_defined(key) or key.base in book.targets or key.base in book.row_slots
        )
        if not known and ("symbol", key.base) not in book.sizes and key.base not in scope.bindings:
            raise Disconnected(
                f"the notes do not say what ${latex_of(name.key)}$ depends on", output.start, output.end
            )


def _check_independent(node: Derivative, scope: Scope) -> None:
    """A derivative is 0 only where it is certain that nothing leads from the variable to the output."""
    world, book = scope.world, scope.world.book
    output: Name = node.output  # type: ignore[assignment]
    key = bound(output.key, scope.bindings, book.sizes)
    variable: Any = node.variable
    by = variable.key if isinstance(variable, Name) else None
    concrete = bound(by, scope.bindings, book.sizes) if by is not None else None
    if concrete == key:
        return
    if key.base in book.targets:
        return
    anchored = world.anchored_leaves() if world.anchored_leaves else ()
    is_loss = key.base in LOSSES and bool(key.below) and not book.is_defined(key)  # E_2 = 0.02
    if key in anchored and key.base not in book.upstream and not is_loss:
        return  # what nothing is computed from does not depend on anything
    if concrete in anchored and book.is_defined(key) and key != book.loss:
        return
    if concrete is not None and _is_of_another_unit(key, concrete, scope):
        return
    raise Disconnected(
        f"the notes do not say how ${latex_of(output.key)}$ depends on ${latex_of(by) if by else '...'}$",
        node.start,
        node.end,
    )


def _is_of_another_unit(key: Key, by: Key, scope: Scope) -> bool:
    """Whether a_1 depends on z_1, so that it is certain that a_2 does not."""
    if len(key.below) != 1 or len(by.below) != 1 or key.below == by.below:
        return False
    world = scope.world
    try:
        own = world.quantity(key._replace(below=by.below), scope.row)
        return world.leads(own, world.quantity(by, scope.row))
    except NotUnderstood:
        return False


def _direct(output: Name, variable: Node, scope: Scope) -> Any:
    """The derivative of a definition by a name in it, all other names held fixed."""
    book = scope.world.book
    if not isinstance(variable, Name):
        return None
    key = bound(output.key, scope.bindings, book.sizes)
    found = book.definition(key)
    if found is None:
        return None
    definition, bindings = found
    cut: dict[Key, Any] = {}
    inner = Scope(scope.world, bindings, scope.row, LITERAL, (), cut)
    value = evaluate(definition.body, inner)
    by = cut.get(bound(variable.key, scope.bindings, book.sizes))
    if by is None:
        return None
    return scope.world.derivative(value, by)


def _by_expression(node: Derivative, scope: Scope) -> Any:
    """d f(u) / d u for an expression u: what is written like u is the variable."""
    value = evaluate(node.variable, scope)
    if isinstance(value, Table):
        raise NotUnderstood("a derivative by an expression with several entries", node.start, node.end)
    fresh = Value(plain(value))
    inner = scope.within(substitutes=((node.variable, fresh), *scope.substitutes))
    output = evaluate(node.output, inner)
    if isinstance(output, Table):
        raise NotUnderstood("a derivative by an expression with several entries", node.start, node.end)
    if not isinstance(output, Value):
        return 0
    found = gradients(output)
    if fresh not in found:
        raise NotUnderstood("a derivative by an expression that does not occur in it", node.start, node.end)
    return found[fresh]


def _differential(node: Differential, scope: Scope) -> Any:
    """How much something changes: the sum over all that does of slopes, times how much that does."""
    scope = scope.within(bare=False)
    _check_differentiable(node.body, scope)
    output = evaluate(node.body, scope)
    total: Any = [0] * len(entries(output))
    for name in node.by:
        direction = evaluate(replace(name, key=direction_of(name.key)), scope)
        for z, change in zip(entries(evaluate(name, scope)), entries(direction), strict=True):
            total = [
                t + scope.world.slope(a, z) * change for t, a in zip(total, entries(output), strict=True)
            ]
    changes = iter(total)
    return output.each(lambda _: next(changes)) if isinstance(output, Table) else total[0]


RULES[Derivative] = _derivative
RULES[Differential] = _differential
