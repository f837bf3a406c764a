"""Pickles, read by a machine that can build plain data and nothing else.

A pickle is a program for a small stack machine, and Python's own machine calls whatever the program names. This one
imports nothing and calls nothing but the three functions of `numpy_scalars`. The opcodes are those of the standard
library's `pickletools`, where each is described; what is not in the table below is refused by name.
"""

import mmap
import pickletools
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from reelwise.errors import ModelError
from reelwise.legacy.unpickling.numpy_scalars import ONLY, Refused, value_of_scalar
from reelwise.legacy.unpickling.stack import Stack
from reelwise.legacy.unpickling.values import (
    LONGEST_INTEGER,
    Source,
    binary_integer,
    escaped_text,
    python2_text,
    quoted_text,
    text,
    text_float,
    text_integer,
    text_integer_or_flag,
)

REPORT_EVERY = 4 << 20  # bytes


def read_pickle(path: Path, on_progress: Callable[[int, int], None] = lambda _, __: None) -> object:
    """What the pickle in `path` holds, if that is plain data.

    Plain data are dicts with strings and integers as keys, lists, tuples of scalars, and as scalars strings, integers
    up to 64 bits, floats, booleans, None, and NumPy's scalars, which become plain numbers. All protocols are read, in
    the spellings of Python 2 and 3 and of NumPy 1 and 2. A list or dict that is in two places is not.

    Args:
        path: the file.
        on_progress: called every few megabytes with bytes read and bytes in all.

    Raises:
        ModelError: naming the file, the byte and the opcode, and what is wrong with it or what it wants to call.
    """
    with _mapped(path) as data:
        try:
            return _read(path, Source(data), on_progress)
        except MemoryError:
            raise ModelError(f"{path}: this machine has too little memory to read it") from None


def _mapped(path: Path) -> mmap.mmap:
    if not path.is_file():
        raise ModelError(f"{path}: there is no such file")
    if path.stat().st_size == 0:
        raise ModelError(f"{path}: the file is empty")
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from None


class _Machine(NamedTuple):
    """What an opcode acts on."""

    source: Source
    stack: Stack


def _read(path: Path, source: Source, on_progress: Callable[[int, int], None]) -> object:
    machine = _Machine(source, Stack())
    report_at = REPORT_EVERY
    opcode = ""
    while opcode != "STOP":
        start = source.position
        if start == source.size:
            raise ModelError(f"{path}: the file ends at byte {start} without STOP")
        source.position += 1
        opcode, act = _OPCODES[source.data[start]]
        try:
            if act is None:
                raise Refused(f"is not read; {ONLY}")
            act(machine)
        except Refused as why:
            raise ModelError(f"{path}: refused at byte {start}: {opcode} {why}") from None
        if source.position >= report_at:
            on_progress(source.position, source.size)
            report_at = source.position + REPORT_EVERY
    return machine.stack.result()


def _protocol(machine: _Machine) -> None:
    version = machine.source.unsigned(1)
    if version > 5:
        raise Refused(f"announces protocol {version}, but 0 to 5 are read")


def _stop(machine: _Machine) -> None:
    machine.stack.result()
    if machine.source.position < machine.source.size:
        raise Refused(f"is followed by {machine.source.size - machine.source.position} bytes more")


_ACTIONS: dict[str, Callable[[_Machine], None]] = {
    "PROTO": _protocol,
    "FRAME": lambda m: m.source.require(m.source.unsigned(8)),
    "STOP": _stop,
    # numbers
    "NONE": lambda m: m.stack.push(None),
    "NEWTRUE": lambda m: m.stack.push(True),
    "NEWFALSE": lambda m: m.stack.push(False),
    **dict.fromkeys(("BININT", "BININT1", "BININT2", "BINFLOAT"), lambda m: m.stack.push_all(m.source.numbers())),
    "INT": lambda m: m.stack.push(text_integer_or_flag(m.source.line())),
    "LONG": lambda m: m.stack.push(text_integer(m.source.line().removesuffix(b"L"))),
    "LONG1": lambda m: m.stack.push(binary_integer(m.source.counted(1, LONGEST_INTEGER))),
    "LONG4": lambda m: m.stack.push(binary_integer(m.source.counted(4, LONGEST_INTEGER))),
    "FLOAT": lambda m: m.stack.push(text_float(m.source.line())),
    # strings
    "UNICODE": lambda m: m.stack.push_text(escaped_text(m.source.line())),
    "SHORT_BINUNICODE": lambda m: m.stack.push_text(text(m.source.counted(1))),
    "BINUNICODE": lambda m: m.stack.push_text(text(m.source.counted(4))),
    "BINUNICODE8": lambda m: m.stack.push_text(text(m.source.counted(8))),
    "STRING": lambda m: m.stack.push_text(quoted_text(m.source.line())),
    "SHORT_BINSTRING": lambda m: m.stack.push_text(python2_text(m.source.counted(1))),
    "BINSTRING": lambda m: m.stack.push_text(python2_text(m.source.counted(4))),
    "SHORT_BINBYTES": lambda m: m.stack.push_text(value_of_scalar(m.source.counted(1))),
    "BINBYTES": lambda m: m.stack.push_text(value_of_scalar(m.source.counted(4))),
    "BINBYTES8": lambda m: m.stack.push_text(value_of_scalar(m.source.counted(8))),
    # containers
    "MARK": lambda m: m.stack.mark(),
    "EMPTY_LIST": lambda m: m.stack.new_list([]),
    "LIST": lambda m: m.stack.new_list(m.stack.pop_mark()),
    "APPEND": lambda m: m.stack.append(m.stack.pop(1)),
    "APPENDS": lambda m: m.stack.append(m.stack.pop_mark()),
    "EMPTY_DICT": lambda m: m.stack.new_dict([]),
    "DICT": lambda m: m.stack.new_dict(m.stack.pop_mark()),
    "SETITEM": lambda m: m.stack.update(m.stack.pop(2)),
    "SETITEMS": lambda m: m.stack.update(m.stack.pop_mark()),
    "EMPTY_TUPLE": lambda m: m.stack.new_tuple([]),
    "TUPLE": lambda m: m.stack.new_tuple(m.stack.pop_mark()),
    "TUPLE1": lambda m: m.stack.new_tuple(m.stack.pop(1)),
    "TUPLE2": lambda m: m.stack.new_tuple(m.stack.pop(2)),
    "TUPLE3": lambda m: m.stack.new_tuple(m.stack.pop(3)),
    # the memo
    "PUT": lambda m: m.stack.store(text_integer(m.source.line())),
    "BINPUT": lambda m: m.stack.store(m.source.unsigned(1)),
    "LONG_BINPUT": lambda m: m.stack.store(m.source.unsigned(4)),
    "MEMOIZE": lambda m: m.stack.store(),
    "GET": lambda m: m.stack.recall(text_integer(m.source.line())),
    "BINGET": lambda m: m.stack.recall(m.source.unsigned(1)),
    "LONG_BINGET": lambda m: m.stack.recall(m.source.unsigned(4)),
    # what NumPy's scalars are made with
    "GLOBAL": lambda m: m.stack.name(text(m.source.line()), text(m.source.line())),
    "STACK_GLOBAL": lambda m: m.stack.name(*m.stack.pop(2)),
    "REDUCE": lambda m: m.stack.call(*m.stack.pop(2)),
    "BUILD": lambda m: m.stack.set_state(*m.stack.pop(1)),
}
_NAMES = {ord(opcode.code): opcode.name for opcode in pickletools.opcodes}
_OPCODES = [(name, _ACTIONS.get(name)) for name in (_NAMES.get(code, f"the byte 0x{code:02x}") for code in range(256))]
