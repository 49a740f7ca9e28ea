"""`Value`: a number that remembers how it was computed.

An operation on Values makes a Value that holds the result, the operands and the local derivative by
each of them; `backward()` walks from the result back to the leaves and multiplies along the way.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from . import functions, graph
from ._caller import user_expression
from ._freeing import frees_deep_graphs
from .errors import NumberError, SettingError
from .numbers import Number, as_number, constant_like, is_number, is_recorder
from .ops import OPS, Op

if TYPE_CHECKING:
    from .anomaly import Watch
    from .compiler.recording import Tracer
    from .pictures.tree import Tree

__all__ = ["Value"]

_new: Callable[[type], Any] = object.__new__
"""Makes a node. `detect_anomaly` puts one in its place that also notes the user's line."""

_watch: Watch | None = None
"""Told of values that are not finite and of every backward(), inside `detect_anomaly`."""

_tracer: Tracer | None = None
"""Records operations on numbers that are not known yet, while `jit` traces a function."""


def _unary(op: Op) -> Callable[[Value], Value]:
    """The method that applies a primitive of one operand."""
    value, derivatives = op.value, op.derivatives

    def method(self: Value) -> Value:
        x = self.data
        if type(x) is float:
            try:
                data = value(x)
                if type(data) is float and data - data == 0.0:  # neither nan nor infinite
                    out = _new(Value)
                    (out._da,) = derivatives(x, data)
                    out.data, out.op, out._a, out._b, out._db, out._mark = data, op, self, None, None, None
                    return out  # type: ignore[no-any-return]
            except ArithmeticError:
                pass
        return _record(op, (self,))

    method.__name__ = op.name
    method.__doc__ = f"See `autograd.{op.name}`."
    _methods[op.name] = method
    return method


_methods: dict[str, Callable[[Value], Value]] = {}
"""The methods of the primitives of one operand."""


_SUMS_AND_PRODUCTS: set[Op] = set()
"""The primitives of two operands that need no care: no quotient by 0, no root of what is negative."""


def _is_crosswise(op: Op) -> bool:
    """Whether the local derivative by each of two operands is the other one, as in a product."""
    a, b = object(), object()
    try:
        return tuple(op.derivatives(a, b, None)) == (b, a)
    except TypeError:  # it computes with them
        return False


def _binary(op: Op) -> tuple[Callable[[Value, Any], Value], Callable[[Value, Any], Value]]:
    """The methods `a.method(b)` and, for a plain number on the left, `b.reflected(a)`.

    Like `_unary` they have a short way for floats, where most of all running time is spent, and leave
    everything else to `_record`. A local derivative of None marks an operand that gets no gradient.
    """
    value, derivatives, linear, crosswise = op.value, op.derivatives, op.linear, _is_crosswise(op)
    constant_da, constant_db = map(float, derivatives(0, 0, 0)) if linear else (0.0, 0.0)
    if linear or crosswise:
        _SUMS_AND_PRODUCTS.add(op)

    def method(self: Value, other: Any) -> Value:
        try:
            if type(other) is Value:
                x = self.data
                y = other.data
                data = value(x, y)
                if type(data) is float and data - data == 0.0:
                    out = _new(Value)
                    out.data = data
                    out.op = op
                    out._mark = None
                    out._a = self
                    out._b = other
                    if linear:
                        out._da = constant_da
                        out._db = constant_db
                    elif crosswise:
                        out._da = y
                        out._db = x
                    else:
                        out._da, out._db = derivatives(x, y, data)
                    return out  # type: ignore[no-any-return]
                if type(data) is Fraction and (linear or crosswise):
                    out = _new(Value)
                    out.data, out.op, out._a, out._b, out._mark = data, op, self, other, None
                    out._da, out._db = derivatives(x, y, data)
                    return out  # type: ignore[no-any-return]
            elif type(other) is float or type(other) is int:
                x = self.data
                data = value(x, other)
                if type(data) is float and data - data == 0.0:
                    out = _new(Value)
                    out.data = data
                    out.op = op
                    out._mark = None
                    out._a = self
                    out._b = other
                    out._da = constant_da if linear else derivatives(x, other, data)[0]
                    out._db = None
                    return out  # type: ignore[no-any-return]
        except (ArithmeticError, TypeError):
            pass
        return _record(op, (self, other)) if is_number(other) else NotImplemented

    def reflected(self: Value, other: Any) -> Value:
        try:
            if type(other) is float or type(other) is int:
                y = self.data
                data = value(other, y)
                if type(data) is float and data - data == 0.0:
                    out = _new(Value)
                    out.data = data
                    out.op = op
                    out._mark = None
                    out._a = other
                    out._b = self
                    out._da = None
                    out._db = constant_db if linear else derivatives(other, y, data)[1]
                    return out  # type: ignore[no-any-return]
        except (ArithmeticError, TypeError):
            pass
        return _record(op, (other, self)) if is_number(other) else NotImplemented

    return method, reflected


def _comparison(
    compare: Callable[[Any, Any], Any], op: Op
) -> tuple[Callable[[Value, Any], Any], Callable[[Value, Any], Any]]:
    """The methods that compare data, and the mirrored ones; of symbols, a condition for `where`."""

    def method(self: Value, other: Any) -> Any:
        if _tracer is not None:
            _tracer.looked_at(self, other)
        out = compare(self.data, other.data if isinstance(other, Value) else other)
        return _record(op, (self, other)) if is_recorder(out) else out

    def mirrored(self: Value, other: Any) -> Any:
        if _tracer is not None:
            _tracer.looked_at(self, other)
        out = compare(other.data if isinstance(other, Value) else other, self.data)
        return _record(op, (other, self)) if is_recorder(out) else out

    return method, mirrored


def _record(op: Op, operands: tuple[Any, ...]) -> Value:
    """Apply a primitive to any kinds of number: the long way, which covers every case.

    Values can hold Values, for derivatives of derivatives. Operands that are nested less deeply than
    the deepest are constants for it: that keeps the derivative by an inner variable apart from the
    derivative by an outer one.
    """
    if _tracer is not None and (traced := _tracer.record(op, operands)) is not None:
        return traced
    if (quick := _record_floats(op, operands)) is not None:
        return quick
    if op in _SUMS_AND_PRODUCTS and (quick := _record_exact(op, *operands)) is not None:
        return quick
    depths = [depth_of(x) for x in operands]
    depth = max(depths)
    variable = [d == depth for d in depths]
    like = operands[variable.index(True)].data
    numbers = []
    for position, x in enumerate(operands):
        if variable[position]:
            numbers.append(x.data)
        elif op.selects and position == 0:
            numbers.append(x)  # a condition
        else:
            numbers.append(constant_like(x, like))
    data = op.evaluate(numbers)
    out: Value = _new(Value)
    # The nodes point at the operands as given; a constant is kept as the number that was computed with.
    given = tuple(x if v else n for x, v, n in zip(operands, variable, numbers, strict=True))
    slopes = tuple(
        slope if v and not (op.selects and slope == 0) else None
        for v, slope in zip(variable, op.slopes(numbers, data), strict=True)
    )
    out._set_operation(op, data, given, slopes)
    if _watch is not None:
        _watch.made(out)
    return out


def _record_floats(op: Op, operands: tuple[Any, ...]) -> Value | None:
    """The short way for any number of operands, where all numbers are floats and the result is finite."""
    if op.selects:
        return None
    numbers = [x.data if type(x) is Value else x for x in operands]
    for x in numbers:
        if type(x) is not float:
            return None
    try:
        data = op.value(*numbers)
        if type(data) is not float or data - data != 0.0:
            return None
        slopes = op.derivatives(*numbers, data)
    except (ArithmeticError, TypeError):
        return None
    out: Value = _new(Value)
    given = tuple(slope if type(x) is Value else None for x, slope in zip(operands, slopes, strict=True))
    out._set_operation(op, data, operands, given)
    return out


def _record_exact(op: Op, a: Any, b: Any) -> Value | None:
    """The short way for sums and products of two fractions, or of two numbers of mpmath."""
    x = a.data if type(a) is Value else a
    y = b.data if type(b) is Value else b
    if type(x) is not type(y):
        if type(a) is not Value:
            a = x = constant_like(x, y)
        elif type(b) is not Value:
            b = y = constant_like(y, x)
    kind = type(x)
    if kind is float:
        return _record_floats(op, (a, b))
    if type(y) is not kind or not (kind is Fraction or hasattr(kind, "_mpf_")):
        return None
    data = op.value(x, y)
    if type(data) is not kind or (kind is not Fraction and data - data != 0):  # neither nan nor infinite
        return None
    da, db = op.derivatives(x, y, data)
    out: Value = _new(Value)
    out.data, out.op, out._a, out._b, out._mark = data, op, a, b, None
    out._da = da if type(a) is Value else None
    out._db = db if type(b) is Value else None
    return out


def depth_of(x: Any) -> int:
    depth = 0
    while isinstance(x, Value):
        depth += 1
        x = x.data
    return depth


@frees_deep_graphs
class Value:
    """A number in a computation graph, and its gradient.

    `data` is a real number: a float, or a `Fraction` (exact), an mpmath `mpf`, a SymPy expression, or
    another Value; ints and bools become floats. `name` is what diagrams, steps and formulas call it.

    Arithmetic with Values and plain numbers makes new Values; `backward()` on the last one adds its
    derivative to the `grad` of every leaf. Ordering compares data, equality is identity: `a == b` asks
    whether they are the same node. What was computed is recorded at once, so a later change of `data`
    does not change what `backward()` does.

    Raises `NumberError` (a TypeError) for what is not a real number, and `NumberRangeError` (an
    OverflowError) for an integer no float can hold, and `SettingError` for a name that is no text.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> loss = (a * b + 10) ** 2
    >>> loss.backward()
    >>> loss
    Value(data=16.0, grad=1.0, op='power')
    >>> a
    Value('a', data=2.0, grad=-24.0)
    """

    __slots__ = ("__weakref__", "_a", "_b", "_da", "_db", "_grad", "_mark", "_name", "data", "op")

    data: Any
    """The number."""
    op: Op | None
    """The primitive that made it; None for a leaf."""

    # One or two operands, constants included, stand in _a and _b, the local derivatives by them in _da
    # and _db. A derivative of None carries no gradient. More operands stand in _a and their derivatives
    # in _b, as tuples; _da and _db are None then. _mark belongs to `graph`: where a walk has been. _grad
    # and _name are empty until there is one: filling them would cost a tenth of the time it takes to
    # record a node.
    _a: Any
    _b: Any
    _da: Any
    _db: Any
    _mark: Any
    _grad: Any
    _name: str | None

    def __init__(self, data: Number, name: str | None = None) -> None:
        self.data = data if type(data) is float else as_number(data)
        self.op = None
        self._a = self._b = self._da = self._db = self._mark = None
        self._grad = 0
        self._name = name if name is None else _checked(name)

    @property
    def grad(self) -> Any:
        """The gradient: the derivative of what `backward()` was called on by this Value; 0 at first."""
        try:
            return self._grad
        except AttributeError:
            return 0

    @grad.setter
    def grad(self, gradient: Number) -> None:
        self._grad = gradient

    @property
    def name(self) -> str | None:
        """What diagrams, steps and formulas call it; None if it has no name."""
        try:
            return self._name
        except AttributeError:
            return None

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name if name is None else _checked(name)

    @property
    def operands(self) -> tuple[Any, ...]:
        """What it was computed from: Values and plain numbers. Empty for a leaf.

        >>> (Value(3.0, "x") * 2).operands
        (Value('x', data=3.0, grad=0), 2)
        """
        if self.op is None:
            return ()
        if type(self._a) is tuple:
            return self._a
        return (self._a,) if self._b is None else (self._a, self._b)

    @property
    def local_derivatives(self) -> tuple[Any, ...]:
        """Its derivative by each operand, as recorded; None where no gradient flows: a plain number.

        >>> (Value(3.0) * 2).local_derivatives
        (2, None)
        """
        if self.op is None:
            return ()
        if type(self._a) is tuple:
            return self._b  # type: ignore[no-any-return]
        return (self._da,) if self._b is None else (self._da, self._db)

    def _set_operation(
        self, op: Op, data: Number, operands: tuple[Any, ...], slopes: tuple[Any, ...]
    ) -> None:
        self.op, self.data, self._mark = op, data, None
        if len(operands) == 1:
            (self._a,), (self._da,) = operands, slopes
            self._b = self._db = None
        elif len(operands) == 2 and slopes != (None, None):
            self._a, self._b = operands
            self._da, self._db = slopes
        else:
            self._a, self._b = operands, slopes
            self._da = self._db = None

    def _edges(self) -> Iterator[tuple[Value, Any]]:
        """The operands that get a gradient, each with the local derivative by it."""
        for x, slope in zip(self.operands, self.local_derivatives, strict=True):
            if slope is not None:
                yield x, slope

    def backward(self) -> None:
        """Add the derivative of this Value by each leaf to the leaf's `grad`.

        Gradients of leaves accumulate from call to call, so set them to 0 in between
        (`Module.zero_grad()` does); those of computed Values are set anew, so calling it twice on one
        graph doubles the leaves and nothing else. Raises `GraphError` for a graph with a cycle.

        >>> x = Value(3.0)
        >>> (x * x).backward()
        >>> x.grad
        6.0
        """
        if _watch is not None:
            _watch.before_backward(self)
        graph.backward(self)

    def backward_steps(self) -> Iterator[graph.Step]:
        """The backward pass, edge by edge, as it would run from gradients of 0. Changes nothing.

        >>> x = Value(3.0, "x")
        >>> for step in (x * x).backward_steps():
        ...     print(step)
        dL/dx += dL/dL * dL/dx = 1 * 3 = 3
        dL/dx += dL/dL * dL/dx = 1 * 3 = 3, now 6
        """
        return graph.backward_steps(self)

    def tree(self, **options: Any) -> Tree:
        """The graph as a tree for the terminal; options as in `autograd.tree`."""
        from .pictures.tree import tree

        return tree(self, **options)

    # ------------------------------------------------------------------------------------ arithmetic

    __add__, __radd__ = _binary(OPS["add"])
    __sub__, __rsub__ = _binary(OPS["sub"])
    __mul__, __rmul__ = _binary(OPS["mul"])
    __truediv__, __rtruediv__ = _binary(OPS["div"])
    __neg__ = _unary(OPS["neg"])
    __abs__ = abs = _unary(OPS["abs"])

    def __pos__(self) -> Value:
        return self

    def __pow__(self, exponent: Any) -> Value:
        if isinstance(exponent, Value):
            return _general_power(self, exponent)
        return _constant_power(self, exponent)

    def __rpow__(self, base: Any) -> Value:
        return _power_of(self, base)

    exp = _unary(OPS["exp"])
    expm1 = _unary(OPS["expm1"])
    log = _unary(OPS["log"])
    log1p = _unary(OPS["log1p"])
    sqrt = _unary(OPS["sqrt"])
    sin = _unary(OPS["sin"])
    cos = _unary(OPS["cos"])
    tan = _unary(OPS["tan"])
    asin = _unary(OPS["asin"])
    acos = _unary(OPS["acos"])
    atan = _unary(OPS["atan"])
    sinh = _unary(OPS["sinh"])
    cosh = _unary(OPS["cosh"])
    tanh = _unary(OPS["tanh"])
    asinh = _unary(OPS["asinh"])
    acosh = _unary(OPS["acosh"])
    atanh = _unary(OPS["atanh"])
    erf = _unary(OPS["erf"])
    sigmoid = _unary(OPS["sigmoid"])
    softplus = _unary(OPS["softplus"])
    relu = _unary(OPS["relu"])

    def leaky_relu(self, slope: Any = 0.01) -> Value:
        """See `autograd.leaky_relu`."""
        return _record(OPS["leaky_relu"], (self, slope))

    # ------------------------------------------------------------------------------------- comparison

    __lt__, __gt__ = _comparison(operator.lt, OPS["less"])
    __le__, __ge__ = _comparison(operator.le, OPS["less_equal"])

    def __bool__(self) -> bool:
        if _tracer is not None:
            _tracer.looked_at(self)
        return bool(self.data)

    # ------------------------------------------------------------------------ meeting the outside world

    def __repr__(self) -> str:
        name = "" if self.name is None else f"{self.name!r}, "
        op = "" if self.op is None else f", op={self.op.name!r}"
        return f"Value({name}data={self.data!r}, grad={self.grad!r}{op})"

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __float__(self) -> float:
        called = re.match(r"([\w.]*?)(\w+)\(", user_expression())
        name = _our_name(called[2]) if called else None
        if called and name:
            advice = f"write autograd.{name}(v) for {called[0]}v)"
        else:
            advice = "write autograd.exp(v) for math.exp(v) and so on, or v.data for the number alone"
        raise NumberError(f"a Value cannot become a float without losing its history; {advice}")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """NumPy's operators: a NumPy number or array on the left is taken element by element."""
        apply = _UFUNC_OPERATORS.get(ufunc.__name__)
        if method != "__call__" or apply is None or options.keys() - {"out"}:
            name = _our_name(ufunc.__name__)
            advice = f"write autograd.{name}(v)" if name else "use the functions of autograd"
            way = "" if method == "__call__" else f".{method}"
            raise NumberError(f"numpy.{ufunc.__name__}{way} does not take a Value; {advice}")
        result = _by_element(apply, *inputs)
        for array in options.get("out", ()):  # array += value
            array[...] = result
            return array
        return result

    def _apply(self, name: str, operands: tuple[Any, ...]) -> Value:
        """Record the primitive `name`; what `autograd.exp(v)` and the like end in."""
        method = _methods.get(name)
        return _record(OPS[name], operands) if method is None else method(*operands)

    def __copy__(self) -> Value:
        copy: Value = object.__new__(Value)
        for slot in ("_a", "_b", "_da", "_db", "_mark", "data", "op"):
            setattr(copy, slot, getattr(self, slot))
        copy._grad, copy._name = self.grad, self.name
        return copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        from ._pickling import deep_copy

        return deep_copy(self, memo)

    def __reduce__(self) -> tuple[Any, ...]:
        from ._pickling import reduce

        return reduce(self)


_constant_power, _ = _binary(OPS["power"])
_general_power, _power_of = _binary(OPS["general_power"])

_OTHER_NAMES = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "absolute": "abs", "fabs": "abs", "fmax": "maximum", "fmin": "minimum",
    "pow": "power", "fsum": "sum",
}  # fmt: skip
"""What `math` and NumPy call functions that have another name here."""


def _our_name(name: str) -> str | None:
    """The function of `autograd` for one of `math` or NumPy."""
    name = _OTHER_NAMES.get(name, name)
    return name if name in functions.__all__ else None


def _checked(name: str) -> str:
    """The name of a Value, if it can be printed and saved."""
    try:
        name.encode()
    except AttributeError:
        raise SettingError(f"the name of a Value is a text, not {name!r}") from None
    except UnicodeEncodeError:
        raise SettingError(f"the name {name!r} holds a lone surrogate, which nothing can print") from None
    return name


_UFUNC_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "power": operator.pow, "float_power": operator.pow, "less": operator.lt, "less_equal": operator.le,
    "greater": operator.gt, "greater_equal": operator.ge, "equal": operator.eq, "not_equal": operator.ne,
}  # fmt: skip


def _by_element(function: Callable[[Any, Any], Any], *inputs: Any) -> Any:
    """Apply `function` to NumPy numbers or arrays and Values, one element at a time."""
    import numpy

    arrays = numpy.broadcast_arrays(*map(_objects, inputs))
    out = numpy.empty(arrays[0].shape, object)
    out.flat[:] = [function(*pair) for pair in zip(*(array.flat for array in arrays), strict=True)]
    return out[()]  # an array of one number and no axes becomes that number


def _objects(x: Any) -> Any:
    """`x` as a NumPy array of Python objects."""
    import numpy

    if isinstance(x, (numpy.generic, numpy.ndarray)):
        dtype = {"g": float, "G": complex}.get(x.dtype.char)  # Python has no long doubles
        return numpy.asarray(x, dtype).astype(object)
    array = numpy.empty((), object)
    array[()] = x
    return array
