"""What a pickle may call: the three functions that NumPy's scalars are written with, in our own words.

A pickle of `numpy.float64(4.5)` says: call `numpy.dtype("f8", False, True)`, give the result a state that tells the
byte order, then call `numpy.core.multiarray.scalar` with it and 8 bytes. Before protocol 3 these bytes are a call
themselves, `_codecs.encode("…", "latin1")`. Here each of those names stands for a few lines that know a closed table of
types. NumPy takes no part in it, nothing is imported, and every scalar becomes a plain int, float or bool at once.
"""

import reprlib
import struct
from collections.abc import Callable
from dataclasses import dataclass

ONLY = "only dicts, lists, tuples, strings, numbers and NumPy scalars are read"

_FORMATS = {
    "b1": "?", "f2": "e", "f4": "f", "f8": "d",
    "i1": "b", "i2": "h", "i4": "i", "i8": "q",
    "u1": "B", "u2": "H", "u4": "I", "u8": "Q",
}  # fmt: skip

_short = reprlib.Repr()
_short.maxstring = 80


class Refused(Exception):
    """Why a pickle is not read: the rest of a sentence that begins with the name of an opcode."""


@dataclass(slots=True)
class NumPyType:
    """A type of the table above; it has a layout once its state has told the byte order."""

    name: str
    layout: struct.Struct | None = None

    def set_state(self, state: object) -> None:
        """Take the byte order from `state`, which NumPy writes as (3, "<", None, None, None, -1, -1, 0)."""
        match state:
            case (3, "<" | ">" as order, None, None, None, -1, -1, 0):
                self.layout = struct.Struct(order + _FORMATS[self.name])
            case (3, "|", None, None, None, -1, -1, 0) if self.name.endswith("1"):
                self.layout = struct.Struct("<" + _FORMATS[self.name])
            case _:
                raise Refused(f"wants to give numpy.dtype {self.name} the state {_shown(state)}")


class Arguments(tuple[object, ...]):
    """A tuple that holds bytes or a type: good to call a function with, but no data."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Function:
    """What stands for a function that a pickle may name."""

    call: Callable[[tuple[object, ...]], object]


def function_named(module: str, name: str) -> Function:
    """What stands for a function that a pickle names.

    Raises:
        Refused: if it is none of those that NumPy's scalars are written with.
    """
    function = _FUNCTIONS.get((module, name))
    if function is None:
        raise Refused(f"wants to call {_shown(f'{module}.{name}')[1:-1]}; {ONLY}")
    return function


def value_of_scalar(raw: bytes) -> bytes:
    """`raw`, if it can be the value of a scalar; bytes are read for nothing else.

    Raises:
        Refused: if it is too long for that.
    """
    if len(raw) > 8:
        raise Refused(f"holds {len(raw)} bytes; bytes are read only as the value of a NumPy scalar, 8 at most")
    return raw


def _shown(thing: object) -> str:
    """`thing` as repr shows it, but on one short line whatever it is; reprlib knows no kinds of tuples."""
    return _short.repr(tuple(thing) if isinstance(thing, tuple) else thing)


def _encode(arguments: tuple[object, ...]) -> bytes:
    match arguments:
        case (str(text), "latin1") if all(character <= "\xff" for character in text):
            return value_of_scalar(text.encode("latin-1"))
    raise Refused(f"wants to call _codecs.encode with {_shown(arguments)}")


def _dtype(arguments: tuple[object, ...]) -> NumPyType:
    match arguments:
        case (str(name), 0, 1) if name in _FORMATS:  # written as False and True, or as 0 and 1
            return NumPyType(name)
    raise Refused(f"wants to call numpy.dtype with {_shown(arguments)}, which is no type of a number")


def _scalar(arguments: tuple[object, ...]) -> object:
    match arguments:
        case (NumPyType(layout=None, name=name), _):
            raise Refused(f"wants a NumPy scalar {name} whose byte order is not told")
        case (NumPyType(layout=struct.Struct() as layout, name=name), bytes(raw)):
            if len(raw) != layout.size:
                raise Refused(f"wants a NumPy scalar {name} of {len(raw)} bytes")
            return layout.unpack(raw)[0]
        case (NumPyType() as dtype, str(text)) if text.isascii():  # in Python 2, text and bytes were one
            return _scalar((dtype, text.encode()))
    raise Refused(f"wants to call numpy.core.multiarray.scalar with {_shown(arguments)}")


_FUNCTIONS = {
    ("_codecs", "encode"): Function(_encode),
    ("numpy", "dtype"): Function(_dtype),
    ("numpy.core.multiarray", "scalar"): Function(_scalar),
    ("numpy._core.multiarray", "scalar"): Function(_scalar),
}
