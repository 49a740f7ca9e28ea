"""What kind of claim a step makes, by what its chain begins with."""

from __future__ import annotations

from ..defining.book import Book
from ..defining.definitions import is_numeric
from ..defining.updates import update_of
from ..meaning.chains import Chain
from ..meaning.syntax import Derivative, Differential, Name, Product
from ..report import Kind

__all__ = ["kind_of"]


def kind_of(chain: Chain, place: int, book: Book) -> Kind:
    """What kind of claim a step is: the loss, a gradient, an update, ..."""
    head, node = chain.head, chain.links[place].node
    if update_of(chain) is not None:
        return "update"
    if isinstance(head, Differential):
        return "gradient"
    if isinstance(head, Derivative):
        inside = node
        if isinstance(inside, Product) and any(isinstance(f, Derivative) for f in inside.factors):
            return "chain"
        return "gradient"
    if isinstance(head, Name) and head.key == book.loss:
        return "loss"
    if node is not None and is_numeric(node):
        return "number"
    if isinstance(head, Name):
        if head.key.base.startswith(("d ", "delta", "Delta ")):
            return "gradient"
        return "forward"
    return "identity"
