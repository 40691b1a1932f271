"""Pickles of numpy arrays, read without running what they ask for.

A pickle is a program: Python's own reader calls whatever function it names. Here its opcodes are read one by
one, and out of them come arrays, numbers, texts, lists, tuples and dictionaries, built by this module; the
few functions of numpy's that such pickles name are recognised and never called. Whatever else is in a pickle
is an error.
"""

from __future__ import annotations

import io
import math
import pickletools
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ige.storage.plain_arrays import MOST_DIMENSIONS, array_of, dtype_of

_MOST_OPCODES = 5_000_000  # VideoPose3D's files have tens of thousands
_LATIN1 = ("latin1", "latin-1", "iso-8859-1")

_FUNCTIONS: Final = {
    "numpy.core.multiarray _reconstruct": "array",
    "numpy._core.multiarray _reconstruct": "array",
    "numpy ndarray": "ndarray",
    "numpy dtype": "dtype",
    "numpy.core.multiarray scalar": "scalar",
    "numpy._core.multiarray scalar": "scalar",
    "_codecs encode": "encode",
    "__builtin__ bytes": "bytes",
    "builtins bytes": "bytes",
}
_VALUES = {
    "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT",
    "BINSTRING", "SHORT_BINSTRING", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
    "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
}  # fmt: skip
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}


class PickleError(ValueError):
    """A pickle that is damaged or holds more than arrays and plain containers."""


def read_array_pickle(content: bytes) -> Any:
    """Read a pickle (protocols 2 to 4) of arrays, numbers, texts and plain containers.

    Object arrays become what they hold: one of no dimension its only item, others lists of lists. Arrays are
    read-only.

    Raises:
        PickleError: if it is damaged or holds anything else.
    """
    machine = _Machine()
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(io.BytesIO(content))):
            if count > _MOST_OPCODES:
                raise PickleError(f"more than {_MOST_OPCODES} opcodes")
            machine.step(opcode.name, argument)
        return machine.result()
    except PickleError:
        raise
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, MemoryError) as error:
        raise PickleError(f"a damaged pickle ({type(error).__name__})") from error


class _Function:
    """What stands for a function that a pickle names."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind


class _Array:
    """An array that has been named; its value comes with its state."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Any = None


class _Dtype:
    """A dtype; its byte order comes with its state."""

    __slots__ = ("dtype",)

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype


class _Arguments(tuple[Any, ...]):
    """A tuple of a function's arguments or an array's state, which is no value of its own."""

    __slots__ = ()


class _Machine:
    """The stack and the memory that opcodes work on."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._below: list[list[Any]] = []  # the stacks below marks
        self._memory: dict[int, Any] = {}

    def result(self) -> Any:
        """Return the only value that is left."""
        (value,) = self._stack
        return _plain(value)

    def step(self, opcode: str, argument: Any) -> None:
        """Do what one opcode asks for."""
        if opcode in _VALUES:
            self._stack.append(argument)
        elif opcode in _CONSTANTS:
            self._stack.append(_CONSTANTS[opcode])
        elif opcode in _OPCODES:
            _OPCODES[opcode](self, argument)
        else:
            raise PickleError(f"the opcode {opcode}, which no array needs")

    def nothing(self, _: Any) -> None:
        """Go on: the protocol and the frames of a pickle say nothing of its content."""

    def mark(self, _: Any) -> None:
        """Begin a row of items."""
        self._below.append(self._stack)
        self._stack = []

    def _row(self) -> list[Any]:
        """Take the items since the last mark."""
        items, self._stack = self._stack, self._below.pop()
        return items

    def put(self, number: int | None) -> None:
        """Remember the topmost value."""
        self._memory[len(self._memory) if number is None else number] = self._stack[-1]

    def get(self, number: int) -> None:
        """Repeat a value that was remembered."""
        self._stack.append(self._memory[number])

    def empty_list(self, _: Any) -> None:
        """Begin a list."""
        self._stack.append([])

    def empty_dict(self, _: Any) -> None:
        """Begin a dictionary."""
        self._stack.append({})

    def append(self, _: Any) -> None:
        """Add an item to a list."""
        self._extend([self._stack.pop()])

    def appends(self, _: Any) -> None:
        """Add a row of items to a list."""
        self._extend(self._row())

    def _extend(self, items: list[Any]) -> None:
        if type(self._stack[-1]) is not list:
            raise PickleError("items of what is no list")
        self._stack[-1].extend(_plain(item) for item in items)

    def set_item(self, _: Any) -> None:
        """Add a key and its value to a dictionary."""
        value = self._stack.pop()
        self._update([self._stack.pop(), value])

    def set_items(self, _: Any) -> None:
        """Add a row of keys and values to a dictionary."""
        self._update(self._row())

    def _update(self, items: list[Any]) -> None:
        if type(self._stack[-1]) is not dict or len(items) % 2:
            raise PickleError("items of what is no dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            # The hash of nested tuples can take longer than anyone lives.
            if type(key) not in (str, int, bytes):
                raise PickleError("a key that is neither a text nor a number")
            self._stack[-1][key] = _plain(value)

    def row_tuple(self, _: Any) -> None:
        """Make a tuple of a row of items."""
        items = self._row()
        self._stack.append(_tuple(items))

    def tuple_of(self, size: int) -> None:
        """Make a tuple of the topmost values."""
        if len(self._stack) < size:
            raise PickleError("a tuple of too few values")
        items = self._stack[-size:]
        del self._stack[-size:]
        self._stack.append(_tuple(items))

    def function(self, name: str) -> None:
        """Recognise the name of a function."""
        if name not in _FUNCTIONS:
            raise PickleError(f"code: {name.replace(' ', '.')[:80]}")
        self._stack.append(_Function(_FUNCTIONS[name]))

    def stack_function(self, _: Any) -> None:
        """Recognise the name of a function that lies on the stack."""
        name, module = self._stack.pop(), self._stack.pop()
        self.function(f"{module} {name}")

    def reduce(self, _: Any) -> None:
        """Make what a function would make."""
        arguments, function = self._stack.pop(), self._stack.pop()
        if type(function) is not _Function or not isinstance(arguments, tuple):
            raise PickleError("a call of what is no function")
        self._stack.append(_called(function.kind, arguments))

    def build(self, _: Any) -> None:
        """Give an array or a dtype its state."""
        state, value = self._stack.pop(), self._stack[-1]
        if type(value) is _Array and value.value is None:
            value.value = _array(state)
        elif type(value) is _Dtype:
            value.dtype = _in_order(value.dtype, state)
        else:
            raise PickleError("a state of what has none")


_NO_VALUES = (_Function, _Array, _Dtype, _Arguments)
_OPCODES: Final[dict[str, Callable[[_Machine, Any], None]]] = {
    "PROTO": _Machine.nothing,
    "FRAME": _Machine.nothing,
    "STOP": _Machine.nothing,
    "MARK": _Machine.mark,
    "BINPUT": _Machine.put,
    "LONG_BINPUT": _Machine.put,
    "MEMOIZE": _Machine.put,
    "BINGET": _Machine.get,
    "LONG_BINGET": _Machine.get,
    "EMPTY_LIST": _Machine.empty_list,
    "EMPTY_DICT": _Machine.empty_dict,
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "TUPLE": _Machine.row_tuple,
    "TUPLE1": lambda machine, _: machine.tuple_of(1),
    "TUPLE2": lambda machine, _: machine.tuple_of(2),
    "TUPLE3": lambda machine, _: machine.tuple_of(3),
    "GLOBAL": _Machine.function,
    "STACK_GLOBAL": _Machine.stack_function,
    "REDUCE": _Machine.reduce,
    "BUILD": _Machine.build,
}


def _tuple(items: list[Any]) -> tuple[Any, ...]:
    items = [item.value if type(item) is _Array and item.value is not None else item for item in items]
    return _Arguments(items) if any(type(item) in _NO_VALUES for item in items) else tuple(items)


def _plain(value: Any) -> Any:
    """Return a value that is whole, neither a function nor half an array."""
    if type(value) is _Array and value.value is not None:
        return value.value
    if type(value) in _NO_VALUES:
        raise PickleError("a function, a dtype or half an array among the values")
    return value


def _called(kind: str, arguments: tuple[Any, ...]) -> Any:
    if kind == "array":
        return _Array()
    if kind == "dtype":
        return _Dtype(dtype_of(_text(arguments[0])))
    if kind == "scalar":
        dtype, content = arguments
        return array_of(_bytes(content), (1,), _numbers(dtype), False)[0]
    if kind == "encode" and arguments[1] in _LATIN1:
        return _bytes(arguments[0])
    if kind == "bytes" and not arguments:
        return b""
    raise PickleError("a call that makes no array")


def _array(state: Any) -> Any:
    shape, dtype, fortran, content = state[-4:]
    if type(shape) is not tuple or not all(type(size) is int and size >= 0 for size in shape):
        raise PickleError("an array without a shape")
    if type(dtype) is _Dtype and dtype.dtype.hasobject:
        return _nested(shape, content)
    return array_of(_bytes(content), shape, _numbers(dtype), bool(fortran))


def _nested(shape: tuple[int, ...], items: Any) -> Any:
    """Return what an object array holds: its only item if it has no dimension, else lists of lists."""
    if type(items) is not list or len(items) != math.prod(shape) or len(shape) > MOST_DIMENSIONS:
        raise PickleError("an object array without as many objects as its shape says")
    if not shape:
        return items[0]
    for size in reversed(shape[1:] if items else ()):
        items = [items[start : start + size] for start in range(0, len(items), size)]
    return items


def _in_order(dtype: np.dtype[Any], state: Any) -> np.dtype[Any]:
    """Return a dtype with the byte order of its state, which may say nothing else of it."""
    order, *fields = state[1:5]
    if order not in ("<", ">", "=", "|") or fields != [None, None, None]:
        raise PickleError("a dtype of several fields")
    return dtype.newbyteorder(order)


def _numbers(dtype: Any) -> np.dtype[Any]:
    if type(dtype) is not _Dtype or dtype.dtype.hasobject:
        raise PickleError("an array of no numbers")
    return dtype.dtype


def _bytes(content: Any) -> bytes:
    """Return bytes; Python 2 wrote them as a text, which is read as Latin-1."""
    if type(content) is str:
        return content.encode("latin-1")
    if type(content) is not bytes:
        raise PickleError("an array without bytes")
    return content


def _text(value: Any) -> str:
    return value.decode("latin-1") if type(value) is bytes else str(value)
