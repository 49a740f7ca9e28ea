r"""Jacobians of functions that the notes write out: `J_g`, and `\partial g / \partial x` of g(x_1, x_2)."""

from __future__ import annotations

from ..meaning.syntax import LABEL, Apply, Derivative, Key, Name, Node, Table, names_in
from .book import Book

__all__ = ["jacobian"]


def jacobian(node: Node | None, book: Book) -> Table | None:
    """The table of derivatives that a name or a derivative stands for; None for all others.

    It has a row for every entry of the function and a column for every argument.
    """
    match node:
        case Name(key=Key(base="J", below=(index,), above=()), primes=0) if index.letter:
            name, by = index.letter.rstrip(LABEL), None
        case Derivative(output=Name(key=Key(base=name)) | Apply(name=Name(key=Key(base=name))), order=1) if (
            isinstance(node.variable, Name)
        ):
            by = node.variable.key
        case _:
            return None
    functions = book.functions.get(name, ())
    if len(functions) != 1:
        return None
    function = functions[0]
    arguments = function.parameters
    if len(arguments) == 1:  # g(x), which is given by x_1 and x_2
        own = {key for key in (x.key for x in names_in(function.body)) if key.base == arguments[0].base}
        arguments = tuple(sorted(own)) if arguments[0] not in own else ()
    if len(arguments) < 2 or any(book.is_defined(key) for key in arguments):
        return None
    if by is not None and any(key._replace(below=()) != by or not key.below for key in arguments):
        return None
    body = function.body
    entries = [cell for line in body.rows for cell in line] if isinstance(body, Table) else [body]
    return Table(
        node.start,
        node.end,
        tuple(tuple(Derivative(0, 0, entry, Name(0, 0, key)) for key in arguments) for entry in entries),
    )
