"""From what is typeset to what it says: precedence climbing over marks.

One side of an equation at a time; relations are found by `statements.py`. What cannot be read raises
`NotUnderstood` with the characters it concerns.
"""

from __future__ import annotations

from ..reading.layout import (
    Accented,
    Annotated,
    Big,
    Bracketed,
    Fraction,
    Grid,
    Mark,
    Number,
    Operator,
    Radical,
    Row,
    Scripted,
    Separator,
    Symbol,
    Text,
)  # fmt: skip
from .errors import NotUnderstood
from .names import Script, Spelling, base_of, script, spelled
from .rows import described, has_relation, is_ones, order_of, split, with_words, without_commas
from .syntax import (
    ONES,
    Apply,
    At,
    Cases,
    Derivative,
    Entry,
    Everything,
    Index,
    Key,
    Name,
    Node,
    Placeholder,
    Power,
    Product,
    Quotient,
    Shape,
    Sum,
    SumOver,
    Table,
    Transposed,
    quantities_in,
)  # fmt: skip
from .syntax import Number as NumberNode
from .vocabulary import FUNCTIONS, RELATIONS, Vocabulary, is_transpose

__all__ = ["parsed"]

MOST_DEPTH = 60


def parsed(row: Row, vocabulary: Vocabulary) -> Node:
    """One side of an equation. Raises `NotUnderstood`."""
    return _Parser(tuple(with_words(row, vocabulary.words)), vocabulary, 0).whole()


class _Parser:
    """Reads a row of marks from left to right."""

    def __init__(self, row: tuple[Mark, ...], vocabulary: Vocabulary, depth: int) -> None:
        self.row, self.vocabulary, self.depth, self.place = row, vocabulary, depth, 0
        if depth > MOST_DEPTH:
            raise NotUnderstood(f"brackets and fractions nest more than {MOST_DEPTH} deep", 0, 0)

    def inside(self, row: Row) -> Node:
        """What stands in a bracket, a fraction, a script."""
        return _Parser(tuple(with_words(row, self.vocabulary.words)), self.vocabulary, self.depth + 1).whole()

    def whole(self) -> Node:
        if not self.row:
            raise NotUnderstood("something is missing here")
        node = self.sum()
        mark = self.next()
        if mark is not None:
            raise NotUnderstood(f"{described(mark)} does not fit here", mark.start, mark.end)
        return node

    def next(self) -> Mark | None:
        """The mark that comes next, blanks passed over."""
        while self.place < len(self.row):
            mark = self.row[self.place]
            if isinstance(mark, Separator) and mark.name in ("quad", "space"):
                self.place += 1
                continue
            return mark
        return None

    def take(self) -> Mark:
        mark = self.next()
        if mark is None:
            end = self.row[-1].end if self.row else 0
            raise NotUnderstood("something is missing at the end", end, end)
        self.place += 1
        return mark

    # ---------------------------------------------------------------------------- sums and products

    def sum(self) -> Node:
        terms: list[Node] = []
        signs: list[int] = []
        while True:
            sign = 1
            mark = self.next()
            first = mark
            while isinstance(mark, Operator) and mark.name in ("+", "-"):
                sign = -sign if mark.name == "-" else sign
                self.place += 1
                mark = self.next()
            if mark is None and first is not None and not terms:
                raise NotUnderstood("something is missing after the sign", first.start, first.end)
            terms.append(self.product())
            signs.append(sign)
            mark = self.next()
            if not (isinstance(mark, Operator) and mark.name in ("+", "-")):
                break
        if len(terms) == 1 and signs == [1]:
            return terms[0]
        return Sum(self.row[0].start, terms[-1].end, tuple(terms), tuple(signs))

    def product(self) -> Node:
        factors: list[Node] = []
        signs: list[str] = []
        sign = ""
        while True:
            mark = self.next()
            if mark is None:
                if not sign:
                    break
                end = self.row[-1].end
                if sign == "*":
                    factors.append(Placeholder(end, end))
                    break
                raise NotUnderstood("a factor is missing at the end", end, end)
            if isinstance(mark, Big):
                factors.append(self.big(mark))
                break
            if isinstance(mark, Operator) and mark.name == "-" and sign:
                self.place += 1  # 2 \cdot -3
                inner = self.factor()
                factors.append(Sum(mark.start, inner.end, (inner,), (-1,)))
            else:
                factors.append(self.factor())
            sign = ""
            mark = self.next()
            if isinstance(mark, Operator) and mark.name in _TIMES:
                sign = _TIMES[mark.name]
                self.place += 1
            elif isinstance(mark, Operator) and mark.name == "/":
                self.place += 1
                under = self.factor()
                over = factors.pop()
                factors.append(self.divided(over, under))
                mark = self.next()
                if isinstance(mark, Operator) and mark.name in _TIMES:
                    sign = _TIMES[mark.name]
                    self.place += 1
                elif not self._starts_factor(mark):
                    break
            elif _is_bar(mark):
                self.place += 1
                return self.evaluated(factors, signs, mark)  # type: ignore[arg-type]
            elif not self._starts_factor(mark):
                break
            signs.append(sign)
        if not factors:
            end = self.row[-1].end if self.row else 0
            raise NotUnderstood("something is missing here", end, end)
        if len(factors) == 1:
            return factors[0]
        return Product(factors[0].start, factors[-1].end, tuple(factors), tuple(signs[: len(factors) - 1]))

    def evaluated(self, factors: list[Node], signs: list[str], bar: Scripted) -> Node:
        """A bar behind a derivative, or a product, that says where it is taken: dL/dw |_{w = 2}."""
        if isinstance(factors[-1], Derivative) or len(factors) == 1:
            factors[-1] = self.at(factors[-1], bar)
            after = self.next()
            if self._starts_factor(after):
                rest = self.product()
                more = rest.factors if isinstance(rest, Product) else (rest,)
                between = rest.signs if isinstance(rest, Product) else ()
                factors, signs = [*factors, *more], [*signs, "", *between]
            if len(factors) == 1:
                return factors[0]
            return Product(factors[0].start, factors[-1].end, tuple(factors), tuple(signs))
        whole = Product(factors[0].start, factors[-1].end, tuple(factors), tuple(signs))
        return self.at(whole, bar)

    def at(self, body: Node, mark: Scripted) -> Node:
        """A formula where names have the values that are said below a bar."""
        if mark.above or not mark.below:
            raise NotUnderstood("what is evaluated where is not understood", mark.start, mark.end)
        names, values = [], []
        for row in split(mark.below):
            place = next((p for p, m in enumerate(row) if isinstance(m, Operator) and m.name == "="), None)
            values.append(self.inside(row if place is None else row[place + 1 :]))
            if place is not None:
                names.append(self.inside(row[:place]))
            elif isinstance(body, Derivative):
                names.append(body.variable)
        if len(names) != len(values) or not all(isinstance(x, Name) for x in names):
            raise NotUnderstood("what is evaluated where is not understood", mark.start, mark.end)
        return At(body.start, mark.end, body, tuple(names), tuple(values))

    @staticmethod
    def _starts_factor(mark: Mark | None) -> bool:
        if mark is None or isinstance(mark, (Separator, Text)) or _is_bar(mark):
            return False
        return not isinstance(mark, Operator) or mark.name in ("partial", "nabla")

    def divided(self, over: Node, under: Node) -> Node:
        """A division by a slash; dL/dw written in line is a derivative."""
        a, b = _differential(over), _differential(under)
        if a is not None and b is not None:
            return Derivative(over.start, under.end, a, b, 1, "d")
        return Quotient(over.start, under.end, over, under)

    def big(self, mark: Big) -> Node:
        """A large sum, with all that it covers: the rest of the term."""
        self.place += 1
        letters = [s for m in mark.below if (s := base_of(m)) is not None]
        relation = next((p for p, m in enumerate(mark.below) if isinstance(m, Operator)), None)
        but = None
        if relation is not None and mark.below[relation].name != "=":  # type: ignore[attr-defined]
            if mark.below[relation].name != "!=" or len(letters) != 2:  # type: ignore[attr-defined]
                raise NotUnderstood("what is summed over is not understood", mark.start, mark.end)
            but, relation = self.inside(mark.below[relation + 1 :]), None
        low = self.inside(mark.below[relation + 1 :]) if relation is not None else None
        high = self.inside(mark.above) if mark.above else None
        if not letters and mark.below:
            raise NotUnderstood("what is summed over is not understood", mark.start, mark.end)
        after = self.next()
        negative = isinstance(after, Operator) and after.name == "-"
        self.place += negative
        body = self.product()
        if negative and after is not None:
            body = Sum(after.start, body.end, (body,), (-1,))
        return SumOver(mark.start, body.end, mark.name, letters[0] if letters else "", low, high, body, but)

    # ------------------------------------------------------------------------------------- factors

    def factor(self) -> Node:
        mark = self.take()
        match mark:
            case Number():
                return self.number(mark)
            case Fraction():
                return self.fraction(mark)
            case Radical():
                inside = self.inside(mark.inside)
                degree = self.inside(mark.degree) if mark.degree else NumberNode(mark.start, mark.start, "2")
                one = NumberNode(mark.start, mark.start, "1")
                return Power(mark.start, mark.end, inside, Quotient(mark.start, mark.end, one, degree))
            case Bracketed():
                return self.bracketed(mark)
            case Grid():
                return self.grid(mark)
            case Scripted() if isinstance(mark.base, (Bracketed, Fraction, Number, Grid, Radical)):
                return self.scripted(mark)
            case Scripted() if isinstance(mark.base, (Symbol, Operator)) and mark.base.name in (
                "partial", "nabla",
            ):  # fmt: skip
                return self.operator(mark, mark.base.name)
            case Symbol(name="partial" | "nabla" as name) | Operator(name="partial" | "nabla" as name):
                return self.operator(mark, name)
            case Accented(accent="cancel", base=base):
                return _spread(self.inside(base), mark.start, mark.end)
            case Annotated():
                return _spread(self.inside(mark.inside), mark.start, mark.end)
            case Text(words=words) if any(map(str.isalpha, words)):
                return self.name(mark)
            case Symbol() | Accented() | Scripted():
                return self.name(mark)
        raise NotUnderstood(f"{described(mark)} is not understood", mark.start, mark.end)

    def indicator(self, row: Row, start: int, end: int) -> Node:
        """1 where a condition holds, else 0."""
        if len(row) == 1 and isinstance(row[0], Bracketed):
            row = row[0].inside
        condition = self.condition(row)
        one, zero = NumberNode(start, start, "1"), NumberNode(start, start, "0")
        return Cases(start, end, (one, zero), (condition, None))

    def number(self, mark: Number) -> Node:
        after = self.row[self.place] if self.place < len(self.row) else None
        if mark.text == "1" and isinstance(after, Bracketed) and has_relation(after.inside):
            self.place += 1
            return self.indicator(after.inside, mark.start, after.end)
        if isinstance(after, Operator) and after.name == "!":
            raise NotUnderstood("factorials are too large to work out", mark.start, after.end)
        if is_ones(mark):
            return Name(mark.start, mark.end, ONES)
        return NumberNode(mark.start, mark.end, mark.text)

    def fraction(self, mark: Fraction) -> Node:
        over, under = mark.over, mark.under
        over_sign, under_sign = order_of(over), order_of(under)
        if over_sign and under_sign and len(under) > 1 and over_sign[0] == under_sign[0]:
            sign, order = over_sign
            variable = self.variable(under[1:], order)
            output = self.inside(over[1:]) if len(over) > 1 else self.differentiated(mark)
            return Derivative(
                mark.start, output.end if len(over) == 1 else mark.end, output, variable, order, sign
            )
        partial = over_sign and over_sign[0] == "partial" and len(over) > 1
        if (partial and under and not under_sign) or (
            (under_sign and under_sign[0] in ("d", "partial") and len(under) > 1 and not over_sign
            and spelled(under[1]) is not None and under[0].end == under[1].start) or
            (under_sign and under_sign[0] == "partial" and len(under) > 1 and not over_sign)
        ):  # fmt: skip
            # half of a derivative: the sign is missing above or below
            output = self.inside(over[1:] if partial else over)
            variable = self.variable(under if partial else under[1:], 1)
            return Derivative(
                mark.start, mark.end, output, variable, 1, "missing below" if partial else "missing above"
            )
        return Quotient(mark.start, mark.end, self.inside(over), self.inside(under))

    def variable(self, row: Row, order: int) -> Node:
        """What is differentiated by; behind a second derivative, without its square."""
        if order > 1 and len(row) == 1 and isinstance(row[0], Scripted):
            mark = row[0]
            if mark.above and len(mark.above) == 1 and getattr(mark.above[0], "text", "") == str(order):
                row = (Scripted(mark.start, mark.end, mark.base, mark.below, (), mark.primes),)
        return self.inside(row)

    def differentiated(self, mark: Mark) -> Node:
        """What a d/dx standing in front applies to: the next factor, or a product without signs."""
        after = self.next()
        if after is None:
            raise NotUnderstood("a derivative of nothing", mark.start, mark.end)
        if isinstance(after, Operator) and after.name == "*":
            self.place += 1
        if isinstance(after, Operator) and after.name == "-":
            self.place += 1
            inner = self.differentiated(after)
            return Sum(after.start, inner.end, (inner,), (-1,))
        if isinstance(after, Big):
            return self.big(after)
        factors = [self.factor()]
        number = not any(True for _ in quantities_in(factors[0])) and not isinstance(after, (Bracketed, Big))
        sign = self.next()
        if number and isinstance(sign, Operator) and sign.name == "*":
            self.place += 1  # d/dx 3 \cdot x^2
            factors.append(self.factor())
        if number and isinstance(big := self.next(), Big):
            factors.append(self.big(big))
        elif number or isinstance(factors[0], (Name, Apply, Power)):
            while self._starts_factor(self.next()) and not isinstance(self.next(), (Fraction, Big)):
                factors.append(self.factor())
        if len(factors) == 1:
            return factors[0]
        return Product(factors[0].start, factors[-1].end, tuple(factors), ("",) * (len(factors) - 1))

    def operator(self, mark: Mark, sign: str) -> Node:
        r"""\nabla_w L and \partial_w L."""
        if sign == "partial" and not isinstance(mark, Scripted):
            output = self.factor()  # \partial L / \partial w in line
            return Apply(mark.start, output.end, Name(mark.start, mark.end, Key("partial")), (output,))
        by = self.inside(mark.below) if isinstance(mark, Scripted) and mark.below else None
        output = self.factor()
        arguments = self.arguments_of(output)
        if by is None and isinstance(output, Apply) and all(isinstance(x, Name) for x in output.arguments):
            arguments = output.arguments
        end = self.row[self.place - 1].end
        if by is None and len(arguments) > 1:
            slopes = tuple((Derivative(mark.start, end, output, x, 1, sign),) for x in arguments)
            return Table(mark.start, end, slopes)
        if by is None:
            by = arguments[0] if arguments else Everything(mark.start, mark.end)
        return Derivative(mark.start, end, output, by, 1, sign)

    def arguments_of(self, output: Node) -> tuple[Node, ...]:
        """The names in a bracket behind what a gradient is of: w and b of nabla L(w, b)."""
        after = self.next()
        if not isinstance(output, Name) or not isinstance(after, Bracketed) or after.opening != "(":
            return ()
        rows = split(after.inside)
        if not rows or not all(len(row) == 1 and spelled(row[0]) is not None for row in rows):
            return ()
        self.place += 1
        return tuple(map(self.inside, rows))

    def bracketed(self, mark: Bracketed) -> Node:
        if mark.opening in "[{" and has_relation(mark.inside):
            return self.indicator(mark.inside, mark.start, mark.end)
        if mark.opening == "{" and any(map(_lists, mark.inside)):
            raise NotUnderstood("a set", mark.start, mark.end)
        if mark.opening in ("|", "||"):
            inside = self.inside(mark.inside)
            name = Name(mark.start, mark.start, Key("abs" if mark.opening == "|" else "norm"))
            return Apply(mark.start, mark.end, name, (inside,))
        if any(isinstance(m, Separator) and m.name in (",", ";") for m in mark.inside):
            items = [self.inside(row) for row in split(mark.inside)]
            if mark.opening == "<" and len(items) == 2:
                return Apply(mark.start, mark.end, Name(mark.start, mark.start, Key("inner")), tuple(items))
            if mark.opening not in "([":
                raise NotUnderstood("a list in brackets", mark.start, mark.end)
            if len(self.row) == 1 and len(items) <= 2 and all(map(_is_size, items)):
                return Shape(mark.start, mark.end, tuple(items))
            return Table(mark.start, mark.end, tuple((x,) for x in items))  # a vector stands
        node = self.inside(mark.inside)
        return _spread(node, mark.start, mark.end)

    def scripted(self, mark: Scripted) -> Node:
        """A bracket, a number or a fraction with something above it."""
        base = mark.base
        if isinstance(base, Number) and base.text == "1" and has_relation(mark.below):
            return self.indicator(mark.below, mark.start, mark.end)
        if isinstance(base, Number) and is_ones(base) and (mark.below or mark.above):
            ones = Name(base.start, base.end, ONES)  # \mathbf{1}_n^\top: how many is clear from beside what
            return self.raised(ones, mark.above, mark.start, mark.end) if mark.above else ones
        if isinstance(base, Number) and mark.below:
            spelling = Spelling(base.text, script(mark.below), (), mark.primes, mark.start, mark.end)
            return Name(mark.start, mark.end, self.vocabulary.reference(spelling).key)  # 0_{11} for O_{11}
        norm = isinstance(base, Bracketed) and base.opening in ("|", "||")
        inner = _Parser((base,), self.vocabulary, self.depth + 1).factor()
        if mark.primes:
            names = {name.key for name in quantities_in(inner)}
            if len(names) != 1 or mark.primes > 1 or mark.below:
                raise NotUnderstood("a prime on a bracket", mark.start, mark.end)
            inner = Derivative(mark.start, mark.end, inner, Name(mark.start, mark.start, names.pop()), 1, "d")
        if mark.below and not norm:
            if has_relation(mark.below) or (isinstance(base, Bracketed) and base.closing == "|"):
                return self.at(inner, mark)
            inner = _entry(inner, script(mark.below), mark)
        if (
            mark.above
            and is_transpose(mark.above)
            and isinstance(inner, Table)
            and isinstance(base, Bracketed)
        ):
            return inner  # (a, b)^T stands as well as (a, b)
        return self.raised(inner, mark.above, mark.start, mark.end) if mark.above else inner

    def raised(self, node: Node, above: Row, start: int, end: int) -> Node:
        if is_transpose(above):
            return Transposed(start, end, node)
        return Power(start, end, node, self.inside(above))

    def grid(self, mark: Grid) -> Node:
        if mark.kind == "matrix":
            return Table(mark.start, mark.end, tuple(tuple(map(self.inside, line)) for line in mark.cells))
        values, conditions = [], []
        for line in mark.cells:
            cells = [cell for cell in line if cell]
            if not cells:
                continue
            values.append(self.inside(without_commas(cells[0])))
            conditions.append(self.condition(cells[1] if len(cells) > 1 else ()))
        return Cases(mark.start, mark.end, tuple(values), tuple(conditions))

    def condition(self, row: Row) -> tuple[Node, str, Node] | None:
        marks = tuple(m for m in row if not isinstance(m, (Text, Separator)))
        place = next(
            (p for p, m in enumerate(marks) if isinstance(m, Operator) and m.name in RELATIONS), None
        )
        if place is None:
            if not marks or not any(isinstance(m, Symbol) and len(m.name) == 1 for m in marks):
                return None
            raise NotUnderstood("a condition without a relation", row[0].start, row[-1].end)
        relation: Operator = marks[place]  # type: ignore[assignment]
        left, right = marks[:place], marks[place + 1 :]
        words = [
            m for m in left if not (isinstance(m, Symbol) and len(m.name) > 1 and m.name not in FUNCTIONS)
        ]
        return self.inside(tuple(words) or left), relation.name, self.inside(right)

    # --------------------------------------------------------------------------------------- names

    def name(self, mark: Mark) -> Node:
        spelling = spelled(mark)
        if spelling is None:
            raise NotUnderstood("a script on something that is no name", mark.start, mark.end)
        euler = spelling.base == "e" and "e" not in self.vocabulary.bare
        if euler and spelling.above and not spelling.below.indices:
            exponent = self.inside(spelling.above[0])
            return Apply(mark.start, mark.end, Name(mark.start, mark.end, Key("exp")), (exponent,))
        spelling = self._with_digits(spelling, mark)
        if (
            spelling.base in ("d", "mathrm d")
            and "d" not in self.vocabulary.bare
            and not spelling.above
            and not spelling.below.indices
        ):
            differential = self.short_differential(mark)
            if differential is not None:
                return differential
        if spelling.base == "Delta" and not spelling.above and not spelling.below.indices:
            after = self.row[self.place] if self.place < len(self.row) else None
            inner = spelled(after) if after is not None else None
            if inner is not None:
                self.place += 1
                return self.finished(inner._replace(base=f"Delta {inner.base}", start=mark.start), mark.start)
        return self.finished(spelling, mark.start)

    def short_differential(self, mark: Mark) -> Node | None:
        """`dz`, short for dL/dz: d, and a name close behind it."""
        after = self.row[self.place] if self.place < len(self.row) else None
        inner = spelled(after) if after is not None else None
        if inner is None or after is None or inner.base in FUNCTIONS or after.start - mark.end > 1:
            return None
        self.place += 1
        inner = self._with_digits(inner, after)
        node = self.finished(inner, after.start)
        if isinstance(node, Name):
            return Name(mark.start, node.end, node.key._replace(base=f"d {node.key.base}"), node.primes)
        if isinstance(node, Transposed) and isinstance(node.body, Name):
            key = node.body.key._replace(base=f"d {node.body.key.base}")
            return Transposed(mark.start, node.end, Name(mark.start, node.end, key))
        return Apply(mark.start, node.end, Name(mark.start, mark.end, Key("partial")), (node,))

    def _with_digits(self, spelling: Spelling, mark: Mark) -> Spelling:
        """W5 is W_5."""
        after = self.row[self.place] if self.place < len(self.row) else None
        inner = after.base if isinstance(after, Scripted) else after
        plain = not spelling.below.indices and not spelling.above and not spelling.primes
        if not (plain and isinstance(inner, Number) and inner.text.isdigit() and inner.start == mark.end):
            return spelling
        tag = script(after.below).tag if isinstance(after, Scripted) and after.below else ""
        if spelling.base in FUNCTIONS or (isinstance(after, Scripted) and after.below and not tag):
            return spelling
        self.place += 1
        indices = tuple(Index("", int(digit)) for digit in inner.text)
        above = (after.above,) if isinstance(after, Scripted) and after.above else ()
        primes = after.primes if isinstance(after, Scripted) else 0
        below = spelling.below._replace(indices=indices, tag=tag or spelling.below.tag)  # W2_{new}
        return Spelling(spelling.base, below, above, primes, spelling.start, inner.end)

    def finished(self, spelling: Spelling, start: int) -> Node:
        """A name with its powers, and what it is applied to."""
        key, primes, powers, transposed = self.vocabulary.reference(spelling)
        end = self.row[self.place - 1].end
        # What is raised ends before the exponent; `^{` itself is cut off where the source is at hand.
        name = Name(start, min([end, *(row[0].start for row in powers)]), key, primes)
        called = self.call(name)
        node: Node = name if called is None else called
        if called is None and (key.base in FUNCTIONS or primes):
            argument = self.next()
            if key.base in FUNCTIONS and self._starts_factor(argument):
                inner = self.big(argument) if isinstance(argument, Big) else self.factor()
                if isinstance(inner, (Name, NumberNode)) and self._goes_on_under_function():
                    after = self.factor()
                    inner = Product(inner.start, after.end, (inner, after), ("",))
                node = Apply(start, inner.end, name, (inner,))
        if transposed:
            node = Transposed(start, node.end, node)
        for row in powers:
            node = self.raised(node, row, start, max(node.end, end))
        return node

    def _goes_on_under_function(self) -> bool:
        """Whether "log a" goes on as in "log a b", and not as in "log a (1 - b)" or "log a log b"."""
        mark = self.next()
        if isinstance(mark, (Bracketed, Fraction, Big)) or not self._starts_factor(mark):
            return False
        return not (isinstance(mark, Symbol) and mark.name in FUNCTIONS)

    def call(self, name: Name) -> Node | None:
        """A function and its bracket, or None for what is none."""
        after = self.row[self.place] if self.place < len(self.row) else None
        bracket = after.base if isinstance(after, Scripted) else after
        if not isinstance(bracket, Bracketed) or bracket.opening not in "([{" or bracket.opening == ".":
            return None
        if has_relation(bracket.inside):
            if name.key.base in ("I", "chi", "delta", "bb I", "mathbb 1") and not name.key.below:
                self.place += 1
                return self.indicator(bracket.inside, name.start, after.end)  # type: ignore[union-attr]
            return None
        arguments = split(bracket.inside)
        known = self.vocabulary.is_function(name.key.base) or name.primes
        if (
            name.key == Key("sigma")
            and bracket.opening == "("
            and name.key.base not in map(base_of, bracket.inside)
        ):
            known = True  # the sigmoid, whatever else is called sigma
        if not known and len(arguments) < 2:
            return None
        if name.key.base in ("partial", "d"):
            return None
        if isinstance(after, Scripted) and after.below and name.key.base in FUNCTIONS - _OF_VECTORS:
            return None  # log (p)_k is the logarithm of an entry
        self.place += 1
        assert after is not None
        nodes = tuple(self.inside(row) for row in arguments)
        node: Node = Apply(name.start, bracket.end, name, nodes)
        if isinstance(after, Scripted) and after.below:
            node = _entry(node, script(after.below), after)
        if isinstance(after, Scripted) and after.above:
            node = self.raised(node, after.above, name.start, after.end)
        return node


_TIMES = {"*": "*", "odot": "odot", "otimes": "otimes", "circ": "odot"}
"""What stands between factors, by the sign of it."""


_OF_VECTORS = {"softmax", "Softmax", "diag"}


def _is_bar(mark: Mark | None) -> bool:
    """Whether it is a bar with something below, to say where what stands before it is evaluated."""
    return isinstance(mark, Scripted) and isinstance(mark.base, Operator) and mark.base.name == "|"


def _is_size(node: Node) -> bool:
    """Whether it may be a number of rows or columns."""
    if isinstance(node, NumberNode):
        return node.text.isdigit() and node.text != "0"
    return isinstance(node, Name) and node.key.base in _SIZES and not node.primes


def _lists(mark: Mark) -> bool:
    """Whether it shows that a brace encloses a set: a comma, dots, or dots in an index."""
    if isinstance(mark, Scripted):
        return any(map(_lists, mark.below))
    return (isinstance(mark, Operator) and mark.name == "dots") or (
        isinstance(mark, Separator) and mark.name == ","
    )


_SIZES = set("nmdkpqhrsclNMDKHBTCPQLSR")


def _entry(body: Node, said: Script, mark: Mark) -> Node:
    """An entry of what stands in a bracket; of a name alone it is the name with these indices."""
    if said.strange or said.tag or not said.indices:
        raise NotUnderstood("an index on a bracket", mark.start, mark.end)
    if isinstance(body, Name) and not body.primes:
        key = body.key._replace(below=(*body.key.below, *said.indices))
        return Name(mark.start, mark.end, key)
    of = " ".join(sorted({str(name.key) for name in quantities_in(body)}))
    place = Name(mark.end, mark.end, Key(f"entry of {of}", said.indices))
    return Entry(mark.start, mark.end, body, place)


def _differential(node: Node) -> Node | None:
    """w of `dw` or `partial w`, as they were read where they stand in line."""
    if isinstance(node, Name) and node.key.base.startswith("d "):
        return Name(node.start, node.end, node.key._replace(base=node.key.base[2:]))
    if isinstance(node, Apply) and node.name.key.base == "partial":
        return node.arguments[0]
    return None


def _spread(node: Node, start: int, end: int) -> Node:
    """A node with the span of the brackets around it."""
    from dataclasses import replace

    return replace(node, start=start, end=end)
