"""Functions in formulas: those that are known everywhere, those the notes write out, those they only name."""

from __future__ import annotations

import functools
import operator
import random
from fractions import Fraction
from typing import Any

from ... import functions as engine
from ...functional import derivative as derivative_of
from ..defining.book import ROWS, Book, bound, matched
from .errors import Misfit, NotUnderstood
from .evaluating import RULES, Scope, evaluate
from .products import diagonal, shaped, times
from .syntax import ONES, Apply, At, Key, Name, Node, Sum, names_in, quantities_in, walk
from .tables import Table, as_value, entries, plain, shape_of
from .vocabulary import LOSSES

__all__: list[str] = []


def _apply(node: Apply, scope: Scope) -> Any:
    name, book = node.name.key.base, scope.world.book
    primes = node.name.primes
    if name == "norm":
        inside = evaluate(node.arguments[0], scope)
        return engine.sqrt(functools.reduce(operator.add, [x * x for x in entries(inside)]))
    if name == "inner":
        a, b = (entries(evaluate(x, scope)) for x in node.arguments)
        if len(a) != len(b):
            raise NotUnderstood("an inner product of vectors of different lengths", node.start, node.end)
        return functools.reduce(operator.add, map(operator.mul, a, b))
    if name == "stacked":  # the examples below each other, each by its number or in its row
        if not book.rows:
            return evaluate(node.arguments[0], scope)
        rows = range(1, book.rows + 1)
        return Table([entries(evaluate(node.arguments[1], scope.within(row=row))) for row in rows])
    if name in ("sign", "sgn") and name not in book.functions:
        inside = evaluate(node.arguments[0], scope)
        return inside.each(_sign_of) if isinstance(inside, Table) else _sign_of(inside)
    if name in ("max", "min") and len(node.arguments) == 2:
        a, b = (evaluate(x, scope) for x in node.arguments)
        if name == "max" and 0 in (a, b):  # as ReLU, whose slope at 0 is 0, not 1/2
            return _each_of(lambda x, _: engine.relu(x), b if a == 0 else a, 0)
        return _each_of(engine.maximum if name == "max" else engine.minimum, a, b)
    if name == "partial" or name == "d":
        raise NotUnderstood("a differential by itself", node.start, node.end)
    number = (
        Key(name) in book.plain and len(node.arguments) == 1 and book.is_defined(Key(name)) and not primes
    )
    if _names_some_arguments(node, book):
        return scope.quantity(node.name.key)
    if number and any(x.key == node.name.key for x in names_in(node.arguments[0])):  # a(1 - a) is a product
        return times(scope.quantity(node.name.key), evaluate(node.arguments[0], scope), "", scope.reading)
    defined = _defined_function(node, scope)
    if defined is not None:
        return defined
    beside = _beside(node, scope)
    if beside is not None:
        return evaluate(beside, scope)
    named = name in LOSSES and isinstance(node.arguments[0], Name) and not primes
    if len(node.arguments) > 1 or named:
        key = Key(name)
        if book.is_defined(key) or key == book.loss:
            return scope.quantity(node.name.key)  # L(y, a) names its arguments only
    if len(node.arguments) > 1:
        raise NotUnderstood(f"${name}$ of several arguments is not known", node.start, node.end)
    argument = evaluate(node.arguments[0], scope)
    if name in ("softmax", "Softmax"):
        return _softmax(argument, node, primes, scope)
    if name == "some of":  # a function of all entries, the same for every layout of them
        rng = random.Random(f"{node.name.key} {scope.world.seed}")
        terms = [x * rng.randint(2, 9) + x * x * Fraction(rng.randint(2, 9), 10) for x in entries(argument)]
        return functools.reduce(operator.add, terms)
    if name == "held":  # the numbers alone, without what they are computed from
        return (
            argument.each(lambda x: as_value(plain(x)))
            if isinstance(argument, Table)
            else as_value(plain(argument))
        )
    if name == "vec":  # the columns below each other
        return Table.column(entries(argument.T)) if isinstance(argument, Table) else argument
    if name == "diag":
        return _diag(argument)
    if name == "sum over examples":
        columns = book.examples_in_columns or shape_of(argument) == (1, ROWS)
        name = "row sums" if columns else "column sums"
    if name in ("row sums", "column sums"):
        return _sum_along(argument, name)
    if name in ("sum", "np.sum"):
        return functools.reduce(operator.add, entries(argument))
    if name in ("logsumexp", "LSE"):
        return engine.log(functools.reduce(operator.add, [engine.exp(x) for x in entries(argument)]))
    if name == "tr":
        return _trace(argument, node)
    if name == "sigma" and name not in book.functions:
        if book.is_defined(Key("sigma")):
            raise NotUnderstood("sigma is a number here and a function there", node.start, node.end)
        book.announce(r"$\sigma$ is the sigmoid, $\sigma(z) = \frac{1}{1 + e^{-z}}$")
        name = "sigmoid"
    f = scope.world.function(name, primes, _own_index(node, scope))
    assert f is not None
    if isinstance(argument, Table):
        return argument.each(f)
    value = f(argument)
    return f(_with_digits(argument)) if type(value) is float else value


def _own_index(node: Apply, scope: Scope) -> str:
    """The index of f_l, the activation of layer l, which is that of no other layer; where f is one, none."""
    key, book = node.name.key, scope.world.book
    if not key.below + key.above or Key(key.base) in book.mentioned:
        return ""
    own = bound(key, scope.bindings, book.sizes)
    return str(own).removeprefix(own.base)


def _with_digits(number: Any) -> Any:
    """A whole number or a fraction, of which ln 2 is to have as many digits as all else."""
    import mpmath

    return (
        mpmath.mpf(number.numerator) / number.denominator if isinstance(number, (int, Fraction)) else number
    )


def _names_some_arguments(node: Apply, book: Book) -> bool:
    """L(x), where the notes write out the loss L(x, w): of the same L not everything is named again."""
    known = book.functions.get(node.name.key.base, ()) if node.name.key.base in LOSSES else ()
    if node.name.primes or not known or not all(isinstance(x, Name) for x in node.arguments):
        return False
    named = {x.key for x in node.arguments if isinstance(x, Name)}
    return book.is_defined(node.name.key) and all(named < set(f.parameters) for f in known)


def _beside(node: Apply, scope: Scope) -> Node | None:
    """J(w + h), where J is computed from w: the J of another w."""
    book, (argument, *more) = scope.world.book, node.arguments
    if more or node.name.primes or not book.is_defined(node.name.key) or not isinstance(argument, Sum):
        return None
    first = argument.terms[0]
    if not isinstance(first, Name) or first.key not in book.reached(node.name):
        return None
    return At(node.start, node.end, node.name, (first,), (argument,))


def _sign_of(x: Any) -> int:
    number = plain(x)
    return int(number > 0) - int(number < 0)


def _each_of(f: Any, a: Any, b: Any) -> Any:
    if isinstance(a, Table):
        return a.with_(b, f)
    return b.each(lambda x: f(a, x)) if isinstance(b, Table) else f(a, b)


def _softmax(argument: Any, node: Apply, primes: int, scope: Scope) -> Any:
    if primes:
        raise NotUnderstood(
            "the derivative of a softmax is a matrix; say of what by what", node.start, node.end
        )
    if not isinstance(argument, Table):
        raise NotUnderstood("a softmax of one number", node.start, node.end)
    if 1 not in argument.shape:  # of each row; of each column where examples are columns
        across = argument.T if scope.world.book.examples_in_columns else argument
        found = Table([entries(_softmax(Table([line]), node, primes, scope)) for line in across.rows])
        return found.T if scope.world.book.examples_in_columns else found
    powers = [engine.exp(x) for x in entries(argument)]
    total = functools.reduce(operator.add, powers)
    return shaped([p / total for p in powers], argument.shape)


def _trace(argument: Any, node: Apply) -> Any:
    if not isinstance(argument, Table):
        return argument  # a product of vectors, which is a number
    if 1 in argument.shape and any(name.key == ONES for name in names_in(node)):
        return functools.reduce(operator.add, entries(argument))  # db 1^T repeats db in all columns
    if argument.shape[0] != argument.shape[1]:
        raise Misfit("the trace of a matrix that is not square", node.start, node.end)
    return functools.reduce(operator.add, [row[i] for i, row in enumerate(argument.rows)])


def _sum_along(argument: Any, name: str) -> Any:
    if not isinstance(argument, Table):
        return argument
    lines = argument.rows if name == "row sums" else argument.T.rows
    sums = Table([[functools.reduce(operator.add, line)] for line in lines])
    return shaped(entries(sums), sums.shape if name == "row sums" else sums.shape[::-1])


def _diag(argument: Any) -> Any:
    if not isinstance(argument, Table):
        return argument
    items = entries(diagonal(argument))
    return Table([[x if i == j else 0 for j in range(len(items))] for i, x in enumerate(items)])


def _defined_function(node: Apply, scope: Scope) -> Any:
    """A function that the notes write out, at these arguments."""
    book, name = scope.world.book, node.name.key.base
    primes = node.name.primes
    indices = (*node.name.key.below, *node.name.key.above)
    said = tuple(x.key if isinstance(x, Name) else None for x in node.arguments)
    for function in sorted(
        book.functions.get(name, ()), key=lambda f: (f.indices != indices, f.parameters != said)
    ):  # l(p) of a binomial is not the l(beta) of a regression
        if len(function.parameters) != len(node.arguments) or not function.is_called(node.name.key):
            continue
        if (
            indices
            and not function.indices
            and any(isinstance(x, Apply) and x.name.key.base == name for x in walk(function.body))
        ):
            continue  # E_n(w) of E(w) = sum_n E_n(w)
        if len(node.arguments) == 1:
            found = _one_argument(function, node, scope, primes)
            if found is not None:
                return found[0]
        elif tuple(x.key for x in node.arguments if isinstance(x, Name)) == function.parameters:
            return None if primes else evaluate(function.body, scope)  # the o of P(o | c) is an index
        elif not primes:
            values = [evaluate(x, scope) for x in node.arguments]
            names = [Name(0, 0, key) for key in function.parameters]
            substitutes = tuple(zip(names, values, strict=True))
            return evaluate(function.body, scope.within(substitutes=substitutes))
    return None


def _one_argument(function: Any, node: Apply, scope: Scope, primes: int) -> tuple[Any] | None:
    (parameter,), (argument,) = function.parameters, node.arguments
    book = scope.world.book
    others = {name.key for name in quantities_in(function.body)} - {parameter}
    alone = not any(key.base == parameter.base or key.letters & parameter.letters for key in others)
    if parameter.below and isinstance(argument, Name) and not alone:
        # S(z_i), with other z in it: the letters of the parameter are those of the argument
        key = bound(argument.key, scope.bindings, book.sizes)
        if key == parameter:
            bindings: dict[str, int] | None = {}
        elif key.base == parameter.base and len(key.below) == len(parameter.below):
            bindings = matched(parameter._replace(above=()), key._replace(above=()))
        else:
            bindings = None
        if bindings is None:
            return None
        if primes:
            return None
        return (evaluate(function.body, scope.within(bindings={**scope.bindings, **bindings})),)
    value = evaluate(argument, scope)
    pattern = Name(0, 0, parameter)

    through = primes and any(parameter in book.reached(Name(0, 0, key)) for key in others)

    def f(x: Any) -> Any:
        if not through:
            return evaluate(function.body, scope.within(substitutes=((pattern, x),)))
        world = scope.world.again()  # s = g(x), which stands in f(x), goes with x
        world.hold_entry(parameter, scope.row, x)
        return evaluate(function.body, scope.within(world=world, bare=False))

    g = derivative_of(f, primes) if primes else f
    if not isinstance(value, Table):
        return (g(value),)
    try:
        return (f(value),) if not primes else (value.each(g),)
    except (NotUnderstood, TypeError):
        return (value.each(g),)


RULES[Apply] = _apply
