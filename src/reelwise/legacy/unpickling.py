"""Pickles of plain data, read by Python's own unpickler, which can neither run anything nor fill the memory here.

A pickle is a program for a small stack machine; the standard library's `pickletools` describes its opcodes.

1. A regular expression goes over the file. Only the opcodes that plain data is written with pass. No length or memo
   index may exceed the file, and dicts and lists are counted; all else takes up at most some 40 times the file's size.
2. `pickle.Unpickler` builds the data. The names in the pickle are looked up in a table of inert stand-ins for the
   functions that NumPy's scalars are written with; nothing is imported.
3. The result is checked to be plain data.
"""

import mmap
import os
import pickle
import pickletools
import re
import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reelwise.errors import ModelError, describe_error

LARGEST_FILE = 2 << 30  # bytes
MOST_CONTAINERS = 4 << 20  # a dict with one item takes up some 300 bytes, and only four in the file

_PLAIN = "only dicts, lists, strings, numbers and NumPy scalars are read"
_KEYS = {str, int}
_CONTAINERS = {dict, list}
_DATA = {str, int, float, bool, type(None), dict, list}
_LAYOUTS = {
    order + kind: struct.Struct(order.replace("|", "<") + code)
    for kind, code in {"b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I",
                       "u8": "Q", "f2": "e", "f4": "f", "f8": "d"}.items()
    for order in ("<>|" if kind[1] == "1" else "<>")
}  # fmt: skip
"""NumPy's types by byte order and name, and how their values are written."""

_OPCODES = re.compile(
    rb"(?:(?:M..|K.|J.{4})G.{8}"  # BININT* and BINFLOAT: a rating
    rb"|M..|K.|J.{4}|G.{8}"
    rb"|[(aesu\x94N\x88\x89)\x93Rb]"  # MARK, APPEND(S), SETITEM(S), MEMOIZE, constants, STACK_GLOBAL, REDUCE, BUILD
    rb"|[hq].|j.{4}|g\d{1,10}\n"  # BINGET, BINPUT, LONG_BINGET, GET
    rb"|[t\x85-\x87](?=(?:\x94|q.|r.{4}|p\d{1,10}\n)?[Rb])"  # TUPLE*, as arguments only: see below
    rb"|C(?:\x08.{8}|\x04.{4}|\x02..|\x01.)"  # SHORT_BINBYTES: the value of a NumPy scalar
    rb"|I0[01]\n|[IL]-?(?:0|[1-9]\d{0,19})L?\n|F[-+.\dainfe]{1,40}\n"  # INT, LONG, FLOAT
    rb"|V[^\n]*\n|S(?:[^\n\\]|\\[xnrt'\"\\])*+\n"  # UNICODE, STRING
    rb"|c[^\n]+\n[^\n]+\n|\x80[\x00-\x05]|\x95.{8})*+",  # GLOBAL, PROTO, FRAME
    re.DOTALL,
)
"""Any number of opcodes. Nested tuples can take for ever to hash, as keys; so each tuple has to be passed to a call."""

_COUNTED_OPCODE = re.compile(
    rb"(?:[\x8cUX]|\x8a(?=[\x00-\x08]|\x09.{8}\x00))(?P<length>(?<=X).{4}|(?<!X).)"  # strings, and LONG1 of 64 bits
    rb"|r(?P<index>.{4})|p(?P<digits>\d{1,10})\n"  # LONG_BINPUT, PUT
    rb"|[}\]dl]+(?P<containers>)",  # EMPTY_DICT, EMPTY_LIST, DICT, LIST
    re.DOTALL,
)


def read_pickle(path: Path, on_progress: Callable[[int, int], None] = lambda *_: None) -> object:
    """Read the pickle in `path`, if it holds plain data.

    Plain data are dicts with strings and integers as keys, lists, strings, integers of at most 20 digits, floats,
    booleans and None. NumPy scalars become plain numbers. All protocols are read, in the spellings of Python 2 and 3
    and of NumPy 1 and 2.

    Args:
        path: the file.
        on_progress: called every few megabytes with bytes checked and bytes in all.

    Raises:
        ModelError: Raised when it is refused; it names the file, and the opcode or the function that the pickle calls.
    """
    if not path.is_file():
        raise ModelError(f"{path}: there is no such file")
    if not 0 < path.stat().st_size <= LARGEST_FILE:
        raise ModelError(f"{path}: the file is empty, or larger than {LARGEST_FILE >> 30} GiB")
    try:
        with path.open("rb") as file:
            content = _Content(file.fileno(), 0, access=mmap.ACCESS_READ)
        _check_opcodes(content, on_progress)
        data = _Unpickler(content, encoding="latin-1").load()  # in Python 2, bytes and text were one
        _check_data(data)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from None
    except MemoryError:
        raise ModelError(f"{path}: this machine has too little memory to read it") from None
    except (
        pickle.UnpicklingError, ArithmeticError, AttributeError, EOFError, LookupError, TypeError, ValueError
    ) as error:  # fmt: skip
        raise ModelError(f"{path}: this pickle is refused: {describe_error(error, 300)}") from None
    return data


class _Content(mmap.mmap):
    """A file for the unpickler, which keeps what it peeked at.

    Else it would read frame by frame, and forget the rest of a frame that ends within an opcode; so it could be made to
    read other opcodes than those that were checked.
    """

    def peek(self, _: int) -> memoryview:
        """All of the rest, which counts as read."""
        position = self.tell()
        self.seek(0, os.SEEK_END)
        return memoryview(self)[position:]


def _check_opcodes(content: mmap.mmap, on_progress: Callable[[int, int], None]) -> None:
    """Refuse other opcodes than those of plain data, and lengths and memo indices that exceed the file."""
    size, position, containers, report_at = len(content), 0, 0, 0
    while True:
        position = _OPCODES.match(content, position).end()  # type: ignore[union-attr]  # no opcodes match, too
        opcode = _COUNTED_OPCODE.match(content, position)
        if opcode is None:
            break
        kind, operand = opcode.lastgroup, opcode[opcode.lastindex or 0]
        number = int(operand) if kind == "digits" else int.from_bytes(operand, "little")
        limit = position if kind in ("index", "digits") else size - opcode.end()  # a memo entry takes a byte or more
        containers += opcode.end() - position if kind == "containers" else 0
        if number > limit or containers > MOST_CONTAINERS:
            break
        position = opcode.end() + (number if kind == "length" else 0)
        if position >= report_at:
            on_progress(position, size)
            report_at = position + (4 << 20)
    if content[position : position + 2] != pickle.STOP:
        raise pickle.UnpicklingError(
            f"{_describe_opcode(content, position)} at byte {position} is unexpected; {_PLAIN}"
        )


def _describe_opcode(content: mmap.mmap, position: int) -> str:
    if position == len(content):
        return "the end of the file"
    code = content[position]
    return next((opcode.name for opcode in pickletools.opcodes if ord(opcode.code) == code), f"0x{code:02x}")


def _check_data(data: object) -> None:
    """Refuse values that only help to build data: bytes, tuples, and stand-ins for functions and types."""
    unchecked: list[Any] = [[data]]
    seen = set[int]()
    while unchecked:
        container = unchecked.pop()
        if id(container) not in seen:
            seen.add(id(container))
            if isinstance(container, dict):
                _check_types(container, _KEYS)
                container = container.values()
            if _check_types(container, _DATA) & _CONTAINERS:
                unchecked += [item for item in container if type(item) in _CONTAINERS]


def _check_types(items: Collection[object], allowed: set[type]) -> set[type]:
    """The types of `items`, if all are `allowed`."""
    kinds = set(map(type, items))
    if not kinds <= allowed:
        names = " and ".join(sorted(kind.__name__ for kind in kinds - allowed))
        raise pickle.UnpicklingError(f"it holds {names} as a {'key' if allowed is _KEYS else 'value'}; {_PLAIN}")
    return kinds


@dataclass(slots=True)
class _NumPyType:
    """A stand-in for a `numpy.dtype`; its state says the byte order, and so the layout."""

    name: str
    layout: struct.Struct | None = None

    def __setstate__(self, state: object) -> None:
        match state:
            case (3, str(order), None, None, None, -1, -1, 0) if order + self.name in _LAYOUTS:
                self.layout = _LAYOUTS[order + self.name]
            case _:
                raise pickle.UnpicklingError(f"it gives numpy.dtype {self.name} a state that no number has")


@dataclass(frozen=True)
class _Function:
    """A stand-in for a function; its state cannot be set."""

    call: Callable[..., object]

    def __call__(self, *arguments: object) -> object:
        return self.call(*arguments)

    def __setstate__(self, _: object) -> None:
        raise pickle.UnpicklingError("it sets the state of a function")


def _encode(*arguments: object) -> bytes:
    match arguments:
        case (str(text), "latin1") if len(text) <= 8:
            return text.encode("latin-1")
    raise pickle.UnpicklingError("it calls _codecs.encode with something other than a number of NumPy")


def _make_type(*arguments: object) -> _NumPyType:
    match arguments:
        case (str(name), 0, 1) if "<" + name in _LAYOUTS:
            return _NumPyType(name)
    raise pickle.UnpicklingError("it calls numpy.dtype with something other than a type of numbers")


def _make_scalar(*arguments: object) -> object:
    match arguments:
        case (_NumPyType(layout=struct.Struct() as layout), bytes() | str() as value) if len(value) == layout.size:
            return layout.unpack(value.encode("latin-1") if isinstance(value, str) else value)[0]
    raise pickle.UnpicklingError("it calls numpy.core.multiarray.scalar with something other than a number")


_FUNCTIONS = {
    ("_codecs", "encode"): _Function(_encode),
    ("numpy", "dtype"): _Function(_make_type),
    ("numpy.core.multiarray", "scalar"): _Function(_make_scalar),
    ("numpy._core.multiarray", "scalar"): _Function(_make_scalar),
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in _FUNCTIONS:
            raise pickle.UnpicklingError(f"it wants to call {f'{module}.{name}'!r:.80}; {_PLAIN}")
        return _FUNCTIONS[module, name]
